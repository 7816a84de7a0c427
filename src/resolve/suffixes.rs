//! File name suffixes of importable modules, in CPython's order (`importlib.machinery.all_suffixes`).

use crate::python::version::{Platform, PythonVersion};

/// What the name of a file makes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    /// A shared object that this interpreter loads; lower ranks win.
    Extension(u8),
    /// `.py`
    Source,
    /// `.pyc` where a source could lie.
    Bytecode,
    /// `.pyi`, never importable.
    Stub,
}

/// The suffixes of one interpreter.
#[derive(Debug, Clone, Copy)]
pub struct Suffixes {
    version: PythonVersion,
    platform: Platform,
}

impl Suffixes {
    /// Of this version on this platform. The processor is not part of the question: an environment holds one.
    #[must_use]
    pub const fn new(version: PythonVersion, platform: Platform) -> Self {
        Self { version, platform }
    }

    /// Splits a file name into module name and role.
    pub(super) fn split<'n>(&self, file: &'n str) -> Option<(&'n str, Role)> {
        let (rest, last) = file.rsplit_once('.')?;
        let role = match last {
            "py" => return Some((rest, Role::Source)),
            "pyi" => return Some((rest, Role::Stub)),
            "pyc" => return Some((rest, Role::Bytecode)),
            // Windows also runs `.pyw` files.
            "pyw" if self.platform == Platform::Win32 => return Some((rest, Role::Source)),
            "so" if self.platform != Platform::Win32 => self.unix(rest),
            "pyd" if self.platform == Platform::Win32 => self.windows(rest),
            _ => None,
        };
        let (name, rank) = role?;
        Some((name, Role::Extension(rank)))
    }

    /// `m.cpython-311-x86_64-linux-gnu`, `m.abi3`, `m` (all with `.so` behind).
    fn unix<'n>(&self, stem: &'n str) -> Option<(&'n str, u8)> {
        let Some((name, tag)) = stem.rsplit_once('.') else { return Some((stem, 2)) };
        if tag == "abi3" {
            return Some((name, 1));
        }
        let mut parts = tag.strip_prefix("cpython-")?.splitn(2, '-');
        let digits = parts.next()?.trim_end_matches(['d', 't', 'm', 'u']);
        let of_version = digits == format!("{}{}", self.version.major, self.version.minor);
        let of_platform = parts.next().is_none_or(|target| match self.platform {
            Platform::Darwin => target == "darwin",
            _ => target.contains("linux"),
        });
        (of_version && of_platform).then_some((name, 0))
    }

    /// `m.cp311-win_amd64`, `m` (with `.pyd` behind).
    fn windows<'n>(&self, stem: &'n str) -> Option<(&'n str, u8)> {
        let Some((name, tag)) = stem.rsplit_once('.') else { return Some((stem, 2)) };
        let digits = tag.strip_prefix("cp")?.split('-').next()?.trim_end_matches(['d', 't']);
        (digits == format!("{}{}", self.version.major, self.version.minor)).then_some((name, 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_objects_of_others_are_no_candidates() {
        let suffixes = Suffixes::new(PythonVersion::three(11), Platform::Linux);
        let split = |name| suffixes.split(name);
        assert_eq!(split("m.cpython-311-x86_64-linux-gnu.so"), Some(("m", Role::Extension(0))));
        assert_eq!(split("m.abi3.so"), Some(("m", Role::Extension(1))));
        assert_eq!(split("m.so"), Some(("m", Role::Extension(2))));
        assert_eq!(split("m.cpython-27-x86_64-linux-gnu.so"), None);
        assert_eq!(split("m.cpython-311-darwin.so"), None);
        assert_eq!(split("m.cp311-win_amd64.pyd"), None);
        assert_eq!(split("lib.so.1"), None);
        assert_eq!(split("m.py"), Some(("m", Role::Source)));
        let windows = Suffixes::new(PythonVersion::three(11), Platform::Win32);
        assert_eq!(windows.split("m.cp311-win_amd64.pyd"), Some(("m", Role::Extension(0))));
        assert_eq!(windows.split("m.cp310-win_amd64.pyd"), None);
        assert_eq!(windows.split("m.so"), None);
    }
}
