//! Which sources may set an attribute or global of a name, so that a name that is not there need not be looked for in all of
//! them: thousands may be loaded, and thousands of names be missing.

use std::cell::{Cell, RefCell};

use rustc_hash::FxHashMap;
use xxhash_rust::xxh3::xxh3_64;

use super::Unit;
use super::value::UnitId;
use crate::base::index::{Id, IndexVec};
use crate::summary::{DefinitionKind, Summary};

/// Units by the hashes of names that they may set, as far as units were looked at.
#[derive(Default)]
pub(super) struct Setters {
    known: RefCell<Known>,
    looked: Cell<u64>,
}

#[derive(Default)]
struct Known {
    units: usize,
    by_name: FxHashMap<u64, Vec<UnitId>>,
}

impl Setters {
    /// The units that may set the name, in the order they were loaded in.
    pub(super) fn of(&self, units: &IndexVec<UnitId, Unit>, name: &str) -> Vec<UnitId> {
        let mut known = self.known.borrow_mut();
        for number in known.units..units.len() {
            let unit = UnitId::from_usize(number);
            note(&mut known.by_name, unit, &units[unit].summary);
        }
        let new = units.len() - known.units;
        known.units = units.len();
        let found = known.by_name.get(&xxh3_64(name.as_bytes())).cloned().unwrap_or_default();
        self.looked.set(self.looked.get() + (new + found.len()) as u64);
        found
    }

    /// How often a unit was looked at.
    pub(super) fn looked(&self) -> u64 {
        self.looked.get()
    }
}

/// Bodies that are left in the text have told the names; a body that is not has them among the strings of its file.
fn note(by_name: &mut FxHashMap<u64, Vec<UnitId>>, unit: UnitId, summary: &Summary) {
    let mut add = |text: &str| {
        let units = by_name.entry(xxh3_64(text.as_bytes())).or_default();
        if units.last() != Some(&unit) {
            units.push(unit);
        }
    };
    let is_here = |kind: &DefinitionKind| match kind {
        DefinitionKind::Function { body } => summary.programs.left(*body).is_none(),
        DefinitionKind::Class => false,
    };
    if summary.definitions.iter().any(|definition| is_here(&definition.kind)) {
        summary.strings.iter().for_each(add);
    } else {
        summary.setters.iter().for_each(|name| add(summary.text(*name)));
    }
}
