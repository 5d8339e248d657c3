//! Use cases: the only API of the program. Each checks who may, writes in one transaction, and waits until the change
//! is live. Knows no HTTP and no HTML.

pub mod answers;
pub mod api_keys;
mod audit;
pub mod bulk;
pub mod calls;
pub mod cdr;
pub mod changes;
pub mod clock;
pub mod codecs;
mod codes;
pub mod dialling;
pub mod dialplan;
pub mod error;
pub mod extensions;
mod farewell;
pub mod forwards;
mod history;
pub mod import;
mod lamps;
mod last_use;
pub mod mail;
mod memory;
mod message_lamps;
pub mod network;
mod nudge;
pub mod original;
pub mod passwords;
pub mod phone_addresses;
pub mod postman;
pub mod probe;
pub mod profile;
pub mod providers;
mod reconcile;
pub mod refused;
pub mod resolve;
pub mod restart;
pub mod routes;
mod second_factor;
pub mod selection;
pub mod sessions;
pub mod settings;
mod smtp;
pub mod start_files;
pub mod status;
pub mod tokens;
pub mod trunks;
pub mod undo;
pub mod users;
pub mod voicemail;
pub mod work;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use sqlx::pool::PoolConnection;
use sqlx::{PgPool, Postgres};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub use changes::{Changes, Unapplied};
pub use clock::Clock;
pub use error::{Error, Result};
pub use work::{Applied, Proof, Work};

use crate::ami::Ami;
use crate::domain::api_key::{ActingKey, Scope};
use crate::domain::user::check_password;
use crate::domain::{Act, Actor, policy};
use crate::live::Hub;
use crate::store;
use answers::Answers;
use cdr::Records;
use last_use::LastUse;
use memory::Memory;
use passwords::Passwords;
use reconcile::Reconciler;
use refused::Refused;
use resolve::Names;
use restart::Restart;
use sessions::Throttle;
use status::Counted;
use tokens::Tokens;

/// How long the clear-text side of the history is kept for undo.
const UNDO_DAYS: i32 = 90;
/// How long a number that leads nowhere is remembered.
const CALLED_DAYS: i32 = 180;
const TIDY_EVERY: Duration = Duration::from_mins(10);

fn permit(actor: &Actor, act: &Act) -> Result<()> {
    if policy::may(actor, act) {
        Ok(())
    } else {
        Err(Error::Forbidden)
    }
}

#[derive(Debug)]
pub struct App {
    pool: PgPool,
    ami: Ami,
    hub: Hub,
    clock: Clock,
    memory: Arc<Memory>,
    changes: Arc<Changes>,
    reconciler: Arc<Reconciler>,
    passwords: Passwords,
    tokens: Tokens,
    throttle: Throttle,
    sessions_used: LastUse<Uuid>,
    keys_used: LastUse<i64>,
    names: Names,
    answers: Answers,
    restart: watch::Sender<Restart>,
    /// Asterisk runs with start-up files that are older than this program.
    outdated: watch::Sender<bool>,
    /// Why the database could not be asked how the system is; told once.
    database_trouble: watch::Sender<Option<String>>,
    records: Records,
    counted: Counted,
    refused: Refused,
    /// The languages people can choose.
    languages: Vec<&'static str>,
}

/// What the outside world hands to the program.
#[derive(Debug)]
pub struct Parts {
    pub pool: PgPool,
    /// For following the database's changes.
    pub listening: PgPool,
    pub ami: Ami,
    pub hub: Hub,
    pub clock: Clock,
    pub jwt_secret: SecretString,
    pub languages: Vec<&'static str>,
    pub names: Names,
    /// Where Asterisk leaves a line for each finished leg of a call.
    pub cdr_spool: Option<PathBuf>,
}

impl App {
    pub async fn new(parts: Parts) -> Result<Self> {
        let memory = Arc::new(Memory::default());
        let listening = parts.listening.clone();
        let reconciler = Arc::new(Reconciler::new(parts.listening.clone()));
        let changes = Changes::new(
            parts.listening,
            parts.ami.clone(),
            parts.hub.clone(),
            Arc::clone(&memory),
            Arc::clone(&reconciler),
        );
        // Writing finished calls never waits for people's requests either.
        let records = Records::new(
            listening,
            parts.ami.clone(),
            parts.hub.clone(),
            parts.clock,
            parts.cdr_spool,
        );
        Ok(Self {
            records,
            changes: Arc::new(changes),
            reconciler,
            memory,
            passwords: Passwords::new().await?,
            tokens: Tokens::new(&parts.jwt_secret),
            throttle: Throttle::new(),
            sessions_used: LastUse::default(),
            keys_used: LastUse::default(),
            pool: parts.pool,
            ami: parts.ami,
            hub: parts.hub,
            clock: parts.clock,
            names: parts.names,
            answers: Answers::default(),
            restart: watch::Sender::new(Restart::None),
            outdated: watch::Sender::new(false),
            database_trouble: watch::Sender::new(None),
            counted: Counted::default(),
            refused: Refused::new(parts.clock.now()),
            languages: parts.languages,
        })
    }

