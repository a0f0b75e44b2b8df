//! Students and contacts out of a file.

use jiff::SignedDuration;
use school::import::{self, Incoming, Leaving, Outcome};
use school::{ContactId, Refusal};
use store::{Doing, Error, Guardian, Imported, NewContact, NewTeacher, Store, Then};

use crate::places::on_both;
use crate::world::{OFFICE, World, contact, email, later, name};

on_both!(
    a_file_is_tried_and_then_taken_whole,
    parents_whom_a_file_brings_are_invited_with_it,
    whoever_left_has_no_link_and_may_come_back,
    what_the_office_entered_stays,
    who_is_no_student_is_found_too
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
