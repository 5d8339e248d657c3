//! Taking a transaction back: what has to be done to its rows, and where somebody has changed them since. Pure.

mod plan;

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::change::Op;
pub use plan::plan;

/// When a row was last changed is true by itself.
const STAMP: &str = "updated_at";
const STAMPS: [&str; 2] = ["created_at", STAMP];

/// Columns of a row and their values; one that is NULL may be missing.
pub type Fields = Map<String, Value>;

/// A table whose changes are recorded. Where it stands in the list says what is made first: rows that others name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// As the history calls it.
    pub tab: &'static str,
    /// As SQL calls it.
    pub place: &'static str,
    pub key: &'static [&'static str],
    /// Columns that name rows of tables further down: written when everything is there.
    pub late: &'static [&'static str],
    /// Columns that follow from others: a difference there is nobody's decision.
    pub restless: &'static [&'static str],
}

/// Kind and name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Object {
    pub kind: String,
    pub name: String,
}

impl Object {
    pub fn new(kind: &str, name: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            name: name.to_owned(),
        }
    }
}

/// One recorded change, secrets included.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// Place in the list of tables.
    pub table: usize,
    pub op: Op,
    /// The key's columns: after the change, or before it for a row that was deleted.
    pub ident: Fields,
    pub before: Fields,
    pub after: Fields,
    pub object: Object,
}

/// What a transaction has done to one row, from its beginning to its end.
#[derive(Debug, Clone, PartialEq)]
pub struct Net {
    pub table: usize,
    pub object: Object,
    /// None: there was no such row. All columns when the row went, else those that differ.
    was: Option<Fields>,
    is: Option<Fields>,
    key_was: Fields,
    key_is: Fields,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// Leave what somebody has made of it since.
    Keep,
    /// Take the old value back.
    Take,
}

#[derive(Debug, Clone, Default)]
pub struct Choices {
    pub by_id: HashMap<String, Choice>,
    /// For those that are not named.
    pub otherwise: Option<Choice>,
}

impl Choices {
    fn of(&self, id: &str) -> Option<Choice> {
        self.by_id.get(id).copied().or(self.otherwise)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The value is another one now.
    Changed,
    /// The row has been deleted since; there is nothing to give the old value to.
    Gone,
    /// The row is there again, with another value.
    Back,
    /// Somebody else has the old name.
    Taken,
    /// Something that came later would go along.
    Dependant,
}

impl Why {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Gone => "gone",
            Self::Back => "back",
            Self::Taken => "taken",
            Self::Dependant => "dependant",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    /// Table, key and column: the same when asked again.
    pub id: String,
    pub object: Object,
    pub tab: &'static str,
    pub key: String,
    pub column: Option<String>,
    pub why: Why,
    /// Before the transaction, after it, and now.
    pub before: Value,
    pub after: Value,
    pub now: Value,
    pub choice: Option<Choice>,
}

/// A row that went along though the transaction has nothing to do with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Dependant {
    pub table: usize,
    pub row: Fields,
    pub object: Object,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    pub key: Fields,
    pub set: Fields,
}

/// By table, in the order of the list.
#[derive(Debug, Default)]
pub struct Plan {
    pub removes: Vec<(usize, Fields)>,
    /// The key's columns alone.
    pub renames: Vec<(usize, Step)>,
    pub changes: Vec<(usize, Step)>,
    pub inserts: Vec<(usize, Fields)>,
    pub late: Vec<(usize, Step)>,
    pub conflicts: Vec<Conflict>,
    /// What is taken back, and what is left as it is.
    pub undone: HashSet<Object>,
    pub kept: HashSet<Object>,
}

impl Plan {
    pub fn is_decided(&self) -> bool {
        self.conflicts.iter().all(|c| c.choice.is_some())
    }

    pub fn is_empty(&self) -> bool {
        self.removes.is_empty()
            && self.renames.is_empty()
            && self.changes.is_empty()
            && self.inserts.is_empty()
            && self.late.is_empty()
    }
}

/// Rows as they are now, by table and key.
pub type Rows = HashMap<(usize, String), Fields>;

/// The key as the history writes it.
pub fn key_text(key: &Fields, table: &Table) -> String {
    let parts: Vec<String> = table.key.iter().map(|c| plain(key.get(*c))).collect();
    parts.join("/")
}

