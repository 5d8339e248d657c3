//! Forwards that are dialled (*21*030123456#): the dialplan asks, the same use case as everywhere answers, and only what is
//! live is confirmed.

use std::sync::Arc;

use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use super::{App, Error, Result};
use crate::ami::{Action, Frame};
use crate::domain::forward::{ForwardDraft, Kind};
use crate::domain::{Actor, ExtNumber, Given, Role};

/// What the phone waits for, on the channel that asked.
const RESULT: &str = "PBX_RESULT";

/// What a phone asked for.
#[derive(Debug)]
struct Asked {
    channel: String,
    extension: ExtNumber,
    kind: Kind,
    /// None switches off.
    target: Option<String>,
}

impl Asked {
    fn of(frame: &Frame) -> Option<Self> {
        let is_ours =
            frame.event() == Some("UserEvent") && frame.get("UserEvent") == Some("PbxForward");
        if !is_ours {
            return None;
        }
        Some(Self {
            channel: frame.get("Channel")?.to_owned(),
            // The endpoint that Asterisk has authenticated, and never what the caller says of itself.
            extension: ExtNumber::parse(frame.get("Endpoint")?).ok()?,
            kind: Kind::parse(frame.get("Kind")?)?,
            target: frame
                .get("Target")
                .filter(|target| !target.is_empty())
                .map(str::to_owned),
        })
    }
}

impl App {
    /// Answers as long as the program runs.
    pub async fn follow_codes(self: Arc<Self>, stop: CancellationToken) {
        let mut events = self.hub.observe();
        loop {
            let event = tokio::select! {
                () = stop.cancelled() => break,
                event = events.recv() => event,
            };
            match event {
                Ok(frame) => {
                    if let Some(asked) = Asked::of(&frame) {
                        self.answer_code(&asked).await;
                    }
                }
                // Who asked hears that it did not work.
                Err(RecvError::Lagged(missed)) => {
                    tracing::warn!(missed, "codes that were dialled may not have been seen");
                }
                Err(RecvError::Closed) => break,
            }
        }
    }

    async fn answer_code(&self, asked: &Asked) {
        let word = match self.carry_out(asked).await {
            Ok(()) => "ok",
            Err(Error::Invalid(_) | Error::NotFound(_) | Error::Forbidden) => "refused",
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    extension = %asked.extension,
                    "a code that was dialled was not carried out"
                );
                return;
            }
        };
        let told = Action::setvar(Some(&asked.channel), RESULT, word);
        // The phone may have hung up.
        if let Err(failure) = self.ami.send(told).await {
            tracing::debug!(%failure, "nobody waits for the answer to a code");
        }
    }

    async fn carry_out(&self, asked: &Asked) -> Result<()> {
        let actor = Actor {
            user_id: 0,
            username: format!("extension {}", asked.extension),
            role: Role::User,
            extension: Some(asked.extension.clone()),
            session: uuid::Uuid::nil(),
            origin: "phone".to_owned(),
            key: None,
        };
        let on = asked.target.is_some();
        if !on {
            let forwards = self.forwards_of(&actor, &asked.extension).await?;
            // There is nothing to switch off: it is as it was asked for.
            if forwards.iter().all(|forward| forward.kind != asked.kind) {
                return Ok(());
            }
        }
        let draft = ForwardDraft {
            target: asked.target.clone().map_or(Given::Absent, Given::Value),
            enabled: Given::Value(on),
            ..ForwardDraft::default()
        };
        let applied = self
            .set_forward(&actor, &asked.extension, asked.kind, draft)
            .await?;
        applied.live.map_err(|why| Error::internal(why.to_string()))
    }
}
