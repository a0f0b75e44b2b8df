//! Calls that were stopped for abuse: whom that keeps out, and how the office lets them back (SCR-14).

use std::collections::BTreeSet;

use call::Parting;
use links::LinkId;
use school::{AreaId, MeetingId, Note, Refusal, Scope, SlotNumber, StopId};
use store::{Actor, Aftermath, Holder, NewStop, Place, Reach, StopState, Store};

use crate::areas;
use crate::call_guests::{by_email, invite, new, room};
use crate::places::{OPTIONS, fresh_folder, on_both};
use crate::world::{OFFICE, World, later, name, now, refused};

on_both!(
    an_appointment_is_over_for_everybody_until_the_office_lets_them_back,
    the_family_gets_out_of_it_by_no_way_of_their_own_and_so_to_no_other,
    a_room_loses_the_guests_who_were_there_and_keeps_its_members,
    who_had_left_before_the_call_came_to_whoever_serves_it_now_is_kept_out_too,
    whoever_is_kept_out_is_known_by_the_press_by_which_they_came,
    a_caller_who_was_in_the_call_waits_for_nobody_any_more,
    a_caller_who_has_just_come_waits_for_nobody_any_more_and_who_has_not_does,
    a_guest_who_was_invited_and_is_kept_out_is_written_to_no_more,
    nobody_is_invited_into_an_appointment_that_was_stopped,
    a_call_in_which_nobody_has_been_is_not_ended,
    a_call_that_everybody_has_left_keeps_out_whom_it_would_have_kept_out,
    what_was_written_of_it_is_forgotten_after_the_schools_period,
);

/// A press, its note, and who was in the call.
pub(crate) struct Press {
    attempt: String,
    note: Note,
    were: Vec<Holder>,
}

pub(crate) fn stop(press: &str, note: &str, were: &[Holder]) -> Press {
    Press {
        attempt: press.to_owned(),
        note: Note::read(note).expect("a note"),
        were: were.to_vec(),
    }
}

/// Stops it, and gives what follows.
async fn stops(store: &Store, id: MeetingId, by: Holder, new: &Press) -> Aftermath {
    let found = store.gathering(id, now()).await.expect("read");
    let found = found.expect("it is there");
    let mut links = BTreeSet::new();
    for holder in &new.were {
        let link = match (found.link(*holder), holder) {
            (Some(link), _) => link,
            // They wait again.
            (None, Holder::Visitor(caller)) => {
                let wait = store.wait_of(*caller, now()).await.expect("read");
                wait.expect("a caller").caller.link
            }
            // By a link that is gone: they are kept out of nothing.
            (None, _) => LinkId::from_number(1).expect("a number"),
        };
        links.insert(link);
    }
    let new = NewStop {
        attempt: new.attempt.clone(),
        note: new.note.clone(),
        were: links,
        opened: None,
    };
    let done = store.stop_call(id, &new, by, now()).await;
    done.expect("stopped")
}

/// Stops it, and gives which meetings are read again.
pub(crate) async fn stopped(
    store: &Store,
    id: MeetingId,
    by: Holder,
    new: &Press,
) -> BTreeSet<MeetingId> {
    stops(store, id, by, new).await.changed
}

pub(crate) async fn who_may_come(store: &Store, id: MeetingId) -> Vec<Holder> {
    let found = store.gathering(id, now()).await.expect("read");
    let all = found.expect("it is there").meeting.entitled;
    all.iter().map(|it| it.holder).collect()
}

/// How often it was stopped, and whether nobody comes to it.
async fn stands(store: &Store, id: MeetingId) -> (usize, bool) {
    let found = store.gathering(id, now()).await.expect("read");
    let found = found.expect("it is there");
    (found.stops, found.is_shut)
}

async fn newest(store: &Store) -> (StopId, StopState) {
    let all = store.stopped_calls().await.expect("read");
    let one = all.first().expect("one");
    (one.id, one.state)
}

async fn to_look_at(store: &Store) -> i64 {
    store.attention(now()).await.expect("read").to_decide
}

