//! How often the database is asked for a page: a number that does not grow with what is on it. The
//! pages come from the API's own description: a new one is counted as soon as it is there.
#![expect(
    clippy::indexing_slicing,
    reason = "a field that is missing from an answer is a failure"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use jiff::SignedDuration;
use school::consent::{Consent, How, WORDING};
use school::timetable::Window;
use school::{ContactId, EmailAddress, EveningId, Name, import};
use serde_json::{Value, json};
use store::{Actor, AutomaticRequest, Doing, NewInvitation, Then};
use tokio::time::timeout;

use crate::support::PATIENCE;
use crate::support::request::get;
use crate::support::school::{Key, School};

/// Classes of a student, each with a teacher of its own.
const CLASSES: usize = 5;

/// A school that can be made larger.
struct Growing {
    school: School,
    evening: String,
    /// By name.
    teachers: Vec<String>,
    parents: usize,
    booked: BTreeSet<ContactId>,
    student: String,
    contact: String,
    parent: Key,
    teacher: Key,
}

impl Growing {
    /// With one family, who have booked nothing.
    async fn open() -> Self {
        let mut settings = School::settings();
        // Nothing is sent meanwhile: that too asks the database.
        settings.mail.settle = SignedDuration::from_hours(10);
        let school = School::open_with(settings).await;
        let mut teachers = Vec::new();
        more_teachers(&school, &mut teachers, CLASSES).await;
        more_families(&school, 0..1, CLASSES).await;
        let evening = evening(&school).await;
        let path = format!("/evenings/{evening}/booking");
        school.done("PUT", &path, &json!({"open": true})).await;
        let all = school.store.contacts().await.expect("records");
        let contact = all[0].id.to_string();
        let student = all[0].about.students[0].student.to_string();
        Self {
            parent: school.parent(&evening, &contact).await,
            teacher: school.teacher(&evening, &teachers[0]).await,
            school,
            evening,
            teachers,
            parents: 1,
            booked: BTreeSet::new(),
            student,
            contact,
        }
    }

    /// To so many teachers and families, who all book; more evenings, and guests of whom the office
    /// has some to decide about.
    async fn grow(&mut self, teachers: usize, parents: usize) {
        let store = &self.school.store;
        more_teachers(&self.school, &mut self.teachers, teachers).await;
        more_families(&self.school, self.parents..parents, teachers).await;
        self.parents = parents;
        let evening: EveningId = self.evening.parse().expect("an id");
        let now = ambient::now();
        let everything = AutomaticRequest {
            classes: Vec::new(),
            window: Window::ALWAYS,
        };
        let barred = json!({"name": "Bad Uncle", "email": "bad@x.example", "students": []});
        let barred = self.school.made("/contacts", &barred).await;
        let path = format!("/contacts/{barred}/court-order");
        self.school
            .done("PUT", &path, &json!({"active": true}))
            .await;
        let people = store.contacts().await.expect("records");
        let families: Vec<_> = people
            .iter()
            .filter(|it| !it.about.students.is_empty() && !self.booked.contains(&it.id))
            .collect();
        for (n, contact) in families.into_iter().enumerate() {
            let actor = Actor::Parent(contact.id);
            self.booked.insert(contact.id);
            let booked = store
                .book_automatically(contact.id, evening, &everything, None, actor, now)
                .await
                .expect("booked");
            assert_eq!(booked.booked.len(), CLASSES, "{:?}", booked.unmet);
            if n % 10 == 0 {
                let (name, email) = if n % 20 == 0 {
                    ("Bad Uncle".to_owned(), "bad@x.example".to_owned())
                } else {
                    (format!("Guest of {n}"), format!("guest{n}@x.example"))
                };
                let students = contact.about.students.iter().map(|it| it.student);
                let new = NewInvitation {
                    name: Name::read(&name).expect("a name"),
                    email: EmailAddress::read(&email).expect("an address"),
                    students: students.collect::<BTreeSet<_>>(),
                    consent: Consent::check(true, WORDING, How::Page, now).expect("consent"),
                };
                let invited = store.invite(contact.id, evening, &new, None, actor, now);
                invited.await.expect("invited");
            }
        }
        for _ in 0..20 {
            self::evening(&self.school).await;
        }
    }

