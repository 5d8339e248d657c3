//! `keys`: keys of programs, for administrators.

use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::body::{Object, read};
use crate::app::Error;
use crate::domain::api_key::{ApiKey, KeyDraft};
use crate::domain::invalid::Code;
use crate::domain::{Act, Invalid};
use crate::web::Site;
use crate::web::access::Routes;
use crate::web::auth::Bearer;
use crate::web::failure::Failure;

type Answer = Result<Json<Value>, Failure>;

pub fn router() -> Routes {
    Routes::new()
        .get("/keys", Act::ManageKeys, list)
        .post("/keys", Act::ManageKeys, create)
        .delete("/keys/{id}", Act::ManageKeys, revoke)
}

fn object(key: &ApiKey) -> Value {
    let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
    json!({
        "id": key.id,
        "name": key.name,
        "prefix": key.prefix,
        "scopes": scopes,
        "user_id": key.owner_id,
        "username": key.owner,
        "role": key.role.as_str(),
        "expires_at": key.expires_at,
        "last_used_at": key.used_at,
        "last_used_from": key.used_from,
        "created_at": key.created_at,
        "updated_at": key.updated_at,
    })
}

async fn list(State(site): State<Site>, Bearer(actor): Bearer) -> Answer {
    let keys = site.app.api_keys(&actor).await?;
    Ok(Json(keys.iter().map(object).collect()))
}

async fn create(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Object(mut fields): Object,
) -> Answer {
    let draft = KeyDraft::read(&mut fields);
    read(fields)?;
    let (made, key) = site.app.create_key(&actor, draft).await?;
    let mut answer = object(&made);
    answer["key"] = key.expose().into();
    Ok(Json(answer))
}

async fn revoke(State(site): State<Site>, Bearer(actor): Bearer, Path(id): Path<String>) -> Answer {
    let id = id
        .parse()
        .map_err(|_| Error::from(Invalid::one("id", Code::Malformed)))?;
    site.app.revoke_key(&actor, id).await?;
    Ok(Json(json!({"message": "Key revoked"})))
}
