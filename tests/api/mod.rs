//! The REST API as programs meet it: paths, names, shapes and codes.

mod auth;
pub mod battery;
mod cdr;
pub mod document;
mod forms;
mod history;
mod key_limits;
mod keys;
mod links;
mod matrix;
mod odd;
mod origins;
mod peers;
mod permissions;
mod replay;
mod routes;
mod rules;
pub mod second_factor;
mod sessions;
mod settings;
mod system;
mod throttle;
pub mod token;
mod users;

use serde_json::Value;

/// Checks that an object has exactly these fields, each of this kind: `id:int name:text? live:bool`, where `?` allows
/// null.
#[track_caller]
fn has_shape(object: &Value, fields: &str) {
    let map = object
        .as_object()
        .unwrap_or_else(|| panic!("no object: {object}"));
    let mut wanted = Vec::new();
    for field in fields.split_whitespace() {
        let (name, kind) = field.split_once(':').expect("name:kind");
        wanted.push(name);
        let value = map
            .get(name)
            .unwrap_or_else(|| panic!("no {name} in {object}"));
        let fits = match kind.trim_end_matches('?') {
            "int" => value.is_i64(),
            "number" => value.is_number(),
            "text" => value.is_string(),
            "time" => value.as_str().is_some_and(is_utc),
            "bool" => value.is_boolean(),
            "list" => value.is_array(),
            "object" => value.is_object(),
            "null" => value.is_null(),
            other => panic!("{other} is no kind"),
        };
        let may_be_null = kind.ends_with('?') && value.is_null();
        assert!(fits || may_be_null, "{name} is no {kind} in {object}");
    }
    let more: Vec<&String> = map
        .keys()
        .filter(|name| !wanted.contains(&name.as_str()))
        .collect();
    assert!(
        more.is_empty(),
        "fields that nobody asked for: {more:?} in {object}"
    );
}

/// `2026-11-22T18:52:57.895564Z`
pub fn is_utc(text: &str) -> bool {
    text.ends_with('Z') && chrono::DateTime::parse_from_rfc3339(text).is_ok()
}