async fn an_appointment_is_over_for_everybody_until_the_office_lets_them_back(store: Store) {
    let world = World::new(store).await;
    let booked = world.book(world.maria, world.ana, world.french, 1).await;
    let booked = booked.expect("booked");
    let store = &world.store;
    let teacher = Holder::Teacher(booked.teachers[0].0);
    let new = stop("1", "He shouted.", &[teacher]);
    let Aftermath { changed, pages, .. } = stops(store, booked.meeting, teacher, &new).await;
    assert_eq!(changed, [booked.meeting].into());
    assert_eq!(stands(store, booked.meeting).await, (1, true));
    // Pressed again, and by another press: it is over already, and told again to whom it concerns.
    for press in ["1", "2"] {
        let again = stop(press, "", &[]);
        let again = stops(store, booked.meeting, teacher, &again).await;
        assert_eq!((&again.changed, &again.pages), (&changed, &pages));
    }
    let shown = store.stopped_calls().await.expect("read");
    let [one] = shown.as_slice() else {
        panic!("{shown:?}");
    };
    assert_eq!(one.note.reveal(), "He shouted.");
    assert_eq!(one.by.as_ref(), Some(&booked.teachers[0].1));
    assert_eq!(
        one.about.as_ref().map(|(name, starts)| (name, *starts)),
        Some((&booked.student_name, booked.start))
    );
    let theirs = store
        .appointments_of_parent(world.maria, world.evening)
        .await
        .expect("read");
    assert!(theirs[0].is_stopped && theirs[0].window.closes <= booked.window.closes);
    assert_eq!(to_look_at(store).await, 1);

    store.keep_stop(one.id, OFFICE, now()).await.expect("kept");
    assert_eq!(to_look_at(store).await, 0);
    assert_eq!(newest(store).await, (one.id, StopState::Stands));
    assert_eq!(stands(store, booked.meeting).await, (1, true));
    let back = store.let_back(one.id, OFFICE, now()).await.expect("back");
    assert_eq!(back.changed, [booked.meeting].into());
    let again = store.let_back(one.id, OFFICE, now()).await.expect("back");
    assert_eq!(again, back, "told again");
    assert_eq!(newest(store).await, (one.id, StopState::LetBack));
    assert_eq!(stands(store, booked.meeting).await, (1, false));
    let theirs = store
        .appointments_of_parent(world.maria, world.evening)
        .await
        .expect("read");
    assert!(!theirs[0].is_stopped);
    assert_eq!(theirs[0].window, booked.window);
    // It can be stopped once more.
    let new = stop("3", "", &[teacher]);
    stopped(store, booked.meeting, teacher, &new).await;
    assert_eq!(stands(store, booked.meeting).await, (2, true));
    let unknown = store.let_back(StopId(7), OFFICE, now()).await;
    assert_eq!(refused(unknown), Refusal::NotFound);
    let unknown = store.keep_stop(StopId(7), OFFICE, now()).await;
    assert_eq!(refused(unknown), Refusal::NotFound);
    let log = store.audit_log(None, 99).await.expect("read");
    let count = |action: &str| log.iter().filter(|it| it.action == action).count();
    assert_eq!(
        (count("call_stopped"), count("stop_kept"), count("let_back")),
        (2, 1, 1)
    );
}

async fn the_family_gets_out_of_it_by_no_way_of_their_own_and_so_to_no_other(store: Store) {
    let world = World::new(store).await;
    let booked = world.book(world.maria, world.ana, world.french, 1).await;
    let booked = booked.expect("booked");
    let store = &world.store;
    let teacher = Holder::Teacher(booked.teachers[0].0);
    stopped(store, booked.meeting, teacher, &stop("1", "", &[teacher])).await;
    let (maria, by) = (world.maria, Actor::Parent(world.maria));
    let cancelled = store.cancel_booking(maria, booked.id, by, now()).await;
    assert_eq!(refused(cancelled), Refusal::CallStopped);
    let moved = store.move_booking(maria, booked.id, SlotNumber(3), by, now());
    assert_eq!(refused(moved.await), Refusal::CallStopped);
    // The office lets them back first; else it would look like one that can be joined.
    let moved = store.move_booking(maria, booked.id, SlotNumber(3), OFFICE, now());
    assert_eq!(refused(moved.await), Refusal::StopStands);
    let (stop, _) = newest(store).await;
    store.let_back(stop, OFFICE, now()).await.expect("back");
    let moved = store.move_booking(maria, booked.id, SlotNumber(3), OFFICE, now());
    let (moved, _) = moved.await.expect("moved");
    assert_eq!((moved.slot, moved.is_stopped), (SlotNumber(3), false));
}

