//! What the tree builder makes of real notations: spans, kinds, comments and faults, and how it recovers from errors.

use granit_parser::ErrorKind;

use super::*;
use crate::syntax::Construct;

/// Stands above the frontmatter, so that offsets of the file and of the frontmatter differ.
const FENCE: &str = "---\n";

fn read(yaml: &str) -> (String, Option<Frontmatter>, Vec<Fault>) {
    let text = format!("{FENCE}{yaml}---\nbody\n");
    let (frontmatter, faults) = parse(&text, FENCE.len()..FENCE.len() + yaml.len());
    (text, frontmatter, faults)
}

fn sound(yaml: &str) -> (String, Frontmatter) {
    let (text, frontmatter, faults) = read(yaml);
    assert_eq!(faults, [], "{yaml}");
    (text, frontmatter.expect("a mapping"))
}

/// Checks what the value of `key` is and what its span covers.
fn check(yaml: &str, key: &str, written: &str, kind: &NodeKind) {
    let (text, frontmatter) = sound(yaml);
    let value = &frontmatter.get(key).expect("an entry").value;
    assert_eq!(
        (&text[value.span.clone()], &value.kind),
        (written, kind),
        "{yaml}"
    );
}

/// Checks the faults, each by its kind and the text that its span begins.
fn check_faults(yaml: &str, expected: &[(FaultKind, &str)]) {
    let (text, _, faults) = read(yaml);
    let kinds: Vec<_> = faults.iter().map(|fault| &fault.kind).collect();
    assert_eq!(
        kinds,
        expected.iter().map(|(kind, _)| kind).collect::<Vec<_>>(),
        "{yaml}"
    );
    for (fault, (_, begin)) in faults.iter().zip(expected) {
        assert!(
            text[fault.span.start..].starts_with(begin),
            "{yaml}: {:?}",
            &text[fault.span.start..]
        );
    }
}

/// Checks which top-level values are left, and that the others are marked.
fn check_recovery(yaml: &str, sound: &[&str], faulty: &[&str]) {
    let (_, frontmatter, _) = read(yaml);
    let entries = frontmatter.expect("a mapping").entries;
    let keys = |wanted: bool| {
        let is_wanted = |entry: &&Entry| (entry.value.kind == NodeKind::Faulty) == wanted;
        entries
            .iter()
            .filter(is_wanted)
            .map(|entry| entry.key.as_str())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        (keys(false), keys(true)),
        (sound.to_vec(), faulty.to_vec()),
        "{yaml}"
    );
}

fn text(text: &str, style: ScalarStyle) -> NodeKind {
    NodeKind::Scalar(Scalar::Text(text.to_owned()), style)
}

fn yaml_error(kind: ErrorKind) -> FaultKind {
    FaultKind::Yaml(kind)
}

#[test]
fn scalars_have_the_span_of_their_notation() {
    check("a: b c\n", "a", "b c", &text("b c", ScalarStyle::Plain));
    check(
        "a: b\n  c\nd: e\n",
        "a",
        "b\n  c",
        &text("b c", ScalarStyle::Plain),
    );
    check(
        "a: 'b''c'\n",
        "a",
        "'b''c'",
        &text("b'c", ScalarStyle::SingleQuoted),
    );
    check(
        "a: \"ä\\n\" # c\n",
        "a",
        "\"ä\\n\"",
        &text("ä\n", ScalarStyle::DoubleQuoted),
    );
    check("ä: ö\nb: ü\n", "b", "ü", &text("ü", ScalarStyle::Plain));
    check(
        "a:\nb: c\n",
        "a",
        "",
        &NodeKind::Scalar(Scalar::Null, ScalarStyle::Plain),
    );
    check(
        "a: 12\r\nb: c\r\n",
        "a",
        "12",
        &NodeKind::Scalar(Scalar::Int(12), ScalarStyle::Plain),
    );
}

#[test]
fn block_scalars_begin_at_their_indicator() {
    check(
        "a: |\n  b\n  c\nd: e\n",
        "a",
        "|\n  b\n  c",
        &text("b\nc\n", ScalarStyle::Literal),
    );
    check(
        "a: >- # x > y\n  b\n  c\n",
        "a",
        ">- # x > y\n  b\n  c",
        &text("b c", ScalarStyle::Folded),
    );
    check(
        "a > b: >\n\n  c\n",
        "a > b",
        ">\n\n  c",
        &text("\nc\n", ScalarStyle::Folded),
    );
}

#[test]
fn collections_end_with_their_last_item_or_bracket() {
    let item = |span, value: &str| Node {
        span,
        kind: text(value, ScalarStyle::Plain),
    };
    let items = vec![item(9..10, "b"), item(13..14, "c")];
    check(
        "a:\n- b\n- c\nd: e\n",
        "a",
        "b\n- c",
        &NodeKind::Sequence(items, false),
    );
    let items = vec![item(8..9, "b"), item(11..12, "c")];
    check(
        "a: [b, c] # d\n",
        "a",
        "[b, c]",
        &NodeKind::Sequence(items, true),
    );
    let entry = |key: Range<usize>, value: Range<usize>| Entry {
        key: "b".to_owned(),
        key_value: Scalar::Text("b".to_owned()),
        key_span: key,
        value: item(value, "c"),
    };
    check(
        "a:\n  b: c\nd: e\n",
        "a",
        "b: c",
        &NodeKind::Mapping(vec![entry(9..10, 12..13)], false),
    );
    check(
        "a: {b: c}\n",
        "a",
        "{b: c}",
        &NodeKind::Mapping(vec![entry(8..9, 11..12)], true),
    );
}

