//! How the browser reads what the server sends: for each type one reader, put together from those
//! of `web/src/wire/read.ts`.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::HEAD;
use super::shape::{Shape, name_in, referred};

/// What is sent to who holds a link, and to anybody.
const FOR_LINKS: [&str; 17] = [
    "AutoBooked",
    "BookingView",
    "CallGuest",
    "CallGuests",
    "Changes",
    "Invited",
    "LinkView",
    "NetworkTest",
    "ParentView",
    "Problem",
    "RelayAccess",
    "SchoolView",
    "ServerMessage",
    "SlotsView",
    "TeacherView",
    "TicketGranted",
    "VisitorLink",
];

/// What is sent to the office and to parents with an account, besides.
const FOR_THE_OFFICE: [&str; 59] = [
    "AccentAnswer",
    "Account",
    "AccountHome",
    "AlikeRecords",
    "Approvals",
    "Attention",
    "Audit",
    "Class",
    "Classes",
    "ContactPerson",
    "Decided",
    "Evening",
    "EveningManagers",
    "EveningPeople",
    "Evenings",
    "ImportFolder",
    "ImportReport",
    "InformationSystem",
    "JoinReport",
    "LinkShown",
    "LiveView",
    "Members",
    "Notices",
    "OfficeArea",
    "OfficeAreas",
    "OfficeBookings",
    "OfficeInvitation",
    "OfficeInvitations",
    "OfficeRoom",
    "NewPasskey",
    "NewSecondFactor",
    "OfficeRooms",
    "OrderTaken",
    "OpenidAnswer",
    "OpenidOffer",
    "OpenidStarted",
    "OpenRegistrations",
    "ParentNamed",
    "PasskeyAsked",
    "Pupils",
    "Queued",
    "RecoveryCodes",
    "RegistrationOffer",
    "RegistrationProgress",
    "RegistrationsSent",
    "RegistrationLetters",
    "Replaced",
    "SchoolFace",
    "SchoolSettings",
    "SecondFactor",
    "SetupOffer",
    "Staff",
    "StaffHome",
    "StoppedCalls",
    "Student",
    "StudentLists",
    "Students",
    "Teachers",
    "Visits",
];

/// The readers of everything that pages of links are sent.
pub(super) fn for_links(shapes: &[Shape]) -> String {
    file(shapes, &in_order(shapes, &FOR_LINKS), &[])
}

/// The readers of what the office alone is sent.
pub(super) fn for_the_office(shapes: &[Shape]) -> String {
    let others = in_order(shapes, &FOR_LINKS);
    let all = in_order(shapes, &FOR_THE_OFFICE);
    let own: Vec<_> = all.into_iter().filter(|it| !others.contains(it)).collect();
    file(shapes, &own, &others)
}

/// The names of all that the server sends, whole or as a part of something.
pub(super) fn sent(shapes: &[Shape]) -> BTreeSet<String> {
    let roots = [&FOR_LINKS[..], &FOR_THE_OFFICE[..]].concat();
    in_order(shapes, &roots).into_iter().collect()
}

/// These and what they refer to, each after what it refers to.
fn in_order(shapes: &[Shape], roots: &[&str]) -> Vec<String> {
    fn visit(shapes: &[Shape], name: &str, into: &mut Vec<String>) {
        if !into.iter().any(|it| it == name) {
            for part in referred(&named(shapes, name).schema) {
                visit(shapes, &part, into);
            }
            into.push(name.to_owned());
        }
    }
    let mut order = Vec::new();
    for root in roots {
        visit(shapes, root, &mut order);
    }
    order
}

#[expect(clippy::panic, reason = "a type that is sent is in the list of all")]
pub(super) fn named<'s>(shapes: &'s [Shape], name: &str) -> &'s Shape {
    let found = shapes.iter().find(|it| it.name == name);
    found.unwrap_or_else(|| panic!("{name} is missing in typescript/shape.rs"))
}

fn file(shapes: &[Shape], names: &[String], elsewhere: &[String]) -> String {
    let readers: Vec<String> = names
        .iter()
        .map(|name| {
            let reader = reader(named(shapes, name));
            format!("export const read{name}: Read<{name}> = {reader};\n")
        })
        .collect();
    let body = readers.join("\n");
    let words: BTreeSet<&str> = body.split(|it: char| !it.is_alphanumeric()).collect();
    let used = |it: &str| words.contains(it);
    let parts: Vec<&str> = PARTS.into_iter().filter(|it| used(it)).collect();
    let of_the_office: Vec<&str> = OFFICE_PARTS.into_iter().filter(|it| used(it)).collect();
    let foreign: Vec<String> = elsewhere
        .iter()
        .map(|name| format!("read{name}"))
        .filter(|it| used(it))
        .collect();
    let mut out = HEAD.to_owned();
    out.push_str(&import("type ", names, "./messages"));
    out.push_str(&import(
        "",
        &[&["type Read"], &parts[..]].concat(),
        "./read",
    ));
    if !of_the_office.is_empty() {
        out.push_str(&import("", &of_the_office, "./read-office"));
    }
    if !foreign.is_empty() {
        out.push_str(&import("", &foreign, "./readers"));
    }
    out.push('\n');
    out.push_str(&body);
    out
}

