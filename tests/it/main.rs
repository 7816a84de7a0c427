//! All integration tests, one binary.

mod cases;
mod cli;
mod determinism;
mod discovery;
mod hostile;
mod machine;
mod reality;
mod support;
mod terminal;
mod tidy;
