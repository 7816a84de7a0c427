//! Growth: trees of one shape at growing sizes, the whole `check` in a process of its own, and the exponent of CPU over size
//! between one size and the next. Near 1 is linear, near 2 is a quadratic corner.
//!
//! `cargo bench --bench scale` runs every shape; `-- SHAPE...` some of them. Figures need Linux' `/proc`.

#![allow(clippy::print_stdout, clippy::print_stderr)]

#[path = "support/process.rs"]
mod process;
#[path = "support/shapes.rs"]
mod shapes;

use std::process::Command;

use shapes::SHAPES;

const ROUNDS: usize = 3;

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    println!("{:>24} {:>8} {:>9} {:>9} {:>8} {:>9}", "shape", "size", "cpu s", "wall s", "MB", "exponent");
    for shape in SHAPES {
        if !wanted.is_empty() && !wanted.iter().any(|name| name == shape.name) {
            continue;
        }
        let mut before: Option<(f64, f64)> = None;
        for size in shape.sizes {
            let folder = tempfile::tempdir().expect("a temporary directory can be made");
            for (path, text) in (shape.files)(*size) {
                let path = folder.path().join(path);
                std::fs::create_dir_all(path.parent().expect("lies below")).expect("can be made");
                std::fs::write(path, text).expect("can be written");
            }
            let rounds = (0..ROUNDS).map(|_| {
                let mut command = Command::new(env!("CARGO_BIN_EXE_precollect"));
                command.args(["check", "--exit-zero", "--python", "none", "--no-cache"]).arg(folder.path());
                process::cost(&mut command)
            });
            let best = rounds.min_by(|a, b| a.cpu.total_cmp(&b.cpu)).expect("there are rounds");
            #[allow(clippy::cast_precision_loss)]
            let now = (*size as f64, best.cpu.max(0.01));
            let exponent =
                before.map_or(String::new(), |(size, cpu)| format!("{:.2}", (now.1 / cpu).ln() / (now.0 / size).ln()));
            println!(
                "{:>24} {:>8} {:>9.2} {:>9.2} {:>8.0} {:>9}",
                shape.name, size, best.cpu, best.wall, best.peak, exponent
            );
            before = Some(now);
        }
    }
}
