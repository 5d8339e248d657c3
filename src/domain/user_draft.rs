//! Users as an administrator makes and changes them.

use super::fields::Fields;
use super::invalid::{Code, Invalid, Wrong};
use super::user::{User, check_password};
use super::{Given, Role, mail, mailbox, secret};

const USERNAME_LENGTH: usize = 50;
const FULL_NAME_LENGTH: usize = 100;

/// A user as it was typed.
#[derive(Debug, Clone, Default)]
pub struct UserDraft {
    pub username: Given<String>,
    pub full_name: Given<String>,
    pub email: Given<String>,
    pub role: Given<String>,
    pub language: Given<String>,
}

/// What a user shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserEdit {
    pub username: String,
    pub full_name: String,
    pub email: Option<String>,
    pub role: Role,
    pub language: Option<String>,
}

impl UserDraft {
    pub fn read(fields: &mut Fields) -> Self {
        Self {
            username: fields.text("username"),
            full_name: fields.text("full_name"),
            email: fields.text("email"),
            role: fields.text("role"),
            language: fields.text("language"),
        }
    }

    /// What is absent stays as it was; a new user is called by the user name and is no admin.
    pub fn check(self, before: Option<&User>, languages: &[&str]) -> Result<UserEdit, Invalid> {
        let mut invalid = Invalid::new();
        let mut note = |field, wrong: Wrong| {
            invalid.add_with(field, wrong.code, &wrong.args);
        };
        let username = match (self.username, before) {
            (Given::Absent, Some(before)) => before.username.clone(),
            (Given::Absent | Given::Null, _) => {
                note("username", Wrong::new(Code::Required));
                String::new()
            }
            // Whatever it is, it was good enough to log in with.
            (Given::Value(name), Some(before)) if name.trim() == before.username => {
                before.username.clone()
            }
            (Given::Value(name), _) => username(&name).unwrap_or_else(|wrong| {
                note("username", wrong);
                String::new()
            }),
        };
        let full_name = match (self.full_name, before) {
            (Given::Absent, Some(before)) => before.full_name.clone(),
            (Given::Absent, None) => username.clone(),
            (Given::Null, _) => String::new(),
            (Given::Value(name), _) => mailbox::line(&name, FULL_NAME_LENGTH)
                .unwrap_or_else(|wrong| {
                    note("full_name", wrong);
                    None
                })
                .unwrap_or_default(),
        };
        let email = match self.email {
            Given::Absent => before.and_then(|before| before.email.clone()),
            Given::Null => None,
            Given::Value(text) if text.trim().is_empty() => None,
            Given::Value(text) => mail::address(&text)
                .map_err(|wrong| note("email", wrong))
                .ok(),
        };
        let role = match self.role {
            Given::Absent => before.map_or(Role::User, |before| before.role),
            Given::Null => {
                note("role", Wrong::new(Code::Required));
                Role::User
            }
            Given::Value(word) => Role::parse(&word).unwrap_or_else(|| {
                note("role", Wrong::new(Code::InvalidRole));
                Role::User
            }),
        };
        let language = match self.language {
            Given::Absent => before.and_then(|before| before.language.clone()),
            Given::Null => None,
            Given::Value(code) => {
                if !languages.contains(&code.as_str()) {
                    note("language", Wrong::new(Code::InvalidLanguage));
                }
                Some(code)
            }
        };
        invalid.or(UserEdit {
            username,
            full_name,
            email,
            role,
            language,
        })
    }
}

/// It is written into tokens, addresses and logs, and people type it.
fn username(text: &str) -> Result<String, Wrong> {
    let text = text.trim_matches(' ');
    if text.is_empty() {
        return Err(Wrong::new(Code::Required));
    }
    if text.chars().count() > USERNAME_LENGTH {
        return Err(Wrong::new(Code::TooLong).with("max", USERNAME_LENGTH.to_string()));
    }
    if !text
        .chars()
        .all(|c| c.is_alphanumeric() || "._-@+".contains(c))
    {
        return Err(Wrong::new(Code::InvalidUsername));
    }
    Ok(text.to_owned())
}

/// A password that an administrator gives somebody.
#[derive(Clone, Default)]
pub struct GivenPassword {
    /// What is left out is generated, where that is offered.
    pub password: Given<String>,
    /// Whether it is to be replaced at the next login.
    pub must_change: Given<bool>,
}

impl std::fmt::Debug for GivenPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("GivenPassword(…)")
    }
}

impl GivenPassword {
    pub fn read(fields: &mut Fields) -> Self {
        Self {
            password: fields.text("password"),
            must_change: fields.flag("must_change_password"),
        }
    }

    /// A generated one, for one login.
    pub fn generated() -> Self {
        Self {
            password: Given::Value(secret::SipSecret::generate().expose().to_owned()),
            must_change: Given::Value(true),
        }
    }

    pub fn must_change(&self) -> bool {
        matches!(self.must_change, Given::Value(true))
    }

    pub fn check(&self, username: &str) -> Result<String, Invalid> {
        let password = match &self.password {
            Given::Absent | Given::Null => Err(Wrong::new(Code::Required)),
            Given::Value(password) => check_password(password, username).map(|()| password.clone()),
        };
        password.map_err(|wrong| {
            let mut invalid = Invalid::new();
            invalid.add_with("password", wrong.code, &wrong.args);
            invalid
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Result<UserEdit, Invalid> {
        let draft = UserDraft {
            username: Given::Value(name.to_owned()),
            ..UserDraft::default()
        };
        draft.check(None, &["de", "en"])
    }

    #[test]
    fn a_new_user_is_called_by_the_user_name_and_is_no_admin() {
        let edit = named(" eva.muster ").expect("legal");
        assert_eq!(
            (edit.username.as_str(), edit.full_name.as_str()),
            ("eva.muster", "eva.muster")
        );
        assert_eq!(
            (edit.role, edit.email, edit.language),
            (Role::User, None, None)
        );
    }

    #[test]
    fn a_user_name_is_one_word() {
        for name in ["jürgen", "eva@example.com", "a-b_c+d", "x"] {
            assert!(named(name).is_ok(), "{name}");
        }
        for name in [
            "",
            " ",
            "a b",
            "a\0",
            "a\n",
            "<b>",
            "a/b",
            "a\"",
            "\u{202e}eva",
            &"u".repeat(51),
        ] {
            assert!(named(name).is_err(), "{name:?}");
        }
    }
}
