//! Taking changes back, by rule and by chance.

use proptest::prelude::*;
use serde_json::json;

use super::*;

const TABLES: [Table; 3] = [
    Table {
        tab: "parent",
        place: "parent",
        key: &["id"],
        late: &["favourite"],
        restless: &["mood"],
    },
    Table {
        tab: "child",
        place: "child",
        key: &["id"],
        late: &[],
        restless: &[],
    },
    Table {
        tab: "voicemail",
        place: "voicemail",
        key: &["context", "mailbox"],
        late: &[],
        restless: &[],
    },
];

fn fields(value: Value) -> Fields {
    match value {
        Value::Object(fields) => fields,
        _ => panic!("an object"),
    }
}

fn recorded(table: usize, op: Op, key: &str, before: Value, after: Value) -> Recorded {
    Recorded {
        table,
        op,
        ident: fields(json!({"id": key})),
        before: fields(before),
        after: fields(after),
        object: Object::new("thing", key),
    }
}

fn rows(rows: &[(usize, Value)]) -> Rows {
    rows.iter()
        .map(|(table, row)| {
            let row = fields(row.clone());
            ((*table, key_text(&row, &TABLES[*table])), row)
        })
        .collect()
}

fn planned(past: &[Recorded], now: &Rows, otherwise: Option<Choice>) -> Plan {
    let choices = Choices {
        otherwise,
        ..Choices::default()
    };
    plan(&TABLES, &net(&TABLES, past), now, &[], &choices)
}

/// Carries a plan out on rows in memory.
fn carried_out(plan: &Plan, mut now: Rows) -> Rows {
    for (table, key) in &plan.removes {
        now.remove(&(*table, key_text(key, &TABLES[*table])));
    }
    let steps = plan.renames.iter().chain(&plan.changes);
    let apply = |now: &mut Rows, (table, step): &(usize, Step)| {
        let place = (*table, key_text(&step.key, &TABLES[*table]));
        let row = over(now.remove(&place).expect("the row is there"), &step.set);
        now.insert((*table, key_text(&row, &TABLES[*table])), row);
    };
    steps.for_each(|step| apply(&mut now, step));
    for (table, row) in &plan.inserts {
        let place = (*table, key_text(row, &TABLES[*table]));
        assert!(now.insert(place, row.clone()).is_none(), "it was there");
    }
    plan.late.iter().for_each(|step| apply(&mut now, step));
    now
}

#[test]
fn a_value_that_nobody_touched_since_is_taken_back() {
    let past = [recorded(
        0,
        Op::Update,
        "1",
        json!({"name": "Ada"}),
        json!({"name": "Bob"}),
    )];
    let now = rows(&[(0, json!({"id": "1", "name": "Bob", "size": 3}))]);
    let plan = planned(&past, &now, None);
    assert!(plan.conflicts.is_empty());
    assert_eq!(
        carried_out(&plan, now),
        rows(&[(0, json!({"id": "1", "name": "Ada", "size": 3}))])
    );
}

#[test]
fn a_later_value_is_a_conflict_and_the_other_fields_are_taken_back() {
    let past = [recorded(
        0,
        Op::Update,
        "1",
        json!({"name": "Ada", "size": 3}),
        json!({"name": "Bob", "size": 4}),
    )];
    let now = rows(&[(0, json!({"id": "1", "name": "Eve", "size": 4}))]);
    let undecided = planned(&past, &now, None);
    assert!(!undecided.is_decided());
    let conflict = &undecided.conflicts[0];
    assert_eq!(
        (conflict.id.as_str(), conflict.why),
        ("parent/1/name", Why::Changed)
    );
    assert_eq!(
        (&conflict.before, &conflict.after, &conflict.now),
        (&json!("Ada"), &json!("Bob"), &json!("Eve"))
    );
    let kept = planned(&past, &now, Some(Choice::Keep));
    assert_eq!(
        carried_out(&kept, now.clone()),
        rows(&[(0, json!({"id": "1", "name": "Eve", "size": 3}))])
    );
    let taken = planned(&past, &now, Some(Choice::Take));
    assert_eq!(
        carried_out(&taken, now),
        rows(&[(0, json!({"id": "1", "name": "Ada", "size": 3}))])
    );
}

#[test]
fn what_was_made_and_edited_since_stays_with_all_that_belongs_to_it() {
    let mut past = vec![recorded(
        0,
        Op::Insert,
        "1",
        json!({}),
        json!({"id": "1", "name": "Ada"}),
    )];
    past.push(Recorded {
        object: Object::new("thing", "1"),
        ..recorded(1, Op::Insert, "7", json!({}), json!({"id": "7"}))
    });
    past.push(recorded(
        0,
        Op::Insert,
        "2",
        json!({}),
        json!({"id": "2", "name": "Bob"}),
    ));
    let now = rows(&[
        (0, json!({"id": "1", "name": "Eve"})),
        (1, json!({"id": "7"})),
        (0, json!({"id": "2", "name": "Bob"})),
    ]);
    let kept = planned(&past, &now, Some(Choice::Keep));
    assert_eq!(
        (kept.conflicts.len(), kept.undone.len(), kept.kept.len()),
        (1, 1, 1)
    );
    let left = rows(&[
        (0, json!({"id": "1", "name": "Eve"})),
        (1, json!({"id": "7"})),
    ]);
    assert_eq!(carried_out(&kept, now.clone()), left);
    let taken = planned(&past, &now, Some(Choice::Take));
    assert_eq!(carried_out(&taken, now), Rows::new());
}

