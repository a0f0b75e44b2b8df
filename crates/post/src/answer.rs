//! What a mail server's refusal means, by its code, its enhanced code (RFC 3463) and, where those
//! say too little, by the words of the great mail servers: whether the reader's address cannot be
//! reached, or whether it speaks of our own account, or of today.
//!
//! The words are those that the operators document: Google ("Gmail SMTP errors and codes"), Microsoft
//! ("Email nondelivery reports and SMTP errors in Exchange Online"), Yahoo ("SMTP Error Codes" of its
//! Sender Hub), Apple ("Postmaster information for iCloud Mail"), Exim (its specification), Postfix
//! (access(5), postconf(5)) and Dovecot; and, where they document a code alone, the wording that is
//! kept beside those documents in Sisimai's modules for these hosts.

use crate::send::Outcome;

/// Whose fault it is that an e-mail was not taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Whose {
    /// The reader's address cannot be reached: trying again changes nothing.
    Reader,
    /// Our account or server is refused, whoever is written to: the e-mail waits for the office.
    Account,
    /// The mail server, or the reader's mailbox, cannot take it now.
    Today,
}

impl Whose {
    /// Its name in the log.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Account => "account",
            Self::Today => "today",
        }
    }
}

/// Reads an answer: its code, and the text behind it, which begins with the enhanced code where the
/// server has them (RFC 2034).
pub(crate) fn whose(code: u16, text: &str) -> Whose {
    let text = text.to_ascii_lowercase();
    let (words, enhanced) = (without_addresses(&text), enhanced(&text));
    let says = |these: &[&str]| these.iter().any(|it| words.contains(it));
    if says(SENT_TOO_MUCH) {
        return Whose::Account;
    }
    if says(GETS_TOO_MUCH) {
        return Whose::Today;
    }
    if is_about_us(code) {
        return Whose::Account;
    }
    if code < 500 {
        return if says(OF_ACCOUNT) {
            Whose::Account
        } else {
            Whose::Today
        };
    }
    match enhanced {
        // A class of 4 behind a code of 5 is a proxy's mistake: it may go well later.
        Some([4, ..] | [5, 2, 2]) => return Whose::Today,
        Some([5, 7, detail]) if is_restricted(detail) => return Whose::Reader,
        Some(_) | None => {}
    }
    if says(NOBODY_THERE) {
        return Whose::Reader;
    }
    if says(OF_ACCOUNT) {
        return Whose::Account;
    }
    match enhanced {
        Some([5, subject, detail]) => by_enhanced(subject, detail),
        _ => by_code(code),
    }
}

/// Microsoft's codes of a mailbox, group or folder that takes mail of its own organisation or of a
/// list alone: its words speak of a sender who "was not authenticated".
const fn is_restricted(detail: u16) -> bool {
    matches!(detail, 12 | 13 | 124 | 129 | 133..=136 | 193 | 504 | 505)
}

/// Codes that are about the connection, its protection and who signs in, or the commands that we
/// sent (RFC 5321 §4.2.3, RFC 4954 §6), and never about a reader.
const fn is_about_us(code: u16) -> bool {
    matches!(
        code,
        432 | 454 | 500..=504 | 521 | 523 | 524 | 530 | 534 | 535 | 538
    )
}

/// RFC 3463 §3, the registry of RFC 5248, and what Microsoft and Google use beyond it.
const fn by_enhanced(subject: u16, detail: u16) -> Whose {
    match (subject, detail) {
        // The sender's address; "you've reached your daily limit for message recipients".
        (1, 7 | 8 | 20 | 90) => Whose::Account,
        // A mailbox that is full, or gets too much at once.
        (2, 2 | 121 | 122) => Whose::Today,
        // Larger than may be sent there.
        (2, 3) | (3, 4) => Whose::Account,
        // The system is full, or does not take mail now.
        (3, 1 | 2) => Whose::Today,
        // "Daily user sending limit exceeded".
        (4, 5) => Whose::Account,
        // It went in a circle, or the next server did not answer.
        (4, 2 | 3 | 6 | 14 | 300 | 312..=318) | (7, 321..=325) => Whose::Today,
        // No such address, mailbox or domain, and addresses that a server on the way cannot write
        // (RFC 6531 §3.5).
        (1 | 2 | 4, _) | (6, 7..=10) => Whose::Reader,
        // The rest of the system, of the protocol, of the content and of policy is about who sends.
        _ => Whose::Account,
    }
}

