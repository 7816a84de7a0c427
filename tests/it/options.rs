//! Every option of every command is used in some test.

use std::collections::BTreeSet;

use crate::support::run::precollect;
use crate::support::{files_below, root};

/// Long options in a help text.
fn options(help: &str) -> BTreeSet<String> {
    let starts = |line: &&str| line.trim_start().starts_with('-');
    // What follows two spaces is prose.
    let heads = help.lines().filter(starts).filter_map(|line| line.trim_start().split("  ").next());
    let words = heads.flat_map(|head| head.split([' ', ',', '[', '=', ']', '.']));
    let long = words.filter(|word| word.strip_prefix("--").is_some_and(|name| name.len() > 1));
    long.map(str::to_owned).collect()
}

/// Names of the commands, from the help text.
fn commands() -> Vec<String> {
    let help = precollect(root(), &["--help"]).text();
    let listed = help.lines().skip_while(|line| !line.starts_with("Commands:")).skip(1);
    let lines = listed.take_while(|line| !line.trim().is_empty());
    // Descriptions that wrap are indented further.
    let names = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

/// Every option that a command offers stands, quoted or in a command line, in a test of this directory, with its command
/// or as a global one. Help and version are clap's.
#[test]
fn every_option_is_in_a_test() {
    let own = "options.rs";
    let tests = files_below(&root().join("tests/it"));
    let tests = tests.iter().filter(|path| path.file_name().is_some_and(|name| name != own));
    let text: String = tests.map(|path| std::fs::read_to_string(path).unwrap_or_default()).collect();
    let used = |option: &str| {
        let ends = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '-');
        text.match_indices(option).any(|(at, _)| ends(&text[at + option.len()..]))
    };
    let commands = commands();
    assert!(commands.len() > 8, "{commands:?}");
    let mut unused = BTreeSet::new();
    for command in &commands {
        let help = precollect(root(), &[command, "--help"]);
        assert_eq!(help.code, 0, "{command}");
        for option in options(&help.text()) {
            if !matches!(option.as_str(), "--help" | "--version") && !used(&option) {
                unused.insert(format!("{command} {option}"));
            }
        }
        assert!(text.contains(&format!("\"{command}\"")), "{command} is run in a test");
    }
    assert_eq!(unused, BTreeSet::new());
}

#[test]
fn options_are_read_from_help_texts() {
    let help = "  -q, --quiet...  Say less\n      --output-format <F>  see --other\n      --add-ignore[=<R>]  x\n";
    let expected = ["--add-ignore", "--output-format", "--quiet"].map(str::to_owned);
    assert_eq!(options(help), BTreeSet::from(expected));
}
