//! Inputs that mean harm: nothing panics, overflows or hangs, and CPython's limits are reported.

use super::summarise;
use crate::python::version::PythonVersion;

fn message(text: &str) -> Option<String> {
    let summary = summarise(text.as_bytes());
    summary.fatal_problem(PythonVersion::three(12)).map(|problem| problem.message.clone())
}

#[test]
fn deep_nesting_is_refused_as_cpython_refuses_it() {
    let brackets = format!("x = {}1{}\n", "(".repeat(5000), ")".repeat(5000));
    assert_eq!(message(&brackets).as_deref(), Some("too many nested parentheses"));
    assert_eq!(message(&"[".repeat(100_000)).as_deref(), Some("too many nested parentheses"));
    let blocks: String = (0..3000).map(|level| format!("{}if x:\n", " ".repeat(level))).collect();
    assert_eq!(message(&blocks).as_deref(), Some("too many levels of indentation"));
}

#[test]
fn endless_chains_are_survived() {
    for chain in ["not ", "- ", "1 + ", "x if y else ", "lambda: ", "a.b(", "x ** ", "await ", "f(*", "{1: "] {
        let text = format!("x = {}1\nimport a\n", chain.repeat(30_000));
        assert!(!summarise(text.as_bytes()).lines.is_empty());
    }
    let calls = format!("x = a{}\nimport a\n", ".b()".repeat(20_000));
    assert_eq!(summarise(calls.as_bytes()).imports.len(), 1);
    let strings = format!("x = f'{}'\n", "{f'".repeat(300));
    assert!(!summarise(strings.as_bytes()).lines.is_empty());
    let elifs = format!("if x: pass\n{}", "elif x: pass\n".repeat(20_000));
    assert_eq!(message(&elifs), None);
}

#[test]
fn any_bytes_have_a_summary() {
    let mut state = 7u64;
    for length in [0, 1, 2, 3, 10, 100, 1000] {
        for _ in 0..20 {
            let bytes: Vec<u8> = (0..length)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    (state >> 33) as u8
                })
                .collect();
            assert!(!summarise(&bytes).lines.is_empty());
        }
    }
}

#[test]
fn cut_sources_have_a_summary() {
    let text = include_str!("hostile_sample.py");
    for end in (0..text.len()).step_by(3).filter(|end| text.is_char_boundary(*end)) {
        assert!(!summarise(&text.as_bytes()[..end]).lines.is_empty());
    }
    // Every line lost once, every character doubled once in a while.
    let lines: Vec<&str> = text.lines().collect();
    for skip in 0..lines.len() {
        let rest: Vec<&str> = lines.iter().enumerate().filter(|(at, _)| *at != skip).map(|(_, line)| *line).collect();
        assert!(!summarise(rest.join("\n").as_bytes()).lines.is_empty());
    }
}

#[test]
fn long_lines_are_read() {
    let list = format!("x = [{}]\nimport a\n", "1, ".repeat(100_000));
    let summary = summarise(list.as_bytes());
    assert_eq!((summary.imports.len(), summary.problems.len()), (1, 0));
}
