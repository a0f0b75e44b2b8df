//! Students and contacts out of a file.

use jiff::SignedDuration;
use school::import::{self, Incoming, Leaving, Outcome};
use school::{ContactId, Refusal, TeacherId};
use store::{Among, Doing, Error, Guardian, Imported, NewContact, NewTeacher, Store, Then};

use crate::places::on_both;
use crate::world::{OFFICE, World, contact, email, later, name};

on_both!(
    a_file_is_tried_and_then_taken_whole,
    parents_whom_a_file_brings_are_invited_with_it,
    whoever_left_has_no_link_and_may_come_back,
    what_the_office_entered_stays,
    staff_and_classes_come_in_by_lists_and_leave_by_whole_ones,
    who_is_no_student_is_found_too,
    students_are_found_by_their_year,
);

const FILE: &str = "student id,student,form,classes,contact,email,relationship\n\
                    S1,Ada Hill,7A,8B French;8B Maths,Eve Hill,hill@x.example,Mother\n\
                    S1,Ada Hill,7A,,Tom Hill,hill@x.example,Father\n\
                    S2,Leo Hill,9C,8B French,Eve Hill,hill@x.example,Mother\n\
                    S3,Max,9C,9Z Latin,,,\n";

fn doing(apply: bool) -> Doing {
    if apply { Doing::Surely } else { Doing::Trying }
}

async fn outcomes(store: &Store, apply: bool) -> Vec<Outcome> {
    let rows = import::read(FILE.as_bytes()).expect("readable").rows;
    let results = store
        .import(
            Incoming::some(rows),
            (doing(apply), Then::Nothing),
            OFFICE,
            later(0),
        )
        .await
        .expect("done");
    results.results.iter().map(|it| it.outcome).collect()
}

async fn students_are_found_by_their_year(store: Store) {
    let file = |ada: &str, leo: &str| {
        let rows = format!("student id,student,Year group\nS1,Ada Hill,{ada}\nS2,Leo Hill,{leo}\n");
        let rows = format!("{rows}S3,Max Ott,Reception\nS4,Zoe Ott,\n");
        Incoming::some(import::read(rows.as_bytes()).expect("readable").rows)
    };
    let take = async |ada: &str, leo: &str| {
        let done = (Doing::Surely, Then::Nothing);
        let taken = store.import(file(ada, leo), done, OFFICE, later(0)).await;
        let results = taken.expect("done").results;
        results.iter().map(|it| it.outcome).collect::<Vec<_>>()
    };
    let years = async || store.student_lists().await.expect("read").years;
    let listed = |all: &[(&str, i64)]| -> Vec<(String, i64)> {
        all.iter()
            .map(|(year, count)| ((*year).to_owned(), *count))
            .collect()
    };
    take("Year 10", "09").await;
    assert_eq!(
        years().await,
        listed(&[("Reception", 1), ("9", 1), ("10", 1)])
    );
    assert_eq!(take("10", "Yr 9").await, [Outcome::Unchanged; 4], "again");
    assert_eq!(take("", "10").await[1], Outcome::Updated);
    assert_eq!(years().await, listed(&[("Reception", 1), ("10", 2)]));
    let among = Among::Year("10".to_owned());
    let page = store
        .students_among(&among, "", None, 10)
        .await
        .expect("read");
    let names: Vec<_> = page
        .students
        .iter()
        .map(|it| it.about.name.reveal())
        .collect();
    assert_eq!((names, page.total), (vec!["Ada Hill", "Leo Hill"], 2));
    let first = store
        .students_among(&among, "", None, 1)
        .await
        .expect("read");
    let after = Some(first.students[0].id);
    let rest = store
        .students_among(&among, "", after, 1)
        .await
        .expect("read");
    assert_eq!(rest.students, page.students[1..]);
    assert!(first.has_more && !rest.has_more);
    // By hand; and a form that knows nothing of years takes none away.
    let ada = &page.students[0];
    let mut about = ada.about.clone();
    for (given, year) in [(None, "10"), (Some("11"), "11"), (Some(""), "")] {
        about.year = given.map(str::to_owned);
        store
            .change_student(ada.id, &about, OFFICE, later(1))
            .await
            .expect("changed");
        let now = store.student(ada.id).await.expect("read").about.year;
        assert_eq!(now.as_deref(), Some(year));
    }
}

