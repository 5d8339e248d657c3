//! The mail server and the queue of mails.

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use sqlx::FromRow;

use super::{PgConnection, Result};
use crate::domain::health::Mails;
use crate::domain::letter::NewMessage;
use crate::domain::mail::{Encryption, MailServer, Problem, Undelivered};

#[derive(FromRow)]
struct ServerRow {
    host: String,
    port: i32,
    encryption: String,
    username: Option<String>,
    password: Option<String>,
    sender: String,
    sender_name: String,
}

/// An empty one when there is none.
pub async fn server(conn: &mut PgConnection) -> Result<MailServer> {
    let row: Option<ServerRow> = sqlx::query_as(
        "select host, port, encryption, username, password, sender, sender_name from pbx.mail_server",
    )
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else {
        return Ok(MailServer::default());
    };
    let usual = MailServer::default();
    Ok(MailServer {
        host: row.host,
        port: u16::try_from(row.port).unwrap_or(usual.port),
        encryption: Encryption::parse(&row.encryption).unwrap_or_default(),
        username: row.username.filter(|name| !name.is_empty()),
        password: row.password.map(SecretString::from),
        sender: row.sender,
        sender_name: row.sender_name,
    })
}

pub async fn save_server(conn: &mut PgConnection, server: &MailServer) -> Result<()> {
    sqlx::query(
        "insert into pbx.mail_server (host, port, encryption, username, password, sender, sender_name)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (id) do update set host = excluded.host, port = excluded.port, encryption = excluded.encryption,
           username = excluded.username, password = excluded.password, sender = excluded.sender,
           sender_name = excluded.sender_name, updated_at = now()",
    )
    .bind(&server.host)
    .bind(i32::from(server.port))
    .bind(server.encryption.as_str())
    .bind(&server.username)
    .bind(server.password.as_ref().map(ExposeSecret::expose_secret))
    .bind(&server.sender)
    .bind(&server.sender_name)
    .execute(conn)
    .await?;
    Ok(())
}

/// One mail at a time, whoever asks: true for the connection that may send until it is closed.
pub async fn lock(conn: &mut PgConnection) -> Result<bool> {
    Ok(
        sqlx::query_scalar("select pg_try_advisory_lock(hashtextextended('pbx.mail', 0))")
            .fetch_one(conn)
            .await?,
    )
}

/// A mail whose time has come.
#[derive(Debug, FromRow)]
pub struct Due {
    pub id: i64,
    pub context: String,
    pub mailbox: String,
    pub msg_id: String,
    /// The mail is out; the message is to be removed.
    pub is_delivered: bool,
    pub attempts: i32,
    pub created_at: DateTime<Utc>,
}

pub async fn next_due(conn: &mut PgConnection) -> Result<Option<Due>> {
    Ok(sqlx::query_as(
        "select id, context, mailbox, msg_id, state = 'delivered' as is_delivered, attempts, created_at
           from pbx.mail where state in ('waiting', 'delivered') and next_attempt_at <= now()
          order by next_attempt_at, id limit 1",
    )
    .fetch_optional(conn)
    .await?)
}

/// Seconds until the next mail's time comes; none when there is nothing to do.
pub async fn until_next(conn: &mut PgConnection) -> Result<Option<f64>> {
    Ok(sqlx::query_scalar(
        "select extract(epoch from greatest(min(next_attempt_at) - now(), interval '0'))::float8
           from pbx.mail where state in ('waiting', 'delivered')",
    )
    .fetch_one(conn)
    .await?)
}

#[derive(FromRow)]
struct MessageRow {
    email: String,
    callerid: Option<String>,
    origtime: Option<i32>,
    duration: Option<i32>,
    fullname: Option<String>,
    language: Option<String>,
    recording: Option<Vec<u8>>,
    is_removed: bool,
}

