//! A source excerpt with its label, drawn by miette.
//!
//! miette is given a small window around the place rather than the file: lines ended as CPython ends them, long lines
//! cut, characters that would steer the terminal replaced. Nothing a file holds can upset the drawing.

use std::fmt;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan,
    SpanContents, ThemeCharacters, ThemeStyles,
};

use super::look::{Look, is_bidi};
use crate::base::span::{LineTable, Span};
use crate::diagnostic::Severity;

/// Lines shown in front of the labelled one.
const LINES_BEFORE: u32 = 1;

/// A label is broken into lines of at least this many characters.
const LABEL: usize = 16;

/// What to show.
#[derive(Debug, Clone, Copy)]
pub struct Excerpt<'a> {
    /// Path as printed.
    pub path: &'a str,
    /// Decoded text of the file.
    pub text: &'a str,
    /// What to underline, in bytes of `text`.
    pub span: Span,
    /// What to say below it; empty for nothing.
    pub label: &'a str,
    /// Colours the underline.
    pub severity: Severity,
}

/// Draws an excerpt; empty if the span does not lie in the text.
#[must_use]
pub fn draw(excerpt: &Excerpt<'_>, look: &Look) -> String {
    let Some(window) = Window::cut(excerpt, look) else { return String::new() };
    let characters = if look.unicode { ThemeCharacters::unicode() } else { ThemeCharacters::ascii() };
    let mut styles = if look.color { ThemeStyles::ansi() } else { ThemeStyles::none() };
    let highlight = match excerpt.severity {
        Severity::Error => styles.error,
        Severity::Warning => styles.warning,
        Severity::Info => styles.advice,
    };
    styles.highlights = vec![highlight];
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme { characters, styles })
        .with_context_lines(LINES_BEFORE as usize)
        .with_width(look.width)
        .without_cause_chain()
        .without_syntax_highlighting()
        .with_links(false);
    let mut drawn = String::new();
    match handler.render_report(&mut drawn, &window) {
        Ok(()) => without_headline(&drawn),
        Err(_) => String::new(),
    }
}

/// miette opens with a line for the message, which is ours to print.
fn without_headline(drawn: &str) -> String {
    let lines = drawn.lines().skip_while(|line| !line.contains("─[") && !line.contains("-[")).map(str::trim_end);
    lines.filter(|line| !line.is_empty()).flat_map(|line| [line, "\n"]).collect()
}

/// A few lines of a file, fit to be drawn.
#[derive(Debug)]
struct Window<'a> {
    path: &'a str,
    text: String,
    first_line: usize,
    /// Column of the place in the file; the window's own may be cut.
    column: usize,
    span: (usize, usize),
    label: String,
}

impl<'a> Window<'a> {
    fn cut(excerpt: &Excerpt<'a>, look: &Look) -> Option<Self> {
        let table = LineTable::new(excerpt.text);
        let start = usize::try_from(excerpt.span.start).ok()?;
        let end = usize::try_from(excerpt.span.end).ok()?.max(start);
        if end > excerpt.text.len() || !excerpt.text.is_char_boundary(start) || !excerpt.text.is_char_boundary(end) {
            return None;
        }
        let line = table.line(excerpt.span.start);
        // Of a statement over several lines the first one tells enough.
        let (first, last) = (line.saturating_sub(LINES_BEFORE).max(1), line);
        let room = look.width.saturating_sub(12).max(30);
        let mut window = Window {
            path: excerpt.path,
            text: String::new(),
            first_line: first as usize - 1,
            column: excerpt.text.get(table.start(line)? as usize..start)?.chars().count(),
            span: (0, 0),
            label: String::new(),
        };
        for number in first..=last {
            let from = table.start(number)? as usize;
            let to = table.start(number + 1).map_or(excerpt.text.len(), |next| next as usize);
            let content = excerpt.text[from..to].trim_end_matches(['\n', '\r']);
            let blank_before = number < line && content.trim().is_empty();
            if blank_before {
                window.first_line += 1;
                continue;
            }
            let shown = shorten(content, start.saturating_sub(from).min(content.len()), room, number == line);
            let at = window.text.len();
            let place = |offset: usize| at + shown.place(offset.clamp(from, from + content.len()) - from);
            if number == line {
                window.span = (place(start), place(end).max(place(start)));
            }
            window.text.push_str(&shown.text);
            window.text.push('\n');
        }
        window.label = window.fitted(excerpt.label, look.width, last);
        Some(window)
    }

