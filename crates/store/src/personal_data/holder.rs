//! What is kept of whoever may hold a link: their calls, links and messages.

use super::{As, Part};

pub(super) const OWN: &[Part] = parts! {
    "language" from "holders WHERE holders.school = $1 AND holders.id = $2" {
        "holders.language" as "language" Text,
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
};
