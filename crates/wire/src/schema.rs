//! What a type looks like in JSON, as JSON Schema.

use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

use crate::limits;

/// The schemas of a type and of all that it refers to, by name.
#[must_use]
pub fn of<T: ToSchema>() -> Map<String, Value> {
    let mut parts: Vec<(String, RefOr<Schema>)> = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut parts);
    parts
        .into_iter()
        .filter_map(|(name, schema)| {
            let mut schema = serde_json::to_value(schema).ok()?;
            limits::spell_out(&mut schema);
            Some((name, schema))
        })
        .collect()
}
