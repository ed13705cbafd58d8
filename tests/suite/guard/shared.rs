//! Quotas that two servers keep to together, in a Redis that nobody here wrote.
#![cfg(unix)]

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::load::load;
use super::{ask_as, file, folder, new_key, read, text, with_admin};
use crate::debian::debian;
use crate::http::conversation::ask;
use crate::http::metrics::Metrics;
use crate::service::{PATIENCE, Service};

const GREETING: &str = "skill://greeting/SKILL.md";

/// A Redis on a free port; it is killed with the test.
struct Redis {
    process: Child,
    port: u16,
}

impl Redis {
    fn start(test: &str) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        let mut command = debian(&["redis-server"], "redis-server").command();
        let process = command
            .args([
                "--port",
                &port.to_string(),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--dir",
            ])
            .arg(folder(test))
            .stdout(Stdio::null())
            .spawn();
        let redis = Self {
            process: process.expect("it starts"),
            port,
        };
        let end = Instant::now() + PATIENCE;
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < end, "Redis does not listen");
        }
        redis
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Two servers with one policy.
fn servers(test: &str, redis: &Redis, limits: &str) -> (String, [Service; 2]) {
    let store = super::no_file(test, "keys.toml");
    let key = new_key(&store, &["ci"]);
    file(
        test,
        "redis.url",
        &format!("redis://127.0.0.1:{}/0\n", redis.port),
    );
    let rest = "api-keys = \"keys.toml\"\n[redis]\nurl-file = \"redis.url\"\ntimeout = \"2s\"\n";
    let policy = file(test, "policy.toml", &format!("{rest}{limits}\n"));
    let start = || with_admin(&["--policy", text(&policy)]);
    (key, [start(), start()])
}

#[test]
fn two_servers_keep_to_one_quota_together() {
    let redis = Redis::start("together");
    let limits = "[tiers]\ndefault = { requests = 20, per = \"1h\" }";
    let (key, servers) = servers("together", &redis, limits);
    let statuses = (0..30).map(|turn| ask_as(&servers[turn % 2], &key, read(GREETING)).status);
    let statuses: Vec<_> = statuses.collect();
    let passed = statuses.iter().filter(|status| **status == 200).count();
    assert_eq!(passed, 20, "{statuses:?}");
    assert!(
        statuses[20..].iter().all(|status| *status == 429),
        "{statuses:?}"
    );
    for server in &servers {
        assert_eq!(
            Metrics::of(server).sum("mcp_ratelimit_backend_errors_total", &[]),
            0
        );
        assert_eq!(
            Metrics::of(server).sum("mcp_ratelimit_hits_total", &[("scope", "tier")]),
            5
        );
    }
}

#[test]
fn without_redis_each_server_keeps_to_the_quota_by_itself() {
    alone("alone", "", 40);
}

#[test]
fn without_redis_each_server_keeps_to_its_share_of_the_quota() {
    alone("share", "fallback-share = 4\n", 10);
}

/// Two servers whose Redis goes away, and how many requests each lets pass then.
fn alone(test: &str, share: &str, expected: usize) {
    let mut redis = Redis::start(test);
    let limits = format!("{share}[tiers]\ndefault = {{ requests = 40, per = \"1h\" }}");
    let (key, mut servers) = servers(test, &redis, &limits);
    let ask = |server: &Service| ask_as(server, &key, read(GREETING)).status;
    for turn in 0..10 {
        assert_eq!(ask(&servers[turn % 2]), 200);
    }
    redis.process.kill().expect("it runs");
    redis.process.wait().expect("it ends");
    for server in &servers {
        let statuses: Vec<_> = (0..45).map(|_| ask(server)).collect();
        let passed = statuses.iter().filter(|status| **status == 200).count();
        assert_eq!(passed, expected, "{statuses:?}");
        assert!(
            statuses.iter().all(|status| [200, 429].contains(status)),
            "{statuses:?}"
        );
        let alone = Metrics::of(server).sum("mcp_ratelimit_backend_errors_total", &[]);
        assert_eq!(alone, 45);
    }
    for server in &mut servers {
        server.until("Redis is away");
    }
}

