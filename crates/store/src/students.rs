//! Students.

use std::collections::BTreeMap;

use jiff::Timestamp;
use school::deed::Person;
use school::registration::ReachedBy;
use school::text::{Sought, search_key, sought};
use school::year;
use school::{
    AccountId, Actor, ClassId, ContactId, EmailAddress, Label, Mobile, Name, Refusal, StudentId,
};

use crate::audit::Action;
use crate::database::Work;
use crate::deeds::Aftermath;
use crate::fault::{Read, Result};
use crate::store::Store;
use crate::undelivered::{Undelivered, undelivered};
use crate::value::{columns, list, listed, values};

/// The condition that a student is found by three parts: `$2` to `$7`, each as it is in names and in
/// addresses; of the homeroom `$8`, the class `$9` and the year `$10` alone, where those are not empty
/// and not 0.
macro_rules! found {
    () => {
        concat!(
            "school = $1 AND (gone_at IS NULL OR $2 <> '%') AND ",
            found!("$2", "$3"),
            " AND ",
            found!("$4", "$5"),
            " AND ",
            found!("$6", "$7"),
            " AND ($8 = '' OR form = $8) AND ($9 = 0 OR EXISTS (
               SELECT 1 FROM class_students
               WHERE class_students.school = students.school
                 AND class_students.student = students.id AND class_students.class = $9))
             AND ($10 = '' OR year_key = $10)"
        )
    };
    ($words:literal, $address:literal) => {
        concat!(
            "(name_key LIKE ",
            $words,
            " OR form_key LIKE ",
            $words,
            " OR EXISTS (
               SELECT 1 FROM guardians
               JOIN contacts ON contacts.school = guardians.school
                 AND contacts.id = guardians.contact
               LEFT JOIN said_otherwise ON said_otherwise.school = contacts.school
                 AND said_otherwise.contact = contacts.id AND what = 'email'
               WHERE guardians.school = students.school AND guardians.student = students.id
                 AND (contacts.name_key LIKE ",
            $words,
            " OR contacts.email_key LIKE ",
            $address,
            " ESCAPE '!' OR LOWER(records) LIKE ",
            $address,
            " ESCAPE '!')))"
        )
    };
}

/// What the office says of a student.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewStudent {
    /// Their name.
    pub name: Name,
    /// Homeroom or form; may be empty.
    pub form: String,
    /// The year they are in, as [`school::year::read`] has it, may be empty; without it, none for a new
    /// student, and as before for one that is changed.
    pub year: Option<String>,
    /// Their id in the system that the import comes from.
    pub source: Option<String>,
    /// Their classes; without it, none for a new student, and as before for one that is changed.
    pub classes: Option<Vec<ClassId>>,
}

/// A student.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Student {
    /// Their id.
    pub id: StudentId,
    /// What the office says of them.
    pub about: NewStudent,
    /// Their name in the school's records, where the office has accepted another from a parent.
    pub records_name: Option<Name>,
    /// Their contacts, by name.
    pub contacts: Vec<StudentContact>,
    /// Since when they have left the school.
    pub gone_at: Option<Timestamp>,
}

/// A contact of a student.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StudentContact {
    /// Their id.
    pub id: ContactId,
    /// Their name.
    pub name: Name,
    /// Their address.
    pub email: Option<EmailAddress>,
    /// Their mobile number.
    pub mobile: Option<Mobile>,
    /// By what an invitation to register reaches them.
    pub by: ReachedBy,
    /// Whether a court order is in force on them.
    pub has_court_order: bool,
    /// Whether they may be somebody with a court order, and wait for the office.
    pub waits: bool,
    /// Whether they have an account.
    pub is_registered: bool,
    /// Until when their invitation to register is good, or was.
    pub invited_until: Option<Timestamp>,
    /// What was said where the newest of it did not arrive.
    pub undelivered: Option<Undelivered>,
}

