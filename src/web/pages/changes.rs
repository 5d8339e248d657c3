//! The history of changes, and taking one back.

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::Datelike;
use serde::Deserialize;
use views::Texts;
use views::changes::{self as view, Changes, Entry, Filter};
use views::extensions::history::By;
use views::page::Done;
use views::ui::form::FieldErrors;
use views::ui::url;

use super::describe::{day_start, field_errors, flash};
use super::extension_form::Pairs;
use super::extension_history::fields;
use super::viewer::{Viewer, redirect_with};
use crate::app::undo::Undo;
use crate::domain::Act;
use crate::domain::change::{ChangeFilter, ChangePage, ChangeSet};
use crate::domain::undo::{Choice, Choices, Conflict, Object, Why, plain};
use crate::web::Site;
use crate::web::access::Routes;
use crate::web::failure::Failure;

/// Transactions on a page.
const PAGE: u64 = 30;
/// Fields shown with each of them.
const FIELDS: usize = 12;
/// Of one that is looked at alone.
const ALL_FIELDS: usize = 3000;

pub fn router() -> Routes {
    Routes::new()
        .get("/changes", Act::ViewChanges, list)
        .get("/changes/{tx}", Act::ViewChanges, one)
        .post("/changes/{tx}/undo", Act::UndoChanges, undo)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    actor: String,
    kind: String,
    object: String,
    from: String,
    to: String,
    q: String,
    after: String,
}

fn filter(asked: &Asked, texts: &Texts) -> (ChangeFilter, FieldErrors) {
    let mut errors = FieldErrors::default();
    let mut day = |name: &str, text: &str| -> Option<chrono::NaiveDate> {
        let parsed: Option<chrono::NaiveDate> = text.trim().parse().ok();
        let day = parsed.filter(|day| (1970..=9998).contains(&day.year()));
        if day.is_none() && !text.trim().is_empty() {
            errors.add(name, texts.error("invalid_date", &[]));
        }
        day
    };
    let from = day("from", &asked.from);
    let to = day("to", &asked.to);
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        errors.add("to", texts.error("invalid_range", &[]));
    }
    let text = |text: &str| Some(text.trim().replace('\0', "")).filter(|text| !text.is_empty());
    let words = text(&asked.q).map(|words| words.to_lowercase());
    if words
        .as_ref()
        .is_some_and(|words| words.chars().count() < 3)
    {
        errors.add("q", texts.error("too_short", &[("min", 3.into())]));
    }
    let filter = ChangeFilter {
        actor: text(&asked.actor),
        act: None,
        kind: text(&asked.kind),
        object: text(&asked.object),
        from: from.and_then(|day| day_start(day, texts)),
        // The last day counts as a whole.
        until: to.and_then(|day| day_start(day.succ_opt()?, texts)),
        text: words,
    };
    (filter, errors)
}

async fn list(
    State(site): State<Site>,
    viewer: Viewer,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let texts = &viewer.look.texts;
    let (wanted, errors) = filter(&asked, texts);
    let actors = site.app.change_actors(&viewer.actor).await?;
    let after: Option<i64> = asked.after.parse().ok();
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    let mut sets = Vec::new();
    if errors.is_empty() {
        status = StatusCode::OK;
        // One more than shown says whether there is a next page.
        let page = ChangePage {
            after,
            offset: 0,
            limit: PAGE + 1,
        };
        sets = site.app.change_sets(&viewer.actor, &wanted, page).await?;
    }
    let shown = usize::try_from(PAGE).unwrap_or(30);
    let more = sets.len() > shown;
    sets.truncate(shown);
    let data = Changes {
        filter: Filter {
            actor: asked.actor,
            kind: asked.kind,
            object: asked.object,
            from: asked.from,
            to: asked.to,
            q: asked.q,
            after: after.map(|after| after.to_string()),
        },
        errors,
        actors,
        next: sets.last().filter(|_| more).map(|set| set.id.to_string()),
        entries: sets.iter().map(|set| entry(set, FIELDS)).collect(),
    };
    let page = view::page(&viewer.look.page(&site), &data);
    Ok((status, viewer.look.answer(page)).into_response())
}

async fn one(
    State(site): State<Site>,
    viewer: Viewer,
    Path(tx): Path<String>,
) -> Result<Response, Failure> {
    let set = site.app.change_set(&viewer.actor, &tx).await?;
    let page = view::one(&viewer.look.page(&site), &entry(&set, ALL_FIELDS));
    Ok(viewer.look.answer(page))
}

