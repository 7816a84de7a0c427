//! Files of the project that code reads by paths that are known: their text is data, as a literal is. And JSON, the form
//! that such data mostly has.

use std::path::Path;
use std::sync::Arc;

use super::{Played, Request};
use crate::base::intern::Name;
use crate::machine::Machine;
use crate::machine::numbers;
use crate::machine::value::{InstId, Value};
use crate::python::json::Json;

/// The class of what `open` gives for a file of the project: its text is the first argument.
pub(in crate::machine) const OPEN_FILE: &str = "builtins.open()";
/// Bound in the namespace of an open file that was read.
const READ: &str = "read()";
/// Steps that code may take for each value that is read from a file: what is made from data is made one by one.
const STEPS_PER_VALUE: u64 = 100;
/// Steps that one import is granted in this way.
const MOST_STEPS: u64 = 10_000_000;

impl Machine<'_> {
    pub(super) fn play_files(&mut self, request: &Request) -> Played {
        if !request.complete {
            return None;
        }
        let value = match (request.name, request.args) {
            ("pathlib.Path.read_text", [Value::Path(path), ..]) => {
                self.project_text(path, request.argument(1, "encoding"))?
            }
            ("pathlib.Path.write_text" | "pathlib.Path.write_bytes", [Value::Path(path), ..]) => {
                self.note_written(path);
                return None;
            }
            ("json.loads", [Value::Str(text)]) if request.kwargs.is_empty() => self.load_json(text)?,
            ("json.load", [Value::Instance(file)]) if request.kwargs.is_empty() => {
                let text = self.read_once(*file)?;
                self.load_json(&text)?
            }
            ("builtins.open().read", [Value::Instance(file)]) => Value::Str(self.read_once(*file)?),
            ("builtins.open().readlines", [Value::Instance(file)]) => {
                let lines = self.read_once(*file)?.split_inclusive('\n').map(Value::str).collect();
                self.state.list(lines)
            }
            ("builtins.open().close", [Value::Instance(_)]) => Value::None,
            _ => return None,
        };
        Some(Ok(value))
    }

    /// Code writes a file: what it holds from now on is not what lies in the tree.
    pub(super) fn note_written(&mut self, path: &Path) {
        let path = self.absolute(&path.to_string_lossy());
        self.written.insert(path);
    }

    /// The text of a file of the project, as Python decodes it.
    fn project_text(&self, path: &Path, encoding: Option<&Value>) -> Option<Value> {
        let utf_8 = match encoding {
            None | Some(Value::None) => true,
            Some(Value::Str(name)) => matches!(&*name.to_lowercase(), "utf-8" | "utf8" | "utf_8"),
            Some(_) => false,
        };
        let path = self.absolute(&path.to_string_lossy());
        if !utf_8 || self.written.contains(&path) {
            return None;
        }
        let text = self.world.file_text(&path)?;
        Some(if text.contains('\r') {
            Value::str(&text.replace("\r\n", "\n").replace('\r', "\n"))
        } else {
            Value::Str(text)
        })
    }

    /// What `open` gives for a file of the project that is read as text.
    pub(super) fn opened(&mut self, path: &Path, encoding: Option<&Value>) -> Option<Value> {
        let text = self.project_text(path, encoding)?;
        Some(self.instance(Value::external(OPEN_FILE), vec![text], Vec::new()))
    }

    /// Whether a value is a file that `open` gave.
    pub(in crate::machine) fn is_open_file(&self, value: &Value) -> bool {
        matches!(value, Value::Instance(file) if self.state.instances[*file].class == Value::external(OPEN_FILE))
    }

    /// The text of an open file, which it gives once.
    fn read_once(&mut self, file: InstId) -> Option<Arc<str>> {
        if !self.is_open_file(&Value::Instance(file)) {
            return None;
        }
        let (ns, read) = (self.state.instances[file].ns, Name::new(READ));
        let Some(Value::Str(text)) = self.state.instances[file].args.first().cloned() else { return None };
        if self.state.slot(ns, read).is_some() {
            return None;
        }
        self.state.bind(ns, read, Value::Bool(true));
        Some(text)
    }

    /// The lines of an open file that is iterated.
    pub(in crate::machine) fn lines_of_file(&mut self, file: InstId) -> Option<Vec<Value>> {
        Some(self.read_once(file)?.split_inclusive('\n').map(Value::str).collect())
    }

    fn load_json(&mut self, text: &str) -> Option<Value> {
        let read = Json::read(text)?;
        self.grant(read.size());
        Some(self.value_of_json(read))
    }

    /// Whoever reads data takes steps for each piece.
    fn grant(&mut self, values: u64) {
        let steps = values.saturating_mul(STEPS_PER_VALUE).min(MOST_STEPS - self.granted);
        self.granted += steps;
        for frame in &mut self.frames {
            frame.limit += steps;
        }
    }

    fn value_of_json(&mut self, read: Json) -> Value {
        match read {
            Json::Null => Value::None,
            Json::Bool(flag) => Value::Bool(flag),
            Json::Int(number) => numbers::value(number),
            Json::Float(number) => number.map_or(Value::Unknown, Value::Float),
            Json::Text(text) => Value::str(&text),
            Json::List(items) => {
                let items = items.into_iter().map(|item| self.value_of_json(item)).collect();
                self.state.list(items)
            }
            Json::Object(items) => {
                let (keys, values) =
                    items.into_iter().map(|(key, item)| (Value::str(&key), self.value_of_json(item))).unzip();
                Value::Dict(self.state.new_object(keys, values, true))
            }
        }
    }
}
