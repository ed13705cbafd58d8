//! A client that costs as little as possible: lines that were made before, over pipes, and answers that are only counted.

use std::error::Error;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::figures::{percentile, processor_time};

/// Which of the two ways of MCP a client follows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Era {
    /// `initialize` first, as in protocol 2025-11-25.
    Initialize,
    /// Every request says who asks, as in protocol 2026-07-28.
    Stateless,
}

impl Era {
    pub(crate) const ALL: [Self; 2] = [Self::Initialize, Self::Stateless];

    pub(crate) const fn version(self) -> &'static str {
        match self {
            Self::Initialize => "2025-11-25",
            Self::Stateless => "2026-07-28",
        }
    }

    /// A request on a line.
    pub(crate) fn line(self, id: usize, method: &str, mut params: Value) -> String {
        if let (Self::Stateless, Some(params)) = (self, params.as_object_mut()) {
            let meta = json!({
                "io.modelcontextprotocol/protocolVersion": self.version(),
                "io.modelcontextprotocol/clientInfo": { "name": "bench", "version": "0.0.0" },
                "io.modelcontextprotocol/clientCapabilities": {},
            });
            params.insert("_meta".into(), meta);
        }
        // The id comes first among what differs, as in all clients; the floor looks for it.
        format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"{method}\",\"params\":{params}}}\n")
    }
}

/// A server that runs, with its pipes.
#[derive(Debug)]
pub(crate) struct Server {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    answer: Vec<u8>,
}

impl Server {
    /// Starts a program; what it logs is dropped.
    pub(crate) fn start(program: &Path) -> Result<Self, Box<dyn Error>> {
        let mut process = Command::new(program)
            .env("SKILLS_LOG", "error")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let input = process.stdin.take().ok_or("no standard input")?;
        let output = process.stdout.take().ok_or("no standard output")?;
        Ok(Self {
            process,
            input,
            output: BufReader::with_capacity(256 * 1024, output),
            answer: Vec::new(),
        })
    }

    /// The same, ready for requests of an era.
    pub(crate) fn ready(program: &Path, era: Era) -> Result<Self, Box<dyn Error>> {
        let mut server = Self::start(program)?;
        if era == Era::Initialize {
            let client = json!({ "name": "bench", "version": "0.0.0" });
            let params = json!({ "protocolVersion": era.version(), "capabilities": {}, "clientInfo": client });
            server.ask(&era.line(0, "initialize", params))?;
            server.send("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n")?;
        }
        Ok(server)
    }

    /// Sends a line and waits for one.
    pub(crate) fn ask(&mut self, line: &str) -> io::Result<&[u8]> {
        self.send(line)?;
        self.answer.clear();
        match self.output.read_until(b'\n', &mut self.answer)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(&self.answer),
        }
    }

    /// Asks, and looks into the answer, which must not be an error.
    pub(crate) fn result(&mut self, line: &str) -> Result<Value, Box<dyn Error>> {
        let mut answer: Value = serde_json::from_slice(self.ask(line)?)?;
        match answer.get_mut("result") {
            Some(result) => Ok(result.take()),
            None => Err(format!("{line} was answered with {answer}").into()),
        }
    }

    fn send(&mut self, line: &str) -> io::Result<()> {
        self.input.write_all(line.as_bytes())
    }

    /// Asks one line after the other; the median and the 99th percentile of the round trips in microseconds.
    pub(crate) fn round_trips(&mut self, lines: &[String]) -> Result<(f64, f64), Box<dyn Error>> {
        let mut times = Vec::with_capacity(lines.len());
        for line in lines {
            let start = Instant::now();
            self.ask(line)?;
            times.push(start.elapsed().as_secs_f64() * 1e6);
        }
        times.sort_by(f64::total_cmp);
        Ok((percentile(&times, 50), percentile(&times, 99)))
    }

    /// Sends all lines without waiting; how long it takes until all are answered.
    #[expect(clippy::naive_bytecount, reason = "fast enough, and a dependency less")]
    pub(crate) fn pipeline(&mut self, lines: &[String]) -> Result<Duration, Box<dyn Error>> {
        let requests = lines.concat();
        let Self { input, output, .. } = self;
        let start = Instant::now();
        thread::scope(|scope| {
            let writing = scope.spawn(|| input.write_all(requests.as_bytes()));
            let mut open = lines.len();
            let mut buffer = vec![0; 256 * 1024];
            while open > 0 {
                let count = output.read(&mut buffer)?;
                let read = buffer.get(..count).unwrap_or_default();
                if read.is_empty() {
                    return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
                }
                open -= read.iter().filter(|&&byte| byte == b'\n').count();
            }
            writing.join().unwrap_or(Err(io::ErrorKind::Other.into()))
        })?;
        Ok(start.elapsed())
    }

    /// The time that all its threads were on a processor.
    pub(crate) fn processor_time(&self) -> Duration {
        processor_time(&self.id())
    }

    pub(crate) fn id(&self) -> String {
        self.process.id().to_string()
    }

    /// Closes its standard input and waits for its end.
    pub(crate) fn stop(self) -> Result<(), Box<dyn Error>> {
        let Self {
            mut process, input, ..
        } = self;
        drop(input);
        process.wait()?;
        Ok(())
    }
}
