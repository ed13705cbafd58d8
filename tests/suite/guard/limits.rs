//! How often callers may ask, from which networks, and who is left out.

use serde_json::json;

use super::{EXECUTABLE, ask_as, file, new_key, no_file, read, request, start, text, with_admin};
use crate::http::conversation::{Conversation, Request, ask};
use crate::http::metrics::Metrics;
use crate::server::Server;

const GREETING: &str = "skill://greeting/SKILL.md";

#[test]
fn each_caller_has_the_quota_of_its_tier() {
    let store = no_file("tiers", "keys.toml");
    let free = new_key(&store, &["free", "--tier", "free"]);
    let second = new_key(&store, &["free", "--tier", "free"]);
    let paid = new_key(&store, &["paid", "--tier", "paid"]);
    let other = new_key(&store, &["other"]);
    let policy = file(
        "tiers",
        "policy.toml",
        "api-keys = \"keys.toml\"\n\
         [tiers]\n\
         free = { requests = 5, per = \"1h\" }\n\
         paid = { requests = 20, per = \"1h\" }\n\
         default = { requests = 10, per = \"1h\", burst = 2 }\n",
    );
    let service = with_admin(&["--policy", text(&policy)]);
    let passed = |token: &str, count: usize| {
        let answers = (0..count).map(|_| ask_as(&service, token, read(GREETING)));
        let answers: Vec<_> = answers.collect();
        let last = answers.last().expect("some").status;
        (
            answers.iter().filter(|answer| answer.status == 200).count(),
            last,
        )
    };
    assert_eq!(passed(&paid, 25), (20, 429));
    assert_eq!(passed(&free, 4), (4, 200));
    assert_eq!(
        passed(&second, 4),
        (1, 429),
        "both keys are of one principal"
    );
    assert_eq!(passed(&other, 4), (2, 429), "only the burst");
    let refused = ask_as(&service, &free, read(GREETING));
    let wait: u64 = refused
        .header("retry-after")
        .expect("a header")
        .parse()
        .expect("seconds");
    assert!((1..=720).contains(&wait), "{wait}");
    // The quota of the tier, in the form of structured fields.
    let policy = refused.header("ratelimit-policy");
    assert_eq!(policy, Some("\"tier\";q=5;w=3600"));
    let state = format!("\"tier\";r=0;t={wait}");
    assert_eq!(refused.header("ratelimit"), Some(state.as_str()));
    let burst = ask_as(&service, &other, read(GREETING));
    let policy = burst.header("ratelimit-policy");
    assert_eq!(
        policy,
        Some("\"tier\";q=2;w=720"),
        "what is left of the burst"
    );
    let answered = ask(service.address(), &Request::get("/health/live"));
    assert_eq!(answered.header("ratelimit"), None);
    assert_eq!(refused.code(), Some(-32000));
    let millis = refused.json()["error"]["data"]["retryAfterMs"]
        .as_u64()
        .expect("a number");
    assert!(millis.div_ceil(1000) == wait, "{millis} {wait}");
    let hits = Metrics::of(&service).sum("mcp_ratelimit_hits_total", &[("scope", "tier")]);
    assert_eq!(hits, 5 + 3 + 2 + 2);
}

#[test]
fn addresses_tools_and_all_have_quotas_of_their_own() {
    let tools = || {
        request(
            "tools/call",
            json!({ "name": "list_skills", "arguments": {} }),
        )
    };
    let limited = |name: &str, limits: &str, request: &dyn Fn() -> Request| {
        let policy = file(name, "policy.toml", &format!("[limits]\n{limits}\n"));
        let service = with_admin(&["--policy", text(&policy)]);
        let statuses: Vec<_> = (0..4)
            .map(|_| ask(service.address(), &request()).status)
            .collect();
        assert_eq!(statuses, [200, 200, 200, 429], "{name}");
        assert_eq!(
            Metrics::of(&service).sum("mcp_ratelimit_hits_total", &[("scope", name)]),
            1
        );
        service
    };
    let quota = "{ requests = 3, per = \"1h\" }";
    limited("client", &format!("client = {quota}"), &|| read(GREETING));
    limited("all", &format!("all = {quota}"), &|| read(GREETING));
    let service = limited("tool", &format!("tool = {quota}"), &tools);
    assert_eq!(
        ask(service.address(), &read(GREETING)).status,
        200,
        "no tool"
    );
}

