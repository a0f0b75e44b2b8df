//! The rows of a file that speak of teachers and classes.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::cells::{Cells, is_day, of, read_id};
use super::columns::{Column, Columns, MOST_TEACHERS_NAMED, TeacherPart};
use super::sheet::Line;
use super::{Entry, Listed, ListedClass, ListedTeacher, NamedTeacher, Table, Taker};
use crate::refusal::Refusal;
use crate::text::{self, EmailAddress, Label, Name, id_key, line_key};

/// What stands between teachers within their cell. A comma may stand within a name.
const BETWEEN_TEACHERS: [char; 3] = [';', '/', '&'];

/// The most teachers that a row names.
const MOST_IN_ROW: usize = 12;

/// Two names with a comma between: each has a first name and a last name, which one name with a comma
/// ("Okafor, Ngozi") has on both sides of it together.
fn two_whole_names(text: &str) -> Vec<String> {
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    let is_whole = |part: &&str| part.split_whitespace().count() > 1;
    if parts.len() > 1 && parts.iter().all(is_whole) {
        parts.into_iter().map(str::to_owned).collect()
    } else {
        vec![text.to_owned()]
    }
}

/// The teachers of a list of them. Rows that say the same are one; those that give one id or address to
/// two people are refused.
pub(super) fn teachers(
    rows: &mut dyn Iterator<Item = (u64, Cells<'_>)>,
) -> Vec<Listed<ListedTeacher>> {
    let mut listed: Vec<Listed<ListedTeacher>> = Vec::new();
    let mut seen: HashSet<(String, String, String)> = HashSet::new();
    for (line, cells) in rows {
        let named = cells.check().and_then(|()| cells.teacher(1, true));
        let entry =
            named.and_then(
                |it| match it.and_then(|it| Some((it.name?, it.source, it.email))) {
                    Some((name, source, email)) => Ok(ListedTeacher {
                        source,
                        name,
                        email,
                    }),
                    None => Err(of(
                        Column::Teacher(1, TeacherPart::Name),
                        Refusal::NameMissing,
                    )),
                },
            );
        if let Ok(entry) = &entry {
            let id = entry.source.as_deref().map(id_key).unwrap_or_default();
            let email = entry.email.as_ref().map(EmailAddress::key);
            let key = (entry.name.person_key(), id, email.unwrap_or_default());
            if !seen.insert(key) {
                continue;
            }
        }
        listed.push(Listed {
            line,
            name: cells.teacher_shown(),
            entry,
        });
    }
    refuse_shared(&mut listed, TeacherPart::Id, |it| {
        it.source.as_deref().map(id_key)
    });
    refuse_shared(&mut listed, TeacherPart::Email, |it| {
        it.email.as_ref().map(EmailAddress::key)
    });
    listed
}

/// Refuses rows of several people that have one id, or one address.
fn refuse_shared(
    listed: &mut [Listed<ListedTeacher>],
    part: TeacherPart,
    key: impl Fn(&ListedTeacher) -> Option<String>,
) {
    let mut same: HashMap<String, Vec<usize>> = HashMap::new();
    for (place, one) in listed.iter().enumerate() {
        if let Some(key) = one.entry.as_ref().ok().and_then(&key) {
            same.entry(key).or_default().push(place);
        }
    }
    for places in same.into_values().filter(|it| it.len() > 1) {
        let rows = places.iter().take(3);
        let rows: Vec<_> = rows
            .filter_map(|it| listed.get(*it))
            .map(|it| format!("{} in row {}", it.name, it.line))
            .collect();
        let reason = format!(
            "In {}: rows that say different things have the same here ({}). Correct one of them.",
            Column::Teacher(1, part).name(),
            rows.join(", ")
        );
        for place in places {
            if let Some(one) = listed.get_mut(place) {
                one.entry = Err(reason.clone());
            }
        }
    }
}

impl Cells<'_> {
    /// The teacher of that number; nothing where their cells are empty. A name is one whole name where
    /// the row is theirs, and else may be several.
    fn teacher(&self, nth: u8, is_whole: bool) -> Result<Option<NamedTeacher>, String> {
        let mut all = self.teachers_in(nth, is_whole)?;
        Ok(all.pop())
    }

    /// All whom the row names, in order.
    fn teachers(&self) -> Result<Vec<NamedTeacher>, String> {
        let mut all = Vec::new();
        for nth in 1..=MOST_TEACHERS_NAMED {
            all.extend(self.teachers_in(nth, false)?);
        }
        if all.len() > MOST_IN_ROW {
            return Err(format!(
                "In teacher: this row names more than {MOST_IN_ROW} teachers."
            ));
        }
        Ok(all)
    }

    fn teachers_in(&self, nth: u8, is_whole: bool) -> Result<Vec<NamedTeacher>, String> {
        let part = |part| Column::Teacher(nth, part);
        let whole = part(TeacherPart::Name);
        let name = self.name(whole, part(TeacherPart::First), part(TeacherPart::Last));
        let name = name.unwrap_or_default();
        let split = |cell: &str, between: &[char]| -> Vec<String> {
            let parts = cell.split(|it| !is_whole && between.contains(&it));
            let parts = parts.map(|it| it.trim().to_owned());
            parts.filter(|it| !it.is_empty()).collect()
        };
        let is_one = self.of(whole).is_none();
        let names = if is_one {
            split(&name, &[])
        } else {
            let between = name.replace(" and ", ";").replace(" + ", ";");
            split(&between, &BETWEEN_TEACHERS)
                .iter()
                .flat_map(|it| two_whole_names(it))
                .collect()
        };
        let ids = split(self.text(part(TeacherPart::Id)), &[';', '/', '&', ',']);
        let emails = split(self.text(part(TeacherPart::Email)), &[';', ',']);
        let count = names.len().max(ids.len()).max(emails.len());
        let columns = [
            (TeacherPart::Name, &names),
            (TeacherPart::Id, &ids),
            (TeacherPart::Email, &emails),
        ];
        for (of_part, parts) in columns {
            if !parts.is_empty() && parts.len() != count {
                return Err(format!(
                    "In {}: there are {} here, for {count} teachers. Give each teacher a row or columns of their own.",
                    part(of_part).name(),
                    parts.len()
                ));
            }
        }
        (0..count.min(MOST_IN_ROW + 1))
            .map(|at| read_teacher(nth, [&names, &ids, &emails].map(|it| it.get(at))))
            .collect()
    }

    /// Whether anything of a teacher stands there.
    fn has_teacher(&self) -> bool {
        let mut named = self.columns.each.iter().zip(self.record);
        named.any(|(column, cell)| {
            matches!(column, Some(Column::Teacher(..))) && !cell.trim().is_empty()
        })
    }

    /// What stands in a teacher's column, as far as it can be read.
    fn teacher_shown(&self) -> String {
        let part = |part| Column::Teacher(1, part);
        let name = self.name(
            part(TeacherPart::Name),
            part(TeacherPart::First),
            part(TeacherPart::Last),
        );
        shown(&name.unwrap_or_default())
    }
}

