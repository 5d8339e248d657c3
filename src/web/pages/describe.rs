//! Domain and live values as the plain data of the views.

use std::time::Duration;

use chrono::{DateTime, Utc};
use views::page::{Done, Unconfirmed};
use views::trunks::{Refusal, TrunkRef, TrunkState};
use views::ui::codecs::{Codec, chosen_codecs};
use views::ui::did::OwnDid;
use views::ui::form::FieldErrors;
use views::ui::state::{Live, Party, PhoneState};
use views::{Flash, Texts};

use crate::app::answers::Heard;
use crate::app::probe::Answer;
use crate::app::{Applied, Error, Unapplied, trunks};
use crate::domain::Extension;
use crate::domain::call::{Direction, Outcome};
use crate::domain::codecs::AVAILABLE;
use crate::domain::did::{Did, NumberPlan};
use crate::domain::provider::AuthMode;
use crate::domain::route::Route;
use crate::domain::trunk::Trunk;
use crate::live::{AsteriskView, Contact, ContactStatus, End, EndpointView, Presence};
use crate::web::failure;

pub fn phone_state(enabled: bool, asterisk: &AsteriskView, view: &EndpointView) -> PhoneState {
    if !enabled {
        return PhoneState::Disabled;
    }
    if !asterisk.connected {
        return PhoneState::Unknown;
    }
    match view.presence {
        Presence::Idle => PhoneState::Idle,
        Presence::Ringing => PhoneState::Ringing,
        Presence::InUse => PhoneState::Talking,
        Presence::Unreachable => PhoneState::Unreachable,
        Presence::Unregistered => PhoneState::Offline,
        Presence::Unknown => PhoneState::Unknown,
    }
}

/// What only Asterisk can tell; nothing stale is shown while it is away.
pub fn live<T>(asterisk: &AsteriskView, known: impl FnOnce() -> T) -> Live<T> {
    if asterisk.connected {
        Live::Known(known())
    } else {
        Live::Unknown {
            since: Some(asterisk.since),
        }
    }
}

pub fn peer(end: &End) -> Option<String> {
    end.name
        .clone()
        .filter(|name| !name.is_empty())
        .or_else(|| end.number.clone())
}

pub fn party(number: &str, name: &str, extension: Option<&Extension>) -> Party {
    let known = extension
        .map(|e| e.name.as_str())
        .filter(|name| !name.is_empty());
    let said = (!name.is_empty() && name != number).then_some(name);
    Party {
        number: number.to_owned(),
        name: known.or(said).map(str::to_owned),
        is_extension: extension.is_some(),
    }
}

pub fn did(did: &Did, plan: &NumberPlan) -> views::ui::did::Did {
    views::ui::did::Did {
        e164: did.as_str().to_owned(),
        shown: did.for_people(plan),
    }
}

/// The numbers of one extension, which stand in the order in which they were assigned. `chosen` is shown outside, or
/// else the first that is switched on.
pub fn own_dids(routes: &[&Route], chosen: Option<&Did>, plan: &NumberPlan) -> Vec<OwnDid> {
    let first = routes.iter().find(|route| route.enabled);
    let shown = chosen.or(first.map(|route| &route.did));
    let own = routes.iter().map(|route| OwnDid {
        did: did(&route.did, plan),
        is_incoming: route.enabled,
        is_outgoing: shown == Some(&route.did),
    });
    own.collect()
}

pub fn trunk_ref(trunk: &Trunk) -> TrunkRef {
    TrunkRef {
        id: trunk.id,
        name: trunk.name.clone(),
    }
}

/// The contact that says whether the provider is there: one that answers, if any does.
pub fn best_contact(view: &EndpointView) -> Option<&Contact> {
    let answers = |contact: &&Contact| contact.status == ContactStatus::Reachable;
    let answering = view.contacts.iter().find(answers);
    answering.or_else(|| view.contacts.first())
}

