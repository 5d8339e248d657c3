//! A name server that knows only what it is told. Asterisk refuses to ask one on the loopback, so it listens at the
//! machine's own address; what is sent there never leaves the machine.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hickory_resolver::proto::op::{Message, MessageType, Query, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, NAPTR, SRV};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};

/// Nobody keeps an answer: what changes here has changed.
const TTL: u32 = 0;
/// How long its thread outlives it.
const LINGER: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub struct Dns {
    pub address: SocketAddr,
    zone: Arc<Mutex<Zone>>,
}

#[derive(Debug, Default)]
struct Zone {
    records: BTreeMap<String, Vec<RData>>,
    is_silent: bool,
    dropped: Vec<RecordType>,
    asked: Vec<String>,
}

/// One server of a service: priority, where, port.
pub type Target<'a> = (u16, &'a str, u16);

impl Dns {
    pub fn open() -> Result<Self, String> {
        let socket = UdpSocket::bind((own_address()?, 0)).map_err(|e| e.to_string())?;
        socket
            .set_read_timeout(Some(LINGER))
            .map_err(|e| e.to_string())?;
        let address = socket.local_addr().map_err(|e| e.to_string())?;
        let zone = Arc::new(Mutex::new(Zone::default()));
        let ours = Arc::downgrade(&zone);
        // A thread and no task: it serves tests that each have a runtime of their own.
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            loop {
                let heard = socket.recv_from(&mut buffer);
                let Some(zone) = ours.upgrade() else { return };
                let Ok((length, from)) = heard else { continue };
                let answer = locked(&zone).answer(&buffer[..length]);
                if let Some(answer) = answer {
                    let _lost = socket.send_to(&answer, from);
                }
            }
        });
        Ok(Self { address, zone })
    }

    /// From now on a host is at these addresses.
    pub fn host(&self, name: &str, addresses: &[IpAddr]) {
        let data = addresses.iter().map(|address| match address {
            IpAddr::V4(address) => RData::A(A(*address)),
            IpAddr::V6(_) => unreachable!("providers of tests live on 127.0.0.0/8"),
        });
        self.set(name, data.collect());
    }

    /// From now on a service, such as `_sip._udp.example.com`, is at these hosts.
    pub fn service(&self, name: &str, targets: &[Target<'_>]) {
        let data = targets
            .iter()
            .map(|(priority, host, port)| RData::SRV(SRV::new(*priority, 0, *port, name_of(host))));
        self.set(name, data.collect());
    }

    /// From now on the records of a host's service over UDP are at this name.
    pub fn points(&self, host: &str, service: &str) {
        let (flags, services) = (Box::from(*b"s"), Box::from(*b"SIP+D2U"));
        let pointer = NAPTR::new(10, 10, flags, services, Box::default(), name_of(service));
        self.set(host, vec![RData::NAPTR(pointer)]);
    }

    /// Hears the questions and says nothing, or answers again.
    pub fn is_silent(&self, silent: bool) {
        locked(&self.zone).is_silent = silent;
    }

    /// From now on says nothing to questions of this type.
    pub fn drops(&self, questions: RecordType) {
        locked(&self.zone).dropped.push(questions);
    }

    /// `SRV _sip._udp.example.com`, once for each time.
    pub fn asked(&self) -> Vec<String> {
        locked(&self.zone).asked.clone()
    }

    fn set(&self, name: &str, data: Vec<RData>) {
        locked(&self.zone)
            .records
            .insert(name.to_ascii_lowercase(), data);
    }
}

impl Zone {
    fn answer(&mut self, question: &[u8]) -> Option<Vec<u8>> {
        let question = Message::from_vec(question).ok()?;
        let query = question.queries().first()?.clone();
        let name = name_text(query.name());
        self.asked.push(format!("{} {name}", query.query_type()));
        if self.is_silent || self.dropped.contains(&query.query_type()) {
            return None;
        }
        let mut answer = Message::new();
        answer
            .set_id(question.id())
            .set_message_type(MessageType::Response)
            .set_recursion_desired(question.recursion_desired())
            .set_recursion_available(true);
        for data in self.found(&query, &name) {
            answer.add_answer(Record::from_rdata(query.name().clone(), TTL, data));
        }
        if !self.knows(&name) {
            answer.set_response_code(ResponseCode::NXDomain);
        }
        answer.add_query(query);
        answer.to_vec().ok()
    }

    fn found(&self, query: &Query, name: &str) -> Vec<RData> {
        let wanted = |data: &&RData| match data {
            RData::A(_) => query.query_type() == RecordType::A,
            RData::NAPTR(_) => query.query_type() == RecordType::NAPTR,
            RData::SRV(_) => query.query_type() == RecordType::SRV,
            _ => false,
        };
        let data = self.records.get(name).into_iter().flatten();
        data.filter(wanted).cloned().collect()
    }

    /// A name exists when one below it does.
    fn knows(&self, name: &str) -> bool {
        let below = format!(".{name}");
        let mut names = self.records.keys();
        name.is_empty() || names.any(|known| known == name || known.ends_with(&below))
    }
}

fn locked(zone: &Mutex<Zone>) -> MutexGuard<'_, Zone> {
    // A test that failed meanwhile has left nothing half done.
    zone.lock().unwrap_or_else(PoisonError::into_inner)
}

fn name_of(host: &str) -> Name {
    Name::from_ascii(format!("{host}.")).expect("a host name")
}

fn name_text(name: &Name) -> String {
    let text = name.to_ascii().to_ascii_lowercase();
    text.trim_end_matches('.').to_owned()
}

/// The first address of this machine that is not on the loopback, by the kernel's table of its own addresses.
fn own_address() -> Result<Ipv4Addr, String> {
    let table = std::fs::read_to_string("/proc/net/fib_trie").map_err(|e| e.to_string())?;
    let lines: Vec<&str> = table.lines().map(str::trim).collect();
    let local = lines
        .windows(2)
        .filter(|pair| pair[1] == "/32 host LOCAL")
        .filter_map(|pair| pair[0].strip_prefix("|-- ")?.parse().ok());
    local
        .into_iter()
        .find(|address: &Ipv4Addr| !address.is_loopback())
        .ok_or_else(|| "this machine has no address but the loopback's".to_owned())
}
