//! A call is ended for everybody, for abuse, and nobody comes back into it until the office says so (SCR-14).
#![expect(
    clippy::indexing_slicing,
    reason = "a story told in order; a field that is missing is a failure"
)]

use serde_json::{Value, json};
use wire::close::Close;
use wire::message::{ClientMessage, GoodbyeReason, Power};

use crate::support::request::Answer;
use crate::support::school::{Evening, Key, School, attempt};

fn refused(answer: &Answer) -> (u16, String) {
    let problem: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    let code = problem["code"].as_str().unwrap_or_default();
    (answer.status, code.to_owned())
}

fn stop(meeting: &str) -> String {
    format!("/meetings/{meeting}/stop")
}

async fn to_decide(school: &School) -> Value {
    let attention = school.done("GET", "/attention", &Value::Null).await;
    attention["to_decide"].clone()
}

async fn stopped(school: &School) -> Value {
    let all = school.done("GET", "/stopped", &Value::Null).await;
    assert_eq!(all["calls"].as_array().map(Vec::len), Some(1), "{all}");
    all["calls"][0].clone()
}

async fn press_join(school: &School, key: &Key, mut press: Value) -> Answer {
    press["attempt"] = json!(attempt());
    school.by(key, "/tickets", press).await
}

#[tokio::test]
async fn an_appointment_that_a_teacher_ends_is_over_until_the_office_lets_them_back() {
    let it = Evening::open().await;
    let school = &it.school;
    let starts = it.starts().await;
    let booked = it
        .book(&it.maria, &it.ana, &it.french, &starts[0], &attempt())
        .await;
    let booked = booked.json::<Value>()["appointment"].clone();
    let meeting = booked["meeting"].as_str().expect("an id");
    let okafor = school.teacher(&it.evening, &it.teachers[0]).await;
    let brandt = school.teacher(&it.evening, &it.teachers[1]).await;
    let mut teacher = school.join(&okafor).await;
    assert!(teacher.joined().await.powers.contains(&Power::Stop));
    let mut parent = school.join(&it.maria).await;
    let session = parent.joined().await.session;

    // Neither the parent, nor another family, nor the teacher of another call.
    for key in [&it.maria, &it.omar, &brandt] {
        let press = json!({"attempt": attempt()});
        let answer = school.by(key, &stop(meeting), press).await;
        assert_eq!(refused(&answer), (404, "not_found".to_owned()));
    }
    let long = json!({"attempt": attempt(), "note": "x".repeat(1_001)});
    let long = school.by(&okafor, &stop(meeting), long).await;
    assert_eq!(refused(&long), (422, "invalid".to_owned()));
    assert_eq!(to_decide(school).await, 0);

    let press = json!({"attempt": attempt(), "note": "He shouted at us."});
    for _retry in 0..2 {
        let done = school.by(&okafor, &stop(meeting), press.clone()).await;
        assert_eq!(done.status, 204, "{}", done.body);
    }
    for client in [&mut teacher, &mut parent] {
        let goodbye = client.closed(Close::Stopped).await;
        assert_eq!(goodbye, Some(GoodbyeReason::Stopped));
    }
    // By no way back: neither the session, nor a press of either.
    let mut back = school.socket().await;
    back.resume(&session, None).await;
    let goodbye = back.closed(Close::Stopped).await;
    assert_eq!(goodbye, Some(GoodbyeReason::Stopped));
    for key in [&it.maria, &okafor] {
        for press in [json!({ "meeting": meeting }), json!({})] {
            let answer = press_join(school, key, press).await;
            assert_eq!(refused(&answer), (409, "call_stopped".to_owned()));
        }
    }
    let invite = format!("/meetings/{meeting}/guests/invite");
    let press = json!({"attempt": attempt(), "email": "aunt@guests.example"});
    let answer = school.by(&okafor, &invite, press).await;
    assert_eq!(refused(&answer), (409, "kept_out".to_owned()));

    assert_eq!(to_decide(school).await, 1);
    let shown = stopped(school).await;
    assert_eq!(shown["note"], "He shouted at us.");
    assert_eq!(shown["student"], "Ana Santos");
    assert_eq!(shown["state"], "new");
    let id = shown["id"].as_str().expect("an id");
    let path = |what: &str| format!("/stopped/{id}/{what}");
    school.done("POST", &path("keep"), &Value::Null).await;
    assert_eq!(to_decide(school).await, 0);
    assert_eq!(stopped(school).await["state"], "stands");
    school.done("POST", &path("let-back"), &Value::Null).await;
    assert_eq!(stopped(school).await["state"], "let_back");
    school.join(&it.maria).await.joined().await;
    school.join(&okafor).await.joined().await;
}

