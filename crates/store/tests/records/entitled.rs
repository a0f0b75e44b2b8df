//! Who is entitled to a meeting.

use store::{Actor, Appointment, Holder, Store};

use crate::deeds::taken_by;
use crate::places::on_both;
use crate::world::{OFFICE, World, now};

on_both!(a_number_in_a_meeting_is_for_life);

/// Everybody who is entitled to that, with their number.
async fn numbers(world: &World, booked: &Appointment) -> Vec<(Holder, u32)> {
    let call = world.store.call(booked.meeting).await.expect("read");
    let entitled = call.expect("it is booked").meeting.entitled;
    let all = entitled.iter();
    all.map(|it| (it.holder, it.number.0)).collect()
}

async fn a_number_in_a_meeting_is_for_life(store: Store) {
    let world = World::new(store).await;
    let booked = world.book(world.maria, world.ana, world.french, 0).await;
    let booked = booked.expect("booked");
    let teacher = (Holder::Teacher(world.teachers[0]), 1);
    let parent = (Holder::Parent(world.maria), 2);
    assert_eq!(numbers(&world, &booked).await, [teacher, parent]);
    let invite = async |who: &str, at: &str| {
        let invited = world.invite(world.maria, who, at, &[world.ana]).await;
        Holder::Guest(invited.expect("invited").id)
    };
    let remove = async |guest: Holder| {
        let Holder::Guest(id) = guest else {
            panic!("a guest")
        };
        let actor = Actor::Parent(world.maria);
        let removed = world.store.remove_invitation(id, actor, now()).await;
        let changed = removed.expect("removed").changed;
        assert_eq!(changed, [booked.meeting].into());
    };
    let rui = invite("Rui", "rui@x.example").await;
    assert_eq!(numbers(&world, &booked).await, [teacher, parent, (rui, 3)]);
    remove(rui).await;
    assert_eq!(numbers(&world, &booked).await, [teacher, parent]);
    // Nobody else has the number of who is gone, nor of who is erased.
    let eva = invite("Eva", "eva@x.example").await;
    assert_eq!(numbers(&world, &booked).await, [teacher, parent, (eva, 4)]);
    for guest in [rui, eva] {
        let Holder::Guest(id) = guest else {
            panic!("a guest")
        };
        world
            .store
            .erase_guest(id, OFFICE, now())
            .await
            .expect("erased");
    }
    let lia = invite("Lia", "lia@x.example").await;
    assert_eq!(numbers(&world, &booked).await, [teacher, parent, (lia, 5)]);
    // Who takes it again comes back under the number they had.
    for (takes, number) in [(world.teachers[1], 6), (world.teachers[0], 1)] {
        taken_by(&world, world.french, &[takes]).await;
        let all = numbers(&world, &booked).await;
        assert!(all.contains(&(Holder::Teacher(takes), number)), "{all:?}");
        assert_eq!(all.len(), 3);
    }
    // What is cancelled nobody is entitled to.
    let actor = Actor::Parent(world.maria);
    let cancelled = world
        .store
        .cancel_booking(world.maria, booked.id, actor, now())
        .await;
    assert_eq!(cancelled.expect("cancelled").ended, [booked.meeting].into());
    let links = world.store.links_of_call(booked.meeting).await;
    assert_eq!(links.expect("read"), []);
}
