//! A parent signs in with another address once they have shown that they read there (DIR-9): what others may do with
//! it, and what nobody learns by asking (DIR-4).
#![expect(
    clippy::indexing_slicing,
    reason = "a field that is missing from an answer is a failure"
)]

use serde_json::{Value, json};

use crate::accounts::{Browser, PASSWORD, code, invite, secret_to};
use crate::support::mailbox;
use crate::support::request::Answer;
use crate::support::school::Evening;

const NEW: &str = "maria@new.example";

async fn registered<'e>(it: &'e Evening, contact: usize, at: &str) -> Browser<'e> {
    invite(it, &it.contacts[contact]).await;
    let secret = secret_to(it, at, "register").await;
    let mut browser = Browser::of(it);
    let made = json!({"secret": secret, "password": PASSWORD});
    let made = browser.ask("POST", "/register", &made).await;
    assert_eq!(made.status, 200, "{}", made.body);
    browser
}

async fn ask(browser: &mut Browser<'_>, email: &str, password: &str) -> Answer {
    let asked = json!({"email": email, "password": password});
    browser.ask("PUT", "/account/address", &asked).await
}

async fn confirm(browser: &mut Browser<'_>, secret: &str) -> Answer {
    let body = json!({"secret": secret});
    browser.ask("POST", "/account/address/confirm", &body).await
}

async fn home(browser: &mut Browser<'_>) -> Value {
    browser.ask("GET", "/account", &Value::Null).await.json()
}

fn refused(answer: &Answer) -> (u16, String) {
    (answer.status, code(answer))
}

