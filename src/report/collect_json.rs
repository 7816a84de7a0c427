//! A predicted run as JSON: `collect --output-format json`. Paths are relative to pytest's rootdir; those of the
//! environment start with `<env>/`, the standard library's with `<stdlib>/`.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde_json::{Map, Value, json};

use crate::base::intern::Name;
use crate::diagnostic::Certainty;
use crate::machine::{Cause, Event, Modules, Raised};
use crate::pytest::verdict::{Collection, ModuleReport, Verdict};
use crate::python::version::PythonVersion;
use crate::world::World;

/// The document.
#[must_use]
pub fn render(world: &World, collection: &Collection) -> Value {
    let texts = Texts { world };
    let modules: Map<String, Value> =
        collection.modules.iter().map(|report| (texts.path(&report.file), texts.module(report))).collect();
    let mut document = json!({
        "schema": 1,
        "python": world.environment.version.to_string(),
        "pytest": world.config.version.text,
        "rootdir": relative(&collection.rootdir, &world.settings.root),
        "args": world.settings.pytest_args,
        "aborted": collection.aborted.as_ref().map(|abort| texts.clean(&abort.reason)),
        "modules": modules,
        "fixtures": texts.fixtures(collection),
        "item_fixtures": item_fixtures(collection),
        "import_events": texts.events(collection),
    });
    if collection.deselected > 0 {
        document["deselected"] = collection.deselected.into();
    }
    if let Some(reason) = collection.unordered {
        document["unordered"] = reason.into();
    }
    if let Some(abort) = &collection.aborted {
        document["usage_error"] = abort.usage_error.as_ref().map(|text| texts.clean(text)).into();
        if let Some(raised) = &abort.raised {
            document["aborted_by"] = Value::Object(texts.raised(raised));
        }
    }
    document
}

fn item_fixtures(collection: &Collection) -> Value {
    let texts = |names: &[Name]| names.iter().map(|name| name.as_str().into()).collect::<Vec<Value>>();
    let entries = collection.item_fixtures.iter().map(|(nodeid, names)| (nodeid.clone(), Value::Array(texts(names))));
    Value::Object(entries.collect())
}

struct Texts<'w> {
    world: &'w World,
}

impl Texts<'_> {
    fn module(&self, report: &ModuleReport) -> Value {
        let mut out = Map::new();
        let (outcome, raised) = match &report.verdict {
            Verdict::Collected => ("collected", None),
            Verdict::Skipped { reason } => {
                out.insert("reason".into(), reason.as_ref().map(|text| self.clean(text)).into());
                ("skipped", None)
            }
            Verdict::Error(raised) => ("error", Some(raised)),
            Verdict::Exit(raised) => ("exit", Some(raised)),
            Verdict::Timeout(raised) => ("timeout", Some(raised)),
            Verdict::Unknown(reason) => {
                out.insert("reason".into(), self.clean(reason).into());
                ("unknown", None)
            }
        };
        out.insert("outcome".into(), outcome.into());
        if let Some(raised) = raised {
            out.append(&mut self.raised(raised));
            let certain = raised.certainty == Certainty::Certain;
            out.insert("certainty".into(), if certain { "certain" } else { "likely" }.into());
        }
        if let Some(node) = &report.node {
            out.insert("node".into(), node.as_str().into());
        }
        let items: Vec<Value> = report.items.iter().map(|id| self.clean_id(id).into()).collect();
        out.insert("items".into(), items.into());
        if !report.exact {
            out.insert("exact".into(), false.into());
            if let Some(reason) = &report.inexact {
                out.insert("inexact".into(), self.clean(reason).into());
            }
            if !report.reasons.is_empty() {
                let reasons = report.reasons.iter().map(|(id, reason)| (self.clean_id(id), self.clean(reason).into()));
                out.insert("reasons".into(), Value::Object(reasons.collect()));
            }
        }
        if let Some(reason) = report.unordered {
            out.insert("unordered".into(), reason.into());
        }
        Value::Object(out)
    }

    /// Fixtures that the project defines.
    fn fixtures(&self, collection: &Collection) -> Value {
        let own = collection.fixtures.iter().filter(|fixture| self.world.is_project(&fixture.file));
        // pytest keeps the names of the setting with those that the root's own fixtures give to all tests.
        let for_all = self.world.config.words("usefixtures", &[]);
        let mut seen = BTreeSet::new();
        own.filter_map(|fixture| {
            let path = self.path(&fixture.file);
            let key = (fixture.name.as_str(), Arc::clone(&fixture.baseid), path.clone(), fixture.line);
            seen.insert(key).then(|| {
                json!({
                    "name": fixture.name.as_str(),
                    "baseid": &*fixture.baseid,
                    "path": path,
                    "line": fixture.line,
                    "scope": fixture.scope,
                    "autouse": fixture.autouse.map(|own| own || fixture.baseid.is_empty() && for_all.iter().any(|name| name == fixture.name.as_str())),
                })
            })
        })
        .collect()
    }

    /// Calls at import that CPython audits, each booked on the first file that reaches it.
    fn events(&self, collection: &Collection) -> Vec<Value> {
        let mut found: Vec<Value> = Vec::new();
        let mut files: FxHashMap<&str, &Path> = FxHashMap::default();
        for report in &collection.modules {
            files.entry(&report.module).or_insert(&report.file);
        }
        for event in &collection.events {
            let Event::Effect { callee, frames, certainty, overheard, root, .. } = event else { continue };
            if *certainty == Certainty::Likely && !overheard {
                continue;
            }
            let Some(name) = audited(callee.as_str(), self.world.environment.version) else { continue };
            let stack: Vec<Value> = frames
                .iter()
                .filter(|frame| self.world.is_project(&frame.file))
                .map(|frame| json!([self.path(&frame.file), frame.line]))
                .collect();
            if stack.is_empty() {
                continue;
            }
            // Where it came from is what pytest was importing; a conftest has no report of that kind.
            let file = files.get(root.as_str());
            let module = file.map_or_else(|| stack[0][0].clone(), |file| self.path(file).into());
            // The place is told once, on whatever reached it first.
            let place = stack.last().cloned();
            let same = |other: &&Value| other["stack"].as_array().and_then(|stack| stack.last()).cloned() == place;
            let known = found.iter().filter(|other| other["event"] == name).any(|other| same(&other));
            if !known {
                found.push(json!({"event": name, "module": module, "cause": "project", "stack": stack}));
            }
        }
        found
    }

    /// Exception, message, frames.
    fn raised(&self, raised: &Raised) -> Map<String, Value> {
        let mut frames: Vec<Value> = Vec::new();
        let mut push = |path: &Path, line: u32| {
            let frame = json!([self.path(path), line]);
            if self.world.is_project(path) && frames.last() != Some(&frame) || frames.is_empty() {
                frames.push(frame);
            }
        };
        for frame in &raised.frames {
            if self.world.is_project(&frame.file) {
                push(&frame.file, frame.line);
            }
        }
        if let Cause::Refused { file, problem } = &raised.cause
            && self.world.is_project(file)
            && let Ok(summary) = self.world.store.summary(file)
            && let Some(problem) = summary.problems.get(*problem)
        {
            push(file, problem.line);
        }
        let message = self.clean(&told(raised));
        let lines: Vec<&str> = message.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let mut out = Map::new();
        out.insert("exception".into(), raised.class.as_str().into());
        out.insert("message".into(), lines.last().copied().unwrap_or_default().into());
        if lines.len() > 1 {
            out.insert("full_message".into(), message.as_str().into());
        }
        out.insert("frames".into(), frames.into());
        out
    }

    /// A path in the document's form.
    fn path(&self, path: &Path) -> String {
        let real = self.world.system.canonical(path).unwrap_or_else(|_| path.to_path_buf());
        if let Some(prefix) = &self.world.environment.prefix
            && let Ok(below) = path.strip_prefix(prefix).or_else(|_| real.strip_prefix(prefix))
        {
            return format!("<env>/{}", slashes(below));
        }
        relative(&real, &self.world.config.rootdir)
    }

    /// A text with its paths in the document's form.
    /// A node id; parameters may hold absolute paths.
    fn clean_id(&self, id: &str) -> String {
        if !id.split_once('[').is_some_and(|(_, parameters)| parameters.contains('/')) {
            return id.to_owned();
        }
        let text = self.clean(id);
        match self.world.variable("HOME").flatten() {
            Some(home) if home.len() > 3 => text.replace(&format!("{home}/"), "<home>/"),
            _ => text,
        }
    }

    fn clean(&self, text: &str) -> String {
        let mut text = text.to_owned();
        let mut replace = |folder: &Path, name: &str| {
            let folder = folder.to_string_lossy();
            if folder.len() > 1 {
                let slash = if name == "." { String::new() } else { format!("{name}/") };
                text = text.replace(&format!("{folder}/"), &slash).replace(&*folder, name);
            }
        };
        if let Some(prefix) = &self.world.environment.prefix {
            replace(prefix, "<env>");
        }
        replace(&self.world.config.rootdir, ".");
        replace(&self.world.settings.root, ".");
        text
    }
}