pub fn plain(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

fn key_of(row: &Fields, table: &Table) -> Fields {
    let columns = table.key.iter();
    let pairs = columns.filter_map(|c| Some(((*c).to_owned(), row.get(*c)?.clone())));
    pairs.collect()
}

fn over(mut below: Fields, above: &Fields) -> Fields {
    for (column, value) in above {
        below.insert(column.clone(), value.clone());
    }
    below
}

/// All that happened to each row, as one. `recorded` is in the order in which it happened.
pub fn net(tables: &[Table], recorded: &[Recorded]) -> Vec<Net> {
    let mut nets: Vec<Option<Net>> = Vec::new();
    let mut at: HashMap<(usize, String), usize> = HashMap::new();
    for change in recorded {
        let table = &tables[change.table];
        let key_is = key_of(&change.ident, table);
        let key_was = key_of(&over(key_is.clone(), &change.before), table);
        let known = at.remove(&(change.table, key_text(&key_was, table)));
        let earlier = known.and_then(|index| nets[index].take().map(|net| (index, net)));
        let (index, earlier) = match earlier {
            Some((index, net)) => (index, Some(net)),
            None => (nets.len(), None),
        };
        if index == nets.len() {
            nets.push(None);
        }
        let place = (change.table, key_text(&key_is, table));
        nets[index] = merged(earlier, change, &key_was, key_is);
        if nets[index].is_some() {
            at.insert(place, index);
        }
    }
    let mut nets = made_anew(tables, nets.into_iter().flatten().collect());
    nets.retain_mut(Net::is_something);
    nets
}

/// A row that went under another name than it had in the beginning, and one that was made with that name, are one.
fn made_anew(tables: &[Table], nets: Vec<Net>) -> Vec<Net> {
    let name = |table: usize, key: &Fields| (table, key_text(key, &tables[table]));
    let (made, mut nets): (Vec<_>, Vec<_>) = nets.into_iter().partition(|net| net.was.is_none());
    let mut lost: HashMap<(usize, String), usize> = HashMap::new();
    for (index, net) in nets.iter().enumerate().filter(|(_, net)| net.is.is_none()) {
        lost.insert(name(net.table, &net.key_was), index);
    }
    for net in made {
        match lost.remove(&name(net.table, &net.key_is)) {
            Some(index) => {
                nets[index].is = net.is;
                nets[index].key_is = net.key_is;
            }
            None => nets.push(net),
        }
    }
    nets
}

fn merged(
    earlier: Option<Net>,
    change: &Recorded,
    key_was: &Fields,
    key_is: Fields,
) -> Option<Net> {
    let made = |was, is| Net {
        table: change.table,
        object: change.object.clone(),
        was,
        is,
        key_was: key_was.clone(),
        key_is: key_is.clone(),
    };
    let Some(earlier) = earlier else {
        return Some(match change.op {
            Op::Insert => made(None, Some(change.after.clone())),
            Op::Update => made(Some(change.before.clone()), Some(change.after.clone())),
            Op::Delete => made(Some(change.before.clone()), None),
        });
    };
    match change.op {
        // It had been deleted: whatever the new row has not got is gone.
        Op::Insert => Some(Net {
            is: Some(change.after.clone()),
            key_is,
            ..earlier
        }),
        Op::Update => Some(Net {
            // What it was in the beginning counts.
            was: earlier.was.map(|was| over(change.before.clone(), &was)),
            is: earlier.is.map(|is| over(is, &change.after)),
            key_is,
            ..earlier
        }),
        Op::Delete => earlier.was.map(|was| Net {
            was: Some(over(change.before.clone(), &was)),
            is: None,
            object: earlier.object,
            key_was: earlier.key_was,
            key_is,
            table: earlier.table,
        }),
    }
}

impl Net {
    /// Without what came back to where it had been by itself.
    fn is_something(&mut self) -> bool {
        let (Some(was), Some(is)) = (&mut self.was, &mut self.is) else {
            return true;
        };
        let columns: HashSet<String> = was.keys().chain(is.keys()).cloned().collect();
        for column in columns {
            let (old, new) = (get(was, &column), get(is, &column));
            if old == new {
                was.remove(&column);
                is.remove(&column);
            } else {
                was.insert(column.clone(), old);
                is.insert(column, new);
            }
        }
        !was.is_empty()
    }

    fn renames(&self) -> bool {
        self.was.is_some() && self.is.is_some() && self.key_was != self.key_is
    }

    /// Whether its object is taken back as a whole or not at all.
    fn is_whole(&self) -> bool {
        self.was.is_none() || self.is.is_none() || self.renames()
    }

    /// All keys under which the row may be found now.
    pub fn keys(&self) -> impl Iterator<Item = &Fields> {
        [&self.key_is, &self.key_was].into_iter()
    }

    /// As far as it is known.
    pub fn row(&self) -> Fields {
        let base = over(self.key_is.clone(), &self.was.clone().unwrap_or_default());
        over(base, &self.is.clone().unwrap_or_default())
    }

    /// What a column was, and became.
    pub fn values(&self, column: &str) -> impl Iterator<Item = &Value> {
        let rows = [
            Some(&self.key_was),
            Some(&self.key_is),
            self.was.as_ref(),
            self.is.as_ref(),
        ];
        rows.into_iter()
            .flatten()
            .filter_map(move |row| row.get(column))
    }

    /// A row that is brought back.
    pub fn lost(&self) -> Option<&Fields> {
        self.was.as_ref().filter(|_| self.is.is_none())
    }
}

fn get(row: &Fields, column: &str) -> Value {
    row.get(column).cloned().unwrap_or(Value::Null)
}

#[cfg(test)]
mod tests;
