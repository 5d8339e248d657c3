//! The one targeted thing Asterisk is told after a change, by table. Rows that were inserted need none: a miss is never
//! cached. Dialplan rows, mailboxes and queues are read at each use.

use std::time::Duration;

use futures_util::future::join_all;

use super::changes::{Notice, Unapplied};
use super::message_lamps;
use crate::ami::{Action, Ami, Failure};
use crate::domain::ExtNumber;
use crate::realtime::trunk as rows;
use crate::store::{self, PgPool};

const ENDPOINT: &str = "res_pjsip/endpoint";
const AUTH: &str = "res_pjsip/auth";
const AOR: &str = "res_pjsip/aor";
/// Its module is another one, but this is the name under which the cache is known.
const IDENTIFY: &str = "res_pjsip/identify";

/// Every endpoint is read when Asterisk meets a new server: five seconds with ten thousand.
const WATCH: Duration = Duration::from_secs(30);

/// Questions that Asterisk is asked in one go.
const AT_ONCE: usize = 50;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Nudge {
    Expire {
        cache: &'static str,
        object: String,
    },
    ExpireAll {
        cache: &'static str,
    },
    ReloadRegistrations,
    /// Classes of music on hold stay as they were when they were first heard.
    ReloadMusic,
    /// The extension may have been disabled: its phones are then no longer registered.
    EndIfDisabled(ExtNumber),
    /// A phone that was taken for unreachable has registered again.
    Qualify(ExtNumber),
    /// The extension is gone under this number.
    End(ExtNumber),
    /// Registrations of whatever is disabled or gone.
    EndMarked,
    /// Messages of one mailbox, or of any, came, went or were read without Asterisk: the lamps are to follow.
    Count(Option<ExtNumber>),
    /// Phones that Asterisk tells nothing of this mailbox are told.
    TellPhones(ExtNumber),
    /// Asterisk is to ask a trunk's server from now on whether it is there, or no longer.
    Watch(i64),
}

impl Nudge {
    /// Whether `*` says the same and more.
    pub fn is_within_everything(&self) -> bool {
        matches!(
            self,
            Self::Expire { .. } | Self::End(_) | Self::EndIfDisabled(_) | Self::Count(Some(_))
        )
    }
}

pub(super) fn everything() -> Vec<Nudge> {
    let mut all =
        Vec::from([ENDPOINT, AUTH, AOR, IDENTIFY].map(|cache| Nudge::ExpireAll { cache }));
    all.push(Nudge::ReloadMusic);
    all.push(Nudge::Count(None));
    all
}

pub(super) fn of(notice: &Notice) -> Vec<Nudge> {
    let object_cache = match notice.table.as_str() {
        "*" => {
            let mut all = everything();
            all.extend([Nudge::ReloadRegistrations, Nudge::EndMarked]);
            return all;
        }
        "ps_endpoint_id_ips" => return vec![Nudge::ExpireAll { cache: IDENTIFY }],
        // From where phones may come is part of each endpoint that Asterisk has read.
        "setting" if notice.key.as_deref() == Some(super::phone_addresses::SETTING) => {
            return vec![Nudge::ExpireAll { cache: ENDPOINT }];
        }
        "ps_registrations" => return vec![Nudge::ReloadRegistrations],
        "musiconhold" if notice.op == "I" => return Vec::new(),
        "musiconhold" | "musiconhold_entry" => return vec![Nudge::ReloadMusic],
        "voicemail_messages" | "message" | "voicemail" => return of_mailbox(notice),
        "ps_endpoints" => ENDPOINT,
        "ps_auths" => AUTH,
        "ps_aors" => AOR,
        _ => return Vec::new(),
    };
    let watched = watched(notice).map(Nudge::Watch);
    if notice.op == "I" {
        return watched.into_iter().collect();
    }
    let keys = [notice.key.as_deref(), notice.key_was.as_deref()];
    let mut nudges: Vec<Nudge> = keys
        .into_iter()
        .flatten()
        .map(|key| Nudge::Expire {
            cache: object_cache,
            object: key.to_owned(),
        })
        .collect();
    nudges.extend(watched);
    if object_cache != ENDPOINT {
        return nudges;
    }
    let number = |key: &Option<String>| key.as_deref().and_then(|key| ExtNumber::parse(key).ok());
    let gone = if notice.op == "D" {
        number(&notice.key)
    } else {
        number(&notice.key_was)
    };
    nudges.extend(gone.map(Nudge::End));
    let identity = |column: &String| column == "identify_by";
    if notice.columns.iter().flatten().any(identity) {
        nudges.extend(number(&notice.key).map(Nudge::EndIfDisabled));
    }
    nudges
}

