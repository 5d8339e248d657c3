//! The machine's place in the network: what others are told as our address, who is told another, and the ports for audio.
//! The values become part of the files Asterisk starts with, so nothing passes here that could be more than a value.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::fields::{Fields, Given};
use super::invalid::{Code, Invalid, Wrong};

pub const FIRST_PORT: u16 = 1024;
/// Two for each side of a call; fewer would refuse the fifth call.
pub const FEWEST_PORTS: u16 = 20;
const LONGEST: usize = 1000;

/// An empty value is left to the environment that Asterisk is started with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Network {
    pub external_address: String,
    /// Separated by commas.
    pub local_nets: String,
    /// First and last, as in `10000-10100`.
    pub rtp_ports: String,
}

impl Network {
    /// What is used when these were set and those are the environment's.
    #[must_use]
    pub fn over(&self, environment: &Self) -> Self {
        let choose = |own: &String, other: &String| {
            let chosen = if own.is_empty() { other } else { own };
            chosen.clone()
        };
        Self {
            external_address: choose(&self.external_address, &environment.external_address),
            local_nets: choose(&self.local_nets, &environment.local_nets),
            rtp_ports: choose(&self.rtp_ports, &environment.rtp_ports),
        }
    }
}

/// What a running Asterisk was started with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    pub network: Network,
    pub sip_port: String,
    /// None without a certificate.
    pub sips_port: Option<String>,
}

impl Started {
    /// As its start-up files say it: `address|networks|audio|sip|sips`.
    pub fn parse(line: &str) -> Option<Self> {
        let words: Vec<&str> = line.split('|').collect();
        let [address, nets, audio, sip, sips] = words[..] else {
            return None;
        };
        Some(Self {
            network: Network {
                external_address: address.to_owned(),
                local_nets: nets.to_owned(),
                rtp_ports: audio.to_owned(),
            },
            sip_port: sip.to_owned(),
            sips_port: (!sips.is_empty()).then(|| sips.to_owned()),
        })
    }
}

/// What a person typed.
#[derive(Debug, Clone, Default)]
pub struct NetworkDraft {
    pub external_address: Given<String>,
    pub local_nets: Given<String>,
    pub rtp_ports: Given<String>,
}

/// What of it is to be changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NetworkEdit {
    pub external_address: Option<String>,
    pub local_nets: Option<String>,
    pub rtp_ports: Option<String>,
}

impl NetworkDraft {
    pub fn read(fields: &mut Fields) -> Self {
        Self {
            external_address: fields.text("external_address"),
            local_nets: fields.text("local_nets"),
            rtp_ports: fields.text("rtp_ports"),
        }
    }

    pub fn check(self) -> Result<NetworkEdit, Invalid> {
        let mut invalid = Invalid::new();
        let mut value =
            |field, given: Given<String>, check: fn(&str) -> Result<String, Wrong>| match given {
                Given::Absent => None,
                Given::Null => Some(String::new()),
                Given::Value(text) => match text.trim() {
                    "" => Some(String::new()),
                    text => invalid.note(field, check(text)),
                },
            };
        let edit = NetworkEdit {
            external_address: value("external_address", self.external_address, external_address),
            local_nets: value("local_nets", self.local_nets, local_nets),
            rtp_ports: value("rtp_ports", self.rtp_ports, rtp_ports),
        };
        invalid.or(edit)
    }
}

/// An address that others can send to, or a host name.
fn external_address(text: &str) -> Result<String, Wrong> {
    let invalid = || Wrong::new(Code::InvalidHost);
    if let Ok(address) = text.parse::<IpAddr>() {
        let broadcast = address == IpAddr::V4(Ipv4Addr::BROADCAST);
        let nowhere = address.is_unspecified() || address.is_loopback() || address.is_multicast();
        return if broadcast || nowhere {
            Err(invalid())
        } else {
            Ok(address.to_string())
        };
    }
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    // An address with a typing error is no name.
    let last = text.rsplit('.').next().unwrap_or_default();
    let is_name = last.starts_with(|c: char| c.is_ascii_alphabetic());
    if text.len() > 253 || !is_name || !text.split('.').all(label) {
        return Err(invalid());
    }
    Ok(text.to_ascii_lowercase())
}

fn local_nets(text: &str) -> Result<String, Wrong> {
    let words = text.split([',', ' ', '\t']).filter(|word| !word.is_empty());
    let mut nets: Vec<String> = Vec::new();
    for word in words {
        let net = Net::parse(word)?;
        let net = net.to_string();
        if !nets.contains(&net) {
            nets.push(net);
        }
    }
    let joined = nets.join(",");
    if joined.len() > LONGEST {
        return Err(Wrong::new(Code::TooLong).with("max", LONGEST.to_string()));
    }
    Ok(joined)
}

/// Addresses that begin alike; never all there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Net {
    /// Without the bits of the one address that somebody may have written for its network.
    address: IpAddr,
    length: u32,
}

impl Net {
    pub fn parse(word: &str) -> Result<Self, Wrong> {
        net(word).ok_or_else(|| {
            let shown: String = word.chars().take(60).collect();
            Wrong::new(Code::InvalidNetwork).with("value", shown)
        })
    }

