//! What accounts of the staff are in the school, and who manages an evening (OPS-7).

use std::collections::BTreeSet;

use school::{EveningId, Rank, Refusal, Right, StaffId};
use store::{NewStaff, Store};

use crate::places::on_both;
use crate::world::{OFFICE, World, email, later, name, now, refused};

on_both!(
    the_last_owner_stays_one,
    of_two_owners_who_lower_each_other_at_once_one_stays,
    a_session_is_of_the_rank_of_now,
    whoever_manages_an_evening_does_so_until_they_are_named_no_more,
    whoever_is_removed_manages_nothing_and_comes_back_as_what_is_said,
);

async fn add(store: &Store, who: &str, hash: &str, rank: Rank) -> StaffId {
    let new = NewStaff {
        name: name(who),
        email: email(&format!("{who}@school.example")),
        password_hash: hash.to_owned(),
        rank,
    };
    store.add_staff(&new, OFFICE, now()).await.expect("added")
}

async fn rank_of(store: &Store, staff: StaffId) -> Rank {
    let all = store.staff().await.expect("read");
    let one = all.iter().find(|it| it.id == staff);
    one.expect("there").rank
}

async fn the_last_owner_stays_one(store: Store) {
    assert!(!store.has_owner().await.expect("read"));
    let ada = add(&store, "ada", "hash", Rank::Owner).await;
    let bo = add(&store, "bo", "hash", Rank::Office).await;
    assert!(store.has_owner().await.expect("read"));
    // One who has not signed in yet is none to rely on.
    add(&store, "cy", "", Rank::Owner).await;
    for lower in [Rank::Office, Rank::Viewer, Rank::Member] {
        let last = store.set_rank(ada, lower, OFFICE, now()).await;
        assert_eq!(refused(last), Refusal::LastAccount);
    }
    let last = store.disable_staff(ada, OFFICE, now()).await;
    assert_eq!(
        refused(last),
        Refusal::LastAccount,
        "of the office is not enough"
    );
    let nobody = store.set_rank(StaffId(7), Rank::Owner, OFFICE, now()).await;
    assert_eq!(refused(nobody), Refusal::NotFound);
    let same = store.set_rank(ada, Rank::Owner, OFFICE, now()).await;
    same.expect("nothing to do");
    store
        .set_rank(bo, Rank::Owner, OFFICE, now())
        .await
        .expect("made");
    store
        .set_rank(ada, Rank::Viewer, OFFICE, now())
        .await
        .expect("made");
    assert_eq!(rank_of(&store, ada).await, Rank::Viewer);
    assert_eq!(rank_of(&store, bo).await, Rank::Owner);
    let log = store.audit_log(None, 100).await.expect("read");
    let of = |action: &str, staff: StaffId| {
        let subject = format!("staff:{staff}");
        log.iter()
            .filter(|it| it.action == action && it.subject == subject)
            .count()
    };
    assert_eq!((of("made_owner", bo), of("made_viewer", ada)), (1, 1));
    assert_eq!(of("made_owner", ada), 0, "she was one already");
    store
        .disable_staff(ada, OFFICE, now())
        .await
        .expect("removed");
    let gone = store.set_rank(ada, Rank::Owner, OFFICE, now()).await;
    assert_eq!(refused(gone), Refusal::NotFound);
}

async fn of_two_owners_who_lower_each_other_at_once_one_stays(store: Store) {
    let mut one = add(&store, "first", "hash", Rank::Owner).await;
    for round in 0..8 {
        let other = add(&store, &format!("other{round}"), "hash", Rank::Owner).await;
        let (a, b) = tokio::join!(
            store.set_rank(one, Rank::Office, OFFICE, now()),
            store.set_rank(other, Rank::Office, OFFICE, now()),
        );
        let stayed = if a.is_ok() { b } else { a };
        assert_eq!(refused(stayed), Refusal::LastAccount);
        let all = store.staff().await.expect("read");
        let owners: Vec<_> = all.iter().filter(|it| it.rank == Rank::Owner).collect();
        assert_eq!(owners.len(), 1);
        one = owners[0].id;
    }
}

async fn a_session_is_of_the_rank_of_now(store: Store) {
    add(&store, "ada", "hash", Rank::Owner).await;
    let bo = add(&store, "bo", "hash", Rank::Office).await;
    let cookie = [7; 32];
    let begun = store.begin_session((bo, None), (&cookie, &[0; 32]), later(600), now());
    begun.await.expect("begun");
    for rank in [Rank::Office, Rank::Owner, Rank::Viewer, Rank::Member] {
        store.set_rank(bo, rank, OFFICE, now()).await.expect("made");
        let held = store.session(&cookie, now()).await.expect("read");
        assert_eq!(held.expect("it lives").standing.rank, rank);
    }
}

async fn whoever_manages_an_evening_does_so_until_they_are_named_no_more(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let ada = add(store, "ada", "hash", Rank::Member).await;
    let bo = add(store, "bo", "hash", Rank::Member).await;
    let cookie = [7; 32];
    let begun = store.begin_session((ada, None), (&cookie, &[0; 32]), later(600), now());
    begun.await.expect("begun");
    let standing = async || {
        let held = store.session(&cookie, now()).await.expect("read");
        held.expect("it lives").standing
    };
    assert!(!standing().await.is_at_the_office());
    let name = async |whom: &[StaffId]| {
        let whom = whom.iter().copied().collect();
        store
            .set_managers(world.evening, &whom, OFFICE, now())
            .await
    };
    name(&[ada, bo]).await.expect("named");
    assert_eq!(standing().await.evenings, BTreeSet::from([world.evening]));
    assert!(standing().await.may(Right::Evening, Some(world.evening)));
    assert!(!standing().await.may(Right::Evening, Some(EveningId(7))));
    // Nobody is named in part.
    assert_eq!(refused(name(&[bo, StaffId(7)]).await), Refusal::NotFound);
    let all = store.managers(world.evening).await.expect("read");
    assert_eq!(all, BTreeSet::from([ada, bo]));
    let other = store.set_managers(EveningId(7), &all, OFFICE, now()).await;
    assert_eq!(refused(other), Refusal::NotFound);
    assert_eq!(
        refused(store.managers(EveningId(7)).await),
        Refusal::NotFound
    );
    name(&[bo]).await.expect("named");
    assert!(!standing().await.is_at_the_office());
    let log = store.audit_log(None, 100).await.expect("read");
    let count = |action: &str| log.iter().filter(|it| it.action == action).count();
    assert_eq!((count("manager_added"), count("manager_removed")), (2, 1));
}

async fn whoever_is_removed_manages_nothing_and_comes_back_as_what_is_said(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    add(store, "ada", "hash", Rank::Owner).await;
    let bo = add(store, "bo", "hash", Rank::Office).await;
    let whom = BTreeSet::from([bo]);
    let named = store
        .set_managers(world.evening, &whom, OFFICE, now())
        .await;
    named.expect("named");
    store
        .disable_staff(bo, OFFICE, now())
        .await
        .expect("removed");
    assert_eq!(
        store.managers(world.evening).await.expect("read"),
        BTreeSet::new()
    );
    let named = store
        .set_managers(world.evening, &whom, OFFICE, now())
        .await;
    assert_eq!(refused(named), Refusal::NotFound, "they sign in no longer");
    let who = (&name("Bo"), &email("bo@school.example"), Rank::Member);
    let again = store.invite_staff(who, (&[7; 32], later(60)), OFFICE, now());
    assert_eq!(again.await.expect("invited"), bo);
    assert_eq!(rank_of(store, bo).await, Rank::Member);
}
