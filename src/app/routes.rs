//! External numbers: assign, change, remove; and which one an extension shows outside.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::dialplan;
use super::work::{Applied, Proof};
use super::{App, Error, Result};
use crate::domain::did::Did;
use crate::domain::invalid::Code;
use crate::domain::route::{Route, RouteDraft, RouteEdit, RouteSearch};
use crate::domain::{Act, Actor, ExtNumber, Given, Invalid};
use crate::store;
use crate::store::routes::{UnknownDid, Written};

#[derive(Debug)]
pub struct SavedRoute {
    pub route: Route,
    pub applied: Applied,
}

impl App {
    pub async fn routes(&self, actor: &Actor) -> Result<Vec<Route>> {
        let mut conn = self.reading(actor, &Act::ListRoutes).await?;
        Ok(store::routes::list(&mut conn).await?)
    }

    /// A page of those that match, in the order of their digits, and how many there are.
    pub async fn find_routes(
        &self,
        actor: &Actor,
        search: &RouteSearch,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<Route>, u64)> {
        let settings = self.settings().await?;
        let plan = &settings.numbers;
        let mut conn = self.reading(actor, &Act::ListRoutes).await?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let page = store::routes::page(&mut conn, search, plan, after, limit).await?;
        let count = store::routes::count(&mut conn, search, plan).await?;
        Ok((page, u64::try_from(count).unwrap_or(0)))
    }

    /// The digits of every number that leads somewhere.
    pub async fn taken_numbers(&self, actor: &Actor) -> Result<HashSet<u64>> {
        let mut conn = self.reading(actor, &Act::ListRoutes).await?;
        let values = store::routes::values(&mut conn).await?.into_iter();
        Ok(values.filter_map(|n| u64::try_from(n).ok()).collect())
    }

    pub async fn route(&self, actor: &Actor, id: i64) -> Result<Route> {
        let mut conn = self.reading(actor, &Act::ListRoutes).await?;
        store::routes::find(&mut conn, id)
            .await?
            .ok_or(Error::NotFound("route"))
    }

    pub async fn routes_of(&self, actor: &Actor, number: &ExtNumber) -> Result<Vec<Route>> {
        let mut conn = self
            .reading(actor, &Act::ViewExtension(number.clone()))
            .await?;
        Ok(store::routes::of_extension(&mut conn, number).await?)
    }

    /// The numbers of these extensions, those of each in the order in which they were assigned.
    pub async fn routes_of_all(&self, actor: &Actor, numbers: &[&ExtNumber]) -> Result<Vec<Route>> {
        let mut conn = self.reading(actor, &Act::ListRoutes).await?;
        Ok(store::routes::of_extensions(&mut conn, numbers).await?)
    }

    pub async fn create_route(&self, actor: &Actor, draft: RouteDraft) -> Result<SavedRoute> {
        let settings = self.settings().await?;
        let mut work = self.begin(actor, &Act::EditRoutes).await?;
        let edit = draft.check(None, &settings.numbers)?;
        store::extensions::lock_all(work.conn(), std::slice::from_ref(&edit.extension)).await?;
        let written = store::routes::create(work.conn(), &edit).await?;
        dialplan::follow_did(work.conn(), &edit.did).await?;
        dialplan::follow_outbound(work.conn(), &edit.extension).await?;
        let applied = work.commit(Proof::NotNeeded).await?;
        let route = route(edit, &written);
        Ok(SavedRoute { route, applied })
    }

    pub async fn edit_route(
        &self,
        actor: &Actor,
        id: i64,
        draft: RouteDraft,
    ) -> Result<SavedRoute> {
        let settings = self.settings().await?;
        let mut work = self.begin(actor, &Act::EditRoutes).await?;
        let before = hold(work.conn(), id, &draft.extension).await?;
        let edit = draft.check(Some(&before), &settings.numbers)?;
        let written = store::routes::save(work.conn(), id, &edit).await?;
        if before.did != edit.did {
            dialplan::follow_did(work.conn(), &before.did).await?;
        }
        dialplan::follow_did(work.conn(), &edit.did).await?;
        for number in [&before.extension, &edit.extension] {
            dialplan::follow_outbound(work.conn(), number).await?;
        }
        let applied = work.commit(Proof::NotNeeded).await?;
        let route = route(edit, &written);
        Ok(SavedRoute { route, applied })
    }

    /// Switches a number on or off without touching anything else.
    pub async fn switch_route(&self, actor: &Actor, id: i64, enabled: bool) -> Result<SavedRoute> {
        let draft = RouteDraft {
            enabled: Given::Value(enabled),
            ..RouteDraft::default()
        };
        self.edit_route(actor, id, draft).await
    }

