//! What a run cost, as `--timings` tells it: counters, which are the same for the same work, and seconds, which are not.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::look::number;

/// What is told.
#[derive(Debug, Clone, Default)]
pub struct Timings {
    /// What became of an earlier run's answer.
    pub answer: &'static str,
    /// Name and figure, in order.
    pub counters: Vec<(&'static str, u64)>,
    /// Part, CPU seconds if they are known, seconds from start to end; in order.
    pub parts: Vec<(&'static str, Option<Duration>, Duration)>,
}

impl Timings {
    /// For people: a table of counters, then one of seconds.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("{:<24}{:>14}\n", "kept answer", self.answer);
        for (name, count) in &self.counters {
            text += &format!("{name:<24}{:>14}\n", number(usize::try_from(*count).unwrap_or(usize::MAX)));
        }
        text += &format!("{:<24}{:>14}{:>12}\n", "part", "CPU s", "wall s");
        let row = |name: &str, cpu: Option<Duration>, wall: Duration| {
            let cpu = cpu.map_or_else(|| "?".to_owned(), |cpu| format!("{:.3}", cpu.as_secs_f64()));
            format!("{name:<24}{cpu:>14}{:>12.3}\n", wall.as_secs_f64())
        };
        text.extend(self.parts.iter().map(|(name, cpu, wall)| row(name, *cpu, *wall)));
        let cpu = self.parts.iter().map(|(_, cpu, _)| *cpu).sum();
        text + &row("all", cpu, self.parts.iter().map(|(.., wall)| *wall).sum())
    }

    /// For programs: one line.
    #[must_use]
    pub fn json(&self) -> String {
        let counters: Map<String, Value> =
            self.counters.iter().map(|(name, count)| (name.replace([' ', '-'], "_"), json!(count))).collect();
        let parts: Vec<Value> = self
            .parts
            .iter()
            .map(|(name, cpu, wall)| json!({"name": name, "cpu": cpu.map(|cpu| cpu.as_secs_f64()), "wall": wall.as_secs_f64()}))
            .collect();
        json!({"answer": self.answer, "counters": counters, "parts": parts}).to_string() + "\n"
    }
}
