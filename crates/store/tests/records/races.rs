//! Two who want the same at one instant (EVE-2, INV-4).

use std::sync::Arc;

use school::{Refusal, SlotNumber, StudentId};
use store::{Actor, Store};
use tokio::sync::Barrier;

use crate::places::on_both;
use crate::world::{OFFICE, World, now, refused, request};

on_both!(
    of_two_who_take_a_slot_exactly_one_gets_it,
    of_two_who_invite_for_a_student_exactly_one_does,
);

/// How often; ten thousand times where `HOMEROOM_LONG` is set.
fn rounds() -> usize {
    match std::env::var_os("HOMEROOM_LONG") {
        Some(_) => 10_000,
        None => 200,
    }
}

async fn of_two_who_take_a_slot_exactly_one_gets_it(store: Store) {
    let world = Arc::new(World::new(store).await);
    for round in 0..rounds() {
        let slot = u16::try_from(round % 6).expect("few");
        // Of two who race for one teacher, or for one of two who teach jointly.
        let class = if round % 2 == 0 {
            world.french
        } else {
            world.maths
        };
        let barrier = Arc::new(Barrier::new(2));
        let race = |parent, student: StudentId| {
            let (world, barrier) = (Arc::clone(&world), Arc::clone(&barrier));
            tokio::spawn(async move {
                let wanted = request(student, class, slot);
                let actor = Actor::Parent(parent);
                barrier.wait().await;
                world
                    .store
                    .book(parent, world.evening, &wanted, None, actor, now())
                    .await
            })
        };
        let (one, other) = (race(world.maria, world.ana), race(world.omar, world.cem));
        let outcomes = [one.await.expect("ran"), other.await.expect("ran")];
        let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        assert_eq!((won.len(), lost.len()), (1, 1), "round {round}");
        for lost in lost {
            assert_eq!(refused(lost), Refusal::SlotTaken, "round {round}");
        }
        let all = world
            .store
            .appointments_of_evening(world.evening)
            .await
            .expect("read");
        assert_eq!(all.len(), 1, "round {round}");
        assert_eq!(all[0].slot, SlotNumber(slot));
        for booked in all {
            let done = world
                .store
                .cancel_booking(booked.parent, booked.id, OFFICE, now())
                .await;
            done.expect("cancelled");
        }
    }
    assert!(
        world
            .store
            .check_audit_log(None)
            .await
            .expect("read")
            .is_ok()
    );
}

async fn of_two_who_invite_for_a_student_exactly_one_does(store: Store) {
    let world = Arc::new(World::new(store).await);
    for round in 0..rounds() / 10 {
        let barrier = Arc::new(Barrier::new(2));
        let race = |who: &'static str| {
            let (world, barrier) = (Arc::clone(&world), Arc::clone(&barrier));
            tokio::spawn(async move {
                let at = format!("{who}@x.example");
                barrier.wait().await;
                world.invite(world.maria, who, &at, &[world.ana]).await
            })
        };
        let (one, other) = (race("Rui"), race("Eva"));
        let outcomes = [one.await.expect("ran"), other.await.expect("ran")];
        let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        assert_eq!((won.len(), lost.len()), (1, 1), "round {round}");
        for lost in lost {
            assert_eq!(refused(lost), Refusal::AlreadyInvited, "round {round}");
        }
        for won in won {
            let id = won.expect("invited").id;
            world
                .store
                .remove_invitation(id, OFFICE, now())
                .await
                .expect("removed");
        }
    }
}
