//! Keeps the rows that follow from other rows what they should be: in the transaction of a use case, and afterwards for
//! changes that were made in SQL.

use std::collections::{BTreeSet, HashMap};

use super::settings::Settings;
use super::{App, Result};
use crate::dialplan::{
    Context, Inbound, Key, Row, compile, compile_emergency, compile_inbound, compile_trunk,
};
use crate::domain::did::{Did, NumberPlan};
use crate::domain::{Actor, ExtNumber, Role};
use crate::store::extensions::OutboundFacts;
use crate::store::{self, PgConnection, PgPool};
use crate::{app::providers, realtime};

/// Who the history names for rows that the server brings up to date by itself.
pub(super) fn server() -> Actor {
    Actor {
        user_id: 0,
        username: "gonopbx-server".into(),
        role: Role::Admin,
        extension: None,
        session: uuid::Uuid::nil(),
        origin: String::new(),
        key: None,
    }
}

const ACT: &str = "dialplan.reconcile";
/// From this many on, all rows are compared at once.
pub(super) const ONE_BY_ONE: usize = 50;

/// Something whose rows may not be what follows from it any more.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stale {
    Everything,
    Extension(ExtNumber),
    /// The row of one number, by its canonical form.
    Did(Did),
    Trunk(i64),
    /// Emergency numbers, or the trunks they go out over.
    Emergency,
    /// The system's order of codecs.
    Codecs,
    /// Country and area code.
    Numbers,
}

impl Stale {
    /// What the row with this key (`context/exten/priority`) follows from.
    pub fn row(key: &str) -> Option<Self> {
        let mut parts = key.split('/');
        match (parts.next()?, parts.next()?) {
            ("internal", exten) => ExtNumber::parse(exten).ok().map(Self::Extension),
            ("from-trunk", exten) => Did::from_canonical(exten).map(Self::Did),
            ("trunks", exten) => exten.parse().ok().map(Self::Trunk),
            _ => None,
        }
    }
}

/// The rows of an extension: its own, those of its numbers, and what it may show outside.
pub async fn follow_extension(conn: &mut PgConnection, number: &ExtNumber) -> Result<()> {
    for inbound in store::routes::inbound_of(conn, number).await? {
        save_inbound(conn, &inbound).await?;
    }
    follow_outbound(conn, number).await
}

/// Its own row alone.
pub async fn follow_row(conn: &mut PgConnection, number: &ExtNumber) -> Result<()> {
    let row = store::extensions::dialable(conn, number)
        .await?
        .as_ref()
        .and_then(compile);
    store::rows::save(conn, &Key::extension(number), row.as_ref()).await?;
    Ok(())
}

/// After it got another number: those whose calls are forwarded to it.
pub async fn follow_forwards_to(conn: &mut PgConnection, number: &ExtNumber) -> Result<()> {
    for forwarding in store::forwards::to(conn, number).await? {
        follow_row(conn, &forwarding).await?;
    }
    Ok(())
}

/// How it calls out, and how calls that it forwards go out. The caller's facts travel with the endpoint: Asterisk has
/// them without a lookup.
pub async fn follow_outbound(conn: &mut PgConnection, number: &ExtNumber) -> Result<()> {
    follow_row(conn, number).await?;
    let Some(facts) = store::extensions::outbound(conn, number).await? else {
        return Ok(());
    };
    save_outbound(conn, number, &facts).await?;
    Ok(())
}

async fn save_outbound(
    conn: &mut PgConnection,
    number: &ExtNumber,
    facts: &OutboundFacts,
) -> Result<bool> {
    let set_var = realtime::with_outbound(facts.set_var.as_deref(), facts.outbound.as_ref());
    let is_news = set_var != facts.set_var;
    if is_news {
        store::extensions::save_set_var(conn, number, set_var.as_deref()).await?;
    }
    Ok(is_news)
}

async fn save_inbound(conn: &mut PgConnection, inbound: &Inbound) -> Result<()> {
    let row = compile_inbound(inbound);
    store::rows::save(conn, &Key::did(&inbound.did), row.as_ref()).await?;
    Ok(())
}

pub async fn follow_did(conn: &mut PgConnection, did: &Did) -> Result<()> {
    if let Some(inbound) = store::routes::inbound(conn, did).await? {
        return save_inbound(conn, &inbound).await;
    }
    store::rows::save(conn, &Key::did(did), None).await?;
    Ok(())
}

/// How calls leave over a trunk, and its numbers.
pub async fn follow_trunk(conn: &mut PgConnection, id: i64, plan: &NumberPlan) -> Result<()> {
    let facts = store::trunks::leaving(conn, Some(id)).await?;
    let row = facts
        .first()
        .and_then(|facts| compile_trunk(&providers::leaving(facts, plan)));
    store::rows::save(conn, &Key::trunk(id), row.as_ref()).await?;
    for inbound in store::routes::inbound_of_trunk(conn, id).await? {
        save_inbound(conn, &inbound).await?;
    }
    Ok(())
}

