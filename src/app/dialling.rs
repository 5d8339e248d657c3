//! Calls that begin and end here: click to call, and hanging up. What is asked of Asterisk is made of domain types only.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::{App, Error, Result, permit};
use crate::ami::event::Party;
use crate::ami::{Action, Failure, Frame};
use crate::domain::dial::{Dial, DialDraft};
use crate::domain::invalid::Code;
use crate::domain::{Act, Actor, ExtNumber, Invalid};

/// How long the answer waits for the phone to ring.
const RINGS_WITHIN: Duration = Duration::from_secs(3);
/// How long the phone rings; the dialplan says the same.
const RING_TIME: Duration = Duration::from_secs(30);

/// A call that was asked for.
#[derive(Debug)]
pub struct Placed {
    /// Under which it is among the calls in progress.
    pub id: String,
    pub extension: ExtNumber,
    pub number: Dial,
    /// The own phone rings, or somebody took it already. False: it has not said so yet.
    pub is_ringing: bool,
}

impl App {
    /// Rings every phone of an extension; whoever answers there calls the number, with all that is the extension's own.
    pub async fn place_call(&self, actor: &Actor, draft: &DialDraft) -> Result<Placed> {
        let (extension, number) = draft.check(actor.extension.as_ref())?;
        permit(actor, &Act::PlaceCall(extension.clone()))?;
        let caller = self.extension(actor, &extension).await?;
        if !caller.enabled {
            return Err(Invalid::one("extension", Code::ExtensionDisabled).into());
        }
        if number.as_str() == extension.as_str() {
            return Err(Invalid::one("number", Code::OwnNumber).into());
        }
        if !self.hub.asterisk().connected {
            return Err(Error::AsteriskAway);
        }
        // Asked of Asterisk: the events about a phone that has just come may still be on their way.
        let phones = self
            .ami
            .getvar(None, format!("PJSIP_AOR({extension},contact)"));
        if phones.await.map_err(unreached)?.is_none() {
            return Err(Invalid::one("extension", Code::PhoneOffline).into());
        }
        let id = self.call_id();
        let timeout = RING_TIME + Duration::from_secs(5);
        let action = Action::originate(format!("Local/{extension}@pbx-click/n"), "pbx-click", "s")
            .set("ChannelId", &id)
            .set("Timeout", timeout.as_millis().to_string())
            .set("Variable", format!("_PBX_CLICK={}", number.as_str()))
            .set(
                "Variable",
                format!("_PBX_CLICK_CONTEXT={}", caller.context.as_str()),
            )
            // The history is about the phone, not about what rings it.
            .set("Variable", "CDR_PROP(disable)=1");
        let events = self.hub.observe();
        self.ami.send(action).await.map_err(unreached)?;
        tracing::info!(user = %actor.username, act = Act::PlaceCall(extension.clone()).name(), extension.number = %extension, call = id, "call placed");
        let waited = tokio::time::timeout(RINGS_WITHIN, rings(events, &id, &extension)).await;
        match waited {
            Ok(false) => Err(Invalid::one("extension", Code::PhoneRefused).into()),
            waited => Ok(Placed {
                id,
                extension,
                number,
                is_ringing: waited.is_ok(),
            }),
        }
    }

    /// Of the shape of Asterisk's own, by which it tells which of two channels is older.
    fn call_id(&self) -> String {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let (now, count) = (self.clock.now(), COUNT.fetch_add(1, Ordering::Relaxed));
        format!(
            "click{}-{}.{count}",
            now.timestamp_subsec_micros(),
            now.timestamp()
        )
    }

    /// Ends a call in progress, with everybody who takes part.
    pub async fn end_call(&self, actor: &Actor, id: &str) -> Result<()> {
        permit(actor, &Act::EndCalls)?;
        if !self.hub.asterisk().connected {
            return Err(Error::AsteriskAway);
        }
        let call = self.hub.calls().into_iter().find(|call| call.id == id);
        let call = call.ok_or(Error::NotFound("call"))?;
        tracing::info!(user = %actor.username, act = Act::EndCalls.name(), call = id, "call ended");
        let ends = [call.caller, call.callee].into_iter().chain(call.others);
        for channel in ends.filter_map(|end| end.channel) {
            match self.ami.send(Action::hangup(channel)).await {
                // It has ended by itself, or with the other end.
                Ok(_) | Err(Failure::Refused { .. }) => {}
                Err(failure) => return Err(unreached(failure)),
            }
        }
        Ok(())
    }
}

fn unreached(failure: Failure) -> Error {
    match failure {
        Failure::NotSent(crate::ami::NotSent::Away) => Error::AsteriskAway,
        other => Error::internal(other),
    }
}

/// Whether a phone of the extension rings; false when the call ended before.
async fn rings(
    mut events: Receiver<std::sync::Arc<Frame>>,
    id: &str,
    extension: &ExtNumber,
) -> bool {
    let phones = format!("PJSIP/{extension}-");
    loop {
        let frame = match events.recv().await {
            Ok(frame) => frame,
            Err(RecvError::Lagged(_)) => continue,
            Err(RecvError::Closed) => return false,
        };
        let party = Party::of(&frame);
        if party.linkedid() != Some(id) {
            continue;
        }
        if frame.event() == Some("Hangup") && party.uniqueid() == Some(id) {
            return false;
        }
        let is_phone = party
            .channel()
            .is_some_and(|name| name.starts_with(&phones));
        if is_phone && matches!(party.state(), Some("Ringing" | "Up")) {
            return true;
        }
    }
}
