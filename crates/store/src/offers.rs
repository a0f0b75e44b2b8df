//! What a parent may book, and the appointments that bear on it.

use jiff::Timestamp;
use school::timetable::{Booked, Wish};
use school::{
    BookingId, ClassId, ContactId, EmailAddress, EveningId, JointTeachers, Label, Name, SlotNumber,
    StudentId, TeacherId,
};

use crate::database::Work;
use crate::fault::{Fault, Read};
use crate::outbox::Addressee;
use crate::store::Store;
use crate::talks::after;
use crate::value::{columns, values};

/// A class that a parent may book, as the records have it.
pub(crate) struct Offer {
    pub(crate) student: (StudentId, Name),
    pub(crate) name: Label,
    pub(crate) subject: Label,
    pub(crate) teachers: Vec<(TeacherId, Name)>,
    /// Those of them who have no link yet for the evening.
    pub(crate) without_link: Vec<TeacherId>,
    /// The parent.
    pub(crate) parent: Addressee,
    pub(crate) wish: Wish,
}

columns! {
    struct OfferRow {
        student: StudentId,
        student_name: Name,
        class: ClassId,
        class_name: Label,
        subject: Label,
        teacher: TeacherId,
        teacher_name: Name,
        place: i64,
        teacher_link: Option<links::LinkId>,
        parent_name: Name,
        parent_email: Option<EmailAddress>,
        parent_link: Option<links::LinkId>,
    }
}

columns! {
    struct BookedRow {
        booking: BookingId,
        parent: ContactId,
        student: StudentId,
        class: ClassId,
        asks: i64,
        slot: SlotNumber,
        end_at: Timestamp,
        longer: Option<i64>,
        was_held: i64,
        teacher: TeacherId,
    }
}

/// What a parent may book, with whom, and which of the links for it there are.
const OFFERS: &str = "SELECT students.id AS student, students.name AS student_name,
       classes.id AS class, classes.name AS class_name, classes.subject,
       teachers.id AS teacher, teachers.name AS teacher_name, teachers.place,
       taken.id AS teacher_link, contacts.name AS parent_name,
       contacts.email AS parent_email, own.id AS parent_link
     FROM guardians
     JOIN contacts ON contacts.school = guardians.school
       AND contacts.id = guardians.contact
     JOIN students ON students.school = guardians.school
       AND students.id = guardians.student
     JOIN class_students ON class_students.school = guardians.school
       AND class_students.student = students.id
     JOIN classes ON classes.school = guardians.school
       AND classes.id = class_students.class
     JOIN evening_classes ON evening_classes.school = guardians.school
       AND evening_classes.class = classes.id
     JOIN evening_teachers ON evening_teachers.school = guardians.school
       AND evening_teachers.evening = evening_classes.evening
       AND evening_teachers.class = classes.id
     JOIN teachers ON teachers.school = guardians.school
       AND teachers.id = evening_teachers.teacher
     LEFT JOIN links AS taken ON taken.school = guardians.school
       AND taken.scope = evening_classes.evening AND taken.holder = teachers.id
       AND taken.withdrawn_at IS NULL
     LEFT JOIN links AS own ON own.school = guardians.school
       AND own.scope = evening_classes.evening AND own.holder = contacts.id
       AND own.withdrawn_at IS NULL
     WHERE guardians.school = $1 AND guardians.contact = $2
       AND evening_classes.evening = $3
       AND court_order_at IS NULL AND may_be IS NULL AND classes.removed_at IS NULL
     ORDER BY students.name_key, students.id, classes.name, classes.id,
       evening_teachers.position";

