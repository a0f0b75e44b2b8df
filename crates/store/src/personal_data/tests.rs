use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use links::KeyId;
use school::meeting::Margins;
use school::powers::RolePowers;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, SqliteConnection};

use super::*;
use crate::keys::Keys;
use crate::store::{Options, Place};
use Kind::{Contact, Guest, Staff, Student, Teacher, Visitor};

/// Whose data it may be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Contact,
    Student,
    Teacher,
    Staff,
    Guest,
    Visitor,
}

const ALL: &[Kind] = &[Contact, Student, Teacher, Staff, Guest, Visitor];

/// Who may hold a link.
const HOLDERS: &[Kind] = &[Contact, Teacher, Staff, Guest, Visitor];

impl Kind {
    const fn subject(self, id: u64) -> DataSubject {
        match self {
            Contact => DataSubject::Contact(ContactId(id)),
            Student => DataSubject::Student(StudentId(id)),
            Teacher => DataSubject::Teacher(TeacherId(id)),
            Staff => DataSubject::Staff(StaffId(id)),
            Guest => DataSubject::Guest(InvitationId(id)),
            Visitor => DataSubject::Visitor(VisitorId(id)),
        }
    }

    /// Tables whose `id` is theirs.
    const fn tables(self) -> &'static [&'static str] {
        match self {
            Contact => &["contacts", "holders"],
            Student => &["students"],
            Teacher => &["teachers", "holders"],
            Staff => &["staff", "holders"],
            Guest => &["invitations", "holders"],
            Visitor => &[
                "visitors",
                "call_guests",
                "callers",
                "held_at_doors",
                "holders",
            ],
        }
    }

    /// Columns that hold their id.
    const fn columns(self) -> &'static [&'static str] {
        match self {
            Contact => &["contact", "holder", "parent", "inviter", "kept"],
            Student => &["student"],
            Teacher => &["teacher", "holder", "inviter", "instead", "stopped_by"],
            Staff => &["staff", "holder", "inviter", "stopped_by", "taken_by"],
            Guest => &["invitation", "holder"],
            Visitor => &["holder"],
        }
    }

    fn parts(self) -> impl Iterator<Item = &'static Part> {
        self.subject(0).parts().into_iter().flatten()
    }

    /// The columns that are exported, as `table.column`.
    fn exported(self) -> BTreeSet<&'static str> {
        let sql = self.parts().filter_map(|it| it.sql.split(" FROM ").next());
        let words = sql.flat_map(|it| it.split([' ', ',']));
        words.filter(|it| it.contains('.')).collect()
    }
}

