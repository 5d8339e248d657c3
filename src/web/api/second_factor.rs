//! `auth/second-factor` and `users/{id}/second-factor`.

use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, Path, Request, State};
use serde_json::{Value, json};

use super::body::{Object, read};
use crate::app::Error;
use crate::domain::invalid::Code;
use crate::domain::second_factor::ProofDraft;
use crate::domain::{Act, Actor, Invalid};
use crate::web::Site;
use crate::web::access::Routes;
use crate::web::auth::Bearer;
use crate::web::failure::Failure;

type Answer = Result<Json<Value>, Failure>;

pub fn router() -> Routes {
    let act = || Act::EditOwnProfile;
    Routes::new()
        .get("/auth/second-factor", act(), show)
        .post("/auth/second-factor", act(), start)
        .post("/auth/second-factor/on", act(), switch_on)
        .post("/auth/second-factor/off", act(), switch_off)
        .post("/auth/second-factor/recovery-codes", act(), renew_codes)
        .delete("/users/{id}/second-factor", Act::TakeSecondFactor, take)
}

async fn show(State(site): State<Site>, Bearer(actor): Bearer) -> Answer {
    let factor = site.app.second_factor(&actor).await?;
    Ok(Json(json!({
        "enabled": factor.is_some(),
        "since": factor.as_ref().map(|factor| factor.since),
        "recovery_codes_left": factor.map_or(0, |factor| factor.recovery_codes_left),
    })))
}

async fn start(State(site): State<Site>, Bearer(actor): Bearer) -> Answer {
    let secret = site.app.draft_second_factor(&actor).await?;
    let name = views::ui::url::escape(&actor.username);
    Ok(Json(
        json!({"secret": secret.base32(), "url": secret.url(&name)}),
    ))
}

/// What each change of it comes with: the password and a code.
struct Proof(Actor, ProofDraft);

impl FromRequest<Site> for Proof {
    type Rejection = Failure;

    async fn from_request(request: Request, site: &Site) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let Bearer(actor) = Bearer::from_request_parts(&mut parts, site).await?;
        let request = Request::from_parts(parts, body);
        let Object(mut fields) = Object::from_request(request, site).await?;
        let draft = ProofDraft::read(&mut fields);
        read(fields)?;
        Ok(Self(actor, draft))
    }
}

fn codes(codes: &[String]) -> Json<Value> {
    Json(json!({"recovery_codes": codes}))
}

fn off() -> Json<Value> {
    Json(json!({"message": "Second factor switched off"}))
}

async fn switch_on(State(site): State<Site>, Proof(actor, draft): Proof) -> Answer {
    let shown = site.app.switch_on_second_factor(&actor, draft).await?;
    Ok(codes(&shown))
}

async fn renew_codes(State(site): State<Site>, Proof(actor, draft): Proof) -> Answer {
    let shown = site.app.renew_recovery_codes(&actor, draft).await?;
    Ok(codes(&shown))
}

async fn switch_off(State(site): State<Site>, Proof(actor, draft): Proof) -> Answer {
    site.app.switch_off_second_factor(&actor, draft).await?;
    Ok(off())
}

async fn take(State(site): State<Site>, Bearer(actor): Bearer, Path(id): Path<String>) -> Answer {
    let id = id
        .parse()
        .map_err(|_| Error::from(Invalid::one("id", Code::Malformed)))?;
    site.app.take_second_factor(&actor, id).await?;
    Ok(off())
}
