//! A real PostgreSQL, Asterisk and server with a data folder and ports of their own, started and stopped by
//! `asterisk/stack`, as a person would.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::OnceCell;

use super::certificate::{self, Certificate};
use super::dns::Dns;
use super::ports::Ports;

pub const ADMIN_PASSWORD: &str = "the-first-7-passwords-of-summer";

/// One part of a stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Postgres,
    Asterisk,
    Server,
}

impl Part {
    const ALL: [Self; 3] = [Self::Postgres, Self::Asterisk, Self::Server];

    fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Asterisk => "asterisk",
            Self::Server => "server",
        }
    }
}

#[derive(Debug)]
pub struct Stack {
    data: PathBuf,
    logs: PathBuf,
    pub ports: Ports,
    values: HashMap<String, String>,
    /// Settings that not every stack has.
    more: Vec<(&'static str, String)>,
    /// The name server it asks; without one it asks the machine's.
    names: Option<Dns>,
    /// Logged in once: the login is throttled.
    pub admin_token: OnceCell<String>,
    /// Waits for the end of its input, which is the end of this value or of the process, however it ends; then it
    /// stops the stack, keeps the logs and removes the folder.
    _watchdog: Child,
}

const WATCHDOG: &str = r#"
trap '' INT TERM HUP
read -r _
"$1" down
mkdir -p "$3" && cp -r "$2/data/log/." "$3"
rm -rf "$2"
"#;

/// The stack all tests share that do not harm it.
pub fn shared() -> &'static Stack {
    static SHARED: OnceLock<Result<Stack, String>> = OnceLock::new();
    match SHARED.get_or_init(|| Stack::start("shared", Vec::new(), None)) {
        Ok(stack) => stack,
        Err(why) => panic!("the telephone system for the tests did not start:\n{why}"),
    }
}

/// What the Internet would have to send to; nobody is there.
pub const EXTERNAL_ADDRESS: &str = "192.0.2.77";

/// Whose pages may use the API of that one from a browser.
pub const WEB_PROGRAM: &str = "https://ui.example";

/// Another one to be shared: with a certificate of its own, behind a router, and with phones but no provider in its own
/// network.
pub fn behind_nat() -> &'static Stack {
    static BEHIND_NAT: OnceLock<Result<Stack, String>> = OnceLock::new();
    let start = || {
        let own = Certificate::signed("IP:127.0.0.1");
        let settings = [
            ("GONOPBX_EXTERNAL_ADDRESS", EXTERNAL_ADDRESS.to_owned()),
            ("GONOPBX_LOCAL_NETS", "127.0.0.1/32".to_owned()),
            ("GONOPBX_CORS_ORIGINS", WEB_PROGRAM.to_owned()),
            ("GONOPBX_TLS_CERT", own.file.display().to_string()),
            ("GONOPBX_TLS_KEY", own.key.display().to_string()),
        ];
        Stack::start("nat", settings.into(), None)
    };
    match BEHIND_NAT.get_or_init(start) {
        Ok(stack) => stack,
        Err(why) => panic!("the telephone system behind a router did not start:\n{why}"),
    }
}

/// One that all tests share that give names to providers.
pub fn named() -> &'static Stack {
    static NAMED: OnceLock<Result<Stack, String>> = OnceLock::new();
    match NAMED.get_or_init(|| Stack::start_with_names("named")) {
        Ok(stack) => stack,
        Err(why) => panic!("the telephone system with names did not start:\n{why}"),
    }
}

impl Stack {
    /// With a name server of its own.
    pub fn start_with_names(name: &str) -> Result<Self, String> {
        Self::start(name, Vec::new(), Some(Dns::open()?))
    }

