//! How text for people is laid out: colour, width, wrapped lines, numbers and plurals.

use std::fmt::Write as _;

use crate::diagnostic::Severity;

/// What the reader's screen can show, and how much they want to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Whether to use ANSI colours.
    pub color: bool,
    /// Whether to draw with characters beyond ASCII.
    pub unicode: bool,
    /// Columns of the screen.
    pub width: usize,
    /// How much to say.
    pub detail: Detail,
    /// Whether places link to their files (OSC 8).
    pub links: bool,
}

/// How much to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// Findings only.
    Quiet,
    /// Findings, the answer, and a few victims of each cause.
    Normal,
    /// Every victim with its chain.
    Verbose,
}

impl Look {
    /// Plain text of 80 columns.
    pub const PLAIN: Self = Self { color: false, unicode: true, width: 80, detail: Detail::Normal, links: false };

    /// The arrow between the steps of a chain.
    #[must_use]
    pub const fn arrow(self) -> &'static str {
        if self.unicode { "→" } else { "->" }
    }
}

/// A way to make text stand out; colour adds nothing that the text lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// Of a finding's severity.
    Severity(Severity),
    /// The answer.
    Strong,
    /// Beside the point.
    Dim,
    /// A label in front of a fact.
    Label,
    /// All is well.
    Good,
}

impl Look {
    /// The text in that paint.
    #[must_use]
    pub fn paint(self, paint: Paint, text: &str) -> String {
        if !self.color || text.is_empty() {
            return text.to_string();
        }
        let code = match paint {
            Paint::Severity(Severity::Error) => "1;31",
            Paint::Severity(Severity::Warning) => "1;33",
            Paint::Severity(Severity::Info) => "1;36",
            Paint::Strong => "1",
            Paint::Dim => "2",
            Paint::Label => "36",
            Paint::Good => "32",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

impl Look {
    /// The text as a link to an absolute path, where the screen shows links. The line stands behind `#`, where programs
    /// that open such links look for it.
    #[must_use]
    pub fn link(self, path: &str, line: u32, text: &str) -> String {
        if !self.links || !path.starts_with('/') {
            return text.to_string();
        }
        let escaped = path.bytes().fold(String::new(), |mut out, byte| {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => {
                    out.push(char::from(byte))
                }
                _ => {
                    let _ = write!(out, "%{byte:02X}");
                }
            }
            out
        });
        format!("\u{1b}]8;;file://{escaped}#{line}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\")
    }
}

/// Appends `text` in lines of at most `look.width` columns; the first starts behind `label`, which is padded to
/// `indent` columns, the others at `indent`.
pub fn labelled(out: &mut String, look: &Look, label: &str, indent: usize, text: &str) {
    let room = look.width.saturating_sub(indent).max(20);
    let painted = look.paint(Paint::Label, label.trim_start());
    let lead = label.len() - label.trim_start().len();
    let gap = indent.saturating_sub(label.chars().count()).max(1);
    let _ = write!(out, "{}{painted}{}", " ".repeat(lead), " ".repeat(gap));
    for (index, line) in wrap(text, room).iter().enumerate() {
        if index > 0 {
            out.push_str(&" ".repeat(indent));
        }
        out.push_str(line);
        out.push('\n');
    }
}

/// Breaks text at spaces into lines of at most `room` columns; a longer word stands alone on its line.
#[must_use]
pub fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        let mut used = 0;
        for word in paragraph.split(' ') {
            let width = word.chars().count();
            if used > 0 && used + 1 + width > room {
                lines.push(std::mem::take(&mut line));
                used = 0;
            } else if used > 0 || !line.is_empty() {
                line.push(' ');
                used += 1;
            }
            line.push_str(word);
            used += width;
        }
        lines.push(line);
    }
    lines
}

/// The text without characters that would steer a terminal or start a new line.
#[must_use]
pub fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || is_bidi(c) { '\u{fffd}' } else { c }).collect()
}

/// Characters that reorder what a reader sees.
#[must_use]
pub const fn is_bidi(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

/// A number with thousands separators.
#[must_use]
pub fn number(value: usize) -> String {
    let digits = value.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 module`, `2,000 modules`.
#[must_use]
pub fn count(value: usize, noun: &str) -> String {
    match (value, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{} {stem}ies", number(value)),
        (_, None) => format!("{} {noun}s", number(value)),
    }
}

/// The verb for a subject in that number: `fails` for one, `fail` for more.
#[must_use]
pub fn verb(value: usize, plural: &str) -> String {
    if value == 1 { format!("{plural}s") } else { plural.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_nouns() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(1_234_567), "1,234,567");
        assert_eq!([count(1, "module"), count(2000, "module")], ["1 module", "2,000 modules"]);
        assert_eq!([count(1, "entry"), count(2, "entry")], ["1 entry", "2 entries"]);
    }

    #[test]
    fn lines_hang_behind_their_label() {
        let mut out = String::new();
        labelled(&mut out, &Look { width: 30, ..Look::PLAIN }, "  help", 10, "import it from where it is defined");
        assert_eq!(out, "  help    import it from where\n          it is defined\n");
    }

    #[test]
    fn a_terminal_is_not_steered() {
        assert_eq!(clean("a\u{1b}[31mb\nc\u{202e}"), "a\u{fffd}[31mb\u{fffd}c\u{fffd}");
    }
}
