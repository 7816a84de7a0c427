//! pytest's command line: which options there are, and how `argparse` reads them.

use super::declared::{Action, Declared, OptionValue};

/// How many values an option takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arity {
    /// None.
    Flag,
    /// One.
    One,
    /// `nargs="?"`
    Optional,
    /// `nargs="*"`
    Any,
    /// `nargs="+"`
    Some,
}

/// An option that the parser knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionSpec {
    /// All spellings; the first one names it.
    pub names: Vec<String>,
    /// How many values it takes.
    pub arity: Arity,
    /// `choices=`, if any.
    pub choices: Vec<String>,
    /// What decides its value.
    pub declared: Declared,
}

impl OptionSpec {
    /// An option without choices.
    #[must_use]
    pub fn new(names: &[&str], arity: Arity) -> Self {
        Self {
            names: names.iter().map(ToString::to_string).collect(),
            arity,
            choices: Vec::new(),
            declared: Declared::default(),
        }
    }
}

/// What a command line says, before anything is looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommandLine {
    /// Options in order: first spelling, value.
    pub options: Vec<(String, Option<String>)>,
    /// Paths and ids.
    pub positional: Vec<String>,
    /// What the parser does not know.
    pub unknown: Vec<String>,
    /// What the parser refuses, in its words (`argument -k: expected one argument`).
    pub error: Option<String>,
}

impl CommandLine {
    /// The last value of an option.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.options.iter().rev().find(|(n, _)| n == name).and_then(|(_, value)| value.as_deref())
    }

    /// All values of an option that may be repeated.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.options.iter().filter(move |(n, _)| n == name).filter_map(|(_, value)| value.as_deref())
    }

    /// Whether an option is given.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.options.iter().any(|(n, _)| n == name)
    }
}

/// Reads arguments as `argparse` does without abbreviations, options and paths mixed.
#[must_use]
pub fn parse(arguments: &[String], specs: &[OptionSpec]) -> CommandLine {
    let mut line = CommandLine::default();
    let mut rest = arguments.iter().peekable();
    while let Some(argument) = rest.next() {
        if argument == "--" {
            line.positional.extend(rest.cloned());
            break;
        }
        match classify(argument, specs) {
            Class::Positional => line.positional.push(argument.clone()),
            Class::Unknown => line.unknown.push(argument.clone()),
            Class::Option(spec, inline) => {
                let mut next = |wanted: usize| {
                    let mut values = Vec::new();
                    while values.len() < wanted
                        && let Some(value) = rest.next_if(|next| is_value(next, specs))
                    {
                        values.push(value.clone());
                    }
                    values
                };
                read_option(&mut line, spec, inline, &mut next);
            }
            Class::Bundle(flags) => {
                let mut next = |wanted: usize| {
                    let mut values = Vec::new();
                    while values.len() < wanted
                        && let Some(value) = rest.next_if(|next| is_value(next, specs))
                    {
                        values.push(value.clone());
                    }
                    values
                };
                read_bundle(&mut line, &flags, specs, &mut next);
            }
        }
    }
    line
}

enum Class<'a> {
    Positional,
    Unknown,
    /// An option, with the value behind `=`.
    Option(&'a OptionSpec, Option<String>),
    /// `-xvs`, `-pno:cov`: what follows the dash.
    Bundle(String),
}

fn find<'a>(name: &str, specs: &'a [OptionSpec]) -> Option<&'a OptionSpec> {
    specs.iter().find(|spec| spec.names.iter().any(|n| n == name))
}

fn classify<'a>(argument: &str, specs: &'a [OptionSpec]) -> Class<'a> {
    if !argument.starts_with('-') || argument.len() == 1 {
        return Class::Positional;
    }
    if let Some(spec) = find(argument, specs) {
        return Class::Option(spec, None);
    }
    if let Some((name, value)) = argument.split_once('=')
        && let Some(spec) = find(name, specs)
    {
        return Class::Option(spec, Some(value.to_owned()));
    }
    if !argument.starts_with("--")
        && let Some(first) = argument.chars().nth(1)
        && find(&format!("-{first}"), specs).is_some()
    {
        return Class::Bundle(argument[1..].to_owned());
    }
    let number = argument[1..].chars().all(|c| c.is_ascii_digit() || c == '.');
    if number || argument.contains(' ') { Class::Positional } else { Class::Unknown }
}

/// Whether the argument can be the value of the option before it.
fn is_value(argument: &str, specs: &[OptionSpec]) -> bool {
    argument != "--" && matches!(classify(argument, specs), Class::Positional)
}

fn refuse(line: &mut CommandLine, spec: &OptionSpec, what: &str) {
    line.error.get_or_insert_with(|| format!("argument {}: {what}", spec.names.join("/")));
}

fn store(line: &mut CommandLine, spec: &OptionSpec, value: Option<String>) {
    if let Some(value) = &value
        && !spec.choices.is_empty()
        && !spec.choices.contains(value)
    {
        let choices: Vec<_> = spec.choices.iter().map(|c| super::iniconfig::quote(c)).collect();
        let quoted = super::iniconfig::quote(value);
        refuse(line, spec, &format!("invalid choice: {quoted} (choose from {})", choices.join(", ")));
    }
    line.options.push((spec.names[0].clone(), value));
}

