//! Where a provider's host name leads: looked up by us when a trunk is saved and from time to time, so that Asterisk
//! never waits for a name while it decides whose call comes in.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{NameServerConfig, ResolverConfig, ResolverOpts};
use hickory_resolver::name_server::TokioConnectionProvider;
use hickory_resolver::proto::xfer::Protocol;

use crate::domain::provider::Transport;

const PATIENCE: Duration = Duration::from_secs(3);

#[derive(Debug, Clone)]
pub struct Names(TokioResolver);

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

    /// Every address a server may speak from: itself, or the hosts its SRV records name. Empty when it has none.
    pub async fn addresses(&self, server: &str, transport: Transport) -> BTreeSet<IpAddr> {
        let targets = self.targets(server, transport).await;
        targets.iter().map(SocketAddr::ip).collect()
    }

    /// Where a server is asked, in the order of its SRV records.
    pub async fn targets(&self, server: &str, transport: Transport) -> Vec<SocketAddr> {
        let usual = if transport == Transport::Tls {
            5061
        } else {
            5060
        };
        if let Ok(address) = server.trim_matches(['[', ']']).parse() {
            return vec![SocketAddr::new(address, usual)];
        }
        if let Ok(address) = server.parse::<SocketAddr>() {
            return vec![address];
        }
        let mut hosts = Vec::new();
        if let Some((host, port)) = server.split_once(':') {
            hosts.push((host.to_owned(), port.parse().unwrap_or(usual)));
        } else {
            hosts = self.srv_hosts(server, transport).await;
            if hosts.is_empty() {
                hosts.push((server.to_owned(), usual));
            }
        }
        let mut targets = Vec::new();
        for (host, port) in hosts {
            match tokio::time::timeout(PATIENCE, self.0.lookup_ip(host.as_str())).await {
                Ok(Ok(found)) => targets.extend(found.iter().map(|ip| SocketAddr::new(ip, port))),
                Ok(Err(error)) => tracing::debug!(%host, %error, "no address"),
                Err(_) => tracing::debug!(%host, "no answer from the name server"),
            }
        }
        targets
    }

    /// Whether a host name leads anywhere now.
    pub async fn has_address(&self, host: &str) -> bool {
        let asked = tokio::time::timeout(PATIENCE, self.0.lookup_ip(host)).await;
        matches!(asked, Ok(Ok(found)) if found.iter().next().is_some())
    }

    async fn srv_hosts(&self, host: &str, transport: Transport) -> Vec<(String, u16)> {
        let service = match transport {
            Transport::Udp => "_sip._udp",
            Transport::Tcp => "_sip._tcp",
            Transport::Tls => "_sips._tcp",
        };
        let asked = self.0.srv_lookup(format!("{service}.{host}."));
        let Ok(Ok(found)) = tokio::time::timeout(PATIENCE, asked).await else {
            // Most have none; then the name itself is the host.
            return Vec::new();
        };
        let mut records: Vec<_> = found.iter().collect();
        // The smallest priority first, and the heaviest of those.
        records.sort_by_key(|srv| (srv.priority(), std::cmp::Reverse(srv.weight())));
        let hosts = records.iter();
        hosts
            .map(|srv| (srv.target().to_utf8(), srv.port()))
            .collect()
    }
}
