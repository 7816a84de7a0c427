//! `precollect`: arguments in, exit code out.

fn main() -> std::process::ExitCode {
    precollect::base::memory::share_arena();
    precollect::cli::run(std::env::args_os())
}
