//! What an e-mail to a guest says whom somebody invites out of a meeting.

use jiff::tz::TimeZone;
use store::{GuestLetter, School};

use crate::catalogue::{Language, Said};
use crate::times::clock;
use crate::wording::{Says, help};
use crate::words::Part;

pub(crate) fn invitation(
    letter: &GuestLetter,
    school: &School,
    link: String,
    language: &Language,
) -> Says {
    let at = Said::by_people(school.name.as_str());
    let who = match &letter.inviter {
        Some(name) => Said::by_people(name.reveal()),
        None => language.say("post_somebody", &[]),
    };
    let mut values = vec![("inviter", (&who).into()), ("school", (&at).into())];
    let begins = letter.begins.as_ref().map(|(at, zone)| {
        let zone_of = TimeZone::get(zone).ok();
        let name = zone_of.as_ref().map_or("UTC", |_| zone.as_str());
        (clock(&zone_of.unwrap_or(TimeZone::UTC), *at), name)
    });
    let text = match (&letter.room, &begins) {
        (Some(room), _) => {
            values.push(("room", room.as_str().into()));
            language.say("post_guest_text_room", &values)
        }
        (None, Some((time, zone))) => {
            values.extend([("time", time.into()), ("zone", (*zone).into())]);
            language.say("post_guest_text_begins", &values)
        }
        (None, None) => language.say("post_guest_text", &values),
    };
    let parts = vec![
        Part::Words(language.say("post_hello", &[])),
        Part::Words(text),
        Part::Button(language.say("post_guest_button", &[]), link),
        Part::Words(language.say("post_unknown_school", &[])),
        Part::Words(at.clone()),
        Part::Words(help(school, language)),
    ];
    let subject = language.say("post_guest_subject", &[("school", (&at).into())]);
    (subject, parts)
}

#[cfg(test)]
mod tests {
    use links::{KeyId, LinkId, Record};
    use school::retention::Period;
    use school::{Label, Name};

    use super::*;

    #[test]
    fn whoever_is_invited_before_it_begins_reads_when_it_does() {
        let school = School {
            name: Label::read("Hill Road School").expect("a name"),
            zone: "Europe/London".to_owned(),
            contact_email: String::new(),
            contact_phone: String::new(),
            parents_invite: school::registration::ParentsInvite::default(),
            reminds: false,
            keep: Period::default(),
        };
        let at = "2026-11-19T20:00:00Z".parse().expect("a moment");
        let says = |begins, language: &str| {
            let letter = GuestLetter {
                room: None,
                inviter: Name::read("Mr Xavier").ok(),
                link: Record {
                    id: LinkId::from_number(7).expect("a link"),
                    version: 1,
                    key: KeyId(1),
                },
                until: at,
                begins,
            };
            let language = Language::of(Some(language));
            let (_, parts) = invitation(&letter, &school, String::new(), language);
            crate::words::plain(&parts, language)
        };
        let begins = Some((at, "Europe/Paris".to_owned()));
        assert!(says(None, "en").contains("It is going on now"));
        let english = says(begins.clone(), "en");
        assert!(
            english.contains("It begins at 21:00 (Europe/Paris)"),
            "{english}"
        );
        assert!(!english.contains("going on now"), "{english}");
        let german = says(begins, "de");
        assert!(german.contains("um 21:00 Uhr (Europe/Paris)"), "{german}");
    }
}
