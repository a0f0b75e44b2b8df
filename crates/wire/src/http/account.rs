//! Accounts of parents and guardians: invitations to register, signing in, and what is theirs.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::parent::Booking;

/// How a contact stands (DIR-2).
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RegistrationState {
    /// They have an account.
    Registered,
    /// They have none, and were not invited at the address they have.
    NotRegistered,
    /// They were invited, and the invitation is good.
    Invited,
    /// They were invited, and the invitation has expired.
    Expired,
}

/// Why a contact cannot be invited.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Hindrance {
    /// A court order is in force on them (DIR-4).
    CourtOrder,
    /// They may be somebody with a court order, and wait for the office (DIR-13).
    Waits,
}

/// By what an invitation reaches whoever has no e-mail address.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReachedBy {
    /// By text message.
    Text,
    /// By a letter that the office prints.
    Letter,
}

/// Answers `POST /api/v1/registrations/search`, which takes a [`super::people::StudentSearch`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Pupils {
    /// By name.
    pub pupils: Vec<Pupil>,
    /// How many there are in all.
    pub total: u32,
    /// What `after` is for the next page, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub next: Option<String>,
}

/// A student with their contacts.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Pupil {
    /// Names them in requests.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Their homeroom.
    pub homeroom: String,
    /// Their contacts, by name.
    pub contacts: Vec<PupilContact>,
}

/// A contact, and how they stand.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct PupilContact {
    /// Names them in requests.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Their e-mail address; may be empty.
    pub email: String,
    /// Their mobile number, where they have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub mobile: Option<String>,
    /// By what an invitation reaches them: absent where it is by e-mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub by: Option<ReachedBy>,
    /// How they stand.
    pub state: RegistrationState,
    /// Until when their invitation is good, or was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(format = DateTime)]
    pub until: Option<String>,
    /// Where the invitation that they have could not be delivered: why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub undelivered: Option<Undelivered>,
    /// Why they cannot be invited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub hindrance: Option<Hindrance>,
}

/// `GET /api/v1/registrations/open`: all who may be invited, are not registered, and have no
/// invitation that is good: as many as are invited at one press.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct OpenRegistrations {
    /// Those who were never invited first.
    pub contacts: Vec<OpenContact>,
    /// How many there are in all.
    pub total: u32,
    /// How many more have an invitation that is good.
    pub invited: u32,
}

/// Somebody who may be invited.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct OpenContact {
    /// Names them in requests.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Their e-mail address; may be empty.
    pub email: String,
    /// Their mobile number, where they have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub mobile: Option<String>,
    /// By what an invitation reaches them: absent where it is by e-mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub by: Option<ReachedBy>,
    /// Their students, by name.
    pub students: Vec<String>,
    /// Where the invitation that they have could not be delivered: why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub undelivered: Option<Undelivered>,
}

/// Why an invitation could not be delivered, and the way on.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Undelivered {
    /// What the mail server or the gateway said; may be empty.
    pub reason: String,
    /// By what else an invitation reaches them: by text or letter.
    pub otherwise: ReachedBy,
}

/// `POST /api/v1/registrations`: sends each of these contacts an invitation to register by e-mail or
/// text; an earlier one is good no longer. Answered with [`RegistrationsSent`]. The same of
/// `POST /api/v1/registrations/letters`, which is the sending of letters: answered with
/// [`RegistrationLetters`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct RegistrationsDraft {
    /// Their ids, at most 500.
    #[schema(max_items = 500)]
    pub contacts: Vec<String>,
    /// By text message, whatever address they have: where nothing arrives there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub by_text: bool,
}

/// What became of it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct RegistrationsSent {
    /// How many are on their way.
    pub sent: u32,
    /// Until when they are good.
    #[schema(format = DateTime)]
    pub until: String,
    /// Who cannot be invited, and why.
    pub refused: Vec<RegistrationRefused>,
    /// The ids of those whom only a letter reaches: nothing was sent to them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub by_letter: Vec<String>,
}

/// Letters to print. Each is shown this once: what is kept of its code does not give it again.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct RegistrationLetters {
    /// By name.
    pub letters: Vec<RegistrationPrint>,
    /// The school's name.
    pub school: String,
    /// Where the code is typed: the school's own address.
    pub address: String,
    /// Until when they are good.
    #[schema(format = DateTime)]
    pub until: String,
    /// The school's time zone: a letter is read there.
    pub time_zone: String,
    /// Who cannot be invited, and why.
    pub refused: Vec<RegistrationRefused>,
}

