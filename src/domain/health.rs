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
    /// Asterisk is there, and does not let this program in: no call can be followed, nothing is live.
    AsteriskRefuses {
        since: DateTime<Utc>,
    },
    /// It was started before an upgrade, and does not do what it would do after a restart.
    AsteriskOutdated,
    /// Nothing can be changed; new calls fail.
    DatabaseAway,
    /// It is there, and answers with errors.
    DatabaseFailing,
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
    /// Mailboxes have addresses to which nothing can be sent.
    MailServerMissing,
    /// So many mails wait for the mail server to work again.
    MailsWaiting(u64),
    /// So many mails were given up.
    MailsFailed(u64),
}

impl Problem {
    pub fn level(&self) -> Level {
        match self {
            Self::AsteriskAway { .. }
            | Self::AsteriskRefuses { .. }
            | Self::DatabaseAway
            | Self::DatabaseFailing => Level::Critical,
            Self::NotListening
            | Self::AsteriskOutdated
            | Self::TrunkDown(_)
            | Self::MailServerMissing
            | Self::MailsWaiting(_) => Level::Degraded,
            Self::CallsWaiting { .. }
            | Self::SpoolUnreadable { .. }
            | Self::CallsUnreadable { .. }
            | Self::NoPhoneOnline
            | Self::PhonesUnreachable(_)
            | Self::NoExtensions
            | Self::MailsFailed(_) => Level::Warning,
        }
    }

    /// The stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::AsteriskAway { .. } => "asterisk_away",
            Self::AsteriskRefuses { .. } => "asterisk_refuses",
            Self::AsteriskOutdated => "asterisk_outdated",
            Self::DatabaseAway => "database_away",
            Self::DatabaseFailing => "database_failing",
            Self::NotListening => "not_listening",
            Self::CallsWaiting { .. } => "calls_waiting",
            Self::SpoolUnreadable { .. } => "spool_unreadable",
            Self::CallsUnreadable { .. } => "calls_unreadable",
            Self::TrunkDown(_) => "trunk_down",
            Self::NoPhoneOnline => "no_phone_online",
            Self::PhonesUnreachable(_) => "phones_unreachable",
            Self::NoExtensions => "no_extensions",
            Self::MailServerMissing => "mail_server_missing",
            Self::MailsWaiting(_) => "mails_waiting",
            Self::MailsFailed(_) => "mails_failed",
        }
    }

    pub fn since(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::AsteriskAway { since }
            | Self::AsteriskRefuses { since }
            | Self::CallsWaiting { since, .. }
            | Self::SpoolUnreadable { since } => Some(*since),
            Self::TrunkDown(line) => line.since,
            _ => None,
        }
    }
}

/// How the database answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    There,
    Away,
    Failing,
}

/// A trunk that is switched on and does not work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub id: i64,
    pub name: String,
    pub since: Option<DateTime<Utc>>,
}

/// What is wrong with the mails about messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mails {
    /// Given up.
    pub failed: u64,
    /// They wait for the mail server to work again.
    pub waiting: u64,
    /// Mailboxes have addresses, and no mail server is set.
    pub is_server_missing: bool,
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
    /// It refuses the login.
    pub is_asterisk_refusing: bool,
    pub is_asterisk_outdated: bool,
    pub database: Database,
    pub is_listening: bool,
    pub trunks_down: Vec<Line>,
    /// What the writing of finished calls has to say.
    pub records: Vec<Problem>,
    pub mails: Mails,
    /// None while the extensions are not known.
    pub phones: Option<Phones>,
}

/// What is wrong, the worst first.
pub fn problems(facts: &Facts) -> Vec<Problem> {
    let mut problems = Vec::new();
    match facts.database {
        Database::There => {}
        Database::Away => problems.push(Problem::DatabaseAway),
        Database::Failing => problems.push(Problem::DatabaseFailing),
    }
    match facts.asterisk_away {
        Some(since) if facts.is_asterisk_refusing => {
            problems.push(Problem::AsteriskRefuses { since });
        }
        Some(since) => problems.push(Problem::AsteriskAway { since }),
        None if facts.is_asterisk_outdated => problems.push(Problem::AsteriskOutdated),
        None => {}
    }
    if facts.database == Database::There && !facts.is_listening {
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
    let mails = facts.mails;
    // Without a server they wait for nothing else.
    if mails.is_server_missing {
        problems.push(Problem::MailServerMissing);
    } else if mails.waiting > 0 {
        problems.push(Problem::MailsWaiting(mails.waiting));
    }
    if mails.failed > 0 {
        problems.push(Problem::MailsFailed(mails.failed));
    }
    // Stable: of the same level they stay as they came.
    problems.sort_by_key(|problem| std::cmp::Reverse(problem.level()));
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
            is_asterisk_refusing: false,
            is_asterisk_outdated: false,
            database: Database::There,
            is_listening: true,
            trunks_down: Vec::new(),
            records: Vec::new(),
            mails: Mails::default(),
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
        let mails = |failed, waiting, is_server_missing| Facts {
            mails: Mails {
                failed,
                waiting,
                is_server_missing,
            },
            ..well()
        };
        let cases = [
            (
                "mails have nowhere to go",
                mails(0, 2, true),
                Level::Degraded,
                "mail_server_missing",
            ),
            (
                "mails wait",
                mails(0, 2, false),
                Level::Degraded,
                "mails_waiting",
            ),
            (
                "mails were given up",
                mails(1, 0, false),
                Level::Warning,
                "mails_failed",
            ),
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
                "Asterisk refuses the login",
                Facts {
                    is_asterisk_refusing: true,
                    asterisk_away: Some(DateTime::UNIX_EPOCH),
                    ..well()
                },
                Level::Critical,
                "asterisk_refuses",
            ),
            (
                "Asterisk was started before an upgrade",
                Facts {
                    is_asterisk_outdated: true,
                    ..well()
                },
                Level::Degraded,
                "asterisk_outdated",
            ),
            (
                "the database answers with errors",
                Facts {
                    database: Database::Failing,
                    ..well()
                },
                Level::Critical,
                "database_failing",
            ),
            (
                "the database says it itself",
                Facts {
                    database: Database::Away,
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
                    is_asterisk_refusing: false,
                    is_asterisk_outdated: true,
                    database: Database::Away,
                    is_listening: false,
                    phones: None,
                    trunks_down: Vec::new(),
                    records: Vec::new(),
                    mails: Mails::default(),
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
