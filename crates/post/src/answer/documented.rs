//! Answers as the operators of mail servers document them.

use super::Whose::{self, Account, Reader, Today};

/// Server, whose fault, and the answer.
pub(super) const DOCUMENTED: &[(&str, Whose, &str)] = &[
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
    // Microsoft 365, the same document: what speaks of how much is sent or received.
    (
        "M365",
        Today,
        "432 4.3.2 STOREDRV.Deliver; recipient thread limit exceeded",
    ),
    ("M365", Account, "550 5.2.2 Submission quota exceeded"),
    (
        "M365",
        Account,
        "550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient",
    ),
    (
        "M365",
        Today,
        "550 5.2.121 Recipient's per hour message receive limit from specific sender exceeded.",
    ),
    (
        "M365",
        Today,
        "550 5.2.122 The recipient has exceeded their limit for the number of messages they can receive per hour.",
    ),
    (
        "M365",
        Account,
        "550 5.7.508 Access denied, [203.0.113.1] has exceeded permitted limits within 1 hour range",
    ),
    (
        "M365",
        Today,
        "450 4.7.850 Access denied, please try again later",
    ),
    // Of senders.
    ("M365", Account, "550 5.1.0 Sender denied"),
    (
        "M365",
        Account,
        "550 5.1.7 Invalid address; unknown sender address",
    ),
    (
        "M365",
        Account,
        "550 5.1.8 Access denied, bad outbound sender",
    ),
    (
        "M365",
        Account,
        "550 5.1.20 Multiple From addresses are not allowed without Sender address",
    ),
    (
        "M365",
        Account,
        "550 5.0.350 Requested action not taken: policy violation detected (AS345)",
    ),
    (
        "M365",
        Account,
        "550 5.7.23 The message was rejected because of Sender Policy Framework violation",
    ),
    (
        "M365",
        Account,
        "550 5.7.509 Access denied, sending domain school.example does not pass DMARC verification",
    ),
    (
        "M365",
        Account,
        "550 5.7.511 Access denied, banned sender [203.0.113.1]",
    ),
    (
        "M365",
        Account,
        "550 5.7.606 Access denied, banned sending IP [203.0.113.1]",
    ),
    (
        "M365",
        Account,
        "550 5.7.705 Access denied, tenant has exceeded threshold",
    ),
    ("M365", Account, "550 5.4.1 Relay Access Denied"),
    // Of readers who take mail of some people alone.
    (
        "M365",
        Reader,
        "550 5.7.1 Delivery not authorized, message refused",
    ),
    (
        "M365",
        Reader,
        "550 5.7.12 Sender was not authenticated by organization",
    ),
    (
        "M365",
        Reader,
        "550 5.7.124 Sender not in allowed-senders list",
    ),
    (
        "M365",
        Reader,
        "550 5.7.133 Sender not authenticated for group",
    ),
    ("M365", Reader, "550 5.7.136 Sender was not authenticated"),
    (
        "M365",
        Reader,
        "550 5.7.504 [x@school.example]: Recipient address rejected: Access denied",
    ),
    (
        "M365",
        Reader,
        "550 5.7.505 Access denied, banned recipient",
    ),
    (
        "M365",
        Reader,
        "550 5.1.6 Recipient addresses in single label domains not accepted",
    ),
    (
        "M365",
        Reader,
        "554 5.4.4 SMTPSEND.DNS.NonExistentDomain; nonexistent domain",
    ),
    // Google, the same document.
    (
        "Google",
        Today,
        "550 5.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages from being delivered.",
    ),
    (
        "Google",
        Today,
        "452 4.2.2 The recipient's inbox is out of storage space.",
    ),
    (
        "Google",
        Today,
        "552 5.2.2 The recipient's inbox is out of storage space and inactive.",
    ),
    (
        "Google",
        Reader,
        "550 5.2.1 The email account that you tried to reach is inactive.",
    ),
    (
        "Google",
        Reader,
        "553 5.1.3 The recipient address <x@> is not a valid RFC 5321 address.",
    ),
    (
        "Google",
        Account,
        "553 5.1.7 The sender address <@> is not a valid RFC 5321 address.",
    ),
    ("Google", Account, "550 5.7.0, Mail Sending denied."),
    (
        "Google",
        Account,
        "550 5.4.5 Daily SMTP relay limit exceeded for customer.",
    ),
    (
        "Google",
        Account,
        "450 4.2.1 Peak SMTP relay limit exceeded for customer. This is a temporary error.",
    ),
    (
        "Google",
        Account,
        "421 4.7.0 TLS required for RCPT domain, closing connection.",
    ),
    (
        "Google",
        Account,
        "421 4.7.23 The sending IP address for this message doesn't have a PTR record",
    ),
    (
        "Google",
        Account,
        "421 4.7.27 Your email has been rate limited because SPF authentication didn't pass for this message.",
    ),
    (
        "Google",
        Account,
        "550 5.7.30 This mail has been blocked because DKIM does not pass.",
    ),
    (
        "Google",
        Account,
        "550 5.7.28 There is an unusual rate of unsolicited mail originating from your IP address.",
    ),
    (
        "Google",
        Account,
        "550 5.7.1 Messages missing a valid address in the From: header, or having no From: header, are not accepted.",
    ),
    (
        "Google",
        Account,
        "501 5.5.4 HELO/EHLO argument is invalid.",
    ),
    ("Google", Account, "555 5.5.2 Syntax error, goodbye."),
    (
        "Google",
        Today,
        "421 4.3.0 Temporary System Problem. Try again later.",
    ),
    ("Google", Today, "451 4.4.2 Timeout - closing connection."),
    // Yahoo, the same document.
    (
        "Yahoo",
        Reader,
        "552 1 Requested mail action aborted, mailbox not found",
    ),
    (
        "Yahoo",
        Reader,
        "554 delivery error: dd x@yahoo.com is no longer valid.",
    ),
    (
        "Yahoo",
        Reader,
        "554 30 Sorry, your message to x@aol.com cannot be delivered. This mailbox is disabled (554.30).",
    ),
    ("Yahoo", Today, "450 User is receiving mail too quickly"),
    (
        "Yahoo",
        Today,
        "421 Max message per connection reached, closing transmission channel",
    ),
    (
        "Yahoo",
        Account,
        "451 Message temporarily deferred due to unresolvable RFC.5321 from domain.",
    ),
    (
        "Yahoo",
        Account,
        "553 5.7.2 [TSS09] All messages from 203.0.113.1 will be permanently deferred; Retrying will NOT succeed.",
    ),
    ("Yahoo", Account, "550 relaying denied for <x@yahoo.com>"),
    // Apple: "Postmaster information for iCloud Mail".
    (
        "iCloud",
        Reader,
        "550 5.1.1 <x@icloud.com>: user does not exist",
    ),
    (
        "iCloud",
        Reader,
        "550 5.1.1 <x@icloud.com>: inactive email address",
    ),
    (
        "iCloud",
        Reader,
        "550 5.1.1 unknown or illegal alias: x@icloud.com",
    ),
    (
        "iCloud",
        Reader,
        "550 5.1.6 recipient no longer on server: x@icloud.com",
    ),
    (
        "iCloud",
        Today,
        "552 5.2.2 <x@icloud.com>: user is over quota",
    ),
    (
        "iCloud",
        Today,
        "421 4.7.1 Messages to x@icloud.com deferred due to excessive volume. Try again later",
    ),
    (
        "iCloud",
        Account,
        "550 5.7.1 [CS01] Message rejected due to local policy.",
    ),
    (
        "iCloud",
        Account,
        "554 5.7.1 [HME1] This message was blocked for failing both SPF and DKIM authentication checks.",
    ),
    (
        "iCloud",
        Account,
        "550 5.7.1 Mail from IP 203.0.113.1 was rejected due to listing in Spamhaus SBL.",
    ),
    // qmail(7): its codes stand at the end.
    (
        "qmail",
        Reader,
        "550 sorry, no mailbox here by that name. (#5.1.1)",
    ),
    (
        "qmail",
        Account,
        "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)",
    ),
    (
        "qmail",
        Today,
        "552 sorry, that mailbox is over its limit (#5.2.2)",
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
