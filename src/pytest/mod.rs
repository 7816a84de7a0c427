//! pytest's collection: which files, in which order, with which outcome. (spec: pytest-collection.md)

pub mod additions;
mod classes;
pub mod collect;
mod conftest;
pub mod discover;
mod factories;
pub mod fixtures;
pub mod functions;
mod hooks;
mod ids;
pub mod items;
mod lookup;
pub mod names;
pub mod needs;
mod objects;
mod params;
mod patterns;
pub mod probe;
mod reorder;
pub mod rules;
mod run;
mod select;
mod signature;
mod startup;
pub mod verdict;
mod view;
