//! The second factor: switched on with a code, asked for at login, switched off with password and code.

use secrecy::SecretString;

use super::users::permit_person;
use super::work::Proof as Live;
use super::{App, Error, Result, permit};
use crate::domain::invalid::Code;
use crate::domain::second_factor::{Proof, ProofDraft, SecondFactor, TotpSecret, recovery_codes};
use crate::domain::{Act, Actor, Invalid};
use crate::store;

impl App {
    pub async fn second_factor(&self, actor: &Actor) -> Result<Option<SecondFactor>> {
        let mut conn = self.reading(actor, &Act::EditOwnProfile).await?;
        Ok(store::second_factor::find(&mut conn, actor.user_id).await?)
    }

    /// A new secret to be shown. It counts for nothing until a code proves that the app has it.
    pub async fn draft_second_factor(&self, actor: &Actor) -> Result<TotpSecret> {
        let mut conn = self.reading(actor, &Act::EditOwnProfile).await?;
        if store::second_factor::find(&mut conn, actor.user_id)
            .await?
            .is_some()
        {
            return Err(Invalid::one("otp", Code::SecondFactorOn).into());
        }
        let secret = TotpSecret::generate();
        store::second_factor::save_draft(&mut conn, actor.user_id, &secret).await?;
        Ok(secret)
    }

    /// The one that is being set up.
    pub async fn drafted_second_factor(&self, actor: &Actor) -> Result<Option<TotpSecret>> {
        let mut conn = self.reading(actor, &Act::EditOwnProfile).await?;
        Ok(store::second_factor::draft(&mut conn, actor.user_id).await?)
    }

    /// Switches it on. The codes for whoever loses the app are in this answer, and nowhere else.
    pub async fn switch_on_second_factor(
        &self,
        actor: &Actor,
        draft: ProofDraft,
    ) -> Result<Vec<String>> {
        self.prove_password(actor, &draft).await?;
        self.throttle.check_code(actor.user_id)?;
        let secret = self.drafted_second_factor(actor).await?;
        let secret = secret.ok_or(Error::NotFound("second factor"))?;
        let Proof::Code(code) = Proof::read(&draft.otp) else {
            return Err(Invalid::one("otp", Code::OtpWrong).into());
        };
        let step = secret.step_of(&code, self.clock.now());
        let step = step.ok_or_else(|| Error::from(Invalid::one("otp", Code::OtpWrong)))?;
        let (shown, kept) = recovery_codes();
        let mut work = self.begin(actor, &Act::EditOwnProfile).await?;
        let id = actor.user_id;
        if !store::second_factor::switch_on(work.conn(), id, &secret, step).await? {
            return Err(Invalid::one("otp", Code::SecondFactorOn).into());
        }
        store::second_factor::save_recovery_codes(work.conn(), id, &kept).await?;
        work.commit(Live::NotNeeded).await?;
        self.memory.forget_people();
        Ok(shown)
    }

    /// Other codes in place of those there were.
    pub async fn renew_recovery_codes(
        &self,
        actor: &Actor,
        draft: ProofDraft,
    ) -> Result<Vec<String>> {
        self.prove(actor, &draft).await?;
        let (shown, kept) = recovery_codes();
        let mut work = self.begin(actor, &Act::EditOwnProfile).await?;
        store::second_factor::save_recovery_codes(work.conn(), actor.user_id, &kept).await?;
        work.commit(Live::NotNeeded).await?;
        Ok(shown)
    }

    pub async fn switch_off_second_factor(&self, actor: &Actor, draft: ProofDraft) -> Result<()> {
        self.prove(actor, &draft).await?;
        let mut work = self.begin(actor, &Act::EditOwnProfile).await?;
        store::second_factor::remove(work.conn(), actor.user_id).await?;
        work.commit(Live::NotNeeded).await?;
        self.memory.forget_people();
        Ok(())
    }

    /// For somebody who has lost the app and the codes.
    pub async fn take_second_factor(&self, actor: &Actor, user_id: i64) -> Result<()> {
        let mut work = self.begin(actor, &Act::TakeSecondFactor).await?;
        let user = store::users::find(work.conn(), user_id).await?;
        let user = user.ok_or(Error::NotFound("user"))?;
        permit_person(actor, user.role)?;
        if !store::second_factor::remove(work.conn(), user_id).await? {
            return Err(Error::NotFound("second factor"));
        }
        work.commit(Live::NotNeeded).await?;
        self.memory.forget_people();
        Ok(())
    }

    async fn prove(&self, actor: &Actor, draft: &ProofDraft) -> Result<()> {
        self.prove_password(actor, draft).await?;
        match self.check_code(actor.user_id, &draft.otp).await {
            Err(Error::OtpWrong) => Err(Invalid::one("otp", Code::OtpWrong).into()),
            other => other,
        }
    }

    async fn prove_password(&self, actor: &Actor, draft: &ProofDraft) -> Result<()> {
        permit(actor, &Act::EditOwnProfile)?;
        draft.check()?;
        let password = SecretString::from(draft.password.clone());
        self.confirm_password(actor, password).await?;
        Ok(())
    }

    /// Whether this is the second factor of somebody, now and never again.
    pub(super) async fn check_code(&self, user_id: i64, typed: &str) -> Result<()> {
        self.throttle.check_code(user_id)?;
        let mut conn = self.pool.acquire().await?;
        let is_right = match Proof::read(typed) {
            Proof::Code(code) => {
                let secret = store::second_factor::secret(&mut conn, user_id).await?;
                let step = secret.and_then(|secret| secret.step_of(&code, self.clock.now()));
                match step {
                    Some(step) => store::second_factor::use_step(&mut conn, user_id, step).await?,
                    None => false,
                }
            }
            Proof::Recovery(hash) => {
                store::second_factor::use_recovery_code(&mut conn, user_id, &hash).await?
            }
        };
        if is_right {
            Ok(())
        } else {
            Err(Error::OtpWrong)
        }
    }
}
