//! What a mail server reports of an e-mail that it took: a delivery status notification (RFC 3464)
//! in a multipart/report (RFC 6522), as it is sent back to the sender.

use mail_parser::{MessageParser, MessagePart, MimeHeaders as _};

/// The most of a report that is worth reading, in bytes; more is the e-mail it is about.
pub const LARGEST_REPORT: u64 = 256 * 1024;

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
    let message = MessageParser::new()
        .with_mime_headers()
        .with_message_ids()
        .parse(message)?;
    let mut parts = message.parts.iter();
    if !parts
        .next()
        .is_some_and(|whole| is(whole, "multipart", "report"))
    {
        return None;
    }
    let (mut status, mut message_id) = (None, None);
    for part in parts {
        if is(part, "message", "delivery-status") {
            status = status.or_else(|| read_status(&String::from_utf8_lossy(part.contents())));
        } else if let Some(about) = part.message() {
            message_id = message_id.or_else(|| about.message_id().map(str::to_owned));
        } else if is(part, "text", "rfc822-headers") {
            let about = MessageParser::new()
                .with_message_ids()
                .parse(part.contents());
            message_id = message_id.or_else(|| about?.message_id().map(str::to_owned));
        }
    }
    let id = message_id?;
    let (before, _) = id.split_once('@')?;
    Some(Report {
        message_id: before.to_owned(),
        bounced: status?,
    })
}

fn is(part: &MessagePart<'_>, kind: &str, subtype: &str) -> bool {
    part.content_type().is_some_and(|its| {
        let its_subtype = its.subtype().unwrap_or_default();
        its.ctype().eq_ignore_ascii_case(kind) && its_subtype.eq_ignore_ascii_case(subtype)
    })
}

/// What the first recipient's fields say: why it failed, or nothing where it was delivered. An
/// e-mail of ours has one recipient.
fn read_status(fields: &str) -> Option<Option<String>> {
    let fields = fields.replace("\r\n", "\n");
    // Fields of the message come first, then an empty line, then those of each recipient.
    for block in fields.split("\n\n") {
        let Some(action) = field(block, "Action") else {
            continue;
        };
        return match action.to_ascii_lowercase().as_str() {
            "failed" => {
                let status = field(block, "Status").unwrap_or_default();
                let why = field(block, "Diagnostic-Code").unwrap_or_default();
                let why = why
                    .split_once(';')
                    .map_or(why.as_str(), |(_, why)| why.trim());
                Some(Some(format!("{status} {why}").trim().to_owned()))
            }
            "delivered" => Some(None),
            // Delayed, relayed, expanded: it may still come to either.
            _ => None,
        };
    }
    None
}

/// A field of a block of fields, in one line.
fn field(block: &str, name: &str) -> Option<String> {
    let block = format!("{}\n\n", block.trim_start());
    let fields = MessageParser::new().parse(&block)?;
    let value = fields.header_raw(name)?;
    let words: Vec<&str> = value.split_whitespace().collect();
    Some(words.join(" "))
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
