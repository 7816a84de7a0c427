//! Reading and summarising beside the floor (walking, reading and fully parsing the same files), in pairs.
//!
//! `PRECOLLECT_BENCH_TREE=DIR cargo bench --bench summarise` prints CPU seconds of each and their ratio; both run in this
//! process, on rayon's threads. Take the ratio: seconds depend on what else the machine does.

#![allow(clippy::print_stdout)]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use precollect::base::system::RealSystem;
use precollect::store::Store;
use rayon::prelude::*;

const PAIRS: usize = 5;

fn main() {
    let tree = std::env::var_os("PRECOLLECT_BENCH_TREE").map_or_else(|| PathBuf::from("testdata"), PathBuf::from);
    let mut ratios = Vec::new();
    for _ in 0..PAIRS {
        let start = cpu();
        let files = floor(&tree);
        let middle = cpu();
        let counters = ours(&tree);
        let end = cpu();
        let (floor, ours) = (middle - start, end - middle);
        ratios.push(ours / floor);
        println!("floor {floor:.2} s, ours {ours:.2} s, ratio {:.2} ({files} files, {counters:?})", ours / floor);
    }
    ratios.sort_by(f64::total_cmp);
    println!("median ratio {:.2}, peak memory {} kB", ratios[PAIRS / 2], peak());
}

fn files(tree: &Path) -> Vec<PathBuf> {
    let files = walkdir::WalkDir::new(tree).into_iter().filter_map(Result::ok).map(walkdir::DirEntry::into_path);
    files.filter(|path| path.extension().is_some_and(|e| e == "py") && path.is_file()).collect()
}

fn floor(tree: &Path) -> usize {
    let language = tree_sitter_python::LANGUAGE.into();
    let parser = || {
        let mut parser = tree_sitter::Parser::new();
        parser.set_language(&language).expect("the grammar fits the library");
        parser
    };
    let parse = |parser: &mut tree_sitter::Parser, file: &PathBuf| {
        let text = std::fs::read(file).unwrap_or_default();
        usize::from(parser.parse(&text, None).is_some())
    };
    files(tree).par_iter().map_init(parser, parse).sum()
}

fn ours(tree: &Path) -> precollect::store::Counters {
    let store = Store::new(Arc::new(RealSystem));
    store.load_all(&files(tree));
    store.counters()
}

/// User and system time of this process so far. (Linux counts it in hundredths of a second.)
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok()).unwrap_or_default();
    (ticks(11) + ticks(12)) / 100.0
}

fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    line.split_whitespace().nth(1).unwrap_or_default().to_owned()
}
