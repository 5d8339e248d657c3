//! Calls in progress: the list, hanging up, and having a phone call somebody.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use views::Flash;
use views::dashboard::CallNow;
use views::page::Done;
use views::ui::state::{Live, Party};

use super::dashboard::unless_away;
use super::describe::{direction, live, party};
use super::local;
use super::shared::{self, Sight, Zip};
use super::viewer::{Viewer, redirect_with};
use crate::app::{Error, Result, calls};
use crate::domain::dial::DialDraft;
use crate::domain::{Act, ExtNumber, Given, policy};
use crate::live::{CallState, End};
use crate::web::Site;
use crate::web::access::{Routes, whose};
use crate::web::failure::{self, Failure};

pub fn router() -> Routes {
    Routes::new()
        .get("/fragments/calls-now", Act::ViewDashboard, calls_now)
        .post("/calls/new", whose(Act::PlaceCall), place)
        .post("/calls/{id}/end", Act::EndCalls, end)
}

/// Names of those who are extensions, and what Asterisk said of the others.
pub async fn named(
    site: &Site,
    viewer: &Viewer,
    ends: Vec<(String, String)>,
) -> Result<Vec<Party>> {
    let numbers = ends.iter().map(|(number, _)| number.as_str());
    // Without the database the calls are still there, under their numbers.
    let known = unless_away(site, site.app.extensions_named(&viewer.actor, numbers)).await?;
    let known = known.unwrap_or_default();
    let named = ends
        .iter()
        .map(|(number, name)| party(number, name, known.get(number.as_str()).map(AsRef::as_ref)));
    Ok(named.collect())
}

pub async fn parties(
    site: &Site,
    viewer: &Viewer,
    pairs: Vec<((String, String), (String, String))>,
) -> Result<Vec<(Party, Party)>> {
    let ends = pairs.into_iter().flat_map(|(from, to)| [from, to]);
    let named = named(site, viewer, ends.collect()).await?;
    let pairs = named.chunks_exact(2);
    Ok(pairs
        .map(|pair| (pair[0].clone(), pair[1].clone()))
        .collect())
}

pub async fn data(site: &Site, viewer: &Viewer) -> Result<Live<Vec<CallNow>>> {
    let asterisk = site.app.hub().asterisk();
    let calls = site.app.calls_now(&viewer.actor)?;
    let shown = |end: &End, otherwise: Option<&String>| {
        let endpoint = end
            .endpoint
            .as_deref()
            .filter(|name| ExtNumber::parse(name).is_ok());
        let number = endpoint.map(str::to_owned).or_else(|| end.number.clone());
        let number = number.or_else(|| otherwise.cloned()).unwrap_or_default();
        (number, end.name.clone().unwrap_or_default())
    };
    let pairs = calls
        .iter()
        .map(|call| {
            (
                shown(&call.caller, None),
                shown(&call.callee, call.dialled.as_ref()),
            )
        })
        .collect();
    let parties = parties(site, viewer, pairs).await?;
    let may_end = policy::may(&viewer.actor, &Act::EndCalls);
    let calls = calls
        .into_iter()
        .zip(parties)
        .map(|(call, (from, to))| CallNow {
            direction: direction(calls::direction(&call)),
            id: call.id,
            from,
            to,
            state: match call.state {
                CallState::Dialing => views::dashboard::CallState::Dialing,
                CallState::Ringing => views::dashboard::CallState::Ringing,
                CallState::Up => views::dashboard::CallState::Talking,
            },
            since: call.answered.unwrap_or(call.started),
            may_end,
        });
    Ok(live(&asterisk, || calls.collect()))
}

async fn calls_now(
    State(site): State<Site>,
    viewer: Viewer,
    zip: Zip,
) -> std::result::Result<Response, Failure> {
    let make = Box::pin(async {
        let calls = data(&site, &viewer).await?;
        let texts = &viewer.look.texts;
        Ok(views::dashboard::calls_now_fragment(&calls, texts))
    });
    shared::part(
        &site,
        &viewer,
        ("calls-now", Sight::of(&viewer, false), zip),
        make,
    )
    .await
}

/// A call that has ended by itself meanwhile is what was wanted.
async fn end(
    State(site): State<Site>,
    viewer: Viewer,
    Path(id): Path<String>,
) -> std::result::Result<Response, Failure> {
    let texts = &viewer.look.texts;
    let flash = match site.app.end_call(&viewer.actor, &id).await {
        Ok(()) | Err(Error::NotFound(_)) => Flash::done(&Done::CallEnded, texts),
        Err(error @ Error::AsteriskAway) => Flash::error(failure::code(&error), texts),
        Err(error) => return Err(error.into()),
    };
    Ok(redirect_with("/", &flash))
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    number: String,
    #[serde(default)]
    next: String,
}

/// Has the own phone call a number.
async fn place(
    State(site): State<Site>,
    viewer: Viewer,
    Form(wanted): Form<Wanted>,
) -> std::result::Result<Response, Failure> {
    let texts = &viewer.look.texts;
    let draft = DialDraft {
        extension: Given::Absent,
        number: Given::Value(wanted.number),
    };
    let flash = match site.app.place_call(&viewer.actor, &draft).await {
        Ok(placed) => Flash::done(&Done::CallPlaced(placed.number.as_str().to_owned()), texts),
        Err(error @ (Error::Invalid(_) | Error::AsteriskAway)) => {
            Flash::error(failure::code(&error), texts)
        }
        Err(error) => return Err(error.into()),
    };
    Ok(redirect_with(local(&wanted.next), &flash))
}
