//! What the cells of a row say.

mod orders;

use csv::StringRecord;

use super::columns::{Column, Columns, MOST_GUARDIANS, Part, TeacherPart, shown, speaks_of_orders};
use super::sheet::Line;
use super::{BETWEEN_CLASSES, Entry, Guardian, Hint, LONGEST_CELL, MOST_CLASSES, Named, Unnamed};
use crate::refusal::Refusal;
use crate::telephone;
use crate::text::{self, EmailAddress, Label, Name, id_key};
use crate::year;
use orders::without_order;

/// The cells of a row.
pub(super) struct Cells<'r> {
    pub(super) columns: &'r Columns,
    pub(super) record: &'r StringRecord,
    /// The row that names the class of this one, where it is another.
    pub(super) above: Option<&'r StringRecord>,
}

impl<'r> Cells<'r> {
    /// Those of a row that stands for itself.
    pub(super) const fn of_line(columns: &'r Columns, line: &'r Line) -> Self {
        Self {
            columns,
            record: &line.record,
            above: None,
        }
    }
    /// What stands in a column; cells at the end of a row may be missing, as spreadsheets leave out
    /// what is empty.
    pub(super) fn of(&self, column: Column) -> Option<&str> {
        let at = self.columns.place(column)?;
        let record = match (column, self.above) {
            (Column::Classes | Column::ClassId | Column::Subject, Some(above)) => above,
            (_, _) => self.record,
        };
        Some(text::bare(record.get(at).unwrap_or_default()))
    }

    pub(super) fn text(&self, column: Column) -> &str {
        self.of(column).unwrap_or_default()
    }

    /// A name out of its one column or its two; nothing where they are empty.
    pub(super) fn name(&self, whole: Column, first: Column, last: Column) -> Option<String> {
        let name = match self.of(whole) {
            Some(name) => name.to_owned(),
            None => {
                let (first, last) = (self.called(first), self.called(last));
                if first.is_empty() && last.is_empty() {
                    return None;
                }
                match self.between(whole) {
                    "" => format!("{first} {last}"),
                    between => format!("{first} {between} {last}"),
                }
            }
        };
        Some(name).filter(|it| !it.trim().is_empty())
    }

    /// A part of a name: as somebody wishes to be called, where that is filled.
    fn called(&self, part: Column) -> &str {
        let preferred = if part == Column::StudentFirst {
            self.text(Column::StudentPreferredFirst)
        } else if part == Column::StudentLast {
            self.text(Column::StudentPreferredLast)
        } else {
            ""
        };
        if text::is_nothing(preferred) {
            self.text(part)
        } else {
            preferred
        }
    }

    /// What stands between first and last name of whoever has that whole name.
    fn between(&self, whole: Column) -> &str {
        if whole == Column::Student {
            self.text(Column::StudentBetween)
        } else if let Column::Guardian(nth, _) = whole {
            self.text(Column::Guardian(nth, Part::Between))
        } else {
            ""
        }
    }

    pub(super) fn student(&self) -> String {
        self.name(Column::Student, Column::StudentFirst, Column::StudentLast)
            .unwrap_or_default()
            .chars()
            .filter(|it| !it.is_control())
            .take(100)
            .collect()
    }

    pub(super) fn entry(&self) -> Result<Entry, String> {
        self.check()?;
        let student = self
            .name(Column::Student, Column::StudentFirst, Column::StudentLast)
            .ok_or("In student: the name is missing. Where one cell stood for several rows, write it into each of them.")?;
        let student = Name::read(&student).map_err(|why| of(Column::Student, why))?;
        let has_classes = self.of(Column::Classes).is_some();
        let classes = has_classes.then(|| self.classes());
        let guardians = self.guardians()?;
        self.check_orders(&guardians)?;
        Ok(Entry {
            student,
            source: self.source()?,
            other_ids: self.other_id().into_iter().collect(),
            form: self.form()?,
            year: self.year()?,
            classes: classes.transpose()?,
            unnamed: self.unnamed(&guardians)?,
            guardians,
        })
    }

