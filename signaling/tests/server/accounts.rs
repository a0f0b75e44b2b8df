//! Parents register and have an account: what they may ask, and what they may not (DIR-5, DIR-9).
#![expect(
    clippy::indexing_slicing,
    reason = "a field that is missing from an answer is a failure"
)]

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::time::timeout;

use crate::support::PATIENCE;
use crate::support::mailbox;
use crate::support::request::{Answer, get, request};
use crate::support::school::{Evening, School};

pub(crate) const PASSWORD: &str = "a kettle on the hob";

/// A parent's browser: the cookie and the proof of whoever signed in.
pub(crate) struct Browser<'e> {
    it: &'e Evening,
    pub(crate) cookie: String,
    csrf: String,
}

impl<'e> Browser<'e> {
    pub(crate) const fn of(it: &'e Evening) -> Self {
        Self {
            it,
            cookie: String::new(),
            csrf: String::new(),
        }
    }

    pub(crate) async fn ask(&mut self, method: &str, path: &str, body: &Value) -> Answer {
        let headers = [
            ("Content-Type", "application/json"),
            ("Cookie", self.cookie.as_str()),
            ("X-Homeroom-Csrf", self.csrf.as_str()),
        ];
        let path = format!("/api/v1{path}");
        let body = body.to_string();
        let answer = request(self.it.school.address, method, &path, &headers, &body).await;
        let cookies = answer
            .headers
            .iter()
            .filter(|(name, _)| name == "set-cookie");
        let mut cookies = cookies.map(|(_, it)| it);
        if let Some(cookie) = cookies.find(|it| it.starts_with("homeroom-account=")) {
            let end = cookie.find(';').unwrap_or(cookie.len());
            self.cookie = cookie[..end].to_owned();
            let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
            self.csrf = body["csrf"].as_str().unwrap_or_default().to_owned();
        }
        answer
    }
}

/// The secret in the newest e-mail to that address, which leads to that page.
pub(crate) async fn secret_to(it: &Evening, address: &str, page: &str) -> String {
    secret_at(&it.school, address, page).await
}

/// The same, at that school.
pub(crate) async fn secret_at(school: &School, address: &str, page: &str) -> String {
    let link = format!("/{page}#");
    mailbox::until_to(school, address, |text| {
        let (_, rest) = text.split_once(&link)?;
        Some(rest.chars().take(26).collect())
    })
    .await
}

pub(crate) async fn invite(it: &Evening, contact: &str) -> Value {
    let body = json!({"contacts": [contact]});
    it.school.done("POST", "/registrations", &body).await
}

