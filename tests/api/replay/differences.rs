//! Where an answer is not what was recorded.

use std::collections::{HashMap, HashSet};
use std::fmt;

use serde_json::Value;

use super::{Deviation, Recording};
use crate::api::is_utc;

#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    Status {
        was: u16,
        is: u16,
        code: Option<String>,
        said: String,
    },
    /// A field, or a header.
    At { place: String, what: String },
}

impl Found {
    pub fn at(place: &str, what: impl Into<String>) -> Self {
        Self::At {
            place: place.to_owned(),
            what: what.into(),
        }
    }

    pub fn place(&self) -> String {
        match self {
            Self::Status { .. } => "status".to_owned(),
            Self::At { place, .. } => place.clone(),
        }
    }

    pub fn is_allowed_by(&self, deviation: &Deviation) -> bool {
        match self {
            Self::Status { is, code, .. } => {
                deviation.status == Some(*is) && deviation.code == *code
            }
            Self::At { place, .. } => {
                deviation.differs.contains(place) || deviation.sometimes.contains(place)
            }
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status { was, is, said, .. } => write!(f, "status {is}, was {was}: {said}"),
            Self::At { place, what } => write!(f, "{place}: {what}"),
        }
    }
}

/// Which kinds of values a field of a resource had anywhere: what was null in one answer may be a text in another.
#[derive(Debug, Default)]
pub struct Known(HashMap<(String, String), HashSet<String>>);

impl Known {
    pub fn of(recordings: &[Recording]) -> Self {
        let mut known = Self::default();
        for recording in recordings {
            known.learn(&resource(&recording.path), "", &recording.answer);
        }
        known
    }

    fn learn(&mut self, resource: &str, place: &str, shape: &Value) {
        match shape {
            Value::String(kind) => {
                let key = (resource.to_owned(), place.to_owned());
                self.0.entry(key).or_default().insert(kind.clone());
            }
            Value::Array(shapes) => shapes
                .iter()
                .for_each(|shape| self.learn(resource, place, shape)),
            Value::Object(fields) => {
                for (name, shape) in fields {
                    self.learn(resource, &below(place, name), shape);
                }
            }
            _ => {}
        }
    }

    /// Every place where the answer is not of the recorded shape.
    pub fn differences(&self, path: &str, recorded: &Value, answer: &Value) -> Vec<Found> {
        self.compare(&resource(path), "", recorded, answer)
    }

    fn compare(&self, resource: &str, place: &str, recorded: &Value, answer: &Value) -> Vec<Found> {
        match (recorded, answer) {
            (Value::String(kind), _) if self.fits(resource, place, kind, answer) => Vec::new(),
            (Value::String(kind), _) => vec![Found::at(place, format!("was {kind}, is {answer}"))],
            (Value::Array(shapes), Value::Array(items)) => {
                if items.is_empty() && !shapes.is_empty() {
                    return vec![Found::at(place, "is empty")];
                }
                let best = |item| {
                    let all = shapes
                        .iter()
                        .map(|shape| self.compare(resource, place, shape, item));
                    all.min_by_key(Vec::len).unwrap_or_default()
                };
                let mut found: Vec<Found> = Vec::new();
                for difference in items.iter().flat_map(best) {
                    // Once is enough for a list.
                    if !found.iter().any(|f| f.place() == difference.place()) {
                        found.push(difference);
                    }
                }
                found
            }
            (Value::Object(fields), Value::Object(answered)) => {
                let each = fields.iter().flat_map(|(name, shape)| {
                    let place = below(place, name);
                    match answered.get(name) {
                        Some(value) => self.compare(resource, &place, shape, value),
                        None => vec![Found::at(&place, "is not there")],
                    }
                });
                each.collect()
            }
            _ => vec![Found::at(place, format!("was {recorded}, is {answer}"))],
        }
    }

    fn fits(&self, resource: &str, place: &str, kind: &str, value: &Value) -> bool {
        match kind {
            "null" => {
                let key = (resource.to_owned(), place.to_owned());
                let others = self.0.get(&key).into_iter().flatten();
                value.is_null()
                    || others
                        .filter(|other| *other != "null")
                        .any(|other| self.fits(resource, place, other, value))
            }
            "int" => value.is_i64(),
            "number" => value.is_number(),
            "bool" => value.is_boolean(),
            "text" => value.is_string(),
            "time" => value.as_str().is_some_and(is_utc),
            "list" => value.is_array(),
            other => panic!("{other} is no kind of value"),
        }
    }
}

fn below(place: &str, name: &str) -> String {
    if place.is_empty() {
        name.to_owned()
    } else {
        format!("{place}.{name}")
    }
}

/// `peers` of `/api/peers/1001`.
fn resource(path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    path.trim_start_matches("/api/")
        .split('/')
        .next()
        .unwrap_or_default()
        .to_owned()
}
