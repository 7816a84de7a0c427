//! Numbered lines of the text: place, statement, what comes of it.

use super::super::look::{Detail, Look, Paint, clean, count, wrap};

/// Steps shown before the rest is counted only.
const STEPS: usize = 40;

/// One line: where, what stands there, what comes of it.
pub(super) struct Line {
    pub depth: usize,
    pub place: String,
    pub statement: String,
    pub results: Vec<String>,
}

impl Line {
    fn indent(&self) -> String {
        "  ".repeat(self.depth.min(12))
    }

    fn text(&self, index: usize) -> String {
        let statement = if self.statement.is_empty() { String::new() } else { format!("  {}", self.statement) };
        format!("{:>3}  {}{}{statement}", index + 1, self.indent(), self.place)
    }
}

/// What does not fit beside goes below; of many lines the middle is left out: the exception stands at the end.
pub(super) fn render(out: &mut String, lines: Vec<Line>, look: &Look) {
    let shown = if look.detail == Detail::Verbose { lines.len() } else { lines.len().min(STEPS) };
    let (head, tail) =
        if shown < lines.len() { (shown / 2, lines.len() - shown / 2) } else { (lines.len(), lines.len()) };
    let lengths = lines.iter().enumerate().map(|(index, line)| line.text(index).chars().count());
    let column = lengths.filter(|length| *length <= look.width * 6 / 10).max().unwrap_or(0) + 2;
    for (index, line) in lines.iter().enumerate() {
        if index == head && head < tail {
            out.push_str(&format!("     ... {} more (-v)\n", count(tail - head, "step")));
        }
        if index < head || index >= tail {
            one(out, index, line, column, look);
        }
    }
}

fn one(out: &mut String, index: usize, line: &Line, column: usize, look: &Look) {
    let text = line.text(index);
    let length = text.chars().count();
    let at = column.max(length + 2);
    let results: Vec<String> = line.results.iter().map(|result| clean(result)).collect();
    if let [result] = results.as_slice()
        && at + result.chars().count() <= look.width
    {
        out.push_str(&format!("{text}{}{}\n", " ".repeat(at - length), look.paint(Paint::Dim, result)));
        return;
    }
    out.push_str(&format!("{text}\n"));
    let start = 7 + line.indent().len();
    let width = look.width.saturating_sub(start).max(20);
    for part in results.iter().flat_map(|result| wrap(result, width)) {
        out.push_str(&format!("{}{}\n", " ".repeat(start), look.paint(Paint::Dim, &part)));
    }
}
