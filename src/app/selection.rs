//! Which extensions a list, an export or a change of many is about.

use std::sync::Arc;

use super::{App, Result};
use crate::domain::{Actor, ExtNumber, Extension};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum State {
    #[default]
    Any,
    Online,
    Offline,
    Disabled,
}

/// What has to be so. The words are looked for in number and name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    words: String,
    state: State,
}

impl Filter {
    pub fn new(words: &str, state: State) -> Self {
        Self {
            words: words.trim().to_lowercase(),
            state,
        }
    }
}

/// Those that match, in the order of their numbers.
#[derive(Debug)]
pub struct Matching<'a> {
    pub found: Vec<&'a Arc<Extension>>,
    /// There is at least one extension, whatever the filter.
    pub any: bool,
}

impl App {
    pub async fn with_matching<T>(
        &self,
        actor: &Actor,
        filter: &Filter,
        look: impl FnOnce(Matching<'_>) -> T,
    ) -> Result<T> {
        let connected = self.hub.asterisk().connected;
        let is_online = |e: &Extension| {
            let seen = self.hub.endpoint(e.number.as_str());
            seen.presence.is_online()
        };
        let matches = |e: &Extension| {
            let words = &filter.words;
            let is_named = words.is_empty()
                || e.number.as_str().contains(words)
                || e.name.as_str().to_lowercase().contains(words);
            is_named
                && match filter.state {
                    State::Any => true,
                    State::Disabled => !e.enabled,
                    State::Online => e.enabled && connected && is_online(e),
                    State::Offline => e.enabled && connected && !is_online(e),
                }
        };
        self.with_extensions(actor, |all| {
            let mut any = false;
            let found = all.inspect(|_| any = true).filter(|e| matches(e)).collect();
            look(Matching { found, any })
        })
        .await
    }

    pub async fn matching(&self, actor: &Actor, filter: &Filter) -> Result<Vec<ExtNumber>> {
        self.with_matching(actor, filter, |matching| {
            let numbers = matching.found.iter().map(|e| e.number.clone());
            numbers.collect()
        })
        .await
    }
}
