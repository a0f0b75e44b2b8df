//! A file whose cells are known, before it is said what its columns mean.

use std::iter;

use csv::StringRecord;

use super::asked;
use super::begin::{self, is_another_list, is_repeated};
use super::cells::Cells;
use super::columns::{Column, Columns, List, MOST_GUARDIANS, Part, shown};
use super::decode::{self, Decoded};
use super::end::{
    LAST, SECTION, is_count, is_end, is_section, is_total, least_filled, most_filled,
};
use super::marks;
use super::shared;
use super::sheet::{Line, Sheet};
use super::staff::{self, Classes};
use super::{LARGEST_FILE, MOST_COLUMNS, MOST_ROWS, Row, Table, Unreadable};
use crate::text::{self, EmailAddress, line_key};

/// How many rows may stand above the one that names the columns.
pub(super) const MOST_ABOVE: usize = 9;

/// How many lines a sentence names.
const MOST_NAMED: usize = 10;

/// What the office says of a file's columns.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Choice {
    /// The meaning of each column, in order; none where it is to be left out.
    pub columns: Vec<Option<Column>>,
    /// Whether the first row names the columns, and is nobody.
    pub has_headings: bool,
}

/// A file's rows of cells.
#[derive(Debug)]
pub struct Opened {
    /// The first that is not empty, or the one that names the columns.
    first: Line,
    /// Those below it.
    rest: Vec<Line>,
    /// Whether the first names the columns, as far as can be told.
    is_named: bool,
    /// Whether somebody reads what would be done before it is.
    is_looked_at: bool,
    guessed: Vec<String>,
    /// What stands between cells.
    delimiter: u8,
}

/// Opens a file. Commas, semicolons, tabs, bars or colons separate its cells.
///
/// # Errors
///
/// [`Unreadable`] where its cells cannot be read, or are too many.
pub fn open(file: &[u8]) -> Result<Opened, Unreadable> {
    if file.len() > LARGEST_FILE {
        return Err(Unreadable::TooLarge);
    }
    let Decoded { text, guessed } = decode::text(file)?;
    let sheet = Sheet::new(&text);
    if let Some(line) = sheet.unclosed() {
        return Err(Unreadable::OpenQuote(line));
    }
    // One more than may be, and what may stand above them.
    let mut rows: Vec<Line> = sheet.rows().take(MOST_ABOVE + 1 + MOST_ROWS + 1).collect();
    let mut headings = begin::headings(&rows);
    if let Some((place, made)) = begin::merged(&rows)
        && let Some(line) = rows.get_mut(place)
    {
        line.record = made;
        headings = Some(place);
    }
    let rest = rows.split_off(rows.len().min(headings.unwrap_or(0) + 1));
    let mut first = rows.pop().ok_or(Unreadable::Empty)?;
    if first.record.len() > MOST_COLUMNS {
        return Err(Unreadable::TooManyColumns);
    }
    // Each column may be chosen, also where the first row is shorter than others.
    let widths = rest.iter().map(|it| it.record.len());
    let widest = widths.max().filter(|_| headings.is_none()).unwrap_or(0);
    for _ in first.record.len()..widest.min(MOST_COLUMNS) {
        first.record.push_field("");
    }
    Ok(Opened {
        first,
        rest,
        is_named: headings.is_some(),
        is_looked_at: true,
        guessed,
        delimiter: sheet.delimiter(),
    })
}

impl Opened {
    /// The same where nobody reads what would be done before it is: nothing is taken to be likely.
    #[must_use]
    pub const fn unseen(mut self) -> Self {
        self.is_looked_at = false;
        self
    }

    /// The cells of the first row.
    #[must_use]
    pub fn headings(&self) -> Vec<String> {
        self.first.record.iter().map(shown).collect()
    }

    /// The cells of the first rows under the headings, cut.
    #[must_use]
    pub fn samples(&self, most: usize) -> Vec<Vec<String>> {
        let rows = self.rest.iter().take(most);
        rows.map(|it| it.record.iter().map(shown).collect())
            .collect()
    }

