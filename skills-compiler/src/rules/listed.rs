//! Several names in one message.

use super::brief::brief;

/// How many names a message shows.
const SHOWN: usize = 4;

/// ``  `a`, `b` and `c`  ``, or ``  `a`, `b`, `c`, `d` and 2 more  ``.
pub(super) fn listed<'name>(names: impl IntoIterator<Item = &'name str>) -> String {
    let names: Vec<_> = names
        .into_iter()
        .map(|name| format!("`{}`", brief(name)))
        .collect();
    let (shown, hidden) = names.split_at(names.len().min(SHOWN));
    match (shown.split_last(), hidden.len()) {
        (None, _) => String::new(),
        (Some((last, [])), 0) => last.clone(),
        (Some((last, others)), 0) => format!("{} and {last}", others.join(", ")),
        (Some(_), more) => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_names_are_cut_short() {
        assert_eq!(listed([]), "");
        assert_eq!(listed(["a"]), "`a`");
        assert_eq!(listed(["a", "b", "c"]), "`a`, `b` and `c`");
        assert_eq!(listed(["a", "b", "c", "d"]), "`a`, `b`, `c` and `d`");
        assert_eq!(
            listed(["a", "b", "c", "d", "e", "f"]),
            "`a`, `b`, `c`, `d` and 2 more"
        );
    }
}
