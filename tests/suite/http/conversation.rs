//! HTTP/1.1 as a client writes it, byte by byte where that is wanted, and answers as they come.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

use serde_json::{Value, json};

use crate::server::STATELESS;
use crate::service::PATIENCE;

/// What every client of MCP accepts.
pub(crate) const BOTH: &str = "application/json, text/event-stream";

/// A request, which need not be a good one.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    pub(crate) fn new(method: &str, target: &str) -> Self {
        Self {
            method: method.into(),
            target: target.into(),
            headers: vec![("Host".into(), "localhost".into())],
            body: Vec::new(),
        }
    }

    pub(crate) fn get(target: &str) -> Self {
        Self::new("GET", target)
    }

    /// A message, with the headers that all messages have.
    pub(crate) fn post(body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        Self {
            body,
            ..Self::new("POST", "/mcp")
        }
        .with("Content-Type", "application/json")
        .with("Accept", BOTH)
    }

    /// A request of MCP in a version, with the headers that the version wants.
    pub(crate) fn call(version: &str, id: &Value, method: &str, params: Value) -> Self {
        Self::message(version, &message(version, id, method, params))
    }

    /// A message of MCP in a version, with the headers that the version wants.
    pub(crate) fn message(version: &str, message: &Value) -> Self {
        let request = Self::post(message.to_string()).with("MCP-Protocol-Version", version);
        if version != STATELESS {
            return request;
        }
        let method = message["method"].as_str().unwrap_or_default();
        let name = match method {
            "tools/call" | "prompts/get" => message["params"]["name"].as_str(),
            "resources/read" => message["params"]["uri"].as_str(),
            _ => None,
        };
        let request = request.with("Mcp-Method", method);
        match name {
            Some(name) => request.with("Mcp-Name", &name_header(name)),
            None => request,
        }
    }

    /// Goes to another place.
    pub(crate) fn at(mut self, target: &str) -> Self {
        self.target = target.into();
        self
    }

    /// Says something else.
    pub(crate) fn saying(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Adds a header.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Takes a header away.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self
    }

    /// Puts a header in the place of another.
    pub(crate) fn set(self, name: &str, value: &str) -> Self {
        self.without(name).with(name, value)
    }

    /// As it is written, with the length of its body if it says nothing else about that.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        for (name, value) in &self.headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        let says = |wanted: &str| {
            let mut names = self.headers.iter().map(|(name, _)| name);
            names.any(|name| name.eq_ignore_ascii_case(wanted))
        };
        let has_body = !self.body.is_empty() || self.method == "POST";
        if has_body && !says("content-length") && !says("transfer-encoding") {
            head.extend(["Content-Length: ", &self.body.len().to_string(), "\r\n"]);
        }
        [head.as_bytes(), b"\r\n", &self.body].concat()
    }
}

/// A request of MCP; in the stateless version it says of itself what `initialize` says for a session.
pub(crate) fn message(version: &str, id: &Value, method: &str, mut params: Value) -> Value {
    if version == STATELESS {
        let meta = params.as_object_mut().expect("an object").entry("_meta");
        let meta = meta.or_insert_with(|| json!({}));
        meta["io.modelcontextprotocol/protocolVersion"] = STATELESS.into();
        meta["io.modelcontextprotocol/clientCapabilities"] = json!({});
        meta["io.modelcontextprotocol/clientInfo"] = json!({ "name": "suite", "version": "1" });
    }
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })
}

/// What is not plain ASCII is sent in Base64, between marks.
fn name_header(name: &str) -> String {
    use base64::Engine;
    let is_plain = |byte: u8| (b' '..=b'~').contains(&byte);
    let is_safe = name.bytes().all(is_plain) && name.trim() == name && !name.starts_with("=?");
    if is_safe && !name.is_empty() {
        return name.to_owned();
    }
    let text = base64::prelude::BASE64_STANDARD.encode(name);
    format!("=?base64?{text}?=")
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// A header, if it is there once.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(known, _)| known == name);
        let value = found.next().map(|(_, value)| value.as_str());
        assert!(found.next().is_none(), "{name} is there twice: {self:?}");
        value
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("UTF-8")
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text()))
    }

    /// The code of its JSON-RPC error.
    pub(crate) fn code(&self) -> Option<i64> {
        let json: Value = serde_json::from_slice(&self.body).ok()?;
        json["error"]["code"].as_i64()
    }
}

