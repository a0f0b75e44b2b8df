//! What a mail server reports of an e-mail that it took: a delivery status notification (RFC 3464)
//! in a multipart/report (RFC 6522), as it is sent back to the sender.
//!
//! It is read line by line, and no further than what is needed: which e-mail, and what became of it.

/// The most of a report that is worth reading, in bytes; more is the e-mail it is about.
pub const LARGEST_REPORT: u64 = 256 * 1024;

/// The most parts that are looked at: a report has three.
const MOST_PARTS: usize = 16;

/// What became of an e-mail.
#[derive(Clone, Eq, PartialEq)]
pub struct Report {
    /// The part of its Message-ID before the `@`.
    pub message_id: String,
    /// Why it came back; nothing where it has arrived.
    pub bounced: Option<String>,
}

impl std::fmt::Debug for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Report")
            .field("has_bounced", &self.bounced.is_some())
            .finish_non_exhaustive()
    }
}

/// Reads a report; none where it is something else, or says only that an e-mail is delayed.
#[must_use]
pub fn read_report(message: &[u8]) -> Option<Report> {
    let text = String::from_utf8_lossy(message);
    let lines: Vec<&str> = text.lines().collect();
    let (headers, body) = headers(&lines);
    let kind = field(&headers, "content-type")?;
    if !kind.to_ascii_lowercase().starts_with("multipart/report") {
        return None;
    }
    let boundary = format!("--{}", boundary(kind)?);
    let parts =
        body.split(|line| line.trim_end().trim_end_matches('-') == boundary.trim_end_matches('-'));
    let (mut status, mut message_id) = (None, None);
    for part in parts.skip(1).take(MOST_PARTS) {
        let (own, content) = self::headers(part);
        let kind = field(&own, "content-type").unwrap_or_default();
        let kind = kind.to_ascii_lowercase();
        if kind.starts_with("message/delivery-status") {
            status = status.or_else(|| read_status(content));
        } else if kind.starts_with("message/rfc822") || kind.starts_with("text/rfc822-headers") {
            let (about, _) = self::headers(content);
            message_id = message_id.or_else(|| field(&about, "message-id").map(str::to_owned));
        }
    }
    let id = message_id?;
    let (before, _) = id.trim().trim_start_matches('<').split_once('@')?;
    Some(Report {
        message_id: before.to_owned(),
        bounced: status?,
    })
}

/// What the first recipient's fields say: why it failed, or nothing where it was delivered. An
/// e-mail of ours has one recipient.
fn read_status(lines: &[&str]) -> Option<Option<String>> {
    // Fields of the message come first, then an empty line, then those of each recipient.
    let blocks = lines.split(|line| line.trim().is_empty());
    for block in blocks {
        let (fields, _) = headers(block);
        let Some(action) = field(&fields, "action") else {
            continue;
        };
        return match action.to_ascii_lowercase().as_str() {
            "failed" => {
                let status = field(&fields, "status").unwrap_or_default();
                let why = field(&fields, "diagnostic-code").unwrap_or_default();
                let why = why.split_once(';').map_or(why, |(_, why)| why.trim());
                Some(Some(format!("{status} {why}").trim().to_owned()))
            }
            "delivered" => Some(None),
            // Delayed, relayed, expanded: it may still come to either.
            _ => None,
        };
    }
    None
}

/// The fields at the beginning, unfolded (RFC 5322 §2.2.3), and the lines after the empty one.
fn headers<'a>(lines: &'a [&'a str]) -> (Vec<String>, &'a [&'a str]) {
    let end = lines.iter().position(|line| line.trim().is_empty());
    let (head, rest) = lines.split_at(end.unwrap_or(lines.len()));
    let mut fields: Vec<String> = Vec::new();
    for line in head {
        match fields.last_mut() {
            Some(last) if line.starts_with([' ', '\t']) => {
                last.push(' ');
                last.push_str(line.trim());
            }
            Some(_) | None => fields.push(line.trim_end().to_owned()),
        }
    }
    (fields, rest.get(1..).unwrap_or_default())
}

fn field<'a>(fields: &'a [String], name: &str) -> Option<&'a str> {
    fields.iter().find_map(|field| {
        let (its_name, value) = field.split_once(':')?;
        its_name
            .trim()
            .eq_ignore_ascii_case(name)
            .then(|| value.trim())
    })
}

/// The `boundary` of a Content-Type.
fn boundary(kind: &str) -> Option<&str> {
    let at = kind.to_ascii_lowercase().find("boundary=")?;
    let value = kind.get(at + "boundary=".len()..)?;
    let value = match value.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => value.split([';', ' ', '\t']).next(),
    };
    value.filter(|it| !it.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const POSTFIX: &str = include_str!("../tests/reports/postfix.eml");
    const EXCHANGE: &str = include_str!("../tests/reports/exchange.eml");
    const EXIM: &str = include_str!("../tests/reports/exim.eml");
    const DELIVERED: &str = include_str!("../tests/reports/delivered.eml");
    const DELAYED: &str = include_str!("../tests/reports/delayed.eml");

    #[test]
    fn reports_of_three_mail_servers_say_why_it_came_back() {
        for (report, id, why) in [
            (
                POSTFIX,
                "1a2b.3c4d",
                "5.1.1 550 5.1.1 <rui@x.example>: Recipient address rejected",
            ),
            (
                EXCHANGE,
                "5e6f.7a8b",
                "5.1.10 550 5.1.10 RESOLVER.ADR.RecipientNotFound",
            ),
            (EXIM, "9c0d.1e2f", "5.0.0 550 no such mailbox here"),
        ] {
            for report in [report.to_owned(), report.replace('\n', "\r\n")] {
                let read = read_report(report.as_bytes()).expect("a report");
                assert_eq!(read.message_id, id);
                let bounced = read.bounced.expect("it came back");
                assert!(bounced.starts_with(why), "{bounced}");
            }
        }
    }

    #[test]
    fn what_has_arrived_has_and_what_is_delayed_is_left_alone() {
        let read = read_report(DELIVERED.as_bytes()).expect("a report");
        assert_eq!(
            (read.message_id.as_str(), read.bounced),
            ("1a2b.3c4d", None)
        );
        assert_eq!(read_report(DELAYED.as_bytes()), None);
    }

    #[test]
    fn other_mail_is_no_report() {
        for other in [
            "",
            "Subject: Hello\n\nHow are you?\n",
            "Content-Type: multipart/report\n\nno boundary\n",
            "Content-Type: multipart/report; boundary=a\n\n--a\n\n--a--\n",
            "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: \
             message/delivery-status\n\nAction: failed\n--a--\n",
        ] {
            assert_eq!(read_report(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn no_bytes_make_it_panic() {
        // Every report cut anywhere, and with any byte of it another.
        for report in [POSTFIX, EXCHANGE, EXIM, DELIVERED, DELAYED] {
            let bytes = report.as_bytes();
            for at in 0..bytes.len() {
                let (head, tail) = bytes.split_at(at);
                drop(read_report(head));
                drop(read_report(tail));
                for other in [0, b'\n', b':', b'"', b'-', 0xff] {
                    let mut changed = bytes.to_vec();
                    if let Some(byte) = changed.get_mut(at) {
                        *byte = other;
                    }
                    drop(read_report(&changed));
                }
            }
        }
        let mut chance = 7_u64;
        for length in 0..400 {
            let mut noise = b"Content-Type: multipart/report; boundary=\"".to_vec();
            for _ in 0..length {
                chance = chance
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                noise.extend(chance.to_be_bytes().first());
            }
            drop(read_report(&noise));
        }
    }
}
