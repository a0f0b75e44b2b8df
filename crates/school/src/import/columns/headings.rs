//! What columns are called: here, by the systems that schools keep their records in, and as people write them.

use super::words::{
    ALONE, BETWEEN, EMAIL, FIRST, FIRST_OF, FIRST_OR_SECOND, GUARDIAN, GUARDIANS, ID_OF,
    ID_OR_SCHOOLS, IDS, KIN, LAST, LAST_OF, LEGAL, NUMBER_OF, OF, OF_GUARDIAN, OF_STUDENT,
    PREFERRED, PREFERRED_FIRST, SECOND_EMAIL, SECONDARY, STUDENT, STUDENT_ALONE, WHOLE,
};
use super::{Column, MOST_GUARDIANS, Part};
use crate::text::line_key;

/// The longest heading that is known, bytes; what is longer can speak of orders alone.
const LONGEST: usize = 60;

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
    let letters: String = plain(words)
        .chars()
        .filter(|it| it.is_alphanumeric())
        .collect();
    OF_ORDERS.iter().any(|it| letters.contains(it))
}

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
    if heading.len() > LONGEST {
        return speaks_of_orders(heading).then_some(Column::Guardian(1, Part::CourtOrder));
    }
    let known = student(heading).or_else(|| {
        let theirs = |who: &&str| {
            let rest = heading.strip_prefix(*who);
            rest.and_then(students).or_else(|| behind(heading, who))
        };
        STUDENT.iter().find_map(theirs)
    });
    known.or_else(|| guardian(heading).map(|it| Column::Guardian(it.nth, it.part)))
}

/// What a heading means that says of nobody that it is about them, and can be a student's.
fn student(heading: &str) -> Option<Column> {
    let is = |words: &[&str]| words.contains(&heading);
    if is(STUDENT_ALONE) {
        return Some(Column::Student);
    }
    if let Some(column) = part_of_name(heading) {
        return Some(column);
    }
    if heading == ID_OR_SCHOOLS || IDS.iter().any(|it| is(it)) {
        return Some(Column::StudentId);
    }
    let column = OF_STUDENT.iter().find(|(_, words)| is(words));
    column.map(|(column, _)| *column)
}

/// A first or last name, or a part of one.
fn part_of_name(heading: &str) -> Option<Column> {
    let is = |heading: &str, words: &[&str]| words.contains(&heading);
    if is(heading, BETWEEN) {
        return Some(Column::StudentBetween);
    }
    if is(heading, PREFERRED_FIRST) {
        return Some(Column::StudentPreferredFirst);
    }
    let behind = |words: &[&str]| words.iter().find_map(|it| heading.strip_prefix(it));
    if let Some(rest) = behind(PREFERRED) {
        let first = is(rest, FIRST).then_some(Column::StudentPreferredFirst);
        return first.or_else(|| is(rest, LAST).then_some(Column::StudentPreferredLast));
    }
    let rest = behind(LEGAL).unwrap_or(heading);
    let first = is(rest, FIRST).then_some(Column::StudentFirst);
    first.or_else(|| is(rest, LAST).then_some(Column::StudentLast))
}

/// What stands behind who a student is.
fn students(rest: &str) -> Option<Column> {
    let is = |words: &[&str]| words.contains(&rest);
    if is(WHOLE) {
        return Some(Column::Student);
    }
    if is(FIRST_OF) {
        return Some(Column::StudentFirst);
    }
    if is(LAST_OF) {
        return Some(Column::StudentLast);
    }
    if is(ID_OF) || is(NUMBER_OF) {
        return Some(Column::StudentId);
    }
    student(rest).filter(|it| *it != Column::Student && rest != ID_OR_SCHOOLS)
}

/// The name of whoever stands behind it: `Name of student`, `Nom de l'élève`.
fn behind(heading: &str, who: &str) -> Option<Column> {
    before(heading, who, |rest| {
        let whole = WHOLE.contains(&rest).then_some(Column::Student);
        whole.or_else(|| part_of_name(rest))
    })
}

