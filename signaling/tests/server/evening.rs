//! A parents' evening by its API: booked, invited to, held, and taken back.
#![expect(
    clippy::indexing_slicing,
    clippy::too_many_lines,
    reason = "a story told in order; a field that is missing is a failure"
)]

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};
use wire::close::Close;
use wire::message::GoodbyeReason;

use crate::support::PATIENCE;
use crate::support::mailbox;
use crate::support::school::{Evening, Key, School, attempt};

fn code(answer: &crate::support::request::Answer) -> String {
    let problem: Value = answer.json();
    problem["code"].as_str().expect("a code").to_owned()
}

#[tokio::test]
async fn a_fourth_teacher_is_refused_with_the_reason() {
    let school = School::open().await;
    let mut teachers = Vec::new();
    for name in ["A", "B", "C", "D"] {
        let body = json!({"name": name, "email": ""});
        teachers.push(school.made("/teachers", &body).await);
    }
    let class = |teachers: &[String]| json!({"name": "8", "subject": "All", "teachers": teachers});
    let refused = school.ask("POST", "/classes", &class(&teachers)).await;
    assert_eq!(refused.status, 422);
    assert_eq!(code(&refused), "too_many_teachers");
    assert!(refused.body.contains("at most 3 teachers"));
    school.made("/classes", &class(&teachers[..3])).await;
}

#[tokio::test]
async fn one_slot_has_one_parent_and_a_retry_is_the_same_booking() {
    let it = Evening::open().await;
    let starts = it.starts().await;
    let press = attempt();
    let first = it
        .book(&it.maria, &it.ana, &it.maths, &starts[2], &press)
        .await;
    assert_eq!(first.status, 200, "{}", first.body);
    let again = it
        .book(&it.maria, &it.ana, &it.maths, &starts[2], &press)
        .await;
    assert_eq!(again.body, first.body, "a retried press is the same press");

    let taken = it
        .book(&it.omar, &it.cem, &it.maths, &starts[2], &attempt())
        .await;
    assert_eq!((taken.status, code(&taken).as_str()), (409, "slot_taken"));
    // Ms Okafor takes French alone, and mathematics with somebody: she is in one place at a time.
    let busy = it
        .book(&it.paul, &it.ana, &it.french, &starts[2], &attempt())
        .await;
    assert_eq!(code(&busy), "slot_taken");
    let clash = it
        .book(&it.maria, &it.ben, &it.french, &starts[2], &attempt())
        .await;
    assert_eq!(code(&clash), "parent_busy");
    let twice = it
        .book(&it.maria, &it.ana, &it.maths, &starts[4], &attempt())
        .await;
    assert_eq!(code(&twice), "already_booked");
    // A student and a class of somebody else's are as good as none.
    for (student, class) in [(&it.cem, &it.maths), (&it.ana, &"7".to_owned())] {
        let foreign = it
            .book(&it.maria, student, class, &starts[4], &attempt())
            .await;
        assert_eq!(
            (foreign.status, code(&foreign).as_str()),
            (404, "not_found")
        );
    }

    let view = it.school.granted(&it.maria, "/parent", json!({})).await;
    let booking = &view["bookings"][0];
    assert_eq!(booking["appointment"]["starts"], json!(starts[2]));
    let id = booking["appointment"]["id"].as_str().expect("an id");
    let path = format!("/bookings/{id}/move");
    let moved = it
        .school
        .by(&it.omar, &path, json!({"starts": starts[5]}))
        .await;
    assert_eq!(moved.status, 404, "it is not Omar's");
    it.school
        .granted(&it.maria, &path, json!({"starts": starts[5]}))
        .await;
    let now_free = it
        .book(&it.omar, &it.cem, &it.maths, &starts[2], &attempt())
        .await;
    assert_eq!(now_free.status, 200);
    let path = format!("/bookings/{id}/cancel");
    it.school.granted(&it.maria, &path, json!({})).await;
    let view = it.school.granted(&it.maria, "/parent", json!({})).await;
    assert_eq!(view["bookings"], json!([]));

    let door = format!("/evenings/{}/booking", it.evening);
    it.school.done("PUT", &door, &json!({"open": false})).await;
    let closed = it
        .book(&it.maria, &it.ana, &it.maths, &starts[6], &attempt())
        .await;
    assert_eq!(
        (closed.status, code(&closed).as_str()),
        (409, "booking_closed")
    );
}

