//! One socket: sends, over UDP with repetition, sorts what comes in by call, and answers what needs no person.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tokio::net::{TcpStream, UdpSocket};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::message::Message;
use super::{media, token};
use crate::support::poll::PATIENCE;
use crate::support::{certificate, stream};

/// A first INVITE, and all that follows in its call.
pub type Ring = (Message, UnboundedReceiver<Message>);

/// UDP may lose a message; SIP repeats it.
const REPEAT: Duration = Duration::from_millis(500);

/// What a phone speaks SIP over. With TLS it looks whose certificate it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    Udp,
    Tcp,
    Tls,
}

impl Over {
    fn name(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
        }
    }

    /// What a Contact has behind its address.
    pub fn parameter(self) -> &'static str {
        match self {
            Self::Udp => "",
            Self::Tcp => ";transport=tcp",
            Self::Tls => ";transport=tls",
        }
    }
}

#[derive(Debug)]
enum Mouth {
    Socket(Arc<UdpSocket>),
    Connection(UnboundedSender<Vec<u8>>),
}

#[derive(Debug)]
pub struct Wire {
    mouth: Mouth,
    pub over: Over,
    pub address: SocketAddr,
    pub server: SocketAddr,
    born: Instant,
    desk: Mutex<Desk>,
}

#[derive(Debug)]
struct Desk {
    deaf: bool,
    calls: HashMap<String, UnboundedSender<Message>>,
    rings: UnboundedSender<Ring>,
    /// What was answered to a request, for when it is repeated.
    answered: HashMap<String, Vec<u8>>,
    /// What confirmed a final answer, for when that is repeated.
    confirmed: HashMap<String, Vec<u8>>,
    lines: Vec<String>,
    /// Bodies of what told about messages waiting.
    lamps: Vec<String>,
}

impl Wire {
    /// Hears as long as the tasks live.
    pub async fn open(
        over: Over,
        server: SocketAddr,
        ears: &mut JoinSet<()>,
    ) -> (Arc<Self>, UnboundedReceiver<Ring>) {
        if over == Over::Udp {
            let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
            let (address, socket) = (socket.local_addr(), Arc::new(socket));
            let mouth = Mouth::Socket(Arc::clone(&socket));
            let (wire, rings) = Self::new(mouth, over, address.expect("an address"), server);
            ears.spawn(Arc::clone(&wire).listen(socket));
            return (wire, rings);
        }
        let connection = TcpStream::connect(server).await;
        let connection = connection.expect("Asterisk takes connections");
        let address = connection.local_addr().expect("an address");
        let (sender, mut heard) = if over == Over::Tls {
            let connecting = certificate::connector().connect(server.ip().into(), connection);
            let secured = connecting.await.expect("a certificate to trust");
            stream::carry(secured, ears)
        } else {
            stream::carry(connection, ears)
        };
        let (wire, rings) = Self::new(Mouth::Connection(sender), over, address, server);
        let this = Arc::clone(&wire);
        ears.spawn(async move {
            while let Some(message) = heard.recv().await {
                this.hear(message).await;
            }
        });
        (wire, rings)
    }

    fn new(
        mouth: Mouth,
        over: Over,
        address: SocketAddr,
        server: SocketAddr,
    ) -> (Arc<Self>, UnboundedReceiver<Ring>) {
        let (rings, heard) = unbounded_channel();
        let desk = Mutex::new(Desk {
            deaf: false,
            calls: HashMap::new(),
            rings,
            answered: HashMap::new(),
            confirmed: HashMap::new(),
            lines: Vec::new(),
            lamps: Vec::new(),
        });
        let wire = Self {
            mouth,
            over,
            address,
            server,
            born: Instant::now(),
            desk,
        };
        (Arc::new(wire), heard)
    }

    /// Takes part in what has this Call-ID.
    pub fn join(&self, call_id: &str) -> UnboundedReceiver<Message> {
        let (sender, receiver) = unbounded_channel();
        self.desk().calls.insert(call_id.to_owned(), sender);
        receiver
    }

    pub fn via(&self) -> String {
        let (over, address) = (self.over.name(), self.address);
        format!("SIP/2.0/{over} {address};branch=z9hG4bK{};rport", token())
    }

    /// Whether requests are ignored, as if the phone were off.
    pub fn set_deaf(&self, deaf: bool) {
        self.desk().deaf = deaf;
    }

    pub fn transcript(&self) -> Vec<String> {
        self.desk().lines.clone()
    }

    pub fn lamps(&self) -> Vec<String> {
        self.desk().lamps.clone()
    }

