//! What had ended stays so when a backup takes the place of the records, and keys are known again.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use links::KeyId;
use store::{
    Error, Fault, Guardian, Holder, Keys, LinkState, NewContact, NewStaff, NewStudent, Place, Store,
};

use crate::places::{OPTIONS, fresh_folder, fresh_postgres};
use crate::world::{OFFICE, World, contact, email, later, name, now};

async fn open(folder: &tempfile::TempDir, file: &str) -> Store {
    let place = Place::Sqlite(folder.path().join(file));
    Store::open(&place, OPTIONS).await.expect("open")
}

fn account(who: &str) -> NewStaff {
    NewStaff {
        name: name(who),
        email: email(&format!("{who}@school.example")),
        password_hash: format!("hash of {who}"),
    }
}

async fn state_of(store: &Store, holder: Holder, evening: school::EveningId) -> Vec<LinkState> {
    let links = store.links_of_evening(evening, now()).await.expect("read");
    links
        .iter()
        .filter(|it| it.holder == holder)
        .map(|it| it.state)
        .collect()
}

#[tokio::test]
async fn everything_that_had_ended_ends_in_the_backup_too() {
    let folder = fresh_folder();
    let world = World::new(open(&folder, "a").await).await;
    let (store, evening) = (&world.store, world.evening);
    let mut invited = Vec::new();
    for (parent, who, student) in [
        (world.maria, "Rui", world.ana),
        (world.omar, "Deniz", world.cem),
        (world.paul, "Ines", world.ana),
    ] {
        let at = format!("{who}@guests.example");
        let invitation = world.invite(parent, who, &at, &[student]).await;
        invited.push(invitation.expect("invited").id);
    }
    let booked = world.book(world.maria, world.ana, world.maths, 0).await;
    let booked = booked.expect("booked").id;
    let stays = world.book(world.omar, world.cem, world.maths, 1).await;
    let stays = stays.expect("booked").id;
    let child = NewStudent {
        name: name("Dora Demir"),
        form: "7A".to_owned(),
        source: None,
        classes: None,
    };
    let dora = store
        .add_student(&child, OFFICE, now())
        .await
        .expect("added");
    let theirs = contact(store, "Gone Person", "gone@home.example", &[dora]).await;
    let ada = store
        .add_staff(&account("ada"), OFFICE, now())
        .await
        .expect("added");
    let bo = store
        .add_staff(&account("bo"), OFFICE, now())
        .await
        .expect("added");
    let cookie = [7; 32];
    store
        .begin_session(ada, &cookie, later(600), now())
        .await
        .expect("signed in");
    store
        .hand_out_link(evening, Holder::Parent(world.paul), OFFICE, now())
        .await
        .expect("handed out");
    let copy = folder.path().join("copy");
    store.backup(&copy).await.expect("copied");

    // What ends after the backup.
    store
        .remove_invitation(invited[2], OFFICE, now())
        .await
        .expect("removed");
    store
        .change_address(invited[1], &email("deniz@other.example"), OFFICE, now())
        .await
        .expect("changed");
    store
        .cancel_booking(world.maria, booked, OFFICE, now())
        .await
        .expect("cancelled");
    store
        .set_court_order(world.paul, OFFICE, now())
        .await
        .expect("entered");
    let barred = contact(store, "New Person", "new@home.example", &[world.ben]).await;
    store
        .set_court_order(barred, OFFICE, now())
        .await
        .expect("entered");
    store
        .erase_contact(theirs, OFFICE, now())
        .await
        .expect("erased");
    store
        .erase_student(dora, OFFICE, now())
        .await
        .expect("erased");
    let without_ben = NewContact {
        name: name("Maria Santos"),
        email: Some(email("maria@home.example")),
        students: vec![Guardian {
            student: world.ana,
            relationship: "Parent".to_owned(),
        }],
    };
    store
        .change_contact(world.maria, &without_ben, OFFICE, now())
        .await
        .expect("changed");
    store.disable_staff(bo, OFFICE, now()).await.expect("ended");
    store
        .change_password(ada, "another hash", OFFICE, now())
        .await
        .expect("changed");
    let minute = SignedDuration::from_mins(1);
    for _ in 0..5 {
        for mail in store
            .claim_mail(50, minute, later(5))
            .await
            .expect("claimed")
        {
            store
                .mail_sent(mail.id, mail.lease, later(5))
                .await
                .expect("sent");
        }
    }

    let restored = open(&folder, "copy").await;
    let last = store.last_standing().await.expect("read");
    let carried = restored
        .carry_over(&last, later(10))
        .await
        .expect("carried");
    assert!(
        !carried.are_strangers && !carried.have_branched,
        "{carried:?}"
    );
    assert_eq!(
        (carried.orders, carried.erased, carried.staff),
        (2, 2, 2),
        "{carried:?}"
    );
    assert_eq!(
        (carried.cancelled, carried.guardians),
        (1, 1),
        "{carried:?}"
    );
    assert_eq!(carried.teachers_left, 0);

    for guest in [invited[2], invited[1]] {
        let states = state_of(&restored, Holder::Guest(guest), evening).await;
        assert!(
            states.iter().all(|it| *it == LinkState::Withdrawn),
            "{states:?}"
        );
    }
    let states = state_of(&restored, Holder::Guest(invited[0]), evening).await;
    assert_eq!(states, [LinkState::Live], "what had not ended stands");
    let states = state_of(&restored, Holder::Parent(world.paul), evening).await;
    assert!(
        states.iter().all(|it| *it == LinkState::Withdrawn),
        "{states:?}"
    );
    let all = restored
        .invitations_of_evening(evening)
        .await
        .expect("read");
    let moved = all.iter().find(|it| it.id == invited[1]).expect("there");
    assert_eq!(moved.email, email("deniz@other.example"));
    let booked: BTreeSet<_> = restored
        .appointments_of_evening(evening)
        .await
        .expect("read")
        .iter()
        .map(|it| it.id)
        .collect();
    assert_eq!(booked, BTreeSet::from([stays]));
    for (who, students) in [(world.paul, 1), (barred, 1), (world.maria, 1)] {
        let contact = restored.contact(who).await.expect("there");
        assert_eq!(contact.court_order_at.is_some(), who != world.maria);
        assert_eq!(contact.about.students.len(), students);
    }
    restored.contact(theirs).await.expect_err("erased");
    let staff = restored.staff().await.expect("read");
    let of = |id| staff.iter().find(|it| it.id == id).expect("there");
    assert_eq!(of(ada).password_hash, "another hash");
    assert!(of(bo).disabled_at.is_some());
    let session = restored.session(&cookie, now()).await.expect("read");
    assert!(session.is_none(), "everybody signs in again");
    let again = restored
        .claim_mail(50, minute, later(60))
        .await
        .expect("claimed");
    assert!(again.is_empty(), "nothing is sent twice: {again:?}");
    assert!(restored.check_audit_log().await.expect("read").is_ok());
    restored.check_integrity().await.expect("whole");

    // Again, from the records that were put back: nothing is left to end.
    let twice = restored.last_standing().await.expect("read");
    let carried = restored
        .carry_over(&twice, later(11))
        .await
        .expect("carried");
    assert_eq!((carried.orders, carried.removed, carried.erased), (0, 0, 0));
}

