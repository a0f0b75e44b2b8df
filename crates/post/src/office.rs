//! What e-mails to the people of the office say.

use store::{School, Waiting};

use crate::wording::help;
use crate::words::Part;

/// A subject, and what follows it.
type Says = (String, Vec<Part>);

/// To whoever has forgotten their password, or somebody who says so in their place.
pub(crate) fn new_password(name: &str, school: &School, link: String) -> Says {
    let mut parts = vec![
        Part::Words(format!("Dear {name},")),
        Part::Words(format!(
            "Somebody has asked for a new password for the office pages of {} on Homeroom, using this \
             email address. If it was you, choose a new password here:",
            school.name.as_str()
        )),
        Part::Button("Choose a new password".to_owned(), link),
        Part::Words(
            "The link works once, within an hour of this email. Once you have chosen a new password, \
             you will be signed out on every other device."
                .to_owned(),
        ),
        Part::Words(
            "If it was not you, there is nothing you need to do: your password stays as it is, and \
             nobody but you has this link. Please do not forward this email."
                .to_owned(),
        ),
        Part::Words(school.name.as_str().to_owned()),
    ];
    parts.push(Part::Words(help(school)));
    ("Choose a new password".to_owned(), parts)
}

/// What waits for the office: how much, and nobody's name.
pub(crate) fn waiting(name: &str, school: &School, waiting: Waiting, link: String) -> Says {
    let Waiting {
        invitations,
        records,
        appointments,
    } = waiting;
    let mut lines = Vec::new();
    match invitations {
        0 => {}
        1 => lines.push("1 invitation is waiting for your approval.".to_owned()),
        many => lines.push(format!("{many} invitations are waiting for your approval.")),
    }
    match records {
        0 => {}
        1 => lines.push("1 contact may be somebody with a court order.".to_owned()),
        many => lines.push(format!("{many} contacts may be people with a court order.")),
    }
    match appointments {
        0 => {}
        1 => lines.push("1 appointment has new teachers, who are busy at that time.".to_owned()),
        many => lines.push(format!(
            "{many} appointments have new teachers, who are busy at that time."
        )),
    }
    let subject = match invitations + records + appointments {
        1 => "1 decision is waiting for the office".to_owned(),
        many => format!("{many} decisions are waiting for the office"),
    };
    let mut parts = vec![Part::Words(format!("Dear {name},")), Part::Lines(lines)];
    if invitations + records > 0 {
        let words = "Until somebody in the office has decided, these people have no link and cannot \
                     join. They are not told why.";
        parts.push(Part::Words(words.to_owned()));
    }
    if appointments > 0 {
        let words = "Until somebody has decided, the appointments stay with the teachers who have \
                     them now.";
        parts.push(Part::Words(words.to_owned()));
    }
    parts.extend([
        Part::Button("See what is waiting".to_owned(), link),
        Part::Words(
            "Everybody who signs in to the office gets this email, so a colleague may have decided \
             already. You get it once every few hours at most."
                .to_owned(),
        ),
        Part::Words(school.name.as_str().to_owned()),
        Part::Words(help(school)),
    ]);
    (subject, parts)
}

#[cfg(test)]
mod tests {
    use school::Label;
    use school::retention::Period;

    use super::*;
    use crate::words::plain;

    #[test]
    fn the_office_reads_how_much_waits_and_in_whole_sentences() {
        let school = School {
            name: Label::read("Hill Road School").expect("a name"),
            zone: "Europe/London".to_owned(),
            contact_email: String::new(),
            contact_phone: String::new(),
            parents_invite: school::registration::ParentsInvite::default(),
            reminds: false,
            keep: Period::default(),
        };
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
            let (is, parts) = waiting("Ada", &school, waits, "https://h.example/office".to_owned());
            assert_eq!(is, subject);
            let text = plain(&parts);
            assert!(text.contains(&format!("\n\n{says}\n\n")), "{text}");
        }
    }
}
