//! Examples in docstrings and text files, found as `doctest.DocTestParser` finds them (Lib/doctest.py).

use super::repr::str_repr;

/// What `doctest` refuses in a text, as a `ValueError`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The exception's text.
    pub message: String,
    /// An option is not known here: a plugin may have registered it.
    pub is_option: bool,
}

/// Options of `doctest`, and those that pytest registers.
const OPTIONS: &[&str] = &[
    "DONT_ACCEPT_TRUE_FOR_1",
    "DONT_ACCEPT_BLANKLINE",
    "NORMALIZE_WHITESPACE",
    "ELLIPSIS",
    "SKIP",
    "IGNORE_EXCEPTION_DETAIL",
    "REPORT_UDIFF",
    "REPORT_CDIFF",
    "REPORT_NDIFF",
    "REPORT_ONLY_FIRST_FAILURE",
    "FAIL_FAST",
    "ALLOW_UNICODE",
    "ALLOW_BYTES",
    "NUMBER",
];

const PROMPT: &str = ">>>";
const CONTINUED: &str = "...";

/// Whether a text holds an example that does something: a prompt with more than a comment behind it. `name` is what
/// messages call it.
///
/// # Errors
/// What `doctest` says of a text that it cannot read.
pub fn has_examples(text: &str, name: &str) -> Result<bool, Refused> {
    let expanded = expand_tabs(text);
    let margin = expanded.split('\n').filter_map(indent_of).min().unwrap_or(0);
    let lines: Vec<&str> = expanded.split('\n').map(|line| line.get(margin..).unwrap_or_default()).collect();
    let (mut at, mut found) = (0, false);
    while at < lines.len() {
        if prompt(lines[at], PROMPT).is_none() {
            at += 1;
            continue;
        }
        let source = 1 + lines[at + 1..].iter().take_while(|line| prompt(line, CONTINUED).is_some()).count();
        let wanted = lines[at + source..].iter().take_while(|line| is_output(line)).count();
        let example = Example { lines: &lines[at..at + source], number: at, name };
        found |= example.read(&lines[at + source..at + source + wanted])?;
        at += source + wanted;
    }
    Ok(found)
}

/// What a docstring is once it is compiled: since 3.13 the margin is cut off (`_PyCompile_CleanDoc`).
#[must_use]
pub fn compiled(docstring: &str) -> String {
    let expanded = expand_tabs(docstring);
    let Some((first, rest)) = expanded.split_once('\n') else { return expanded.trim_start_matches(' ').to_owned() };
    let margin = rest.split('\n').filter(|line| !line.trim_start_matches(' ').is_empty()).map(leading_spaces).min();
    let cut = |line: &str| line[leading_spaces(line).min(margin.unwrap_or(0))..].to_owned();
    let rest: Vec<String> = rest.split('\n').map(cut).collect();
    format!("{}\n{}", first.trim_start_matches(' '), rest.join("\n"))
}

struct Example<'t> {
    lines: &'t [&'t str],
    /// Lines before it.
    number: usize,
    name: &'t str,
}

