//! What text messages say: short, in the reader's language, and the link on a line of its own.

use store::{GuestLetter, School};

use crate::catalogue::Language;

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

fn cut(name: &str) -> String {
    if name.chars().count() <= LONGEST {
        return name.to_owned();
    }
    // Full stops, and no ellipsis: one letter beyond the usual alphabet (3GPP TS 23.038) makes every
    // letter take twice the room.
    let short: String = name.chars().take(LONGEST - 3).collect();
    format!("{}...", short.trim_end())
}
