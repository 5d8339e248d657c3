//! What must happen after a change, decided here and nowhere else, for changes of our own and for SQL alike: the database
//! tells, Asterisk forgets what it cached, rows that follow are compiled, our memory and the browsers follow.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use sqlx::postgres::{PgListener, PgNotification};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::dialplan::Stale;
use super::memory::Memory;
use super::message_lamps;
use super::nudge::{self, Nudge};
use super::reconcile::Reconciler;
use super::{Error, Result};
use crate::ami::{Ami, Failure};
use crate::domain::ExtNumber;
use crate::live::{Contact, ContactStatus, Hub, Topic};
use crate::store::{self, PgPool};

/// Why a saved change is not known to be live.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unapplied {
    #[error("Asterisk cannot be reached")]
    AsteriskAway,
    #[error("the database does not tell us of changes now")]
    NotListening,
    #[error("Asterisk did not confirm in time")]
    NoAnswer,
    #[error("Asterisk sees something else")]
    SeenDifferently,
    #[error("Asterisk refused: {0}")]
    Refused(String),
    #[error("the registrations could not be ended: {0}")]
    Database(String),
}

impl From<Failure> for Unapplied {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused { message } => Self::Refused(message),
            Failure::NotSent(_) => Self::AsteriskAway,
            Failure::Unknown(_) => Self::NoAnswer,
        }
    }
}

/// Tells streams that a session may have ended.
pub const SESSIONS: Topic = Topic::Other("sessions");
/// Tells that a mail waits, or that the mail server is another one.
pub const MAIL: Topic = Topic::Other("mail");
/// The history has something new.
pub const CHANGES: Topic = Topic::Other("changes");
/// Transactions of ours whose end has not been seen; a server has a dozen connections.
const UNFINISHED: usize = 1000;

/// What is told of and is in no history.
const UNRECORDED: [&str; 8] = [
    "ps_contacts",
    "session",
    "unknown_did",
    "voicemail_messages",
    "message",
    "mail",
    "cdr",
    "end",
];

type Done = std::result::Result<(), Unapplied>;

#[derive(Debug, Deserialize)]
pub(super) struct Notice {
    /// The transaction.
    #[serde(rename = "x")]
    pub xid: String,
    #[serde(rename = "t")]
    pub table: String,
    #[serde(rename = "o", default)]
    pub op: String,
    #[serde(rename = "k", default)]
    pub key: Option<String>,
    /// The key before, when it changed.
    #[serde(rename = "w", default)]
    pub key_was: Option<String>,
    /// Whether a use case of ours made the change: then the rows that follow are in the same transaction.
    #[serde(rename = "s", default)]
    pub by_server: bool,
    #[serde(rename = "c", default)]
    pub columns: Option<Vec<String>>,
}

/// The changes of one transaction, until its end is known.
#[derive(Debug, Default)]
struct Batch {
    nudges: Vec<Nudge>,
    extensions: BTreeSet<ExtNumber>,
    recompile: BTreeSet<Stale>,
    everything: bool,
    topics: BTreeSet<Topic>,
}

#[derive(Debug)]
pub struct Changes {
    pool: PgPool,
    ami: Ami,
    hub: Hub,
    memory: Arc<Memory>,
    waiting: Mutex<HashMap<String, oneshot::Sender<Done>>>,
    reconciler: Arc<Reconciler>,
}

impl Changes {
    pub fn new(
        pool: PgPool,
        ami: Ami,
        hub: Hub,
        memory: Arc<Memory>,
        reconciler: Arc<Reconciler>,
    ) -> Self {
        Self {
            pool,
            ami,
            hub,
            memory,
            waiting: Mutex::default(),
            reconciler,
        }
    }

    /// To be called before the commit: resolves when all that follows from this transaction has happened.
    pub fn expect(&self, xid: &str) -> impl Future<Output = Done> + Send + use<> {
        let (sender, receiver) = oneshot::channel();
        let listening = self.memory.is_listening();
        if listening {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            // Those whose commit failed or who gave up.
            waiting.retain(|_, sender| !sender.is_closed());
            waiting.insert(xid.to_owned(), sender);
        }
        async move { receiver.await.unwrap_or(Err(Unapplied::NotListening)) }
    }

