//! Python literals in text that is otherwise not understood: strings, lists, dicts. Enough for generated finder files
//! and `setup.py`; what is no literal becomes [`Literal::Other`].

/// A literal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Literal {
    /// A string, implicit concatenation included.
    Str(String),
    /// A list, tuple or set; each item with the offset at which it starts.
    List(Vec<(usize, Literal)>),
    /// A dict.
    Dict(Vec<(Literal, Literal)>),
    /// A name that stands for something else.
    Name(String),
    /// Literals and names joined by `+`.
    Sum(Vec<Literal>),
    /// Anything else.
    Other,
}

impl Literal {
    /// The strings of a list, with their offsets.
    pub(super) fn strings(&self) -> Vec<(usize, &str)> {
        let Self::List(items) = self else { return Vec::new() };
        items.iter().filter_map(|(at, item)| Some((*at, item.as_str()?))).collect()
    }

    pub(super) fn as_str(&self) -> Option<&str> {
        if let Self::Str(text) = self { Some(text) } else { None }
    }
}

/// Literals deeper than this are not worth the stack.
const DEEPEST: usize = 50;

/// Reads text from a position on.
pub(super) struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    pub(super) const fn new(text: &'t str, at: usize) -> Self {
        Self { text, at }
    }

    /// The offset reached.
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    /// A name, if one stands here.
    pub(super) fn name(&mut self) -> Option<&'t str> {
        self.skip_space();
        let rest = self.rest();
        let length = rest.find(|c: char| !(c == '_' || c.is_alphanumeric())).unwrap_or(rest.len());
        if !rest.starts_with(|c: char| c == '_' || c.is_alphabetic()) {
            return None;
        }
        self.at += length;
        Some(&rest[..length])
    }

    /// A keyword of a call with its `=`, if one stands here.
    pub(super) fn keyword(&mut self) -> Option<&'t str> {
        let start = self.at;
        let name = self.name();
        if name.is_some() && self.eat("=") && !self.rest().starts_with('=') {
            return name;
        }
        self.at = start;
        None
    }

    pub(super) fn skip_space(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\\');
            self.at += rest.len() - trimmed.len();
            if !trimmed.starts_with('#') {
                return;
            }
            self.at += trimmed.find('\n').unwrap_or(trimmed.len());
        }
    }

    pub(super) fn eat(&mut self, wanted: &str) -> bool {
        self.skip_space();
        let found = self.rest().starts_with(wanted);
        if found {
            self.at += wanted.len();
        }
        found
    }

    /// The expression here, up to a comma, colon or bracket that belongs to what surrounds it.
    pub(super) fn value(&mut self, depth: usize) -> Literal {
        let start = self.at;
        let mut terms = vec![self.term(depth)];
        while self.eat("+") {
            terms.push(self.term(depth));
        }
        self.skip_space();
        let ends = self.rest().is_empty() || self.rest().starts_with([',', ':', ')', ']', '}', ';', '=']);
        if !ends {
            // An operator or a call follows: no literal after all.
            self.skip_expression();
            return Literal::Other;
        }
        if self.at == start { Literal::Other } else { sum(terms) }
    }

    fn term(&mut self, depth: usize) -> Literal {
        self.skip_space();
        match self.rest().as_bytes().first() {
            _ if depth > DEEPEST => Literal::Other,
            Some(b'[') => self.list(']', depth),
            Some(b'(') => self.list(')', depth),
            Some(b'{') => self.dict(depth),
            _ => match self.string() {
                Some(text) => Literal::Str(text),
                None => self.name().map_or(Literal::Other, |name| Literal::Name(name.to_owned())),
            },
        }
    }

    fn list(&mut self, close: char, depth: usize) -> Literal {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.skip_space();
            if self.rest().is_empty() || self.eat(close.encode_utf8(&mut [0; 4])) {
                return Literal::List(items);
            }
            let start = self.at;
            items.push((start, self.value(depth + 1)));
            self.eat(",");
            self.advance_past(start);
        }
    }

    fn dict(&mut self, depth: usize) -> Literal {
        self.at += 1;
        let (mut pairs, mut items) = (Vec::new(), Vec::new());
        loop {
            self.skip_space();
            if self.rest().is_empty() || self.eat("}") {
                return if pairs.is_empty() && !items.is_empty() { Literal::List(items) } else { Literal::Dict(pairs) };
            }
            let start = self.at;
            let key = self.value(depth + 1);
            if self.eat(":") {
                let value = self.value(depth + 1);
                pairs.push((key, value));
            } else {
                items.push((start, key));
            }
            self.eat(",");
            self.advance_past(start);
        }
    }

    /// Never stands still on text that makes no sense.
    fn advance_past(&mut self, start: usize) {
        if self.at == start {
            self.at += self.rest().chars().next().map_or(1, char::len_utf8);
        }
    }

    /// One or more adjacent string literals.
    pub(super) fn string(&mut self) -> Option<String> {
        let mut out: Option<String> = None;
        loop {
            self.skip_space();
            let Some(part) = self.one_string() else { return out };
            out.get_or_insert_default().push_str(&part);
        }
    }

    fn one_string(&mut self) -> Option<String> {
        let rest = self.rest();
        let prefix = rest.find(['"', '\''])?;
        let letters = &rest[..prefix];
        if letters.len() > 2 || !letters.chars().all(|c| "rRbBuU".contains(c)) {
            return None;
        }
        let raw = letters.contains(['r', 'R']);
        let quote = &rest[prefix..=prefix];
        let triple = rest[prefix..].starts_with(&quote.repeat(3));
        let close = if triple { quote.repeat(3) } else { quote.to_owned() };
        let body = prefix + close.len();
        let mut out = String::new();
        let mut chars = rest[body..].char_indices();
        while let Some((at, c)) = chars.next() {
            if rest[body + at..].starts_with(&close) {
                self.at += body + at + close.len();
                return Some(out);
            }
            match c {
                '\n' if !triple => return None,
                '\\' => match chars.next().map(|(_, c)| c) {
                    Some('\n') if !raw => {}
                    Some('n') if !raw => out.push('\n'),
                    Some('t') if !raw => out.push('\t'),
                    Some(c) if !raw && "\\'\"".contains(c) => out.push(c),
                    Some(c) => out.extend(['\\', c]),
                    None => return None,
                },
                c => out.push(c),
            }
        }
        None
    }

    /// Skips to the comma or bracket that ends the expression, over nested brackets and strings.
    pub(super) fn skip_expression(&mut self) {
        let mut depth = 0_usize;
        loop {
            self.skip_space();
            let Some(c) = self.rest().chars().next() else { return };
            match c {
                ',' | ':' | ')' | ']' | '}' | ';' if depth == 0 => return,
                '"' | '\'' => {
                    if self.one_string().is_none() {
                        self.at += 1;
                    }
                    continue;
                }
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => depth -= 1,
                _ => {}
            }
            self.at += c.len_utf8();
        }
    }
}

