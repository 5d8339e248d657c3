//! The dashboard: how soon page and status answer with 1,000 and 10,000 extensions whose phones are registered (rows of
//! `ps_contacts`, as Asterisk writes them), and what 200 people who look on cost the others.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::Outcome;
use crate::filler::first_of;
use crate::http::{Connection, bearer, cookie, part};
use crate::phone::Phone as OnePhone;
use crate::postgres;
use crate::report::{Report, Samples};
use crate::stack::Stack;

const ROUNDS: usize = 200;
const LISTENERS: usize = 200;
const WINDOW: Duration = Duration::from_secs(10);
/// Pairs of phones that call each other all the time while people look on.
const PAIRS: u32 = 5;
const FIRST: u32 = 70_001;
const TALKING: Duration = Duration::from_millis(900);

pub async fn measure(report: &mut Report, stacks: &[&Stack], sizes: &[u32]) -> Outcome<()> {
    for (stack, size) in stacks.iter().zip(sizes) {
        register(stack, *size).await?;
        for (what, path, who, goal) in [
            ("dashboard page", "/", cookie(stack.token()), Some(50.0)),
            (
                "dashboard/status",
                "/api/dashboard/status",
                bearer(stack.token()),
                None,
            ),
        ] {
            let samples = ask(stack, &who, path, ROUNDS).await?;
            let what = format!("{what}, {size} extensions registered");
            match goal {
                Some(goal) => report.goal(&what, "p99 < 50 ms", samples.p99() < goal, samples),
                None => report.note(&what, samples),
            }
        }
    }
    let (Some(stack), Some(size)) = (stacks.last(), sizes.last()) else {
        return Ok(());
    };
    onlookers(report, stack, *size).await
}

