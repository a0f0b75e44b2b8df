//! Classes: a subject, its students, and the 1 to 3 teachers who take its appointments jointly.

use std::collections::BTreeMap;

use jiff::Timestamp;
use school::{Actor, ClassId, Deed, JointTeachers, Label, Refusal, StudentId, TeacherId};

use crate::audit::Action;
use crate::database::Work;
use crate::deeds::Aftermath;
use crate::fault::{Fault, Read, Result};
use crate::store::Store;
use crate::value::{list, listed, values};

/// What the office says of a class.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewClass {
    /// What it is called, such as `8B French`.
    pub name: Label,
    /// The subject, as the guest reads it.
    pub subject: Label,
    /// Who takes its appointments, together.
    pub teachers: JointTeachers,
    /// Who is in it; without it, nobody in a new class, and as before in one that is changed.
    pub students: Option<Vec<StudentId>>,
}

/// A class.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Class {
    /// Its id.
    pub id: ClassId,
    /// What it is called.
    pub name: Label,
    /// The subject.
    pub subject: Label,
    /// Who takes its appointments, together.
    pub teachers: JointTeachers,
    /// Who is in it.
    pub students: Vec<StudentId>,
}

impl Store {
    /// All classes, by name.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn classes(&self) -> Result<Vec<Class>> {
        let mut work = self.read().await?;
        let rows = work
            .all(
                "SELECT id, name, subject FROM classes
                 WHERE school = $1 AND removed_at IS NULL ORDER BY name, id",
                values![self.school],
            )
            .await?;
        let teachers = work
            .all(
                "SELECT class, teacher FROM class_teachers WHERE school = $1
                 ORDER BY class, position",
                values![self.school],
            )
            .await?;
        let students = work
            .all(
                "SELECT class, student FROM class_students WHERE school = $1
                 ORDER BY class, student",
                values![self.school],
            )
            .await?;
        let mut of_class: BTreeMap<ClassId, (Vec<_>, Vec<_>)> = BTreeMap::new();
        for row in &teachers {
            of_class.entry(row.get(0)?).or_default().0.push(row.get(1)?);
        }
        for row in &students {
            of_class.entry(row.get(0)?).or_default().1.push(row.get(1)?);
        }
        let classes = rows.iter().map(|row| {
            let id = row.named("id")?;
            let (teachers, students) = of_class.remove(&id).unwrap_or_default();
            Ok(Class {
                id,
                name: row.named("name")?,
                subject: row.named("subject")?,
                teachers: JointTeachers::new(teachers)
                    .map_err(|_refused| Fault::Broken("a class without its teachers"))?,
                students,
            })
        });
        Ok(classes.collect::<Read<_>>()?)
    }

    /// Adds a class.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] where a teacher or student is unknown.
    pub async fn add_class(
        &self,
        class: &NewClass,
        actor: Actor,
        now: Timestamp,
    ) -> Result<ClassId> {
        let mut work = self.write().await?;
        let id = self.insert_class(&mut work, class, now).await?;
        let subject = format!("class:{id}");
        self.audit(&mut work, actor, Action::Added, &subject, &[], now)
            .await?;
        work.commit().await?;
        Ok(id)
    }

    pub(crate) async fn insert_class(
        &self,
        work: &mut Work,
        class: &NewClass,
        now: Timestamp,
    ) -> Result<ClassId> {
        let id = ClassId(Self::new_id());
        work.run(
            "INSERT INTO classes (school, id, name, subject) VALUES ($1, $2, $3, $4)",
            values![self.school, id, &class.name, &class.subject],
        )
        .await?;
        self.fill_class(work, id, class).await?;
        work.run(
            "INSERT INTO evening_classes (school, evening, class)
             SELECT school, id, $2 FROM evenings
             WHERE school = $1 AND all_classes = 1 AND end_at > $3",
            values![self.school, id, now],
        )
        .await?;
        Ok(id)
    }

    /// Changes a class. Where its teachers are others, its appointments to come go along; where
    /// those are busy then, or a student is in it no longer, the office is asked (EVE-13).
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`].
    pub async fn change_class(
        &self,
        id: ClassId,
        class: &NewClass,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let (before, left) = self.update_class(&mut work, id, class).await?;
        let subject = format!("class:{id}");
        self.audit(&mut work, actor, Action::Changed, &subject, &[], now)
            .await?;
        self.give_class_by_hand(&mut work, id, (&before, class.teachers.as_slice()))
            .await?;
        let mut aftermath = if before == class.teachers.as_slice() {
            Aftermath::default()
        } else {
            let deed = Deed::TeachersChanged {
                class: id,
                teachers: class.teachers.clone(),
            };
            self.perform(&mut work, &deed, actor, now).await?
        };
        let places = left.into_iter().map(|student| (student, id)).collect();
        aftermath.extend(self.end_places(&mut work, places, actor, now).await?);
        self.ask_no_more(&mut work, actor, now).await?;
        work.commit().await?;
        Ok(aftermath)
    }

    /// Changes a class, and gives who took it before, and which students are in it no longer.
    pub(crate) async fn update_class(
        &self,
        work: &mut Work,
        id: ClassId,
        class: &NewClass,
    ) -> Result<(Vec<TeacherId>, Vec<StudentId>)> {
        let changed = work
            .run(
                "UPDATE classes SET name = $3, subject = $4
                 WHERE school = $1 AND id = $2 AND removed_at IS NULL",
                values![self.school, id, &class.name, &class.subject],
            )
            .await?;
        if changed == 0 {
            return Err(Refusal::NotFound.into());
        }
        let before = work
            .all(
                "DELETE FROM class_teachers WHERE school = $1 AND class = $2
                 RETURNING teacher, position",
                values![self.school, id],
            )
            .await?;
        let mut before = before
            .iter()
            .map(|row| Ok((row.get(1)?, row.get(0)?)))
            .collect::<Read<Vec<(i64, TeacherId)>>>()?;
        before.sort_unstable();
        let left = self.fill_class(work, id, class).await?;
        let before = before.into_iter().map(|(_, teacher)| teacher);
        Ok((before.collect(), left))
    }

    /// Gives which students are in it no longer.
    async fn fill_class(
        &self,
        work: &mut Work,
        id: ClassId,
        class: &NewClass,
    ) -> Result<Vec<StudentId>> {
        for (position, teacher) in (0_i64..).zip(class.teachers.as_slice()) {
            let made = work
                .run(
                    "INSERT INTO class_teachers (school, class, teacher, position)
                     SELECT school, $2, id, $4 FROM teachers
                     WHERE school = $1 AND id = $3 AND removed_at IS NULL",
                    values![self.school, id, *teacher, position],
                )
                .await?;
            if made == 0 {
                return Err(Refusal::NotFound.into());
            }
        }
        let Some(students) = &class.students else {
            return Ok(Vec::new());
        };
        self.keep_in_class(work, id, students).await?;
        // Who stays is there by the source, where they were: a later import may end it.
        let sql = listed!(
            work,
            "DELETE FROM class_students WHERE school = $1 AND class = $3 AND student NOT IN",
            "RETURNING student"
        );
        let left = work
            .all(sql, values![self.school, list(students), id])
            .await?;
        for student in students {
            let is_there = work
                .count(
                    "SELECT COUNT(*) FROM students WHERE school = $1 AND id = $2",
                    values![self.school, *student],
                )
                .await?;
            if is_there == 0 {
                return Err(Refusal::NotFound.into());
            }
            work.run(
                "INSERT INTO class_students (school, class, student) VALUES ($1, $2, $3)
                 ON CONFLICT DO NOTHING",
                values![self.school, id, *student],
            )
            .await?;
        }
        Ok(left.iter().map(|row| row.get(0)).collect::<Read<_>>()?)
    }

    /// Removes a class without appointments to come. No import brings it back.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] and [`Refusal::HasAppointments`].
    pub async fn remove_class(&self, id: ClassId, actor: Actor, now: Timestamp) -> Result<()> {
        let mut work = self.write().await?;
        self.drop_class(&mut work, id, actor, now).await?;
        self.keep_removed(&mut work, id).await?;
        work.commit().await?;
        Ok(())
    }

    pub(crate) async fn drop_class(
        &self,
        work: &mut Work,
        id: ClassId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<()> {
        let appointments = work
            .count(
                "SELECT COUNT(*) FROM bookings
                 WHERE school = $1 AND class = $2 AND cancelled_at IS NULL AND end_at > $3",
                values![self.school, id, now],
            )
            .await?;
        if appointments > 0 {
            return Err(Refusal::HasAppointments.into());
        }
        let removed = work
            .run(
                "UPDATE classes SET removed_at = $3
                 WHERE school = $1 AND id = $2 AND removed_at IS NULL",
                values![self.school, id, now],
            )
            .await?;
        if removed == 0 {
            return Err(Refusal::NotFound.into());
        }
        let subject = format!("class:{id}");
        self.audit(work, actor, Action::Removed, &subject, &[], now)
            .await
    }
}
