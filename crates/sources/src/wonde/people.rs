//! Records read as people and classes.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use school::import::{
    Entry, Guardian, Hint, Incoming, Listed, ListedClass, ListedOrder, ListedTeacher, MOST_ROWS,
    Named, NamesAll, Row, Taker,
};
use school::telephone;
use school::text::{EmailAddress, Label, Name, read_line};
use school::year;
use serde_json::Value;

use super::Records;
use super::page::Page;
use crate::names::told_apart;

/// The most contacts of a student.
const MOST_CONTACTS: usize = 50;

/// The most classes of a student, and the most teachers of a class that are read.
const MOST_CLASSES: usize = 200;

/// Whoever works there, as far as it matters here.
#[derive(Debug)]
struct Employee {
    line: u64,
    name: String,
    entry: Result<ListedTeacher, String>,
}

/// A class.
#[derive(Debug)]
struct Class {
    line: u64,
    name: String,
    code: String,
    subject: String,
    teachers: Vec<String>,
}

/// A student, whose classes have no names yet.
#[derive(Debug)]
struct Student {
    name: String,
    entry: Result<Entry, String>,
    named: Named,
    classes: Vec<String>,
}

/// What was read so far.
#[derive(Debug, Default)]
pub struct People {
    employees: BTreeMap<String, Employee>,
    classes: BTreeMap<String, Class>,
    students: Vec<Student>,
    orders: Vec<ListedOrder>,
    /// How many records each page of a kind has but the last.
    full: BTreeMap<&'static str, usize>,
    seen: HashSet<String>,
    /// Whether the last look for ids came upon one that was not read.
    misses_some: bool,
}

impl People {
    /// Takes in the page that is the `nth` of such records, the first being 1, and gives the address
    /// of the next; nothing after the last. It takes time.
    ///
    /// # Errors
    ///
    /// What is wrong with the page as a whole. A record that cannot be taken is no error: it stands in
    /// what is given, with the reason.
    pub fn take(
        &mut self,
        records: Records,
        nth: usize,
        bytes: &[u8],
    ) -> Result<Option<String>, String> {
        let page = Page::read(bytes, nth)?;
        self.check_is_full(records, &page)?;
        for record in &page.data {
            let id = text(record, &["id"]);
            if id.is_empty() {
                return Err("a record has no id".to_owned());
            }
            match records {
                Records::Employees => self.employee(id, record),
                Records::Classes => self.class(id, record)?,
                Records::Students => self.student(&id, record)?,
            }
        }
        Ok(page.next)
    }

    /// Looks whether all on the page that is the `nth` of such records were read, and gives the address of the
    /// next as [`People::take`] does.
    ///
    /// # Errors
    ///
    /// What is wrong with the page as a whole.
    pub fn look_for(
        &mut self,
        records: Records,
        nth: usize,
        bytes: &[u8],
    ) -> Result<Option<String>, String> {
        let page = Page::read(bytes, nth)?;
        self.check_is_full(records, &page)?;
        let is_read = |record: &Value| {
            let id = text(record, &["id"]);
            match records {
                Records::Employees => self.employees.contains_key(&id),
                Records::Classes => self.classes.contains_key(&id),
                Records::Students => self.seen.contains(&id),
            }
        };
        let are_read = page.data.iter().all(is_read);
        self.misses_some = !are_read || (nth > 1 && self.misses_some);
        Ok(page.next)
    }

    /// Whether the last [`People::look_for`], from its first page on, came upon somebody who was not read.
    #[must_use]
    pub const fn misses_some(&self) -> bool {
        self.misses_some
    }

    /// A page before the last is as full as the first: one that is not has lost records, and those would
    /// seem to have left.
    fn check_is_full(&mut self, records: Records, page: &Page) -> Result<(), String> {
        let here = page.data.len();
        let full = *self.full.entry(records.path()).or_insert(here);
        if here > full || (page.next.is_some() && (here < full || here == 0)) {
            return Err(
                "a page before the last has other than as many records as the first".to_owned(),
            );
        }
        Ok(())
    }

