//! How much e-mail one parent sets off, whatever they do, and that the office reads of it.

use jiff::{SignedDuration, Timestamp};
use school::allowance::{ADDRESSES_A_DAY, DAY, MAILS_A_DAY};
use store::{Actor, Error, Holder, Store};

use crate::places::on_both;
use crate::world::{OFFICE, World, email, guest, later, now};

on_both!(
    no_parent_sets_off_more_than_a_days_emails,
    an_invitation_has_a_few_addresses_a_day,
    moving_to_and_fro_sends_less_and_less,
);

fn again<T: std::fmt::Debug>(result: Result<T, Error>) -> Timestamp {
    match result {
        Err(Error::Spent { again, .. }) => again,
        other => panic!("not spent: {other:?}"),
    }
}

/// How many e-mails were sent to whoever it is, when each is sent as soon as it is due.
async fn send_all(store: &Store, at: Timestamp) -> usize {
    let mut sent = 0;
    loop {
        let claimed = store
            .claim_mail(store::Channel::Email, 50, SignedDuration::from_mins(1), at)
            .await;
        let claimed = claimed.expect("read");
        if claimed.is_empty() {
            return sent;
        }
        for mail in claimed {
            store
                .mail_sent(mail.id, mail.lease, at)
                .await
                .expect("kept");
            sent += 1;
        }
    }
}

async fn no_parent_sets_off_more_than_a_days_emails(store: Store) {
    let world = World::new(store).await;
    let (store, maria, evening) = (&world.store, world.maria, world.evening);
    let actor = Actor::Parent(maria);
    let mut sent = 0;
    let mut spent = None;
    // Inviting and removing, as fast as can be.
    for n in 0..40 {
        let at = now() + SignedDuration::from_secs(n);
        let new = guest("Grandma Rosa", &format!("g{n}@x.example"), &[world.ana]);
        match store.invite(maria, evening, &new, None, actor, at).await {
            Ok(invited) => {
                sent += send_all(store, at).await;
                let removed = store.remove_invitation(invited.id, actor, at).await;
                removed.expect("what was invited can always be removed");
            }
            Err(Error::Spent { again, .. }) => spent = Some(again),
            Err(other) => panic!("{other}"),
        }
        sent += send_all(store, at).await;
    }
    assert!((MAILS_A_DAY..=MAILS_A_DAY + 1).contains(&sent), "{sent}");
    assert_eq!(spent, Some(now() + DAY));
    // By no other way either, and the office may go on.
    let link = store.resend_link(evening, Holder::Parent(maria), actor, later(2));
    assert_eq!(again(link.await), now() + DAY);
    let new = guest("Grandma Rosa", "rosa@x.example", &[world.ana]);
    let by_office = store
        .invite(maria, evening, &new, None, OFFICE, later(3))
        .await;
    let invited = by_office.expect("the office may");
    again(store.resend(invited.id, actor, later(4)).await);
    let other = email("other@x.example");
    again(
        store
            .change_address(invited.id, &other, actor, later(4))
            .await,
    );
    let removed = store.remove_invitation(invited.id, actor, later(5)).await;
    removed.expect("removing is always possible");

    // The office reads of it, once.
    let told = store.spent(evening, later(5)).await.expect("read");
    let names: Vec<_> = told.iter().map(|it| it.name.reveal()).collect();
    assert_eq!(names, ["Maria Santos"]);
    let log = store.audit_log(None, 500).await.expect("read");
    let rows = log.iter().filter(|row| row.action == "too_many_emails");
    assert_eq!(rows.count(), 1);
    let others = store.spent(evening, now() + DAY + DAY).await.expect("read");
    assert!(others.is_empty());

    // Nobody else is kept from anything, and the next day it is forgotten.
    world
        .invite(world.omar, "Uncle", "u@x.example", &[world.cem])
        .await
        .expect("their own");
    let tomorrow = now() + DAY + SignedDuration::from_hours(1);
    let new = guest("Grandma Rosa", "rosa@x.example", &[world.ana]);
    let next = store.invite(maria, evening, &new, None, actor, tomorrow);
    next.await.expect("a day later");
}

async fn an_invitation_has_a_few_addresses_a_day(store: Store) {
    let world = World::new(store).await;
    let invited = world
        .invite(world.maria, "Rosa", "r0@x.example", &[world.ana])
        .await;
    let id = invited.expect("invited").id;
    let change = async |n: usize, actor, at| {
        let to = email(&format!("r{n}@x.example"));
        world.store.change_address(id, &to, actor, at).await
    };
    let actor = Actor::Parent(world.maria);
    for n in 1..ADDRESSES_A_DAY {
        change(n, actor, now()).await.expect("a correction");
    }
    assert_eq!(again(change(8, actor, later(1)).await), now() + DAY);
    change(8, OFFICE, later(1)).await.expect("the office may");
    world
        .invite(world.maria, "Ada", "a@x.example", &[world.ben])
        .await
        .expect("another invitation is another's");
    change(9, actor, now() + DAY).await.expect("a day later");
}

async fn moving_to_and_fro_sends_less_and_less(store: Store) {
    let world = World::new(store).await;
    let (store, maria) = (&world.store, world.maria);
    let actor = Actor::Parent(maria);
    world
        .invite(maria, "Rosa", "rosa@x.example", &[world.ana])
        .await
        .expect("invited");
    let booked = world.book(maria, world.ana, world.french, 0).await;
    let booked = booked.expect("booked").id;
    let mut sent = 0;
    // A whole day long, each time when the e-mails before have gone out.
    for time in 0..24 * 12_u16 {
        let at = later(5 * i64::from(time));
        let slot = school::SlotNumber(1 + time % 2);
        store
            .move_booking(maria, booked, slot, actor, at)
            .await
            .expect("moved");
        sent += send_all(store, at).await;
    }
    assert!(sent <= 2 * 45, "{sent} e-mails to two people");
    // The last one says what is so in the end.
    sent += send_all(store, later(3 * 24 * 60)).await;
    assert!(sent >= 2 * 20);
}
