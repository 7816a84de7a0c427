//! pytest's collection: which files, in which order, with which outcome. (spec: pytest-collection.md)

pub mod additions;
pub mod discover;
pub mod names;
pub mod verdict;
