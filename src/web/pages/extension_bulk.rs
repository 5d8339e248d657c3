//! One change of a selection in the list of extensions.

use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use views::Flash;
use views::extensions::bulk::{self as view, Action, Many};
use views::extensions::list;
use views::page::Done;
use views::ui::form::FieldErrors;

use super::describe::{codecs, field_errors, flash, typed_codecs};
use super::extension_form::{Pairs, choices, value};
use super::extensions::filter;
use super::local;
use super::viewer::{Viewer, redirect_with};
use crate::app::Error;
use crate::app::bulk::{Selection, numbers_of};
use crate::domain::bulk::{Change, ChangeDraft};
use crate::domain::{Act, ExtNumber, Fields, policy};
use crate::web::Site;
use crate::web::access::Routes;
use crate::web::failure::{Failure, code};

pub fn router() -> Routes {
    Routes::new().post("/extensions/bulk", Act::EditManyExtensions, change)
}

/// Those that were chosen one by one, or whichever match what the list showed.
fn selection(pairs: &Pairs) -> Result<Selection, Error> {
    if value(pairs, "all").is_some() {
        let query = list::Query {
            q: value(pairs, "q").unwrap_or_default().to_owned(),
            state: list::Filter::named(value(pairs, "state").unwrap_or_default()),
            ..list::Query::default()
        };
        return Ok(Selection::Matching(filter(&query)));
    }
    let one_by_one = pairs.iter().filter(|(name, _)| name == "number");
    let together = value(pairs, "numbers").unwrap_or_default().split(',');
    let named = one_by_one
        .map(|(_, number)| number.as_str())
        .chain(together);
    Ok(Selection::Numbers(numbers_of(named)?))
}

fn draft(pairs: &Pairs) -> Result<Change, Error> {
    let mut contract: Pairs = pairs
        .iter()
        .filter(|(name, _)| matches!(name.as_str(), "action" | "pickup_group" | "ring_time"))
        .cloned()
        .collect();
    contract.push(("codecs".to_owned(), typed_codecs(pairs)));
    let mut fields = Fields::from_form(contract, &[]);
    let draft = ChangeDraft::read(&mut fields);
    fields.finish().or(())?;
    Ok(draft.check()?)
}

async fn change(
    State(site): State<Site>,
    viewer: Viewer,
    Form(pairs): Form<Pairs>,
) -> Result<Response, Failure> {
    if !policy::may(&viewer.actor, &Act::EditManyExtensions) {
        return Err(Error::Forbidden.into());
    }
    let next = local(value(&pairs, "next").unwrap_or("/extensions")).to_owned();
    let Some(action) = Action::named(value(&pairs, "action").unwrap_or_default()) else {
        return Ok(Redirect::to(&next).into_response());
    };
    let selected = match selection(&pairs) {
        Ok(selection) => site.app.select(&viewer.actor, selection).await,
        Err(error) => Err(error),
    };
    let numbers = match selected {
        Ok(numbers) => numbers,
        // Nothing was selected, or something that is gone: back to the list, which says so.
        Err(error @ Error::Invalid(_)) => {
            let why = if code(&error) == "required" {
                "none_selected"
            } else {
                code(&error)
            };
            return Ok(redirect_with(&next, &Flash::error(why, &viewer.look.texts)));
        }
        Err(error) => return Err(error.into()),
    };
    if !action.is_immediate() && value(&pairs, "confirmed").is_none() {
        let many = asked(
            &site,
            &viewer,
            action,
            &numbers,
            next,
            &pairs,
            FieldErrors::default(),
        )
        .await?;
        return Ok(view::page(&viewer.look.page(&site), &many).into_response());
    }
    let changed = match draft(&pairs) {
        Ok(change) => {
            let selection = Selection::Numbers(numbers.clone());
            site.app.edit_many(&viewer.actor, selection, change).await
        }
        Err(error) => Err(error),
    };
    let t = &viewer.look.texts;
    let error = match changed {
        Ok(changed) => {
            let count = changed.numbers.len() as u64;
            let done = if action == Action::Delete {
                Done::ManyDeleted(count)
            } else {
                Done::ManySaved(count)
            };
            return Ok(redirect_with(&next, &flash(&done, &changed.applied, t)));
        }
        Err(error) => error,
    };
    let Some(errors) = field_errors(&error, t) else {
        return Err(error.into());
    };
    let many = asked(&site, &viewer, action, &numbers, next, &pairs, errors).await?;
    let page = view::page(&viewer.look.page(&site), &many);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

async fn asked(
    site: &Site,
    viewer: &Viewer,
    action: Action,
    numbers: &[ExtNumber],
    next: String,
    pairs: &Pairs,
    errors: FieldErrors,
) -> Result<Many, Error> {
    let own = typed_codecs(pairs);
    let ranked: Vec<&str> = own.split(',').collect();
    let text = |name: &str, otherwise: &str| value(pairs, name).unwrap_or(otherwise).to_owned();
    let dependants = if action == Action::Delete {
        let found = site.app.dependants(&viewer.actor, numbers).await?;
        let phones = site
            .app
            .hub()
            .presences(numbers.iter().map(ExtNumber::as_str));
        view::Dependants {
            numbers: found.numbers.unsigned_abs(),
            forwards: found.forwards.unsigned_abs(),
            forwards_to: found.forwards_to.unsigned_abs(),
            mailboxes: found.mailboxes.unsigned_abs(),
            messages: found.messages.unsigned_abs(),
            phones: phones.iter().filter(|seen| seen.is_online()).count() as u64,
        }
    } else {
        view::Dependants::default()
    };
    Ok(Many {
        action,
        count: numbers.len() as u64,
        numbers: numbers
            .iter()
            .map(ExtNumber::as_str)
            .collect::<Vec<_>>()
            .join(","),
        next,
        has_own_codecs: !own.is_empty(),
        codecs: codecs(&ranked),
        pickup_group: text("pickup_group", ""),
        ring_time: text("ring_time", "20"),
        choices: choices(site).await?,
        dependants,
        errors,
    })
}
