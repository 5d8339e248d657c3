//! Extensions: one row each in ps_endpoints, ps_auths, ps_aors and pbx.extension, and their dialplan row.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::{PgConnection, Result, contacts, rows};
use crate::dialplan::{Detours, Dialable, Key, LeavingAs, Row};
use crate::domain::did::Did;
use crate::domain::forward::Target;
use crate::domain::{CallerName, Codecs, ExtNumber, Extension, ExtensionEdit};
use crate::realtime::{self, Outbound};

#[derive(FromRow)]
struct ExtensionRow {
    number: String,
    callerid: Option<String>,
    context: Option<String>,
    allow: Option<String>,
    own_codecs: bool,
    identify_by: Option<String>,
    ring_time: i16,
    max_contacts: Option<i32>,
    blf_enabled: bool,
    pickup_group: Option<String>,
    user_id: Option<i64>,
    outbound_did: Option<String>,
    pai: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl ExtensionRow {
    /// A number that is no extension number cannot be in pbx.extension; such a row would be skipped, not fatal.
    fn domain(self) -> Option<Extension> {
        Some(Extension {
            number: ExtNumber::parse(&self.number).ok()?,
            name: realtime::caller_name(self.callerid.as_deref()),
            context: realtime::context(self.context.as_deref()),
            codecs: realtime::codecs(self.allow.as_deref()),
            own_codecs: self.own_codecs,
            enabled: realtime::is_enabled(self.identify_by.as_deref()),
            ring_time: self.ring_time,
            max_phones: self.max_contacts.unwrap_or(0),
            blf: self.blf_enabled,
            pickup_group: self.pickup_group,
            user_id: self.user_id,
            outbound_did: self.outbound_did.as_deref().and_then(Did::from_canonical),
            pai: self.pai.as_deref().and_then(Did::from_canonical),
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

pub async fn find(conn: &mut PgConnection, number: &ExtNumber) -> Result<Option<Extension>> {
    let row: Option<ExtensionRow> = sqlx::query_as(
        "select x.number, e.callerid, e.context, e.allow, x.own_codecs, e.identify_by, x.ring_time, a.max_contacts,
                x.blf_enabled, e.named_call_group as pickup_group, x.user_id, x.outbound_did, x.pai, x.created_at, x.updated_at
           from pbx.extension x join ps_endpoints e on e.id = x.number left join ps_aors a on a.id = x.number
          where x.number = $1",
    )
    .bind(number.as_str())
    .fetch_optional(conn)
    .await?;
    Ok(row.and_then(ExtensionRow::domain))
}

/// Like `find`, and holds the extension against other writers until the transaction ends. Everybody who writes locks
/// the endpoint first, so that nobody waits for each other in a circle.
pub async fn lock(conn: &mut PgConnection, number: &ExtNumber) -> Result<Option<Extension>> {
    sqlx::query("select from ps_endpoints where id = $1 for update")
        .bind(number.as_str())
        .execute(&mut *conn)
        .await?;
    // A statement of its own: it sees what whoever held the lock has written.
    find(conn, number).await
}

/// Holds several at once, in an order that is the same for everybody; who is not there is not held.
pub async fn lock_all(conn: &mut PgConnection, numbers: &[ExtNumber]) -> Result<()> {
    let ids: Vec<&str> = numbers.iter().map(ExtNumber::as_str).collect();
    sqlx::query("select from ps_endpoints where id = any ($1) order by id for update")
        .bind(ids)
        .execute(conn)
        .await?;
    Ok(())
}

/// All of them, in the order of their numbers as people count (10 before 1001).
pub async fn list_all(conn: &mut PgConnection) -> Result<Vec<Extension>> {
    let rows: Vec<ExtensionRow> = sqlx::query_as(
        "select x.number, e.callerid, e.context, e.allow, x.own_codecs, e.identify_by, x.ring_time, a.max_contacts,
                x.blf_enabled, e.named_call_group as pickup_group, x.user_id, x.outbound_did, x.pai, x.created_at, x.updated_at
           from pbx.extension x join ps_endpoints e on e.id = x.number left join ps_aors a on a.id = x.number",
    )
    .fetch_all(conn)
    .await?;
    let mut extensions: Vec<_> = rows.into_iter().filter_map(ExtensionRow::domain).collect();
    extensions.sort_by_cached_key(|extension| extension.number.id());
    Ok(extensions)
}

/// What is to be in the rows besides what the edit says.
#[derive(Debug)]
pub struct Write<'a> {
    pub edit: &'a ExtensionEdit,
    /// The codecs in force: the edit's own, or the system's.
    pub codecs: &'a Codecs,
    pub dialplan: Option<&'a Row>,
}

/// One statement, so that a new extension costs one round trip.
pub async fn create(
    conn: &mut PgConnection,
    write: &Write<'_>,
) -> Result<(DateTime<Utc>, DateTime<Utc>)> {
    let edit = write.edit;
    let secret = edit.secret.as_ref();
    let times = sqlx::query_as(
        "with aor as (
           insert into ps_aors (id, max_contacts, remove_existing, remove_unavailable, qualify_frequency, qualify_timeout,
                                default_expiration, minimum_expiration, maximum_expiration, support_path)
           values ($1, $2, 'no', 'yes', 60, 3, 3600, 60, 7200, 'yes')
         ), auth as (
           insert into ps_auths (id, auth_type, username, realm, password_digest) values ($1, 'userpass', $1, 'gonopbx', $3)
         ), endpoint as (
           insert into ps_endpoints (id, aors, auth, context, callerid, disallow, allow, identify_by, named_call_group,
                                     named_pickup_group, direct_media, rtp_symmetric, force_rport, rewrite_contact, dtmf_mode,
                                     allow_overlap, send_pai, trust_id_inbound, language)
           values ($1, $1, $1, $4, $5, 'all', $6, $7, $8, $8, 'no', 'yes', 'yes', 'yes', 'auto', 'no', 'no', 'no', null)
         ), row as (
           insert into extensions (context, exten, priority, app, appdata)
           select 'internal', $1, 1, 'Gosub', $9 where $9 is not null
         )
         insert into pbx.extension (number, ring_time, blf_enabled, own_codecs, secret_score)
         values ($1, $10, $11, $12, $13) returning created_at, updated_at",
    )
    .bind(edit.number.as_str())
    .bind(edit.max_phones)
    .bind(secret.map(|new| new.secret.digest(&edit.number)))
    .bind(edit.context.as_str())
    .bind(edit.name.column(&edit.number))
    .bind(write.codecs.column())
    .bind(realtime::identify_by(edit.enabled))
    .bind(edit.pickup_group.as_deref())
    .bind(write.dialplan.map(|row| row.appdata.as_str()))
    .bind(edit.ring_time)
    .bind(edit.blf)
    .bind(edit.codecs.is_some())
    .bind(secret.map(|new| i16::from(new.score)))
    .fetch_one(conn)
    .await?;
    Ok(times)
}

/// Brings the rows of `before` to what the edit says, number and password included. A column is only written when what
/// it says for us has changed: what a DBA wrote there in another way stays.
pub async fn save(
    conn: &mut PgConnection,
    before: &Extension,
    write: &Write<'_>,
) -> Result<DateTime<Utc>> {
    let edit = write.edit;
    let secret = edit.secret.as_ref();
    let renamed = before.number != edit.number;
    let codecs_differ =
        before.codecs != *write.codecs || before.own_codecs != edit.codecs.is_some();
    // The endpoint first: pbx.extension follows its id by foreign key, and the others are ours to rename.
    sqlx::query(
        "with aor as (
           update ps_aors set id = $2, max_contacts = $3 where id = $1 and (id <> $2 or $10)
         ), auth as (
           update ps_auths set id = $2, username = $2, password_digest = coalesce($4, password_digest)
            where id = $1 and ($4 is not null or id <> $2)
         )
         update ps_endpoints set id = $2, aors = case when $11 then $2 else aors end, auth = case when $11 then $2 else auth end,
                context = case when $12 then $5 else context end, callerid = case when $13 then $6 else callerid end,
                allow = case when $14 then $7 else allow end, identify_by = case when $15 then $8 else identify_by end,
                named_call_group = case when $16 then $9 else named_call_group end,
                named_pickup_group = case when $16 then $9 else named_pickup_group end
          where id = $1",
    )
    .bind(before.number.as_str())
    .bind(edit.number.as_str())
    .bind(edit.max_phones)
    .bind(secret.map(|new| new.secret.digest(&edit.number)))
    .bind(edit.context.as_str())
    .bind(edit.name.column(&edit.number))
    .bind(write.codecs.column())
    .bind(realtime::identify_by(edit.enabled))
    .bind(edit.pickup_group.as_deref())
    .bind(before.max_phones != edit.max_phones)
    .bind(renamed)
    .bind(before.context != edit.context)
    .bind(before.name != edit.name || renamed)
    .bind(codecs_differ)
    .bind(before.enabled != edit.enabled)
    .bind(before.pickup_group != edit.pickup_group)
    .execute(&mut *conn)
    .await?;
    let updated_at = sqlx::query_scalar(
        "update pbx.extension set ring_time = $2, blf_enabled = $3, own_codecs = $4, secret_score = coalesce($5, secret_score),
                updated_at = now()
          where number = $1 returning updated_at",
    )
    .bind(edit.number.as_str())
    .bind(edit.ring_time)
    .bind(edit.blf)
    .bind(edit.codecs.is_some())
    .bind(secret.map(|new| i16::from(new.score)))
    .fetch_one(&mut *conn)
    .await?;
    let key = Key::extension(&edit.number);
    if renamed {
        contacts::expire(conn, &before.number).await?;
        rows::save(conn, &Key::extension(&before.number), None).await?;
    }
    match write.dialplan {
        // A row that is there already is somebody else's: the number is taken.
        Some(row) if renamed || !before.enabled => rows::create(conn, row).await?,
        row => {
            rows::save(conn, &key, row).await?;
        }
    }
    Ok(updated_at)
}

/// Deletes all of it: the triggers of the schema take the other tables along, registrations included.
pub async fn remove(conn: &mut PgConnection, number: &ExtNumber) -> Result<bool> {
    let result = sqlx::query("delete from ps_endpoints where id = $1")
        .bind(number.as_str())
        .execute(conn)
        .await?;
    Ok(result.rows_affected() > 0)
}

pub async fn assign_user(
    conn: &mut PgConnection,
    number: &ExtNumber,
    user_id: Option<i64>,
) -> Result<bool> {
    let result =
        sqlx::query("update pbx.extension set user_id = $2, updated_at = now() where number = $1")
            .bind(number.as_str())
            .bind(user_id)
            .execute(conn)
            .await?;
    Ok(result.rows_affected() > 0)
}

/// What the row of a number follows from. Forwards that are switched off are none.
macro_rules! dialable {
    ($condition:literal) => {
        concat!(
            "select x.number, e.identify_by, x.ring_time, f.unconditional, f.busy, f.no_answer, f.no_answer_time,
                    r.did, r.trunk_id, x.pai,
                    exists (select from voicemail v where v.mailbox = x.number and v.context = 'default') as has_mailbox
               from pbx.extension x join ps_endpoints e on e.id = x.number
               left join lateral (
                 select max(destination) filter (where kind = 'unconditional') as unconditional,
                        max(destination) filter (where kind = 'busy') as busy,
                        max(destination) filter (where kind = 'no_answer') as no_answer,
                        max(ring_time) filter (where kind = 'no_answer') as no_answer_time
                   from pbx.forward f where f.extension = x.number and f.enabled
               ) f on true
               left join lateral (
                 select did, trunk_id from pbx.did_route r where r.extension = x.number and (r.enabled or r.did = x.outbound_did)
                  order by (r.did = x.outbound_did) desc nulls last, r.id limit 1
               ) r on true ",
            $condition
        )
    };
}

#[derive(FromRow)]
struct DialableRow {
    number: String,
    identify_by: Option<String>,
    ring_time: i16,
    unconditional: Option<String>,
    busy: Option<String>,
    no_answer: Option<String>,
    no_answer_time: Option<i16>,
    did: Option<String>,
    trunk_id: Option<i64>,
    pai: Option<String>,
    has_mailbox: bool,
}

impl DialableRow {
    fn domain(self) -> Option<Dialable> {
        let target = |text: Option<String>| Target::from_canonical(&text?);
        let did = |text: Option<String>| Did::from_canonical(&text?);
        let pai = did(self.pai);
        Some(Dialable {
            number: ExtNumber::parse(&self.number).ok()?,
            enabled: realtime::is_enabled(self.identify_by.as_deref()),
            ring_time: self.ring_time,
            detours: Detours {
                unconditional: target(self.unconditional),
                busy: target(self.busy),
                no_answer: target(self.no_answer).zip(self.no_answer_time),
                leaving_as: did(self.did)
                    .zip(self.trunk_id)
                    .map(|(did, trunk_id)| LeavingAs { did, trunk_id, pai }),
                has_mailbox: self.has_mailbox,
            },
        })
    }
}

/// What the dialplan row of one number follows from; None when there is no such extension.
pub async fn dialable(conn: &mut PgConnection, number: &ExtNumber) -> Result<Option<Dialable>> {
    let row: Option<DialableRow> = sqlx::query_as(dialable!("where x.number = $1"))
        .bind(number.as_str())
        .fetch_optional(conn)
        .await?;
    Ok(row.and_then(DialableRow::domain))
}

/// What an extension's calls to the outside are made of, and what its endpoint has now.
#[derive(Debug)]
pub struct OutboundFacts {
    pub set_var: Option<String>,
    pub outbound: Option<Outbound>,
}

/// The chosen number, else the first that was assigned and is enabled.
pub async fn outbound(
    conn: &mut PgConnection,
    number: &ExtNumber,
) -> Result<Option<OutboundFacts>> {
    let row: Option<OutboundRow> = sqlx::query_as(
        "select e.set_var, x.pai, r.did, r.trunk_id
           from pbx.extension x join ps_endpoints e on e.id = x.number
           left join lateral (
             select did, trunk_id from pbx.did_route r where r.extension = x.number and (r.enabled or r.did = x.outbound_did)
              order by (r.did = x.outbound_did) desc nulls last, r.id limit 1
           ) r on true
          where x.number = $1",
    )
    .bind(number.as_str())
    .fetch_optional(conn)
    .await?;
    Ok(row.map(OutboundRow::facts))
}

/// The same of every extension.
pub async fn all_outbound(conn: &mut PgConnection) -> Result<Vec<(ExtNumber, OutboundFacts)>> {
    let rows: Vec<NumberedOutboundRow> = sqlx::query_as(
        "select x.number, e.set_var, x.pai, r.did, r.trunk_id
           from pbx.extension x join ps_endpoints e on e.id = x.number
           left join lateral (
             select did, trunk_id from pbx.did_route r where r.extension = x.number and (r.enabled or r.did = x.outbound_did)
              order by (r.did = x.outbound_did) desc nulls last, r.id limit 1
           ) r on true",
    )
    .fetch_all(conn)
    .await?;
    let facts = rows.into_iter().filter_map(|row| {
        let number = ExtNumber::parse(&row.number).ok()?;
        Some((number, row.outbound.facts()))
    });
    Ok(facts.collect())
}

#[derive(FromRow)]
struct NumberedOutboundRow {
    number: String,
    #[sqlx(flatten)]
    outbound: OutboundRow,
}

#[derive(FromRow)]
struct OutboundRow {
    set_var: Option<String>,
    pai: Option<String>,
    did: Option<String>,
    trunk_id: Option<i64>,
}

impl OutboundRow {
    fn facts(self) -> OutboundFacts {
        let pai = self.pai.as_deref().and_then(Did::from_canonical);
        let did = self.did.as_deref().and_then(Did::from_canonical);
        OutboundFacts {
            set_var: self.set_var,
            outbound: did
                .zip(self.trunk_id)
                .map(|(did, trunk_id)| Outbound { did, trunk_id, pai }),
        }
    }
}

pub async fn save_set_var(
    conn: &mut PgConnection,
    number: &ExtNumber,
    set_var: Option<&str>,
) -> Result<()> {
    sqlx::query("update ps_endpoints set set_var = $2 where id = $1")
        .bind(number.as_str())
        .bind(set_var)
        .execute(conn)
        .await?;
    Ok(())
}

/// Which of its numbers it shows outside, and the asserted identity beside it.
pub async fn choose_outbound(
    conn: &mut PgConnection,
    number: &ExtNumber,
    did: Option<&Did>,
    pai: Option<&Did>,
) -> Result<bool> {
    let result = sqlx::query(
        "update pbx.extension set outbound_did = $2, pai = $3, updated_at = now() where number = $1",
    )
    .bind(number.as_str())
    .bind(did.map(Did::as_str))
    .bind(pai.map(Did::as_str))
    .execute(conn)
    .await?;
    Ok(result.rows_affected() > 0)
}

/// The same of several.
pub async fn dialables_of(conn: &mut PgConnection, numbers: &[ExtNumber]) -> Result<Vec<Dialable>> {
    let ids: Vec<&str> = numbers.iter().map(ExtNumber::as_str).collect();
    let rows: Vec<DialableRow> = sqlx::query_as(dialable!("where x.number = any ($1)"))
        .bind(ids)
        .fetch_all(conn)
        .await?;
    Ok(rows.into_iter().filter_map(DialableRow::domain).collect())
}

/// What every row follows from.
pub async fn dialables(conn: &mut PgConnection) -> Result<Vec<Dialable>> {
    let rows: Vec<DialableRow> = sqlx::query_as(dialable!("")).fetch_all(conn).await?;
    Ok(rows.into_iter().filter_map(DialableRow::domain).collect())
}

/// The first free number after those that are there, among numbers of the usual length: what a new extension is
/// offered.
pub async fn next_free(conn: &mut PgConnection) -> Result<Option<String>> {
    let number = sqlx::query_scalar(
        "select (min(x.number::integer) + 1)::text from pbx.extension x
          where length(x.number) = (select mode() within group (order by length(number)) from pbx.extension)
            and not exists (select from pbx.extension y where y.number = (x.number::integer + 1)::text)
            and not exists (select from extensions r where r.context = 'internal' and r.exten = (x.number::integer + 1)::text)
            and x.number !~ '^9+$'",
    )
    .fetch_one(conn)
    .await?;
    Ok(number)
}

/// A password that was weak when it was set. How strong one is that was set in SQL, nobody saw.
#[derive(Debug)]
pub struct WeakSecret {
    pub number: ExtNumber,
    pub name: CallerName,
    pub score: u8,
}

pub async fn weak_secrets(conn: &mut PgConnection, below: u8) -> Result<Vec<WeakSecret>> {
    let rows: Vec<(String, Option<String>, i16)> = sqlx::query_as(
        "select x.number, e.callerid, x.secret_score from pbx.extension x join ps_endpoints e on e.id = x.number
          where x.secret_score < $1 order by x.number::integer",
    )
    .bind(i16::from(below))
    .fetch_all(conn)
    .await?;
    let weak = rows.into_iter().filter_map(|(number, callerid, score)| {
        Some(WeakSecret {
            number: ExtNumber::parse(&number).ok()?,
            name: realtime::caller_name(callerid.as_deref()),
            score: u8::try_from(score).unwrap_or(0),
        })
    });
    Ok(weak.collect())
}

/// Extensions that follow the system's codec order get this one.
pub async fn follow_codecs(conn: &mut PgConnection, codecs: &Codecs) -> Result<u64> {
    let result = sqlx::query(
        "update ps_endpoints e set allow = $1 from pbx.extension x
          where x.number = e.id and not x.own_codecs and e.allow is distinct from $1",
    )
    .bind(codecs.column())
    .execute(conn)
    .await?;
    Ok(result.rows_affected())
}
