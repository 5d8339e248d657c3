//! Where a provider's host name leads: looked up by us when a trunk is saved and from time to time, so that Asterisk
//! never waits for a name while it decides whose call comes in.

use std::cmp::Reverse;
use std::net::SocketAddr;
use std::time::Duration;

use hickory_resolver::config::{NameServerConfig, ResolverConfig, ResolverOpts};
use hickory_resolver::lookup::{Lookup, SrvLookup};
use hickory_resolver::name_server::TokioConnectionProvider;
use hickory_resolver::proto::rr::{RData, RecordType};
use hickory_resolver::proto::xfer::Protocol;
use hickory_resolver::{ResolveError, TokioResolver};
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout, timeout_at};

use crate::domain::provider::Transport;

const PATIENCE: Duration = Duration::from_secs(3);
/// For each question before that for the address: some name servers drop those that they do not know.
const SHARE: Duration = Duration::from_secs(1);

#[derive(Debug, Clone)]
pub struct Names(TokioResolver);

/// What the name server said of a server.
#[derive(Debug)]
pub struct Found {
    /// In the order in which they are asked.
    pub targets: Vec<SocketAddr>,
    /// Every question was answered. Otherwise an address that is missing here may still be one.
    pub complete: bool,
}

impl Found {
    fn known(target: SocketAddr) -> Self {
        Self {
            targets: vec![target],
            complete: true,
        }
    }
}

impl Names {
    /// The system's name servers, or one that is given (a double in tests).
    pub fn new(server: Option<SocketAddr>) -> std::io::Result<Self> {
        let mut options = ResolverOpts::default();
        options.timeout = PATIENCE;
        options.attempts = 1;
        let builder = match server {
            None => TokioResolver::builder_tokio().map_err(std::io::Error::other)?,
            Some(server) => {
                let mut config = ResolverConfig::new();
                config.add_name_server(NameServerConfig::new(server, Protocol::Udp));
                // What a double says now must not be remembered for later.
                options.cache_size = 0;
                TokioResolver::builder_with_config(config, TokioConnectionProvider::default())
            }
        };
        Ok(Self(builder.with_options(options).build()))
    }

    /// Where a server is asked and may speak from: itself, or the hosts its SRV records name, in their order. Takes no
    /// longer than a person waits, however many names there are.
    pub async fn look_up(&self, server: &str, transport: Transport) -> Found {
        let usual = if transport == Transport::Tls {
            5061
        } else {
            5060
        };
        if let Ok(address) = server.trim_matches(['[', ']']).parse() {
            return Found::known(SocketAddr::new(address, usual));
        }
        if let Ok(address) = server.parse::<SocketAddr>() {
            return Found::known(address);
        }
        let deadline = Instant::now() + PATIENCE;
        let mut found = Found {
            targets: Vec::new(),
            complete: true,
        };
        let mut hosts = Vec::new();
        if let Some((host, port)) = server.split_once(':') {
            hosts.push((host.to_owned(), port.parse().unwrap_or(usual)));
        } else {
            let (services, is_told) = self.services(server, transport).await;
            let named = self.srv_hosts(services).await;
            found.complete = is_told && named.is_ok();
            hosts = named.unwrap_or_default();
            if hosts.is_empty() {
                hosts.push((server.to_owned(), usual));
            }
        }
        for (host, port) in hosts {
            match timeout_at(deadline, self.0.lookup_ip(host.as_str())).await {
                Ok(Ok(addresses)) => {
                    let targets = addresses.iter().map(|ip| SocketAddr::new(ip, port));
                    found.targets.extend(targets);
                }
                Ok(Err(error)) => {
                    found.complete &= error.is_no_records_found();
                    tracing::debug!(%host, %error, "no address");
                }
                Err(_) => {
                    found.complete = false;
                    tracing::debug!(%host, "no answer from the name server");
                }
            }
        }
        found
    }

    /// Whether a host name leads anywhere now; none when the name server does not say.
    pub async fn has_address(&self, host: &str) -> Option<bool> {
        let asked = timeout(PATIENCE, self.0.lookup_ip(host)).await;
        let found = answered(asked).ok()?;
        Some(found.is_some_and(|found| found.iter().next().is_some()))
    }

    /// None where there are no SRV records, as for most: then the name itself is the host.
    async fn srv_hosts(&self, services: Vec<String>) -> Result<Vec<(String, u16)>, Silent> {
        let deadline = Instant::now() + SHARE;
        let mut hosts = Vec::new();
        for service in services {
            let asked = self.0.srv_lookup(service);
            let found = answered(timeout_at(deadline, asked).await)?;
            let mut records: Vec<_> = found.iter().flat_map(SrvLookup::iter).collect();
            // The smallest priority first, and the heaviest of those.
            records.sort_by_key(|srv| (srv.priority(), Reverse(srv.weight())));
            hosts.extend(
                records
                    .iter()
                    .map(|srv| (srv.target().to_utf8(), srv.port())),
            );
        }
        Ok(hosts)
    }

    /// Where its SRV records are: at the usual name, or where NAPTR records point. And whether the name server said so.
    async fn services(&self, host: &str, transport: Transport) -> (Vec<String>, bool) {
        let (usual, pointer) = match transport {
            Transport::Udp => ("_sip._udp", "sip+d2u"),
            Transport::Tcp => ("_sip._tcp", "sip+d2t"),
            Transport::Tls => ("_sips._tcp", "sips+d2t"),
        };
        let asked = self.0.lookup(format!("{host}."), RecordType::NAPTR);
        let told = answered(timeout(SHARE, asked).await);
        let records = told.iter().flatten().flat_map(Lookup::iter);
        let mut pointers: Vec<_> = records
            .filter_map(RData::as_naptr)
            .filter(|naptr| naptr.services().eq_ignore_ascii_case(pointer.as_bytes()))
            .filter(|naptr| naptr.flags().eq_ignore_ascii_case(b"s"))
            .collect();
        pointers.sort_by_key(|naptr| (naptr.order(), naptr.preference()));
        let mut services: Vec<String> = pointers
            .iter()
            .map(|naptr| naptr.replacement().to_utf8())
            .collect();
        if services.is_empty() {
            services.push(format!("{usual}.{host}."));
        }
        (services, told.is_ok())
    }
}

/// The name server did not say.
#[derive(Debug)]
struct Silent;

/// What was found, which may be nothing.
fn answered<T>(asked: Result<Result<T, ResolveError>, Elapsed>) -> Result<Option<T>, Silent> {
    match asked {
        Ok(Ok(found)) => Ok(Some(found)),
        Ok(Err(error)) if error.is_no_records_found() => Ok(None),
        _ => Err(Silent),
    }
}
