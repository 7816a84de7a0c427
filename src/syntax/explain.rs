//! What CPython says about a text that its parser refuses.
//!
//! ruff tells where the text stops being Python; the rest follows CPython: which token its parser gave up at, which
//! `invalid_` rule of the grammar explains it, and (from 3.10 on) that a tokenizer error further down takes precedence.

use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{InterpolatedStringErrorType, LexicalErrorType, ParseErrorType, UnsupportedSyntaxErrorKind};

use super::judge::{Event, Fault, Stumble};
use super::scan::{Lexeme, Scan, ScanError, Token, line_of, scan};
use super::targets;
use crate::base::span::Span;
use crate::summary::ProblemKind;

/// A text with its tokens, as one version sees it.
pub(super) struct Reading<'t> {
    pub(super) text: &'t str,
    pub(super) minor: u8,
    pub(super) scan: Scan,
}

/// What the version says, if it refuses the text.
pub(super) fn fault(text: &str, events: &[Event], minor: u8) -> Option<Fault> {
    let applies = |event: &&Event| match event.what {
        Stumble::Never(_) => true,
        Stumble::Before(since, ..) => minor < since,
    };
    events.iter().find(applies)?;
    let reading = Reading { text, minor, scan: scan(text, minor) };
    let mut applying = events.iter().filter(applies).filter(|event| reading.really_applies(event));
    let first = applying.next()?;
    // 3.8 parses the whole file before it builds a tree, and only then looks at targets, arguments and strings.
    let of_parser = |event: &&Event| !is_of_tree(event);
    let event = if minor == 8 && is_of_tree(first) { applying.find(of_parser).unwrap_or(first) } else { first };
    Some(reading.fault(event))
}

/// Whether 3.8 notices it when it builds the tree.
fn is_of_tree(event: &Event) -> bool {
    use ParseErrorType as Type;
    let Stumble::Never(error) = &event.what else { return false };
    match error {
        Type::InvalidAssignmentTarget
        | Type::InvalidAugmentedAssignmentTarget
        | Type::InvalidAnnotatedAssignmentTarget
        | Type::InvalidDeleteTarget
        | Type::PositionalAfterKeywordArgument
        | Type::PositionalAfterKeywordUnpacking
        | Type::InvalidArgumentUnpackingOrder
        | Type::UnparenthesizedGeneratorExpression
        | Type::NonDefaultParamAfterDefaultParam
        | Type::FStringError(_) => true,
        Type::Lexical(lexical) => !matches!(
            lexical,
            LexicalErrorType::UnclosedStringError
                | LexicalErrorType::IndentationError
                | LexicalErrorType::UnrecognizedToken { .. }
                | LexicalErrorType::LineContinuationError
                | LexicalErrorType::Eof
        ),
        Type::OtherError(sentence) => {
            sentence.starts_with("Expected a parameter name") || sentence.starts_with("Bytes literal")
        }
        _ => false,
    }
}

/// An exception with the offset it points at.
pub(super) struct Said {
    pub(super) exception: &'static str,
    pub(super) message: String,
    pub(super) at: usize,
    /// Whether an error of the tokenizer further down goes first.
    pub(super) yields_to_tokens: bool,
}

pub(super) fn said(message: impl Into<String>, at: usize) -> Said {
    Said { exception: "SyntaxError", message: message.into(), at, yields_to_tokens: true }
}

/// What the tokenizer says, where nothing else was looked at.
pub(super) fn of_tokenizer(error: &ScanError) -> Fault {
    let at = u32::try_from(error.at).unwrap_or(u32::MAX);
    let (exception, message) = (error.exception, error.message.clone());
    Fault { kind: ProblemKind::Indentation, exception, message, span: Span::new(at, at) }
}

/// Where a broken string is reported: 3.9 to 3.11 point at the token behind it.
pub(super) fn behind_strings(tokens: &[Lexeme], end: usize, literal: usize, minor: u8) -> usize {
    if !(9..12).contains(&minor) {
        return literal;
    }
    let behind = tokens.iter().find(|token| token.start > literal && token.token != Token::String);
    behind.map_or(end, |token| token.start)
}

fn of_scan(error: &ScanError) -> Said {
    let (exception, message) = (error.exception, error.message.clone());
    Said { exception, message, at: error.at, yields_to_tokens: false }
}

