//! Every endpoint once: its method and path, who may ask, what goes in and what comes out.

use axum::routing::{delete, get, post, put};
use axum::{Extension, Router};
use serde_json::Value;
use wire::http::account::{
    Account, AccountClose, AccountHome, AccountLink, AddressConfirm, DetailsDraft, NameDraft,
    NameParent, NameParentRequest, NewAddressDraft, OpenRegistrations, OwnDetails, ParentNamed,
    Pupils, RegisterRequest, RegistrationAddress, RegistrationCheck, RegistrationLetters,
    RegistrationOffer, RegistrationProgress, RegistrationsDraft, RegistrationsSent,
};
use wire::http::alike::{AlikeRecords, JoinReport, OtherRecord};
use wire::http::areas::{
    AreaDraft, EndVisit, MessageCaller, OfficeArea, OfficeAreas, PassCaller, ProviderSays,
    StaffChangesRequest,
};
use wire::http::face::{AccentAnswer, AccentDraft, SchoolFace};
use wire::http::guests::{
    CallGuest, CallGuests, CallInviteRequest, CallResendRequest, StopRequest,
};
use wire::http::link::{HereRequest, LeaveRequest, VisitorLink, VisitorRequest};
use wire::http::office::{
    Approvals, AskedDecision, Attention, Audit, CancelEvening, Decided, Decision, EveningPeople,
    LinkShown, LiveView, Notices, OfficeAddressRequest, OfficeBookRequest, OfficeBookings,
    OfficeInvitation, OfficeInvitations, OfficeMoveRequest, ReplaceTeacher, Replaced, StoppedCalls,
};
use wire::http::openid::{OpenidAnswer, OpenidOffer, OpenidReturn, OpenidStart, OpenidStarted};
use wire::http::parent::{
    AddressRequest, AutoBookRequest, AutoBooked, BookRequest, BookingView, InvitationView,
    InviteRequest, Invited, MoveRequest, NoteRequest, ParentView, SlotsView,
};
use wire::http::passkey::{NewPasskey, PasskeyAsked, PasskeyDraft};
use wire::http::people::{
    Class, ClassDraft, Classes, ContactDraft, ContactPerson, CourtOrderDraft, DetailDecision,
    ImportReport, OrderDismissal, OrderTaken, PlaceDraft, Student, StudentDraft, StudentInvite,
    StudentLists, StudentSearch, Students, Teacher, TeacherDraft, Teachers, TellApart,
};
use wire::http::rooms::{
    EveningManagers, MemberDraft, Members, OfficeRoom, OfficeRooms, RoleDraft, RoomDraft,
    StaffHome, VisitSearch, Visits,
};
use wire::http::school::{
    BookingDoor, Evening, EveningDraft, Evenings, Queued, SchoolSettings, SchoolView,
};
use wire::http::second_factor::{
    NewSecondFactor, OwnPassword, RecoveryCodes, SecondFactor, SecondFactorDraft, ShownSecondFactor,
};
use wire::http::session::{LostPassword, SetupCheck, SetupOffer, SetupRequest, SignIn, Staff};
use wire::http::system::{ImportFolder, InformationSystem, SystemDraft, SystemRunRequest};
use wire::http::teacher::TeacherView;
use wire::http::{
    Changes, ChangesRequest, LinkRequest, LinkView, LostLinkRequest, NetworkTest, TicketGranted,
    TicketRequest,
};

use super::ask::Shared;
use super::office::{
    alike, areas, audit, bookings, contacts, data, evenings, face, import, live, notices, people,
    registrations, roles, rooms, session, stopped, students, system,
};
use super::openapi::{Data, Document, No, Picture, Text, Who};
use super::{
    account, callers, guests, hats, here, invitations, links, lost_link, lost_password,
    new_address, office, openapi, openid, parent, passkeys, register, second_factor, staff, stop,
    teacher, visitors,
};

/// Builds the router and the description from one table.
macro_rules! endpoints {
    ($($who:ident $method:ident $path:literal, $request:ty => $answer:ty, $handler:path;)+) => {
        fn described(document: Document) -> Document {
            document$(
                .endpoint::<$request, $answer>(Who::$who, stringify!($method), $path)
            )+
        }

        /// Every endpoint.
        pub(crate) fn routes() -> Router<Shared> {
            Router::new()
                $(.route(
                    concat!("/api/v1", $path),
                    $method($handler).route_layer(Extension(Who::$who)),
                ))+
                .route("/api/v1/openapi.json", get(openapi::serve))
        }
    };
}

