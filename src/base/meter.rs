//! What parts of a run cost: seconds by name. For people only; nothing may depend on them.

use std::time::{Duration, Instant};

/// What one part cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lap {
    /// What was done.
    pub name: &'static str,
    /// From its start to its end.
    pub wall: Duration,
    /// Of the process and all its threads; none where the system does not say.
    pub cpu: Option<Duration>,
}

/// Takes the time of one part after the other.
#[derive(Debug)]
pub struct Meter {
    wall: Instant,
    cpu: Option<Duration>,
    laps: Vec<Lap>,
}

impl Meter {
    /// The first part starts now.
    #[must_use]
    pub fn start() -> Self {
        Self { wall: Instant::now(), cpu: cpu_time(), laps: Vec::new() }
    }

    /// A part ends, and the next one starts.
    pub fn lap(&mut self, name: &'static str) {
        let (wall, cpu) = (Instant::now(), cpu_time());
        let spent = cpu.zip(self.cpu).map(|(now, before)| now.saturating_sub(before));
        self.laps.push(Lap { name, wall: wall - self.wall, cpu: spent });
        (self.wall, self.cpu) = (wall, cpu);
    }

    /// All parts in order.
    #[must_use]
    pub fn laps(self) -> Vec<Lap> {
        self.laps
    }
}

/// Of this process, since it was started.
#[cfg(unix)]
fn cpu_time() -> Option<Duration> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Some(Duration::new(u64::try_from(time.tv_sec).ok()?, u32::try_from(time.tv_nsec).ok()?))
}

/// Of this process, since it was started.
#[cfg(not(unix))]
fn cpu_time() -> Option<Duration> {
    None
}

#[cfg(test)]
mod tests {
    use super::Meter;

    #[test]
    fn parts_follow_each_other() {
        let mut meter = Meter::start();
        meter.lap("first");
        meter.lap("second");
        let names: Vec<_> = meter.laps().iter().map(|lap| (lap.name, lap.cpu.is_some())).collect();
        assert_eq!(names, [("first", cfg!(unix)), ("second", cfg!(unix))]);
    }
}
