// Generated from crates/wire by `scripts/generate`. Do not edit.

export type ClientMessage = { "type": "join", 
/**
 * The single-use ticket from `POST /api/v1/links/{id}/tickets`.
 */
ticket: string, 
/**
 * The one SDP offer of this connection, in the layout PROTOCOL.md describes.
 */
offer: string, 
/**
 * What the person sends from the start.
 */
sends: Sends, } | { "type": "prepare", 
/**
 * A ticket, as for `join`. The press that it was given for comes with `enter`.
 */
ticket: string, 
/**
 * The one SDP offer of this connection, in the layout PROTOCOL.md describes.
 */
offer: string, } | { "type": "enter", 
/**
 * What the person sends from the start.
 */
sends: Sends, 
/**
 * The version of the ground rules that stood beside Join, as in `TicketRequest` (SCR-15).
 */
accepts_rules?: number, } | { "type": "next", 
/**
 * A ticket for what comes next, as for `prepare`. The newest counts.
 */
ticket: string, } | { "type": "resume", 
/**
 * The session to continue.
 */
session: string, 
/**
 * Its resume secret, from `joined` or `queued`.
 */
secret: string, 
/**
 * Its epoch, from the same message. A lower one than the server's is answered `replaced`.
 */
epoch: number, 
/**
 * A new offer where the peer connection is new (a reload); absent where the old peer
 * connection still lives and only the socket is new.
 */
offer?: string, 
/**
 * What the person sends now.
 */
sends: Sends, } | { "type": "offer", 
/**
 * The SDP offer.
 */
offer: string, } | { "type": "sends", 
/**
 * Microphone, camera and screen.
 */
sends: Sends, } | { "type": "view", 
/**
 * By slot; slots left out count as not seen.
 */
slots: Array<Shown>, } | { "type": "add_minute", } | { "type": "write", 
/**
 * What.
 */
text: string, } | { "type": "mute", 
/**
 * Whom.
 */
participant: number, } | { "type": "let_in", 
/**
 * Whom.
 */
participants: Array<number>, } | { "type": "turn_away", 
/**
 * Whom.
 */
participants: Array<number>, } | { "type": "disconnect", 
/**
 * Whom.
 */
participant: number, } | { "type": "hold", 
/**
 * Whom.
 */
participant: number, 
/**
 * Whether they are on hold from now on.
 */
on_hold: boolean, } | { "type": "leave", } | { "type": "ping", 
/**
 * Returned unchanged.
 */
n: number, };

export type ServerMessage = { "type": "joined", 
/**
 * What the browser needs to come back.
 */
session: Session, 
/**
 * The call.
 */
call: CallInfo, 
/**
 * The participant number of the reader in `people`.
 */
you: number, 
/**
 * What the reader may do in the call that not everybody may.
 */
powers?: Array<Power>, 
/**
 * The SDP answer to the offer last sent; absent after a `resume` without an offer.
 */
answer?: string, 
/**
 * Everybody who holds a seat, the reader included.
 */
people: Array<Person>, 
/**
 * The clock of the talk, where it has its hours.
 */
clock?: Clock, } | { "type": "prepared", 
/**
 * The SDP answer. It tells nothing of who is in the call.
 */
answer: string, 
/**
 * How often to send `ping`, milliseconds.
 */
heartbeat_ms: number, 
/**
 * How long it is kept ready, milliseconds; then the socket closes with `unused`.
 */
kept_ms: number, } | { "type": "queued", 
/**
 * What the browser needs to come back.
 */
session: Session, 
/**
 * The call.
 */
call: CallInfo, 
/**
 * Place in the queue; 1 is next. Those who knock are counted among themselves.
 */
place: number, 
/**
 * How many hold a seat now.
 */
active: number, 
/**
 * Whether somebody is to let the reader in first.
 */
knocks?: boolean, } | { "type": "knocking", 
/**
 * In the order in which they came.
 */
people: Array<Knocker>, } | { "type": "countdown", 
/**
 * How long from now, milliseconds; absent where a member has come.
 */
ends_in_ms?: number, } | { "type": "people", 
/**
 * Everybody who holds a seat, the reader included.
 */
people: Array<Person>, } | { "type": "speaking", 
/**
 * Participant numbers.
 */
speaking: Array<number>, } | { "type": "paused", 
/**
 * All that are held back now.
 */
paused: Array<Picture>, } | { "type": "watched", 
/**
 * How many layers, counted from the smallest: 1 to 3.
 */
layers: number, } | { "type": "clock", 
/**
 * How it stands; nothing where the talk has an end no more.
 */
clock?: Clock, } | { "type": "chat", 
/**
 * Who.
 */
participant: number, 
/**
 * What.
 */
text: string, } | { "type": "answer", 
/**
 * The SDP answer.
 */
answer: string, } | { "type": "notice", 
/**
 * What it is about.
 */
notice: Notice, } | { "type": "refused", 
/**
 * Stable code.
 */
code: RefusedCode, 
/**
 * A sentence for a developer's console.
 */
detail: string, } | { "type": "pong", 
/**
 * As sent.
 */
n: number, } | { "type": "goodbye", 
/**
 * Why.
 */
reason: GoodbyeReason, } | { "type": "unknown", };

export type Session = { 
/**
 * The session's id.
 */
id: string, 
/**
 * The resume secret. It changes with every `resume`; the one before works until the first
 * message that follows on the new socket, then never again.
 */
secret: string, 
/**
 * The link's epoch that this session holds.
 */
epoch: number, 
/**
 * How often to send `ping`, milliseconds. A socket silent for two and a half times as long is
 * closed with `heartbeat_lost`.
 */
heartbeat_ms: number, 
/**
 * How long a lost socket keeps its seat or place, milliseconds.
 */
grace_ms: number, };

export type CallInfo = { 
/**
 * What to call it on the page.
 */
title: string, 
/**
 * The most people it seats.
 */
cap: number, 
/**
 * The meeting that it is held in: names that over HTTP.
 */
meeting?: string, };

export type Clock = { 
/**
 * How long until it begins, milliseconds; 0 once it has.
 */
begins_in_ms: number, 
/**
 * How long until it ends, milliseconds.
 */
ends_in_ms: number, 
/**
 * Whether a minute more fits before what its people have next.
 */
may_be_longer: boolean, };

export type Person = { 
/**
 * The participant number: the same person keeps it for the whole call, over every session.
 */
participant: number, 
/**
 * The name others see.
 */
name: string, 
/**
 * The role others see.
 */
role: Role, 
/**
 * The slot, 0 to 2, in which the reader receives this person; absent for the reader.
 */
slot?: number, 
/**
 * What they send.
 */
sends: Sends, 
/**
 * Whether their socket is lost and their seat kept.
 */
reconnecting: boolean, 
/**
 * Whether they are on hold: they hear and see nobody, and nobody hears or sees them.
 */
on_hold?: boolean, 
/**
 * Whether the reader may disconnect them.
 */
may_disconnect?: boolean, 
/**
 * Whether the reader may put them on hold.
 */
may_hold?: boolean, };

export type Knocker = { 
/**
 * The participant number.
 */
participant: number, 
/**
 * The name that they gave.
 */
name: string, };

export type Sends = { 
/**
 * The microphone is open.
 */
microphone: boolean, 
/**
 * The camera is on.
 */
camera: boolean, 
/**
 * A screen is shared.
 */
screen: boolean, };

export type Shown = { 
/**
 * The camera.
 */
camera: number, 
/**
 * The screen.
 */
screen: number, };

export type Picture = { 
/**
 * The slot, 0 to 2.
 */
slot: number, 
/**
 * Which of its pictures.
 */
kind: PictureKind, };

export type PictureKind = "camera" | "screen" | "unknown";

export type Role = "teacher" | "parent" | "guest" | "member" | "unknown";

export type Power = "admit" | "disconnect" | "mute" | "invite" | "extend" | "blur" | "stop" | "unknown";

export type Notice = { "type": "link_contested", 
/**
 * Whose link.
 */
participant: number, } | { "type": "connection_gone", 
/**
 * Credentials of the relay for it, where those of before are void too.
 */
relay?: RelayAccess, } | { "type": "minute_added", 
/**
 * Who.
 */
participant: number, } | { "type": "time_given_back", 
/**
 * How much, milliseconds.
 */
by_ms: number, } | { "type": "muted", 
/**
 * Who.
 */
participant: number, } | { "type": "unknown", };

export type RefusedCode = "bad_offer" | "not_seated" | "too_fast" | "not_allowed" | "no_room" | "bad_text" | "unknown";

export type GoodbyeReason = "replaced" | "withdrawn" | "disconnected" | "left" | "ended" | "time_up" | "turned_away" | "nobody_came" | "stopped" | "shutdown" | "unknown";

export type Close = "bad_message" | "bad_ticket" | "no_session" | "replaced" | "withdrawn" | "disconnected" | "left" | "ended" | "shutdown" | "too_slow" | "heartbeat_lost" | "silent" | "too_many_joins" | "unavailable" | "time_up" | "unused" | "turned_away" | "nobody_came" | "stopped" | "too_big" | "failed";

export type ComeBack = "never" | "resume" | "press";

export type LinkRequest = { 
/**
 * The secret from the URL's fragment.
 */
secret: string, 
/**
 * The reader's time zone, by its IANA name, to `POST /api/v1/links/{id}` alone: later e-mails
 * say the reader's own times too (EVE-3). To be sent once a person has done something on the
 * page, never for opening it: programs that look at mail open pages too. Absent: as before.
 */
time_zone?: string, 
/**
 * The language of the page, a tag of BCP 47 such as `pl`, to `POST /api/v1/links/{id}` alone, and
 * as seldom as `time_zone`: `LinkView` tells it on other devices (SCR-9). Absent: as before.
 */
language?: string, };

export type LinkView = { 
/**
 * Whose link it is.
 */
name: string, 
/**
 * Their role.
 */
role: Role, 
/**
 * What it admits to now or next: an appointment, or the evening where there is none.
 */
title: string, 
/**
 * Who else may be in that appointment's call, by name and role; a guest sees its teachers.
 */
others: Array<Other>, 
/**
 * Whether a session of this link is live now, so that Join would end it.
 */
in_use: boolean, 
/**
 * Whether whoever has it says first who they are (`POST /api/v1/links/{id}/visitors`): a room's own
 * link, and that of a guest who was invited out of a meeting.
 */
asks_name?: boolean, 
/**
 * A guest's: the first name of who invited them.
 */
invited_by?: string, 
/**
 * The evening it belongs to.
 */
evening?: EveningView, 
/**
 * The meeting room it belongs to, in place of an evening.
 */
room?: RoomView, 
/**
 * The waiting area it belongs to, in place of an evening.
 */
area?: AreaView, 
/**
 * The appointments it admits to, in order of time.
 */
appointments: Array<Appointment>, 
/**
 * How it stands with the school in the appointment that it admits to now or next, from half an hour
 * before it, and once it can be joined; not for those who take it.
 */
expected?: Expected, 
/**
 * Whom to ask for help (OPS-6).
 */
contact?: Contact, 
/**
 * The language that its holder reads, where they have said (SCR-9).
 */
language?: string, 
/**
 * The version of the ground rules to show beside Join (SCR-15); absent where they were accepted.
 */
rules?: number, 
/**
 * For `POST /api/v1/links/{id}/changes`: what was current when this was answered.
 */
seen: string, };

export type Other = { 
/**
 * Their name.
 */
name: string, 
/**
 * Their role.
 */
role: Role, };

export type RoomView = { 
/**
 * The school's name.
 */
school: string, 
/**
 * The room's link, for those who may invite guests to it.
 */
url?: string, 
/**
 * What whoever comes by its own link enters besides their name.
 */
asks?: Array<RoomField>, 
/**
 * When it opens next, an instant, where it is closed to whoever would come now by its own link.
 */
opens?: string, 
/**
 * With it, the zone of the school, a name of the IANA data base.
 */
time_zone?: string, };

