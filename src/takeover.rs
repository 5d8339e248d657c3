//! `gonopbx import`: takes over what a GonoPBX 2 has, and says object by object what became of it.

use std::process::ExitCode;

use views::{Lang, Texts};

use crate::app::Error;
use crate::app::original::{Fate, Kind, Line, Report, take_over};
use crate::app::resolve::Names;
use crate::boot::{self, BootResult};
use crate::config::Import;
use crate::web::failure;

/// Something could not be taken; the rest was.
const INCOMPLETE: u8 = 2;

pub async fn run(import: &Import) -> BootResult<ExitCode> {
    let source = boot::pool(&import.source, 1)?;
    let target = boot::pool(&import.database.url()?, 2)?;
    let names = Names::new(import.dns_server()?)?;
    let report = take_over(&source, &target, &names, import.dry_run).await?;
    let lang = Lang::find("en").ok_or("there is no English")?;
    let texts = Texts::new(lang, chrono_tz::UTC, crate::app::Clock::system().now());
    print(&report, import.dry_run, &texts);
    let is_complete = !report
        .lines
        .iter()
        .any(|line| matches!(line.fate, Fate::Refused(_)));
    Ok(if is_complete {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(INCOMPLETE)
    })
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::User => "user",
        Kind::Extension => "extension",
        Kind::Trunk => "trunk",
        Kind::Number => "number",
        Kind::Forward => "forward",
        Kind::Mailbox => "mailbox",
    }
}

#[expect(clippy::print_stdout, reason = "the report of a command")]
fn print(report: &Report, is_rehearsal: bool, texts: &Texts) {
    for line in &report.lines {
        println!("{}", sentence(line, texts));
    }
    for table in &report.missing {
        println!("the source has no table {table}");
    }
    let count =
        |fate: fn(&Fate) -> bool| report.lines.iter().filter(|line| fate(&line.fate)).count();
    println!(
        "{} taken, {} there already, {} not taken; {} of {} calls written",
        count(|fate| matches!(fate, Fate::Taken)),
        count(|fate| matches!(fate, Fate::Known)),
        count(|fate| matches!(fate, Fate::Refused(_))),
        report.calls,
        report.calls_seen,
    );
    if is_rehearsal {
        println!("a rehearsal: nothing was written");
    }
}

fn sentence(line: &Line, texts: &Texts) -> String {
    let what = format!("{} {}", kind(line.kind), line.name.escape_debug());
    let fate = match &line.fate {
        Fate::Taken => "taken".to_owned(),
        Fate::Known => "there already".to_owned(),
        Fate::Refused(Error::Invalid(invalid)) => {
            let reasons = invalid.problems().iter().map(|problem| {
                format!("{}: {}", problem.field, failure::of_problem(problem, texts))
            });
            format!("NOT taken: {}", reasons.collect::<Vec<_>>().join(" "))
        }
        Fate::Refused(error) => format!("NOT taken: {}", failure::sentence(error, texts)),
    };
    let parts = std::iter::once(format!("{what}: {fate}")).chain(line.notes.iter().cloned());
    parts.collect::<Vec<_>>().join("; ")
}
