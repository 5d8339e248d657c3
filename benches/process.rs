//! What the kernel knows of a process.

use std::fs;
use std::time::Duration;

use crate::Outcome;

/// Linux has counted processor time in hundredths of a second for programs on every machine since 2.6.
const TICK: Duration = Duration::from_millis(10);

#[derive(Debug, Clone, Copy)]
pub struct Process(u32);

impl Process {
    pub fn new(id: u32) -> Self {
        Self(id)
    }

    /// Processor time used until now, in the program and in the kernel for it.
    pub fn cpu(self) -> Outcome<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0))?;
        // The name in parentheses may hold anything; the fields after it are counted from 3.
        let (_, fields) = stat.rsplit_once(')').ok_or("unreadable /proc")?;
        let mut fields = fields.split_whitespace().skip(11);
        let mut ticks = || fields.next().unwrap_or_default().parse::<u32>();
        Ok(TICK * (ticks()? + ticks()?))
    }

    pub fn cpu_since(self, before: Duration) -> Outcome<Duration> {
        Ok(self.cpu()?.saturating_sub(before))
    }

    /// Resident memory in MiB.
    pub fn memory(self) -> Outcome<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.split_whitespace().next());
        Ok(kib.ok_or("no VmRSS")?.parse::<f64>()? / 1024.0)
    }
}
