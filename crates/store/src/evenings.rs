//! Evenings, and the classes that take part in them.

use std::collections::BTreeMap;
use std::str::FromStr as _;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use school::evening::{Booking, EveningDraft};
use school::{
    Actor, ClassId, Deed, Evening, EveningId, JointTeachers, Label, Note, Refusal, Scope,
    SlotNumber, TeacherId,
};

use crate::audit::Action;
use crate::database::{Row, Work};
use crate::deeds::Aftermath;
use crate::fault::{Fault, Read, Result};
use crate::store::Store;
use crate::value::{columns, values};

/// A class that takes part in an evening.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EveningClass {
    /// Its id.
    pub id: ClassId,
    /// What it is called.
    pub name: Label,
    /// Its subject.
    pub subject: Label,
}

/// What [`read_evening`] reads, by names that nothing beside it has.
macro_rules! evening_columns {
    () => {
        "evenings.id AS evening_id, evenings.name AS evening_name, evenings.on_date, \
         evenings.zone AS evening_zone, evenings.from_time, evenings.to_time, \
         evenings.slot_minutes, evenings.gap_minutes, evenings.start_at AS evening_start, \
         evenings.end_at AS evening_end, evenings.booking AS evening_booking, \
         evenings.closes_at, evenings.cancelled_words"
    };
}
pub(crate) use evening_columns;

/// Reads an evening out of [`evening_columns`].
pub(crate) fn read_evening(row: &Row) -> Read<Evening> {
    let broken = || Fault::Broken("an evening that is none");
    let text = |column| row.named::<String>(column);
    let date = |column| Date::from_str(&text(column)?).map_err(|_no_date| broken());
    let time = |column| Time::from_str(&text(column)?).map_err(|_no_time| broken());
    Ok(Evening {
        id: row.named("evening_id")?,
        draft: EveningDraft {
            name: row.named("evening_name")?,
            date: date("on_date")?,
            zone: row.named("evening_zone")?,
            start: time("from_time")?,
            end: time("to_time")?,
            slot_minutes: row.named("slot_minutes")?,
            gap_minutes: row.named("gap_minutes")?,
            closes: row.named("closes_at")?,
        },
        start: row.named("evening_start")?,
        end: row.named("evening_end")?,
        booking: match text("evening_booking")?.as_str() {
            "not_yet" => Booking::NotYet,
            "open" => Booking::Open,
            "closed" => Booking::Closed,
            "cancelled" => Booking::Cancelled,
            _ => return Err(broken()),
        },
        words: row.named("cancelled_words")?,
    })
}

columns! {
    /// A class with one of those who take it.
    struct TakenRow {
        class: ClassId,
        teacher: TeacherId,
    }
}

/// Which classes take part in an evening.
#[derive(Clone, Copy, Debug)]
pub enum EveningClasses<'a> {
    /// All there are, and those that are added before it is over.
    All,
    /// These.
    These(&'a [ClassId]),
}

impl<'a> From<&'a [ClassId]> for EveningClasses<'a> {
    fn from(classes: &'a [ClassId]) -> Self {
        Self::These(classes)
    }
}

impl<'a, const N: usize> From<&'a [ClassId; N]> for EveningClasses<'a> {
    fn from(classes: &'a [ClassId; N]) -> Self {
        Self::These(classes)
    }
}

impl<'a> From<&'a Vec<ClassId>> for EveningClasses<'a> {
    fn from(classes: &'a Vec<ClassId>) -> Self {
        Self::These(classes)
    }
}

/// What people plan is still to come; the demonstration begins now.
fn check_plan(draft: &EveningDraft, actor: Actor, now: Timestamp) -> Result<()> {
    if matches!(actor, Actor::Staff(_)) {
        draft.check_plan(now)?;
    }
    Ok(())
}

/// Whether booking, which had closed and was never to be told of, would have closed at a moment that was
/// set for it. What closes booking now is a press, which asks whom to tell.
fn closes_by_edit(before: &Evening, after: &Evening, now: Timestamp) -> Result<bool> {
    let has_closed = after.draft.closes.is_some_and(|it| it <= now);
    if has_closed && before.check_booking(now).is_ok() {
        return Err(Refusal::ClosesPast.into());
    }
    Ok(has_closed && before.booking == Booking::Open && before.draft.closes.is_none())
}

impl Store {
    /// An evening.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`].
    pub async fn evening(&self, id: EveningId) -> Result<Evening> {
        self.find_evening(&mut self.glance().await?, id).await
    }

