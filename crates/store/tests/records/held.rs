//! Those who come to a door and may be somebody with a court order (DIR-4).

use std::collections::BTreeSet;

use jiff::SignedDuration;
use school::meeting::Door;
use school::rooms::{Details, Terms};
use school::{AreaId, MeetingId, Name, Note, Refusal, RoomId, StaffId, VisitorId};
use store::{Action, AreaDraft, Holder, LinkState, NewStaff, RoomDraft, Store};

use crate::call_guests::{by_email, invite, new};
use crate::places::on_both;
use crate::world::{OFFICE, World, email, label, later, name, now, refused};

on_both!(
    whoever_may_be_barred_comes_into_no_room_until_the_office_lets_them_in,
    whoever_is_turned_away_at_a_door_learns_nothing,
    an_order_that_comes_later_ends_the_visit_of_a_guest_of_a_room,
    whoever_may_be_barred_waits_in_no_area_until_the_office_lets_them_in,
    whoever_is_invited_into_the_call_of_an_area_waits_for_the_office_as_well,
    what_somebody_entered_at_a_door_is_erased_with_them,
    one_press_at_two_doors_waits_for_one_decision,
    nobody_waits_at_the_door_of_a_closed_room,
);

async fn room(store: &Store) -> (RoomId, MeetingId) {
    let ann = NewStaff {
        name: name("Ann"),
        email: email("ann@school.example"),
        password_hash: "$some".to_owned(),
        rank: school::Rank::Owner,
    };
    let ann = store.add_staff(&ann, OFFICE, now()).await.expect("added");
    let draft = RoomDraft {
        name: label("Room 1"),
        door: Door::Open,
        members: BTreeSet::from([ann]),
        terms: Terms::default(),
    };
    let room = store.add_room(&draft, OFFICE, now()).await.expect("added");
    let meeting = store.room(room).await.expect("it is there").meeting;
    (room, meeting)
}

/// A waiting area, and who takes callers in it.
async fn area(store: &Store) -> (StaffId, AreaId) {
    room(store).await;
    let ann = store.staff().await.expect("read")[0].id;
    let draft = AreaDraft {
        name: label("Front desk"),
        purpose: Note::default(),
        hours: None,
        providers: BTreeSet::from([ann]),
    };
    let desk = store.add_area(&draft, OFFICE, now()).await;
    (ann, desk.expect("added"))
}

async fn who_is_due(store: &Store, meeting: MeetingId) -> Vec<String> {
    let found = store.gathering(meeting, now()).await.expect("read");
    let all = found.expect("a room").meeting.entitled;
    all.iter().map(|it| it.name.reveal().to_owned()).collect()
}

async fn to_decide(store: &Store) -> i64 {
    store.attention(now()).await.expect("read").to_decide
}

