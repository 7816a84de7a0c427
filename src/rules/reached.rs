//! What tests, fixtures and hooks reach, grouped for rules and reports: calls that may hang, services, variables.

use std::collections::{BTreeMap, BTreeSet};

use super::{Facts, blocking};
use crate::base::intern::Name;
use crate::diagnostic::{Certainty, Place, Step};
use crate::machine::{Cause, Detail, Ending, Event, Frame};
use crate::pytest::verdict::{Reached, Reaches};
use crate::python::effects::{self, Effect, EffectKind, EffectVerdict};

/// A call that may never come back, with the tests that reach it.
#[derive(Debug, Clone)]
pub struct Hazard {
    /// Its qualified name, or what the loop is.
    pub call: String,
    /// Where the project calls it.
    pub at: Frame,
    /// The place, ready to print.
    pub place: Place,
    /// From the test or fixture to the call, as the first test reaches it.
    pub chain: Vec<Step>,
    /// Node ids, in order of collection.
    pub tests: Vec<String>,
    /// For whom it waits, if that is written out.
    pub peer: Option<String>,
    /// Nothing can end it.
    pub hangs: bool,
    /// Whether every path leads there.
    pub certainty: Certainty,
    kind: EffectKind,
}

impl Hazard {
    /// The smallest change that defuses it.
    #[must_use]
    pub fn help(&self) -> String {
        match self.kind {
            EffectKind::Loop => "count the rounds, and raise after the last".to_owned(),
            EffectKind::Lock => "pass a timeout, and assert the result".to_owned(),
            EffectKind::Server => "run it in a daemon thread, and stop it in the fixture's teardown".to_owned(),
            _ => "pass a timeout, or replace the client in a fixture".to_owned(),
        }
    }
}

/// A service with the tests that need it.
#[derive(Debug, Clone)]
pub struct Need {
    /// What has to be up: `redis`, `HTTP host example.org`.
    pub service: String,
    /// The call that connects.
    pub call: String,
    /// Where the project calls it first.
    pub at: Frame,
    /// From the test or fixture to the call.
    pub chain: Vec<Step>,
    /// Node ids, in order of collection.
    pub tests: Vec<String>,
}

/// Calls without a bound that tests reach, those with most tests first.
#[must_use]
pub fn hazards(facts: &Facts) -> Vec<Hazard> {
    let mut found: BTreeMap<(Place, String), Hazard> = BTreeMap::new();
    let mut add = |facts: &Facts, test: &Reached, hazard: Hazard| {
        let known = found.entry((hazard.place.clone(), hazard.call.clone())).or_insert(hazard);
        if known.tests.last() != Some(&test.name) {
            known.tests.push(test.name.clone());
        }
        let _ = facts;
    };
    for test in tests(facts) {
        if let Ending::Hangs(raised) = &test.followed.ending
            && let Some(at) = innermost(facts, &raised.frames)
            && !blocking::is_allowed(facts, &raised.frames)
        {
            let kind = match &raised.cause {
                Cause::Blocking(id) => effects::by_id(id.as_str()).map_or(EffectKind::Loop, |effect| effect.kind),
                _ => EffectKind::Loop,
            };
            let call = blocking::called(&test.followed.effects, raised);
            let call = call.map_or_else(|| what(&raised.cause), str::to_owned);
            let hazard = Hazard {
                call,
                place: facts.frame_place(&at),
                chain: chain(facts, &test.at, &raised.frames),
                at,
                tests: Vec::new(),
                peer: None,
                hangs: raised.certainty == Certainty::Certain,
                certainty: raised.certainty,
                kind,
            };
            add(facts, test, hazard);
        }
        for (effect, callee, frames, certainty, detail) in effects_of(test) {
            if !may_hang(effect, detail) || blocking::is_allowed(facts, frames) {
                continue;
            }
            let Some(at) = innermost(facts, frames) else { continue };
            let hazard = Hazard {
                call: callee.as_str().to_owned(),
                place: facts.frame_place(&at),
                chain: chain(facts, &test.at, frames),
                at,
                tests: Vec::new(),
                peer: detail.peer.clone(),
                hangs: false,
                certainty,
                kind: effect.kind,
            };
            add(facts, test, hazard);
        }
    }
    let mut hazards: Vec<_> = found.into_values().collect();
    hazards.sort_by(|a, b| b.tests.len().cmp(&a.tests.len()).then_with(|| a.place.cmp(&b.place)));
    hazards
}

