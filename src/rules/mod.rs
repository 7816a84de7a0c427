//! Findings. A rule is one file here, one page in `docs/rules` and one line in `list.rs`; it reads [`Facts`], never
//! walks trees and never runs the machine.

mod all_lists_missing;
mod arguments_at_import;
mod async_without_plugin;
pub mod baseline;
pub mod blocking;
mod blocking_hook;
mod branch_not_taken;
mod broken_dependency;
mod classify;
mod conftest_fails;
mod conftest_import;
mod cycles;
mod database_at_import;
mod deferred_cycle;
mod duplicate_fixture;
mod duplicate_table;
mod endless_loop;
mod exit_at_import;
mod facts;
mod fatal_cycle;
mod fault;
mod file_mismatch;
mod file_required;
mod finding;
pub mod fixes;
mod fixture_called;
mod fixture_not_found;
mod fixture_recursion;
mod fixture_redefined;
mod fixtures;
mod fragile_cycle;
mod harmless_cycle;
mod imported_fixture;
mod imported_test;
mod inconsistent_indentation;
mod input_at_import;
mod invalid_scope;
mod lacking;
mod late;
mod late_missing;
mod list;
mod locate;
mod lost_test;
mod mark_on_fixture;
mod may_hang;
mod misplaced_statement;
mod missing_attribute;
mod missing_module;
mod missing_name;
mod missing_path;
mod missing_plugin;
mod missing_typing_import;
mod nested_plugins;
mod network_at_import;
mod newer_syntax;
mod not_installed;
mod not_reexported;
mod null_byte;
mod order_dependent;
mod origin;
mod override_narrows;
mod parametrize_argument;
mod parametrize_arity;
mod parametrize_duplicate;
mod parametrize_empty;
mod path_not_set;
mod plugin_clash;
mod pointed;
mod process_at_import;
mod pytest_exit;
mod raises_at_import;
pub mod reached;
mod refused;
mod refused_run;
mod relative_beyond_top;
mod relative_no_package;
mod removed_from_stdlib;
mod scope_mismatch;
mod select;
mod server_at_import;
mod service_required;
mod settings_not_configured;
mod shadowed_config;
mod shadows_stdlib;
mod sink;
mod skip_outside_test;
mod sleep_at_import;
mod stale_baseline;
mod stub_only;
mod submodule_not_loaded;
mod suppress;
mod switch;
mod syntax_error;
mod two_module_names;
mod type_checking_only;
mod unbound_name;
mod uncollectable_class;
mod undeclared;
mod undecodable_source;
mod undefined_name;
mod unknown_encoding;
mod unknown_key;
mod unknown_mark;
mod unknown_option;
mod unmatched_class;
mod unmatched_file;
mod unstable_parameters;
mod unused_dependency;
mod unused_fixture;
mod unused_suppression;
mod variable_required;
mod version_mismatch;
mod wait_at_import;
mod wanted;
mod warning_as_error;
pub mod words;
mod wrong_case;
mod yield_test;

pub use facts::Facts;
pub use fault::{Fault, FaultKind};
pub use locate::search_directories;
pub use not_installed::{installed_as, is_installable};
pub use select::{Selection, is_fixable, nearest_rule, unknown_selectors};
pub use sink::Sink;

use rayon::prelude::*;

use crate::config::settings::Settings;
use crate::diagnostic::{Certainty, Diagnostic, Fix, Severity};

/// What is told about a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meta {
    /// Stable code, such as `IMP002`.
    pub code: &'static str,
    /// Kebab-case name, accepted wherever a code is.
    pub name: &'static str,
    /// What it finds, in a few words.
    pub summary: &'static str,
    /// Severity of a certain finding.
    pub severity: Severity,
    /// Whether it is on without being selected.
    pub default_on: bool,
    /// Whether it is still under trial.
    pub preview: bool,
    /// Its page, Markdown.
    pub documentation: &'static str,
}

/// One kind of finding.
pub trait Rule: Sync {
    /// What is told about it.
    fn meta(&self) -> &'static Meta;

