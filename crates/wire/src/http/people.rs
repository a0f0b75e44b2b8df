//! Teachers, classes, students and contacts, as the office keeps them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::account::RegistrationsSent;

/// `POST /api/v1/teachers` and `PUT /api/v1/teachers/{teacher}`. Answered with [`Teacher`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct TeacherDraft {
    /// Their name as parents see it.
    #[schema(format = "name")]
    pub name: String,
    /// Their e-mail address; empty where their link is given to them otherwise.
    #[schema(format = "address")]
    pub email: String,
    /// The `version` that the form began with, as [`ClassDraft::version`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(max_length = 64)]
    pub version: Option<String>,
}

/// A teacher.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Teacher {
    /// Names them in requests.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Their e-mail address.
    pub email: String,
    /// Another with each change.
    pub version: String,
}

/// `PUT /api/v1/teachers/{teacher}/place`: where they stand in walking order (EVE-2). Answered with
/// [`Teachers`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct PlaceDraft {
    /// How many stand before them; those after it move on.
    pub place: u32,
}

/// `GET /api/v1/teachers`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Teachers {
    /// In walking order.
    pub teachers: Vec<Teacher>,
    /// Who has left or was removed, and can be brought back, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<Teacher>>")]
    pub left: Vec<Teacher>,
}

/// `POST /api/v1/classes` and `PUT /api/v1/classes/{class}`. Answered with [`Class`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct ClassDraft {
    /// Its name at the school, `9A/Ma1`.
    #[schema(format = "name")]
    pub name: String,
    /// The subject as parents see it.
    #[schema(format = "name")]
    pub subject: String,
    /// Who takes its appointments jointly, one to three; a fourth is refused (EVE-1).
    #[schema(max_items = 10)]
    pub teachers: Vec<String>,
    /// Its students; absent: unchanged, none for a new class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(max_items = 2000)]
    pub students: Option<Vec<String>>,
    /// The `version` of the class that the form began with: where that is no longer what is kept,
    /// nothing changes. Without it what is kept is written over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(max_length = 64)]
    pub version: Option<String>,
}

/// A class.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Class {
    /// Names it in requests.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The subject.
    pub subject: String,
    /// The ids of its teachers.
    pub teachers: Vec<String>,
    /// The ids of its students.
    pub students: Vec<String>,
    /// Another with each change.
    pub version: String,
}

/// `GET /api/v1/classes`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Classes {
    /// By name.
    pub classes: Vec<Class>,
}

/// `POST /api/v1/students` and `PUT /api/v1/students/{student}`. Answered with [`Student`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct StudentDraft {
    /// Their name.
    #[schema(format = "name")]
    pub name: String,
    /// Their homeroom; may be empty.
    #[serde(default)]
    #[schema(format = "name")]
    pub homeroom: String,
    /// The year or grade they are in; may be empty. Absent, it stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(format = "name")]
    pub year: Option<String>,
    /// The ids of their classes.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub classes: Vec<String>,
    /// The `version` that the form began with, as [`ClassDraft::version`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(max_length = 64)]
    pub version: Option<String>,
}

/// A student.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Student {
    /// Names them in requests.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Their homeroom.
    pub homeroom: String,
    /// The year or grade they are in, a number without the words around it where it is one; may be empty.
    #[serde(default)]
    pub year: String,
    /// The ids of their classes.
    pub classes: Vec<String>,
    /// Their contacts.
    pub contacts: Vec<StudentContact>,
    /// Since when they have left the school, where they have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(format = DateTime)]
    pub left: Option<String>,
    /// Their name in the school's records, where the office has accepted another from a parent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub records_name: Option<String>,
    /// The names that parents say are theirs, where the office has kept the one above.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<RefusedName>>")]
    pub refused_names: Vec<RefusedName>,
    /// Another with each change.
    pub version: String,
}

/// A name of a student that a parent says, where the office has kept another.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct RefusedName {
    /// What they say.
    pub name: String,
    /// Who.
    pub by: String,
}

