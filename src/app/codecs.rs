//! The order of codecs that every extension without one of its own follows.

use super::work::{Applied, Proof};
use super::{App, Result};
use crate::domain::invalid::Code;
use crate::domain::{Act, Actor, Codecs, Given, Invalid};
use crate::store;

impl App {
    pub async fn codecs(&self, actor: &Actor) -> Result<Codecs> {
        let _may = self.reading(actor, &Act::EditSettings).await?;
        Ok(self.settings().await?.global_codecs.clone())
    }

    /// The extensions follow in the same transaction.
    pub async fn edit_codecs(
        &self,
        actor: &Actor,
        order: Given<String>,
    ) -> Result<(Codecs, Applied)> {
        let mut work = self.begin(actor, &Act::EditSettings).await?;
        let codecs = match order {
            Given::Absent => return Err(Invalid::one("global_codecs", Code::Required).into()),
            Given::Null => Codecs::parse(""),
            Given::Value(text) => Codecs::parse(&text),
        };
        let codecs = codecs.map_err(|wrong| {
            let mut invalid = Invalid::new();
            invalid.add_with("global_codecs", wrong.code, &wrong.args);
            invalid
        })?;
        let names = codecs.ids().iter().map(|id| serde_json::Value::from(*id));
        store::settings::save(work.conn(), "global_codecs", &names.collect()).await?;
        store::extensions::follow_codecs(work.conn(), &codecs).await?;
        let applied = work.commit(Proof::NotNeeded).await?;
        self.memory.forget_settings();
        Ok((codecs, applied))
    }
}
