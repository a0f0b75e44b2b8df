//! What columns are called: here, by the systems that schools keep their records in, and as people write them.

use super::{Column, MOST_GUARDIANS, Part};
use crate::text::line_key;

/// What may be the year of a calendar too, where another column names that of the student.
pub(super) const YEAR: &str = "year";

/// What may be the marks of a student too.
pub(in crate::import) const MARKS: [&str; 2] = ["grade", "grades"];

/// The names of each, as they are compared: without case, spaces and hyphens. The first is the one
/// that is shown.
const NAMES: [(Column, &[&str]); 7] = [
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
            "studentlastfirst",
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
        Column::Year,
        &[
            "yeargroup",
            "yeargroupname",
            "yeargroupcode",
            "yearlevel",
            "studentyear",
            "studentyeargroup",
            "pupilyear",
            "pupilyeargroup",
            "ncyear",
            "ncy",
            "currentncyear",
            "nationalcurriculumyear",
            "curriculumyear",
            "yeartaughtin",
            "gradelevel",
            "studentgrade",
            "studentgradelevel",
            "pupilgrade",
            "jahrgang",
            "jahrgangsstufe",
            "klassenstufe",
            "schulstufe",
            YEAR,
            "yr",
            "grade",
            "grades",
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
];

/// The same of a guardian, without the number.
const GUARDIAN_NAMES: [(Part, &[&str]); 9] = [
    (
        Part::Name,
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
        Part::First,
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
        Part::Last,
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
        Part::Id,
        &[
            "guardianid",
            "contactid",
            "contactexternalid",
            "contactpersonid",
            "parentid",
            "parent/carerid",
            "parent/guardianid",
            "carerid",
        ],
    ),
    (
        Part::Email,
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
        Part::Mobile,
        &[
            "mobile",
            "mobilenumber",
            "mobileno",
            "mobilephone",
            "mobiletelephone",
            "guardianmobile",
            "guardianmobilenumber",
            "guardianmobilephone",
            "contactmobile",
            "contactmobilenumber",
            "contactmobilephone",
            "parentmobile",
            "parentmobilenumber",
            "parentmobilephone",
            "parent/carermobile",
            "parent/guardianmobile",
            "carermobile",
            "cellphone",
            "cell",
        ],
    ),
    (
        Part::Telephone,
        &[
            "telephone",
            "telephonenumber",
            "phone",
            "phonenumber",
            "guardiantelephone",
            "guardiantelephonenumber",
            "guardianphone",
            "guardianphonenumber",
            "contacttelephone",
            "contacttelephonenumber",
            "contactphone",
            "contactphonenumber",
            "parenttelephone",
            "parentphone",
            "parentphonenumber",
            "hometelephone",
            "homephone",
            "primaryphone",
        ],
    ),
    (
        Part::Relationship,
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
    (Part::CourtOrder, &["courtorder", "guardiancourtorder"]),
];

/// What a column, or what stands in a cell, speaks of where it is that somebody is kept away from a student (DIR-4).
const OF_ORDERS: [&str; 10] = [
    "courtorder",
    "nocontact",
    "donotcontact",
    "dontcontact",
    "legalrestriction",
    "restrainingorder",
    "nonmolestation",
    "prohibitedsteps",
    "injunction",
    "kontaktverbot",
];

/// Whether a heading, or words beside a name, say that somebody is kept away from a student.
pub(in crate::import) fn speaks_of_orders(words: &str) -> bool {
    let letters = heading(words);
    let letters: String = letters.chars().filter(|it| it.is_alphanumeric()).collect();
    OF_ORDERS.iter().any(|it| letters.contains(it))
}

/// What stands before the rest of a heading in place of a guardian's number, that number, and what
/// such a guardian is to the student.
const NAMED: [(&str, u8, &str); 8] = [
    ("mother's", 1, "Mother"),
    ("mothers", 1, "Mother"),
    ("mother", 1, "Mother"),
    ("father's", 2, "Father"),
    ("fathers", 2, "Father"),
    ("father", 2, "Father"),
    ("primary", 1, ""),
    ("secondary", 2, ""),
];

/// What exports call their tables, and whom these are of.
const TABLES: [(&str, &str); 9] = [
    ("student", "student"),
    ("students", "student"),
    ("pupil", "student"),
    ("pupils", "student"),
    ("contact", "contact"),
    ("contacts", "contact"),
    ("guardian", "contact"),
    ("guardians", "contact"),
    ("parent", "contact"),
];

/// What a heading means in a list of students.
pub(super) fn of_student(heading: &str) -> Option<Column> {
    let known = NAMES.iter().find(|(_, names)| names.contains(&heading));
    if let Some((column, _)) = known {
        return Some(*column);
    }
    guardian(heading).map(|(nth, part, _)| Column::Guardian(nth, part))
}

/// A heading as it is compared: without case, spaces, hyphens and what systems put in their place, nor the
/// table that exports name before a column (`student.lastName`, `STUDENTS.Home_Room`).
pub(in crate::import) fn heading(cell: &str) -> String {
    let plain = |text: &str| -> String {
        let key = line_key(text);
        key.chars().filter(|it| !matches!(it, ' ' | '_')).collect()
    };
    let of_table = cell.trim().split_once('.').and_then(|(table, column)| {
        let table = plain(table);
        let known = TABLES.iter().find(|(it, _)| *it == table);
        known.map(|(_, word)| (*word, plain(column)))
    });
    let Some((word, column)) = of_table else {
        return plain(cell);
    };
    let whole = format!("{word}{column}");
    let is_of_table = |it: Option<Column>| match it {
        Some(Column::Guardian(..)) => word == "contact",
        Some(_) => word == "student",
        None => false,
    };
    let says = [&whole, &column];
    let known = says.into_iter().find(|it| is_of_table(of_student(it)));
    known.unwrap_or(&whole).clone()
}

/// Which guardian a heading speaks of, what of them, and what they are to the student.
pub(super) fn guardian(heading: &str) -> Option<(u8, Part, &'static str)> {
    let part_of = |rest: &str| {
        let known = GUARDIAN_NAMES
            .iter()
            .find(|(_, names)| names.contains(&rest));
        known.map(|(part, _)| *part)
    };
    let of_order = |words: &str| speaks_of_orders(words).then_some(Part::CourtOrder);
    if let Some(part) = part_of(heading) {
        return Some((1, part, ""));
    }
    for (before, nth, relationship) in NAMED {
        let Some(rest) = heading.strip_prefix(before) else {
            continue;
        };
        let part = part_of(rest).or_else(|| part_of(&format!("guardian{rest}")));
        if let Some(part) = part.or_else(|| of_order(rest)) {
            return Some((nth, part, relationship));
        }
    }
    let numbered = heading
        .char_indices()
        .find_map(|(at, it)| Some((at, u8::try_from(it.to_digit(10)?).ok()?)));
    if let Some((at, nth)) = numbered.filter(|(_, nth)| (1..=MOST_GUARDIANS).contains(nth)) {
        let (before, behind) = heading.split_at_checked(at)?;
        let rest = format!("{before}{}", behind.get(1..)?);
        let part = part_of(&rest).or_else(|| of_order(&rest));
        return part.map(|part| (nth, part, ""));
    }
    of_order(heading).map(|part| (1, part, ""))
}