/// `POST /api/v1/students/{student}/invite`: a parent of the student is entered, and sent an invitation
/// to register that asks for their details (DIR-6). Answered with [`Student`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct StudentInvite {
    /// The parent's name.
    #[schema(format = "name")]
    pub name: String,
    /// Their e-mail address.
    #[schema(format = "address")]
    pub email: String,
}

/// A contact of a student.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct StudentContact {
    /// Names them in requests.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Their e-mail address.
    pub email: String,
    /// Whether a court order forbids them to be there (DIR-4).
    pub court_order: bool,
    /// Whether they may be somebody with a court order, and wait for the office (DIR-13).
    pub waits: bool,
    /// Whether they have an account.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub registered: bool,
}

/// `GET /api/v1/student-lists`: the homerooms, classes and years that students are found by (DIR-6).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct StudentLists {
    /// Homerooms, by name.
    pub homerooms: Vec<Homeroom>,
    /// Classes that have students, by name.
    pub classes: Vec<ClassList>,
    /// Years or grades, in their order.
    #[serde(default)]
    pub years: Vec<YearList>,
}

/// A year or grade.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct YearList {
    /// What it is called.
    pub name: String,
    /// How many students are in it.
    pub students: u32,
}

/// A homeroom.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Homeroom {
    /// What it is called.
    pub name: String,
    /// How many students are in it.
    pub students: u32,
}

/// A class.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct ClassList {
    /// Names it in requests.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// How many students are in it.
    pub students: u32,
}

/// `POST /api/v1/students/search`: finds students. Answered with [`Students`].
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct StudentSearch {
    /// A part of the student's name; empty finds everybody.
    #[serde(default)]
    #[schema(max_length = 200)]
    #[ts(optional, as = "Option<String>")]
    pub search: String,
    /// A homeroom, of whose students alone it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(max_length = 200)]
    pub homeroom: Option<String>,
    /// The id of a class, of whose students alone it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub class: Option<String>,
    /// A year or grade, of whose students alone it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(max_length = 200)]
    pub year: Option<String>,
    /// The `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub after: Option<String>,
}

/// Answers [`StudentSearch`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Students {
    /// At most 100, by name.
    pub students: Vec<Student>,
    /// How many there are in all that match.
    pub total: u32,
    /// Teachers, and contacts who are no student's, of whom the same is true, at most 20 of each; nobody
    /// where nothing is searched for.
    pub others: Vec<FoundPerson>,
    /// For the `after` of the next request; absent at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub next: Option<String>,
}

/// Somebody who is no student, and is found by no student's page.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct FoundPerson {
    /// What they are.
    pub kind: FoundKind,
    /// Names them in requests.
    pub id: String,
    /// Their name.
    pub name: String,
}

/// What somebody is who is found.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FoundKind {
    /// A teacher.
    Teacher,
    /// A contact.
    Contact,
    /// Somebody else of the staff who signs in: of the office, or who has rooms or waiting areas.
    Staff,
}

/// `POST /api/v1/contacts` and `PUT /api/v1/contacts/{contact}`. Answered with [`ContactPerson`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct ContactDraft {
    /// Their name.
    #[schema(format = "name")]
    pub name: String,
    /// Their e-mail address; siblings' contacts may share one.
    #[schema(format = "address")]
    pub email: String,
    /// Where text messages reach them; absent, it stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub mobile: Option<String>,
    /// The ids of their students.
    #[schema(max_items = 50)]
    pub students: Vec<String>,
    /// The `version` that the form began with, as [`ClassDraft::version`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(max_length = 64)]
    pub version: Option<String>,
}

