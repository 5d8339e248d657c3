//! Asks a SIP server whether it is there, once and from here: Asterisk asks on its own schedule, and a person who has just
//! typed a server's name wants to know now.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

use crate::domain::provider::Transport;

const PATIENCE: Duration = Duration::from_secs(2);

/// How long the server took to answer an OPTIONS, whatever it answered; None when it did not.
pub async fn options(address: IpAddr, port: u16, transport: Transport) -> Option<Duration> {
    let server = SocketAddr::new(address, port);
    let started = Instant::now();
    let asked = async {
        match transport {
            Transport::Udp => over_udp(server).await,
            Transport::Tcp => over_tcp(server).await,
            // That the port is open is all that can be said without a handshake.
            Transport::Tls => TcpStream::connect(server).await.map(drop),
        }
    };
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(())) => Some(started.elapsed()),
        Ok(Err(error)) => {
            tracing::debug!(%server, %error, "no answer to OPTIONS");
            None
        }
        Err(_) => None,
    }
}

fn request(server: SocketAddr, local: SocketAddr, transport: &str) -> String {
    let id = uuid::Uuid::new_v4().simple().to_string();
    format!(
        "OPTIONS sip:{server} SIP/2.0\r\nVia: SIP/2.0/{transport} {local};rport;branch=z9hG4bK{id}\r\n\
         Max-Forwards: 70\r\nFrom: <sip:gonopbx@{local}>;tag={id}\r\nTo: <sip:{server}>\r\nCall-ID: {id}\r\n\
         CSeq: 1 OPTIONS\r\nContact: <sip:gonopbx@{local}>\r\nContent-Length: 0\r\n\r\n"
    )
}

async fn over_udp(server: SocketAddr) -> std::io::Result<()> {
    let any: IpAddr = if server.is_ipv4() {
        [0, 0, 0, 0].into()
    } else {
        [0_u16; 8].into()
    };
    let socket = UdpSocket::bind((any, 0)).await?;
    socket.connect(server).await?;
    let request = request(server, socket.local_addr()?, "UDP");
    let mut answer = [0; 64];
    // A lost packet is not a silent server.
    for _ in 0..3 {
        socket.send(request.as_bytes()).await?;
        let received = tokio::time::timeout(PATIENCE / 4, socket.recv(&mut answer)).await;
        if received.is_ok_and(|read| read.is_ok()) && answer.starts_with(b"SIP/2.0 ") {
            return Ok(());
        }
    }
    Err(std::io::ErrorKind::TimedOut.into())
}

async fn over_tcp(server: SocketAddr) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(server).await?;
    let request = request(server, stream.local_addr()?, "TCP");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = [0; 8];
    stream.read_exact(&mut answer).await?;
    if &answer == b"SIP/2.0 " {
        Ok(())
    } else {
        Err(std::io::ErrorKind::InvalidData.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_server_that_answers_is_there_and_a_silent_one_is_not() {
        let server = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
        let port = server.local_addr().expect("bound").port();
        let answering = async {
            let mut request = [0; 1500];
            let (_, from) = server.recv_from(&mut request).await.expect("asked");
            assert!(request.starts_with(b"OPTIONS sip:127.0.0.1:"));
            server
                .send_to(b"SIP/2.0 404 Not Found\r\n\r\n", from)
                .await
                .expect("answered");
        };
        let address = IpAddr::from([127, 0, 0, 1]);
        let (took, ()) = tokio::join!(options(address, port, Transport::Udp), answering);
        assert!(took.is_some());
        assert_eq!(options(address, port, Transport::Udp).await, None);
    }
}
