//! What is kept of somebody of the staff: nothing of whom they wrote to, took or invited.

use super::{As, Part};

pub(super) const OWN: &[Part] = parts! {
    "record" from "staff WHERE staff.school = $1 AND staff.id = $2" {
        "staff.id" as "id" Id,
        "staff.name" as "name" Text,
        "staff.email" as "email" Text,
        "staff.rank" as "role" Text,
        "staff.last_resort" as "password_made_on_the_machine" Claim,
        "staff.created_at" as "made_at" Time,
        "staff.disabled_at" as "left_at" Time,
    }
    "signed_in" from "staff_sessions
        WHERE staff_sessions.school = $1 AND staff_sessions.staff = $2" {
        "staff_sessions.began_at" as "began_at" Time,
        "staff_sessions.until_at" as "until" Time,
    }
    "links_to_choose_a_password" from "set_up_links
        WHERE set_up_links.school = $1 AND set_up_links.staff = $2" {
        "set_up_links.until_at" as "good_until" Time,
        "set_up_links.used_at" as "used_at" Time,
    }
    "second_step" from "second_factors
        WHERE second_factors.school = $1 AND second_factors.staff = $2" {
        "second_factors.added_at" as "added_at" Time,
        "second_factors.wrong" as "wrong_codes" Number,
        "second_factors.wrong_at" as "wrong_since" Time,
    }
    "recovery_codes" from "recovery_codes
        WHERE recovery_codes.school = $1 AND recovery_codes.staff = $2" {
        "recovery_codes.used_at" as "used_at" Time,
    }
    "passkeys" from "passkeys WHERE passkeys.school = $1 AND passkeys.staff = $2" {
        "passkeys.id" as "id" Id,
        "passkeys.name" as "name" Text,
        "passkeys.added_at" as "added_at" Time,
        "passkeys.used_at" as "used_at" Time,
    }
    "accounts_at_providers" from "identities
        WHERE identities.school = $1 AND identities.staff = $2" {
        "identities.issuer" as "provider" Text,
        "identities.subject" as "called_there" Text,
        "identities.bound_at" as "since" Time,
    }
    "one_sign_in_as_a_parent" from "hats WHERE hats.school = $1 AND hats.staff = $2" {
        "hats.made_at" as "made_at" Time,
    }
    "evenings_they_manage" from "evening_managers
        JOIN evenings ON evenings.school = evening_managers.school
          AND evenings.id = evening_managers.evening
        WHERE evening_managers.school = $1 AND evening_managers.staff = $2" {
        "evenings.name" as "evening" Text,
    }
    "meeting_rooms" from "room_members
        JOIN rooms ON rooms.school = room_members.school AND rooms.id = room_members.room
        WHERE room_members.school = $1 AND room_members.staff = $2" {
        "rooms.name" as "name" Text,
    }
    "waiting_areas" from "area_providers
        JOIN areas ON areas.school = area_providers.school AND areas.id = area_providers.area
        WHERE area_providers.school = $1 AND area_providers.staff = $2" {
        "areas.name" as "name" Text,
        "area_providers.late_minutes" as "late_minutes" Number,
        "area_providers.says_until" as "away_or_late_until" Time,
    }
    "callers_they_took" from "callers
        WHERE callers.school = $1 AND callers.taken_by = $2" {
        "callers.meeting" as "call" Id,
        "callers.stage_at" as "at" Time,
    }
    "invitations_to_register_they_sent" from "registrations
        WHERE registrations.school = $1 AND registrations.inviter = $2" {
        "registrations.sent_at" as "sent_at" Time,
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

pub(super) const LOGGED: &[Part] = logged!("staff", "staff");
