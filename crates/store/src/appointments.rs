//! Appointments as they are shown.

use call::Course;
use jiff::Timestamp;
use school::meeting::Window;
use school::{
    BookingId, ClassId, ContactId, EveningId, Holder, Label, MeetingId, Name, Note, SlotNumber,
    StudentId, TeacherId,
};

use crate::database::Work;
use crate::fault::{Read, Result};
use crate::selection::{Selection, selected};
use crate::store::Store;
use crate::talks::course;

/// An appointment that was booked, with the names of all it is about.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Appointment {
    /// Its id.
    pub id: BookingId,
    /// What it is booked as.
    pub meeting: MeetingId,
    /// The evening.
    pub evening: EveningId,
    /// Who booked it.
    pub parent: ContactId,
    /// Their name.
    pub parent_name: Name,
    /// About whom.
    pub student: StudentId,
    /// Their name.
    pub student_name: Name,
    /// Which class.
    pub class: ClassId,
    /// What it is called.
    pub class_name: Label,
    /// Its subject.
    pub subject: Label,
    /// Who takes it, 1 to 3, in order.
    pub teachers: Vec<(TeacherId, Name)>,
    /// Which slot.
    pub slot: SlotNumber,
    /// Its first moment.
    pub start: Timestamp,
    /// The moment after it.
    pub end: Timestamp,
    /// When it can be joined: until its talk ends, as things stand.
    pub window: Window,
    /// How its talk has gone so far.
    pub course: Course,
    /// What the parent wrote to the teachers.
    pub note: Note,
}

impl Store {
    /// What a parent booked in an evening, in order of time (EVE-4).
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn appointments_of_parent(
        &self,
        parent: ContactId,
        evening: EveningId,
    ) -> Result<Vec<Appointment>> {
        let mut work = self.glance().await?;
        Ok(self
            .appointments(&mut work, Selection::Parent(evening, parent))
            .await?)
    }

    /// What somebody may come to in an evening, in order of time (INV-8).
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn appointments_of(
        &self,
        holder: Holder,
        evening: EveningId,
    ) -> Result<Vec<Appointment>> {
        let mut work = self.glance().await?;
        Ok(self
            .appointments(&mut work, Selection::Of(evening, holder))
            .await?)
    }

    /// All appointments of an evening, in order of time.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn appointments_of_evening(&self, evening: EveningId) -> Result<Vec<Appointment>> {
        let mut work = self.glance().await?;
        Ok(self
            .appointments(&mut work, Selection::Evening(evening))
            .await?)
    }

    pub(crate) async fn appointments(
        &self,
        work: &mut Work,
        selection: Selection<'_>,
    ) -> Read<Vec<Appointment>> {
        let sql = selected!(
            work,
            selection,
            "SELECT bookings.id, bookings.evening, bookings.parent, contacts.name,
               bookings.student, students.name, bookings.class, classes.name, classes.subject,
               bookings.slot, bookings.start_at, bookings.end_at, bookings.note,
               teachers.id, teachers.name, bookings.meeting, talks.school_at, talks.family_at,
               talks.met_at, talks.longer
             FROM bookings
             JOIN contacts ON contacts.school = bookings.school AND contacts.id = bookings.parent
             JOIN students ON students.school = bookings.school AND students.id = bookings.student
             JOIN classes ON classes.school = bookings.school AND classes.id = bookings.class
             JOIN booking_teachers ON booking_teachers.school = bookings.school
               AND booking_teachers.booking = bookings.id
             JOIN teachers ON teachers.school = bookings.school
               AND teachers.id = booking_teachers.teacher
             LEFT JOIN talks ON talks.school = bookings.school
               AND talks.meeting = bookings.meeting AND talks.start_at = bookings.start_at
             WHERE",
            "ORDER BY bookings.start_at, bookings.id, booking_teachers.position"
        );
        let rows = work.all(sql, selection.values(self.school)).await?;
        let mut appointments: Vec<Appointment> = Vec::new();
        for row in &rows {
            let id = row.get(0)?;
            let teacher = (row.get(13)?, row.get(14)?);
            match appointments.last_mut() {
                Some(last) if last.id == id => last.teachers.push(teacher),
                Some(_) | None => {
                    let (start, end): (Timestamp, Timestamp) = (row.get(10)?, row.get(11)?);
                    let course = course((row.get(16)?, row.get(17)?, row.get(18)?), row.get(19)?);
                    let ends = end.checked_add(course.longer).unwrap_or(end);
                    appointments.push(Appointment {
                        id,
                        evening: row.get(1)?,
                        parent: row.get(2)?,
                        parent_name: row.get(3)?,
                        student: row.get(4)?,
                        student_name: row.get(5)?,
                        class: row.get(6)?,
                        class_name: row.get(7)?,
                        subject: row.get(8)?,
                        teachers: vec![teacher],
                        slot: row.get(9)?,
                        start,
                        end,
                        note: row.get(12)?,
                        meeting: row.get(15)?,
                        window: self.options.margins.before(start, ends),
                        course,
                    });
                }
            }
        }
        Ok(appointments)
    }
}
