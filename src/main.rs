//! `precollect`: arguments in, exit code out.

fn main() -> std::process::ExitCode {
    precollect::cli::run(std::env::args_os())
}