pub(crate) fn code(answer: &Answer) -> String {
    let problem: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    problem["code"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_parent_registers_and_sees_what_is_theirs_and_nothing_else() {
    let it = Evening::open().await;
    let sent = invite(&it, &it.contacts[0]).await;
    assert_eq!(sent["sent"], 1, "{sent}");
    let secret = secret_to(&it, "maria@x.example", "register").await;
    let mut browser = Browser::of(&it);
    let check = json!({"secret": secret});
    let offer = browser.ask("POST", "/register/check", &check).await;
    let offer: Value = offer.json();
    assert_eq!(offer["state"], "open", "{offer}");
    assert_eq!(offer["email"], "maria@x.example");
    let weak = json!({"secret": secret, "password": "password1234"});
    let weak = browser.ask("POST", "/register", &weak).await;
    assert_eq!((weak.status, code(&weak).as_str()), (422, "invalid"));
    let made = json!({"secret": secret, "password": PASSWORD});
    let made = browser.ask("POST", "/register", &made).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let again = json!({"secret": secret, "password": PASSWORD});
    let again = Browser::of(&it).ask("POST", "/register", &again).await;
    assert_ne!(again.status, 200);

    let home: Value = browser.ask("GET", "/account", &Value::Null).await.json();
    assert_eq!(home["people"][0]["id"], json!(it.contacts[0]), "{home}");
    let students: Vec<_> = home["people"][0]["students"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| one["id"].clone())
        .collect();
    assert_eq!(students, [json!(it.ana), json!(it.ben)]);
    // Ana's other parent is not there, neither by name nor by address.
    let whole = home.to_string();
    assert!(
        !whole.contains("Paul") && !whole.contains("paul@"),
        "{whole}"
    );
    let evening = home["evenings"][0]["id"].as_str().expect("an evening");
    assert_eq!(evening, it.evening);
    let path = |contact: &str| format!("/account/contacts/{contact}/evenings/{evening}");
    let own = browser
        .ask("POST", &path(&it.contacts[0]), &json!({}))
        .await;
    let own: Value = own.json();
    assert!(own["url"].as_str().expect("a link").contains(&it.maria.id));
    for foreign in [&it.contacts[1], &it.contacts[2], &it.teachers[0]] {
        let answer = browser.ask("POST", &path(foreign), &json!({})).await;
        assert_eq!((answer.status, code(&answer).as_str()), (404, "not_found"));
    }
    // An order ends it at once.
    let order = format!("/contacts/{}/court-order", it.contacts[0]);
    it.school
        .done("PUT", &order, &json!({"active": true}))
        .await;
    let home: Value = browser.ask("GET", "/account", &Value::Null).await.json();
    assert_eq!(
        home,
        json!({"people": [], "evenings": [], "may_name": true})
    );
    let own = browser
        .ask("POST", &path(&it.contacts[0]), &json!({}))
        .await;
    assert_eq!(own.status, 404);
}

#[expect(
    clippy::too_many_lines,
    reason = "a story tells its steps one after the other"
)]
#[tokio::test]
async fn a_parent_names_another_of_their_own_child_alone() {
    let it = Evening::open().await;
    let student = json!({"name": "Zoe Park", "homeroom": "8B", "classes": []});
    let zoe = it.school.made("/students", &student).await;
    let ivy = json!({"name": "Ivy Park", "email": "ivy@x.example"});
    let path = format!("/students/{zoe}/invite");
    let shown = it.school.done("POST", &path, &ivy).await;
    let contact = shown["contacts"][0]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let secret = secret_to(&it, "ivy@x.example", "register").await;
    let mut browser = Browser::of(&it);
    let check = json!({"secret": secret});
    let offer = browser.ask("POST", "/register/check", &check).await;
    let offer: Value = offer.json();
    assert_eq!(offer["details"]["given"], false, "{offer}");
    let details = |lives_with: &str| {
        json!({
            "secret": secret, "telephone": "01632 960123", "language": "pl",
            "shares": {
                "school_telephone": false, "families_email": true, "families_telephone": true,
            },
            "lives_with": [lives_with],
        })
    };
    let foreign = browser
        .ask("POST", "/register/details", &details(&it.ana))
        .await;
    assert_eq!(
        (foreign.status, code(&foreign).as_str()),
        (404, "not_found")
    );
    let given = browser
        .ask("POST", "/register/details", &details(&zoe))
        .await;
    let given: Value = given.json();
    assert_eq!(
        given["details"]["students"][0]["lives_with"], true,
        "{given}"
    );
    // The office sees what they share with it.
    let path = format!("/contacts/{contact}");
    let person = it.school.done("GET", &path, &Value::Null).await;
    let said = json!({"telephone": "", "language": "pl", "lives_with": [zoe]});
    assert_eq!(person["details"], said, "{person}");
    let name = |student: &str| {
        json!({
            "secret": secret, "student": student, "name": "Sun Park", "email": "sun@x.example",
        })
    };
    let foreign = browser
        .ask("POST", "/register/parents", &name(&it.ana))
        .await;
    assert_eq!(
        (foreign.status, code(&foreign).as_str()),
        (404, "not_found")
    );
    let named = browser.ask("POST", "/register/parents", &name(&zoe)).await;
    assert_eq!(
        (named.status, named.body.as_str()),
        (200, r#"{"state":"waits"}"#)
    );
    let made = json!({"secret": secret, "password": PASSWORD});
    let made = browser.ask("POST", "/register", &made).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let path = |contact: &str| format!("/account/contacts/{contact}/parents");
    for (contact, student) in [
        (&it.contacts[0], &zoe),
        (&it.contacts[0], &it.ana),
        (&contact, &it.ana),
        (&it.teachers[0], &zoe),
    ] {
        let foreign = browser.ask("POST", &path(contact), &name(student)).await;
        assert_eq!(
            (foreign.status, code(&foreign).as_str()),
            (404, "not_found")
        );
    }
    let named = browser.ask("POST", &path(&contact), &name(&zoe)).await;
    assert_eq!(named.status, 200, "{}", named.body);
    // DIR-9: what they say of themselves, of their own record and students alone.
    let path = |contact: &str| format!("/account/contacts/{contact}/details");
    let own = |student: &str| {
        json!({
            "telephone": "01632 960456", "language": "pl", "lives_with": [student],
            "shares": {"school_telephone": true, "families_email": false, "families_telephone": false},
        })
    };
    let foreign = [
        (&it.contacts[0], &zoe),
        (&it.contacts[0], &it.ana),
        (&contact, &it.ana),
    ];
    for (contact, student) in foreign {
        let foreign = browser.ask("PUT", &path(contact), &own(student)).await;
        assert_eq!(
            (foreign.status, code(&foreign).as_str()),
            (404, "not_found")
        );
    }
    let changed = browser.ask("PUT", &path(&contact), &own(&zoe)).await;
    assert_eq!(changed.status, 204, "{}", changed.body);
    let person = format!("/contacts/{contact}");
    let person = it.school.done("GET", &person, &Value::Null).await;
    assert_eq!(person["details"]["telephone"], "01632 960456");
    names_wait_for_the_office(&it, &mut browser, (&contact, &zoe)).await;
    let home: Value = browser.ask("GET", "/account", &Value::Null).await.json();
    let named = json!([{
        "name": "Sun Park", "student": "Zoe Park", "state": "waits", "reason": "",
    }]);
    assert_eq!(home["people"][0]["named"], named, "{home}");
    let approvals = it.school.done("GET", "/approvals", &Value::Null).await;
    let wish = &approvals["approvals"][0];
    assert_eq!(wish["is_parent"], true, "{approvals}");
    let path = format!("/approvals/{}", wish["id"].as_str().expect("an id"));
    it.school
        .done("POST", &path, &json!({"approve": true}))
        .await;
    let secret = secret_to(&it, "sun@x.example", "register").await;
    let offer = json!({"secret": secret});
    let offer = Browser::of(&it)
        .ask("POST", "/register/check", &offer)
        .await;
    assert_eq!(offer.json::<Value>()["details"]["inviter"], "Ivy Park");
}

/// DIR-9: what their own names and those of their own students are. The office decides, of them alone.
async fn names_wait_for_the_office(
    it: &Evening,
    browser: &mut Browser<'_>,
    (contact, zoe): (&str, &str),
) {
    let path = |contact: &str| format!("/account/contacts/{contact}/name");
    let said = json!({"student": zoe, "name": "Zoë Park"});
    for (contact, student) in [
        (it.contacts[0].as_str(), None),
        (&it.contacts[0], Some(zoe)),
        (&it.contacts[0], Some(&it.ana)),
        (contact, Some(&it.ana)),
        (contact, Some(&it.teachers[0])),
    ] {
        let mut said = said.clone();
        said["student"] = json!(student);
        let foreign = browser.ask("PUT", &path(contact), &said).await;
        let refused = (foreign.status, code(&foreign));
        assert_eq!(refused, (404, "not_found".to_owned()), "{}", foreign.body);
    }
    for name in [String::new(), "x".repeat(101), "Zoe\u{202e}".to_owned()] {
        let said = json!({"student": zoe, "name": name});
        let refused = browser.ask("PUT", &path(contact), &said).await;
        assert_eq!((refused.status, code(&refused).as_str()), (422, "invalid"));
    }
    let asked = browser.ask("PUT", &path(contact), &said).await;
    assert_eq!(asked.status, 204, "{}", asked.body);
    let student = format!("/students/{zoe}");
    let stands = async || it.school.done("GET", &student, &Value::Null).await;
    assert_eq!(stands().await["name"], "Zoe Park");
    what_was_said_is_decided_alone(it, (contact, zoe)).await;
    let student = stands().await;
    assert_eq!(
        (&student["name"], &student["records_name"]),
        (&json!("Zoë Park"), &json!("Zoe Park"))
    );
    let home: Value = browser.ask("GET", "/account", &Value::Null).await.json();
    let said = &home["people"][0]["students"][0]["said_name"];
    assert_eq!(said["standing"], "accepted", "{home}");
    let mut about = student.clone();
    about["name"] = json!("Zoe Park");
    let back = it
        .school
        .done("PUT", &format!("/students/{zoe}"), &about)
        .await;
    assert_eq!(back["records_name"], Value::Null, "{back}");
}

async fn what_was_said_is_decided_alone(it: &Evening, (contact, zoe): (&str, &str)) {
    let decide = |contact: &str| format!("/contacts/{contact}/decide");
    let decision = json!({
        "what": "name", "keep": "own", "own": "Zoë Park", "school": "Zoe Park", "student": zoe,
    });
    // Another parent did not say so, nor did she of another student, or of herself.
    let (mut of_another, mut of_herself) = (decision.clone(), decision.clone());
    of_another["student"] = json!(it.ana);
    of_herself["student"] = Value::Null;
    for (contact, decision) in [
        (it.contacts[0].as_str(), &decision),
        (contact, &of_another),
        (contact, &of_herself),
    ] {
        let refused = it.school.ask("POST", &decide(contact), decision).await;
        let refused = (refused.status, code(&refused));
        assert_eq!(refused, (409, "changed_meanwhile".to_owned()));
    }
    let mut long = decision.clone();
    long["word"] = json!("x".repeat(1001));
    let refused = it.school.ask("POST", &decide(contact), &long).await;
    assert_eq!((refused.status, code(&refused).as_str()), (422, "invalid"));
    it.school.done("POST", &decide(contact), &decision).await;
}

#[tokio::test]
async fn an_account_is_for_who_is_signed_in_and_asks_from_our_page() {
    let it = Evening::open().await;
    invite(&it, &it.contacts[0]).await;
    let secret = secret_to(&it, "maria@x.example", "register").await;
    let mut browser = Browser::of(&it);
    let made = json!({"secret": secret, "password": PASSWORD});
    browser.ask("POST", "/register", &made).await;
    let document: Value = get(it.school.address, "/api/v1/openapi.json").await.json();
    let mut tried = 0;
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("methods") {
            if operation["security"][0].get("account").is_none() {
                continue;
            }
            tried += 1;
            let path = path.replace(['{', '}'], "");
            let path = path.trim_start_matches("/api/v1");
            let method = method.to_uppercase();
            let nobody = Browser::of(&it).ask(&method, path, &json!({})).await;
            assert_eq!(
                (nobody.status, code(&nobody).as_str()),
                (401, "not_signed_in")
            );
            // Nor does the office's session open it, nor this one the office.
            let mut office = Browser::of(&it);
            office.cookie.clone_from(&it.school.session.0);
            let office = office.ask(&method, path, &json!({})).await;
            assert_eq!(office.status, 401, "{path}");
            if method != "GET" {
                let mut unproved = Browser::of(&it);
                unproved.cookie.clone_from(&browser.cookie);
                let unproved = unproved.ask(&method, path, &json!({})).await;
                assert_eq!(
                    (unproved.status, code(&unproved).as_str()),
                    (403, "bad_csrf")
                );
            }
        }
    }
    assert!(tried >= 5, "{tried}");
    let office = browser.ask("GET", "/students/1", &Value::Null).await;
    assert_eq!(
        (office.status, code(&office).as_str()),
        (401, "not_signed_in")
    );
}

