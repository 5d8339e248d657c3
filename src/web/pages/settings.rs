//! Settings of the whole system, and the restart that some of them need.

use std::time::Duration;

use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use views::Flash;
use views::page::Done;
use views::settings::Settings;
use views::settings::network::{Network, Values};
use views::settings::phones::{self, Phones};
use views::settings::restart::{InUse, Last, Restart};
use views::ui::form::FieldErrors;
use views::ui::state::Live;

use super::dashboard::system_data;
use super::describe::{field_errors, flash};
use super::extension_form::{Pairs, value};
use super::settings_audio;
use super::trunks::{Answer, permit};
use super::viewer::{Viewer, redirect_with};
use crate::app::network::InUse as Seen;
use crate::app::refused::{Picture, Reason};
use crate::app::restart::{Restart as Asked, Wish};
use crate::app::settings::SettingsDraft;
use crate::app::{Error, Result};
use crate::domain::network::{self, NetworkDraft};
use crate::domain::phone_addresses::PhoneAddressesDraft;
use crate::domain::{Act, Code, Fields};
use crate::web::Site;
use crate::web::access::Routes;

/// A restart takes some seconds; one that takes longer than this has failed.
const LOST: chrono::TimeDelta = chrono::TimeDelta::seconds(60);

pub fn router() -> Routes {
    Routes::new()
        .get("/settings", Act::EditSettings, page)
        .post("/settings", Act::EditSettings, edit)
        .post("/settings/network", Act::EditSettings, edit_network)
        .post("/settings/phones", Act::EditSettings, edit_phones)
        .post("/settings/restart", Act::RestartAsterisk, restart)
}

fn values(network: &network::Network) -> Values {
    Values {
        external_address: network.external_address.clone(),
        local_nets: network.local_nets.clone(),
        rtp_ports: network.rtp_ports.clone(),
    }
}

/// The page as it is, before anybody has typed something.
pub(super) async fn data(site: &Site, viewer: &Viewer) -> Result<Settings> {
    let settings = site.app.settings().await?;
    let seen = site.app.network_in_use(&viewer.actor).await?;
    let environment = seen.as_ref().map(|seen| values(&seen.environment));
    Ok(Settings {
        country_code: settings.numbers.country.clone(),
        area_code: settings.numbers.area.clone(),
        emergency_numbers: settings.emergency_numbers.join(", "),
        history_days: settings
            .history_days
            .map(|days| days.to_string())
            .unwrap_or_default(),
        barred_forwards: settings.barred.for_people(&settings.numbers),
        errors: FieldErrors::default(),
        phones: Phones {
            enabled: settings.phone_addresses.enabled,
            ips: settings.phone_addresses.words().join("\n"),
            ..Phones::default()
        },
        refused: refused(site.app.refused(&viewer.actor)?),
        network: Network {
            typed: values(&settings.network),
            environment: environment.unwrap_or_default(),
            errors: FieldErrors::default(),
        },
        audio: settings_audio::data(&settings.global_codecs),
        system: system_data(site, viewer).await,
        restart: Restart {
            last: last(site),
            now: now(site, seen, &settings.network),
        },
    })
}

fn now(site: &Site, seen: Option<Seen>, saved: &network::Network) -> Live<InUse> {
    let asterisk = site.app.hub().asterisk();
    let Some(seen) = seen.filter(|_| asterisk.connected) else {
        return Live::Unknown {
            since: (!asterisk.connected).then_some(asterisk.since),
        };
    };
    Live::Known(InUse {
        values: values(&seen.started.network),
        next: values(&saved.over(&seen.environment)),
        sip_port: seen.started.sip_port,
        sips_port: seen.started.sips_port,
        calls: u64::try_from(site.app.hub().calls().len()).unwrap_or(0),
        is_outdated: site.app.is_asterisk_outdated(),
    })
}

fn last(site: &Site) -> Last {
    match site.app.restart() {
        Asked::None => Last::None,
        Asked::Waiting { since } => Last::Waiting { since },
        Asked::Ending { since, .. } if site.app.clock().now() - since > LOST => {
            Last::Lost { since }
        }
        Asked::Ending { since, .. } => Last::Ending { since },
        Asked::Done {
            since,
            back,
            applied,
        } => Last::Done {
            back,
            took: (back - since).to_std().unwrap_or(Duration::ZERO),
            applied,
        },
        Asked::Refused { words } => Last::Refused(words),
    }
}

