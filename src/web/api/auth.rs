//! `auth/*`

use axum::Json;
use axum::extract::{Path, State};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::body::{Object, read};
use crate::app::Error;
use crate::domain::invalid::Code;
use crate::domain::session::Session;
use crate::domain::user::{PasswordDraft, ProfileDraft, User};
use crate::domain::{Act, Actor, Given, Invalid};
use crate::web::Site;
use crate::web::access::{Access, Routes};
use crate::web::auth::{AnyBearer, Bearer, From};
use crate::web::failure::Failure;

pub fn router() -> Routes {
    Routes::new()
        .post("/auth/login", Access::Open, login)
        .get("/auth/me", Access::LoggedIn, me)
        .put("/auth/me", Act::EditOwnProfile, edit_me)
        .get("/auth/sessions", Act::EditOwnProfile, sessions)
        .delete("/auth/sessions", Access::LoggedIn, end_sessions)
        .delete("/auth/sessions/{session}", Act::EditOwnProfile, end_session)
        .post("/auth/change-password", Access::LoggedIn, change_password)
        .post("/auth/logout", Access::LoggedIn, logout)
}

async fn login(
    State(site): State<Site>,
    From(origin): From,
    Object(mut fields): Object,
) -> Result<Json<Value>, Failure> {
    let mut invalid = Invalid::new();
    let mut need = |name, given: Given<String>| match given {
        Given::Value(text) => text,
        Given::Null => {
            invalid.add(name, Code::Malformed);
            String::new()
        }
        Given::Absent => {
            invalid.add(name, Code::Required);
            String::new()
        }
    };
    let username = need("username", fields.text("username"));
    let password = need("password", fields.text("password"));
    let otp = fields.text("otp").value();
    // A field of another kind was noted by its reader, and is absent besides.
    let wrong_kind = fields.finish();
    if !wrong_kind.is_empty() {
        return Err(wrong_kind.into());
    }
    invalid.or(())?;
    let login = site
        .app
        .login(
            &username,
            SecretString::from(password),
            otp.as_deref(),
            &origin,
        )
        .await?;
    let user = &login.user;
    Ok(Json(json!({
        "access_token": login.token,
        "token_type": "bearer",
        "user": {
            "id": user.id,
            "username": user.username,
            "role": user.role.as_str(),
            "full_name": user.full_name,
            "extension": extension(user),
            "must_change_password": user.must_change_password,
        },
    })))
}

fn extension(user: &User) -> Option<&str> {
    user.extension
        .as_ref()
        .map(crate::domain::ExtNumber::as_str)
}

async fn me(
    State(site): State<Site>,
    AnyBearer(actor, _): AnyBearer,
) -> Result<Json<Value>, Failure> {
    Ok(Json(myself(&site.app.me(&actor).await?)))
}

fn myself(user: &User) -> Value {
    json!({
        "id": user.id,
        "username": user.username,
        "role": user.role.as_str(),
        "full_name": user.full_name,
        "email": user.email,
        "avatar_url": null,
        "extension": extension(user),
        "language": user.language,
        "must_change_password": user.must_change_password,
        "created_at": user.created_at,
        "updated_at": user.updated_at,
    })
}

async fn edit_me(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Object(mut fields): Object,
) -> Result<Json<Value>, Failure> {
    let draft = ProfileDraft::read(&mut fields);
    read(fields)?;
    site.app.edit_profile(&actor, draft).await?;
    Ok(Json(myself(&site.app.me(&actor).await?)))
}

pub(super) fn session(session: &Session, viewer: &Actor) -> Value {
    json!({
        "id": session.id,
        "origin": session.origin,
        "user_agent": session.user_agent,
        "is_current": session.id == viewer.session,
        "last_used_at": session.used_at,
        "expires_at": session.expires_at,
        "created_at": session.created_at,
    })
}

async fn sessions(State(site): State<Site>, Bearer(actor): Bearer) -> Result<Json<Value>, Failure> {
    let sessions = site.app.own_sessions(&actor).await?;
    Ok(Json(
        sessions.iter().map(|one| session(one, &actor)).collect(),
    ))
}

async fn end_session(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Path(session): Path<String>,
) -> Result<Json<Value>, Failure> {
    let id = session.parse().map_err(|_| Error::NotFound("session"))?;
    site.app.end_own_session(&actor, id).await?;
    Ok(Json(json!({"message": "Session ended"})))
}

async fn end_sessions(
    State(site): State<Site>,
    Bearer(actor): Bearer,
) -> Result<Json<Value>, Failure> {
    site.app.end_own_sessions(&actor).await?;
    Ok(Json(json!({"message": "Logged out everywhere"})))
}

async fn change_password(
    State(site): State<Site>,
    AnyBearer(actor, _): AnyBearer,
    Object(mut fields): Object,
) -> Result<Json<Value>, Failure> {
    let draft = PasswordDraft::read(&mut fields);
    read(fields)?;
    site.app.change_password(&actor, draft).await?;
    Ok(Json(json!({"message": "Password changed successfully"})))
}

async fn logout(
    State(site): State<Site>,
    AnyBearer(actor, _): AnyBearer,
) -> Result<Json<Value>, Failure> {
    site.app.logout(&actor).await?;
    Ok(Json(json!({"message": "Logged out"})))
}
