//! The strict judge: which versions of Python refuse a text, with which exception, message and line.
//!
//! ruff's parser decides whether a text is Python and since which version. What CPython says about a text that is not
//! is worked out per version from CPython's own tokens ([`super::scan`]) and the rules of its grammar
//! ([`super::explain`]); what its compiler refuses later is found on the syntax tree ([`super::semantic`]).

use ruff_python_ast::token::{Token, TokenKind};
use ruff_python_ast::{ModModule, PythonVersion as RuffVersion};
use ruff_python_parser::{Mode, ParseErrorType, ParseOptions, Parsed, UnsupportedSyntaxErrorKind, parse_unchecked};
use ruff_text_size::{Ranged, TextRange};

use super::outline::{self, Outline};
use super::tree::Tree;
use super::{ast, explain, scan, semantic, suppress, undecoded};
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

/// What the judge finds in a text.
#[derive(Debug, Default)]
pub(super) struct Judgement {
    /// The problems, each with the versions it holds for; the first one that holds for a version is the one it reports.
    pub(super) problems: Vec<Problem>,
    /// The function bodies that the tree lacks.
    pub(super) outline: Outline,
    /// The tree of a text that is Python in some version.
    pub(super) tree: Option<Tree>,
}

impl From<Vec<Problem>> for Judgement {
    fn from(problems: Vec<Problem>) -> Self {
        Self { problems, ..Self::default() }
    }
}

/// Judges a text and reads its tree, without function bodies if they may be left out; some places of the text may stand
/// for bytes that are no UTF-8.
pub(super) fn judge(text: &str, undecodable: &[(usize, &[u8])], may_leave: bool) -> Judgement {
    if let Some(error) = too_many_indents(text) {
        return by_version(|_| Some(explain::of_tokenizer(&error))).into();
    }
    let Some(parsed) = parse(text) else { return Judgement::default() };
    let shape = Shape::of(parsed.tokens());
    if shape.depth > DEEPEST {
        // Dropping the tree alone would take more stack than there is.
        std::mem::forget(parsed);
        let Some(bracket) = shape.too_deep else { return vec![too_deep()].into() };
        return by_version(|minor| explain::fault(text, &[nested_bracket(bracket)], minor)).into();
    }
    let judge = move || Judgement {
        problems: judged(text, undecodable, &parsed, &shape),
        ..if parsed.has_valid_syntax() {
            seen(text, &parsed, may_leave && undecodable.is_empty())
        } else {
            Judgement::default()
        }
    };
    on_stack_for(shape.depth, judge).unwrap_or_else(|| vec![too_deep()].into())
}

/// The tree of a text that some version accepts, if it can be visited on the stack at hand.
pub(super) fn shallow(text: &str) -> Option<Parsed<ModModule>> {
    if too_many_indents(text).is_some() {
        return None;
    }
    let parsed = parse_unchecked(text, ParseOptions::from(Mode::Module)).try_into_module()?;
    let shape = Shape::of(parsed.tokens());
    if shape.depth > DEEPEST {
        // As in `judge`.
        std::mem::forget(parsed);
        return None;
    }
    (parsed.has_valid_syntax() && shape.depth <= SHALLOW).then_some(parsed)
}

/// The tree of a function body that stands in a text as the only statement's; see [`ast::copy`] for `shift`.
pub(super) fn body(text: &str, shift: u32) -> Option<Tree> {
    let parsed = parse(text)?;
    let depth = Shape::of(parsed.tokens()).depth;
    let copy = move || {
        let part = ast::Part { text, tokens: parsed.tokens(), suite: parsed.suite() };
        parsed.has_valid_syntax().then(|| ast::copy(part, &[], shift))
    };
    on_stack_for(depth, copy).flatten()
}

/// The parser reads every version's syntax; what is too new for the oldest it notes.
fn parse(text: &str) -> Option<Parsed<ModModule>> {
    let options = ParseOptions::from(Mode::Module).with_target_version(RuffVersion::PY38);
    parse_unchecked(text, options).try_into_module()
}

/// What lowering reads of a text without faults.
fn seen(text: &str, parsed: &Parsed<ModModule>, may_leave: bool) -> Judgement {
    let comments = directives(text, parsed.tokens());
    let starts: Vec<u32> = comments.iter().map(|place| place.start).collect();
    let outline =
        if may_leave { outline::read(parsed.suite(), parsed.tokens(), text, &starts) } else { Outline::default() };
    let part = ast::Part { text, tokens: parsed.tokens(), suite: parsed.suite() };
    let mut tree = ast::copy(part, &outline.bodies, 0);
    tree.comments = comments;
    Judgement { problems: Vec::new(), outline, tree: Some(tree) }
}

/// Runs what visits a tree of some depth: on the stack at hand if that will do.
fn on_stack_for<T: Send>(depth: usize, visit: impl FnOnce() -> T + Send) -> Option<T> {
    if depth <= SHALLOW {
        return Some(visit());
    }
    std::thread::scope(|scope| {
        let worker = std::thread::Builder::new().stack_size(BASE_STACK + depth * STACK_PER_LEVEL);
        worker.spawn_scoped(scope, visit).ok()?.join().ok()
    })
}

