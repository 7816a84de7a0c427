//! One environment's layout: version, site directories, base interpreter. Reads `pyvenv.cfg` and directory names; starts
//! nothing.

use std::path::{Path, PathBuf};

use super::locate::Found;
use crate::base::system::{Kind, System, absolute};
use crate::python::version::{Platform, PythonVersion};

/// What is known of an interpreter.
#[derive(Debug, Default)]
pub(super) struct Interpreter {
    /// `sys.prefix`
    pub(super) prefix: PathBuf,
    pub(super) version: Option<PythonVersion>,
    pub(super) full_version: Option<String>,
    pub(super) version_origin: String,
    pub(super) platform: Platform,
    /// The standard library's directory.
    pub(super) stdlib: Option<PathBuf>,
    /// Site directories in order, with what each of them is.
    pub(super) site: Vec<(PathBuf, String)>,
}

/// The keys of `pyvenv.cfg` that matter.
#[derive(Debug, Default)]
struct VenvConfig {
    home: Option<PathBuf>,
    version: Option<String>,
    system_site: bool,
}

/// Reads what was found.
pub(super) fn read(system: &dyn System, found: &Found, problems: &mut Vec<String>) -> Option<Interpreter> {
    let path = found.path.as_ref()?;
    let prefix = if system.is_dir(path) { path.clone() } else { prefix_of_executable(system, path)? };
    if let Some(config) = read_config(system, &prefix.join("pyvenv.cfg")) {
        return Some(virtual_environment(system, prefix, &config));
    }
    let mut interpreter = plain(system, &prefix);
    if interpreter.site.is_empty() {
        problems.push(format!("failed to find a site-packages directory below {}", prefix.display()));
    }
    let named = path.file_name().and_then(|name| name.to_str()).and_then(version_of_name);
    interpreter.version = interpreter.version.or(named);
    Some(interpreter)
}

/// `pyvenv.cfg` lies next to the executable or one level up; without it the real executable decides.
fn prefix_of_executable(system: &dyn System, executable: &Path) -> Option<PathBuf> {
    let folder = executable.parent()?;
    for candidate in [Some(folder), folder.parent()].into_iter().flatten() {
        if system.is_file(&candidate.join("pyvenv.cfg")) {
            return Some(candidate.to_path_buf());
        }
    }
    let real = system.canonical(executable).unwrap_or_else(|_| executable.to_path_buf());
    let folder = real.parent()?;
    let in_bin = folder.file_name().is_some_and(|name| name == "bin" || name == "Scripts");
    Some(if in_bin { folder.parent()?.to_path_buf() } else { folder.to_path_buf() })
}

fn read_config(system: &dyn System, path: &Path) -> Option<VenvConfig> {
    let text = String::from_utf8_lossy(&system.read(path).ok()?).into_owned();
    let mut config = VenvConfig { system_site: true, ..VenvConfig::default() };
    for line in text.lines() {
        let Some((key, value)) = line.split_once('=') else { continue };
        let value = value.trim();
        match key.trim().to_lowercase().as_str() {
            "home" => config.home = Some(PathBuf::from(value)),
            // `venv` writes `version`, virtualenv and uv write `version_info`.
            "version" | "version_info" => config.version = Some(value.to_owned()),
            "include-system-site-packages" => config.system_site = value.eq_ignore_ascii_case("true"),
            _ => {}
        }
    }
    Some(config)
}

fn virtual_environment(system: &dyn System, prefix: PathBuf, config: &VenvConfig) -> Interpreter {
    let written = config.version.as_deref().and_then(|text| text.parse().ok());
    let layout = layout(system, &prefix, written);
    let mut interpreter = Interpreter {
        platform: layout.platform,
        version: written.or(layout.version),
        full_version: config.version.as_deref().map(full_version),
        version_origin: if written.is_some() {
            "pyvenv.cfg".to_owned()
        } else {
            "the name of lib/pythonX.Y".to_owned()
        },
        site: layout.site.iter().map(|site| (site.clone(), "site-packages".to_owned())).collect(),
        ..Interpreter::default()
    };
    if let Some(home) = &config.home {
        let base = base_prefix(system, &absolute(&prefix, home));
        let version = interpreter.version;
        let base_layout = self::layout(system, &base, version);
        interpreter.stdlib = base_layout.library;
        if config.system_site {
            interpreter.site.extend(user_site(system, version));
            let mut system_sites = base_layout.site;
            system_sites.extend(debian_site(system, &base, version));
            let known: Vec<PathBuf> = interpreter.site.iter().map(|(path, _)| path.clone()).collect();
            let new = system_sites.into_iter().filter(|site| !known.contains(site));
            interpreter.site.extend(new.map(|site| (site, "the base interpreter's site-packages".to_owned())));
        }
    }
    interpreter.prefix = prefix;
    interpreter
}

/// `home` is the directory of the base executable: `<prefix>/bin`, on Windows the prefix itself.
fn base_prefix(system: &dyn System, home: &Path) -> PathBuf {
    let in_bin = home.file_name().is_some_and(|name| name == "bin" || name == "Scripts");
    let prefix = if in_bin { home.parent().unwrap_or(home) } else { home };
    if layout(system, prefix, None).library.is_some() {
        return prefix.to_path_buf();
    }
    // `/usr/local/bin` may hold a link to an interpreter that is installed elsewhere.
    let real = system.canonical(&home.join("python3")).ok();
    real.and_then(|real| Some(real.parent()?.parent()?.to_path_buf())).unwrap_or_else(|| prefix.to_path_buf())
}

