//! Settings of the whole system.

use std::ops::RangeInclusive;
use std::sync::Arc;

use super::work::{Applied, Proof};
use super::{App, Result, dialplan, mail, phone_addresses};
use crate::dialplan::Key;
use crate::domain::did::NumberPlan;
use crate::domain::invalid::Code;
use crate::domain::mail::{MailServer, MailServerDraft};
use crate::domain::network::Network;
use crate::domain::phone_addresses::PhoneAddresses;
use crate::domain::premium::Barred;
use crate::domain::{Act, Actor, Codecs, Fields, Given, Invalid};
use crate::store::{self, PgConnection, PgPool};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    pub global_codecs: Codecs,
    pub emergency_numbers: Vec<String>,
    /// What a number without country or area code means.
    pub numbers: NumberPlan,
    /// What people have set; Asterisk may have been started with other values.
    pub network: Network,
    /// After how many days a call is deleted from the history; never, if nobody has said so.
    pub history_days: Option<u32>,
    /// Nobody is forwarded to these.
    pub barred: Barred,
    pub phone_addresses: PhoneAddresses,
}

/// Ten years, which is as long as anybody has to keep records.
pub const HISTORY_DAYS: RangeInclusive<u32> = 1..=3_653;

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

/// What a person typed.
#[derive(Debug, Clone, Default)]
pub struct SettingsDraft {
    pub country_code: Given<String>,
    pub area_code: Given<String>,
    pub emergency_numbers: Given<String>,
    pub history_days: Given<String>,
    pub barred_forwards: Given<String>,
}

impl SettingsDraft {
    pub fn read(fields: &mut Fields) -> Self {
        Self {
            country_code: fields.text("country_code"),
            area_code: fields.text("area_code"),
            emergency_numbers: fields.text("emergency_numbers"),
            history_days: fields.text("history_days"),
            barred_forwards: fields.text("barred_forwards"),
        }
    }

    fn check(self, before: &Settings) -> std::result::Result<Settings, Invalid> {
        let mut invalid = Invalid::new();
        let mut digits =
            |field, given: Given<String>, before: &str, length: RangeInclusive<usize>| {
                let text = match given {
                    Given::Absent => before.to_owned(),
                    Given::Null => String::new(),
                    Given::Value(text) => text.trim().trim_start_matches(['+', '0']).to_owned(),
                };
                if !text.bytes().all(|b| b.is_ascii_digit()) || !length.contains(&text.len()) {
                    invalid.add(field, Code::InvalidDid);
                }
                text
            };
        let country = digits(
            "country_code",
            self.country_code,
            &before.numbers.country,
            1..=3,
        );
        let area = digits("area_code", self.area_code, &before.numbers.area, 0..=6);
        let emergency_numbers: Vec<String> = match self.emergency_numbers {
            Given::Absent => before.emergency_numbers.clone(),
            Given::Null => Vec::new(),
            Given::Value(text) => text
                .split(',')
                .map(|n| n.trim().to_owned())
                .filter(|n| !n.is_empty())
                .collect(),
        };
        let legal =
            |n: &String| (2..=6).contains(&n.len()) && n.bytes().all(|b| b.is_ascii_digit());
        if emergency_numbers.is_empty() {
            invalid.add("emergency_numbers", Code::Required);
        } else if !emergency_numbers.iter().all(legal) || emergency_numbers.len() > 10 {
            invalid.add("emergency_numbers", Code::InvalidDid);
        }
        let history_days = match self.history_days {
            Given::Absent => before.history_days,
            Given::Null => None,
            Given::Value(text) => {
                let text = text.trim();
                let days = text.parse().ok().filter(|days| HISTORY_DAYS.contains(days));
                if days.is_none() && !text.is_empty() {
                    let (min, max) = (HISTORY_DAYS.start(), HISTORY_DAYS.end());
                    let limits = [("min", min.to_string()), ("max", max.to_string())];
                    invalid.add_with("history_days", Code::OutOfRange, &limits);
                }
                days
            }
        };
        let numbers = NumberPlan { country, area };
        let barred = match self.barred_forwards {
            Given::Absent => Some(before.barred.clone()),
            Given::Null => invalid.note("barred_forwards", Barred::parse("", &numbers)),
            Given::Value(text) => invalid.note("barred_forwards", Barred::parse(&text, &numbers)),
        };
        invalid.or(Settings {
            global_codecs: before.global_codecs.clone(),
            emergency_numbers,
            numbers,
            barred: barred.unwrap_or_default(),
            phone_addresses: before.phone_addresses.clone(),
            network: before.network.clone(),
            history_days,
        })
    }
}

