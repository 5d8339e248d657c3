//! The fields of an input as they came: from a JSON object or from a form, read the same way. An absent field is told
//! from an empty one, because a change keeps what it does not name.

use std::collections::BTreeMap;

use super::invalid::{Code, Invalid};

/// Whether and how a field was given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Given<T> {
    #[default]
    Absent,
    /// JSON null, or a form field that was left empty.
    Null,
    Value(T),
}

impl<T> Given<T> {
    pub fn value(self) -> Option<T> {
        if let Self::Value(value) = self {
            Some(value)
        } else {
            None
        }
    }

    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

#[derive(Debug, Clone)]
enum Raw {
    Null,
    Bool(bool),
    Int(i64),
    Text(String),
    Words(Vec<String>),
    Other,
}

/// What a field is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Int,
    Flag,
    /// A list of texts; in a form, text with a comma, a blank or a new line between two of them.
    Words,
}

/// Reads fields one by one and notes those that are not of the kind asked for.
#[derive(Debug, Default)]
pub struct Fields {
    raw: BTreeMap<String, Raw>,
    malformed: Invalid,
    asked: Vec<(&'static str, Kind)>,
}

impl Fields {
    pub fn from_json(object: serde_json::Map<String, serde_json::Value>) -> Self {
        use serde_json::Value;
        let raw = object
            .into_iter()
            .map(|(name, value)| {
                let raw = match value {
                    Value::Null => Raw::Null,
                    Value::Bool(b) => Raw::Bool(b),
                    Value::Number(n) => n.as_i64().map_or(Raw::Other, Raw::Int),
                    Value::String(s) => Raw::Text(s),
                    Value::Array(items) => words(items).map_or(Raw::Other, Raw::Words),
                    Value::Object(_) => Raw::Other,
                };
                (name, raw)
            })
            .collect();
        Self {
            raw,
            malformed: Invalid::new(),
            asked: Vec::new(),
        }
    }

    /// `checkboxes` are the check boxes the form shows: a browser sends nothing for one that is off.
    pub fn from_form(pairs: Vec<(String, String)>, checkboxes: &[&str]) -> Self {
        let mut raw: BTreeMap<String, Raw> = checkboxes
            .iter()
            .map(|name| ((*name).to_owned(), Raw::Bool(false)))
            .collect();
        for (name, value) in pairs {
            let field = if checkboxes.contains(&name.as_str()) {
                Raw::Bool(true)
            } else if value.is_empty() {
                Raw::Null
            } else {
                Raw::Text(value)
            };
            raw.insert(name, field);
        }
        Self {
            raw,
            malformed: Invalid::new(),
            asked: Vec::new(),
        }
    }

    fn take(&mut self, name: &'static str, kind: Kind) -> Option<Raw> {
        self.asked.push((name, kind));
        self.raw.remove(name)
    }

    pub fn text(&mut self, name: &'static str) -> Given<String> {
        match self.take(name, Kind::Text) {
            None => Given::Absent,
            Some(Raw::Null) => Given::Null,
            Some(Raw::Text(text)) => Given::Value(text),
            Some(_) => self.wrong_kind(name),
        }
    }

    pub fn int(&mut self, name: &'static str) -> Given<i64> {
        match self.take(name, Kind::Int) {
            None => Given::Absent,
            Some(Raw::Null) => Given::Null,
            Some(Raw::Int(value)) => Given::Value(value),
            Some(Raw::Text(text)) => match text.trim().parse() {
                Ok(value) => Given::Value(value),
                Err(_) => self.wrong_kind(name),
            },
            Some(_) => self.wrong_kind(name),
        }
    }

    /// Takes what the original took for a truth value: true, "yes", "on", 1 and their opposites.
    pub fn flag(&mut self, name: &'static str) -> Given<bool> {
        let given = match self.take(name, Kind::Flag) {
            None => return Given::Absent,
            Some(Raw::Null) => return Given::Null,
            Some(Raw::Bool(value)) => Some(value),
            Some(Raw::Int(1)) => Some(true),
            Some(Raw::Int(0)) => Some(false),
            Some(Raw::Text(text)) => match text.to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" | "1" | "y" | "t" => Some(true),
                "false" | "no" | "off" | "0" | "n" | "f" => Some(false),
                _ => None,
            },
            Some(_) => None,
        };
        given.map_or_else(|| self.wrong_kind(name), Given::Value)
    }

    pub fn words(&mut self, name: &'static str) -> Given<Vec<String>> {
        match self.take(name, Kind::Words) {
            None => Given::Absent,
            Some(Raw::Null) => Given::Null,
            Some(Raw::Words(words)) => Given::Value(words),
            Some(Raw::Text(text)) => {
                let words = text.split(|c: char| c == ',' || c.is_whitespace());
                let words = words.filter(|word| !word.is_empty());
                Given::Value(words.map(str::to_owned).collect())
            }
            Some(_) => self.wrong_kind(name),
        }
    }

    fn wrong_kind<T>(&mut self, name: &'static str) -> Given<T> {
        self.malformed.add(name, Code::Malformed);
        Given::Absent
    }

    /// What was asked for until now: the description of an input is what its reader asks.
    pub fn asked(self) -> Vec<(&'static str, Kind)> {
        self.asked
    }

    /// The fields that were not of the kind asked for.
    pub fn finish(self) -> Invalid {
        self.malformed
    }
}

fn words(items: Vec<serde_json::Value>) -> Option<Vec<String>> {
    let texts = items.into_iter().map(|item| match item {
        serde_json::Value::String(text) => Some(text),
        _ => None,
    });
    texts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Fields {
        Fields::from_json(serde_json::from_str(text).expect("test JSON"))
    }

    #[test]
    fn an_absent_field_is_told_from_null() {
        let mut fields = json(r#"{"a": null, "b": "x"}"#);
        assert_eq!(fields.text("a"), Given::Null);
        assert_eq!(fields.text("b"), Given::Value("x".into()));
        assert_eq!(fields.text("c"), Given::Absent);
        assert!(fields.finish().is_empty());
    }

    #[test]
    fn a_field_of_another_kind_is_named() {
        let mut fields = json(r#"{"enabled": "maybe", "ring_time": [1]}"#);
        assert_eq!(fields.flag("enabled"), Given::Absent);
        assert_eq!(fields.int("ring_time"), Given::Absent);
        let invalid = fields.finish();
        let names: Vec<_> = invalid.problems().iter().map(|p| p.field).collect();
        assert_eq!(names, ["enabled", "ring_time"]);
    }

    #[test]
    fn an_unchecked_box_is_off_and_not_absent() {
        let mut fields = Fields::from_form(vec![("name".into(), String::new())], &["enabled"]);
        assert_eq!(fields.flag("enabled"), Given::Value(false));
        assert_eq!(fields.text("name"), Given::Null);
    }
}