/// What is to be told; none when the message, the mailbox or its address is gone.
pub async fn message(conn: &mut PgConnection, due: &Due) -> Result<Option<NewMessage>> {
    let row: Option<MessageRow> = sqlx::query_as(
        "select trim(v.email) as email, m.callerid, m.origtime, m.duration, v.fullname, coalesce(u.language, v.language) as language,
                case when v.attach is distinct from 'no' then m.recording end as recording,
                v.deletevoicemail is not distinct from 'yes' as is_removed
           from voicemail_messages m
           join voicemail v on v.context = m.mailboxcontext and v.mailbox = m.mailboxuser
           left join pbx.extension x on x.number = v.mailbox
           left join pbx.app_user u on u.id = x.user_id
          where m.mailboxcontext = $1 and m.mailboxuser = $2 and m.msg_id = $3 and trim(v.email) <> ''
          order by v.uniqueid limit 1",
    )
    .bind(&due.context)
    .bind(&due.mailbox)
    .bind(&due.msg_id)
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| NewMessage {
        context: due.context.clone(),
        mailbox: due.mailbox.clone(),
        msg_id: due.msg_id.clone(),
        recipient: row.email,
        caller: row.callerid.unwrap_or_default(),
        at: row
            .origtime
            .and_then(|at| DateTime::from_timestamp(i64::from(at), 0))
            .unwrap_or(due.created_at),
        seconds: row
            .duration
            .and_then(|seconds| u32::try_from(seconds).ok())
            .unwrap_or(0),
        owner: row.fullname.unwrap_or_default().trim().to_owned(),
        language: row.language,
        recording: row.recording,
        is_removed: row.is_removed,
    }))
}

/// The folder a message is in now, as Asterisk calls it.
pub async fn folder(conn: &mut PgConnection, due: &Due) -> Result<Option<String>> {
    Ok(sqlx::query_scalar(
        "select regexp_replace(dir, '^.*/', '') from voicemail_messages
          where mailboxcontext = $1 and mailboxuser = $2 and msg_id = $3 limit 1",
    )
    .bind(&due.context)
    .bind(&due.mailbox)
    .bind(&due.msg_id)
    .fetch_optional(conn)
    .await?)
}

/// What has become of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is out; the message is to be removed now.
    Delivered,
    Done,
    Failed,
    /// There is nothing left to tell of.
    Dropped,
}

