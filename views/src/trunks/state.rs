//! What a trunk does at the moment, and what its provider says, in words.

use std::time::Duration;

use chrono::{DateTime, Utc};
use maud::Markup;

use crate::texts::Texts;
use crate::ui::icon::Icon;
use crate::ui::state;

/// The state of a trunk as Asterisk tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrunkState {
    /// The provider accepted the registration.
    Registered {
        round_trip: Option<Duration>,
    },
    /// It was asked and has not answered yet.
    Registering,
    /// The provider refused the registration.
    Rejected {
        since: Option<DateTime<Utc>>,
        why: Option<Refusal>,
    },
    /// The registration is asked for again and again, and nobody answers.
    Unanswered {
        since: Option<DateTime<Utc>>,
        /// What stands in the way, if that is known.
        why: Option<Refusal>,
    },
    /// Fixed IP: the provider answers OPTIONS.
    Reachable {
        round_trip: Option<Duration>,
    },
    /// Fixed IP: the provider does not answer OPTIONS.
    Unreachable {
        since: Option<DateTime<Utc>>,
    },
    /// Fixed IP: nobody has asked yet, or the provider is not to be asked.
    FixedIp,
    Disabled,
    /// Asterisk is away, since then if that is known.
    Unknown {
        since: Option<DateTime<Utc>>,
    },
}

/// Why a provider refused, as far as its answer tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// 401, 403, 407.
    Credentials,
    /// 404, 410, 604.
    UnknownAccount,
    /// The name of the server has no address.
    NoAddress,
    /// Where the server is, is not known.
    NoNameServer,
    NoAnswer,
    /// No encrypted connection came about; why, in the words of the library.
    NoTls(String),
    /// The encrypted connection is not to be trusted; why, in the words of the library.
    Certificate(String),
    /// It refused, and nobody tells what it said.
    Unsaid,
    /// 5xx: not our fault.
    Fault {
        status: u16,
        words: String,
    },
    /// Anything else, in the provider's words.
    Other {
        status: u16,
        words: String,
    },
}

impl Refusal {
    /// What a SIP answer means; `words` is its reason phrase.
    pub fn of(status: u16, words: &str) -> Self {
        let words = words.to_owned();
        match status {
            401 | 403 | 407 => Self::Credentials,
            404 | 410 | 604 => Self::UnknownAccount,
            408 => Self::NoAnswer,
            500..=599 => Self::Fault { status, words },
            _ => Self::Other { status, words },
        }
    }

    /// As the end of a sentence.
    pub(crate) fn words(&self, t: &Texts) -> String {
        let said = |key, status: u16, words: &str| {
            t.t_args(
                key,
                &[
                    ("status", status.to_string().into()),
                    ("words", words.to_owned().into()),
                ],
            )
        };
        match self {
            Self::Credentials => t.t("refusal-credentials").to_owned(),
            Self::UnknownAccount => t.t("refusal-unknown-account").to_owned(),
            Self::NoAddress => t.t("refusal-no-address").to_owned(),
            Self::NoNameServer => t.t("refusal-no-name-server").to_owned(),
            Self::NoAnswer => t.t("refusal-no-answer").to_owned(),
            Self::NoTls(why) => t.t_args("refusal-no-tls", &[("why", why.as_str().into())]),
            Self::Certificate(why) => {
                t.t_args("refusal-certificate", &[("why", why.as_str().into())])
            }
            Self::Unsaid => t.t("refusal-unsaid").to_owned(),
            Self::Fault { status, words } => said("refusal-fault", *status, words),
            Self::Other { status, words } => said("refusal-other", *status, words),
        }
    }
}

impl TrunkState {
    /// The colour class, shared by words and the strip of a tile.
    pub(crate) const fn tone(&self) -> &'static str {
        match self {
            Self::Registered { .. } | Self::Reachable { .. } => "tone-ok",
            Self::Registering => "tone-warn",
            Self::Rejected { .. } | Self::Unanswered { .. } | Self::Unreachable { .. } => {
                "tone-bad"
            }
            Self::FixedIp | Self::Disabled | Self::Unknown { .. } => "tone-none",
        }
    }

    const fn icon(&self) -> Icon {
        match self {
            Self::Registered { .. } | Self::Reachable { .. } => Icon::Circle,
            Self::Registering => Icon::Clock,
            Self::Rejected { .. } => Icon::Alert,
            Self::Unanswered { .. } | Self::Unreachable { .. } => Icon::Slash,
            Self::FixedIp => Icon::Internal,
            Self::Disabled => Icon::Ban,
            Self::Unknown { .. } => Icon::Question,
        }
    }

    /// The state as one line, as in `Rejected since 10:42: wrong user name or password`.
    pub(crate) fn words(&self, t: &Texts) -> String {
        let timed = |plain, with, time: Option<Duration>| match time {
            Some(time) => t.t_args(with, &[("time", t.millis(time).into())]),
            None => t.t(plain).to_owned(),
        };
        let dated = |plain, with, since: Option<DateTime<Utc>>| match since {
            Some(since) => t.t_args(with, &[("when", t.when(since).into())]),
            None => t.t(plain).to_owned(),
        };
        match self {
            Self::Registered { round_trip } => {
                timed("trunk-registered", "trunk-registered-in", *round_trip)
            }
            Self::Registering => t.t("trunk-registering").to_owned(),
            Self::Rejected { since, why } => {
                let state = dated("trunk-rejected", "trunk-rejected-since", *since);
                match why {
                    Some(why) => format!("{state}: {}", why.words(t)),
                    None => state,
                }
            }
            Self::Unanswered { since, why } => {
                let state = dated("trunk-unanswered", "trunk-unanswered-since", *since);
                match why {
                    Some(why) => format!("{state}: {}", why.words(t)),
                    None => state,
                }
            }
            Self::Reachable { round_trip } => {
                timed("trunk-reachable", "trunk-reachable-in", *round_trip)
            }
            Self::Unreachable { since } => {
                dated("trunk-unreachable", "trunk-unreachable-since", *since)
            }
            Self::FixedIp => t.t("trunk-fixed-ip").to_owned(),
            Self::Disabled => t.t("state-disabled").to_owned(),
            Self::Unknown { .. } => t.t("state-unknown").to_owned(),
        }
    }
}

/// Icon, words and colour of a trunk's state.
pub fn trunk(state: &TrunkState, t: &Texts) -> Markup {
    state::dot(state.tone(), state.icon(), &state.words(t))
}