fn read_teacher(nth: u8, [name, id, email]: [Option<&String>; 3]) -> Result<NamedTeacher, String> {
    let part = |part| Column::Teacher(nth, part);
    let name = name.map(|it| Name::read(it).map_err(|why| of(part(TeacherPart::Name), why)));
    let source = match id {
        Some(id) => {
            refuse_day(part(TeacherPart::Id), id)?;
            read_id(part(TeacherPart::Id), id)?
        }
        None => None,
    };
    let email = email.map(|it| EmailAddress::read_listed(it));
    let email = email
        .transpose()
        .map_err(|why| of(part(TeacherPart::Email), why))?
        .flatten();
    Ok(NamedTeacher {
        source,
        name: name.transpose()?,
        email,
    })
}

fn shown(text: &str) -> String {
    let text = text.trim().chars().filter(|it| !it.is_control());
    text.take(100).collect()
}

/// Refuses what Excel takes for a day, and saves as one: `3-4` as `03-Apr`.
fn refuse_day(column: Column, cell: &str) -> Result<(), String> {
    if is_day(text::unquoted(cell)) || text::is_cut_short(cell) {
        return Err(format!(
            "In {}: a spreadsheet has made a number or a day of this: \"{cell}\". Export the file again, or format the column as text and type it.",
            column.name()
        ));
    }
    Ok(())
}

