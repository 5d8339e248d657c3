//! The database from outside the server, and what PostgreSQL's log tells of the statements that others send.

use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::time::{Duration, Instant};

use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::Outcome;
use crate::stack::Stack;

/// Those of the server's pool.
const CONNECTIONS: u32 = 12;

/// The owner's pool, of the size the server's has.
pub async fn pool(stack: &Stack) -> Outcome<PgPool> {
    let options: PgConnectOptions = stack.value("DATABASE_URL")?.parse()?;
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .min_connections(1);
    Ok(pool.connect_with(options.application_name("bench")).await?)
}

/// Who sends statements, as PostgreSQL's log names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    Server,
    AsteriskLookup,
    AsteriskCdr,
}

impl Sender {
    fn mark(self) -> &'static str {
        match self {
            Self::Server => "] gonopbx gonopbx LOG:",
            Self::AsteriskLookup => "] asterisk asterisk-lookup LOG:",
            Self::AsteriskCdr => "] asterisk asterisk-cdr LOG:",
        }
    }
}

/// Every statement is logged while this lives.
#[derive(Debug)]
pub struct Trace<'a> {
    stack: &'a Stack,
    log: fs::File,
}

impl<'a> Trace<'a> {
    pub fn start(stack: &'a Stack) -> Outcome<Self> {
        stack.superuser("alter system set log_statement = 'all'")?;
        stack.superuser("select pg_reload_conf()")?;
        let log = fs::File::open(stack.file("log/postgres.log"))?;
        Ok(Self { stack, log })
    }

    pub fn stop(self) -> Outcome<()> {
        self.stack.superuser("alter system reset log_statement")?;
        self.stack.superuser("select pg_reload_conf()")
    }

    /// How long the log is now.
    pub fn mark(&mut self) -> Outcome<u64> {
        Ok(self.log.seek(SeekFrom::End(0))?)
    }

    /// How long the log is when nobody has written to it for a while.
    pub async fn quiet(&mut self) -> Outcome<u64> {
        let start = Instant::now();
        let mut length = self.mark()?;
        while start.elapsed() < Duration::from_secs(5) {
            tokio::time::sleep(Duration::from_millis(150)).await;
            let now = self.mark()?;
            if now == length {
                break;
            }
            length = now;
        }
        Ok(length)
    }

    /// The statements of one sender between two marks.
    pub fn between(&mut self, from: u64, to: u64, sender: Sender) -> Outcome<Vec<String>> {
        self.log.seek(SeekFrom::Start(from))?;
        let mut text = String::new();
        (&self.log).take(to - from).read_to_string(&mut text)?;
        // A statement of several lines goes on in lines that begin with a tab.
        let statement = |line: &str| {
            let (_, said) = line.split_once(sender.mark())?;
            let said = said.trim_start();
            let is_one = said.starts_with("statement:") || said.starts_with("execute");
            is_one.then(|| said.split_once(": ").map_or("", |(_, sql)| sql).to_owned())
        };
        Ok(text.lines().filter_map(statement).collect())
    }
}