/// Of whom a search is.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Among {
    /// Of everybody.
    #[default]
    All,
    /// Of a homeroom.
    Homeroom(String),
    /// Of a class.
    Class(ClassId),
    /// Of a year.
    Year(String),
}

/// The lists of students that there are (DIR-6).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct StudentLists {
    /// Homerooms by name, with how many are in each.
    pub homerooms: Vec<(String, i64)>,
    /// Classes by name, with how many are in each.
    pub classes: Vec<(ClassId, Label, i64)>,
    /// Years in their order, with how many are in each.
    pub years: Vec<(String, i64)>,
}

columns! {
    struct HomeroomRow {
        form: String,
        students: i64,
    }
}

columns! {
    struct YearRow {
        year: String,
        students: i64,
    }
}

columns! {
    struct ListedClassRow {
        id: ClassId,
        name: Label,
        students: i64,
    }
}

/// Some of the students that were searched for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StudentPage {
    /// By name.
    pub students: Vec<Student>,
    /// How many match in all.
    pub total: i64,
    /// Whether there are more after these.
    pub has_more: bool,
}

columns! {
    struct StudentRow {
        id: StudentId,
        name: Name,
        records_name: Option<Name>,
        form: String,
        year: String,
        source: Option<String>,
        gone_at: Option<Timestamp>,
    }
}

impl StudentRow {
    fn student(self, classes: Vec<ClassId>, contacts: Vec<StudentContact>) -> Student {
        Student {
            id: self.id,
            about: NewStudent {
                name: self.name,
                form: self.form,
                year: Some(self.year),
                source: self.source,
                classes: Some(classes),
            },
            records_name: self.records_name,
            contacts,
            gone_at: self.gone_at,
        }
    }
}

columns! {
    struct ClassRow {
        student: StudentId,
        class: ClassId,
    }
}

columns! {
    struct ContactRow {
        student: StudentId,
        id: ContactId,
        name: Name,
        email: Option<EmailAddress>,
        mobile: Option<Mobile>,
        court_order_at: Option<Timestamp>,
        may_be: Option<ContactId>,
        until_at: Option<Timestamp>,
        account: Option<AccountId>,
        undelivered: Option<String>,
    }
}

impl ContactRow {
    fn contact(self, by: ReachedBy, otherwise: ReachedBy) -> StudentContact {
        StudentContact {
            id: self.id,
            name: self.name,
            email: self.email,
            mobile: self.mobile,
            by,
            has_court_order: self.court_order_at.is_some(),
            waits: self.may_be.is_some(),
            is_registered: self.account.is_some(),
            invited_until: self.until_at,
            undelivered: self
                .undelivered
                .map(|reason| Undelivered { reason, otherwise }),
        }
    }
}

impl Store {
    /// A student.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`].
    pub async fn student(&self, id: StudentId) -> Result<Student> {
        let mut work = self.read().await?;
        let rows = work
            .rows(
                "SELECT id, name, records_name, form, year, source, gone_at FROM students
                 WHERE school = $1 AND id = $2",
                values![self.school, id],
            )
            .await?;
        let students = self.fill_students(&mut work, rows).await?;
        Ok(students.into_iter().next().ok_or(Refusal::NotFound)?)
    }

