//! What the records hold of one parent or guardian, for them to have (DIR-10; GDPR, Article 15): every column that
//! says something of them, and nothing of other families, no secret and nothing that opens anything.

use jiff::Timestamp;
use school::{Actor, ContactId, Refusal};
use serde_json::{Map, Value, json};

use crate::audit::Action;
use crate::database::{Row, Work};
use crate::fault::{Fault, Read, Result};
use crate::store::Store;
use crate::value::values;

/// How a value is written.
#[derive(Clone, Copy, Debug)]
enum As {
    Text,
    Number,
    /// What is more than 0.
    Claim,
    /// As text: others have 53 bits for a number.
    Id,
    Time,
}

/// Some rows of the records.
#[derive(Debug)]
struct Part {
    name: &'static str,
    sql: &'static str,
    columns: &'static [(&'static str, As)],
}

/// Parts: of each its name, its columns, what each is called and how it is written, and where they are from.
macro_rules! parts {
    ($($name:literal from $from:literal { $($column:literal as $called:literal $as:ident),+ $(,)? })*) => {
        &[$(Part {
            name: $name,
            sql: concat!(
                "SELECT ", $($column, " AS ", $called, ", ",)+ "0 AS ended FROM ", $from
            ),
            columns: &[$(($called, As::$as)),+],
        }),*]
    };
}

