//! CPython's tokenizer, for files that the judge refuses: which token comes where, and what the tokenizer itself
//! refuses. (Parser/tokenizer.c of 3.8 to 3.14)

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    /// An identifier or keyword.
    Name,
    /// A number.
    Number,
    /// A whole string literal.
    String,
    /// An operator or any other character.
    Op,
    /// The end of a logical line.
    Newline,
    /// A deeper level begins.
    Indent,
    /// A level ends.
    Dedent,
    /// The end of the file.
    End,
}

/// A token with its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lexeme {
    /// What it is.
    pub(super) token: Token,
    /// Offset of its first byte.
    pub(super) start: usize,
    /// Offset behind its last byte.
    pub(super) end: usize,
    /// Number of brackets open behind it.
    pub(super) level: usize,
}

/// What the tokenizer refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ScanError {
    /// The exception's class.
    pub(super) exception: &'static str,
    /// Its message.
    pub(super) message: String,
    /// The place it is reported at.
    pub(super) at: usize,
    /// Where the refused token starts.
    pub(super) start: usize,
    /// How far the tokenizer had read.
    pub(super) reached: usize,
    /// Whether it replaces an error that the parser found further up (from 3.10 on).
    pub(super) replaces: bool,
}

/// The tokens of a text up to the first refusal.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// In order.
    pub(super) tokens: Vec<Lexeme>,
    /// The refusal.
    pub(super) error: Option<ScanError>,
    /// Brackets still open at the end, outermost first: the bracket and its offset.
    pub(super) open: Vec<(u8, usize)>,
}

/// Deeper brackets are refused.
pub(super) const LEVELS: usize = 200;
/// More indents are refused.
pub(super) const INDENTS: usize = 100;

struct Scanner<'t> {
    text: &'t str,
    bytes: &'t [u8],
    minor: u8,
    at: usize,
    tokens: Vec<Lexeme>,
    open: Vec<(u8, usize)>,
    /// Columns with tabs to multiples of eight, and with tabs as one.
    indents: Vec<(usize, usize)>,
}

type Step = Result<(), ScanError>;

/// Tokenizes as CPython 3.`minor` does.
pub(super) fn scan(text: &str, minor: u8) -> Scan {
    let mut scanner = Scanner {
        text,
        bytes: text.as_bytes(),
        minor,
        at: 0,
        tokens: Vec::new(),
        open: Vec::new(),
        indents: vec![(0, 0)],
    };
    let error = scanner.run().err();
    Scan { tokens: scanner.tokens, error, open: scanner.open }
}

fn refusal(message: impl Into<String>, at: usize, reached: usize) -> ScanError {
    ScanError { exception: "SyntaxError", message: message.into(), at, start: at, reached, replaces: true }
}

/// The 1-based line of an offset.
pub(super) fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at.min(text.len())].iter().filter(|b| **b == b'\n').count() + 1
}

