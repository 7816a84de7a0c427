//! The command line as clap parses it: plain values, nothing read yet. Help sentences of options that are also keys of
//! the configuration come from its table.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use super::exit;
use crate::config::settings::keys::help;

const EXAMPLES: &str = "\
Examples:
  precollect                           judge the project in the current directory
  precollect ../shop --python none     judge another one, without its environment
  precollect check tests/test_a.py     show only what concerns one file
  precollect collect -q -- -k login    the node ids pytest would list
  precollect exports shop.api.auth     what a module really offers
  precollect explain IMP002            what a rule finds, and what to do

Exit code: 0 nothing found, 1 findings at or above --fail-on, 2 wrong use or configuration.";

/// What `pytest --collect-only` would do to a source tree, without running any Python.
///
/// Without a command, `check` runs.
#[derive(Debug, Parser)]
#[command(name = "precollect", version, override_usage = "precollect [COMMAND] [OPTIONS] [PATHS]... [-- PYTEST ARGUMENTS...]", after_help = EXAMPLES, max_term_width = 100, disable_help_subcommand = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Options that every command has.
    #[command(flatten)]
    pub global: Global,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Say what would fail, end or hang the collection, and why (the default command)
    #[command(after_help = CHECK_EXAMPLES)]
    Check(Box<Check>),
    /// Predict the collection: a tree, node ids (-q) or JSON
    #[command(after_help = COLLECT_EXAMPLES)]
    Collect(Collect),
    /// Show the import graph of the project
    #[command(after_help = GRAPH_EXAMPLES)]
    Graph(Graph),
    /// Say what runs for a test module, in order, and where it breaks; or what becomes of another module
    #[command(after_help = "Examples:\n  precollect why tests/test_login.py\n  precollect why shop.api.auth")]
    Why(Why),
    /// List what a module really offers, and who imports it
    #[command(after_help = "Example:\n  precollect exports shop.api.auth")]
    Exports(Exports),
    /// Show fixtures: what a test or path sees and where it comes from; the tree of conftests; what nobody asks for
    #[command(after_help = FIXTURES_EXAMPLES)]
    Fixtures(Fixtures),
    /// Explain one rule, or list all of them
    #[command(
        visible_alias = "rule",
        after_help = "Examples:\n  precollect explain IMP002\n  precollect explain --all"
    )]
    Explain(Explain),
    /// Show which Python environment was found, and how
    Env(Env),
    /// Show the settings in force and where each comes from
    #[command(after_help = "Examples:\n  precollect config\n  precollect config --schema > precollect.schema.json")]
    Config(Config),
    /// Write the audit of a project
    #[command(after_help = "Example:\n  precollect report --output-format markdown=audit.md")]
    Report(Report),
    /// Set up a project: a minimal configuration and the entry of the pre-commit hook
    #[command(after_help = "Examples:\n  precollect init\n  precollect init --yes ../shop")]
    Init(Init),
    /// Print a completion script for a shell
    #[command(
        after_help = "Example:\n  precollect completions bash > ~/.local/share/bash-completion/completions/precollect"
    )]
    Completions(Completions),
    /// Print the manual page, or write those of all commands into a directory
    #[command(
        after_help = "Examples:\n  precollect man | man -l -\n  precollect man --directory ~/.local/share/man/man1"
    )]
    Man(Man),
    /// Show what is kept between runs and where, or remove it
    #[command(after_help = "Examples:\n  precollect cache\n  precollect cache clean")]
    Cache(Cache),
}

const CHECK_EXAMPLES: &str = "\
Examples:
  precollect check
  precollect check --select IMP,ENV001 --output-format concise
  precollect check --output-format full --output-format sarif=precollect.sarif
  precollect check --fix                                  (--diff shows what it would change)
  precollect check --update-baseline                      (from now on only what is new is told)
  precollect check --since origin/main
  precollect check --add-ignore=later                     (a reason, written behind each comment)
  precollect check --watch
  precollect check tests/test_a.py tests/test_b.py      (as a pre-commit hook does)
  precollect check -- tests/unit --import-mode=importlib  (what follows -- is for pytest)";

const COLLECT_EXAMPLES: &str = "\
Examples:
  precollect collect -q
  precollect collect tests/unit -q
  precollect collect --output-format json -- -p no:randomly tests
  pytest --collect-only -q | precollect collect --compare -
  precollect collect --verify          (runs pytest, and says where the prediction is wrong)";

const FIXTURES_EXAMPLES: &str = "\
Examples:
  precollect fixtures tests/api/test_login.py::test_ok    what one test needs, and from where
  precollect fixtures tests/api                           what tests below a directory may ask for
  precollect fixtures --tree                              the project's fixtures by conftest, module and class
  precollect fixtures --unused";

