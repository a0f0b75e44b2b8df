//! What columns are called that speak of teachers and classes, and what a list is of that has them.

use super::headings::{guardian, of_student};
use super::students::columns_of_students;
use super::words::{FIRST, LAST};
use super::{Column, Part};

/// The most teachers that a row names: one more than may take a class, so that one too many is told.
pub const MOST_TEACHERS_NAMED: u8 = 4;

/// What a list is of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum List {
    /// Students with their contacts; of each row its class, with who takes it, may be named.
    Students,
    /// Teachers.
    Teachers,
    /// Classes with their teachers, in rows of classes or of teachers.
    Classes,
}

/// What a column says of a teacher.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TeacherPart {
    /// Their whole name.
    Name,
    /// Their first name.
    First,
    /// Their last name.
    Last,
    /// Their id in the system that the file comes from.
    Id,
    /// Their address.
    Email,
}

/// What stands first in headings that speak of a teacher.
const WHO: [&str; 24] = [
    "classteacher",
    "leadteacher",
    "mainteacher",
    "primaryteacher",
    "subjectteacher",
    "teachers",
    "teacher",
    "staffmember",
    "memberofstaff",
    "staff",
    "employee",
    "instructor",
    "lehrerin",
    "lehrer",
    "lehrkraft",
    "enseignant",
    "professeur",
    "profesor",
    "docente",
    "docent",
    "leerkracht",
    "opettaja",
    "insegnante",
    "nauczyciel",
];

/// The same of another teacher of the same class.
const WHO_ELSE: [&str; 4] = [
    "coteacher",
    "secondteacher",
    "additionalteacher",
    "assistantteacher",
];

/// What follows it.
const WHAT: [(TeacherPart, &[&str]); 5] = [
    (TeacherPart::Name, &["", "name", "fullname", "names"]),
    (TeacherPart::First, FIRST),
    (TeacherPart::Last, LAST),
    (
        TeacherPart::Id,
        &[
            "id",
            "ids",
            "code",
            "codes",
            "number",
            "no",
            "ref",
            "initials",
            "kurzel",
            "kuerzel",
            "sourcedid",
            "externalid",
            "misid",
        ],
    ),
    (
        TeacherPart::Email,
        &[
            "email",
            "emails",
            "emailaddress",
            "emailaddresses",
            "emailaddr",
            "mail",
            "workemail",
        ],
    ),
];

/// Headings that speak of a teacher, and do not say so first.
const OTHERS: [(TeacherPart, &[&str]); 2] = [
    (
        TeacherPart::Id,
        &[
            "initials",
            "usercode",
            "payrollnumber",
            "localstaffid",
            "kurzel",
            "kuerzel",
        ],
    ),
    (
        TeacherPart::Email,
        &[
            "workemail",
            "workemailaddress",
            "schoolemail",
            "schoolemailaddress",
        ],
    ),
];

/// Of these, what students have too.
const OF_STUDENTS_TOO: [&str; 3] = ["initials", "schoolemail", "schoolemailaddress"];

/// Words within headings that speak of students.
const OF_STUDENTS: [&str; 4] = ["student", "pupil", "learner", "admission"];

/// What a list is of, as its headings say.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Said {
    /// Of these.
    Surely(List),
    /// Of students, or of these: the office says which.
    StudentsOr(List),
}

impl Said {
    /// What it is read as where nobody says otherwise.
    pub(super) const fn list(self) -> List {
        match self {
            Self::Surely(list) | Self::StudentsOr(list) => list,
        }
    }
}

/// Headings that speak of a teacher in a list of nobody else.
const OF_NOBODY_ELSE: [(TeacherPart, &[&str]); 5] = [
    (
        TeacherPart::Name,
        &[
            "name",
            "fullname",
            "displayname",
            "lastfirst",
            "nombrecompleto",
            "nombreyapellidos",
            "prenometnom",
            "imieinazwisko",
        ],
    ),
    (TeacherPart::First, FIRST),
    (TeacherPart::Last, LAST),
    (
        TeacherPart::Id,
        &["id", "code", "externalid", "misid", "sourcedid"],
    ),
    (
        TeacherPart::Email,
        &[
            "email",
            "emailaddress",
            "emailaddresses",
            "emailaddr",
            "mail",
            "primaryemail",
        ],
    ),
];

const CLASS: [&str; 18] = [
    "class",
    "classname",
    "classgroup",
    "teachinggroup",
    "teachinggroupname",
    "teachingset",
    "set",
    "setname",
    "section",
    "sectionname",
    "coursesection",
    "groupname",
    "teachinggroupcode",
    "klasse",
    "classe",
    "klas",
    "luokka",
    "klasa",
];

const CLASS_ID: [&str; 12] = [
    "classid",
    "classcode",
    "classnumber",
    "classref",
    "classsourcedid",
    "setcode",
    "setid",
    "sectionid",
    "sectionnumber",
    "groupid",
    "groupcode",
    "teachinggroupid",
];

