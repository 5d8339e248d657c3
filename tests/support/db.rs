//! The database as people and programs see it who come with SQL.

use std::process::{Command, Stdio};

use sqlx::FromRow;
use sqlx::postgres::{PgPool, PgPoolOptions, PgRow};

use super::poll::PATIENCE;

#[derive(Debug, Clone)]
pub struct Database {
    pub pool: PgPool,
    url: String,
}

/// What psql said.
#[derive(Debug)]
pub struct Said {
    pub ok: bool,
    pub output: String,
    pub complaint: String,
}

impl Database {
    pub async fn open(url: &str) -> Self {
        let pool = PgPoolOptions::new()
            .max_connections(2)
            .acquire_timeout(PATIENCE)
            .connect(url)
            .await
            .expect("the database");
        Self {
            pool,
            url: url.to_owned(),
        }
    }

    /// The rows of a query with text parameters.
    pub async fn rows<T>(&self, sql: &'static str, parameters: &[&str]) -> Vec<T>
    where
        T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let mut query = sqlx::query_as(sql);
        for parameter in parameters {
            query = query.bind((*parameter).to_owned());
        }
        query
            .fetch_all(&self.pool)
            .await
            .unwrap_or_else(|e| panic!("{sql}: {e}"))
    }

    pub async fn count(&self, sql: &'static str, parameters: &[&str]) -> i64 {
        let rows: Vec<(i64,)> = self.rows(sql, parameters).await;
        rows.first().map_or(0, |row| row.0)
    }

    /// Somebody with the admin's password.
    pub async fn add_user(&self, name: &str, role: &str) -> i64 {
        let rows: Vec<(i64,)> = self
            .rows(
                "insert into pbx.app_user (username, password_hash, role, full_name)
                 select $1, password_hash, $2, initcap($1) from pbx.app_user where username = 'admin' returning id",
                &[name, role],
            )
            .await;
        rows.first().expect("the admin is there").0
    }

    /// A message that somebody left a moment ago: a second of silence.
    pub async fn add_message(&self, mailbox: &str, caller: &str) {
        let _none: Vec<(String,)> = self
            .rows(
                r#"insert into voicemail_messages (dir, msgnum, context, callerid, origtime, duration, recording, mailboxuser,
                                                 mailboxcontext)
                 select '/proc/self/cwd/spool/voicemail/default/' || $1 || '/INBOX',
                        (select count(*) from voicemail_messages where mailboxuser = $1), '', '"' || $2 || '" <1002>',
                        extract(epoch from now())::integer, 1,
                        decode('52494646' || 'a43e0000' || '57415645666d7420100000000100010040' || '1f0000803e0000' || '02001000'
                               || '64617461' || '803e0000' || repeat('0000', 8000), 'hex'), $1, 'default'
                 returning msg_id"#,
                &[mailbox, caller],
            )
            .await;
    }

    /// The program psql, for what a person reads there. All statements are one transaction.
    pub fn psql(&self, statements: &str) -> Said {
        let output = Command::new("psql")
            .args([
                "--no-psqlrc",
                "--quiet",
                "--tuples-only",
                "--no-align",
                "--single-transaction",
            ])
            .args(["--set=ON_ERROR_STOP=1", "--command", statements, &self.url])
            .env("PGCONNECT_TIMEOUT", "5")
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null())
            .output()
            .expect("psql is installed with PostgreSQL");
        Said {
            ok: output.status.success(),
            output: String::from_utf8_lossy(&output.stdout).trim().to_owned(),
            complaint: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Statements that have to work.
    pub fn does(&self, statements: &str) -> String {
        let said = self.psql(statements);
        assert!(said.ok, "{statements}\n{}", said.complaint);
        said.output
    }

    /// Statements that have to be refused; what psql printed about it.
    pub fn is_refused(&self, statements: &str) -> String {
        let said = self.psql(statements);
        assert!(!said.ok, "this was accepted: {statements}");
        said.complaint
    }
}
