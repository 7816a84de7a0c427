//! Process-wide interned strings. Ids inside, text at the edges.

use std::fmt;
use std::sync::{LazyLock, RwLock};

use rustc_hash::FxHashMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An interned string: equal text, equal id. The id's order depends on who came first, so anything printed must be
/// sorted by text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(u32);

#[derive(Default)]
struct Table {
    ids: FxHashMap<&'static str, u32>,
    texts: Vec<&'static str>,
}

static TABLE: LazyLock<RwLock<Table>> = LazyLock::new(RwLock::default);

impl Name {
    /// Interns `text`. The text is kept until the process ends.
    #[must_use]
    pub fn new(text: &str) -> Self {
        if let Ok(table) = TABLE.read()
            && let Some(&id) = table.ids.get(text)
        {
            return Self(id);
        }
        let mut table = TABLE.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(&id) = table.ids.get(text) {
            return Self(id);
        }
        let id = u32::try_from(table.texts.len()).unwrap_or(u32::MAX);
        let text: &'static str = Box::leak(text.into());
        table.texts.push(text);
        table.ids.insert(text, id);
        Self(id)
    }

    /// The text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        let table = TABLE.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        table.texts[self.0 as usize]
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::new(&text))
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::Name;

    #[test]
    fn equal_text_is_one_name() {
        assert_eq!(Name::new("alpha"), Name::new(&String::from("alpha")));
        assert_ne!(Name::new("alpha"), Name::new("beta"));
        assert_eq!(Name::new("beta").as_str(), "beta");
    }
}
