//! Deleting an extension, after what goes with it was shown.

use axum::extract::{Path, State};
use views::extensions::delete::Delete;
use views::page::Done;

use super::describe::flash;
use super::extension::{Answer, editable, number, title};
use super::viewer::{Viewer, redirect_with};
use crate::domain::Act;
use crate::domain::call::CallFilter;
use crate::web::Site;
use crate::web::access::{Routes, of};

pub fn router() -> Routes {
    Routes::new()
        .get(
            "/extensions/{number}/delete",
            of(Act::DeleteExtension),
            delete_page,
        )
        .post(
            "/extensions/{number}/delete",
            of(Act::DeleteExtension),
            delete,
        )
}

async fn delete_page(State(site): State<Site>, viewer: Viewer, Path(text): Path<String>) -> Answer {
    let e = editable(&site, &viewer, &text).await?;
    let view = site.app.hub().endpoint(e.number.as_str());
    let own = Some(e.number.as_str());
    let calls = site.app.calls_now(&viewer.actor)?;
    let with_us = calls.iter().filter(|call| {
        let ends = [&call.caller, &call.callee].into_iter().chain(&call.others);
        ends.into_iter().any(|end| end.endpoint.as_deref() == own)
    });
    let calls = with_us.count() as u64;
    let filter = CallFilter {
        extension: Some(e.number.clone()),
        ..CallFilter::default()
    };
    let history = site.app.call_count(&viewer.actor, filter).await?;
    let own_number = std::slice::from_ref(&e.number);
    let extras = site.app.extension_extras(&viewer.actor, own_number).await?;
    let messages = extras
        .get(e.number.as_str())
        .and_then(|extras| extras.messages);
    let forwards = site.app.forwards_of(&viewer.actor, &e.number).await?.len();
    let numbers = site.app.routes_of(&viewer.actor, &e.number).await?.len();
    let mut forwarding = site.app.forwarding_to(&viewer.actor, &e.number).await?;
    forwarding.retain(|other| *other != e.number);
    let data = Delete {
        title: title(&site, &viewer, &e),
        phones: view.contacts.len() as u64,
        calls,
        messages: messages.map_or(0, |(_, total)| u64::try_from(total).unwrap_or(0)),
        forwards: forwards as u64,
        numbers: numbers as u64,
        forwarding: forwarding.len() as u64,
        history: u64::try_from(history).unwrap_or(0),
    };
    Ok(viewer.look.answer(views::extensions::delete::page(
        &viewer.look.page(&site),
        &data,
    )))
}

async fn delete(State(site): State<Site>, viewer: Viewer, Path(text): Path<String>) -> Answer {
    let number = number(&text)?;
    let applied = site.app.delete_extension(&viewer.actor, &number).await?;
    let flash = flash(
        &Done::Deleted(number.to_string()),
        &applied,
        &viewer.look.texts,
    );
    Ok(redirect_with("/extensions", &flash))
}
