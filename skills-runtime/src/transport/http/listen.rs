//! Listeners and what they accept: connections, as many as there may be.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
#[cfg(unix)]
use std::os::unix::fs::FileTypeExt;
#[cfg(unix)]
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
#[cfg(unix)]
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_util::task::TaskTracker;

use super::address::Address;
use super::connection::{self, Connected, Stream};
use super::forwarded::{self, Peer};
use super::route::Audience;
use super::site::Site;
#[cfg(feature = "tls")]
use super::tls::Tls;
use crate::error::Error;
use crate::logging::HTTP;

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 1024;

/// How long is waited before accepting again, where the system has no room for another connection.
const PAUSE: Duration = Duration::from_millis(100);

/// What those are told for whom there is no connection.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\n\
    content-type: text/plain; charset=utf-8\r\ncontent-length: 36\r\n\r\nToo many connections; try again soon";

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
            if let Some(place) = Places::take(&places, site, peer) {
                connections.spawn(serve(site, stream, peer, self.audience, place));
            } else {
                site.metrics.refused("connections");
                connections.spawn(turn_away(stream));
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
    socket.listen(BACKLOG)
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
    match stream {
        Accepted::Tcp(stream) => encrypted(site, stream, peer, audience).await,
        #[cfg(unix)]
        Accepted::Unix(stream) => Box::pin(plain(site, stream, peer, audience)).await,
    }
    drop(place);
}

async fn plain(site: &'static Site, stream: impl Stream, peer: Peer, audience: Audience) {
    connection::serve(site, stream, Connected::new(peer, audience, false)).await;
}

/// Operators and UNIX sockets are spoken to in plain text; everyone else as the settings say. What a connection needs differs
/// much between the two, and a task has room for the most that it may need: hence the boxes.
#[cfg(feature = "tls")]
async fn encrypted(site: &'static Site, stream: TcpStream, peer: Peer, audience: Audience) {
    match site.tls.as_ref() {
        Some(tls) if audience == Audience::Clients => {
            Box::pin(handshake(site, tls, stream, peer)).await;
        }
        _ => Box::pin(plain(site, stream, peer, audience)).await,
    }
}

#[cfg(feature = "tls")]
async fn handshake(site: &'static Site, tls: &Tls, stream: TcpStream, peer: Peer) {
    match timeout(site.settings.deadlines.header_timeout, tls.accept(stream)).await {
        Ok(Ok(stream)) => {
            let connected = Connected::new(peer, Audience::Clients, true);
            Box::pin(connection::serve(site, stream, connected)).await;
        }
        Ok(Err(error)) => {
            site.metrics.refused("tls");
            tracing::debug!(target: HTTP, %error, "TLS handshake failed");
        }
        Err(_) => site.metrics.refused("header_timeout"),
    }
}

#[cfg(not(feature = "tls"))]
async fn encrypted(site: &'static Site, stream: TcpStream, peer: Peer, audience: Audience) {
    plain(site, stream, peer, audience).await;
}

async fn turn_away(stream: Accepted) {
    match stream {
        Accepted::Tcp(stream) => tell(stream).await,
        #[cfg(unix)]
        Accepted::Unix(stream) => tell(stream).await,
    }
}

async fn tell(mut stream: impl AsyncWrite + Unpin) {
    let told = async {
        stream.write_all(FULL).await?;
        stream.shutdown().await
    };
    // Whether they hear it is up to them.
    let _ = timeout(TELLING, told).await;
}

/// The places for connections.
#[derive(Debug)]
pub(super) struct Places {
    all: Arc<Semaphore>,
    per_client: usize,
    clients: Mutex<HashMap<IpAddr, usize>>,
}

/// One of them, given back when it is dropped.
#[derive(Debug)]
struct Place {
    places: Arc<Places>,
    client: Option<IpAddr>,
    _permit: OwnedSemaphorePermit,
}

impl Places {
    pub(super) fn new(site: &Site) -> Arc<Self> {
        let limits = &site.settings.limits;
        Arc::new(Self {
            all: Arc::new(Semaphore::new(limits.max_connections.get())),
            per_client: limits.max_connections_per_client.get(),
            clients: Mutex::default(),
        })
    }

    /// A place for a connection of this peer, if there is one. A trusted proxy may take as many as there are.
    fn take(self: &Arc<Self>, site: &Site, peer: Peer) -> Option<Place> {
        let permit = Arc::clone(&self.all).try_acquire_owned().ok()?;
        let trusted = &site.settings.trust.trusted_proxy;
        let client = peer.filter(|_| !forwarded::is_trusted(peer, trusted));
        if let Some(ip) = client {
            let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
            let count = clients.entry(ip).or_default();
            if *count >= self.per_client {
                return None;
            }
            *count += 1;
        }
        Some(Place {
            places: Arc::clone(self),
            client,
            _permit: permit,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(ip) = self.client else {
            return;
        };
        let mut clients = self
            .places
            .clients
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = clients.get_mut(&ip) {
            *count -= 1;
            if *count == 0 {
                clients.remove(&ip);
            }
        }
    }
}
