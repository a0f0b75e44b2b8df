//! An id that somebody had who was erased, and that the source gives to somebody else afterwards (DIR-1).

use school::StudentId;
use school::import::{self, Outcome, RowResult};
use store::{Doing, NewStudent, Store, Then};

use crate::places::on_both;
use crate::world::{OFFICE, later, name};

on_both!(who_has_the_id_of_somebody_erased_is_said_and_may_come_in);

const LIST: &str = "Student,Student ID,Homeroom,Guardian,Guardian ID,E-mail\n";
const MIA: &str = "Mia Kim,1,4b,Anna Kim,G1,anna@x.example\n";
const LEO: &str = "Leo Kim,2,4b,Bob Kim,G2,bob@x.example\n";
const STAFF: &str = "Staff code,Name,E-mail\n";

/// Imports a list, and gives the result of its last row.
async fn import(store: &Store, file: &str) -> RowResult {
    let listed = import::read(file.as_bytes()).expect("readable");
    let doing = (Doing::AllTheSame, Then::Nothing);
    let done = store.import(listed.incoming(false), doing, OFFICE, later(0));
    done.await.expect("done").results.pop().expect("a row")
}

fn refuses(row: &RowResult, place: &str, id: &str) {
    let says = format!("In {place}: somebody who was erased here had the id {id}.");
    assert!(row.reason.starts_with(&says), "{row:?}");
    assert_eq!(row.outcome, Outcome::Refused);
}

async fn found(store: &Store, who: &str) -> Option<StudentId> {
    let page = store.students(who, None, 9).await.expect("read");
    page.students.first().map(|it| it.id)
}

async fn who_has_the_id_of_somebody_erased_is_said_and_may_come_in(store: Store) {
    let store = &store;
    import(store, &format!("{LIST}{MIA}{LEO}")).await;
    import(store, &format!("{STAFF}TBR,Tom Brandt,\n")).await;
    let mia = found(store, "mia").await.expect("she is here");
    let bob = store.contacts().await.expect("read").into_iter();
    let mut bob = bob.filter(|it| it.about.name.reveal() == "Bob Kim");
    let bob = bob.next().expect("he is here").id;
    let tom = store.teachers().await.expect("read").remove(0).id;
    for erased in [
        store.erase_student(mia, OFFICE, later(1)).await,
        store.erase_contact(bob, OFFICE, later(1)).await,
        store.erase_teacher(tom, OFFICE, later(1)).await,
    ] {
        erased.expect("erased");
    }
    // Those who were erased stay so, however the list writes them.
    for row in [MIA, "\"KIM, Mia\",01,4b,,,\n", "Mia Meyer,1,5c,,,\n"] {
        let row = import(store, &format!("{LIST}{row}")).await;
        assert_eq!(row.outcome, Outcome::Unchanged, "{row:?}");
        assert!(row.does[0].contains("was erased here"), "{row:?}");
    }
    let row = import(store, &format!("{LIST}{LEO}")).await;
    assert!(
        row.does[0].starts_with("Bob Kim was erased here"),
        "{row:?}"
    );
    // Somebody else is said, and nothing of their row is taken.
    let bo = format!("{LIST}Bo Li,1,4b,Wu Li,G3,wu@x.example\n");
    refuses(&import(store, &bo).await, "student id", "1");
    let carl = format!("{LIST}Leo Kim,2,5c,Carl Roe,G2,carl@x.example\n");
    refuses(&import(store, &carl).await, "guardian id", "G2");
    let ida = format!("{STAFF}TBR,Ida Roe,\n");
    refuses(&import(store, &ida).await, "teacher id", "TBR");
    assert_eq!(found(store, "bo li").await, None);
    // Once added by hand, they come in.
    let by_hand = NewStudent {
        name: name("Bo Li"),
        form: "4b".to_owned(),
        year: None,
        source: None,
        classes: None,
    };
    let added = store.add_student(&by_hand, OFFICE, later(2)).await;
    added.expect("added");
    assert_eq!(import(store, &bo).await.outcome, Outcome::Created);
    let page = store.students("bo li", None, 9).await.expect("read");
    let [bo] = &*page.students else {
        panic!("{:?}", page.students)
    };
    assert_eq!(bo.about.source.as_deref(), Some("1"));
    assert_eq!(bo.contacts.len(), 1);
}
