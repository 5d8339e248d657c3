//! All SQL: functions over a connection, one file per aggregate. Knows tables and types, no rules and no transactions'
//! ends.

pub mod api_keys;
pub mod bulk;
pub mod calls;
pub mod cdr;
pub mod changes;
pub mod contacts;
pub mod extensions;
pub mod extras;
pub mod forwards;
pub mod import;
pub mod lamps;
pub mod mail;
pub mod original;
pub mod routes;
pub mod rows;
pub mod second_factor;
pub mod sessions;
pub mod settings;
pub mod sql;
pub mod status;
pub mod trunks;
pub mod undo;
pub mod users;
pub mod voicemail;

pub use sqlx::PgConnection;
pub use sqlx::PgPool;

use crate::domain::invalid::Code;

/// What went wrong at the database, told apart by what the one who asked can do about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A uniqueness rule of the database: this field's value is taken.
    #[error("{field}: {}", code.as_str())]
    Conflict { field: &'static str, code: Code },
    /// A guard of the schema refused it, with a message for people.
    #[error("{message}")]
    Guard {
        message: String,
        hint: Option<String>,
    },
    /// Somebody else holds what is needed; the same may work in a moment.
    #[error("somebody else is changing the same")]
    Busy(#[source] sqlx::Error),
    /// The database cannot be reached now.
    #[error("the database cannot be reached")]
    Away(#[source] sqlx::Error),
    #[error("a statement failed")]
    Failed(#[source] sqlx::Error),
}

pub type Result<T> = std::result::Result<T, Error>;

/// Constraint names are the uniqueness check; this is what each means to a person.
const CONFLICTS: [(&str, &str, Code); 23] = [
    ("ps_endpoints_id_key", "extension", Code::Taken),
    ("ps_auths_id_key", "extension", Code::Taken),
    ("ps_aors_id_key", "extension", Code::Taken),
    ("extension_pkey", "extension", Code::Taken),
    (
        "extensions_context_exten_priority_key",
        "extension",
        Code::Taken,
    ),
    ("extension_number_custom", "extension", Code::Taken),
    (
        "extension_number_emergency",
        "extension",
        Code::EmergencyNumber,
    ),
    (
        "setting_emergency_number_taken",
        "emergency_numbers",
        Code::EmergencyIsExtension,
    ),
    ("app_user_username_key", "username", Code::Taken),
    ("app_user_email_key", "email", Code::Taken),
    ("app_user_last_admin", "role", Code::LastAdmin),
    ("extension_user_id_key", "user_id", Code::Taken),
    ("trunk_name_key", "name", Code::NameTaken),
    ("number_range_taken", "number_block", Code::BlockTaken),
    ("did_route_did_key", "did", Code::DidTaken),
    (
        "forward_extension_kind_key",
        "forward_type",
        Code::ForwardExists,
    ),
    (
        "forward_extension_fkey",
        "extension",
        Code::UnknownExtension,
    ),
    ("did_route_trunk_fkey", "trunk_id", Code::UnknownTrunk),
    (
        "did_route_extension_fkey",
        "destination_extension",
        Code::UnknownExtension,
    ),
    (
        "extension_outbound_did",
        "outbound_cid",
        Code::DidNotAssigned,
    ),
    ("extension_user_id_fkey", "user_id", Code::UnknownUser),
    ("api_key_user_id_fkey", "user_id", Code::UnknownUser),
    ("api_key_name_key", "name", Code::Taken),
];

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error as E;
        match &error {
            E::Database(refusal) => {
                let name = refusal.constraint().unwrap_or_default();
                if let Some((_, field, code)) = CONFLICTS.iter().find(|(known, ..)| *known == name)
                {
                    return Self::Conflict { field, code: *code };
                }
                if name == "pbx_guard" {
                    let hint = refusal
                        .try_downcast_ref::<sqlx::postgres::PgDatabaseError>()
                        .and_then(|pg| pg.hint().map(str::to_owned));
                    return Self::Guard {
                        message: refusal.message().to_owned(),
                        hint,
                    };
                }
                // Lock timeout, statement timeout, deadlock, serialisation.
                let busy = ["55P03", "57014", "40P01", "40001"];
                if refusal
                    .code()
                    .is_some_and(|code| busy.contains(&code.as_ref()))
                {
                    return Self::Busy(error);
                }
                // 57P01 to 57P03: shutting down, crashed, starting up.
                if refusal.code().is_some_and(|code| code.starts_with("57P")) {
                    return Self::Away(error);
                }
                Self::Failed(error)
            }
            E::Io(_) | E::PoolTimedOut | E::PoolClosed | E::Tls(_) => Self::Away(error),
            _ => Self::Failed(error),
        }
    }
}
