//! No answer depends on leaving function bodies out: read one by one they give what the whole file gives.
//!
//! `PRECOLLECT_SHORTCUT_TREES=DIR:DIR... cargo test --test it shortcut` looks at trees of your own as well, and names the
//! files that differ: those are files in which the grammar gives up on valid code, once with and once without what
//! stands around it.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use precollect::syntax::forms::forms;
use rayon::prelude::*;

fn sources(tree: &str) -> Vec<PathBuf> {
    let files = walkdir::WalkDir::new(tree).sort_by_file_name().into_iter().filter_map(Result::ok);
    let files = files.map(walkdir::DirEntry::into_path);
    files.filter(|path| path.extension().is_some_and(|e| e == "py") && path.is_file()).collect()
}

/// The first lines that differ.
fn show(file: &PathBuf) -> String {
    let both = forms(&std::fs::read(file).unwrap_or_default());
    let lines = both.parts.lines().zip(both.whole.lines()).filter(|(parts, whole)| parts != whole);
    let lines = lines.take(3).map(|(parts, whole)| format!("  parts: {parts}\n  whole: {whole}\n"));
    format!("{}\n{}", file.display(), lines.collect::<String>())
}

#[test]
fn bodies_read_one_by_one_are_the_whole() {
    let own = ["testdata", "demo", "scripts"].map(|name| format!("{}/{name}", env!("CARGO_MANIFEST_DIR")));
    let given = std::env::var("PRECOLLECT_SHORTCUT_TREES").unwrap_or_default();
    let given: Vec<&str> = given.split(':').filter(|tree| !tree.is_empty()).collect();
    let files: Vec<PathBuf> = own.iter().map(String::as_str).chain(given).flat_map(sources).collect();
    let (left_out, compared) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let differing: Vec<&PathBuf> = files
        .par_iter()
        .filter(|file| {
            let both = forms(&std::fs::read(file).unwrap_or_default());
            left_out.fetch_add(both.left_out, Ordering::Relaxed);
            compared.fetch_add(usize::from(both.left_out > 0), Ordering::Relaxed);
            both.parts != both.whole
        })
        .collect();
    let (left_out, compared) = (left_out.into_inner(), compared.into_inner());
    assert!(left_out > 0, "nothing was left out, so nothing was compared");
    let shown: String = differing.iter().map(|file| show(file)).collect();
    let share = format!("{} of {} files ({compared} with {left_out} bodies left out)", differing.len(), files.len());
    assert!(differing.is_empty(), "{share} differ:\n{shown}");
}
