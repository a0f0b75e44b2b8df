//! Booking, moving, cancelling (EVE-2).

use links::AttemptId;
use school::timetable::{SlotState, Window};
use school::{Refusal, SlotNumber};
use store::{Actor, AutomaticRequest, Store};

use crate::places::on_both;
use crate::world::{OFFICE, World, name, now, refused, request};

on_both!(
    a_slot_is_taken_once,
    a_parent_is_never_in_two_places,
    the_same_press_books_once,
    automatic_booking_leaves_no_clash,
    a_moved_appointment_keeps_its_call,
    nobody_books_for_another_family,
    nobody_is_in_two_evenings_at_once,
    whoever_takes_what_is_moved_is_free_then,
    what_was_missed_is_in_nobodys_way,
    nobody_books_into_a_talk_that_goes_on,
    a_minute_more_gives_way_to_whoever_books_in_time,
);

async fn a_slot_is_taken_once(store: Store) {
    let world = World::new(store).await;
    world
        .book(world.maria, world.ana, world.french, 0)
        .await
        .expect("booked");
    let taken = world.book(world.omar, world.cem, world.french, 0).await;
    assert_eq!(refused(taken), Refusal::SlotTaken);
    world
        .book(world.omar, world.cem, world.maths, 0)
        .await
        .expect("other teachers");
    let view = world
        .store
        .parent_evening(world.paul, world.evening, now())
        .await
        .expect("seen");
    let taken = |it: &store::Choice| {
        it.slots
            .iter()
            .filter(|it| it.1 == SlotState::Taken)
            .count()
    };
    let taken: Vec<_> = view.students[0].classes.iter().map(taken).collect();
    assert_eq!(taken, [1, 1]);
}

async fn a_parent_is_never_in_two_places(store: Store) {
    let world = World::new(store).await;
    world
        .book(world.maria, world.ana, world.french, 0)
        .await
        .expect("booked");
    let busy = world.book(world.maria, world.ben, world.maths, 0).await;
    assert_eq!(refused(busy), Refusal::ParentBusy);
    let again = world.book(world.maria, world.ana, world.french, 1).await;
    assert_eq!(refused(again), Refusal::AlreadyBooked);
}

async fn the_same_press_books_once(store: Store) {
    let world = World::new(store).await;
    let attempt = Some(AttemptId(7));
    let wanted = request(world.ana, world.french, 2);
    let actor = Actor::Parent(world.maria);
    let mut ids = Vec::new();
    for _ in 0..3 {
        let booked = world
            .store
            .book(world.maria, world.evening, &wanted, attempt, actor, now())
            .await
            .expect("booked");
        ids.push(booked.id);
    }
    assert!(ids.iter().all(|it| *it == ids[0]));
    let all = world
        .store
        .appointments_of_evening(world.evening)
        .await
        .expect("read");
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].teachers, [(world.teachers[0], name("Ms Adeyemi"))]);
    // Late, and somebody has cancelled it meanwhile.
    world
        .store
        .cancel_booking(world.maria, ids[0], actor, now())
        .await
        .expect("cancelled");
    let late = world
        .store
        .book(world.maria, world.evening, &wanted, attempt, actor, now())
        .await;
    assert_eq!(refused(late), Refusal::CancelledAlready);
}

async fn automatic_booking_leaves_no_clash(store: Store) {
    let world = World::new(store).await;
    world
        .book(world.omar, world.cem, world.french, 0)
        .await
        .expect("booked");
    let actor = Actor::Parent(world.maria);
    let attempt = Some(AttemptId(1));
    let all = AutomaticRequest {
        classes: Vec::new(),
        window: Window::ALWAYS,
    };
    let book = || {
        world
            .store
            .book_automatically(world.maria, world.evening, &all, attempt, actor, now())
    };
    let done = book().await.expect("booked");
    assert_eq!(done.unmet, []);
    let slots: Vec<_> = done
        .booked
        .iter()
        .map(|it| (it.slot.0, it.subject.as_str()))
        .collect();
    assert_eq!(
        slots,
        [(1, "French"), (2, "French"), (3, "Maths"), (4, "Maths")]
    );
    let again = book().await.expect("booked");
    assert_eq!(again.booked, done.booked);
}

