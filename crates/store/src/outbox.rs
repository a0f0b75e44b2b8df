//! The outbox: e-mails and text messages that are to be sent, each with the state it is in (OPS-4).
//!
//! An e-mail is queued in the transaction that needs it. Whoever sends claims it for a while; a
//! claim that runs out is another's to take, with the same Message-ID. What it says is read from
//! the records when it is claimed, and compared with what its reader was told before; of one
//! person's e-mails one is on its way at a time.

mod claims;
mod content;
mod guest;
mod office;
mod queue;
mod register;
mod told;

pub use claims::Backlog;
pub(crate) use guest::CALL_GUEST;
pub(crate) use queue::{Addressee, Whom};
pub(crate) use register::{
    ACCOUNT_LINK, ADDRESS_ASKED, ADDRESS_CHANGED, NEW_ADDRESS, REGISTRATION, REMINDER,
};
pub(crate) use told::Said;

use jiff::Timestamp;
use links::{Record, Secret};
use school::{
    BookingId, EmailAddress, Evening, Holder, InvitationId, Label, MailId, Mobile, Name, Scope,
};

use crate::appointments::Appointment;
use crate::audit::AuditHead;
use crate::database::Row;
use crate::fault::{Fault, Read};
use crate::invitations::Declined;
use crate::value::Kept;

/// What an e-mail about an evening is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MailKind {
    /// To a parent: their link, and what they booked (EVE-3).
    Confirmation,
    /// To a teacher: their link.
    TeacherLink,
    /// To a guest: their link, and how to join (INV-5).
    Invitation,
    /// To a guest: the same link again (LINK-3).
    Resend,
    /// To a guest: the invitation covers an appointment that was booked since (INV-5).
    Booked,
    /// To a guest, and to a parent where the office did it: an appointment was moved or cancelled
    /// since they were told of it (INV-8).
    Changed,
    /// To a guest: the invitation was withdrawn.
    Withdrawn,
    /// To everybody who had a link: the evening is at another time.
    EveningMoved,
    /// To everybody who had a link: the evening does not take place.
    EveningCancelled,
    /// To a parent: the office declined whom they wished to invite.
    Declined,
}

impl MailKind {
    /// Its name in the records.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Confirmation => "confirmation",
            Self::TeacherLink => "teacher_link",
            Self::Invitation => "invitation",
            Self::Resend => "resend",
            Self::Booked => "booked",
            Self::Changed => "changed",
            Self::Withdrawn => "withdrawn",
            Self::EveningMoved => "evening_moved",
            Self::EveningCancelled => "evening_cancelled",
            Self::Declined => "declined",
        }
    }

    const ALL: [Self; 10] = [
        Self::Confirmation,
        Self::TeacherLink,
        Self::Invitation,
        Self::Resend,
        Self::Booked,
        Self::Changed,
        Self::Withdrawn,
        Self::EveningMoved,
        Self::EveningCancelled,
        Self::Declined,
    ];
}

impl Kept for MailKind {
    fn of(row: &Row, column: usize) -> Read<Self> {
        let code: String = row.at(column)?;
        let kind = Self::ALL.into_iter().find(|it| it.code() == code);
        kind.ok_or(Fault::Broken("an e-mail of no kind"))
    }
}

/// By what something is sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Channel {
    /// An e-mail.
    Email,
    /// A text message.
    Text,
}

impl Channel {
    /// Its name in the records.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Text => "text",
        }
    }
}

impl Kept for Channel {
    fn of(row: &Row, column: usize) -> Read<Self> {
        let code: String = row.at(column)?;
        let all = [Self::Email, Self::Text].into_iter();
        let channel = all.into_iter().find(|it| it.code() == code);
        channel.ok_or(Fault::Broken("an e-mail that goes by nothing"))
    }
}

/// Where something is sent. It prints as `…`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Address {
    /// An e-mail.
    Email(EmailAddress),
    /// A text message.
    Mobile(Mobile),
}

impl Address {
    /// The address or number.
    #[must_use]
    pub fn reveal(&self) -> &str {
        match self {
            Self::Email(email) => email.reveal(),
            Self::Mobile(mobile) => mobile.reveal(),
        }
    }
}

