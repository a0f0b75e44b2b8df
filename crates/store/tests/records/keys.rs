//! The records know their keys again, and nobody makes others beside them.

use links::KeyId;
use store::{Error, Fault, Keys, Place, Store};

use crate::places::{OPTIONS, fresh_folder, fresh_postgres};
use crate::world::{World, now};

async fn other_keys_are_refused(place: Place) {
    let folders = [fresh_folder(), fresh_folder()];
    let [one, other] = [0, 1].map(|it| folders[it].path());
    let first = Store::open(&place, OPTIONS).await.expect("open");
    first.know_keys(None, one).await.expect("none is needed");
    let keys = first.make_keys(one).await.expect("the first");
    // Before a link is out: a second machine, without the keys of the first, or with others that it made.
    let early = Store::open(&place, OPTIONS).await.expect("open");
    let refused = early.make_keys(other).await;
    assert!(
        matches!(refused, Err(Error::Fault(Fault::KeysMissing { .. }))),
        "{refused:?}"
    );
    assert!(Keys::read(other).expect("read").is_none(), "none was made");
    for number in [1, 2] {
        let made = fresh_folder();
        let theirs = Keys::make(made.path(), KeyId(number)).expect("room");
        let refused = early.know_keys(Some(&theirs), made.path()).await;
        assert!(
            matches!(refused, Err(Error::Fault(Fault::OtherKeys { id: 1, .. }))),
            "{number}: {refused:?}"
        );
    }
    early.know_keys(Some(&keys), one).await.expect("brought");
    early.close().await;
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
    assert!(next > keys.current && ended > 0);
    let (renewed, before) = Keys::renew(one, next, now()).expect("room");
    assert!(before.is_some());
    second.remember_new_keys(&renewed).await.expect("new");
    second.know_keys(Some(&renewed), one).await.expect("known");
    second.close().await;
    world.store.close().await;
}

#[tokio::test]
async fn two_programs_with_different_keys_do_not_share_records() {
    let folder = fresh_folder();
    other_keys_are_refused(Place::Sqlite(folder.path().join("a"))).await;
    other_keys_are_refused(fresh_postgres().await).await;
}

/// The first start of two machines at once: one makes the keys, and the other is to bring them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_programs_that_begin_at_once_one_makes_the_keys() {
    for _ in 0..10 {
        let place = fresh_postgres().await;
        let folders = [fresh_folder(), fresh_folder()];
        let [one, other] = [0, 1].map(|it| folders[it].path());
        let first = Store::open(&place, OPTIONS).await.expect("open");
        let second = Store::open(&place, OPTIONS).await.expect("open");
        let (mine, theirs) = tokio::join!(first.make_keys(one), second.make_keys(other));
        let (made, has_none) = match (mine, theirs) {
            (Ok(made), Err(refused)) => (made, (refused, other)),
            (Err(refused), Ok(made)) => (made, (refused, one)),
            both => panic!("{both:?}"),
        };
        let (refused, without) = has_none;
        assert!(
            matches!(refused, Error::Fault(Fault::KeysMissing { .. })),
            "{refused}"
        );
        assert!(Keys::read(without).expect("read").is_none());
        second
            .know_keys(Some(&made), without)
            .await
            .expect("brought");
        // Of two programs on one folder both have what the first made.
        let again = second.make_keys(if without == one { other } else { one });
        assert_eq!(again.await.expect("made").current, made.current);
    }
}
