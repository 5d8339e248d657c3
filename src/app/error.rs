//! Why a use case did not happen, told apart by what the one who asked can do about it.

use secrecy::SecretString;

use crate::domain::Invalid;
use crate::domain::invalid::Code;
use crate::store;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("not logged in")]
    Unauthenticated,
    #[error("wrong user name or password")]
    LoginFailed,
    /// The password was right; `step` is what the second factor can be added to.
    #[error("the second factor is missing")]
    OtpRequired { step: SecretString },
    #[error("wrong second factor")]
    OtpWrong,
    #[error("too many attempts")]
    Throttled { retry_after: std::time::Duration },
    #[error("the key has not the scope for it")]
    ScopeMissing,
    #[error("not allowed")]
    Forbidden,
    /// What kind of thing was asked for.
    #[error("{0} not found")]
    NotFound(&'static str),
    #[error("the input breaks a rule")]
    Invalid(Invalid),
    /// A guard of the database refused it.
    #[error("{message}")]
    Guard {
        message: String,
        hint: Option<String>,
    },
    #[error("somebody else is changing the same")]
    Busy(#[source] sqlx::Error),
    #[error("the database cannot be reached")]
    DatabaseAway(#[source] sqlx::Error),
    #[error("Asterisk cannot be reached")]
    AsteriskAway,
    #[error("internal error")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    pub fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(error.into())
    }
}

impl From<Invalid> for Error {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Conflict {
                code: Code::UnknownUser,
                ..
            } => Self::NotFound("user"),
            store::Error::Conflict { field, code } => Self::Invalid(Invalid::one(field, code)),
            store::Error::Guard { message, hint } => Self::Guard { message, hint },
            store::Error::Busy(cause) => Self::Busy(cause),
            store::Error::Away(cause) => Self::DatabaseAway(cause),
            store::Error::Failed(cause) => Self::internal(cause),
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        store::Error::from(error).into()
    }
}

pub type Result<T> = std::result::Result<T, Error>;
