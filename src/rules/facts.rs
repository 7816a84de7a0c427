//! What rules may look at. Lends, owns only what it derives: the failures of the run, grouped by their cause.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use super::fault::{self, Fault};
use super::late::{self, Late};
use super::locate;
use super::origin::{self, Origin};
use rustc_hash::FxHashSet;

use crate::base::intern::Name;
use crate::base::span::Span;
use crate::config::settings::Settings;
use crate::diagnostic::{Place, Step};
use crate::environment::Environment;
use crate::graph::cycles::Cycle;
use crate::graph::{Graph, Source};
use crate::machine::{Event, Frame};
use crate::pytest::needs::{self, Need};
use crate::pytest::probe::Probes;
use crate::pytest::verdict::Collection;
use crate::summary::Summary;

/// One analysed run.
pub struct Facts<'a> {
    /// Paths in findings are relative to it.
    pub root: &'a Path,
    /// What the user says.
    pub settings: &'a Settings,
    /// The interpreter's world.
    pub environment: &'a Environment,
    /// What pytest would do.
    pub collection: &'a Collection,
    /// The project's modules.
    pub graph: &'a Graph,
    /// Files and modules.
    pub source: &'a dyn Source,
    /// Failures grouped by cause, in order of their first victim.
    pub faults: Vec<Fault>,
    /// Runs in other orders.
    pub probes: &'a Probes,
    late: OnceLock<Vec<Late>>,
    needs: OnceLock<Vec<Need>>,
    directories: OnceLock<Vec<Arc<PathBuf>>>,
    origins: Mutex<BTreeMap<String, Origin>>,
    files: OnceLock<Vec<Arc<PathBuf>>>,
    executed: OnceLock<Vec<Arc<PathBuf>>>,
    collected: OnceLock<Vec<Arc<PathBuf>>>,
    cycles: OnceLock<Vec<Cycle>>,
    homes: Mutex<BTreeMap<String, Option<PathBuf>>>,
    texts: Mutex<BTreeMap<PathBuf, Option<Arc<str>>>>,
}

/// Nothing was tried.
static NO_PROBES: Probes = Probes { entries: Vec::new(), dependents: Vec::new(), steps: 0 };

impl<'a> Facts<'a> {
    /// The facts of a run.
    #[must_use]
    pub fn new(
        settings: &'a Settings,
        environment: &'a Environment,
        collection: &'a Collection,
        source: &'a dyn Source,
        graph: &'a Graph,
    ) -> Self {
        let root = &collection.rootdir;
        let mut facts = Self {
            root,
            settings,
            environment,
            collection,
            graph,
            source,
            faults: Vec::new(),
            probes: &NO_PROBES,
            late: OnceLock::new(),
            needs: OnceLock::new(),
            directories: OnceLock::new(),
            origins: Mutex::default(),
            files: OnceLock::new(),
            executed: OnceLock::new(),
            collected: OnceLock::new(),
            cycles: OnceLock::new(),
            homes: Mutex::default(),
            texts: Mutex::default(),
        };
        facts.faults = fault::group(&facts);
        facts
    }

    /// With what runs in other orders came to.
    #[must_use]
    pub fn with_probes(mut self, probes: &'a Probes) -> Self {
        self.probes = probes;
        self
    }

    /// Imports in functions that will fail when the function runs; looked for once.
    #[must_use]
    pub fn late(&self) -> &[Late] {
        self.late.get_or_init(|| late::find(self))
    }

    /// What tests need and do not get; looked for once.
    #[must_use]
    pub fn needs(&self) -> &[Need] {
        self.needs.get_or_init(|| needs::find(&self.collection.registry, &self.collection.functions))
    }

    /// The project's Python files, sorted; listed once.
    #[must_use]
    pub fn project_files(&self) -> &[Arc<PathBuf>] {
        self.files.get_or_init(|| self.source.project_files())
    }

    /// The cycles of the module graph; looked for once.
    #[must_use]
    pub fn cycles(&self) -> &[Cycle] {
        self.cycles.get_or_init(|| self.graph.cycles())
    }

    /// The likeliest directory of the tree from which the whole dotted name could be imported; looked for once per name.
    #[must_use]
    pub fn directory_with(&self, wanted: &str) -> Option<PathBuf> {
        if let Ok(homes) = self.homes.lock()
            && let Some(known) = homes.get(wanted)
        {
            return known.clone();
        }
        let found = origin::directories_with(self, wanted).into_iter().next();
        if let Ok(mut homes) = self.homes.lock() {
            homes.insert(wanted.to_owned(), found.clone());
        }
        found
    }

    /// The decoded text of a file; decoded once.
    #[must_use]
    pub fn text(&self, file: &Path) -> Option<Arc<str>> {
        if let Ok(texts) = self.texts.lock()
            && let Some(known) = texts.get(file)
        {
            return known.clone();
        }
        let text = self.source.text(file);
        if let Ok(mut texts) = self.texts.lock() {
            texts.insert(file.to_path_buf(), text.clone());
        }
        text
    }

    /// Directories that imports search when collection is done; made once.
    #[must_use]
    pub fn search_directories(&self) -> &[Arc<PathBuf>] {
        self.directories.get_or_init(|| locate::directories(self))
    }

    /// Whose a module is, by its top-level name; looked for once per name.
    #[must_use]
    pub fn origin(&self, module: &str) -> Origin {
        let top = origin::top_level(module);
        let known = |facts: &Self| facts.origins.lock().ok().and_then(|map| map.get(top).copied());
        if let Some(found) = known(self) {
            return found;
        }
        let found = origin::of(self, top);
        if let Ok(mut map) = self.origins.lock() {
            map.insert(top.to_owned(), found);
        }
        found
    }

