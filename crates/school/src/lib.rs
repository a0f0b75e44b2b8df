//! The rules of the school: evenings, bookings, invitations, consent, court orders, retention.
//!
//! Pure: no socket, no clock, no chance, no `async`. Moments are UTC; a school's own time appears
//! only with its zone beside it. It refuses to know where records are kept, how anybody is told,
//! and what a link or a call is.

pub mod accent;
pub mod allowance;
mod automatic;
pub mod consent;
pub mod court_order;
pub mod deed;
pub mod evening;
pub mod ground_rules;
mod holder;
pub mod ids;
pub mod import;
pub mod invitation;
pub mod known_time;
pub mod logo;
pub mod meeting;
pub mod one_person;
pub mod password;
pub mod people;
pub mod powers;
pub mod refusal;
pub mod registration;
pub mod retention;
pub mod rights;
pub mod rooms;
pub mod said;
mod scope;
pub mod stop;
pub mod talk;
pub mod telephone;
pub mod text;
pub mod timetable;
pub mod waiting;
pub mod year;

pub use deed::Deed;
pub use evening::{Booking as BookingPhase, Evening, EveningDraft, Slot, SlotNumber};
pub use holder::{Actor, Holder, HolderKind};
pub use ids::{
    AccountId, AreaId, BookingId, ClassId, ContactId, EveningId, HolderId, InvitationId, MailId,
    MeetingId, PasskeyId, RoomId, SaidNameId, SchoolId, ScopeId, StaffId, StopId, StudentId,
    TeacherId, VisitorId, WishId,
};
pub use meeting::{Meeting, Role};
pub use people::{JointTeachers, MOST_TEACHERS};
pub use powers::{Power, Powers};
pub use refusal::Refusal;
pub use rights::{Rank, Right, Standing};
pub use scope::Scope;
pub use stop::KeptOut;
pub use text::{Countries, EmailAddress, Label, Mobile, Name, Note};
