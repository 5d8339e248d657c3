//! The history of calls, and those in progress.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use sqlx::Postgres;
use sqlx::pool::PoolConnection;

use super::{App, Result, permit};
use crate::domain::calendar::{self, Today};
use crate::domain::call::{Call, CallFilter, Direction, Leg, Outcome, Page, tell_pickups};
use crate::domain::call_sums::{Axis, Charts, Statistics};
use crate::domain::{Act, Actor, ExtNumber, policy};
use crate::live::{CallView, End};
use crate::store;
use crate::store::calls::Search;

/// Charts go back so far unless other days are asked for.
const CHART_DAYS: i64 = 30;

/// Nobody has this extension, so nobody's calls match.
fn own(actor: &Actor, mut filter: CallFilter) -> CallFilter {
    match (&actor.extension, &filter.extension) {
        (Some(own), None) => filter.extension = Some(own.clone()),
        (Some(own), Some(asked)) if own == asked => {}
        _ => filter.impossible = true,
    }
    filter
}

/// An admin asks about everybody's calls, a user about the own.
fn call_scope(actor: &Actor, filter: CallFilter) -> Result<CallFilter> {
    if policy::may(actor, &Act::ListAllCalls) {
        return Ok(filter);
    }
    permit(actor, &Act::ListOwnCalls)?;
    Ok(own(actor, filter))
}

/// As for a call that has ended: from a trunk, else to a trunk, else in the house.
pub fn direction(call: &CallView) -> Direction {
    let from_trunk = |end: &End| {
        end.endpoint
            .as_deref()
            .is_some_and(|name| name.starts_with("trunk-"))
    };
    if from_trunk(&call.caller) {
        Direction::Incoming
    } else if from_trunk(&call.callee) || call.others.iter().any(from_trunk) {
        Direction::Outgoing
    } else {
        Direction::Internal
    }
}

/// What somebody may see of the calls that a filter means.
#[derive(Debug, Clone)]
pub struct Found(Search);

impl Found {
    /// Whether adding its calls up may take longer than a page can wait.
    pub fn is_wide(&self) -> bool {
        self.0.is_wide()
    }
}

impl App {
    async fn search(
        &self,
        actor: &Actor,
        filter: CallFilter,
    ) -> Result<(PoolConnection<Postgres>, Search)> {
        let filter = call_scope(actor, filter)?;
        filter.check()?;
        let plan = &self.settings().await?.numbers;
        let mut conn = self.pool.acquire().await?;
        let search = Search::prepare(&mut conn, filter, plan).await?;
        Ok((conn, search))
    }

    /// For several questions about the same calls.
    pub async fn find_calls(&self, actor: &Actor, filter: CallFilter) -> Result<Found> {
        Ok(Found(self.search(actor, filter).await?.1))
    }

    pub async fn found_calls(&self, found: &Found, page: Page) -> Result<Vec<Call>> {
        Ok(store::calls::list(&mut *self.pool.acquire().await?, &found.0, page).await?)
    }

    pub async fn calls(&self, actor: &Actor, filter: CallFilter, page: Page) -> Result<Vec<Call>> {
        let (mut conn, search) = self.search(actor, filter).await?;
        Ok(store::calls::list(&mut conn, &search, page).await?)
    }

    pub async fn call_count(&self, actor: &Actor, filter: CallFilter) -> Result<i64> {
        let (mut conn, search) = self.search(actor, filter).await?;
        Ok(store::calls::count(&mut conn, &search).await?)
    }

    pub async fn call_outcomes(
        &self,
        actor: &Actor,
        filter: CallFilter,
    ) -> Result<Vec<(Outcome, i64)>> {
        let (mut conn, search) = self.search(actor, filter).await?;
        let sums = store::calls::sums(&mut conn, &search).await?;
        Ok(sums.iter().map(|sum| (sum.outcome, sum.calls)).collect())
    }