/// An appointment that has changed since somebody was told of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct About {
    /// Its id.
    pub booking: BookingId,
    /// The student's name, and the subject; nothing where the student was erased.
    pub of: Option<(Name, Label)>,
    /// The teachers' names, in order, as they were told.
    pub teachers: Vec<Name>,
    /// Its first moment, as they were told.
    pub start: Timestamp,
    /// The moment after it.
    pub end: Timestamp,
    /// How it is now; nothing where it is cancelled, or theirs no longer.
    pub to: Option<Moved>,
}

/// An appointment as it is now.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Moved {
    /// Its first moment.
    pub start: Timestamp,
    /// The moment after it.
    pub end: Timestamp,
    /// The teachers' names, in order.
    pub teachers: Vec<Name>,
}

/// An e-mail to send, with all that it says.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Its id.
    pub id: MailId,
    /// Names this claim; what is said of it later counts only while it is the last.
    pub lease: i64,
    /// The reader's name.
    pub name: Name,
    /// Their address, or their number.
    pub address: Address,
    /// The part of the Message-ID before the `@`: the same over all attempts.
    pub message_id: String,
    /// How often it was tried, this time included.
    pub attempts: i64,
    /// How often a mail server had it, and did not say whether it took it.
    pub doubts: i64,
    /// When it was queued.
    pub queued: Timestamp,
    /// The language that they read, a tag of BCP 47, where it is known.
    pub language: Option<String>,
    /// What it says.
    pub letter: Letter,
}

impl Mail {
    /// Until when it has something to tell: it waits no longer for a mail server that wants nothing
    /// of ours.
    #[must_use]
    pub fn is_wanted(&self, now: Timestamp) -> bool {
        match &self.letter {
            Letter::Evening(letter) => now < letter.evening.end,
            Letter::NewPassword { .. } | Letter::AccountLink { .. } => {
                office::is_awaited(self.queued, now)
            }
            Letter::Registration(letter) => now < letter.until,
            Letter::Guest(letter) => now < letter.until,
            Letter::Address(AddressLetter::New { until, .. }) => now < *until,
            Letter::Waiting(_)
            | Letter::AuditHead { .. }
            | Letter::SignIn { .. }
            | Letter::StudentAdded { .. }
            | Letter::Address(
                AddressLetter::InUse | AddressLetter::Asked | AddressLetter::Changed,
            ) => true,
        }
    }
}

/// What an e-mail says.
#[derive(Clone, Debug)]
pub enum Letter {
    /// To a parent, guest or teacher.
    Evening(Box<EveningLetter>),
    /// To somebody of the office who has forgotten their password: the secret of a link by which
    /// they choose another.
    NewPassword {
        /// It is kept by its digest alone.
        secret: Secret,
    },
    /// To somebody of the office: what waits for them.
    Waiting(Waiting),
    /// To somebody of the office: the last row of the audit log, to be kept.
    AuditHead {
        /// Its number and hash.
        head: AuditHead,
        /// When it was the last.
        at: Timestamp,
    },
    /// To somebody of the staff: that they sign in otherwise from now on.
    SignIn {
        /// How.
        change: SignInChange,
        /// Since when.
        at: Timestamp,
    },
    /// To a guest: an invitation to a meeting.
    Guest(Box<GuestLetter>),
    /// To a contact: an invitation to register.
    Registration(Box<RegistrationLetter>),
    /// To whoever has an account: the secret of a link by which they sign in.
    AccountLink {
        /// It is kept by its digest alone.
        secret: Secret,
    },
    /// To whoever has an account: a student is in it from now on.
    StudentAdded {
        /// All who are in it by the record that the student was added to, by name.
        students: Vec<Name>,
    },
    /// About another address to sign in with.
    Address(AddressLetter),
}

/// What is otherwise when somebody of the staff signs in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SignInChange {
    /// The school's provider signs them in.
    ByProvider,
    /// They show a second factor.
    SecondFactorAdded,
    /// They show none any more.
    SecondFactorRemoved,
    /// A passkey is good as well.
    PasskeyAdded,
    /// It is no longer, and others are.
    PasskeyRemoved,
}

/// What is written where somebody with an account wishes to sign in with another address.
#[derive(Clone, Debug)]
pub enum AddressLetter {
    /// To that address: the secret of a link by which they confirm it.
    New {
        /// It is kept by its digest alone.
        secret: Secret,
        /// Until when it is good.
        until: Timestamp,
    },
    /// To whoever signs in with it already.
    InUse,
    /// To the address that they have.
    Asked,
    /// To the address that they had.
    Changed,
}

