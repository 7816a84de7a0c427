//! The format for people: the answer first, then each cause with its excerpt, what pytest would print, the chain, its
//! other victims and the next step.

use super::data::{Counts, ReportData};
use super::excerpt::{self, Excerpt};
use super::look::{Detail, Look, Paint, clean, count, labelled, number, verb};
use crate::diagnostic::{Certainty, Diagnostic, Safety, Severity, Step, Victim};

/// Victims shown per cause unless all are asked for.
const VICTIMS_SHOWN: usize = 3;
/// Column at which facts start.
const INDENT: usize = 12;

/// Renders everything.
#[must_use]
pub fn render(data: &ReportData, look: &Look) -> String {
    let mut out = String::new();
    let healthy = data.is_healthy();
    if !healthy && look.detail > Detail::Quiet {
        let answer = clean(&answer(data));
        for line in super::look::wrap(&answer, look.width) {
            out.push_str(&look.paint(Paint::Strong, &line));
            out.push('\n');
        }
        judged(&mut out, data, look);
        out.push('\n');
    }
    for diagnostic in &data.diagnostics {
        cause(&mut out, data, diagnostic, look);
        out.push('\n');
    }
    if look.detail > Detail::Quiet {
        closing(&mut out, data, healthy, look);
    }
    out
}

/// The first line: would it collect?
#[must_use]
pub fn answer(data: &ReportData) -> String {
    let counts = data.counts();
    if let Some(scope) = &data.scope {
        return scoped(data, scope, counts);
    }
    if let Some(aborted) = &data.aborted {
        let reason = aborted.reason.trim_end();
        return match &aborted.path {
            Some(path) if !path.starts_with('/') => {
                format!("{} would not collect: {path} fails, and no test module is looked at", data.subject)
            }
            _ => format!("{} would not collect: {reason}", data.subject),
        };
    }
    if counts.bad() == 0 {
        return healthy_line(data, counts);
    }
    if counts.modules == 1 {
        let what = match (counts.end_run, counts.hang) {
            (0, 0) => "it fails",
            (0, _) => "it never returns",
            _ => "it ends the whole run",
        };
        return format!("{} would not collect: {what}", data.subject);
    }
    let mut parts = Vec::new();
    if counts.fail > 0 {
        parts.push(format!(
            "{} of {} {}",
            number(counts.fail),
            count(counts.modules, "module"),
            verb(counts.fail, "fail")
        ));
    }
    if counts.end_run > 0 {
        let subject = if parts.is_empty() { count(counts.end_run, "module") } else { number(counts.end_run) };
        parts.push(format!("{subject} {} the whole run", verb(counts.end_run, "end")));
    }
    if counts.hang > 0 {
        let subject = if parts.is_empty() { count(counts.hang, "module") } else { number(counts.hang) };
        parts.push(format!("{subject} never {}", if counts.hang == 1 { "returns" } else { "return" }));
    }
    format!("{} would not collect: {}", data.subject, listed(&parts))
}

/// The answer for some files, as a hook asks for them.
fn scoped(data: &ReportData, scope: &str, counts: Counts) -> String {
    let broken = data.explained();
    if data.aborted.is_some() && data.of_severity(Severity::Error) > 0 {
        return format!("{scope}: no test module is looked at");
    }
    match broken {
        0 => format!("{scope}: nothing here keeps a test module from collecting"),
        _ => {
            let has = if scope.ends_with("files") { "have" } else { "has" };
            let modules = count(counts.modules, "module");
            format!("{scope} {has} a part in the failure of {} of {modules}", number(broken))
        }
    }
}

fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{}, and {last}", first.join(", ")),
    }
}

/// The second line: which world was judged, and what was assumed.
fn judged(out: &mut String, data: &ReportData, look: &Look) {
    let run = &data.run;
    let mut parts = vec![match &run.environment {
        Some(environment) => format!("Python {} from {environment}", run.python),
        None => format!("Python {}", run.python),
    }];
    parts.extend(run.pytest.iter().map(|version| format!("pytest {version}")));
    parts.push("nothing was executed".into());
    let told = std::iter::once(parts.join(", ")).chain(run.assumed.iter().cloned());
    for line in told.flat_map(|text| super::look::wrap(&clean(&text), look.width)) {
        out.push_str(&look.paint(Paint::Dim, &line));
        out.push('\n');
    }
}

