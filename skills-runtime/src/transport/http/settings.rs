//! What an operator can set: flags, each with an environment variable. Wrong values never become settings.

use std::net::IpAddr;
use std::num::NonZero;
use std::str::FromStr;
use std::time::Duration;

use bytesize::ByteSize;
use clap::builder::BoolishValueParser;
use clap::{Args, ValueEnum};
use ipnet::IpNet;

use super::address::Address;
use super::forwarded::ProxyHeader;
use super::names::{HostPattern, OriginPattern};
use crate::guard::{Guard, Sources};
use crate::pool::Shares;
use crate::transport::jsonrpc::weight::Weight;

/// Memory for requests by default, in bytes.
const REQUEST_MEMORY: u64 = 32 * 1024 * 1024;

/// How the server is reached and what it bears.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Where to listen")]
pub(crate) struct Settings {
    #[command(flatten)]
    pub(super) addresses: Addresses,
    /// Serve addresses other than loopback to whoever can reach them, without authentication
    #[arg(
        long,
        env = "SKILLS_INSECURE",
        value_parser = BoolishValueParser::new(),
        hide_env_values = true
    )]
    pub(super) insecure: bool,
    #[cfg(feature = "tls")]
    #[command(flatten)]
    pub(super) tls: super::tls::Certificate,
    #[command(flatten)]
    pub(super) trust: Trust,
    #[command(flatten)]
    pub(super) limits: Limits,
    #[command(flatten)]
    pub(super) deadlines: Deadlines,
    #[command(flatten)]
    pub(crate) operation: Operation,
}

/// Where a server is, for those who start it and those who ask it.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Where to listen")]
pub(super) struct Addresses {
    /// An address for clients: IP:PORT, or unix:PATH for a UNIX socket. May be repeated
    #[arg(
        long,
        env = "SKILLS_LISTEN",
        value_name = "ADDRESS",
        value_delimiter = ',',
        default_value = "127.0.0.1:3001",
        hide_env_values = true
    )]
    pub(super) listen: Vec<Address>,
    /// An address for operators: metrics and settings besides the probes; not served anywhere without it
    #[arg(
        long,
        env = "SKILLS_ADMIN_LISTEN",
        value_name = "ADDRESS",
        hide_env_values = true
    )]
    pub(super) admin_listen: Option<Address>,
}

/// Whose word is taken for what.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Who may ask")]
pub(super) struct Trust {
    #[command(flatten)]
    pub(super) sources: Sources,
    /// A name that the server is reached under, as HOST or HOST:PORT, or * for any [default: loopback names, and the
    /// addresses that are listened on]
    #[arg(
        long,
        env = "SKILLS_ALLOWED_HOSTS",
        value_name = "HOST",
        value_delimiter = ',',
        hide_env_values = true
    )]
    pub(super) allowed_host: Vec<HostPattern>,
    /// A web page that may ask, as `SCHEME://HOST[:PORT]`, the port may be *, or * for any [default: loopback pages if only loopback
    /// addresses are listened on, else none]
    #[arg(
        long,
        env = "SKILLS_ALLOWED_ORIGINS",
        value_name = "ORIGIN",
        value_delimiter = ',',
        hide_env_values = true
    )]
    pub(super) allowed_origin: Vec<OriginPattern>,
    /// Trust proxies in this network to report the client, as IP or CIDR, or unix for proxies at a UNIX socket
    #[arg(
        long,
        env = "SKILLS_TRUSTED_PROXIES",
        value_name = "NETWORK",
        value_delimiter = ',',
        hide_env_values = true
    )]
    pub(super) trusted_proxy: Vec<Proxy>,
    /// Believe this header of trusted proxies, and ignore all others. Name only headers that every trusted proxy sets or
    /// deletes. May be repeated
    #[arg(
        long,
        env = "SKILLS_TRUSTED_PROXY_HEADERS",
        value_name = "HEADER",
        value_delimiter = ',',
        default_value = "x-forwarded-for",
        hide_env_values = true
    )]
    pub(super) trusted_proxy_header: Vec<ProxyHeader>,
}

