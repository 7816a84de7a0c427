//! Python versions and platforms.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A CPython feature version such as 3.11.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PythonVersion {
    /// Always 3 for supported versions.
    pub major: u8,
    /// 8 to 14 for supported versions.
    pub minor: u8,
}

impl PythonVersion {
    /// 3.`minor`.
    #[must_use]
    pub const fn three(minor: u8) -> Self {
        Self { major: 3, minor }
    }

    /// The oldest version whose rules are known.
    pub const OLDEST: Self = Self::three(8);
    /// The newest version whose rules are known.
    pub const NEWEST: Self = Self::three(14);
}

impl Default for PythonVersion {
    fn default() -> Self {
        Self::three(12)
    }
}

impl fmt::Display for PythonVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl FromStr for PythonVersion {
    type Err = String;

    /// Reads `3.11`, also with a patch release or more behind it (`3.11.7`, `3.13.0rc1`).
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.trim().split('.');
        let (major, minor) = (parts.next(), parts.next());
        match (major.and_then(|p| p.parse().ok()), minor.and_then(|p| p.parse().ok())) {
            (Some(major), Some(minor)) => Ok(Self { major, minor }),
            _ => Err(format!("failed to read {text:?} as a Python version such as 3.11")),
        }
    }
}

/// What `sys.platform` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Platform {
    /// `linux`
    #[default]
    Linux,
    /// `darwin`
    Darwin,
    /// `win32`
    Win32,
}

impl Platform {
    /// The platform this binary was built for.
    #[must_use]
    pub const fn current() -> Self {
        if cfg!(target_os = "windows") {
            Self::Win32
        } else if cfg!(target_os = "macos") {
            Self::Darwin
        } else {
            Self::Linux
        }
    }

    /// The value of `sys.platform`.
    #[must_use]
    pub const fn sys_platform(self) -> &'static str {
        match self {
            Self::Linux => "linux",
            Self::Darwin => "darwin",
            Self::Win32 => "win32",
        }
    }

    /// The value of `os.name`.
    #[must_use]
    pub const fn os_name(self) -> &'static str {
        match self {
            Self::Win32 => "nt",
            Self::Linux | Self::Darwin => "posix",
        }
    }
}
