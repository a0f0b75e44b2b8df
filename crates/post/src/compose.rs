//! An e-mail of the outbox, made into a message (RFC 5322).

use jiff::Timestamp;
use lettre::Address;
use lettre::message::header::ContentType;
use lettre::message::{Attachment, Mailbox, Message, MultiPart, SinglePart};
use links::Keyring;
use school::Name;
use store::{About, Appointment, Holder, Mail, MailKind, School};

use crate::calendar::{self, Entry, Method, Revision};
use crate::times::Clock;
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
    /// Whoever `from` names, else `homeroom` at `host`.
    #[must_use]
    pub fn new(from: &str, public_url: &str, host: &str) -> Self {
        // An address at a bare IP address is one that mail servers and libraries stumble over.
        let bare = host.trim_matches(['[', ']']);
        let is_ip = bare.parse::<std::net::IpAddr>().is_ok();
        let domain = if is_ip { "localhost" } else { bare };
        let ours = || {
            let address = Address::new("homeroom", domain).ok()?;
            Some(Mailbox::new(Some("Homeroom".to_owned()), address))
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
    /// It could not be put together.
    #[error("the e-mail could not be put together: {0}")]
    Broken(String),
}

/// Writes it.
pub(crate) fn message(
    mail: &Mail,
    school: &School,
    sender: &Sender,
    keyring: &Keyring,
    now: Timestamp,
) -> Result<Message, Unwritable> {
    let name = one_line(mail.name.reveal())?;
    let address = mail.address.to_send();
    let address = one_line(&address)?;
    let to = Mailbox::new(
        Some(name.to_owned()),
        address.parse().map_err(|_none| Unwritable::Address)?,
    );
    let clock = Clock::of(&mail.evening, mail.zone.as_deref());
    let subject = subject(mail);
    let link = link(mail, sender, keyring)?;
    let parts = parts(mail, school, &clock, link);
    let text = MultiPart::alternative()
        .singlepart(SinglePart::plain(plain(&parts)))
        .singlepart(SinglePart::html(html(&subject, &parts)));
    let mut body = MultiPart::mixed().multipart(text);
    let from = sender.from.clone().ok_or_else(no_sender)?;
    let revision = Revision {
        organizer: from.email.to_string(),
        name: school.name.as_str().to_owned(),
        host: sender.host.clone(),
        sequence: mail.sequence,
        now,
    };
    for (method, entries) in entries(mail) {
        if entries.is_empty() {
            continue;
        }
        let file = calendar::file(&entries, method, &clock, &revision);
        let kind = format!("text/calendar; charset=utf-8; method={}", method.name());
        let kind = ContentType::parse(&kind).map_err(|it| Unwritable::Broken(it.to_string()))?;
        body = body.singlepart(Attachment::new(method.file().to_owned()).body(file, kind));
    }
    Message::builder()
        .from(from)
        .to(to)
        .subject(one_line(&subject)?)
        .message_id(Some(format!("<{}@{}>", mail.message_id, sender.host)))
        .multipart(body)
        .map_err(|it| Unwritable::Broken(it.to_string()))
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
fn link(mail: &Mail, sender: &Sender, keyring: &Keyring) -> Result<Option<String>, Unwritable> {
    let wanted = match mail.kind {
        MailKind::Confirmation
        | MailKind::TeacherLink
        | MailKind::Invitation
        | MailKind::Resend
        | MailKind::Booked => true,
        MailKind::Changed => is_moved(mail),
        MailKind::Withdrawn => false,
    };
    if !wanted {
        return Ok(None);
    }
    let record = mail.link.as_ref().ok_or(Unwritable::NoLink)?;
    let path = keyring.path(record).ok_or(Unwritable::NoLink)?;
    Ok(Some(format!("{}{}", sender.public_url, path.expose())))
}

/// Whether what has changed takes place still.
fn is_moved(mail: &Mail) -> bool {
    mail.about.as_ref().is_some_and(|it| it.to.is_some())
}

fn subject(mail: &Mail) -> String {
    let evening = mail.evening.draft.name.as_str();
    match mail.kind {
        MailKind::Confirmation if mail.appointments.is_empty() => {
            format!("Book your appointments: {evening}")
        }
        MailKind::Confirmation => format!("Your appointments: {evening}"),
        MailKind::TeacherLink => format!("Your link: {evening}"),
        MailKind::Invitation | MailKind::Resend => format!("You are invited: {evening}"),
        MailKind::Booked => format!("An appointment more: {evening}"),
        MailKind::Changed if is_moved(mail) => format!("An appointment has moved: {evening}"),
        MailKind::Changed => format!("An appointment is cancelled: {evening}"),
        MailKind::Withdrawn => format!("Your invitation has been withdrawn: {evening}"),
    }
}

fn parts(mail: &Mail, school: &School, clock: &Clock<'_>, link: Option<String>) -> Vec<Part> {
    let mut parts = vec![
        Part::Words(format!("Dear {},", mail.name.reveal())),
        Part::Words(opening(mail, clock)),
    ];
    match (mail.kind, &mail.about) {
        (MailKind::Changed, Some(about)) => {
            parts.push(Part::Lines(changed(about, clock)));
            if matches!(mail.to, Holder::Parent(_)) && has_others(mail, about) {
                let words = "Your other appointments stay as they are.";
                parts.push(Part::Words(words.to_owned()));
            }
        }
        (MailKind::Withdrawn, _) => {}
        _ => {
            let all = mail.appointments.iter();
            parts.extend(all.map(|one| Part::Lines(facts(one, clock))));
            parts.extend(mail.cancelled.iter().map(|one| gone(one, clock)));
        }
    }
    if !matches!(mail.kind, MailKind::Withdrawn) {
        parts.push(Part::Words(clock.zones(&mail.evening)));
    }
    if let Some(link) = link {
        parts.push(Part::Button(button(mail).to_owned(), link));
        parts.push(Part::Words(LINK_WORDS.to_owned()));
    }
    parts.push(Part::Words(school.name.as_str().to_owned()));
    let contact: Vec<_> = [&school.contact_email, &school.contact_phone]
        .into_iter()
        .filter(|it| !it.is_empty())
        .cloned()
        .collect();
    if !contact.is_empty() {
        let contact = contact.join(", ");
        parts.push(Part::Words(format!(
            "Still need help? Contact Us: {contact}"
        )));
    }
    parts
}

fn has_others(mail: &Mail, about: &About) -> bool {
    mail.appointments.iter().any(|it| it.id != about.booking)
}

/// What stands under a link.
const LINK_WORDS: &str = "The link is yours alone: please do not pass it on. At the time of an \
     appointment open it in a browser and press \"Join\"; before, you can test your camera and \
     microphone there.";

fn opening(mail: &Mail, clock: &Clock<'_>) -> String {
    let evening = mail.evening.draft.name.as_str();
    let day = clock.day(mail.evening.start);
    let inviter = mail
        .inviter
        .as_ref()
        .map_or("A parent", |name| name.reveal());
    let is_parents = matches!(mail.to, Holder::Parent(_));
    match mail.kind {
        MailKind::Confirmation if mail.appointments.is_empty() => format!(
            "{evening} takes place on {day}. Choose the times of your appointments by your personal \
             link."
        ),
        MailKind::Confirmation => format!("These are your appointments at {evening} on {day}."),
        MailKind::TeacherLink => format!(
            "This is your personal link for {evening} on {day}. It shows your appointments, and you \
             join every one of them by it."
        ),
        MailKind::Invitation | MailKind::Resend => {
            format!("{inviter} invites you to join the appointments of {evening} on {day}.")
        }
        MailKind::Booked => format!(
            "{inviter} has booked more at {evening} on {day}. You are invited to these appointments."
        ),
        MailKind::Changed if is_parents && is_moved(mail) => {
            format!("The school has moved an appointment of yours at {evening}.")
        }
        MailKind::Changed if is_parents => {
            format!("The school has cancelled an appointment of yours at {evening}.")
        }
        MailKind::Changed if is_moved(mail) => {
            format!("An appointment of {evening} has moved.")
        }
        MailKind::Changed => format!("An appointment of {evening} is cancelled."),
        MailKind::Withdrawn => format!(
            "Your invitation to {evening} on {day} has been withdrawn. Your link works no longer."
        ),
    }
}

const fn button(mail: &Mail) -> &'static str {
    match mail.kind {
        MailKind::Confirmation if mail.appointments.is_empty() => "Book appointments",
        MailKind::Confirmation => "See my bookings and join",
        MailKind::Changed if matches!(mail.to, Holder::Parent(_)) => "See my bookings and join",
        MailKind::TeacherLink
        | MailKind::Invitation
        | MailKind::Resend
        | MailKind::Booked
        | MailKind::Changed
        | MailKind::Withdrawn => "See the appointments and join",
    }
}

/// Student, teacher, subject and time (INV-8).
fn facts(one: &Appointment, clock: &Clock<'_>) -> Vec<String> {
    vec![
        clock.both(one.start, one.end),
        format!("{} for {}", one.subject.as_str(), one.student_name.reveal()),
        format!("With {}", teachers(one)),
    ]
}

fn changed(about: &About, clock: &Clock<'_>) -> Vec<String> {
    let before = clock.both(about.start, about.end);
    let mut lines = vec![what(about)];
    let teachers = names(&about.teachers);
    if !teachers.is_empty() {
        lines.push(format!("With {teachers}"));
    }
    match about.to {
        Some((start, end)) => {
            lines.push(format!("Before: {before}"));
            lines.push(format!("Now: {}", clock.both(start, end)));
        }
        None => lines.push(format!("It was: {before}")),
    }
    lines
}

fn gone(about: &About, clock: &Clock<'_>) -> Part {
    Part::Lines(vec![
        format!("Cancelled: {}", what(about)),
        format!("It was: {}", clock.both(about.start, about.end)),
    ])
}

fn what(about: &About) -> String {
    let subject = about.subject.as_str();
    format!("{subject} for {}", about.student.reveal())
}

fn teachers(one: &Appointment) -> String {
    let names: Vec<_> = one.teachers.iter().map(|(_, name)| name.reveal()).collect();
    names.join(", ")
}

fn names(teachers: &[Name]) -> String {
    let names: Vec<_> = teachers.iter().map(Name::reveal).collect();
    names.join(", ")
}

/// What goes into the calendar, and what goes out of it.
fn entries(mail: &Mail) -> [(Method, Vec<Entry>); 2] {
    let (mut kept, mut gone) = (Vec::new(), Vec::new());
    match mail.kind {
        MailKind::Confirmation | MailKind::Invitation | MailKind::Resend | MailKind::Booked => {
            kept.extend(mail.appointments.iter().map(of_appointment));
        }
        MailKind::Changed | MailKind::TeacherLink | MailKind::Withdrawn => {}
    }
    for about in mail.about.iter().chain(&mail.cancelled) {
        match about.to {
            Some(to) => kept.push(of_about(about, to)),
            None => gone.push(of_about(about, (about.start, about.end))),
        }
    }
    [(Method::Publish, kept), (Method::Cancel, gone)]
}

fn of_appointment(one: &Appointment) -> Entry {
    Entry {
        booking: one.id.0,
        start: one.start,
        end: one.end,
        student: one.student_name.reveal().to_owned(),
        subject: one.subject.as_str().to_owned(),
        teachers: teachers(one),
    }
}

fn of_about(about: &About, (start, end): (Timestamp, Timestamp)) -> Entry {
    Entry {
        booking: about.booking.0,
        start,
        end,
        student: about.student.reveal().to_owned(),
        subject: about.subject.as_str().to_owned(),
        teachers: names(&about.teachers),
    }
}
