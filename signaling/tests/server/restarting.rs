//! SESS-8: the program ends and begins again, and people are back in their seats.

use std::time::Duration;

use store::{Actor, Whereabouts};
use wire::close::Close;
use wire::message::{ClientMessage, GoodbyeReason, Notice, Person, Sends, ServerMessage, Session};

use crate::support::client::{Client, Joined};
use crate::support::media::answer_to;
use crate::support::{Home, settings};

/// Comes back with a fresh offer.
async fn back(home: &Home, session: &Session, offer: &str) -> Client {
    let mut client = home.socket().await;
    client.resume(session, Some(offer)).await;
    client
}

fn by_number(people: &[Person]) -> Vec<(u32, bool)> {
    let mut all: Vec<_> = people
        .iter()
        .map(|it| (it.participant, it.reconnecting))
        .collect();
    all.sort_unstable();
    all
}

/// In which slot each of the others is received: it follows from all seats.
fn slots(joined: &Joined) -> Vec<(u32, Option<u32>)> {
    let people = joined.people.iter();
    people.map(|it| (it.participant, it.slot)).collect()
}

#[tokio::test]
async fn everybody_is_back_in_their_own_seat_and_the_first_in_line_still_is() {
    let home = Home::open(&settings()).await;
    let mut seats = Vec::new();
    for participant in [3, 1, 5, 2] {
        let mut client = home.join(participant).await;
        seats.push((participant, client.joined().await, client));
    }
    let last = &seats[3].1;
    let before = slots(last);
    let mut waiting = home.join(4).await;
    let (waits, place, _) = waiting.queued().await;
    assert_eq!(place, 1);

    let home = home.begin_again(&settings()).await;
    assert_eq!(home.media.attached().len(), 0);
    // Who waits comes first, and is not let in before those who were seated.
    let mut waiting = back(&home, &waits, "offer of 4").await;
    let (_, place, active) = waiting.queued().await;
    assert_eq!((place, active), (1, 4));
    let mut all = Vec::new();
    for (participant, joined, _) in seats.into_iter().rev() {
        let mut client = back(&home, &joined.session, "a fresh offer").await;
        let now = client.joined().await;
        assert_eq!(now.you, participant);
        assert_eq!(now.answer, Some(answer_to("a fresh offer")));
        if participant == 2 {
            assert_eq!(slots(&now), before, "the seats are those of before");
            let others = [(1, true), (2, false), (3, true), (5, true)];
            assert_eq!(by_number(&now.people), others);
        }
        all.push(client);
    }
    assert_eq!(home.media.attached().len(), 4);
    all[0].say(&ClientMessage::Leave {}).await;
    assert_eq!(waiting.joined().await.you, 4);
}

const fn is_gone(message: &ServerMessage) -> bool {
    matches!(
        message,
        ServerMessage::Notice {
            notice: Notice::ConnectionGone { .. }
        }
    )
}

/// A page whose socket alone broke off does not know that its connection leads nowhere.
#[tokio::test]
async fn who_comes_back_without_an_offer_hears_that_media_is_lost() {
    let home = Home::open(&settings()).await;
    let mut client = home.join(1).await;
    let session = client.joined().await.session;
    let home = home.begin_again(&settings()).await;
    let mut client = home.socket().await;
    client.resume(&session, None).await;
    let joined = client.joined().await;
    assert!(joined.answer.is_none());
    let relay = client.gone().await.expect("there is a relay");
    let held = (relay.username, joined.session.id.parse().expect("a number"));
    assert!(
        home.media.relays().contains(&held),
        "those of before are void"
    );
    let offer = "a fresh offer".to_owned();
    client.say(&ClientMessage::Offer { offer }).await;
    let answered = client.until(|message| match message {
        ServerMessage::Answer { answer } => Some(answer.clone()),
        _other => None,
    });
    assert_eq!(answered.await, answer_to("a fresh offer"));
    assert_eq!(home.media.attached().len(), 1);
    // From then on a dropped socket is one that has its media.
    client.settled().await;
    drop(client);
    let mut again = home.socket().await;
    again.resume(&joined.session, None).await;
    again.joined().await;
    let said = again.settled().await;
    assert!(!said.iter().any(is_gone), "{said:?}");
}

/// The credentials that came with a ticket of before ended with the program; those that another node granted never led
/// here.
#[tokio::test]
async fn who_comes_by_a_ticket_whose_relay_leads_elsewhere_is_given_another() {
    let home = Home::open(&settings()).await;
    let to_join = home.ticket(home.door(1), 1).await;
    let to_prepare = home.ticket(home.door(2), 2).await;
    let home = home.begin_again(&settings()).await;
    let mut first = home.socket().await;
    first.join(&to_join, "offer of 1").await;
    let joined = first.joined().await;
    assert_eq!(joined.answer, Some(answer_to("offer of 1")));
    let relay = first.gone().await.expect("there is a relay");
    let held = (relay.username, joined.session.id.parse().expect("a number"));
    assert!(home.media.relays().contains(&held), "it is one of here");
    let mut second = home.socket().await;
    second.prepare(&to_prepare, "offer of 2").await;
    let (sends, accepts_rules) = (Sends::default(), None);
    let enter = ClientMessage::Enter {
        sends,
        accepts_rules,
    };
    second.say(&enter).await;
    second.joined().await;
    second.gone().await.expect("there is a relay");

    // One of now, which is shown twice, and one that was prepared by it.
    let ticket = home.ticket(home.door(3), 3).await;
    for offer in ["offer of 3", "again"] {
        let mut third = home.socket().await;
        third.join(&ticket, offer).await;
        third.joined().await;
        let said = third.settled().await;
        assert!(!said.iter().any(is_gone), "{said:?}");
    }
    let ticket = home.ticket(home.door(4), 4).await;
    let mut fourth = home.socket().await;
    fourth.prepare(&ticket, "offer of 4").await;
    fourth.say(&enter).await;
    fourth.joined().await;
    let said = fourth.settled().await;
    assert!(!said.iter().any(is_gone), "{said:?}");
}

