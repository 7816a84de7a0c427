//! All integration tests, one binary.

mod cases;
mod support;
mod tidy;
