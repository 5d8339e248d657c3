//! `users/*`: the people who log in.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::auth::session;
use super::body::{Object, read};
use super::trunks::id_of;
use crate::app::Error;
use crate::domain::invalid::Code;
use crate::domain::user::User;
use crate::domain::user_draft::{GivenPassword, UserDraft};
use crate::domain::{Act, ExtNumber, Given, Invalid};
use crate::web::Site;
use crate::web::access::Routes;
use crate::web::auth::Bearer;
use crate::web::failure::Failure;

pub fn router() -> Routes {
    Routes::new()
        .get("/users", Act::ListUsers, list)
        .post("/users", Act::CreateUser, create)
        .get("/users/{id}", Act::ListUsers, show)
        .put("/users/{id}", Act::EditUser, edit)
        .delete("/users/{id}", Act::DeleteUser, remove)
        .patch("/users/{id}/password", Act::SetUserPassword, password)
        .patch("/users/{id}/extension", Act::AssignExtension, extension)
        .get("/users/{id}/sessions", Act::EndSessions, sessions)
        .delete("/users/{id}/sessions", Act::EndSessions, sign_out)
}

fn object(user: &User) -> Value {
    json!({
        "id": user.id,
        "username": user.username,
        "role": user.role.as_str(),
        "full_name": user.full_name,
        "email": user.email,
        "avatar_url": null,
        "extension": user.extension.as_ref().map(ExtNumber::as_str),
        "language": user.language,
        "must_change_password": user.must_change_password,
        "created_at": user.created_at,
        "updated_at": user.updated_at,
    })
}

async fn list(State(site): State<Site>, Bearer(actor): Bearer) -> Result<Json<Value>, Failure> {
    let users = site.app.users(&actor).await?;
    Ok(Json(users.iter().map(object).collect()))
}

async fn show(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Path(id): Path<String>,
) -> Result<Json<Value>, Failure> {
    let user = site.app.user(&actor, id_of(&id, "user")?).await?;
    Ok(Json(object(&user)))
}

async fn create(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Object(mut fields): Object,
) -> Result<Response, Failure> {
    let draft = UserDraft::read(&mut fields);
    let password = GivenPassword::read(&mut fields);
    read(fields)?;
    let saved = site.app.create_user(&actor, draft, &password).await?;
    Ok((StatusCode::CREATED, Json(object(&saved.user))).into_response())
}

async fn edit(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Path(id): Path<String>,
    Object(mut fields): Object,
) -> Result<Json<Value>, Failure> {
    let draft = UserDraft::read(&mut fields);
    read(fields)?;
    let id = id_of(&id, "user")?;
    let saved = site.app.edit_user(&actor, id, draft).await?;
    Ok(Json(object(&saved.user)))
}

async fn password(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Path(id): Path<String>,
    Object(mut fields): Object,
) -> Result<Json<Value>, Failure> {
    let password = GivenPassword::read(&mut fields);
    read(fields)?;
    let id = id_of(&id, "user")?;
    let saved = site.app.set_user_password(&actor, id, &password).await?;
    let message = format!("Password for '{}' changed", saved.user.username);
    Ok(Json(json!({"message": message})))
}

async fn extension(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Path(id): Path<String>,
    Object(mut fields): Object,
) -> Result<Json<Value>, Failure> {
    let wanted = match fields.text("extension") {
        // A field of another kind is absent, and noted by its reader.
        Given::Absent => {
            read(fields)?;
            return Err(Invalid::one("extension", Code::Required).into());
        }
        Given::Null => None,
        Given::Value(text) => Some(text).filter(|text| !text.is_empty()),
    };
    read(fields)?;
    let id = id_of(&id, "user")?;
    let number = match wanted.as_deref().map(ExtNumber::parse) {
        None => None,
        Some(Ok(number)) => Some(number),
        // What is no number of ours is nobody's.
        Some(Err(_)) => return Err(Error::NotFound("extension").into()),
    };
    let saved = site
        .app
        .assign_extension(&actor, id, number.as_ref())
        .await?;
    let extension = saved.user.extension.as_ref().map(ExtNumber::as_str);
    Ok(Json(
        json!({"message": "Extension assigned", "extension": extension}),
    ))
}

async fn remove(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Path(id): Path<String>,
) -> Result<Json<Value>, Failure> {
    let saved = site.app.delete_user(&actor, id_of(&id, "user")?).await?;
    let message = format!("User '{}' deleted", saved.user.username);
    Ok(Json(json!({"message": message})))
}

async fn sessions(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Path(id): Path<String>,
) -> Result<Json<Value>, Failure> {
    let id = id_of(&id, "user")?;
    site.app.user(&actor, id).await?;
    let sessions = site.app.sessions_of(&actor, id).await?;
    Ok(Json(
        sessions.iter().map(|one| session(one, &actor)).collect(),
    ))
}

async fn sign_out(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Path(id): Path<String>,
) -> Result<Json<Value>, Failure> {
    let ended = site.app.end_sessions(&actor, id_of(&id, "user")?).await?;
    Ok(Json(json!({"message": "Signed out", "count": ended})))
}
