//! What plugins and conftests add to pytest's parser and marks: the `addoption`, `addini` and `addinivalue_line` calls in
//! their source whose arguments can be read.

use std::collections::BTreeMap;

use crate::config::pytest_ini::declared::{Action, Converts, Declared, OptionValue};
use crate::config::pytest_ini::options::{Arity, OptionSpec};
use crate::summary::expressions;
use crate::summary::program::{BinaryOp, Call, Expr, ExprKind, FStringPart, Op, OpKind, Program, walk};
use crate::summary::{DefinitionKind, ProgramId, Summary, Sym};

/// Options, ini keys and marks that a source file adds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Additions {
    /// Command line options.
    pub options: Vec<OptionSpec>,
    /// Ini keys.
    pub keys: Vec<String>,
    /// Names of marks.
    pub marks: Vec<String>,
    /// Whether some mark's name cannot be read: then there may be more.
    pub dynamic_marks: bool,
    /// Whether some option's or key's name cannot be read: then there may be more.
    pub dynamic: bool,
    /// Options that code sets (`config.option.name = ...`).
    pub assigned: Vec<String>,
    /// Whether code may set any of them.
    pub assigns_any: bool,
}

impl Additions {
    /// Takes over what another file adds.
    pub fn extend(&mut self, other: Self) {
        self.options.extend(other.options);
        self.keys.extend(other.keys);
        self.marks.extend(other.marks);
        self.dynamic_marks |= other.dynamic_marks;
        self.dynamic |= other.dynamic;
        self.assigned.extend(other.assigned);
        self.assigns_any |= other.assigns_any;
    }
}

/// Reads every function of the file: helpers of the hooks add things as well.
#[must_use]
pub fn read(summary: &Summary) -> Additions {
    let mut reader = Reader { summary, found: Additions::default(), names: BTreeMap::new() };
    let module = summary.program(ProgramId::MODULE);
    reader.note_names(&module);
    reader.read_program(&module);
    for definition in &summary.definitions {
        if let DefinitionKind::Function { body } = definition.kind {
            let program = summary.program(body);
            let outer = reader.names.clone();
            reader.note_names(&program);
            reader.read_program(&program);
            reader.names = outer;
        }
    }
    reader.found
}

/// The name of the mark that a line of the ini key `markers` registers.
#[must_use]
pub fn mark_name(line: &str) -> &str {
    line.split([':', '(']).next().unwrap_or(line).trim()
}

struct Reader<'s> {
    summary: &'s Summary,
    found: Additions,
    /// What names stand for, where every assignment and loop over a display is simple.
    names: BTreeMap<Sym, Vec<Expr>>,
}

/// Methods whose calls are read: handed over as values, they add what cannot be read.
const ADDERS: &[&str] = &["addoption", "_addoption", "addini", "addinivalue_line"];
/// What looks at the options only.
const READERS: &[&str] = &["getattr", "hasattr", "vars", "dict"];
/// Names of pytest's configuration in hooks, as pytest calls it.
const CONFIGURATION: &[&str] = &["config", "early_config"];

