//! A TCP proxy that breaks connections on command, between a client and a server, or between a server and what it depends on.
//!
//!     fault-proxy TO
//!
//! It prints `listening on ADDRESS`, and then takes one fault a line from standard input and answers each with `ok`. A fault
//! holds for open and new connections until the next line; standard input ends the proxy.
//!
//! | line | what happens |
//! |---|---|
//! | `pass` | nothing |
//! | `delay MS` | every piece arrives so much later, in both directions |
//! | `drip RATE` | answers arrive byte by byte, so many a second |
//! | `blackhole` | connections are accepted, and nothing arrives in either direction |
//! | `refuse` | connections end as soon as they are accepted |
//! | `cut BYTES` | after so many bytes of an answer, both ends get a reset |
//! | `half-close BYTES` | after so many bytes of an answer, the client is told that there are no more, and may go on sending |
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it is told what to do on standard input, and delays are what it is for"
)]

use std::error::Error;
use std::io::{self, BufRead, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use socket2::SockRef;

/// What is done to connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Pass,
    Delay(Duration),
    Drip(u64),
    Blackhole,
    Refuse,
    Cut(u64),
    HalfClose(u64),
}

/// Which way bytes go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Request,
    Answer,
}

/// How one direction of a connection ended.
enum End {
    Orderly,
    Cut,
}

/// The fault that holds, and a way to wait until it is another.
#[derive(Clone)]
struct Current(Arc<(Mutex<Fault>, Condvar)>);

fn main() -> Result<(), Box<dyn Error>> {
    let to: SocketAddr = std::env::args().nth(1).ok_or("fault-proxy TO")?.parse()?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("listening on {}", listener.local_addr()?);
    let current = Current(Arc::new((Mutex::new(Fault::Pass), Condvar::new())));
    let accepting = current.clone();
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let current = accepting.clone();
            thread::spawn(move || {
                if let Err(error) = serve(&client, to, &current) {
                    eprintln!("fault-proxy: {error}");
                }
            });
        }
    });
    for line in io::stdin().lock().lines() {
        let line = line?;
        let fault = Fault::parse(&line).ok_or_else(|| format!("{line:?} is no fault"))?;
        current.set(fault);
        println!("ok");
    }
    Ok(())
}

impl Fault {
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split_ascii_whitespace();
        let name = words.next()?;
        let number = words.next().map(str::parse::<u64>).transpose().ok()?;
        Some(match (name, number) {
            ("pass", None) => Self::Pass,
            ("delay", Some(number)) => Self::Delay(Duration::from_millis(number)),
            ("drip", Some(number)) if number > 0 => Self::Drip(number),
            ("blackhole", None) => Self::Blackhole,
            ("refuse", None) => Self::Refuse,
            ("cut", Some(number)) => Self::Cut(number),
            ("half-close", Some(number)) => Self::HalfClose(number),
            _ => return None,
        })
    }
}

impl Current {
    fn get(&self) -> Fault {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, fault: Fault) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = fault;
        self.0.1.notify_all();
    }

    /// Waits until connections carry something again.
    fn past_blackhole(&self) -> Fault {
        let fault = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fault = self
            .0
            .1
            .wait_while(fault, |fault| *fault == Fault::Blackhole);
        *fault.unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection, until both directions have ended.
fn serve(client: &TcpStream, to: SocketAddr, current: &Current) -> io::Result<()> {
    if current.past_blackhole() == Fault::Refuse {
        return reset(client);
    }
    let server = TcpStream::connect(to)?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let is_cut = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| pump(client, &server, Way::Request, current, &is_cut));
        pump(&server, client, Way::Answer, current, &is_cut);
    });
    Ok(())
}

/// Carries bytes one way, and the end of them. An orderly end would take the place of a reset.
fn pump(from: &TcpStream, to: &TcpStream, way: Way, current: &Current, is_cut: &AtomicBool) {
    let carried = carry(from, to, way, current);
    if matches!(carried, Ok(End::Cut)) {
        is_cut.store(true, Ordering::SeqCst);
        let _ = reset(from).and(reset(to));
    }
    if is_cut.load(Ordering::SeqCst) {
        return;
    }
    let _ = to.shutdown(Shutdown::Write);
    if carried.is_err() {
        let _ = from.shutdown(Shutdown::Both);
        let _ = to.shutdown(Shutdown::Both);
    }
}

fn carry(mut from: &TcpStream, to: &TcpStream, way: Way, current: &Current) -> io::Result<End> {
    let mut buffer = [0; 16 * 1024];
    let mut carried = 0;
    loop {
        let count = from.read(&mut buffer)?;
        let piece = buffer.get(..count).unwrap_or_default();
        let fault = current.past_blackhole();
        if piece.is_empty() {
            return Ok(End::Orderly);
        }
        carried += piece.len() as u64;
        let over = |limit: u64| way == Way::Answer && carried > limit;
        match fault {
            Fault::Delay(delay) => thread::sleep(delay),
            Fault::Refuse => return Ok(End::Cut),
            Fault::Cut(limit) if over(limit) => {
                send(to, piece, carried - limit)?;
                return Ok(End::Cut);
            }
            Fault::HalfClose(limit) if over(limit) => {
                send(to, piece, carried - limit)?;
                return Ok(End::Orderly);
            }
            Fault::Drip(rate) if way == Way::Answer => {
                drip(to, piece, rate, current)?;
                continue;
            }
            _ => {}
        }
        send(to, piece, 0)?;
    }
}

/// Sends a piece without its last bytes.
fn send(mut to: &TcpStream, piece: &[u8], without: u64) -> io::Result<()> {
    let rest = piece.len().saturating_sub(without as usize);
    to.write_all(piece.get(..rest).unwrap_or_default())
}

/// Sends a piece byte by byte, for as long as the fault holds.
fn drip(mut to: &TcpStream, piece: &[u8], rate: u64, current: &Current) -> io::Result<()> {
    for (index, byte) in piece.iter().enumerate() {
        if current.get() != Fault::Drip(rate) {
            return to.write_all(piece.get(index..).unwrap_or_default());
        }
        to.write_all(std::slice::from_ref(byte))?;
        thread::sleep(Duration::from_secs(1) / u32::try_from(rate).unwrap_or(u32::MAX));
    }
    Ok(())
}

/// Ends a connection so that the other end gets a reset: its descriptor is closed when the last thread has left it.
fn reset(stream: &TcpStream) -> io::Result<()> {
    SockRef::from(stream).set_linger(Some(Duration::ZERO))?;
    stream.shutdown(Shutdown::Read)
}