/// Without an enhanced code and without words that are known.
const fn by_code(code: u16) -> Whose {
    match code {
        // No such mailbox, user not local, its name is not allowed, a domain without mail.
        550 | 551 | 553 | 556 => Whose::Reader,
        552 => Whose::Today,
        // "Transaction failed" says nothing of the reader.
        _ => Whose::Account,
    }
}

/// Of what our own account sends, where the code beside it may be that of a full mailbox.
const SENT_TOO_MUCH: &[&str] = &[
    "submission quota",
    "submissionquotaexceeded",
    "sender thread limit",
    "message too large",
    "recipsizelimit",
    "mail sending denied",
];

/// Of a mailbox or system that is full, or gets more than it takes at a time: by Exim, Yahoo,
/// Google, Microsoft, Dovecot and Postfix.
const GETS_TOO_MUCH: &[&str] = &[
    "mailbox full",
    "mailbox is full",
    "mailbox for user is full",
    "over quota",
    "overquota",
    "exceeded storage",
    "out of storage space",
    "user is over the quota",
    "account is full",
    "not enough storage",
    "insufficient system storage",
    "receiving mail too quickly",
    "receiving email too quickly",
    "at a rate that prevents",
    "recipient thread limit",
];

/// Of an address at which nobody is, whatever the code beside it.
const NOBODY_THERE: &[&str] = &[
    // Postfix, Exim, Sendmail, Outlook.com, Google and Yahoo.
    "user unknown",
    "unknown user",
    "no such user",
    "does not exist",
    "doesn't exist",
    "doesn't have a yahoo",
    "no such mailbox",
    "no mailbox here by that name",
    "mailbox not found",
    "mailbox is disabled",
    "is no longer valid",
    "no longer on server",
    "requested action not taken: mailbox unavailable",
    "unrouteable address",
    "unroutable address",
    "account that you tried to reach is disabled",
    "account is disabled",
    "mailbox disabled",
    "inactive email address",
    "recipientnotfound",
    // Microsoft 365, at the edge of the reader's school; its words for our own are others.
    "recipient address rejected: access denied",
    // Mimecast and Proofpoint.
    "invalid recipient",
    "recipient not found",
    // A mailbox that takes mail of its own organisation alone.
    "resolver.rst.",
    "delivery not authorized",
];

/// Of who sends, whatever the code beside it.
const OF_ACCOUNT: &[&str] = &[
    "relay",
    "send as",
    "sendasdenied",
    "sender address rejected",
    "sender rejected",
    "sender denied",
    "sender verify failed",
    "client host",
    "rcpthosts",
    "tls required",
    "starttls",
    "ptr record",
    "unusual rate",
    "unresolvable rfc",
    "client was not authenticated",
    "authentication",
    "not authenticated",
    "not accepted for policy",
    "policy violation",
    "security polic",
    "sending limit",
    "daily limit",
    "rate limit",
    "quota exceeded",
    "exceeded quota",
    "sending quota",
    "message limit",
    "too many messages",
    "blocked",
    "block list",
    "blocklist",
    "blacklist",
    "black list",
    "blacklisted",
    "spamhaus",
    "spam",
    "reputation",
    "banned",
    "spf",
    "dkim",
    "dmarc",
    "unauthenticated email",
    "anti-spoofing",
    "administrative prohibition",
    "administratively prohibited",
    "administratively denied",
    "not allowed to send",
    "not permitted to send",
    "bl21",
    "ph01",
];

/// Most answers repeat the address: `nospam@relay.example` is no word of the server's.
fn without_addresses(text: &str) -> String {
    let words: Vec<_> = text
        .split_whitespace()
        .filter(|it| !it.contains('@'))
        .collect();
    words.join(" ")
}

/// The enhanced code at the beginning of a text, whatever stands around it, or where qmail puts it:
/// "no mailbox here by that name (#5.1.1)".
fn enhanced(text: &str) -> Option<[u16; 3]> {
    let first = text.split_whitespace().next()?;
    read_enhanced(first).or_else(|| {
        let (_, behind) = text.rsplit_once("(#")?;
        read_enhanced(behind)
    })
}

