//! Dotted and relative module names.

/// The package a relative import starts from: `level` dots counted from inside `package` (PEP 328; one dot is the
/// package itself). `None` when there are more dots than packages.
#[must_use]
pub fn relative_base(package: &str, level: u32) -> Option<&str> {
    let mut base = package;
    for _ in 1..level {
        base = base.rsplit_once('.')?.0;
    }
    (!base.is_empty()).then_some(base)
}

/// Whether the text is an identifier that an import statement could name. (ASCII exactly, other letters generously.)
#[must_use]
pub fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c == '_' || c.is_alphabetic()) && chars.all(|c| c == '_' || c.is_alphanumeric())
}

/// Whether the word is a keyword, in every version.
#[must_use]
pub fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "False"
            | "None"
            | "True"
            | "and"
            | "as"
            | "assert"
            | "async"
            | "await"
            | "break"
            | "class"
            | "continue"
            | "def"
            | "del"
            | "elif"
            | "else"
            | "except"
            | "finally"
            | "for"
            | "from"
            | "global"
            | "if"
            | "import"
            | "in"
            | "is"
            | "lambda"
            | "nonlocal"
            | "not"
            | "or"
            | "pass"
            | "raise"
            | "return"
            | "try"
            | "while"
            | "with"
            | "yield"
    )
}

/// `a`, `a.b`, `a.b.c` of `a.b.c`.
pub fn prefixes(dotted: &str) -> impl Iterator<Item = &str> {
    dotted.match_indices('.').map(|(at, _)| &dotted[..at]).chain(std::iter::once(dotted))
}

#[cfg(test)]
mod tests {
    use super::{prefixes, relative_base};

    #[test]
    fn dots_climb_packages() {
        assert_eq!(relative_base("a.b", 1), Some("a.b"));
        assert_eq!(relative_base("a.b", 2), Some("a"));
        assert_eq!(relative_base("a.b", 3), None);
        assert_eq!(relative_base("", 1), None);
    }

    #[test]
    fn prefixes_grow() {
        assert_eq!(prefixes("a.b.c").collect::<Vec<_>>(), ["a", "a.b", "a.b.c"]);
    }
}
