//! What was committed arrives, whatever becomes of who asked for it (LINK-2, EVE-13).

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use wire::close::Close;
use wire::message::GoodbyeReason;

use crate::support::client::Client;
use crate::support::school::{Evening, Key, attempt, draft};

/// How long a deed may take to arrive.
const SOON: Duration = Duration::from_secs(2);

/// How long one may take that nobody told of.
const SWEPT: Duration = Duration::from_secs(7);

async fn guest_joins(it: &Evening) -> (Key, Client, String) {
    let sent = it.invite(&it.maria, "Grandma Rosa", &[&it.ana]).await;
    assert_eq!(sent.status, 200, "{}", sent.body);
    let guest = it.school.guests(&it.evening).await.remove(0);
    let mut client = it.school.join(&guest).await;
    client.joined().await;
    let view = it.school.granted(&it.maria, "/parent", json!({})).await;
    let id = view.pointer("/invitations/sent/0/id");
    let id = id.and_then(Value::as_str).expect("an id").to_owned();
    (guest, client, id)
}

async fn is_out(client: &mut Client, within: Duration) {
    let closed = timeout(within, client.closed(Close::Withdrawn)).await;
    closed.expect("it is out in time");
}

/// Asks, as the office, for the removal of an invitation and hangs up so long after:
/// somewhere between the first byte that is read and the answer.
async fn remove_and_hang_up(it: &Evening, id: &str, after: Duration) {
    let address = it.school.address;
    let (cookie, csrf) = &it.school.session;
    let text = format!(
        "DELETE /api/v1/invitations/{id} HTTP/1.1\r\nHost: {address}\r\nCookie: {cookie}\r\n\
         X-Homeroom-Csrf: {csrf}\r\n\r\n"
    );
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    stream.write_all(text.as_bytes()).await.expect("taken");
    sleep(after).await;
    // A reset: the server learns of it while it works.
    stream.set_zero_linger().expect("an option");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removal_that_is_cut_off_is_none_or_arrives() {
    let it = Evening::open().await;
    let starts = it.starts().await;
    it.book(&it.maria, &it.ana, &it.french, &starts[0], &attempt())
        .await;
    let mut arrived = 0;
    // Finely at first, then ever later, until one was committed before its browser was gone.
    let finely = (0..19).map(|step| Duration::from_micros(step * 400));
    let later = (4..12).map(|power| Duration::from_millis(1 << power));
    for (step, after) in finely.chain(later).enumerate() {
        if step >= 19 && arrived > 0 {
            break;
        }
        let (_guest, mut client, id) = guest_joins(&it).await;
        remove_and_hang_up(&it, &id, after).await;
        // Whoever asks the same now finds it done, or does it.
        let path = format!("/invitations/{id}");
        let again = it.school.ask("DELETE", &path, &Value::Null).await;
        match again.status {
            204 => {}
            404 => arrived += 1,
            status => panic!("{status} {}", again.body),
        }
        is_out(&mut client, SOON).await;
    }
    assert!(arrived > 0, "some were cut off after they were committed");
}

#[tokio::test]
async fn what_was_committed_and_never_told_is_swept() {
    let it = Evening::open().await;
    let starts = it.starts().await;
    it.book(&it.maria, &it.ana, &it.french, &starts[0], &attempt())
        .await;
    let (_guest, mut client, id) = guest_joins(&it).await;
    // As by a program that was killed between the two: the records know, and nobody was told.
    let id = id.parse().expect("an id");
    let now = ambient::now();
    let removed = it
        .school
        .store
        .remove_invitation(id, store::Actor::Program, now)
        .await;
    removed.expect("removed");
    is_out(&mut client, SWEPT).await;
}

#[tokio::test]
async fn a_teacher_who_is_replaced_leaves_and_the_other_comes_in() {
    let it = Evening::open().await;
    let starts = it.starts().await;
    let booked = it
        .book(&it.maria, &it.ana, &it.french, &starts[0], &attempt())
        .await;
    assert_eq!(booked.status, 200, "{}", booked.body);
    let okafor = it.school.teacher(&it.evening, &it.teachers[0]).await;
    let mut ill = it.school.join(&okafor).await;
    ill.joined().await;
    let path = format!(
        "/evenings/{}/teachers/{}/replace",
        it.evening, it.teachers[0]
    );
    let body = json!({"instead": it.teachers[1]});
    let done = it.school.done("POST", &path, &body).await;
    assert_eq!(done, json!({"given": 1, "cancelled": 0, "asked": 0}));
    is_out(&mut ill, SOON).await;
    let brandt = it.school.teacher(&it.evening, &it.teachers[1]).await;
    let mut other = it.school.join(&brandt).await;
    other.joined().await;
    let seen = it.school.granted(&it.maria, "", json!({})).await;
    assert_eq!(seen["appointments"][0]["teachers"], json!(["Mr Brandt"]));
    // They come after all.
    let body = json!({"instead": it.teachers[0]});
    let done = it.school.done("POST", &path, &body).await;
    assert_eq!(done, json!({"given": 1, "cancelled": 0, "asked": 0}));
    let closed = timeout(SOON, other.closed(Close::Disconnected)).await;
    closed.expect("their link lives, and is for other appointments");
    let okafor = it.school.teacher(&it.evening, &it.teachers[0]).await;
    it.school.join(&okafor).await.joined().await;
    let seen = it.school.granted(&it.maria, "", json!({})).await;
    assert_eq!(seen["appointments"][0]["teachers"], json!(["Ms Okafor"]));
}

#[tokio::test]
async fn other_teachers_of_a_class_put_the_old_one_out_of_its_call() {
    let it = Evening::open().await;
    let starts = it.starts().await;
    it.book(&it.maria, &it.ana, &it.french, &starts[0], &attempt())
        .await;
    let okafor = it.school.teacher(&it.evening, &it.teachers[0]).await;
    let mut old = it.school.join(&okafor).await;
    let session = old.joined().await.session;
    // Somebody else keeps the call.
    let mut parent = it.school.join(&it.maria).await;
    parent.joined().await;
    let path = format!("/classes/{}", it.french);
    let body =
        |teacher: &str| json!({"name": "French", "subject": "French", "teachers": [teacher]});
    it.school.done("PUT", &path, &body(&it.teachers[1])).await;
    let closed = timeout(SOON, old.closed(Close::Disconnected)).await;
    closed.expect("their link lives, and is for other appointments");
    let pressed = it
        .school
        .by(&okafor, "/tickets", json!({"attempt": attempt()}))
        .await;
    assert_eq!(pressed.status, 409, "{}", pressed.body);
    // The session is over, and not the right to begin another when the class is theirs again.
    it.school.done("PUT", &path, &body(&it.teachers[0])).await;
    let mut back = it.school.socket().await;
    back.resume(&session, None).await;
    assert_eq!(
        back.closed(Close::Disconnected).await,
        Some(GoodbyeReason::Disconnected)
    );
    it.school.join(&okafor).await.joined().await;
}

#[tokio::test]
async fn whoever_sits_in_an_appointment_that_is_moved_is_out_until_it_can_be_joined() {
    let it = Evening::open().await;
    let starts = it.starts().await;
    let booked = async |student: &str| {
        let booked = it
            .book(&it.maria, student, &it.french, &starts[0], &attempt())
            .await;
        assert_eq!(booked.status, 200, "{}", booked.body);
        let booked: Value = booked.json();
        let id = booked["appointment"]["id"].as_str();
        id.expect("an id").to_owned()
    };
    let okafor = it.school.teacher(&it.evening, &it.teachers[0]).await;
    let both = async || {
        let mut teacher = it.school.join(&okafor).await;
        teacher.joined().await;
        let mut parent = it.school.join(&it.maria).await;
        parent.joined().await;
        [teacher, parent]
    };
    let are_out = async |both: [Client; 2]| {
        for mut client in both {
            let closed = timeout(SOON, client.closed(Close::Disconnected)).await;
            let word = closed.expect("it is out in time");
            assert_eq!(word, Some(GoodbyeReason::Disconnected));
        }
        for key in [&okafor, &it.maria] {
            let asked = json!({"attempt": attempt(), "accepts_rules": wire::limits::GROUND_RULES});
            let pressed = it.school.by(key, "/tickets", asked).await;
            assert_eq!(pressed.status, 409, "{}", pressed.body);
            assert!(pressed.body.contains("too_early"), "{}", pressed.body);
        }
    };
    // By the parent, and by the office: to another time of the evening, and to another day.
    let ana = booked(&it.ana).await;
    let seated = both().await;
    let path = format!("/bookings/{ana}/move");
    let to = json!({"starts": starts[5]});
    it.school.granted(&it.maria, &path, to).await;
    are_out(seated).await;
    let ben = booked(&it.ben).await;
    let seated = both().await;
    let path = format!(
        "/evenings/{}/parents/{}/bookings/{ben}/move",
        it.evening, it.contacts[0]
    );
    let to = |slot: usize| json!({"starts": starts[slot]});
    it.school.done("POST", &path, &to(6)).await;
    are_out(seated).await;
    it.school.done("POST", &path, &to(0)).await;
    let seated = both().await;
    let mut draft = draft();
    let date: jiff::civil::Date = draft["date"]
        .as_str()
        .expect("a date")
        .parse()
        .expect("one");
    draft["date"] = json!(date.tomorrow().expect("a day").to_string());
    let path = format!("/evenings/{}", it.evening);
    it.school.done("PUT", &path, &draft).await;
    are_out(seated).await;
}

#[tokio::test]
async fn of_what_is_booked_for_a_class_that_a_student_leaves_the_office_is_asked() {
    let it = Evening::open().await;
    let starts = it.starts().await;
    let booked = it
        .book(&it.maria, &it.ana, &it.french, &starts[5], &attempt())
        .await;
    assert_eq!(booked.status, 200, "{}", booked.body);
    let path = format!("/students/{}", it.ana);
    let ana = json!({"name": "Ana Santos", "classes": [it.maths]});
    it.school.done("PUT", &path, &ana).await;
    let waits = it.school.done("GET", "/approvals", &Value::Null).await;
    let waits = &waits["appointments"][0];
    assert_eq!(
        (&waits["left_class"], &waits["may_be_kept"]),
        (&json!(true), &json!(true))
    );
    let view = it.school.granted(&it.maria, "/parent", json!({})).await;
    assert_eq!(view["bookings"][0]["appointment"]["id"], waits["booking"]);
    let booking = waits["booking"].as_str().expect("an id");
    let path = format!("/asked/{booking}");
    let cancel = json!({"decision": "cancel"});
    it.school.done("POST", &path, &cancel).await;
    let view = it.school.granted(&it.maria, "/parent", json!({})).await;
    assert_eq!(view["bookings"], json!([]));
}

#[tokio::test]
async fn a_cancelled_evening_ends_its_calls_and_says_why() {
    let it = Evening::open().await;
    let starts = it.starts().await;
    it.book(&it.maria, &it.ana, &it.french, &starts[0], &attempt())
        .await;
    let mut parent = it.school.join(&it.maria).await;
    parent.joined().await;
    let path = format!("/evenings/{}/cancel", it.evening);
    let words = "The heating has failed.";
    it.school
        .done("POST", &path, &json!({"words": words}))
        .await;
    let closed = timeout(SOON, parent.closed(Close::Ended)).await;
    closed.expect("it is over in time");
    let seen: Value = it.school.granted(&it.maria, "", json!({})).await;
    assert_eq!(seen["evening"]["cancelled"], words);
    let view = it.school.granted(&it.maria, "/parent", json!({})).await;
    assert_eq!(view["booking"], "cancelled");
    let late = it
        .book(&it.maria, &it.ana, &it.french, &starts[1], &attempt())
        .await;
    assert_eq!(late.status, 409, "{}", late.body);
    assert!(late.body.contains("evening_cancelled"), "{}", late.body);
    // The office reads the same, its own words with it, and is offered no more than it is granted.
    let path = format!("/evenings/{}", it.evening);
    let kept = it.school.done("GET", &path, &Value::Null).await;
    assert_eq!(kept["cancelled"], words);
    let family = format!("{path}/parents/{}", it.contacts[0]);
    let family = it.school.done("GET", &family, &Value::Null).await;
    assert_eq!(family["booking"], "cancelled");
    let shown = format!("{path}/parents/{}/link", it.contacts[0]);
    let shown = it.school.ask("POST", &shown, &Value::Null).await;
    assert_eq!(shown.status, 409, "{}", shown.body);
}
