//! Runs of the binary, in an environment that holds nothing of the caller's.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    pub code: i32,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl Output {
    /// Standard output as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Standard output as JSON.
    pub fn json(&self) -> serde_json::Value {
        let problem = |error| panic!("no JSON: {error}\ncode {}\n{}\n{}", self.code, self.text(), self.stderr);
        serde_json::from_slice(&self.stdout).unwrap_or_else(problem)
    }

    /// What is wrong with the way the run ended: it must have one of our three codes, and no panic.
    pub fn disorder(&self) -> Option<String> {
        let orderly = (0..=2).contains(&self.code) && !self.stderr.contains("panicked");
        (!orderly).then(|| format!("it ends with code {}\n{}", self.code, self.stderr))
    }

    /// Fails the test if the run did not end as runs should.
    pub fn assert_orderly(&self) -> &Self {
        assert_eq!(self.disorder(), None);
        self
    }
}

/// Runs `precollect` in a directory.
pub fn precollect(folder: &Path, arguments: &[&str]) -> Output {
    precollect_with(folder, arguments, &BTreeMap::new())
}

/// Runs `precollect` in a directory with environment variables.
pub fn precollect_with(folder: &Path, arguments: &[&str], variables: &BTreeMap<String, String>) -> Output {
    let output = command(folder, arguments, variables).output().expect("the binary can be run");
    Output {
        code: output.status.code().unwrap_or(-1),
        stdout: output.stdout,
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Runs `precollect` with a text on standard input.
pub fn precollect_typed(folder: &Path, arguments: &[&str], text: &str) -> Output {
    let mut command = command(folder, arguments, &BTreeMap::new());
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().expect("the binary can be run");
    child.stdin.take().expect("is piped").write_all(text.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    Output {
        code: output.status.code().unwrap_or(-1),
        stdout: output.stdout,
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The command for a run, for tests that want to hold its pipes themselves.
pub fn command(folder: &Path, arguments: &[&str], variables: &BTreeMap<String, String>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_precollect"));
    command.args(arguments).current_dir(folder).stdin(Stdio::null()).env_clear().env("HOME", "/nonexistent");
    // Tests of the cache say otherwise.
    command.env("PATH", "/usr/bin:/bin").env("PRECOLLECT_NO_CACHE", "1").envs(variables);
    command
}
