//! The handle to Asterisk: sending actions, watching the connection, receiving events.
//!
//! The connection itself lives in [`Connection`](super::Connection), a future that the caller runs.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use secrecy::SecretString;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::action::{Action, Failure, NotSent, Reply};
use super::connection::Connection;
use super::link::Link;
use super::wire::Frame;

/// Where Asterisk is, who we are, and how patient to be.
#[derive(Debug, Clone)]
pub struct Config {
    /// `host:port`
    pub address: String,
    pub user: String,
    pub secret: SecretString,
    /// A frozen Asterisk is noticed after this and the deadline of the ping.
    pub ping_every: Duration,
    pub ping_deadline: Duration,
    /// For the connection, the banner and the login.
    pub login_deadline: Duration,
    pub first_retry: Duration,
    /// Small on purpose: Asterisk runs beside us, and a restart must be over quickly.
    pub longest_retry: Duration,
    /// After a refused login, which another try will hardly change.
    pub refused_retry: Duration,
    /// How many actions may be in flight; more wait for their turn within their deadline.
    pub in_flight: usize,
    /// How many events wait for the receiver before reading stops.
    pub event_queue: usize,
}

impl Config {
    pub fn new(
        address: impl Into<String>,
        user: impl Into<String>,
        secret: impl Into<SecretString>,
    ) -> Self {
        Self {
            address: address.into(),
            user: user.into(),
            secret: secret.into(),
            // With the deadline less than the three seconds in which health has to tell the truth.
            ping_every: Duration::from_millis(500),
            ping_deadline: Duration::from_secs(2),
            login_deadline: Duration::from_secs(5),
            first_retry: Duration::from_millis(50),
            longest_retry: Duration::from_millis(400),
            refused_retry: Duration::from_secs(10),
            in_flight: 256,
            event_queue: 1024,
        }
    }
}

/// Whether Asterisk can be asked now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Logged in and fully booted; each login has a new generation.
    Connected { generation: u64, since: SystemTime },
    /// `since` is when it was lost, not when the reason last changed.
    Away { since: SystemTime, reason: Away },
}

impl State {
    pub fn is_connected(&self) -> bool {
        matches!(self, Self::Connected { .. })
    }
}

/// Why Asterisk can not be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Away {
    #[error("not connected yet")]
    Starting,
    #[error("cannot be reached: {0}")]
    Unreachable(String),
    #[error("what answers at this address is not Asterisk's manager interface")]
    NotAsterisk,
    #[error("the login was refused: {0}")]
    LoginRefused(String),
    /// Many actions fail before, so this does not count as connected.
    #[error("Asterisk is starting")]
    Booting,
    #[error("does not answer")]
    Silent,
    #[error("the connection was closed")]
    Closed,
    #[error("Asterisk was stopped")]
    ShutDown,
    #[error("this program is stopping")]
    Stopping,
}

/// What comes in, in Asterisk's order.
#[derive(Debug)]
pub enum Incoming {
    /// Logged in: whatever was known before is to be read again.
    Up {
        generation: u64,
    },
    Event(Frame),
    /// Nothing is known until the next `Up`.
    Down {
        reason: Away,
        since: SystemTime,
    },
}

/// Must be drained: reading from Asterisk stops while it is full.
pub type Events = mpsc::Receiver<Incoming>;

/// A handle to Asterisk; clones share the connection.
#[derive(Debug, Clone)]
pub struct Ami {
    shared: Arc<Shared>,
}

/// What the handles and the connection have in common.
#[derive(Debug)]
pub(super) struct Shared {
    link: Mutex<Option<Arc<Link>>>,
    state: watch::Sender<State>,
}

/// Prepares a connection; nothing happens until the [`Connection`] is run.
pub fn connect(config: Config, stop: CancellationToken) -> (Ami, Events, Connection) {
    let (events, receiver) = mpsc::channel(config.event_queue);
    let since = SystemTime::now();
    let (state, _) = watch::channel(State::Away {
        since,
        reason: Away::Starting,
    });
    let shared = Arc::new(Shared {
        link: Mutex::new(None),
        state,
    });
    let connection = Connection::new(config, Arc::clone(&shared), events, stop);
    (Ami { shared }, receiver, connection)
}

impl Ami {
    /// Sends an action and waits for its answer, for a list until the list is complete.
    ///
    /// Dropping the future gives the action up; it may have been written already.
    pub async fn send(&self, action: Action) -> Result<Reply, Failure> {
        let link = self.shared.link().clone().ok_or(NotSent::Away)?;
        link.send(&action).await
    }

    /// The value of a variable or function, `None` when it is empty.
    pub async fn getvar(
        &self,
        channel: Option<&str>,
        variable: impl Into<String>,
    ) -> Result<Option<String>, Failure> {
        let reply = self.send(Action::getvar(channel, variable)).await?;
        Ok(reply.value().map(str::to_owned))
    }

    pub fn state(&self) -> State {
        self.shared.state.borrow().clone()
    }

    /// Tells of every change of [`Ami::state`].
    pub fn watch(&self) -> watch::Receiver<State> {
        self.shared.state.subscribe()
    }
}

impl Shared {
    pub(super) fn link(&self) -> MutexGuard<'_, Option<Arc<Link>>> {
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn up(&self, generation: u64, link: &Arc<Link>) {
        *self.link() = Some(Arc::clone(link));
        let since = SystemTime::now();
        self.state
            .send_replace(State::Connected { generation, since });
    }

    /// Returns since when, and whether Asterisk was there before.
    pub(super) fn away(&self, reason: Away) -> (SystemTime, bool) {
        *self.link() = None;
        let mut since = SystemTime::now();
        let mut was_connected = true;
        if let State::Away { since: earlier, .. } = *self.state.borrow() {
            (since, was_connected) = (earlier, false);
        }
        self.state.send_if_modified(|state| {
            let next = State::Away { since, reason };
            let changed = *state != next;
            *state = next;
            changed
        });
        (since, was_connected)
    }
}