    /// By what files of the same headings are known again.
    #[must_use]
    pub fn key(&self) -> String {
        let headings: Vec<_> = self.first.record.iter().map(line_key).collect();
        headings.join("\n")
    }

    /// What the headings say by themselves, whether that suffices or not.
    #[must_use]
    pub fn understood(&self) -> Choice {
        choice(self.meanings())
    }

    /// What the headings mean where it is said what this is a list of, which they do not say: the office
    /// says which it is. Nothing where they do.
    #[must_use]
    pub fn readings(&self) -> Vec<(List, Choice)> {
        let header = &self.first.record;
        let Some(other) = Column::unclear(header) else {
            return Vec::new();
        };
        let read = |list| {
            let each = self.without_marks(Column::of_list(header, list));
            (list, choice(without_nobodys(&each)))
        };
        vec![read(List::Students), read(other)]
    }

    /// The meaning of each heading. A column of marks is no year.
    fn meanings(&self) -> Vec<Option<Column>> {
        self.without_marks(Column::of_headings(&self.first.record))
    }

    fn without_marks(&self, mut each: Vec<Option<Column>>) -> Vec<Option<Column>> {
        if let Some(place) = self.marks(&each)
            && let Some(cell) = each.get_mut(place)
        {
            *cell = None;
        }
        each
    }

    fn marks(&self, each: &[Option<Column>]) -> Option<usize> {
        marks::place(&self.first.record, &self.rest, each)
    }

    /// What each column means, by what somebody chose or by its heading.
    fn columns(&self, choice: Option<&Choice>) -> Result<Columns, Unreadable> {
        match choice {
            None if Column::unclear(&self.first.record).is_some() => Err(Unreadable::UnclearList),
            None => {
                let columns = Columns::read(&self.first.record, &self.meanings())?;
                if !self.is_named {
                    return Err(self.unnamed(&columns));
                }
                if columns.list == List::Students {
                    asked::ask(&self.first.record, &self.rest, &columns.each)?;
                }
                Ok(columns)
            }
            Some(choice) if choice.has_headings => {
                let each = Columns::with_orders(&self.first.record, &choice.columns);
                Columns::chosen(&self.first.record, &each)
            }
            Some(choice) => Columns::chosen(&self.first.record, &choice.columns),
        }
    }

    /// Why the first row names no columns: it holds people, or columns most of which are not known.
    fn unnamed(&self, columns: &Columns) -> Unreadable {
        let cells = self.first.record.iter();
        let is_of_people = cells
            .clone()
            .any(|it| it.contains('@') || it.trim().starts_with(|it: char| it.is_ascii_digit()));
        let is_known = columns.each.iter().any(Option::is_some);
        let has_text = cells.filter(|it| !it.trim().is_empty()).count() > 1;
        if is_of_people || !is_known || !has_text || columns.unused.is_empty() {
            return Unreadable::NoHeadings;
        }
        let unknown: Vec<_> = columns
            .unused
            .iter()
            .map(|it| format!("\"{it}\""))
            .collect();
        Unreadable::MostUnknown(unknown.join(", "))
    }

