//! What a mail server reports of an e-mail that it took: a delivery status notification (RFC 3464, and
//! RFC 6533 for addresses of other scripts), as it is sent back to the sender, wherever it stands in
//! what is sent.

use std::panic::catch_unwind;

use mail_parser::{HeaderValue, Message, MessageParser, MessagePart, MimeHeaders as _};
use school::EmailAddress;

/// The most of a report that is worth reading, in bytes; more is the e-mail it is about.
pub const LARGEST_REPORT: u64 = 256 * 1024;

/// How many messages may lie in each other: a report that somebody passed on is in a second.
const DEEPEST: u8 = 4;
/// The most parts of a report: it has three, and the e-mail that it is about a few. The parser makes
/// of parts within parts a tree that is taken down by recursion, and looks for the end of each.
const MOST_PARTS: usize = 100;

/// The most ids and the most recipients that are taken out of a report: an e-mail of ours has one of
/// each, and what passes it on adds a few. Each is looked up in the records.
const MOST_NAMED: usize = 50;

/// What became of an e-mail.
#[derive(Clone, Eq, PartialEq)]
pub struct Report {
    /// The parts before the `@` of the Message-IDs in it that may be its own.
    pub message_ids: Vec<String>,
    /// To whom it went, where the report says it.
    pub recipients: Vec<EmailAddress>,
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
    let message = message.get(..most(message.len())).unwrap_or_default();
    if parts(message) > MOST_PARTS {
        return None;
    }
    let message = parse(message)?;
    let mut found = Found::default();
    found.walk(&message, 0);
    let bounced = found.status?;
    if found.message_ids.is_empty() && found.recipients.is_empty() {
        return None;
    }
    Some(Report {
        message_ids: found.message_ids,
        recipients: found.recipients,
        bounced,
    })
}

/// The parts of a message. Where the parser asserts of one what is not so, that one is none.
fn parse(message: &[u8]) -> Option<Message<'_>> {
    let parser = MessageParser::new().with_mime_headers().with_message_ids();
    parse_by(&parser, message)
}

fn parse_by<'m>(parser: &MessageParser, message: &'m [u8]) -> Option<Message<'m>> {
    catch_unwind(|| parser.parse(message)).ok()?
}

/// What the parts of a report say.
#[derive(Default)]
struct Found {
    status: Option<Option<String>>,
    message_ids: Vec<String>,
    recipients: Vec<EmailAddress>,
}

impl Found {
    fn walk(&mut self, message: &Message<'_>, depth: u8) {
        for part in &message.parts {
            let is_status = is(part, "message", "delivery-status")
                || is(part, "message", "global-delivery-status");
            let is_header =
                is(part, "text", "rfc822-headers") || is(part, "message", "global-headers");
            if is_status {
                self.take_status(&String::from_utf8_lossy(part.contents()));
            } else if let Some(about) = part.message() {
                self.take_id(about.message_id());
                if depth < DEEPEST {
                    self.walk(about, depth + 1);
                }
            } else if is_header && let Some(about) = parse(part.contents()) {
                self.take_id(about.message_id());
            }
        }
        // What it is about comes first, then what that was an answer to.
        for id in [message.in_reply_to(), message.references()] {
            self.take_ids(id);
        }
    }

    fn take_ids(&mut self, value: &HeaderValue<'_>) {
        match value {
            HeaderValue::Text(id) => self.take_id(Some(id)),
            HeaderValue::TextList(ids) => ids.iter().for_each(|id| self.take_id(Some(id))),
            HeaderValue::Address(_)
            | HeaderValue::DateTime(_)
            | HeaderValue::ContentType(_)
            | HeaderValue::Received(_)
            | HeaderValue::Empty => {}
        }
    }

    fn take_id(&mut self, id: Option<&str>) {
        let before = id.and_then(|id| id.split('@').next()).unwrap_or_default();
        if !before.is_empty()
            && self.message_ids.len() < MOST_NAMED
            && !self.message_ids.iter().any(|it| it == before)
        {
            self.message_ids.push(before.to_owned());
        }
    }

