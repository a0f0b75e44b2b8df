//! What one link may set off, however it is used.
#![expect(
    clippy::indexing_slicing,
    reason = "a field that is missing from an answer is a failure"
)]

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use serde_json::{Value, json};
use tokio::time::timeout;
use wire::http::{Changes, ChangesRequest, LinkRequest};

use crate::support::request::{Answer, get};
use crate::support::school::{Evening, attempt};
use crate::support::{Home, PATIENCE, settings};

fn code(answer: &Answer) -> String {
    let problem: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    problem["code"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_days_emails_are_spent_and_parent_and_office_read_so() {
    let it = Evening::open().await;
    let path = format!("/evenings/{}/invitations", it.evening);
    let office = async || it.school.done("GET", &path, &Value::Null).await;
    assert_eq!(office().await["stopped"], json!([]));
    let mut last = it.invite(&it.maria, "Grandma Rosa", &[&it.ana]).await;
    for _round in 0..15 {
        if last.status != 200 {
            break;
        }
        let id = last.json::<Value>()["invitation"]["id"].clone();
        let remove = format!("/invitations/{}/remove", id.as_str().expect("an id"));
        it.school.granted(&it.maria, &remove, json!({})).await;
        last = it.invite(&it.maria, "Grandma Rosa", &[&it.ana]).await;
    }
    assert_eq!(
        (last.status, code(&last).as_str()),
        (429, "too_many_emails")
    );
    let problem: Value = last.json();
    let title = problem["title"].as_str().expect("a sentence");
    assert!(title.contains("You can send more from"), "{title}");
    assert!(title.ends_with("phone the school."), "{title}");
    let after = problem["retry_after_ms"].as_u64().expect("when");
    assert!((80_000_000..=86_400_000).contains(&after), "{after}");
    let again = it.school.by(&it.maria, "/confirmation", json!({})).await;
    assert_eq!(code(&again), "too_many_emails");
    assert_eq!(office().await["stopped"], json!(["Maria Santos"]));
    let log = it.school.done("GET", "/audit", &Value::Null).await;
    assert_eq!(log.to_string().matches("too_many_emails").count(), 1);
    // Booking goes on, and so does everybody else.
    let starts = it.starts().await;
    let booked = it
        .book(&it.maria, &it.ana, &it.french, &starts[1], &attempt())
        .await;
    assert_eq!(booked.status, 200);
    assert_eq!(it.invite(&it.omar, "Uncle", &[&it.cem]).await.status, 200);
}

#[tokio::test]
async fn one_link_changes_so_much_and_no_more() {
    let it = Evening::open().await;
    for _change in 0..150 {
        let answer = it
            .school
            .by(&it.maria, "/bookings/7/cancel", json!({}))
            .await;
        assert_eq!(answer.status, 404);
    }
    for rest in ["/bookings/7/cancel", "/bookings/7/note"] {
        let answer = it.school.by(&it.maria, rest, json!({"note": ""})).await;
        assert_eq!(code(&answer), "too_many", "{rest}");
    }
    it.school.granted(&it.maria, "/parent", json!({})).await;
    let other = it
        .school
        .by(&it.omar, "/bookings/7/cancel", json!({}))
        .await;
    assert_eq!(other.status, 404, "another's are another's");
}

#[tokio::test]
async fn so_many_pages_of_one_link_wait() {
    let home = Home::open(&settings()).await;
    let door = home.door(1).clone();
    let path = format!("/api/v1/links/{}", door.id);
    let view = LinkRequest {
        time_zone: None,
        language: None,
        secret: door.secret.clone(),
    };
    let mut asked = ChangesRequest {
        secret: door.secret.clone(),
        seen: String::new(),
    };
    let changes = format!("{path}/changes");
    match home.post(&changes, &asked).await.json() {
        Changes::Changed { seen } => asked.seen = seen,
        other => panic!("it says what is so: {other:?}"),
    }
    let mut waiting: FuturesUnordered<_> = (0..20).map(|_| home.post(&changes, &asked)).collect();
    let one_more = async {
        let wait = "\nhomeroom_pages_waiting 20\n";
        while !get(home.address, "/metrics").await.body.contains(wait) {
            tokio::task::yield_now().await;
        }
        home.post(&changes, &asked).await
    };
    let refused = tokio::select! {
        refused = timeout(PATIENCE, one_more) => refused.expect("in time"),
        ended = waiting.next() => panic!("it does not wait: {ended:?}"),
    };
    assert_eq!((refused.status, code(&refused).as_str()), (429, "too_many"));
    drop(waiting);
    while home.post(&path, &view).await.status != 200 {
        tokio::task::yield_now().await;
    }
}
