//! SK213: a path below the home directory of one person.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use super::brief::brief;
use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::source::FileId;
use crate::words::Words;

declare_rule! {
    /// A text file of the skill has a path below `/Users/`, `/home/` or `C:\Users\` that belongs to one person.
    ///
    /// Names that stand for anybody, such as `user`, `me` or `<name>`, and those of containers and runners, such as `ubuntu` or
    /// `runner`, are left alone.
    ///
    /// ## Why
    ///
    /// The path is there on one machine only, so that what the skill says about it fails on every other one; and it tells the
    /// user name of its author to everybody.
    ///
    /// ## Example
    ///
    /// ```text
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Look for forms in `/Users/mmustermann/Documents/forms`.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Look for forms in `~/Documents/forms`.
    /// ```
    HOME_PATH = "SK213", "home-path", Content, Warn, Check::Skill(check)
}

/// Names that nobody has, or that everybody has in some container.
const ANYBODY: &str = "\
    abc action actions airflow app1 app2 attacker azureuser bar baz bitnami bot build builder celery centos \
    ci circleci conda cuser data debian deploy deployer dev-user devuser elastic eve fedora first firstname \
    frank git github gitlab-runner grace hacker hadoop hermes hostedtoolcache input jenkins jsmith last mallory me.name \
    model models mysql nginx nixbld nonroot opc output path postgres project projects pwuser redacted \
    redis repo runneradmin sample scratch selenium service site someone-else spark student svc teacher \
    tomcat victim vllm vsts wdagutilityaccount web wwwroot xyz yyy you.name zeppelin zzz \
    admin administrator agent alice all any anyone app appuser bob carol claude claw coder codespace default \
    demo dev developer distiller docker ec2-user example foo gitpod guest home jane janedoe jdoe john johndoe \
    jovyan kali linuxbrew me myname myuser name node nobody openclaw oracle pi public root runner sandbox \
    shared someone someuser steam test testuser ubuntu user user1 username users vagrant vscode whoever \
    workspace www-data xxx you your your-name your-username your_name your_username yourname youruser \
    yourusername";

/// Where the paths of one person stand in a skill.
struct Person<'text> {
    name: &'text str,
    file: FileId,
    first: Range<usize>,
    more: usize,
}

/// Where systems have the homes of their users.
const HOMES: [&str; 3] = ["/Users/", "/home/", "\\Users\\"];

static BEGINNINGS: LazyLock<Words> = LazyLock::new(|| Words::new(HOMES));

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let mut people = BTreeMap::<&str, Person<'_>>::new();
    for (file, text) in cx.texts() {
        for (at, which) in BEGINNINGS.places_by_word(text) {
            let length = HOMES.get(which).map_or(0, |home| home.len());
            let Some((name, first)) = home(text, at, at + length) else {
                continue;
            };
            people
                .entry(name)
                .and_modify(|person| person.more += 1)
                .or_insert(Person {
                    name,
                    file,
                    first,
                    more: 0,
                });
        }
    }
    out.extend(people.values().map(|person| finding(cx, person)));
}

/// The name in a path whose separator in front of `Users` or `home` is at `at` and whose name begins at `start`.
fn home(text: &str, at: usize, start: usize) -> Option<(&str, Range<usize>)> {
    let separator = text.get(at..at + 1)?;
    let mut rest = text.get(start..)?;
    let mut head = text.get(..at)?;
    if separator == "\\" {
        // In JSON and in most code, `\` is written twice.
        rest = rest.strip_prefix(separator).unwrap_or(rest);
        head = head.strip_suffix(separator).unwrap_or(head);
        head = head.strip_suffix(':')?;
        head = head.strip_suffix(|drive: char| drive.is_ascii_alphabetic())?;
    } else if head.ends_with(is_inner) {
        return None;
    }
    let is_part =
        |symbol: char| symbol.is_ascii_alphanumeric() || matches!(symbol, '.' | '_' | '-');
    let name = rest.get(..rest.find(|symbol| !is_part(symbol))?)?;
    let end = text.len() - rest.len() + name.len();
    // What is no directory is no home: `/Users/list.json`.
    text.get(end..)?.strip_prefix(separator)?;
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.len() > 1
        && !ANYBODY
            .split(' ')
            .any(|anybody| anybody.eq_ignore_ascii_case(name))
        && ![
            "your",
            "user",
            "example",
            "xxx",
            "placeholder",
            "redacted",
            "-svc",
            "svc-",
            "service",
        ]
        .iter()
        .any(|word| name.to_ascii_lowercase().contains(word));
    (is_name && !is_request(head)).then_some((name, head.len()..end))
}

/// Whether a path goes on in front of this place, so that it does not begin here: `src/Users/`, `example.com/home/`.
fn is_inner(symbol: char) -> bool {
    symbol.is_alphanumeric()
        || matches!(
            symbol,
            '.' | '_' | '-' | '/' | '}' | ')' | ']' | '>' | '*' | '~' | '@' | '%' | '$'
        )
}

/// Whether a path is that of a request to a server: `GET /Users/...`.
fn is_request(head: &str) -> bool {
    let word = head
        .trim_end_matches([' ', '`', '"', '\''])
        .rsplit(|symbol: char| !symbol.is_ascii_uppercase())
        .next();
    matches!(
        word,
        Some("GET" | "PUT" | "POST" | "PATCH" | "DELETE" | "HEAD")
    )
}

/// The languages in which `~` is the name of a directory like any other.
const CODE: [&str; 9] = ["cjs", "go", "java", "js", "mjs", "py", "rb", "rs", "ts"];

fn finding(cx: &SkillContext<'_>, person: &Person<'_>) -> Finding {
    let path = &cx.tree.file(person.file).path;
    let is_code = path
        .rsplit_once('.')
        .is_some_and(|(_, kind)| CODE.contains(&kind));
    let help = if is_code {
        "ask the system for the home directory of the user, or take the path from an argument"
    } else {
        "write the path from `~` or from the directory of the skill, or a name that stands for anybody, such as `user`"
    };
    let message = format!("this is a path on the machine of `{}`", brief(person.name));
    let finding = Finding::at(&HOME_PATH, person.file, person.first.clone(), message)
        .note("other machines do not have it, and it tells everybody the user name")
        .help(help);
    match person.more {
        0 => finding,
        1 => finding.note("another path in this skill begins so too"),
        more => finding.note(format!("{more} more paths in this skill begin so too")),
    }
}
