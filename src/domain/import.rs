//! Extensions from a table of another program: columns found by their headings, rows checked like every extension. Knows
//! text and rules, no database.

use std::collections::{HashMap, HashSet};

use super::export::armed;
use super::extension::{NewSecret, Rules};
use super::invalid::{Code, Invalid};
use super::mailbox::{MailboxDraft, MailboxEdit};
use super::secret::STRONG_SCORE;
use super::{ExtensionDraft, ExtensionEdit, Fields, Given};

pub const MOST_ROWS: usize = 5000;
pub const MOST_BYTES: usize = 1024 * 1024;

/// The fields there are, by the names of the REST contract, each with the headings it is known by besides its own name.
/// They are compared without case, spaces and signs.
const COLUMNS: [(&str, &[&str]); 13] = [
    (
        "extension",
        &["nummer", "nebenstelle", "durchwahl", "number"],
    ),
    ("caller_id", &["name", "anzeigename", "displayname"]),
    (
        "secret",
        &[
            "passwort",
            "kennwort",
            "sippasswort",
            "password",
            "sippassword",
        ],
    ),
    (
        "enabled",
        &["aktiv", "aktiviert", "eingeschaltet", "active"],
    ),
    ("context", &["kontext"]),
    ("codecs", &["codec"]),
    ("ring_time", &["klingeldauer", "klingelzeit", "ringtimeout"]),
    (
        "max_contacts",
        &["maxtelefone", "telefone", "maxphones", "phones"],
    ),
    ("blf_enabled", &["blf", "lampe", "lamp"]),
    (
        "pickup_group",
        &["rufannahmegruppe", "heranholgruppe", "pickupgruppe"],
    ),
    ("mailbox", &["anrufbeantworter", "voicemail", "mailbox"]),
    ("pin", &["mailboxpin", "voicemailpin"]),
    (
        "email",
        &["mail", "emailadresse", "mailaddress", "emailaddress"],
    ),
];
const FLAGS: [&str; 3] = ["enabled", "blf_enabled", "mailbox"];

/// The fields a table can have, in the order of the template.
pub fn fields() -> impl Iterator<Item = &'static str> {
    COLUMNS.iter().map(|(field, _)| *field)
}

/// What was typed about one extension.
#[derive(Debug, Clone)]
pub struct Row {
    /// As people count in a table: the headings are row 1.
    pub line: u64,
    pub extension: ExtensionDraft,
    pub mailbox: Option<MailboxDraft>,
    malformed: Invalid,
}

/// A table that could be read.
#[derive(Debug, Clone, Default)]
pub struct Table {
    pub rows: Vec<Row>,
    /// Headings that mean nothing here; their columns are left out.
    pub unknown: Vec<String>,
    /// The file was not UTF-8; it was read as Windows-1252, as older programs write it.
    pub was_windows: bool,
}

/// One that may be saved.
#[derive(Debug, Clone)]
pub struct Good {
    pub edit: ExtensionEdit,
    pub mailbox: Option<MailboxEdit>,
    /// The password was not in the table.
    pub is_generated: bool,
    /// The same of the mailbox's PIN.
    pub is_pin_generated: bool,
}

impl Good {
    pub fn is_weak(&self) -> bool {
        self.edit
            .secret
            .as_ref()
            .is_some_and(|new| new.score < STRONG_SCORE)
    }
}

/// One that may not, and why.
#[derive(Debug, Clone)]
pub struct Bad {
    pub line: u64,
    /// As it was typed.
    pub number: String,
    pub name: String,
    pub invalid: Invalid,
}

#[derive(Debug, Clone, Default)]
pub struct Checked {
    pub good: Vec<Good>,
    pub bad: Vec<Bad>,
}

