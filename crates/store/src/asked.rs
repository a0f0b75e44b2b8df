//! Appointments of which the office is to say what becomes of them: their class has other teachers
//! now, who were busy at that time, or their student is in it no longer (EVE-13).

use std::collections::BTreeSet;

use jiff::Timestamp;
use school::deed::{Deed, Span};
use school::timetable::talk_reaches;
use school::{
    Actor, BookingId, ClassId, Evening, EveningId, JointTeachers, Name, Refusal, Slot, StudentId,
    TeacherId,
};

use crate::appointments::Appointment;
use crate::audit::Action;
use crate::database::Work;
use crate::deeds::Aftermath;
use crate::fault::{Read, Result};
use crate::store::Store;
use crate::talks::after;
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
    /// Whether its student is in its class no longer.
    pub has_left_class: bool,
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

columns! {
    /// What somebody has at a time.
    struct EngagedRow {
        start_at: Timestamp,
        end_at: Timestamp,
        longer: Option<i64>,
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
        let all = self.waiting_to_come(&mut work, now).await?;
        let mut asked = Vec::with_capacity(all.len());
        for id in all {
            let appointment = self.appointment(&mut work, id).await?;
            let of = (appointment.evening, appointment.class);
            let teachers = self.teachers_meant(&mut work, of).await?;
            asked.push(Asked {
                free: self.free(&mut work, &appointment, &teachers, now).await?,
                may_be_kept: !self.is_away(&mut work, appointment.id).await?,
                has_left_class: !self.is_placed(&mut work, &appointment).await?,
                evening: self.find_evening(&mut work, appointment.evening).await?,
                teachers,
                appointment,
            });
        }
        Ok(asked)
    }

    /// Those that wait, in order of time.
    async fn waiting_to_come(&self, work: &mut Work, now: Timestamp) -> Read<Vec<BookingId>> {
        let rows = work
            .all(
                "SELECT id FROM bookings
                 WHERE school = $1 AND asks = 1 AND cancelled_at IS NULL AND end_at > $2
                 ORDER BY start_at, id",
                values![self.school, now],
            )
            .await?;
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Whether the student of an appointment is in its class.
    async fn is_placed(&self, work: &mut Work, one: &Appointment) -> Read<bool> {
        let places = work
            .count(
                "SELECT COUNT(*) FROM class_students
                 WHERE school = $1 AND class = $2 AND student = $3",
                values![self.school, one.class, one.student],
            )
            .await?;
        Ok(places > 0)
    }

    /// These students are in these classes no longer: of what is booked for them the office is asked.
    pub(crate) async fn end_places(
        &self,
        work: &mut Work,
        mut places: BTreeSet<(StudentId, ClassId)>,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        if places.is_empty() {
            return Ok(Aftermath::default());
        }
        let rows = work
            .all(
                "SELECT DISTINCT student, class FROM bookings
                 WHERE school = $1 AND cancelled_at IS NULL AND end_at > $2",
                values![self.school, now],
            )
            .await?;
        let booked: BTreeSet<_> = rows
            .iter()
            .map(|row| Ok((row.get(0)?, row.get(1)?)))
            .collect::<Read<_>>()?;
        places.retain(|it| booked.contains(it));
        if places.is_empty() {
            return Ok(Aftermath::default());
        }
        self.perform(work, &Deed::PlacesEnded { places }, actor, now)
            .await
    }

    /// Of what nothing is left to decide the office is asked no longer: its student is in its class again, and whoever
    /// is to take it does.
    pub(crate) async fn ask_no_more(
        &self,
        work: &mut Work,
        actor: Actor,
        now: Timestamp,
    ) -> Result<()> {
        for id in self.waiting_to_come(work, now).await? {
            let one = self.appointment(work, id).await?;
            let of = (one.evening, one.class);
            let meant = self.teachers_meant(work, of).await?.into_iter();
            let meant: BTreeSet<TeacherId> = meant.map(|(id, _)| id).collect();
            let takes: BTreeSet<TeacherId> = one.teachers.iter().map(|(id, _)| *id).collect();
            let is_decided = meant == takes
                && self.is_placed(work, &one).await?
                && !self.is_away(work, id).await?;
            if is_decided {
                self.keep(work, &one, actor, now).await?;
            }
        }
        Ok(())
    }

    /// The office says what becomes of an appointment that waits.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`]; [`Refusal::CancelledAlready`], [`Refusal::DecidedAlready`] and
    /// [`Refusal::SlotOver`] where it does not wait; [`Refusal::TeacherAway`] where one of those who
    /// are to keep it cannot come to that evening; and, where it is to be at another time,
    /// [`Refusal::StopStands`] where it was ended for everybody, [`Refusal::NoTeacher`],
    /// [`Refusal::NoSuchSlot`], [`Refusal::SlotOver`], [`Refusal::SlotTaken`] and
    /// [`Refusal::ParentBusy`].
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
                if one.is_stopped {
                    return Err(Refusal::StopStands.into());
                }
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
        self.has_decided(&mut work, id).await?;
        work.commit().await?;
        Ok(aftermath)
    }

    async fn has_decided(&self, work: &mut Work, id: BookingId) -> Read<()> {
        work.run(
            "UPDATE bookings SET asks = 0 WHERE school = $1 AND id = $2",
            values![self.school, id],
        )
        .await?;
        Ok(())
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
        self.has_decided(work, one.id).await?;
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
        let mut taken: Vec<(Span, Timestamp)> = Vec::new();
        for (teacher, _) in teachers {
            let rows: Vec<EngagedRow> = work
                .rows(
                    "SELECT bookings.start_at AS start_at, bookings.end_at AS end_at,
                       talks.longer AS longer
                     FROM bookings
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
            taken.extend(rows.into_iter().map(|row| {
                let span = Span {
                    start: row.start_at,
                    end: row.end_at,
                };
                (span, after(row.end_at, row.longer))
            }));
        }
        let slots = evening.slots().filter(|slot| now < slot.end);
        let is_free = |slot: &Slot| {
            let span = Span {
                start: slot.start,
                end: slot.end,
            };
            !taken.iter().any(|(it, until)| {
                it.overlaps(span) || talk_reaches((it.end, *until), span.start, now)
            })
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
