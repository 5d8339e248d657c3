//! How much memory the server takes, and how soon after its start it is healthy.

use std::time::{Duration, Instant};

use crate::Outcome;
use crate::report::{Report, Samples};
use crate::server::{Server, healthy};
use crate::stack::Stack;

const STARTS: usize = 7;

pub async fn measure(report: &mut Report, small: &mut Stack, large: &mut Stack) -> Outcome<()> {
    // Each may leave the memory for its password behind on another thread.
    for _ in 0..3 {
        small.log_in().await?;
    }
    let memory = small.process("server")?.memory()?;
    report.goal(
        "resident memory, idle, 10 extensions, after four logins",
        "< 60 MiB",
        memory < 60.0,
        format_args!("{memory:.1} MiB"),
    );
    let memory = large.process("server")?.memory()?;
    report.note(
        "resident memory, 10,000 extensions",
        format_args!("{memory:.1} MiB"),
    );
    let (mut few, mut many) = (Samples::default(), Samples::default());
    let mut memory = 0.0;
    small.run(["stop", "server"])?;
    large.run(["stop", "server"])?;
    for _ in 0..STARTS {
        few.add(start_once(small, &mut memory).await?);
        many.add(start_once(large, &mut 0.0).await?);
    }
    small.run(["start", "server"])?;
    large.run(["start", "server"])?;
    small.wait_until_healthy().await?;
    large.wait_until_healthy().await?;
    report.goal(
        "start to first healthy answer, 10 extensions",
        "< 1000 ms",
        few.p99() < 1000.0,
        format_args!("p50 {:.0} ms, slowest {:.0} ms", few.p50(), few.p99()),
    );
    report.note(
        "start to first healthy answer, 10,000 extensions",
        format_args!("p50 {:.0} ms, slowest {:.0} ms", many.p50(), many.p99()),
    );
    report.note(
        "resident memory at the first healthy answer",
        format_args!("{memory:.1} MiB"),
    );
    Ok(())
}

async fn start_once(stack: &Stack, memory: &mut f64) -> Outcome<Duration> {
    let start = Instant::now();
    let server = Server::spawn(stack, stack.database_port())?;
    healthy(stack.http_port()).await?;
    let took = start.elapsed();
    *memory = server.process().memory()?;
    Ok(took)
}
