//! What a file says, wherever in the file it says it: a hash of its summary that leaves all places out. Two files with the same one
//! differ in comments, blank lines and function bodies that are left in the text, and so run alike until somebody asks for
//! such a body.

use serde::ser::{self, Serialize};
use xxhash_rust::xxh3::Xxh3;

use super::Summary;

/// The hash; none for a file with problems or suppression comments, whose places matter.
#[must_use]
pub fn of(summary: &Summary) -> Option<u64> {
    if !summary.problems.is_empty() || !summary.suppressions.is_empty() {
        return None;
    }
    let mut hasher = Hasher(Xxh3::new());
    let programs: Vec<_> =
        summary.programs.ids().map(|id| summary.programs.left(id).is_none().then(|| summary.program(id))).collect();
    (&summary.strings, programs, &summary.imports, &summary.definitions).serialize(&mut hasher).ok()?;
    (&summary.setters, &summary.items, summary.future_annotations).serialize(&mut hasher).ok()?;
    Some(hasher.0.digest())
}

/// Hashes what it is given, but for places in the text.
struct Hasher(Xxh3);

impl Hasher {
    fn put(&mut self, bytes: &[u8]) -> Result<(), Never> {
        self.0.update(bytes);
        Ok(())
    }

    fn number(&mut self, number: u64) -> Result<(), Never> {
        self.put(&number.to_le_bytes())
    }

    fn length(&mut self, length: Option<usize>) -> Result<&mut Self, Never> {
        self.number(length.map_or(u64::MAX, |length| length as u64))?;
        Ok(self)
    }

    fn variant(&mut self, index: u32, length: usize) -> Result<&mut Self, Never> {
        self.number(u64::from(index))?;
        self.length(Some(length))
    }
}

/// Hashing does not fail; serde wants an error all the same.
#[derive(Debug)]
struct Never;

impl std::fmt::Display for Never {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("failed to hash a summary")
    }
}

impl std::error::Error for Never {}

impl ser::Error for Never {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Self
    }
}

/// Methods for values that are their bytes.
macro_rules! plain {
    ($($name:ident: $type:ty),*) => {
        $(fn $name(self, value: $type) -> Result<(), Never> {
            self.put(&value.to_le_bytes())
        })*
    };
}

impl<'h> ser::Serializer for &'h mut Hasher {
    type Ok = ();
    type Error = Never;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Fields<'h>;
    type SerializeStructVariant = Fields<'h>;

    plain!(serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64, serialize_i128: i128);
    plain!(serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_u128: u128);
    plain!(serialize_f32: f32, serialize_f64: f64);

    fn serialize_bool(self, value: bool) -> Result<(), Never> {
        self.put(&[u8::from(value)])
    }

    fn serialize_char(self, value: char) -> Result<(), Never> {
        self.number(u64::from(u32::from(value)))
    }

    fn serialize_str(self, value: &str) -> Result<(), Never> {
        self.serialize_bytes(value.as_bytes())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Never> {
        self.length(Some(value.len()))?.put(value)
    }

    fn serialize_none(self) -> Result<(), Never> {
        self.put(&[0])
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Never> {
        self.put(&[1])?;
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Never> {
        self.put(&[2])
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Never> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, index: u32, _: &'static str) -> Result<(), Never> {
        self.number(u64::from(index))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Never> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        index: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), Never> {
        value.serialize(self.variant(index, 1)?)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Self, Never> {
        self.length(length)
    }

    fn serialize_tuple(self, length: usize) -> Result<Self, Never> {
        self.length(Some(length))
    }

    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<Self, Never> {
        self.length(Some(length))
    }

    fn serialize_tuple_variant(self, _: &'static str, index: u32, _: &'static str, len: usize) -> Result<Self, Never> {
        self.variant(index, len)
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Self, Never> {
        self.length(length)
    }

    fn serialize_struct(self, name: &'static str, length: usize) -> Result<Fields<'h>, Never> {
        let told = name != "Span";
        Ok(Fields { hasher: if told { self.length(Some(length))? } else { self }, told })
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        index: u32,
        _: &'static str,
        length: usize,
    ) -> Result<Fields<'h>, Never> {
        Ok(Fields { hasher: self.variant(index, length)?, told: true })
    }
}

/// Fields of a struct, which are left out if it is a place.
struct Fields<'h> {
    hasher: &'h mut Hasher,
    told: bool,
}

/// Compounds whose parts follow each other.
macro_rules! compound {
    ($($trait:ident::$method:ident),*) => {
        $(impl ser::$trait for &mut Hasher {
            type Ok = ();
            type Error = Never;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Never> {
                value.serialize(&mut **self)
            }

            fn end(self) -> Result<(), Never> {
                Ok(())
            }
        })*
    };
}

compound!(SerializeSeq::serialize_element, SerializeTuple::serialize_element);
compound!(SerializeTupleStruct::serialize_field, SerializeTupleVariant::serialize_field);

impl ser::SerializeMap for &mut Hasher {
    type Ok = ();
    type Error = Never;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Never> {
        key.serialize(&mut **self)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Never> {
        value.serialize(&mut **self)
    }

    fn end(self) -> Result<(), Never> {
        Ok(())
    }
}

/// Structs, and variants with fields.
macro_rules! fields {
    ($($trait:ident),*) => {
        $(impl ser::$trait for Fields<'_> {
            type Ok = ();
            type Error = Never;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, _: &'static str, value: &T) -> Result<(), Never> {
                if self.told { value.serialize(&mut *self.hasher) } else { Ok(()) }
            }

            fn end(self) -> Result<(), Never> {
                Ok(())
            }
        })*
    };
}

fields!(SerializeStruct, SerializeStructVariant);
