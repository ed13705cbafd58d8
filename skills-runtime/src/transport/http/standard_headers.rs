//! Headers that repeat what a message says, for those on the way who do not read bodies (SEP-2243): both have to say the same,
//! or whoever trusts the one would let through what the other asks for.

use std::borrow::Cow;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::HeaderMap;
use rmcp::ErrorData;
use rmcp::model::{
    ClientRequest, GetMeta, JsonObject, ProtocolVersion, RequestId, RequestMetaObject,
};
use rmcp::transport::common::http_header::{
    BASE64_HEADER_PREFIX, BASE64_HEADER_SUFFIX, HEADER_MCP_METHOD, HEADER_MCP_NAME,
    HEADER_MCP_PARAM_PREFIX, HEADER_MCP_PROTOCOL_VERSION,
};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::protocol::tool;
use crate::text::excerpt;
use crate::transport::jsonrpc::message::{self, Refusal, present};

/// How much of a text from a body is repeated, in characters.
const EXCERPT: usize = 200;

/// The version of the protocol that the headers name.
pub(super) fn version(headers: &HeaderMap) -> Option<ProtocolVersion> {
    let text = headers.get(HEADER_MCP_PROTOCOL_VERSION)?.to_str().ok()?;
    serde_json::from_value(text.into()).ok()
}

/// Whether the headers of a request say what it says itself.
pub(super) fn check_request(
    headers: &HeaderMap,
    call: &message::Call<'_>,
    request: &ClientRequest,
) -> Result<(), Refusal> {
    let meta = request.get_meta();
    if let ClientRequest::InitializeRequest(request) = request {
        let version = &request.params.protocol_version;
        check_initialize(headers, version)
            .map_err(|problem| message::invalid(Some(call.id.clone()), &problem))?;
        return check_opening(headers).map_err(|problem| mismatch(Some(&call.id), problem));
    }
    check_version(headers, meta.protocol_version().is_some())
        .map_err(|problem| message::invalid(Some(call.id.clone()), &problem))?;
    if has_standard_headers(headers) {
        check_method(headers, &call.method)
            .and_then(|()| check_name(headers, &call.method, call.params))
            .and_then(|()| check_arguments(headers, request))
            .map_err(|problem| mismatch(Some(&call.id), problem))?;
    }
    let is_discovery = matches!(request, ClientRequest::DiscoverRequest(_));
    check_meta(headers, &call.id, meta, is_discovery)
}

/// The same for a notification, which has no parameters that headers repeat.
pub(super) fn check_notification(headers: &HeaderMap, method: &str) -> Result<(), Refusal> {
    check_version(headers, false).map_err(|problem| message::invalid(None, &problem))?;
    if has_standard_headers(headers) {
        check_method(headers, method).map_err(|problem| mismatch(None, problem))?;
    }
    Ok(())
}

/// Whether a response may be sent with these headers, to a server that has asked nothing.
pub(super) fn check_response(headers: &HeaderMap) -> Result<(), Refusal> {
    check_version(headers, false).map_err(|problem| message::invalid(None, &problem))
}

fn mismatch(id: Option<&RequestId>, problem: String) -> Refusal {
    Refusal {
        id: id.cloned(),
        error: ErrorData::header_mismatch(problem, None),
    }
}

/// The header may be missing; a client learns by the answer which version is spoken.
fn check_initialize(headers: &HeaderMap, version: &ProtocolVersion) -> Result<(), String> {
    let Some(header) = headers.get(HEADER_MCP_PROTOCOL_VERSION) else {
        return Ok(());
    };
    match header.to_str() {
        Err(_) => Err("MCP-Protocol-Version header is not valid UTF-8".into()),
        Ok(header) if header != version.as_str() => Err(format!(
            "MCP-Protocol-Version header ({header}) does not match initialize params.protocolVersion ({version})"
        )),
        Ok(_) => Ok(()),
    }
}

/// `initialize` does without the standard headers, but does not contradict them.
fn check_opening(headers: &HeaderMap) -> Result<(), String> {
    if !has_standard_headers(headers) || !headers.contains_key(HEADER_MCP_METHOD) {
        return Ok(());
    }
    check_method(headers, "initialize")
}

/// A version that is not known is for the handler to refuse where the request itself names one.
fn check_version(headers: &HeaderMap, is_named: bool) -> Result<(), String> {
    let Some(header) = headers.get(HEADER_MCP_PROTOCOL_VERSION) else {
        return Ok(());
    };
    let Ok(version) = header.to_str() else {
        return Err("Bad Request: Invalid MCP-Protocol-Version header encoding".into());
    };
    let mut known = ProtocolVersion::KNOWN_VERSIONS.iter();
    if is_named || known.any(|known| known.as_str() == version) {
        return Ok(());
    }
    Err(format!(
        "Bad Request: Unsupported MCP-Protocol-Version: {version}"
    ))
}

