//! `peers/*`: extensions, under the name the original's API has for them.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::body::{Object, read};
use crate::app::extensions::{Saved, number_of};
use crate::app::{Applied, Error};
use crate::domain::did::Did;
use crate::domain::invalid::Code;
use crate::domain::secret::{self, MASK};
use crate::domain::{Act, Extension, ExtensionDraft, Given, Invalid, SipSecret};
use crate::web::Site;
use crate::web::access::{Routes, of};
use crate::web::auth::Bearer;
use crate::web::failure::Failure;

pub fn router() -> Routes {
    Routes::new()
        .get("/peers", Act::ListExtensions, list)
        .post("/peers", Act::CreateExtension, create)
        .get(
            "/peers/generate-password",
            Act::ListExtensions,
            generate_password,
        )
        .get(
            "/peers/weak-passwords",
            Act::ListWeakSecrets,
            weak_passwords,
        )
        .get("/peers/{id}", of(Act::ViewExtension), show)
        .put("/peers/{id}", of(Act::EditExtension), edit)
        .delete("/peers/{id}", of(Act::DeleteExtension), remove)
        .patch("/peers/{id}/codecs", of(Act::EditExtension), codecs)
        .patch("/peers/{id}/user", of(Act::AssignUser), user)
        .patch("/peers/{id}/outbound", of(Act::ChooseOutbound), outbound)
}

#[derive(Serialize)]
struct Peer<'a> {
    id: i64,
    extension: &'a str,
    secret: &'a str,
    caller_id: Option<&'a str>,
    context: &'a str,
    codecs: Option<String>,
    blf_enabled: bool,
    pickup_group: Option<&'a str>,
    enabled: bool,
    ring_time: i16,
    max_contacts: i32,
    user_id: Option<i64>,
    outbound_cid: Option<&'a str>,
    pai: Option<&'a str>,
    created_at: chrono::DateTime<chrono::Utc>,
    updated_at: chrono::DateTime<chrono::Utc>,
    /// In answers to changes: whether Asterisk has confirmed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    live: Option<bool>,
}

impl<'a> Peer<'a> {
    fn of(extension: &'a Extension) -> Self {
        let name = extension.name.as_str();
        Self {
            id: extension.number.id(),
            extension: extension.number.as_str(),
            secret: MASK,
            caller_id: (!name.is_empty()).then_some(name),
            context: extension.context.as_str(),
            codecs: Some(extension.codecs.column())
                .filter(|codecs| extension.own_codecs && !codecs.is_empty()),
            blf_enabled: extension.blf,
            pickup_group: extension.pickup_group.as_deref(),
            enabled: extension.enabled,
            ring_time: extension.ring_time,
            max_contacts: extension.max_phones,
            user_id: extension.user_id,
            outbound_cid: extension.outbound_did.as_ref().map(Did::as_str),
            pai: extension.pai.as_ref().map(Did::as_str),
            created_at: extension.created_at,
            updated_at: extension.updated_at,
            live: None,
        }
    }
}

fn saved(saved: &Saved) -> Response {
    let peer = Peer {
        secret: saved.secret.as_ref().map_or(MASK, SipSecret::expose),
        live: Some(saved.applied.live.is_ok()),
        ..Peer::of(&saved.extension)
    };
    Json(peer).into_response()
}

#[derive(Debug, Deserialize)]
struct ListQuery {
    limit: Option<String>,
    after: Option<String>,
    q: Option<String>,
}

async fn list(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Query(query): Query<ListQuery>,
) -> Result<Response, Failure> {
    let limit = match query.limit.as_deref() {
        None => usize::MAX,
        Some(text) => usize::try_from(super::asked::limit(Some(text), 50)?).unwrap_or(50),
    };
    let after = match query.after.as_deref().map(str::parse::<i64>) {
        None => 0,
        Some(Ok(after)) => after,
        Some(Err(_)) => return Err(Invalid::one("after", Code::Malformed).into()),
    };
    let wanted = query.q.map(|q| q.to_lowercase());
    let matches = |e: &Extension| {
        wanted.as_ref().is_none_or(|q| {
            e.number.as_str().contains(q.as_str())
                || e.name.as_str().to_lowercase().contains(q.as_str())
        })
    };
    let json = site
        .app
        .with_extensions(&actor, |all| {
            let page = all
                .filter(|e| e.number.id() > after && matches(e))
                .take(limit);
            let mut bytes = Vec::with_capacity(16 * 1024);
            let mut serializer = serde_json::Serializer::new(&mut bytes);
            serde::Serializer::collect_seq(&mut serializer, page.map(|e| Peer::of(e)))
                .map(|()| bytes)
        })
        .await?
        .map_err(Error::internal)?;
    Ok((
        [(header::CONTENT_TYPE, "application/json")],
        Body::from(json),
    )
        .into_response())
}