    /// Looks at the facts and reports what it finds.
    fn check(&self, facts: &Facts, sink: &mut Sink);
}

/// All rules, sorted by code.
#[must_use]
pub fn all() -> &'static [&'static dyn Rule] {
    list::RULES
}

/// The rule of a code or a name.
#[must_use]
pub fn find(code_or_name: &str) -> Option<&'static dyn Rule> {
    let wanted = code_or_name.trim();
    all().iter().copied().find(|rule| {
        let meta = rule.meta();
        meta.code.eq_ignore_ascii_case(wanted) || meta.name.eq_ignore_ascii_case(wanted)
    })
}

/// Whether settings switch a rule on.
#[must_use]
pub fn is_on(settings: &crate::config::settings::Settings, code: &str) -> bool {
    find(code).is_some_and(|rule| Selection::of(settings).is_on(rule.meta()))
}

/// Declares a rule: its type, what is told about it, and how it finds. The page is `docs/rules/<name>.md`.
///
/// The last argument is a function of [`Facts`] and [`Sink`], or, where a rule tells of one kind of failure only,
/// `FaultKind pattern => how to describe one`.
macro_rules! declare_rule {
    ($type:ident, $code:literal, $name:literal, $severity:ident, $default:ident, $summary:literal, $kind:pat => $describe:expr) => {
        declare_rule!($type, $code, $name, $severity, $default, $summary, |facts, sink| {
            $crate::rules::finding::report(facts, sink, |kind| matches!(kind, $kind), $describe)
        });
    };
    ($type:ident, $code:literal, $name:literal, $severity:ident, $default:ident, $summary:literal, $check:expr) => {
        #[doc = $summary]
        pub struct $type;

        impl $type {
            const META: $crate::rules::Meta = $crate::rules::Meta {
                code: $code,
                name: $name,
                summary: $summary,
                severity: $crate::diagnostic::Severity::$severity,
                default_on: $crate::rules::on_or_off!($default),
                preview: stringify!($default).len() == "preview".len(),
                documentation: include_str!(concat!("../../docs/rules/", $name, ".md")),
            };
        }

        impl $crate::rules::Rule for $type {
            fn meta(&self) -> &'static $crate::rules::Meta {
                &Self::META
            }

            fn check(&self, facts: &$crate::rules::Facts, sink: &mut $crate::rules::Sink) {
                let check: fn(&$crate::rules::Facts, &mut $crate::rules::Sink) = $check;
                check(facts, sink);
            }
        }
    };
}

/// `on`, `off`, or `preview` for a rule under trial, which is on once trials are asked for.
macro_rules! on_or_off {
    (on) => {
        true
    };
    (off) => {
        false
    };
    (preview) => {
        true
    };
}

use {declare_rule, on_or_off};

/// Whether a rule is selected that looks at what tests reach.
#[must_use]
pub fn follow_tests(settings: &Settings) -> bool {
    let selection = Selection::of(settings);
    all().iter().map(|rule| rule.meta()).any(|meta| matches!(meta.code, "BLK020" | "ENV008") && selection.is_on(meta))
}

/// Runs the selected rules. The result is complete, ordered and the same for every number of threads.
#[must_use]
pub fn check(facts: &Facts) -> Checked {
    let selection = Selection::of(facts.settings);
    let selected: Vec<_> = all().iter().copied().filter(|rule| selection.is_on(rule.meta())).collect();
    let found: Vec<Vec<sink::Finding>> = selected
        .par_iter()
        .map(|rule| {
            let mut sink = Sink::new(rule.meta());
            rule.check(facts, &mut sink);
            sink.into_findings()
        })
        .collect();
    let mut findings: Vec<_> = found.into_iter().flatten().collect();
    let mut silencers = suppress::Silencers::new(facts);
    findings.retain(|finding| !silencers.silences(&finding.diagnostic));
    if selected.iter().any(|rule| rule.meta().code == "PRE001") {
        let mut unused = unused_suppression::find(facts, &silencers);
        unused.retain(|diagnostic| !silencers.silences(diagnostic));
        findings.extend(unused.into_iter().map(|diagnostic| sink::Finding { diagnostic, ends_run: false }));
    }
    findings.sort_by(sink::order);
    let findings = findings.into_iter().map(|finding| completed(facts, finding.diagnostic)).collect();
    let told = selected.iter().any(|rule| rule.meta().code == "PRE002");
    new_ones(facts, findings, told)
}

