//! An e-mail of the outbox, made into a message (RFC 5322).

use jiff::Timestamp;
use lettre::Address;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, Message, MultiPart, SinglePart};
use links::{Keyring, Record};
use school::{EmailAddress, Mobile, Name};
use store::{About, Appointment, EveningLetter, Holder, Letter, Mail, MailKind, School};

use crate::address;
use crate::calendar::{self, Entry, Method, Revision};
use crate::catalogue::{Language, Said};
use crate::guest;
use crate::office;
use crate::register;
use crate::text_words;
use crate::texts::Text;
use crate::times::Clock;
use crate::wording::{Says, is_moved, names, parts, subject, teachers};
use crate::words::{Part, html, plain};

/// Who the e-mails come from, and where their links lead.
#[derive(Clone, Debug)]
pub struct Sender {
    /// The address, with a name where there is one.
    from: Option<Mailbox>,
    /// What stands before the path of every link, without a final slash.
    public_url: String,
    /// The domain of Message-IDs and of calendar entries.
    host: String,
}

impl Sender {
    /// Whoever `from` names, else `homeroom` at `host`; in the school's name, where `from` has none.
    #[must_use]
    pub fn new(from: &str, public_url: &str, host: &str) -> Self {
        // An address at a bare IP address is one that mail servers and libraries stumble over.
        let bare = host.trim_matches(['[', ']']);
        let is_ip = bare.parse::<std::net::IpAddr>().is_ok();
        let domain = if is_ip { "localhost" } else { bare };
        let ours = || {
            let address = Address::new("homeroom", domain).ok()?;
            Some(Mailbox::new(None, address))
        };
        let from = from.parse().ok().or_else(ours);
        Self {
            from,
            public_url: public_url.to_owned(),
            host: domain.to_owned(),
        }
    }

    /// Whether e-mail can come from there.
    #[must_use]
    pub fn is_mailbox(text: &str) -> bool {
        text.parse::<Mailbox>().is_ok()
    }
}

/// An e-mail that cannot be written: it counts as refused, with this reason.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Unwritable {
    /// The address cannot be written to.
    #[error("this is no address that e-mail can be sent to")]
    Address,
    /// CR, LF or NUL where one line is wanted.
    #[error("a name or an address holds a line break")]
    LineBreak,
    /// The link that it should carry is dead.
    #[error("the link was withdrawn before the e-mail was sent")]
    NoLink,
    /// No text message says that.
    #[error("this is said by e-mail alone")]
    TooLong,
    /// It could not be put together.
    #[error("the e-mail could not be put together: {0}")]
    Broken(String),
}

/// What an e-mail says, and what it brings along.
struct Written {
    subject: Said,
    parts: Vec<Part>,
    attached: Vec<SinglePart>,
}

/// Writes a text message.
pub(crate) fn text<'a>(
    (mail, to): (&'a Mail, &'a Mobile),
    school: &School,
    sender: &Sender,
    keyring: &Keyring,
) -> Result<Text<'a>, Unwritable> {
    match &mail.letter {
        Letter::Guest(letter) => {
            let link = path_of(&letter.link, sender, keyring)?;
            Ok(Text {
                to,
                words: text_words::invitation(
                    letter,
                    school,
                    &link,
                    Language::of(mail.language.as_deref()),
                ),
                id: &mail.message_id,
            })
        }
        Letter::Registration(letter) => {
            let link = format!("{}/register#{}", sender.public_url, letter.secret.expose());
            let language = Language::of(mail.language.as_deref());
            Ok(Text {
                to,
                words: text_words::registration(letter, school, &link, language),
                id: &mail.message_id,
            })
        }
        Letter::Evening(_)
        | Letter::NewPassword { .. }
        | Letter::Waiting(_)
        | Letter::AuditHead { .. }
        | Letter::SignIn { .. }
        | Letter::AccountLink { .. }
        | Letter::StudentAdded { .. }
        | Letter::Address(_) => Err(Unwritable::TooLong),
    }
}

