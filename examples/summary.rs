//! Prints the summaries of files as text: a debugging aid for those who change the lowering.
#![expect(clippy::print_stdout, reason = "an example prints")]

use precollect::summary::pretty;
use precollect::syntax;

fn main() -> std::io::Result<()> {
    for path in std::env::args().skip(1) {
        let bytes = std::fs::read(&path)?;
        println!("{}", pretty::summary(&syntax::summarise(&bytes)));
    }
    Ok(())
}