/// Contacts for all of them, and an Asterisk that has read them at its start.
async fn register(stack: &Stack, size: u32) -> Outcome<()> {
    let first = i32::try_from(first_of(size))?;
    let last = first + i32::try_from(size)? - 1;
    // Nobody is there to answer, and this is not about the questions.
    stack.superuser(&format!(
        "update ps_aors set qualify_frequency = 0 where id::integer between {first} and {last};
         insert into ps_contacts (id, uri, expiration_time, qualify_frequency, endpoint, user_agent, via_addr, via_port)
         select n || '^3B@' || md5(n::text), 'sip:' || n || '@127.0.0.1:9', extract(epoch from now())::bigint + 86400, 0,
                n::text, 'bench', '127.0.0.1', 9
           from generate_series({first}, {last}) n on conflict do nothing"
    ))?;
    stack.run(["stop", "asterisk"])?;
    stack.run(["start", "asterisk"])?;
    let pool = postgres::pool(stack).await?;
    let stored: i64 = sqlx::query_scalar("select count(*) from ps_contacts")
        .fetch_one(&pool)
        .await?;
    let mut connection = stack.connect().await?;
    let start = Instant::now();
    let mut online = 0;
    while start.elapsed() < Duration::from_mins(2) {
        let status = connection
            .json("GET", "/api/dashboard/status", &Value::Null)
            .await?;
        let endpoints = status["endpoints"]
            .as_array()
            .map_or(&[][..], Vec::as_slice);
        online = endpoints.iter().filter(|e| e["status"] == "online").count();
        if online >= usize::try_from(size)? {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    Err(format!("{online} of {size} extensions are online, {stored} contacts are stored").into())
}

pub async fn ask(stack: &Stack, who: &str, path: &str, rounds: usize) -> Outcome<Samples> {
    let mut connection = Connection::open(stack.http_port(), who).await?;
    let request = connection
        .request("GET", path, "")
        .replace("\r\n\r\n", "\r\nAccept: text/html\r\n\r\n");
    connection.repeat(&request).await?;
    let mut samples = Samples::default();
    for _ in 0..rounds {
        let start = Instant::now();
        connection.repeat(&request).await?;
        samples.add(start.elapsed());
    }
    Ok(samples)
}

/// What one of the API's cheap and frequent questions takes while something goes on.
async fn api(stack: &Stack) -> Outcome<Samples> {
    let mut connection = Connection::open(stack.http_port(), &bearer(stack.token())).await?;
    let request = connection.request("GET", "/api/peers/?limit=50", "");
    let mut samples = Samples::default();
    let start = Instant::now();
    while start.elapsed() < WINDOW {
        let asked = Instant::now();
        connection.repeat(&request).await?;
        samples.add(asked.elapsed());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(samples)
}

type Phone = Arc<OnePhone>;

async fn phones(stack: &Stack) -> Outcome<Vec<Phone>> {
    let mut connection = stack.connect().await?;
    let mut phones = Vec::new();
    for number in FIRST..FIRST + 2 * PAIRS {
        let draft = json!({"extension": number.to_string()});
        let made = connection.json("POST", "/api/peers/", &draft).await?;
        let secret = made["secret"].as_str().unwrap_or_default();
        let phone = OnePhone::new(stack.sip().into(), &number.to_string(), secret).await?;
        // Asterisk loads all endpoints first.
        phone.register_within(Duration::from_secs(20)).await?;
        phones.push(Arc::new(phone));
    }
    Ok(phones)
}

#[derive(Debug, Default)]
struct Seen {
    notices: AtomicU64,
    fetched: AtomicU64,
}

/// Those who look on, 200 of a kind at once.
struct Kind {
    name: &'static str,
    /// The headers of what they fetch; a stream that is only heard fetches nothing.
    fetches: Option<String>,
}

async fn onlookers(report: &mut Report, stack: &Stack, size: u32) -> Outcome<()> {
    let phones = phones(stack).await?;
    let user = user(stack).await?;
    let server = stack.process("server")?;
    let memory = server.memory()?;
    let idle = api(stack).await?;
    report.note("a page of extensions over the API, nobody looks on", &idle);
    let kinds = [
        Kind {
            name: "200 listeners",
            fetches: None,
        },
        Kind {
            name: "200 dashboards of administrators",
            fetches: Some(part(stack.token())),
        },
        Kind {
            name: "200 dashboards of a user",
            fetches: Some(part(&user)),
        },
    ];
    for Kind { name, fetches } in kinds {
        let seen = Arc::new(Seen::default());
        let mut open = JoinSet::new();
        for _ in 0..LISTENERS {
            let who = fetches.clone().unwrap_or_else(|| cookie(stack.token()));
            let tab = listen(stack.http_port(), who, fetches.is_some(), Arc::clone(&seen));
            open.spawn(tab);
        }
        if fetches.is_none() {
            let quiet = api(stack).await?;
            let what = format!("the same with {name}, no calls");
            verdict(report, &what, &idle, &quiet);
        }
        let before = server.cpu()?;
        let (measured, placed) = tokio::join!(api(stack), calls(&phones));
        let (measured, placed) = (measured?, placed?);
        let cpu = server.cpu_since(before)?.as_secs_f64() / WINDOW.as_secs_f64();
        let what = format!("the same with {name}, {PAIRS} calls at a time");
        verdict(report, &what, &idle, &measured);
        report.note(
            &format!("{name}: heard, fetched"),
            format_args!(
                "{} notices, {} fragments in {} s, {placed} calls, the server took {:.0} % of a core",
                seen.notices.load(Ordering::Relaxed),
                seen.fetched.load(Ordering::Relaxed),
                WINDOW.as_secs(),
                cpu * 100.0
            ),
        );
        let loaded = server.memory()?;
        report.goal(
            &format!("resident memory, {size} extensions registered, {name}"),
            "< 150 MB",
            loaded * 1.048_576 < 150.0,
            format_args!("{loaded:.1} MiB; before {memory:.1} MiB"),
        );
        open.shutdown().await;
    }
    Ok(())
}

/// Somebody who has one of the phones that call, and sees only its calls.
async fn user(stack: &Stack) -> Outcome<String> {
    stack.superuser(&format!(
        "insert into pbx.app_user (username, password_hash, role)
         select 'onlooker', password_hash, 'user' from pbx.app_user where username = 'admin';
         update pbx.extension set user_id = (select id from pbx.app_user where username = 'onlooker')
          where number = '{FIRST}'"
    ))?;
    stack.log_in_as("onlooker").await
}

fn verdict(report: &mut Report, what: &str, idle: &Samples, measured: &Samples) {
    let ratio = measured.p50() / idle.p50();
    report.goal(
        what,
        "p50 <= 2x idle",
        ratio <= 2.0,
        format_args!("{measured} = {ratio:.2}x"),
    );
}

/// Real calls, each answered and ended, one after the other on several pairs of phones.
async fn calls(phones: &[Phone]) -> Outcome<u64> {
    let start = Instant::now();
    let mut pairs = JoinSet::new();
    for pair in phones.chunks_exact(2) {
        let (from, to) = (pair[0].clone(), pair[1].number.clone());
        pairs.spawn(async move {
            let mut placed = 0;
            while start.elapsed() < WINDOW {
                from.call(&to, TALKING, || ()).await?;
                placed += 1;
            }
            Outcome::Ok(placed)
        });
    }
    let mut placed = 0;
    while let Some(pair) = pairs.join_next().await {
        placed += pair??;
    }
    Ok(placed)
}

/// A tab with the dashboard: one stream, and a fetch of each fragment that has news, as htmx does it.
async fn listen(port: u16, who: String, fetches: bool, seen: Arc<Seen>) -> Outcome<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let request = format!(
        "GET /events HTTP/1.1\r\nHost: localhost\r\n{who}Accept: text/event-stream\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut lines = BufReader::new(stream).lines();
    let mut connection = Connection::open(port, &who).await?;
    while let Some(line) = lines.next_line().await? {
        let Some(topic) = line
            .strip_prefix("event: ")
            .or_else(|| line.strip_prefix("event:"))
        else {
            continue;
        };
        seen.notices.fetch_add(1, Ordering::Relaxed);
        // As the test of an open dashboard in Chromium counts it.
        let fragments: &[&str] = match topic.trim() {
            "calls" => &["calls-now"],
            "extensions" => &["tiles", "system"],
            "cdr" => &["last-calls"],
            "trunks" => &["trunks", "system"],
            "system" => &["system", "tiles", "trunks", "calls-now", "last-calls"],
            "mail" | "mails" => &["system"],
            "voicemail" => &["new-messages"],
            _ => &[],
        };
        for fragment in fragments.iter().filter(|_| fetches) {
            connection
                .ask("GET", &format!("/fragments/{fragment}"), "")
                .await?;
            seen.fetched.fetch_add(1, Ordering::Relaxed);
        }
    }
    Ok(())
}
