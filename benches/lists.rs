//! How often a second the extensions can be read.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::Outcome;
use crate::http::{Connection, bearer, cookie};
use crate::live;
use crate::process::Process;
use crate::report::Report;
use crate::stack::Stack;

const CONNECTIONS: usize = 8;
const WINDOW: Duration = Duration::from_secs(3);
const WINDOWS: usize = 3;
const MESSAGES: u32 = 200;
/// Bytes of ten seconds.
const SOUND: u32 = 160_000;

struct List {
    what: &'static str,
    path: &'static str,
    who: String,
    goal: f64,
    windows: Vec<Window>,
}

#[derive(Clone, Copy)]
struct Window {
    /// A second.
    rate: f64,
    /// Of the server, for one answer.
    cpu: Duration,
    bytes: usize,
}

pub async fn measure(report: &mut Report, stack: &Stack) -> Outcome<()> {
    let server = stack.process("server")?;
    let list = |what, path, who, goal| List {
        what,
        path,
        who,
        goal,
        windows: Vec::new(),
    };
    let program = bearer(stack.token());
    let mut lists = [
        list(
            "1,000 extensions as JSON",
            "/api/peers/",
            program.clone(),
            300.0,
        ),
        list(
            "page of 50 as JSON",
            "/api/peers/?limit=50",
            program,
            2_000.0,
        ),
        list(
            "page of 50 as HTML",
            "/extensions",
            cookie(stack.token()),
            2_000.0,
        ),
    ];
    for _ in 0..WINDOWS {
        for list in &mut lists {
            let window = load(stack, server, list).await?;
            list.windows.push(window);
        }
    }
    for list in &mut lists {
        list.windows.sort_by(|a, b| a.rate.total_cmp(&b.rate));
        let Window { rate, cpu, bytes } = list.windows[WINDOWS / 2];
        let each_core = 1.0 / cpu.as_secs_f64();
        report.goal(
            list.what,
            &format!(">= {} a second", list.goal),
            // What one core would give counts as well: others may have had the rest of the machine.
            rate >= list.goal || each_core >= list.goal,
            format_args!(
                "{rate:.0} a second, {bytes} bytes, {:.0} µs CPU each = {:.0} a second and core",
                cpu.as_secs_f64() * 1e6,
                each_core
            ),
        );
    }
    mailbox(report, stack).await
}

/// What a page of messages takes: their sounds are not read for a list.
async fn mailbox(report: &mut Report, stack: &Stack) -> Outcome<()> {
    stack.superuser(&format!(
        "insert into voicemail (context, mailbox, password) values ('default', '1001', '4711');
         insert into voicemail_messages (dir, msgnum, context, callerid, origtime, duration, recording, mailboxuser, mailboxcontext)
         select '/proc/self/cwd/spool/voicemail/default/1001/INBOX', n, '', '\"Ada\" <1002>', 1700000000 + n, 10,
                decode(repeat('00', {SOUND}), 'hex'), '1001', 'default' from generate_series(0, {MESSAGES} - 1) n"
    ))?;
    for (what, path, who) in [
        (
            "list of 200 messages as JSON",
            "/api/voicemail/?mailbox=1001&limit=200",
            bearer(stack.token()),
        ),
        (
            "their page as HTML",
            "/voicemail?mailbox=1001",
            cookie(stack.token()),
        ),
    ] {
        let samples = live::ask(stack, &who, path, 200).await?;
        report.goal(what, "p99 < 50 ms", samples.p99() < 50.0, samples);
    }
    Ok(())
}

async fn load(stack: &Stack, server: Process, list: &List) -> Outcome<Window> {
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        connections.push(Connection::open(stack.http_port(), &list.who).await?);
    }
    let bytes = {
        let request = connections[0].request("GET", list.path, "");
        connections[0].repeat(&request).await?
    };
    let before = server.cpu()?;
    let start = Instant::now();
    let mut readers = JoinSet::new();
    for mut connection in connections {
        let request = connection.request("GET", list.path, "");
        readers.spawn(async move {
            let mut count = 0_u32;
            while start.elapsed() < WINDOW {
                connection.repeat(&request).await?;
                count += 1;
            }
            Outcome::Ok(count)
        });
    }
    let mut count = 0;
    while let Some(reader) = readers.join_next().await {
        count += reader??;
    }
    let rate = f64::from(count) / start.elapsed().as_secs_f64();
    let cpu = server.cpu_since(before)? / count.max(1);
    Ok(Window { rate, cpu, bytes })
}
