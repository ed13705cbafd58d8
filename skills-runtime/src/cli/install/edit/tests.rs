//! Both editors: what they add and take away, and that all else stays. Documents that nobody thought of are made by proptest.

use proptest::prelude::*;

use super::*;

const SLOT: Slot = Slot {
    container: "servers",
    name: "x",
};

fn datum() -> Datum {
    Datum::Object(vec![
        ("command", Datum::Text("/x".into())),
        ("args", Datum::List(vec!["stdio".into()])),
    ])
}

fn added(format: Format, text: &str) -> String {
    let changed = format.set(text, SLOT, Body::Made(&datum()));
    changed.unwrap_or_else(|fault| panic!("{fault} in {text:?}"))
}

/// With the entry it is `expected`, and without it again what it was.
fn check(format: Format, text: &str, expected: &str) {
    let changed = added(format, text);
    assert_eq!(changed, expected);
    assert_eq!(added(format, &changed), changed, "twice is once");
    let removed = format.remove(&changed, SLOT, true).unwrap();
    assert_eq!(removed, text);
}

#[test]
fn an_entry_is_added_in_the_style_of_the_file() {
    check(
        Format::Json(Dialect::Jsonc),
        "{\n\t\"servers\": {\n\t\t\"a\": {}\n\t}\n}\n",
        "{\n\t\"servers\": {\n\t\t\"a\": {},\n\t\t\"x\": {\n\t\t\t\"command\": \"/x\",\n\t\t\t\"args\": [\"stdio\"]\n\t\t}\n\t}\n}\n",
    );
    check(
        Format::Json(Dialect::Jsonc),
        "{\r\n    \"a\": 1 // one\r\n}",
        "{\r\n    \"a\": 1, // one\r\n    \"servers\": {\r\n        \"x\": {\r\n            \"command\": \"/x\",\r\n            \"args\": [\"stdio\"]\r\n        }\r\n    }\r\n}",
    );
    check(
        Format::Json(Dialect::Jsonc),
        "{\"a\":1}",
        "{\"a\":1, \"servers\": {\"x\": {\"command\": \"/x\", \"args\": [\"stdio\"]}}}",
    );
    check(
        Format::Json(Dialect::Jsonc),
        "{\n  \"servers\": {\n    \"a\": {}, // last\n    // end\n  },\n}",
        "{\n  \"servers\": {\n    \"a\": {}, // last\n    \"x\": {\n      \"command\": \"/x\",\n      \"args\": [\"stdio\"]\n    },\n    // end\n  },\n}",
    );
}

#[test]
fn a_table_is_added_at_the_end() {
    check(
        Format::Toml,
        "# mine\r\nmodel = \"m\"\r\n\r\n[servers.a] # a\r\nurl = \"u\"\r\n",
        "# mine\r\nmodel = \"m\"\r\n\r\n[servers.a] # a\r\nurl = \"u\"\r\n\r\n[servers.x]\r\ncommand = \"/x\"\r\nargs = [\"stdio\"]\r\n",
    );
    check(
        Format::Toml,
        "",
        "[servers.x]\ncommand = \"/x\"\nargs = [\"stdio\"]\n",
    );
    check(
        Format::Toml,
        "a = 1\n# end\n",
        "a = 1\n# end\n\n[servers.x]\ncommand = \"/x\"\nargs = [\"stdio\"]\n",
    );
}

