//! One change of many extensions: one transaction, live when it is answered, undone as one.

use super::selection::Filter;
use super::work::{Applied, Proof};
use super::{App, Error, Result, permit};
use crate::dialplan::{Key, compile};
use crate::domain::bulk::{Change, Dependants};
use crate::domain::invalid::Code;
use crate::domain::{Act, Actor, ExtNumber, Invalid};
use crate::store;

/// Which ones: those that are named, or whichever match when it is done.
#[derive(Debug, Clone)]
pub enum Selection {
    Numbers(Vec<ExtNumber>),
    Matching(Filter),
}

#[derive(Debug)]
pub struct Changed {
    pub numbers: Vec<ExtNumber>,
    pub applied: Applied,
}

impl App {
    pub async fn select(&self, actor: &Actor, selection: Selection) -> Result<Vec<ExtNumber>> {
        permit(actor, &Act::EditManyExtensions)?;
        let mut numbers = match selection {
            Selection::Numbers(numbers) => numbers,
            Selection::Matching(filter) => self.matching(actor, &filter).await?,
        };
        numbers.sort();
        numbers.dedup();
        if numbers.is_empty() {
            return Err(Invalid::one("extensions", Code::Required).into());
        }
        Ok(numbers)
    }

    pub async fn edit_many(
        &self,
        actor: &Actor,
        selection: Selection,
        change: Change,
    ) -> Result<Changed> {
        let numbers = self.select(actor, selection).await?;
        let settings = self.settings().await?;
        let mut work = self.begin(actor, &Act::EditManyExtensions).await?;
        let held = store::bulk::lock(work.conn(), &numbers).await?;
        if held.len() < numbers.len() {
            return Err(Invalid::one("extensions", Code::UnknownExtension).into());
        }
        match &change {
            Change::Enabled(enabled) => {
                store::bulk::set_enabled(work.conn(), &numbers, *enabled).await?;
                if !enabled {
                    store::contacts::expire_all(work.conn(), &numbers).await?;
                }
            }
            Change::Codecs(own) => {
                let codecs = own.as_ref().unwrap_or(&settings.global_codecs);
                store::bulk::set_codecs(work.conn(), &numbers, codecs, own.is_some()).await?;
            }
            Change::PickupGroup(group) => {
                store::bulk::set_pickup_group(work.conn(), &numbers, group.as_deref()).await?;
            }
            Change::RingTime(time) => {
                store::bulk::set_ring_time(work.conn(), &numbers, *time).await?;
            }
            Change::Delete => store::bulk::remove(work.conn(), &numbers).await?,
        }
        if matches!(change, Change::Enabled(_) | Change::RingTime(_)) {
            let rows = store::extensions::dialables_of(work.conn(), &numbers).await?;
            let rows = rows
                .iter()
                .map(|dialable| (Key::extension(&dialable.number), compile(dialable)));
            store::rows::save_all(work.conn(), &rows.collect::<Vec<_>>()).await?;
        }
        let proof = held
            .last()
            .map_or(Proof::NotNeeded, |last| proof(&change, last));
        let applied = work.commit(Proof::Many(Box::new(proof))).await?;
        Ok(Changed { numbers, applied })
    }

    /// What goes with them when they are deleted.
    pub async fn dependants(&self, actor: &Actor, numbers: &[ExtNumber]) -> Result<Dependants> {
        let mut conn = self.reading(actor, &Act::EditManyExtensions).await?;
        Ok(store::bulk::dependants(&mut conn, numbers).await?)
    }
}

/// Of one of them, what Asterisk is to say afterwards.
fn proof(change: &Change, (number, was_enabled): &(ExtNumber, bool)) -> Proof {
    let number = number.clone();
    match change {
        Change::Delete => Proof::Gone(number),
        Change::Enabled(enabled) => Proof::Endpoint {
            number,
            enabled: *enabled,
        },
        _ => Proof::Endpoint {
            number,
            enabled: *was_enabled,
        },
    }
}

/// Numbers as a form or a program names them: `1001,1002`.
pub fn numbers_of<'t>(texts: impl IntoIterator<Item = &'t str>) -> Result<Vec<ExtNumber>> {
    let parsed = texts
        .into_iter()
        .map(str::trim)
        .filter(|text| !text.is_empty());
    parsed
        .map(|text| {
            ExtNumber::parse(text)
                .map_err(|_| Invalid::one("extensions", Code::UnknownExtension).into())
        })
        .collect::<std::result::Result<_, Error>>()
}