/// Nobody has been in a call that cannot be joined yet, so there is nothing to end; before the hour of an
/// appointment it can be, and is over then.
#[tokio::test]
async fn an_appointment_is_ended_from_when_it_can_be_joined_and_is_over_then() {
    let it = Evening::begun(School::open().await, 10).await;
    let school = &it.school;
    let mut starts = it.starts().await;
    starts.retain(|it| {
        it.parse()
            .is_ok_and(|it: jiff::Timestamp| it > ambient::now())
    });
    let okafor = school.teacher(&it.evening, &it.teachers[0]).await;
    let [soon, hours_away] = [&starts[0], &starts[starts.len() - 1]];
    for (student, starts) in [(&it.ben, hours_away), (&it.ana, soon)] {
        let booked = it
            .book(&it.maria, student, &it.french, starts, &attempt())
            .await;
        assert_eq!(booked.status, 200, "{}", booked.body);
    }
    let view = async || school.granted(&it.maria, "", json!({})).await["appointments"].clone();
    let meetings = view().await;
    let end = async |n: usize| {
        let meeting = meetings[n]["meeting"].as_str().expect("an id");
        let press = json!({"attempt": attempt()});
        school.by(&okafor, &stop(meeting), press).await
    };
    assert_eq!(refused(&end(1).await), (409, "too_early".to_owned()));
    assert_eq!(to_decide(school).await, 0);
    assert_eq!(view().await[0]["phase"], "upcoming");
    // It can be joined, and nobody has.
    assert_eq!(refused(&end(0).await), (409, "nobody_there".to_owned()));
    assert_eq!(to_decide(school).await, 0);
    let mut parent = school.join(&it.maria).await;
    parent.joined().await;
    assert_eq!(end(0).await.status, 204);
    parent.closed(Close::Stopped).await;
    // Nobody is left in it, and it is ended already.
    assert_eq!(end(0).await.status, 204);
    assert_eq!(to_decide(school).await, 1);
    let shown = view().await;
    let phases = [&shown[0]["phase"], &shown[1]["phase"]];
    assert_eq!(phases, [&json!("over"), &json!("upcoming")]);
    moved_once_they_are_let_back(&it, &shown[0], &starts[2]).await;
}