impl App {
    /// Country and area code reach the trunks, emergency numbers the dialplan, in the same transaction.
    pub async fn edit_settings(&self, actor: &Actor, draft: SettingsDraft) -> Result<Applied> {
        let mut work = self.begin(actor, &Act::EditSettings).await?;
        let before = read(&store::settings::list(work.conn()).await?);
        let after = draft.check(&before)?;
        save(work.conn(), &before, &after).await?;
        let applied = work.commit(Proof::NotNeeded).await?;
        self.memory.forget_settings();
        Ok(applied)
    }

    /// The same with the mail server, as one change: all of it is saved, or nothing is, and each wrong field is named.
    pub async fn edit_all_settings(
        &self,
        actor: &Actor,
        draft: SettingsDraft,
        server: MailServerDraft,
    ) -> Result<(MailServer, Settings)> {
        let mut work = self.begin(actor, &Act::EditSettings).await?;
        let before = read(&store::settings::list(work.conn()).await?);
        let former = store::mail::server(work.conn()).await?;
        let (server, after) = match (server.check(former), draft.check(&before)) {
            (Ok(server), Ok(after)) => (server, after),
            (Err(mut invalid), Err(more)) => {
                invalid.merge(more);
                return Err(invalid.into());
            }
            (Err(invalid), _) | (_, Err(invalid)) => return Err(invalid.into()),
        };
        mail::save(work.conn(), &server).await?;
        if after != before {
            save(work.conn(), &before, &after).await?;
        }
        work.commit(Proof::NotNeeded).await?;
        self.memory.forget_settings();
        Ok((server, after))
    }
}

async fn save(conn: &mut PgConnection, before: &Settings, after: &Settings) -> Result<()> {
    let text = |value: &str| serde_json::Value::String(value.to_owned());
    for (key, value) in [
        ("country_code", text(&after.numbers.country)),
        ("area_code", text(&after.numbers.area)),
        (
            "emergency_numbers",
            after.emergency_numbers.iter().map(|n| text(n)).collect(),
        ),
        ("history_days", after.history_days.into()),
    ] {
        store::settings::save(conn, key, &value).await?;
    }
    // What was never said stays what is usual, also when that changes with the program.
    if before.barred != after.barred {
        let prefixes = after.barred.canonical().iter();
        let value = prefixes.map(|prefix| text(prefix)).collect();
        store::settings::save(conn, "barred_forwards", &value).await?;
    }
    if before.numbers != after.numbers {
        App::follow_plan(conn, &after.numbers).await?;
    }
    let gone = before
        .emergency_numbers
        .iter()
        .filter(|n| !after.emergency_numbers.contains(n));
    for number in gone {
        store::rows::save(conn, &Key::emergency(number), None).await?;
    }
    dialplan::follow_emergency(conn, &after.emergency_numbers).await?;
    Ok(())
}

/// As they are in the database now.
pub async fn load(pool: &PgPool) -> Result<Settings> {
    Ok(read(
        &store::settings::list(&mut *pool.acquire().await?).await?,
    ))
}

pub(super) fn read(rows: &[(String, serde_json::Value)]) -> Settings {
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
    let text = |key: &str| {
        let found = rows.iter().find(|(name, _)| name == key);
        let text = found.and_then(|(_, value)| value.as_str());
        text.unwrap_or_default().to_owned()
    };
    let history_days = rows.iter().find(|(name, _)| name == "history_days");
    let history_days = history_days.and_then(|(_, value)| u32::try_from(value.as_u64()?).ok());
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
        network: Network {
            external_address: text("external_address"),
            local_nets: text("local_nets"),
            rtp_ports: text("rtp_ports"),
        },
        barred: list("barred_forwards").map_or_else(Barred::default, Barred::from_canonical),
        phone_addresses: rows
            .iter()
            .find(|(name, _)| name == phone_addresses::SETTING)
            .map_or_else(PhoneAddresses::default, |(_, value)| {
                PhoneAddresses::from_setting(value)
            }),
        history_days: history_days.filter(|days| HISTORY_DAYS.contains(days)),
    }
}
