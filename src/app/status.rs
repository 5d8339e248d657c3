//! How the system is: collects what the rules of [`health`] ask for. What all phones do is counted once for each change,
//! however many look.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;

pub use crate::domain::health::Problem;

use super::{App, Error, Result, permit};
use crate::ami::{Away, State};
use crate::domain::health::{self, Database, Facts, Level, Line, Mails, Phones};
use crate::domain::{Act, Actor, Extension};
use crate::live::{AsteriskView, EndpointView, Presence};
use crate::store;

#[derive(Debug, Clone)]
pub struct Status {
    pub asterisk: AsteriskView,
    pub database: bool,
    pub problems: Vec<Problem>,
}

impl Status {
    pub fn level(&self) -> Level {
        health::level(&self.problems)
    }
}

/// All extensions at one moment.
#[derive(Debug)]
pub struct Company {
    pub phones: Phones,
    /// Those to be shown: all in the order of their numbers, or of many those that ring, those in a call, and others.
    pub shown: Vec<Arc<Extension>>,
    /// How many are not among them.
    pub more: usize,
}

/// One extension at one moment.
#[derive(Debug)]
pub struct Seen {
    pub extension: Arc<Extension>,
    pub view: EndpointView,
    /// The full name of who it is assigned to.
    pub user: Option<String>,
}

/// More do not help on one page; the list of extensions has all.
const SHOWN: usize = 120;

/// What was counted last, and of which picture and directory that is true.
#[derive(Debug, Default)]
pub struct Counted(Mutex<Option<(Moment, Arc<Company>)>>);

/// The versions of the picture and of the directory.
type Moment = (u64, u64);

/// A database that does not answer within this is away for whoever asks how the system is.
const PATIENCE: Duration = Duration::from_millis(1500);
/// A registration may be on its way for so long.
const REGISTERING: TimeDelta = TimeDelta::seconds(30);

impl App {
    /// For load balancers and people alike: needs no login, tells no secrets.
    /// Known without asking it, and waiting for its answer.
    pub fn is_database_away(&self) -> bool {
        self.memory.is_away()
    }

    pub async fn status(&self) -> Status {
        let asterisk = self.hub.asterisk();
        let asked = tokio::time::timeout(PATIENCE, async {
            let mut conn = self.pool.acquire().await?;
            let lines = store::status::lines(&mut conn).await?;
            Ok::<_, Error>((lines, store::mail::troubles(&mut conn).await?))
        });
        let (database, lines, mails) = if self.memory.is_away() {
            (Database::Away, Vec::new(), Mails::default())
        } else {
            match asked.await {
                Ok(Ok((lines, mails))) => (Database::There, lines, mails),
                Ok(Err(error)) => (self.failed(&error), Vec::new(), Mails::default()),
                Err(late) => (self.failed(&late), Vec::new(), Mails::default()),
            }
        };
        if database == Database::There {
            self.database_trouble.send_replace(None);
        }
        let is_down = |line: &store::status::Line| self.down(line);
        let facts = Facts {
            asterisk_away: (!asterisk.connected).then_some(asterisk.since),
            is_asterisk_refusing: self.is_refused(),
            is_asterisk_outdated: self.is_asterisk_outdated(),
            database,
            is_listening: self.memory.is_listening(),
            trunks_down: lines.iter().filter_map(is_down).collect(),
            records: self.records.problems(),
            mails,
            phones: self.known_company().map(|company| company.phones),
        };
        Status {
            asterisk,
            database: database == Database::There,
            problems: health::problems(&facts),
        }
    }

    /// Asterisk is there and does not let this program in.
    fn is_refused(&self) -> bool {
        let state = self.ami.state();
        matches!(
            state,
            State::Away {
                reason: Away::LoginRefused(_),
                ..
            }
        )
    }

