//! Settings of the whole system.

use std::sync::Arc;

use super::{App, Result};
use crate::domain::Codecs;
use crate::store;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    pub global_codecs: Codecs,
    pub emergency_numbers: Vec<String>,
}

impl App {
    pub async fn settings(&self) -> Result<Arc<Settings>> {
        if let Some(known) = self.memory.settings() {
            return Ok(known);
        }
        let moment = self.memory.moment();
        let rows = store::settings::list(&mut *self.pool.acquire().await?).await?;
        let settings = Arc::new(read(&rows));
        self.memory.keep_settings(moment, Arc::clone(&settings));
        Ok(settings)
    }
}

fn read(rows: &[(String, serde_json::Value)]) -> Settings {
    let list = |key: &str| -> Option<Vec<String>> {
        let (_, value) = rows.iter().find(|(name, _)| name == key)?;
        let words = value
            .as_array()?
            .iter()
            .filter_map(|v| v.as_str().map(str::to_owned));
        Some(words.collect())
    };
    Settings {
        global_codecs: list("global_codecs")
            .and_then(|names| Codecs::parse(&names.join(",")).ok())
            .unwrap_or_default(),
        // A row deleted in SQL must not make 110 an extension.
        emergency_numbers: list("emergency_numbers")
            .unwrap_or_else(|| vec!["110".to_owned(), "112".to_owned()]),
    }
}
