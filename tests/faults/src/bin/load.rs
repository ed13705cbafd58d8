//! An open-loop load generator: requests are sent when they are due, however long others take, and each latency counts from
//! when its request was due. So a server that stalls is charged for everybody who would have asked meanwhile.
//!
//!     load ADDRESS REQUESTS RATE CONNECTIONS SECONDS CA SOURCE
//!
//! REQUESTS is a file as in `workload.rs`. With CA, a PEM file, connections are TLS to `localhost`; `-` is for none. SOURCE is
//! the address that connections come from. Prints one line of JSON.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "it takes the time, waits for it and prints what it found"
)]

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use skills_faults::exchange::exchange;
use skills_faults::histogram::Histogram;
use skills_faults::workload::{self, Wanted};
use socket2::{Domain, Socket, Type};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// How long an answer may take before its connection is given up.
const PATIENCE: Duration = Duration::from_secs(30);

/// What all connections have in common.
struct Plan {
    address: SocketAddr,
    requests: Vec<Wanted>,
    /// Between two requests of all connections together.
    every: Duration,
    connections: u32,
    seconds: u64,
    tls: Option<Arc<ClientConfig>>,
    source: IpAddr,
}

/// What one connection, or all of them, found.
#[derive(Default)]
struct Found {
    latencies: Histogram,
    by_name: BTreeMap<String, Histogram>,
    /// How late this program itself was woken, which no server can help.
    wake: Histogram,
    errors: BTreeMap<String, u64>,
}

fn main() -> Outcome<()> {
    let plan = Arc::new(plan()?);
    // All connections are there before the first request is due.
    let start = Instant::now() + Duration::from_secs(1);
    let threads = (0..plan.connections).map(|index| {
        let plan = Arc::clone(&plan);
        let small = thread::Builder::new().stack_size(256 * 1024);
        small.spawn(move || run(&plan, index, start))
    });
    let threads: Vec<_> = threads.collect::<io::Result<_>>()?;
    let mut all = Found::default();
    for thread in threads {
        all.merge(
            thread
                .join()
                .map_err(|_| "a thread of this program failed")?,
        );
    }
    println!("{}", all.json());
    Ok(())
}

fn plan() -> Outcome<Plan> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, requests, rate, connections, seconds, ca, source] = &*arguments else {
        return Err("load ADDRESS REQUESTS RATE CONNECTIONS SECONDS CA SOURCE".into());
    };
    let requests = workload::read(BufReader::new(File::open(requests)?))?;
    if requests.is_empty() {
        return Err("there are no requests in the file".into());
    }
    Ok(Plan {
        address: address.parse()?,
        requests,
        every: Duration::from_secs_f64(1.0 / rate.parse::<f64>()?),
        connections: connections.parse()?,
        seconds: seconds.parse()?,
        tls: match &**ca {
            "-" => None,
            ca => Some(trusting(Path::new(ca))?),
        },
        source: source.parse()?,
    })
}

fn trusting(ca: &Path) -> Outcome<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(ca)? {
        roots.add(certificate?)?;
    }
    let config = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// The life of one connection: its requests, each when it is due. Connections take turns, so that the whole is even.
fn run(plan: &Plan, index: u32, start: Instant) -> Found {
    let mut found = Found::default();
    let mut connection = connect(plan).ok();
    let mut line = Vec::new();
    let end = start + Duration::from_secs(plan.seconds);
    for turn in 0_u32.. {
        let number = turn.saturating_mul(plan.connections).saturating_add(index);
        let due = start + plan.every.saturating_mul(number);
        if due >= end {
            break;
        }
        let now = Instant::now();
        if now < due {
            thread::sleep(due - now);
            found.wake.record(due.elapsed());
        }
        // A step that has no factor in common with the number of connections shows every request to every connection.
        let which = (number as usize + turn as usize) % plan.requests.len();
        let Some(wanted) = plan.requests.get(which) else {
            break;
        };
        let asked = ask(plan, &mut connection, wanted, &mut line);
        found.record(wanted, due.elapsed(), asked);
    }
    found
}

