//! People who log in.

use chrono::{DateTime, Utc};

use super::invalid::{Code, Invalid, Wrong};
use super::{ExtNumber, Fields, Given, Role, mail, secret};

pub const PASSWORD_LENGTH: std::ops::RangeInclusive<usize> = 10..=256;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub id: i64,
    pub username: String,
    pub role: Role,
    pub full_name: String,
    pub email: Option<String>,
    pub language: Option<String>,
    pub must_change_password: bool,
    pub extension: Option<ExtNumber>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// A new password as it was typed.
#[derive(Clone, Default)]
pub struct PasswordDraft {
    pub current: String,
    pub new: String,
    /// Forms ask for it twice; the API once.
    pub repeat: Option<String>,
}

impl std::fmt::Debug for PasswordDraft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordDraft(…)")
    }
}

impl PasswordDraft {
    pub fn read(fields: &mut Fields) -> Self {
        let repeat = match fields.text("repeat_password") {
            Given::Absent => None,
            Given::Null => Some(String::new()),
            Given::Value(text) => Some(text),
        };
        Self {
            current: fields.text("current_password").value().unwrap_or_default(),
            new: fields.text("new_password").value().unwrap_or_default(),
            repeat,
        }
    }

    /// Everything that can be said without knowing the current password.
    pub fn check(&self, username: &str) -> Result<(), Invalid> {
        let mut invalid = Invalid::new();
        if self.current.is_empty() {
            invalid.add("current_password", Code::Required);
        }
        if let Err(wrong) = check_password(&self.new, username) {
            invalid.add_with("new_password", wrong.code, &wrong.args);
        } else if self.new == self.current {
            invalid.add("new_password", Code::SamePassword);
        }
        if self
            .repeat
            .as_ref()
            .is_some_and(|repeat| *repeat != self.new)
        {
            invalid.add("repeat_password", Code::PasswordsDiffer);
        }
        invalid.or(())
    }
}

pub fn check_password(password: &str, username: &str) -> Result<(), Wrong> {
    if password.is_empty() {
        return Err(Wrong::new(Code::Required));
    }
    let length = password.chars().count();
    if length < *PASSWORD_LENGTH.start() {
        return Err(Wrong::new(Code::TooShort).with("min", PASSWORD_LENGTH.start().to_string()));
    }
    if length > *PASSWORD_LENGTH.end() {
        return Err(Wrong::new(Code::TooLong).with("max", PASSWORD_LENGTH.end().to_string()));
    }
    if secret::score(password, &[username, "gonopbx"]) < 2 {
        return Err(Wrong::new(Code::SecretWeak));
    }
    Ok(())
}

/// What a person may change of the own account, besides the password.
#[derive(Debug, Clone, Default)]
pub struct ProfileDraft {
    pub full_name: Given<String>,
    pub email: Given<String>,
    pub language: Given<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileEdit {
    pub full_name: String,
    pub email: Option<String>,
    pub language: Option<String>,
}

impl ProfileDraft {
    pub fn read(fields: &mut Fields) -> Self {
        Self {
            full_name: fields.text("full_name"),
            email: fields.text("email"),
            language: fields.text("language"),
        }
    }

    pub fn check(self, before: &User, languages: &[&str]) -> Result<ProfileEdit, Invalid> {
        let mut invalid = Invalid::new();
        let full_name = match self.full_name {
            Given::Absent => before.full_name.clone(),
            Given::Null => String::new(),
            Given::Value(name) => name.trim().to_owned(),
        };
        if full_name.chars().count() > 100 {
            invalid.add_with("full_name", Code::TooLong, &[("max", "100".into())]);
        }
        if full_name.chars().any(char::is_control) {
            invalid.add("full_name", Code::InvalidCharacters);
        }
        let email = match self.email {
            Given::Absent => before.email.clone(),
            Given::Null => None,
            Given::Value(text) if text.trim().is_empty() => None,
            Given::Value(text) => mail::address(&text)
                .map_err(|wrong| invalid.add_with("email", wrong.code, &wrong.args))
                .ok(),
        };
        let language = match self.language {
            Given::Absent => before.language.clone(),
            Given::Null => None,
            Given::Value(code) => Some(code),
        };
        if language
            .as_ref()
            .is_some_and(|code| !languages.contains(&code.as_str()))
        {
            invalid.add("language", Code::InvalidLanguage);
        }
        invalid.or(ProfileEdit {
            full_name,
            email,
            language,
        })
    }
}
