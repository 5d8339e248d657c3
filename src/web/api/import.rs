//! `peers/import` and `peers/export`: many extensions at once, as CSV or as JSON. Additions to the original's API.

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::handler::Handler;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Json, http::HeaderValue};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use views::Texts;

use crate::app::import::Outcome;
use crate::app::selection::{Filter, State as Online};
use crate::app::{Error, Result};
use crate::domain::export::{self, PLAIN};
use crate::domain::import::{self, Bad, Checked, Good, Table};
use crate::domain::invalid::Code;
use crate::domain::mailbox::Pin;
use crate::domain::secret::MASK;
use crate::domain::{Act, Invalid, SipSecret};
use crate::web::Site;
use crate::web::access::Routes;
use crate::web::auth::Bearer;
use crate::web::failure::{self, Failure};

pub fn router() -> Routes {
    Routes::new()
        .post(
            "/peers/import",
            Act::ImportExtensions,
            // Of what is larger than a table may be, enough is read to say so.
            import.layer(DefaultBodyLimit::max(4 * import::MOST_BYTES)),
        )
        .get("/peers/export", Act::ExportExtensions, send)
}

#[derive(Debug, Deserialize)]
struct ImportQuery {
    #[serde(default)]
    dry_run: bool,
}

async fn import(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Query(query): Query<ImportQuery>,
    headers: HeaderMap,
    body: Bytes,
) -> std::result::Result<Response, Failure> {
    let table = table(&headers, &body)?;
    let texts = super::texts(&site, &headers);
    let total = table.rows.len();
    if query.dry_run {
        let checked = site.app.check_import(&actor, table).await?;
        return Ok(Json(json!({
            "status": "checked",
            "dry_run": true,
            "total": total,
            "valid": checked.good.len(),
            "rows": refusals(&checked, &texts),
            "weak": weak(&checked.good),
        }))
        .into_response());
    }
    match site.app.import_extensions(&actor, table).await? {
        Outcome::Refused(checked) => {
            let body = json!({
                "detail": texts.t_count("import-refused", checked.bad.len() as u64),
                "code": "import_refused",
                "errors": {},
                "total": total,
                "valid": checked.good.len(),
                "rows": refusals(&checked, &texts),
            });
            Ok((StatusCode::BAD_REQUEST, Json(body)).into_response())
        }
        Outcome::Saved { saved, applied } => Ok(Json(json!({
            "status": "imported",
            "dry_run": false,
            "total": total,
            "live": applied.live.is_ok(),
            "tx": applied.tx,
            "peers": saved.iter().map(peer).collect::<Vec<_>>(),
            "weak": weak(&saved),
        }))
        .into_response()),
    }
}

/// `text/csv`, or JSON: a list of objects with the fields of a peer, also under `peers`.
fn table(headers: &HeaderMap, body: &[u8]) -> Result<Table> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    if kind.starts_with("text/") {
        let (text, was_windows) = import::decode(body)?;
        return Ok(Table {
            was_windows,
            ..Table::read(&text)?
        });
    }
    if body.len() > import::MOST_BYTES {
        return Err(import::too_large().into());
    }
    let malformed = || Error::from(Invalid::one("body", Code::Malformed));
    let list = match serde_json::from_slice(body) {
        Ok(Value::Array(list)) => list,
        Ok(Value::Object(mut object)) => match object.remove("peers") {
            Some(Value::Array(list)) => list,
            _ => return Err(malformed()),
        },
        _ => return Err(malformed()),
    };
    let objects = list.into_iter().map(|value| match value {
        Value::Object(object) => Ok(object),
        _ => Err(malformed()),
    });
    Ok(Table::of_objects(objects.collect::<Result<_>>()?)?)
}

fn refusals(checked: &Checked, texts: &Texts) -> Vec<Value> {
    checked.bad.iter().map(|bad| refusal(bad, texts)).collect()
}

fn refusal(bad: &Bad, texts: &Texts) -> Value {
    let (mut errors, mut details) = (Map::new(), Map::new());
    let add = |map: &mut Map<String, Value>, field: &str, value: String| {
        let list = map.entry(field).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(list) = list {
            list.push(value.into());
        }
    };
    for problem in bad.invalid.problems() {
        add(&mut errors, problem.field, problem.code.as_str().to_owned());
        add(
            &mut details,
            problem.field,
            failure::of_problem(problem, texts),
        );
    }
    json!({"row": bad.line, "extension": bad.number, "caller_id": bad.name, "errors": errors, "details": details})
}

fn weak(good: &[Good]) -> Vec<&str> {
    let weak = good.iter().filter(|good| good.is_weak());
    weak.map(|good| good.edit.number.as_str()).collect()
}

/// What was generated is shown this once.
fn peer(good: &Good) -> Value {
    let secret = good.secret().filter(|_| good.is_generated);
    let pin = good
        .mailbox
        .as_ref()
        .and_then(|mailbox| mailbox.pin.as_ref());
    let shown = pin.map(|pin| {
        if good.is_pin_generated {
            Pin::expose(pin)
        } else {
            MASK
        }
    });
    json!({
        "id": good.edit.number.id(),
        "extension": good.edit.number.as_str(),
        "secret": secret.map_or(MASK, |new| SipSecret::expose(&new.secret)),
        "pin": shown,
    })
}

#[derive(Debug, Deserialize)]
struct ExportQuery {
    #[serde(default)]
    q: String,
    #[serde(default)]
    state: String,
}

async fn send(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Query(query): Query<ExportQuery>,
) -> std::result::Result<Response, Failure> {
    let filter = Filter::new(&query.q, online(&query.state)?);
    let list = site.app.export_extensions(&actor, &filter).await?;
    let rows = list
        .iter()
        .map(|(e, mailbox)| export::exported(e, mailbox.as_ref(), PLAIN));
    let csv = export::write(PLAIN, &export::EXPORTED, rows).map_err(Error::internal)?;
    Ok(download("extensions.csv", csv))
}

/// The name of a state in a request; empty for any.
pub fn online(name: &str) -> Result<Online> {
    match name {
        "" | "any" => Ok(Online::Any),
        "online" => Ok(Online::Online),
        "offline" => Ok(Online::Offline),
        "disabled" => Ok(Online::Disabled),
        _ => Err(Invalid::one("state", Code::Malformed).into()),
    }
}

/// A table to keep as a file of this name.
pub fn download(name: &str, csv: Vec<u8>) -> Response {
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""));
    let mut response = csv.into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8"),
    );
    if let Ok(disposition) = disposition {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}
