//! What we remember of the database between requests: who a session belongs to, the settings, the extensions. The
//! listener keeps it true; while it does not listen, nothing is remembered and everything is read again.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::api_keys::Holder;
use super::settings::Settings;
use crate::domain::user::User;
use crate::domain::{ExtNumber, Extension};

/// More logins than this at once are possible; they are only read from the database more often.
const SESSIONS: usize = 10_000;

/// Whoever was logged in when the database went away is believed for so long without it: they see how the system is,
/// and what is live. Nobody can be given anything from the database meanwhile.
const BELIEVED: Duration = Duration::from_mins(15);

pub type Directory = BTreeMap<i64, Arc<Extension>>;

#[derive(Debug, Default)]
pub struct Memory {
    listening: AtomicBool,
    /// The database could not be reached when the listener tried last.
    away: AtomicBool,
    /// Raised by each change of a session, a user or a setting: what was read before must not be kept after.
    generation: AtomicU64,
    sessions: Mutex<HashMap<Uuid, Arc<User>>>,
    /// Those that were good when the listener was lost.
    before: Mutex<Option<Before>>,
    /// Keys of programs by their hash.
    keys: Mutex<HashMap<String, Holder>>,
    settings: Mutex<Option<Arc<Settings>>>,
    directory: RwLock<Directory>,
    /// Raised by each change of the directory.
    directory_version: AtomicU64,
}

#[derive(Debug)]
struct Before {
    lost: Instant,
    sessions: HashMap<Uuid, Arc<User>>,
}

/// A moment before reading; what was read counts if nothing changed since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment(u64);

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Memory {
    pub fn is_listening(&self) -> bool {
        self.listening.load(Ordering::Acquire)
    }

    /// Known without asking: nobody has to wait for the database only to learn it. It tries again all the time.
    pub fn is_away(&self) -> bool {
        self.away.load(Ordering::Acquire)
    }

    pub fn set_away(&self, is_away: bool) {
        self.away.store(is_away, Ordering::Release);
    }

    /// Nothing that was remembered counts any more.
    pub fn lost(&self) {
        if self.listening.swap(false, Ordering::AcqRel) {
            let before = Before {
                lost: Instant::now(),
                sessions: held(&self.sessions).clone(),
            };
            self.forget_people();
            *held(&self.before) = Some(before);
        }
        self.forget_settings();
        self.extensions_mut().clear();
    }

    /// All extensions are known from now on.
    pub fn listen(&self, extensions: Vec<Extension>) {
        let known = extensions
            .into_iter()
            .map(|e| (e.number.id(), Arc::new(e)))
            .collect();
        *self.extensions_mut() = known;
        *held(&self.before) = None;
        self.listening.store(true, Ordering::Release);
    }

    pub fn moment(&self) -> Moment {
        Moment(self.generation.load(Ordering::Acquire))
    }

    fn is_current(&self, moment: Moment) -> bool {
        self.is_listening() && self.moment() == moment
    }

    pub fn session(&self, id: Uuid) -> Option<Arc<User>> {
        held(&self.sessions).get(&id).cloned()
    }

    /// Who it belonged to when the database was there last; to be asked only when the database does not answer.
    pub fn session_before(&self, id: Uuid) -> Option<Arc<User>> {
        let before = held(&self.before);
        let before = before.as_ref()?;
        let is_believed = before.lost.elapsed() < BELIEVED;
        before.sessions.get(&id).filter(|_| is_believed).cloned()
    }

    pub fn keep_session(&self, moment: Moment, id: Uuid, user: Arc<User>) {
        let mut sessions = held(&self.sessions);
        if self.is_current(moment) {
            if sessions.len() >= SESSIONS {
                sessions.clear();
            }
            sessions.insert(id, user);
        }
    }

    pub fn forget_people(&self) {
        let mut sessions = held(&self.sessions);
        self.generation.fetch_add(1, Ordering::AcqRel);
        sessions.clear();
        *held(&self.before) = None;
        held(&self.keys).clear();
    }

    pub fn key(&self, hash: &str) -> Option<Holder> {
        held(&self.keys).get(hash).cloned()
    }

    pub fn keep_key(&self, moment: Moment, hash: &str, holder: Holder) {
        // The same lock as for sessions: what is forgotten in between is not kept.
        let _sessions = held(&self.sessions);
        if self.is_current(moment) {
            held(&self.keys).insert(hash.to_owned(), holder);
        }
    }

    pub fn settings(&self) -> Option<Arc<Settings>> {
        held(&self.settings).clone()
    }

    pub fn keep_settings(&self, moment: Moment, settings: Arc<Settings>) {
        let mut kept = held(&self.settings);
        if self.is_current(moment) {
            *kept = Some(settings);
        }
    }

    pub fn forget_settings(&self) {
        let mut kept = held(&self.settings);
        self.generation.fetch_add(1, Ordering::AcqRel);
        *kept = None;
    }

    fn extensions_mut(&self) -> RwLockWriteGuard<'_, Directory> {
        let directory = self
            .directory
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        self.directory_version.fetch_add(1, Ordering::AcqRel);
        directory
    }

    /// Whatever was made of the directory of this version is true as long as it stays the same.
    pub fn directory_version(&self) -> u64 {
        self.directory_version.load(Ordering::Acquire)
    }

    /// One extension as it is now. Only the listener calls this, in the order of the changes.
    pub fn set_extension(&self, number: &ExtNumber, extension: Option<Extension>) {
        let mut known = self.extensions_mut();
        match extension {
            Some(extension) => known.insert(number.id(), Arc::new(extension)),
            None => known.remove(&number.id()),
        };
    }

    /// All extensions by the integer of their number; None while they are not known. Not to be held across an await.
    pub fn extensions(&self) -> Option<RwLockReadGuard<'_, Directory>> {
        let known = self
            .directory
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        self.is_listening().then_some(known)
    }
}
