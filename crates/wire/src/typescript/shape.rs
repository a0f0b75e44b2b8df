//! Every type that both sides know.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use ts_rs::{Config, TS};
use utoipa::ToSchema;

use crate::{http, message, schema};

/// What there is to say of one type.
pub(super) struct Shape {
    pub(super) name: String,
    /// Its declaration in TypeScript.
    pub(super) declaration: String,
    pub(super) schema: Value,
    /// Whether the server's own type takes a value.
    pub(super) takes: fn(&Value) -> bool,
}

impl Shape {
    fn of<T: TS + ToSchema + DeserializeOwned>(config: &Config) -> Self {
        let name = <T as ToSchema>::name().into_owned();
        Self {
            declaration: T::decl(config),
            schema: schema::of::<T>().remove(&name).unwrap_or_default(),
            takes: |value| T::deserialize(value).is_ok(),
            name,
        }
    }

    /// Whether a field of it may be left out in TypeScript.
    pub(super) fn may_lack(&self, field: &str) -> bool {
        self.declaration.contains(&format!("\n{field}?: "))
    }

    /// Whether it is one of several names, or of several kinds.
    pub(super) fn is_enum(&self) -> bool {
        self.schema.get("enum").is_some() || self.schema.get("oneOf").is_some()
    }
}

