//! The JSON Schema of `[tool.precollect]`, for editors: made from the declared keys and the types of their values.

use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use super::keys::KEYS;
use super::{Format, Report};
use crate::python::effects;

/// The schema of a type; what a key's declaration names.
pub(super) fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    T::json_schema(generator)
}

/// A list, or one item that stands for a list of one.
pub(super) struct OneOrMany<T>(PhantomData<T>);

impl<T: JsonSchema> JsonSchema for OneOrMany<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("OneOrMany{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = T::json_schema(generator);
        json_schema!({ "anyOf": [{ "type": "array", "items": one.clone() }, one] })
    }
}

/// A platform's name.
pub(super) struct PlatformName;

impl JsonSchema for PlatformName {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Platform".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "enum": ["linux", "darwin", "macos", "win32", "windows"] })
    }
}

/// The word for an effect.
pub(super) struct EffectName;

impl JsonSchema for EffectName {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Effect".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let kinds: Vec<&str> = effects::kinds().collect();
        json_schema!({ "enum": kinds })
    }
}

/// A section of the report.
pub(super) struct SectionName;

impl JsonSchema for SectionName {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Section".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "enum": Report::SECTIONS })
    }
}

/// `FORMAT` or `FORMAT=FILE`.
pub(super) struct OutputName;

impl JsonSchema for OutputName {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Output".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<&str> = Format::ALL.iter().map(|(_, name, _)| *name).collect();
        json_schema!({ "type": "string", "pattern": format!("^({})(=.+)?$", names.join("|")) })
    }
}

/// The document: one property per key, nested tables as objects.
#[must_use]
pub fn document() -> Value {
    let mut generator = SchemaGenerator::default();
    let mut top = Map::new();
    for key in KEYS {
        let mut schema = (key.schema)(&mut generator).to_value();
        if let Some(object) = schema.as_object_mut() {
            object.insert("description".into(), Value::from(format!("{}.", key.help)));
            object.extend(value(key.default).map(|default| ("default".to_string(), default)));
            object.extend(value(key.example).map(|example| ("examples".to_string(), json!([example]))));
        }
        match key.name.split_once('.') {
            None => {
                top.insert(key.name.to_string(), schema);
            }
            Some((table, name)) => {
                let table = top.entry(table).or_insert_with(|| object(Map::new()));
                if let Some(properties) = table.get_mut("properties").and_then(Value::as_object_mut) {
                    properties.insert(name.to_string(), schema);
                }
            }
        }
    }
    let mut document = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "precollect",
        "description": "Settings of precollect: precollect.toml, .precollect.toml, or [tool.precollect] in pyproject.toml.",
    });
    let definitions = generator.take_definitions(true);
    if let (Some(all), Value::Object(rest)) = (document.as_object_mut(), object(top)) {
        all.extend(rest);
        if !definitions.is_empty() {
            all.insert("$defs".into(), Value::Object(definitions));
        }
    }
    document
}

fn object(properties: Map<String, Value>) -> Value {
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

/// A value as the declaration writes it, in TOML; none for a default that is put in words.
fn value(text: &str) -> Option<Value> {
    let table: toml::Table = toml::from_str(&format!("value = {text}")).ok()?;
    serde_json::to_value(table.get("value")?).ok()
}
