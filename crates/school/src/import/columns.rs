//! The columns of a file, by the names that stand in its first row: ours, and those of the systems
//! that schools keep their records in.

mod headings;
mod staff;
mod students;
mod words;

use csv::StringRecord;

use super::sheet::Line;
use super::{MOST_COLUMNS, Unreadable};
use crate::year;

use headings::{guardian, of_student};
pub(super) use headings::{heading, is_bare_address, speaks_of_orders};
pub use staff::{List, MOST_TEACHERS_NAMED, TeacherPart};
use staff::{Said, list_of as said_list, meanings};
use words::YEAR;
pub(super) use words::{CALLED, HOMEROOM_OR_CLASS, MARKS};

/// The most guardians that a row names.
pub const MOST_GUARDIANS: u8 = 4;

/// A column that means something here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Column {
    /// A student's whole name.
    Student,
    /// Their first name.
    StudentFirst,
    /// Their last name.
    StudentLast,
    /// Their first name as they wish to be called, before the other where it is filled.
    StudentPreferredFirst,
    /// Their last name as they wish to be called, before the other where it is filled.
    StudentPreferredLast,
    /// What stands between first and last name: `van der`.
    StudentBetween,
    /// Their id in the system that the file comes from.
    StudentId,
    /// Another id of theirs, by which another list may name them.
    StudentOtherId,
    /// Their homeroom.
    Form,
    /// The year or grade that they are in.
    Year,
    /// Their classes, or those that the row is of.
    Classes,
    /// The ids of these in the system that the file comes from.
    ClassId,
    /// Their subject.
    Subject,
    /// Something of the teacher of that number, from 1 to [`MOST_TEACHERS_NAMED`].
    Teacher(u8, TeacherPart),
    /// Something of the guardian of that number, from 1 to [`MOST_GUARDIANS`].
    Guardian(u8, Part),
}

/// What a column says of a guardian.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Part {
    /// Their whole name.
    Name,
    /// Their first name.
    First,
    /// Their last name.
    Last,
    /// What stands between these: `van der`.
    Between,
    /// Their id in the system that the file comes from.
    Id,
    /// Their address.
    Email,
    /// Their mobile number: where text messages go.
    Mobile,
    /// Another telephone number of theirs.
    Telephone,
    /// What they are to the student.
    Relationship,
    /// Whether a court order is in force on them. Several columns may say so, and none of them is left out.
    CourtOrder,
}

/// All columns that may be chosen, by their codes: see [`Column::code`].
const CODES: [(Column, &str); 13] = [
    (Column::Student, "student"),
    (Column::StudentFirst, "student_first"),
    (Column::StudentLast, "student_last"),
    (Column::StudentPreferredFirst, "student_preferred_first"),
    (Column::StudentPreferredLast, "student_preferred_last"),
    (Column::StudentBetween, "student_between"),
    (Column::StudentId, "student_id"),
    (Column::StudentOtherId, "student_other_id"),
    (Column::Form, "homeroom"),
    (Column::Year, "year"),
    (Column::Classes, "classes"),
    (Column::ClassId, "class_id"),
    (Column::Subject, "subject"),
];

const TEACHER_CODES: [(TeacherPart, &str); 5] = [
    (TeacherPart::Name, "name"),
    (TeacherPart::First, "first"),
    (TeacherPart::Last, "last"),
    (TeacherPart::Id, "id"),
    (TeacherPart::Email, "email"),
];

const PART_CODES: [(Part, &str); 10] = [
    (Part::Name, "name"),
    (Part::First, "first"),
    (Part::Last, "last"),
    (Part::Between, "between"),
    (Part::Id, "id"),
    (Part::Email, "email"),
    (Part::Mobile, "mobile"),
    (Part::Telephone, "telephone"),
    (Part::Relationship, "relationship"),
    (Part::CourtOrder, "court_order"),
];