/// Emergency numbers go out over every trunk that is enabled.
pub async fn follow_emergency(conn: &mut PgConnection, numbers: &[String]) -> Result<()> {
    let trunks = store::trunks::enabled_ids(conn).await?;
    for number in numbers {
        let row = compile_emergency(number, &trunks);
        store::rows::save(conn, &Key::emergency(number), row.as_ref()).await?;
    }
    Ok(())
}

/// In a transaction of its own, named in the history as the server's.
pub async fn reconcile(pool: &PgPool, stale: &Stale, settings: &Settings) -> Result<()> {
    let mut tx = pool.begin().await?;
    let xid = store::changes::begin(&mut tx, &server(), ACT).await?;
    if let Stale::Trunk(id) = stale {
        // What SQL says of a trunk reaches the rows of Asterisk as well.
        store::trunks::lock(&mut tx, *id).await?;
        App::follow_rows(&mut tx, *id, &settings.numbers).await?;
        follow_emergency(&mut tx, &settings.emergency_numbers).await?;
    } else {
        follow(&mut tx, stale, settings).await?;
    }
    store::changes::announce_end(&mut tx, &xid).await?;
    tx.commit().await?;
    Ok(())
}

/// The rows that follow from one thing.
async fn follow(conn: &mut PgConnection, stale: &Stale, settings: &Settings) -> Result<()> {
    match stale {
        Stale::Extension(number) => {
            // Against a use case that changes the same one meanwhile.
            store::extensions::lock(conn, number).await?;
            follow_extension(conn, number).await?;
        }
        Stale::Did(did) => follow_did(conn, did).await?,
        Stale::Trunk(id) => follow_trunk(conn, *id, &settings.numbers).await?,
        Stale::Emergency => follow_emergency(conn, &settings.emergency_numbers).await?,
        Stale::Codecs => {
            store::extensions::follow_codecs(conn, &settings.global_codecs).await?;
        }
        Stale::Numbers => App::follow_plan(conn, &settings.numbers).await?,
        Stale::Everything => {}
    }
    Ok(())
}

/// In the transaction that changed them: one by one, or all at once when they are many.
pub async fn follow_all(
    conn: &mut PgConnection,
    stale: BTreeSet<Stale>,
    settings: &Settings,
) -> Result<()> {
    let is_of_one = |stale: &&Stale| matches!(stale, Stale::Extension(_) | Stale::Did(_));
    let are_many = stale.iter().filter(is_of_one).count() > ONE_BY_ONE;
    for one in stale.iter().filter(|one| !(are_many && is_of_one(one))) {
        follow(conn, one, settings).await?;
    }
    if are_many {
        follow_everything(conn, settings).await?;
    }
    Ok(())
}

/// Every row, how extensions call out, and the registrations of what is disabled; returns how much was wrong.
pub async fn reconcile_all(pool: &PgPool, settings: &Settings) -> Result<usize> {
    let mut tx = pool.begin().await?;
    let xid = store::changes::begin(&mut tx, &server(), ACT).await?;
    let mut mended = follow_everything(&mut tx, settings).await?;
    for id in store::trunks::wrongly_registered(&mut tx).await? {
        App::follow_rows(&mut tx, id, &settings.numbers).await?;
        mended += 1;
    }
    store::contacts::expire_disabled(&mut tx).await?;
    store::changes::announce_end(&mut tx, &xid).await?;
    tx.commit().await?;
    Ok(mended)
}

async fn follow_everything(conn: &mut PgConnection, settings: &Settings) -> Result<usize> {
    let wrong = wrong_rows(conn, settings).await?;
    store::rows::save_all(conn, &wrong).await?;
    let mut mended = wrong.len();
    for (number, facts) in store::extensions::all_outbound(conn).await? {
        mended += usize::from(save_outbound(conn, &number, &facts).await?);
    }
    Ok(mended)
}

/// The keys whose row is not what follows, with the row that should be there. Rows of numbers that are nothing of
/// ours are left alone.
pub async fn wrong_rows(
    conn: &mut PgConnection,
    settings: &Settings,
) -> Result<Vec<(Key, Option<Row>)>> {
    let mut wanted: Vec<(Key, Option<Row>)> = Vec::new();
    for dialable in store::extensions::dialables(conn).await? {
        wanted.push((Key::extension(&dialable.number), compile(&dialable)));
    }
    for inbound in store::routes::all_inbound(conn).await? {
        wanted.push((Key::did(&inbound.did), compile_inbound(&inbound)));
    }
    for facts in store::trunks::leaving(conn, None).await? {
        let row = compile_trunk(&providers::leaving(&facts, &settings.numbers));
        wanted.push((Key::trunk(facts.id), row));
    }
    let trunks = store::trunks::enabled_ids(conn).await?;
    for number in &settings.emergency_numbers {
        wanted.push((Key::emergency(number), compile_emergency(number, &trunks)));
    }
    let mut there: HashMap<Context, HashMap<String, String>> = HashMap::new();
    for context in [Context::Internal, Context::FromTrunk, Context::Trunks] {
        there.insert(context, store::rows::list(conn, context).await?);
    }
    wanted.retain(|(key, row)| {
        let now = there
            .get(&key.context)
            .and_then(|rows| rows.get(&key.exten));
        now != row.as_ref().map(|row: &Row| &row.appdata)
    });
    Ok(wanted)
}
