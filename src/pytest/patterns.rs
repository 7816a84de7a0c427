//! Which names pytest looks at: `python_classes`, `python_functions`, and what it never asks for.

use crate::config::pytest_ini::text::fnmatch;

/// Whether a name fits one of the patterns: a prefix, or a glob where it has glob characters.
#[must_use]
pub fn matches(patterns: &[String], name: &str) -> bool {
    patterns.iter().any(|pattern| {
        name.starts_with(pattern.as_str()) || pattern.contains(['*', '?', '[']) && fnmatch(pattern, name)
    })
}

/// Attributes that every module, class or instance has: pytest does not look at them.
const IGNORED: &[&str] = &[
    "__annotations__",
    "__builtins__",
    "__cached__",
    "__class__",
    "__delattr__",
    "__dict__",
    "__dir__",
    "__doc__",
    "__eq__",
    "__file__",
    "__firstlineno__",
    "__format__",
    "__ge__",
    "__getattribute__",
    "__getstate__",
    "__gt__",
    "__hash__",
    "__init__",
    "__init_subclass__",
    "__le__",
    "__loader__",
    "__lt__",
    "__module__",
    "__name__",
    "__ne__",
    "__new__",
    "__package__",
    "__reduce__",
    "__reduce_ex__",
    "__repr__",
    "__setattr__",
    "__sizeof__",
    "__spec__",
    "__static_attributes__",
    "__str__",
    "__subclasshook__",
    "__weakref__",
];

/// Whether pytest skips the name when it goes through a namespace.
#[must_use]
pub fn is_ignored(name: &str) -> bool {
    name.starts_with("__") && IGNORED.binary_search(&name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::{IGNORED, is_ignored, matches};

    #[test]
    fn patterns_are_prefixes_or_globs() {
        let patterns = ["test".to_owned(), "*_check".to_owned()];
        let fits = |name| matches(&patterns, name);
        assert!(fits("test_a") && fits("tester") && fits("my_check"));
        assert!(!fits("my_test") && !fits("_check_"));
        assert!(matches(&[String::new()], "anything"));
    }

    #[test]
    fn the_table_is_sorted() {
        assert!(IGNORED.is_sorted());
        assert!(is_ignored("__init__") && !is_ignored("__test__"));
    }
}
