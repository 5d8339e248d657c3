//! Where an external number leads.

use chrono::{DateTime, Utc};

use super::did::{Did, NumberPlan};
use super::invalid::{Code, Invalid, Wrong};
use super::{ExtNumber, Fields, Given};

const DESCRIPTION_LENGTH: usize = 200;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    pub id: i64,
    pub did: Did,
    pub trunk_id: i64,
    pub extension: ExtNumber,
    pub description: Option<String>,
    pub enabled: bool,
    /// None: not as far as the history goes back.
    pub last_called: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// Which routes are looked for; nothing said, all of them.
#[derive(Debug, Clone, Default)]
pub struct RouteSearch {
    pub trunk: Option<i64>,
    /// One of these is enough.
    pub words: Option<Words>,
}

#[derive(Debug, Clone, Default)]
pub struct Words {
    /// In lower case, somewhere in the description.
    pub text: String,
    /// Somewhere in the number, as it is dialled here or from abroad.
    pub digits: Option<String>,
    /// Leads to one of these.
    pub extensions: Vec<String>,
}

#[derive(Debug, Clone, Default)]
pub struct RouteDraft {
    pub did: Given<String>,
    pub trunk_id: Given<i64>,
    pub extension: Given<String>,
    pub description: Given<String>,
    pub enabled: Given<bool>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteEdit {
    pub did: Did,
    pub trunk_id: i64,
    pub extension: ExtNumber,
    pub description: Option<String>,
    pub enabled: bool,
}

impl RouteDraft {
    pub fn read(fields: &mut Fields) -> Self {
        Self {
            did: fields.text("did"),
            trunk_id: fields.int("trunk_id"),
            extension: fields.text("destination_extension"),
            description: fields.text("description"),
            enabled: fields.flag("enabled"),
        }
    }

    pub fn check(self, before: Option<&Route>, plan: &NumberPlan) -> Result<RouteEdit, Invalid> {
        let mut invalid = Invalid::new();
        let did = match (self.did, before) {
            (Given::Value(text), _) => invalid.note("did", Did::parse(&text, plan)),
            (Given::Absent, Some(before)) => Some(before.did.clone()),
            _ => missing(&mut invalid, "did"),
        };
        let trunk_id = match (self.trunk_id, before) {
            (Given::Value(id), _) => Some(id),
            (Given::Absent, Some(before)) => Some(before.trunk_id),
            _ => missing(&mut invalid, "trunk_id"),
        };
        let extension = match (self.extension, before) {
            (Given::Value(text), _) => invalid.note(
                "destination_extension",
                ExtNumber::parse(&text).map_err(|_| Wrong::new(Code::UnknownExtension)),
            ),
            (Given::Absent, Some(before)) => Some(before.extension.clone()),
            _ => missing(&mut invalid, "destination_extension"),
        };
        let description = match self.description {
            Given::Absent => before.and_then(|b| b.description.clone()),
            Given::Null => None,
            Given::Value(text) => invalid.note("description", description(&text)).flatten(),
        };
        let enabled = self
            .enabled
            .value()
            .or(before.map(|b| b.enabled))
            .unwrap_or(true);
        let (Some(did), Some(trunk_id), Some(extension)) = (did, trunk_id, extension) else {
            return Err(invalid);
        };
        invalid.or(RouteEdit {
            did,
            trunk_id,
            extension,
            description,
            enabled,
        })
    }
}

fn missing<T>(invalid: &mut Invalid, field: &'static str) -> Option<T> {
    invalid.add(field, Code::Required);
    None
}

fn description(text: &str) -> Result<Option<String>, Wrong> {
    let text = text.trim();
    if text.chars().any(char::is_control) {
        return Err(Wrong::new(Code::InvalidCharacters));
    }
    if text.chars().count() > DESCRIPTION_LENGTH {
        return Err(Wrong::new(Code::TooLong).with("max", DESCRIPTION_LENGTH.to_string()));
    }
    Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str) -> Result<RouteEdit, Vec<(&'static str, &'static str)>> {
        let mut fields = Fields::from_json(serde_json::from_str(json).expect("test JSON"));
        RouteDraft::read(&mut fields)
            .check(None, &NumberPlan::default())
            .map_err(|invalid| {
                invalid
                    .problems()
                    .iter()
                    .map(|p| (p.field, p.code.as_str()))
                    .collect()
            })
    }

    #[test]
    fn a_route_is_a_number_a_trunk_and_an_extension() {
        let edit =
            check(r#"{"did": "0421 989613-00", "trunk_id": "3", "destination_extension": "1001"}"#);
        let edit = edit.expect("legal");
        assert_eq!(
            (edit.did.as_str(), edit.trunk_id, edit.enabled),
            ("+4942198961300", 3, true)
        );
        assert_eq!(
            check(r#"{"did": "x", "destination_extension": "zentrale", "description": "a\nb"}"#),
            Err(vec![
                ("did", "invalid_did"),
                ("trunk_id", "required"),
                ("destination_extension", "unknown_extension"),
                ("description", "invalid_characters"),
            ])
        );
    }
}