fn plain(system: &dyn System, prefix: &Path) -> Interpreter {
    let layout = layout(system, prefix, None);
    let conda = system.is_dir(&prefix.join("conda-meta"));
    let mut site: Vec<(PathBuf, String)> = Vec::new();
    if !conda {
        site.extend(user_site(system, layout.version));
    }
    let debian = debian_site(system, prefix, layout.version);
    if debian.is_empty() {
        site.extend(layout.site.into_iter().map(|path| (path, "site-packages".to_owned())));
    }
    site.extend(debian.into_iter().map(|path| (path, "dist-packages".to_owned())));
    Interpreter {
        prefix: prefix.to_path_buf(),
        version: layout.version,
        full_version: None,
        version_origin: "the name of the library's directory".to_owned(),
        platform: layout.platform,
        stdlib: layout.library,
        site,
    }
}

#[derive(Debug, Default)]
struct Layout {
    version: Option<PythonVersion>,
    platform: Platform,
    /// The standard library, if it lies below this prefix.
    library: Option<PathBuf>,
    site: Vec<PathBuf>,
}

/// Finds `lib/pythonX.Y/site-packages`, `lib64/...` or `Lib/site-packages`. Several versions may share a prefix
/// (`/usr`): the wanted one is taken, else the newest.
fn layout(system: &dyn System, prefix: &Path, wanted: Option<PythonVersion>) -> Layout {
    let mut best: Option<(PythonVersion, PathBuf)> = None;
    for entry in system.read_dir(&prefix.join("lib")).unwrap_or_default() {
        let Some(version) = entry.name.strip_prefix("python").and_then(version_of_directory) else { continue };
        let path = prefix.join("lib").join(&entry.name);
        let complete = system.is_dir(&path.join("site-packages")) || system.is_file(&path.join("os.py"));
        if entry.kind != Kind::Directory || !complete {
            continue;
        }
        let rank = |version: PythonVersion| (Some(version) == wanted, version);
        if best.as_ref().is_none_or(|(other, _)| rank(version) > rank(*other)) {
            best = Some((version, path));
        }
    }
    if let Some((version, path)) = best {
        let library = system.is_file(&path.join("os.py")).then(|| path.clone());
        return Layout {
            version: Some(version),
            platform: unix_platform(),
            library,
            site: unix_site(system, prefix, &path),
        };
    }
    // The file system may be case-insensitive, the name is not.
    let windows = prefix.join("Lib");
    let site = windows.join("site-packages");
    let library = system.is_file(&windows.join("os.py")).then_some(windows);
    let found = library.is_some() || system.is_dir(&site);
    let site = if found { vec![prefix.to_path_buf(), site] } else { Vec::new() };
    let platform = if found { Platform::Win32 } else { Platform::current() };
    Layout { version: None, platform, library, site: site.into_iter().filter(|path| system.is_dir(path)).collect() }
}

fn unix_platform() -> Platform {
    if Platform::current() == Platform::Darwin { Platform::Darwin } else { Platform::Linux }
}

/// `lib64` is a second directory on Fedora's kin and a link to `lib` elsewhere.
fn unix_site(system: &dyn System, prefix: &Path, library: &Path) -> Vec<PathBuf> {
    let site = library.join("site-packages");
    let mut found: Vec<PathBuf> = system.is_dir(&site).then_some(site).into_iter().collect();
    if let Some(name) = library.file_name() {
        let other = prefix.join("lib64").join(name).join("site-packages");
        let real = |path: &Path| system.canonical(path).ok();
        if system.is_dir(&other) && found.first().is_none_or(|first| real(first) != real(&other)) {
            found.insert(0, other);
        }
    }
    found
}

/// Debian moves the packages of its own Python: `/usr/local/lib/pythonX.Y/dist-packages`, `/usr/lib/python3/dist-packages`.
fn debian_site(system: &dyn System, prefix: &Path, version: Option<PythonVersion>) -> Vec<PathBuf> {
    let shared = prefix.join("lib/python3/dist-packages");
    let Some(version) = version.filter(|_| system.is_dir(&shared)) else { return Vec::new() };
    let local = prefix.join(format!("local/lib/python{version}/dist-packages"));
    let own = prefix.join(format!("lib/python{version}/dist-packages"));
    [local, shared, own].into_iter().filter(|path| system.is_dir(path)).collect()
}

/// `~/.local/lib/pythonX.Y/site-packages`, unless it is turned off.
fn user_site(system: &dyn System, version: Option<PythonVersion>) -> Option<(PathBuf, String)> {
    if system.variable("PYTHONNOUSERSITE").is_some_and(|value| !value.is_empty()) {
        return None;
    }
    let version = version?;
    let base = match system.variable("PYTHONUSERBASE") {
        Some(base) => PathBuf::from(base),
        None => PathBuf::from(system.variable("HOME")?).join(".local"),
    };
    let path = base.join(format!("lib/python{version}/site-packages"));
    system.is_dir(&path).then(|| (path, "the user's site-packages".to_owned()))
}

/// `3.12` of `3.12`, `3.13` of `3.13t`.
fn version_of_directory(text: &str) -> Option<PythonVersion> {
    text.contains('.').then(|| text.trim_end_matches('t').parse().ok())?
}

/// `3.11` of `python3.11` and `python3.11.exe`.
fn version_of_name(name: &str) -> Option<PythonVersion> {
    let digits = name.strip_prefix("python")?.trim_end_matches(".exe");
    version_of_directory(digits)
}

/// `3.12.1` of `3.12.1.final.0`.
fn full_version(text: &str) -> String {
    text.split('.').take(3).collect::<Vec<_>>().join(".")
}
