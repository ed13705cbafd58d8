//! HTTP/2, by prior knowledge and by agreement in TLS, and certificates that change while the server runs.

use std::fs;
use std::future::Future;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};

use super::conversation::{BOTH, Conversation, Request, ask, message};
use super::metrics::Metrics;
use crate::installation::{python, run};
use crate::server::STATELESS;
use crate::service::{PATIENCE, Service, folder, refused};

type Sender = SendRequest<Full<Bytes>>;

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let bounded = async { tokio::time::timeout(PATIENCE, future).await };
    let outcome = runtime.expect("an event loop").block_on(bounded);
    outcome.expect("it comes to an end in time")
}

async fn connect(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Sender {
    let handshake = handshake(TokioExecutor::new(), TokioIo::new(stream)).await;
    let (sender, connection) = handshake.expect("the server speaks HTTP/2");
    // How it ends is seen by those who ask.
    drop(tokio::spawn(connection));
    sender
}

fn list(authority: &str, id: usize) -> hyper::Request<Full<Bytes>> {
    let body = message(STATELESS, &json!(id), "tools/list", json!({})).to_string();
    let request = hyper::Request::post(format!("http://{authority}/mcp"))
        .header("content-type", "application/json")
        .header("accept", BOTH)
        .header("mcp-protocol-version", STATELESS)
        .header("mcp-method", "tools/list");
    request.body(Full::from(body)).expect("a request")
}

async fn answer(sender: &mut Sender, request: hyper::Request<Full<Bytes>>) -> (u16, Value) {
    let response = sender.send_request(request).await.expect("an answer");
    let status = response.status().as_u16();
    let body = response
        .into_body()
        .collect()
        .await
        .expect("a body")
        .to_bytes();
    (status, serde_json::from_slice(&body).expect("JSON"))
}

#[test]
fn many_requests_share_a_connection() {
    let service = Service::with_admin(&[]);
    block_on(async {
        let stream = tokio::net::TcpStream::connect(service.address()).await;
        let mut sender = connect(stream.expect("the server listens")).await;
        let requests: Vec<_> = (0..200)
            .map(|id| {
                let mut sender = sender.clone();
                tokio::spawn(async move { (id, answer(&mut sender, list("localhost", id)).await) })
            })
            .collect();
        for request in requests {
            let (id, (status, body)) = request.await.expect("it ends");
            assert_eq!((status, body["id"].as_u64()), (200, Some(id as u64)));
            assert!(body["result"]["tools"].is_array());
        }
        let (status, body) = answer(&mut sender, list("evil.test", 1)).await;
        assert_eq!(
            (status, body["error"]["code"].as_i64()),
            (403, Some(-32600))
        );
        let mut two_names = list("localhost", 1);
        two_names
            .headers_mut()
            .insert("host", "evil.test".parse().expect("a value"));
        assert_eq!(answer(&mut sender, two_names).await.0, 400);
        let mut large = list("localhost", 1);
        *large.body_mut() = Full::from("x".repeat((1 << 20) + 1));
        assert_eq!(answer(&mut sender, large).await.0, 413);
        assert_eq!(
            answer(&mut sender, list("localhost", 1)).await.0,
            200,
            "it goes on"
        );
    });
    let metrics = Metrics::of(&service);
    assert_eq!(
        (metrics.refused("host"), metrics.refused("body_size")),
        (2, 1)
    );
}

/// A certificate below `target/`, with its key beside it.
fn certificate(folder: &Path, name: &str) -> PathBuf {
    let file = folder.join(name);
    run(python("certificate.py").arg(&file).arg("localhost"));
    file.with_extension("pem")
}

fn der(file: &Path) -> CertificateDer<'static> {
    CertificateDer::from_pem_file(file).expect("a certificate")
}

fn config(certificate: &Path, protocols: &[&str]) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(der(certificate)).expect("a root");
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config
        .with_safe_default_protocol_versions()
        .expect("versions");
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = protocols
        .iter()
        .map(|name| name.as_bytes().to_vec())
        .collect();
    Arc::new(config)
}

fn localhost() -> ServerName<'static> {
    ServerName::try_from("localhost").expect("a name")
}

type Encrypted = Conversation<StreamOwned<ClientConnection, TcpStream>>;

