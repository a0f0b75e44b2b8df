//! One sign-in for whoever is of the staff and a parent too: who makes it, what it opens, and how it ends
//! (DIR-9).
#![expect(
    clippy::indexing_slicing,
    reason = "a field that is missing from an answer is a failure"
)]

use std::collections::BTreeMap;

use serde_json::{Value, json};
use signaling::settings::Settings;

use crate::accounts::{PASSWORD as OF_ACCOUNT, code, invite, secret_to};
use crate::support::request::{Answer, request};
use crate::support::school::{Evening, School};

pub(crate) const MARIA: &str = "maria@x.example";
pub(crate) const OF_STAFF: &str = "green tea at half past six";

const STAFF: &str = "homeroom";
const ACCOUNT: &str = "homeroom-account";

/// A browser that keeps every cookie, and asks as its pages do.
pub(crate) struct Browser<'e> {
    it: &'e Evening,
    pub(crate) cookies: BTreeMap<String, String>,
    /// The proof of each page, by the cookie that it goes with.
    csrf: BTreeMap<&'static str, String>,
}

/// By which cookie a path is asked for.
fn cookie_of(path: &str) -> &'static str {
    let of_parents = ["/account", "/register"];
    if of_parents.iter().any(|it| path.starts_with(it)) {
        ACCOUNT
    } else {
        STAFF
    }
}

impl<'e> Browser<'e> {
    pub(crate) const fn of(it: &'e Evening) -> Self {
        Self {
            it,
            cookies: BTreeMap::new(),
            csrf: BTreeMap::new(),
        }
    }

