//! The strict judge: which versions of Python refuse a text, with which exception, message and line.
//!
//! ruff's parser decides whether a text is Python and since which version. What CPython says about a text that is not
//! is worked out per version from CPython's own tokens ([`super::scan`]) and the rules of its grammar
//! ([`super::explain`]); what its compiler refuses later is found on the syntax tree ([`super::semantic`]).

use ruff_python_ast::PythonVersion as RuffVersion;
use ruff_python_parser::{Mode, ParseErrorType, ParseOptions, UnsupportedSyntaxErrorKind, parse_unchecked};
use ruff_text_size::TextRange;

use super::{explain, semantic};
use crate::base::span::Span;
use crate::python::version::PythonVersion;
use crate::summary::{Problem, ProblemKind};

/// Something that some version refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// Which rule reports it.
    pub(super) kind: ProblemKind,
    /// The exception's class.
    pub(super) exception: &'static str,
    /// Its message.
    pub(super) message: String,
    /// Where CPython points.
    pub(super) span: Span,
}

/// What ruff's parser stumbles over.
#[derive(Debug, Clone)]
pub(super) enum Stumble {
    /// No version accepts it.
    Never(ParseErrorType),
    /// Versions before this minor one refuse it; with ruff's sentence, which tells the parts of some kinds apart.
    Before(u8, UnsupportedSyntaxErrorKind, String),
}

/// A stumble with its place.
#[derive(Debug, Clone)]
pub(super) struct Event {
    /// What.
    pub(super) what: Stumble,
    /// Where.
    pub(super) span: Span,
}

/// The problems of a text, each with the versions it holds for; the first one that holds for a version is the one it
/// reports.
pub(super) fn problems(text: &str) -> Vec<Problem> {
    let options = ParseOptions::from(Mode::Module).with_target_version(RuffVersion::PY38);
    let parsed = parse_unchecked(text, options);
    let mut events: Vec<Event> = Vec::new();
    for error in parsed.errors() {
        events.push(Event { what: Stumble::Never(error.error.clone()), span: span(error.location) });
    }
    for error in parsed.unsupported_syntax_errors() {
        let sentence = error.to_string();
        let what = Stumble::Before(since(error.kind, &sentence), error.kind, sentence);
        events.push(Event { what, span: span(error.range) });
    }
    let module = parsed.try_into_module();
    let is_valid = module.as_ref().is_some_and(ruff_python_parser::Parsed::has_valid_syntax);
    let compile = match &module {
        Some(module) if is_valid => semantic::faults(module.suite()),
        _ => Vec::new(),
    };
    if events.is_empty() && compile.is_empty() {
        return Vec::new();
    }
    events.sort_by_key(|event| event.span.start);
    drop_consequences(&mut events);
    by_version(|minor| {
        explain::fault(text, &events, minor)
            .or_else(|| compile.iter().find(|late| late.applies(minor)).map(|late| late.fault(minor)))
    })
}

/// A target is often wrong only because something within it is.
fn drop_consequences(events: &mut Vec<Event>) {
    let starts: Vec<u32> = events.iter().filter(|event| !is_target(event)).map(|event| event.span.start).collect();
    events.retain(|event| {
        let within = |start: &u32| event.span.start <= *start && *start < event.span.end;
        !is_target(event) || !starts.iter().any(within)
    });
}

fn is_target(event: &Event) -> bool {
    use ParseErrorType as Type;
    matches!(
        event.what,
        Stumble::Never(
            Type::InvalidAssignmentTarget
                | Type::InvalidAnnotatedAssignmentTarget
                | Type::InvalidAugmentedAssignmentTarget
                | Type::InvalidDeleteTarget
        )
    )
}

fn span(range: TextRange) -> Span {
    Span::new(range.start().to_u32(), range.end().to_u32())
}

/// Asks for each version and joins neighbours that agree.
pub(super) fn by_version(fault: impl Fn(u8) -> Option<Fault>) -> Vec<Problem> {
    let mut problems: Vec<Problem> = Vec::new();
    let mut last: Option<Fault> = None;
    for minor in PythonVersion::OLDEST.minor..=PythonVersion::NEWEST.minor {
        let found = fault(minor);
        if let Some(found) = &found {
            let version = PythonVersion::three(minor);
            match problems.last_mut() {
                Some(problem) if last.as_ref() == Some(found) => problem.until = version,
                _ => problems.push(Problem {
                    kind: found.kind,
                    exception: found.exception.to_owned(),
                    message: found.message.clone(),
                    span: found.span,
                    since: version,
                    until: version,
                    certain: true,
                }),
            }
        }
        last = found;
    }
    problems
}

/// The first minor version that accepts a construct (ruff keeps this table to itself).
fn since(kind: UnsupportedSyntaxErrorKind, sentence: &str) -> u8 {
    use UnsupportedSyntaxErrorKind as Kind;
    match kind {
        Kind::Walrus | Kind::StarTuple(_) | Kind::PositionalOnlyParameter => 8,
        Kind::UnparenthesizedNamedExpr(_) if sentence.contains(" set ") => 9,
        Kind::UnparenthesizedNamedExpr(_) => 10,
        Kind::RelaxedDecorator(_) | Kind::ParenthesizedContextManager | Kind::UnparenthesizedUnpackInFor => 9,
        Kind::Match => 10,
        Kind::ExceptStar | Kind::StarExpressionInIndex | Kind::StarAnnotation => 11,
        Kind::TypeParameterList | Kind::TypeAliasStatement | Kind::Pep701FString(_) => 12,
        Kind::TypeParamDefault => 13,
        Kind::UnparenthesizedExceptionTypes | Kind::TemplateStrings => 14,
        Kind::ParenthesizedKeywordArgumentName | Kind::LazyImportStatement | Kind::UnpackingInComprehension(_) => 15,
    }
}
