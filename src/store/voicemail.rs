//! Mailboxes (`voicemail`) and their messages (`voicemail_messages`). Asterisk reads and writes both at the same time,
//! so each change of a message is one statement that names it by the id nobody changes.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::{PgConnection, Result};
use crate::domain::ExtNumber;
use crate::domain::mailbox::{Count, Mailbox, MailboxEdit, Pin};
use crate::domain::message::{Message, MessageFilter, MessagePage};

#[derive(FromRow)]
struct MailboxRow {
    enabled: bool,
    fullname: Option<String>,
    email: Option<String>,
    attach: bool,
    delete_after_mail: bool,
    ring_time: i16,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl MailboxRow {
    fn domain(self, number: &ExtNumber) -> Mailbox {
        Mailbox {
            number: number.clone(),
            enabled: self.enabled,
            name: self.fullname.filter(|name| !name.is_empty()),
            email: self.email.filter(|email| !email.is_empty()),
            attach: self.attach,
            delete_after_mail: self.delete_after_mail,
            ring_time: self.ring_time,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

pub async fn find(conn: &mut PgConnection, number: &ExtNumber) -> Result<Option<Mailbox>> {
    let row: Option<MailboxRow> = sqlx::query_as(
        "select v.context = 'default' as enabled, v.fullname, v.email, coalesce(v.attach, 'no') = 'yes' as attach,
                coalesce(v.deletevoicemail, 'no') = 'yes' as delete_after_mail, x.ring_time, b.created_at, b.updated_at
           from voicemail v join pbx.extension x on x.number = v.mailbox join pbx.mailbox b on b.mailbox = v.mailbox
          where v.mailbox = $1 and v.context in ('default', 'disabled') order by v.context limit 1",
    )
    .bind(number.as_str())
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| row.domain(number)))
}

/// Every extension's, for a list of all of them.
pub async fn all(conn: &mut PgConnection) -> Result<HashMap<ExtNumber, Mailbox>> {
    #[derive(FromRow)]
    struct Numbered {
        mailbox: String,
        #[sqlx(flatten)]
        row: MailboxRow,
    }
    let rows: Vec<Numbered> = sqlx::query_as(
        "select distinct on (v.mailbox) v.mailbox, v.context = 'default' as enabled, v.fullname, v.email,
                coalesce(v.attach, 'no') = 'yes' as attach, coalesce(v.deletevoicemail, 'no') = 'yes' as delete_after_mail,
                x.ring_time, b.created_at, b.updated_at
           from voicemail v join pbx.extension x on x.number = v.mailbox join pbx.mailbox b on b.mailbox = v.mailbox
          where v.context in ('default', 'disabled') order by v.mailbox, v.context",
    )
    .fetch_all(conn)
    .await?;
    let mailboxes = rows.into_iter().filter_map(|found| {
        let number = ExtNumber::parse(&found.mailbox).ok()?;
        Some((number.clone(), found.row.domain(&number)))
    });
    Ok(mailboxes.collect())
}

/// Whether callers can leave something there.
pub async fn takes_messages(conn: &mut PgConnection, number: &ExtNumber) -> Result<bool> {
    let takes = sqlx::query_scalar(
        "select exists (select from voicemail where mailbox = $1 and context = 'default')",
    )
    .bind(number.as_str())
    .fetch_one(conn)
    .await?;
    Ok(takes)
}

pub async fn create(conn: &mut PgConnection, number: &ExtNumber, edit: &MailboxEdit) -> Result<()> {
    sqlx::query(
        "insert into voicemail (context, mailbox, password, fullname, email, attach, deletevoicemail)
         values ($2, $1, $3, $4, $5, $6::yes_no_values, $7::yes_no_values)",
    )
    .bind(number.as_str())
    .bind(context(edit.enabled))
    .bind(edit.pin.as_ref().map(Pin::expose))
    .bind(edit.name.as_deref())
    .bind(edit.email.as_deref())
    .bind(yes_no(edit.attach))
    .bind(yes_no(edit.delete_after_mail))
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn save(conn: &mut PgConnection, number: &ExtNumber, edit: &MailboxEdit) -> Result<()> {
    sqlx::query(
        "update voicemail set context = $2, password = coalesce($3, password), fullname = $4, email = $5,
                attach = $6::yes_no_values, deletevoicemail = $7::yes_no_values
          where mailbox = $1 and context in ('default', 'disabled')",
    )
    .bind(number.as_str())
    .bind(context(edit.enabled))
    .bind(edit.pin.as_ref().map(Pin::expose))
    .bind(edit.name.as_deref())
    .bind(edit.email.as_deref())
    .bind(yes_no(edit.attach))
    .bind(yes_no(edit.delete_after_mail))
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn remove(conn: &mut PgConnection, number: &ExtNumber) -> Result<bool> {
    let result = sqlx::query(
        "delete from voicemail where mailbox = $1 and context in ('default', 'disabled')",
    )
    .bind(number.as_str())
    .execute(conn)
    .await?;
    Ok(result.rows_affected() > 0)
}

/// Asterisk asks for mailboxes of context `default` only.
fn context(enabled: bool) -> &'static str {
    if enabled { "default" } else { "disabled" }
}

fn yes_no(value: bool) -> &'static str {
    if value { "yes" } else { "no" }
}

/// How long callers wait is one value with the extension's.
pub async fn save_ring_time(conn: &mut PgConnection, number: &ExtNumber, time: i16) -> Result<()> {
    sqlx::query(
        "update pbx.extension set ring_time = $2, updated_at = now() where number = $1 and ring_time <> $2",
    )
    .bind(number.as_str())
    .bind(time)
    .execute(conn)
    .await?;
    Ok(())
}

/// Every mailbox, or one, with what is in it; those that are empty too.
pub async fn counts(conn: &mut PgConnection, only: Option<&ExtNumber>) -> Result<Vec<Count>> {
    let rows: Vec<(String, i64, i64)> = sqlx::query_as(
        "select b.mailbox, count(m.msg_id), count(m.msg_id) filter (where m.dir ~ '/(INBOX|Urgent)$')
           from (select distinct mailbox from voicemail
                  where context in ('default', 'disabled') and ($1::text is null or mailbox = $1)) b
           left join (select v.mailboxuser, v.dir, v.msg_id from voicemail_messages v join pbx.message p on p.msg_id = v.msg_id) m
             on m.mailboxuser = b.mailbox
          group by b.mailbox order by length(b.mailbox), b.mailbox",
    )
    .bind(only.map(ExtNumber::as_str))
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(mailbox, total, new)| Count {
            mailbox,
            total,
            new,
        })
        .collect())
}

