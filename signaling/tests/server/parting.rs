//! How calls and sessions end from outside: withdrawn, disconnected, ended, shut down.

use std::time::Duration;

use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::Message;
use wire::close::Close;
use wire::message::{ClientMessage, GoodbyeReason};

use crate::support::client::Client;
use crate::support::media::Order;
use crate::support::{CALL, Home, settings};

#[tokio::test]
async fn shutdown_says_goodbye_to_everyone() {
    let home = Home::open(&settings());
    let four = home.four().await;
    let mut fifth = home.join(5).await;
    fifth.queued().await;
    let silent = home.socket().await;
    let began = Instant::now();
    home.server.stop().await;
    assert!(began.elapsed() < Duration::from_secs(2));
    for mut client in four.into_iter().chain([fifth, silent]) {
        assert_eq!(
            client.closed(Close::Shutdown).await,
            Some(GoodbyeReason::Shutdown)
        );
    }
    let orders = home.media.orders();
    assert_eq!(home.media.attached(), []);
    assert_eq!(orders.last(), Some(&Order::Stop));
}

#[tokio::test]
async fn shutdown_waits_for_nobody_who_does_not_listen() {
    let home = Home::open(&settings());
    let ticket = home.ticket(home.door(1), 1).await;
    let mut deaf = Client::open_narrow(home.address).await;
    deaf.join(&ticket, "offer").await;
    let offer = ClientMessage::Offer {
        offer: "huge".to_owned(),
    };
    let asking = serde_json::to_string(&offer).expect("plain");
    for _much in 0..20 {
        deaf.try_say_raw(Message::text(asking.clone())).await;
    }
    let mut other = home.join(2).await;
    other.joined().await;
    let began = Instant::now();
    home.server.stop().await;
    assert!(began.elapsed() < Duration::from_secs(2));
    assert_eq!(
        other.closed(Close::Shutdown).await,
        Some(GoodbyeReason::Shutdown)
    );
}

#[tokio::test]
async fn withdrawn_link_is_dead() {
    let home = Home::open(&settings());
    let mut four = home.four().await;
    let mut fifth = home.join(5).await;
    fifth.queued().await;
    home.server.withdraw(CALL, home.door(2).link).await;
    assert_eq!(
        four[1].closed(Close::Withdrawn).await,
        Some(GoodbyeReason::Withdrawn)
    );
    fifth.joined().await;
    assert!(home.media.orders().contains(&Order::Detach { peer: 2 }));
    // Another ticket helps nobody in.
    let mut again = home.join(2).await;
    assert_eq!(
        again.closed(Close::Withdrawn).await,
        Some(GoodbyeReason::Withdrawn)
    );
}

#[tokio::test]
async fn disconnected_person_may_press_again() {
    let home = Home::open(&settings());
    let mut teacher = home.join(1).await;
    teacher.joined().await;
    let mut guest = home.join(5).await;
    let session = guest.joined().await.session;
    home.server.disconnect(CALL, home.door(5).link).await;
    assert_eq!(
        guest.closed(Close::Disconnected).await,
        Some(GoodbyeReason::Disconnected)
    );
    let mut back = home.socket().await;
    back.resume(&session, None).await;
    assert_eq!(
        back.closed(Close::Disconnected).await,
        Some(GoodbyeReason::Disconnected)
    );
    home.join(5).await.joined().await;
}

#[tokio::test]
async fn call_that_is_over_ends_for_all() {
    let home = Home::open(&settings());
    let four = home.four().await;
    let mut fifth = home.join(5).await;
    fifth.queued().await;
    home.server.end(CALL).await;
    for mut client in four.into_iter().chain([fifth]) {
        assert_eq!(
            client.closed(Close::Ended).await,
            Some(GoodbyeReason::Ended)
        );
    }
    assert_eq!(home.media.attached(), []);
}

#[tokio::test]
async fn nothing_is_left_of_a_server_that_stopped() {
    let home = Home::open(&settings());
    let mut client = home.join(1).await;
    client.joined().await;
    home.server.stop().await;
    let refused = timeout(
        Duration::from_secs(5),
        tokio::net::TcpStream::connect(home.address),
    )
    .await
    .expect("at once");
    assert!(refused.is_err(), "the port is free");
}

#[tokio::test]
async fn bug_in_a_call_costs_that_call_and_can_be_come_back_from() {
    let home = Home::open(&settings());
    let mut other = home.join(2).await;
    let session = other.joined().await.session;
    let ticket = home.ticket(home.door(1), 1).await;
    let mut client = home.socket().await;
    client.join(&ticket, "a bug").await;
    assert_eq!(client.closed(Close::Failed).await, None);
    assert_eq!(other.closed(Close::Failed).await, None);
    assert_eq!(home.media.attached(), [], "nobody's media is left behind");
    let mut back = home.socket().await;
    back.resume(&session, None).await;
    assert_eq!(back.closed(Close::NoSession).await, None);
    assert_eq!(home.join(2).await.joined().await.people.len(), 1);
}
