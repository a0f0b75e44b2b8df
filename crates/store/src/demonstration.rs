//! A school to show: six teachers, twelve families, an evening that runs now.

use std::collections::HashMap;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use school::consent::{Consent, How, WORDING};
use school::timetable::Window;
use school::{
    Actor, ClassId, ContactId, EmailAddress, EveningDraft, EveningId, Holder, JointTeachers, Label,
    Name, Note, Refusal, SlotNumber, StudentId, TeacherId,
};

use crate::bookings::{AutomaticRequest, BookingRequest};
use crate::classes::NewClass;
use crate::contacts::{Guardian, NewContact};
use crate::fault::Result;
use crate::holders::HeldLink;
use crate::invitations::NewInvitation;
use crate::schools::School;
use crate::store::Store;
use crate::students::NewStudent;
use crate::teachers::NewTeacher;

/// How many slots the evening has.
const SLOTS: i64 = 6;

/// Zones to hold the evening in: the first in which it is over before midnight.
const ZONES: [&str; 4] = [
    "Europe/London",
    "America/New_York",
    "Asia/Tokyo",
    "Pacific/Auckland",
];

/// Who takes the joint appointments.
const JOINT: [&str; 3] = ["Ms Okafor", "Mr Lindqvist", "Dr Haddad"];

/// Who takes a class alone: name and subject.
const SUBJECTS: [(&str, &str); 3] = [
    ("Mr Novák", "French"),
    ("Ms Rossi", "Mathematics"),
    ("Mrs Ahmed", "History"),
];

/// The other families: parent and student.
const FAMILIES: [(&str, &str); 11] = [
    ("Amara Eze", "Chidi Eze"),
    ("Liam Byrne", "Aoife Byrne"),
    ("Yuki Tanaka", "Ren Tanaka"),
    ("Olena Kovalenko", "Danylo Kovalenko"),
    ("Fatima Khan", "Zain Khan"),
    ("Grace Wilson", "Oliver Wilson"),
    ("Piotr Nowak", "Zofia Nowak"),
    ("Ngozi Balogun", "Tobi Balogun"),
    ("Elif Demir", "Cem Demir"),
    ("Hannah Cohen", "Noa Cohen"),
    ("Carlos Vega", "Lucía Vega"),
];

/// What the demonstration is made of.
#[derive(Clone, Debug)]
pub struct Demonstration {
    /// The evening.
    pub evening: EveningId,
    /// For each joint appointment its three teachers, the parent and the guest, in that order; then
    /// the other teachers and parents.
    pub people: Vec<HeldLink>,
}

impl Store {
    /// Fills an empty school with a demonstration: an evening whose first slot has just begun, and
    /// in that slot `calls` joint appointments, each of three teachers, a parent and the guest whom
    /// they invited. Booking is open, and the other parents have invited nobody yet.
    ///
    /// # Errors
    ///
    /// [`Refusal::SlotLength`] for slots that are too short or too long, and a fault of the
    /// database.
    pub async fn seed_demonstration(
        &self,
        calls: u16,
        slot_minutes: u16,
        now: Timestamp,
    ) -> Result<Demonstration> {
        let seed = Seed { store: self, now };
        let draft = draft(slot_minutes, now)?;
        let school = School {
            name: Label::read("Hillside School")?,
            zone: draft.zone.clone(),
            contact_email: "office@hillside.example".to_owned(),
            ..self.school().await?
        };
        self.change_school(&school, Actor::Program, now).await?;
        let mut groups = Vec::new();
        for _ in 0..calls {
            groups.push(seed.group().await?);
        }
        let families = seed.families().await?;
        let alone = families.classes.iter().map(|(class, _)| *class);
        let classes: Vec<_> = alone.chain(groups.iter().map(|it| it.class)).collect();
        let evening = self
            .add_evening(draft, &classes, Actor::Program, now)
            .await?;
        self.open_booking(evening, Actor::Program, now).await?;
        let mut order = Vec::new();
        for group in groups {
            order.extend(group.teachers.map(Holder::Teacher));
            order.extend(seed.meet(evening, &group).await?);
        }
        seed.book(evening, &families.parents).await?;
        self.send_confirmations(evening, Actor::Program, now)
            .await?;
        self.send_teacher_links(evening, Actor::Program, now)
            .await?;
        let teachers = families.classes.into_iter().map(|(_, teacher)| teacher);
        order.extend(teachers.map(Holder::Teacher));
        order.extend(families.parents.into_iter().map(Holder::Parent));
        let links = self.links_of_evening(evening, now).await?;
        let mut links: HashMap<Holder, HeldLink> =
            links.into_iter().map(|it| (it.holder, it)).collect();
        Ok(Demonstration {
            evening,
            people: order.iter().filter_map(|it| links.remove(it)).collect(),
        })
    }
}

/// The evening: its first slot began a minute ago.
fn draft(slot_minutes: u16, now: Timestamp) -> Result<EveningDraft> {
    let begins = now - SignedDuration::from_mins(1);
    let length = SignedDuration::from_mins(SLOTS * i64::from(slot_minutes));
    for name in ZONES {
        let zone = TimeZone::get(name).map_err(|_unknown| Refusal::ZoneUnknown)?;
        let start = zone.to_datetime(begins);
        let end = zone.to_datetime(begins + length);
        if start.date() == end.date() {
            let to_the_minute =
                |it: Time| Time::new(it.hour(), it.minute(), 0, 0).unwrap_or_default();
            return Ok(EveningDraft {
                name: Label::read("Year 8 parents' evening")?,
                date: start.date(),
                zone: name.to_owned(),
                start: to_the_minute(start.time()),
                end: to_the_minute(end.time()),
                slot_minutes,
                gap_minutes: 0,
                closes: zone
                    .to_timestamp(end.date().to_datetime(to_the_minute(end.time())))
                    .ok(),
            });
        }
    }
    Err(Refusal::SlotLength.into())
}