    /// Whether a module belongs to an installed or missing package, by its top-level name.
    #[must_use]
    pub fn is_third_party(&self, module: &str) -> bool {
        self.origin(module) == Origin::ThirdParty
    }

    /// Conftests and test modules of the run, sorted, without those that were never looked at; listed once.
    #[must_use]
    pub fn collected_files(&self) -> &[Arc<PathBuf>] {
        self.collected.get_or_init(|| {
            let modules = self.collection.modules.iter().map(|module| module.file.clone());
            let mut files: Vec<_> = modules.chain(self.conftests()).collect();
            files.sort();
            files.dedup();
            files
        })
    }

    /// Conftests of the run, sorted.
    #[must_use]
    pub fn conftests(&self) -> Vec<Arc<PathBuf>> {
        let mut files: Vec<_> = self.collection.conftests.iter().map(|conftest| conftest.file.clone()).collect();
        files.sort();
        files.dedup();
        files
    }

    /// Files of the project that the run executes, test modules included, sorted; listed once.
    #[must_use]
    pub fn executed_files(&self) -> &[Arc<PathBuf>] {
        self.executed.get_or_init(|| {
            let ran = self.collection.events.iter().filter_map(|event| match event {
                Event::Executes { file, .. } if self.source.is_project(file) => Some(file),
                _ => None,
            });
            let mut files: Vec<_> = ran.chain(self.collected_files()).cloned().collect();
            files.sort();
            files.dedup();
            files
        })
    }

    /// The summary of a file, if it can be read.
    #[must_use]
    pub fn summary(&self, file: &Path) -> Option<Arc<Summary>> {
        self.source.summary(file)
    }

    /// A path as findings show it: relative to the root with `/`; absolute outside it, but for files of the directories
    /// above it, which are the same on every machine when they start with `../`.
    #[must_use]
    pub fn shown(&self, file: &Path) -> String {
        let text = |path: &Path| path.to_string_lossy().replace('\\', "/");
        if let Ok(below) = file.strip_prefix(self.root) {
            return text(below);
        }
        let above = self.root.ancestors().position(|folder| Some(folder) == file.parent());
        match (above, file.file_name()) {
            (Some(levels), Some(name)) => "../".repeat(levels) + &text(Path::new(name)),
            _ => text(file),
        }
    }

    /// The place of the name of the function or class whose statement this is; of the span itself where there is none.
    #[must_use]
    pub fn name_place(&self, file: &Path, span: Span) -> Place {
        let name = self.summary(file).and_then(|summary| {
            let is_it = |definition: &&crate::summary::Definition| {
                definition.span.end == span.end
                    && definition.span.start <= span.start
                    && span.start <= definition.name_span.start
            };
            summary.definitions.iter().find(is_it).map(|definition| definition.name_span)
        });
        self.place(file, name.unwrap_or(span))
    }

    /// Names that code of the run may ask for as fixtures at run time: what files that do so spell out.
    #[must_use]
    pub fn dynamic_texts(&self) -> FxHashSet<Name> {
        let mut found = FxHashSet::default();
        for file in self.executed_files() {
            let Some(summary) = self.source.whole(file) else { continue };
            let texts = || summary.strings.iter();
            if texts().any(|text| {
                matches!(text, "getfixturevalue" | "lazy_fixture" | "lf" | "fixture_ref" | "getfuncargvalue")
            }) {
                found.extend(texts().map(Name::new));
            }
        }
        found
    }

    /// A place in a file, ready to print.
    #[must_use]
    pub fn place(&self, file: &Path, span: Span) -> Place {
        let (line, byte) = self.summary(file).map_or((1, 1), |summary| summary.lines.position(span.start));
        let column = self.column(file, span.start, byte);
        Place { path: self.shown(file).into(), line, column, span }
    }

    /// Characters, not bytes, in front of an offset, plus one.
    fn column(&self, file: &Path, offset: u32, byte: u32) -> u32 {
        if byte == 1 {
            return 1;
        }
        let Some(text) = self.text(file) else { return byte };
        let start = offset.saturating_sub(byte - 1) as usize;
        let before = text.get(start..offset as usize);
        before.map_or(byte, |before| u32::try_from(before.chars().count() + 1).unwrap_or(byte))
    }

    /// The place of a frame.
    #[must_use]
    pub fn frame_place(&self, frame: &Frame) -> Place {
        let mut place = self.place(&frame.file, frame.span);
        if self.summary(&frame.file).is_none() {
            place.line = frame.line;
        }
        place
    }

    /// A frame as a step of a chain, with the line that executes.
    #[must_use]
    pub fn step(&self, frame: &Frame) -> Step {
        Step { place: self.frame_place(frame), text: self.line_text(&frame.file, frame.span) }
    }

    /// The first line of what stands at a span, without the spaces around it.
    #[must_use]
    pub fn line_text(&self, file: &Path, span: Span) -> String {
        let Some(text) = self.text(file) else { return String::new() };
        let start =
            text.get(..span.start as usize).map_or(0, |before| before.rfind(['\n', '\r']).map_or(0, |at| at + 1));
        let line = text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or("");
        line.trim().to_owned()
    }

    /// A text with the root taken out of its absolute paths.
    #[must_use]
    pub fn without_root(&self, text: &str) -> String {
        let prefix = format!("{}/", self.root.to_string_lossy().trim_end_matches('/'));
        text.replace(&prefix, "")
    }
}
