//! The durable records of a school: one port, [`Store`], with SQLite or PostgreSQL behind it.
//!
//! Every method is one transaction: done whole or not at all. What the rules of `school` refuse
//! comes back as [`Error::Refused`] and changes nothing; what the database cannot do as
//! [`Error::Fault`]. Time is an argument. Ids that are unknown and ids of another school or family
//! get the same [`school::Refusal::NotFound`].
//!
//! It refuses to know HTTP, what an e-mail looks like, and the secrets of links: it keeps a link's
//! id, version and key id, and the keys themselves are in a file beside the database.

mod account_home;
mod accounts;
mod addresses;
mod admission;
mod allowance;
mod appointments;
mod area_words;
mod areas;
mod asked;
mod attention;
mod audit;
mod booking_doors;
mod bookings;
mod call_guests;
mod callers;
mod classes;
mod contact_details;
mod contacts;
mod court_orders;
mod database;
mod decided;
mod deeds;
mod demonstration;
mod elsewhere;
mod entitled;
mod erasure;
mod evenings;
mod faces;
mod fault;
mod files;
mod former_staff;
mod guardianship;
mod hats;
mod health;
mod held;
mod holders;
mod identities;
mod import_columns;
mod import_folder;
mod imports;
mod information_system;
mod invitations;
mod joining;
mod keys;
mod known_as;
mod known_time;
mod lease;
mod likenesses;
mod log;
mod lost_links;
mod migrations;
mod named_parents;
mod names;
mod new_addresses;
mod nodes;
mod offers;
mod one_person;
mod others_found;
mod outbox;
mod participants;
mod personal_data;
mod ranks;
mod reader_zones;
mod registration_letters;
mod registrations;
mod restore;
mod room_guests;
mod room_members;
mod rooms;
mod said;
mod said_names;
mod schools;
mod second_factors;
mod selection;
mod sessions;
mod set_up;
mod sole;
mod staff;
mod stops;
mod store;
mod students;
mod talks;
mod teacher_notes;
mod teachers;
mod telephones;
mod trial;
mod turn;
mod undelivered;
mod unentered_orders;
mod value;
mod visits;
mod walking_order;
mod webhooks;

pub use account_home::{AccountEvening, AccountHome, AccountPerson, AccountStudent, SharedContact};
pub use accounts::{Account, AccountSession, Registered, Registering};
pub use admission::{Admission, Call, CallTime, Gathering};
pub use allowance::Spent;
pub use appointments::Appointment;
pub use area_words::{AreaStands, LeftWords, ProviderStands};
pub use areas::{Area, AreaDraft};
pub use asked::{Asked, AskedDecision};
pub use attention::Attention;
pub use audit::{
    Action, AuditHead, AuditRow, BrokenAudit, BrokenChain, HeldAudit, NoHead, UnsealedRows,
};
pub use booking_doors::BookingPress;
pub use bookings::{
    AutomaticBookings, AutomaticRequest, BookingRequest, Choice, ParentEvening, ParentStudent,
};
pub use call_guests::{CallGuest, NewCallGuest, Reach};
pub use callers::{Caller, ProviderLinks, StaffEvening, Wait};
pub use classes::{Class, NewClass};
pub use cluster::{SessionRecord, Whereabouts};
pub use contact_details::ContactDetails;
pub use contacts::{Contact, Guardian, NewContact};
pub use deeds::Aftermath;
pub use demonstration::Demonstration;
pub use evenings::{EveningClass, EveningClasses};
pub use faces::{Face, Logo};
pub use fault::{Error, Fault, Result};
pub use files::{are_older, holds_records, into_one_file};
pub use hats::{Hat, Wearer};
pub use held::HeldGuest;
pub use holders::{AreaPlace, HeldLink, Inviter, LinkState, Purpose, RoomPlace};
pub use identities::{Identity, Recognised};
pub use import_folder::{FolderRun, ImportFolder};
pub use imports::{Doing, Imported, Then};
pub use information_system::{InformationSystem, SystemDraft, SystemResult, SystemRun};
pub use invitations::{Approval, Declined, Invitation, Invitations, NewInvitation};
pub use joining::{Joined, JoinedAccount};
pub use keys::Keys;
pub use likenesses::{MayBe, Suspended};
pub use named_parents::{NamedParent, Naming, WaitingParent};
pub use new_addresses::NewAddress;
pub use nodes::{AsOwner, Nodes, SettingsOfNode};
pub use one_person::{AlikeRecord, AlikeRecords, JoinedRecord};
pub use others_found::OthersFound;
pub use outbox::{
    About, Address, AddressLetter, Backlog, Channel, Delivery, EveningLetter, GuestLetter, Letter,
    Mail, MailKind, Moved, NamedBy, Queued, RegistrationLetter, SignInChange, Waiting,
};
pub use participants::{EveningSummary, Participant, Participants};
pub use personal_data::DataSubject;
pub use registration_letters::{RegistrationLetters, RegistrationPrint};
pub use registrations::{
    AllInvitable, AskedDetails, Invitable, KnownAccount, Registration, RegistrationState,
    SentRegistrations,
};
pub use restore::{CarriedOver, LastStanding};
pub use room_guests::RoomGuest;
pub use rooms::{Room, RoomDraft};
pub use said::{ChangedDetail, Detail, Keep};
pub use said_names::{NameStanding, SaidName};
pub use school::{Actor, Holder};
pub use schools::School;
pub use second_factors::{
    By, MOST_PASSKEYS, NewPasskey, Outcome as FactorOutcome, Passkey, SecondFactor, Shown, Tried,
};
pub use set_up::{AccountOfLink, digest};
pub use sole::Sole;
pub use staff::{NewStaff, SignedIn, StaffAccount};
pub use stops::{NewStop, StopState, StoppedCall};
pub use store::{Options, Place, Store};
pub use students::{Among, NewStudent, Student, StudentContact, StudentLists, StudentPage};
pub use teachers::{NewTeacher, Teacher};
pub use trial::Trial;
pub use turn::{Saving, Turn};
pub use undelivered::Undelivered;
pub use visits::CameBy;
pub use webhooks::{Hook, Subscribers, Webhook, WebhookBacklog, WebhookOutcome};