fn import<T: AsRef<str>>(kind: &str, names: &[T], from: &str) -> String {
    let names: Vec<&str> = names.iter().map(T::as_ref).collect();
    let names = names.join(",\n  ");
    format!("import {kind}{{\n  {names},\n}} from \"{from}\";\n")
}

/// Those of `read.ts` that there are.
const PARTS: [&str; 10] = [
    "count", "flag", "instant", "listOf", "oneOf", "optional", "orElse", "shaped", "tagged", "text",
];

/// Those of `read-office.ts`.
const OFFICE_PARTS: [&str; 2] = ["recordOf", "webAddress"];

fn reader(shape: &Shape) -> String {
    let schema = &shape.schema;
    if let Some(members) = schema.get("enum").and_then(Value::as_array) {
        let members: Vec<&str> = members.iter().filter_map(Value::as_str).collect();
        return format!("oneOf([\"{}\"])", members.join("\", \""));
    }
    if let Some(kinds) = schema.get("oneOf").and_then(Value::as_array) {
        let kinds: Vec<String> = kinds
            .iter()
            .map(|kind| format!("  {}: {},\n", kind_of(kind), fields(shape, kind, "  ")))
            .collect();
        return format!("tagged<{}>({{\n{}}})", shape.name, kinds.concat());
    }
    format!("shaped<{}>({})", shape.name, fields(shape, schema, ""))
}

/// The `type` of one of several kinds.
pub(super) fn kind_of(schema: &Value) -> &str {
    let kind = schema.pointer("/properties/type/enum/0");
    kind.and_then(Value::as_str).unwrap_or_default()
}

/// A reader for each field.
fn fields(shape: &Shape, schema: &Value, indent: &str) -> String {
    let lines: Vec<String> = properties(schema)
        .map(|(name, property)| {
            let reader = field(shape, schema, name, property);
            format!("{indent}  {name}: {reader},\n")
        })
        .collect();
    if lines.is_empty() {
        return "{}".to_owned();
    }
    format!("{{\n{}{indent}}}", lines.concat())
}

/// The fields of an object, without the one that tells its kind.
pub(super) fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let all = schema.get("properties").and_then(Value::as_object);
    let is_kind = |value: &Value| value.get("enum").is_some();
    all.into_iter()
        .flatten()
        .filter(move |(name, value)| name.as_str() != "type" || !is_kind(value))
}

/// Whether an object always has a field.
pub(super) fn is_required(schema: &Value, field: &str) -> bool {
    let required = schema.get("required").and_then(Value::as_array);
    required.into_iter().flatten().any(|it| it == field)
}

fn field(shape: &Shape, schema: &Value, name: &str, property: &Value) -> String {
    let (reader, absent) = part(property);
    if is_required(schema, name) {
        reader
    } else if is_nullable(property) || shape.may_lack(name) {
        format!("optional({reader})")
    } else {
        format!("orElse({reader}, {absent})")
    }
}

fn is_nullable(property: &Value) -> bool {
    let kinds = ["type", "oneOf"].map(|key| property.get(key).and_then(Value::as_array));
    let is_null = |it: &Value| it == "null" || it.get("type").is_some_and(|it| it == "null");
    kinds.into_iter().flatten().flatten().any(is_null)
}

/// The reader of a part, and what it is where it is absent.
fn part(schema: &Value) -> (String, &'static str) {
    if let Some(either) = schema.get("oneOf").and_then(Value::as_array) {
        let refers = either.iter().find(|it| it.get("$ref").is_some());
        return part(refers.unwrap_or(&Value::Null));
    }
    let empty = Map::new();
    let fields = schema.as_object().unwrap_or(&empty);
    if let Some(name) = name_in(fields) {
        return (format!("read{name}"), "undefined");
    }
    let format = fields.get("format").and_then(Value::as_str);
    match (kind(fields), format) {
        ("string", Some("date-time")) => ("instant".to_owned(), "\"\""),
        ("string", Some("uri")) => ("webAddress".to_owned(), "\"\""),
        ("string", _) => ("text".to_owned(), "\"\""),
        ("boolean", _) => ("flag".to_owned(), "false"),
        ("integer", _) => ("count".to_owned(), "0"),
        ("array", _) => (inner("listOf", fields.get("items")), "[]"),
        (_, _) => (inner("recordOf", fields.get("additionalProperties")), "{}"),
    }
}

/// The first of its types, which is not null.
fn kind(fields: &Map<String, Value>) -> &str {
    let one = fields.get("type");
    let first = one.and_then(|it| it.get(0)).or(one);
    first.and_then(Value::as_str).unwrap_or_default()
}

fn inner(of: &str, schema: Option<&Value>) -> String {
    format!("{of}({})", part(schema.unwrap_or(&Value::Null)).0)
}