/// Writes an e-mail.
pub(crate) fn message(
    (mail, address): (&Mail, &EmailAddress),
    school: &School,
    sender: &Sender,
    keyring: &Keyring,
    now: Timestamp,
) -> Result<Message, Unwritable> {
    let name = one_line(mail.name.reveal())?;
    let address = address.to_send();
    let address = one_line(&address)?;
    let to = Mailbox::new(
        Some(name.to_owned()),
        address.parse().map_err(|_none| Unwritable::Address)?,
    );
    let school_name = one_line(school.name.as_str())?;
    let mut from = sender.from.clone().ok_or_else(no_sender)?;
    from.name.get_or_insert_with(|| school_name.to_owned());
    let organizer = (from.email.to_string(), school_name.to_owned());
    let attendee = (address.to_owned(), name.to_owned());
    let written = written(mail, (school, sender, keyring), (organizer, attendee), now)?;
    let Written {
        subject,
        parts,
        attached,
    } = written;
    let language = Language::of(mail.language.as_deref());
    let subject = subject.plain(language);
    let text = MultiPart::alternative()
        .singlepart(SinglePart::plain(plain(&parts, language)))
        .singlepart(SinglePart::html(html(
            &subject,
            school_name,
            &parts,
            language,
        )));
    let mut body = MultiPart::mixed().multipart(text);
    for file in attached {
        body = body.singlepart(file);
    }
    let mut message = Message::builder().from(from).to(to);
    // What readers answer reaches the school.
    if let Some(school) = reply_to(school, school_name) {
        message = message.reply_to(school);
    }
    let mut message = message
        .subject(one_line(&subject)?)
        .message_id(Some(format!("<{}@{}>", mail.message_id, sender.host)))
        .multipart(body)
        .map_err(|it| Unwritable::Broken(it.to_string()))?;
    let of_language = ("Content-Language", language.tag());
    for (name, value) in AUTOMATIC.into_iter().chain([of_language]) {
        let value = HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned());
        message.headers_mut().insert_raw(value);
    }
    Ok(message)
}

/// What it says; `people` are who writes and who reads.
fn written(
    mail: &Mail,
    (school, sender, keyring): (&School, &Sender, &Keyring),
    people: (Named, Named),
    now: Timestamp,
) -> Result<Written, Unwritable> {
    let name = mail.name.reveal();
    let language = Language::of(mail.language.as_deref());
    Ok(match &mail.letter {
        Letter::Evening(letter) => {
            let link = link(letter, sender, keyring)?;
            of_evening(letter, (school, sender, language), people, link, now)?
        }
        Letter::NewPassword { secret } => {
            let url = format!("{}/setup#{}", sender.public_url, secret.expose());
            of_office(office::new_password(name, school, url, language))
        }
        Letter::Registration(letter) => {
            let url = format!("{}/register#{}", sender.public_url, letter.secret.expose());
            of_office(register::invitation(name, school, letter, url, language))
        }
        Letter::Guest(letter) => {
            let url = path_of(&letter.link, sender, keyring)?;
            of_office(guest::invitation(letter, school, url, language))
        }
        Letter::AccountLink { secret } => {
            let url = format!("{}/account#{}", sender.public_url, secret.expose());
            of_office(register::sign_in(name, school, url, language))
        }
        Letter::StudentAdded { students } => {
            let url = format!("{}/account", sender.public_url);
            of_office(register::added(name, school, (students, url), language))
        }
        Letter::SignIn { change, at } => {
            of_office(office::sign_in(name, school, (*change, *at), language))
        }
        Letter::Address(letter) => {
            let account = format!("{}/account", sender.public_url);
            of_office(address::about(name, school, (letter, account), language))
        }
        Letter::Waiting(waiting) => {
            let url = format!("{}/office/approvals", sender.public_url);
            of_office(office::waiting(name, school, *waiting, url, language))
        }
        Letter::AuditHead { head, at } => {
            of_office(office::audit_head(name, school, (head, *at), language))
        }
    })
}

fn of_office((subject, parts): Says) -> Written {
    Written {
        subject,
        parts,
        attached: Vec::new(),
    }
}

/// An address, and whose it is.
type Named = (String, String);