#[test]
fn comments_are_kept_and_keys_know_what_they_are() {
    let (text, frontmatter) = sound("# one\na: b # two\n1: c\n");
    let comments: Vec<_> = frontmatter
        .comments
        .iter()
        .map(|comment| &text[comment.span.clone()])
        .collect();
    assert_eq!(comments, ["# one", "# two"]);
    let number = frontmatter.get("1").expect("an entry");
    assert_eq!(
        (&number.key_value, &text[number.key_span.clone()]),
        (&Scalar::Int(1), "1")
    );
    let (text, frontmatter) = sound("\"a\": b\n");
    assert_eq!(
        &text[frontmatter.get("a").expect("an entry").key_span.clone()],
        "\"a\""
    );
}

#[test]
fn a_duplicate_key_points_at_the_first_one() {
    let duplicate = |first: Range<usize>| FaultKind::DuplicateKey(first, "a".to_owned());
    check_faults(
        "a: 1\nb: 2\na: 3\na: 4\n",
        &[(duplicate(4..5), "a: 3"), (duplicate(4..5), "a: 4")],
    );
    check_faults("b:\n  a: 1\n  a: 2\n", &[(duplicate(9..10), "a: 2")]);
    check_faults("b:\n  a: 1\nc:\n  a: 2\n", &[]);
}

#[test]
fn what_loaders_do_not_agree_on_is_a_fault_at_its_place() {
    use Construct as Kind;
    let unportable = FaultKind::Unportable;
    check_faults(
        "a: &x b\nc: *x\n",
        &[
            (unportable(Kind::Anchor), "&x b"),
            (unportable(Kind::Alias), "*x"),
        ],
    );
    check_faults("a: *x\n", &[(unportable(Kind::Alias), "*x")]);
    check_faults("a: !!str 1\n", &[(unportable(Kind::Tag), "!!str")]);
    check_faults("<<: {a: b}\n", &[(unportable(Kind::MergeKey), "<<")]);
    check_faults(
        "%YAML 1.2\na: b\n",
        &[(unportable(Kind::Directive), "%YAML 1.2")],
    );
    check_faults("a: b\n%TAG ! x\n", &[(unportable(Kind::Directive), "%TAG")]);
    check_faults(
        "a: b\n...\nc: d\n",
        &[(unportable(Kind::SecondDocument), "c: d")],
    );
    check_faults("? a\n: b\n", &[(unportable(Kind::ComplexKey), "a\n")]);
    check_faults("{a: b}: c\n", &[(unportable(Kind::ComplexKey), "{a: b}")]);
    check_faults(
        "a: \"\\ud83d\\ude00\"\n",
        &[(unportable(Kind::SurrogateEscape), "\\ud83d")],
    );
    check_faults("a: \"\\\\ud83d\"\n", &[]);
}

#[test]
fn what_is_no_mapping_is_named() {
    check_faults("", &[(FaultKind::NotAMapping("nothing"), "---")]);
    check_faults("- a\n", &[(FaultKind::NotAMapping("a list"), "- a")]);
    check_faults("a b\n", &[(FaultKind::NotAMapping("text"), "a b")]);
}

#[test]
fn two_errors_are_two_faults() {
    use ErrorKind as Kind;
    let colon = (yaml_error(Kind::MappingValueNotAllowed), ": c");
    let at = (
        yaml_error(Kind::UnexpectedCharacter { character: '@' }),
        "@d",
    );
    check_faults("a: b: c\nx: @d\ny: z\n", &[colon, at]);
    check_recovery("a: b: c\nx: @d\ny: z\n", &["y"], &["a", "x"]);
}

#[test]
fn an_open_quote_or_bracket_is_to_blame_and_not_the_key_below() {
    use ErrorKind as Kind;
    check_faults(
        "a: \"b\nc: d\n",
        &[(yaml_error(Kind::InvalidQuotedScalarIndent), "\"b")],
    );
    check_recovery("a: \"b\nc: d\n", &["c"], &["a"]);
    check_faults(
        "a: [b, c\nd: e\n",
        &[(yaml_error(Kind::InvalidColonPlacement), "[b")],
    );
    check_recovery("a: [b, c\nd: e\n", &["d"], &["a"]);
    check_recovery("a: {b: c\nd: e\n", &["d"], &["a"]);
    check_recovery("a: 'b\nc'\nd: e\n", &["d"], &["a"]);
    check_recovery("a: \"b \"c\" d\"\ne: f\n", &["e"], &["a"]);
}

#[test]
fn a_line_that_is_no_entry_is_to_blame_and_not_the_key_below() {
    check_faults(
        "a:b\nc: d\n",
        &[(yaml_error(ErrorKind::SimpleKeyExpected), "a:b")],
    );
    check_recovery("a:b\nc: d\n", &["c"], &[]);
    check_faults(
        "a: >\nb\nc\nd: e\n",
        &[(yaml_error(ErrorKind::SimpleKeyExpected), "b\nc")],
    );
    check_recovery("a: >\nb\nc\nd: e\n", &["d"], &["a"]);
    check_recovery("a: b\n\tc: d\ne: f\n", &["e"], &["a"]);
}

#[test]
fn hostile_input_ends_in_few_faults() {
    for yaml in [
        "[", "{", "- ", "\"", "a: [", "? ", "@\n", "a: @\n", "&a ", "\u{7}\n", "- - ", "!<",
        "a:\n ",
    ] {
        let (_, _, faults) = read(&yaml.repeat(2000));
        assert!(
            (1..=MAX_FAULTS + 2000).contains(&faults.len()),
            "{yaml}: {}",
            faults.len()
        );
    }
    let large = "a: b\n".repeat(MAX_BYTES);
    assert_eq!(
        read(&large).2.first().map(|fault| &fault.kind),
        Some(&FaultKind::FrontmatterTooLarge(large.len()))
    );
}
