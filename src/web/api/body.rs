//! A JSON object as the fields of a draft.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use serde_json::Value;

use super::super::failure::Failure;
use crate::app::Error;
use crate::domain::invalid::Code;
use crate::domain::{Fields, Invalid};

/// Any well-formed JSON object; everything else is malformed, never a crash.
#[derive(Debug)]
pub struct Object(pub Fields);

impl<S: Send + Sync> FromRequest<S> for Object {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let malformed = || Failure::from(Invalid::one("body", Code::Malformed));
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|_| malformed())?;
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(object)) => Ok(Self(Fields::from_json(object))),
            _ => Err(malformed()),
        }
    }
}

/// Fails when a field was not of the kind that was asked for.
pub fn read(fields: Fields) -> Result<(), Error> {
    fields.finish().or(()).map_err(Error::from)
}