/// For each row of a list of classes the place of the one above it that names its class: where a spreadsheet
/// had one cell for several rows, what was saved has it in the first of them.
///
/// A row without a class may as well be of a teacher who takes none. So every class must be named once and
/// by a row that has a teacher, several of them must be followed by such rows, and the list must not be in
/// the order of its teachers; an empty row ends a class.
pub(super) fn rows_above(columns: &Columns, lines: &[&Line]) -> Vec<Option<usize>> {
    let none = || vec![None; lines.len()];
    let mut above = none();
    let mut classes: HashSet<String> = HashSet::new();
    let mut last = None;
    let mut followed: HashSet<usize> = HashSet::new();
    for (place, line) in lines.iter().enumerate() {
        let cells = Cells::of_line(columns, line);
        let class = line_key(cells.text(Column::Classes));
        let names_more = [Column::ClassId, Column::Subject]
            .iter()
            .any(|it| !cells.text(*it).is_empty());
        if line.is_after_empty {
            last = None;
        }
        match (class.is_empty(), cells.has_teacher()) {
            (false, true) if classes.insert(class) => last = Some(place),
            // Rows of classes without a teacher, or of one class twice, say all of it.
            (false, _) => return none(),
            (true, true) if !names_more => {
                if let (Some(last), Some(cell)) = (last, above.get_mut(place)) {
                    *cell = Some(last);
                    followed.insert(last);
                }
            }
            (true, _) => last = None,
        }
    }
    if followed.len() < 2 || is_by_teacher(columns, lines) {
        return none();
    }
    above
}

/// Whether the rows stand in the order of their teachers.
fn is_by_teacher(columns: &Columns, lines: &[&Line]) -> bool {
    [
        TeacherPart::Name,
        TeacherPart::Last,
        TeacherPart::Id,
        TeacherPart::Email,
    ]
    .into_iter()
    .filter_map(|part| columns.place(Column::Teacher(1, part)))
    .any(|place| {
        let cells = lines.iter().map(|it| it.record.get(place));
        cells.map(|it| line_key(it.unwrap_or_default())).is_sorted()
    })
}

/// A class as the rows have it so far.
struct Class {
    line: u64,
    name: Label,
    source: Option<String>,
    subject: Option<Label>,
    teachers: Vec<usize>,
    /// Who takes it by the first row that says so, and that row.
    first: Option<(u64, Vec<usize>)>,
    /// Why it cannot be taken.
    refused: Option<String>,
}

/// A row that names classes and teachers.
struct Said {
    classes: Vec<(Label, Option<String>)>,
    subject: Option<Label>,
    teachers: Vec<NamedTeacher>,
}

/// The classes that rows name, with their teachers.
#[derive(Default)]
pub(super) struct Classes {
    classes: Vec<Class>,
    by_id: HashMap<String, usize>,
    by_name: HashMap<String, Vec<usize>>,
    teachers: Vec<Listed<NamedTeacher>>,
    by_words: HashMap<(String, String, String), usize>,
    /// The classes of rows of which nothing can be taken, by their names, and these rows.
    not_taken: HashMap<String, (u64, String)>,
    refused: Vec<Listed<ListedClass>>,
}

impl Classes {
    /// A row of a list of classes: its teachers take each of its classes.
    pub(super) fn take(&mut self, line: u64, cells: &Cells<'_>) {
        if let Err(reason) = self.take_row(line, cells) {
            // Without this row a class would lose a teacher.
            let named = cells.classes().ok().into_iter().flatten();
            self.not_taken
                .extend(named.map(|it| (it.key(), (line, reason.clone()))));
            self.refused.push(Listed {
                line,
                name: shown(cells.text(Column::Classes)),
                entry: Err(reason),
            });
        }
    }

