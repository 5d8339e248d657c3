//! Extensions as a table for other programs: nothing in it is secret, and nothing is a formula.

use std::borrow::Cow;

use super::Extension;
use super::mailbox::Mailbox;

/// What a spreadsheet would take for a formula.
fn is_formula(text: &str) -> bool {
    text.trim_start_matches('\'')
        .starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// A value that no spreadsheet runs: an apostrophe makes it text.
pub fn defused(text: &str) -> String {
    if is_formula(text) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// How a table is written for those who will open it.
#[derive(Debug, Clone, Copy)]
pub struct Style<'a> {
    pub separator: u8,
    pub yes: &'a str,
    pub no: &'a str,
}

/// For programs.
pub const PLAIN: Style<'_> = Style {
    separator: b',',
    yes: "yes",
    no: "no",
};

/// A table as text, marked as UTF-8, in which nothing is a formula.
pub fn write<'r>(
    style: Style<'_>,
    headings: &[&str],
    rows: impl IntoIterator<Item = Vec<Cow<'r, str>>>,
) -> Result<Vec<u8>, csv::Error> {
    let mut bytes = b"\xEF\xBB\xBF".to_vec();
    let mut writer = csv::WriterBuilder::new()
        .delimiter(style.separator)
        .from_writer(&mut bytes);
    writer.write_record(headings)?;
    for row in rows {
        writer.write_record(row.iter().map(|cell| defused(cell)))?;
    }
    writer.flush()?;
    drop(writer);
    Ok(bytes)
}

/// The fields of an extension that leave the house: no password and no PIN.
pub const EXPORTED: [&str; 11] = [
    "extension",
    "caller_id",
    "enabled",
    "context",
    "codecs",
    "ring_time",
    "max_contacts",
    "blf_enabled",
    "pickup_group",
    "mailbox",
    "email",
];

/// One row of an export, in that order.
pub fn exported(
    e: &Extension,
    mailbox: Option<&Mailbox>,
    style: Style<'_>,
) -> Vec<Cow<'static, str>> {
    let flag = |value: bool| if value { style.yes } else { style.no }.to_owned().into();
    let email = mailbox.and_then(|mailbox| mailbox.email.clone());
    vec![
        e.number.to_string().into(),
        e.name.as_str().to_owned().into(),
        flag(e.enabled),
        e.context.as_str().into(),
        if e.own_codecs {
            e.codecs.column().into()
        } else {
            "".into()
        },
        e.ring_time.to_string().into(),
        e.max_phones.to_string().into(),
        flag(e.blf),
        e.pickup_group.clone().unwrap_or_default().into(),
        flag(mailbox.is_some()),
        email.unwrap_or_default().into(),
    ]
}

/// The value as it was before it was defused.
pub(super) fn armed(cell: &str) -> &str {
    cell.strip_prefix('\'')
        .filter(|_| is_formula(cell))
        .unwrap_or(cell)
}
