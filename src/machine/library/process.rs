//! `sys`, `os`, `platform`: the process and what it knows of itself.

use std::sync::Arc;

use super::{Played, Request};
use crate::base::intern::Name;
use crate::machine::Machine;
use crate::machine::log::{Eval, May};
use crate::machine::outcome::Cause;
use crate::machine::value::Value;
use crate::python::version::{Platform, PythonVersion};

impl Machine<'_> {
    /// Objects of the library whose values decide branches.
    pub(in crate::machine) fn library_constant(&self, full: &str) -> Option<Value> {
        let platform = self.setup.platform;
        Some(match full {
            "sys.path" => Value::List(self.sys_path),
            "sys.argv" => Value::List(self.argv),
            "sys.platform" => Value::str(platform.sys_platform()),
            "os.name" => Value::str(platform.os_name()),
            "os.sep" | "os.path.sep" => Value::str(if platform == Platform::Win32 { "\\" } else { "/" }),
            "os.linesep" => Value::str(if platform == Platform::Win32 { "\r\n" } else { "\n" }),
            "os.pathsep" => Value::str(if platform == Platform::Win32 { ";" } else { ":" }),
            "os.curdir" | "os.path.curdir" => Value::str("."),
            "os.pardir" | "os.path.pardir" => Value::str(".."),
            "sys.maxsize" => Value::Int(i64::MAX),
            "sys.byteorder" => Value::str("little"),
            "sys.implementation.name" => Value::str("cpython"),
            "sys.version_info.major" => Value::Int(i64::from(self.setup.version.major)),
            "sys.version_info.minor" => Value::Int(i64::from(self.setup.version.minor)),
            "sys.version_info.micro" | "sys.version_info.serial" => Value::Unknown,
            "sys.version_info.releaselevel" => Value::str("final"),
            "sys.hexversion" => return None,
            "sys.flags.optimize" => Value::Int(0),
            "typing.TYPE_CHECKING" => Value::Bool(false),
            "string.ascii_letters" => Value::str("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"),
            "string.ascii_lowercase" => Value::str("abcdefghijklmnopqrstuvwxyz"),
            "string.ascii_uppercase" => Value::str("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
            "string.hexdigits" => Value::str("0123456789abcdefABCDEF"),
            "string.punctuation" => Value::str("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"),
            "math.pi" => Value::Float(std::f64::consts::PI),
            "math.e" => Value::Float(std::f64::consts::E),
            "math.tau" => Value::Float(std::f64::consts::TAU),
            "math.inf" => Value::Float(f64::INFINITY),
            "math.nan" => Value::Float(f64::NAN),
            "sys.float_info.max" => Value::Float(f64::MAX),
            "sys.float_info.min" => Value::Float(f64::MIN_POSITIVE),
            "sys.float_info.epsilon" => Value::Float(f64::EPSILON),
            "string.digits" => Value::str("0123456789"),
            "sys.version" | "sys.executable" | "sys.prefix" | "sys.base_prefix" | "sys.exec_prefix" => {
                Value::external("builtins.str()")
            }
            "sys.stdlib_module_names" | "sys.maxunicode" => return None,
            _ => return None,
        })
    }

    /// `sys.version_info` as a tuple: the patch release is not known.
    pub(in crate::machine) fn version_info(&self) -> Vec<Value> {
        let PythonVersion { major, minor } = self.setup.version;
        vec![
            Value::Int(i64::from(major)),
            Value::Int(i64::from(minor)),
            Value::Unknown,
            Value::str("final"),
            Value::Int(0),
        ]
    }

    /// An environment variable: none if not known, else its value if set.
    pub(super) fn variable(&mut self, name: &str) -> Option<Option<Value>> {
        if let Some(value) = self.state.variable(Name::new(name)) {
            return match value {
                Value::None => Some(None),
                other => Some(Some(other.clone())),
            };
        }
        self.world.variable(name).map(|value| value.map(|text| Value::str(&text)))
    }

    pub(super) fn environ_item(&mut self, key: &str) -> Eval {
        match self.variable(key) {
            Some(Some(value)) => Ok(value),
            // Whoever runs the tests has set it, or they would be over here.
            Some(None) if self.probing => {
                self.variables_read.push(Name::new(key));
                Ok(Value::external("builtins.str()"))
            }
            // Said to be set; with what is not known.
            None => Ok(Value::external("builtins.str()")),
            Some(None) => {
                let cause = Cause::Variable(Name::new(key));
                let mut throw = self.throw("KeyError", Some(format!("'{key}'")), cause);
                throw.raised.certainty = super::LIKELY;
                Err(throw)
            }
        }
    }

    pub(super) fn play_process(&mut self, request: &Request) -> Played {
        Some(match request.name {
            "sys.exit" => Err(self.exits(request)),
            "os._exit" | "os.abort" => self.process_dies(request.name),
            "os.environ.get" | "os.getenv" => Ok(self.get_variable(request)),
            "os.environ.setdefault" => Ok(self.setdefault_variable(request)),
            "os.environ.pop" => Ok(self.pop_variable(request)),
            "os.environ.update" => {
                if let Some(Value::Dict(dict)) = request.args.first() {
                    let object = self.state.object(*dict).clone();
                    for (key, value) in object.items.iter().zip(object.values) {
                        if let Some(key) = key.as_str() {
                            self.state.set_variable(Name::new(key), value);
                        }
                    }
                }
                for (name, value) in request.kwargs {
                    self.state.set_variable(*name, value.clone());
                }
                Ok(Value::None)
            }
            "os.putenv" | "os.unsetenv" => Ok(Value::None),
            "platform.system" => Ok(Value::str(match self.setup.platform {
                Platform::Linux => "Linux",
                Platform::Darwin => "Darwin",
                Platform::Win32 => "Windows",
            })),
            "platform.python_implementation" => Ok(Value::str("CPython")),
            "platform.python_version_tuple" => Ok(Value::tuple(vec![
                Value::str(&self.setup.version.major.to_string()),
                Value::str(&self.setup.version.minor.to_string()),
                Value::Unknown,
            ])),
            "sys._getframe" | "inspect.currentframe" => Ok(self.frame_object(request)),
            "sys.getrecursionlimit" | "sys.getdefaultencoding" => Ok(Value::Unknown),
            "sys.setrecursionlimit" => Ok(Value::None),
            _ => return None,
        })
    }

    /// A frame as `sys._getframe(depth)` gives it: its names can be reached.
    fn frame_object(&mut self, request: &Request) -> Value {
        let depth = match request.args.first() {
            None => 0,
            Some(Value::Int(depth)) => usize::try_from(*depth).unwrap_or(usize::MAX),
            Some(_) => return Value::Unknown,
        };
        let frame = self.frames.iter().rev().filter(|frame| !frame.is_comprehension).nth(depth);
        frame.map_or(Value::Unknown, |frame| {
            let globals = Value::NamespaceDict(self.state.modules[frame.module].ns);
            let at = Value::Int(i64::try_from(depth).unwrap_or(0));
            Value::Partial(Arc::new((
                Value::external("types.FrameType"),
                vec![globals, self.state.hand_out(frame.ns), at],
                Vec::new(),
            )))
        })
    }

    fn get_variable(&mut self, request: &Request) -> Value {
        let Some(name) = request.argument(0, "key").and_then(Value::as_str) else { return Value::Unknown };
        match self.variable(name) {
            Some(Some(value)) => value,
            Some(None) => request.argument(1, "default").cloned().unwrap_or(Value::None),
            None => Value::Unknown,
        }
    }

    fn setdefault_variable(&mut self, request: &Request) -> Value {
        let (Some(name), Some(value)) = (request.args.first().and_then(Value::as_str), request.args.get(1)) else {
            return Value::Unknown;
        };
        match self.variable(name) {
            Some(Some(value)) => value,
            Some(None) => {
                self.state.set_variable(Name::new(name), value.clone());
                value.clone()
            }
            None => {
                self.state.set_variable(Name::new(name), Value::Unknown);
                Value::Unknown
            }
        }
    }

    fn pop_variable(&mut self, request: &Request) -> Value {
        let Some(name) = request.args.first().and_then(Value::as_str) else { return Value::Unknown };
        let value = self.variable(name);
        self.state.set_variable(Name::new(name), Value::None);
        match value {
            Some(Some(value)) => value,
            Some(None) if request.args.len() > 1 => request.args[1].clone(),
            _ => {
                self.may_raise(May::Anything);
                Value::Unknown
            }
        }
    }
}
