//! Meeting rooms, their members and their guests.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use jiff::civil::time;
use school::meeting::{Door, Role};
use school::rooms::{Asks, Details, Limit, Terms};
use school::waiting::Hours;
use school::{Label, Note, Refusal, RoomId, StaffId};
use store::{Actor, Holder, LinkState, NewStaff, Place, Purpose, RoomDraft, Store};

use crate::places::{OPTIONS, fresh_folder, on_both};
use crate::world::{OFFICE, email, label, later, name, now, refused};

on_both!(
    a_room_has_members_and_guests_each_with_a_number_for_life,
    a_guest_comes_for_a_day_and_is_forgotten_after_the_schools_period,
    a_room_takes_so_many_guests_a_day,
    who_signs_in_no_more_belongs_to_no_room,
    a_room_has_terms_and_its_members_read_what_guests_entered,
    a_room_that_is_closed_opens_to_nobody_until_it_is_opened_again,
    when_a_call_in_a_room_began_is_kept_until_another_begins,
);

async fn member(store: &Store, who: &str) -> StaffId {
    let staff = NewStaff {
        name: name(who),
        email: email(&format!("{who}@school.example")),
        password_hash: "$some".to_owned(),
        rank: school::Rank::Member,
    };
    store.add_staff(&staff, OFFICE, now()).await.expect("added")
}

