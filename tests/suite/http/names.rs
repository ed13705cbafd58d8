//! Under which names the server may be asked for, by which pages, and whose word is taken for that.

use serde_json::json;

use super::conversation::{Answer, Conversation, Request, ask};
use super::metrics::Metrics;
use crate::server::STATELESS;
use crate::service::{Gone, Service, refused, serve};

fn probe() -> Request {
    Request::call(STATELESS, &json!(1), "tools/list", json!({}))
}

fn is_listed(answer: &Answer) -> bool {
    answer.status == 200 && answer.json()["result"]["tools"].is_array()
}

fn check(service: &Service, request: &Request, status: u16, reason: &str) {
    let before = Metrics::of(service).refused(reason);
    let answer = ask(service.address(), request);
    assert_eq!(answer.status, status, "{request:?}: {answer:?}");
    if status == 200 {
        assert!(is_listed(&answer), "{answer:?}");
        return;
    }
    assert_eq!(answer.code(), Some(-32600), "{answer:?}");
    assert!(answer.json()["id"].is_null());
    let after = Metrics::of(service).refused(reason);
    assert_eq!(after - before, 1, "{request:?} is counted as {reason}");
}

#[test]
fn the_server_is_asked_for_by_a_name_of_this_machine() {
    let service = Service::with_admin(&[]);
    let port = service.address().port();
    for host in [
        "localhost".to_owned(),
        "LocalHost:1".into(),
        "localhost.".into(),
        format!("127.0.0.1:{port}"),
        format!("[::1]:{port}"),
    ] {
        check(&service, &probe().set("Host", &host), 200, "");
    }
    for host in [
        "evil.test",
        "localhost.evil.test",
        "127.0.0.1.evil.test",
        "evil.test:80",
        "192.168.0.1",
        "0.0.0.0",
        "[::2]",
        "2130706433",
        "localhost,evil.test",
    ] {
        check(&service, &probe().set("Host", host), 403, "host");
    }
    for host in [
        "",
        "localhost@evil.test",
        "evil.test@localhost",
        "local host",
        "http://localhost",
        "localhost/x",
    ] {
        check(&service, &probe().set("Host", host), 400, "host");
    }
    check(&service, &probe().without("Host"), 400, "host");
    let twice = probe().with("Host", "localhost");
    check(&service, &twice, 400, "host");
    check(&service, &probe().with("Host", "evil.test"), 400, "host");
}

/// RFC 9112, section 3.2.2: what the target names is what is asked for.
#[test]
fn a_target_with_a_name_in_it_is_judged_by_that_name() {
    let service = Service::with_admin(&[]);
    let to = |target: &str, host: &str| {
        let bytes = probe().set("Host", host).bytes();
        let text = String::from_utf8(bytes).expect("text");
        let mut conversation = Conversation::connect(service.address());
        conversation.write(text.replacen("/mcp", target, 1).as_bytes());
        conversation.answer().status
    };
    assert_eq!(to("http://localhost/mcp", "localhost"), 200);
    assert_eq!(to("http://evil.test/mcp", "localhost"), 400);
    assert_eq!(to("http://localhost/mcp", "evil.test"), 400);
    assert_eq!(to("http://evil.test/mcp", "evil.test"), 403);
}

#[test]
fn names_can_be_allowed_in_place_of_those_of_this_machine() {
    let service =
        Service::with_admin(&["--allowed-host", "skills.example.com,api.example.com:8443"]);
    for (host, status) in [
        ("skills.example.com", 200),
        ("SKILLS.example.com:444", 200),
        ("api.example.com:8443", 200),
        ("api.example.com", 403),
        ("localhost", 403),
        ("example.com", 403),
        ("x.skills.example.com", 403),
    ] {
        check(&service, &probe().set("Host", host), status, "host");
    }
    // Machines that ask how it is know an address only, and so do those that gather metrics.
    for (address, path) in [
        (service.address(), "/health"),
        (service.admin(), "/metrics"),
    ] {
        for (host, status) in [
            ("10.0.0.7:9090", 200),
            ("[fd00::7]", 200),
            ("localhost", 200),
        ] {
            let answer = ask(address, &Request::get(path).set("Host", host));
            assert_eq!(answer.status, status, "{path} at {host}");
        }
    }
    let rebound = Request::get("/config").set("Host", "evil.test");
    assert_eq!(ask(service.admin(), &rebound).status, 403);
    let any = Service::start(&["--allowed-host", "*"]);
    assert!(is_listed(&ask(
        any.address(),
        &probe().set("Host", "evil.test")
    )));
}

