//! What is to be done to each row, and what has to be decided first.

use std::collections::HashSet;

use serde_json::Value;

use super::{
    Choice, Choices, Conflict, Dependant, Fields, Net, Object, Plan, Rows, STAMP, STAMPS, Step,
    Table, Why, get, key_of, key_text, over, plain,
};

/// What belongs together: an extension has a mailbox and forwards, and goes with them.
fn root(object: &Object) -> Object {
    match object.kind.as_str() {
        "mailbox" | "forward" => Object::new("extension", &object.name),
        _ => object.clone(),
    }
}

/// Whose deletion takes this row along.
fn parents(table: &Table, row: &Fields) -> Vec<Object> {
    let of = |kind: &str, column: &str| Object::new(kind, &plain(row.get(column)));
    match table.tab {
        "did_route" => vec![of("extension", "extension"), of("trunk", "trunk_id")],
        "forward" => vec![of("extension", "extension")],
        "voicemail" => vec![of("extension", "mailbox")],
        "number_range" => vec![of("trunk", "trunk_id")],
        "queue_members" => vec![of("queue", "queue_name")],
        "extension" => vec![of("extension", "number")],
        _ => Vec::new(),
    }
}

/// Decides for each row what is to be done to it.
pub fn plan(
    tables: &[Table],
    nets: &[Net],
    now: &Rows,
    dependants: &[Dependant],
    choices: &Choices,
) -> Plan {
    let mut work = Planner {
        tables,
        now,
        choices,
        plan: Plan::default(),
        kept: HashSet::new(),
        held: HashSet::new(),
        left: nets
            .iter()
            .filter(|net| net.was.is_none() || net.renames())
            .map(|net| (net.table, key_text(&net.key_is, &tables[net.table])))
            .collect(),
    };
    for dependant in dependants {
        work.dependant(dependant);
    }
    let mut wanted: Vec<Wanted> = nets.iter().map(|net| work.look(net)).collect();
    while work.settle(nets, &mut wanted) {}
    for (net, wanted) in nets.iter().zip(wanted) {
        work.add(net, wanted);
    }
    work.plan
}

enum Wanted {
    Nothing,
    Remove(Fields),
    Insert(Fields),
    Change { key: Fields, set: Fields },
}

struct Planner<'a> {
    tables: &'a [Table],
    now: &'a Rows,
    choices: &'a Choices,
    plan: Plan,
    /// Objects of which nothing is taken back as a whole.
    kept: HashSet<Object>,
    /// Names that are free again when this is taken back.
    left: HashSet<(usize, String)>,
    /// Those of them that are not, because what has them is kept.
    held: HashSet<(usize, String)>,
}

