//! The forwards of one extension, each saved by itself.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use views::Markup;
use views::extensions::forwards::{self as view, Forwards};
use views::extensions::overview::Detours;
use views::page::Done;
use views::ui::form::FieldErrors;
use views::ui::url;

use super::describe::{field_errors, flash};
use super::extension::title;
use super::extension_form::{Pairs, value};
use super::numbers::destinations;
use super::trunks::Answer;
use super::viewer::{Viewer, redirect_with};
use crate::app::extensions::number_of;
use crate::app::{Error, Result};
use crate::domain::did::NumberPlan;
use crate::domain::forward::{Forward, ForwardDraft, Kind, Target};
use crate::domain::{Act, ExtNumber, Extension, Given, policy};
use crate::web::Site;
use crate::web::access::{Routes, of};

pub fn router() -> Routes {
    Routes::new()
        .get(
            "/extensions/{number}/forwards",
            of(Act::ViewExtension),
            page,
        )
        .post(
            "/extensions/{number}/forwards/{kind}",
            of(Act::EditForwards),
            save,
        )
}

fn number(text: &str) -> Result<ExtNumber> {
    number_of(text).map_err(|_| Error::NotFound("extension"))
}

pub fn shown(kind: Kind) -> view::Kind {
    match kind {
        Kind::Unconditional => view::Kind::Unconditional,
        Kind::Busy => view::Kind::Busy,
        Kind::NoAnswer => view::Kind::NoAnswer,
    }
}

async fn page(State(site): State<Site>, viewer: Viewer, Path(text): Path<String>) -> Answer {
    let e = site.app.extension(&viewer.actor, &number(&text)?).await?;
    let page = show(&site, &viewer, &e, None).await?;
    Ok(viewer.look.answer(page))
}

/// `refused` is what was typed for one kind, with what is wrong about it.
async fn show(
    site: &Site,
    viewer: &Viewer,
    e: &Extension,
    refused: Option<view::Forward>,
) -> Result<Markup> {
    let plan = &site.app.settings().await?.numbers;
    let own = site.app.forwards_of(&viewer.actor, &e.number).await?;
    let routes = site.app.routes_of(&viewer.actor, &e.number).await?;
    let mut rows = Vec::with_capacity(Kind::ALL.len());
    for kind in Kind::ALL {
        let typed = refused.clone().filter(|row| row.kind == shown(kind));
        rows.push(if let Some(typed) = typed {
            typed
        } else {
            let known = own.iter().find(|forward| forward.kind == kind);
            row(site, viewer, kind, known, plan, e).await?
        });
    }
    let data = Forwards {
        title: title(site, viewer, e),
        rows,
        may_edit: policy::may(&viewer.actor, &Act::EditForwards(e.number.clone())),
        may_leave: routes.iter().any(|route| route.enabled),
        destinations: destinations(site, viewer, "").await?,
    };
    Ok(view::page(&viewer.look.page(site), &data))
}

async fn row(
    site: &Site,
    viewer: &Viewer,
    kind: Kind,
    known: Option<&Forward>,
    plan: &NumberPlan,
    e: &Extension,
) -> Result<view::Forward> {
    Ok(view::Forward {
        kind: shown(kind),
        destination: known
            .map(|forward| forward.target.dialled(plan))
            .unwrap_or_default(),
        name: match known.map(|forward| &forward.target) {
            Some(Target::Extension(number)) => {
                let names = site.app.with_extensions(&viewer.actor, |all| {
                    let mut all = all.filter(|other| other.number == *number);
                    all.next().map(|other| other.name.as_str().to_owned())
                });
                names.await?.filter(|name| !name.is_empty())
            }
            _ => None,
        },
        ring_time: known
            .map_or(e.ring_time, |forward| forward.ring_time)
            .to_string(),
        // Who types a target wants it.
        is_on: known.is_none_or(|forward| forward.enabled),
        errors: FieldErrors::default(),
    })
}

/// Where else a call goes, for the sentence about it.
pub async fn detours(site: &Site, viewer: &Viewer, number: &ExtNumber) -> Result<Detours> {
    let plan = &site.app.settings().await?.numbers;
    let own = site.app.forwards_of(&viewer.actor, number).await?;
    let to = |kind: Kind| {
        let on = own
            .iter()
            .find(|forward| forward.kind == kind && forward.enabled);
        on.map(|forward| match &forward.target {
            Target::Extension(number) => number.to_string(),
            Target::Outside(did) => did.for_people(plan),
        })
    };
    Ok(Detours {
        always: to(Kind::Unconditional),
        busy: to(Kind::Busy),
        unanswered: to(Kind::NoAnswer),
        has_mailbox: site.app.has_mailbox(&viewer.actor, number).await?,
    })
}

async fn save(
    State(site): State<Site>,
    viewer: Viewer,
    Path((text, kind)): Path<(String, String)>,
    Form(pairs): Form<Pairs>,
) -> Answer {
    let number = number(&text)?;
    let kind = Kind::parse(&kind).ok_or(Error::NotFound("forward"))?;
    let field = |name: &str| shown(kind).field(name);
    let typed = |name: &str| value(&pairs, &field(name)).unwrap_or_default().to_owned();
    let draft = ForwardDraft {
        target: Given::Value(typed("destination")),
        ring_time: match typed("ring_time").trim() {
            "" => Given::Absent,
            // What is no number is outside of the range, too.
            text => Given::Value(text.parse().unwrap_or(0)),
        },
        enabled: Given::Value(value(&pairs, &field("enabled")).is_some()),
        ..ForwardDraft::default()
    };
    let saved = site
        .app
        .set_forward(&viewer.actor, &number, kind, draft)
        .await;
    let error = match saved {
        Ok(applied) => {
            let done = Done::ForwardSaved(number.to_string());
            let flash = flash(&done, &applied, &viewer.look.texts);
            let back = url::extension(number.as_str(), "/forwards");
            return Ok(redirect_with(&back, &flash));
        }
        // Nothing was there, and nothing is wanted.
        Err(Error::NotFound("forward")) => {
            let back = url::extension(number.as_str(), "/forwards");
            return Ok(axum::response::Redirect::to(&back).into_response());
        }
        Err(error) => error,
    };
    let Some(errors) = field_errors(&error, &viewer.look.texts) else {
        return Err(error.into());
    };
    let e = site.app.extension(&viewer.actor, &number).await?;
    let refused = view::Forward {
        kind: shown(kind),
        destination: typed("destination"),
        name: None,
        ring_time: typed("ring_time"),
        is_on: value(&pairs, &field("enabled")).is_some(),
        errors: errors.renamed(field),
    };
    let page = show(&site, &viewer, &e, Some(refused)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}
