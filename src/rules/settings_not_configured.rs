//! ENV011: a framework's settings are read at import, and nothing has configured them.

use super::fault::{Fault, FaultKind};
use super::finding::Described;
use super::{Facts, declare_rule};

declare_rule!(
    SettingsNotConfigured,
    "ENV011",
    "settings-not-configured",
    Error,
    on,
    "framework settings read at import with nothing to configure them",
    FaultKind::NotConfigured => describe
);

fn describe(facts: &Facts, fault: &Fault) -> Described {
    let class = fault.raised.class.as_str();
    let plugin = facts.environment.distribution("pytest-django").is_some();
    let (what, help) = match class {
        "ImproperlyConfigured" => ("Django's settings are read, and nothing configures them", ways(plugin)),
        "AppRegistryNotReady" => (
            "a model is needed before Django's apps are loaded",
            vec!["django.setup() in the root conftest.py, behind the settings, loads them".to_owned()],
        ),
        _ => (
            "a model belongs to no installed app",
            vec![
                "add its app to INSTALLED_APPS of the settings that the tests use".to_owned(),
                "or give the model's Meta an app_label".to_owned(),
            ],
        ),
    };
    Described {
        what: what.to_owned(),
        subject: class.to_owned(),
        label: format!("raises {class}"),
        help,
        ..Described::default()
    }
}

/// What configures Django for pytest.
fn ways(plugin: bool) -> Vec<String> {
    let mut ways = Vec::new();
    if !plugin {
        ways.push("pip install pytest-django".to_owned());
    }
    ways.push("DJANGO_SETTINGS_MODULE = \"project.settings\" in pytest's configuration tells pytest-django".to_owned());
    ways.push("or settings.configure(...) and django.setup() in the root conftest.py".to_owned());
    ways
}
