//! Members of the standard library's commonest classes, from `data/stdlib-classes.txt`.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::table;
use crate::python::version::{Platform, PythonVersion};

static INDEX: LazyLock<table::Index> = LazyLock::new(|| table::index(include_str!("../../../data/stdlib-classes.txt")));

/// What a member of a class is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberKind {
    /// A method, or another callable.
    Method,
    /// A coroutine method.
    Coroutine,
    /// A `staticmethod`.
    Static,
    /// A `classmethod`.
    Class,
    /// A `property`.
    Property,
    /// A nested class.
    Nested,
    /// Any other attribute.
    Value,
}

/// The members of a class, inherited ones included. Attributes that only instances have are not among them.
#[derive(Debug)]
pub struct ClassMembers {
    /// Bases in method resolution order, without the class; builtin ones bare, others with their module.
    pub mro: Vec<&'static str>,
    members: FxHashMap<&'static str, MemberKind>,
}

impl ClassMembers {
    /// What the member is, if there is one of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<MemberKind> {
        self.members.get(name).copied()
    }
}

/// The members of the class with this full name (`unittest.case.TestCase`, `builtins.str`), if it is one of the recorded
/// ones and the version has it.
#[must_use]
pub fn class(name: &str, version: PythonVersion) -> Option<ClassMembers> {
    let line = *INDEX.get(name)?;
    let mut found = ClassMembers { mro: Vec::new(), members: FxHashMap::default() };
    let mut known = false;
    for (sign, text) in table::groups(line, version, Platform::Linux) {
        known = true;
        let kind = match sign {
            b'^' => {
                found.mro = text.split(' ').filter(|base| !base.is_empty()).collect();
                continue;
            }
            b'f' => MemberKind::Method,
            b'a' => MemberKind::Coroutine,
            b's' => MemberKind::Static,
            b'k' => MemberKind::Class,
            b'p' => MemberKind::Property,
            b'c' => MemberKind::Nested,
            _ => MemberKind::Value,
        };
        found.members.extend(text.split(' ').map(|name| (name, kind)));
    }
    known.then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_come_and_go() {
        let case = |minor| class("unittest.case.TestCase", PythonVersion::three(minor)).expect("it is recorded");
        assert_eq!(case(11).get("assertEquals"), Some(MemberKind::Method));
        assert_eq!(case(12).get("assertEquals"), None);
        assert_eq!(case(12).get("setUpClass"), Some(MemberKind::Class));
        let text = |minor| class("builtins.str", PythonVersion::three(minor)).expect("it is recorded");
        assert!(text(8).get("removeprefix").is_none() && text(9).get("removeprefix").is_some());
        assert_eq!(text(9).mro, ["object"]);
        assert!(class("builtins.ExceptionGroup", PythonVersion::three(10)).is_none());
    }
}