pub(super) const SUBJECT: [&str; 9] = [
    "subject",
    "subjectname",
    "subjecttitle",
    "fach",
    "matiere",
    "asignatura",
    "vak",
    "oppiaine",
    "przedmiot",
];
pub(super) const COURSE: [&str; 3] = ["course", "coursename", "coursetitle"];

/// What a heading says of which teacher, by their number from 1.
pub(super) fn teacher(heading: &str) -> Option<(u8, TeacherPart)> {
    let other = OTHERS.iter().find(|(_, names)| names.contains(&heading));
    if let Some((part, _)) = other {
        return Some((1, *part));
    }
    let part_of = |rest: &str| {
        let known = WHAT.iter().find(|(_, names)| names.contains(&rest));
        known.map(|(part, _)| *part)
    };
    let of = |heading: &str, who: &[&str]| {
        let mut parts = who.iter().filter_map(|it| heading.strip_prefix(it));
        parts.find_map(part_of)
    };
    if let Some(part) = of(heading, &WHO) {
        return Some((1, part));
    }
    if let Some(part) = of(heading, &WHO_ELSE) {
        return Some((2, part));
    }
    let (at, nth) = heading
        .char_indices()
        .find_map(|(at, it)| Some((at, u8::try_from(it.to_digit(10)?).ok()?)))?;
    let (before, behind) = heading.split_at_checked(at)?;
    let rest = format!("{before}{}", behind.get(1..)?);
    let is_number = (1..=MOST_TEACHERS_NAMED).contains(&nth);
    of(&rest, &WHO)
        .filter(|_| is_number)
        .map(|part| (nth, part))
}

pub(super) fn of_nobody_else(heading: &str) -> Option<TeacherPart> {
    let heading = heading.strip_prefix("legal").unwrap_or(heading);
    let mut known = OF_NOBODY_ELSE.iter();
    let known = known.find(|(_, names)| names.contains(&heading));
    known.map(|(part, _)| *part)
}

/// The meaning of each heading in a list of these, all at once: "Surname" is a teacher's where nobody
/// else is named. `students` says what each means in a list of students.
pub(super) fn meanings(
    list: List,
    headings: &[String],
    students: &[Option<Column>],
) -> Vec<Option<Column>> {
    let mut each = match list {
        List::Students => columns_of_students(headings, students),
        List::Teachers => headings.iter().map(|it| alone(it)).collect(),
        // Where a teacher is named, "Name" is the class's.
        List::Classes if names_teacher(headings) => {
            let is_of_class = |it: &Column| {
                let of_class = [TeacherPart::Name, TeacherPart::Id];
                of_class.map(|it| Column::Teacher(1, it)).contains(it)
            };
            let each = headings.iter().map(|it| {
                let is_teacher = teacher(it).is_some();
                alone(it).filter(|column| is_teacher || !is_of_class(column))
            });
            each.collect()
        }
        List::Classes => headings.iter().map(|it| alone(it)).collect(),
    };
    // Initials beside a student are theirs, unless something else is a teacher's.
    let is_told = headings.iter().any(|it| is_teachers_alone(it));
    let teacher = |heading: &str| teacher(heading).filter(|_| list != List::Students || is_told);
    let has_teacher = headings.iter().any(|it| teacher(it).is_some());
    let is_of_teachers = list == List::Teachers;
    if has_teacher && !is_of_teachers {
        classes(list, headings, &mut each);
    }
    let has_classes = each.contains(&Some(Column::Classes));
    for (heading, column) in headings.iter().zip(&mut each) {
        // In a list of students who takes nothing is somebody else: a tutor.
        if column.is_none() && (has_classes || is_of_teachers) {
            *column = teacher(heading).map(|(nth, part)| Column::Teacher(nth, part));
        }
    }
    first_id(headings, &mut each);
    each
}

/// Whether a heading speaks of a teacher, and can be of no student.
fn is_teachers_alone(heading: &str) -> bool {
    teacher(heading).is_some() && !OF_STUDENTS_TOO.contains(&heading)
}

/// The meaning of a heading where no student is named.
fn alone(heading: &str) -> Option<Column> {
    let teacher = teacher(heading).map(|(nth, part)| Column::Teacher(nth, part));
    teacher.or_else(|| of_nobody_else(heading).map(|it| Column::Teacher(1, it)))
}

/// Which columns name classes, their ids and subjects.
fn classes(list: List, headings: &[String], each: &mut [Option<Column>]) {
    let place = |names: &[&str]| headings.iter().position(|it| names.contains(&it.as_str()));
    let mut set = |place: Option<usize>, column: Column| {
        let cell = place.and_then(|it| each.get_mut(it));
        if let Some(cell) = cell.filter(|it| it.is_none()) {
            *cell = Some(column);
        }
    };
    let plural = headings
        .iter()
        .position(|it| of_student(it) == Some(Column::Classes));
    let alone: [&[&str]; 2] = match list {
        List::Classes if names_teacher(headings) => [&["name"], &["id", "code"]],
        List::Students | List::Teachers | List::Classes => [&[], &[]],
    };
    let [name, code] = alone.map(place);
    let (class, id) = (plural.or_else(|| place(&CLASS)), place(&CLASS_ID));
    let (class, id) = (class.or(name), id.or(code));
    let (subject, course) = (place(&SUBJECT), place(&COURSE));
    // Many call their classes by codes alone; others by the course, and number them.
    let named = class.or(match (id, course) {
        (Some(_), Some(_)) | (None, _) => course,
        (Some(_), None) => id,
    });
    if named.is_some() {
        set(named, Column::Classes);
        set(id, Column::ClassId);
        set(subject.or(course), Column::Subject);
    }
}