fn cause(out: &mut String, data: &ReportData, diagnostic: &Diagnostic, look: &Look) {
    let severity = Paint::Severity(diagnostic.severity);
    let likely = if diagnostic.certainty == Certainty::Likely { ", likely" } else { "" };
    let head = format!("{}[{}]", diagnostic.severity, diagnostic.code);
    let headline = format!("{head}: {}{likely}", clean(&diagnostic.message));
    for (index, line) in super::look::wrap(&headline, look.width).iter().enumerate() {
        match line.strip_prefix(&head).filter(|_| index == 0) {
            Some(rest) => out.push_str(&(look.paint(severity, &head) + &look.paint(Paint::Strong, rest))),
            None => out.push_str(&look.paint(Paint::Strong, line)),
        }
        out.push('\n');
    }
    place(out, data, diagnostic, look);
    facts(out, data, diagnostic, look);
}

fn place(out: &mut String, data: &ReportData, diagnostic: &Diagnostic, look: &Look) {
    let place = &diagnostic.place;
    let drawn = data.sources.get(&place.path).map_or_else(String::new, |text| {
        let (path, label) = (clean(&data.shown(&place.path)), clean(&diagnostic.label));
        excerpt::draw(
            &Excerpt { path: &path, text, span: place.span, label: &label, severity: diagnostic.severity },
            look,
        )
    });
    let shown = clean(&data.shown(&place.to_string()));
    let linked = look.link(&data.absolute(&place.path), place.line, &shown);
    if drawn.is_empty() {
        out.push_str(&format!("  {linked}\n"));
    } else {
        out.push_str(&drawn.replacen(&shown, &linked, 1));
    }
    for related in &diagnostic.related {
        labelled(out, look, "  see", INDENT, &clean(&format!("{} {}", related.place, related.text)));
    }
}

fn facts(out: &mut String, data: &ReportData, diagnostic: &Diagnostic, look: &Look) {
    if let Some(text) = &diagnostic.pytest {
        labelled(out, look, "  pytest", INDENT, &clean_lines(&data.tidy(text)));
    }
    for (label, text) in &diagnostic.facts {
        labelled(out, look, &format!("  {label}"), INDENT, &clean_lines(&data.tidy(text)));
    }
    let steps = told_chain(diagnostic);
    if steps.len() > 1 || steps.first().is_some_and(|step| !same_line(step, diagnostic)) {
        labelled(out, look, "  chain", INDENT, &clean_lines(&chain(steps, diagnostic, look)));
    }
    victims(out, diagnostic, look);
    for help in &diagnostic.help {
        labelled(out, look, "  help", INDENT, &clean_lines(help));
    }
    if let Some(fix) = &diagnostic.fix {
        labelled(out, look, "  fix", INDENT, &clean(&format!("{} ({})", fix.title, option(fix.safety))));
    }
}

/// What makes the repair.
pub(super) fn option(safety: Safety) -> &'static str {
    match safety {
        Safety::Safe => "--fix",
        Safety::Unsafe => "--fix --unsafe-fixes",
    }
}

/// Text of more than one line, each fit for the terminal.
fn clean_lines(text: &str) -> String {
    text.trim_end().lines().map(clean).collect::<Vec<_>>().join("\n")
}

fn same_line(step: &Step, diagnostic: &Diagnostic) -> bool {
    step.place.path == diagnostic.place.path && step.place.line == diagnostic.place.line
}

/// The chain that is printed in full: the finding's own, else that of its first victim.
fn told_chain(diagnostic: &Diagnostic) -> &[Step] {
    match diagnostic.victims.first() {
        Some(victim) if diagnostic.chain.is_empty() => &victim.chain,
        _ => &diagnostic.chain,
    }
}