/// The audit event that a call raises first.
fn audited(callee: &str, version: PythonVersion) -> Option<&'static str> {
    Some(match callee {
        "subprocess.Popen"
        | "subprocess.run"
        | "subprocess.call"
        | "subprocess.check_call"
        | "subprocess.check_output"
        | "subprocess.getoutput"
        | "subprocess.getstatusoutput"
        | "os.popen" => "subprocess.Popen",
        "os.system" => "os.system",
        "os.fork" => "os.fork",
        "sqlite3.connect" => "sqlite3.connect",
        "socket.gethostbyname" => "socket.gethostbyname",
        "socket.socket.connect" | "socket.socket.connect_ex" => "socket.connect",
        "socket.create_connection" => "socket.getaddrinfo",
        "socket.socket.bind" => "socket.bind",
        "socket.getaddrinfo" => "socket.getaddrinfo",
        "urllib.request.urlopen" => "urllib.Request",
        "threading.Thread.start" => "_thread.start_new_thread",
        "time.sleep" if version >= PythonVersion::three(13) => "time.sleep",
        _ => return None,
    })
}

/// `str(exception)`; of a file mismatch, what pytest's exception holds instead of the report's text.
fn told(raised: &Raised) -> String {
    let message = raised.message.clone().unwrap_or_default();
    if raised.class.as_str() != "ImportPathMismatchError" {
        return message;
    }
    let lines: Vec<&str> = message.lines().collect();
    match lines[..] {
        [_, imported, actual, _, wanted, ..] => {
            let module = imported.trim_start_matches("imported module ").split(" has this").next().unwrap_or_default();
            format!("imported module {module} has __file__ '{}' which is not '{}'", actual.trim(), wanted.trim())
        }
        _ => message,
    }
}

fn slashes(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// `os.path.relpath(path, base)` with slashes.
fn relative(path: &Path, base: &Path) -> String {
    let (mut path_parts, mut base_parts) = (path.components().peekable(), base.components().peekable());
    while path_parts.peek().is_some() && path_parts.peek() == base_parts.peek() {
        path_parts.next();
        base_parts.next();
    }
    let mut out: PathBuf = base_parts.map(|_| Component::ParentDir).collect();
    out.extend(path_parts);
    if out.as_os_str().is_empty() { ".".to_owned() } else { slashes(&out) }
}
