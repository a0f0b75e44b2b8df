//! One link, one session: the newest press wins.

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use wire::close::Close;
use wire::http::{LinkRequest, LinkView, Problem, ProblemCode};
use wire::message::{GoodbyeReason, Notice, ServerMessage};

use crate::support::media::Order;
use crate::support::{Home, settings};

#[tokio::test]
async fn takeover_in_a_full_call_keeps_the_seat_and_lets_nobody_between() {
    let home = Home::open(&settings()).await;
    let mut four = home.four().await;
    let mut fifth = home.join(5).await;
    fifth.queued().await;
    let before = home.media.orders().len();

    let mut newer = home.join(2).await;
    let joined = newer.joined().await;
    assert_eq!(joined.you, 2);
    let known: Vec<u32> = joined.people.iter().map(|one| one.participant).collect();
    assert_eq!(known, [1, 2, 3, 4]);
    assert_eq!(
        four[1].closed(Close::Replaced).await,
        Some(GoodbyeReason::Replaced)
    );
    let orders = home.media.orders().split_off(before);
    let offer = "offer of 2".to_owned();
    assert_eq!(
        orders,
        [
            Order::Detach { peer: 2 },
            Order::Attach {
                peer: 6,
                seat: 1,
                offer
            }
        ]
    );
    assert_eq!(fifth.settled().await, [], "it waits on, and hears nothing");
    for one in four[0].settled().await {
        if let ServerMessage::People { people } = one {
            assert!(people.iter().all(|one| one.participant != 5));
        }
    }
}

#[tokio::test]
async fn evicted_session_stays_out() {
    let home = Home::open(&settings()).await;
    let mut older = home.join(1).await;
    let session = older.joined().await.session;
    let mut newer = home.join(1).await;
    newer.joined().await;
    older.closed(Close::Replaced).await;
    for _try in 0..3 {
        let mut back = home.socket().await;
        back.resume(&session, Some("offer")).await;
        assert_eq!(
            back.closed(Close::Replaced).await,
            Some(GoodbyeReason::Replaced)
        );
    }
    assert_eq!(newer.settled().await, [], "it hears nothing of that");
}

#[tokio::test]
async fn last_word_that_was_lost_is_said_again_to_whoever_comes_back() {
    let home = Home::open(&settings()).await;
    let mut older = home.join(1).await;
    let session = older.joined().await.session;
    drop(older);
    let mut newer = home.join(1).await;
    newer.joined().await;
    let mut back = home.socket().await;
    back.resume(&session, None).await;
    assert_eq!(
        back.closed(Close::Replaced).await,
        Some(GoodbyeReason::Replaced)
    );
    // Even when the call it was in is over.
    newer.say(&wire::message::ClientMessage::Leave {}).await;
    newer.closed(Close::Left).await;
    let mut back = home.socket().await;
    back.resume(&session, None).await;
    assert_eq!(
        back.closed(Close::Replaced).await,
        Some(GoodbyeReason::Replaced)
    );
}

#[tokio::test]
async fn retry_of_a_press_that_was_overtaken_takes_nothing_back() {
    let home = Home::open(&settings()).await;
    let mut older = home.join_with(1, 1).await;
    older.joined().await;
    let mut newer = home.join_with(1, 2).await;
    newer.joined().await;
    older.closed(Close::Replaced).await;
    let mut retry = home.join_with(1, 1).await;
    assert_eq!(
        retry.closed(Close::Replaced).await,
        Some(GoodbyeReason::Replaced)
    );
    assert_eq!(newer.settled().await, []);
}

#[tokio::test]
async fn takeover_of_a_place_in_the_queue_keeps_the_place() {
    let mut settings = settings();
    settings.calls.cap = 3;
    let home = Home::open(&settings).await;
    let _seated = home.seated([1, 2, 3]).await;
    let mut first = home.join(5).await;
    first.queued().await;
    let mut second = home.join(4).await;
    second.queued().await;
    let mut newer = home.join(5).await;
    assert_eq!(newer.queued().await.1, 1);
    assert_eq!(
        first.closed(Close::Replaced).await,
        Some(GoodbyeReason::Replaced)
    );
    assert_eq!(second.settled().await, []);
}

#[tokio::test]
async fn swaps_beyond_three_a_minute_must_wait() {
    let home = Home::open(&settings()).await;
    let mut held_back = home.socket().await;
    let early = home.ticket(home.door(1), 99).await;
    for _swap in 0..4 {
        home.join(1).await.joined().await;
    }
    let answer = home.press(home.door(1), 5).await;
    assert_eq!(answer.status, 429);
    let problem: Problem = answer.json();
    assert_eq!(problem.code, ProblemCode::SwappedTooOften);
    let wait = problem.retry_after_ms.expect("it says when");
    assert!((1..=15_000).contains(&wait), "{wait}");
    assert!(answer.header("retry-after").is_some());

    // A ticket from before comes too late as well.
    held_back.join(&early, "offer").await;
    assert_eq!(held_back.closed(Close::TooManyJoins).await, None);
    // Whoever has the seat keeps it.
    let door = home.door(1);
    let path = format!("/api/v1/links/{}", door.id);
    let secret = door.secret.clone();
    let view: LinkView = home
        .post(
            &path,
            &LinkRequest {
                secret,
                time_zone: None,
                language: None,
            },
        )
        .await
        .json();
    assert!(view.in_use);
}

#[tokio::test]
async fn a_press_refused_for_too_many_swaps_is_told_to_teacher_and_inviter() {
    let home = Home::open(&settings()).await;
    let mut teacher = home.join(1).await;
    teacher.joined().await;
    let mut other = home.join(2).await;
    other.joined().await;
    let mut inviter = home.join(4).await;
    inviter.joined().await;
    for _swap in 0..4 {
        home.join(5).await.joined().await;
    }
    let told = ServerMessage::Notice {
        notice: Notice::LinkContested { participant: 5 },
    };
    assert!(!teacher.settled().await.contains(&told));
    assert_eq!(home.press(home.door(5), 5).await.status, 429);
    for reader in [&mut teacher, &mut other, &mut inviter] {
        assert!(reader.settled().await.contains(&told));
    }
}

#[tokio::test]
async fn presses_in_quick_turn_leave_one() {
    let home = Home::open(&settings()).await;
    let mut tickets = Vec::new();
    for _press in 0..4 {
        tickets.push(home.ticket(home.door(1), ambient::random()).await);
    }
    let mut clients = Vec::new();
    for ticket in &tickets {
        let mut client = home.socket().await;
        client.join(ticket, "offer").await;
        clients.push(client);
    }
    let ends = clients.iter_mut().enumerate();
    let ends = ends.map(async |(press, client)| (press, client.closed(Close::Replaced).await));
    let mut out: Vec<usize> = ends
        .collect::<FuturesUnordered<_>>()
        .take(3)
        .map(|(press, _word)| press)
        .collect()
        .await;
    out.sort_unstable();
    out.dedup();
    assert_eq!(out.len(), 3);
    let left = (0..4).find(|press| !out.contains(press)).expect("one");
    clients[left].settled().await;
    assert_eq!(home.media.attached().len(), 1);
}
