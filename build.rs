//! Tells the program which sources it was built from: what another build kept in the cache may mean something else.

use std::path::Path;

fn main() {
    let mut hash = 0xcbf2_9ce4_8422_2325;
    for part in ["src", "data", "docs/rules", "Cargo.lock", "Cargo.toml"] {
        println!("cargo::rerun-if-changed={part}");
        add(Path::new(part), &mut hash);
    }
    println!("cargo::rustc-env=PRECOLLECT_BUILD={hash:016x}");
}

/// FNV-1a over names and contents, in the order of names.
fn add(path: &Path, hash: &mut u64) {
    let mut update = |bytes: &[u8]| {
        for byte in bytes {
            *hash = (*hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    update(path.to_string_lossy().as_bytes());
    if let Ok(entries) = std::fs::read_dir(path) {
        let mut inside: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        inside.sort();
        inside.iter().for_each(|path| add(path, hash));
    } else {
        update(&std::fs::read(path).unwrap_or_default());
    }
}
