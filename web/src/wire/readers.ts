// Generated from crates/wire by `scripts/generate`. Do not edit.

import type {
  Outcome,
  Phase,
  Appointment,
  BookingView,
  Unmet,
  AutoBooked,
  CallGuestState,
  CallGuest,
  CallGuests,
  Changes,
  InvitationState,
  InvitationView,
  Invited,
  AreaProvider,
  VisitStage,
  Visit,
  AreaView,
  Contact,
  EveningView,
  SchoolState,
  Expected,
  Role,
  Other,
  RoomField,
  RoomView,
  LinkView,
  RelayAccess,
  NetworkTest,
  Booking,
  DeclinedView,
  Wording,
  InvitationsView,
  ClassView,
  StudentView,
  ParentView,
  ProblemCode,
  FieldCode,
  FieldError,
  Problem,
  SchoolView,
  CallInfo,
  Clock,
  Sends,
  Person,
  Power,
  Session,
  Knocker,
  PictureKind,
  Picture,
  Notice,
  RefusedCode,
  GoodbyeReason,
  ServerMessage,
  SlotState,
  SlotView,
  ClassSlots,
  SlotsView,
  Presence,
  Present,
  TeacherAppointment,
  TeacherView,
  TicketGranted,
  VisitorLink,
} from "./messages";
import {
  type Read,
  count,
  flag,
  instant,
  listOf,
  oneOf,
  optional,
  orElse,
  shaped,
  tagged,
  text,
} from "./read";
import {
  webAddress,
} from "./read-office";

export const readOutcome: Read<Outcome> = oneOf(["held", "missed_by_family", "missed_by_school"]);

export const readPhase: Read<Phase> = oneOf(["upcoming", "now", "over"]);

export const readAppointment: Read<Appointment> = shaped<Appointment>({
  ends: instant,
  id: text,
  joinable: flag,
  meeting: text,
  opens: instant,
  outcome: optional(readOutcome),
  phase: readPhase,
  starts: instant,
  student: text,
  subject: text,
  teachers: listOf(text),
});

export const readBookingView: Read<BookingView> = shaped<BookingView>({
  appointment: readAppointment,
  class: text,
  note: text,
  student: text,
});

export const readUnmet: Read<Unmet> = shaped<Unmet>({
  class: text,
  reason: text,
  student: text,
});

export const readAutoBooked: Read<AutoBooked> = shaped<AutoBooked>({
  booked: listOf(readBookingView),
  unmet: listOf(readUnmet),
});

export const readCallGuestState: Read<CallGuestState> = oneOf(["invited", "sending", "sent", "delivered", "bounced", "joined"]);

export const readCallGuest: Read<CallGuest> = shaped<CallGuest>({
  email: optional(text),
  id: text,
  mobile: optional(text),
  name: optional(text),
  state: readCallGuestState,
  url: optional(webAddress),
});

export const readCallGuests: Read<CallGuests> = shaped<CallGuests>({
  guests: listOf(readCallGuest),
  texts: optional(flag),
});

export const readChanges: Read<Changes> = tagged<Changes>({
  nothing: {
    seen: text,
  },
  changed: {
    seen: text,
  },
  withdrawn: {},
});

export const readInvitationState: Read<InvitationState> = oneOf(["needs_approval", "sending", "sent", "delivered", "bounced", "joined"]);

export const readInvitationView: Read<InvitationView> = shaped<InvitationView>({
  email: text,
  id: text,
  name: text,
  sent: instant,
  state: readInvitationState,
  students: listOf(text),
});

export const readInvited: Read<Invited> = tagged<Invited>({
  sent: {
    invitation: readInvitationView,
  },
  needs_approval: {},
});

export const readAreaProvider: Read<AreaProvider> = shaped<AreaProvider>({
  away_until: optional(text),
  busy: optional(flag),
  late_minutes: optional(count),
  name: text,
});

export const readVisitStage: Read<VisitStage> = oneOf(["waiting", "called", "joined", "ended", "left"]);

export const readVisit: Read<Visit> = shaped<Visit>({
  message: text,
  place: optional(count),
  stage: readVisitStage,
  word: text,
});

export const readAreaView: Read<AreaView> = shaped<AreaView>({
  asks_reason: optional(flag),
  closed: optional(flag),
  opens: optional(text),
  providers: optional(listOf(readAreaProvider)),
  purpose: text,
  school: text,
  time_zone: text,
  visit: optional(readVisit),
  waited_minutes: optional(count),
});

export const readContact: Read<Contact> = shaped<Contact>({
  email: text,
  phone: text,
});

export const readEveningView: Read<EveningView> = shaped<EveningView>({
  cancelled: optional(text),
  date: text,
  ends: instant,
  is_over: optional(flag),
  name: text,
  school: text,
  starts: instant,
  time_zone: text,
});

export const readSchoolState: Read<SchoolState> = oneOf(["there", "with_others", "away"]);

export const readExpected: Read<Expected> = shaped<Expected>({
  before: optional(count),
  is_here: optional(flag),
  late_ms: count,
  meeting: text,
  school: readSchoolState,
});