    /// The label in lines that end within the width: it starts below the middle of what is underlined.
    fn fitted(&self, label: &str, width: usize, last: u32) -> String {
        let (start, end) = self.span;
        let line = self.text[..start].rfind('\n').map_or(0, |at| at + 1);
        let middle = self.text[line..start].chars().count() + self.text[start..end].chars().count() / 2;
        let gutter = last.to_string().len() + 4;
        super::look::wrap(label, width.saturating_sub(gutter + middle + 5).max(LABEL)).join("\n")
    }
}

/// A line of which the front, the back or both may be cut.
struct Shown {
    text: String,
    /// Bytes cut at the front, and the bytes put there instead.
    cut: (usize, usize),
    /// Bytes of the line that are shown, the marks left out.
    end: usize,
}

impl Shown {
    fn place(&self, offset: usize) -> usize {
        offset.clamp(self.cut.0, self.end) - self.cut.0 + self.cut.1
    }
}

/// At most `room` characters of a line, around `focus` if it is the labelled one.
fn shorten(line: &str, focus: usize, room: usize, labelled: bool) -> Shown {
    let safe = printable(line);
    if safe.chars().count() <= room {
        return Shown { end: safe.len(), text: safe, cut: (0, 0) };
    }
    let boundary = |index: usize| (index..=safe.len()).find(|at| safe.is_char_boundary(*at)).unwrap_or(safe.len());
    let lead = room / 3;
    let start = if labelled && focus > room * 2 / 3 {
        safe[..boundary(focus)].char_indices().rev().nth(lead).map_or(0, |(at, _)| at)
    } else {
        0
    };
    let end = safe[start..].char_indices().nth(room - 4).map_or(safe.len(), |(at, _)| start + at);
    let front = if start > 0 { "..." } else { "" };
    let back = if end < safe.len() { "..." } else { "" };
    Shown { text: format!("{front}{}{back}", &safe[start..end]), cut: (start, front.len()), end }
}

/// The line with characters replaced that a terminal would act on; every byte keeps its place.
fn printable(line: &str) -> String {
    let replaced = |c: char| match c {
        '\t' => '\t',
        '\u{c}' => ' ',
        c if c.is_control() && c.len_utf8() == 1 => '?',
        c if c.is_control() => '·',
        c if is_bidi(c) => '\u{fffd}',
        c => c,
    };
    line.chars().map(replaced).collect()
}

impl fmt::Display for Window<'_> {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Window<'_> {}

impl miette::Diagnostic for Window<'_> {
    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = (!self.label.is_empty()).then(|| self.label.clone());
        let span = SourceSpan::new(self.span.0.into(), self.span.1 - self.span.0);
        Some(Box::new(std::iter::once(LabeledSpan::new_primary_with_span(label, span))))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self)
    }
}

