//! Shell-like splitting and file-name patterns, as Python's `shlex` and `fnmatch` do them.

use std::path::Path;

/// `shlex.split(text)`: quotes and backslashes as in a POSIX shell, comments not recognised.
///
/// # Errors
/// `No closing quotation`, `No escaped character`.
pub fn shlex(text: &str) -> Result<Vec<String>, &'static str> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\r' | '\n' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next() {
                        Some('\'') => break,
                        Some(c) => word.push(c),
                        None => return Err("No closing quotation"),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next() {
                        Some('"') => break,
                        Some('\\') => match chars.next() {
                            Some(c @ ('"' | '\\')) => word.push(c),
                            Some(c) => word.extend(['\\', c]),
                            None => return Err("No escaped character"),
                        },
                        Some(c) => word.push(c),
                        None => return Err("No closing quotation"),
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(chars.next().ok_or("No escaped character")?),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

/// `fnmatch.fnmatchcase`: `*` and `?` cross slashes, `[...]` and `[!...]` are sets.
#[must_use]
pub fn fnmatch(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t) = (0, 0);
    // Where to go back to when the rest does not fit: the last star and the text position it has reached.
    let mut star: Option<(usize, usize)> = None;
    loop {
        if p < pattern.len() && pattern[p] == '*' {
            star = Some((p + 1, t));
            p += 1;
            continue;
        }
        if t == text.len() && p == pattern.len() {
            return true;
        }
        let step = if t < text.len() && p < pattern.len() { match_one(&pattern, p, text[t]) } else { None };
        match (step, star) {
            (Some(next), _) => {
                p = next;
                t += 1;
            }
            (None, Some((after, reached))) if reached < text.len() => {
                star = Some((after, reached + 1));
                p = after;
                t = reached + 1;
            }
            _ => return false,
        }
    }
}

/// The pattern position behind the element at `p`, if that element matches `c`.
fn match_one(pattern: &[char], p: usize, c: char) -> Option<usize> {
    match pattern[p] {
        '?' => Some(p + 1),
        '[' => {
            let Some(end) = set_end(pattern, p) else { return (c == '[').then_some(p + 1) };
            let negated = pattern.get(p + 1) == Some(&'!');
            let set = &pattern[p + 1 + usize::from(negated)..end];
            (in_set(set, c) != negated).then_some(end + 1)
        }
        literal => (literal == c).then_some(p + 1),
    }
}

/// Position of the `]` that closes the set opened at `p`: one directly behind the opening belongs to the set.
fn set_end(pattern: &[char], p: usize) -> Option<usize> {
    let mut end = p + 1;
    if pattern.get(end) == Some(&'!') {
        end += 1;
    }
    if pattern.get(end) == Some(&']') {
        end += 1;
    }
    (end..pattern.len()).find(|at| pattern[*at] == ']')
}

fn in_set(set: &[char], c: char) -> bool {
    let mut at = 0;
    while at < set.len() {
        if at + 2 < set.len() && set[at + 1] == '-' {
            if set[at] <= c && c <= set[at + 2] {
                return true;
            }
            at += 3;
        } else {
            if set[at] == c {
                return true;
            }
            at += 1;
        }
    }
    false
}

/// pytest's `fnmatch_ex`: a pattern without a slash looks at the base name, one with a slash at the whole path.
#[must_use]
pub fn fnmatch_ex(pattern: &str, path: &Path) -> bool {
    if !pattern.contains('/') {
        let name = path.file_name().map(|n| n.to_string_lossy()).unwrap_or_default();
        return fnmatch(pattern, &name);
    }
    let whole = path.to_string_lossy();
    if path.is_absolute() && !pattern.starts_with('/') {
        return fnmatch(&format!("*/{pattern}"), &whole);
    }
    fnmatch(pattern, &whole)
}

#[cfg(test)]
mod tests {
    use super::{fnmatch, fnmatch_ex, shlex};
    use std::path::Path;

    #[test]
    fn words_split_as_in_a_shell() {
        assert_eq!(shlex(r#"-k "a b" 'c d'e  \ f """#).expect("valid"), ["-k", "a b", "c de", " f", ""]);
        assert_eq!(shlex("'a"), Err("No closing quotation"));
    }

    #[test]
    fn patterns_match_as_fnmatch_does() {
        for (pattern, text, expected) in [
            ("test_*.py", "test_a.py", true),
            ("test_*.py", "test_.py", true),
            ("*_test.py", "a_test.pyc", false),
            ("*", "", true),
            ("a*b*c", "a/b/x/c", true),
            ("[!a]b", "ab", false),
            ("[a-c]?", "bz", true),
            ("[]]", "]", true),
            ("[", "[", true),
        ] {
            assert_eq!(fnmatch(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_slash_makes_the_pattern_see_the_whole_path() {
        assert!(fnmatch_ex("tests/*.py", Path::new("/r/tests/a/b.py")));
        assert!(fnmatch_ex("build", Path::new("/r/build")));
        assert!(!fnmatch_ex("r/build", Path::new("/x/build")));
    }
}