async fn until_written_to(it: &Evening, address: &str, says: &str) {
    mailbox::until_to(&it.school, address, |text| {
        text.contains(says).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_parent_signs_in_with_another_address_once_they_have_confirmed_it() {
    let it = Evening::open().await;
    let mut maria = registered(&it, 0, "maria@x.example").await;
    let mut paul = registered(&it, 2, "paul@x.example").await;
    let mut elsewhere = Browser::of(&it);
    let signed_in = json!({"email": "maria@x.example", "password": PASSWORD});
    elsewhere.ask("POST", "/account/session", &signed_in).await;

    let wrong = ask(&mut maria, NEW, "another password").await;
    assert_eq!(refused(&wrong), (401, "wrong_password".to_owned()));
    for no_address in ["", "maria", "a@b@c"] {
        let refused = ask(&mut maria, no_address, PASSWORD).await;
        assert_eq!(refused.status, 422, "{no_address}: {}", refused.body);
    }
    let own = ask(&mut maria, "Maria@x.example", PASSWORD).await;
    assert_eq!(refused(&own), (409, "email_taken".to_owned()));
    assert!(home(&mut maria).await.get("new_address").is_none());
    let nothing = maria
        .ask("POST", "/account/address/resend", &json!({}))
        .await;
    assert_eq!(refused(&nothing), (404, "not_found".to_owned()));

    let asked = ask(&mut maria, NEW, PASSWORD).await;
    assert_eq!(asked.status, 204, "{}", asked.body);
    let waits = json!({"email": NEW, "expired": false});
    assert_eq!(home(&mut maria).await["new_address"], waits);
    let secret = secret_to(&it, NEW, "account/address").await;
    until_written_to(&it, "maria@x.example", "Another email address").await;

    // It is nobody's who is not signed in to that account, whatever link they hold.
    let foreign = confirm(&mut paul, &secret).await;
    assert_eq!(refused(&foreign), (409, "set_up_done".to_owned()));
    let nobody = confirm(&mut Browser::of(&it), &secret).await;
    assert_eq!(refused(&nobody), (401, "not_signed_in".to_owned()));
    let no_link = confirm(&mut maria, "x").await;
    assert_eq!(refused(&no_link), (409, "set_up_done".to_owned()));
    let link = json!({"secret": secret});
    let signed_in = Browser::of(&it).ask("POST", "/account/link", &link).await;
    assert_eq!(signed_in.status, 409, "it signs nobody in");

    let cookie = maria.cookie.clone();
    let confirmed = confirm(&mut maria, &secret).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.body);
    assert_eq!(confirmed.json::<Value>()["email"], NEW);
    assert_eq!(maria.cookie, cookie, "she stays signed in");
    let shown = home(&mut maria).await;
    assert!(shown.get("new_address").is_none(), "{shown}");
    assert_eq!(shown["people"][0]["email"], NEW);
    assert_eq!(shown["people"][0]["has_other_address"], true);
    let over = elsewhere.ask("GET", "/account", &Value::Null).await;
    assert_eq!(refused(&over), (401, "not_signed_in".to_owned()));
    for (email, status) in [("maria@x.example", 401), (NEW, 200)] {
        let sign_in = json!({"email": email, "password": PASSWORD});
        let answer = Browser::of(&it)
            .ask("POST", "/account/session", &sign_in)
            .await;
        assert_eq!(answer.status, status, "{email}: {}", answer.body);
    }
    until_written_to(&it, "maria@x.example", "has another email address now").await;
    let approvals = it.school.done("GET", "/approvals", &Value::Null).await;
    let asked = approvals.to_string();
    assert!(
        asked.contains(NEW) && asked.contains("maria@x.example"),
        "{asked}"
    );
}

#[tokio::test]
async fn asking_tells_nobody_whose_an_address_is() {
    let it = Evening::open().await;
    let mut maria = registered(&it, 0, "maria@x.example").await;
    let mut paul = registered(&it, 2, "paul@x.example").await;
    let order = format!("/contacts/{}/court-order", it.contacts[1]);
    it.school
        .done("PUT", &order, &json!({"active": true}))
        .await;
    let mut answers = Vec::new();
    for address in ["paul@x.example", "omar@x.example", NEW] {
        let answer = ask(&mut maria, address, PASSWORD).await;
        let mut headers: Vec<_> = answer.headers.clone();
        headers.retain(|(name, _)| name != "date" && name != "x-request-id");
        let mut shown = home(&mut maria).await;
        assert_eq!(shown["new_address"]["email"], address);
        shown["new_address"]["email"] = Value::Null;
        answers.push((answer.status, answer.body, headers, shown));
    }
    assert_eq!(answers[0].0, 204);
    assert_eq!(answers[0], answers[2], "one with an account");
    assert_eq!(answers[1], answers[2], "one that an order keeps away");
    // By now all of it is sent.
    secret_to(&it, NEW, "account/address").await;
    until_written_to(&it, "paul@x.example", "already has an account").await;
    for text in mailbox::to(&it.school, "paul@x.example") {
        assert!(
            !text.contains("Maria") && !text.contains("/account/address"),
            "{text}"
        );
    }
    for text in mailbox::to(&it.school, "omar@x.example") {
        assert!(!text.contains("/account/address"), "{text}");
    }
    // Nor does one who waits for another's address take it from them.
    let secret = secret_to(&it, NEW, "account/address").await;
    let both = ask(&mut paul, NEW, PASSWORD).await;
    assert_eq!(both.status, 204);
    let confirmed = confirm(&mut maria, &secret).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.body);
    let again = paul
        .ask("POST", "/account/address/resend", &json!({}))
        .await;
    assert_eq!(again.status, 204);
    until_written_to(&it, NEW, "already has an account").await;
    let kept = paul.ask("DELETE", "/account/address", &json!({})).await;
    assert_eq!(kept.status, 204);
    assert!(home(&mut paul).await.get("new_address").is_none());
    // Whoever asks again and again fills nobody's mailbox, and guesses no password.
    let mut last = 0;
    for _press in 0..8 {
        last = ask(&mut paul, "other@new.example", PASSWORD).await.status;
    }
    assert_eq!(last, 429);
    // However long each takes.
    let mut wrong = 0;
    let body = json!({"password": "a guess"});
    while maria.ask("POST", "/account/close", &body).await.status != 429 {
        wrong += 1;
        assert!(wrong < 60, "an open page guesses no more than a stranger");
    }
}