    /// How many records of that kind there are so far.
    #[must_use]
    pub fn count(&self, records: Records) -> usize {
        match records {
            Records::Employees => self.employees.len(),
            Records::Classes => self.classes.len(),
            Records::Students => self.students.len(),
        }
    }

    /// Whether there are more of them than of any school.
    pub(super) fn are_too_many(&self) -> bool {
        Records::ALL
            .into_iter()
            .any(|it| self.count(it) > MOST_ROWS)
    }

    fn employee(&mut self, id: String, record: &Value) {
        let name = full_name(record);
        let line = count(self.employees.len());
        let entry = listed_teacher(&id, record);
        self.employees
            .entry(id)
            .or_insert(Employee { line, name, entry });
    }

    fn class(&mut self, id: String, record: &Value) -> Result<(), String> {
        // No class is to lose its teachers, nor they their place, because of such a token.
        if list(record, "employees").is_none() {
            return Err("classes have no employees: the token may not read them".to_owned());
        }
        let name = text(record, &["name"]);
        let subject = text(record, &["subject", "data", "name"]);
        let class = Class {
            line: count(self.classes.len()),
            subject: if subject.is_empty() {
                name.clone()
            } else {
                subject
            },
            name,
            code: text(record, &["code"]),
            teachers: ids(record, "employees"),
        };
        self.classes.entry(id).or_insert(class);
        Ok(())
    }

    fn student(&mut self, id: &str, record: &Value) -> Result<(), String> {
        // Nobody is to leave because the token may not read what was asked for.
        let Some(contacts) = list(record, "contacts") else {
            return Err("students have no contacts: the token may not read them".to_owned());
        };
        if list(record, "classes").is_none() {
            return Err("students have no classes: the token may not read them".to_owned());
        }
        // A page moves on when somebody is added meanwhile.
        if self.seen.insert(id.to_owned()) {
            let entry = entry(id, record, contacts);
            let named = match &entry {
                Ok(_) => Named::default(),
                Err(_reason) => named(id, record, contacts),
            };
            let line = count(self.students.len());
            let barred = contacts.iter().filter(|it| has_court_order(it));
            let known_by = student_ids(id, record);
            let order = |it| order(it, (line, full_name(record)), &known_by);
            self.orders.extend(barred.map(order));
            self.students.push(Student {
                name: full_name(record),
                entry,
                named,
                classes: ids(record, "classes"),
            });
        }
        Ok(())
    }

    /// All of them, as a source that names everybody.
    #[must_use]
    pub fn incoming(self) -> Incoming {
        let parts = self.classes.iter().map(|(id, class)| {
            let (name, code) = (class.name.as_str(), class.code.as_str());
            (id.as_str(), name, code)
        });
        let names = told_apart(parts);
        let taking: BTreeSet<&String> = self.classes.values().flat_map(|it| &it.teachers).collect();
        let mut incoming = Incoming {
            names_all: NamesAll {
                students: true,
                teachers: !taking.is_empty(),
                classes: !taking.is_empty(),
            },
            rows_are_whole: true,
            orders: Some(self.orders),
            ..Incoming::default()
        };
        for (id, one) in &self.employees {
            // Whoever takes no class is nobody whom parents meet.
            if taking.contains(id) {
                incoming.teachers.push(Listed {
                    line: one.line,
                    name: one.name.clone(),
                    entry: one.entry.clone(),
                });
            }
        }
        for (id, class) in &self.classes {
            let name = names.get(id).map_or(class.name.as_str(), String::as_str);
            incoming.classes.push(Listed {
                line: class.line,
                name: name.to_owned(),
                entry: listed_class(id, class, name),
            });
        }
        for (student, line) in self.students.into_iter().zip(1..) {
            let classes = student.classes.iter().map(|id| {
                let name = names.get(id).unwrap_or(id);
                Label::read(name).map_err(|why| format!("In classes: {why}"))
            });
            let classes: Result<Vec<_>, _> = classes.collect();
            let entry = student.entry.and_then(|entry| {
                Ok(Entry {
                    classes: Some(classes?),
                    ..entry
                })
            });
            incoming.students.push(Row {
                line,
                student: student.name,
                named: match &entry {
                    // Its classes have names that cannot be read.
                    Err(_reason) if student.named == Named::default() => Named::anybody(),
                    Ok(_) | Err(_) => student.named,
                },
                entry,
            });
        }
        incoming
    }
}