fn encrypted(address: SocketAddr, certificate: &Path) -> Encrypted {
    let stream = TcpStream::connect(address).expect("the server listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let client = ClientConnection::new(config(certificate, &["http/1.1"]), localhost());
    Conversation::over(StreamOwned::new(client.expect("a client"), stream))
}

fn serve(certificate: &Path) -> Service {
    let key = certificate.with_extension("key");
    let path = |path: &Path| path.to_str().expect("a path in UTF-8").to_owned();
    Service::with_admin(&["--tls-cert", &path(certificate), "--tls-key", &path(&key)])
}

#[cfg(unix)]
#[test]
fn a_key_that_everyone_can_change_is_not_used() {
    use std::os::unix::fs::PermissionsExt;

    let certificate = certificate(&folder("https-mode"), "server");
    let key = certificate.with_extension("key");
    let set =
        |mode| fs::set_permissions(&key, fs::Permissions::from_mode(mode)).expect("it is ours");
    let path = |path: &Path| path.to_str().expect("a path in UTF-8").to_owned();
    set(0o666);
    let flags = ["--tls-cert", &path(&certificate), "--tls-key", &path(&key)];
    let gone = refused(&mut crate::service::serve(&flags));
    assert!(
        gone.log
            .contains("every user of this machine can change it (mode 0666)"),
        "{}",
        gone.log
    );
    set(0o644);
    let log = serve(&certificate).stop().log;
    assert!(
        log.contains("Every user of this machine can read the secrets in"),
        "{log}"
    );
    set(0o600);
    let log = serve(&certificate).stop().log;
    assert!(!log.contains("chmod 600"), "{log}");
}

#[test]
fn https_speaks_both_versions_and_nothing_in_the_clear() {
    let certificate = certificate(&folder("https"), "server");
    let service = serve(&certificate);
    assert!(service.url().starts_with("https://"), "{}", service.url());
    let call = Request::call(STATELESS, &json!(1), "tools/list", json!({}));
    let first = encrypted(service.address(), &certificate).ask(&call);
    assert_eq!(first.status, 200);
    assert!(first.header("strict-transport-security").is_some());
    block_on(async {
        let stream = tokio::net::TcpStream::connect(service.address())
            .await
            .expect("it listens");
        let connector = tokio_rustls::TlsConnector::from(config(&certificate, &["h2", "http/1.1"]));
        let stream = connector.connect(localhost(), stream).await.expect("TLS");
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
        let mut sender = connect(stream).await;
        assert_eq!(answer(&mut sender, list("localhost", 1)).await.0, 200);
    });
    let mut clear = Conversation::connect(service.address());
    clear.write(&call.bytes());
    while !clear.has_ended() {}
    Metrics::until_refused(&service, "tls", 1);
    assert_eq!(ask(service.admin(), &Request::get("/health")).status, 200);
}

#[test]
#[cfg(unix)]
fn a_new_certificate_is_taken_and_a_broken_one_is_not() {
    let folder = folder("renewal");
    let current = certificate(&folder, "current");
    let next = certificate(&folder, "next");
    let (old, new) = (folder.join("old.pem"), next.clone());
    fs::copy(&current, &old).expect("a copy");
    let mut service = serve(&current);
    let call = Request::call(STATELESS, &json!(1), "tools/list", json!({}));
    let mut before = encrypted(service.address(), &old);
    assert_eq!(before.ask(&call).status, 200);
    for extension in ["pem", "key"] {
        let (from, to) = (
            next.with_extension(extension),
            current.with_extension(extension),
        );
        fs::copy(from, to).expect("a copy");
    }
    service.signal("HUP");
    service.next("New connections get the certificate");
    assert_eq!(encrypted(service.address(), &new).ask(&call).status, 200);
    assert_eq!(before.ask(&call).status, 200, "it keeps what it began with");
    // Half of a new one: the key does not fit.
    fs::copy(&old, &current).expect("a copy");
    service.signal("HUP");
    service.next("Connections still get the one from before");
    assert_eq!(encrypted(service.address(), &new).ask(&call).status, 200);
    fs::write(&current, "nonsense").expect("a file below target/");
    service.signal("HUP");
    service.next("Connections still get the one from before");
    assert_eq!(encrypted(service.address(), &new).ask(&call).status, 200);
    assert_eq!(before.ask(&call).status, 200);
    // A pipe, for whose writer nobody waits.
    fs::remove_file(&current).expect("it is there");
    let made = std::process::Command::new("mkfifo").arg(&current).status();
    assert!(made.expect("it runs").success());
    service.signal("HUP");
    let line = service.next("Connections still get the one from before");
    assert!(line.contains("it is no regular file"), "{line}");
    assert_eq!(encrypted(service.address(), &new).ask(&call).status, 200);
    drop(before);
    assert_eq!(service.stop().status.code(), Some(0));
}