impl Column {
    /// Every one there is.
    pub fn all() -> impl Iterator<Item = Self> {
        let guardians = (1..=MOST_GUARDIANS).flat_map(|nth| {
            PART_CODES
                .iter()
                .map(move |(part, _)| Self::Guardian(nth, *part))
        });
        let teachers = (1..=MOST_TEACHERS_NAMED).flat_map(|nth| {
            let parts = TEACHER_CODES.iter();
            parts.map(move |(part, _)| Self::Teacher(nth, *part))
        });
        let others = CODES.iter().map(|(column, _)| *column);
        others.chain(guardians).chain(teachers)
    }

    /// Its stable name: `student_id`, `guardian_2_email`, `teacher_1_id`.
    #[must_use]
    pub fn code(self) -> String {
        if let Self::Teacher(nth, part) = self {
            let of_part = TEACHER_CODES.iter().find(|(it, _)| *it == part);
            return format!("teacher_{nth}_{}", of_part.map_or("", |(_, code)| code));
        }
        if let Self::Guardian(nth, part) = self {
            let of_part = PART_CODES.iter().find(|(it, _)| *it == part);
            return format!("guardian_{nth}_{}", of_part.map_or("", |(_, code)| code));
        }
        let code = CODES.iter().find(|(it, _)| *it == self);
        code.map_or("", |(_, code)| code).to_owned()
    }

    /// The column of that code.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        Self::all().find(|it| it.code() == code)
    }

    /// The columns of a file's headings, in order.
    pub(super) fn of_headings(header: &StringRecord) -> Vec<Option<Self>> {
        let (headings, students) = Self::of_students(header);
        let list = said_list(&headings, &students).list();
        Self::of_list(header, list)
    }

    /// Of what else than of students a list with these headings may be, where they do not say which.
    pub(super) fn unclear(header: &StringRecord) -> Option<List> {
        let (headings, students) = Self::of_students(header);
        match said_list(&headings, &students) {
            Said::Surely(_) => None,
            Said::StudentsOr(list) => Some(list),
        }
    }

    /// The columns of a list of these. Lists have several numbers of one person ("Telephone", "Home
    /// phone"): of mobiles and of other telephones the first is read, and so it is of years.
    pub(super) fn of_list(header: &StringRecord, list: List) -> Vec<Option<Self>> {
        let (headings, students) = Self::of_students(header);
        let mut each: Vec<Option<Self>> = Vec::new();
        let meanings = meanings(list, &headings, &students);
        let years = meanings.iter().filter(|it| **it == Some(Self::Year));
        let has_years = years.count() > 1;
        for (column, heading) in meanings.into_iter().zip(&headings) {
            let is_second = column.is_some_and(Self::is_read_once) && each.contains(&column);
            let is_calendars = has_years && column == Some(Self::Year) && heading == YEAR;
            each.push(column.filter(|_| !is_second && !is_calendars));
        }
        each.resize(header.len(), None);
        each
    }

    /// The headings as they are compared, and what each means in a list of students.
    fn of_students(header: &StringRecord) -> (Vec<String>, Vec<Option<Self>>) {
        let headings: Vec<String> = header.iter().take(MOST_COLUMNS).map(heading).collect();
        let students = headings.iter().map(|it| of_student(it)).collect();
        (headings, students)
    }

    const fn is_read_once(self) -> bool {
        matches!(
            self,
            Self::Year | Self::Guardian(_, Part::Id | Part::Mobile | Part::Telephone)
        )
    }

    const fn is_of_order(self) -> bool {
        matches!(self, Self::Guardian(_, Part::CourtOrder))
    }

    pub(super) const fn is_telephone(self) -> bool {
        matches!(self, Self::Guardian(_, Part::Telephone))
    }

    /// What it is called in sentences.
    pub(super) fn name(self) -> String {
        let (nth, part) = match self {
            Self::Student => return "student".to_owned(),
            Self::StudentFirst => return "student first name".to_owned(),
            Self::StudentLast => return "student last name".to_owned(),
            Self::StudentPreferredFirst => return "student preferred first name".to_owned(),
            Self::StudentPreferredLast => return "student preferred last name".to_owned(),
            Self::StudentBetween => return "student last name prefix".to_owned(),
            Self::StudentId => return "student id".to_owned(),
            Self::StudentOtherId => return "student other id".to_owned(),
            Self::Form => return "homeroom".to_owned(),
            Self::Year => return "year".to_owned(),
            Self::Classes => return "classes".to_owned(),
            Self::ClassId => return "class id".to_owned(),
            Self::Subject => return "subject".to_owned(),
            Self::Teacher(nth, part) => return teacher_name(nth, part),
            Self::Guardian(nth, part) => (nth, part),
        };
        match (nth, part) {
            (1, Part::Name) => "guardian".to_owned(),
            (1, Part::First) => "guardian first name".to_owned(),
            (1, Part::Last) => "guardian last name".to_owned(),
            (1, Part::Between) => "guardian last name prefix".to_owned(),
            (1, Part::Id) => "guardian id".to_owned(),
            (1, Part::Email) => "e-mail".to_owned(),
            (1, Part::Mobile) => "mobile".to_owned(),
            (1, Part::Telephone) => "telephone".to_owned(),
            (1, Part::Relationship) => "relationship".to_owned(),
            (1, Part::CourtOrder) => "court order".to_owned(),
            (_, Part::Name) => format!("guardian {nth}"),
            (_, Part::First) => format!("guardian {nth} first name"),
            (_, Part::Last) => format!("guardian {nth} last name"),
            (_, Part::Between) => format!("guardian {nth} last name prefix"),
            (_, Part::Id) => format!("guardian {nth} id"),
            (_, Part::Email) => format!("guardian {nth} e-mail"),
            (_, Part::Mobile) => format!("guardian {nth} mobile"),
            (_, Part::Telephone) => format!("guardian {nth} telephone"),
            (_, Part::Relationship) => format!("guardian {nth} relationship"),
            (_, Part::CourtOrder) => format!("guardian {nth} court order"),
        }
    }
}

