//! What is kept of the guest of an invitation; whoever invited them, and the students, have files of their own.

use super::{As, Part};

pub(super) const OWN: &[Part] = parts! {
    "invitation" from "invitations
        JOIN evenings ON evenings.school = invitations.school AND evenings.id = invitations.evening
        WHERE invitations.school = $1 AND invitations.id = $2" {
        "invitations.id" as "id" Id,
        "evenings.name" as "evening" Text,
        "invitations.name" as "name" Text,
        "invitations.email" as "email" Text,
        "invitations.state" as "state" Text,
        "invitations.created_at" as "made_at" Time,
        "invitations.joined_at" as "came_at" Time,
        "invitations.removed_at" as "removed_at" Time,
    }
    "students" from "coverage WHERE coverage.school = $1 AND coverage.invitation = $2" {
        "coverage.student" as "student" Id,
    }
    "consents" from "consents WHERE consents.school = $1 AND consents.invitation = $2" {
        "consents.wording" as "wording" Number,
        "consents.how" as "how" Text,
        "consents.given_at" as "given_at" Time,
    }
    "decisions_of_the_office" from "approvals
        WHERE approvals.school = $1 AND approvals.invitation = $2" {
        "approvals.asked_at" as "asked_at" Time,
        "approvals.decided_at" as "decided_at" Time,
        "approvals.outcome" as "outcome" Text,
    }
};

pub(super) const LOGGED: &[Part] = logged!("invitation", "invitation");
