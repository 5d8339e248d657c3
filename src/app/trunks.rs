//! Trunks: connect a provider, change, disable, delete, and look how it is.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;

use super::answers::{Heard, Said};
use super::probe::{self, Answer, Target};
use super::resolve::Names;
use super::work::{Applied, Proof};
use super::{App, Error, Result, answers, dialplan, permit, providers};
use crate::domain::call::{Direction, Outcome};
use crate::domain::did::NumberPlan;
use crate::domain::provider::Provider;
use crate::domain::trunk::{Trunk, TrunkDraft, TrunkEdit};
use crate::domain::{Act, Actor, ExtNumber, Given};
use crate::live::{ContactStatus, EndpointView, TrunkView};
use crate::realtime::trunk::{self as rows, Rows};
use crate::store;

#[derive(Debug)]
pub struct SavedTrunk {
    pub trunk: Trunk,
    pub applied: Applied,
}

/// What Asterisk says of a trunk.
#[derive(Debug)]
pub struct TrunkState {
    /// None while it does not register, or Asterisk is away.
    pub registration: Option<TrunkView>,
    /// What the provider said when it was asked why it refuses.
    pub said: Option<Said>,
    pub endpoint: EndpointView,
}

/// Asterisk asks again this long before a registration ends (REREGISTER_BUFFER_TIME in res_pjsip_outbound_registration.c).
const RENEWED_BEFORE: TimeDelta = TimeDelta::seconds(10);

impl TrunkState {
    /// When the registration ends unless it is renewed before.
    pub fn expires(&self) -> Option<DateTime<Utc>> {
        let view = self.registration.as_ref()?;
        let next = view.next.filter(|_| view.status == "Registered")?;
        Some(next + RENEWED_BEFORE)
    }

    /// Whether the provider knows us, or answers where it need not know us; none while nobody has said.
    pub fn works(&self) -> Option<bool> {
        if let Some(view) = &self.registration {
            return Some(view.status == "Registered");
        }
        let contacts = &self.endpoint.contacts;
        let is = |status| contacts.iter().any(|contact| contact.status == status);
        match (is(ContactStatus::Reachable), is(ContactStatus::Unreachable)) {
            (true, _) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
        }
    }

    /// What the provider said to the registration that is not accepted now.
    pub fn refusal(&self) -> Option<&Said> {
        let view = self.registration.as_ref()?;
        let said = self.said.as_ref()?;
        let was_asked = said.at >= view.since && said.heard != Heard::NotAsked;
        (view.status != "Registered" && was_asked).then_some(said)
    }
}

/// What a look at a trunk's server said.
#[derive(Debug)]
pub struct Probe {
    /// None: its name leads nowhere, as far as that is known.
    pub addresses: BTreeSet<IpAddr>,
    /// Whether the name server said all of them.
    pub complete: bool,
    /// How long it took to answer, or what came instead; none if there was nobody to ask.
    pub answered: Option<std::result::Result<Duration, Answer>>,
}

/// What goes with a trunk that is deleted.
#[derive(Debug)]
pub struct Dependants {
    pub numbers: usize,
    pub extensions: Vec<String>,
}

