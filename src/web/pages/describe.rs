//! Domain and live values as the plain data of the views.

use std::time::Duration;

use chrono::{DateTime, Utc};
use views::page::{Done, Unconfirmed};
use views::ui::form::FieldErrors;
use views::ui::state::{Live, Party, PhoneState};
use views::{Flash, Texts};

use crate::app::{Applied, Error, Unapplied};
use crate::domain::Extension;
use crate::domain::call::{Direction, Outcome};
use crate::live::{AsteriskView, DeviceState, End, EndpointView};
use crate::web::failure;

pub fn phone_state(enabled: bool, asterisk: &AsteriskView, view: &EndpointView) -> PhoneState {
    if !enabled {
        return PhoneState::Disabled;
    }
    if !asterisk.connected {
        return PhoneState::Unknown;
    }
    match view.state {
        DeviceState::NotInUse => PhoneState::Idle,
        DeviceState::Ringing | DeviceState::RingInUse => PhoneState::Ringing,
        DeviceState::InUse | DeviceState::Busy | DeviceState::OnHold => PhoneState::Talking,
        DeviceState::Unavailable | DeviceState::Invalid | DeviceState::Unknown => {
            PhoneState::Offline
        }
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
    match &applied.live {
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
