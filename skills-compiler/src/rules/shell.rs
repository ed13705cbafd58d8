//! Commands of a shell, as far as rules have to understand them.

/// How many bytes of the text after a pipe name an interpreter that reads its program from the pipe; nothing if it reads
/// data from there, as in `| python3 -m json.tool`.
pub(super) fn interpreter(after: &str) -> Option<usize> {
    let mut rest = after.trim_start_matches(['&', ' ', '\t', '\\', '\r', '\n']);
    loop {
        let word = rest.split([' ', '\t']).next()?;
        // Options that stand here belong to what was passed over, as in `sudo -E sh`.
        let is_option = word.starts_with('-') && rest.len() < after.trim_start().len();
        let is_passed_over =
            is_option || matches!(word, "sudo" | "env" | "exec") || word.contains('=');
        if !is_passed_over {
            break;
        }
        rest = rest.get(word.len()..)?.trim_start();
        if rest.is_empty() {
            return None;
        }
    }
    let length = rest
        .find(|symbol: char| !symbol.is_ascii_alphanumeric() && !matches!(symbol, '/' | '.' | '_'));
    let (word, arguments) = rest.split_at(length.unwrap_or(rest.len()));
    let name = word.rsplit('/').next()?;
    let next = arguments
        .trim_start()
        .split([' ', '\t', '\n', '"', '\'', ')', '`'])
        .next()?;
    let ends =
        next.is_empty() || next.starts_with(['|', '&', ';', '>', '<', '#', '\\', ',', '*', '.']);
    let reads_program = match name {
        "sh" | "bash" | "zsh" | "dash" | "ksh" | "fish" => {
            ends || next.starts_with('-') && !next.starts_with("-c")
        }
        "python" | "python3" | "perl" | "ruby" | "node" | "php" => {
            ends && !arguments.starts_with('.') || next == "-"
        }
        _ => false,
    };
    reads_program.then(|| after.len() - rest.len() + word.len())
}

/// Whether a line warns of what it shows, or looks for it.
pub(super) fn warns(line: &str) -> bool {
    const WORDS: &[&str] = &[
        "never",
        "don't",
        "do not",
        "avoid",
        "danger",
        "malicious",
        "unsafe",
        "untrusted",
        "suspicious",
        "reject",
        "block",
        "deny",
        "denied",
        "forbid",
        "attack",
        "exploit",
        "risk",
        "evil",
        "insecure",
        "vulnerab",
        "detect",
        "pattern",
        "grep",
        "regex",
        "anti-",
        "bad:",
        "wrong",
        "\u{274c}",
        "\u{1f6a8}",
        "\u{26a0}",
        "flag ",
        "red flag",
        "injection",
        "payload",
        "instead of",
        "refuse",
        "warn",
        "prohibit",
        "pwn",
        "hack",
    ];
    let lower = line.to_lowercase();
    WORDS.iter().any(|word| lower.contains(word))
}