/// How much is borne.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "How much")]
pub(super) struct Limits {
    /// Connections in all
    #[arg(
        long,
        env = "SKILLS_MAX_CONNECTIONS",
        value_name = "COUNT",
        default_value = "4096",
        hide_env_values = true
    )]
    pub(super) max_connections: NonZero<usize>,
    /// Connections of one client that is not a trusted proxy; fewer when more than half of all are taken
    #[arg(
        long,
        env = "SKILLS_MAX_CONNECTIONS_PER_CLIENT",
        value_name = "COUNT",
        default_value = "512",
        hide_env_values = true
    )]
    pub(super) max_connections_per_client: NonZero<usize>,
    /// Requests that are answered at once, from the end of the body to the end of the answer
    #[arg(
        long,
        env = "SKILLS_MAX_REQUESTS",
        value_name = "COUNT",
        default_value = "2048",
        hide_env_values = true
    )]
    pub(super) max_requests: NonZero<usize>,
    /// Concurrent requests of one client; fewer when more than half of all are taken
    #[arg(
        long,
        env = "SKILLS_MAX_REQUESTS_PER_CLIENT",
        value_name = "COUNT",
        default_value = "1024",
        hide_env_values = true
    )]
    pub(super) max_requests_per_client: NonZero<usize>,
    /// Streams that are open at once (subscriptions/listen)
    #[arg(
        long,
        env = "SKILLS_MAX_STREAMS",
        value_name = "COUNT",
        default_value = "2048",
        hide_env_values = true
    )]
    pub(super) max_streams: NonZero<usize>,
    /// Open streams of one client; fewer when more than half of all are taken
    #[arg(
        long,
        env = "SKILLS_MAX_STREAMS_PER_CLIENT",
        value_name = "COUNT",
        default_value = "256",
        hide_env_values = true
    )]
    pub(super) max_streams_per_client: NonZero<usize>,
    /// Memory for bodies that are still coming, of all requests; a quarter for one client
    #[arg(
        long,
        env = "SKILLS_MAX_BODY_MEMORY",
        value_name = "SIZE",
        default_value = "32MiB",
        hide_env_values = true
    )]
    pub(super) max_body_memory: ByteSize,
    /// Minimum rate of a request body, in bytes a second, after its first seconds
    #[arg(
        long,
        env = "SKILLS_MIN_BODY_RATE",
        value_name = "SIZE",
        default_value = "1KiB",
        hide_env_values = true
    )]
    pub(super) min_body_rate: ByteSize,
    /// Minimum rate at which clients read answers, in bytes a second; the write timeout covers clients that read nothing
    #[arg(
        long,
        env = "SKILLS_MIN_READ_RATE",
        value_name = "SIZE",
        default_value = "8KiB",
        hide_env_values = true
    )]
    pub(super) min_read_rate: ByteSize,
    /// The size of a request's body
    #[arg(
        long,
        env = "SKILLS_MAX_BODY",
        value_name = "SIZE",
        default_value = "1MiB",
        hide_env_values = true
    )]
    pub(super) max_body: ByteSize,
    /// Memory for concurrent requests, by their estimated cost; one client gets half of it
    /// [default: 32 MiB, more if larger bodies are allowed than by default]
    #[arg(
        long,
        env = "SKILLS_MAX_REQUEST_MEMORY",
        value_name = "SIZE",
        hide_env_values = true
    )]
    max_request_memory: Option<ByteSize>,
    /// The size of all headers of a request
    #[arg(
        long,
        env = "SKILLS_MAX_HEADERS_SIZE",
        value_name = "SIZE",
        default_value = "16KiB",
        hide_env_values = true
    )]
    pub(super) max_headers_size: ByteSize,
    /// The headers of a request
    #[arg(
        long,
        env = "SKILLS_MAX_HEADERS",
        value_name = "COUNT",
        default_value = "100",
        hide_env_values = true
    )]
    pub(super) max_headers: NonZero<usize>,
    /// Threads that serve [default: as many as there are processors]
    #[arg(
        long,
        env = "SKILLS_WORKERS",
        value_name = "COUNT",
        hide_env_values = true
    )]
    pub(super) workers: Option<NonZero<usize>>,
}

