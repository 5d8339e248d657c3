//! `callforward/*`: where calls go instead.

use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::body::{Object, read};
use super::trunks::id_of;
use crate::app::forwards::SavedForward;
use crate::domain::did::NumberPlan;
use crate::domain::forward::{Forward, ForwardDraft};
use crate::domain::{Act, ExtNumber};
use crate::web::Site;
use crate::web::access::{Routes, of, whose};
use crate::web::auth::Bearer;
use crate::web::failure::Failure;

pub fn router() -> Routes {
    Routes::new()
        .get("/callforward", Act::ListForwards, list)
        .post("/callforward", whose(Act::EditForwards), create)
        .get("/callforward/{id}", whose(Act::ViewExtension), show)
        .put("/callforward/{id}", whose(Act::EditForwards), edit)
        .delete("/callforward/{id}", whose(Act::EditForwards), remove)
        .get(
            "/callforward/by-extension/{extension}",
            of(Act::ViewExtension),
            of_extension,
        )
}

fn object(forward: &Forward, plan: &NumberPlan) -> Value {
    json!({
        "id": forward.id,
        "extension": forward.extension.as_str(),
        "forward_type": forward.kind.as_str(),
        "destination": forward.target.dialled(plan),
        "ring_time": forward.ring_time,
        "enabled": forward.enabled,
        "created_at": forward.created_at,
        "updated_at": forward.updated_at,
    })
}

async fn objects(site: &Site, forwards: &[Forward]) -> Result<Json<Value>, Failure> {
    let settings = site.app.settings().await?;
    let objects = forwards
        .iter()
        .map(|forward| object(forward, &settings.numbers));
    Ok(Json(objects.collect()))
}

async fn saved(site: &Site, saved: &SavedForward) -> Result<Json<Value>, Failure> {
    let settings = site.app.settings().await?;
    let mut object = object(&saved.forward, &settings.numbers);
    object["live"] = saved.applied.live.is_ok().into();
    Ok(Json(object))
}

async fn list(State(site): State<Site>, Bearer(actor): Bearer) -> Result<Json<Value>, Failure> {
    objects(&site, &site.app.forwards(&actor).await?).await
}

/// An extension that is not there has no forwards, as programs know it.
async fn of_extension(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Path(extension): Path<String>,
) -> Result<Json<Value>, Failure> {
    let Ok(number) = ExtNumber::parse(&extension) else {
        return Ok(Json(json!([])));
    };
    objects(&site, &site.app.forwards_of(&actor, &number).await?).await
}

async fn show(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Path(id): Path<String>,
) -> Result<Json<Value>, Failure> {
    let settings = site.app.settings().await?;
    let forward = site.app.forward(&actor, id_of(&id, "forward")?).await?;
    Ok(Json(object(&forward, &settings.numbers)))
}

async fn create(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Object(mut fields): Object,
) -> Result<Json<Value>, Failure> {
    let draft = ForwardDraft::read(&mut fields);
    read(fields)?;
    saved(&site, &site.app.create_forward(&actor, draft).await?).await
}

async fn edit(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Path(id): Path<String>,
    Object(mut fields): Object,
) -> Result<Json<Value>, Failure> {
    let draft = ForwardDraft::read(&mut fields);
    read(fields)?;
    let id = id_of(&id, "forward")?;
    saved(&site, &site.app.edit_forward(&actor, id, draft).await?).await
}

async fn remove(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Path(id): Path<String>,
) -> Result<Json<Value>, Failure> {
    let (_, applied) = site
        .app
        .delete_forward(&actor, id_of(&id, "forward")?)
        .await?;
    Ok(Json(
        json!({"status": "deleted", "live": applied.live.is_ok()}),
    ))
}
