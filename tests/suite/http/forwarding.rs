//! What a client writes into the headers of proxies has no effect, through each proxy of the manual and whatever the server believes.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Instant;

use serde_json::json;
use tokio::net::TcpSocket;

use super::conversation::{Answer, Conversation, Request};
use super::proxies::{NAME, Program, Proxy};
use crate::server::STATELESS;
use crate::service::{PATIENCE, Service};

/// The address of the client; that of the proxy is another.
const CLIENT: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 9);

/// What nobody is, and what nobody may ask for.
const STRANGER: &str = "203.0.113.66";
const FOREIGN: &str = "evil.test";

fn probe(id: &str) -> Request {
    Request::call(STATELESS, &json!(id), "tools/list", json!({}))
        .set("Host", NAME)
        .with("X-Request-Id", id)
}

/// The server's answer to a request that comes from [`CLIENT`]. On a busy machine, a proxy may miss the server for a moment.
fn ask_from_client(address: SocketAddr, request: &Request) -> Answer {
    let end = Instant::now() + PATIENCE;
    loop {
        let answer = ask_once(address, request);
        if !matches!(answer.status, 502..=504) || Instant::now() > end {
            return answer;
        }
    }
}

fn ask_once(address: SocketAddr, request: &Request) -> Answer {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build();
    let connect = async {
        let socket = TcpSocket::new_v4()?;
        socket.bind((CLIENT, 0).into())?;
        socket.connect(address).await?.into_std()
    };
    let stream = runtime.expect("an event loop").block_on(connect);
    let stream = stream.expect("the proxy listens");
    stream.set_nonblocking(false).expect("a socket");
    stream
        .set_read_timeout(Some(PATIENCE))
        .expect("a timeout can be set");
    let mut conversation = Conversation::over(stream);
    conversation.write(&request.bytes());
    conversation.answer()
}

/// Headers of a client that lies about itself, by what it hopes for.
fn lies() -> Vec<(&'static str, Vec<(&'static str, String)>)> {
    let address = || STRANGER.to_owned();
    let standard = || format!("for={STRANGER};host={FOREIGN};proto=https");
    vec![
        ("another address", vec![("X-Forwarded-For", address())]),
        ("in small letters", vec![("x-forwarded-for", address())]),
        (
            "several addresses",
            vec![
                ("X-Forwarded-For", format!("{STRANGER}, 127.0.0.1")),
                ("X-Forwarded-For", address()),
            ],
        ),
        (
            "nonsense",
            vec![("X-Forwarded-For", "\", \u{ff}, unknown".into())],
        ),
        ("another host", vec![("X-Forwarded-Host", FOREIGN.into())]),
        ("the standard header", vec![("Forwarded", standard())]),
        (
            "a quote without an end",
            vec![("Forwarded", "for=\"".into())],
        ),
        (
            "everything",
            vec![
                ("Forwarded", standard()),
                ("X-Forwarded-For", address()),
                ("X-Forwarded-Host", FOREIGN.into()),
                ("X-Forwarded-Proto", "https".into()),
                ("X-Forwarded-Server", FOREIGN.into()),
                ("X-Forwarded-Port", "1".into()),
                ("X-Real-IP", address()),
                ("X-Original-Host", FOREIGN.into()),
                ("True-Client-IP", address()),
            ],
        ),
    ]
}

/// The server believes these headers of the proxy, and sees this client through it.
fn check(believed: &[&str], client: &str) {
    let flags = [
        "--access-log",
        "all",
        "--trusted-proxy",
        "127.0.0.1/32",
        "--allowed-host",
        NAME,
    ];
    let mut service = Service::start(&[&flags[..], believed].concat());
    let name = believed.last().unwrap_or(&"default").replace(',', "+");
    for program in Program::ALL {
        let proxy = Proxy::start(program, &name, &[service.address(); 3]);
        let told = [("the truth", Vec::new())].into_iter().chain(lies());
        for (number, (what, lies)) in told.enumerate() {
            let id = format!("{program:?}-{number}");
            let spoof = |request: Request| {
                lies.iter()
                    .fold(request, |request, (name, value)| request.with(name, value))
            };
            let answer = ask_from_client(proxy.address(), &spoof(probe(&id)));
            assert_eq!(answer.status, 200, "{program:?}, {what}: {}", answer.text());
            let line = service.next(&id);
            let seen = format!("client={client} ");
            assert!(line.contains(&seen), "{program:?}, {what}: {line}");
            // A foreign host is refused, whatever stands beside it.
            let foreign = spoof(probe(&id).set("Host", FOREIGN))
                .with("X-Forwarded-Host", NAME)
                .with("Forwarded", &format!("host={NAME}"));
            let answer = ask_from_client(proxy.address(), &foreign);
            assert_eq!(answer.status, 403, "{program:?}, {what}: {}", answer.text());
        }
    }
}

#[test]
fn no_header_of_a_client_has_an_effect_through_a_proxy_of_the_manual() {
    check(&[], "127.0.0.9");
}

/// Whatever an operator names by mistake, the proxies of the manual have set or deleted it.
#[test]
fn no_header_has_an_effect_where_more_is_believed_than_the_proxy_writes() {
    let both = ["--trusted-proxy-header", "x-forwarded-for,x-forwarded-host"];
    check(&both, "127.0.0.9");
    // Nobody writes it, and so the proxy itself is the client.
    check(&["--trusted-proxy-header", "forwarded"], "127.0.0.1");
}
