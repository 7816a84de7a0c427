//! `precollect`: arguments in, exit code out.

/// Syntax trees are millions of small pieces that are freed together. With this allocator a cold check of Django takes 0.7 times
/// the CPU that it takes with the C library's, for some more memory.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    precollect::base::pages::keep_small();
    precollect::cli::run(std::env::args_os())
}
