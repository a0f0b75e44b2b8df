//! When an appointment can be joined, and what becomes of one session when its link joins another
//! call.
#![expect(
    clippy::indexing_slicing,
    reason = "a field that is missing from an answer is a failure"
)]

use std::time::Duration;

use jiff::SignedDuration;
use school::{Note, SlotNumber};
use serde_json::{Value, json};
use store::{Actor, BookingRequest};
use wire::close::Close;
use wire::message::{GoodbyeReason, ServerMessage};

use crate::support::client::Client;
use crate::support::school::{Evening, Key, School, attempt, draft_begun, press};

async fn pressed(it: &Evening, key: &Key, meeting: Option<&str>) -> (u16, String) {
    let mut body = press();
    body["meeting"] = json!(meeting);
    let answer = it.school.by(key, "/tickets", body).await;
    let code = answer.json::<Value>()["code"].as_str().map(str::to_owned);
    (answer.status, code.unwrap_or_default())
}

async fn booked(it: &Evening, key: &Key, student: &str, class: &str, starts: &str) -> String {
    let answer = it.book(key, student, class, starts, &attempt()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let body: Value = answer.json();
    let id = body["appointment"]["meeting"].as_str();
    id.expect("an id").to_owned()
}

#[tokio::test]
async fn an_appointment_opens_a_quarter_of_an_hour_before_and_not_earlier() {
    let it = Evening::open().await;
    let starts = it.starts().await;
    let none = (409, "over".to_owned());
    assert_eq!(
        pressed(&it, &it.maria, None).await,
        none,
        "nothing is booked"
    );
    let later = booked(&it, &it.maria, &it.ana, &it.french, &starts[1]).await;
    let early = (409, "too_early".to_owned());
    assert_eq!(pressed(&it, &it.maria, None).await, early);
    assert_eq!(pressed(&it, &it.maria, Some(&later)).await, early);
    let now = booked(&it, &it.maria, &it.ben, &it.french, &starts[0]).await;
    assert_eq!(pressed(&it, &it.maria, None).await.0, 200);
    assert_eq!(pressed(&it, &it.maria, Some(&now)).await.0, 200);
    assert_eq!(pressed(&it, &it.maria, Some(&later)).await, early);
    // Their teachers and nobody else: the same moments.
    let teacher = it.school.teacher(&it.evening, &it.teachers[0]).await;
    assert_eq!(pressed(&it, &teacher, Some(&now)).await.0, 200);
    assert_eq!(pressed(&it, &teacher, Some(&later)).await, early);
    let stranger = (404, "not_found".to_owned());
    assert_eq!(pressed(&it, &it.omar, Some(&now)).await, stranger);
}

#[tokio::test]
async fn an_appointment_that_is_over_is_joined_no_more() {
    let it = Evening::open().await;
    let evening = it.school.made("/evenings", &draft_begun(100)).await;
    let key = it.school.parent(&evening, &it.contacts[0]).await;
    let id = |text: &str| text.parse().expect("an id");
    let book = async |student: &str, slot: u16| {
        let request = BookingRequest {
            student: student.parse().expect("an id"),
            class: it.french.parse().expect("an id"),
            slot: SlotNumber(slot),
            note: Note::default(),
        };
        let then = ambient::now() - SignedDuration::from_mins(101);
        let (store, office) = (&it.school.store, Actor::Program);
        let parent = it.contacts[0].parse().expect("an id");
        let booked = store.book(parent, id(&evening), &request, None, office, then);
        booked.await.expect("booked then").meeting.to_string()
    };
    let past = book(&it.ana, 0).await;
    let over = (409, "over".to_owned());
    assert_eq!(pressed(&it, &key, Some(&past)).await, over);
    assert_eq!(pressed(&it, &key, None).await, over);
    let now = book(&it.ben, 5).await;
    assert_eq!(pressed(&it, &key, Some(&now)).await.0, 200);
    assert_eq!(pressed(&it, &key, None).await.0, 200, "the one of now");
    assert_eq!(pressed(&it, &key, Some(&past)).await, over);
}

/// Joins one appointment in particular.
async fn join(it: &Evening, key: &Key, meeting: &str) -> Client {
    let mut body = press();
    body["meeting"] = json!(meeting);
    let granted = it.school.granted(key, "/tickets", body).await;
    let headers = [("sec-websocket-protocol", wire::SUBPROTOCOL)];
    let client = Client::try_open(it.school.address, &headers).await;
    let mut client = client.expect("it is let in");
    let ticket = granted["ticket"].as_str().expect("a ticket");
    client.join(ticket, "an offer").await;
    client
}

#[tokio::test]
async fn whoever_joins_another_call_has_left_the_one_before() {
    let mut settings = School::settings();
    settings.calls.opens_before = Duration::from_hours(3);
    let it = Evening::open_with(settings).await;
    let starts = it.starts().await;
    let first = booked(&it, &it.maria, &it.ana, &it.french, &starts[1]).await;
    let second = booked(&it, &it.maria, &it.ben, &it.french, &starts[2]).await;
    let teacher = it.school.teacher(&it.evening, &it.teachers[0]).await;
    for key in [&it.maria, &teacher] {
        let other = if std::ptr::eq(key, &teacher) {
            &it.maria
        } else {
            &teacher
        };
        let mut witness = join(&it, other, &first).await;
        witness.joined().await;
        let mut before = join(&it, key, &first).await;
        let session = before.joined().await.session;
        witness.people(|people| people.len() == 2).await;
        let mut after = join(&it, key, &second).await;
        after.joined().await;
        assert_eq!(
            before.closed(Close::Replaced).await,
            Some(GoodbyeReason::Replaced)
        );
        witness.people(|people| people.len() == 1).await;
        // It stays out, and the newer one in.
        let headers = [("sec-websocket-protocol", wire::SUBPROTOCOL)];
        let back = Client::try_open(it.school.address, &headers).await;
        let mut back = back.expect("it is let in");
        back.resume(&session, Some("an offer")).await;
        assert_eq!(
            back.closed(Close::Replaced).await,
            Some(GoodbyeReason::Replaced)
        );
        let heard = after.settled().await;
        let goodbye = |it: &ServerMessage| matches!(it, ServerMessage::Goodbye { .. });
        assert!(!heard.iter().any(goodbye), "{heard:?}");
    }
}
