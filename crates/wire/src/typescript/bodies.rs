//! What the browser's tests try its readers with: one body of each type, and, for each of its
//! fields, what the server's own type says to others in its place.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::readers::{kind_of, named, properties};
use super::shape::{Shape, name_in};

/// What is put in the place of each field.
fn instead() -> Vec<Value> {
    let list = json!([null, true, 0, -1, 1.5, "", "neither", [], [null], {}]);
    list.as_array().cloned().unwrap_or_default()
}

/// The file: for each type its bodies, and for each field first whether it may be absent, then
/// whether each of `instead` may stand there. `+` it may, `-` it may not, `?` it is a member of an
/// enum that is not known.
pub(super) fn file(shapes: &[Shape], sent: &BTreeSet<String>) -> String {
    let bodies: Map<String, Value> = shapes
        .iter()
        .filter(|shape| sent.contains(&shape.name))
        .map(|shape| (shape.name.clone(), tries(shapes, shape)))
        .collect();
    let file = json!({"instead": instead(), "bodies": bodies});
    format!("{file:#}\n")
}

fn tries(shapes: &[Shape], shape: &Shape) -> Value {
    if let Some(members) = shape.schema.get("enum").and_then(Value::as_array) {
        return members.iter().map(|it| json!({"body": it})).collect();
    }
    let kinds = shape.schema.get("oneOf").and_then(Value::as_array);
    let alone = std::slice::from_ref(&shape.schema);
    let kinds = kinds.map_or(alone, Vec::as_slice);
    let tried = kinds.iter().map(|schema| {
        let body = body(shapes, schema);
        let fields: Map<String, Value> = properties(schema)
            .map(|(name, property)| {
                let said = verdicts(shapes, shape, &body, (name, property));
                (name.clone(), Value::String(said))
            })
            .collect();
        json!({"body": body, "fields": fields})
    });
    tried.collect()
}

/// What the type says to each change of one field.
fn verdicts(
    shapes: &[Shape],
    shape: &Shape,
    body: &Value,
    (name, property): (&str, &Value),
) -> String {
    let takes = |value: Option<Value>| {
        let mut changed = body.as_object().cloned().unwrap_or_default();
        match value {
            Some(value) => drop(changed.insert(name.to_owned(), value)),
            None => drop(changed.remove(name)),
        }
        (shape.takes)(&Value::Object(changed))
    };
    let mark = |takes: bool| if takes { '+' } else { '-' };
    let may_lack = takes(None);
    let refers = reference(property).is_some();
    let others = instead().into_iter().map(|value| {
        let is_name = value.is_string();
        if value.is_null() && may_lack {
            // Null means the same as absent.
            '+'
        } else if (is_name && is_formatted(property)) || (value.is_array() && refers) {
            // Serde takes a list of fields for a struct; JSON of ours has none.
            '-'
        } else if is_name && is_enum(shapes, property) {
            '?'
        } else {
            mark(takes(Some(value)))
        }
    });
    std::iter::once(mark(may_lack)).chain(others).collect()
}

/// Whether a field is a text of which the page expects more than the type says.
fn is_formatted(property: &Value) -> bool {
    let format = property.get("format").and_then(Value::as_str);
    matches!(format, Some("date-time" | "uri"))
}

/// Whether a field is one of several names.
fn is_enum(shapes: &[Shape], property: &Value) -> bool {
    reference(property).is_some_and(|name| named(shapes, name).schema.get("enum").is_some())
}

/// What a field refers to, also where it may be absent.
fn reference(property: &Value) -> Option<&str> {
    let either = property.get("oneOf").and_then(Value::as_array);
    let own = std::iter::once(property);
    own.chain(either.into_iter().flatten())
        .find_map(|it| name_in(it.as_object()?))
}

/// A body with every field.
fn body(shapes: &[Shape], schema: &Value) -> Value {
    let mut fields: Map<String, Value> = properties(schema)
        .map(|(name, property)| (name.clone(), sample(shapes, property)))
        .collect();
    if !kind_of(schema).is_empty() {
        fields.insert("type".to_owned(), json!(kind_of(schema)));
    }
    Value::Object(fields)
}

fn sample(shapes: &[Shape], schema: &Value) -> Value {
    if let Some(name) = reference(schema) {
        let schema = &named(shapes, name).schema;
        return match ["enum", "oneOf"].map(|key| schema.get(key).and_then(|it| it.get(0))) {
            [Some(member), _] => member.clone(),
            [_, Some(kind)] => body(shapes, kind),
            [None, None] => body(shapes, schema),
        };
    }
    let is = |kind: &str| {
        let own = schema.get("type");
        own.is_some_and(|it| it == kind || it.get(0).is_some_and(|it| it == kind))
    };
    match schema.get("format").and_then(Value::as_str) {
        Some("date-time") => json!("2026-11-26T17:00:00Z"),
        Some("uri") => json!("https://meet.school.example/j/abc#def"),
        _ if is("string") => json!("words"),
        _ if is("boolean") => json!(true),
        _ if is("integer") => json!(7),
        _ if is("array") => json!([sample(shapes, schema.get("items").unwrap_or(&Value::Null))]),
        _ => json!({"key": "words"}),
    }
}