#[tokio::test]
async fn the_office_changes_what_booking_has_closed_for() {
    let it = Evening::open().await;
    let starts = it.starts().await;
    let door = format!("/evenings/{}/booking", it.evening);
    it.school.done("PUT", &door, &json!({"open": false})).await;
    let [maria, omar, _] = &it.contacts;
    let of = |contact: &str| format!("/evenings/{}/parents/{contact}", it.evening);

    let wish = json!({
        "attempt": attempt(), "student": it.ana, "class": it.maths, "starts": starts[2],
    });
    let path = format!("{}/bookings", of(maria));
    let booked = it.school.done("POST", &path, &wish).await;
    let again = it.school.done("POST", &path, &wish).await;
    assert_eq!(again, booked, "a retry is the same booking");
    let elsewhere = format!("{}/bookings", of(omar));
    let elsewhere = it.school.ask("POST", &elsewhere, &wish).await;
    assert_eq!(elsewhere.status, 404, "Ana is not Omar's");
    let id = booked["appointment"]["id"].as_str().expect("an id");

    let slots = it
        .school
        .done("GET", &format!("{}/slots", of(maria)), &Value::Null)
        .await;
    assert!(slots["slots"].as_array().is_some_and(|it| !it.is_empty()));
    let to = json!({"starts": starts[5]});
    let foreign = format!("{}/bookings/{id}/move", of(omar));
    let foreign = it.school.ask("POST", &foreign, &to).await;
    assert_eq!(foreign.status, 404, "it is Maria's");
    let moved = format!("{}/bookings/{id}/move", of(maria));
    it.school.done("POST", &moved, &to).await;
    let view = it.school.done("GET", &of(maria), &Value::Null).await;
    assert_eq!(view["bookings"][0]["appointment"]["starts"], to["starts"]);
    assert_eq!(view["booking"], "open", "to the office");
    let view = it.school.granted(&it.maria, "/parent", json!({})).await;
    assert_eq!(view["bookings"][0]["appointment"]["starts"], to["starts"]);
    assert_eq!(view["booking"], "closed", "to the parent");

    let cancel = format!("{}/bookings/{id}", of(maria));
    it.school.done("DELETE", &cancel, &Value::Null).await;
    let gone = it.school.ask("DELETE", &cancel, &Value::Null).await;
    assert_eq!(gone.status, 404);
    let view = it.school.granted(&it.maria, "/parent", json!({})).await;
    assert_eq!(view["bookings"], json!([]));
}

#[tokio::test]
async fn booking_automatically_has_no_clash() {
    let it = Evening::open().await;
    let body = json!({"attempt": attempt(), "wishes": []});
    let booked = it
        .school
        .granted(&it.maria, "/bookings/automatic", body)
        .await;
    assert_eq!(booked["unmet"], json!([]));
    let booked = booked["booked"].as_array().expect("bookings");
    assert_eq!(booked.len(), 4);
    let mut starts: Vec<_> = booked
        .iter()
        .map(|one| one["appointment"]["starts"].to_string())
        .collect();
    starts.dedup();
    assert_eq!(starts.len(), 4);
}