    /// Totals; those of today, this week and this month are as the clocks of a zone show it.
    pub async fn call_statistics(&self, found: &Found, zone: Tz) -> Result<Statistics> {
        let mut conn = self.pool.acquire().await?;
        let today = Today::at(self.clock.now(), zone);
        let mut since = async |from: Option<DateTime<Utc>>| {
            let sums = store::calls::sums(&mut conn, &found.0.within(from, None)).await?;
            Result::Ok(sums.iter().map(|sum| sum.calls).sum::<i64>())
        };
        let (day, week, month) = (
            since(today.day).await?,
            since(today.week).await?,
            since(today.month).await?,
        );
        Ok(Statistics {
            sums: store::calls::sums(&mut conn, &found.0).await?,
            today: day,
            this_week: week,
            this_month: month,
        })
    }

    /// The calls of each day (or week, or month, where these are many) and hour of the day, of the last year at most.
    /// Without a first day, of the last month.
    pub async fn call_charts(&self, found: &Found, zone: Tz) -> Result<Charts> {
        let filter = found.0.filter();
        let day = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive();
        let last = filter
            .until
            .map_or(self.clock.now(), |until| until - TimeDelta::microseconds(1));
        let last = day(last.min(self.clock.now()));
        let first = filter
            .from
            .map_or(last - TimeDelta::days(CHART_DAYS - 1), day);
        let axis = Axis::new(first, last, zone);
        let begin = calendar::day_start(axis.first, zone);
        let search = found.0.within(filter.from.max(begin), filter.until);
        let mut conn = self.pool.acquire().await?;
        let (days, hours) = store::calls::charts(&mut conn, &search, &axis).await?;
        Ok(Charts { axis, days, hours })
    }

    /// The messages that callers left in these calls, by call: message and mailbox.
    pub async fn call_messages(&self, calls: &[Call]) -> Result<HashMap<i64, (i64, String)>> {
        let missed = calls.iter().filter(|call| call.outcome == Outcome::Missed);
        let missed: Vec<i64> = missed.map(|call| call.id).collect();
        if missed.is_empty() {
            return Ok(HashMap::new());
        }
        let mut conn = self.pool.acquire().await?;
        let messages = store::calls::messages(&mut conn, &missed).await?;
        let by_call = messages
            .into_iter()
            .map(|(call, id, mailbox)| (call, (id, mailbox)));
        Ok(by_call.collect())
    }

    /// The legs of these calls, by linkedid. The calls must come from [`App::calls`], which checked who may see them.
    pub async fn legs(&self, calls: &[Call]) -> Result<HashMap<String, Vec<Leg>>> {
        let ids: Vec<String> = calls.iter().map(|call| call.linkedid.clone()).collect();
        let mut by_call: HashMap<String, Vec<Leg>> = HashMap::new();
        for (id, leg) in store::calls::legs(&mut *self.pool.acquire().await?, &ids).await? {
            by_call.entry(id).or_default().push(leg);
        }
        for legs in by_call.values_mut() {
            tell_pickups(legs);
        }
        Ok(by_call)
    }

    /// How many calls had each outcome in each hour since a moment.
    pub async fn calls_by_hour(
        &self,
        actor: &Actor,
        extension: Option<ExtNumber>,
        from: DateTime<Utc>,
    ) -> Result<Vec<(Outcome, i32, i64)>> {
        let filter = call_scope(
            actor,
            CallFilter {
                extension,
                ..CallFilter::default()
            },
        )?;
        if filter.impossible {
            return Ok(Vec::new());
        }
        let mut conn = self.pool.acquire().await?;
        Ok(store::status::calls_by_hour(&mut conn, filter.extension.as_ref(), from).await?)
    }

    /// Calls in progress: all of them for an admin, those of the own extension for a user.
    pub fn calls_now(&self, actor: &Actor) -> Result<Vec<CallView>> {
        permit(actor, &Act::ListOwnCalls)?;
        let mut calls = self.hub.calls();
        if !policy::may(actor, &Act::ListAllCalls) {
            let own = actor.extension.as_ref().map(ExtNumber::as_str);
            calls.retain(|call| {
                let ends = [&call.caller, &call.callee].into_iter().chain(&call.others);
                own.is_some() && ends.into_iter().any(|end| end.endpoint.as_deref() == own)
            });
        }
        Ok(calls)
    }
}
