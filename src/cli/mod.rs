//! Arguments and commands: the only layer that prints.

use std::ffi::OsString;
use std::process::ExitCode;

/// Runs the program.
pub fn run(_arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    ExitCode::from(2)
}
