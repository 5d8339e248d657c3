//! Mailboxes and the messages in them. A change of a message is a change of its row; what follows from it for the lamps
//! is decided where every change is followed.

use chrono::TimeDelta;

use super::tokens::Claims;
use super::work::{Applied, Proof};
use super::{App, Error, Result, dialplan, permit};
use crate::domain::mailbox::{Count, Mailbox, MailboxDraft, Pin};
use crate::domain::message::{Message, MessageFilter, MessagePage};
use crate::domain::{Act, Actor, ExtNumber, policy};
use crate::store;

/// How long a link to a recording is good.
const LINK: TimeDelta = TimeDelta::minutes(10);
/// How long a deleted message can be brought back.
pub(super) const UNDO_SECONDS: i32 = 15 * 60;

const MESSAGE: Error = Error::NotFound("message");
const MAILBOX: Error = Error::NotFound("mailbox");

/// What was saved; the PIN when one was set, for the one time it may be shown.
#[derive(Debug)]
pub struct SavedMailbox {
    pub mailbox: Mailbox,
    pub pin: Option<Pin>,
    pub applied: Applied,
}

/// Who called, in a message that can still be brought back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deleted {
    pub id: i64,
    pub caller_id: String,
}

/// An admin asks about every mailbox, a user about the own.
fn message_scope(actor: &Actor, mut filter: MessageFilter) -> Result<MessageFilter> {
    if policy::may(actor, &Act::ListAllMessages) {
        return Ok(filter);
    }
    permit(actor, &Act::ListOwnMessages)?;
    match (&actor.extension, &filter.mailbox) {
        (Some(own), None) => filter.mailbox = Some(own.clone()),
        (Some(own), Some(asked)) if own == asked => {}
        _ => filter.impossible = true,
    }
    Ok(filter)
}

impl App {
    pub async fn messages(
        &self,
        actor: &Actor,
        filter: MessageFilter,
        page: MessagePage,
    ) -> Result<Vec<Message>> {
        let filter = message_scope(actor, filter)?;
        Ok(store::voicemail::messages(&mut *self.pool.acquire().await?, &filter, page).await?)
    }

    /// The mailboxes whose messages the actor may hear, with what is in them.
    pub async fn mailbox_counts(&self, actor: &Actor) -> Result<Vec<Count>> {
        let scope = message_scope(actor, MessageFilter::default())?;
        if scope.impossible {
            return Ok(Vec::new());
        }
        let mut conn = self.pool.acquire().await?;
        Ok(store::voicemail::counts(&mut conn, scope.mailbox.as_ref()).await?)
    }

    pub async fn new_messages(&self, actor: &Actor) -> Result<i64> {
        let scope = message_scope(actor, MessageFilter::default())?;
        if scope.impossible {
            return Ok(0);
        }
        let mut conn = self.pool.acquire().await?;
        Ok(store::voicemail::new_count(&mut conn, scope.mailbox.as_ref()).await?)
    }

    /// A message of somebody else is none: its id tells nothing.
    pub async fn message(&self, actor: &Actor, id: i64) -> Result<Message> {
        let mut conn = self.reading(actor, &Act::ListOwnMessages).await?;
        let found = store::voicemail::message(&mut conn, id).await?;
        found
            .filter(|message| policy::may(actor, &Act::UseMailbox(message.mailbox.clone())))
            .ok_or(MESSAGE)
    }

    pub async fn recording(&self, actor: &Actor, id: i64) -> Result<Vec<u8>> {
        self.message(actor, id).await?;
        let mut conn = self.pool.acquire().await?;
        store::voicemail::recording(&mut conn, id)
            .await?
            .ok_or(MESSAGE)
    }

    pub async fn mark_message(&self, actor: &Actor, id: i64, is_read: bool) -> Result<Message> {
        let message = self.message(actor, id).await?;
        if message.is_read == is_read {
            return Ok(message);
        }
        let act = Act::UseMailbox(message.mailbox);
        let mut work = self.begin(actor, &act).await?;
        if !store::voicemail::set_read(work.conn(), id, is_read).await? {
            return Err(MESSAGE);
        }
        work.commit(Proof::NotNeeded).await?;
        self.message(actor, id).await
    }

    pub async fn delete_message(&self, actor: &Actor, id: i64) -> Result<Applied> {
        let message = self.message(actor, id).await?;
        let act = Act::UseMailbox(message.mailbox);
        let mut work = self.begin(actor, &act).await?;
        if !store::voicemail::delete(work.conn(), id, &actor.username).await? {
            return Err(MESSAGE);
        }
        work.commit(Proof::NotNeeded).await
    }

