//! Measures the real thing and prints each number beside its goal: `make bench`, about twelve minutes after the build.
//!
//! Three stacks run side by side, with 10, 1,000 and 10,000 extensions, so that what is compared is measured in turns
//! and the machine's other work hits all sides alike. The load comes from this process, on the same cores as what it
//! measures. Loopback only, and everything is gone afterwards.

mod calls;
mod changes;
mod dialplan;
mod filler;
mod history;
mod http;
mod import;
mod ingest;
mod lists;
mod live;
mod phone;
mod postgres;
mod process;
mod proxy;
mod registering;
mod report;
mod round_trips;
mod routing;
mod server;
mod sip;
mod stack;
mod startup;

use std::time::Instant;

use filler::fill;
use report::{Report, say};
use stack::Stack;

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// How many extensions the stacks have.
const SIZES: [u32; 3] = [10, 1_000, 10_000];

#[tokio::main]
async fn main() -> Outcome<()> {
    let began = Instant::now();
    let mut report = Report::default();
    let measured = of_stacks(&mut report).await;
    let measured = match measured {
        Ok(()) if wants("history", "the call history") => history::measure(&mut report).await,
        other => other,
    };
    // Also when it could not go on: what is known is known.
    report.print();
    let minutes = began.elapsed().as_secs_f64() / 60.0;
    say(format_args!(
        "\nmeasured in {minutes:.1} minutes; the load generator shared the {} cores",
        std::thread::available_parallelism()?
    ));
    measured
}

/// What is measured beside each other, in stacks of all sizes.
async fn of_stacks(report: &mut Report) -> Outcome<()> {
    if is_only("history") {
        return Ok(());
    }
    let mut stacks = Vec::new();
    for size in SIZES {
        say(format_args!("making a stack with {size} extensions ..."));
        let stack = Stack::start(size).await?;
        fill(&stack, size).await?;
        stacks.push(stack);
    }
    let [small, middle, large] = stacks.as_mut_slice() else {
        return Err("three stacks were started".into());
    };
    measure(report, small, middle, large).await
}

async fn measure(
    report: &mut Report,
    small: &mut Stack,
    middle: &mut Stack,
    large: &mut Stack,
) -> Outcome<()> {
    if wants("startup", "memory and start") {
        startup::measure(report, small, large).await?;
    }
    if wants("changes", "what a change costs") {
        changes::measure(report, &[&*small, &*middle, &*large]).await?;
    }
    if wants("lists", "lists") {
        lists::measure(report, middle).await?;
    }
    if wants("registering", "from POST to REGISTER") {
        registering::measure(report, &[&*small, &*middle, &*large]).await?;
    }
    if wants("round_trips", "SQL statements") {
        round_trips::measure(report, middle).await?;
    }
    if wants("calls", "calls") {
        calls::measure(report, middle).await?;
    }
    if wants("ingest", "events of Asterisk") {
        ingest::measure(report, small).await?;
    }
    if wants("import", "tables of extensions") {
        import::measure(report, small).await?;
    }
    if wants("live", "the dashboard") {
        live::measure(report, &[&*middle, &*large], &SIZES[1..]).await?;
    }
    // Last: the others measure stacks without trunks.
    if wants("routing", "numbers, and calls over a trunk") {
        routing::measure(report, &[&*small, &*middle, &*large]).await?;
    }
    Ok(())
}

/// Whether this part alone was asked for.
fn is_only(part: &str) -> bool {
    let mut asked = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'));
    asked.next().as_deref() == Some(part) && asked.next().is_none()
}

/// `cargo bench -- routing` measures that part alone; what cargo itself adds begins with dashes.
fn wants(part: &str, what: &str) -> bool {
    let mut asked = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .peekable();
    let wanted = asked.peek().is_none() || asked.any(|word| word == part);
    if wanted {
        say(format_args!("{what} ..."));
    }
    wanted
}