export type AreaView = { 
/**
 * The school's name.
 */
school: string, 
/**
 * What the area is for; may be empty.
 */
purpose: string, 
/**
 * Whether this is the area's own link: whoever has it says who they are and why they come, and
 * waits by the link that they are given.
 */
asks_reason?: boolean, 
/**
 * Whether it is closed to whoever would come now: outside its hours, and where nobody takes callers.
 */
closed?: boolean, 
/**
 * When it opens next, an instant, where it is closed by its hours.
 */
opens?: string, 
/**
 * The zone of the school, a name of the IANA data base.
 */
time_zone: string, 
/**
 * How it stands with those who take callers, where there is anything to say of them.
 */
providers?: Array<AreaProvider>, 
/**
 * How many minutes those waited who were seen last: the middle one of up to five within two hours.
 */
waited_minutes?: number, 
/**
 * A caller's own visit.
 */
visit?: Visit, };

export type AreaProvider = { 
/**
 * Their name.
 */
name: string, 
/**
 * Whether they are with somebody now, or somebody is on the way to them.
 */
busy?: boolean, 
/**
 * By how many minutes they say that they run late.
 */
late_minutes?: number, 
/**
 * Until when they say that they are away, an instant.
 */
away_until?: string, };

export type LeaveRequest = { 
/**
 * The secret from the URL's fragment.
 */
secret: string, 
/**
 * What they leave to say to the providers.
 */
words?: string, };

export type Visit = { 
/**
 * How far it has come.
 */
stage: VisitStage, 
/**
 * Their place in line while they wait: 1 for who is next.
 */
place?: number, 
/**
 * What a provider wrote to them, while they wait; may be empty.
 */
message: string, 
/**
 * Once it was ended, what the provider said to them; may be empty.
 */
word: string, };

export type VisitStage = "waiting" | "called" | "joined" | "ended" | "left" | "unknown";

export type VisitorRequest = { 
/**
 * The secret from the URL's fragment.
 */
secret: string, 
/**
 * Their name, as the others in the call are shown it.
 */
name: string, 
/**
 * Why they come, to a waiting area or a room that asks: its providers or members read it.
 */
reason?: string, 
/**
 * Their e-mail address, where a room asks for one.
 */
email?: string, 
/**
 * Their mobile number as they write it, where a room asks for one.
 */
mobile?: string, 
/**
 * The version of the ground rules that stood beside the button by which a caller of a waiting area
 * came: they are accepted (SCR-15).
 */
accepts_rules?: number, 
/**
 * Names this press: pressed again, it is the same guest.
 */
attempt: string, 
/**
 * The last presses, at most four, by which somebody said who they are in this browser, at whatever
 * door: whom a stop keeps out comes back there as nobody else (SCR-14).
 */
before?: Array<string>, };

export type VisitorLink = { 
/**
 * Its path and fragment, on this server.
 */
path: string, };

export type EveningView = { 
/**
 * Its name.
 */
name: string, 
/**
 * The school's name.
 */
school: string, 
/**
 * Its day in its own zone, `2026-11-19`.
 */
date: string, 
/**
 * An IANA time zone, in which its times are shown.
 */
time_zone: string, 
/**
 * When it begins.
 */
starts: string, 
/**
 * When it ends.
 */
ends: string, 
/**
 * Whether it has ended, by the server's clock. Its links still work for some minutes: a last
 * appointment may run over.
 */
is_over?: boolean, 
/**
 * Where the school has cancelled it, what it says of that; may be empty.
 */
cancelled?: string, };

export type Appointment = { 
/**
 * Names it.
 */
id: string, 
/**
 * What it is held in: names that in `TicketRequest`.
 */
meeting: string, 
/**
 * The student it is about.
 */
student: string, 
/**
 * The subject, as the class is called.
 */
subject: string, 
/**
 * Who takes it, one to three.
 */
teachers: Array<string>, 
/**
 * When it begins.
 */
starts: string, 
/**
 * When it ends.
 */
ends: string, 
/**
 * From when on it can be joined.
 */
opens: string, 
/**
 * Whether it can be joined now.
 */
joinable: boolean, 
/**
 * How it stands.
 */
phase: Phase, 
/**
 * What became of it, once it is over and somebody had come to it.
 */
outcome?: Outcome, };

export type Phase = "upcoming" | "now" | "over" | "unknown";

export type Outcome = "held" | "missed_by_family" | "missed_by_school" | "unknown";

export type Expected = { 
/**
 * The meeting of the appointment.
 */
meeting: string, 
/**
 * Where they are.
 */
school: SchoolState, 
/**
 * For how long nobody of them has come since it was to begin, milliseconds; 0 before that, and
 * once somebody is there.
 */
late_ms: number, 
/**
 * How many of their appointments come before it and are not over.
 */
before?: number, 
/**
 * Whether the reader has said that they are here, and they can read it (`POST
 * /api/v1/links/{id}/here`).
 */
is_here?: boolean, };

export type SchoolState = "there" | "with_others" | "away" | "unknown";

export type HereRequest = { 
/**
 * The secret from the URL's fragment.
 */
secret: string, 
/**
 * The meeting of the appointment that they wait for.
 */
meeting: string, 
/**
 * Whether they are.
 */
here: boolean, };

export type TicketRequest = { 
/**
 * The secret from the URL's fragment.
 */
secret: string, 
/**
 * 128 random bits, 32 lowercase hexadecimal digits, chosen by the page for this press. A
 * retry carries the same one and reaches the same session.
 */
attempt: string, 
/**
 * Which meeting to join; without it, that of the appointment of now, else of the next.
 */
meeting?: string, 
/**
 * The version of the ground rules that stood beside Join: by the press they are accepted (SCR-15).
 * Absent where none stood there.
 */
accepts_rules?: number, 
/**
 * Whether it is asked for before the press, for `prepare`: then whoever has yet to accept the ground
 * rules is given one too, and accepts them with `enter`.
 */
prepares?: boolean, };

export type TicketGranted = { 
/**
 * Single use.
 */
ticket: string, 
/**
 * How long it may be used, milliseconds.
 */
expires_in_ms: number, 
/**
 * A way round networks that let media through by no other.
 */
relay?: RelayAccess, };

export type RelayAccess = { 
/**
 * Where the relay is (RFC 7065).
 */
urls: Array<string>, 
/**
 * The user name.
 */
username: string, 
/**
 * The password.
 */
credential: string, };

export type NetworkTest = { 
/**
 * The relay is at the media server's own address: whoever can allocate there reaches it. The
 * credentials are good for 90 s. Absent where there is no relay.
 */
relay?: RelayAccess, };

export type ChangesRequest = { 
/**
 * The secret from the URL's fragment.
 */
secret: string, 
/**
 * What was `seen` last.
 */
seen: string, };

export type Changes = { "type": "nothing", 
/**
 * For the next question.
 */
seen: string, } | { "type": "changed", 
/**
 * For the next question.
 */
seen: string, } | { "type": "withdrawn", } | { "type": "unknown", };

export type LostLinkRequest = { 
/**
 * The address that links were sent to.
 */
email: string, };

export type CallInviteRequest = { 
/**
 * The secret from the URL's fragment.
 */
secret: string, 
/**
 * 128 random bits, 32 lowercase hexadecimal digits: a retry with the same is the same guest.
 */
attempt: string, 
/**
 * The guest's e-mail address.
 */
email?: string, 
/**
 * The guest's mobile number, as people write it.
 */
mobile?: string, 
/**
 * The language that the guest is written to in, a tag of BCP 47.
 */
language?: string, };

export type CallResendRequest = { 
/**
 * The secret from the URL's fragment.
 */
secret: string, 
/**
 * 128 random bits, 32 lowercase hexadecimal digits: a retry with the same writes nothing more.
 * Without it each request writes.
 */
attempt?: string, };

export type StopRequest = { 
/**
 * The secret from the URL's fragment.
 */
secret: string, 
/**
 * 128 random bits, 32 lowercase hexadecimal digits: a retry with the same stops nothing more.
 */
attempt: string, 
/**
 * What happened, for the school's office alone; may be empty.
 */
note?: string, };

export type CallGuests = { 
/**
 * Who was invited and may come, the first to be written to first: at most 100.
 */
guests: Array<CallGuest>, 
/**
 * Whether the school sends text messages; where not, nobody is invited by `mobile`.
 */
texts?: boolean, };

export type CallGuest = { 
/**
 * Names them.
 */
id: string, 
/**
 * Their name, once they have said it.
 */
name?: string, 
/**
 * The address they were written to at.
 */
email?: string, 
/**
 * The number they were written to at, with the code of its country.
 */
mobile?: string, 
/**
 * Their link, where it is passed on by whoever invited them.
 */
url?: string, 
/**
 * How it stands with them.
 */
state: CallGuestState, };

export type CallGuestState = "invited" | "sending" | "sent" | "delivered" | "bounced" | "joined" | "unknown";

export type Problem = { 
/**
 * Stable code.
 */
code: ProblemCode, 
/**
 * A sentence a person understands.
 */
title: string, 
/**
 * The HTTP status.
 */
status: number, 
/**
 * When to try again, milliseconds; for `too_many`, `too_many_emails` and
 * `swapped_too_often`.
 */
retry_after_ms?: number, 
/**
 * What is wrong with which field; for `invalid`.
 */
fields?: Array<FieldError>, };

export type FieldError = { 
/**
 * The field's name in the request.
 */
field: string, 
/**
 * Stable code.
 */
code: FieldCode, 
/**
 * A sentence that says what to do.
 */
reason: string, };

export type FieldCode = "name_missing" | "name_too_long" | "text_too_long" | "last_account" | "own_account" | "text_not_plain" | "note_too_long" | "note_not_plain" | "email_missing" | "email_invalid" | "mobile_missing" | "mobile_invalid" | "not_mobile" | "mobile_elsewhere" | "texts_off" | "password_too_short" | "password_too_long" | "password_guessable" | "zone_unknown" | "ends_before_start" | "time_skipped" | "date_past" | "date_too_far" | "date_invalid" | "time_invalid" | "closes_past" | "slot_length" | "gap_length" | "no_slot_fits" | "no_teacher" | "teacher_twice" | "no_member" | "reason_missing" | "limit_length" | "no_day" | "students_missing" | "retention" | "source_taken" | "consent_missing" | "wording_outdated" | "unknown";

export type ProblemCode = "no_such_link" | "link_withdrawn" | "bad_request" | "too_many" | "too_many_emails" | "swapped_too_often" | "unavailable" | "not_found" | "not_signed_in" | "wrong_password" | "bad_csrf" | "too_large" | "invalid" | "too_early" | "over" | "slot_taken" | "parent_busy" | "already_booked" | "booking_not_open" | "booking_closed" | "no_such_slot" | "slot_over" | "evening_over" | "evening_cancelled" | "busy_elsewhere" | "records_clash" | "joined_too_long" | "teacher_away" | "invitation_removed" | "consent_missing" | "wording_outdated" | "already_invited" | "too_many_teachers" | "has_appointments" | "takes_classes" | "needs_approval" | "times_are_booked" | "times_over" | "set_up_done" | "email_taken" | "unreadable_file" | "court_order_stands" | "changed_meanwhile" | "visit_over" | "call_stopped" | "kept_out" | "stop_stands" | "nobody_there" | "room_crowded" | "texts_spent" | "invites_spent" | "school_invites" | "parents_spent" | "area_crowded" | "area_closed" | "caller_taken" | "caller_gone" | "has_caller" | "not_in_call" | "call_full" | "decided_already" | "rules_not_accepted" | "code_needed" | "wrong_code" | "code_unreadable" | "codes_stopped" | "unknown";