export const readRole: Read<Role> = oneOf(["teacher", "parent", "guest", "member"]);

export const readOther: Read<Other> = shaped<Other>({
  name: text,
  role: readRole,
});

export const readRoomField: Read<RoomField> = oneOf(["email", "mobile", "reason"]);

export const readRoomView: Read<RoomView> = shaped<RoomView>({
  asks: optional(listOf(readRoomField)),
  opens: optional(text),
  school: text,
  time_zone: optional(text),
  url: optional(webAddress),
});

export const readLinkView: Read<LinkView> = shaped<LinkView>({
  appointments: listOf(readAppointment),
  area: optional(readAreaView),
  asks_name: optional(flag),
  contact: optional(readContact),
  evening: optional(readEveningView),
  expected: optional(readExpected),
  in_use: flag,
  invited_by: optional(text),
  language: optional(text),
  name: text,
  others: listOf(readOther),
  role: readRole,
  room: optional(readRoomView),
  rules: optional(count),
  seen: text,
  title: text,
});

export const readRelayAccess: Read<RelayAccess> = shaped<RelayAccess>({
  credential: text,
  urls: listOf(text),
  username: text,
});

export const readNetworkTest: Read<NetworkTest> = shaped<NetworkTest>({
  relay: optional(readRelayAccess),
});

export const readBooking: Read<Booking> = oneOf(["not_open", "open", "closed", "cancelled"]);

export const readDeclinedView: Read<DeclinedView> = shaped<DeclinedView>({
  name: text,
  reason: text,
});

export const readWording: Read<Wording> = shaped<Wording>({
  text: text,
  version: text,
});

export const readInvitationsView: Read<InvitationsView> = shaped<InvitationsView>({
  declined: optional(listOf(readDeclinedView)),
  left: listOf(text),
  sent: listOf(readInvitationView),
  wording: readWording,
});

export const readClassView: Read<ClassView> = shaped<ClassView>({
  booked: optional(text),
  id: text,
  subject: text,
  teachers: listOf(text),
});

export const readStudentView: Read<StudentView> = shaped<StudentView>({
  classes: listOf(readClassView),
  id: text,
  name: text,
});

export const readParentView: Read<ParentView> = shaped<ParentView>({
  booking: readBooking,
  booking_closes: optional(instant),
  booking_opens: optional(instant),
  bookings: listOf(readBookingView),
  contact: optional(readContact),
  evening: readEveningView,
  invitations: readInvitationsView,
  name: text,
  seen: text,
  students: listOf(readStudentView),
});

export const readProblemCode: Read<ProblemCode> = oneOf(["no_such_link", "link_withdrawn", "bad_request", "too_many", "too_many_emails", "swapped_too_often", "unavailable", "not_found", "not_signed_in", "wrong_password", "bad_csrf", "too_large", "invalid", "too_early", "over", "slot_taken", "parent_busy", "already_booked", "booking_not_open", "booking_closed", "no_such_slot", "slot_over", "evening_over", "evening_cancelled", "busy_elsewhere", "records_clash", "joined_too_long", "teacher_away", "invitation_removed", "consent_missing", "wording_outdated", "already_invited", "too_many_teachers", "has_appointments", "takes_classes", "needs_approval", "times_are_booked", "times_over", "set_up_done", "email_taken", "unreadable_file", "court_order_stands", "changed_meanwhile", "visit_over", "call_stopped", "kept_out", "stop_stands", "nobody_there", "room_crowded", "texts_spent", "invites_spent", "school_invites", "parents_spent", "area_crowded", "area_closed", "caller_taken", "caller_gone", "has_caller", "not_in_call", "call_full", "decided_already", "rules_not_accepted", "code_needed", "wrong_code", "code_unreadable", "codes_stopped"]);

export const readFieldCode: Read<FieldCode> = oneOf(["name_missing", "name_too_long", "text_too_long", "last_account", "own_account", "text_not_plain", "note_too_long", "note_not_plain", "email_missing", "email_invalid", "mobile_missing", "mobile_invalid", "not_mobile", "mobile_elsewhere", "texts_off", "password_too_short", "password_too_long", "password_guessable", "zone_unknown", "ends_before_start", "time_skipped", "date_past", "date_too_far", "date_invalid", "time_invalid", "closes_past", "slot_length", "gap_length", "no_slot_fits", "no_teacher", "teacher_twice", "no_member", "reason_missing", "limit_length", "no_day", "students_missing", "retention", "source_taken", "consent_missing", "wording_outdated"]);

export const readFieldError: Read<FieldError> = shaped<FieldError>({
  code: readFieldCode,
  field: text,
  reason: text,
});

export const readProblem: Read<Problem> = shaped<Problem>({
  code: readProblemCode,
  fields: optional(listOf(readFieldError)),
  retry_after_ms: optional(count),
  status: count,
  title: text,
});