#[tokio::test]
async fn who_was_evicted_is_told_so_and_a_late_retry_too() {
    let home = Home::open(&settings()).await;
    let mut first = home.join_with(1, 7).await;
    let evicted = first.joined().await.session;
    let mut second = home.join_with(1, 8).await;
    let session = second.joined().await.session;
    let home = home.begin_again(&settings()).await;
    let mut late = back(&home, &evicted, "offer").await;
    let told = Some(GoodbyeReason::Replaced);
    assert_eq!(late.closed(Close::Replaced).await, told);
    // A retry of the press of before takes nothing back.
    let mut retry = home.join_with(1, 7).await;
    assert_eq!(retry.closed(Close::Replaced).await, told);
    // And one of the newest press finds its own seat, whatever it had heard.
    let mut retry = home.join_with(1, 8).await;
    let joined = retry.joined().await;
    assert_eq!(joined.session.id, session.id);
    assert_eq!(joined.people.len(), 1);
    // Its number is above all of before, and it is the only one.
    let newer = home.join_with(1, 9).await.joined().await;
    assert!(newer.session.epoch > 1 << 30, "{}", newer.session.epoch);
    assert_eq!(newer.people.len(), 1);
}

#[tokio::test]
async fn a_link_that_was_withdrawn_stays_dead_and_its_seat_is_free() {
    let home = Home::open(&settings()).await;
    let mut guest = home.join(5).await;
    let session = guest.joined().await.session;
    let mut teacher = home.join(1).await;
    let stays = teacher.joined().await.session;
    // Committed, and the program ends before anybody hears of it.
    let (removed, by) = (home.invitation, Actor::Program);
    let now = ambient::now();
    let done = home.store.remove_invitation(removed, by, now).await;
    done.expect("it is removed");
    let home = home.begin_again(&settings()).await;
    let mut late = back(&home, &session, "offer").await;
    let told = Some(GoodbyeReason::Withdrawn);
    assert_eq!(late.closed(Close::Withdrawn).await, told);
    let joined = back(&home, &stays, "offer").await.joined().await;
    assert_eq!(by_number(&joined.people), [(1, false)]);
}

#[tokio::test]
async fn a_seat_is_kept_no_longer_than_for_the_grace() {
    let mut settings = settings();
    settings.calls.grace = Duration::from_millis(400);
    let home = Home::open(&settings).await;
    let four = home.four().await;
    let home = home.begin_again(&settings).await;
    drop(four);
    // Nobody comes back: the fifth is let in, at once or after a while in the queue.
    let joined = home.join(5).await.joined().await;
    assert_eq!(joined.you, 5);
}

/// What is kept follows what becomes of each; what was used up stays so.
#[tokio::test]
async fn a_used_secret_stays_used_and_who_left_stays_away() {
    let home = Home::open(&settings()).await;
    let mut client = home.join(1).await;
    let first = client.joined().await.session;
    let mut client = back(&home, &first, "offer").await;
    let second = client.joined().await.session;
    client.settled().await;
    let mut leaves = home.join(2).await;
    let left = leaves.joined().await.session;
    leaves.say(&ClientMessage::Leave {}).await;
    leaves.closed(Close::Left).await;
    let home = home.begin_again(&settings()).await;
    let mut used = back(&home, &first, "offer").await;
    let told = Some(GoodbyeReason::Replaced);
    assert_eq!(used.closed(Close::Replaced).await, told);
    let mut gone = back(&home, &left, "offer").await;
    assert_eq!(gone.closed(Close::NoSession).await, None);
    let joined = back(&home, &second, "offer").await.joined().await;
    assert_eq!(joined.people.len(), 1);
    let kept = home.store.sessions().await.expect("read");
    let over = kept
        .iter()
        .filter(|it| matches!(it.whereabouts, Whereabouts::Over { .. }));
    assert_eq!((kept.len(), over.count()), (2, 1));
}

/// SCR-14: nobody comes back into a call that was stopped, also by a program that has just begun.
#[tokio::test]
async fn a_call_that_was_stopped_stays_so() {
    let home = Home::open(&settings()).await;
    let mut client = home.join(4).await;
    let session = client.joined().await.session;
    // As by a program that was killed before it could tell.
    home.change_records(
        "INSERT INTO stopped_calls (school, id, meeting, attempt, stopped_by, stopped_at, note, shuts)
         SELECT school, id, meeting, '', parent, start_at, '', 1 FROM bookings",
    )
    .await;
    let home = home.begin_again(&settings()).await;
    let mut client = back(&home, &session, "a fresh offer").await;
    let goodbye = client.closed(Close::Stopped).await;
    assert_eq!(goodbye, Some(GoodbyeReason::Stopped));
}
