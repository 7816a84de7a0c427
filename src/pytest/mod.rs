//! pytest's collection: which files, in which order, with which outcome. (spec: pytest-collection.md)

pub mod additions;
pub mod collect;
mod conftest;
pub mod discover;
mod lookup;
pub mod names;
mod run;
pub mod verdict;
