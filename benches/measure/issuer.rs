//! An authorization server that does nothing but say its key, and a token of it: the private key is gone.

use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::thread;

use crate::workload::{target, write};

const KEYS: &str = r#"{"keys": [{"kty": "EC", "crv": "P-256", "kid": "bench", "use": "sig", "alg": "ES256", "x": "UQ5a5FOoucRy0rE0G9eU3BkdfpcjM0Jg-1hteiDAl34", "y": "HWo3whqk35aopGgYIOcVMbZuBN7zIj5G37M2Hbcdv3c"}]}"#;

/// A token that is valid until 2100, signed with ES256.
pub(crate) const TOKEN: &str = "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6ImJlbmNoIn0.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUuY29tIiwiYXVkIjoiaHR0cDovLzEyNy4wLjAuMTozMDAxL21jcCIsInN1YiI6ImJlbmNoIiwiY2xpZW50X2lkIjoiYmVuY2giLCJpYXQiOjE3NjcyMjU2MDAsImV4cCI6NDEwMjQ0NDgwMCwic2NvcGUiOiJza2lsbHM6cmVhZCIsImp0aSI6IjEifQ.-Vo1P-UYy-CYeDa7gdGKIcOpZDjnXBqeF7VlsmwMpN2x0wJmZ1EXWRCWfKNpDtIoH1FHAF4yqAVIW1QOC28TEw";

/// A policy that takes the token. Whoever asks for the key gets it, as long as the bench runs.
pub(crate) fn policy() -> Result<PathBuf, Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(stream);
            let mut line = String::new();
            while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
                line.clear();
            }
            let answer = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{KEYS}",
                KEYS.len()
            );
            // Who does not wait for the answer does without.
            let _ = reader.get_mut().write_all(answer.as_bytes());
        }
    });
    let policy = format!(
        "[oauth]\nresource = \"http://127.0.0.1:3001/mcp\"\nrequired-scopes = [\"skills:read\"]\nstartup = \"fail-fast\"\n\
         [[oauth.issuers]]\nissuer = \"https://id.example.com\"\njwks-uri = \"http://{address}/keys\"\n"
    );
    let path = target().join("tmp/policy.toml");
    write(&path, policy.as_bytes())?;
    Ok(path)
}
