//! Refusals over HTTP (RFC 9457).

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// Any refusal over HTTP (RFC 9457), as `application/problem+json`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Problem {
    /// Stable code.
    pub code: ProblemCode,
    /// A sentence a person understands.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// When to try again, milliseconds; for `too_many`, `too_many_emails` and
    /// `swapped_too_often`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub retry_after_ms: Option<u32>,
    /// What is wrong with which field; for `invalid`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<FieldError>>")]
    pub fields: Vec<FieldError>,
}

/// What is wrong with one field.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct FieldError {
    /// The field's name in the request.
    pub field: String,
    /// Stable code.
    pub code: FieldCode,
    /// A sentence that says what to do.
    pub reason: String,
}

/// The codes of [`FieldError`].
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize, TS, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum FieldCode {
    /// A name is asked for.
    NameMissing,
    /// The name is longer than a name may be.
    NameTooLong,
    /// A homeroom, a telephone number or the like is longer than a name may be.
    TextTooLong,
    /// Nobody else of the office can sign in.
    LastAccount,
    /// Nobody erases their own account.
    OwnAccount,
    /// Line breaks and other control characters.
    TextNotPlain,
    /// The note is longer than a note may be.
    NoteTooLong,
    /// Control characters and marks that nobody sees, in a note.
    NoteNotPlain,
    /// An e-mail address is asked for.
    EmailMissing,
    /// That is no e-mail address.
    EmailInvalid,
    /// A mobile number is asked for.
    MobileMissing,
    /// That is no telephone number.
    MobileInvalid,
    /// That is the number of no mobile telephone.
    NotMobile,
    /// That is a number of a country that the school does not write to.
    MobileElsewhere,
    /// The school sends no text messages.
    TextsOff,
    /// A password is too short.
    PasswordTooShort,
    /// A password is longer than anybody types.
    PasswordTooLong,
    /// A password is one that others try first.
    PasswordGuessable,
    /// The zone is not in the time zone database.
    ZoneUnknown,
    /// The evening ends before it starts.
    EndsBeforeStart,
    /// A time that the clocks skip on that day.
    TimeSkipped,
    /// The evening is over before it is made.
    DatePast,
    /// The year is a slip.
    DateTooFar,
    /// That is no date.
    DateInvalid,
    /// That is no time of the day.
    TimeInvalid,
    /// Booking would close before it opens.
    ClosesPast,
    /// The slot is too short or too long.
    SlotLength,
    /// The gap is too long.
    GapLength,
    /// Not one slot fits in.
    NoSlotFits,
    /// A class without a teacher.
    NoTeacher,
    /// The same teacher twice.
    TeacherTwice,
    /// A room without anybody of the staff.
    NoMember,
    /// Why somebody comes is asked for.
    ReasonMissing,
    /// A call would be limited to too short or too long a time.
    LimitLength,
    /// Opening hours without a day.
    NoDay,
    /// No student was ticked.
    StudentsMissing,
    /// Personal data would be kept too shortly or too long.
    Retention,
    /// Another student has that id in the system that the import comes from.
    SourceTaken,
    /// No tick of consent.
    ConsentMissing,
    /// The wording changed since the page was opened.
    WordingOutdated,
}

impl FieldCode {
    /// Every code, in order.
    pub const ALL: [Self; 40] = [
        Self::NameMissing,
        Self::NameTooLong,
        Self::TextTooLong,
        Self::LastAccount,
        Self::OwnAccount,
        Self::TextNotPlain,
        Self::NoteTooLong,
        Self::NoteNotPlain,
        Self::EmailMissing,
        Self::EmailInvalid,
        Self::MobileMissing,
        Self::MobileInvalid,
        Self::NotMobile,
        Self::MobileElsewhere,
        Self::TextsOff,
        Self::PasswordTooShort,
        Self::PasswordTooLong,
        Self::PasswordGuessable,
        Self::ZoneUnknown,
        Self::EndsBeforeStart,
        Self::TimeSkipped,
        Self::DatePast,
        Self::DateTooFar,
        Self::DateInvalid,
        Self::TimeInvalid,
        Self::ClosesPast,
        Self::SlotLength,
        Self::GapLength,
        Self::NoSlotFits,
        Self::NoTeacher,
        Self::TeacherTwice,
        Self::NoMember,
        Self::ReasonMissing,
        Self::LimitLength,
        Self::NoDay,
        Self::StudentsMissing,
        Self::Retention,
        Self::SourceTaken,
        Self::ConsentMissing,
        Self::WordingOutdated,
    ];
}