async fn a_call_in_which_nobody_has_been_is_not_ended(store: Store) {
    let world = World::new(store).await;
    let booked = world.book(world.maria, world.ana, world.french, 1).await;
    let booked = booked.expect("booked");
    let store = &world.store;
    let (member, meeting) = room(store).await;
    let teacher = Holder::Teacher(booked.teachers[0].0);
    // It was to be at another time once, and the teacher came.
    let early = store.joined(teacher, booked.meeting, later(-120)).await;
    early.expect("noted");
    for (by, meeting) in [(member, meeting), (teacher, booked.meeting)] {
        let done = store.stop_call(meeting, &left("1"), by, now()).await;
        assert_eq!(refused(done), Refusal::NobodyThere);
        assert_eq!(stands(store, meeting).await, (0, false));
    }
    assert_eq!(to_look_at(store).await, 0);
}

/// A press that stops a call in which nobody is, of an appointment that can be joined for an hour.
fn left(press: &str) -> NewStop {
    NewStop {
        attempt: press.to_owned(),
        note: Note::default(),
        were: BTreeSet::new(),
        opened: Some(later(-60)),
    }
}

async fn a_call_that_everybody_has_left_keeps_out_whom_it_would_have_kept_out(store: Store) {
    let world = World::new(store).await;
    let booked = world.book(world.maria, world.ana, world.french, 1).await;
    let booked = booked.expect("booked");
    let store = &world.store;
    let teacher = Holder::Teacher(booked.teachers[0].0);
    let (member, meeting) = room(store).await;
    let guest = invite(store, meeting, member, &new(Reach::Link, "1")).await;
    let guest = Holder::Visitor(guest);
    let begun = store.keep_beginning(meeting, later(-10)).await;
    begun.expect("noted");
    for (who, meeting) in [
        (member, meeting),
        (guest, meeting),
        (teacher, booked.meeting),
    ] {
        let came = store.joined(who, meeting, later(-10)).await;
        came.expect("noted");
        let gone = store.parted(who, meeting, (Parting::Left, true), later(-9));
        gone.await.expect("noted");
    }
    for (by, meeting, is_shut) in [(member, meeting, false), (teacher, booked.meeting, true)] {
        let done = store.stop_call(meeting, &left("1"), by, now()).await;
        done.expect("stopped");
        assert_eq!(stands(store, meeting).await, (1, is_shut));
    }
    assert_eq!(who_may_come(store, meeting).await, [member]);
    assert_eq!(to_look_at(store).await, 2);
}

async fn a_room_loses_the_guests_who_were_there_and_keeps_its_members(store: Store) {
    let (member, meeting) = room(&store).await;
    let there = invite(&store, meeting, member, &new(Reach::Link, "1")).await;
    let elsewhere = invite(&store, meeting, member, &new(Reach::Link, "2")).await;
    let (there, elsewhere) = (Holder::Visitor(there), Holder::Visitor(elsewhere));
    let kept_out = async |store: &Store| {
        let found = store.gathering(meeting, now()).await.expect("read");
        let found = found.expect("it is there");
        (found.kept_out.len(), found.is_shut)
    };
    stopped(&store, meeting, member, &stop("1", "", &[member, there])).await;
    assert_eq!(who_may_come(&store, meeting).await, [member, elsewhere]);
    assert_eq!(kept_out(&store).await, (1, false));
    // The next call is stopped too: each is let back alone.
    stopped(&store, meeting, member, &stop("2", "", &[elsewhere])).await;
    assert_eq!(who_may_come(&store, meeting).await, [member]);
    let first = store.stopped_calls().await.expect("read");
    let first = first.iter().find(|it| it.guests.len() == 1).expect("one");
    store.let_back(first.id, OFFICE, now()).await.expect("back");
    assert_eq!(who_may_come(&store, meeting).await.len(), 2);
    assert_eq!(stands(&store, meeting).await, (2, false));
}