/// An invitation to a meeting that somebody is in.
#[derive(Clone, Debug)]
pub struct GuestLetter {
    /// What the room is called, where it is one.
    pub room: Option<Label>,
    /// Who invites them.
    pub inviter: Option<Name>,
    /// Their link.
    pub link: Record,
    /// Until when they may come by it.
    pub until: Timestamp,
    /// When it begins, and in which zone that is read, where it is an appointment that has not begun.
    pub begins: Option<(Timestamp, String)>,
}

/// An invitation to register.
#[derive(Clone, Debug)]
pub struct RegistrationLetter {
    /// It is kept by its digest alone.
    pub secret: Secret,
    /// Until when it is good.
    pub until: Timestamp,
    /// The students whose contact they are, by name.
    pub students: Vec<Name>,
    /// Whether it reminds of an invitation that was sent days ago.
    pub is_reminder: bool,
    /// Who named them from a student's profile, where somebody did (DIR-8).
    pub named: Option<NamedBy>,
}

/// Who named a parent from a student's profile.
#[derive(Clone, Debug)]
pub struct NamedBy {
    /// Their name; nobody where they were erased since.
    pub inviter: Option<Name>,
    /// Whether the students have no other contact.
    pub is_first: bool,
}

/// What waits for the office to decide (DIR-4, DIR-13, EVE-13).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Waiting {
    /// How many invitations.
    pub invitations: i64,
    /// How many records of people.
    pub records: i64,
    /// How many appointments.
    pub appointments: i64,
}

/// An e-mail about an evening.
#[derive(Clone, Debug)]
pub struct EveningLetter {
    /// What it is for.
    pub kind: MailKind,
    /// To whom.
    pub to: Holder,
    /// Their link, if it lives.
    pub link: Option<Record>,
    /// The zone they read times in, where it is not the evening's.
    pub zone: Option<String>,
    /// The evening.
    pub evening: Evening,
    /// Their appointments as they are now, in order of time.
    pub appointments: Vec<Appointment>,
    /// The students it is about, by name: a parent's in the evening, or those a guest's invitation
    /// covers.
    pub students: Vec<Name>,
    /// The parent who invited them, for a guest.
    pub inviter: Option<Name>,
    /// What has changed, for [`MailKind::Changed`].
    pub about: Option<About>,
    /// What they were told of, and is cancelled or theirs no longer; else for all kinds.
    pub cancelled: Vec<About>,
    /// Whom the office declined, for [`MailKind::Declined`].
    pub declined: Option<Declined>,
    /// The SEQUENCE of its calendar entries: higher than in any e-mail to them before.
    pub sequence: i64,
}

/// How an e-mail stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Delivery {
    /// It waits, or is being sent.
    Waiting,
    /// A mail server took it.
    Sent,
    /// It is known to have arrived.
    Delivered,
    /// It came back or was refused for good.
    Bounced {
        /// What the mail server said.
        reason: String,
    },
}

impl Delivery {
    pub(crate) fn of(state: &str, reason: String) -> Read<Self> {
        Ok(match state {
            "queued" | "sending" => Self::Waiting,
            "sent" => Self::Sent,
            "delivered" => Self::Delivered,
            "failed" | "bounced" => Self::Bounced { reason },
            _ => return Err(Fault::Broken("an e-mail in no state")),
        })
    }
}

/// Whom e-mails were queued for.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Queued {
    /// How many e-mails wait to be sent now.
    pub queued: u64,
    /// How many people have no address: their link goes by letter.
    pub without_address: u64,
}

impl Queued {
    const fn count(&mut self, is_queued: bool) {
        if is_queued {
            self.queued += 1;
        } else {
            self.without_address += 1;
        }
    }
}

/// An e-mail to queue.
pub(crate) struct NewMail<'a> {
    pub(crate) kind: MailKind,
    pub(crate) scope: Scope,
    pub(crate) to: Holder,
    pub(crate) address: &'a EmailAddress,
    /// What it is about, for [`MailKind::Changed`].
    pub(crate) booking: Option<BookingId>,
    /// What it is about, for [`MailKind::Declined`].
    pub(crate) declined: Option<InvitationId>,
    /// At most one of this name waits at a time.
    pub(crate) once: String,
    pub(crate) due: Timestamp,
}
