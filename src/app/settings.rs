//! Settings of the whole system.

use std::sync::Arc;

use super::{App, Result};
use crate::domain::Codecs;
use crate::domain::did::NumberPlan;
use crate::store::{self, PgPool};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    pub global_codecs: Codecs,
    pub emergency_numbers: Vec<String>,
    /// What a number without country or area code means.
    pub numbers: NumberPlan,
}

impl App {
    pub async fn settings(&self) -> Result<Arc<Settings>> {
        if let Some(known) = self.memory.settings() {
            return Ok(known);
        }
        let moment = self.memory.moment();
        let settings = Arc::new(load(&self.pool).await?);
        self.memory.keep_settings(moment, Arc::clone(&settings));
        Ok(settings)
    }
}

/// As they are in the database now.
pub async fn load(pool: &PgPool) -> Result<Settings> {
    Ok(read(
        &store::settings::list(&mut *pool.acquire().await?).await?,
    ))
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
    let digits = |key: &str| {
        let text = rows.iter().find(|(name, _)| name == key)?.1.as_str()?;
        text.bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| text.to_owned())
    };
    let usual = NumberPlan::default();
    Settings {
        numbers: NumberPlan {
            country: digits("country_code")
                .filter(|c| (1..=3).contains(&c.len()))
                .unwrap_or(usual.country),
            area: digits("area_code").unwrap_or(usual.area),
        },
        global_codecs: list("global_codecs")
            .and_then(|names| Codecs::parse(&names.join(",")).ok())
            .unwrap_or_default(),
        // A row deleted in SQL must not make 110 an extension.
        emergency_numbers: list("emergency_numbers")
            .unwrap_or_else(|| vec!["110".to_owned(), "112".to_owned()]),
    }
}