/// For the badge on every page.
pub async fn new_count(conn: &mut PgConnection, only: Option<&ExtNumber>) -> Result<i64> {
    let count = sqlx::query_scalar(
        "select count(*) from voicemail_messages v join pbx.message m on m.msg_id = v.msg_id
          where v.msgnum >= 0 and v.dir ~ '/(INBOX|Urgent)$' and ($1::text is null or v.mailboxuser = $1)",
    )
    .bind(only.map(ExtNumber::as_str))
    .fetch_one(conn)
    .await?;
    Ok(count)
}

#[derive(FromRow)]
struct MessageRow {
    id: i64,
    mailbox: String,
    callerid: Option<String>,
    origtime: Option<i32>,
    duration: Option<i32>,
    is_read: bool,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl MessageRow {
    fn domain(self) -> Option<Message> {
        Some(Message {
            id: self.id,
            mailbox: ExtNumber::parse(&self.mailbox).ok()?,
            caller_id: self.callerid.unwrap_or_default(),
            received_at: DateTime::from_timestamp(i64::from(self.origtime.unwrap_or(0)), 0)?,
            duration: self.duration.unwrap_or(0),
            is_read: self.is_read,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

/// Newest first: ids are given as messages arrive.
pub async fn messages(
    conn: &mut PgConnection,
    filter: &MessageFilter,
    page: MessagePage,
) -> Result<Vec<Message>> {
    if filter.impossible {
        return Ok(Vec::new());
    }
    let rows: Vec<MessageRow> = sqlx::query_as(
        "select m.id, m.mailbox, v.callerid, v.origtime, v.duration, v.dir !~ '/(INBOX|Urgent)$' as is_read,
                m.created_at, m.updated_at
           from pbx.message m join voicemail_messages v on v.msg_id = m.msg_id
          where ($1::text is null or m.mailbox = $1) and (not $2 or v.dir ~ '/(INBOX|Urgent)$')
            and ($3::bigint is null or m.id < $3)
          order by m.id desc limit $4 offset $5",
    )
    .bind(filter.mailbox.as_ref().map(ExtNumber::as_str))
    .bind(filter.new_only)
    .bind(page.after)
    .bind(page.limit)
    .bind(page.offset)
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().filter_map(MessageRow::domain).collect())
}

pub async fn message(conn: &mut PgConnection, id: i64) -> Result<Option<Message>> {
    let row: Option<MessageRow> = sqlx::query_as(
        "select m.id, m.mailbox, v.callerid, v.origtime, v.duration, v.dir !~ '/(INBOX|Urgent)$' as is_read,
                m.created_at, m.updated_at
           from pbx.message m join voicemail_messages v on v.msg_id = m.msg_id where m.id = $1",
    )
    .bind(id)
    .fetch_optional(conn)
    .await?;
    Ok(row.and_then(MessageRow::domain))
}

/// The sound, as WAV.
pub async fn recording(conn: &mut PgConnection, id: i64) -> Result<Option<Vec<u8>>> {
    let sound: Option<Option<Vec<u8>>> = sqlx::query_scalar(
        "select v.recording from pbx.message m join voicemail_messages v on v.msg_id = m.msg_id where m.id = $1",
    )
    .bind(id)
    .fetch_optional(conn)
    .await?;
    Ok(sound.flatten())
}

/// Moves a message to the folder of those that were heard, or back. One number stays free: Asterisk may just be about to
/// write the next one, and first deletes what it finds there. It closes such gaps itself.
pub async fn set_read(conn: &mut PgConnection, id: i64, is_read: bool) -> Result<bool> {
    let result = sqlx::query(
        "update voicemail_messages v set dir = n.dir,
                msgnum = coalesce((select max(o.msgnum) from voicemail_messages o where o.dir = n.dir), -1) + 2
           from (select o.dir as was, o.msg_id, regexp_replace(o.dir, '/[^/]+$', case when $2 then '/Old' else '/INBOX' end) as dir
                   from voicemail_messages o join pbx.message m on m.msg_id = o.msg_id where m.id = $1) n
          where v.msg_id = n.msg_id and v.dir = n.was",
    )
    .bind(id)
    .bind(is_read)
    .execute(conn)
    .await?;
    Ok(result.rows_affected() > 0)
}

/// Keeps it aside, so that it can be brought back. False when somebody else was faster.
pub async fn delete(conn: &mut PgConnection, id: i64, by: &str) -> Result<bool> {
    let result = sqlx::query(
        "with gone as (
           delete from voicemail_messages v using pbx.message m where m.id = $1 and v.msg_id = m.msg_id
           returning m.id, m.created_at, v.dir, v.context, v.callerid, v.origtime, v.duration, v.recording, v.flag, v.category,
                     v.mailboxuser, v.msg_id
         )
         insert into pbx.deleted_message (id, mailbox, dir, context, callerid, origtime, duration, recording, flag, category,
                                          msg_id, deleted_by, received_at)
         select id, mailboxuser, dir, context, callerid, origtime, duration, recording, flag, category, msg_id, $2, created_at
           from gone",
    )
    .bind(id)
    .bind(by)
    .execute(conn)
    .await?;
    Ok(result.rows_affected() > 0)
}

/// The mailbox of a message that was deleted a moment ago, and who called.
pub async fn deleted(conn: &mut PgConnection, id: i64) -> Result<Option<(String, String)>> {
    Ok(sqlx::query_as(
        "select mailbox, coalesce(callerid, '') from pbx.deleted_message where id = $1",
    )
    .bind(id)
    .fetch_optional(conn)
    .await?)
}

/// Puts it back into its folder under the id it had.
pub async fn restore(conn: &mut PgConnection, id: i64) -> Result<bool> {
    let back: Option<(String, String, DateTime<Utc>)> = sqlx::query_as(
        "with back as (
           delete from pbx.deleted_message d where id = $1
            and exists (select from voicemail b where b.mailbox = d.mailbox and b.context in ('default', 'disabled'))
           returning dir, context, callerid, origtime, duration, recording, flag, category, mailbox, msg_id, received_at
         ), placed as (
           insert into voicemail_messages (dir, msgnum, context, callerid, origtime, duration, recording, flag, category,
                                           mailboxuser, mailboxcontext, msg_id)
           select dir, coalesce((select max(o.msgnum) from voicemail_messages o where o.dir = back.dir), -1) + 2, context,
                  callerid, origtime, duration, recording, flag, category, mailbox, 'default', msg_id
             from back
         )
         select msg_id, mailbox, received_at from back",
    )
    .bind(id)
    .fetch_optional(&mut *conn)
    .await?;
    let Some((msg_id, mailbox, received_at)) = back else {
        return Ok(false);
    };
    // The schema has given it a new id.
    sqlx::query("delete from pbx.message where msg_id = $1")
        .bind(&msg_id)
        .execute(&mut *conn)
        .await?;
    sqlx::query(
        "insert into pbx.message (id, msg_id, mailbox, created_at) overriding system value values ($1, $2, $3, $4)",
    )
    .bind(id)
    .bind(&msg_id)
    .bind(&mailbox)
    .bind(received_at)
    .execute(conn)
    .await?;
    Ok(true)
}

/// Those that cannot be brought back any more.
pub async fn forget_deleted(conn: &mut PgConnection, seconds: i32) -> Result<()> {
    sqlx::query(
        "delete from pbx.deleted_message where deleted_at < now() - make_interval(secs => $1)",
    )
    .bind(f64::from(seconds))
    .execute(conn)
    .await?;
    Ok(())
}