    /// A message that was deleted a moment ago, for the offer to bring it back.
    pub async fn deleted_message(&self, actor: &Actor, id: i64) -> Result<Option<Deleted>> {
        Ok(self
            .find_deleted(actor, id)
            .await?
            .map(|(_, deleted)| deleted))
    }

    async fn find_deleted(&self, actor: &Actor, id: i64) -> Result<Option<(ExtNumber, Deleted)>> {
        let mut conn = self.reading(actor, &Act::ListOwnMessages).await?;
        let found = store::voicemail::deleted(&mut conn, id).await?;
        let found = found.and_then(|(mailbox, caller_id)| {
            let mailbox = ExtNumber::parse(&mailbox).ok()?;
            Some((mailbox, Deleted { id, caller_id }))
        });
        Ok(found.filter(|(mailbox, _)| policy::may(actor, &Act::UseMailbox(mailbox.clone()))))
    }

    pub async fn restore_message(&self, actor: &Actor, id: i64) -> Result<Applied> {
        let (mailbox, _) = self.find_deleted(actor, id).await?.ok_or(MESSAGE)?;
        let mut work = self.begin(actor, &Act::UseMailbox(mailbox)).await?;
        if !store::voicemail::restore(work.conn(), id).await? {
            return Err(MESSAGE);
        }
        work.commit(Proof::NotNeeded).await
    }

    /// What lets a player fetch one recording for a while, as long as this session lasts.
    pub fn recording_link(&self, actor: &Actor, id: i64) -> Result<String> {
        let now = self.clock.now();
        let claims = Claims {
            sub: link_subject(id),
            sid: actor.session,
            iat: now.timestamp(),
            exp: (now + LINK).timestamp(),
        };
        self.tokens.issue(&claims).map_err(Error::internal)
    }

    pub async fn linked_recording(&self, link: &str, id: i64) -> Result<Vec<u8>> {
        let claims = self
            .tokens
            .read(link, self.clock.now())
            .filter(|claims| claims.sub == link_subject(id))
            .ok_or(Error::Unauthenticated)?;
        let actor = self.session_actor(claims.sid).await?;
        self.recording(&actor, id).await
    }

    /// Every extension has one; where nobody has made it yet it is switched off.
    pub async fn mailbox(&self, actor: &Actor, number: &ExtNumber) -> Result<Mailbox> {
        if let Some(mailbox) = self.find_mailbox(actor, number).await? {
            return Ok(mailbox);
        }
        match self.extension(actor, number).await {
            Ok(extension) => Ok(Mailbox::switched_off(&extension)),
            Err(Error::NotFound(_)) => Err(MAILBOX),
            Err(error) => Err(error),
        }
    }

    pub async fn find_mailbox(&self, actor: &Actor, number: &ExtNumber) -> Result<Option<Mailbox>> {
        let mut conn = self
            .reading(actor, &Act::UseMailbox(number.clone()))
            .await?;
        Ok(store::voicemail::find(&mut conn, number).await?)
    }

    /// Creates it when there is none.
    pub async fn save_mailbox(
        &self,
        actor: &Actor,
        number: &ExtNumber,
        draft: MailboxDraft,
    ) -> Result<SavedMailbox> {
        let act = Act::EditMailbox(number.clone());
        let mut work = self.begin(actor, &act).await?;
        if store::extensions::lock(work.conn(), number)
            .await?
            .is_none()
        {
            return Err(MAILBOX);
        }
        let before = store::voicemail::find(work.conn(), number).await?;
        let edit = draft.check(number, before.as_ref())?;
        if before.is_none() {
            store::voicemail::create(work.conn(), number, &edit).await?;
        } else {
            store::voicemail::save(work.conn(), number, &edit).await?;
        }
        if let Some(time) = edit.ring_time {
            store::voicemail::save_ring_time(work.conn(), number, time).await?;
        }
        dialplan::follow_extension(work.conn(), number).await?;
        let mailbox = store::voicemail::find(work.conn(), number)
            .await?
            .ok_or(MAILBOX)?;
        let applied = work.commit(Proof::NotNeeded).await?;
        Ok(SavedMailbox {
            mailbox,
            pin: edit.pin,
            applied,
        })
    }

    /// With all its messages.
    pub async fn delete_mailbox(&self, actor: &Actor, number: &ExtNumber) -> Result<Applied> {
        let mut work = self
            .begin(actor, &Act::DeleteMailbox(number.clone()))
            .await?;
        store::extensions::lock(work.conn(), number).await?;
        if !store::voicemail::remove(work.conn(), number).await? {
            return Err(MAILBOX);
        }
        dialplan::follow_extension(work.conn(), number).await?;
        work.commit(Proof::NotNeeded).await
    }
}

/// No user name can be this, so a link is never taken for a session.
fn link_subject(id: i64) -> String {
    format!("\n/voicemail/{id}")
}