#[test]
fn nobody_is_turned_away_when_redis_is_killed_under_load() {
    let mut redis = Redis::start("under-load");
    let limits = "[tiers]\ndefault = { requests = 1000000, per = \"1s\" }";
    let (key, [server, _other]) = servers("under-load", &redis, limits);
    let answers = load(&server, &key, || {
        until(&server, "mcp_auth_requests_total", 200);
        redis.process.kill().expect("it runs");
        redis.process.wait().expect("it ends");
        until(&server, "mcp_ratelimit_backend_errors_total", 200);
    });
    assert_eq!(answers.into_keys().collect::<Vec<_>>(), [200]);
}

#[test]
fn one_request_a_second_waits_for_a_redis_that_does_not_answer() {
    let redis = Redis::start("stopped");
    let (mut server, key) = impatient("stopped", redis.port);
    assert_eq!(ask_as(&server, &key, read(GREETING)).status, 200);
    assert_eq!(without_redis(&server), 0);
    redis.signal("STOP");
    do_not_wait(&server, &key);
    redis.signal("CONT");
    // One request asks it again, and then all do.
    let end = Instant::now() + PATIENCE;
    loop {
        let before = without_redis(&server);
        let statuses = [0; 5].map(|_| ask_as(&server, &key, read(GREETING)).status);
        assert_eq!(statuses, [200; 5]);
        if without_redis(&server) == before {
            break;
        }
        assert!(Instant::now() < end, "it is not asked again");
    }
    server.until("Redis is back");
    let log = server.stop().log;
    assert_eq!(log.matches("Redis is away").count(), 1, "{log}");
}

#[test]
fn one_request_a_second_waits_for_a_redis_that_accepts_connections_only() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = silent.local_addr().expect("an address").port();
    let (server, key) = impatient("silent", port);
    do_not_wait(&server, &key);
    let start = Instant::now();
    assert_eq!(server.stop().status.code(), Some(0));
    assert!(start.elapsed() < Duration::from_secs(15));
}

impl Redis {
    fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.process.id());
        let killed = Command::new("sh").args(["-c", &kill]).status();
        assert!(killed.expect("there is a shell").success());
    }
}

/// A server that waits for a second for Redis at this port.
fn impatient(test: &str, port: u16) -> (Service, String) {
    let key = new_key(&super::no_file(test, "keys.toml"), &["ci"]);
    let redis = format!("[redis]\nurl = \"redis://127.0.0.1:{port}/0\"\ntimeout = \"1s\"\n");
    let tiers = "[tiers]\ndefault = { requests = 1000000, per = \"1s\" }\n";
    let policy = format!("api-keys = \"keys.toml\"\n{redis}{tiers}");
    let policy = file(test, "policy.toml", &policy);
    (with_admin(&["--policy", text(&policy)]), key)
}

fn without_redis(server: &Service) -> u64 {
    Metrics::of(server).sum("mcp_ratelimit_backend_errors_total", &[])
}

/// Many clients ask for a while; all are answered, and next to none of them has to wait.
fn do_not_wait(server: &Service, key: &str) {
    // This one finds out.
    assert_eq!(ask_as(server, key, read(GREETING)).status, 200);
    let (address, bearer) = (server.address(), format!("Bearer {key}"));
    let request = &read(GREETING).with("Authorization", &bearer);
    let end = Instant::now() + Duration::from_secs(4);
    let slow: usize = thread::scope(|scope| {
        let clients = [0; 16].map(|_| {
            scope.spawn(move || {
                let mut slow = 0;
                while Instant::now() < end {
                    let start = Instant::now();
                    assert_eq!(ask(address, request).status, 200);
                    slow += usize::from(start.elapsed() > Duration::from_millis(900));
                }
                slow
            })
        });
        clients
            .map(|client| client.join().expect("a client"))
            .iter()
            .sum()
    });
    // Without a breaker, each client waits a second for each request: some sixty in all.
    assert!(slow <= 20, "{slow} requests waited");
    assert!(without_redis(server) > 16);
}

/// Returns when something has been counted so often.
fn until(server: &Service, name: &str, count: u64) {
    let end = Instant::now() + PATIENCE;
    loop {
        let found = Metrics::of(server).sum(name, &[]);
        if found >= count {
            return;
        }
        assert!(Instant::now() < end, "{name}: {found} of {count}");
    }
}