    /// Whom a row names that cannot be taken. Where cells are not where they belong, it may be anybody.
    pub(super) fn named(&self, line: u64, entry: &Result<Entry, String>) -> Named {
        if entry.is_ok() {
            return Named::default();
        }
        if self.check().is_err() {
            return Named {
                orders: self.order_on_somebody(line).into_iter().collect(),
                ..Named::anybody()
            };
        }
        let contacts = (1..=MOST_GUARDIANS).filter_map(|nth| {
            let part = |part| Column::Guardian(nth, part);
            let name = self.name(part(Part::Name), part(Part::First), part(Part::Last));
            let has_cell = |it| !text::is_nothing(self.text(part(it)));
            let is_there = name.is_some() || has_cell(Part::Email) || has_cell(Part::Id);
            is_there.then(|| Hint {
                ids: self.guardian_id(nth).ok().flatten().into_iter().collect(),
                name: name.unwrap_or_default(),
            })
        });
        Named {
            student: Hint {
                ids: self.ids(),
                name: self.student(),
            },
            contacts: contacts.collect(),
            orders: self.said_orders(line),
        }
    }

    /// The names in the column of classes.
    pub(super) fn classes(&self) -> Result<Vec<Label>, String> {
        let names = self.text(Column::Classes).split(BETWEEN_CLASSES);
        let names = names.map(str::trim).filter(|it| !it.is_empty());
        let names: Vec<_> = names.take(MOST_CLASSES + 1).collect();
        if names.len() > MOST_CLASSES {
            return Err(format!(
                "In classes: nobody can be in more than {MOST_CLASSES} classes."
            ));
        }
        let labels = names.into_iter().map(Label::read);
        labels
            .collect::<Result<Vec<_>, _>>()
            .map_err(|why| of(Column::Classes, why))
    }

    fn source(&self) -> Result<Option<String>, String> {
        read_id(Column::StudentId, self.text(Column::StudentId))
    }

    /// The student's ids, as far as they can be read.
    fn ids(&self) -> Vec<String> {
        let ids = [self.source().ok().flatten(), self.other_id()];
        ids.into_iter().flatten().collect()
    }

    /// Their other id, where it is another. One that cannot be read says nothing.
    fn other_id(&self) -> Option<String> {
        let column = Column::StudentOtherId;
        let other = read_id(column, self.text(column)).ok().flatten();
        let own = self.source().ok().flatten().as_deref().map(id_key);
        other.filter(|it| own.as_ref() != Some(&id_key(it)))
    }

    fn form(&self) -> Result<Option<String>, String> {
        let form = self.as_typed(Column::Form)?;
        let form = text::read_line(form).map_err(|why| of(Column::Form, why))?;
        Ok(Some(form).filter(|it| !text::is_nothing(it)))
    }

    fn year(&self) -> Result<Option<String>, String> {
        let year = self.as_typed(Column::Year)?;
        let plain = self.columns.has_dashes.then(|| year.replace('-', " "));
        year::read(plain.as_deref().unwrap_or(year)).map_err(|why| of(Column::Year, why))
    }

    /// What stands there, unless a spreadsheet has made something else of it.
    fn as_typed(&self, column: Column) -> Result<&str, String> {
        let cell = text::unquoted(self.text(column));
        let is_a_day = is_day(cell) || is_date(cell) || is_written_day(cell);
        if text::is_cut_short(cell) || is_a_day || is_time(cell) {
            return Err(format!(
                "In {}: a spreadsheet has made a number or a day of this: \"{cell}\". Export the file again, or format the column as text and type it.",
                column.name()
            ));
        }
        Ok(cell)
    }

    fn guardians(&self) -> Result<Vec<Guardian>, String> {
        let mut guardians = Vec::new();
        for nth in 1..=MOST_GUARDIANS {
            guardians.extend(self.guardian(nth)?);
        }
        Ok(guardians)
    }

