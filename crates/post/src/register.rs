//! What e-mails about accounts of parents and guardians say.

use jiff::tz::TimeZone;
use school::Name;
use store::{RegistrationLetter, School};

use crate::catalogue::{Language, Said};
use crate::times::{clock, day};
use crate::wording::{Says, help, names};
use crate::words::Part;

/// To a contact, who is invited to register (DIR-5).
pub(crate) fn invitation(
    name: &str,
    school: &School,
    letter: &RegistrationLetter,
    link: String,
    language: &Language,
) -> Says {
    let at = Said::by_people(school.name.as_str());
    let of = [("school", (&at).into())];
    let zone = TimeZone::get(&school.zone).unwrap_or(TimeZone::UTC);
    let (day, time) = (
        day(&zone, letter.until, language),
        clock(&zone, letter.until),
    );
    let expires = [("day", (&day).into()), ("time", (&time).into())];
    let button = match &letter.named {
        Some(_) => "post_register_details",
        None => "post_register_button",
    };
    let mut parts = vec![Part::Words(
        language.say("post_dear", &[("name", name.into())]),
    )];
    if letter.is_reminder {
        parts.push(Part::Words(language.say("post_register_not_yet", &[])));
    }
    parts.extend([
        Part::Words(why(letter, &at, language)),
        Part::Button(language.say(button, &[]), link),
        Part::Lines(vec![
            language.say("post_register_expires", &expires),
            language.say("post_register_zone", &[("zone", (&school.zone).into())]),
        ]),
        Part::Words(language.say("post_register_newest", &[])),
        Part::Words(language.say("post_unknown_school", &[])),
        Part::Words(at.clone()),
        Part::Words(help(school, language)),
    ]);
    let subject = match letter.is_reminder {
        true => language.say("post_register_reminder", &of),
        false => language.say("post_register_subject", &of),
    };
    (subject, parts)
}

/// What they are asked for, and why they: who has named them, where somebody did (DIR-8).
fn why(letter: &RegistrationLetter, at: &Said, language: &Language) -> Said {
    let mut students = names(&letter.students, language);
    let Some(named) = &letter.named else {
        let of = [("school", at.into()), ("students", (&students).into())];
        let key = match students.is_empty() {
            true => "post_register_text",
            false => "post_register_text_of",
        };
        return language.say(key, &of);
    };
    if students.is_empty() {
        students = language.say("post_your_child", &[]);
    }
    let inviter = named
        .inviter
        .as_ref()
        .map(|it| Said::by_people(it.reveal()));
    let of = [
        ("inviter", inviter.as_ref().unwrap_or(at).into()),
        ("school", at.into()),
        ("students", (&students).into()),
    ];
    let key = match named.is_first {
        true => "post_register_named_first",
        false => "post_register_named",
    };
    language.say(key, &of)
}

/// To whoever has asked for a link to sign in by, or somebody who says so in their place.
pub(crate) fn sign_in(name: &str, school: &School, link: String, language: &Language) -> Says {
    let at = Said::by_people(school.name.as_str());
    let of = [("school", (&at).into())];
    let parts = vec![
        Part::Words(language.say("post_dear", &[("name", name.into())])),
        Part::Words(language.say("post_sign_in_text", &of)),
        Part::Button(language.say("post_sign_in_button", &[]), link),
        Part::Words(language.say("post_sign_in_once", &[])),
        Part::Words(language.say("post_sign_in_not_you", &[])),
        Part::Words(at.clone()),
        Part::Words(help(school, language)),
    ];
    (language.say("post_sign_in_subject", &of), parts)
}

/// To whoever has an account: a student is in it from now on.
pub(crate) fn added(
    name: &str,
    school: &School,
    (students, link): (&[Name], String),
    language: &Language,
) -> Says {
    let at = Said::by_people(school.name.as_str());
    let students = names(students, language);
    let of = [("school", (&at).into()), ("students", (&students).into())];
    let parts = vec![
        Part::Words(language.say("post_dear", &[("name", name.into())])),
        Part::Words(language.say("post_added_text", &of)),
        Part::Button(language.say("post_added_button", &[]), link),
        Part::Words(language.say("post_added_not_yours", &[])),
        Part::Words(at.clone()),
        Part::Words(help(school, language)),
    ];
    let of = [("school", (&at).into())];
    (language.say("post_added_subject", &of), parts)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use school::registration::ParentsInvite;
    use school::retention::Period;
    use school::{Label, Name};
    use store::NamedBy;

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
        let english = Language::of(None);
        let write = |letter: &RegistrationLetter| {
            let says = invitation("Maria Santos", &school, letter, link.clone(), english);
            (says.0.plain(english), plain(&says.1, english))
        };
        let (subject, text) = write(&letter);
        assert_eq!(subject, "Create your account for Hill Road School");
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
        let again = RegistrationLetter {
            is_reminder: true,
            ..letter.clone()
        };
        let (subject, text) = write(&again);
        assert!(subject.starts_with("Reminder: create your account for"));
        assert!(text.contains("not taken up this invitation yet"));
        let (first, other) = (write(&named(true)).1, write(&named(false)).1);
        assert!(first.contains("Dana Reyes has invited you"), "{first}");
        let none =
            "has no contact details of a parent of Ana Santos, Ben Santos and Cal Santos yet";
        assert!(first.contains(none), "{first}");
        assert!(!other.contains("no contact details"), "{other}");
    }
}