/// A parent, guardian or other contact.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct ContactPerson {
    /// Names them in requests.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Their e-mail address.
    pub email: String,
    /// Where text messages reach them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub mobile: Option<String>,
    /// The ids of their students.
    pub students: Vec<String>,
    /// Whether a court order forbids them to be there (DIR-4).
    pub court_order: bool,
    /// Somebody with a court order whom they may be: they have no link before the office has said
    /// whether they are that person (DIR-13).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub may_be: Option<MayBe>,
    /// What they have said of themselves, where they were asked (DIR-8).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub details: Option<SaidDetails>,
    /// Their name in the school's records, where the office has accepted another from them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub records_name: Option<String>,
    /// The name that they say is theirs, where the office has kept the one above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub refused_name: Option<String>,
    /// Their e-mail address in the school's records, where they go on with the one above, by their own word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub records_email: Option<String>,
    /// Their other telephone number in the school's records, as a source said it; empty where none did,
    /// or it is that of their mobile.
    pub telephone: String,
    /// Since when they have left the school, where they have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(format = DateTime)]
    pub left: Option<String>,
    /// Another with each change.
    pub version: String,
}

/// What it is that a parent says of themselves.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangedWhat {
    /// Their telephone number.
    Telephone,
    /// Their e-mail address.
    Email,
    /// Their name, or that of a student of theirs.
    Name,
}

/// What a parent says of themselves, and something else that the school's records say: the office says
/// which is kept (DIR-12).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct ChangedDetail {
    /// What it is.
    pub what: ChangedWhat,
    /// Names them in requests.
    pub contact: String,
    /// Their name.
    pub name: String,
    /// The names of their students.
    pub students: Vec<String>,
    /// What they say.
    pub own: String,
    /// What the school's records say.
    pub school: String,
    /// When they said it, or the records another.
    #[schema(format = DateTime)]
    pub since: String,
    /// Whose name it is, where that is a student's; `students` has the name that stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub student: Option<String>,
}

/// `POST /api/v1/contacts/{contact}/decide`: which of the two is kept, as they were shown.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct DetailDecision {
    /// What it is.
    pub what: ChangedWhat,
    /// Which.
    pub keep: KeepDetail,
    /// What they say.
    #[schema(format = "name")]
    pub own: String,
    /// What the school's records say.
    #[schema(format = "name")]
    pub school: String,
    /// The `student` of [`ChangedDetail`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub student: Option<String>,
    /// What the parent reads, of a name that is not accepted; may be empty.
    #[serde(default)]
    #[schema(format = "note")]
    pub word: String,
}

/// Which of the two is kept.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeepDetail {
    /// What they say.
    Own,
    /// What the school's records say.
    School,
}

/// What a contact shares with the school.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct SaidDetails {
    /// Their telephone number; empty where they do not share it.
    pub telephone: String,
    /// The language they read, a tag of BCP 47; empty where they did not say.
    pub language: String,
    /// The ids of the students who live with them.
    pub lives_with: Vec<String>,
}

/// Somebody with a court order whom a contact may be.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct MayBe {
    /// The id of that contact.
    pub contact: String,
    /// Their name.
    pub name: String,
}

/// `POST /api/v1/contacts/{contact}/tell-apart`: the office says that a contact is not the person
/// with a court order whom they may be. Answered with [`ContactPerson`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct TellApart {
    /// The `contact` of [`MayBe`].
    #[serde(default)]
    pub from: String,
}

/// `PUT /api/v1/contacts/{contact}/court-order`. Answered with [`OrderTaken`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct CourtOrderDraft {
    /// Whether there is one.
    pub active: bool,
}

/// What a court order put an end to.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct OrderTaken {
    /// The contact as they stand now.
    pub contact: ContactPerson,
    /// How many links died with it: their own, and those of invitations to them or by them.
    pub links_ended: u32,
    /// How many appointments were cancelled.
    pub appointments_cancelled: u32,
}