    /// Guardians who have an id and no name, beside those who have one: an id of these is theirs.
    fn unnamed(&self, named: &[Guardian]) -> Result<Vec<Unnamed>, String> {
        let mut unnamed = Vec::new();
        for nth in 1..=MOST_GUARDIANS {
            if self.guardian_name(nth).is_some() {
                continue;
            }
            let Some(source) = self.guardian_id(nth)? else {
                continue;
            };
            let is_of = |it: &String| id_key(it) == id_key(&source);
            if !named.iter().any(|it| it.source.as_ref().is_some_and(is_of)) {
                let column = Column::Guardian(nth, Part::Relationship);
                let relationship = self.relationship(nth)?;
                if speaks_of_orders(&relationship) {
                    return Err(format!(
                        "In {}: this says \"{}\", and the name of whom it is about is missing.",
                        column.name(),
                        shown(&relationship)
                    ));
                }
                unnamed.push(Unnamed {
                    source,
                    relationship,
                });
            }
        }
        Ok(unnamed)
    }

    fn guardian_name(&self, nth: u8) -> Option<String> {
        let part = |part| Column::Guardian(nth, part);
        let name = self.name(part(Part::Name), part(Part::First), part(Part::Last));
        name.filter(|it| !text::is_nothing(it))
    }

    /// What a guardian is to the student, as the row says or the column does.
    fn relationship(&self, nth: u8) -> Result<String, String> {
        let column = Column::Guardian(nth, Part::Relationship);
        let said = text::read_line(self.text(column)).map_err(|why| of(column, why))?;
        Ok(if said.is_empty() {
            self.columns.implied(nth).to_owned()
        } else {
            said
        })
    }

    fn guardian(&self, nth: u8) -> Result<Option<Guardian>, String> {
        let part = |part| Column::Guardian(nth, part);
        let name = self.guardian_name(nth);
        let email = self.text(part(Part::Email));
        if email.matches('@').count() > 1 {
            let column = part(Part::Email).name();
            return Err(format!("In {column}: two addresses stand here. Give one."));
        }
        let email = EmailAddress::read_listed(email).map_err(|why| of(part(Part::Email), why))?;
        let mobile = text::unquoted(self.text(part(Part::Mobile)));
        if text::is_cut_short(mobile) {
            let column = part(Part::Mobile).name();
            return Err(format!(
                "In {column}: a spreadsheet has shortened this number to \"{mobile}\". Export the file again, or format the column as text and type the number."
            ));
        }
        let relationship = self.relationship(nth)?;
        let (name, is_said) = match name {
            Some(said) => {
                let (name, is_said) = without_order(&said);
                (Some(name.to_owned()), is_said)
            }
            None => (None, false),
        };
        if name.as_deref().is_some_and(speaks_of_orders) {
            let column = part(Part::Name).name();
            return Err(format!(
                "In {column}: this speaks of a court order. Write the name alone, and \"yes\" in a column \"Court order\"."
            ));
        }
        let (relationship, is_said_beside) = without_order(&relationship);
        let has_court_order = is_said || is_said_beside || self.has_order(nth);
        match (name, email) {
            (None, None) => Ok(None),
            (None, Some(_)) => {
                let column = part(Part::Name).name();
                Err(format!("In {column}: the guardian's name is missing."))
            }
            (Some(name), email) => Ok(Some(Guardian {
                has_court_order,
                name: Name::read(&name).map_err(|why| of(part(Part::Name), why))?,
                email,
                mobile: mobile.to_owned(),
                telephone: self.telephone(nth),
                relationship: relationship.to_owned(),
                source: self.guardian_id(nth)?,
            })),
        }
    }

    fn guardian_id(&self, nth: u8) -> Result<Option<String>, String> {
        let column = Column::Guardian(nth, Part::Id);
        read_id(column, self.text(column))
    }

