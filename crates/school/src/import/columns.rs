//! The columns of a file, by the names that stand in its first row: ours, and those of the systems
//! that schools keep their records in.

use csv::StringRecord;

use super::{MOST_COLUMNS, Unreadable};
use crate::text::line_key;

/// A column that means something here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Column {
    Student,
    StudentFirst,
    StudentLast,
    StudentId,
    Form,
    Classes,
    Contact,
    ContactFirst,
    ContactLast,
    Email,
    Relationship,
}

/// The names of each, as they are compared: without case, spaces and hyphens. The first is the one
/// that is shown.
const NAMES: [(Column, &[&str]); 11] = [
    (
        Column::Student,
        &[
            "student",
            "studentname",
            "studentfullname",
            "nameofstudent",
            "pupil",
            "pupilname",
            "pupilfullname",
            "learner",
            "learnername",
            "child",
            "childname",
            "childsname",
            "studentsname",
            "pupilsname",
        ],
    ),
    (
        Column::StudentFirst,
        &[
            "studentfirstname",
            "studentforename",
            "studentgivenname",
            "pupilfirstname",
            "pupilforename",
            "pupilgivenname",
            "childfirstname",
            "childforename",
            "firstname",
            "forename",
            "givenname",
            "legalfirstname",
            "legalforename",
        ],
    ),
    (
        Column::StudentLast,
        &[
            "studentlastname",
            "studentsurname",
            "studentfamilyname",
            "pupillastname",
            "pupilsurname",
            "pupilfamilyname",
            "childlastname",
            "childsurname",
            "lastname",
            "surname",
            "familyname",
            "legallastname",
            "legalsurname",
        ],
    ),
    (
        Column::StudentId,
        &[
            "studentid",
            "studentnumber",
            "studentno",
            "pupilid",
            "pupilnumber",
            "pupilno",
            "upn",
            "uniquepupilnumber",
            "admissionnumber",
            "admissionno",
            "admno",
            "adno",
            "externalid",
            "misid",
            "sourcedid",
            "schoolid",
            "learnerid",
        ],
    ),
    (
        Column::Form,
        &[
            "homeroom",
            "form",
            "formgroup",
            "formname",
            "tutorgroup",
            "tutor group",
            "reggroup",
            "reg",
            "registrationgroup",
            "registrationform",
            "registration",
        ],
    ),
    (
        Column::Classes,
        &[
            "classes",
            "classnames",
            "classcodes",
            "teachinggroups",
            "sets",
        ],
    ),
    (
        Column::Contact,
        &[
            "guardian",
            "guardianname",
            "contact",
            "contactname",
            "contactfullname",
            "parent",
            "parentname",
            "parentfullname",
            "parent/guardian",
            "parent/carer",
            "parent/carername",
            "parent/guardianname",
            "parentorguardian",
            "parentcarer",
            "parentguardian",
            "carer",
            "carername",
        ],
    ),
    (
        Column::ContactFirst,
        &[
            "guardianfirstname",
            "guardianforename",
            "contactfirstname",
            "contactforename",
            "parentfirstname",
            "parentforename",
            "parent/carerfirstname",
            "parent/carerforename",
            "carerforename",
            "carerfirstname",
        ],
    ),
    (
        Column::ContactLast,
        &[
            "guardianlastname",
            "guardiansurname",
            "contactlastname",
            "contactsurname",
            "parentlastname",
            "parentsurname",
            "parent/carerlastname",
            "parent/carersurname",
            "carersurname",
            "carerlastname",
        ],
    ),
    (
        Column::Email,
        &[
            "email",
            "emailaddress",
            "emailaddresses",
            "mail",
            "guardianemail",
            "guardianemailaddress",
            "contactemail",
            "contactemailaddress",
            "parentemail",
            "parentemailaddress",
            "parent/careremail",
            "parent/guardianemail",
            "careremail",
            "homeemail",
            "primaryemail",
        ],
    ),
    (
        Column::Relationship,
        &[
            "relationship",
            "relation",
            "relationshiptype",
            "relationtype",
            "relationshiptostudent",
            "relationshiptopupil",
            "relationshiptochild",
        ],
    ),
];

impl Column {
    /// The column of a heading.
    pub(super) fn named(cell: &str) -> Option<Self> {
        let heading: String = line_key(cell).split(' ').collect();
        NAMES
            .iter()
            .find(|(_, names)| names.contains(&heading.as_str()))
            .map(|(column, _)| *column)
    }

    /// What it is called in sentences.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Student => "student",
            Self::StudentFirst => "student first name",
            Self::StudentLast => "student last name",
            Self::StudentId => "student id",
            Self::Form => "homeroom",
            Self::Classes => "classes",
            Self::Contact => "guardian",
            Self::ContactFirst => "guardian first name",
            Self::ContactLast => "guardian last name",
            Self::Email => "e-mail",
            Self::Relationship => "relationship",
        }
    }
}

/// What a file's first row says.
#[derive(Debug)]
pub(super) struct Columns {
    /// The meaning of each, in order; none where it has none here.
    pub(super) each: Vec<Option<Column>>,
    /// Those without, by their names.
    pub(super) unused: Vec<String>,
}

impl Columns {
    pub(super) fn read(header: &StringRecord) -> Result<Self, Unreadable> {
        if header.iter().all(|cell| cell.trim().is_empty()) {
            return Err(Unreadable::Empty);
        }
        if header.len() > MOST_COLUMNS {
            return Err(Unreadable::TooManyColumns);
        }
        let mut each = Vec::new();
        let mut unused = Vec::new();
        for cell in header {
            let column = Column::named(cell);
            if column.is_some() && each.contains(&column) {
                let first = header.iter().zip(&each).find(|(_, it)| **it == column);
                let first = first.map_or_else(String::new, |(cell, _)| shown(cell));
                return Err(Unreadable::ColumnTwice(first, shown(cell)));
            }
            if column.is_none() && !cell.trim().is_empty() {
                unused.push(shown(cell));
            }
            each.push(column);
        }
        let columns = Self { each, unused };
        columns.check()?;
        Ok(columns)
    }

    fn check(&self) -> Result<(), Unreadable> {
        let has = |column| self.each.contains(&Some(column));
        for (whole, first, last) in [
            (Column::Student, Column::StudentFirst, Column::StudentLast),
            (Column::Contact, Column::ContactFirst, Column::ContactLast),
        ] {
            match (has(whole), has(first), has(last)) {
                (false, true, false) => return Err(self.missing(last)),
                (false, false, true) => return Err(self.missing(first)),
                (true, true, _) => {
                    return Err(Unreadable::ColumnTwice(
                        whole.name().to_owned(),
                        first.name().to_owned(),
                    ));
                }
                (true, _, true) => {
                    return Err(Unreadable::ColumnTwice(
                        whole.name().to_owned(),
                        last.name().to_owned(),
                    ));
                }
                (false, true, true) | (_, false, false) => {}
            }
        }
        if !has(Column::Student) && !has(Column::StudentFirst) {
            return Err(self.missing(Column::Student));
        }
        if has(Column::Email) && !has(Column::Contact) && !has(Column::ContactFirst) {
            return Err(self.missing(Column::Contact));
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
        header
            .iter()
            .take(MOST_COLUMNS)
            .filter(|cell| Column::named(cell).is_some())
            .count()
    }
}

/// A heading in a sentence.
fn shown(cell: &str) -> String {
    let cell = cell.trim().chars().filter(|it| !it.is_control());
    cell.take(60).collect()
}
