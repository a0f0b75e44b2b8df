//! Guests whom somebody invites out of a meeting, by e-mail, by text and by a link to pass on (ROOM-2).
#![expect(
    clippy::indexing_slicing,
    reason = "a story told in order; a field that is missing is a failure"
)]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::routing::get;
use serde_json::{Value, json};
use signaling::private::Private;
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};
use wire::close::Close;
use wire::message::{GoodbyeReason, Power, Role};

use crate::support::PATIENCE;
use crate::support::request::{self, Answer};
use crate::support::school::{Evening, Key, School, attempt};

/// A gateway for text messages, and what it was asked for.
#[derive(Clone, Default)]
struct Gateway(Arc<Mutex<Vec<String>>>);

impl Gateway {
    async fn open(self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound");
        let take = async |State(asked): State<Self>, uri: Uri| {
            let uri = uri.to_string();
            // It is only tried whether somebody is here.
            if uri == "/sms?to=&id=0.0&text=" {
                return StatusCode::BAD_REQUEST;
            }
            asked.0.lock().expect("no panic").push(uri);
            StatusCode::ACCEPTED
        };
        let router = Router::new().route("/sms", get(take)).with_state(self);
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}/sms?to={{to}}&id={{id}}&text={{text}}")
    }

    fn asked(&self) -> Vec<String> {
        self.0.lock().expect("no panic").clone()
    }
}

fn refused(answer: &Answer) -> (u16, String) {
    let problem: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    let code = problem["fields"][0]["code"].as_str();
    let code = code
        .or_else(|| problem["code"].as_str())
        .unwrap_or_default();
    (answer.status, code.to_owned())
}

/// A room of the account that is signed in, and the link by which they are in it.
async fn room(school: &School) -> Key {
    let staff = school.done("GET", "/members", &Value::Null).await;
    let draft = json!({"name": "Counselling", "members": [staff["members"][0]["id"]]});
    let made = school.made("/rooms", &draft).await;
    let path = format!("/staff/rooms/{made}/enter");
    let entered = school.done("POST", &path, &Value::Null).await;
    Key::read(entered["url"].as_str().expect("an address"))
}

/// Where guests of a meeting are asked for.
fn guests(meeting: &str) -> String {
    format!("/meetings/{meeting}/guests")
}

