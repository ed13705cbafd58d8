//! Listeners and what they accept: connections, as many as there may be.

use std::io;
use std::net::SocketAddr;
#[cfg(unix)]
use std::os::unix::fs::FileTypeExt;
#[cfg(unix)]
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

#[cfg(target_os = "linux")]
use socket2::SockRef;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
#[cfg(unix)]
use tokio::net::{UnixListener, UnixStream};
use tokio::time::{sleep, timeout};
use tokio_util::task::TaskTracker;

use super::address::Address;
use super::connection::{self, Connected};
use super::forwarded::Peer;
use super::places::{Place, Places};
use super::route::Audience;
use super::site::Site;
#[cfg(feature = "tls")]
use super::tls::Tls;
use crate::error::Error;
use crate::logging::HTTP;
use crate::pool::Exhausted;

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 1024;

/// How much of an answer the system takes that it cannot send yet, in bytes. By default it is megabytes, so that nobody sees how
/// fast a client reads.
#[cfg(target_os = "linux")]
const UNSENT: u32 = 128 * 1024;

/// How long is waited before accepting again, where the system has no room for another connection.
const PAUSE: Duration = Duration::from_millis(100);

/// What those are told for whom there is no connection, and those who have as many as they may have.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\n\
    content-type: text/plain; charset=utf-8\r\ncontent-length: 36\r\n\r\nToo many connections; try again soon";
const OWN_FULL: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\n\
    content-type: text/plain; charset=utf-8\r\ncontent-length: 54\r\n\r\n\
    Too many connections from your address; try again soon";

/// How long telling them may take.
const TELLING: Duration = Duration::from_secs(1);

/// A socket that is listened on.
#[derive(Debug)]
pub(super) struct Listener {
    socket: Socket,
    audience: Audience,
}

#[derive(Debug)]
enum Socket {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(UnixListener, SocketFile),
}

/// The file of a UNIX socket, removed when nobody listens any more.
#[cfg(unix)]
#[derive(Debug)]
struct SocketFile(PathBuf);

#[cfg(unix)]
impl Drop for SocketFile {
    fn drop(&mut self) {
        // Somebody else may have removed it.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// A socket that is listened on, and belongs to no event loop: threads of one that serves are started later, inside the
/// sandbox, in which nothing can be listened on any more.
#[derive(Debug)]
pub(super) struct Parked {
    socket: ParkedSocket,
    audience: Audience,
}

#[derive(Debug)]
enum ParkedSocket {
    Tcp(std::net::TcpListener),
    #[cfg(unix)]
    Unix(std::os::unix::net::UnixListener, SocketFile),
}

impl Parked {
    /// Puts it into this event loop.
    pub(super) fn resume(self) -> Result<Listener, Error> {
        let Self { socket, audience } = self;
        let socket = match socket {
            ParkedSocket::Tcp(listener) => TcpListener::from_std(listener).map(Socket::Tcp),
            #[cfg(unix)]
            ParkedSocket::Unix(listener, file) => {
                UnixListener::from_std(listener).map(|listener| Socket::Unix(listener, file))
            }
        };
        let socket = socket.map_err(handed_over)?;
        Ok(Listener { socket, audience })
    }
}

fn handed_over(source: io::Error) -> Error {
    Error::System {
        action: "hand over an address that is listened on",
        source,
    }
}

impl Listener {
    /// Listens on an address.
    pub(super) async fn bind(address: &Address, audience: Audience) -> Result<Self, Error> {
        let socket = match address {
            Address::Tcp(address) => tcp(*address).map(Socket::Tcp),
            #[cfg(unix)]
            Address::Unix(path) => unix(path)
                .await
                .map(|listener| Socket::Unix(listener, SocketFile(path.clone()))),
            #[cfg(not(unix))]
            Address::Unix(_) => Err(io::ErrorKind::Unsupported.into()),
        };
        let socket = socket.map_err(|source| Error::Listen {
            address: address.to_string(),
            source,
        })?;
        Ok(Self { socket, audience })
    }

    /// Takes it out of the event loop that it was made in.
    pub(super) fn park(self) -> Result<Parked, Error> {
        let Self { socket, audience } = self;
        let socket = match socket {
            Socket::Tcp(listener) => listener.into_std().map(ParkedSocket::Tcp),
            #[cfg(unix)]
            Socket::Unix(listener, file) => listener
                .into_std()
                .map(|listener| ParkedSocket::Unix(listener, file)),
        };
        let socket = socket.map_err(handed_over)?;
        Ok(Parked { socket, audience })
    }

    /// The address, with the port that the system chose where 0 was asked for.
    pub(super) fn address(&self) -> Address {
        match &self.socket {
            Socket::Tcp(listener) => match listener.local_addr() {
                Ok(address) => Address::Tcp(address),
                Err(_) => Address::Tcp(SocketAddr::from(([0, 0, 0, 0], 0))),
            },
            #[cfg(unix)]
            Socket::Unix(_, file) => Address::Unix(file.0.clone()),
        }
    }

    pub(super) const fn audience(&self) -> Audience {
        self.audience
    }

    /// Accepts connections until the server stops.
    pub(super) async fn accept(
        self,
        site: &'static Site,
        places: Arc<Places>,
        connections: TaskTracker,
    ) {
        loop {
            let accepted = tokio::select! {
                accepted = self.next() => accepted,
                () = site.stopping.cancelled() => return,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                // A client that went away before it was let in is no reason to keep others waiting.
                Err(error) if is_of_client(&error) => continue,
                Err(error) => {
                    tracing::warn!(target: HTTP, %error, "Cannot accept a connection");
                    sleep(PAUSE).await;
                    continue;
                }
            };
            match places.take(peer, &site.settings) {
                Ok(place) => {
                    connections.spawn(serve(site, stream, peer, self.audience, place));
                }
                Err(exhausted) => {
                    let (reason, answer) = match exhausted {
                        Exhausted::Total => ("connections", FULL),
                        Exhausted::Share => ("connections_per_client", OWN_FULL),
                    };
                    site.metrics.refused(reason);
                    connections.spawn(turn_away(stream, answer));
                }
            }
        }
    }

    async fn next(&self) -> io::Result<(Accepted, Peer)> {
        match &self.socket {
            Socket::Tcp(listener) => {
                let (stream, peer) = listener.accept().await?;
                // Answers are written whole; waiting for more would only delay them. Where it cannot be set, the client has
                // gone, which is seen soon enough.
                let _ = stream.set_nodelay(true);
                Ok((Accepted::Tcp(stream), Some(peer.ip().to_canonical())))
            }
            #[cfg(unix)]
            Socket::Unix(listener, _) => Ok((Accepted::Unix(listener.accept().await?.0), None)),
        }
    }
}

/// Whether accepting failed because of the client that was to be let in.
fn is_of_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
    )
}

