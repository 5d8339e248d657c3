//! The one task that feeds [`Live`], and the handle through which everyone looks at it.

use std::collections::BTreeSet;
use std::fmt;
use std::future::pending;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use tokio::sync::{Notify, broadcast};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::ami::event::{self, Event};
use crate::ami::{Ami, Events, Frame, Incoming, State};

use super::call::CallView;
use super::phone::Presence;
use super::questions::{Answer, Questions};
use super::state::Live;
use super::topic::{Coalescer, Marks, Subscription, Topic, window};
use super::view::{AsteriskView, Changes, EndpointView, TrunkView};

/// Notices a subscriber may be behind before it is told to look at everything.
const NOTICES: usize = 64;
/// Raw events an observer may be behind.
const OBSERVED: usize = 4096;
/// Events taken in under one lock.
const BATCH: usize = 128;
/// Events that may come in while the picture is read; with more it is read again.
const HELD: usize = 100_000;

/// Looks at the picture of this moment; clones share it.
#[derive(Clone)]
pub struct Hub {
    shared: Arc<Shared>,
}

struct Shared {
    live: RwLock<Live>,
    topics: broadcast::Sender<Topic>,
    raw: broadcast::Sender<Arc<Frame>>,
    published: Mutex<BTreeSet<Topic>>,
    was_published: Notify,
    /// Raised by each change of the picture.
    version: AtomicU64,
    marks: Mutex<Marks>,
    clock: Box<dyn Fn() -> DateTime<Utc> + Send + Sync>,
}

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hub")
            .field("asterisk", &self.asterisk())
            .finish_non_exhaustive()
    }
}

impl Hub {
    /// Nothing is heard until [`HubTask::run`] is polled.
    pub fn new(
        ami: Ami,
        events: Events,
        clock: impl Fn() -> DateTime<Utc> + Send + Sync + 'static,
    ) -> (Self, HubTask) {
        let live = match ami.state() {
            State::Away { since, reason } => Live::new(reason.to_string(), since.into()),
            State::Connected { since, .. } => Live::new("not read yet", since.into()),
        };
        let shared = Shared {
            live: RwLock::new(live),
            topics: broadcast::channel(NOTICES).0,
            raw: broadcast::channel(OBSERVED).0,
            published: Mutex::default(),
            was_published: Notify::new(),
            version: AtomicU64::new(0),
            marks: Mutex::new(Marks::since((clock)())),
            clock: Box::new(clock),
        };
        let hub = Self {
            shared: Arc::new(shared),
        };
        let task = HubTask {
            hub: hub.clone(),
            ami,
            events,
            coalescer: Coalescer::default(),
            questions: Questions::default(),
            held: None,
        };
        (hub, task)
    }

    pub fn asterisk(&self) -> AsteriskView {
        self.live().asterisk()
    }

    /// An endpoint by its name: an extension's number, or `trunk-ep-…`.
    pub fn endpoint(&self, name: &str) -> EndpointView {
        self.live().endpoint(name)
    }

    /// Many endpoints at one moment.
    pub fn endpoints<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> Vec<EndpointView> {
        let live = self.live();
        names.into_iter().map(|name| live.endpoint(name)).collect()
    }

    /// What many endpoints do at one moment, and nothing else of them.
    pub fn presences<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> Vec<Presence> {
        let live = self.live();
        names.into_iter().map(|name| live.presence(name)).collect()
    }

    /// Every endpoint with a registered contact, and that contact's `host:port`.
    pub fn registered(&self) -> Vec<(String, String)> {
        self.live().registered()
    }

    /// Whatever was made of the picture of this version is true as long as it stays the same.
    pub fn version(&self) -> u64 {
        self.shared.version.load(Ordering::Acquire)
    }

    /// Calls in progress, the oldest first.
    pub fn calls(&self) -> Vec<CallView> {
        self.live().calls()
    }

    /// An outbound registration by its name; `None` when it is not known.
    pub fn trunk(&self, name: &str) -> Option<TrunkView> {
        self.live().trunk(name)
    }

    /// Every outbound registration with its name.
    pub fn registrations(&self) -> Vec<(String, TrunkView)> {
        let live = self.live();
        let names = live.registrations().into_iter();
        names
            .filter_map(|name| live.trunk(&name).map(|view| (name, view)))
            .collect()
    }

    /// What is read from now on has all that was told of until now.
    pub fn moment(&self) -> u64 {
        self.marks().now
    }

    /// What has changed after a moment, or since nobody knows when.
    pub fn changed_since(&self, moment: u64) -> Vec<Topic> {
        self.marks().after(moment)
    }

    fn marks(&self) -> MutexGuard<'_, Marks> {
        let marks = self.shared.marks.lock();
        marks.unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the subscribers; many changes of one topic become one notice.
    pub fn publish(&self, topic: Topic) {
        self.marks().mark(topic);
        self.shared
            .published
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(topic);
        self.shared.was_published.notify_one();
    }

    pub fn subscribe(&self) -> Subscription {
        Subscription(self.shared.topics.subscribe())
    }

    /// Every event as it came; whoever is behind too far misses some and is told how many.
    pub fn observe(&self) -> broadcast::Receiver<Arc<Frame>> {
        self.shared.raw.subscribe()
    }

    fn window(&self) -> Duration {
        window(self.shared.topics.receiver_count())
    }

    fn live(&self) -> RwLockReadGuard<'_, Live> {
        self.shared
            .live
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Live, DateTime<Utc>) -> Changes) -> Changes {
        let mut live = self
            .shared
            .live
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let changes = change(&mut live, (self.shared.clock)());
        if changes != Changes::default() {
            self.shared.version.fetch_add(1, Ordering::AcqRel);
        }
        changes
    }

    fn take_published(&self) -> BTreeSet<Topic> {
        std::mem::take(
            &mut self
                .shared
                .published
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }
}

