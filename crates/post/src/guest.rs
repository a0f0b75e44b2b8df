//! What an e-mail to a guest says whom somebody invites out of a meeting.

use store::{GuestLetter, School};

use crate::catalogue::{Language, Said};
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
    let text = match &letter.room {
        Some(room) => {
            values.push(("room", room.as_str().into()));
            language.say("post_guest_text_room", &values)
        }
        None => language.say("post_guest_text", &values),
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
