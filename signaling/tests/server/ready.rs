//! Connected before the press (SCR-11): nobody's session begins before it, and from it on everything is
//! as it is with `join` (SESS-1, SESS-2, SESS-5).

use tokio_tungstenite::tungstenite::Message;
use wire::close::Close;
use wire::http::LinkView;
use wire::message::{ClientMessage, GoodbyeReason, RefusedCode, ServerMessage};

use crate::support::client::{Client, Heard};
use crate::support::media::{Order, answer_to};
use crate::support::{Home, a_moment, settings};

/// A socket on which this person is ready to press.
async fn ready(home: &Home, participant: u32, attempt: u128, offer: &str) -> Client {
    let ticket = home.ticket(home.door(participant), attempt).await;
    let mut client = home.socket().await;
    assert_eq!(client.prepare(&ticket, offer).await, answer_to(offer));
    client
}

async fn in_use(home: &Home, participant: u32) -> bool {
    let door = home.door(participant);
    let request = serde_json::json!({ "secret": door.secret });
    let answer = home
        .post(&format!("/api/v1/links/{}", door.id), &request)
        .await;
    answer.json::<LinkView>().in_use
}

fn prepared(home: &Home) -> Vec<u64> {
    let orders = home.media.orders().into_iter();
    let prepared = orders.filter_map(|order| match order {
        Order::Prepare { peer, .. } => Some(peer),
        _other => None,
    });
    prepared.collect()
}

/// Waits until this peer is gone at the media plane.
async fn gone(home: &Home, peer: u64) {
    let gone = Order::Detach { peer };
    while !home.media.orders().contains(&gone) {
        a_moment().await;
    }
}

#[tokio::test]
async fn nobody_comes_or_goes_before_the_press_and_one_message_does_it() {
    let home = Home::open(&settings()).await;
    let [mut teacher, mut parent] = home.seated([1, 4]).await;
    teacher.people(|people| people.len() == 2).await;
    let mut newer = ready(&home, 4, 7, "offer of the newer").await;
    let mut other = ready(&home, 5, 7, "offer of another").await;
    assert!(!in_use(&home, 5).await);
    assert_eq!(teacher.settled().await, [], "nobody is told of anything");
    assert_eq!(parent.settled().await, []);
    other.enter().await;
    let joined = other.joined().await;
    assert_eq!((joined.answer, joined.people.len()), (None, 3));
    assert!(in_use(&home, 5).await);
    newer.enter().await;
    assert_eq!(newer.joined().await.answer, None);
    let word = parent.closed(Close::Replaced).await;
    assert_eq!(word, Some(GoodbyeReason::Replaced));
    let attached = home.media.attached();
    assert_eq!(attached.len(), 3);
    teacher.people(|people| people.len() == 3).await;
}

#[tokio::test]
async fn whoever_goes_without_a_press_leaves_nothing() {
    let home = Home::open(&settings()).await;
    let mut client = ready(&home, 4, 7, "an offer").await;
    client.say(&ClientMessage::Leave {}).await;
    client.rest().await;
    gone(&home, prepared(&home)[0]).await;
    let client = ready(&home, 4, 8, "an offer").await;
    drop(client);
    gone(&home, prepared(&home)[1]).await;
    assert_eq!(home.media.attached(), []);
    assert!(!in_use(&home, 4).await);
}

#[tokio::test]
async fn a_link_is_ready_on_two_pages_and_no_more() {
    let home = Home::open(&settings()).await;
    let mut first = ready(&home, 4, 1, "an offer").await;
    let _second = ready(&home, 4, 2, "an offer").await;
    let ticket = home.ticket(home.door(4), 3).await;
    let third = |offer: &str| ClientMessage::Prepare {
        ticket: ticket.clone(),
        offer: offer.to_owned(),
    };
    let mut refused = home.socket().await;
    refused.say(&third("an offer")).await;
    refused.closed(Close::Unused).await;
    first.say(&ClientMessage::Leave {}).await;
    gone(&home, prepared(&home)[0]).await;
    for (offer, close) in [("bad", Close::BadMessage), ("busy", Close::Unused)] {
        let mut refused = home.socket().await;
        refused.say(&third(offer)).await;
        refused.closed(close).await;
    }
    let mut again = home.socket().await;
    again.prepare(&ticket, "an offer").await;
}