/// The codes of [`Problem`].
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, TS, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ProblemCode {
    /// 404: unknown or mistyped: one answer for all.
    NoSuchLink,
    /// 404: the link was withdrawn; told only to who shows its secret (LINK-5).
    LinkWithdrawn,
    /// 400 or 403: the request is not what is expected, or comes from a foreign page.
    BadRequest,
    /// 429: too many requests from this address or for this link.
    TooMany,
    /// 429: a parent has set off as much e-mail as one day allows.
    TooManyEmails,
    /// 429: the link went back and forth between devices too often (SESS-3).
    SwappedTooOften,
    /// 503: the server cannot do this now.
    Unavailable,
    /// 404: there is no such thing, or it is not this person's: one answer for both.
    NotFound,
    /// 401: nobody is signed in, or the session is over.
    NotSignedIn,
    /// 401: the e-mail address or the password is wrong.
    WrongPassword,
    /// 403: the `X-Homeroom-Csrf` header is not that of the session.
    BadCsrf,
    /// 413: the body is larger than is taken.
    TooLarge,
    /// 422: fields are wrong; `fields` says which.
    Invalid,
    /// 409: the appointment cannot be joined yet.
    TooEarly,
    /// 409: the appointment is over, or there is none to join.
    Over,
    /// 409: somebody else has this slot.
    SlotTaken,
    /// 409: the parent has another appointment at that time.
    ParentBusy,
    /// 409: the student has an appointment with this class already.
    AlreadyBooked,
    /// 409: booking has not opened yet.
    BookingNotOpen,
    /// 409: booking has closed.
    BookingClosed,
    /// 422: the student does not take this class, or it has no such slot.
    NoSuchSlot,
    /// 409: the time of that slot has passed.
    SlotOver,
    /// 409: the evening is over, and with it what its links are for (LINK-5).
    EveningOver,
    /// 409: the school has cancelled the evening.
    EveningCancelled,
    /// 409: somebody would be in two places at once, in evenings that overlap (EVE-19).
    BusyElsewhere,
    /// 409: two records have what one person can have once (DIR-13).
    RecordsClash,
    /// 409: two records that were made one can no longer be parted (DIR-13).
    JoinedTooLong,
    /// 409: the teacher cannot come to that evening (EVE-13).
    TeacherAway,
    /// 409: the invitation was removed.
    InvitationRemoved,
    /// 422: the tick for consent is missing.
    ConsentMissing,
    /// 409: the wording of the consent has changed: show the new one.
    WordingOutdated,
    /// 409: one of the students has been invited for already (INV-4).
    AlreadyInvited,
    /// 422: more than three teachers for one appointment (EVE-1).
    TooManyTeachers,
    /// 409: appointments are booked with it: cancel them first.
    HasAppointments,
    /// 409: a class or an appointment is this teacher's.
    TakesClasses,
    /// 409: the invitation waits for the school (DIR-4).
    NeedsApproval,
    /// 409: the times cannot change under appointments that are booked.
    TimesAreBooked,
    /// 409: at the new times an appointment that is to come would be over or have begun.
    TimesOver,
    /// 409: the set-up link was used or is too old.
    SetUpDone,
    /// 409: this name or address is taken.
    EmailTaken,
    /// 422: the file cannot be read as a whole.
    UnreadableFile,
    /// 409: a contact under a court order cannot be chosen for this (DIR-4); told to the office only.
    CourtOrderStands,
    /// 409: somebody else changed it since the form was opened.
    ChangedMeanwhile,
    /// 409: a guest's link to a room was for one day, which is over.
    VisitOver,
    /// 409: somebody of the school has stopped the call, and no link leads back into it.
    CallStopped,
    /// 409: a call was ended for everybody, and who is invited is kept out until the school's office lets
    /// them back (SCR-14).
    KeptOut,
    /// 409: the call of an appointment was ended for everybody, so that it is not moved (SCR-14).
    StopStands,
    /// 409: nobody has been in the call that would be ended for everybody (SCR-14).
    NobodyThere,
    /// 429: more guests have come to a room on one day than it takes.
    RoomCrowded,
    /// 429: the school has sent as many text messages as it sends in a day.
    TextsSpent,
    /// 429: somebody has sent as many invitations out of meetings as one day allows.
    InvitesSpent,
    /// 409: parents may not invite other parents of their children (DIR-6).
    SchoolInvites,
    /// 429: a parent has named as many other parents of a student as they may (DIR-6).
    ParentsSpent,
    /// 429: a waiting area holds no more callers.
    AreaCrowded,
    /// 409: a waiting area is closed at that hour.
    AreaClosed,
    /// 409: another provider took this caller.
    CallerTaken,
    /// 409: this caller waits no more.
    CallerGone,
    /// 409: a provider has taken another caller into a call that is not over.
    HasCaller,
    /// 409: a provider is in no call of that waiting area.
    NotInCall,
    /// 409: a call takes nobody more.
    CallFull,
    /// 409: somebody else has decided it since it was shown; the title says how.
    DecidedAlready,
    /// 409: the ground rules of today are to be read, and accepted by the press (SCR-15).
    RulesNotAccepted,
    /// 401: the password is right; a code of the second factor is asked for besides (OPS-7).
    CodeNeeded,
    /// 401: that code is wrong, or was used before.
    WrongCode,
    /// 401: codes of an app cannot be checked any more, recovery codes can.
    CodeUnreadable,
    /// 429: too many codes were wrong; recovery codes are taken all the same.
    CodesStopped,
}

