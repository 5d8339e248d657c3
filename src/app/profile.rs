//! The own account.

use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::sessions::{Login, Origin, Proven};
use super::work::Proof;
use super::{App, Error, Result, permit};
use crate::domain::invalid::Code;
use crate::domain::session::Session;
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
    pub async fn change_password(&self, actor: &Actor, draft: PasswordDraft) -> Result<Proven> {
        permit(actor, &Act::EditOwnProfile)?;
        draft.check(&actor.username)?;
        let current = SecretString::from(draft.current);
        let old = self.confirm_password(actor, current).await?;
        let hash = self.passwords.hash(SecretString::from(draft.new)).await?;
        let mut work = self.begin(actor, &Act::EditOwnProfile).await?;
        let id = actor.user_id;
        let old = old.hash.expose_secret();
        if !store::users::change_password(work.conn(), id, old, &hash).await? {
            return Err(Invalid::one("current_password", Code::WrongPassword).into());
        }
        work.commit(Proof::NotNeeded).await?;
        self.memory.forget_people();
        Ok(Proven {
            user_id: id,
            hash: hash.into(),
        })
    }

    /// Whether this is the actor's own password. A stolen session must not become a way to guess it.
    pub(super) async fn confirm_password(
        &self,
        actor: &Actor,
        password: SecretString,
    ) -> Result<Proven> {
        if let Ok(address) = actor.origin.parse() {
            self.throttle.check(&actor.username, address)?;
        }
        let known = {
            let mut conn = self.pool.acquire().await?;
            store::users::find_hash(&mut conn, &actor.username).await?
        };
        let (user_id, hash) = known.ok_or(Error::Unauthenticated)?;
        if self.passwords.verify(password, Some(hash.clone())).await? {
            Ok(Proven { user_id, hash })
        } else {
            Err(Invalid::one("current_password", Code::WrongPassword).into())
        }
    }

    pub async fn edit_profile(&self, actor: &Actor, draft: ProfileDraft) -> Result<()> {
        let before = self.me(actor).await?;
        let edit = draft.check(&before, &self.languages)?;
        let mut work = self.begin(actor, &Act::EditOwnProfile).await?;
        store::users::save_profile(work.conn(), actor.user_id, &edit).await?;
        work.commit(Proof::NotNeeded).await?;
        self.memory.forget_people();
        Ok(())
    }

    /// Where this person is logged in.
    pub async fn own_sessions(&self, actor: &Actor) -> Result<Vec<Session>> {
        let mut conn = self.reading(actor, &Act::EditOwnProfile).await?;
        Ok(store::sessions::list(&mut conn, actor.user_id).await?)
    }

    pub async fn end_own_session(&self, actor: &Actor, session: Uuid) -> Result<()> {
        let mut work = self.begin(actor, &Act::EditOwnProfile).await?;
        if !store::sessions::remove_of(work.conn(), actor.user_id, session).await? {
            return Err(Error::NotFound("session"));
        }
        work.commit(Proof::NotNeeded).await?;
        // The notification does the same for every other server; this one answers only when it is so.
        self.memory.forget_people();
        Ok(())
    }

    /// Signs out everywhere, here too.
    pub async fn end_own_sessions(&self, actor: &Actor) -> Result<()> {
        let mut work = self.begin(actor, &Act::EditOwnProfile).await?;
        store::sessions::remove_all_of(work.conn(), actor.user_id).await?;
        work.commit(Proof::NotNeeded).await?;
        self.memory.forget_people();
        Ok(())
    }

    /// The session in which the password was changed goes on under another token; the one it had is good for nothing any
    /// more.
    pub async fn renew_session(
        &self,
        actor: &Actor,
        proven: &Proven,
        origin: &Origin,
    ) -> Result<Login> {
        permit(actor, &Act::EditOwnProfile)?;
        let login = self.open_session(proven, origin).await?;
        let login = login.ok_or(Error::Unauthenticated)?;
        self.logout(actor).await?;
        Ok(login)
    }
}