async fn a_moved_appointment_keeps_its_call(store: Store) {
    let world = World::new(store).await;
    let booked = world
        .book(world.maria, world.ana, world.maths, 0)
        .await
        .expect("booked");
    world
        .book(world.omar, world.cem, world.maths, 1)
        .await
        .expect("booked");
    let actor = Actor::Parent(world.maria);
    let to = |slot| {
        world
            .store
            .move_booking(world.maria, booked.id, SlotNumber(slot), actor, now())
    };
    assert_eq!(refused(to(1).await), Refusal::SlotTaken);
    let (moved, _) = to(2).await.expect("moved");
    assert_eq!((moved.id, moved.slot), (booked.id, SlotNumber(2)));
    assert_eq!(moved.teachers, booked.teachers);
    world
        .book(world.paul, world.ana, world.maths, 0)
        .await
        .expect("free again");
    let foreign = world
        .store
        .cancel_booking(world.omar, booked.id, actor, now())
        .await;
    assert_eq!(refused(foreign), Refusal::NotFound);
    world
        .store
        .cancel_booking(world.maria, booked.id, actor, now())
        .await
        .expect("cancelled");
    let gone = world.store.call(booked.meeting).await.expect("read");
    assert!(gone.is_none());
    world
        .book(world.omar, world.cem, world.french, 2)
        .await
        .expect("free again");
}

async fn nobody_books_for_another_family(store: Store) {
    let world = World::new(store).await;
    let foreign = world.book(world.omar, world.ana, world.french, 0).await;
    assert_eq!(refused(foreign), Refusal::NotFound);
    let other_school = world.store.of_school(school::SchoolId(2));
    let wanted = request(world.ana, world.french, 0);
    let actor = Actor::Parent(world.maria);
    let unknown = other_school
        .book(world.maria, world.evening, &wanted, None, actor, now())
        .await;
    assert_eq!(refused(unknown), Refusal::NotFound);
}

async fn nobody_is_in_two_evenings_at_once(store: Store) {
    let world = World::new(store).await;
    let evening = world.store.evening(world.evening).await.expect("there");
    let mut draft = evening.draft.clone();
    // Its slots lie across those of the first.
    draft.slot_minutes = 15;
    draft.name = school::Label::read("Another evening").expect("a label");
    let classes = [world.french, world.maths];
    let other = world
        .store
        .add_evening(draft, &classes, OFFICE, now())
        .await;
    let other = other.expect("an evening");
    world
        .store
        .open_booking(other, OFFICE, now())
        .await
        .expect("open");
    let first = world
        .book(world.maria, world.ana, world.french, 1)
        .await
        .expect("booked");
    let book = |parent, student, class, slot| {
        let (store, request) = (world.store.clone(), request(student, class, slot));
        async move {
            let actor = Actor::Parent(parent);
            store
                .book(parent, other, &request, None, actor, now())
                .await
        }
    };
    let overlapping = world.store.evening(other).await.expect("there");
    let during: Vec<u16> = overlapping
        .slots()
        .filter(|it| it.start < first.end && first.start < it.end)
        .map(|it| it.number.0)
        .collect();
    assert!(!during.is_empty());
    for slot in &during {
        let busy = book(world.maria, world.ben, world.maths, *slot).await;
        assert_eq!(refused(busy), Refusal::ParentBusy);
        let taken = book(world.omar, world.cem, world.french, *slot).await;
        assert_eq!(refused(taken), Refusal::SlotTaken);
    }
    let seen = world
        .store
        .parent_evening(world.omar, other, now())
        .await
        .expect("seen");
    let french = seen.students[0].classes.iter();
    let french = french.clone().find(|it| it.class == world.french);
    let taken = french.expect("offered").slots.iter();
    let taken = taken.filter(|it| it.1 == SlotState::Taken);
    assert_eq!(taken.count(), during.len());
    // Whoever is free then may book, and automatic booking goes around it.
    let free = during[0];
    book(world.omar, world.cem, world.maths, free)
        .await
        .expect("free");
    let request = AutomaticRequest {
        classes: Vec::new(),
        window: Window::ALWAYS,
    };
    let actor = Actor::Parent(world.maria);
    let booked = world
        .store
        .book_automatically(world.maria, other, &request, None, actor, now())
        .await
        .expect("booked");
    assert!(!booked.booked.is_empty());
    for one in &booked.booked {
        assert!(one.end <= first.start || first.end <= one.start);
    }
    // Nor is anything moved there.
    let moved = booked.booked[0].id;
    let slot = SlotNumber(free);
    let busy = world
        .store
        .move_booking(world.maria, moved, slot, actor, now())
        .await;
    assert!(matches!(
        refused(busy),
        Refusal::ParentBusy | Refusal::SlotTaken
    ));
}

