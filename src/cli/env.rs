//! `env`: the interpreter's world as it was found, and from where.

use super::args::{Env, TextOrJson};
use super::output::print;
use super::project::{self, Failure};
use super::{Context, exit};
use crate::environment::{self, Request};
use crate::report::environment::{document, text};

pub fn run(context: &Context, args: &Env) -> Result<exit::Code, Failure> {
    let project = project::find(&*context.system, &args.paths)?;
    let settings = project::settings(&*context.system, &project.root, &context.global)?.settings;
    let request = Request {
        root: settings.root.clone(),
        python: settings.python.clone(),
        version: settings.python_version,
        platform: settings.python_platform,
    };
    let environment = environment::discover(&context.system, &request);
    print(&match args.output_format {
        TextOrJson::Text => text(&environment, &project.root, &context.look),
        TextOrJson::Json => document(&environment, &project.root),
    })?;
    Ok(exit::CLEAN)
}
