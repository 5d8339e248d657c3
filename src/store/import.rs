//! Many new extensions in a few statements.

use std::collections::HashSet;

use super::{PgConnection, Result};
use crate::dialplan::Row;
use crate::domain::mailbox::{MailboxEdit, Pin};
use crate::domain::{Codecs, ExtNumber, ExtensionEdit};
use crate::realtime;

/// Which of these numbers something has already.
pub async fn taken(conn: &mut PgConnection, numbers: &[String]) -> Result<HashSet<String>> {
    let rows: Vec<String> = sqlx::query_scalar(
        "select n from unnest($1::text[]) n
          where exists (select from ps_endpoints where id = n) or exists (select from ps_auths where id = n)
             or exists (select from ps_aors where id = n)
             or exists (select from extensions where exten = n and context in ('internal', 'custom'))",
    )
    .bind(numbers)
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().collect())
}

/// One of them.
#[derive(Debug)]
pub struct New<'a> {
    pub edit: &'a ExtensionEdit,
    pub codecs: &'a Codecs,
    pub dialplan: Option<Row>,
    /// Switched on: it takes messages.
    pub has_mailbox: bool,
}

/// The same rows that `extensions::create` writes for one, already with what a mailbox lights: what the schema would add to
/// each of them afterwards would be two more changes of each.
pub async fn create_all(conn: &mut PgConnection, new: &[New<'_>]) -> Result<()> {
    fn each<'a, 'n, T>(new: &'n [New<'a>], value: impl Fn(&'n New<'a>) -> T) -> Vec<T> {
        new.iter().map(value).collect()
    }
    let digest = |n: &New<'_>| {
        n.edit
            .secret
            .as_ref()
            .map(|new| new.secret.digest(&n.edit.number))
    };
    let score = |n: &New<'_>| n.edit.secret.as_ref().map(|new| i16::from(new.score));
    sqlx::query(
        "with new as materialized (
           select * from unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                                $9::text[], $10::smallint[], $11::boolean[], $12::boolean[], $13::smallint[], $14::boolean[])
             n (number, phones, digest, context, callerid, allow, identify_by, groups, appdata, ring_time, blf, own_codecs, score, box)
         ), aor as (
           insert into ps_aors (id, max_contacts, remove_existing, remove_unavailable, qualify_frequency, qualify_timeout,
                                default_expiration, minimum_expiration, maximum_expiration, support_path, mailboxes,
                                voicemail_extension)
           select number, phones, 'no', 'yes', 60, 3, 3600, 60, 7200, 'yes', case when box then number || '@default' end,
                  case when box then '*98' end from new
         ), auth as (
           insert into ps_auths (id, auth_type, username, realm, password_digest)
           select number, 'userpass', number, 'gonopbx', digest from new
         ), endpoint as (
           insert into ps_endpoints (id, aors, auth, context, callerid, disallow, allow, identify_by, named_call_group,
                                     named_pickup_group, mailboxes, direct_media, rtp_symmetric, force_rport, rewrite_contact,
                                     dtmf_mode, allow_overlap, send_pai, trust_id_inbound, language,
                                     mwi_subscribe_replaces_unsolicited)
           select number, number, number, context, callerid, 'all', allow, identify_by, groups, groups,
                  case when box then number || '@default' end, 'no', 'yes', 'yes', 'yes', 'auto', 'no', 'no', 'no', null,
                  case when box then 'yes'::ast_bool_values end from new
         ), row as (
           insert into extensions (context, exten, priority, app, appdata)
           select 'internal', number, 1, 'Gosub', appdata from new where appdata is not null
         )
         insert into pbx.extension (number, ring_time, blf_enabled, own_codecs, secret_score)
         select number, ring_time, blf, own_codecs, score from new",
    )
    .bind(each(new, |n| n.edit.number.as_str()))
    .bind(each(new, |n| n.edit.max_phones))
    .bind(each(new, digest))
    .bind(each(new, |n| n.edit.context.as_str()))
    .bind(each(new, |n| n.edit.name.column(&n.edit.number)))
    .bind(each(new, |n| n.codecs.column()))
    .bind(each(new, |n| realtime::identify_by(n.edit.enabled)))
    .bind(each(new, |n| n.edit.pickup_group.as_deref()))
    .bind(each(new, |n| n.dialplan.as_ref().map(|row| row.appdata.as_str())))
    .bind(each(new, |n| n.edit.ring_time))
    .bind(each(new, |n| n.edit.blf))
    .bind(each(new, |n| n.edit.codecs.is_some()))
    .bind(each(new, score))
    .bind(each(new, |n| n.has_mailbox))
    .execute(conn)
    .await?;
    Ok(())
}

/// After their extensions, whose lamps they light.
pub async fn create_mailboxes(
    conn: &mut PgConnection,
    mailboxes: &[(&ExtNumber, &MailboxEdit)],
) -> Result<()> {
    fn each<'m, T>(
        mailboxes: &[(&'m ExtNumber, &'m MailboxEdit)],
        value: impl Fn(&'m MailboxEdit) -> T,
    ) -> Vec<T> {
        mailboxes.iter().map(|(_, edit)| value(edit)).collect()
    }
    let numbers: Vec<&str> = mailboxes
        .iter()
        .map(|(number, _)| number.as_str())
        .collect();
    sqlx::query(
        "insert into voicemail (context, mailbox, password, fullname, email, attach, deletevoicemail)
         select case when b.enabled then 'default' else 'disabled' end, b.number, b.pin, b.name, b.email,
                (case when b.attach then 'yes' else 'no' end)::yes_no_values,
                (case when b.delete_after then 'yes' else 'no' end)::yes_no_values
           from unnest($1::text[], $2::boolean[], $3::text[], $4::text[], $5::text[], $6::boolean[], $7::boolean[])
             b (number, enabled, pin, name, email, attach, delete_after)",
    )
    .bind(numbers)
    .bind(each(mailboxes, |edit| edit.enabled))
    .bind(each(mailboxes, |edit| edit.pin.as_ref().map(Pin::expose)))
    .bind(each(mailboxes, |edit| edit.name.as_deref()))
    .bind(each(mailboxes, |edit| edit.email.as_deref()))
    .bind(each(mailboxes, |edit| edit.attach))
    .bind(each(mailboxes, |edit| edit.delete_after_mail))
    .execute(conn)
    .await?;
    Ok(())
}
