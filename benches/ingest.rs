//! How fast events of Asterisk are taken in, by the parser and the picture alone and by the whole server, and what that
//! costs in memory. Asterisk is played from here, with a call that a real one told, at the speed at which it is read.

use std::time::{Duration, Instant};

use gonopbx::ami::wire::Decoder;
use gonopbx::ami::{self, Frame};
use gonopbx::live::Hub;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::Outcome;
use crate::report::Report;
use crate::server::{Server, healthy};
use crate::stack::Stack;

const CALL: &str = include_str!("../src/live/recordings/answered.txt");
/// Calls that are told in the first measurement, and how long the second one lasts.
const CALLS: usize = 20_000;
const LOAD: Duration = Duration::from_secs(15);
const GOAL: f64 = 20_000.0;
/// Written at once.
const PORTION: usize = 50;

pub async fn measure(report: &mut Report, small: &mut Stack) -> Outcome<()> {
    let rate = in_this_process().await?;
    report.goal(
        "events a second through parser and picture",
        ">= 20,000/s",
        rate >= GOAL,
        format_args!("{rate:.0}/s"),
    );
    small.run(["stop", "server"])?;
    let asterisk = Asterisk::open().await?;
    let server = Server::spawn_with(small, small.database_port(), Some(asterisk.port()?))?;
    let mut asterisk = asterisk.accept().await?;
    healthy(small.http_port()).await?;
    let idle = server.process().memory()?;
    let (mut told, mut most, begun) = (0, idle, Instant::now());
    while begun.elapsed() < LOAD {
        told += asterisk.tell(PORTION).await?;
        most = f64::max(most, server.process().memory()?);
    }
    let rate = f64::from(told) / begun.elapsed().as_secs_f64();
    drop(server);
    small.run(["start", "server"])?;
    small.wait_until_healthy().await?;
    report.goal(
        "events a second taken in by the server, with their calls written",
        ">= 20,000/s",
        rate >= GOAL,
        format_args!("{rate:.0}/s"),
    );
    report.goal(
        "resident memory just started",
        "< 60 MiB",
        idle < 60.0,
        format_args!("{idle:.1} MiB"),
    );
    report.goal(
        "resident memory in this load",
        "< 150 MiB",
        most < 150.0,
        format_args!("{most:.1} MiB"),
    );
    Ok(())
}

async fn in_this_process() -> Outcome<f64> {
    let asterisk = Asterisk::open().await?;
    let stop = CancellationToken::new();
    let address = format!("127.0.0.1:{}", asterisk.port()?);
    let (handle, events, connection) = ami::connect(
        ami::Config::new(address, "gonopbx", String::new()),
        stop.clone(),
    );
    let (hub, task) = Hub::new(handle, events, || chrono::DateTime::UNIX_EPOCH);
    let mut running = JoinSet::new();
    running.spawn(connection.run());
    running.spawn(task.run(stop.clone()));
    let mut asterisk = asterisk.accept().await?;
    while !hub.asterisk().connected {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let begun = Instant::now();
    let mut told = 0;
    while asterisk.calls < CALLS {
        told += asterisk.tell(PORTION).await?;
    }
    let last = "Event: DeviceStateChange\r\nDevice: PJSIP/4711\r\nState: INUSE\r\n\r\n";
    asterisk.stream.write_all(last.as_bytes()).await?;
    while !hub.endpoint("4711").state.is_online() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let rate = f64::from(told) / begun.elapsed().as_secs_f64();
    stop.cancel();
    running.join_all().await;
    Ok(rate)
}

/// Waits for somebody to connect.
struct Asterisk(TcpListener);

/// Somebody who is logged in.
struct Playing {
    stream: TcpStream,
    /// The events of one call.
    template: String,
    events: u32,
    calls: usize,
    _answers: JoinSet<()>,
}

impl Asterisk {
    async fn open() -> Outcome<Self> {
        Ok(Self(TcpListener::bind("127.0.0.1:0").await?))
    }

    fn port(&self) -> Outcome<u16> {
        Ok(self.0.local_addr()?.port())
    }

    /// Until the login is over and every list was asked for.
    async fn accept(self) -> Outcome<Playing> {
        let (mut stream, _) = self.0.accept().await?;
        stream.set_nodelay(true)?;
        stream
            .write_all(b"Asterisk Call Manager/11.0.0\r\n")
            .await?;
        let mut decoder = Decoder::default();
        let mut lists = 0;
        while lists < 4 {
            let Some(action) = decoder.next_frame() else {
                if stream.read_buf(decoder.buffer()).await? == 0 {
                    return Err("the server hung up".into());
                }
                continue;
            };
            let answer = answer(&action);
            lists += usize::from(answer.contains("EventList: Complete"));
            stream.write_all(answer.as_bytes()).await?;
        }
        let template = call();
        let events = u32::try_from(template.matches("Event: ").count())?;
        // What is asked from now on is answered by nobody, but it has to be read.
        let (mut reading, writing) = stream.into_std().and_then(|stream| {
            let copy = TcpStream::from_std(stream.try_clone()?)?;
            Ok((copy, TcpStream::from_std(stream)?))
        })?;
        let mut answers = JoinSet::new();
        answers.spawn(async move {
            let mut ignored = vec![0; 64 * 1024];
            while matches!(reading.read(&mut ignored).await, Ok(length) if length > 0) {}
        });
        Ok(Playing {
            stream: writing,
            template,
            events,
            calls: 0,
            _answers: answers,
        })
    }
}

impl Playing {
    /// Tells so many calls, each with names of its own; how many events that were.
    async fn tell(&mut self, calls: usize) -> Outcome<u32> {
        let mut text = String::with_capacity(calls * self.template.len());
        for _ in 0..calls {
            self.calls += 1;
            let unique = format!("{:010}", 1_000_000_000 + self.calls);
            text.push_str(&self.template.replace("{UNIQUE}", &unique));
        }
        self.stream.write_all(text.as_bytes()).await?;
        Ok(self.events * u32::try_from(calls)?)
    }
}

/// What a real Asterisk told of one call, without its lists and answers.
fn call() -> String {
    let frames = CALL.split_inclusive("\n\n");
    let events = frames.filter(|frame| frame.starts_with("Event: ") && !frame.contains("ActionID"));
    let text: String = events.collect();
    text.replace('\n', "\r\n")
        .replace("pbx-1795380328", "pbx-{UNIQUE}")
        .replace("-0000000", "-{UNIQUE}")
}

fn answer(action: &Frame) -> String {
    let id = action.get("ActionID").unwrap_or_default();
    let success = format!("Response: Success\r\nActionID: {id}\r\n");
    match action.get("Action").unwrap_or_default() {
        "Challenge" => format!("{success}Challenge: 1\r\n\r\n"),
        "Login" => format!("{success}\r\nEvent: FullyBooted\r\n\r\n"),
        "DeviceStateList"
        | "PJSIPShowContacts"
        | "CoreShowChannels"
        | "PJSIPShowRegistrationsOutbound" => {
            format!(
                "{success}EventList: start\r\n\r\nEvent: End\r\nActionID: {id}\r\nEventList: Complete\r\n\r\n"
            )
        }
        _ => format!("{success}\r\n"),
    }
}