/// Feeds the picture; to be run once, as a task.
pub struct HubTask {
    hub: Hub,
    ami: Ami,
    events: Events,
    coalescer: Coalescer,
    questions: Questions,
    /// What happened while the picture is being read.
    held: Option<Vec<Frame>>,
}

impl fmt::Debug for HubTask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HubTask")
            .field("hub", &self.hub)
            .finish_non_exhaustive()
    }
}

impl HubTask {
    /// Runs until the token is cancelled or the connection is gone for good.
    pub async fn run(mut self, stop: CancellationToken) {
        stop.run_until_cancelled(self.feed()).await;
    }

    async fn feed(&mut self) {
        let mut connection = self.ami.watch();
        let hub = self.hub.clone();
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            let next_due = self.coalescer.next_due();
            tokio::select! {
                count = self.events.recv_many(&mut batch, BATCH) => {
                    if count == 0 {
                        return;
                    }
                    self.take_in(&mut batch);
                }
                answer = self.questions.next(&self.ami) => self.learn(answer),
                Ok(()) = connection.changed() => {
                    let state = connection.borrow_and_update().clone();
                    if let State::Away { reason, since } = state {
                        self.lose(&reason.to_string(), since);
                    }
                }
                () = hub.shared.was_published.notified() => {
                    for topic in hub.take_published() {
                        self.notify(topic);
                    }
                }
                () = until(next_due) => {
                    for topic in self.coalescer.due(Instant::now(), hub.window()) {
                        self.send(topic);
                    }
                }
            }
        }
    }

    fn take_in(&mut self, batch: &mut Vec<Incoming>) {
        let mut frames = Vec::with_capacity(batch.len());
        for incoming in batch.drain(..) {
            match incoming {
                Incoming::Event(frame) => frames.push(frame),
                Incoming::Up { generation } => {
                    self.take_in_events(&mut frames);
                    info!(generation, "reading what Asterisk does now");
                    self.held = Some(Vec::new());
                    self.questions.start_over();
                }
                Incoming::Down { reason, since } => {
                    self.take_in_events(&mut frames);
                    self.lose(&reason.to_string(), since);
                }
            }
        }
        self.take_in_events(&mut frames);
    }

    fn take_in_events(&mut self, frames: &mut Vec<Frame>) {
        if frames.is_empty() {
            return;
        }
        self.apply(frames);
        let raw = &self.hub.shared.raw;
        let observers = raw.receiver_count();
        for frame in frames.drain(..).filter(|_| observers > 0) {
            // An observer that has gone since is none.
            let _ = raw.send(Arc::new(frame));
        }
    }

    fn apply(&mut self, frames: &[Frame]) {
        if let Some(held) = &mut self.held {
            held.extend_from_slice(frames);
            if held.len() > HELD {
                warn!("more happened than can be kept aside; reading everything again");
                held.clear();
                self.questions.start_over();
            }
            return;
        }
        let questions = &mut self.questions;
        let changes = self.hub.change(|live, now| {
            let mut changes = Changes::default();
            for frame in frames {
                let event = Event::of(frame);
                changes.merge(live.apply(event, time_of(frame, now)));
                questions.consider(event, live);
            }
            changes
        });
        self.tell(&changes);
    }

    fn learn(&mut self, answer: Answer) {
        let changes = match answer {
            Answer::Everything(snapshot) => {
                let changes = self
                    .hub
                    .change(|live, now| live.resynchronise(&snapshot, now));
                self.tell(&changes);
                self.questions.listed(self.hub.live().registrations());
                self.questions.find_newcomers(&snapshot.contacts);
                let held = self.held.take().unwrap_or_default();
                return self.apply(&held);
            }
            Answer::Registrations(reply) => {
                let changes = self
                    .hub
                    .change(|live, now| live.list_registrations(&reply, now));
                self.questions.listed(self.hub.live().registrations());
                changes
            }
            Answer::RegistrationTimes(printed) => self
                .hub
                .change(|live, now| live.time_registrations(&printed, now)),
            Answer::UserAgents { aor, named } => self.hub.change(|live, _| {
                let mut changes = Changes::default();
                for (uri, user_agent) in &named {
                    changes.merge(live.name_user_agent(&aor, uri, user_agent));
                }
                changes
            }),
        };
        self.tell(&changes);
    }

    fn lose(&mut self, reason: &str, since: SystemTime) {
        self.held = None;
        self.questions.stop();
        let changes = self.hub.change(|live, _| live.lose(reason, since.into()));
        self.tell(&changes);
    }

    fn tell(&mut self, changes: &Changes) {
        for topic in &changes.topics {
            self.hub.marks().mark(*topic);
            self.notify(*topic);
        }
    }

    fn notify(&mut self, topic: Topic) {
        let window = self.hub.window();
        if self.coalescer.change(topic, Instant::now(), window) {
            self.send(topic);
        }
    }

    fn send(&self, topic: Topic) {
        // Without a subscriber nobody is to be told.
        let _ = self.hub.shared.topics.send(topic);
    }
}

/// Asterisk's own time of the event; the time it arrived where Asterisk does not say.
fn time_of(frame: &Frame, now: DateTime<Utc>) -> DateTime<Utc> {
    let stamp = event::timestamp(frame).map(|stamp| SystemTime::UNIX_EPOCH + stamp);
    stamp.map_or(now, DateTime::from)
}

async fn until(instant: Option<Instant>) {
    match instant {
        Some(instant) => sleep_until(instant).await,
        None => pending().await,
    }
}