async fn show(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let extension = site.app.extension(&actor, &number_of(&id)?).await?;
    Ok(Json(Peer::of(&extension)).into_response())
}

async fn create(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Object(mut fields): Object,
) -> Result<Response, Failure> {
    let draft = ExtensionDraft::read(&mut fields);
    read(fields)?;
    Ok(saved(&site.app.create_extension(&actor, draft).await?))
}

async fn edit(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Path(id): Path<String>,
    Object(mut fields): Object,
) -> Result<Response, Failure> {
    let draft = ExtensionDraft::read(&mut fields);
    read(fields)?;
    Ok(saved(
        &site
            .app
            .edit_extension(&actor, &number_of(&id)?, draft)
            .await?,
    ))
}

async fn remove(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Path(id): Path<String>,
) -> Result<Json<Value>, Failure> {
    let number = number_of(&id)?;
    let Applied { live, .. } = site.app.delete_extension(&actor, &number).await?;
    Ok(Json(
        json!({"status": "deleted", "extension": number.as_str(), "live": live.is_ok()}),
    ))
}

async fn codecs(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Path(id): Path<String>,
    Object(mut fields): Object,
) -> Result<Json<Value>, Failure> {
    let codecs = fields.text("codecs");
    read(fields)?;
    if codecs.is_absent() {
        return Err(Invalid::one("codecs", Code::Required).into());
    }
    let draft = ExtensionDraft {
        codecs,
        ..ExtensionDraft::default()
    };
    let saved = site
        .app
        .edit_extension(&actor, &number_of(&id)?, draft)
        .await?;
    let own = saved
        .extension
        .own_codecs
        .then(|| saved.extension.codecs.column());
    Ok(Json(
        json!({"status": "ok", "codecs": own, "live": saved.applied.live.is_ok()}),
    ))
}

async fn user(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Path(id): Path<String>,
    Object(mut fields): Object,
) -> Result<Json<Value>, Failure> {
    let user_id = match fields.int("user_id") {
        Given::Absent => return Err(Invalid::one("user_id", Code::Required).into()),
        Given::Null => None,
        Given::Value(id) => Some(id),
    };
    read(fields)?;
    site.app
        .assign_user(&actor, &number_of(&id)?, user_id)
        .await?;
    Ok(Json(json!({"status": "ok", "user_id": user_id})))
}

async fn outbound(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Path(id): Path<String>,
    Object(mut fields): Object,
) -> Result<Json<Value>, Failure> {
    let (did, pai) = (fields.text("outbound_cid"), fields.text("pai"));
    read(fields)?;
    let number = number_of(&id)?;
    let (did, pai, applied) = site.app.choose_outbound(&actor, &number, did, pai).await?;
    Ok(Json(json!({
        "status": "ok",
        "outbound_cid": did.as_ref().map(Did::as_str),
        "pai": pai.as_ref().map(Did::as_str),
        "live": applied.live.is_ok(),
    })))
}

/// The original's scale: 0 to 100, and three words.
fn strength(score: u8) -> Value {
    let level = match score {
        0..=1 => "weak",
        2 => "medium",
        _ => "strong",
    };
    let warnings: &[&str] = if score < secret::STRONG_SCORE {
        &["easy to guess"]
    } else {
        &[]
    };
    json!({"score": u32::from(score) * 25, "level": level, "warnings": warnings})
}

async fn generate_password(Bearer(_): Bearer) -> Json<Value> {
    let secret = SipSecret::generate();
    let score = secret::score(secret.expose(), &[]);
    Json(json!({"password": secret.expose(), "strength": strength(score)}))
}

async fn weak_passwords(
    State(site): State<Site>,
    Bearer(actor): Bearer,
) -> Result<Json<Value>, Failure> {
    let weak = site.app.weak_secrets(&actor).await?;
    let list: Vec<Value> = weak
        .iter()
        .map(|secret| {
            let name = secret.name.as_str();
            json!({
                "id": secret.number.id(),
                "extension": secret.number.as_str(),
                "caller_id": (!name.is_empty()).then_some(name),
                "strength": strength(secret.score),
            })
        })
        .collect();
    Ok(Json(Value::Array(list)))
}
