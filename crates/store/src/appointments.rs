//! Appointments as they are shown.

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
    /// When it can be joined.
    pub window: Window,
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
               teachers.id, teachers.name, bookings.meeting
             FROM bookings
             JOIN contacts ON contacts.school = bookings.school AND contacts.id = bookings.parent
             JOIN students ON students.school = bookings.school AND students.id = bookings.student
             JOIN classes ON classes.school = bookings.school AND classes.id = bookings.class
             JOIN booking_teachers ON booking_teachers.school = bookings.school
               AND booking_teachers.booking = bookings.id
             JOIN teachers ON teachers.school = bookings.school
               AND teachers.id = booking_teachers.teacher
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
                Some(_) | None => appointments.push(Appointment {
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
                    start: row.get(10)?,
                    end: row.get(11)?,
                    note: row.get(12)?,
                    meeting: row.get(15)?,
                    window: self.options.margins.around(row.get(10)?, row.get(11)?),
                }),
            }
        }
        Ok(appointments)
    }
}