/// What `found` makes of what stands before who somebody is: with the word between (`email of`), or without.
fn before<T>(heading: &str, who: &str, found: impl Fn(&str) -> Option<T>) -> Option<T> {
    let rest = heading.strip_suffix(who)?;
    let without = |of: &&str| rest.strip_suffix(*of).and_then(&found);
    found(rest).or_else(|| OF.iter().find_map(without))
}

/// How soon a column of that heading is the student's id, where there are several; none where it is never beside
/// another.
pub(super) fn rank_of_id(heading: &str) -> Option<usize> {
    let is_number = |who: &&str| {
        let rest = heading.strip_prefix(*who);
        rest.is_some_and(|it| NUMBER_OF.contains(&it))
    };
    match IDS.iter().position(|words| words.contains(&heading)) {
        Some(place) => Some(place + 1),
        None if heading == ID_OR_SCHOOLS => None,
        // Some number the students of a class.
        None if STUDENT.iter().any(is_number) => Some(IDS.len() + 1),
        None => Some(0),
    }
}

/// Whether a heading is read only where no other says the same: a legal name beside another, a second address.
pub(super) fn is_second(heading: &str) -> bool {
    let is_legal = |it: &&str| LEGAL.iter().any(|legal| it.starts_with(legal));
    let mut who = STUDENT.iter().filter_map(|it| heading.strip_prefix(it));
    is_legal(&heading)
        || who.any(|it| is_legal(&it))
        || guardian(heading).is_some_and(|it| it.is_second)
}

/// Whether it is an address, and says nothing of whose.
pub(in crate::import) fn is_bare_address(heading: &str) -> bool {
    EMAIL.contains(&heading)
}

/// A heading as it is compared: without case, accents, spaces and signs, nor the table that exports name before
/// a column (`student.lastName`, `STUDENTS.Home_Room`).
pub(in crate::import) fn heading(cell: &str) -> String {
    let of_table = cell.trim().split_once('.').and_then(|(table, column)| {
        let table = plain(table);
        let known = TABLES.iter().find(|(it, _)| *it == table);
        known.map(|(_, word)| (*word, plain(column)))
    });
    let Some((word, column)) = of_table else {
        return plain(cell);
    };
    let whole = format!("{word}{column}");
    // Parents may stand in the students' table, and are called so.
    let is_of_table = |it: &String| match of_student(it) {
        Some(Column::Guardian(..)) => word == "contact" || alone(it).is_none(),
        Some(_) => word == "student",
        None => false,
    };
    let says = [&whole, &column];
    let known = says.into_iter().find(|it| is_of_table(it));
    known.unwrap_or(&whole).clone()
}

fn plain(text: &str) -> String {
    let key = line_key(text);
    // `Student #` is no student.
    let key = if key.contains('#') {
        key.replace('#', "number")
    } else {
        key
    };
    // What stands between cells keeps them apart.
    let is_kept = |it: &char| it.is_alphanumeric() || matches!(it, ',' | ';' | '|');
    key.chars().filter(is_kept).collect()
}

/// What a heading says of a guardian.
#[derive(Clone, Copy, Debug)]
pub(super) struct OfGuardian {
    /// Which of them.
    pub(super) nth: u8,
    pub(super) part: Part,
    /// What they are to the student; may be empty.
    pub(super) relationship: &'static str,
    /// Whether it is read only where no other column says it.
    pub(super) is_second: bool,
}

/// Which guardian a heading speaks of, what of them, and what they are to the student.
pub(super) fn guardian(heading: &str) -> Option<OfGuardian> {
    let of = |nth: u8, relationship: &'static str, (part, is_second)| OfGuardian {
        nth,
        part,
        relationship,
        is_second,
    };
    if let Some(part) = alone(heading).or_else(|| theirs(heading, false)) {
        return Some(of(1, "", part));
    }
    let order = |words: &str| speaks_of_orders(words).then_some((Part::CourtOrder, false));
    for (word, nth, relationship) in KIN {
        let is_whole = heading == *word;
        let name = is_whole.then_some((Part::Name, false));
        let said_behind = |rest| said(rest).or_else(|| order(rest));
        let behind = || heading.strip_prefix(word).and_then(said_behind);
        let part = name.or_else(behind);
        if let Some(part) = part.or_else(|| before(heading, word, said)) {
            return Some(of(*nth, relationship, part));
        }
    }
    if let Some((nth, part)) = numbered(heading) {
        return Some(of(nth, "", part));
    }
    if let Some(part) = heading.strip_prefix(SECONDARY).and_then(alone) {
        return Some(of(2, "", part));
    }
    for (word, nth) in FIRST_OR_SECOND {
        let rest = heading.strip_prefix(word);
        if let Some(part) = rest.and_then(|it| theirs(it, false).or_else(|| order(it))) {
            return Some(of(*nth, "", part));
        }
    }
    order(heading).map(|part| of(1, "", part))
}

