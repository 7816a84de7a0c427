//! The audit: a report that opens with a sentence a manager understands and an engineer can check.

use std::collections::BTreeMap;

use super::data::{Outcome, ReportData};
use super::full::answer;
use super::look::{count, number};
use crate::diagnostic::{Certainty, Diagnostic, Severity};

/// Directories are told apart down to this depth.
const DEPTH: usize = 3;

/// The whole report.
#[must_use]
pub fn render(data: &ReportData) -> String {
    let made = || format!("Collection audit of {}", data.subject.trim_end_matches('/'));
    let mut out = format!("# {}\n\n", plain(&data.title.clone().unwrap_or_else(made)));
    verdict(&mut out, data);
    numbers(&mut out, data);
    directories(&mut out, data);
    causes(&mut out, data);
    super::lists::render(&mut out, data);
    super::reached::render(&mut out, data);
    super::steps::render(&mut out, data);
    unknowns(&mut out, data);
    appendix(&mut out, data);
    if data.sections.is_empty() { out } else { selected(&out, &data.sections) }
}

/// The sections of these names, as settings choose them. Title and verdict stand in front of the first heading.
fn selected(text: &str, names: &[String]) -> String {
    let wanted = |name: &str| names.iter().any(|other| other == name);
    let mut parts = text.split("\n## ");
    let (title, verdict) = parts.next().and_then(|head| head.split_once("\n\n")).unwrap_or_default();
    let mut out = format!("{title}\n\n");
    if wanted("verdict") {
        out.push_str(verdict);
        out.push('\n');
    }
    for part in parts.filter(|part| wanted(section_name(part.lines().next().unwrap_or_default()))) {
        out.push_str(&format!("## {}\n\n", part.trim_end()));
    }
    out.trim_end().to_string() + "\n"
}

/// The name in settings of the section under a heading.
fn section_name(heading: &str) -> &'static str {
    match heading {
        "Numbers" => "numbers",
        "Blocking now" => "blocking",
        "Missing third-party packages" => "packages",
        "Missing modules of the project" => "modules",
        "Import mismatches" => "mismatches",
        "Import cycles" => "cycles",
        "Fixtures" => "fixtures",
        "Lost tests" => "lost-tests",
        "Tests that may hang" => "may-hang",
        "Environment needs" => "needs",
        "Mock against real" => "doubles",
        "Action plan" => "plan",
        "What could not be decided" => "unknowns",
        "Every test module" => "appendix",
        _ => "findings",
    }
}

