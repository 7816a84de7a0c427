//! No answer depends on how a file is parsed: function bodies read one by one give what the whole file gives, and the
//! strict parser's tree gives what the grammar's does.
//!
//! `PRECOLLECT_SHORTCUT_TREES=DIR:DIR... cargo test --test it shortcut` looks at trees of your own as well, and names the
//! files that differ: in those the grammar gives up on valid code, or reads it in a way of its own.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use precollect::syntax::forms::{forms, parsers};
use rayon::prelude::*;

fn sources(tree: &str) -> Vec<PathBuf> {
    let files = walkdir::WalkDir::new(tree).sort_by_file_name().into_iter().filter_map(Result::ok);
    let files = files.map(walkdir::DirEntry::into_path);
    files.filter(|path| path.extension().is_some_and(|e| e == "py") && path.is_file()).collect()
}

/// The repository's own sources, and those of the trees that are given.
fn all() -> Vec<PathBuf> {
    let own = ["testdata", "demo", "scripts"].map(|name| format!("{}/{name}", env!("CARGO_MANIFEST_DIR")));
    let given = std::env::var("PRECOLLECT_SHORTCUT_TREES").unwrap_or_default();
    let given: Vec<&str> = given.split(':').filter(|tree| !tree.is_empty()).collect();
    own.iter().map(String::as_str).chain(given).flat_map(sources).collect()
}

/// The first lines that differ.
fn show(file: &Path, (one, other): (&str, &str), names: (&str, &str)) -> String {
    let lines = one.lines().zip(other.lines()).filter(|(one, other)| one != other);
    // What differs may stand anywhere in a long line.
    let cut = |line: &str, from: usize| line.chars().skip(from).take(160).collect::<String>();
    let lines = lines.take(3).map(|(one, other)| {
        let same = one.chars().zip(other.chars()).take_while(|(one, other)| one == other).count().saturating_sub(40);
        format!("  {}: {}\n  {}: {}\n", names.0, cut(one, same), names.1, cut(other, same))
    });
    format!("{}\n{}", file.display(), lines.collect::<String>())
}

#[test]
fn bodies_read_one_by_one_are_the_whole() {
    let files = all();
    let (left_out, compared) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let differing: Vec<String> = files
        .par_iter()
        .filter_map(|file| {
            let both = forms(&std::fs::read(file).unwrap_or_default());
            left_out.fetch_add(both.left_out, Ordering::Relaxed);
            compared.fetch_add(usize::from(both.left_out > 0), Ordering::Relaxed);
            (both.parts != both.whole).then(|| show(file, (&both.parts, &both.whole), ("parts", "whole")))
        })
        .collect();
    let (left_out, compared) = (left_out.into_inner(), compared.into_inner());
    assert!(left_out > 0, "nothing was left out, so nothing was compared");
    let share = format!("{} of {} files ({compared} with {left_out} bodies left out)", differing.len(), files.len());
    assert!(differing.is_empty(), "{share} differ:\n{}", differing.concat());
}

#[test]
fn both_parsers_give_the_same() {
    let files = all();
    let differing: Vec<String> = files
        .par_iter()
        .filter_map(|file| {
            let (judged, parsed) = parsers(&std::fs::read(file).unwrap_or_default())?;
            Some(show(file, (&judged, &parsed), ("strict", "grammar")))
        })
        .collect();
    assert!(differing.is_empty(), "{} of {} files differ:\n{}", differing.len(), files.len(), differing.concat());
}
