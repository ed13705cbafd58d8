//! A transport of rmcp that answers what is not JSON-RPC itself and hands on only requests, so that no line a client sends
//! can end the session or go unanswered.

use std::collections::HashMap;
use std::future::pending;
use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use rmcp::model::{
    ClientJsonRpcMessage, ClientRequest, ErrorCode, JsonRpcMessage, RequestId, ServerJsonRpcMessage,
};
use rmcp::transport::Transport;
use rmcp::{ErrorData, RoleServer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::task::yield_now;
use tokio::time::sleep;

use super::lines::{Line, Lines};
use super::output::Output;
use crate::allocator;
use crate::catalog::Catalog;
use crate::guard::{Admitted, Session};
use crate::logging::STDIO;
use crate::prepared::{Era, Prepared, Request, Version};
use crate::transport::jsonrpc::message::{self, Message, Refusal};
use crate::transport::jsonrpc::request;

/// How many requests are worked on at once; more are left unread until one is answered. It begins low and grows with each
/// small answer, so that a client that asks for large files and does not read them costs a few of them.
const FIRST_IN_FLIGHT: usize = 4;
const MOST_IN_FLIGHT: usize = 128;

/// An answer of more bytes than this is large: after one, requests are worked on one by one.
const LARGE_BYTES: usize = 256 * 1024;

/// How much memory the requests that are worked on may take, by what they are estimated to cost. While they take more, nothing
/// more is read, so that it is exceeded by one request at most.
const IN_FLIGHT_MEMORY: usize = 8 * 1024 * 1024;

/// A line that is longer or costs more, in bytes, leaves memory behind that is given back to the system when nothing more comes.
const COSTLY: usize = 64 * 1024;

/// How long nothing comes before that.
const IDLE: Duration = Duration::from_secs(1);

/// How many bytes of answers may wait for a client to read them before nothing more is read from it.
const UNREAD_BYTES: usize = 8 * 1024 * 1024;

/// How many bytes of answers are gathered before they are written, rather than read for more to go with them.
const BURST_BYTES: usize = 128 * 1024;

/// How long a client that has closed its side may take to read any of the last answers.
const LINGER: Duration = Duration::from_secs(2);

/// One client at the other end of a pair of streams.
#[derive(Debug)]
pub(super) struct Connection<R, W> {
    lines: Lines<R>,
    line_bytes: usize,
    output: Arc<Output<W>>,
    prepared: Option<(&'static Prepared, Catalog)>,
    /// Who is at the other end; without one, nothing is forbidden.
    caller: Option<Arc<Session>>,
    stage: Stage,
    /// What is worked on.
    in_flight: HashMap<RequestId, InFlight>,
    most_in_flight: usize,
    /// What that is estimated to take.
    memory: usize,
    /// Whether there is memory to be given back to the system.
    is_costly: bool,
}

/// A request that is worked on.
#[derive(Debug)]
struct InFlight {
    admitted: Admitted,
    memory: usize,
}

/// How far the client has come with `initialize`, which clients of protocol 2026-07-28 do without.
#[derive(Debug, PartialEq, Eq)]
enum Stage {
    Unopened,
    Opening(RequestId),
    Open,
}

impl<R, W> Connection<R, W>
where
    R: AsyncRead + Send + Unpin,
    W: AsyncWrite + Send + Unpin,
{
    /// A connection that reads lines of up to `line_bytes`.
    pub(super) fn new(reader: R, writer: W, line_bytes: usize) -> Self {
        Self {
            prepared: None,
            caller: None,
            stage: Stage::Unopened,
            lines: Lines::new(reader, line_bytes),
            line_bytes,
            output: Arc::new(Output::new(writer)),
            in_flight: HashMap::new(),
            most_in_flight: FIRST_IN_FLIGHT,
            memory: 0,
            is_costly: false,
        }
    }

    /// The same, answering a caller with what is prepared, as far as a catalog shows it.
    pub(super) fn answering_with(
        mut self,
        prepared: &'static Prepared,
        catalog: Catalog,
        caller: Arc<Session>,
    ) -> Self {
        self.prepared = Some((prepared, catalog));
        self.caller = Some(caller);
        self
    }

    /// What has stopped the writing, now and later.
    pub(super) fn failure(&self) -> watch::Receiver<Option<io::ErrorKind>> {
        self.output.failure()
    }

    /// The next request; `None` when there will be none.
    async fn next_request(&mut self) -> Option<ClientJsonRpcMessage> {
        loop {
            self.wait_for_room().await;
            let Some(line) = self.lines.arrived() else {
                if self.lines.ended() {
                    // What rmcp still has to answer, it answers before it closes the connection.
                    self.output.linger(LINGER).await;
                    return None;
                }
                self.wait_for_input().await?;
                continue;
            };
            self.is_costly |= !matches!(&line, Line::Complete(range) if range.len() < COSTLY);
            let request = match line {
                Line::Complete(range) => self.read(range),
                Line::TooLong => Err(message::too_long(self.line_bytes)),
            };
            match request {
                Ok(Some(request)) => return Some(request),
                Ok(None) => {}
                Err(refusal) => self.refuse(&refusal),
            }
        }
    }

    /// The request that a line makes, if it makes one and rmcp is to answer it.
    fn read(&mut self, line: Range<usize>) -> Result<Option<ClientJsonRpcMessage>, Refusal> {
        let line = self.lines.bytes(line);
        if let Some(answered) = self.answer(line) {
            return answered.map(|()| None);
        }
        let call = match message::read(line)? {
            Some(Message::Request(call)) => call,
            // rmcp ends a session that begins with one of these. Handlers answer at once, so there is nothing for a
            // notification to cancel, and the server has asked nothing that could be responded to.
            Some(Message::Notification(method)) => {
                tracing::debug!(target: STDIO, %method, "Ignored a notification");
                return Ok(None);
            }
            Some(Message::Response) => {
                tracing::debug!(target: STDIO, "Ignored a response; nothing was asked");
                return Ok(None);
            }
            None => return Ok(None),
        };
        let request = request::typed(&call)?;
        let admitted = match &self.caller {
            Some(caller) => caller.admit_call(&call.method, call.params, line.len()),
            None => Ok(Admitted::default()),
        };
        let admitted = admitted.map_err(|error| denied(call.id.clone(), error))?;
        if self.in_flight.contains_key(&call.id) {
            let refusal = message::id_in_use(call.id);
            admitted.answered(Some(refusal.error.code), 0);
            return Err(refusal);
        }
        let memory = call.weight.memory();
        self.memory += memory;
        self.is_costly |= memory >= COSTLY;
        let in_flight = InFlight { admitted, memory };
        self.in_flight.insert(call.id.clone(), in_flight);
        if let ClientRequest::InitializeRequest(_) = request {
            self.stage = Stage::Opening(call.id.clone());
        }
        Ok(Some(JsonRpcMessage::request(request, call.id)))
    }

    /// Queues the answer to a line whose answer is prepared, or says why it may not be given; nothing for any other.
    fn answer(&self, line: &[u8]) -> Option<Result<(), Refusal>> {
        let request = Request::read(line)?;
        let era = match (request.version()?, &self.stage) {
            (Version::Unsaid, Stage::Open) => Era::Initialized,
            (Version::Stateless, Stage::Unopened) => Era::Stateless,
            _ => return None,
        };
        if !self.in_flight.is_empty() {
            let id = serde_json::from_str(request.id()).ok()?;
            // Two answers to one id could not be told apart; that is for others to say.
            if self.in_flight.contains_key(&id) {
                return None;
            }
        }
        let (prepared, catalog) = self.prepared?;
        let answer = prepared.answer(catalog, &request, era)?;
        let admitted = match &self.caller {
            Some(caller) => caller.admit(request.method(), request.uri(), line.len()),
            None => Ok(Admitted::default()),
        };
        let admitted = match admitted {
            Ok(admitted) => admitted,
            Err(error) => {
                let id = serde_json::from_str(request.id()).ok()?;
                return Some(Err(denied(id, error)));
            }
        };
        tracing::debug!(target: STDIO, id = request.id(), method = request.method(), "prepared");
        let (before, between) = (answer.before(request.id()), answer.between());
        let between = between.as_deref().unwrap_or_default();
        let parts = [&before, answer.body(), between, answer.closing()];
        self.output.push_parts(parts);
        admitted.answered(None, parts.iter().map(|part| part.len()).sum());
        Some(Ok(()))
    }

    /// Queues the answer to a line that rmcp does not get to see.
    fn refuse(&self, refusal: &Refusal) {
        tracing::debug!(target: STDIO, problem = %refusal.error.message, "Refused a line");
        if let Err(error) = self.output.push(&refusal.response()) {
            tracing::error!(target: STDIO, %error, "Cannot write a refusal");
        }
    }

    /// Returns when another request may be taken on. Waiting for an answer is waiting to be called again: rmcp drops this
    /// future whenever it has one to send.
    async fn wait_for_room(&mut self) {
        let queued = self.output.queued();
        if queued > UNREAD_BYTES {
            self.output.flush().await;
        } else if queued > BURST_BYTES && self.output.flush().now_or_never().is_none() {
            yield_now().await;
        }
        if self.in_flight.len() >= self.most_in_flight || self.memory > IN_FLIGHT_MEMORY {
            self.output.flush().await;
            pending::<()>().await;
        }
    }

    /// Waits for more input, writing what is queued meanwhile; `None` if nothing will come or nobody reads the answers.
    async fn wait_for_input(&mut self) -> Option<()> {
        let Self {
            lines,
            output,
            is_costly,
            ..
        } = self;
        let write = async {
            output.flush().await;
            if *is_costly {
                sleep(IDLE).await;
                allocator::trim();
                *is_costly = false;
            }
            pending::<()>().await;
        };
        tokio::select! {
            read = lines.more() => {
                read.inspect_err(|error| tracing::warn!(target: STDIO, %error, "Cannot read")).ok()
            }
            () = output.broken() => None,
            () = write => None,
        }
    }
}

impl<R, W> Transport<RoleServer> for Connection<R, W>
where
    R: AsyncRead + Send + Unpin,
    W: AsyncWrite + Send + Unpin + 'static,
{
    type Error = serde_json::Error;

    /// Queues the message at once, so that messages keep their order; the future only has it written.
    fn send(
        &mut self,
        mut message: ServerJsonRpcMessage,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        advise(&mut message);
        let mut admitted = None;
        if let Some(id) = answered(&message) {
            if let Some(request) = self.in_flight.remove(id) {
                self.memory -= request.memory;
                admitted = Some(request.admitted);
            }
            if self.stage == Stage::Opening(id.clone()) {
                self.stage = match message {
                    JsonRpcMessage::Response(_) => Stage::Open,
                    _ => Stage::Unopened,
                };
            }
        }
        let before = self.output.queued();
        let queued = self.output.push(&message);
        let bytes = self.output.queued().saturating_sub(before);
        if let Some(admitted) = admitted {
            admitted.answered(error(&message), bytes);
        }
        self.most_in_flight = match bytes {
            bytes if bytes > LARGE_BYTES => 1,
            _ => (2 * self.most_in_flight).min(MOST_IN_FLIGHT),
        };
        let output = Arc::clone(&self.output);
        async move {
            output.flush().await;
            queued
        }
    }

    fn receive(&mut self) -> impl Future<Output = Option<ClientJsonRpcMessage>> + Send {
        self.next_request()
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        self.output.linger(LINGER).await;
        Ok(())
    }
}

/// The answer to a request that the caller may not make.
const fn denied(id: RequestId, error: ErrorData) -> Refusal {
    Refusal {
        id: Some(id),
        error,
    }
}

/// Adds what a client can do to rmcp's refusal of one that began without `initialize` and says nothing of itself.
fn advise(message: &mut ServerJsonRpcMessage) {
    if let JsonRpcMessage::Error(error) = message
        && error.error.code == ErrorCode::INVALID_PARAMS
        && error.error.message.starts_with("request _meta ")
    {
        let advice = ". Clients of protocol 2025-11-25 and earlier send initialize first";
        error.error.message.to_mut().push_str(advice);
    }
}

/// What went wrong, where a message says that something did.
const fn error(message: &ServerJsonRpcMessage) -> Option<ErrorCode> {
    match message {
        JsonRpcMessage::Error(error) => Some(error.error.code),
        _ => None,
    }
}

/// The id of the request that a message answers.
fn answered(message: &ServerJsonRpcMessage) -> Option<&RequestId> {
    match message {
        JsonRpcMessage::Response(response) => Some(&response.id),
        JsonRpcMessage::Error(error) => error.id.as_ref(),
        JsonRpcMessage::Request(_) | JsonRpcMessage::Notification(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use rmcp::model::{EmptyResult, ServerResult};
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, ReadHalf, WriteHalf};
    use tokio::time::timeout;

    use super::*;

    type Server = Connection<ReadHalf<DuplexStream>, WriteHalf<DuplexStream>>;

    fn connect(line_bytes: usize) -> (Server, DuplexStream) {
        let (server, client) = tokio::io::duplex(1024 * 1024);
        let (reader, writer) = tokio::io::split(server);
        (Connection::new(reader, writer, line_bytes), client)
    }

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.unwrap().block_on(future)
    }

    /// What the server writes for `input` when nothing but the connection answers, with the methods it would have passed on.
    fn exchange(input: &str, line_bytes: usize) -> (Vec<String>, String) {
        block_on(async {
            let (mut server, mut client) = connect(line_bytes);
            client.write_all(input.as_bytes()).await.unwrap();
            client.shutdown().await.unwrap();
            let mut passed = Vec::new();
            while let Some(message) = server.receive().await {
                let (request, _) = message.into_request().unwrap();
                passed.push(request.method().to_owned());
            }
            drop(server);
            let mut output = String::new();
            client.read_to_string(&mut output).await.unwrap();
            (passed, output)
        })
    }

    #[test]
    fn a_bad_line_is_answered_and_the_next_request_still_arrives() {
        let ping = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
        let long = "x".repeat(200);
        let input =
            format!("nonsense\n\n[]\n{long}\n{{\"jsonrpc\":\"2.0\",\"method\":\"n\"}}\n{ping}");
        let (passed, output) = exchange(&input, 100);
        assert_eq!(passed, ["ping"]);
        let codes: Vec<i64> = output
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
            .inspect(|answer| assert!(answer["id"].is_null(), "{answer}"))
            .filter_map(|answer| answer["error"]["code"].as_i64())
            .collect();
        assert_eq!(codes, [-32700, -32600, -32600]);
    }

    #[test]
    fn while_requests_cost_much_no_more_are_read() {
        block_on(async {
            let (mut server, mut client) = connect(LARGE_BYTES);
            server.most_in_flight = MOST_IN_FLIGHT;
            let costly = vec![r#"{"":1}"#; 8000].join(",");
            let line = |id: i64| {
                let meta = format!(r#"{{"_meta":{{"x":[{costly}]}}}}"#);
                format!(
                    "{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"ping\",\"params\":{meta}}}\n"
                )
            };
            for id in 0..3 {
                client.write_all(line(id).as_bytes()).await.unwrap();
            }
            assert!(server.receive().await.is_some());
            let second = timeout(Duration::from_millis(50), server.receive()).await;
            assert!(second.is_err(), "it waits for the answer to the first");
            let answer = ServerResult::EmptyResult(EmptyResult {});
            let answer = JsonRpcMessage::response(answer, RequestId::Number(0));
            server.send(answer).await.unwrap();
            assert!(server.receive().await.is_some());
        });
    }

    #[test]
    fn an_id_is_used_by_one_request_at_a_time() {
        block_on(async {
            let (mut server, mut client) = connect(1000);
            let ping = "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"ping\"}\n";
            client.write_all(ping.repeat(2).as_bytes()).await.unwrap();
            assert!(server.receive().await.is_some());
            let second = timeout(Duration::from_millis(50), server.receive()).await;
            assert!(second.is_err(), "it is refused, and nothing else comes");
            let answer = ServerResult::EmptyResult(EmptyResult {});
            let answer = JsonRpcMessage::response(answer, RequestId::Number(7));
            server.send(answer).await.unwrap();
            client.write_all(ping.as_bytes()).await.unwrap();
            assert!(server.receive().await.is_some(), "the id is free again");
        });
    }
}
