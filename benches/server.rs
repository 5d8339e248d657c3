//! A server of a stack, started from here, to see its start or to put something between it and the database.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::Outcome;
use crate::http::Connection;
use crate::process::Process;
use crate::stack::{SERVER, Stack};

/// Ended by its number when it is dropped.
#[derive(Debug)]
pub struct Server(Child);

impl Server {
    /// The stack's own must be stopped. `database` is the port where it finds PostgreSQL.
    pub fn spawn(stack: &Stack, database: u16) -> Outcome<Self> {
        Self::spawn_with(stack, database, None)
    }

    /// `asterisk` is the port of another manager interface than the stack's.
    pub fn spawn_with(stack: &Stack, database: u16, asterisk: Option<u16>) -> Outcome<Self> {
        let mut command = Command::new(SERVER);
        command
            .arg("serve")
            .env_clear()
            .env("GONOPBX_HTTP_HOST", "127.0.0.1")
            .env("GONOPBX_HTTP_PORT", stack.http_port().to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        for name in [
            "GONOPBX_AMI_ADDRESS",
            "GONOPBX_AMI_USER",
            "GONOPBX_AMI_SECRET",
            "GONOPBX_SIP_ADDRESS",
            "GONOPBX_JWT_SECRET",
        ] {
            command.env(name, stack.value(name)?);
        }
        if let Some(port) = asterisk {
            command.env("GONOPBX_AMI_ADDRESS", format!("127.0.0.1:{port}"));
        }
        let direct = format!(":{}/", stack.database_port());
        let url = stack
            .value("DATABASE_URL")?
            .replace(&direct, &format!(":{database}/"));
        Ok(Self(command.env("DATABASE_URL", url).spawn()?))
    }

    pub fn process(&self) -> Process {
        Process::new(self.0.id())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _gone = self.0.kill();
        let _ended = self.0.wait();
    }
}

/// Until `/api/health` answers 200.
pub async fn healthy(port: u16) -> Outcome<()> {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(30) {
        if let Ok(mut connection) = Connection::open(port, "").await
            && let Ok(answer) = connection.ask("GET", "/api/health", "").await
            && answer.status == 200
        {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Err("the server did not become healthy".into())
}