/// What the records keep of a session by the cookie of its holder.
fn digest_of(cookie: &str) -> [u8; 32] {
    let (_, secret) = cookie.split_once('=').expect("a name and a secret");
    Sha256::digest(secret.as_bytes()).into()
}

#[tokio::test]
async fn a_session_ends_twelve_hours_after_it_was_used_and_seven_days_after_it_began() {
    const HOUR: i64 = 3_600_000;
    let it = Evening::open().await;
    invite(&it, &it.contacts[0]).await;
    let secret = secret_to(&it, "maria@x.example", "register").await;
    let mut browser = Browser::of(&it);
    let made = json!({"secret": secret, "password": PASSWORD});
    browser.ask("POST", "/register", &made).await;
    let (of_staff, of_account) = (digest_of(&it.school.session.0), digest_of(&browser.cookie));
    for (began, left) in [(100, 12 * HOUR), (7 * 24 - 1, HOUR)] {
        let now = ambient::now().as_millisecond();
        let (began, until) = (now - began * HOUR, now + 60_000);
        for table in ["staff_sessions", "account_sessions"] {
            let moved = format!("UPDATE {table} SET began_at = {began}, until_at = {until}");
            it.school.wrote(&moved).await;
        }
        it.school.done("GET", "/session", &Value::Null).await;
        let home = browser.ask("GET", "/account", &Value::Null).await;
        assert_eq!(home.status, 200, "{}", home.body);
        let store = &it.school.store;
        let staff = store.session(&of_staff, ambient::now()).await;
        let account = store.account_session(&of_account, ambient::now()).await;
        let staff = staff.expect("read").expect("it lives").until;
        let account = account.expect("read").expect("it lives").until;
        for ends in [staff, account] {
            let ends = ends.as_millisecond();
            assert!(ends > now + left - 60_000, "{ends}");
            assert!(ends <= ambient::now().as_millisecond() + left, "{ends}");
            assert!(ends <= began + 7 * 24 * HOUR, "{ends}");
        }
    }
}