#[test]
fn a_deleted_row_comes_back_unless_there_is_another_now() {
    let row = json!({"id": "1", "name": "Ada", "favourite": "2"});
    let past = [recorded(0, Op::Delete, "1", row.clone(), json!({}))];
    let plan = planned(&past, &Rows::new(), None);
    assert_eq!(plan.late.len(), 1, "what it names may come later");
    assert_eq!(carried_out(&plan, Rows::new()), rows(&[(0, row)]));
    let now = rows(&[(0, json!({"id": "1", "name": "Eve", "favourite": "2"}))]);
    let plan = planned(&past, &now, None);
    assert_eq!(plan.conflicts[0].why, Why::Back);
}

#[test]
fn nothing_is_to_be_done_where_somebody_did_it_already() {
    let past = [
        recorded(0, Op::Insert, "1", json!({}), json!({"id": "1"})),
        recorded(
            0,
            Op::Update,
            "2",
            json!({"name": "Ada"}),
            json!({"name": "Bob"}),
        ),
    ];
    let now = rows(&[(0, json!({"id": "2", "name": "Ada"}))]);
    let plan = planned(&past, &now, None);
    assert!(plan.is_empty() && plan.conflicts.is_empty());
}

#[test]
fn a_row_that_is_gone_cannot_get_its_value_back() {
    let past = [recorded(
        0,
        Op::Update,
        "1",
        json!({"name": "Ada"}),
        json!({"name": "Bob"}),
    )];
    let plan = planned(&past, &Rows::new(), Some(Choice::Take));
    assert_eq!(
        (plan.conflicts[0].why, plan.conflicts[0].choice),
        (Why::Gone, Some(Choice::Keep))
    );
    assert!(plan.is_empty());
}

#[test]
fn a_new_name_goes_back_to_the_old_one_unless_somebody_has_it() {
    let mut past = [recorded(
        0,
        Op::Update,
        "2",
        json!({"id": "1"}),
        json!({"id": "2"}),
    )];
    past[0].ident = fields(json!({"id": "2"}));
    let now = rows(&[(0, json!({"id": "2", "name": "Ada"}))]);
    let plan = planned(&past, &now, None);
    assert_eq!(
        carried_out(&plan, now),
        rows(&[(0, json!({"id": "1", "name": "Ada"}))])
    );
    let taken = rows(&[
        (0, json!({"id": "2"})),
        (0, json!({"id": "1", "name": "Eve"})),
    ]);
    assert_eq!(
        planned(&past, &taken, Some(Choice::Take)).conflicts[0].why,
        Why::Taken
    );
}

#[test]
fn what_goes_along_is_a_conflict_that_keeps_what_it_stands_on() {
    let past = [Recorded {
        object: Object::new("extension", "1001"),
        ..recorded(0, Op::Insert, "1", json!({}), json!({"id": "1"}))
    }];
    let later = Dependant {
        table: 2,
        row: fields(json!({"context": "default", "mailbox": "1001"})),
        object: Object::new("mailbox", "1001"),
    };
    let now = rows(&[(0, json!({"id": "1"}))]);
    let nets = net(&TABLES, &past);
    let kept = plan(
        &TABLES,
        &nets,
        &now,
        std::slice::from_ref(&later),
        &Choices::default(),
    );
    assert_eq!(
        (kept.conflicts[0].why, kept.removes.len()),
        (Why::Dependant, 0)
    );
    let choices = Choices {
        otherwise: Some(Choice::Take),
        ..Choices::default()
    };
    assert_eq!(
        plan(&TABLES, &nets, &now, &[later], &choices).removes.len(),
        1
    );
}

#[test]
fn columns_that_follow_from_others_are_no_conflict() {
    let past = [recorded(
        0,
        Op::Insert,
        "1",
        json!({}),
        json!({"id": "1", "mood": "good"}),
    )];
    let now = rows(&[(0, json!({"id": "1", "mood": "bad", "updated_at": "later"}))]);
    let plan = planned(&past, &now, None);
    assert!(plan.conflicts.is_empty());
    assert_eq!(plan.removes.len(), 1);
}

