//! Phones by SIPp: a second opinion on the signalling, from a program we did not write.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::pbx::{Extension, Pbx};
use super::poll::{eventually, within};

const REGISTER: &str = include_str!("sipp/register.xml");
const CALL_ANSWERED: &str = include_str!("sipp/call_answered.xml");
const CALL_REFUSED: &str = include_str!("sipp/call_refused.xml");
const ANSWER: &str = include_str!("sipp/answer.xml");
const REFUSE: &str = include_str!("sipp/refuse.xml");
const RING: &str = include_str!("sipp/ring.xml");

const LIMIT: Duration = Duration::from_secs(30);

/// A phone: an extension and a port it listens on.
#[derive(Debug)]
pub struct SippPhone<'a> {
    pbx: &'a Pbx,
    number: String,
    secret: String,
    port: u16,
}

/// A scenario that runs. Ending the value ends it.
#[derive(Debug)]
pub struct Running {
    what: String,
    folder: PathBuf,
    process: Child,
}

impl<'a> SippPhone<'a> {
    pub fn of(pbx: &'a Pbx, extension: &Extension) -> Self {
        Self::new(pbx, &extension.number, &extension.secret)
    }

    pub fn new(pbx: &'a Pbx, number: &str, secret: &str) -> Self {
        Self {
            pbx,
            number: number.to_owned(),
            secret: secret.to_owned(),
            port: pbx.ports.next(),
        }
    }

    /// Registers the port on which `answers` and the others listen afterwards, and stays until Asterisk, which asks a
    /// new phone at once whether it is there, knows that it is.
    pub async fn registers(&self) {
        let mut registering = self.run("registers", REGISTER, self.port);
        let admin = self.pbx.admin().await;
        let process = std::sync::Mutex::new(&mut registering);
        eventually("SIPp's phone is registered and reachable", || async {
            if let Some(why) = process.lock().expect("one at a time").failed() {
                panic!("{why}");
            }
            let status = admin.get("/api/dashboard/status").await.expect(200);
            let endpoints = status["endpoints"].as_array().cloned().unwrap_or_default();
            let mine = endpoints
                .into_iter()
                .find(|e| e["endpoint"] == *self.number)?;
            (mine["rtt"].as_f64()? > 0.0).then_some(())
        })
        .await;
    }

    /// Dials, hears ringing, is answered, and hangs up after four seconds.
    pub fn calls(&self, digits: &str) -> Running {
        let scenario = CALL_ANSWERED.replace("{{DIGITS}}", digits);
        self.run("calls", &scenario, self.pbx.ports.next())
    }

    /// Dials and must get this status.
    pub fn calls_in_vain(&self, digits: &str, status: u16) -> Running {
        let scenario = CALL_REFUSED
            .replace("{{DIGITS}}", digits)
            .replace("{{STATUS}}", &status.to_string());
        self.run("calls in vain", &scenario, self.pbx.ports.next())
    }

    /// Rings, answers, and hears the hang-up.
    pub fn answers(&self) -> Running {
        self.run("answers", ANSWER, self.port)
    }

    pub fn refuses(&self, status: u16, reason: &str) -> Running {
        let scenario = REFUSE
            .replace("{{STATUS}}", &status.to_string())
            .replace("{{REASON}}", reason);
        self.run("refuses", &scenario, self.port)
    }

    /// Rings until the caller, or the time, ends it.
    pub fn rings(&self) -> Running {
        self.run("rings", RING, self.port)
    }

    fn run(&self, what: &str, scenario: &str, port: u16) -> Running {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        // Only a scenario that begins by sending can answer what belongs to no call; the others do it by "-aa".
        let out_of_call: &[&str] = match scenario {
            REGISTER => &["-oocsn", "ooc_default"],
            _ => &[],
        };
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("gonopbx-sipp-{}-{count}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("scenario.xml"), scenario).expect("written");
        let account = format!(
            "SEQUENTIAL\n{};{};{}\n",
            self.number, self.secret, self.port
        );
        fs::write(folder.join("account.csv"), account).expect("written");
        let process = Command::new("sipp")
            .arg(self.pbx.value("GONOPBX_SIP_ADDRESS"))
            .args([
                "-sf",
                "scenario.xml",
                "-inf",
                "account.csv",
                "-m",
                "1",
                "-i",
                "127.0.0.1",
                "-p",
            ])
            .arg(port.to_string())
            .arg("-mp")
            .arg(self.pbx.ports.next().to_string())
            .args(["-au", &self.number, "-ap", &self.secret])
            .args(["-aa", "-nostdin", "-timeout", "25s", "-timeout_error"])
            .args(out_of_call)
            .args(["-trace_err", "-error_file", "errors.log"])
            .current_dir(&folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(folder.join("stderr.log")).expect("a file"))
            .spawn()
            .expect("SIPp, which `asterisk/stack install --tests` installs");
        Running {
            what: format!("SIPp phone {} {what}", self.number),
            folder,
            process,
        }
    }
}

impl Running {
    /// Waits until the scenario has ended; fails the test when it went another way.
    pub async fn ends_well(mut self) {
        let what = self.what.clone();
        let process = std::sync::Mutex::new(&mut self.process);
        let status = within(LIMIT, &what, || async {
            let mut process = process.lock().expect("one at a time");
            process.try_wait().expect("a process")
        })
        .await;
        assert!(status.success(), "{}", self.complaint(status));
    }

    /// Why it has ended before it should.
    fn failed(&mut self) -> Option<String> {
        let status = self.process.try_wait().expect("a process")?;
        Some(self.complaint(status))
    }

    fn complaint(&self, status: ExitStatus) -> String {
        let tell = |file: &str| fs::read_to_string(self.folder.join(file)).unwrap_or_default();
        let (errors, said) = (tell("errors.log"), tell("stderr.log"));
        format!("{}: {status}\n{errors}\n{said}", self.what)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already where it was waited for.
        let _ended = self.process.kill();
        let _buried = self.process.wait();
        let _removed = fs::remove_dir_all(&self.folder);
    }
}
