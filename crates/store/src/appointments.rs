//! Appointments as they are shown.

use std::collections::BTreeMap;

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
use crate::value::columns;

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
    /// Whether its call was stopped, for abuse: nobody comes to it any more (SCR-14).
    pub is_stopped: bool,
}

impl Appointment {
    /// Whether it is over and was not held: then it is in nobody's way, and its class may be booked again.
    #[must_use]
    pub fn is_missed(&self, now: Timestamp) -> bool {
        self.window.closes <= now && self.course.met_at.is_none() && !self.is_stopped
    }
}

columns! {
    /// An appointment, with one of those who take it.
    struct AppointmentRow {
        id: BookingId,
        meeting: MeetingId,
        evening: EveningId,
        parent: ContactId,
        parent_name: Name,
        student: StudentId,
        student_name: Name,
        class: ClassId,
        class_name: Label,
        subject: Label,
        teacher: TeacherId,
        teacher_name: Name,
        slot: SlotNumber,
        start: Timestamp,
        end: Timestamp,
        note: Note,
        school_at: Option<Timestamp>,
        family_at: Option<Timestamp>,
        met_at: Option<Timestamp>,
        longer: Option<i64>,
        stopped_at: Option<Timestamp>,
    }
}

columns! {
    struct GuestRow {
        meeting: MeetingId,
        name: Name,
    }
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

    /// The name of a guest of each meeting of theirs in an evening that has one: who was invited
    /// first.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn guests_of(
        &self,
        holder: Holder,
        evening: EveningId,
    ) -> Result<BTreeMap<MeetingId, Name>> {
        let mut work = self.glance().await?;
        let selection = Selection::Of(evening, holder);
        let sql = selected!(
            work,
            selection,
            "SELECT bookings.meeting AS meeting, invitations.name AS name FROM bookings
             JOIN entitled ON entitled.school = bookings.school
               AND entitled.meeting = bookings.meeting AND entitled.ended_at IS NULL
             JOIN invitations ON invitations.school = entitled.school
               AND invitations.id = entitled.holder
             WHERE",
            // The first stands last: of one meeting the last row is kept.
            "ORDER BY entitled.number DESC"
        );
        let rows: Vec<GuestRow> = work.rows(sql, selection.values(self.school)).await?;
        Ok(rows
            .into_iter()
            .map(|row| (row.meeting, row.name))
            .collect())
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
            "SELECT bookings.id AS id, bookings.evening AS evening, bookings.parent AS parent,
               contacts.name AS parent_name, bookings.student AS student,
               students.name AS student_name, bookings.class AS class,
               classes.name AS class_name, classes.subject AS subject, bookings.slot AS slot,
               bookings.start_at AS start, bookings.end_at AS \"end\", bookings.note AS note,
               teachers.id AS teacher, teachers.name AS teacher_name,
               bookings.meeting AS meeting, talks.school_at AS school_at,
               talks.family_at AS family_at, talks.met_at AS met_at, talks.longer AS longer,
               (SELECT MIN(stopped_at) FROM stopped_calls
                WHERE stopped_calls.school = bookings.school
                  AND stopped_calls.meeting = bookings.meeting AND shuts = 1
                  AND let_back_at IS NULL) AS stopped_at
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
        let rows: Vec<AppointmentRow> = work.rows(sql, selection.values(self.school)).await?;
        let mut appointments: Vec<Appointment> = Vec::new();
        for row in rows {
            match appointments.last_mut() {
                Some(last) if last.id == row.id => {
                    last.teachers.push((row.teacher, row.teacher_name));
                }
                Some(_) | None => appointments.push(self.appointment_in_row(row)),
            }
        }
        Ok(appointments)
    }

    /// That of a row, with the teacher of the row.
    fn appointment_in_row(&self, row: AppointmentRow) -> Appointment {
        let came = (row.school_at, row.family_at, row.met_at);
        let course = course(came, row.longer);
        let ends = row.end.checked_add(course.longer).unwrap_or(row.end);
        // Nobody comes to one that was stopped.
        let ends = row.stopped_at.map_or(ends, |it| it.min(ends));
        Appointment {
            id: row.id,
            meeting: row.meeting,
            evening: row.evening,
            parent: row.parent,
            parent_name: row.parent_name,
            student: row.student,
            student_name: row.student_name,
            class: row.class,
            class_name: row.class_name,
            subject: row.subject,
            teachers: vec![(row.teacher, row.teacher_name)],
            slot: row.slot,
            start: row.start,
            end: row.end,
            window: self.options.margins.before(row.start, ends),
            course,
            note: row.note,
            is_stopped: row.stopped_at.is_some(),
        }
    }
}
