//! Which items a run keeps: `-k`, `-m` and `--deselect`. What cannot be judged keeps the item and makes its module inexact.

use crate::base::intern::Name;
use crate::config::pytest_ini::options::CommandLine;

/// What the command line selects.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    keywords: Option<Expression>,
    marks: Option<Expression>,
    prefixes: Vec<String>,
    /// Why some items may be deselected in ways that are not followed.
    pub unclear: Option<&'static str>,
}

impl Selection {
    /// Whether nothing is selected, so that every item is kept.
    #[must_use]
    pub const fn is_everything(&self) -> bool {
        self.keywords.is_none() && self.marks.is_none() && self.prefixes.is_empty()
    }

    /// Reads the options; the last `-m` and `-k` win.
    #[must_use]
    pub fn new(line: &CommandLine) -> Self {
        let mut found =
            Self { prefixes: line.values("--deselect").map(ToOwned::to_owned).collect(), ..Self::default() };
        if let Some(text) = line.value("-m").filter(|text| !text.trim().is_empty()) {
            found.add_marks(text);
        }
        if let Some(text) = line.value("-k").filter(|text| !text.trim().is_empty()) {
            found.keywords = Expression::parse(text);
            if found.keywords.is_none() {
                found.unclear = Some("-k selects among them");
            }
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

    /// Whether the run keeps an item; none if parameters decide that are not known. `-k` looks for parts of names: of its
    /// module, classes and function, of directories, marks and attributes that are set on the function.
    #[must_use]
    pub fn keeps(&self, nodeid: &str, marks: &[Name], attributes: &[Name]) -> Option<bool> {
        if self.prefixes.iter().any(|prefix| nodeid.starts_with(prefix.as_str())) {
            return Some(false);
        }
        let open = nodeid.strip_suffix("[...]");
        let found = |holds: bool| if holds || open.is_none() { Some(holds) } else { None };
        let marked = |wanted: &str| found(marks.iter().any(|mark| mark.as_str() == wanted));
        let by_marks = self.marks.as_ref().map_or(Some(true), |expression| expression.holds(&marked));
        if by_marks == Some(false) {
            return by_marks;
        }
        let Some(keywords) = &self.keywords else { return by_marks };
        let mut names = names_of(open.unwrap_or(nodeid));
        names.extend(marks.iter().chain(attributes).map(|name| name.as_str().to_lowercase()));
        if !marks.is_empty() {
            names.push("pytestmark".to_owned());
        }
        let named = |wanted: &str| found(names.iter().any(|name| name.contains(&wanted.to_lowercase())));
        let by_names = keywords.holds(&named);
        if by_names == Some(true) { by_marks } else { by_names }
    }
}

/// Names of the nodes above an item and its own, in lower case: all but that of the root directory.
fn names_of(nodeid: &str) -> Vec<String> {
    let lower = nodeid.to_lowercase();
    let (path, rest) = lower.split_once("::").unwrap_or((&lower, ""));
    let mut names: Vec<String> = path.split('/').map(str::to_owned).collect();
    let (front, parameters) = rest.find('[').map_or((rest, ""), |at| rest.split_at(at));
    names.extend(front.split("::").map(str::to_owned));
    if let Some(last) = names.last_mut() {
        last.push_str(parameters);
    }
    names
}

/// An expression over names: `not slow and (a or b)`.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Expression {
    Name(String),
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
            name if name.chars().all(|c| c.is_alphanumeric() || "_:+-.[]\\/".contains(c)) => {
                Some(Self::Name(name.to_owned()))
            }
            _ => None,
        }
    }

    fn holds(&self, matches: &dyn Fn(&str) -> Option<bool>) -> Option<bool> {
        match self {
            Self::Name(name) => matches(name),
            Self::Not(inner) => inner.holds(matches).map(|holds| !holds),
            Self::And(parts) => Self::decide(parts, matches, false),
            Self::Or(parts) => Self::decide(parts, matches, true),
            Self::Constant(value) => Some(*value),
        }
    }

    /// One part with this answer decides.
    fn decide(parts: &[Self], matches: &dyn Fn(&str) -> Option<bool>, deciding: bool) -> Option<bool> {
        let mut all = Some(!deciding);
        for part in parts {
            match part.holds(matches) {
                Some(holds) if holds == deciding => return Some(deciding),
                Some(_) => {}
                None => all = None,
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::{Expression, Selection};
    use crate::base::intern::Name;

    fn keeps(expression: &str, marks: &[&str]) -> bool {
        let mut selection = Selection::default();
        selection.add_marks(expression);
        let marks: Vec<_> = marks.iter().map(|mark| Name::new(mark)).collect();
        selection.keeps("t.py::f", &marks, &[]) == Some(true)
    }

    #[test]
    fn mark_expressions_select() {
        assert!(keeps("not slow", &[]) && !keeps("not slow", &["slow"]));
        assert!(keeps("a and (b or not c)", &["a"]));
        assert!(!keeps("a and (b or not c)", &["a", "c"]));
    }

    #[test]
    fn parts_of_names_select() {
        let keeps = |text: &str, nodeid: &str| {
            let selection = Selection { keywords: Expression::parse(text), ..Selection::default() };
            assert!(selection.keywords.is_some(), "{text}");
            selection.keeps(nodeid, &[Name::new("slow")], &[Name::new("vip")])
        };
        let nodeid = "tests/unit/test_a.py::TestB::test_c[One-2.5]";
        for text in ["test_a", "testb and C[one", "slow", "VIP", "not other", "2.5", "test_a.py"] {
            assert_eq!(keeps(text, nodeid), Some(true), "{text}");
        }
        for text in ["not unit", "not tests", "not test_c", "c and other", "testb::test_c"] {
            assert_eq!(keeps(text, nodeid), Some(false), "{text}");
        }
        let open = "tests/test_a.py::test_c[...]";
        assert_eq!(keeps("test_c", open), Some(true));
        assert_eq!(keeps("not test_c", open), Some(false));
        assert_eq!(keeps("other", open), None);
    }

    #[test]
    fn what_is_not_understood_keeps_everything() {
        let mut selection = Selection::default();
        selection.add_marks("device(serial=1)");
        assert!(selection.unclear.is_some() && selection.keeps("t.py::f", &[], &[]) == Some(true));
    }
}