const PARTS: &[Part] = parts! {
    "record" from "contacts WHERE contacts.school = $1 AND contacts.id = $2" {
        "contacts.id" as "id" Id,
        "contacts.name" as "name" Text,
        "contacts.records_name" as "name_in_the_records" Text,
        "contacts.email" as "email" Text,
        "contacts.mobile" as "mobile" Text,
        "contacts.telephone" as "telephone" Text,
        "contacts.source" as "id_in_the_information_system" Text,
        "contacts.from_source" as "came_by_an_import" Claim,
        "contacts.gone_at" as "left_at" Time,
        "contacts.court_order_at" as "court_order_since" Time,
    }
    "language" from "holders WHERE holders.school = $1 AND holders.id = $2" {
        "holders.language" as "language" Text,
    }
    "earlier_records" from "joined_records
        JOIN contacts ON contacts.school = joined_records.school AND contacts.id = joined_records.gone
        WHERE joined_records.school = $1 AND joined_records.kept = $2" {
        "contacts.name" as "name" Text,
        "contacts.email" as "email" Text,
        "contacts.mobile" as "mobile" Text,
        "contacts.telephone" as "telephone" Text,
        "joined_records.joined_at" as "made_one_at" Time,
        "joined_records.kept_order_at" as "court_order_of_this_record" Time,
        "joined_records.gone_order_at" as "court_order_of_that_record" Time,
        "joined_records.gone_left_at" as "left_at" Time,
    }
    "said_of_themselves" from "contact_details
        WHERE contact_details.school = $1 AND contact_details.contact = $2" {
        "contact_details.telephone" as "telephone" Text,
        "contact_details.language" as "language" Text,
        "contact_details.school_telephone" as "shown_to_the_school" Claim,
        "contact_details.families_email" as "email_shown_to_families" Claim,
        "contact_details.families_telephone" as "telephone_shown_to_families" Claim,
        "contact_details.accepted_beside" as "accepted_beside" Text,
        "contact_details.given_at" as "given_at" Time,
    }
    "said_otherwise" from "said_otherwise
        WHERE said_otherwise.school = $1 AND said_otherwise.contact = $2" {
        "said_otherwise.what" as "what" Text,
        "said_otherwise.own" as "own" Text,
        "said_otherwise.records" as "in_the_records" Text,
        "said_otherwise.accepted_beside" as "accepted_beside" Text,
        "said_otherwise.said_at" as "said_at" Time,
    }
    "names_said" from "said_names WHERE said_names.school = $1 AND said_names.contact = $2" {
        "said_names.name" as "name" Text,
        "said_names.student" as "student" Id,
        "said_names.word" as "word" Text,
        "said_names.is_kept" as "kept_by_the_office" Claim,
        "said_names.said_at" as "said_at" Time,
    }
    "students" from "guardians
        JOIN students ON students.school = guardians.school AND students.id = guardians.student
        WHERE guardians.school = $1 AND guardians.contact = $2" {
        "students.id" as "student" Id,
        "students.name" as "name" Text,
        "students.form" as "homeroom" Text,
        "students.year" as "year" Text,
        "guardians.relationship" as "relationship" Text,
        "guardians.from_source" as "came_by_an_import" Claim,
    }
    "students_before" from "former_guardians
        WHERE former_guardians.school = $1 AND former_guardians.contact = $2" {
        "former_guardians.student" as "student" Id,
        "former_guardians.relationship" as "relationship" Text,
        "former_guardians.from_source" as "came_by_an_import" Claim,
    }
    "known_as" from "known_as WHERE known_as.school = $1 AND known_as.contact = $2" {
        "known_as.name" as "name" Text,
        "known_as.email" as "email" Text,
    }
    "known_numbers" from "known_numbers
        WHERE known_numbers.school = $1 AND known_numbers.contact = $2" {
        "known_numbers.number" as "number" Text,
    }
    "known_with" from "known_with WHERE known_with.school = $1 AND known_with.contact = $2" {
        "known_with.student" as "student" Id,
    }
    "kept_apart" from "kept_apart WHERE kept_apart.school = $1 AND kept_apart.contact = $2" {
        "kept_apart.student" as "student" Id,
    }
    "students_who_live_with_them" from "households
        WHERE households.school = $1 AND households.contact = $2" {
        "households.student" as "student" Id,
    }
    "registration" from "registrations
        WHERE registrations.school = $1 AND registrations.contact = $2" {
        "registrations.sent_at" as "sent_at" Time,
        "registrations.until_at" as "good_until" Time,
        "registrations.reminded" as "reminders" Number,
        "registrations.asks_details" as "asks_for_details" Claim,
    }
    "registration_links" from "registration_links
        WHERE registration_links.school = $1 AND registration_links.contact = $2" {
        "registration_links.email" as "email" Text,
        "registration_links.is_mailed" as "by_email" Claim,
        "registration_links.sent_at" as "sent_at" Time,
        "registration_links.until_at" as "good_until" Time,
    }
    "account" from "account_contacts
        JOIN accounts ON accounts.school = account_contacts.school
          AND accounts.id = account_contacts.account
        WHERE account_contacts.school = $1 AND account_contacts.contact = $2" {
        "accounts.email" as "email" Text,
        "accounts.created_at" as "made_at" Time,
    }
    "account_sessions" from "account_contacts
        JOIN account_sessions ON account_sessions.school = account_contacts.school
          AND account_sessions.account = account_contacts.account
        WHERE account_contacts.school = $1 AND account_contacts.contact = $2" {
        "account_sessions.began_at" as "began_at" Time,
        "account_sessions.until_at" as "until" Time,
    }
    "account_links" from "account_contacts
        JOIN account_links ON account_links.school = account_contacts.school
          AND account_links.account = account_contacts.account
        WHERE account_contacts.school = $1 AND account_contacts.contact = $2" {
        "account_links.until_at" as "good_until" Time,
    }
    "new_address" from "account_contacts
        JOIN new_addresses ON new_addresses.school = account_contacts.school
          AND new_addresses.account = account_contacts.account
        WHERE account_contacts.school = $1 AND account_contacts.contact = $2" {
        "new_addresses.email" as "email" Text,
        "new_addresses.asked_at" as "asked_at" Time,
        "new_addresses.until_at" as "good_until" Time,
    }
    "one_sign_in_with_the_staff" from "account_contacts
        JOIN hats ON hats.school = account_contacts.school AND hats.account = account_contacts.account
        WHERE account_contacts.school = $1 AND account_contacts.contact = $2" {
        "hats.made_at" as "made_at" Time,
    }
    "appointments" from "bookings
        JOIN evenings ON evenings.school = bookings.school AND evenings.id = bookings.evening
        JOIN students ON students.school = bookings.school AND students.id = bookings.student
        JOIN classes ON classes.school = bookings.school AND classes.id = bookings.class
        WHERE bookings.school = $1 AND bookings.parent = $2" {
        "bookings.id" as "appointment" Id,
        "bookings.meeting" as "call" Id,
        "evenings.name" as "evening" Text,
        "students.name" as "student" Text,
        "classes.subject" as "subject" Text,
        "bookings.start_at" as "starts" Time,
        "bookings.end_at" as "ends" Time,
        "bookings.note" as "note" Text,
        "bookings.teacher_note" as "teachers_note" Text,
        "bookings.booked_at" as "booked_at" Time,
        "bookings.cancelled_at" as "cancelled_at" Time,
        "bookings.asks" as "waits_for_the_office" Claim,
    }
    "teachers_of_appointments" from "bookings
        JOIN booking_teachers ON booking_teachers.school = bookings.school
          AND booking_teachers.booking = bookings.id
        JOIN teachers ON teachers.school = bookings.school AND teachers.id = booking_teachers.teacher
        WHERE bookings.school = $1 AND bookings.parent = $2" {
        "booking_teachers.booking" as "appointment" Id,
        "teachers.name" as "teacher" Text,
    }
    "talks" from "bookings
        JOIN talks ON talks.school = bookings.school AND talks.meeting = bookings.meeting
        WHERE bookings.school = $1 AND bookings.parent = $2" {
        "talks.meeting" as "call" Id,
        "talks.start_at" as "starts" Time,
        "talks.school_at" as "school_came_at" Time,
        "talks.family_at" as "family_came_at" Time,
        "talks.met_at" as "met_at" Time,
        "talks.longer" as "longer_by_ms" Number,
    }
    "calls" from "entitled WHERE entitled.school = $1 AND entitled.holder = $2" {
        "entitled.meeting" as "call" Id,
        "entitled.number" as "participant" Number,
        "entitled.role" as "role" Text,
        "entitled.powers" as "may" Text,
        "entitled.ended_at" as "ended_at" Time,
    }
    "kept_out_of_calls" from "kept_out
        JOIN stopped_calls ON stopped_calls.school = kept_out.school AND stopped_calls.id = kept_out.stop
        WHERE kept_out.school = $1 AND kept_out.holder = $2" {
        "stopped_calls.meeting" as "call" Id,
        "stopped_calls.stopped_at" as "stopped_at" Time,
        "stopped_calls.decided_at" as "looked_at_by_the_office" Time,
        "stopped_calls.let_back_at" as "let_back_at" Time,
    }
    "links" from "links WHERE links.school = $1 AND links.holder = $2" {
        "links.scope" as "of" Id,
        "links.version" as "version" Number,
        "links.withdrawn_at" as "withdrawn_at" Time,
        "links.time_zone" as "time_zone" Text,
        "links.rules" as "ground_rules" Number,
        "links.rules_at" as "ground_rules_accepted_at" Time,
    }
    "sessions" from "links
        JOIN sessions ON sessions.school = links.school AND sessions.link = links.id
        WHERE links.school = $1 AND links.holder = $2" {
        "sessions.meeting" as "call" Id,
        "sessions.parting" as "ended_by" Text,
        "sessions.over_at" as "over_at" Time,
    }
    "invitations_they_made" from "invitations
        JOIN evenings ON evenings.school = invitations.school AND evenings.id = invitations.evening
        WHERE invitations.school = $1 AND invitations.inviter = $2" {
        "invitations.id" as "invitation" Id,
        "evenings.name" as "evening" Text,
        "invitations.name" as "name" Text,
        "invitations.email" as "email" Text,
        "invitations.state" as "state" Text,
        "invitations.created_at" as "made_at" Time,
        "invitations.joined_at" as "guest_came_at" Time,
        "invitations.removed_at" as "removed_at" Time,
    }
    "students_of_those_invitations" from "coverage
        WHERE coverage.school = $1 AND coverage.inviter = $2" {
        "coverage.invitation" as "invitation" Id,
        "coverage.student" as "student" Id,
    }
    "consents" from "consents WHERE consents.school = $1 AND consents.inviter = $2" {
        "consents.invitation" as "invitation" Id,
        "consents.wording" as "wording" Number,
        "consents.how" as "how" Text,
        "consents.given_at" as "given_at" Time,
    }
    "decisions_of_the_office" from "invitations
        JOIN approvals ON approvals.school = invitations.school
          AND approvals.invitation = invitations.id
        WHERE invitations.school = $1 AND invitations.inviter = $2" {
        "approvals.invitation" as "invitation" Id,
        "approvals.asked_at" as "asked_at" Time,
        "approvals.decided_at" as "decided_at" Time,
        "approvals.outcome" as "outcome" Text,
        "approvals.reason" as "reason" Text,
    }
    "invitations_to_them" from "contacts
        JOIN invitations ON invitations.school = contacts.school
          AND invitations.email_key = contacts.email_key
        WHERE contacts.school = $1 AND contacts.id = $2" {
        "invitations.name" as "name" Text,
        "invitations.email" as "email" Text,
        "invitations.state" as "state" Text,
        "invitations.created_at" as "made_at" Time,
        "invitations.joined_at" as "came_at" Time,
        "invitations.removed_at" as "removed_at" Time,
    }
    "parents_they_named" from "named_parents
        WHERE named_parents.school = $1 AND named_parents.inviter = $2" {
        "named_parents.student" as "student" Id,
        "named_parents.name" as "name" Text,
        "named_parents.email" as "email" Text,
        "named_parents.asked_at" as "asked_at" Time,
        "named_parents.outcome" as "outcome" Text,
        "named_parents.decided_at" as "decided_at" Time,
        "named_parents.reason" as "reason" Text,
    }
    "guests_they_invited_out_of_calls" from "call_guests
        WHERE call_guests.school = $1 AND call_guests.inviter = $2" {
        "call_guests.meeting" as "call" Id,
        "call_guests.name" as "name" Text,
        "call_guests.email" as "email" Text,
        "call_guests.mobile" as "mobile" Text,
        "call_guests.language" as "language" Text,
        "call_guests.sent_at" as "sent_at" Time,
        "call_guests.joined_at" as "guest_came_at" Time,
        "call_guests.removed_at" as "removed_at" Time,
    }
    "invitations_to_them_out_of_calls" from "contacts
        JOIN call_guests ON call_guests.school = contacts.school
          AND call_guests.email_key = contacts.email_key
        WHERE contacts.school = $1 AND contacts.id = $2" {
        "call_guests.name" as "name" Text,
        "call_guests.email" as "email" Text,
        "call_guests.sent_at" as "sent_at" Time,
        "call_guests.joined_at" as "came_at" Time,
        "call_guests.removed_at" as "removed_at" Time,
    }
    "visits_to_rooms" from "contacts
        JOIN visitors ON visitors.school = contacts.school AND visitors.email_key = contacts.email_key
        WHERE contacts.school = $1 AND contacts.id = $2" {
        "visitors.name" as "name" Text,
        "visitors.email" as "email" Text,
        "visitors.mobile" as "mobile" Text,
        "visitors.reason" as "reason" Text,
        "visitors.came_at" as "came_at" Time,
        "visitors.joined_at" as "joined_at" Time,
        "visitors.removed_at" as "removed_at" Time,
    }
    "messages_to_them" from "mail WHERE mail.school = $1 AND mail.holder = $2" {
        "mail.kind" as "kind" Text,
        "mail.channel" as "by" Text,
        "mail.address" as "address" Text,
        "mail.state" as "state" Text,
        "mail.reason" as "reason" Text,
        "mail.queued_at" as "queued_at" Time,
        "mail.sent_at" as "sent_at" Time,
        "mail.attempts" as "attempts" Number,
    }
    "told_of_appointments" from "told WHERE told.school = $1 AND told.holder = $2" {
        "told.booking" as "appointment" Id,
        "told.start_at" as "starts" Time,
        "told.end_at" as "ends" Time,
        "told.sequence" as "sequence" Number,
    }
    "audit_log" from "audit WHERE audit.school = $1
        AND ('contact:' || CAST($2 AS TEXT) IN (audit.actor, audit.subject)
          OR ' ' || audit.detail || ' ' LIKE '% contact=' || CAST($2 AS TEXT) || ' %'
          OR ' ' || audit.detail || ' ' LIKE '% inviter=' || CAST($2 AS TEXT) || ' %')
        ORDER BY audit.number" {
        "audit.number" as "row" Number,
        "audit.at" as "at" Time,
        "audit.action" as "action" Text,
    }
};

