//! What well-known callables do to the outside world: end the process, wait, connect, read standard input. A table
//! (`data/blocking.toml`) looked up by qualified name. Knows no program; who calls what is the machine's business.

mod table;

use std::cell::RefCell;

use rustc_hash::FxHashMap;

use crate::base::intern::Name;
use crate::base::span::Span;

pub use table::EFFECTS;

/// One row of the table.
#[derive(Debug, PartialEq, Eq)]
pub struct Effect {
    /// Stable id, `<effect>.<slug>`.
    pub id: &'static str,
    /// Which part of the outside world.
    pub kind: EffectKind,
    /// What makes it happen.
    pub when: When,
    /// How it ends.
    pub verdict: EffectVerdict,
    /// What surfaces when the peer is missing.
    pub raises: Option<&'static str>,
    /// Arguments that bound the wait.
    pub timeout: &'static [Slot],
    /// The bound where that argument is absent; `none` means for ever.
    pub default: Option<&'static str>,
    /// Names among the rule's that are coroutine functions: inert until awaited or given to a runner.
    pub coroutines: &'static [&'static str],
    /// Arguments that make it harmless.
    pub harmless: &'static [Harmless],
    /// What else is known.
    pub note: Option<&'static str>,
}

/// A call in a file that the user's patterns say blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marked {
    /// The whole call.
    pub span: Span,
    /// What it does.
    pub effect: &'static Effect,
    /// What it is called.
    pub name: Name,
}

/// Which part of the outside world an effect touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum EffectKind {
    Exit,
    Sleep,
    Stdin,
    Loop,
    Process,
    Network,
    Database,
    Broker,
    Download,
    Lock,
    Server,
    /// Local files and devices: never a block by itself.
    Io,
}

/// What makes an effect happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// The call itself.
    Call,
    /// Awaiting the result, or giving it to a runner.
    Await,
    /// Iterating the result to its end.
    Iterate,
    /// Entering the result in a `with` statement.
    Enter,
    /// A `raise` statement.
    Raise,
    /// Calling what was decorated.
    WrappedCall,
    /// The statement itself.
    Body,
}

/// How a call with an effect ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EffectVerdict {
    /// Control does not come back.
    Exits,
    /// That depends on arguments, or on the process' own.
    MayExit,
    /// An ordinary exception.
    Raises,
    /// Waits without a bound.
    Blocks,
    /// Whether it waits depends on state.
    MayBlock,
    /// Waits as long as the default timeout says.
    Waits,
    /// Comes back quickly.
    Io,
    /// Does nothing, though it looks like it.
    Safe,
    /// Has the effect of its argument.
    Delegates,
}

/// An argument of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// Its keyword.
    pub keyword: Option<&'static str>,
    /// Its 0-based position behind `self`.
    pub position: Option<usize>,
}

/// What must be known of an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    /// Given, and not `None`.
    Present,
    /// Not given.
    Absent,
    /// A literal, as `str()` prints it.
    Literal(&'static str),
}

/// An argument that makes a call harmless.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Harmless {
    /// The callable's last name, where the rule's names differ.
    pub method: Option<&'static str>,
    /// Which argument.
    pub slot: Slot,
    /// What it must be.
    pub given: Given,
}

/// What a caller knows of one argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Argument<'a> {
    /// Not given.
    Absent,
    /// Given as a literal, as `str()` prints it (`None`, `False`, `0`, `local`).
    Literal(&'a str),
    /// Given, value not known.
    Unknown,
}

impl Effect {
    /// What makes the effect of this name happen.
    #[must_use]
    pub fn when_of(&self, qualified: &str) -> When {
        let coroutine = |name: &&str| *name == qualified;
        if self.coroutines.iter().any(coroutine) { When::Await } else { self.when }
    }

    /// Whether arguments make a call of this name harmless: `Some(true)` they do, `None` an argument of unknown value
    /// might.
    pub fn is_harmless<'a>(&self, qualified: &str, argument: &dyn Fn(Slot) -> Argument<'a>) -> Option<bool> {
        let last = qualified.rsplit('.').next().unwrap_or(qualified);
        let mut answer = Some(false);
        for rule in self.harmless.iter().filter(|rule| rule.method.is_none_or(|method| method == last)) {
            match (rule.given, argument(rule.slot)) {
                (Given::Absent, Argument::Absent) => return Some(true),
                (Given::Present, Argument::Literal(text)) if text != "None" => return Some(true),
                (Given::Literal(wanted), Argument::Literal(text)) if wanted == text => return Some(true),
                (Given::Present | Given::Literal(_), Argument::Unknown) => answer = None,
                _ => {}
            }
        }
        answer
    }
}

