//! The list of extensions.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use views::extensions::list::{self, Filter, List, Messages, Row, Sort};

use super::describe::phone_state;
use super::extension_forwards::shown;
use super::viewer::Viewer;
use crate::app::selection::{self, Matching};
use crate::domain::extension::{Context, Extras};
use crate::domain::{Act, ExtNumber, Extension, policy};
use crate::live::{AsteriskView, EndpointView};
use crate::web::Site;
use crate::web::access::Routes;
use crate::web::failure::Failure;

const PAGE: usize = 50;

pub fn router() -> Routes {
    Routes::new()
        .get("/extensions", Act::ListExtensions, page)
        .post(
            "/extensions",
            Act::CreateExtension,
            super::extension_form::create,
        )
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    q: String,
    state: String,
    sort: String,
    dir: String,
    after: String,
}

impl Asked {
    pub fn query(self) -> list::Query {
        list::Query {
            q: self.q,
            state: Filter::named(&self.state),
            sort: Sort::named(&self.sort),
            descending: self.dir == "desc",
            after: Some(self.after).filter(|after| !after.is_empty()),
        }
    }
}

async fn page(
    State(site): State<Site>,
    viewer: Viewer,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let query = asked.query();
    let hub = site.app.hub();
    let found = site
        .app
        .with_matching(&viewer.actor, &filter(&query), |all| search(all, &query))
        .await?;
    let numbers: Vec<_> = found.shown.iter().map(|e| e.number.clone()).collect();
    let mut extras = site.app.extension_extras(&viewer.actor, &numbers).await?;
    let asterisk = hub.asterisk();
    let views = hub.endpoints(numbers.iter().map(ExtNumber::as_str));
    let own = viewer.actor.extension.as_ref();
    let rows = found.shown.iter().zip(&views).map(|(e, view)| {
        let extras = extras.remove(e.number.as_str()).unwrap_or_default();
        row(e, own, view, extras, &asterisk)
    });
    let list = List {
        rows: rows.collect(),
        next: found.next,
        total: found.total,
        any: found.any,
        may_edit: policy::may(&viewer.actor, &Act::CreateExtension),
        may_call: own.is_some(),
        query,
    };
    Ok(viewer
        .look
        .answer(list::page(&viewer.look.page(&site), &list)))
}

/// What the address of the list asks for, in the program's words.
pub fn filter(query: &list::Query) -> selection::Filter {
    let state = match query.state {
        Filter::All => selection::State::Any,
        Filter::Online => selection::State::Online,
        Filter::Offline => selection::State::Offline,
        Filter::Disabled => selection::State::Disabled,
    };
    selection::Filter::new(&query.q, state)
}

struct Found {
    shown: Vec<Arc<Extension>>,
    next: Option<String>,
    total: u64,
    any: bool,
}

fn search(mut matching: Matching<'_>, query: &list::Query) -> Found {
    let any = matching.any;
    let matching = &mut matching.found;
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
    Found {
        shown: shown.iter().map(|e| Arc::clone(e)).collect(),
        next: shown
            .last()
            .filter(|_| rest.len() > PAGE)
            .map(|e| e.number.to_string()),
        total,
        any,
    }
}

fn row(
    e: &Extension,
    own: Option<&ExtNumber>,
    view: &EndpointView,
    extras: Extras,
    asterisk: &AsteriskView,
) -> Row {
    Row {
        number: e.number.to_string(),
        name: e.name.as_str().to_owned(),
        state: phone_state(e.enabled, asterisk, view),
        is_enabled: e.enabled,
        may_call: e.enabled && own.is_some_and(|own| *own != e.number),
        phones: asterisk.connected.then_some(view.contacts.len() as u64),
        max_phones: u64::try_from(e.max_phones).unwrap_or(0),
        forwards: extras.forwards.into_iter().map(shown).collect(),
        messages: extras.messages.map(|(new, total)| Messages {
            new: u64::try_from(new).unwrap_or(0),
            total: u64::try_from(total).unwrap_or(0),
        }),
        context: (e.context != Context::Internal).then(|| e.context.as_str().to_owned()),
    }
}
