//! UDP and TCP, or TLS in its place, at one address: sorts what comes in by call, and answers what needs nobody to decide.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream, UdpSocket};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::registrar::Registrar;
use super::{silence, token};
use crate::support::phone::Message;
use crate::support::poll::PATIENCE;
use crate::support::{certificate, stream};

/// A first INVITE, how it came, and all that follows in its call.
pub type Ring = (Message, Way, UnboundedReceiver<Message>);

/// UDP may lose a message; SIP repeats it.
const REPEAT: Duration = Duration::from_millis(500);

/// How a message travels.
#[derive(Debug, Clone)]
pub enum Way {
    Udp(SocketAddr),
    Tcp(UnboundedSender<Vec<u8>>),
    Tls(UnboundedSender<Vec<u8>>),
}

impl Way {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Udp(_) => "UDP",
            Self::Tcp(_) => "TCP",
            Self::Tls(_) => "TLS",
        }
    }
}

#[derive(Debug)]
pub struct Wire {
    socket: UdpSocket,
    pub address: SocketAddr,
    pub asterisk: SocketAddr,
    born: Instant,
    desk: Mutex<Desk>,
}

#[derive(Debug)]
pub struct Desk {
    pub deaf: bool,
    /// So much was sent to it while it was.
    pub missed: usize,
    pub ignores_calls: bool,
    pub registrar: Registrar,
    pub seen: Vec<Message>,
    pub lines: Vec<String>,
    /// How many connections came.
    pub connected: usize,
    /// How the last REGISTER came.
    pub registered_over: Option<Way>,
    calls: HashMap<String, UnboundedSender<Message>>,
    rings: UnboundedSender<Ring>,
    /// What was answered to a request, for when it is repeated.
    answered: HashMap<String, Vec<u8>>,
    /// What confirmed a final answer, for when that is repeated.
    confirmed: HashMap<String, Vec<u8>>,
    connections: JoinSet<()>,
}

impl Desk {
    pub fn drop_connections(&mut self) {
        self.connections.abort_all();
    }
}

impl Wire {
    /// Port 0 is any.
    pub async fn open(
        place: SocketAddr,
        asterisk: SocketAddr,
    ) -> (Self, TcpListener, UnboundedReceiver<Ring>) {
        let (socket, listener) = loop {
            let socket = UdpSocket::bind(place).await.expect("a port");
            let address = socket.local_addr().expect("an address");
            // The same port has to be free for both.
            match TcpListener::bind(address).await {
                Ok(listener) => break (socket, listener),
                Err(error) => assert_eq!(place.port(), 0, "{place}: {error}"),
            }
        };
        let address = socket.local_addr().expect("an address");
        let (rings, heard) = unbounded_channel();
        let desk = Desk {
            deaf: false,
            missed: 0,
            ignores_calls: false,
            registrar: Registrar::new(),
            seen: Vec::new(),
            lines: Vec::new(),
            connected: 0,
            registered_over: None,
            calls: HashMap::new(),
            rings,
            answered: HashMap::new(),
            confirmed: HashMap::new(),
            connections: JoinSet::new(),
        };
        let wire = Self {
            socket,
            address,
            asterisk,
            born: Instant::now(),
            desk: Mutex::new(desk),
        };
        (wire, listener, heard)
    }

    /// Takes part in what has this Call-ID.
    pub fn join(&self, call_id: &str) -> UnboundedReceiver<Message> {
        let (sender, receiver) = unbounded_channel();
        self.desk().calls.insert(call_id.to_owned(), sender);
        receiver
    }

    pub fn via(&self, way: &Way) -> String {
        let (name, address) = (way.name(), self.address);
        format!("SIP/2.0/{name} {address};branch=z9hG4bK{};rport", token())
    }

