//! Takes a transaction back, as one transaction of its own: all of it, or what nobody has changed since.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::dialplan::{self, Stale};
use super::work::{Applied, Proof, Work};
use super::{App, Error, Result, audit, settings};
use crate::dialplan::Key;
use crate::domain::did::Did;
use crate::domain::invalid::Code;
use crate::domain::undo::{
    Choices, Conflict, Dependant, Fields, Net, Plan, Rows, Step, key_text, net, plain, plan,
};
use crate::domain::{Act, Actor, ExtNumber, Invalid, Role};
use crate::realtime;
use crate::realtime::recorded::{self, RECORDED};
use crate::store::{self, PgConnection};

/// Taking along what came later may bring up more of the same.
const ROUNDS: usize = 5;
const MASK: &str = "********";

/// What became of the wish to take a transaction back.
#[derive(Debug)]
pub struct Undo {
    /// Differences to what was changed since, with what was decided about each.
    pub conflicts: Vec<Conflict>,
    /// Objects that are as before now, and objects that are left as they are.
    pub undone: usize,
    pub kept: usize,
    /// None: nothing was written, because something is undecided, or nothing is left to do.
    pub applied: Option<Applied>,
}

impl Undo {
    pub fn is_decided(&self) -> bool {
        self.conflicts
            .iter()
            .all(|conflict| conflict.choice.is_some())
    }
}

/// Everything is done but not committed.
struct Attempt<'a> {
    work: Work<'a>,
    plan: Plan,
    nets: Vec<Net>,
    masked: Vec<String>,
    set_id: i64,
    /// The rows as they were found.
    now: Rows,
}

impl App {
    /// What would happen. Nothing is kept of it.
    pub async fn preview_undo(&self, actor: &Actor, tx: &str, choices: &Choices) -> Result<Undo> {
        let work = self.rehearse(actor, &Act::UndoChanges).await?;
        let attempt = attempt(work, tx, choices).await?;
        Ok(told(attempt.plan, &attempt.masked, None))
    }

    pub async fn undo(&self, actor: &Actor, tx: &str, choices: &Choices) -> Result<Undo> {
        let work = self.begin(actor, &Act::UndoChanges).await?;
        let attempt = attempt(work, tx, choices).await?;
        permit_key(actor, &attempt)?;
        let Attempt {
            mut work,
            plan,
            nets,
            masked,
            set_id,
            ..
        } = attempt;
        if !plan.is_decided() || plan.is_empty() {
            return Ok(told(plan, &masked, None));
        }
        store::undo::bring_messages_back(work.conn(), set_id).await?;
        let proof = follow(work.conn(), &nets).await?;
        let applied = work.commit(proof).await?;
        // Roles and passwords are among what is taken back.
        self.memory.forget_people();
        Ok(told(plan, &masked, Some(applied)))
    }
}

async fn attempt<'a>(mut work: Work<'a>, tx: &str, choices: &Choices) -> Result<Attempt<'a>> {
    let xid = work.xid().to_owned();
    let conn = work.conn();
    let set_id = audit::find(conn, tx).await?;
    store::undo::names(conn, set_id).await?;
    let mut past = store::undo::past(conn, set_id).await?;
    if past.is_forgotten {
        return Err(Invalid::one("tx", Code::UndoExpired).into());
    }
    if !past.foreign.is_empty() {
        return Err(Invalid::one("tx", Code::NotUndoable).into());
    }
    let lost = net(&RECORDED, &past.recorded);
    let trunks: Vec<String> = lost
        .iter()
        .filter(|net| RECORDED[net.table].tab == "trunk" && net.lost().is_some())
        .map(|net| net.object.name.clone())
        .collect();
    if !trunks.is_empty() {
        let later = store::undo::removed_later(conn, set_id, &trunks).await?;
        past.recorded.extend(later);
    }
    for change in &mut past.recorded {
        let tab = RECORDED[change.table].tab;
        normalise(tab, &mut change.before);
        normalise(tab, &mut change.after);
    }
    let nets = net(&RECORDED, &past.recorded);
    let now = rows(conn, &nets).await?;
    let mut dependants: Vec<Dependant> = Vec::new();
    for _ in 0..ROUNDS {
        let plan = plan(&RECORDED, &nets, &now, &dependants, choices);
        store::undo::mark(conn).await?;
        carry_out(conn, &plan).await?;
        let gone = store::undo::gone_along(conn, &xid).await?;
        let more = unplanned(gone, &nets, &dependants);
        if more.is_empty() {
            let masked = store::undo::masked_columns(conn).await?;
            return Ok(Attempt {
                work,
                plan,
                nets,
                masked,
                set_id,
                now,
            });
        }
        dependants.extend(more);
        store::undo::back_to_mark(conn).await?;
    }
    Err(Error::internal("taking back goes on for ever"))
}

