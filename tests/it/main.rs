//! All integration tests, one binary.

mod cases;
mod discovery;
mod machine;
mod reality;
mod support;
mod tidy;
