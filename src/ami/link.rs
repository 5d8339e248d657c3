//! The actions in flight on one connection: who waits for which answer, and how each one ends.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

use super::action::{Action, Failure, NotSent, Reply};
use super::wire::Frame;

/// A list with more items is given up: nothing this program asks for is that long.
const MAX_ITEMS: usize = 200_000;
/// What is written with one system call when many actions wait.
const BATCH: usize = 64 * 1024;
/// The one event that carries an `ActionID` without being an item of a list.
const LATE_ANSWER: &str = "OriginateResponse";

/// An encoded action on its way to the socket.
#[derive(Debug)]
pub(super) struct Outgoing {
    id: u64,
    bytes: Vec<u8>,
}

#[derive(Debug)]
struct InFlight {
    written: bool,
    empty_list: Option<&'static str>,
    response: Option<Frame>,
    items: Vec<Frame>,
    answer: oneshot::Sender<Result<Reply, Failure>>,
}

#[derive(Debug, Default)]
struct Table {
    closed: bool,
    waiting: HashMap<u64, InFlight>,
}

/// One connection as seen by those who send actions over it.
#[derive(Debug)]
pub(super) struct Link {
    outbox: mpsc::Sender<Outgoing>,
    slots: Semaphore,
    table: Mutex<Table>,
    next_id: AtomicU64,
    /// Grows with every portion of bytes that came in.
    heard: AtomicU64,
    /// Nothing is read because the receiver of the events is behind.
    held_back: AtomicBool,
}

impl Link {
    pub(super) fn new(in_flight: usize) -> (Arc<Self>, mpsc::Receiver<Outgoing>) {
        // An abandoned action frees its slot before the writer has dropped its bytes.
        let (outbox, outgoing) = mpsc::channel(in_flight * 2);
        let link = Self {
            outbox,
            slots: Semaphore::new(in_flight),
            table: Mutex::default(),
            next_id: AtomicU64::new(1),
            heard: AtomicU64::new(0),
            held_back: AtomicBool::new(false),
        };
        (Arc::new(link), outgoing)
    }

