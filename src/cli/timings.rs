//! `--timings`: what the run cost, on standard error, so that the answer stays as it is.

use std::cell::RefCell;

use super::args::TimingsFormat;
use super::output;
use crate::base::meter::{Lap, Meter};
use crate::report::timings::Timings as Told;
use crate::session::Cost;

/// Adds up what the parts of one command cost.
pub struct Timings {
    format: Option<TimingsFormat>,
    answer: RefCell<&'static str>,
    cost: RefCell<Cost>,
    /// Since the last part that was told of.
    meter: RefCell<Meter>,
}

impl Timings {
    /// The command starts.
    pub fn start(format: Option<TimingsFormat>) -> Self {
        let (answer, cost) = (RefCell::new("none"), RefCell::default());
        Self { format, answer, cost, meter: RefCell::new(Meter::start()) }
    }

    /// A part of the command itself ends.
    pub fn lap(&self, name: &'static str) {
        let mut meter = self.meter.replace(Meter::start());
        meter.lap(name);
        self.add_laps(meter.laps());
    }

    /// What became of an earlier run's answer.
    pub fn answer(&self, word: &'static str) {
        self.answer.replace(word);
        self.lap("look up");
    }

    /// An analysis is over.
    pub fn add(&self, cost: &Cost) {
        {
            let mut sum = self.cost.borrow_mut();
            sum.files += cost.files;
            sum.steps += cost.steps;
            sum.searched += cost.searched;
            sum.store += cost.store;
        }
        if !cost.laps.is_empty() {
            self.add_laps(cost.laps.clone());
            self.meter.replace(Meter::start());
        }
    }

    fn add_laps(&self, laps: Vec<Lap>) {
        let all = &mut self.cost.borrow_mut().laps;
        for lap in laps {
            match all.iter_mut().find(|known| known.name == lap.name) {
                Some(known) => {
                    known.wall += lap.wall;
                    known.cpu = known.cpu.zip(lap.cpu).map(|(a, b)| a + b);
                }
                None => all.push(lap),
            }
        }
    }

    /// Tells, if somebody wants to know.
    pub fn show(&self) {
        let Some(format) = self.format else { return };
        let cost = self.cost.borrow();
        let store = &cost.store;
        let counters = vec![
            ("files seen", cost.files),
            ("files read", store.read),
            ("files parsed", store.parsed),
            ("files parsed whole", store.whole),
            ("fall-backs", store.fallbacks),
            ("bodies on demand", store.bodies),
            ("bytes of parsed files", store.bytes),
            ("bytes given to parser", store.parsed_bytes),
            ("files without summary", store.failed),
            ("cache hits", store.recalled),
            ("machine steps", cost.steps),
            ("sources searched", cost.searched),
        ];
        let parts = cost.laps.iter().map(|lap| (lap.name, lap.cpu, lap.wall)).collect();
        let told = Told { answer: *self.answer.borrow(), counters, parts };
        output::warn(&match format {
            TimingsFormat::Text => told.text(),
            TimingsFormat::Json => told.json(),
        });
    }
}
