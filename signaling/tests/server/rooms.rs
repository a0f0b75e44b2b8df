//! Meeting rooms: who comes in by which link, and what is there for whom.
#![expect(
    clippy::indexing_slicing,
    reason = "a story told in order; a field that is missing is a failure"
)]

use serde_json::{Value, json};
use wire::close::Close;
use wire::message::{GoodbyeReason, Power, Role};

use crate::support::request::Answer;
use crate::support::school::{Key, School, attempt};

/// A room of the account that is signed in: its id, and the address of its link.
async fn room(school: &School, name: &str) -> (String, String) {
    let staff = school.done("GET", "/members", &Value::Null).await;
    let own = &staff["members"][0]["id"];
    let draft = json!({"name": name, "members": [own]});
    let made = school.done("POST", "/rooms", &draft).await;
    (text(&made["id"]), text(&made["url"]))
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// A guest who has the room's link says who they are.
async fn come(school: &School, door: &Key, name: &str, attempt: &str) -> Key {
    let body = json!({"name": name, "attempt": attempt});
    let came = school.granted(door, "/visitors", body).await;
    Key::read(&text(&came["path"]))
}

async fn enter(school: &School, room: &str) -> Key {
    let path = format!("/staff/rooms/{room}/enter");
    let entered = school.done("POST", &path, &Value::Null).await;
    Key::read(&text(&entered["url"]))
}

fn refused(answer: &Answer) -> (u16, String) {
    let problem: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    (answer.status, text(&problem["code"]))
}

/// Somebody of the staff who does not work in the office, signed in: from here on the school is asked as them.
pub(crate) async fn member(school: &mut School, name: &str, email: &str) {
    let draft = json!({"name": name, "email": email});
    let made = school.done("POST", "/members", &draft).await;
    choose_password(school, &text(&made["url"])).await;
}

/// Whoever was added signs in by the link that they were given.
pub(crate) async fn choose_password(school: &mut School, url: &str) {
    let (_, secret) = url
        .split_once("/setup#")
        .expect("a link to choose a password");
    let chosen = json!({
        "secret": secret, "school": "", "name": "", "email": "",
        "password": "green tea at half past six",
    });
    let answer = school.ask("POST", "/setup", &chosen).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    school.remember(&answer);
}

#[tokio::test]
async fn a_guest_by_the_rooms_link_meets_the_member() {
    let school = School::open().await;
    let (id, url) = room(&school, "Counselling").await;
    let door = Key::read(&url);
    let view = school.granted(&door, "", json!({})).await;
    assert_eq!(view["title"], "Counselling");
    assert_eq!(view["asks_name"], true);
    assert_eq!(view["room"]["school"], "Hill Road School");
    // The link that is passed on joins nothing.
    let pressed = school.by(&door, "/tickets", json!({"attempt": attempt()}));
    assert_eq!(refused(&pressed.await), (404, "not_found".to_owned()));
    let nobody = json!({"name": " ", "attempt": attempt()});
    let nobody = school.by(&door, "/visitors", nobody).await;
    assert_eq!(refused(&nobody), (422, "invalid".to_owned()));

    let press = attempt();
    let ann = come(&school, &door, "Ann Guest", &press).await;
    assert_eq!(come(&school, &door, "Ann Guest", &press).await.id, ann.id);
    let bob = come(&school, &door, "Bob Guest", &attempt()).await;
    assert_ne!(bob.id, ann.id);
    let view = school.granted(&ann, "", json!({})).await;
    assert_eq!(
        (&view["name"], &view["role"]),
        (&json!("Ann Guest"), &json!("guest"))
    );
    assert_eq!(view.get("asks_name"), None);
    // What one of them reads is not what everybody reads who comes by the room's link.
    for key in [&door, &ann] {
        school.granted(key, "", json!({"language": "uk"})).await;
    }
    let reads = async |key| {
        school
            .granted(key, "", json!({}))
            .await
            .get("language")
            .cloned()
    };
    assert_eq!(
        (reads(&door).await, reads(&ann).await),
        (None, Some(json!("uk")))
    );
    // Who may not invite has no link of the room to pass on.
    assert_eq!(view["room"].get("url"), None);
    let hers = enter(&school, &id).await;
    let view = school.granted(&hers, "", json!({})).await;
    assert_eq!(view["room"]["url"], url.as_str());

    let mut guest = school.join(&ann).await;
    let joined = guest.joined().await;
    assert_eq!((joined.clock, joined.powers), (None, Vec::new()));
    let mut staff = school.join(&hers).await;
    let joined = staff.joined().await;
    assert!(joined.powers.contains(&Power::Admit));
    let both = guest.people(|people| people.len() == 2).await;
    let mut named: Vec<_> = both.iter().map(|it| (it.name.as_str(), it.role)).collect();
    named.sort_by_key(|(name, _)| *name);
    assert_eq!(
        named,
        [("Ada Office", Role::Member), ("Ann Guest", Role::Guest)]
    );
    let home = school.done("GET", "/staff", &Value::Null).await;
    assert_eq!(home["rooms"][0]["here"], 2);
    assert_eq!(home["rooms"][0]["url"], url.as_str());

    // Each guest by the room's link has a session of their own, and takes nobody's.
    let mut second = school.join(&bob).await;
    second.joined().await;
    guest.people(|people| people.len() == 3).await;
}

#[tokio::test]
async fn a_renewed_link_leaves_the_old_one_dead_and_the_guests_where_they_are() {
    let school = School::open().await;
    let (id, url) = room(&school, "Room 1").await;
    let before = Key::read(&url);
    let ann = come(&school, &before, "Ann Guest", &attempt()).await;
    let mut guest = school.join(&ann).await;
    guest.joined().await;
    let path = format!("/rooms/{id}/link");
    let renewed = school.done("POST", &path, &Value::Null).await;
    let late = school.by(&before, "", json!({})).await;
    assert_eq!(refused(&late), (404, "link_withdrawn".to_owned()));
    guest.settled().await;
    let door = Key::read(&text(&renewed["url"]));
    come(&school, &door, "Bob Guest", &attempt()).await;
}

#[tokio::test]
async fn who_belongs_to_a_room_no_more_is_out_of_it() {
    let mut school = School::open().await;
    let office = school.session.clone();
    member(&mut school, "Mia Member", "mia@hillroad.example").await;
    let hers = std::mem::replace(&mut school.session, office);
    let staff = school.done("GET", "/members", &Value::Null).await;
    let all = staff["members"].as_array().expect("a list").iter();
    let ids: Vec<_> = all.map(|it| text(&it["id"])).collect();
    let draft = json!({"name": "Room 1", "members": ids});
    let id = text(&school.done("POST", "/rooms", &draft).await["id"]);
    let office = std::mem::replace(&mut school.session, hers);
    let key = enter(&school, &id).await;
    let mut mia = school.join(&key).await;
    mia.joined().await;
    let hers = std::mem::replace(&mut school.session, office);
    let alone = json!({"name": "Room 1", "members": [ids[0]]});
    school.done("PUT", &format!("/rooms/{id}"), &alone).await;
    let goodbye = mia.closed(Close::Withdrawn).await;
    assert_eq!(goodbye, Some(GoodbyeReason::Withdrawn));
    school.session = hers;
    let path = format!("/staff/rooms/{id}/enter");
    let again = school.ask("POST", &path, &Value::Null).await;
    assert_eq!(refused(&again), (404, "not_found".to_owned()));
}

/// Days of the week on which nothing is open today or tomorrow, wherever the school is.
fn other_days() -> Vec<i8> {
    let today = ambient::now().to_zoned(jiff::tz::TimeZone::UTC).weekday();
    let today = today.to_monday_zero_offset();
    (2..=5).map(|ahead| (today + ahead) % 7 + 1).collect()
}

#[tokio::test]
async fn a_room_has_its_hours_and_asks_and_its_members_read_what_was_entered() {
    let school = School::open().await;
    let (id, url) = room(&school, "Counselling").await;
    let (path, door) = (format!("/rooms/{id}"), Key::read(&url));
    let staff = school.done("GET", "/members", &Value::Null).await;
    let members = json!([staff["members"][0]["id"]]);
    let hours = json!({"days": other_days(), "opens": "08:30", "closes": "16:00"});
    let asks = json!(["email", "reason"]);
    let draft = json!({"name": "Counselling", "members": members, "asks": asks, "hours": hours});
    let saved = school.done("PUT", &path, &draft).await;
    assert_eq!((&saved["hours"], &saved["asks"]), (&hours, &asks));
    let view = school.granted(&door, "", json!({})).await;
    let opens = text(&view["room"]["opens"]);
    let opens: jiff::Timestamp = opens.parse().expect("an instant");
    assert!(opens > ambient::now());
    assert_eq!(view["room"]["time_zone"], "Europe/London");
    let gus = |more: Value| {
        let mut body = json!({"name": "Gus Guest", "attempt": attempt(), "mobile": "1"});
        let all = body.as_object_mut().expect("an object");
        all.extend(more.as_object().expect("an object").clone());
        body
    };
    let whole = || gus(json!({"email": "gus@example.org", "reason": "About a key"}));
    let closed = school.by(&door, "/visitors", whole()).await;
    assert_eq!(refused(&closed), (409, "area_closed".to_owned()));

    let draft = json!({"name": "Counselling", "members": members, "asks": asks});
    school.done("PUT", &path, &draft).await;
    let view = school.granted(&door, "", json!({})).await;
    assert_eq!(
        (view["room"].get("opens"), &view["room"]["asks"]),
        (None, &asks)
    );
    let missing = school
        .by(&door, "/visitors", gus(json!({"email": " "})))
        .await;
    let missing: Value = missing.json();
    let codes = missing["fields"].as_array().expect("fields").iter();
    let codes: Vec<_> = codes.map(|it| text(&it["code"])).collect();
    assert_eq!(codes, ["email_missing", "reason_missing"]);
    let came = school.granted(&door, "/visitors", whole()).await;
    let his = Key::read(&text(&came["path"]));
    let view = school.granted(&his, "", json!({})).await;
    assert_eq!(view["room"].get("asks"), None);

    let home = school.done("GET", "/staff", &Value::Null).await;
    let guest = &home["rooms"][0]["guests"][0];
    assert_eq!(
        (&guest["name"], &guest["email"], &guest["reason"]),
        (
            &json!("Gus Guest"),
            &json!("gus@example.org"),
            &json!("About a key")
        )
    );
    assert_eq!(guest.get("mobile"), None, "it was not asked for");
}

#[tokio::test]
async fn a_call_in_a_room_is_limited_and_what_a_room_may_not_be_is_said_by_field() {
    let school = School::open().await;
    let (id, url) = room(&school, "Counselling").await;
    let path = format!("/rooms/{id}");
    let wrong = json!({"name": "", "members": [], "limit": 4,
        "hours": {"days": [], "opens": "08:30", "closes": "16:00"}});
    let wrong: Value = school.ask("PUT", &path, &wrong).await.json();
    let fields = wrong["fields"].as_array().expect("fields").iter();
    let fields: Vec<_> = fields.map(|it| text(&it["field"])).collect();
    assert_eq!(fields, ["name", "members", "days", "limit"]);
    let staff = school.done("GET", "/members", &Value::Null).await;
    let members = json!([staff["members"][0]["id"]]);
    let draft = json!({"name": "Counselling", "members": members, "limit": 5});
    assert_eq!(school.done("PUT", &path, &draft).await["limit"], 5);
    // From when the first comes, and nobody makes it longer.
    let his = come(&school, &Key::read(&url), "Gus Guest", &attempt()).await;
    let joined = school.join(&his).await.joined().await;
    let clock = joined.clock.expect("it is limited");
    assert_eq!((clock.begins_in_ms, clock.may_be_longer), (0, false));
    assert!((240_000..=300_000).contains(&clock.ends_in_ms), "{clock:?}");
    // What the office changes reaches the call that is on.
    let draft = json!({"name": "Counselling", "members": members, "limit": 60});
    school.done("PUT", &path, &draft).await;
    let hers = come(&school, &Key::read(&url), "Ida Guest", &attempt()).await;
    let clock = school.join(&hers).await.joined().await.clock;
    let left = clock.expect("it is limited").ends_in_ms;
    assert!((3_500_000..=3_600_000).contains(&left), "{left}");
}

#[tokio::test]
async fn a_closed_room_ends_its_call_and_opens_to_nobody_until_it_is_open_again() {
    let school = School::open().await;
    let (id, url) = room(&school, "Counselling").await;
    let door = Key::read(&url);
    let hers = enter(&school, &id).await;
    let his = come(&school, &door, "Gus Guest", &attempt()).await;
    let (mut ada, mut gus) = (school.join(&hers).await, school.join(&his).await);
    ada.joined().await;
    gus.joined().await;
    let path = format!("/rooms/{id}/close");
    let closed = school.done("POST", &path, &Value::Null).await;
    assert_eq!(closed["closed"], true);
    for client in [&mut ada, &mut gus] {
        let goodbye = client.closed(Close::Ended).await;
        assert_eq!(goodbye, Some(GoodbyeReason::Ended));
    }
    for key in [&door, &hers, &his] {
        let late = school.by(key, "", json!({})).await;
        assert_eq!(refused(&late), (404, "link_withdrawn".to_owned()));
    }
    let home = school.done("GET", "/staff", &Value::Null).await;
    assert_eq!(home["rooms"], json!([]));
    let listed = school.done("GET", "/rooms", &Value::Null).await;
    assert_eq!(listed["rooms"][0]["closed"], true);

    let path = format!("/rooms/{id}/reopen");
    let open = school.done("POST", &path, &Value::Null).await;
    assert_eq!((open.get("closed"), &open["url"]), (None, &json!(url)));
    come(&school, &door, "Ann Guest", &attempt()).await;
    school.join(&his).await.joined().await;
    school.join(&hers).await.joined().await;
    let audit = school.done("GET", "/audit", &Value::Null).await;
    let rows = audit["rows"].as_array().expect("rows").iter();
    let of = |action: &str| rows.clone().filter(|it| it["what"] == action).count();
    assert_eq!((of("room_closed"), of("room_reopened")), (1, 1));
}
