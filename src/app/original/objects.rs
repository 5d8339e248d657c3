//! Each object as it was there, through the rules of one made here.

use serde_json::Value;
use sqlx::{Acquire, Postgres, Transaction};

use super::{Fate, Kind, Taking};
use crate::app::{Error, Result, dialplan, forwards, passwords, providers, trunks};
use crate::dialplan::{Detours, Dialable, compile};
use crate::domain::did::Did;
use crate::domain::extension::Rules;
use crate::domain::forward::ForwardDraft;
use crate::domain::invalid::Code;
use crate::domain::mailbox::{MailboxDraft, Pin};
use crate::domain::route::RouteDraft;
use crate::domain::secret::{STRONG_SCORE, SipSecret};
use crate::domain::trunk::TrunkDraft;
use crate::domain::{ExtNumber, ExtensionDraft, Fields, Invalid};
use crate::realtime::trunk as rows;
use crate::store;
use crate::store::extensions::Write;
use crate::store::original::{self as source, Object};

/// A part that is refused is undone alone.
type Part<'t> = Transaction<'t, Postgres>;

fn text(object: &Object, name: &str) -> String {
    match object.get(name) {
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

fn id(object: &Object, name: &str) -> Option<i64> {
    object.get(name).and_then(Value::as_i64)
}

fn keep(object: &Object, names: &[&str]) -> Object {
    let kept = object
        .iter()
        .filter(|(name, value)| names.contains(&name.as_str()) && !value.is_null());
    kept.map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// Checks, and leaves out what can be left out: an extension without its too long name is better than none.
fn lenient<T>(
    mut object: Object,
    optional: &[&str],
    notes: &mut Vec<String>,
    check: impl Fn(&mut Fields) -> std::result::Result<T, Invalid>,
) -> std::result::Result<T, Invalid> {
    loop {
        let refused = match check(&mut Fields::from_json(object.clone())) {
            Ok(value) => return Ok(value),
            Err(refused) => refused,
        };
        let before = object.len();
        for problem in refused
            .problems()
            .iter()
            .filter(|problem| optional.contains(&problem.field))
        {
            if object.remove(problem.field).is_some() {
                notes.push(format!(
                    "{} left out ({})",
                    problem.field,
                    problem.code.as_str()
                ));
            }
        }
        if object.len() == before {
            return Err(refused);
        }
    }
}

impl Taking<'_> {
    async fn part(&mut self) -> Result<Part<'_>> {
        Ok(self.tx.begin().await?)
    }

    pub(super) async fn user(&mut self, user: &Object) -> Result<()> {
        let name = text(user, "username");
        let mut notes = Vec::new();
        let fate = self.try_user(user, &name, &mut notes).await;
        self.note(Kind::User, name, fate, notes)
    }

    async fn try_user(
        &mut self,
        user: &Object,
        name: &str,
        notes: &mut Vec<String>,
    ) -> Result<Fate> {
        let old = id(user, "id");
        if let Some(known) = source::find_user(&mut self.tx, name).await? {
            self.users.extend(old.map(|old| (old, known)));
            return Ok(Fate::Known);
        }
        let mut invalid = Invalid::new();
        let length = name.chars().count();
        if !(1..=50).contains(&length) || name.chars().any(char::is_control) {
            invalid.add("username", Code::InvalidCharacters);
        }
        let hash = text(user, "password_hash");
        if !passwords::is_bcrypt(&hash) {
            invalid.add("password_hash", Code::Malformed);
        }
        invalid.or(())?;
        let role = if text(user, "role") == "admin" {
            "admin"
        } else {
            "user"
        };
        if !matches!(text(user, "role").as_str(), "admin" | "user" | "") {
            notes.push(format!(
                "role {} does not exist: user instead",
                text(user, "role")
            ));
        }
        let full_name: String = text(user, "full_name")
            .chars()
            .filter(|c| !c.is_control())
            .take(100)
            .collect();
        let email = Some(text(user, "email")).filter(|email| !email.is_empty());
        let mut part = self.part().await?;
        let made =
            source::create_user(&mut part, name, &hash, role, &full_name, email.as_deref()).await;
        let made = match made {
            Err(store::Error::Conflict { field: "email", .. }) => {
                part.rollback().await?;
                notes.push("email left out (taken)".to_owned());
                part = self.part().await?;
                source::create_user(&mut part, name, &hash, role, &full_name, None).await?
            }
            made => made?,
        };
        part.commit().await?;
        self.users.extend(old.zip(made));
        Ok(Fate::Taken)
    }

    pub(super) async fn peer(&mut self, peer: &Object) -> Result<()> {
        let name = text(peer, "extension");
        let mut notes = Vec::new();
        let fate = self.try_peer(peer, &mut notes).await;
        self.note(Kind::Extension, name, fate, notes)
    }

    async fn try_peer(&mut self, peer: &Object, notes: &mut Vec<String>) -> Result<Fate> {
        let fields = [
            "extension",
            "secret",
            "caller_id",
            "context",
            "codecs",
            "blf_enabled",
            "pickup_group",
            "enabled",
        ];
        let mut object = keep(peer, &fields);
        // Without it a new one is made: an extension whose phone is set up anew is better than none.
        let unusable = SipSecret::parse(&text(peer, "secret")).err();
        if unusable.is_some() {
            object.remove("secret");
        }
        let rules = Rules {
            emergency_numbers: &self.settings.emergency_numbers,
            may_allow_weak: true,
        };
        let edit = lenient(
            object,
            &["caller_id", "context", "codecs", "pickup_group"],
            notes,
            |fields| {
                ExtensionDraft {
                    allow_weak: true,
                    ..ExtensionDraft::read(fields)
                }
                .check(None, rules)
            },
        )?;
        match (&edit.secret, unusable) {
            (Some(new), Some(wrong)) => notes.push(format!(
                "secret left out ({}); new password {}",
                wrong.code.as_str(),
                new.secret.expose()
            )),
            (Some(new), None) if new.score < STRONG_SCORE => {
                notes.push("its password is easy to guess".to_owned());
            }
            _ => (),
        }
        if store::extensions::find(&mut self.tx, &edit.number)
            .await?
            .is_some()
        {
            notes.clear();
            return Ok(Fate::Known);
        }
        let user = id(peer, "user_id").and_then(|old| self.users.get(&old).copied());
        let codecs = edit
            .codecs
            .clone()
            .unwrap_or_else(|| self.settings.global_codecs.clone());
        let row = compile(&Dialable {
            number: edit.number.clone(),
            enabled: edit.enabled,
            ring_time: edit.ring_time,
            detours: Detours::default(),
        });
        let mut part = self.part().await?;
        let write = Write {
            edit: &edit,
            codecs: &codecs,
            dialplan: row.as_ref(),
        };
        store::extensions::create(&mut part, &write).await?;
        if let Some(user) = user {
            store::extensions::assign_user(&mut part, &edit.number, Some(user)).await?;
        }
        part.commit().await?;
        self.touched.insert(edit.number);
        Ok(Fate::Taken)
    }

    pub(super) async fn trunk(&mut self, trunk: &Object) -> Result<()> {
        let name = text(trunk, "name");
        let mut notes = Vec::new();
        let fate = self.try_trunk(trunk, &name, &mut notes).await;
        self.note(Kind::Trunk, name, fate, notes)
    }

    async fn try_trunk(
        &mut self,
        trunk: &Object,
        name: &str,
        notes: &mut Vec<String>,
    ) -> Result<Fate> {
        let old = id(trunk, "id");
        let known = store::trunks::list(&mut self.tx)
            .await?
            .into_iter()
            .find(|known| known.name == name);
        if let Some(known) = known {
            self.trunks.extend(old.map(|old| (old, known.id)));
            return Ok(Fate::Known);
        }
        let fields = [
            "name",
            "provider",
            "auth_mode",
            "sip_server",
            "username",
            "password",
            "from_user",
            "caller_id",
            "number_block",
            "context",
            "codecs",
            "enabled",
        ];
        let plan = &self.settings.numbers;
        let edit = lenient(
            keep(trunk, &fields),
            &["caller_id", "codecs", "context", "number_block"],
            notes,
            |fields| TrunkDraft::read(fields).check(None, providers::all(), plan),
        )?;
        let provider = trunks::provider(&edit)?;
        let sources = trunks::sources(self.names, &edit, provider).await;
        let mut part = self.part().await?;
        let new = store::trunks::next_id(&mut part).await?;
        let rows = rows::rows(&edit, provider, plan, new);
        store::trunks::create(&mut part, new, &edit, &rows).await?;
        trunks::save_identify(&mut part, new, &edit, &rows, &sources).await?;
        part.commit().await?;
        self.trunks.extend(old.map(|old| (old, new)));
        Ok(Fate::Taken)
    }

    pub(super) async fn route(&mut self, route: &Object) -> Result<()> {
        let name = text(route, "did");
        let fate = self.try_route(route).await;
        self.note(Kind::Number, name, fate, Vec::new())
    }

    async fn try_route(&mut self, route: &Object) -> Result<Fate> {
        let mut object = keep(
            route,
            &["did", "destination_extension", "description", "enabled"],
        );
        let trunk = id(route, "trunk_id").and_then(|old| self.trunks.get(&old).copied());
        let trunk = trunk.ok_or_else(|| Invalid::one("trunk_id", Code::UnknownTrunk))?;
        object.insert("trunk_id".into(), trunk.into());
        let edit =
            RouteDraft::read(&mut Fields::from_json(object)).check(None, &self.settings.numbers)?;
        if store::routes::inbound(&mut self.tx, &edit.did)
            .await?
            .is_some()
        {
            return Ok(Fate::Known);
        }
        let mut part = self.part().await?;
        store::routes::create(&mut part, &edit).await?;
        part.commit().await?;
        self.touched.insert(edit.extension);
        Ok(Fate::Taken)
    }

    pub(super) async fn mailbox(&mut self, mailbox: &Object) -> Result<()> {
        let name = text(mailbox, "extension");
        let mut notes = Vec::new();
        let fate = self.try_mailbox(mailbox, &mut notes).await;
        self.note(Kind::Mailbox, name, fate, notes)
    }

    async fn try_mailbox(&mut self, mailbox: &Object, notes: &mut Vec<String>) -> Result<Fate> {
        let unknown = || Error::from(Invalid::one("extension", Code::UnknownExtension));
        let number = ExtNumber::parse(&text(mailbox, "extension")).map_err(|_| unknown())?;
        if store::extensions::find(&mut self.tx, &number)
            .await?
            .is_none()
        {
            return Err(unknown());
        }
        if store::voicemail::find(&mut self.tx, &number)
            .await?
            .is_some()
        {
            return Ok(Fate::Known);
        }
        let mut object = keep(
            mailbox,
            &["enabled", "pin", "name", "email", "ring_timeout"],
        );
        object.retain(|_, value| value.as_str() != Some(""));
        let edit = lenient(
            object,
            &["pin", "name", "email", "ring_timeout"],
            notes,
            |fields| MailboxDraft::read(fields).check(&number, None),
        )?;
        if text(mailbox, "pin") != edit.pin.as_ref().map_or("", Pin::expose) {
            notes.push(format!(
                "new PIN {}",
                edit.pin.as_ref().map_or("", Pin::expose)
            ));
        }
        let mut part = self.part().await?;
        store::voicemail::create(&mut part, &number, &edit).await?;
        if let Some(time) = edit.ring_time {
            store::voicemail::save_ring_time(&mut part, &number, time).await?;
        }
        part.commit().await?;
        self.touched.insert(number);
        Ok(Fate::Taken)
    }

    pub(super) async fn forward(&mut self, forward: &Object) -> Result<()> {
        let name = format!(
            "{} {}",
            text(forward, "extension"),
            text(forward, "forward_type")
        );
        let fate = self.try_forward(forward).await;
        self.note(Kind::Forward, name, fate, Vec::new())
    }

    async fn try_forward(&mut self, forward: &Object) -> Result<Fate> {
        let object = keep(
            forward,
            &[
                "extension",
                "forward_type",
                "destination",
                "ring_time",
                "enabled",
            ],
        );
        let (plan, emergency) = (&self.settings.numbers, &self.settings.emergency_numbers);
        let edit =
            ForwardDraft::read(&mut Fields::from_json(object)).check(None, plan, emergency)?;
        let own = store::forwards::of_extension(&mut self.tx, &edit.extension).await?;
        if own.iter().any(|known| known.kind == edit.kind) {
            return Ok(Fate::Known);
        }
        let settings = self.settings;
        let mut part = self.part().await?;
        forwards::check_target(&mut part, None, &edit, settings).await?;
        store::forwards::create(&mut part, &edit).await?;
        part.commit().await?;
        self.touched.insert(edit.extension);
        Ok(Fate::Taken)
    }

    /// The number it shows outside, and its asserted identity, where both are its own.
    pub(super) async fn outbound(&mut self, peer: &Object) -> Result<()> {
        let Ok(number) = ExtNumber::parse(&text(peer, "extension")) else {
            return Ok(());
        };
        if !self.touched.contains(&number) {
            return Ok(());
        }
        let routes = store::routes::of_extension(&mut self.tx, &number).await?;
        let plan = &self.settings.numbers;
        let own = |name: &str| {
            let did = Did::parse(&text(peer, name), plan).ok()?;
            routes.iter().any(|route| route.did == did).then_some(did)
        };
        let (did, pai) = (own("outbound_cid"), own("pai"));
        for (name, taken) in [("outbound_cid", &did), ("pai", &pai)] {
            let line = self
                .report
                .lines
                .iter_mut()
                .find(|line| line.kind == Kind::Extension && line.name == number.as_str());
            if let Some(line) = line.filter(|_| taken.is_none() && !text(peer, name).is_empty()) {
                line.notes
                    .push(format!("{name} left out (did_not_assigned)"));
            }
        }
        store::extensions::choose_outbound(&mut self.tx, &number, did.as_ref(), pai.as_ref())
            .await?;
        Ok(())
    }

    /// The rows of the dialplan that follow.
    pub(super) async fn follow(&mut self) -> Result<()> {
        for trunk in self.trunks.values() {
            dialplan::follow_trunk(&mut self.tx, *trunk, &self.settings.numbers).await?;
        }
        for number in &self.touched {
            dialplan::follow_extension(&mut self.tx, number).await?;
        }
        dialplan::follow_emergency(&mut self.tx, &self.settings.emergency_numbers).await
    }
}