export type ParentView = { 
/**
 * The parent's name.
 */
name: string, 
/**
 * The evening.
 */
evening: EveningView, 
/**
 * Whether booking is possible now.
 */
booking: Booking, 
/**
 * When booking opens by itself, where that is set.
 */
booking_opens?: string, 
/**
 * When booking closes by itself, where that is set.
 */
booking_closes?: string, 
/**
 * The students linked to the parent who take part in the evening.
 */
students: Array<StudentView>, 
/**
 * "My Bookings", in order of time.
 */
bookings: Array<BookingView>, 
/**
 * The parent's invitations.
 */
invitations: InvitationsView, 
/**
 * Whom to ask for help (OPS-6).
 */
contact?: Contact, 
/**
 * For `POST /api/v1/links/{id}/changes`.
 */
seen: string, };

export type Booking = "not_open" | "open" | "closed" | "cancelled" | "unknown";

export type StudentView = { 
/**
 * Names the student in requests.
 */
id: string, 
/**
 * Their name.
 */
name: string, 
/**
 * The classes whose teachers can be met.
 */
classes: Array<ClassView>, };

export type ClassView = { 
/**
 * Names the class in requests.
 */
id: string, 
/**
 * The subject.
 */
subject: string, 
/**
 * Who takes it, jointly where several.
 */
teachers: Array<string>, 
/**
 * The id of the appointment booked with it for this student, where there is one.
 */
booked?: string, };

export type BookingView = { 
/**
 * The appointment; its `id` names the booking too.
 */
appointment: Appointment, 
/**
 * The student.
 */
student: string, 
/**
 * The class.
 */
class: string, 
/**
 * The parent's note to the teachers; empty where there is none.
 */
note: string, };

export type SlotsView = { 
/**
 * For each student and class.
 */
slots: Array<ClassSlots>, };

export type ClassSlots = { 
/**
 * The student.
 */
student: string, 
/**
 * The class.
 */
class: string, 
/**
 * In order of time.
 */
slots: Array<SlotView>, };

export type SlotView = { 
/**
 * When it begins; names it in requests.
 */
starts: string, 
/**
 * When it ends.
 */
ends: string, 
/**
 * Whether this parent may have it.
 */
state: SlotState, };

export type SlotState = "free" | "clash" | "yours" | "taken" | "talk_goes_on" | "past" | "unknown";

export type BookRequest = { 
/**
 * The secret from the URL's fragment.
 */
secret: string, 
/**
 * 128 random bits, 32 lowercase hexadecimal digits: a retry with the same is the same booking.
 */
attempt: string, 
/**
 * The student.
 */
student: string, 
/**
 * The class.
 */
class: string, 
/**
 * When the slot begins.
 */
starts: string, 
/**
 * A note to the teachers.
 */
note?: string, };

export type AutoBookRequest = { 
/**
 * The secret from the URL's fragment.
 */
secret: string, 
/**
 * As in [`BookRequest`].
 */
attempt: string, 
/**
 * Which classes of which students; empty means all that are not booked yet.
 */
wishes: Array<Wish>, 
/**
 * Nothing that begins before this.
 */
from?: string, 
/**
 * Nothing that ends after this.
 */
until?: string, };

export type Wish = { 
/**
 * The student.
 */
student: string, 
/**
 * The class.
 */
class: string, };

export type AutoBooked = { 
/**
 * What is booked now.
 */
booked: Array<BookingView>, 
/**
 * What could not be met.
 */
unmet: Array<Unmet>, };

export type Unmet = { 
/**
 * The student.
 */
student: string, 
/**
 * The class.
 */
class: string, 
/**
 * A sentence that says why.
 */
reason: string, };

export type MoveRequest = { 
/**
 * The secret from the URL's fragment.
 */
secret: string, 
/**
 * When the new slot begins.
 */
starts: string, };

export type NoteRequest = { 
/**
 * The secret from the URL's fragment.
 */
secret: string, 
/**
 * Empty removes it.
 */
note: string, 
/**
 * What a teacher was shown when they began to write, as the server gave it: where it reads otherwise
 * by now, nothing is written, and the answer is `changed_meanwhile`. Absent, whatever stands there is
 * replaced.
 */
before?: string, };

export type InvitationsView = { 
/**
 * Those that were sent and not removed.
 */
sent: Array<InvitationView>, 
/**
 * The students for whom one may be invited still; empty: "Unable to invite another
 * parent/guardian. Only one invite can be sent per student."
 */
left: Array<string>, 
/**
 * Whom the school has not approved since somebody was invited last, the newest first.
 */
declined?: Array<DeclinedView>, 
/**
 * What to consent to.
 */
wording: Wording, };

export type DeclinedView = { 
/**
 * The name that was entered.
 */
name: string, 
/**
 * What the school says to it; may be empty.
 */
reason: string, };

export type Wording = { 
/**
 * Its version, which `InviteRequest` sends back.
 */
version: string, 
/**
 * The words beside the tick.
 */
text: string, };

export type InvitationView = { 
/**
 * Names it in requests.
 */
id: string, 
/**
 * The guest's name.
 */
name: string, 
/**
 * The guest's e-mail address.
 */
email: string, 
/**
 * The ids of the students it covers.
 */
students: Array<string>, 
/**
 * How it stands.
 */
state: InvitationState, 
/**
 * When it was sent last.
 */
sent: string, };

export type InvitationState = "needs_approval" | "sending" | "sent" | "delivered" | "bounced" | "joined" | "unknown";

export type InviteRequest = { 
/**
 * The secret from the URL's fragment.
 */
secret: string, 
/**
 * 128 random bits, 32 lowercase hexadecimal digits: a retry with the same is the same invitation.
 */
attempt: string, 
/**
 * The guest's name.
 */
name: string, 
/**
 * The guest's e-mail address.
 */
email: string, 
/**
 * The tick.
 */
consent: boolean, 
/**
 * The version of the wording that was shown.
 */
wording: string, 
/**
 * The students to cover; empty means the only one linked.
 */
students: Array<string>, };

export type Invited = { "type": "sent", 
/**
 * The invitation.
 */
invitation: InvitationView, } | { "type": "needs_approval", } | { "type": "unknown", };

export type AddressRequest = { 
/**
 * The secret from the URL's fragment.
 */
secret: string, 
/**
 * The new address.
 */
email: string, };

export type TeacherView = { 
/**
 * The teacher's name.
 */
name: string, 
/**
 * The evening.
 */
evening: EveningView, 
/**
 * Their appointments, in order of time.
 */
appointments: Array<TeacherAppointment>, 
/**
 * The id of the one of now, else of the next; absent when all are over.
 */
next?: string, 
/**
 * For how long the one of now waits for this teacher, and nobody of the school has come to it yet,
 * milliseconds; absent where none does.
 */
late_ms?: number, 
/**
 * Whom to ask for help (OPS-6).
 */
contact?: Contact, 
/**
 * For `POST /api/v1/links/{id}/changes`.
 */
seen: string, };

export type TeacherAppointment = { 
/**
 * What everybody sees of it.
 */
appointment: Appointment, 
/**
 * Who booked it.
 */
parent: string, 
/**
 * The guest, where one is invited.
 */
guest?: string, 
/**
 * The parent's note; empty where there is none.
 */
note: string, 
/**
 * What those who take it wrote down for themselves; absent where there is nothing, and for everybody
 * else, the office too.
 */
own_note?: string, 
/**
 * Who is in the call now, waits for it, or says that they are here.
 */
present: Array<Present>, };

export type Present = { 
/**
 * Their name.
 */
name: string, 
/**
 * Their role.
 */
role: Role, 
/**
 * Whether they hold a seat or wait for one.
 */
state: Presence, };

export type Presence = "seated" | "reconnecting" | "waiting" | "here" | "unknown";

export type RegistrationState = "registered" | "not_registered" | "invited" | "expired" | "unknown";

export type Hindrance = "court_order" | "waits" | "unknown";

export type ReachedBy = "text" | "letter" | "unknown";

export type Pupils = { 
/**
 * By name.
 */
pupils: Array<Pupil>, 
/**
 * How many there are in all.
 */
total: number, 
/**
 * What `after` is for the next page, where there is one.
 */
next?: string, };

export type Pupil = { 
/**
 * Names them in requests.
 */
id: string, 
/**
 * Their name.
 */
name: string, 
/**
 * Their homeroom.
 */
homeroom: string, 
/**
 * Their contacts, by name.
 */
contacts: Array<PupilContact>, };

export type PupilContact = { 
/**
 * Names them in requests.
 */
id: string, 
/**
 * Their name.
 */
name: string, 
/**
 * Their e-mail address; may be empty.
 */
email: string, 
/**
 * Their mobile number, where they have one.
 */
mobile?: string, 
/**
 * By what an invitation reaches them: absent where it is by e-mail.
 */
by?: ReachedBy, 
/**
 * How they stand.
 */
state: RegistrationState, 
/**
 * Until when their invitation is good, or was.
 */
until?: string, 
/**
 * Where the invitation that they have could not be delivered: why.
 */
undelivered?: Undelivered, 
/**
 * Why they cannot be invited.
 */
hindrance?: Hindrance, };

export type OpenRegistrations = { 
/**
 * Those who were never invited first.
 */
contacts: Array<OpenContact>, 
/**
 * How many there are in all.
 */
total: number, 
/**
 * How many more have an invitation that is good.
 */
invited: number, };

export type Undelivered = { 
/**
 * What the mail server or the gateway said; may be empty.
 */
reason: string, 
/**
 * By what else an invitation reaches them: by text or letter.
 */
otherwise: ReachedBy, };

export type OpenContact = { 
/**
 * Names them in requests.
 */
id: string, 
/**
 * Their name.
 */
name: string, 
/**
 * Their e-mail address; may be empty.
 */
email: string, 
/**
 * Their mobile number, where they have one.
 */
mobile?: string, 
/**
 * By what an invitation reaches them: absent where it is by e-mail.
 */
by?: ReachedBy, 
/**
 * Their students, by name.
 */
students: Array<string>, 
/**
 * Where the invitation that they have could not be delivered: why.
 */
undelivered?: Undelivered, };

export type RegistrationsDraft = { 
/**
 * Their ids, at most 500.
 */
contacts: Array<string>, 
/**
 * By text message, whatever address they have: where nothing arrives there.
 */
by_text?: boolean, };

export type RegistrationsSent = { 
/**
 * How many are on their way.
 */
sent: number, 
/**
 * Until when they are good.
 */
until: string, 
/**
 * Who cannot be invited, and why.
 */
refused: Array<RegistrationRefused>, 
/**
 * The ids of those whom only a letter reaches: nothing was sent to them.
 */
by_letter?: Array<string>, };

export type RegistrationLetters = { 
/**
 * By name.
 */
letters: Array<RegistrationPrint>, 
/**
 * The school's name.
 */
school: string, 
/**
 * Where the code is typed: the school's own address.
 */
address: string, 
/**
 * Until when they are good.
 */
until: string, 
/**
 * The school's time zone: a letter is read there.
 */
time_zone: string, 
/**
 * Who cannot be invited, and why.
 */
refused: Array<RegistrationRefused>, };

export type RegistrationPrint = { 
/**
 * Names its reader in requests.
 */
id: string, 
/**
 * Their name.
 */
name: string, 
/**
 * Their students, by name.
 */
students: Array<string>, 
/**
 * The language that they read, where it is known: a tag of BCP 47.
 */
language?: string, 
/**
 * What they type: 26 letters and digits.
 */
code: string, 
/**
 * The same as a link, for the QR code.
 */
url: string, };

export type RegistrationRefused = { 
/**
 * Their id.
 */
id: string, 
/**
 * Their name.
 */
name: string, 
/**
 * Why, in a sentence.
 */
reason: string, };

export type RegistrationProgress = { 
/**
 * How many invitations wait to be sent.
 */
waiting: number, 
/**
 * Those whose invitation is good and could not be delivered, by name: at most 500.
 */
undelivered: Array<OpenContact>, };

export type RegistrationCheck = { 
/**
 * The secret from the fragment.
 */
secret: string, };

