//! The text form of a summary, for tests and debugging.
