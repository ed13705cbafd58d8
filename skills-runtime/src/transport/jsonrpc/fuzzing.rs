//! For the fuzzer: what has to hold for any message.

use serde_json::Value;

use super::message::{self, Call, Message};
use super::request;
use crate::prepared;

/// Reads a message in all ways in which it is read. What is accepted is JSON to others as well and says the same to them, what
/// is refused is refused with a message that can be sent, and the reader of common requests agrees with the one of all.
pub fn message(bytes: &[u8]) {
    let read = message::read(bytes);
    let value = std::str::from_utf8(bytes).ok();
    let value = value.map(|text| text.trim_start_matches('\u{feff}').trim_ascii());
    let value = value.and_then(|text| serde_json::from_str::<Value>(text).ok());
    match &read {
        Ok(None) => assert_eq!(value, None, "a blank line is no JSON"),
        Ok(Some(message)) => agrees(message, &value.expect("what is accepted is JSON")),
        Err(refusal) => {
            let text = serde_json::to_string(&refusal.response()).expect("a refusal can be sent");
            assert!(!text.contains('\n'), "an answer is one line");
        }
    }
    let common = prepared::Request::read(bytes);
    if let Some(common) = common.filter(|common| common.version().is_some()) {
        let Ok(Some(Message::Request(call))) = read else {
            panic!("a common request is a request");
        };
        same(&common, &call);
    }
}

fn agrees(message: &Message<'_>, value: &Value) {
    assert_eq!(value["jsonrpc"], "2.0");
    match message {
        Message::Request(call) => {
            assert_eq!(value["method"], *call.method);
            assert_eq!(
                value["id"],
                serde_json::to_value(&call.id).expect("an id is JSON")
            );
            let params = call
                .params
                .map(|params| serde_json::from_str::<Value>(params.get()));
            let params = params.transpose().expect("parameters are JSON");
            assert_eq!(value["params"], params.unwrap_or_default());
            typed(call);
        }
        Message::Notification(method) => {
            assert_eq!(value["method"], **method);
            assert!(value.get("id").is_none());
        }
        Message::Response => assert!(value.get("method").is_none()),
    }
}

/// A typed request is of the method that was named, and what is no request of the method is refused to its sender.
fn typed(call: &Call<'_>) {
    match request::typed(call) {
        Ok(request) => assert_eq!(request.method(), call.method),
        Err(refusal) => assert_eq!(refusal.id.as_ref(), Some(&call.id)),
    }
}

fn same(common: &prepared::Request<'_>, call: &Call<'_>) {
    let id: Value = serde_json::from_str(common.id()).expect("an id is JSON");
    assert_eq!(id, serde_json::to_value(&call.id).expect("an id is JSON"));
    assert_eq!(common.method(), call.method);
    let params = call.params.map_or("{}", |params| params.get());
    let params: Value = serde_json::from_str(params).expect("parameters are JSON");
    let text = |name: &str| params.get(name).and_then(Value::as_str);
    assert_eq!(
        (common.uri(), common.cursor()),
        (text("uri"), text("cursor"))
    );
}
