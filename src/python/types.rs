//! The attributes of plain values, for each Python version: a data table made by `scripts/make_types.py`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::version::PythonVersion;

/// Lines of a type, a tab and its attributes; `name@9` from 3.9 on, `name@-9` up to 3.9.
static TEXT: &str = include_str!("../../data/types.txt");

type Range = (u8, u8);

static TABLE: LazyLock<BTreeMap<&str, BTreeMap<&str, Range>>> = LazyLock::new(|| {
    let line =
        |line: &'static str| line.split_once('\t').map(|(kind, names)| (kind, names.split(' ').map(one).collect()));
    TEXT.lines().filter_map(line).collect()
});

fn one(word: &'static str) -> (&'static str, Range) {
    match word.split_once('@') {
        None => (word, (0, u8::MAX)),
        Some((name, range)) => match range.strip_prefix('-') {
            Some(last) => (name, (0, last.parse().unwrap_or(u8::MAX))),
            None => (name, (range.parse().unwrap_or(0), u8::MAX)),
        },
    }
}

/// Whether a value of the builtin type has the attribute; none if the type is not in the table.
#[must_use]
pub fn has(kind: &str, name: &str, version: PythonVersion) -> Option<bool> {
    let names = TABLE.get(kind)?;
    Some(names.get(name).is_some_and(|(first, last)| (*first..=*last).contains(&version.minor)))
}

/// Types whose values the machine does not tell from those of a builtin one.
const KIN: &[(&str, &[&str])] = &[
    ("dict", &["Counter", "OrderedDict", "UserDict", "defaultdict"]),
    ("list", &["deque", "tuple"]),
    ("set", &["frozenset", "dict"]),
];

/// Whether neither the type nor any that is like it has the attribute.
#[must_use]
pub fn surely_lacks(kind: &str, name: &str, version: PythonVersion) -> bool {
    let kin = KIN.iter().find(|(own, _)| *own == kind).map_or(&[][..], |(_, kin)| kin);
    has(kind, name, version) == Some(false) && kin.iter().all(|other| has(other, name, version) == Some(false))
}

#[cfg(test)]
mod tests {
    use super::{has, surely_lacks};
    use crate::python::version::PythonVersion;

    #[test]
    fn attributes_are_known_by_version() {
        let (old, new) = (PythonVersion::three(8), PythonVersion::three(12));
        assert_eq!(has("str", "removeprefix", old), Some(false));
        assert_eq!(has("str", "removeprefix", new), Some(true));
        assert_eq!(has("int", "bit_length", old), Some(true));
        assert_eq!(has("spam", "eggs", old), None);
        assert!(surely_lacks("dict", "iteritems", new) && !surely_lacks("dict", "most_common", new));
        assert!(!surely_lacks("NoneType", "x", new), "None is not judged");
    }
}
