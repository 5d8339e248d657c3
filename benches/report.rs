//! Numbers and how they are shown.

use std::fmt::Display;
use std::time::Duration;

/// Says what is going on.
#[expect(
    clippy::print_stdout,
    reason = "a person has started this to read what it prints"
)]
pub fn say(line: impl Display) {
    println!("{line}");
}

/// Durations of one kind.
#[derive(Debug, Default)]
pub struct Samples(Vec<Duration>);

impl Samples {
    pub fn add(&mut self, sample: Duration) {
        self.0.push(sample);
    }

    pub fn extend(&mut self, others: &Self) {
        self.0.extend(&others.0);
    }

    pub fn p50(&self) -> f64 {
        self.milliseconds(50)
    }

    pub fn p99(&self) -> f64 {
        self.milliseconds(99)
    }

    /// The smallest sample that so many percent of all do not exceed.
    fn milliseconds(&self, percent: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let at = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
        sorted
            .get(at)
            .map_or(f64::NAN, |sample| sample.as_secs_f64() * 1000.0)
    }
}

impl Display for Samples {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "p50 {:.1} ms, p99 {:.1} ms", self.p50(), self.p99())
    }
}

/// What came out, line by line.
#[derive(Debug, Default)]
pub struct Report(Vec<Line>);

#[derive(Debug)]
struct Line {
    what: String,
    goal: String,
    measured: String,
    verdict: &'static str,
}

impl Report {
    /// A number that has a goal, and whether it is reached.
    pub fn goal(&mut self, what: &str, goal: &str, reached: bool, measured: impl Display) {
        let verdict = if reached { "ok" } else { "MISS" };
        self.add(what, goal, measured, verdict);
    }

    /// A number that is good to know.
    pub fn note(&mut self, what: &str, measured: impl Display) {
        self.add(what, "", measured, "");
    }

    fn add(&mut self, what: &str, goal: &str, measured: impl Display, verdict: &'static str) {
        let measured = measured.to_string();
        say(format_args!("  {what}: {measured} {verdict}"));
        self.0.push(Line {
            what: what.to_owned(),
            goal: goal.to_owned(),
            measured,
            verdict,
        });
    }

    pub fn print(&self) {
        let width = |part: fn(&Line) -> &String, title: &str| {
            let widths = self.0.iter().map(|line| part(line).chars().count());
            widths.max().unwrap_or(0).max(title.len())
        };
        let (a, b) = (width(|l| &l.what, "what"), width(|l| &l.goal, "goal"));
        let c = width(|l| &l.measured, "measured");
        say(format_args!(
            "\n{:a$} | {:b$} | {:c$} | ok/MISS",
            "what", "goal", "measured"
        ));
        say(format_args!(
            "{:-<a$}-+-{:-<b$}-+-{:-<c$}-+--------",
            "", "", ""
        ));
        for line in &self.0 {
            say(format_args!(
                "{:a$} | {:b$} | {:c$} | {}",
                line.what, line.goal, line.measured, line.verdict
            ));
        }
    }
}
