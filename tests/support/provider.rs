//! A provider, as bad or as good as it is told to be: it takes registrations and calls, and calls numbers.
//!
//! Each has an address of its own on the loopback. A trunk is recognised by where its calls come from, and phones, which
//! all live at 127.0.0.1, must not be taken for a provider.

mod call;
mod registrar;
mod rules;
mod wire;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinSet;

pub use call::{Arrived, Calling, Draft};
pub use registrar::Answer;
pub use rules::{Rules, Sender, Written};

use super::certificate::Certificate;
use super::pbx::Pbx;
use super::phone::Message;
use super::poll::{PATIENCE, eventually, within};
use wire::{Ring, Wire};

#[derive(Debug)]
pub struct Provider {
    wire: Arc<Wire>,
    rings: Mutex<UnboundedReceiver<Ring>>,
    _ears: JoinSet<()>,
}

/// Nobody else in this run has it.
fn own_address() -> IpAddr {
    static COUNT: AtomicU16 = AtomicU16::new(1);
    let [high, low] = COUNT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    IpAddr::V4(Ipv4Addr::new(127, 3, high, low))
}

impl Provider {
    pub async fn open(pbx: &Pbx) -> Self {
        Self::open_at(pbx, SocketAddr::new(own_address(), 0), None).await
    }

    /// At another address, and the same port.
    pub async fn open_beside(pbx: &Pbx, other: &Self) -> Self {
        let address = SocketAddr::new(own_address(), other.address().port());
        Self::open_at(pbx, address, None).await
    }

    /// One that speaks TLS where others speak TCP, with a certificate made for its address.
    pub async fn secure(pbx: &Pbx, certificate: fn(&str) -> Certificate) -> Self {
        let address = own_address();
        let certificate = certificate(&format!("IP:{address}"));
        Self::open_at(pbx, SocketAddr::new(address, 0), Some(&certificate)).await
    }

    async fn open_at(pbx: &Pbx, address: SocketAddr, certificate: Option<&Certificate>) -> Self {
        let asterisk = pbx.value("GONOPBX_SIP_ADDRESS").parse();
        let (wire, listener, rings) = Wire::open(address, asterisk.expect("an address")).await;
        let wire = Arc::new(wire);
        let mut ears = JoinSet::new();
        ears.spawn(Arc::clone(&wire).listen());
        let secure = certificate.map(Certificate::acceptor);
        ears.spawn(Arc::clone(&wire).accept(listener, secure));
        Self {
            wire,
            rings: Mutex::new(rings),
            _ears: ears,
        }
    }

    /// What a person types as the server of a trunk.
    pub fn server(&self) -> String {
        self.wire.address.to_string()
    }

    pub fn address(&self) -> SocketAddr {
        self.wire.address
    }

    /// From now on this is the account's password; the account is made if it is new.
    pub fn has_account(&self, user: &str, password: &str) {
        let mut desk = self.wire.desk();
        desk.registrar
            .accounts
            .insert(user.to_owned(), password.to_owned());
    }

    /// From now on only who keeps to these rules is served.
    pub fn insists(&self, realm: &str, rules: Rules) {
        let mut desk = self.wire.desk();
        realm.clone_into(&mut desk.registrar.realm);
        desk.registrar.rules = Some(rules);
    }

    /// How it answers to REGISTER.
    pub fn answers_register(&self, answer: Answer) {
        self.wire.desk().registrar.answer = answer;
    }

    /// Registrations last this long, whatever is asked for.
    pub fn grants(&self, time: Duration) {
        self.wire.desk().registrar.grants = Some(time.as_secs());
    }

    /// Calls are asked for the password, too.
    pub fn challenges_calls(&self) {
        self.wire.desk().registrar.challenges_calls = true;
    }

    /// Ends: it hears nothing, and forgets who is registered.
    pub fn stops(&self) {
        let mut desk = self.wire.desk();
        desk.deaf = true;
        desk.registrar.bindings.clear();
    }

    /// Until somebody has asked it in vain.
    pub async fn is_missed(&self, limit: Duration) {
        within(limit, "somebody asks in vain", || async {
            (self.wire.desk().missed > 0).then_some(())
        })
        .await;
    }

    pub fn starts(&self) {
        self.wire.desk().deaf = false;
    }

    /// Stays there but answers no INVITE.
    pub fn ignores_calls(&self) {
        self.wire.desk().ignores_calls = true;
    }

    /// Every request it heard, repetitions not counted.
    pub fn requests(&self, method: &str) -> Vec<Message> {
        let desk = self.wire.desk();
        let wanted = |request: &&Message| request.method() == method;
        desk.seen.iter().filter(wanted).cloned().collect()
    }

    /// The registered contact of an account, with its parameters.
    pub fn contact(&self, user: &str) -> Option<String> {
        self.wire.desk().registrar.bindings.get(user).cloned()
    }

    /// Until the account is registered: its contact.
    pub async fn is_registered(&self, user: &str) -> String {
        let what = format!("{user} is registered at the provider");
        eventually(&what, || async { self.contact(user) }).await
    }

    pub async fn is_unregistered(&self, user: &str) {
        let what = format!("{user} is no longer registered at the provider");
        eventually(&what, || async {
            self.contact(user).is_none().then_some(())
        })
        .await;
    }

    /// Until it has been asked more often than before.
    pub async fn hears_more(&self, method: &str, before: usize, limit: Duration) -> Vec<Message> {
        within(limit, &format!("one more {method}"), || async {
            let heard = self.requests(method);
            (heard.len() > before).then_some(heard)
        })
        .await
    }

    /// The next call from Asterisk.
    pub async fn rings(&self) -> Arrived {
        self.rings_within(PATIENCE).await
    }

    pub async fn rings_within(&self, limit: Duration) -> Arrived {
        let mut rings = self.rings.lock().await;
        let ring = tokio::time::timeout(limit, rings.recv()).await;
        let (invite, way, dialog) = ring
            .unwrap_or_else(|_| panic!("no call arrived at the provider within {limit:?}"))
            .expect("the provider is there");
        Arrived::new(&self.wire, invite, way, dialog)
    }

    pub async fn has_rung(&self) -> bool {
        !self.rings.lock().await.is_empty()
    }

    /// A call to a number, sent to Asterisk's own address.
    pub fn call(&self, number: &str) -> Draft<'_> {
        Draft::new(&self.wire, number)
    }

    /// A call to a number, sent to where an account is registered.
    pub async fn call_registered(&self, user: &str, number: &str) -> Draft<'_> {
        let contact = self.is_registered(user).await;
        let (_, host) = contact.split_once('@').expect("a contact with a user");
        self.call(number).uri(&format!("sip:{number}@{host}"))
    }

    /// Closes every connection, as a restart does, and forgets who is registered.
    pub fn drops_connections(&self) {
        let mut desk = self.wire.desk();
        desk.registrar.bindings.clear();
        desk.registered_over = None;
        desk.drop_connections();
    }

    /// How often somebody connected over TCP or TLS.
    pub fn connections(&self) -> usize {
        self.wire.desk().connected
    }

    /// Everything that was sent and heard, one line each.
    pub fn transcript(&self) -> Vec<String> {
        self.wire.desk().lines.clone()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- the provider at {}:", self.wire.address);
            for line in self.transcript() {
                eprintln!("{line}");
            }
        }
    }
}

/// Text that nobody else uses.
fn token() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

/// A description for a side that is there but says nothing: the discard port.
fn silence(address: SocketAddr) -> String {
    let ip = address.ip();
    format!(
        "v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio 9 RTP/AVP 8 0 101\r\n\
         a=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n"
    )
}
