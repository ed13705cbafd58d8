//! Prometheus itself, set up as the manual says: it finds nothing to complain about, and gathers what there is.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::Instant;

use serde_json::{Value, json};

use super::conversation::{Conversation, Request, ask};
use super::manual::{block, free_port, replaced};
use crate::debian::{Debian, debian};
use crate::installation::run_with;
use crate::server::STATELESS;
use crate::service::{PATIENCE, Service, folder};

fn prometheus() -> Debian {
    debian(&["prometheus"], "prometheus")
}

/// Asks for a skill, a skill that is not there, a tool, and nothing that there is.
fn use_all(service: &Service) {
    let mut conversation = Conversation::connect(service.address());
    for (method, params) in [
        (
            "resources/read",
            json!({ "uri": "skill://conventional-commits/SKILL.md" }),
        ),
        ("resources/read", json!({ "uri": "skill://no/SKILL.md" })),
        ("tools/call", json!({ "name": "no" })),
    ] {
        conversation.ask(&Request::call(STATELESS, &json!(1), method, params));
    }
    conversation.ask(&Request::get("/mcp"));
}

#[test]
fn prometheus_has_nothing_to_say_against_the_metrics() {
    let service = Service::with_admin(&[]);
    use_all(&service);
    let answer = ask(service.admin(), &Request::get("/metrics"));
    assert_eq!(
        answer.header("content-type"),
        Some("text/plain; version=0.0.4; charset=utf-8")
    );
    let mut check = prometheus().sibling("promtool");
    check.args(["check", "metrics"]);
    let complaints = run_with(&mut check, answer.text());
    assert_eq!(complaints, "", "{}", answer.text());
    // So that nothing of it was left out before.
    assert!(answer.text().contains("\nmcp_skill_invocations_total{"));
}

/// A running Prometheus, killed when it is dropped.
struct Scraper {
    child: Child,
    address: SocketAddr,
    log: PathBuf,
}

impl Scraper {
    fn start(target: SocketAddr) -> Self {
        let folder = folder("prometheus");
        let shown = block("yaml", "scrape_configs");
        let shown = replaced(&shown, "10.0.0.11:9090", &target.to_string());
        // As often as it can be, so that nobody has to wait.
        let shown = replaced(&shown, "15s", "250ms");
        let file = folder.join("prometheus.yml");
        fs::write(&file, shown).expect("a file below target/");
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let log = folder.join("log");
        let child = prometheus()
            .command()
            .current_dir(&folder)
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--storage.tsdb.path={}", folder.display()))
            .arg(format!("--web.listen-address={address}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(&log).expect("a file below target/"))
            .spawn()
            .expect("Prometheus starts");
        Self {
            child,
            address,
            log,
        }
    }

    /// The value of a query, once it has this one.
    fn until(&mut self, query: &str, wanted: &str) {
        let end = Instant::now() + PATIENCE;
        let mut found = Value::Null;
        while found != wanted {
            let log = || fs::read_to_string(&self.log).unwrap_or_default();
            let ended = self.child.try_wait().expect("a child can be asked");
            assert!(
                ended.is_none() && Instant::now() < end,
                "{query} is {found} and not {wanted}: {}",
                log()
            );
            found = self.value(query).unwrap_or_default();
        }
    }

    /// The value of a query that one series answers, if Prometheus is there already and has one.
    fn value(&self, query: &str) -> Option<Value> {
        TcpStream::connect(self.address).ok()?;
        let encoded = query.replace('{', "%7B").replace('}', "%7D");
        let encoded = encoded.replace('"', "%22").replace(' ', "%20");
        let answer = ask(
            self.address,
            &Request::get(&format!("/api/v1/query?query={encoded}")),
        );
        let answer: Value = serde_json::from_slice(&answer.body).ok()?;
        let results = answer["data"]["result"].as_array()?;
        assert!(results.len() < 2, "{query} has several answers: {answer}");
        Some(results.first()?["value"][1].clone())
    }
}

impl Drop for Scraper {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn prometheus_gathers_the_metrics() {
    let service = Service::with_admin(&[]);
    use_all(&service);
    let mut scraper = Scraper::start(service.admin());
    scraper.until("up{job=\"skills\"}", "1");
    scraper.until(
        "mcp_skill_invocations_total{skill=\"conventional-commits\"}",
        "1",
    );
    scraper.until("count(mcp_build_info{name=\"skills-server\"})", "1");
    let count = "mcp_server_operation_duration_seconds_count";
    let reads = format!("sum({count}{{mcp_method_name=\"resources/read\"}})");
    scraper.until(&reads, "2");
    // It goes on gathering.
    use_all(&service);
    scraper.until(&reads, "4");
}