    fn take_row(&mut self, line: u64, cells: &Cells<'_>) -> Result<(), String> {
        cells.check()?;
        let said = cells.said()?;
        if said.classes.is_empty() {
            return Err(
                "In classes: this row names no class. If it belongs to the one above, write that into it too; who takes no class comes with a list of teachers."
                    .to_owned(),
            );
        }
        let teachers = self.name_all(line, &said.teachers);
        for (name, source) in &said.classes {
            let place = self.place(line, name, source.as_deref())?;
            self.say_subject(place, line, said.subject.as_ref());
            if let Some(class) = self.classes.get_mut(place) {
                let new: Vec<_> = teachers
                    .iter()
                    .filter(|it| !class.teachers.contains(it))
                    .copied()
                    .collect();
                class.teachers.extend(new);
            }
        }
        Ok(())
    }

    /// A row of a list of students: the teachers of its one class, where it names some.
    pub(super) fn of_student(
        &mut self,
        line: u64,
        cells: &Cells<'_>,
        entry: Entry,
    ) -> Result<Entry, String> {
        if !cells.columns.names_teachers() {
            return Ok(entry);
        }
        let said = cells.said()?;
        let classes = said.classes.iter();
        let classes = classes.map(|(name, source)| match source {
            Some(id) => Label::read(id).map_err(|why| of(Column::ClassId, why)),
            None => Ok(name.clone()),
        });
        let entry = Entry {
            classes: Some(classes.collect::<Result<_, _>>()?),
            ..entry
        };
        if said.teachers.is_empty() {
            return Ok(entry);
        }
        let [(name, source)] = &*said.classes else {
            return Err(format!(
                "In teacher: this row names a teacher and {} classes, so that it does not say who takes what. Give each class a row of its own, or leave the teacher out and import a list of classes.",
                said.classes.len()
            ));
        };
        let place = self.place(line, name, source.as_deref())?;
        let teachers = self.name_all(line, &said.teachers);
        self.say_subject(place, line, said.subject.as_ref());
        if let Some(class) = self.classes.get_mut(place) {
            match &class.first {
                None => {
                    class.teachers.clone_from(&teachers);
                    class.first = Some((line, teachers));
                }
                Some((first, others)) if *others != teachers => {
                    let reason = format!(
                        "In teacher: rows contradict each other about who takes {} (row {first}, row {line}). Correct one of them, or import a list of classes.",
                        class.name.as_str()
                    );
                    class.refused.get_or_insert(reason);
                }
                Some(_) => {}
            }
        }
        Ok(entry)
    }

    /// The places of teachers: each is named once.
    fn name_all(&mut self, line: u64, teachers: &[NamedTeacher]) -> Vec<usize> {
        let mut places = Vec::new();
        for one in teachers {
            let name = one.name.as_ref().map(Name::person_key);
            let id = one.source.as_deref().map(id_key);
            let email = one.email.as_ref().map(EmailAddress::key);
            let key = [name, id, email].map(Option::unwrap_or_default);
            let [name, id, email] = key;
            let teachers = &mut self.teachers;
            let place = *self.by_words.entry((name, id, email)).or_insert_with(|| {
                let name = one.name.as_ref().map(Name::reveal);
                teachers.push(Listed {
                    line,
                    name: name.unwrap_or_default().to_owned(),
                    entry: Ok(one.clone()),
                });
                teachers.len() - 1
            });
            if !places.contains(&place) {
                places.push(place);
            }
        }
        places
    }

    /// The class of a row: by its id, else by its name.
    fn place(&mut self, line: u64, name: &Label, source: Option<&str>) -> Result<usize, String> {
        let key = name.key();
        if let Some(place) = source.and_then(|it| self.by_id.get(&id_key(it))).copied() {
            let class = self.classes.get_mut(place);
            if let Some(class) = class.filter(|it| it.name.key() != key) {
                let reason = format!(
                    "In class id: {} stands for two classes, {} in row {} and {} in row {line}. Correct the id of one.",
                    source.unwrap_or_default(),
                    class.name.as_str(),
                    class.line,
                    name.as_str()
                );
                class.refused.get_or_insert_with(|| reason.clone());
                return Err(reason);
            }
            return Ok(place);
        }
        let same = self.by_name.entry(key).or_default();
        let without_id = |it: &&usize| self.classes.get(**it).is_some_and(|it| it.source.is_none());
        let known = match source {
            None if same.len() > 1 => {
                return Err(format!(
                    "In classes: several classes of this file are named \"{}\". Give the class id in each row.",
                    name.as_str()
                ));
            }
            None => same.first(),
            Some(_) => same.iter().find(without_id),
        };
        let place = known.copied().unwrap_or(self.classes.len());
        if known.is_none() {
            same.push(place);
            self.classes.push(Class {
                line,
                name: name.clone(),
                source: None,
                subject: None,
                teachers: Vec::new(),
                first: None,
                refused: None,
            });
        }
        if let (Some(id), Some(class)) = (source, self.classes.get_mut(place)) {
            class.source = Some(id.to_owned());
            self.by_id.insert(id_key(id), place);
        }
        Ok(place)
    }