/// A program takes back what it could have done itself, and no more: no keys, and nothing of administrators.
fn permit_key(actor: &Actor, attempt: &Attempt<'_>) -> Result<()> {
    let Some(key) = &actor.key else {
        return Ok(());
    };
    let may = attempt.nets.iter().all(|net| {
        let scope = recorded::scope(RECORDED[net.table].tab);
        let may = scope.is_some_and(|scope| key.scopes.contains(&scope));
        may && roles(net, &attempt.now).all(|role| actor.may_change(role))
    });
    if may {
        Ok(())
    } else {
        Err(Error::ScopeMissing)
    }
}

/// Of a person, which roles it had and has.
fn roles<'a>(net: &'a Net, now: &'a Rows) -> impl Iterator<Item = Role> + 'a {
    let table = RECORDED[net.table];
    let is_person = table.tab == "app_user";
    let rows = net
        .keys()
        .filter_map(move |key| now.get(&(net.table, key_text(key, &table))));
    let is = rows.filter_map(|row| row.get("role"));
    let words = net.values("role").chain(is).filter(move |_| is_person);
    words.filter_map(|word| Role::parse(word.as_str()?))
}

/// What is the server's own in a row is no difference.
fn normalise(tab: &str, row: &mut Fields) {
    if tab == "ps_endpoints"
        && let Some(set_var) = row.get_mut("set_var")
    {
        let plain = realtime::with_outbound(set_var.as_str(), None);
        *set_var = plain.into();
    }
}

async fn rows(conn: &mut PgConnection, nets: &[Net]) -> Result<Rows> {
    let mut wanted: BTreeMap<usize, BTreeMap<String, Fields>> = BTreeMap::new();
    for net in nets {
        for key in net.keys() {
            let text = key_text(key, &RECORDED[net.table]);
            wanted
                .entry(net.table)
                .or_default()
                .insert(text, key.clone());
        }
    }
    let mut rows = Rows::new();
    for (index, keys) in wanted {
        let table = &RECORDED[index];
        for mut row in store::undo::now(conn, table, keys.into_values().collect()).await? {
            normalise(table.tab, &mut row);
            rows.insert((index, key_text(&row, table)), row);
        }
    }
    Ok(rows)
}

/// Rows go before those they name, and come after them.
async fn carry_out(conn: &mut PgConnection, plan: &Plan) -> Result<()> {
    for (index, table) in RECORDED.iter().enumerate().rev() {
        let keys = of_table(&plan.removes, index);
        if !keys.is_empty() {
            store::undo::remove(conn, table, keys).await?;
        }
    }
    for (index, table) in RECORDED.iter().enumerate() {
        set(conn, index, of_table(&plan.renames, index)).await?;
        set(conn, index, of_table(&plan.changes, index)).await?;
        let rows = of_table(&plan.inserts, index);
        if !rows.is_empty() {
            store::undo::put(conn, table, rows).await?;
        }
    }
    for index in 0..RECORDED.len() {
        set(conn, index, of_table(&plan.late, index)).await?;
    }
    store::undo::check_now(conn).await?;
    Ok(())
}

fn of_table<T: Clone>(steps: &[(usize, T)], index: usize) -> Vec<T> {
    let of = steps.iter().filter(|(table, _)| *table == index);
    of.map(|(_, step)| step.clone()).collect()
}

/// One statement for all rows that get the same columns.
async fn set(conn: &mut PgConnection, index: usize, steps: Vec<Step>) -> Result<()> {
    let mut alike: BTreeMap<Vec<String>, Vec<Step>> = BTreeMap::new();
    for step in steps {
        let columns = step.set.keys().cloned().collect();
        alike.entry(columns).or_default().push(step);
    }
    for steps in alike.into_values() {
        store::undo::set(conn, &RECORDED[index], steps).await?;
    }
    Ok(())
}

/// Rows that are gone and belong to something else.
fn unplanned(gone: Vec<Dependant>, nets: &[Net], known: &[Dependant]) -> Vec<Dependant> {
    let place = |table: usize, row: &Fields| (table, key_text(row, &RECORDED[table]));
    let mut planned: HashSet<(usize, String)> = HashSet::new();
    for net in nets {
        planned.extend(net.keys().map(|key| place(net.table, key)));
    }
    planned.extend(known.iter().map(|d| place(d.table, &d.row)));
    gone.into_iter()
        .filter(|dependant| !planned.contains(&place(dependant.table, &dependant.row)))
        .collect()
}