pub(super) fn shown(site: &Site, viewer: &Viewer, data: &Settings) -> axum::response::Response {
    let page = views::settings::page(&viewer.look.page(site), data);
    viewer.look.answer(page)
}

async fn page(State(site): State<Site>, viewer: Viewer) -> Answer {
    permit(&viewer, &Act::EditSettings)?;
    let data = data(&site, &viewer).await?;
    Ok(shown(&site, &viewer, &data))
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
        history_days: text("history_days"),
        barred_forwards: text("barred_forwards"),
        errors,
        ..data(&site, &viewer).await?
    };
    let page = shown(&site, &viewer, &data);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

fn refused(picture: Picture) -> phones::Refused {
    let worst = picture.worst.into_iter().map(|attempts| phones::Attempts {
        address: attempts.address.to_string(),
        count: attempts.count,
        name: attempts.name,
        reason: match attempts.reason {
            Reason::WrongPassword => phones::Reason::WrongPassword,
            Reason::UnknownName => phones::Reason::UnknownName,
            Reason::Address => phones::Reason::Address,
        },
        last: attempts.last,
    });
    phones::Refused {
        since: picture.since,
        total: picture.total,
        worst: worst.collect(),
    }
}

async fn edit_phones(State(site): State<Site>, viewer: Viewer, Form(pairs): Form<Pairs>) -> Answer {
    permit(&viewer, &Act::EditSettings)?;
    let mut fields = Fields::from_form(pairs.clone(), &["enabled", "may_exclude"]);
    let draft = PhoneAddressesDraft::read(&mut fields);
    let enabled = draft.enabled.clone().value().unwrap_or_default();
    let may_exclude = fields.flag("may_exclude").value().unwrap_or_default();
    let saved = match fields.finish().or(draft) {
        Ok(draft) => {
            let saving = site
                .app
                .edit_phone_addresses(&viewer.actor, draft, may_exclude);
            saving.await
        }
        Err(invalid) => Err(invalid.into()),
    };
    let error = match saved {
        Ok(saved) => {
            let flash = flash(&Done::SettingsSaved, &saved.applied, &viewer.look.texts);
            return Ok(redirect_with("/settings", &flash));
        }
        Err(error) => error,
    };
    let Some(errors) = field_errors(&error, &viewer.look.texts) else {
        return Err(error.into());
    };
    let mut data = data(&site, &viewer).await?;
    data.phones = Phones {
        enabled,
        ips: value(&pairs, "ips").unwrap_or_default().to_owned(),
        asks: matches!(&error, Error::Invalid(invalid)
            if invalid.problems().iter().any(|problem| problem.code == Code::PhonesExcluded)),
        errors,
    };
    let page = shown(&site, &viewer, &data);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

async fn edit_network(
    State(site): State<Site>,
    viewer: Viewer,
    Form(pairs): Form<Pairs>,
) -> Answer {
    permit(&viewer, &Act::EditSettings)?;
    let mut fields = Fields::from_form(pairs.clone(), &[]);
    let draft = NetworkDraft::read(&mut fields);
    let saved = match fields.finish().or(draft) {
        Ok(draft) => site.app.edit_network(&viewer.actor, draft).await,
        Err(invalid) => Err(invalid.into()),
    };
    let Err(error) = saved else {
        let flash = Flash::done(&Done::NetworkSaved, &viewer.look.texts);
        return Ok(redirect_with("/settings", &flash));
    };
    let Some(errors) = field_errors(&error, &viewer.look.texts) else {
        return Err(error.into());
    };
    let text = |name: &str| value(&pairs, name).unwrap_or_default().to_owned();
    let mut data = data(&site, &viewer).await?;
    data.network.errors = errors;
    data.network.typed = Values {
        external_address: text("external_address"),
        local_nets: text("local_nets"),
        rtp_ports: text("rtp_ports"),
    };
    let page = shown(&site, &viewer, &data);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

async fn restart(State(site): State<Site>, viewer: Viewer, Form(pairs): Form<Pairs>) -> Answer {
    permit(&viewer, &Act::RestartAsterisk)?;
    let wish = match value(&pairs, "when") {
        Some("now") => Wish::Now,
        Some("idle") => Wish::WhenIdle,
        Some("cancel") => Wish::Cancel,
        _ => return Err(Error::NotFound("restart").into()),
    };
    site.app.ask_restart(&viewer.actor, wish).await?;
    Ok(Redirect::to("/settings").into_response())
}