#[tokio::test]
async fn signing_in_by_password_and_by_a_link_and_closing() {
    let it = Evening::open().await;
    invite(&it, &it.contacts[0]).await;
    let secret = secret_to(&it, "maria@x.example", "register").await;
    let made = json!({"secret": secret, "password": PASSWORD});
    Browser::of(&it).ask("POST", "/register", &made).await;
    let mut browser = Browser::of(&it);
    for (email, password) in [
        ("maria@x.example", "another password"),
        ("nobody@x.example", PASSWORD),
    ] {
        let wrong = json!({"email": email, "password": password});
        let wrong = browser.ask("POST", "/account/session", &wrong).await;
        assert_eq!(
            (wrong.status, code(&wrong).as_str()),
            (401, "wrong_password")
        );
    }
    let right = json!({"email": "Maria@x.example", "password": PASSWORD});
    let right = browser.ask("POST", "/account/session", &right).await;
    assert_eq!(right.status, 200, "{}", right.body);
    let who: Value = browser
        .ask("GET", "/account/session", &Value::Null)
        .await
        .json();
    assert_eq!(who["email"], "maria@x.example");
    // Known or not, the answer is one.
    let mut answers = Vec::new();
    for email in ["nobody@x.example", "maria@x.example"] {
        let asked = json!({"email": email});
        let answer = Browser::of(&it).ask("POST", "/account/lost", &asked).await;
        answers.push((answer.status, answer.body));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0].0, 204);
    let secret = secret_to(&it, "maria@x.example", "account").await;
    let mut elsewhere = Browser::of(&it);
    let used = json!({"secret": secret, "password": "another kettle on the hob"});
    let used = elsewhere.ask("POST", "/account/link", &used).await;
    assert_eq!(used.status, 200, "{}", used.body);
    let again = json!({"secret": secret});
    let again = Browser::of(&it).ask("POST", "/account/link", &again).await;
    assert_eq!((again.status, code(&again).as_str()), (409, "set_up_done"));
    // The new password has ended the other session.
    let out = browser.ask("GET", "/account", &Value::Null).await;
    assert_eq!(out.status, 401);
    let close = json!({"password": PASSWORD});
    let close = elsewhere.ask("POST", "/account/close", &close).await;
    assert_eq!(code(&close), "wrong_password");
    let close = json!({"password": "another kettle on the hob"});
    let close = elsewhere.ask("POST", "/account/close", &close).await;
    assert_eq!(close.status, 204, "{}", close.body);
    let out = elsewhere.ask("GET", "/account", &Value::Null).await;
    assert_eq!(out.status, 401);
    // The school still knows them, and may invite them again.
    let sent = invite(&it, &it.contacts[0]).await;
    assert_eq!(sent["sent"], 1, "{sent}");
}

