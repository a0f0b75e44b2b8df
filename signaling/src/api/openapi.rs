//! The description of the API (`OpenAPI` 3.1), made from the table of endpoints and the types of
//! `wire`.

use std::sync::LazyLock;

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use school::Right;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use wire::http::Problem;

/// What says who may ask.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Who {
    /// Who holds a link: its secret is in the body.
    Link,
    /// Who is signed in and of the staff.
    Staff,
    /// The same, who may look at that evening, or at any.
    Look,
    /// The same, who may run that evening, or any.
    Evening,
    /// The same, who does the school's work.
    Office,
    /// The same, who says who may do what.
    Owner,
    /// Who is signed in at their account.
    Account,
    /// Anybody.
    Anybody,
}

impl Who {
    /// What is asked of who is signed in and of the staff; nothing where others are let in.
    pub(super) const fn right(self) -> Option<Right> {
        match self {
            Self::Staff => Some(Right::Own),
            Self::Look => Some(Right::Look),
            Self::Evening => Some(Right::Evening),
            Self::Office => Some(Right::Run),
            Self::Owner => Some(Right::Govern),
            Self::Link | Self::Account | Self::Anybody => None,
        }
    }
}

/// No body.
pub(super) enum No {}

/// A body that is a file of text.
pub(super) enum Text {}

/// A body that is a picture: PNG, JPEG or WebP.
pub(super) enum Picture {}

/// A body that is a file of JSON, to be kept.
pub(super) enum Data {}

/// A body of a request or an answer.
pub(super) trait Body {
    /// Its kind and its schema; none where there is no body. What it refers to goes to `schemas`.
    fn describe(schemas: &mut Schemas) -> Option<(&'static str, Value)>;
}

impl Body for No {
    fn describe(_: &mut Schemas) -> Option<(&'static str, Value)> {
        None
    }
}

impl Body for Text {
    fn describe(_: &mut Schemas) -> Option<(&'static str, Value)> {
        Some(("text/csv", json!({"type": "string"})))
    }
}

impl Body for Picture {
    fn describe(_: &mut Schemas) -> Option<(&'static str, Value)> {
        Some(("image/png", json!({"type": "string", "format": "binary"})))
    }
}

impl Body for Data {
    fn describe(_: &mut Schemas) -> Option<(&'static str, Value)> {
        Some(("application/json", json!({"type": "object"})))
    }
}

impl<T: ToSchema> Body for T {
    fn describe(schemas: &mut Schemas) -> Option<(&'static str, Value)> {
        Some(("application/json", schemas.refer::<T>()))
    }
}

/// The schemas that are referred to, by name.
#[derive(Debug, Default)]
pub(super) struct Schemas(Map<String, Value>);

impl Schemas {
    fn refer<T: ToSchema>(&mut self) -> Value {
        self.0.extend(wire::schema::of::<T>());
        json!({"$ref": format!("#/components/schemas/{}", T::name())})
    }
}

/// The description as it grows.
#[derive(Debug, Default)]
pub(super) struct Document {
    paths: Map<String, Value>,
    schemas: Schemas,
}

impl Document {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// One endpoint more, its path without the prefix of all.
    pub(super) fn endpoint<Q: Body, A: Body>(mut self, who: Who, method: &str, path: &str) -> Self {
        let answer = match A::describe(&mut self.schemas) {
            None => ("204", json!({"description": "done"})),
            Some((kind, schema)) => (
                "200",
                json!({"description": "the answer", "content": {kind: {"schema": schema}}}),
            ),
        };
        let problem = self.schemas.refer::<Problem>();
        let mut operation = json!({
            "operationId": operation_id(method, path),
            "parameters": parameters(method, path),
            "responses": {
                answer.0: answer.1,
                "default": {
                    "description": "a refusal; its code is listed in HTTP.md",
                    "content": {"application/problem+json": {"schema": problem}},
                },
            },
        });
        if let Some((kind, schema)) = Q::describe(&mut self.schemas) {
            set(
                &mut operation,
                "requestBody",
                json!({"required": true, "content": {kind: {"schema": schema}}}),
            );
        }
        if let Some(right) = who.right() {
            set(&mut operation, "x-right", json!(right.code()));
        }
        let session = match who {
            Who::Staff | Who::Look | Who::Evening | Who::Office | Who::Owner => Some("session"),
            Who::Account => Some("account"),
            Who::Link | Who::Anybody => None,
        };
        if let Some(session) = session {
            let security = if method == "get" {
                json!([{session: []}])
            } else {
                json!([{session: [], "csrf": []}])
            };
            set(&mut operation, "security", security);
        }
        let item = self
            .paths
            .entry(format!("/api/v1{path}"))
            .or_insert_with(|| json!({}));
        set(item, method, operation);
        self
    }

