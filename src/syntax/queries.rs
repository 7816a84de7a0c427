//! Users' own patterns for calls that block: tree-sitter queries in which a capture's name is the effect.
//!
//! A capture that begins with `_` is a helper for predicates; every other one has the name of an effect and stands on a
//! call. `(#set! name "...")` says what the call is called in reports.

use std::ops::Range;

use tree_sitter::{Node, Parser, Query, QueryCursor, QueryErrorKind, StreamingIterator};

use crate::base::intern::Name;
use crate::base::span::Span;
use crate::python::effects::{self, Effect, Marked};

/// Longer names are cut in reports.
const NAME_LIMIT: usize = 60;

/// The patterns of one file.
pub struct Patterns {
    query: Query,
    /// What each capture of the query says.
    effects: Vec<Option<&'static Effect>>,
    /// The name that each pattern sets.
    names: Vec<Option<Name>>,
}

/// What is wrong with a file of patterns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternError {
    /// Bytes of its text.
    pub span: Range<usize>,
    /// A phrase.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Patterns {
    /// Reads patterns.
    ///
    /// # Errors
    /// The first thing in them that is wrong.
    pub fn new(text: &str) -> Result<Self, PatternError> {
        let query = Query::new(&tree_sitter_python::LANGUAGE.into(), text).map_err(|error| refused(text, &error))?;
        let names = query.capture_names();
        let found: Vec<_> = names.iter().map(|name| effects::configured(name)).collect();
        if let Some(unknown) = names.iter().zip(&found).find(|(name, row)| row.is_none() && !name.starts_with('_')) {
            return Err(no_effect(text, unknown.0));
        }
        let patterns = 0..query.pattern_count();
        for pattern in patterns.clone() {
            check_pattern(text, &query, pattern, &found)?;
        }
        let names = patterns.map(|pattern| set_name(&query, pattern).map(Name::new)).collect();
        Ok(Self { effects: found, names, query })
    }

    /// The calls of a text that the patterns capture, in no order.
    #[must_use]
    pub fn calls(&self, text: &str) -> Vec<Marked> {
        let mut parser = Parser::new();
        if parser.set_language(&tree_sitter_python::LANGUAGE.into()).is_err() {
            return Vec::new();
        }
        let Some(tree) = parser.parse(text, None) else { return Vec::new() };
        let mut found = Vec::new();
        let mut cursor = QueryCursor::new();
        let mut matches = cursor.matches(&self.query, tree.root_node(), text.as_bytes());
        while let Some(matched) = matches.next() {
            for capture in matched.captures() {
                let effect = self.effects.get(capture.index as usize).copied().flatten();
                if let (Some(effect), Some(call)) = (effect, call_of(capture.node)) {
                    let set = self.names.get(matched.pattern_index).copied().flatten();
                    let name = set.unwrap_or_else(|| written(call, text));
                    found.push(Marked { span: span(call), effect, name });
                }
            }
        }
        found
    }
}

