//! The history of calls, and those in progress.

use std::collections::HashMap;

use super::{App, Result, permit};
use crate::domain::call::{Call, CallFilter, Leg, Outcome, Page, tell_pickups};
use crate::domain::{Act, Actor, policy};
use crate::live::CallView;
use crate::store;

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

impl App {
    pub async fn calls(&self, actor: &Actor, filter: CallFilter, page: Page) -> Result<Vec<Call>> {
        let filter = call_scope(actor, filter)?;
        Ok(store::calls::list(&mut *self.pool.acquire().await?, &filter, page).await?)
    }

    pub async fn call_count(&self, actor: &Actor, filter: CallFilter) -> Result<i64> {
        let filter = call_scope(actor, filter)?;
        Ok(store::calls::count(&mut *self.pool.acquire().await?, &filter).await?)
    }

    pub async fn call_outcomes(
        &self,
        actor: &Actor,
        filter: CallFilter,
    ) -> Result<Vec<(Outcome, i64)>> {
        let filter = call_scope(actor, filter)?;
        Ok(store::calls::outcomes(&mut *self.pool.acquire().await?, &filter).await?)
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

    /// Calls in progress: all of them for an admin, those of the own extension for a user.
    pub fn calls_now(&self, actor: &Actor) -> Result<Vec<CallView>> {
        permit(actor, &Act::ListOwnCalls)?;
        let mut calls = self.hub.calls();
        if !policy::may(actor, &Act::ListAllCalls) {
            let own = actor
                .extension
                .as_ref()
                .map(crate::domain::ExtNumber::as_str);
            calls.retain(|call| {
                let ends = [&call.caller, &call.callee].into_iter().chain(&call.others);
                own.is_some() && ends.into_iter().any(|end| end.endpoint.as_deref() == own)
            });
        }
        Ok(calls)
    }
}
