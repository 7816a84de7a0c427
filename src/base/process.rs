//! Running a program: what `collect --verify` asks for, and nothing else does.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What a program left behind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Finished {
    /// Its exit code; none if a signal ended it.
    pub code: Option<i32>,
    /// What it printed.
    pub out: String,
    /// What it printed to standard error.
    pub err: String,
    /// It did not end in time, and was ended.
    pub timed_out: bool,
}

/// Runs a program without input.
///
/// # Errors
/// If it cannot be started.
pub fn run(program: &Path, arguments: &[String], cwd: &Path, limit: Duration) -> std::io::Result<Finished> {
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(cwd)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    // Both pipes are read as they fill: a full one would stop the program.
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let out = std::thread::spawn(move || read(out));
    let err = std::thread::spawn(move || read(err));
    let start = Instant::now();
    let mut found = Finished::default();
    loop {
        match child.try_wait()? {
            Some(status) => {
                found.code = status.code();
                break;
            }
            None if start.elapsed() >= limit => {
                child.kill()?;
                child.wait()?;
                found.timed_out = true;
                return Ok(found);
            }
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    }
    found.out = out.join().unwrap_or_default();
    found.err = err.join().unwrap_or_default();
    Ok(found)
}

fn read(pipe: Option<impl Read>) -> String {
    let mut bytes = Vec::new();
    if let Some(mut pipe) = pipe {
        let _ = pipe.read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
