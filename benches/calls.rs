//! How many calls a second the same Asterisk sets up with our dialplan and with the same dialplan in a static file.
//! In turns, over real SIP, the call records written as always.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::Outcome;
use crate::dialplan::{Dialplan, Switch};
use crate::phone::{PATIENCE, Phone};
use crate::report::{Report, Samples, say};
use crate::stack::Stack;

const PAIRS: u32 = 25;
const FIRST: u32 = 60_001;
const TALKING: Duration = Duration::from_millis(200);
/// Calls a second at which the time until it rings is compared, and for how long.
const EVEN_RATE: u32 = 40;
const EVEN_TIME: u32 = 5;
const EVEN_TURNS: u32 = 3;
/// Then faster and faster, until calls fail.
const RATES: [u32; 14] = [
    60, 80, 100, 120, 130, 140, 150, 160, 170, 180, 200, 250, 300, 400,
];
const CLIMB_TIME: u32 = 5;

struct Run {
    rate: u32,
    rang: Samples,
    made: u32,
    failed: Vec<String>,
    /// Processor time for one call.
    asterisk_cpu: Duration,
}

impl Run {
    /// One in two hundred may be the machine's fault.
    fn is_kept(&self) -> bool {
        u32::try_from(self.failed.len()).unwrap_or(u32::MAX) * 200 <= self.made
    }
}

pub async fn measure(report: &mut Report, stack: &Stack) -> Outcome<()> {
    let mut connection = stack.connect().await?;
    let mut phones = Vec::new();
    for number in FIRST..FIRST + 2 * PAIRS {
        let draft = json!({"extension": number.to_string()});
        let made = connection.json("POST", "/api/peers/", &draft).await?;
        let secret = made["secret"].as_str().unwrap_or_default();
        let phone = Phone::new(stack.sip().into(), &number.to_string(), secret).await?;
        phone.register().await?;
        phones.push(Arc::new(phone));
    }
    let numbers = phones.iter().map(|phone| phone.number.clone()).collect();
    let switch = Switch::new(stack, numbers)?;
    even(report, stack, &switch, &phones).await?;
    climb(report, stack, &switch, &phones).await?;
    switch.to(Dialplan::Rows)?;
    for phone in &phones {
        let path = format!("/api/peers/{}", phone.number);
        connection.json("DELETE", &path, &Value::Null).await?;
    }
    Ok(())
}

/// The same moderate load for both, several times.
async fn even(
    report: &mut Report,
    stack: &Stack,
    switch: &Switch<'_>,
    phones: &[Arc<Phone>],
) -> Outcome<()> {
    let mut runs: [Vec<Run>; 2] = Default::default();
    for _ in 0..EVEN_TURNS {
        for (dialplan, runs) in Dialplan::BOTH.into_iter().zip(&mut runs) {
            runs.push(turn(stack, switch, dialplan, phones, EVEN_RATE, EVEN_TIME).await?);
        }
    }
    for (dialplan, runs) in Dialplan::BOTH.into_iter().zip(&runs) {
        let mut all = Samples::default();
        for run in runs {
            all.extend(&run.rang);
        }
        let failed: usize = runs.iter().map(|run| run.failed.len()).sum();
        let cpu = runs.iter().map(|run| run.asterisk_cpu).sum::<Duration>() / EVEN_TURNS;
        report.note(
            &format!(
                "INVITE to 180 at {EVEN_RATE} calls a second, {}",
                dialplan.name()
            ),
            format_args!(
                "{all}, {failed} failed, {:.1} ms CPU of Asterisk a call",
                cpu.as_secs_f64() * 1000.0
            ),
        );
    }
    Ok(())
}

async fn climb(
    report: &mut Report,
    stack: &Stack,
    switch: &Switch<'_>,
    phones: &[Arc<Phone>],
) -> Outcome<()> {
    let mut best = [Some(0), Some(0)];
    let mut highest = [0; 2];
    for rate in RATES {
        for (n, dialplan) in Dialplan::BOTH.into_iter().enumerate() {
            if best[n].is_none() {
                continue;
            }
            let mut run = turn(stack, switch, dialplan, phones, rate, CLIMB_TIME).await?;
            for _ in 0..2 {
                // Once more: the machine may have been busy with something else.
                if !run.is_kept() {
                    run = turn(stack, switch, dialplan, phones, rate, CLIMB_TIME).await?;
                }
            }
            best[n] = run.is_kept().then_some(rate);
            if run.is_kept() {
                highest[n] = run.rate;
            }
        }
    }
    for (dialplan, rate) in Dialplan::BOTH.into_iter().zip(highest) {
        report.note(
            &format!(
                "highest rate of calls without failures, {}",
                dialplan.name()
            ),
            format_args!("{rate} a second"),
        );
    }
    Ok(())
}

async fn turn(
    stack: &Stack,
    switch: &Switch<'_>,
    dialplan: Dialplan,
    phones: &[Arc<Phone>],
    rate: u32,
    seconds: u32,
) -> Outcome<Run> {
    switch.to(dialplan)?;
    let asterisk = stack.process("asterisk")?;
    let before = asterisk.cpu()?;
    let mut run = run(phones, rate, seconds).await?;
    // What the calls leave to do belongs to them.
    sleep(Duration::from_millis(500)).await;
    run.asterisk_cpu = asterisk.cpu_since(before)? / run.made.max(1);
    if !run.failed.is_empty() {
        hang_up(stack).await?;
    }
    let mut reasons: Vec<_> = run.failed.clone();
    reasons.sort();
    reasons.dedup();
    say(format_args!(
        "    {} calls a second, {}: {}, {} of {} failed {}",
        run.rate,
        dialplan.name(),
        run.rang,
        run.failed.len(),
        run.made,
        reasons.join("; ")
    ));
    Ok(run)
}

/// Calls that nobody follows any more would be in the way of the next ones.
async fn hang_up(stack: &Stack) -> Outcome<()> {
    for _ in 0..100 {
        stack.run(["cli", "channel request hangup all"])?;
        let left = stack.run(["cli", "core show channels count"])?;
        if left.contains("0 active channels") {
            return Ok(());
        }
        sleep(Duration::from_millis(200)).await;
    }
    Err("calls are left over".into())
}

/// Calls at a steady pace, whatever becomes of the earlier ones.
async fn run(phones: &[Arc<Phone>], rate: u32, seconds: u32) -> Outcome<Run> {
    let (calling, called) = phones.split_at(phones.len() / 2);
    let mut pace = interval(Duration::from_secs(1) / rate);
    pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut calls = JoinSet::new();
    let pairs = calling.iter().zip(called).cycle();
    for (from, to) in pairs.take(usize::try_from(rate * seconds)?) {
        pace.tick().await;
        let (from, digits) = (Arc::clone(from), to.number.clone());
        calls.spawn(async move { from.call(&digits, TALKING, || {}).await });
    }
    let mut run = Run {
        rate,
        rang: Samples::default(),
        made: 0,
        failed: Vec::new(),
        asterisk_cpu: Duration::ZERO,
    };
    while let Some(call) = calls.join_next().await {
        run.made += 1;
        match call? {
            Ok(call) if call.slowest <= PATIENCE => run.rang.add(call.rang_after),
            Ok(_) => run.failed.push(format!("an answer after {PATIENCE:?}")),
            Err(why) => run.failed.push(why.to_string()),
        }
    }
    Ok(run)
}
