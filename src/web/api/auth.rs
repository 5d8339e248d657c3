//! `auth/*`

use axum::Json;
use axum::extract::State;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::body::{Object, read};
use crate::domain::invalid::Code;
use crate::domain::user::{PasswordDraft, User};
use crate::domain::{Given, Invalid};
use crate::web::Site;
use crate::web::access::{Access, Routes};
use crate::web::auth::{AnyBearer, From};
use crate::web::failure::Failure;

pub fn router() -> Routes {
    Routes::new()
        .post("/auth/login", Access::Open, login)
        .get("/auth/me", Access::LoggedIn, me)
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
    // A field of another kind was noted by its reader, and is absent besides.
    let wrong_kind = fields.finish();
    if !wrong_kind.is_empty() {
        return Err(wrong_kind.into());
    }
    invalid.or(())?;
    let login = site
        .app
        .login(&username, SecretString::from(password), &origin)
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
    let user = site.app.me(&actor).await?;
    Ok(Json(json!({
        "id": user.id,
        "username": user.username,
        "role": user.role.as_str(),
        "full_name": user.full_name,
        "email": user.email,
        "avatar_url": null,
        "extension": extension(&user),
        "language": user.language,
        "must_change_password": user.must_change_password,
        "created_at": user.created_at,
        "updated_at": user.updated_at,
    })))
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