export type OfferState = "open" | "expired" | "replaced" | "registered" | "shared" | "address" | "unknown";

export type RegistrationOffer = { 
/**
 * What has become of it.
 */
state: OfferState, 
/**
 * The school's name.
 */
school: string, 
/**
 * Whose it is.
 */
name: string, 
/**
 * The address they will sign in with, to who came by an e-mail to it. With the state `address` by what they
 * know the one again that the school has, as in `m…@example.org`; empty where they are to say it.
 */
email: string, 
/**
 * Their students, by name.
 */
students: Array<string>, 
/**
 * Until when it is good, or was.
 */
until: string, 
/**
 * The school's time zone.
 */
time_zone: string, 
/**
 * Whether they have an account already, whose password adds these students to it.
 */
has_account: boolean, 
/**
 * What they are asked before they register: absent where nobody named them from a student's
 * profile.
 */
details?: DetailsOffer, };

export type RegistrationAddress = { 
/**
 * The secret from the fragment, or the code of the letter.
 */
secret: string, 
/**
 * Their e-mail address. Absent where the school has one, by the hint in the offer: it is sent there.
 */
email?: string, };

export type DetailsOffer = { 
/**
 * Who invited them; empty where that is not known any more.
 */
inviter: string, 
/**
 * Whether they have given them already.
 */
given: boolean, 
/**
 * Their telephone number; may be empty.
 */
telephone: string, 
/**
 * The language they read, a tag of BCP 47; empty where they did not say.
 */
language: string, 
/**
 * Who sees what.
 */
shares: Shares, 
/**
 * Their students, by name.
 */
students: Array<AskedStudent>, 
/**
 * Whether they may name other parents of these.
 */
may_name: boolean, 
/**
 * Those whom they have named.
 */
named: Array<NamedParent>, };

export type Shares = { 
/**
 * Whether the school sees the number.
 */
school_telephone: boolean, 
/**
 * Whether other parents of their children see their address, who show theirs.
 */
families_email: boolean, 
/**
 * Whether those see the number.
 */
families_telephone: boolean, };

export type AskedStudent = { 
/**
 * Names them in requests.
 */
id: string, 
/**
 * Their name.
 */
name: string, 
/**
 * Whether the student lives with them.
 */
lives_with: boolean, };

export type DetailsDraft = { 
/**
 * The secret from the fragment.
 */
secret: string, 
/**
 * Their telephone number as people write it; may be empty.
 */
telephone: string, 
/**
 * The language they read, a tag of BCP 47; may be empty.
 */
language: string, 
/**
 * Who sees what.
 */
shares: Shares, 
/**
 * The ids of the students who live with them.
 */
lives_with: Array<string>, };

export type NameParentRequest = { 
/**
 * The secret from the fragment.
 */
secret: string, 
/**
 * The student's id.
 */
student: string, 
/**
 * The other parent's name.
 */
name: string, 
/**
 * Their e-mail address.
 */
email: string, };

export type NameParent = { 
/**
 * The student's id.
 */
student: string, 
/**
 * The other parent's name.
 */
name: string, 
/**
 * Their e-mail address.
 */
email: string, };

export type ParentNamed = { 
/**
 * Whether they are sent an invitation, or the school is to approve it.
 */
state: NamedState, };

export type NamedState = "waits" | "sent" | "declined" | "unknown";

export type NamedParent = { 
/**
 * Their name, as it was entered.
 */
name: string, 
/**
 * The student's name.
 */
student: string, 
/**
 * What has become of it.
 */
state: NamedState, 
/**
 * Why it was declined, in the school's words; may be empty.
 */
reason: string, };

export type RegisterRequest = { 
/**
 * The secret from the fragment.
 */
secret: string, 
/**
 * A new password, or that of the account they have.
 */
password: string, };

export type AccountLink = { 
/**
 * The secret from the fragment.
 */
secret: string, 
/**
 * A new password; empty where it stays as it is.
 */
password?: string, };

export type AccountClose = { 
/**
 * Its password.
 */
password: string, };

export type NewAddressDraft = { 
/**
 * The address.
 */
email: string, 
/**
 * The account's password.
 */
password: string, };

export type AddressConfirm = { 
/**
 * The secret from the fragment.
 */
secret: string, };

export type WaitingAddress = { 
/**
 * Which.
 */
email: string, 
/**
 * Whether the link that was sent there has expired.
 */
expired: boolean, };

export type Account = { 
/**
 * The address they sign in with.
 */
email: string, 
/**
 * The school's name.
 */
school: string, 
/**
 * To be sent in `X-Homeroom-Csrf` with every request that is not GET.
 */
csrf: string, };

export type AccountHome = { 
/**
 * What the school knows of whoever has the account, by name: more than one record, where they
 * stand in its list more than once.
 */
people: Array<AccountPerson>, 
/**
 * Evenings to come, in order of time.
 */
evenings: Array<AccountEvening>, 
/**
 * Whether they may name other parents of their students (DIR-6).
 */
may_name: boolean, 
/**
 * The address that they wish to sign in with.
 */
new_address?: WaitingAddress, 
/**
 * How it stands with one sign-in for this account and for the staff: not there where neither may be.
 */
hat?: Hat, };

export type Hat = "offered" | "stands" | "unknown";

export type AccountPerson = { 
/**
 * Names it in requests.
 */
id: string, 
/**
 * Their name.
 */
name: string, 
/**
 * The e-mail address that the school writes to; may be empty.
 */
email: string, 
/**
 * Their students, by name.
 */
students: Array<AccountStudent>, 
/**
 * Other parents whom they have named.
 */
named: Array<NamedParent>, 
/**
 * The name that they have said is theirs.
 */
said_name?: SaidName, 
/**
 * What they say of themselves.
 */
details: OwnDetails, 
/**
 * Whether they have said anything yet: those who have not are asked as at registering.
 */
has_said: boolean, 
/**
 * Another telephone number of theirs in the school's records, where the office has not said which
 * is kept; empty elsewhere.
 */
other_telephone: string, 
/**
 * Whether the school's records have another address of theirs, and the office has not said which is
 * kept.
 */
has_other_address: boolean, };

export type SaidName = { 
/**
 * What they say.
 */
name: string, 
/**
 * What became of it.
 */
standing: NameStanding, 
/**
 * What the office says to it, where it has kept another; may be empty.
 */
word: string, };

export type NameStanding = "waits" | "accepted" | "kept" | "unknown";

export type NameDraft = { 
/**
 * Whose it is, a student of theirs; without it their own.
 */
student?: string, 
/**
 * The name.
 */
name: string, };

export type OwnDetails = { 
/**
 * Their telephone number as people write it; may be empty.
 */
telephone: string, 
/**
 * The language they read, a tag of BCP 47; empty where they did not say.
 */
language: string, 
/**
 * Who sees what.
 */
shares: Shares, 
/**
 * The ids of the students who live with them.
 */
lives_with: Array<string>, };

export type AccountStudent = { 
/**
 * Names them.
 */
id: string, 
/**
 * Their name.
 */
name: string, 
/**
 * Their homeroom.
 */
homeroom: string, 
/**
 * What the contact is to them; may be empty.
 */
relationship: string, 
/**
 * The name that the contact has said is theirs.
 */
said_name?: SaidName, 
/**
 * Other contacts of theirs, as far as each shows the other what stands here.
 */
others: Array<SharedContact>, };

export type SharedContact = { 
/**
 * Their name.
 */
name: string, 
/**
 * Their e-mail address; empty where they do not show it.
 */
email: string, 
/**
 * Their telephone number; empty where they do not show it.
 */
telephone: string, };

export type AccountEvening = { 
/**
 * Names it in requests.
 */
id: string, 
/**
 * The record it is by.
 */
contact: string, 
/**
 * Its name.
 */
name: string, 
/**
 * When it begins.
 */
starts: string, 
/**
 * Whether it is over.
 */
is_over?: boolean, 
/**
 * Its time zone.
 */
time_zone: string, 
/**
 * Whether they may book now.
 */
booking: Booking, 
/**
 * What they have booked, in order of time.
 */
appointments: Array<AccountAppointment>, 
/**
 * The names of those whom they have invited.
 */
guests: Array<string>, };

export type AccountAppointment = { 
/**
 * When it begins.
 */
starts: string, 
/**
 * When it ends.
 */
ends: string, 
/**
 * The student's name.
 */
student: string, 
/**
 * The subject.
 */
subject: string, 
/**
 * The teachers' names.
 */
teachers: Array<string>, };

export type OpenidOffer = { 
/**
 * What the provider is called, `Microsoft`; absent where there is none.
 */
name?: string, 
/**
 * Whether no password opens but one that was made on the server itself.
 */
only?: boolean, };

export type OpenidStart = { 
/**
 * The path of the page that was asked for, below `/office` or `/staff`.
 */
to: string, 
/**
 * Whether the provider asks which account it is to be, where somebody is signed in there already.
 */
choose?: boolean, };

export type OpenidStarted = { 
/**
 * The address of the provider's page. It leads back to `/openid` of this server.
 */
url: string, };

export type OpenidReturn = { 
/**
 * The `state` of the address.
 */
state: string, 
/**
 * The `code` of the address.
 */
code: string, };

export type OpenidAnswer = { 
/**
 * Who is signed in; absent where nobody is.
 */
staff?: Staff, 
/**
 * The path of the page that was asked for.
 */
to: string, 
/**
 * Why nobody is.
 */
refused?: OpenidRefusal, 
/**
 * The address that the provider said, for whoever is not signed in by it.
 */
email?: string, };

export type OpenidRefusal = "not_entered" | "no_address" | "elsewhere" | "otherwise" | "second_step" | "stale" | "failed" | "unknown";

export type Passkey = { 
/**
 * Its id.
 */
id: string, 
/**
 * What they call it.
 */
name: string, 
/**
 * Since when they have it.
 */
added: string, 
/**
 * When they signed in by it last; absent where they did not.
 */
used?: string, };

export type KnownPasskey = { 
/**
 * What its authenticator calls it.
 */
id: string, 
/**
 * How it is reached: `usb`, `nfc`, `ble`, `smart-card`, `hybrid`, `internal`.
 */
transports: Array<string>, };

export type NewPasskey = { 
/**
 * What it is asked; good once, and for `timeout_ms`.
 */
challenge: string, 
/**
 * The `rp.id`, of this server.
 */
domain: string, 
/**
 * The `rp.name`: the school's.
 */
school: string, 
/**
 * The `user.id`.
 */
user: string, 
/**
 * The `user.name`: the address they sign in with.
 */
email: string, 
/**
 * The `user.displayName`.
 */
name: string, 
/**
 * Those that they have: none is made beside one of them.
 */
known: Array<KnownPasskey>, 
/**
 * How long it may take.
 */
timeout_ms: number, };

export type PasskeyDraft = { 
/**
 * What they call it.
 */
name: string, 
/**
 * `response.clientDataJSON`.
 */
client_data: string, 
/**
 * `response.getAuthenticatorData()`.
 */
authenticator_data: string, 
/**
 * `response.getPublicKey()`.
 */
public_key: string, 
/**
 * `response.getPublicKeyAlgorithm()`: -7 (ES256), -8 (`EdDSA`) or -257 (RS256).
 */
algorithm: number, 
/**
 * `response.getTransports()`.
 */
transports?: Array<string>, };

export type PasskeyAsked = { 
/**
 * What it is asked; good once, and for `timeout_ms`. Empty where there are no passkeys.
 */
challenge: string, 
/**
 * The `rpId`, of this server.
 */
domain: string, 
/**
 * Those of which one signs.
 */
known: Array<KnownPasskey>, 
/**
 * How long it may take.
 */
timeout_ms: number, };