/// One joint appointment.
struct Group {
    teachers: [TeacherId; 3],
    class: ClassId,
    student: StudentId,
    parent: ContactId,
}

/// The other families, and the classes they are in, each with its teacher.
struct Families {
    parents: Vec<ContactId>,
    classes: Vec<(ClassId, TeacherId)>,
}

struct Seed<'a> {
    store: &'a Store,
    now: Timestamp,
}

impl Seed<'_> {
    async fn group(&self) -> Result<Group> {
        let [first, second, third] = JOINT;
        let teachers = [
            self.teacher(first).await?,
            self.teacher(second).await?,
            self.teacher(third).await?,
        ];
        let student = self.student("Inês Santos").await?;
        let class = NewClass {
            name: Label::read("Year 8")?,
            subject: Label::read("Joint appointment: Year 8")?,
            teachers: JointTeachers::new(teachers.to_vec())?,
            students: Some(vec![student]),
        };
        Ok(Group {
            teachers,
            class: self
                .store
                .add_class(&class, Actor::Program, self.now)
                .await?,
            student,
            parent: self.contact("Maria Santos", &[student]).await?,
        })
    }

    async fn families(&self) -> Result<Families> {
        let mut parents = Vec::new();
        let mut students = Vec::new();
        for (parent, student) in FAMILIES {
            let student = self.student(student).await?;
            students.push(student);
            parents.push(self.contact(parent, &[student]).await?);
        }
        let mut classes = Vec::new();
        for (teacher, subject) in SUBJECTS {
            let teacher = self.teacher(teacher).await?;
            let class = NewClass {
                name: Label::read(&format!("8B {subject}"))?,
                subject: Label::read(subject)?,
                teachers: JointTeachers::new(vec![teacher])?,
                students: Some(students.clone()),
            };
            let class = self
                .store
                .add_class(&class, Actor::Program, self.now)
                .await?;
            classes.push((class, teacher));
        }
        Ok(Families { parents, classes })
    }

    /// Books a joint appointment in the first slot, and invites its guest: gives parent and guest.
    async fn meet(&self, evening: EveningId, group: &Group) -> Result<[Holder; 2]> {
        let request = BookingRequest {
            student: group.student,
            class: group.class,
            slot: SlotNumber(0),
            note: Note::read("How is Inês settling in?")?,
        };
        let actor = Actor::Parent(group.parent);
        self.store
            .book(group.parent, evening, &request, None, actor, self.now)
            .await?;
        let guest = NewInvitation {
            name: Name::read("Paulo Santos")?,
            email: address("Paulo Santos")?,
            students: [group.student].into_iter().collect(),
            consent: Consent::check(true, WORDING, How::Page, self.now)?,
        };
        let invitation = self
            .store
            .invite(group.parent, evening, &guest, None, actor, self.now)
            .await?;
        Ok([Holder::Parent(group.parent), Holder::Guest(invitation.id)])
    }

    /// Two of three parents have booked what there is, the others will.
    async fn book(&self, evening: EveningId, parents: &[ContactId]) -> Result<()> {
        let request = AutomaticRequest {
            classes: Vec::new(),
            window: Window::ALWAYS,
        };
        for three in parents.chunks(3) {
            for parent in three.iter().skip(1) {
                let actor = Actor::Parent(*parent);
                self.store
                    .book_automatically(*parent, evening, &request, None, actor, self.now)
                    .await?;
            }
        }
        Ok(())
    }

    async fn teacher(&self, who: &str) -> Result<TeacherId> {
        let teacher = NewTeacher {
            name: Name::read(who)?,
            email: Some(address(who)?),
            place: None,
        };
        self.store
            .add_teacher(&teacher, Actor::Program, self.now)
            .await
    }

    async fn student(&self, who: &str) -> Result<StudentId> {
        let student = NewStudent {
            name: Name::read(who)?,
            form: "8B".to_owned(),
            year: None,
            source: None,
            classes: None,
        };
        self.store
            .add_student(&student, Actor::Program, self.now)
            .await
    }

    async fn contact(&self, who: &str, students: &[StudentId]) -> Result<ContactId> {
        let guardian = |student: &StudentId| Guardian {
            student: *student,
            relationship: "Parent".to_owned(),
        };
        let contact = NewContact {
            mobile: None,
            name: Name::read(who)?,
            email: Some(address(who)?),
            students: students.iter().map(guardian).collect(),
        };
        self.store
            .add_contact(&contact, Actor::Program, self.now)
            .await
    }
}

/// An address that reaches nobody (RFC 2606 §2).
fn address(who: &str) -> Result<EmailAddress> {
    let local: String = who
        .to_lowercase()
        .chars()
        .map(|it| if it == ' ' { '.' } else { it })
        .collect();
    Ok(EmailAddress::read(&format!("{local}@hillside.example"))?)
}