#[tokio::test]
async fn one_invitation_for_each_student_and_nobody_else_learns_of_it() {
    let it = Evening::open().await;
    let unticked = json!({
        "attempt": attempt(), "name": "", "email": "x", "consent": false, "wording": "1",
        "students": [it.ana],
    });
    let refused = it.school.by(&it.maria, "/invitations", unticked).await;
    assert_eq!(refused.status, 422);
    let fields: Value = refused.json();
    let fields = fields["fields"].as_array().expect("fields").iter();
    let fields: Vec<_> = fields.map(|one| one["field"].as_str()).collect();
    assert_eq!(fields, [Some("name"), Some("email"), Some("consent")]);

    let sent = it
        .invite(&it.maria, "Grandma Rosa", &[&it.ana, &it.ben])
        .await;
    assert_eq!(sent.status, 200, "{}", sent.body);
    let more = it.invite(&it.maria, "Uncle Rui", &[&it.ana]).await;
    assert_eq!(code(&more), "already_invited");
    assert!(more.body.contains(
        "Unable to invite another parent/guardian. Only one invite can be sent per student."
    ));
    let mine = it.school.granted(&it.maria, "/parent", json!({})).await;
    assert_eq!(mine["invitations"]["left"], json!([]));
    let theirs = it.school.granted(&it.paul, "/parent", json!({})).await;
    assert_eq!(theirs["invitations"]["sent"], json!([]));
    assert_eq!(theirs["invitations"]["left"], json!([it.ana]));

    let id = mine["invitations"]["sent"][0]["id"]
        .as_str()
        .expect("an id");
    for action in ["resend", "remove"] {
        let path = format!("/invitations/{id}/{action}");
        let foreign = it.school.by(&it.paul, &path, json!({})).await;
        assert_eq!(
            (foreign.status, code(&foreign).as_str()),
            (404, "not_found")
        );
    }
    let before = it.school.guests(&it.evening).await;
    let path = format!("/invitations/{id}/resend");
    it.school.granted(&it.maria, &path, json!({})).await;
    let after = it.school.guests(&it.evening).await;
    assert_eq!(before[0].secret, after[0].secret, "the same link again");
    let path = format!("/invitations/{id}/address");
    let body = json!({"email": "rosa@elsewhere.example"});
    it.school.granted(&it.maria, &path, body).await;
    let dead = it.school.by(&before[0], "", json!({})).await;
    assert_eq!((dead.status, code(&dead).as_str()), (404, "link_withdrawn"));
    let path = format!("/invitations/{id}/remove");
    it.school.granted(&it.maria, &path, json!({})).await;
    let again = it.school.granted(&it.maria, "/parent", json!({})).await;
    assert_eq!(again["invitations"]["left"], json!([it.ana, it.ben]));
}

/// A guest of Maria's in the call of Ana's French lesson that is now.
async fn guest_in_call(it: &Evening) -> (Key, crate::support::client::Client) {
    let starts = it.starts().await;
    let booked = it
        .book(&it.maria, &it.ana, &it.french, &starts[0], &attempt())
        .await;
    assert_eq!(booked.status, 200, "{}", booked.body);
    let sent = it.invite(&it.maria, "Grandma Rosa", &[&it.ana]).await;
    assert_eq!(sent.status, 200, "{}", sent.body);
    let guest = it.school.guests(&it.evening).await.remove(0);
    let mut client = it.school.join(&guest).await;
    client.joined().await;
    (guest, client)
}

#[tokio::test]
async fn a_guest_sees_the_appointments_covered_and_nothing_else() {
    let it = Evening::open().await;
    let (guest, _client) = guest_in_call(&it).await;
    let starts = it.starts().await;
    it.book(&it.maria, &it.ben, &it.french, &starts[3], &attempt())
        .await;
    let seen = it.school.granted(&guest, "", json!({})).await;
    assert_eq!(seen["role"], "guest");
    assert_eq!(seen["invited_by"], "Maria");
    assert_eq!(seen["in_use"], true);
    let appointments = seen["appointments"].as_array().expect("appointments");
    assert_eq!(appointments.len(), 1);
    assert_eq!(appointments[0]["student"], "Ana Santos");
    assert_eq!(appointments[0]["subject"], "French");
    assert_eq!(appointments[0]["teachers"], json!(["Ms Okafor"]));
    assert_eq!(
        seen["others"],
        json!([{"name": "Ms Okafor", "role": "teacher"}])
    );
    let text = seen.to_string();
    for hidden in ["Ben", "Santos, ", "maria@", "Paul", "Maria Santos"] {
        assert!(!text.contains(hidden), "{hidden}: {text}");
    }
}

