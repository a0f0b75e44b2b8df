//! The information system that a school's people are taken from.

use jiff::civil::date;
use school::import::{self, Incoming};
use school::{Refusal, SchoolId};
use store::{Doing, Error, FolderRun, ImportFolder, Store, SystemDraft, SystemResult, Then};

use crate::places::on_both;
use crate::world::{OFFICE, World, later};

on_both!(
    a_system_is_connected_run_and_forgotten,
    a_court_order_comes_in_with_an_import,
    a_folder_keeps_what_was_taken_and_when
);

async fn a_system_is_connected_run_and_forgotten(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let (day, next) = (date(2026, 11, 29), date(2026, 11, 30));
    assert_eq!(store.information_system().await.expect("read"), None);
    let draft = |token: Option<&[u8]>| SystemDraft {
        region: "world".to_owned(),
        id_there: "A1".to_owned(),
        token: token.map(<[u8]>::to_vec),
        nightly: true,
    };
    let (first, without) = ((day, later(0)), draft(None));
    let none = store.connect_system(&without, first, OFFICE);
    assert!(matches!(none.await, Err(Error::Refused(Refusal::NotFound))));
    for token in [Some(&b"\0locked\xff"[..]), None] {
        let draft = draft(token);
        let connected = store.connect_system(&draft, first, OFFICE);
        connected.await.expect("connected");
        let system = store.information_system().await.expect("read");
        let system = system.expect("it is there");
        assert_eq!(system.token, b"\0locked\xff", "without another it stays");
        assert_eq!((system.night, system.nightly), (day, true));
        assert_eq!(system.last, None);
    }
    store.system_run_began(later(1)).await.expect("written");
    let last = async || {
        let system = store.information_system().await.expect("read");
        let system = system.expect("it is there");
        (system.night, system.last.expect("there was one"))
    };
    assert_eq!(last().await.1.ended_at, None);
    let failed = SystemResult {
        outcome: "failing".to_owned(),
        detail: "students, page 2: status 500".to_owned(),
        ..SystemResult::default()
    };
    let done = SystemResult {
        outcome: "done".to_owned(),
        created: 7,
        gone: 2,
        ..SystemResult::default()
    };
    for (result, night, is_then) in [(&failed, None, day), (&done, Some(next), next)] {
        let ended = store.system_run_ended(result, night, later(2));
        ended.await.expect("written");
        let (night, last) = last().await;
        assert_eq!(night, is_then);
        assert_eq!(last.ended_at, Some(later(2)));
        assert_eq!(&last.result, result);
    }
    // What follows is nothing of another school's.
    let other = store.of_school(SchoolId(99));
    assert_eq!(other.information_system().await.expect("read"), None);
    store
        .disconnect_system(OFFICE, later(3))
        .await
        .expect("forgotten");
    assert_eq!(store.information_system().await.expect("read"), None);
    assert!(store.disconnect_system(OFFICE, later(3)).await.is_err());
}

async fn a_court_order_comes_in_with_an_import(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let file = "student id,student,contact,email\nS1,Ada Hill,Eve Hill,eve@x.example\n\
                S1,Ada Hill,Tom Hill,tom@x.example\n";
    let take = async |has_order: bool| {
        let mut rows = import::read(file.as_bytes()).expect("readable").rows;
        let entry = rows[1].entry.as_mut().expect("a row");
        entry.guardians[0].has_court_order = has_order;
        let how = (Doing::Surely, Then::Nothing);
        let done = store.import(Incoming::some(rows), how, OFFICE, later(0));
        let done = done.await.expect("done");
        done.results.into_iter().flat_map(|it| it.does).count()
    };
    let orders = async || {
        let page = store.students("hill", None, 9).await.expect("read");
        let contacts = page.students[0].contacts.iter();
        contacts
            .map(|it| (it.name.reveal().to_owned(), it.has_court_order))
            .collect::<Vec<_>>()
    };
    let all = |tom| vec![("Eve Hill".to_owned(), false), ("Tom Hill".to_owned(), tom)];
    take(false).await;
    assert_eq!(orders().await, all(false));
    assert_eq!(take(true).await, 1, "the order alone");
    assert_eq!(orders().await, all(true));
    assert_eq!(take(true).await, 0, "it stands already");
    // That the system says nothing of it ends no order.
    assert_eq!(take(false).await, 0);
    assert_eq!(orders().await, all(true));
}

async fn a_folder_keeps_what_was_taken_and_when(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let (day, next) = (date(2026, 11, 29), date(2026, 11, 30));
    let kept = async || store.import_folder().await.expect("read");
    assert_eq!(kept().await, ImportFolder::default());
    let refused = SystemResult {
        outcome: "unreadable".to_owned(),
        detail: "staff.csv: the reason".to_owned(),
        ..SystemResult::default()
    };
    let done = SystemResult {
        outcome: "done".to_owned(),
        created: 2,
        ..SystemResult::default()
    };
    let taken = FolderRun {
        night: Some(day),
        taken: Some("a digest"),
    };
    for (result, run) in [(&done, taken), (&refused, FolderRun::default())] {
        store.folder_run_began(later(1)).await.expect("written");
        let last = kept().await.last.expect("it goes on");
        assert_eq!((last.began_at, last.ended_at), (later(1), None));
        let ended = store.folder_run_ended(result, run, later(2));
        ended.await.expect("written");
        // What was not taken says nothing of what is there, nor of the night.
        let folder = kept().await;
        assert_eq!(
            (folder.night, folder.taken.as_str()),
            (Some(day), "a digest")
        );
        let last = folder.last.expect("it has ended");
        assert_eq!((last.ended_at, &last.result), (Some(later(2)), result));
    }
    store.folder_night_done(next).await.expect("written");
    assert_eq!(kept().await.night, Some(next));
    let other = store.of_school(SchoolId(99));
    assert_eq!(
        other.import_folder().await.expect("read"),
        ImportFolder::default()
    );
}
