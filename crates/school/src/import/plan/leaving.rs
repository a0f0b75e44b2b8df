//! Who and what is there no longer.

use std::collections::HashSet;

use super::doubt::Doubt;
use super::draft::Draft;
use super::staff::Seen;
use super::{Existing, ExistingContact, ExistingStudent, ExistingTeacher, Which};
use crate::deed::Person;
use crate::ids::{ClassId, ContactId, StudentId, TeacherId};
use crate::import::Incoming;
use crate::text::id_key;

/// Somebody who has left, or something that is so no longer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Leaving {
    /// A student has left the school.
    Student(StudentId, String),
    /// A contact is nobody's any more.
    Contact(ContactId, String),
    /// A teacher has left the school.
    Teacher(TeacherId, String),
    /// A class is no longer taught.
    Class(ClassId, String),
    /// A contact is no longer the guardian of a student.
    Guardian((ContactId, StudentId), String),
    /// A student is no longer in a class.
    Place((StudentId, ClassId), String),
}

impl Leaving {
    /// Whether it is a person who has left.
    #[must_use]
    pub const fn is_person(&self) -> bool {
        match self {
            Self::Student(..) | Self::Contact(..) | Self::Teacher(..) => true,
            Self::Class(..) | Self::Guardian(..) | Self::Place(..) => false,
        }
    }

    /// It in words.
    #[must_use]
    pub fn says(&self) -> String {
        match self {
            Self::Student(_, name) | Self::Contact(_, name) | Self::Teacher(_, name) => {
                format!("{name} has left")
            }
            Self::Class(_, name) => format!("{name} is no longer taught"),
            Self::Guardian(_, says) | Self::Place(_, says) => says.clone(),
        }
    }
}

/// The fewest of one kind whose going asks first, where the source names all of several kinds.
const FEW: usize = 3;

/// How many are gone, of how many that an import has brought and that are there: people of the kinds of
/// which the source names all, or classes where it names them alone. Where one kind of several is gone by
/// more than a fifth, it is that one: a list that is empty is not lost among longer ones.
pub(super) fn going(
    leaving: &[Leaving],
    existing: &Existing,
    incoming: &Incoming,
) -> (usize, usize) {
    let from = &existing.from_source;
    let all = incoming.names_all;
    let count = |is: fn(&Leaving) -> bool| leaving.iter().filter(|it| is(it)).count();
    let is_class = |it: &Leaving| matches!(it, Leaving::Class(..));
    let is_teacher = |it: &Leaving| matches!(it, Leaving::Teacher(..));
    if names_classes_alone(incoming) {
        return (count(is_class), from.classes.len());
    }
    let is_here = |it: &Person| !existing.gone.contains(it);
    let students = from.students.iter().copied().map(Person::Student);
    let contacts = from.contacts.iter().copied().map(Person::Contact);
    let families = students.chain(contacts).filter(is_here).count();
    let teachers = from.teachers.iter().copied().map(Person::Teacher);
    let teachers = teachers.filter(is_here).count();
    let gone = count(Leaving::is_person);
    let of_teachers = (count(is_teacher), teachers);
    let of_families = (gone - of_teachers.0, families);
    // In a new year all classes are others: what is strange is that there are few.
    let has_few = incoming.classes.len() * 5 < from.classes.len() * 4;
    let of_classes = (count(is_class), from.classes.len());
    let is_many = |(gone, known): &(usize, usize)| *gone >= FEW && gone * 5 > *known;
    let of_each = [
        (all.students && all.teachers).then_some(of_families),
        (all.students && all.teachers).then_some(of_teachers),
        (all.classes && has_few).then_some(of_classes),
    ];
    if let Some(many) = of_each.into_iter().flatten().find(is_many) {
        return many;
    }
    let is_some = !all.students && !all.teachers;
    let known = usize::from(all.students || is_some) * families
        + usize::from(all.teachers || is_some) * teachers;
    (gone, known)
}

const fn names_classes_alone(incoming: &Incoming) -> bool {
    let all = incoming.names_all;
    all.classes && !all.students && !all.teachers
}

/// The ids that are said to be gone, of one kind. Whoever the source names as well is there.
struct Said(HashSet<String>);

impl Said {
    fn new(ids: &[String]) -> Self {
        Self(ids.iter().map(|it| id_key(it)).collect())
    }

    fn contains(&self, source: Option<&str>) -> bool {
        source.is_some_and(|it| self.0.contains(&id_key(it)))
    }
}