fn teacher_name(nth: u8, part: TeacherPart) -> String {
    let teacher = match nth {
        1 => "teacher".to_owned(),
        _ => format!("teacher {nth}"),
    };
    match part {
        TeacherPart::Name => teacher,
        TeacherPart::First => format!("{teacher} first name"),
        TeacherPart::Last => format!("{teacher} last name"),
        TeacherPart::Id => format!("{teacher} id"),
        TeacherPart::Email => format!("{teacher} e-mail"),
    }
}

/// What a file's first row says.
#[derive(Debug)]
pub(super) struct Columns {
    /// What the file is a list of.
    pub(super) list: List,
    /// The meaning of each, in order; none where it has none here.
    pub(super) each: Vec<Option<Column>>,
    /// Where each that means something stands.
    places: Vec<(Column, usize)>,
    /// Those without, by their names.
    pub(super) unused: Vec<String>,
    /// What stands between cells.
    pub(super) delimiter: u8,
    /// Whether hyphens stand between words and years.
    pub(super) has_dashes: bool,
    /// What the headings say that guardians are to the student, by their numbers from 1.
    implied: [&'static str; MOST_GUARDIANS as usize],
}

impl Columns {
    /// By the headings, which mean these.
    pub(super) fn read(header: &StringRecord, each: &[Option<Column>]) -> Result<Self, Unreadable> {
        let mut columns = Self::chosen(header, each)?;
        for cell in header {
            let Some(said) = guardian(&heading(cell)) else {
                continue;
            };
            let place = usize::from(said.nth).saturating_sub(1);
            let place = columns.implied.get_mut(place);
            if let Some(place) = place.filter(|it| it.is_empty()) {
                *place = said.relationship;
            }
        }
        Ok(columns)
    }