    /// Sends one action and waits for its answer, or for the whole list.
    pub(super) async fn send(&self, action: &Action) -> Result<Reply, Failure> {
        let deadline = Instant::now() + action.deadline();
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let bytes = action.encode(&id.to_string()).map_err(NotSent::from)?;
        let _slot = match timeout_at(deadline, self.slots.acquire()).await {
            Ok(Ok(slot)) => slot,
            Ok(Err(_closed)) => return Err(NotSent::Away.into()),
            Err(_elapsed) => return Err(NotSent::Busy.into()),
        };
        let (answer, mut answered) = oneshot::channel();
        let _forget = self.register(id, action, answer)?;
        match self.outbox.try_send(Outgoing { id, bytes }) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Full(_)) => return Err(NotSent::Busy.into()),
            Err(mpsc::error::TrySendError::Closed(_)) => return Err(NotSent::Away.into()),
        }
        if let Ok(Ok(result)) = timeout_at(deadline, &mut answered).await {
            return result;
        }
        let entry = self.table().waiting.remove(&id);
        match entry {
            Some(entry) if !entry.written => Err(NotSent::Busy.into()),
            Some(_) => Err(Failure::Unknown("no answer in time")),
            // The answer came between the deadline and the look into the table.
            None => answered
                .try_recv()
                .unwrap_or(Err(Failure::Unknown("no answer in time"))),
        }
    }

    fn register(
        &self,
        id: u64,
        action: &Action,
        answer: oneshot::Sender<Result<Reply, Failure>>,
    ) -> Result<Forget<'_>, NotSent> {
        let mut table = self.table();
        if table.closed {
            return Err(NotSent::Away);
        }
        let empty_list = action.empty_list();
        let entry = InFlight {
            written: false,
            empty_list,
            response: None,
            items: Vec::new(),
            answer,
        };
        table.waiting.insert(id, entry);
        Ok(Forget { link: self, id })
    }

    /// Takes what belongs to an action; gives back what is an event.
    pub(super) fn receive(&self, frame: Frame) -> Option<Frame> {
        let is_event = frame.event().is_some();
        let Some(id) = frame.get("ActionID") else {
            return is_event.then_some(frame);
        };
        if frame.event() == Some(LATE_ANSWER) {
            return Some(frame);
        }
        // An item of a list that nobody waits for any more must not pass for an event.
        let id: u64 = id.parse().ok()?;
        let mut table = self.table();
        let entry = table.waiting.get_mut(&id)?;
        if let Some(result) = entry.take(frame, is_event)
            && let Some(entry) = table.waiting.remove(&id)
        {
            // The one who asked may have gone.
            drop(entry.answer.send(result));
        }
        None
    }

    /// Writes what was sent, many at a time, until the socket fails.
    pub(super) async fn write(
        &self,
        mut outgoing: mpsc::Receiver<Outgoing>,
        mut socket: impl AsyncWrite + Unpin,
    ) -> std::io::Result<()> {
        let mut batch = Vec::with_capacity(BATCH);
        while let Some(first) = outgoing.recv().await {
            let mut next = Some(first);
            while let Some(action) = next {
                if let Some(entry) = self.table().waiting.get_mut(&action.id) {
                    entry.written = true;
                    batch.extend_from_slice(&action.bytes);
                }
                next = if batch.len() < BATCH {
                    outgoing.try_recv().ok()
                } else {
                    None
                };
            }
            socket.write_all(&batch).await?;
            batch.clear();
        }
        Ok(())
    }

    /// Ends everything in flight at once and refuses what comes later.
    pub(super) fn close(&self) {
        self.slots.close();
        let mut table = self.table();
        table.closed = true;
        for (_, entry) in table.waiting.drain() {
            let failure = if entry.written {
                Failure::Unknown("the connection was cut")
            } else {
                NotSent::Away.into()
            };
            drop(entry.answer.send(Err(failure)));
        }
    }

    pub(super) fn hear(&self) {
        self.heard.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn heard(&self) -> u64 {
        self.heard.load(Ordering::Relaxed)
    }

    pub(super) fn hold_back(&self, held_back: bool) {
        self.held_back.store(held_back, Ordering::Relaxed);
    }

    pub(super) fn is_held_back(&self) -> bool {
        self.held_back.load(Ordering::Relaxed)
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl InFlight {
    /// Adds a frame; returns how the action ended, if it did.
    fn take(&mut self, frame: Frame, is_event: bool) -> Option<Result<Reply, Failure>> {
        let list = frame.get("EventList").unwrap_or_default();
        if is_event && list.eq_ignore_ascii_case("Cancelled") {
            return Some(refused("Asterisk cancelled the list"));
        }
        if is_event && list.eq_ignore_ascii_case("Complete") {
            let items = std::mem::take(&mut self.items);
            return self
                .response
                .take()
                .map(|response| Ok(Reply { response, items }));
        }
        if is_event {
            self.items.push(frame);
            return (self.items.len() > MAX_ITEMS).then(|| refused("the list is too long"));
        }
        if frame
            .get("Response")
            .is_some_and(|value| value.eq_ignore_ascii_case("Error"))
        {
            let message = frame.get("Message").unwrap_or("no reason given");
            if self.empty_list == Some(message) {
                return Some(Ok(Reply {
                    response: frame,
                    items: Vec::new(),
                }));
            }
            return Some(refused(message));
        }
        if list.eq_ignore_ascii_case("start") {
            self.response = Some(frame);
            return None;
        }
        Some(Ok(Reply {
            response: frame,
            items: Vec::new(),
        }))
    }
}

fn refused(message: &str) -> Result<Reply, Failure> {
    Err(Failure::Refused {
        message: message.to_owned(),
    })
}

/// Takes an action out of the table when the one who waits is gone, whatever the reason.
struct Forget<'l> {
    link: &'l Link,
    id: u64,
}

impl Drop for Forget<'_> {
    fn drop(&mut self) {
        self.link.table().waiting.remove(&self.id);
    }
}
