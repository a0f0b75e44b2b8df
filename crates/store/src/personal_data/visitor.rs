//! What is kept of a guest of a meeting, or of a caller: by whichever door they came.

use super::{As, Part};

pub(super) const OWN: &[Part] = parts! {
    "guest_of_a_room" from "visitors
        JOIN rooms ON rooms.school = visitors.school AND rooms.id = visitors.room
        WHERE visitors.school = $1 AND visitors.id = $2" {
        "visitors.id" as "id" Id,
        "rooms.name" as "room" Text,
        "visitors.name" as "name" Text,
        "visitors.email" as "email" Text,
        "visitors.mobile" as "mobile" Text,
        "visitors.reason" as "reason" Text,
        "visitors.came_at" as "came_at" Time,
        "visitors.joined_at" as "joined_at" Time,
        "visitors.removed_at" as "removed_at" Time,
    }
    "guest_of_a_call" from "call_guests
        WHERE call_guests.school = $1 AND call_guests.id = $2" {
        "call_guests.id" as "id" Id,
        "call_guests.meeting" as "call" Id,
        "call_guests.name" as "name" Text,
        "call_guests.held_name" as "name_given_at_the_door" Text,
        "call_guests.email" as "email" Text,
        "call_guests.mobile" as "mobile" Text,
        "call_guests.language" as "written_to_in" Text,
        "call_guests.sent_at" as "sent_at" Time,
        "call_guests.joined_at" as "joined_at" Time,
        "call_guests.removed_at" as "removed_at" Time,
    }
    "caller" from "callers
        JOIN areas ON areas.school = callers.school AND areas.id = callers.area
        WHERE callers.school = $1 AND callers.id = $2" {
        "callers.id" as "id" Id,
        "areas.name" as "waiting_area" Text,
        "callers.name" as "name" Text,
        "callers.reason" as "reason" Text,
        "callers.came_at" as "came_at" Time,
        "callers.stage" as "stage" Text,
        "callers.stage_at" as "since" Time,
        "callers.meeting" as "call" Id,
        "callers.message" as "message_to_them" Text,
        "callers.word" as "word_at_the_end" Text,
        "callers.left_words" as "words_they_left" Text,
        "callers.joined_at" as "joined_at" Time,
    }
    "waited_at_a_door" from "held_at_doors
        WHERE held_at_doors.school = $1 AND held_at_doors.id = $2" {
        "held_at_doors.id" as "id" Id,
        "held_at_doors.name" as "name" Text,
        "held_at_doors.reason" as "reason" Text,
        "held_at_doors.email" as "email" Text,
        "held_at_doors.mobile" as "mobile" Text,
        "held_at_doors.held_at" as "came_at" Time,
    }
};

pub(super) const LOGGED: &[Part] = logged!("visitor", "visitor");
