//! The meaning of all headings of a list of students at once: what one of them says goes by what others say.

use super::headings::{alone, is_second, rank_of_id};
use super::staff::{
    COURSE, SUBJECT, TeacherPart, names_teacher, of_nobody_else, speaks_of_students, teacher,
};
use super::words::{HOMEROOM_OR_CLASS, ID_OR_SCHOOLS, SECONDARY};
use super::{Column, Part};

/// What each means, where `said` is what it means by itself.
pub(super) fn columns_of_students(
    headings: &[String],
    said: &[Option<Column>],
) -> Vec<Option<Column>> {
    let mut each = said.to_vec();
    last_name(headings, &mut each);
    whole_name(headings, &mut each);
    homeroom(headings, &mut each);
    ids(headings, &mut each);
    secondary(headings, &mut each);
    seconds(headings, &mut each);
    preferred(&mut each);
    each
}

const fn is_name_of_guardian(column: Option<Column>) -> bool {
    matches!(
        column,
        Some(Column::Guardian(_, Part::Name | Part::First | Part::Last))
    )
}

/// "Name" beside a first name is the last, as German and Dutch lists have it.
fn last_name(headings: &[String], each: &mut [Option<Column>]) {
    let is_called = |it: &String| matches!(it.as_str(), "vorname" | "vornamen" | "voornaam");
    let is_told =
        each.contains(&Some(Column::StudentLast)) || each.contains(&Some(Column::Student));
    if is_told || !headings.iter().any(is_called) {
        return;
    }
    let mut columns = headings.iter().zip(each);
    let name = columns.find(|(it, _)| matches!(it.as_str(), "name" | "naam"));
    if let Some((_, column)) = name {
        *column = Some(Column::StudentLast);
    }
}

/// A name is theirs where no other is, no guardian stands before it, and the list is of them.
fn whole_name(headings: &[String], each: &mut [Option<Column>]) {
    let is_student = |it: &Option<Column>| {
        matches!(
            it,
            Some(Column::Student | Column::StudentFirst | Column::StudentLast)
        )
    };
    let is_name = |it: &String| of_nobody_else(it) == Some(TeacherPart::Name);
    let Some(place) = headings.iter().position(is_name) else {
        return;
    };
    let is_of_students = speaks_of_students(headings, each)
        || each.contains(&Some(Column::StudentId))
        || each.iter().any(|it| is_name_of_guardian(*it))
        || headings.iter().any(|it| teacher(it).is_some());
    let is_behind = each.iter().take(place).any(|it| is_name_of_guardian(*it));
    if each.iter().any(is_student) || is_behind || names_teacher(headings) || !is_of_students {
        return;
    }
    if let Some(cell) = each.get_mut(place) {
        *cell = Some(Column::Student);
    }
}

/// Where neither a homeroom nor a teacher or a subject is named, a class is the homeroom.
fn homeroom(headings: &[String], each: &mut [Option<Column>]) {
    let is_told = each.contains(&Some(Column::Form)) || each.contains(&Some(Column::Classes));
    let is_taught = |it: &String| {
        let it = it.as_str();
        teacher(it).is_some() || SUBJECT.contains(&it) || COURSE.contains(&it)
    };
    if is_told || headings.iter().any(is_taught) {
        return;
    }
    let mut columns = headings.iter().zip(each);
    let class = columns.find(|(it, _)| HOMEROOM_OR_CLASS.contains(&it.as_str()));
    if let Some((_, column)) = class {
        *column = Some(Column::Form);
    }
}

/// Of several ids of a student one is the id, and another the other. Two of one name stay, and are asked about.
fn ids(headings: &[String], each: &mut [Option<Column>]) {
    let id = Some(Column::StudentId);
    let columns = headings.iter().zip(&*each).enumerate();
    let mut found: Vec<(usize, usize, &str)> = columns
        .filter(|(_, (_, column))| **column == id)
        .filter_map(|(place, (heading, _))| Some((rank_of_id(heading)?, place, heading.as_str())))
        .collect();
    found.sort_unstable();
    let Some((_, _, first)) = found.first() else {
        return;
    };
    let others = found
        .iter()
        .skip(1)
        .filter(|(_, _, heading)| heading != first)
        .enumerate()
        .map(|(nth, (_, place, _))| (*place, (nth == 0).then_some(Column::StudentOtherId)));
    let schools = headings.iter().position(|it| it == ID_OR_SCHOOLS);
    for (place, column) in others.chain(schools.map(|it| (it, None))) {
        if let Some(cell) = each.get_mut(place) {
            *cell = column;
        }
    }
}

/// "Secondary email" is the second guardian's where another heading calls them so; else it may be another of the
/// first.
fn secondary(headings: &[String], each: &mut [Option<Column>]) {
    let is_alone = |it: &str| {
        it.strip_prefix(SECONDARY)
            .is_some_and(|it| alone(it).is_some())
    };
    let names = |(heading, column): (&String, &Option<Column>)| {
        heading.starts_with(SECONDARY) && is_name_of_guardian(*column)
    };
    if headings.iter().zip(&*each).any(names) {
        return;
    }
    for (_, column) in headings.iter().zip(each).filter(|(it, _)| is_alone(it)) {
        *column = None;
    }
}

/// What is read where there is no other is not read where there is.
fn seconds(headings: &[String], each: &mut [Option<Column>]) {
    let plain: Vec<Column> = headings
        .iter()
        .zip(&*each)
        .filter_map(|(heading, column)| column.filter(|_| !is_second(heading)))
        .collect();
    let mut read: Vec<Column> = Vec::new();
    for (heading, cell) in headings.iter().zip(each) {
        if let Some(column) = cell.filter(|_| is_second(heading)) {
            if plain.contains(&column) || read.contains(&column) {
                *cell = None;
            }
            read.push(column);
        }
    }
}

/// A preferred name where no other is, is the name.
fn preferred(each: &mut [Option<Column>]) {
    for (preferred, name) in [
        (Column::StudentPreferredFirst, Column::StudentFirst),
        (Column::StudentPreferredLast, Column::StudentLast),
    ] {
        if each.contains(&Some(name)) {
            continue;
        }
        for cell in each.iter_mut().filter(|it| **it == Some(preferred)) {
            *cell = Some(name);
        }
    }
}