async fn whoever_may_be_barred_comes_into_no_room_until_the_office_lets_them_in(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let (room, meeting) = room(store).await;
    let order = store.set_court_order(world.paul, OFFICE, now()).await;
    order.expect("entered");
    let paul = store.contact(world.paul).await.expect("known").about.name;
    let come = async |called: &Name, press: &str| {
        let came = store
            .come_to_room(room, (called, &Details::default()), press, now())
            .await;
        came.map(|it| it.0)
    };
    let tess = name("Tess Small");
    for called in [&paul, &tess, &paul] {
        let came = come(called, "press 1").await;
        assert_eq!(refused(came), Refusal::NeedsApproval, "whatever it is");
    }
    assert_eq!(who_is_due(store, meeting).await, ["Ann"]);
    assert_eq!(to_decide(store).await, 1);
    let held = store.held_guests(now()).await.expect("read").remove(0);
    assert_eq!((&held.name, &held.inviter), (&paul, &None));
    assert_eq!(held.venue, label("Room 1"));
    assert_eq!(held.contact, Some((world.paul, paul.clone())));
    assert!(store.is_visitor(held.id).await.expect("read"));
    assert!(!store.is_visitor(VisitorId(7)).await.expect("read"));
    let log = store.audit_log(None, 100).await.expect("read");
    let rows: Vec<_> = log
        .iter()
        .filter(|it| it.action == Action::GuestHeld.code())
        .map(|it| (it.subject.clone(), it.detail.clone()))
        .collect();
    let (subject, detail) = (
        format!("visitor:{}", held.id),
        format!("room={room} contact={}", world.paul),
    );
    assert_eq!(rows, [(subject.clone(), detail)]);
    let named = store.names_of([subject.clone()]).await.expect("read");
    assert_eq!(named.get(&subject).map(String::as_str), Some(paul.reveal()));

    // A namesake; they stay so while this order stands.
    let let_in = store.let_guest_in(held.id, OFFICE, later(1)).await;
    let_in.expect("let in");
    assert_eq!(
        who_is_due(store, meeting).await,
        ["Ann"],
        "they may be gone"
    );
    let again = store.let_guest_in(held.id, OFFICE, later(1)).await;
    again.expect("once is enough");
    let late = store.turn_guest_away(held.id, OFFICE, later(1)).await;
    assert_eq!(refused(late), Refusal::ApprovedAlready);
    let link = come(&tess, "press 1").await.expect("came");
    let link = store.link(link.id, now()).await.expect("read");
    let link = link.expect("known");
    assert_eq!(
        (link.state, &link.name, link.holder),
        (LinkState::Live, &paul, Holder::Visitor(held.id))
    );
    let kept = store.contact(world.omar).await.expect("known").about;
    let changed = store.change_contact(world.omar, &kept, OFFICE, later(2));
    changed.await.expect("changed");
    assert_eq!(who_is_due(store, meeting).await, ["Ann", paul.reveal()]);
    assert!(store.check_audit_log(None).await.expect("read").is_ok());
}

async fn whoever_is_turned_away_at_a_door_learns_nothing(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let (room, meeting) = room(store).await;
    let order = store.set_court_order(world.paul, OFFICE, now()).await;
    order.expect("entered");
    let paul = store.contact(world.paul).await.expect("known").about.name;
    let tess = name("Tess Small");
    let came = store
        .come_to_room(room, (&paul, &Details::default()), "press 1", now())
        .await;
    assert_eq!(refused(came), Refusal::NeedsApproval);
    let other = store.held_guests(now()).await.expect("read").remove(0).id;
    let away = store.turn_guest_away(other, OFFICE, later(3)).await;
    away.expect("turned away");
    let twice = store.turn_guest_away(other, OFFICE, later(3)).await;
    assert_eq!(refused(twice), Refusal::DeclinedAlready);
    let late = store.let_guest_in(other, OFFICE, later(3)).await;
    assert_eq!(refused(late), Refusal::InvitationRemoved);
    let came = store
        .come_to_room(room, (&tess, &Details::default()), "press 1", later(4))
        .await;
    assert_eq!(refused(came), Refusal::NeedsApproval);
    assert!(store.held_guests(now()).await.expect("read").is_empty());
    assert_eq!(to_decide(store).await, 0);
    // Who is nobody's likeness comes in, and what is past its period goes.
    let came = store
        .come_to_room(room, (&tess, &Details::default()), "press 2", later(4))
        .await;
    came.expect("came");
    assert_eq!(who_is_due(store, meeting).await, ["Ann", "Tess Small"]);
    let after = now() + SignedDuration::from_hours(24 * 501);
    store.erase_expired(after).await.expect("erased");
    assert!(!store.is_visitor(other).await.expect("read"));
    assert!(store.check_audit_log(None).await.expect("read").is_ok());
}

async fn an_order_that_comes_later_ends_the_visit_of_a_guest_of_a_room(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let (room, meeting) = room(store).await;
    let paul = store.contact(world.paul).await.expect("known").about.name;
    let came = store
        .come_to_room(room, (&paul, &Details::default()), "press 1", now())
        .await;
    let his = came.expect("came").0;
    let tess = name("Tess Small");
    let came = store
        .come_to_room(room, (&tess, &Details::default()), "press 2", now())
        .await;
    came.expect("came");
    let entered = store.set_court_order(world.paul, OFFICE, later(1)).await;
    let aftermath = entered.expect("entered");
    assert!(aftermath.links.contains(&his.id));
    assert!(aftermath.changed.contains(&meeting));
    assert_eq!(who_is_due(store, meeting).await, ["Ann", "Tess Small"]);
    let link = store.link(his.id, later(1)).await.expect("read");
    assert_eq!(link.expect("known").state, LinkState::Withdrawn);
    let again = store
        .come_to_room(room, (&paul, &Details::default()), "press 1", later(2))
        .await;
    assert_eq!(refused(again), Refusal::NotFound);
    assert!(store.check_audit_log(None).await.expect("read").is_ok());
}

