//! Fixtures that nobody asks for.

use rustc_hash::FxHashSet;

use super::functions::Generates;
use super::verdict::Collection;
use crate::base::intern::Name;

/// Definitions that no test, fixture, mark or setting asks for, as indices into the registry. `texts` are names that code
/// may ask for at run time.
#[must_use]
pub fn find(collection: &Collection, texts: &FxHashSet<Name>) -> Vec<usize> {
    let mut asked: FxHashSet<Name> = texts.clone();
    for function in &collection.functions {
        asked.extend(function.asked.iter().chain(&function.used));
        asked.extend(function.direct.iter().map(|(name, _)| *name));
        if let Generates::Names(names) = &function.generated {
            asked.extend(names);
        }
    }
    asked.extend(collection.item_fixtures.values().flatten());
    let definitions = collection.registry.definitions();
    for definition in definitions {
        let others = definition.arguments.iter().filter(|name| **name != definition.name);
        asked.extend(others);
    }
    let unused = |index: &usize| {
        let definition = &definitions[*index];
        definition.autouse == Some(false) && !definition.generated && !asked.contains(&definition.name)
    };
    (0..definitions.len()).filter(unused).collect()
}
