//! "Forgotten password" of the office (EVE-18): what is answered, what is sent, and what its link does.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::PATIENCE;
use crate::support::mailbox;
use crate::support::request::{self, Answer};
use crate::support::school::School;

const ADA: &str = "ada@hillroad.example";

async fn asks(school: &School, email: &str) -> Answer {
    let body = json!({ "email": email }).to_string();
    let mut answer = request::post_json(school.address, "/api/v1/lost-password", &body).await;
    answer
        .headers
        .retain(|(name, _)| name != "date" && name != "x-request-id");
    answer
}

/// The secrets of the links that were sent so far.
fn sent(school: &School) -> BTreeSet<String> {
    mailbox::to(school, ADA)
        .into_iter()
        .map(|text| {
            let (_, link) = text.split_once("/setup#").expect("a link");
            link.chars().take(26).collect()
        })
        .collect()
}

async fn until_sent(school: &School, number: usize) -> BTreeSet<String> {
    let arrives = async {
        while sent(school).len() < number {
            tokio::task::yield_now().await;
        }
        sent(school)
    };
    timeout(PATIENCE, arrives).await.expect("it is sent")
}

#[tokio::test]
async fn a_forgotten_password_is_chosen_anew_and_nobody_learns_who_signs_in() {
    let mut school = School::open().await;
    let known = asks(&school, "ADA@hillroad.example").await;
    assert_eq!((known.status, known.body.as_str()), (204, ""));
    assert_eq!(known, asks(&school, "stranger@hillroad.example").await);
    assert_eq!(asks(&school, "no address").await.status, 422);
    let secret = until_sent(&school, 1).await.pop_first().expect("a secret");
    let set_up = |password: &str| json!({"secret": secret, "school": "", "name": "", "email": "", "password": password});
    let offered = school
        .done("POST", "/setup/check", &json!({ "secret": secret }))
        .await;
    assert_eq!(offered, json!({ "email": ADA }));
    // The rules are those of every password, and trying uses nothing.
    for weak in ["short", "Password1234", "HillRoad2026!", "adaoffice1234"] {
        let answer = school.ask("POST", "/setup", &set_up(weak)).await;
        assert_eq!(answer.status, 422, "{weak}");
        assert_eq!(answer.json::<Value>()["fields"][0]["field"], "password");
    }
    school.done("GET", "/session", &Value::Null).await;
    let chosen = school
        .ask("POST", "/setup", &set_up("four words in a row"))
        .await;
    assert_eq!(chosen.status, 200, "{}", chosen.body);
    let before = school.ask("GET", "/session", &Value::Null).await;
    assert_eq!(before.status, 401, "what was signed in before is out");
    school.remember(&chosen);
    school.done("GET", "/session", &Value::Null).await;
    let again = school
        .ask("POST", "/setup", &set_up("five words in a row"))
        .await;
    assert_eq!(again.json::<Value>()["code"], "set_up_done");
    for (password, status) in [("correct horse battery", 401), ("four words in a row", 200)] {
        let body = json!({ "email": ADA, "password": password });
        let answer = school.ask("POST", "/session", &body).await;
        assert_eq!(answer.status, status, "{password}");
    }
}

#[tokio::test]
async fn who_asks_again_and_again_fills_no_mailbox_and_is_told_nothing_else() {
    let school = School::open().await;
    for number in 1..=3 {
        assert_eq!(asks(&school, ADA).await.status, 204);
        until_sent(&school, number).await;
    }
    for _ in 0..4 {
        assert_eq!(asks(&school, ADA).await.status, 204);
    }
    // What is asked for next is sent after what was asked for before.
    let log = school.store.audit_log(None, 100).await.expect("records");
    let sent = log.iter().filter(|it| it.action == "password_link_sent");
    assert_eq!(sent.count(), 3);
}