#[tokio::test]
async fn removing_an_invitation_ends_the_call_and_the_waiting_page_within_two_seconds() {
    let it = Evening::open().await;
    let (guest, mut client) = guest_in_call(&it).await;
    let seen = it.school.granted(&guest, "", json!({})).await["seen"].clone();
    let view = it.school.granted(&it.maria, "/parent", json!({})).await;
    let id = view["invitations"]["sent"][0]["id"]
        .as_str()
        .expect("an id");
    let page = it.school.by(&guest, "/changes", json!({"seen": seen}));
    let removing = async {
        it.school.page_waits().await;
        let path = format!("/invitations/{id}/remove");
        it.school.granted(&it.maria, &path, json!({})).await;
        Instant::now()
    };
    let (told, removed) = tokio::join!(page, removing);
    assert_eq!(told.json::<Value>()["type"], "withdrawn", "{}", told.body);
    assert!(removed.elapsed() < Duration::from_secs(2));
    assert_eq!(
        client.closed(Close::Withdrawn).await,
        Some(GoodbyeReason::Withdrawn)
    );
    assert!(removed.elapsed() < Duration::from_secs(2));
    let body = json!({"attempt": attempt()});
    let pressed = it.school.by(&guest, "/tickets", body).await;
    assert_eq!(
        (pressed.status, code(&pressed).as_str()),
        (404, "link_withdrawn")
    );
}

#[tokio::test]
async fn a_court_order_ends_sessions_and_holds_invitations() {
    let it = Evening::open().await;
    let starts = it.starts().await;
    it.book(&it.paul, &it.ana, &it.french, &starts[0], &attempt())
        .await;
    let mut paul = it.school.join(&it.paul).await;
    paul.joined().await;
    let path = format!("/contacts/{}/court-order", it.contacts[2]);
    let taken = it.school.done("PUT", &path, &json!({"active": true})).await;
    let ordered = Instant::now();
    assert_eq!(taken["contact"]["court_order"], true);
    assert_eq!(
        paul.closed(Close::Withdrawn).await,
        Some(GoodbyeReason::Withdrawn)
    );
    assert!(ordered.elapsed() < Duration::from_secs(2));
    assert_eq!(
        it.school.by(&it.paul, "/parent", json!({})).await.status,
        404
    );

    let body = json!({
        "attempt": attempt(), "name": "Dad", "email": "PAUL@x.example", "consent": true,
        "wording": "1", "students": [it.ana],
    });
    let held = it.school.granted(&it.maria, "/invitations", body).await;
    assert_eq!(held, json!({"type": "needs_approval"}));
    assert!(it.school.guests(&it.evening).await.is_empty());
    let queue = it.school.done("GET", "/approvals", &Value::Null).await;
    let approval = &queue["approvals"][0];
    assert_eq!(approval["is_certain"], true);
    let path = format!("/approvals/{}", approval["id"].as_str().expect("an id"));
    let stands = it
        .school
        .ask("POST", &path, &json!({"approve": true}))
        .await;
    assert_eq!(code(&stands), "court_order_stands");
    it.school
        .done("POST", &path, &json!({"approve": false}))
        .await;
    let queue = it.school.done("GET", "/approvals", &Value::Null).await;
    assert_eq!(queue["approvals"], json!([]));
}

#[tokio::test]
async fn an_inviter_sees_that_a_court_order_ended_the_invitation_and_not_why() {
    let it = Evening::open().await;
    let body = json!({
        "attempt": attempt(), "name": "Dad", "email": "PAUL@x.example", "consent": true,
        "wording": "1", "students": [it.ana],
    });
    it.school.granted(&it.maria, "/invitations", body).await;
    let before = it.school.granted(&it.maria, "/parent", json!({})).await;
    assert_eq!(before["invitations"]["sent"][0]["name"], "Dad");
    let path = format!("/contacts/{}/court-order", it.contacts[2]);
    it.school.done("PUT", &path, &json!({"active": true})).await;
    let asked = json!({"seen": before["seen"]});
    let heard = timeout(PATIENCE, it.school.granted(&it.maria, "/changes", asked)).await;
    let heard = heard.expect("at once");
    assert_eq!(heard["type"], "changed");
    let after = it.school.granted(&it.maria, "/parent", json!({})).await;
    assert_eq!(after["invitations"]["sent"], json!([]));
    assert_eq!(after["seen"], heard["seen"]);
}

