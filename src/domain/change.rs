//! What the history says of one row that changed.

use chrono::{DateTime, Utc};
use serde_json::Value;

#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Changes of one transaction belong together.
    pub xid: String,
    pub at: DateTime<Utc>,
    /// A user's name, or the database role of somebody who wrote SQL.
    pub actor: String,
    pub origin: Option<String>,
    /// What the user wanted; None for SQL.
    pub act: Option<String>,
    pub table: String,
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