    /// Follows the database until told to stop; a lost connection is made up for by reading everything once.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let mut pause = Duration::from_millis(50);
        while !stop.is_cancelled() {
            let listened = tokio::select! {
                () = stop.cancelled() => break,
                listened = Arc::clone(&self).listen() => listened,
            };
            self.memory.lost();
            self.waiting
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clear();
            self.hub.publish(Topic::System);
            match listened {
                // It had worked until the connection was cut.
                Ok(()) => pause = Duration::from_millis(50),
                Err(error) => {
                    self.memory
                        .set_away(matches!(error, Error::DatabaseAway(_)));
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "cannot follow the database's changes"
                    );
                    pause = (pause * 2).min(Duration::from_secs(2));
                }
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    async fn listen(self: Arc<Self>) -> Result<()> {
        let mut listener = PgListener::connect_with(&self.pool).await?;
        listener.eager_reconnect(false);
        listener.listen("pbx").await?;
        self.memory.set_away(false);
        // From here on nothing is missed; what was missed before is read now.
        self.reconcile().await?;
        self.hub.publish(Topic::System);
        let mut batches: HashMap<String, Batch> = HashMap::new();
        let mut nudging = JoinSet::new();
        while let Some(notification) = listener.try_recv().await? {
            self.take(&notification, &mut batches, &mut nudging).await?;
            while nudging.try_join_next().is_some() {}
        }
        Ok(())
    }

    async fn take(
        self: &Arc<Self>,
        notification: &PgNotification,
        batches: &mut HashMap<String, Batch>,
        nudging: &mut JoinSet<()>,
    ) -> Result<()> {
        let notice: Notice = match serde_json::from_str(notification.payload()) {
            Ok(notice) => notice,
            Err(error) => {
                tracing::warn!(%error, payload = notification.payload(), "unreadable notification");
                return Ok(());
            }
        };
        if notice.table == "end" {
            let batch = batches.remove(&notice.xid).unwrap_or_default();
            let waiter = self
                .waiting
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .remove(&notice.xid);
            return self.run_batch(batch, waiter, nudging).await;
        }
        if notice.by_server && notice.table != "session" {
            if batches.len() >= UNFINISHED {
                // Ends that never came: somebody else sends notifications. Start again from what the database has.
                return Err(Error::internal("too many unfinished transactions"));
            }
            let batch = batches.entry(notice.xid.clone()).or_default();
            batch.topics.extend(news(&notice));
            self.add(batch, &notice);
            return Ok(());
        }
        let mut batch = Batch::default();
        batch.topics.extend(news(&notice));
        self.add(&mut batch, &notice);
        self.run_batch(batch, None, nudging).await
    }

    fn add(&self, batch: &mut Batch, notice: &Notice) {
        for nudge in nudge::of(notice) {
            if !batch.nudges.contains(&nudge) {
                batch.nudges.push(nudge);
            }
        }
        match notice.table.as_str() {
            "*" => {
                self.memory.forget_people();
                self.memory.forget_settings();
                // A use case has written the rows that follow.
                if !notice.by_server {
                    batch.recompile.insert(Stale::Everything);
                }
                batch.everything = true;
                batch
                    .topics
                    .extend([Topic::Extensions, Topic::System, Topic::Voicemail, MAIL]);
            }
            "ps_endpoints" | "ps_auths" | "ps_aors" | "extension" => {
                let keys = [notice.key.as_deref(), notice.key_was.as_deref()];
                let numbers = keys
                    .into_iter()
                    .flatten()
                    .filter_map(|k| ExtNumber::parse(k).ok());
                for number in numbers {
                    if !notice.by_server
                        && matches!(notice.table.as_str(), "ps_endpoints" | "extension")
                    {
                        batch.recompile.insert(Stale::Extension(number.clone()));
                    }
                    batch.extensions.insert(number);
                }
                batch.topics.insert(Topic::Extensions);
            }
            // Asterisk itself asks a phone that has just come.
            "ps_contacts" => {
                let number = notice.key.as_deref().map(ExtNumber::parse);
                let number = number.and_then(std::result::Result::ok);
                let unreachable = number.filter(|n| self.is_unreachable(n));
                batch.nudges.extend(unreachable.map(Nudge::Qualify));
            }
            "app_user" | "session" | "api_key" => {
                self.memory.forget_people();
                batch.topics.insert(SESSIONS);
            }
            "setting" => {
                self.memory.forget_settings();
                batch.topics.insert(Topic::System);
                if !notice.by_server {
                    batch
                        .recompile
                        .extend([Stale::Emergency, Stale::Codecs, Stale::Numbers]);
                }
            }
            "forward" | "voicemail" | "did_route" => {
                if !notice.by_server {
                    batch
                        .recompile
                        .extend(extensions_of(notice).map(Stale::Extension));
                }
                batch.topics.extend([Topic::Extensions, Topic::Voicemail]);
                if notice.table == "did_route" {
                    batch.topics.insert(Topic::Trunks);
                }
            }
            "unknown_did" => {
                batch.topics.insert(Topic::Trunks);
            }
            "trunk" | "ps_registrations" | "number_range" => {
                let id = notice.key.as_deref().and_then(|key| key.parse().ok());
                let id = id.filter(|_| !notice.by_server && notice.op != "D");
                if notice.table == "trunk" {
                    batch.recompile.extend(id.map(Stale::Trunk));
                }
                batch.topics.extend([Topic::Trunks, Topic::Extensions]);
            }
            // A row of ours that somebody changed in SQL is made again from what it follows from.
            "extensions" if !notice.by_server => {
                let key = notice.key.as_deref().unwrap_or_default();
                batch.recompile.extend(Stale::row(key));
            }
            "voicemail_messages" | "message" => {
                batch.topics.insert(Topic::Voicemail);
            }
            "mail" | "mail_server" => {
                batch.topics.insert(MAIL);
            }
            "cdr" => {
                batch.topics.insert(Topic::Cdr);
            }
            _ => {}
        }
        // Whose extension it is belongs to what a session may do.
        let owner = |column: &String| column == "user_id" || column == "number";
        if notice.table == "extension"
            && (notice.op == "D" || notice.columns.iter().flatten().any(owner))
        {
            self.memory.forget_people();
            batch.topics.insert(SESSIONS);
        }
    }

    /// Our own rows and memory in the order of the changes; Asterisk beside it, so that a slow one holds up nobody.
    async fn run_batch(
        self: &Arc<Self>,
        mut batch: Batch,
        waiter: Option<oneshot::Sender<Done>>,
        nudging: &mut JoinSet<()>,
    ) -> Result<()> {
        if batch.everything {
            // Everything is forgotten: one by one would only take longer.
            batch.nudges.retain(|nudge| !nudge.is_within_everything());
            self.memory.listen(self.extensions().await?);
        } else if !batch.extensions.is_empty() {
            let mut conn = self.pool.acquire().await?;
            for number in &batch.extensions {
                let now = store::extensions::find(&mut conn, number).await?;
                self.memory.set_extension(number, now);
            }
        }
        self.reconciler.add(batch.recompile);
        for topic in batch.topics {
            self.hub.publish(topic);
        }
        if batch.nudges.is_empty() {
            if let Some(waiter) = waiter {
                // The one who waited may have given up.
                drop(waiter.send(Ok(())));
            }
            return Ok(());
        }
        let this = Arc::clone(self);
        nudging.spawn(async move {
            let (watches, nudges) = batch
                .nudges
                .into_iter()
                .partition(|nudge| matches!(nudge, Nudge::Watch(_)));
            let done = this.send(nudges).await;
            if let Some(waiter) = waiter {
                drop(waiter.send(done));
            }
            // Nobody waits for these, and what they need was forgotten before.
            drop(this.send(watches).await);
            if batch.everything {
                this.watch_trunks().await;
            }
        });
        Ok(())
    }

    async fn send(&self, nudges: Vec<Nudge>) -> Done {
        let done = nudge::send_all(&self.ami, &self.pool, nudges).await;
        if let Err(why) = &done {
            tracing::warn!(reason = %why, "Asterisk was not told of a change");
        }
        done
    }

    /// The servers of all trunks, when it is not known which of them are new.
    async fn watch_trunks(&self) {
        let trunks = async {
            let mut conn = self.pool.acquire().await?;
            Ok::<_, Error>(store::trunks::watched(&mut conn).await?)
        };
        match trunks.await {
            Ok(ids) => drop(self.send(ids.into_iter().map(Nudge::Watch).collect()).await),
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the servers of trunks may not be watched"
            ),
        }
    }