async fn until_state(school: &School, key: &Key, path: &str, wanted: &str) -> Value {
    let coming = async {
        loop {
            let all = school.granted(key, path, json!({})).await;
            if all["guests"][0]["state"] == wanted {
                return all["guests"][0].clone();
            }
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, coming).await.expect("it comes to that")
}

/// Nobody is written to, and it is said all the same.
#[tokio::test]
async fn a_gateway_that_is_not_there_or_refuses_us_is_said_before_anybody_is_written_to() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    let router = Router::new().route("/sms", get(async || StatusCode::UNAUTHORIZED));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let cases = [
        (
            address.to_string(),
            "says 401: check the account in the settings of [texts].",
        ),
        ("127.0.0.1:1".to_owned(), "cannot be reached."),
    ];
    for (gateway, said) in cases {
        let mut settings = School::settings();
        let url = format!("http://{gateway}/sms?to={{to}}&text={{text}}");
        settings.texts.url = Some(Private::new(url));
        let school = School::open_with(settings).await;
        let said = format!("texts: doubtful: The gateway for text messages {said}");
        let waits = async {
            while !request::get(school.address, "/readyz")
                .await
                .body
                .contains(&said)
            {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, waits).await.expect("it is said");
    }
}

#[expect(clippy::too_many_lines, reason = "a story told in order")]
#[tokio::test]
async fn a_guest_invited_by_text_says_who_they_are_comes_in_and_is_removed() {
    let gateway = Gateway::default();
    let mut settings = School::settings();
    settings.texts.url = Some(Private::new(gateway.clone().open().await));
    let school = School::open_with(settings).await;
    let member = room(&school).await;
    let mut ada = school.join(&member).await;
    let meeting = ada.joined().await.call.meeting.expect("it is named");
    let path = guests(&meeting);
    let press = json!({"attempt": attempt(), "mobile": "07400 123456", "language": "pl"});
    let invited = school
        .granted(&member, &format!("{path}/invite"), press.clone())
        .await;
    assert_eq!(invited["mobile"], "+447400123456");
    assert_eq!((invited.get("name"), invited.get("url")), (None, None));
    let again = school
        .granted(&member, &format!("{path}/invite"), press)
        .await;
    assert_eq!(again["id"], invited["id"], "one press is one guest");
    until_state(&school, &member, &path, "sent").await;
    let asked = gateway.asked();
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert!(asked[0].starts_with("/sms?to=%2B447400123456&id="));
    assert!(asked[0].contains("zaprasza"), "in the reader's language");
    let (_, link) = asked[0].split_once("%0A").expect("a line of its own");
    let link = link
        .replace("%3A", ":")
        .replace("%2F", "/")
        .replace("%23", "#");
    let guest = Key::read(&link);

    let view = school.granted(&guest, "", json!({})).await;
    assert_eq!(view["asks_name"], true);
    let pressed = school.by(&guest, "/tickets", json!({"attempt": attempt()}));
    assert_eq!(refused(&pressed.await), (404, "not_found".to_owned()));
    let named = json!({"name": "Gus Guest", "attempt": attempt()});
    let came = school.granted(&guest, "/visitors", named).await;
    assert!(link.ends_with(came["path"].as_str().expect("a path")));
    let view = school.granted(&guest, "", json!({})).await;
    assert_eq!(
        (&view["name"], view.get("asks_name")),
        (&json!("Gus Guest"), None)
    );
    let mut gus = school.join(&guest).await;
    assert_eq!(gus.joined().await.powers, Vec::<Power>::new());
    let both = ada.people(|people| people.len() == 2).await;
    assert!(
        both.iter()
            .any(|it| it.name == "Gus Guest" && it.role == Role::Guest)
    );
    let shown = until_state(&school, &member, &path, "joined").await;
    assert_eq!(shown["name"], "Gus Guest");
    let id = shown["id"].as_str().expect("an id");
    school
        .granted(&member, &format!("{path}/{id}/resend"), json!({}))
        .await;
    timeout(PATIENCE, async {
        while gateway.asked().len() < 2 {
            sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .expect("the same link once more");
    let (one, other) = (&gateway.asked()[0], &gateway.asked()[1]);
    let text = |asked: &str| asked.split_once("&text=").map(|it| it.1.to_owned());
    assert_eq!(text(one), text(other));

    school
        .granted(&member, &format!("{path}/{id}/remove"), json!({}))
        .await;
    let goodbye = timeout(Duration::from_secs(2), gus.closed(Close::Withdrawn)).await;
    assert_eq!(goodbye.expect("within 2 s"), Some(GoodbyeReason::Withdrawn));
    let late = school.by(&guest, "", json!({})).await;
    assert_eq!(refused(&late), (404, "link_withdrawn".to_owned()));
    let left = school.granted(&member, &path, json!({})).await;
    assert_eq!(left["guests"], json!([]));
    let office = school.done("GET", "/rooms", &Value::Null).await;
    assert_eq!(office["texts_sent"], 2);
    let audit = school.done("GET", "/audit", &Value::Null).await;
    let rows = audit["rows"].as_array().expect("rows").iter();
    let actions: Vec<_> = rows.map(|it| it["what"].clone()).collect();
    for action in [
        "guest_invited",
        "visitor_came",
        "guest_resent",
        "guest_removed",
    ] {
        assert_eq!(
            actions.iter().filter(|it| *it == action).count(),
            1,
            "{action}"
        );
    }
}

#[tokio::test]
async fn a_teacher_invites_to_their_appointment_and_nobody_of_the_family_does() {
    let it = Evening::open().await;
    let starts = it.starts().await;
    let booked = it
        .book(&it.maria, &it.ana, &it.french, &starts[0], &attempt())
        .await;
    let booked: Value = booked.json();
    let meeting = booked["appointment"]["meeting"].as_str().expect("an id");
    let teacher = it.school.teacher(&it.evening, &it.teachers[0]).await;
    let other = it.school.teacher(&it.evening, &it.teachers[1]).await;
    let path = guests(meeting);
    let invite = format!("{path}/invite");
    let press = || json!({"attempt": attempt(), "email": "aunt@guests.example"});
    for key in [&it.maria, &it.omar, &other] {
        for (path, body) in [(&path, json!({})), (&invite, press())] {
            let answer = it.school.by(key, path, body).await;
            assert_eq!(refused(&answer), (404, "not_found".to_owned()), "{path}");
        }
    }
    let by_email = it.school.granted(&teacher, &invite, press()).await;
    assert_eq!(by_email["email"], "aunt@guests.example");
    let passed_on = json!({"attempt": attempt()});
    let link = it.school.granted(&teacher, &invite, passed_on).await;
    assert_eq!(link["state"], "invited");
    let guest = Key::read(link["url"].as_str().expect("an address"));
    let view = it.school.granted(&guest, "", json!({})).await;
    assert_eq!(view["asks_name"], true);
    let named = json!({"name": "Aunt Ines", "attempt": attempt()});
    it.school.granted(&guest, "/visitors", named).await;
    let view = it.school.granted(&guest, "", json!({})).await;
    let theirs = view["appointments"].as_array().expect("a list");
    assert_eq!(theirs.len(), 1, "{view}");
    assert_eq!(theirs[0]["meeting"], meeting);
    // A guest invites nobody, nor does a teacher with an id of somebody else's guest.
    let answer = it.school.by(&guest, &invite, press()).await;
    assert_eq!(refused(&answer), (404, "not_found".to_owned()));
    for what in ["resend", "remove"] {
        let nobodys = format!("{path}/7/{what}");
        let answer = it.school.by(&teacher, &nobodys, json!({})).await;
        assert_eq!(refused(&answer), (404, "not_found".to_owned()), "{what}");
    }
}

#[tokio::test]
async fn a_number_is_refused_with_the_reason_and_texts_have_a_most_a_day() {
    let mut settings = School::settings();
    settings.texts.most_a_day = 1;
    settings.texts.to_files = true;
    let school = School::open_with(settings).await;
    let member = room(&school).await;
    let mut ada = school.join(&member).await;
    let meeting = ada.joined().await.call.meeting.expect("it is named");
    let path = format!("{}/invite", guests(&meeting));
    let invite = async |body: Value| {
        let mut body = body;
        body["attempt"] = json!(attempt());
        school.by(&member, &path, body).await
    };
    for (number, code) in [
        ("", "mobile_missing"),
        ("07400", "mobile_invalid"),
        ("020 7946 0123", "not_mobile"),
        ("+33 6 12 34 56 78", "mobile_elsewhere"),
    ] {
        let answer = invite(json!({"mobile": number})).await;
        assert_eq!(refused(&answer), (422, code.to_owned()));
    }
    let answer = invite(json!({"email": "nobody"})).await;
    assert_eq!(refused(&answer), (422, "email_invalid".to_owned()));
    let both = json!({"email": "a@b.example", "mobile": "07400 123456"});
    assert_eq!(
        refused(&invite(both).await),
        (400, "bad_request".to_owned())
    );
    let sent = invite(json!({"mobile": "+44 7400 123456"})).await;
    assert_eq!(sent.status, 200, "{}", sent.body);
    let spent = invite(json!({"mobile": "07400 654321"})).await;
    assert_eq!(refused(&spent), (429, "texts_spent".to_owned()));
    let office = school.done("GET", "/rooms", &Value::Null).await;
    assert_eq!(
        (&office["texts_sent"], &office["texts_a_day"]),
        (&json!(1), &json!(1))
    );
    // They are files.
    let folder = school.folder.path().join("texts");
    let kept = async {
        loop {
            let files = std::fs::read_dir(&folder).into_iter().flatten().flatten();
            let names = files.map(|it| it.path());
            let mut ours = names.filter(|it| it.extension().is_some_and(|it| it == "txt"));
            if let Some(path) = ours.next() {
                return std::fs::read_to_string(path).expect("it can be read");
            }
            sleep(Duration::from_millis(20)).await;
        }
    };
    let kept = timeout(PATIENCE, kept).await.expect("it is written");
    assert!(kept.starts_with("To: +447400123456\n\n"), "{kept}");
}

#[tokio::test]
async fn a_name_that_is_kept_away_closes_the_link_until_the_office_has_decided() {
    let it = Evening::open().await;
    let starts = it.starts().await;
    let booked = it
        .book(&it.maria, &it.ana, &it.french, &starts[0], &attempt())
        .await;
    let booked: Value = booked.json();
    let meeting = booked["appointment"]["meeting"].as_str().expect("an id");
    let paul = it.school.granted(&it.paul, "", json!({})).await;
    let paul = paul["name"].clone();
    let order = format!("/contacts/{}/court-order", it.contacts[2]);
    it.school
        .done("PUT", &order, &json!({"active": true}))
        .await;
    let teacher = it.school.teacher(&it.evening, &it.teachers[0]).await;
    let path = guests(meeting);
    let invite = async || {
        let press = json!({"attempt": attempt()});
        let path = format!("{path}/invite");
        let made = it.school.granted(&teacher, &path, press).await;
        Key::read(made["url"].as_str().expect("an address"))
    };
    let say = async |key: &Key, name: &Value| {
        let named = json!({"name": name, "attempt": attempt()});
        it.school.by(key, "/visitors", named).await
    };
    let his = invite().await;
    for name in [&paul, &json!("Tess Small"), &paul] {
        let answer = say(&his, name).await;
        assert_eq!(refused(&answer), (409, "needs_approval".to_owned()));
    }
    let pressed = it
        .school
        .by(&his, "/tickets", json!({"attempt": attempt()}));
    assert_eq!(refused(&pressed.await), (404, "not_found".to_owned()));

    let waits = it.school.done("GET", "/attention", &Value::Null).await;
    assert_eq!(waits["to_decide"], 1);
    let queue = it.school.done("GET", "/approvals", &Value::Null).await;
    let approval = &queue["approvals"][0];
    assert_eq!((&approval["name"], &approval["contact"]), (&paul, &paul));
    assert_eq!(approval["students"], json!(["Ana Santos"]));
    let decide = async |approve: bool| {
        let queue = it.school.done("GET", "/approvals", &Value::Null).await;
        let id = queue["approvals"][0]["id"].as_str().expect("it waits");
        let path = format!("/approvals/{id}");
        it.school
            .done("POST", &path, &json!({"approve": approve}))
            .await
    };
    decide(true).await;
    let view = it.school.granted(&his, "", json!({})).await;
    assert_eq!((&view["name"], view.get("asks_name")), (&paul, None));
    let other = invite().await;
    assert_eq!(say(&other, &paul).await.status, 409);
    decide(false).await;
    let gone = it.school.by(&other, "", json!({})).await;
    assert_eq!(refused(&gone), (404, "link_withdrawn".to_owned()));
    let queue = it.school.done("GET", "/approvals", &Value::Null).await;
    assert_eq!(queue["approvals"], json!([]));
}

#[tokio::test]
async fn a_name_that_is_kept_away_comes_into_no_room_until_the_office_has_decided() {
    let it = Evening::open().await;
    let staff = it.school.done("GET", "/members", &Value::Null).await;
    let draft = json!({"name": "Counselling", "members": [staff["members"][0]["id"]]});
    let room = it.school.done("POST", "/rooms", &draft).await;
    let door = Key::read(room["url"].as_str().expect("an address"));
    let paul = it.school.granted(&it.paul, "", json!({})).await;
    let paul = paul["name"].clone();
    let say = async |name: &Value, press: &str| {
        let named = json!({"name": name, "attempt": press});
        it.school.by(&door, "/visitors", named).await
    };
    let came = |answer: Answer| {
        let body: Value = serde_json::from_str(&answer.body).expect("a body");
        Key::read(body["path"].as_str().expect("a path"))
    };
    // Before the order is entered nobody is kept away; with it they are out.
    let early = came(say(&paul, &attempt()).await);
    let mut early = it.school.join(&early).await;
    early.joined().await;
    let order = format!("/contacts/{}/court-order", it.contacts[2]);
    let entered = json!({"active": true});
    it.school.done("PUT", &order, &entered).await;
    let goodbye = early.closed(Close::Withdrawn).await;
    assert_eq!(goodbye, Some(GoodbyeReason::Withdrawn));

    let press = attempt();
    for name in [&paul, &json!("Tess Small"), &paul] {
        let answer = say(name, &press).await;
        assert_eq!(refused(&answer), (409, "needs_approval".to_owned()));
    }
    let decide = async |approve: bool| {
        let queue = it.school.done("GET", "/approvals", &Value::Null).await;
        let one = queue["approvals"][0].clone();
        let path = format!("/approvals/{}", one["id"].as_str().expect("it waits"));
        it.school
            .done("POST", &path, &json!({"approve": approve}))
            .await;
        one
    };
    let decided = decide(true).await;
    assert_eq!((&decided["name"], &decided["contact"]), (&paul, &paul));
    assert_eq!(decided["evening"], "Counselling");
    assert_eq!(
        (&decided["at_door"], &decided["parent"]),
        (&json!(true), &json!(""))
    );
    let namesake = came(say(&paul, &press).await);
    it.school.join(&namesake).await.joined().await;
    let press = attempt();
    assert_eq!(say(&paul, &press).await.status, 409);
    decide(false).await;
    assert_eq!(say(&paul, &press).await.status, 409);
    let queue = it.school.done("GET", "/approvals", &Value::Null).await;
    assert_eq!(
        queue["approvals"],
        json!([]),
        "once turned away, never asked again"
    );
}

#[tokio::test]
async fn a_guest_whose_answer_was_lost_is_answered_again_and_keeps_their_name() {
    let school = School::open().await;
    let member = room(&school).await;
    let mut ada = school.join(&member).await;
    let meeting = ada.joined().await.call.meeting.expect("it is named");
    let press = json!({"attempt": attempt()});
    let path = format!("{}/invite", guests(&meeting));
    let made = school.granted(&member, &path, press).await;
    let url = made["url"].as_str().expect("an address");
    let guest = Key::read(url);
    for name in ["Gus Guest", "Gus Guest", "Somebody Else"] {
        let named = json!({"name": name, "attempt": attempt()});
        let came = school.granted(&guest, "/visitors", named).await;
        assert!(url.ends_with(came["path"].as_str().expect("a path")));
    }
    let view = school.granted(&guest, "", json!({})).await;
    assert_eq!(view["name"], "Gus Guest");
    let audit = school.done("GET", "/audit", &Value::Null).await;
    let rows = audit["rows"].as_array().expect("rows").iter();
    let came = rows.filter(|it| it["what"] == "visitor_came");
    assert_eq!(came.count(), 1);
}

#[tokio::test]
async fn a_resend_that_is_repeated_writes_once_and_counts_as_a_change() {
    let school = School::open().await;
    let member = room(&school).await;
    let mut ada = school.join(&member).await;
    let meeting = ada.joined().await.call.meeting.expect("it is named");
    let path = guests(&meeting);
    let press = json!({"attempt": attempt()});
    let invite = format!("{path}/invite");
    let made = school.granted(&member, &invite, press).await;
    let resend = format!("{path}/{}/resend", made["id"].as_str().expect("an id"));
    let press = json!({"attempt": attempt()});
    for _ in 0..2 {
        school.granted(&member, &resend, press.clone()).await;
    }
    let audit = school.done("GET", "/audit", &Value::Null).await;
    let rows = audit["rows"].as_array().expect("rows").iter();
    let resent = rows.filter(|it| it["what"] == "guest_resent");
    assert_eq!(resent.count(), 1);
    // A page that names no press sends each time, until that is enough for the guest, and for the link.
    let mut said = Vec::new();
    while said.last() != Some(&(429, "too_many".to_owned())) {
        assert!(said.len() < 150, "{said:?}");
        said.push(refused(&school.by(&member, &resend, json!({})).await));
    }
    assert_eq!(said[3], (429, "invites_spent".to_owned()));
    assert!(said[..3].iter().all(|it| it.0 == 200), "{said:?}");
}

#[tokio::test]
async fn without_a_gateway_nobody_is_invited_by_text_and_the_page_knows() {
    let school = School::open().await;
    let member = room(&school).await;
    let mut ada = school.join(&member).await;
    let meeting = ada.joined().await.call.meeting.expect("it is named");
    let path = guests(&meeting);
    let listed = school.granted(&member, &path, json!({})).await;
    assert_eq!(listed, json!({"guests": []}));
    let press = json!({"attempt": attempt(), "mobile": "07400 123456"});
    let answer = school.by(&member, &format!("{path}/invite"), press).await;
    assert_eq!(refused(&answer), (422, "texts_off".to_owned()));
    let listed = school.granted(&member, &path, json!({})).await;
    assert_eq!(listed["guests"], json!([]));

    let mut settings = School::settings();
    settings.texts.to_files = true;
    let school = School::open_with(settings).await;
    let member = room(&school).await;
    let mut ada = school.join(&member).await;
    let meeting = ada.joined().await.call.meeting.expect("it is named");
    let listed = school.granted(&member, &guests(&meeting), json!({})).await;
    assert_eq!(listed["texts"], true);
}