/// As the log has it: who was in that call, and not who was in one before it, or in another meeting.
async fn who_had_left_before_the_call_came_to_whoever_serves_it_now_is_kept_out_too(store: Store) {
    let (member, meeting) = room(&store).await;
    let mut guests = Vec::new();
    for press in ["1", "2", "3", "4"] {
        let guest = invite(&store, meeting, member, &new(Reach::Link, press)).await;
        guests.push(Holder::Visitor(guest));
    }
    let joins = async |who: Holder, minutes: i64| {
        let done = store.joined(who, meeting, later(minutes)).await;
        done.expect("noted");
    };
    let begins = async |minutes: i64| {
        let done = store.keep_beginning(meeting, later(minutes)).await;
        done.expect("noted");
    };
    begins(-60).await;
    joins(guests[0], -59).await;
    begins(-10).await;
    joins(member, -10).await;
    joins(guests[1], -9).await;
    joins(guests[2], -8).await;
    let left = store.parted(guests[1], meeting, (Parting::Left, true), later(-7));
    left.await.expect("noted");
    // The one who has left is known to nobody but the log.
    let here = [member, guests[2]];
    stopped(&store, meeting, member, &stop("1", "", &here)).await;
    let may_come = [member, guests[0], guests[3]];
    assert_eq!(who_may_come(&store, meeting).await, may_come);
    // Let back, they were not in the call that is stopped next, though nobody says when it began.
    let (id, _) = newest(&store).await;
    store.let_back(id, OFFICE, now()).await.expect("back");
    joins(guests[3], 2).await;
    stopped(&store, meeting, member, &stop("2", "", &[member])).await;
    let may_come = [member, guests[0], guests[1], guests[2]];
    assert_eq!(who_may_come(&store, meeting).await, may_come);
}

async fn whoever_is_kept_out_is_known_by_the_press_by_which_they_came(store: Store) {
    let ann = areas::provider(&store, "Ann").await;
    let desk = areas::area(&store, &[ann]).await;
    let (khan, _) = areas::come(&store, desk, "Mrs Khan", 0).await;
    areas::come(&store, desk, "Mr Lee", 1).await;
    let nobody = BTreeSet::new();
    let taken = store.take_caller((ann, desk, khan), &nobody, now());
    taken.await.expect("taken");
    let meeting = store.called_by(ann, desk, now()).await.expect("read");
    let meeting = meeting.expect("a call");
    let keeps_out = async |place: Scope, presses: &[&str]| {
        let presses: Vec<String> = presses.iter().map(|it| (*it).to_owned()).collect();
        store.keeps_out(place, &presses).await.expect("read")
    };
    let (place, press) = (Scope::Area(desk), "press of Mrs Khan");
    assert!(!keeps_out(place, &[press]).await, "nothing was stopped");
    let here = [Holder::Staff(ann), Holder::Visitor(khan)];
    stopped(&store, meeting, here[0], &stop("1", "", &here)).await;
    for at in 0..4 {
        let mut presses = ["other"; 4];
        presses[at] = press;
        assert!(keeps_out(place, &presses).await);
    }
    assert!(!keeps_out(place, &["press of Mr Lee"]).await);
    assert!(!keeps_out(place, &[]).await);
    let elsewhere = Scope::Area(AreaId(7));
    assert!(!keeps_out(elsewhere, &[press]).await);
    let (id, _) = newest(&store).await;
    store.let_back(id, OFFICE, now()).await.expect("back");
    assert!(!keeps_out(place, &[press]).await);
}

