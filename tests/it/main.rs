//! All integration tests, one binary.

mod budgets;
mod cache;
mod cases;
mod cli;
mod configuration;
mod determinism;
mod discovery;
mod docs;
mod fixes;
mod hostile;
mod known;
mod machine;
mod options;
mod plan;
mod programs;
mod readme;
mod reality;
mod rules;
mod scale;
mod setup;
mod shortcut;
mod silencing;
mod support;
mod switches;
mod terminal;
mod tidy;
