//! The history of changes, by transaction.

use super::{App, Error, Result};
use crate::domain::change::{Change, ChangeFilter, ChangePage, ChangeSet};
use crate::domain::{Act, Actor};
use crate::store;

/// Changes shown with each transaction of a list.
const EACH: i64 = 12;
/// Of one transaction that is looked at alone.
const ALL: i64 = 1000;

impl App {
    /// Newest first, each with its first changes.
    pub async fn change_sets(
        &self,
        actor: &Actor,
        filter: &ChangeFilter,
        page: ChangePage,
    ) -> Result<Vec<ChangeSet>> {
        let mut conn = self.reading(actor, &Act::ViewChanges).await?;
        let mut sets = store::changes::sets(&mut conn, filter, page).await?;
        let ids: Vec<i64> = sets.iter().map(|set| set.id).collect();
        let mut changes = store::changes::of_sets(&mut conn, &ids, EACH)
            .await?
            .into_iter()
            .peekable();
        for set in &mut sets {
            while let Some(change) = changes.next_if(|change| change.set_id == set.id) {
                set.changes.push(change);
            }
        }
        Ok(sets)
    }

    pub async fn change_count(&self, actor: &Actor, filter: &ChangeFilter) -> Result<i64> {
        let mut conn = self.reading(actor, &Act::ViewChanges).await?;
        Ok(store::changes::count(&mut conn, filter).await?)
    }

    /// The latest transaction with this id, and what it changed.
    pub async fn change_set(&self, actor: &Actor, tx: &str) -> Result<ChangeSet> {
        let mut conn = self.reading(actor, &Act::ViewChanges).await?;
        let id = find(&mut conn, tx).await?;
        let set = store::changes::set(&mut conn, id).await?;
        let mut set = set.ok_or(Error::NotFound("change"))?;
        set.changes = store::changes::of_sets(&mut conn, &[id], ALL).await?;
        Ok(set)
    }

    /// Who has changed anything.
    pub async fn change_actors(&self, actor: &Actor) -> Result<Vec<String>> {
        let mut conn = self.reading(actor, &Act::ViewChanges).await?;
        Ok(store::changes::actors(&mut conn).await?)
    }

    pub async fn extension_history(
        &self,
        actor: &Actor,
        number: &crate::domain::ExtNumber,
    ) -> Result<Vec<Change>> {
        let act = Act::ViewHistory(number.clone());
        let mut conn = self.reading(actor, &act).await?;
        Ok(store::changes::of_extension(&mut conn, number.as_str(), 100).await?)
    }
}

/// The name of a transaction is a number, or two; anything else is none of ours.
pub(super) async fn find(conn: &mut store::PgConnection, tx: &str) -> Result<i64> {
    let (tx, which) = match tx.split_once('-') {
        Some((tx, which)) => (tx, Some(which)),
        None => (tx, None),
    };
    let is_number =
        |text: &str| (1..=18).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let found = if is_number(tx) && which.is_none_or(is_number) {
        let which = which.and_then(|which| which.parse().ok());
        store::changes::find_set(conn, tx, which).await?
    } else {
        None
    };
    found.ok_or(Error::NotFound("change"))
}