    /// How many statements each page takes, by its path.
    async fn counted(&self) -> BTreeMap<String, u64> {
        let document: Value = get(self.school.address, "/api/v1/openapi.json")
            .await
            .json();
        let mut counts = BTreeMap::new();
        for (path, item) in document["paths"].as_object().expect("paths") {
            // An account shows one family, and a file one person: more of others is not on it.
            let is_accounts = item["get"]["security"][0].get("account").is_some();
            let is_file = path.ends_with("/data");
            if item.get("get").is_some() && !is_accounts && !is_file {
                let path = path.trim_start_matches("/api/v1");
                let asked = path
                    .replace("{evening}", &self.evening)
                    .replace("{contact}", &self.contact)
                    .replace("{teacher}", &self.teachers[0])
                    .replace("{student}", &self.student);
                assert!(!asked.contains('{'), "give this test an id for {asked}");
                let count = self.count(async || {
                    let answer = self.school.ask("GET", &asked, &Value::Null).await;
                    assert_eq!(answer.status, 200, "{asked}: {}", answer.body);
                });
                counts.insert(path.to_owned(), count.await);
            }
        }
        for (key, path) in [
            (&self.parent, ""),
            (&self.parent, "/parent"),
            (&self.parent, "/slots"),
            (&self.teacher, ""),
            (&self.teacher, "/teacher"),
        ] {
            let count = self.count(async || {
                self.school.granted(key, path, json!({})).await;
            });
            let whose = if std::ptr::eq(key, &self.parent) {
                "parent"
            } else {
                "teacher"
            };
            counts.insert(format!("{whose}'s link{path}"), count.await);
        }
        let search = self.count(async || {
            let wanted = json!({"search": "e"});
            self.school.done("POST", "/students/search", &wanted).await;
        });
        counts.insert("/students/search".to_owned(), search.await);
        counts
    }

    /// The least that it took, once that was counted three times: others ask the database as well, now
    /// and then.
    async fn count(&self, ask: impl AsyncFn()) -> u64 {
        let counted = async {
            let mut counts = Vec::new();
            loop {
                let before = self.school.store.statements();
                ask().await;
                counts.push(self.school.store.statements() - before);
                counts.sort_unstable();
                if let [least, _, third, ..] = counts[..]
                    && least == third
                {
                    return least;
                }
            }
        };
        timeout(PATIENCE, counted).await.expect("it settles")
    }
}

async fn evening(school: &School) -> String {
    let draft = json!({
        "name": "Evening", "date": "2040-01-10", "time_zone": "Europe/London",
        "starts": "08:00", "ends": "20:00", "slot_minutes": 12, "gap_minutes": 0,
    });
    school.made("/evenings", &draft).await
}

async fn more_teachers(school: &School, teachers: &mut Vec<String>, to: usize) {
    for n in teachers.len()..to {
        let teacher = json!({"name": format!("Teacher {n}"), "email": ""});
        let id = school.made("/teachers", &teacher).await;
        let class = json!({"name": format!("C{n}"), "subject": "Subject", "teachers": [id]});
        school.made("/classes", &class).await;
        teachers.push(id);
    }
}

async fn more_families(school: &School, which: std::ops::Range<usize>, teachers: usize) {
    let mut sheet = String::from("Student,Form,Classes,Contact,Email\n");
    for n in which {
        let first = n * CLASSES % teachers;
        let classes: Vec<_> = (first..first + CLASSES)
            .map(|it| format!("C{it}"))
            .collect();
        let classes = classes.join(";");
        writeln!(
            sheet,
            "Student {n:05},8,{classes},Parent {n:05},p{n}@x.example"
        )
        .expect("text");
    }
    let rows = import::read(sheet.as_bytes()).expect("readable").rows;
    let done = school.store.import(
        import::Incoming::some(rows),
        (Doing::Surely, Then::Nothing),
        Actor::Program,
        ambient::now(),
    );
    done.await.expect("imported");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_page_asks_more_often_because_more_is_on_it() {
    let mut it = Growing::open().await;
    // Of everything there is one: what is asked only where something is, is asked already.
    it.grow(CLASSES, 1).await;
    let few = it.counted().await;
    it.grow(100, 1_000).await;
    let evening: EveningId = it.evening.parse().expect("an id");
    let all = it.school.store.appointments_of_evening(evening).await;
    assert_eq!(all.expect("records").len(), 5_000);
    let many = it.counted().await;
    assert!(many.len() > 25, "they are described");
    for (path, count) in &many {
        if path == "/audit.csv" {
            // The whole log, walked twice, 2,000 rows at a time.
            assert!(*count < 20, "{path}: {count}");
            continue;
        }
        let before = few.get(path).expect("it was there");
        assert!(count <= before, "{path}: {count} after {before}");
        if path == "/contacts/{contact}/data" {
            // One for each kind of thing that there may be of somebody, however many there are.
            assert!(*count < 50, "{path}: {count}");
            continue;
        }
        assert!(*count <= 20, "{path}: {count}");
    }
    let people = many["/evenings/{evening}/links"];
    assert!(
        people <= 5,
        "{people} statements for the people of an evening"
    );
}
