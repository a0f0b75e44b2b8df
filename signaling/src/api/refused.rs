//! Why a request is refused, and how that is said.

use std::time::Duration;

use axum::Json;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use school::Refusal;
use wire::http::{FieldCode, FieldError, Problem, ProblemCode};

use crate::hashing::Undone;
use crate::limits::TooMuch;
use crate::metrics::Code;

/// When to try again where the records failed.
const RECORDS_MAY_BE_BACK: Duration = Duration::from_secs(5);

/// Why a request is refused.
#[derive(Debug)]
pub(crate) enum Refused {
    NoSuchLink,
    LinkWithdrawn,
    BadRequest,
    CrossSite,
    TooLarge,
    TooMany(Duration),
    /// A parent has set off a day's e-mails: when there may be another, and in words.
    EmailsSpent(Duration, String),
    SwappedTooOften(Duration),
    NotSignedIn,
    WrongPassword,
    /// The password is right, and a code is asked for besides.
    CodeNeeded,
    WrongCode,
    /// The keys that codes of an app were locked with are lost.
    CodeUnreadable,
    /// What a passkey shows is not what it was asked for, or by nobody here.
    WrongPasskey,
    /// Too many codes were wrong.
    CodesStopped(Duration),
    BadCsrf,
    TooEarly,
    Over,
    RulesNotAccepted,
    /// By the rules of the school.
    Rule(Refusal),
    /// Fields of the request, by the same rules.
    Fields(Vec<(&'static str, Refusal)>),
    /// The file of an import.
    Unreadable(String),
    /// The records cannot be read or written.
    RecordsFailed,
    /// The server ends, or has nothing to do it with.
    Unavailable,
}

impl From<TooMuch> for Refused {
    fn from(too_much: TooMuch) -> Self {
        Self::TooMany(too_much.retry_after)
    }
}

impl From<Undone> for Refused {
    fn from(undone: Undone) -> Self {
        match undone {
            Undone::Busy => Self::TooMany(Duration::from_secs(1)),
            Undone::Failed => Self::Unavailable,
        }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::Rule(refusal)
    }
}

impl From<store::Error> for Refused {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Refused(refusal) => Self::Rule(refusal),
            store::Error::Spent { again, zone, .. } => Self::EmailsSpent(
                Duration::try_from(again.duration_since(ambient::now())).unwrap_or_default(),
                spent_until(again, &zone),
            ),
            store::Error::Fault(fault) => {
                // The store says once that they fail, and once that they do no longer.
                match fault {
                    store::Fault::Broken(_) => tracing::warn!(%fault, "the records failed"),
                    store::Fault::Unopened { .. }
                    | store::Fault::Newer { .. }
                    | store::Fault::File { .. }
                    | store::Fault::KeysMissing { .. }
                    | store::Fault::Served
                    | store::Fault::NodeServes { .. }
                    | store::Fault::InUse
                    | store::Fault::OtherNodesKey { .. }
                    | store::Fault::OtherKeys { .. }
                    | store::Fault::Unsealed { .. }
                    | store::Fault::NoAnswer
                    | store::Fault::Database(_)
                    | store::Fault::Unsupported(_) => {
                        tracing::debug!(%fault, "the records failed");
                    }
                }
                Self::RecordsFailed
            }
        }
    }
}

/// When a parent may set off e-mails again, and what to do meanwhile. The moment is in the
/// evening's zone, and not before the minute that it names.
fn spent_until(again: Timestamp, zone: &str) -> String {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let minute = again + SignedDuration::from_secs(59);
    let minute = minute.to_zoned(zone).strftime("%H:%M on %A %-d %B");
    format!(
        "You have sent as many emails as one day allows. You can send more from {minute}. If it \
         cannot wait, phone the school."
    )
}

