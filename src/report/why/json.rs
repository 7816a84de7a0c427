//! `why --output-format json`: the trace as data. Keys are only ever added. Paths are relative to pytest's rootdir,
//! those outside absolute.

use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::because::because;
use super::trace::{Asked, End, Step, What};
use super::{Evidence, trace};
use crate::diagnostic::{Certainty, Diagnostic};
use crate::graph::NodeIndex;
use crate::machine::{Frame, Raised};
use crate::pytest::verdict::{ModuleReport, Verdict};
use crate::report::json::{SCHEMA, pretty};

/// The document.
#[derive(Debug, Serialize, JsonSchema)]
struct Document {
    /// Version of the document's shape.
    schema: u32,
    /// The Python that is predicted for.
    python: String,
    /// pytest's major and minor version.
    pytest: String,
    /// File of the module that was asked for.
    path: String,
    /// Its name in `sys.modules`.
    module: String,
    /// What becomes of a test module; none of any other module.
    verdict: Option<Answer>,
    /// What pytest asked for when the module ran for the first time; none if it never runs.
    runs_for: Option<String>,
    /// Conftests above a test module, in loading order.
    conftests: Vec<Conftest>,
    /// What ran for a test module, in order.
    steps: Vec<StepData>,
    /// Statements that import any other module.
    imported_by: Vec<Place>,
    /// What is to be said of it.
    findings: Vec<Finding>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Answer {
    /// How it ends, as `collect` tells it.
    outcome: Outcome,
    /// pytest's reason of a skip, or why it is unknown.
    reason: Option<String>,
    /// The exception, if there is one.
    raises: Option<Exception>,
}

#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Collected,
    Skipped,
    Error,
    Exit,
    Timeout,
    Unknown,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Exception {
    class: String,
    message: Option<String>,
    certainty: Certainty,
    /// Why, where the message does not say it all.
    because: Option<String>,
    /// Frames that it passed, outermost first, those of installed packages included.
    stack: Vec<Place>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Conftest {
    path: String,
    raises: Option<Exception>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Place {
    path: String,
    line: u32,
}

/// Something that the run did.
#[derive(Debug, Serialize, JsonSchema)]
struct StepData {
    /// Frames of the project that lead there, outermost first; empty for what pytest imports itself.
    stack: Vec<Place>,
    #[serde(flatten)]
    what: Does,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "does", rename_all = "lowercase")]
enum Does {
    /// The code of a module ran.
    Runs {
        module: String,
        path: String,
        /// Public names that it has at its end, in order of binding; none if it did not come to its end.
        binds: Option<Vec<String>>,
        /// What it raised, if it did.
        raises: Option<Exception>,
    },
    /// An import found a module in `sys.modules`.
    Finds {
        module: String,
        path: String,
        /// It is still being imported.
        loading: bool,
        /// What pytest asked for when it ran.
        ran_for: Option<String>,
    },
    /// A handler of the code caught an exception.
    Catches { raises: Exception },
}

#[derive(Debug, Serialize, JsonSchema)]
struct Finding {
    code: String,
    severity: String,
    certainty: Certainty,
    message: String,
    path: String,
    line: u32,
    help: Vec<String>,
}

/// The JSON Schema of the document.
#[must_use]
pub fn schema() -> Value {
    let mut schema = schemars::schema_for!(Document).to_value();
    if let Some(object) = schema.as_object_mut() {
        object.insert("title".into(), Value::from("precollect why --output-format json"));
    }
    schema
}

impl Evidence<'_> {
    /// The trace of a test module.
    #[must_use]
    pub fn module_json(&self, module: &ModuleReport) -> String {
        pretty(&self.module_document(module))
    }

    fn module_document(&self, module: &ModuleReport) -> Document {
        let steps = self.steps(module);
        let findings = self.diagnostics.iter().filter(|diagnostic| self.concerns(module, diagnostic));
        let above = |file: &Path| file.parent().is_some_and(|directory| module.file.starts_with(directory));
        let conftests = self.collection.conftests.iter().filter(|conftest| above(&conftest.file));
        Document {
            verdict: Some(self.answer(module)),
            conftests: conftests
                .map(|conftest| Conftest {
                    path: self.shown(&conftest.file),
                    raises: conftest.raised.as_deref().map(|raised| self.exception_data(raised)),
                })
                .collect(),
            steps: steps.iter().map(|step| self.step(step)).collect(),
            findings: findings.map(finding).collect(),
            ..self.document(&module.file, module.module.clone())
        }
    }

    /// What is to be said of any other module.
    #[must_use]
    pub fn other_json(&self, node: NodeIndex) -> String {
        let module = self.graph.module(node);
        let importers = self.graph.importers(node).into_iter().map(|(from, edge)| {
            let from = self.graph.module(from);
            Place { path: self.shown(&from.file), line: from.summary.line(edge.span.start) }
        });
        let path = self.shown(&module.file);
        let findings = self.diagnostics.iter().filter(|diagnostic| mentions(diagnostic, &path));
        pretty(&Document {
            imported_by: importers.collect(),
            findings: findings.map(finding).collect(),
            ..self.document(&module.file, module.name.to_string())
        })
    }

    /// Findings, with the trace of the first module that one of them breaks.
    #[must_use]
    pub fn findings_json(&self, found: &[&Diagnostic]) -> String {
        let Some(module) = found.iter().find_map(|one| self.first_victim(one)) else {
            let file = found.first().map_or_else(|| self.root.to_path_buf(), |one| self.root.join(&*one.place.path));
            let findings = found.iter().map(|one| finding(one)).collect();
            return pretty(&Document { findings, ..self.document(&file, String::new()) });
        };
        let findings = found.iter().map(|one| finding(one)).collect();
        pretty(&Document { findings, ..self.module_document(module) })
    }

    fn document(&self, file: &Path, module: String) -> Document {
        let (major, minor) = self.collection.pytest;
        Document {
            schema: SCHEMA,
            python: self.environment.version.to_string(),
            pytest: format!("{major}.{minor}"),
            path: self.shown(file),
            module,
            verdict: None,
            runs_for: trace::first_for(&self.collection.events, file).map(|asked| self.asked_data(asked)),
            conftests: Vec::new(),
            steps: Vec::new(),
            imported_by: Vec::new(),
            findings: Vec::new(),
        }
    }

    fn answer(&self, module: &ModuleReport) -> Answer {
        let (outcome, reason, raised) = match &module.verdict {
            Verdict::Collected => (Outcome::Collected, None, None),
            Verdict::Skipped { reason } => (Outcome::Skipped, reason.clone(), None),
            Verdict::Error(raised) => (Outcome::Error, None, Some(raised)),
            Verdict::Exit(raised) => (Outcome::Exit, None, Some(raised)),
            Verdict::Timeout(raised) => (Outcome::Timeout, None, Some(raised)),
            Verdict::Unknown(reason) => (Outcome::Unknown, Some(reason.clone()), None),
        };
        Answer { outcome, reason, raises: raised.map(|raised| self.exception_data(raised)) }
    }

    fn step(&self, step: &Step<'_>) -> StepData {
        let what = match &step.what {
            What::Runs { module, file, end } => Does::Runs {
                module: module.to_string(),
                path: self.shown(file),
                binds: match end {
                    End::Finishes(names) => Some(names.iter().map(ToString::to_string).collect()),
                    End::Raises(_) | End::Never => None,
                },
                raises: match end {
                    End::Raises(raised) => Some(self.exception_data(raised)),
                    End::Finishes(_) | End::Never => None,
                },
            },
            What::Finds { module, file, loading, first } => Does::Finds {
                module: module.to_string(),
                path: self.shown(file),
                loading: *loading,
                ran_for: first.map(|first| self.asked_data(first)),
            },
            What::Catches(raised) => Does::Catches { raises: self.exception_data(raised) },
        };
        StepData { stack: step.frames.iter().map(|frame| self.place_data(frame)).collect(), what }
    }

    fn asked_data(&self, asked: Asked<'_>) -> String {
        asked.file.map_or_else(|| asked.module.to_string(), |file| self.shown(file))
    }

    fn exception_data(&self, raised: &Raised) -> Exception {
        Exception {
            class: raised.class.to_string(),
            message: raised.message.clone(),
            certainty: raised.certainty,
            because: because(raised, &|file| self.shown(file)),
            stack: raised.frames.iter().map(|frame| self.place_data(frame)).collect(),
        }
    }

    fn place_data(&self, frame: &Frame) -> Place {
        Place { path: self.shown(&frame.file), line: frame.line }
    }
}

fn finding(diagnostic: &Diagnostic) -> Finding {
    Finding {
        code: diagnostic.code.to_owned(),
        severity: diagnostic.severity.to_string(),
        certainty: diagnostic.certainty,
        message: diagnostic.message.clone(),
        path: diagnostic.place.path.to_string(),
        line: diagnostic.place.line,
        help: diagnostic.help.clone(),
    }
}

/// Whether a finding stands in a file, or its victims go through it.
pub(super) fn mentions(diagnostic: &Diagnostic, path: &str) -> bool {
    let through = |step: &crate::diagnostic::Step| *step.place.path == *path;
    *diagnostic.place.path == *path || diagnostic.victims.iter().any(|victim| victim.chain.iter().any(through))
}
