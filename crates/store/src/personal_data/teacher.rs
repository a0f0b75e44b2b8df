//! What is kept of a teacher: nothing of the families whose appointments they take.

use super::{As, Part};

pub(super) const OWN: &[Part] = parts! {
    "record" from "teachers WHERE teachers.school = $1 AND teachers.id = $2" {
        "teachers.id" as "id" Id,
        "teachers.name" as "name" Text,
        "teachers.email" as "email" Text,
        "teachers.place" as "place_in_walking_order" Number,
        "teachers.source" as "id_in_the_information_system" Text,
        "teachers.from_source" as "came_by_an_import" Claim,
        "teachers.removed_at" as "left_at" Time,
    }
    "classes" from "class_teachers
        JOIN classes ON classes.school = class_teachers.school AND classes.id = class_teachers.class
        WHERE class_teachers.school = $1 AND class_teachers.teacher = $2" {
        "classes.name" as "name" Text,
        "classes.subject" as "subject" Text,
    }
    "classes_that_a_source_said" from "taken_otherwise
        JOIN classes ON classes.school = taken_otherwise.school AND classes.id = taken_otherwise.class
        WHERE taken_otherwise.school = $1 AND taken_otherwise.teacher = $2" {
        "classes.name" as "name" Text,
        "classes.subject" as "subject" Text,
    }
    "appointments" from "booking_teachers
        JOIN bookings ON bookings.school = booking_teachers.school
          AND bookings.id = booking_teachers.booking
        JOIN evenings ON evenings.school = bookings.school AND evenings.id = bookings.evening
        JOIN classes ON classes.school = bookings.school AND classes.id = bookings.class
        WHERE booking_teachers.school = $1 AND booking_teachers.teacher = $2" {
        "booking_teachers.booking" as "appointment" Id,
        "bookings.meeting" as "call" Id,
        "evenings.name" as "evening" Text,
        "classes.subject" as "subject" Text,
        "bookings.start_at" as "starts" Time,
        "bookings.end_at" as "ends" Time,
        "bookings.cancelled_at" as "cancelled_at" Time,
    }
    "evenings_without_them" from "substitutes
        JOIN evenings ON evenings.school = substitutes.school AND evenings.id = substitutes.evening
        WHERE substitutes.school = $1 AND substitutes.teacher = $2" {
        "evenings.name" as "evening" Text,
    }
    "evenings_for_somebody_else" from "substitutes
        JOIN evenings ON evenings.school = substitutes.school AND evenings.id = substitutes.evening
        WHERE substitutes.school = $1 AND substitutes.instead = $2" {
        "evenings.name" as "evening" Text,
    }
    "calls_they_stopped" from "stopped_calls
        WHERE stopped_calls.school = $1 AND stopped_calls.stopped_by = $2" {
        "stopped_calls.meeting" as "call" Id,
        "stopped_calls.stopped_at" as "stopped_at" Time,
        "stopped_calls.decided_at" as "looked_at_by_the_office" Time,
        "stopped_calls.let_back_at" as "let_back_at" Time,
    }
    "guests_they_invited_out_of_calls" from "call_guests
        WHERE call_guests.school = $1 AND call_guests.inviter = $2" {
        "call_guests.meeting" as "call" Id,
        "call_guests.sent_at" as "sent_at" Time,
    }
};

pub(super) const LOGGED: &[Part] = logged!("teacher", "teacher", "instead");
