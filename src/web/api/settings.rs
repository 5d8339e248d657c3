//! `settings/*`: the mail server and the order of codecs, with the original's names, and what else people set.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::body::{Object, read};
use crate::app::settings::{Settings, SettingsDraft};
use crate::domain::Act;
use crate::domain::codecs::AVAILABLE;
use crate::domain::mail::{Encryption, MailServer, MailServerDraft};
use crate::domain::phone_addresses::PhoneAddressesDraft;
use crate::domain::secret::MASK;
use crate::web::Site;
use crate::web::access::Routes;
use crate::web::auth::Bearer;
use crate::web::failure::Failure;

pub fn router() -> Routes {
    Routes::new()
        .get("/settings", Act::EditSettings, show)
        .put("/settings", Act::EditSettings, edit)
        .get("/settings/codecs", Act::EditSettings, codecs)
        .put("/settings/codecs", Act::EditSettings, edit_codecs)
        .get("/settings/ip-whitelist", Act::EditSettings, phone_addresses)
        .put(
            "/settings/ip-whitelist",
            Act::EditSettings,
            edit_phone_addresses,
        )
        .get("/settings/refused-phones", Act::EditSettings, refused)
}

/// All values are texts, as the original has them.
fn object(server: &MailServer, settings: &Settings) -> Value {
    let history_days = settings.history_days.map(|days| days.to_string());
    json!({
        "smtp_host": server.host,
        "smtp_port": server.port.to_string(),
        "smtp_tls": (server.encryption != Encryption::None).to_string(),
        "smtp_encryption": server.encryption.as_str(),
        "smtp_user": server.username.as_deref().unwrap_or_default(),
        "smtp_password": server.password.as_ref().map_or("", |_| MASK),
        "smtp_from": server.sender,
        "smtp_from_name": server.sender_name,
        "history_days": history_days.unwrap_or_default(),
        "country_code": settings.numbers.country,
        "area_code": settings.numbers.area,
        "emergency_numbers": settings.emergency_numbers.join(", "),
        "barred_forwards": settings.barred.for_people(&settings.numbers),
    })
}

async fn show(State(site): State<Site>, Bearer(actor): Bearer) -> Result<Json<Value>, Failure> {
    let server = site.app.mail_server(&actor).await?;
    let settings = site.app.settings().await?;
    Ok(Json(object(&server, &settings)))
}

async fn edit(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Object(mut fields): Object,
) -> Result<Json<Value>, Failure> {
    let server = MailServerDraft::read(&mut fields);
    let draft = SettingsDraft::read(&mut fields);
    read(fields)?;
    let saving = site.app.edit_all_settings(&actor, draft, server);
    let (server, settings) = saving.await?;
    Ok(Json(object(&server, &settings)))
}

/// What a person may want to know before choosing.
fn description(codec: &str) -> &'static str {
    match codec {
        "ulaw" => "usual in North America, 64 kbit/s",
        "alaw" => "usual in Europe, 64 kbit/s",
        "g722" => "wideband, 64 kbit/s",
        "opus" => "wideband, variable",
        "g729" => "narrowband, 8 kbit/s",
        _ => "narrowband, 13 kbit/s",
    }
}

async fn codecs(State(site): State<Site>, Bearer(actor): Bearer) -> Result<Json<Value>, Failure> {
    let order = site.app.codecs(&actor).await?;
    let available = AVAILABLE
        .iter()
        .map(|(id, name)| json!({"id": id, "name": name, "description": description(id)}));
    Ok(Json(
        json!({"global_codecs": order.column(), "available_codecs": available.collect::<Vec<_>>()}),
    ))
}

async fn edit_codecs(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Object(mut fields): Object,
) -> Result<Json<Value>, Failure> {
    let order = fields.text("global_codecs");
    read(fields)?;
    let (codecs, applied) = site.app.edit_codecs(&actor, order).await?;
    Ok(Json(json!({
        "status": "ok",
        "global_codecs": codecs.column(),
        "live": applied.live.is_ok(),
    })))
}

async fn phone_addresses(
    State(site): State<Site>,
    Bearer(actor): Bearer,
) -> Result<Json<Value>, Failure> {
    let addresses = site.app.phone_addresses(&actor).await?;
    Ok(Json(
        json!({"enabled": addresses.enabled, "ips": addresses.words()}),
    ))
}

/// Programs know no question in between: phones that are shut out are named in the answer.
async fn edit_phone_addresses(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Object(mut fields): Object,
) -> Result<Json<Value>, Failure> {
    let draft = PhoneAddressesDraft::read(&mut fields);
    read(fields)?;
    let saved = site.app.edit_phone_addresses(&actor, draft, true).await?;
    let excluded = saved.excluded.iter();
    Ok(Json(json!({
        "status": "ok",
        "enabled": saved.addresses.enabled,
        "ips": saved.addresses.words(),
        "excluded": excluded.map(|phone| phone.number.as_str()).collect::<Vec<_>>(),
        "live": saved.applied.live.is_ok(),
    })))
}

async fn refused(State(site): State<Site>, Bearer(actor): Bearer) -> Result<Json<Value>, Failure> {
    let picture = site.app.refused(&actor)?;
    let addresses = picture.worst.iter().map(|attempts| {
        json!({
            "address": attempts.address.to_string(),
            "count": attempts.count,
            "name": attempts.name,
            "reason": attempts.reason.as_str(),
            "last_at": attempts.last,
        })
    });
    Ok(Json(json!({
        "since": picture.since,
        "total": picture.total,
        "addresses": addresses.collect::<Vec<_>>(),
    })))
}
