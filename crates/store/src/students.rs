//! Students.

use jiff::Timestamp;
use school::{Name, Refusal, StudentId};

use crate::audit::{Action, Actor};
use crate::database::{Row, Work};
use crate::fault::{Read, Result};
use crate::store::Store;
use crate::value::values;

/// What the office says of a student.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewStudent {
    /// Their name.
    pub name: Name,
    /// Year, homeroom or form; may be empty.
    pub form: String,
    /// Their id in the system that the import comes from.
    pub source: Option<String>,
}

/// A student.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Student {
    /// Their id.
    pub id: StudentId,
    /// What the office says of them.
    pub about: NewStudent,
}

impl Student {
    pub(crate) fn of(row: &Row) -> Read<Self> {
        Ok(Self {
            id: row.get(0)?,
            about: NewStudent {
                name: row.get(1)?,
                form: row.get(2)?,
                source: row.maybe(3)?,
            },
        })
    }
}

impl Store {
    /// All students, by name.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn students(&self) -> Result<Vec<Student>> {
        let mut work = self.read().await?;
        let rows = work
            .all(
                "SELECT id, name, form, source FROM students WHERE school = $1
                 ORDER BY name_key, id",
                values![self.school],
            )
            .await?;
        Ok(rows.iter().map(Student::of).collect::<Read<_>>()?)
    }

    /// Adds a student.
    ///
    /// # Errors
    ///
    /// [`Refusal::TextNotPlain`], and [`Refusal::SourceTaken`] where another student has that id.
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
        let made = work
            .run(
                "INSERT INTO students (school, id, name, name_key, form, source)
                 VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
                values![
                    self.school,
                    id,
                    &student.name,
                    student.name.key(),
                    student.form.as_str(),
                    student.source.as_deref()
                ],
            )
            .await?;
        if made == 1 {
            Ok(id)
        } else {
            Err(Refusal::SourceTaken.into())
        }
    }

    /// Changes a student.
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
    ) -> Result<()> {
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
        let changed = work
            .run(
                "UPDATE students SET name = $3, name_key = $4, form = $5, source = $6
                 WHERE school = $1 AND id = $2",
                values![
                    self.school,
                    id,
                    &student.name,
                    student.name.key(),
                    student.form.as_str(),
                    student.source.as_deref()
                ],
            )
            .await?;
        if changed == 0 {
            return Err(Refusal::NotFound.into());
        }
        let subject = format!("student:{id}");
        self.audit(&mut work, actor, Action::Changed, &subject, &[], now)
            .await?;
        work.commit().await?;
        Ok(())
    }
}

fn check(student: &NewStudent) -> std::result::Result<(), Refusal> {
    let source = student.source.as_deref().unwrap_or_default();
    if [source, &student.form]
        .iter()
        .any(|it| it.chars().any(char::is_control))
    {
        return Err(Refusal::TextNotPlain);
    }
    Ok(())
}