    /// Whoever looks at the system asks, and the same answer again is no news.
    fn failed(&self, why: &(dyn std::error::Error + 'static)) -> Database {
        let answered = matches!(
            why.downcast_ref(),
            Some(Error::Internal(_) | Error::Guard { .. } | Error::Invalid(_) | Error::Busy(_))
        );
        let told = causes(why);
        // Away it is for many reasons, one after the other.
        let known = if answered {
            told.clone()
        } else {
            String::new()
        };
        let is_news = self.database_trouble.send_if_modified(|before| {
            let is_news = before.as_ref() != Some(&known);
            *before = Some(known);
            is_news
        });
        if is_news && answered {
            tracing::error!(
                cause = told,
                "the database does not answer how the system is"
            );
        } else if is_news {
            tracing::warn!(cause = told, "the database is away");
        }
        if answered {
            Database::Failing
        } else {
            Database::Away
        }
    }

    /// A trunk that does not work, as far as that is known.
    fn down(&self, line: &store::status::Line) -> Option<Line> {
        let seen = self.seen_trunk(line.id);
        if seen.works() != Some(false) {
            return None;
        }
        let registration = seen.registration.as_ref();
        let is_asking = registration.is_some_and(|view| {
            let is_new = view.since + REGISTERING > self.clock.now();
            is_new && view.status != "Rejected"
        });
        (!is_asking).then(|| Line {
            id: line.id,
            name: line.name.clone(),
            since: registration.map(|view| view.since),
        })
    }

    /// Every enabled extension with what its phones do, and who it is assigned to.
    pub async fn seen(&self, actor: &Actor) -> Result<Vec<Seen>> {
        let mut seen = self
            .with_extensions(actor, |all| {
                let all: Vec<_> = all.filter(|e| e.enabled).cloned().collect();
                let views = self.hub.endpoints(all.iter().map(|e| e.number.as_str()));
                let seen = all.into_iter().zip(views);
                seen.map(|(extension, view)| Seen {
                    extension,
                    view,
                    user: None,
                })
                .collect::<Vec<_>>()
            })
            .await?;
        if seen.iter().any(|seen| seen.extension.user_id.is_some())
            && let Ok(mut conn) = self.pool.acquire().await
        {
            let names = store::status::user_names(&mut conn).await?;
            let names: HashMap<i64, String> = names.into_iter().collect();
            for seen in &mut seen {
                let user = seen.extension.user_id;
                seen.user = user.and_then(|id| names.get(&id)).cloned();
            }
        }
        Ok(seen)
    }

    /// How many phones are registered, of how many enabled extensions, and which extensions are worth showing.
    pub async fn company(&self, actor: &Actor) -> Result<Arc<Company>> {
        permit(actor, &Act::ListExtensions)?;
        if let Some(known) = self.known_company() {
            return Ok(known);
        }
        let all = store::extensions::list_all(&mut *self.pool.acquire().await?).await?;
        let all: Vec<_> = all.into_iter().map(Arc::new).collect();
        Ok(Arc::new(self.count(all.iter())))
    }

    /// None while the extensions would have to be read from the database.
    fn known_company(&self) -> Option<Arc<Company>> {
        let moment = (self.hub.version(), self.memory.directory_version());
        let counted = &self.counted.0;
        let before = counted.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, company)) = &*before
            && *of == moment
            && self.memory.is_listening()
        {
            return Some(Arc::clone(company));
        }
        drop(before);
        let company = Arc::new(self.count(self.memory.extensions()?.values()));
        let mut kept = counted.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = Some((moment, Arc::clone(&company)));
        Some(company)
    }

    fn count<'e>(&self, all: impl Iterator<Item = &'e Arc<Extension>> + Clone) -> Company {
        let presences = self.hub.presences(all.clone().map(|e| e.number.as_str()));
        let mut phones = Phones {
            extensions: presences.len(),
            ..Phones::default()
        };
        let (mut ringing, mut talking, mut others) = (Vec::new(), Vec::new(), Vec::new());
        for (extension, presence) in all.zip(&presences) {
            if extension.enabled {
                phones.enabled += 1;
                phones.online += usize::from(presence.is_online());
                phones.unreachable += usize::from(*presence == Presence::Unreachable);
            }
            let kind = match presence {
                _ if presences.len() <= SHOWN => &mut others,
                Presence::Ringing => &mut ringing,
                Presence::InUse => &mut talking,
                _ => &mut others,
            };
            if kind.len() < SHOWN {
                kind.push(Arc::clone(extension));
            }
        }
        let mut shown = ringing;
        shown.append(&mut talking);
        shown.append(&mut others);
        shown.truncate(SHOWN);
        Company {
            phones,
            more: presences.len() - shown.len(),
            shown,
        }
    }
}

/// An error with what is behind it.
fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut told = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        told = format!("{told}: {cause}");
        next = cause.source();
    }
    told
}
