//! The ini dialect of pytest's parser: comments fill whole lines, values continue on indented lines.

use std::collections::BTreeMap;

/// Sections with their keys and values; order does not matter to pytest.
pub type Sections = BTreeMap<String, BTreeMap<String, String>>;

/// Why a text is no ini file, in the parser's words, without the path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// 1-based line.
    pub line: usize,
    /// `unexpected value continuation` and the like.
    pub message: String,
}

enum Line {
    Blank,
    Section(String),
    Value(String, String),
    Continuation(String),
}

/// Reads a whole file.
///
/// # Errors
/// As the parser that pytest uses.
pub fn parse(text: &str) -> Result<Sections, ParseError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut sections = Sections::new();
    let mut section: Option<String> = None;
    // The key that a continuation line extends; a section header or the start of the file has none.
    let mut key: Option<String> = None;
    for (index, line) in split_lines(text).enumerate() {
        let error = |message: String| ParseError { line: index + 1, message };
        match read_line(line).map_err(error)? {
            Line::Blank => {}
            Line::Section(name) => {
                if name.is_empty() {
                    return Err(error("empty section name".into()));
                }
                if sections.contains_key(&name) {
                    return Err(error(format!("duplicate section {}", quote(&name))));
                }
                sections.insert(name.clone(), BTreeMap::new());
                section = Some(name);
                key = None;
            }
            Line::Value(name, value) => {
                let values = section.as_ref().and_then(|s| sections.get_mut(s));
                let values = values.ok_or_else(|| error("no section header defined".into()))?;
                if values.contains_key(&name) {
                    return Err(error(format!("duplicate name {}", quote(&name))));
                }
                values.insert(name.clone(), value);
                key = Some(name);
            }
            Line::Continuation(more) => {
                let values = section.as_ref().and_then(|s| sections.get_mut(s));
                let value = values.zip(key.as_ref()).and_then(|(values, key)| values.get_mut(key));
                let value = value.ok_or_else(|| error("unexpected value continuation".into()))?;
                if !value.is_empty() {
                    value.push('\n');
                }
                value.push_str(&more);
            }
        }
    }
    Ok(sections)
}

/// Python's universal newlines; other separators of `str.splitlines` do not occur in practice.
fn split_lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'))
}

fn read_line(line: &str) -> Result<Line, String> {
    if line.trim_start().starts_with(['#', ';']) {
        return Ok(Line::Blank);
    }
    let line = line.trim_end();
    let Some(first) = line.chars().next() else { return Ok(Line::Blank) };
    if first == '[' {
        let header = line.split(['#', ';']).next().unwrap_or(line).trim_end();
        return Ok(match header.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
            Some(name) => Line::Section(name.to_owned()),
            None => Line::Continuation(line.trim().to_owned()),
        });
    }
    if first.is_whitespace() {
        return Ok(Line::Continuation(line.trim().to_owned()));
    }
    let by_equals = line.split_once('=').filter(|(name, _)| !name.contains(':'));
    let (name, value) =
        by_equals.or_else(|| line.split_once(':')).ok_or_else(|| format!("unexpected line: {}", quote(line)))?;
    Ok(Line::Value(name.trim().to_owned(), value.trim().to_owned()))
}

/// `repr` of a Python string, for messages.
#[must_use]
pub fn quote(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::from(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push_str(&format!("\\x{:02x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn message(text: &str) -> String {
        let error = parse(text).expect_err("refused");
        format!("{}: {}", error.line, error.message)
    }

    #[test]
    fn values_continue_and_inline_comments_stay() {
        let sections =
            parse("\u{feff}# c\n[pytest]\ntestpaths = a ; b\n# c\naddopts =\n  -q\n # c\n\n  -x\nk: v = w\n")
                .expect("valid");
        let pytest = &sections["pytest"];
        assert_eq!(pytest["testpaths"], "a ; b");
        assert_eq!(pytest["addopts"], "-q\n-x");
        assert_eq!(pytest["k"], "v = w");
    }

    #[test]
    fn errors_are_the_parsers() {
        assert_eq!(message(" x\n"), "1: unexpected value continuation");
        assert_eq!(message("a = 1\n"), "1: no section header defined");
        assert_eq!(message("[s]\na = 1\na = 2\n"), "3: duplicate name 'a'");
        assert_eq!(message("[s]\n[s]\n"), "2: duplicate section 's'");
        assert_eq!(message("[s]\nword\n"), "2: unexpected line: 'word'");
    }
}
