//! Requests as installers, caches and browsers make them.

use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::{Method, Response, StatusCode};

use super::*;
use crate::guard::Permit;
use crate::testing::{BUNDLE, GZIP};

const SCRIPT: &str = "/.well-known/agent-skills/commit-message/scripts/check.sh";
const ARCHIVE: &str = "/.well-known/agent-skills/commit-message.zip";

fn digest() -> String {
    "ab".repeat(32)
}

fn ask(method: &Method, path: &str, fields: &[(HeaderName, &str)]) -> Option<Response<Vec<Bytes>>> {
    let fields = fields
        .iter()
        .map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap()));
    let headers: HeaderMap = fields.collect();
    respond(
        &Indexes::default(),
        Catalog::new(&BUNDLE, Permit::owner()),
        method,
        path,
        &headers,
    )
}

fn get(path: &str, fields: &[(HeaderName, &str)]) -> Response<Vec<Bytes>> {
    let response = ask(&Method::GET, path, fields).unwrap();
    let length = field(&response, header::CONTENT_LENGTH).parse();
    if response.status() != StatusCode::NOT_MODIFIED {
        assert_eq!(length, Ok(body(&response).len()));
    }
    assert_eq!(field(&response, header::ACCESS_CONTROL_ALLOW_ORIGIN), "*");
    assert_eq!(field(&response, header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    response
}

fn body(response: &Response<Vec<Bytes>>) -> Vec<u8> {
    response.body().concat()
}

fn field(response: &Response<Vec<Bytes>>, name: HeaderName) -> &str {
    let value = response.headers().get(name);
    value.map_or("", |value| value.to_str().unwrap())
}

#[test]
fn an_index_is_json_that_is_kept_for_minutes() {
    for path in [
        "/.well-known/agent-skills/index.json",
        "/acme/.well-known/agent-skills/index.json",
    ] {
        let response = get(path, &[]);
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(field(&response, header::CONTENT_TYPE), "application/json");
        assert_eq!(
            field(&response, header::CACHE_CONTROL),
            &*format!("public, {FOR_NOW}")
        );
        assert_eq!(body(&response), br#"{"skills":[]}"#);
    }
}

#[test]
fn an_archive_is_put_together_from_the_files() {
    let response = get(ARCHIVE, &[(header::ACCEPT_ENCODING, "gzip")]);
    assert_eq!(field(&response, header::CONTENT_TYPE), "application/zip");
    assert_eq!(field(&response, header::CONTENT_ENCODING), "");
    assert_eq!(field(&response, header::VARY), "");
    let dots = ".".repeat(30);
    let expected = format!(
        "{dots}SKILL.md---\nname: commit-message\n---\n# Commit messages\n{dots}assets/logo.png<>\
         {dots}references/style guide.mdUse the imperative.\n{dots}scripts/check.shstreamdirectory",
    );
    let text = body(&response)
        .windows(8)
        .position(|window| window == b"\x89PNG\r\n\x1a\n")
        .map(|start| {
            let mut body = body(&response);
            body.splice(start..start + 8, *b"<>");
            String::from_utf8(body).unwrap()
        });
    assert_eq!(text, Some(expected));
}

#[test]
fn a_url_with_the_digest_is_kept_for_ever_and_one_with_another_is_not_there() {
    let digest = digest();
    for path in [
        format!("/.well-known/agent-skills/commit-message@{digest}.zip"),
        format!("/acme/.well-known/agent-skills/refunds@{digest}/SKILL.md"),
    ] {
        let response = get(&path, &[]);
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert_eq!(
            field(&response, header::CACHE_CONTROL),
            &*format!("public, {FOR_EVER}")
        );
        let other = get(&path.replace("@ab", "@cd"), &[]);
        assert_eq!(other.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(field(&other, header::CACHE_CONTROL), "no-store");
    }
}

#[test]
fn only_what_an_index_lists_is_there() {
    for path in [
        "/.well-known/agent-skills/refunds/SKILL.md",
        "/acme/.well-known/agent-skills/commit-message/SKILL.md",
        "/acm/.well-known/agent-skills/refunds/SKILL.md",
        "/acme/refunds/.well-known/agent-skills/refunds/SKILL.md",
        "/nobody/.well-known/agent-skills/index.json",
        "/.well-known/agent-skills/internal-notes.zip",
        "/.well-known/agent-skills/internal-notes/other.md",
        "/.well-known/agent-skills/commit-message/references",
        "/.well-known/agent-skills/commit-message/%2e%2e/internal-notes/SKILL.md",
    ] {
        assert_eq!(get(path, &[]).status(), StatusCode::NOT_FOUND, "{path}");
    }
    assert!(ask(&Method::GET, "/mcp", &[]).is_none());
    let file = "/globex/.well-known/skills/refunds/SKILL.md";
    assert_eq!(get(file, &[]).status(), StatusCode::OK);
}

#[test]
fn files_have_their_media_types_and_text_its_encoding() {
    let text = get(
        "/.well-known/skills/commit-message/references/style%20guide.md",
        &[],
    );
    assert_eq!(
        field(&text, header::CONTENT_TYPE),
        "text/markdown; charset=utf-8"
    );
    let image = get("/.well-known/skills/commit-message/assets/logo.png", &[]);
    assert_eq!(field(&image, header::CONTENT_TYPE), "image/png");
}

#[test]
fn head_has_the_headers_of_get_and_other_methods_are_refused() {
    for path in [SCRIPT, ARCHIVE, "/.well-known/agent-skills/none.zip"] {
        let (get, head) = (get(path, &[]), ask(&Method::HEAD, path, &[]).unwrap());
        assert_eq!(
            (get.status(), get.headers()),
            (head.status(), head.headers())
        );
        assert!(head.body().is_empty());
    }
    let range = [(header::RANGE, "bytes=0-1")];
    let head = ask(&Method::HEAD, SCRIPT, &range).unwrap();
    assert_eq!(head.status(), StatusCode::OK);
    let post = ask(&Method::POST, SCRIPT, &[]).unwrap();
    assert_eq!(post.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(field(&post, header::ALLOW), "GET, HEAD");
}

#[test]
fn gzip_is_another_representation_with_a_tag_of_its_own() {
    let plain = get(SCRIPT, &[]);
    let gzip = get(SCRIPT, &[(header::ACCEPT_ENCODING, "gzip, br")]);
    assert_eq!(body(&plain), b"#!/bin/sh\ntrue\n");
    assert_eq!(body(&gzip), GZIP);
    assert_eq!(field(&gzip, header::CONTENT_ENCODING), "gzip");
    assert_eq!(field(&plain, header::CONTENT_ENCODING), "");
    for response in [&plain, &gzip] {
        assert_eq!(field(response, header::VARY), "accept-encoding");
        assert_eq!(field(response, header::CONTENT_TYPE), "application/x-sh");
    }
    let digest = digest();
    assert_eq!(field(&plain, header::ETAG), format!("\"{digest}\""));
    assert_eq!(field(&gzip, header::ETAG), format!("\"{digest}-gzip\""));
}

#[test]
fn what_the_client_has_is_not_sent_again() {
    let tag = format!("\"{}\"", digest());
    for known in [
        tag.clone(),
        format!("W/{tag}"),
        format!("\"a\", {tag}"),
        "*".to_owned(),
    ] {
        // A range changes nothing, even one that is not there.
        let fields = [
            (header::IF_NONE_MATCH, known.as_str()),
            (header::RANGE, "bytes=99-"),
        ];
        let response = get(SCRIPT, &fields);
        assert_eq!(response.status(), StatusCode::NOT_MODIFIED, "{known}");
        assert!(body(&response).is_empty());
        assert_eq!(field(&response, header::ETAG), tag);
        assert_eq!(
            field(&response, header::CACHE_CONTROL),
            &*format!("public, {FOR_NOW}")
        );
        assert_eq!(field(&response, header::VARY), "accept-encoding");
        assert_eq!(field(&response, header::CONTENT_LENGTH), "");
    }
    let gzip = [
        (header::IF_NONE_MATCH, tag.as_str()),
        (header::ACCEPT_ENCODING, "gzip"),
    ];
    assert_eq!(get(SCRIPT, &gzip).status(), StatusCode::OK);
}

#[test]
fn a_range_is_one_of_the_representation_that_is_sent() {
    let part = get(SCRIPT, &[(header::RANGE, "bytes=2-4")]);
    assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(body(&part), b"/bi");
    assert_eq!(field(&part, header::CONTENT_RANGE), "bytes 2-4/15");
    let gzip = [
        (header::RANGE, "bytes=10-15"),
        (header::ACCEPT_ENCODING, "gzip"),
    ];
    let part = get(SCRIPT, &gzip);
    assert_eq!(body(&part), b"stream");
    assert_eq!(field(&part, header::CONTENT_RANGE), "bytes 10-15/24");
    assert_eq!(field(&part, header::CONTENT_ENCODING), "gzip");
    let end = get(ARCHIVE, &[(header::RANGE, "bytes=-15")]);
    assert_eq!(body(&end), b"streamdirectory");
    let several = get(SCRIPT, &[(header::RANGE, "bytes=0-1,3-4")]);
    assert_eq!(several.status(), StatusCode::OK);
}

#[test]
fn a_range_that_is_not_there_is_refused_with_the_size() {
    let response = get(SCRIPT, &[(header::RANGE, "bytes=15-")]);
    assert_eq!(response.status(), StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(field(&response, header::CONTENT_RANGE), "bytes */15");
    assert_eq!(field(&response, header::CACHE_CONTROL), "");
}

#[test]
fn a_range_of_what_has_changed_is_the_whole() {
    let same = format!("\"{}\"", digest());
    for (condition, status) in [
        (same.as_str(), StatusCode::PARTIAL_CONTENT),
        ("\"other\"", StatusCode::OK),
        ("Sat, 21 Nov 2026 00:00:00 GMT", StatusCode::OK),
    ] {
        let fields = [(header::RANGE, "bytes=0-1"), (header::IF_RANGE, condition)];
        assert_eq!(get(SCRIPT, &fields).status(), status, "{condition}");
    }
}