#[test]
fn over_pipes_too() {
    let policy = file(
        "pipe-limits",
        "policy.toml",
        "[tiers]\ndefault = { requests = 3, per = \"1h\" }\n",
    );
    let mut command = std::process::Command::new(&*EXECUTABLE);
    command.args(["stdio", "--policy", text(&policy)]);
    let mut server = Server::spawn(&mut command);
    for _ in 0..2 {
        server.result("resources/read", json!({ "uri": GREETING }));
    }
    server.result(
        "tools/call",
        json!({ "name": "list_skills", "arguments": {} }),
    );
    for (method, params) in [
        ("resources/read", json!({ "uri": GREETING })),
        (
            "tools/call",
            json!({ "name": "list_skills", "arguments": {} }),
        ),
    ] {
        let error = server.error(method, params);
        assert_eq!(error["code"], -32000, "{error}");
        assert!(error["data"]["retryAfterMs"].as_u64().is_some(), "{error}");
    }
}

#[test]
fn those_who_do_not_say_who_they_are_have_a_quota_for_each_address() {
    let policy = file(
        "anonymous",
        "policy.toml",
        "[limits]\ntool = { requests = 1, per = \"1h\" }\n[tiers]\ndefault = { requests = 2, per = \"1h\" }\n",
    );
    let service = start(&["--policy", text(&policy), "--trusted-proxy", "127.0.0.1"]);
    let from = |client: &str, request: Request| {
        let request = request.with("X-Forwarded-For", client);
        ask(service.address(), &request).status
    };
    for (client, status) in [
        ("192.0.2.1", 200),
        ("192.0.2.1", 200),
        ("192.0.2.1", 429),
        ("192.0.2.2", 200),
        ("2001:db8::1", 200),
        ("2001:db8::ffff:2", 200),
        ("2001:db8::3", 429),
        ("2001:db8:0:1::1", 200),
    ] {
        assert_eq!(from(client, read(GREETING)), status, "{client}");
    }
    let tool = || {
        let call = json!({ "name": "list_skills", "arguments": {} });
        request("tools/call", call)
    };
    for (client, status) in [("192.0.2.5", 200), ("192.0.2.5", 429), ("192.0.2.6", 200)] {
        assert_eq!(from(client, tool()), status, "{client}");
    }
}

#[test]
fn only_networks_that_are_named_may_ask() {
    for (networks, status) in [
        ("[\"10.0.0.0/8\"]", 403),
        ("[\"10.0.0.0/8\", \"127.0.0.1/32\"]", 200),
    ] {
        let policy = file(
            "networks",
            "policy.toml",
            &format!("networks = {networks}\n"),
        );
        let service = start(&["--policy", text(&policy)]);
        assert_eq!(ask(service.address(), &read(GREETING)).status, status);
        let probe = Request::get("/health/live");
        assert_eq!(ask(service.address(), &probe).status, 200);
    }
    let policy = file(
        "networks",
        "proxied.toml",
        "networks = [\"192.0.2.0/24\"]\n",
    );
    let service = start(&["--policy", text(&policy), "--trusted-proxy", "127.0.0.1"]);
    let tricks = [
        ("192.0.2.7", 200),
        ("198.51.100.7", 403),
        ("192.0.2.7, 198.51.100.7", 403),
        ("\", 198.51.100.7", 403),
        ("nonsense", 403),
    ];
    for (client, status) in tricks {
        let request = read(GREETING).with("X-Forwarded-For", client);
        assert_eq!(ask(service.address(), &request).status, status, "{client}");
    }
}

