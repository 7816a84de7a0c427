//! Our own settings, and pytest's configuration in its file dialects. Reads files through [`crate::base::system`];
//! knows nothing about modules or packages.

pub mod pytest_ini;
pub mod settings;
