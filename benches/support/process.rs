//! What a process costs, as the operating system accounts for it.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Clock ticks of `/proc/PID/stat`: 100 per second on Linux.
const TICKS: f64 = 100.0;

/// What one process cost.
#[derive(Clone, Copy)]
pub struct Cost {
    /// User and system seconds.
    pub cpu: f64,
    /// Seconds from start to end.
    pub wall: f64,
    /// Peak resident memory in megabytes, as far as it was seen.
    pub peak: f64,
}

/// Runs a command to its end.
pub fn cost(command: &mut Command) -> Cost {
    let (before, start) = (children_cpu(), Instant::now());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("it can be run");
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0.0_f64;
    while child.try_wait().expect("it can be waited for").is_none() {
        peak = peak.max(peak_of(&status));
        std::thread::sleep(Duration::from_millis(1));
    }
    Cost { cpu: children_cpu() - before, wall: start.elapsed().as_secs_f64(), peak }
}

fn peak_of(status: &str) -> f64 {
    let text = std::fs::read_to_string(status).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|number| number.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}

/// CPU seconds of the children that have ended.
fn children_cpu() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    let fields = after_name.split_whitespace().skip(13).take(2).filter_map(|field| field.parse::<f64>().ok());
    fields.sum::<f64>() / TICKS
}
