//! What the history says of changes: transactions, and the rows they changed.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::undo::Object;

/// All that one transaction changed.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeSet {
    pub id: i64,
    /// The transaction, as programs name it.
    pub tx: String,
    pub at: DateTime<Utc>,
    /// A user's name, or the database role of somebody who wrote SQL.
    pub actor: String,
    pub origin: Option<String>,
    /// What the user wanted; None for SQL.
    pub act: Option<String>,
    /// The transaction that this one took back.
    pub undoes: Option<String>,
    /// The last transaction that took this one back.
    pub undone_by: Option<String>,
    /// How many rows it changed.
    pub rows: i64,
    /// What it was about, the first of each kind and name.
    pub objects: Vec<Object>,
    /// The first of its changes; there may be more.
    pub changes: Vec<Change>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Changes of one transaction belong together.
    pub xid: String,
    pub set_id: i64,
    pub at: DateTime<Utc>,
    pub actor: String,
    pub origin: Option<String>,
    pub act: Option<String>,
    pub table: String,
    pub key: String,
    pub object: Object,
    pub op: Op,
    /// Columns that differ; all of them when the row appeared or went. Secrets are masked.
    pub before: Value,
    pub after: Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    Insert,
    Update,
    Delete,
}

impl Op {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }

    /// As the column says it; its check allows three letters.
    pub fn from_column(letter: &str) -> Self {
        match letter {
            "I" => Self::Insert,
            "D" => Self::Delete,
            _ => Self::Update,
        }
    }
}

/// Kinds of objects that people ask for.
pub const KINDS: [&str; 14] = [
    "extension",
    "mailbox",
    "forward",
    "number",
    "trunk",
    "user",
    "setting",
    "dialplan",
    "endpoint",
    "queue",
    "music",
    "key",
    "rule",
    "other",
];

#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChangeFilter {
    pub actor: Option<String>,
    pub act: Option<String>,
    pub kind: Option<String>,
    pub object: Option<String>,
    pub from: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
    /// In small letters.
    pub text: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChangePage {
    /// Older than this one.
    pub after: Option<i64>,
    pub offset: u64,
    pub limit: u64,
}