export type ShownPasskey = { 
/**
 * What its authenticator calls it.
 */
id: string, 
/**
 * `response.clientDataJSON`.
 */
client_data: string, 
/**
 * `response.authenticatorData`.
 */
authenticator_data: string, 
/**
 * `response.signature`.
 */
signature: string, 
/**
 * `response.userHandle`, where it is there.
 */
user?: string, };

export type SecondFactor = { 
/**
 * Since when whoever asks signs in with one; absent where they do not.
 */
since?: string, 
/**
 * How many recovery codes are left.
 */
codes_left: number, 
/**
 * Whether an authenticator app of theirs shows codes.
 */
app: boolean, 
/**
 * Their passkeys, the oldest first.
 */
passkeys: Array<Passkey>, 
/**
 * Whether one more can be added: there are ten at most, and none where this server is reached by no name or
 * without encryption.
 */
takes_passkeys: boolean, };

export type NewSecondFactor = { 
/**
 * What makes the codes (RFC 6238), in base32.
 */
secret: string, 
/**
 * The same as `otpauth://totp/...`, for a QR code.
 */
address: string, };

export type SecondFactorDraft = { 
/**
 * That of [`NewSecondFactor`].
 */
secret: string, 
/**
 * A code of the app's.
 */
code: string, 
/**
 * The password, once more.
 */
password: string, };

export type ShownSecondFactor = { 
/**
 * The password, once more.
 */
password: string, 
/**
 * A code of the app's, or a recovery code; empty where a passkey is shown.
 */
code?: string, 
/**
 * A passkey, in the place of a code.
 */
passkey?: ShownPasskey, };

export type OwnPassword = { 
/**
 * The password of who asks, once more; empty where they have none, for the school's provider signs them in.
 */
password: string, };

export type RecoveryCodes = { 
/**
 * Ten, each good once in the place of a code. They are not shown again, and those before are void. None where
 * an app or a passkey was added to others: those before are good.
 */
codes: Array<string>, };

export type SetupRequest = { 
/**
 * The secret from the fragment of the one-time link that the program printed.
 */
secret: string, 
/**
 * The school's name.
 */
school: string, 
/**
 * The administrator's name.
 */
name: string, 
/**
 * Their e-mail address, by which they sign in.
 */
email: string, 
/**
 * None that everybody tries first.
 */
password: string, 
/**
 * The school's IANA time zone, `Europe/London`; empty leaves it as it is.
 */
time_zone?: string, 
/**
 * The e-mail address for help at the foot of every page; empty leaves it as it is.
 */
contact_email?: string, 
/**
 * The telephone number beside it.
 */
contact_phone?: string, 
/**
 * A code of the second factor, where the account has one: six digits of an authenticator app, or a
 * recovery code.
 */
code?: string, };

export type SetupCheck = { 
/**
 * The secret from the fragment.
 */
secret: string, };

export type SetupOffer = { 
/**
 * Whose account it is for, who has only to choose a password; absent where it makes the first.
 */
email?: string, 
/**
 * Whether it asks for a code of the second factor as well.
 */
second_factor?: boolean, };

export type SignIn = { 
/**
 * The e-mail address.
 */
email: string, 
/**
 * The password.
 */
password: string, 
/**
 * A code of the second factor, where the account has one: six digits of an authenticator app, or a
 * recovery code.
 */
code?: string, 
/**
 * A passkey that has signed what `POST /api/v1/session/passkey` answered, in the place of a code.
 */
passkey?: ShownPasskey, };

export type LostPassword = { 
/**
 * The e-mail address they sign in with.
 */
email: string, };

export type Staff = { 
/**
 * Their name.
 */
name: string, 
/**
 * Their e-mail address.
 */
email: string, 
/**
 * The school's name.
 */
school: string, 
/**
 * Whether there is anything for them on the office's pages: others have their start page alone.
 */
office: boolean, 
/**
 * What they are in the school.
 */
role: StaffRole, 
/**
 * The ids of the evenings that they manage.
 */
evenings?: Array<string>, 
/**
 * To be sent in `X-Homeroom-Csrf` with every request that is not GET.
 */
csrf: string, };

export type StaffRole = "owner" | "office" | "viewer" | "member" | "unknown";

export type Member = { 
/**
 * Their id.
 */
id: string, 
/**
 * Their name.
 */
name: string, 
/**
 * The address they sign in with.
 */
email: string, 
/**
 * What they are in the school.
 */
role: StaffRole, 
/**
 * Whether they have chosen a password, or were signed in by the school's provider.
 */
can_sign_in: boolean, 
/**
 * Whether that provider has signed them in, and does so from then on by what it calls them for good.
 */
identified?: boolean, 
/**
 * Whether they sign in with a second factor.
 */
second_factor?: boolean, };

export type Members = { 
/**
 * Everybody of the staff who may sign in, by name.
 */
members: Array<Member>, 
/**
 * Who signed in once and does no longer, by name: they are erased after the school's period.
 */
left?: Array<FormerMember>, };

export type FormerMember = { 
/**
 * Their id.
 */
id: string, 
/**
 * Their name.
 */
name: string, 
/**
 * The address they signed in with.
 */
email: string, 
/**
 * Since when they sign in no longer.
 */
left: string, };

export type MemberDraft = { 
/**
 * Their name.
 */
name: string, 
/**
 * The address they sign in with.
 */
email: string, 
/**
 * What they are to be in the school; a member where nothing is said.
 */
role?: StaffRole, };

export type RoleDraft = { 
/**
 * What they are to be in the school.
 */
role: StaffRole, };

export type EveningManagers = { 
/**
 * The ids of those of the staff who do.
 */
members: Array<string>, 
/**
 * In an answer, another with each change; in a request, the one that the form began with, as that of a
 * class.
 */
version?: string, };

export type RoomDraft = { 
/**
 * What it is called.
 */
name: string, 
/**
 * Whether guests knock and are let in by a member; else they come straight in.
 */
kept?: boolean, 
/**
 * The ids of those of the staff who belong to it: at least one.
 */
members: Array<string>, 
/**
 * When guests may come by its link; always where nothing is said.
 */
hours?: OpenHours, 
/**
 * What guests enter besides their name; nothing where nothing is said.
 */
asks?: Array<RoomField>, 
/**
 * After how many minutes a call in it ends, from when somebody comes until nobody is there: 5 to 720;
 * no call does where nothing is said.
 */
limit?: number, 
/**
 * The `version` that the form began with, as that of a class.
 */
version?: string, };

export type RoomField = "email" | "mobile" | "reason" | "unknown";

export type OfficeRoom = { 
/**
 * Its id.
 */
id: string, 
/**
 * What it is called.
 */
name: string, 
/**
 * Whether guests knock and are let in by a member; else they come straight in.
 */
kept?: boolean, 
/**
 * The ids of those who belong to it.
 */
members: Array<string>, 
/**
 * When guests may come by its link; always where nothing is said.
 */
hours?: OpenHours, 
/**
 * What guests enter besides their name.
 */
asks?: Array<RoomField>, 
/**
 * After how many minutes a call in it ends.
 */
limit?: number, 
/**
 * Whether it is closed: its links open nothing.
 */
closed?: boolean, 
/**
 * Its link, by which guests come.
 */
url: string, 
/**
 * Another with each change of what its form shows.
 */
version: string, };

export type OfficeRooms = { 
/**
 * All rooms, by name.
 */
rooms: Array<OfficeRoom>, 
/**
 * How many text messages were sent in the last 24 hours, or wait: guests are invited by them.
 */
texts_sent: number, 
/**
 * How many are sent in 24 hours at most.
 */
texts_a_day: number, };

export type AreaDraft = { 
/**
 * What it is called.
 */
name: string, 
/**
 * What it is for, as callers read it; may be empty.
 */
purpose: string, 
/**
 * When it is open; always where nothing is said.
 */
hours?: OpenHours, 
/**
 * The ids of those of the staff who take callers in it: at least one.
 */
providers: Array<string>, 
/**
 * The `version` that the form began with, as that of a class.
 */
version?: string, };

export type OpenHours = { 
/**
 * The days of the week: 1 for Monday, 7 for Sunday; at least one.
 */
days: Array<number>, 
/**
 * From when, as `08:30`.
 */
opens: string, 
/**
 * Until when, after `opens`.
 */
closes: string, };

export type OfficeArea = { 
/**
 * Its id.
 */
id: string, 
/**
 * What it is called.
 */
name: string, 
/**
 * What it is for, as callers read it; may be empty.
 */
purpose: string, 
/**
 * When it is open; always where nothing is said.
 */
hours?: OpenHours, 
/**
 * The ids of those who take callers in it.
 */
providers: Array<string>, 
/**
 * Its link, by which callers come.
 */
url: string, 
/**
 * Another with each change of what its form shows.
 */
version: string, };

export type OfficeAreas = { 
/**
 * All waiting areas, by name.
 */
areas: Array<OfficeArea>, };

export type StaffArea = { 
/**
 * Its id.
 */
id: string, 
/**
 * What it is called.
 */
name: string, 
/**
 * Its link, by which callers come.
 */
url: string, 
/**
 * Whether who is signed in is in a call, of one of their areas, of a meeting room or of an appointment
 * that they take, and has a seat there: they may add callers of this area to that call (WAIT-2), and begin
 * no other.
 */
in_call?: boolean, 
/**
 * Who waits, and who was taken into a call that is not over or whose page is open, in order of their
 * coming (WAIT-1).
 */
callers: Array<AreaCaller>, 
/**
 * By how many minutes who is signed in says that they run late.
 */
late_minutes?: number, 
/**
 * Until when they say that they are away, by the clock of the school, as `10:30`.
 */
away_until?: string, 
/**
 * What callers left to say who went, and nobody has set aside; the oldest first.
 */
left: Array<LeftWords>, };

export type AreaCaller = { 
/**
 * Names them.
 */
id: string, 
/**
 * Their name.
 */
name: string, 
/**
 * Why they came, in their words; may be empty.
 */
reason: string, 
/**
 * For how long they have waited, or waited until they were taken, milliseconds.
 */
waited_ms: number, 
/**
 * Where they are.
 */
state: CallerState, 
/**
 * What a provider wrote to them last; may be empty.
 */
message: string, 
/**
 * Who took them.
 */
taken_by?: string, 
/**
 * Whether that was who is signed in: `take` gives them the same link again.
 */
mine?: boolean, };

export type CallerState = "waiting" | "away" | "called" | "in_call" | "gone" | "unknown";

export type EndVisit = { 
/**
 * What the caller reads; may be empty.
 */
word: string, };

export type LeftWords = { 
/**
 * Names the caller.
 */
id: string, 
/**
 * Their name.
 */
name: string, 
/**
 * Why they had come, in their words; may be empty.
 */
reason: string, 
/**
 * What they left to say.
 */
words: string, 
/**
 * When they went, an instant.
 */
at: string, };

export type ProviderSays = { 
/**
 * By how many minutes they run late: 1 to 240. It stands for 12 hours.
 */
late_minutes?: number, 
/**
 * Until when they are away, by the clock of the school, as `10:30`: the next time that it shows so.
 */
away_until?: string, };

export type MessageCaller = { 
/**
 * What the caller reads, in place of what was written before.
 */
words: string, };

export type OtherArea = { 
/**
 * Its id.
 */
id: string, 
/**
 * What it is called.
 */
name: string, };

export type PassCaller = { 
/**
 * The id of the area in which they wait from now on.
 */
to: string, };

export type StaffChangesRequest = { 
/**
 * What was `seen` last.
 */
seen: string, };

export type StaffHome = { 
/**
 * The rooms they belong to, by name (ROOM-1).
 */
rooms: Array<StaffRoom>, 
/**
 * The waiting areas that they take callers in, by name.
 */
areas: Array<StaffArea>, 
/**
 * The waiting areas that callers may come to now, by name, for those who may pass callers on.
 */
all_areas: Array<OtherArea>, 
/**
 * The evenings to come at which they take appointments, the next first: those of the teacher who has
 * their address and was sent a link.
 */
evenings?: Array<StaffEvening>, 
/**
 * How it stands with one sign-in for the staff and for a parent's account: not there where neither
 * may be.
 */
hat?: Hat, 
/**
 * For `POST /api/v1/staff/changes`: what was current when this was answered.
 */
seen: string, };