pub async fn settle(conn: &mut PgConnection, id: i64, state: State) -> Result<()> {
    let state = match state {
        State::Delivered => "delivered",
        State::Done => "done",
        State::Failed => "failed",
        State::Dropped => "dropped",
    };
    sqlx::query(
        "update pbx.mail set state = $2, next_attempt_at = now(), updated_at = now(),
                problem = case when $2 = 'failed' then problem end, answer = case when $2 = 'failed' then answer end
          where id = $1",
    )
    .bind(id)
    .bind(state)
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn postpone(
    conn: &mut PgConnection,
    id: i64,
    seconds: f64,
    why: Option<&Undelivered>,
) -> Result<()> {
    sqlx::query(
        "update pbx.mail set attempts = attempts + 1, next_attempt_at = now() + make_interval(secs => $2),
                problem = $3, answer = $4, updated_at = now() where id = $1",
    )
    .bind(id)
    .bind(seconds)
    .bind(why.map(|why| why.problem.as_str()))
    .bind(why.map(|why| &why.answer))
    .execute(conn)
    .await?;
    Ok(())
}

/// Those that would meet the same wait for as long.
pub async fn postpone_others(
    conn: &mut PgConnection,
    seconds: f64,
    why: &Undelivered,
) -> Result<()> {
    sqlx::query(
        "update pbx.mail set next_attempt_at = greatest(next_attempt_at, now() + make_interval(secs => $1)),
                problem = $2, answer = $3, updated_at = now()
          where state = 'waiting' and next_attempt_at <= now()",
    )
    .bind(seconds)
    .bind(why.problem.as_str())
    .bind(&why.answer)
    .execute(conn)
    .await?;
    Ok(())
}

/// What kept all of them waiting is over, or may be.
pub async fn hurry(conn: &mut PgConnection) -> Result<()> {
    let everybodys: Vec<&str> = Problem::ALL
        .into_iter()
        .filter(|problem| problem.is_everybodys())
        .map(Problem::as_str)
        .collect();
    sqlx::query(
        "update pbx.mail set next_attempt_at = now()
          where (state = 'delivered' or state = 'waiting' and problem = any($1)) and next_attempt_at > now()",
    )
    .bind(everybodys)
    .execute(conn)
    .await?;
    Ok(())
}

/// Failed ones wait again, as if they were new.
pub async fn retry(conn: &mut PgConnection) -> Result<u64> {
    let result = sqlx::query(
        "update pbx.mail set state = 'waiting', attempts = 0, next_attempt_at = now(), created_at = now(),
                problem = null, answer = null, updated_at = now() where state = 'failed'",
    )
    .execute(conn)
    .await?;
    Ok(result.rows_affected())
}

/// What is over is forgotten when its message is gone: before that, it is why no second mail is sent.
pub async fn forget(conn: &mut PgConnection, days: i32) -> Result<()> {
    sqlx::query(
        "delete from pbx.mail q where state in ('done', 'failed', 'dropped') and updated_at < now() - make_interval(days => $1)
           and not exists (select from voicemail_messages m where m.mailboxcontext = q.context
             and m.mailboxuser = q.mailbox and m.msg_id = q.msg_id)",
    )
    .bind(days)
    .execute(conn)
    .await?;
    Ok(())
}

/// What is wrong with mails at this moment.
pub async fn troubles(conn: &mut PgConnection) -> Result<Mails> {
    let everybodys: Vec<&str> = Problem::ALL
        .into_iter()
        .filter(|problem| problem.is_everybodys())
        .map(Problem::as_str)
        .collect();
    let (failed, waiting, is_server_missing): (i64, i64, bool) = sqlx::query_as(
        "select (select count(*) from pbx.mail where state = 'failed'),
                (select count(*) from pbx.mail where state = 'waiting' and problem = any ($1)),
                case when exists (select from pbx.mail_server where host <> '') then false
                     else exists (select from voicemail where context = 'default' and trim(email) <> '') end",
    )
    .bind(everybodys)
    .fetch_one(conn)
    .await?;
    Ok(Mails {
        failed: u64::try_from(failed).unwrap_or(0),
        waiting: u64::try_from(waiting).unwrap_or(0),
        is_server_missing,
    })
}

/// How the queue is, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    pub waiting: u64,
    pub next: Option<DateTime<Utc>>,
    /// Of the one that was tried last.
    pub problem: Option<Undelivered>,
    pub failed_count: u64,
    /// The last ones.
    pub failed: Vec<FailedMail>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedMail {
    pub mailbox: String,
    pub recipient: String,
    pub at: DateTime<Utc>,
    pub why: Option<Undelivered>,
}

type Why = (Option<String>, Option<String>);

fn why((problem, answer): Why) -> Option<Undelivered> {
    Some(Undelivered {
        problem: Problem::parse(&problem?)?,
        answer: answer.unwrap_or_default(),
    })
}

type FailedRow = (
    String,
    String,
    DateTime<Utc>,
    Option<String>,
    Option<String>,
);

pub async fn queue(conn: &mut PgConnection) -> Result<Queue> {
    let (waiting, next, failed_count): (i64, Option<DateTime<Utc>>, i64) = sqlx::query_as(
        "select count(*) filter (where state = 'waiting'), min(next_attempt_at) filter (where state = 'waiting'),
                count(*) filter (where state = 'failed') from pbx.mail",
    )
    .fetch_one(&mut *conn)
    .await?;
    let problem: Option<Why> = sqlx::query_as(
        "select problem, answer from pbx.mail where state = 'waiting' and problem is not null order by updated_at desc limit 1",
    )
    .fetch_optional(&mut *conn)
    .await?;
    let failed: Vec<FailedRow> = sqlx::query_as(
        "select mailbox, recipient, created_at, problem, answer from pbx.mail where state = 'failed' order by id desc limit 10",
    )
    .fetch_all(conn)
    .await?;
    let failed = failed
        .into_iter()
        .map(|(mailbox, recipient, at, problem, answer)| FailedMail {
            mailbox,
            recipient,
            at,
            why: why((problem, answer)),
        });
    Ok(Queue {
        waiting: u64::try_from(waiting).unwrap_or(0),
        next,
        problem: problem.and_then(why),
        failed_count: u64::try_from(failed_count).unwrap_or(0),
        failed: failed.collect(),
    })
}
