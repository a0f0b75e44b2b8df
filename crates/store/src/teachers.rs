//! Teachers.

use jiff::Timestamp;
use school::deed::Person;
use school::{Actor, Deed, EmailAddress, Holder, Name, Refusal, TeacherId};

use crate::addresses::has_changed;
use crate::audit::Action;
use crate::database::{Row, Work};
use crate::deeds::{Aftermath, FORMER_TEACHER};
use crate::fault::{Read, Result};
use crate::store::Store;
use crate::value::values;

/// What the office says of a teacher.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewTeacher {
    /// Their name, as parents know them.
    pub name: Name,
    /// Where their link is sent.
    pub email: Option<EmailAddress>,
    /// Where they stand in walking order, the lowest first; without it a new teacher is the last,
    /// and one who is changed stays where they are.
    pub place: Option<i64>,
}

/// A teacher.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Teacher {
    /// Their id.
    pub id: TeacherId,
    /// What the office says of them.
    pub about: NewTeacher,
}

impl Teacher {
    pub(crate) fn of(row: &Row) -> Read<Self> {
        Ok(Self {
            id: row.named("id")?,
            about: NewTeacher {
                name: row.named("name")?,
                email: row.named("email")?,
                place: row.named("place")?,
            },
        })
    }
}

impl Store {
    /// All teachers, in walking order.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn teachers(&self) -> Result<Vec<Teacher>> {
        let mut work = self.glance().await?;
        let rows = work
            .all(
                "SELECT id, name, email, place FROM teachers
                 WHERE school = $1 AND removed_at IS NULL ORDER BY place, name, id",
                values![self.school],
            )
            .await?;
        Ok(rows.iter().map(Teacher::of).collect::<Read<_>>()?)
    }

    /// Teachers who have left or were removed, and are not erased, by name.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn teachers_who_left(&self) -> Result<Vec<Teacher>> {
        let mut work = self.glance().await?;
        let rows = work
            .all(
                "SELECT id, name, email, place FROM teachers
                 WHERE school = $1 AND removed_at IS NOT NULL AND name <> $2 ORDER BY name, id",
                values![self.school, FORMER_TEACHER],
            )
            .await?;
        Ok(rows.iter().map(Teacher::of).collect::<Read<_>>()?)
    }

    /// A teacher who has left or was removed is here again; whoever is here stays.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`], also where they were erased.
    pub async fn bring_back_teacher(
        &self,
        id: TeacherId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<()> {
        let mut work = self.write().await?;
        let known = work
            .count(
                "SELECT COUNT(*) FROM teachers WHERE school = $1 AND id = $2 AND name <> $3",
                values![self.school, id, FORMER_TEACHER],
            )
            .await?;
        let gone = work
            .count(
                "SELECT COUNT(*) FROM teachers
                 WHERE school = $1 AND id = $2 AND removed_at IS NOT NULL",
                values![self.school, id],
            )
            .await?;
        if known == 0 {
            return Err(Refusal::NotFound.into());
        }
        if gone > 0 {
            self.welcome_back(&mut work, Person::Teacher(id), actor, now)
                .await?;
            self.note_stay(&mut work, Person::Teacher(id), true).await?;
            work.commit().await?;
        }
        Ok(())
    }

    /// Adds a teacher.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn add_teacher(
        &self,
        teacher: &NewTeacher,
        actor: Actor,
        now: Timestamp,
    ) -> Result<TeacherId> {
        let mut work = self.write().await?;
        let id = self
            .insert_teacher(
                &mut work,
                &teacher.name,
                teacher.email.as_ref(),
                teacher.place,
            )
            .await?;
        let subject = format!("teacher:{id}");
        self.audit(&mut work, actor, Action::Added, &subject, &[], now)
            .await?;
        work.commit().await?;
        Ok(id)
    }

    pub(crate) async fn insert_teacher(
        &self,
        work: &mut Work,
        name: &Name,
        email: Option<&EmailAddress>,
        place: Option<i64>,
    ) -> Result<TeacherId> {
        let id = TeacherId(Self::new_id());
        let place = match place {
            Some(place) => place,
            None => self.last_place(work).await?,
        };
        let holder = Holder::Teacher(id);
        self.enter_holder(work, holder.kind(), holder.id()).await?;
        work.run(
            "INSERT INTO teachers (school, id, name, email, place) VALUES ($1, $2, $3, $4, $5)",
            values![self.school, id, name, email, place],
        )
        .await?;
        Ok(id)
    }

    async fn last_place(&self, work: &mut Work) -> Read<i64> {
        let row = work
            .one(
                "SELECT MAX(place) FROM teachers WHERE school = $1",
                values![self.school],
            )
            .await?;
        let last: Option<i64> = match row {
            Some(row) => row.maybe(0)?,
            None => None,
        };
        Ok(last.map_or(0, |it| it.saturating_add(1)))
    }

    /// Changes a teacher. Another address gets another link, and the old one is dead (LINK-3).
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`].
    pub async fn change_teacher(
        &self,
        id: TeacherId,
        teacher: &NewTeacher,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let before = self.address_of_teacher(&mut work, id).await?;
        work.run(
            "UPDATE teachers SET name = $3, email = $4, place = COALESCE($5, place)
             WHERE school = $1 AND id = $2",
            values![
                self.school,
                id,
                &teacher.name,
                teacher.email.as_ref(),
                teacher.place
            ],
        )
        .await?;
        let subject = format!("teacher:{id}");
        self.audit(&mut work, actor, Action::Changed, &subject, &[], now)
            .await?;
        let aftermath = if has_changed(before.as_ref(), teacher.email.as_ref()) {
            let holder = Holder::Teacher(id);
            let changed = Deed::AddressChanged { holder };
            self.perform(&mut work, &changed, actor, now).await?
        } else {
            Aftermath::default()
        };
        work.commit().await?;
        Ok(aftermath)
    }

    /// Removes a teacher who takes no class.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`], and [`Refusal::TakesClasses`] where a class or an appointment to come
    /// is theirs.
    pub async fn remove_teacher(&self, id: TeacherId, actor: Actor, now: Timestamp) -> Result<()> {
        let mut work = self.write().await?;
        self.check_not_needed(&mut work, id, now).await?;
        let removed = work
            .run(
                "UPDATE teachers SET removed_at = $3, stays = 0
                 WHERE school = $1 AND id = $2 AND removed_at IS NULL",
                values![self.school, id, now],
            )
            .await?;
        if removed == 0 {
            return Err(Refusal::NotFound.into());
        }
        let subject = format!("teacher:{id}");
        self.audit(&mut work, actor, Action::Removed, &subject, &[], now)
            .await?;
        work.commit().await?;
        Ok(())
    }

    /// Whether no class and no appointment to come is a teacher's.
    pub(crate) async fn check_not_needed(
        &self,
        work: &mut Work,
        id: TeacherId,
        now: Timestamp,
    ) -> Result<()> {
        let classes = work
            .count(
                "SELECT COUNT(*) FROM class_teachers
                 JOIN classes ON classes.school = class_teachers.school
                   AND classes.id = class_teachers.class
                 WHERE class_teachers.school = $1 AND teacher = $2 AND removed_at IS NULL",
                values![self.school, id],
            )
            .await?;
        let appointments = work
            .count(
                "SELECT COUNT(*) FROM booking_teachers
                 JOIN bookings ON bookings.school = booking_teachers.school
                   AND bookings.id = booking_teachers.booking
                 WHERE booking_teachers.school = $1 AND teacher = $2
                   AND cancelled_at IS NULL AND end_at > $3",
                values![self.school, id, now],
            )
            .await?;
        if classes + appointments > 0 {
            return Err(Refusal::TakesClasses.into());
        }
        Ok(())
    }
}
