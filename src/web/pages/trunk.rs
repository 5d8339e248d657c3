//! The pages of one trunk.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use chrono::TimeDelta;
use serde::Deserialize;
use views::Markup;
use views::page::Done;
use views::trunks::check::{Answer as Echo, Check, Name, Registration};
use views::trunks::delete::Delete;
use views::trunks::numbers::Numbers;
use views::trunks::overview::{LastAnswer, Link, Overview};
use views::trunks::{Refusal, TrunkState};

use super::calls_now::named;
use super::describe::{best_contact, flash, live, today};
use super::extension_form::{Pairs, value};
use super::local;
use super::number_block::{Taken, page_of};
use super::numbers::destinations;
use super::trunk_form as form;
use super::trunks::{Answer, calls_since, permit, shown, template, usage};
use super::viewer::{Viewer, redirect_with};
use crate::app::answers::Heard;
use crate::app::probe;
use crate::app::trunks::{Probe, TrunkState as Seen};
use crate::app::{Error, Result};
use crate::domain::Act;
use crate::domain::did::Did;
use crate::domain::provider::{AuthMode, Inbound, Provider};
use crate::domain::trunk::{Trunk, TrunkEdit};
use crate::live::ContactStatus;
use crate::web::Site;
use crate::web::access::Routes;
use crate::web::failure::Failure;

/// How long a page that also says other things waits for a name server.
const GLANCE: Duration = Duration::from_millis(250);
/// Dependants that are named; the others are counted.
const NAMED: usize = 10;

pub fn router() -> Routes {
    Routes::new()
        .get("/trunks/{id}", Act::ListTrunks, overview)
        .get("/trunks/{id}/edit", Act::EditTrunks, form::edit_page)
        .post("/trunks/{id}/edit", Act::EditTrunks, form::edit)
        .get("/trunks/{id}/check", Act::ListTrunks, check)
        .get(
            "/fragments/trunk-check/{id}",
            Act::ListTrunks,
            check_fragment,
        )
        .get("/trunks/{id}/numbers", Act::ListTrunks, numbers)
        .get("/trunks/{id}/delete", Act::EditTrunks, delete_page)
        .post("/trunks/{id}/delete", Act::EditTrunks, delete)
        .post("/trunks/{id}/enable", Act::EditTrunks, enable)
        .post("/trunks/{id}/disable", Act::EditTrunks, disable)
}

/// The number in a path; what is none names nothing.
pub fn id_of(text: &str, what: &'static str) -> Result<i64> {
    let id = text.parse().ok();
    id.filter(|id: &i64| id.to_string() == text)
        .ok_or(Error::NotFound(what))
}

async fn visible(site: &Site, viewer: &Viewer, text: &str) -> Result<Trunk> {
    permit(viewer, &Act::ListTrunks)?;
    site.app.trunk(&viewer.actor, id_of(text, "trunk")?).await
}

/// For pages whose every part is for those who may edit.
pub async fn editable(site: &Site, viewer: &Viewer, text: &str) -> Result<Trunk> {
    permit(viewer, &Act::EditTrunks)?;
    visible(site, viewer, text).await
}

async fn overview(State(site): State<Site>, viewer: Viewer, Path(text): Path<String>) -> Answer {
    let trunk = visible(&site, &viewer, &text).await?;
    let seen = site.app.trunk_state(&viewer.actor, trunk.id)?;
    let routes = site.app.routes(&viewer.actor).await?;
    let (used, total) = usage(&trunk, &routes);
    let addresses = addresses(&site, &trunk, template(&site, &trunk.provider)?);
    let addresses = tokio::time::timeout(GLANCE, addresses).await;
    let today = today(&viewer.look.texts);
    let week = today.map(|today| today - TimeDelta::days(6));
    let data = Overview {
        trunk: shown(&site, &viewer, &trunk)?,
        mode: form::auth_mode(trunk.auth_mode),
        server: trunk.server.clone(),
        addresses: addresses.unwrap_or_default(),
        since: seen.registration.as_ref().map(|view| view.since),
        link: live(&site.app.hub().asterisk(), || link(&seen)),
        used,
        total,
        calls_today: calls_since(&site, &viewer, trunk.id, today).await?,
        calls_week: calls_since(&site, &viewer, trunk.id, week).await?,
    };
    let page = views::trunks::overview::page(&viewer.look.page(&site), &data);
    Ok(viewer.look.answer(page))
}

