//! Extensions from a table: looked at first, then all of them or none, in one transaction.

use std::sync::Arc;

use super::selection::Filter;
use super::work::{Applied, Proof};
use super::{App, Error, Result, permit};
use crate::dialplan::{Detours, Dialable, compile};
use crate::domain::extension::Rules;
use crate::domain::import::{Checked, Good, Table};
use crate::domain::mailbox::Mailbox;
use crate::domain::{Act, Actor, Extension};
use crate::store;
use crate::store::import::New;

/// What became of a table.
#[derive(Debug)]
pub enum Outcome {
    /// Some rows are bad; nothing was written.
    Refused(Checked),
    Saved {
        saved: Vec<Good>,
        applied: Applied,
    },
}

impl App {
    /// Everything that can be said about a table without writing.
    pub async fn check_import(&self, actor: &Actor, table: Table) -> Result<Checked> {
        permit(actor, &Act::ImportExtensions)?;
        let settings = self.settings().await?;
        let numbers = table.numbers();
        // What no column can hold is no number of ours, and refused by its own rule.
        let asked: Vec<String> = numbers
            .into_iter()
            .filter(|number| !number.contains('\0'))
            .collect();
        let taken = store::import::taken(&mut *self.pool.acquire().await?, &asked).await?;
        let checked = tokio::task::spawn_blocking(move || {
            let rules = Rules {
                emergency_numbers: &settings.emergency_numbers,
                may_allow_weak: true,
            };
            table.check(rules, &taken)
        });
        checked.await.map_err(Error::internal)
    }

    /// All rows, or none of them.
    pub async fn import_extensions(&self, actor: &Actor, table: Table) -> Result<Outcome> {
        let checked = self.check_import(actor, table).await?;
        if !checked.bad.is_empty() {
            return Ok(Outcome::Refused(checked));
        }
        let saved = checked.good;
        let settings = self.settings().await?;
        let mut work = self.begin(actor, &Act::ImportExtensions).await?;
        let new: Vec<New<'_>> = saved
            .iter()
            .map(|good| New {
                edit: &good.edit,
                codecs: good.edit.codecs.as_ref().unwrap_or(&settings.global_codecs),
                dialplan: compile(&dialable(good)),
                has_mailbox: takes_messages(good),
            })
            .collect();
        // Who took one of the numbers meanwhile is found by the database.
        store::import::create_all(work.conn(), &new).await?;
        let mailboxes: Vec<_> = saved
            .iter()
            .filter_map(|good| Some((&good.edit.number, good.mailbox.as_ref()?)))
            .collect();
        if !mailboxes.is_empty() {
            store::import::create_mailboxes(work.conn(), &mailboxes).await?;
        }
        let proof = saved
            .last()
            .map_or(Proof::NotNeeded, |good| Proof::Endpoint {
                number: good.edit.number.clone(),
                enabled: good.edit.enabled,
            });
        let applied = work.commit(Proof::Many(Box::new(proof))).await?;
        Ok(Outcome::Saved { saved, applied })
    }
}

impl App {
    /// Those that match, each with its mailbox.
    pub async fn export_extensions(
        &self,
        actor: &Actor,
        filter: &Filter,
    ) -> Result<Vec<(Arc<Extension>, Option<Mailbox>)>> {
        let mut conn = self.reading(actor, &Act::ExportExtensions).await?;
        let mut mailboxes = store::voicemail::all(&mut conn).await?;
        self.with_matching(actor, filter, |matching| {
            let with_mailbox = |e: &Arc<Extension>| (Arc::clone(e), mailboxes.remove(&e.number));
            matching.found.into_iter().map(with_mailbox).collect()
        })
        .await
    }
}

fn takes_messages(good: &Good) -> bool {
    good.mailbox.as_ref().is_some_and(|mailbox| mailbox.enabled)
}

fn dialable(good: &Good) -> Dialable {
    Dialable {
        number: good.edit.number.clone(),
        enabled: good.edit.enabled,
        ring_time: good.edit.ring_time,
        detours: Detours {
            has_mailbox: takes_messages(good),
            ..Detours::default()
        },
    }
}