export type StaffEvening = { 
/**
 * What it is called.
 */
name: string, 
/**
 * When it begins.
 */
starts: string, 
/**
 * Its time zone, in which its times are shown.
 */
time_zone: string, 
/**
 * Their link to it.
 */
url: string, };

export type StaffRoom = { 
/**
 * Its id.
 */
id: string, 
/**
 * What it is called.
 */
name: string, 
/**
 * Its link, by which guests come.
 */
url: string, 
/**
 * Whether guests knock and are let in by a member; else they come straight in.
 */
kept?: boolean, 
/**
 * How many are in it now.
 */
here: number, 
/**
 * The guests who came by its link and whose day is not over, in the order of their coming; not those
 * who were invited.
 */
guests?: Array<RoomGuest>, };

export type RoomGuest = { 
/**
 * Their name.
 */
name: string, 
/**
 * When they came.
 */
came: string, 
/**
 * The e-mail address they entered, where the room asks for one.
 */
email?: string, 
/**
 * The mobile number they entered, where the room asks for one.
 */
mobile?: string, 
/**
 * Why they came, where the room asks; may be empty.
 */
reason: string, };

export type VisitSearch = { 
/**
 * A part of the name; empty finds everybody.
 */
search?: string, };

export type Visits = { 
/**
 * At most 100, the newest first.
 */
visits: Array<CameBy>, };

export type CameBy = { 
/**
 * Names them in requests.
 */
id: string, 
/**
 * Their name.
 */
name: string, 
/**
 * The room, waiting area or evening.
 */
place: string, 
/**
 * When they came, or were invited.
 */
came: string, };

export type Contact = { 
/**
 * An e-mail address.
 */
email: string, 
/**
 * A telephone number as people read it.
 */
phone: string, };

export type SchoolView = { 
/**
 * Its name; empty until it is set up.
 */
name: string, 
/**
 * Whether the first administrator exists.
 */
is_set_up: boolean, 
/**
 * Whom people ask for help.
 */
contact?: Contact, };

export type SchoolSettings = { 
/**
 * Its name.
 */
name: string, 
/**
 * Whom people ask for help.
 */
contact: Contact, 
/**
 * The IANA time zone that new evenings begin with.
 */
time_zone: string, 
/**
 * Whether parents may invite other parents of their children (DIR-6); without it, that stays as it
 * is.
 */
parents_invite?: ParentsInvite, 
/**
 * Whether whoever has not registered is reminded, twice and by day (DIR-5); without it, that stays
 * as it is.
 */
reminds?: boolean, 
/**
 * For how many days after an evening its personal data is kept (DIR-10).
 */
retention_days: number, 
/**
 * Another with each change; sent back, as `ClassDraft.version` is.
 */
version?: string, };

export type ParentsInvite = "never" | "approved" | "always" | "unknown";

export type SchoolFace = { 
/**
 * Its colour, as `#1d4f76`; absent where it has none of its own.
 */
accent?: string, 
/**
 * Its logo; absent where it has none.
 */
logo?: SchoolLogo, };

export type SchoolLogo = { 
/**
 * Its path on this server: another picture has another.
 */
path: string, 
/**
 * Its width, pixels.
 */
width: number, 
/**
 * Its height, pixels.
 */
height: number, };

export type AccentDraft = { 
/**
 * The colour, as `#1d4f76`; empty for none of its own.
 */
accent: string, };

export type AccentAnswer = { 
/**
 * How the school looks now.
 */
face: SchoolFace, 
/**
 * Why the colour was not taken; absent where it was.
 */
faint?: FaintAccent, };

export type FaintAccent = { 
/**
 * Its contrast with what it is seen on, at the worst, in hundredths (WCAG 2.2, 1.4.3): 450 is asked for.
 */
contrast: number, 
/**
 * The nearest shade that is taken.
 */
nearest: string, };

export type EveningDraft = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its day, `2026-11-19`.
 */
date: string, 
/**
 * An IANA time zone, `Europe/London`.
 */
time_zone: string, 
/**
 * When it begins by the clocks of that zone, `16:00`.
 */
starts: string, 
/**
 * When it ends by the clocks of that zone, `19:30`.
 */
ends: string, 
/**
 * The length of an appointment, in minutes.
 */
slot_minutes: number, 
/**
 * The pause between two appointments, in minutes.
 */
gap_minutes: number, 
/**
 * When booking closes by itself, RFC 3339; absent: when the evening begins.
 */
booking_closes?: string, 
/**
 * The classes whose teachers can be met; absent: all of them, also those that are added later.
 */
classes?: Array<string>, 
/**
 * Which version this is, in answers; in a request the one that the form began with: where that is
 * no longer what is kept, nothing changes. Without it what is kept is written over.
 */
version?: string, };

export type Evening = { 
/**
 * Names it in requests.
 */
id: string, 
/**
 * What was set.
 */
set: EveningDraft, 
/**
 * When it begins.
 */
starts: string, 
/**
 * When it ends.
 */
ends: string, 
/**
 * Whether parents may book now.
 */
booking: Booking, 
/**
 * Where the school has cancelled it, what it says of that; may be empty.
 */
cancelled?: string, 
/**
 * How many appointments are booked.
 */
booked: number, 
/**
 * How many confirmations have been sent or wait to be sent.
 */
confirmations: number, 
/**
 * In the answer to a press that opened or closed booking and told the parents: whom.
 */
told?: Queued, };

export type Evenings = { 
/**
 * The newest first.
 */
evenings: Array<Evening>, };

export type BookingDoor = { 
/**
 * Open it, or close it.
 */
open: boolean, 
/**
 * When it is to close by itself, RFC 3339, where that is to be another moment than before: one
 * that has passed opens nothing.
 */
closes?: string, 
/**
 * Whether parents are told, where it is news: that it is open all of them, each with their link
 * to book by; that it has closed whoever has booked or has a link.
 */
tells?: boolean, 
/**
 * 128 random bits, 32 lowercase hexadecimal digits: a retry with the same does nothing, and is
 * answered alike.
 */
attempt?: string, };

export type Queued = { 
/**
 * How many e-mails are on their way now.
 */
queued: number, 
/**
 * How many people have no e-mail address.
 */
without_address: number, };

export type TeacherDraft = { 
/**
 * Their name as parents see it.
 */
name: string, 
/**
 * Their e-mail address; empty where their link is given to them otherwise.
 */
email: string, 
/**
 * The `version` that the form began with, as [`ClassDraft::version`].
 */
version?: string, };

export type Teacher = { 
/**
 * Names them in requests.
 */
id: string, 
/**
 * Their name.
 */
name: string, 
/**
 * Their e-mail address.
 */
email: string, 
/**
 * Another with each change.
 */
version: string, };

export type Teachers = { 
/**
 * In walking order.
 */
teachers: Array<Teacher>, 
/**
 * Who has left or was removed, and can be brought back, by name.
 */
left?: Array<Teacher>, };

export type PlaceDraft = { 
/**
 * How many stand before them; those after it move on.
 */
place: number, };

export type ClassDraft = { 
/**
 * Its name at the school, `9A/Ma1`.
 */
name: string, 
/**
 * The subject as parents see it.
 */
subject: string, 
/**
 * Who takes its appointments jointly, one to three; a fourth is refused (EVE-1).
 */
teachers: Array<string>, 
/**
 * Its students; absent: unchanged, none for a new class.
 */
students?: Array<string>, 
/**
 * The `version` of the class that the form began with: where that is no longer what is kept,
 * nothing changes. Without it what is kept is written over.
 */
version?: string, };

export type Class = { 
/**
 * Names it in requests.
 */
id: string, 
/**
 * Its name.
 */
name: string, 
/**
 * The subject.
 */
subject: string, 
/**
 * The ids of its teachers.
 */
teachers: Array<string>, 
/**
 * The ids of its students.
 */
students: Array<string>, 
/**
 * Another with each change.
 */
version: string, };

export type Classes = { 
/**
 * By name.
 */
classes: Array<Class>, };

export type StudentDraft = { 
/**
 * Their name.
 */
name: string, 
/**
 * Their homeroom; may be empty.
 */
homeroom: string, 
/**
 * The year or grade they are in; may be empty. Absent, it stays as it is.
 */
year?: string, 
/**
 * The ids of their classes.
 */
classes: Array<string>, 
/**
 * The `version` that the form began with, as [`ClassDraft::version`].
 */
version?: string, };

export type Student = { 
/**
 * Names them in requests.
 */
id: string, 
/**
 * Their name.
 */
name: string, 
/**
 * Their homeroom.
 */
homeroom: string, 
/**
 * The year or grade they are in, a number without the words around it where it is one; may be empty.
 */
year: string, 
/**
 * The ids of their classes.
 */
classes: Array<string>, 
/**
 * Their contacts.
 */
contacts: Array<StudentContact>, 
/**
 * Since when they have left the school, where they have.
 */
left?: string, 
/**
 * Their name in the school's records, where the office has accepted another from a parent.
 */
records_name?: string, 
/**
 * The names that parents say are theirs, where the office has kept the one above.
 */
refused_names?: Array<RefusedName>, 
/**
 * Another with each change.
 */
version: string, };

export type StudentInvite = { 
/**
 * The parent's name.
 */
name: string, 
/**
 * Their e-mail address.
 */
email: string, };

export type StudentLists = { 
/**
 * Homerooms, by name.
 */
homerooms: Array<Homeroom>, 
/**
 * Classes that have students, by name.
 */
classes: Array<ClassList>, 
/**
 * Years or grades, in their order.
 */
years: Array<YearList>, };

export type Homeroom = { 
/**
 * What it is called.
 */
name: string, 
/**
 * How many students are in it.
 */
students: number, };

export type ClassList = { 
/**
 * Names it in requests.
 */
id: string, 
/**
 * What it is called.
 */
name: string, 
/**
 * How many students are in it.
 */
students: number, };

export type YearList = { 
/**
 * What it is called.
 */
name: string, 
/**
 * How many students are in it.
 */
students: number, };

export type StudentContact = { 
/**
 * Names them in requests.
 */
id: string, 
/**
 * Their name.
 */
name: string, 
/**
 * Their e-mail address.
 */
email: string, 
/**
 * Whether a court order forbids them to be there (DIR-4).
 */
court_order: boolean, 
/**
 * Whether they may be somebody with a court order, and wait for the office (DIR-13).
 */
waits: boolean, 
/**
 * Whether they have an account.
 */
registered?: boolean, };

export type StudentSearch = { 
/**
 * A part of the student's name; empty finds everybody.
 */
search?: string, 
/**
 * A homeroom, of whose students alone it is.
 */
homeroom?: string, 
/**
 * The id of a class, of whose students alone it is.
 */
class?: string, 
/**
 * A year or grade, of whose students alone it is.
 */
year?: string, 
/**
 * The `next` of the page before.
 */
after?: string, };

export type Students = { 
/**
 * At most 100, by name.
 */
students: Array<Student>, 
/**
 * How many there are in all that match.
 */
total: number, 
/**
 * Teachers, and contacts who are no student's, of whom the same is true, at most 20 of each; nobody
 * where nothing is searched for.
 */
others: Array<FoundPerson>, 
/**
 * For the `after` of the next request; absent at the end.
 */
next?: string, };

export type FoundPerson = { 
/**
 * What they are.
 */
kind: FoundKind, 
/**
 * Names them in requests.
 */
id: string, 
/**
 * Their name.
 */
name: string, };

export type FoundKind = "teacher" | "contact" | "staff" | "unknown";

