//! The mail server as people set it, the test of it, and how the queue is.

use std::time::Duration;

use super::work::{Applied, Proof};
use super::{App, Result, permit, smtp};
use crate::domain::letter::Letter;
use crate::domain::mail::{self, MailServer, MailServerDraft, Undelivered};
use crate::domain::{Act, Actor, Invalid};
use crate::store::{self, PgConnection};

pub use crate::store::mail::{FailedMail, Queue};

/// Mails that waited because of the former settings are tried with these at once.
pub(super) async fn save(conn: &mut PgConnection, server: &MailServer) -> Result<()> {
    store::mail::save_server(conn, server).await?;
    Ok(store::mail::hurry(conn).await?)
}

/// A person waits for it.
const TEST: Duration = Duration::from_secs(10);

impl App {
    pub async fn mail_server(&self, actor: &Actor) -> Result<MailServer> {
        let mut conn = self.reading(actor, &Act::EditSettings).await?;
        Ok(store::mail::server(&mut conn).await?)
    }

    pub async fn edit_mail_server(
        &self,
        actor: &Actor,
        draft: MailServerDraft,
    ) -> Result<(MailServer, Applied)> {
        let mut work = self.begin(actor, &Act::EditSettings).await?;
        let before = store::mail::server(work.conn()).await?;
        let after = draft.check(before)?;
        save(work.conn(), &after).await?;
        Ok((after, work.commit(Proof::NotNeeded).await?))
    }

    pub async fn mail_queue(&self, actor: &Actor) -> Result<Queue> {
        let mut conn = self.reading(actor, &Act::EditSettings).await?;
        Ok(store::mail::queue(&mut conn).await?)
    }

    /// Mails that were given up are tried again. How many there are.
    pub async fn retry_mails(&self, actor: &Actor) -> Result<u64> {
        permit(actor, &Act::EditSettings)?;
        let count = store::mail::retry(&mut *self.pool.acquire().await?).await?;
        self.hub.publish(super::changes::MAIL);
        Ok(count)
    }

    /// Sends one mail now, with the settings that are saved: what the mail server said.
    pub async fn test_mail(
        &self,
        actor: &Actor,
        recipient: &str,
        letter: Letter,
    ) -> Result<std::result::Result<String, Undelivered>> {
        let server = self.mail_server(actor).await?;
        let mut invalid = Invalid::new();
        let recipient = invalid.note("recipient", mail::address(recipient));
        let Some(recipient) = recipient else {
            return Err(invalid.into());
        };
        let id = format!("test-{}", uuid::Uuid::new_v4());
        let cover = smtp::Cover {
            recipient: &recipient,
            id: &id,
            at: self.clock.now(),
            recording: None,
        };
        let sent = match smtp::seal(&server, letter, cover) {
            Ok(sealed) => smtp::send(&server, sealed, TEST).await,
            Err(refused) => Err(refused),
        };
        if let Err(refused) = &sent {
            tracing::warn!(user = %actor.username, problem = refused.problem.as_str(), answer = refused.answer, "the test mail was not sent");
        }
        Ok(sent)
    }
}