    pub(crate) async fn ask(&mut self, method: &str, path: &str, body: &Value) -> Answer {
        let cookies = self.cookies.iter();
        let cookies = cookies.map(|(name, value)| format!("{name}={value}"));
        let cookies = cookies.collect::<Vec<_>>().join("; ");
        let csrf = self.csrf.get(cookie_of(path)).cloned().unwrap_or_default();
        let headers = [
            ("Content-Type", "application/json"),
            ("Cookie", cookies.as_str()),
            ("X-Homeroom-Csrf", csrf.as_str()),
        ];
        let whole = format!("/api/v1{path}");
        let body = body.to_string();
        let answer = request(self.it.school.address, method, &whole, &headers, &body).await;
        for (_, cookie) in answer.headers.iter().filter(|(it, _)| it == "set-cookie") {
            let (cookie, _) = cookie.split_once(';').expect("attributes");
            let (name, value) = cookie.split_once('=').expect("a value");
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let shown: Value = serde_json::from_str(&answer.body).unwrap_or_default();
        if let Some(csrf) = shown["csrf"].as_str() {
            self.csrf.insert(cookie_of(path), csrf.to_owned());
        }
        answer
    }

    pub(crate) async fn sign_in(&mut self, door: &str, password: &str) -> Answer {
        let asked = json!({"email": MARIA, "password": password});
        self.ask("POST", door, &asked).await
    }

    /// Which sessions it holds: of the staff, and of the account. Its pages learn their proofs.
    pub(crate) async fn opens(&mut self) -> [bool; 2] {
        let staff = self.ask("GET", "/session", &Value::Null).await;
        let account = self.ask("GET", "/account/session", &Value::Null).await;
        [staff.status == 200, account.status == 200]
    }

    /// What the two start pages say of one sign-in.
    async fn shown(&mut self) -> [Value; 2] {
        let staff = self.ask("GET", "/staff", &Value::Null).await;
        let account = self.ask("GET", "/account", &Value::Null).await;
        [staff, account].map(|it| it.json::<Value>()["hat"].clone())
    }
}

/// Maria has an account, and works there too.
async fn world() -> (Evening, BTreeMap<String, String>, BTreeMap<String, String>) {
    world_under(School::settings()).await
}

async fn world_under(
    mut settings: Settings,
) -> (Evening, BTreeMap<String, String>, BTreeMap<String, String>) {
    settings.limits.sign_ins_per_address = 60;
    let it = Evening::open_with(settings).await;
    invite(&it, &it.contacts[0]).await;
    let secret = secret_to(&it, MARIA, "register").await;
    let mut parent = Browser::of(&it);
    let made = json!({"secret": secret, "password": OF_ACCOUNT});
    let made = parent.ask("POST", "/register", &made).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let draft = json!({"name": "Maria Santos", "email": "Maria@X.example"});
    let member = it.school.done("POST", "/members", &draft).await;
    let url = member["url"].as_str().expect("a link");
    let (_, secret) = url.split_once("/setup#").expect("a secret");
    let chosen = json!({
        "secret": secret, "school": "", "name": "", "email": "", "password": OF_STAFF,
    });
    let mut staff = Browser::of(&it);
    let chosen = staff.ask("POST", "/setup", &chosen).await;
    assert_eq!(chosen.status, 200, "{}", chosen.body);
    let (staff, parent) = (staff.cookies, parent.cookies);
    (it, staff, parent)
}

/// The same, with one sign-in for both.
pub(crate) async fn with_hat() -> Evening {
    with_hat_under(School::settings()).await
}

pub(crate) async fn with_hat_under(settings: Settings) -> Evening {
    let (it, staff, parent) = world_under(settings).await;
    let mut both = Browser::of(&it);
    both.cookies = staff.into_iter().chain(parent).collect();
    assert_eq!(both.opens().await, [true, true]);
    let made = both.ask("POST", "/account/hat", &json!({})).await;
    assert_eq!(made.status, 204, "{}", made.body);
    it
}

#[tokio::test]
async fn only_a_browser_that_holds_both_sessions_makes_one_sign_in() {
    let (it, staff, parent) = world().await;
    // Paul has an account too, and another address.
    invite(&it, &it.contacts[2]).await;
    let secret = secret_to(&it, "paul@x.example", "register").await;
    let mut paul = Browser::of(&it);
    let made = json!({"secret": secret, "password": OF_ACCOUNT});
    let made = paul.ask("POST", "/register", &made).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let of_office: (&str, &str) = it.school.session.0.split_once('=').expect("a cookie");
    let office = BTreeMap::from([(of_office.0.to_owned(), of_office.1.to_owned())]);

    for (cookies, opened) in [
        (vec![&staff], [true, false]),
        (vec![&parent], [false, true]),
        (vec![&staff, &paul.cookies], [true, true]),
        (vec![&office, &parent], [true, true]),
    ] {
        let mut one = Browser::of(&it);
        let all = cookies.into_iter().flatten();
        one.cookies = all.map(|(name, it)| (name.clone(), it.clone())).collect();
        assert_eq!(one.opens().await, opened);
        assert_eq!(one.shown().await, [Value::Null, Value::Null]);
        for (path, is_in) in ["/staff/hat", "/account/hat"].into_iter().zip(opened) {
            let refused = if is_in {
                (404, "not_found")
            } else {
                (401, "not_signed_in")
            };
            for method in ["POST", "DELETE"] {
                let answer = one.ask(method, path, &json!({})).await;
                assert_eq!((answer.status, code(&answer).as_str()), refused, "{path}");
            }
        }
    }
    let mut both = Browser::of(&it);
    both.cookies = staff.into_iter().chain(parent).collect();
    // A page of elsewhere knows neither proof.
    for path in ["/staff/hat", "/account/hat"] {
        let foreign = both.ask("POST", path, &json!({})).await;
        assert_eq!((foreign.status, code(&foreign).as_str()), (403, "bad_csrf"));
    }
    assert_eq!(both.opens().await, [true, true]);
    assert_eq!(both.shown().await, [json!("offered"), json!("offered")]);
    for _twice in 0..2 {
        let made = both.ask("POST", "/staff/hat", &json!({})).await;
        assert_eq!(made.status, 204, "{}", made.body);
    }
    assert_eq!(both.shown().await, [json!("stands"), json!("stands")]);
    // Neither has what is the other's by it.
    let mut parent = Browser::of(&it);
    let account = both.cookies[ACCOUNT].clone();
    parent.cookies = BTreeMap::from([(ACCOUNT.to_owned(), account.clone())]);
    assert_eq!(parent.opens().await, [false, true]);
    parent.cookies = BTreeMap::from([(STAFF.to_owned(), account)]);
    assert_eq!(parent.opens().await, [false, false]);
}

#[tokio::test]
async fn the_password_of_the_staff_opens_both_at_either_door_and_no_other_does() {
    let it = with_hat().await;
    let mut answers = Vec::new();
    for (door, password, opened) in [
        ("/session", OF_STAFF, [true, true]),
        ("/account/session", OF_STAFF, [true, true]),
        ("/account/session", OF_ACCOUNT, [false, true]),
        ("/session", OF_ACCOUNT, [false, false]),
        ("/account/session", "another password", [false, false]),
    ] {
        let mut browser = Browser::of(&it);
        let answer = browser.sign_in(door, password).await;
        assert_eq!(browser.opens().await, opened, "{door} {password}");
        if opened == [false, false] {
            answers.push((answer.status, answer.body));
        }
    }
    // Whoever is known at either, at both or at none is answered alike.
    for email in ["paul@x.example", "ada@hillroad.example", "nobody@x.example"] {
        for door in ["/session", "/account/session"] {
            let asked = json!({"email": email, "password": "another password"});
            let answer = Browser::of(&it).ask("POST", door, &asked).await;
            answers.push((answer.status, answer.body));
        }
    }
    let first = answers[0].clone();
    assert_eq!(first.0, 401, "{}", first.1);
    assert!(answers.iter().all(|it| *it == first), "{answers:?}");
    // A link to the account is good for that alone.
    let asked = json!({"email": MARIA});
    Browser::of(&it).ask("POST", "/account/lost", &asked).await;
    let secret = secret_to(&it, MARIA, "account").await;
    let mut by_link = Browser::of(&it);
    let used = json!({"secret": secret});
    let used = by_link.ask("POST", "/account/link", &used).await;
    assert_eq!(used.status, 200, "{}", used.body);
    assert_eq!(by_link.opens().await, [false, true]);
    // Who signs out of one that was opened with the other has signed out of both.
    for (door, out) in [
        ("/session", "/account/session"),
        ("/account/session", "/session"),
    ] {
        let mut browser = Browser::of(&it);
        browser.sign_in(door, OF_STAFF).await;
        let kept = browser.cookies.clone();
        assert_eq!(browser.opens().await, [true, true]);
        browser.ask("DELETE", out, &Value::Null).await;
        let names: Vec<_> = browser.cookies.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            ["homeroom-account-device", "homeroom-device"],
            "{door}"
        );
        browser.cookies = kept;
        assert_eq!(browser.opens().await, [false, false], "{door}");
    }
}

