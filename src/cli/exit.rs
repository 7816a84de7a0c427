//! Exit codes, the same for every command.

/// What the process ends with.
pub type Code = u8;

/// Nothing found at or above `fail-on`; for commands that only show something, success.
pub const CLEAN: Code = 0;
/// Findings at or above `fail-on`.
pub const FINDINGS: Code = 1;
/// Wrong use, a configuration that cannot be read, a file that cannot be written, or a defect of this program.
pub const FAILURE: Code = 2;