/// Answers `POST /api/v1/import/students?apply=…`: a `text/csv` or `application/zip` body, at most
/// 10 MiB.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct ImportReport {
    /// Whether it was done, or only tried.
    pub applied: bool,
    /// The columns of the file that mean nothing here.
    pub unused: Vec<String>,
    /// A result for every row.
    pub rows: Vec<ImportRow>,
    /// How many rows bring somebody new.
    pub created: u32,
    /// How many change somebody.
    pub updated: u32,
    /// How many change nothing.
    pub unchanged: u32,
    /// How many are refused.
    pub refused: u32,
    /// Who and what is there no longer, a sentence without a full stop for each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub leaving: Vec<String>,
    /// Whether so many people leave that it is not done before it is asked for with
    /// `all_the_same=true`: more than a fifth of those whom imports have brought.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub asks_first: bool,
    /// How many contacts whom it brought are sent an invitation to register, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub invited: Option<u32>,
    /// The same with whom only a letter reaches, and who was not invited and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub invitations: Option<RegistrationsSent>,
    /// How many people it does not name, and stay because a refused row may be theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub kept_back: Option<u32>,
    /// Court orders that it says and that could not be entered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<UnenteredOrder>>")]
    pub orders: Vec<UnenteredOrder>,
    /// The file's columns, and what each means.
    pub columns: ImportColumns,
    /// Words with letters beyond ASCII, where it had to be guessed how the file was saved: whoever
    /// knows the names looks at them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub guessed: Vec<String>,
    /// What the office should know of how it was read, a sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub notes: Vec<String>,
    /// Where the headings do not say what this is a list of, what they mean in each that it may be: then
    /// there are no rows, and it is asked for again with the `columns` of the one that it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<ImportReading>>")]
    pub readings: Vec<ImportReading>,
    /// Why the columns do not suffice; then there are no rows, and they are to be chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub problem: Option<String>,
}

/// What the columns of a file mean where it is a list of these.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct ImportReading {
    /// Of whom or what it is a list.
    pub list: ImportKind,
    /// What each column means, by its code; empty where it is left out.
    pub chosen: Vec<String>,
}

/// A court order that an information system says and that could not be entered: nobody is known here whom
/// it may be on.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct UnenteredOrder {
    /// By what it is known again.
    pub key: String,
    /// Whom it is on, as they are called there; may be empty.
    pub name: String,
    /// Whose contact they are there; empty where that student was erased here.
    pub student: String,
}

/// `POST /api/v1/orders/dismiss`: a court order that could not be entered, as it is shown, is about nobody
/// here; or it is shown again.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct OrderDismissal {
    /// Which.
    pub order: UnenteredOrder,
    /// Whether it is about nobody here.
    pub dismiss: bool,
}

/// The columns of a file.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct ImportColumns {
    /// The cells of the first row, cut.
    pub headings: Vec<String>,
    /// The cells of the first rows below it, cut.
    pub samples: Vec<Vec<String>>,
    /// What each column means, by its code; empty where it is left out.
    pub chosen: Vec<String>,
    /// Whether the first row names the columns, and is no student.
    pub has_headings: bool,
    /// Whether this was chosen for an earlier file of the same headings.
    pub remembered: bool,
    /// The codes that may be chosen: `student_id`, `guardian_2_email`, `teacher_1_id`.
    pub choices: Vec<String>,
}

/// What becomes of one row.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct ImportRow {
    /// The line in the file, the header being 1.
    pub line: u32,
    /// What becomes of it.
    pub outcome: ImportOutcome,
    /// The student, teacher or class that it names, as far as it can be read.
    pub student: String,
    /// What it is about.
    #[serde(default)]
    #[ts(optional, as = "Option<ImportKind>")]
    pub kind: ImportKind,
    /// Why it is refused, or what should be looked at; empty otherwise.
    pub reason: String,
    /// What it changes, a sentence without a full stop for each.
    pub does: Vec<String>,
}

/// What a row is about.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportKind {
    /// A student with their contacts.
    #[default]
    Student,
    /// A teacher.
    Teacher,
    /// A class.
    Class,
    /// A contact, whose students are not named with them.
    Contact,
}

/// What becomes of a row.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportOutcome {
    /// Somebody new.
    Created,
    /// Somebody changed.
    Updated,
    /// Nothing to do.
    Unchanged,
    /// It is left out.
    Refused,
}
