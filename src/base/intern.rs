//! Process-wide interned strings. Ids inside, text at the edges.

use std::fmt;
use std::sync::{LazyLock, OnceLock, RwLock};

use rustc_hash::FxHashMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An interned string: equal text, equal id. The id's order depends on who came first, so anything printed must be
/// sorted by text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(u32);

static IDS: LazyLock<RwLock<FxHashMap<&'static str, u32>>> = LazyLock::new(RwLock::default);

/// Texts by id, in pieces that never move, each twice as long as the one before: they are read without a lock.
static TEXTS: [OnceLock<Box<[OnceLock<&'static str>]>>; 32] = [const { OnceLock::new() }; 32];

/// The piece that holds an id, and the place in it.
const fn place(id: u32) -> (usize, usize) {
    let number = id as u64 + 1;
    let piece = number.ilog2();
    (piece as usize, (number - (1 << piece)) as usize)
}

impl Name {
    /// Interns `text`. The text is kept until the process ends.
    #[must_use]
    pub fn new(text: &str) -> Self {
        if let Ok(ids) = IDS.read()
            && let Some(&id) = ids.get(text)
        {
            return Self(id);
        }
        let mut ids = IDS.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(&id) = ids.get(text) {
            return Self(id);
        }
        let id = u32::try_from(ids.len()).unwrap_or(u32::MAX - 1);
        let text: &'static str = Box::leak(text.into());
        let (piece, at) = place(id);
        let piece = TEXTS[piece].get_or_init(|| (0..1 << piece).map(|_| OnceLock::new()).collect());
        piece[at].get_or_init(|| text);
        ids.insert(text, id);
        Self(id)
    }

    /// The text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        let (piece, at) = place(self.0);
        TEXTS[piece].get().and_then(|piece| piece[at].get()).copied().unwrap_or_default()
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

/// A text that is a literal where it is made. Under this name serde does not borrow it from what it reads.
pub type Literal = &'static str;

/// Reads a text that lives as long as the process, for fields that are literals where they are made.
///
/// # Errors
/// If there is no text.
pub fn literal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Literal, D::Error> {
    Name::deserialize(deserializer).map(Name::as_str)
}

/// The same where each literal stands before something.
///
/// # Errors
/// If that is not what is there.
pub fn literals<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<(Literal, T)>, D::Error> {
    let read = Vec::<(Name, T)>::deserialize(deserializer)?;
    Ok(read.into_iter().map(|(name, value)| (name.as_str(), value)).collect())
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

    #[test]
    fn texts_stay_where_they_are() {
        let names: Vec<Name> = (0..5000).map(|number| Name::new(&format!("name {number}"))).collect();
        assert!(names.iter().enumerate().all(|(number, name)| name.as_str() == format!("name {number}")));
        assert_eq!((super::place(0), super::place(1), super::place(6)), ((0, 0), (1, 0), (2, 3)));
    }
}
