//! CFG002: pytest refuses its options or configuration.

use super::refused_run::{report, text, unexplained, wants_plugin};
use super::{Facts, Sink, declare_rule};

declare_rule!(
    UnknownOption,
    "CFG002",
    "unknown-option",
    Error,
    on,
    "pytest refuses its options or configuration: nothing collects",
    check
);

/// Options that plugins bring, with the plugin's distribution.
const OPTIONS: &[(&str, &str)] = &[
    ("--asyncio-mode", "pytest-asyncio"),
    ("--benchmark", "pytest-benchmark"),
    ("--black", "pytest-black"),
    ("--cov", "pytest-cov"),
    ("--create-db", "pytest-django"),
    ("--dist", "pytest-xdist"),
    ("--ds", "pytest-django"),
    ("--flake8", "pytest-flake8"),
    ("--forked", "pytest-forked"),
    ("--html", "pytest-html"),
    ("--isort", "pytest-isort"),
    ("--json-report", "pytest-json-report"),
    ("--mypy", "pytest-mypy"),
    ("--nomigrations", "pytest-django"),
    ("--no-migrations", "pytest-django"),
    ("--numprocesses", "pytest-xdist"),
    ("--only-rerun", "pytest-rerunfailures"),
    ("--pylint", "pytest-pylint"),
    ("--random-order", "pytest-random-order"),
    ("--randomly", "pytest-randomly"),
    ("--reruns", "pytest-rerunfailures"),
    ("--reuse-db", "pytest-django"),
    ("--snapshot-update", "syrupy"),
    ("--sugar", "pytest-sugar"),
    ("--testmon", "pytest-testmon"),
    ("--timeout", "pytest-timeout"),
    ("--tx", "pytest-xdist"),
    ("-n", "pytest-xdist"),
];

fn check(facts: &Facts, sink: &mut Sink) {
    let Some(abort) = unexplained(facts).filter(|abort| !wants_plugin(abort)) else { return };
    let text = text(abort);
    let by_key = super::unknown_key::ENDS.iter().any(|start| abort.reason.starts_with(start));
    if by_key || text.contains(super::unknown_key::MESSAGE) {
        return;
    }
    let unknown = text.split("unrecognized arguments:").nth(1).map(str::trim);
    let what = match unknown {
        Some(arguments) => format!("pytest knows no option {}", arguments.lines().next().unwrap_or_default()),
        None => "pytest refuses its options or configuration".to_owned(),
    };
    report(facts, sink, abort, what, unknown.map(help).unwrap_or_default());
}

fn help(arguments: &str) -> Vec<String> {
    let mut plugins: Vec<&str> = Vec::new();
    for argument in arguments.split_whitespace() {
        let found = OPTIONS.iter().find(|(option, _)| argument.starts_with(option)).map(|(_, plugin)| *plugin);
        plugins.extend(found.filter(|plugin| !plugins.contains(plugin)));
    }
    if plugins.is_empty() {
        return vec!["install the plugin that brings the option, or take the option out".to_owned()];
    }
    vec![format!("pip install {}", plugins.join(" "))]
}
