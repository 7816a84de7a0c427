//! The ground floor: ids, names, spans and the outside world as a trait. Knows nothing about Python.

pub mod depot;
pub mod index;
pub mod intern;
pub mod meter;
pub mod pages;
pub mod paths;
pub mod process;
pub mod span;
pub mod system;
pub mod watch;
