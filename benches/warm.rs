//! Later runs beside a stat-only walk of the tree, in turn: nothing changed, one function body changed, one file named.
//!
//! `cargo bench --bench warm -- TREE [FILE]` copies the tree, so that a file of it can be changed: FILE, or the last test file.
//! Take the ratios: seconds depend on what else the machine does. Figures need Linux' `/proc`, which counts in hundredths of
//! a second; each figure is the mean of many runs.

#![allow(clippy::print_stdout, clippy::print_stderr)]

#[path = "support/process.rs"]
mod process;

use std::path::{Path, PathBuf};
use std::process::Command;

use process::Cost;

const ROUNDS: usize = 20;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let Some("--walk") = arguments.first().map(String::as_str) {
        println!("{}", walk(Path::new(&arguments[1])));
        return;
    }
    let demo = || Path::new(env!("CARGO_MANIFEST_DIR")).join("demo").to_string_lossy().into_owned();
    let original = PathBuf::from(arguments.first().cloned().unwrap_or_else(demo));
    let folder = tempfile::tempdir().expect("a temporary directory can be made");
    let tree = folder.path().join("tree");
    let copied = Command::new("cp").arg("-a").arg(&original).arg(&tree).status();
    assert!(copied.is_ok_and(|status| status.success()), "the tree can be copied");
    let file = arguments.get(1).map_or_else(|| last_test(&tree), |file| tree.join(file));
    let text = std::fs::read_to_string(&file).expect("the file to change is there");
    let cache = folder.path().join("cache");
    // Metadata of what was just written are not trusted.
    std::thread::sleep(std::time::Duration::from_millis(200));

    let check = |paths: &[&Path]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_precollect"));
        command.args(["check", "--exit-zero", "--python", "none", "--cache-dir"]).arg(&cache).current_dir(&tree);
        command.args(paths);
        process::cost(&mut command)
    };
    let walk = || process::cost(Command::new(std::env::current_exe().expect("has a path")).arg("--walk").arg(&tree));
    println!("{} with {} changed", original.display(), file.strip_prefix(&tree).unwrap_or(&file).display());
    println!("{:>24} {:>9} {:>9} {:>7} {:>10}", "run", "cpu s", "wall s", "MB", "of a walk");
    let cold = check(&[]);
    let floor = mean(&walk);
    print("stat-only walk", &floor, &floor);
    print("cold, fills the cache", &cold, &floor);
    print("nothing changed", &mean(&|| check(&[])), &floor);
    let turn = std::cell::Cell::new(0);
    let change = |inside: &str| {
        turn.set(turn.get() + 1);
        std::fs::write(&file, format!("{text}\n\ndef _added():\n    {inside} = {}\n", turn.get()))
            .expect("is writable");
        check(&[])
    };
    change("global added; added");
    print("a function body changed", &mean(&|| change("added")), &floor);
    std::fs::write(&file, &text).expect("is writable");
    check(&[&file]);
    print("one file named", &mean(&|| check(&[&file])), &floor);
}

fn mean(run: &dyn Fn() -> Cost) -> Cost {
    let costs: Vec<Cost> = (0..ROUNDS).map(|_| run()).collect();
    #[allow(clippy::cast_precision_loss)]
    let mean = |get: fn(&Cost) -> f64| costs.iter().map(get).sum::<f64>() / ROUNDS as f64;
    Cost { cpu: mean(|cost| cost.cpu), wall: mean(|cost| cost.wall), peak: mean(|cost| cost.peak) }
}

fn print(name: &str, cost: &Cost, floor: &Cost) {
    let ratio = cost.cpu / floor.cpu.max(0.001);
    println!("{name:>24} {:>9.4} {:>9.3} {:>7.0} {ratio:>10.2}", cost.cpu, cost.wall, cost.peak);
}

/// Looks at everything, reads nothing; the bytes of all files.
fn walk(tree: &Path) -> u64 {
    let entries = walkdir::WalkDir::new(tree).into_iter().filter_map(Result::ok);
    entries.filter_map(|entry| entry.metadata().ok()).map(|metadata| metadata.len()).sum()
}

fn last_test(tree: &Path) -> PathBuf {
    let entries = walkdir::WalkDir::new(tree).sort_by_file_name().into_iter().filter_map(Result::ok);
    let is_test = |path: &PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        name.starts_with("test_") && name.ends_with(".py")
    };
    entries.map(walkdir::DirEntry::into_path).filter(is_test).last().expect("the tree has a test file")
}
