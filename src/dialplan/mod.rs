//! What a dialable thing becomes in Asterisk's table `extensions`: one row, a Gosub into the static dialplan whose
//! arguments are built from domain types only, so that nothing a person types can become dialplan. Pure.

use crate::domain::did::Did;
use crate::domain::{ExtNumber, Extension};

/// The closed list of contexts we write to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Context {
    /// What extensions dial.
    Internal,
    /// What trunks deliver, by E.164 number.
    FromTrunk,
    /// How a call leaves, by the id of the trunk.
    Trunks,
}

impl Context {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::FromTrunk => "from-trunk",
            Self::Trunks => "trunks",
        }
    }
}

/// Where a row stands: one per dialable thing, always with priority 1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub context: Context,
    pub exten: String,
}

impl Key {
    pub fn extension(number: &ExtNumber) -> Self {
        Self {
            context: Context::Internal,
            exten: number.to_string(),
        }
    }

    pub fn did(did: &Did) -> Self {
        Self {
            context: Context::FromTrunk,
            exten: did.to_string(),
        }
    }

    pub fn trunk(id: i64) -> Self {
        Self {
            context: Context::Trunks,
            exten: id.to_string(),
        }
    }

    pub fn emergency(number: &str) -> Self {
        Self {
            context: Context::Internal,
            exten: number.to_owned(),
        }
    }
}

/// What a row of an extension is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialable {
    pub number: ExtNumber,
    pub enabled: bool,
    pub ring_time: i16,
}

impl From<&Extension> for Dialable {
    fn from(extension: &Extension) -> Self {
        Self {
            number: extension.number.clone(),
            enabled: extension.enabled,
            ring_time: extension.ring_time,
        }
    }
}

/// A row of a closed context, priority 1, application Gosub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub key: Key,
    pub appdata: String,
}

/// A disabled extension has no row: whoever dials it gets "unknown number".
pub fn compile(dialable: &Dialable) -> Option<Row> {
    dialable.enabled.then(|| Row {
        key: Key::extension(&dialable.number),
        appdata: gosub(
            "pbx-ring",
            &[dialable.number.as_str(), &dialable.ring_time.to_string()],
        ),
    })
}

/// A number and the extension behind it. The trunk is in the row so that a call on another trunk does not count for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbound {
    pub did: Did,
    pub trunk_id: i64,
    pub enabled: bool,
    pub destination: Dialable,
}

/// A disabled route is an unknown number; one to a disabled extension too.
pub fn compile_inbound(route: &Inbound) -> Option<Row> {
    let to = &route.destination;
    (route.enabled && to.enabled).then(|| Row {
        key: Key::did(&route.did),
        appdata: gosub(
            "pbx-did",
            &[
                &route.trunk_id.to_string(),
                "pbx-ring",
                to.number.as_str(),
                &to.ring_time.to_string(),
            ],
        ),
    })
}

/// How numbers and the caller look on a trunk; words of the provider's template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaving {
    pub trunk_id: i64,
    pub enabled: bool,
    pub words: Vec<String>,
}

pub fn compile_trunk(trunk: &Leaving) -> Option<Row> {
    trunk.enabled.then(|| {
        let id = trunk.trunk_id.to_string();
        let mut arguments = vec![id.as_str()];
        arguments.extend(trunk.words.iter().map(String::as_str));
        Row {
            key: Key::trunk(trunk.trunk_id),
            appdata: gosub("pbx-trunk", &arguments),
        }
    })
}

/// Emergency numbers go out over any trunk there is.
pub fn compile_emergency(number: &str, enabled_trunks: &[i64]) -> Option<Row> {
    (!enabled_trunks.is_empty()).then(|| {
        let ids: Vec<String> = enabled_trunks.iter().map(ToString::to_string).collect();
        Row {
            key: Key::emergency(number),
            appdata: gosub("pbx-emergency", &[number, &ids.join(":")]),
        }
    })
}

/// The arguments are plain by construction; the assertion guards the day somebody adds a free text.
fn gosub(subroutine: &str, arguments: &[&str]) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_@+*#.:/-".contains(c);
    assert!(
        arguments.iter().all(|argument| argument.chars().all(plain)),
        "an argument of {subroutine} is not plain"
    );
    format!("{subroutine},s,1({})", arguments.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dialable(enabled: bool) -> Dialable {
        Dialable {
            number: ExtNumber::parse("1001").expect("legal"),
            enabled,
            ring_time: 20,
        }
    }

    fn inbound(enabled: bool, destination: bool) -> Inbound {
        let did = Did::from_canonical("+4942198961300").expect("legal");
        Inbound {
            did,
            trunk_id: 3,
            enabled,
            destination: dialable(destination),
        }
    }

    #[test]
    fn an_enabled_extension_has_one_row_and_a_disabled_one_none() {
        let row = compile(&dialable(true)).expect("a row");
        assert_eq!(
            row.key,
            Key {
                context: Context::Internal,
                exten: "1001".into()
            }
        );
        assert_eq!(row.appdata, "pbx-ring,s,1(1001,20)");
        assert_eq!(compile(&dialable(false)), None);
    }

    #[test]
    fn a_number_leads_to_its_extension_while_both_are_enabled() {
        let row = compile_inbound(&inbound(true, true)).expect("a row");
        assert_eq!(row.key.exten, "+4942198961300");
        assert_eq!(row.appdata, "pbx-did,s,1(3,pbx-ring,1001,20)");
        assert_eq!(compile_inbound(&inbound(false, true)), None);
        assert_eq!(compile_inbound(&inbound(true, false)), None);
    }

    #[test]
    fn emergency_numbers_name_every_trunk() {
        let row = compile_emergency("110", &[3, 1]).expect("a row");
        assert_eq!(row.appdata, "pbx-emergency,s,1(110,3:1)");
        assert_eq!(compile_emergency("110", &[]), None);
    }
}