/// What a refusal by the rules is about.
#[derive(Clone, Copy)]
enum About {
    /// The request as a whole.
    Request(ProblemCode),
    /// A field: by its own name where whoever refused did not say another.
    Field(&'static str, FieldCode),
    /// The request where nothing else is wrong with it, else a field among others.
    Either(ProblemCode, FieldCode),
}

#[expect(clippy::too_many_lines, reason = "each refusal has its line")]
const fn about(refusal: Refusal) -> About {
    use About::{Either, Field, Request};
    use FieldCode as Code;
    match refusal {
        Refusal::NotFound => Request(ProblemCode::NotFound),
        Refusal::TimesAreBooked => Request(ProblemCode::TimesAreBooked),
        Refusal::TimesOver => Request(ProblemCode::TimesOver),
        Refusal::EveningOver => Request(ProblemCode::EveningOver),
        Refusal::EveningCancelled => Request(ProblemCode::EveningCancelled),
        Refusal::BusyElsewhere => Request(ProblemCode::BusyElsewhere),
        Refusal::RecordsClash => Request(ProblemCode::RecordsClash),
        Refusal::JoinedTooLong => Request(ProblemCode::JoinedTooLong),
        Refusal::TeacherAway => Request(ProblemCode::TeacherAway),
        Refusal::TooManyTeachers => Request(ProblemCode::TooManyTeachers),
        Refusal::HasAppointments => Request(ProblemCode::HasAppointments),
        Refusal::TakesClasses => Request(ProblemCode::TakesClasses),
        Refusal::EmailTaken => Request(ProblemCode::EmailTaken),
        Refusal::SetUpDone => Request(ProblemCode::SetUpDone),
        Refusal::BookingNotOpen => Request(ProblemCode::BookingNotOpen),
        Refusal::BookingClosed => Request(ProblemCode::BookingClosed),
        Refusal::NoSuchSlot => Request(ProblemCode::NoSuchSlot),
        Refusal::SlotOver => Request(ProblemCode::SlotOver),
        Refusal::SlotTaken | Refusal::NoTimeLeft => Request(ProblemCode::SlotTaken),
        Refusal::ParentBusy => Request(ProblemCode::ParentBusy),
        Refusal::AlreadyBooked => Request(ProblemCode::AlreadyBooked),
        Refusal::ConsentMissing => Either(ProblemCode::ConsentMissing, Code::ConsentMissing),
        Refusal::WordingOutdated => Either(ProblemCode::WordingOutdated, Code::WordingOutdated),
        Refusal::AlreadyInvited => Request(ProblemCode::AlreadyInvited),
        Refusal::NeedsApproval => Request(ProblemCode::NeedsApproval),
        Refusal::CourtOrderStands | Refusal::MayBeBarred => Request(ProblemCode::CourtOrderStands),
        Refusal::InvitationRemoved => Request(ProblemCode::InvitationRemoved),
        Refusal::ChangedMeanwhile => Request(ProblemCode::ChangedMeanwhile),
        Refusal::VisitOver => Request(ProblemCode::VisitOver),
        Refusal::CallStopped => Request(ProblemCode::CallStopped),
        Refusal::KeptOut => Request(ProblemCode::KeptOut),
        Refusal::StopStands => Request(ProblemCode::StopStands),
        Refusal::NobodyThere => Request(ProblemCode::NobodyThere),
        Refusal::RoomCrowded => Request(ProblemCode::RoomCrowded),
        Refusal::TextsSpent | Refusal::TextsTomorrow => Request(ProblemCode::TextsSpent),
        Refusal::InvitesSpent => Request(ProblemCode::InvitesSpent),
        Refusal::AddressesSpent => Request(ProblemCode::TooManyEmails),
        Refusal::SchoolInvites => Request(ProblemCode::SchoolInvites),
        Refusal::ParentsSpent => Request(ProblemCode::ParentsSpent),
        Refusal::AreaClosed => Request(ProblemCode::AreaClosed),
        Refusal::AreaCrowded => Request(ProblemCode::AreaCrowded),
        Refusal::CallerTaken => Request(ProblemCode::CallerTaken),
        Refusal::CallerGone => Request(ProblemCode::CallerGone),
        Refusal::HasCaller => Request(ProblemCode::HasCaller),
        Refusal::NotInCall => Request(ProblemCode::NotInCall),
        Refusal::CallFull => Request(ProblemCode::CallFull),
        Refusal::NoMember => Field("members", Code::NoMember),
        Refusal::ReasonMissing => Field("reason", Code::ReasonMissing),
        Refusal::LimitLength => Field("limit", Code::LimitLength),
        Refusal::NoDay => Field("days", Code::NoDay),
        Refusal::ApprovedAlready
        | Refusal::DeclinedAlready
        | Refusal::CancelledAlready
        | Refusal::DecidedAlready => Request(ProblemCode::DecidedAlready),
        Refusal::NameMissing => Field("name", Code::NameMissing),
        Refusal::NameTooLong => Field("name", Code::NameTooLong),
        Refusal::TextTooLong => Field("name", Code::TextTooLong),
        Refusal::LastAccount => Field("name", Code::LastAccount),
        Refusal::OwnAccount => Field("name", Code::OwnAccount),
        Refusal::TextNotPlain => Field("name", Code::TextNotPlain),
        Refusal::NoteTooLong => Field("note", Code::NoteTooLong),
        Refusal::NoteNotPlain => Field("note", Code::NoteNotPlain),
        Refusal::EmailMissing => Field("email", Code::EmailMissing),
        Refusal::EmailInvalid => Field("email", Code::EmailInvalid),
        Refusal::MobileMissing => Field("mobile", Code::MobileMissing),
        Refusal::MobileInvalid => Field("mobile", Code::MobileInvalid),
        Refusal::NotMobile => Field("mobile", Code::NotMobile),
        Refusal::MobileElsewhere => Field("mobile", Code::MobileElsewhere),
        Refusal::TextsOff => Field("mobile", Code::TextsOff),
        Refusal::PasswordTooShort => Field("password", Code::PasswordTooShort),
        Refusal::PasswordTooLong => Field("password", Code::PasswordTooLong),
        Refusal::PasswordGuessable => Field("password", Code::PasswordGuessable),
        Refusal::ZoneUnknown => Field("time_zone", Code::ZoneUnknown),
        Refusal::EndsBeforeStart => Field("ends", Code::EndsBeforeStart),
        Refusal::TimeSkipped => Field("starts", Code::TimeSkipped),
        Refusal::DatePast => Field("date", Code::DatePast),
        Refusal::DateTooFar => Field("date", Code::DateTooFar),
        Refusal::DateInvalid => Field("date", Code::DateInvalid),
        Refusal::TimeInvalid => Field("starts", Code::TimeInvalid),
        Refusal::ClosesPast => Field("booking_closes", Code::ClosesPast),
        Refusal::SlotLength => Field("slot_minutes", Code::SlotLength),
        Refusal::GapLength => Field("gap_minutes", Code::GapLength),
        Refusal::NoSlotFits => Field("ends", Code::NoSlotFits),
        Refusal::NoTeacher => Field("teachers", Code::NoTeacher),
        Refusal::TeacherTwice => Field("teachers", Code::TeacherTwice),
        Refusal::StudentsMissing => Field("students", Code::StudentsMissing),
        Refusal::Retention => Field("retention_days", Code::Retention),
        Refusal::SourceTaken => Field("name", Code::SourceTaken),
    }
}

fn invalid(fields: Vec<FieldError>) -> Problem {
    Problem {
        code: ProblemCode::Invalid,
        title: fields
            .first()
            .map(|wrong| wrong.reason.clone())
            .unwrap_or_default(),
        status: ProblemCode::Invalid.status(),
        retry_after_ms: None,
        fields,
    }
}

fn field_error(field: &str, code: FieldCode, refusal: Refusal) -> FieldError {
    FieldError {
        field: field.to_owned(),
        code,
        reason: refusal.to_string(),
    }
}

impl Refused {
    fn problem(&self) -> Problem {
        match self {
            Self::Fields(fields) => self.of_fields(fields),
            Self::Rule(refusal) => match about(*refusal) {
                About::Field(field, code) => invalid(vec![field_error(field, code, *refusal)]),
                About::Request(code) | About::Either(code, _) => {
                    self.worded(code, &refusal.to_string())
                }
            },
            Self::Unreadable(why) => self.worded(ProblemCode::UnreadableFile, why),
            Self::EmailsSpent(_, words) => self.worded(ProblemCode::TooManyEmails, words),
            Self::NoSuchLink
            | Self::LinkWithdrawn
            | Self::BadRequest
            | Self::CrossSite
            | Self::TooLarge
            | Self::TooMany(_)
            | Self::SwappedTooOften(_)
            | Self::NotSignedIn
            | Self::WrongPassword
            | Self::CodeNeeded
            | Self::WrongCode
            | Self::CodeUnreadable
            | Self::WrongPasskey
            | Self::CodesStopped(_)
            | Self::BadCsrf
            | Self::TooEarly
            | Self::Over
            | Self::RulesNotAccepted
            | Self::RecordsFailed
            | Self::Unavailable => {
                let (code, title) = self.words();
                self.worded(code, title)
            }
        }
    }