fn entry(id: &str, record: &Value, contacts: &[Value]) -> Result<Entry, String> {
    if contacts.len() > MOST_CONTACTS {
        return Err(format!("More than {MOST_CONTACTS} contacts."));
    }
    let form = ["registration", "year"];
    let form = form.map(|it| text(record, &[it, "data", "name"]));
    let form = form.into_iter().find(|it| !it.is_empty());
    let form = read_line(&form.unwrap_or_default());
    let form = form.map_err(|why| format!("In registration and year: {why}"))?;
    let year = year::read(&text(record, &["year", "data", "name"]));
    let year = year.map_err(|why| format!("In year: {why}"))?;
    let mut ordered: Vec<&Value> = contacts.iter().collect();
    // The first to be asked comes first; whoever has no place there, last.
    ordered.sort_by_key(|it| {
        let priority = at(it, &["relationship", "priority"]);
        priority.as_u64().unwrap_or(u64::MAX)
    });
    let guardians = ordered
        .into_iter()
        .filter(|it| is_guardian(it))
        .map(guardian);
    Ok(Entry {
        student: read_name(record)?,
        source: Some(read_id(id)?),
        other_ids: Some(text(record, &["mis_id"]))
            .filter(|it| !it.is_empty())
            .into_iter()
            .collect(),
        form: Some(form).filter(|it| !it.is_empty()),
        year,
        classes: None,
        guardians: guardians.collect::<Result<_, _>>()?,
        unnamed: Vec::new(),
    })
}

/// What a student is known by there.
fn student_ids(id: &str, record: &Value) -> Vec<String> {
    let ids = [id.to_owned(), text(record, &["mis_id"])];
    ids.into_iter().filter(|it| !it.is_empty()).collect()
}

/// Whom a student's record names that cannot be taken.
fn named(id: &str, record: &Value, contacts: &[Value]) -> Named {
    let hint = |it: &Value| Hint {
        ids: Some(text(it, &["id"]))
            .filter(|it| !it.is_empty())
            .into_iter()
            .collect(),
        name: full_name(it),
    };
    Named {
        student: Hint {
            ids: student_ids(id, record),
            name: full_name(record),
        },
        contacts: contacts.iter().map(hint).collect(),
        orders: Vec::new(),
    }
}

/// A court order on a contact, however little of them can be read.
fn order(contact: &Value, (line, student): (u64, String), ids: &[String]) -> ListedOrder {
    let shown = |it: String| it.chars().filter(|it| !it.is_control()).take(100).collect();
    ListedOrder {
        line,
        name: shown(full_name(contact)),
        source: read_id(&text(contact, &["id"])).ok(),
        guardian: guardian(contact).ok(),
        student: shown(student),
        student_ids: ids.to_vec(),
    }
}

/// Whether a contact is one whom the school speaks with about the student: not whoever has no parental
/// responsibility, as a neighbour who may be called. Whom a court order concerns is known by it.
fn is_guardian(contact: &Value) -> bool {
    let responsibility = at(contact, &["relationship", "parental_responsibility"]);
    !is_no(responsibility) || has_court_order(contact)
}

fn has_court_order(contact: &Value) -> bool {
    is_yes(at(contact, &["relationship", "court_order"]))
}

fn guardian(contact: &Value) -> Result<Guardian, String> {
    let of = |why: String| format!("Of their contact {}: {why}", full_name(contact));
    let relationship = text(contact, &["relationship", "relationship"]);
    let relationship =
        read_line(&relationship).map_err(|why| of(format!("In relationship: {why}")))?;
    let id = text(contact, &["id"]);
    Ok(Guardian {
        name: read_name(contact).map_err(of)?,
        email: read_email(contact, &["primary", "email", "home", "work"]),
        mobile: text(contact, &["contact_details", "data", "phones", "mobile"]),
        telephone: read_telephone(contact),
        relationship,
        source: Some(read_id(&id).map_err(of)?),
        has_court_order: has_court_order(contact),
    })
}

