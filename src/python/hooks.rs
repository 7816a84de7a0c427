//! The hooks that pytest specifies, by major version, for environments whose pytest shows no source.
//!
//! A line of the table names a hook, the versions that have it, and its arguments; `@` and versions follow an argument
//! that some of them lack.

static TEXT: &str = include_str!("../../data/hooks.txt");

/// Each hook of a major version with its arguments.
pub fn of_version(major: u32) -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    TEXT.lines().filter_map(move |line| {
        let mut words = line.split(' ');
        let (name, versions) = (words.next()?, words.next()?);
        let has = |versions: &str| versions.chars().any(|digit| digit.to_digit(10) == Some(major));
        let arguments = words.filter_map(|word| match word.split_once('@') {
            Some((argument, versions)) => has(versions).then_some(argument),
            None => Some(word),
        });
        has(versions).then(|| (name, arguments.collect()))
    })
}

#[cfg(test)]
mod tests {
    use super::of_version;

    #[test]
    fn arguments_are_those_of_the_version() {
        let of = |major| of_version(major).find(|(name, _)| *name == "pytest_ignore_collect").map(|(_, args)| args);
        assert_eq!(of(8), Some(vec!["collection_path", "path", "config"]));
        assert_eq!(of(9), Some(vec!["collection_path", "config"]));
        assert!(of_version(9).all(|(name, _)| name != "pytest_cmdline_preparse"));
    }
}
