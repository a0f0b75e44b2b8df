//! A school's parents have one address, on the evening and before it: all of them come through, whatever
//! somebody beside them guesses at.
#![expect(
    clippy::indexing_slicing,
    reason = "a field that is missing from an answer is a failure"
)]

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::accounts::{PASSWORD, code, secret_at};
use crate::support::request::{Answer, ask_json, post_json};
use crate::support::school::School;

async fn post(school: &School, path: &str, body: Value) -> Answer {
    let path = format!("/api/v1{path}");
    post_json(school.address, &path, &body.to_string()).await
}

/// So many contacts, each of a student of their own, are invited; their secrets.
async fn invited(school: &School, number: usize) -> Vec<String> {
    let mut contacts = Vec::new();
    for n in 0..number {
        let student = json!({"name": format!("Student {n}"), "classes": []});
        let student = school.made("/students", &student).await;
        let body = json!({
            "name": format!("Parent {n}"), "email": format!("p{n}@x.example"), "students": [student],
        });
        contacts.push(school.made("/contacts", &body).await);
    }
    let sent = json!({"contacts": contacts});
    let sent = school.done("POST", "/registrations", &sent).await;
    assert_eq!(sent["sent"], number, "{sent}");
    let secrets = (0..number).map(|n| async move {
        let address = format!("p{n}@x.example");
        secret_at(school, &address, "register").await
    });
    join_all(secrets).await
}

#[tokio::test]
async fn all_who_are_invited_register_beside_somebody_who_guesses() {
    let school = School::open().await;
    let parents = 24;
    let secrets = invited(&school, parents).await;
    // A pupil on the school's network: at passwords, which are still looked at when the parents come, at secrets, and
    // for links that nobody wants.
    let passwords = (0..90).map(|n| {
        let email = format!("p{n}@x.example");
        let sign_in = json!({"email": email, "password": "a guess of somebody's"});
        let address = school.address;
        async move { ask_json(address, "/api/v1/account/session", &sign_in.to_string()).await }
    });
    let _unanswered = join_all(passwords).await;
    let guesses = (0..90).map(|n| {
        let school = &school;
        async move {
            let secret = format!("{n:026}");
            let answers = [
                post(school, "/register/check", json!({"secret": secret})).await,
                post(
                    school,
                    "/account/link",
                    json!({"secret": secret, "password": ""}),
                )
                .await,
                post(school, "/setup/check", json!({"secret": secret})).await,
            ];
            answers.map(|it| it.status)
        }
    });
    let guesses: Vec<_> = join_all(guesses).await.into_iter().flatten().collect();
    assert!(!guesses.contains(&200), "{guesses:?}");
    assert!(guesses.contains(&429), "{guesses:?}");
    for secret in &secrets {
        for _looked_at_twice in 0..2 {
            let offer = post(&school, "/register/check", json!({"secret": secret})).await;
            assert_eq!(offer.status, 200, "{}", offer.body);
        }
        let made = json!({"secret": secret, "password": PASSWORD});
        let made = post(&school, "/register", made).await;
        assert_eq!(made.status, 200, "{}", made.body);
    }
    // Who has forgotten their password, or comes with another telephone, has a link sent.
    let asked = post(&school, "/account/lost", json!({"email": "p0@x.example"})).await;
    assert_eq!(asked.status, 204, "{}", asked.body);
    let secret = secret_at(&school, "p0@x.example", "account").await;
    let link = json!({"secret": secret, "password": ""});
    assert_eq!(post(&school, "/account/link", link).await.status, 200);
}

#[tokio::test]
async fn what_one_right_secret_opens_is_no_way_to_ask_without_end() {
    let school = School::open().await;
    let secrets = invited(&school, 2).await;
    let check = async |secret: &str| {
        let answer = post(&school, "/register/check", json!({"secret": secret})).await;
        answer.status
    };
    let asked = join_all((0..40).map(|_| check(&secrets[0]))).await;
    let given = asked.iter().filter(|it| **it == 200).count();
    assert!((30..35).contains(&given), "{given}");
    assert!(asked.contains(&429), "{asked:?}");
    assert_eq!(check(&secrets[1]).await, 200, "another has its own");
}

#[tokio::test]
async fn no_address_has_the_records_read_without_end() {
    let mut settings = School::settings();
    settings.limits.requests_per_address = 20;
    let school = School::open_with(settings).await;
    let secret = invited(&school, 1).await.remove(0);
    let check = async |secret: &str| {
        let answer = post(&school, "/register/check", json!({"secret": secret})).await;
        answer.status
    };
    assert_eq!(check(&secret).await, 200);
    for n in 0..40 {
        check(&format!("{n:026}")).await;
    }
    assert_eq!(check(&secret).await, 429);
}

#[tokio::test]
async fn whoever_sits_at_an_open_page_does_not_guess_without_end_how_it_is_closed() {
    let school = School::open().await;
    let secret = invited(&school, 1).await.remove(0);
    let made = json!({"secret": secret, "password": PASSWORD});
    let made = post(&school, "/register", made).await;
    let cookies = made.headers.iter().filter(|(name, _)| name == "set-cookie");
    let mut cookies = cookies.filter_map(|(_, it)| it.split(';').next());
    let cookie = cookies
        .find(|it| it.starts_with("homeroom-account="))
        .expect("a session")
        .to_owned();
    let csrf = made.json::<Value>()["csrf"]
        .as_str()
        .expect("it")
        .to_owned();
    let close = async |password: &str| {
        let headers = [
            ("Content-Type", "application/json"),
            ("Cookie", cookie.as_str()),
            ("X-Homeroom-Csrf", csrf.as_str()),
        ];
        let body = json!({"password": password}).to_string();
        let path = "/api/v1/account/close";
        crate::support::request::request(school.address, "POST", path, &headers, &body).await
    };
    // Ten a minute: where each takes its time, one more is free again before the tenth is answered.
    let mut wrong = 0;
    loop {
        let refused = close(&format!("a guess of number {wrong}")).await;
        if refused.status == 429 {
            break;
        }
        assert_eq!(code(&refused), "wrong_password");
        wrong += 1;
        assert!(wrong < 60, "they go on without end");
    }
    assert!(wrong >= 10, "{wrong}");
    // A right one then has to wait too: the page stays open.
    assert_eq!(close(PASSWORD).await.status, 429);
}