#[test]
fn an_entry_in_any_form_is_found_and_goes() {
    for (text, rest) in [
        (
            "[servers]\nx = { command = \"/x\" }\ny = { url = \"u\" }\n",
            "[servers]\ny = { url = \"u\" }\n",
        ),
        (
            "servers.x.command = \"/x\"\nservers.x.args = [\n  \"stdio\",\n]\na = 1\n",
            "a = 1\n",
        ),
        (
            "[servers.x]\n# why\ncommand = \"/x\"\n\n[servers.x.env]\nA = \"[b]\"\n# of y\n[servers.y]\nurl = \"u\"\n",
            "# of y\n[servers.y]\nurl = \"u\"\n",
        ),
        (
            "[servers.x.env]\nA = \"b\"\n[z]\n[servers.x]\ncommand = \"/x\"\n",
            "[z]\n",
        ),
        (
            "[servers.x]\nm = [[\"a\"],\n [\"b\"],\n]\n[[servers.x.t]]\na = 1\n[z]\n",
            "[z]\n",
        ),
        ("servers = { a = {} }\n", "servers = { a = {} }\n"),
    ] {
        assert_eq!(Format::Toml.remove(text, SLOT, true).unwrap(), rest);
    }
    for (text, rest) in [
        (
            "{\"servers\":{\"x\":{},\"a\":1}}",
            "{\"servers\":{\"a\":1}}",
        ),
        (
            "{\"servers\":{\"a\":1, \"x\":{}}}",
            "{\"servers\":{\"a\":1}}",
        ),
        (
            "{ \"servers\": {\n  // of a\n  \"a\": 1, // a\n  \"x\": {} // x\n} }",
            "{ \"servers\": {\n  // of a\n  \"a\": 1 // a\n  // x\n} }",
        ),
        ("{\"servers\": {\n\"x\": {}\n}, \"b\": 2}", "{\"b\": 2}"),
    ] {
        assert_eq!(
            Format::Json(Dialect::Jsonc)
                .remove(text, SLOT, true)
                .unwrap(),
            rest
        );
    }
}

#[test]
fn what_held_an_entry_stays_as_long_as_a_comment_is_in_it() {
    for (text, rest) in [
        (
            "{\n  \"servers\": {\n    // \"off\": {}\n    \"x\": {}\n  }\n}",
            "{\n  \"servers\": {\n    // \"off\": {}\n  }\n}",
        ),
        (
            "{\"servers\": {\"x\": {}, /* \"off\": {} */}}",
            "{\"servers\": {/* \"off\": {} */}}",
        ),
        (
            "{\"servers\": /* mine */ {\"x\": {}}}",
            "{\"servers\": /* mine */ {}}",
        ),
        (
            "{\"servers\": {\"x\": {} // its own\n}}",
            "{\"servers\": { // its own\n}}",
        ),
        (
            "{\"a\": 1, // of a\n\"servers\": {\"x\": { /* its own */ }}}",
            "{\"a\": 1 // of a\n}",
        ),
    ] {
        assert_eq!(
            Format::Json(Dialect::Jsonc)
                .remove(text, SLOT, true)
                .unwrap(),
            rest
        );
    }
}

#[test]
fn what_cannot_be_edited_is_refused_where_it_is() {
    let fault = |format: Format, text: &str| {
        let changed = format.set(text, SLOT, Body::Made(&datum()));
        changed.unwrap_err().to_string()
    };
    for (text, expected) in [
        ("[]", "1:1: this is no object"),
        ("{\n  \"servers\": []\n}", "2:14: `servers` is no object"),
        (
            "{\"servers\": {}, \"servers\": {}}",
            "1:17: `servers` is there for the second time",
        ),
        (
            "{\"servers\": {\"x\": 1,\n\"x\": 2}}",
            "2:1: `x` is there for the second time",
        ),
        ("{\"a\": 'b'}", "1:7: single-quoted strings are not allowed"),
        ("{\"a\": 1", "1:1: unterminated object"),
    ] {
        assert_eq!(fault(Format::Json(Dialect::Jsonc), text), expected);
    }
    for (text, expected) in [
        ("servers = 1", "1:11: `servers` is no table"),
        (
            "servers = { a = {} }",
            "1:11: `servers` is an inline table; write its servers as [servers.NAME]",
        ),
        (
            "servers = { x = {} }",
            "1:11: `servers` is an inline table; write its servers as [servers.NAME]",
        ),
        ("[servers]\nx = 1", "2:5: `x` is no table"),
    ] {
        assert_eq!(fault(Format::Toml, text), expected);
    }
    assert!(fault(Format::Toml, "a = 1\na = 2\n").starts_with("2:1: "));
    assert!(fault(Format::Json(Dialect::Jsonc), &"[".repeat(100_000)).contains("nesting"));
}

/// White space and comments between the tokens of a JSON text.
fn gap() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        5 => Just(""),
        2 => Just(" "),
        1 => Just("\t"),
        3 => Just("\n"),
        2 => Just("\r\n  "),
        1 => Just("/* b, \"x\": } */"),
        1 => Just("// l { \"x\":\n"),
        1 => Just("/* two\nlines */ "),
    ];
    prop::collection::vec(piece, 0..3).prop_map(|pieces| pieces.concat())
}

