//! A PostgreSQL, Asterisk and server of its own, on free ports and in a temporary folder, by `asterisk/stack`.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::net::{TcpListener, UdpSocket};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::Outcome;
use crate::http::{Connection, bearer};
use crate::process::Process;

const ADMIN_PASSWORD: &str = "measured-with-7-long-rulers";
pub const SERVER: &str = env!("CARGO_BIN_EXE_gonopbx");

/// Below the ports the kernel gives to connections, in blocks.
const FIRST_PORT: u16 = 6_000;
const BLOCK: u16 = 1_480;
const BLOCKS: u16 = 4;

#[derive(Debug)]
pub struct Stack {
    data: PathBuf,
    base_port: u16,
    values: HashMap<String, String>,
    token: String,
    /// Keeps others of our kind away from the ports.
    _claim: UdpSocket,
    /// Waits for the end of its input, which is the end of this process, however it ends; then cleans up.
    watchdog: Child,
}

const WATCHDOG: &str = r#"
trap '' INT TERM HUP
read -r _
"$1" down
rm -rf "$2"
"#;

impl Stack {
    /// Starts all parts and logs in.
    pub async fn start(name: impl std::fmt::Display) -> Outcome<Self> {
        let (base_port, claim) = claim_ports()?;
        let folder =
            std::env::temp_dir().join(format!("gonopbx-bench-{}-{name}", std::process::id()));
        fs::create_dir(&folder)?;
        // The account the services run as has to get through.
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o711))?;
        let data = folder.join("data");
        let watchdog = Command::new("setsid")
            .args(["sh", "-c", WATCHDOG, "sh"])
            .args([script(), folder])
            .env("GONOPBX_DATA", &data)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut stack = Self {
            data,
            base_port,
            values: HashMap::new(),
            token: String::new(),
            _claim: claim,
            watchdog,
        };
        stack.run(["init"])?;
        for part in ["postgres", "asterisk", "server"] {
            stack.run(["start", part])?;
        }
        stack.values = stack.read_values()?;
        stack.wait_until_healthy().await?;
        stack.log_in().await?;
        Ok(stack)
    }

    /// A command of `asterisk/stack`, and what it printed.
    pub fn run<I: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = I>) -> Outcome<String> {
        let port = |n: u16| (self.base_port + n).to_string();
        let rtp = format!("{}-{}", port(100), port(BLOCK - 1));
        let output = Command::new(script())
            .args(arguments)
            .stdin(Stdio::null())
            .env("GONOPBX_DATA", &self.data)
            .env("GONOPBX_HTTP_HOST", "127.0.0.1")
            .env("GONOPBX_HTTP_PORT", port(1))
            .env("GONOPBX_AMI_PORT", port(2))
            .env("GONOPBX_DB_PORT", port(3))
            .env("GONOPBX_SIP_HOST", "127.0.0.1")
            .env("GONOPBX_SIP_PORT", port(4))
            .env("GONOPBX_RTP_PORTS", rtp)
            .env("GONOPBX_LANGUAGE", "en")
            .env("GONOPBX_ADMIN_PASSWORD", ADMIN_PASSWORD)
            .env("GONOPBX_SERVER_BIN", SERVER)
            .env_remove("GONOPBX_DB_FSYNC")
            .output()?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let complaint = String::from_utf8_lossy(&output.stderr);
        Err(format!("asterisk/stack: {}\n{complaint}", output.status).into())
    }

    /// SQL as the superuser.
    pub fn superuser(&self, statement: &str) -> Outcome<()> {
        self.run(["psql", "--quiet", "--command", statement])?;
        Ok(())
    }

    pub fn file(&self, path: &str) -> PathBuf {
        self.data.join(path)
    }

    /// A value of `stack.env`.
    pub fn value(&self, name: &str) -> Outcome<&str> {
        let found = self.values.get(name).map(String::as_str);
        found.ok_or_else(|| format!("stack.env has no {name}").into())
    }

    pub fn http_port(&self) -> u16 {
        self.base_port + 1
    }

    pub fn database_port(&self) -> u16 {
        self.base_port + 3
    }

    pub fn sip(&self) -> ([u8; 4], u16) {
        ([127, 0, 0, 1], self.base_port + 4)
    }

    pub async fn connect(&self) -> Outcome<Connection> {
        Connection::open(self.http_port(), &bearer(&self.token)).await
    }

    pub fn token(&self) -> &str {
        &self.token
    }

    pub fn process(&self, part: &str) -> Outcome<Process> {
        let text = fs::read_to_string(self.data.join(format!("run/{part}.pid")))?;
        let first = text.lines().next().unwrap_or_default();
        Ok(Process::new(first.trim().parse()?))
    }

    pub async fn wait_until_healthy(&self) -> Outcome<()> {
        crate::server::healthy(self.http_port()).await
    }

    pub async fn log_in(&mut self) -> Outcome<()> {
        self.token = self.log_in_as("admin").await?;
        Ok(())
    }

    /// The token of somebody with the administrator's password.
    pub async fn log_in_as(&self, name: &str) -> Outcome<String> {
        let mut connection = Connection::open(self.http_port(), "").await?;
        let body = serde_json::json!({"username": name, "password": ADMIN_PASSWORD});
        let answer = connection.json("POST", "/api/auth/login", &body).await?;
        let token = answer["access_token"].as_str().ok_or("no token")?;
        Ok(token.to_owned())
    }

    fn read_values(&self) -> Outcome<HashMap<String, String>> {
        let text = fs::read_to_string(self.data.join("stack.env"))?;
        let pairs = text.lines().filter_map(|line| line.split_once('='));
        Ok(pairs
            .map(|(name, value)| (name.to_owned(), value.trim_matches('\'').to_owned()))
            .collect())
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        drop(self.watchdog.stdin.take());
        // Whatever it says, there is nothing more that could be done.
        let _ended = self.watchdog.wait();
    }
}

fn claim_ports() -> Outcome<(u16, UdpSocket)> {
    let claim = |base: u16| {
        let claim = UdpSocket::bind(("127.0.0.1", base)).ok()?;
        let free = (base + 1..base + 5).all(|port| {
            TcpListener::bind(("127.0.0.1", port)).is_ok()
                && UdpSocket::bind(("127.0.0.1", port)).is_ok()
        });
        free.then_some((base, claim))
    };
    (0..BLOCKS)
        .find_map(|n| claim(FIRST_PORT + n * BLOCK))
        .ok_or_else(|| format!("no block of free ports above {FIRST_PORT}").into())
}

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("asterisk/stack")
}
