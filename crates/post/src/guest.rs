//! What an e-mail to a guest says whom somebody invites out of a meeting.

use store::{GuestLetter, School};

use crate::wording::help;
use crate::words::Part;

pub(crate) fn invitation(
    letter: &GuestLetter,
    school: &School,
    link: String,
) -> (String, Vec<Part>) {
    let at = school.name.as_str();
    let who = letter
        .inviter
        .as_ref()
        .map_or_else(|| "Somebody".to_owned(), |name| name.reveal().to_owned());
    let to = letter
        .room
        .as_ref()
        .map_or_else(String::new, |room| format!(", {}", room.as_str()));
    let parts = vec![
        Part::Words("Hello,".to_owned()),
        Part::Words(format!(
            "{who} at {at} invites you to join a video meeting{to}. It is going on now: open your link, \
             enter your name, check your camera and microphone, and press \"Join\". You need no app \
             and no account."
        )),
        Part::Button("Open your link".to_owned(), link),
        Part::Words(
            "This link is yours alone, so please do not forward it. If you do not know this school, \
             there is nothing you need to do."
                .to_owned(),
        ),
        Part::Words(at.to_owned()),
        Part::Words(help(school)),
    ];
    (format!("You are invited to a video meeting: {at}"), parts)
}
