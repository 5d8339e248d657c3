//! The dashboard: status cards, trunks and extensions as tiles, calls now, the last calls. Each part is a
//! fragment that fetches itself again when its topic changes.

mod cards;
mod lists;
mod trunks;

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use crate::calls::{Direction, Outcome};
use crate::page::Page;
use crate::texts::Texts;
use crate::trunks::Trunk;
use crate::ui::did::OwnDid;
use crate::ui::shell::{self, Head, Nav};
use crate::ui::state::{Live, Party, PhoneState};

use cards::{call_count, calls_today, phones};
pub use cards::{sentence, system};
use lists::{calls_now, last_calls, tiles};
pub use trunks::trunks;

#[derive(Clone, Debug)]
pub struct Dashboard {
    pub system: System,
    /// What only the database knows is None while it is away.
    pub phones: Option<Live<Phones>>,
    pub trunks: Option<Trunks>,
    pub tiles: Option<Tiles>,
    pub calls_now: Live<Vec<CallNow>>,
    pub calls_today: Option<CallsToday>,
    pub last_calls: Option<Vec<LastCall>>,
    /// Whoever has an extension can have it call somebody.
    pub may_call: bool,
    /// Adding extensions is for administrators.
    pub may_create: bool,
}

/// How well everything is, by written rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Healthy,
    Warning,
    Degraded,
    Critical,
}

#[derive(Clone, Debug)]
pub struct System {
    pub level: Level,
    pub problems: Vec<Problem>,
    pub asterisk: Connection,
    pub database: Connection,
}

#[derive(Clone, Copy, Debug)]
pub enum Connection {
    Up { since: Option<DateTime<Utc>> },
    Away { since: Option<DateTime<Utc>> },
}

#[derive(Clone, Debug)]
pub struct Problem {
    pub what: Trouble,
    pub since: Option<DateTime<Utc>>,
    /// The page where it can be looked at.
    pub link: Option<String>,
}

#[derive(Clone, Debug)]
pub enum Trouble {
    AsteriskAway,
    /// Asterisk refuses the account of this program.
    AsteriskRefuses,
    /// It was started before an upgrade, and waits for its restart.
    AsteriskOutdated,
    DatabaseAway,
    /// It is there, and answers with errors.
    DatabaseFailing,
    /// Changes made in SQL are not noticed now.
    NotListening,
    /// So many finished calls wait for the database.
    CallsWaiting(u64),
    /// Asterisk's own list of finished calls cannot be read.
    SpoolUnreadable,
    /// So many lines of it are no calls.
    CallsUnreadable(u64),
    /// Its name, for those who may know it.
    TrunkDown(Option<String>),
    NoPhoneOnline,
    /// So many extensions have a phone that does not answer any more.
    PhonesUnreachable(u64),
    NoExtensions,
    /// Mailboxes have addresses, and no mail server is set.
    MailServerMissing,
    /// So many mails wait for the mail server.
    MailsWaiting(u64),
    /// So many mails were given up.
    MailsFailed(u64),
}

#[derive(Clone, Copy, Debug)]
pub struct Phones {
    pub online: u64,
    pub total: u64,
}

#[derive(Clone, Debug, Default)]
pub struct Trunks {
    pub trunks: Vec<Trunk>,
    /// Pages of trunks are for administrators.
    pub may_open: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Tiles {
    pub tiles: Vec<Tile>,
    /// Extensions beyond those shown.
    pub more: u64,
}

#[derive(Clone, Debug)]
pub struct Tile {
    pub number: String,
    pub name: String,
    pub state: PhoneState,
    pub since: Option<DateTime<Utc>>,
    /// Who it talks or rings with.
    pub peer: Option<String>,
    /// Its external numbers, in the order in which they were assigned.
    pub dids: Vec<OwnDid>,
}

#[derive(Clone, Debug)]
pub struct CallNow {
    /// Stable while the call lasts; part of an address and of an element's id.
    pub id: String,
    pub direction: Direction,
    pub from: Party,
    pub to: Party,
    pub state: CallState,
    pub since: DateTime<Utc>,
    pub may_end: bool,
}

/// How far a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallState {
    Dialing,
    Ringing,
    Talking,
}

#[derive(Clone, Debug, Default)]
pub struct CallsToday {
    pub total: u64,
    pub answered: u64,
    pub missed: u64,
    /// One for each hour since midnight.
    pub hours: Vec<u64>,
}

#[derive(Clone, Debug)]
pub struct LastCall {
    pub direction: Direction,
    pub from: Party,
    pub to: Party,
    pub outcome: Outcome,
    pub start: DateTime<Utc>,
    /// Seconds of talk.
    pub seconds: u64,
}

/// What `/fragments/calls-now` answers: the list, and the card that counts them.
pub fn calls_now_fragment(calls: &Live<Vec<CallNow>>, t: &Texts) -> Markup {
    html! { (call_count(calls, t)) (calls_now(calls, t)) }
}

/// What `/fragments/tiles` answers: the extensions, and the card that counts their phones.
pub fn tiles_fragment(
    company: Option<&Tiles>,
    counted: Option<&Live<Phones>>,
    may_create: bool,
    t: &Texts,
) -> Markup {
    html! { (phones(counted, t)) (tiles(company, may_create, t)) }
}

/// What `/fragments/last-calls` answers: the calls that ended last, and the card that counts those of today.
pub fn last_calls_fragment(
    calls: Option<&[LastCall]>,
    today: Option<&CallsToday>,
    t: &Texts,
) -> Markup {
    html! { (calls_today(today, t)) (last_calls(calls, t)) }
}

pub fn page(page: &Page<'_>, dashboard: &Dashboard) -> Markup {
    let t = page.texts;
    let title = t.t("nav-dashboard");
    let content = html! {
        h1 class="hidden-text" { (title) }
        div class="cards" {
            (system(&dashboard.system, t))
            (phones(dashboard.phones.as_ref(), t))
            (call_count(&dashboard.calls_now, t))
            (calls_today(dashboard.calls_today.as_ref(), t))
        }
        @if dashboard.may_call { (lists::dial(t)) }
        // Trunks are the administrators' business.
        @if dashboard.trunks.as_ref().is_none_or(|trunks| trunks.may_open) {
            (trunks(dashboard.trunks.as_ref(), t))
        }
        (tiles(dashboard.tiles.as_ref(), dashboard.may_create, t))
        div class="columns" {
            (calls_now(&dashboard.calls_now, t))
            (last_calls(dashboard.last_calls.as_deref(), t))
        }
    };
    shell::shell(
        page,
        &Head {
            title,
            active: Some(Nav::Dashboard),
            live: true,
        },
        &content,
    )
}
