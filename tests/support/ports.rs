//! Ports for one stack: a block below the range from which the kernel takes ports for connections, so that nobody gets
//! one of them by chance between choosing and using.

use std::net::{TcpListener, UdpSocket};
use std::sync::atomic::{AtomicU16, Ordering};

const FIRST: u16 = 12_000;
const SIZE: u16 = 600;
const BLOCKS: u16 = 33;
/// SIPp takes the port it is told for sound, and the next ones as well.
const STEP: u16 = 4;

/// A block of free ports. It is ours for as long as this value lives: the first port is held.
#[derive(Debug)]
pub struct Ports {
    _claim: UdpSocket,
    pub http: u16,
    pub ami: u16,
    pub db: u16,
    pub sip: u16,
    pub sips: u16,
    /// First and last.
    pub rtp: (u16, u16),
    phones: AtomicU16,
    last_phone: u16,
}

impl Ports {
    /// Starts to look at a place that differs from process to process.
    pub fn claim() -> Result<Self, String> {
        let start = u16::try_from(std::process::id() % u32::from(BLOCKS)).unwrap_or(0);
        (0..BLOCKS)
            .map(|n| FIRST + (start + n) % BLOCKS * SIZE)
            .find_map(Self::claim_block)
            .ok_or_else(|| format!("no block of {SIZE} free ports above {FIRST}"))
    }

    fn claim_block(base: u16) -> Option<Self> {
        let claim = UdpSocket::bind(("127.0.0.1", base)).ok()?;
        let free_tcp = (base..base + 10).all(|port| TcpListener::bind(("127.0.0.1", port)).is_ok());
        let free_udp =
            (base + 1..base + SIZE).all(|port| UdpSocket::bind(("127.0.0.1", port)).is_ok());
        (free_tcp && free_udp).then_some(Self {
            _claim: claim,
            http: base + 1,
            ami: base + 2,
            db: base + 3,
            sip: base + 4,
            sips: base + 5,
            rtp: (base + 200, base + SIZE - 1),
            phones: AtomicU16::new(base + 10),
            last_phone: base + 199,
        })
    }

    /// One more, for a program that has to be told its port.
    pub fn next(&self) -> u16 {
        let port = self.phones.fetch_add(STEP, Ordering::Relaxed);
        assert!(
            port + STEP <= self.last_phone,
            "all ports of this stack are given away"
        );
        port
    }
}
