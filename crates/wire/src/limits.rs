//! How much of what people give is taken, and which ground rules they are shown: as `school` says it, for the API's description and for
//! the browser.
//!
//! A field of a body names the kind of what it holds as its `format`; what bounds that kind is
//! written into the description here.

use school::{evening, import, password, registration, retention, text};
use serde_json::{Map, Value, json};

pub use school::ground_rules::GROUND_RULES;

/// The longest name of a time zone.
pub const LONGEST_ZONE: usize = 64;
/// The longest tag of a language, in characters (RFC 5646 §4.4.1).
pub const LONGEST_LANGUAGE: usize = 35;

/// The digits of an attempt: 128 bits in hexadecimal.
pub const ATTEMPT_DIGITS: usize = 32;

/// Those that the browser asks for too, by their names there.
pub(crate) const FOR_THE_BROWSER: [(&str, usize); 16] = [
    ("LONGEST_NAME", text::LONGEST_NAME),
    ("LONGEST_NOTE", text::LONGEST_NOTE),
    ("LONGEST_ADDRESS", text::LONGEST_ADDRESS),
    ("LONGEST_MESSAGE", crate::MAX_MESSAGE),
    ("ATTEMPT_DIGITS", ATTEMPT_DIGITS),
    ("SHORTEST_PASSWORD", password::SHORTEST),
    ("LONGEST_PASSWORD", password::LONGEST),
    ("SHORTEST_SLOT", evening::SHORTEST_SLOT as usize),
    ("LONGEST_SLOT", evening::LONGEST_SLOT as usize),
    ("LONGEST_GAP", evening::LONGEST_GAP as usize),
    ("SHORTEST_RETENTION", retention::SHORTEST_DAYS as usize),
    ("LONGEST_RETENTION", retention::LONGEST_DAYS as usize),
    ("LARGEST_FILE", import::LARGEST_FILE),
    ("MOST_ROWS", import::MOST_ROWS),
    ("MOST_INVITED", registration::MOST_AT_ONCE),
    ("GROUND_RULES", GROUND_RULES as usize),
];

/// What bounds a kind; none where it is no kind of ours.
fn of_kind(kind: &str) -> Option<Value> {
    Some(match kind {
        "name" => json!({"maxLength": text::LONGEST_NAME}),
        "note" => json!({"maxLength": text::LONGEST_NOTE}),
        "address" => json!({"maxLength": text::LONGEST_ADDRESS}),
        "mobile" => json!({"maxLength": text::LONGEST_MOBILE}),
        "password" => json!({"maxLength": password::LONGEST}),
        "zone" => json!({"maxLength": LONGEST_ZONE}),
        "language" => json!({"maxLength": LONGEST_LANGUAGE}),
        "attempt" => json!({"pattern": format!("^[0-9a-f]{{{ATTEMPT_DIGITS}}}$")}),
        "slot-minutes" => {
            json!({"minimum": evening::SHORTEST_SLOT, "maximum": evening::LONGEST_SLOT})
        }
        "gap-minutes" => json!({"minimum": 0, "maximum": evening::LONGEST_GAP}),
        "retention-days" => {
            json!({"minimum": retention::SHORTEST_DAYS, "maximum": retention::LONGEST_DAYS})
        }
        _ => return None,
    })
}

/// Writes the bounds of each kind in the place of its name.
pub(crate) fn spell_out(schema: &mut Value) {
    match schema {
        Value::Object(fields) => spell_out_one(fields),
        Value::Array(all) => all.iter_mut().for_each(spell_out),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn spell_out_one(fields: &mut Map<String, Value>) {
    let kind = fields.get("format").and_then(Value::as_str);
    if let Some(Value::Object(bounds)) = kind.and_then(of_kind) {
        fields.remove("format");
        fields.extend(bounds);
    }
    fields.values_mut().for_each(spell_out);
}
