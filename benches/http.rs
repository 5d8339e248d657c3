//! HTTP/1.1 over one kept connection, as cheap as it can be: the generator must not be what is measured.

use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Outcome;

/// The server closes connections that nobody uses; one that has been idle for so long is made anew.
const IDLE: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    port: u16,
    used: Instant,
    /// A header line, or nothing.
    who: String,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

/// The header line of a program that is logged in.
pub fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

/// The header line of a browser that is logged in.
pub fn cookie(token: &str) -> String {
    format!("Cookie: gonopbx_session={token}\r\n")
}

/// What htmx in that browser sends for a part of a page.
pub fn part(token: &str) -> String {
    let cookie = cookie(token);
    format!(
        "{cookie}HX-Request: true\r\nAccept: */*\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n"
    )
}

impl Connection {
    pub async fn open(port: u16, who: &str) -> Outcome<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(512 * 1024),
            port,
            used: Instant::now(),
            who: who.to_owned(),
        })
    }

    /// Sends JSON and wants JSON with status 200.
    pub async fn json(&mut self, method: &str, path: &str, body: &Value) -> Outcome<Value> {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let answer = self.ask(method, path, &body).await?;
        if answer.status == 200 {
            Ok(serde_json::from_slice(&answer.body)?)
        } else {
            let text = String::from_utf8_lossy(&answer.body);
            Err(format!("{method} {path}: {} {text}", answer.status).into())
        }
    }

    pub async fn ask(&mut self, method: &str, path: &str, body: &str) -> Outcome<Answer> {
        self.ask_with(method, path, "application/json", body).await
    }

    /// The same with a body of another kind.
    pub async fn ask_with(
        &mut self,
        method: &str,
        path: &str,
        kind: &str,
        body: &str,
    ) -> Outcome<Answer> {
        self.renew().await?;
        let request = self
            .request(method, path, body)
            .replacen("application/json", kind, 1);
        self.send(request.as_bytes()).await?;
        let (status, head, length) = self.receive().await?;
        self.used = Instant::now();
        Ok(Answer {
            status,
            body: self.buffer[head..head + length].to_vec(),
        })
    }

    /// The bytes of a request, for `repeat`.
    pub fn request(&self, method: &str, path: &str, body: &str) -> String {
        let who = &self.who;
        let length = body.len();
        format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\n{who}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        )
    }

    /// Sends a request and counts the bytes of the answer, which must be a 200.
    pub async fn repeat(&mut self, request: &str) -> Outcome<usize> {
        self.renew().await?;
        self.send(request.as_bytes()).await?;
        let answer = self.receive().await?;
        self.used = Instant::now();
        match answer {
            (200, _, length) => Ok(length),
            (status, ..) => Err(format!("answered {status}").into()),
        }
    }

    /// Reads an answer of any length to its end, which is that of its connection, and counts its bytes.
    pub async fn drain(port: u16, who: &str, path: &str) -> Outcome<usize> {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{who}Connection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut buffer = vec![0; 256 * 1024];
        let mut total = stream.read(&mut buffer).await?;
        if !buffer.starts_with(b"HTTP/1.1 200") {
            return Err(format!(
                "{path}: {}",
                String::from_utf8_lossy(&buffer[..total.min(200)])
            )
            .into());
        }
        loop {
            match stream.read(&mut buffer).await? {
                0 => return Ok(total),
                more => total += more,
            }
        }
    }

    /// The server ends what nobody has used for a while.
    async fn renew(&mut self) -> Outcome<()> {
        if self.used.elapsed() > IDLE {
            *self = Self::open(self.port, &self.who).await?;
        }
        Ok(())
    }

    async fn send(&mut self, request: &[u8]) -> Outcome<()> {
        self.stream.write_all(request).await?;
        Ok(())
    }

    /// Status, where the body begins, and its length. The server says the length, or sends chunks.
    async fn receive(&mut self) -> Outcome<(u16, usize, usize)> {
        self.buffer.clear();
        let head = loop {
            if let Some(end) = end_of_head(&self.buffer) {
                break end;
            }
            self.read().await?;
        };
        let text = std::str::from_utf8(&self.buffer[..head])?;
        let status = text.split(' ').nth(1).unwrap_or_default().parse()?;
        let length = text.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            let is_length = name.eq_ignore_ascii_case("content-length");
            is_length.then(|| value.trim().parse::<usize>().ok())?
        });
        let Some(length) = length else {
            return Ok((status, head, self.receive_chunks(head).await?));
        };
        while self.buffer.len() < head + length {
            self.read().await?;
        }
        Ok((status, head, length))
    }

    /// An answer that is zipped while it is sent: the bytes of its chunks, whose contents nobody reads.
    async fn receive_chunks(&mut self, head: usize) -> Outcome<usize> {
        let mut at = head;
        loop {
            let line = loop {
                let rest = self.buffer[at..].windows(2);
                if let Some(end) = rest.clone().position(|two| two == b"\r\n") {
                    break at + end;
                }
                self.read().await?;
            };
            let size = usize::from_str_radix(std::str::from_utf8(&self.buffer[at..line])?, 16)?;
            at = line + 2 + size + 2;
            while self.buffer.len() < at {
                self.read().await?;
            }
            if size == 0 {
                return Ok(at - head);
            }
        }
    }

    async fn read(&mut self) -> Outcome<()> {
        match self.stream.read_buf(&mut self.buffer).await? {
            0 => Err("the server closed the connection".into()),
            _ => Ok(()),
        }
    }
}

fn end_of_head(bytes: &[u8]) -> Option<usize> {
    let at = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    Some(at + 4)
}