impl App {
    pub fn providers(&self) -> &'static [Provider] {
        providers::all()
    }

    pub async fn trunks(&self, actor: &Actor) -> Result<Vec<Trunk>> {
        let mut conn = self.reading(actor, &Act::ListTrunks).await?;
        Ok(store::trunks::list(&mut conn).await?)
    }

    pub async fn trunk(&self, actor: &Actor, id: i64) -> Result<Trunk> {
        let mut conn = self.reading(actor, &Act::ListTrunks).await?;
        store::trunks::find(&mut conn, id)
            .await?
            .ok_or(Error::NotFound("trunk"))
    }

    pub fn trunk_state(&self, actor: &Actor, id: i64) -> Result<TrunkState> {
        permit(actor, &Act::ListTrunks)?;
        Ok(self.seen_trunk(id))
    }

    pub(super) fn seen_trunk(&self, id: i64) -> TrunkState {
        TrunkState {
            registration: self.hub.trunk(&rows::registration(id)),
            said: self.answers.get(id),
            // Asterisk keeps contacts by AOR, states by endpoint.
            endpoint: EndpointView {
                contacts: self.hub.endpoint(&rows::aor(id)).contacts,
                ..self.hub.endpoint(&rows::endpoint(id))
            },
        }
    }

    /// Calls over a trunk since a moment, by direction and outcome.
    pub async fn trunk_calls(
        &self,
        actor: &Actor,
        id: i64,
        from: DateTime<Utc>,
    ) -> Result<Vec<(Direction, Outcome, i64)>> {
        let mut conn = self.reading(actor, &Act::ListTrunks).await?;
        Ok(store::calls::of_trunk(&mut conn, id, from).await?)
    }

    pub async fn trunk_dependants(&self, actor: &Actor, id: i64) -> Result<Dependants> {
        let mut conn = self.reading(actor, &Act::ListTrunks).await?;
        Ok(Dependants {
            numbers: store::routes::of_trunk(&mut conn, id).await?.len(),
            extensions: store::trunks::extensions(&mut conn, id).await?,
        })
    }

    pub async fn create_trunk(&self, actor: &Actor, draft: TrunkDraft) -> Result<SavedTrunk> {
        permit(actor, &Act::EditTrunks)?;
        let settings = self.settings().await?;
        let edit = draft.check(None, providers::all(), &settings.numbers)?;
        let provider = provider(&edit)?;
        let sources = self.sources(&edit, provider).await;
        let mut work = self.begin(actor, &Act::EditTrunks).await?;
        let id = store::trunks::next_id(work.conn()).await?;
        let rows = rows::rows(&edit, provider, &settings.numbers, id);
        store::trunks::create(work.conn(), id, &edit, &rows).await?;
        save_identify(work.conn(), id, &edit, &rows, &sources).await?;
        dialplan::follow_trunk(work.conn(), id, &settings.numbers).await?;
        dialplan::follow_emergency(work.conn(), &settings.emergency_numbers).await?;
        let applied = work.commit(Proof::Trunk { id }).await?;
        Ok(SavedTrunk {
            trunk: self.trunk(actor, id).await?,
            applied,
        })
    }

    pub async fn edit_trunk(
        &self,
        actor: &Actor,
        id: i64,
        draft: TrunkDraft,
    ) -> Result<SavedTrunk> {
        let settings = self.settings().await?;
        // Names are looked up before the transaction, which must not wait for a name server.
        let seen = self.trunk(actor, id).await?;
        let wanted = draft
            .clone()
            .check(Some(&seen), providers::all(), &settings.numbers)?;
        let mut sources = self.sources(&wanted, provider(&wanted)?).await;
        let mut work = self.begin(actor, &Act::EditTrunks).await?;
        if !store::trunks::lock(work.conn(), id).await? {
            return Err(Error::NotFound("trunk"));
        }
        let before = store::trunks::find(work.conn(), id)
            .await?
            .ok_or(Error::NotFound("trunk"))?;
        let edit = draft.check(Some(&before), providers::all(), &settings.numbers)?;
        let rows = rows::rows(&edit, provider(&edit)?, &settings.numbers, id);
        store::trunks::save(work.conn(), id, &edit, &rows).await?;
        sources
            .keep_known(work.conn(), &before, &Place::of(&edit))
            .await?;
        save_identify(work.conn(), id, &edit, &rows, &sources).await?;
        dialplan::follow_trunk(work.conn(), id, &settings.numbers).await?;
        if before.enabled != edit.enabled {
            dialplan::follow_emergency(work.conn(), &settings.emergency_numbers).await?;
        }
        let applied = work.commit(Proof::Trunk { id }).await?;
        self.answers.forget(id);
        Ok(SavedTrunk {
            trunk: self.trunk(actor, id).await?,
            applied,
        })
    }

    pub async fn switch_trunk(&self, actor: &Actor, id: i64, enabled: bool) -> Result<SavedTrunk> {
        let draft = TrunkDraft {
            enabled: Given::Value(enabled),
            ..TrunkDraft::default()
        };
        self.edit_trunk(actor, id, draft).await
    }

    /// Takes its numbers along; who called out over it hears the no-service announcement from now on.
    pub async fn delete_trunk(&self, actor: &Actor, id: i64) -> Result<(Trunk, Applied)> {
        let settings = self.settings().await?;
        let before = self.trunk(actor, id).await?;
        let mut work = self.begin(actor, &Act::EditTrunks).await?;
        let extensions = store::trunks::extensions(work.conn(), id).await?;
        let extensions: Vec<_> = extensions
            .iter()
            .filter_map(|number| ExtNumber::parse(number).ok())
            .collect();
        // Before the trunk and its numbers, as everybody does.
        store::extensions::lock_all(work.conn(), &extensions).await?;
        if !store::trunks::remove(work.conn(), id).await? {
            return Err(Error::NotFound("trunk"));
        }
        for number in &extensions {
            dialplan::follow_outbound(work.conn(), number).await?;
        }
        dialplan::follow_emergency(work.conn(), &settings.emergency_numbers).await?;
        let applied = work.commit(Proof::NotNeeded).await?;
        self.answers.forget(id);
        Ok((before, applied))
    }

    /// Looks a trunk's server up and asks it whether it is there, now.
    pub async fn probe_trunk(&self, actor: &Actor, id: i64) -> Result<Probe> {
        let trunk = self.trunk(actor, id).await?;
        let provider = providers::find(&trunk.provider).ok_or(Error::NotFound("provider"))?;
        let connecting = provider.connecting(trunk.auth_mode);
        // The port of a template belongs to a name without one.
        let server = match connecting.and_then(|c| c.port) {
            Some(port) if !trunk.server.contains(':') => format!("{}:{port}", trunk.server),
            _ => trunk.server,
        };
        let found = self.names.look_up(&server, trunk.transport).await;
        let mut answered = None;
        // The next one only when the one before is not there.
        for address in found.targets.iter().take(2) {
            let target = Target {
                name: answers::name_of(&server),
                address: *address,
                transport: trunk.transport,
            };
            answered = Some(probe::options(target).await);
            if answered != Some(Err(Answer::Silent)) {
                break;
            }
        }
        Ok(Probe {
            addresses: found.targets.iter().map(SocketAddr::ip).collect(),
            complete: found.complete,
            answered,
        })
    }

    /// Where calls of this trunk come from.
    pub async fn addresses(&self, edit: &TrunkEdit, provider: &Provider) -> BTreeSet<String> {
        self.sources(edit, provider).await.addresses
    }

    /// The same, as far as the name server says so now.
    async fn sources(&self, edit: &TrunkEdit, provider: &Provider) -> Sources {
        sources(&self.names, edit, provider).await
    }

    /// Keeps the addresses of providers current, as long as the program runs.
    pub async fn follow_names(self: Arc<Self>, every: Duration, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(every) => {}
            }
            if let Err(error) = self.refresh_names().await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "addresses of providers not refreshed"
                );
            }
        }
    }

    async fn refresh_names(&self) -> Result<()> {
        let settings = self.settings().await?;
        let trunks = store::trunks::list(&mut *self.pool.acquire().await?).await?;
        for trunk in trunks.into_iter().filter(|trunk| trunk.enabled) {
            let unchanged =
                TrunkDraft::default().check(Some(&trunk), providers::all(), &settings.numbers);
            // A row that somebody wrote in SQL and that no form would accept is left as it is.
            let Ok(edit) = unchanged else { continue };
            let provider = provider(&edit)?;
            let mut sources = self.sources(&edit, provider).await;
            if sources.addresses.is_empty() {
                // Its name is gone, for now or for good: the addresses of yesterday are better than none.
                continue;
            }
            let server = dialplan::server();
            let mut work = self.begin(&server, &Act::EditTrunks).await?;
            store::trunks::lock(work.conn(), trunk.id).await?;
            let now = store::trunks::find(work.conn(), trunk.id).await?;
            // Who changed it meanwhile has looked its names up as well.
            let Some(now) = now.filter(|now| now.updated_at == trunk.updated_at) else {
                continue;
            };
            sources
                .keep_known(work.conn(), &now, &Place::of(&edit))
                .await?;
            let rows = rows::rows(&edit, provider, &settings.numbers, trunk.id);
            if save_identify(work.conn(), trunk.id, &edit, &rows, &sources).await? {
                tracing::info!(trunk.id = trunk.id, "the provider's addresses have changed");
                work.commit(Proof::NotNeeded).await?;
            }
        }
        Ok(())
    }

    /// After a change of country or area code: what trunks tell the dialplan.
    pub(super) async fn follow_plan(
        conn: &mut store::PgConnection,
        plan: &NumberPlan,
    ) -> Result<()> {
        for trunk in store::trunks::list(conn).await? {
            Self::make_rows(conn, &trunk, plan).await?;
        }
        Ok(())
    }

    /// After a change of its own row in SQL.
    pub(super) async fn follow_rows(
        conn: &mut store::PgConnection,
        id: i64,
        plan: &NumberPlan,
    ) -> Result<()> {
        if let Some(trunk) = store::trunks::find(conn, id).await? {
            Self::make_rows(conn, &trunk, plan).await?;
        }
        Ok(())
    }

    async fn make_rows(
        conn: &mut store::PgConnection,
        trunk: &Trunk,
        plan: &NumberPlan,
    ) -> Result<()> {
        let unchanged = TrunkDraft::default().check(Some(trunk), providers::all(), plan);
        // A row that somebody wrote in SQL and that no form would accept is left as it is.
        if let Ok(edit) = unchanged {
            let rows = rows::rows(&edit, provider(&edit)?, plan, trunk.id);
            store::trunks::save(conn, trunk.id, &edit, &rows).await?;
        }
        dialplan::follow_trunk(conn, trunk.id, plan).await
    }
}

