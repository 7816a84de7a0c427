//! The terminal: what it can show, and writing to it so that a closed pipe is no failure.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use super::args::{Color, Global};
use super::exit;
use super::project::Failure;
use crate::base::system::{System, absolute};
use crate::report::look::{Detail, Look};

/// Columns assumed where nothing tells.
const WIDTH: usize = 80;
/// Lines longer than this are hard to read on any screen.
const WIDEST: usize = 120;

thread_local! {
    /// What this thread printed, while somebody listens; whether each text went to standard error.
    static HEARD: RefCell<Option<Vec<(bool, String)>>> = const { RefCell::new(None) };
}

/// From now on, remembers what this thread prints.
pub fn listen() {
    HEARD.set(Some(Vec::new()));
}

/// What was printed since.
pub fn heard() -> Vec<(bool, String)> {
    HEARD.take().unwrap_or_default()
}

fn hear(error: bool, text: &str) {
    HEARD.with_borrow_mut(|heard| heard.iter_mut().for_each(|heard| heard.push((error, text.to_string()))));
}

/// What the reader's screen can show.
#[must_use]
pub fn look(system: &dyn System, global: &Global) -> Look {
    let terminal = std::io::stdout().is_terminal();
    let set = |name: &str| system.variable(name).filter(|value| !value.is_empty());
    let dumb = set("TERM").is_some_and(|term| term == "dumb");
    let color = match global.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto if set("NO_COLOR").is_some() => false,
        Color::Auto if set("CLICOLOR_FORCE").is_some_and(|value| value != "0") => true,
        Color::Auto => terminal && !dumb,
    };
    let columns = set("COLUMNS").and_then(|text| text.parse::<usize>().ok()).filter(|columns| *columns > 0);
    let screen = || terminal.then(terminal_size::terminal_size).flatten().map(|(width, _)| usize::from(width.0));
    let width = columns.or_else(screen).unwrap_or(if terminal { WIDTH } else { 100 });
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| set(name));
    let ascii = dumb || locale.is_some_and(|locale| matches!(locale.as_str(), "C" | "POSIX")) && terminal;
    let detail = match (global.quiet, global.verbose) {
        (0, 0) => Detail::Normal,
        (0, _) => Detail::Verbose,
        _ => Detail::Quiet,
    };
    // Links are escape codes too: whoever wants no colour wants none of them.
    let links = color && terminal && supports_hyperlinks::on(supports_hyperlinks::Stream::Stdout);
    Look { color, unicode: !ascii, width: width.clamp(40, WIDEST), detail, links }
}

/// Prints to standard output. A reader that has gone away is not an error: what is left is not wanted.
///
/// # Errors
/// Anything else, such as a full disk.
pub fn print(text: &str) -> Result<(), Failure> {
    hear(false, text);
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::Usage(format!("failed to write to standard output: {error}"), None))
        }
        _ => Ok(()),
    }
}

/// Prints to standard error; there is nowhere to say that this failed.
pub fn warn(text: &str) {
    hear(true, text);
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// Writes a file named on the command line.
///
/// # Errors
/// What the operating system says.
pub fn write(system: &dyn System, path: &Path, text: &str) -> Result<(), Failure> {
    write_bytes(system, path, text.as_bytes())
}

/// Writes a file named on the command line.
///
/// # Errors
/// What the operating system says.
pub fn write_bytes(system: &dyn System, path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let full = crate::base::system::absolute(&system.current_dir(), path);
    let failed = |error| Failure::Usage(format!("failed to write {}: {error}", path.display()), None);
    system.write(&full, bytes).map_err(failed)
}

/// Says why a command could not do its work.
pub fn fail(failure: &Failure, look: &Look) -> exit::Code {
    let look = Look { color: look.color && std::io::stderr().is_terminal(), ..*look };
    warn(&match failure {
        Failure::Usage(text, help) => crate::report::failure::usage(text, help.as_deref(), &look),
        Failure::Config(error) => crate::report::failure::config(error, &look),
    });
    exit::FAILURE
}

/// What standard input holds, as the text of a file.
pub fn typed(system: &dyn System, file: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>, Failure> {
    let failed = |error| Failure::Usage(format!("failed to read standard input: {error}"), None);
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes).map_err(failed)?;
    Ok(BTreeMap::from([(absolute(&system.current_dir(), file), bytes)]))
}
