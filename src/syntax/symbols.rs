//! Deduplicates a file's strings while it is lowered.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use crate::summary::{Strings, Sym};

/// The strings of one file; those that are slices of its text cost no copy for the look-up.
#[derive(Debug, Default)]
pub(super) struct Symbols<'t> {
    ids: FxHashMap<Cow<'t, str>, Sym>,
    strings: Strings,
}

impl<'t> Symbols<'t> {
    /// The symbol of a slice of the text.
    pub(super) fn slice(&mut self, text: &'t str) -> Sym {
        if let Some(sym) = self.ids.get(text) {
            return *sym;
        }
        let sym = self.strings.push(text);
        self.ids.insert(Cow::Borrowed(text), sym);
        sym
    }

    /// The symbol of a computed text.
    pub(super) fn text(&mut self, text: Cow<'t, str>) -> Sym {
        if let Some(sym) = self.ids.get(&*text) {
            return *sym;
        }
        let sym = self.strings.push(&text);
        self.ids.insert(text, sym);
        sym
    }

    /// The text of a symbol.
    pub(super) fn get(&self, sym: Sym) -> &str {
        self.strings.get(sym)
    }

    /// The finished table.
    pub(super) fn finish(self) -> Strings {
        let mut strings = self.strings;
        strings.finish();
        strings
    }
}
