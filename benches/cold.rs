//! A cold `precollect check` beside the floor: walking, reading and fully parsing the same files with tree-sitter.
//!
//! `cargo bench --bench cold -- TREE` runs both in pairs, each in a process of its own, and prints CPU seconds, their ratio
//! and the peak of memory. Take the ratio: seconds depend on what else the machine does. Without a tree, the demo is
//! measured, which says only that the benchmark works. Figures need Linux' `/proc`.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rayon::prelude::*;

const PAIRS: usize = 5;
/// Clock ticks of `/proc/PID/stat`: 100 per second on Linux.
const TICKS: f64 = 100.0;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.first().map(String::as_str) {
        Some("--floor") => println!("{}", floor(Path::new(&arguments[1]))),
        tree => measure(tree.map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("demo"), PathBuf::from)),
    }
}

/// Walks, reads and parses; the number of files.
fn floor(tree: &Path) -> usize {
    let files = walkdir::WalkDir::new(tree).into_iter().filter_map(Result::ok).map(walkdir::DirEntry::into_path);
    let files: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|e| e == "py") && path.is_file()).collect();
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
    files.par_iter().map_init(parser, parse).sum()
}

/// What one process cost.
#[derive(Clone, Copy)]
struct Cost {
    cpu: f64,
    wall: f64,
    peak: u64,
}

fn measure(tree: PathBuf) {
    let bench = std::env::current_exe().expect("this program has a path");
    let mut pairs = Vec::new();
    for _ in 0..PAIRS {
        let floor = cost(Command::new(&bench).arg("--floor").arg(&tree));
        let check = cost(
            Command::new(env!("CARGO_BIN_EXE_precollect"))
                .args(["check", "--no-cache", "--exit-zero", "--python", "none"])
                .arg(&tree),
        );
        pairs.push((floor, check));
    }
    println!("{} ({} .py files)", tree.display(), floor(&tree));
    println!(
        "{:>10} {:>10} {:>10} {:>8} {:>8} {:>8} {:>10} {:>10}",
        "floor cpu", "wall", "MB", "check cpu", "wall", "MB", "cpu ratio", "wall ratio"
    );
    for (floor, check) in &pairs {
        println!(
            "{:>10.2} {:>10.2} {:>10.0} {:>8.2} {:>8.2} {:>8.0} {:>10.2} {:>10.2}",
            floor.cpu,
            floor.wall,
            mega(floor.peak),
            check.cpu,
            check.wall,
            mega(check.peak),
            check.cpu / floor.cpu,
            check.wall / floor.wall
        );
    }
    let mut ratios: Vec<f64> = pairs.iter().map(|(floor, check)| check.cpu / floor.cpu).collect();
    ratios.sort_by(f64::total_cmp);
    println!("median of the CPU ratios: {:.2}", ratios[PAIRS / 2]);
}

#[allow(clippy::cast_precision_loss)]
fn mega(kilobytes: u64) -> f64 {
    kilobytes as f64 / 1024.0
}

fn cost(command: &mut Command) -> Cost {
    let (before, start) = (children_cpu(), Instant::now());
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it can be run");
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().expect("it can be waited for").is_none() {
        peak = peak.max(peak_of(&status));
        std::thread::sleep(Duration::from_millis(2));
    }
    Cost { cpu: children_cpu() - before, wall: start.elapsed().as_secs_f64(), peak }
}

/// Peak resident memory in kilobytes, as far as the process is still there.
fn peak_of(status: &str) -> u64 {
    let text = std::fs::read_to_string(status).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// CPU seconds of the children that have ended.
fn children_cpu() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    let fields: Vec<f64> =
        after_name.split_whitespace().skip(13).take(2).filter_map(|field| field.parse().ok()).collect();
    fields.iter().sum::<f64>() / TICKS
}
