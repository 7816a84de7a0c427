//! What an option of pytest's command line is for code that asks for it (`config.getoption`): as its declaration and the command
//! line tell (the standard library's `argparse`).

use super::options::{Arity, CommandLine, OptionSpec};

/// A value that an option may have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum OptionValue {
    /// `None`
    None,
    /// `True`, `False`
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A text.
    Text(String),
    /// A list of texts.
    List(Vec<String>),
    /// What it is cannot be read.
    #[default]
    Unknown,
}

/// `action=`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Action {
    /// `store`
    Store,
    /// `store_true`, `store_false`
    Flag(bool),
    /// `append`
    Append,
    /// Another one, or one that cannot be read.
    #[default]
    Other,
}

/// `type=`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Converts {
    /// Nothing, or `str`.
    #[default]
    No,
    /// `int`
    Int,
    /// Something else.
    Unknown,
}

/// The parts of a declaration that decide what the option is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Declared {
    /// `dest=`
    pub dest: Option<String>,
    /// `action=`
    pub action: Action,
    /// `default=`, if it is given.
    pub default: Option<OptionValue>,
    /// `type=`
    pub converts: Converts,
}

impl OptionSpec {
    /// The attribute of `config.option` that holds it: its first long spelling, if it is not said.
    #[must_use]
    pub fn dest(&self) -> String {
        let long = self.names.iter().find(|name| name.starts_with("--")).or_else(|| self.names.first());
        let spelt = || long.map(|name| name.trim_start_matches('-').replace('-', "_")).unwrap_or_default();
        self.declared.dest.clone().unwrap_or_else(spelt)
    }

    /// What it is under a command line.
    #[must_use]
    pub fn value(&self, line: &CommandLine) -> OptionValue {
        let Some(name) = self.names.first() else { return OptionValue::Unknown };
        let declared = &self.declared;
        if !line.has(name) {
            return match (&declared.default, declared.action) {
                (Some(OptionValue::Text(_)), _) if declared.converts != Converts::No => OptionValue::Unknown,
                (Some(value), _) => value.clone(),
                (None, Action::Flag(set)) => OptionValue::Bool(!set),
                (None, Action::Other) => OptionValue::Unknown,
                (None, Action::Store | Action::Append) => OptionValue::None,
            };
        }
        match (declared.action, self.arity, line.value(name)) {
            (Action::Flag(set), ..) => OptionValue::Bool(set),
            (Action::Store, Arity::One | Arity::Optional, Some(text)) => match declared.converts {
                Converts::No => OptionValue::Text(text.to_owned()),
                Converts::Int => text.trim().parse().map_or(OptionValue::Unknown, OptionValue::Int),
                Converts::Unknown => OptionValue::Unknown,
            },
            (Action::Append, Arity::One, Some(_))
                if declared.converts == Converts::No && declared.default.is_none() =>
            {
                OptionValue::List(line.values(name).map(ToOwned::to_owned).collect())
            }
            _ => OptionValue::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Action, Converts, Declared, OptionValue};
    use crate::config::pytest_ini::options::{Arity, OptionSpec, parse};

    #[test]
    fn options_are_what_declaration_and_command_line_make_them() {
        let spec = |names: &[&str], arity, declared| OptionSpec { declared, ..OptionSpec::new(names, arity) };
        let flag = Declared { action: Action::Flag(true), ..Declared::default() };
        let store = Declared { action: Action::Store, ..Declared::default() };
        let many = Declared { action: Action::Append, dest: Some("all".into()), ..Declared::default() };
        let specs = [
            spec(&["-s", "--run-slow"], Arity::Flag, flag),
            spec(&["--level"], Arity::One, Declared { converts: Converts::Int, ..store.clone() }),
            spec(&["--loop"], Arity::One, Declared { default: Some(OptionValue::Text("plain".into())), ..store }),
            spec(&["--one"], Arity::One, many),
            spec(&["--odd"], Arity::Flag, Declared::default()),
        ];
        let values = |line: &str| {
            let words: Vec<String> = line.split_whitespace().map(ToOwned::to_owned).collect();
            let line = parse(&words, &specs);
            specs.iter().map(|spec| spec.value(&line)).collect::<Vec<_>>()
        };
        let text = |text: &str| OptionValue::Text(text.into());
        assert_eq!(specs[0].dest(), "run_slow");
        assert_eq!(specs[3].dest(), "all");
        let (none, unknown) = (OptionValue::None, OptionValue::Unknown);
        assert_eq!(values(""), [OptionValue::Bool(false), none.clone(), text("plain"), none, unknown.clone()]);
        let all = OptionValue::List(vec!["a".into(), "b".into()]);
        assert_eq!(
            values("--run-slow --level 3 --loop=x --one a --one b --odd"),
            [OptionValue::Bool(true), OptionValue::Int(3), text("x"), all, unknown]
        );
    }
}