fn listed_teacher(id: &str, record: &Value) -> Result<ListedTeacher, String> {
    Ok(ListedTeacher {
        source: Some(read_id(id)?),
        name: read_name(record)?,
        email: read_email(record, &["work", "primary", "email"]),
    })
}

fn listed_class(id: &str, class: &Class, name: &str) -> Result<ListedClass, String> {
    let label =
        |field: &str, text: &str| Label::read(text).map_err(|why| format!("In {field}: {why}"));
    Ok(ListedClass {
        source: Some(read_id(id)?),
        name: label("name", name)?,
        subject: Some(label("subject", &class.subject)?),
        teachers: class.teachers.iter().cloned().map(Taker::Listed).collect(),
    })
}

fn read_id(id: &str) -> Result<String, String> {
    let id = read_line(id).map_err(|why| format!("In id: {why}"))?;
    if id.is_empty() {
        return Err("It has no id.".to_owned());
    }
    Ok(id)
}

fn full_name(record: &Value) -> String {
    let parts = ["forename", "surname"].map(|it| text(record, &[it]));
    parts.join(" ").trim().to_owned()
}

fn read_name(record: &Value) -> Result<Name, String> {
    Name::read(&full_name(record)).map_err(|why| format!("In forename and surname: {why}"))
}

/// The first of these that is there and is one. What is none, as "n/a", is no address: whoever has it is
/// taken all the same.
fn read_email(record: &Value, which: &[&str]) -> Option<EmailAddress> {
    which.iter().find_map(|kind| {
        let given = text(record, &["contact_details", "data", "emails", kind]);
        EmailAddress::read(&given).ok()
    })
}

/// The first number that is there, but the mobile's; empty where there is none.
fn read_telephone(record: &Value) -> String {
    let kinds = ["primary", "phone", "home", "work"];
    let numbers = kinds.map(|kind| {
        let given = text(record, &["contact_details", "data", "phones", kind]);
        telephone::read(&given)
    });
    let mut numbers = numbers.into_iter();
    numbers.find(|it| !it.is_empty()).unwrap_or_default()
}

/// What stands there, however deep; nothing where something on the way is missing.
fn at<'v>(value: &'v Value, path: &[&str]) -> &'v Value {
    static NOTHING: Value = Value::Null;
    path.iter()
        .try_fold(value, |it, key| it.get(key))
        .unwrap_or(&NOTHING)
}

/// The text there, or the number.
fn text(value: &Value, path: &[&str]) -> String {
    match at(value, path) {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => String::new(),
    }
}

/// The records that stand beside that one, where they were given.
fn list<'v>(record: &'v Value, name: &str) -> Option<&'v [Value]> {
    at(record, &[name, "data"]).as_array().map(Vec::as_slice)
}

fn ids(record: &Value, name: &str) -> Vec<String> {
    let all = list(record, name).unwrap_or_default();
    let ids = all.iter().map(|it| text(it, &["id"]));
    ids.filter(|it| !it.is_empty()).take(MOST_CLASSES).collect()
}

/// Whether it says yes, in whatever way a system writes it.
fn is_yes(value: &Value) -> bool {
    match value {
        Value::Bool(yes) => *yes,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => {
            !["", "0", "false", "no", "n"].contains(&text.trim().to_ascii_lowercase().as_str())
        }
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    }
}

/// Whether it says no; nothing is no answer.
fn is_no(value: &Value) -> bool {
    !value.is_null() && !is_yes(value)
}

/// The place of the next of so many, the first being 1.
fn count(so_far: usize) -> u64 {
    u64::try_from(so_far).unwrap_or(u64::MAX).saturating_add(1)
}