    /// What the rows say: by the headings, or as it was chosen.
    ///
    /// In a list of students `Student` must be there, whole or as first and last name, and a guardian's
    /// name where their address is; in one of teachers their name, and in one of classes `Classes` and
    /// something of a teacher.
    ///
    /// # Errors
    ///
    /// [`Unreadable`] where there is no telling what the rows mean.
    pub fn table(&self, choice: Option<&Choice>) -> Result<Table, Unreadable> {
        let mut columns = self.columns(choice)?;
        if let Some(line) = self
            .rest
            .iter()
            .find(|it| is_another_list(&self.first.record, it))
        {
            return Err(Unreadable::SeveralLists(line.number));
        }
        let has_headings = choice.is_none_or(|it| it.has_headings);
        if self.rest.len() + usize::from(!has_headings) > MOST_ROWS {
            return Err(Unreadable::TooManyRows);
        }
        let lines = iter::once(&self.first).chain(&self.rest);
        let lines = lines.skip(usize::from(has_headings));
        let lines: Vec<&Line> = lines.collect();
        let (most, count) = (most_filled(&lines), lines.len());
        // Printed lists have their headings on every page.
        let is_nobody = |(place, it): &(usize, &Line)| {
            let is_headings = has_headings && is_repeated(&self.first.record, &it.record);
            let is_last = place + LAST >= count;
            is_headings
                || is_end(&it.record)
                || is_count(&it.record)
                || (is_last && is_total(&it.record, most))
        };
        let (nobody, lines): (Vec<_>, Vec<_>) = lines.into_iter().enumerate().partition(is_nobody);
        let lines: Vec<&Line> = lines.into_iter().map(|(_, it)| it).collect();
        columns.note_dashes(&lines);
        columns.delimiter = self.delimiter;
        let mut table = Table {
            unused: columns.unused.clone(),
            guessed: self.guessed.clone(),
            ..Table::of(columns.list)
        };
        self.note_columns(choice.is_some(), &mut table.notes);
        if choice.is_none() && columns.list == List::Students {
            table.notes.extend(self.note_addresses(&columns, &lines));
        }
        if !nobody.is_empty() {
            let numbers = numbers(nobody.iter().map(|(_, it)| it.number));
            table.notes.push(format!(
                "Left out: repeated headings, totals or end-of-report lines ({numbers})."
            ));
        }
        fill(&mut table, &columns, (&lines, self.is_looked_at));
        Ok(table)
    }

    /// That a column is not read which has an address where a guardian has none: a second one of theirs.
    fn note_addresses(&self, columns: &Columns, lines: &[&Line]) -> Option<String> {
        let header = &self.first.record;
        let unread = asked::unread_addresses(header, &self.rest, &columns.each);
        let is_filled = |record: &StringRecord, place: usize| {
            record.get(place).is_some_and(|it| it.contains('@'))
        };
        let read: Vec<(usize, usize)> = (1..=MOST_GUARDIANS)
            .filter_map(|nth| {
                let part = |part| columns.place(Column::Guardian(nth, part));
                let name = part(Part::Name).or_else(|| part(Part::Last));
                Some((name?, part(Part::Email)?))
            })
            .collect();
        let is_left_out = |record: &StringRecord| {
            let lacks = |(name, email): &(usize, usize)| {
                let is_named = record.get(*name).is_some_and(|it| !text::is_nothing(it));
                is_named && !is_filled(record, *email)
            };
            unread.iter().any(|it| is_filled(record, *it)) && read.iter().any(lacks)
        };
        let of = lines.iter().filter(|it| is_left_out(&it.record));
        let numbers = numbers(of.map(|it| it.number));
        let named = unread.iter().filter_map(|it| header.get(*it));
        let named: Vec<String> = named.map(|it| format!("\"{}\"", shown(it))).collect();
        (!numbers.is_empty()).then(|| {
            format!(
                "Not read: {}, which hold e-mail addresses where a guardian has no other ({numbers}). Write those into the guardian's column.",
                named.join(", ")
            )
        })
    }

    /// What the office should know of columns that look like a year.
    fn note_columns(&self, is_chosen: bool, notes: &mut Vec<String>) {
        let header = &self.first.record;
        if !is_chosen && let Some(place) = self.marks(&Column::of_headings(header)) {
            notes.push(format!(
                "The column \"{}\" is not read: it holds marks, or differs between rows of one student. If it does say the year that students are in, choose that under \"Change the columns\".",
                shown(header.get(place).unwrap_or_default())
            ));
        }
        if let Some((heading, years)) = marks::calendar_years(header, &self.rest) {
            notes.push(format!(
                "The column \"{heading}\" names several school years ({years}). Import the rows of the present one alone, or students are read as they were in another."
            ));
        }
    }
}