async fn who_is_no_student_is_found_too(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let seen = contact(store, "Seán O'Brien", "sean@home.example", &[]).await;
    let theirs = contact(store, "Sean Obrien", "sob@x.example", &[world.ana]).await;
    let teacher = NewTeacher {
        name: name("Ms Şen"),
        email: Some(email("aylin@school.example")),
        place: None,
    };
    let teacher = store.add_teacher(&teacher, OFFICE, later(0)).await;
    let teacher = teacher.expect("added");
    let found = async |search: &str| {
        let found = store.others_found(search).await.expect("read");
        let teachers: Vec<_> = found.teachers.iter().map(|it| it.0).collect();
        let contacts: Vec<_> = found.contacts.iter().map(|it| it.0).collect();
        (teachers, contacts)
    };
    assert_eq!(found("o brien SEAN").await, (vec![], vec![seen]));
    assert_eq!(found("sean@home").await, (vec![], vec![seen]));
    assert_eq!(found("sen").await, (vec![teacher], vec![]));
    assert_eq!(
        found("ms aylin@School.example").await,
        (vec![teacher], vec![])
    );
    for none in ["", "  ", "sean sob", "s_n", "sean nobody"] {
        assert_eq!(found(none).await, (vec![], vec![]), "{none}");
    }
    // Whoever else of the staff signs in: of the office, or with a room.
    let mut ids = Vec::new();
    for (who, at, rank) in [
        ("Dana Reyes", "dana", school::Rank::Office),
        ("Théo Réyes", "theo", school::Rank::Member),
    ] {
        let staff = store::NewStaff {
            name: name(who),
            email: email(&format!("{at}@school.example")),
            password_hash: "hash".to_owned(),
            rank,
        };
        ids.push(
            store
                .add_staff(&staff, OFFICE, later(0))
                .await
                .expect("added"),
        );
    }
    let staff = async |search: &str| {
        let found = store.others_found(search).await.expect("read");
        found.staff.iter().map(|it| it.0).collect::<Vec<_>>()
    };
    assert_eq!(staff("reyes").await, ids);
    assert_eq!(staff("theo@school").await, ids[1..]);
    assert_eq!(staff("nobody").await, []);
    // Taken off the only student of theirs, they can still be found.
    let alone = NewContact {
        mobile: None,
        name: name("Sean Obrien"),
        email: Some(email("sob@x.example")),
        students: Vec::new(),
    };
    let changed = store.change_contact(theirs, &alone, OFFICE, later(0)).await;
    changed.expect("changed");
    assert_eq!(found("sob@x.example").await, (vec![], vec![theirs]));
}

async fn a_file_is_tried_and_then_taken_whole(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let first = [
        Outcome::Created,
        Outcome::Created,
        Outcome::Created,
        Outcome::Refused,
    ];
    assert_eq!(outcomes(store, false).await, first);
    assert_eq!(
        store.students("hill", None, 9).await.expect("read").total,
        0
    );
    assert_eq!(outcomes(store, true).await, first);
    let page = store.students("HILL", None, 1).await.expect("read");
    assert_eq!(
        (page.total, page.students.len(), page.has_more),
        (2, 1, true)
    );
    let ada = &page.students[0];
    assert_eq!(ada.about.name.reveal(), "Ada Hill");
    assert_eq!(ada.about.classes, Some(vec![world.french, world.maths]));
    let contacts: Vec<_> = ada.contacts.iter().map(|it| it.name.reveal()).collect();
    assert_eq!(contacts, ["Eve Hill", "Tom Hill"]);
    let rest = store.students("hill", Some(ada.id), 9).await.expect("read");
    assert_eq!((rest.students.len(), rest.has_more), (1, false));
    assert_eq!(rest.students[0].contacts[0].id, ada.contacts[0].id);
    let none = store.students("h_ll", None, 9).await.expect("read");
    assert_eq!(none.total, 0);
    let again = [
        Outcome::Unchanged,
        Outcome::Unchanged,
        Outcome::Unchanged,
        Outcome::Refused,
    ];
    assert_eq!(outcomes(store, true).await, again);
}

