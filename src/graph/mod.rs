//! The project's modules, what each of them offers and how they import each other.

mod source;

pub use source::Source;
