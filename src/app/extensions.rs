//! Extensions: create, change, rename, delete, and look.

use std::collections::HashMap;
use std::sync::Arc;

use super::dialplan;
use super::work::{Applied, Proof};
use super::{App, Error, Result, permit};
use crate::dialplan::{Detours, Dialable, compile};
use crate::domain::extension::{Extras, Rules};
use crate::domain::invalid::Code;
use crate::domain::secret::STRONG_SCORE;
use crate::domain::{
    Act, Actor, Codecs, ExtNumber, Extension, ExtensionDraft, ExtensionEdit, Given, Invalid,
    SipSecret, policy,
};
use crate::store;
use crate::store::extensions::{WeakSecret, Write};

/// What was saved; the password when one was set, for the one time it may be shown.
#[derive(Debug)]
pub struct Saved {
    pub extension: Extension,
    pub secret: Option<SipSecret>,
    pub applied: Applied,
}

impl App {
    /// Forwards and messages of these extensions, by number. A user is told about the own one alone.
    pub async fn extension_extras(
        &self,
        actor: &Actor,
        numbers: &[ExtNumber],
    ) -> Result<HashMap<String, Extras>> {
        permit(actor, &Act::ListExtensions)?;
        let theirs = numbers.iter().filter(|number| {
            policy::may(actor, &Act::EditForwards((*number).clone()))
                && policy::may(actor, &Act::UseMailbox((*number).clone()))
        });
        let theirs: Vec<String> = theirs.map(ToString::to_string).collect();
        if theirs.is_empty() {
            return Ok(HashMap::new());
        }
        Ok(store::extras::of(&mut *self.pool.acquire().await?, &theirs).await?)
    }

    pub async fn create_extension(&self, actor: &Actor, draft: ExtensionDraft) -> Result<Saved> {
        let act = Act::CreateExtension;
        permit(actor, &act)?;
        let settings = self.settings().await?;
        let edit = draft.check(None, rules(actor, &settings.emergency_numbers))?;
        let codecs = edit
            .codecs
            .clone()
            .unwrap_or_else(|| settings.global_codecs.clone());
        let row = compile(&dialable(&edit));
        let mut work = self.begin(actor, &act).await?;
        let write = Write {
            edit: &edit,
            codecs: &codecs,
            dialplan: row.as_ref(),
        };
        let (created_at, updated_at) = store::extensions::create(work.conn(), &write).await?;
        let applied = work
            .commit(Proof::New {
                number: edit.number.clone(),
                enabled: edit.enabled,
            })
            .await?;
        Ok(Saved {
            extension: Extension {
                created_at,
                updated_at,
                ..extension(&edit, codecs, None)
            },
            secret: edit.secret.map(|new| new.secret),
            applied,
        })
    }

    /// Changes what the draft names; another number in it renames, which takes everything along and makes a new
    /// password.
    pub async fn edit_extension(
        &self,
        actor: &Actor,
        number: &ExtNumber,
        draft: ExtensionDraft,
    ) -> Result<Saved> {
        let renames = matches!(&draft.number, Given::Value(text) if text.trim() != number.as_str());
        let act = if renames {
            Act::RenameExtension(number.clone())
        } else {
            Act::EditExtension(number.clone())
        };
        permit(actor, &act)?;
        let settings = self.settings().await?;
        let mut work = self.begin(actor, &act).await?;
        if renames {
            // The rows of those who forward to it change as well.
            let mut affected = store::forwards::to(work.conn(), number).await?;
            affected.push(number.clone());
            store::extensions::lock_all(work.conn(), &affected).await?;
        }
        let before = store::extensions::lock(work.conn(), number)
            .await?
            .ok_or(Error::NotFound("extension"))?;
        let edit = draft.check(Some(&before), rules(actor, &settings.emergency_numbers))?;
        let codecs = edit
            .codecs
            .clone()
            .unwrap_or_else(|| settings.global_codecs.clone());
        let known = store::extensions::dialable(work.conn(), number).await?;
        let row = compile(&Dialable {
            detours: known.map(|known| known.detours).unwrap_or_default(),
            ..dialable(&edit)
        });
        let write = Write {
            edit: &edit,
            codecs: &codecs,
            dialplan: row.as_ref(),
        };
        let updated_at = store::extensions::save(work.conn(), &before, &write).await?;
        if renames {
            dialplan::follow_extension(work.conn(), &edit.number).await?;
            dialplan::follow_forwards_to(work.conn(), &edit.number).await?;
        }
        if before.enabled && !edit.enabled {
            store::contacts::expire(work.conn(), &edit.number).await?;
        }
        let applied = work.commit(proof(&edit)).await?;
        Ok(Saved {
            extension: Extension {
                updated_at,
                ..extension(&edit, codecs, Some(&before))
            },
            secret: edit.secret.map(|new| new.secret),
            applied,
        })
    }

    pub async fn delete_extension(&self, actor: &Actor, number: &ExtNumber) -> Result<Applied> {
        let act = Act::DeleteExtension(number.clone());
        let mut work = self.begin(actor, &act).await?;
        store::extensions::lock(work.conn(), number).await?;
        if !store::extensions::remove(work.conn(), number).await? {
            return Err(Error::NotFound("extension"));
        }
        work.commit(Proof::Gone(number.clone())).await
    }

