//! What e-mails to the people of the office say.

use jiff::Timestamp;
use store::{AuditHead, School, SignInChange, Waiting};

use crate::catalogue::{Language, Said};
use crate::wording::{Says, help};
use crate::words::Part;

/// To whoever has forgotten their password, or somebody who says so in their place.
pub(crate) fn new_password(name: &str, school: &School, link: String, language: &Language) -> Says {
    let at = Said::by_people(school.name.as_str());
    let parts = vec![
        Part::Words(language.say("post_dear", &[("name", name.into())])),
        Part::Words(language.say("post_password_text", &[("school", (&at).into())])),
        Part::Button(language.say("post_password_subject", &[]), link),
        Part::Words(language.say("post_password_once", &[])),
        Part::Words(language.say("post_password_not_you", &[])),
        Part::Words(at),
        Part::Words(help(school, language)),
    ];
    (language.say("post_password_subject", &[]), parts)
}

/// To somebody of the staff who signs in otherwise from now on.
pub(crate) fn sign_in(
    name: &str,
    school: &School,
    (change, at): (SignInChange, Timestamp),
    language: &Language,
) -> Says {
    let said = Said::by_people(school.name.as_str());
    let at = at.strftime("%Y-%m-%d %H:%M UTC").to_string();
    let [subject, text, not_you] = match change {
        SignInChange::ByProvider => [
            "post_identified_subject",
            "post_identified_text",
            "post_identified_not_you",
        ],
        SignInChange::SecondFactorAdded => [
            "post_second_step_added_subject",
            "post_second_step_added_text",
            "post_second_step_not_you",
        ],
        SignInChange::SecondFactorRemoved => [
            "post_second_step_removed_subject",
            "post_second_step_removed_text",
            "post_second_step_not_you",
        ],
        SignInChange::PasskeyAdded => [
            "post_passkey_added_subject",
            "post_passkey_added_text",
            "post_second_step_not_you",
        ],
        SignInChange::PasskeyRemoved => [
            "post_passkey_removed_subject",
            "post_passkey_removed_text",
            "post_second_step_not_you",
        ],
    };
    let put = [("school", (&said).into()), ("at", at.as_str().into())];
    let parts = vec![
        Part::Words(language.say("post_dear", &[("name", name.into())])),
        Part::Words(language.say(text, &put)),
        Part::Words(language.say(not_you, &[])),
        Part::Words(said),
        Part::Words(help(school, language)),
    ];
    (language.say(subject, &[]), parts)
}

/// What waits for the office: how much, and nobody's name.
pub(crate) fn waiting(
    name: &str,
    school: &School,
    waiting: Waiting,
    link: String,
    language: &Language,
) -> Says {
    let Waiting {
        invitations,
        records,
        appointments,
    } = waiting;
    let counted = |key, count: i64| language.say(key, &[("count", count.into())]);
    let lines = [
        ("post_waiting_invitations", invitations),
        ("post_waiting_records", records),
        ("post_waiting_appointments", appointments),
    ];
    let lines = lines.into_iter().filter(|(_, count)| *count > 0);
    let lines = lines.map(|(key, count)| counted(key, count)).collect();
    let subject = counted("post_waiting_subject", invitations + records + appointments);
    let dear = language.say("post_dear", &[("name", name.into())]);
    let mut parts = vec![Part::Words(dear), Part::Lines(lines)];
    if invitations + records > 0 {
        parts.push(Part::Words(language.say("post_waiting_people", &[])));
    }
    if appointments > 0 {
        parts.push(Part::Words(language.say("post_waiting_teachers", &[])));
    }
    parts.extend([
        Part::Button(language.say("post_waiting_button", &[]), link),
        Part::Words(language.say("post_waiting_everybody", &[])),
        Part::Words(Said::by_people(school.name.as_str())),
        Part::Words(help(school, language)),
    ]);
    (subject, parts)
}

/// The last row of the audit log, with which it is seen later whether anything before it was changed.
pub(crate) fn audit_head(
    name: &str,
    school: &School,
    (head, at): (&AuditHead, Timestamp),
    language: &Language,
) -> Says {
    let said = Said::by_people(school.name.as_str());
    let at = at.strftime("%Y-%m-%d %H:%M UTC").to_string();
    let head = head.to_string();
    let subject = language.say("post_audit_subject", &[("school", (&said).into())]);
    let parts = vec![
        Part::Words(language.say("post_dear", &[("name", name.into())])),
        Part::Words(language.say(
            "post_audit_text",
            &[("school", (&said).into()), ("at", at.as_str().into())],
        )),
        Part::Lines(vec![Said::by_people(&head)]),
        Part::Words(language.say("post_audit_keep", &[])),
        Part::Words(said),
        Part::Words(help(school, language)),
    ];
    (subject, parts)
}

#[cfg(test)]
mod tests {
    use school::Label;
    use school::retention::Period;

    use super::*;
    use crate::words::plain;

    fn school() -> School {
        School {
            name: Label::read("Hill Road School").expect("a name"),
            zone: "Europe/London".to_owned(),
            contact_email: String::new(),
            contact_phone: String::new(),
            parents_invite: school::registration::ParentsInvite::default(),
            reminds: false,
            keep: Period::default(),
        }
    }

    #[test]
    fn the_last_row_of_the_log_is_read_out_of_the_email() {
        let english = Language::of(None);
        let head: AuditHead = format!("12:{}", "9f".repeat(32)).parse().expect("a head");
        let at = "2026-11-30T08:00:00Z".parse().expect("a moment");
        let (subject, parts) = audit_head("Ada", &school(), (&head, at), english);
        assert!(subject.plain(english).contains("Hill Road School"));
        let text = plain(&parts, english);
        assert!(text.contains("2026-11-30 08:00 UTC"), "{text}");
        let line = text.lines().find(|it| it.contains("12:")).expect("a line");
        assert_eq!(line.parse::<AuditHead>().expect("as it is copied"), head);
    }

    #[test]
    fn the_office_reads_how_much_waits_and_in_whole_sentences() {
        let school = school();
        for (waits, subject, says) in [
            (
                (1, 0, 0),
                "1 decision is waiting for the office",
                "1 invitation is waiting for your approval.",
            ),
            (
                (2, 1, 1),
                "4 decisions are waiting for the office",
                "2 invitations are waiting for your approval.\n1 contact may be somebody with a court \
                 order.\n1 appointment has new teachers, who are busy at that time.",
            ),
            (
                (0, 2, 0),
                "2 decisions are waiting for the office",
                "2 contacts may be people with a court order.",
            ),
        ] {
            let (invitations, records, appointments) = waits;
            let waits = Waiting {
                invitations,
                records,
                appointments,
            };
            let english = Language::of(None);
            let link = "https://h.example/office".to_owned();
            let (is, parts) = waiting("Ada", &school, waits, link, english);
            assert_eq!(is.plain(english), subject);
            let text = plain(&parts, english);
            assert!(text.contains(&format!("\n\n{says}\n\n")), "{text}");
        }
    }
}