impl Part {
    async fn read(&self, work: &mut Work, values: Vec<crate::value::Value>) -> Read<Value> {
        let rows = work.all(self.sql, values).await?;
        let rows = rows.iter().map(|row| self.row(row));
        Ok(Value::Array(rows.collect::<Read<_>>()?))
    }

    /// A row, without what is empty in it.
    fn row(&self, row: &Row) -> Read<Value> {
        let mut members = Map::new();
        for (called, how) in self.columns {
            let value = match how {
                As::Text => row
                    .named::<Option<String>>(called)?
                    .filter(|it| !it.is_empty())
                    .map(Value::from),
                As::Number => row.named::<Option<i64>>(called)?.map(Value::from),
                As::Claim => row.named::<Option<i64>>(called)?.map(|it| (it > 0).into()),
                As::Id => row
                    .named::<Option<i64>>(called)?
                    .map(|it| it.to_string().into()),
                As::Time => row
                    .named::<Option<Timestamp>>(called)?
                    .map(|it| it.to_string().into()),
            };
            if let Some(value) = value {
                members.insert((*called).to_owned(), value);
            }
        }
        Ok(Value::Object(members))
    }
}

impl Store {
    /// All that the records hold of a contact, as JSON that people can read; that somebody took it is in the audit log.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`].
    pub async fn personal_data(
        &self,
        contact: ContactId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<String> {
        let mut work = self.write().await?;
        work.at_length().await?;
        let is_there = work
            .count(
                "SELECT COUNT(*) FROM contacts WHERE school = $1 AND id = $2",
                values![self.school, contact],
            )
            .await?;
        if is_there == 0 {
            return Err(Refusal::NotFound.into());
        }
        let subject = format!("contact:{contact}");
        self.audit(&mut work, actor, Action::DataTaken, &subject, &[], now)
            .await?;
        let mut parts = Map::new();
        for part in PARTS {
            let rows = part.read(&mut work, values![self.school, contact]).await?;
            parts.insert(part.name.to_owned(), rows);
        }
        work.commit().await?;
        let all = json!({"about": subject, "made_at": now.to_string(), "data": parts});
        let text = serde_json::to_string_pretty(&all);
        Ok(text.map_err(|_never| Fault::Broken("what is no JSON"))?)
    }
}

#[cfg(test)]
mod tests {
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