/// The effect of calling this qualified name (`requests.get`, `redis.Redis.ping`), under the name it is offered as or
/// the one it is defined as.
#[must_use]
pub fn find(qualified: &str) -> Option<&'static Effect> {
    find_named(qualified).map(|(_, effect)| effect)
}

/// The effect of a name with the spelling that the table knows it by. Packages move classes between their modules, so
/// `requests.sessions.Session.get` is looked for as any `Session.get` of `requests`.
#[must_use]
pub fn find_named(qualified: &str) -> Option<(&'static str, &'static Effect)> {
    let at = match table::NAMES.binary_search_by(|(name, _)| (*name).cmp(qualified)) {
        Ok(at) => at,
        Err(_) => moved(qualified)?,
    };
    let (name, row) = table::NAMES[at];
    EFFECTS.get(usize::from(row)).map(|effect| (name, effect))
}

/// Position of a class or method that another module of the same package offers.
fn moved(qualified: &str) -> Option<usize> {
    let tail = class_tail(qualified)?;
    let top = qualified.split('.').next()?;
    let begin = table::NAMES.partition_point(|(name, _)| *name < top);
    let ours = table::NAMES[begin..].iter().take_while(|(name, _)| is_below(name, top));
    ours.enumerate().find(|(_, (name, _))| is_tail(name, tail)).map(|(at, _)| begin + at)
}

/// `Class` or `Class.method` at the end of a qualified name; nothing for plain functions.
fn class_tail(qualified: &str) -> Option<&str> {
    let upper = |part: &str| part.starts_with(|c: char| c.is_ascii_uppercase());
    let (front, last) = qualified.rsplit_once('.')?;
    let before = front.rsplit('.').next()?;
    let length = match (upper(last), front.contains('.') && upper(before)) {
        (_, true) => before.len() + 1 + last.len(),
        (true, false) => last.len(),
        (false, false) => return None,
    };
    qualified.get(qualified.len() - length..)
}

fn is_below(name: &str, top: &str) -> bool {
    name.strip_prefix(top).is_some_and(|rest| rest.starts_with('.'))
}

fn is_tail(name: &str, tail: &str) -> bool {
    name.strip_suffix(tail).is_some_and(|front| front.ends_with('.'))
}

/// The spelling under which the table knows methods of a class, if it knows any: its instances are worth following.
#[must_use]
pub fn receiver(class: &str) -> Option<&'static str> {
    thread_local! {
        static FOUND: RefCell<FxHashMap<Box<str>, Option<&'static str>>> = RefCell::default();
    }
    // Code asks for the same few classes over and over, most of them not in the table.
    FOUND.with_borrow_mut(|found| match found.get(class) {
        Some(known) => *known,
        None => *found.entry(class.into()).or_insert(find_receiver(class)),
    })
}

fn find_receiver(class: &str) -> Option<&'static str> {
    let known = |name: &str| {
        let at = table::NAMES.partition_point(|(other, _)| *other < name);
        let found = table::NAMES[at..].iter().take_while(|(other, _)| other.starts_with(name));
        found.map(|(other, _)| *other).find(|other| is_below(other, name)).map(|other| &other[..name.len()])
    };
    known(class).or_else(|| {
        let last = class.rsplit('.').next()?;
        if !last.starts_with(|c: char| c.is_ascii_uppercase()) {
            return None;
        }
        let (top, middle) = (class.split('.').next()?, format!(".{last}."));
        let begin = table::NAMES.partition_point(|(name, _)| *name < top);
        let ours = table::NAMES[begin..].iter().take_while(|(name, _)| is_below(name, top));
        ours.filter_map(|(name, _)| name.find(&middle).map(|at| &name[..at + last.len() + 1])).next()
    })
}

/// The row of this id.
#[must_use]
pub fn by_id(id: &str) -> Option<&'static Effect> {
    EFFECTS.iter().chain(&CONFIGURED).find(|effect| effect.id == id)
}

/// The type of what a well-known callable returns, as a qualified name.
#[must_use]
pub fn returned_type(qualified: &str) -> Option<&'static str> {
    let at = table::RETURNS.binary_search_by(|(name, _)| (*name).cmp(qualified)).ok()?;
    Some(table::RETURNS[at].1)
}

/// The words for effects that the user's settings may name.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    CONFIGURED.iter().filter_map(|effect| effect.id.split('.').next())
}

/// The row for calls that the user's settings name, by the word they use for its kind.
#[must_use]
pub fn configured(kind: &str) -> Option<&'static Effect> {
    CONFIGURED.iter().find(|effect| effect.id.split('.').next() == Some(kind))
}

const fn row(id: &'static str, kind: EffectKind) -> Effect {
    Effect {
        id,
        kind,
        when: When::Call,
        verdict: if matches!(kind, EffectKind::Exit) { EffectVerdict::Exits } else { EffectVerdict::MayBlock },
        raises: None,
        timeout: &[Slot { keyword: Some("timeout"), position: None }],
        default: None,
        coroutines: &[],
        harmless: &[],
        note: None,
    }
}