pub(super) fn provider(edit: &TrunkEdit) -> Result<&'static Provider> {
    providers::find(&edit.provider).ok_or(Error::NotFound("provider"))
}

pub(super) async fn sources(names: &Names, edit: &TrunkEdit, provider: &Provider) -> Sources {
    let mut sources = Sources {
        addresses: provider.inbound.addresses.iter().cloned().collect(),
        complete: true,
    };
    for host in std::iter::once(&edit.server).chain(&provider.inbound.hosts) {
        let found = names.look_up(host, edit.transport).await;
        sources.complete &= found.complete;
        let found = found.targets.iter().map(|target| target.ip().to_string());
        sources.addresses.extend(found);
    }
    sources
}

/// Where the calls of a trunk come from.
#[derive(Debug)]
pub(super) struct Sources {
    addresses: BTreeSet<String>,
    complete: bool,
}

/// What its addresses follow from.
#[derive(Debug, PartialEq, Eq)]
struct Place<'a> {
    provider: &'a str,
    server: &'a str,
}

impl<'a> Place<'a> {
    fn of(edit: &'a TrunkEdit) -> Self {
        Self {
            provider: &edit.provider,
            server: &edit.server,
        }
    }
}

impl Sources {
    /// No answer is not the answer "none": while the name server is silent, what was known of this place still holds.
    async fn keep_known(
        &mut self,
        conn: &mut store::PgConnection,
        before: &Trunk,
        now: &Place<'_>,
    ) -> Result<()> {
        let was = Place {
            provider: &before.provider,
            server: &before.server,
        };
        if !self.complete && was == *now {
            self.addresses
                .extend(store::trunks::addresses(conn, before.id).await?);
        }
        Ok(())
    }
}

pub(super) async fn save_identify(
    conn: &mut store::PgConnection,
    id: i64,
    edit: &TrunkEdit,
    rows: &Rows,
    sources: &Sources,
) -> Result<bool> {
    let (addresses, header): (Vec<String>, _) = if edit.enabled {
        (
            sources.addresses.iter().cloned().collect(),
            rows.match_header.as_deref(),
        )
    } else {
        (Vec::new(), None)
    };
    Ok(store::trunks::save_identify(conn, id, &addresses, header).await?)
}
