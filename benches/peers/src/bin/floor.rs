//! The floor: answers every line with constant bytes and the line's id between them. Nothing that speaks JSON-RPC over
//! pipes can be faster, and nothing can be less of a server.

use std::io::{self, BufRead, BufReader, Write};

const DOCUMENT: &str = include_str!("../../SKILL.md");

fn main() -> io::Result<()> {
    let read = format!(
        r#""result":{{"resultType":"complete","ttlMs":3600000,"cacheScope":"public","contents":[{{"uri":"skill://sample-0000/SKILL.md","mimeType":"text/markdown","text":"{}"}}]}}}}"#,
        escaped(DOCUMENT)
    );
    let list = r#""result":{"resultType":"complete","skills":[]}}"#;
    let mut input = BufReader::with_capacity(64 * 1024, io::stdin().lock());
    let mut output = io::stdout().lock();
    let (mut line, mut answers) = (String::new(), Vec::new());
    while input.read_line(&mut line)? > 0 {
        // What has no id is a notification.
        if let Some((_, rest)) = line.split_once(r#""id":"#) {
            let id = rest.split([',', '}']).next().unwrap_or_default();
            let result = if line.contains("/list") { list } else { &read };
            writeln!(answers, r#"{{"jsonrpc":"2.0","id":{id},{result}"#)?;
        }
        // What has been read is answered with one write, as any server that cares would do.
        if input.buffer().is_empty() || answers.len() > 128 * 1024 {
            output.write_all(&answers)?;
            output.flush()?;
            answers.clear();
        }
        line.clear();
    }
    Ok(())
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}
