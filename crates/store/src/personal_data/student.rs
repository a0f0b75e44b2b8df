//! What is kept of a student. Their contacts have files of their own: here are their ids.

use super::{As, Part};

pub(super) const OWN: &[Part] = parts! {
    "record" from "students WHERE students.school = $1 AND students.id = $2" {
        "students.id" as "id" Id,
        "students.name" as "name" Text,
        "students.records_name" as "name_in_the_records" Text,
        "students.form" as "homeroom" Text,
        "students.year" as "year" Text,
        "students.source" as "id_in_the_information_system" Text,
        "students.from_source" as "came_by_an_import" Claim,
        "students.gone_at" as "left_at" Time,
    }
    "names_that_contacts_gave" from "said_names
        WHERE said_names.school = $1 AND said_names.student = $2" {
        "said_names.name" as "name" Text,
        "said_names.is_kept" as "kept_by_the_office" Claim,
        "said_names.said_at" as "said_at" Time,
    }
    "contacts" from "guardians WHERE guardians.school = $1 AND guardians.student = $2" {
        "guardians.contact" as "contact" Id,
        "guardians.relationship" as "relationship" Text,
        "guardians.from_source" as "came_by_an_import" Claim,
    }
    "contacts_before" from "former_guardians
        WHERE former_guardians.school = $1 AND former_guardians.student = $2" {
        "former_guardians.contact" as "contact" Id,
        "former_guardians.relationship" as "relationship" Text,
        "former_guardians.from_source" as "came_by_an_import" Claim,
    }
    "known_with" from "known_with WHERE known_with.school = $1 AND known_with.student = $2" {
        "known_with.contact" as "contact" Id,
    }
    "kept_apart_from" from "kept_apart WHERE kept_apart.school = $1 AND kept_apart.student = $2" {
        "kept_apart.contact" as "contact" Id,
    }
    "lives_with" from "households WHERE households.school = $1 AND households.student = $2" {
        "households.contact" as "contact" Id,
    }
    "classes" from "class_students
        JOIN classes ON classes.school = class_students.school AND classes.id = class_students.class
        WHERE class_students.school = $1 AND class_students.student = $2" {
        "classes.name" as "name" Text,
        "classes.subject" as "subject" Text,
        "class_students.from_source" as "came_by_an_import" Claim,
    }
    "taken_out_of_classes" from "kept_out_of_classes
        JOIN classes ON classes.school = kept_out_of_classes.school
          AND classes.id = kept_out_of_classes.class
        WHERE kept_out_of_classes.school = $1 AND kept_out_of_classes.student = $2" {
        "classes.name" as "name" Text,
        "classes.subject" as "subject" Text,
    }
    "appointments" from "bookings
        JOIN evenings ON evenings.school = bookings.school AND evenings.id = bookings.evening
        JOIN classes ON classes.school = bookings.school AND classes.id = bookings.class
        WHERE bookings.school = $1 AND bookings.student = $2" {
        "bookings.id" as "appointment" Id,
        "bookings.meeting" as "call" Id,
        "evenings.name" as "evening" Text,
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
        WHERE bookings.school = $1 AND bookings.student = $2" {
        "booking_teachers.booking" as "appointment" Id,
        "teachers.name" as "teacher" Text,
    }
    "talks" from "bookings
        JOIN talks ON talks.school = bookings.school AND talks.meeting = bookings.meeting
        WHERE bookings.school = $1 AND bookings.student = $2" {
        "talks.meeting" as "call" Id,
        "talks.start_at" as "starts" Time,
        "talks.school_at" as "school_came_at" Time,
        "talks.family_at" as "family_came_at" Time,
        "talks.met_at" as "met_at" Time,
        "talks.longer" as "longer_by_ms" Number,
    }
    "invitations_about_them" from "coverage
        WHERE coverage.school = $1 AND coverage.student = $2" {
        "coverage.invitation" as "invitation" Id,
    }
    "other_parents_who_were_named" from "named_parents
        WHERE named_parents.school = $1 AND named_parents.student = $2" {
        "named_parents.asked_at" as "asked_at" Time,
        "named_parents.outcome" as "outcome" Text,
        "named_parents.decided_at" as "decided_at" Time,
    }
};

pub(super) const LOGGED: &[Part] = logged!("student", "student");