export type ContactDraft = { 
/**
 * Their name.
 */
name: string, 
/**
 * Their e-mail address; siblings' contacts may share one.
 */
email: string, 
/**
 * Where text messages reach them; absent, it stays as it is.
 */
mobile?: string, 
/**
 * The ids of their students.
 */
students: Array<string>, 
/**
 * The `version` that the form began with, as [`ClassDraft::version`].
 */
version?: string, };

export type RefusedName = { 
/**
 * What they say.
 */
name: string, 
/**
 * Who.
 */
by: string, };

export type ContactPerson = { 
/**
 * Names them in requests.
 */
id: string, 
/**
 * Their name.
 */
name: string, 
/**
 * Their e-mail address.
 */
email: string, 
/**
 * Where text messages reach them.
 */
mobile?: string, 
/**
 * The ids of their students.
 */
students: Array<string>, 
/**
 * Whether a court order forbids them to be there (DIR-4).
 */
court_order: boolean, 
/**
 * Somebody with a court order whom they may be: they have no link before the office has said
 * whether they are that person (DIR-13).
 */
may_be?: MayBe, 
/**
 * What they have said of themselves, where they were asked (DIR-8).
 */
details?: SaidDetails, 
/**
 * Their name in the school's records, where the office has accepted another from them.
 */
records_name?: string, 
/**
 * The name that they say is theirs, where the office has kept the one above.
 */
refused_name?: string, 
/**
 * Their e-mail address in the school's records, where they go on with the one above, by their own word.
 */
records_email?: string, 
/**
 * Their other telephone number in the school's records, as a source said it; empty where none did,
 * or it is that of their mobile.
 */
telephone: string, 
/**
 * Since when they have left the school, where they have.
 */
left?: string, 
/**
 * Another with each change.
 */
version: string, };

export type SaidDetails = { 
/**
 * Their telephone number; empty where they do not share it.
 */
telephone: string, 
/**
 * The language they read, a tag of BCP 47; empty where they did not say.
 */
language: string, 
/**
 * The ids of the students who live with them.
 */
lives_with: Array<string>, };

export type ChangedWhat = "telephone" | "email" | "name" | "unknown";

export type ChangedDetail = { 
/**
 * What it is.
 */
what: ChangedWhat, 
/**
 * Names them in requests.
 */
contact: string, 
/**
 * Their name.
 */
name: string, 
/**
 * The names of their students.
 */
students: Array<string>, 
/**
 * What they say.
 */
own: string, 
/**
 * What the school's records say.
 */
school: string, 
/**
 * When they said it, or the records another.
 */
since: string, 
/**
 * Whose name it is, where that is a student's; `students` has the name that stands.
 */
student?: string, };

export type DetailDecision = { 
/**
 * What it is.
 */
what: ChangedWhat, 
/**
 * Which.
 */
keep: KeepDetail, 
/**
 * What they say.
 */
own: string, 
/**
 * What the school's records say.
 */
school: string, 
/**
 * The `student` of [`ChangedDetail`].
 */
student?: string, 
/**
 * What the parent reads, of a name that is not accepted; may be empty.
 */
word: string, };

export type KeepDetail = "own" | "school";

export type MayBe = { 
/**
 * The id of that contact.
 */
contact: string, 
/**
 * Their name.
 */
name: string, };

export type TellApart = { 
/**
 * The `contact` of [`MayBe`].
 */
from: string, };

export type AlikeRecords = { 
/**
 * The likeliest first, 200 at most.
 */
pairs: Array<AlikePair>, 
/**
 * How many more there are.
 */
more: number, 
/**
 * The newest first.
 */
joined: Array<JoinedPair>, };

export type AlikePair = { 
/**
 * By what they are alike.
 */
alike: AlikeBy, 
/**
 * One.
 */
one: AlikeContact, 
/**
 * The other.
 */
other: AlikeContact, };

export type AlikeBy = "address" | "name" | "both" | "unknown";

export type AlikeContact = { 
/**
 * Names them in requests.
 */
contact: string, 
/**
 * Their name.
 */
name: string, 
/**
 * Their e-mail address; empty where none is known.
 */
email: string, 
/**
 * The names of their students.
 */
students: Array<string>, 
/**
 * Whether a court order is in force on them.
 */
court_order: boolean, 
/**
 * Whether they have an account.
 */
registered: boolean, };

export type JoinedPair = { 
/**
 * The one that stays.
 */
contact: string, 
/**
 * Their name.
 */
name: string, 
/**
 * The one that went.
 */
gone: string, 
/**
 * Its name.
 */
gone_name: string, 
/**
 * Until when they can be parted.
 */
until: string, };

export type OtherRecord = { 
/**
 * Its id.
 */
other: string, };

export type JoinReport = { 
/**
 * The names of students whose guardian the other one was not yet.
 */
students: Array<string>, 
/**
 * How many appointments.
 */
appointments: number, 
/**
 * How many invitations of guests, with the consent given for them.
 */
invitations: number, 
/**
 * How many links that go on to work.
 */
links: number, 
/**
 * How many links end: the other one has a link for the same evening.
 */
links_ended: number, 
/**
 * What becomes of accounts.
 */
account: JoinedAccount, 
/**
 * Whether what they said of themselves comes.
 */
details: boolean, 
/**
 * Whether a court order is in force on both from then on.
 */
court_order: boolean, 
/**
 * How many appointments it cancels.
 */
appointments_cancelled: number, };

export type JoinedAccount = "none" | "kept" | "comes" | "two" | "unknown";

export type CourtOrderDraft = { 
/**
 * Whether there is one.
 */
active: boolean, };

export type OrderTaken = { 
/**
 * The contact as they stand now.
 */
contact: ContactPerson, 
/**
 * How many links died with it: their own, and those of invitations to them or by them.
 */
links_ended: number, 
/**
 * How many appointments were cancelled.
 */
appointments_cancelled: number, };

export type ImportReport = { 
/**
 * Whether it was done, or only tried.
 */
applied: boolean, 
/**
 * The columns of the file that mean nothing here.
 */
unused: Array<string>, 
/**
 * A result for every row.
 */
rows: Array<ImportRow>, 
/**
 * How many rows bring somebody new.
 */
created: number, 
/**
 * How many change somebody.
 */
updated: number, 
/**
 * How many change nothing.
 */
unchanged: number, 
/**
 * How many are refused.
 */
refused: number, 
/**
 * Who and what is there no longer, a sentence without a full stop for each.
 */
leaving?: Array<string>, 
/**
 * Whether so many people leave that it is not done before it is asked for with
 * `all_the_same=true`: more than a fifth of those whom imports have brought.
 */
asks_first?: boolean, 
/**
 * How many contacts whom it brought are sent an invitation to register, where that was asked for.
 */
invited?: number, 
/**
 * The same with whom only a letter reaches, and who was not invited and why.
 */
invitations?: RegistrationsSent, 
/**
 * How many people it does not name, and stay because a refused row may be theirs.
 */
kept_back?: number, 
/**
 * Court orders that it says and that could not be entered.
 */
orders?: Array<UnenteredOrder>, 
/**
 * The file's columns, and what each means.
 */
columns: ImportColumns, 
/**
 * Words with letters beyond ASCII, where it had to be guessed how the file was saved: whoever
 * knows the names looks at them.
 */
guessed?: Array<string>, 
/**
 * What the office should know of how it was read, a sentence each.
 */
notes?: Array<string>, 
/**
 * Where the headings do not say what this is a list of, what they mean in each that it may be: then
 * there are no rows, and it is asked for again with the `columns` of the one that it is.
 */
readings?: Array<ImportReading>, 
/**
 * Why the columns do not suffice; then there are no rows, and they are to be chosen.
 */
problem?: string, };

export type ImportReading = { 
/**
 * Of whom or what it is a list.
 */
list: ImportKind, 
/**
 * What each column means, by its code; empty where it is left out.
 */
chosen: Array<string>, };

export type UnenteredOrder = { 
/**
 * By what it is known again.
 */
key: string, 
/**
 * Whom it is on, as they are called there; may be empty.
 */
name: string, 
/**
 * Whose contact they are there; empty where that student was erased here.
 */
student: string, };

export type OrderDismissal = { 
/**
 * Which.
 */
order: UnenteredOrder, 
/**
 * Whether it is about nobody here.
 */
dismiss: boolean, };

export type ImportColumns = { 
/**
 * The cells of the first row, cut.
 */
headings: Array<string>, 
/**
 * The cells of the first rows below it, cut.
 */
samples: Array<Array<string>>, 
/**
 * What each column means, by its code; empty where it is left out.
 */
chosen: Array<string>, 
/**
 * Whether the first row names the columns, and is no student.
 */
has_headings: boolean, 
/**
 * Whether this was chosen for an earlier file of the same headings.
 */
remembered: boolean, 
/**
 * The codes that may be chosen: `student_id`, `guardian_2_email`, `teacher_1_id`.
 */
choices: Array<string>, };

export type ImportRow = { 
/**
 * The line in the file, the header being 1.
 */
line: number, 
/**
 * What becomes of it.
 */
outcome: ImportOutcome, 
/**
 * The student, teacher or class that it names, as far as it can be read.
 */
student: string, 
/**
 * What it is about.
 */
kind?: ImportKind, 
/**
 * Why it is refused, or what should be looked at; empty otherwise.
 */
reason: string, 
/**
 * What it changes, a sentence without a full stop for each.
 */
does: Array<string>, };

export type ImportKind = "student" | "teacher" | "class" | "contact" | "unknown";

export type ImportOutcome = "created" | "updated" | "unchanged" | "refused" | "unknown";

export type SystemDraft = { 
/**
 * Where its records are kept.
 */
region: SystemRegion, 
/**
 * The school's id there, such as `A1930499544`.
 */
school: string, 
/**
 * What lets us read; without it the one before stays. It is given back by nothing.
 */
token?: string, 
/**
 * Whether people are taken from it every night.
 */
nightly: boolean, 
/**
 * The `version` that the form began with, as that of a class.
 */
version?: string, };

export type SystemRegion = "world" | "australia" | "africa" | "unknown";

export type SystemRunRequest = { 
/**
 * Whether it is done, or only tried.
 */
apply: boolean, 
/**
 * What the run before, which asked, was `seen` as: more than a fifth of those whom imports have
 * brought may leave with it, if they are those of whom whoever asks has read.
 */
seen?: string, };

export type InformationSystem = { 
/**
 * How it is reached, where one is connected.
 */
connected?: SystemConnection, 
/**
 * How far the run is that goes on.
 */
running?: SystemProgress, 
/**
 * The last run that has ended, where there was one.
 */
last?: SystemRun, };

export type ImportFolder = { 
/**
 * Whether there is one.
 */
there: boolean, 
/**
 * How far the run is that goes on.
 */
running?: SystemProgress, 
/**
 * The last run that has ended, where there was one.
 */
last?: SystemRun, };

export type SystemConnection = { 
/**
 * Where its records are kept.
 */
region: SystemRegion, 
/**
 * The school's id there.
 */
school: string, 
/**
 * Whether people are taken from it every night.
 */
nightly: boolean, 
/**
 * Another with each change of these.
 */
version: string, };

export type SystemProgress = { 
/**
 * What it is at.
 */
step: SystemStep, 
/**
 * How many records of that kind it has read.
 */
count: number, };

export type SystemStep = "beginning" | "employees" | "classes" | "students" | "taking" | "unknown";

export type SystemRun = { 
/**
 * When it began: RFC 3339.
 */
began: string, 
/**
 * What it came to.
 */
outcome: SystemOutcome, 
/**
 * Where it broke off, in words of the trade; empty where it did not.
 */
detail: string, 
/**
 * How many rows bring somebody new.
 */
created: number, 
/**
 * How many change somebody.
 */
updated: number, 
/**
 * How many change nothing.
 */
unchanged: number, 
/**
 * How many are refused.
 */
refused: number, 
/**
 * How many people leave.
 */
leaving: number, 
/**
 * How many it does not name, and stay because a refused row may be theirs.
 */
kept_back?: number, 
/**
 * How many court orders could not be entered.
 */
unentered?: number, 
/**
 * Whether `GET /api/v1/system/report` has a result for every row.
 */
has_report: boolean, 
/**
 * Where it asks, what stands for the files that were read and for who would leave, until the program
 * ends.
 */
seen?: string, };