/// `message` was changed by Asterisk, which knows; the key of `voicemail` begins with the context.
fn of_mailbox(notice: &Notice) -> Vec<Nudge> {
    let keys = [notice.key.as_deref(), notice.key_was.as_deref()];
    let mailboxes = keys.into_iter().flatten().filter_map(|key| {
        let (_, mailbox) = key.split_once('/').unwrap_or(("", key));
        ExtNumber::parse(mailbox).ok()
    });
    mailboxes
        .flat_map(|mailbox| {
            let is_unknown = notice.table == "voicemail_messages";
            let count = is_unknown.then(|| Nudge::Count(Some(mailbox.clone())));
            count.into_iter().chain([Nudge::TellPhones(mailbox)])
        })
        .collect()
}

/// Asterisk notices by itself which phones there are to be asked, but not which servers (pjsip_options.c): only those
/// that it found when it was started.
fn watched(notice: &Notice) -> Option<i64> {
    let key = notice.key.as_deref()?;
    let is_aor = notice.table == "ps_aors" && notice.op != "D";
    is_aor.then(|| key.strip_prefix("trunk-aor-")?.parse().ok())?
}

/// Beside what a change waits for: for a server that is new, Asterisk reads every endpoint once.
pub(super) async fn watch(ami: &Ami, pool: &PgPool, id: i64) -> Result<(), Unapplied> {
    let (aor, endpoint) = (rows::aor(id), rows::endpoint(id));
    let synchronise = Action::command(format!("pjsip reload qualify aor {aor}")).within(WATCH);
    ami.send(synchronise).await?;
    // Now, and not some time in the next minute. One that is gone or switched off is refused.
    match ami
        .send(Action::new("PJSIPQualify").set("Endpoint", endpoint))
        .await
    {
        Ok(_) | Err(Failure::Refused { .. }) => {}
        Err(failure) => return Err(failure.into()),
    }
    let removed = async {
        store::trunks::remove_unwatched(&mut *pool.acquire().await?, id).await?;
        Ok::<_, super::Error>(())
    };
    removed
        .await
        .map_err(|error| Unapplied::Database(error.to_string()))
}

/// All at once; the first that failed is told.
pub(super) async fn send_all(
    ami: &Ami,
    pool: &PgPool,
    nudges: Vec<Nudge>,
) -> Result<(), Unapplied> {
    let mut caches = Vec::new();
    let mut disabled = Vec::new();
    let mut gone = Vec::new();
    let mut is_any = false;
    for nudge in nudges {
        match nudge {
            Nudge::EndIfDisabled(number) => disabled.push(number),
            Nudge::End(number) => gone.push(number),
            Nudge::EndMarked => is_any = true,
            other => caches.push(other),
        }
    }
    // One that fails must not keep the others from happening; the first failure is told.
    let mut first = Ok(());
    if is_any {
        match marked(pool).await {
            Ok(marked) => gone.extend(marked),
            Err(why) => first = Err(why),
        }
    }
    // While Asterisk still has the endpoint in its cache it can find the contacts of one that is gone.
    first = first.and(read_contacts(ami, &gone).await);
    // A registration is made again with what Asterisk then reads, so the caches come first.
    let (reloads, caches): (Vec<_>, Vec<_>) = caches
        .into_iter()
        .partition(|nudge| matches!(nudge, Nudge::ReloadRegistrations | Nudge::ReloadMusic));
    for sent in join_all(caches.into_iter().map(|nudge| send(ami, pool, nudge))).await {
        first = first.and(sent);
    }
    // Once each, however many rows have changed.
    for reload in [Nudge::ReloadRegistrations, Nudge::ReloadMusic] {
        if reloads.contains(&reload) {
            first = first.and(send(ami, pool, reload).await);
        }
    }
    // Only now can no phone register again from the cache.
    if is_any {
        match marked(pool).await {
            Ok(marked) => disabled.extend(marked),
            Err(why) => first = first.and(Err(why)),
        }
    }
    if !disabled.is_empty() {
        match end_disabled(pool, &disabled).await {
            Ok(ended) => {
                first = first.and(read_contacts(ami, &ended).await);
                gone.extend(ended);
            }
            Err(why) => first = first.and(Err(why)),
        }
    }
    if !gone.is_empty() {
        first = first.and(drop_contacts(pool, &gone).await);
    }
    first
}

