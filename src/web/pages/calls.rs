//! The history of calls.

use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::Datelike;
use serde::Deserialize;
use views::Texts;
use views::calls::{Call, Calls, Filter, Leg};
use views::ui::form::FieldErrors;

use super::dashboard::parties;
use super::describe::{self, day_start, whole};
use super::viewer::Viewer;
use crate::domain::call::{CallFilter, Outcome, Page, Place};
use crate::domain::{self, ExtNumber};
use crate::web::Site;
use crate::web::failure::Failure;

/// Calls on a page.
const PAGE: u64 = 50;

pub fn router() -> Router<Site> {
    Router::new().route("/calls", get(list))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    from: String,
    to: String,
    result: String,
    extension: String,
    q: String,
    after: String,
}

fn filter(asked: &Asked, texts: &Texts) -> (CallFilter, FieldErrors) {
    let mut errors = FieldErrors::default();
    let mut day = |name: &str, text: &str| -> Option<chrono::NaiveDate> {
        let parsed: Option<chrono::NaiveDate> = text.trim().parse().ok();
        let day = parsed.filter(|day| (1970..=9998).contains(&day.year()));
        if day.is_none() && !text.trim().is_empty() {
            errors.add(name, texts.error("invalid_date", &[]));
        }
        day
    };
    let from = day("from", &asked.from);
    let to = day("to", &asked.to);
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        errors.add("to", texts.error("invalid_range", &[]));
    }
    let text = |text: &str| Some(text.trim().replace('\0', "")).filter(|text| !text.is_empty());
    let extension = text(&asked.extension).map(|number| ExtNumber::parse(&number));
    let outcome = text(&asked.result).map(|name| Outcome::parse(&name));
    let filter = CallFilter {
        from: from.and_then(|day| day_start(day, texts)),
        // The last day counts as a whole.
        until: to.and_then(|day| day_start(day.succ_opt()?, texts)),
        impossible: extension.as_ref().is_some_and(Result::is_err) || outcome == Some(None),
        outcome: outcome.flatten(),
        text: text(&asked.q),
        extension: extension.and_then(Result::ok),
        ..CallFilter::default()
    };
    (filter, errors)
}

async fn list(
    State(site): State<Site>,
    viewer: Viewer,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let texts = &viewer.look.texts;
    let (wanted, errors) = filter(&asked, texts);
    let after = Place::parse(&asked.after).ok();
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let mut calls = Vec::new();
    if errors.is_empty() {
        // One more than shown says whether there is a next page.
        let page = Page {
            after,
            offset: 0,
            limit: PAGE + 1,
        };
        calls = site.app.calls(&viewer.actor, wanted, page).await?;
    }
    let shown = usize::try_from(PAGE).unwrap_or(50);
    let more = calls.len() > shown;
    calls.truncate(shown);
    let last = calls.last().map(|call| {
        Place {
            started_at: call.started_at,
            id: call.id,
        }
        .token()
    });
    let data = Calls {
        filter: Filter {
            from: asked.from,
            to: asked.to,
            result: asked.result,
            extension: asked.extension,
            q: asked.q,
            after: after.map(Place::token),
        },
        errors,
        next: last.filter(|_| more),
        calls: rows(&site, &viewer, &calls).await?,
    };
    let page = views::calls::page(&viewer.look.page(&site), &data);
    Ok((status, viewer.look.answer(page)).into_response())
}

async fn rows(
    site: &Site,
    viewer: &Viewer,
    calls: &[domain::call::Call],
) -> crate::app::Result<Vec<Call>> {
    let mut legs = site.app.legs(calls).await?;
    let pairs = calls
        .iter()
        .map(|call| {
            (
                (call.src.clone(), call.src_name.clone()),
                (call.dst.clone(), String::new()),
            )
        })
        .collect();
    let parties = parties(site, viewer, pairs).await?;
    let rows = calls.iter().zip(parties).map(|(call, (from, to))| Call {
        id: call.id.to_string(),
        direction: describe::direction(call.direction),
        from,
        to,
        outcome: describe::outcome(call.outcome),
        start: call.started_at,
        seconds: whole(call.billsec),
        legs: legs
            .remove(&call.linkedid)
            .unwrap_or_default()
            .iter()
            .map(|l| leg(l, call))
            .collect(),
    });
    Ok(rows.collect())
}

fn leg(leg: &domain::call::Leg, call: &domain::call::Call) -> Leg {
    Leg {
        channel: leg.channel.clone(),
        destination: if leg.dstchannel.is_empty() {
            leg.dst.clone()
        } else {
            leg.dstchannel.clone()
        },
        application: leg.application.clone(),
        start: leg.started_at.unwrap_or(call.started_at),
        duration: whole(leg.duration),
        billsec: whole(leg.billsec),
        disposition: leg.disposition.clone(),
    }
}
