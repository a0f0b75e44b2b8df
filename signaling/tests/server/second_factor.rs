//! A second factor of the staff (OPS-7): what their password opens no longer by itself, at every door.
#![expect(
    clippy::indexing_slicing,
    reason = "a field that is missing from an answer is a failure"
)]

use serde_json::{Value, json};
use totp_rs::{Builder, Secret};

use crate::accounts::{PASSWORD as OF_ACCOUNT, code, secret_to};
use crate::hats::{Browser, MARIA, OF_STAFF, with_hat};
use crate::support::mailbox;
use crate::support::request::Answer;
use crate::support::school::Evening;

const OWN: &str = "/staff/second-factor";

/// The code that an app with that secret shows, so many steps of 30 seconds from now.
pub(crate) fn shown(secret: &str, steps: i64) -> String {
    let secret = Secret::try_from_base32(secret).expect("base32");
    let app = Builder::new().with_secret(secret).build().expect("an app");
    let at = ambient::now().as_second() + 30 * steps;
    app.generate(at.try_into().expect("after 1970")).to_string()
}

/// Waits until Maria is sent an e-mail in which that line stands.
async fn is_told(it: &Evening, line: &str) {
    mailbox::until_to(&it.school, MARIA, |text| text.contains(line).then_some(())).await;
}

/// Maria's app, and her recovery codes.
pub(crate) struct App {
    secret: String,
    /// That by which it was set up.
    first: String,
    codes: Vec<String>,
}

fn is(answer: &Answer, refused: &str) {
    assert_eq!(code(answer), refused, "{} {}", answer.status, answer.body);
}

pub(crate) async fn set_up(browser: &mut Browser<'_>) -> App {
    let new = browser.ask("POST", &format!("{OWN}/new"), &json!({})).await;
    let new: Value = new.json();
    let secret = new["secret"].as_str().expect("a secret").to_owned();
    let address = new["address"].as_str().expect("an address");
    assert!(address.starts_with("otpauth://totp/"), "{address}");
    let first = shown(&secret, 0);
    for (password, typed, refused) in [
        ("not hers at all", first.as_str(), "wrong_password"),
        (OF_STAFF, "000 00", "wrong_code"),
    ] {
        let draft = json!({"secret": secret, "code": typed, "password": password});
        is(&browser.ask("PUT", OWN, &draft).await, refused);
    }
    let stands: Value = browser.ask("GET", OWN, &Value::Null).await.json();
    assert_eq!(
        (&stands["codes_left"], &stands["app"]),
        (&json!(0), &json!(false))
    );
    assert_eq!(stands["since"], Value::Null);
    let draft = json!({"secret": secret, "code": first, "password": OF_STAFF});
    let given = browser.ask("PUT", OWN, &draft).await;
    assert_eq!(given.status, 200, "{}", given.body);
    let codes = given.json::<Value>()["codes"].clone();
    let codes: Vec<String> = serde_json::from_value(codes).expect("codes");
    assert_eq!(codes.len(), 10);
    // The answer was lost: the same press is answered once more, and one of another page is not.
    let again = browser.ask("PUT", OWN, &draft).await;
    assert_eq!(again.status, 200, "{}", again.body);
    let codes: Vec<String> =
        serde_json::from_value(again.json::<Value>()["codes"].clone()).expect("codes");
    let other = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    let draft = json!({"secret": other, "code": shown(other, 0), "password": OF_STAFF});
    is(&browser.ask("PUT", OWN, &draft).await, "changed_meanwhile");
    App {
        secret,
        first,
        codes,
    }
}

/// Whoever signs in by the password of the staff at that door, with that code or none; and what it opened.
async fn opened(it: &Evening, door: &str, typed: Option<&str>) -> (String, [bool; 2]) {
    let mut browser = Browser::of(it);
    let mut asked = json!({"email": MARIA, "password": OF_STAFF});
    if let Some(typed) = typed {
        asked["code"] = json!(typed);
    }
    let answer = browser.ask("POST", door, &asked).await;
    let said = if answer.status == 200 {
        String::new()
    } else {
        assert_eq!(answer.status, 401);
        code(&answer)
    };
    (said, browser.opens().await)
}

fn refused(how: &str) -> (String, [bool; 2]) {
    (how.to_owned(), [false, false])
}

fn both() -> (String, [bool; 2]) {
    (String::new(), [true, true])
}

#[tokio::test]
async fn the_password_alone_opens_no_door_and_a_code_opens_one_once() {
    let it = with_hat().await;
    let [mut own, mut other] = [Browser::of(&it), Browser::of(&it)];
    for browser in [&mut own, &mut other] {
        let signed_in = browser.sign_in("/session", OF_STAFF).await;
        assert_eq!(signed_in.status, 200, "{}", signed_in.body);
    }
    let app = set_up(&mut own).await;
    assert_eq!(own.opens().await, [true, true]);
    assert_eq!(other.opens().await, [false, false], "it began without");

    let doors = ["/session", "/account/session"];
    for door in doors {
        assert_eq!(opened(&it, door, None).await, refused("code_needed"));
        assert_eq!(opened(&it, door, Some(" ")).await, refused("code_needed"));
        let first = opened(&it, door, Some(&app.first)).await;
        assert_eq!(first, refused("wrong_code"), "it was used");
    }
    let next = shown(&app.secret, 1);
    assert_eq!(opened(&it, doors[0], Some(&next)).await, both());
    for door in doors {
        assert_eq!(opened(&it, door, Some(&next)).await, refused("wrong_code"));
    }
    let recovery = app.codes[0].to_uppercase();
    assert_eq!(opened(&it, doors[1], Some(&recovery)).await, both());
    assert_eq!(
        opened(&it, doors[0], Some(&recovery)).await,
        refused("wrong_code")
    );
    let stands: Value = own.ask("GET", OWN, &Value::Null).await.json();
    assert_eq!(stands["codes_left"], 9);

    // Her own account is not the staff's: its password opens it, and nothing else.
    let mut parent = Browser::of(&it);
    let signed_in = parent.sign_in("/account/session", OF_ACCOUNT).await;
    assert_eq!(signed_in.status, 200, "{}", signed_in.body);
    assert_eq!(parent.opens().await, [false, true]);
}