export const readSchoolView: Read<SchoolView> = shaped<SchoolView>({
  contact: optional(readContact),
  is_set_up: flag,
  name: text,
});

export const readCallInfo: Read<CallInfo> = shaped<CallInfo>({
  cap: count,
  meeting: optional(text),
  title: text,
});

export const readClock: Read<Clock> = shaped<Clock>({
  begins_in_ms: count,
  ends_in_ms: count,
  may_be_longer: flag,
});

export const readSends: Read<Sends> = shaped<Sends>({
  camera: orElse(flag, false),
  microphone: orElse(flag, false),
  screen: orElse(flag, false),
});

export const readPerson: Read<Person> = shaped<Person>({
  may_disconnect: optional(flag),
  may_hold: optional(flag),
  name: text,
  on_hold: optional(flag),
  participant: count,
  reconnecting: flag,
  role: readRole,
  sends: readSends,
  slot: optional(count),
});

export const readPower: Read<Power> = oneOf(["admit", "disconnect", "mute", "invite", "extend", "blur", "stop"]);

export const readSession: Read<Session> = shaped<Session>({
  epoch: count,
  grace_ms: count,
  heartbeat_ms: count,
  id: text,
  secret: text,
});

export const readKnocker: Read<Knocker> = shaped<Knocker>({
  name: text,
  participant: count,
});

export const readPictureKind: Read<PictureKind> = oneOf(["camera", "screen"]);

export const readPicture: Read<Picture> = shaped<Picture>({
  kind: readPictureKind,
  slot: count,
});

export const readNotice: Read<Notice> = tagged<Notice>({
  link_contested: {
    participant: count,
  },
  connection_gone: {
    relay: optional(readRelayAccess),
  },
  minute_added: {
    participant: count,
  },
  time_given_back: {
    by_ms: count,
  },
  muted: {
    participant: count,
  },
});

export const readRefusedCode: Read<RefusedCode> = oneOf(["bad_offer", "not_seated", "too_fast", "not_allowed", "no_room", "bad_text"]);

export const readGoodbyeReason: Read<GoodbyeReason> = oneOf(["replaced", "withdrawn", "disconnected", "left", "ended", "time_up", "turned_away", "nobody_came", "stopped", "shutdown"]);

export const readServerMessage: Read<ServerMessage> = tagged<ServerMessage>({
  joined: {
    answer: optional(text),
    call: readCallInfo,
    clock: optional(readClock),
    people: listOf(readPerson),
    powers: optional(listOf(readPower)),
    session: readSession,
    you: count,
  },
  prepared: {
    answer: text,
    heartbeat_ms: count,
    kept_ms: count,
  },
  queued: {
    active: count,
    call: readCallInfo,
    knocks: optional(flag),
    place: count,
    session: readSession,
  },
  knocking: {
    people: listOf(readKnocker),
  },
  countdown: {
    ends_in_ms: optional(count),
  },
  people: {
    people: listOf(readPerson),
  },
  speaking: {
    speaking: listOf(count),
  },
  paused: {
    paused: listOf(readPicture),
  },
  watched: {
    layers: count,
  },
  clock: {
    clock: optional(readClock),
  },
  chat: {
    participant: count,
    text: text,
  },
  answer: {
    answer: text,
  },
  notice: {
    notice: readNotice,
  },
  refused: {
    code: readRefusedCode,
    detail: text,
  },
  pong: {
    n: count,
  },
  goodbye: {
    reason: readGoodbyeReason,
  },
});

export const readSlotState: Read<SlotState> = oneOf(["free", "clash", "yours", "taken", "talk_goes_on", "past"]);

export const readSlotView: Read<SlotView> = shaped<SlotView>({
  ends: instant,
  starts: instant,
  state: readSlotState,
});

export const readClassSlots: Read<ClassSlots> = shaped<ClassSlots>({
  class: text,
  slots: listOf(readSlotView),
  student: text,
});

export const readSlotsView: Read<SlotsView> = shaped<SlotsView>({
  slots: listOf(readClassSlots),
});

export const readPresence: Read<Presence> = oneOf(["seated", "reconnecting", "waiting", "here"]);

export const readPresent: Read<Present> = shaped<Present>({
  name: text,
  role: readRole,
  state: readPresence,
});

export const readTeacherAppointment: Read<TeacherAppointment> = shaped<TeacherAppointment>({
  appointment: readAppointment,
  guest: optional(text),
  note: text,
  own_note: optional(text),
  parent: text,
  present: listOf(readPresent),
});

export const readTeacherView: Read<TeacherView> = shaped<TeacherView>({
  appointments: listOf(readTeacherAppointment),
  contact: optional(readContact),
  evening: readEveningView,
  late_ms: optional(count),
  name: text,
  next: optional(text),
  seen: text,
});

export const readTicketGranted: Read<TicketGranted> = shaped<TicketGranted>({
  expires_in_ms: count,
  relay: optional(readRelayAccess),
  ticket: text,
});

export const readVisitorLink: Read<VisitorLink> = shaped<VisitorLink>({
  path: text,
});
