//! What can be asked of Asterisk, how it may end, and how the message is put together.
//!
//! A constructor here holds what is worth knowing about its action; any other action is built with
//! [`Action::new`] and [`Action::set`].

use std::borrow::Cow;
use std::fmt::{self, Write};
use std::time::Duration;

use md5::{Digest, Md5};

use super::wire::{self, Frame, Unsendable};

/// How long an action may take when nothing else was said.
pub const DEADLINE: Duration = Duration::from_secs(5);
/// A list of ten thousand contacts takes a second on a quiet machine.
const LIST_DEADLINE: Duration = Duration::from_secs(20);
/// The answer of `PJSIPShowContacts` when there is nothing to list.
const NO_CONTACTS: &str = "No Contacts found";

/// One message to Asterisk before it gets its `ActionID`.
#[derive(Clone)]
pub struct Action {
    headers: Vec<(Cow<'static, str>, String)>,
    deadline: Duration,
    empty_list: Option<&'static str>,
}

impl Action {
    pub fn new(name: &'static str) -> Self {
        let headers = vec![(Cow::Borrowed("Action"), name.to_owned())];
        Self {
            headers,
            deadline: DEADLINE,
            empty_list: None,
        }
    }

    /// Adds a header; the same name may be added again (`Variable` of an `Originate`).
    #[must_use]
    pub fn set(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((Cow::Borrowed(name), value.into()));
        self
    }

    /// Adds a header unless there is no value.
    #[must_use]
    pub fn set_some(self, name: &'static str, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.set(name, value),
            None => self,
        }
    }

    /// The time after which the caller gets [`Failure::Unknown`] or [`Failure::NotSent`].
    #[must_use]
    pub fn within(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Some lists answer with an error when they are empty; this text then means success.
    #[must_use]
    fn or_empty(mut self, message: &'static str) -> Self {
        self.empty_list = Some(message);
        self.within(LIST_DEADLINE)
    }

    pub fn name(&self) -> &str {
        &self.headers[0].1
    }

    pub fn deadline(&self) -> Duration {
        self.deadline
    }

    pub(super) fn empty_list(&self) -> Option<&'static str> {
        self.empty_list
    }

    pub(super) fn encode(&self, id: &str) -> Result<Vec<u8>, Unsendable> {
        let headers = self
            .headers
            .iter()
            .map(|(name, value)| (name.as_ref(), value.as_str()));
        wire::encode(headers.chain([("ActionID", id)]))
    }

    pub fn ping() -> Self {
        Self::new("Ping")
    }

    pub(super) fn challenge() -> Self {
        Self::new("Challenge").set("AuthType", "MD5")
    }

    /// Logs in without sending the secret itself.
    pub(super) fn login(user: &str, secret: &str, challenge: &str) -> Self {
        let digest = Md5::new()
            .chain_update(challenge)
            .chain_update(secret)
            .finalize();
        let key = digest
            .iter()
            .fold(String::with_capacity(32), |mut key, byte| {
                let _ = write!(key, "{byte:02x}");
                key
            });
        Self::new("Login")
            .set("AuthType", "MD5")
            .set("Username", user)
            .set("Key", key)
    }

    /// A channel variable, or a function such as `PJSIP_ENDPOINT(1001,context)` without a channel.
    ///
    /// A missing object is an empty `Value`, not a refusal.
    pub fn getvar(channel: Option<&str>, variable: impl Into<String>) -> Self {
        Self::new("Getvar")
            .set_some("Channel", channel)
            .set("Variable", variable)
    }

    /// Sets a variable of a channel, or a global one.
    pub fn setvar(
        channel: Option<&str>,
        variable: impl Into<String>,
        value: impl Into<String>,
    ) -> Self {
        Self::new("Setvar")
            .set_some("Channel", channel)
            .set("Variable", variable)
            .set("Value", value)
    }

    /// Makes Asterisk read one object again; an object that is not in the cache is refused.
    pub fn expire_object(cache: impl Into<String>, object: impl Into<String>) -> Self {
        Self::new("SorceryMemoryCacheExpireObject")
            .set("Cache", cache)
            .set("Object", object)
    }

    /// Makes Asterisk read every object of a cache again.
    pub fn expire_all(cache: impl Into<String>) -> Self {
        Self::new("SorceryMemoryCacheExpire").set("Cache", cache)
    }