fn entry(set: &ChangeSet, most: usize) -> Entry {
    let mut shown: Vec<_> = set.changes.iter().flat_map(fields).collect();
    let rows = u64::try_from(set.rows).unwrap_or_default();
    let has_more =
        shown.len() > most || rows > u64::try_from(set.changes.len()).unwrap_or_default();
    shown.truncate(most);
    Entry {
        tx: set.tx.clone(),
        at: set.at,
        by: match set.act {
            Some(_) => By::User(set.actor.clone()),
            None => By::Role(set.actor.clone()),
        },
        from: set.origin.clone().filter(|origin| !origin.is_empty()),
        act: set.act.clone(),
        objects: set.objects.iter().map(object).collect(),
        rows,
        fields: shown,
        has_more,
        undoes: set.undoes.clone(),
        undone_by: set.undone_by.clone(),
    }
}

fn object(object: &Object) -> view::Object {
    let href = match object.kind.as_str() {
        "extension" => Some(url::extension(&object.name, "")),
        "forward" => Some(url::extension(&object.name, "/forwards")),
        "mailbox" => Some(url::extension(&object.name, "/voicemail")),
        "trunk" => object.name.parse().ok().map(|id| url::trunk(id, "")),
        "number" => Some("/numbers".to_owned()),
        "setting" => Some("/settings".to_owned()),
        "api_key" => Some("/settings/keys".to_owned()),
        _ => None,
    };
    view::Object {
        kind: object.kind.clone(),
        name: object.name.clone(),
        href,
    }
}

/// Each conflict is a field named `c:` and its id; a button decides about all.
fn choices(pairs: &Pairs) -> Choices {
    let word = |text: &str| match text {
        "keep" => Some(Choice::Keep),
        "take" => Some(Choice::Take),
        _ => None,
    };
    let all = pairs.iter().find(|(name, _)| name == "all");
    if let Some(choice) = all.and_then(|(_, text)| word(text)) {
        return Choices {
            otherwise: Some(choice),
            ..Choices::default()
        };
    }
    let named = pairs.iter().filter_map(|(name, text)| {
        let id = name.strip_prefix("c:")?;
        Some((id.to_owned(), word(text)?))
    });
    Choices {
        by_id: named.collect(),
        otherwise: None,
    }
}

async fn undo(
    State(site): State<Site>,
    viewer: Viewer,
    Path(tx): Path<String>,
    Form(pairs): Form<Pairs>,
) -> Result<Response, Failure> {
    let texts = &viewer.look.texts;
    let asked = site.app.undo(&viewer.actor, &tx, &choices(&pairs)).await;
    let (status, undo, refusal) = match asked {
        Ok(Undo {
            applied: Some(applied),
            ..
        }) => {
            let own = applied.tx.as_deref();
            let address = own.map_or_else(|| "/changes".to_owned(), |tx| url::change(tx, ""));
            let done = flash(&Done::Undone(tx.clone()), &applied, texts);
            return Ok(redirect_with(&address, &done));
        }
        Ok(undo) if undo.is_decided() => {
            let nothing = texts.error("nothing_to_undo", &[]);
            (StatusCode::OK, Some(undo), Some(nothing))
        }
        Ok(undo) => (StatusCode::CONFLICT, Some(undo), None),
        Err(error) => {
            let Some(errors) = field_errors(&error, texts) else {
                return Err(error.into());
            };
            (
                StatusCode::UNPROCESSABLE_ENTITY,
                None,
                Some(errors.sentences()),
            )
        }
    };
    let set = site.app.change_set(&viewer.actor, &tx).await?;
    let count = |n: usize| u64::try_from(n).unwrap_or_default();
    let data = view::Undo {
        entry: entry(&set, FIELDS),
        undone: undo.as_ref().map_or(0, |undo| count(undo.undone)),
        kept: undo.as_ref().map_or(0, |undo| count(undo.kept)),
        conflicts: undo
            .iter()
            .flat_map(|undo| &undo.conflicts)
            .map(conflict)
            .collect(),
        refusal,
    };
    let page = view::undo(&viewer.look.page(&site), &data);
    Ok((status, viewer.look.answer(page)).into_response())
}

fn conflict(conflict: &Conflict) -> view::Conflict {
    let text = |value: &serde_json::Value| Some(plain(Some(value))).filter(|text| !text.is_empty());
    view::Conflict {
        id: conflict.id.clone(),
        object: object(&conflict.object),
        column: match &conflict.column {
            Some(column) => format!("{}.{column}", conflict.tab),
            None => conflict.tab.to_owned(),
        },
        why: match conflict.why {
            Why::Changed => view::Why::Changed,
            Why::Gone => view::Why::Gone,
            Why::Back => view::Why::Back,
            Why::Taken => view::Why::Taken,
            Why::Dependant => view::Why::Dependant,
        },
        before: text(&conflict.before).filter(|_| conflict.column.is_some()),
        after: text(&conflict.after).filter(|_| conflict.column.is_some()),
        now: text(&conflict.now).filter(|_| conflict.column.is_some()),
        takes: conflict.choice == Some(Choice::Take),
    }
}
