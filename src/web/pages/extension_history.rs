//! Who changed what of an extension, and when.

use axum::extract::{Path, State};
use axum::response::Response;
use views::extensions::history::{self, By, History};

use super::extension::{editable, title};
use super::viewer::Viewer;
use crate::domain::change::{Change, Op};
use crate::web::Site;
use crate::web::failure::Failure;

pub async fn page(
    State(site): State<Site>,
    viewer: Viewer,
    Path(text): Path<String>,
) -> Result<Response, Failure> {
    let e = editable(&site, &viewer, &text).await?;
    let changes = site.app.extension_history(&viewer.actor, &e.number).await?;
    let data = History {
        title: title(&site, &viewer, &e),
        changes: grouped(&changes),
        next: None,
    };
    Ok(viewer
        .look
        .answer(history::page(&viewer.look.page(&site), &data)))
}

/// One entry a transaction: all that was changed at once, by one, for one reason.
fn grouped(changes: &[Change]) -> Vec<history::Change> {
    let groups = changes.chunk_by(|a, b| a.xid == b.xid);
    groups
        .filter_map(|rows| rows.first().map(|first| entry(first, rows)))
        .collect()
}

fn entry(first: &Change, rows: &[Change]) -> history::Change {
    let fields: Vec<history::Field> = rows.iter().flat_map(fields).collect();
    history::Change {
        at: first.at,
        by: match first.act {
            Some(_) => By::User(first.actor.clone()),
            None => By::Role(first.actor.clone()),
        },
        from: first.origin.clone().filter(|origin| !origin.is_empty()),
        undo: Some(first.xid.clone()),
        act: act(first, &fields),
        fields,
    }
}

fn act(first: &Change, fields: &[history::Field]) -> history::Act {
    let enabled = fields
        .iter()
        .find(|field| field.column == "ps_endpoints.identify_by");
    match first.act.as_deref() {
        None => history::Act::Sql,
        Some("extension.create") => history::Act::Created,
        Some("extension.rename") => history::Act::Renamed,
        Some("extension.delete") => history::Act::Deleted,
        Some(_) => match enabled.map(|field| field.after.as_deref()) {
            Some(Some("ip")) => history::Act::Disabled,
            Some(_) => history::Act::Enabled,
            None if fields
                .iter()
                .any(|f| f.column == "ps_auths.password_digest") =>
            {
                history::Act::PasswordSet
            }
            None => history::Act::Edited,
        },
    }
}

pub(super) fn fields(change: &Change) -> Vec<history::Field> {
    let (before, after) = (change.before.as_object(), change.after.as_object());
    let names = match change.op {
        Op::Delete => before,
        Op::Insert | Op::Update => after,
    };
    let text = |value: Option<&serde_json::Value>| match value {
        None | Some(serde_json::Value::Null) => None,
        Some(serde_json::Value::String(text)) => Some(text.clone()),
        Some(other) => Some(other.to_string()),
    };
    let bookkeeping = |name: &str| matches!(name, "id" | "created_at" | "updated_at");
    let names = names.into_iter().flat_map(|columns| columns.keys());
    names
        .filter(|name| !(bookkeeping(name) && change.op != Op::Update) && *name != "updated_at")
        .map(|name| history::Field {
            column: format!("{}.{name}", change.table),
            before: text(before.and_then(|columns| columns.get(name))),
            after: text(after.and_then(|columns| columns.get(name))),
        })
        .collect()
}