impl Scanner<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn push(&mut self, token: Token, start: usize) {
        self.tokens.push(Lexeme { token, start, end: self.at, level: self.open.len() });
    }

    fn run(&mut self) -> Step {
        while self.at < self.bytes.len() {
            if self.open.is_empty() && self.at_line_start() {
                self.indentation()?;
            }
            self.line()?;
        }
        self.finish();
        Ok(())
    }

    fn at_line_start(&self) -> bool {
        match self.tokens.last() {
            None => true,
            Some(last) => last.token == Token::Newline || self.at == 0,
        }
    }

    fn finish(&mut self) {
        if !self.open.is_empty() {
            return;
        }
        if self.tokens.last().is_some_and(|last| last.token != Token::Newline) {
            self.push(Token::Newline, self.at);
        }
        while self.indents.len() > 1 {
            self.indents.pop();
            self.push(Token::Dedent, self.at);
        }
        self.push(Token::End, self.at);
    }

    /// Reads the blanks at the start of a line and compares them with the levels above.
    fn indentation(&mut self) -> Step {
        let (mut column, mut narrow) = (0, 0);
        loop {
            match self.peek(0) {
                b' ' => (column, narrow) = (column + 1, narrow + 1),
                b'\t' => (column, narrow) = ((column / 8 + 1) * 8, narrow + 1),
                b'\x0c' => (column, narrow) = (0, 0),
                _ => break,
            }
            self.at += 1;
        }
        if self.at >= self.bytes.len() || matches!(self.peek(0), b'#' | b'\n' | b'\r') {
            return Ok(());
        }
        self.level(column, narrow)
    }

    fn level(&mut self, column: usize, narrow: usize) -> Step {
        let (top, narrow_top) = self.indents.last().copied().unwrap_or_default();
        if column == top {
            return if narrow == narrow_top { Ok(()) } else { Err(self.tabs()) };
        }
        if column > top {
            if self.indents.len() + 1 >= INDENTS {
                return Err(self.indentation_error("too many levels of indentation"));
            }
            if narrow <= narrow_top {
                return Err(self.tabs());
            }
            self.indents.push((column, narrow));
            self.push(Token::Indent, self.at);
            return Ok(());
        }
        while self.indents.last().is_some_and(|(level, _)| column < *level) {
            self.indents.pop();
            self.push(Token::Dedent, self.at);
        }
        match self.indents.last() {
            Some((level, _)) if *level != column => {
                Err(self.indentation_error("unindent does not match any outer indentation level"))
            }
            Some((_, level)) if *level != narrow => Err(self.tabs()),
            _ => Ok(()),
        }
    }

    fn tabs(&self) -> ScanError {
        let message = "inconsistent use of tabs and spaces in indentation".to_owned();
        ScanError { exception: "TabError", message, at: self.at, start: self.at, reached: self.at, replaces: false }
    }

    fn indentation_error(&self, message: &str) -> ScanError {
        let (at, message) = (self.at, message.to_owned());
        ScanError { exception: "IndentationError", message, at, start: at, reached: at, replaces: false }
    }

    /// The tokens up to and with the end of a physical line.
    fn line(&mut self) -> Step {
        while self.at < self.bytes.len() {
            match self.peek(0) {
                b' ' | b'\t' | b'\x0c' | b'\r' => self.at += 1,
                b'\n' => {
                    let start = self.at;
                    let blank = self
                        .tokens
                        .last()
                        .is_none_or(|last| matches!(last.token, Token::Newline | Token::Dedent | Token::Indent));
                    if self.open.is_empty() && !blank {
                        self.push(Token::Newline, start);
                    }
                    self.at += 1;
                    return Ok(());
                }
                b'#' => {
                    while self.at < self.bytes.len() && self.peek(0) != b'\n' {
                        self.at += 1;
                    }
                }
                b'\\' => self.continuation()?,
                _ => self.token()?,
            }
        }
        Ok(())
    }

    fn continuation(&mut self) -> Step {
        let start = self.at;
        self.at += 1;
        if self.peek(0) == b'\r' {
            self.at += 1;
        }
        if self.at >= self.bytes.len() {
            return Err(self.quiet("unexpected EOF while parsing", start));
        }
        if self.peek(0) != b'\n' {
            return Err(self.quiet("unexpected character after line continuation character", start));
        }
        self.at += 1;
        if self.at >= self.bytes.len() {
            return Err(self.quiet("unexpected EOF while parsing", start));
        }
        Ok(())
    }

    /// A refusal that leaves an earlier error of the parser in place.
    fn quiet(&self, message: &str, start: usize) -> ScanError {
        ScanError { replaces: false, ..refusal(message, start, self.at) }
    }

    fn token(&mut self) -> Step {
        let start = self.at;
        let first = self.peek(0);
        if first.is_ascii_digit() || first == b'.' && self.peek(1).is_ascii_digit() {
            return self.number();
        }
        if matches!(first, b'"' | b'\'') {
            return self.string(start);
        }
        if first == b'_' || first.is_ascii_alphabetic() || first >= 0x80 {
            return self.name();
        }
        self.operator(start)
    }

    fn name(&mut self) -> Step {
        let start = self.at;
        if let Some(quote) = self.string_prefix() {
            self.at += quote;
            return self.string(start);
        }
        while self.peek(0) == b'_' || self.peek(0).is_ascii_alphanumeric() || self.peek(0) >= 0x80 {
            self.at += 1;
        }
        self.check_identifier(start)?;
        self.push(Token::Name, start);
        Ok(())
    }

    /// Length of a string prefix that a quote follows.
    fn string_prefix(&self) -> Option<usize> {
        let letters = self.bytes[self.at..].iter().take(3).take_while(|b| b.is_ascii_alphabetic()).count();
        if !matches!(self.peek(letters), b'"' | b'\'') {
            return None;
        }
        let prefix = self.bytes[self.at..self.at + letters].to_ascii_lowercase();
        let known: &[&[u8]] = &[b"r", b"b", b"u", b"f", b"br", b"rb", b"fr", b"rf"];
        let template: &[&[u8]] = &[b"t", b"tr", b"rt"];
        let is_prefix = known.contains(&&*prefix) || self.minor >= 14 && template.contains(&&*prefix);
        is_prefix.then_some(letters)
    }

    fn check_identifier(&self, start: usize) -> Step {
        let text = &self.text[start..self.at];
        if text.is_ascii() {
            return Ok(());
        }
        let Some((offset, wrong)) = text.char_indices().find(|(_, c)| !is_identifier_part(*c)) else { return Ok(()) };
        let at = start + offset;
        if self.minor == 8 {
            return Err(refusal("invalid character in identifier", start, self.at));
        }
        let message = if is_printable(wrong) {
            format!("invalid character '{wrong}' (U+{:04X})", wrong as u32)
        } else {
            format!("invalid non-printable character U+{:04X}", wrong as u32)
        };
        Err(refusal(message, at, self.at))
    }

    fn digits(&mut self, valid: fn(u8) -> bool) {
        while valid(self.peek(0)) || self.peek(0) == b'_' && valid(self.peek(1)) {
            self.at += 1;
        }
    }

    fn number(&mut self) -> Step {
        let start = self.at;
        let kind = match (self.peek(0), self.peek(1).to_ascii_lowercase()) {
            (b'0', b'x') => self.radix(start, "hexadecimal", |b| b.is_ascii_hexdigit())?,
            (b'0', b'o') => self.radix(start, "octal", |b| matches!(b, b'0'..=b'7'))?,
            (b'0', b'b') => self.radix(start, "binary", |b| matches!(b, b'0' | b'1'))?,
            _ => self.decimal(start)?,
        };
        self.end_of_number(start, kind)?;
        self.push(Token::Number, start);
        Ok(())
    }

    fn radix(&mut self, start: usize, kind: &'static str, valid: fn(u8) -> bool) -> Result<&'static str, ScanError> {
        self.at += 2;
        if self.peek(0) == b'_' {
            self.at += 1;
        }
        let first = self.peek(0);
        if !valid(first) {
            return Err(self.bad_digit(start, kind, first));
        }
        self.digits(valid);
        if self.peek(0) == b'_' {
            return Err(refusal(format!("invalid {kind} literal"), start, self.at));
        }
        if self.peek(0).is_ascii_digit() {
            return Err(self.bad_digit(start, kind, self.peek(0)));
        }
        Ok(kind)
    }

    fn bad_digit(&self, start: usize, kind: &str, digit: u8) -> ScanError {
        if digit.is_ascii_digit() {
            return refusal(format!("invalid digit '{}' in {kind} literal", char::from(digit)), start, self.at);
        }
        refusal(format!("invalid {kind} literal"), start, self.at)
    }

    fn decimal(&mut self, start: usize) -> Result<&'static str, ScanError> {
        let decimal = |b: u8| b.is_ascii_digit();
        self.digits(decimal);
        let whole = self.bytes[start..self.at].to_vec();
        if self.peek(0) == b'_' {
            return Err(refusal("invalid decimal literal", start, self.at));
        }
        let mut is_float = false;
        if self.peek(0) == b'.' {
            is_float = true;
            self.at += 1;
            self.digits(decimal);
        }
        let sign = usize::from(matches!(self.peek(1), b'+' | b'-'));
        if matches!(self.peek(0), b'e' | b'E') && self.peek(1 + sign).is_ascii_digit() {
            is_float = true;
            self.at += 1 + sign;
            self.digits(decimal);
        }
        if matches!(self.peek(0), b'j' | b'J') {
            self.at += 1;
            return Ok("imaginary");
        }
        let has_value = whole.iter().any(|b| !matches!(b, b'0' | b'_'));
        if !is_float && whole.len() > 1 && whole[0] == b'0' && has_value {
            let message = "leading zeros in decimal integer literals are not permitted; \
                           use an 0o prefix for octal integers";
            return Err(refusal(message, start, self.at));
        }
        Ok("decimal")
    }

    /// From 3.10 on nothing but an operator or one of a few keywords may stick to a number.
    fn end_of_number(&self, start: usize, kind: &str) -> Step {
        let next = self.peek(0);
        if self.minor < 10 || !(next == b'_' || next.is_ascii_alphabetic() || next >= 0x80) {
            return Ok(());
        }
        let rest = &self.bytes[self.at..];
        let keywords: &[&[u8]] = &[b"and", b"else", b"for", b"if", b"in", b"is", b"or", b"not"];
        if keywords.iter().any(|keyword| rest.starts_with(keyword)) {
            return Ok(());
        }
        Err(refusal(format!("invalid {kind} literal"), start, self.at))
    }

    /// A string from its quote on; `start` is its prefix.
    fn string(&mut self, start: usize) -> Step {
        let prefix = self.bytes[start..self.at].to_ascii_lowercase();
        let quote = self.peek(0);
        let triple = self.peek(1) == quote && self.peek(2) == quote;
        self.at += if triple { 3 } else { 1 };
        let fields = self.minor >= 12 && prefix.iter().any(|b| matches!(b, b'f' | b't'));
        loop {
            if self.at >= self.bytes.len() || !triple && self.peek(0) == b'\n' {
                return Err(self.unterminated(start, triple, fields));
            }
            match self.peek(0) {
                b'\\' => {
                    // A backslash in front of a carriage return and line feed hides both.
                    self.at += if self.peek(1) == b'\r' && self.peek(2) == b'\n' { 3 } else { 2 };
                    self.at = self.at.min(self.bytes.len());
                }
                b'{' if fields && self.peek(1) == b'{' => self.at += 2,
                b'{' if fields => self.field()?,
                b if b == quote && (!triple || self.peek(1) == quote && self.peek(2) == quote) => {
                    self.at += if triple { 3 } else { 1 };
                    break;
                }
                _ => self.at += 1,
            }
        }
        self.push(Token::String, start);
        Ok(())
    }

    /// A replacement field of an f-string, by brackets and nested strings.
    fn field(&mut self) -> Step {
        let mut depth = 0usize;
        while self.at < self.bytes.len() {
            match self.peek(0) {
                b'{' | b'(' | b'[' => depth += 1,
                b'}' | b')' | b']' => depth = depth.saturating_sub(1),
                b'"' | b'\'' => {
                    let count = self.tokens.len();
                    self.string(self.at)?;
                    self.tokens.truncate(count);
                    continue;
                }
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Ok(());
            }
        }
        Ok(())
    }

    fn unterminated(&self, start: usize, triple: bool, fields: bool) -> ScanError {
        let line = line_of(self.text, self.at.min(self.text.len()));
        let line = if self.text[..self.at.min(self.text.len())].ends_with('\n') { line - 1 } else { line };
        let kind = if fields { "f-string" } else { "string" };
        let message = match (self.minor >= 10, triple) {
            (true, true) => format!("unterminated triple-quoted {kind} literal (detected at line {line})"),
            (true, false) => format!("unterminated {kind} literal (detected at line {line})"),
            (false, true) => "EOF while scanning triple-quoted string literal".to_owned(),
            (false, false) => "EOL while scanning string literal".to_owned(),
        };
        // Older versions point at the end of the file.
        let place = if triple && self.minor < 10 { self.text.trim_end().len() } else { start };
        ScanError { at: place, ..refusal(message, start, self.at) }
    }

    fn operator(&mut self, start: usize) -> Step {
        let rest = &self.bytes[start..];
        let threes: &[&[u8]] = &[b"**=", b"//=", b">>=", b"<<=", b"..."];
        let twos: &[&[u8]] = &[
            b"**", b"//", b">>", b"<<", b"<=", b">=", b"==", b"!=", b"<>", b"->", b":=", b"+=", b"-=", b"*=", b"/=",
            b"%=", b"&=", b"|=", b"^=", b"@=",
        ];
        let length = if threes.iter().any(|op| rest.starts_with(op)) {
            3
        } else if twos.iter().any(|op| rest.starts_with(op)) {
            2
        } else {
            1
        };
        match rest[0] {
            bracket @ (b'(' | b'[' | b'{') => self.open_bracket(bracket, start)?,
            bracket @ (b')' | b']' | b'}') => self.close_bracket(bracket, start)?,
            control if control < 0x20 || control == 0x7f => {
                let message = format!("invalid non-printable character U+{control:04X}");
                return Err(refusal(if self.minor < 10 { "invalid syntax".into() } else { message }, start, start));
            }
            _ => {}
        }
        self.at += length;
        self.push(Token::Op, start);
        Ok(())
    }

    fn open_bracket(&mut self, bracket: u8, start: usize) -> Step {
        if self.open.len() >= LEVELS {
            return Err(refusal("too many nested parentheses", start, start));
        }
        self.open.push((bracket, start));
        Ok(())
    }

    fn close_bracket(&mut self, bracket: u8, start: usize) -> Step {
        let close = char::from(bracket);
        let Some((open, place)) = self.open.pop() else {
            return Err(refusal(format!("unmatched '{close}'"), start, start));
        };
        let expected = match open {
            b'(' => b')',
            b'[' => b']',
            _ => b'}',
        };
        if expected == bracket {
            return Ok(());
        }
        let open = char::from(open);
        let (open_line, line) = (line_of(self.text, place), line_of(self.text, start));
        let place = if open_line == line { String::new() } else { format!(" on line {open_line}") };
        let message = format!("closing parenthesis '{close}' does not match opening parenthesis '{open}'{place}");
        Err(refusal(message, start, start))
    }
}

/// Letters, digits, marks and connectors, generously.
fn is_identifier_part(c: char) -> bool {
    c == '_'
        || c.is_alphanumeric()
        || matches!(c, '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{387}' | '\u{483}'..='\u{487}' | '\u{591}'..='\u{5bd}'
            | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{900}'..='\u{903}' | '\u{93a}'..='\u{94f}'
            | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{203f}' | '\u{2040}' | '\u{2118}' | '\u{212e}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}' | '\u{e0100}'..='\u{e01ef}')
}

/// As `str.isprintable`, for the characters that turn up in sources by accident.
fn is_printable(c: char) -> bool {
    !c.is_control()
        && !c.is_whitespace()
        && !matches!(c, '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{70f}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e000}'..='\u{f8ff}' | '\u{e0001}' | '\u{e0020}'..='\u{e007f}')
}