#[tokio::test]
async fn who_reads_the_mailbox_alone_chooses_no_password() {
    let it = with_hat().await;
    let mut own = Browser::of(&it);
    own.sign_in("/session", OF_STAFF).await;
    let app = set_up(&mut own).await;
    let mut stranger = Browser::of(&it);
    let lost = json!({"email": MARIA});
    let lost = stranger.ask("POST", "/lost-password", &lost).await;
    assert_eq!(lost.status, 204, "{}", lost.body);
    let secret = secret_to(&it, "Maria@x.example", "setup").await;
    let offer = json!({"secret": secret});
    let offer: Value = stranger.ask("POST", "/setup/check", &offer).await.json();
    assert_eq!(offer["second_factor"], true);
    let mut chosen = json!({
        "secret": secret, "school": "", "name": "", "email": "",
        "password": "a fourth green bottle",
    });
    is(
        &stranger.ask("POST", "/setup", &chosen).await,
        "code_needed",
    );
    chosen["code"] = json!(app.first);
    is(&stranger.ask("POST", "/setup", &chosen).await, "wrong_code");
    assert_eq!(stranger.opens().await, [false, false]);
    // The link is good still, for whoever has the app.
    chosen["code"] = json!(app.codes[3]);
    let done = stranger.ask("POST", "/setup", &chosen).await;
    assert_eq!(done.status, 200, "{}", done.body);
}

#[tokio::test]
async fn it_is_taken_away_with_a_code_and_the_password() {
    let it = with_hat().await;
    let mut own = Browser::of(&it);
    own.sign_in("/session", OF_STAFF).await;
    let app = set_up(&mut own).await;
    let remove = format!("{OWN}/remove");
    for (password, typed, refused) in [
        ("not hers at all", app.codes[0].as_str(), "wrong_password"),
        (OF_STAFF, app.first.as_str(), "wrong_code"),
    ] {
        let asked = json!({"password": password, "code": typed});
        is(&own.ask("POST", &remove, &asked).await, refused);
    }
    let renewed = json!({"password": OF_STAFF, "code": app.codes[0]});
    let renewed = own.ask("POST", &format!("{OWN}/codes"), &renewed).await;
    let renewed: Value = renewed.json();
    let old = json!({"password": OF_STAFF, "code": app.codes[1]});
    is(&own.ask("POST", &remove, &old).await, "wrong_code");
    let new = json!({"password": OF_STAFF, "code": renewed["codes"][0]});
    assert_eq!(own.ask("POST", &remove, &new).await.status, 204);
    assert_eq!(opened(&it, "/session", None).await, both());
}

#[tokio::test]
async fn somebody_else_of_the_office_takes_it_away_and_nobody_their_own() {
    let it = with_hat().await;
    let mut own = Browser::of(&it);
    own.sign_in("/session", OF_STAFF).await;
    set_up(&mut own).await;
    let mut link = String::new();
    let members = it.school.done("GET", "/members", &Value::Null).await;
    let members = members["members"].as_array().expect("a list");
    let with = members.iter().filter(|it| it["second_factor"] == true);
    let with: Vec<_> = with.map(|it| it["name"].clone()).collect();
    assert_eq!(with, ["Maria Santos"]);
    for one in members {
        let id = one["id"].as_str().expect("an id");
        let path = format!("/members/{id}/second-factor/remove");
        // The other one is who asks.
        let is_hers = one["name"] == "Maria Santos";
        // An open page is not enough.
        for wrong in ["", "correct horse", OF_STAFF] {
            let asked = json!({"password": wrong});
            let taken = it.school.ask("POST", &path, &asked).await;
            let code = if is_hers {
                "wrong_password"
            } else {
                "code_needed"
            };
            assert_eq!(taken.json::<Value>()["code"], code, "{wrong}");
        }
        let asked = json!({"password": "correct horse battery"});
        let taken = it.school.ask("POST", &path, &asked).await;
        let status = if is_hers { 200 } else { 401 };
        assert_eq!(taken.status, status, "{}", taken.body);
        if is_hers {
            let url = taken.json::<Value>()["url"].clone();
            link = url.as_str().expect("a link").to_owned();
        }
    }
    assert_eq!(members.len(), 2);
    // Whose it is hears of both, however she signs in.
    is_told(&it, "Subject: A second step was added to your sign-in").await;
    is_told(
        &it,
        "Subject: The second step of your sign-in was taken away",
    )
    .await;
    // Her password has ended with it, in case a stranger knows it, and her sessions.
    assert_eq!(
        opened(&it, "/session", None).await,
        refused("wrong_password")
    );
    assert_eq!(own.opens().await, [false, false]);
    let (_, secret) = link.split_once("/setup#").expect("a secret");
    let chosen = json!({
        "secret": secret, "school": "", "name": "", "email": "", "password": OF_STAFF,
    });
    let chosen = own.ask("POST", "/setup", &chosen).await;
    assert_eq!(chosen.status, 200, "{}", chosen.body);
}