/// Comments that may be suppressions.
fn directives(text: &str, tokens: &[Token]) -> Vec<Span> {
    let comments = tokens.iter().filter(|token| token.kind() == TokenKind::Comment);
    let places = comments.map(|token| span(token.range()));
    places.filter(|place| suppress::may_be_one(&text[place.start as usize..place.end as usize])).collect()
}

/// Trees of up to this depth are visited on the stack at hand.
const SHALLOW: usize = 150;
/// Deeper trees are not visited at all.
const DEEPEST: usize = 60_000;
const BASE_STACK: usize = 4 << 20;
const STACK_PER_LEVEL: usize = 16 << 10;

/// CPython's compiler gives up on such depths too, but at a depth of its own.
fn too_deep() -> Problem {
    Problem {
        kind: ProblemKind::Syntax,
        exception: "RecursionError".to_owned(),
        message: "maximum recursion depth exceeded during compilation".to_owned(),
        span: Span::default(),
        line: 0,
        since: PythonVersion::OLDEST,
        until: PythonVersion::NEWEST,
        certain: false,
    }
}

/// What tokens tell about the depth of the tree.
#[derive(Clone, Copy)]
struct Shape {
    /// No expression is nested deeper.
    depth: usize,
    /// The first bracket that CPython refuses for its depth.
    too_deep: Option<TextRange>,
}

impl Shape {
    fn of(tokens: &[Token]) -> Self {
        let mut shape = Self { depth: 0, too_deep: None };
        // Depth in front of each open bracket, and where the text stands: an operator or call adds a level to what
        // stands left or right of it, a comma ends that.
        let mut open: Vec<usize> = Vec::new();
        let mut depth = 0;
        for token in tokens {
            match token.kind() {
                TokenKind::Newline => {
                    open.clear();
                    depth = 0;
                }
                TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => {
                    open.push(depth);
                    depth += 1;
                    if open.len() > scan::LEVELS {
                        shape.too_deep.get_or_insert(token.range());
                    }
                }
                TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => depth = open.pop().unwrap_or(depth) + 1,
                TokenKind::Comma => depth = open.last().map_or(0, |base| base + 1),
                TokenKind::Name
                | TokenKind::Int
                | TokenKind::Float
                | TokenKind::String
                | TokenKind::Comment
                | TokenKind::NonLogicalNewline
                | TokenKind::Indent
                | TokenKind::Dedent => {}
                _ => depth += 1,
            }
            shape.depth = shape.depth.max(depth);
        }
        shape
    }
}

/// ruff's parser has no limit for nested blocks; CPython's tokenizer has.
fn too_many_indents(text: &str) -> Option<scan::ScanError> {
    let deep = |line: &str| line.bytes().take_while(|b| matches!(b, b' ' | b'\t')).nth(scan::INDENTS - 2).is_some();
    if !text.split('\n').any(deep) {
        return None;
    }
    let error = scan::scan(text, PythonVersion::NEWEST.minor).error?;
    (error.exception == "IndentationError" && error.message.starts_with("too many")).then_some(error)
}

fn judged(text: &str, undecodable: &[(usize, &[u8])], parsed: &Parsed<ModModule>, shape: &Shape) -> Vec<Problem> {
    let mut events: Vec<Event> = Vec::new();
    for error in parsed.errors() {
        events.push(Event { what: Stumble::Never(error.error.clone()), span: span(error.location) });
    }
    for error in parsed.unsupported_syntax_errors() {
        let sentence = error.to_string();
        let what = Stumble::Before(since(error.kind, &sentence), error.kind, sentence);
        events.push(Event { what, span: span(error.range) });
    }
    if let Some(place) = shape.too_deep {
        events.push(nested_bracket(place));
    }
    let compile = if parsed.has_valid_syntax() { semantic::faults(parsed.suite()) } else { Vec::new() };
    if events.is_empty() && compile.is_empty() && undecodable.is_empty() {
        return Vec::new();
    }
    events.sort_by_key(|event| event.span.start);
    drop_consequences(&mut events);
    by_version(|minor| {
        let refused = explain::fault(text, &events, minor);
        let bytes = undecoded::fault(text, undecodable, minor)
            .filter(|found| refused.as_ref().is_none_or(|refused| found.started <= refused.span.start as usize));
        bytes
            .map(|found| found.fault)
            .or(refused)
            .or_else(|| compile.iter().find(|late| late.applies(minor)).map(|late| late.fault(minor)))
    })
}

/// The tokenizer knows what to say about it.
fn nested_bracket(place: TextRange) -> Event {
    let what = Stumble::Never(ParseErrorType::OtherError("too many nested brackets".to_owned()));
    Event { what, span: span(place) }
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
                    line: 0,
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
