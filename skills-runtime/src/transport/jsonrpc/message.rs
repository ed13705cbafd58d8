//! What one message says: a request, something that needs no answer, or a defect with the error that answers it.
//!
//! Only the members of the message are told apart here; the parameters stay the text they are. Nothing is refused for what it asks, only for
//! not being JSON-RPC.

use std::borrow::Cow;

use rmcp::ErrorData;
use rmcp::model::{ErrorCode, RequestId};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::error::Category;
use serde_json::value::RawValue;

use super::strict::{self, Defect};
use super::weight::{Limit, Weight};
use crate::text::excerpt;

/// The longest id that is read, in bytes of JSON: an answer repeats it.
const ID_BYTES: usize = 1024;

/// How much of a text that a client chose is repeated in an error, in characters.
const EXCERPT: usize = 200;

/// A JSON-RPC message.
#[derive(Debug)]
pub(crate) enum Message<'line> {
    /// To be answered.
    Request(Call<'line>),
    /// Not to be answered.
    Notification(Cow<'line, str>),
    /// Not to be answered; this server asks its clients nothing.
    Response,
}

/// A request before anything is known of its method.
#[derive(Debug)]
pub(crate) struct Call<'line> {
    pub(crate) id: RequestId,
    pub(crate) method: Cow<'line, str>,
    pub(crate) params: Option<&'line RawValue>,
    /// What the whole message weighs.
    pub(crate) weight: Weight,
}

/// Why a message is not answered with what it asks for.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// The id of the request, where the line has one.
    pub(crate) id: Option<RequestId>,
    pub(crate) error: ErrorData,
}

#[cfg(feature = "http")]
impl<'line> Call<'line> {
    /// The trace that the request is part of, as it says itself (SEP-414).
    pub(crate) fn traceparent(&self) -> Option<Cow<'line, str>> {
        #[derive(Deserialize)]
        struct Params<'line> {
            #[serde(borrow, rename = "_meta")]
            meta: Meta<'line>,
        }
        #[derive(Deserialize)]
        struct Meta<'line> {
            #[serde(borrow)]
            traceparent: Text<'line>,
        }
        let params: Params<'line> = serde_json::from_str(self.params?.get()).ok()?;
        Some(params.meta.traceparent.0)
    }
}

impl Refusal {
    /// The message that tells the client.
    pub(crate) fn response(&self) -> ErrorResponse<'_> {
        ErrorResponse {
            jsonrpc: "2.0",
            id: self.id.as_ref(),
            error: &self.error,
        }
    }
}

/// An error response. Unlike rmcp's, it has a null id where the request's could not be read (JSON-RPC 2.0, section 5).
#[derive(Debug, Serialize)]
pub(crate) struct ErrorResponse<'a> {
    jsonrpc: &'static str,
    id: Option<&'a RequestId>,
    error: &'a ErrorData,
}

/// Reads a message; `None` for a blank line.
pub(crate) fn read(line: &[u8]) -> Result<Option<Message<'_>>, Refusal> {
    let text = std::str::from_utf8(line).map_err(|_| not_json("not UTF-8"))?;
    // RFC 8259, section 8.1: a byte order mark may be ignored.
    let text = text.trim_start_matches('\u{feff}').trim_ascii();
    if text.is_empty() {
        return Ok(None);
    }
    let weight = strict::check(text).map_err(|defect| refused(&defect))?;
    let members: Members<'_> = match text.as_bytes().first() {
        Some(b'{') => serde_json::from_str(text).map_err(|error| malformed(&error))?,
        Some(b'[') => return Err(invalid(None, "batches are not supported")),
        _ => return Err(invalid(None, "a message is an object")),
    };
    members.message(weight).map(Some)
}

/// The members of a JSON-RPC message, as far as they are present. A `null` is present.
#[derive(Deserialize)]
struct Members<'line> {
    #[serde(borrow, default, deserialize_with = "present")]
    jsonrpc: Option<&'line RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    id: Option<&'line RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    method: Option<&'line RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    params: Option<&'line RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    result: Option<&'line RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    error: Option<&'line RawValue>,
}

/// A member that is there, be it `null`.
pub(crate) fn present<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

/// A string that is borrowed from the line unless it has escapes.
#[derive(Deserialize)]
struct Text<'line>(#[serde(borrow)] Cow<'line, str>);