/// Records that went another way, and others altogether.
#[tokio::test]
async fn nobody_is_erased_because_other_records_do_not_know_them() {
    let folder = fresh_folder();
    let world = World::new(open(&folder, "a").await).await;
    let copy = folder.path().join("copy");
    world.store.backup(&copy).await.expect("copied");
    // The backup went on by itself: both have what the other has not.
    let other = open(&folder, "copy").await;
    let here = contact(&other, "Only Here", "here@home.example", &[world.ana]).await;
    world
        .store
        .erase_contact(world.paul, OFFICE, now())
        .await
        .expect("erased");
    let last = world.store.last_standing().await.expect("read");
    let carried = other.carry_over(&last, later(1)).await.expect("carried");
    assert!(carried.have_branched, "{carried:?}");
    other.contact(here).await.expect("nobody erased them");
    other
        .contact(world.paul)
        .await
        .expect_err("the log says so");

    let strangers = World::new(open(&folder, "b").await).await;
    let last = strangers.store.last_standing().await.expect("read");
    let carried = other.carry_over(&last, later(2)).await.expect("carried");
    assert!(carried.are_strangers);
    other.contact(here).await.expect("there");
}

async fn other_keys_are_refused(place: Place) {
    let folders = [fresh_folder(), fresh_folder()];
    let [one, other] = [0, 1].map(|it| folders[it].path());
    let first = Store::open(&place, OPTIONS).await.expect("open");
    let number = first.know_keys(None, one).await.expect("nothing is out");
    let keys = Keys::make(one, number).expect("room");
    first.know_keys(Some(&keys), one).await.expect("new");
    let world = World::new(first).await;
    world
        .invite(world.maria, "Rui", "rui@x.example", &[world.ana])
        .await
        .expect("invited");
    // A second program, with keys of its own.
    let second = Store::open(&place, OPTIONS).await.expect("open");
    let theirs = Keys::make(other, KeyId(1)).expect("room");
    let refused = second.know_keys(Some(&theirs), other).await;
    assert!(
        matches!(refused, Err(Error::Fault(Fault::OtherKeys { .. }))),
        "{refused:?}"
    );
    let refused = second.know_keys(None, other).await;
    assert!(
        matches!(refused, Err(Error::Fault(Fault::KeysMissing { .. }))),
        "{refused:?}"
    );
    second.know_keys(Some(&keys), one).await.expect("the same");
    let (next, ended) = second.end_all_links(now()).await.expect("ended");
    assert!(next > number && ended > 0);
    let (renewed, before) = Keys::renew(one, next, now()).expect("room");
    assert!(before.is_some());
    second.know_keys(Some(&renewed), one).await.expect("new");
    second.close().await;
    world.store.close().await;
}

#[tokio::test]
async fn two_programs_with_different_keys_do_not_share_records() {
    let folder = fresh_folder();
    other_keys_are_refused(Place::Sqlite(folder.path().join("a"))).await;
    other_keys_are_refused(fresh_postgres().await).await;
}
