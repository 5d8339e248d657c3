//! Settings of the whole system.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Form, Router};
use views::page::Done;
use views::settings::{Network, Settings};
use views::ui::form::FieldErrors;

use super::describe::{field_errors, flash};
use super::extension_form::{Pairs, value};
use super::trunks::{Answer, permit};
use super::viewer::{Viewer, redirect_with};
use crate::app::settings::SettingsDraft;
use crate::domain::{Act, Fields};
use crate::web::Site;

pub fn router() -> Router<Site> {
    Router::new().route("/settings", get(page).post(edit))
}

/// Asterisk has read these at its start; they are shown here and set where it is started.
fn network(site: &Site) -> Network {
    let port = site.sip_address.rsplit_once(':');
    let [external_address, local_nets, rtp_ports] = site.network.clone();
    Network {
        external_address,
        local_nets,
        rtp_ports,
        sip_port: port.map(|(_, port)| port.to_owned()).unwrap_or_default(),
    }
}

async fn page(State(site): State<Site>, viewer: Viewer) -> Answer {
    permit(&viewer, &Act::EditSettings)?;
    let settings = site.app.settings().await?;
    let data = Settings {
        country_code: settings.numbers.country.clone(),
        area_code: settings.numbers.area.clone(),
        emergency_numbers: settings.emergency_numbers.join(", "),
        network: network(&site),
        errors: FieldErrors::default(),
    };
    let page = views::settings::page(&viewer.look.page(&site), &data);
    Ok(viewer.look.answer(page))
}

async fn edit(State(site): State<Site>, viewer: Viewer, Form(pairs): Form<Pairs>) -> Answer {
    permit(&viewer, &Act::EditSettings)?;
    let mut fields = Fields::from_form(pairs.clone(), &[]);
    let draft = SettingsDraft::read(&mut fields);
    let saved = match fields.finish().or(draft) {
        Ok(draft) => site.app.edit_settings(&viewer.actor, draft).await,
        Err(invalid) => Err(invalid.into()),
    };
    let error = match saved {
        Ok(applied) => {
            let flash = flash(&Done::SettingsSaved, &applied, &viewer.look.texts);
            return Ok(redirect_with("/settings", &flash));
        }
        Err(error) => error,
    };
    let Some(errors) = field_errors(&error, &viewer.look.texts) else {
        return Err(error.into());
    };
    let text = |name: &str| value(&pairs, name).unwrap_or_default().to_owned();
    let data = Settings {
        country_code: text("country_code"),
        area_code: text("area_code"),
        emergency_numbers: text("emergency_numbers"),
        network: network(&site),
        errors,
    };
    let page = views::settings::page(&viewer.look.page(&site), &data);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}
