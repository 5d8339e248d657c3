//! Forwards: set, switch, remove; live at the next call.

use super::dialplan;
use super::settings::Settings;
use super::work::{Applied, Proof};
use super::{App, Error, Result};
use crate::domain::forward::{Forward, ForwardDraft, ForwardEdit, Kind, Target};
use crate::domain::invalid::Code;
use crate::domain::{Act, Actor, ExtNumber, Given, Invalid};
use crate::store;

#[derive(Debug)]
pub struct SavedForward {
    pub forward: Forward,
    pub applied: Applied,
}

impl App {
    pub async fn forwards(&self, actor: &Actor) -> Result<Vec<Forward>> {
        let mut conn = self.reading(actor, &Act::ListForwards).await?;
        Ok(store::forwards::list(&mut conn).await?)
    }

    /// Who else forwards calls to an extension, whether the forward is on or off.
    pub async fn forwarding_to(&self, actor: &Actor, number: &ExtNumber) -> Result<Vec<ExtNumber>> {
        let mut conn = self.reading(actor, &Act::ListForwards).await?;
        Ok(store::forwards::to(&mut conn, number).await?)
    }

    pub async fn forwards_of(&self, actor: &Actor, number: &ExtNumber) -> Result<Vec<Forward>> {
        let mut conn = self
            .reading(actor, &Act::ViewExtension(number.clone()))
            .await?;
        Ok(store::forwards::of_extension(&mut conn, number).await?)
    }

    /// Whether a mailbox answers when nobody else does.
    pub async fn has_mailbox(&self, actor: &Actor, number: &ExtNumber) -> Result<bool> {
        let mut conn = self
            .reading(actor, &Act::ViewExtension(number.clone()))
            .await?;
        let dialable = store::extensions::dialable(&mut conn, number).await?;
        Ok(dialable.is_some_and(|dialable| dialable.detours.has_mailbox))
    }

    /// Somebody else's is not there for a user.
    pub async fn forward(&self, actor: &Actor, id: i64) -> Result<Forward> {
        let mut conn = self.reading(actor, &Act::ViewDashboard).await?;
        let forward = store::forwards::find(&mut conn, id)
            .await?
            .ok_or(Error::NotFound("forward"))?;
        super::permit(actor, &Act::EditForwards(forward.extension.clone()))
            .map_err(|_| Error::NotFound("forward"))?;
        Ok(forward)
    }

    pub async fn create_forward(&self, actor: &Actor, draft: ForwardDraft) -> Result<SavedForward> {
        let settings = self.settings().await?;
        let edit = draft.check(None, &settings.numbers, &settings.emergency_numbers)?;
        let mut work = self
            .begin(actor, &Act::EditForwards(edit.extension.clone()))
            .await?;
        hold(work.conn(), &edit.extension).await?;
        check_target(work.conn(), None, &edit, &settings).await?;
        let id = store::forwards::create(work.conn(), &edit).await?;
        dialplan::follow_row(work.conn(), &edit.extension).await?;
        let forward = store::forwards::find(work.conn(), id)
            .await?
            .ok_or(Error::NotFound("forward"))?;
        let applied = work.commit(Proof::NotNeeded).await?;
        Ok(SavedForward { forward, applied })
    }

    pub async fn edit_forward(
        &self,
        actor: &Actor,
        id: i64,
        draft: ForwardDraft,
    ) -> Result<SavedForward> {
        let settings = self.settings().await?;
        let seen = self.forward(actor, id).await?;
        let mut work = self
            .begin(actor, &Act::EditForwards(seen.extension.clone()))
            .await?;
        hold(work.conn(), &seen.extension).await?;
        let before = store::forwards::find(work.conn(), id)
            .await?
            .ok_or(Error::NotFound("forward"))?;
        let edit = draft.check(
            Some(&before),
            &settings.numbers,
            &settings.emergency_numbers,
        )?;
        check_target(work.conn(), Some(&before), &edit, &settings).await?;
        store::forwards::save(work.conn(), id, &edit).await?;
        dialplan::follow_row(work.conn(), &edit.extension).await?;
        let forward = store::forwards::find(work.conn(), id)
            .await?
            .ok_or(Error::NotFound("forward"))?;
        let applied = work.commit(Proof::NotNeeded).await?;
        Ok(SavedForward { forward, applied })
    }

    pub async fn delete_forward(&self, actor: &Actor, id: i64) -> Result<(Forward, Applied)> {
        let before = self.forward(actor, id).await?;
        let mut work = self
            .begin(actor, &Act::EditForwards(before.extension.clone()))
            .await?;
        hold(work.conn(), &before.extension).await?;
        if !store::forwards::remove(work.conn(), id).await? {
            return Err(Error::NotFound("forward"));
        }
        dialplan::follow_row(work.conn(), &before.extension).await?;
        let applied = work.commit(Proof::NotNeeded).await?;
        Ok((before, applied))
    }

    /// What a form with one row for each kind says, or a code that was dialled: the one forward of this kind is made,
    /// changed, switched; without a target there is none.
    pub async fn set_forward(
        &self,
        actor: &Actor,
        number: &ExtNumber,
        kind: Kind,
        draft: ForwardDraft,
    ) -> Result<Applied> {
        let forwards = self.forwards_of(actor, number).await?;
        let known = forwards.into_iter().find(|forward| forward.kind == kind);
        let is_empty = match &draft.target {
            Given::Null => true,
            Given::Value(text) => text.trim().is_empty(),
            Given::Absent => known.is_none(),
        };
        match known {
            Some(known) if is_empty => Ok(self.delete_forward(actor, known.id).await?.1),
            Some(known) => Ok(self.edit_forward(actor, known.id, draft).await?.applied),
            None if is_empty => Err(Error::NotFound("forward")),
            None => {
                let draft = ForwardDraft {
                    extension: Given::Value(number.to_string()),
                    kind: Given::Value(kind.as_str().to_owned()),
                    ..draft
                };
                Ok(self.create_forward(actor, draft).await?.applied)
            }
        }
    }
}

/// Against others who change what the extension's row follows from, and against a circle of two changes.
async fn hold(conn: &mut store::PgConnection, number: &ExtNumber) -> Result<()> {
    store::extensions::lock_all(conn, std::slice::from_ref(number)).await?;
    Ok(store::forwards::lock(conn).await?)
}

/// The target has to be there, and calls must not come back. One that is switched off is checked when it is switched on.
pub(super) async fn check_target(
    conn: &mut store::PgConnection,
    before: Option<&Forward>,
    edit: &ForwardEdit,
    settings: &Settings,
) -> Result<()> {
    // One whose target is gone can still be switched off.
    if !edit.enabled && before.is_some_and(|before| before.target == edit.target) {
        return Ok(());
    }
    if let Target::Outside(did) = &edit.target
        && let Some(prefix) = settings.barred.of(did)
    {
        let mut invalid = Invalid::new();
        let shown = [("prefix", prefix.to_owned())];
        invalid.add_with("destination", Code::PremiumNumber, &shown);
        return Err(invalid.into());
    }
    if let Target::Extension(target) = &edit.target
        && store::extensions::dialable(conn, target).await?.is_none()
    {
        return Err(Invalid::one("destination", Code::UnknownExtension).into());
    }
    if edit.enabled && store::forwards::leads_to(conn, &edit.target, &edit.extension).await? {
        return Err(Invalid::one("destination", Code::ForwardLoop).into());
    }
    Ok(())
}