/// Tables of which nothing is exported, of whom, and why.
const OTHERS: &[(&str, &[Kind], &str)] = &[
    (
        "account_contacts",
        ALL,
        "which record an account is of: `account` follows from it",
    ),
    (
        "account_links",
        &[Student, Teacher, Staff, Guest, Visitor],
        "of a parent's account",
    ),
    (
        "account_sessions",
        &[Student, Teacher, Staff, Guest, Visitor],
        "of a parent's account",
    ),
    (
        "accounts",
        &[Student, Teacher, Staff, Guest, Visitor],
        "of a parent's account",
    ),
    (
        "approvals",
        &[Student, Teacher, Staff, Visitor],
        "about an invitation",
    ),
    (
        "area_providers",
        &[Contact, Student, Teacher, Guest, Visitor],
        "of the staff",
    ),
    (
        "areas",
        &[Contact, Student, Teacher, Guest],
        "of the school",
    ),
    ("booking_presses", ALL, "of the office"),
    (
        "booking_teachers",
        &[Staff, Guest, Visitor],
        "takes no appointments",
    ),
    (
        "bookings",
        &[Staff, Guest, Visitor],
        "is in no appointment by themselves: their calls are there",
    ),
    ("call_guest_presses", ALL, "names nobody"),
    (
        "call_guests",
        &[Student, Guest],
        "invited nobody, and was not invited",
    ),
    (
        "callers",
        &[Contact, Student, Teacher, Guest],
        "came by an area's link: a visitor",
    ),
    (
        "class_students",
        &[Contact, Teacher, Staff, Guest, Visitor],
        "a student's own",
    ),
    (
        "class_teachers",
        &[Contact, Student, Staff, Guest, Visitor],
        "of teachers",
    ),
    ("classes", &[Staff, Guest, Visitor], "of the school"),
    (
        "consents",
        &[Student, Teacher, Staff, Visitor],
        "about an invitation",
    ),
    (
        "contact_details",
        &[Student, Teacher, Staff, Guest, Visitor],
        "a contact's own",
    ),
    (
        "contacts",
        &[Student, Teacher, Staff, Guest, Visitor],
        "a contact's own: they have a file of theirs",
    ),
    (
        "coverage",
        &[Teacher, Staff, Visitor],
        "about an invitation",
    ),
    ("entitled", &[Student], "holds no link"),
    ("erased_ids", ALL, "digests of who was erased"),
    ("evening_classes", ALL, "of the school"),
    (
        "evening_managers",
        &[Contact, Student, Teacher, Guest, Visitor],
        "of the staff",
    ),
    ("evenings", &[Visitor], "of the school"),
    (
        "former_guardians",
        &[Teacher, Staff, Guest, Visitor],
        "of contacts and students",
    ),
    (
        "guardians",
        &[Teacher, Staff, Guest, Visitor],
        "of contacts and students",
    ),
    (
        "hats",
        &[Student, Teacher, Guest, Visitor],
        "of the staff and of parents",
    ),
    (
        "held_at_doors",
        &[Contact, Student, Teacher, Staff, Guest],
        "whoever came may be another person",
    ),
    ("holders", &[Student], "holds no link"),
    (
        "households",
        &[Teacher, Staff, Guest, Visitor],
        "of contacts and students",
    ),
    (
        "identities",
        &[Contact, Student, Teacher, Guest, Visitor],
        "of the staff",
    ),
    ("import_columns", ALL, "of the school"),
    ("import_folders", ALL, "of the school"),
    ("information_systems", ALL, "of the school"),
    (
        "invitations",
        &[Student, Teacher, Staff, Visitor],
        "about an invitation",
    ),
    (
        "joined_records",
        &[Student, Teacher, Staff, Guest, Visitor],
        "a contact's own",
    ),
    ("joined_rows", ALL, "how to part two records again"),
    (
        "kept_apart",
        &[Teacher, Staff, Guest, Visitor],
        "of contacts and students",
    ),
    ("kept_out", &[Student], "holds no link"),
    (
        "kept_out_of_classes",
        &[Contact, Teacher, Staff, Guest, Visitor],
        "a student's own",
    ),
    (
        "known_as",
        &[Student, Teacher, Staff, Guest, Visitor],
        "a contact's own",
    ),
    ("known_keys", ALL, "of the server"),
    (
        "known_numbers",
        &[Student, Teacher, Staff, Guest, Visitor],
        "a contact's own",
    ),
    (
        "known_with",
        &[Teacher, Staff, Guest, Visitor],
        "of contacts and students",
    ),
    ("links", &[Student], "holds no link"),
    ("logos", ALL, "of the school"),
    ("mail", &[Student], "is written to by nobody"),
    ("meetings", ALL, "of the school"),
    (
        "named_parents",
        &[Teacher, Staff, Guest, Visitor],
        "of contacts and students",
    ),
    ("new_address_links", ALL, "digests of links"),
    (
        "new_addresses",
        &[Student, Teacher, Staff, Guest, Visitor],
        "of a parent's account",
    ),
    ("nodes", ALL, "of the server"),
    ("owners", ALL, "of the server"),
    (
        "passkey_challenges",
        ALL,
        "of the server: for a few minutes, and nothing but digests",
    ),
    (
        "passkeys",
        &[Contact, Student, Teacher, Guest, Visitor],
        "of the staff",
    ),
    (
        "recovery_codes",
        &[Contact, Student, Teacher, Guest, Visitor],
        "of the staff",
    ),
    (
        "registration_links",
        &[Student, Teacher, Staff, Guest, Visitor],
        "a contact's own",
    ),
    (
        "registrations",
        &[Student, Teacher, Guest, Visitor],
        "a contact's own",
    ),
    (
        "room_members",
        &[Contact, Student, Teacher, Guest, Visitor],
        "of the staff",
    ),
    (
        "rooms",
        &[Contact, Student, Teacher, Guest],
        "of the school",
    ),
    ("runs", ALL, "of the server"),
    (
        "said_names",
        &[Teacher, Staff, Guest, Visitor],
        "of contacts and students",
    ),
    (
        "said_otherwise",
        &[Student, Teacher, Staff, Guest, Visitor],
        "a contact's own",
    ),
    ("schema_version", ALL, "of the server"),
    ("schools", ALL, "of the school"),
    ("scopes", ALL, "of the school"),
    (
        "second_factors",
        &[Contact, Student, Teacher, Guest, Visitor],
        "of the staff",
    ),
    ("serves_alone", ALL, "of the server"),
    ("session_numbers", ALL, "of the server"),
    ("sessions", &[Student], "holds no link"),
    (
        "set_up_links",
        &[Contact, Student, Teacher, Guest, Visitor],
        "of the staff",
    ),
    (
        "staff",
        &[Contact, Student, Teacher, Guest, Visitor],
        "of the staff",
    ),
    (
        "staff_sessions",
        &[Contact, Student, Teacher, Guest, Visitor],
        "of the staff",
    ),
    ("stopped_calls", &[Student], "is in no call"),
    (
        "students",
        &[Teacher, Staff, Guest, Visitor],
        "a student's own",
    ),
    (
        "substitutes",
        &[Contact, Student, Staff, Guest, Visitor],
        "of teachers",
    ),
    (
        "taken_otherwise",
        &[Contact, Student, Staff, Guest, Visitor],
        "of teachers",
    ),
    (
        "talks",
        &[Teacher, Staff, Guest, Visitor],
        "of the family whose appointment it is",
    ),
    ("teachers", &[Staff, Guest, Visitor], "of teachers"),
    ("told", &[Student], "is told nothing"),
    ("told_apart", ALL, "names another person"),
    ("two_people", ALL, "names another person"),
    ("unentered_orders", ALL, "names nobody by an id"),
    (
        "visitors",
        &[Student, Teacher, Staff, Guest],
        "whoever came may be another person",
    ),
    ("webhooks", ALL, "names nobody"),
];

