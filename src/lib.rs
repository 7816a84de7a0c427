//! Says what `pytest --collect-only` would do to a source tree, without running any Python.
//!
//! The crate is a stack of layers. A layer imports layers with a lower number only, and parts with the same number
//! do not know each other; `tests/it/tidy.rs` proves it.
//!
//! | layer | modules | what they own |
//! | --- | --- | --- |
//! | 0 | [`base`] | typed ids, interned names, spans, the [`base::system::System`] trait through which all I/O goes |
//! | 1 | [`python`], [`diagnostic`], [`cache`] | facts of the language and its library; what a finding is; what earlier runs found out |
//! | 2 | [`summary`], [`config`] | what one file says, as data; our settings and pytest's ini dialects |
//! | 3 | [`syntax`], [`environment`], [`machine`] | bytes to summary; interpreter and packages; the import machine |
//! | 4 | [`resolve`], [`store`] | names to locations; summaries on demand |
//! | 5 | [`world`] | one snapshot of all of the above |
//! | 6 | [`graph`], [`pytest`] | import and call edges; what pytest collects, in its order |
//! | 7 | [`rules`] | findings |
//! | 8 | [`report`], [`session`], [`fix`] | renderers; one analysis as one call; edits |
//! | 9 | [`cli`] | arguments and commands |

pub mod base;
pub mod cache;
pub mod cli;
pub mod config;
pub mod diagnostic;
pub mod environment;
pub mod fix;
pub mod git;
pub mod graph;
pub mod machine;
pub mod pytest;
pub mod python;
pub mod report;
pub mod resolve;
pub mod rules;
pub mod session;
pub mod store;
pub mod summary;
pub mod syntax;
pub mod world;