const GRAPH_EXAMPLES: &str = "\
Examples:
  precollect graph --cycles
  precollect graph --from shop.api --to shop.db
  precollect graph --output-format mermaid > imports.mmd";

/// Options that every command has.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Configuration file to read instead of the nearest one, or one KEY=VALUE of it
    #[arg(long, global = true, value_name = "FILE|KEY=VALUE")]
    pub config: Vec<String>,
    /// Read no configuration file
    #[arg(long, global = true)]
    pub isolated: bool,
    #[arg(long, global = true, value_name = "PATH|none", help = help("python"))]
    pub python: Option<String>,
    #[arg(long, global = true, value_name = "VERSION", help = help("python-version"))]
    pub python_version: Option<String>,
    #[arg(long, global = true, value_name = "PLATFORM", help = help("python-platform"))]
    pub python_platform: Option<String>,
    /// When to use colours
    #[arg(long, global = true, value_name = "auto|always|never", default_value = "auto", hide_possible_values = true)]
    pub color: Color,
    /// Say less: findings or node ids only
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub quiet: u8,
    /// Say more: every victim with its chain
    #[arg(short, long, global = true, action = clap::ArgAction::Count, conflicts_with = "quiet")]
    pub verbose: u8,
    /// Keep nothing for later runs and use nothing that earlier ones kept
    #[arg(long, global = true, env = "PRECOLLECT_NO_CACHE", hide_env_values = true, value_parser = clap::builder::FalseyValueParser::new())]
    pub no_cache: bool,
    /// Where to keep what later runs can use, instead of the user's cache directory
    #[arg(long, global = true, value_name = "DIRECTORY")]
    pub cache_dir: Option<PathBuf>,
    /// Tell what the run cost on standard error: files read and parsed, steps, seconds; as text or as json
    #[arg(long, global = true, value_name = "text|json", num_args = 0..=1, require_equals = true, default_missing_value = "text", hide_possible_values = true)]
    pub timings: Option<TimingsFormat>,
    /// Threads to use; 0 is one per core
    #[arg(long, global = true, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub jobs: usize,
}

/// How the cost of a run is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TimingsFormat {
    /// For people
    Text,
    /// One line for programs
    Json,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal that can show them, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// `check`
#[derive(Debug, Args, Default)]
pub struct Check {
    /// The project, or files and directories in it that findings must concern
    pub paths: Vec<PathBuf>,
    #[arg(long, value_name = "RULES", value_delimiter = ',', help = help("select"))]
    pub select: Option<Vec<String>>,
    #[arg(long, value_name = "RULES", value_delimiter = ',', help = help("extend-select"))]
    pub extend_select: Vec<String>,
    #[arg(long, value_name = "RULES", value_delimiter = ',', help = help("ignore"))]
    pub ignore: Vec<String>,
    #[arg(long, value_name = "GLOB:RULE", value_delimiter = ',', help = help("per-file-ignores"))]
    pub per_file_ignores: Vec<String>,
    /// Repair what can be repaired safely, in the files themselves
    #[arg(long)]
    pub fix: bool,
    /// With --fix or --diff: also make repairs that guess what is meant
    #[arg(long)]
    pub unsafe_fixes: bool,
    /// Show what --fix would change, and change nothing
    #[arg(long)]
    pub diff: bool,
    /// Silence the findings of today with comments, which give the reason
    #[arg(long, value_name = "REASON", num_args = 0..=1, require_equals = true, default_missing_value = "", conflicts_with_all = ["fix", "diff"])]
    pub add_ignore: Option<String>,
    /// Check again whenever a file of the project changes, until interrupted
    #[arg(long)]
    pub watch: bool,
    #[arg(long, value_name = "FILE", help = help("baseline"))]
    pub baseline: Option<PathBuf>,
    /// Write the findings of today to the baseline (precollect-baseline.json if none is named)
    #[arg(long)]
    pub update_baseline: bool,
    /// Tell only what is new since a revision: findings that were not there, and test modules that did not fail
    #[arg(long, value_name = "REV", conflicts_with_all = ["update_baseline", "fix", "diff", "add_ignore"])]
    pub since: Option<String>,
    /// Take the text of this file from standard input, as an editor has it; tell what concerns the file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["paths", "fix", "diff", "add_ignore", "watch", "update_baseline", "since"])]
    pub stdin_filename: Option<PathBuf>,
    /// Count findings per rule instead of showing them
    #[arg(long)]
    pub statistics: bool,
    /// Exit with 0 even if there are findings
    #[arg(long)]
    pub exit_zero: bool,
    #[arg(long, value_name = "SEVERITY", help = help("fail-on"))]
    pub fail_on: Option<String>,
    #[arg(long, value_name = "FORMAT[=FILE]", help = format_help())]
    pub output_format: Vec<String>,
    /// What pytest would be given
    #[arg(last = true, value_name = "PYTEST ARGUMENTS")]
    pub pytest_args: Vec<String>,
}

