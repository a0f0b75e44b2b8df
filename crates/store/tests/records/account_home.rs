//! What an account shows of evenings: whatever is booked, and those that are over (DIR-9).

use school::{AccountId, Refusal, StudentId};
use store::{Guardian, NewContact, NewStudent, Registering, Store};

use crate::places::on_both;
use crate::registrations::{invited, register};
use crate::world::{OFFICE, World, email, later, name, now, refused};

on_both!(
    what_is_booked_is_shown_in_whichever_class_the_student_is_now,
    an_evening_that_is_over_is_shown_and_opens_nothing,
    whoever_has_said_nothing_of_themselves_is_known_by_it
);

async fn registered(world: &World) -> AccountId {
    let link = invited(&world.store, world.maria, now()).await;
    let anew = Registering::Anew("a hash".to_owned());
    let registered = register(&world.store, &link, anew, now()).await;
    registered.expect("registered").0
}

/// Moves a student out of every class.
async fn moved(store: &Store, student: StudentId) {
    let about = NewStudent {
        name: name("Ana Santos"),
        form: "8B".to_owned(),
        year: None,
        source: None,
        classes: Some(Vec::new()),
    };
    let changed = store.change_student(student, &about, OFFICE, now()).await;
    changed.expect("changed");
}

async fn what_is_booked_is_shown_in_whichever_class_the_student_is_now(store: Store) {
    let world = World::new(store).await;
    let account = registered(&world).await;
    let store = &world.store;
    let booked = world.book(world.maria, world.ana, world.french, 1).await;
    let booked = booked.expect("booked");
    moved(store, world.ana).await;
    moved(store, world.ben).await;
    let shown = async |at| {
        store
            .account_home(account, at)
            .await
            .expect("read")
            .evenings
    };
    let evenings = shown(now()).await;
    let [evening] = &*evenings else {
        panic!("{evenings:?}")
    };
    assert_eq!(
        (evening.evening.id, evening.contact),
        (world.evening, world.maria)
    );
    let ids: Vec<_> = evening.appointments.iter().map(|it| it.id).collect();
    assert_eq!(ids, [booked.id]);
    let of = (world.evening, world.maria);
    let takes_part = store.check_takes_part(account, of, now()).await;
    takes_part.expect("theirs");
    // Whom they are no guardian of any more they are shown nothing of.
    let about = NewContact {
        mobile: None,
        name: name("Maria Santos"),
        email: Some(email("maria@home.example")),
        students: vec![Guardian {
            student: world.ben,
            relationship: String::new(),
        }],
    };
    let unlinked = store
        .change_contact(world.maria, &about, OFFICE, later(1))
        .await;
    unlinked.expect("ended");
    assert!(shown(later(1)).await.is_empty());
}

async fn an_evening_that_is_over_is_shown_and_opens_nothing(store: Store) {
    let world = World::new(store).await;
    let account = registered(&world).await;
    let store = &world.store;
    let booked = world.book(world.maria, world.ana, world.french, 1).await;
    let booked = booked.expect("booked");
    let over = "2026-11-25T12:00:00Z".parse().expect("a moment");
    let home = store.account_home(account, over).await.expect("read");
    let [evening] = &*home.evenings else {
        panic!("{:?}", home.evenings)
    };
    assert!(evening.is_over);
    let ids: Vec<_> = evening.appointments.iter().map(|it| it.id).collect();
    assert_eq!(ids, [booked.id]);
    let of = (world.evening, world.maria);
    let takes_part = store.check_takes_part(account, of, over).await;
    assert_eq!(refused(takes_part), Refusal::NotFound);
}

async fn whoever_has_said_nothing_of_themselves_is_known_by_it(store: Store) {
    let world = World::new(store).await;
    let account = registered(&world).await;
    let store = &world.store;
    let said = async || {
        let home = store.account_home(account, now()).await.expect("read");
        home.people[0].has_said
    };
    assert!(!said().await);
    let home = store.account_home(account, now()).await.expect("read");
    let same = home.people[0].details.clone();
    let changed = store
        .change_details((account, world.maria), &same, now())
        .await;
    changed.expect("changed");
    assert!(said().await);
}
