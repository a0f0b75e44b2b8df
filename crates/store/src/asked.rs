//! Appointments of which the office is to say what becomes of them: their class has other teachers
//! now, who were busy at that time (EVE-13).

use jiff::Timestamp;
use school::deed::{Deed, Span};
use school::{
    Actor, BookingId, ClassId, Evening, EveningId, JointTeachers, Name, Refusal, Slot, TeacherId,
};

use crate::appointments::Appointment;
use crate::audit::Action;
use crate::database::Work;
use crate::deeds::Aftermath;
use crate::fault::{Read, Result};
use crate::store::Store;
use crate::value::{columns, values};

/// An appointment that waits for the office.
#[derive(Clone, Debug)]
pub struct Asked {
    /// As it stands, with the teachers who take it until the office decides.
    pub appointment: Appointment,
    /// Its evening.
    pub evening: Evening,
    /// Whether those who take it may keep it.
    pub may_be_kept: bool,
    /// Who is to take it.
    pub teachers: Vec<(TeacherId, Name)>,
    /// When those and the parent are free.
    pub free: Vec<Timestamp>,
}

/// What becomes of an appointment that waits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AskedDecision {
    /// It stays with those who take it.
    Keep,
    /// Those who are to take it do, from that moment on.
    Move(Timestamp),
    /// It is cancelled.
    Cancel,
}

columns! {
    struct WaitingRow {
        asks: i64,
        cancelled_at: Option<Timestamp>,
        end: Timestamp,
    }
}