fn has_standard_headers(headers: &HeaderMap) -> bool {
    let version = headers.get(HEADER_MCP_PROTOCOL_VERSION);
    let version = version.and_then(|version| version.to_str().ok());
    // Versions are dates, which are in order as texts.
    version.is_some_and(|version| version >= ProtocolVersion::STANDARD_HEADERS.as_str())
}

fn check_method(headers: &HeaderMap, method: &str) -> Result<(), String> {
    match single(headers, HEADER_MCP_METHOD)? {
        None => Err("missing required Mcp-Method header".into()),
        Some(header) if header != method => Err(format!(
            "Mcp-Method header `{header}` does not match body method `{}`",
            excerpt(method, EXCERPT)
        )),
        Some(_) => Ok(()),
    }
}

fn check_name(headers: &HeaderMap, method: &str, params: Option<&RawValue>) -> Result<(), String> {
    let Some(name) = name(method, params) else {
        return Ok(());
    };
    let Some(header) = single(headers, HEADER_MCP_NAME)? else {
        return Err(format!("missing required Mcp-Name header for `{method}`"));
    };
    let header = decoded(header).ok_or("Mcp-Name header is not valid Base64")?;
    if header == name {
        return Ok(());
    }
    Err(format!(
        "Mcp-Name header `{header}` does not match body value `{}`",
        excerpt(&name, EXCERPT)
    ))
}

/// What a method works on, where that has to stand in a header.
fn name<'a>(method: &str, params: Option<&'a RawValue>) -> Option<Cow<'a, str>> {
    #[derive(Deserialize)]
    struct Named<'a> {
        #[serde(borrow, default, deserialize_with = "present")]
        name: Option<&'a RawValue>,
        #[serde(borrow, default, deserialize_with = "present")]
        uri: Option<&'a RawValue>,
        #[serde(borrow, default, rename = "taskId", deserialize_with = "present")]
        task: Option<&'a RawValue>,
    }
    #[derive(Deserialize)]
    struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

    let text = params?.get();
    let named: Named<'_> = text
        .starts_with('{')
        .then(|| serde_json::from_str(text).ok())??;
    let name = match method {
        "tools/call" | "prompts/get" => named.name,
        "resources/read" | "resources/subscribe" | "resources/unsubscribe" => named.uri,
        "tasks/get" | "tasks/update" | "tasks/cancel" => named.task,
        _ => None,
    };
    let Text(name) = serde_json::from_str(name?.get()).ok()?;
    Some(name)
}

/// Arguments of a tool that its schema wants in headers.
fn check_arguments(headers: &HeaderMap, request: &ClientRequest) -> Result<(), String> {
    let ClientRequest::CallToolRequest(request) = request else {
        return Ok(());
    };
    let Some(tool) = tool(&request.params.name) else {
        return Ok(());
    };
    let mut marked = Vec::new();
    collect(&tool.input_schema, &mut Vec::new(), &mut marked);
    for Marked { path, header } in marked {
        let header = format!("{HEADER_MCP_PARAM_PREFIX}{header}");
        let argument = value_at(request.params.arguments.as_ref(), &path).and_then(plain);
        check_argument(headers, &header, &path.join("."), argument.as_deref())?;
    }
    Ok(())
}

fn check_argument(
    headers: &HeaderMap,
    header: &str,
    property: &str,
    argument: Option<&str>,
) -> Result<(), String> {
    match (single(headers, header)?, argument) {
        (None, None) => Ok(()),
        (Some(_), None) => Err(format!(
            "unexpected {header} header for absent or null `{property}`"
        )),
        (None, Some(_)) => Err(format!("missing {header} header for `{property}`")),
        (Some(value), Some(argument)) => {
            let value =
                decoded(value).ok_or_else(|| format!("{header} header is not valid Base64"))?;
            if value == argument {
                return Ok(());
            }
            Err(format!(
                "{header} header `{value}` does not match body value `{}`",
                excerpt(argument, EXCERPT)
            ))
        }
    }
}

/// A property that its schema marks for a header.
struct Marked<'a> {
    path: Vec<&'a str>,
    header: &'a str,
}

fn collect<'a>(schema: &'a JsonObject, path: &mut Vec<&'a str>, marked: &mut Vec<Marked<'a>>) {
    let properties = schema.get("properties").and_then(Value::as_object);
    for (name, property) in properties.into_iter().flatten() {
        let Some(property) = property.as_object() else {
            continue;
        };
        path.push(name);
        let header = property.get("x-mcp-header").and_then(Value::as_str);
        if let Some(header) = header.filter(|header| !header.is_empty()) {
            let path = path.clone();
            marked.push(Marked { path, header });
        }
        collect(property, path, marked);
        path.pop();
    }
}

fn value_at<'a>(arguments: Option<&'a JsonObject>, path: &[&str]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    let value = arguments?.get(*first)?;
    rest.iter().try_fold(value, |value, name| value.get(name))
}