    /// A guardian's telephone number; empty where there is none, or a spreadsheet has shortened it.
    fn telephone(&self, nth: u8) -> String {
        let cell = text::unquoted(self.text(Column::Guardian(nth, Part::Telephone)));
        if text::is_cut_short(cell) {
            return String::new();
        }
        telephone::read(cell)
    }

    /// Whether every cell is where it belongs, and as it was.
    pub(super) fn check(&self) -> Result<(), String> {
        if self
            .record
            .iter()
            .any(|it| it.chars().nth(LONGEST_CELL).is_some())
        {
            return Err(
                "A cell is far too long: look for a quotation mark that is not closed.".to_owned(),
            );
        }
        // Also where the last are empty: what has shifted there is a comma within a name.
        if self.record.len() > self.columns.each.len() {
            return Err(format!(
                "This row has {} cells, but the first row names {} columns. Put cells that hold a comma or semicolon in quotation marks.",
                self.record.len(),
                self.columns.each.len()
            ));
        }
        if self.has_rows_in_a_cell() {
            return Err(
                "Rows stand in one cell: look for a quotation mark that is not closed, or remove the line break."
                    .to_owned(),
            );
        }
        let named = self.columns.each.iter().zip(self.record);
        for (column, cell) in named {
            // A number that cannot be read is none, and the student is taken all the same.
            let Some(column) = column.filter(|it| !it.is_telephone()) else {
                continue;
            };
            if cell.trim().chars().any(char::is_control) {
                return Err(format!(
                    "In {}: remove the line break or other special character.",
                    column.name()
                ));
            }
            if is_error(cell.trim()) {
                return Err(format!(
                    "In {}: the spreadsheet shows \"{}\" in place of what should stand there. Correct it there, and save the file again.",
                    column.name(),
                    cell.trim()
                ));
            }
            if was_lost(column, cell) {
                return Err(format!(
                    "In {}: letters were lost when this file was saved (\"{}\"). In a spreadsheet, choose \"Save as\" and \"CSV UTF-8\".",
                    column.name(),
                    cell.trim()
                ));
            }
        }
        Ok(())
    }
}

impl Cells<'_> {
    /// Whether a cell holds what ends one row and begins another, in whatever column: a quotation mark was
    /// not closed, and people were between.
    fn has_rows_in_a_cell(&self) -> bool {
        let delimiter = char::from(self.columns.delimiter);
        let count = |line: &str| line.matches(delimiter).count();
        let between = self.columns.each.len().saturating_sub(1);
        self.record.iter().enumerate().any(|(place, cell)| {
            let mut lines = cell.trim_end().lines();
            let (Some(first), Some(last)) = (lines.next(), lines.next_back()) else {
                return false;
            };
            let is_cut = place > 0 && count(last) == place && count(first) + place <= between;
            let is_row = |line: &str| between > 1 && count(line) >= between;
            is_cut || [first, last].into_iter().any(is_row) || lines.any(is_row)
        })
    }
}

/// An id out of a cell, or a part of one; nothing where it is empty.
pub(super) fn read_id(column: Column, cell: &str) -> Result<Option<String>, String> {
    let id = text::unquoted(cell);
    if is_day(id) || is_whole_date(id) || is_written_day(id) || is_error(id) {
        return Err(format!(
            "In {}: a spreadsheet has made a day of this: \"{id}\". Export the file again, or format the column as text and type it.",
            column.name()
        ));
    }
    if text::is_cut_short(id) {
        return Err(format!(
            "In {}: a spreadsheet has shortened this number to \"{id}\". Export the file again, or format the column as text and type the number.",
            column.name()
        ));
    }
    let id = &without_separators(id);
    let id = text::read_line(id).map_err(|why| of(column, why))?;
    Ok(Some(id).filter(|it| !text::is_nothing(it)))
}