    pub fn hub(&self) -> &Hub {
        &self.hub
    }

    pub fn clock(&self) -> Clock {
        self.clock
    }

    pub fn changes(&self) -> Arc<Changes> {
        Arc::clone(&self.changes)
    }

    /// A connection for reading, for whoever may.
    async fn reading(&self, actor: &Actor, act: &Act) -> Result<PoolConnection<Postgres>> {
        permit(actor, act)?;
        Ok(self.pool.acquire().await?)
    }

    /// A transaction that is never committed, to see what would happen: whoever may look may have it.
    async fn rehearse(&self, actor: &Actor, act: &Act) -> Result<Work<'_>> {
        permit(actor, act)?;
        Work::begin(self, actor, act.name()).await
    }

    /// The only way to write.
    pub async fn begin(&self, actor: &Actor, act: &Act) -> Result<Work<'_>> {
        permit(actor, act)?;
        // Asked for at the door already, by method and path.
        let is_for_reading = |key: &ActingKey| key.scopes.iter().all(|s| *s == Scope::Read);
        if actor.key.as_ref().is_some_and(is_for_reading) {
            return Err(Error::ScopeMissing);
        }
        Work::begin(self, actor, act.name()).await
    }

    /// Creates the first admin when there is no user. Returns the password when it was generated.
    pub async fn first_start(&self, configured: Option<SecretString>) -> Result<Option<String>> {
        use secrecy::ExposeSecret;
        if store::users::any(&mut *self.pool.acquire().await?).await? {
            return Ok(None);
        }
        if let Some(password) = &configured
            && let Err(wrong) = check_password(password.expose_secret(), "admin")
        {
            let why = format!(
                "GONOPBX_ADMIN_PASSWORD cannot be used: {}",
                wrong.code.as_str()
            );
            return Err(Error::internal(why));
        }
        let generated = configured.is_none();
        let password = configured.unwrap_or_else(|| {
            crate::domain::SipSecret::generate()
                .expose()
                .to_owned()
                .into()
        });
        let hash = self.passwords.hash(password.clone()).await?;
        let mut tx = self.pool.begin().await?;
        let made = store::users::create_first_admin(&mut tx, &hash, generated).await?;
        tx.commit().await?;
        Ok((made && generated).then(|| password.expose_secret().to_owned()))
    }

    /// Until the database's changes are followed.
    pub async fn listening(&self) {
        let mut often = tokio::time::interval(Duration::from_millis(2));
        while !self.memory.is_listening() {
            often.tick().await;
        }
    }

    /// Brings rows up to date that follow from changes made in SQL.
    pub async fn reconcile(self: Arc<Self>, stop: CancellationToken) {
        self.reconciler.run(stop).await;
    }

    /// Removes what has had its time.
    pub async fn tidy(self: Arc<Self>, stop: CancellationToken) {
        loop {
            self.throttle.tidy();
            self.sessions_used.tidy();
            self.keys_used.tidy();
            if self.is_asterisk_outdated() {
                self.look_at_start_files().await;
            }
            let tidied = async {
                let mut conn = self.pool.acquire().await?;
                store::sessions::remove_expired(&mut conn).await?;
                store::second_factor::remove_old_drafts(&mut conn).await?;
                store::changes::forget_secrets(&mut conn, UNDO_DAYS).await?;
                store::undo::forget_messages(&mut conn, UNDO_DAYS).await?;
                store::mail::forget(&mut conn, UNDO_DAYS).await?;
                store::voicemail::forget_deleted(&mut conn, voicemail::UNDO_SECONDS).await?;
                store::routes::forget_called(&mut conn, CALLED_DAYS).await?;
                Ok::<_, Error>(())
            };
            if let Err(error) = tidied.await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "not tidied; will try again"
                );
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(TIDY_EVERY) => {}
            }
        }
    }
}
