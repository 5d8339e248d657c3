//! The life of the connection: connect, log in, read, ping, lose it, and come back.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::yield_now;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use super::action::{Action, Failure};
use super::client::{Away, Config, Incoming, Shared};
use super::link::Link;
use super::wire::{Decoder, Frame};

const BANNER: &[u8] = b"Asterisk Call Manager/";
const LONGEST_BANNER: usize = 128;
const READ_SIZE: usize = 64 * 1024;

/// The connection; does something only while [`Connection::run`] is polled.
pub struct Connection {
    config: Config,
    shared: Arc<Shared>,
    events: mpsc::Sender<Incoming>,
    stop: CancellationToken,
    generation: u64,
    retry: Duration,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("address", &self.config.address)
            .finish_non_exhaustive()
    }
}

impl Connection {
    pub(super) fn new(
        config: Config,
        shared: Arc<Shared>,
        events: mpsc::Sender<Incoming>,
        stop: CancellationToken,
    ) -> Self {
        let retry = config.first_retry;
        Self {
            config,
            shared,
            events,
            stop,
            generation: 0,
            retry,
        }
    }

    /// Keeps the connection until the token is cancelled. To be run once, as a task.
    pub async fn run(mut self) {
        let stop = self.stop.clone();
        if stop
            .run_until_cancelled(self.keep_connecting())
            .await
            .is_none()
        {
            self.shared.away(Away::Stopping);
        }
    }

    async fn keep_connecting(&mut self) {
        loop {
            let reason = self.session().await;
            let (since, was_connected) = self.shared.away(reason.clone());
            if was_connected {
                warn!(%reason, "Asterisk is away");
                // Without a receiver nobody wants to know.
                let _ = self
                    .events
                    .send(Incoming::Down {
                        reason: reason.clone(),
                        since,
                    })
                    .await;
            } else {
                debug!(%reason, "Asterisk is still away");
            }
            sleep(self.pause(&reason)).await;
        }
    }

    /// Doubles from try to try; jitter keeps several programs from coming at the same moment.
    fn pause(&mut self, reason: &Away) -> Duration {
        let pause = match reason {
            Away::LoginRefused(_) | Away::NotAsterisk => self.config.refused_retry,
            _ => self.retry,
        };
        self.retry = (self.retry * 2).min(self.config.longest_retry);
        pause.mul_f64(rand::random_range(0.5..1.0))
    }

    /// One connection from beginning to end; returns why it ended.
    async fn session(&mut self) -> Away {
        let deadline = self.config.login_deadline;
        let socket = match timeout(deadline, TcpStream::connect(&self.config.address)).await {
            Ok(Ok(socket)) => socket,
            Ok(Err(error)) => return Away::Unreachable(error.to_string()),
            Err(_elapsed) => return Away::Unreachable("no answer in time".to_owned()),
        };
        if let Err(error) = socket.set_nodelay(true) {
            return Away::Unreachable(error.to_string());
        }
        let (mut input, output) = socket.into_split();
        let mut decoder = Decoder::default();
        match timeout(deadline, read_banner(&mut input, &mut decoder)).await {
            Ok(Ok(())) => {}
            Ok(Err(reason)) => return reason,
            Err(_elapsed) => return Away::Silent,
        }
        let (link, outgoing) = Link::new(self.config.in_flight);
        let _close = CloseOnDrop(&link);
        let (config, shared) = (self.config.clone(), Arc::clone(&self.shared));
        tokio::select! {
            biased;
            reason = log_in_and_ping(&config, &link, &shared) => reason,
            reason = self.read(input, decoder, &link) => reason,
            result = link.write(outgoing, output) => match result {
                Ok(()) => Away::Closed,
                Err(error) => Away::Unreachable(error.to_string()),
            },
        }
    }