    /// At most `most` students by name, after `after` where that is given: those whose name or
    /// homeroom, or a parent's name or address, holds each part of `search`, however it is written.
    /// Those who have left are found by a search, and stand in no list of all.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn students(
        &self,
        search: &str,
        after: Option<StudentId>,
        most: u16,
    ) -> Result<StudentPage> {
        self.students_among(&Among::All, search, after, most).await
    }

    /// The same among those of one homeroom, class or year alone.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn students_among(
        &self,
        among: &Among,
        search: &str,
        after: Option<StudentId>,
        most: u16,
    ) -> Result<StudentPage> {
        let mut work = self.read().await?;
        let mut sought = values![self.school];
        for (words, address) in patterns(search) {
            sought.push(words.into());
            sought.push(address.into());
        }
        let none = ClassId(0);
        let (homeroom, class, year) = match among {
            Among::All => ("", none, String::new()),
            Among::Homeroom(form) => (form.as_str(), none, String::new()),
            Among::Class(id) => ("", *id, String::new()),
            Among::Year(year) => ("", none, year::key(year)),
        };
        sought.extend(values![homeroom, class, year]);
        let total = work
            .count(
                concat!("SELECT COUNT(*) FROM students WHERE ", found!()),
                sought.clone(),
            )
            .await?;
        let last = work
            .one(
                "SELECT name_key FROM students WHERE school = $1 AND id = $2",
                values![self.school, after],
            )
            .await?;
        let last: String = match last {
            Some(row) => row.get(0)?,
            None => String::new(),
        };
        sought.extend(values![
            last,
            after.unwrap_or(StudentId(0)),
            u32::from(most) + 1
        ]);
        let mut rows = work
            .rows(
                concat!(
                    "SELECT id, name, records_name, form, year, source, gone_at FROM students WHERE ",
                    found!(),
                    " AND (name_key > $11 OR (name_key = $11 AND id > $12))
                     ORDER BY name_key, id LIMIT $13"
                ),
                sought,
            )
            .await?;
        let has_more = rows.len() > usize::from(most);
        rows.truncate(most.into());
        Ok(StudentPage {
            students: self.fill_students(&mut work, rows).await?,
            total,
            has_more,
        })
    }

    /// The homerooms, classes and years that students are found by.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn student_lists(&self) -> Result<StudentLists> {
        let mut work = self.read().await?;
        let homerooms: Vec<HomeroomRow> = work
            .rows(
                "SELECT form, COUNT(*) AS students FROM students
                 WHERE school = $1 AND gone_at IS NULL AND form <> ''
                 GROUP BY form, form_key ORDER BY form_key, form",
                values![self.school],
            )
            .await?;
        let classes: Vec<ListedClassRow> = work
            .rows(
                "SELECT classes.id AS id, classes.name AS name, COUNT(*) AS students FROM classes
                 JOIN class_students ON class_students.school = classes.school
                   AND class_students.class = classes.id
                 JOIN students ON students.school = classes.school
                   AND students.id = class_students.student AND gone_at IS NULL
                 WHERE classes.school = $1 AND removed_at IS NULL
                 GROUP BY classes.id, classes.name ORDER BY classes.name, classes.id",
                values![self.school],
            )
            .await?;
        let mut years: Vec<YearRow> = work
            .rows(
                "SELECT MIN(year) AS year, COUNT(*) AS students FROM students
                 WHERE school = $1 AND gone_at IS NULL AND year_key <> '' GROUP BY year_key",
                values![self.school],
            )
            .await?;
        years.sort_by_cached_key(|it| year::order(&it.year));
        let homerooms = homerooms.into_iter().map(|it| (it.form, it.students));
        let years = years.into_iter().map(|it| (it.year, it.students));
        let classes = classes.into_iter().map(|it| (it.id, it.name, it.students));
        Ok(StudentLists {
            homerooms: homerooms.collect(),
            classes: classes.collect(),
            years: years.collect(),
        })
    }

    async fn fill_students(&self, work: &mut Work, rows: Vec<StudentRow>) -> Read<Vec<Student>> {
        let ids = list(rows.iter().map(|row| row.id));
        let sql = listed!(
            work,
            "SELECT student, class FROM class_students
             JOIN classes ON classes.school = class_students.school
               AND classes.id = class_students.class
             WHERE class_students.school = $1 AND removed_at IS NULL AND student IN",
            "ORDER BY classes.name, class"
        );
        let classes: Vec<ClassRow> = work.rows(sql, values![self.school, ids.clone()]).await?;
        let sql = listed!(
            work,
            concat!(
                "SELECT student, contacts.id, name, email, mobile, court_order_at, may_be, until_at,
                   account, ",
                undelivered!(),
                " AS undelivered
             FROM guardians
             JOIN contacts ON contacts.school = guardians.school
               AND contacts.id = guardians.contact
             LEFT JOIN registrations ON registrations.school = contacts.school
               AND registrations.contact = contacts.id
               AND registrations.email_key IN (contacts.email_key, contacts.mobile, '')
             LEFT JOIN account_contacts ON account_contacts.school = contacts.school
               AND account_contacts.contact = contacts.id
             WHERE guardians.school = $1 AND student IN"
            ),
            "ORDER BY name_key, contacts.id"
        );
        let contacts: Vec<ContactRow> = work.rows(sql, values![self.school, ids]).await?;
        let barred = self.barred_numbers(work).await?;
        let mut of_student: BTreeMap<StudentId, (Vec<ClassId>, Vec<StudentContact>)> =
            BTreeMap::new();
        for row in classes {
            of_student.entry(row.student).or_default().0.push(row.class);
        }
        for row in contacts {
            let by = self.reached_by(row.email.as_ref(), row.mobile.as_ref(), &barred);
            let otherwise = self.reached_by(None, row.mobile.as_ref(), &barred);
            let student = row.student;
            let contacts = &mut of_student.entry(student).or_default().1;
            contacts.push(row.contact(by, otherwise));
        }
        let students = rows.into_iter().map(|row| {
            let (classes, contacts) = of_student.remove(&row.id).unwrap_or_default();
            row.student(classes, contacts)
        });
        Ok(students.collect())
    }

    /// Adds a student.
    ///
    /// # Errors
    ///
    /// [`Refusal::TextNotPlain`], [`Refusal::TextTooLong`], [`Refusal::NotFound`] for an unknown class, and
    /// [`Refusal::SourceTaken`] where another student has that id.
    pub async fn add_student(
        &self,
        student: &NewStudent,
        actor: Actor,
        now: Timestamp,
    ) -> Result<StudentId> {
        let mut work = self.write().await?;
        let id = self.insert_student(&mut work, student).await?;
        let subject = format!("student:{id}");
        self.audit(&mut work, actor, Action::Added, &subject, &[], now)
            .await?;
        work.commit().await?;
        Ok(id)
    }

    pub(crate) async fn insert_student(
        &self,
        work: &mut Work,
        student: &NewStudent,
    ) -> Result<StudentId> {
        check(student)?;
        let id = StudentId(Self::new_id());
        let year = student.year.as_deref().unwrap_or_default();
        let made = work
            .run(
                "INSERT INTO students (school, id, name, name_key, form, form_key, source, year,
                   year_key)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
                values![
                    self.school,
                    id,
                    &student.name,
                    student.name.key(),
                    student.form.as_str(),
                    search_key(&student.form),
                    student.source.as_deref(),
                    year,
                    year::key(year)
                ],
            )
            .await?;
        if made == 0 {
            return Err(Refusal::SourceTaken.into());
        }
        self.place_student(work, id, student).await?;
        Ok(id)
    }

    pub(crate) async fn update_student(
        &self,
        work: &mut Work,
        id: StudentId,
        name: &Name,
        (form, year): (&str, Option<&str>),
        source: Option<&str>,
    ) -> Read<u64> {
        work.run(
            "UPDATE students SET name = $3, name_key = $4, form = $5, form_key = $6, source = $7,
               year = COALESCE($8, year), year_key = COALESCE($9, year_key)
             WHERE school = $1 AND id = $2",
            values![
                self.school,
                id,
                name,
                name.key(),
                form,
                search_key(form),
                source,
                year,
                year.map(year::key)
            ],
        )
        .await
    }

    /// Gives the classes in which they are no longer.
    async fn place_student(
        &self,
        work: &mut Work,
        id: StudentId,
        student: &NewStudent,
    ) -> Result<Vec<ClassId>> {
        let Some(classes) = &student.classes else {
            return Ok(Vec::new());
        };
        self.keep_in_classes(work, id, classes).await?;
        // What stays is the source's, where it was: a later import may end it.
        let sql = listed!(
            work,
            "DELETE FROM class_students WHERE school = $1 AND student = $3 AND class NOT IN",
            "RETURNING class"
        );
        let left = work
            .all(sql, values![self.school, list(classes), id])
            .await?;
        for class in classes {
            let is_there = work
                .count(
                    "SELECT COUNT(*) FROM classes
                     WHERE school = $1 AND id = $2 AND removed_at IS NULL",
                    values![self.school, *class],
                )
                .await?;
            if is_there == 0 {
                return Err(Refusal::NotFound.into());
            }
            work.run(
                "INSERT INTO class_students (school, class, student) VALUES ($1, $2, $3)
                 ON CONFLICT DO NOTHING",
                values![self.school, *class, id],
            )
            .await?;
        }
        Ok(left.iter().map(|row| row.get(0)).collect::<Read<_>>()?)
    }

    /// A student who has left is here again.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`].
    pub async fn bring_back_student(
        &self,
        id: StudentId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<()> {
        let mut work = self.write().await?;
        self.welcome_back(&mut work, Person::Student(id), actor, now)
            .await?;
        self.note_stay(&mut work, Person::Student(id), true).await?;
        work.commit().await?;
        Ok(())
    }

    /// Changes a student. Of what is booked for a class in which they are no longer the office is asked (EVE-13).
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`], [`Refusal::TextNotPlain`] and [`Refusal::SourceTaken`].
    pub async fn change_student(
        &self,
        id: StudentId,
        student: &NewStudent,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        check(student)?;
        let mut work = self.write().await?;
        let others = work
            .count(
                "SELECT COUNT(*) FROM students WHERE school = $1 AND source = $3 AND id <> $2",
                values![self.school, id, student.source.as_deref()],
            )
            .await?;
        if others > 0 {
            return Err(Refusal::SourceTaken.into());
        }
        self.rename_student_by_hand(&mut work, id, &student.name)
            .await?;
        let source = student.source.as_deref();
        let place = (student.form.as_str(), student.year.as_deref());
        let changed = self
            .update_student(&mut work, id, &student.name, place, source)
            .await?;
        if changed == 0 {
            return Err(Refusal::NotFound.into());
        }
        let left = self.place_student(&mut work, id, student).await?;
        let subject = format!("student:{id}");
        self.audit(&mut work, actor, Action::Changed, &subject, &[], now)
            .await?;
        let places = left.into_iter().map(|class| (id, class)).collect();
        let aftermath = self.end_places(&mut work, places, actor, now).await?;
        self.ask_no_more(&mut work, actor, now).await?;
        work.commit().await?;
        Ok(aftermath)
    }
}

/// How many parts of a search count.
const MOST_SOUGHT: usize = 3;

/// What LIKE matches of names and of addresses, for each part; all for a part that is not there.
pub(crate) fn patterns(search: &str) -> [(String, String); MOST_SOUGHT] {
    let mut sought = sought(search).into_iter();
    std::array::from_fn(|_| match sought.next() {
        None => ("%".to_owned(), "%".to_owned()),
        // A word may stand in an address too.
        Some(Sought::Words(words)) => (format!("%{words}%"), format!("%{words}%")),
        Some(Sought::Address(part)) => {
            let part = part
                .replace('!', "!!")
                .replace('%', "!%")
                .replace('_', "!_");
            // No key of a name holds a line break.
            ("\n".to_owned(), format!("%{part}%"))
        }
    })
}

fn check(student: &NewStudent) -> std::result::Result<(), Refusal> {
    school::text::read_line(student.source.as_deref().unwrap_or_default())?;
    school::text::read_line(&student.form)?;
    school::text::read_line(student.year.as_deref().unwrap_or_default())?;
    Ok(())
}
