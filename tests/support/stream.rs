//! SIP over a connection: whole messages come in, bytes go out.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

use super::phone::Message;

/// Carries until the tasks are dropped, or the connection ends: then no message comes any more.
pub fn carry<S>(
    stream: S,
    tasks: &mut JoinSet<()>,
) -> (UnboundedSender<Vec<u8>>, UnboundedReceiver<Message>)
where
    S: AsyncRead + AsyncWrite + Send + 'static,
{
    let (mut reader, mut writer) = split(stream);
    let (sender, mut outbox) = unbounded_channel::<Vec<u8>>();
    let (inbox, receiver) = unbounded_channel();
    tasks.spawn(async move {
        let (mut heard, mut buffer) = (Vec::new(), vec![0; 65_536]);
        while let Ok(length @ 1..) = reader.read(&mut buffer).await {
            heard.extend_from_slice(&buffer[..length]);
            while let Some(message) = next_message(&mut heard) {
                if inbox.send(message).is_err() {
                    return;
                }
            }
        }
    });
    tasks.spawn(async move {
        while let Some(bytes) = outbox.recv().await {
            if writer.write_all(&bytes).await.is_err() || writer.flush().await.is_err() {
                return;
            }
        }
    });
    (sender, receiver)
}

/// The first whole message of a stream; empty lines between two say only that somebody is there.
fn next_message(heard: &mut Vec<u8>) -> Option<Message> {
    let blank = heard.iter().take_while(|b| b"\r\n".contains(b)).count();
    heard.drain(..blank);
    let body = heard.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let length: usize = Message::parse(&heard[..body])?
        .header("Content-Length")
        .parse()
        .unwrap_or(0);
    if heard.len() < body + length {
        return None;
    }
    let whole: Vec<u8> = heard.drain(..body + length).collect();
    Message::parse(&whole)
}
