//! A small school for stories.

use std::collections::BTreeSet;

use jiff::civil::{date, time};
use jiff::{SignedDuration, Timestamp};
use school::consent::{Consent, How, WORDING};
use school::evening::EveningDraft;
use school::{
    ClassId, ContactId, EmailAddress, EveningId, JointTeachers, Label, Name, Note, Refusal,
    SlotNumber, StudentId, TeacherId,
};
use store::{
    Actor, BookingRequest, Error, EveningLetter, Guardian, Letter, Mail, NewClass, NewContact,
    NewInvitation, NewStudent, NewTeacher, Store,
};

pub(crate) const OFFICE: Actor = Actor::Program;

/// 2026-11-10, noon: two weeks before the evening.
pub(crate) fn now() -> Timestamp {
    "2026-11-10T12:00:00Z".parse().expect("a time")
}

pub(crate) fn later(minutes: i64) -> Timestamp {
    now() + SignedDuration::from_mins(minutes)
}

pub(crate) fn name(text: &str) -> Name {
    Name::read(text).expect("a name")
}

pub(crate) fn label(text: &str) -> Label {
    Label::read(text).expect("a label")
}

pub(crate) fn email(text: &str) -> EmailAddress {
    EmailAddress::read(text).expect("an address")
}

/// What an e-mail to a parent, guest or teacher says.
pub(crate) fn letter(mail: &Mail) -> &EveningLetter {
    match &mail.letter {
        Letter::Evening(letter) => letter,
        other @ (Letter::NewPassword { .. }
        | Letter::Waiting(_)
        | Letter::AuditHead { .. }
        | Letter::SignIn { .. }
        | Letter::Registration(_)
        | Letter::Guest(_)
        | Letter::AccountLink { .. }
        | Letter::StudentAdded { .. }
        | Letter::Address(_)) => panic!("of no evening: {other:?}"),
    }
}

/// What was refused; a story ends where it was not.
pub(crate) fn refused<T: std::fmt::Debug>(result: Result<T, Error>) -> Refusal {
    match result {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

/// Maria's Ana and Ben, Omar's Cem; French by one teacher, maths by two, both for all.
pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) evening: EveningId,
    pub(crate) teachers: [TeacherId; 3],
    pub(crate) french: ClassId,
    pub(crate) maths: ClassId,
    pub(crate) ana: StudentId,
    pub(crate) ben: StudentId,
    pub(crate) cem: StudentId,
    pub(crate) maria: ContactId,
    /// Ana's other parent.
    pub(crate) paul: ContactId,
    pub(crate) omar: ContactId,
}

impl World {
    /// The school, with booking open.
    pub(crate) async fn new(store: Store) -> Self {
        let mut teachers = Vec::new();
        for (place, who) in ["Ms Adeyemi", "Mr Brandt", "Dr Chen"]
            .into_iter()
            .enumerate()
        {
            let teacher = NewTeacher {
                name: name(who),
                email: Some(email(&format!("teacher{place}@school.example"))),
                place: None,
            };
            teachers.push(
                store
                    .add_teacher(&teacher, OFFICE, now())
                    .await
                    .expect("a teacher"),
            );
        }
        let teachers = <[TeacherId; 3]>::try_from(teachers).expect("three");
        let ana = student(&store, "Ana Santos").await;
        let ben = student(&store, "Ben Santos").await;
        let cem = student(&store, "Cem Demir").await;
        let all = vec![ana, ben, cem];
        let french = class(&store, "8B French", "French", &teachers[..1], &all).await;
        let maths = class(&store, "8B Maths", "Maths", &teachers[1..], &all).await;
        let draft = draft();
        let evening = store
            .add_evening(draft, &[french, maths], OFFICE, now())
            .await
            .expect("an evening");
        store
            .open_booking(evening, OFFICE, now())
            .await
            .expect("open");
        Self {
            evening,
            teachers,
            french,
            maths,
            ana,
            ben,
            cem,
            maria: contact(&store, "Maria Santos", "maria@home.example", &[ana, ben]).await,
            paul: contact(&store, "Paul Costa", "paul@home.example", &[ana]).await,
            omar: contact(&store, "Omar Demir", "omar@home.example", &[cem]).await,
            store,
        }
    }

