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

/// The HTML form: no picture, no style sheet, nothing that is fetched from anywhere.
pub(crate) fn html(title: &str, parts: &[Part]) -> String {
    let mut body = String::new();
    for part in parts {
        let piece = match part {
            Part::Words(words) => format!("<p>{}</p>\n", escaped(words)),
            Part::Lines(lines) => {
                let lines: Vec<_> = lines.iter().map(|line| escaped(line)).collect();
                format!("<p>{}</p>\n", lines.join("<br>\n"))
            }
            Part::Button(says, leads) => format!(
                "<p><a href=\"{leads}\" style=\"display:inline-block;padding:12px 20px;\
                 background:#1d4f91;color:#ffffff;text-decoration:none;border-radius:4px;\
                 font-weight:bold\">{says}</a></p>\n<p>Or copy this address into your browser:\
                 <br>\n{leads}</p>\n",
                leads = escaped(leads),
                says = escaped(says)
            ),
        };
        body.push_str(&piece);
    }
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>{}</title>\
         </head>\n<body style=\"font-family:sans-serif;font-size:16px;line-height:1.5;\
         color:#1a1a1a;max-width:36em\">\n{body}</body>\n</html>\n",
        escaped(title)
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
        let html = html("a & b", &parts);
        assert!(!html.contains("<script>"));
        assert!(html.contains("&lt;script&gt;"));
        assert!(html.contains("href=\"https://h.example/j/a#b&quot;c\""));
        assert!(plain(&parts).contains("Join:\nhttps://h.example/j/a#b\"c"));
    }
}
