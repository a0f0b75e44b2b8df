//! Meetings: whatever people talk in, and who is entitled to it.

mod entitled;

use std::fmt;

use jiff::{SignedDuration, Timestamp};

use crate::holder::Holder;
use crate::ids::MeetingId;
use crate::powers::{Power, Powers};
use crate::text::{Label, Name};

pub use entitled::{Due, Number, Standing, Written, reconcile};

/// The most people that an appointment seats at any instant (CALL-1).
pub const CAP: u8 = 4;

/// What a meeting is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MeetingKind {
    /// An appointment of a parents' evening is held in it.
    Appointment,
    /// A room, in which its members meet guests at any time.
    Room,
    /// A provider of a waiting area talks in it with callers whom they took.
    Area,
}

impl MeetingKind {
    /// Its stable name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Appointment => "appointment",
            Self::Room => "room",
            Self::Area => "area",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        [Self::Appointment, Self::Room, Self::Area]
            .into_iter()
            .find(|it| it.code() == code)
    }
}

/// How people come in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Door {
    /// Whoever is entitled comes in.
    Open,
    /// They knock, and are let in or turned away.
    Kept,
}

impl Door {
    /// Its stable name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Kept => "kept",
        }
    }

    /// The door of that name.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        [Self::Open, Self::Kept]
            .into_iter()
            .find(|it| it.code() == code)
    }
}

/// What somebody is in a meeting.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Role {
    /// Takes the appointment.
    Teacher,
    /// Booked it.
    Parent,
    /// Was invited, or came by the link of a room.
    Guest,
    /// Belongs to the room.
    Member,
}

impl Role {
    /// Its stable name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Teacher => "teacher",
            Self::Parent => "parent",
            Self::Guest => "guest",
            Self::Member => "member",
        }
    }

    /// The role of that name.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        [Self::Teacher, Self::Parent, Self::Guest, Self::Member]
            .into_iter()
            .find(|it| it.code() == code)
    }

    /// What a holder is in the meetings that they come to.
    #[must_use]
    pub const fn of(holder: Holder) -> Self {
        match holder {
            Holder::Teacher(_) => Self::Teacher,
            Holder::Parent(_) => Self::Parent,
            Holder::Guest(_) | Holder::Visitor(_) | Holder::Door(_) => Self::Guest,
            Holder::Staff(_) => Self::Member,
        }
    }

    /// Whether they are shown, before they come in, that somebody of that role may be there: a guest
    /// sees who takes the appointment, and nothing of the family (INV-8).
    #[must_use]
    pub const fn sees(self, other: Self) -> bool {
        match (self, other) {
            (Self::Teacher | Self::Parent | Self::Member, _)
            | (Self::Guest, Self::Teacher | Self::Member) => true,
            (Self::Guest, Self::Parent | Self::Guest) => false,
        }
    }

    /// Whether they are of the school, and not of the family.
    #[must_use]
    pub const fn is_of_the_school(self) -> bool {
        match self {
            Self::Teacher | Self::Member => true,
            Self::Parent | Self::Guest => false,
        }
    }

    /// Whether they come by somebody's invitation.
    #[must_use]
    pub const fn is_invited(self) -> bool {
        match self {
            Self::Guest => true,
            Self::Teacher | Self::Parent | Self::Member => false,
        }
    }

    /// Whether their pages show who is in the meeting: they have several in a row.
    #[must_use]
    pub const fn follows_presence(self) -> bool {
        match self {
            Self::Teacher => true,
            Self::Parent | Self::Guest | Self::Member => false,
        }
    }

    /// Whether a seat can be kept for them until they have come: the meeting is about their student.
    #[must_use]
    pub const fn may_have_a_seat_kept(self) -> bool {
        match self {
            Self::Parent => true,
            Self::Teacher | Self::Guest | Self::Member => false,
        }
    }
}

/// When a meeting can be joined.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Window {
    /// From when on.
    pub opens: Timestamp,
    /// From when on no more.
    pub closes: Timestamp,
}

