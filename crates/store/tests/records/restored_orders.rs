//! Whom a court order keeps away is kept away when a backup takes the place of the records (DIR-4).

use school::rooms::Details;
use school::{ContactId, Countries, Mobile, Refusal, StudentId};
use store::{Doing, Guardian, NewContact, Store, Then};

use crate::by_hand::said;
use crate::call_guests::{by_email, by_text, invite, new, room};
use crate::put_back::{Copies, with_copies};
use crate::world::{OFFICE, World, email, later, name, now, refused};

with_copies!(
    the_numbers_that_an_order_goes_by_are_carried_over,
    an_order_is_on_both_records_that_were_made_one,
    whoever_waits_for_the_office_waits_on,
    an_order_of_nobody_who_is_known_is_asked_of_as_it_was_last,
);

fn mobile(number: &str) -> Mobile {
    Mobile::read(number, &Countries::default()).expect("a number")
}

/// Their number is that from now on.
async fn reach(store: &Store, who: ContactId, mobile: Option<Mobile>) {
    let about = store.contact(who).await.expect("there").about;
    let about = NewContact { mobile, ..about };
    let changed = store.change_contact(who, &about, OFFICE, now()).await;
    changed.expect("changed");
}

async fn order(store: &Store, on: ContactId) {
    let set = store.set_court_order(on, OFFICE, now()).await;
    set.expect("set");
}

/// Ends in restored records what ended in those of `world`.
async fn carry_over(world: &World, restored: &Store) {
    let last = world.store.last_standing().await.expect("read");
    let carried = restored.carry_over(&last, later(10)).await;
    carried.expect("carried");
    assert!(restored.check_audit_log(None).await.expect("read").is_ok());
}

fn about(who: &str, student: StudentId) -> NewContact {
    NewContact {
        mobile: None,
        name: name(who),
        email: Some(email(&format!("{}@x.example", who.replace(' ', ".")))),
        students: vec![Guardian {
            student,
            relationship: String::new(),
        }],
    }
}

async fn enter(store: &Store, who: &str, student: StudentId) -> ContactId {
    let about = about(who, student);
    let entered = store.add_contact(&about, OFFICE, now()).await;
    entered.expect("added")
}

async fn the_numbers_that_an_order_goes_by_are_carried_over(world: World, copies: Copies) {
    let store = &world.store;
    let (ann, meeting) = room(store).await;
    order(store, world.paul).await;
    reach(store, world.omar, Some(mobile("07400 111111"))).await;
    let restored = copies.take(store, "copy").await;
    // Paul has had two numbers since, and has none; somebody else with an order is new, and has one.
    for number in [
        Some(mobile("07400 123456")),
        Some(mobile("07400 234567")),
        None,
    ] {
        reach(store, world.paul, number).await;
    }
    let new_one = NewContact {
        mobile: Some(mobile("07400 345678")),
        ..about("New Barred", world.ben)
    };
    let new_one = store.add_contact(&new_one, OFFICE, now()).await;
    let new_one = new_one.expect("added");
    order(store, new_one).await;
    reach(store, world.omar, Some(mobile("07400 222222"))).await;
    let theirs = ["07400 123456", "07400 234567", "07400 345678"];
    let is_refused = async |store: &Store| {
        for number in theirs {
            let guest = new(by_text(number), number);
            let invited = store.invite_guest(meeting, &guest, ann, later(20)).await;
            assert_eq!(refused(invited), Refusal::NeedsApproval, "{number}");
        }
    };
    is_refused(store).await;
    carry_over(&world, &restored).await;
    is_refused(&restored).await;
    for (who, number) in [
        (world.paul, None),
        (new_one, Some(mobile("07400 345678"))),
        (world.omar, Some(mobile("07400 222222"))),
    ] {
        let it = restored.contact(who).await.expect("there");
        assert_eq!(it.about.mobile, number, "as it stood last");
    }
}