    pub(crate) async fn book(
        &self,
        parent: ContactId,
        student: StudentId,
        class: ClassId,
        slot: u16,
    ) -> Result<store::Appointment, Error> {
        let request = request(student, class, slot);
        let actor = Actor::Parent(parent);
        self.store
            .book(parent, self.evening, &request, None, actor, now())
            .await
    }

    pub(crate) async fn invite(
        &self,
        parent: ContactId,
        who: &str,
        at: &str,
        students: &[StudentId],
    ) -> Result<store::Invitation, Error> {
        let new = guest(who, at, students);
        let actor = Actor::Parent(parent);
        self.store
            .invite(parent, self.evening, &new, None, actor, now())
            .await
    }
}

impl World {
    /// Sends all e-mails that are due within two hours, in order for each reader.
    pub(crate) async fn send_all(&self) -> Vec<Mail> {
        let mut all = Vec::new();
        loop {
            let minute = SignedDuration::from_mins(1);
            let claimed = self
                .store
                .claim_mail(store::Channel::Email, 100, minute, later(120))
                .await;
            let mails = claimed.expect("claimed");
            if mails.is_empty() {
                return all;
            }
            for mail in mails {
                let sent = self.store.mail_sent(mail.id, mail.lease, later(120)).await;
                assert!(sent.expect("said"));
                all.push(mail);
            }
        }
    }
}

/// 17:00 to 18:00 in London, six slots of 10 minutes.
pub(crate) fn draft() -> EveningDraft {
    EveningDraft {
        name: label("Year 8"),
        date: date(2026, 11, 24),
        zone: "Europe/London".to_owned(),
        start: time(17, 0, 0, 0),
        end: time(18, 0, 0, 0),
        slot_minutes: 10,
        gap_minutes: 0,
        closes: None,
    }
}

pub(crate) fn request(student: StudentId, class: ClassId, slot: u16) -> BookingRequest {
    BookingRequest {
        student,
        class,
        slot: SlotNumber(slot),
        note: Note::default(),
    }
}

pub(crate) fn guest(who: &str, at: &str, students: &[StudentId]) -> NewInvitation {
    NewInvitation {
        name: name(who),
        email: email(at),
        students: students.iter().copied().collect::<BTreeSet<_>>(),
        consent: Consent::check(true, WORDING, How::Page, now()).expect("consent"),
    }
}

pub(crate) async fn student(store: &Store, who: &str) -> StudentId {
    let student = NewStudent {
        name: name(who),
        form: "8B".to_owned(),
        year: None,
        source: None,
        classes: None,
    };
    store
        .add_student(&student, OFFICE, now())
        .await
        .expect("a student")
}

pub(crate) async fn contact(
    store: &Store,
    who: &str,
    at: &str,
    students: &[StudentId],
) -> ContactId {
    let guardian = |student: &StudentId| Guardian {
        student: *student,
        relationship: "Parent".to_owned(),
    };
    let contact = NewContact {
        mobile: None,
        name: name(who),
        email: Some(email(at)),
        students: students.iter().map(guardian).collect(),
    };
    store
        .add_contact(&contact, OFFICE, now())
        .await
        .expect("a contact")
}

pub(crate) async fn class(
    store: &Store,
    called: &str,
    subject: &str,
    teachers: &[TeacherId],
    students: &[StudentId],
) -> ClassId {
    let class = NewClass {
        name: label(called),
        subject: label(subject),
        teachers: JointTeachers::new(teachers.to_vec()).expect("1 to 3"),
        students: Some(students.to_vec()),
    };
    store
        .add_class(&class, OFFICE, now())
        .await
        .expect("a class")
}