/// Services that tests need, by name.
#[must_use]
pub fn services(facts: &Facts) -> Vec<Need> {
    let mut found: BTreeMap<String, Need> = BTreeMap::new();
    for test in tests(facts) {
        for (effect, callee, frames, _, detail) in effects_of(test) {
            let Some(service) = service(effect, callee.as_str(), detail) else { continue };
            let Some(at) = innermost(facts, frames) else { continue };
            let need = found.entry(service.clone()).or_insert_with(|| Need {
                service,
                call: callee.as_str().to_owned(),
                chain: chain(facts, &test.at, frames),
                at,
                tests: Vec::new(),
            });
            if need.tests.last() != Some(&test.name) {
                need.tests.push(test.name.clone());
            }
        }
    }
    found.into_values().collect()
}

/// Environment variables that tests and their fixtures cannot do without.
#[must_use]
pub fn variables(facts: &Facts) -> BTreeMap<&'static str, (Frame, Vec<String>)> {
    let mut found: BTreeMap<&'static str, (Frame, Vec<String>)> = BTreeMap::new();
    for test in tests(facts) {
        let names: BTreeSet<&'static str> = test.followed.variables.iter().map(|name| name.as_str()).collect();
        for name in names {
            found.entry(name).or_insert_with(|| (test.at.clone(), Vec::new())).1.push(test.name.clone());
        }
    }
    found
}

/// Files that tests and their fixtures open and that do not exist, with the place that opens each first.
#[must_use]
pub fn files(facts: &Facts) -> BTreeMap<&'static str, (Frame, Vec<String>)> {
    let mut found: BTreeMap<&'static str, (Frame, Vec<String>)> = BTreeMap::new();
    for test in tests(facts) {
        if let Ending::Raises(raised) = &test.followed.ending
            && let Cause::File(path) = raised.cause
            && let Some(at) = innermost(facts, &raised.frames)
        {
            found.entry(path.as_str()).or_insert_with(|| (at, Vec::new())).1.push(test.name.clone());
        }
    }
    found
}

/// Tests as facts of a finding: some of them by name, and their files with how many each.
#[must_use]
pub fn test_facts(tests: &[String]) -> Vec<(&'static str, String)> {
    const NAMED: usize = 5;
    let more = tests.len().saturating_sub(NAMED);
    let mut named = tests.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    if more > 0 {
        named.push_str(&format!(", {more} more"));
    }
    let mut files: BTreeMap<&str, usize> = BTreeMap::new();
    for test in tests {
        *files.entry(test.split("::").next().unwrap_or(test)).or_default() += 1;
    }
    let files: Vec<String> = files.into_iter().map(|(file, count)| format!("{file} ({count})")).collect();
    vec![("tests", named), ("files", files.join(", "))]
}

/// `3 tests reach it`
#[must_use]
pub fn counted(tests: &[String], one: &str, many: &str) -> String {
    match tests.len() {
        1 => format!("1 test {one} it"),
        count => format!("{count} tests {many} it"),
    }
}

fn tests<'f>(facts: &'f Facts) -> impl Iterator<Item = &'f Reached> {
    facts.collection.reached.iter().filter(|reached| reached.what == Reaches::Test)
}

type Reach<'f> = (&'static Effect, Name, &'f [Frame], Certainty, &'f Detail);

fn effects_of(reached: &Reached) -> impl Iterator<Item = Reach<'_>> {
    reached.followed.effects.iter().filter_map(|event| match event {
        Event::Effect { rule, callee, frames, certainty, detail, .. } => {
            Some((effects::by_id(rule.as_str())?, *callee, frames.as_slice(), *certainty, &**detail))
        }
        _ => None,
    })
}

/// Whether a call of a test waits for somebody else without a bound.
fn may_hang(effect: &Effect, detail: &Detail) -> bool {
    if detail.bound.is_some() {
        return false;
    }
    match effect.kind {
        EffectKind::Network | EffectKind::Database | EffectKind::Broker | EffectKind::Server => {
            matches!(effect.verdict, EffectVerdict::Blocks) || effect.id.ends_with(".configured")
        }
        EffectKind::Lock => matches!(effect.verdict, EffectVerdict::Blocks | EffectVerdict::MayBlock),
        EffectKind::Loop => {
            matches!(effect.id, "loop.while-true" | "loop.configured") || effect.verdict == EffectVerdict::Blocks
        }
        EffectKind::Stdin => effect.verdict == EffectVerdict::Blocks || effect.id.ends_with(".configured"),
        EffectKind::Process | EffectKind::Download => effect.id.ends_with(".configured"),
        _ => false,
    }
}