    /// Tables of which nothing is exported, and why.
    const OTHERS: &[(&str, &str)] = &[
        (
            "account_contacts",
            "which record an account is of: `account` follows from it",
        ),
        ("area_providers", "of the staff"),
        ("areas", "of the school"),
        ("booking_presses", "of the office"),
        ("call_guest_presses", "names no contact"),
        ("callers", "came by an area's link, and are no contact"),
        ("class_students", "a student's own"),
        ("class_teachers", "of the school"),
        ("erased_ids", "digests of who was erased"),
        ("evening_classes", "of the school"),
        ("evening_managers", "of the staff"),
        ("held_at_doors", "whoever came may be another person"),
        ("identities", "of the staff"),
        ("import_columns", "of the school"),
        ("import_folders", "of the school"),
        ("information_systems", "of the school"),
        ("joined_rows", "how to part two records again"),
        ("kept_out_of_classes", "a student's own"),
        ("known_keys", "of the server"),
        ("logos", "of the school"),
        ("meetings", "of the school"),
        ("new_address_links", "digests of links"),
        ("nodes", "of the server"),
        ("owners", "of the server"),
        ("recovery_codes", "of the staff"),
        ("room_members", "of the staff"),
        ("rooms", "of the school"),
        ("runs", "of the server"),
        ("schema_version", "of the server"),
        ("schools", "of the school"),
        ("scopes", "of the school"),
        ("second_factors", "of the staff"),
        ("session_numbers", "of the server"),
        ("set_up_links", "of the staff"),
        ("staff", "of the staff"),
        ("staff_sessions", "of the staff"),
        ("substitutes", "of the staff"),
        ("taken_otherwise", "of the staff"),
        ("told_apart", "names another person"),
        ("two_people", "names another person"),
        ("unentered_orders", "names no contact"),
        ("webhooks", "names nobody"),
    ];