/// SCR-14: also whoever waits again by then, or was taken into the call of another area's provider.
async fn a_caller_who_was_in_the_call_waits_for_nobody_any_more(store: Store) {
    let ann = areas::provider(&store, "Ann").await;
    let desk = areas::area(&store, &[ann]).await;
    let (khan, _) = areas::come(&store, desk, "Mrs Khan", 0).await;
    let (lee, _) = areas::come(&store, desk, "Mr Lee", 1).await;
    let (adeyemi, _) = areas::come(&store, desk, "Ms Adeyemi", 2).await;
    let nobody = BTreeSet::new();
    let taken = store.take_caller((ann, desk, khan), &nobody, now());
    taken.await.expect("taken");
    let meeting = store.called_by(ann, desk, now()).await.expect("read");
    let meeting = meeting.expect("a call");
    let added = store.add_caller((ann, desk, lee), (meeting, &nobody), now());
    added.await.expect("added");
    store
        .put_back((ann, desk, khan), now())
        .await
        .expect("back");
    let link_of = async |caller| {
        let wait = store.wait_of(caller, now()).await.expect("read");
        wait.expect("a caller").caller.link
    };
    let pages = [
        link_of(khan).await,
        link_of(lee).await,
        link_of(adeyemi).await,
    ];

    let were = [
        Holder::Staff(ann),
        Holder::Visitor(khan),
        Holder::Visitor(lee),
    ];
    let done = stops(&store, meeting, were[0], &stop("1", "", &were)).await;
    // Their own pages, those of who waited behind them, and the list of those who take callers.
    assert_eq!(done.pages, pages.into());
    assert_eq!(done.staff, [ann].into());
    for caller in [khan, lee] {
        let taken = store.take_caller((ann, desk, caller), &nobody, now());
        assert_eq!(refused(taken.await), Refusal::CallerGone);
        let back = store.put_back((ann, desk, caller), now());
        assert_eq!(refused(back.await), Refusal::CallerGone);
    }
    let waiting = store.callers_of(ann, now()).await.expect("read");
    let waiting: Vec<_> = waiting.iter().map(|it| it.id).collect();
    assert_eq!(waiting, [adeyemi]);
    // Whoever comes with a ticket of before hears that the call was stopped.
    let found = store.gathering(meeting, now()).await.expect("read");
    let found = found.expect("it is there");
    assert_eq!(found.kept_out, [pages[0], pages[1]].into());
    assert_eq!(who_may_come(&store, meeting).await, [Holder::Staff(ann)]);
}

/// SCR-14: the call knows of whoever has come into it before that is written down.
async fn a_caller_who_has_just_come_waits_for_nobody_any_more_and_who_has_not_does(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    // The account of Ms Adeyemi, who teaches French.
    let ann = areas::provider(store, "teacher0").await;
    let desk = areas::area(store, &[ann]).await;
    let booked = world.book(world.maria, world.ana, world.french, 1).await;
    let meeting = booked.expect("booked").meeting;
    let (mut callers, nobody) = (Vec::new(), BTreeSet::new());
    for (nth, who) in [(0, "Mrs Khan"), (1, "Mr Lee")] {
        let (caller, _) = areas::come(store, desk, who, nth).await;
        let added = store.add_caller((ann, desk, caller), (meeting, &nobody), now());
        added.await.expect("added");
        callers.push(Holder::Visitor(caller));
    }
    stops(store, meeting, callers[0], &stop("1", "", &callers[..1])).await;
    let waiting = store.callers_of(ann, now()).await.expect("read");
    let waiting: Vec<_> = waiting.iter().map(|it| Holder::Visitor(it.id)).collect();
    assert_eq!(waiting, callers[1..]);
}

