//! What e-mails about accounts of parents and guardians say.

use jiff::tz::TimeZone;
use store::{NamedBy, RegistrationLetter, School};

use crate::times::{clock, day};
use crate::wording::help;
use crate::words::Part;

/// A subject, and what follows it.
type Says = (String, Vec<Part>);

/// To a contact, who is invited to register (DIR-5).
pub(crate) fn invitation(
    name: &str,
    school: &School,
    letter: &RegistrationLetter,
    link: String,
) -> Says {
    let at = school.name.as_str();
    let students: Vec<_> = letter.students.iter().map(|it| it.reveal()).collect();
    let of = match &*students {
        [] => String::new(),
        [one] => format!(", because you are a contact of {one}"),
        [all @ .., last] => format!(
            ", because you are a contact of {} and {last}",
            all.join(", ")
        ),
    };
    let zone = TimeZone::get(&school.zone).unwrap_or(TimeZone::UTC);
    let (day, time) = (day(&zone, letter.until), clock(&zone, letter.until));
    let mut parts = vec![Part::Words(format!("Dear {name},"))];
    let mut button = "Create your account";
    if let Some(named) = &letter.named {
        parts.push(Part::Words(named_by(named, &students, at)));
        button = "Enter your details";
    } else {
        parts.push(Part::Words(format!(
            "{at} invites you to create an account on Homeroom{of}. With it you see your students and \
             your own details in one place, and book and join appointments at parents' evenings \
             without looking for a link."
        )));
    }
    parts.extend([
        Part::Button(button.to_owned(), link),
        Part::Lines(vec![
            format!("This invitation expires on {day} at {time}"),
            format!("Times are those of {}", school.zone),
        ]),
        Part::Words(
            "Only the newest invitation works: if you have several, use the last one. After it has \
             expired, ask the school for another."
                .to_owned(),
        ),
        Part::Words(
            "This link is yours alone, so please do not forward it. If you do not know this school, \
             there is nothing you need to do."
                .to_owned(),
        ),
        Part::Words(at.to_owned()),
        Part::Words(help(school)),
    ]);
    if letter.is_reminder {
        let words = "You have not taken up this invitation yet.".to_owned();
        parts.insert(1, Part::Words(words));
        return (format!("Reminder: create your account for {at}"), parts);
    }
    (format!("Create your account for {at}"), parts)
}

/// Who has named them, for whom, and what they are asked for (DIR-8).
fn named_by(named: &NamedBy, students: &[&str], at: &str) -> String {
    let inviter = named.inviter.as_ref().map_or(at, |it| it.reveal());
    let students = match students {
        [] => "your child".to_owned(),
        [one] => (*one).to_owned(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    };
    let why = if named.is_first {
        format!("{at} has no contact details of a parent of {students} yet.")
    } else {
        format!("You were named as a parent or guardian of {students}.")
    };
    format!(
        "{inviter} has invited you to enter your contact details at {at}. {why} On the next page you \
         say how to reach you and what others may see, and you can create an account with which you \
         book and join appointments at parents' evenings."
    )
}

/// To whoever has asked for a link to sign in by, or somebody who says so in their place.
pub(crate) fn sign_in(name: &str, school: &School, link: String) -> Says {
    let at = school.name.as_str();
    let parts = vec![
        Part::Words(format!("Dear {name},")),
        Part::Words(format!(
            "Somebody has asked to sign in to your account for {at}, using this email address. If it \
             was you, sign in here. There you can choose a new password too:"
        )),
        Part::Button("Sign in".to_owned(), link),
        Part::Words("The link works once, within an hour of this email.".to_owned()),
        Part::Words(
            "If it was not you, there is nothing you need to do: nobody but you has this link. Please \
             do not forward this email."
                .to_owned(),
        ),
        Part::Words(at.to_owned()),
        Part::Words(help(school)),
    ];
    (format!("Sign in to your account for {at}"), parts)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use school::registration::ParentsInvite;
    use school::retention::Period;
    use school::{Label, Name};

    use super::*;
    use crate::words::plain;

    #[test]
    fn an_invitation_says_what_for_for_whom_and_until_when() {
        let school = School {
            name: Label::read("Hill Road School").expect("a name"),
            zone: "Europe/London".to_owned(),
            contact_email: String::new(),
            contact_phone: String::new(),
            parents_invite: ParentsInvite::default(),
            reminds: false,
            keep: Period::default(),
        };
        let until: Timestamp = "2026-12-11T14:05:00Z".parse().expect("a moment");
        let names = ["Ana Santos", "Ben Santos", "Cal Santos"];
        let students = names.map(|it| Name::read(it).expect("a name")).to_vec();
        let letter = RegistrationLetter {
            secret: links::Secret::random(&mut ambient::rng()),
            until,
            students,
            is_reminder: false,
            named: None,
        };
        let link = "https://h.example/register#secret".to_owned();
        let (subject, parts) = invitation("Maria Santos", &school, &letter, link.clone());
        assert_eq!(subject, "Create your account for Hill Road School");
        let text = plain(&parts);
        for says in [
            "a contact of Ana Santos, Ben Santos and Cal Santos.",
            "expires on Friday 11 December 2026 at 14:05",
            "Times are those of Europe/London",
            &link,
        ] {
            assert!(text.contains(says), "{says}: {text}");
        }
        let named = |is_first| RegistrationLetter {
            secret: links::Secret::random(&mut ambient::rng()),
            named: Some(NamedBy {
                inviter: Some(Name::read("Dana Reyes").expect("a name")),
                is_first,
            }),
            ..letter.clone()
        };
        let says = |letter: &RegistrationLetter| {
            let (_, parts) = invitation("Maria Santos", &school, letter, link.clone());
            plain(&parts)
        };
        let again = RegistrationLetter {
            is_reminder: true,
            ..letter.clone()
        };
        let (subject, _) = invitation("Maria Santos", &school, &again, link.clone());
        assert_eq!(
            subject,
            "Reminder: create your account for Hill Road School"
        );
        assert!(says(&again).contains("not taken up this invitation yet"));
        let (first, other) = (says(&named(true)), says(&named(false)));
        assert!(first.contains("Dana Reyes has invited you"), "{first}");
        let none =
            "has no contact details of a parent of Ana Santos, Ben Santos and Cal Santos yet";
        assert!(first.contains(none), "{first}");
        assert!(!other.contains("no contact details"), "{other}");
    }
}