    pub async fn delete_route(&self, actor: &Actor, id: i64) -> Result<(Route, Applied)> {
        let mut work = self.begin(actor, &Act::EditRoutes).await?;
        let before = hold(work.conn(), id, &Given::Absent).await?;
        store::routes::remove(work.conn(), id).await?;
        dialplan::follow_did(work.conn(), &before.did).await?;
        dialplan::follow_outbound(work.conn(), &before.extension).await?;
        let applied = work.commit(Proof::NotNeeded).await?;
        Ok((before, applied))
    }

    /// Which of its numbers an extension shows outside, and the asserted identity beside it: one of the trunk's.
    pub async fn choose_outbound(
        &self,
        actor: &Actor,
        number: &ExtNumber,
        outbound: Given<String>,
        pai: Given<String>,
    ) -> Result<(Option<Did>, Option<Did>, Applied)> {
        let settings = self.settings().await?;
        let act = Act::ChooseOutbound(number.clone());
        let mut work = self.begin(actor, &act).await?;
        let before = store::extensions::lock(work.conn(), number)
            .await?
            .ok_or(Error::NotFound("extension"))?;
        let mut invalid = Invalid::new();
        let mut chosen = |field, given: Given<String>, before: Option<Did>| match given {
            Given::Absent => before,
            Given::Null => None,
            Given::Value(text) => invalid.note(field, Did::parse(&text, &settings.numbers)),
        };
        let did = chosen("outbound_cid", outbound, before.outbound_did);
        let pai = chosen("pai", pai, before.pai);
        invalid.or(())?;
        let routes = store::routes::of_extension(work.conn(), number).await?;
        if did
            .as_ref()
            .is_some_and(|did| routes.iter().all(|route| route.did != *did))
        {
            return Err(Invalid::one("outbound_cid", Code::DidNotAssigned).into());
        }
        if let Some(pai) = &pai {
            let own = routes.iter().any(|route| route.did == *pai);
            let mut of_trunk = false;
            for trunk in store::trunks::list(work.conn()).await? {
                let used = routes.iter().any(|route| route.trunk_id == trunk.id);
                of_trunk |=
                    used && (trunk.numbers.contains(pai) || trunk.caller_id.as_ref() == Some(pai));
            }
            if !own && !of_trunk {
                return Err(Invalid::one("pai", Code::DidNotAssigned).into());
            }
        }
        store::extensions::choose_outbound(work.conn(), number, did.as_ref(), pai.as_ref()).await?;
        dialplan::follow_outbound(work.conn(), number).await?;
        let proof = Proof::Endpoint {
            number: number.clone(),
            enabled: before.enabled,
        };
        let applied = work.commit(proof).await?;
        Ok((did, pai, applied))
    }

    /// Numbers that were called and lead nowhere, the last called first; `today` is when the day began where people are.
    pub async fn unknown_dids(
        &self,
        actor: &Actor,
        today: DateTime<Utc>,
    ) -> Result<Vec<UnknownDid>> {
        let mut conn = self.reading(actor, &Act::ListRoutes).await?;
        Ok(store::routes::unknown(&mut conn, today).await?)
    }

    pub async fn forget_unknown(&self, actor: &Actor, did: &str, trunk_id: i64) -> Result<()> {
        let did = Did::from_canonical(did).ok_or(Error::NotFound("route"))?;
        let mut work = self.begin(actor, &Act::EditRoutes).await?;
        store::routes::forget_unknown(work.conn(), &did, Some(trunk_id)).await?;
        work.commit(Proof::NotNeeded).await?;
        Ok(())
    }
}

/// The route, held with its extension and the one it is to lead to: extensions first, as everybody does.
async fn hold(conn: &mut store::PgConnection, id: i64, to: &Given<String>) -> Result<Route> {
    let missing = || Error::NotFound("route");
    let seen = store::routes::find(conn, id).await?.ok_or_else(missing)?;
    let mut extensions = vec![seen.extension.clone()];
    if let Given::Value(to) = to {
        extensions.extend(ExtNumber::parse(to));
    }
    store::extensions::lock_all(conn, &extensions).await?;
    let route = store::routes::lock(conn, id).await?.ok_or_else(missing)?;
    if route.extension != seen.extension {
        // Somebody moved it meanwhile.
        store::extensions::lock_all(conn, std::slice::from_ref(&route.extension)).await?;
    }
    Ok(route)
}

fn route(edit: RouteEdit, written: &Written) -> Route {
    Route {
        id: written.id,
        did: edit.did,
        trunk_id: edit.trunk_id,
        extension: edit.extension,
        description: edit.description,
        enabled: edit.enabled,
        last_called: written.last_called,
        created_at: written.created_at,
        updated_at: written.updated_at,
    }
}