/// A number as it was before a spreadsheet put commas between its digits (`1,234`), or noughts behind it
/// (`1234,00`).
fn without_separators(id: &str) -> String {
    let is_digits = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
    let Some((first, rest)) = id.split_once(',') else {
        return id.to_owned();
    };
    let is_grouped = is_digits(first)
        && first.len() < 4
        && rest.split(',').all(|it| is_digits(it) && it.len() == 3);
    if is_grouped {
        return id.replace(',', "");
    }
    let is_noughts = rest.len() < 3 && !rest.is_empty() && rest.bytes().all(|it| it == b'0');
    if is_digits(first) && is_noughts {
        first
    } else {
        id
    }
    .to_owned()
}

/// Whether it is a day as Excel makes one of `3-4` or `10/2`: `03-Apr`, `Oct-02`; `03. Apr`, `03-avr` or
/// `03-abr` where it speaks another language.
pub(super) fn is_day(cell: &str) -> bool {
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let is_number = |it: &str| it.len() <= 2 && it.bytes().all(|it| it.is_ascii_digit());
    let is_month = |it: &str| MONTHS.contains(&it.to_ascii_lowercase().as_str());
    let is_english = cell.split_once('-').is_some_and(|(one, other)| {
        (is_number(one) && is_month(other)) || (is_month(one) && is_number(other))
    });
    is_english || is_foreign_day(cell)
}

/// The same of German, French, Spanish, Portuguese, Italian, Dutch and Polish, which put the day first.
/// What is a word of schools ("set") is none.
fn is_foreign_day(cell: &str) -> bool {
    const MONTHS: [&str; 45] = [
        "jan", "jän", "feb", "mrz", "mär", "apr", "mai", "jun", "jul", "aug", "sep", "okt", "nov",
        "dez", "janv", "févr", "mars", "avr", "juin", "juil", "août", "sept", "déc", "ene", "abr",
        "ago", "oct", "dic", "fev", "gen", "mag", "giu", "lug", "ott", "mrt", "mei", "sty", "lut",
        "kwi", "maj", "cze", "lip", "sie", "wrz", "gru",
    ];
    let day = cell.bytes().take_while(u8::is_ascii_digit).count();
    let (Some(between), 1..=2) = (cell.get(day..), day) else {
        return false;
    };
    let month = between.trim_start_matches(['-', '.', '/', ' ']);
    let is_apart = between
        .get(..between.len() - month.len())
        .is_some_and(|it| it.contains(['-', '.', '/']));
    is_apart && MONTHS.contains(&month.trim_end_matches('.').to_lowercase().as_str())
}

/// Whether it is a whole date, or the number by which a spreadsheet counts one from 2000 to 2050, as
/// programs that read its cells write it. No homeroom and no year is called so.
fn is_date(cell: &str) -> bool {
    let serial: Option<u32> = cell.parse().ok().filter(|_| cell.len() == 5);
    is_whole_date(cell) || serial.is_some_and(|it| (36_526..=54_788).contains(&it))
}

/// Whether it is three numbers as of a date: `2026-08-01`, `01/08/2026`, `01/08/26`, `01.08.26`.
fn is_whole_date(cell: &str) -> bool {
    let date = cell
        .split_once([' ', 'T'])
        .map_or(cell, |(date, _time)| date);
    let parts: Vec<&str> = date.split(['-', '.', '/']).collect();
    let is_number =
        |it: &&str| (1..=4).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_digit());
    let has_year = parts.iter().any(|it| it.len() == 4);
    let is_short = !date.contains('-') && parts.iter().all(|it| it.len() < 3);
    parts.len() == 3 && parts.iter().all(is_number) && (has_year || is_short)
}

/// Months as they are written out where schools are.
const MONTHS: [&str; 49] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "januar",
    "februar",
    "märz",
    "mai",
    "juni",
    "juli",
    "oktober",
    "dezember",
    "janvier",
    "février",
    "avril",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
    "januari",
    "februari",
    "maart",
    "mei",
    "augustus",
    "mars",
    "kesäkuuta",
];

