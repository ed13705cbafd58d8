//! What `docs/operate.md` shows, made fit for a test: users copy it, so nothing else is tested.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

const MANUAL: &str = include_str!("../../../docs/operate.md");

/// The one block of a language in the manual that has this in it.
pub(crate) fn block(language: &str, text: &str) -> String {
    let start = format!("```{language}\n");
    let mut blocks = MANUAL
        .split(&start)
        .skip(1)
        .filter_map(|rest| rest.split_once("\n```"))
        .filter(|(block, _)| block.contains(text));
    let (block, _) = blocks.next().expect("it is in the manual");
    assert!(blocks.next().is_none(), "{text} is in the manual twice");
    block.to_owned()
}

/// The same with one thing, which is there once, for another.
pub(crate) fn replaced(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "{from} is not in {text}");
    text.replace(from, to)
}

/// A port of loopback that nobody listens on. The system gives it to no connection, so that a server gets it back after
/// it was away.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let offset = u16::try_from(std::process::id() % 8_000).expect("a small number");
    loop {
        // Those that systems give to connections begin at 32,768, or higher.
        let port = 20_000 + offset + NEXT.fetch_add(1, Ordering::Relaxed);
        assert!(port < 32_768, "no port is free");
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}
