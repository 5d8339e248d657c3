//! The files of the spool: finding, reading, setting aside and removing them. Blocking.
//!
//! Asterisk opens `Master.csv` anew for each line, so a file that is renamed gets no more than what is being written.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use md5::{Digest, Md5};

const CURRENT: &str = "Master.csv";
const KEPT: &str = "unreadable.csv";
/// No line is longer.
const FIRST_LINE: u64 = 4096;
/// What is read and written at once: some hundred legs.
const CHUNK: u64 = 64 * 1024;

/// A file with at least one whole line.
#[derive(Debug)]
pub(super) struct Part {
    pub path: PathBuf,
    /// Digest of its first line.
    pub id: String,
    /// With its line feed.
    pub first: Vec<u8>,
    pub length: u64,
    /// In seconds since 1970; `None` for the one that is written to.
    pub set_aside: Option<i64>,
}

#[derive(Debug, Clone)]
pub(super) struct Spool {
    folder: PathBuf,
}

impl Spool {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The oldest first.
    pub(super) fn parts(&self) -> io::Result<Vec<Part>> {
        let mut parts = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let name = entry?.file_name();
            let Some(set_aside) = name.to_str().and_then(set_aside) else {
                continue;
            };
            let path = self.folder.join(&name);
            let mut file = File::open(&path)?;
            let length = file.metadata()?.len();
            if let Some(line) = first_line(&mut file)? {
                parts.push(Part {
                    path,
                    id: digest(&line),
                    first: line,
                    length,
                    set_aside,
                });
            }
        }
        parts.sort_by_key(|part| part.set_aside.unwrap_or(i64::MAX));
        Ok(parts)
    }

    /// Whole lines from here on; empty when there is none yet.
    pub(super) fn read(path: &Path, position: u64) -> io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(position))?;
        let mut bytes = Vec::new();
        file.take(CHUNK).read_to_end(&mut bytes)?;
        let is_full = bytes.len() as u64 == CHUNK;
        match bytes.iter().rposition(|&byte| byte == b'\n') {
            Some(end) => bytes.truncate(end + 1),
            // Not one of Asterisk's; it is left behind as unreadable.
            None if is_full => {}
            None => bytes.clear(),
        }
        Ok(bytes)
    }

    /// Gives the file that is written to another name; the next line begins a new one.
    pub(super) fn set_aside(&self, now: i64) -> io::Result<()> {
        fs::rename(
            self.folder.join(CURRENT),
            self.folder.join(format!("Master.{now}.csv")),
        )
    }

    /// Keeps lines that are no legs for a person to look at.
    pub(super) fn keep(&self, lines: &[u8]) -> io::Result<()> {
        let path = self.folder.join(KEPT);
        let mut file = OpenOptions::new().create(true).append(true).open(path)?;
        file.write_all(lines)?;
        if lines.last() != Some(&b'\n') {
            file.write_all(b"\n")?;
        }
        Ok(())
    }

    /// How many lines were kept.
    pub(super) fn kept(&self) -> io::Result<u64> {
        match fs::read(self.folder.join(KEPT)) {
            Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).lines().count() as u64),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error),
        }
    }
}

/// Whether everything can be done here that has to be; how many lines are no legs.
pub fn look_at(folder: &Path) -> io::Result<u64> {
    let spool = Spool::new(folder.to_owned());
    for part in spool.parts()? {
        Spool::read(&part.path, 0)?;
    }
    // Setting aside and removing need the folder itself.
    may_write(folder)?;
    spool.kept()
}

/// Where lines are kept that are no legs.
pub fn unreadable(folder: &Path) -> PathBuf {
    folder.join(KEPT)
}

fn may_write(folder: &Path) -> io::Result<()> {
    let path = folder.join(format!(".gonopbx-doctor-{}", std::process::id()));
    File::create(&path)?;
    fs::remove_file(path)
}

/// The outer `None`: it is no file of the spool.
#[expect(
    clippy::option_option,
    reason = "no file of ours, and the one that is written to"
)]
fn set_aside(name: &str) -> Option<Option<i64>> {
    if name == CURRENT {
        return Some(None);
    }
    let time = name.strip_prefix("Master.")?.strip_suffix(".csv")?;
    time.parse().ok().map(Some)
}

fn first_line(file: &mut File) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    file.take(FIRST_LINE).read_to_end(&mut bytes)?;
    let is_full = bytes.len() as u64 == FIRST_LINE;
    let end = bytes.iter().position(|&byte| byte == b'\n');
    Ok(match end {
        Some(end) => Some(bytes[..=end].to_vec()),
        None => is_full.then_some(bytes),
    })
}

fn digest(line: &[u8]) -> String {
    let sum = Md5::digest(line);
    uuid::Uuid::from_slice(&sum)
        .expect("both have 16 bytes")
        .simple()
        .to_string()
}
