//! The history of calls.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{Datelike, NaiveDate};
use serde::Deserialize;
use views::calls::{Calls, Filter};
use views::ui::form::FieldErrors;
use views::{Markup, Texts};

use super::call_rows::{rows, statistics};
use super::describe::{self, day_start, field_errors, whole};
use super::viewer::Viewer;
use crate::app::calls::Found;
use crate::domain::call::{Call, CallFilter, Direction, Outcome, Page, Place};
use crate::domain::{Act, ExtNumber, policy};
use crate::web::Site;
use crate::web::access::Routes;
use crate::web::failure::Failure;
use crate::web::sheet::Sheet;

/// Calls on a page.
const PAGE: usize = 50;

pub fn router() -> Routes {
    Routes::new()
        .get("/calls", Act::ListOwnCalls, list)
        .get("/calls/statistics", Act::ListOwnCalls, statistics_alone)
        .get("/calls/export", Act::ListOwnCalls, export)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    from: String,
    to: String,
    src: String,
    dst: String,
    result: String,
    direction: String,
    extension: String,
    q: String,
    after: String,
    /// Also when they take a while.
    statistics: String,
}

impl Asked {
    fn shown(self, after: Option<Place>) -> Filter {
        Filter {
            from: self.from,
            to: self.to,
            src: self.src,
            dst: self.dst,
            result: self.result,
            direction: self.direction,
            extension: self.extension,
            q: self.q,
            after: after.map(Place::token),
        }
    }

    fn filter(&self, texts: &Texts) -> (CallFilter, FieldErrors) {
        let mut errors = FieldErrors::default();
        let mut day = |name: &str, text: &str| -> Option<NaiveDate> {
            let parsed: Option<NaiveDate> = text.trim().parse().ok();
            let day = parsed.filter(|day| (1970..=9998).contains(&day.year()));
            if day.is_none() && !text.trim().is_empty() {
                errors.add(name, texts.error("invalid_date", &[]));
            }
            day
        };
        let from = day("from", &self.from);
        let to = day("to", &self.to);
        if from.zip(to).is_some_and(|(from, to)| from > to) {
            errors.add("to", texts.error("invalid_range", &[]));
        }
        let text = |text: &str| Some(text.trim().replace('\0', "")).filter(|text| !text.is_empty());
        let extension = text(&self.extension).map(|number| ExtNumber::parse(&number));
        let outcome = text(&self.result).map(|name| Outcome::parse(&name));
        let direction = text(&self.direction).map(|name| Direction::parse(&name));
        let filter = CallFilter {
            from: from.and_then(|day| day_start(day, texts)),
            // The last day counts as a whole.
            until: to.and_then(|day| day_start(day.succ_opt()?, texts)),
            src: text(&self.src),
            dst: text(&self.dst),
            impossible: extension.as_ref().is_some_and(Result::is_err)
                || outcome == Some(None)
                || direction == Some(None),
            outcome: outcome.flatten(),
            direction: direction.flatten(),
            text: text(&self.q),
            extension: extension.and_then(Result::ok),
        };
        (filter, errors)
    }
}

async fn list(
    State(site): State<Site>,
    viewer: Viewer,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let texts = &viewer.look.texts;
    let (wanted, mut errors) = asked.filter(texts);
    let after = Place::parse(&asked.after).ok();
    let is_patient = asked.statistics == "yes";
    let mut data = Calls {
        filter: asked.shown(after),
        errors: FieldErrors::default(),
        calls: Vec::new(),
        next: None,
        statistics: None,
        is_own: !policy::may(&viewer.actor, &Act::ListAllCalls),
        may_call: viewer.actor.extension.is_some(),
    };
    let mut status = StatusCode::OK;
    if errors.is_empty() {
        match site.app.find_calls(&viewer.actor, wanted).await {
            Ok(found) => fill(&site, &viewer, &mut data, (&found, after, is_patient)).await?,
            Err(error) => errors = field_errors(&error, texts).ok_or(error)?,
        }
    }
    if !errors.is_empty() {
        status = StatusCode::UNPROCESSABLE_ENTITY;
        data.errors = errors;
    }
    let page = views::calls::page(&viewer.look.page(&site), &data);
    Ok((status, viewer.look.answer(page)).into_response())
}

async fn fill(
    site: &Site,
    viewer: &Viewer,
    data: &mut Calls,
    (found, after, is_patient): (&Found, Option<Place>, bool),
) -> Result<(), Failure> {
    // One more than shown says whether there is a next page.
    let limit = PAGE as u64 + 1;
    let page = Page {
        after,
        offset: 0,
        limit,
    };
    let mut calls = site.app.found_calls(found, page).await?;
    let more = calls.len() > PAGE;
    calls.truncate(PAGE);
    let last = calls.last().map(|call| Place {
        started_at: call.started_at,
        id: call.id,
    });
    data.next = last.filter(|_| more).map(Place::token);
    data.calls = rows(site, viewer, &calls).await?;
    if is_patient || !found.is_wide() {
        data.statistics = Some(statistics(site, viewer, found).await?);
    }
    Ok(())
}

async fn statistics_alone(
    State(site): State<Site>,
    viewer: Viewer,
    Query(asked): Query<Asked>,
) -> Result<Markup, Failure> {
    let texts = &viewer.look.texts;
    let (wanted, _) = asked.filter(texts);
    let found = site.app.find_calls(&viewer.actor, wanted).await?;
    let known = statistics(&site, &viewer, &found).await?;
    Ok(views::calls::statistics(&asked.shown(None), &known, texts))
}

/// For people: their language, their clock, and what their spreadsheet takes for the next column.
async fn export(
    State(site): State<Site>,
    viewer: Viewer,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let texts = viewer.look.texts;
    let (wanted, _) = asked.filter(&texts);
    let found = site.app.find_calls(&viewer.actor, wanted).await?;
    let head = views::calls::export_head(&texts);
    let name = views::calls::export_name(&texts);
    let row = move |call: &Call| {
        vec![
            texts.date_time(call.started_at),
            texts
                .t(describe::direction(call.direction).key())
                .to_owned(),
            call.src.clone(),
            call.src_name.clone(),
            call.dst.clone(),
            texts.t(describe::outcome(call.outcome).key()).to_owned(),
            whole(call.billsec).to_string(),
            whole(call.duration).to_string(),
        ]
    };
    let sheet = Sheet {
        head,
        separator: texts.t("csv-separator").chars().next().unwrap_or(','),
        row: Box::new(row),
    };
    Ok(sheet.answer(site, found, &name))
}
