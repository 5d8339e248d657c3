//! The own account.

use secrecy::SecretString;

use super::work::Proof;
use super::{App, Error, Result, permit};
use crate::domain::invalid::Code;
use crate::domain::user::{PasswordDraft, ProfileDraft, User};
use crate::domain::{Act, Actor, Invalid};
use crate::store;

impl App {
    pub async fn me(&self, actor: &Actor) -> Result<User> {
        let mut conn = self.reading(actor, &Act::EditOwnProfile).await?;
        store::users::find(&mut conn, actor.user_id)
            .await?
            .ok_or(Error::Unauthenticated)
    }

    /// Ends every other session of this user.
    pub async fn change_password(&self, actor: &Actor, draft: PasswordDraft) -> Result<()> {
        permit(actor, &Act::EditOwnProfile)?;
        draft.check(&actor.username)?;
        // A stolen session must not become a way to guess the password.
        if let Ok(address) = actor.origin.parse() {
            self.throttle.check(&actor.username, address)?;
        }
        let known = {
            let mut conn = self.pool.acquire().await?;
            store::users::find_hash(&mut conn, &actor.username).await?
        };
        let (_, hash) = known.ok_or(Error::Unauthenticated)?;
        if !self
            .passwords
            .verify(SecretString::from(draft.current), Some(hash))
            .await?
        {
            return Err(Invalid::one("current_password", Code::WrongPassword).into());
        }
        let hash = self.passwords.hash(SecretString::from(draft.new)).await?;
        let mut work = self.begin(actor, &Act::EditOwnProfile).await?;
        store::users::save_password(work.conn(), actor.user_id, &hash, false).await?;
        work.commit(Proof::NotNeeded).await?;
        self.memory.forget_people();
        Ok(())
    }

    pub async fn edit_profile(&self, actor: &Actor, draft: ProfileDraft) -> Result<()> {
        let before = self.me(actor).await?;
        let edit = draft.check(&before, &self.languages)?;
        let mut work = self.begin(actor, &Act::EditOwnProfile).await?;
        let (name, language) = (&edit.full_name, edit.language.as_deref());
        store::users::save_profile(work.conn(), actor.user_id, name, language).await?;
        work.commit(Proof::NotNeeded).await?;
        self.memory.forget_people();
        Ok(())
    }
}