    fn of_fields(&self, fields: &[(&'static str, Refusal)]) -> Problem {
        let mut wrong = Vec::new();
        for (field, refusal) in fields {
            match about(*refusal) {
                About::Field(_, code) | About::Either(_, code) => {
                    wrong.push(field_error(field, code, *refusal));
                }
                About::Request(code) => return self.worded(code, &refusal.to_string()),
            }
        }
        invalid(wrong)
    }

    fn worded(&self, code: ProblemCode, title: &str) -> Problem {
        Problem {
            code,
            title: title.to_owned(),
            status: if matches!(self, Self::CrossSite) {
                403
            } else {
                code.status()
            },
            retry_after_ms: self.retry_after().map(millis),
            fields: Vec::new(),
        }
    }

    /// The code and the sentence of what is refused here, and not by the rules of the school.
    #[expect(clippy::too_many_lines, reason = "each refusal has its sentence")]
    const fn words(&self) -> (ProblemCode, &'static str) {
        match self {
            Self::NoSuchLink => (
                ProblemCode::NoSuchLink,
                "This link does not work. Check that it is complete, or ask the person who sent it.",
            ),
            Self::LinkWithdrawn => (
                ProblemCode::LinkWithdrawn,
                "This link was withdrawn and does not work any more. Look for a newer one, or ask the person who sent it.",
            ),
            Self::BadRequest => (
                ProblemCode::BadRequest,
                "The server did not understand this request.",
            ),
            Self::CrossSite => (
                ProblemCode::BadRequest,
                "Only pages of this server may ask this.",
            ),
            Self::TooLarge => (
                ProblemCode::TooLarge,
                "This is too large. Send it in smaller parts.",
            ),
            Self::TooMany(_) => (
                ProblemCode::TooMany,
                "Too many requests. Please wait a moment and try again.",
            ),
            Self::SwappedTooOften(_) => (
                ProblemCode::SwappedTooOften,
                "This link was opened on several devices in turn. Please wait a moment and try again.",
            ),
            Self::NotSignedIn => (ProblemCode::NotSignedIn, "Sign in to go on."),
            Self::WrongPassword => (
                ProblemCode::WrongPassword,
                "The email address or the password is not right. Check both and try again.",
            ),
            Self::CodeNeeded => (
                ProblemCode::CodeNeeded,
                "Type the code that your authenticator app shows, or one of your recovery codes.",
            ),
            Self::WrongCode => (
                ProblemCode::WrongCode,
                "This code is not right, or was used before. Wait for the next one and try again.",
            ),
            Self::CodeUnreadable => (
                ProblemCode::CodeUnreadable,
                "The server has new keys and cannot check codes of your app any more. Use a recovery code, then set up the second step again.",
            ),
            Self::WrongPasskey => (
                ProblemCode::WrongCode,
                "This passkey is not one of yours here, or it took too long. Try again, or use another way.",
            ),
            Self::CodesStopped(_) => (
                ProblemCode::CodesStopped,
                "Too many wrong codes were typed for this account. Use one of your recovery codes, or try again later.",
            ),
            Self::BadCsrf => (
                ProblemCode::BadCsrf,
                "This page is out of date. Reload it and try again.",
            ),
            Self::TooEarly => (
                ProblemCode::TooEarly,
                "It is too early to join. Come back shortly before your appointment.",
            ),
            Self::Over => (ProblemCode::Over, "There is no appointment to join now."),
            Self::RulesNotAccepted => (
                ProblemCode::RulesNotAccepted,
                "Read the school's ground rules first, and accept them by Join.",
            ),
            Self::RecordsFailed => (
                ProblemCode::Unavailable,
                "The school's records cannot be used just now. Please try again in a moment.",
            ),
            Self::Unavailable
            | Self::EmailsSpent(..)
            | Self::Rule(_)
            | Self::Fields(_)
            | Self::Unreadable(_) => (
                ProblemCode::Unavailable,
                "The server cannot do this now. Please try again in a moment.",
            ),
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "waiting helps with three of them"
    )]
    const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RecordsFailed => Some(RECORDS_MAY_BE_BACK),
            Self::TooMany(after)
            | Self::SwappedTooOften(after)
            | Self::CodesStopped(after)
            | Self::EmailsSpent(after, _) => Some(*after),
            _ => None,
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let problem = self.problem();
        let status =
            StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let code = Code(problem.code);
        let mut response = (status, Json(problem)).into_response();
        response.extensions_mut().insert(code);
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(after) = self.retry_after() {
            let seconds = after.as_secs().saturating_add(1);
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// Milliseconds, as many as there is room for.
pub(crate) fn millis(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}