    pub fn contains(self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => own.to_bits() == masked(other, self.length),
            (IpAddr::V6(own), IpAddr::V6(other)) => own.to_bits() == masked_6(other, self.length),
            _ => false,
        }
    }

    /// One address is written without its length.
    pub fn short(self) -> String {
        let is_one = self.length == if self.address.is_ipv4() { 32 } else { 128 };
        if is_one {
            self.address.to_string()
        } else {
            self.to_string()
        }
    }
}

impl fmt::Display for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.length)
    }
}

/// `length` is at least 1 for every [`Net`].
fn masked(address: Ipv4Addr, length: u32) -> u32 {
    address.to_bits() & (u32::MAX << (32 - length))
}

fn masked_6(address: Ipv6Addr, length: u32) -> u128 {
    address.to_bits() & (u128::MAX << (128 - length))
}

fn net(word: &str) -> Option<Net> {
    let (address, length) = match word.split_once('/') {
        Some((address, length)) => (address, Some(length)),
        None => (word, None),
    };
    let length = |longest: u32| {
        let Some(text) = length else {
            return Some(longest);
        };
        let digits = (1..=3).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        let length = digits.then(|| text.parse().ok())?;
        // A network with every address in it would leave nobody outside.
        length.filter(|length| (1..=longest).contains(length))
    };
    match address.parse().ok()? {
        IpAddr::V4(address) => {
            let length = length(32)?;
            let address = Ipv4Addr::from_bits(masked(address, length)).into();
            Some(Net { address, length })
        }
        IpAddr::V6(address) => {
            let length = length(128)?;
            let address = Ipv6Addr::from_bits(masked_6(address, length)).into();
            Some(Net { address, length })
        }
    }
}

fn rtp_ports(text: &str) -> Result<String, Wrong> {
    let invalid = || Wrong::new(Code::InvalidPortRange).with("min", FEWEST_PORTS.to_string());
    let port = |text: &str| {
        let text = text.trim();
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        let port: Option<u16> = digits.then(|| text.parse().ok())?;
        port.filter(|port| *port >= FIRST_PORT)
    };
    let (first, last) = text.split_once(['-', '–']).ok_or_else(invalid)?;
    let (first, last) = port(first).zip(port(last)).ok_or_else(invalid)?;
    if last < first || last - first < FEWEST_PORTS - 1 {
        return Err(invalid());
    }
    Ok(format!("{first}-{last}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_external_address_is_an_address_or_a_name() {
        for (typed, kept) in [
            ("203.0.113.7", "203.0.113.7"),
            ("2001:DB8::1", "2001:db8::1"),
            ("PBX.example.com", "pbx.example.com"),
            ("pbx", "pbx"),
        ] {
            assert_eq!(external_address(typed).as_deref(), Ok(kept));
        }
        for bad in [
            "203.0.113",
            "203.0.113.700",
            "0.0.0.0",
            "127.0.0.1",
            "::",
            "224.0.0.1",
            "255.255.255.255",
            "203.0.113.7:5060",
            "10.0.0.0/8",
            "a b",
            "a;b",
            "a\nb",
            "@DATA@",
            "a..b",
            "-a.de",
            "a_b.de",
            "a.de.",
            "a.4b",
            "[2001:db8::1]",
            "sip:a.de",
            "ä.de",
        ] {
            assert!(external_address(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn local_networks_are_masked_and_kept_once() {
        for (typed, kept) in [
            ("192.168.1.5/24", "192.168.1.0/24"),
            ("10.0.0.0/8, 10.1.2.3/8 fd00::1/7", "10.0.0.0/8,fc00::/7"),
            ("192.168.1.5", "192.168.1.5/32"),
            ("::1", "::1/128"),
        ] {
            assert_eq!(local_nets(typed).as_deref(), Ok(kept));
        }
        for bad in [
            "0.0.0.0/0",
            "::/0",
            "10.0.0.0/33",
            "10.0.0.0/+8",
            "10.0.0/8",
            "x/8",
            "10.0.0.0/",
            "10.0.0.0/8;a",
            "10.0.0.0/8\n[general]",
        ] {
            assert!(local_nets(bad).is_err(), "{bad:?}");
        }
        let many: Vec<String> = (0..255).map(|n| format!("10.0.{n}.0/24")).collect();
        assert!(local_nets(&many.join(",")).is_err());
    }

    #[test]
    fn a_range_of_ports_is_long_enough_and_above_the_system_s() {
        assert_eq!(rtp_ports("10000-10100").as_deref(), Ok("10000-10100"));
        assert_eq!(rtp_ports("1024 – 65535").as_deref(), Ok("1024-65535"));
        assert_eq!(rtp_ports("20000-20019").as_deref(), Ok("20000-20019"));
        for bad in [
            "10000",
            "10100-10000",
            "10000-10018",
            "1023-2000",
            "10000-65536",
            "10000-10100-10200",
            "a-b",
            "-",
            "+10000-10100",
            "10000-10100;",
            "10000-10100\n[general]",
        ] {
            assert!(rtp_ports(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_empty_value_is_the_environment_s() {
        let environment =
            Started::parse("203.0.113.7|10.0.0.0/8|10000-10100|5060|").expect("legal");
        assert_eq!(environment.sips_port, None);
        let saved = Network {
            rtp_ports: "20000-20100".into(),
            ..Network::default()
        };
        let used = saved.over(&environment.network);
        assert_eq!(used.external_address, "203.0.113.7");
        assert_eq!(used.rtp_ports, "20000-20100");
        assert_eq!(Started::parse("a|b"), None);
    }
}
