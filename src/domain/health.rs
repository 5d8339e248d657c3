//! How well the system is: problems by written rules, and one of four levels that follows from the worst of them. Pure;
//! the rules in words are in the README.

use chrono::{DateTime, Utc};

/// healthy: all works. warning: nobody notices yet. degraded: something people use does not work. critical: no calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Healthy,
    Warning,
    Degraded,
    Critical,
}

impl Level {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Warning => "warning",
            Self::Degraded => "degraded",
            Self::Critical => "critical",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// No call can be made or followed.
    AsteriskAway {
        since: DateTime<Utc>,
    },
    /// Nothing can be changed; new calls fail.
    DatabaseAway,
    /// Changes made in SQL are not live until this ends.
    NotListening,
    /// The database takes no finished calls now; they are kept until it does.
    CallsWaiting {
        count: usize,
        since: DateTime<Utc>,
    },
    /// Nothing is lost yet, but what is missed now would be.
    SpoolUnreadable {
        since: DateTime<Utc>,
    },
    /// Lines of the spool that are no calls were kept in a file for a person.
    CallsUnreadable {
        count: u64,
    },
    /// Nobody calls in or out over it.
    TrunkDown(Line),
    /// Not one of the extensions has a phone that can be called.
    NoPhoneOnline,
    /// So many extensions have a phone that registered and does not answer any more.
    PhonesUnreachable(usize),
    NoExtensions,
}

impl Problem {
    pub fn level(&self) -> Level {
        match self {
            Self::AsteriskAway { .. } | Self::DatabaseAway => Level::Critical,
            Self::NotListening | Self::TrunkDown(_) => Level::Degraded,
            Self::CallsWaiting { .. }
            | Self::SpoolUnreadable { .. }
            | Self::CallsUnreadable { .. }
            | Self::NoPhoneOnline
            | Self::PhonesUnreachable(_)
            | Self::NoExtensions => Level::Warning,
        }
    }

    /// The stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::AsteriskAway { .. } => "asterisk_away",
            Self::DatabaseAway => "database_away",
            Self::NotListening => "not_listening",
            Self::CallsWaiting { .. } => "calls_waiting",
            Self::SpoolUnreadable { .. } => "spool_unreadable",
            Self::CallsUnreadable { .. } => "calls_unreadable",
            Self::TrunkDown(_) => "trunk_down",
            Self::NoPhoneOnline => "no_phone_online",
            Self::PhonesUnreachable(_) => "phones_unreachable",
            Self::NoExtensions => "no_extensions",
        }
    }

    pub fn since(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::AsteriskAway { since }
            | Self::CallsWaiting { since, .. }
            | Self::SpoolUnreadable { since } => Some(*since),
            Self::TrunkDown(line) => line.since,
            _ => None,
        }
    }
}

/// A trunk that is switched on and does not work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub id: i64,
    pub name: String,
    pub since: Option<DateTime<Utc>>,
}

/// How many extensions there are, and what the phones of those that are enabled do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Phones {
    /// The disabled ones too.
    pub extensions: usize,
    pub enabled: usize,
    pub online: usize,
    pub unreachable: usize,
}

/// What is known at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Since when, if it is.
    pub asterisk_away: Option<DateTime<Utc>>,
    pub is_database_there: bool,
    pub is_listening: bool,
    pub trunks_down: Vec<Line>,
    /// What the writing of finished calls has to say.
    pub records: Vec<Problem>,
    /// None while the extensions are not known.
    pub phones: Option<Phones>,
}

