//! How long a table of a thousand extensions takes to be saved and live, and to be taken back.

use std::fmt::Write as _;
use std::time::Instant;

use serde_json::{Value, json};

use crate::Outcome;
use crate::report::Report;
use crate::stack::Stack;

const ROWS: u32 = 1_000;
const FIRST: u32 = 50_001;
/// Seconds.
const GOAL: f64 = 2.0;

pub async fn measure(report: &mut Report, stack: &Stack) -> Outcome<()> {
    for (what, every) in [
        ("1,000 rows, a tenth with a mailbox", 10),
        ("1,000 rows, all with a mailbox", 1),
    ] {
        let mut connection = stack.connect().await?;
        let start = Instant::now();
        let answer = connection
            .ask_with("POST", "/api/peers/import", "text/csv", &table(every)?)
            .await?;
        let took = start.elapsed().as_secs_f64();
        let saved: Value = serde_json::from_slice(&answer.body)?;
        if saved["live"] != true {
            return Err(format!("{}: {saved}", answer.status).into());
        }
        let tx = saved["tx"].as_str().unwrap_or_default().to_owned();
        let start = Instant::now();
        let undone = connection
            .json("POST", &format!("/api/audit/{tx}/undo"), &json!({}))
            .await?;
        report.goal(
            &format!("import of {what}"),
            "< 2 s",
            took < GOAL,
            format_args!(
                "saved and live in {took:.2} s, taken back in {:.2} s",
                start.elapsed().as_secs_f64()
            ),
        );
        if undone["live"] != true {
            return Err(format!("not taken back: {undone}").into());
        }
    }
    Ok(())
}

fn table(every: u32) -> Outcome<String> {
    let mut table = String::from("Nummer;Name;PIN\n");
    for n in 0..ROWS {
        let pin = if n % every == 0 {
            (482_000 + n).to_string()
        } else {
            String::new()
        };
        writeln!(table, "{};Imported {n};{pin}", FIRST + n)?;
    }
    Ok(table)
}
