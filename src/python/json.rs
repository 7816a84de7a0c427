//! JSON as Python's `json` module reads it, as far as both agree on what it says.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number without fraction.
    Int(i128),
    /// A number with fraction or exponent; none where its digits do not tell which of the two it is.
    Float(Option<f64>),
    /// A string.
    Text(String),
    /// A list.
    List(Vec<Json>),
    /// Keys in the order of their first place; the last value of a key that is there twice.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads a whole text; none if it is not plain JSON.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// How many values there are in it, itself included.
    #[must_use]
    pub fn size(&self) -> u64 {
        1 + match self {
            Self::List(items) => items.iter().map(Self::size).sum(),
            Self::Object(items) => items.iter().map(|(_, item)| item.size()).sum::<u64>(),
            _ => 0,
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Json;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Int(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Int(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        // An integer of more than 64 bits comes as a float too.
        Ok(Json::Float(Some(value).filter(|value| value.abs() < 9e18)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(Json::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Json::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
        let mut items: Vec<(String, Json)> = Vec::new();
        let mut places = rustc_hash::FxHashMap::default();
        while let Some((key, value)) = access.next_entry::<String, Json>()? {
            let next = items.len();
            let at = *places.entry(key.clone()).or_insert(next);
            if at == next { items.push((key, value)) } else { items[at].1 = value }
        }
        Ok(Json::Object(items))
    }
}

#[cfg(test)]
mod tests {
    use super::Json;

    #[test]
    fn what_both_read_alike_is_read() {
        let text = |text: &str| Json::Text(text.to_owned());
        assert_eq!(Json::read("[1, -2, 1.5, null, true]").map(|read| read.size()), Some(6));
        assert_eq!(
            Json::read(r#"{"a": 1, "b": "x", "a": 2}"#),
            Some(Json::Object(vec![("a".to_owned(), Json::Int(2)), ("b".to_owned(), text("x")),]))
        );
        assert_eq!(Json::read("18446744073709551615"), Some(Json::Int(18_446_744_073_709_551_615)));
    }

    #[test]
    fn what_they_may_read_differently_is_not_known() {
        assert_eq!(Json::read("NaN"), None);
        assert_eq!(Json::read("[1,]"), None);
        assert_eq!(Json::read("100000000000000000000"), Some(Json::Float(None)));
        assert_eq!(Json::read("1e400"), None);
    }
}