/// What is wrong, the worst first.
pub fn problems(facts: &Facts) -> Vec<Problem> {
    let mut problems = Vec::new();
    if !facts.is_database_there {
        problems.push(Problem::DatabaseAway);
    }
    if let Some(since) = facts.asterisk_away {
        problems.push(Problem::AsteriskAway { since });
    }
    if facts.is_database_there && !facts.is_listening {
        problems.push(Problem::NotListening);
    }
    let is_live = facts.asterisk_away.is_none();
    if is_live {
        let down = facts.trunks_down.iter().cloned();
        problems.extend(down.map(Problem::TrunkDown));
    }
    problems.extend(facts.records.iter().cloned());
    match facts.phones {
        Some(phones) if phones.extensions == 0 => problems.push(Problem::NoExtensions),
        Some(phones) if is_live && phones.enabled > 0 && phones.online == 0 => {
            problems.push(Problem::NoPhoneOnline);
        }
        Some(phones) if is_live && phones.unreachable > 0 => {
            problems.push(Problem::PhonesUnreachable(phones.unreachable));
        }
        _ => {}
    }
    problems
}

/// That of the worst problem.
pub fn level(problems: &[Problem]) -> Level {
    let levels = problems.iter().map(Problem::level);
    levels.max().unwrap_or(Level::Healthy)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn well() -> Facts {
        Facts {
            asterisk_away: None,
            is_database_there: true,
            is_listening: true,
            trunks_down: Vec::new(),
            records: Vec::new(),
            phones: Some(Phones {
                extensions: 3,
                enabled: 2,
                online: 2,
                unreachable: 0,
            }),
        }
    }

    fn phones(extensions: usize, enabled: usize, online: usize, unreachable: usize) -> Facts {
        let phones = Some(Phones {
            extensions,
            enabled,
            online,
            unreachable,
        });
        Facts { phones, ..well() }
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "one table")]
    fn the_worst_problem_gives_the_level() {
        let line = Line {
            id: 7,
            name: "Main".into(),
            since: None,
        };
        let trunk = || Facts {
            trunks_down: vec![line.clone()],
            ..well()
        };
        let away = Facts {
            asterisk_away: Some(DateTime::UNIX_EPOCH),
            ..trunk()
        };
        let waiting = Problem::CallsWaiting {
            count: 3,
            since: DateTime::UNIX_EPOCH,
        };
        let cases = [
            (
                "calls wait",
                Facts {
                    records: vec![waiting],
                    ..well()
                },
                Level::Warning,
                "calls_waiting",
            ),
            ("all works", well(), Level::Healthy, ""),
            (
                "nobody has been made",
                phones(0, 0, 0, 0),
                Level::Warning,
                "no_extensions",
            ),
            (
                "all are switched off",
                phones(2, 0, 0, 0),
                Level::Healthy,
                "",
            ),
            (
                "one phone is unplugged",
                phones(3, 2, 1, 0),
                Level::Healthy,
                "",
            ),
            (
                "no phone is there",
                phones(3, 2, 0, 1),
                Level::Warning,
                "no_phone_online",
            ),
            (
                "one does not answer",
                phones(3, 2, 1, 1),
                Level::Warning,
                "phones_unreachable",
            ),
            ("a trunk is refused", trunk(), Level::Degraded, "trunk_down"),
            (
                "SQL is not followed",
                Facts {
                    is_listening: false,
                    phones: None,
                    ..trunk()
                },
                Level::Degraded,
                "not_listening trunk_down",
            ),
            (
                "nothing is known of trunks",
                away,
                Level::Critical,
                "asterisk_away",
            ),
            (
                "the database says it itself",
                Facts {
                    is_database_there: false,
                    is_listening: false,
                    phones: None,
                    ..well()
                },
                Level::Critical,
                "database_away",
            ),
            (
                "both are away",
                Facts {
                    asterisk_away: Some(DateTime::UNIX_EPOCH),
                    is_database_there: false,
                    is_listening: false,
                    phones: None,
                    trunks_down: Vec::new(),
                    records: Vec::new(),
                },
                Level::Critical,
                "database_away asterisk_away",
            ),
        ];
        for (what, facts, expected, codes) in cases {
            let found = problems(&facts);
            let words: Vec<_> = found.iter().map(Problem::code).collect();
            assert_eq!(
                (level(&found), words.join(" ").as_str()),
                (expected, codes),
                "{what}"
            );
        }
    }
}