/// One connection.
#[derive(Debug)]
pub(crate) struct Conversation<S: Read = TcpStream> {
    stream: BufReader<S>,
}

impl Conversation {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("the server listens");
        stream
            .set_read_timeout(Some(PATIENCE))
            .expect("a timeout can be set");
        stream
            .set_write_timeout(Some(PATIENCE))
            .expect("a timeout can be set");
        stream.set_nodelay(true).expect("it can be set");
        Self::over(stream)
    }

    pub(crate) fn socket(&self) -> &TcpStream {
        self.stream.get_ref()
    }
}

impl<S: Read + Write> Conversation<S> {
    pub(crate) fn over(stream: S) -> Self {
        let stream = BufReader::new(stream);
        Self { stream }
    }

    /// The answer to a request.
    pub(crate) fn ask(&mut self, request: &Request) -> Answer {
        self.write(&request.bytes());
        self.answer()
    }

    /// Writes bytes; a server that has answered already may not read them.
    pub(crate) fn write(&mut self, bytes: &[u8]) {
        let stream = self.stream.get_mut();
        // What comes of it is in the answer.
        let _ = stream.write_all(bytes).and_then(|()| stream.flush());
    }

    /// The next answer, whole.
    pub(crate) fn answer(&mut self) -> Answer {
        let mut answer = self.head();
        if answer.status == 204 || answer.status == 304 {
            return answer;
        }
        if let Some(length) = answer.header("content-length") {
            let length = length.parse().expect("a length");
            answer.body = vec![0; length];
            let read = self.stream.read_exact(&mut answer.body);
            read.expect("the body is as long as it says");
        } else if answer.header("transfer-encoding") == Some("chunked") {
            while let Some(chunk) = self.chunk() {
                answer.body.extend(chunk);
            }
        }
        answer
    }

    /// The next answer, unless the server ends the connection before there is one.
    pub(crate) fn answer_if_any(&mut self) -> Option<Answer> {
        let is_there = self.stream.fill_buf().is_ok_and(|bytes| !bytes.is_empty());
        is_there.then(|| self.answer())
    }

    /// The status and the headers of the next answer.
    pub(crate) fn head(&mut self) -> Answer {
        let line = self.line().expect("the server answers");
        let mut words = line.split(' ');
        assert!(words.next().is_some_and(|word| word.starts_with("HTTP/1.")));
        let status = words.next().and_then(|word| word.parse().ok());
        let mut headers = Vec::new();
        loop {
            let line = self.line().expect("the headers end");
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').expect("a header");
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        Answer {
            status: status.expect("a status"),
            headers,
            body: Vec::new(),
        }
    }

    /// The next piece of an answer in pieces.
    pub(crate) fn chunk(&mut self) -> Option<Vec<u8>> {
        let size = self.line().expect("a size");
        let size = usize::from_str_radix(&size, 16).expect("a size");
        let mut chunk = vec![0; size + 2];
        let read = self.stream.read_exact(&mut chunk);
        read.expect("a piece is as long as it says");
        chunk.truncate(size);
        (size > 0).then_some(chunk)
    }

    /// Whether the server has ended the connection, having said no more.
    pub(crate) fn has_ended(&mut self) -> bool {
        let mut byte = [0];
        match self.stream.read(&mut byte) {
            Ok(count) => count == 0,
            Err(error) => {
                let is_ended = matches!(
                    error.kind(),
                    std::io::ErrorKind::ConnectionReset | std::io::ErrorKind::BrokenPipe
                );
                assert!(is_ended, "{error}");
                true
            }
        }
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let length = self.stream.read_line(&mut line).ok()?;
        (length > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned())
    }
}

/// The answer to a request on a connection of its own.
pub(crate) fn ask(address: SocketAddr, request: &Request) -> Answer {
    Conversation::connect(address).ask(request)
}