impl Planner<'_> {
    fn dependant(&mut self, dependant: &Dependant) {
        let table = &self.tables[dependant.table];
        let key = key_text(&dependant.row, table);
        let id = format!("{}/{key}", table.tab);
        let choice = self.choices.of(&id);
        if choice != Some(Choice::Take) {
            self.kept.extend(parents(table, &dependant.row));
            self.kept.insert(root(&dependant.object));
        }
        self.plan.conflicts.push(Conflict {
            id,
            object: dependant.object.clone(),
            tab: table.tab,
            key,
            column: None,
            why: Why::Dependant,
            before: Value::Null,
            after: Value::Null,
            now: Value::Object(dependant.row.clone()),
            choice,
        });
    }

    /// Notes a difference; whether the old value is to be taken back there.
    fn conflict(&mut self, net: &Net, column: Option<&str>, why: Why, values: [Value; 3]) -> bool {
        let table = &self.tables[net.table];
        let key = key_text(&net.key_is, table);
        let id = match column {
            Some(column) => format!("{}/{key}/{column}", table.tab),
            None => format!("{}/{key}", table.tab),
        };
        let choice = match why {
            // There is nothing to choose.
            Why::Gone | Why::Taken => Some(Choice::Keep),
            _ => self.choices.of(&id),
        };
        if choice != Some(Choice::Take) && net.is_whole() {
            self.kept.insert(root(&net.object));
        }
        let [before, after, now] = values;
        self.plan.conflicts.push(Conflict {
            id,
            object: net.object.clone(),
            tab: table.tab,
            key,
            column: column.map(str::to_owned),
            why,
            before,
            after,
            now,
            choice,
        });
        choice == Some(Choice::Take)
    }

    /// What is kept keeps what it stands on, and its name. Whether that has changed what is to be done.
    fn settle(&mut self, nets: &[Net], wanted: &mut [Wanted]) -> bool {
        let before = (self.kept.len(), self.held.len());
        for (net, wanted) in nets.iter().zip(wanted) {
            let table = self.tables[net.table];
            let name = |key: &Fields| (net.table, key_text(key, &table));
            if net.was.is_none() && self.kept.contains(&root(&net.object)) {
                self.kept.extend(parents(&table, &net.row()));
                self.held.insert(name(&net.key_is));
            }
            let wants_name = match wanted {
                Wanted::Insert(_) => true,
                Wanted::Change { .. } => net.renames(),
                Wanted::Nothing | Wanted::Remove(_) => false,
            };
            let old_name = name(&net.key_was);
            if wants_name && self.held.contains(&old_name) {
                let other = self.now.get(&old_name).cloned().unwrap_or_default();
                let values = [Value::Null, Value::Null, Value::Object(other)];
                self.conflict(net, None, Why::Taken, values);
                *wanted = Wanted::Nothing;
                if net.renames() {
                    self.held.insert(name(&net.key_is));
                }
            }
        }
        before != (self.kept.len(), self.held.len())
    }

    fn look(&mut self, net: &Net) -> Wanted {
        let table = self.tables[net.table];
        let row = |key: &Fields| self.now.get(&(net.table, key_text(key, &table))).cloned();
        let counts = |column: &String| {
            !table.restless.contains(&column.as_str()) && !STAMPS.contains(&column.as_str())
        };
        match (&net.was, &net.is) {
            (None, None) => Wanted::Nothing,
            (None, Some(is)) => {
                let Some(now) = row(&net.key_is) else {
                    return Wanted::Nothing;
                };
                for column in now.keys().filter(|c| counts(c)) {
                    let (after, now) = (get(is, column), get(&now, column));
                    if after != now {
                        self.conflict(net, Some(column), Why::Changed, [Value::Null, after, now]);
                    }
                }
                Wanted::Remove(net.key_is.clone())
            }
            (Some(was), None) => {
                let old_name = (net.table, key_text(&net.key_was, &table));
                let now = row(&net.key_was).filter(|_| !self.left.contains(&old_name));
                let Some(now) = now else {
                    return Wanted::Insert(was.clone());
                };
                let mut set = Fields::new();
                for column in now.keys().filter(|c| counts(c)) {
                    let (before, now) = (get(was, column), get(&now, column));
                    if before != now
                        && self.conflict(
                            net,
                            Some(column),
                            Why::Back,
                            [before.clone(), Value::Null, now],
                        )
                    {
                        set.insert(column.clone(), before);
                    }
                }
                Wanted::Change {
                    key: net.key_was.clone(),
                    set,
                }
            }
            (Some(was), Some(is)) => self.look_at_edit(net, was, is),
        }
    }

    fn look_at_edit(&mut self, net: &Net, was: &Fields, is: &Fields) -> Wanted {
        let table = self.tables[net.table];
        let row = |key: &Fields| self.now.get(&(net.table, key_text(key, &table))).cloned();
        let Some(now) = row(&net.key_is) else {
            let values = [
                Value::Object(was.clone()),
                Value::Object(is.clone()),
                Value::Null,
            ];
            self.conflict(net, None, Why::Gone, values);
            return Wanted::Nothing;
        };
        let old_name = (net.table, key_text(&net.key_was, &table));
        if net.renames()
            && !self.left.contains(&old_name)
            && let Some(other) = row(&net.key_was)
        {
            let values = [Value::Null, Value::Null, Value::Object(other)];
            self.conflict(net, None, Why::Taken, values);
            return Wanted::Nothing;
        }
        let mut set = Fields::new();
        for (column, before) in was.iter().filter(|(column, _)| *column != STAMP) {
            let (after, now) = (get(is, column), get(&now, column));
            let follows = table.restless.contains(&column.as_str());
            if now == *before || (follows && now != after) {
                continue;
            }
            if now == after
                || self.conflict(
                    net,
                    Some(column),
                    Why::Changed,
                    [before.clone(), after, now],
                )
            {
                set.insert(column.clone(), before.clone());
            }
        }
        Wanted::Change {
            key: net.key_is.clone(),
            set,
        }
    }

    fn add(&mut self, net: &Net, wanted: Wanted) {
        let table = &self.tables[net.table];
        if net.is_whole() && self.kept.contains(&root(&net.object)) {
            if !matches!(wanted, Wanted::Nothing) {
                self.plan.kept.insert(root(&net.object));
            }
            return;
        }
        match wanted {
            Wanted::Nothing => return,
            Wanted::Remove(key) => self.plan.removes.push((net.table, key)),
            Wanted::Insert(mut row) => {
                let mut set = Fields::new();
                for column in table.late {
                    set.extend(
                        row.remove(*column)
                            .map(|value| ((*column).to_owned(), value)),
                    );
                }
                if !set.is_empty() {
                    let key = key_of(&row, table);
                    self.plan.late.push((net.table, Step { key, set }));
                }
                self.plan.inserts.push((net.table, row));
            }
            Wanted::Change { key, mut set } => {
                if set.is_empty() {
                    return;
                }
                if set
                    .keys()
                    .any(|column| table.key.contains(&column.as_str()))
                {
                    let named = key_of(&set, table);
                    let to = over(key.clone(), &named);
                    set.retain(|column, _| !named.contains_key(column));
                    self.plan
                        .renames
                        .push((net.table, Step { key, set: named }));
                    self.change(net.table, to, set);
                } else {
                    self.change(net.table, key, set);
                }
            }
        }
        self.plan.undone.insert(root(&net.object));
    }

    fn change(&mut self, table: usize, key: Fields, mut set: Fields) {
        let late = self.tables[table].late;
        let mut last = Fields::new();
        for column in late {
            last.extend(
                set.remove(*column)
                    .map(|value| ((*column).to_owned(), value)),
            );
        }
        if !set.is_empty() {
            self.plan.changes.push((
                table,
                Step {
                    key: key.clone(),
                    set,
                },
            ));
        }
        if !last.is_empty() {
            self.plan.late.push((table, Step { key, set: last }));
        }
    }
}
