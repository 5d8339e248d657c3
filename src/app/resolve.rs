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
        if let Ok(address) = server.trim_matches(['[', ']']).parse() {
            return BTreeSet::from([address]);
        }
        if let Ok(address) = server.parse::<SocketAddr>() {
            return BTreeSet::from([address.ip()]);
        }
        let (host, has_port) = match server.split_once(':') {
            Some((host, _)) => (host, true),
            None => (server, false),
        };
        let mut hosts = Vec::new();
        if !has_port {
            hosts = self.srv_hosts(host, transport).await;
        }
        if hosts.is_empty() {
            hosts.push(host.to_owned());
        }
        let mut addresses = BTreeSet::new();
        for host in hosts {
            match tokio::time::timeout(PATIENCE, self.0.lookup_ip(host.as_str())).await {
                Ok(Ok(found)) => addresses.extend(found.iter()),
                Ok(Err(error)) => tracing::debug!(%host, %error, "no address"),
                Err(_) => tracing::debug!(%host, "no answer from the name server"),
            }
        }
        addresses
    }

    async fn srv_hosts(&self, host: &str, transport: Transport) -> Vec<String> {
        let service = match transport {
            Transport::Udp => "_sip._udp",
            Transport::Tcp => "_sip._tcp",
            Transport::Tls => "_sips._tcp",
        };
        let asked = self.0.srv_lookup(format!("{service}.{host}."));
        match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Ok(found)) => found.iter().map(|srv| srv.target().to_utf8()).collect(),
            // Most have none; then the name itself is the host.
            _ => Vec::new(),
        }
    }
}
