//! The network settings: what people have set, and what the running Asterisk was started with.

use super::work::{Applied, Proof};
use super::{App, Error, Result, permit, settings};
use crate::domain::invalid::Code;
use crate::domain::network::{Network, NetworkDraft, Started};
use crate::domain::{Act, Actor, Invalid};
use crate::store;

/// Global variables in its start-up files: only Asterisk itself knows what it has read.
const STARTED: &str = "PBX_NETWORK";
const ENVIRONMENT: &str = "PBX_NETWORK_DEFAULT";

/// What is used now, and what would be used if nothing were set by people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InUse {
    pub started: Started,
    pub environment: Network,
}

impl App {
    /// Saved at once, used from the next start of Asterisk on.
    pub async fn edit_network(&self, actor: &Actor, draft: NetworkDraft) -> Result<Applied> {
        permit(actor, &Act::EditSettings)?;
        let edit = draft.check()?;
        // A name that leads nowhere would be found out by callers who hear nothing.
        if let Some(host) = edit.external_address.as_deref().filter(|a| !a.is_empty())
            && host.parse::<std::net::IpAddr>().is_err()
        {
            let code = match self.names.has_address(host).await {
                Some(true) => None,
                Some(false) => Some(Code::UnknownHost),
                None => Some(Code::NoNameServer),
            };
            if let Some(code) = code {
                return Err(Invalid::one("external_address", code).into());
            }
        }
        let mut work = self.begin(actor, &Act::EditSettings).await?;
        let before = settings::read(&store::settings::list(work.conn()).await?).network;
        for (key, before, after) in [
            (
                "external_address",
                before.external_address,
                edit.external_address,
            ),
            ("local_nets", before.local_nets, edit.local_nets),
            ("rtp_ports", before.rtp_ports, edit.rtp_ports),
        ] {
            if let Some(after) = after.filter(|after| *after != before) {
                store::settings::save(work.conn(), key, &after.into()).await?;
            }
        }
        let applied = work.commit(Proof::NotNeeded).await?;
        self.memory.forget_settings();
        Ok(applied)
    }

    /// None while Asterisk does not tell.
    pub async fn network_in_use(&self, actor: &Actor) -> Result<Option<InUse>> {
        permit(actor, &Act::EditSettings)?;
        Ok(self.ask_network().await)
    }

    pub(super) async fn ask_network(&self) -> Option<InUse> {
        let ask = async |variable| {
            let line = self.ami.getvar(None, variable).await.ok().flatten()?;
            Started::parse(&line)
        };
        let (started, environment) = tokio::join!(ask(STARTED), ask(ENVIRONMENT));
        Some(InUse {
            started: started?,
            environment: environment?.network,
        })
    }

    /// Whether Asterisk uses what people have set; an error while one of the two does not tell.
    pub(super) async fn uses_saved_network(&self) -> Result<bool> {
        let saved = self.settings().await?.network.clone();
        let in_use = self.ask_network().await;
        let in_use = in_use.ok_or_else(|| Error::internal("Asterisk does not tell its network"))?;
        Ok(saved.over(&in_use.environment) == in_use.started.network)
    }
}
