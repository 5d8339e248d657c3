//! One connection to a SIP server, and questions over it.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::{Request, Target};
use crate::domain::provider::Transport;

/// A lost packet is not a silent server.
const AGAIN: Duration = Duration::from_millis(500);
/// Longer answers are cut; what counts stands at their beginning.
const LONGEST: usize = 16_384;

pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

pub enum Way {
    Packets(UdpSocket),
    Stream {
        stream: Box<dyn Stream>,
        local: SocketAddr,
        via: &'static str,
    },
}

/// The final answer to a question.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub words: String,
    /// As they came: name and value.
    pub headers: Vec<(String, String)>,
}

impl Way {
    pub async fn open(target: Target<'_>) -> io::Result<Self> {
        if target.transport == Transport::Udp {
            let any: IpAddr = if target.address.is_ipv4() {
                [0, 0, 0, 0].into()
            } else {
                [0_u16; 8].into()
            };
            let socket = UdpSocket::bind((any, 0)).await?;
            socket.connect(target.address).await?;
            return Ok(Self::Packets(socket));
        }
        let plain = TcpStream::connect(target.address).await?;
        let local = plain.local_addr()?;
        if target.transport == Transport::Tcp {
            return Ok(Self::Stream {
                stream: Box::new(plain),
                local,
                via: "TCP",
            });
        }
        let name = ServerName::try_from(target.name.to_owned()).map_err(io::Error::other)?;
        let stream = TlsConnector::from(trust()?).connect(name, plain).await?;
        Ok(Self::Stream {
            stream: Box::new(stream),
            local,
            via: "TLS",
        })
    }

    /// The final answer; those before it (100) are not waited with.
    pub async fn ask(&mut self, request: &Request, number: u32, more: &str) -> io::Result<Reply> {
        match self {
            Self::Packets(socket) => {
                let text = request.text(socket.local_addr()?, "UDP", number, more);
                let mut buffer = vec![0; LONGEST];
                loop {
                    socket.send(text.as_bytes()).await?;
                    let heard = async {
                        loop {
                            let length = socket.recv(&mut buffer).await?;
                            if let Some(reply) = Reply::read(&buffer[..length], number) {
                                break Ok(reply);
                            }
                        }
                    };
                    // Asked again until whoever waits for this loses patience.
                    if let Ok(heard) = tokio::time::timeout(AGAIN, heard).await {
                        return heard;
                    }
                }
            }
            Self::Stream { stream, local, via } => {
                let text = request.text(*local, via, number, more);
                stream.write_all(text.as_bytes()).await?;
                let mut heard = Vec::new();
                loop {
                    if heard.len() > LONGEST || stream.read_buf(&mut heard).await? == 0 {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                    while let Some(length) = message_length(&heard) {
                        let message: Vec<u8> = heard.drain(..length).collect();
                        if let Some(reply) = Reply::read(&message, number) {
                            return Ok(reply);
                        }
                    }
                }
            }
        }
    }
}

/// The first message in a stream, once it is complete.
fn message_length(heard: &[u8]) -> Option<usize> {
    let start = heard.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let body = headers(&String::from_utf8_lossy(&heard[..start]))
        .find(|(name, _)| name.eq_ignore_ascii_case("Content-Length") || name == "l")
        .and_then(|(_, length)| length.parse::<usize>().ok())
        .unwrap_or(0);
    let length = start.checked_add(body)?;
    (length <= heard.len()).then_some(length)
}

fn headers(text: &str) -> impl Iterator<Item = (String, String)> {
    let lines = text.lines().skip(1);
    lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
}

impl Reply {
    /// None for what is no final answer to this question.
    fn read(message: &[u8], number: u32) -> Option<Self> {
        let text = String::from_utf8_lossy(message);
        let text = text.split("\r\n\r\n").next()?;
        let mut first = text.lines().next()?.splitn(3, ' ');
        if first.next()? != "SIP/2.0" {
            return None;
        }
        let status: u16 = first.next()?.parse().ok()?;
        let headers: Vec<_> = headers(text).collect();
        let reply = Self {
            status,
            words: first.next().unwrap_or_default().trim().to_owned(),
            headers,
        };
        let sequence = reply.header("CSeq").unwrap_or_default();
        let is_ours = sequence.split(' ').next() == Some(number.to_string().as_str());
        ((200..700).contains(&status) && is_ours).then_some(reply)
    }

    fn header<'r>(&'r self, wanted: &'r str) -> Option<&'r str> {
        self.all(wanted).next()
    }

    pub fn all<'r>(&'r self, wanted: &'r str) -> impl Iterator<Item = &'r str> {
        let named = move |(name, _): &&(String, String)| name.eq_ignore_ascii_case(wanted);
        self.headers
            .iter()
            .filter(named)
            .map(|(_, value)| value.as_str())
    }
}

/// The certificates that this machine trusts.
fn trust() -> io::Result<Arc<ClientConfig>> {
    static TRUST: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    if let Some(known) = TRUST.get() {
        return Ok(Arc::clone(known));
    }
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::warn!(%error, "a certificate authority of this machine cannot be read");
    }
    roots.add_parsable_certificates(found.certs);
    let config = ClientConfig::builder_with_provider(Arc::new(
        tokio_rustls::rustls::crypto::ring::default_provider(),
    ))
    .with_safe_default_protocol_versions()
    .map_err(io::Error::other)?
    .with_root_certificates(roots)
    .with_no_client_auth();
    Ok(Arc::clone(TRUST.get_or_init(|| Arc::new(config))))
}
