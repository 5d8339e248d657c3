//! What every page needs besides its own data: who looks, in which language, what just happened.

use std::time::Duration;

use crate::texts::Texts;

/// Addresses of the static files, as the server publishes them.
#[derive(Clone, Debug, Default)]
pub struct Assets {
    pub css: String,
    pub htmx: String,
    pub sse: String,
    pub js: String,
    /// The drawing with the symbols `mark` and `logo`; pages refer to them by fragment.
    pub logo: String,
    pub favicon: String,
}

/// The person who is logged in.
#[derive(Clone, Debug)]
pub struct Who {
    pub name: String,
    pub is_admin: bool,
}

/// The colours a person chose; `System` follows the device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    /// The theme that a cookie's value names; anything else follows the device.
    pub fn named(name: &str) -> Self {
        match name {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }

    pub(crate) fn name(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }
}

/// The context of one answer.
#[derive(Clone, Debug)]
pub struct Page<'a> {
    pub user: Option<Who>,
    /// Messages this person has not heard: the badge in the navigation.
    pub new_messages: u64,
    pub flash: Option<Flash>,
    pub assets: &'a Assets,
    pub version: &'a str,
    pub texts: &'a Texts,
    /// Path and query of this page: where a change of the language comes back to.
    pub path: String,
    pub theme: Theme,
    /// What changed until then is on the page; the stream begins there.
    pub moment: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlashKind {
    Success,
    Warning,
    Error,
}

/// The message about what was just done, shown once.
#[derive(Clone, Debug)]
pub struct Flash {
    pub kind: FlashKind,
    pub text: String,
    /// The transaction that can be taken back.
    pub undo: Option<String>,
}

/// What a person just did, for the message about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    Created(String),
    Saved(String),
    Renamed {
        from: String,
        to: String,
    },
    PasswordSet(String),
    Enabled(String),
    Disabled(String),
    Deleted(String),
    /// So many extensions, from a table.
    Imported(u64),
    /// One change of so many extensions.
    ManySaved(u64),
    ManyDeleted(u64),
    /// Trunks, by name.
    TrunkCreated(String),
    TrunkSaved(String),
    TrunkEnabled(String),
    TrunkDisabled(String),
    TrunkDeleted(String),
    /// Numbers, as people write them.
    NumberAssigned {
        number: String,
        extension: String,
    },
    NumberSaved(String),
    NumberEnabled(String),
    NumberDisabled(String),
    /// It leads nowhere any more.
    NumberDeleted(String),
    NumberRemoved {
        number: String,
        extension: String,
    },
    /// It is not offered any more until it is called again.
    NumberForgotten(String),
    /// What an extension shows outside.
    OutboundSaved(String),
    ForwardSaved(String),
    /// Mailboxes, by number.
    MailboxSaved(String),
    MailboxPin(String),
    MailboxDeleted(String),
    SettingsSaved,
    MailSaved,
    /// For the next start of Asterisk.
    NetworkSaved,
    ProfileSaved,
    OwnPasswordChanged,
    SessionEnded,
    SecondFactorOff,
    KeyRevoked,
    LoggedOut,
    /// People who log in, by user name.
    UserCreated(String),
    UserSaved(String),
    UserPasswordSet(String),
    UserSignedOut(String),
    UserFactorOff(String),
    UserDeleted(String),
    /// A transaction, by its number.
    Undone(String),
    CallEnded,
    /// The own phone rings; whoever answers there calls this number.
    CallPlaced(String),
}

/// Why it is not certain that a saved change is live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unconfirmed {
    /// Asterisk is not connected.
    Away,
    /// Asterisk did not answer in time.
    Late,
    /// Asterisk answered, but still sees the former values.
    Stale,
    /// The database does not tell of changes now.
    NotListening,
    /// Asterisk refused, with these words.
    Refused(String),
}

impl Flash {
    /// It is done and Asterisk confirmed it.
    pub fn live(done: &Done, took: Duration, t: &Texts) -> Self {
        let live = t.t_args("flash-live", &[("time", t.blink(took).into())]);
        Self {
            kind: FlashKind::Success,
            text: format!("{} {live}", sentence(done, t)),
            undo: None,
        }
    }

    /// It is done, and Asterisk has no part in it.
    pub fn done(done: &Done, t: &Texts) -> Self {
        Self {
            kind: FlashKind::Success,
            text: sentence(done, t),
            undo: None,
        }
    }

