//! What a file changes, compared with what is kept.

mod changes;
mod contacts;
mod details;
mod doubt;
mod draft;
mod ids;
mod leaving;
mod mixed;
mod orders;
mod rows;
mod said;
mod staff;
mod students;
mod teachers;
mod unsaid;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::Incoming;
use crate::deed::Person;
use crate::ids::{ClassId, ContactId, StudentId, TeacherId};
use crate::said::Both;
use crate::telephone::Telephones;
use crate::text::{EmailAddress, Label, Mobile, Name};

use doubt::Doubt;
use draft::Draft;
use ids::LeftOut;
pub use leaving::Leaving;
pub use orders::Unentered;
pub use staff::StaffStep;

/// A student that is kept.
#[derive(Clone, Debug)]
pub struct ExistingStudent {
    /// Their id.
    pub id: StudentId,
    /// Their name.
    pub name: Name,
    /// That of the school's records, where the office has accepted another.
    pub records_name: Option<Name>,
    /// Their form.
    pub form: String,
    /// The year they are in; may be empty.
    pub year: String,
    /// Their id in the system that imports come from.
    pub source: Option<String>,
    /// Their classes.
    pub classes: Vec<ClassId>,
}

/// A contact that is kept.
#[derive(Clone, Debug)]
pub struct ExistingContact {
    /// Their id.
    pub id: ContactId,
    /// Their name.
    pub name: Name,
    /// That of the school's records, where the office has accepted another.
    pub records_name: Option<Name>,
    /// Their address.
    pub email: Option<EmailAddress>,
    /// Their students, and what they are to each.
    pub students: Vec<(StudentId, String)>,
    /// Their id in the system that imports come from.
    pub source: Option<String>,
    /// What other records said of them that were made one with this.
    pub aliases: Vec<Alias>,
    /// Their numbers, as the school's records and they themselves say them.
    pub telephones: Telephones,
    /// Their address, where it is their own word: they have an account, or have said it there.
    pub address: Option<Both<EmailAddress>>,
}

/// What a record said of somebody that was made one with another (DIR-13): a source that goes on
/// saying it means that one, and tells nothing new.
#[derive(Clone, Debug)]
pub struct Alias {
    /// Their name.
    pub name: Name,
    /// Their address.
    pub email: Option<EmailAddress>,
    /// Their id in the system that imports come from.
    pub source: Option<String>,
}

/// A teacher that is kept.
#[derive(Clone, Debug)]
pub struct ExistingTeacher {
    /// Their id.
    pub id: TeacherId,
    /// Their name.
    pub name: Name,
    /// Their address.
    pub email: Option<EmailAddress>,
    /// Their id in the system that imports come from.
    pub source: Option<String>,
}

/// A class that is kept.
#[derive(Clone, Debug)]
pub struct ExistingClass {
    /// Its id.
    pub id: ClassId,
    /// What it is called.
    pub name: Label,
    /// Its subject.
    pub subject: Label,
    /// Its teachers, in order.
    pub teachers: Vec<TeacherId>,
    /// Its id in the system that imports come from.
    pub source: Option<String>,
}

/// What an import brought, and the office did not enter by hand: an import may take it away again.
#[derive(Clone, Debug, Default)]
pub struct FromSource {
    /// Students.
    pub students: HashSet<StudentId>,
    /// Contacts.
    pub contacts: HashSet<ContactId>,
    /// Teachers.
    pub teachers: HashSet<TeacherId>,
    /// Classes.
    pub classes: HashSet<ClassId>,
    /// Who is whose guardian.
    pub guardians: HashSet<(ContactId, StudentId)>,
    /// Who is in which class.
    pub places: HashSet<(StudentId, ClassId)>,
}

