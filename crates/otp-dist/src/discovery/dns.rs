//! Nodes in DNS.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use hickory_resolver::config::{NameServerConfig, ResolverConfig};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RData;
use hickory_resolver::{ResolverBuilder, TokioResolver};
use thiserror::Error;

use super::{Finding, Found, Source};

/// Nodes by their addresses or by their services in DNS, such as a headless service of Kubernetes. Feature `dns`.
///
/// The resolver is that of the system, and keeps answers for as long as they say. A name without records is a cluster without nodes.
///
/// # OTP
///
/// Elixir's dns_cluster with `{"basename", query}`, and libcluster's `Cluster.Strategy.DNSPoll` and `Kubernetes.DNSSRV`.
///
/// # Examples
///
/// ```no_run
/// use otp_dist::{Config, Distribution, Dns};
///
/// # async fn example(dist: Distribution) -> Result<(), otp_dist::DnsError> {
/// // app@10.1.2.3, for each address.
/// let _discovery = dist.discover(Dns::hosts("app", "app.default.svc.cluster.local")?);
/// // app@pod-1.app.default.svc.cluster.local, at the port of the record: there is no epmd.
/// let _discovery = dist.discover(Dns::services("app", "_dist._tcp.app.default.svc.cluster.local")?);
/// # Ok(())
/// # }
/// ```
pub struct Dns {
    resolver: TokioResolver,
    basename: String,
    query: Query,
}

enum Query {
    Hosts { host: String, port: Option<u16> },
    Services(String),
}

/// A resolver that cannot be made.
#[derive(Debug, Error)]
#[error("names cannot be looked up: {0}")]
pub struct DnsError(String);

impl From<NetError> for DnsError {
    fn from(error: NetError) -> Self {
        Self(error.to_string())
    }
}

impl Dns {
    /// Each address of a host, A and AAAA, is a node: `basename@address`. Its epmd is asked where it listens, unless a
    /// [`port`](Self::port) is given.
    ///
    /// # Errors
    ///
    /// When the system's configuration cannot be read.
    pub fn hosts(basename: impl Into<String>, host: impl Into<String>) -> Result<Self, DnsError> {
        let (host, port) = (host.into(), None);
        Self::new(basename.into(), Query::Hosts { host, port })
    }

    /// Each SRV record of a service is a node: `basename@target`, which listens at the record's port of one of the target's addresses.
    ///
    /// # Errors
    ///
    /// When the system's configuration cannot be read.
    pub fn services(
        basename: impl Into<String>,
        service: impl Into<String>,
    ) -> Result<Self, DnsError> {
        Self::new(basename.into(), Query::Services(service.into()))
    }

    fn new(basename: String, query: Query) -> Result<Self, DnsError> {
        Ok(Self {
            resolver: build(TokioResolver::builder_tokio()?)?,
            basename,
            query,
        })
    }

    /// All nodes of [`hosts`](Self::hosts) listen at this port: there is no epmd.
    #[must_use]
    pub fn port(mut self, at: u16) -> Self {
        if let Query::Hosts { port, .. } = &mut self.query {
            *port = Some(at);
        }
        self
    }

    /// Asks this server, and not that of the system.
    ///
    /// # Errors
    ///
    /// When a resolver cannot be made.
    pub fn server(self, server: SocketAddr) -> Result<Self, DnsError> {
        let mut at = NameServerConfig::udp_and_tcp(server.ip());
        for connection in &mut at.connections {
            connection.port = server.port();
        }
        let config = ResolverConfig::from_name_servers(vec![at]);
        let provider = TokioRuntimeProvider::default();
        let resolver = build(TokioResolver::builder_with_config(config, provider))?;
        Ok(Self { resolver, ..self })
    }

    async fn look(&self) -> Result<Vec<Found>, NetError> {
        match &self.query {
            Query::Hosts { host, port } => {
                let addresses = self.addresses(host).await?;
                let found = |ip: IpAddr| {
                    let address = port.map(|port| SocketAddr::new(ip, port));
                    Some(Found::new(&format!("{}@{ip}", self.basename))?.at(address))
                };
                Ok(addresses.into_iter().filter_map(found).collect())
            }
            Query::Services(service) => {
                let lookup = self.resolver.srv_lookup(service.as_str()).await?;
                let mut nodes = Vec::new();
                for record in lookup.answers() {
                    let RData::SRV(service) = &record.data else {
                        continue;
                    };
                    let target = service.target.to_utf8();
                    // A target that has no address yet is no node yet.
                    let addresses = none_of(self.addresses(&target).await)?;
                    let name = format!("{}@{}", self.basename, target.trim_end_matches('.'));
                    if let (Some(mut node), false) = (Found::new(&name), addresses.is_empty()) {
                        let at = |ip: IpAddr| SocketAddr::new(ip, service.port);
                        node.addresses.extend(addresses.into_iter().map(at));
                        nodes.push(node);
                    }
                }
                Ok(nodes)
            }
        }
    }

    /// The addresses of a host, IPv4 first.
    async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, NetError> {
        let mut addresses: Vec<IpAddr> = self.resolver.lookup_ip(host).await?.iter().collect();
        addresses.sort_unstable();
        addresses.dedup();
        Ok(addresses)
    }
}

fn build(builder: ResolverBuilder<TokioRuntimeProvider>) -> Result<TokioResolver, DnsError> {
    Ok(builder.build()?)
}

/// No records are an answer, too.
fn none_of<T>(looked: Result<Vec<T>, NetError>) -> Result<Vec<T>, NetError> {
    match looked {
        Err(error) if error.is_nx_domain() || error.is_no_records_found() => Ok(Vec::new()),
        looked => looked,
    }
}

impl Source for Dns {
    fn find(&mut self) -> Finding<'_> {
        Box::pin(async { none_of(self.look().await).map_err(|error| error.to_string()) })
    }
}

impl fmt::Debug for Dns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Query::Hosts { host: name, .. } | Query::Services(name)) = &self.query;
        f.debug_struct("Dns")
            .field("basename", &self.basename)
            .field("name", name)
            .finish_non_exhaustive()
    }
}