/// Asterisk removes an expired contact itself when it reads the AOR, and then device state and lamps follow. Asking
/// for the contacts to dial is such a reading.
async fn read_contacts(ami: &Ami, numbers: &[ExtNumber]) -> Result<(), Unapplied> {
    let mut first = Ok(());
    for some in numbers.chunks(AT_ONCE) {
        let asked = some
            .iter()
            .map(|number| ami.getvar(None, format!("PJSIP_DIAL_CONTACTS({number})")));
        for answer in join_all(asked).await {
            first = first.and(answer.map(|_| ()).map_err(Unapplied::from));
        }
    }
    first
}

fn at_database<T>(asked: super::Result<T>) -> Result<T, Unapplied> {
    asked.map_err(|error| Unapplied::Database(error.to_string()))
}

/// Those whose registrations the schema has marked as over, and those that are disabled and still have some.
async fn marked(pool: &PgPool) -> Result<Vec<ExtNumber>, Unapplied> {
    let asked = async {
        let mut conn = pool.acquire().await?;
        Ok(store::contacts::dead(&mut conn).await?)
    };
    at_database(asked.await)
}

/// Marks the contacts of disabled extensions as expired, for changes made in SQL as well; which of them are disabled.
async fn end_disabled(pool: &PgPool, numbers: &[ExtNumber]) -> Result<Vec<ExtNumber>, Unapplied> {
    let asked = async {
        let mut conn = pool.acquire().await?;
        let disabled = store::contacts::disabled_among(&mut conn, numbers).await?;
        store::contacts::expire_all(&mut conn, &disabled).await?;
        Ok(disabled)
    };
    at_database(asked.await)
}

async fn drop_contacts(pool: &PgPool, numbers: &[ExtNumber]) -> Result<(), Unapplied> {
    let dropped = async {
        store::contacts::remove(&mut *pool.acquire().await?, numbers).await?;
        Ok(())
    };
    at_database(dropped.await)
}

/// What Asterisk remembers of an endpoint is forgotten once more.
pub async fn forget_endpoint(ami: &Ami, endpoint: &str) -> Result<(), Unapplied> {
    forget(ami, ENDPOINT, endpoint).await
}

async fn forget(ami: &Ami, cache: &'static str, object: &str) -> Result<(), Unapplied> {
    match ami.send(Action::expire_object(cache, object)).await {
        // An object that was not in the cache is refused; then there is nothing to forget.
        Ok(_) | Err(Failure::Refused { .. }) => Ok(()),
        Err(failure) => Err(failure.into()),
    }
}