/// Columns of the other tables that are not exported, of whom, and why; `*` of every table.
const LEFT_OUT: &[(&[Kind], &str, &[&str], &str)] = &[
    (ALL, "*", &["school"], "of the server"),
    (ALL, "*", &["digest"], "a digest of a secret"),
    (ALL, "*", &["attempt"], "names a press of a button"),
    (
        ALL,
        "*",
        &["name_key", "email_key", "form_key", "year_key"],
        "folded",
    ),
    (ALL, "*", &["stays"], "how imports go about it"),
    (ALL, "*", &["evening"], "its name is there"),
    (&[Contact], "*", &["account"], "whose it is"),
    (&[Contact], "contacts", &["may_be"], "names another person"),
    (HOLDERS, "holders", &["id", "kind"], "whose it is"),
    (
        &[Contact],
        "students",
        &["source", "from_source", "gone_at", "records_name"],
        "a student's own",
    ),
    (&[Contact], "guardians", &["student"], "students.id"),
    (&[Contact], "accounts", &["id"], "whose it is"),
    (&[Contact], "accounts", &["password_hash"], "a secret"),
    (
        &[Contact],
        "account_sessions",
        &["beside"],
        "a digest of a secret",
    ),
    (&[Contact], "hats", &["staff"], "of the staff"),
    (&[Staff], "hats", &["account"], "theirs as a parent"),
    (
        &[Contact, Student],
        "said_names",
        &["id"],
        "how it is found",
    ),
    (
        &[Student],
        "said_names",
        &["contact", "word"],
        "of another person",
    ),
    (
        &[Contact, Student],
        "bookings",
        &["student", "class", "slot"],
        "their names and times are there",
    ),
    (
        &[Contact, Student, Teacher],
        "bookings",
        &["booked_again"],
        "the appointment after it is there",
    ),
    (&[Student], "bookings", &["parent"], "another person"),
    (
        &[Teacher],
        "bookings",
        &[
            "parent",
            "student",
            "class",
            "slot",
            "note",
            "teacher_note",
            "booked_at",
            "asks",
        ],
        "of the family",
    ),
    (&[Teacher], "bookings", &["id"], "booking_teachers.booking"),
    (
        &[Contact, Student, Teacher],
        "booking_teachers",
        &["teacher", "slot", "position"],
        "their name, times and order",
    ),
    (
        &[Student],
        "class_students",
        &["class"],
        "its name is there",
    ),
    (
        &[Student],
        "kept_out_of_classes",
        &["class"],
        "its name is there",
    ),
    (
        &[Teacher],
        "class_teachers",
        &["class", "position"],
        "its name is there",
    ),
    (
        &[Teacher],
        "taken_otherwise",
        &["class"],
        "its name is there",
    ),
    (
        &[Contact, Guest],
        "invitations",
        &["ordinal"],
        "their order",
    ),
    (&[Guest], "invitations", &["inviter"], "another person"),
    (&[Contact, Guest], "consents", &["id"], "how it is found"),
    (&[Guest], "consents", &["inviter"], "another person"),
    (
        &[Student, Guest],
        "coverage",
        &["inviter"],
        "another person",
    ),
    (
        &[Contact, Guest],
        "approvals",
        &["contact", "because"],
        "of another person",
    ),
    (
        &[Guest],
        "approvals",
        &["reason"],
        "to whoever invited them",
    ),
    (HOLDERS, "links", &["id"], "a half of the link"),
    (HOLDERS, "links", &["key"], "of the server"),
    (HOLDERS, "sessions", &["link"], "a half of the link"),
    (
        HOLDERS,
        "sessions",
        &["id", "shown", "sent", "seat", "place", "boot"],
        "of the server",
    ),
    (
        HOLDERS,
        "mail",
        &["id", "message_id", "once", "due_at", "lease", "doubts"],
        "of the server",
    ),
    (
        HOLDERS,
        "mail",
        &["scope", "booking", "declined"],
        "of the school",
    ),
    (
        HOLDERS,
        "mail",
        &["says"],
        "what it says while it is on its way, read from what is exported",
    ),
    (HOLDERS, "told", &["teachers"], "ids of the staff"),
    (
        &[Contact, Student],
        "named_parents",
        &["id"],
        "how it is found",
    ),
    (
        &[Student],
        "named_parents",
        &["inviter", "name", "email", "reason"],
        "of another person",
    ),
    (&[Contact], "joined_records", &["gone"], "how it is found"),
    (HOLDERS, "stopped_calls", &["id"], "how it is found"),
    (
        HOLDERS,
        "stopped_calls",
        &["stopped_by", "note"],
        "of another person: whoever did it, and whom it tells of",
    ),
    (HOLDERS, "stopped_calls", &["shuts"], "of the room"),
    (HOLDERS, "kept_out", &["stop"], "how it is found"),
    (&[Contact], "visitors", &["id"], "how it is found"),
    (&[Contact, Visitor], "visitors", &["room"], "of the school"),
    (&[Contact], "call_guests", &["id"], "how it is found"),
    (
        &[Teacher, Staff],
        "call_guests",
        &[
            "id",
            "name",
            "email",
            "mobile",
            "language",
            "joined_at",
            "removed_at",
            "may_be",
            "held_name",
            "held_because",
            "held_at",
            "let_in_at",
        ],
        "of whom they invited",
    ),
    (
        &[Contact],
        "call_guests",
        &["held_name"],
        "of whoever came, who may be another person",
    ),
    (
        &[Contact, Visitor],
        "call_guests",
        &["may_be", "held_because", "held_at", "let_in_at"],
        "of another person",
    ),
    (&[Visitor], "call_guests", &["inviter"], "another person"),
    (
        &[Staff],
        "callers",
        &[
            "id",
            "area",
            "name",
            "reason",
            "came_at",
            "stage",
            "message",
            "word",
            "joined_at",
            "left_words",
            "door",
        ],
        "of whom they took",
    ),
    (
        &[Visitor],
        "callers",
        &["area", "taken_by", "door"],
        "its name is there; another person; of the server",
    ),
    (&[Visitor], "held_at_doors", &["scope"], "of the school"),
    (
        &[Visitor],
        "held_at_doors",
        &["may_be", "held_because", "let_in_at", "turned_away_at"],
        "of another person",
    ),
    (&[Staff], "staff", &["password_hash"], "a secret"),
    (&[Staff], "identities", &["client"], "of the server"),
    (
        &[Staff],
        "passkeys",
        &[
            "credential",
            "public_key",
            "algorithm",
            "sign_count",
            "transports",
        ],
        "what checks their signature",
    ),
    (
        &[Staff],
        "second_factors",
        &["secret", "used_step"],
        "a secret",
    ),
    (&[Staff], "room_members", &["room"], "its name is there"),
    (&[Staff], "area_providers", &["area"], "its name is there"),
    (
        &[Staff],
        "registrations",
        &["contact", "until_at", "reminded", "asks_details"],
        "of whom they invited",
    ),
    (
        ALL,
        "audit",
        &["actor", "subject", "detail"],
        "may be another person",
    ),
    (ALL, "audit", &["before", "hash", "sealed_by"], "of the log"),
];