/// A letter to print.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct RegistrationPrint {
    /// Names its reader in requests.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Their students, by name.
    pub students: Vec<String>,
    /// The language that they read, where it is known: a tag of BCP 47.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub language: Option<String>,
    /// What they type: 26 letters and digits.
    pub code: String,
    /// The same as a link, for the QR code.
    pub url: String,
}

/// Somebody who cannot be invited.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct RegistrationRefused {
    /// Their id.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Why, in a sentence.
    pub reason: String,
}

/// `GET /api/v1/registrations/progress`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct RegistrationProgress {
    /// How many invitations wait to be sent.
    pub waiting: u32,
    /// Those whose invitation is good and could not be delivered, by name: at most 500.
    pub undelivered: Vec<OpenContact>,
}

/// `POST /api/v1/register/check`: what an invitation to register is for. Answered with
/// [`RegistrationOffer`], or 404 `no_such_link`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct RegistrationCheck {
    /// The secret from the fragment.
    pub secret: String,
}

/// What has become of an invitation to register.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OfferState {
    /// It is good.
    Open,
    /// It has expired.
    Expired,
    /// Another was sent since, which is good.
    Replaced,
    /// Whoever it is for has registered.
    Registered,
    /// The address has an account of somebody of another name: the school helps.
    Shared,
    /// It is good, and came by text or letter: they say their address first (`/register/address`).
    Address,
}

/// `POST /api/v1/register/address`: whoever has an invitation that came by text or letter says their
/// address, and the invitation is sent there; to the one that the school has, where it has one. Answered
/// alike whatever comes of it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct RegistrationAddress {
    /// The secret from the fragment, or the code of the letter.
    pub secret: String,
    /// Their e-mail address. Absent where the school has one, by the hint in the offer: it is sent there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "address")]
    #[ts(optional)]
    pub email: Option<String>,
}

/// An invitation to register, to who shows its secret.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct RegistrationOffer {
    /// What has become of it.
    pub state: OfferState,
    /// The school's name.
    pub school: String,
    /// Whose it is.
    pub name: String,
    /// The address they will sign in with, to who came by an e-mail to it. With the state `address` by what they
    /// know the one again that the school has, as in `m…@example.org`; empty where they are to say it.
    pub email: String,
    /// Their students, by name.
    pub students: Vec<String>,
    /// Until when it is good, or was.
    #[schema(format = DateTime)]
    pub until: String,
    /// The school's time zone.
    pub time_zone: String,
    /// Whether they have an account already, whose password adds these students to it.
    pub has_account: bool,
    /// What they are asked before they register: absent where nobody named them from a student's
    /// profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub details: Option<DetailsOffer>,
}

/// What somebody is asked for who was named from a student's profile (DIR-8).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct DetailsOffer {
    /// Who invited them; empty where that is not known any more.
    pub inviter: String,
    /// Whether they have given them already.
    pub given: bool,
    /// Their telephone number; may be empty.
    pub telephone: String,
    /// The language they read, a tag of BCP 47; empty where they did not say.
    pub language: String,
    /// Who sees what.
    pub shares: Shares,
    /// Their students, by name.
    pub students: Vec<AskedStudent>,
    /// Whether they may name other parents of these.
    pub may_name: bool,
    /// Those whom they have named.
    pub named: Vec<NamedParent>,
}

/// Who sees what somebody says of themselves.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Shares {
    /// Whether the school sees the number.
    pub school_telephone: bool,
    /// Whether other parents of their children see their address, who show theirs.
    pub families_email: bool,
    /// Whether those see the number.
    pub families_telephone: bool,
}

/// A student of somebody who is asked for their details.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct AskedStudent {
    /// Names them in requests.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Whether the student lives with them.
    pub lives_with: bool,
}

/// `POST /api/v1/register/details`: what whoever was named says of themselves, before they register;
/// what they said before is replaced. Answered with [`RegistrationOffer`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct DetailsDraft {
    /// The secret from the fragment.
    pub secret: String,
    /// Their telephone number as people write it; may be empty.
    #[schema(format = "name")]
    pub telephone: String,
    /// The language they read, a tag of BCP 47; may be empty.
    #[schema(max_length = 35)]
    pub language: String,
    /// Who sees what.
    pub shares: Shares,
    /// The ids of the students who live with them.
    #[schema(max_items = 100)]
    pub lives_with: Vec<String>,
}

