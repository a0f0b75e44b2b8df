//! Joins: four seats, a queue, one session a press.

use std::collections::BTreeSet;

use ::school::Powers;
use call::SeatNumber;
use futures_util::future::join_all;
use wire::close::Close;
use wire::message::{ClientMessage, GoodbyeReason, Power, Role, Sends};

use crate::support::client::Client;
use crate::support::media::{Order, answer_to};
use crate::support::{Home, TITLE, settings};

#[tokio::test]
async fn four_join_and_know_each_other() {
    let home = Home::open(&settings()).await;
    let mut clients: Vec<Client> = Vec::new();
    for participant in 1..=4 {
        let mut client = home.join(participant).await;
        let joined = client.joined().await;
        assert_eq!(joined.you, participant);
        assert_eq!(
            joined.answer,
            Some(answer_to(&format!("offer of {participant}")))
        );
        assert_eq!(joined.call.title, TITLE);
        assert_eq!(joined.call.cap, 4);
        assert_eq!(joined.session.grace_ms, 30_000);
        assert_eq!(joined.session.heartbeat_ms, 5_000);
        let known: Vec<u32> = joined.people.iter().map(|one| one.participant).collect();
        assert_eq!(known, (1..=participant).collect::<Vec<_>>());
        clients.push(client);
    }
    for (you, client) in (1..).zip(&mut clients) {
        let people = if you == 4 {
            client.ping(1).await;
            continue;
        } else {
            client.people(|people| people.len() == 4).await
        };
        let mut slots = BTreeSet::new();
        for one in people {
            assert_eq!(one.name, format!("Person {}", one.participant));
            assert!(!one.reconnecting);
            assert_eq!(one.sends, Sends::default());
            let role = if one.participant == 4 {
                Role::Parent
            } else {
                Role::Teacher
            };
            assert_eq!(one.role, role);
            if one.participant == you {
                assert_eq!(one.slot, None);
            } else {
                assert!(slots.insert(one.slot.expect("others have a slot")));
            }
        }
        assert_eq!(slots, BTreeSet::from([0, 1, 2]));
    }
    assert_eq!(home.media.attached(), [(1, 0), (2, 1), (3, 2), (4, 3)]);
}

#[tokio::test]
async fn slots_are_those_of_the_media_plane() {
    let home = Home::open(&settings()).await;
    let mut four = home.four().await;
    let people = four[0].people(|people| people.len() == 4).await;
    let attached = home.media.attached();
    for one in people.iter().filter(|one| one.participant != 1) {
        let (_, seat) = attached[usize::try_from(one.participant - 1).expect("small")];
        let slot = SeatNumber(0).slot_of(SeatNumber(seat));
        assert_eq!(one.slot, slot.map(u32::from));
    }
}

#[tokio::test]
async fn fifth_waits_and_is_let_in() {
    let home = Home::open(&settings()).await;
    let mut four = home.four().await;
    let mut fifth = home.join(5).await;
    let (_, place, active) = fifth.queued().await;
    assert_eq!((place, active), (1, 4));
    assert_eq!(home.media.attached().len(), 4);

    four[1].say(&ClientMessage::Leave {}).await;
    assert_eq!(four[1].closed(Close::Left).await, Some(GoodbyeReason::Left));
    let joined = fifth.joined().await;
    assert_eq!(joined.answer, Some(answer_to("offer of 5")));
    let known: Vec<u32> = joined.people.iter().map(|one| one.participant).collect();
    assert_eq!(known, [1, 5, 3, 4], "it has the seat that was left");
    four[0]
        .people(|people| people.iter().any(|one| one.participant == 5))
        .await;
}