    async fn read(
        &mut self,
        mut input: impl AsyncRead + Unpin,
        mut decoder: Decoder,
        link: &Arc<Link>,
    ) -> Away {
        let mut is_up = false;
        let mut is_stopping = false;
        let mut skipped = 0;
        loop {
            while let Some(frame) = decoder.next_frame() {
                let Some(event) = link.receive(frame) else {
                    continue;
                };
                match event.event() {
                    Some("FullyBooted") if !is_up => {
                        is_up = true;
                        self.come_up(link).await;
                    }
                    Some("Shutdown") => is_stopping = true,
                    _ => {}
                }
                // What happens before is part of what is read after `Up`.
                if is_up {
                    self.pass_on(event, link).await;
                }
            }
            if decoder.skipped() > skipped {
                skipped = decoder.skipped();
                warn!(
                    skipped,
                    "a message of Asterisk was too large and was left out"
                );
            }
            let buffer = decoder.buffer();
            buffer.reserve(READ_SIZE);
            let reason = match input.read_buf(buffer).await {
                Ok(0) | Err(_) if is_stopping => Away::ShutDown,
                Ok(0) => Away::Closed,
                Err(error) => Away::Unreachable(error.to_string()),
                Ok(_) => {
                    link.hear();
                    continue;
                }
            };
            // A refused login is closed at once: let the one who logs in see the refusal first.
            yield_now().await;
            return reason;
        }
    }

    async fn come_up(&mut self, link: &Arc<Link>) {
        self.generation += 1;
        self.retry = self.config.first_retry;
        let generation = self.generation;
        info!(generation, "connected to Asterisk");
        self.shared.up(generation, link);
        // Without a receiver nobody wants to know.
        let _ = self.events.send(Incoming::Up { generation }).await;
    }

    /// Waits for the receiver: better to let Asterisk wait than to lose what happened.
    async fn pass_on(&self, event: Frame, link: &Link) {
        let Err(full) = self.events.try_send(Incoming::Event(event)) else {
            return;
        };
        if let mpsc::error::TrySendError::Full(event) = full {
            link.hold_back(true);
            let _ = self.events.send(event).await;
            link.hold_back(false);
        }
    }
}

/// Everything in flight ends when the session does, also when it is stopped from outside.
struct CloseOnDrop<'l>(&'l Link);

impl Drop for CloseOnDrop<'_> {
    fn drop(&mut self) {
        self.0.close();
    }
}

async fn read_banner(
    input: &mut (impl AsyncRead + Unpin),
    decoder: &mut Decoder,
) -> Result<(), Away> {
    loop {
        let buffer = decoder.buffer();
        let known = buffer.len().min(BANNER.len());
        if buffer[..known] != BANNER[..known] || buffer.len() > LONGEST_BANNER {
            return Err(Away::NotAsterisk);
        }
        if let Some(end) = buffer.iter().position(|&byte| byte == b'\n') {
            buffer.drain(..=end);
            return Ok(());
        }
        match input.read_buf(buffer).await {
            Ok(0) => return Err(Away::Closed),
            Ok(_) => {}
            Err(error) => return Err(Away::Unreachable(error.to_string())),
        }
    }
}

async fn log_in_and_ping(config: &Config, link: &Link, shared: &Shared) -> Away {
    if let Err(reason) = log_in(config, link).await {
        return reason;
    }
    // Read rights without the class `system`, or a filter without this event, end here for ever.
    if shared.link().is_none() {
        shared.away(Away::Booting);
    }
    loop {
        sleep(config.ping_every).await;
        let heard = link.heard();
        let ping = link
            .send(&Action::ping().within(config.ping_deadline))
            .await;
        let silent = matches!(ping, Err(Failure::Unknown(_) | Failure::NotSent(_)));
        // Let what has arrived be read first: this program may be the one that was held up.
        yield_now().await;
        if silent && link.heard() == heard && !link.is_held_back() {
            return Away::Silent;
        }
    }
}

async fn log_in(config: &Config, link: &Link) -> Result<(), Away> {
    let challenge = Action::challenge().within(config.login_deadline);
    let reply = link.send(&challenge).await.map_err(login_failure)?;
    let challenge = reply.response.get("Challenge").ok_or(Away::NotAsterisk)?;
    let login = Action::login(&config.user, config.secret.expose_secret(), challenge);
    link.send(&login.within(config.login_deadline))
        .await
        .map_err(login_failure)?;
    Ok(())
}

fn login_failure(failure: Failure) -> Away {
    match failure {
        Failure::Refused { message } => Away::LoginRefused(message),
        Failure::NotSent(super::NotSent::Unsendable(reason)) => {
            Away::LoginRefused(reason.to_string())
        }
        Failure::NotSent(_) | Failure::Unknown(_) => Away::Silent,
    }
}
