//! `config`: the settings in force, and where each comes from.

use super::args::Config;
use super::output::print;
use super::project::{self, Failure};
use super::{Context, exit};
use crate::config::settings::keys::KEYS;
use crate::report::look::{Paint, labelled};

pub fn run(context: &Context, args: &Config) -> Result<exit::Code, Failure> {
    let project = project::find(&*context.system, &args.paths)?;
    let loaded = project::settings(&*context.system, &project.root, &context.global)?;
    let look = &context.look;
    let mut out = match &loaded.file {
        Some(file) => format!("Configuration of {}: {}\n\n", project.root.display(), file.display()),
        None => format!("Configuration of {}: no file, defaults only\n\n", project.root.display()),
    };
    for key in KEYS {
        let origin = loaded.origins.get(key.name);
        let state = origin.map_or_else(|| format!("default, {}", key.default), |origin| format!("set in {origin}"));
        out.push_str(&format!("{} ({}; {state})\n", look.paint(Paint::Strong, key.name), key.kind));
        labelled(&mut out, look, " ", 4, &format!("{}.", key.help));
        labelled(&mut out, look, " ", 4, &format!("Example: {} = {}", key.name, key.example));
    }
    print(&out)?;
    Ok(exit::CLEAN)
}