/// The call that a captured node is, or whose function it is.
fn call_of(node: Node<'_>) -> Option<Node<'_>> {
    if node.kind() == "call" {
        return Some(node);
    }
    let parent = node.parent().filter(|parent| parent.kind() == "call")?;
    (parent.child_by_field_name("function") == Some(node)).then_some(parent)
}

/// The function of a call as it is written, on one line.
fn written(call: Node<'_>, text: &str) -> Name {
    let function = call.child_by_field_name("function").unwrap_or(call);
    let text = text.get(function.byte_range()).unwrap_or("a call");
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut line = words.join(" ");
    if let Some((cut, _)) = line.char_indices().nth(NAME_LIMIT) {
        line.truncate(cut);
        line.push_str("...");
    }
    Name::new(&line)
}

fn span(node: Node<'_>) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(offset(node.start_byte()), offset(node.end_byte()))
}

/// The value of `(#set! name "...")`.
fn set_name(query: &Query, pattern: usize) -> Option<&str> {
    query.property_settings(pattern).iter().find(|property| &*property.key == "name")?.value.as_deref()
}

/// What a query may say and we do not understand: it would be passed over in silence.
fn check_pattern(
    text: &str,
    query: &Query,
    pattern: usize,
    effects: &[Option<&'static Effect>],
) -> Result<(), PatternError> {
    let span = query.start_byte_for_pattern(pattern)..query.end_byte_for_pattern(pattern);
    let place = |word: &str| {
        let own = text.get(span.clone()).unwrap_or_default();
        own.find(word).map_or(span.clone(), |at| span.start + at..span.start + at + word.len())
    };
    let wrong = |word: &str, message: String, help: &str| {
        Err(PatternError { span: place(word), message, help: Some(help.to_owned()) })
    };
    if let Some(predicate) = query.general_predicates(pattern).first() {
        let word = format!("#{}", predicate.operator);
        let help = "there are #eq?, #match?, #any-of?, their opposites with not-, and #set!";
        return wrong(&word, format!("no predicate is called {word}"), help);
    }
    if let Some(property) = query.property_settings(pattern).iter().find(|property| &*property.key != "name") {
        let help = "`(#set! name \"...\")` says what the call is called in reports";
        return wrong(&property.key, format!("nothing called `{}` can be set", property.key), help);
    }
    let quantifiers = query.capture_quantifiers(pattern);
    let used = |index: usize| !matches!(quantifiers.get(index), None | Some(tree_sitter::CaptureQuantifier::Zero));
    if !effects.iter().enumerate().any(|(index, effect)| effect.is_some() && used(index)) {
        let help = format!("put the name of an effect behind the call, such as @network; {}", listed());
        return Err(PatternError { span, message: "the pattern captures no call".to_owned(), help: Some(help) });
    }
    Ok(())
}

fn no_effect(text: &str, name: &str) -> PatternError {
    let word = format!("@{name}");
    let is_whole =
        |at: &usize| !text[at + word.len()..].starts_with(|c: char| c.is_alphanumeric() || "_-.".contains(c));
    let at = text.match_indices(&word).map(|(at, _)| at).find(is_whole).unwrap_or(0);
    let near = effects::kinds().map(|kind| (strsim::damerau_levenshtein(kind, name), kind)).min();
    let help = match near {
        Some((distance, kind)) if distance <= 2 => format!("did you mean @{kind}?"),
        _ => format!("{}; a capture for predicates alone begins with @_", listed()),
    };
    PatternError { span: at..at + word.len(), message: format!("no effect is called `{name}`"), help: Some(help) }
}

fn listed() -> String {
    format!("the effects are {}", effects::kinds().collect::<Vec<_>>().join(", "))
}

/// What tree-sitter refuses, in words.
fn refused(text: &str, error: &tree_sitter::QueryError) -> PatternError {
    let word = error.message.trim_matches('"');
    let length = match error.kind {
        QueryErrorKind::NodeType | QueryErrorKind::Field | QueryErrorKind::Capture => word.len(),
        _ => 1,
    };
    let mut span = error.offset..(error.offset + length).min(text.len());
    let (message, help) = match error.kind {
        QueryErrorKind::Syntax if error.offset >= text.len() => ("the query ends too early".to_owned(), None),
        QueryErrorKind::Syntax => ("this is no tree-sitter query".to_owned(), None),
        QueryErrorKind::NodeType => {
            (format!("the grammar of Python has no node `{word}`"), Some("calls are `call` nodes"))
        }
        QueryErrorKind::Field => (format!("the grammar of Python has no field `{word}`"), None),
        QueryErrorKind::Capture => (format!("nothing is captured as @{word}"), None),
        QueryErrorKind::Structure => ("nothing in Python can look like this".to_owned(), None),
        QueryErrorKind::Predicate => {
            span = predicate(text, error);
            (format!("the predicate cannot be used: {}", error.message), None)
        }
        QueryErrorKind::Language => (error.message.clone(), None),
    };
    PatternError { span, message, help: help.map(str::to_owned) }
}

/// The place of a predicate's mistake: tree-sitter tells the line where its pattern begins and, mostly, the word in quotes.
fn predicate(text: &str, error: &tree_sitter::QueryError) -> Range<usize> {
    let before: usize = text.split('\n').take(error.row).map(|line| line.len() + 1).sum();
    let pattern = text.get(before..).unwrap_or_default();
    let word = error.message.split_once('\'').and_then(|(_, rest)| rest.rsplit_once('\'')).map(|(word, _)| word);
    let quoted = word.map(|word| format!("\"{}\"", word.replace('\\', "\\\\")));
    let found = quoted.and_then(|quoted| Some((pattern.find(&quoted)?, quoted.len())));
    let (at, length) = found.unwrap_or((0, pattern.lines().next().unwrap_or_default().len()));
    before + at..before + at + length
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUS: &str = r#"
        ((call function: (attribute object: (_) @_bus attribute: (identifier) @_method)) @broker
          (#eq? @_method "request")
          (#match? @_bus "bus$")
          (#set! name "the message bus"))
        (call function: (identifier) @sleep (#any-of? @sleep "pause" "rest"))
    "#;

    fn calls(patterns: &str, text: &str) -> Vec<String> {
        let found = Patterns::new(patterns).expect("the patterns are right").calls(text);
        let shown = |call: &Marked| {
            let (start, end) = (call.span.start as usize, call.span.end as usize);
            format!("{} {}: {}", call.effect.id, call.name, &text[start..end])
        };
        found.iter().map(shown).collect()
    }

    #[test]
    fn captures_name_the_effect_of_calls() {
        let text = "self.bus.request(1)\nbus.send(2)\nhttp.request(3)\nif x:\n    pause(\n        4)\nrest\n";
        let found = calls(BUS, text);
        let first = "broker.configured the message bus: self.bus.request(1)";
        assert_eq!(found, [first, "sleep.configured pause: pause(\n        4)"]);
    }

    #[test]
    fn broken_python_is_survived() {
        assert!(calls(BUS, "def f(:\n  )\npause(1)\n").len() <= 1);
        assert_eq!(calls(BUS, ""), Vec::<String>::new());
    }

    fn error(patterns: &str) -> (String, String, Option<String>) {
        let error = Patterns::new(patterns).err().expect("the patterns are wrong");
        (error.message, patterns[error.span].to_owned(), error.help)
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        let told = |patterns: &str| {
            let (message, place, _) = error(patterns);
            format!("{message}: {place}")
        };
        assert_eq!(told("(call"), "the query ends too early: ");
        assert_eq!(told("(call) @netwrok"), "no effect is called `netwrok`: @netwrok");
        assert_eq!(error("(call) @netwrok").2.as_deref(), Some("did you mean @network?"));
        assert_eq!(told("(cal) @network"), "the grammar of Python has no node `cal`: cal");
        assert_eq!(told("(call fun: (_)) @lock"), "the grammar of Python has no field `fun`: fun");
        assert_eq!(told("((call) @lock (#eq? @f \"x\"))"), "nothing is captured as @f: f");
        assert_eq!(told("((call) @lock (#has? @lock))"), "no predicate is called #has?: #has?");
        assert_eq!(told("((call) @lock (#set! timeout 3))"), "nothing called `timeout` can be set: timeout");
        assert_eq!(told("(call) @_a"), "the pattern captures no call: (call) @_a");
        assert_eq!(told("(module (call) (call)) @lock )"), "this is no tree-sitter query: )");
        assert_eq!(told("(call function: (block)) @lock"), "nothing in Python can look like this: f");
        let regex = "((call) @lock\n  (#match? @lock \"(\"))";
        assert!(told(regex).starts_with("the predicate cannot be used: "), "{}", told(regex));
        assert!(told(regex).ends_with(": \"(\""), "{}", told(regex));
    }
}