/// What calls named by the user's settings do.
static CONFIGURED: [Effect; 12] = [
    row("exit.configured", EffectKind::Exit),
    row("sleep.configured", EffectKind::Sleep),
    row("stdin.configured", EffectKind::Stdin),
    row("loop.configured", EffectKind::Loop),
    row("process.configured", EffectKind::Process),
    row("network.configured", EffectKind::Network),
    row("database.configured", EffectKind::Database),
    row("broker.configured", EffectKind::Broker),
    row("download.configured", EffectKind::Download),
    row("lock.configured", EffectKind::Lock),
    row("server.configured", EffectKind::Server),
    row("io.configured", EffectKind::Io),
];

/// Method names so telling that they block whatever the receiver is, if its type is not known.
pub const DISTINCTIVE_METHODS: &[&str] = &[
    "serve_forever",
    "run_until_complete",
    "run_forever",
    "start_consuming",
    "wait_for_termination",
    "mainloop",
    "loop_forever",
    "run_polling",
    "infinity_polling",
    "cmdloop",
    "from_pretrained",
];

#[cfg(test)]
mod tests {
    use super::{Argument, EFFECTS, EffectKind, EffectVerdict, Given, When, by_id, find, returned_type, table};

    #[test]
    fn names_are_found_as_offered_and_as_defined() {
        let get = find("requests.get").expect("requests.get is in the table");
        assert_eq!((get.kind, get.verdict), (EffectKind::Network, EffectVerdict::Blocks));
        assert_eq!(find("requests.api.get"), Some(get));
        assert_eq!(find("redis.client.Redis.ping"), find("redis.Redis.ping"));
        assert_eq!(find("builtins.str.join"), None);
        assert_eq!(find("requests.sessions.Session.get"), find("requests.Session.get"));
        assert_eq!(find("flask.app.Flask.run"), find("flask.Flask.run"));
        assert_eq!(find("requests.other.get"), None);
        assert_eq!(super::receiver("flask.app.Flask"), Some("flask.Flask"));
        assert_eq!(super::receiver("flask.Flask"), Some("flask.Flask"));
        assert_eq!(super::receiver("flask.Request"), None);
        assert_eq!(returned_type("redis.utils.from_url"), Some("redis.Redis"));
    }

    #[test]
    fn coroutines_wait_for_their_await() {
        let effect = find("aio_pika.connect").expect("aio_pika.connect is in the table");
        assert_eq!(effect.when_of("aio_pika.connect"), When::Await);
        assert_eq!(effect.when_of("pika.BlockingConnection"), When::Call);
    }

    #[test]
    fn arguments_make_calls_harmless() {
        let parse = "argparse.ArgumentParser.parse_args";
        let effect = find(parse).expect("parse_args is in the table");
        assert_eq!(effect.is_harmless(parse, &|_| Argument::Absent), Some(false));
        assert_eq!(effect.is_harmless(parse, &|_| Argument::Literal("[]")), Some(true));
        assert_eq!(effect.is_harmless(parse, &|_| Argument::Unknown), None);
        let error = "argparse.ArgumentParser.error";
        assert_eq!(effect.is_harmless(error, &|_| Argument::Literal("no")), Some(false));
    }

    /// The generated table says what the data says; run `scripts/effects.py` after an edit.
    #[test]
    fn the_table_is_made_from_the_data() {
        let data: toml::Table = toml::from_str(include_str!("../../data/blocking.toml")).expect("data is TOML");
        let rules = data["rule"].as_array().expect("rules are a list");
        assert_eq!(rules.len(), EFFECTS.len());
        for rule in rules {
            let text = |key: &str| rule.get(key).and_then(toml::Value::as_str);
            let list = |key: &str| rule.get(key).and_then(toml::Value::as_array).map_or(0, Vec::len);
            let effect = by_id(text("id").expect("rules have ids")).expect("the row exists");
            assert_eq!((effect.raises, effect.default, effect.note), (text("raises"), text("default"), text("note")));
            assert_eq!(effect.harmless.len(), list("harmless"), "{}", effect.id);
            assert_eq!(effect.coroutines.len(), list("coroutines"), "{}", effect.id);
            assert!(effect.harmless.iter().all(|rule| rule.given != Given::Literal("")));
            for name in rule["names"].as_array().expect("names are a list") {
                let name = name.as_str().expect("names are strings");
                assert!(find(name).is_some(), "{name} is not in the table");
            }
        }
    }

    #[test]
    fn tables_are_sorted() {
        assert!(table::NAMES.is_sorted_by(|a, b| a.0 < b.0));
        assert!(table::RETURNS.is_sorted_by(|a, b| a.0 < b.0));
    }
}