/// The literal assigned to a module-level name: `NAME = ...` or `NAME: annotation = ...` at the start of a line. Offsets
/// in it are offsets in the text.
pub(super) fn assigned(text: &str, name: &str) -> Option<Literal> {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        let Some(rest) = line.strip_prefix(name) else { continue };
        let Some(equals) = rest.find('=').filter(|_| rest.trim_start().starts_with([':', '='])) else { continue };
        if rest[equals..].starts_with("==") {
            continue;
        }
        return Some(Reader::new(text, start + name.len() + equals + 1).value_of_statement());
    }
    None
}

fn sum(mut terms: Vec<Literal>) -> Literal {
    match (terms.len(), terms.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            terms.extend(last);
            Literal::Sum(terms)
        }
    }
}

impl Reader<'_> {
    /// The right side of an assignment. It ends with its line unless brackets hold it open.
    fn value_of_statement(&mut self) -> Literal {
        let mut terms = Vec::new();
        loop {
            self.skip_space();
            terms.push(match self.rest().as_bytes().first() {
                Some(b'[') => self.list(']', 0),
                Some(b'(') => self.list(')', 0),
                Some(b'{') => self.dict(0),
                _ => match self.one_string() {
                    Some(text) => Literal::Str(text),
                    None => self.name().map_or(Literal::Other, |name| Literal::Name(name.to_owned())),
                },
            });
            let line = self.rest().split('\n').next().unwrap_or("").trim_start();
            if !line.starts_with('+') {
                let ends = line.trim().is_empty() || line.starts_with(['#', ';']);
                return if ends { sum(terms) } else { Literal::Other };
            }
            self.eat("+");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Literal {
        Reader::new(text, 0).value(0)
    }

    fn strings(text: &str) -> Vec<String> {
        value(text).strings().into_iter().map(|(_, s)| s.to_owned()).collect()
    }

    #[test]
    fn literals_are_read() {
        assert_eq!(value("'a' \"b\""), Literal::Str("ab".to_owned()));
        assert_eq!(value(r"r'\d'"), Literal::Str("\\d".to_owned()));
        assert_eq!(strings("['a', # note\n 'b' 'c', f(x)[1], 'd',]"), ["a", "bc", "d"]);
        assert_eq!(strings("{'x', 'y'}"), ["x", "y"]);
        let Literal::Dict(pairs) = value("{'k': ['v'], 1: 2}") else { panic!("it is a dict") };
        assert_eq!(pairs.len(), 2);
        assert_eq!(value("'a' % b"), Literal::Other);
        assert_eq!(value("a.b"), Literal::Other);
        let Literal::Sum(terms) = value("['a'] + more") else { panic!("it is a sum") };
        assert_eq!(terms[1], Literal::Name("more".to_owned()));
        assert_eq!(value("'''a\nb'''"), Literal::Str("a\nb".to_owned()));
    }

    #[test]
    fn nonsense_ends() {
        for text in ["[[[[", "['a' 'b", "{:::", "[)", "{'a': }", "", "\\", "['\\", &"[".repeat(100_000), "[é ü]"] {
            let _ = value(text);
        }
    }

    #[test]
    fn assignments_are_found() {
        let text = "import x\nMAPPING: dict[str, str] = {'a': '/b'}\nOTHER = 1\n";
        let wanted = Literal::Dict(vec![(Literal::Str("a".to_owned()), Literal::Str("/b".to_owned()))]);
        assert_eq!(assigned(text, "MAPPING"), Some(wanted));
        assert_eq!(assigned(text, "MAP"), None);
        assert_eq!(assigned("A = f(1)\n", "A"), Some(Literal::Other));
        assert!(matches!(assigned("A = ['x'] + B  # more\nC = 1", "A"), Some(Literal::Sum(_))));
    }
}