/// Everything that a source which names all of it does not name, or names as gone; and how many people it
/// does not name who stay, because a refused row may mean them.
pub(super) fn leaving(
    draft: &Draft<'_>,
    existing: &Existing,
    incoming: &Incoming,
    (staff, doubt): (&Seen, &Doubt),
) -> (Vec<Leaving>, usize) {
    let from = &existing.from_source;
    let left = &incoming.left;
    let (left_students, left_contacts) = (Said::new(&left.students), Said::new(&left.contacts));
    let (left_teachers, left_classes) = (Said::new(&left.teachers), Said::new(&left.classes));
    let stays = &existing.decided.stays;
    let is_here = |it: Person| !existing.gone.contains(&it) && !stays.contains(&it);
    let all = incoming.names_all;
    let mut leaving = Vec::new();
    let mut kept_back = 0;
    let mut goes = |is_said: bool, is_missing: bool, may_be: &dyn Fn() -> bool| {
        let is_kept = !is_said && is_missing && may_be();
        kept_back += usize::from(is_kept);
        (is_said || is_missing) && !is_kept
    };
    let came = |it: &&ExistingStudent| from.students.contains(&it.id);
    for one in existing.students.iter().filter(came) {
        let is_seen = draft.seen.students.contains(&one.id);
        let is_missing = all.students && !is_seen;
        let is_said = !is_seen && left_students.contains(one.source.as_deref());
        let may_be = || doubt.keeps_student(one.id);
        if is_here(Person::Student(one.id)) && goes(is_said, is_missing, &may_be) {
            leaving.push(Leaving::Student(one.id, one.name.reveal().to_owned()));
        }
    }
    let came = |it: &&ExistingContact| from.contacts.contains(&it.id);
    for one in existing.contacts.iter().filter(came) {
        let is_seen = draft.seen.contacts.contains(&one.id);
        let is_missing = all.students && !is_seen;
        let is_said = !is_seen && left_contacts.contains(one.source.as_deref());
        let may_be = || doubt.keeps_contact(one);
        if is_here(Person::Contact(one.id)) && goes(is_said, is_missing, &may_be) {
            leaving.push(Leaving::Contact(one.id, one.name.reveal().to_owned()));
        }
    }
    let came = |it: &&ExistingTeacher| from.teachers.contains(&it.id);
    for one in existing.teachers.iter().filter(came) {
        let is_seen = staff.teachers.contains(&one.id);
        let is_missing = all.teachers && !is_seen;
        let is_said = !is_seen && left_teachers.contains(one.source.as_deref());
        let may_be = || doubt.keeps_teacher(one);
        if is_here(Person::Teacher(one.id)) && goes(is_said, is_missing, &may_be) {
            leaving.push(Leaving::Teacher(one.id, one.name.reveal().to_owned()));
        }
    }
    classes(existing, incoming, (staff, &left_classes), &mut leaving);
    over(draft, existing, incoming, &mut leaving);
    if incoming.rows_are_whole {
        ended(draft, existing, (staff, doubt), &mut leaving);
    }
    (leaving, kept_back)
}

/// Classes that are no longer taught. One whose row cannot be read may be any of them.
fn classes(
    existing: &Existing,
    incoming: &Incoming,
    (staff, left): (&Seen, &Said),
    leaving: &mut Vec<Leaving>,
) {
    let are_named =
        incoming.names_all.classes && incoming.classes.iter().all(|it| it.entry.is_ok());
    for one in &existing.classes {
        let is_seen = staff.classes.contains(&one.id);
        let came = existing.from_source.classes.contains(&one.id);
        if !is_seen && (are_named || left.contains(one.source.as_deref())) && came {
            leaving.push(Leaving::Class(one.id, one.name.as_str().to_owned()));
        }
    }
}

/// Places in classes of which it is said that they are over.
fn over(draft: &Draft<'_>, existing: &Existing, incoming: &Incoming, leaving: &mut Vec<Leaving>) {
    for place in incoming.places.iter().filter(|it| it.is_over) {
        let Some((Which::Kept(student), Which::Kept(class))) = draft.place_of_ids(place) else {
            continue;
        };
        let pair = (student, class);
        let is_ours = existing.from_source.places.contains(&pair);
        if is_ours && !draft.seen.places.contains(&pair) {
            let name = existing.classes.iter().find(|it| it.id == class);
            let name = name.map_or("", |it| it.name.as_str());
            let says = format!("{} is no longer in {name}", draft.name_of(place));
            leaving.push(Leaving::Place(pair, says));
        }
    }
}

/// What is no longer so of people who are there: a student's row says all of it.
/// Where another row of theirs is refused, it may say more.
fn ended(
    draft: &Draft<'_>,
    existing: &Existing,
    (staff, doubt): (&Seen, &Doubt),
    leaving: &mut Vec<Leaving>,
) {
    let from = &existing.from_source;
    let gone: HashSet<ContactId> = leaving
        .iter()
        .filter_map(|it| match it {
            Leaving::Contact(id, _) => Some(*id),
            Leaving::Student(..)
            | Leaving::Teacher(..)
            | Leaving::Class(..)
            | Leaving::Guardian(..)
            | Leaving::Place(..) => None,
        })
        .collect();
    let name_of = |id: StudentId| {
        let student = draft.students.get(&Which::Kept(id));
        student.map_or_else(String::new, |it| it.name.reveal().to_owned())
    };
    for one in &existing.contacts {
        for (student, _) in &one.students {
            let pair = (one.id, *student);
            let is_over = draft.seen.students.contains(student)
                && from.guardians.contains(&pair)
                && !draft.seen.guardians.contains(&pair)
                && !doubt.keeps_student(*student)
                && !gone.contains(&one.id);
            if is_over {
                let (name, student) = (one.name.reveal(), name_of(*student));
                let says = format!("{name} is no longer a guardian of {student}");
                leaving.push(Leaving::Guardian(pair, says));
            }
        }
    }
    for one in &existing.students {
        for class in &one.classes {
            let place = (one.id, *class);
            // Of a class that is refused, rows say nothing here: its students stay in it.
            let is_over = draft.seen.placed.contains(&one.id)
                && !staff.refused.contains(class)
                && !doubt.keeps_student(one.id)
                && from.places.contains(&place)
                && !draft.seen.places.contains(&place);
            if is_over {
                let class = existing.classes.iter().find(|it| it.id == *class);
                let class = class.map_or("", |it| it.name.as_str());
                let says = format!("{} is no longer in {class}", one.name.reveal());
                leaving.push(Leaving::Place(place, says));
            }
        }
    }
}