fn read_option(
    line: &mut CommandLine,
    spec: &OptionSpec,
    inline: Option<String>,
    next: &mut dyn FnMut(usize) -> Vec<String>,
) {
    match (spec.arity, inline) {
        (Arity::Flag, Some(value)) => {
            refuse(line, spec, &format!("ignored explicit argument {}", super::iniconfig::quote(&value)));
        }
        (Arity::Flag, None) => store(line, spec, None),
        (_, Some(value)) => store(line, spec, Some(value)),
        (Arity::One, None) => match next(1).pop() {
            Some(value) => store(line, spec, Some(value)),
            None => refuse(line, spec, "expected one argument"),
        },
        (Arity::Optional, None) => {
            let value = next(1).pop();
            store(line, spec, value);
        }
        (Arity::Any | Arity::Some, None) => {
            let values = next(usize::MAX);
            if values.is_empty() && spec.arity == Arity::Some {
                refuse(line, spec, "expected at least one argument");
            }
            for value in values {
                store(line, spec, Some(value));
            }
        }
    }
}

/// One-letter options written together; the first that takes a value takes the rest.
fn read_bundle(
    line: &mut CommandLine,
    letters: &str,
    specs: &[OptionSpec],
    next: &mut dyn FnMut(usize) -> Vec<String>,
) {
    for (at, letter) in letters.char_indices() {
        let rest = &letters[at + letter.len_utf8()..];
        let Some(spec) = find(&format!("-{letter}"), specs) else {
            let previous = letters[..at].chars().next_back().and_then(|c| find(&format!("-{c}"), specs));
            if let Some(previous) = previous {
                let text = super::iniconfig::quote(&letters[at..]);
                refuse(line, previous, &format!("ignored explicit argument {text}"));
            }
            return;
        };
        if spec.arity == Arity::Flag {
            store(line, spec, None);
            continue;
        }
        let inline = (!rest.is_empty()).then(|| rest.strip_prefix('=').unwrap_or(rest).to_owned());
        read_option(line, spec, inline, next);
        return;
    }
}

