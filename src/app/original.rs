//! Takes over what a GonoPBX 2 has: through the rules of every other change, in one transaction, each object by itself, so
//! that one that cannot be taken keeps none of the others away. Running it twice changes nothing.

mod objects;

use std::collections::{BTreeSet, HashMap};

use sqlx::{PgPool, Postgres, Transaction};

use super::resolve::Names;
use super::settings::Settings;
use super::{Error, Result, dialplan, settings};
use crate::domain::{Actor, ExtNumber};
use crate::store;
use crate::store::original as source;

const ACT: &str = "original.import";
const BATCH: i64 = 1000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    User,
    Extension,
    Trunk,
    Number,
    Forward,
    Mailbox,
}

#[derive(Debug)]
pub enum Fate {
    Taken,
    /// It is there already, under this name.
    Known,
    Refused(Error),
}

/// What became of one object.
#[derive(Debug)]
pub struct Line {
    pub kind: Kind,
    pub name: String,
    pub fate: Fate,
    /// What was left out or made anew.
    pub notes: Vec<String>,
}

#[derive(Debug, Default)]
pub struct Report {
    pub lines: Vec<Line>,
    pub calls: u64,
    pub calls_seen: u64,
    /// Tables that the source does not have.
    pub missing: Vec<&'static str>,
}

/// A transaction and what is known so far.
struct Taking<'a> {
    tx: Transaction<'static, Postgres>,
    settings: &'a Settings,
    names: &'a Names,
    report: Report,
    /// The ids there, and here.
    trunks: HashMap<i64, i64>,
    users: HashMap<i64, i64>,
    touched: BTreeSet<ExtNumber>,
}

pub async fn take_over(
    from: &PgPool,
    to: &PgPool,
    names: &Names,
    is_rehearsal: bool,
) -> Result<Report> {
    let settings = settings::load(to).await?;
    let mut source = from.acquire().await?;
    let tables = source::tables(&mut source).await?;
    let has = |name: &str| tables.iter().any(|table| table == name);
    let needed = [
        "users",
        "sip_peers",
        "sip_trunks",
        "inbound_routes",
        "call_forwards",
        "voicemail_mailboxes",
        "cdr",
    ];
    if !has("sip_peers") {
        return Err(Error::internal(
            "the source has no table sip_peers: it is not the database of a GonoPBX 2",
        ));
    }
    let mut tx = to.begin().await?;
    let actor = Actor {
        username: "gonopbx-import".into(),
        ..dialplan::server()
    };
    let xid = store::changes::begin(&mut tx, &actor, ACT).await?;
    let mut taking = Taking {
        tx,
        settings: &settings,
        names,
        report: Report::default(),
        trunks: HashMap::new(),
        users: HashMap::new(),
        touched: BTreeSet::new(),
    };
    taking.report.missing = needed.into_iter().filter(|name| !has(name)).collect();
    if has("users") {
        for user in source::users(&mut source).await? {
            taking.user(&user).await?;
        }
    }
    let peers = source::peers(&mut source).await?;
    for peer in &peers {
        taking.peer(peer).await?;
    }
    if has("sip_trunks") {
        for trunk in source::trunks(&mut source).await? {
            taking.trunk(&trunk).await?;
        }
    }
    if has("inbound_routes") {
        for route in source::routes(&mut source).await? {
            taking.route(&route).await?;
        }
    }
    if has("voicemail_mailboxes") {
        for mailbox in source::mailboxes(&mut source).await? {
            taking.mailbox(&mailbox).await?;
        }
    }
    if has("call_forwards") {
        for forward in source::forwards(&mut source).await? {
            taking.forward(&forward).await?;
        }
    }
    for peer in &peers {
        taking.outbound(peer).await?;
    }
    taking.follow().await?;
    let Taking {
        mut tx, mut report, ..
    } = taking;
    if is_rehearsal {
        tx.rollback().await?;
    } else {
        store::changes::announce_end(&mut tx, &xid).await?;
        tx.commit().await?;
    }
    if has("cdr") {
        calls(&mut source, to, is_rehearsal, &mut report).await?;
    }
    Ok(report)
}

/// In batches of their own: a history of years must not hold anything up, and what is there already is skipped.
async fn calls(
    source: &mut store::PgConnection,
    to: &PgPool,
    is_rehearsal: bool,
    report: &mut Report,
) -> Result<()> {
    let mut after = 0;
    loop {
        let calls = source::calls(source, after, BATCH).await?;
        let Some(last) = calls.last() else {
            return Ok(());
        };
        after = last.id;
        report.calls_seen += calls.len() as u64;
        if !is_rehearsal {
            let mut tx = to.begin().await?;
            report.calls += source::write_calls(&mut tx, &calls).await?;
            tx.commit().await?;
        }
    }
}

impl Taking<'_> {
    fn note(
        &mut self,
        kind: Kind,
        name: String,
        fate: Result<Fate>,
        notes: Vec<String>,
    ) -> Result<()> {
        let fate = match fate {
            Ok(fate) => fate,
            // The database or we ourselves: nothing to do with this object.
            Err(error @ (Error::DatabaseAway(_) | Error::Busy(_) | Error::Internal(_))) => {
                return Err(error);
            }
            Err(error) => Fate::Refused(error),
        };
        self.report.lines.push(Line {
            kind,
            name,
            fate,
            notes,
        });
        Ok(())
    }
}