impl Example<'_> {
    /// Checks the example and what it wants; tells whether it is more than a comment.
    fn read(&self, wanted: &[&str]) -> Result<bool, Refused> {
        let indent = leading_spaces(self.lines[0]);
        for (at, line) in self.lines.iter().enumerate() {
            if line.get(indent + 3..).is_some_and(|rest| !rest.is_empty() && !rest.starts_with(' ')) {
                let what = format!("lacks blank after {}", line.get(indent..indent + 3).unwrap_or_default());
                return Err(self.refused(at, &what, line));
            }
        }
        self.check_prefix(0, &self.lines[1..], indent, ".")?;
        self.check_prefix(self.lines.len(), wanted, indent, "")?;
        let source: Vec<&str> = self.lines.iter().map(|line| line.get(indent + 4..).unwrap_or_default()).collect();
        let is_comment = source.len() == 1 && {
            let text = source[0].trim_start_matches(' ');
            text.is_empty() || text.starts_with('#')
        };
        self.options(&source, is_comment)?;
        Ok(!is_comment)
    }

    fn check_prefix(&self, from: usize, lines: &[&str], indent: usize, mark: &str) -> Result<(), Refused> {
        let starts = |line: &&str| line.get(indent..).is_some_and(|rest| rest.starts_with(mark));
        let wrong = |line: &&str| !line.is_empty() && (leading_spaces(line) < indent || !starts(line));
        match lines.iter().enumerate().find(|(_, line)| wrong(line)) {
            Some((at, line)) => Err(self.refused(from + at, "has inconsistent leading whitespace", line)),
            None => Ok(()),
        }
    }

    fn refused(&self, at: usize, what: &str, line: &str) -> Refused {
        let number = self.number + at + 1;
        let message = format!("line {number} of the docstring for {} {what}: {}", self.name, str_repr(line));
        Refused { message, is_option: false }
    }

    /// `# doctest: +OPTION`
    fn options(&self, source: &[&str], is_comment: bool) -> Result<(), Refused> {
        let mut any = false;
        for option in source.iter().filter_map(|line| directive(line)).flat_map(|text| text.split([',', ' ', '\t'])) {
            if option.is_empty() {
                continue;
            }
            any = true;
            let known = option.strip_prefix(['+', '-']).is_some_and(|name| OPTIONS.contains(&name));
            if !known {
                let (number, option) = (self.number + 1, str_repr(option));
                let message = format!("line {number} of the doctest for {} has an invalid option: {option}", self.name);
                return Err(Refused { message, is_option: true });
            }
        }
        if !any || !is_comment {
            return Ok(());
        }
        let what = "has an option directive on a line with no example";
        let (number, text) = (self.number, str_repr(&source.join("\n")));
        Err(Refused {
            message: format!("line {number} of the doctest for {} {what}: {text}", self.name),
            is_option: false,
        })
    }
}

/// The options that a line names: `#\s*doctest:\s*([^\n'"]*)$`.
fn directive(line: &str) -> Option<&str> {
    line.match_indices('#').find_map(|(at, _)| {
        let options = line[at + 1..].trim_start().strip_prefix("doctest:")?;
        (!options.contains(['\'', '"'])).then_some(options)
    })
}

/// What stands behind a prompt that only spaces precede.
fn prompt<'l>(line: &'l str, prompt: &str) -> Option<&'l str> {
    line.trim_start_matches(' ').strip_prefix(prompt)
}

fn is_output(line: &str) -> bool {
    !line.trim_start_matches(' ').is_empty() && prompt(line, PROMPT).is_none()
}

fn leading_spaces(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// The indentation of a line that holds more than white space.
fn indent_of(line: &str) -> Option<usize> {
    let rest = line.trim_start_matches(' ');
    (!rest.trim_start().is_empty() && !rest.starts_with(char::is_whitespace)).then_some(line.len() - rest.len())
}

/// `str.expandtabs`
fn expand_tabs(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut column = 0;
    for c in text.chars() {
        match c {
            '\t' => {
                let width = 8 - column % 8;
                out.extend(std::iter::repeat_n(' ', width));
                column += width;
            }
            '\n' | '\r' => {
                out.push(c);
                column = 0;
            }
            _ => {
                out.push(c);
                column += 1;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{compiled, has_examples};

    fn message(text: &str) -> String {
        has_examples(text, "m.f").expect_err("refused").message
    }

    #[test]
    fn prompts_with_code_are_examples() {
        assert_eq!(has_examples("Adds.\n\n    >>> add(1, 2)\n    3\n", "m.f"), Ok(true));
        assert_eq!(has_examples(">>>\n>>> # only said\n>>>   ", "m.f"), Ok(false));
        assert_eq!(has_examples("a >>> b", "m.f"), Ok(false));
        assert_eq!(has_examples(">>> # said\n... f()\n", "m.f"), Ok(true));
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        assert_eq!(message("x\n>>>f()"), "line 2 of the docstring for m.f lacks blank after >>>: '>>>f()'");
        let text = "    >>> f()\n  2\n    x";
        assert_eq!(message(text), "line 2 of the docstring for m.f has inconsistent leading whitespace: '2'");
        assert_eq!(message(">>> f() # doctest: +NO"), "line 1 of the doctest for m.f has an invalid option: '+NO'");
        let text = "\n>>> # doctest: +SKIP";
        let said =
            "line 1 of the doctest for m.f has an option directive on a line with no example: '# doctest: +SKIP'";
        assert_eq!(message(text), said);
    }

    #[test]
    fn the_compiler_cuts_the_margin() {
        assert_eq!(compiled("  One.\n\n    two\n      three\n    "), "One.\n\ntwo\n  three\n");
        assert_eq!(compiled(" one"), "one");
    }
}