/// A student whose appointment stays though they are in its class no longer: the teacher counts who takes it.
async fn whoever_takes_what_is_moved_is_free_then(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let mut draft = crate::world::draft();
    draft.name = school::Label::read("Another evening").expect("a label");
    let other = store
        .add_evening(draft, &[world.french], OFFICE, now())
        .await;
    let other = other.expect("an evening");
    store
        .open_booking(other, OFFICE, now())
        .await
        .expect("open");
    let booked = world.book(world.omar, world.cem, world.french, 1).await;
    let booked = booked.expect("booked");
    let mut slots = Vec::new();
    for (evening, slot) in [(other, 3), (world.evening, 4)] {
        let wanted = request(world.ben, world.french, slot);
        let parent = Actor::Parent(world.maria);
        let theirs = store
            .book(world.maria, evening, &wanted, None, parent, now())
            .await;
        slots.push(theirs.expect("booked").slot);
    }
    let class = store::NewClass {
        name: crate::world::label("8B French"),
        subject: crate::world::label("French"),
        teachers: school::JointTeachers::new(vec![world.teachers[0]]).expect("one"),
        students: Some(vec![world.ana, world.ben]),
    };
    store
        .change_class(world.french, &class, OFFICE, now())
        .await
        .expect("Cem has no French any more");
    for slot in slots {
        for actor in [Actor::Parent(world.omar), OFFICE] {
            let moved = store
                .move_booking(world.omar, booked.id, slot, actor, now())
                .await;
            assert_eq!(refused(moved), Refusal::SlotTaken, "{slot:?} by {actor:?}");
        }
    }
    let moved = store
        .move_booking(world.omar, booked.id, SlotNumber(2), OFFICE, now())
        .await;
    assert_eq!(moved.expect("free").0.slot, SlotNumber(2));
}

/// 24 November 2026, so many minutes after five.
fn at(minutes: i64) -> jiff::Timestamp {
    let begins: jiff::Timestamp = "2026-11-24T17:00:00Z".parse().expect("a time");
    begins + jiff::SignedDuration::from_mins(minutes)
}

/// They talked, and were given so many minutes more.
async fn talked(store: &Store, booked: &store::Appointment, minutes: i64) {
    let course = call::Course {
        school_at: Some(booked.start),
        family_at: Some(booked.start),
        met_at: Some(booked.start),
        longer: jiff::SignedDuration::from_mins(minutes),
    };
    store
        .keep_talk(booked.meeting, booked.start, &course)
        .await
        .expect("kept");
}

async fn what_was_missed_is_in_nobodys_way(store: Store) {
    let world = World::new(store).await;
    let (store, evening) = (&world.store, world.evening);
    let mut draft = crate::world::draft();
    draft.closes = Some(at(50));
    let both = [world.french, world.maths];
    let later = store.change_evening(evening, draft, &both, OFFICE, now());
    later.await.expect("booking is open until ten to six");
    let missed = world.book(world.maria, world.ana, world.french, 0).await;
    let missed = missed.expect("booked");
    let held = world.book(world.maria, world.ben, world.french, 1).await;
    talked(store, &held.expect("booked"), 0).await;
    let unseen = world.book(world.omar, world.cem, world.maths, 0).await;
    unseen.expect("booked");
    let moved = store
        .move_booking(world.maria, missed.id, SlotNumber(4), OFFICE, at(21))
        .await;
    assert_eq!(refused(moved), Refusal::SlotOver);
    let shown = async || {
        let view = store.parent_evening(world.maria, evening, at(21)).await;
        let view = view.expect("seen");
        let french = view.students.iter().flat_map(|it| &it.classes);
        let french = french.filter(|it| it.class == world.french);
        french.map(|it| it.booked).collect::<Vec<_>>()
    };
    assert_eq!(shown().await[0], None, "Ana's may be booked");
    let book = async |student, actor| {
        let wanted = request(student, world.french, 4);
        store
            .book(world.maria, evening, &wanted, None, actor, at(21))
            .await
    };
    let maria = Actor::Parent(world.maria);
    for actor in [maria, OFFICE] {
        let twice = book(world.ben, actor).await;
        assert_eq!(refused(twice), Refusal::AlreadyBooked, "it was held");
    }
    let again = book(world.ana, maria).await.expect("nobody came to hers");
    assert_eq!(
        refused(book(world.ana, maria).await),
        Refusal::AlreadyBooked
    );
    assert_eq!(shown().await[0], Some(again.id));
    let all = store.appointments_of_parent(world.maria, evening).await;
    assert_eq!(
        all.expect("read").len(),
        3,
        "what was missed stays in the list"
    );
    let request = AutomaticRequest {
        classes: vec![(world.cem, world.maths)],
        window: Window::ALWAYS,
    };
    let omar = Actor::Parent(world.omar);
    let plan = store
        .book_automatically(world.omar, evening, &request, None, omar, at(21))
        .await
        .expect("planned");
    assert_eq!((plan.booked.len(), plan.unmet.len()), (1, 0));
}

