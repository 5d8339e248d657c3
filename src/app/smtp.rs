//! One conversation with the mail server. What goes wrong is told by the step at which it did, in the server's words.

use std::error::Error;
use std::time::Duration;

use chrono::{DateTime, Utc};
use lettre::Address;
use lettre::address::Envelope;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, Message, MultiPart};
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;
use secrecy::ExposeSecret;
use tokio_rustls::rustls;

use crate::domain::letter::Letter;
use crate::domain::mail::{self, Encryption, MailServer, Problem, Undelivered};

/// How long the server may take to answer the call.
const CONNECT: Duration = Duration::from_secs(8);

type Outcome<T> = Result<T, Undelivered>;

/// One mail, ready to be sent.
#[derive(Debug)]
pub struct Sealed {
    envelope: Envelope,
    bytes: Vec<u8>,
}

/// Nobody is to answer it by machine.
#[derive(Debug, Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// What goes into a mail beside its words.
#[derive(Debug)]
pub struct Cover<'a> {
    pub recipient: &'a str,
    /// The same for the same mail, so that a server that has it already can tell.
    pub id: &'a str,
    pub at: DateTime<Utc>,
    pub recording: Option<Vec<u8>>,
}

pub fn seal(server: &MailServer, letter: Letter, cover: Cover<'_>) -> Outcome<Sealed> {
    let no_address = |problem, text: &str| Undelivered {
        problem,
        answer: text.to_owned(),
    };
    let read = |problem, text: &str| -> Outcome<Address> {
        let legal = mail::address(text).map_err(|_| no_address(problem, text))?;
        legal.parse().map_err(|_| no_address(problem, text))
    };
    let sender = read(Problem::NotConfigured, &server.sender)?;
    let recipient = read(Problem::Address, cover.recipient)?;
    let name = Some(one_line(&server.sender_name)).filter(|name| !name.is_empty());
    let words = MultiPart::alternative_plain_html(letter.text, letter.html);
    let message = Message::builder()
        .message_id(Some(format!("<{}@{}>", cover.id, sender.domain())))
        .date(cover.at.into())
        .from(Mailbox::new(name, sender.clone()))
        .to(Mailbox::new(None, recipient.clone()))
        .subject(one_line(&letter.subject))
        .header(AutoSubmitted);
    let message = match cover.recording {
        None => message.multipart(words),
        Some(recording) => {
            let sound = ContentType::parse("audio/wav").expect("audio/wav is a content type");
            let sound = Attachment::new(one_line(&letter.file_name)).body(recording, sound);
            message.multipart(MultiPart::mixed().multipart(words).singlepart(sound))
        }
    };
    let unsendable = |error: &dyn Error| Undelivered {
        problem: Problem::Content,
        answer: error.to_string(),
    };
    let message = message.map_err(|error| unsendable(&error))?;
    let envelope = Envelope::new(Some(sender), vec![recipient]).map_err(|e| unsendable(&e))?;
    Ok(Sealed {
        envelope,
        bytes: message.formatted(),
    })
}

/// What has control characters is no header to the crate that writes them: it would panic.
fn one_line(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.collect::<String>().trim().to_owned()
}

/// The server's answer when it took the mail. `patience` is for what comes after the server has answered the call.
pub async fn send(server: &MailServer, mail: Sealed, patience: Duration) -> Outcome<String> {
    let mut connection = within(CONNECT, connect(server, &mail)).await?;
    let sent = within(patience, hand_over(server, &mut connection, &mail)).await;
    // The mail is taken or it is not; how the conversation ends changes nothing.
    drop(tokio::time::timeout(CONNECT, connection.abort()).await);
    sent
}

async fn within<T>(limit: Duration, step: impl Future<Output = Outcome<T>>) -> Outcome<T> {
    let done = tokio::time::timeout(limit, step).await;
    done.unwrap_or_else(|_| {
        Err(Undelivered {
            problem: Problem::Unreachable,
            answer: format!("no answer within {} s", limit.as_secs()),
        })
    })
}

async fn connect(server: &MailServer, mail: &Sealed) -> Outcome<AsyncSmtpConnection> {
    if server.host.is_empty() {
        return Err(Undelivered {
            problem: Problem::NotConfigured,
            answer: String::new(),
        });
    }
    let tls =
        || TlsParameters::new_rustls(server.host.clone()).map_err(|e| failed(Problem::Tls, &e));
    let from = mail.envelope.from().map_or("localhost", Address::domain);
    let hello = ClientId::Domain(from.to_owned());
    let at_once = match server.encryption {
        Encryption::Tls => Some(tls()?),
        Encryption::StartTls | Encryption::None => None,
    };
    let address = (server.host.as_str(), server.port);
    let mut connection =
        AsyncSmtpConnection::connect_tokio1(address, Some(CONNECT), &hello, at_once, None)
            .await
            .map_err(|error| failed(Problem::Unreachable, &error))?;
    if server.encryption == Encryption::StartTls {
        if !connection.can_starttls() {
            connection.abort().await;
            return Err(Undelivered {
                problem: Problem::NoStartTls,
                answer: String::new(),
            });
        }
        let secured = connection.starttls(tls()?, &hello).await;
        secured.map_err(|error| failed(Problem::Tls, &error))?;
    }
    Ok(connection)
}

