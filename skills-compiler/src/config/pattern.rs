//! Patterns for skill paths: `*` stands for anything within a segment, `**` for any number of segments.

/// A pattern such as `vendor/**` or `acme/*/refunds`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(String);

impl Pattern {
    /// Takes any text; one without `*` matches only itself.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.trim_matches('/').to_owned())
    }

    /// Whether a skill path fits.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        let pattern: Vec<_> = self.0.split('/').collect();
        let path: Vec<_> = path.split('/').collect();
        segments(&pattern, &path)
    }
}

/// Goes back to the last `**` where the rest does not fit; that is enough, and never exponential.
fn segments(pattern: &[&str], path: &[&str]) -> bool {
    wildcard(
        pattern,
        path,
        |segment| *segment == "**",
        |segment, part| segment_matches(segment, part),
    )
}

fn segment_matches(segment: &str, part: &str) -> bool {
    let segment: Vec<_> = segment.chars().collect();
    let part: Vec<_> = part.chars().collect();
    wildcard(
        &segment,
        &part,
        |symbol| *symbol == '*',
        |symbol, other| symbol == other,
    )
}

/// The common algorithm: `is_any` says which items of the pattern stand for any number of others.
fn wildcard<P, T>(
    pattern: &[P],
    text: &[T],
    is_any: impl Fn(&P) -> bool,
    fits: impl Fn(&P, &T) -> bool,
) -> bool {
    let (mut at, mut next) = (0, 0);
    let mut retry = None;
    while let Some(item) = text.get(at) {
        match pattern.get(next) {
            Some(any) if is_any(any) => {
                retry = Some((at, next));
                next += 1;
            }
            Some(one) if fits(one, item) => {
                (at, next) = (at + 1, next + 1);
            }
            _ => {
                let Some((from, star)) = retry else {
                    return false;
                };
                retry = Some((from + 1, star));
                (at, next) = (from + 1, star + 1);
            }
        }
    }
    pattern.iter().skip(next).all(is_any)
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    fn check(pattern: &str, fitting: &[&str], others: &[&str]) {
        let pattern = Pattern::new(pattern);
        for path in fitting {
            assert!(pattern.matches(path), "{pattern:?} {path}");
        }
        for path in others {
            assert!(!pattern.matches(path), "{pattern:?} {path}");
        }
    }

    #[test]
    fn a_star_stays_within_a_segment_and_two_do_not() {
        check("pdf", &["pdf"], &["pdf-forms", "a/pdf"]);
        check("vendor/*", &["vendor/a"], &["vendor", "vendor/a/b"]);
        check(
            "vendor/**",
            &["vendor", "vendor/a", "vendor/a/b"],
            &["vendors"],
        );
        check("**/pdf", &["pdf", "a/pdf", "a/b/pdf"], &["a/pdf/b"]);
        check("a/**/z*", &["a/z", "a/b/zoo"], &["a/b/c"]);
        check("*-forms", &["pdf-forms", "-forms"], &["pdf-form"]);
        check("**", &["a", "a/b"], &[]);
    }

    #[test]
    fn many_stars_take_no_time() {
        let pattern = "**/".repeat(200) + "x";
        check(&pattern, &["x"], &[&"a/".repeat(500)]);
        check(&("*a".repeat(200) + "b"), &[], &[&"a".repeat(1_000)]);
    }
}
