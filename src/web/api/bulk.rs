//! `peers/bulk`: one change of many extensions. An addition to the original's API.

use axum::Json;
use axum::extract::State;
use serde_json::{Map, Value, json};

use super::body::read;
use super::import::online;
use crate::app::Error;
use crate::app::bulk::{Selection, numbers_of};
use crate::app::selection::Filter;
use crate::domain::bulk::ChangeDraft;
use crate::domain::invalid::Code;
use crate::domain::{Act, Fields, Invalid};
use crate::web::Site;
use crate::web::access::Routes;
use crate::web::auth::Bearer;
use crate::web::failure::Failure;

pub fn router() -> Routes {
    Routes::new().post("/peers/bulk", Act::EditManyExtensions, change)
}

/// `extensions` names them, or `all` means whichever match `q` and `state`.
async fn change(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    body: axum::body::Bytes,
) -> Result<Json<Value>, Failure> {
    let malformed = || Error::from(Invalid::one("body", Code::Malformed));
    let Ok(Value::Object(mut object)) = serde_json::from_slice(&body) else {
        return Err(malformed().into());
    };
    let named = named(&mut object)?;
    let mut fields = Fields::from_json(object);
    let draft = ChangeDraft::read(&mut fields);
    let all = fields.flag("all").value().unwrap_or(false);
    let (words, state) = (fields.text("q"), fields.text("state"));
    read(fields)?;
    let selection = if all {
        let state = online(&state.value().unwrap_or_default())?;
        Selection::Matching(Filter::new(&words.value().unwrap_or_default(), state))
    } else {
        Selection::Numbers(numbers_of(named.iter().map(String::as_str))?)
    };
    let changed = site
        .app
        .edit_many(&actor, selection, draft.check()?)
        .await?;
    Ok(Json(json!({
        "status": "ok",
        "count": changed.numbers.len(),
        "live": changed.applied.live.is_ok(),
        "tx": changed.applied.tx,
    })))
}

fn named(object: &mut Map<String, Value>) -> Result<Vec<String>, Error> {
    let malformed = || Error::from(Invalid::one("extensions", Code::Malformed));
    let list = match object.remove("extensions") {
        None => return Ok(Vec::new()),
        Some(Value::Array(list)) => list,
        Some(_) => return Err(malformed()),
    };
    let texts = list.into_iter().map(|value| match value {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err(malformed()),
    });
    texts.collect()
}
