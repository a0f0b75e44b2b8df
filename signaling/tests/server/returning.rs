//! Coming back: after a dropped socket, a reload, too late, or twice.

use std::time::Duration;

use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use wire::close::Close;
use wire::message::{ClientMessage, GoodbyeReason, Notice, Person, ServerMessage};

use crate::support::media::{Order, answer_to};
use crate::support::{Home, settings};

#[tokio::test]
async fn dropped_socket_keeps_its_seat_and_its_media() {
    let home = Home::open(&settings()).await;
    let mut other = home.join(1).await;
    other.joined().await;
    let mut client = home.join(2).await;
    let session = client.joined().await.session;
    let orders = home.media.orders();
    drop(client);
    other
        .people(|people| {
            people
                .iter()
                .any(|one| one.participant == 2 && one.reconnecting)
        })
        .await;

    let mut back = home.socket().await;
    back.resume(&session, None).await;
    let joined = back.joined().await;
    assert_eq!(joined.session.id, session.id);
    assert_eq!(joined.session.epoch, session.epoch);
    assert_ne!(joined.session.secret, session.secret);
    assert_eq!(joined.answer, None);
    assert_eq!(joined.people.len(), 2);
    other
        .people(|people| people.iter().all(|one| !one.reconnecting))
        .await;
    assert_eq!(home.media.orders(), orders, "media was left alone");
}

#[tokio::test]
async fn reload_keeps_the_seat_and_attaches_anew() {
    let home = Home::open(&settings()).await;
    let mut client = home.join(1).await;
    let session = client.joined().await.session;
    let before = home.media.orders().len();
    drop(client);
    let mut back = home.socket().await;
    back.resume(&session, Some("offer after reload")).await;
    let joined = back.joined().await;
    assert_eq!(joined.answer, Some(answer_to("offer after reload")));
    let offer = "offer after reload".to_owned();
    assert_eq!(
        home.media.orders().split_off(before),
        [
            Order::Detach { peer: 1 },
            Order::Attach {
                peer: 1,
                seat: 0,
                offer
            }
        ]
    );
}

#[tokio::test]
async fn secret_before_works_until_the_first_message_on_the_new_socket() {
    let home = Home::open(&settings()).await;
    let mut client = home.join(1).await;
    let first = client.joined().await.session;
    drop(client);
    // The answer is lost each time: the same secret goes on working.
    for _lost in 0..3 {
        let mut back = home.socket().await;
        back.resume(&first, None).await;
        back.joined().await;
    }
    let mut back = home.socket().await;
    back.resume(&first, None).await;
    let second = back.joined().await.session;
    back.settled().await;
    let mut late = home.socket().await;
    late.resume(&first, None).await;
    assert_eq!(
        late.closed(Close::Replaced).await,
        Some(GoodbyeReason::Replaced),
        "it is used up"
    );
    assert_eq!(back.settled().await, [], "and takes nothing back");
    let mut next = home.socket().await;
    next.resume(&second, None).await;
    next.joined().await;
}

#[tokio::test]
async fn duplicated_page_does_not_fork_the_session() {
    let home = Home::open(&settings()).await;
    let mut page = home.join(1).await;
    let session = page.joined().await.session;
    let mut copy = home.socket().await;
    copy.resume(&session, Some("offer of the copy")).await;
    assert_eq!(copy.joined().await.people.len(), 1);
    assert_eq!(
        page.closed(Close::Replaced).await,
        Some(GoodbyeReason::Replaced)
    );
    assert_eq!(copy.settled().await, []);
}

#[tokio::test]
async fn what_an_older_socket_says_late_counts_for_nothing() {
    let home = Home::open(&settings()).await;
    let mut page = home.join(1).await;
    let session = page.joined().await.session;
    let mut copy = home.socket().await;
    copy.resume(&session, None).await;
    copy.joined().await;
    // It was replaced already, whether it has heard so or not.
    let leave = serde_json::to_string(&ClientMessage::Leave {}).expect("plain");
    page.try_say_raw(leave.into()).await;
    page.closed(Close::Replaced).await;
    assert_eq!(copy.settled().await, []);
}

