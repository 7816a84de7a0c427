//! Whether a regular expression matches at the start of a text, as Python's `re.match` decides it: the part of the
//! language that warning filters are written in. What goes beyond it is not decided.

/// Rounds that one match may take.
const BUDGET: u32 = 100_000;
/// Nested groups that are read.
const DEPTH: u32 = 40;

/// `re.match(pattern, text)`; none if the pattern uses what is not read here, or takes too long.
#[must_use]
pub fn matches_at_start(pattern: &str, text: &str, ignore_case: bool) -> Option<bool> {
    let (parser, choices) = Parser::read(pattern, ignore_case)?;
    let fold = |c: char| if parser.ignore_case { lower(c) } else { c };
    let text: Vec<char> = text.chars().map(fold).collect();
    let mut matcher = Matcher { text: &text, left: BUDGET, ignore_case: parser.ignore_case, dot_all: parser.dot_all };
    let found = matcher.any(&choices, 0, &mut |_, _| true);
    (matcher.left > 0).then_some(found)
}

/// `re.sub(pattern, replacement, text)` for a replacement that is plain text.
#[must_use]
pub fn replaced(pattern: &str, replacement: &str, text: &str) -> Option<String> {
    let (parser, choices) = Parser::read(pattern, false)?;
    if parser.is_lazy || parser.ignore_case || replacement.contains('\\') {
        return None;
    }
    let text: Vec<char> = text.chars().collect();
    let mut matcher = Matcher { text: &text, left: BUDGET, ignore_case: false, dot_all: parser.dot_all };
    let (mut out, mut at) = (String::new(), 0);
    while at <= text.len() {
        let mut end = None;
        matcher.any(&choices, at, &mut |_, found| {
            end = Some(found);
            true
        });
        if matcher.left == 0 {
            return None;
        }
        if end.is_some() {
            out.push_str(replacement);
        }
        match end {
            Some(end) if end > at => at = end,
            _ => {
                out.extend(text.get(at));
                at += 1;
            }
        }
    }
    Some(out)
}

