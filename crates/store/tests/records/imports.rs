//! Students and contacts out of a file.

use school::import::{self, Outcome};
use store::Store;

use crate::places::on_both;
use crate::world::{OFFICE, World, later};

on_both!(a_file_is_tried_and_then_taken_whole);

const FILE: &str = "student id,student,form,classes,contact,email,relationship\n\
                    S1,Ada Hill,7A,8B French;8B Maths,Eve Hill,hill@x.example,Mother\n\
                    S1,Ada Hill,7A,,Tom Hill,hill@x.example,Father\n\
                    S2,Leo Hill,9C,8B French,Eve Hill,hill@x.example,Mother\n\
                    S3,Max,9C,9Z Latin,,,\n";

async fn outcomes(store: &Store, apply: bool) -> Vec<Outcome> {
    let rows = import::read(FILE.as_bytes()).expect("readable").rows;
    let results = store
        .import_students(&*rows, apply, OFFICE, later(0))
        .await
        .expect("done");
    results.results.iter().map(|it| it.outcome).collect()
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
