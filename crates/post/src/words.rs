//! What each kind of e-mail says, once, for its plain and its HTML form.

use std::fmt::Write as _;

/// A piece of an e-mail.
pub(crate) enum Part {
    /// A paragraph.
    Words(String),
    /// Lines that belong together, such as the facts of an appointment.
    Lines(Vec<String>),
    /// The one thing to press: what it says, and where it leads.
    Button(String, String),
}

/// The plain form (RFC 3676 lines are left to the reader's program).
pub(crate) fn plain(parts: &[Part]) -> String {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Words(words) => text.push_str(words),
            Part::Lines(lines) => text.push_str(&lines.join("\n")),
            Part::Button(says, leads) => {
                // A String takes everything.
                if write!(text, "{says}:\n{leads}").is_err() {
                    return text;
                }
            }
        }
        text.push_str("\n\n");
    }
    text
}

/// The HTML form: no picture, no style sheet, nothing that is fetched from anywhere. Of one column,
/// as wide as a telephone allows and no wider than reads well.
pub(crate) fn html(title: &str, school: &str, parts: &[Part]) -> String {
    let mut body = String::new();
    for part in parts {
        let piece = match part {
            Part::Words(words) => {
                format!("<p style=\"margin:0 0 16px\">{}</p>\n", escaped(words))
            }
            Part::Lines(lines) => lines_html(lines),
            Part::Button(says, leads) => button_html(&escaped(says), &escaped(leads)),
        };
        body.push_str(&piece);
    }
    format!(
        "<!doctype html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light\">\n<title>{title}</title>\n</head>\n\
         <body style=\"margin:0;padding:0;background:#ffffff;color:#1a1a1a\">\n\
         <div style=\"max-width:600px;margin:0 auto;padding:16px;box-sizing:border-box;\
         font-family:Arial,Helvetica,sans-serif;font-size:16px;line-height:1.5;\
         overflow-wrap:anywhere;word-break:break-word\">\n\
         <p style=\"margin:0 0 16px;padding:0 0 8px;border-bottom:3px solid #1d4f91;\
         font-size:20px;font-weight:bold\">{school}</p>\n{body}</div>\n</body>\n</html>\n",
        title = escaped(title),
        school = escaped(school)
    )
}

/// Lines that belong together, the first of them the one to look for.
fn lines_html(lines: &[String]) -> String {
    let lines: Vec<_> = lines.iter().map(|line| escaped(line)).collect();
    let lines = match lines.split_first() {
        Some((first, rest)) => {
            let mut all = vec![format!("<strong>{first}</strong>")];
            all.extend_from_slice(rest);
            all.join("<br>\n")
        }
        None => String::new(),
    };
    format!(
        "<p style=\"margin:0 0 16px;padding:8px 12px;border-left:4px solid #1d4f91;\
         background:#f2f5fa\">{lines}</p>\n"
    )
}

/// Something to press, and the same as an address for whoever cannot press it.
fn button_html(says: &str, leads: &str) -> String {
    format!(
        "<p style=\"margin:24px 0 16px\"><a href=\"{leads}\" style=\"display:inline-block;\
         padding:14px 22px;background:#1d4f91;color:#ffffff;text-decoration:none;\
         border-radius:4px;font-weight:bold\">{says}</a></p>\n\
         <p style=\"margin:0 0 24px;font-size:14px;color:#444444\">Or copy this address into your \
         browser:<br>\n<a href=\"{leads}\" style=\"color:#1d4f91\">{leads}</a></p>\n"
    )
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            letter => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_no_markup() {
        let parts = [
            Part::Words("<script>".to_owned()),
            Part::Button("Join".to_owned(), "https://h.example/j/a#b\"c".to_owned()),
        ];
        let html = html("a & b", "Hill <Road>", &parts);
        assert!(!html.contains("<script>") && !html.contains("<Road>"));
        assert!(html.contains("&lt;script&gt;"));
        assert!(html.contains("href=\"https://h.example/j/a#b&quot;c\""));
        assert!(plain(&parts).contains("Join:\nhttps://h.example/j/a#b\"c"));
    }
}