fn told(plan: Plan, masked: &[String], applied: Option<Applied>) -> Undo {
    let mut conflicts = plan.conflicts;
    for conflict in &mut conflicts {
        let is_secret = conflict.column.as_ref().is_some_and(|c| masked.contains(c));
        for value in [&mut conflict.before, &mut conflict.after, &mut conflict.now] {
            match value {
                serde_json::Value::Object(row) => {
                    for (_, secret) in row.iter_mut().filter(|(column, _)| masked.contains(column))
                    {
                        *secret = MASK.into();
                    }
                }
                serde_json::Value::Null => {}
                secret if is_secret => *secret = MASK.into(),
                _ => {}
            }
        }
    }
    Undo {
        undone: plan.undone.difference(&plan.kept).count(),
        kept: plan.kept.len(),
        conflicts,
        applied,
    }
}

/// Brings the rows up to date that follow from what was changed, and says what Asterisk has to confirm.
async fn follow(conn: &mut PgConnection, nets: &[Net]) -> Result<Proof> {
    let after = settings::read(&store::settings::list(conn).await?);
    let mut stale = BTreeSet::new();
    for net in nets {
        of_net(net, &mut stale);
        if RECORDED[net.table].tab == "setting" && net.object.name == "emergency_numbers" {
            for number in words(net) {
                if !after.emergency_numbers.contains(&number) {
                    store::rows::save(conn, &Key::emergency(&number), None).await?;
                }
            }
        }
    }
    let extensions: Vec<ExtNumber> = stale
        .iter()
        .filter_map(|stale| match stale {
            Stale::Extension(number) => Some(number.clone()),
            _ => None,
        })
        .collect();
    let trunk = stale.iter().find_map(|stale| match stale {
        Stale::Trunk(id) => Some(*id),
        _ => None,
    });
    dialplan::follow_all(conn, stale, &after).await?;
    if let Some(number) = extensions.first() {
        let found = store::extensions::dialable(conn, number).await?;
        let one = match found {
            Some(dialable) => Proof::Endpoint {
                number: number.clone(),
                enabled: dialable.enabled,
            },
            None => Proof::Gone(number.clone()),
        };
        return Ok(if extensions.len() > 1 {
            Proof::Many(Box::new(one))
        } else {
            one
        });
    }
    if let Some(id) = trunk
        && store::trunks::find(conn, id).await?.is_some()
    {
        return Ok(Proof::Trunk { id });
    }
    Ok(Proof::NotNeeded)
}

/// Of a setting that is a list, all that it named.
fn words(net: &Net) -> Vec<String> {
    let lists = net.values("value").filter_map(serde_json::Value::as_array);
    let words = lists.flatten().filter_map(serde_json::Value::as_str);
    words.map(str::to_owned).collect()
}

/// What follows from this row.
fn of_net(net: &Net, stale: &mut BTreeSet<Stale>) {
    let tab = RECORDED[net.table].tab;
    let texts =
        |column: &str| -> Vec<String> { net.values(column).map(|v| plain(Some(v))).collect() };
    let extension = match tab {
        "ps_endpoints" => texts("id"),
        "extension" => texts("number"),
        "voicemail" => texts("mailbox"),
        "forward" | "did_route" => texts("extension"),
        _ => Vec::new(),
    };
    let numbers = extension
        .iter()
        .filter_map(|number| ExtNumber::parse(number).ok());
    stale.extend(numbers.map(Stale::Extension));
    match tab {
        "forward" | "did_route" => {
            // Its extension may not have been among what changed.
            let named = |kind: &str| net.object.kind == kind;
            if named("forward") {
                stale.extend(
                    ExtNumber::parse(&net.object.name)
                        .ok()
                        .map(Stale::Extension),
                );
            }
            let dids = texts("did")
                .into_iter()
                .chain(named("number").then(|| net.object.name.clone()));
            stale.extend(
                dids.filter_map(|did| Did::from_canonical(&did))
                    .map(Stale::Did),
            );
        }
        "trunk" | "number_range" | "ps_registrations" => {
            let of = Some(&net.object).filter(|object| object.kind == "trunk");
            stale.extend(
                of.and_then(|object| object.name.parse().ok())
                    .map(Stale::Trunk),
            );
            stale.insert(Stale::Emergency);
        }
        "setting" => {
            stale.extend(match net.object.name.as_str() {
                "global_codecs" => Some(Stale::Codecs),
                "country_code" | "area_code" => Some(Stale::Numbers),
                "emergency_numbers" => Some(Stale::Emergency),
                _ => None,
            });
        }
        _ => {}
    }
}
