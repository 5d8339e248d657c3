//! Tables and columns that statements of varying shape name. A test compares them with the migrated schema.

use sea_query::Iden;

#[derive(Debug, Clone, Copy, Iden)]
pub enum Pbx {
    #[iden = "pbx"]
    Schema,
}

/// `pbx.call`: one row a call.
#[derive(Debug, Clone, Copy, Iden)]
pub enum Call {
    #[iden = "call"]
    Table,
    Id,
    Linkedid,
    StartedAt,
    Direction,
    Outcome,
    Src,
    SrcName,
    Dst,
    Extensions,
    Duration,
    Billsec,
    Legs,
}

/// `pbx.call_number`: every number that called or was called, once.
#[derive(Debug, Clone, Copy, Iden)]
pub enum CallNumber {
    #[iden = "call_number"]
    Table,
    Number,
    /// How many it made and got, by direction and outcome.
    Calls,
    MadeInternal,
    MadeIncoming,
    MadeOutgoing,
    GotInternal,
    GotIncoming,
    GotOutgoing,
}

/// `pbx.call_number_delta`: what is not in `pbx.call_number` yet.
#[derive(Debug, Clone, Copy, Iden)]
pub enum CallNumberDelta {
    #[iden = "call_number_delta"]
    Table,
    Number,
    Place,
    Calls,
}

/// `pbx.call_extension`: the calls of each extension, with what is added up of them.
#[derive(Debug, Clone, Copy, Iden)]
pub enum CallExtension {
    #[iden = "call_extension"]
    Table,
    Extension,
    CallId,
}

/// `pbx.change_set`: one row a transaction.
#[derive(Debug, Clone, Copy, Iden)]
pub enum ChangeSet {
    #[iden = "change_set"]
    Table,
    Id,
    Tx,
    BeganAt,
    Actor,
    Origin,
    Act,
}

/// `pbx.change`: one row a changed row.
#[derive(Debug, Clone, Copy, Iden)]
pub enum Change {
    #[iden = "change"]
    Table,
    SetId,
    Kind,
    Object,
    Words,
}

/// Every column named above, as the test asks for it.
pub const NAMED: [(&str, &str, &[&str]); 6] = [
    (
        "pbx",
        "call",
        &[
            "id",
            "linkedid",
            "started_at",
            "direction",
            "outcome",
            "src",
            "src_name",
            "dst",
            "extensions",
            "duration",
            "billsec",
            "legs",
        ],
    ),
    (
        "pbx",
        "call_number",
        &[
            "number",
            "calls",
            "made_internal",
            "made_incoming",
            "made_outgoing",
            "got_internal",
            "got_incoming",
            "got_outgoing",
        ],
    ),
    ("pbx", "call_number_delta", &["number", "place", "calls"]),
    (
        "pbx",
        "call_extension",
        &[
            "extension",
            "call_id",
            "started_at",
            "direction",
            "outcome",
            "duration",
            "billsec",
        ],
    ),
    (
        "pbx",
        "change_set",
        &["id", "tx", "began_at", "actor", "origin", "act"],
    ),
    ("pbx", "change", &["set_id", "kind", "object", "words"]),
];