    /// Columns of the other tables that are not exported, and why; `*` of every table.
    const LEFT_OUT: &[(&str, &str, &str)] = &[
        ("*", "school", "of the server"),
        ("*", "contact", "whose it is"),
        ("*", "holder", "whose it is"),
        ("*", "parent", "whose it is"),
        ("*", "inviter", "whose it is, or another person"),
        ("*", "account", "whose it is"),
        ("*", "digest", "a digest of a secret"),
        ("*", "attempt", "names a press of a button"),
        ("*", "name_key", "the name, folded"),
        ("*", "email_key", "the address, folded"),
        ("*", "form_key", "the homeroom, folded"),
        ("*", "year_key", "the year, folded"),
        ("*", "stays", "how imports go about it"),
        ("*", "evening", "its name is there"),
        ("contacts", "may_be", "names another person"),
        ("holders", "kind", "it is a parent"),
        ("holders", "id", "whose it is"),
        ("students", "source", "a student's own"),
        ("students", "from_source", "a student's own"),
        ("students", "gone_at", "a student's own"),
        ("students", "records_name", "a student's own"),
        ("guardians", "student", "students.id"),
        ("accounts", "id", "whose it is"),
        ("accounts", "password_hash", "a secret"),
        ("account_sessions", "beside", "a digest of a secret"),
        ("hats", "staff", "of the staff"),
        ("said_names", "id", "how it is found"),
        ("bookings", "student", "their name is there"),
        ("bookings", "class", "its subject is there"),
        ("bookings", "slot", "its times are there"),
        ("booking_teachers", "teacher", "their name is there"),
        ("booking_teachers", "slot", "its times are there"),
        ("booking_teachers", "position", "their order"),
        ("invitations", "ordinal", "their order"),
        ("consents", "id", "how it is found"),
        ("approvals", "contact", "names another person"),
        ("approvals", "because", "of another person"),
        ("links", "id", "a half of the link"),
        ("links", "key", "of the server"),
        ("sessions", "id", "of the server"),
        ("sessions", "link", "a half of the link"),
        ("sessions", "shown", "of the server"),
        ("sessions", "sent", "of the server"),
        ("sessions", "seat", "of the server"),
        ("sessions", "place", "of the server"),
        ("sessions", "boot", "of the server"),
        ("mail", "id", "how it is found"),
        ("mail", "scope", "of the school"),
        ("mail", "booking", "of the school"),
        ("mail", "declined", "of the school"),
        (
            "mail",
            "says",
            "what it says while it is on its way, read from what is exported",
        ),
        ("mail", "message_id", "of the server"),
        ("mail", "once", "of the server"),
        ("mail", "due_at", "of the server"),
        ("mail", "lease", "of the server"),
        ("mail", "doubts", "of the server"),
        ("told", "teachers", "ids of the staff"),
        ("named_parents", "id", "how it is found"),
        ("joined_records", "gone", "how it is found"),
        ("joined_records", "kept", "whose it is"),
        ("stopped_calls", "id", "how it is found"),
        ("stopped_calls", "stopped_by", "another person"),
        ("stopped_calls", "note", "of another person"),
        ("stopped_calls", "shuts", "of the room"),
        ("kept_out", "stop", "how it is found"),
        ("visitors", "id", "how it is found"),
        ("visitors", "room", "of the school"),
        ("call_guests", "id", "how it is found"),
        ("call_guests", "may_be", "names another person"),
        (
            "call_guests",
            "held_name",
            "of whoever came, who may be another person",
        ),
        ("call_guests", "held_because", "of another person"),
        ("call_guests", "held_at", "of another person"),
        ("call_guests", "let_in_at", "of another person"),
        ("audit", "actor", "may be another person"),
        ("audit", "subject", "may be another person"),
        ("audit", "detail", "may be another person"),
        ("audit", "before", "of the log"),
        ("audit", "hash", "of the log"),
        ("audit", "sealed_by", "of the log"),
    ];