/// Asks over the connection, or over a new one if there is none; it is dropped after an error.
fn ask(
    plan: &Plan,
    connection: &mut Option<BufReader<Box<dyn Stream>>>,
    wanted: &Wanted,
    line: &mut Vec<u8>,
) -> Result<(), String> {
    let mut stream = match connection.take() {
        Some(stream) => stream,
        None => connect(plan).map_err(|error| format!("connect: {error}"))?,
    };
    let answer = exchange(&mut stream, &wanted.bytes, line);
    let answer = answer.map_err(|error| format!("{}: {error}", wanted.name))?;
    if answer.is_open {
        *connection = Some(stream);
    }
    if answer.status == wanted.status {
        Ok(())
    } else {
        Err(format!("{}: status {}", wanted.name, answer.status))
    }
}

/// A connection, encrypted or not.
trait Stream: Read + Write {}

impl<S: Read + Write> Stream for S {}

fn connect(plan: &Plan) -> io::Result<BufReader<Box<dyn Stream>>> {
    let socket = Socket::new(Domain::for_address(plan.address), Type::STREAM, None)?;
    socket.bind(&SocketAddr::new(plan.source, 0).into())?;
    socket.connect_timeout(&plan.address.into(), PATIENCE)?;
    let socket = TcpStream::from(socket);
    socket.set_nodelay(true)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.set_write_timeout(Some(PATIENCE))?;
    let stream: Box<dyn Stream> = match &plan.tls {
        None => Box::new(socket),
        Some(config) => {
            let name = ServerName::try_from("localhost").map_err(io::Error::other)?;
            let session = ClientConnection::new(Arc::clone(config), name);
            let mut stream = StreamOwned::new(session.map_err(io::Error::other)?, socket);
            stream.conn.complete_io(&mut stream.sock)?;
            Box::new(stream)
        }
    };
    Ok(BufReader::with_capacity(16 * 1024, stream))
}

impl Found {
    fn record(&mut self, wanted: &Wanted, latency: Duration, asked: Result<(), String>) {
        match asked {
            Ok(()) => {
                self.latencies.record(latency);
                self.by_name
                    .entry(wanted.name.clone())
                    .or_default()
                    .record(latency);
            }
            Err(error) => *self.errors.entry(error).or_default() += 1,
        }
    }

    fn merge(&mut self, other: Self) {
        self.latencies.merge(&other.latencies);
        self.wake.merge(&other.wake);
        for (name, histogram) in &other.by_name {
            self.by_name
                .entry(name.clone())
                .or_default()
                .merge(histogram);
        }
        for (error, count) in other.errors {
            *self.errors.entry(error).or_default() += count;
        }
    }

    fn json(&self) -> String {
        let errors: u64 = self.errors.values().sum();
        let mut text = format!(r#"{{"errors":{errors},"kinds":{{"#);
        for (index, (error, count)) in self.errors.iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            let _ = write!(
                text,
                "{comma}\"{}\":{count}",
                error.replace(['"', '\\'], "'")
            );
        }
        let _ = write!(
            text,
            "}},\"wake\":{},\"all\":{}",
            quantiles(&self.wake),
            quantiles(&self.latencies)
        );
        text.push_str(",\"names\":{");
        for (index, (name, histogram)) in self.by_name.iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            let _ = write!(text, "{comma}\"{name}\":{}", quantiles(histogram));
        }
        text.push_str("}}");
        text
    }
}

fn quantiles(histogram: &Histogram) -> String {
    format!(
        r#"{{"count":{},"p50":{:.3},"p90":{:.3},"p99":{:.3},"p999":{:.3},"max":{:.3}}}"#,
        histogram.count(),
        histogram.quantile(500),
        histogram.quantile(900),
        histogram.quantile(990),
        histogram.quantile(999),
        histogram.longest(),
    )
}