#[tokio::test]
async fn teacher_and_office_see_who_is_there() {
    let it = Evening::open().await;
    let (_guest, _client) = guest_in_call(&it).await;
    let teacher = it.school.teacher(&it.evening, &it.teachers[0]).await;
    let list = it.school.granted(&teacher, "/teacher", json!({})).await;
    let first = &list["appointments"][0];
    assert_eq!(list["next"], first["appointment"]["id"]);
    assert_eq!(first["parent"], "Maria Santos");
    assert_eq!(first["guest"], "Grandma Rosa");
    let there = json!([{"name": "Grandma Rosa", "role": "guest", "state": "seated"}]);
    assert_eq!(first["present"], there);
    let path = format!("/evenings/{}/live", it.evening);
    let live = it.school.done("GET", &path, &Value::Null).await;
    assert_eq!(live["calls"][0]["present"], there);
    let path = format!("/evenings/{}/bookings", it.evening);
    let booked = it.school.done("GET", &path, &Value::Null).await;
    let all = booked["bookings"].as_array().map_or(0, Vec::len) as u64;
    let counted = live["over"].as_u64().zip(live["upcoming"].as_u64());
    let shown = live["calls"].as_array().map_or(0, Vec::len) as u64;
    assert_eq!(
        counted.map(|(over, upcoming)| over + upcoming + shown),
        Some(all)
    );
    // The parent sees that the guest has come (INV-6).
    let joined = timeout(PATIENCE, async {
        loop {
            let view = it.school.granted(&it.maria, "/parent", json!({})).await;
            if view["invitations"]["sent"][0]["state"] == "joined" {
                return;
            }
            sleep(Duration::from_millis(20)).await;
        }
    });
    joined.await.expect("it is written down");
}

#[tokio::test]
async fn the_office_sees_who_came_early() {
    let mut settings = School::settings();
    settings.calls.opens_before = Duration::from_hours(24);
    let it = Evening::open_with(settings).await;
    let starts = it.starts().await;
    let live = format!("/evenings/{}/live", it.evening);
    it.book(&it.maria, &it.ana, &it.french, &starts[3], &attempt())
        .await;
    let before = it.school.done("GET", &live, &Value::Null).await;
    assert_eq!(before["calls"], json!([]));
    assert_eq!(before["upcoming"], 1);
    // Who has said that they are here waits, though the appointment is yet to begin.
    let view = it.school.granted(&it.maria, "", json!({})).await;
    let here = json!({"meeting": view["appointments"][0]["meeting"], "here": true});
    it.school.granted(&it.maria, "/here", here).await;
    let waits = it.school.done("GET", &live, &Value::Null).await;
    assert_eq!(waits["calls"][0]["present"][0]["state"], "here");
    assert_eq!(waits["upcoming"], 0);
    let mut client = it.school.join(&it.maria).await;
    client.joined().await;
    let after = it.school.done("GET", &live, &Value::Null).await;
    assert_eq!(after["calls"][0]["present"][0]["name"], "Maria Santos");
    assert_eq!(after["upcoming"], 0);
}

#[tokio::test]
async fn email_goes_out_by_itself_with_a_link_that_works() {
    let it = Evening::open().await;
    let sent = it.invite(&it.maria, "Grandma Rosa", &[&it.ana]).await;
    assert_eq!(sent.status, 200);
    let text = mailbox::until_to(&it.school, "grandma.rosa@guests.example", |text| {
        Some(text.to_owned())
    });
    let text = text.await.replace("=\r\n", "");
    let text = text.replace("=3D", "=");
    let guest = it.school.guests(&it.evening).await.remove(0);
    assert!(
        text.contains(&format!("/j/{}#{}", guest.id, guest.secret)),
        "{text}"
    );
    assert!(text.contains("Message-ID: <"));
    assert!(text.contains("Subject: You are invited: Year 8 parents' evening"));
}