impl ProblemCode {
    /// Every code, in order.
    pub const ALL: [Self; 66] = [
        Self::NoSuchLink,
        Self::LinkWithdrawn,
        Self::BadRequest,
        Self::TooMany,
        Self::TooManyEmails,
        Self::SwappedTooOften,
        Self::Unavailable,
        Self::NotFound,
        Self::NotSignedIn,
        Self::WrongPassword,
        Self::BadCsrf,
        Self::TooLarge,
        Self::Invalid,
        Self::TooEarly,
        Self::Over,
        Self::SlotTaken,
        Self::ParentBusy,
        Self::AlreadyBooked,
        Self::BookingNotOpen,
        Self::BookingClosed,
        Self::NoSuchSlot,
        Self::SlotOver,
        Self::EveningOver,
        Self::EveningCancelled,
        Self::BusyElsewhere,
        Self::RecordsClash,
        Self::JoinedTooLong,
        Self::TeacherAway,
        Self::InvitationRemoved,
        Self::ConsentMissing,
        Self::WordingOutdated,
        Self::AlreadyInvited,
        Self::TooManyTeachers,
        Self::HasAppointments,
        Self::TakesClasses,
        Self::NeedsApproval,
        Self::TimesAreBooked,
        Self::TimesOver,
        Self::SetUpDone,
        Self::EmailTaken,
        Self::UnreadableFile,
        Self::CourtOrderStands,
        Self::ChangedMeanwhile,
        Self::VisitOver,
        Self::CallStopped,
        Self::KeptOut,
        Self::StopStands,
        Self::NobodyThere,
        Self::RoomCrowded,
        Self::TextsSpent,
        Self::InvitesSpent,
        Self::SchoolInvites,
        Self::ParentsSpent,
        Self::AreaCrowded,
        Self::AreaClosed,
        Self::CallerTaken,
        Self::CallerGone,
        Self::HasCaller,
        Self::NotInCall,
        Self::CallFull,
        Self::DecidedAlready,
        Self::RulesNotAccepted,
        Self::CodeNeeded,
        Self::WrongCode,
        Self::CodeUnreadable,
        Self::CodesStopped,
    ];

    /// The HTTP status it comes with; `bad_request` from a foreign page comes with 403.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "each code has its line")]
    pub const fn status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::NotSignedIn
            | Self::WrongPassword
            | Self::CodeNeeded
            | Self::WrongCode
            | Self::CodeUnreadable => 401,
            Self::BadCsrf => 403,
            Self::NoSuchLink | Self::LinkWithdrawn | Self::NotFound => 404,
            Self::TooEarly
            | Self::Over
            | Self::SlotTaken
            | Self::ParentBusy
            | Self::AlreadyBooked
            | Self::BookingNotOpen
            | Self::BookingClosed
            | Self::SlotOver
            | Self::EveningOver
            | Self::EveningCancelled
            | Self::BusyElsewhere
            | Self::RecordsClash
            | Self::JoinedTooLong
            | Self::TeacherAway
            | Self::InvitationRemoved
            | Self::WordingOutdated
            | Self::AlreadyInvited
            | Self::HasAppointments
            | Self::TakesClasses
            | Self::NeedsApproval
            | Self::TimesAreBooked
            | Self::TimesOver
            | Self::SetUpDone
            | Self::EmailTaken
            | Self::CourtOrderStands
            | Self::ChangedMeanwhile
            | Self::VisitOver
            | Self::CallStopped
            | Self::KeptOut
            | Self::StopStands
            | Self::NobodyThere
            | Self::SchoolInvites
            | Self::AreaClosed
            | Self::CallerTaken
            | Self::CallerGone
            | Self::HasCaller
            | Self::NotInCall
            | Self::CallFull
            | Self::DecidedAlready
            | Self::RulesNotAccepted => 409,
            Self::TooLarge => 413,
            Self::Invalid
            | Self::NoSuchSlot
            | Self::ConsentMissing
            | Self::TooManyTeachers
            | Self::UnreadableFile => 422,
            Self::TooMany
            | Self::TooManyEmails
            | Self::SwappedTooOften
            | Self::RoomCrowded
            | Self::TextsSpent
            | Self::InvitesSpent
            | Self::ParentsSpent
            | Self::AreaCrowded
            | Self::CodesStopped => 429,
            Self::Unavailable => 503,
        }
    }
}
