//! `check --watch`: the answer again after each change. What did not change is not read again.

use std::io::IsTerminal;
use std::path::Path;

use super::args::Check;
use super::exit;
use super::output::print;
use super::project::{self, Failure};
use crate::base::system::System;
use crate::base::watch::Watch;
use crate::report::look::{Look, Paint, clean};

/// What makes a terminal start on an empty screen.
const CLEAR: &str = "\u{1b}[2J\u{1b}[3J\u{1b}[H";

/// Checks, waits for a change, and so on. Ends with the last answer when nothing can change any more.
pub fn run(
    system: &dyn System,
    check: &Check,
    look: Look,
    round: impl Fn() -> exit::Code,
) -> Result<exit::Code, Failure> {
    let root = project::find(system, &check.paths)?.root;
    let failed = |why: String| Failure::Usage(format!("failed to watch {}: {why}", root.display()), None);
    // Changes during the first check are not missed.
    let watch = Watch::new(&root).map_err(failed)?;
    let mut heading = String::new();
    loop {
        if std::io::stdout().is_terminal() && look.color {
            print(CLEAR)?;
        }
        print(&heading)?;
        let code = round();
        let text = format!("watching {}, interrupt to end\n", clean(&root.to_string_lossy()));
        print(&look.paint(Paint::Dim, &text))?;
        let Some(changed) = watch.wait(|path| matters(&root, path)) else { return Ok(code) };
        let shown = changed.strip_prefix(&root).unwrap_or(&changed).to_string_lossy().into_owned();
        heading = look.paint(Paint::Dim, &format!("{} has changed\n", clean(&shown)));
    }
}

/// Sources, configuration, and directories that come or go; not what tools write beside them.
fn matters(root: &Path, path: &Path) -> bool {
    let below = path.strip_prefix(root).unwrap_or(path);
    let hidden = |part: std::path::Component<'_>| {
        let name = part.as_os_str().to_string_lossy();
        name == "__pycache__" || name == "node_modules" || name.starts_with('.') && name != ".venv"
    };
    let (parents, name) = (below.parent().unwrap_or(below), below.file_name().unwrap_or_default().to_string_lossy());
    if parents.components().any(hidden) || name == "__pycache__" {
        return false;
    }
    match path.extension().and_then(|extension| extension.to_str()) {
        Some(extension) => {
            matches!(extension, "py" | "pyi" | "toml" | "ini" | "cfg" | "txt" | "lock" | "pth" | "so" | "pyd")
        }
        None => !name.starts_with('.'),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::matters;

    #[test]
    fn what_tools_write_is_no_change() {
        let of = |path: &str| matters(Path::new("/p"), &Path::new("/p").join(path));
        for path in ["a.py", "tests/conftest.py", "pyproject.toml", "tests", ".precollect.toml", "requirements.txt"] {
            assert!(of(path), "{path}");
        }
        for path in ["__pycache__", "a/__pycache__/a.pyc", ".git/index", ".git", "a.py~", ".a.py.swp", "report.md"] {
            assert!(!of(path), "{path}");
        }
    }
}