    fn is_unreachable(&self, number: &ExtNumber) -> bool {
        let silent = |contact: &Contact| contact.status == ContactStatus::Unreachable;
        self.hub
            .endpoint(number.as_str())
            .contacts
            .iter()
            .any(silent)
    }

    async fn extensions(&self) -> Result<Vec<crate::domain::Extension>> {
        Ok(store::extensions::list_all(&mut *self.pool.acquire().await?).await?)
    }

    /// Everything that follows from the database, once.
    async fn reconcile(&self) -> Result<()> {
        self.reconciler.add([Stale::Everything]);
        self.memory.listen(self.extensions().await?);
        self.hub.publish(Topic::Extensions);
        self.hub.publish(MAIL);
        if self.ami.state().is_connected() {
            self.forget_caches().await;
            self.watch_trunks().await;
        }
        Ok(())
    }

    async fn forget_caches(&self) {
        if let Err(why) = nudge::send_all(&self.ami, &self.pool, nudge::everything()).await {
            tracing::warn!(reason = %why, "Asterisk keeps what it has cached until it is stale");
        }
    }

    /// Asterisk may have been started anew, and then tells phones nothing until they register again.
    async fn tell_phones(&self) {
        if let Err(why) = message_lamps::tell_all(&self.ami, &self.pool).await {
            tracing::warn!(reason = %why, "lamps for messages may be wrong until phones register again");
        }
    }