/// Where its server is now, without the other places its calls come from.
async fn addresses(site: &Site, trunk: &Trunk, provider: &Provider) -> Vec<String> {
    let edit = TrunkEdit {
        name: trunk.name.clone(),
        provider: trunk.provider.clone(),
        auth_mode: trunk.auth_mode,
        server: trunk.server.clone(),
        transport: trunk.transport,
        username: None,
        password: None,
        from_user: None,
        caller_id: None,
        numbers: trunk.numbers.clone(),
        codecs: trunk.codecs.clone(),
        enabled: trunk.enabled,
    };
    let mut alone = provider.clone();
    alone.inbound = Inbound::default();
    site.app
        .addresses(&edit, &alone)
        .await
        .into_iter()
        .collect()
}

fn link(seen: &Seen) -> Link {
    let contact = best_contact(&seen.endpoint);
    let accepted = seen
        .registration
        .as_ref()
        .filter(|view| view.status == "Registered");
    let accepted = accepted.map(|view| LastAnswer {
        status: 200,
        words: "OK".to_owned(),
        at: view.heard,
    });
    let refused = || {
        let said = seen.refusal()?;
        let Heard::Said(probe::Answer::Said { status, words }) = &said.heard else {
            return None;
        };
        Some(LastAnswer {
            status: *status,
            words: words.clone(),
            at: Some(said.at),
        })
    };
    Link {
        answer: accepted.or_else(refused),
        expires: seen.expires(),
        next: seen.registration.as_ref().and_then(|view| view.next),
        is_reachable: contact.and_then(|contact| match contact.status {
            ContactStatus::Reachable => Some(true),
            ContactStatus::Unreachable => Some(false),
            ContactStatus::NotQualified => None,
        }),
        round_trip: contact.and_then(|contact| contact.round_trip),
    }
}

async fn check_data(site: &Site, viewer: &Viewer, text: &str) -> Result<Check> {
    let trunk = visible(site, viewer, text).await?;
    let probe = site.app.probe_trunk(&viewer.actor, trunk.id).await?;
    // After the wait for the server: what is shown together was true together.
    let shown = shown(site, viewer, &trunk)?;
    let registration = (trunk.auth_mode == AuthMode::Registration).then(|| {
        let seen = site.app.trunk_state(&viewer.actor, trunk.id)?;
        Ok::<_, Error>(registration(&shown.state, &seen, &probe))
    });
    Ok(Check {
        server: trunk.server.clone(),
        name: if let Some((name, _)) = unfound(&probe) {
            name
        } else if trunk.server.parse::<SocketAddr>().is_ok() {
            // An address with a port was not looked up either.
            Name::Found(vec![trunk.server.clone()])
        } else {
            Name::Found(probe.addresses.iter().map(ToString::to_string).collect())
        },
        answer: match probe.answered {
            Some(Ok(time)) => Echo::In(time),
            Some(Err(probe::Answer::Untrusted(why))) => Echo::Untrusted(why),
            Some(Err(probe::Answer::NoTls(why))) => Echo::NoTls(why),
            Some(Err(_)) => Echo::Silent,
            // Nobody was asked.
            None => Echo::Waiting,
        },
        registration: registration.transpose()?,
        trunk: shown,
    })
}

/// Why there is no address, of the name and of the registration.
fn unfound(probe: &Probe) -> Option<(Name, Refusal)> {
    if !probe.addresses.is_empty() {
        return None;
    }
    Some(if probe.complete {
        (Name::NotFound, Refusal::NoAddress)
    } else {
        (Name::Unanswered, Refusal::NoNameServer)
    })
}

fn registration(state: &TrunkState, seen: &Seen, probe: &Probe) -> Registration {
    let refused = |why| Registration::Refused { status: None, why };
    if let TrunkState::Rejected { .. } | TrunkState::Unanswered { .. } = state
        && let Some((_, why)) = unfound(probe)
    {
        return refused(why);
    }
    match state {
        TrunkState::Registered { .. } => Registration::Done {
            until: seen.expires(),
        },
        TrunkState::Disabled => Registration::Disabled,
        TrunkState::Unknown { since } => Registration::Unknown { since: *since },
        TrunkState::Rejected { why: Some(why), .. } => {
            let said = seen.refusal().map(|said| &said.heard);
            let status = match said {
                Some(Heard::Said(probe::Answer::Said { status, .. })) => Some(*status),
                _ => None,
            };
            Registration::Refused {
                status,
                why: why.clone(),
            }
        }
        TrunkState::Rejected { why: None, .. } => refused(Refusal::Unsaid),
        TrunkState::Unanswered { why, .. } => refused(why.clone().unwrap_or(Refusal::NoAnswer)),
        TrunkState::Registering
        | TrunkState::Reachable { .. }
        | TrunkState::Unreachable { .. }
        | TrunkState::FixedIp => Registration::Waiting,
    }
}