async fn nobody_books_into_a_talk_that_goes_on(store: Store) {
    let world = World::new(store).await;
    let (store, evening) = (&world.store, world.evening);
    let first = world.book(world.maria, world.ana, world.french, 0).await;
    // Until 17:14.
    talked(store, &first.expect("booked"), 4).await;
    let seen = async |parent, minutes| {
        let view = store.parent_evening(parent, evening, at(minutes)).await;
        let view = view.expect("seen");
        let french = view.students.iter().flat_map(|it| &it.classes);
        let french = french.filter(|it| it.class == world.french);
        french.map(|it| it.slots[1].1).collect::<Vec<_>>()
    };
    let wanted = request(world.cem, world.french, 1);
    for minutes in [9, 11] {
        assert_eq!(seen(world.omar, minutes).await, [SlotState::TalkGoesOn]);
        let booked = store
            .book(world.omar, evening, &wanted, None, OFFICE, at(minutes))
            .await;
        assert_eq!(refused(booked), Refusal::SlotTaken);
        // Nor is the family elsewhere.
        let theirs = request(world.ben, world.maths, 1);
        let booked = store
            .book(world.maria, evening, &theirs, None, OFFICE, at(minutes))
            .await;
        assert_eq!(refused(booked), Refusal::ParentBusy);
    }
    let later = world.book(world.omar, world.cem, world.french, 2).await;
    let later = later.expect("booked").id;
    let moved = store
        .move_booking(world.omar, later, SlotNumber(1), OFFICE, at(11))
        .await;
    assert_eq!(refused(moved), Refusal::SlotTaken);
    let moved = store
        .move_booking(world.omar, later, SlotNumber(1), OFFICE, at(14))
        .await;
    moved.expect("the talk is over");
}

async fn a_minute_more_gives_way_to_whoever_books_in_time(store: Store) {
    let world = World::new(store).await;
    let (store, evening) = (&world.store, world.evening);
    let first = world.book(world.maria, world.ana, world.french, 0).await;
    // Until 17:11.
    talked(store, &first.expect("booked"), 1).await;
    let seen = async |minutes| {
        let view = store.parent_evening(world.omar, evening, at(minutes)).await;
        let view = view.expect("seen");
        let french = view.students.iter().flat_map(|it| &it.classes);
        let french = french.filter(|it| it.class == world.french);
        french.map(|it| it.slots[1].1).collect::<Vec<_>>()
    };
    assert_eq!(seen(8).await, [SlotState::Free]);
    // Too late to warn whoever is in it.
    assert_eq!(seen(10).await, [SlotState::TalkGoesOn]);
    assert_eq!(seen(11).await, [SlotState::Free], "it is over");
    let later = world.book(world.omar, world.cem, world.french, 2).await;
    let later = later.expect("booked").id;
    let to = |minutes| store.move_booking(world.omar, later, SlotNumber(1), OFFICE, at(minutes));
    assert_eq!(refused(to(10).await), Refusal::SlotTaken);
    to(9).await.expect("a minute is left");
    // Nor is the family's other time lost to them.
    let theirs = request(world.ben, world.maths, 1);
    let booked = store
        .book(world.maria, evening, &theirs, None, OFFICE, at(9))
        .await;
    booked.expect("a minute is left");
}