    /// Tables whose rows say more of what a person has, of which not all columns are theirs.
    const BESIDE: &[&str] = &["evenings", "classes", "teachers"];

    /// Columns that hold the id of a contact.
    const WHOSE: &[&str] = &["contact", "holder", "parent", "inviter", "kept"];

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

    /// The columns that are exported, as `table.column`.
    fn exported() -> BTreeSet<&'static str> {
        let sql = PARTS.iter().filter_map(|it| it.sql.split(" FROM ").next());
        let words = sql.flat_map(|it| it.split([' ', ',']));
        words.filter(|it| it.contains('.')).collect()
    }

    /// Whatever is added to the records is exported, or somebody has said here why not.
    #[tokio::test]
    async fn every_column_of_a_person_is_exported_or_left_out_with_a_reason() {
        let (_folder, _store, mut beside) = records().await;
        let exported = exported();
        let others: BTreeMap<_, _> = OTHERS.iter().copied().collect();
        let mut unsaid = Vec::new();
        for column in columns(&mut beside).await {
            let whole = format!("{}.{}", column.table, column.name);
            let is_left_out = LEFT_OUT.iter().any(|(table, name, _)| {
                (*table == "*" || *table == column.table) && *name == column.name
            });
            let is_beside = BESIDE.contains(&column.table.as_str());
            let is_said = exported.contains(whole.as_str())
                || is_left_out
                || is_beside
                || others.contains_key(column.table.as_str());
            if !is_said {
                unsaid.push(whole);
            }
        }
        assert_eq!(unsaid, Vec::<String>::new(), "export it, or say why not");
    }