pub fn trunk_state(
    trunk: &Trunk,
    asterisk: &AsteriskView,
    seen: &trunks::TrunkState,
) -> TrunkState {
    if !trunk.enabled {
        return TrunkState::Disabled;
    }
    if !asterisk.connected {
        return TrunkState::Unknown {
            since: Some(asterisk.since),
        };
    }
    let contact = best_contact(&seen.endpoint);
    let status = contact.map(|contact| contact.status);
    let round_trip = contact.and_then(|contact| contact.round_trip);
    if trunk.auth_mode == AuthMode::Ip {
        return match status {
            Some(ContactStatus::Reachable) => TrunkState::Reachable { round_trip },
            Some(ContactStatus::Unreachable) => TrunkState::Unreachable { since: None },
            Some(ContactStatus::NotQualified) | None => TrunkState::FixedIp,
        };
    }
    let Some(view) = &seen.registration else {
        return TrunkState::Registering;
    };
    let since = Some(view.since);
    let unanswered = |why| TrunkState::Unanswered { since, why };
    match (view.status.as_str(), seen.refusal().map(|said| &said.heard)) {
        ("Registered", _) => TrunkState::Registered { round_trip },
        (_, Some(Heard::NoAddress)) => unanswered(Some(Refusal::NoAddress)),
        (_, Some(Heard::NoNameServer)) => unanswered(Some(Refusal::NoNameServer)),
        (_, Some(Heard::Said(Answer::Silent))) => unanswered(None),
        (_, Some(Heard::Said(Answer::Untrusted(why)))) => {
            unanswered(Some(Refusal::Certificate(why.clone())))
        }
        (_, Some(Heard::Said(Answer::NoTls(why)))) => unanswered(Some(Refusal::NoTls(why.clone()))),
        (_, Some(Heard::Said(Answer::Said { status, words }))) if *status >= 300 => {
            TrunkState::Rejected {
                since,
                why: Some(Refusal::of(*status, words)),
            }
        }
        ("Rejected", _) if status == Some(ContactStatus::Unreachable) => unanswered(None),
        ("Rejected", _) => TrunkState::Rejected { since, why: None },
        _ => TrunkState::Registering,
    }
}

/// Every codec there is, with its place among those that were chosen.
pub fn codecs(ranked: &[&str]) -> Vec<Codec> {
    let all = AVAILABLE.iter().map(|(id, label)| Codec {
        name: (*id).to_owned(),
        label: (*label).to_owned(),
        rank: ranked
            .iter()
            .position(|ranked| ranked == id)
            .map(|at| at + 1),
    });
    all.collect()
}

/// What the codec fields of a form say: `alaw,g722`; empty for the usual order, and a comma alone for an order with
/// nothing in it.
pub fn typed_codecs(pairs: &[(String, String)]) -> String {
    let of = |wanted: &'static str| {
        let values = pairs.iter().filter(move |(name, _)| name == wanted);
        values.map(|(_, value)| value.as_str())
    };
    chosen_codecs(of("codec_order").next().unwrap_or_default(), of("codec"))
}

pub fn direction(direction: Direction) -> views::calls::Direction {
    match direction {
        Direction::Internal => views::calls::Direction::Internal,
        Direction::Incoming => views::calls::Direction::Incoming,
        Direction::Outgoing => views::calls::Direction::Outgoing,
    }
}

pub fn outcome(outcome: Outcome) -> views::calls::Outcome {
    match outcome {
        Outcome::Answered => views::calls::Outcome::Answered,
        Outcome::Missed => views::calls::Outcome::Missed,
        Outcome::Busy => views::calls::Outcome::Busy,
        Outcome::Failed => views::calls::Outcome::Failed,
    }
}

pub fn whole(n: i32) -> u64 {
    u64::try_from(n).unwrap_or(0)
}

pub fn day_start(day: chrono::NaiveDate, texts: &Texts) -> Option<DateTime<Utc>> {
    crate::web::day_start(day, texts.zone())
}

pub fn today(texts: &Texts) -> Option<DateTime<Utc>> {
    day_start(texts.now().with_timezone(&texts.zone()).date_naive(), texts)
}

pub fn flash(done: &Done, applied: &Applied, texts: &Texts) -> Flash {
    let said = match &applied.live {
        Ok(()) => Flash::live(done, applied.took.max(Duration::from_millis(1)), texts),
        Err(why) => {
            let why = match why {
                Unapplied::AsteriskAway => Unconfirmed::Away,
                Unapplied::SeenDifferently => Unconfirmed::Stale,
                Unapplied::NoAnswer => Unconfirmed::Late,
                Unapplied::NotListening => Unconfirmed::NotListening,
                Unapplied::Refused(words) | Unapplied::Database(words) => {
                    Unconfirmed::Refused(words.clone())
                }
            };
            Flash::unconfirmed(done, &why, texts)
        }
    };
    Flash {
        undo: applied.tx.clone(),
        ..said
    }
}

/// What a person can mend stands at the fields; everything else is a page of its own.
pub fn field_errors(error: &Error, texts: &Texts) -> Option<FieldErrors> {
    let mut errors = FieldErrors::default();
    match error {
        Error::Invalid(invalid) => {
            for problem in invalid.problems() {
                errors.add(problem.field, failure::of_problem(problem, texts));
            }
        }
        Error::Guard { .. } => errors.add("guard", failure::sentence(error, texts)),
        _ => return None,
    }
    Some(errors)
}