/// Text of the analysed tree inside a paragraph or table: nothing in it is markup.
pub(super) fn plain(text: &str) -> String {
    let chars: Vec<char> = super::look::clean(&text.replace('\n', " ")).chars().collect();
    let word = |index: Option<usize>| index.and_then(|at| chars.get(at)).is_some_and(|c| c.is_alphanumeric());
    let mut out = String::new();
    for (index, &c) in chars.iter().enumerate() {
        let inside_word = word(index.checked_sub(1)) && word(Some(index + 1));
        if matches!(c, '|' | '*' | '`' | '<' | '[' | ']' | '\\' | '#') || c == '_' && !inside_word {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// A code span that holds any text.
pub(super) fn code(text: &str) -> String {
    let text = super::look::clean(&text.replace('\n', " ")).replace('|', "\\|");
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}

pub(super) fn place(path: &str, line: u32) -> String {
    let shown = super::look::clean(path);
    let target = shown.replace(' ', "%20").replace('(', "%28").replace(')', "%29");
    format!("[{}:{line}]({target}#L{line})", plain(&shown))
}

fn verdict(out: &mut String, data: &ReportData) {
    let counts = data.counts();
    out.push_str(&format!("**{}.**", plain(&answer(data))));
    if counts.bad() > 0 && counts.modules > 1 {
        let share = match counts.bad() * 100 / counts.modules {
            0 => "less than 1 %".to_string(),
            share => format!("{share} %"),
        };
        let (bad, all) = (number(counts.bad()), count(counts.modules, "test module"));
        out.push_str(&format!(" The tests of {bad} of {all} ({share}) do not run."));
    }
    if let Some(first) = data.diagnostics.iter().find(|d| d.severity == Severity::Error) {
        out.push_str(&format!(" First cause: {}.", plain(&first.message)));
    }
    super::steps::promise(out, data);
    let run = &data.run;
    let environment = run.environment.as_deref().map_or_else(String::new, |path| format!(" from {}", code(path)));
    let pytest = run.pytest.as_deref().map_or_else(String::new, |version| format!(", pytest {version}"));
    out.push_str(&format!("\n\nJudged for Python {}{environment}{pytest}; nothing was executed.", run.python));
    for assumed in &run.assumed {
        out.push_str(&format!(" Assumed: {}.", plain(assumed)));
    }
    seen(out, data);
    out.push_str("\n\n");
}

/// Which tree and settings were looked at, so that the report can be made again.
fn seen(out: &mut String, data: &ReportData) {
    out.push_str(&format!(" Made by precollect {}", env!("CARGO_PKG_VERSION")));
    if let Some(revision) = &data.revision {
        let changed = if revision.changed { ", with changes that are not committed" } else { "" };
        let short = revision.commit.get(..12).unwrap_or(&revision.commit);
        out.push_str(&format!(" of commit {} ({}){changed}", code(short), plain(&revision.date)));
    }
    if !data.told.is_empty() {
        let told: Vec<String> = data.told.iter().map(|text| plain(text)).collect();
        out.push_str(&format!("; {}", told.join(", ")));
    }
    out.push('.');
}

fn numbers(out: &mut String, data: &ReportData) {
    let counts = data.counts();
    out.push_str("## Numbers\n\n| test modules | number |\n| --- | ---: |\n");
    let mut row = |label: &str, value: usize, always: bool| {
        if value > 0 || always {
            out.push_str(&format!("| {label} | {} |\n", number(value)));
        }
    };
    row("all", counts.modules, true);
    row("collect", counts.collect, true);
    row("fail", counts.fail, true);
    row("end the run", counts.end_run, false);
    row("never return", counts.hang, false);
    row("are skipped", counts.skip, false);
    row("cannot be decided", counts.unknown, false);
    match data.tests() {
        (tests, true) => row("tests in those that collect", tests, true),
        (tests, false) => row("tests in those that collect, at least", tests, tests > 0),
    }
    out.push('\n');
    let rules = by_rule(data);
    if rules.is_empty() {
        return;
    }
    out.push_str("| rule | errors | warnings | info | modules affected |\n| --- | ---: | ---: | ---: | ---: |\n");
    for ((code, name), [errors, warnings, infos, victims]) in rules {
        out.push_str(&format!("| {code} {name} | {errors} | {warnings} | {infos} | {} |\n", number(victims)));
    }
    out.push('\n');
}

/// Errors, warnings, other findings and victims of each rule that found something.
#[must_use]
pub fn by_rule(data: &ReportData) -> BTreeMap<(&str, &str), [usize; 4]> {
    let mut rules: BTreeMap<(&str, &str), [usize; 4]> = BTreeMap::new();
    for d in &data.diagnostics {
        let row = rules.entry((d.code, d.name)).or_default();
        row[match d.severity {
            Severity::Error => 0,
            Severity::Warning => 1,
            Severity::Info => 2,
        }] += 1;
        row[3] += d.victims.len();
    }
    rules
}

/// Where the modules lie, and what becomes of them.
fn directories(out: &mut String, data: &ReportData) {
    let mut rows: BTreeMap<String, [usize; 4]> = BTreeMap::new();
    for module in &data.modules {
        let parts: Vec<&str> = module.path.split('/').collect();
        let directory = parts[..parts.len() - 1].iter().take(DEPTH).copied().collect::<Vec<_>>().join("/");
        let row = rows.entry(format!("{directory}/")).or_default();
        row[0] += 1;
        row[1] += usize::from(module.outcome == Outcome::Collects);
        row[2] += usize::from(module.outcome.is_bad());
        row[3] += if module.outcome == Outcome::Collects { module.tests } else { 0 };
    }
    if rows.len() < 2 {
        return;
    }
    out.push_str("| directory | modules | collect | fail | tests |\n| --- | ---: | ---: | ---: | ---: |\n");
    for (directory, row) in rows {
        let cells = row.map(number).join(" | ");
        out.push_str(&format!("| {} | {cells} |\n", code(&directory)));
    }
    out.push('\n');
}

fn causes(out: &mut String, data: &ReportData) {
    let stops: Vec<&Diagnostic> = data.diagnostics.iter().filter(|d| data.is_in_front(d)).collect();
    section(out, data, "Blocking now", "Nothing behind these is looked at.", &stops);
    let of = |severity| -> Vec<&Diagnostic> {
        data.diagnostics.iter().filter(|d| d.severity == severity && !data.is_in_front(d)).collect()
    };
    section(out, data, "Causes of failure", "", &of(Severity::Error));
    section(out, data, "Warnings", "", &of(Severity::Warning));
    section(out, data, "Worth knowing", "", &of(Severity::Info));
}

fn section(out: &mut String, data: &ReportData, title: &str, intro: &str, findings: &[&Diagnostic]) {
    if findings.is_empty() {
        return;
    }
    out.push_str(&format!("## {title}\n\n"));
    if !intro.is_empty() {
        out.push_str(&format!("{intro}\n\n"));
    }
    for d in findings {
        finding(out, data, d);
    }
}

fn finding(out: &mut String, data: &ReportData, d: &Diagnostic) {
    let likely = if d.certainty == Certainty::Likely { " (likely)" } else { "" };
    out.push_str(&format!("### {}: {}{likely}\n\n", d.code, plain(&d.message)));
    out.push_str(&format!("- where: {}\n", place(&d.place.path, d.place.line)));
    if let Some(text) = &d.pytest {
        out.push_str(&format!("- pytest: {}\n", code(&data.tidy(text))));
    }
    for (label, text) in &d.facts {
        out.push_str(&format!("- {label}: {}\n", code(&data.tidy(text))));
    }
    for label in &d.related {
        out.push_str(&format!("- see {}: {}\n", place(&label.place.path, label.place.line), plain(&label.text)));
    }
    for help in &d.help {
        out.push_str(&format!("- next: {}\n", plain(help)));
    }
    if let Some(fix) = &d.fix {
        let option = super::full::option(fix.safety);
        out.push_str(&format!("- fix: {} ({})\n", plain(&fix.title), code(&format!("precollect check {option}"))));
    }
    if !d.victims.is_empty() {
        out.push_str(&format!("\n<details><summary>breaks {}</summary>\n\n", count(d.victims.len(), "module")));
        for (chain, paths) in by_chain(d) {
            let paths = paths.iter().map(|path| code(path)).collect::<Vec<_>>();
            match chain.as_str() {
                "" => paths.iter().for_each(|path| out.push_str(&format!("- {path}\n"))),
                chain => out.push_str(&format!("- through {chain}:\n  {}\n", paths.join(", "))),
            }
        }
        out.push_str("\n</details>\n");
    }
    out.push('\n');
}

/// Victims that reach the cause by the same steps, in order of the first; their own first step is left out.
fn by_chain(d: &Diagnostic) -> Vec<(String, Vec<&str>)> {
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for victim in &d.victims {
        let own = victim.chain.first().is_some_and(|step| step.place.path == victim.path);
        let steps = victim.chain.iter().skip(usize::from(own)).map(|step| place(&step.place.path, step.place.line));
        let chain = steps.collect::<Vec<_>>().join(" → ");
        match groups.iter_mut().find(|(known, _)| *known == chain) {
            Some((_, paths)) => paths.push(&victim.path),
            None => groups.push((chain, vec![&victim.path])),
        }
    }
    groups
}

fn unknowns(out: &mut String, data: &ReportData) {
    let reasons = data.unknown_reasons();
    if reasons.is_empty() && data.problems.is_empty() {
        return;
    }
    out.push_str("## What could not be decided\n\n");
    for (reason, modules) in reasons {
        out.push_str(&format!("- {}: {}\n", count(modules, "module"), plain(reason)));
    }
    for problem in &data.problems {
        out.push_str(&format!("- {}\n", plain(problem)));
    }
    out.push('\n');
}

/// Why a module does not come back.
fn hangs(data: &ReportData, path: &str) -> String {
    let breaks = |d: &&Diagnostic| d.victims.iter().any(|victim| &*victim.path == path);
    data.diagnostics.iter().find(breaks).map_or_else(|| "never returns".to_owned(), |d| plain(&d.message))
}

fn appendix(out: &mut String, data: &ReportData) {
    out.push_str("## Every test module\n\n| module | outcome | why |\n| --- | --- | --- |\n");
    for module in &data.modules {
        let why = match module.outcome {
            Outcome::Collects if module.exact => count(module.tests, "test"),
            Outcome::Collects => String::new(),
            Outcome::Hangs => hangs(data, &module.path),
            _ => {
                let why = module.exception.as_deref().or(module.reason.as_deref());
                why.map_or_else(String::new, |why| plain(&data.tidy(why)))
            }
        };
        out.push_str(&format!("| {} | {} | {why} |\n", code(&module.path), module.outcome.word()));
    }
}
