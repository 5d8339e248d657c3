//! How many statements a change, a REGISTER and a call cost, counted in PostgreSQL's log.

use std::time::Duration;

use serde_json::{Value, json};

use crate::Outcome;
use crate::http::Connection;
use crate::phone::Phone;
use crate::postgres::{Sender, Trace};
use crate::proxy::Proxy;
use crate::report::{Report, say};
use crate::server::Server;
use crate::stack::Stack;

const GOAL: u32 = 10;
const REPEATS: u32 = 20;

pub async fn measure(report: &mut Report, stack: &Stack) -> Outcome<()> {
    // Afterwards the log must not go on growing, whatever happened.
    let mut trace = Trace::start(stack)?;
    let counted = count(report, stack, &mut trace).await;
    trace.stop()?;
    counted
}

async fn count(report: &mut Report, stack: &Stack, trace: &mut Trace<'_>) -> Outcome<()> {
    // Not every round trip is a statement: a pool asks a connection whether it is still there.
    stack.run(["stop", "server"])?;
    let proxy = Proxy::to(stack.database_port()).await?;
    let server = Server::spawn(stack, proxy.port)?;
    stack.wait_until_healthy().await?;
    let mut connection = stack.connect().await?;
    let secrets = posts(report, &mut connection, &proxy, trace).await?;
    drop(server);
    stack.run(["start", "server"])?;
    stack.wait_until_healthy().await?;
    let mut connection = stack.connect().await?;

    let mut phones = Vec::new();
    for (number, secret) in &secrets[..2] {
        let phone = Phone::new(stack.sip().into(), number, secret).await?;
        phone.register().await?;
        phone.register().await?;
        phones.push(phone);
    }
    registers(report, trace, &phones[0]).await?;
    internal_calls(report, trace, &phones[0], &phones[1]).await?;
    for (number, _) in &secrets {
        let path = format!("/api/peers/{number}");
        connection.json("DELETE", &path, &Value::Null).await?;
    }
    Ok(())
}

/// Makes extensions, and returns their passwords.
async fn posts(
    report: &mut Report,
    connection: &mut Connection,
    proxy: &Proxy,
    trace: &mut Trace<'_>,
) -> Outcome<Vec<(String, String)>> {
    let (mut most_trips, mut most) = (0, Vec::new());
    let mut secrets = Vec::new();
    // Prepared statements are made once for each connection; that is not what a change costs.
    for n in 0..2 * REPEATS {
        let number = (70_001 + n).to_string();
        let (before, trips) = (trace.quiet().await?, proxy.trips());
        let draft = json!({"extension": number, "caller_id": "Counted"});
        let made = connection.json("POST", "/api/peers/", &draft).await?;
        let (after, trips) = (trace.quiet().await?, proxy.trips() - trips);
        let secret = made["secret"].as_str().unwrap_or_default();
        secrets.push((number, secret.to_owned()));
        let statements = trace.between(before, after, Sender::Server)?;
        if n >= REPEATS && trips > most_trips {
            (most_trips, most) = (trips, statements);
        }
    }
    report.goal(
        "SQL round trips of one POST, with what follows from it",
        "<= 10",
        (1..=GOAL).contains(&most_trips),
        format_args!("{most_trips}, of which {} are statements", most.len()),
    );
    for statement in &most {
        let start: String = statement.chars().take(100).collect();
        say(format_args!("      {start}"));
    }
    Ok(secrets)
}

async fn registers(report: &mut Report, trace: &mut Trace<'_>, phone: &Phone) -> Outcome<()> {
    let before = trace.quiet().await?;
    for _ in 0..REPEATS {
        phone.register().await?;
    }
    let after = trace.quiet().await?;
    let statements = trace.between(before, after, Sender::AsteriskLookup)?;
    report.note(
        "SQL statements per REGISTER (refresh, caches warm)",
        each(statements.len()),
    );
    Ok(())
}

async fn internal_calls(
    report: &mut Report,
    trace: &mut Trace<'_>,
    from: &Phone,
    to: &Phone,
) -> Outcome<()> {
    let mut until_it_rings = Vec::new();
    let start = trace.quiet().await?;
    for _ in 0..REPEATS {
        let before = trace.mark()?;
        let mut rang = before;
        let mark = || {
            // No mark counts nothing, and the number would show it.
            rang = trace.mark().unwrap_or(before);
        };
        from.call(&to.number, Duration::from_millis(100), mark)
            .await?;
        until_it_rings.extend(trace.between(before, rang, Sender::AsteriskLookup)?);
        trace.quiet().await?;
    }
    let end = trace.quiet().await?;
    let lookups = trace.between(start, end, Sender::AsteriskLookup)?.len();
    let records = trace.between(start, end, Sender::AsteriskCdr)?.len();
    report.note(
        "SQL statements per internal call, INVITE to 180",
        each(until_it_rings.len()),
    );
    for statement in until_it_rings.iter().take(6) {
        let start: String = statement.chars().take(100).collect();
        say(format_args!("      {start}"));
    }
    report.note(
        "SQL statements per internal call, whole (lookups + call record)",
        format_args!("{} + {}", each(lookups), each(records)),
    );
    Ok(())
}

fn each(count: usize) -> String {
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    format!("{:.2}", f64::from(count) / f64::from(REPEATS))
}
