//! A real mail server (aiosmtpd of Debian): it asks for a login, refuses recipients whose name begins with `refused`, and
//! can be away for a while.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use super::certificate::Certificate;
use super::pbx::Pbx;
use super::poll::eventually;

pub const USER: &str = "pbx@example.com";
pub const PASSWORD: &str = "the-mail-server-knows-it";

#[derive(Debug)]
pub struct MailServer {
    pub port: u16,
    encryption: &'static str,
    certificate: Option<Certificate>,
    /// One file for each mail it took.
    folder: PathBuf,
    running: Option<Child>,
}

impl MailServer {
    pub fn open(pbx: &Pbx) -> Self {
        Self::start(pbx, "none", None)
    }

    /// With `starttls` or `tls`, for 127.0.0.1.
    pub fn encrypted(pbx: &Pbx, encryption: &'static str, certificate: Certificate) -> Self {
        Self::start(pbx, encryption, Some(certificate))
    }

    fn start(pbx: &Pbx, encryption: &'static str, certificate: Option<Certificate>) -> Self {
        let port = pbx.ports.next();
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("mails-{}-{port}", std::process::id()));
        let _nothing_there = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder below target");
        let mut server = Self {
            port,
            encryption,
            certificate,
            folder,
            running: None,
        };
        server.comes_back();
        server
    }

    pub fn goes_away(&mut self) {
        if let Some(mut child) = self.running.take() {
            child.kill().expect("it was running");
            child.wait().expect("it has ended");
        }
    }

    pub fn comes_back(&mut self) {
        let files = self.certificate.as_ref().map(|c| [&c.file, &c.key]);
        let options = json!({
            "port": self.port,
            "folder": self.folder,
            "login": [USER, PASSWORD],
            "encryption": self.encryption,
            "certificate": files,
        });
        // Debian's own Python, for which the package is.
        let mut child = Command::new("/usr/bin/python3")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/smtp.py"))
            .arg(options.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 is installed");
        let mut line = String::new();
        let said = BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line);
        said.expect("a line");
        assert_eq!(line.trim(), "ready", "the mail server did not start");
        self.running = Some(child);
    }

    /// Its settings, with the names of the form.
    pub fn settings(&self) -> Value {
        json!({
            "smtp_host": "127.0.0.1",
            "smtp_port": self.port.to_string(),
            "smtp_encryption": self.encryption,
            "smtp_user": USER,
            "smtp_password": PASSWORD,
            "smtp_from": USER,
            "smtp_from_name": "Telefonanlage Müller",
        })
    }

    pub async fn is_used_by(&self, pbx: &Pbx) {
        let admin = pbx.admin().await;
        admin
            .put("/api/settings/", &self.settings())
            .await
            .expect(200);
    }

    /// All mails to this address until now.
    pub fn mails_to(&self, recipient: &str) -> Vec<Value> {
        let files = fs::read_dir(&self.folder).expect("its folder").flatten();
        let paths = files.map(|file| file.path());
        let mut mails: Vec<(PathBuf, Value)> = paths
            .filter(|path| path.extension().is_some_and(|kind| kind == "json"))
            .map(|path| {
                let text = fs::read_to_string(&path).expect("a mail");
                (path, serde_json::from_str(&text).expect("JSON"))
            })
            .collect();
        mails.sort_by(|a, b| a.0.cmp(&b.0));
        let to = |mail: &Value| mail["to"] == json!([recipient]);
        mails.into_iter().map(|(_, mail)| mail).filter(to).collect()
    }

    /// The only mail to this address.
    pub async fn gets_one_for(&self, recipient: &str) -> Value {
        let mails = eventually(&format!("a mail to {recipient}"), || async {
            Some(self.mails_to(recipient)).filter(|mails| !mails.is_empty())
        })
        .await;
        assert_eq!(mails.len(), 1, "{mails:#?}");
        mails[0].clone()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.goes_away();
        let _kept_by_somebody = fs::remove_dir_all(&self.folder);
    }
}
