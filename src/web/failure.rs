//! A use case that did not happen, as HTTP: the status here, the face by the router it happened under.

use std::any::Any;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use views::Texts;

use crate::app::Error;
use crate::domain::Invalid;
use crate::domain::invalid::Problem;

/// What a handler returns instead of its answer. The response has no body yet: middleware gives it one, as JSON or
/// as a page, in the language of whoever asked.
#[derive(Debug, Clone)]
pub struct Failure(pub Arc<Error>);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(Arc::new(error))
    }
}

impl From<Invalid> for Failure {
    fn from(invalid: Invalid) -> Self {
        Error::Invalid(invalid).into()
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = status(&self.0);
        if let Error::Throttled { retry_after } = *self.0 {
            let seconds = HeaderValue::from(retry_after.as_secs().max(1));
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        if matches!(*self.0, Error::Unauthenticated) {
            let bearer = HeaderValue::from_static("Bearer");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, bearer);
        }
        response.extensions_mut().insert(self);
        response
    }
}

pub fn status(error: &Error) -> StatusCode {
    match error {
        Error::Unauthenticated
        | Error::LoginFailed
        | Error::OtpRequired { .. }
        | Error::OtpWrong => StatusCode::UNAUTHORIZED,
        Error::Throttled { .. } => StatusCode::TOO_MANY_REQUESTS,
        Error::Forbidden | Error::ScopeMissing => StatusCode::FORBIDDEN,
        Error::NotFound(_) => StatusCode::NOT_FOUND,
        Error::Invalid(invalid) if invalid.is_malformed() => StatusCode::UNPROCESSABLE_ENTITY,
        Error::Invalid(_) | Error::Guard { .. } => StatusCode::BAD_REQUEST,
        Error::Busy(_) => StatusCode::CONFLICT,
        Error::DatabaseAway(_) | Error::AsteriskAway => StatusCode::SERVICE_UNAVAILABLE,
        Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The stable word for programs.
pub fn code(error: &Error) -> &'static str {
    match error {
        Error::Unauthenticated => "unauthenticated",
        Error::LoginFailed => "login_failed",
        Error::OtpRequired { .. } => "otp_required",
        Error::OtpWrong => "otp_wrong",
        Error::Throttled { .. } => "throttled",
        Error::Forbidden => "forbidden",
        Error::ScopeMissing => "scope_missing",
        Error::NotFound(_) => "not_found",
        Error::Invalid(invalid) => invalid
            .problems()
            .first()
            .map_or("malformed", |p| p.code.as_str()),
        Error::Guard { .. } => "guard",
        Error::Busy(_) => "conflict",
        Error::DatabaseAway(_) => "database_away",
        Error::AsteriskAway => "asterisk_away",
        Error::Internal(_) => "internal",
    }
}

/// One sentence for people.
pub fn sentence(error: &Error, texts: &Texts) -> String {
    match error {
        Error::Invalid(invalid) => match invalid.problems().first() {
            Some(problem) => of_problem(problem, texts),
            None => texts.error("malformed", &[]),
        },
        // Written for a person at the database; it names the table and what to do.
        Error::Guard { message, hint } => match hint {
            Some(hint) => format!("{message}. {hint}"),
            None => message.clone(),
        },
        other => texts.error(code(other), &[]),
    }
}

pub fn of_problem(problem: &Problem, texts: &Texts) -> String {
    let args: Vec<_> = problem
        .args
        .iter()
        .map(|(name, value)| (*name, value.clone().into()))
        .collect();
    texts.error(problem.code.as_str(), &args)
}

/// Logged once, here where it is answered; only what is our fault or nobody's.
pub fn log(error: &Error, request_id: &str) {
    if status(error).is_server_error() {
        tracing::error!(
            request.id = request_id,
            error = error as &dyn std::error::Error,
            "request failed"
        );
    }
}

/// A panic is a bug: the request gets the same answer as any internal error.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature is the layer's"
)]
pub fn after_panic(panic: Box<dyn Any + Send>) -> Response {
    let what = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    Failure::from(Error::internal(format!("panicked: {what}"))).into_response()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::domain::invalid::Code;

    #[test]
    fn every_code_has_a_sentence_of_its_own() {
        let known: HashSet<_> = views::texts::error_codes().collect();
        let errors = [
            Error::Unauthenticated,
            Error::LoginFailed,
            Error::OtpRequired { step: "x".into() },
            Error::OtpWrong,
            Error::Throttled {
                retry_after: std::time::Duration::ZERO,
            },
            Error::Forbidden,
            Error::ScopeMissing,
            Error::NotFound("x"),
            Error::AsteriskAway,
            Error::internal("x"),
        ];
        let codes = Code::ALL
            .iter()
            .map(|c| c.as_str())
            .chain(errors.iter().map(code));
        let missing: Vec<_> = codes
            .chain(["method_not_allowed"])
            .filter(|c| !known.contains(c))
            .collect();
        assert!(missing.is_empty(), "no text for {missing:?}");
    }
}
