//! The media type of a file, from its name and from whether it is text.

/// What the common table does not know or knows as something else (`.ts` is a video there).
const TEXTS: &[(&str, &str)] = &[
    ("md", "text/markdown"),
    ("markdown", "text/markdown"),
    ("ts", "text/typescript"),
    ("mts", "text/typescript"),
    ("cts", "text/typescript"),
    ("tsx", "text/typescript"),
    ("jsx", "text/javascript"),
    ("mjs", "text/javascript"),
    ("py", "text/x-python"),
    ("rb", "text/x-ruby"),
    ("go", "text/x-go"),
    ("kt", "text/x-kotlin"),
    ("swift", "text/x-swift"),
    ("sh", "text/x-shellscript"),
    ("bash", "text/x-shellscript"),
    ("zsh", "text/x-shellscript"),
    ("ps1", "text/x-powershell"),
    ("sql", "application/sql"),
    ("yaml", "application/yaml"),
    ("yml", "application/yaml"),
    ("toml", "application/toml"),
    ("jsonl", "application/jsonl"),
    ("json5", "application/json5"),
    ("svg", "image/svg+xml"),
    ("tex", "text/x-tex"),
    ("diff", "text/x-diff"),
    ("patch", "text/x-diff"),
];

/// Whether the name tells the media type of a file that is not text.
pub(crate) fn is_known(name: &str) -> bool {
    of_file(name, false) != UNKNOWN
}

/// The media type of a file of which nothing is known.
const UNKNOWN: &str = "application/octet-stream";

/// The media type of a file with this name.
pub(super) fn of_file(name: &str, is_text: bool) -> &'static str {
    let extension = name
        .rsplit_once('.')
        .map_or("", |(_, extension)| extension)
        .to_ascii_lowercase();
    let known = TEXTS
        .iter()
        .find(|(known, _)| is_text && *known == extension)
        .map(|&(_, media_type)| media_type);
    let guessed = || {
        mime_guess::from_ext(&extension)
            .first_raw()
            .filter(|guess| !is_text || is_textual(guess))
    };
    known
        .or_else(guessed)
        .unwrap_or(if is_text { "text/plain" } else { UNKNOWN })
}

/// Whether a media type can be that of a file that is valid UTF-8.
fn is_textual(media_type: &str) -> bool {
    let (kind, subtype) = media_type.split_once('/').unwrap_or_default();
    match kind {
        "text" | "message" => true,
        "application" => subtype != "octet-stream" && !subtype.contains("zip"),
        _ => subtype.ends_with("+xml"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, is_text: bool, expected: &str) {
        assert_eq!(of_file(name, is_text), expected, "{name}");
    }

    #[test]
    fn name_and_content_decide_together() {
        check("SKILL.md", true, "text/markdown");
        check("logo.PNG", false, "image/png");
        check("index.ts", true, "text/typescript");
        check("clip.ts", false, "video/vnd.dlna.mpeg-tts");
        check("data.csv", true, "text/csv");
        check("data.json", true, "application/json");
        check("Makefile", true, "text/plain");
        check("blob", false, "application/octet-stream");
        check("fake.png", true, "text/plain");
    }
}
