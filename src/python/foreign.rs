//! What the objects of some packages are, from `data/foreign.txt`: as much as decides how an object is written
//! out. Compiled code cannot be read, and numpy, pandas and dateutil stand in the tests of many.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

static TEXT: &str = include_str!("../../data/foreign.txt");

/// The class of an object of which no more is known than that it is neither text nor number and has no `__name__`.
pub const PLAIN: &str = "foreign.plain()";

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fact {
    /// A class: its `__name__`, and whether its instances are plain, that is neither text nor number and without a
    /// `__name__`.
    Class {
        /// `__name__`
        name: &'static str,
        /// See above.
        plain: bool,
    },
    /// Something else that has this `__name__`.
    Named(&'static str),
    /// A plain object of this class.
    Instance(&'static str),
    /// A list, tuple or set of these texts, separated by commas.
    Texts(&'static str),
    /// A dict with these texts as keys, separated by commas.
    Keys(&'static str),
    /// A number.
    Int(i64),
    /// A number.
    Float(f64),
}

/// What a method or an attribute gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    /// An object of the class that it belongs to.
    Same,
    /// An object of this class.
    Class(&'static str),
    /// Some plain object.
    Plain,
}

/// A method or an attribute of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: &'static str,
    /// What it gives.
    pub given: Given,
    /// It gives that where a size is given, behind so many arguments or as `size=`.
    pub sized: Option<usize>,
}

/// Which members of a class are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberKind {
    /// Results of methods.
    Method,
    /// Values of attributes.
    Attribute,
    /// Results of `object[a:b]`.
    Slice,
}

#[derive(Default)]
struct Table {
    /// By full name; for one major version of the package, or for all.
    names: FxHashMap<String, Vec<(Option<u32>, Fact)>>,
    results: FxHashMap<&'static str, &'static str>,
    /// By compiled class, and by major version where they differ: what it derives from.
    bases: FxHashMap<&'static str, Vec<&'static str>>,
    /// By class, then by name with the sign of its kind.
    members: FxHashMap<&'static str, FxHashMap<&'static str, Member>>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table::default();
    for (owner, rest) in TEXT.lines().filter_map(|line| line.split_once('\t')) {
        if let Some(callee) = owner.strip_prefix('>') {
            table.results.insert(callee, if rest.is_empty() { PLAIN } else { rest });
        } else if let Some(class) = owner.strip_prefix('^') {
            table.bases.insert(class, rest.split(' ').collect());
        } else if let Some(class) = owner.strip_prefix('(') {
            table.members.insert(class, rest.split(' ').filter_map(member).collect());
        } else {
            for (major, name, fact) in rest.split(' ').filter_map(entry) {
                table.names.entry(format!("{owner}.{name}")).or_default().push((major, fact));
            }
        }
    }
    table
});

fn entry(text: &'static str) -> Option<(Option<u32>, &'static str, Fact)> {
    let (name, fact) = text.split_once('=')?;
    let (major, name) = match name.strip_prefix(|c: char| c.is_ascii_digit()) {
        Some(rest) => (name.get(..1)?.parse().ok(), rest),
        None => (None, name),
    };
    let (kind, text) = fact.split_once(':').unwrap_or((fact, name));
    let fact = match kind {
        "c" => Fact::Class { name: text, plain: true },
        "t" => Fact::Class { name: text, plain: false },
        "n" => Fact::Named(text),
        "i" => Fact::Instance(text),
        "l" => Fact::Texts(text),
        "k" => Fact::Keys(text),
        _ => match text.split_once(':')? {
            ("int", number) => Fact::Int(number.parse().ok()?),
            (_, "nan") => Fact::Float(f64::NAN),
            (_, number) => Fact::Float(number.parse().ok()?),
        },
    };
    Some((major, name, fact))
}

/// `(method=CLASS`, `.attribute==`, `(method@1=`
fn member(text: &'static str) -> Option<(&'static str, Member)> {
    let (signed, given) = text.split_once('=')?;
    let (signed, sized) = match signed.split_once('@') {
        Some((signed, before)) => (signed, Some(before.parse().ok()?)),
        None => (signed, None),
    };
    let given = match given {
        "=" => Given::Same,
        "" => Given::Plain,
        class => Given::Class(class),
    };
    Some((signed, Member { name: signed.get(1..)?, given, sized }))
}

/// Whether anything is known of the package that a dotted name starts with.
#[must_use]
pub fn covers(name: &str) -> bool {
    let rest = ["numpy", "pandas", "dateutil"].iter().find_map(|package| name.strip_prefix(package));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// What a full name stands for, in this major version of the package.
#[must_use]
pub fn find(full: &str, major: Option<u32>) -> Option<Fact> {
    let facts = TABLE.names.get(full)?;
    facts.iter().find(|(of, _)| of.is_none() || *of == major).map(|(_, fact)| *fact)
}

/// Whether it is a class whose instances are plain, in every version in which it is a class.
#[must_use]
pub fn is_plain_class(full: &str) -> bool {
    full == PLAIN
        || TABLE
            .names
            .get(full)
            .is_some_and(|facts| facts.iter().all(|(_, fact)| matches!(fact, Fact::Class { plain: true, .. })))
}

/// The class of what a call of a function gives.
#[must_use]
pub fn result(full: &str) -> Option<&'static str> {
    TABLE.results.get(full).copied()
}

/// Whether a compiled class derives from another; none if either is not known.
#[must_use]
pub fn derives(class: &str, other: &str, major: Option<u32>) -> Option<bool> {
    let bases = |name: &str| {
        let bases = TABLE.bases.get(name);
        bases.or_else(|| TABLE.bases.get(format!("{}{name}", major?).as_str()))
    };
    let (class, other) = (own_name(class, major), own_name(other, major));
    bases(&other)?;
    Some(class == other || bases(&class)?.contains(&other.as_str()))
}

/// The full name of a class that also goes by another one.
fn own_name(full: &str, major: Option<u32>) -> String {
    match (find(full, major), full.rsplit_once('.')) {
        (Some(Fact::Class { name, .. }), Some((module, _))) => format!("{module}.{name}"),
        _ => full.to_owned(),
    }
}

/// What is known of a member of a class.
#[must_use]
pub fn member_of(class: &str, kind: MemberKind, name: &str) -> Option<Member> {
    let members = TABLE.members.get(class)?;
    match kind {
        MemberKind::Method => members.get(format!("({name}").as_str()).copied(),
        MemberKind::Attribute => members.get(format!(".{name}").as_str()).copied(),
        MemberKind::Slice => members.get("[[:1]").copied(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Fact, Given, MemberKind, covers, derives, find, is_plain_class, member_of, result};

    #[test]
    fn names_are_found_by_version() {
        assert!(covers("numpy") && covers("pandas.core.frame") && !covers("numpydoc") && !covers("os"));
        assert_eq!(find("numpy.add", None), Some(Fact::Named("add")));
        assert_eq!(find("numpy.bool_", Some(1)), Some(Fact::Class { name: "bool_", plain: true }));
        assert_eq!(find("numpy.bool_", Some(2)), Some(Fact::Class { name: "bool", plain: true }));
        assert_eq!(find("numpy.bool_", None), None);
        assert_eq!(find("numpy.inf", None), Some(Fact::Float(f64::INFINITY)));
        assert_eq!(find("numpy.unheard", None), None);
    }

    #[test]
    fn numbers_and_what_sets_its_name_are_not_plain() {
        assert!(is_plain_class("numpy.ndarray") && is_plain_class("pandas.core.frame.DataFrame"));
        assert!(is_plain_class("numpy.int64") && !is_plain_class("numpy.float64"));
        assert!(!is_plain_class("numpy.vectorize") && !is_plain_class("numpy.object_") && !is_plain_class("numpy.add"));
        assert_eq!(result("numpy.arange"), Some("numpy.ndarray"));
    }

    #[test]
    fn compiled_classes_know_what_they_derive_from() {
        let offset = |name: &str| format!("pandas._libs.tslibs.offsets.{name}");
        assert_eq!(derives(&offset("Hour"), &offset("Tick"), None), Some(true));
        assert_eq!(derives(&offset("MonthEnd"), &offset("Tick"), None), Some(false));
        assert_eq!(derives(&offset("Day"), &offset("Tick"), Some(2)), Some(true));
        assert_eq!(derives(&offset("Day"), &offset("Tick"), Some(3)), Some(false));
        assert_eq!(derives(&offset("Day"), &offset("Tick"), None), None);
        assert_eq!(derives(&offset("BDay"), &offset("BusinessMixin"), Some(3)), Some(true));
        assert_eq!(derives(&offset("BDay"), &offset("Tick"), Some(3)), Some(false));
        assert_eq!(derives(&offset("Unheard"), &offset("Tick"), None), None);
    }

    #[test]
    fn members_say_what_they_give() {
        let given = |class, kind, name| member_of(class, kind, name).map(|member| (member.given, member.sized));
        assert_eq!(given("numpy.ndarray", MemberKind::Method, "astype"), Some((Given::Same, None)));
        assert_eq!(given("numpy.ndarray", MemberKind::Attribute, "dtype"), Some((Given::Plain, None)));
        assert_eq!(given("numpy.ndarray", MemberKind::Attribute, "size"), None);
        assert_eq!(given("numpy.ndarray", MemberKind::Slice, ""), Some((Given::Same, None)));
        let sized = Some((Given::Class("numpy.ndarray"), Some(2)));
        assert_eq!(given("numpy.random.Generator", MemberKind::Method, "normal"), sized);
    }
}
