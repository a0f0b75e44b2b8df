//! How a school looks, and what somebody may have of theirs (OPS-9, DIR-10).

use school::Refusal;
use school::accent::{Accent, Colour};
use school::logo::{Kind, Picture};
use store::{DataSubject, Face, Store};

use crate::places::on_both;
use crate::world::{OFFICE, World, now, refused};

on_both!(
    a_school_has_a_colour_and_a_logo_and_gives_them_back,
    somebodys_data_is_read_whole_and_names_no_other_family,
);

async fn a_school_has_a_colour_and_a_logo_and_gives_them_back(store: Store) {
    assert_eq!(store.face().await.expect("read"), Face::default());
    let accent = Accent::of(Colour::read("#7a1f3d").expect("a colour")).expect("it can be read");
    let accented = store.change_accent(Some(accent), OFFICE, now()).await;
    accented.expect("changed");
    let picture = Picture {
        kind: Kind::Webp,
        width: 300,
        height: 80,
    };
    for bytes in [b"one".as_slice(), b"another"] {
        let changed = store.change_logo(Some((picture, bytes)), OFFICE, now());
        changed.await.expect("changed");
        let face = store.face().await.expect("read");
        let logo = face.logo.expect("there is one");
        assert_eq!(
            (face.accent, logo.width, logo.height),
            (Some(accent), 300, 80)
        );
        let kept = store.logo(&logo.digest).await.expect("read");
        assert_eq!(kept, Some((Kind::Webp, bytes.to_vec())));
        assert_eq!(store.logo("00").await.expect("read"), None);
    }
    store.change_logo(None, OFFICE, now()).await.expect("gone");
    store
        .change_accent(None, OFFICE, now())
        .await
        .expect("gone");
    assert_eq!(store.face().await.expect("read"), Face::default());
}

async fn somebodys_data_is_read_whole_and_names_no_other_family(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    world
        .book(world.maria, world.ana, world.french, 0)
        .await
        .expect("booked");
    world
        .book(world.omar, world.cem, world.french, 1)
        .await
        .expect("booked");
    let (who, at) = ("Paulo Guest", "paulo@guests.example");
    world
        .invite(world.maria, who, at, &[world.ana])
        .await
        .expect("invited");
    let sent = world.send_all().await.len();
    assert!(sent > 0);
    let text = store
        .personal_data(DataSubject::Contact(world.maria), OFFICE, now())
        .await
        .expect("read");
    for theirs in [
        "Maria Santos",
        "maria@home.example",
        "Ana Santos",
        "Ben Santos",
        "Ms Adeyemi",
        "French",
        "Paulo Guest",
        "2026-11-24T17:00:00Z",
        "\"booked\"",
        "\"data_taken\"",
        "\"confirmation\"",
    ] {
        assert!(text.contains(theirs), "{theirs}: {text}");
    }
    for others in ["Omar", "Cem", "Paul Costa", "omar@"] {
        assert!(!text.contains(others), "{others}: {text}");
    }
    let nobody = school::ContactId(world.maria.0 + 1);
    let none = store
        .personal_data(DataSubject::Contact(nobody), OFFICE, now())
        .await;
    assert_eq!(refused(none), Refusal::NotFound);
}