/// The appointments that bear on what parent `$3` books in evening `$2`: of class `$4`, or of all.
const BEARING: &str = "SELECT bookings.id AS booking, bookings.parent, bookings.student, bookings.class,
       bookings.asks, bookings.slot, bookings.end_at, booking_teachers.teacher, talks.longer AS longer,
       CAST(CASE WHEN talks.met_at IS NOT NULL OR EXISTS (
         SELECT 1 FROM stopped_calls WHERE stopped_calls.school = bookings.school
           AND stopped_calls.meeting = bookings.meeting AND shuts = 1
           AND let_back_at IS NULL) THEN 1 ELSE 0 END AS BIGINT) AS was_held
     FROM bookings
     JOIN booking_teachers ON booking_teachers.school = bookings.school
       AND booking_teachers.booking = bookings.id
     LEFT JOIN talks ON talks.school = bookings.school
       AND talks.meeting = bookings.meeting AND talks.start_at = bookings.start_at
     WHERE bookings.school = $1 AND bookings.cancelled_at IS NULL
       AND bookings.id IN (
         SELECT id FROM bookings
         WHERE school = $1 AND evening = $2 AND parent = $3 AND cancelled_at IS NULL
         UNION
         SELECT booking FROM booking_teachers
         WHERE school = $1 AND evening = $2 AND teacher IN (
           SELECT evening_teachers.teacher FROM guardians
           JOIN class_students ON class_students.school = guardians.school
             AND class_students.student = guardians.student
           JOIN evening_teachers ON evening_teachers.school = guardians.school
             AND evening_teachers.evening = $2
             AND evening_teachers.class = class_students.class
           WHERE guardians.school = $1 AND guardians.contact = $3
             AND ($4 = 0 OR class_students.class = $4)
           UNION
           SELECT own.teacher FROM bookings AS theirs
           JOIN booking_teachers AS own ON own.school = theirs.school
             AND own.booking = theirs.id
           WHERE theirs.school = $1 AND theirs.evening = $2 AND theirs.parent = $3
             AND theirs.cancelled_at IS NULL))
     ORDER BY bookings.id, booking_teachers.position";

impl Store {
    /// What a parent may book, by student and class.
    pub(crate) async fn offers(
        &self,
        work: &mut Work,
        parent: ContactId,
        evening: EveningId,
    ) -> Read<Vec<Offer>> {
        let rows: Vec<OfferRow> = work
            .rows(OFFERS, values![self.school, parent, evening])
            .await?;
        grouped(parent, rows)
    }

    /// The appointments that bear on what a parent books: their own, those of the teachers of one
    /// class of theirs, or of all, and those of the teachers who take what is theirs.
    pub(crate) async fn timetable(
        &self,
        work: &mut Work,
        parent: ContactId,
        evening: EveningId,
        class: Option<ClassId>,
    ) -> Read<Vec<Booked>> {
        let rows: Vec<BookedRow> = work
            .rows(
                BEARING,
                values![self.school, evening, parent, class.unwrap_or(ClassId(0))],
            )
            .await?;
        let mut booked: Vec<(Booked, Vec<TeacherId>)> = Vec::new();
        for row in rows {
            match booked.last_mut() {
                Some((last, teachers)) if last.id == row.booking => teachers.push(row.teacher),
                Some(_) | None => booked.push((
                    Booked {
                        id: row.booking,
                        parent: row.parent,
                        student: row.student,
                        class: row.class,
                        waits: row.asks == 1,
                        slot: row.slot,
                        end: row.end_at,
                        until: after(row.end_at, row.longer),
                        was_held: row.was_held == 1,
                        teachers: joint(vec![row.teacher])?,
                    },
                    vec![row.teacher],
                )),
            }
        }
        let whole = booked.into_iter().map(|(mut booked, teachers)| {
            booked.teachers = joint(teachers)?;
            Ok(booked)
        });
        whole.collect()
    }
}

/// Rows of one student and class after another are one offer, with several teachers.
fn grouped(parent: ContactId, rows: Vec<OfferRow>) -> Read<Vec<Offer>> {
    let mut offers: Vec<Offer> = Vec::new();
    for row in rows {
        let one = (row.student, row.class);
        if offers
            .last()
            .is_none_or(|last| (last.wish.student, last.wish.class) != one)
        {
            offers.push(Offer {
                wish: Wish {
                    student: row.student,
                    class: row.class,
                    teachers: joint(vec![row.teacher])?,
                    place: row.place,
                },
                student: (row.student, row.student_name),
                name: row.class_name,
                subject: row.subject,
                teachers: Vec::new(),
                without_link: Vec::new(),
                parent: Addressee {
                    contact: parent,
                    name: row.parent_name,
                    email: row.parent_email,
                    has_link: row.parent_link.is_some(),
                },
            });
        }
        // Who stands in for somebody may be one of them already.
        let is_there = |offer: &&mut Offer| offer.teachers.iter().all(|(id, _)| *id != row.teacher);
        if let Some(offer) = offers.last_mut().filter(is_there) {
            offer.teachers.push((row.teacher, row.teacher_name));
            if row.teacher_link.is_none() {
                offer.without_link.push(row.teacher);
            }
        }
    }
    for offer in &mut offers {
        offer.wish.teachers = joint(offer.teachers.iter().map(|(id, _)| *id).collect())?;
    }
    Ok(offers)
}

fn joint(teachers: Vec<TeacherId>) -> Read<JointTeachers> {
    JointTeachers::new(teachers)
        .map_err(|_refused| Fault::Broken("an appointment with too many teachers"))
}