/// Tables whose rows say more of what a person has, of which not all columns are theirs.
const BESIDE: &[(&str, &[Kind])] = &[
    ("evenings", ALL),
    ("classes", ALL),
    ("rooms", ALL),
    ("areas", ALL),
    ("teachers", &[Contact, Student]),
];

struct Column {
    table: String,
    name: String,
    kind: String,
}

async fn columns(beside: &mut SqliteConnection) -> Vec<Column> {
    let rows: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT tables.name, columns.name, columns.type
         FROM sqlite_master AS tables, pragma_table_info(tables.name) AS columns
         WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite_%'
         ORDER BY tables.rowid, columns.cid",
    )
    .fetch_all(beside)
    .await
    .expect("read");
    let column = |(table, name, kind)| Column { table, name, kind };
    rows.into_iter().map(column).collect()
}

/// Whether somebody has said why a column is not exported.
fn is_left_out(kind: Kind, table: &str, column: &str) -> bool {
    let is_whose = kind.columns().contains(&column);
    is_whose
        || LEFT_OUT.iter().any(|(kinds, of, columns, _)| {
            kinds.contains(&kind) && (*of == "*" || *of == table) && columns.contains(&column)
        })
}

/// Whatever is added to the records is exported, of everybody whom it is about, or somebody has said here why not.
#[tokio::test]
async fn every_column_of_a_person_is_exported_or_left_out_with_a_reason() {
    let (_folder, _store, mut beside) = records().await;
    let all = columns(&mut beside).await;
    let mut unsaid = Vec::new();
    for kind in ALL {
        let exported = kind.exported();
        let has = |table: &str| {
            exported
                .iter()
                .any(|it| it.starts_with(&format!("{table}.")))
        };
        for (table, kinds, why) in OTHERS {
            let is_known = all.iter().any(|it| it.table == *table);
            assert!(is_known && !why.is_empty(), "{table}");
            assert!(
                !kinds.contains(kind) || !has(table) || is_beside(*kind, table),
                "{table} of a {kind:?}"
            );
        }
        for Column { table, name, .. } in &all {
            let is_others =
                |(of, kinds, _): &(&str, &[Kind], &str)| of == table && kinds.contains(kind);
            let is_said = exported.contains(format!("{table}.{name}").as_str())
                || is_left_out(*kind, table, name)
                || (has(table) && is_beside(*kind, table))
                || OTHERS.iter().any(is_others);
            if !is_said {
                unsaid.push(format!("{table}.{name} of a {kind:?}"));
            }
        }
    }
    assert_eq!(unsaid, Vec::<String>::new(), "export it, or say why not");
}

