//! A server over HTTP, and wrk, which asks it as fast as it answers.

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::figures::processor_time;
use crate::workload::{target, write};

const VERSION: &str = "2026-07-28";

/// How long a load lasts, in seconds.
const SECONDS: u32 = 2;

/// A request that is sent again and again.
#[derive(Debug)]
pub(crate) struct Load {
    headers: Vec<(&'static str, String)>,
    body: String,
}

/// What wrk found.
#[derive(Debug)]
pub(crate) struct Figures {
    pub(crate) requests: f64,
    pub(crate) requests_per_second: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
}

/// A server that runs until it is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    process: Child,
    address: String,
}

impl Load {
    pub(crate) fn new(method: &str, name: Option<&str>, mut params: Value) -> Self {
        if let Some(params) = params.as_object_mut() {
            let meta = json!({
                "io.modelcontextprotocol/protocolVersion": VERSION,
                "io.modelcontextprotocol/clientInfo": { "name": "bench", "version": "0.0.0" },
                "io.modelcontextprotocol/clientCapabilities": {},
            });
            params.insert("_meta".into(), meta);
        }
        let mut headers = vec![
            ("Content-Type", "application/json".to_owned()),
            ("Accept", "application/json, text/event-stream".to_owned()),
            ("MCP-Protocol-Version", VERSION.to_owned()),
            ("Mcp-Method", method.to_owned()),
        ];
        headers.extend(name.map(|name| ("Mcp-Name", name.to_owned())));
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        Self {
            headers,
            body: body.to_string(),
        }
    }

    /// The same with another header.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// What wrk is to send.
    fn script(&self) -> String {
        let mut headers = String::new();
        for (name, value) in &self.headers {
            headers.extend(["wrk.headers['", name, "'] = '", value, "'\n"]);
        }
        let report = "function done(summary, latency)\n  io.write(string.format('figures %d %d %d %d %d\\n', summary.requests, \
             summary.duration, latency:percentile(50), latency:percentile(99), summary.errors.connect + summary.errors.read + \
             summary.errors.write + summary.errors.status + summary.errors.timeout))\nend\n";
        format!(
            "wrk.method = 'POST'\nwrk.body = {:?}\n{}{report}",
            self.body, headers
        )
    }
}

impl Server {
    /// Starts a program that says on standard error where it listens.
    pub(crate) fn start(program: &Path, arguments: &[String]) -> Result<Self, Box<dyn Error>> {
        let mut process = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut log = BufReader::new(process.stderr.take().ok_or("no standard error")?).lines();
        let address = loop {
            let line = log.next().ok_or("the server ended")??;
            if let Some((_, rest)) = line.split_once("http://")
                && !line.contains("authorization server")
            {
                break rest.trim_end_matches("/mcp").to_owned();
            }
        };
        thread::spawn(move || log.for_each(drop));
        Ok(Self { process, address })
    }

    /// Asks once; the body of the answer.
    pub(crate) fn ask(&self, load: &Load) -> Result<Vec<u8>, Box<dyn Error>> {
        let mut stream = TcpStream::connect(&self.address)?;
        let mut headers = String::new();
        for (name, value) in &load.headers {
            headers.extend([name, ": ", value, "\r\n"]);
        }
        write!(
            stream,
            // To this version of HTTP no answer comes in pieces.
            "POST /mcp HTTP/1.0\r\nHost: {}\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n{}",
            self.address,
            load.body.len(),
            load.body
        )?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let end = answer
            .windows(4)
            .position(|window| window == b"\r\n\r\n")
            .ok_or("no answer")?;
        Ok(answer.split_off(end + 4))
    }

    /// Lets wrk ask for a while.
    pub(crate) fn bear(&self, load: &Load) -> Result<Figures, Box<dyn Error>> {
        let script = target().join("tmp/load.lua");
        write(&script, load.script().as_bytes())?;
        let output = Command::new("wrk")
            // Slow is not wrong.
            .args(["-t1", "-c32", "--timeout", "30s"])
            .args([&format!("-d{SECONDS}s"), "-s"])
            .arg(&script)
            .arg(format!("http://{}/mcp", self.address))
            .output()
            .map_err(|error| format!("wrk is needed: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let line = text.lines().find_map(|line| line.strip_prefix("figures "));
        let numbers = line.unwrap_or_default().split(' ').map(str::parse::<f64>);
        let numbers: Vec<_> = numbers.collect::<Result<_, _>>()?;
        let [requests, micros, p50, p99, errors] = numbers.as_slice() else {
            return Err(format!("wrk says: {text}").into());
        };
        if *errors > 0.0 {
            return Err(format!("some requests failed: {text}").into());
        }
        Ok(Figures {
            requests: *requests,
            requests_per_second: requests / micros * 1e6,
            p50_ms: p50 / 1e3,
            p99_ms: p99 / 1e3,
        })
    }

    /// The time that all its threads were on a processor.
    pub(crate) fn processor_time(&self) -> Duration {
        processor_time(&self.id())
    }

    pub(crate) fn id(&self) -> String {
        self.process.id().to_string()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