#[tokio::test]
async fn wrong_secrets_and_sessions_are_nobody() {
    let home = Home::open(&settings()).await;
    let mut client = home.join(1).await;
    let right = client.joined().await.session;
    let mut wrong_secret = right.clone();
    wrong_secret.secret = "6bq2v0x9pdm4k8tswhn3e7rzcy".to_owned();
    let mut no_secret = right.clone();
    no_secret.secret = String::new();
    let mut nobody = right.clone();
    nobody.id = "99".to_owned();
    let mut nonsense = right.clone();
    nonsense.id = "-1".to_owned();
    let mut future = right.clone();
    future.epoch += 1;
    for wrong in [wrong_secret, no_secret, nobody, nonsense, future] {
        let mut back = home.socket().await;
        back.resume(&wrong, None).await;
        assert_eq!(back.closed(Close::NoSession).await, None);
    }
    let mut past = right.clone();
    past.epoch -= 1;
    let mut back = home.socket().await;
    back.resume(&past, None).await;
    assert_eq!(
        back.closed(Close::Replaced).await,
        Some(GoodbyeReason::Replaced)
    );
    assert_eq!(client.settled().await, [], "it sits undisturbed");
}

#[tokio::test]
async fn seat_is_free_when_the_grace_has_passed() {
    let mut settings = settings();
    settings.calls.grace = Duration::from_millis(300);
    let home = Home::open(&settings).await;
    let [mut first, second, _third, _fourth] = home.four().await;
    let mut fifth = home.join(5).await;
    let (_, place, active) = fifth.queued().await;
    assert_eq!((place, active), (1, 4));
    drop(second);
    let joined = fifth.joined().await;
    let known: Vec<u32> = joined.people.iter().map(|one| one.participant).collect();
    assert_eq!(known, [1, 5, 3, 4]);
    first
        .people(|people| people.iter().any(|one| one.participant == 5))
        .await;
    assert_eq!(home.media.attached().len(), 4);
}

#[tokio::test]
async fn a_page_that_was_closed_keeps_its_seat_for_moments() {
    let mut settings = settings();
    settings.calls.closed_grace = Duration::from_millis(300);
    let home = Home::open(&settings).await;
    let [mut first, mut second] = home.seated([1, 2]).await;
    let mut third = home.join(3).await;
    let session = third.joined().await.session;
    let [_fourth] = home.seated([4]).await;
    let mut fifth = home.join(5).await;
    fifth.queued().await;
    // A connection that is cut says nothing of its page.
    drop(third);
    let is_lost = |people: &[Person], participant| {
        let mut lost = people.iter().filter(|one| one.reconnecting);
        lost.any(|one| one.participant == participant)
    };
    first.people(|people| is_lost(people, 3)).await;
    // What browsers say of one that is closed, or loaded again.
    let away = CloseFrame {
        code: CloseCode::Away,
        reason: "".into(),
    };
    second.say_raw(Message::Close(Some(away))).await;
    first.people(|people| is_lost(people, 2)).await;
    let joined = fifth.joined().await;
    let known: Vec<u32> = joined.people.iter().map(|one| one.participant).collect();
    assert_eq!(known, [1, 5, 3, 4]);
    let mut back = home.socket().await;
    back.resume(&session, None).await;
    assert_eq!(back.joined().await.people.len(), 4);
}

#[tokio::test]
async fn return_after_the_grace_finds_no_session() {
    let mut settings = settings();
    settings.calls.grace = Duration::from_millis(200);
    let home = Home::open(&settings).await;
    let mut other = home.join(2).await;
    other.joined().await;
    let mut client = home.join(1).await;
    let session = client.joined().await.session;
    drop(client);
    other.people(|people| people.len() == 2).await;
    other.people(|people| people.len() == 1).await;
    let mut back = home.socket().await;
    back.resume(&session, None).await;
    assert_eq!(back.closed(Close::NoSession).await, None);
    // The same link gets in at once by a press.
    assert_eq!(home.join(1).await.joined().await.people.len(), 2);
}