    fn say_subject(&mut self, place: usize, line: u64, subject: Option<&Label>) {
        let (Some(class), Some(subject)) = (self.classes.get_mut(place), subject) else {
            return;
        };
        match &class.subject {
            None => class.subject = Some(subject.clone()),
            Some(first) if line_key(first.as_str()) != line_key(subject.as_str()) => {
                let reason = format!(
                    "In subject: rows contradict each other about {} (row {} \"{}\", row {line} \"{}\"). Correct one of them.",
                    class.name.as_str(),
                    class.line,
                    first.as_str(),
                    subject.as_str()
                );
                class.refused.get_or_insert(reason);
            }
            Some(_) => {}
        }
    }

    /// All that was said. Of classes that have one name, the id stands behind it.
    pub(super) fn finish(self, table: &mut Table) {
        let mut names: BTreeMap<String, usize> = BTreeMap::new();
        for class in &self.classes {
            *names.entry(class.name.key()).or_default() += 1;
        }
        for class in self.classes {
            let is_shared = names.get(&class.name.key()).is_some_and(|it| *it > 1);
            let name = match &class.source {
                Some(id) if is_shared => {
                    let name = format!("{} ({id})", class.name.as_str());
                    Label::read(&name).map_err(|why| of(Column::Classes, why))
                }
                Some(_) | None => Ok(class.name.clone()),
            };
            let not_taken = self.not_taken.get(&class.name.key());
            let reason = not_taken.map(|(line, reason)| {
                format!("Row {line} of this class cannot be taken. {reason}")
            });
            let entry = match class.refused.or(reason) {
                Some(reason) => {
                    let refused = (class.name.clone(), class.source);
                    table.refused_classes.push(refused);
                    Err(reason)
                }
                None => name.map(|name| ListedClass {
                    source: class.source,
                    name,
                    subject: class.subject,
                    teachers: class.teachers.into_iter().map(Taker::Named).collect(),
                }),
            };
            table.classes.push(Listed {
                line: class.line,
                name: class.name.as_str().to_owned(),
                entry,
            });
        }
        table.classes.extend(self.refused);
        table.classes.sort_by_key(|it| it.line);
        table.named_teachers = self.teachers;
    }
}

impl Cells<'_> {
    fn said(&self) -> Result<Said, String> {
        let names = self.classes()?;
        for name in &names {
            refuse_day(Column::Classes, name.as_str())?;
        }
        let ids = self.text(Column::ClassId).split(super::BETWEEN_CLASSES);
        let ids: Vec<_> = ids.map(str::trim).filter(|it| !it.is_empty()).collect();
        if !ids.is_empty() && ids.len() != names.len() {
            return Err(format!(
                "In class id: there are {} here, for {} classes. Give each class a row of its own.",
                ids.len(),
                names.len()
            ));
        }
        let ids: Vec<Option<String>> = ids
            .into_iter()
            .map(|it| {
                refuse_day(Column::ClassId, it)?;
                read_id(Column::ClassId, it)
            })
            .collect::<Result<_, String>>()?;
        let ids = ids.into_iter().chain(std::iter::repeat(None));
        let subject = match Label::read(self.text(Column::Subject)) {
            Ok(subject) => Some(subject),
            Err(Refusal::NameMissing) => None,
            Err(why) => return Err(of(Column::Subject, why)),
        };
        Ok(Said {
            classes: names.into_iter().zip(ids).collect(),
            subject,
            teachers: self.teachers()?,
        })
    }
}
