//! The people who log in, as an administrator sees them.

use secrecy::SecretString;

use super::work::Proof;
use super::{App, Applied, Error, Result, permit};
use crate::domain::session::Session;
use crate::domain::user::User;
use crate::domain::user_draft::{GivenPassword, UserDraft};
use crate::domain::{Act, Actor, ExtNumber, Role};
use crate::store;

/// A user as it is after a change.
#[derive(Debug)]
pub struct SavedUser {
    pub user: User,
    pub applied: Applied,
}

/// Administrators are the business of people who are logged in.
pub(super) fn permit_person(actor: &Actor, role: Role) -> Result<()> {
    if actor.may_change(role) {
        Ok(())
    } else {
        Err(Error::ScopeMissing)
    }
}

impl App {
    pub async fn users(&self, actor: &Actor) -> Result<Vec<User>> {
        let mut conn = self.reading(actor, &Act::ListUsers).await?;
        Ok(store::users::list(&mut conn).await?)
    }

    pub async fn user(&self, actor: &Actor, id: i64) -> Result<User> {
        let mut conn = self.reading(actor, &Act::ListUsers).await?;
        let found = store::users::find(&mut conn, id).await?;
        found.ok_or(Error::NotFound("user"))
    }

    pub async fn create_user(
        &self,
        actor: &Actor,
        draft: UserDraft,
        password: &GivenPassword,
    ) -> Result<SavedUser> {
        permit(actor, &Act::CreateUser)?;
        let name = match &draft.username {
            crate::domain::Given::Value(name) => name.clone(),
            _ => String::new(),
        };
        let (edit, clear) = match (draft.check(None, &self.languages), password.check(&name)) {
            (Ok(edit), Ok(clear)) => (edit, clear),
            (Err(mut invalid), Err(more)) => {
                invalid.merge(more);
                return Err(invalid.into());
            }
            (Err(invalid), _) | (_, Err(invalid)) => return Err(invalid.into()),
        };
        permit_person(actor, edit.role)?;
        // Hashing takes its time, and no transaction waits for it.
        let hash = self.passwords.hash(SecretString::from(clear)).await?;
        let mut work = self.begin(actor, &Act::CreateUser).await?;
        let must = password.must_change();
        let id = store::users::create(work.conn(), &edit, &hash, must).await?;
        let user = store::users::find(work.conn(), id).await?;
        let applied = work.commit(Proof::NotNeeded).await?;
        let user = user.ok_or(Error::NotFound("user"))?;
        Ok(SavedUser { user, applied })
    }

    /// Another role or name ends the sessions.
    pub async fn edit_user(&self, actor: &Actor, id: i64, draft: UserDraft) -> Result<SavedUser> {
        let mut work = self.begin(actor, &Act::EditUser).await?;
        let before = store::users::lock(work.conn(), id).await?;
        let before = before.ok_or(Error::NotFound("user"))?;
        permit_person(actor, before.role)?;
        let edit = draft.check(Some(&before), &self.languages)?;
        permit_person(actor, edit.role)?;
        store::users::save(work.conn(), id, &edit).await?;
        let user = store::users::find(work.conn(), id).await?;
        let applied = work.commit(Proof::NotNeeded).await?;
        self.memory.forget_people();
        let user = user.ok_or(Error::NotFound("user"))?;
        Ok(SavedUser { user, applied })
    }

    /// Ends the sessions of that user.
    pub async fn set_user_password(
        &self,
        actor: &Actor,
        id: i64,
        password: &GivenPassword,
    ) -> Result<SavedUser> {
        permit(actor, &Act::SetUserPassword)?;
        let user = self.user(actor, id).await?;
        permit_person(actor, user.role)?;
        let clear = password.check(&user.username)?;
        let hash = self.passwords.hash(SecretString::from(clear)).await?;
        let mut work = self.begin(actor, &Act::SetUserPassword).await?;
        let user = store::users::lock(work.conn(), id).await?;
        let user = user.ok_or(Error::NotFound("user"))?;
        // Meanwhile it may be an administrator.
        permit_person(actor, user.role)?;
        let must = password.must_change();
        store::users::save_password(work.conn(), id, &hash, must).await?;
        let applied = work.commit(Proof::NotNeeded).await?;
        self.memory.forget_people();
        Ok(SavedUser { user, applied })
    }

    /// A user has one extension at most, and an extension one user: whoever had it has it no more.
    pub async fn assign_extension(
        &self,
        actor: &Actor,
        id: i64,
        number: Option<&ExtNumber>,
    ) -> Result<SavedUser> {
        let mut work = self.begin(actor, &Act::AssignExtension).await?;
        let before = store::users::lock(work.conn(), id).await?;
        before.ok_or(Error::NotFound("user"))?;
        store::users::leave_extensions(work.conn(), id, number).await?;
        if let Some(number) = number {
            store::extensions::lock(work.conn(), number).await?;
            if !store::extensions::assign_user(work.conn(), number, Some(id)).await? {
                return Err(Error::NotFound("extension"));
            }
        }
        let user = store::users::find(work.conn(), id).await?;
        let applied = work.commit(Proof::NotNeeded).await?;
        self.memory.forget_people();
        let user = user.ok_or(Error::NotFound("user"))?;
        Ok(SavedUser { user, applied })
    }

    /// Ends the sessions too; the extension stays, and is nobody's.
    pub async fn delete_user(&self, actor: &Actor, id: i64) -> Result<SavedUser> {
        let mut work = self.begin(actor, &Act::DeleteUser).await?;
        let user = store::users::lock(work.conn(), id).await?;
        let user = user.ok_or(Error::NotFound("user"))?;
        permit_person(actor, user.role)?;
        store::users::remove(work.conn(), id).await?;
        let applied = work.commit(Proof::NotNeeded).await?;
        self.memory.forget_people();
        Ok(SavedUser { user, applied })
    }

    /// Where somebody is logged in.
    pub async fn sessions_of(&self, actor: &Actor, id: i64) -> Result<Vec<Session>> {
        let mut conn = self.reading(actor, &Act::EndSessions).await?;
        Ok(store::sessions::list(&mut conn, id).await?)
    }

    pub async fn has_second_factor(&self, actor: &Actor, id: i64) -> Result<bool> {
        let mut conn = self.reading(actor, &Act::EndSessions).await?;
        let found = store::second_factor::find(&mut conn, id).await?;
        Ok(found.is_some())
    }

    /// Signs somebody out everywhere. The history says who did so, and to whom.
    pub async fn end_sessions(&self, actor: &Actor, id: i64) -> Result<u64> {
        let mut work = self.begin(actor, &Act::EndSessions).await?;
        let user = store::users::lock(work.conn(), id).await?;
        let user = user.ok_or(Error::NotFound("user"))?;
        permit_person(actor, user.role)?;
        let ended = store::sessions::remove_all_of(work.conn(), id).await?;
        if ended > 0 {
            store::sessions::record_sign_out(work.conn(), id, ended).await?;
        }
        work.commit(Proof::NotNeeded).await?;
        self.memory.forget_people();
        Ok(ended)
    }
}