/// `POST /api/v1/register/parents`: whoever was named, and has given their details, names another
/// parent of a student. Answered with [`ParentNamed`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct NameParentRequest {
    /// The secret from the fragment.
    pub secret: String,
    /// The student's id.
    pub student: String,
    /// The other parent's name.
    #[schema(format = "name")]
    pub name: String,
    /// Their e-mail address.
    #[schema(format = "address")]
    pub email: String,
}

/// `POST /api/v1/account/contacts/{contact}/parents`: a parent with an account names another parent of
/// a student. Answered with [`ParentNamed`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct NameParent {
    /// The student's id.
    pub student: String,
    /// The other parent's name.
    #[schema(format = "name")]
    pub name: String,
    /// Their e-mail address.
    #[schema(format = "address")]
    pub email: String,
}

/// What becomes of it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct ParentNamed {
    /// Whether they are sent an invitation, or the school is to approve it.
    pub state: NamedState,
}

/// What has become of a parent whom a parent has named.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NamedState {
    /// The school is to approve it, and no more is said (DIR-4).
    Waits,
    /// They were sent an invitation.
    Sent,
    /// The school has declined it.
    Declined,
}

/// Another parent whom a parent has named.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct NamedParent {
    /// Their name, as it was entered.
    pub name: String,
    /// The student's name.
    pub student: String,
    /// What has become of it.
    pub state: NamedState,
    /// Why it was declined, in the school's words; may be empty.
    pub reason: String,
}

/// `POST /api/v1/register`: makes the account, signed in at once. Answered with [`Account`] and a
/// cookie, or 409 `set_up_done` where the invitation is good no longer.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct RegisterRequest {
    /// The secret from the fragment.
    pub secret: String,
    /// A new password, or that of the account they have.
    #[schema(format = "password")]
    pub password: String,
}

/// `POST /api/v1/account/link`: signs in by a link that was sent, which works once. Answered with
/// [`Account`] and a cookie, or 409 `set_up_done`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct AccountLink {
    /// The secret from the fragment.
    pub secret: String,
    /// A new password; empty where it stays as it is.
    #[serde(default)]
    #[schema(format = "password")]
    #[ts(optional, as = "Option<String>")]
    pub password: String,
}

/// `POST /api/v1/account/close`: closes the account. What the school knows stays.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct AccountClose {
    /// Its password.
    #[schema(format = "password")]
    pub password: String,
}

/// `PUT /api/v1/account/address`: whoever is signed in wishes to sign in with another address. A link goes there,
/// and nothing changes before it is confirmed. Answered alike whoever else has that address.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct NewAddressDraft {
    /// The address.
    #[schema(format = "address")]
    pub email: String,
    /// The account's password.
    #[schema(format = "password")]
    pub password: String,
}

/// `POST /api/v1/account/address/confirm`: whoever is signed in has opened the link. Answered with [`Account`] and a
/// cookie, or 409 `set_up_done` where it is good no longer, or is another account's.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct AddressConfirm {
    /// The secret from the fragment.
    pub secret: String,
}

/// An address that whoever has the account wishes to sign in with, and has not confirmed.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct WaitingAddress {
    /// Which.
    pub email: String,
    /// Whether the link that was sent there has expired.
    pub expired: bool,
}

/// Who is signed in: answers `POST` and `GET /api/v1/account/session` too.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Account {
    /// The address they sign in with.
    pub email: String,
    /// The school's name.
    pub school: String,
    /// To be sent in `X-Homeroom-Csrf` with every request that is not GET.
    pub csrf: String,
}

/// `GET /api/v1/account`: everything that an account shows.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct AccountHome {
    /// What the school knows of whoever has the account, by name: more than one record, where they
    /// stand in its list more than once.
    pub people: Vec<AccountPerson>,
    /// Evenings to come, in order of time.
    pub evenings: Vec<AccountEvening>,
    /// Whether they may name other parents of their students (DIR-6).
    pub may_name: bool,
    /// The address that they wish to sign in with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub new_address: Option<WaitingAddress>,
    /// How it stands with one sign-in for this account and for the staff: not there where neither may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub hat: Option<Hat>,
}

