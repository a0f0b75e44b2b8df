//! What text messages say: short, in the reader's language, and the link on a line of its own.

use jiff::tz::TimeZone;
use store::{GuestLetter, RegistrationLetter, School};

use crate::catalogue::{Language, Said};
use crate::times::{clock, day};

/// The longest that whoever invites is called, in characters: a text costs by its length.
const LONGEST: usize = 40;

/// To a guest whom somebody invites to a meeting.
pub(crate) fn invitation(
    letter: &GuestLetter,
    school: &School,
    link: &str,
    language: &Language,
) -> String {
    let school = cut(school.name.as_str());
    let who = match &letter.inviter {
        Some(inviter) => format!("{} ({school})", cut(inviter.reveal())),
        None => school,
    };
    let says = language.say("post_text_guest", &[("who", (&who).into())]);
    format!("{}\n{link}", says.plain(language))
}

/// To a contact, who is invited to register (DIR-5).
pub(crate) fn registration(
    letter: &RegistrationLetter,
    school: &School,
    link: &str,
    language: &Language,
) -> String {
    let at = Said::by_people(&cut(school.name.as_str()));
    let zone = TimeZone::get(&school.zone).unwrap_or(TimeZone::UTC);
    let (day, time) = (
        day(&zone, letter.until, language),
        clock(&zone, letter.until),
    );
    let says = language.say(
        "post_text_register",
        &[
            ("school", (&at).into()),
            ("day", (&day).into()),
            ("time", (&time).into()),
        ],
    );
    format!("{}\n{link}", says.plain(language))
}

fn cut(name: &str) -> String {
    if name.chars().count() <= LONGEST {
        return name.to_owned();
    }
    // Full stops, and no ellipsis: one letter beyond the usual alphabet (3GPP TS 23.038) makes every
    // letter take twice the room.
    let short: String = name.chars().take(LONGEST - 3).collect();
    format!("{}...", short.trim_end())
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use school::Label;
    use school::registration::ParentsInvite;
    use school::retention::Period;

    use super::*;

    #[test]
    fn an_invitation_to_register_is_short_and_its_link_on_a_line_of_its_own() {
        let school = School {
            name: Label::read(&"The Very Long Name of a School ".repeat(3)).expect("a name"),
            zone: "Europe/London".to_owned(),
            contact_email: String::new(),
            contact_phone: String::new(),
            parents_invite: ParentsInvite::default(),
            reminds: false,
            keep: Period::default(),
        };
        let until: Timestamp = "2026-12-11T14:05:00Z".parse().expect("a moment");
        let letter = RegistrationLetter {
            secret: links::Secret::random(&mut ambient::rng()),
            until,
            students: Vec::new(),
            is_reminder: false,
            named: None,
        };
        let link = "https://h.example/register#secret";
        let text = registration(&letter, &school, link, Language::of(None));
        let (words, last) = text.split_once('\n').expect("two lines");
        assert_eq!(last, link);
        assert_eq!(
            words,
            "The Very Long Name of a School The Ve... invites you to create your account. \
             Good until Friday 11 December 2026, 14:05:"
        );
        let polish = registration(&letter, &school, link, Language::of(Some("pl")));
        assert!(polish.contains("zaprasza"), "{polish}");
    }
}