    const ONE: i64 = 1_001;
    const OTHER: i64 = 1_002;

    /// Enters one row in every table, of somebody: ids lead from one to the other, and each text is one of its own.
    async fn plant(beside: &mut SqliteConnection, whose: i64) -> BTreeMap<String, String> {
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
                let is_id =
                    column.name == "id" && ["contacts", "holders"].contains(&table.as_str());
                let value = if column.name == "school" {
                    "1".to_owned()
                } else if is_id || WHOSE.contains(&column.name.as_str()) {
                    whose.to_string()
                } else if column.name == "email_key" {
                    format!("'key of {whose}'")
                } else if table == "audit" && column.name == "subject" {
                    format!("'contact:{whose}'")
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
        let (_folder, store, mut beside) = records().await;
        let own = plant(&mut beside, ONE).await;
        let others = plant(&mut beside, OTHER).await;
        beside.close().await.expect("closed");
        let now = Timestamp::UNIX_EPOCH;
        let one = ContactId(ONE.cast_unsigned());
        let text = store.personal_data(one, Actor::Program, now).await;
        let text = text.expect("read");
        for canary in others.values() {
            assert!(!text.contains(canary), "{canary}");
        }
        let exported = exported();
        for (column, canary) in &own {
            let is_there = text.contains(canary);
            assert_eq!(is_there, exported.contains(column.as_str()), "{column}");
        }
        assert!(own.len() > 120, "{}", own.len());
        // Among rows that were planted.
        let log = store.audit_log(None, 10).await.expect("read");
        let subject = format!("contact:{ONE}");
        let is_it =
            |it: &crate::audit::AuditRow| it.action == "data_taken" && it.subject == subject;
        assert_eq!(log.iter().filter(|it| is_it(it)).count(), 1);
        let nobody = store.personal_data(ContactId(5), Actor::Program, now).await;
        assert!(nobody.is_err());
    }
}
