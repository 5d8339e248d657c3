//! States as text, icon and colour, and what can be said when nothing is known.

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use crate::texts::Texts;
use crate::ui::icon::{Icon, icon};
use crate::ui::url;

/// Something that only Asterisk can tell.
#[derive(Clone, Debug)]
pub enum Live<T> {
    Known(T),
    /// Asterisk is away, since then if that is known.
    Unknown {
        since: Option<DateTime<Utc>>,
    },
}

/// What an extension does at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneState {
    Idle,
    Ringing,
    Talking,
    /// A phone registered and does not answer any more.
    Unreachable,
    Offline,
    Disabled,
    Unknown,
}

impl PhoneState {
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Idle => "state-idle",
            Self::Ringing => "state-ringing",
            Self::Talking => "state-talking",
            Self::Unreachable => "state-unreachable",
            Self::Offline => "state-offline",
            Self::Disabled => "state-disabled",
            Self::Unknown => "state-unknown",
        }
    }

    /// The colour class, shared by dots, badges and the strip of a tile.
    pub(crate) const fn tone(self) -> &'static str {
        match self {
            Self::Idle => "tone-ok",
            Self::Ringing => "tone-warn",
            Self::Talking => "tone-busy",
            Self::Unreachable => "tone-bad",
            Self::Offline | Self::Disabled | Self::Unknown => "tone-none",
        }
    }

    pub(crate) const fn icon(self) -> Icon {
        match self {
            Self::Idle => Icon::Circle,
            Self::Ringing => Icon::Bell,
            Self::Talking => Icon::Phone,
            Self::Unreachable => Icon::Alert,
            Self::Offline => Icon::PhoneOff,
            Self::Disabled => Icon::Ban,
            Self::Unknown => Icon::Question,
        }
    }
}

/// Icon, word and colour of a state.
pub fn phone(state: PhoneState, t: &Texts) -> Markup {
    dot(state.tone(), state.icon(), t.t(state.key()))
}

/// Icon, word and colour of anything.
pub(crate) fn dot(tone: &str, picture: Icon, text: &str) -> Markup {
    html! { span class={ "state " (tone) } { (icon(picture)) span { (text) } } }
}

/// A word on a coloured ground.
pub(crate) fn badge(tone: &str, text: &str) -> Markup {
    html! { span class={ "badge " (tone) } { (text) } }
}

/// What stands in the place of a live part while Asterisk is away.
pub(crate) fn unknown(since: Option<DateTime<Utc>>, t: &Texts) -> Markup {
    html! {
        p class="unknown" {
            (icon(Icon::Question))
            span { (unknown_words(since, t)) }
        }
    }
}

/// What stands in the place of a part that only the database knows, while it is away.
pub(crate) fn without_database(t: &Texts) -> Markup {
    html! {
        p class="unknown" { (icon(Icon::Question)) span { (t.t("database-away")) } }
    }
}

/// That Asterisk is away, as a sentence.
pub(crate) fn unknown_words(since: Option<DateTime<Utc>>, t: &Texts) -> String {
    match since {
        Some(since) => t.t_args("unknown-since", &[("when", t.when(since).into())]),
        None => t.t("unknown-now").to_owned(),
    }
}

/// A moment, readable by people and by programs.
pub(crate) fn moment(at: DateTime<Utc>, t: &Texts) -> Markup {
    html! {
        time datetime=(at.format("%Y-%m-%dT%H:%M:%SZ")) title=(t.date_time(at)) { (t.when(at)) }
    }
}

/// A running time; the script counts on from what was served.
pub(crate) fn counting(since: DateTime<Utc>, t: &Texts) -> Markup {
    let seconds = t.elapsed(since);
    html! { span class="count" data-elapsed=(seconds) { (t.clock(seconds)) } }
}

/// One side of a call.
#[derive(Clone, Debug)]
pub struct Party {
    pub number: String,
    pub name: Option<String>,
    /// The number is one of our extensions, so it has a page.
    pub is_extension: bool,
}

/// Name and number; an extension links to its page.
pub(crate) fn party(party: &Party) -> Markup {
    let content = html! {
        @if let Some(name) = &party.name { span class="party-name" { (name) } " " }
        span class="number" { (party.number) }
    };
    html! {
        @if party.is_extension {
            a class="party" href=(url::extension(&party.number, "")) { (content) }
        } @else {
            span class="party" { (content) }
        }
    }
}