/// `tests/test_a.py:3 → shop/limits.py:8 require_redis() → here`, or one step per line where that is too long.
fn chain(steps: &[Step], diagnostic: &Diagnostic, look: &Look) -> String {
    let mut shown: Vec<(String, &str)> = Vec::new();
    for step in steps {
        let entry = match same_line(step, diagnostic) {
            true => ("here".to_string(), ""),
            false => (format!("{}:{}", step.place.path, step.place.line), step.text.as_str()),
        };
        if shown.last() != Some(&entry) {
            shown.push(entry);
        }
    }
    let joined =
        |(place, text): &(String, &str)| if text.is_empty() { place.clone() } else { format!("{place} {text}") };
    let line = shown.iter().map(joined).collect::<Vec<_>>().join(&format!(" {} ", look.arrow()));
    if line.chars().count() + INDENT <= look.width {
        return line;
    }
    let widest = shown.iter().map(|(place, _)| place.chars().count()).max().unwrap_or(0);
    let room = look.width.saturating_sub(INDENT + widest + 2);
    let beside = room >= 24;
    let mut lines = Vec::new();
    for (place, text) in &shown {
        // Text beside its place where there is room, below it where there is not.
        let (start, room) = if beside { (widest + 2, room) } else { (4, look.width.saturating_sub(INDENT + 4)) };
        let mut wrapped = super::look::wrap(text, room.max(20)).into_iter();
        let first = if beside { wrapped.next().unwrap_or_default() } else { String::new() };
        lines.push(format!("{place:<width$}{first}", width = if beside { start } else { 0 }).trim_end().to_string());
        lines.extend(wrapped.filter(|line| !line.is_empty()).map(|line| format!("{}{line}", " ".repeat(start))));
    }
    lines.join("\n")
}

/// Whether place and chain have shown this victim already.
fn is_told(victim: &Victim, diagnostic: &Diagnostic) -> bool {
    *victim.path == *diagnostic.place.path
        || told_chain(diagnostic).first().is_some_and(|step| *step.place.path == *victim.path)
}

/// The other files that fail for the same cause.
fn victims(out: &mut String, diagnostic: &Diagnostic, look: &Look) {
    let others: Vec<&Victim> = diagnostic.victims.iter().filter(|victim| !is_told(victim, diagnostic)).collect();
    if others.is_empty() {
        return;
    }
    let label = if others.len() < diagnostic.victims.len() { "  also in" } else { "  breaks" };
    if look.detail == Detail::Verbose {
        let all: Vec<String> = others.iter().map(|victim| clean_lines(&chained(victim, diagnostic, look))).collect();
        labelled(out, look, label, INDENT, &all.join("\n"));
        return;
    }
    let shown = if others.len() == VICTIMS_SHOWN + 1 { others.len() } else { VICTIMS_SHOWN.min(others.len()) };
    let mut list: Vec<String> = others[..shown].iter().map(|victim| clean(&summary(victim, diagnostic))).collect();
    if others.len() > shown {
        list.push(format!("{} more (-v)", number(others.len() - shown)));
    }
    labelled(out, look, label, INDENT, &list.join(", "));
}

/// `tests/test_a.py:3 (through tests/helpers.py:2)`; what the chain above has shown is not repeated.
fn summary(victim: &Victim, diagnostic: &Diagnostic) -> String {
    let own = victim.chain.first().filter(|step| step.place.path == victim.path);
    let start = own.map_or_else(|| victim.path.to_string(), |step| format!("{}:{}", victim.path, step.place.line));
    let told = |step: &Step| {
        same_line(step, diagnostic)
            || told_chain(diagnostic)
                .iter()
                .any(|other| (&other.place.path, other.place.line) == (&step.place.path, step.place.line))
    };
    match victim.chain.iter().skip(usize::from(own.is_some())).rfind(|step| !told(step)) {
        Some(step) => format!("{start} (through {}:{})", step.place.path, step.place.line),
        None => start,
    }
}

fn chained(victim: &Victim, diagnostic: &Diagnostic, look: &Look) -> String {
    if victim.chain.is_empty() {
        return victim.path.to_string();
    }
    chain(&victim.chain, diagnostic, look)
}