    pub(crate) async fn find_evening(&self, work: &mut Work, id: EveningId) -> Result<Evening> {
        let row = work
            .one(
                concat!(
                    "SELECT ",
                    evening_columns!(),
                    " FROM evenings WHERE school = $1 AND id = $2"
                ),
                values![self.school, id],
            )
            .await?
            .ok_or(Refusal::NotFound)?;
        Ok(read_evening(&row)?)
    }

    /// The classes that take part in an evening, by name.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn evening_classes(&self, id: EveningId) -> Result<Vec<EveningClass>> {
        let mut work = self.glance().await?;
        let rows = work
            .all(
                "SELECT classes.id, name, subject FROM evening_classes
                 JOIN classes ON classes.school = evening_classes.school
                   AND classes.id = evening_classes.class
                 WHERE evening_classes.school = $1 AND evening = $2 AND removed_at IS NULL
                 ORDER BY name, classes.id",
                values![self.school, id],
            )
            .await?;
        let classes = rows.iter().map(|row| {
            Ok(EveningClass {
                id: row.named("id")?,
                name: row.named("name")?,
                subject: row.named("subject")?,
            })
        });
        Ok(classes.collect::<Read<_>>()?)
    }

    /// Makes an evening with these classes (EVE-1). Nobody may book yet.
    ///
    /// # Errors
    ///
    /// Those of [`EveningDraft::check_plan`], [`Refusal::ClosesPast`], and [`Refusal::NotFound`] for an
    /// unknown class.
    pub async fn add_evening(
        &self,
        draft: EveningDraft,
        classes: impl Into<EveningClasses<'_>> + Send,
        actor: Actor,
        now: Timestamp,
    ) -> Result<EveningId> {
        check_plan(&draft, actor, now)?;
        if draft.closes.is_some_and(|it| it <= now) {
            return Err(Refusal::ClosesPast.into());
        }
        let classes = classes.into();
        let evening = Evening::new(EveningId(Self::new_id()), draft)?;
        let mut work = self.write().await?;
        let draft = &evening.draft;
        let scope = Scope::Evening(evening.id);
        work.run(
            "INSERT INTO scopes (school, id, kind) VALUES ($1, $2, $3)",
            values![self.school, scope, scope.code()],
        )
        .await?;
        work.run(
            "INSERT INTO evenings (school, id, name, on_date, zone, from_time, to_time,
               slot_minutes, gap_minutes, start_at, end_at, closes_at, booking)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'not_yet')",
            values![
                self.school,
                evening.id,
                &draft.name,
                draft.date.to_string(),
                draft.zone.as_str(),
                draft.start.to_string(),
                draft.end.to_string(),
                draft.slot_minutes,
                draft.gap_minutes,
                evening.start,
                evening.end,
                draft.closes
            ],
        )
        .await?;
        self.fill_evening(&mut work, evening.id, &classes).await?;
        let subject = format!("evening:{}", evening.id);
        self.audit(&mut work, actor, Action::EveningAdded, &subject, &[], now)
            .await?;
        work.commit().await?;
        Ok(evening.id)
    }

    /// Changes an evening and its classes. Where its times are others, its appointments keep their
    /// places in it, and everybody who has a link is told (EVE-9).
    ///
    /// # Errors
    ///
    /// Those of [`EveningDraft::check`], [`Refusal::NotFound`], [`Refusal::EveningCancelled`],
    /// [`Refusal::ClosesPast`] where it would close booking now, which is a press that asks whom to
    /// tell, [`Refusal::TimesAreBooked`] where the new times have no room for an appointment,
    /// [`Refusal::TimesOver`], [`Refusal::BusyElsewhere`], and [`Refusal::HasAppointments`] where a class leaves for which
    /// some are booked.
    pub async fn change_evening(
        &self,
        id: EveningId,
        draft: EveningDraft,
        classes: impl Into<EveningClasses<'_>> + Send,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let classes = classes.into();
        let before = self.find_evening(&mut work, id).await?;
        if before.booking == Booking::Cancelled {
            return Err(Refusal::EveningCancelled.into());
        }
        let evening = Evening::new(id, draft)?;
        // Of one that was, or is, what it is called may still change.
        if (evening.start, evening.end) != (before.start, before.end) {
            check_plan(&evening.draft, actor, now)?;
        }
        evening.draft.check_closes()?;
        if closes_by_edit(&before, &evening, now)? {
            self.close_again(&mut work, id, now).await?;
        }
        let aftermath = if evening.slots().eq(before.slots()) {
            Aftermath::default()
        } else {
            self.shelve_what_is_over(&mut work, id, now).await?;
            let changed = Deed::EveningChanged {
                evening: id,
                slots: evening.slots().collect(),
            };
            self.perform(&mut work, &changed, actor, now).await?
        };
        if evening.draft.date != before.draft.date {
            // Who cannot come on one day may on another.
            work.run(
                "DELETE FROM substitutes WHERE school = $1 AND evening = $2",
                values![self.school, id],
            )
            .await?;
        }
        self.keep_changed(&mut work, &evening).await?;
        work.run(
            "DELETE FROM evening_classes WHERE school = $1 AND evening = $2",
            values![self.school, id],
        )
        .await?;
        self.fill_evening(&mut work, id, &classes).await?;
        self.check_classes_stay(&mut work, id, now).await?;
        let subject = format!("evening:{id}");
        self.audit(&mut work, actor, Action::EveningChanged, &subject, &[], now)
            .await?;
        work.commit().await?;
        Ok(aftermath)
    }

    async fn keep_changed(&self, work: &mut Work, evening: &Evening) -> Read<()> {
        let draft = &evening.draft;
        work.run(
            "UPDATE evenings SET name = $3, on_date = $4, zone = $5, from_time = $6, to_time = $7,
               slot_minutes = $8, gap_minutes = $9, start_at = $10, end_at = $11,
               closes_at = $12
             WHERE school = $1 AND id = $2",
            values![
                self.school,
                evening.id,
                &draft.name,
                draft.date.to_string(),
                draft.zone.as_str(),
                draft.start.to_string(),
                draft.end.to_string(),
                draft.slot_minutes,
                draft.gap_minutes,
                evening.start,
                evening.end,
                draft.closes
            ],
        )
        .await?;
        Ok(())
    }

    /// What is over has the number of no slot from now on: those of the new times are free for others.
    async fn shelve_what_is_over(
        &self,
        work: &mut Work,
        id: EveningId,
        now: Timestamp,
    ) -> Read<()> {
        let beyond = SlotNumber::BEYOND_ALL;
        let last = work
            .count(
                "SELECT COALESCE(MAX(slot), 0) FROM bookings
                 WHERE school = $1 AND evening = $2 AND slot >= $3",
                values![self.school, id, beyond],
            )
            .await?;
        work.run(
            "UPDATE bookings SET slot = past.number FROM (
               SELECT id AS booking, $4 + ROW_NUMBER() OVER (ORDER BY id) AS number FROM bookings
               WHERE school = $1 AND evening = $2 AND end_at <= $5 AND slot < $3) AS past
             WHERE bookings.school = $1 AND bookings.id = past.booking",
            values![self.school, id, beyond, last.max(i64::from(beyond.0)), now],
        )
        .await?;
        work.run(
            "UPDATE booking_teachers SET slot = bookings.slot FROM bookings
             WHERE bookings.school = $1 AND bookings.evening = $2 AND bookings.slot >= $3
               AND booking_teachers.school = bookings.school
               AND booking_teachers.booking = bookings.id
               AND booking_teachers.slot <> bookings.slot",
            values![self.school, id, beyond],
        )
        .await?;
        Ok(())
    }

    /// No class leaves an evening in which somebody has booked it.
    async fn check_classes_stay(
        &self,
        work: &mut Work,
        id: EveningId,
        now: Timestamp,
    ) -> Result<()> {
        let left = work
            .count(
                "SELECT COUNT(*) FROM bookings
                 WHERE school = $1 AND evening = $2 AND cancelled_at IS NULL AND end_at > $3
                   AND class NOT IN (SELECT class FROM evening_classes
                     WHERE school = $1 AND evening = $2)",
                values![self.school, id, now],
            )
            .await?;
        if left > 0 {
            return Err(Refusal::HasAppointments.into());
        }
        Ok(())
    }

    /// Cancels an evening: all its appointments are cancelled, and everybody who has a link or an
    /// appointment is told, in the office's words.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] and [`Refusal::EveningOver`].
    pub async fn cancel_evening(
        &self,
        id: EveningId,
        words: &Note,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let evening = self.find_evening(&mut work, id).await?;
        if evening.booking == Booking::Cancelled {
            return Ok(Aftermath::default());
        }
        evening.check_not_over(now)?;
        work.run(
            "UPDATE evenings SET cancelled_at = $3, cancelled_words = $4
             WHERE school = $1 AND id = $2",
            values![self.school, id, now, words],
        )
        .await?;
        let cancelled = Deed::EveningCancelled { evening: id };
        let aftermath = self.perform(&mut work, &cancelled, actor, now).await?;
        self.set_booking(&mut work, id, "cancelled").await?;
        work.commit().await?;
        Ok(aftermath)
    }

    /// A teacher cannot come to an evening: somebody else takes their appointments, or they go back
    /// to the families (EVE-13). Where they themselves are to take them, they do come after all.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] where evening or teachers are unknown; [`Refusal::TeacherAway`] where
    /// who is to take them cannot come either; and [`Refusal::EveningOver`].
    pub async fn replace_teacher(
        &self,
        id: EveningId,
        teacher: TeacherId,
        instead: Option<TeacherId>,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let evening = self.find_evening(&mut work, id).await?;
        evening.check_not_over(now)?;
        self.address_of_teacher(&mut work, teacher).await?;
        if instead == Some(teacher) {
            let back = Deed::TeacherBack {
                evening: id,
                teacher,
                classes: self.classes_taken_by(&mut work, teacher).await?,
            };
            let aftermath = self.perform(&mut work, &back, actor, now).await?;
            work.commit().await?;
            return Ok(aftermath);
        }
        if let Some(instead) = instead {
            self.address_of_teacher(&mut work, instead).await?;
            let is_ill = work
                .count(
                    "SELECT COUNT(*) FROM substitutes
                     WHERE school = $1 AND evening = $2 AND teacher = $3",
                    values![self.school, id, instead],
                )
                .await?;
            if is_ill > 0 {
                return Err(Refusal::TeacherAway.into());
            }
        }
        let ill = Deed::TeacherIll {
            evening: id,
            teacher,
            instead,
        };
        let aftermath = self.perform(&mut work, &ill, actor, now).await?;
        work.commit().await?;
        Ok(aftermath)
    }

    /// The classes of a teacher, each with all who take it.
    async fn classes_taken_by(
        &self,
        work: &mut Work,
        teacher: TeacherId,
    ) -> Result<BTreeMap<ClassId, JointTeachers>> {
        let rows: Vec<TakenRow> = work
            .rows(
                "SELECT class, teacher FROM class_teachers
                 WHERE school = $1 AND class IN (
                   SELECT class FROM class_teachers WHERE school = $1 AND teacher = $2)
                 ORDER BY class, position",
                values![self.school, teacher],
            )
            .await?;
        let mut all: BTreeMap<ClassId, Vec<TeacherId>> = BTreeMap::new();
        for row in rows {
            all.entry(row.class).or_default().push(row.teacher);
        }
        let classes = all
            .into_iter()
            .map(|(class, all)| Ok((class, JointTeachers::new(all)?)));
        classes.collect()
    }

    async fn fill_evening(
        &self,
        work: &mut Work,
        id: EveningId,
        classes: &EveningClasses<'_>,
    ) -> Result<()> {
        let is_all = matches!(classes, EveningClasses::All);
        work.run(
            "UPDATE evenings SET all_classes = $3 WHERE school = $1 AND id = $2",
            values![self.school, id, i64::from(is_all)],
        )
        .await?;
        let classes = match classes {
            EveningClasses::These(classes) => *classes,
            EveningClasses::All => {
                work.run(
                    "INSERT INTO evening_classes (school, evening, class)
                     SELECT school, $2, id FROM classes WHERE school = $1 AND removed_at IS NULL
                     ON CONFLICT DO NOTHING",
                    values![self.school, id],
                )
                .await?;
                return Ok(());
            }
        };
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
                "INSERT INTO evening_classes (school, evening, class) VALUES ($1, $2, $3)
                 ON CONFLICT DO NOTHING",
                values![self.school, id, *class],
            )
            .await?;
        }
        Ok(())
    }

    pub(crate) async fn set_booking(
        &self,
        work: &mut Work,
        id: EveningId,
        booking: &str,
    ) -> Read<()> {
        work.run(
            "UPDATE evenings SET booking = $3 WHERE school = $1 AND id = $2",
            values![self.school, id, booking],
        )
        .await?;
        Ok(())
    }
}
