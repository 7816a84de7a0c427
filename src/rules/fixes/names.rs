//! IMP017: one name for one module.

use super::imports::{imports, module_span};
use super::replace;
use crate::diagnostic::{Diagnostic, Edit, Fix, Safety};
use crate::rules::{Facts, two_module_names};

/// Imports the files of the finding under the name that they had first.
pub fn one_name(facts: &Facts, diagnostic: &Diagnostic) -> Option<Fix> {
    let names = two_module_names::names(facts, &diagnostic.subject)?;
    let mut edits: Vec<Edit> = Vec::new();
    for file in facts.project_files() {
        for (second, first) in &names {
            edits.extend(renamed(facts, file, second, first)?);
        }
    }
    edits.sort_by(|a, b| (&a.place.path, a.place.span).cmp(&(&b.place.path, b.place.span)));
    edits.dedup();
    let (_, first) = names.first()?;
    Some(Fix { title: format!("import it as {first} everywhere"), safety: Safety::Unsafe, edits })
}

/// The absolute imports of a module in a file under another name; none if one of them cannot be rewritten alone.
fn renamed(facts: &Facts, file: &std::path::Path, second: &str, first: &str) -> Option<Vec<Edit>> {
    let mut edits = Vec::new();
    for found in imports(facts, file, second, None) {
        match (found.reference.name, found.reference.level) {
            (_, 1..) => {}
            (Some(_), _) => edits.push(replace(facts, file, module_span(&facts.text(file)?, found.statement)?, first)),
            (None, _) if found.reference.alias.is_some() => {
                edits.push(replace(facts, file, found.reference.span, first));
            }
            (None, _) => return None,
        }
    }
    let (Some((package, tail)), Some((other, same))) = (second.rsplit_once('.'), first.rsplit_once('.')) else {
        return Some(edits);
    };
    for found in imports(facts, file, package, Some(tail)) {
        if found.reference.level == 0 && tail == same {
            edits.push(replace(facts, file, module_span(&facts.text(file)?, found.statement)?, other));
        }
    }
    Some(edits)
}
