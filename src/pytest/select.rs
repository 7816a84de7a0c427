//! Which items a run keeps: `-m` and `--deselect`. What cannot be judged keeps the item and makes its module inexact.

use crate::base::intern::Name;
use crate::config::pytest_ini::options::CommandLine;

/// What the command line selects.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    marks: Option<Expression>,
    prefixes: Vec<String>,
    /// Why some items may be deselected in ways that are not followed.
    pub unclear: Option<&'static str>,
}

impl Selection {
    /// Reads the options; the last `-m` and `-k` win.
    #[must_use]
    pub fn new(line: &CommandLine) -> Self {
        let mut found =
            Self { prefixes: line.values("--deselect").map(ToOwned::to_owned).collect(), ..Self::default() };
        if let Some(text) = line.value("-m").filter(|text| !text.trim().is_empty()) {
            found.add_marks(text);
        }
        if line.value("-k").is_some_and(|text| !text.trim().is_empty()) {
            found.unclear = Some("-k selects among them");
        }
        found
    }

    /// Another expression over marks that decides as well.
    pub fn add_marks(&mut self, text: &str) {
        match Expression::parse(text) {
            Some(expression) => self.marks = Some(expression),
            None => self.unclear = Some("-m selects among them"),
        }
    }

    /// Whether the run keeps an item.
    #[must_use]
    pub fn keeps(&self, nodeid: &str, marks: &[Name]) -> bool {
        !self.prefixes.iter().any(|prefix| nodeid.starts_with(prefix.as_str()))
            && self.marks.as_ref().is_none_or(|expression| expression.holds(marks))
    }
}

/// An expression over mark names: `not slow and (a or b)`.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Expression {
    Mark(String),
    Not(Box<Expression>),
    And(Vec<Expression>),
    Or(Vec<Expression>),
    Constant(bool),
}

impl Expression {
    fn parse(text: &str) -> Option<Self> {
        let spaced = text.replace('(', " ( ").replace(')', " ) ");
        let words: Vec<&str> = spaced.split_whitespace().collect();
        let mut rest = words.as_slice();
        let found = Self::parse_or(&mut rest, 0)?;
        rest.is_empty().then_some(found)
    }

    fn parse_or(rest: &mut &[&str], depth: u32) -> Option<Self> {
        let mut parts = vec![Self::parse_and(rest, depth)?];
        while rest.first() == Some(&"or") {
            *rest = &rest[1..];
            parts.push(Self::parse_and(rest, depth)?);
        }
        Some(if parts.len() == 1 { parts.remove(0) } else { Self::Or(parts) })
    }

    fn parse_and(rest: &mut &[&str], depth: u32) -> Option<Self> {
        let mut parts = vec![Self::parse_not(rest, depth)?];
        while rest.first() == Some(&"and") {
            *rest = &rest[1..];
            parts.push(Self::parse_not(rest, depth)?);
        }
        Some(if parts.len() == 1 { parts.remove(0) } else { Self::And(parts) })
    }

    fn parse_not(rest: &mut &[&str], depth: u32) -> Option<Self> {
        let (first, behind) = rest.split_first()?;
        *rest = behind;
        if depth > 64 {
            return None;
        }
        match *first {
            "not" => Some(Self::Not(Box::new(Self::parse_not(rest, depth + 1)?))),
            "(" => {
                let inner = Self::parse_or(rest, depth + 1)?;
                let (close, behind) = rest.split_first()?;
                *rest = behind;
                (*close == ")").then_some(inner)
            }
            "and" | "or" | ")" => None,
            "True" => Some(Self::Constant(true)),
            "False" => Some(Self::Constant(false)),
            // Arguments of marks (8.3) are not compared.
            _ if rest.first() == Some(&"(") => None,
            name => Some(Self::Mark(name.to_owned())),
        }
    }

    fn holds(&self, marks: &[Name]) -> bool {
        match self {
            Self::Mark(name) => marks.iter().any(|mark| mark.as_str() == name),
            Self::Not(inner) => !inner.holds(marks),
            Self::And(parts) => parts.iter().all(|part| part.holds(marks)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(marks)),
            Self::Constant(value) => *value,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Selection;
    use crate::base::intern::Name;

    fn keeps(expression: &str, marks: &[&str]) -> bool {
        let mut selection = Selection::default();
        selection.add_marks(expression);
        let marks: Vec<_> = marks.iter().map(|mark| Name::new(mark)).collect();
        selection.keeps("t.py::f", &marks)
    }

    #[test]
    fn mark_expressions_select() {
        assert!(keeps("not slow", &[]) && !keeps("not slow", &["slow"]));
        assert!(keeps("a and (b or not c)", &["a"]));
        assert!(!keeps("a and (b or not c)", &["a", "c"]));
    }

    #[test]
    fn what_is_not_understood_keeps_everything() {
        let mut selection = Selection::default();
        selection.add_marks("device(serial=1)");
        assert!(selection.unclear.is_some() && selection.keeps("t.py::f", &[]));
    }
}
