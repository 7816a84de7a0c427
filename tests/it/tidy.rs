//! The layers of `src/lib.rs`, proved: a layer imports lower numbers only, and the crates that talk to the outside stay
//! where they belong.

use std::path::{Path, PathBuf};

/// Top-level module to layer, as documented in `src/lib.rs`.
const LAYERS: &[(&str, u8)] = &[
    ("base", 0),
    ("python", 1),
    ("diagnostic", 1),
    ("git", 1),
    ("cache", 1),
    ("summary", 2),
    ("config", 2),
    ("syntax", 3),
    ("environment", 3),
    ("machine", 3),
    ("resolve", 4),
    ("store", 4),
    ("world", 5),
    ("graph", 6),
    ("pytest", 6),
    ("rules", 7),
    ("report", 8),
    ("session", 8),
    ("fix", 8),
    ("lsp", 9),
    ("cli", 9),
];

/// Text that may stand only below these paths.
const PLACES: &[(&str, &[&str])] = &[
    ("std::fs", &["src/base/system.rs", "src/base/depot.rs"]),
    ("walkdir", &["src/base/system.rs"]),
    ("notify", &["src/base/watch.rs"]),
    ("tree_sitter", &["src/syntax/"]),
    ("ruff_python", &["src/syntax/"]),
    ("petgraph", &["src/graph/"]),
    ("rayon", &["src/store/", "src/rules/"]),
    ("miette", &["src/report/"]),
    ("clap", &["src/cli/"]),
];

fn sources() -> Vec<(String, String)> {
    fn below(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("src is readable") {
            let path = entry.expect("entry is readable").path();
            if path.is_dir() {
                below(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    below(&root.join("src"), &mut found);
    found.sort();
    let relative = |path: &Path| path.strip_prefix(root).expect("below the root").to_string_lossy().replace('\\', "/");
    found.iter().map(|path| (relative(path), std::fs::read_to_string(path).expect("source is UTF-8"))).collect()
}

fn layer_of(module: &str) -> Option<u8> {
    LAYERS.iter().find(|(name, _)| *name == module).map(|(_, layer)| *layer)
}

fn module_of(path: &str) -> &str {
    let below = path.trim_start_matches("src/");
    below.split('/').next().unwrap_or(below).trim_end_matches(".rs")
}

/// Code without comments: documentation may name any layer.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate();
    lines.filter(|(_, line)| !line.trim_start().starts_with("//")).map(|(number, line)| (number + 1, line))
}

#[test]
fn layers_import_lower_layers_only() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let module = module_of(&path);
        if matches!(module, "lib" | "main") {
            continue;
        }
        let Some(own) = layer_of(module) else {
            wrong.push(format!("{path}: {module} has no layer"));
            continue;
        };
        for (number, line) in code(&text) {
            for (at, _) in line.match_indices("crate::") {
                let name = line[at + 7..].split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("");
                if let Some(other) = layer_of(name)
                    && name != module
                    && other >= own
                {
                    wrong.push(format!("{path}:{number}: {module} (layer {own}) uses {name} (layer {other})"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_outside_is_reached_in_its_place_only() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        for (number, line) in code(&text) {
            for (needle, places) in PLACES {
                let prose = line.contains(&format!("\"{needle}"));
                if line.contains(needle) && !prose && !places.iter().any(|place| path.starts_with(place)) {
                    wrong.push(format!("{path}:{number}: {needle} belongs to {places:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_module_says_what_it_owns() {
    let silent = sources().into_iter().filter(|(_, text)| !text.starts_with("//!")).map(|(path, _)| path);
    assert_eq!(silent.collect::<Vec<_>>(), Vec::<String>::new());
}
