//! `audit/*`: who changed what, one object a transaction, and how to take one back.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::asked::{Asked, Part, check_texts, given, span};
use crate::app::undo::Undo;
use crate::domain::change::{Change, ChangeFilter, ChangePage, ChangeSet};
use crate::domain::invalid::Code;
use crate::domain::undo::{Choice, Choices, Conflict};
use crate::domain::{Act, Invalid};
use crate::web::Site;
use crate::web::access::Routes;
use crate::web::auth::Bearer;
use crate::web::failure::Failure;

pub fn router() -> Routes {
    Routes::new()
        .get("/audit", Act::ViewChanges, list)
        .get("/audit/{tx}", Act::ViewChanges, one)
        .post("/audit/{tx}/undo", Act::UndoChanges, undo)
        .get("/audit/{tx}/undo", Act::UndoChanges, preview)
}

fn filter(asked: &Asked) -> Result<ChangeFilter, Invalid> {
    let mut invalid = Invalid::new();
    let given = |name: &str| given(asked, name);
    let (from, until) = span(asked, &mut invalid);
    let texts = ["username", "action", "kind", "object", "q"];
    check_texts(asked, &texts, &mut invalid);
    let text = given("q").map(|text| text.trim().to_lowercase());
    if text.as_ref().is_some_and(|text| text.chars().count() < 3) {
        invalid.add_with("q", Code::TooShort, &[("min", "3".to_owned())]);
    }
    invalid.or(ChangeFilter {
        actor: given("username"),
        act: given("action"),
        kind: given("kind"),
        object: given("object"),
        from,
        until,
        text,
    })
}

fn page(asked: &Asked) -> Result<ChangePage, Invalid> {
    let part = Part::asked(asked, str::parse)?;
    Ok(ChangePage {
        after: part.after,
        offset: part.offset,
        limit: part.limit,
    })
}

async fn list(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Query(asked): Query<Asked>,
) -> Result<Json<Value>, Failure> {
    let filter = filter(&asked)?;
    let sets = site.app.change_sets(&actor, &filter, page(&asked)?).await?;
    let total = site.app.change_count(&actor, &filter).await?;
    let logs: Vec<Value> = sets.iter().map(object).collect();
    Ok(Json(json!({"total": total, "logs": logs})))
}

async fn one(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Path(tx): Path<String>,
) -> Result<Json<Value>, Failure> {
    Ok(Json(object(&site.app.change_set(&actor, &tx).await?)))
}

fn object(set: &ChangeSet) -> Value {
    let first = set.objects.first();
    let named = |set: &ChangeSet| -> Vec<Value> {
        let objects = set.objects.iter();
        objects
            .map(|o| json!({"kind": o.kind, "name": o.name}))
            .collect()
    };
    json!({
        "id": set.id,
        "tx": set.tx,
        "timestamp": set.at,
        "username": set.actor,
        "via": if set.act.is_some() { "gonopbx" } else { "sql" },
        "action": set.act.as_deref().unwrap_or("sql"),
        "resource_type": first.map(|o| o.kind.as_str()),
        "resource_id": first.map(|o| o.name.as_str()),
        "details": {
            "rows": set.rows,
            "objects": named(set),
            "changes": set.changes.iter().map(change).collect::<Vec<_>>(),
        },
        "ip_address": set.origin,
        "undoes": set.undoes,
        "undone_by": set.undone_by,
        "after": set.id.to_string(),
    })
}

fn change(change: &Change) -> Value {
    json!({
        "timestamp": change.at,
        "table": change.table,
        "key": change.key,
        "kind": change.object.kind,
        "name": change.object.name,
        "op": change.op.as_str(),
        "before": change.before,
        "after": change.after,
    })
}

/// `{"conflicts": "keep", "decisions": {"<id of a conflict>": "take"}}`; both may be left out, and the body, too.
fn choices(body: &[u8]) -> Result<Choices, Invalid> {
    let malformed = |field| Invalid::one(field, Code::Malformed);
    let word = |said: &Value| match said.as_str() {
        Some("keep") => Some(Choice::Keep),
        Some("take") => Some(Choice::Take),
        _ => None,
    };
    let mut choices = Choices::default();
    if body.trim_ascii().is_empty() {
        return Ok(choices);
    }
    let said: Map<String, Value> = serde_json::from_slice(body).map_err(|_| malformed("body"))?;
    if let Some(otherwise) = said.get("conflicts").filter(|said| !said.is_null()) {
        choices.otherwise = Some(word(otherwise).ok_or_else(|| malformed("conflicts"))?);
    }
    if let Some(decisions) = said.get("decisions").filter(|said| !said.is_null()) {
        let decisions = decisions
            .as_object()
            .ok_or_else(|| malformed("decisions"))?;
        for (id, said) in decisions {
            let choice = word(said).ok_or_else(|| malformed("decisions"))?;
            choices.by_id.insert(id.clone(), choice);
        }
    }
    Ok(choices)
}

async fn preview(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Path(tx): Path<String>,
) -> Result<Json<Value>, Failure> {
    let undo = site
        .app
        .preview_undo(&actor, &tx, &Choices::default())
        .await?;
    Ok(Json(outcome(&tx, &undo)))
}

async fn undo(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Path(tx): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let undo = site.app.undo(&actor, &tx, &choices(&body)?).await?;
    let mut body = outcome(&tx, &undo);
    if !undo.is_decided() {
        body["code"] = "undecided".into();
        let texts = super::texts(&site, &headers);
        body["detail"] = texts.t("error-undecided").into();
        body["errors"] = json!({});
        return Ok((StatusCode::CONFLICT, Json(body)).into_response());
    }
    Ok(Json(body).into_response())
}

fn outcome(tx: &str, undo: &Undo) -> Value {
    json!({
        "undoes": tx,
        "tx": undo.applied.as_ref().map(|applied| &applied.tx),
        "live": undo.applied.as_ref().map(|applied| applied.live.is_ok()),
        "undone": undo.undone,
        "kept": undo.kept,
        "conflicts": undo.conflicts.iter().map(conflict).collect::<Vec<_>>(),
    })
}

fn conflict(conflict: &Conflict) -> Value {
    json!({
        "id": conflict.id,
        "kind": conflict.object.kind,
        "name": conflict.object.name,
        "table": conflict.tab,
        "key": conflict.key,
        "field": conflict.column,
        "reason": conflict.why.as_str(),
        "before": conflict.before,
        "after": conflict.after,
        "now": conflict.now,
        "decision": conflict.choice.map(|choice| match choice {
            Choice::Keep => "keep",
            Choice::Take => "take",
        }),
    })
}
