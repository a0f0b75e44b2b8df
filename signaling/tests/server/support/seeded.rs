//! Records with one appointment in them that can be joined now, made by the store's own ways.

use jiff::{SignedDuration, Timestamp};
use school::consent::{Consent, How, WORDING};
use school::{
    ClassId, ContactId, EmailAddress, EveningDraft, EveningId, JointTeachers, Label, MeetingId,
    Name, Note, SlotNumber, StudentId, TeacherId,
};
use store::{
    Actor, BookingRequest, Guardian, HeldLink, Holder, NewClass, NewContact, NewInvitation,
    NewStudent, NewTeacher, Store,
};
use tempfile::TempDir;
use tokio::sync::OnceCell;

const OFFICE: Actor = Actor::Program;

/// A joint appointment of three teachers, a parent, and a guest whom the parent invited: as many as
/// there can be.
pub(crate) struct Seeded {
    pub(crate) call: MeetingId,
    /// Each with the link that is theirs, by their number in the call.
    pub(crate) people: Vec<HeldLink>,
}

/// A folder of this test's own, in memory where the system has such a place.
pub(crate) fn folder() -> TempDir {
    let memory = tempfile::tempdir_in("/dev/shm");
    memory
        .or_else(|_none| tempfile::tempdir())
        .expect("a folder")
}

/// The same, with the records of a school in which nobody is yet: the steps of the schema are run once for all.
pub(crate) async fn empty_school() -> TempDir {
    static EMPTY: OnceCell<Vec<u8>> = OnceCell::const_new();
    let made = EMPTY.get_or_init(async || {
        let folder = folder();
        let mut settings = super::settings();
        folder.path().clone_into(&mut settings.data.folder);
        let records = signaling::data::records(&settings).await;
        records.expect("an empty folder").close().await;
        std::fs::read(folder.path().join(RECORDS)).expect("a file")
    });
    let folder = folder();
    std::fs::write(folder.path().join(RECORDS), made.await).expect("room");
    folder
}

/// The name of SQLite's file.
const RECORDS: &str = "homeroom.sqlite";

/// What there is before anything is booked.
struct School {
    teachers: Vec<TeacherId>,
    student: StudentId,
    class: ClassId,
    parent: ContactId,
}

/// Fills empty records.
pub(crate) async fn seed(store: &Store) -> Seeded {
    let now = ambient::now();
    let school = found(store, now).await;
    let (student, class, parent) = (school.student, school.class, school.parent);
    let evening = store.add_evening(draft(now), &[class], OFFICE, now).await;
    let evening = evening.expect("an evening");
    let opened = store.open_booking(evening, OFFICE, now).await;
    opened.expect("booking is open");
    let request = BookingRequest {
        student,
        class,
        slot: SlotNumber(0),
        note: Note::default(),
    };
    let by = Actor::Parent(parent);
    let booked = store.book(parent, evening, &request, None, by, now).await;
    let booked = booked.expect("an appointment");
    let mut people: Vec<_> = school.teachers.into_iter().map(Holder::Teacher).collect();
    people.push(Holder::Parent(parent));
    let guest = guest(student, now);
    let sent = store.invite(parent, evening, &guest, None, by, now).await;
    people.push(Holder::Guest(sent.expect("an invitation").id));
    Seeded {
        call: booked.meeting,
        people: links(store, evening, people, now).await,
    }
}

async fn found(store: &Store, now: Timestamp) -> School {
    let mut teachers = Vec::new();
    for participant in 1..=3 {
        let teacher = NewTeacher {
            name: person(participant),
            email: None,
            place: None,
        };
        let added = store.add_teacher(&teacher, OFFICE, now).await;
        teachers.push(added.expect("a teacher"));
    }
    let student = NewStudent {
        name: Name::read("A student").expect("a name"),
        form: String::new(),
        year: None,
        source: None,
        classes: None,
    };
    let student = store.add_student(&student, OFFICE, now).await;
    let student = student.expect("a student");
    let class = NewClass {
        name: label("A class"),
        subject: label("An appointment"),
        teachers: JointTeachers::new(teachers.clone()).expect("three"),
        students: Some(vec![student]),
    };
    let class = store.add_class(&class, OFFICE, now).await;
    let parent = NewContact {
        mobile: None,
        name: person(4),
        email: None,
        students: vec![Guardian {
            student,
            relationship: String::new(),
        }],
    };
    let parent = store.add_contact(&parent, OFFICE, now).await;
    School {
        teachers,
        student,
        class: class.expect("a class"),
        parent: parent.expect("a parent"),
    }
}

async fn links(
    store: &Store,
    evening: EveningId,
    people: Vec<Holder>,
    now: Timestamp,
) -> Vec<HeldLink> {
    for teacher in people.iter().take(3) {
        let shown = store.hand_out_link(evening, *teacher, OFFICE, now).await;
        shown.expect("a link");
    }
    let all = store.links_of_evening(evening, now).await.expect("links");
    let link_of = |one: &Holder| all.iter().find(|link| link.holder == *one).cloned();
    let links = people.iter().map(link_of);
    links.map(|link| link.expect("everybody has one")).collect()
}

fn person(participant: u32) -> Name {
    Name::read(&format!("Person {participant}")).expect("a name")
}

fn label(text: &str) -> Label {
    Label::read(text).expect("a label")
}

fn guest(student: StudentId, now: Timestamp) -> NewInvitation {
    NewInvitation {
        name: person(5),
        email: EmailAddress::read("guest@guests.example").expect("an address"),
        students: [student].into(),
        consent: Consent::check(true, WORDING, How::Page, now).expect("consent"),
    }
}

/// One slot, which began a minute ago and lasts half an hour, where it is the same day all along.
fn draft(now: Timestamp) -> EveningDraft {
    let start = now - SignedDuration::from_mins(1);
    let zones = ["Europe/London", "America/New_York", "Asia/Tokyo"];
    let day = zones.into_iter().find_map(|name| {
        let zone = jiff::tz::TimeZone::get(name).ok()?;
        let starts = zone.to_datetime(start);
        let ends = zone.to_datetime(start + SignedDuration::from_mins(30));
        (starts.date() == ends.date()).then_some((name, starts, ends))
    });
    let (zone, starts, ends) = day.expect("it is day somewhere");
    let minute = |it: jiff::civil::DateTime| jiff::civil::time(it.hour(), it.minute(), 0, 0);
    EveningDraft {
        name: label("A parents' evening"),
        date: starts.date(),
        zone: zone.to_owned(),
        start: minute(starts),
        end: minute(ends),
        slot_minutes: 30,
        gap_minutes: 0,
        closes: Some(start + SignedDuration::from_mins(20)),
    }
}
