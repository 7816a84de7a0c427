//! `config`: the settings in force, and where each comes from.

use super::args::Config;
use super::output::print;
use super::project::{self, Failure};
use super::{Context, exit};
use crate::config::settings::keys::KEYS;
use crate::config::settings::schema::document;
use crate::report::json::pretty;
use crate::report::look::{Detail, Paint, clean, labelled};

pub fn run(context: &Context, args: &Config) -> Result<exit::Code, Failure> {
    if args.schema {
        print(&pretty(&document()))?;
        return Ok(exit::CLEAN);
    }
    let project = project::find(&*context.system, &args.paths)?;
    let loaded = project::settings(&*context.system, &project.root, &context.global)?;
    let look = &context.look;
    let shown = |path: &str| {
        let below = path.strip_prefix(&format!("{}/", project.root.display())).unwrap_or(path);
        clean(below)
    };
    let files: Vec<_> = loaded.files.iter().map(|file| shown(&file.to_string_lossy())).collect();
    let mut out = match files.as_slice() {
        [] => "configuration: no file, defaults only\n\n".to_string(),
        files => format!("configuration: {}\n\n", files.join(", which extends ")),
    };
    for key in KEYS {
        let (value, origin) = match loaded.origins.get(key.name) {
            Some(origin) => (origin.written.split_whitespace().collect::<Vec<_>>().join(" "), shown(&origin.name)),
            None => (key.default.to_string(), "default".to_string()),
        };
        let name = look.paint(Paint::Strong, key.name);
        out.push_str(&format!("{name} = {}  {}\n", clean(&value), look.paint(Paint::Dim, &format!("({origin})"))));
        if look.detail == Detail::Verbose {
            labelled(&mut out, look, " ", 4, &format!("{}.", key.help));
            labelled(&mut out, look, " ", 4, &format!("Value: {}. Example: {} = {}", key.kind, key.name, key.example));
        }
    }
    if look.detail == Detail::Normal {
        out.push_str("\n-v says what each is for.\n");
    }
    print(&out)?;
    Ok(exit::CLEAN)
}
