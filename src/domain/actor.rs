//! Who wants to do what.

use super::ExtNumber;
use super::api_key::ActingKey;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Admin,
    User,
}

impl Role {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::User => "user",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "admin" => Some(Self::Admin),
            "user" => Some(Self::User),
            _ => None,
        }
    }
}

/// The one in whose name a request runs, checked at its door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    pub user_id: i64,
    pub username: String,
    pub role: Role,
    /// The extension this user owns.
    pub extension: Option<ExtNumber>,
    /// The session the request came with.
    pub session: uuid::Uuid,
    /// The address the request came from.
    pub origin: String,
    /// The key of a program that acts for this user.
    pub key: Option<ActingKey>,
}

impl Actor {
    /// Whether people of this role are the actor's to make and change. A key that made an administrator, or gave one a
    /// password, would be held to no scope any more: whoever has it could log in as that one.
    pub fn may_change(&self, role: Role) -> bool {
        self.key.is_none() || role == Role::User
    }

    /// As the history calls it.
    pub fn recorded_name(&self) -> String {
        match &self.key {
            Some(key) => format!("API key {}", key.name),
            None => self.username.clone(),
        }
    }
}