fn of_evening(
    letter: &EveningLetter,
    (school, sender, language): (&School, &Sender, &'static Language),
    ((organizer, name), attendee): (Named, Named),
    link: Option<String>,
    now: Timestamp,
) -> Result<Written, Unwritable> {
    let clock = Clock::of(&letter.evening, letter.zone.as_deref(), language);
    let parts = parts(letter, (&attendee.1, school), &clock, link.clone(), now);
    let revision = Revision {
        organizer,
        name,
        attendee,
        has_accepted: matches!(letter.to, Holder::Parent(_)),
        link,
        host: sender.host.clone(),
        sequence: letter.sequence,
        now,
    };
    let mut files = Vec::new();
    for (method, entries) in entries(letter, language) {
        for entry in entries {
            files.push(attached(&entry, method, &clock, &revision)?);
        }
    }
    Ok(Written {
        subject: subject(letter, language, now),
        parts,
        attached: files,
    })
}

/// No program answers it: neither those that keep to RFC 3834 §5, nor Exchange, which wants a word
/// of its own (MS-OXCMAIL §2.2.3.2.14); reports of deliveries are still wanted.
const AUTOMATIC: [(&str, &str); 2] = [
    ("Auto-Submitted", "auto-generated"),
    ("X-Auto-Response-Suppress", "OOF, AutoReply"),
];

/// The school's own address, where it has one.
fn reply_to(school: &School, name: &str) -> Option<Mailbox> {
    let address = EmailAddress::read(&school.contact_email).ok()?;
    let address = address.to_send().parse().ok()?;
    Some(Mailbox::new(Some(name.to_owned()), address))
}

/// A calendar file as mail programs look for it (RFC 6047 §2.4).
fn attached(
    entry: &Entry,
    method: Method,
    clock: &Clock<'_>,
    revision: &Revision,
) -> Result<SinglePart, Unwritable> {
    let name = calendar::file_name(entry, method, clock);
    let file = calendar::file(entry, method, clock, revision);
    let kind = format!("text/calendar; charset=utf-8; method={}", method.name());
    let kind = ContentType::parse(&kind).map_err(|it| Unwritable::Broken(it.to_string()))?;
    Ok(Attachment::new(name).body(file, kind))
}

fn no_sender() -> Unwritable {
    Unwritable::Broken("nobody writes it: set mail.from".to_owned())
}

/// The names of records are one line already; a header is checked all the same.
fn one_line(text: &str) -> Result<&str, Unwritable> {
    if text.contains(['\r', '\n', '\0']) {
        Err(Unwritable::LineBreak)
    } else {
        Ok(text)
    }
}

/// The personal link, for those kinds that carry it.
fn link(
    letter: &EveningLetter,
    sender: &Sender,
    keyring: &Keyring,
) -> Result<Option<String>, Unwritable> {
    let wanted = match letter.kind {
        MailKind::Confirmation
        | MailKind::TeacherLink
        | MailKind::Invitation
        | MailKind::Resend
        | MailKind::Booked
        | MailKind::EveningMoved
        | MailKind::Declined => true,
        MailKind::Changed => is_moved(letter),
        MailKind::Withdrawn | MailKind::EveningCancelled => false,
    };
    if !wanted {
        return Ok(None);
    }
    let record = letter.link.as_ref().ok_or(Unwritable::NoLink)?;
    path_of(record, sender, keyring).map(Some)
}

fn path_of(record: &Record, sender: &Sender, keyring: &Keyring) -> Result<String, Unwritable> {
    let path = keyring.path(record).ok_or(Unwritable::NoLink)?;
    Ok(format!("{}{}", sender.public_url, path.expose()))
}

/// What goes into the calendar, and what goes out of it.
fn entries(letter: &EveningLetter, language: &Language) -> [(Method, Vec<Entry>); 2] {
    let (mut kept, mut gone) = (Vec::new(), Vec::new());
    match letter.kind {
        MailKind::Confirmation
        | MailKind::Invitation
        | MailKind::Resend
        | MailKind::Booked
        | MailKind::EveningMoved
            if !matches!(letter.to, Holder::Teacher(_)) =>
        {
            kept.extend(
                letter
                    .appointments
                    .iter()
                    .map(|it| of_appointment(it, language)),
            );
        }
        MailKind::Confirmation
        | MailKind::Invitation
        | MailKind::Resend
        | MailKind::Booked
        | MailKind::EveningMoved
        | MailKind::Changed
        | MailKind::TeacherLink
        | MailKind::Withdrawn
        | MailKind::EveningCancelled
        | MailKind::Declined => {}
    }
    for about in letter.about.iter().chain(&letter.cancelled) {
        match &about.to {
            Some(to) => kept.push(of_about(about, (to.start, to.end), &to.teachers, language)),
            None => gone.push(of_about(
                about,
                (about.start, about.end),
                &about.teachers,
                language,
            )),
        }
    }
    [(Method::Request, kept), (Method::Cancel, gone)]
}

fn of_appointment(one: &Appointment, language: &Language) -> Entry {
    let (student, subject) = (one.student_name.reveal(), one.subject.as_str());
    Entry {
        booking: one.id.0,
        start: one.start,
        end: one.end,
        of: Some((student.to_owned(), subject.to_owned())),
        teachers: teachers(one, language),
    }
}

fn of_about(
    about: &About,
    (start, end): (Timestamp, Timestamp),
    teachers: &[Name],
    language: &Language,
) -> Entry {
    let of = about.of.as_ref();
    Entry {
        booking: about.booking.0,
        start,
        end,
        of: of.map(|(student, subject)| (student.reveal().to_owned(), subject.as_str().to_owned())),
        teachers: names(teachers, language),
    }
}
