//! Another address gets another link (LINK-3); a court order is looked at again (DIR-4).

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;
use wire::close::Close;
use wire::message::GoodbyeReason;

use crate::support::mailbox;
use crate::support::request;
use crate::support::school::{Evening, attempt};

#[tokio::test]
async fn a_parents_new_address_ends_the_old_links_call_and_page_within_two_seconds() {
    let it = Evening::open().await;
    let starts = it.starts().await;
    let press = attempt();
    it.book(&it.maria, &it.ana, &it.french, &starts[0], &press)
        .await;
    let mut client = it.school.join(&it.maria).await;
    client.joined().await;
    let seen = it.school.granted(&it.maria, "", json!({})).await["seen"].clone();
    let page = it.school.by(&it.maria, "/changes", json!({"seen": seen}));
    let changing = async {
        it.school.page_waits().await;
        let path = format!("/contacts/{}", it.contacts[0]);
        let body = json!({
            "name": "Maria Santos", "email": "maria@new.example", "students": [it.ana, it.ben],
        });
        it.school.done("PUT", &path, &body).await;
        Instant::now()
    };
    let (told, changed) = tokio::join!(page, changing);
    assert_eq!(told.json::<Value>()["type"], "withdrawn", "{}", told.body);
    assert_eq!(
        client.closed(Close::Withdrawn).await,
        Some(GoodbyeReason::Withdrawn)
    );
    assert!(changed.elapsed() < Duration::from_secs(2));
    let old = it.school.by(&it.maria, "", json!({})).await;
    assert_eq!(old.status, 404);
    // The same seat waits for whoever has the new link.
    let new = it.school.parent(&it.evening, &it.contacts[0]).await;
    assert_ne!(new.id, it.maria.id);
    it.school.join(&new).await.joined().await;
}

#[tokio::test]
async fn a_teachers_new_address_ends_the_old_links_call() {
    let it = Evening::open().await;
    let starts = it.starts().await;
    let press = attempt();
    it.book(&it.maria, &it.ana, &it.french, &starts[0], &press)
        .await;
    let old = it.school.teacher(&it.evening, &it.teachers[0]).await;
    let mut client = it.school.join(&old).await;
    client.joined().await;
    let path = format!("/teachers/{}", it.teachers[0]);
    let body = json!({"name": "Ms Okafor", "email": "new@hillroad.example"});
    it.school.done("PUT", &path, &body).await;
    assert_eq!(
        client.closed(Close::Withdrawn).await,
        Some(GoodbyeReason::Withdrawn)
    );
    let path = format!(
        "/evenings/{}/teachers/{}/resend",
        it.evening, it.teachers[0]
    );
    let queued = it.school.done("POST", &path, &Value::Null).await;
    assert_eq!(queued, json!({"queued": 1, "without_address": 0}));
}

#[tokio::test]
async fn somebody_with_a_court_order_who_is_found_to_be_a_guest_is_out() {
    let it = Evening::open().await;
    let path = format!("/contacts/{}", it.contacts[2]);
    let known = |email: &str| json!({"name": "Paul Santos", "email": email, "students": []});
    it.school.done("PUT", &path, &known("")).await;
    let order = format!("{path}/court-order");
    it.school
        .done("PUT", &order, &json!({"active": true}))
        .await;
    let starts = it.starts().await;
    let press = attempt();
    it.book(&it.maria, &it.ana, &it.french, &starts[0], &press)
        .await;
    it.invite(&it.maria, "Uncle", &[&it.ana]).await;
    let guest = it.school.guests(&it.evening).await.remove(0);
    let mut client = it.school.join(&guest).await;
    client.joined().await;
    it.school
        .done("PUT", &path, &known("uncle@guests.example"))
        .await;
    assert_eq!(
        client.closed(Close::Withdrawn).await,
        Some(GoodbyeReason::Withdrawn)
    );
}

#[tokio::test]
async fn a_lost_link_is_sent_again_and_nobody_learns_to_whom() {
    let it = Evening::open().await;
    let ask = async |email: &str| {
        let body = json!({ "email": email }).to_string();
        let mut answer = request::post_json(it.school.address, "/api/v1/lost-link", &body).await;
        answer
            .headers
            .retain(|(name, _)| name != "date" && name != "x-request-id");
        answer
    };
    let known = ask("MARIA@x.example").await;
    assert_eq!(known.status, 204, "{}", known.body);
    assert_eq!(known, ask("stranger@x.example").await);
    assert_eq!(ask("no address").await.status, 422);
    mailbox::until_to(&it.school, "maria@x.example", |_text| Some(())).await;
    assert!(mailbox::to(&it.school, "stranger@x.example").is_empty());
    // Whoever asks again and again fills no mailbox, and is told nothing else.
    for _ in 0..5 {
        assert_eq!(ask("maria@x.example").await, known);
    }
}

#[tokio::test]
async fn a_link_that_was_rewritten_and_an_address_that_was_mistyped_have_a_page() {
    let it = Evening::open().await;
    let html = [("Accept", "text/html,*/*;q=0.8")];
    for (path, status) in [
        (format!("/j/{}%23{}", it.maria.id, it.maria.secret), 200),
        (
            format!("/J/{}%2523{}.", it.maria.id.to_uppercase(), it.maria.secret),
            200,
        ),
        (format!("//j/{}", it.maria.id), 200),
        ("/j".to_owned(), 200),
        ("/setup%23secret".to_owned(), 200),
        ("/Office".to_owned(), 200),
        ("/nothing".to_owned(), 404),
        ("/nothing/at/all".to_owned(), 404),
    ] {
        let answer = request::request(it.school.address, "GET", &path, &html, "").await;
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(
            answer.header("content-type"),
            Some("text/html; charset=utf-8"),
            "{path}"
        );
    }
    // Programs are told in a line.
    for path in ["/nothing", "/api/v1/nothing"] {
        let answer = request::get(it.school.address, path).await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (404, "There is nothing here.\n")
        );
    }
}
