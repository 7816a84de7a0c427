//! Names of what is not executed: the standard library, and finders that packages bring along.

use super::Machine;
use super::attribute::Found;
use super::value::{ModId, NsId, Value};
use crate::base::intern::Name;
use crate::python::location::Location;
use crate::python::version::PythonVersion;

impl Machine<'_> {
    /// Whether the standard library of the target has a module of this full name.
    pub(super) fn stdlib_module(&self, name: &str) -> bool {
        TOP_LEVEL.contains(&format!(" {} ", name.split('.').next().unwrap_or(name)))
    }

    /// Whether that module is a package.
    pub(super) fn stdlib_is_package(&self, name: &str) -> bool {
        PACKAGES.contains(&format!(" {name} "))
    }

    /// Whether it is compiled into the interpreter: it has no file, and no file can shadow it.
    pub(super) fn is_builtin(&self, name: &str) -> bool {
        BUILTIN.contains(&format!(" {name} "))
    }

    /// Its file, as messages print it.
    pub(super) fn stdlib_file(&self, name: &str) -> Option<String> {
        if self.is_builtin(name) {
            return None;
        }
        let path = name.replace('.', "/");
        let tail = if self.stdlib_is_package(name) { "/__init__.py" } else { ".py" };
        Some(format!("<stdlib>/{path}{tail}"))
    }

    /// A name of a library module.
    pub(super) fn stdlib_attribute(&mut self, module: ModId, own: Name, name: Name) -> Found {
        let _ = module;
        let full = format!("{own}.{name}");
        if let Some(value) = self.library_constant(&full) {
            return Found::Yes(value);
        }
        Found::Yes(Value::external(&full))
    }

    /// What a star import from a library module binds.
    pub(super) fn bind_stdlib_names(&mut self, module: ModId, own: NsId) {
        if let Location::Stdlib(_) = self.state.modules[module].location {
            self.state.open(own, "star import from the standard library");
        }
    }

    /// Code sets an attribute of a library module.
    pub(super) fn stdlib_attribute_set(&mut self, own: Name, name: Name, new: &Value) {
        if (own.as_str(), name.as_str()) == ("sys", "path")
            && let Some((items, exact)) = self.elements(new)
        {
            let object = super::value::Object { items, values: Vec::new(), exact };
            self.state.set_object(self.sys_path, object);
        }
    }

    /// Submodules that a package's own finder provides.
    pub(super) fn special_submodule(&mut self, package: ModId, parent: &str, tail: &str) -> Option<Location> {
        let last = parent.rsplit('.').next().unwrap_or(parent);
        let below_moves = parent.split('.').any(|part| part == "moves");
        if last == "six" && tail == "moves" {
            return Some(if self.six_can_find(package) {
                Location::Opaque("modules that six provides")
            } else {
                Location::Missing
            });
        }
        let vendored = last == "extern" && matches!(parent.split('.').next(), Some("pkg_resources" | "setuptools"));
        if vendored || below_moves && matches!(self.state.modules[package].location, Location::Opaque(_)) {
            return Some(Location::Opaque("modules that a package's own finder provides"));
        }
        None
    }

    /// Old releases of six install a finder without `find_spec`, which nothing asks from 3.12 on.
    fn six_can_find(&self, package: ModId) -> bool {
        if self.setup.version < PythonVersion::three(12) {
            return true;
        }
        let Some(unit) = self.state.modules[package].unit else { return true };
        let summary = &self.units[unit].summary;
        let mut finders = summary.definitions.iter().map(|definition| summary.text(definition.qualname));
        let (mut importer, mut spec) = (false, false);
        finders.by_ref().for_each(|name| {
            importer |= name == "_SixMetaPathImporter";
            spec |= name == "_SixMetaPathImporter.find_spec";
        });
        !importer || spec
    }

    /// What a finished module leaves that its code alone does not show.
    pub(super) fn after_execution(&mut self, module: ModId) {
        let data = &self.state.modules[module];
        let (name, ns) = (data.name, data.ns);
        if name.as_str().rsplit('.').next() == Some("six") {
            let moves = Name::new("moves");
            self.state.bind(ns, moves, Value::Unknown);
        }
    }
}

const BUILTIN: &str = " sys builtins time itertools marshal _imp _thread _warnings _weakref _io _abc _codecs \
    _collections _functools _locale _operator _signal _sre _stat _string _symtable _tracemalloc atexit errno \
    faulthandler gc posix pwd ";
const PACKAGES: &str = " asyncio collections concurrent concurrent.futures ctypes curses dbm distutils email \
    email.mime encodings ensurepip html http idlelib importlib importlib.metadata importlib.resources json lib2to3 \
    logging multiprocessing multiprocessing.dummy pydoc_data re sqlite3 sysconfig test test.support tkinter tomllib \
    turtledemo unittest urllib venv wsgiref xml xml.dom xml.etree xml.parsers xml.sax xmlrpc zipfile zoneinfo os ";
const TOP_LEVEL: &str = " __future__ _abc _thread abc argparse array ast asyncio atexit base64 bdb binascii bisect \
    builtins bz2 calendar cmath cmd code codecs codeop collections colorsys compileall concurrent configparser \
    contextlib contextvars copy copyreg cProfile csv ctypes curses dataclasses datetime dbm decimal difflib dis \
    doctest email encodings enum errno faulthandler fcntl filecmp fileinput fnmatch fractions ftplib functools gc \
    getopt getpass gettext glob graphlib grp gzip hashlib heapq hmac html http imaplib importlib inspect io ipaddress \
    itertools json keyword linecache locale logging lzma mailbox marshal math mimetypes mmap modulefinder \
    multiprocessing netrc numbers opcode operator optparse os pathlib pdb pickle pickletools pkgutil platform \
    plistlib poplib posix posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc queue quopri random re \
    readline reprlib resource rlcompleter runpy sched secrets select selectors shelve shlex shutil signal site \
    smtplib socket socketserver sqlite3 ssl stat statistics string stringprep struct subprocess symtable sys \
    sysconfig syslog tabnanny tarfile tempfile termios test textwrap threading time timeit tkinter token tokenize \
    trace traceback tracemalloc tty turtle types typing unicodedata unittest urllib uuid venv warnings wave weakref \
    webbrowser wsgiref xml xmlrpc zipapp zipfile zipimport zlib zoneinfo _ast _collections _io _socket _ssl _weakref ";