/// Options that pytest itself has: since which major version, spellings, arity, choices.
const OWN: &[(u32, &str, Arity, &str)] = &[
    (0, "-k", Arity::One, ""),
    (0, "-m", Arity::One, ""),
    (0, "--markers", Arity::Flag, ""),
    (0, "-x --exitfirst", Arity::Flag, ""),
    (0, "--maxfail", Arity::One, ""),
    (0, "--strict-config", Arity::Flag, ""),
    (0, "--strict-markers", Arity::Flag, ""),
    (0, "--strict", Arity::Flag, ""),
    (0, "-W --pythonwarnings", Arity::One, ""),
    (9, "--max-warnings", Arity::One, ""),
    (0, "--collect-only --collectonly --co", Arity::Flag, ""),
    (0, "--pyargs", Arity::Flag, ""),
    (0, "--ignore", Arity::One, ""),
    (0, "--ignore-glob", Arity::One, ""),
    (0, "--deselect", Arity::One, ""),
    (0, "--confcutdir", Arity::One, ""),
    (0, "--noconftest", Arity::Flag, ""),
    (0, "--keep-duplicates --keepduplicates", Arity::Flag, ""),
    (0, "--collect-in-virtualenv", Arity::Flag, ""),
    (0, "--continue-on-collection-errors", Arity::Flag, ""),
    (0, "--import-mode", Arity::One, "prepend append importlib"),
    (0, "-c --config-file", Arity::One, ""),
    (0, "--rootdir", Arity::One, ""),
    (0, "--basetemp", Arity::One, ""),
    (0, "--durations", Arity::One, ""),
    (0, "--durations-min", Arity::One, ""),
    (0, "--fixtures --funcargs", Arity::Flag, ""),
    (0, "--fixtures-per-test", Arity::Flag, ""),
    (0, "-V --version", Arity::Flag, ""),
    (0, "-h --help", Arity::Flag, ""),
    (0, "-p", Arity::One, ""),
    (8, "--disable-plugin-autoload", Arity::Flag, ""),
    (0, "--trace-config --traceconfig", Arity::Flag, ""),
    (0, "--debug", Arity::Optional, ""),
    (0, "-o --override-ini", Arity::One, ""),
    (0, "-v --verbose", Arity::Flag, ""),
    (0, "--no-header", Arity::Flag, ""),
    (0, "--no-summary", Arity::Flag, ""),
    (8, "--no-fold-skipped", Arity::Flag, ""),
    (8, "--force-short-summary", Arity::Flag, ""),
    (0, "-q --quiet", Arity::Flag, ""),
    (0, "--verbosity", Arity::One, ""),
    (9, "-r --report-chars", Arity::One, ""),
    (0, "-r", Arity::One, ""),
    (0, "--disable-warnings --disable-pytest-warnings", Arity::Flag, ""),
    (0, "-l --showlocals", Arity::Flag, ""),
    (0, "--no-showlocals", Arity::Flag, ""),
    (0, "--tb", Arity::One, "auto long short no line native"),
    (8, "--xfail-tb", Arity::Flag, ""),
    (0, "--show-capture", Arity::One, "no stdout stderr log all"),
    (0, "--full-trace --fulltrace", Arity::Flag, ""),
    (0, "--color", Arity::One, "yes no auto"),
    (0, "--code-highlight", Arity::One, "yes no"),
    (0, "--pdb", Arity::Flag, ""),
    (0, "--pdbcls", Arity::One, ""),
    (0, "--trace", Arity::Flag, ""),
    (0, "--capture", Arity::One, "fd sys no tee-sys"),
    (0, "-s", Arity::Flag, ""),
    (0, "--runxfail", Arity::Flag, ""),
    (0, "--pastebin", Arity::One, "failed all"),
    (0, "--assert", Arity::One, "rewrite plain"),
    (0, "--junit-xml --junitxml", Arity::One, ""),
    (0, "--junit-prefix --junitprefix", Arity::One, ""),
    (0, "--doctest-modules", Arity::Flag, ""),
    (0, "--doctest-report", Arity::One, "none cdiff ndiff udiff only_first_failure"),
    (0, "--doctest-glob", Arity::One, ""),
    (0, "--doctest-ignore-import-errors", Arity::Flag, ""),
    (0, "--doctest-continue-on-failure", Arity::Flag, ""),
    (0, "--lf --last-failed", Arity::Flag, ""),
    (0, "--ff --failed-first", Arity::Flag, ""),
    (0, "--nf --new-first", Arity::Flag, ""),
    (0, "--cache-show", Arity::Optional, ""),
    (0, "--cache-clear", Arity::Flag, ""),
    (0, "--lfnf --last-failed-no-failures", Arity::One, "all none"),
    (0, "--setup-only --setuponly", Arity::Flag, ""),
    (0, "--setup-show --setupshow", Arity::Flag, ""),
    (0, "--setup-plan --setupplan", Arity::Flag, ""),
    (0, "--sw --stepwise", Arity::Flag, ""),
    (0, "--sw-skip --stepwise-skip", Arity::Flag, ""),
    (8, "--sw-reset --stepwise-reset", Arity::Flag, ""),
    (0, "--log-level", Arity::One, ""),
    (0, "--log-format", Arity::One, ""),
    (0, "--log-date-format", Arity::One, ""),
    (0, "--log-cli-level", Arity::One, ""),
    (0, "--log-cli-format", Arity::One, ""),
    (0, "--log-cli-date-format", Arity::One, ""),
    (0, "--log-file", Arity::One, ""),
    (8, "--log-file-mode", Arity::One, "w a"),
    (0, "--log-file-level", Arity::One, ""),
    (0, "--log-file-format", Arity::One, ""),
    (0, "--log-file-date-format", Arity::One, ""),
    (0, "--log-auto-indent", Arity::One, ""),
    (0, "--log-disable", Arity::One, ""),
];

/// Of pytest's own options, those that hooks ask for.
fn own_declaration(names: &str) -> Declared {
    let text = |dest: &str| Declared {
        dest: Some(dest.to_owned()),
        action: Action::Store,
        default: Some(OptionValue::Text(String::new())),
        ..Declared::default()
    };
    match names {
        "-k" => text("keyword"),
        "-m" => text("markexpr"),
        _ => Declared::default(),
    }
}

/// The options that pytest of this major version has itself.
#[must_use]
pub fn own(major: u32) -> Vec<OptionSpec> {
    let known = OWN.iter().filter(|(since, ..)| *since <= major);
    known
        .map(|(_, names, arity, choices)| OptionSpec {
            names: names.split(' ').map(ToOwned::to_owned).collect(),
            arity: *arity,
            choices: choices.split_whitespace().map(ToOwned::to_owned).collect(),
            declared: own_declaration(names),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{own, parse};

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(ToOwned::to_owned).collect()
    }

    #[test]
    fn values_are_not_taken_for_paths() {
        let line = parse(&words("-k expr tests -xvsk other --tb=short -pno:cov --ignore a b --zz c"), &own(8));
        assert_eq!(line.positional, ["tests", "b", "c"]);
        assert_eq!(line.unknown, ["--zz"]);
        assert_eq!(line.value("-k"), Some("other"));
        assert_eq!(line.value("-p"), Some("no:cov"));
        assert!(line.has("-x") && line.has("-s") && line.has("-v"));
        assert_eq!(line.error, None);
    }

    #[test]
    fn refusals_use_the_parsers_words() {
        assert_eq!(parse(&words("tests -k"), &own(8)).error.as_deref(), Some("argument -k: expected one argument"));
        assert_eq!(
            parse(&words("--tb=x"), &own(9)).error.as_deref(),
            Some("argument --tb: invalid choice: 'x' (choose from 'auto', 'long', 'short', 'no', 'line', 'native')")
        );
    }
}