async fn check(State(site): State<Site>, viewer: Viewer, Path(text): Path<String>) -> Answer {
    let data = check_data(&site, &viewer, &text).await?;
    let page = views::trunks::check::page(&viewer.look.page(&site), &data);
    Ok(viewer.look.answer(page))
}

async fn check_fragment(
    State(site): State<Site>,
    viewer: Viewer,
    Path(text): Path<String>,
) -> std::result::Result<Markup, Failure> {
    let data = check_data(&site, &viewer, &text).await?;
    Ok(views::trunks::check::fragment(&data, &viewer.look.texts))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    after: String,
}

async fn numbers(
    State(site): State<Site>,
    viewer: Viewer,
    Path(text): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let trunk = visible(&site, &viewer, &text).await?;
    let routes = site.app.routes(&viewer.actor).await?;
    let (used, total) = usage(&trunk, &routes);
    let after = Did::from_canonical(&asked.after);
    let taken = Taken::of(&routes);
    let (numbers, next) = page_of(&site, &viewer, &trunk, &taken, after.as_ref()).await?;
    let data = Numbers {
        trunk: shown(&site, &viewer, &trunk)?,
        used,
        total,
        numbers,
        after: after.map(|did| did.as_str().to_owned()),
        next,
        destinations: destinations(&site, &viewer, "").await?,
    };
    let page = views::trunks::numbers::page(&viewer.look.page(&site), &data);
    Ok(viewer.look.answer(page))
}

async fn delete_page(State(site): State<Site>, viewer: Viewer, Path(text): Path<String>) -> Answer {
    let trunk = editable(&site, &viewer, &text).await?;
    let gone = site.app.trunk_dependants(&viewer.actor, trunk.id).await?;
    let first = gone.extensions.iter().take(NAMED);
    let ends = first.map(|number| (number.clone(), String::new()));
    let extensions = named(&site, &viewer, ends.collect()).await?;
    let endpoint = format!("trunk-ep-{}", trunk.id);
    let calls = site.app.calls_now(&viewer.actor)?;
    let over_it = calls.iter().filter(|call| {
        let ends = [&call.caller, &call.callee].into_iter().chain(&call.others);
        ends.into_iter()
            .any(|end| end.endpoint.as_deref() == Some(&endpoint))
    });
    let data = Delete {
        trunk: shown(&site, &viewer, &trunk)?,
        numbers: gone.numbers as u64,
        more_extensions: (gone.extensions.len() - extensions.len()) as u64,
        extensions,
        calls: over_it.count() as u64,
    };
    let page = views::trunks::delete::page(&viewer.look.page(&site), &data);
    Ok(viewer.look.answer(page))
}

async fn delete(State(site): State<Site>, viewer: Viewer, Path(text): Path<String>) -> Answer {
    let id = id_of(&text, "trunk")?;
    let (trunk, applied) = site.app.delete_trunk(&viewer.actor, id).await?;
    let done = Done::TrunkDeleted(trunk.name);
    let flash = flash(&done, &applied, &viewer.look.texts);
    Ok(redirect_with("/trunks", &flash))
}

async fn enable(
    State(site): State<Site>,
    viewer: Viewer,
    Path(text): Path<String>,
    Form(pairs): Form<Pairs>,
) -> Answer {
    switch(&site, &viewer, &text, &pairs, true).await
}

async fn disable(
    State(site): State<Site>,
    viewer: Viewer,
    Path(text): Path<String>,
    Form(pairs): Form<Pairs>,
) -> Answer {
    switch(&site, &viewer, &text, &pairs, false).await
}

async fn switch(
    site: &Site,
    viewer: &Viewer,
    text: &str,
    pairs: &Pairs,
    enabled: bool,
) -> std::result::Result<Response, Failure> {
    let id = id_of(text, "trunk")?;
    let saved = site.app.switch_trunk(&viewer.actor, id, enabled).await?;
    let done = if enabled {
        Done::TrunkEnabled(saved.trunk.name)
    } else {
        Done::TrunkDisabled(saved.trunk.name)
    };
    let flash = flash(&done, &saved.applied, &viewer.look.texts);
    let next = local(value(pairs, "next").unwrap_or("/trunks"));
    Ok(redirect_with(next, &flash))
}
