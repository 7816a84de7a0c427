//! Import names whose distribution is called something else. For help texts, and for telling what is declared.

use std::sync::LazyLock;

use super::names::prefixes;

/// Lines of import name and distributions that provide it, the usual one first; sorted by name.
static TEXT: &str = include_str!("../../data/packages.txt");

static TABLE: LazyLock<Vec<(&str, Vec<&str>)>> = LazyLock::new(|| {
    let line = |line: &'static str| line.split_once('\t').map(|(name, rest)| (name, rest.split(' ').collect()));
    TEXT.lines().filter_map(line).collect()
});

/// Distributions that provide a module, where the two names differ or are often confused. Of a dotted name the longest
/// known part counts: many distributions share `google.cloud`.
#[must_use]
pub fn of(module: &str) -> &'static [&'static str] {
    let known: Vec<&str> = prefixes(module).collect();
    let find = |name: &str| TABLE.binary_search_by(|(known, _)| (*known).cmp(name)).ok();
    known.into_iter().rev().find_map(find).map_or(&[], |at| &TABLE[at].1)
}

/// Distributions that nearly everybody has heard of, and whose module is called like them (with `_` for `-`); sorted.
static POPULAR: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!("../../data/popular.txt").lines().collect());

/// The well-known distribution that is called like a top-level module. It is very likely the one that is meant.
#[must_use]
pub fn called_like(module: &str) -> Option<&'static str> {
    let name = module.to_lowercase().replace('_', "-");
    POPULAR.binary_search(&name.as_str()).ok().map(|at| POPULAR[at])
}

/// Whether a distribution's name (normalised) looks like that of this module (normalised): `python-x`, `x-python`,
/// `pyx` provide `x`.
#[must_use]
pub fn resembles(distribution: &str, module: &str) -> bool {
    let stripped = [
        distribution.strip_prefix("python-"),
        distribution.strip_prefix("py-"),
        distribution.strip_prefix("py"),
        distribution.strip_suffix("-python"),
        distribution.strip_suffix("-py"),
    ];
    distribution == module || stripped.contains(&Some(module))
}

#[cfg(test)]
mod tests {
    use super::{POPULAR, TABLE, called_like, of, resembles};

    #[test]
    fn the_table_is_sorted() {
        assert!(TABLE.is_sorted_by(|a, b| a.0 < b.0) && TABLE.len() > 400);
    }

    #[test]
    fn well_known_names_are_not_those_of_other_modules() {
        assert!(POPULAR.is_sorted_by(|a, b| a < b));
        assert!(POPULAR.iter().all(|name| of(&name.replace('-', "_")).is_empty()));
        assert_eq!((called_like("nose"), called_like("pytest_mock")), (Some("nose"), Some("pytest-mock")));
        assert_eq!((called_like("shop_tools"), called_like("yaml")), (None, None));
    }

    #[test]
    fn names_that_differ_are_known() {
        assert_eq!(of("yaml"), ["PyYAML"]);
        assert_eq!(of("google.cloud.storage.blob"), ["google-cloud-storage"]);
        assert_eq!(of("google.cloud.unheard"), ["google-cloud-core"]);
        assert_eq!(of("ruamel.yaml"), ["ruamel.yaml"]);
        assert!(of("shop").is_empty());
        assert!(resembles("python-slugify", "slugify") && !resembles("slugify-extra", "slugify"));
    }
}