impl Store {
    /// What waits for the office, in order of time.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn asked(&self, now: Timestamp) -> Result<Vec<Asked>> {
        let mut work = self.read().await?;
        let rows = work
            .all(
                "SELECT id FROM bookings
                 WHERE school = $1 AND asks = 1 AND cancelled_at IS NULL AND end_at > $2
                 ORDER BY start_at, id",
                values![self.school, now],
            )
            .await?;
        let mut asked = Vec::with_capacity(rows.len());
        for row in &rows {
            let appointment = self.appointment(&mut work, row.get(0)?).await?;
            let of = (appointment.evening, appointment.class);
            let teachers = self.teachers_meant(&mut work, of).await?;
            asked.push(Asked {
                free: self.free(&mut work, &appointment, &teachers, now).await?,
                may_be_kept: !self.is_away(&mut work, appointment.id).await?,
                evening: self.find_evening(&mut work, appointment.evening).await?,
                teachers,
                appointment,
            });
        }
        Ok(asked)
    }

    /// The office says what becomes of an appointment that waits.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`]; [`Refusal::CancelledAlready`], [`Refusal::DecidedAlready`] and
    /// [`Refusal::SlotOver`] where it does not wait; [`Refusal::TeacherAway`] where one of those who
    /// are to keep it cannot come to that evening; and, where it is to be at another time,
    /// [`Refusal::NoTeacher`], [`Refusal::NoSuchSlot`], [`Refusal::SlotOver`],
    /// [`Refusal::SlotTaken`] and [`Refusal::ParentBusy`].
    pub async fn decide_asked(
        &self,
        id: BookingId,
        decision: AskedDecision,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let one = self.waiting(&mut work, id, now).await?;
        let deed = match decision {
            AskedDecision::Keep => {
                self.keep(&mut work, &one, actor, now).await?;
                work.commit().await?;
                return Ok(Aftermath::default());
            }
            AskedDecision::Cancel => Deed::AppointmentCancelled { booking: id },
            AskedDecision::Move(starts) => {
                let evening = self.find_evening(&mut work, one.evening).await?;
                let slot = evening.slot_starting(starts)?;
                let meant = self
                    .teachers_meant(&mut work, (one.evening, one.class))
                    .await?;
                Deed::AppointmentGiven {
                    booking: id,
                    to: evening.slot_to_come(slot.number, now)?,
                    teachers: JointTeachers::new(meant.iter().map(|(id, _)| *id).collect())?,
                }
            }
        };
        let aftermath = self.perform(&mut work, &deed, actor, now).await?;
        work.commit().await?;
        Ok(aftermath)
    }

    async fn keep(
        &self,
        work: &mut Work,
        one: &Appointment,
        actor: Actor,
        now: Timestamp,
    ) -> Result<()> {
        if self.is_away(work, one.id).await? {
            return Err(Refusal::TeacherAway.into());
        }
        work.run(
            "UPDATE bookings SET asks = 0 WHERE school = $1 AND id = $2",
            values![self.school, one.id],
        )
        .await?;
        let subject = format!("booking:{}", one.id);
        self.audit(work, actor, Action::Kept, &subject, &[], now)
            .await
    }

    /// Whether one of those who take an appointment cannot come to its evening.
    async fn is_away(&self, work: &mut Work, id: BookingId) -> Read<bool> {
        let away = work
            .count(
                "SELECT COUNT(*) FROM booking_teachers
                 JOIN substitutes ON substitutes.school = booking_teachers.school
                   AND substitutes.evening = booking_teachers.evening
                   AND substitutes.teacher = booking_teachers.teacher
                 WHERE booking_teachers.school = $1 AND booking = $2",
                values![self.school, id],
            )
            .await?;
        Ok(away > 0)
    }

    /// When all of these teachers and the parent have nothing else, of what is to come.
    async fn free(
        &self,
        work: &mut Work,
        one: &Appointment,
        teachers: &[(TeacherId, Name)],
        now: Timestamp,
    ) -> Result<Vec<Timestamp>> {
        if teachers.is_empty() {
            return Ok(Vec::new());
        }
        let evening = self.find_evening(work, one.evening).await?;
        let mut taken: Vec<Span> = Vec::new();
        for (teacher, _) in teachers {
            let rows = work
                .all(
                    "SELECT bookings.start_at, bookings.end_at + COALESCE(talks.longer, 0) FROM bookings
                     LEFT JOIN booking_teachers ON booking_teachers.school = bookings.school
                       AND booking_teachers.booking = bookings.id
                     LEFT JOIN talks ON talks.school = bookings.school
                       AND talks.meeting = bookings.meeting AND talks.start_at = bookings.start_at
                     WHERE bookings.school = $1 AND bookings.id <> $2 AND cancelled_at IS NULL
                       AND bookings.start_at < $6 AND bookings.end_at > $5
                       AND (parent = $3 OR teacher = $4)",
                    values![
                        self.school,
                        one.id,
                        one.parent,
                        *teacher,
                        evening.start,
                        evening.end
                    ],
                )
                .await?;
            for row in &rows {
                taken.push(Span {
                    start: row.get(0)?,
                    end: row.get(1)?,
                });
            }
        }
        let slots = evening.slots().filter(|slot| now < slot.end);
        let is_free = |slot: &Slot| {
            let span = Span {
                start: slot.start,
                end: slot.end,
            };
            !taken.iter().any(|it| it.overlaps(span))
        };
        Ok(slots.filter(is_free).map(|slot| slot.start).collect())
    }

    async fn waiting(&self, work: &mut Work, id: BookingId, now: Timestamp) -> Result<Appointment> {
        let row: WaitingRow = work
            .row(
                "SELECT asks, cancelled_at, end_at AS \"end\" FROM bookings
                 WHERE school = $1 AND id = $2",
                values![self.school, id],
            )
            .await?
            .ok_or(Refusal::NotFound)?;
        if row.cancelled_at.is_some() {
            return Err(Refusal::CancelledAlready.into());
        }
        if row.asks == 0 {
            return Err(Refusal::DecidedAlready.into());
        }
        if row.end <= now {
            return Err(Refusal::SlotOver.into());
        }
        self.appointment(work, id).await
    }

    /// Who is to take an appointment; nobody where its class has nobody that evening.
    pub(crate) async fn joint_teachers_meant(
        &self,
        work: &mut Work,
        one: &Appointment,
    ) -> Result<Option<JointTeachers>> {
        let meant = self.teachers_meant(work, (one.evening, one.class)).await?;
        if meant.is_empty() {
            return Ok(None);
        }
        let ids = meant.into_iter().map(|(id, _)| id).collect();
        Ok(Some(JointTeachers::new(ids)?))
    }

    /// Who takes the appointments of a class in an evening, in order.
    async fn teachers_meant(
        &self,
        work: &mut Work,
        (evening, class): (EveningId, ClassId),
    ) -> Read<Vec<(TeacherId, Name)>> {
        let rows = work
            .all(
                "SELECT teachers.id, teachers.name FROM evening_teachers
                 JOIN teachers ON teachers.school = evening_teachers.school
                   AND teachers.id = evening_teachers.teacher
                 WHERE evening_teachers.school = $1 AND evening = $2 AND class = $3
                 ORDER BY evening_teachers.position",
                values![self.school, evening, class],
            )
            .await?;
        let mut teachers = Vec::with_capacity(rows.len());
        for row in &rows {
            let teacher = (row.get(0)?, row.get(1)?);
            // Who stands in may be one of them already.
            if !teachers.contains(&teacher) {
                teachers.push(teacher);
            }
        }
        Ok(teachers)
    }
}
