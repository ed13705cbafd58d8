//! Requests of the shape that all clients send them in. What has any other shape is not refused here: it is left to those who
//! know what to say about it.

use std::borrow::Cow;

use rmcp::model::ClientCapabilities;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::transport::jsonrpc::strict;

/// The longest id that is repeated without being looked at, in bytes.
const ID_BYTES: usize = 128;

/// The longest capabilities that are looked at here, in bytes. Those of real clients have a few hundred.
const CAPABILITIES_BYTES: usize = 4096;

/// What they stand in: the message, its parameters and the metadata of these.
const CAPABILITIES_LEVELS: usize = 3;

/// The most digits of a number that is sure to fit 64 bits.
const DIGITS: usize = 18;

/// A request that could be answered with a constant.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request<'a> {
    #[serde(borrow)]
    jsonrpc: Text<'a>,
    #[serde(borrow)]
    id: &'a RawValue,
    #[serde(borrow)]
    method: Text<'a>,
    #[serde(borrow, default)]
    params: Params<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params<'a> {
    #[serde(borrow, default)]
    uri: Option<Text<'a>>,
    #[serde(borrow, default)]
    cursor: Option<Text<'a>>,
    #[serde(borrow, default, rename = "_meta")]
    meta: Meta<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Meta<'a> {
    #[serde(borrow, default, rename = "io.modelcontextprotocol/protocolVersion")]
    version: Option<Text<'a>>,
    #[serde(borrow, default, rename = "io.modelcontextprotocol/clientInfo")]
    client: Option<Client<'a>>,
    #[serde(borrow, default, rename = "io.modelcontextprotocol/clientCapabilities")]
    capabilities: Option<&'a RawValue>,
    #[cfg_attr(
        not(feature = "http"),
        expect(dead_code, reason = "over pipes, nobody follows traces")
    )]
    #[serde(borrow, default)]
    traceparent: Option<Text<'a>>,
    #[serde(borrow, default, rename = "tracestate")]
    _tracestate: Option<Text<'a>>,
    #[serde(borrow, default, rename = "baggage")]
    _baggage: Option<Text<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Client<'a> {
    #[serde(borrow, rename = "name")]
    _name: Text<'a>,
    #[serde(borrow, rename = "version")]
    _version: Text<'a>,
    #[serde(borrow, default, rename = "title")]
    _title: Option<Text<'a>>,
}

/// A string that is borrowed from the request unless it has escapes.
#[derive(Debug, Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// The protocol version that a request names for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// None: what was settled before holds.
    Unsaid,
    /// The version in which requests stand alone, with all that it wants to be said.
    Stateless,
}

impl<'a> Request<'a> {
    /// Reads a request of the common shape.
    pub(crate) fn read(text: &'a [u8]) -> Option<Self> {
        // All of it at once, and not string by string.
        let text = std::str::from_utf8(text).ok()?;
        let request: Self = serde_json::from_str(text).ok()?;
        let is_common = request.jsonrpc.0 == "2.0" && is_common_id(request.id.get());
        is_common.then_some(request)
    }

    /// The id as JSON, which is how it is repeated.
    pub(crate) fn id(&self) -> &'a str {
        self.id.get()
    }

    pub(crate) fn method(&self) -> &str {
        &self.method.0
    }

    pub(crate) fn uri(&self) -> Option<&str> {
        self.params.uri.as_ref().map(|Text(uri)| uri.as_ref())
    }

    pub(crate) fn cursor(&self) -> Option<&str> {
        self.params.cursor.as_ref().map(|Text(text)| text.as_ref())
    }

    /// The trace that the client is in (W3C Trace Context, SEP-414).
    #[cfg(feature = "http")]
    pub(crate) fn traceparent(&self) -> Option<&str> {
        let traceparent = self.params.meta.traceparent.as_ref();
        traceparent.map(|Text(text)| text.as_ref())
    }

    /// The version that the request names; nothing where it names another than is known here, or only part of what it should.
    pub(crate) fn version(&self) -> Option<Version> {
        let Meta {
            version,
            client,
            capabilities,
            ..
        } = &self.params.meta;
        match (version, client, capabilities) {
            (None, None, None) => Some(Version::Unsaid),
            (Some(Text(version)), Some(_), Some(capabilities))
                if version == STATELESS && are_capabilities(capabilities) =>
            {
                Some(Version::Stateless)
            }
            _ => None,
        }
    }
}

/// The protocol version in which every request stands alone.
pub(crate) const STATELESS: &str = "2026-07-28";

/// Whether an id can be repeated as it is written. Escapes have not been looked at, and may stand for what is no text.
fn is_common_id(id: &str) -> bool {
    let is_number = id.len() <= DIGITS && id.bytes().all(|byte| byte.is_ascii_digit());
    let is_text = id.starts_with('"') && !id.contains('\\');
    id.len() <= ID_BYTES && (is_number || is_text)
}

fn are_capabilities(capabilities: &RawValue) -> bool {
    let text = capabilities.get();
    let is_one = || serde_json::from_str::<ClientCapabilities>(text).is_ok();
    text == "{}"
        || (text.len() <= CAPABILITIES_BYTES
            && strict::check_within(text, CAPABILITIES_LEVELS).is_ok()
            && is_one())
}

#[cfg(test)]
mod tests {
    use super::*;

    const META: &str = r#""io.modelcontextprotocol/clientInfo":{"name":"x","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}"#;

    fn version(meta: &str) -> Option<Version> {
        let text = format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{{"_meta":{{{meta}}}}}}}"#
        );
        Request::read(text.as_bytes()).and_then(|request| request.version())
    }

    #[test]
    fn the_common_shape_is_read() {
        let text = br#"{"jsonrpc":"2.0","id":"a/b","method":"resources/read","params":{"uri":"skill:\/\/x"}}"#;
        let request = Request::read(text).unwrap();
        assert_eq!(
            (request.id(), request.method()),
            (r#""a/b""#, "resources/read")
        );
        assert_eq!((request.uri(), request.cursor()), (Some("skill://x"), None));
        assert_eq!(request.version(), Some(Version::Unsaid));
    }

    #[test]
    fn any_other_shape_is_left_to_others() {
        for text in [
            "",
            "[]",
            "{}",
            r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":-1,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":"\ud800","method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":9999999999999999999,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":1,"id":1,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","more":1}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":1}}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"x":1}}}"#,
        ] {
            assert!(Request::read(text.as_bytes()).is_none(), "{text}");
        }
    }

    #[test]
    fn a_request_stands_alone_if_it_says_all_that_it_has_to() {
        let named =
            |version: &str| format!(r#""io.modelcontextprotocol/protocolVersion":"{version}""#);
        assert_eq!(
            version(&format!("{},{META}", named(STATELESS))),
            Some(Version::Stateless)
        );
        assert_eq!(version(&format!("{},{META}", named("2099-01-01"))), None);
        assert_eq!(version(&named(STATELESS)), None);
        assert_eq!(version(META), None);
        assert_eq!(version(""), Some(Version::Unsaid));
    }
}
