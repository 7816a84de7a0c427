//! Django's settings and its registry of apps: what has configured them when code asks, and what Django says otherwise.

use super::{Played, Request};
use crate::base::intern::Name;
use crate::machine::Machine;
use crate::machine::attribute::Found;
use crate::machine::log::{Eval, May};
use crate::machine::outcome::Cause;
use crate::machine::value::{ClassId, ModId, Value};

/// The variable that names the settings module.
pub const SETTINGS_VARIABLE: &str = "DJANGO_SETTINGS_MODULE";
/// Slots of the process's Django: settings are there; apps are ready; the settings module; `INSTALLED_APPS`.
const CONFIGURED: &str = "configured";
const READY: &str = "ready";
const MODULE: &str = "module";
const APPS: &str = "INSTALLED_APPS";

impl Machine<'_> {
    /// Something that is not followed may have configured Django.
    pub fn doubt_django(&mut self) {
        for slot in [CONFIGURED, READY] {
            if self.django_flag(slot) == Some(false) {
                self.state.bind(self.django, Name::new(slot), Value::Unknown);
            }
        }
    }

    /// What pytest-django does before the first conftest: the settings module it was told of, and `django.setup()`.
    pub fn prepare_django(&mut self, settings: Option<&str>) -> crate::machine::Outcome {
        if let Some(settings) = settings {
            self.state.set_variable(Name::new(SETTINGS_VARIABLE), Value::str(settings));
        }
        self.drive("pytest_django.plugin", |machine| {
            if settings.is_some() {
                machine.import_name("django.conf")?;
                machine.django_setting(Name::new("DATABASES"))?;
            }
            machine.ready_django()
        })
    }

    /// What pytest-django does when everything else is configured: `django.setup()` where there are settings.
    pub fn finish_django(&mut self) -> crate::machine::Outcome {
        self.drive("pytest_django.plugin", Self::ready_django)
    }

    fn ready_django(&mut self) -> Eval<()> {
        let ready = self.django_flag(READY);
        if self.is_loaded("django") && self.django_flag(CONFIGURED) == Some(true) && ready != Some(true) {
            self.django_setup()?;
        }
        Ok(())
    }

    fn django_flag(&self, slot: &str) -> Option<bool> {
        match self.state.slot(self.django, Name::new(slot)) {
            None => Some(false),
            Some(slot) if !slot.maybe && slot.value == Value::Bool(true) => Some(true),
            Some(_) => None,
        }
    }

    fn set_django(&mut self, slot: &str, value: Value) {
        self.state.bind(self.django, Name::new(slot), value);
    }

    // ---- calls ----

    pub(super) fn play_django(&mut self, request: &Request) -> Played {
        let name = request.name.strip_prefix("django.")?;
        Some(match name {
            "setup" => self.django_setup().map(|()| Value::None),
            "conf.LazySettings.configure" => self.configure_django(request),
            "conf.LazySettings.configured" => Ok(self.django_flag(CONFIGURED).map_or(Value::Unknown, Value::Bool)),
            "contrib.auth.get_user_model" => {
                let asked = self.django_setting(Name::new("AUTH_USER_MODEL"));
                match asked.and_then(|_| self.check_apps_ready()) {
                    Ok(()) => {
                        self.may_raise(May::Anything);
                        Ok(Value::Unknown)
                    }
                    Err(throw) => Err(throw),
                }
            }
            "utils.timezone.now" | "utils.timezone.get_default_timezone" => {
                let setting = if name.ends_with("now") { "USE_TZ" } else { "TIME_ZONE" };
                self.django_setting(Name::new(setting)).map(|_| Value::Unknown)
            }
            "utils.translation.gettext" | "utils.translation.ngettext" | "utils.translation.pgettext" => {
                self.django_setting(Name::new("USE_I18N")).map(|_| Value::Unknown)
            }
            _ => return None,
        })
    }

    /// `settings.configure(**options)`
    fn configure_django(&mut self, request: &Request) -> Eval {
        if self.django_flag(CONFIGURED) == Some(true) {
            return Err(self.error("RuntimeError", "Settings already configured."));
        }
        let apps = request.keyword("INSTALLED_APPS").cloned();
        let apps = apps.or_else(|| request.complete.then(|| Value::tuple(Vec::new())));
        self.set_django(APPS, apps.unwrap_or(Value::Unknown));
        self.set_django(MODULE, Value::None);
        for (name, value) in request.kwargs {
            self.state.bind(self.django, Name::new(&format!("setting {name}")), value.clone());
        }
        self.set_django(CONFIGURED, Value::Bool(true));
        Ok(Value::None)
    }

    /// `django.setup()`: apps are imported, then their models.
    fn django_setup(&mut self) -> Eval<()> {
        self.django_setting(Name::new("LOGGING_CONFIG"))?;
        let apps = self.state.slot(self.django, Name::new(APPS)).map(|slot| slot.value.clone());
        let known = apps.and_then(|apps| self.elements(&apps));
        let (entries, exact) = known.unwrap_or((Vec::new(), false));
        if !exact {
            // What the apps import is not known; they are ready all the same.
            self.may_raise(May::Anything);
        }
        let mut names = Vec::new();
        for entry in &entries {
            let Some(text) = entry.as_str() else { continue };
            names.extend(self.import_app(text)?);
        }
        self.set_django(READY, Value::Bool(true));
        for name in names {
            if self.exists(&format!("{name}.models"))? == Some(true) {
                self.import_name(&format!("{name}.models"))?;
            }
        }
        Ok(())
    }

    /// An entry of `INSTALLED_APPS`: a package, or the path of an `AppConfig`. The package's name.
    fn import_app(&mut self, entry: &str) -> Eval<Option<String>> {
        let is_class = entry.rsplit('.').next().is_some_and(|last| last.starts_with(|c: char| c.is_ascii_uppercase()));
        if let Some((module, class)) = entry.rsplit_once('.').filter(|_| is_class) {
            let module = self.import_name(module)?;
            let class = self.attribute(&module, Name::new(class))?;
            let name = self.attribute(&class, Name::new("name"))?;
            let Some(name) = name.as_str() else { return Ok(None) };
            self.import_name(name)?;
            return Ok(Some(name.to_owned()));
        }
        self.import_name(entry)?;
        let config = format!("{entry}.apps");
        if self.exists(&config)? == Some(true) {
            self.import_name(&config)?;
        }
        Ok(Some(entry.to_owned()))
    }

    // ---- settings ----

    /// Whether a class is the one of `django.conf.settings`.
    pub(in crate::machine) fn is_lazy_settings(&self, class: ClassId) -> bool {
        let data = &self.state.classes[class];
        data.name.as_str() == "LazySettings" && self.state.modules[data.module].name.as_str() == "django.conf"
    }

    /// `settings.NAME`: the first one loads them.
    pub(in crate::machine) fn django_setting(&mut self, name: Name) -> Eval {
        match self.django_flag(CONFIGURED) {
            Some(true) => {}
            Some(false) => self.load_settings(name)?,
            None => {
                self.may_raise(May::Anything);
                return Ok(Value::Unknown);
            }
        }
        let given = self.state.slot(self.django, Name::new(&format!("setting {name}"))).map(|slot| slot.value.clone());
        let module = self.state.slot(self.django, Name::new(MODULE)).map(|slot| slot.value.clone());
        Ok(match (given, module) {
            (Some(value), _) => value,
            (None, Some(Value::Module(module))) => match self.plain_module_attribute(module, name.as_str()) {
                Found::Yes(value) => value,
                _ => Value::Unknown,
            },
            _ => Value::Unknown,
        })
    }

    fn load_settings(&mut self, wanted: Name) -> Eval<()> {
        match self.variable(SETTINGS_VARIABLE) {
            Some(Some(Value::Str(module))) if !module.is_empty() => {
                let value = self.import_name(&module)?;
                let apps = match value {
                    Value::Module(module) => self.plain_module_attribute(module, APPS),
                    _ => Found::Unknown,
                };
                let apps = match apps {
                    Found::Yes(apps) => apps,
                    Found::No => Value::tuple(Vec::new()),
                    _ => Value::Unknown,
                };
                self.set_django(APPS, apps);
                self.set_django(MODULE, value);
                self.set_django(CONFIGURED, Value::Bool(true));
                Ok(())
            }
            None | Some(Some(Value::Str(_))) => Err(self.not_configured(wanted)),
            Some(None) => Err(self.not_configured(wanted)),
            Some(Some(_)) => {
                self.may_raise(May::Anything);
                Ok(())
            }
        }
    }

    fn not_configured(&mut self, wanted: Name) -> Box<crate::machine::log::Throw> {
        let text = format!(
            "Requested setting {wanted}, but settings are not configured. You must either define the environment \
             variable {SETTINGS_VARIABLE} or call settings.configure() before accessing settings."
        );
        self.django_error("ImproperlyConfigured", &text)
    }

    /// An exception of `django.core.exceptions`.
    fn django_error(&mut self, class: &str, text: &str) -> Box<crate::machine::log::Throw> {
        let mut throw = self.throw("Exception", Some(text.to_owned()), Cause::Settings);
        throw.raised.class = Name::new(class);
        let home = self.state.loaded(Name::new("django.core.exceptions")).cloned();
        if let Some(Value::Module(module)) = home
            && let Found::Yes(class) = self.plain_module_attribute(module, class)
        {
            throw.class = class;
        } else {
            throw.class = Value::Unknown;
        }
        throw
    }

    // ---- apps and models ----

    /// `apps.check_apps_ready()`
    fn check_apps_ready(&mut self) -> Eval<()> {
        match self.django_flag(READY) {
            Some(true) => Ok(()),
            None => {
                self.may_raise(May::Anything);
                Ok(())
            }
            Some(false) => {
                self.django_setting(Name::new(APPS))?;
                if self.django_flag(CONFIGURED) != Some(true) {
                    return Ok(());
                }
                Err(self.django_error("AppRegistryNotReady", "Apps aren't loaded yet."))
            }
        }
    }

    /// A class whose metaclass is Django's `ModelBase`: an app has to hold it.
    pub(in crate::machine) fn register_model(&mut self, class: ClassId) -> Eval<()> {
        let data = &self.state.classes[class];
        let is_model_base = |meta: &Value| match meta {
            Value::Class(meta) => {
                let meta = &self.state.classes[*meta];
                meta.name.as_str() == "ModelBase"
                    && self.state.modules[meta.module].name.as_str() == "django.db.models.base"
            }
            _ => false,
        };
        let of_model = |base: &Value| match base {
            Value::Class(base) => self.state.classes[*base].metaclass.as_ref().is_some_and(is_model_base),
            _ => false,
        };
        if !data.metaclass.as_ref().is_some_and(is_model_base) || !data.bases.iter().any(of_model) {
            return Ok(());
        }
        let (name, module, ns) = (data.name, data.module, data.ns);
        self.check_apps_ready()?;
        let meta = self.state.slot(ns, Name::new("Meta")).map(|slot| slot.value.clone());
        let told = |machine: &Self, attribute: &str| match &meta {
            None => Found::No,
            Some(Value::Class(meta)) => machine.class_lookup(*meta, Name::new(attribute)).0,
            Some(_) => Found::Unknown,
        };
        let (is_abstract, label) = (told(self, "abstract"), told(self, "app_label"));
        let inherits_meta = self.state.classes[class].mro.iter().skip(1).any(|base| match base {
            Value::Class(base) => self.state.slot(self.state.classes[*base].ns, Name::new("Meta")).is_some(),
            Value::External(base) => base.as_str() != "builtins.object",
            _ => true,
        });
        let plain = label == Found::No && matches!(is_abstract, Found::No | Found::Yes(Value::Bool(false)));
        if !plain || inherits_meta || self.is_in_app(module) != Some(false) {
            return Ok(());
        }
        let module = self.module_name(module);
        let text = format!(
            "Model class {module}.{name} doesn't declare an explicit app_label and isn't in an application in \
             INSTALLED_APPS."
        );
        Err(self.throw("RuntimeError", Some(text), Cause::Settings))
    }

    /// Whether an installed app holds the module; none if that is not known.
    fn is_in_app(&self, module: ModId) -> Option<bool> {
        if self.django_flag(READY) != Some(true) {
            return None;
        }
        let apps = self.state.slot(self.django, Name::new(APPS))?.value.clone();
        let (entries, exact) = self.elements(&apps)?;
        let name = self.module_name(module);
        let mut unclear = !exact;
        for entry in &entries {
            match entry.as_str() {
                Some(app) if name == app || name.starts_with(app) && name[app.len()..].starts_with('.') => {
                    return Some(true);
                }
                // The path of a configuration: its app is somewhere around it.
                Some(app) if name.split('.').next() == app.split('.').next() => unclear = true,
                Some(app) if app.rsplit('.').next().is_some_and(|last| last.starts_with(char::is_uppercase)) => {
                    unclear = true;
                }
                Some(_) => {}
                None => unclear = true,
            }
        }
        (!unclear).then_some(false)
    }
}
