//! `os.path`, `pathlib` and questions to the file system.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Played, Request};
use crate::base::intern::Name;
use crate::base::system::Kind;
use crate::machine::Machine;
use crate::machine::log::{Eval, May};
use crate::machine::outcome::Cause;
use crate::machine::value::Value;
use crate::python::version::PythonVersion;

/// `file:` and the path, with all bytes quoted that a URL does not show.
fn uri_of(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'.' | b'-' | b'~');
    let quoted = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    format!("file://{}", path.bytes().map(quoted).collect::<String>())
}

impl Machine<'_> {
    pub(super) fn play_paths(&mut self, request: &Request) -> Played {
        let name = request.name;
        if let Some(function) = name.strip_prefix("os.path.").or_else(|| name.strip_prefix("posixpath.")) {
            if let Err(throw) = self.refuse_no_path(function, request) {
                return Some(Err(throw));
            }
            return Some(Ok(self.os_path(function, request)));
        }
        if let Some(method) = name.strip_prefix("pathlib.Path.") {
            return self.path_method(method, request);
        }
        match name {
            "pathlib.Path" | "pathlib.PurePath" | "pathlib.PosixPath" | "pathlib.PurePosixPath" => {
                Some(self.refuse_path_of_none(request).map(|()| self.make_path(request)))
            }
            "os.getcwd" => Some(Ok(Value::str(&self.setup.current_dir.to_string_lossy()))),
            "os.fspath" => {
                Some(Ok(request.args.first().and_then(text_of).map_or(Value::Unknown, |text| Value::str(&text))))
            }
            "os.chdir" => Some(Ok(Value::None)),
            "os.listdir" => Some(Ok(self.list_directory(request))),
            "pkgutil.iter_modules" => Some(Ok(self.iter_modules(request))),
            _ => None,
        }
    }

    fn refuse_path_of_none(&mut self, request: &Request) -> Eval<()> {
        let first = request.site.filter(|_| request.args.first() == Some(&Value::None));
        let Some(expr) = first.and_then(|(_, call)| call.arguments.first()) else { return Ok(()) };
        if self.is_doubtful(expr, &Value::None) {
            return Ok(());
        }
        let text = if self.setup.version >= PythonVersion::three(12) {
            "argument should be a str or an os.PathLike object where __fspath__ returns a str, not 'NoneType'"
        } else {
            "expected str, bytes or os.PathLike object, not NoneType"
        };
        self.fails("TypeError", text).map(|_| ())
    }

    /// None where a path is due: only what a variable that is not set leaves is believed.
    fn refuse_no_path(&mut self, function: &str, request: &Request) -> Eval<()> {
        let asks =
            matches!(function, "join" | "dirname" | "basename" | "abspath" | "expanduser" | "realpath" | "split");
        let Some((_, call)) = request.site.filter(|_| asks && request.args.first() == Some(&Value::None)) else {
            return Ok(());
        };
        if call.arguments.first().is_none_or(|expr| self.is_doubtful(expr, &Value::None)) {
            return Ok(());
        }
        self.fails("TypeError", "expected str, bytes or os.PathLike object, not NoneType").map(|_| ())
    }

    fn os_path(&mut self, function: &str, request: &Request) -> Value {
        let texts: Option<Vec<String>> = request.args.iter().map(text_of).collect();
        let Some(texts) = texts.filter(|_| request.complete) else {
            self.may_raise(May::Anything);
            return Value::Unknown;
        };
        let Some(first) = texts.first() else { return Value::Unknown };
        match function {
            "join" => {
                let mut path = first.clone();
                for part in &texts[1..] {
                    if part.starts_with('/') {
                        path.clone_from(part);
                    } else if path.is_empty() || path.ends_with('/') {
                        path.push_str(part);
                    } else {
                        path.push('/');
                        path.push_str(part);
                    }
                }
                Value::str(&path)
            }
            "dirname" => {
                let at = first.rfind('/').map_or(0, |at| at + 1);
                let head = &first[..at];
                let trimmed = head.trim_end_matches('/');
                Value::str(if trimmed.is_empty() { head } else { trimmed })
            }
            "basename" => Value::str(first.rsplit('/').next().unwrap_or(first)),
            "abspath" | "realpath" => Value::str(&self.absolute(first).to_string_lossy()),
            "normpath" => Value::str(&normal(first)),
            "expanduser" if !first.starts_with('~') => Value::str(first),
            "exists" | "isfile" | "isdir" | "lexists" => self.exists_as(function, &self.absolute(first)),
            "isabs" => Value::Bool(first.starts_with('/')),
            "split" => {
                let at = first.rfind('/').map_or(0, |at| at + 1);
                let (head, tail) = first.split_at(at);
                let trimmed = head.trim_end_matches('/');
                Value::tuple(vec![Value::str(if trimmed.is_empty() { head } else { trimmed }), Value::str(tail)])
            }
            "splitext" => {
                let base = first.rfind('/').map_or(0, |at| at + 1);
                let stem = first[base..].trim_start_matches('.');
                match stem.rfind('.').filter(|_| !stem.is_empty()) {
                    Some(at) => {
                        let at = first.len() - stem.len() + at;
                        Value::tuple(vec![Value::str(&first[..at]), Value::str(&first[at..])])
                    }
                    None => Value::tuple(vec![Value::str(first), Value::str("")]),
                }
            }
            _ => {
                self.may_raise(May::Anything);
                Value::Unknown
            }
        }
    }

    /// `os.listdir(path)`: CPython's order is the file system's; ours is sorted.
    fn list_directory(&mut self, request: &Request) -> Value {
        let text = request.args.first().map_or(Some(".".to_owned()), text_of);
        let entries = text.and_then(|text| self.world.entries(&self.absolute(&text)));
        match entries {
            Some(entries) => {
                let cached = ["__pycache__"];
                let names = entries.iter().map(|(name, _)| name.as_str()).filter(|name| !cached.contains(name));
                let names = names.map(Value::str).collect();
                self.state.list(names)
            }
            None => {
                self.may_raise(May::Anything);
                Value::Unknown
            }
        }
    }

    /// `pkgutil.iter_modules(path, prefix)`
    fn iter_modules(&mut self, request: &Request) -> Value {
        let Some((directories, true)) = request.argument(0, "path").and_then(|path| self.elements(path)) else {
            return Value::Unknown;
        };
        let prefix = match request.argument(1, "prefix") {
            None => String::new(),
            Some(Value::Str(prefix)) => prefix.to_string(),
            Some(_) => return Value::Unknown,
        };
        let mut found = Vec::new();
        for directory in &directories {
            let entries = text_of(directory).and_then(|text| self.world.entries(&self.absolute(&text)));
            let Some(entries) = entries else { return Value::Unknown };
            for (name, kind) in entries {
                let package = kind == Kind::Directory
                    && text_of(directory).is_some_and(|text| {
                        let init = self.absolute(&text).join(&name).join("__init__.py");
                        self.world.path_kind(&init) == Some(Kind::File)
                    });
                let module = name.strip_suffix(".py").filter(|stem| kind == Kind::File && *stem != "__init__");
                let Some(stem) = module.or(package.then_some(name.as_str())).filter(|stem| !stem.contains('.')) else {
                    continue;
                };
                let full = Value::str(&format!("{prefix}{stem}"));
                found.push(Value::tuple(vec![Value::Unknown, full, Value::Bool(package)]));
            }
        }
        self.state.list(found)
    }

    fn exists_as(&self, question: &str, path: &Path) -> Value {
        // Files outside project and environment may differ on the machine where the tests run.
        if self.written.iter().any(|written| written.starts_with(path)) {
            return Value::Unknown;
        }
        let kind = self.world.path_kind(path);
        match question {
            "isfile" | "is_file" => Value::Bool(kind == Some(Kind::File)),
            "isdir" | "is_dir" => Value::Bool(kind == Some(Kind::Directory)),
            _ => Value::Bool(kind.is_some()),
        }
    }

    fn make_path(&self, request: &Request) -> Value {
        let mut path = PathBuf::new();
        for part in request.args {
            match text_of(part) {
                Some(text) => path.push(text),
                None => return Value::Unknown,
            }
        }
        if !request.complete {
            return Value::Unknown;
        }
        Value::Path(Arc::new(path))
    }

    pub(super) fn path_attribute(&mut self, path: &Path, name: Name) -> Value {
        let part = |text: Option<&std::ffi::OsStr>| Value::str(&text.unwrap_or_default().to_string_lossy());
        match name.as_str() {
            "parent" => Value::Path(Arc::new(parent(path))),
            "parents" => {
                let mut all = Vec::new();
                let mut at = path;
                while let Some(up) = at.parent() {
                    all.push(Value::Path(Arc::new(up.to_path_buf())));
                    at = up;
                }
                Value::tuple(all)
            }
            "name" => part(path.file_name()),
            "stem" => part(path.file_stem()),
            "suffix" => Value::str(&path.extension().map_or(String::new(), |e| format!(".{}", e.to_string_lossy()))),
            other => Value::Method(Arc::new((
                Value::external(&format!("pathlib.Path.{other}")),
                Value::Path(Arc::new(path.to_path_buf())),
            ))),
        }
    }

    fn path_method(&mut self, method: &str, request: &Request) -> Played {
        if method == "cwd" {
            return Some(Ok(Value::Path(Arc::new(self.setup.current_dir.clone()))));
        }
        let Some(Value::Path(path)) = request.args.first() else { return None };
        let path = Arc::clone(path);
        let absolute = self.absolute(&path.to_string_lossy());
        Some(Ok(match method {
            "resolve" | "absolute" => Value::Path(Arc::new(absolute)),
            "exists" | "is_file" | "is_dir" => self.exists_as(method, &absolute),
            "as_uri" if path.is_absolute() => Value::str(&uri_of(&path.to_string_lossy())),
            "joinpath" => {
                let mut joined = path.to_path_buf();
                for part in &request.args[1..] {
                    match text_of(part) {
                        Some(text) => joined.push(text),
                        None => return Some(Ok(Value::Unknown)),
                    }
                }
                Value::Path(Arc::new(joined))
            }
            "as_posix" | "__str__" | "__fspath__" => Value::str(&path.to_string_lossy()),
            "expanduser" => Value::Path(path),
            "with_name" => request
                .args
                .get(1)
                .and_then(Value::as_str)
                .map_or(Value::Unknown, |name| Value::Path(Arc::new(path.with_file_name(name)))),
            "open" if request.argument(1, "mode").is_none() => {
                return Some(match self.opened(&path, request.keyword("encoding")) {
                    Some(file) => Ok(file),
                    None => self.reads_file(&absolute, &path.to_string_lossy()),
                });
            }
            "open" if request.argument(1, "mode").and_then(Value::as_str).is_none_or(|mode| !mode.starts_with('r')) => {
                self.note_written(&path);
                self.may_raise(May::Anything);
                Value::Unknown
            }
            "read_text" | "read_bytes" | "open" | "stat" | "iterdir" => {
                return Some(self.reads_file(&absolute, &path.to_string_lossy()));
            }
            _ => {
                self.may_raise(May::Anything);
                Value::Unknown
            }
        }))
    }

    /// Reading a file of the project that is not there raises.
    fn reads_file(&mut self, absolute: &Path, shown: &str) -> Eval {
        if self.world.path_kind(absolute).is_none() && absolute.starts_with(&self.setup.current_dir) {
            let text = format!("[Errno 2] No such file or directory: '{shown}'");
            let mut throw = self.throw("FileNotFoundError", Some(text), Cause::File(Name::new(shown)));
            // Something else may have written it before.
            throw.raised.certainty = super::LIKELY;
            return Err(throw);
        }
        self.may_raise(May::Anything);
        Ok(Value::Unknown)
    }

    /// `open(path)` for reading.
    pub(super) fn open_file(&mut self, request: &Request) -> Eval {
        let reading = match request.argument(1, "mode") {
            None => true,
            Some(Value::Str(mode)) => mode.starts_with('r'),
            Some(_) => false,
        };
        if let Some(text) = request.argument(0, "file").and_then(text_of)
            && !reading
        {
            self.note_written(Path::new(&text));
        }
        if let Some(text) = request.argument(0, "file").and_then(text_of)
            && reading
        {
            let binary = request.argument(1, "mode").and_then(Value::as_str).is_some_and(|mode| mode.contains('b'));
            if !binary && let Some(file) = self.opened(Path::new(&text), request.keyword("encoding")) {
                return Ok(file);
            }
            let absolute = self.absolute(&text);
            return self.reads_file(&absolute, &text);
        }
        self.may_raise(May::Anything);
        Ok(Value::Unknown)
    }
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Str(text) => Some(text.to_string()),
        Value::Path(path) => Some(path.to_string_lossy().into_owned()),
        _ => None,
    }
}

fn parent(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => PathBuf::from("."),
        Some(parent) => parent.to_path_buf(),
        None => path.to_path_buf(),
    }
}

/// `os.path.normpath`
fn normal(text: &str) -> String {
    let absolute = text.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in text.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if absolute => {}
            other => parts.push(other),
        }
    }
    let joined = parts.join("/");
    match (absolute, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}