impl Reading<'_> {
    /// 3.8 takes the parentheses of a `with` for those of a tuple, unless there is an `as` within.
    fn really_applies(&self, event: &Event) -> bool {
        let Stumble::Before(_, UnsupportedSyntaxErrorKind::ParenthesizedContextManager, _) = event.what else {
            return true;
        };
        self.as_within(event).is_some()
    }

    /// The first `as` within the parentheses that start at an event.
    fn as_within(&self, event: &Event) -> Option<usize> {
        let mut index = self.token_at(event.span.start as usize);
        while self.word(index) != "(" {
            self.token(index)?;
            index += 1;
        }
        let level = self.token(index)?.level;
        loop {
            index += 1;
            let token = self.token(index)?;
            if token.level < level {
                return None;
            }
            if token.level == level && self.word(index) == "as" {
                return Some(index);
            }
        }
    }

    fn fault(&self, event: &Event) -> Fault {
        let failing = self.token_at(event.span.start as usize);
        let start = self.token(failing).map_or(usize::MAX, |token| token.start);
        let late = match self.minor {
            8 if is_of_tree(event) => usize::MAX,
            9 if is_of_tree(event) => self.logical_end(failing),
            _ => start,
        };
        let early = self.scan.error.as_ref().filter(|error| error.start <= late);
        let said = match early {
            Some(error) => of_scan(error),
            None => self.overridden(self.explain(event, failing), failing),
        };
        let kind = match (&event.what, said.exception) {
            (Stumble::Before(..), "SyntaxError") => ProblemKind::NewerSyntax,
            (_, "SyntaxError") => ProblemKind::Syntax,
            _ => ProblemKind::Indentation,
        };
        let message = self.legacy_hint(&said).unwrap_or(said.message);
        let at = u32::try_from(said.at.min(self.text.len())).unwrap_or(u32::MAX);
        Fault { kind, exception: said.exception, message, span: Span::new(at, at) }
    }

    /// Offset of the end of the logical line that holds a token.
    fn logical_end(&self, index: usize) -> usize {
        let tokens = self.scan.tokens.iter().skip(index);
        tokens.into_iter().find(|token| token.token == Token::Newline).map_or(usize::MAX, |token| token.start)
    }

    /// From 3.10 on the rest of the file is tokenized, and what the tokenizer refuses is reported instead.
    fn overridden(&self, said: Said, failing: usize) -> Said {
        if self.minor < 10 || !said.yields_to_tokens {
            return said;
        }
        if let Some(error) = self.scan.error.as_ref().filter(|error| error.replaces) {
            return of_scan(error);
        }
        let Some((bracket, place)) = self.scan.open.last() else { return said };
        let failing_line = self.token(failing).map_or(usize::MAX, |token| self.line(token.start));
        if failing_line > self.line(*place) {
            return self.never_closed(*bracket, *place);
        }
        said
    }

    fn never_closed(&self, bracket: u8, place: usize) -> Said {
        let message = format!("'{}' was never closed", char::from(bracket));
        Said { yields_to_tokens: false, ..said(message, place) }
    }

    pub(super) fn line(&self, at: usize) -> usize {
        line_of(self.text, at)
    }

    pub(super) fn token(&self, index: usize) -> Option<Lexeme> {
        self.scan.tokens.get(index).copied()
    }

    /// The text of a token; empty behind the last one.
    pub(super) fn word(&self, index: usize) -> &str {
        self.token(index).map_or("", |token| &self.text[token.start..token.end])
    }

    /// The first token that starts at or behind an offset.
    pub(super) fn token_at(&self, offset: usize) -> usize {
        self.scan.tokens.partition_point(|token| token.start < offset)
    }

    pub(super) fn is(&self, index: usize, kind: Token) -> bool {
        self.token(index).is_some_and(|token| token.token == kind)
    }

    fn explain(&self, event: &Event, failing: usize) -> Said {
        match &event.what {
            Stumble::Before(_, kind, sentence) => self.newer(*kind, sentence, event, failing),
            Stumble::Never(error) => self.never(error, event, failing),
        }
    }

    fn never(&self, error: &ParseErrorType, event: &Event, failing: usize) -> Said {
        let start = event.span.start as usize;
        match error {
            ParseErrorType::ExpectedToken { expected: TokenKind::Colon, .. } => self.missing_colon(failing),
            ParseErrorType::OtherError(message) if message.starts_with("Expected an indented block") => {
                self.missing_block(failing)
            }
            ParseErrorType::OtherError(message) if message.starts_with("Expected `except` or `finally`") => {
                if self.minor >= 10 {
                    let at = self.start_of(failing);
                    let at = if at >= self.text.len() { self.text.trim_end().len() } else { at };
                    return said("expected 'except' or 'finally' block", at);
                }
                self.generic(failing)
            }
            ParseErrorType::InvalidAssignmentTarget
            | ParseErrorType::InvalidAugmentedAssignmentTarget
            | ParseErrorType::InvalidAnnotatedAssignmentTarget
            | ParseErrorType::InvalidNamedAssignmentTarget
            | ParseErrorType::InvalidDeleteTarget => {
                targets::explain(self, error, event).unwrap_or_else(|| self.generic(failing))
            }
            ParseErrorType::PositionalAfterKeywordArgument => {
                said("positional argument follows keyword argument", self.argument_place(start))
            }
            ParseErrorType::PositionalAfterKeywordUnpacking => {
                said("positional argument follows keyword argument unpacking", self.argument_place(start))
            }
            ParseErrorType::InvalidArgumentUnpackingOrder => {
                said("iterable argument unpacking follows keyword argument unpacking", self.argument_place(start))
            }
            ParseErrorType::UnparenthesizedGeneratorExpression => {
                said("Generator expression must be parenthesized", start)
            }
            ParseErrorType::NonDefaultParamAfterDefaultParam => {
                let message = if self.minor >= 12 {
                    "parameter without a default follows parameter with a default"
                } else {
                    "non-default argument follows default argument"
                };
                said(message, start)
            }
            ParseErrorType::OtherError(message)
                if message.starts_with("Trailing comma not allowed")
                    && self.word(self.line_start(failing)) == "from" =>
            {
                said("trailing comma not allowed without surrounding parentheses", start)
            }
            ParseErrorType::EmptyImportNames => {
                if self.minor >= 13 && self.is(failing, Token::Newline) {
                    return said("Expected one or more names after 'import'", self.start_of(failing));
                }
                let comma = failing.checked_sub(1).is_some_and(|before| self.word(before) == ",");
                let is_from = self.word(self.line_start(failing)) == "from";
                if comma && is_from && self.is(failing, Token::Newline) {
                    return said("trailing comma not allowed without surrounding parentheses", self.start_of(failing));
                }
                self.generic(failing)
            }
            ParseErrorType::Lexical(LexicalErrorType::FStringError(error)) | ParseErrorType::FStringError(error) => {
                self.fstring(error, start, failing)
            }
            ParseErrorType::Lexical(lexical) => self.lexical(lexical, event, failing),
            ParseErrorType::InvalidStarredExpressionUsage if self.word(failing) == "*" => {
                Said { yields_to_tokens: false, ..said("can't use starred expression here", start) }
            }
            ParseErrorType::ExpectedKeywordParam => said("named arguments must follow bare *", start),
            ParseErrorType::ParamAfterVarKeywordParam if self.minor >= 11 => {
                said("arguments cannot follow var-keyword argument", start)
            }
            ParseErrorType::ExpectedExpression if self.empty_field(start) => {
                let old = "f-string: empty expression not allowed";
                let message = if self.minor < 12 { old } else { "f-string: valid expression required before '}'" };
                said(message, self.literal_start(start))
            }
            ParseErrorType::OtherError(sentence) => self.other(sentence, start, failing),
            _ => self.generic(failing),
        }
    }

    /// `f"{}"`
    fn empty_field(&self, start: usize) -> bool {
        let literal = self.literal_start(start);
        literal < start && self.text[start..].starts_with('}') && self.text[literal..start].trim_end().ends_with('{')
    }

    /// ruff's plain sentences.
    fn other(&self, sentence: &str, start: usize, failing: usize) -> Said {
        let newer = |message: &str| if self.minor >= 11 { said(message, start) } else { self.generic(failing) };
        match sentence {
            "Only single target (not tuple) can be annotated" => {
                said("only single target (not tuple) can be annotated", start)
            }
            "Only single target (not list) can be annotated" => {
                said("only single target (not list) can be annotated", start)
            }
            "Expected a parameter name" => {
                let word = self.word(failing);
                let constant = matches!(word, "True" | "False" | "None") && self.minor != 9;
                if constant {
                    return said(format!("cannot assign to {word}"), start);
                }
                said("expression cannot contain assignment, perhaps you meant \"==\"?", start)
            }
            "Only one '/' separator allowed" => newer("/ may appear only once"),
            "Only one '*' parameter allowed" | "Only one '*' separator allowed" => {
                newer("* argument may appear only once")
            }
            "'/' parameter must appear before '*' parameter" => newer("/ must be ahead of *"),
            "Position-only parameter separator not allowed as first parameter" => {
                newer("at least one argument must precede /")
            }
            "Bytes literal cannot be mixed with non-bytes literals" => {
                said("cannot mix bytes and nonbytes literals", start)
            }
            _ => self.generic(failing),
        }
    }

    fn fstring(&self, error: &InterpolatedStringErrorType, start: usize, failing: usize) -> Said {
        use InterpolatedStringErrorType as Type;
        let literal = self.literal_start(start);
        let old = self.minor < 12;
        let message = match error {
            Type::SingleRbrace => "f-string: single '}' is not allowed".to_owned(),
            Type::UnclosedLbrace if self.text[start.min(self.text.len())..].starts_with('}') => {
                "f-string: valid expression required before '}'".to_owned()
            }
            Type::UnclosedLbrace if self.token(failing).is_some() || old => "f-string: expecting '}'".to_owned(),
            Type::InvalidConversionFlag if old => {
                "f-string: invalid conversion character: expected 's', 'r', or 'a'".to_owned()
            }
            Type::InvalidConversionFlag => {
                let flag = self.text[start..].trim_start_matches('!');
                let flag = flag.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
                format!("f-string: invalid conversion character '{flag}': expected 's', 'r', or 'a'")
            }
            Type::LambdaWithoutParentheses if old => "f-string: invalid syntax".to_owned(),
            Type::LambdaWithoutParentheses => {
                "f-string: lambda expressions are not allowed without parentheses".to_owned()
            }
            _ => return self.generic(failing),
        };
        said(message, literal)
    }

    fn lexical(&self, error: &LexicalErrorType, event: &Event, failing: usize) -> Said {
        use LexicalErrorType as Lexical;
        let start = event.span.start as usize;
        match error {
            Lexical::InvalidByteLiteral => {
                let dot = if self.minor < 10 { "." } else { "" };
                said(format!("bytes can only contain ASCII literal characters{dot}"), self.literal_start(start))
            }
            Lexical::UnicodeError
            | Lexical::MissingUnicodeLbrace
            | Lexical::MissingUnicodeRbrace
            | Lexical::OtherError(_) => {
                let literal = self.literal_start(start);
                match super::escapes::refusal(self.text, literal, start) {
                    Some(message) => said(message, self.behind_strings(literal)),
                    None => self.generic(failing),
                }
            }
            _ => self.generic(failing),
        }
    }

    /// The string token that holds an offset.
    fn literal_start(&self, at: usize) -> usize {
        let index = self.scan.tokens.partition_point(|token| token.end <= at);
        self.token(index).map_or(at, |token| token.start)
    }

    fn behind_strings(&self, literal: usize) -> usize {
        behind_strings(&self.scan.tokens, self.text.len(), literal, self.minor)
    }

    pub(super) fn start_of(&self, index: usize) -> usize {
        self.token(index).map_or(self.text.len(), |token| token.start)
    }

    /// Versions before 3.9 point at the offending argument, later ones at the closing bracket or the argument.
    fn argument_place(&self, start: usize) -> usize {
        if self.minor < 9 {
            return start;
        }
        let mut index = self.token_at(start);
        let Some(level) = self.token(index).map(|token| token.level) else { return start };
        let level = if matches!(self.word(index), "(" | "[" | "{") { level - 1 } else { level };
        while let Some(token) = self.token(index) {
            let closes = matches!(self.word(index), ")" | "]" | "}");
            if closes && token.level + 1 == level {
                return token.start;
            }
            index += 1;
        }
        start
    }

    /// The parser gave up at a token and no rule says why.
    pub(super) fn generic(&self, failing: usize) -> Said {
        let mut failing = failing;
        while self.is(failing, Token::Dedent) {
            failing += 1;
        }
        let Some(token) = self.token(failing) else { return self.end_of_file() };
        if self.minor < 10 && token.start >= self.text.len() {
            return self.end_of_file();
        }
        match token.token {
            Token::Indent => {
                let exception = "IndentationError";
                Said { exception, yields_to_tokens: false, ..said("unexpected indent", token.start) }
            }
            _ => self.hinted(failing).unwrap_or_else(|| said("invalid syntax", token.start)),
        }
    }

    fn end_of_file(&self) -> Said {
        match self.scan.open.last() {
            Some((bracket, place)) if self.minor >= 10 => self.never_closed(*bracket, *place),
            _ if self.minor >= 10 => said("invalid syntax", self.text.len()),
            _ => said("unexpected EOF while parsing", self.text.trim_end_matches('\n').len()),
        }
    }

    /// The hints that 3.10 added to "invalid syntax".
    fn hinted(&self, failing: usize) -> Option<Said> {
        if let Some(found) = self.augmented_tuple(failing) {
            return Some(found);
        }
        if self.minor < 10 {
            return None;
        }
        let before = failing.checked_sub(1)?;
        self.print_statement(before, failing)
            .or_else(|| self.missing_return(before))
            .or_else(|| self.parenthesized_parameters(failing))
            .or_else(|| self.assignment_in_condition(failing))
            .or_else(|| self.dictionary_value(before, failing))
            .or_else(|| self.missing_else(before, failing))
            .or_else(|| self.forgotten_comma(before, failing))
    }

    /// `print x`, `exec x`
    fn print_statement(&self, before: usize, failing: usize) -> Option<Said> {
        let word = self.word(before);
        let is_attribute = before.checked_sub(1).is_some_and(|dot| self.word(dot) == ".");
        if !matches!(word, "print" | "exec") || is_attribute || !self.starts_expression(failing) {
            return None;
        }
        let message = format!("Missing parentheses in call to '{word}'. Did you mean {word}(...)?");
        Some(said(message, self.start_of(before)))
    }

    /// `a, b += 1`
    fn augmented_tuple(&self, failing: usize) -> Option<Said> {
        let is_augmented = self.word(failing).len() >= 2
            && self.word(failing).ends_with('=')
            && !matches!(self.word(failing), "==" | "!=" | "<=" | ">=" | ":=")
            && self.is(failing, Token::Op);
        let first = self.line_start(failing);
        let level = self.token(failing)?.level;
        let mut left = first..failing;
        let is_tuple =
            left.any(|index| self.word(index) == "," && self.token(index).is_some_and(|token| token.level == level));
        if !is_augmented || !is_tuple || level > 0 {
            return None;
        }
        let message = if self.minor == 8 {
            "illegal expression for augmented assignment"
        } else {
            "'tuple' is an illegal expression for augmented assignment"
        };
        Some(said(message, self.start_of(first)))
    }

    /// `def f() -> :`
    fn missing_return(&self, before: usize) -> Option<Said> {
        let first = self.line_start(before);
        let is_def = self.word(first) == "def" || self.word(first) == "async" && self.word(first + 1) == "def";
        (is_def && self.word(before) == "->").then(|| said("expected ':'", self.start_of(before)))
    }

    /// `def f(a, (b, c)):`
    fn parenthesized_parameters(&self, failing: usize) -> Option<Said> {
        if self.minor < 11 || self.word(failing) != "(" {
            return None;
        }
        let level = self.token(failing)?.level;
        let mut opening = failing;
        // Back to the bracket or `lambda` that the parameters follow; none of them may have a default or a star.
        loop {
            opening = opening.checked_sub(1)?;
            let token = self.token(opening)?;
            match self.word(opening) {
                "lambda" => break,
                "(" if token.level + 1 == level => break,
                "," => {}
                _ if token.token == Token::Name => {}
                _ => return None,
            }
        }
        let mut at = failing + 1;
        while self.is(at, Token::Name) || self.word(at) == "," {
            at += 1;
        }
        let is_list = self.word(at) == ")" && at > failing + 1;
        let what = if self.word(opening) == "lambda" {
            "Lambda expression"
        } else if opening >= 2 && self.word(opening - 2) == "def" {
            "Function"
        } else {
            return None;
        };
        is_list.then(|| said(format!("{what} parameters cannot be parenthesized"), self.start_of(failing)))
    }

    /// `{a: }`
    fn dictionary_value(&self, before: usize, failing: usize) -> Option<Said> {
        let wants_value = self.word(before) == ":" && matches!(self.word(failing), "}" | ",");
        let level = self.token(before)?.level;
        let mut index = before;
        while wants_value && self.token(index)?.level >= level {
            let opens = self.token(index)?.level == level && matches!(self.word(index), "(" | "[" | "{");
            if opens {
                let is_dict = self.word(index) == "{";
                return is_dict
                    .then(|| said("expression expected after dictionary key and ':'", self.start_of(before)));
            }
            index = index.checked_sub(1)?;
        }
        None
    }

    /// `a if b`
    fn missing_else(&self, before: usize, failing: usize) -> Option<Said> {
        if !self.ends_expression(before) || self.word(failing) == ":" {
            return None;
        }
        let level = self.token(before)?.level;
        let closes = matches!(self.word(before), ")" | "]" | "}");
        let first = self.line_start(before);
        let mut index = before;
        while index > first {
            index -= 1;
            let token = self.token(index)?;
            if token.level < level && !closes {
                return None;
            }
            if token.level > level {
                continue;
            }
            match self.word(index) {
                "if" if index > first && self.ends_expression(index - 1) && !self.in_comprehension(index, level) => {
                    let mut start = index - 1;
                    while start > first
                        && !matches!(
                            self.word(start - 1),
                            "=" | "," | ":" | "return" | "(" | "[" | "{" | "else" | "print"
                        )
                    {
                        start -= 1;
                    }
                    return Some(said("expected 'else' after 'if' expression", self.start_of(start)));
                }
                "else" | "," | "=" | ":" | "if" | "for" | "in" => return None,
                _ => {}
            }
        }
        None
    }

    fn in_comprehension(&self, index: usize, level: usize) -> bool {
        let before = (0..index).rev().take_while(|at| self.token(*at).is_some_and(|token| token.level >= level));
        before.into_iter().any(|at| self.word(at) == "for" && self.token(at).is_some_and(|token| token.level == level))
    }

    /// `if x = 1:`
    fn assignment_in_condition(&self, failing: usize) -> Option<Said> {
        if self.word(failing) != "=" {
            return None;
        }
        let level = self.token(failing)?.level;
        let mut first = failing;
        while first > 0 {
            let token = self.token(first - 1)?;
            let stops = level == token.level
                && matches!(
                    self.word(first - 1),
                    "(" | "[" | "{" | "," | ":" | "=" | "if" | "elif" | "while" | "and" | "or" | "not" | "return"
                );
            let stops = stops || token.token == Token::Newline;
            if stops {
                break;
            }
            first -= 1;
        }
        let keyword = first.checked_sub(1).map(|index| self.word(index));
        if !matches!(keyword, Some("if" | "elif" | "while" | "and" | "or" | "not")) {
            return None;
        }
        let message = if first + 1 == failing && self.is(first, Token::Name) {
            "invalid syntax. Maybe you meant '==' or ':=' instead of '='?".to_owned()
        } else {
            let what = targets::describe_tokens(self, first, failing)?;
            format!("cannot assign to {what} here. Maybe you meant '==' instead of '='?")
        };
        Some(said(message, self.start_of(first)))
    }

    /// Two expressions side by side within brackets.
    fn forgotten_comma(&self, before: usize, failing: usize) -> Option<Said> {
        let token = self.token(failing)?;
        let opens = matches!(self.word(failing), "(" | "[" | "{");
        let level = if opens { token.level - 1 } else { token.level };
        if level == 0 || !self.starts_expression(failing) || !self.ends_expression(before) {
            return None;
        }
        if self.word(self.line_start(failing)) == "from" {
            return None;
        }
        let first = self.expression_start(before, level)?;
        if first == before && self.is(before, Token::Name) && self.is(failing, Token::String) {
            return None;
        }
        let soft = matches!(self.word(first), "match" | "case" | "_") || self.minor >= 12 && self.word(first) == "type";
        if soft {
            return None;
        }
        Some(said("invalid syntax. Perhaps you forgot a comma?", self.start_of(first)))
    }

    /// The first token of the disjunction that ends with a token, if the grammar expects an expression there.
    fn expression_start(&self, last: usize, level: usize) -> Option<usize> {
        let mut first = last;
        let mut condition = false;
        loop {
            let token = self.token(first)?;
            let before = first.checked_sub(1)?;
            let word = self.word(before);
            let previous = self.token(before)?;
            let opens = matches!(word, "(" | "[" | "{");
            if previous.level == level && token.level >= level {
                match word {
                    "for" | "import" | "def" => return None,
                    "if" => condition = true,
                    "(" | "[" | "{" | "," | "=" | ":" | ":=" | "else" | "lambda"
                        if !(opens && previous.level != level) =>
                    {
                        return if condition { None } else { Some(self.after_keyword(before + 1)) };
                    }
                    _ => {}
                }
            }
            if previous.level < level {
                return if condition { None } else { Some(first) };
            }
            first = before;
        }
    }

    /// Without `yield`, `await` and stars in front.
    fn after_keyword(&self, mut index: usize) -> usize {
        while matches!(self.word(index), "yield" | "from" | "*" | "**") {
            index += 1;
        }
        index
    }

    pub(super) fn starts_expression(&self, index: usize) -> bool {
        let Some(token) = self.token(index) else { return false };
        let word = self.word(index);
        match token.token {
            Token::Number | Token::String => true,
            Token::Name => {
                !crate::python::names::is_keyword(word)
                    || matches!(word, "None" | "True" | "False" | "not" | "lambda" | "await")
            }
            Token::Op => matches!(word, "(" | "[" | "{" | "~" | "-" | "+" | "..."),
            _ => false,
        }
    }

    fn ends_expression(&self, index: usize) -> bool {
        let Some(token) = self.token(index) else { return false };
        let word = self.word(index);
        match token.token {
            Token::Number | Token::String => true,
            Token::Name => !crate::python::names::is_keyword(word) || matches!(word, "None" | "True" | "False"),
            Token::Op => matches!(word, ")" | "]" | "}" | "..."),
            _ => false,
        }
    }

    /// First token of the logical line that holds a token.
    pub(super) fn line_start(&self, index: usize) -> usize {
        let mut first = index.min(self.scan.tokens.len());
        while first > 0 {
            let before = self.scan.tokens[first - 1].token;
            if matches!(before, Token::Newline | Token::Indent | Token::Dedent) {
                break;
            }
            first -= 1;
        }
        first
    }

    fn missing_colon(&self, failing: usize) -> Said {
        if self.minor < 10 {
            return self.generic(failing);
        }
        let mut first = self.line_start(failing);
        if self.word(first) == "async" {
            first += 1;
        }
        let at_end = self.is(failing, Token::Newline);
        let forced = match self.word(first) {
            "def" | "else" | "try" | "finally" => true,
            "class" => at_end || self.minor == 10,
            "for" => at_end && self.minor != 11 || self.minor <= 11,
            "if" | "elif" | "while" | "with" | "except" | "match" | "case" => at_end,
            _ => false,
        };
        if forced { said("expected ':'", self.start_of(failing)) } else { self.generic(failing) }
    }

    fn missing_block(&self, failing: usize) -> Said {
        if self.minor == 8 && self.start_of(failing) >= self.text.len() {
            return self.end_of_file();
        }
        if self.minor == 8 && self.start_of(failing + 1) >= self.text.len() && self.is(failing, Token::Newline) {
            return self.end_of_file();
        }
        let at = self.start_of(failing);
        let indentation = |message: String| Said { exception: "IndentationError", ..said(message, at) };
        if self.minor < 10 {
            return indentation("expected an indented block".to_owned());
        }
        let newline = failing.saturating_sub(1);
        let header = self.line_start(newline);
        let line = self.line(self.start_of(header));
        let word = if self.word(header) == "async" { self.word(header + 1) } else { self.word(header) };
        let what = match word {
            "def" => "function definition".to_owned(),
            "class" => "class definition".to_owned(),
            "except" if self.word(header + 1) == "*" => "'except*' statement".to_owned(),
            other => format!("'{other}' statement"),
        };
        indentation(format!("expected an indented block after {what} on line {line}"))
    }

    fn newer(&self, kind: UnsupportedSyntaxErrorKind, sentence: &str, event: &Event, failing: usize) -> Said {
        use UnsupportedSyntaxErrorKind as Kind;
        let start = event.span.start as usize;
        match kind {
            Kind::ParenthesizedContextManager => self.generic(self.as_within(event).unwrap_or(failing)),
            Kind::UnparenthesizedExceptionTypes if self.minor >= 10 => {
                said("multiple exception types must be parenthesized", start)
            }
            Kind::UnparenthesizedExceptionTypes => {
                let mut comma = failing;
                while comma < self.scan.tokens.len() && self.word(comma) != "," {
                    comma += 1;
                }
                self.generic(comma)
            }
            Kind::Match => self.generic(failing + 1),
            Kind::TypeAliasStatement => self.generic(failing + 1),
            Kind::TypeParameterList => {
                let is_def = failing >= 2 && self.word(failing - 2) == "def";
                if is_def && self.minor == 11 {
                    return said("expected '('", start);
                }
                self.generic(failing)
            }
            Kind::Pep701FString(_) => {
                let message = if sentence.contains("backslash") {
                    "f-string expression part cannot include a backslash"
                } else if sentence.contains("comments") {
                    "f-string expression part cannot include '#'"
                } else if sentence.contains("quote") {
                    return self.nested_quote(start, failing);
                } else {
                    return self.generic(failing);
                };
                said(message, self.literal_start(start))
            }
            Kind::ExceptStar => {
                let mut star = failing;
                while star < self.scan.tokens.len() && self.word(star) != "*" {
                    star += 1;
                }
                self.generic(star)
            }
            Kind::UnpackingInComprehension(_) => {
                let message = if sentence.contains("dictionary") {
                    "dict unpacking cannot be used in dict comprehension"
                } else {
                    "iterable unpacking cannot be used in comprehension"
                };
                said(message, start)
            }
            _ => self.generic(failing),
        }
    }

    /// The string ended at the inner quote.
    fn nested_quote(&self, start: usize, failing: usize) -> Said {
        let index = self.scan.tokens.partition_point(|token| token.end <= start).min(failing);
        let index = (0..=index + 1).rev().find(|at| self.is(*at, Token::String) && self.start_of(*at) <= start);
        let Some(index) = index else { return self.generic(failing) };
        if self.minor == 8 && !self.is(index + 1, Token::String) {
            return self.generic(index + 1);
        }
        let mut open = Vec::new();
        for c in self.word(index).chars() {
            match c {
                '(' | '[' | '{' => open.push(c),
                ')' | ']' | '}' => drop(open.pop()),
                _ => {}
            }
        }
        let message = match open.last() {
            Some(bracket) if open.len() > 1 => format!("f-string: unmatched '{bracket}'"),
            _ => "f-string: expecting '}'".to_owned(),
        };
        said(message, self.behind_strings(self.start_of(index)))
    }

    /// What 3.8 and 3.9 make of any syntax error on a line that starts like a print or exec statement.
    fn legacy_hint(&self, said: &Said) -> Option<String> {
        if self.minor >= 10 || said.exception != "SyntaxError" {
            return None;
        }
        let start = self.text[..said.at.min(self.text.len())].rfind('\n').map_or(0, |at| at + 1);
        let end = self.text[start..].find('\n').map_or(self.text.len(), |at| start + at + 1);
        let line = &self.text[start..end];
        if line.contains('(') {
            return None;
        }
        legacy_statement(line).or_else(|| legacy_statement(line.split_once(':')?.1))
    }
}

fn legacy_statement(line: &str) -> Option<String> {
    let line = line.trim_start();
    if line.starts_with("exec ") {
        return Some("Missing parentheses in call to 'exec'".to_owned());
    }
    let rest = line.strip_prefix("print ")?;
    let rest = rest.split(';').next().unwrap_or(rest).trim_matches([' ', '\t', '\r', '\n']);
    let end = if rest.ends_with(',') { " end=\" \"" } else { "" };
    Some(format!("Missing parentheses in call to 'print'. Did you mean print({rest}{end})?"))
}
