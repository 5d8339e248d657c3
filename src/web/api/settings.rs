//! The mail server as programs set it, with the original's names.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::body::{Object, read};
use crate::domain::mail::{Encryption, MailServer, MailServerDraft};
use crate::domain::secret::MASK;
use crate::web::Site;
use crate::web::auth::Bearer;
use crate::web::failure::Failure;

pub fn router() -> Router<Site> {
    Router::new().route("/settings", get(show).put(edit))
}

/// All values are texts, as the original has them.
fn object(server: &MailServer) -> Value {
    json!({
        "smtp_host": server.host,
        "smtp_port": server.port.to_string(),
        "smtp_tls": (server.encryption != Encryption::None).to_string(),
        "smtp_encryption": server.encryption.as_str(),
        "smtp_user": server.username.as_deref().unwrap_or_default(),
        "smtp_password": server.password.as_ref().map_or("", |_| MASK),
        "smtp_from": server.sender,
        "smtp_from_name": server.sender_name,
    })
}

async fn show(State(site): State<Site>, Bearer(actor): Bearer) -> Result<Json<Value>, Failure> {
    Ok(Json(object(&site.app.mail_server(&actor).await?)))
}

async fn edit(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Object(mut fields): Object,
) -> Result<Json<Value>, Failure> {
    let draft = MailServerDraft::read(&mut fields);
    read(fields)?;
    let (saved, _) = site.app.edit_mail_server(&actor, draft).await?;
    Ok(Json(object(&saved)))
}