    /// The same where somebody has said what each column means.
    pub(super) fn chosen(
        header: &StringRecord,
        each: &[Option<Column>],
    ) -> Result<Self, Unreadable> {
        if header.len() != each.len() {
            return Err(Unreadable::OtherColumns);
        }
        let mut unused = Vec::new();
        for (place, (cell, column)) in header.iter().zip(each).enumerate() {
            let is_one_of_several = column.is_some_and(Column::is_of_order);
            let mut before = header.iter().zip(each).take(place);
            if is_one_of_several {
                continue;
            }
            match (column, before.find(|(_, it)| *it == column)) {
                (Some(_), Some((first, _))) => {
                    return Err(Unreadable::ColumnTwice(shown(first), shown(cell)));
                }
                (None, _) if !cell.trim().is_empty() => unused.push(shown(cell)),
                (Some(_) | None, _) => {}
            }
        }
        let columns = Self {
            list: list_of(each),
            each: each.to_vec(),
            places: (0..)
                .zip(each)
                .filter_map(|(place, column)| Some(((*column)?, place)))
                .collect(),
            unused,
            delimiter: b',',
            has_dashes: false,
            implied: [""; MOST_GUARDIANS as usize],
        };
        columns.check()?;
        Ok(columns)
    }

    /// What each means in a list of students whatever is chosen: what speaks of orders is never left out.
    pub(super) fn with_orders(
        header: &StringRecord,
        chosen: &[Option<Column>],
    ) -> Vec<Option<Column>> {
        if list_of(chosen) != List::Students {
            return chosen.to_vec();
        }
        let mut each = chosen.to_vec();
        for (column, cell) in each.iter_mut().zip(header) {
            let said = of_student(&heading(cell));
            *column = column.or(said.filter(|it| it.is_of_order()));
        }
        each
    }

    /// Looks whether years are written with a hyphen before each.
    pub(super) fn note_dashes(&mut self, lines: &[&Line]) {
        let Some(place) = self.place(Column::Year) else {
            return;
        };
        let mut cells = lines.iter().filter_map(|it| it.record.get(place));
        self.has_dashes = cells.any(year::is_dashed);
    }

    /// Where a column stands, if it is there.
    pub(super) fn place(&self, column: Column) -> Option<usize> {
        let found = self.places.iter().find(|(it, _)| *it == column);
        found.map(|(_, place)| *place)
    }

    /// The cells of a row that speak of orders, and of which guardian by their headings.
    pub(super) fn orders<'r>(
        &self,
        record: &'r StringRecord,
    ) -> impl Iterator<Item = (u8, &'r str)> {
        self.each
            .iter()
            .zip(record)
            .filter_map(|(column, cell)| match column {
                Some(Column::Guardian(nth, Part::CourtOrder)) => Some((*nth, cell.trim())),
                Some(_) | None => None,
            })
    }

    /// Whether any column speaks of who takes a class.
    pub(super) fn names_teachers(&self) -> bool {
        let is_teacher = |it: &Option<Column>| matches!(it, Some(Column::Teacher(..)));
        self.each.iter().any(is_teacher)
    }