impl Reader<'_> {
    fn note_names(&mut self, program: &Program) {
        walk(&program.body, &mut |op| match &op.kind {
            OpKind::Assign { targets, value } => {
                if let [Expr { kind: ExprKind::Name(name), .. }] = &targets[..] {
                    self.names.entry(*name).or_default().push(value.clone());
                }
            }
            OpKind::For { target: Expr { kind: ExprKind::Name(name), .. }, iter, .. } => {
                if let ExprKind::List(items) | ExprKind::Tuple(items) | ExprKind::Set(items) = &iter.kind {
                    self.names.entry(*name).or_default().extend(items.iter().cloned());
                }
            }
            _ => {}
        });
    }

    fn read_program(&mut self, program: &Program) {
        walk(&program.body, &mut |op| self.note_assigned(op));
        walk(&program.body, &mut |op| match &op.kind {
            OpKind::Expr(value) | OpKind::Assign { value, .. } | OpKind::Return(Some(value)) => {
                if let ExprKind::Call(call) = &value.kind {
                    self.read_call(call);
                }
                self.note_handed_over(value);
            }
            OpKind::If { arms, .. } => arms.iter().for_each(|(test, _)| self.note_handed_over(test)),
            OpKind::For { iter, .. } => self.note_handed_over(iter),
            _ => {}
        });
    }

    /// A parser, a configuration or one of their methods given to code outside this file adds what cannot be read.
    fn note_handed_over(&mut self, expr: &Expr) {
        let ExprKind::Call(call) = &expr.kind else { return };
        self.note_handed_over(&call.function);
        if let ExprKind::Attribute { value, .. } = &call.function.kind {
            self.note_handed_over(value);
        }
        let callee = match &call.function.kind {
            ExprKind::Name(name) | ExprKind::Attribute { name, .. } => Some(*name),
            _ => None,
        };
        let own = callee.is_some_and(|callee| self.summary.definitions.iter().any(|d| d.name == callee));
        // The configuration is handed to many; those who register marks say so.
        let may_register = callee.is_some_and(|callee| {
            let name = self.summary.text(callee).to_lowercase();
            ["mark", "regist", "configure", "setup"].iter().any(|word| name.contains(word))
        });
        let arguments = call.arguments.iter().chain(call.keywords.iter().map(|(_, value)| value));
        for argument in arguments {
            match &argument.kind {
                ExprKind::Attribute { name, .. } if ADDERS.contains(&self.summary.text(*name)) => {
                    let marks = self.summary.text(*name) == "addinivalue_line";
                    self.found.dynamic_marks |= marks;
                    self.found.dynamic |= !marks;
                }
                ExprKind::Name(name) if !own => {
                    let text = self.summary.text(*name);
                    let group = self.names.get(name).is_some_and(|values| values.iter().any(|v| self.is_group(v)));
                    self.found.dynamic |= text == "parser" || group;
                    self.found.dynamic_marks |= CONFIGURATION.contains(&text) && may_register;
                }
                _ => self.note_handed_over(argument),
            }
        }
    }

    /// `parser.getgroup(...)`
    fn is_group(&self, expr: &Expr) -> bool {
        let ExprKind::Call(call) = &expr.kind else { return false };
        match &call.function.kind {
            ExprKind::Attribute { name, .. } => matches!(self.summary.text(*name), "getgroup" | "addgroup"),
            _ => false,
        }
    }

    fn read_call(&mut self, call: &Call) {
        let ExprKind::Attribute { name, value, .. } = &call.function.kind else { return };
        match self.summary.text(*name) {
            "addoption" | "_addoption" => self.read_option(call),
            "addini" => match self.argument(call, 0, "name").map(|expr| self.texts(expr)) {
                Some(keys) if !keys.is_empty() => self.found.keys.extend(keys),
                _ => self.found.dynamic = true,
            },
            "addinivalue_line" => self.read_line(call),
            // A call on the result of one of these.
            _ => {
                if let ExprKind::Call(inner) = &value.kind {
                    self.read_call(inner);
                }
            }
        }
    }

    fn read_line(&mut self, call: &Call) {
        let key = self.argument(call, 0, "name").map(|expr| self.texts(expr)).unwrap_or_default();
        if key.iter().any(|key| key != "markers") {
            return;
        }
        let lines = self.argument(call, 1, "line").map(|expr| self.starts(expr, 0)).unwrap_or_default();
        if key.is_empty() || lines.is_empty() {
            self.found.dynamic_marks = true;
        }
        self.found.marks.extend(lines.iter().map(|line| mark_name(line).to_owned()));
    }

    fn keyword<'a>(&self, call: &'a Call, name: &str) -> Option<&'a Expr> {
        let named = |(key, _): &&(Option<Sym>, Expr)| key.is_some_and(|k| self.summary.text(k) == name);
        call.keywords.iter().find(named).map(|(_, value)| value)
    }

    fn argument<'a>(&self, call: &'a Call, at: usize, name: &str) -> Option<&'a Expr> {
        call.arguments.get(at).or_else(|| self.keyword(call, name))
    }

    fn literal(&self, expr: &Expr) -> Option<&str> {
        match expr.kind {
            ExprKind::Str(sym) => Some(self.summary.text(sym)),
            _ => None,
        }
    }

    /// The texts an expression can stand for; none if one of them cannot be read.
    fn texts(&self, expr: &Expr) -> Vec<String> {
        match &expr.kind {
            ExprKind::Str(sym) => vec![self.summary.text(*sym).to_owned()],
            ExprKind::Name(name) => {
                let values = self.names.get(name).map(Vec::as_slice).unwrap_or_default();
                let texts = values.iter().map(|value| self.literal(value).map(ToOwned::to_owned));
                texts.collect::<Option<Vec<_>>>().unwrap_or_default()
            }
            _ => Vec::new(),
        }
    }

    /// How the lines an expression can stand for start, as far as the name in front of a colon or parenthesis.
    fn starts(&self, expr: &Expr, depth: u32) -> Vec<String> {
        let whole = |text: &str| if text.contains([':', '(']) { vec![text.to_owned()] } else { Vec::new() };
        match &expr.kind {
            ExprKind::Str(sym) => vec![self.summary.text(*sym).to_owned()],
            ExprKind::FString(parts) => match parts.first() {
                Some(FStringPart::Literal(sym)) => whole(self.summary.text(*sym)),
                _ => Vec::new(),
            },
            ExprKind::Binary { left, op: BinaryOp::Add | BinaryOp::Mod, .. } => {
                self.starts(left, depth).iter().flat_map(|text| whole(text)).collect()
            }
            ExprKind::Name(name) if depth == 0 => {
                let values = self.names.get(name).map(Vec::as_slice).unwrap_or_default();
                let starts: Vec<_> = values.iter().map(|value| self.starts(value, 1)).collect();
                if starts.iter().any(Vec::is_empty) { Vec::new() } else { starts.concat() }
            }
            _ => Vec::new(),
        }
    }

    fn read_option(&mut self, call: &Call) {
        let mut names = Vec::new();
        for expr in &call.arguments {
            let texts = self.texts(expr);
            if texts.is_empty() {
                self.found.dynamic = true;
            }
            names.extend(texts.into_iter().filter(|text| text.starts_with('-')));
        }
        if names.is_empty() {
            self.found.dynamic = true;
            return;
        }
        let choices = match self.keyword(call, "choices").map(|e| &e.kind) {
            Some(ExprKind::List(items) | ExprKind::Tuple(items)) => {
                let texts = items.iter().map(|e| self.literal(e).map(ToOwned::to_owned));
                texts.collect::<Option<Vec<_>>>().unwrap_or_default()
            }
            _ => Vec::new(),
        };
        let arity = self.arity(call);
        let declared = self.declared(call, arity);
        self.found.options.push(OptionSpec { names, arity, choices, declared });
    }

    fn declared(&self, call: &Call, arity: Arity) -> Declared {
        let dest = self.keyword(call, "dest").map(|dest| self.literal(dest));
        let action = match self.keyword(call, "action").map(|action| self.literal(action)) {
            None | Some(Some("store")) => Action::Store,
            Some(Some("append")) => Action::Append,
            Some(Some("store_true")) => Action::Flag(true),
            Some(Some("store_false")) => Action::Flag(false),
            Some(_) => Action::Other,
        };
        let is_many = matches!(arity, Arity::Any | Arity::Some);
        let converts = match self.keyword(call, "type").map(|kind| &kind.kind) {
            None => Converts::No,
            Some(ExprKind::Name(name)) => match self.summary.text(*name) {
                "str" => Converts::No,
                "int" => Converts::Int,
                _ => Converts::Unknown,
            },
            Some(_) => Converts::Unknown,
        };
        Declared {
            dest: dest.flatten().map(ToOwned::to_owned),
            // Where it goes cannot be read, so nobody may find it under its usual name.
            action: if dest == Some(None) || is_many { Action::Other } else { action },
            default: self.keyword(call, "default").map(|default| self.option_value(default)),
            converts,
        }
    }

    fn option_value(&self, expr: &Expr) -> OptionValue {
        match &expr.kind {
            ExprKind::None => OptionValue::None,
            ExprKind::Bool(value) => OptionValue::Bool(*value),
            ExprKind::Int(value) => OptionValue::Int(*value),
            ExprKind::Str(text) => OptionValue::Text(self.summary.text(*text).to_owned()),
            ExprKind::List(items) if items.is_empty() => OptionValue::List(Vec::new()),
            _ => OptionValue::Unknown,
        }
    }

    /// `config.option.name = ...`, `setattr(config.option, ...)`
    fn note_assigned(&mut self, op: &Op) {
        let is_option = |expr: &Expr| {
            let name = match &expr.kind {
                ExprKind::Attribute { name, .. } | ExprKind::Name(name) => *name,
                _ => return false,
            };
            self.summary.text(name) == "option"
        };
        let mut names = Vec::new();
        let targets = match &op.kind {
            OpKind::Assign { targets, .. } => targets.iter().collect(),
            OpKind::AugAssign { target, .. } | OpKind::AnnAssign { target, .. } => vec![target],
            _ => Vec::new(),
        };
        for target in targets {
            if let ExprKind::Attribute { value, name, .. } = &target.kind
                && is_option(value)
            {
                names.push(self.summary.text(*name).to_owned());
            }
        }
        let mut any = false;
        expressions::each(op, &mut |expr| {
            let ExprKind::Call(call) = &expr.kind else { return };
            if !call.arguments.first().is_some_and(is_option) || self.is_named(&call.function, READERS) {
                return;
            }
            // `setattr(config.option, "name", value)`
            match call.arguments.get(1).and_then(|name| self.literal(name)) {
                Some(name) => names.push(name.to_owned()),
                None => any = true,
            }
        });
        self.found.assigned.extend(names);
        self.found.assigns_any |= any;
    }

    fn is_named(&self, expr: &Expr, names: &[&str]) -> bool {
        matches!(&expr.kind, ExprKind::Name(name) if names.contains(&self.summary.text(*name)))
    }

    fn arity(&self, call: &Call) -> Arity {
        let nargs = self.keyword(call, "nargs");
        match self.keyword(call, "action").map(|action| self.literal(action)) {
            None | Some(Some("store" | "append" | "extend")) => self.nargs(nargs),
            // A flag; `store_true`, `count` and the like.
            Some(Some(_)) => Arity::Flag,
            // A class of the plugin's own.
            Some(None) => self.nargs(nargs),
        }
    }

    fn nargs(&self, nargs: Option<&Expr>) -> Arity {
        match nargs.map(|e| &e.kind) {
            None | Some(ExprKind::Int(1)) => Arity::One,
            Some(ExprKind::Int(0)) => Arity::Flag,
            Some(ExprKind::Str(sym)) => match self.summary.text(*sym) {
                "?" => Arity::Optional,
                "+" => Arity::Some,
                _ => Arity::Any,
            },
            Some(_) => Arity::Any,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Additions, read};
    use crate::config::pytest_ini::options::Arity;
    use crate::syntax;

    fn read_text(text: &str) -> Additions {
        read(&syntax::read(text.as_bytes(), false).summary)
    }

    #[test]
    fn options_and_keys_are_read_from_helpers_too() {
        let found = read_text(
            "def pytest_addoption(parser):\n    group = parser.getgroup('x')\n    add(group)\n    \
             parser.addini('mine', 'help')\n\ndef add(group):\n    group.addoption('--cov', action='append', \
             nargs='?')\n    group._addoption('-n', '--numprocesses', type=int)\n    for name in ('--a', '--b'):\n        \
             group.addoption(name, action='store_true')\n",
        );
        let options: Vec<_> = found.options.iter().map(|o| (o.names.join(" "), o.arity)).collect();
        assert_eq!(
            options,
            [
                ("--cov".to_owned(), Arity::Optional),
                ("-n --numprocesses".to_owned(), Arity::One),
                ("--a --b".to_owned(), Arity::Flag)
            ]
        );
        assert_eq!(found.keys, ["mine"]);
        assert!(!found.dynamic);
        assert!(read_text("from x import more\ndef pytest_addoption(parser):\n    more(parser)\n").dynamic);
        assert!(read_text("def f(parser):\n    more(parser.addoption)\n").dynamic);
        assert!(read_text("def f(parser):\n    parser.addoption(NAME)\n").dynamic);
    }

    #[test]
    fn marks_are_read_as_far_as_their_names() {
        let found = read_text(
            "def pytest_configure(config):\n    config.addinivalue_line('markers', 'slow: x')\n    line = \
             'order(n): ' + MORE\n    config.addinivalue_line('markers', line)\n    \
             config.addinivalue_line('markers', f'net: {y}')\n    config.addinivalue_line('filterwarnings', z)\n",
        );
        assert_eq!(found.marks, ["slow", "order", "net"]);
        assert!(!found.dynamic_marks);
        assert!(read_text("def f(c):\n    c.addinivalue_line('markers', other())\n").dynamic_marks);
    }
}