/// At another time it would look like one that can be joined.
async fn moved_once_they_are_let_back(it: &Evening, one: &Value, to: &str) {
    let school = &it.school;
    let of_maria = format!("/evenings/{}/parents/{}", it.evening, it.contacts[0]);
    let id = one["id"].as_str().expect("an id");
    let path = format!("{of_maria}/bookings/{id}/move");
    let answer = school.ask("POST", &path, &json!({"starts": to})).await;
    assert_eq!(refused(&answer), (409, "stop_stands".to_owned()));
    let seen = school
        .done("GET", &of_maria, &Value::Null)
        .await
        .to_string();
    assert!(!seen.contains(to), "{seen}");
    let stop = stopped(school).await["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let back = format!("/stopped/{stop}/let-back");
    school.done("POST", &back, &Value::Null).await;
    school.done("POST", &path, &json!({"starts": to})).await;
}

/// After its hour it is over for everybody, and so there is nothing to end.
#[tokio::test]
async fn what_is_over_is_not_ended() {
    let it = Evening::open().await;
    let school = &it.school;
    let starts = it.starts().await;
    let booked = it
        .book(&it.maria, &it.ana, &it.french, &starts[0], &attempt())
        .await;
    let booked = booked.json::<Value>()["appointment"].clone();
    let meeting = booked["meeting"].as_str().expect("an id");
    let okafor = school.teacher(&it.evening, &it.teachers[0]).await;
    school
        .wrote("UPDATE bookings SET start_at = start_at - 3600000, end_at = end_at - 3600000")
        .await;
    let press = json!({"attempt": attempt()});
    let answer = school.by(&okafor, &stop(meeting), press).await;
    assert_eq!(refused(&answer), (409, "over".to_owned()));
    assert_eq!(to_decide(school).await, 0);
}

/// SCR-14: whoever typed what happened until the last had left, or the time was up, is heard all the same.
#[tokio::test]
async fn an_appointment_that_everybody_has_left_is_ended_and_nobody_comes_back() {
    let it = Evening::open().await;
    let school = &it.school;
    let starts = it.starts().await;
    let booked = it
        .book(&it.maria, &it.ana, &it.french, &starts[0], &attempt())
        .await;
    let booked = booked.json::<Value>()["appointment"].clone();
    let meeting = booked["meeting"].as_str().expect("an id");
    let okafor = school.teacher(&it.evening, &it.teachers[0]).await;
    for key in [&okafor, &it.maria] {
        leaves(school, key).await;
    }
    let press = json!({"attempt": attempt(), "note": "He swore at Ana."});
    let done = school.by(&okafor, &stop(meeting), press).await;
    assert_eq!(done.status, 204, "{}", done.body);
    let answer = press_join(school, &it.maria, json!({ "meeting": meeting })).await;
    assert_eq!(refused(&answer), (409, "call_stopped".to_owned()));
    let shown = stopped(school).await;
    assert_eq!(shown["note"], "He swore at Ana.");
    // Let back, and by then its time is up.
    let back = format!("/stopped/{}/let-back", shown["id"].as_str().expect("an id"));
    school.done("POST", &back, &Value::Null).await;
    leaves(school, &okafor).await;
    school
        .wrote("UPDATE bookings SET start_at = start_at - 3600000, end_at = end_at - 3600000")
        .await;
    let press = json!({"attempt": attempt(), "note": "Again."});
    let done = school.by(&okafor, &stop(meeting), press).await;
    assert_eq!(done.status, 204, "{}", done.body);
    assert_eq!(to_decide(school).await, 1);
}

/// Joins and leaves; it is in the records.
async fn leaves(school: &School, key: &Key) {
    let rows = async || {
        let log = school.done("GET", "/audit", &Value::Null).await;
        let all = log["rows"].as_array().expect("rows");
        all.iter().filter(|it| it["what"] == "left").count()
    };
    let before = rows().await;
    let mut there = school.join(key).await;
    there.joined().await;
    there.say(&ClientMessage::Leave {}).await;
    there.closed(Close::Left).await;
    while rows().await == before {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn guests_of_a_room_that_everybody_has_left_are_kept_out_once_its_call_is_ended() {
    let school = School::open().await;
    let (door, member) = room(&school).await;
    let ann = guest(&school, &door, "Ann", &attempt()).await;
    let bob = guest(&school, &door, "Bob", &attempt()).await;
    let mut host = school.join(&member).await;
    let meeting = host.joined().await.call.meeting.expect("it is named");
    leaves(&school, &ann).await;
    host.say(&ClientMessage::Leave {}).await;
    host.closed(Close::Left).await;
    let done = school
        .by(&member, &stop(&meeting), json!({"attempt": attempt()}))
        .await;
    assert_eq!(done.status, 204, "{}", done.body);
    let mut again = school.join(&ann).await;
    let goodbye = again.closed(Close::Stopped).await;
    assert_eq!(goodbye, Some(GoodbyeReason::Stopped));
    school.join(&bob).await.joined().await;
    assert_eq!(stopped(&school).await["guests"], json!(["Ann"]));
}

/// A room of the account that is signed in: the address of its link, and the link of its member.
async fn room(school: &School) -> (Key, Key) {
    let staff = school.done("GET", "/members", &Value::Null).await;
    let draft = json!({"name": "Counselling", "members": [staff["members"][0]["id"]]});
    let made = school.done("POST", "/rooms", &draft).await;
    let id = made["id"].as_str().expect("an id");
    let path = format!("/staff/rooms/{id}/enter");
    let entered = school.done("POST", &path, &Value::Null).await;
    let key = |it: &Value| Key::read(it["url"].as_str().expect("an address"));
    (key(&made), key(&entered))
}

/// A guest by the room's link, by that press.
async fn guest(school: &School, door: &Key, name: &str, press: &str) -> Key {
    let body = json!({"name": name, "attempt": press});
    let came = school.granted(door, "/visitors", body).await;
    Key::read(came["path"].as_str().expect("a path"))
}

/// So it is where the call has come to another node.
#[tokio::test]
async fn a_guest_who_left_before_the_program_began_again_comes_back_no_more() {
    let school = School::open().await;
    let (door, member) = room(&school).await;
    let cem = guest(&school, &door, "Cem", &attempt()).await;
    let bob = guest(&school, &door, "Bob", &attempt()).await;
    let mut host = school.join(&member).await;
    let joined = host.joined().await;
    let mut left = school.join(&cem).await;
    left.joined().await;
    left.say(&ClientMessage::Leave {}).await;
    left.closed(Close::Left).await;

    let school = school.begin_again(School::settings()).await;
    let mut host = school.socket().await;
    host.resume(&joined.session, Some("a fresh offer")).await;
    let meeting = host.joined().await.call.meeting.expect("it is named");
    let press = json!({"attempt": attempt()});
    let done = school.by(&member, &stop(&meeting), press).await;
    assert_eq!(done.status, 204, "{}", done.body);
    host.closed(Close::Stopped).await;
    let mut again = school.join(&cem).await;
    let goodbye = again.closed(Close::Stopped).await;
    assert_eq!(goodbye, Some(GoodbyeReason::Stopped));
    school.join(&member).await.joined().await;
    school.join(&bob).await.joined().await;
}

#[tokio::test]
async fn guests_who_were_in_a_room_come_back_no_more_and_its_members_keep_it() {
    let school = School::open().await;
    let (door, member) = room(&school).await;
    let (_, other) = room(&school).await;
    let press_of_ann = attempt();
    let (ann, bob, cem) = (
        guest(&school, &door, "Ann", &press_of_ann).await,
        guest(&school, &door, "Bob", &attempt()).await,
        guest(&school, &door, "Cem", &attempt()).await,
    );
    // In the browser by which Ann came.
    let as_annie =
        || json!({"name": "Annie", "attempt": attempt(), "before": [attempt(), press_of_ann]});
    let mut host = school.join(&member).await;
    let meeting = host.joined().await.call.meeting.expect("it is named");
    let mut there = school.join(&ann).await;
    there.joined().await;
    // He has left by the time that the call is ended, and was in it all the same.
    let mut left = school.join(&cem).await;
    left.joined().await;
    left.say(&ClientMessage::Leave {}).await;
    left.closed(Close::Left).await;
    for key in [&ann, &bob, &other] {
        let press = json!({"attempt": attempt()});
        let answer = school.by(key, &stop(&meeting), press).await;
        assert_eq!(refused(&answer), (404, "not_found".to_owned()));
    }
    let press = json!({"attempt": attempt()});
    let done = school.by(&member, &stop(&meeting), press).await;
    assert_eq!(done.status, 204, "{}", done.body);
    for client in [&mut host, &mut there] {
        let goodbye = client.closed(Close::Stopped).await;
        assert_eq!(goodbye, Some(GoodbyeReason::Stopped));
    }
    for key in [&ann, &cem] {
        let mut again = school.join(key).await;
        let goodbye = again.closed(Close::Stopped).await;
        assert_eq!(goodbye, Some(GoodbyeReason::Stopped));
    }
    let answer = school.by(&door, "/visitors", as_annie()).await;
    assert_eq!(refused(&answer), (409, "call_stopped".to_owned()));
    for before in [
        json!(["x"]),
        json!([attempt(), attempt(), attempt(), attempt(), attempt()]),
    ] {
        let body = json!({"name": "Annie", "attempt": attempt(), "before": before});
        let answer = school.by(&door, "/visitors", body).await;
        assert_eq!(refused(&answer), (400, "bad_request".to_owned()));
    }
    // Who was not there comes as before, and so do members.
    school.join(&member).await.joined().await;
    school.join(&bob).await.joined().await;
    let shown = stopped(&school).await;
    assert_eq!(
        (&shown["guests"], &shown["note"]),
        (&json!(["Ann", "Cem"]), &json!(""))
    );
    let path = format!("/stopped/{}/let-back", shown["id"].as_str().expect("an id"));
    school.done("POST", &path, &Value::Null).await;
    school.join(&ann).await.joined().await;
    school.granted(&door, "/visitors", as_annie()).await;
}