    fn take_status(&mut self, fields: &str) {
        let fields = fields.replace("\r\n", "\n");
        // Fields of the message come first, then an empty line, then those of each recipient.
        for block in fields.split("\n\n") {
            for name in ["Original-Recipient", "Final-Recipient"] {
                if self.recipients.len() >= MOST_NAMED {
                    break;
                }
                let value = field(block, name).unwrap_or_default();
                let address = value.split_once(';').map_or(value.as_str(), |(_, it)| it);
                if let Ok(address) = EmailAddress::read(address.trim().trim_matches(['<', '>']))
                    && !self.recipients.contains(&address)
                {
                    self.recipients.push(address);
                }
            }
        }
        if self.status.is_none() {
            self.status = read_status(&fields);
        }
    }
}

fn most(length: usize) -> usize {
    length.min(usize::try_from(LARGEST_REPORT).unwrap_or(usize::MAX))
}

/// No fewer than there are parts that can hold others: each names its type.
fn parts(message: &[u8]) -> usize {
    const NAME: &[u8] = b"content-type";
    let names = message.windows(NAME.len());
    names.filter(|it| it.eq_ignore_ascii_case(NAME)).count()
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
    let fields = parse_by(&MessageParser::new(), block.as_bytes())?;
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
    const POSTFIX_PLAIN: &str = include_str!("../tests/reports/postfix-3.7.eml");
    const POSTFIX_GLOBAL: &str = include_str!("../tests/reports/postfix-global.eml");
    const GLOBAL: &str = include_str!("../tests/reports/global.eml");
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
                assert_eq!(read.message_ids, [id]);
                let bounced = read.bounced.expect("it came back");
                assert!(bounced.starts_with(why), "{bounced}");
            }
        }
    }

    #[test]
    fn what_has_arrived_has_and_what_is_delayed_is_left_alone() {
        let read = read_report(DELIVERED.as_bytes()).expect("a report");
        assert_eq!(read.message_ids, ["1a2b.3c4d"]);
        assert_eq!(read.bounced, None);
        assert_eq!(read_report(DELAYED.as_bytes()), None);
    }

    #[test]
    fn reports_about_addresses_of_other_scripts_are_reports() {
        let read = read_report(GLOBAL.as_bytes()).expect("a report");
        assert_eq!(read.message_ids, ["1a2b.3c4d"]);
        let to: Vec<_> = read.recipients.iter().map(EmailAddress::reveal).collect();
        assert_eq!(to, ["jörg@school.example"]);
        let bounced = read.bounced.expect("it came back");
        assert_eq!(bounced, "5.1.1 550 5.1.1 no such user");
    }

    /// As Debian's Postfix wrote them, for an address of ASCII and one that is not.
    #[test]
    fn reports_of_postfix_as_it_writes_them() {
        for (report, id, to) in [
            (POSTFIX_PLAIN, "1a2b.3c4d", "nobody@school.example"),
            (POSTFIX_GLOBAL, "5e6f.7a8b", "jörg@school.example"),
        ] {
            let read = read_report(report.as_bytes()).expect("a report");
            assert_eq!(read.message_ids, [id]);
            let all: Vec<_> = read.recipients.iter().map(EmailAddress::reveal).collect();
            assert_eq!(all, [to]);
            let bounced = read.bounced.expect("it came back");
            assert_eq!(bounced, "5.1.1 550 5.1.1 no mailbox of that name");
        }
    }

    #[test]
    fn a_report_is_found_wherever_it_stands() {
        for report in [
            POSTFIX,
            EXCHANGE,
            EXIM,
            GLOBAL,
            POSTFIX_PLAIN,
            POSTFIX_GLOBAL,
        ] {
            let own = read_report(report.as_bytes()).expect("a report");
            let passed_on = format!(
                "Subject: Fwd\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=outer\n\n\
                 --outer\nContent-Type: text/plain\n\nSee below.\n--outer\n\
                 Content-Type: message/rfc822\n\n{report}\n--outer--\n"
            );
            let read = read_report(passed_on.as_bytes()).expect("a report");
            assert!(
                own.message_ids
                    .iter()
                    .all(|it| read.message_ids.contains(it))
            );
            assert_eq!(
                (read.recipients, read.bounced),
                (own.recipients, own.bounced)
            );
        }
        // Only the status, and the e-mail's id beside it or no id at all.
        let bare = "Content-Type: multipart/report; boundary=b\nIn-Reply-To: <1a.2b@x.example>\n\n\
            --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n\
            Final-Recipient: rfc822; rui@x.example\nAction: failed\nStatus: 5.1.1\n\n--b--\n";
        let read = read_report(bare.as_bytes()).expect("a report");
        assert_eq!(read.message_ids, ["1a.2b"]);
        let without = bare.replace("In-Reply-To: <1a.2b@x.example>\n", "");
        let read = read_report(without.as_bytes()).expect("a report");
        assert_eq!(read.message_ids, [""; 0]);
        assert_eq!(read.recipients.len(), 1);
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
    fn parts_within_parts_and_whatever_else_has_no_end_are_let_be() {
        let numbered = |before: &str, behind: &str| {
            let all: String = (0..18_000)
                .map(|it| format!("{before}{it}{behind}"))
                .collect();
            format!("Content-Type: a/b; {all}")
        };
        let deep = |part: &str| {
            format!(
                "Content-Type: multipart/report; boundary=a\n\n{}",
                part.repeat(10_000)
            )
        };
        for endless in [
            deep("--a\nContent-Type: message/rfc822\n\n"),
            deep("Content-Type: message/rfc822\n\n"),
            deep("--a\ncontent-TYPE: multipart/digest; boundary=a\n\n"),
            deep("--a\n\n"),
            deep("X: y\n"),
            deep("--a\nContent-Type:\n message/delivery-status\n\nAction: failed\n\n"),
            format!("Content-Type: {}", "a/b;".repeat(60_000)),
            format!("Message-ID: {}", "<".repeat(250_000)),
            format!("{}: x", "x".repeat(250_000)),
            format!(
                "Content-Type: multipart/report; boundary=\"{}\"\n\n",
                "-".repeat(120_000)
            ),
            POSTFIX.replace("Action", &"Action: failed\n\n".repeat(15_000)),
            numbered("x*", "=y;"),
            numbered("x*", "*=utf-8'en'%41;"),
            format!("Content-Type: a/b;{}", "x*0=y;".repeat(40_000)),
            format!("Content-Type: a/b; x={}", "(".repeat(250_000)),
            format!("Content-Type: a/b; x=\"{}", "\\\"".repeat(120_000)),
            format!("Content-Type: a/b;\n{}", " x\n".repeat(80_000)),
            format!("Content-Type: =?utf-8?Q?{}", "=41".repeat(80_000)),
            format!("Content-Type: {}", "=?utf-8?B?QQ==?= ".repeat(15_000)),
            format!("References: {}", "(<".repeat(120_000)),
            POSTFIX.replace(
                "Diagnostic-Code: ",
                &format!("Diagnostic-Code: {}", "x\n ".repeat(80_000)),
            ),
        ] {
            drop(read_report(endless.as_bytes()));
        }
        // Ids and recipients without end: the first few are taken, its own among them.
        let ids: String = (0..20_000).map(|it| format!("<{it}>")).collect();
        let many = POSTFIX.replacen('\n', &format!("\nReferences: {ids}\n"), 1);
        let read = read_report(many.as_bytes()).expect("a report");
        assert_eq!(read.message_ids.len(), MOST_NAMED);
        assert!(read.message_ids.iter().any(|it| it == "1a2b.3c4d"));
        let recipients: String = (0..3_000)
            .map(|it| format!("Final-Recipient: rfc822; r{it}@x.example\n\n"))
            .collect();
        let many = POSTFIX.replacen("Action", &format!("{recipients}Action"), 1);
        let read = read_report(many.as_bytes()).expect("a report");
        assert_eq!(read.recipients.len(), MOST_NAMED);
        // What comes after so much is not read.
        let long = format!("{POSTFIX}{}", "x\n".repeat(2_000_000));
        assert!(read_report(long.as_bytes()).is_some());
    }

    #[test]
    fn no_bytes_make_it_panic() {
        // What broke the parser's own beliefs once.
        let seed = include_bytes!("../../../fuzz/seeds/report/parts-that-do-not-fit");
        drop(read_report(seed));
        // Every report cut anywhere, and with any byte of it another.
        for report in [POSTFIX, EXCHANGE, EXIM, GLOBAL, DELIVERED, DELAYED] {
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
