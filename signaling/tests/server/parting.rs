//! How calls and sessions end from outside: withdrawn, disconnected, ended, shut down.

use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::Message;
use wire::close::Close;
use wire::http::{LinkView, Problem, ProblemCode};
use wire::message::{ClientMessage, GoodbyeReason};

use crate::support::client::Client;
use crate::support::media::Order;
use crate::support::request::{self, Answer};
use crate::support::{Home, settings};

#[tokio::test]
async fn shutdown_says_goodbye_to_everyone() {
    let home = Home::open(&settings()).await;
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
    let home = Home::open(&settings()).await;
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

/// What the parent asks for at their page.
async fn parent_asks(home: &Home, path: &str) {
    let answer = parent_posts(home, path).await;
    assert_eq!(answer.status, 204, "{}", answer.body);
}

async fn parent_posts(home: &Home, path: &str) -> Answer {
    let parent = home.door(4);
    let body = json!({"secret": parent.secret});
    let path = format!("/api/v1/links/{}{path}", parent.id);
    home.post(&path, &body).await
}

#[tokio::test]
async fn withdrawn_link_is_dead() {
    let home = Home::open(&settings()).await;
    let mut guest = home.join(5).await;
    guest.joined().await;
    let _others = home.seated([4, 1, 2]).await;
    let mut fifth = home.join(3).await;
    fifth.queued().await;
    let ticket = home.ticket(home.door(5), 1).await;
    parent_asks(&home, &format!("/invitations/{}/remove", home.invitation)).await;
    assert_eq!(
        guest.closed(Close::Withdrawn).await,
        Some(GoodbyeReason::Withdrawn)
    );
    fifth.joined().await;
    assert!(home.media.orders().contains(&Order::Detach { peer: 1 }));
    // A ticket of before helps nobody in, and there is no other.
    let mut again = home.socket().await;
    again.join(&ticket, "offer").await;
    assert_eq!(
        again.closed(Close::Withdrawn).await,
        Some(GoodbyeReason::Withdrawn)
    );
    let problem: Problem = home.press(home.door(5), 2).await.json();
    assert_eq!(problem.code, ProblemCode::LinkWithdrawn);
}

#[tokio::test]
async fn call_that_is_over_ends_for_all() {
    let home = Home::open(&settings()).await;
    let four = home.four().await;
    let mut fifth = home.join(5).await;
    fifth.queued().await;
    let view: LinkView = parent_posts(&home, "").await.json();
    let booking = &view.appointments[0].id;
    assert_ne!(
        *booking,
        home.call.to_string(),
        "a call has an id of its own"
    );
    parent_asks(&home, &format!("/bookings/{booking}/cancel")).await;
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
    let home = Home::open(&settings()).await;
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
async fn bug_in_a_call_costs_that_call_a_moment_and_everybody_is_back_in_their_seat() {
    let home = Home::open(&settings()).await;
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
    let again = back.joined().await;
    assert_eq!(again.session.id, session.id);
    back.gone().await;
    assert_eq!(
        again.people.len(),
        1,
        "whoever brought the bug is not there"
    );
    let ready = request::get(home.address, "/readyz").await;
    let is_said = ready
        .body
        .contains("meetings: doubtful: A meeting broke off");
    assert!(is_said, "{}", ready.body);
}
