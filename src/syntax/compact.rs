//! A text without the function bodies that may be left out, and where its parts come from.
//!
//! Each body is replaced by one byte that is a statement, so that the grammar finds nothing unusual; offsets of the tree
//! are turned back into offsets of the whole text while it is copied.

use super::outline::Body;
use crate::base::span::Span;

/// Stands for a body.
const FILLER: char = '0';
/// Makes a body a text of its own.
const HEADER: &str = "def _():";

/// A text that is given to the grammar instead of another.
#[derive(Debug)]
pub(super) struct Compact {
    /// The text.
    pub(super) text: String,
    /// How it lies in the other one.
    pub(super) map: Map,
}

/// Offsets of a compact text to offsets of the text it stands for. Nothing is shifted by default.
#[derive(Debug, Default)]
pub(super) struct Map {
    gaps: Vec<Gap>,
}

#[derive(Debug)]
struct Gap {
    /// The filler in the compact text.
    at: u32,
    /// Where the first statement of what is left out starts.
    first: u32,
    /// Where what is left out ends.
    end: u32,
}

impl Compact {
    /// The text without these bodies.
    pub(super) fn without(text: &str, bodies: &[Body]) -> Self {
        let cut: usize = bodies.iter().map(|body| (body.span.end - body.span.start) as usize).sum();
        let mut compact = String::with_capacity(text.len().saturating_sub(cut) + bodies.len());
        let mut gaps = Vec::with_capacity(bodies.len());
        let mut kept = 0;
        for body in bodies {
            compact.push_str(text.get(kept..body.span.start as usize).unwrap_or_default());
            gaps.push(Gap { at: offset(compact.len()), first: body.first, end: body.span.end });
            compact.push(FILLER);
            kept = body.span.end as usize;
        }
        compact.push_str(text.get(kept..).unwrap_or_default());
        Self { text: compact, map: Map { gaps } }
    }

    /// One body as the body of a function.
    pub(super) fn only(text: &str, body: Span) -> Self {
        let inside = text.get(body.start as usize..body.end as usize).unwrap_or_default();
        let before = offset(HEADER.len()) - 1;
        let gap = Gap { at: 0, first: body.start, end: body.start.saturating_sub(before) };
        Self { text: format!("{HEADER}{inside}\n"), map: Map { gaps: vec![gap] } }
    }
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

impl Map {
    /// Where a node that starts and ends here lies in the whole text.
    pub(super) fn span(&self, start: u32, end: u32) -> Span {
        if self.gaps.is_empty() {
            return Span::new(start, end);
        }
        let next = self.gaps.partition_point(|gap| gap.at < start);
        let from = match self.gaps.get(next) {
            Some(gap) if gap.at == start => gap.first,
            _ => self.behind(next, start),
        };
        // Most nodes end in front of the next gap.
        let close = self.gaps.get(next).is_none_or(|gap| end <= gap.at);
        let last = if close { next } else { next + self.gaps[next..].partition_point(|gap| gap.at < end) };
        Span::new(from, self.behind(last, end).max(from))
    }

    /// An offset behind the first `count` gaps.
    fn behind(&self, count: usize, at: u32) -> u32 {
        match count.checked_sub(1).and_then(|last| self.gaps.get(last)) {
            Some(gap) => at - gap.at - 1 + gap.end,
            None => at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Compact;
    use crate::base::span::Span;
    use crate::syntax::outline::Body;

    const TEXT: &str = "def f():\n  a\nx = 1\ndef g(): b; c\n";

    fn body(all: &str, first: &str) -> Body {
        let at = |part: &str| u32::try_from(TEXT.find(part).expect("a part")).expect("small");
        let start = at(all);
        let span = Span::new(start, start + u32::try_from(all.len()).expect("small"));
        Body { span, first: at(first), yields: false, imports: Vec::new() }
    }

    #[test]
    fn bodies_leave_one_byte() {
        let bodies = [body("\n  a", "a"), body(" b; c", "b")];
        let Compact { text, map } = Compact::without(TEXT, &bodies);
        assert_eq!(text, "def f():0\nx = 1\ndef g():0\n");
        let there = |start, end| {
            let span = map.span(start, end);
            &TEXT[span.start as usize..span.end as usize]
        };
        assert_eq!((there(0, 8), there(0, 9), there(8, 9)), ("def f():", "def f():\n  a", "a"));
        assert_eq!((there(10, 15), there(16, 25), there(24, 25)), ("x = 1", "def g(): b; c", "b; c"));
        assert_eq!(there(0, 26), TEXT);
    }

    #[test]
    fn a_body_alone_keeps_its_places() {
        let body = body("\n  a", "a");
        let Compact { text, map } = Compact::only(TEXT, body.span);
        assert_eq!(text, "def _():\n  a\n");
        assert_eq!(map.span(11, 12), Span::new(11, 12));
        assert_eq!(map.span(8, 12), body.span);
    }
}
