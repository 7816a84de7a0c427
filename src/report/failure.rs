//! How it is said that a command cannot do its work.

use super::excerpt::{self, Excerpt};
use super::look::{Look, Paint, clean, labelled};
use crate::base::span::{LineTable, Span};
use crate::config::settings::ConfigError;
use crate::diagnostic::Severity;

/// A sentence, and what to do.
#[must_use]
pub fn usage(text: &str, help: Option<&str>, look: &Look) -> String {
    let mut out = format!("{}: {}\n", look.paint(Paint::Severity(Severity::Error), "error"), clean(text));
    if let Some(help) = help {
        labelled(&mut out, look, "  help", 8, &clean(help));
    }
    out
}

/// A mistake in a configuration file, with the line.
#[must_use]
pub fn config(error: &ConfigError, look: &Look) -> String {
    let path = clean(&error.path.to_string_lossy());
    let Some(span) = error.span.clone() else { return usage(&error.to_string(), error.help.as_deref(), look) };
    let offset = |at: usize| u32::try_from(at.min(error.text.len())).unwrap_or(u32::MAX);
    let span = Span::new(offset(span.start), offset(span.end));
    let excerpt = Excerpt { path: &path, text: &error.text, span, label: "", severity: Severity::Error };
    let mut out = usage(&format!("failed to read the configuration: {}", error.message), None, look);
    let drawn = excerpt::draw(&excerpt, look);
    if drawn.is_empty() {
        out.push_str(&format!("  {path}:{}\n", LineTable::new(&error.text).line(span.start)));
    }
    out.push_str(&drawn);
    if let Some(help) = &error.help {
        labelled(&mut out, look, "  help", 8, &clean(help));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_is_shown_in_its_line() {
        let error = ConfigError {
            path: "precollect.toml".into(),
            text: "ignore = []\nslect = [\"IMP\"]\n".into(),
            span: Some(12..17),
            message: "there is no key `slect`".into(),
            help: Some("did you mean `select`?".into()),
        };
        insta::assert_snapshot!(config(&error, &Look::PLAIN), @r#"
            error: failed to read the configuration: there is no key `slect`
               ╭─[precollect.toml:2:1]
             1 │ ignore = []
             2 │ slect = ["IMP"]
               · ─────
               ╰────
              help  did you mean `select`?
        "#);
    }
}