/// Reads the rows.
fn fill(table: &mut Table, columns: &Columns, (lines, is_looked_at): (&[&Line], bool)) {
    let mut classes = Classes::default();
    match columns.list {
        List::Teachers => {
            let mut rows = lines
                .iter()
                .map(|it| (it.number, Cells::of_line(columns, it)));
            table.teachers = staff::teachers(&mut rows);
        }
        List::Classes => {
            let above = match is_looked_at {
                true => staff::rows_above(columns, lines),
                false => vec![None; lines.len()],
            };
            let carried = lines.iter().zip(&above).filter(|(_, it)| it.is_some());
            let numbers = numbers(carried.map(|(line, _)| line.number));
            if !numbers.is_empty() {
                table.notes.push(format!(
                    "Read as further teachers of the class above, as they name no class: {numbers}. If they take no class, or another, write it into each row."
                ));
            }
            for (line, above) in lines.iter().zip(above) {
                let above = above.and_then(|it| lines.get(it)).map(|it| &it.record);
                let cells = Cells::of_line(columns, line);
                classes.take(line.number, &Cells { above, ..cells });
            }
            classes.finish(table);
        }
        List::Students => {
            let least = least_filled(lines);
            for line in lines {
                let cells = Cells::of_line(columns, line);
                let entry = match is_section(&line.record, least) {
                    true => Err(SECTION.to_owned()),
                    false => cells.entry(),
                };
                let entry = entry.and_then(|it| classes.of_student(line.number, &cells, it));
                table.rows.push(Row {
                    line: line.number,
                    student: cells.student(),
                    named: cells.named(line.number, &entry),
                    entry,
                });
            }
            classes.finish(table);
            table.notes.extend(shared::note(&table.rows));
            let places = (1..=MOST_GUARDIANS).map(|it| Column::Guardian(it, Part::Email));
            let places: Vec<usize> = places.filter_map(|it| columns.place(it)).collect();
            let of_nobody = lines.iter().filter(|line| {
                let mut cells = places.iter().filter_map(|it| line.record.get(*it));
                cells.any(EmailAddress::is_placeholder)
            });
            let numbers = numbers(of_nobody.map(|it| it.number));
            if !numbers.is_empty() {
                table.notes.push(format!(
                    "Read as no address, for nobody reads there (such as noemail@…): {numbers}."
                ));
            }
        }
    }
}

/// Lines in a sentence; empty where there are none.
fn numbers(lines: impl Iterator<Item = u64>) -> String {
    let lines: Vec<String> = lines.map(|it| it.to_string()).collect();
    let named = lines.get(..MOST_NAMED).unwrap_or(&lines).join(", ");
    match (lines.len(), lines.len().saturating_sub(MOST_NAMED)) {
        (0, _) => String::new(),
        (1, _) => format!("row {named}"),
        (_, 0) => format!("rows {named}"),
        (_, more) => format!("rows {named} and {more} more"),
    }
}

/// Each meaning once.
fn choice(each: Vec<Option<Column>>) -> Choice {
    let mut columns: Vec<Option<Column>> = Vec::new();
    for column in each {
        let column = column.filter(|it| !columns.contains(&Some(*it)));
        columns.push(column);
    }
    Choice {
        columns,
        has_headings: true,
    }
}

/// Without what reaches guardians whom no column names: it is the students' own.
fn without_nobodys(each: &[Option<Column>]) -> Vec<Option<Column>> {
    let is_named = |nth: u8| {
        let name = [Part::Name, Part::First].map(|it| Some(Column::Guardian(nth, it)));
        each.iter().any(|it| name.contains(it))
    };
    let is_somebodys = |column: &Column| match column {
        Column::Guardian(nth, _) => is_named(*nth),
        Column::Student
        | Column::StudentFirst
        | Column::StudentLast
        | Column::StudentPreferredFirst
        | Column::StudentPreferredLast
        | Column::StudentBetween
        | Column::StudentId
        | Column::StudentOtherId
        | Column::Form
        | Column::Year
        | Column::Classes
        | Column::ClassId
        | Column::Subject
        | Column::Teacher(..) => true,
    };
    each.iter().map(|it| it.filter(is_somebodys)).collect()
}
