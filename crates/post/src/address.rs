//! What e-mails say about another address to sign in with (DIR-9). The one that is asked for stands in none: whoever
//! reads at the old one may be the reason.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use store::{AddressLetter, School};

use crate::catalogue::{Language, Said};
use crate::times::{clock, day};
use crate::wording::{Says, help};
use crate::words::Part;

/// What each says; `account` is where they sign in.
pub(crate) fn about(
    name: &str,
    school: &School,
    (letter, account): (&AddressLetter, String),
    language: &Language,
) -> Says {
    let say = |key| Part::Words(language.say(key, &[]));
    let sign_in = |account| Part::Button(language.say("post_sign_in_button", &[]), account);
    let (texts, more) = match letter {
        AddressLetter::New { secret, until } => {
            let link = format!("{account}/address#{}", secret.expose());
            let button = Part::Button(language.say("post_address_new_button", &[]), link);
            let more = vec![
                button,
                expires(school, *until, language),
                say("post_address_new_signed_in"),
                say("post_address_new_not_you"),
            ];
            (["post_address_new_subject", "post_address_new_text"], more)
        }
        AddressLetter::InUse => (
            ["post_address_in_use_subject", "post_address_in_use_text"],
            vec![
                say("post_address_in_use_you"),
                sign_in(account),
                say("post_address_in_use_not_you"),
            ],
        ),
        AddressLetter::Asked => (
            ["post_address_asked_subject", "post_address_asked_text"],
            vec![say("post_address_asked_not_you"), sign_in(account)],
        ),
        AddressLetter::Changed => (
            ["post_address_changed_subject", "post_address_changed_text"],
            vec![say("post_address_changed_not_you")],
        ),
    };
    says(name, school, (texts, more), language)
}

fn expires(school: &School, until: Timestamp, language: &Language) -> Part {
    let zone = TimeZone::get(&school.zone).unwrap_or(TimeZone::UTC);
    let (day, time) = (day(&zone, until, language), clock(&zone, until));
    let at = [("day", (&day).into()), ("time", (&time).into())];
    let of_zone = [("zone", (&school.zone).into())];
    Part::Lines(vec![
        language.say("post_address_new_expires", &at),
        language.say("post_register_zone", &of_zone),
    ])
}

fn says(
    name: &str,
    school: &School,
    ([subject, text], more): ([&'static str; 2], Vec<Part>),
    language: &Language,
) -> Says {
    let at = Said::by_people(school.name.as_str());
    let of = [("school", (&at).into())];
    let mut parts = vec![
        Part::Words(language.say("post_dear", &[("name", name.into())])),
        Part::Words(language.say(text, &of)),
    ];
    parts.extend(more);
    parts.extend([Part::Words(at.clone()), Part::Words(help(school, language))]);
    (language.say(subject, &of), parts)
}

#[cfg(test)]
mod tests {
    use school::Label;
    use school::registration::ParentsInvite;
    use school::retention::Period;

    use super::*;
    use crate::words::plain;

    #[test]
    fn each_reads_what_it_is_about_and_what_to_do() {
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
        let english = Language::of(None);
        let secret = links::Secret::random(&mut ambient::rng());
        let link = format!("https://h.example/account/address#{}", secret.expose());
        let written = [
            (
                AddressLetter::New { secret, until },
                "Confirm your new email address for Hill Road School",
                ["Friday 11 December 2026 at 14:05", link.as_str()],
            ),
            (
                AddressLetter::InUse,
                "This email address already has an account for Hill Road School",
                ["nothing has changed", "https://h.example/account"],
            ),
            (
                AddressLetter::Asked,
                "Another email address for your account for Hill Road School",
                ["If it was not you", "https://h.example/account"],
            ),
            (
                AddressLetter::Changed,
                "Your account for Hill Road School has another email address now",
                ["tell the school office", "Dear Maria Santos"],
            ),
        ];
        for (letter, is, says) in &written {
            let account = "https://h.example/account".to_owned();
            let (subject, parts) = about("Maria Santos", &school, (letter, account), english);
            assert_eq!(subject.plain(english), *is);
            let text = plain(&parts, english);
            for one in says {
                assert!(text.contains(one), "{one}: {text}");
            }
        }
    }
}
