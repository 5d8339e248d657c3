//! Keys of programs: made and revoked by administrators, good for as long as their owner is.

use std::net::IpAddr;
use std::sync::Arc;

use super::work::Proof;
use super::{App, Error, Result};
use crate::domain::api_key::{ActingKey, ApiKey, KeyDraft, NewKey, hash};
use crate::domain::user::User;
use crate::domain::{Act, Actor};
use crate::store;

/// A key and whose it is, as it is remembered between requests.
pub type Holder = (ActingKey, Arc<User>);

impl App {
    pub async fn api_keys(&self, actor: &Actor) -> Result<Vec<ApiKey>> {
        let mut conn = self.reading(actor, &Act::ManageKeys).await?;
        Ok(store::api_keys::list(&mut conn).await?)
    }

    /// Who a key can act for: id, name and whether it is an administrator.
    pub async fn key_owners(&self, actor: &Actor) -> Result<Vec<(i64, String, bool)>> {
        let mut conn = self.reading(actor, &Act::ManageKeys).await?;
        Ok(store::api_keys::owners(&mut conn).await?)
    }

    /// The key itself is in this answer, and nowhere else.
    pub async fn create_key(&self, actor: &Actor, draft: KeyDraft) -> Result<(ApiKey, NewKey)> {
        let edit = draft.check(self.clock.now())?;
        let key = NewKey::generate();
        let mut work = self.begin(actor, &Act::ManageKeys).await?;
        let owner = edit.user_id.unwrap_or(actor.user_id);
        let id = store::api_keys::create(work.conn(), owner, &edit, &key).await?;
        let made = store::api_keys::list(work.conn()).await?;
        work.commit(Proof::NotNeeded).await?;
        let made = made.into_iter().find(|made| made.id == id);
        Ok((made.ok_or(Error::NotFound("key"))?, key))
    }

    pub async fn revoke_key(&self, actor: &Actor, id: i64) -> Result<()> {
        let mut work = self.begin(actor, &Act::ManageKeys).await?;
        if !store::api_keys::remove(work.conn(), id).await? {
            return Err(Error::NotFound("key"));
        }
        work.commit(Proof::NotNeeded).await?;
        self.memory.forget_people();
        Ok(())
    }

    /// Who a key acts for, if it is still good.
    pub async fn authenticate_key(&self, key: &str, address: IpAddr) -> Result<(Actor, Arc<User>)> {
        let hash = hash(key).ok_or(Error::Unauthenticated)?;
        let (key, user) = self.holder(&hash).await?.ok_or(Error::Unauthenticated)?;
        if key.expires_at.is_some_and(|end| end <= self.clock.now()) {
            return Err(Error::Unauthenticated);
        }
        let origin = address.to_string();
        if self.keys_used.is_due(key.id) {
            self.note_key_use(key.id, &origin).await;
        }
        let actor = Actor {
            user_id: user.id,
            username: user.username.clone(),
            role: user.role,
            extension: user.extension.clone(),
            session: uuid::Uuid::nil(),
            origin,
            key: Some(key),
        };
        Ok((actor, user))
    }

    async fn holder(&self, hash: &str) -> Result<Option<Holder>> {
        if let Some(holder) = self.memory.key(hash) {
            return Ok(Some(holder));
        }
        let moment = self.memory.moment();
        let found = store::api_keys::find(&mut *self.pool.acquire().await?, hash).await?;
        let holder = found.map(|(key, user)| (key, Arc::new(user)));
        if let Some(holder) = &holder {
            self.memory.keep_key(moment, hash, holder.clone());
        }
        Ok(holder)
    }

    /// What was asked for must not fail because this does.
    async fn note_key_use(&self, id: i64, origin: &str) {
        let noted = async {
            let mut conn = self.pool.acquire().await?;
            store::api_keys::touch(&mut conn, id, origin).await?;
            Ok::<_, Error>(())
        };
        if let Err(error) = noted.await {
            tracing::debug!(
                error = &error as &dyn std::error::Error,
                "the use of a key is not noted"
            );
        }
    }
}