    /// All of it.
    pub(super) fn finish(self) -> Value {
        json!({
            "openapi": "3.1.0",
            "info": {
                "title": "Homeroom",
                "version": env!("CARGO_PKG_VERSION"),
                "description": "School video appointments: links, bookings, invitations, and the office. crates/wire/HTTP.md tells more.",
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "paths": self.paths,
            "components": {
                "schemas": self.schemas.0,
                "securitySchemes": {
                    "session": {"type": "apiKey", "in": "cookie", "name": "homeroom"},
                    "account": {"type": "apiKey", "in": "cookie", "name": "homeroom-account"},
                    "csrf": {"type": "apiKey", "in": "header", "name": "X-Homeroom-Csrf"},
                },
            },
        })
    }
}

fn set(object: &mut Value, key: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(key.to_owned(), value);
    }
}

/// `post_links_id_tickets`.
fn operation_id(method: &str, path: &str) -> String {
    let words = path
        .split(['/', '-', '.'])
        .filter(|word| !word.is_empty())
        .map(|word| word.trim_matches(['{', '}']));
    std::iter::once(method)
        .chain(words)
        .collect::<Vec<_>>()
        .join("_")
}

/// Those of the path, and of the few queries there are.
fn parameters(method: &str, path: &str) -> Value {
    let parameter = |place: &str, name: &str| {
        json!({
            "name": name,
            "in": place,
            "required": place == "path",
            "schema": {"type": "string"},
        })
    };
    let in_path = path
        .split('/')
        .filter_map(|word| word.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| parameter("path", name));
    let queries: &[&str] = match (method, path) {
        ("get", "/audit") => &["before"],
        ("post", "/import/students") => &["apply", "columns", "headings", "whole", "all_the_same"],
        _ => &[],
    };
    let in_query = queries.iter().map(|name| parameter("query", name));
    in_path.chain(in_query).collect()
}

/// The description, made once.
pub(super) static DOCUMENT: LazyLock<Value> = LazyLock::new(super::routes::document);

/// Its text, which all answers share: those that nobody takes cost nothing.
static TEXT: LazyLock<Bytes> = LazyLock::new(|| Bytes::from(DOCUMENT.to_string()));

/// `GET /api/v1/openapi.json`.
pub(super) async fn serve() -> Response {
    ([(CONTENT_TYPE, "application/json")], TEXT.clone()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a page sends for an attempt is one.
    #[test]
    fn an_attempt_is_as_long_as_links_has_it() {
        let attempt = "a".repeat(wire::limits::ATTEMPT_DIGITS);
        assert!(attempt.parse::<links::AttemptId>().is_ok());
        assert!(format!("{attempt}a").parse::<links::AttemptId>().is_err());
    }

    /// Every reference leads somewhere, and HTTP.md names every endpoint.
    #[test]
    fn it_is_whole_and_told_in_words() {
        let text = DOCUMENT.to_string();
        for part in text.split("\"#/components/schemas/").skip(1) {
            let name = part.split('"').next().unwrap_or_default();
            let found = DOCUMENT.pointer(&format!("/components/schemas/{name}"));
            assert!(found.is_some(), "{name}");
        }
        let page = include_str!("../../../crates/wire/HTTP.md");
        let paths = DOCUMENT.get("paths").and_then(Value::as_object);
        let paths = paths.expect("an object");
        assert!(paths.len() > 40);
        for (path, item) in paths {
            let path = path.trim_start_matches("/api/v1");
            for method in item.as_object().expect("an object").keys() {
                let told = format!("| {} `{path}", method.to_uppercase());
                assert!(page.contains(&told), "HTTP.md lacks {told}");
            }
        }
    }
}