fn draft(members: &[StaffId]) -> RoomDraft {
    RoomDraft {
        name: label("Room 1"),
        door: Door::Open,
        members: members.iter().copied().collect::<BTreeSet<_>>(),
        terms: Terms::default(),
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
        .come_to_room(room, (&name("Gus"), &Details::default()), "press 1", now())
        .await;
    let (gus, _) = gus.expect("came");
    let again = store
        .come_to_room(room, (&name("Gus"), &Details::default()), "press 1", now())
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
    assert!(store.check_audit_log(None).await.expect("read").is_ok());
}

async fn a_guest_comes_for_a_day_and_is_forgotten_after_the_schools_period(store: Store) {
    let ann = member(&store, "Ann").await;
    let added = store.add_room(&draft(&[ann]), OFFICE, now()).await;
    let room = added.expect("added");
    let came = store
        .come_to_room(room, (&name("Gus"), &Details::default()), "press 1", now())
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
    assert!(store.check_audit_log(None).await.expect("read").is_ok());
}

async fn a_room_takes_so_many_guests_a_day(store: Store) {
    let ann = member(&store, "Ann").await;
    let added = store.add_room(&draft(&[ann]), OFFICE, now()).await;
    let room = added.expect("added");
    let come = async |press: u32, then| {
        let press = format!("press {press}");
        store
            .come_to_room(room, (&name("Gus"), &Details::default()), &press, then)
            .await
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
        rank: school::Rank::Owner,
    };
    let ada = store
        .add_staff(&office, OFFICE, now())
        .await
        .expect("added");
    let added = store.add_room(&draft(&[ann, ben]), OFFICE, now()).await;
    let room = added.expect("added");
    let link = store.enter_room(ann, room).await.expect("hers");
    let disabled = store.disable_staff(ann, OFFICE, now()).await;
    let disabled = disabled.expect("disabled");
    assert_eq!(disabled.links, [link.id], "she is out of the call");
    assert_eq!(disabled.changed.len(), 1);
    let held = store.link(link.id, now()).await.expect("read");
    assert_eq!(held.expect("known").state, LinkState::Withdrawn);
    let left = people(&store, room).await;
    assert_eq!((left.len(), left[0].0.as_str()), (1, "Ben"));
    // Members keep nobody of the office from being the last of it.
    let last = store.disable_staff(ada, Actor::Program, now()).await;
    assert_eq!(refused(last), Refusal::LastAccount);
}

async fn a_room_has_terms_and_its_members_read_what_guests_entered(store: Store) {
    let (ann, ben) = (member(&store, "Ann").await, member(&store, "Ben").await);
    let plain = store.add_room(&draft(&[ann]), OFFICE, now()).await;
    let plain = store.room(plain.expect("added")).await.expect("there");
    assert_eq!(plain.terms, Terms::default());
    let today = now().to_zoned(jiff::tz::TimeZone::UTC).weekday();
    let other_days = (1..=7).filter(|it| *it != today.to_monday_one_offset());
    let hours = Hours::new(other_days.collect(), time(8, 0, 0, 0), time(9, 0, 0, 0));
    let terms = Terms {
        hours: Some(hours.expect("hours")),
        asks: Asks {
            email: true,
            mobile: true,
            reason: true,
        },
        limit: Some(Limit::of_minutes(45).expect("a limit")),
    };
    let mut with = draft(&[ann]);
    with.terms = terms.clone();
    let added = store.add_room(&with, OFFICE, now()).await;
    let room = added.expect("added");
    let found = store.room(room).await.expect("there");
    assert_eq!(found.terms, terms);
    let held = store.link(found.link.id, now()).await.expect("read");
    let Purpose::Room(place) = held.expect("known").purpose else {
        panic!("a room");
    };
    assert_eq!(place.terms, terms);
    let gathering = store.gathering(found.meeting, now()).await.expect("read");
    assert_eq!(gathering.expect("a room").limit, terms.limit);
    let details = Details {
        email: Some(email("gus@example.org")),
        mobile: Some(Label::read("07700 900123").expect("a number")),
        reason: Note::read("About a key").expect("a note"),
    };
    let come = async || {
        let who = (&name("Gus"), &details);
        store.come_to_room(room, who, "press 1", now()).await
    };
    assert_eq!(refused(come().await), Refusal::AreaClosed);
    with.terms.hours = None;
    let changed = store.change_room(room, &with, OFFICE, now()).await;
    changed.expect("changed");
    come().await.expect("came");
    let guests = store.room_guests_of(ann, now()).await.expect("read");
    let [gus] = guests.as_slice() else {
        panic!("one came: {guests:?}");
    };
    assert_eq!((gus.room, &gus.name), (room, &name("Gus")));
    assert_eq!(gus.email, details.email);
    assert_eq!(gus.mobile, details.mobile);
    assert_eq!(gus.reason, details.reason);
    assert!(
        store
            .room_guests_of(ben, now())
            .await
            .expect("read")
            .is_empty()
    );
    let tomorrow = now() + SignedDuration::from_hours(25);
    let later = store.room_guests_of(ann, tomorrow).await.expect("read");
    assert!(later.is_empty());
}

async fn when_a_call_in_a_room_began_is_kept_until_another_begins(store: Store) {
    let ann = member(&store, "Ann").await;
    let room = store.add_room(&draft(&[ann]), OFFICE, now()).await;
    let meeting = store
        .room(room.expect("added"))
        .await
        .expect("known")
        .meeting;
    let began = async || {
        let found = store.gathering(meeting, now()).await.expect("read");
        found.expect("a room").began
    };
    assert_eq!(began().await, None);
    // What is written down late changes nothing.
    for (begins, kept) in [(1, 1), (1, 1), (5, 5), (2, 5)] {
        let written = store.keep_beginning(meeting, later(begins)).await;
        written.expect("kept");
        assert_eq!(began().await, Some(later(kept)));
    }
}

async fn a_room_that_is_closed_opens_to_nobody_until_it_is_opened_again(store: Store) {
    let ann = member(&store, "Ann").await;
    let added = store.add_room(&draft(&[ann]), OFFICE, now()).await;
    let room = added.expect("added");
    let found = store.room(room).await.expect("there");
    let who = (&name("Gus"), &Details::default());
    let came = store.come_to_room(room, who, "press 1", now()).await;
    let (his, _) = came.expect("came");
    let hers = store.enter_room(ann, room).await.expect("hers");
    let links = BTreeSet::from([found.link.id, his.id, hers.id]);
    let states = async || {
        let mut states = Vec::new();
        for link in &links {
            let held = store.link(*link, now()).await.expect("read");
            states.push(held.expect("known").state);
        }
        states
    };
    let closed = store.close_room(room, OFFICE, now()).await.expect("closed");
    assert_eq!(closed.ended, BTreeSet::from([found.meeting]));
    assert_eq!(closed.staff, BTreeSet::from([ann]));
    assert_eq!((closed.pages, closed.links), (links.clone(), Vec::new()));
    let again = store.close_room(room, OFFICE, now()).await;
    assert_eq!(again.expect("closed"), store::Aftermath::default());
    assert_eq!(states().await, [LinkState::Withdrawn; 3]);
    let gathering = store.gathering(found.meeting, now()).await;
    assert!(gathering.expect("read").is_none());
    assert!(store.rooms_of(ann).await.expect("read").is_empty());
    assert_eq!(store.rooms().await.expect("read").len(), 1);
    let late = store.come_to_room(room, who, "press 2", now()).await;
    assert_eq!(refused(late), Refusal::NotFound);
    let late = store.enter_room(ann, room).await;
    assert_eq!(refused(late), Refusal::NotFound);

    let opened = store.reopen_room(room, OFFICE, now()).await;
    assert_eq!(opened.expect("open").pages, links);
    assert_eq!(states().await, [LinkState::Live; 3]);
    assert_eq!(people(&store, room).await.len(), 2);
    let subject = format!("meeting:{}", found.meeting);
    let named = store.names_of([subject.clone()]).await.expect("read");
    assert_eq!(named.get(&subject).map(String::as_str), Some("Room 1"));
    let log = store.audit_log(None, 9).await.expect("read");
    let count = |action: &str| log.iter().filter(|it| it.action == action).count();
    assert_eq!((count("room_closed"), count("room_reopened")), (1, 1));
    assert!(store.check_audit_log(None).await.expect("read").is_ok());
}

#[tokio::test]
async fn what_had_ended_in_a_room_ends_in_the_backup_too() {
    let folder = fresh_folder();
    let open = async |file: &str| {
        let place = Place::Sqlite(folder.path().join(file));
        Store::open(&place, OPTIONS).await.expect("a database")
    };
    let store = open("a").await;
    let (ann, ben) = (member(&store, "Ann").await, member(&store, "Ben").await);
    let mut rooms = Vec::new();
    for _ in 0..2 {
        let added = store.add_room(&draft(&[ann, ben]), OFFICE, now()).await;
        rooms.push(added.expect("added"));
    }
    let [kept, closed] = rooms[..] else {
        panic!("two");
    };
    let his = store.enter_room(ben, kept).await.expect("entered");
    store
        .backup(&folder.path().join("copy"))
        .await
        .expect("copied");
    // All of that ends after the backup was made.
    let changed = store.change_room(kept, &draft(&[ann]), OFFICE, now()).await;
    changed.expect("changed");
    let shut = store.close_room(closed, OFFICE, now()).await;
    shut.expect("closed");

    let copy = open("copy").await;
    assert_eq!(copy.rooms_of(ben).await.expect("read").len(), 2);
    let last = store.last_standing().await.expect("read");
    copy.carry_over(&last, now()).await.expect("carried over");
    assert!(copy.rooms_of(ben).await.expect("read").is_empty());
    let hers = copy.rooms_of(ann).await.expect("read");
    assert_eq!(hers.iter().map(|it| it.id).collect::<Vec<_>>(), [kept]);
    let held = copy.link(his.id, now()).await.expect("read");
    assert_eq!(held.expect("known").state, LinkState::Withdrawn);
    let left = people(&copy, kept).await;
    assert!(matches!(left.as_slice(), [(who, _, Role::Member)] if who == "Ann"));
    assert!(copy.room(closed).await.expect("known").closed_at.is_some());
}
