//! The forms that say where an external number leads.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use views::Markup;
use views::numbers::form::{Choices, Edit, New, Values};
use views::page::Done;
use views::ui::form::FieldErrors;

use super::describe::{self, field_errors, flash, trunk_ref};
use super::extension_form::{Pairs, value};
use super::numbers::{LIST, destinations, next};
use super::trunk::id_of;
use super::trunks::{Answer, permit};
use super::viewer::{Viewer, redirect_with};
use crate::app::{Error, Result};
use crate::domain::route::{Route, RouteDraft};
use crate::domain::{Act, Fields};
use crate::web::Site;

async fn choices(site: &Site, viewer: &Viewer, typed: &str) -> Result<Choices> {
    let trunks = site.app.trunks(&viewer.actor).await?;
    Ok(Choices {
        trunks: trunks.iter().map(trunk_ref).collect(),
        destinations: destinations(site, viewer, typed).await?,
    })
}

/// A form as it comes back: what was typed, not what was understood.
fn values_typed(pairs: &Pairs) -> Values {
    let text = |name: &str| value(pairs, name).unwrap_or_default().to_owned();
    Values {
        did: text("did"),
        trunk: text("trunk_id").parse().ok(),
        destination: text("destination_extension"),
        description: text("description"),
        is_enabled: value(pairs, "enabled").is_some(),
    }
}

fn draft(pairs: Pairs, checkboxes: &[&str]) -> Result<RouteDraft> {
    let mut fields = Fields::from_form(pairs, checkboxes);
    let draft = RouteDraft::read(&mut fields);
    fields.finish().or(draft).map_err(Error::from)
}

pub async fn new_page(State(site): State<Site>, viewer: Viewer) -> Answer {
    permit(&viewer, &Act::EditRoutes)?;
    let choices = choices(&site, &viewer, "").await?;
    let data = New {
        values: Values {
            // One trunk is no question.
            trunk: match &choices.trunks[..] {
                [only] => Some(only.id),
                _ => None,
            },
            is_enabled: true,
            ..Values::default()
        },
        choices,
        errors: FieldErrors::default(),
        next: LIST.to_owned(),
    };
    let page = views::numbers::form::new(&viewer.look.page(&site), &data);
    Ok(viewer.look.answer(page))
}

pub async fn create(State(site): State<Site>, viewer: Viewer, Form(pairs): Form<Pairs>) -> Answer {
    permit(&viewer, &Act::EditRoutes)?;
    let created = match draft(pairs.clone(), &[]) {
        Ok(draft) => site.app.create_route(&viewer.actor, draft).await,
        Err(error) => Err(error),
    };
    let error = match created {
        Ok(saved) => {
            let plan = &site.app.settings().await?.numbers;
            let done = Done::NumberAssigned {
                number: saved.route.did.for_people(plan),
                extension: saved.route.extension.to_string(),
            };
            let flash = flash(&done, &saved.applied, &viewer.look.texts);
            return Ok(redirect_with(next(&pairs), &flash));
        }
        Err(error) => error,
    };
    let Some(errors) = field_errors(&error, &viewer.look.texts) else {
        return Err(error.into());
    };
    let values = values_typed(&pairs);
    let data = New {
        choices: choices(&site, &viewer, &values.destination).await?,
        values,
        errors,
        next: next(&pairs).to_owned(),
    };
    let page = views::numbers::form::new(&viewer.look.page(&site), &data);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

async fn editable(site: &Site, viewer: &Viewer, text: &str) -> Result<Route> {
    permit(viewer, &Act::EditRoutes)?;
    site.app.route(&viewer.actor, id_of(text, "route")?).await
}

async fn form(
    site: &Site,
    viewer: &Viewer,
    route: &Route,
    values: Values,
    errors: FieldErrors,
) -> Result<Markup> {
    let plan = &site.app.settings().await?.numbers;
    let data = Edit {
        id: route.id,
        did: describe::did(&route.did, plan),
        choices: choices(site, viewer, &values.destination).await?,
        values,
        errors,
    };
    Ok(views::numbers::form::edit(&viewer.look.page(site), &data))
}

pub async fn edit_page(
    State(site): State<Site>,
    viewer: Viewer,
    Path(text): Path<String>,
) -> Answer {
    let route = editable(&site, &viewer, &text).await?;
    let values = Values {
        did: route.did.for_people(&site.app.settings().await?.numbers),
        trunk: Some(route.trunk_id),
        destination: route.extension.to_string(),
        description: route.description.clone().unwrap_or_default(),
        is_enabled: route.enabled,
    };
    let page = form(&site, &viewer, &route, values, FieldErrors::default()).await?;
    Ok(viewer.look.answer(page))
}

pub async fn edit(
    State(site): State<Site>,
    viewer: Viewer,
    Path(text): Path<String>,
    Form(pairs): Form<Pairs>,
) -> Answer {
    let route = editable(&site, &viewer, &text).await?;
    let saved = match draft(pairs.clone(), &["enabled"]) {
        Ok(draft) => site.app.edit_route(&viewer.actor, route.id, draft).await,
        Err(error) => Err(error),
    };
    let error = match saved {
        Ok(saved) => {
            let plan = &site.app.settings().await?.numbers;
            let done = Done::NumberSaved(saved.route.did.for_people(plan));
            let flash = flash(&done, &saved.applied, &viewer.look.texts);
            return Ok(redirect_with(LIST, &flash));
        }
        Err(error) => error,
    };
    let Some(errors) = field_errors(&error, &viewer.look.texts) else {
        return Err(error.into());
    };
    let page = form(&site, &viewer, &route, values_typed(&pairs), errors).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}
