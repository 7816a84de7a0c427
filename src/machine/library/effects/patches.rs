//! Replacements in force: `unittest.mock.patch`, `monkeypatch.setattr`, libraries that answer in the network's place.

use crate::base::intern::Name;
use crate::machine::Machine;
use crate::machine::log::Eval;
use crate::machine::value::Value;
use crate::python::effects::EffectKind;

/// Context managers, decorators and markers behind which no connection leaves the process, by the front of their names.
const MUTING: &[&str] = &[
    "responses.",
    "respx.",
    "requests_mock.",
    "httpretty.",
    "pook.",
    "aioresponses.",
    "vcr.",
    "betamax.",
    "moto.",
    "mocket.",
    "httpx.MockTransport",
    "pytest_socket.disable_socket",
];

/// Fixtures that do the same.
const MUTING_FIXTURES: &[&str] = &[
    "requests_mock",
    "responses",
    "respx_mock",
    "httpx_mock",
    "aioresponses",
    "mock_aioresponse",
    "socket_disabled",
    "vcr",
    "vcr_cassette",
    "pook",
    "httpretty",
    "betamax_session",
];

/// Whether a fixture of this name answers in the network's place.
#[must_use]
pub fn is_muting_fixture(name: &str) -> bool {
    MUTING_FIXTURES.contains(&name)
}

/// Whether a decorator or context manager of this name answers in the network's place.
pub(in crate::machine) fn is_muting(name: &str) -> bool {
    MUTING.iter().any(|front| name.starts_with(front))
}

impl Machine<'_> {
    /// Whether effects of a kind are kept from the outside world now.
    pub(super) fn is_muted(&self, kind: EffectKind) -> bool {
        self.waits.muted > 0
            && matches!(kind, EffectKind::Network | EffectKind::Download | EffectKind::Broker | EffectKind::Database)
    }

    /// Whether a context manager answers in the network's place.
    pub(in crate::machine) fn mutes(&self, manager: &Value) -> bool {
        match manager {
            Value::Instance(instance) => self.mutes(&self.state.instances[*instance].class),
            Value::External(name) => is_muting(name.as_str()),
            Value::Class(class) => is_muting(&self.class_path(*class)),
            Value::Function(function) => is_muting(&self.qualified(*function)),
            Value::Method(method) => self.mutes(&method.0),
            _ => false,
        }
    }

    /// `monkeypatch.setattr`, `mocker.patch` and `patch(...).start()`, where tests are followed.
    pub(in crate::machine) fn play_patches(&mut self, name: Name, args: &[Value]) -> Option<Eval> {
        let replaced = match name.as_str() {
            "unittest.mock.patch.start" | "unittest.mock.patch.object.start" => {
                self.apply_patch(args.first()?);
                return Some(Ok(Value::Unknown));
            }
            _ if !self.probing => return None,
            "pytest.MonkeyPatch.setattr" => match args {
                [Value::Str(target), new] => self.patched(target).map(|(owner, name)| (owner, name, Some(new))),
                [owner, Value::Str(name), new, ..] => Some((owner.clone(), Name::new(name), Some(new))),
                _ => None,
            },
            "pytest_mock.MockerFixture.patch" => match args {
                [Value::Str(target), rest @ ..] => {
                    self.patched(target).map(|(owner, name)| (owner, name, rest.first()))
                }
                _ => None,
            },
            "pytest_mock.MockerFixture.patch.object" => match args {
                [owner, Value::Str(name), rest @ ..] => Some((owner.clone(), Name::new(name), rest.first())),
                _ => None,
            },
            "pytest.MonkeyPatch.setenv" => {
                if let [Value::Str(variable), value, ..] = args {
                    self.state.set_variable(Name::new(variable), value.clone());
                }
                return Some(Ok(Value::None));
            }
            _ => return None,
        };
        let Some((owner, attribute, new)) = replaced else { return Some(Ok(Value::Unknown)) };
        let new = new.cloned().unwrap_or_else(|| self.mock());
        self.set_attribute(&owner, attribute, new);
        Some(Ok(Value::Unknown))
    }

    fn mock(&mut self) -> Value {
        self.instance(Value::external("unittest.mock.MagicMock"), Vec::new(), Vec::new())
    }

    /// Replaces what a `patch` object names; gives back how to undo it.
    pub(in crate::machine) fn apply_patch(&mut self, patch: &Value) -> Option<(Value, Name, Value)> {
        let Value::Instance(instance) = patch else { return None };
        let data = &self.state.instances[*instance];
        let Value::External(class) = data.class else { return None };
        let (args, kwargs) = (data.args.clone(), data.kwargs.clone());
        let (owner, name, given) = match class.as_str() {
            "unittest.mock.patch" => {
                let (owner, name) = self.patched(args.first()?.as_str()?)?;
                (owner, name, args.get(1).cloned())
            }
            "unittest.mock.patch.object" => {
                (args.first()?.clone(), Name::new(args.get(1)?.as_str()?), args.get(2).cloned())
            }
            _ => return None,
        };
        let named = kwargs.iter().find(|(key, _)| key.as_str() == "new").map(|(_, value)| value.clone());
        let new = given.or(named).unwrap_or_else(|| self.mock());
        let old = self.attribute(&owner, name).unwrap_or(Value::Unknown);
        self.set_attribute(&owner, name, new);
        Some((owner, name, old))
    }

    /// `package.module.Class.name`: its owner, as far as modules that are loaded tell.
    pub(in crate::machine) fn patched(&mut self, path: &str) -> Option<(Value, Name)> {
        let (front, last) = path.rsplit_once('.')?;
        let mut parts = front.split('.');
        let mut prefix = parts.next()?.to_owned();
        let mut value = self.state.loaded(Name::new(&prefix)).cloned()?;
        for part in parts {
            prefix = format!("{prefix}.{part}");
            value = match self.state.loaded(Name::new(&prefix)).cloned() {
                Some(module) => module,
                None => self.attribute(&value, Name::new(part)).ok()?,
            };
        }
        Some((value, Name::new(last)))
    }
}