fn is_beside(kind: Kind, table: &str) -> bool {
    BESIDE
        .iter()
        .any(|(of, kinds)| *of == table && kinds.contains(&kind))
}

const ONE: i64 = 1_001;
const OTHER: i64 = 1_002;

/// Enters one row in every table, of somebody: ids lead from one to the other, and each text is one of its own.
async fn plant(beside: &mut SqliteConnection, kind: Kind, whose: i64) -> BTreeMap<String, String> {
    let mut tables: BTreeMap<String, Vec<Column>> = BTreeMap::new();
    for column in columns(beside).await {
        tables.entry(column.table.clone()).or_default().push(column);
    }
    let mut canaries = BTreeMap::new();
    for (table, columns) in tables {
        let has_school = columns.iter().any(|it| it.name == "school");
        if !has_school {
            continue;
        }
        let names: Vec<&str> = columns.iter().map(|it| it.name.as_str()).collect();
        let mut planted = Vec::new();
        for column in &columns {
            let is_id = column.name == "id" && kind.tables().contains(&table.as_str());
            let value = if column.name == "school" {
                "1".to_owned()
            } else if is_id || kind.columns().contains(&column.name.as_str()) {
                whose.to_string()
            } else if column.name == "email_key" {
                format!("'key of {whose}'")
            } else if table == "audit" && column.name == "subject" {
                format!("'{}'", kind.subject(whose.cast_unsigned()))
            } else if column.kind == "TEXT" {
                let canary = format!("canary {table}.{} of {whose}", column.name);
                canaries.insert(format!("{table}.{}", column.name), canary.clone());
                format!("'{canary}'")
            } else if column.kind == "BLOB" {
                format!("CAST('canary {table}.{} of {whose}' AS BLOB)", column.name)
            } else {
                // One number for all that one person has.
                (whose + 6_000).to_string()
            };
            planted.push(value);
        }
        let sql = format!(
            "INSERT INTO {table} ({}) VALUES ({})",
            names.join(", "),
            planted.join(", ")
        );
        let done = sqlx::query(AssertSqlSafe(sql)).execute(&mut *beside).await;
        // Of some there is one a school.
        if let Err(error) = done {
            assert!(error.to_string().contains("UNIQUE"), "{table}: {error}");
        }
    }
    canaries
}