impl SourceCode for Window<'_> {
    fn read_span<'s>(
        &'s self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'s> + 's>, MietteError> {
        let found = self.text.read_span(span, before, after)?;
        let column = if before == 0 { self.column } else { found.column() };
        Ok(Box::new(MietteSpanContents::new_named(
            self.path.to_string(),
            found.data(),
            *found.span(),
            found.line() + self.first_line,
            column,
            found.line_count(),
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(text: &str, needle: &str, look: &Look) -> String {
        let start = u32::try_from(text.find(needle).expect("is there")).expect("is short");
        let span = Span::new(start, start + u32::try_from(needle.len()).expect("is short"));
        draw(&Excerpt { path: "a/b.py", text, span, label: "never bound", severity: Severity::Error }, look)
    }

    #[test]
    fn a_long_label_is_broken() {
        let text = "from shop.orders import Order\n";
        let look = Look { width: 60, ..Look::PLAIN };
        let span = Span::new(24, 29);
        let label = "shop.orders is still being imported and has no Order yet";
        let drawn = draw(&Excerpt { path: "a.py", text, span, label, severity: Severity::Error }, &look);
        assert!(drawn.lines().all(|line| line.chars().count() <= 60), "{drawn}");
        assert!(drawn.contains("no Order yet"), "{drawn}");
    }

    #[test]
    fn the_line_before_gives_context() {
        let text = "import os\n\nimport a\nfrom shop.auth import Service\nx = 1\n";
        insta::assert_snapshot!(show(text, "Service", &Look::PLAIN), @r#"
              ╭─[a/b.py:4:23]
            3 │ import a
            4 │ from shop.auth import Service
              ·                       ───┬───
              ·                          ╰── never bound
              ╰────
        "#);
    }

    #[test]
    fn ascii_where_nothing_else_can_be_shown() {
        insta::assert_snapshot!(show("import a\n", "a", &Look { unicode: false, ..Look::PLAIN }), @r#"
              ,-[a/b.py:1:8]
            1 | import a
              :        |
              :        `-- never bound
              `----
        "#);
    }

    #[test]
    fn lone_carriage_returns_end_lines() {
        insta::assert_snapshot!(show("x = 1\rimport abc\r\n", "abc", &Look::PLAIN), @r#"
              ╭─[a/b.py:2:8]
            1 │ x = 1
            2 │ import abc
              ·        ─┬─
              ·         ╰── never bound
              ╰────
        "#);
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let text = format!("{}; import abc; {}\n", "x = 1; ".repeat(60), "y = 2; ".repeat(60));
        insta::assert_snapshot!(show(&text, "abc", &Look { width: 60, ..Look::PLAIN }), @r#"
              ╭─[a/b.py:1:430]
            1 │ ... x = 1; ; import abc; y = 2; y = 2; y = 2; y...
              ·                     ─┬─
              ·                      ╰── never bound
              ╰────
        "#);
    }

    #[test]
    fn statements_over_many_lines_are_cut() {
        let text = "from a import (\n    b,\n    c,\n    d,\n    e,\n)\n";
        let needle = text.trim_end();
        insta::assert_snapshot!(show(text, needle, &Look::PLAIN), @r#"
              ╭─[a/b.py:1:1]
            1 │ from a import (
              · ───────┬───────
              ·        ╰── never bound
              ╰────
        "#);
    }

    #[test]
    fn hostile_text_is_shown_harmlessly() {
        insta::assert_snapshot!(show("a = '\u{1b}[31m\u{202e}' ; import \u{e9}t\u{e9}\n", "\u{e9}t\u{e9}", &Look::PLAIN), @r#"
              ╭─[a/b.py:1:23]
            1 │ a = '?[31m�' ; import été
              ·                       ─┬─
              ·                        ╰── never bound
              ╰────
        "#);
    }

    #[test]
    fn spans_outside_the_text_draw_nothing() {
        let out_of_range =
            Excerpt { path: "a.py", text: "\u{e9}", span: Span::new(1, 900), label: "x", severity: Severity::Error };
        assert_eq!(draw(&out_of_range, &Look::PLAIN), "");
        assert_eq!(draw(&Excerpt { span: Span::new(1, 2), ..out_of_range }, &Look::PLAIN), "");
        assert_ne!(draw(&Excerpt { span: Span::new(2, 2), ..out_of_range }, &Look::PLAIN), "", "the end is a place");
        assert_ne!(draw(&Excerpt { text: "", span: Span::new(0, 0), ..out_of_range }, &Look::PLAIN), "");
    }
}
