//! How soon after an extension was asked for a phone can register with its new password, and what that does to others.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::time::sleep;

use crate::http::Connection;
use crate::phone::Phone;
use crate::report::{Report, Samples};
use crate::stack::Stack;
use crate::{Outcome, SIZES};

/// At the first REGISTER of an extension that was made while it runs, Asterisk reads all endpoints; with many that takes
/// long, so there are fewer of them.
const PHONES: [u32; 3] = [100, 60, 4];
const KNOWN: u32 = 89_999;
/// Longer than anything takes.
const LONG: Duration = Duration::from_secs(15);

#[derive(Default)]
struct Site {
    from_post: Samples,
    from_answer: Samples,
    /// The slowest refresh of a phone that was there before.
    other: Samples,
    cpu: Duration,
    refused: Vec<String>,
}

pub async fn measure(report: &mut Report, stacks: &[&Stack; 3]) -> Outcome<()> {
    let mut sites = Vec::new();
    for (stack, phones) in stacks.iter().zip(PHONES) {
        sites.push(site(stack, phones).await?);
    }
    let refused: Vec<_> = sites.iter().flat_map(|s| s.refused.clone()).collect();
    report.goal(
        "first REGISTER with the password of the answer refused",
        "0",
        refused.is_empty(),
        format_args!(
            "{} of {} {}",
            refused.len(),
            PHONES.iter().sum::<u32>(),
            refused.join(", ")
        ),
    );
    for ((site, size), phones) in sites.iter().zip(SIZES).zip(PHONES) {
        report.note(
            &format!("from POST to an accepted REGISTER, {size} extensions"),
            format_args!("{}, since the answer {}", site.from_post, site.from_answer),
        );
        report.note(
            &format!("another phone's slowest REGISTER meanwhile, {size} extensions"),
            format_args!(
                "{}, {:.0} ms CPU of Asterisk",
                site.other,
                (site.cpu / phones).as_secs_f64() * 1000.0
            ),
        );
    }
    Ok(())
}

async fn site(stack: &Stack, phones: u32) -> Outcome<Site> {
    let mut site = Site::default();
    let mut connection = stack.connect().await?;
    let (known, _) = make(stack, &mut connection, KNOWN).await?;
    known.register_within(LONG).await?;
    settle(stack).await?;
    for number in 80_001..=80_000 + phones {
        known.register_within(LONG).await?;
        let asterisk = stack.process("asterisk")?;
        let cpu = asterisk.cpu()?;
        let asked = Instant::now();
        let (phone, answered) = make(stack, &mut connection, number).await?;
        match phone.register().await {
            Ok(()) => {
                site.from_post.add(asked.elapsed());
                site.from_answer.add(answered.elapsed());
            }
            Err(why) => site.refused.push(format!("{number}: {why}")),
        }
        site.other.add(slowest_refresh(&known).await?);
        settle(stack).await?;
        site.cpu += asterisk.cpu_since(cpu)?;
        remove(&mut connection, number).await?;
    }
    remove(&mut connection, KNOWN).await?;
    Ok(site)
}

async fn make(
    stack: &Stack,
    connection: &mut Connection,
    number: u32,
) -> Outcome<(Phone, Instant)> {
    let draft = json!({"extension": number.to_string()});
    let made = connection.json("POST", "/api/peers/", &draft).await?;
    let answered = Instant::now();
    let secret = made["secret"].as_str().unwrap_or_default();
    let phone = Phone::new(stack.sip().into(), &number.to_string(), secret).await?;
    Ok((phone, answered))
}

async fn remove(connection: &mut Connection, number: u32) -> Outcome<()> {
    let path = format!("/api/peers/{number}");
    connection.json("DELETE", &path, &Value::Null).await?;
    Ok(())
}

async fn slowest_refresh(phone: &Phone) -> Outcome<Duration> {
    let began = Instant::now();
    let mut slowest = Duration::ZERO;
    while began.elapsed() < Duration::from_millis(100) {
        let start = Instant::now();
        phone.register_within(LONG).await?;
        slowest = slowest.max(start.elapsed());
    }
    Ok(slowest)
}

/// Until Asterisk has nothing to do.
async fn settle(stack: &Stack) -> Outcome<()> {
    let asterisk = stack.process("asterisk")?;
    let start = Instant::now();
    while start.elapsed() < LONG {
        let before = asterisk.cpu()?;
        sleep(Duration::from_millis(100)).await;
        if asterisk.cpu_since(before)? <= Duration::from_millis(10) {
            break;
        }
    }
    Ok(())
}