fn lower(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

enum Node {
    Char(char),
    Any,
    Class { negated: bool, parts: Vec<Part> },
    Start,
    End,
    LastEnd,
    Boundary(bool),
    Group(Vec<Vec<Node>>),
    Repeat { node: Box<Node>, least: u32, most: u32 },
}

enum Part {
    Range(char, char),
    Digit(bool),
    Word(bool),
    Space(bool),
}

impl Part {
    fn holds(&self, c: char) -> bool {
        match self {
            Self::Range(from, to) => (*from..=*to).contains(&c),
            Self::Digit(yes) => c.is_numeric() == *yes,
            Self::Word(yes) => is_word(c) == *yes,
            Self::Space(yes) => c.is_whitespace() == *yes,
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

struct Parser {
    rest: std::collections::VecDeque<char>,
    ignore_case: bool,
    dot_all: bool,
    multi_line: bool,
    depth: u32,
    /// Something is repeated as often as needed, not as often as possible.
    is_lazy: bool,
}

impl Parser {
    fn read(pattern: &str, ignore_case: bool) -> Option<(Self, Vec<Vec<Node>>)> {
        let mut parser = Self {
            rest: pattern.chars().collect::<Vec<_>>().into(),
            ignore_case,
            dot_all: false,
            multi_line: false,
            depth: 0,
            is_lazy: false,
        };
        let choices = parser.alternatives()?;
        parser.rest.is_empty().then_some((parser, choices))
    }

    fn next_if(&mut self, wanted: char) -> bool {
        let found = self.rest.front() == Some(&wanted);
        if found {
            self.rest.pop_front();
        }
        found
    }

    fn alternatives(&mut self) -> Option<Vec<Vec<Node>>> {
        self.depth += 1;
        if self.depth > DEPTH {
            return None;
        }
        let mut choices = vec![Vec::new()];
        while let Some(c) = self.rest.front().copied() {
            match c {
                ')' => break,
                '|' => {
                    self.rest.pop_front();
                    choices.push(Vec::new());
                }
                _ => {
                    let Some(node) = self.atom()? else { continue };
                    let node = self.repeated(node)?;
                    choices.last_mut()?.push(node);
                }
            }
        }
        self.depth -= 1;
        Some(choices)
    }

    /// One piece; `Some(None)` for global flags, which are none.
    fn atom(&mut self) -> Option<Option<Node>> {
        Some(Some(match self.rest.pop_front()? {
            '.' => Node::Any,
            '^' if !self.multi_line => Node::Start,
            '$' if !self.multi_line => Node::End,
            '\\' => self.escape()?,
            '[' => self.class()?,
            '(' => return self.group(),
            '*' | '+' | '?' | '^' | '$' => return None,
            c => Node::Char(self.folded(c)),
        }))
    }

    fn folded(&self, c: char) -> char {
        if self.ignore_case { lower(c) } else { c }
    }

    fn escape(&mut self) -> Option<Node> {
        let c = self.rest.pop_front()?;
        let class = |part| Node::Class { negated: false, parts: vec![part] };
        Some(match c {
            'A' => Node::Start,
            'Z' => Node::LastEnd,
            'b' => Node::Boundary(true),
            'B' => Node::Boundary(false),
            'n' => Node::Char('\n'),
            't' => Node::Char('\t'),
            _ => match shorthand(c) {
                Some(part) => class(part),
                None if c.is_ascii_alphanumeric() => return None,
                None => Node::Char(self.folded(c)),
            },
        })
    }

    fn class(&mut self) -> Option<Node> {
        let negated = self.next_if('^');
        let mut parts = Vec::new();
        loop {
            let c = self.rest.pop_front()?;
            if c == ']' && !parts.is_empty() {
                return Some(Node::Class { negated, parts });
            }
            let from = match c {
                '[' => return None,
                '\\' => {
                    let c = self.rest.pop_front()?;
                    if let Some(part) = shorthand(c) {
                        parts.push(part);
                        continue;
                    }
                    match c {
                        'n' => '\n',
                        't' => '\t',
                        c if c.is_ascii_alphanumeric() => return None,
                        c => c,
                    }
                }
                c => c,
            };
            if self.rest.front() == Some(&'-') && self.rest.get(1).is_some_and(|c| *c != ']') {
                self.rest.pop_front();
                let to = self.rest.pop_front().filter(|c| *c != '\\')?;
                parts.push(Part::Range(from, to));
            } else {
                parts.push(Part::Range(from, from));
            }
        }
    }

    fn group(&mut self) -> Option<Option<Node>> {
        if self.next_if('?') {
            match self.rest.pop_front()? {
                ':' => {}
                'P' => {
                    if !self.next_if('<') {
                        return None;
                    }
                    while self.rest.pop_front()? != '>' {}
                }
                flag => {
                    let mut flag = flag;
                    while flag != ')' {
                        match flag {
                            'i' => self.ignore_case = true,
                            's' => self.dot_all = true,
                            'u' | 'a' => {}
                            _ => return None,
                        }
                        flag = self.rest.pop_front()?;
                    }
                    return Some(None);
                }
            }
        }
        let choices = self.alternatives()?;
        self.next_if(')').then_some(Some(Node::Group(choices)))
    }

    fn repeated(&mut self, node: Node) -> Option<Node> {
        let (least, most) = match self.rest.front() {
            Some('*') => (0, u32::MAX),
            Some('+') => (1, u32::MAX),
            Some('?') => (0, 1),
            Some('{') => return self.counted(node),
            _ => return Some(node),
        };
        self.rest.pop_front();
        self.finish_repeat(node, least, most)
    }

    fn counted(&mut self, node: Node) -> Option<Node> {
        let end = self.rest.iter().position(|c| *c == '}')?;
        let inside: String = self.rest.drain(..=end).skip(1).take(end - 1).collect();
        let (least, most) = match inside.split_once(',') {
            None => (inside.parse().ok()?, inside.parse().ok()?),
            Some((least, "")) => (least.parse().ok()?, u32::MAX),
            Some(("", most)) => (0, most.parse().ok()?),
            Some((least, most)) => (least.parse().ok()?, most.parse().ok()?),
        };
        self.finish_repeat(node, least, most)
    }

    fn finish_repeat(&mut self, node: Node, least: u32, most: u32) -> Option<Node> {
        // Whether a match is the shortest or the longest makes no difference to there being one.
        self.is_lazy |= self.next_if('?');
        if matches!(self.rest.front(), Some('+' | '*' | '{')) {
            return None;
        }
        Some(Node::Repeat { node: Box::new(node), least, most })
    }
}

fn shorthand(c: char) -> Option<Part> {
    Some(match c {
        'd' => Part::Digit(true),
        'D' => Part::Digit(false),
        'w' => Part::Word(true),
        'W' => Part::Word(false),
        's' => Part::Space(true),
        'S' => Part::Space(false),
        _ => return None,
    })
}

struct Matcher<'t> {
    text: &'t [char],
    left: u32,
    ignore_case: bool,
    dot_all: bool,
}

/// What has to match behind.
type Rest<'a> = &'a mut dyn FnMut(&mut Matcher, usize) -> bool;

impl Matcher<'_> {
    fn any(&mut self, choices: &[Vec<Node>], at: usize, rest: Rest) -> bool {
        choices.iter().any(|nodes| self.all(nodes, at, rest))
    }

    fn all(&mut self, nodes: &[Node], at: usize, rest: Rest) -> bool {
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        match nodes.split_first() {
            None => rest(self, at),
            Some((node, behind)) => self.one(node, at, &mut |matcher, at| matcher.all(behind, at, rest)),
        }
    }

    fn one(&mut self, node: &Node, at: usize, rest: Rest) -> bool {
        let c = self.text.get(at).copied();
        let end = self.text.len();
        match node {
            Node::Char(wanted) => c == Some(*wanted) && rest(self, at + 1),
            Node::Any => c.is_some_and(|c| self.dot_all || c != '\n') && rest(self, at + 1),
            Node::Class { negated, parts } => {
                let holds = |c: char| parts.iter().any(|part| part.holds(c));
                let both = |c: char| holds(c) || self.ignore_case && c.to_uppercase().any(holds);
                c.is_some_and(|c| both(c) != *negated) && rest(self, at + 1)
            }
            Node::Start => at == 0 && rest(self, at),
            Node::End => (at == end || at + 1 == end && c == Some('\n')) && rest(self, at),
            Node::LastEnd => at == end && rest(self, at),
            Node::Boundary(wanted) => {
                let before = at.checked_sub(1).and_then(|at| self.text.get(at)).is_some_and(|c| is_word(*c));
                (before != c.is_some_and(is_word)) == *wanted && rest(self, at)
            }
            Node::Group(choices) => self.any(choices, at, rest),
            Node::Repeat { node, least, most } => self.repeat(node, *least, *most, at, rest),
        }
    }

    fn repeat(&mut self, node: &Node, least: u32, most: u32, at: usize, rest: Rest) -> bool {
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        if let Some(result) = self.repeat_single(node, least, most, at, rest) {
            return result;
        }
        if most > 0
            && self.one(node, at, &mut |matcher, next| {
                next > at && matcher.repeat(node, least.saturating_sub(1), most.saturating_sub(1), next, rest)
            })
        {
            return true;
        }
        least == 0 && rest(self, at)
    }

    /// Repeated single characters, without nesting calls; none for anything else.
    fn repeat_single(&mut self, node: &Node, least: u32, most: u32, at: usize, rest: Rest) -> Option<bool> {
        if !matches!(node, Node::Char(_) | Node::Any | Node::Class { .. }) {
            return None;
        }
        let mut count = 0;
        while count < most && self.one(node, at + count as usize, &mut |_, _| true) {
            count += 1;
        }
        while count >= least {
            if rest(self, at + count as usize) {
                return Some(true);
            }
            let Some(fewer) = count.checked_sub(1) else { break };
            count = fewer;
        }
        Some(false)
    }
}

#[cfg(test)]
mod tests {
    use super::{matches_at_start, replaced};

    #[test]
    fn what_matches_is_replaced() {
        let is = |pattern, text, wanted: &str| assert_eq!(replaced(pattern, "_", text).as_deref(), Some(wanted));
        is(r"[\W\- ]+", "a b - c$", "a_b_c_");
        is("x*", "abxd", "_a_b__d_");
        is("^a|b$", "abab", "_ba_");
        is("(fo|f)o", "foo fo", "_ _");
        assert_eq!(replaced("a+?", "_", "aa"), None);
        assert_eq!(replaced("(a)", r"\1", "aa"), None);
    }

    #[test]
    fn what_filters_are_written_in_is_decided() {
        let yes = |pattern, text| assert_eq!(matches_at_start(pattern, text, true), Some(true), "{pattern} {text}");
        let no = |pattern, text| assert_eq!(matches_at_start(pattern, text, true), Some(false), "{pattern} {text}");
        yes("", "x");
        yes("unknown .*mark", "Unknown pytest.mark.a");
        yes("(a|b)+c?$", "ABAB");
        yes(r"pkg\.(x|y)(\..*)?\Z", "pkg.y.z");
        yes(r".*'[a-z]\w{2,3}'.*", "The 'abc' module");
        yes(r"(?s).*end", "a\nend");
        yes(r"\bword\b", "word.");
        no(r".*end", "a\nend");
        no(r"pkg\.a$", "pkg.ab");
        no(r"^x$", "y");
        no("[^a]", "a");
    }

    #[test]
    fn what_goes_beyond_is_not_decided() {
        for pattern in ["(?=x)", "(?!x)", r"(a)\1", "*", "(", "[", "a**", r"\q", &"(".repeat(100)] {
            assert_eq!(matches_at_start(pattern, "x", false), None, "{pattern}");
        }
        // It would take too long.
        assert_eq!(matches_at_start("(a*)*b", &"a".repeat(40), false), None);
    }
}