/// What has to be up for a call; nothing for calls that need nobody.
fn service(effect: &Effect, callee: &str, detail: &Detail) -> Option<String> {
    let top = callee.split('.').next().unwrap_or(callee);
    let peer = detail.peer.as_deref();
    match effect.kind {
        _ if matches!(top, "docker" | "testcontainers" | "podman") => Some("a container engine".to_owned()),
        EffectKind::Database => match (top, peer) {
            ("sqlite3", _) => None,
            (_, Some(peer)) if peer.starts_with("sqlite") => None,
            (_, Some(peer)) if peer.contains("://") => peer.split_once("://").map(|(scheme, _)| database(scheme)),
            _ => Some(database(top)),
        },
        EffectKind::Process => peer.and_then(container),
        EffectKind::Broker => Some(broker(top)),
        EffectKind::Download => Some(format!("a download by {top}")),
        EffectKind::Network => Some(match peer.and_then(host) {
            Some(host) => format!("host {host}"),
            None => "a network peer".to_owned(),
        }),
        _ => None,
    }
}

/// What a command needs that runs containers.
fn container(command: &str) -> Option<String> {
    let program = command.split_whitespace().next()?.rsplit('/').next()?;
    matches!(program, "docker" | "docker-compose" | "podman" | "podman-compose" | "nerdctl")
        .then(|| "a container engine".to_owned())
}

fn database(word: &str) -> String {
    let name = word.split('+').next().unwrap_or(word);
    match name {
        "psycopg" | "psycopg2" | "asyncpg" | "pg8000" | "postgres" | "postgresql" => "PostgreSQL".to_owned(),
        "pymysql" | "MySQLdb" | "mysql" | "aiomysql" | "mariadb" => "MySQL".to_owned(),
        "pymongo" | "motor" | "mongodb" => "MongoDB".to_owned(),
        "redis" | "aioredis" => "Redis".to_owned(),
        "sqlalchemy" | "django" => "a database".to_owned(),
        "elasticsearch" => "Elasticsearch".to_owned(),
        other => other.to_owned(),
    }
}

fn broker(word: &str) -> String {
    match word {
        "kafka" | "aiokafka" | "confluent_kafka" | "cimpl" => "Kafka".to_owned(),
        "pika" | "aio_pika" | "amqp" | "kombu" => "RabbitMQ".to_owned(),
        "celery" => "a Celery broker".to_owned(),
        other => other.to_owned(),
    }
}

/// `example.org` of `https://example.org/a`, `127.0.0.1:9` of itself.
fn host(peer: &str) -> Option<&str> {
    let rest = peer.split_once("://").map_or(peer, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next()?;
    let plain = host.chars().all(|c| c.is_ascii_alphanumeric() || ".-_:[]".contains(c));
    (plain && !host.is_empty()).then_some(host)
}

fn innermost(facts: &Facts, frames: &[Frame]) -> Option<Frame> {
    frames.iter().rev().find(|frame| facts.source.is_project(&frame.file)).cloned()
}

/// What a cause is, in words.
#[must_use]
pub fn what(cause: &Cause) -> String {
    match cause {
        Cause::Exit(name) => format!("{} ends the process", name.as_str().trim_start_matches("builtins.")),
        Cause::Loop => "a loop that never ends".to_owned(),
        Cause::Blocking(id) => match effects::by_id(id.as_str()).map(|effect| effect.kind) {
            Some(EffectKind::Sleep) => "a sleep of a minute or more".to_owned(),
            Some(EffectKind::Server) => "a server that runs until it is stopped".to_owned(),
            Some(EffectKind::Stdin) => "a read from the terminal".to_owned(),
            Some(EffectKind::Loop) => "an event loop that runs until it is stopped".to_owned(),
            _ => "a wait that nobody ends".to_owned(),
        },
        _ => "it raises".to_owned(),
    }
}

/// Steps from a hook, fixture or test to a call, the function's own line first.
#[must_use]
pub fn chain(facts: &Facts, from: &Frame, frames: &[Frame]) -> Vec<Step> {
    let own = frames.iter().filter(|frame| facts.source.is_project(&frame.file));
    let mut steps = vec![facts.step(from)];
    steps.extend(own.map(|frame| facts.step(frame)));
    steps
}