fn format_help() -> String {
    let names: Vec<&str> = crate::config::settings::Format::ALL.iter().map(|(_, name, _)| *name).collect();
    format!("{}: {}", help("output-format"), names.join(", "))
}

/// `collect`
#[derive(Debug, Args)]
pub struct Collect {
    /// The project, and paths or node ids in it
    pub paths: Vec<PathBuf>,
    /// How to print
    #[arg(long, value_name = "text|json", default_value = "text", hide_possible_values = true)]
    pub output_format: CollectFormat,
    /// Compare with what `pytest --collect-only -q` printed, from a file or from standard input (-)
    #[arg(long, value_name = "FILE|-", conflicts_with = "verify")]
    pub compare: Option<PathBuf>,
    /// Run the project's own pytest --collect-only, which executes its code, and compare
    #[arg(long)]
    pub verify: bool,
    /// Seconds that --verify gives pytest
    #[arg(long, value_name = "SECONDS", default_value_t = 300, requires = "verify")]
    pub time_limit: u64,
    /// What pytest would be given
    #[arg(last = true, value_name = "PYTEST ARGUMENTS")]
    pub pytest_args: Vec<String>,
}

/// Formats of `collect`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CollectFormat {
    /// A tree; node ids with -q
    Text,
    /// The prediction as data
    Json,
}

/// `fixtures`
#[derive(Debug, Args)]
pub struct Fixtures {
    /// The project, a path in it, or the node id of a test or class
    pub target: Option<String>,
    /// The project's fixtures by the conftest, module or class that they belong to
    #[arg(long, conflicts_with = "unused")]
    pub tree: bool,
    /// Fixtures of the project that nobody asks for
    #[arg(long)]
    pub unused: bool,
    /// How to print
    #[arg(long, value_name = "text|json", default_value = "text", hide_possible_values = true)]
    pub output_format: TextOrJson,
    /// What pytest would be given
    #[arg(last = true, value_name = "PYTEST ARGUMENTS")]
    pub pytest_args: Vec<String>,
}

/// `graph`
#[derive(Debug, Args)]
pub struct Graph {
    /// The project
    pub paths: Vec<PathBuf>,
    /// How to print
    #[arg(long, value_name = "text|json|dot|mermaid", hide_possible_values = true)]
    pub output_format: Option<GraphFormat>,
    /// List the import cycles, worst first
    #[arg(long)]
    pub cycles: bool,
    /// Show the shortest chain of imports that starts here
    #[arg(long, value_name = "MODULE", requires = "to")]
    pub from: Option<String>,
    /// ... and ends here
    #[arg(long, value_name = "MODULE", requires = "from")]
    pub to: Option<String>,
}

/// Formats of `graph`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum GraphFormat {
    /// Lines for people
    Text,
    /// Modules and edges as data
    Json,
    /// Graphviz
    Dot,
    /// Mermaid
    Mermaid,
}

/// `exports`
#[derive(Debug, Args)]
pub struct Exports {
    /// Dotted name of the module, or its file
    pub module: String,
    /// The project
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// How to print
    #[arg(long, value_name = "text|json", default_value = "text", hide_possible_values = true)]
    pub output_format: TextOrJson,
}

/// Formats of small commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TextOrJson {
    /// Lines for people
    Text,
    /// Data
    Json,
}

/// `why`
#[derive(Debug, Args)]
pub struct Why {
    /// A test module, a node id, a module, a name in a module, or a finding: its rule, `PATH:LINE` or fingerprint
    pub target: String,
    /// The project
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// How to print
    #[arg(long, value_name = "text|json", default_value = "text", hide_possible_values = true)]
    pub output_format: TextOrJson,
}

/// `explain`
#[derive(Debug, Args)]
pub struct Explain {
    /// Codes or names
    #[arg(required_unless_present = "all", value_name = "RULE")]
    pub rules: Vec<String>,
    /// List every rule
    #[arg(long)]
    pub all: bool,
    /// How to print
    #[arg(long, value_name = "text|json", default_value = "text", hide_possible_values = true)]
    pub output_format: TextOrJson,
}

/// `env`
#[derive(Debug, Args)]
pub struct Env {
    /// The project
    pub paths: Vec<PathBuf>,
    /// How to print
    #[arg(long, value_name = "text|json", default_value = "text", hide_possible_values = true)]
    pub output_format: TextOrJson,
}