/// Of several ids of one teacher, initials are none.
fn first_id(headings: &[String], each: &mut [Option<Column>]) {
    let id = Some(Column::Teacher(1, TeacherPart::Id));
    let places: Vec<usize> = each
        .iter()
        .enumerate()
        .filter_map(|(place, it)| (*it == id).then_some(place))
        .collect();
    let is_initials = |place: &&usize| {
        let heading = headings.get(**place);
        heading.is_some_and(|it| it.ends_with("initials"))
    };
    if places.len() == 2 {
        for place in places.iter().filter(is_initials).take(1) {
            if let Some(cell) = each.get_mut(*place) {
                *cell = None;
            }
        }
    }
}

/// Whether a heading says of a name that it is a teacher's.
pub(super) fn names_teacher(headings: &[String]) -> bool {
    let mut parts = headings.iter().filter_map(|it| teacher(it));
    parts.any(|(_, part)| {
        matches!(
            part,
            TeacherPart::Name | TeacherPart::First | TeacherPart::Last
        )
    })
}

/// Without the name of a student a list is of teachers, or of classes where these are named. Where a name
/// may be a student's or a teacher's, whatever speaks of one of them alone decides; where both do, or
/// neither, nobody guesses.
pub(super) fn list_of(headings: &[String], students: &[Option<Column>]) -> Said {
    let has_teacher = headings.iter().any(|it| teacher(it).is_some());
    if !has_teacher || names_student(headings, students) {
        return Said::Surely(List::Students);
    }
    let is_class = |it: &String| {
        [&CLASS[..], &CLASS_ID, &COURSE]
            .iter()
            .any(|names| names.contains(&it.as_str()))
            || of_student(it) == Some(Column::Classes)
    };
    let list = if headings.iter().any(is_class) {
        List::Classes
    } else {
        List::Teachers
    };
    let names_somebody = headings.iter().any(|it| {
        let part = of_nobody_else(it);
        matches!(
            part,
            Some(TeacherPart::Name | TeacherPart::First | TeacherPart::Last)
        )
    });
    if names_teacher(headings) || !names_somebody {
        return Said::Surely(list);
    }
    let is_told = headings.iter().any(|it| is_teachers_alone(it));
    match (speaks_of_students(headings, students), is_told) {
        (true, false) => Said::Surely(List::Students),
        (false, true) => Said::Surely(list),
        (true, true) | (false, false) => Said::StudentsOr(list),
    }
}

/// Whether a heading says that a name or an id is a student's, or names a guardian.
fn names_student(headings: &[String], students: &[Option<Column>]) -> bool {
    let is_students = |(heading, column): (&String, &Option<Column>)| match column {
        Some(Column::Student | Column::Guardian(_, Part::Relationship | Part::CourtOrder)) => true,
        Some(
            Column::StudentPreferredFirst
            | Column::StudentPreferredLast
            | Column::StudentBetween
            | Column::StudentOtherId,
        ) => false,
        Some(Column::StudentFirst | Column::StudentLast | Column::StudentId) => {
            of_nobody_else(heading).is_none() && heading != "schoolid"
        }
        Some(Column::Guardian(_, Part::Name | Part::First | Part::Last)) => {
            guardian(heading).is_some()
        }
        Some(
            Column::Form
            | Column::Year
            | Column::Classes
            | Column::ClassId
            | Column::Subject
            | Column::Teacher(..)
            | Column::Guardian(
                _,
                Part::Between | Part::Id | Part::Email | Part::Mobile | Part::Telephone,
            ),
        )
        | None => false,
    };
    // Beside a teacher's name, another is a student's.
    let is_generic = |it: &String| {
        let part = of_nobody_else(it);
        matches!(part, Some(TeacherPart::First | TeacherPart::Last))
    };
    headings.iter().zip(students).any(is_students)
        || (names_teacher(headings) && headings.iter().any(is_generic))
}

/// Whether a heading says of whoever is named that they are students: it has such a word, or a homeroom
/// or year.
pub(super) fn speaks_of_students(headings: &[String], students: &[Option<Column>]) -> bool {
    let has_word = |it: &String| OF_STUDENTS.iter().any(|word| it.contains(word));
    let is_placed = |it: &Option<Column>| matches!(it, Some(Column::Form | Column::Year));
    headings.iter().any(has_word) || students.iter().any(is_placed)
}
