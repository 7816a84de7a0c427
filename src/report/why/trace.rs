//! What ran for one thing that pytest asked for, read from the machine's events.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::intern::Name;
use crate::machine::{Event, Frame, Hit, Raised};

/// Something that the run did, with the project's frames that lead there, outermost first.
#[derive(Debug)]
pub(super) struct Step<'a> {
    pub frames: Vec<&'a Frame>,
    pub what: What<'a>,
    /// The module whose code was running, by its place among the steps.
    pub within: Option<usize>,
}

/// What was done.
#[derive(Debug)]
pub(super) enum What<'a> {
    /// A module's code ran.
    Runs { module: Name, file: &'a Path, end: End<'a> },
    /// An import found a module that was there.
    Finds {
        module: Name,
        file: &'a Path,
        /// Its code has not come to its end.
        loading: bool,
        /// What pytest asked for when it ran.
        first: Option<Asked<'a>>,
    },
    /// A handler of the code caught an exception.
    Catches(&'a Raised),
}

/// How a module's code ended.
#[derive(Debug)]
pub(super) enum End<'a> {
    /// It ran to its end, and has these public names.
    Finishes(&'a [Name]),
    /// It raised.
    Raises(&'a Raised),
    /// It did not come to an end.
    Never,
}

/// A file that pytest imports, or a plugin by its name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub module: Name,
    pub file: Option<&'a Path>,
}

/// Steps between the moment pytest asks for a file and the next thing that it asks for.
pub(super) fn steps_for<'a>(events: &'a [Event], wanted: &Path, is_project: &dyn Fn(&Path) -> bool) -> Vec<Step<'a>> {
    let mut reader =
        Reader { first: BTreeMap::new(), steps: Vec::new(), open: Vec::new(), told: Vec::new(), is_project };
    let (mut asked, mut active) = (None, false);
    for event in events {
        if let Event::Asks { module, file } = event {
            if active {
                break;
            }
            active = file.as_deref().is_some_and(|file| file == wanted);
            asked = Some(Asked { module: *module, file: file.as_deref().map(PathBuf::as_path) });
        }
        reader.read(event, asked, active);
    }
    reader.steps
}

/// What pytest asked for when a file ran for the first time.
pub(super) fn first_for<'a>(events: &'a [Event], wanted: &Path) -> Option<Asked<'a>> {
    let mut asked = None;
    events.iter().find_map(|event| match event {
        Event::Asks { module, file } => {
            asked = Some(Asked { module: *module, file: file.as_deref().map(PathBuf::as_path) });
            None
        }
        Event::Imports { file, hit: Hit::Runs, .. } if ***file == *wanted => asked,
        _ => None,
    })
}

struct Reader<'a, 'f> {
    first: BTreeMap<Name, Option<Asked<'a>>>,
    steps: Vec<Step<'a>>,
    /// Modules that run: where they stand among the steps.
    open: Vec<usize>,
    /// Modules that were told of.
    told: Vec<Name>,
    is_project: &'f dyn Fn(&Path) -> bool,
}

impl<'a> Reader<'a, '_> {
    fn read(&mut self, event: &'a Event, asked: Option<Asked<'a>>, active: bool) {
        match event {
            Event::Imports { module, file, hit, frames } => {
                if *hit == Hit::Runs {
                    self.first.insert(*module, asked);
                }
                if active {
                    self.import(*module, file, *hit, frames);
                }
            }
            Event::Ends { names, raised, .. } if active => {
                let end = raised.as_deref().map_or(End::Finishes(names), End::Raises);
                if let Some(Step { what: What::Runs { end: own, .. }, .. }) =
                    self.open.pop().and_then(|at| self.steps.get_mut(at))
                {
                    *own = end;
                }
            }
            Event::Caught { raised } if active => {
                let own = raised.frames.last().is_some_and(|frame| (self.is_project)(&frame.file));
                if own {
                    let frames = self.own(&raised.frames);
                    let within = self.open.last().copied();
                    self.steps.push(Step { frames, what: What::Catches(raised), within });
                }
            }
            _ => {}
        }
    }

    fn import(&mut self, module: Name, file: &'a Arc<PathBuf>, hit: Hit, frames: &'a [Frame]) {
        let is_new = !self.told.contains(&module);
        if hit == Hit::Loaded && !is_new {
            return;
        }
        self.told.push(module);
        let within = self.open.last().copied();
        let what = match hit {
            Hit::Runs => {
                self.open.push(self.steps.len());
                What::Runs { module, file, end: End::Never }
            }
            Hit::Loading | Hit::Loaded => What::Finds {
                module,
                file,
                loading: hit == Hit::Loading,
                first: self.first.get(&module).copied().flatten(),
            },
        };
        let frames = self.own(frames);
        self.steps.push(Step { frames, what, within });
    }

    fn own(&self, frames: &'a [Frame]) -> Vec<&'a Frame> {
        frames.iter().filter(|frame| (self.is_project)(&frame.file)).collect()
    }
}