    /// It is saved, but not confirmed.
    pub fn unconfirmed(done: &Done, why: &Unconfirmed, t: &Texts) -> Self {
        let why = match why {
            Unconfirmed::Away => t.t("flash-unconfirmed-away").to_owned(),
            Unconfirmed::Late => t.t("flash-unconfirmed-late").to_owned(),
            Unconfirmed::Stale => t.t("flash-unconfirmed-stale").to_owned(),
            Unconfirmed::NotListening => t.t("flash-unconfirmed-not-listening").to_owned(),
            Unconfirmed::Refused(words) => t.t_args(
                "flash-unconfirmed-refused",
                &[("words", words.as_str().into())],
            ),
        };
        Self {
            kind: FlashKind::Warning,
            text: format!("{} {why}", sentence(done, t)),
            undo: None,
        }
    }

    /// It was not done; `code` as in [`Texts::error`].
    pub fn error(code: &str, t: &Texts) -> Self {
        Self {
            kind: FlashKind::Error,
            text: t.error(code, &[]),
            undo: None,
        }
    }
}

fn sentence(done: &Done, t: &Texts) -> String {
    let about = |key, number: &str| t.t_args(key, &[("number", number.into())]);
    let trunk = |key, name: &str| t.t_args(key, &[("name", name.into())]);
    let of = |key, number: &str, extension: &str| {
        t.t_args(
            key,
            &[("number", number.into()), ("extension", extension.into())],
        )
    };
    match done {
        Done::Created(number) => about("flash-created", number),
        Done::Saved(number) => about("flash-saved", number),
        Done::Renamed { from, to } => t.t_args(
            "flash-renamed",
            &[("from", from.as_str().into()), ("to", to.as_str().into())],
        ),
        Done::PasswordSet(number) => about("flash-password-set", number),
        Done::Enabled(number) => about("flash-enabled", number),
        Done::Disabled(number) => about("flash-disabled", number),
        Done::Deleted(number) => about("flash-deleted", number),
        Done::Imported(count) => t.t_count("flash-imported", *count),
        Done::ManySaved(count) => t.t_count("flash-many-saved", *count),
        Done::ManyDeleted(count) => t.t_count("flash-many-deleted", *count),
        Done::TrunkCreated(name) => trunk("flash-trunk-created", name),
        Done::TrunkSaved(name) => trunk("flash-trunk-saved", name),
        Done::TrunkEnabled(name) => trunk("flash-trunk-enabled", name),
        Done::TrunkDisabled(name) => trunk("flash-trunk-disabled", name),
        Done::TrunkDeleted(name) => trunk("flash-trunk-deleted", name),
        Done::NumberAssigned { number, extension } => {
            of("flash-number-assigned", number, extension)
        }
        Done::NumberSaved(number) => about("flash-number-saved", number),
        Done::NumberEnabled(number) => about("flash-number-enabled", number),
        Done::NumberDisabled(number) => about("flash-number-disabled", number),
        Done::NumberDeleted(number) => about("flash-number-deleted", number),
        Done::NumberRemoved { number, extension } => of("flash-number-removed", number, extension),
        Done::NumberForgotten(number) => about("flash-number-forgotten", number),
        Done::OutboundSaved(number) => about("flash-outbound-saved", number),
        Done::ForwardSaved(number) => about("flash-forward-saved", number),
        Done::MailboxSaved(number) => about("flash-mailbox-saved", number),
        Done::MailboxPin(number) => about("flash-mailbox-pin", number),
        Done::MailboxDeleted(number) => about("flash-mailbox-deleted", number),
        Done::NetworkSaved => t.t("flash-network-saved").to_owned(),
        Done::MailSaved => t.t("flash-mail-saved").to_owned(),
        Done::SettingsSaved => t.t("flash-settings-saved").to_owned(),
        Done::ProfileSaved => t.t("flash-profile-saved").to_owned(),
        Done::OwnPasswordChanged => t.t("flash-own-password-changed").to_owned(),
        Done::SessionEnded => t.t("flash-session-ended").to_owned(),
        Done::SecondFactorOff => t.t("flash-second-factor-off").to_owned(),
        Done::KeyRevoked => t.t("flash-key-revoked").to_owned(),
        Done::Undone(tx) => t.t_args("flash-undone", &[("tx", tx.as_str().into())]),
        Done::CallEnded => t.t("flash-call-ended").to_owned(),
        Done::CallPlaced(number) => about("flash-call-placed", number),
        Done::UserCreated(name) => trunk("flash-user-created", name),
        Done::UserSaved(name) => trunk("flash-user-saved", name),
        Done::UserPasswordSet(name) => trunk("flash-user-password-set", name),
        Done::UserSignedOut(name) => trunk("flash-user-signed-out", name),
        Done::UserFactorOff(name) => trunk("flash-user-factor-off", name),
        Done::UserDeleted(name) => trunk("flash-user-deleted", name),
        Done::LoggedOut => t.t("flash-logged-out").to_owned(),
    }
}