fn tcp(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()
    } else {
        TcpSocket::new_v6()
    }?;
    // A server that starts again takes its port back at once.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    let listener = socket.listen(BACKLOG)?;
    // Connections inherit it. Where the system does not know it, slow readers are seen later, and hold more of its memory.
    #[cfg(target_os = "linux")]
    let _ = SockRef::from(&listener).set_tcp_notsent_lowat(UNSENT);
    Ok(listener)
}

/// A socket at a path. One that a dead server has left there is replaced; any other file is somebody's.
#[cfg(unix)]
async fn unix(path: &Path) -> io::Result<UnixListener> {
    let is_socket = || {
        let found = path.symlink_metadata();
        found.is_ok_and(|found| found.file_type().is_socket())
    };
    match UnixListener::bind(path) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse && is_socket() => {
            match UnixStream::connect(path).await {
                Err(refused) if refused.kind() == io::ErrorKind::ConnectionRefused => {
                    std::fs::remove_file(path)?;
                    UnixListener::bind(path)
                }
                _ => Err(error),
            }
        }
        bound => bound,
    }
}

/// A connection as it was accepted.
enum Accepted {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
}

async fn serve(
    site: &'static Site,
    stream: Accepted,
    peer: Peer,
    audience: Audience,
    place: Place,
) {
    let _counted = site.metrics.connection();
    let connected =
        |is_encrypted| Connected::new(peer, audience, is_encrypted, Arc::clone(&place.usage));
    let served = async {
        match stream {
            Accepted::Tcp(stream) => encrypted(site, stream, connected).await,
            #[cfg(unix)]
            Accepted::Unix(stream) => {
                Box::pin(connection::serve(site, stream, connected(false))).await;
            }
        }
    };
    tokio::select! {
        biased;
        () = place.usage.evicted() => site.metrics.refused("evicted"),
        () = served => {}
    }
}

/// Operators and UNIX sockets are spoken to in plain text; everyone else as the settings say. What a connection needs differs
/// much between the two, and a task has room for the most that it may need: hence the boxes.
#[cfg(feature = "tls")]
async fn encrypted(site: &'static Site, stream: TcpStream, connected: impl Fn(bool) -> Connected) {
    let plain = connected(false);
    match site.tls.as_ref() {
        Some(tls) if plain.audience == Audience::Clients => {
            Box::pin(handshake(site, tls, stream, connected(true))).await;
        }
        _ => Box::pin(connection::serve(site, stream, plain)).await,
    }
}

#[cfg(feature = "tls")]
async fn handshake(site: &'static Site, tls: &Tls, stream: TcpStream, connected: Connected) {
    match timeout(site.settings.deadlines.header_timeout, tls.accept(stream)).await {
        Ok(Ok(stream)) => Box::pin(connection::serve(site, stream, connected)).await,
        Ok(Err(error)) => {
            site.metrics.refused("tls");
            tracing::debug!(target: HTTP, %error, "TLS handshake failed");
        }
        Err(_) => site.metrics.refused("header_timeout"),
    }
}

#[cfg(not(feature = "tls"))]
async fn encrypted(site: &'static Site, stream: TcpStream, connected: impl Fn(bool) -> Connected) {
    Box::pin(connection::serve(site, stream, connected(false))).await;
}

async fn turn_away(stream: Accepted, answer: &'static [u8]) {
    match stream {
        Accepted::Tcp(stream) => tell(stream, answer).await,
        #[cfg(unix)]
        Accepted::Unix(stream) => tell(stream, answer).await,
    }
}

async fn tell(mut stream: impl AsyncWrite + Unpin, answer: &[u8]) {
    let told = async {
        stream.write_all(answer).await?;
        stream.shutdown().await
    };
    // Whether they hear it is up to them.
    let _ = timeout(TELLING, told).await;
}