/// How long is waited for what.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "How long")]
pub(super) struct Deadlines {
    /// From the connection to the end of the first request's headers, encryption included
    #[arg(long, env = "SKILLS_HEADER_TIMEOUT", value_name = "DURATION", default_value = "10s", value_parser = duration, hide_env_values = true)]
    pub(super) header_timeout: Duration,
    /// From the headers of a request to the end of its body
    #[arg(long, env = "SKILLS_BODY_TIMEOUT", value_name = "DURATION", default_value = "10s", value_parser = duration, hide_env_values = true)]
    pub(super) body_timeout: Duration,
    /// For the answer to be made
    #[arg(long, env = "SKILLS_REQUEST_TIMEOUT", value_name = "DURATION", default_value = "30s", value_parser = duration, hide_env_values = true)]
    pub(super) request_timeout: Duration,
    /// For a client that reads nothing of its answer
    #[arg(long, env = "SKILLS_WRITE_TIMEOUT", value_name = "DURATION", default_value = "30s", value_parser = duration, hide_env_values = true)]
    pub(super) write_timeout: Duration,
    /// For a stream (subscriptions/listen), which then ends with a result; clients open another
    #[arg(long, env = "SKILLS_MAX_STREAM_DURATION", value_name = "DURATION", default_value = "1h", value_parser = duration, hide_env_values = true)]
    pub(super) max_stream_duration: Duration,
    /// For the next request of a connection; a proxy in front should give up its own earlier
    #[arg(long, env = "SKILLS_KEEP_ALIVE", value_name = "DURATION", default_value = "65s", value_parser = duration, hide_env_values = true)]
    pub(super) keep_alive: Duration,
    /// After SIGTERM, from no longer being ready to no longer accepting connections
    #[arg(long, env = "SKILLS_DRAIN_DELAY", value_name = "DURATION", default_value = "0s", value_parser = any_duration, hide_env_values = true)]
    pub(super) drain_delay: Duration,
    /// After that, for what is under way to end
    #[arg(long, env = "SKILLS_DRAIN_TIMEOUT", value_name = "DURATION", default_value = "30s", value_parser = duration, hide_env_values = true)]
    pub(super) drain_timeout: Duration,
}

/// What is told about it.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "What is told")]
pub(crate) struct Operation {
    /// Which requests are logged, a line each
    #[arg(
        long,
        env = "SKILLS_ACCESS_LOG",
        value_name = "WHICH",
        default_value = "failures",
        hide_env_values = true
    )]
    pub(super) access_log: AccessLog,
    /// Print the settings that these flags and the environment come to, and where each is from, and do not serve
    #[arg(long)]
    pub(crate) print_config: bool,
}

/// The requests that are logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum AccessLog {
    /// None.
    Off,
    /// Those that were refused or went wrong.
    Failures,
    /// All.
    All,
}

/// Who is believed about the clients it speaks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proxy {
    Network(IpNet),
    Unix,
}

impl FromStr for Proxy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "unix" {
            return Ok(Self::Unix);
        }
        let network = text.parse::<IpNet>().ok();
        let network = network.or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
        let network = network.map(Self::Network);
        network
            .ok_or_else(|| "neither an IP address, a network such as 10.0.0.0/8, nor `unix`".into())
    }
}

impl Settings {
    /// Whether everything that is listened on can be reached from this machine only.
    pub(super) fn is_local(&self) -> bool {
        self.addresses.listen.iter().all(Address::is_local)
    }

    /// Whether those at a UNIX socket are believed about the clients they speak for.
    pub(super) fn trusts_unix(&self) -> bool {
        self.trust.trusted_proxy.contains(&Proxy::Unix)
    }

    /// What makes no sense together.
    pub(super) fn contradiction(&self, guard: &Guard) -> Option<String> {
        if let Some(problem) = ProxyHeader::contradiction(&self.trust.trusted_proxy_header) {
            return Some(problem.into());
        }
        self.unprotected(guard).or_else(|| self.limits.cramped())
    }

    fn unprotected(&self, guard: &Guard) -> Option<String> {
        let public = self
            .addresses
            .listen
            .iter()
            .find(|address| !address.is_local());
        let public = public.filter(|_| !self.insecure && !guard.identifies())?;
        Some(format!(
            "{public} can be reached from other machines, and no authentication is set up: set it up with --policy, \
             --api-keys or --bearer-tokens, listen on a loopback address or a UNIX socket behind a proxy that \
             authenticates, or accept it with --insecure"
        ))
    }
}

impl Limits {
    /// How clients share the memory for requests. A request that costs what one may cost has room in the share of a client.
    pub(super) fn memory_shares(&self) -> Shares {
        let total = self.max_request_memory.map_or_else(
            || REQUEST_MEMORY.max(3 * self.costliest()),
            |size| size.as_u64(),
        );
        Shares {
            total,
            share: total / 2,
            floor: total / 32,
            reserve: total / 8,
        }
    }

    /// What one request can cost.
    const fn costliest(&self) -> u64 {
        Weight::most(self.max_body.as_u64() as usize).memory() as u64
    }

    fn cramped(&self) -> Option<String> {
        let least = ByteSize::b(2 * self.costliest());
        let memory = self.max_request_memory.filter(|size| *size < least)?;
        let body = self.max_body;
        Some(format!(
            "--max-request-memory {memory} is too little: a body of {body} (--max-body) can take half of {least}, and one client \
             gets half of all"
        ))
    }
}

/// A duration that is not zero.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    match any_duration(text)? {
        Duration::ZERO => Err("it must be longer than nothing".into()),
        duration => Ok(duration),
    }
}

/// A duration with its unit.
fn any_duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text)
        .map_err(|error| format!("{error}; write it like 500ms, 30s or 2m"))
}
