//! Meeting rooms, their members and their guests.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use school::meeting::{Door, Role};
use school::{Refusal, RoomId, StaffId};
use store::{Actor, Holder, LinkState, NewStaff, RoomDraft, Store};

use crate::places::on_both;
use crate::world::{OFFICE, email, label, name, now, refused};

on_both!(
    a_room_has_members_and_guests_each_with_a_number_for_life,
    a_guest_comes_for_a_day_and_is_forgotten_after_the_schools_period,
    a_room_takes_so_many_guests_a_day,
    who_signs_in_no_more_belongs_to_no_room,
);

async fn member(store: &Store, who: &str) -> StaffId {
    let staff = NewStaff {
        name: name(who),
        email: email(&format!("{who}@school.example")),
        password_hash: "$some".to_owned(),
        is_office: false,
    };
    store.add_staff(&staff, OFFICE, now()).await.expect("added")
}

fn draft(members: &[StaffId]) -> RoomDraft {
    RoomDraft {
        name: label("Room 1"),
        door: Door::Open,
        members: members.iter().copied().collect::<BTreeSet<_>>(),
    }
}

async fn people(store: &Store, room: RoomId) -> Vec<(String, u32, Role)> {
    let meeting = store.room(room).await.expect("it is there").meeting;
    let found = store.gathering(meeting, now()).await.expect("read");
    let all = found.expect("a room").meeting.entitled;
    all.iter()
        .map(|it| (it.name.reveal().to_owned(), it.number.0, it.role))
        .collect()
}

async fn a_room_has_members_and_guests_each_with_a_number_for_life(store: Store) {
    let (ann, ben) = (member(&store, "Ann").await, member(&store, "Ben").await);
    let nobody = store.add_room(&draft(&[]), OFFICE, now()).await;
    assert_eq!(refused(nobody), Refusal::NoMember);
    let strange = draft(&[ann, StaffId(7)]);
    let strange = store.add_room(&strange, OFFICE, now()).await;
    assert_eq!(refused(strange), Refusal::NotFound);
    let added = store.add_room(&draft(&[ann]), OFFICE, now()).await;
    let room = added.expect("added");
    assert_eq!(store.rooms_of(ben).await.expect("read").len(), 0);
    let foreign = store.enter_room(ben, room).await;
    assert_eq!(refused(foreign), Refusal::NotFound);
    let gus = store
        .come_to_room(room, &name("Gus"), "press 1", now())
        .await;
    let (gus, _) = gus.expect("came");
    let again = store
        .come_to_room(room, &name("Gus"), "press 1", now())
        .await;
    assert_eq!(again.expect("came").0, gus);
    let two = [
        ("Ann".to_owned(), 1, Role::Member),
        ("Gus".to_owned(), 2, Role::Guest),
    ];
    assert_eq!(people(&store, room).await, two);
    let link = store.enter_room(ann, room).await.expect("hers");
    let changed = store.change_room(room, &draft(&[ben]), OFFICE, now()).await;
    assert_eq!(changed.expect("changed").links, [link.id]);
    let held = store.link(link.id, now()).await.expect("read");
    assert_eq!(held.expect("known").state, LinkState::Withdrawn);
    let now_there = [
        ("Gus".to_owned(), 2, Role::Guest),
        ("Ben".to_owned(), 3, Role::Member),
    ];
    assert_eq!(people(&store, room).await, now_there);
    let both = draft(&[ann, ben]);
    store
        .change_room(room, &both, OFFICE, now())
        .await
        .expect("changed");
    assert_eq!(people(&store, room).await[0], two[0]);
    assert!(store.check_audit_log().await.expect("read").is_ok());
}

async fn a_guest_comes_for_a_day_and_is_forgotten_after_the_schools_period(store: Store) {
    let ann = member(&store, "Ann").await;
    let added = store.add_room(&draft(&[ann]), OFFICE, now()).await;
    let room = added.expect("added");
    let came = store
        .come_to_room(room, &name("Gus"), "press 1", now())
        .await;
    let (link, _) = came.expect("came");
    let state = async |hours| {
        let then = now() + SignedDuration::from_hours(hours);
        let held = store.link(link.id, then).await.expect("read");
        held.map(|it| (it.state, it.holder))
    };
    let Some((LinkState::Live, holder @ Holder::Visitor(_))) = state(23).await else {
        panic!("it lives for a day");
    };
    assert_eq!(state(25).await, Some((LinkState::Expired, holder)));
    let then = now() + SignedDuration::from_hours(25);
    let meeting = store.room(room).await.expect("it is there").meeting;
    let found = store.gathering(meeting, then).await.expect("read");
    assert_eq!(found.expect("a room").meeting.entitled.len(), 1);
    let after = now() + SignedDuration::from_hours(24 * 501);
    store.erase_expired(after).await.expect("erased");
    assert!(store.link(link.id, now()).await.expect("read").is_none());
    assert_eq!(
        people(&store, room).await,
        [("Ann".to_owned(), 1, Role::Member)]
    );
    assert!(store.check_audit_log().await.expect("read").is_ok());
}

async fn a_room_takes_so_many_guests_a_day(store: Store) {
    let ann = member(&store, "Ann").await;
    let added = store.add_room(&draft(&[ann]), OFFICE, now()).await;
    let room = added.expect("added");
    let come = async |press: u32, then| {
        let press = format!("press {press}");
        store.come_to_room(room, &name("Gus"), &press, then).await
    };
    for press in 0..200 {
        come(press, now()).await.expect("came");
    }
    assert_eq!(refused(come(200, now()).await), Refusal::RoomCrowded);
    let tomorrow = now() + SignedDuration::from_hours(25);
    come(200, tomorrow).await.expect("came");
}

async fn who_signs_in_no_more_belongs_to_no_room(store: Store) {
    let (ann, ben) = (member(&store, "Ann").await, member(&store, "Ben").await);
    let office = NewStaff {
        name: name("Ada"),
        email: email("ada@school.example"),
        password_hash: "$some".to_owned(),
        is_office: true,
    };
    let ada = store
        .add_staff(&office, OFFICE, now())
        .await
        .expect("added");
    let added = store.add_room(&draft(&[ann, ben]), OFFICE, now()).await;
    let room = added.expect("added");
    let link = store.enter_room(ann, room).await.expect("hers");
    store
        .disable_staff(ann, OFFICE, now())
        .await
        .expect("disabled");
    let held = store.link(link.id, now()).await.expect("read");
    assert_eq!(held.expect("known").state, LinkState::Withdrawn);
    let left = people(&store, room).await;
    assert_eq!((left.len(), left[0].0.as_str()), (1, "Ben"));
    // Members keep nobody of the office from being the last of it.
    let last = store.disable_staff(ada, Actor::Program, now()).await;
    assert_eq!(refused(last), Refusal::LastAccount);
}
