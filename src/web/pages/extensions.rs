//! The list of extensions.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use views::extensions::list::{self, Filter, List, Row, Sort};

use super::describe::phone_state;
use super::viewer::Viewer;
use crate::domain::extension::Context;
use crate::domain::{Act, Extension, policy};
use crate::live::{AsteriskView, EndpointView, Hub};
use crate::web::Site;
use crate::web::failure::Failure;

const PAGE: usize = 50;

pub fn router() -> Router<Site> {
    Router::new().route("/extensions", get(page).post(super::extension_form::create))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
    state: String,
    sort: String,
    dir: String,
    after: String,
}

async fn page(
    State(site): State<Site>,
    viewer: Viewer,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let query = list::Query {
        q: asked.q,
        state: Filter::named(&asked.state),
        sort: Sort::named(&asked.sort),
        descending: asked.dir == "desc",
        after: Some(asked.after).filter(|after| !after.is_empty()),
    };
    let hub = site.app.hub();
    let found = site
        .app
        .with_extensions(&viewer.actor, |all| search(all, &query, hub))
        .await?;
    let list = List {
        rows: found.rows,
        next: found.next,
        total: found.total,
        any: found.any,
        may_edit: policy::may(&viewer.actor, &Act::CreateExtension),
        query,
    };
    Ok(viewer
        .look
        .answer(list::page(&viewer.look.page(&site), &list)))
}

struct Found {
    rows: Vec<Row>,
    next: Option<String>,
    total: u64,
    any: bool,
}

fn search(all: &mut dyn Iterator<Item = &Arc<Extension>>, query: &list::Query, hub: &Hub) -> Found {
    let asterisk = hub.asterisk();
    let wanted = query.q.trim().to_lowercase();
    let mut any = false;
    let mut matching: Vec<&Arc<Extension>> = all
        .inspect(|_| any = true)
        .filter(|e| {
            wanted.is_empty()
                || e.number.as_str().contains(&wanted)
                || e.name.as_str().to_lowercase().contains(&wanted)
        })
        .filter(|e| has_state(e, query.state, hub, &asterisk))
        .collect();
    if query.sort == Sort::Name {
        matching.sort_by_cached_key(|e| (e.name.as_str().to_lowercase(), e.number.id()));
    }
    if query.descending {
        matching.reverse();
    }
    let total = matching.len() as u64;
    let after = query.after.as_deref();
    let start = after.and_then(|after| matching.iter().position(|e| e.number.as_str() == after));
    let rest = &matching[start.map_or(0, |at| at + 1)..];
    let shown = &rest[..rest.len().min(PAGE)];
    let views = hub.endpoints(shown.iter().map(|e| e.number.as_str()));
    Found {
        rows: shown
            .iter()
            .zip(&views)
            .map(|(e, view)| row(e, view, &asterisk))
            .collect(),
        next: shown
            .last()
            .filter(|_| rest.len() > PAGE)
            .map(|e| e.number.to_string()),
        total,
        any,
    }
}

fn has_state(e: &Extension, state: Filter, hub: &Hub, asterisk: &AsteriskView) -> bool {
    match state {
        Filter::All => true,
        Filter::Disabled => !e.enabled,
        Filter::Online => e.enabled && asterisk.connected && is_online(e, hub),
        Filter::Offline => e.enabled && asterisk.connected && !is_online(e, hub),
    }
}

fn is_online(e: &Extension, hub: &Hub) -> bool {
    hub.online_count([e.number.as_str()]) == 1
}

fn row(e: &Extension, view: &EndpointView, asterisk: &AsteriskView) -> Row {
    Row {
        number: e.number.to_string(),
        name: e.name.as_str().to_owned(),
        state: phone_state(e.enabled, asterisk, view),
        is_enabled: e.enabled,
        phones: asterisk.connected.then_some(view.contacts.len() as u64),
        max_phones: u64::try_from(e.max_phones).unwrap_or(0),
        context: (e.context != Context::Internal).then(|| e.context.as_str().to_owned()),
    }
}