fn closing(out: &mut String, data: &ReportData, healthy: bool, look: &Look) {
    let counts = data.counts();
    for problem in &data.problems {
        labelled(out, look, "note", 6, &clean(problem));
    }
    let text = match (healthy, &data.scope) {
        (true, Some(_)) => answer(data),
        (true, None) => healthy_line(data, counts),
        (false, Some(_)) => String::new(),
        (false, None) => explained_line(data, counts),
    };
    if text.is_empty() {
        return;
    }
    let paint = if healthy && data.of_severity(Severity::Error) == 0 { Paint::Good } else { Paint::Strong };
    for line in super::look::wrap(&clean(&text), look.width) {
        out.push_str(&look.paint(paint, &line));
        out.push('\n');
    }
    if healthy && !data.run.assumed.is_empty() {
        labelled(out, look, "note", 6, &clean(&data.run.assumed.join(", ")));
    }
}

/// `7 causes, 62 modules: 4 errors explain all 61 failures. Repair BLK001 first: 175 modules then collect.`
fn explained_line(data: &ReportData, counts: Counts) -> String {
    let causes = data.diagnostics.len();
    let errors = data.of_severity(Severity::Error);
    let (bad, explained) = (counts.bad(), data.explained());
    if data.aborted.is_some() {
        return match data.diagnostics.first() {
            Some(first) if causes > 1 => {
                format!("{}. Repair {} first: nothing else is looked at.", count(causes, "cause"), first.code)
            }
            _ => String::new(),
        };
    }
    if causes == 0 {
        return match bad {
            0 => String::new(),
            _ if data.known > 0 => format!("Nothing new: {} in the baseline.", count(data.known, "known finding")),
            _ => format!(
                "Silenced, or explained by no selected rule: {} (precollect collect lists what fails).",
                count(bad, "failure")
            ),
        };
    }
    let mut text = format!("{}, {}", count(causes, "cause"), count(counts.modules, "module"));
    if bad > 0 && errors > 0 {
        let all = match (explained == bad, bad) {
            (true, 1) => "the one failure".to_string(),
            (true, _) => format!("all {} failures", number(bad)),
            (false, _) => format!("{} of {} failures", number(explained), number(bad)),
        };
        let is_breaking = |d: &&Diagnostic| d.severity == Severity::Warning && !d.victims.is_empty();
        let warnings = data.diagnostics.iter().filter(is_breaking).count();
        let others = if warnings == 0 { String::new() } else { format!(" and {}", count(warnings, "warning")) };
        text.push_str(&format!(": {}{others} {} {all}", count(errors, "error"), verb(errors + warnings, "explain")));
    }
    text.push('.');
    if counts.unknown > 0 {
        text.push_str(&format!(" {} cannot be decided from source.", count(counts.unknown, "module")));
    }
    if let Some(first) = data.diagnostics.first().filter(|first| causes > 1 && data.stops_run(first)) {
        let then = match counts.collect {
            0 => "nothing behind it is looked at".to_string(),
            collect => format!("{} then {}", count(collect, "module"), verb(collect, "collect")),
        };
        text.push_str(&format!(" Repair {} first: {then}.", first.code));
    }
    text
}

/// `236 modules, 6,373 tests: all collect (2 skip: numpy is not installed)`
fn healthy_line(data: &ReportData, counts: Counts) -> String {
    if counts.modules == 0 {
        return format!("{}: pytest finds no test modules here", data.subject);
    }
    let tests = match data.tests() {
        (0, _) => String::new(),
        (tests, true) => format!(", {}", count(tests, "test")),
        (tests, false) => format!(", about {}", count(tests, "test")),
    };
    let all = match (counts.modules, counts.unknown) {
        (1, 0) => "collects".to_string(),
        (_, 0) => "all collect".to_string(),
        (_, unknown) => {
            format!("{} collect, {} cannot be decided from source", number(counts.modules - unknown), number(unknown))
        }
    };
    let mut text = format!("{}{tests}: {all}", count(counts.modules, "module"));
    if counts.skip > 0 {
        let reasons = data.skip_reasons();
        let shown: Vec<&str> = reasons.iter().take(2).map(|(reason, _)| *reason).collect();
        let more = if reasons.len() > 2 { ", ..." } else { "" };
        text.push_str(&format!(" ({} {}: {}{more})", number(counts.skip), verb(counts.skip, "skip"), shown.join("; ")));
    }
    text
}
