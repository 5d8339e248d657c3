//! Asks a SIP server once and from here: Asterisk asks on its own schedule and does not tell with which words it was refused,
//! and a person who has just typed a server's name wants to know now.

mod digest;
mod exchange;

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio_rustls::rustls;

use crate::domain::provider::Transport;
use exchange::{Reply, Way};

/// For a server that only has to say that it is there.
const GREETING: Duration = Duration::from_secs(2);
/// For one that has to look up an account; Asterisk itself waits for 32 seconds.
const DECISION: Duration = Duration::from_secs(6);

/// Where one server is, and under which name it was found: a certificate has to be for that name.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    pub name: &'a str,
    pub address: SocketAddr,
    pub transport: Transport,
}

/// Who registers.
#[derive(Debug, Clone, Copy)]
pub struct Account<'a> {
    /// `sip:example.com`
    pub registrar: &'a str,
    /// `sip:account@example.com`
    pub address: &'a str,
    pub user: &'a str,
    pub password: &'a str,
}

/// What came of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Said {
        status: u16,
        /// The reason phrase, as it came.
        words: String,
    },
    Silent,
    /// The connection is encrypted, and the certificate is not one to trust.
    Untrusted(String),
    /// No encrypted connection came about: the other side speaks no TLS, or none that fits ours.
    NoTls(String),
}

/// How long the server took to answer an OPTIONS, whatever it answered.
pub async fn options(target: Target<'_>) -> Result<Duration, Answer> {
    let started = Instant::now();
    let asked = async {
        let mut way = Way::open(target).await?;
        let request = Request::new("OPTIONS", &format!("sip:{}", target.address));
        way.ask(&request, 1, "").await
    };
    within(GREETING, target, asked)
        .await
        .map(|_| started.elapsed())
}

/// What the registrar says to this account. Without a Contact a REGISTER only asks which contacts there are: it changes
/// nothing, and is refused like any other.
pub async fn register(target: Target<'_>, account: Account<'_>) -> Answer {
    let asked = async {
        // Rows may have been written by anybody.
        if [account.registrar, account.address, account.user]
            .concat()
            .contains(char::is_control)
        {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let mut way = Way::open(target).await?;
        let mut request = Request::new("REGISTER", account.registrar);
        request.from = account.address.to_owned();
        request.to = account.address.to_owned();
        let reply = way.ask(&request, 1, "").await?;
        let Some(credentials) = digest::answer(&reply, "REGISTER", account) else {
            return Ok(reply);
        };
        way.ask(&request, 2, &credentials).await
    };
    match within(DECISION, target, asked).await {
        Ok(reply) => Answer::Said {
            status: reply.status,
            words: reply.words,
        },
        Err(answer) => answer,
    }
}

async fn within(
    limit: Duration,
    target: Target<'_>,
    asked: impl Future<Output = io::Result<Reply>>,
) -> Result<Reply, Answer> {
    match tokio::time::timeout(limit, asked).await {
        Ok(Ok(reply)) => Ok(reply),
        Ok(Err(error)) => {
            tracing::debug!(server = %target.address, %error, "no answer");
            Err(unencrypted(&error).unwrap_or(Answer::Silent))
        }
        Err(_) => Err(Answer::Silent),
    }
}

/// None for an error that is not about encryption.
fn unencrypted(error: &io::Error) -> Option<Answer> {
    match error.get_ref()?.downcast_ref()? {
        why @ rustls::Error::InvalidCertificate(_) => Some(Answer::Untrusted(why.to_string())),
        why => Some(Answer::NoTls(why.to_string())),
    }
}

/// The parts of a request that do not change when it is asked again.
#[derive(Debug)]
struct Request {
    method: &'static str,
    uri: String,
    from: String,
    to: String,
    id: String,
}

impl Request {
    fn new(method: &'static str, uri: &str) -> Self {
        let id = uuid::Uuid::new_v4().simple().to_string();
        Self {
            method,
            uri: uri.to_owned(),
            from: "sip:gonopbx@localhost".to_owned(),
            to: uri.to_owned(),
            id,
        }
    }

    /// As it goes out; `more` are whole header lines.
    fn text(&self, local: SocketAddr, via: &str, number: u32, more: &str) -> String {
        let Self {
            method,
            uri,
            from,
            to,
            id,
        } = self;
        format!(
            "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/{via} {local};rport;branch=z9hG4bK{id}{number}\r\nMax-Forwards: 70\r\n\
             From: <{from}>;tag={id}\r\nTo: <{to}>\r\nCall-ID: {id}\r\nCSeq: {number} {method}\r\n{more}\
             User-Agent: GonoPBX\r\nContent-Length: 0\r\n\r\n"
        )
    }
}

#[cfg(test)]
mod tests;