#[tokio::test]
async fn place_in_the_queue_is_kept_too() {
    let mut settings = settings();
    settings.calls.cap = 3;
    let home = Home::open(&settings).await;
    let mut seated = home.seated([1, 2, 3]).await;
    let mut first = home.join(5).await;
    let session = first.queued().await.0;
    let mut second = home.join(4).await;
    second.queued().await;
    drop(first);
    let mut back = home.socket().await;
    back.resume(&session, None).await;
    let (resumed, place, _) = back.queued().await;
    assert_eq!(place, 1);
    assert_eq!(resumed.id, session.id);
    seated[0].say(&ClientMessage::Leave {}).await;
    assert_eq!(
        back.joined().await.answer,
        Some(answer_to("offer of 5")),
        "the offer was kept"
    );
}

#[tokio::test]
async fn reload_in_the_queue_brings_the_newer_offer() {
    let home = Home::open(&settings()).await;
    let mut four = home.four().await;
    let mut fifth = home.join(5).await;
    let session = fifth.queued().await.0;
    drop(fifth);
    let mut back = home.socket().await;
    back.resume(&session, Some("newer offer")).await;
    back.queued().await;
    four[0].say(&ClientMessage::Leave {}).await;
    assert_eq!(back.joined().await.answer, Some(answer_to("newer offer")));
}

#[tokio::test]
async fn who_left_is_gone() {
    let home = Home::open(&settings()).await;
    let mut client = home.join(1).await;
    let session = client.joined().await.session;
    client.say(&ClientMessage::Leave {}).await;
    assert_eq!(client.closed(Close::Left).await, Some(GoodbyeReason::Left));
    let mut back = home.socket().await;
    back.resume(&session, None).await;
    assert_eq!(back.closed(Close::NoSession).await, None);
}

#[tokio::test]
async fn who_waits_with_a_lost_socket_is_passed_over_and_let_in_on_return() {
    let home = Home::open(&settings()).await;
    let mut four = home.four().await;
    let mut fifth = home.join(5).await;
    let session = fifth.queued().await.0;
    drop(fifth);
    // Whoever hears that somebody left hears it after the socket was lost.
    four[0].settled().await;
    four[1].say(&ClientMessage::Leave {}).await;
    let mut back = home.socket().await;
    back.resume(&session, None).await;
    assert_eq!(back.joined().await.answer, Some(answer_to("offer of 5")));
}

#[tokio::test]
async fn answer_that_came_while_the_socket_was_lost_is_kept() {
    let home = Home::open(&settings()).await;
    let mut other = home.join(2).await;
    other.joined().await;
    let ticket = home.ticket(home.door(1), 1).await;
    let mut client = home.socket().await;
    client.join(&ticket, "offer").await;
    let session = client.joined().await.session;
    let offer = "a fresh offer, answered later".to_owned();
    client
        .say(&ClientMessage::Offer {
            offer: offer.clone(),
        })
        .await;
    client.settled().await;
    drop(client);
    other
        .people(|people| people.iter().any(|one| one.reconnecting))
        .await;
    assert_eq!(home.media.answer_now(), 1);
    other.settled().await;
    let mut back = home.socket().await;
    back.resume(&session, None).await;
    assert_eq!(back.joined().await.answer, Some(answer_to(&offer)));
}

#[tokio::test]
async fn a_connection_that_is_gone_is_told_now_or_on_the_return_until_a_fresh_one_is_there() {
    let home = Home::open(&settings()).await;
    let mut one = home.join(1).await;
    let session = one.joined().await.session;
    let mut two = home.join(2).await;
    two.joined().await;
    let is_gone = |message: &ServerMessage| {
        matches!(
            message,
            ServerMessage::Notice {
                notice: Notice::ConnectionGone { .. }
            }
        )
    };
    let told = |message: &ServerMessage| is_gone(message).then_some(());
    let gone = sfu::MediaEvent::Gone {
        call: sfu::CallKey(home.call.0),
        peer: sfu::PeerKey(session.id.parse().expect("a number")),
    };
    home.media_events.send(gone).await.expect("it listens");
    one.until(told).await;
    assert!(!two.settled().await.iter().any(is_gone), "nobody else is");

    // It was said on a socket that may have been lost before.
    drop(one);
    let mut back = home.socket().await;
    back.resume(&session, None).await;
    let session = back.joined().await.session;
    back.until(told).await;
    drop(back);
    let mut back = home.socket().await;
    back.resume(&session, Some("a fresh offer")).await;
    back.joined().await;
    assert!(!back.settled().await.iter().any(is_gone), "it is there");
}