async fn an_order_is_on_both_records_that_were_made_one(world: World, copies: Copies) {
    let store = &world.store;
    let enter = async |who: &str| enter(store, who, world.ana).await;
    let first = [enter("Pat Abel").await, enter("Quentin Bond").await];
    let second = [enter("Rosa Cole").await, enter("Sidney Dunn").await];
    let third = [enter("Tess Egan").await, enter("Uma Finch").await];
    let before = [enter("Vera Gold").await, enter("Walter Hume").await];
    let restored = copies.take(store, "copy").await;
    let since = [enter("Xenia Ives").await, enter("Yuri Jones").await];
    // Each with the one that stays first.
    let join = async |kept, gone| {
        let joined = store.join_records((kept, gone), OFFICE, later(1)).await;
        joined.expect("joined");
    };
    let [[pat, quentin], [rosa, sidney], [tess, uma]] = [first, second, third];
    order(store, quentin).await;
    join(pat, quentin).await;
    order(store, rosa).await;
    join(rosa, sidney).await;
    join(tess, uma).await;
    order(store, tess).await;
    // One of the two is in no backup.
    join(before[0], since[0]).await;
    order(store, before[0]).await;
    join(since[1], before[1]).await;
    order(store, since[1]).await;
    carry_over(&world, &restored).await;
    for pair in [first, second, third, before, since] {
        for who in pair {
            let it = restored.contact(who).await.expect("there");
            let is_barred = it.court_order_at.is_some();
            assert!(is_barred, "{} is kept away", it.about.name.reveal());
        }
    }
}

async fn whoever_waits_for_the_office_waits_on(world: World, copies: Copies) {
    let store = &world.store;
    let (ann, meeting) = room(store).await;
    let room = store.rooms().await.expect("read").remove(0).id;
    order(store, world.paul).await;
    let gus = new(by_email("gus@guests.example"), "press 1");
    let gus = invite(store, meeting, ann, &gus).await;
    let zoe = enter(store, "Zoe Kay", world.ana).await;
    let zed = enter(store, "Zed Orr", world.ana).await;
    let restored = copies.take(store, "copy").await;
    // A guest and somebody at a door say Paul's name, as does a record that is new; and so is called one of
    // two that are one since.
    let called = async |store: &Store, who: &str| {
        let (who, details) = (name(who), Details::default());
        let named = store.name_guest(gus, (&who, "press 2"), later(1)).await;
        assert_eq!(refused(named.map(|_| ())), Refusal::NeedsApproval);
        let came = store
            .come_to_room(room, (&who, &details), "press 3", later(1))
            .await;
        assert_eq!(refused(came.map(|_| ())), Refusal::NeedsApproval);
    };
    called(store, "Paul Costa").await;
    let twin = NewContact {
        email: Some(email("twin@x.example")),
        ..about("Paul Costa", world.ana)
    };
    let twin = store.add_contact(&twin, OFFICE, now()).await;
    let twin = twin.expect("added");
    let joined = store.join_records((zoe, zed), OFFICE, later(1)).await;
    joined.expect("joined");
    let costa = NewContact {
        name: name("Paul Costa"),
        ..about("Zoe Kay", world.ana)
    };
    let changed = store.change_contact(zoe, &costa, OFFICE, later(1)).await;
    changed.expect("changed");
    carry_over(&world, &restored).await;
    // Whatever name they give now.
    called(&restored, "Tess Small").await;
    assert_eq!(
        restored.held_guests(later(11)).await.expect("read").len(),
        2
    );
    for (who, is_new) in [(twin, true), (zoe, false), (zed, false)] {
        let it = restored.contact(who).await.expect("there");
        let may_be = it.may_be.map(|it| it.contact);
        assert_eq!(may_be, Some(world.paul), "{is_new}");
    }
}

async fn an_order_of_nobody_who_is_known_is_asked_of_as_it_was_last(world: World, copies: Copies) {
    let store = &world.store;
    let doing = (Doing::Surely, Then::Nothing);
    let imported = store.import(said(0), doing, OFFICE, later(0)).await;
    assert_eq!(imported.expect("done").unentered.len(), 1);
    let shown = store.unentered_orders().await.expect("read");
    let dismissed = store.dismiss_order(&shown[0], true, OFFICE, later(1));
    dismissed.await.expect("dismissed");
    let restored = copies.take(store, "copy").await;
    let again = store.dismiss_order(&shown[0], false, OFFICE, later(2));
    again.await.expect("shown again");
    let before = restored.unentered_orders().await.expect("read");
    assert!(before.is_empty(), "dismissed");
    carry_over(&world, &restored).await;
    assert_eq!(restored.unentered_orders().await.expect("read"), shown);
}
