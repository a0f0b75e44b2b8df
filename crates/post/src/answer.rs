//! What a mail server's refusal means, by its code, its enhanced code (RFC 3463) and, where those
//! say too little, by the words of the great mail servers: whether the reader's address cannot be
//! reached, or whether it speaks of our own account, or of today.

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
    let words = text.to_ascii_lowercase();
    let enhanced = enhanced(&words);
    let says = |these: &[&str]| these.iter().any(|it| words.contains(it));
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
    // A class of 4 behind a code of 5 is a proxy's mistake: it may go well later.
    if matches!(enhanced, Some([4, ..] | [5, 2, 2])) || says(FULL) {
        return Whose::Today;
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
        (4, 2 | 3 | 6 | 14 | 300 | 316) => Whose::Today,
        // No such address, mailbox or domain, restricted mailboxes of Microsoft, and addresses that
        // a server on the way cannot write (RFC 6531 §3.5).
        (1 | 2 | 4, _) | (6, 7..=10) | (7, 124 | 129 | 133..=136 | 193) => Whose::Reader,
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

/// Of a mailbox or system that is full: by Exim, Yahoo, Google, Dovecot and Postfix.
const FULL: &[&str] = &[
    "mailbox full",
    "mailbox is full",
    "over quota",
    "overquota",
    "exceeded storage",
    "user is over the quota",
    "account is full",
    "not enough storage",
    "insufficient system storage",
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
    "requested action not taken: mailbox unavailable",
    "unrouteable address",
    "unroutable address",
    "account that you tried to reach is disabled",
    "account is disabled",
    "mailbox disabled",
    "recipientnotfound",
    // Microsoft 365, at the edge of the reader's school; its words for our own are others.
    "recipient address rejected: access denied",
    // Mimecast and Proofpoint.
    "invalid recipient",
    "recipient not found",
    // A mailbox that takes mail of its own organisation alone.
    "resolver.rst.",
];

/// Of who sends, whatever the code beside it.
const OF_ACCOUNT: &[&str] = &[
    "relay",
    "send as",
    "sendasdenied",
    "sender address rejected",
    "sender rejected",
    "sender verify failed",
    "client host",
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

/// The enhanced code at the beginning of a text.
fn enhanced(text: &str) -> Option<[u16; 3]> {
    let word = text.split_whitespace().next()?;
    let mut numbers = word.splitn(3, '.').map(|it| it.parse().ok());
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
mod tests {
    use super::Whose::{Account, Reader, Today};
    use super::*;

    /// As the operators document them.
    const DOCUMENTED: &[(&str, Whose, &str)] = &[
        // Microsoft 365: "Email non-delivery reports and SMTP errors in Exchange Online".
        (
            "M365",
            Reader,
            "550 5.1.1 RESOLVER.ADR.RecipNotFound; not found",
        ),
        (
            "M365",
            Reader,
            "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
        ),
        (
            "M365",
            Reader,
            "550 5.4.1 Recipient address rejected: Access denied. [x.eurprd05.prod.outlook.com]",
        ),
        (
            "M365",
            Reader,
            "550 5.4.310 DNS domain school.example does not exist",
        ),
        (
            "M365",
            Reader,
            "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required",
        ),
        (
            "M365",
            Account,
            "550 5.7.60 SMTP; Client does not have permissions to send as this sender",
        ),
        (
            "M365",
            Account,
            "554 5.2.252 SendAsDenied; evenings@school.example not allowed to send as office@school.example; STOREDRV.Submission",
        ),
        (
            "M365",
            Account,
            "530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM",
        ),
        (
            "M365",
            Account,
            "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.",
        ),
        (
            "M365",
            Account,
            "550 5.7.64 TenantAttribution; Relay Access Denied SMTP",
        ),
        (
            "M365",
            Account,
            "550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP",
        ),
        (
            "M365",
            Account,
            "550 5.7.750 Service unavailable. Client blocked from sending from unregistered domains",
        ),
        (
            "M365",
            Account,
            "550 5.7.501 Service unavailable. Spam abuse detected from this account",
        ),
        (
            "M365",
            Account,
            "550 5.1.90 Your message can't be sent because you've reached your daily limit for message recipients",
        ),
        (
            "M365",
            Account,
            "554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException; message limit exceeded",
        ),
        (
            "M365",
            Account,
            "550 5.7.515 Access denied, sending domain school.example does not meet the required authentication level.",
        ),
        (
            "M365",
            Today,
            "450 4.7.500 Server busy. Please try again later from [203.0.113.1].",
        ),
        (
            "M365",
            Account,
            "432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded",
        ),
        ("M365", Today, "552 5.2.2 RESOLVER.QUOTA; mailbox full"),
        (
            "Outlook.com",
            Reader,
            "550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302).",
        ),
        (
            "Outlook.com",
            Account,
            "550 5.7.1 Unfortunately, messages from [203.0.113.1] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3150).",
        ),
        // Google: "Gmail SMTP errors and codes".
        (
            "Google",
            Reader,
            "550 5.1.1 The email account that you tried to reach does not exist. Please try double-checking the recipient's email address",
        ),
        (
            "Google",
            Reader,
            "550 5.2.1 The email account that you tried to reach is disabled.",
        ),
        (
            "Google",
            Reader,
            "553 5.1.2 We weren't able to find the recipient domain.",
        ),
        (
            "Google",
            Today,
            "552 5.2.2 The email account that you tried to reach is over quota.",
        ),
        (
            "Google",
            Today,
            "450 4.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages from being delivered.",
        ),
        (
            "Google",
            Account,
            "550 5.4.5 Daily user sending limit exceeded. For more information on Gmail sending limits",
        ),
        (
            "Google",
            Account,
            "550 5.7.1 Daily SMTP relay limit exceeded for user.",
        ),
        (
            "Google",
            Account,
            "550 5.7.1 The IP you're using to send mail is not authorized to send email directly to our servers.",
        ),
        (
            "Google",
            Account,
            "550 5.7.26 This mail has been blocked because the sender is unauthenticated.",
        ),
        (
            "Google",
            Account,
            "552 5.7.0 This message was blocked because its content presents a potential security issue.",
        ),
        (
            "Google",
            Account,
            "535 5.7.8 Username and Password not accepted.",
        ),
        (
            "Google",
            Account,
            "534 5.7.9 Application-specific password required.",
        ),
        ("Google", Account, "530 5.5.1 Authentication Required."),
        ("Google", Account, "550 5.7.0 Mail relay denied."),
        (
            "Google",
            Account,
            "421 4.7.28 Our system has detected an unusual rate of unsolicited mail. To protect our users from spam, mail has been temporarily rate limited.",
        ),
        (
            "Google",
            Today,
            "421 4.7.0 Try again later, closing connection.",
        ),
        // Yahoo: "SMTP error codes".
        (
            "Yahoo",
            Reader,
            "554 delivery error: dd This user doesn't have a yahoo.com account (x@yahoo.com) [0]",
        ),
        (
            "Yahoo",
            Reader,
            "552 1 Requested mail action aborted, user unknown",
        ),
        (
            "Yahoo",
            Today,
            "552 1 Requested mail action aborted, mailbox full",
        ),
        (
            "Yahoo",
            Account,
            "554 5.7.9 Message not accepted for policy reasons.",
        ),
        (
            "Yahoo",
            Account,
            "553 5.7.1 [BL21] Connections will not be accepted from 203.0.113.1, because the ip is in Spamhaus's list",
        ),
        (
            "Yahoo",
            Account,
            "554 Message not allowed - [PH01] Email not accepted for policy reasons.",
        ),
        (
            "Yahoo",
            Today,
            "421 4.7.0 [TSS04] Messages from 203.0.113.1 temporarily deferred due to user complaints",
        ),
        // Exim's default configuration and its manual.
        ("Exim", Reader, "550 Unrouteable address"),
        ("Exim", Reader, "550 No Such User Here"),
        ("Exim", Reader, "550 Unknown user"),
        ("Exim", Account, "550 relay not permitted"),
        ("Exim", Account, "550 Sender verify failed"),
        ("Exim", Account, "550 Administrative prohibition"),
        (
            "Exim",
            Today,
            "451 Temporary local problem - please try later",
        ),
        ("Exim", Today, "552 mailbox is full: retry timeout exceeded"),
        // Postfix: access(5), postconf(5).
        (
            "Postfix",
            Reader,
            "550 5.1.1 <x@school.example>: Recipient address rejected: User unknown in virtual mailbox table",
        ),
        (
            "Postfix",
            Reader,
            "550 5.4.4 <x@nowhere.example>: Host or domain name not found",
        ),
        (
            "Postfix",
            Reader,
            "556 5.1.10 <x@null.example>: Recipient address rejected: Domain null.example does not accept mail (nullMX)",
        ),
        (
            "Postfix",
            Account,
            "554 5.7.1 <x@school.example>: Relay access denied",
        ),
        (
            "Postfix",
            Account,
            "553 5.7.1 <office@school.example>: Sender address rejected: not owned by user evenings",
        ),
        (
            "Postfix",
            Account,
            "550 5.1.8 <office@nowhere.example>: Sender address rejected: Domain not found",
        ),
        (
            "Postfix",
            Account,
            "554 5.7.1 Service unavailable; Client host [203.0.113.1] blocked using zen.spamhaus.org",
        ),
        (
            "Postfix",
            Account,
            "554 5.7.0 Your message could not be sent: quota exceeded",
        ),
        (
            "Postfix",
            Account,
            "552 5.3.4 Message size exceeds fixed limit",
        ),
        ("Postfix", Account, "554 5.5.1 Error: no valid recipients"),
        (
            "Postfix",
            Today,
            "450 4.2.0 <x@school.example>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch",
        ),
        (
            "Postfix",
            Account,
            "450 4.1.8 <office@nowhere.example>: Sender address rejected: Domain not found",
        ),
        (
            "Dovecot",
            Today,
            "552 5.2.2 <x@school.example> Quota exceeded (mailbox for user is full)",
        ),
        ("Postfix", Today, "452 4.3.1 Insufficient system storage"),
        ("Postfix", Today, "554 5.4.6 Too many hops"),
        // Proofpoint: "SMTP rejection codes"; Mimecast: "SMTP error codes".
        ("Proofpoint", Reader, "550 5.1.1 User Unknown"),
        (
            "Proofpoint",
            Account,
            "554 5.7.0 Blocked - see https://ipcheck.proofpoint.com/?ip=203.0.113.1",
        ),
        ("Proofpoint", Account, "550 5.7.0 Local Policy Violation"),
        (
            "Proofpoint",
            Today,
            "421 4.7.0 Deferred - see https://ipcheck.proofpoint.com",
        ),
        (
            "Mimecast",
            Reader,
            "550 Invalid Recipient - https://community.mimecast.com/docs/DOC-1369#550",
        ),
        (
            "Mimecast",
            Account,
            "550 Rejected by header based Anti-Spoofing policy: school.example - https://community.mimecast.com",
        ),
        (
            "Mimecast",
            Account,
            "554 Email rejected due to security policies - https://community.mimecast.com",
        ),
        (
            "Mimecast",
            Account,
            "550 csi.mimecast.org Poor Reputation Sender.",
        ),
        (
            "Mimecast",
            Today,
            "451 Internal resources are temporarily unavailable - https://community.mimecast.com",
        ),
        // RFC 5321 and its family alone.
        ("RFC 5321", Reader, "550 no mailbox of that name"),
        ("RFC 5321", Reader, "551 User not local"),
        ("RFC 5321", Reader, "553 mailbox name not allowed"),
        ("RFC 7504", Account, "521 server does not accept mail"),
        ("RFC 5321", Account, "554 Transaction failed"),
        ("RFC 5321", Account, "503 Bad sequence of commands"),
        ("RFC 5321", Today, "421 Service not available"),
        (
            "RFC 6531",
            Reader,
            "550 5.6.7 Non-ASCII addresses not permitted",
        ),
    ];

    #[test]
    fn the_documented_answers_of_the_great_servers() {
        for (server, expected, answer) in DOCUMENTED {
            let (code, text) = answer.split_once(' ').expect("a code and a text");
            let code = code.parse().expect("a code");
            assert_eq!(whose(code, text), *expected, "{server}: {answer}");
        }
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
