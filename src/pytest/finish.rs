//! The end of a run: fixtures, notes and closures of all modules, and the order in which items are listed.

use std::sync::Arc;

use super::fixtures::{FixtureDef, Scope, Written};
use super::notes::{Note, NoteKind};
use super::own::Places;
use super::run::Run;
use super::verdict::FixtureReport;
use crate::machine::NoticeKind;

impl Run<'_> {
    /// Puts what was collected into the run's result.
    pub(super) fn finish_items(&mut self) {
        let places = Places::find(self.world, &self.machine);
        let report = |definition: &FixtureDef| {
            if definition.source.is_none() {
                return places.as_ref()?.report(definition);
            }
            let Written { file, line, .. } = definition.source.clone()?;
            Some(FixtureReport {
                name: definition.name,
                baseid: Arc::clone(&definition.baseid),
                file,
                line,
                scope: definition.scope.map(Scope::as_str),
                autouse: definition.autouse,
            })
        };
        self.collection.own_items = self.items.makes_own_items || self.machine.conftest_runs_unread_code();
        self.collection.fixtures = self.items.registry.definitions().iter().filter_map(report).collect();
        let noted = std::mem::take(&mut self.collection.notes);
        self.collection.notes = std::mem::take(&mut self.items.notes);
        (self.collection.notes.unknown_keys, self.collection.notes.strict_keys) =
            (noted.unknown_keys, noted.strict_keys);
        let quiet = self.ignored_warnings();
        for notice in self.machine.take_notices() {
            let told = match notice.kind {
                NoticeKind::UnknownMark(mark) => format!("unknown pytest.mark.{mark} - "),
                NoticeKind::MarkOnFixture { .. } => "marks applied to fixtures have no effect".to_owned(),
            };
            if quiet.iter().any(|start| told.starts_with(start)) {
                continue;
            }
            let kind = match notice.kind {
                NoticeKind::UnknownMark(mark) => NoteKind::UnknownMark(mark),
                NoticeKind::MarkOnFixture { mark, fixture } => NoteKind::MarkOnFixture { mark, fixture },
            };
            let note = Note { kind, nodeid: Arc::from(""), file: notice.file, span: notice.span };
            self.collection.notes.all.push(note);
        }
        self.note_settings();
        self.collection.marks_change = self.items.marks_change;
        self.collection.functions = std::mem::take(&mut self.items.functions);
        self.collection.registry = std::mem::take(&mut self.items.registry);
        self.collection.item_fixtures = std::mem::take(&mut self.items.closures);
        self.collection.deselected = self.items.deselected;
        self.collection.unordered = self.items.unordered;
        self.sort_items();
    }

    /// How the texts of pytest's own warnings start that filters let nobody see, in lower case.
    fn ignored_warnings(&self) -> Vec<String> {
        let mut lines = self.world.config.lines("filterwarnings");
        lines.extend(self.line.values("-W").map(ToOwned::to_owned));
        let mut found = Vec::new();
        for line in lines {
            let mut parts = line.splitn(4, ':').map(str::trim);
            let (action, text) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
            let category = parts.next().and_then(|category| category.rsplit('.').next()).unwrap_or("");
            let all = matches!(category, "" | "Warning" | "UserWarning" | "PytestWarning" | "PytestUnknownMarkWarning");
            if action == "ignore" && all {
                found.push(text.replace('\\', "").trim_end_matches(".*").to_lowercase());
            }
        }
        found
    }

    /// Puts the tests of each module into the order in which they run.
    fn sort_items(&mut self) {
        let order = self.items.order();
        let modules = &mut self.collection.modules;
        let mut starts = Vec::with_capacity(modules.len());
        let mut owners = Vec::with_capacity(order.len());
        for (at, module) in modules.iter().enumerate() {
            starts.push(owners.len());
            owners.extend(std::iter::repeat_n(at, module.items.len()));
        }
        if owners.len() != order.len() {
            return;
        }
        let mut sorted: Vec<Vec<String>> =
            modules.iter().map(|module| Vec::with_capacity(module.items.len())).collect();
        let mut places = Vec::with_capacity(order.len());
        for position in order {
            let owner = owners[position];
            places.push(starts[owner] + sorted[owner].len());
            sorted[owner].push(std::mem::take(&mut modules[owner].items[position - starts[owner]]));
        }
        for (module, items) in modules.iter_mut().zip(sorted) {
            module.items = items;
        }
        self.collection.order = places;
    }
}
