//! All integration tests, one binary.

mod cases;
mod machine;
mod reality;
mod support;
mod tidy;
