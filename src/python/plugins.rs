//! Which distribution a well-known fixture comes from. For help texts: what is installed is read, not looked up here.

use std::sync::LazyLock;

/// Lines of fixture name and distributions that offer it, the usual one first; sorted by name.
static TEXT: &str = include_str!("../../data/fixtures.txt");

static TABLE: LazyLock<Vec<(&str, Vec<&str>)>> = LazyLock::new(|| {
    let line = |line: &'static str| line.split_once('\t').map(|(name, rest)| (name, rest.split(' ').collect()));
    TEXT.lines().filter_map(line).collect()
});

/// Distributions whose plugin offers a fixture of this name, the usual one first.
#[must_use]
pub fn offering(fixture: &str) -> &'static [&'static str] {
    TABLE.binary_search_by(|(known, _)| (*known).cmp(fixture)).map_or(&[], |at| &TABLE[at].1)
}

#[cfg(test)]
mod tests {
    use super::{TABLE, offering};

    #[test]
    fn the_table_is_sorted_and_complete() {
        assert!(TABLE.is_sorted_by(|a, b| a.0 < b.0) && TABLE.iter().all(|(_, from)| !from.is_empty()));
        assert_eq!(offering("mocker"), ["pytest-mock"]);
        assert!(offering("shop").is_empty());
    }
}