impl Window {
    /// Whether it can be joined now.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.opens <= now && now < self.closes
    }
}

/// What surrounds the time of an appointment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Margins {
    /// For how long before it begins it can be joined.
    pub before: SignedDuration,
    /// By how much at most its talk is made longer.
    pub after: SignedDuration,
}

impl Margins {
    /// A quarter of an hour before, and five minutes after.
    pub const DEFAULT: Self = Self {
        before: SignedDuration::from_mins(15),
        after: SignedDuration::from_mins(5),
    };

    /// The window of an appointment that begins then, and whose talk ends then.
    #[must_use]
    pub fn before(&self, start: Timestamp, ends: Timestamp) -> Window {
        Window {
            opens: start.checked_sub(self.before).unwrap_or(Timestamp::MIN),
            closes: ends,
        }
    }

    /// Until when the talk of an appointment that was to end then may go on at most.
    #[must_use]
    pub fn latest(&self, end: Timestamp) -> Timestamp {
        end.checked_add(self.after).unwrap_or(Timestamp::MAX)
    }
}

/// What a meeting is called on the page. It may name somebody: it prints as nothing.
#[derive(Clone, Eq, PartialEq)]
pub struct Title(String);

impl Title {
    /// That of an appointment.
    #[must_use]
    pub fn of_appointment(subject: &Label, student: &Name) -> Self {
        Self(format!("{}: {}", subject.as_str(), student.reveal()))
    }

    /// That of a room or a waiting area.
    #[must_use]
    pub fn of_room(name: &Label) -> Self {
        Self(name.as_str().to_owned())
    }

    /// The text, for those entitled to it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Title {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Title")
    }
}

/// Somebody entitled to a meeting.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entitled {
    /// Who.
    pub holder: Holder,
    /// Their number in it.
    pub number: Number,
    /// What they are in it.
    pub role: Role,
    /// What they may do in it.
    pub powers: Powers,
    /// Their name.
    pub name: Name,
    /// Who invited them, where somebody did.
    pub invited_by: Option<Holder>,
}

/// What people talk in.
///
/// Title and window of an appointment are not kept: they are derived each time it is read, from the
/// subject and the student, and from its slot and the settings, so that they are true after a
/// correction of a name, a move, or a change of the settings.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Meeting {
    /// Its id, and that of the call.
    pub id: MeetingId,
    /// What it is.
    pub kind: MeetingKind,
    /// What it is called on the page.
    pub title: Title,
    /// When it can be joined; always, where there is none.
    pub window: Option<Window>,
    /// The most people it seats at any instant.
    pub cap: u8,
    /// How people come in.
    pub door: Door,
    /// Who may be in it, by number.
    pub entitled: Vec<Entitled>,
}

impl Meeting {
    /// What somebody is in it, if they are entitled to it.
    #[must_use]
    pub fn entitled(&self, holder: Holder) -> Option<&Entitled> {
        self.entitled.iter().find(|it| it.holder == holder)
    }

    /// Whether somebody may do that in it.
    #[must_use]
    pub fn may(&self, holder: Holder, power: Power) -> bool {
        self.entitled(holder).is_some_and(|it| it.powers.has(power))
    }

    /// Whom a seat is kept for until they have come, where seats are kept.
    #[must_use]
    pub fn seat_kept_for(&self) -> Option<Holder> {
        let mut all = self.entitled.iter();
        let one = all.find(|it| it.role.may_have_a_seat_kept());
        one.map(|it| it.holder)
    }

    /// Who may disconnect somebody: who has the power for it, and who invited them (SCR-5). They are
    /// told, too, that a link goes from device to device (SESS-3).
    #[must_use]
    pub fn may_disconnect(&self, by: Holder, whom: Holder) -> bool {
        let invited_by = self.entitled(whom).and_then(|it| it.invited_by);
        by != whom && (self.may(by, Power::Disconnect) || invited_by == Some(by))
    }
}

#[cfg(test)]
mod tests;