/// The bytes of a file as text; also whether it was Windows-1252.
pub fn decode(bytes: &[u8]) -> Result<(String, bool), Invalid> {
    if bytes.len() > MOST_BYTES {
        return Err(too_large());
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    // UTF-16, a spreadsheet's own format, anything else that is no text.
    if bytes.contains(&0) {
        return Err(Invalid::one("file", Code::NotText));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok((text.to_owned(), false)),
        Err(_) => Ok((bytes.iter().map(|byte| windows_1252(*byte)).collect(), true)),
    }
}

pub fn too_large() -> Invalid {
    let mut invalid = Invalid::new();
    let max = [("max", (MOST_BYTES / 1024).to_string())];
    invalid.add_with("file", Code::FileTooLarge, &max);
    invalid
}

fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => HIGH[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

impl Table {
    /// Reads comma, semicolon or tab separated text whose first row has the headings.
    pub fn read(text: &str) -> Result<Self, Invalid> {
        let text = text.trim_start_matches('\u{feff}');
        // A line with which Excel is told the separator.
        let (text, above) = match text.split_once('\n') {
            Some((first, rest)) if first.to_ascii_lowercase().starts_with("sep=") => (rest, 1),
            _ => (text, 0),
        };
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(separator(text))
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        let not_text = |_: csv::Error| Invalid::one("file", Code::NotText);
        let mut records = reader.records();
        let headings = match records.next() {
            Some(record) => record.map_err(not_text)?,
            None => return Err(Invalid::one("file", Code::NoRows)),
        };
        let (columns, unknown) = columns(&headings)?;
        let mut table = Self {
            unknown,
            ..Self::default()
        };
        for record in records {
            let record = record.map_err(not_text)?;
            let line = record.position().map_or(0, csv::Position::line) + above;
            if record.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            if table.rows.len() == MOST_ROWS {
                return Err(too_many());
            }
            let mut row = Row::read(line, &mut cells(&record, &columns));
            if record
                .iter()
                .skip(columns.len())
                .any(|cell| !cell.trim().is_empty())
            {
                row.malformed.add("row", Code::TooManyCells);
            }
            table.rows.push(row);
        }
        if table.rows.is_empty() {
            return Err(Invalid::one("file", Code::NoRows));
        }
        Ok(table)
    }

    /// The same from objects with the names of the REST contract.
    pub fn of_objects(
        objects: Vec<serde_json::Map<String, serde_json::Value>>,
    ) -> Result<Self, Invalid> {
        if objects.len() > MOST_ROWS {
            return Err(too_many());
        }
        if objects.is_empty() {
            return Err(Invalid::one("peers", Code::NoRows));
        }
        let rows = (1..).zip(objects);
        let rows = rows.map(|(line, object)| Row::read(line, &mut Fields::from_json(object)));
        Ok(Self {
            rows: rows.collect(),
            ..Self::default()
        })
    }

    /// The numbers as they were typed, for asking which are taken.
    pub fn numbers(&self) -> Vec<String> {
        let typed = self
            .rows
            .iter()
            .filter_map(|row| row.extension.number.clone().value());
        typed.map(|number| number.trim().to_owned()).collect()
    }

    /// All rules of a single extension, and no number twice: neither here nor in `taken`.
    pub fn check(self, rules: Rules<'_>, taken: &HashSet<String>) -> Checked {
        let mut checked = Checked::default();
        let mut first: HashMap<String, u64> = HashMap::new();
        let mut rows = Vec::with_capacity(self.rows.len());
        for mut row in self.rows {
            let number = typed(&row.extension.number);
            if let Some(line) = first.get(&number).filter(|_| !number.is_empty()) {
                row.malformed
                    .add_with("extension", Code::RowTwice, &[("row", line.to_string())]);
            } else if taken.contains(&number) {
                row.malformed.add("extension", Code::Taken);
            }
            first.entry(number).or_insert(row.line);
            rows.push(row);
        }
        for result in judged(&rows, rules) {
            match result {
                Ok(good) => checked.good.push(good),
                Err(bad) => checked.bad.push(bad),
            }
        }
        checked
    }
}

/// Passwords are judged on all processors: a thousand take a second on one.
fn judged(rows: &[Row], rules: Rules<'_>) -> Vec<Result<Good, Bad>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let size = rows.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let parts: Vec<_> = rows
            .chunks(size)
            .map(|part| {
                scope.spawn(move || {
                    part.iter()
                        .cloned()
                        .map(|row| row.check(rules))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        parts
            .into_iter()
            .flat_map(|part| part.join().expect("checking a row does not panic"))
            .collect()
    })
}

fn too_many() -> Invalid {
    let mut invalid = Invalid::new();
    invalid.add_with("file", Code::TooManyRows, &[("max", MOST_ROWS.to_string())]);
    invalid
}

fn typed(given: &Given<String>) -> String {
    given.clone().value().unwrap_or_default().trim().to_owned()
}

impl Row {
    fn read(line: u64, fields: &mut Fields) -> Self {
        let extension = ExtensionDraft {
            // A table is somebody's list of phones that work; weak ones are taken and listed.
            allow_weak: true,
            ..ExtensionDraft::read(fields)
        };
        let mailbox = MailboxDraft {
            pin: fields.text("pin"),
            email: fields.text("email"),
            name: extension.name.clone(),
            ..MailboxDraft::default()
        };
        // Whoever gives a PIN or an address wants a mailbox.
        let is_named = [&mailbox.pin, &mailbox.email]
            .iter()
            .any(|given| matches!(given, Given::Value(_)));
        let wanted = fields.flag("mailbox").value().unwrap_or(is_named);
        Self {
            line,
            extension,
            mailbox: wanted.then_some(mailbox),
            malformed: std::mem::take(fields).finish(),
        }
    }

    fn check(self, rules: Rules<'_>) -> Result<Good, Bad> {
        let (number, name) = (typed(&self.extension.number), typed(&self.extension.name));
        let is_generated = !matches!(self.extension.secret, Given::Value(_));
        let is_pin_generated = self
            .mailbox
            .as_ref()
            .is_some_and(|mailbox| !matches!(mailbox.pin, Given::Value(_)));
        let mut invalid = self.malformed;
        let rules = Rules {
            may_allow_weak: true,
            ..rules
        };
        let edit = match self.extension.check(None, rules) {
            Ok(edit) => Some(edit),
            Err(more) => {
                invalid.merge(more);
                None
            }
        };
        // The mailbox's own rules need a number; with a wrong one they are judged by one of usual length.
        let beside = edit
            .as_ref()
            .map(|edit| edit.number.clone())
            .or_else(|| super::ExtNumber::parse("1000").ok());
        let mailbox = match (self.mailbox, beside) {
            (Some(draft), Some(number)) => match draft.check(&number, None) {
                Ok(edit) => Some(edit),
                Err(more) => {
                    // The name is the extension's, and judged there.
                    let own = more
                        .problems()
                        .iter()
                        .filter(|problem| problem.field != "name");
                    for problem in own {
                        let args: Vec<_> = problem.args.clone().into_iter().collect();
                        invalid.add_with(problem.field, problem.code, &args);
                    }
                    None
                }
            },
            _ => None,
        };
        match edit {
            Some(edit) if invalid.is_empty() => Ok(Good {
                edit,
                mailbox,
                is_generated,
                is_pin_generated,
            }),
            _ => Err(Bad {
                line: self.line,
                number,
                name,
                invalid,
            }),
        }
    }
}

impl Good {
    pub fn secret(&self) -> Option<&NewSecret> {
        self.edit.secret.as_ref()
    }
}

/// Whichever of the three separates the headings.
fn separator(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or_default();
    let mut best = (0, b';');
    for candidate in [b';', b',', b'\t'] {
        let count = first.bytes().filter(|byte| *byte == candidate).count();
        if count > best.0 {
            best = (count, candidate);
        }
    }
    best.1
}

fn plain(heading: &str) -> String {
    heading
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// The field of each column; None for those that mean nothing here.
fn columns(
    headings: &csv::StringRecord,
) -> Result<(Vec<Option<&'static str>>, Vec<String>), Invalid> {
    let (mut columns, mut unknown) = (Vec::new(), Vec::new());
    for heading in headings {
        let name = plain(heading);
        let known = COLUMNS
            .iter()
            .find(|(field, names)| plain(field) == name || names.contains(&name.as_str()));
        let field = known.map(|(field, _)| *field);
        if field.is_some() && columns.contains(&field) {
            let heading = heading.trim().chars().take(40).collect();
            let mut invalid = Invalid::new();
            invalid.add_with("file", Code::ColumnTwice, &[("column", heading)]);
            return Err(invalid);
        }
        if field.is_none() && !name.is_empty() {
            unknown.push(heading.trim().chars().take(40).collect());
        }
        columns.push(field);
    }
    if !columns.contains(&Some("extension")) {
        let mut invalid = Invalid::new();
        invalid.add_with(
            "file",
            Code::MissingColumn,
            &[("column", "extension".into())],
        );
        return Err(invalid);
    }
    Ok((columns, unknown))
}

fn cells(record: &csv::StringRecord, columns: &[Option<&'static str>]) -> Fields {
    let cells = columns.iter().zip(record);
    let pairs = cells.filter_map(|(field, cell)| {
        let field = (*field)?;
        let cell = cell.trim();
        let text = if FLAGS.contains(&field) {
            flag(cell)
        } else {
            armed(cell)
        };
        Some((field.to_owned(), text.to_owned()))
    });
    Fields::from_form(pairs.collect(), &[])
}

/// People write their own words for yes and no.
fn flag(cell: &str) -> &str {
    match cell.to_lowercase().as_str() {
        "ja" | "j" | "x" | "an" | "wahr" => "yes",
        "nein" | "aus" | "falsch" | "-" => "no",
        _ => cell,
    }
}

#[cfg(test)]
#[path = "import_tests.rs"]
mod tests;
