//! Facts of the Python language and its library. Knows no file of the analysed tree.

pub mod distributions;
pub mod doctest;
pub mod effects;
pub mod enums;
pub mod exceptions;
pub mod foreign;
pub mod format;
pub mod hooks;
pub mod json;
pub mod location;
pub mod names;
pub mod plugins;
pub mod regex;
pub mod replacements;
pub mod repr;
pub mod stdlib;
pub mod types;
pub mod version;