/// What a heading says of the guardian of a number within it. A second number is that of an address or telephone
/// (`Contact 1 Email 2`).
fn numbered(heading: &str) -> Option<(u8, (Part, bool))> {
    let (at, nth) = heading
        .char_indices()
        .find_map(|(at, it)| Some((at, u8::try_from(it.to_digit(10)?).ok()?)))?;
    if !(1..=MOST_GUARDIANS).contains(&nth) {
        return None;
    }
    let (before, behind) = heading.split_at_checked(at)?;
    let behind = behind.get(1..)?;
    let (what, further) = match behind.chars().next_back().and_then(|it| it.to_digit(10)) {
        Some(number) => (behind.get(..behind.len() - 1)?, number),
        None => (behind, 1),
    };
    let part = match before {
        // `P1 Forename`, `PC2 Email`.
        "p" | "pc" | "g" => said(what),
        // `1st contact`, `2nd guardian`.
        "" => {
            let ordinal = ["st", "nd", "rd", "th"];
            let rest = ordinal.iter().find_map(|it| what.strip_prefix(it));
            theirs(rest.unwrap_or(what), true)
        }
        _ => {
            let rest = format!("{before}{what}");
            let orders = || speaks_of_orders(&rest).then_some((Part::CourtOrder, false));
            let unnumbered = FIRST_OR_SECOND.iter();
            let mut unnumbered = unnumbered.filter_map(|(it, _)| rest.strip_prefix(it));
            alone(&rest)
                .or_else(|| theirs(&rest, true))
                .or_else(|| unnumbered.find_map(|it| theirs(it, true)))
                .or_else(orders)
        }
    };
    let (part, is_second) = part?;
    Some((nth, (part, is_second || further > 1)))
}

/// What is said of a guardian whom the heading does not name.
pub(super) fn alone(heading: &str) -> Option<(Part, bool)> {
    let known = ALONE.iter().find(|(_, words)| words.contains(&heading));
    known.map(|(part, _)| (*part, false))
}

/// What is said of a guardian, by what stands behind who it is, or before.
fn said(rest: &str) -> Option<(Part, bool)> {
    if SECOND_EMAIL.contains(&rest) {
        return Some((Part::Email, true));
    }
    let known = OF_GUARDIAN.iter().find(|(_, words)| words.contains(&rest));
    let short = || match rest {
        _ if FIRST_OF.contains(&rest) => Some(Part::First),
        _ if LAST_OF.contains(&rest) => Some(Part::Last),
        _ => None,
    };
    let part = known.map(|(part, _)| *part).or_else(short);
    part.map(|part| (part, false))
}

/// What a heading says of whom it calls a guardian. Of several at once it is no name, unless they are numbered.
fn theirs(heading: &str, is_numbered: bool) -> Option<(Part, bool)> {
    let of = |who: &str| {
        if let Some(rest) = heading.strip_prefix(who) {
            // What a "Parent contact" is, nobody knows.
            let is_somebody = who == "contact" || !who.ends_with("contact");
            let is_one = is_numbered || !GUARDIANS.contains(&who);
            let is_name = rest.is_empty() && is_one && is_somebody;
            let name = is_name.then_some((Part::Name, false));
            if let Some(part) = name.or_else(|| said(rest)) {
                return Some(part);
            }
        }
        // `First contact` is somebody.
        let is_short = |rest: &str| FIRST_OF.contains(&rest) || LAST_OF.contains(&rest);
        before(heading, who, |rest| said(rest).filter(|_| !is_short(rest)))
    };
    GUARDIAN.iter().find_map(|who| of(who))
}