    pub fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().expect("nobody fails while holding it")
    }

    /// A connection of our own to Asterisk.
    pub async fn connect(self: &Arc<Self>) -> Way {
        let stream = self.reach(self.asterisk).await;
        self.serve(stream, Way::Tcp)
    }

    pub async fn connect_securely(self: &Arc<Self>, port: u16) -> Way {
        let stream = self.reach((self.asterisk.ip(), port).into()).await;
        let name = self.asterisk.ip().into();
        let secured = certificate::connector().connect(name, stream).await;
        self.serve(secured.expect("a certificate to trust"), Way::Tls)
    }

    async fn reach(&self, asterisk: SocketAddr) -> TcpStream {
        let socket = TcpSocket::new_v4().expect("a socket");
        let from = SocketAddr::new(self.address.ip(), 0);
        socket.bind(from).expect("a port");
        let stream = socket.connect(asterisk).await;
        stream.expect("Asterisk takes connections")
    }

    pub async fn send(&self, message: &Message, way: &Way) {
        self.note('>', message);
        self.send_bytes(message.bytes(), way).await;
    }

    /// Answers a request, now and whenever it is repeated.
    pub async fn answer(&self, request: &Message, reply: &Message, way: &Way) {
        self.desk()
            .answered
            .insert(request.transaction(), reply.bytes());
        self.send(reply, way).await;
    }

    /// Confirms a final answer, now and whenever it is repeated.
    pub async fn confirm(&self, answer: &Message, ack: &Message, way: &Way) {
        let key = format!("{} {}", answer.call_id(), answer.sequence());
        self.desk().confirmed.insert(key, ack.bytes());
        self.send(ack, way).await;
    }

    /// Sends until something comes back for this request, and returns that; nothing when nothing does.
    pub async fn ask(
        &self,
        request: &Message,
        replies: &mut UnboundedReceiver<Message>,
        way: &Way,
    ) -> Option<Message> {
        let start = Instant::now();
        self.send(request, way).await;
        while start.elapsed() < PATIENCE {
            match timeout(REPEAT, replies.recv()).await {
                Ok(Some(reply)) if belongs(&reply, request) => return Some(reply),
                Err(_) if matches!(way, Way::Udp(_)) => self.send(request, way).await,
                _ => {}
            }
        }
        None
    }

    /// Hears datagrams until it is dropped.
    pub async fn listen(self: Arc<Self>) {
        let mut buffer = vec![0; 65_536];
        loop {
            let Ok((length, from)) = self.socket.recv_from(&mut buffer).await else {
                // The other side's port is closed: nobody listens there now, but may later.
                continue;
            };
            if let Some(message) = Message::parse(&buffer[..length]) {
                self.hear(message, Way::Udp(from)).await;
            }
        }
    }

    pub async fn accept(self: Arc<Self>, listener: TcpListener, secure: Option<TlsAcceptor>) {
        while let Ok((stream, _)) = listener.accept().await {
            self.desk().connected += 1;
            match &secure {
                None => {
                    self.serve(stream, Way::Tcp);
                }
                // Who goes away in the middle of it has seen the certificate.
                Some(acceptor) => {
                    if let Ok(Ok(secured)) = timeout(PATIENCE, acceptor.accept(stream)).await {
                        self.serve(secured, Way::Tls);
                    }
                }
            }
        }
    }

    fn serve<S>(self: &Arc<Self>, stream: S, kind: fn(UnboundedSender<Vec<u8>>) -> Way) -> Way
    where
        S: AsyncRead + AsyncWrite + Send + 'static,
    {
        let this = Arc::downgrade(self);
        let mut desk = self.desk();
        let (sender, mut messages) = stream::carry(stream, &mut desk.connections);
        let way = kind(sender);
        let back = way.clone();
        desk.connections.spawn(async move {
            while let Some(message) = messages.recv().await {
                let Some(wire) = this.upgrade() else { return };
                wire.hear(message, back.clone()).await;
            }
        });
        way
    }

    async fn hear(&self, message: Message, way: Way) {
        {
            let mut desk = self.desk();
            if desk.deaf && message.status() == 0 {
                desk.missed += 1;
                return;
            }
        }
        self.note('<', &message);
        if message.status() > 0 {
            let key = format!("{} {}", message.call_id(), message.sequence());
            let repeated = self.desk().confirmed.get(&key).cloned();
            match repeated {
                Some(ack) if message.status() >= 200 && message.method() == "INVITE" => {
                    self.send_bytes(ack, &way).await;
                }
                _ => self.pass_on(message),
            }
            return;
        }
        let repeated = self.desk().answered.get(&message.transaction()).cloned();
        if let Some(reply) = repeated {
            self.send_bytes(reply, &way).await;
            return;
        }
        self.desk().seen.push(message.clone());
        let inside = message.header("To").contains(";tag=");
        let reply = match message.method() {
            "ACK" => {
                self.pass_on(message);
                return;
            }
            "REGISTER" => {
                let mut desk = self.desk();
                desk.registered_over = Some(way.clone());
                match desk.registrar.register(&message) {
                    Some(reply) => reply,
                    None => return,
                }
            }
            "INVITE" if !inside => {
                if let Some(reply) = self.takes(&message, &way) {
                    reply
                } else {
                    return;
                }
            }
            "INVITE" => Message::reply(&message, 200, "OK").with_sdp(silence(self.address)),
            _ => Message::reply(&message, 200, "OK"),
        };
        self.answer(&message, &reply, &way).await;
        self.pass_on(message);
    }

    /// The first answer to a call.
    fn takes(&self, invite: &Message, way: &Way) -> Option<Message> {
        let mut desk = self.desk();
        if desk.ignores_calls {
            return None;
        }
        if let Some(reply) = desk.registrar.call(invite) {
            return Some(reply);
        }
        let (sender, dialog) = unbounded_channel();
        desk.calls.insert(invite.call_id().to_owned(), sender);
        // A provider that is being dropped has nobody left to ring for.
        let _gone = desk.rings.send((invite.clone(), way.clone(), dialog));
        Some(Message::reply(invite, 100, "Trying"))
    }

    fn pass_on(&self, message: Message) {
        let desk = self.desk();
        if let Some(call) = desk.calls.get(message.call_id()) {
            let _over = call.send(message);
        }
    }

    async fn send_bytes(&self, bytes: Vec<u8>, way: &Way) {
        // Asterisk may be away; the request is repeated, and the test decides how long it waits.
        match way {
            Way::Udp(to) => {
                let _lost = self.socket.send_to(&bytes, to).await;
            }
            Way::Tcp(connection) | Way::Tls(connection) => {
                let _lost = connection.send(bytes);
            }
        }
    }

    fn note(&self, way: char, message: &Message) {
        let at = self.born.elapsed().as_millis();
        let first: String = message.first.chars().take(120).collect();
        let sequence = message.header("CSeq");
        let line = format!("{at:>7} ms {way} {first} [{sequence}]");
        self.desk().lines.push(line);
    }
}

fn belongs(reply: &Message, request: &Message) -> bool {
    reply.status() > 0 && reply.header("CSeq") == request.header("CSeq")
}