/// `config`
#[derive(Debug, Args)]
pub struct Config {
    /// The project
    pub paths: Vec<PathBuf>,
    /// Print the JSON Schema of the configuration instead
    #[arg(long)]
    pub schema: bool,
}

/// `report`
#[derive(Debug, Args)]
pub struct Report {
    /// The project, or files and directories in it that findings must concern
    pub paths: Vec<PathBuf>,
    /// markdown or json; FORMAT=FILE writes to a file
    #[arg(long, value_name = "FORMAT[=FILE]", default_value = "markdown")]
    pub output_format: Vec<String>,
    /// What pytest would be given
    #[arg(last = true, value_name = "PYTEST ARGUMENTS")]
    pub pytest_args: Vec<String>,
}

/// `init`
#[derive(Debug, Args)]
pub struct Init {
    /// The project
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// Write without asking
    #[arg(long, short)]
    pub yes: bool,
}

/// `completions`
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// `man`
#[derive(Debug, Args)]
pub struct Man {
    /// Where to write one page per command
    #[arg(long, value_name = "DIRECTORY")]
    pub directory: Option<PathBuf>,
}

/// `cache`
#[derive(Debug, Args)]
pub struct Cache {
    /// What to do with it
    #[arg(value_enum)]
    pub action: Option<CacheAction>,
}

/// What `cache` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CacheAction {
    /// Say where it is and what it holds (if nothing is said)
    Info,
    /// Print its directory and nothing else
    Dir,
    /// Remove everything in it
    Clean,
}

/// Parses, with `check` put in where no command is named.
///
/// # Errors
/// The exit code, once clap has said what is wrong, or printed help.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Cli, exit::Code> {
    let arguments = with_command(arguments.into_iter().collect());
    Cli::try_parse_from(arguments).map_err(|error| {
        let code = if error.use_stderr() { exit::FAILURE } else { exit::CLEAN };
        // A closed pipe behind `--help` is no failure.
        let _ = error.print();
        code
    })
}

/// The first argument that is neither an option nor an option's value names the command; if it does not, `check` is meant.
fn with_command(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let command = Cli::command();
    let known =
        |name: &str| command.get_subcommands().any(|c| c.get_name() == name || c.get_all_aliases().any(|a| a == name));
    let check = command.find_subcommand("check").cloned().unwrap_or_default();
    let is = |option: &clap::Arg, text: &str| {
        option.get_long().is_some_and(|long| text.split('=').next() == Some(&format!("--{long}")))
    };
    let options = || command.get_arguments().chain(check.get_arguments());
    let takes_next = |text: &str| {
        !text.contains('=') && options().any(|option| option.get_action().takes_values() && is(option, text))
    };
    let only_check = |text: &str| check.get_arguments().any(|option| is(option, text));
    let mut index = 1;
    while let Some(argument) = arguments.get(index).map(|argument| argument.to_string_lossy().into_owned()) {
        match argument.as_str() {
            "--help" | "-h" | "--version" | "-V" => return arguments,
            "--" => break,
            text if only_check(text) => break,
            text if text.starts_with('-') && text.len() > 1 => index += if takes_next(text) { 2 } else { 1 },
            text if known(text) => return arguments,
            _ => break,
        }
    }
    arguments.insert(1.min(arguments.len()), "check".into());
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    fn completed(line: &str) -> String {
        let all = with_command(words(line));
        all.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn clap_accepts_the_declaration() {
        Cli::command().debug_assert();
    }

    #[test]
    fn check_is_the_default_command() {
        for (given, meant) in [
            ("precollect", "precollect check"),
            ("precollect tests", "precollect check tests"),
            ("precollect --select IMP graph", "precollect check --select IMP graph"),
            ("precollect --color never graph", "precollect --color never graph"),
            ("precollect -q -- tests", "precollect check -q -- tests"),
            ("precollect rule IMP002", "precollect rule IMP002"),
            ("precollect --help", "precollect --help"),
        ] {
            assert_eq!(completed(given), meant);
        }
    }

    #[test]
    fn what_follows_two_dashes_is_for_pytest() {
        let cli = parse(words("precollect src -- tests --import-mode=importlib")).expect("is valid");
        let Command::Check(check) = cli.command else { panic!("check is the default") };
        assert_eq!(check.paths, [PathBuf::from("src")]);
        assert_eq!(check.pytest_args, ["tests", "--import-mode=importlib"]);
    }

    #[test]
    fn every_shared_option_has_its_sentence() {
        let command = Cli::command();
        let check = command.find_subcommand("check").expect("exists");
        for option in command.get_arguments().chain(check.get_arguments()) {
            assert!(option.get_help().is_some_and(|help| !help.to_string().is_empty()), "{}", option.get_id());
        }
    }
}