/// A value as it stands in a header; nothing for what has no place there.
fn plain(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(text.into()),
        Value::Bool(value) => Some(value.to_string().into()),
        Value::Number(number) => Some(number.to_string().into()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Whether the version in the header is the one in `_meta`, which requests that stand alone have.
fn check_meta(
    headers: &HeaderMap,
    id: &RequestId,
    meta: &RequestMetaObject,
    is_discovery: bool,
) -> Result<(), Refusal> {
    let header = headers.get(HEADER_MCP_PROTOCOL_VERSION);
    let header = header.and_then(|header| header.to_str().ok());
    let problem = match (meta.protocol_version(), header) {
        (None, _) if is_discovery || has_standard_headers(headers) => {
            let lacking = meta.missing_required_keys(&ProtocolVersion::V_2026_07_28);
            let problem = format!(
                "Invalid params: request _meta is missing or has malformed required fields: {}",
                lacking.join(", ")
            );
            return Err(Refusal {
                id: Some(id.clone()),
                error: ErrorData::invalid_params(problem, None),
            });
        }
        (None, _) => return Ok(()),
        (Some(version), Some(header)) if version.as_str() == header => return Ok(()),
        (Some(_), None) => {
            "request _meta protocolVersion requires MCP-Protocol-Version header".into()
        }
        (Some(version), Some(header)) => format!(
            "MCP-Protocol-Version header ({header}) does not match request _meta protocolVersion ({})",
            excerpt(version.as_str(), EXCERPT)
        ),
    };
    Err(mismatch(Some(id), problem))
}

/// A header that occurs once, if it occurs.
fn single<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, String> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(_), Some(_)) => Err(format!("duplicate {name} header")),
        (Some(value), None) => match value.to_str() {
            Ok(value) => Ok(Some(value)),
            Err(_) => Err(format!("{name} header contains invalid characters")),
        },
    }
}

/// A value that is written in Base64 where it would be no header otherwise.
fn decoded(value: &str) -> Option<Cow<'_, str>> {
    let inner = value.strip_prefix(BASE64_HEADER_PREFIX);
    let Some(inner) = inner.and_then(|inner| inner.strip_suffix(BASE64_HEADER_SUFFIX)) else {
        return Some(value.into());
    };
    let bytes = BASE64_STANDARD.decode(inner).ok()?;
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap()))
            .collect()
    }

    fn object(value: Value) -> JsonObject {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn properties_are_marked_at_any_depth_of_a_schema() {
        let schema = object(json!({ "properties": {
            "region": { "type": "string", "x-mcp-header": "Region" },
            "place": { "properties": { "city": { "x-mcp-header": "City" }, "street": {} } },
            "plain": { "type": "string" },
            "nameless": { "x-mcp-header": "" },
        } }));
        let mut marked = Vec::new();
        collect(&schema, &mut Vec::new(), &mut marked);
        let mut marked: Vec<_> = marked
            .iter()
            .map(|marked| (marked.path.join("."), marked.header))
            .collect();
        marked.sort_unstable();
        let expected = [("place.city", "City"), ("region", "Region")];
        assert_eq!(
            marked,
            expected.map(|(path, header)| (path.to_owned(), header))
        );
        let arguments = object(json!({ "place": { "city": "Bern" }, "region": null }));
        let at = |path: &[&str]| value_at(Some(&arguments), path).and_then(plain);
        assert_eq!(at(&["place", "city"]).as_deref(), Some("Bern"));
        assert_eq!(at(&["region"]), None);
        assert_eq!(at(&["place", "street"]), None);
    }

    #[test]
    fn a_header_has_the_value_of_its_argument_and_none_without_it() {
        let check = |value: Option<&str>, argument| {
            let value: Vec<_> = value
                .map(|value| ("mcp-param-city", value))
                .into_iter()
                .collect();
            check_argument(&headers(&value), "Mcp-Param-City", "city", argument).is_ok()
        };
        assert!(check(None, None));
        assert!(check(Some("Bern"), Some("Bern")));
        assert!(check(Some("=?base64?WsO8cmljaA==?="), Some("Zürich")));
        assert!(!check(Some("Bern"), Some("Basel")));
        assert!(!check(Some("Bern"), None));
        assert!(!check(None, Some("Bern")));
        assert!(!check(Some("=?base64?!?="), Some("!")));
    }

    #[test]
    fn what_a_message_works_on_is_found_whatever_its_parameters_are() {
        let of = |method, params: &str| {
            let params = RawValue::from_string(params.to_owned()).unwrap();
            name(method, Some(&params)).map(Cow::into_owned)
        };
        assert_eq!(
            of("tools/call", r#"{"name":"a","uri":"b"}"#).as_deref(),
            Some("a")
        );
        assert_eq!(
            of("resources/read", r#"{"name":"a","uri":"b"}"#).as_deref(),
            Some("b")
        );
        assert_eq!(of("tasks/get", r#"{"taskId":"t"}"#).as_deref(), Some("t"));
        for params in [r#"["a"]"#, r#"{"name":5}"#, "{}", "7"] {
            assert_eq!(of("tools/call", params), None, "{params}");
        }
        assert_eq!(of("tools/list", r#"{"name":"a"}"#), None);
    }
}
