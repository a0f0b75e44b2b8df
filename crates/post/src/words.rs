//! What each kind of e-mail says, once, for its plain and its HTML form.

use crate::catalogue::{Language, Said, escaped};

/// A piece of an e-mail.
pub(crate) enum Part {
    /// A paragraph.
    Words(Said),
    /// Lines that belong together, such as the facts of an appointment.
    Lines(Vec<Said>),
    /// The one thing to press: what it says, and where it leads.
    Button(Said, String),
}

/// The plain form (RFC 3676 lines are left to the reader's program).
pub(crate) fn plain(parts: &[Part], language: &Language) -> String {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Words(words) => text.push_str(&words.plain(language)),
            Part::Lines(lines) => {
                let lines: Vec<_> = lines.iter().map(|it| it.plain(language)).collect();
                text.push_str(&lines.join("\n"));
            }
            Part::Button(says, leads) => {
                let says = language.say("post_leads", &[("says", says.into())]);
                text.push_str(&says.plain(language));
                text.push('\n');
                text.push_str(leads);
            }
        }
        text.push_str("\n\n");
    }
    text
}

/// The HTML form: no picture, no style sheet, nothing that is fetched from anywhere. Of one column,
/// as wide as a telephone allows and no wider than reads well. Language and direction stand within the body
/// as well: some programs show nothing else of a page.
pub(crate) fn html(title: &str, school: &str, parts: &[Part], language: &Language) -> String {
    let mut body = String::new();
    for part in parts {
        let piece = match part {
            Part::Words(words) => {
                format!(
                    "<p style=\"margin:0 0 16px\">{}</p>\n",
                    words.html(language)
                )
            }
            Part::Lines(lines) => lines_html(lines, language),
            Part::Button(says, leads) => button_html(says, &escaped(leads), language),
        };
        body.push_str(&piece);
    }
    let (dir, begins) = if language.is_right_to_left() {
        ("rtl", "right")
    } else {
        ("ltr", "left")
    };
    format!(
        "<!doctype html>\n<html lang=\"{tag}\" dir=\"{dir}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light\">\n<title>{title}</title>\n</head>\n\
         <body style=\"margin:0;padding:0;background:#ffffff;color:#1a1a1a\">\n\
         <div lang=\"{tag}\" dir=\"{dir}\" style=\"text-align:{begins};\
         max-width:600px;margin:0 auto;padding:16px;box-sizing:border-box;\
         font-family:Arial,Helvetica,sans-serif;font-size:16px;line-height:1.5;\
         overflow-wrap:anywhere;word-break:break-word\">\n\
         <p style=\"margin:0 0 16px;padding:0 0 8px;border-bottom:3px solid #1d4f91;\
         font-size:20px;font-weight:bold\"><bdi>{school}</bdi></p>\n{body}</div>\n</body>\n</html>\n",
        tag = language.tag(),
        title = escaped(title),
        school = escaped(school)
    )
}

/// Lines that belong together, the first of them the one to look for.
fn lines_html(lines: &[Said], language: &Language) -> String {
    let lines: Vec<_> = lines.iter().map(|line| line.html(language)).collect();
    let lines = match lines.split_first() {
        Some((first, rest)) => {
            let mut all = vec![format!("<strong>{first}</strong>")];
            all.extend_from_slice(rest);
            all.join("<br>\n")
        }
        None => String::new(),
    };
    let begins = if language.is_right_to_left() {
        "right"
    } else {
        "left"
    };
    format!(
        "<p style=\"margin:0 0 16px;padding:8px 12px;border-{begins}:4px solid #1d4f91;\
         background:#f2f5fa\">{lines}</p>\n"
    )
}

/// Something to press, and the same as an address for whoever cannot press it.
fn button_html(says: &Said, leads: &str, language: &Language) -> String {
    format!(
        "<p style=\"margin:24px 0 16px\"><a href=\"{leads}\" style=\"display:inline-block;\
         padding:14px 22px;background:#1d4f91;color:#ffffff;text-decoration:none;\
         border-radius:4px;font-weight:bold\">{says}</a></p>\n\
         <p style=\"margin:0 0 24px;font-size:14px;color:#444444\">{copy}<br>\n\
         <a href=\"{leads}\" dir=\"ltr\" style=\"color:#1d4f91\">{leads}</a></p>\n",
        says = says.html(language),
        copy = language.say("post_copy", &[]).html(language),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_no_markup() {
        let english = Language::of(None);
        let parts = [
            Part::Words(Said::by_people("<script>")),
            Part::Button(
                Said::by_people("Join"),
                "https://h.example/j/a#b\"c".to_owned(),
            ),
        ];
        let html = html("a & b", "Hill <Road>", &parts, english);
        assert!(!html.contains("<script>") && !html.contains("<Road>"));
        assert!(html.contains("&lt;script&gt;"));
        assert!(html.contains("href=\"https://h.example/j/a#b&quot;c\""));
        assert!(plain(&parts, english).contains("Join:\nhttps://h.example/j/a#b\"c"));
    }
}
