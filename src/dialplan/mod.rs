//! What a dialable thing becomes in Asterisk's table `extensions`: one row, a Gosub into the static dialplan whose
//! arguments are built from domain types only, so that nothing a person types can become dialplan. Pure.

use crate::domain::did::Did;
use crate::domain::forward::Target;
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
    pub detours: Detours,
}

/// Where else a call goes. Only forwards that are switched on are here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Detours {
    pub unconditional: Option<Target>,
    pub busy: Option<Target>,
    /// With its own ring time.
    pub no_answer: Option<(Target, i16)>,
    /// As whom a call to the outside is forwarded. It is the extension's, and not the caller's.
    pub leaving_as: Option<LeavingAs>,
    /// What answers when nobody else does.
    pub has_mailbox: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeavingAs {
    pub did: Did,
    pub trunk_id: i64,
    pub pai: Option<Did>,
}

impl From<&Extension> for Dialable {
    fn from(extension: &Extension) -> Self {
        Self {
            number: extension.number.clone(),
            enabled: extension.enabled,
            ring_time: extension.ring_time,
            detours: Detours::default(),
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
    let Detours {
        unconditional,
        busy,
        no_answer,
        leaving_as,
        has_mailbox,
    } = &dialable.detours;
    let ring_time = no_answer
        .as_ref()
        .map_or(dialable.ring_time, |(_, time)| *time);
    let targets = [
        unconditional.as_ref(),
        busy.as_ref(),
        no_answer.as_ref().map(|(to, _)| to),
    ];
    let outside = |target: &Target| matches!(target, Target::Outside(_));
    let leaving_as = leaving_as
        .as_ref()
        .filter(|_| targets.into_iter().flatten().any(outside));
    let word = |word: Option<&str>| word.unwrap_or_default().to_owned();
    let mut arguments = vec![dialable.number.to_string(), ring_time.to_string()];
    arguments.extend(targets.map(|target| word(target.map(Target::as_str))));
    arguments.push(word(leaving_as.map(|own| own.did.as_str())));
    arguments.push(
        leaving_as
            .map(|own| own.trunk_id.to_string())
            .unwrap_or_default(),
    );
    arguments.push(word(
        leaving_as.and_then(|own| own.pai.as_ref()).map(Did::as_str),
    ));
    arguments.push(word(has_mailbox.then_some(dialable.number.as_str())));
    // What is missing at the end is empty to the subroutine.
    while arguments.last().is_some_and(String::is_empty) {
        arguments.pop();
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    dialable.enabled.then(|| Row {
        key: Key::extension(&dialable.number),
        appdata: gosub("pbx-ring", &arguments),
    })
}

/// A number and the extension behind it. The trunk is in the row so that a call on another trunk does not count for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbound {
    pub did: Did,
    pub trunk_id: i64,
    pub enabled: bool,
    pub destination: ExtNumber,
}

/// A disabled route is an unknown number. What the extension does with a call is in its own row.
pub fn compile_inbound(route: &Inbound) -> Option<Row> {
    let trunk = route.trunk_id.to_string();
    route.enabled.then(|| Row {
        key: Key::did(&route.did),
        appdata: gosub(
            "pbx-did",
            &[&trunk, "pbx-number", route.destination.as_str()],
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
            detours: Detours::default(),
        }
    }

    fn did(text: &str) -> Did {
        Did::from_canonical(text).expect("legal")
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
    fn forwards_stand_in_the_row_with_whose_number_they_leave() {
        let mut one = dialable(true);
        one.detours.busy = Target::from_canonical("1002");
        one.detours.leaving_as = Some(LeavingAs {
            did: did("+4942198961300"),
            trunk_id: 3,
            pai: None,
        });
        let row = compile(&one).expect("a row");
        assert_eq!(row.appdata, "pbx-ring,s,1(1001,20,,1002)");
        one.detours.no_answer = Target::from_canonical("+49171123456").map(|to| (to, 12));
        let row = compile(&one).expect("a row");
        assert_eq!(
            row.appdata,
            "pbx-ring,s,1(1001,12,,1002,+49171123456,+4942198961300,3)"
        );
        one.detours.has_mailbox = true;
        let row = compile(&one).expect("a row");
        assert_eq!(
            row.appdata,
            "pbx-ring,s,1(1001,12,,1002,+49171123456,+4942198961300,3,,1001)"
        );
        assert!(row.appdata.len() <= 256, "all that the column holds");
    }

    #[test]
    fn a_number_leads_to_its_extension_while_it_is_enabled() {
        let inbound = |enabled| Inbound {
            did: did("+4942198961300"),
            trunk_id: 3,
            enabled,
            destination: ExtNumber::parse("1001").expect("legal"),
        };
        let row = compile_inbound(&inbound(true)).expect("a row");
        assert_eq!(row.key.exten, "+4942198961300");
        assert_eq!(row.appdata, "pbx-did,s,1(3,pbx-number,1001)");
        assert_eq!(compile_inbound(&inbound(false)), None);
    }

    #[test]
    fn emergency_numbers_name_every_trunk() {
        let row = compile_emergency("110", &[3, 1]).expect("a row");
        assert_eq!(row.appdata, "pbx-emergency,s,1(110,3:1)");
        assert_eq!(compile_emergency("110", &[]), None);
    }
}
