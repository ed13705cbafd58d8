//! Three servers behind nginx, as the manual sets it up: they come and go, and no client notices.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::Instant;

use serde_json::json;

use super::conversation::{Conversation, Request};
use super::manual::free_port;
use super::metrics::Metrics;
use super::proxies::{NAME, Program, Proxy};
use crate::server::{EXECUTABLE, STATELESS};
use crate::service::{PATIENCE, Service};

const DOCUMENT: &str = "skill://conventional-commits/SKILL.md";

/// How many clients ask at once, and how often each does at most.
const CLIENTS: usize = 8;
const REQUESTS: usize = 200_000;

/// One of the three, at its place.
fn instance(address: SocketAddr) -> Service {
    let mut command = Command::new(EXECUTABLE);
    command
        .args(["serve", "--listen", &address.to_string()])
        .args(["--admin-listen", "127.0.0.1:0"])
        .args(["--trusted-proxy", "127.0.0.1", "--allowed-host", NAME]);
    let mut service = Service::spawn(&mut command);
    service.until_admin();
    service
}

/// Returns when nginx sends it requests.
fn until_used(service: &Service) {
    let end = Instant::now() + PATIENCE;
    let labels = [("http_route", "/mcp"), ("http_response_status_code", "200")];
    while Metrics::of(service).sum("http_server_request_duration_seconds_count", &labels) == 0 {
        assert!(Instant::now() < end, "nobody asks it");
    }
}

/// What clients ask, and whether they still do.
#[derive(Default)]
struct Load {
    is_over: AtomicBool,
    answered: Mutex<usize>,
    one_more: Condvar,
}

impl Load {
    /// One client: any answer but the right one is a failure. It connects again only when it is told that the connection
    /// is used up.
    fn bear(&self, address: SocketAddr, client: usize) -> Result<(), String> {
        let mut conversation = Conversation::connect(address);
        for number in 0..REQUESTS {
            if self.is_over.load(Ordering::Relaxed) {
                return Ok(());
            }
            let id = json!(format!("{client}-{number}"));
            let request =
                Request::call(STATELESS, &id, "resources/read", json!({ "uri": DOCUMENT }));
            let answer = conversation.ask(&request.set("Host", NAME));
            if answer.status != 200 {
                return Err(format!("{}: {}", answer.status, answer.text()));
            }
            let json = answer.json();
            if json["id"] != id || !json["result"]["contents"].is_array() {
                return Err(format!("another answer: {json}"));
            }
            *self.answered() += 1;
            self.one_more.notify_all();
            if answer.header("connection") == Some("close") {
                conversation = Conversation::connect(address);
            }
        }
        Ok(())
    }

    /// Returns when so many more requests have been answered.
    fn until_answered(&self, more: usize) {
        let answered = self.answered();
        let target = *answered + more;
        let waited = self
            .one_more
            .wait_timeout_while(answered, PATIENCE, |answered| *answered < target);
        let (answered, _) = waited.expect("no client panics");
        assert!(*answered >= target, "requests are not answered");
    }

    fn answered(&self) -> MutexGuard<'_, usize> {
        self.answered.lock().expect("no client panics")
    }
}

/// Ends the load also when the test fails meanwhile.
struct Over<'a>(&'a Load);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.is_over.store(true, Ordering::Relaxed);
    }
}

#[test]
fn no_request_fails_while_servers_behind_a_proxy_are_killed_and_replaced() {
    let addresses = [(); 3].map(|()| SocketAddr::from((Ipv4Addr::LOCALHOST, free_port())));
    let mut instances = addresses.map(instance);
    let proxy = Proxy::start(Program::Nginx, "replacing", &addresses);
    let load = Load::default();
    thread::scope(|scope| {
        let over = Over(&load);
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let (load, address) = (&load, proxy.address());
                scope.spawn(move || load.bear(address, client))
            })
            .collect();
        instances.iter().for_each(until_used);

        let [first, rest @ ..] = instances;
        first.signal("KILL");
        let gone = first.gone();
        assert_eq!(gone.status.code(), None, "{}", gone.log);
        load.until_answered(1_000);
        let first = instance(addresses[0]);
        until_used(&first);

        let [second, third] = rest;
        instances = [first, second, third];
        for (number, address) in addresses.into_iter().enumerate() {
            let old = &mut instances[number];
            old.signal("TERM");
            old.until("Stopped");
            load.until_answered(1_000);
            *old = instance(address);
            until_used(old);
        }
        drop(over);
        for client in clients {
            let result = client.join().expect("a client does not panic");
            assert_eq!(result, Ok(()));
        }
    });
}

#[test]
fn a_proxy_passes_events_on_as_they_come() {
    let addresses = [(); 3].map(|()| SocketAddr::from((Ipv4Addr::LOCALHOST, free_port())));
    let _instances = addresses.map(instance);
    let proxy = Proxy::start(Program::Nginx, "events", &addresses);
    let request = Request::call(
        STATELESS,
        &json!("listen"),
        "subscriptions/listen",
        json!({ "notifications": {} }),
    );
    let mut stream = Conversation::connect(proxy.address());
    stream.write(&request.set("Host", NAME).bytes());
    assert_eq!(stream.head().status, 200);
    let mut next = || String::from_utf8(stream.chunk().expect("an event")).expect("text");
    let first = next();
    assert!(
        first.contains("notifications/subscriptions/acknowledged"),
        "{first}"
    );
    // The stream is open, and says so.
    assert!(next().starts_with(':'));
}
