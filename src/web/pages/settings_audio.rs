//! The order of codecs of the whole system.

use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use views::page::Done;
use views::settings::Settings;
use views::settings::audio::Audio;
use views::ui::form::FieldErrors;

use super::describe::{field_errors, flash};
use super::extension_form::{Pairs, codecs, typed_codecs};
use super::settings;
use super::trunks::{Answer, permit};
use super::viewer::{Viewer, redirect_with};
use crate::domain::{Act, Codecs, Given};
use crate::web::Site;
use crate::web::access::Routes;

pub fn router() -> Routes {
    Routes::new().post("/settings/audio", Act::EditSettings, edit)
}

/// As it is.
pub fn data(order: &Codecs) -> Audio {
    Audio {
        codecs: codecs(order.ids()),
        errors: FieldErrors::default(),
    }
}

async fn edit(State(site): State<Site>, viewer: Viewer, Form(pairs): Form<Pairs>) -> Answer {
    permit(&viewer, &Act::EditSettings)?;
    let typed = typed_codecs(&pairs);
    let saving = site
        .app
        .edit_codecs(&viewer.actor, Given::Value(typed.clone()));
    let error = match saving.await {
        Ok((_, applied)) => {
            let flash = flash(&Done::SettingsSaved, &applied, &viewer.look.texts);
            return Ok(redirect_with("/settings", &flash));
        }
        Err(error) => error,
    };
    let Some(errors) = field_errors(&error, &viewer.look.texts) else {
        return Err(error.into());
    };
    let ranked: Vec<&str> = typed.split(',').filter(|name| !name.is_empty()).collect();
    let data = Settings {
        audio: Audio {
            codecs: codecs(&ranked),
            errors,
        },
        ..settings::data(&site, &viewer).await?
    };
    let page = settings::shown(&site, &viewer, &data);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}
