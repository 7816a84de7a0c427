//! All integration tests, one binary.

mod cases;
mod machine;
mod support;
mod tidy;