/// What a schema refers to, by name.
pub(super) fn referred(schema: &Value) -> Vec<String> {
    match schema {
        Value::Object(fields) => {
            let own = name_in(fields).map(str::to_owned);
            own.into_iter()
                .chain(fields.values().flat_map(referred))
                .collect()
        }
        Value::Array(all) => all.iter().flat_map(referred).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

/// The name that an object refers to.
pub(super) fn name_in(fields: &Map<String, Value>) -> Option<&str> {
    fields.get("$ref")?.as_str()?.rsplit('/').next()
}

macro_rules! shapes {
    ($($type:ty),+ $(,)?) => {
        /// All of them.
        pub(super) fn all() -> Vec<Shape> {
            let config = Config::default();
            vec![$(Shape::of::<$type>(&config)),+]
        }
    };
}

shapes! {
    message::ClientMessage,
    message::ServerMessage,
    message::Session,
    message::CallInfo,
    message::Clock,
    message::Person,
    message::Knocker,
    message::Sends,
    message::Shown,
    message::Picture,
    message::PictureKind,
    message::Role,
    message::Power,
    message::Notice,
    message::RefusedCode,
    message::GoodbyeReason,
    crate::close::Close,
    crate::close::ComeBack,
    http::link::LinkRequest,
    http::link::LinkView,
    http::link::Other,
    http::link::RoomView,
    http::link::AreaView,
    http::link::AreaProvider,
    http::link::LeaveRequest,
    http::link::Visit,
    http::link::VisitStage,
    http::link::VisitorRequest,
    http::link::VisitorLink,
    http::link::EveningView,
    http::link::Appointment,
    http::link::Phase,
    http::link::Outcome,
    http::link::Expected,
    http::link::SchoolState,
    http::link::HereRequest,
    http::link::TicketRequest,
    http::link::TicketGranted,
    http::link::RelayAccess,
    http::link::NetworkTest,
    http::link::ChangesRequest,
    http::link::Changes,
    http::link::LostLinkRequest,
    http::guests::CallInviteRequest,
    http::guests::CallResendRequest,
    http::guests::StopRequest,
    http::guests::CallGuests,
    http::guests::CallGuest,
    http::guests::CallGuestState,
    http::problem::Problem,
    http::problem::FieldError,
    http::problem::FieldCode,
    http::problem::ProblemCode,
    http::parent::ParentView,
    http::parent::Booking,
    http::parent::StudentView,
    http::parent::ClassView,
    http::parent::BookingView,
    http::parent::SlotsView,
    http::parent::ClassSlots,
    http::parent::SlotView,
    http::parent::SlotState,
    http::parent::BookRequest,
    http::parent::AutoBookRequest,
    http::parent::Wish,
    http::parent::AutoBooked,
    http::parent::Unmet,
    http::parent::MoveRequest,
    http::parent::NoteRequest,
    http::parent::InvitationsView,
    http::parent::DeclinedView,
    http::parent::Wording,
    http::parent::InvitationView,
    http::parent::InvitationState,
    http::parent::InviteRequest,
    http::parent::Invited,
    http::parent::AddressRequest,
    http::teacher::TeacherView,
    http::teacher::TeacherAppointment,
    http::teacher::Present,
    http::teacher::Presence,
    http::account::RegistrationState,
    http::account::Hindrance,
    http::account::ReachedBy,
    http::account::Pupils,
    http::account::Pupil,
    http::account::PupilContact,
    http::account::OpenRegistrations,
    http::account::OpenContact,
    http::account::RegistrationsDraft,
    http::account::RegistrationsSent,
    http::account::RegistrationLetters,
    http::account::RegistrationPrint,
    http::account::RegistrationRefused,
    http::account::RegistrationProgress,
    http::account::RegistrationCheck,
    http::account::OfferState,
    http::account::RegistrationOffer,
    http::account::RegistrationAddress,
    http::account::DetailsOffer,
    http::account::Shares,
    http::account::AskedStudent,
    http::account::DetailsDraft,
    http::account::NameParentRequest,
    http::account::NameParent,
    http::account::ParentNamed,
    http::account::NamedState,
    http::account::NamedParent,
    http::account::RegisterRequest,
    http::account::AccountLink,
    http::account::AccountClose,
    http::account::Account,
    http::account::AccountHome,
    http::account::AccountPerson,
    http::account::OwnDetails,
    http::account::AccountStudent,
    http::account::SharedContact,
    http::account::AccountEvening,
    http::account::AccountAppointment,
    http::session::SetupRequest,
    http::session::SetupCheck,
    http::session::SetupOffer,
    http::session::SignIn,
    http::session::LostPassword,
    http::session::Staff,
    http::rooms::Member,
    http::rooms::Members,
    http::rooms::MemberDraft,
    http::rooms::RoomDraft,
    http::rooms::RoomField,
    http::rooms::OfficeRoom,
    http::rooms::OfficeRooms,
    http::areas::AreaDraft,
    http::areas::OpenHours,
    http::areas::OfficeArea,
    http::areas::OfficeAreas,
    http::areas::StaffArea,
    http::areas::AreaCaller,
    http::areas::CallerState,
    http::areas::EndVisit,
    http::areas::LeftWords,
    http::areas::ProviderSays,
    http::areas::MessageCaller,
    http::areas::OtherArea,
    http::areas::PassCaller,
    http::areas::StaffChangesRequest,
    http::rooms::StaffHome,
    http::rooms::StaffEvening,
    http::rooms::StaffRoom,
    http::rooms::RoomGuest,
    http::rooms::VisitSearch,
    http::rooms::Visits,
    http::rooms::CameBy,
    http::school::Contact,
    http::school::SchoolView,
    http::school::SchoolSettings,
    http::school::ParentsInvite,
    http::school::EveningDraft,
    http::school::Evening,
    http::school::Evenings,
    http::school::BookingDoor,
    http::school::Queued,
    http::people::TeacherDraft,
    http::people::Teacher,
    http::people::Teachers,
    http::people::PlaceDraft,
    http::people::ClassDraft,
    http::people::Class,
    http::people::Classes,
    http::people::StudentDraft,
    http::people::Student,
    http::people::StudentInvite,
    http::people::StudentLists,
    http::people::Homeroom,
    http::people::ClassList,
    http::people::StudentContact,
    http::people::StudentSearch,
    http::people::Students,
    http::people::FoundPerson,
    http::people::FoundKind,
    http::people::ContactDraft,
    http::people::ContactPerson,
    http::people::SaidDetails,
    http::people::ChangedTelephone,
    http::people::TelephoneDecision,
    http::people::KeepTelephone,
    http::people::MayBe,
    http::people::TellApart,
    http::alike::AlikeRecords,
    http::alike::AlikePair,
    http::alike::AlikeBy,
    http::alike::AlikeContact,
    http::alike::JoinedPair,
    http::alike::OtherRecord,
    http::alike::JoinReport,
    http::alike::JoinedAccount,
    http::people::CourtOrderDraft,
    http::people::OrderTaken,
    http::people::ImportReport,
    http::people::ImportColumns,
    http::people::ImportRow,
    http::people::ImportKind,
    http::people::ImportOutcome,
    http::system::SystemDraft,
    http::system::SystemRegion,
    http::system::SystemRunRequest,
    http::system::InformationSystem,
    http::system::SystemConnection,
    http::system::SystemProgress,
    http::system::SystemStep,
    http::system::SystemRun,
    http::system::SystemOutcome,
    http::office::Notices,
    http::office::PartNotice,
    http::office::LiveView,
    http::office::LiveCall,
    http::office::OfficeBookings,
    http::office::OfficeBooking,
    http::office::OfficeBookRequest,
    http::office::OfficeMoveRequest,
    http::office::EveningPeople,
    http::office::EveningPerson,
    http::office::LinkShown,
    http::office::OfficeInvitations,
    http::office::OfficeInvitation,
    http::office::OfficeAddressRequest,
    http::office::Approvals,
    http::office::Approval,
    http::office::HeldRecord,
    http::office::AskedAppointment,
    http::office::AskedDecision,
    http::office::AskedOutcome,
    http::office::CancelEvening,
    http::office::ReplaceTeacher,
    http::office::Replaced,
    http::office::StoppedCalls,
    http::office::StoppedCall,
    http::office::StopState,
    http::office::Attention,
    http::office::Decision,
    http::office::Audit,
    http::office::AuditRow,
}