/// Whether it is a day with the name of its month: `1. August`, `8-Jan-26`, `Sunday, 1 February 2026`.
fn is_written_day(cell: &str) -> bool {
    let cell = cell.to_lowercase();
    let words: Vec<&str> = cell
        .split([' ', '-', '.', '/', ','])
        .filter(|it| !it.is_empty())
        .collect();
    let Some(at) = words
        .iter()
        .position(|it| MONTHS.contains(it) || is_day(&format!("1-{it}")))
    else {
        return false;
    };
    let is_number =
        |it: &&str| matches!(it.len(), 1 | 2 | 4) && it.bytes().all(|it| it.is_ascii_digit());
    let (before, behind) = words.split_at_checked(at).unwrap_or_default();
    let behind = behind.get(1..).unwrap_or_default();
    // A day of the week may stand first.
    let (day, week) = before
        .split_last()
        .map_or((None, before), |(day, week)| (Some(day), week));
    // `3 Mars` may be a class.
    let is_joined = cell.contains(['-', '.', '/']) || !behind.is_empty();
    let is_week = week.len() < 2 && week.iter().all(|it| it.chars().all(char::is_alphabetic));
    is_joined
        && is_week
        && day.is_some_and(|it| it.len() < 3 && is_number(it))
        && behind.len() < 2
        && behind.iter().all(is_number)
}

/// Whether it is a time of day, or a part of one, as a spreadsheet makes of `8:1` and `1/2`.
fn is_time(cell: &str) -> bool {
    let parts: Vec<&str> = cell.split(':').collect();
    let is_two = |it: &&str| it.len() == 2 && it.bytes().all(|it| it.is_ascii_digit());
    let part = cell.strip_prefix("0.").or_else(|| cell.strip_prefix("0,"));
    let is_part = part.is_some_and(|it| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit()));
    is_part || ((2..=3).contains(&parts.len()) && parts.iter().all(is_two))
}

/// Whether a formula failed, in any language (`#REF!`, `#NAME?`, `#N/A`, `#BEZUG!`, `Err:502`), or a
/// column was too narrow for what stands there (`###`).
fn is_error(cell: &str) -> bool {
    let behind_hash = cell.strip_prefix('#');
    let is_word = |it: &str| it.ends_with(['!', '?']) && !it.contains(' ');
    behind_hash.is_some_and(|it| is_word(it) || matches!(it, "N/A" | "NV" | "N/D" | "NA"))
        || (cell.len() > 2 && cell.bytes().all(|it| it == b'#'))
        || cell
            .strip_prefix("Err:")
            .is_some_and(|it| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit()))
}

/// Whether a name has a mark where a letter was: `Zo?`, `Zo\u{fffd}`, or `Zo+AOs-` of UTF-7.
fn was_lost(column: Column, cell: &str) -> bool {
    let is_name = match column {
        Column::Student
        | Column::StudentFirst
        | Column::StudentLast
        | Column::StudentPreferredFirst
        | Column::StudentPreferredLast
        | Column::StudentBetween
        | Column::Guardian(_, Part::Name | Part::First | Part::Last | Part::Between)
        | Column::Teacher(_, TeacherPart::Name | TeacherPart::First | TeacherPart::Last) => true,
        Column::StudentId
        | Column::StudentOtherId
        | Column::ClassId
        | Column::Subject
        | Column::Teacher(_, TeacherPart::Id | TeacherPart::Email)
        | Column::Form
        | Column::Year
        | Column::Classes
        | Column::Guardian(
            _,
            Part::Id
            | Part::Email
            | Part::Telephone
            | Part::Mobile
            | Part::Relationship
            | Part::CourtOrder,
        ) => false,
    };
    let utf7 = |cell: &str| {
        cell.split_once('+').is_some_and(|(_, rest)| {
            let coded = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
            coded >= 3 && rest.as_bytes().get(coded) == Some(&b'-')
        })
    };
    is_name && (cell.contains(['?', '\u{fffd}']) || utf7(cell))
}

/// The sentence of a refusal, about a column.
pub(super) fn of(column: Column, refusal: Refusal) -> String {
    format!("In {}: {refusal}", column.name())
}