async fn parents_whom_a_file_brings_are_invited_with_it(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    // An aunt without an address, and somebody who stands in the records already.
    let file = format!(
        "{FILE}S4,Nia Stone,9C,,Ola Stone,,Aunt\nS5,Cleo Santos,7A,,Maria Santos,maria@home.example,Mother\n"
    );
    let rows = import::read(file.as_bytes()).expect("readable").rows;
    let known = store.contact(world.maria).await.expect("there").about.email;
    assert_eq!(known.expect("an address").reveal(), "maria@home.example");
    let invite = async |doing, days: i64| {
        let now = later(0) + SignedDuration::from_hours(24 * days);
        let incoming = Incoming::some(rows.clone());
        let done = store.import(incoming, (doing, Then::Invite), OFFICE, now);
        let invited = done.await.expect("done").invited;
        let invited = invited.map_or(0, |it| it.sent);
        (invited, store.registrations_waiting().await.expect("read"))
    };
    assert_eq!(invite(Doing::Trying, 0).await, (0, 0));
    assert_eq!(invite(Doing::Surely, 0).await, (2, 2));
    // The same file brings nobody.
    assert_eq!(invite(Doing::Surely, 1).await, (0, 2));
}

/// Twelve families, and those whom a list leaves out.
fn whole(without: &[usize]) -> Incoming {
    let mut file = "student id,student,form,guardian,email\n".to_owned();
    for n in (0..12).filter(|it| !without.contains(it)) {
        let name = [
            "Ada", "Ben", "Cal", "Dee", "Eli", "Fay", "Gus", "Hal", "Ivy", "Jon", "Kim", "Lea",
        ][n];
        file.push_str(&format!(
            "S{n},{name} Reed,7A,Mother {name} Reed,{name}@x.example\n"
        ));
    }
    Incoming::all(import::read(file.as_bytes()).expect("readable").rows)
}

async fn import(store: &Store, incoming: Incoming, doing: Doing, days: i64) -> Imported {
    let now = later(0) + SignedDuration::from_hours(24 * days);
    let done = store
        .import(incoming, (doing, Then::Nothing), OFFICE, now)
        .await;
    done.expect("done")
}

async fn contact_of(store: &Store, search: &str) -> Option<ContactId> {
    let page = store.students(search, None, 9).await.expect("read");
    let student = page.students.first()?;
    student.contacts.first().map(|it| it.id)
}

async fn whoever_left_has_no_link_and_may_come_back(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    import(store, whole(&[]), Doing::Surely, 0).await;
    let mother = contact_of(store, "ada reed").await.expect("there");
    let again = import(store, whole(&[]), Doing::Surely, 1).await;
    assert!(again.leaving.is_empty(), "{:?}", again.leaving);
    assert!(
        again
            .results
            .iter()
            .all(|it| it.outcome == Outcome::Unchanged)
    );
    // A row that is refused may be anybody's: nobody leaves.
    let mut refused = whole(&[0]);
    refused.students[0].entry = Err("unreadable".to_owned());
    let tried = import(store, refused, Doing::Trying, 1).await;
    assert!(tried.leaving.is_empty());

    let left = import(store, whole(&[0]), Doing::Surely, 1).await;
    assert!(left.is_done && !left.asks_first);
    assert_eq!(left.leaving.len(), 2, "{:?}", left.leaving);
    let page = store.students("ada reed", None, 9).await.expect("read");
    assert!(page.students[0].gone_at.is_some());
    assert!(page.students[0].contacts.is_empty());
    let contact = store.contact(mother).await.expect("kept");
    assert!(contact.gone_at.is_some() && contact.about.students.is_empty());
    let again = import(store, whole(&[0]), Doing::Surely, 2).await;
    assert!(again.leaving.is_empty());

    let back = import(store, whole(&[]), Doing::Surely, 3).await;
    let ada = back.results.iter().find(|it| it.name == "Ada Reed");
    let ada = ada.expect("a row");
    assert_eq!(ada.does[0], "Ada Reed is back");
    assert_eq!(contact_of(store, "ada reed").await, Some(mother));
    let page = store.students("ada reed", None, 9).await.expect("read");
    assert_eq!(page.total, 1);

    import(store, whole(&[0]), Doing::Surely, 4).await;
    let years = later(0) + SignedDuration::from_hours(24 * 600);
    store.erase_expired(years).await.expect("done");
    assert!(store.contact(mother).await.is_err());
    let page = store.students("ada reed", None, 9).await.expect("read");
    assert_eq!(page.total, 0);
}