/// SCR-14: by the link of the room neither, in the browser in which they said who they are.
async fn a_guest_who_was_invited_and_is_kept_out_is_written_to_no_more(store: Store) {
    let (member, meeting) = room(&store).await;
    let gus = invite(
        &store,
        meeting,
        member,
        &new(by_email("gus@example.org"), "1"),
    )
    .await;
    let named = store
        .name_guest(gus, (&name("Gus"), "press of Gus"), now())
        .await;
    named.expect("named");
    let were = [member, Holder::Visitor(gus)];
    stopped(&store, meeting, member, &stop("1", "", &were)).await;
    let rooms = store.rooms().await.expect("read");
    let place = Scope::Room(rooms[0].id);
    let keeps_out = async |press: &str| {
        let presses = [press.to_owned()];
        store.keeps_out(place, &presses).await.expect("read")
    };
    assert!(keeps_out("press of Gus").await && !keeps_out("another").await);

    let again = new(by_email("Gus@example.org"), "2");
    let again = store.invite_guest(meeting, &again, member, now());
    assert_eq!(refused(again.await), Refusal::KeptOut);
    let resent = store.resend_to_guest((meeting, gus), "3", member, now());
    assert_eq!(refused(resent.await), Refusal::KeptOut);
    // Nobody else is.
    invite(
        &store,
        meeting,
        member,
        &new(by_email("una@example.org"), "4"),
    )
    .await;
    let (id, _) = newest(&store).await;
    for _pressed_twice in 0..2 {
        store.keep_stop(id, OFFICE, now()).await.expect("kept");
    }
    let log = store.audit_log(None, 99).await.expect("read");
    let kept = log.iter().filter(|it| it.action == "stop_kept");
    assert_eq!(kept.count(), 1);
    store.let_back(id, OFFICE, now()).await.expect("back");
    assert!(!keeps_out("press of Gus").await);
    let resent = store.resend_to_guest((meeting, gus), "5", member, now());
    resent.await.expect("written to");
}

async fn nobody_is_invited_into_an_appointment_that_was_stopped(store: Store) {
    let world = World::new(store).await;
    let booked = world.book(world.maria, world.ana, world.french, 1).await;
    let booked = booked.expect("booked");
    let store = &world.store;
    let teacher = Holder::Teacher(booked.teachers[0].0);
    stopped(store, booked.meeting, teacher, &stop("1", "", &[teacher])).await;
    let guest = new(by_email("gus@example.org"), "1");
    let invited = store.invite_guest(booked.meeting, &guest, teacher, now());
    assert_eq!(refused(invited.await), Refusal::KeptOut);
}

async fn what_was_written_of_it_is_forgotten_after_the_schools_period(store: Store) {
    let (member, meeting) = room(&store).await;
    let new = stop("1", "She swore.", &[member]);
    stopped(&store, meeting, member, &new).await;
    let then = later(60 * 24 * 501);
    store.erase_expired(then).await.expect("erased");
    let all = store.stopped_calls().await.expect("read");
    assert!(all.iter().all(|it| it.note.reveal().is_empty()));
}

#[tokio::test]
async fn what_was_stopped_is_stopped_in_the_backup_too() {
    let folder = fresh_folder();
    let open = async |file: &str| {
        let place = Place::Sqlite(folder.path().join(file));
        Store::open(&place, OPTIONS).await.expect("a database")
    };
    let world = World::new(open("a").await).await;
    let store = &world.store;
    let (member, meeting) = room(store).await;
    let guest = invite(store, meeting, member, &new(Reach::Link, "1")).await;
    let guest = Holder::Visitor(guest);
    let booked = world.book(world.maria, world.ana, world.french, 1).await;
    let booked = booked.expect("booked");
    let copied = store.backup(&folder.path().join("copy")).await;
    copied.expect("copied");
    let teacher = Holder::Teacher(booked.teachers[0].0);
    // After the backup was made.
    stopped(store, meeting, member, &stop("1", "", &[member, guest])).await;
    let new = stop("2", "He shouted.", &[teacher]);
    stopped(store, booked.meeting, teacher, &new).await;

    let copy = open("copy").await;
    assert_eq!(who_may_come(&copy, meeting).await, [member, guest]);
    let last = store.last_standing().await.expect("read");
    copy.carry_over(&last, now()).await.expect("carried over");
    assert_eq!(who_may_come(&copy, meeting).await, [member]);
    assert_eq!(stands(&copy, booked.meeting).await, (1, true));
    let shown = copy.stopped_calls().await.expect("read");
    assert!(shown.iter().any(|it| it.note.reveal() == "He shouted."));
    // The office lets them back there as well.
    for one in &shown {
        copy.let_back(one.id, OFFICE, now()).await.expect("back");
    }
    assert_eq!(who_may_come(&copy, meeting).await, [member, guest]);
}
