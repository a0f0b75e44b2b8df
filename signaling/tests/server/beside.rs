//! Where several workers serve, the next call of an evening is placed where its people are (SCR-12).
#![expect(
    clippy::indexing_slicing,
    reason = "a field that is missing from an answer is a failure"
)]

use std::sync::Arc;

use serde_json::Value;
use sfu::Sfu;
use signaling::server::Media;

use crate::support::school::{Evening, Key, School, attempt, press};

const OFFER: &str = include_str!("../../../sfu/tests/offers/chromium.sdp");

/// A school whose calls are shared by two workers.
async fn school() -> School {
    let (sfu, events) = Sfu::start(&sfu::Settings {
        listen: ([127, 0, 0, 1], 0).into(),
        workers: 2,
        announce: Vec::new(),
        machine: sfu::machine,
    })
    .expect("loopback");
    let plane = Arc::new(sfu);
    School::open_on_media(Media { plane, events }).await
}

/// A press on Join; gives the ticket, and the worker that the credentials beside it name.
async fn pressed(it: &Evening, key: &Key, meeting: &str) -> (String, String) {
    let mut body = press();
    body["meeting"] = meeting.into();
    let granted = it.school.granted(key, "/tickets", body).await;
    let name = granted["relay"]["username"].as_str().expect("a name");
    let (worker, _) = name.split_once('-').expect("its worker");
    let ticket = granted["ticket"].as_str().expect("a ticket");
    (ticket.to_owned(), worker.to_owned())
}

/// Books a lesson's talk; gives its meeting.
async fn booked(it: &Evening, (key, student, class): (&Key, &str, &str), starts: &str) -> String {
    let booked = it.book(key, student, class, starts, &attempt()).await;
    assert_eq!(booked.status, 200, "{}", booked.body);
    let booked: Value = booked.json();
    let meeting = booked["appointment"]["meeting"].as_str();
    meeting.expect("a meeting").to_owned()
}

#[tokio::test]
async fn the_next_call_of_an_evening_is_where_its_teacher_is() {
    let it = Evening::begun(school().await, 10).await;
    let starts = it.starts().await;
    let first = booked(&it, (&it.maria, &it.ana, &it.french), &starts[0]).await;
    let next = booked(&it, (&it.omar, &it.cem, &it.maths), &starts[1]).await;
    let teacher = it.school.teacher(&it.evening, &it.teachers[0]).await;
    let (ticket, worker) = pressed(&it, &teacher, &first).await;
    let mut talks = it.school.socket().await;
    talks.join(&ticket, OFFER).await;
    talks.joined().await;
    // By the load alone it would go to the other.
    let (_, of_the_parent) = pressed(&it, &it.omar, &next).await;
    assert_eq!(of_the_parent, worker, "whoever comes to her comes there");
    let (_, of_the_teacher) = pressed(&it, &teacher, &next).await;
    assert_eq!(of_the_teacher, worker);
}