async fn send(ami: &Ami, pool: &PgPool, nudge: Nudge) -> Result<(), Unapplied> {
    let action = match nudge {
        Nudge::Expire { cache, object } => return forget(ami, cache, &object).await,
        Nudge::ExpireAll { cache } => Action::expire_all(cache),
        Nudge::Qualify(number) => Action::new("PJSIPQualify").set("Endpoint", number.to_string()),
        Nudge::Count(mailbox) => Action::new("VoicemailRefresh")
            .set_some("Context", mailbox.as_ref().map(|_| "default"))
            .set_some("Mailbox", mailbox.map(|mailbox| mailbox.to_string())),
        Nudge::TellPhones(mailbox) => return message_lamps::tell(ami, pool, &mailbox).await,
        Nudge::ReloadRegistrations => Action::reload("res_pjsip_outbound_registration.so"),
        Nudge::ReloadMusic => Action::reload("res_musiconhold.so"),
        Nudge::EndIfDisabled(number) | Nudge::End(number) => {
            return read_contacts(ami, &[number]).await;
        }
        // Only together with what else is told, where it is taken out.
        Nudge::EndMarked => return Ok(()),
        Nudge::Watch(id) => return watch(ami, pool, id).await,
    };
    ami.send(action).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nudges(json: &str) -> Vec<Nudge> {
        of(&serde_json::from_str(json).expect("a notice"))
    }

    fn expire(cache: &'static str, object: &str) -> Nudge {
        Nudge::Expire {
            cache,
            object: object.to_owned(),
        }
    }

    #[test]
    fn an_insert_needs_nothing() {
        assert_eq!(
            nudges(r#"{"x":"1","t":"ps_endpoints","o":"I","k":"1001"}"#),
            []
        );
        assert_eq!(
            nudges(r#"{"x":"1","t":"extensions","o":"U","k":"internal/1001/1"}"#),
            []
        );
    }

    #[test]
    fn a_change_expires_the_one_object_under_both_names() {
        assert_eq!(
            nudges(r#"{"x":"1","t":"ps_auths","o":"U","k":"1101","w":"1001","c":["id"]}"#),
            [expire(AUTH, "1101"), expire(AUTH, "1001")]
        );
        assert_eq!(
            nudges(r#"{"x":"1","t":"ps_aors","o":"D","k":"1001"}"#),
            [expire(AOR, "1001")]
        );
    }

    #[test]
    fn a_changed_identity_ends_registrations() {
        let number = ExtNumber::parse("1001").expect("legal");
        assert_eq!(
            nudges(r#"{"x":"1","t":"ps_endpoints","o":"U","k":"1001","c":["identify_by"]}"#),
            [expire(ENDPOINT, "1001"), Nudge::EndIfDisabled(number)]
        );
    }

    #[test]
    fn what_is_gone_takes_its_registrations_along() {
        let number = ExtNumber::parse("1001").expect("legal");
        assert_eq!(
            nudges(r#"{"x":"1","t":"ps_endpoints","o":"D","k":"1001"}"#),
            [expire(ENDPOINT, "1001"), Nudge::End(number.clone())]
        );
        assert_eq!(
            nudges(r#"{"x":"1","t":"ps_endpoints","o":"U","k":"1101","w":"1001","c":["id"]}"#),
            [
                expire(ENDPOINT, "1101"),
                expire(ENDPOINT, "1001"),
                Nudge::End(number)
            ]
        );
    }

    #[test]
    fn the_server_of_a_trunk_is_watched_as_it_is_now() {
        assert_eq!(
            nudges(r#"{"x":"1","t":"ps_aors","o":"I","k":"trunk-aor-7"}"#),
            [Nudge::Watch(7)]
        );
        assert_eq!(
            nudges(r#"{"x":"1","t":"ps_aors","o":"U","k":"trunk-aor-7"}"#),
            [expire(AOR, "trunk-aor-7"), Nudge::Watch(7)]
        );
        assert_eq!(
            nudges(r#"{"x":"1","t":"ps_aors","o":"D","k":"trunk-aor-7"}"#),
            [expire(AOR, "trunk-aor-7")]
        );
    }

    #[test]
    fn music_that_was_heard_is_read_again_when_it_changes() {
        for change in [
            r#"{"x":"1","t":"musiconhold","o":"U","k":"default","c":["directory"]}"#,
            r#"{"x":"1","t":"musiconhold","o":"D","k":"default"}"#,
            r#"{"x":"1","t":"musiconhold_entry","o":"I","k":"default/1"}"#,
        ] {
            assert_eq!(nudges(change), [Nudge::ReloadMusic], "{change}");
        }
        assert_eq!(
            nudges(r#"{"x":"1","t":"musiconhold","o":"I","k":"lobby"}"#),
            [],
            "nobody has heard it yet"
        );
    }

    #[test]
    fn a_message_that_goes_without_asterisk_makes_it_count_again() {
        let number = ExtNumber::parse("1001").expect("legal");
        assert_eq!(
            nudges(r#"{"x":"1","t":"voicemail_messages","o":"D","k":"1001"}"#),
            [
                Nudge::Count(Some(number.clone())),
                Nudge::TellPhones(number.clone())
            ]
        );
        for known in [
            r#"{"x":"1","t":"message","o":"D","k":"1001"}"#,
            r#"{"x":"1","t":"voicemail","o":"I","k":"default/1001"}"#,
        ] {
            assert_eq!(nudges(known), [Nudge::TellPhones(number.clone())]);
        }
    }

    #[test]
    fn many_changes_expire_all_caches() {
        assert_eq!(nudges(r#"{"x":"1","t":"*"}"#).len(), 8);
    }
}
