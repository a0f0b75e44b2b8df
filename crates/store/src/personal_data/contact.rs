//! What is kept of a parent, a guardian or another contact.

use super::{As, Part};

pub(super) const OWN: &[Part] = parts! {
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
};

pub(super) const LOGGED: &[Part] = logged!("contact", "contact", "inviter");
