//! What text messages say: short, in the reader's language, and the link on a line of its own.

use store::{GuestLetter, School};

/// The longest that whoever invites is called, in characters: a text costs by its length.
const LONGEST: usize = 40;

/// To a guest whom somebody invites to a meeting.
pub(crate) fn invitation(letter: &GuestLetter, school: &School, link: &str) -> String {
    let school = cut(school.name.as_str());
    let who = match &letter.inviter {
        Some(inviter) => format!("{} ({school})", cut(inviter.reveal())),
        None => school,
    };
    let language = letter.language.as_deref().unwrap_or_default();
    let says = match language.split('-').next().unwrap_or_default() {
        "ar" => format!("يدعوك {who} إلى اجتماع فيديو. افتح الرابط:"),
        "cy" => format!("Mae {who} yn eich gwahodd i gyfarfod fideo. Agorwch:"),
        "de" => format!("{who} lädt Sie zu einem Videogespräch ein. Öffnen Sie:"),
        "fr" => format!("{who} vous invite à une réunion vidéo. Ouvrez :"),
        "pl" => format!("{who} zaprasza na rozmowę wideo. Otwórz:"),
        "pt" => format!("Convite de {who} para uma reunião por vídeo. Abra:"),
        "ro" => format!("{who} vă invită la o întâlnire video. Deschideți:"),
        "uk" => format!("{who} запрошує вас на відеозустріч. Відкрийте:"),
        "ur" => format!("{who} کی طرف سے ویڈیو میٹنگ کی دعوت۔ کھولیں:"),
        _ => format!("{who} invites you to a video meeting. Open:"),
    };
    format!("{says}\n{link}")
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