/// Without what the baseline knows; with what it knows in vain, if that is to be told.
fn new_ones(facts: &Facts, mut findings: Vec<Diagnostic>, told: bool) -> Checked {
    let path = facts.settings.baseline.as_ref();
    let Some((baseline, text)) = path.and_then(|path| baseline::load(facts.source.system(), path)) else {
        return Checked { findings, known: 0 };
    };
    let (known, gone) = baseline.take_known(&mut findings);
    if let Some(stale) = stale_baseline::find(facts, (&baseline, &text), &gone).filter(|_| told) {
        let fix = stale.fix.clone().filter(|_| is_fixable(facts.settings, stale.code));
        findings.push(Diagnostic { fix, ..with_settings(facts, stale) });
    }
    Checked { findings, known }
}

/// What the rules find.
#[derive(Debug, Default)]
pub struct Checked {
    /// Findings that are told.
    pub findings: Vec<Diagnostic>,
    /// How many the baseline knows, which are not.
    pub known: usize,
}

/// What all findings get: the severity that settings give, the scope, the fix.
fn completed(facts: &Facts, diagnostic: Diagnostic) -> Diagnostic {
    let mut diagnostic = with_settings(facts, diagnostic);
    diagnostic.scope = scope(facts, &diagnostic);
    diagnostic.fix = fixes::of(facts, &diagnostic);
    diagnostic
}

/// Dotted path of the innermost definition that holds the place.
fn scope(facts: &Facts, diagnostic: &Diagnostic) -> String {
    let Some(summary) = facts.summary(&facts.root.join(&*diagnostic.place.path)) else { return String::new() };
    let at = diagnostic.place.span.start;
    let mut holders = summary.definitions.iter().filter(|known| known.span.start <= at && at < known.span.end);
    // Inner definitions come later. The first line of a definition belongs to what is around it.
    holders
        .rfind(|known| known.name_span.end <= at)
        .map_or_else(String::new, |known| summary.text(known.qualname).to_owned())
}

/// The fix of a finding, if there is one and settings allow it.
#[must_use]
pub fn fix_of(facts: &Facts, finding: &Diagnostic) -> Option<Fix> {
    fixes::of(facts, finding)
}

/// What explains the failures of the run, whatever is selected or suppressed: suppressing a finding repairs nothing.
#[must_use]
pub fn explain(facts: &Facts) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for rule in all() {
        let mut sink = Sink::new(rule.meta());
        rule.check(facts, &mut sink);
        findings.extend(sink.into_findings().into_iter().filter(|finding| finding.diagnostic.fault.is_some()));
    }
    findings.sort_by(sink::order);
    findings.into_iter().map(|finding| finding.diagnostic).collect()
}

/// The configured severity; a likely finding is a warning at most.
fn with_settings(facts: &Facts, mut diagnostic: Diagnostic) -> Diagnostic {
    if diagnostic.certainty == Certainty::Likely {
        diagnostic.severity = diagnostic.severity.min(Severity::Warning);
    }
    if let Some(severity) = select::configured_severity(facts.settings, diagnostic.code, diagnostic.name) {
        diagnostic.severity = severity;
    }
    diagnostic
}

#[cfg(test)]
mod tests {
    use super::all;

    #[test]
    fn codes_are_sorted_and_names_are_kebab_case() {
        let codes: Vec<_> = all().iter().map(|rule| rule.meta().code).collect();
        assert!(codes.is_sorted_by(|a, b| a < b), "{codes:?}");
        for rule in all() {
            let meta = rule.meta();
            assert!(meta.name.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", meta.name);
            assert!(meta.documentation.starts_with(&format!("# {}", meta.name)), "{} has its page", meta.code);
        }
    }
}