#[expect(
    clippy::too_many_lines,
    reason = "a story tells its steps one after the other"
)]
#[tokio::test]
async fn whoever_has_no_address_comes_by_a_letter_and_says_theirs() {
    let it = Evening::open().await;
    let ola = json!({
        "name": "Ola Stone", "email": "", "mobile": "07700 900321", "students": [it.ana],
    });
    let mut landline = ola.clone();
    landline["mobile"] = json!("020 7946 0123");
    let answer = it.school.ask("POST", "/contacts", &landline).await;
    assert_eq!((answer.status, code(&answer).as_str()), (422, "invalid"));
    let contact = it.school.made("/contacts", &ola).await;
    // A page that knows nothing of numbers leaves them as they are.
    let mut older = ola.clone();
    older.as_object_mut().expect("an object").remove("mobile");
    let path = format!("/contacts/{contact}");
    let kept = it.school.done("PUT", &path, &older).await;
    assert_eq!(kept["mobile"], "+447700900321", "{kept}");
    // This school sends no texts.
    let open = it
        .school
        .done("GET", "/registrations/open", &Value::Null)
        .await;
    let one = open["contacts"].as_array().expect("a list").iter();
    let one = one.clone().find(|it| it["id"] == json!(contact));
    assert_eq!(one.expect("listed")["by"], "letter", "{open}");
    let sent = invite(&it, &contact).await;
    assert_eq!(
        (&sent["sent"], &sent["by_letter"]),
        (&json!(0), &json!([contact]))
    );

    // Nobody is written to who is no contact here, and only the office prints.
    let ids = json!({"contacts": [contact, it.teachers[0], it.ana, "7"]});
    let path = "/registrations/letters";
    let stranger = Browser::of(&it).ask("POST", path, &ids).await;
    assert_eq!(
        (stranger.status, code(&stranger).as_str()),
        (401, "not_signed_in")
    );
    let print = async || {
        let printed = it.school.done("POST", path, &ids).await;
        let letters = printed["letters"].as_array().expect("a list").clone();
        assert_eq!((letters.len(), &printed["refused"]), (1, &json!([])));
        let secret = letters[0]["code"].as_str().expect("a code").to_owned();
        let url = letters[0]["url"].as_str().expect("a link");
        assert!(url.ends_with(&format!("/register#{secret}")), "{url}");
        secret
    };
    let (first, secret) = (print().await, print().await);
    let mut browser = Browser::of(&it);
    let mut state = async |secret: &str| {
        let check = json!({"secret": secret});
        let answer = browser.ask("POST", "/register/check", &check).await;
        if answer.status != 200 {
            return code(&answer);
        }
        let offer: Value = answer.json();
        offer["state"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(state(&first).await, "replaced");
    assert_eq!(state(&secret).await, "address");
    let made = json!({"secret": secret, "password": PASSWORD});
    let made = Browser::of(&it).ask("POST", "/register", &made).await;
    assert_eq!((made.status, code(&made).as_str()), (409, "set_up_done"));
    let say = async |secret: &str, email: &str| {
        let said = json!({"secret": secret, "email": email});
        let answer = Browser::of(&it)
            .ask("POST", "/register/address", &said)
            .await;
        (answer.status, code(&answer))
    };
    assert_eq!(say(&secret, "nobody").await, (422, "invalid".to_owned()));
    assert_eq!(
        say(&first, "ola@x.example").await,
        (409, "set_up_done".to_owned())
    );
    let nothing = "0".repeat(26);
    assert_eq!(
        say(&nothing, "ola@x.example").await,
        (404, "no_such_link".to_owned())
    );
    assert_eq!(say(&secret, "ola@x.example").await, (204, String::new()));
    let mailed = secret_to(&it, "ola@x.example", "register").await;
    assert_eq!(state(&mailed).await, "open");
    let made = json!({"secret": mailed, "password": PASSWORD});
    let made = Browser::of(&it).ask("POST", "/register", &made).await;
    assert_eq!(made.status, 200, "{}", made.body);
    assert_eq!(state(&secret).await, "registered");

    // The address of somebody with a court order is answered alike; the link opens nothing from then on.
    let order = format!("/contacts/{}/court-order", it.contacts[0]);
    it.school
        .done("PUT", &order, &json!({"active": true}))
        .await;
    let other = json!({"name": "Zed Stone", "email": "", "students": [it.ana]});
    let other = it.school.made("/contacts", &other).await;
    let ids = json!({"contacts": [other]});
    let printed = it.school.done("POST", path, &ids).await;
    let secret = printed["letters"][0]["code"].as_str().expect("a code");
    assert_eq!(say(secret, "maria@x.example").await, (204, String::new()));
    assert_eq!(state(secret).await, "no_such_link");
    let again = it.school.done("POST", path, &ids).await;
    assert_eq!(again["letters"], json!([]));
    assert_eq!(again["refused"][0]["id"], json!(other));
}

/// Whoever holds a letter may be anybody: they learn no address, and the invitation goes on at the known one.
#[tokio::test]
async fn a_letter_shows_a_hint_of_the_address_that_the_school_has() {
    let it = Evening::open().await;
    let ids = json!({"contacts": [it.contacts[0]]});
    let printed = it.school.done("POST", "/registrations/letters", &ids).await;
    let secret = printed["letters"][0]["code"].as_str().expect("a code");
    let ask = async |path: &str| {
        let said = json!({"secret": secret});
        Browser::of(&it).ask("POST", path, &said).await
    };
    let offer: Value = ask("/register/check").await.json();
    assert_eq!(
        (&offer["state"], &offer["email"]),
        (&json!("address"), &json!("m…@x.example"))
    );
    let answer = ask("/register/address").await;
    assert_eq!(answer.status, 204, "{}", answer.body);
    let mailed = secret_to(&it, "maria@x.example", "register").await;
    let check = json!({"secret": mailed});
    let offer: Value = Browser::of(&it)
        .ask("POST", "/register/check", &check)
        .await
        .json();
    assert_eq!(
        (&offer["state"], &offer["email"]),
        (&json!("open"), &json!("maria@x.example"))
    );
}

#[tokio::test]
async fn an_invitation_that_came_back_is_said_to_have() {
    let it = Evening::open().await;
    let contact = &it.contacts[0];
    invite(&it, contact).await;
    secret_to(&it, "maria@x.example", "register").await;
    let texts = mailbox::to(&it.school, "maria@x.example");
    let text = texts.iter().find(|it| it.contains("/register#"));
    let text = text.expect("it was written");
    let (_, id) = text.split_once("Message-ID: <").expect("it has one");
    let ids = [id.split('@').next().expect("a name").to_owned()];
    let comes_back = async {
        loop {
            let store = &it.school.store;
            let reported = store.mail_reported((&ids, &[]), Some("full"), ambient::now());
            if reported.await.expect("read") {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, comes_back).await.expect("it was sent");
    let undelivered = json!({"reason": "full", "otherwise": "letter"});
    let search = json!({"search": "Ana"});
    let seen = async || {
        let pupils = it
            .school
            .done("POST", "/registrations/search", &search)
            .await;
        let contacts = pupils["pupils"][0]["contacts"].as_array().expect("a list");
        let mut contacts = contacts.iter();
        let one = contacts.find(|one| one["id"] == json!(contact));
        one.expect("listed")["undelivered"].clone()
    };
    assert_eq!(seen().await, undelivered);
    let all = it
        .school
        .done("GET", "/registrations/progress", &Value::Null);
    let all = all.await;
    assert_eq!(all["undelivered"][0]["id"], json!(contact), "{all}");
    assert_eq!(all["undelivered"][0]["undelivered"], undelivered);
    let attention = it.school.done("GET", "/attention", &Value::Null).await;
    assert_eq!(attention["undelivered"], 1, "{attention}");
    // Texts are not set up here: nothing is sent, and a letter is what is left.
    let by_text = json!({"contacts": [contact], "by_text": true});
    let sent = it.school.done("POST", "/registrations", &by_text).await;
    assert_eq!(
        (&sent["sent"], &sent["by_letter"]),
        (&json!(0), &json!([contact]))
    );
    let letters = json!({"contacts": [contact]});
    it.school
        .done("POST", "/registrations/letters", &letters)
        .await;
    assert_eq!(seen().await, Value::Null);
}
