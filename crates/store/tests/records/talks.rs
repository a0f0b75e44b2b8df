//! How talks went, and the hours that they have.

use call::Course;
use jiff::SignedDuration;
use school::{Note, Refusal};
use store::{Actor, Store};

use crate::places::on_both;
use crate::world::{OFFICE, World, now, refused, request};

on_both!(
    a_talk_is_kept_in_any_order,
    a_talk_has_room_until_what_is_booked_behind_it,
    those_who_come_before_are_counted,
    a_line_is_of_those_who_take_the_appointment
);

async fn a_talk_is_kept_in_any_order(store: Store) {
    let world = World::new(store).await;
    let booked = world.book(world.maria, world.ana, world.french, 0).await;
    let booked = booked.expect("booked");
    assert_eq!(booked.course, Course::default());
    let minute = SignedDuration::from_mins(1);
    let late = Course {
        family_at: Some(booked.start),
        longer: minute,
        ..Course::default()
    };
    let early = Course {
        family_at: Some(booked.start + minute),
        school_at: Some(booked.start + minute),
        ..Course::default()
    };
    let mut read = Vec::new();
    for course in [late, early, late] {
        let kept = world.store.keep_talk(booked.meeting, booked.start, &course);
        kept.await.expect("kept");
        let call = world.store.call(booked.meeting).await.expect("read");
        read.push(call.expect("it is booked").appointment);
    }
    assert_eq!(read.first().map(|one| one.course), Some(late));
    let both = Course {
        school_at: early.school_at,
        ..late
    };
    assert_eq!(read.last().map(|one| one.course), Some(both));
    let closes = read.last().map(|one| one.window.closes);
    assert_eq!(closes, Some(booked.end + minute));
    // Of another time it says nothing, and of no meeting there is nothing to say.
    let other = booked.start + minute;
    let kept = world.store.keep_talk(booked.meeting, other, &early).await;
    kept.expect("kept");
    let call = world.store.call(booked.meeting).await.expect("read");
    assert_eq!(call.map(|it| it.appointment.course), Some(both));
    let nobodys = school::MeetingId(1);
    let kept = world.store.keep_talk(nobodys, booked.start, &early).await;
    kept.expect("nothing to keep");
}

async fn a_talk_has_room_until_what_is_booked_behind_it(store: Store) {
    let world = World::new(store).await;
    let booked = world.book(world.maria, world.ana, world.french, 0).await;
    let booked = booked.expect("booked");
    let latest = async || {
        let found = world.store.gathering(booked.meeting, now()).await;
        let talk = found.expect("read").expect("it is booked").talk;
        let (hours, _) = talk.expect("it has its hours");
        assert_eq!((hours.starts, hours.ends), (booked.start, booked.end));
        hours.latest
    };
    let free = latest().await;
    assert_eq!(free, booked.end + SignedDuration::from_mins(5));
    let next = world.book(world.maria, world.ana, world.maths, 1).await;
    let next = next.expect("booked");
    assert_eq!(latest().await, free.min(next.start), "the family's");
    let by = world.maria;
    let cancelled = world.store.cancel_booking(by, next.id, OFFICE, now());
    cancelled.await.expect("cancelled");
    assert_eq!(latest().await, free);
    // Who takes it has somebody in another evening.
    let evening = world.store.evening(world.evening).await.expect("there");
    let classes = [world.french, world.maths];
    let other = world
        .store
        .add_evening(evening.draft, &classes, OFFICE, now());
    let other = other.await.expect("an evening");
    let opened = world.store.open_booking(other, OFFICE, now()).await;
    opened.expect("open");
    let wanted = request(world.cem, world.french, 1);
    let (omar, by) = (world.omar, Actor::Parent(world.omar));
    let theirs = world.store.book(omar, other, &wanted, None, by, now());
    let theirs = theirs.await.expect("booked");
    assert!(theirs.start < free);
    assert_eq!(latest().await, theirs.start, "the teacher's");
}

async fn those_who_come_before_are_counted(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let first = world.book(world.maria, world.ana, world.french, 0).await;
    let first = first.expect("booked");
    let last = world.book(world.omar, world.cem, world.french, 2).await;
    let last = last.expect("booked");
    let before = async |of: &store::Appointment, at| {
        let counted = store.appointments_before(of.meeting, at).await;
        counted.expect("read")
    };
    assert_eq!(before(&first, first.start).await, 0);
    assert_eq!(before(&last, first.start).await, 1);
    // Others take that one.
    let others = world.book(world.maria, world.ana, world.maths, 1).await;
    others.expect("booked");
    assert_eq!(before(&last, first.start).await, 1);
    assert_eq!(before(&last, first.end).await, 0, "it is over");
    let minute = SignedDuration::from_mins(1);
    let course = Course {
        longer: minute,
        ..Course::default()
    };
    let kept = store.keep_talk(first.meeting, first.start, &course).await;
    kept.expect("kept");
    assert_eq!(before(&last, first.end).await, 1, "it was made longer");
    assert_eq!(before(&last, first.end + minute).await, 0);
}

async fn a_line_is_of_those_who_take_the_appointment(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let booked = world.book(world.maria, world.ana, world.french, 0).await;
    let booked = booked.expect("booked");
    let (takes, _) = booked.teachers[0].clone();
    let other = world.teachers.into_iter().find(|it| *it != takes);
    let other = other.expect("there are three");
    let note = Note::read("Reads well").expect("a note");
    let write = async |by, id, note: &Note| {
        let written = store.note_for_teachers((by, world.evening), id, note, None, now());
        written.await
    };
    assert_eq!(
        refused(write(other, booked.id, &note).await),
        Refusal::NotFound
    );
    write(takes, booked.id, &note).await.expect("written");
    let read = async |by| store.teacher_notes(by, world.evening).await.expect("read");
    assert_eq!(read(takes).await.get(&booked.id), Some(&note));
    assert!(read(other).await.is_empty());
    // Two write at a time: whoever saw what stood before reads what stands now, and nothing is lost.
    let other_words = Note::read("Reads aloud").expect("a note");
    let after = async |before: &str| {
        let theirs = (takes, world.evening);
        let written = store.note_for_teachers(theirs, booked.id, &other_words, Some(before), now());
        written.await
    };
    assert_eq!(refused(after("").await), Refusal::ChangedMeanwhile);
    assert_eq!(read(takes).await.get(&booked.id), Some(&note));
    assert_eq!(after("Reads well").await.expect("written"), booked.meeting);
    after("Reads well").await.expect("the same press again");
    assert_eq!(read(takes).await.get(&booked.id), Some(&other_words));
    write(takes, booked.id, &Note::default())
        .await
        .expect("taken away");
    assert!(read(takes).await.is_empty());
    let cancelled = store.cancel_booking(world.maria, booked.id, OFFICE, now());
    cancelled.await.expect("cancelled");
    assert_eq!(
        refused(write(takes, booked.id, &note).await),
        Refusal::NotFound
    );
}