/// What the office has decided against what a source says: no import undoes it.
#[derive(Clone, Debug, Default)]
pub struct Decided {
    /// Who is not whose guardian.
    pub apart: BTreeSet<(ContactId, StudentId)>,
    /// Who is not in which class.
    pub out: HashSet<(StudentId, ClassId)>,
    /// Who is still here, though the source does not name them.
    pub stays: BTreeSet<Person>,
    /// Whose address here is the office's word, and no account's.
    pub addressed: HashSet<ContactId>,
    /// Whose address it has taken out: what the source said then.
    pub unaddressed: HashMap<ContactId, EmailAddress>,
    /// Whose mobile number it has changed or taken out: what the source said then.
    pub mobiles: HashMap<ContactId, Mobile>,
    /// Which classes it has removed: their names, and ids in the source.
    pub removed: Vec<(Label, Option<String>)>,
    /// Which classes it has given to others: who took them by the source's word then.
    pub takers: HashMap<ClassId, BTreeSet<TeacherId>>,
    /// The keys of ids that the source names, of students and of contacts who were erased.
    pub erased_students: HashSet<String>,
    /// The same of contacts.
    pub erased_contacts: HashSet<String>,
    /// The same of teachers.
    pub erased_teachers: HashSet<String>,
    /// Of these, with the key of the name of whoever has them in the source, where it has no word in common with
    /// the names of whoever was erased: somebody else has that id now.
    pub other_students: HashSet<(String, String)>,
    /// The same of contacts.
    pub other_contacts: HashSet<(String, String)>,
    /// The same of teachers.
    pub other_teachers: HashSet<(String, String)>,
}

/// What is kept before the import.
#[derive(Clone, Debug, Default)]
pub struct Existing {
    /// All students.
    pub students: Vec<ExistingStudent>,
    /// All contacts.
    pub contacts: Vec<ExistingContact>,
    /// All teachers.
    pub teachers: Vec<ExistingTeacher>,
    /// All classes.
    pub classes: Vec<ExistingClass>,
    /// What of them an import brought.
    pub from_source: FromSource,
    /// Who of them has left.
    pub gone: BTreeSet<Person>,
    /// On which contacts a court order is in force.
    pub barred: HashSet<ContactId>,
    /// What the office has decided otherwise than the source says.
    pub decided: Decided,
}

/// Somebody who is kept, or whom an earlier step brings: the count of such steps before it, by kind.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Which<Id> {
    /// They are kept.
    Kept(Id),
    /// They are new: the first is 0.
    New(usize),
}

/// One change; they are to be made in order.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Step {
    /// A new student.
    AddStudent {
        /// Their name.
        name: Name,
        /// Their form.
        form: String,
        /// The year they are in; may be empty.
        year: String,
        /// Their id in the system that the file comes from.
        source: Option<String>,
    },
    /// A student has another name, form or id there.
    ChangeStudent {
        /// Who.
        id: StudentId,
        /// Their name.
        name: Name,
        /// Their form.
        form: String,
        /// The year they are in; may be empty.
        year: String,
        /// Their id in the system that the file comes from.
        source: Option<String>,
        /// Their name in the school's records, where the office has accepted another.
        records_name: Option<Name>,
    },
    /// A student is in a class.
    Place {
        /// Who.
        student: Which<StudentId>,
        /// Where.
        class: Which<ClassId>,
    },
    /// A new contact.
    AddContact {
        /// Their name.
        name: Name,
        /// Their address.
        email: Option<EmailAddress>,
        /// Their id in the system that the rows come from.
        source: Option<String>,
    },
    /// A contact has another address.
    ChangeContact {
        /// Who.
        id: ContactId,
        /// Their address.
        email: EmailAddress,
    },
    /// The school's records have that address of a contact, who goes on with their own until the office
    /// decides (DIR-12).
    OtherAddress {
        /// Who.
        id: ContactId,
        /// Their address there.
        email: EmailAddress,
    },
    /// A contact has that mobile number: text messages go there.
    Call {
        /// Who.
        contact: Which<ContactId>,
        /// Their number.
        mobile: Mobile,
    },
    /// The source has another telephone number of a contact than the school's records. What they say
    /// themselves stays as it is (DIR-12).
    Telephone {
        /// Who.
        contact: Which<ContactId>,
        /// Their number there.
        telephone: String,
    },
    /// A contact is the guardian of a student.
    Link {
        /// Who.
        contact: Which<ContactId>,
        /// Of whom.
        student: Which<StudentId>,
        /// What they are to the student.
        relationship: String,
    },
}

/// What is known better of a contact: their name, and their id in the system that the rows come from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ContactStep {
    /// Who.
    pub contact: Which<ContactId>,
    /// Their name.
    pub name: Name,
    /// Their id there.
    pub source: Option<String>,
    /// Their name in the school's records, where the office has accepted another.
    pub records_name: Option<Name>,
}

/// What a row is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// A student with their contacts.
    Student,
    /// A teacher.
    Teacher,
    /// A class.
    Class,
    /// A contact, without their students.
    Contact,
}