#[tokio::test]
async fn two_sign_ins_again_open_one_each_and_an_order_ends_it() {
    let it = with_hat().await;
    let mut browser = Browser::of(&it);
    browser.sign_in("/account/session", OF_STAFF).await;
    assert_eq!(browser.opens().await, [true, true]);
    let undone = browser.ask("DELETE", "/account/hat", &Value::Null).await;
    assert_eq!(undone.status, 204, "{}", undone.body);
    assert_eq!(browser.shown().await, [json!("offered"), json!("offered")]);
    let two = async |browser: &mut Browser<'_>| {
        let wrong = browser.sign_in("/account/session", OF_STAFF).await;
        assert_eq!(code(&wrong), "wrong_password");
        browser.sign_in("/session", OF_STAFF).await;
    };
    let mut again = Browser::of(&it);
    two(&mut again).await;
    assert_eq!(again.opens().await, [true, false]);

    let made = browser.ask("POST", "/account/hat", &json!({})).await;
    assert_eq!(made.status, 204, "{}", made.body);
    let mut other = Browser::of(&it);
    other.sign_in("/session", OF_STAFF).await;
    assert_eq!(other.opens().await, [true, true]);
    let order = format!("/contacts/{}/court-order", it.contacts[0]);
    it.school
        .done("PUT", &order, &json!({"active": true}))
        .await;
    for one in [&mut browser, &mut other] {
        assert_eq!(
            one.opens().await,
            [true, false],
            "the account is open no more"
        );
        assert_eq!(one.shown().await[0], Value::Null);
    }
    let mut again = Browser::of(&it);
    two(&mut again).await;
    assert_eq!(again.opens().await, [true, false]);
    // Not even by whoever holds both sessions.
    again.sign_in("/account/session", OF_ACCOUNT).await;
    assert_eq!(again.opens().await, [true, true]);
    assert_eq!(again.shown().await, [Value::Null, Value::Null]);
    let made = again.ask("POST", "/account/hat", &json!({})).await;
    assert_eq!(code(&made), "not_found");

    let log = it.school.store.audit_log(None, 500).await.expect("read");
    let mut steps: Vec<_> = log
        .iter()
        .filter(|it| it.action.ends_with("_sign_in") || it.action.ends_with("_sign_ins"))
        .map(|it| (it.action.as_str(), it.actor.split(':').next().unwrap_or("")))
        .collect();
    steps.reverse();
    assert_eq!(
        steps,
        [
            ("one_sign_in", "staff"),
            ("two_sign_ins", "contact"),
            ("one_sign_in", "staff"),
            ("two_sign_ins", "program"),
        ]
    );
}