async fn whoever_may_be_barred_waits_in_no_area_until_the_office_lets_them_in(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let (ann, desk) = area(store).await;
    let paul = store.contact(world.paul).await.expect("known").about.name;
    let reason = Note::read("About a key").expect("a note");
    let come = async |called: &Name, nth: i64| {
        let (press, then) = (format!("press {nth}"), later(nth));
        let came = store.come_to_area(desk, (called, &reason), &press, then);
        came.await.map(|it| it.0)
    };
    let listed = async || {
        let callers = store.callers_of(ann, now()).await.expect("read");
        let waiting = callers.iter().filter(|it| it.visit.waits());
        let listed: Vec<_> = waiting.map(|it| it.name.reveal().to_owned()).collect();
        listed
    };
    let early = come(&paul, 1).await.expect("came");
    let tess = name("Tess Small");
    come(&tess, 2).await.expect("came");
    let entered = store.set_court_order(world.paul, OFFICE, later(1)).await;
    let aftermath = entered.expect("entered");
    assert!(aftermath.links.contains(&early.id) && aftermath.staff.contains(&ann));
    let link = store.link(early.id, later(1)).await.expect("read");
    assert_eq!(link.expect("known").state, LinkState::Withdrawn);
    assert_eq!(listed().await, ["Tess Small"]);
    for called in [&paul, &tess] {
        let came = come(called, 3).await;
        assert_eq!(refused(came), Refusal::NeedsApproval, "whatever it is");
    }
    assert_eq!(listed().await, ["Tess Small"]);
    let held = store.held_guests(now()).await.expect("read").remove(0);
    assert_eq!((held.venue, &held.name), (label("Front desk"), &paul));
    let let_in = store.let_guest_in(held.id, OFFICE, later(2)).await;
    let_in.expect("let in");
    assert_eq!(listed().await, ["Tess Small"], "who has gone is no ghost");
    // An order that comes after that may be theirs.
    for entered in [true, false] {
        let order = if entered {
            store.lift_court_order(world.paul, OFFICE, later(3)).await
        } else {
            store.set_court_order(world.paul, OFFICE, later(4)).await
        };
        order.expect("changed");
    }
    assert_eq!(refused(come(&paul, 3).await), Refusal::NeedsApproval);
    let let_in = store.let_guest_in(held.id, OFFICE, later(5)).await;
    let_in.expect("let in");
    come(&tess, 3).await.expect("came");
    assert_eq!(listed().await, ["Tess Small", paul.reveal()]);
    let kept = store.contact(world.omar).await.expect("known").about;
    let changed = store.change_contact(world.omar, &kept, OFFICE, later(2));
    changed.await.expect("changed");
    let wait = store.wait_of(held.id, now()).await.expect("read");
    let wait = wait.expect("a caller").caller;
    assert!(wait.visit.waits() && wait.reason == reason);
    assert!(store.check_audit_log(None).await.expect("read").is_ok());
}

async fn one_press_at_two_doors_waits_for_one_decision(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let (ann, desk) = area(store).await;
    let draft = AreaDraft {
        name: label("Nurse"),
        purpose: Note::default(),
        hours: None,
        providers: BTreeSet::from([ann]),
    };
    let nurse = store.add_area(&draft, OFFICE, now()).await.expect("added");
    let order = store.set_court_order(world.paul, OFFICE, now()).await;
    order.expect("entered");
    let paul = store.contact(world.paul).await.expect("known").about.name;
    let reason = Note::read("About a key").expect("a note");
    let come = async |at, called: &Name| {
        let came = store.come_to_area(at, (called, &reason), "press 1", now());
        came.await.map(|it| it.0)
    };
    assert_eq!(refused(come(desk, &paul).await), Refusal::NeedsApproval);
    let tess = name("Tess Small");
    assert_eq!(refused(come(nurse, &tess).await), Refusal::NeedsApproval);
    let [held] = store
        .held_guests(now())
        .await
        .expect("read")
        .try_into()
        .expect("one");
    assert_eq!((&held.venue, &held.reason), (&label("Front desk"), &reason));
    let let_in = store.let_guest_in(held.id, OFFICE, later(1)).await;
    let_in.expect("let in");
    let link = come(desk, &paul).await.expect("came").id;
    assert_eq!(come(nurse, &tess).await.expect("the same").id, link);
}