async fn what_the_office_entered_stays(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    import(store, whole(&[]), Doing::Surely, 0).await;
    let before = store.contacts().await.expect("read").len();
    // Its own students and their contacts are by hand.
    let page = store.students("ben reed", None, 9).await.expect("read");
    let ben = page.students[0].id;
    let by_hand = NewContact {
        mobile: None,
        name: school::Name::read("Grace Reed").expect("a name"),
        email: None,
        students: vec![Guardian {
            student: ben,
            relationship: "Aunt".to_owned(),
        }],
    };
    let aunt = store.add_contact(&by_hand, OFFICE, later(0)).await;
    let aunt = aunt.expect("added");
    let many = import(store, whole(&[1, 2, 3]), Doing::Surely, 1).await;
    assert!(many.asks_first && !many.is_done, "six of twenty-four");
    let page = store.students("ben reed", None, 9).await.expect("read");
    assert!(page.students[0].gone_at.is_none());
    let many = import(store, whole(&[1, 2, 3]), Doing::AllTheSame, 1).await;
    assert!(many.is_done);
    let students = many.leaving.iter();
    let students = students.filter(|it| matches!(it, Leaving::Student(..)));
    assert_eq!(students.count(), 3);
    assert!(store.contact(aunt).await.expect("kept").gone_at.is_none());
    assert_eq!(store.contacts().await.expect("read").len(), before + 1);
    let all = store.students("", None, 100).await.expect("read");
    assert!(all.students.iter().all(|it| it.gone_at.is_none()));
    let of_world = store.students("santos", None, 9).await.expect("read");
    assert!(of_world.students.iter().all(|it| it.gone_at.is_none()));
    let unknown = store.bring_back_student(school::StudentId(1), OFFICE, later(0));
    assert!(matches!(
        unknown.await,
        Err(Error::Refused(Refusal::NotFound))
    ));
    store
        .bring_back_student(ben, OFFICE, later(0))
        .await
        .expect("back");
    let page = store.students("ben reed", None, 9).await.expect("read");
    assert_eq!(page.students[0].contacts.len(), 1, "the aunt");
}

const STAFF: &str = "Staff code,Name,E-mail\nNOK,Ngozi Okafor,okafor@school.example\n\
                     TBR,Tom Quill,quill@school.example\n,Jo Hall,hall@school.example\n";
const CLASSES: &str = "Class,Class ID,Subject,Teacher\n9Z/Ma,091,Mathematics,Okafor; Quill\n\
                       9Z/Mu,092,Music,Quill\n";
const PUPILS: &str = "Student ID,Student,Class,Teacher,Guardian,E-mail\n\
                      P1,Zoe Park,9Z/Ma,Okafor; Quill,Ivy Park,ivy@home.example\n\
                      P1,Zoe Park,9Z/Fr,Jo Hall,Ivy Park,ivy@home.example\n";

fn list(file: &str, is_whole: bool) -> Incoming {
    let table = import::read(file.as_bytes()).expect("readable");
    table.incoming(is_whole)
}

/// A list without the lines that say this.
fn without(list: &str, who: &str) -> String {
    let lines = list.lines().filter(|it| !it.contains(who));
    lines.map(|it| format!("{it}\n")).collect()
}

/// Who takes each class that these lists bring.
async fn takers(store: &Store) -> Vec<(String, Vec<TeacherId>)> {
    let classes = store.classes().await.expect("read").into_iter();
    let classes = classes.map(|it| {
        let teachers = it.teachers.as_slice().to_vec();
        (it.name.as_str().to_owned(), teachers)
    });
    let mut classes: Vec<_> = classes.filter(|it| it.0.starts_with("9Z")).collect();
    classes.sort();
    classes
}

