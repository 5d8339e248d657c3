//! `cdr/*`: the history, one object a call with its legs; counted, added up, and as a file.

use axum::Json;
use axum::extract::{Query, State};
use axum::response::Response;
use chrono::SecondsFormat;
use serde_json::{Value, json};

use super::asked::{Asked, Part, check_texts, given, limit, span};
use crate::domain::call::{Call, CallFilter, Direction, Leg, Outcome, Page, Place, longest};
use crate::domain::call_sums::{Bar, Charts, Statistics};
use crate::domain::{Act, ExtNumber, Invalid};
use crate::web::Site;
use crate::web::access::Routes;
use crate::web::auth::Bearer;
use crate::web::failure::Failure;
use crate::web::sheet::Sheet;

pub fn router() -> Routes {
    Routes::new()
        .get("/cdr", Act::ListOwnCalls, list)
        .get("/cdr/count", Act::ListOwnCalls, count)
        .get("/cdr/stats", Act::ListOwnCalls, statistics)
        .get("/cdr/export", Act::ListOwnCalls, export)
        .get("/cdr/recent", Act::ListOwnCalls, recent)
}

fn filter(asked: &Asked) -> Result<CallFilter, Invalid> {
    let mut invalid = Invalid::new();
    let given = |name: &str| given(asked, name);
    let (from, until) = span(asked, &mut invalid);
    let disposition = given("disposition");
    let outcome = disposition.as_deref().and_then(Outcome::from_disposition);
    let extension = given("extension").map(|number| ExtNumber::parse(&number));
    let direction = given("direction").map(|word| Direction::parse(&word.to_lowercase()));
    check_texts(asked, &["src", "dst", "q"], &mut invalid);
    invalid.or(CallFilter {
        from,
        until,
        src: given("src"),
        dst: given("dst"),
        impossible: (disposition.is_some() && outcome.is_none())
            || direction == Some(None)
            || extension.as_ref().is_some_and(Result::is_err),
        outcome,
        direction: direction.flatten(),
        text: given("q"),
        extension: extension.and_then(Result::ok),
    })
}

fn page(asked: &Asked) -> Result<Page, Invalid> {
    let part = Part::asked(asked, Place::parse)?;
    Ok(Page {
        after: part.after,
        offset: part.offset,
        limit: part.limit,
    })
}

async fn list(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Query(asked): Query<Asked>,
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
    let first = legs.first();
    json!({
        "id": call.id,
        "call_date": call.started_at,
        "clid": first.map(|leg| &leg.clid).filter(|clid| !clid.is_empty()),
        "src": call.src,
        "src_name": call.src_name,
        "dst": call.dst,
        "channel": first.map(|leg| &leg.channel).filter(|channel| !channel.is_empty()),
        "dstchannel": longest(legs).map(|leg| &leg.dstchannel).filter(|channel| !channel.is_empty()),
        "duration": call.duration,
        "billsec": call.billsec,
        "disposition": call.outcome.disposition(),
        "uniqueid": call.linkedid,
        "linkedid": call.linkedid,
        "direction": call.direction.as_str(),
        "outcome": call.outcome.as_str(),
        "extensions": call.extensions,
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
        "lastdata": leg.arguments,
        "start": leg.started_at,
        "duration": leg.duration,
        "billsec": leg.billsec,
        "disposition": leg.disposition,
    })
}

async fn count(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Query(asked): Query<Asked>,
) -> Result<Json<Value>, Failure> {
    let count = site.app.call_count(&actor, filter(&asked)?).await?;
    Ok(Json(json!({"count": count})))
}

async fn statistics(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Query(asked): Query<Asked>,
) -> Result<Json<Value>, Failure> {
    let found = site.app.find_calls(&actor, filter(&asked)?).await?;
    let statistics = site.app.call_statistics(&found, site.timezone);
    // Charts cost more, and few programs draw.
    if asked.get("charts").is_none_or(|wanted| wanted != "true") {
        return Ok(Json(numbers(&statistics.await?)));
    }
    let charts = site.app.call_charts(&found, site.timezone);
    let (statistics, charts) = tokio::try_join!(statistics, charts)?;
    let mut told = numbers(&statistics);
    told["charts"] = bars(&charts);
    Ok(Json(told))
}

fn numbers(statistics: &Statistics) -> Value {
    let calls = |outcome| statistics.calls(Some(outcome));
    let of = |direction| {
        let sums = statistics
            .sums
            .iter()
            .filter(|sum| sum.direction == direction);
        sums.map(|sum| sum.calls).sum::<i64>()
    };
    json!({
        "total_calls": statistics.calls(None),
        "answered_calls": calls(Outcome::Answered),
        "missed_calls": calls(Outcome::Missed),
        "busy_calls": calls(Outcome::Busy),
        "failed_calls": calls(Outcome::Failed),
        "total_duration": statistics.duration(),
        "total_billsec": statistics.billsec(),
        "avg_duration": statistics.average_duration(),
        "avg_billsec": statistics.average_talk(),
        "calls_today": statistics.today,
        "calls_this_week": statistics.this_week,
        "calls_this_month": statistics.this_month,
        "incoming_calls": of(Direction::Incoming),
        "outgoing_calls": of(Direction::Outgoing),
        "internal_calls": of(Direction::Internal),
    })
}

fn bars(charts: &Charts) -> Value {
    fn list<T: serde::Serialize + Copy>(bars: &[Bar<T>]) -> Vec<Value> {
        let bar = |bar: &Bar<T>| json!({"at": bar.at, "outcome": bar.outcome.as_str(), "calls": bar.calls});
        bars.iter().map(bar).collect()
    }
    json!({
        "span": charts.axis.span.as_str(),
        "from": charts.axis.first,
        "to": charts.axis.last,
        "days": list(&charts.days),
        "hours": list(&charts.hours),
    })
}

/// The fields of the list, without its legs.
async fn export(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let found = site.app.find_calls(&actor, filter(&asked)?).await?;
    let head = [
        "id",
        "call_date",
        "direction",
        "src",
        "src_name",
        "dst",
        "disposition",
        "duration",
        "billsec",
        "legs",
        "linkedid",
    ];
    let row = |call: &Call| {
        let date = call.started_at.to_rfc3339_opts(SecondsFormat::Secs, true);
        vec![
            call.id.to_string(),
            date,
            call.direction.as_str().to_owned(),
            call.src.clone(),
            call.src_name.clone(),
            call.dst.clone(),
            call.outcome.disposition().to_owned(),
            call.duration.to_string(),
            call.billsec.to_string(),
            call.legs.to_string(),
            call.linkedid.clone(),
        ]
    };
    let sheet = Sheet {
        head: head.map(str::to_owned).to_vec(),
        separator: ',',
        row: Box::new(row),
    };
    Ok(sheet.answer(site, found, "calls.csv"))
}

async fn recent(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Query(asked): Query<Asked>,
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
