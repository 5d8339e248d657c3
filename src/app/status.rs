//! How the system is: one of four levels by written rules, and the problems behind it.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{App, Error, Result, permit};
use crate::domain::{Act, Actor};
use crate::live::AsteriskView;
use crate::store;

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
        reason: String,
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
    NoExtensions,
}

impl Problem {
    pub fn level(&self) -> Level {
        match self {
            Self::AsteriskAway { .. } | Self::DatabaseAway => Level::Critical,
            Self::NotListening => Level::Degraded,
            Self::CallsWaiting { .. }
            | Self::SpoolUnreadable { .. }
            | Self::CallsUnreadable { .. }
            | Self::NoExtensions => Level::Warning,
        }
    }
}

#[derive(Debug, Clone)]
pub struct Status {
    pub asterisk: AsteriskView,
    pub database: bool,
    pub problems: Vec<Problem>,
}

impl Status {
    pub fn level(&self) -> Level {
        self.problems
            .iter()
            .map(Problem::level)
            .max()
            .unwrap_or(Level::Healthy)
    }
}

/// A database that does not answer within this is away for whoever asks how the system is.
const PATIENCE: Duration = Duration::from_millis(1500);

impl App {
    /// For load balancers and people alike: needs no login, tells no secrets.
    pub async fn status(&self) -> Status {
        let asterisk = self.hub.asterisk();
        let asked = tokio::time::timeout(PATIENCE, async {
            store::settings::ping(&mut *self.pool.acquire().await?).await?;
            Ok::<_, Error>(())
        });
        let database = matches!(asked.await, Ok(Ok(())));
        let mut problems = Vec::new();
        if !database {
            problems.push(Problem::DatabaseAway);
        }
        if !asterisk.connected {
            let reason = asterisk.reason.clone().unwrap_or_default();
            problems.push(Problem::AsteriskAway {
                since: asterisk.since,
                reason,
            });
        }
        if database && !self.memory.is_listening() {
            problems.push(Problem::NotListening);
        }
        problems.extend(self.records.problems());
        if self.memory.extensions().is_some_and(|all| all.is_empty()) {
            problems.push(Problem::NoExtensions);
        }
        Status {
            asterisk,
            database,
            problems,
        }
    }

    /// How many phones are registered, of how many enabled extensions. None while Asterisk is away.
    pub async fn phones_online(&self, actor: &Actor) -> Result<(Option<usize>, usize)> {
        permit(actor, &Act::ViewDashboard)?;
        let hub = &self.hub;
        let connected = hub.asterisk().connected;
        self.with_extensions(actor, |all| {
            let numbers: Vec<&str> = all
                .filter(|e| e.enabled)
                .map(|e| e.number.as_str())
                .collect();
            let total = numbers.len();
            (connected.then(|| hub.online_count(numbers)), total)
        })
        .await
    }
}
