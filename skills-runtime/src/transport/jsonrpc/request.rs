//! From a method's name to rmcp's type for it: the list of what the server understands.
//!
//! rmcp's own reading tries every type it knows on every message, and takes known methods with wrong parameters for
//! unknown ones. Here the method decides, and what is wrong with its parameters is said.

#[cfg(feature = "http")]
use rmcp::model::CustomRequest;
use rmcp::model::{
    ClientRequest, ConstString, Extensions, GetExtensions, Request, RequestMetaObject,
    RequestNoParam, RequestOptionalParam, RequestParamsMeta,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::message::{self, Call, Refusal};

type Params<'line> = Option<&'line RawValue>;

/// The request that a call means.
pub(crate) fn typed(call: &Call<'_>) -> Result<ClientRequest, Refusal> {
    match request(&call.method, call.params) {
        Ok(Some(request)) => Ok(request),
        Ok(None) => Err(message::unknown_method(call)),
        Err(problem) => Err(message::invalid_params(call, &problem)),
    }
}

/// The request for a stream of what changes, which there is over HTTP only.
#[cfg(feature = "http")]
pub(crate) fn subscription(call: &Call<'_>) -> Option<ClientRequest> {
    let request = required(call.params).ok()?;
    Some(ClientRequest::SubscriptionsListenRequest(request))
}

/// A request of which no more is known than its method and its metadata; it is answered with an error.
#[cfg(feature = "http")]
pub(crate) fn unknown(call: &Call<'_>) -> ClientRequest {
    let mut request = CustomRequest::new(call.method.as_ref(), None);
    request.extensions = extensions(meta(call.params).unwrap_or_default());
    ClientRequest::CustomRequest(request)
}

/// Nothing for a method that the server does not have.
fn request(method: &str, params: Params<'_>) -> Result<Option<ClientRequest>, String> {
    use ClientRequest as Client;
    Ok(Some(match method {
        "completion/complete" => Client::CompleteRequest(required(params)?),
        "initialize" => Client::InitializeRequest(required(params)?),
        "ping" => Client::PingRequest(none(params)?),
        "prompts/get" => Client::GetPromptRequest(required(params)?),
        "prompts/list" => Client::ListPromptsRequest(optional(params)?),
        "resources/directory/read" => Client::ReadResourceDirectoryRequest(required(params)?),
        "resources/list" => Client::ListResourcesRequest(optional(params)?),
        "resources/read" => Client::ReadResourceRequest(required(params)?),
        "resources/templates/list" => Client::ListResourceTemplatesRequest(optional(params)?),
        "server/discover" => Client::DiscoverRequest(empty(params)?),
        "skills/get" => Client::GetSkillRequest(required(params)?),
        "skills/list" => Client::ListSkillsRequest(optional(params)?),
        "tools/call" => Client::CallToolRequest(required(params)?),
        "tools/list" => Client::ListToolsRequest(optional(params)?),
        _ => return Ok(None),
    }))
}

/// A method that needs parameters.
fn required<M, P>(params: Params<'_>) -> Result<Request<M, P>, String>
where
    M: ConstString,
    P: DeserializeOwned + RequestParamsMeta,
{
    let mut params: P = object(params.map_or("{}", RawValue::get))?;
    let meta = params.meta_mut().take();
    let mut request = Request::new(params);
    request.extensions = extensions(meta);
    Ok(request)
}

/// A method that does without parameters, too.
fn optional<M, P>(params: Params<'_>) -> Result<RequestOptionalParam<M, P>, String>
where
    M: ConstString,
    P: DeserializeOwned + Default + RequestParamsMeta,
{
    let Some(params) = params else {
        return Ok(RequestOptionalParam::default());
    };
    let mut params: P = object(params.get())?;
    let meta = params.meta_mut().take();
    let mut request = RequestOptionalParam::with_param(params);
    request.extensions = extensions(meta);
    Ok(request)
}

/// A method that has no parameters but metadata.
fn none<M: ConstString>(params: Params<'_>) -> Result<RequestNoParam<M>, String> {
    let mut request = RequestNoParam::default();
    *request.extensions_mut() = extensions(meta(params)?);
    Ok(request)
}

/// The same, where rmcp has a type for the absence.
fn empty<M: ConstString, P: Default>(params: Params<'_>) -> Result<Request<M, P>, String> {
    let mut request = Request::new(P::default());
    request.extensions = extensions(meta(params)?);
    Ok(request)
}

fn meta(params: Params<'_>) -> Result<Option<RequestMetaObject>, String> {
    #[derive(Deserialize)]
    struct Meta {
        #[serde(rename = "_meta")]
        meta: Option<RequestMetaObject>,
    }
    let meta: Meta = object(params.map_or("{}", RawValue::get))?;
    Ok(meta.meta)
}

/// Where rmcp expects the metadata of a request.
fn extensions(meta: Option<RequestMetaObject>) -> Extensions {
    let mut extensions = Extensions::new();
    if let Some(meta) = meta {
        extensions.insert(meta);
    }
    extensions
}

/// Parameters by name. A list would be taken for the fields in order by derived types.
fn object<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    if !text.starts_with('{') {
        return Err("they must be an object".into());
    }
    serde_json::from_str(text).map_err(|error| {
        let message = error.to_string();
        // The position counts from the start of the parameters, which the client cannot see.
        let end = message.rfind(" at line ").unwrap_or(message.len());
        message.get(..end).unwrap_or_default().to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::operation::METHODS;

    const META: &str = r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}"#;

    fn check(method: &str, params: Option<&str>) -> Result<ClientRequest, String> {
        let raw = params.map(|params| serde_json::from_str::<&RawValue>(params).unwrap());
        let request = request(method, raw)?.expect("the method is known");
        assert_eq!(request.method(), method);
        Ok(request)
    }

    #[test]
    fn parameters_that_are_optional_may_be_left_out() {
        for method in ["ping", "server/discover", "tools/list", "skills/list"] {
            assert!(check(method, None).is_ok(), "{method}");
            assert!(check(method, Some("{}")).is_ok(), "{method}");
        }
    }

    #[test]
    fn the_metadata_of_every_kind_of_request_is_where_rmcp_looks_for_it() {
        for (method, params) in [
            ("ping", ""),
            ("server/discover", ""),
            ("tools/list", ""),
            ("resources/read", r#","uri":"x""#),
        ] {
            let request = check(method, Some(&format!("{{{META}{params}}}"))).unwrap();
            let meta = request.extensions().get::<RequestMetaObject>();
            let version = meta.and_then(RequestMetaObject::protocol_version);
            assert_eq!(version.unwrap().as_str(), "2026-07-28", "{method}");
        }
    }

    #[test]
    fn a_method_that_the_server_does_not_have_is_nothing() {
        for method in ["", "no/such", "tasks/get", "logging/setLevel", "Ping"] {
            assert!(matches!(request(method, None), Ok(None)), "{method}");
        }
    }

    #[test]
    fn the_methods_that_are_counted_are_those_that_are_understood() {
        for method in METHODS {
            let is_understood = !matches!(request(method, None), Ok(None));
            // A stream, of which there are none over pipes.
            let is_stream = method == "subscriptions/listen";
            assert!(is_understood != is_stream, "{method}");
        }
    }

    #[test]
    fn wrong_parameters_are_said_to_be_wrong() {
        let problem = |method, params| check(method, params).unwrap_err();
        assert_eq!(problem("resources/read", None), "missing field `uri`");
        let wrong_type = problem("resources/read", Some(r#"{"uri":1}"#));
        assert_eq!(wrong_type, "invalid type: integer `1`, expected a string");
        for params in ["[]", r#"["x"]"#, "1", r#""x""#] {
            assert_eq!(
                problem("resources/read", Some(params)),
                "they must be an object"
            );
            assert_eq!(
                problem("tools/list", Some(params)),
                "they must be an object"
            );
            assert_eq!(problem("ping", Some(params)), "they must be an object");
        }
    }
}