impl<'line> Members<'line> {
    fn message(&self, weight: Weight) -> Result<Message<'line>, Refusal> {
        let id = self.id()?;
        let refuse = |problem| invalid(id.clone(), problem);
        if self
            .jsonrpc
            .and_then(|version| serde_json::from_str(version.get()).ok())
            .is_none_or(|Text(version)| version != "2.0")
        {
            return Err(refuse("`jsonrpc` must be \"2.0\""));
        }
        let is_answer = self.result.is_some() || self.error.is_some();
        let Some(method) = self.method else {
            return if is_answer {
                Ok(Message::Response)
            } else {
                Err(refuse("`method` is missing"))
            };
        };
        if is_answer {
            return Err(refuse("a request has neither `result` nor `error`"));
        }
        let Ok(Text(method)) = serde_json::from_str(method.get()) else {
            return Err(refuse("`method` must be a string"));
        };
        Ok(match id {
            Some(id) => Message::Request(self.call(id, method, weight)),
            None => Message::Notification(method),
        })
    }

    fn call(&self, id: RequestId, method: Cow<'line, str>, weight: Weight) -> Call<'line> {
        let params = self.params.filter(|params| params.get() != "null");
        Call {
            id,
            method,
            params,
            weight,
        }
    }

    /// The id; it is an error for it to be anything but a string or an integer, `null` included.
    fn id(&self) -> Result<Option<RequestId>, Refusal> {
        let Some(id) = self.id else {
            return Ok(None);
        };
        // An error of a server that could not read an id answers nothing of ours and has a null id.
        if id.get() == "null" && self.error.is_some() && self.method.is_none() {
            return Ok(None);
        }
        if id.get().len() > ID_BYTES {
            let problem = format!("`id` has at most {ID_BYTES} bytes");
            return Err(invalid(None, &problem));
        }
        let parsed = serde_json::from_str(id.get());
        parsed
            .map(Some)
            .map_err(|_| invalid(None, "`id` must be a string or an integer of 64 bits"))
    }
}

/// The refusal of a line that is not JSON.
fn not_json(problem: &str) -> Refusal {
    let error = ErrorData::parse_error(format!("Parse error: {problem}"), None);
    Refusal { id: None, error }
}

/// The refusal of JSON that is no request.
pub(crate) fn invalid(id: Option<RequestId>, problem: &str) -> Refusal {
    let error = ErrorData::invalid_request(format!("Invalid request: {problem}"), None);
    Refusal { id, error }
}

/// The refusal of a body in which there is nothing.
#[cfg(feature = "http")]
pub(crate) fn empty() -> Refusal {
    not_json("there is nothing to parse")
}

/// The refusal of a line that was too long to be read.
pub(crate) fn too_long(limit: usize) -> Refusal {
    invalid(None, &format!("the line is longer than {limit} bytes"))
}

/// The refusal of a method that the server does not have.
pub(crate) fn unknown_method(call: &Call<'_>) -> Refusal {
    let message = format!("Method not found: {}", excerpt(&call.method, EXCERPT));
    Refusal {
        id: Some(call.id.clone()),
        error: ErrorData::new(ErrorCode::METHOD_NOT_FOUND, message, None),
    }
}

/// The refusal of parameters that do not fit the method.
pub(crate) fn invalid_params(call: &Call<'_>, problem: &str) -> Refusal {
    // What does not fit is repeated in the problem.
    let problem = excerpt(problem, EXCERPT);
    let message = format!("Invalid params for {}: {problem}", call.method);
    Refusal {
        id: Some(call.id.clone()),
        error: ErrorData::invalid_params(message, None),
    }
}

/// The refusal of an id that waits for an answer already; two answers to one id could not be told apart.
pub(crate) fn id_in_use(id: RequestId) -> Refusal {
    invalid(
        Some(id),
        "`id` is in use by a request that is not answered yet",
    )
}

fn refused(defect: &Defect) -> Refusal {
    match defect {
        Defect::Json(error) => malformed(error),
        // A parser may set a limit to nesting (RFC 8259, section 9).
        Defect::Limit(limit @ Limit::Levels) => not_json(&limit.to_string()),
        Defect::Limit(limit @ (Limit::Values | Limit::Members)) => {
            invalid(None, &limit.to_string())
        }
    }
}