#[test]
fn no_client_chooses_its_own_address() {
    let policy = file("chosen", "policy.toml", "networks = [\"192.0.2.0/24\"]\n");
    let service = start(&["--policy", text(&policy), "--trusted-proxy", "127.0.0.1"]);
    // Only the header that is believed counts, whatever else a client sends.
    let both = |header: &str, other: &str| {
        let request = read(GREETING)
            .with("Forwarded", &format!("for={other}"))
            .with("X-Forwarded-For", header);
        ask(service.address(), &request).status
    };
    assert_eq!(both("198.51.100.7", "192.0.2.7"), 403);
    assert_eq!(both("192.0.2.7", "198.51.100.7"), 200);
    let only = read(GREETING).with("Forwarded", "for=192.0.2.7");
    assert_eq!(ask(service.address(), &only).status, 403);
    let hidden = read(GREETING).with("X-Forwarded-For", "unknown");
    assert_eq!(ask(service.address(), &hidden).status, 403);
}

#[test]
fn no_parameter_gets_a_caller_around_a_quota() {
    let policy = file(
        "around",
        "policy.toml",
        "[limits]\ntool = { requests = 3, per = \"1h\" }\n",
    );
    let service = start(&["--policy", text(&policy)]);
    let statuses: Vec<_> = (0..6)
        .map(|turn| {
            let mut call = json!({ "name": "list_skills", "arguments": {} });
            call["uri"] = if turn % 2 == 0 {
                json!(turn)
            } else {
                json!(format!("x{turn}"))
            };
            ask(service.address(), &request("tools/call", call)).status
        })
        .collect();
    assert_eq!(
        statuses.iter().filter(|status| **status == 429).count(),
        3,
        "{statuses:?}"
    );
}

#[test]
fn who_guesses_is_left_out_for_a_while() {
    let store = no_file("guesses", "keys.toml");
    let valid = new_key(&store, &["ci"]);
    let policy = file(
        "guesses",
        "policy.toml",
        "api-keys = \"keys.toml\"\n[defence]\nfailures = 3\nwithin = \"10m\"\nblock = \"10m\"\n",
    );
    let mut service = with_admin(&["--policy", text(&policy), "--trusted-proxy", "127.0.0.1"]);
    let from = |client: &str, token: &str| {
        let request = read(GREETING).with("X-Forwarded-For", client);
        ask_as(&service, token, request)
    };
    assert_eq!(from("192.0.2.1", &valid).status, 200);
    for guess in ["skl_1_a", "skl_1_b", "skl_1_c"] {
        assert_eq!(from("192.0.2.1", guess).status, 401);
    }
    let blocked = from("192.0.2.1", &valid);
    assert_eq!(blocked.status, 403, "not even with a valid key");
    assert!(blocked.header("retry-after").is_some());
    assert_eq!(
        from("192.0.2.2", &valid).status,
        200,
        "others are not concerned"
    );
    let metrics = Metrics::of(&service);
    assert_eq!(
        metrics.sum(
            "mcp_security_violations_total",
            &[("kind", "blocked_address")]
        ),
        1
    );
    assert_eq!(
        metrics.sum("mcp_security_violations_total", &[("kind", "blocked")]),
        1
    );
    service.until("Left out an address");
}

#[test]
#[cfg(unix)]
fn nobody_at_a_socket_is_left_out_for_what_others_there_do() {
    let store = no_file("hidden", "keys.toml");
    let valid = new_key(&store, &["ci"]);
    let policy = file(
        "hidden",
        "policy.toml",
        "api-keys = \"keys.toml\"\n[defence]\nfailures = 3\nwithin = \"10m\"\nblock = \"10m\"\n\
         [limits]\nclient = { requests = 5, per = \"1h\" }\n",
    );
    // The path of a socket is at most some hundred bytes.
    let path = std::env::temp_dir().join(format!("skills-hidden-{}", std::process::id()));
    let address = format!("unix:{}", path.display());
    let mut service = start(&["--policy", text(&policy), "--listen", &address]);
    service.until("set --trusted-proxy unix");
    let from_socket = |token: &str| {
        let stream = std::os::unix::net::UnixStream::connect(&path).expect("the server listens");
        let request = read(GREETING).with("Authorization", &format!("Bearer {token}"));
        Conversation::over(stream).ask(&request).status
    };
    for guess in 0..10 {
        assert_eq!(from_socket(&format!("skl_1_{guess}")), 401);
    }
    assert_eq!(from_socket(&valid), 200, "it is not known who guessed");
}
