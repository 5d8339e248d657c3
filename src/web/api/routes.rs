//! `routes/*`: external numbers and where they lead.

use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::body::{Object, read};
use super::trunks::id_of;
use crate::domain::route::{Route, RouteDraft};
use crate::domain::{Act, ExtNumber};
use crate::web::Site;
use crate::web::access::{Routes, of};
use crate::web::auth::Bearer;
use crate::web::failure::Failure;

pub fn router() -> Routes {
    Routes::new()
        .get("/routes", Act::ListRoutes, list)
        .post("/routes", Act::EditRoutes, create)
        .get("/routes/{id}", Act::ListRoutes, show)
        .put("/routes/{id}", Act::EditRoutes, edit)
        .delete("/routes/{id}", Act::EditRoutes, remove)
        .get(
            "/routes/by-extension/{number}",
            of(Act::ViewExtension),
            of_extension,
        )
}

pub(super) fn object(route: &Route) -> Value {
    json!({
        "id": route.id,
        "did": route.did.as_str(),
        "trunk_id": route.trunk_id,
        "destination_extension": route.extension.as_str(),
        "description": route.description,
        "enabled": route.enabled,
        "last_called_at": route.last_called,
        "created_at": route.created_at,
        "updated_at": route.updated_at,
    })
}

async fn list(State(site): State<Site>, Bearer(actor): Bearer) -> Result<Json<Value>, Failure> {
    Ok(Json(
        site.app.routes(&actor).await?.iter().map(object).collect(),
    ))
}

async fn of_extension(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Path(number): Path<String>,
) -> Result<Json<Value>, Failure> {
    // A number that nobody has, has no routes.
    let Ok(number) = ExtNumber::parse(&number) else {
        return Ok(Json(json!([])));
    };
    Ok(Json(
        site.app
            .routes_of(&actor, &number)
            .await?
            .iter()
            .map(object)
            .collect(),
    ))
}

async fn show(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Path(id): Path<String>,
) -> Result<Json<Value>, Failure> {
    Ok(Json(object(
        &site.app.route(&actor, id_of(&id, "route")?).await?,
    )))
}

async fn create(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Object(mut fields): Object,
) -> Result<Json<Value>, Failure> {
    let draft = RouteDraft::read(&mut fields);
    read(fields)?;
    let saved = site.app.create_route(&actor, draft).await?;
    let mut object = object(&saved.route);
    object["live"] = saved.applied.live.is_ok().into();
    Ok(Json(object))
}

async fn edit(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Path(id): Path<String>,
    Object(mut fields): Object,
) -> Result<Json<Value>, Failure> {
    let draft = RouteDraft::read(&mut fields);
    read(fields)?;
    let saved = site
        .app
        .edit_route(&actor, id_of(&id, "route")?, draft)
        .await?;
    let mut object = object(&saved.route);
    object["live"] = saved.applied.live.is_ok().into();
    Ok(Json(object))
}

async fn remove(
    State(site): State<Site>,
    Bearer(actor): Bearer,
    Path(id): Path<String>,
) -> Result<Json<Value>, Failure> {
    let (route, applied) = site.app.delete_route(&actor, id_of(&id, "route")?).await?;
    Ok(Json(
        json!({"status": "deleted", "did": route.did.as_str(), "live": applied.live.is_ok()}),
    ))
}
