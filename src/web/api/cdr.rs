//! `cdr/*`: the history, one object a call with its legs.

use std::collections::HashMap;

use axum::extract::{Query, State};
use axum::routing::get;
use axum::{Json, Router};
use chrono::{DateTime, Datelike, NaiveDateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::domain::call::{Call, CallFilter, Leg, Outcome, Page, Place};
use crate::domain::invalid::Code;
use crate::domain::{ExtNumber, Invalid};
use crate::web::Site;
use crate::web::auth::Bearer;
use crate::web::failure::Failure;

pub fn router() -> Router<Site> {
    Router::new()
        .route("/cdr", get(list))
        .route("/cdr/count", get(count))
        .route("/cdr/recent", get(recent))
}

type Asked = Query<HashMap<String, String>>;

/// 1 to 500.
pub(super) fn limit(text: Option<&str>, otherwise: u64) -> Result<u64, Invalid> {
    let Some(text) = text else {
        return Ok(otherwise);
    };
    let limit = text.parse().ok().filter(|limit| (1..=500).contains(limit));
    limit.ok_or_else(|| Invalid::one("limit", Code::Malformed))
}

/// A time with its zone, or one without, which is UTC; in years that a history can have.
fn time(text: &str) -> Option<DateTime<Utc>> {
    let zoned = DateTime::parse_from_rfc3339(text).map(|time| time.with_timezone(&Utc));
    let time = zoned.ok().or_else(|| {
        text.parse::<NaiveDateTime>()
            .ok()
            .map(|time| time.and_utc())
    })?;
    (1970..=9999).contains(&time.year()).then_some(time)
}

fn filter(asked: &HashMap<String, String>) -> Result<CallFilter, Invalid> {
    let mut invalid = Invalid::new();
    let given = |name: &str| asked.get(name).filter(|text| !text.is_empty()).cloned();
    let mut date = |name: &'static str| {
        let text = asked.get(name)?;
        let time = time(text);
        if time.is_none() {
            invalid.add(name, Code::Malformed);
        }
        time
    };
    let from = date("date_from");
    // The original's upper bound counts.
    let until = date("date_to").and_then(|to| to.checked_add_signed(TimeDelta::microseconds(1)));
    let disposition = given("disposition");
    let outcome = disposition.as_deref().and_then(Outcome::from_disposition);
    let extension = given("extension").map(|number| ExtNumber::parse(&number));
    for name in ["src", "dst", "q"] {
        if asked.get(name).is_some_and(|text| text.contains('\0')) {
            invalid.add(name, Code::Malformed);
        }
    }
    invalid.or(CallFilter {
        from,
        until,
        src: given("src"),
        dst: given("dst"),
        impossible: (disposition.is_some() && outcome.is_none())
            || extension.as_ref().is_some_and(Result::is_err),
        outcome,
        text: given("q"),
        extension: extension.and_then(Result::ok),
    })
}

fn page(asked: &HashMap<String, String>) -> Result<Page, Invalid> {
    let offset = match asked.get("offset").map(|text| text.parse::<u32>()) {
        None => 0,
        Some(Ok(offset)) => u64::from(offset),
        Some(Err(_)) => return Err(Invalid::one("offset", Code::Malformed)),
    };
    let after = match asked.get("after").map(|text| Place::parse(text)) {
        None => None,
        Some(Ok(place)) => Some(place),
        Some(Err(_)) => return Err(Invalid::one("after", Code::Malformed)),
    };
    Ok(Page {
        after,
        offset,
        limit: limit(asked.get("limit").map(String::as_str), 50)?,
    })
}

async fn list(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Query(asked): Asked,
) -> Result<Json<Value>, Failure> {
    let calls = site
        .app
        .calls(&actor, filter(&asked)?, page(&asked)?)
        .await?;
    let mut legs = site.app.legs(&calls).await?;
    let list = calls
        .iter()
        .map(|call| object(call, &legs.remove(&call.linkedid).unwrap_or_default()));
    Ok(Json(Value::Array(list.collect())))
}

fn object(call: &Call, legs: &[Leg]) -> Value {
    json!({
        "id": call.id,
        "call_date": call.started_at,
        "clid": call.clid,
        "src": call.src,
        "src_name": call.src_name,
        "dst": call.dst,
        "channel": call.channel,
        "dstchannel": call.dstchannel.as_ref().filter(|channel| !channel.is_empty()),
        "duration": call.duration,
        "billsec": call.billsec,
        "disposition": call.outcome.disposition(),
        "uniqueid": call.linkedid,
        "linkedid": call.linkedid,
        "direction": call.direction.as_str(),
        "outcome": call.outcome.as_str(),
        "after": Place { started_at: call.started_at, id: call.id }.token(),
        "legs": legs.iter().map(leg).collect::<Vec<_>>(),
    })
}

fn leg(leg: &Leg) -> Value {
    json!({
        "uniqueid": leg.uniqueid,
        "channel": leg.channel,
        "dstchannel": leg.dstchannel,
        "src": leg.src,
        "dst": leg.dst,
        "lastapp": leg.application,
        "start": leg.started_at,
        "duration": leg.duration,
        "billsec": leg.billsec,
        "disposition": leg.disposition,
    })
}

async fn count(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Query(asked): Asked,
) -> Result<Json<Value>, Failure> {
    let count = site.app.call_count(&actor, filter(&asked)?).await?;
    Ok(Json(json!({"count": count})))
}

async fn recent(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Query(asked): Asked,
) -> Result<Json<Value>, Failure> {
    let limit = limit(asked.get("limit").map(String::as_str), 10)?;
    let page = Page {
        after: None,
        offset: 0,
        limit,
    };
    let calls = site.app.calls(&actor, CallFilter::default(), page).await?;
    let list: Vec<Value> = calls
        .iter()
        .map(|call| {
            json!({
                "id": call.id,
                "time": call.started_at,
                "src": call.src,
                "dst": call.dst,
                "duration": call.duration,
                "billsec": call.billsec,
                "disposition": call.outcome.disposition(),
                "direction": call.direction.as_str(),
            })
        })
        .collect();
    Ok(Json(json!({"count": list.len(), "calls": list})))
}