#[tokio::test]
async fn whoever_is_ready_waits_in_a_full_call_as_others_do_and_has_the_seat_at_once() {
    let home = Home::open(&settings()).await;
    let mut four = home.four().await;
    let mut fifth = ready(&home, 5, 1, "an offer").await;
    fifth.enter().await;
    assert_eq!(fifth.queued().await.1, 1);
    let [key] = prepared(&home)[..] else {
        panic!("one was prepared")
    };
    assert!(!home.media.orders().contains(&Order::Detach { peer: key }));
    four[1].say(&ClientMessage::Leave {}).await;
    assert_eq!(fifth.joined().await.answer, None);
    let seated =
        |order: &Order| matches!(order, Order::Seat { prepared, seat: 1, .. } if *prepared == key);
    assert!(home.media.orders().iter().any(seated));
}

#[tokio::test]
async fn a_press_whose_answer_is_lost_is_made_again_and_is_one_session() {
    let home = Home::open(&settings()).await;
    let mut client = ready(&home, 4, 9, "an offer").await;
    client.enter().await;
    let first = client.joined().await.session.id;
    drop(client);
    let mut again = home.join_with(4, 9).await;
    assert_eq!(again.joined().await.session.id, first);
    let mut twice = ready(&home, 4, 9, "an offer").await;
    twice.enter().await;
    assert_eq!(twice.joined().await.session.id, first);
}

#[tokio::test]
async fn what_was_prepared_and_is_no_more_costs_an_offer_and_not_the_seat() {
    let home = Home::open(&settings()).await;
    let mut client = ready(&home, 4, 9, "unfit").await;
    client.enter().await;
    assert_eq!(client.joined().await.answer, None);
    let refused = client.message().await;
    let is_refused = matches!(
        refused,
        ServerMessage::Refused {
            code: RefusedCode::BadOffer,
            ..
        }
    );
    assert!(is_refused, "{refused:?}");
    let offer = "a fresh one".to_owned();
    client
        .say(&ClientMessage::Offer {
            offer: offer.clone(),
        })
        .await;
    let answer = answer_to(&offer);
    assert_eq!(client.message().await, ServerMessage::Answer { answer });
}

#[tokio::test]
async fn a_press_outside_of_the_hours_is_asked_for_a_ticket_of_now() {
    let home = Home::open(&settings()).await;
    let mut client = ready(&home, 4, 1, "an offer").await;
    home.change_records(
        "UPDATE bookings SET start_at = start_at + 86400000, end_at = end_at + 86400000",
    )
    .await;
    client.enter().await;
    client.closed(Close::Unused).await;
    assert!(!in_use(&home, 4).await);
    let answer = home.press(home.door(4), 1).await;
    assert_eq!(answer.status, 409, "{}", answer.body);
}

#[tokio::test]
async fn a_withdrawn_link_is_told_so_and_its_press_begins_nothing() {
    let home = Home::open(&settings()).await;
    let mut waits = ready(&home, 5, 1, "an offer").await;
    let mut presses = ready(&home, 5, 2, "an offer").await;
    let parent = home.door(4);
    let path = format!(
        "/api/v1/links/{}/invitations/{}/remove",
        parent.id, home.invitation
    );
    let body = serde_json::json!({ "secret": parent.secret });
    let removed = home.post(&path, &body).await;
    assert!(removed.status < 300, "{}", removed.body);
    // At once, though it says nothing.
    let word = waits.closed(Close::Withdrawn).await;
    assert_eq!(word, Some(GoodbyeReason::Withdrawn));
    let enter = serde_json::json!({"type": "enter"}).to_string();
    presses.try_say_raw(Message::text(enter)).await;
    let word = presses.closed(Close::Withdrawn).await;
    assert_eq!(word, Some(GoodbyeReason::Withdrawn));
    assert_eq!(home.media.attached(), []);
}

#[tokio::test]
async fn messages_out_of_order_end_it() {
    let home = Home::open(&settings()).await;
    let mut enters = home.socket().await;
    enters.enter().await;
    enters.closed(Close::BadMessage).await;
    let mut joins = ready(&home, 4, 1, "an offer").await;
    let ticket = home.ticket(home.door(4), 1).await;
    joins.join(&ticket, "an offer").await;
    joins.closed(Close::BadMessage).await;
    let mut forges = home.socket().await;
    let prepare = ClientMessage::Prepare {
        ticket: "nothing".to_owned(),
        offer: "an offer".to_owned(),
    };
    forges.say(&prepare).await;
    forges.closed(Close::BadTicket).await;
    let mut pings = ready(&home, 4, 2, "an offer").await;
    pings.ping(5).await;
    assert_eq!(pings.message().await, ServerMessage::Pong { n: 5 });
    pings.enter().await;
    pings.joined().await;
    pings.enter().await;
    let (_, end) = pings.rest().await;
    assert_eq!(end, Heard::Closed(Close::BadMessage.code()));
}