fn read_enhanced(word: &str) -> Option<[u16; 3]> {
    let is_part = |it: char| it.is_ascii_digit() || it == '.';
    let word = word.trim_start_matches(|it: char| !is_part(it));
    let word = word.split(|it: char| !is_part(it)).next()?;
    let mut numbers = word
        .trim_end_matches('.')
        .splitn(3, '.')
        .map(|it| it.parse().ok());
    let (class, subject, detail) = (numbers.next()??, numbers.next()??, numbers.next()??);
    matches!(class, 2 | 4 | 5).then_some([class, subject, detail])
}

/// What an error of the way to the mail server means for the e-mail. It says whose fault it is, to
/// whoever reads it in the office.
pub(crate) fn judge(error: &lettre::transport::smtp::Error) -> Outcome {
    let Some(code) = error.status().map(u16::from) else {
        let why = told(error);
        // It is of the connection, and names nobody.
        tracing::warn!(%why, "the mail server could not be reached");
        return Outcome::Lost(format!("The mail server could not be reached: {why}"));
    };
    let text = std::error::Error::source(error).map(ToString::to_string);
    let text = text.unwrap_or_default();
    let answer = format!("{code} {text}");
    let whose = whose(code, &text);
    tracing::warn!(
        answer = code_alone(code, &text),
        fault = whose.name(),
        "the mail server did not take an e-mail"
    );
    match whose {
        Whose::Reader => Outcome::Refused(answer),
        Whose::Account => Outcome::Waits(format!(
            "The mail server refuses the account or server that Homeroom sends from: {answer}"
        )),
        Whose::Today => Outcome::Later(format!("The mail server could not take it yet: {answer}")),
    }
}

/// What an error of the connection says, with what it came from.
fn told(error: &lettre::transport::smtp::Error) -> String {
    let mut words = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let cause_words = cause.to_string();
        if !words.contains(&cause_words) {
            words = format!("{words}: {cause_words}");
        }
        source = cause.source();
    }
    words
}

/// An answer for the log: without the words, which may name the reader.
pub(crate) fn code_alone(code: u16, text: &str) -> String {
    match enhanced(text) {
        Some([class, subject, detail]) => format!("{code} {class}.{subject}.{detail}"),
        None => code.to_string(),
    }
}

#[cfg(test)]
mod documented;

#[cfg(test)]
mod tests {
    use super::documented::DOCUMENTED;
    use super::*;

    #[test]
    fn the_documented_answers_of_the_great_servers() {
        for (server, expected, answer) in DOCUMENTED {
            let (code, text) = answer.split_once(' ').expect("a code and a text");
            let code = code.parse().expect("a code");
            assert_eq!(whose(code, text), *expected, "{server}: {answer}");
        }
    }

    #[test]
    fn an_address_that_is_repeated_says_nothing() {
        for address in [
            "nospam@x.example",
            "dkim@blocked.example",
            "ana@relay.example",
        ] {
            for answer in [
                format!("5.1.1 <{address}>: Recipient address rejected"),
                format!("<{address}>... no thank you"),
                format!("{address}: nothing of that name here"),
            ] {
                assert_eq!(whose(550, &answer), Whose::Reader, "{answer}");
            }
            let blocked = format!("5.7.1 <{address}> Client host blocked");
            assert_eq!(whose(550, &blocked), Whose::Account, "{blocked}");
        }
        let unknown = "5.7.1 <no-such-user@x.example>: relay access denied";
        assert_eq!(whose(554, unknown), Whose::Account);
    }

    #[test]
    fn the_log_has_no_words() {
        assert_eq!(
            code_alone(550, "5.1.1 <rui@x.example>: unknown"),
            "550 5.1.1"
        );
        assert_eq!(code_alone(550, "<rui@x.example> unknown"), "550");
    }

    #[test]
    fn no_text_is_too_odd() {
        for text in [
            "",
            " ",
            "5",
            "5.",
            "5.7",
            "5.7.",
            "5.7.x",
            "9.9.9",
            "5.7.99999999",
            "\u{0}",
            "ü.ü.ü",
        ] {
            for code in [0, 400, 450, 550, 554, 599, 999] {
                drop((whose(code, text), code_alone(code, text)));
            }
        }
    }
}
