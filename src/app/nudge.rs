//! The one targeted thing Asterisk is told after a change, by table. Rows that were inserted need none: a miss is never
//! cached. Dialplan rows, mailboxes and queues are read at each use.

use futures_util::future::join_all;

use super::changes::{Notice, Unapplied};
use crate::ami::{Action, Ami, Failure};
use crate::domain::ExtNumber;
use crate::store::{self, PgPool};

const ENDPOINT: &str = "res_pjsip/endpoint";
const AUTH: &str = "res_pjsip/auth";
const AOR: &str = "res_pjsip/aor";
/// Its module is another one, but this is the name under which the cache is known.
const IDENTIFY: &str = "res_pjsip/identify";

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
    /// The extension may have been disabled: its phones are then no longer registered.
    EndRegistrations(ExtNumber),
}

pub(super) fn everything() -> Vec<Nudge> {
    [ENDPOINT, AUTH, AOR, IDENTIFY]
        .map(|cache| Nudge::ExpireAll { cache })
        .into()
}

pub(super) fn of(notice: &Notice) -> Vec<Nudge> {
    let object_cache = match notice.table.as_str() {
        "*" => {
            let mut all = everything();
            all.push(Nudge::ReloadRegistrations);
            return all;
        }
        "ps_endpoint_id_ips" => return vec![Nudge::ExpireAll { cache: IDENTIFY }],
        "ps_registrations" => return vec![Nudge::ReloadRegistrations],
        "ps_endpoints" => ENDPOINT,
        "ps_auths" => AUTH,
        "ps_aors" => AOR,
        _ => return Vec::new(),
    };
    if notice.op == "I" {
        return Vec::new();
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
    let identity = |column: &String| column == "identify_by";
    if object_cache == ENDPOINT
        && notice.columns.iter().flatten().any(identity)
        && let Some(number) = notice
            .key
            .as_deref()
            .and_then(|key| ExtNumber::parse(key).ok())
    {
        nudges.push(Nudge::EndRegistrations(number));
    }
    nudges
}

/// All at once; the first that failed is told.
pub(super) async fn send_all(
    ami: &Ami,
    pool: &PgPool,
    nudges: Vec<Nudge>,
) -> Result<(), Unapplied> {
    let (registrations, caches): (Vec<_>, Vec<_>) = nudges
        .into_iter()
        .partition(|nudge| matches!(nudge, Nudge::EndRegistrations(_)));
    for sent in join_all(caches.into_iter().map(|nudge| send(ami, pool, nudge))).await {
        sent?;
    }
    // Only now can no phone register again from the cache.
    for sent in join_all(
        registrations
            .into_iter()
            .map(|nudge| send(ami, pool, nudge)),
    )
    .await
    {
        sent?;
    }
    Ok(())
}

async fn send(ami: &Ami, pool: &PgPool, nudge: Nudge) -> Result<(), Unapplied> {
    let action = match nudge {
        Nudge::Expire { cache, object } => {
            return match ami.send(Action::expire_object(cache, object)).await {
                // An object that was not in the cache is refused; then there is nothing to forget.
                Ok(_) | Err(Failure::Refused { .. }) => Ok(()),
                Err(failure) => Err(failure.into()),
            };
        }
        Nudge::ExpireAll { cache } => Action::expire_all(cache),
        Nudge::ReloadRegistrations => Action::reload("res_pjsip_outbound_registration.so"),
        Nudge::EndRegistrations(number) => return end_registrations(ami, pool, &number).await,
    };
    ami.send(action).await?;
    Ok(())
}

/// Asterisk removes an expired contact itself when it next reads the AOR, and then device state and lamps follow.
/// Reading the AOR is what asking for the contacts does.
async fn end_registrations(ami: &Ami, pool: &PgPool, number: &ExtNumber) -> Result<(), Unapplied> {
    let ended = async {
        let mut conn = pool.acquire().await?;
        let disabled = store::extensions::dialable(&mut conn, number)
            .await?
            .is_some_and(|d| !d.enabled);
        if disabled {
            store::extensions::expire_contacts(&mut conn, number).await?;
        }
        Ok::<_, super::Error>(disabled)
    };
    match ended.await {
        Ok(true) => {}
        Ok(false) => return Ok(()),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, extension = %number, "registrations not ended");
            return Err(Unapplied::NotListening);
        }
    }
    let read = ami
        .getvar(None, format!("PJSIP_DIAL_CONTACTS({number})"))
        .await;
    // Whether Asterisk did or is away: no registration of a disabled extension stays.
    let dropped = async {
        let mut conn = pool.acquire().await?;
        store::extensions::drop_contacts(&mut conn, number).await?;
        Ok::<_, super::Error>(())
    };
    if let Err(error) = dropped.await {
        tracing::error!(error = &error as &dyn std::error::Error, extension = %number, "registrations not removed");
        return Err(Unapplied::NotListening);
    }
    read?;
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
            [expire(ENDPOINT, "1001"), Nudge::EndRegistrations(number)]
        );
    }

    #[test]
    fn many_changes_expire_all_caches() {
        assert_eq!(nudges(r#"{"x":"1","t":"*"}"#).len(), 5);
    }
}