fn malformed(error: &serde_json::Error) -> Refusal {
    match error.classify() {
        Category::Data => invalid(None, &error.to_string()),
        Category::Io | Category::Syntax | Category::Eof => not_json(&error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a line is answered with when it is refused: the code and whether it names a request.
    fn check(line: &[u8], expected: &(i32, Option<RequestId>)) {
        let refusal = read(line).expect_err("the line is refused");
        let found = (refusal.error.code.0, refusal.id);
        assert_eq!(&found, expected, "{}", String::from_utf8_lossy(line));
    }

    fn request(line: &str) -> (RequestId, String, Option<String>) {
        let Ok(Some(Message::Request(call))) = read(line.as_bytes()) else {
            panic!("{line} is a request");
        };
        let params = call.params.map(|params| params.get().to_owned());
        (call.id, call.method.into_owned(), params)
    }

    #[test]
    fn a_request_has_an_id_a_method_and_perhaps_parameters() {
        let number = RequestId::Number(1);
        let full = request(r#"{"jsonrpc":"2.0","id":1,"method":"a/b","params":{"x":[1]}}"#);
        assert_eq!(full, (number, "a/b".into(), Some(r#"{"x":[1]}"#.into())));
        let text = RequestId::String("x".into());
        let bare = request(
            " {\"id\":\"x\",\"method\":\"a\\u002fb\",\"jsonrpc\":\"2.0\",\"params\":null}\r",
        );
        assert_eq!(bare, (text, "a/b".into(), None));
    }

    #[test]
    fn blank_lines_notifications_and_responses_need_no_answer() {
        for line in ["", "  \r", "\u{feff}"] {
            assert!(matches!(read(line.as_bytes()), Ok(None)), "{line:?}");
        }
        let notification = read(br#"{"jsonrpc":"2.0","method":"notifications/x"}"#);
        assert!(matches!(notification, Ok(Some(Message::Notification(_)))));
        for line in [
            r#"{"jsonrpc":"2.0","id":1,"result":{}}"#,
            r#"{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":""}}"#,
        ] {
            let response = read(line.as_bytes());
            assert!(matches!(response, Ok(Some(Message::Response))), "{line}");
        }
    }

    #[test]
    fn what_is_not_json_is_a_parse_error() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let ignored = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"ping","x":{deep}}}"#);
        for line in [
            "{",
            "nonsense",
            "{} {}",
            "[",
            r#"{"id":1,}"#,
            "\"",
            &deep,
            &ignored,
        ] {
            check(line.as_bytes(), &(-32700, None));
        }
        check(
            b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}",
            &(-32700, None),
        );
        check(b"\0", &(-32700, None));
    }

    #[test]
    fn what_is_no_request_is_an_invalid_request() {
        for line in [
            "[]",
            "1",
            "null",
            r#""ping""#,
            "{}",
            r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#,
            r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":true,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":99999999999999999999,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","method":7}"#,
        ] {
            check(line.as_bytes(), &(-32600, None));
        }
        for line in [
            r#"{"id":1,"method":"ping"}"#,
            r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#,
            r#"{"jsonrpc":2.0,"id":1,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":1}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":7}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}"#,
        ] {
            check(line.as_bytes(), &(-32600, Some(RequestId::Number(1))));
        }
    }

    #[test]
    fn a_message_that_is_too_much_is_told_which_limit_it_exceeds() {
        let many = vec!["{\"\":1}"; 10_000].join(",");
        let line = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"ping","params":[{many}]}}"#);
        let refusal = read(line.as_bytes()).expect_err("the line is refused");
        assert_eq!(
            refusal.error.message,
            "Invalid request: a message has at most 8192 object members"
        );
        check(line.as_bytes(), &(-32600, None));
        let id = "1".repeat(2000);
        let line = format!(r#"{{"jsonrpc":"2.0","id":"{id}","method":"ping"}}"#);
        check(line.as_bytes(), &(-32600, None));
    }

    #[test]
    fn little_of_a_long_name_is_repeated() {
        let method = "x".repeat(1 << 20);
        let line = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}"}}"#);
        let Ok(Some(Message::Request(call))) = read(line.as_bytes()) else {
            panic!("a request");
        };
        assert!(unknown_method(&call).error.message.len() < 300);
    }

    #[test]
    fn brackets_in_strings_are_not_nesting() {
        let text = format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"x\"{}"}}"#,
            "[".repeat(500)
        );
        assert!(matches!(read(text.as_bytes()), Ok(Some(_))));
    }
}