export type SystemOutcome = "done" | "tried" | "asks" | "token" | "school" | "busy" | "failing" | "unreachable" | "odd" | "too_large" | "keys" | "stopped" | "records" | "nothing" | "unfinished" | "unreadable" | "folder" | "unknown";

export type Notices = { 
/**
 * One for each part of the program of which there is something to say.
 */
notices: Array<PartNotice>, };

export type PartNotice = { 
/**
 * The part, as `/readyz` names it.
 */
part: string, 
/**
 * A sentence to show.
 */
text: string, };

export type LiveView = { 
/**
 * When this was true.
 */
now: string, 
/**
 * The appointments of now, those in which somebody is, and those to come for which somebody has said that
 * they are here.
 */
calls: Array<LiveCall>, 
/**
 * How many appointments are over.
 */
over: number, 
/**
 * How many are still to come.
 */
upcoming: number, };

export type LiveCall = { 
/**
 * The appointment.
 */
appointment: Appointment, 
/**
 * Who booked it.
 */
parent: string, 
/**
 * Who is there or waits.
 */
present: Array<Present>, 
/**
 * How many places there are.
 */
cap: number, };

export type OfficeBookings = { 
/**
 * In order of time.
 */
bookings: Array<OfficeBooking>, };

export type OfficeBooking = { 
/**
 * The appointment.
 */
appointment: Appointment, 
/**
 * Who booked it.
 */
parent: string, 
/**
 * Their id.
 */
contact: string, };

export type OfficeBookRequest = { 
/**
 * 128 random bits, 32 lowercase hexadecimal digits: a retry with the same is the same booking.
 */
attempt: string, 
/**
 * The student.
 */
student: string, 
/**
 * The class.
 */
class: string, 
/**
 * When the slot begins.
 */
starts: string, 
/**
 * A note to the teachers.
 */
note?: string, };

export type OfficeMoveRequest = { 
/**
 * When the new slot begins.
 */
starts: string, };

export type EveningPeople = { 
/**
 * Teachers.
 */
teachers: Array<EveningPerson>, 
/**
 * Parents and guardians.
 */
parents: Array<EveningPerson>, 
/**
 * The ids of teachers who cannot come: nobody's appointments go to them (EVE-13).
 */
away: Array<string>, };

export type EveningPerson = { 
/**
 * The teacher's or contact's id.
 */
id: string, 
/**
 * Their name.
 */
name: string, 
/**
 * Their e-mail address.
 */
email: string, 
/**
 * How many appointments they have.
 */
appointments: number, 
/**
 * How the e-mail with their link stands; absent where none was sent.
 */
mail?: InvitationState, 
/**
 * Whether they have a link, by e-mail or by letter: they know of the evening.
 */
has_link?: boolean, };

export type LinkShown = { 
/**
 * The whole address.
 */
url: string, };

export type OfficeInvitations = { 
/**
 * The newest first.
 */
invitations: Array<OfficeInvitation>, 
/**
 * The names of parents who, within a day, wanted to set off more e-mail than one day allows.
 */
stopped: Array<string>, };

export type OfficeInvitation = { 
/**
 * Names it in requests.
 */
id: string, 
/**
 * Who invited.
 */
parent: string, 
/**
 * The guest's name.
 */
name: string, 
/**
 * The guest's e-mail address.
 */
email: string, 
/**
 * The names of the students covered.
 */
students: Array<string>, 
/**
 * How it stands.
 */
state: InvitationState, 
/**
 * When it was sent last.
 */
sent: string, 
/**
 * When consent was given.
 */
consented: string, 
/**
 * The version of the wording consented to.
 */
wording: string, 
/**
 * Why its e-mail came back; empty where it did not.
 */
bounce: string, };

export type OfficeAddressRequest = { 
/**
 * The new address.
 */
email: string, };

export type Approvals = { 
/**
 * The oldest first; those decided are not among them.
 */
approvals: Array<Approval>, 
/**
 * Contacts who may be somebody with a court order, by name (DIR-13).
 */
records: Array<HeldRecord>, 
/**
 * Appointments whose class has other teachers now, who are busy then, or whose student is in it no longer,
 * in order of time (EVE-13).
 */
appointments: Array<AskedAppointment>, 
/**
 * What parents say of themselves otherwise than the school's records, the oldest first (DIR-12).
 */
details: Array<ChangedDetail>, 
/**
 * Court orders that an information system says and that could not be entered.
 */
orders?: Array<UnenteredOrder>, 
/**
 * Those of which the office has said that they are about nobody here, while they are said as they were.
 */
dismissed?: Array<UnenteredOrder>, };

export type Approval = { 
/**
 * Names it in requests.
 */
id: string, 
/**
 * Who wishes to invite, or has invited; empty where nobody did, or they were erased since.
 */
parent: string, 
/**
 * The evening, meeting room or waiting area.
 */
evening: string, 
/**
 * The name entered.
 */
name: string, 
/**
 * The e-mail address entered, or the number; empty where there is neither.
 */
email: string, 
/**
 * The names of the students.
 */
students: Array<string>, 
/**
 * When it was asked.
 */
asked: string, 
/**
 * The name of the contact with a court order whom the guest may be; empty where that contact was
 * erased since.
 */
contact: string, 
/**
 * Whether it is that contact's address, and not a name alone: then it cannot be approved.
 */
is_certain: boolean, 
/**
 * Whether they wait at the door of a meeting: they are let in or turned away, nothing is sent, and
 * nobody reads why.
 */
at_door?: boolean, 
/**
 * The mobile number that they entered there besides an address.
 */
mobile?: string, 
/**
 * Why they came there, in their words.
 */
reason?: string, 
/**
 * Whether a parent named them as another parent of a student, to be invited to register (DIR-6).
 * `contact` is empty where no court order stands against it.
 */
is_parent?: boolean, };

export type HeldRecord = { 
/**
 * Names them in requests.
 */
contact: string, 
/**
 * Their name.
 */
name: string, 
/**
 * The id of one of their students.
 */
student: string, 
/**
 * Whom they may be.
 */
may_be: MayBe, };

export type AskedAppointment = { 
/**
 * Names it in requests.
 */
booking: string, 
/**
 * What the evening is called.
 */
evening: string, 
/**
 * Its time zone, in which its times are shown.
 */
time_zone: string, 
/**
 * The student it is about.
 */
student: string, 
/**
 * The parent who booked it.
 */
parent: string, 
/**
 * The subject.
 */
subject: string, 
/**
 * When it is.
 */
starts: string, 
/**
 * Who takes it until it is decided.
 */
teachers: Array<string>, 
/**
 * Whether they may keep it: not where one of them cannot come.
 */
may_be_kept: boolean, 
/**
 * Whether its student is in the class no longer.
 */
left_class?: boolean, 
/**
 * Who is to take it; nobody where it can only be cancelled or kept.
 */
instead: Array<string>, 
/**
 * When all of those and the parent are free, in order.
 */
free: Array<string>, };

export type AskedDecision = { 
/**
 * What the office decides.
 */
decision: AskedOutcome, 
/**
 * When, where it is moved: one of `free`.
 */
starts?: string, };

export type AskedOutcome = "keep" | "move" | "cancel";

export type CancelEvening = { 
/**
 * What the school says of it; may be empty.
 */
words: string, };

export type ReplaceTeacher = { 
/**
 * Who takes their appointments; without, they go back to the families. Themselves: they come after all.
 */
instead?: string, };

export type Replaced = { 
/**
 * How many appointments somebody else takes now.
 */
given: number, 
/**
 * How many are cancelled.
 */
cancelled: number, 
/**
 * How many wait for the office in `approvals`, because whoever takes them is busy then.
 */
asked: number, };

export type StoppedCalls = { 
/**
 * At most 200, the newest first.
 */
calls: Array<StoppedCall>, };

export type StoppedCall = { 
/**
 * Names it in requests.
 */
id: string, 
/**
 * When.
 */
at: string, 
/**
 * Who did it; empty where they were erased since.
 */
by: string, 
/**
 * The evening, meeting room or waiting area.
 */
place: string, 
/**
 * Whom the appointment was about; absent where it was none.
 */
student?: string, 
/**
 * When the appointment begins.
 */
starts?: string, 
/**
 * The guests of a room or a waiting area whom it keeps out.
 */
guests: Array<string>, 
/**
 * What happened, as they wrote it; may be empty.
 */
note: string, 
/**
 * What has become of it.
 */
state: StopState, };

export type StopState = "new" | "stands" | "let_back" | "unknown";

export type Attention = { 
/**
 * How many invitations, records and appointments it has to decide about, and calls that were stopped
 * at which it has yet to look.
 */
to_decide: number, 
/**
 * How many invitations to register could not be delivered.
 */
undelivered: number, 
/**
 * How many e-mails could not be sent yet, and are tried again.
 */
mail_waiting: number, 
/**
 * Why; empty where none waits.
 */
mail_reason: string, };

export type Decision = { 
/**
 * Whether to send the invitation after all, or to let the guest in: the office answers for it.
 */
approve: boolean, 
/**
 * Why not, in words that the parent reads; nobody does of a guest at a door.
 */
reason?: string, };

export type Decided = { 
/**
 * Whether it is a parent whom another parent named, who has an account already: they see the student
 * there, and no invitation was sent.
 */
registered: boolean, };

export type Audit = { 
/**
 * At most 100, the newest first.
 */
rows: Array<AuditRow>, 
/**
 * What those are called now whom the rows name by kind and id, such as `contact:2`. Who was
 * erased is not among them.
 */
names: { [key in string]: string }, 
/**
 * For the `before` of the next request; absent at the end.
 */
next?: string, };

export type AuditRow = { 
/**
 * Its number, which only rises.
 */
number: string, 
/**
 * When.
 */
at: string, 
/**
 * Who did it: `staff:1`, `contact:2`, `teacher:3`, `invitation:4`, `program` or `unknown`.
 */
who: string, 
/**
 * What was done, a stable word such as `invitation_sent`.
 */
what: string, 
/**
 * To whom or what, such as `booking:5`.
 */
about: string, 
/**
 * More, such as `evening=6 student=7`.
 */
detail: string, };

/** Close codes, and what a client may do after each. */
export const CLOSES: Readonly<Record<number, { close: Close; comeBack: ComeBack }>> = {
  4000: { close: "bad_message", comeBack: "never" },
  4001: { close: "bad_ticket", comeBack: "press" },
  4002: { close: "no_session", comeBack: "press" },
  4003: { close: "replaced", comeBack: "never" },
  4004: { close: "withdrawn", comeBack: "never" },
  4005: { close: "disconnected", comeBack: "press" },
  4006: { close: "left", comeBack: "never" },
  4007: { close: "ended", comeBack: "never" },
  4008: { close: "shutdown", comeBack: "resume" },
  4009: { close: "too_slow", comeBack: "resume" },
  4010: { close: "heartbeat_lost", comeBack: "resume" },
  4011: { close: "silent", comeBack: "resume" },
  4012: { close: "too_many_joins", comeBack: "press" },
  4013: { close: "unavailable", comeBack: "press" },
  4014: { close: "time_up", comeBack: "never" },
  4015: { close: "unused", comeBack: "press" },
  4016: { close: "turned_away", comeBack: "press" },
  4017: { close: "nobody_came", comeBack: "press" },
  4018: { close: "stopped", comeBack: "never" },
  1009: { close: "too_big", comeBack: "resume" },
  1011: { close: "failed", comeBack: "resume" },
};

export const SUBPROTOCOL = "homeroom.v1";
export const SOCKET_PATH = "/api/v1/socket";