async fn hand_over(
    server: &MailServer,
    connection: &mut AsyncSmtpConnection,
    mail: &Sealed,
) -> Outcome<String> {
    if let (Some(name), Some(password)) = (&server.username, &server.password) {
        let credentials = Credentials::new(name.clone(), password.expose_secret().to_owned());
        let logged_in = connection
            .auth(&[Mechanism::Plain, Mechanism::Login], &credentials)
            .await;
        logged_in.map_err(|error| {
            let problem = if error.is_client() {
                Problem::NoLogin
            } else {
                Problem::Login
            };
            failed(problem, &error)
        })?;
    }
    let sender = mail.envelope.from().cloned();
    let said = connection.command(Mail::new(sender, Vec::new())).await;
    said.map_err(|error| failed(Problem::Sender, &error))?;
    for recipient in mail.envelope.to() {
        let said = connection.command(Rcpt::new(recipient.clone(), Vec::new()));
        said.await
            .map_err(|error| refused(Problem::Recipient, &error))?;
    }
    let said = connection.command(Data).await;
    said.map_err(|error| refused(Problem::Content, &error))?;
    let taken = connection.message(&mail.bytes).await;
    let taken = taken.map_err(|error| refused(Problem::Content, &error))?;
    Ok(words(&taken))
}

/// The first line is enough for people.
fn words(response: &Response) -> String {
    let line = response.first_line().unwrap_or_default();
    format!("{} {line}", response.code()).trim().to_owned()
}

/// Said of this one mail: for ever, or for now.
fn refused(problem: Problem, error: &SmtpError) -> Undelivered {
    let problem = if error.is_permanent() {
        problem
    } else if error.is_transient() {
        Problem::Later
    } else {
        Problem::Unreachable
    };
    failed(problem, error)
}

fn failed(problem: Problem, error: &SmtpError) -> Undelivered {
    let said = error.is_permanent() || error.is_transient();
    let mut deepest: &dyn Error = error;
    let mut of_tls = is_of_tls(deepest);
    while let Some(cause) = deepest.source() {
        deepest = cause;
        of_tls |= is_of_tls(cause);
    }
    // At any step the connection may be cut, and the server may refuse to speak with us before the first.
    // A certificate that is not trusted comes as an error of the network.
    let problem = if of_tls || error.is_tls() {
        Problem::Tls
    } else if said || error.is_client() {
        problem
    } else {
        Problem::Unreachable
    };
    let answer = match error.status() {
        Some(code) => format!("{code} {deepest}"),
        None => deepest.to_string(),
    };
    Undelivered {
        problem,
        answer: one_line(&answer).chars().take(300).collect(),
    }
}

fn is_of_tls(cause: &(dyn Error + 'static)) -> bool {
    let network = cause.downcast_ref::<std::io::Error>();
    let inner = network.and_then(std::io::Error::get_ref);
    inner
        .and_then(|inner| inner.downcast_ref::<rustls::Error>())
        .is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_chose_cannot_become_a_header() {
        let server = MailServer {
            sender: "pbx@example.com".into(),
            sender_name: "Pbx\r\nBcc: evil@example.com".into(),
            ..MailServer::default()
        };
        let letter = Letter {
            subject: "New message from Ada\r\nBcc: evil@example.com\r\n\r\nbody".into(),
            text: "\u{0}\r.\r\n.\r\n".into(),
            html: "\u{1b}\u{7f}Ω".into(),
            file_name: "a\r\nBcc: evil@example.com\".wav".into(),
        };
        let cover = Cover {
            recipient: "bob@example.com",
            id: "1",
            at: DateTime::UNIX_EPOCH,
            recording: Some(vec![0; 10]),
        };
        let sealed = seal(&server, letter, cover).expect("a mail");
        let text = String::from_utf8(sealed.bytes).expect("ASCII");
        let injected = text
            .lines()
            .filter(|line| line.to_ascii_lowercase().starts_with("bcc"));
        assert_eq!(injected.count(), 0, "{text}");
        assert_eq!(text.matches("\r\nSubject: ").count(), 1, "{text}");
        assert_eq!(sealed.envelope.to().len(), 1);
    }

    #[test]
    fn a_list_is_no_recipient() {
        let server = MailServer {
            sender: "pbx@example.com".into(),
            ..MailServer::default()
        };
        let letter = Letter {
            subject: String::new(),
            text: String::new(),
            html: String::new(),
            file_name: String::new(),
        };
        let cover = Cover {
            recipient: "bob@example.com, eve@example.com",
            id: "1",
            at: DateTime::UNIX_EPOCH,
            recording: None,
        };
        let refused = seal(&server, letter, cover).expect_err("no address");
        assert_eq!(refused.problem, Problem::Address);
    }
}