async fn teacher_of(store: &Store, who: &str) -> Option<TeacherId> {
    let teachers = store.teachers().await.expect("read");
    let found = teachers
        .into_iter()
        .find(|it| it.about.name.reveal() == who);
    found.map(|it| it.id)
}

async fn staff_and_classes_come_in_by_lists_and_leave_by_whole_ones(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let by_hand = store.teachers().await.expect("read").len();
    for (file, rows) in [(STAFF, 3), (CLASSES, 2), (PUPILS, 4)] {
        let tried = import(store, list(file, true), Doing::Trying, 0).await;
        assert!(!tried.is_done && tried.leaving.is_empty(), "{file}");
        let done = import(store, list(file, true), Doing::Surely, 0).await;
        let refused = done
            .results
            .iter()
            .filter(|it| it.outcome == Outcome::Refused);
        assert_eq!(
            (done.results.len(), refused.count()),
            (rows, 0),
            "{:?}",
            done.results
        );
        assert_eq!(done.results, tried.results);
        // In whatever order, again nothing changes.
        for file in [STAFF, CLASSES] {
            if file == CLASSES && takers(store).await.is_empty() {
                continue;
            }
            let again = import(store, list(file, false), Doing::Surely, 0).await;
            let mut results = again.results.iter();
            assert!(
                results.all(|it| it.outcome == Outcome::Unchanged),
                "{file}: {:?}",
                again.results
            );
        }
    }
    let [okafor, quill, hall] = ["Ngozi Okafor", "Tom Quill", "Jo Hall"];
    let id = async |who| teacher_of(store, who).await.expect("they are here");
    let (okafor, quill, hall) = (id(okafor).await, id(quill).await, id(hall).await);
    let expected = [
        ("9Z/Fr".to_owned(), vec![hall]),
        ("9Z/Ma".to_owned(), vec![okafor, quill]),
        ("9Z/Mu".to_owned(), vec![quill]),
    ];
    assert_eq!(takers(store).await, expected);
    let zoe = store.students("zoe park", None, 9).await.expect("read");
    let classes = zoe.students[0].about.classes.as_ref();
    assert_eq!(classes.map(Vec::len), Some(2));

    // A class is gone by a list of all classes, and whoever took it alone by one of all teachers.
    let fewer = without(CLASSES, "9Z/Mu");
    let tried = import(store, list(&fewer, true), Doing::Surely, 1).await;
    assert!(tried.asks_first && !tried.is_done, "of three classes two");
    let done = import(store, list(&fewer, true), Doing::AllTheSame, 1).await;
    assert_eq!(done.leaving.len(), 2, "{:?}", done.leaving);
    assert_eq!(
        takers(store).await,
        [("9Z/Ma".to_owned(), vec![okafor, quill])]
    );
    let alone = CLASSES.replace("; Quill", "");
    import(store, list(&alone, false), Doing::Surely, 1).await;
    let gone = without(STAFF, "Hall");
    let tried = import(store, list(&gone, true), Doing::Surely, 2).await;
    assert!(tried.asks_first && !tried.is_done, "one of three");
    import(store, list(&gone, true), Doing::AllTheSame, 2).await;
    assert_eq!(teacher_of(store, "Jo Hall").await, None);
    assert_eq!(
        store.teachers().await.expect("read").len(),
        by_hand + 2,
        "by hand, they stay"
    );

    // Whoever is back is the same, with or without an id, and takes a class by the same list.
    let back = import(store, list(STAFF, false), Doing::Surely, 3).await;
    assert_eq!(back.results[2].does, ["Jo Hall is back"]);
    assert_eq!(teacher_of(store, "Jo Hall").await, Some(hall));
    import(store, list(&gone, true), Doing::AllTheSame, 4).await;
    let class = "Class,Teacher,Teacher e-mail\n9Z/La,Jo Hall,hall@school.example\n";
    import(store, list(class, false), Doing::Surely, 5).await;
    let latin = takers(store).await.into_iter().find(|it| it.0 == "9Z/La");
    assert_eq!(latin, Some(("9Z/La".to_owned(), vec![hall])));
}