async fn records() -> (tempfile::TempDir, Store, SqliteConnection) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("homeroom.sqlite");
    let options = Options {
        key: KeyId(1),
        settle: SignedDuration::ZERO,
        texts_a_day: 0,
        powers: RolePowers::DEFAULT,
        margins: Margins::DEFAULT,
    };
    let place = Place::Sqlite(file.clone());
    let store = Store::open(&place, options).await.expect("a database");
    let keys = Keys::make(folder.path(), KeyId(1)).expect("keys");
    let options = SqliteConnectOptions::new().filename(file);
    let beside = options.foreign_keys(false).connect().await.expect("open");
    (folder, store.with_keys(&keys), beside)
}

#[tokio::test]
async fn all_of_a_person_is_in_the_file_and_nothing_of_others_and_no_secret() {
    for kind in ALL {
        let (_folder, store, mut beside) = records().await;
        let own = plant(&mut beside, *kind, ONE).await;
        let others = plant(&mut beside, *kind, OTHER).await;
        beside.close().await.expect("closed");
        let now = Timestamp::UNIX_EPOCH;
        let one = kind.subject(ONE.cast_unsigned());
        let text = store.personal_data(one, Actor::Program, now).await;
        let text = text.expect("read");
        for canary in others.values() {
            assert!(!text.contains(canary), "{kind:?}: {canary}");
        }
        let exported = kind.exported();
        for (column, canary) in &own {
            let is_there = text.contains(canary);
            assert_eq!(
                is_there,
                exported.contains(column.as_str()),
                "{kind:?}: {column}"
            );
        }
        assert!(own.len() > 120, "{}", own.len());
        // Among rows that were planted.
        let log = store.audit_log(None, 10).await.expect("read");
        let subject = one.to_string();
        let is_it =
            |it: &crate::audit::AuditRow| it.action == "data_taken" && it.subject == subject;
        assert_eq!(log.iter().filter(|it| is_it(it)).count(), 1, "{kind:?}");
        let nobody = store
            .personal_data(kind.subject(5), Actor::Program, now)
            .await;
        assert!(nobody.is_err(), "{kind:?}");
    }
}