    pub async fn assign_user(
        &self,
        actor: &Actor,
        number: &ExtNumber,
        user_id: Option<i64>,
    ) -> Result<Applied> {
        let mut work = self.begin(actor, &Act::AssignUser(number.clone())).await?;
        store::extensions::lock(work.conn(), number).await?;
        if !store::extensions::assign_user(work.conn(), number, user_id).await? {
            return Err(Error::NotFound("extension"));
        }
        let applied = work.commit(Proof::NotNeeded).await?;
        self.memory.forget_people();
        Ok(applied)
    }

    pub async fn extension(&self, actor: &Actor, number: &ExtNumber) -> Result<Arc<Extension>> {
        permit(actor, &Act::ViewExtension(number.clone()))?;
        if let Some(all) = self.memory.extensions() {
            return all
                .get(&number.id())
                .cloned()
                .ok_or(Error::NotFound("extension"));
        }
        let found = store::extensions::find(&mut *self.pool.acquire().await?, number).await?;
        found.map(Arc::new).ok_or(Error::NotFound("extension"))
    }

    /// Looks at all extensions in the order of their numbers, without copying them.
    pub async fn with_extensions<T>(
        &self,
        actor: &Actor,
        look: impl FnOnce(&mut dyn Iterator<Item = &Arc<Extension>>) -> T,
    ) -> Result<T> {
        permit(actor, &Act::ListExtensions)?;
        if let Some(all) = self.memory.extensions() {
            return Ok(look(&mut all.values()));
        }
        let all = store::extensions::list_all(&mut *self.pool.acquire().await?).await?;
        let all: Vec<_> = all.into_iter().map(Arc::new).collect();
        Ok(look(&mut all.iter()))
    }

    /// Those of these numbers that are extensions, without looking at any other.
    pub async fn extensions_named<'n>(
        &self,
        actor: &Actor,
        numbers: impl Iterator<Item = &'n str>,
    ) -> Result<HashMap<String, Arc<Extension>>> {
        permit(actor, &Act::ListExtensions)?;
        let numbers: Vec<_> = numbers.filter_map(|n| ExtNumber::parse(n).ok()).collect();
        if let Some(all) = self.memory.extensions() {
            let found = numbers.iter().filter_map(|number| all.get(&number.id()));
            return Ok(found
                .map(|e| (e.number.to_string(), Arc::clone(e)))
                .collect());
        }
        let mut found = HashMap::new();
        for number in numbers {
            if let Some(e) =
                store::extensions::find(&mut *self.pool.acquire().await?, &number).await?
            {
                found.insert(number.to_string(), Arc::new(e));
            }
        }
        Ok(found)
    }

    pub async fn next_free_number(&self, actor: &Actor) -> Result<String> {
        let mut conn = self.reading(actor, &Act::CreateExtension).await?;
        let settings = self.settings().await?;
        let next = store::extensions::next_free(&mut conn).await?;
        let free =
            |n: &String| !settings.emergency_numbers.contains(n) && ExtNumber::parse(n).is_ok();
        Ok(next.filter(free).unwrap_or_else(|| "1001".to_owned()))
    }

    pub async fn weak_secrets(&self, actor: &Actor) -> Result<Vec<WeakSecret>> {
        let mut conn = self.reading(actor, &Act::ListWeakSecrets).await?;
        Ok(store::extensions::weak_secrets(&mut conn, STRONG_SCORE).await?)
    }
}

fn rules<'a>(actor: &Actor, emergency_numbers: &'a [String]) -> Rules<'a> {
    Rules {
        emergency_numbers,
        may_allow_weak: policy::may(actor, &Act::UseWeakSecret),
    }
}

/// A draft that asks for a freshly generated password and changes nothing else.
pub fn new_secret_draft() -> ExtensionDraft {
    let generated = SipSecret::generate();
    ExtensionDraft {
        secret: Given::Value(generated.expose().to_owned()),
        ..ExtensionDraft::default()
    }
}

/// The number in a path; what is not a number of ours names nothing.
pub fn number_of(id: &str) -> Result<ExtNumber> {
    match id.parse::<i64>() {
        // `+1001` and `01001` are other texts, and nobody's id.
        Ok(value) if value.to_string() == id => {
            ExtNumber::from_id(value).ok_or(Error::NotFound("extension"))
        }
        Ok(_) => Err(Error::NotFound("extension")),
        // More digits than any number has are a number nobody has; letters are no number at all.
        Err(_) if !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()) => {
            Err(Error::NotFound("extension"))
        }
        Err(_) => Err(Invalid::one("id", Code::Malformed).into()),
    }
}

fn dialable(edit: &ExtensionEdit) -> Dialable {
    Dialable {
        number: edit.number.clone(),
        enabled: edit.enabled,
        ring_time: edit.ring_time,
        detours: Detours::default(),
    }
}

fn proof(edit: &ExtensionEdit) -> Proof {
    Proof::Endpoint {
        number: edit.number.clone(),
        enabled: edit.enabled,
    }
}

fn extension(edit: &ExtensionEdit, codecs: Codecs, before: Option<&Extension>) -> Extension {
    Extension {
        number: edit.number.clone(),
        name: edit.name.clone(),
        context: edit.context,
        codecs,
        own_codecs: edit.codecs.is_some(),
        enabled: edit.enabled,
        ring_time: edit.ring_time,
        max_phones: edit.max_phones,
        blf: edit.blf,
        pickup_group: edit.pickup_group.clone(),
        user_id: before.and_then(|b| b.user_id),
        outbound_did: before.and_then(|b| b.outbound_did.clone()),
        pai: before.and_then(|b| b.pai.clone()),
        created_at: before.map_or_else(Default::default, |b| b.created_at),
        updated_at: before.map_or_else(Default::default, |b| b.updated_at),
    }
}