    /// What the headings say that a guardian is to the student; may be empty.
    pub(super) fn implied(&self, nth: u8) -> &'static str {
        let place = usize::from(nth).saturating_sub(1);
        self.implied.get(place).copied().unwrap_or_default()
    }

    fn check(&self) -> Result<(), Unreadable> {
        let guardians = (1..=MOST_GUARDIANS).map(|nth| {
            let part = |part| Column::Guardian(nth, part);
            (part(Part::Name), part(Part::First), part(Part::Last))
        });
        let teachers = (1..=MOST_TEACHERS_NAMED).map(|nth| {
            let part = |part| Column::Teacher(nth, part);
            let (first, last) = (part(TeacherPart::First), part(TeacherPart::Last));
            (part(TeacherPart::Name), first, last)
        });
        let student = (Column::Student, Column::StudentFirst, Column::StudentLast);
        let names = std::iter::once(student).chain(guardians).chain(teachers);
        for (whole, first, last) in names {
            self.check_name(whole, first, last)?;
        }
        match self.list {
            List::Students => self.check_students(),
            List::Teachers => {
                let name = Column::Teacher(1, TeacherPart::Name);
                let has_name = self.has(name) || self.has(Column::Teacher(1, TeacherPart::First));
                if has_name {
                    Ok(())
                } else {
                    Err(self.missing(name))
                }
            }
            List::Classes if !self.has(Column::Classes) => Err(self.missing(Column::Classes)),
            List::Classes => Ok(()),
        }
    }

    fn has(&self, column: Column) -> bool {
        self.each.contains(&Some(column))
    }

    fn check_name(&self, whole: Column, first: Column, last: Column) -> Result<(), Unreadable> {
        match (self.has(whole), self.has(first), self.has(last)) {
            (false, true, false) => Err(self.missing(last)),
            (false, false, true) => Err(self.missing(first)),
            (true, true, _) => Err(Unreadable::ColumnTwice(whole.name(), first.name())),
            (true, _, true) => Err(Unreadable::ColumnTwice(whole.name(), last.name())),
            (false, true, true) | (_, false, false) => Ok(()),
        }
    }

    fn check_students(&self) -> Result<(), Unreadable> {
        if !self.has(Column::Student) && !self.has(Column::StudentFirst) {
            return Err(self.missing(Column::Student));
        }
        for nth in 1..=MOST_GUARDIANS {
            let has = |part| self.has(Column::Guardian(nth, part));
            let is_reached = has(Part::Email) || has(Part::Mobile);
            if is_reached && !has(Part::Name) && !has(Part::First) {
                return Err(self.missing(Column::Guardian(nth, Part::Name)));
            }
        }
        let is_of_class = |it: &Option<Column>| {
            matches!(
                it,
                Some(Column::ClassId | Column::Subject | Column::Teacher(..))
            )
        };
        if self.each.iter().any(is_of_class) && !self.has(Column::Classes) {
            return Err(self.missing(Column::Classes));
        }
        Ok(())
    }

    fn missing(&self, column: Column) -> Unreadable {
        if self.unused.is_empty() {
            Unreadable::MissingColumn(column.name())
        } else {
            let unknown: Vec<_> = self.unused.iter().map(|it| format!("\"{it}\"")).collect();
            Unreadable::UnknownColumns(column.name(), unknown.join(", "))
        }
    }

    /// How many of a header's cells are known, of as many as there may be.
    pub(super) fn known(header: &StringRecord) -> usize {
        let each = Column::of_headings(header);
        each.iter().filter(|it| it.is_some()).count()
    }
}

/// What a list is of that has these columns. Without a class or teacher it is of students, whether they
/// are named or not.
fn list_of(each: &[Option<Column>]) -> List {
    let mut list = List::Students;
    let is_teacher = |it: &Option<Column>| matches!(it, Some(Column::Teacher(..)));
    if !each.iter().any(is_teacher) {
        return list;
    }
    for column in each.iter().flatten() {
        match column {
            Column::Student
            | Column::StudentFirst
            | Column::StudentLast
            | Column::StudentPreferredFirst
            | Column::StudentPreferredLast
            | Column::StudentBetween
            | Column::StudentId
            | Column::StudentOtherId
            | Column::Form
            | Column::Guardian(..) => return List::Students,
            Column::Classes | Column::ClassId | Column::Subject => list = List::Classes,
            Column::Teacher(1, _) if list == List::Students => list = List::Teachers,
            Column::Teacher(nth, _) if *nth > 1 => list = List::Classes,
            // Classes have one too.
            Column::Year | Column::Teacher(..) => {}
        }
    }
    list
}

/// A cell in a sentence.
pub(super) fn shown(cell: &str) -> String {
    let cell = cell.trim().chars().filter(|it| !it.is_control());
    cell.take(60).collect()
}