endpoints! {
    Link post "/links/{id}", LinkRequest => LinkView, links::link;
    Link post "/links/{id}/tickets", TicketRequest => TicketGranted, links::ticket;
    Link post "/links/{id}/network", LinkRequest => NetworkTest, links::network;
    Link post "/links/{id}/changes", ChangesRequest => Changes, links::changes;
    Link post "/links/{id}/parent", LinkRequest => ParentView, parent::page;
    Link post "/links/{id}/slots", LinkRequest => SlotsView, parent::slots;
    Link post "/links/{id}/bookings", BookRequest => BookingView, parent::book;
    Link post "/links/{id}/bookings/automatic", AutoBookRequest => AutoBooked, parent::book_automatically;
    Link post "/links/{id}/bookings/{booking}/move", MoveRequest => BookingView, parent::move_booking;
    Link post "/links/{id}/bookings/{booking}/cancel", LinkRequest => No, parent::cancel;
    Link post "/links/{id}/bookings/{booking}/note", NoteRequest => BookingView, parent::note;
    Link post "/links/{id}/invitations", InviteRequest => Invited, invitations::invite;
    Link post "/links/{id}/invitations/{invitation}/resend", LinkRequest => InvitationView, invitations::resend;
    Link post "/links/{id}/invitations/{invitation}/remove", LinkRequest => No, invitations::remove;
    Link post "/links/{id}/invitations/{invitation}/address", AddressRequest => Invited, invitations::change_address;
    Link post "/links/{id}/confirmation", LinkRequest => No, parent::confirmation;
    Link post "/links/{id}/visitors", VisitorRequest => VisitorLink, visitors::come;
    Link post "/links/{id}/meetings/{meeting}/guests", LinkRequest => CallGuests, guests::list;
    Link post "/links/{id}/meetings/{meeting}/guests/invite", CallInviteRequest => CallGuest, guests::invite;
    Link post "/links/{id}/meetings/{meeting}/guests/{guest}/resend", CallResendRequest => CallGuest, guests::resend;
    Link post "/links/{id}/meetings/{meeting}/guests/{guest}/remove", LinkRequest => No, guests::remove;
    Link post "/links/{id}/meetings/{meeting}/stop", StopRequest => No, stop::stop;
    Link post "/links/{id}/leave", LeaveRequest => No, callers::leave;
    Link post "/links/{id}/here", HereRequest => No, here::say;
    Link post "/links/{id}/teacher", LinkRequest => TeacherView, teacher::page;
    Link post "/links/{id}/teacher/{booking}/note", NoteRequest => No, teacher::note;

    Anybody post "/lost-link", LostLinkRequest => No, lost_link::send_again;
    Anybody get "/school", No => SchoolView, session::school;
    Anybody post "/setup/check", SetupCheck => SetupOffer, session::check_set_up;
    Anybody post "/setup", SetupRequest => Staff, session::set_up;
    Anybody post "/session", SignIn => Staff, session::sign_in;
    Anybody post "/session/passkey", SignIn => PasskeyAsked, session::ask_passkey;
    Anybody get "/openid", No => OpenidOffer, openid::offer;
    Anybody post "/openid/start", OpenidStart => OpenidStarted, openid::start;
    Anybody post "/openid/session", OpenidReturn => OpenidAnswer, openid::end;
    Anybody post "/lost-password", LostPassword => No, lost_password::send;
    Anybody post "/register/check", RegistrationCheck => RegistrationOffer, register::check;
    Anybody post "/register/address", RegistrationAddress => No, register::address;
    Anybody post "/register", RegisterRequest => Account, register::register;
    Anybody post "/register/details", DetailsDraft => RegistrationOffer, register::details;
    Anybody post "/register/parents", NameParentRequest => ParentNamed, register::name_parent;
    Anybody post "/account/session", SignIn => Account, account::sign_in;
    Anybody post "/account/lost", LostPassword => No, account::lost;
    Anybody post "/account/link", AccountLink => Account, account::by_link;
    Account get "/account/session", No => Account, account::who;
    Account delete "/account/session", No => No, account::sign_out;
    Account get "/account", No => AccountHome, account::home;
    Account post "/account/contacts/{contact}/evenings/{evening}", No => LinkShown, account::evening;
    Account post "/account/contacts/{contact}/parents", NameParent => ParentNamed, account::name_parent;
    Account put "/account/contacts/{contact}/details", OwnDetails => No, account::details;
    Account put "/account/contacts/{contact}/name", NameDraft => No, account::name;
    Account post "/account/contacts/{contact}/name/withdraw", NameDraft => No, account::withdraw_name;
    Account put "/account/address", NewAddressDraft => No, new_address::ask;
    Account post "/account/address/resend", No => No, new_address::resend;
    Account delete "/account/address", No => No, new_address::withdraw;
    Account post "/account/address/confirm", AddressConfirm => Account, new_address::confirm;
    Account post "/account/close", AccountClose => No, account::close;
    Account post "/account/hat", No => No, hats::make_as_parent;
    Account delete "/account/hat", No => No, hats::unmake_as_parent;
    Staff get "/session", No => Staff, session::who;
    Staff delete "/session", No => No, session::sign_out;
    Staff get "/staff", No => StaffHome, staff::home;
    Staff get "/staff/second-factor", No => SecondFactor, second_factor::view;
    Staff put "/staff/second-factor", SecondFactorDraft => RecoveryCodes, second_factor::add;
    Staff post "/staff/second-factor/new", No => NewSecondFactor, second_factor::new;
    Staff post "/staff/second-factor/passkeys/new", OwnPassword => NewPasskey, passkeys::new;
    Staff post "/staff/second-factor/passkeys", PasskeyDraft => RecoveryCodes, passkeys::add;
    Staff post "/staff/second-factor/passkeys/ask", No => PasskeyAsked, passkeys::ask;
    Staff post "/staff/second-factor/passkeys/{passkey}/remove", ShownSecondFactor => No, passkeys::remove;
    Staff post "/staff/second-factor/codes", ShownSecondFactor => RecoveryCodes, second_factor::renew_codes;
    Staff post "/staff/second-factor/remove", ShownSecondFactor => No, second_factor::remove;
    Staff post "/staff/hat", No => No, hats::make_as_staff;
    Staff delete "/staff/hat", No => No, hats::unmake_as_staff;
    Staff post "/staff/changes", StaffChangesRequest => Changes, callers::changes;
    Staff post "/staff/rooms/{room}/enter", No => LinkShown, staff::enter;
    Staff post "/staff/areas/{area}/state", ProviderSays => No, callers::say;
    Staff post "/staff/areas/{area}/message", MessageCaller => No, callers::message_all;
    Staff post "/staff/areas/{area}/end", EndVisit => No, callers::end_all;
    Staff post "/staff/areas/{area}/callers/{caller}/aside", No => No, callers::set_aside;
    Staff post "/staff/areas/{area}/callers/{caller}/take", No => LinkShown, callers::take;
    Staff post "/staff/areas/{area}/callers/{caller}/add", No => No, callers::add;
    Staff post "/staff/areas/{area}/callers/{caller}/back", No => No, callers::back;
    Staff post "/staff/areas/{area}/callers/{caller}/message", MessageCaller => No, callers::message;
    Staff post "/staff/areas/{area}/callers/{caller}/pass", PassCaller => No, callers::pass;
    Staff post "/staff/areas/{area}/callers/{caller}/end", EndVisit => No, callers::end;

    Office get "/school/settings", No => SchoolSettings, evenings::settings;
    Office put "/school/settings", SchoolSettings => SchoolSettings, evenings::change_settings;
    Office get "/school/face", No => SchoolFace, face::face;
    Office put "/school/accent", AccentDraft => AccentAnswer, face::change_accent;
    Office put "/school/logo", Picture => SchoolFace, face::change_logo;
    Office delete "/school/logo", No => No, face::remove_logo;
    Look get "/evenings", No => Evenings, evenings::list;
    Office post "/evenings", EveningDraft => Evening, evenings::create;
    Look get "/evenings/{evening}", No => Evening, evenings::one;
    Office get "/evenings/{evening}/managers", No => EveningManagers, roles::managers;
    Office put "/evenings/{evening}/managers", EveningManagers => EveningManagers, roles::change_managers;
    Office put "/evenings/{evening}", EveningDraft => Evening, evenings::change;
    Evening put "/evenings/{evening}/booking", BookingDoor => Evening, evenings::booking;
    Office post "/evenings/{evening}/cancel", CancelEvening => Evening, evenings::cancel;
    Evening post "/evenings/{evening}/teachers/{teacher}/replace", ReplaceTeacher => Replaced, evenings::replace_teacher;
    Evening post "/evenings/{evening}/confirmations", No => Queued, office::links::confirmations;
    Evening post "/evenings/{evening}/teacher-links", No => Queued, office::links::teacher_links;
    Evening get "/evenings/{evening}/links", No => EveningPeople, office::links::people;
    Office post "/evenings/{evening}/teachers/{teacher}/link", No => LinkShown, office::links::teacher_link;
    Office post "/evenings/{evening}/parents/{contact}/link", No => LinkShown, office::links::parent_link;
    Evening post "/evenings/{evening}/teachers/{teacher}/resend", No => Queued, office::links::resend_to_teacher;
    Evening post "/evenings/{evening}/parents/{contact}/resend", No => Queued, office::links::resend_to_parent;
    Evening get "/evenings/{evening}/parents/{contact}", No => ParentView, bookings::page;
    Evening get "/evenings/{evening}/parents/{contact}/slots", No => SlotsView, bookings::slots;
    Evening post "/evenings/{evening}/parents/{contact}/bookings", OfficeBookRequest => BookingView, bookings::book;
    Evening post "/evenings/{evening}/parents/{contact}/bookings/{booking}/move", OfficeMoveRequest => BookingView, bookings::move_booking;
    Evening delete "/evenings/{evening}/parents/{contact}/bookings/{booking}", No => No, bookings::cancel;
    Evening get "/evenings/{evening}/teachers/{teacher}", No => TeacherView, people::teacher_evening;
    Look get "/evenings/{evening}/bookings", No => OfficeBookings, live::bookings;
    Look get "/evenings/{evening}/live", No => LiveView, live::live;
    Office get "/evenings/{evening}/invitations", No => OfficeInvitations, office::invitations::list;
    Office post "/invitations/{invitation}/resend", No => OfficeInvitation, office::invitations::resend;
    Office post "/invitations/{invitation}/address", OfficeAddressRequest => OfficeInvitation, office::invitations::change_address;
    Office delete "/invitations/{invitation}", No => No, office::invitations::remove;
    Office post "/invitations/{invitation}/erase", No => No, office::invitations::erase;
    Office get "/attention", No => Attention, office::invitations::attention;
    Office get "/notices", No => Notices, notices::list;
    Office get "/approvals", No => Approvals, office::invitations::approvals;
    Office post "/approvals/{approval}", Decision => Decided, office::invitations::decide;
    Office post "/orders/dismiss", OrderDismissal => No, office::invitations::dismiss_order;
    Office get "/stopped", No => StoppedCalls, stopped::list;
    Office post "/stopped/{stop}/keep", No => No, stopped::keep;
    Office post "/stopped/{stop}/let-back", No => No, stopped::let_back;
    Office post "/asked/{booking}", AskedDecision => No, evenings::decide;
    Evening get "/teachers", No => Teachers, people::teachers;
    Office post "/teachers", TeacherDraft => Teacher, people::add_teacher;
    Office put "/teachers/{teacher}", TeacherDraft => Teacher, people::change_teacher;
    Office put "/teachers/{teacher}/place", PlaceDraft => Teachers, people::place_teacher;
    Office delete "/teachers/{teacher}", No => No, people::remove_teacher;
    Office post "/teachers/{teacher}/back", No => Teachers, import::teacher_back;
    Office post "/teachers/{teacher}/erase", No => No, import::erase_teacher;
    Office get "/classes", No => Classes, people::classes;
    Office post "/classes", ClassDraft => Class, people::add_class;
    Office put "/classes/{class}", ClassDraft => Class, people::change_class;
    Office delete "/classes/{class}", No => No, people::remove_class;
    Office post "/registrations/search", StudentSearch => Pupils, registrations::search;
    Office get "/registrations/open", No => OpenRegistrations, registrations::open;
    Office get "/registrations/progress", No => RegistrationProgress, registrations::progress;
    Office post "/registrations", RegistrationsDraft => RegistrationsSent, registrations::send;
    Office post "/registrations/letters", RegistrationsDraft => RegistrationLetters, registrations::letters;
    Office get "/student-lists", No => StudentLists, students::lists;
    Office post "/students/search", StudentSearch => Students, students::search;
    Office post "/students", StudentDraft => Student, students::add;
    Office get "/students/{student}", No => Student, students::one;
    Office put "/students/{student}", StudentDraft => Student, students::change;
    Office post "/students/{student}/invite", StudentInvite => Student, students::invite;
    Office post "/contacts", ContactDraft => ContactPerson, contacts::add;
    Office get "/contacts/{contact}", No => ContactPerson, contacts::one;
    Office put "/contacts/{contact}", ContactDraft => ContactPerson, contacts::change;
    Office get "/contacts/{contact}/data", No => Data, data::contact;
    Office get "/students/{student}/data", No => Data, data::student;
    Office get "/teachers/{teacher}/data", No => Data, data::teacher;
    Owner get "/members/{member}/data", No => Data, data::member;
    Office get "/invitations/{invitation}/data", No => Data, data::guest;
    Office get "/visits/{visit}/data", No => Data, data::visitor;
    Office put "/contacts/{contact}/court-order", CourtOrderDraft => OrderTaken, contacts::court_order;
    Office post "/contacts/{contact}/tell-apart", TellApart => ContactPerson, contacts::tell_apart;
    Office post "/contacts/{contact}/decide", DetailDecision => No, contacts::decide;
    Office get "/alike", No => AlikeRecords, alike::list;
    Office post "/contacts/{contact}/join", OtherRecord => JoinReport, alike::join;
    Office post "/contacts/{contact}/join/preview", OtherRecord => JoinReport, alike::preview;
    Office post "/contacts/{contact}/part", OtherRecord => No, alike::part;
    Office post "/contacts/{contact}/other-person", OtherRecord => No, alike::other_person;
    Office post "/students/{student}/back", No => Student, import::student_back;
    Office post "/contacts/{contact}/back", No => ContactPerson, import::contact_back;
    Office post "/students/{student}/erase", No => No, import::erase_student;
    Office post "/contacts/{contact}/erase", No => No, import::erase_contact;
    Office post "/import/students", Text => ImportReport, import::students;
    Office get "/system", No => InformationSystem, system::system;
    Office put "/system", SystemDraft => InformationSystem, system::connect;
    Office delete "/system", No => No, system::disconnect;
    Office post "/system/run", SystemRunRequest => InformationSystem, system::run;
    Office get "/system/report", No => ImportReport, system::report;
    Office get "/system/folder", No => ImportFolder, system::folder;
    Office post "/system/folder/run", SystemRunRequest => ImportFolder, system::run_folder;
    Office get "/system/folder/report", No => ImportReport, system::folder_report;
    Office get "/members", No => Members, roles::members;
    Owner post "/members", MemberDraft => LinkShown, roles::add_member;
    Owner put "/members/{member}/role", RoleDraft => No, roles::change;
    Owner delete "/members/{member}", No => No, roles::remove_member;
    Owner post "/members/{member}/erase", No => No, roles::erase_member;
    Owner delete "/members/{member}/identity", No => No, openid::unbind;
    Owner post "/members/{member}/second-factor/remove", OwnPassword => LinkShown, second_factor::take_away;
    Office get "/rooms", No => OfficeRooms, rooms::list;
    Office post "/rooms", RoomDraft => OfficeRoom, rooms::add;
    Office put "/rooms/{room}", RoomDraft => OfficeRoom, rooms::change;
    Office post "/rooms/{room}/link", No => OfficeRoom, rooms::renew_link;
    Office post "/rooms/{room}/close", No => OfficeRoom, rooms::close;
    Office post "/rooms/{room}/reopen", No => OfficeRoom, rooms::reopen;
    Office get "/areas", No => OfficeAreas, areas::list;
    Office post "/areas", AreaDraft => OfficeArea, areas::add;
    Office put "/areas/{area}", AreaDraft => OfficeArea, areas::change;
    Office post "/areas/{area}/link", No => OfficeArea, areas::renew_link;
    Office post "/visits/search", VisitSearch => Visits, office::visits::search;
    Office post "/visits/{visit}/erase", No => No, office::visits::erase;
    Office get "/audit", No => Audit, audit::list;
    Office get "/audit.csv", No => Text, audit::csv;
}

/// The description of all of them.
pub(super) fn document() -> Value {
    described(Document::new()).finish()
}