    pub fn start(
        name: &str,
        more: Vec<(&'static str, String)>,
        names: Option<Dns>,
    ) -> Result<Self, String> {
        Self::begin_with(name, more, names, "")
    }

    /// One that has never run, into which a backup is brought back with these commands first.
    pub fn restored(name: &str, commands: &str) -> Result<Self, String> {
        Self::begin_with(name, Vec::new(), None, commands)
    }

    fn begin_with(
        name: &str,
        more: Vec<(&'static str, String)>,
        names: Option<Dns>,
        commands: &str,
    ) -> Result<Self, String> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let ports = Ports::claim()?;
        let folder =
            std::env::temp_dir().join(format!("gonopbx-test-{}-{count}", std::process::id()));
        fs::create_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        // The account the services run as has to get through.
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o711))
            .map_err(|e| e.to_string())?;
        let logs = target().join("test-logs").join(name);
        let _nothing_there = fs::remove_dir_all(&logs);
        let data = folder.join("data");
        let watchdog = Command::new("setsid")
            .args(["sh", "-c", WATCHDOG, "sh"])
            .args([script(), folder, logs.clone()])
            .env("GONOPBX_DATA", &data)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| format!("setsid: {e}"))?;
        let mut stack = Self {
            data,
            logs,
            ports,
            values: HashMap::new(),
            more,
            names,
            admin_token: OnceCell::new(),
            _watchdog: watchdog,
        };
        if commands.is_empty() {
            stack.call(&["init"])?;
        } else {
            stack.shell(commands)?;
        }
        for part in Part::ALL {
            stack.call(&["start", part.name()])?;
        }
        stack.values = stack.read_values()?;
        Ok(stack)
    }

    /// A command of `asterisk/stack`. Fails the test when it fails.
    pub async fn run(&self, arguments: &[&str]) -> String {
        self.run_with(&[], arguments).await
    }

    /// The same with other settings.
    pub async fn run_with(&self, settings: &[(&str, &str)], arguments: &[&str]) -> String {
        let mut command = self.command(arguments);
        command.envs(settings.iter().copied());
        let shown = arguments.join(" ");
        // On a thread of its own: phones have to go on answering meanwhile.
        let done = tokio::task::spawn_blocking(move || finish(&mut command)).await;
        done.expect("a thread")
            .unwrap_or_else(|why| panic!("asterisk/stack {shown}: {why}"))
    }

    pub async fn begin(&self, part: Part) {
        self.run(&["start", part.name()]).await;
    }

    /// Starts the server so that it reaches Asterisk by way of another port.
    pub async fn begin_server_by_way_of(&self, port: u16) {
        let other = [("GONOPBX_AMI_PORT", &*port.to_string())];
        self.run_with(&other, &["start", Part::Server.name()]).await;
    }

    pub async fn stop(&self, part: Part) {
        self.run(&["stop", part.name()]).await;
    }

    /// Ends it at once, as a crash would, and for good.
    pub async fn kill(&self, part: Part) {
        self.run(&["stop", part.name(), "--kill"]).await;
    }

    /// Lets it crash, and whoever keeps it running see that. Its process.
    pub fn crash(&self, part: Part) -> String {
        let process = self.process(part);
        let killed = Command::new("kill").args(["-KILL", &process]).status();
        assert!(killed.is_ok_and(|status| status.success()), "{process}");
        process
    }

    /// The number of its process, as its file says.
    pub fn process(&self, part: Part) -> String {
        let path = self.data.join("run").join(format!("{}.pid", part.name()));
        fs::read_to_string(path)
            .unwrap_or_default()
            .trim()
            .to_owned()
    }

    /// The processes that have the data folder and these words on their command line.
    pub fn processes(&self, words: &str) -> Vec<String> {
        let data = format!("{}/", self.data.display());
        let all = fs::read_dir("/proc").into_iter().flatten().flatten();
        all.map(|entry| fs::read(entry.path().join("cmdline")).unwrap_or_default())
            .map(|line| String::from_utf8_lossy(&line).replace('\0', " "))
            .filter(|line| line.contains(&data) && line.contains(words))
            .collect()
    }

    /// What Asterisk's console says.
    pub async fn cli(&self, command: &str) -> String {
        self.run(&["cli", command]).await
    }

    /// A value of `stack.env`.
    pub fn value(&self, name: &str) -> &str {
        self.values
            .get(name)
            .unwrap_or_else(|| panic!("stack.env has no {name}"))
    }

    /// The name server of one that was started with names.
    pub fn names(&self) -> &Dns {
        self.names.as_ref().expect("a name server of its own")
    }

    pub fn url(&self) -> &str {
        self.value("GONOPBX_URL")
    }

    /// What a part has written until now: `server.log`, `postgres.log`, or one below `asterisk/`.
    pub fn log(&self, name: &str) -> String {
        fs::read_to_string(self.data.join("log").join(name)).unwrap_or_default()
    }

    /// The folder with everything that is its own.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Where Asterisk writes a line for each finished leg.
    pub fn cdr_spool(&self) -> PathBuf {
        self.value("GONOPBX_CDR_SPOOL").into()
    }

    /// Stops a part in its tracks, or lets it go on.
    pub fn freeze(&self, part: Part, is_frozen: bool) {
        let signal = if is_frozen { "-STOP" } else { "-CONT" };
        // PostgreSQL is many processes.
        let first = self.process(part);
        let children = Command::new("pgrep").args(["-P", &first]).output();
        let children = children.map(|out| String::from_utf8_lossy(&out.stdout).into_owned());
        let mut all = vec![first];
        all.extend(children.unwrap_or_default().lines().map(str::to_owned));
        for process in all {
            // One of them may have ended meanwhile.
            let _sent = Command::new("kill").args([signal, &process]).status();
        }
    }

    /// Where a person looks after a failure, and the last lines of what the server said.
    pub fn tell(&self) {
        let server = self.log("server.log");
        let last: Vec<&str> = server.lines().rev().take(15).collect();
        eprintln!("--- the server's last lines:");
        for line in last.into_iter().rev() {
            eprintln!("{line}");
        }
        eprintln!(
            "--- all logs are kept in {} when the run has ended",
            self.logs.display()
        );
    }

    fn call(&self, arguments: &[&str]) -> Result<String, String> {
        finish(&mut self.command(arguments))
            .map_err(|why| format!("asterisk/stack {}: {why}", arguments.join(" ")))
    }

    /// What a person types in the folder of the repository, for this data folder.
    pub fn shell(&self, commands: &str) -> Result<String, String> {
        let mut command = self.surroundings("bash");
        command.args(["-euo", "pipefail", "-c", commands]);
        command.current_dir(env!("CARGO_MANIFEST_DIR"));
        finish(&mut command).map_err(|why| format!("{commands}: {why}"))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.surroundings(script());
        command.args(arguments);
        command
    }

    fn surroundings(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let (first, last) = self.ports.rtp;
        let mut command = Command::new(program);
        command
            .stdin(Stdio::null())
            .env("GONOPBX_DATA", &self.data)
            .env("GONOPBX_HTTP_HOST", "127.0.0.1")
            .env("GONOPBX_HTTP_PORT", self.ports.http.to_string())
            .env("GONOPBX_SIP_HOST", "127.0.0.1")
            .env("GONOPBX_SIP_PORT", self.ports.sip.to_string())
            .env("GONOPBX_SIPS_PORT", self.ports.sips.to_string())
            .env("GONOPBX_TLS_CA", &certificate::authority().file)
            .env("GONOPBX_AMI_PORT", self.ports.ami.to_string())
            .env("GONOPBX_DB_PORT", self.ports.db.to_string())
            .env("GONOPBX_RTP_PORTS", format!("{first}-{last}"))
            .env("GONOPBX_LANGUAGE", "en")
            .env("GONOPBX_ADMIN_PASSWORD", ADMIN_PASSWORD)
            .env("GONOPBX_SERVER_BIN", env!("CARGO_BIN_EXE_gonopbx"))
            .env("GONOPBX_DB_FSYNC", "off")
            .envs(self.more.iter().map(|(name, value)| (name, value)));
        if let Some(names) = &self.names {
            command
                .env("GONOPBX_DNS_SERVER", names.address.to_string())
                .env("GONOPBX_NAME_REFRESH", "1");
        }
        command
    }

    fn read_values(&self) -> Result<HashMap<String, String>, String> {
        let path = self.data.join("stack.env");
        let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        Ok(text
            .lines()
            .filter_map(|line| line.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.trim_matches('\'').to_owned()))
            .collect())
    }
}

fn finish(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|e| e.to_string())?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        Ok(said)
    } else {
        let complaint = String::from_utf8_lossy(&output.stderr);
        Err(format!("{}\n{said}{complaint}", output.status))
    }
}

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("asterisk/stack")
}

/// Cargo's folder for what is built, where logs and pictures of a run are left.
pub fn target() -> &'static Path {
    let temporary = Path::new(env!("CARGO_TARGET_TMPDIR"));
    temporary.parent().unwrap_or(temporary)
}