/// What becomes of a row.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// It brings somebody new.
    Created,
    /// It changes somebody.
    Updated,
    /// There is nothing to do.
    Unchanged,
    /// It is left out.
    Refused,
}

/// What becomes of a row, and why.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RowResult {
    /// What it is about.
    pub kind: Kind,
    /// The line, the header's being 1.
    pub line: u64,
    /// Whom or what it names, as far as that can be read.
    pub name: String,
    /// What becomes of it.
    pub outcome: Outcome,
    /// Why it is refused; empty otherwise.
    pub reason: String,
    /// What it does, a sentence for each change.
    pub does: Vec<String>,
}

/// What a source changes.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// A result for every row, in order: teachers, classes, students; then contacts and places that are
    /// named alone.
    pub results: Vec<RowResult>,
    /// What becomes of teachers and classes: before everything else.
    pub staff: Vec<StaffStep>,
    /// Who is back.
    pub back: Vec<Person>,
    /// What becomes of students and contacts.
    pub steps: Vec<Step>,
    /// What is known better of contacts.
    pub contacts: Vec<ContactStep>,
    /// On whom a court order is in force that was not known. No import ends one.
    pub orders: Vec<Which<ContactId>>,
    /// Orders that the source says, in rows that are refused too, and that could not be entered; nothing where it knows of none.
    pub unentered: Option<Vec<Unentered>>,
    /// How many people the source does not name, and stay because a refused row may be theirs.
    pub kept_back: usize,
    /// Of whom the office said that they are still here, and whom the source names again.
    pub settled: Vec<Person>,
    /// Which classes it gave to others, whom the source names too by now.
    pub agreed: Vec<ClassId>,
    /// Whose mobile number it changed, which the source says too by now.
    pub called: Vec<ContactId>,
    /// Who and what is there no longer: after everything else.
    pub leaving: Vec<Leaving>,
    /// How many of these are gone for [`Plan::asks_first`], of how many that an import has brought:
    /// people, or those of the one kind of which more than a fifth is gone.
    pub going: (usize, usize),
    /// Why the source's rows may be mixed up, a sentence each: it asks first, whoever leaves.
    pub mixed: Vec<String>,
    /// What the office should know of how the source was read, a sentence each.
    pub notes: Vec<String>,
}

impl Plan {
    /// How many people leave.
    #[must_use]
    pub fn people_leaving(&self) -> usize {
        self.leaving.iter().filter(|it| it.is_person()).count()
    }

    /// Whether so many leave that the source may not be whole: more than a fifth; or its rows may be mixed up.
    #[must_use]
    pub const fn asks_first(&self) -> bool {
        let (gone, known) = self.going;
        gone * 5 > known || !self.mixed.is_empty()
    }

    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.staff.is_empty()
            && self.back.is_empty()
            && self.steps.is_empty()
            && self.contacts.is_empty()
            && self.orders.is_empty()
            && self.leaving.is_empty()
    }
}

/// How often rows are looked at again without those that contradict each other.
const MOST_ROUNDS: usize = 20;

/// Compares what a source says with what is kept.
///
/// A student is known by their id in the system that the rows come from, else by name and form; a
/// contact by that id, else by name and address, else by name among the contacts of that student.
/// Names, addresses and ids are compared in whatever way they are written. Rows that contradict
/// each other, or would make one person of two or two of one, are refused, and change nothing.
/// Nobody leaves whom a refused row may mean. What the office entered by hand stays. A court order is
/// entered whatever becomes of the row that says so.
#[must_use]
pub fn reconcile(existing: &Existing, incoming: &Incoming) -> Plan {
    let incoming = &*unsaid::told(existing, incoming);
    let (incoming, left_out) = ids::with_ids_of_one(incoming);
    let incoming = &*incoming;
    let rows = &incoming.students;
    // Rows that are refused, by their place. Each round finds at least one more, or is the last.
    let mut refused: BTreeMap<usize, String> = said::contradictions_of_ids(rows);
    refused.extend(said::too_many_namesakes(rows));
    for _ in 0..MOST_ROUNDS {
        let (plan, contradicting) = attempt((incoming, &left_out), existing, &refused);
        if contradicting.is_empty() {
            return plan;
        }
        refused.extend(contradicting);
    }
    for place in 0..rows.len() {
        let reason = || {
            "This file contradicts itself in too many places. Correct the rows that say so, and import it again.".to_owned()
        };
        refused.entry(place).or_insert_with(reason);
    }
    attempt((incoming, &left_out), existing, &refused).0
}