#[test]
fn pages_of_this_machine_may_ask_and_no_others() {
    let service = Service::with_admin(&[]);
    for page in [
        "http://localhost:6274",
        "https://localhost",
        "http://127.0.0.1:1",
        "http://[::1]:8080",
    ] {
        let answer = ask(service.address(), &probe().with("Origin", page));
        assert!(is_listed(&answer), "{page}: {answer:?}");
        assert_eq!(answer.header("access-control-allow-origin"), Some(page));
        assert_eq!(answer.header("vary"), Some("Origin"));
    }
    for page in [
        "https://evil.test",
        "http://localhost.evil.test",
        "http://localhost:80@evil.test",
        "null",
        "",
        "localhost",
        "file://",
        "chrome-extension://localhost",
        "http://localhost:99999",
    ] {
        check(&service, &probe().with("Origin", page), 403, "origin");
        let answer = ask(service.address(), &probe().with("Origin", page));
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
    let both = probe()
        .with("Origin", "http://localhost")
        .with("Origin", "https://evil.test");
    check(&service, &both, 403, "origin");
    let page = probe()
        .with("Origin", "http://localhost")
        .set("Host", "evil.test");
    check(&service, &page, 403, "host");
}

/// Not even what it was refused for, or how the server is.
#[test]
fn a_page_that_may_not_ask_reads_nothing() {
    let service = Service::start(&[]);
    let evil = "https://evil.test";
    let long = "x".repeat(4000);
    for request in [
        Request::get("/health"),
        Request::get("/health/ready"),
        probe().set("Host", "evil.test"),
        Request::get(&format!("/mcp?{long}")),
        Request::get("/nowhere"),
        Request::new("OPTIONS", "/mcp"),
    ] {
        let answer = ask(service.address(), &request.with("Origin", evil));
        assert_eq!(
            answer.header("access-control-allow-origin"),
            None,
            "{answer:?}"
        );
    }
}

#[test]
fn pages_can_be_allowed_in_place_of_those_of_this_machine() {
    let service = Service::with_admin(&[
        "--allowed-origin",
        "https://app.example.com,http://dev.example.com:*",
    ]);
    for (page, status) in [
        ("https://app.example.com", 200),
        ("https://app.example.com:443", 200),
        ("http://dev.example.com:5173", 200),
        ("http://app.example.com", 403),
        ("https://app.example.com:8443", 403),
        ("https://dev.example.com", 403),
        ("http://localhost", 403),
    ] {
        check(&service, &probe().with("Origin", page), status, "origin");
    }
}

#[test]
fn a_browser_may_ask_whether_it_may_ask() {
    let service = Service::start(&[]);
    let preflight = Request::new("OPTIONS", "/mcp")
        .with("Access-Control-Request-Method", "POST")
        .with(
            "Access-Control-Request-Headers",
            "content-type,mcp-protocol-version,mcp-method,mcp-name",
        );
    let answer = ask(
        service.address(),
        &preflight.clone().with("Origin", "http://localhost:6274"),
    );
    assert_eq!(answer.status, 204);
    assert_eq!(
        answer.header("access-control-allow-origin"),
        Some("http://localhost:6274")
    );
    assert_eq!(
        answer.header("access-control-allow-methods"),
        Some("POST, OPTIONS")
    );
    let allowed = answer
        .header("access-control-allow-headers")
        .expect("headers");
    let allowed = allowed.to_ascii_lowercase();
    for header in [
        "content-type",
        "mcp-protocol-version",
        "mcp-method",
        "mcp-name",
    ] {
        assert!(allowed.split(", ").any(|name| name == header), "{header}");
    }
    let answer = ask(
        service.address(),
        &preflight.with("Origin", "https://evil.test"),
    );
    assert_eq!(answer.status, 403);
    assert_eq!(answer.header("access-control-allow-methods"), None);
}

/// A server that believes these headers of proxies of this network.
fn behind(network: &str, headers: &[&str]) -> Service {
    let allowed = [
        "--allowed-host",
        "skills.example.com",
        "--trusted-proxy",
        network,
    ];
    let headers: Vec<_> = headers
        .iter()
        .flat_map(|header| ["--trusted-proxy-header", header])
        .collect();
    Service::with_admin(&[&allowed[..], &headers].concat())
}

const STANDARD: &str = "for=203.0.113.7;host=skills.example.com;proto=https";

#[test]
fn a_trusted_proxy_says_what_was_asked_for_in_the_header_that_is_believed() {
    let older = behind("127.0.0.0/8", &["x-forwarded-for", "x-forwarded-host"]);
    let host = |host: &str| probe().with("X-Forwarded-Host", host);
    for (request, status) in [
        (host("skills.example.com"), 200),
        (
            host("skills.example.com").with("X-Forwarded-For", "203.0.113.7"),
            200,
        ),
        (host("skills.example.com").with("Forwarded", "for=\"x"), 200),
        (probe(), 403),
        (probe().with("Forwarded", STANDARD), 403),
        (host("evil.test"), 403),
        // The nearer proxy counts, and the client's own word does not.
        (host("skills.example.com, evil.test"), 403),
        (
            host("skills.example.com").with("X-Forwarded-Host", "evil.test"),
            403,
        ),
    ] {
        check(&older, &request, status, "host");
    }
    let standard = behind("127.0.0.0/8", &["forwarded"]);
    let nearer = "host=skills.example.com, for=203.0.113.7;host=evil.test";
    for (request, status, reason) in [
        (probe().with("Forwarded", STANDARD), 200, ""),
        (
            probe()
                .with("Forwarded", STANDARD)
                .with("X-Forwarded-Host", "evil.test"),
            200,
            "",
        ),
        (host("skills.example.com"), 403, "host"),
        (
            probe().with("Forwarded", "for=203.0.113.7;host=evil.test"),
            403,
            "host",
        ),
        (probe().with("Forwarded", nearer), 403, "host"),
        (probe().with("Forwarded", "for=\"x"), 400, "forwarded"),
    ] {
        check(&standard, &request, status, reason);
    }
}

#[test]
fn a_stranger_says_nothing_and_a_proxy_nothing_in_other_headers() {
    let by_default = behind("127.0.0.0/8", &[]);
    let wary = behind("10.0.0.0/8", &["x-forwarded-host"]);
    let stranger = behind("10.0.0.0/8", &["forwarded"]);
    for service in [&by_default, &wary, &stranger] {
        for request in [
            probe().with("X-Forwarded-Host", "skills.example.com"),
            probe().with("Forwarded", STANDARD),
        ] {
            check(service, &request, 403, "host");
        }
    }
}

#[test]
fn two_kinds_of_headers_are_not_believed_together() {
    for headers in ["forwarded,x-forwarded-for", "x-forwarded-host,forwarded"] {
        let flags = [
            "--trusted-proxy",
            "127.0.0.1",
            "--trusted-proxy-header",
            headers,
        ];
        let Gone { status, log } = refused(&mut serve(&flags));
        assert_eq!(status.code(), Some(2), "{log}");
        assert!(
            log.contains("name only the kind that your proxies write"),
            "{log}"
        );
    }
    let unknown = refused(&mut serve(&["--trusted-proxy-header", "x-real-ip"]));
    assert_eq!(unknown.status.code(), Some(2), "{}", unknown.log);
    assert!(unknown.log.contains("x-forwarded-for"), "{}", unknown.log);
}

#[test]
fn the_log_names_the_client_behind_a_trusted_proxy() {
    let flags = ["--access-log", "all", "--trusted-proxy", "127.0.0.1"];
    let mut trusting = Service::start(&flags);
    let mut wary = Service::start(&flags[..2]);
    let request = probe().with("X-Forwarded-For", "1.1.1.1, 203.0.113.7");
    for (service, client) in [
        (&mut trusting, "client=203.0.113.7"),
        (&mut wary, "client=127.0.0.1"),
    ] {
        ask(service.address(), &request);
        let line = service.until("POST /mcp");
        assert!(line.contains(client), "{line}");
    }
}

/// Where clients in browsers read with headers of their own, which browsers ask about first.
#[test]
fn a_browser_may_ask_about_everything_that_a_client_reads() {
    let service = Service::start(&[]);
    for path in [
        "/mcp/",
        "/health",
        "/health/ready",
        "/.well-known/oauth-protected-resource",
        "/.well-known/oauth-protected-resource/mcp",
        "/.well-known/oauth-authorization-server",
        "/.well-known/agent-skills/index.json",
    ] {
        let preflight = Request::new("OPTIONS", path)
            .with("Origin", "http://localhost:6274")
            .with("Access-Control-Request-Method", "GET")
            .with("Access-Control-Request-Headers", "mcp-protocol-version");
        let answer = ask(service.address(), &preflight);
        assert_eq!(answer.status, 204, "{path}");
        let allowed = answer.header("access-control-allow-headers");
        let allowed = allowed.unwrap_or_default().to_ascii_lowercase();
        assert!(allowed.contains("mcp-protocol-version"), "{path}");
        let page = answer.header("access-control-allow-origin");
        assert_eq!(page, Some("http://localhost:6274"), "{path}");
    }
    let nowhere = Request::new("OPTIONS", "/nowhere").with("Origin", "http://localhost:6274");
    assert_eq!(ask(service.address(), &nowhere).status, 404);
}