async fn nobody_waits_at_the_door_of_a_closed_room(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let (room, meeting) = room(store).await;
    let ann = store.staff().await.expect("read")[0].id;
    let order = store.set_court_order(world.paul, OFFICE, now()).await;
    order.expect("entered");
    let paul = store.contact(world.paul).await.expect("known").about.name;
    let details = Details {
        mobile: Some(label("07700 900123")),
        ..Details::default()
    };
    let came = store.come_to_room(room, (&paul, &details), "press 1", now());
    assert_eq!(refused(came.await), Refusal::NeedsApproval);
    let guest = new(by_email("gus@guests.example"), "press 2");
    let guest = invite(store, meeting, Holder::Staff(ann), &guest).await;
    let named = store.name_guest(guest, (&paul, "their press"), now()).await;
    assert_eq!(refused(named), Refusal::NeedsApproval);
    let held = store.held_guests(now()).await.expect("read");
    assert!(held.iter().any(|it| it.mobile == details.mobile));
    assert_eq!((held.len(), to_decide(store).await), (2, 2));
    let closed = store.close_room(room, OFFICE, now()).await;
    closed.expect("closed");
    assert!(store.held_guests(now()).await.expect("read").is_empty());
    assert_eq!(to_decide(store).await, 0);
    let open = store.reopen_room(room, OFFICE, now()).await;
    open.expect("open");
    assert_eq!(to_decide(store).await, 2);
}

async fn whoever_is_invited_into_the_call_of_an_area_waits_for_the_office_as_well(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let (ann, desk) = area(store).await;
    let order = store.set_court_order(world.paul, OFFICE, now()).await;
    order.expect("entered");
    let paul = store.contact(world.paul).await.expect("known").about.name;
    let tess = (&name("Tess Small"), &Note::default());
    let came = store.come_to_area(desk, tess, "press 1", now()).await;
    let link = store.link(came.expect("came").0.id, now()).await;
    let Holder::Visitor(tess) = link.expect("read").expect("known").holder else {
        panic!("a caller");
    };
    let nobody = BTreeSet::new();
    let taken = store.take_caller((ann, desk, tess), &nobody, now()).await;
    taken.expect("taken");
    let meeting = store.called_by(ann, desk, now()).await.expect("read");
    let meeting = meeting.expect("a call");
    let guest = new(by_email("gus@guests.example"), "press 2");
    let guest = invite(store, meeting, Holder::Staff(ann), &guest).await;
    let named = store.name_guest(guest, (&paul, "their press"), now()).await;
    assert_eq!(refused(named), Refusal::NeedsApproval);
    let held = store.held_guests(now()).await.expect("read").remove(0);
    assert_eq!((held.id, held.venue), (guest, label("Front desk")));
}

async fn what_somebody_entered_at_a_door_is_erased_with_them(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let (room, _) = room(store).await;
    let order = store.set_court_order(world.paul, OFFICE, now()).await;
    order.expect("entered");
    let paul = store.contact(world.paul).await.expect("known").about;
    for (address, press) in [(paul.email.clone(), "press 1"), (None, "press 2")] {
        let details = Details {
            email: address,
            ..Details::default()
        };
        let came = store
            .come_to_room(room, (&paul.name, &details), press, now())
            .await;
        assert_eq!(refused(came), Refusal::NeedsApproval);
    }
    let lifted = store.lift_court_order(world.paul, OFFICE, now()).await;
    lifted.expect("lifted");
    let erased = store.erase_contact(world.paul, OFFICE, now()).await;
    erased.expect("erased");
    let left = store.held_guests(now()).await.expect("read");
    assert_eq!(
        left.len(),
        1,
        "who only has their name may be somebody else"
    );
}