/// What becomes of contacts and places that are named alone.
fn changes(draft: &mut Draft<'_>, incoming: &Incoming) -> Vec<RowResult> {
    let mut results = Vec::new();
    for listed in &incoming.contacts {
        let taken = listed.entry.as_ref().map_err(Clone::clone);
        let taken = taken.and_then(|it| draft.take_contact(it));
        let (outcome, reason) = match taken {
            Ok(outcome) => (outcome, String::new()),
            Err(reason) => (Outcome::Refused, reason),
        };
        results.push(RowResult {
            kind: Kind::Contact,
            line: listed.line,
            name: listed.name.clone(),
            outcome,
            reason,
            does: draft.says(),
        });
    }
    for place in incoming.places.iter().filter(|it| !it.is_over) {
        let outcome = draft.take_place(place);
        let does = draft.says();
        if outcome == Outcome::Updated {
            results.push(RowResult {
                kind: Kind::Student,
                line: place.line,
                name: draft.name_of(place),
                outcome,
                reason: String::new(),
                does,
            });
        }
    }
    results
}

fn settled(draft: &Draft<'_>, staff: &staff::Seen, existing: &Existing) -> Vec<Person> {
    let is_named = |it: &&Person| match it {
        Person::Student(id) => draft.seen.students.contains(id),
        Person::Contact(id) => draft.seen.contacts.contains(id),
        Person::Teacher(id) => staff.teachers.contains(id),
        Person::Guest(_) => false,
    };
    let stays = existing.decided.stays.iter();
    stays.filter(is_named).copied().collect()
}

fn attempt(
    (incoming, left_out): (&Incoming, &LeftOut),
    existing: &Existing,
    refused: &BTreeMap<usize, String>,
) -> (Plan, BTreeMap<usize, String>) {
    let rows = &incoming.students;
    let staff = staff::plan(existing, incoming);
    let mut draft = Draft::new(existing, incoming, &staff);
    let mut results = staff.results;
    let of_staff = results.len();
    for (place, row) in rows.iter().enumerate() {
        if !refused.contains_key(&place) {
            let left_out = left_out.get(&place).into_iter().flatten();
            draft.remarks.extend(left_out.cloned());
        }
        let done = match (&row.entry, refused.get(&place)) {
            (Ok(entry), None) => draft.take(entry, (place, row.line)),
            (Err(reason), _) | (_, Some(reason)) => Err(reason.clone()),
        };
        let (outcome, reason) = match done {
            Ok(outcome) => (outcome, String::new()),
            Err(reason) => (Outcome::Refused, reason),
        };
        results.push(RowResult {
            kind: Kind::Student,
            line: row.line,
            name: row.student.clone(),
            outcome,
            reason,
            does: draft.says(),
        });
    }
    let contradicting = std::mem::take(&mut draft.said).contradicting(rows);
    let doubt = Doubt::new(existing, incoming, results.split_at(of_staff));
    results.extend(changes(&mut draft, incoming));
    let of_people = results.split_at(of_staff).1;
    let said = orders::enter_all(&mut draft, incoming, (rows, of_people));
    results.extend(said.entered);
    let notes = orders::note(&draft).into_iter().chain(said.note).collect();
    let seen = (&staff.seen, &doubt);
    let (leaving, kept_back) = leaving::leaving(&draft, existing, incoming, seen);
    let settled = settled(&draft, &staff.seen, existing);
    let mut back = staff.back;
    back.append(&mut draft.back);
    let mut plan = Plan {
        results,
        staff: staff.steps,
        back,
        steps: draft.steps,
        contacts: draft.better_known,
        orders: draft.orders,
        unentered: incoming.orders.is_some().then_some(said.unentered),
        kept_back,
        settled,
        agreed: staff.agreed,
        called: draft.agreed,
        going: leaving::going(&leaving, existing, incoming),
        leaving,
        mixed: Vec::new(),
        notes,
    };
    note_mixed(&mut plan, existing, incoming);
    (plan, contradicting)
}

/// Says where rows seem to be mixed up, before what the source says of itself.
fn note_mixed(plan: &mut Plan, existing: &Existing, incoming: &Incoming) {
    plan.mixed = mixed::mixed(plan, existing);
    plan.notes.extend_from_slice(&plan.mixed);
    plan.notes.extend_from_slice(&incoming.notes);
}