/// An object with these members, however it is set.
fn object(members: impl Strategy<Value = Vec<(String, String)>>) -> impl Strategy<Value = String> {
    let gaps = prop::collection::vec(gap(), 32);
    (members, gaps, any::<bool>()).prop_map(|(members, gaps, is_trailing)| {
        let mut gaps = gaps.iter().cycle();
        let mut gap = || gaps.next().cloned().unwrap_or_default();
        let mut text = format!("{{{}", gap());
        let count = members.len();
        for (index, (key, value)) in members.into_iter().enumerate() {
            let member = ["\"", &key, "\"", &gap(), ":", &gap(), &value, &gap()];
            text += &member.concat();
            if index + 1 < count || is_trailing {
                text.push(',');
                text += &gap();
            }
        }
        text + "}"
    })
}

fn leaf() -> impl Strategy<Value = String> {
    const LEAVES: &[&str] = &[
        "1",
        "-0.5e9",
        "null",
        "[1,\n 2]",
        "\"\\u00e9 // \\\"\"",
        "{}",
        "{\"x\": {\"x\": 1}}",
    ];
    prop::sample::select(LEAVES).prop_map(str::to_owned)
}

fn members() -> impl Strategy<Value = Vec<(String, String)>> {
    let keys = prop::sample::subsequence(vec!["a", "é\\\"", "X", "servers2"], 0..4);
    (keys, prop::collection::vec(leaf(), 4)).prop_map(|(keys, values)| {
        let keys = keys.into_iter().map(str::to_owned);
        keys.zip(values).collect()
    })
}

/// A configuration with or without servers among its members.
fn configuration() -> impl Strategy<Value = String> {
    let servers = prop::option::of((object(members()), 0..4usize));
    let root = (members(), servers).prop_map(|(mut members, servers)| {
        if let Some((servers, position)) = servers {
            let position = position.min(members.len());
            members.insert(position, ("servers".to_owned(), servers));
        }
        members
    });
    (gap(), object(root), gap()).prop_map(|(before, object, after)| before + &object + &after)
}

/// Whether all of `text` is in `longer`, in its order.
fn is_within(text: &str, longer: &str) -> bool {
    let mut longer = longer.chars();
    text.chars()
        .all(|character| longer.any(|other| other == character))
}

proptest! {
    #[test]
    fn nothing_is_lost_of_any_json(text in configuration()) {
        let changed = added(Format::Json(Dialect::Jsonc), &text);
        prop_assert!(is_within(&text, &changed), "{changed:?}");
        prop_assert_eq!(&added(Format::Json(Dialect::Jsonc), &changed), &changed);
        let comments = |text: &str| ["/* b", "// l", "/* two"].map(|comment| text.matches(comment).count());
        for is_pruned in [false, true] {
            let removed = Format::Json(Dialect::Jsonc).remove(&changed, SLOT, is_pruned).unwrap();
            prop_assert_eq!(comments(&removed), comments(&text), "{:?}", removed);
        }
        // What an entry says in another file is put where it was.
        let entry = Format::Json(Dialect::Jsonc).read(&changed, SLOT).unwrap().entry.unwrap();
        prop_assert_eq!(Format::Json(Dialect::Jsonc).set(&text, SLOT, Body::Kept(&entry.text)).unwrap(), changed);
    }

    #[test]
    fn nothing_is_lost_of_any_toml(lines in prop::collection::vec(prop::sample::select(&[
        "", "# c", "[a]", "[servers.b]", "[servers.x.env]", "k = 1", "[servers.x]", "t = \"\"\"\n[servers.x]\n\"\"\"",
        "l = [\n # c\n 1,\n]", "m = [[1],\n [2],\n]", "[[q]]", "i = { x = 1 } # i", "servers.c.d = 1", "x.y = 2",
    ][..]), 0..8), is_crlf in any::<bool>()) {
        let end = if is_crlf { "\r\n" } else { "\n" };
        let text: String = lines.iter().flat_map(|line| [*line, end]).collect();
        if let Ok(changed) = Format::Toml.set(&text, SLOT, Body::Made(&datum())) {
            if Format::Toml.read(&text, SLOT).unwrap().entry.is_none() {
                prop_assert!(changed.starts_with(&text), "{changed:?}");
                prop_assert_eq!(Format::Toml.remove(&changed, SLOT, false).unwrap(), text);
            }
            prop_assert_eq!(added(Format::Toml, &changed), changed);
        }
    }
}