    /// Reloads one module (`res_pjsip_outbound_registration.so`).
    pub fn reload(module: impl Into<String>) -> Self {
        Self::new("Reload").set("Module", module)
    }

    /// Every device with its state: `DeviceStateChange` items.
    pub fn device_states() -> Self {
        Self::new("DeviceStateList").within(LIST_DEADLINE)
    }

    /// Every registered contact: `ContactList` items.
    pub fn contacts() -> Self {
        Self::new("PJSIPShowContacts").or_empty(NO_CONTACTS)
    }

    /// Every channel: `CoreShowChannel` items.
    pub fn channels() -> Self {
        Self::new("CoreShowChannels").within(LIST_DEADLINE)
    }

    /// Every outbound registration: `OutboundRegistrationDetail` items.
    pub fn registrations() -> Self {
        Self::new("PJSIPShowRegistrationsOutbound").within(LIST_DEADLINE)
    }

    /// Since when it runs.
    pub fn core_status() -> Self {
        Self::new("CoreStatus")
    }

    /// Asterisk's own version and settings.
    pub fn core_settings() -> Self {
        Self::new("CoreSettings")
    }

    /// A command of Asterisk's console, with names of ours only. What it prints is the answer's output.
    pub fn command(words: impl Into<String>) -> Self {
        Self::new("Command").set("Command", words)
    }

    /// Unregisters and registers an outbound registration that Asterisk has applied already.
    pub fn register(registration: impl Into<String>) -> Self {
        Self::new("PJSIPRegister").set("Registration", registration)
    }

    /// Ends a channel, or each whose name a pattern between slashes fits.
    pub fn hangup(channel: impl Into<String>) -> Self {
        Self::new("Hangup").set("Channel", channel)
    }

    /// Calls `channel` and, once it answers, sends it to a number.
    pub fn originate(
        channel: impl Into<String>,
        context: impl Into<String>,
        number: impl Into<String>,
    ) -> Self {
        Self::new("Originate")
            .set("Channel", channel)
            .set("Context", context)
            .set("Exten", number)
            .set("Priority", "1")
            .set("Async", "true")
    }
}

impl fmt::Debug for Action {
    /// Values that may hold a secret are masked.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (name, value) in &self.headers {
            let secret = matches!(name.as_ref(), "Secret" | "Key" | "Value");
            map.entry(name, if secret { &"***" } else { value });
        }
        map.finish()
    }
}

/// A successful answer, with the items when it was a list.
#[derive(Debug, Clone)]
pub struct Reply {
    pub response: Frame,
    pub items: Vec<Frame>,
}

impl Reply {
    /// The answer of a `Getvar`; an empty value counts as none.
    pub fn value(&self) -> Option<&str> {
        self.response.get("Value").filter(|value| !value.is_empty())
    }
}

/// How an action that did not succeed ended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Asterisk understood and said no.
    #[error("Asterisk refused: {message}")]
    Refused { message: String },
    /// Asterisk never saw it.
    #[error("not sent: {0}")]
    NotSent(#[from] NotSent),
    /// It was written, but no answer came: it may have happened or not.
    #[error("outcome unknown: {0}")]
    Unknown(&'static str),
}

/// Why an action was never written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    #[error("Asterisk is not reached")]
    Away,
    #[error("too many actions are waiting")]
    Busy,
    #[error(transparent)]
    Unsendable(#[from] Unsendable),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_in_debug_output() {
        let action = Action::login("gonopbx", "geheim", "123").set("Secret", "geheim");
        let text = format!("{action:?}");
        assert!(!text.contains("geheim") && text.contains("***"), "{text}");
        let value = Action::setvar(None, "PIN", "4711");
        assert!(!format!("{value:?}").contains("4711"));
    }

    #[test]
    fn the_challenge_is_answered_as_asterisk_computes_it() {
        let action = Action::login("u", "labami", "158414213");
        let bytes = action.encode("1").unwrap();
        // printf 158414213labami | md5sum
        let key = "ae7068290667e7720e5d499b31b7cd6a";
        assert!(String::from_utf8(bytes).unwrap().contains(key));
    }

    #[test]
    fn a_line_break_in_any_value_refuses_the_whole_action() {
        let action = Action::getvar(Some("PJSIP/1\r\nAction: Hangup"), "X");
        assert_eq!(action.encode("1"), Err(Unsendable::Value("Channel".into())));
    }
}