    pub async fn send(&self, message: &Message) {
        self.note('>', message);
        self.send_bytes(&message.bytes()).await;
    }

    /// Answers a request, now and whenever it is repeated.
    pub async fn answer(&self, request: &Message, reply: &Message) {
        self.desk()
            .answered
            .insert(request.transaction(), reply.bytes());
        self.send(reply).await;
    }

    /// Confirms a final answer, now and whenever it is repeated.
    pub async fn confirm(&self, answer: &Message, ack: &Message) {
        let key = format!("{} {}", answer.call_id(), answer.sequence());
        self.desk().confirmed.insert(key, ack.bytes());
        self.send(ack).await;
    }

    /// Sends until something comes back for this request, and returns that.
    pub async fn ask(
        &self,
        request: &Message,
        replies: &mut UnboundedReceiver<Message>,
    ) -> Message {
        let start = Instant::now();
        self.send(request).await;
        loop {
            match timeout(REPEAT, replies.recv()).await {
                Ok(Some(reply)) if belongs(&reply, request) => return reply,
                Err(_) if self.over == Over::Udp => self.send(request).await,
                Ok(_) | Err(_) => {}
            }
            let waited = start.elapsed();
            assert!(
                waited < PATIENCE,
                "no answer to {} within {waited:?}",
                request.first
            );
        }
    }

    /// Hears until it is dropped.
    async fn listen(self: Arc<Self>, socket: Arc<UdpSocket>) {
        let mut buffer = vec![0; 65_536];
        loop {
            let Ok((length, _)) = socket.recv_from(&mut buffer).await else {
                // The other side's port is closed: nobody listens there now, but may later.
                continue;
            };
            if let Some(message) = Message::parse(&buffer[..length]) {
                self.hear(message).await;
            }
        }
    }

    async fn hear(&self, message: Message) {
        let deaf = self.desk().deaf;
        if !(deaf && message.status() == 0) {
            self.note('<', &message);
            self.sort(message).await;
        }
    }

    async fn sort(&self, message: Message) {
        if message.status() > 0 {
            let key = format!("{} {}", message.call_id(), message.sequence());
            let repeated = self.desk().confirmed.get(&key).cloned();
            match repeated {
                Some(ack) if message.status() >= 200 && message.method() == "INVITE" => {
                    self.send_bytes(&ack).await;
                }
                _ => self.pass_on(message),
            }
            return;
        }
        let repeated = self.desk().answered.get(&message.transaction()).cloned();
        if let Some(reply) = repeated {
            self.send_bytes(&reply).await;
            return;
        }
        let inside = message.header("To").contains(";tag=");
        match message.method() {
            "INVITE" if !inside => {
                let call = self.join(message.call_id());
                let trying = Message::reply(&message, 100, "Trying");
                self.answer(&message, &trying).await;
                // A phone that is being dropped has nobody left to ring for.
                let _gone = self.desk().rings.send((message, call));
            }
            "INVITE" => {
                let reply = Message::reply(&message, 200, "OK").with_sdp(media::silence());
                self.answer(&message, &reply).await;
            }
            "ACK" => self.pass_on(message),
            _ => {
                // Inside a subscription it belongs to whoever has subscribed.
                if message.header("Event") == "message-summary" && !inside {
                    self.desk().lamps.push(message.body.clone());
                }
                let reply = Message::reply(&message, 200, "OK");
                self.answer(&message, &reply).await;
                self.pass_on(message);
            }
        }
    }

    fn pass_on(&self, message: Message) {
        let desk = self.desk();
        if let Some(call) = desk.calls.get(message.call_id()) {
            let _over = call.send(message);
        }
    }

    async fn send_bytes(&self, bytes: &[u8]) {
        // Asterisk may be away; the request is repeated, and the test decides how long it waits.
        match &self.mouth {
            Mouth::Socket(socket) => {
                let _lost = socket.send_to(bytes, self.server).await;
            }
            Mouth::Connection(connection) => {
                let _lost = connection.send(bytes.to_vec());
            }
        }
    }

    fn note(&self, way: char, message: &Message) {
        let at = self.born.elapsed().as_millis();
        let sequence = message.header("CSeq");
        let line = format!("{at:>7} ms {way} {} [{sequence}]", message.first);
        self.desk().lines.push(line);
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().expect("nobody fails while holding it")
    }
}

fn belongs(reply: &Message, request: &Message) -> bool {
    reply.status() > 0 && reply.header("CSeq") == request.header("CSeq")
}