    /// Messages that are to go after their mail wait for Asterisk, which removes them.
    async fn hurry_mails(&self) {
        let hurried = async {
            let mut conn = self.pool.acquire().await?;
            Ok::<_, Error>(store::mail::hurry(&mut conn).await?)
        };
        match hurried.await {
            Ok(()) => self.hub.publish(MAIL),
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                "messages are removed later"
            ),
        }
    }

    /// After each login Asterisk may hold what changed while we were away.
    pub async fn follow_asterisk(self: Arc<Self>, stop: CancellationToken) {
        let mut state = self.ami.watch();
        loop {
            if state.borrow_and_update().is_connected() {
                self.forget_caches().await;
                self.watch_trunks().await;
                self.hurry_mails().await;
                self.tell_phones().await;
                // Registrations of extensions that were disabled meanwhile.
                self.reconciler.add([Stale::Everything]);
            }
            tokio::select! {
                () = stop.cancelled() => break,
                changed = state.changed() => if changed.is_err() { break },
            }
        }
    }
}

/// The history has it.
fn news(notice: &Notice) -> Option<Topic> {
    (!UNRECORDED.contains(&notice.table.as_str())).then_some(CHANGES)
}

/// Of keys such as `5/1001` and `default/1001`.
fn extensions_of(notice: &Notice) -> impl Iterator<Item = ExtNumber> {
    let keys = [notice.key.as_deref(), notice.key_was.as_deref()];
    keys.into_iter()
        .flatten()
        .filter_map(|key| ExtNumber::parse(key.split_once('/')?.1).ok())
}
