//! Asking a running server how it is, from the same executable: for containers in which there is nothing else to ask with.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use clap::Args;
use http::Request;
use http::header::{CONNECTION, HOST};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::address::Address;
use super::settings::{Addresses, duration};
use crate::error::Error;

const PATH: &str = "/health";

/// Which server is asked: by default the one that the same environment starts.
#[derive(Args, Debug)]
pub(crate) struct Probe {
    #[command(flatten)]
    addresses: Addresses,
    /// How long the answer may take
    #[arg(long, value_name = "DURATION", default_value = "3s", value_parser = duration)]
    timeout: Duration,
}

/// What the server says of itself; an error if it is not fit for use.
pub(crate) fn probe(probe: &Probe) -> Result<String, Error> {
    let Addresses {
        listen,
        admin_listen,
    } = &probe.addresses;
    // Operators are never spoken to in secret.
    let Some(address) = admin_listen.as_ref().or(listen.first()) else {
        return Err(Error::Settings {
            problem: "there is no address to ask".into(),
        });
    };
    let unreachable = |source| Error::Unreachable {
        address: address.to_string(),
        source,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|source| Error::System {
        action: "start the event loop",
        source,
    })?;
    let answer = runtime.block_on(async { timeout(probe.timeout, ask(address)).await });
    let answer = answer
        .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
        .map_err(unreachable)?;
    match answer {
        (true, body) => Ok(body),
        (false, body) => Err(Error::Unhealthy {
            body: body.trim().to_owned(),
        }),
    }
}

async fn ask(address: &Address) -> io::Result<(bool, String)> {
    match address {
        Address::Tcp(address) => exchange(TcpStream::connect(reachable(*address)).await?).await,
        #[cfg(unix)]
        Address::Unix(path) => exchange(tokio::net::UnixStream::connect(path).await?).await,
        #[cfg(not(unix))]
        Address::Unix(_) => Err(io::ErrorKind::Unsupported.into()),
    }
}

/// Who listens on all addresses is asked at loopback.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// Whether the server says that it is well, and its words.
async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
) -> io::Result<(bool, String)> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(io::Error::other)?;
    let connection = tokio::spawn(connection);
    let request = Request::get(PATH)
        .header(HOST, "localhost")
        .header(CONNECTION, "close");
    let request = request
        .body(Empty::<Bytes>::new())
        .map_err(io::Error::other)?;
    let response = sender
        .send_request(request)
        .await
        .map_err(io::Error::other)?;
    let is_well = response.status().is_success();
    let body = response
        .into_body()
        .collect()
        .await
        .map_err(io::Error::other)?
        .to_bytes();
    drop(sender);
    connection.abort();
    Ok((is_well, String::from_utf8_lossy(&body).into_owned()))
}