#[tokio::test]
async fn places_move_up_and_waiting_may_be_stopped() {
    let mut settings = settings();
    settings.calls.cap = 2;
    let home = Home::open(&settings).await;
    let mut seated = home.seated([1, 2]).await;
    let mut waiting = Vec::new();
    for (participant, expected) in [(5, 1), (3, 2), (4, 3)] {
        let mut client = home.join(participant).await;
        let (_, place, active) = client.queued().await;
        assert_eq!((place, active), (expected, 2));
        waiting.push(client);
    }
    let leave = ClientMessage::Leave {};
    waiting[0].say(&leave).await;
    waiting[0].closed(Close::Left).await;
    assert_eq!(waiting[1].queued().await.1, 1);
    assert_eq!(waiting[2].queued().await.1, 2);
    seated[0].say(&leave).await;
    assert_eq!(waiting[1].joined().await.you, 3);
    assert_eq!(waiting[2].queued().await.1, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_five_at_once_as_many_are_seated_as_there_are_seats() {
    for cap in 1..=4 {
        let mut settings = settings();
        settings.calls.cap = cap;
        let home = Home::open(&settings).await;
        let mut crowd = Vec::new();
        for door in &home.doors {
            let ticket = home.ticket(door, ambient::random()).await;
            crowd.push((home.socket().await, ticket));
        }
        let mut crowd = join_all(crowd.into_iter().map(async |(mut client, ticket)| {
            client.join(&ticket, "offer").await;
            client
        }))
        .await;
        let mut seated = BTreeSet::new();
        let mut places = BTreeSet::new();
        for client in &mut crowd {
            let end = client
                .until(|message| match message {
                    wire::message::ServerMessage::Joined { you, .. } => Some(Ok(*you)),
                    wire::message::ServerMessage::Queued { place, active, .. }
                        if *active == u32::from(cap) =>
                    {
                        Some(Err(*place))
                    }
                    _other => None,
                })
                .await;
            match end {
                Ok(you) => assert!(seated.insert(you)),
                Err(place) => assert!(places.insert(place)),
            }
        }
        assert_eq!(seated.len(), usize::from(cap));
        assert_eq!(places, (1..=5 - u32::from(cap)).collect());
        let seats = home.media.attached().into_iter().map(|(_, seat)| seat);
        let seats: Vec<u8> = seats.collect();
        let distinct: BTreeSet<u8> = seats.iter().copied().collect();
        assert_eq!(seats.len(), usize::from(cap));
        assert_eq!(distinct, (0..cap).collect());
    }
}

#[tokio::test]
async fn slow_join_retried_is_one_session() {
    let home = Home::open(&settings()).await;
    let door = home.door(1);
    let mut session = None;
    let mut earlier: Option<Client> = None;
    for _try in 0..4 {
        let ticket = home.ticket(door, 42).await;
        let mut client = home.socket().await;
        // The answer is slow to come: the page gives up and tries again.
        client.join(&ticket, "offer to be answered later").await;
        while home.media.answer_now() == 0 {
            tokio::task::yield_now().await;
        }
        let joined = client.joined().await;
        assert_eq!(joined.people.len(), 1);
        let id = joined.session.id;
        assert_eq!(*session.get_or_insert_with(|| id.clone()), id);
        if let Some(mut earlier) = earlier.replace(client) {
            earlier.closed(Close::Replaced).await;
        }
    }
    assert_eq!(home.media.attached().len(), 1);
    let mut last = earlier.expect("the last one");
    assert_eq!(last.settled().await, []);
}

#[tokio::test]
async fn what_is_no_ticket_of_ours_changes_nothing() {
    let home = Home::open(&settings()).await;
    let ticket = home.ticket(home.door(1), 1).await;
    let mut first = home.socket().await;
    first.join(&ticket, "offer").await;
    first.joined().await;
    let swapped: String = ticket.chars().rev().collect();
    let cut = &ticket[1..];
    for wrong in ["", "0", "6bq2v0x9pdm4k8tswhn3e7rzcy", cut, &swapped] {
        let mut second = home.socket().await;
        second.join(wrong, "offer").await;
        assert_eq!(second.closed(Close::BadTicket).await, None);
    }
    assert_eq!(first.settled().await, []);
}

/// It stands for one press, however often it is shown.
#[tokio::test]
async fn ticket_that_is_shown_again_is_the_same_press() {
    let home = Home::open(&settings()).await;
    let ticket = home.ticket(home.door(1), 1).await;
    let mut first = home.socket().await;
    first.join(&ticket, "offer").await;
    let session = first.joined().await.session;
    let mut second = home.socket().await;
    second.join(&ticket, "another offer").await;
    let joined = second.joined().await;
    assert_eq!(joined.session.id, session.id);
    assert_eq!(joined.people.len(), 1);
    assert_eq!(
        first.closed(Close::Replaced).await,
        Some(GoodbyeReason::Replaced)
    );
    // What became of the press is so for good.
    second.say(&ClientMessage::Leave {}).await;
    second.closed(Close::Left).await;
    let mut late = home.socket().await;
    late.join(&ticket, "offer").await;
    assert_eq!(late.closed(Close::NoSession).await, None);
    assert_eq!(home.media.attached().len(), 0);
}

#[tokio::test]
async fn one_seat_is_held_for_the_parent() {
    let mut settings = settings();
    settings.calls.hold_seat_for_parent = true;
    let home = Home::open(&settings).await;
    let mut seated = Vec::new();
    for participant in [1, 2, 3] {
        let mut client = home.join(participant).await;
        client.joined().await;
        seated.push(client);
    }
    let mut guest = home.join(5).await;
    assert_eq!(guest.queued().await.1, 1);
    let mut parent = home.join(4).await;
    assert_eq!(parent.joined().await.people.len(), 4);
    seated[0].say(&ClientMessage::Leave {}).await;
    assert_eq!(guest.joined().await.you, 5);
}

#[tokio::test]
async fn cap_is_a_setting() {
    let mut settings = settings();
    settings.calls.cap = 2;
    let home = Home::open(&settings).await;
    let mut first = home.join(1).await;
    assert_eq!(first.joined().await.call.cap, 2);
    home.join(2).await.joined().await;
    let mut third = home.join(3).await;
    let (_, place, active) = third.queued().await;
    assert_eq!((place, active), (1, 2));
}

#[tokio::test]
async fn offer_of_the_waiting_is_kept_and_attached_once() {
    let home = Home::open(&settings()).await;
    let mut four = home.four().await;
    let mut fifth = home.join(5).await;
    fifth.queued().await;
    let before = home.media.orders().len();
    four[3].say(&ClientMessage::Leave {}).await;
    fifth.joined().await;
    let orders: Vec<Order> = home.media.orders().split_off(before);
    assert_eq!(
        orders,
        [
            Order::Detach { peer: 4 },
            Order::Attach {
                peer: 5,
                seat: 3,
                offer: "offer of 5".to_owned()
            }
        ]
    );
}

#[tokio::test]
async fn call_begins_anew_when_everybody_left() {
    let home = Home::open(&settings()).await;
    for _round in 0..20 {
        let mut client = home.join(1).await;
        assert_eq!(client.joined().await.people.len(), 1);
        client.say(&ClientMessage::Leave {}).await;
        assert_eq!(client.closed(Close::Left).await, Some(GoodbyeReason::Left));
    }
    assert_eq!(home.media.attached(), []);
}

#[tokio::test]
async fn joining_socket_that_goes_at_once_leaves_a_seat_that_can_be_had() {
    let home = Home::open(&settings()).await;
    let ticket = home.ticket(home.door(1), 1).await;
    let mut client = home.socket().await;
    client.join(&ticket, "offer").await;
    drop(client);
    let mut again = home.join_with(1, 1).await;
    assert_eq!(again.joined().await.people.len(), 1);
    assert_eq!(again.settled().await, []);
}

#[tokio::test]
async fn a_role_has_the_powers_that_the_settings_give_it() {
    let mut settings = settings();
    settings.powers.guest = Powers::of([::school::Power::Blur]);
    let home = Home::open(&settings).await;
    let powers = async |participant| home.join(participant).await.joined().await.powers;
    assert_eq!(powers(5).await, [Power::Blur]);
    assert_eq!(powers(4).await, []);
    let all = ::school::Power::ALL.map(Power::from);
    assert_eq!(powers(1).await, all);
}