#[test]
fn a_name_that_is_kept_by_another_is_not_taken_back() {
    let mut now = Rows::new();
    done(&mut now, &[Deed::Make(2, 1)]);
    let past = done(
        &mut now,
        &[Deed::Rename(2, 1), Deed::Edit(1, 0), Deed::Make(2, 0)],
    );
    done(&mut now, &[Deed::Edit(2, 2)]);
    let plan = planned(&past, &now, Some(Choice::Keep));
    let why: Vec<_> = plan.conflicts.iter().map(|c| c.why).collect();
    assert_eq!(why, [Why::Changed, Why::Taken]);
    assert_eq!(carried_out(&plan, now.clone()), now, "nothing is touched");
}

#[derive(Debug, Clone)]
enum Deed {
    Make(u8, u8),
    Edit(u8, u8),
    Rename(u8, u8),
    Remove(u8),
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        (0..5_u8, 0..3_u8).prop_map(|(id, v)| Deed::Make(id, v)),
        (0..5_u8, 0..3_u8).prop_map(|(id, v)| Deed::Edit(id, v)),
        (0..5_u8, 0..5_u8).prop_map(|(id, to)| Deed::Rename(id, to)),
        (0..5_u8).prop_map(Deed::Remove),
    ];
    proptest::collection::vec(deed, 0..12)
}

/// Does it, and records it as the database does.
fn done(now: &mut Rows, deeds: &[Deed]) -> Vec<Recorded> {
    let mut past = Vec::new();
    let place = |id: u8| (0, id.to_string());
    for deed in deeds {
        match *deed {
            Deed::Make(id, v) if !now.contains_key(&place(id)) => {
                let row = json!({"id": id.to_string(), "name": v});
                now.insert(place(id), fields(row.clone()));
                past.push(recorded(0, Op::Insert, &id.to_string(), json!({}), row));
            }
            Deed::Edit(id, v) => {
                let Some(row) = now.get_mut(&place(id)) else {
                    continue;
                };
                let was = row.insert("name".into(), json!(v)).unwrap_or_default();
                if was != json!(v) {
                    past.push(recorded(
                        0,
                        Op::Update,
                        &id.to_string(),
                        json!({"name": was}),
                        json!({"name": v}),
                    ));
                }
            }
            Deed::Rename(id, to) if id != to && !now.contains_key(&place(to)) => {
                let Some(mut row) = now.remove(&place(id)) else {
                    continue;
                };
                row.insert("id".into(), json!(to.to_string()));
                now.insert(place(to), row);
                let (was, is) = (json!({"id": id.to_string()}), json!({"id": to.to_string()}));
                past.push(recorded(0, Op::Update, &to.to_string(), was, is));
            }
            Deed::Remove(id) => {
                let Some(row) = now.remove(&place(id)) else {
                    continue;
                };
                past.push(recorded(
                    0,
                    Op::Delete,
                    &id.to_string(),
                    Value::Object(row),
                    json!({}),
                ));
            }
            _ => {}
        }
    }
    past
}

proptest! {
    /// Chains of names that were passed on are undone in the order in which the database can do it: here each name is
    /// used by one row at most, as long as no name is taken by another row of the same transaction.
    #[test]
    fn whatever_was_done_is_as_it_was(start in deeds(), then in deeds()) {
        let mut before = Rows::new();
        done(&mut before, &start);
        let mut now = before.clone();
        let past = done(&mut now, &then);
        let plan = planned(&past, &now, None);
        let passed_on = plan.conflicts.iter().any(|c| c.why == Why::Taken);
        let collides = plan.renames.len() > 1;
        prop_assume!(!passed_on && !collides);
        prop_assert!(plan.conflicts.is_empty(), "{:?}", plan.conflicts);
        prop_assert_eq!(carried_out(&plan, now), before);
    }

    #[test]
    fn keeping_never_changes_what_somebody_else_did(start in deeds(), then in deeds(), later in deeds()) {
        let mut rows = Rows::new();
        done(&mut rows, &start);
        let past = done(&mut rows, &then);
        let between = rows.clone();
        done(&mut rows, &later);
        let choices = Choices { otherwise: Some(Choice::Keep), ..Choices::default() };
        let plan = plan(&TABLES, &net(&TABLES, &past), &rows, &[], &choices);
        for (table, step) in &plan.changes {
            // A row that gets its name back has another one until then.
            let renamed = plan.renames.iter().find(|(of, rename)| of == table && over(rename.key.clone(), &rename.set) == step.key);
            let key = renamed.map_or(&step.key, |(_, rename)| &rename.key);
            let place = (*table, key_text(key, &TABLES[*table]));
            for column in step.set.keys() {
                if let (Some(then), Some(now)) = (between.get(&place), rows.get(&place)) {
                    prop_assert_eq!(then.get(column), now.get(column));
                }
            }
        }
        for (table, key) in &plan.removes {
            let place = (*table, key_text(key, &TABLES[*table]));
            prop_assert_eq!(between.get(&place), rows.get(&place));
        }
    }
}
