//! Version specifiers and markers: poetry's notation in PEP 440's terms, markers judged for a target.

use std::str::FromStr;

use pep440_rs::{Version, VersionSpecifiers};
use pep508_rs::{MarkerEnvironment, MarkerEnvironmentBuilder, MarkerTree};

use crate::python::version::{Platform, PythonVersion};

/// The interpreter for which markers are judged.
pub(in crate::environment) struct Target {
    markers: Option<MarkerEnvironment>,
}

impl Target {
    /// `full` is the version with its patch release, where it is known.
    pub(in crate::environment) fn new(version: PythonVersion, full: Option<&str>, platform: Platform) -> Self {
        let (short, zero) = (version.to_string(), format!("{version}.0"));
        let full = full.filter(|full| full.starts_with(&format!("{short}."))).unwrap_or(&zero);
        let system = match platform {
            Platform::Linux => "Linux",
            Platform::Darwin => "Darwin",
            Platform::Win32 => "Windows",
        };
        let machine = match (std::env::consts::ARCH, platform) {
            ("x86_64", Platform::Win32) => "AMD64",
            ("aarch64", Platform::Darwin) => "arm64",
            (machine, _) => machine,
        };
        let markers = MarkerEnvironment::try_from(MarkerEnvironmentBuilder {
            implementation_name: "cpython",
            implementation_version: full,
            os_name: platform.os_name(),
            platform_machine: machine,
            platform_python_implementation: "CPython",
            platform_release: "",
            platform_system: system,
            platform_version: "",
            python_full_version: full,
            python_version: &short,
            sys_platform: platform.sys_platform(),
        });
        Self { markers: markers.ok() }
    }

    /// Whether a marker holds. One that cannot be read is taken to hold, so that nothing is called undeclared for it.
    pub(super) fn satisfies(&self, marker: &str) -> bool {
        let tree = MarkerTree::from_str(marker).ok().filter(|_| !marker.is_empty());
        match (tree, &self.markers) {
            (Some(tree), Some(markers)) => tree.evaluate(markers, &[]),
            _ => true,
        }
    }
}

/// The oldest known version that a `requires-python` admits.
pub(in crate::environment) fn lower_bound(specifier: &str) -> Option<PythonVersion> {
    let specifiers = VersionSpecifiers::from_str(&to_pep440(specifier)).ok()?;
    (PythonVersion::OLDEST.minor..=PythonVersion::NEWEST.minor).map(PythonVersion::three).find(|version| {
        // `>=3.8.1` admits 3.8 as a whole; so does any patch release.
        ["0", "1", "5", "99"].iter().any(|patch| {
            Version::from_str(&format!("{version}.{patch}")).is_ok_and(|patched| specifiers.contains(&patched))
        })
    })
}

impl super::Requirement {
    /// Whether a version lies in the range; none if that cannot be told.
    #[must_use]
    pub fn admits(&self, version: &str) -> Option<bool> {
        let version = Version::from_str(version).ok()?;
        let specifiers = VersionSpecifiers::from_str(&to_pep440(&self.specifier)).ok()?;
        Some(specifiers.contains(&version))
    }
}

/// Poetry's `^1.2`, `~1.2`, `1.2`, `1.*`, `*` as PEP 440 specifiers; alternatives (`||`) are dropped.
pub(super) fn to_pep440(text: &str) -> String {
    if text.contains('|') {
        return String::new();
    }
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty() && *part != "*");
    parts.map(one_to_pep440).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(",")
}

fn one_to_pep440(part: &str) -> String {
    let numbers = |text: &str| -> Vec<u64> { text.split('.').map_while(|n| n.trim().parse().ok()).collect() };
    let below = |text: &str, keep: usize| {
        let mut upper = numbers(text);
        upper.truncate(keep.max(1));
        if let Some(last) = upper.last_mut() {
            *last += 1;
        }
        let upper: Vec<String> = upper.iter().map(u64::to_string).collect();
        format!(">={text},<{}", upper.join("."))
    };
    if let Some(version) = part.strip_prefix('^') {
        // Up to the first number that is not zero.
        let leading = numbers(version).iter().take_while(|n| **n == 0).count();
        return below(version.trim(), leading + 1);
    }
    if let Some(version) = part.strip_prefix('~').filter(|rest| !rest.starts_with('=')) {
        let count = numbers(version).len();
        return below(version.trim(), if count > 1 { 2 } else { 1 });
    }
    if part.starts_with(|c: char| c.is_ascii_digit()) {
        return format!("=={part}");
    }
    // poetry and Pipfile also write `=1.2`.
    match part.strip_prefix('=').filter(|rest| !rest.starts_with('=')) {
        Some(version) => format!("=={version}"),
        None => part.replace("; ", ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn poetry_notation_is_translated() {
        assert_eq!(to_pep440("^1.2.3"), ">=1.2.3,<2");
        assert_eq!(to_pep440("^0.2.3"), ">=0.2.3,<0.3");
        assert_eq!(to_pep440("~1.2"), ">=1.2,<1.3");
        assert_eq!(to_pep440("~=1.2"), "~=1.2");
        assert_eq!(to_pep440("1.2"), "==1.2");
        assert_eq!(to_pep440("*"), "");
        assert_eq!(to_pep440(">=1, <2"), ">=1,<2");
    }

    #[test]
    fn lower_bounds_are_found() {
        let bound = |text| lower_bound(text).map(|v| v.minor);
        assert_eq!(bound(">=3.9"), Some(9));
        assert_eq!(bound(">=3.8.1,<4"), Some(8));
        assert_eq!(bound("^3.10"), Some(10));
        assert_eq!(bound(">3.10"), Some(10));
        assert_eq!(bound(">=2.7,!=3.8.*"), Some(9));
        assert_eq!(bound("nonsense"), None);
        assert_eq!(bound(">=4"), None);
    }

    #[test]
    fn markers_are_judged() {
        let target = Target::new(PythonVersion::three(11), Some("3.11.7"), Platform::Linux);
        assert!(target.satisfies("python_version >= '3.8'"));
        assert!(!target.satisfies("sys_platform == 'win32'"));
        assert!(!target.satisfies("python_full_version < '3.11.3'"));
        assert!(target.satisfies("") && target.satisfies("no marker at all"));
    }
}