/// How the two sign-ins of somebody who is of the staff and a parent stand to each other.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Hat {
    /// This browser holds both sessions, for one address: they may be made one.
    Offered,
    /// The password of the staff opens both.
    Stands,
}

/// One record of whoever has the account.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct AccountPerson {
    /// Names it in requests.
    pub id: String,
    /// Their name.
    pub name: String,
    /// The e-mail address that the school writes to; may be empty.
    pub email: String,
    /// Their students, by name.
    pub students: Vec<AccountStudent>,
    /// Other parents whom they have named.
    pub named: Vec<NamedParent>,
    /// The name that they have said is theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub said_name: Option<SaidName>,
    /// What they say of themselves.
    pub details: OwnDetails,
    /// Whether they have said anything yet: those who have not are asked as at registering.
    pub has_said: bool,
    /// Another telephone number of theirs in the school's records, where the office has not said which
    /// is kept; empty elsewhere.
    pub other_telephone: String,
    /// Whether the school's records have another address of theirs, and the office has not said which is
    /// kept.
    pub has_other_address: bool,
}

/// What somebody with an account says of themselves; `PUT /api/v1/account/contacts/{contact}/details`
/// replaces it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct OwnDetails {
    /// Their telephone number as people write it; may be empty.
    #[schema(format = "name")]
    pub telephone: String,
    /// The language they read, a tag of BCP 47; empty where they did not say.
    #[schema(max_length = 35)]
    pub language: String,
    /// Who sees what.
    pub shares: Shares,
    /// The ids of the students who live with them.
    #[schema(max_items = 100)]
    pub lives_with: Vec<String>,
}

/// A name that somebody with an account says, of themselves or of a student of theirs, and what became of
/// it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct SaidName {
    /// What they say.
    pub name: String,
    /// What became of it.
    pub standing: NameStanding,
    /// What the office says to it, where it has kept another; may be empty.
    pub word: String,
}

/// What became of a name that somebody says.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NameStanding {
    /// It waits for the office.
    Waits,
    /// It is what they are called in the school's records.
    Accepted,
    /// The office has kept what they are called there.
    Kept,
}

/// `PUT /api/v1/account/contacts/{contact}/name`: a name is another than the school's records say. It waits
/// for the office. `POST /api/v1/account/contacts/{contact}/name/withdraw` takes back the one that it names, or is
/// refused with 409 `changed_meanwhile` where that waits no longer.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct NameDraft {
    /// Whose it is, a student of theirs; without it their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub student: Option<String>,
    /// The name.
    #[schema(format = "name")]
    pub name: String,
}

/// A student of theirs.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct AccountStudent {
    /// Names them.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Their homeroom.
    pub homeroom: String,
    /// What the contact is to them; may be empty.
    pub relationship: String,
    /// The name that the contact has said is theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub said_name: Option<SaidName>,
    /// Other contacts of theirs, as far as each shows the other what stands here.
    pub others: Vec<SharedContact>,
}

/// Another contact of a student, and what they show to whoever shows theirs.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct SharedContact {
    /// Their name.
    pub name: String,
    /// Their e-mail address; empty where they do not show it.
    pub email: String,
    /// Their telephone number; empty where they do not show it.
    pub telephone: String,
}

/// An evening of theirs.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct AccountEvening {
    /// Names it in requests.
    pub id: String,
    /// The record it is by.
    pub contact: String,
    /// Its name.
    pub name: String,
    /// When it begins.
    #[schema(format = DateTime)]
    pub starts: String,
    /// Whether it is over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub is_over: bool,
    /// Its time zone.
    pub time_zone: String,
    /// Whether they may book now.
    pub booking: Booking,
    /// What they have booked, in order of time.
    pub appointments: Vec<AccountAppointment>,
    /// The names of those whom they have invited.
    pub guests: Vec<String>,
}

/// An appointment of theirs.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct AccountAppointment {
    /// When it begins.
    #[schema(format = DateTime)]
    pub starts: String,
    /// When it ends.
    #[schema(format = DateTime)]
    pub ends: String,
    /// The student's name.
    pub student: String,
    /// The subject.
    pub subject: String,
    /// The teachers' names.
    pub teachers: Vec<String>,
}
