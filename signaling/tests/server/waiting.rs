//! Waiting areas: who waits, who takes whom, and who sees what of it.
#![expect(
    clippy::indexing_slicing,
    reason = "a story told in order; a field that is missing is a failure"
)]

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use store::Actor;
use tokio::time::timeout;
use wire::close::Close;
use wire::message::{ClientMessage, GoodbyeReason};

use crate::support::PATIENCE;
use crate::support::client::Client;
use crate::support::request::Answer;
use crate::support::school::{Evening, Key, School, attempt};

/// An area of the account that is signed in: its id, and the key of its link.
async fn area(school: &School, name: &str) -> (String, Key) {
    let staff = school.done("GET", "/members", &Value::Null).await;
    let own = &staff["members"][0]["id"];
    let draft = json!({"name": name, "purpose": "Ask us anything.", "providers": [own]});
    let made = school.done("POST", "/areas", &draft).await;
    (text(&made["id"]), Key::read(&text(&made["url"])))
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

async fn come(school: &School, door: &Key, name: &str) -> Key {
    let body = json!({"name": name, "reason": "Lunch money", "attempt": attempt()});
    let came = school.granted(door, "/visitors", body).await;
    Key::read(&text(&came["path"]))
}

async fn visit(school: &School, key: &Key) -> Value {
    let view = school.granted(key, "", json!({})).await;
    view["area"]["visit"].clone()
}

async fn callers(school: &School) -> Vec<Value> {
    let home = school.done("GET", "/staff", &Value::Null).await;
    home["areas"][0]["callers"]
        .as_array()
        .expect("a list")
        .clone()
}

fn refused(answer: &Answer) -> (u16, String) {
    let problem: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    (answer.status, text(&problem["code"]))
}

async fn leads_into_no_call(school: &School, key: &Key) {
    let pressed = school.by(key, "/tickets", json!({"attempt": attempt()}));
    assert_eq!(refused(&pressed.await), (404, "not_found".to_owned()));
}

/// Waits until their page says so of their visit.
async fn until_stage(school: &School, key: &Key, stage: &str) {
    let stands = async {
        loop {
            let view = school.granted(key, "", json!({})).await;
            if view["area"]["visit"]["stage"] == stage {
                return;
            }
            let body = json!({"seen": view["seen"]});
            school.granted(key, "/changes", body).await;
        }
    };
    timeout(PATIENCE, stands).await.expect("it says so");
}

/// The path of what is done with a caller.
fn of(area: &str, caller: &Value, what: &str) -> String {
    format!("/staff/areas/{area}/callers/{}/{what}", text(&caller["id"]))
}

#[tokio::test]
async fn a_caller_waits_is_taken_into_a_call_and_meets_the_provider() {
    let school = School::open().await;
    let (id, door) = area(&school, "Front desk").await;
    let view = school.granted(&door, "", json!({})).await;
    let door_is = (&view["title"], &view["asks_name"]);
    assert_eq!(door_is, (&json!("Front desk"), &json!(true)));
    assert_eq!(
        view["area"],
        json!({
            "school": "Hill Road School", "purpose": "Ask us anything.", "asks_reason": true,
            "time_zone": "Europe/London",
        })
    );
    leads_into_no_call(&school, &door).await;
    let khan = come(&school, &door, "Mrs Khan").await;
    let lee = come(&school, &door, "Mr Lee").await;
    assert_eq!(
        visit(&school, &lee).await,
        json!({"stage": "waiting", "place": 2, "message": "", "word": ""})
    );
    // Nobody who waits sees another.
    let view = school.granted(&lee, "", json!({})).await;
    assert!(!view.to_string().contains("Khan"), "{view}");
    leads_into_no_call(&school, &khan).await;
    let waiting = callers(&school).await;
    let [first, second] = waiting.as_slice() else {
        panic!("two wait: {waiting:?}");
    };
    assert_eq!(
        (&first["name"], &first["reason"], &second["name"]),
        (&json!("Mrs Khan"), &json!("Lunch money"), &json!("Mr Lee"))
    );
    let path = of(&id, first, "take");
    let taken = school.done("POST", &path, &Value::Null).await;
    let provider = Key::read(&text(&taken["url"]));
    assert_eq!(visit(&school, &lee).await["place"], 1);
    assert_eq!(visit(&school, &khan).await["stage"], "called");
    let list = callers(&school).await;
    assert_eq!(
        (&list[0]["state"], &list[0]["taken_by"]),
        (&json!("called"), &json!("Ada Office"))
    );
    let mut guest = school.join(&khan).await;
    guest.joined().await;
    let mut staff = school.join(&provider).await;
    staff.joined().await;
    let both = guest.people(|people| people.len() == 2).await;
    let named: BTreeSet<_> = both.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(named, BTreeSet::from(["Ada Office", "Mrs Khan"]));
    assert_eq!(callers(&school).await[0]["state"], "in_call");

    // It is ended with a word: she is out of it, and reads the word.
    let word = json!({"word": "Come back on Monday."});
    let ended = school.ask("POST", &of(&id, first, "end"), &word).await;
    assert_eq!(ended.status, 204, "{}", ended.body);
    let goodbye = guest.closed(Close::Disconnected).await;
    assert_eq!(goodbye, Some(GoodbyeReason::Disconnected));
    assert_eq!(
        visit(&school, &khan).await,
        json!({"stage": "ended", "message": "", "word": "Come back on Monday."})
    );
    let late = school.ask("POST", &path, &Value::Null).await;
    assert_eq!(refused(&late), (409, "caller_gone".to_owned()));
}

#[tokio::test]
async fn a_provider_whose_page_is_lost_gets_back_to_their_caller_or_lets_them_wait() {
    let school = School::open().await;
    let (id, door) = area(&school, "Front desk").await;
    let khan = come(&school, &door, "Mrs Khan").await;
    let lee = come(&school, &door, "Mr Lee").await;
    let list = callers(&school).await;
    let [first, second] = list.as_slice() else {
        panic!("two wait: {list:?}");
    };
    assert_eq!(first.get("mine"), None);
    let take = of(&id, first, "take");
    let taken = school.done("POST", &take, &Value::Null).await;
    let again = school.done("POST", &take, &Value::Null).await;
    assert_eq!(again, taken);
    let home = school.done("GET", "/staff", &Value::Null).await;
    let desk = &home["areas"][0];
    assert_eq!(desk["callers"][0]["mine"], true);
    // Nobody else meanwhile, but into the same call, once the provider is in it.
    let other = school
        .ask("POST", &of(&id, second, "take"), &Value::Null)
        .await;
    assert_eq!(refused(&other), (409, "has_caller".to_owned()));
    let mut provider = school.join(&Key::read(&text(&taken["url"]))).await;
    provider.joined().await;
    let add = of(&id, second, "add");
    let added = school.ask("POST", &add, &Value::Null).await;
    assert_eq!(added.status, 204, "{}", added.body);
    let mut both = Vec::new();
    for key in [&khan, &lee] {
        let mut client = school.join(key).await;
        client.joined().await;
        both.push(client);
    }
    both[0].people(|people| people.len() == 3).await;
    provider.say(&ClientMessage::Leave {}).await;
    provider.closed(Close::Left).await;
    let back = of(&id, second, "back");
    let put = school.ask("POST", &back, &Value::Null).await;
    assert_eq!(put.status, 204, "{}", put.body);
    both[1].closed(Close::Disconnected).await;
    assert_eq!(
        visit(&school, &lee).await,
        json!({"stage": "waiting", "place": 1, "message": "", "word": ""})
    );
    leads_into_no_call(&school, &lee).await;
    // Who has come out of the call stays in the list.
    both[0].say(&ClientMessage::Leave {}).await;
    both[0].closed(Close::Left).await;
    let gone = async {
        while callers(&school).await[0]["state"] != "gone" {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, gone).await.expect("she is gone");
    // The call is over: the next is free to be taken.
    school
        .done("POST", &of(&id, second, "take"), &Value::Null)
        .await;
    assert_eq!(visit(&school, &lee).await["stage"], "called");
}

#[tokio::test]
async fn a_caller_to_whom_nobody_comes_waits_again() {
    let mut settings = School::settings();
    settings.calls.member_within = Duration::from_millis(800);
    let school = School::open_with(settings).await;
    let (id, door) = area(&school, "Front desk").await;
    let khan = come(&school, &door, "Mrs Khan").await;
    let lee = come(&school, &door, "Mr Lee").await;
    let list = callers(&school).await;
    school
        .done("POST", &of(&id, &list[0], "take"), &Value::Null)
        .await;
    let mut client = school.join(&khan).await;
    client.joined().await;
    let goodbye = client.closed(Close::NobodyCame).await;
    assert_eq!(goodbye, Some(GoodbyeReason::NobodyCame));
    until_stage(&school, &khan, "waiting").await;
    assert_eq!(visit(&school, &khan).await["place"], 1);
    assert_eq!(visit(&school, &lee).await["place"], 2);
    assert_eq!(callers(&school).await[0]["state"], "waiting");
}

#[tokio::test]
async fn a_caller_accepts_the_ground_rules_at_the_door() {
    let school = School::open().await;
    let (_, door) = area(&school, "Front desk").await;
    let view = school.granted(&door, "", json!({})).await;
    let version = view["rules"].clone();
    let accepted = async |name: &str, version: Value| {
        let body = json!({"name": name, "attempt": attempt(), "accepts_rules": version});
        let came = school.granted(&door, "/visitors", body).await;
        let key = Key::read(&text(&came["path"]));
        let link = key.id.parse().expect("the id of a link");
        let held = school.store.link(link, ambient::now()).await;
        held.expect("records").expect("a link").rules
    };
    let known = version.as_u64().expect("a version");
    assert_eq!(
        accepted("Mrs Khan", version).await.map(u64::from),
        Some(known)
    );
    assert_eq!(accepted("Mr Lee", Value::Null).await, None);
    assert_eq!(accepted("Mo", json!(known + 1)).await, None);
    // Whoever has not reads them beside Join.
    let lee = come(&school, &door, "Mr Lee").await;
    assert_eq!(school.granted(&lee, "", json!({})).await["rules"], known);
    // The door itself accepts for nobody.
    assert_eq!(school.granted(&door, "", json!({})).await["rules"], known);
}

#[tokio::test]
async fn the_pages_of_callers_and_providers_hear_at_once() {
    let school = School::open().await;
    let (id, door) = area(&school, "Front desk").await;
    let home = school.done("GET", "/staff", &Value::Null).await;
    let hears = |seen: Value| {
        let school = &school;
        async move {
            let body = json!({"seen": seen});
            school.done("POST", "/staff/changes", &body).await
        }
    };
    let (changes, khan) = tokio::join!(hears(home["seen"].clone()), async {
        school.page_waits().await;
        come(&school, &door, "Mrs Khan").await
    });
    assert_eq!(changes["type"], "changed");
    let seen = school.granted(&khan, "", json!({})).await["seen"].clone();
    let caller = callers(&school).await.remove(0);
    // She came just now: her page is held to be open.
    assert_eq!(caller["state"], "waiting");
    let (changes, _) = tokio::join!(
        school.granted(&khan, "/changes", json!({"seen": seen})),
        async {
            school.page_waits().await;
            let path = of(&id, &caller, "take");
            school.done("POST", &path, &Value::Null).await
        }
    );
    assert_eq!(changes["type"], "changed");
}

#[tokio::test]
async fn a_caller_is_added_to_the_call_that_the_provider_is_in() {
    let school = School::open().await;
    let (id, door) = area(&school, "Front desk").await;
    let khan = come(&school, &door, "Mrs Khan").await;
    let lee = come(&school, &door, "Mr Lee").await;
    let list = callers(&school).await;
    let path = of(&id, &list[1], "add");
    let early = school.ask("POST", &path, &Value::Null).await;
    assert_eq!(refused(&early), (409, "not_in_call".to_owned()));
    let take = of(&id, &list[0], "take");
    let taken = school.done("POST", &take, &Value::Null).await;
    let provider = Key::read(&text(&taken["url"]));
    let mut first = school.join(&khan).await;
    first.joined().await;
    let mut staff = school.join(&provider).await;
    staff.joined().await;
    first.people(|people| people.len() == 2).await;
    let home = school.done("GET", "/staff", &Value::Null).await;
    assert_eq!(home["areas"][0]["in_call"], true);
    let added = school.ask("POST", &path, &Value::Null).await;
    assert_eq!(added.status, 204, "{}", added.body);
    assert_eq!(visit(&school, &lee).await["stage"], "called");
    let mut second = school.join(&lee).await;
    second.joined().await;
    let all = staff.people(|people| people.len() == 3).await;
    assert!(all.iter().any(|it| it.name == "Mr Lee"));
}

#[tokio::test]
async fn a_caller_reads_a_message_and_is_passed_on() {
    let school = School::open().await;
    let (id, door) = area(&school, "Front desk").await;
    let (other, _) = area(&school, "Careers").await;
    let khan = come(&school, &door, "Mrs Khan").await;
    let of_desk = async || {
        let home = school.done("GET", "/staff", &Value::Null).await;
        let areas = home["areas"].as_array().expect("areas").clone();
        let desk = areas.into_iter().find(|it| it["id"] == id.as_str());
        desk.expect("the desk")["callers"].clone()
    };
    let caller = of_desk().await[0].clone();
    let words = json!({"words": "Two minutes more."});
    let path = of(&id, &caller, "message");
    let sent = school.ask("POST", &path, &words).await;
    assert_eq!(sent.status, 204, "{}", sent.body);
    assert_eq!(visit(&school, &khan).await["message"], "Two minutes more.");
    assert_eq!(of_desk().await[0]["message"], "Two minutes more.");
    let path = of(&id, &caller, "pass");
    // Only an area that is open is one to pass on to.
    let staff = school.done("GET", "/members", &Value::Null).await;
    let today = ambient::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let ahead = today.weekday().wrapping_add(3).to_monday_one_offset();
    let mut draft = json!({
        "name": "Careers", "purpose": "", "providers": [staff["members"][0]["id"]],
        "hours": {"days": [ahead], "opens": "08:30", "closes": "16:00"},
    });
    let careers = format!("/areas/{other}");
    let all = async || {
        let home = school.done("GET", "/staff", &Value::Null).await;
        home["all_areas"].as_array().expect("areas").len()
    };
    school.done("PUT", &careers, &draft).await;
    assert_eq!(all().await, 1);
    let closed = school.ask("POST", &path, &json!({"to": other})).await;
    assert_eq!(refused(&closed), (409, "area_closed".to_owned()));
    draft["hours"] = Value::Null;
    school.done("PUT", &careers, &draft).await;
    assert_eq!(all().await, 2);
    let nowhere = school.ask("POST", &path, &json!({"to": "7"})).await;
    assert_eq!(refused(&nowhere), (404, "not_found".to_owned()));
    let passed = school.ask("POST", &path, &json!({"to": other})).await;
    assert_eq!(passed.status, 204, "{}", passed.body);
    assert_eq!(of_desk().await, json!([]));
    let view = school.granted(&khan, "", json!({})).await;
    assert_eq!(view["title"], "Careers");
    assert_eq!(view["area"]["visit"]["place"], 1);
}

#[tokio::test]
async fn a_caller_goes_by_themselves() {
    let school = School::open().await;
    let (_, door) = area(&school, "Front desk").await;
    let khan = come(&school, &door, "Mrs Khan").await;
    let left = school.by(&khan, "/leave", json!({})).await;
    assert_eq!(left.status, 204, "{}", left.body);
    assert_eq!(callers(&school).await, Vec::<Value>::new());
    assert_eq!(
        visit(&school, &khan).await,
        json!({"stage": "left", "message": "", "word": ""})
    );
    // The door itself waits for nobody.
    let door = school.by(&door, "/leave", json!({})).await;
    assert_eq!(refused(&door), (404, "no_such_link".to_owned()));
}

#[tokio::test]
async fn an_area_takes_nobody_outside_its_hours() {
    let school = School::open().await;
    let (id, door) = area(&school, "Front desk").await;
    let khan = come(&school, &door, "Mrs Khan").await;
    let staff = school.done("GET", "/members", &Value::Null).await;
    let own = staff["members"][0]["id"].clone();
    let change = async |hours: Value| {
        let draft = json!({
            "name": "Front desk", "purpose": "", "providers": [own], "hours": hours,
        });
        school.ask("PUT", &format!("/areas/{id}"), &draft).await
    };
    // On another day than today, wherever the school is.
    let today = ambient::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let ahead = today.weekday().wrapping_add(3).to_monday_one_offset();
    let hours = json!({"days": [ahead], "opens": "08:30", "closes": "16:00"});
    let changed = change(hours.clone()).await;
    let changed: Value = serde_json::from_str(&changed.body).expect("an area");
    assert_eq!(changed["hours"], hours);
    let view = school.granted(&door, "", json!({})).await;
    let opens: jiff::Timestamp = text(&view["area"]["opens"]).parse().expect("a moment");
    assert!(opens > ambient::now(), "{opens}");
    assert_eq!(view["area"]["closed"], true);
    let body = json!({"name": "Mr Lee", "attempt": attempt()});
    let late = school.by(&door, "/visitors", body).await;
    assert_eq!(refused(&late), (409, "area_closed".to_owned()));
    // Whoever waits already waits on.
    assert_eq!(visit(&school, &khan).await["stage"], "waiting");
    for (hours, field) in [
        (
            json!({"days": [], "opens": "08:30", "closes": "16:00"}),
            "days",
        ),
        (
            json!({"days": [8], "opens": "08:30", "closes": "16:00"}),
            "days",
        ),
        (
            json!({"days": [1], "opens": "8:30", "closes": "16:00"}),
            "opens",
        ),
        (
            json!({"days": [1], "opens": "08:30", "closes": "08:30"}),
            "closes",
        ),
    ] {
        let wrong = change(hours).await;
        let problem: Value = serde_json::from_str(&wrong.body).expect("a problem");
        assert_eq!(problem["fields"][0]["field"], field, "{problem}");
    }
    assert_eq!(change(Value::Null).await.status, 200);
    let view = school.granted(&door, "", json!({})).await;
    assert_eq!(view["area"].get("opens"), None);
    assert_eq!(view["area"].get("closed"), None);
    come(&school, &door, "Mr Lee").await;
}

#[tokio::test]
async fn an_area_without_providers_is_closed_at_its_door() {
    let school = School::open().await;
    let ben = json!({"name": "Ben Desk", "email": "ben@school.example"});
    school.done("POST", "/members", &ben).await;
    let staff = school.done("GET", "/members", &Value::Null).await;
    let mut staff = staff["members"].as_array().expect("members").iter();
    let ben = staff.find(|it| it["name"] == "Ben Desk").expect("Ben");
    let ben = text(&ben["id"]);
    let draft = json!({"name": "Careers", "purpose": "", "providers": [ben]});
    let made = school.done("POST", "/areas", &draft).await;
    let door = Key::read(&text(&made["url"]));
    let view = school.granted(&door, "", json!({})).await;
    assert_eq!(view["area"].get("closed"), None);
    let (ben, now) = (ben.parse().expect("an id"), ambient::now());
    let disabled = school.store.disable_staff(ben, Actor::Program, now).await;
    disabled.expect("disabled");
    let view = school.granted(&door, "", json!({})).await;
    let area = &view["area"];
    assert_eq!((&area["closed"], area.get("opens")), (&json!(true), None));
    let body = json!({"name": "Mo", "attempt": attempt()});
    let came = school.by(&door, "/visitors", body).await;
    assert_eq!(refused(&came), (409, "area_closed".to_owned()));
}

#[tokio::test]
async fn one_address_sends_so_many_callers_an_hour() {
    let mut settings = School::settings();
    settings.limits.visitors_per_address = 2;
    let school = School::open_with(settings).await;
    let (_, door) = area(&school, "Front desk").await;
    for name in ["Mrs Khan", "Mr Lee"] {
        come(&school, &door, name).await;
    }
    let body = json!({"name": "Mo", "attempt": attempt()});
    let more = school.by(&door, "/visitors", body).await;
    assert_eq!(refused(&more), (429, "too_many".to_owned()));
    assert_eq!(callers(&school).await.len(), 2);
}

#[tokio::test]
async fn one_link_takes_so_many_in_a_row_from_one_address() {
    let mut settings = School::settings();
    settings.limits.visitors_by_link = 2;
    let school = School::open_with(settings).await;
    let (_, door) = area(&school, "Front desk").await;
    let (_, other) = area(&school, "Careers").await;
    for name in ["Mrs Khan", "Mr Lee"] {
        come(&school, &door, name).await;
    }
    let body = json!({"name": "Mo", "attempt": attempt()});
    let more = school.by(&door, "/visitors", body).await;
    assert_eq!(refused(&more), (429, "too_many".to_owned()));
    come(&school, &other, "Mo").await;
}

/// Waits until their page reads so of the providers, as its news tell it to look.
async fn until_providers(school: &School, key: &Key, wanted: Value) {
    let stands = async {
        loop {
            let view = school.granted(key, "", json!({})).await;
            if view["area"].get("providers").unwrap_or(&json!([])) == &wanted {
                return;
            }
            let body = json!({"seen": view["seen"]});
            school.granted(key, "/changes", body).await;
        }
    };
    timeout(PATIENCE, stands).await.expect("it reads so");
}

/// The name of the only one of the staff.
async fn provider_name(school: &School) -> String {
    let staff = school.done("GET", "/members", &Value::Null).await;
    text(&staff["members"][0]["name"])
}

#[tokio::test]
async fn callers_read_what_providers_say_of_themselves() {
    let school = School::open().await;
    let (id, door) = area(&school, "Front desk").await;
    let lee = come(&school, &door, "Mr Lee").await;
    let state = format!("/staff/areas/{id}/state");
    let say = async |body: Value| school.ask("POST", &state, &body).await;
    let home = school.done("GET", "/staff", &Value::Null).await;
    assert_eq!(home["areas"][0].get("late_minutes"), None);
    let who = school.granted(&lee, "", json!({})).await;
    assert_eq!(who["area"].get("providers"), None);
    let name = provider_name(&school).await;
    assert_eq!(say(json!({"late_minutes": 10})).await.status, 204);
    until_providers(&school, &lee, json!([{"name": name, "late_minutes": 10}])).await;
    let home = school.done("GET", "/staff", &Value::Null).await;
    assert_eq!(home["areas"][0]["late_minutes"], 10);
    for (body, field) in [
        (json!({"late_minutes": 0}), "late_minutes"),
        (json!({"late_minutes": 241}), "late_minutes"),
        (json!({"away_until": "25:00"}), "away_until"),
        (json!({"away_until": "soon"}), "away_until"),
    ] {
        let answer = say(body).await;
        assert_eq!(refused(&answer), (422, "invalid".to_owned()));
        assert_eq!(answer.json::<Value>()["fields"][0]["field"], field);
    }
    assert_eq!(say(json!({"away_until": "10:30"})).await.status, 204);
    let home = school.done("GET", "/staff", &Value::Null).await;
    assert_eq!(home["areas"][0]["away_until"], "10:30");
    let view = school.granted(&lee, "", json!({})).await;
    let until = text(&view["area"]["providers"][0]["away_until"]);
    let until: jiff::Timestamp = until.parse().expect("a moment");
    let ahead = until.duration_since(ambient::now());
    assert!(ahead.is_positive() && ahead.as_hours() < 25, "{until}");
    assert_eq!(say(json!({})).await.status, 204);
    until_providers(&school, &lee, json!([])).await;
}

#[tokio::test]
async fn callers_read_who_is_with_somebody_and_how_long_it_took() {
    let school = School::open().await;
    let (id, door) = area(&school, "Front desk").await;
    let khan = come(&school, &door, "Mrs Khan").await;
    let lee = come(&school, &door, "Mr Lee").await;
    let name = provider_name(&school).await;
    let list = callers(&school).await;
    school
        .done("POST", &of(&id, &list[0], "take"), &Value::Null)
        .await;
    let busy = json!([{"name": name, "busy": true}]);
    until_providers(&school, &lee, busy.clone()).await;
    let mut client = school.join(&khan).await;
    client.joined().await;
    // It is written down beside the call, which did not wait.
    until_stage(&school, &khan, "joined").await;
    until_providers(&school, &lee, busy).await;
    let view = school.granted(&lee, "", json!({})).await;
    assert_eq!(view["area"]["waited_minutes"], 0);
    // Who waits hears of it, and does not find it out later.
    let body = json!({"seen": view["seen"]});
    client.say(&ClientMessage::Leave {}).await;
    client.closed(Close::Left).await;
    let news = school.granted(&lee, "/changes", body).await;
    assert_eq!(news["type"], "changed");
    until_providers(&school, &lee, json!([])).await;
}

#[tokio::test]
async fn a_caller_leaves_words_and_goes() {
    let school = School::open().await;
    let (id, door) = area(&school, "Front desk").await;
    let khan = come(&school, &door, "Mrs Khan").await;
    let [caller] = callers(&school).await.try_into().expect("one waits");
    let long = json!({"words": "x".repeat(10_000)});
    let refused_long = school.by(&khan, "/leave", long).await;
    assert_eq!(refused(&refused_long), (422, "invalid".to_owned()));
    let words = json!({"words": "Please ring me."});
    let left = school.by(&khan, "/leave", words).await;
    assert_eq!(left.status, 204, "{}", left.body);
    assert_eq!(visit(&school, &khan).await["stage"], "left");
    let list = async || {
        let home = school.done("GET", "/staff", &Value::Null).await;
        let desk = &home["areas"][0];
        (desk["callers"].clone(), desk["left"].clone())
    };
    let (waiting, left) = list().await;
    assert_eq!(waiting, json!([]));
    let [one] = left.as_array().expect("words").as_slice() else {
        panic!("one left words: {left}");
    };
    assert_eq!(
        (&one["id"], &one["words"]),
        (&caller["id"], &json!("Please ring me."))
    );
    let aside = of(&id, &caller, "aside");
    for _twice in 0..2 {
        let set = school.ask("POST", &aside, &Value::Null).await;
        assert_eq!(set.status, 204, "{}", set.body);
    }
    assert_eq!(list().await.1, json!([]));
}

#[tokio::test]
async fn everybody_who_waits_is_written_to_and_sent_home() {
    let school = School::open().await;
    let (id, door) = area(&school, "Front desk").await;
    let khan = come(&school, &door, "Mrs Khan").await;
    let lee = come(&school, &door, "Mr Lee").await;
    let message = format!("/staff/areas/{id}/message");
    let words = json!({"words": "Ten minutes more."});
    let sent = school.ask("POST", &message, &words).await;
    assert_eq!(sent.status, 204, "{}", sent.body);
    for key in [&khan, &lee] {
        assert_eq!(visit(&school, key).await["message"], "Ten minutes more.");
    }
    let word = json!({"word": "We are closed until Monday."});
    let ended = school
        .ask("POST", &format!("/staff/areas/{id}/end"), &word)
        .await;
    assert_eq!(ended.status, 204, "{}", ended.body);
    for key in [&khan, &lee] {
        let visit = visit(&school, key).await;
        assert_eq!(
            (&visit["stage"], &visit["word"]),
            (&json!("ended"), &word["word"])
        );
    }
    assert!(callers(&school).await.is_empty());
}

#[tokio::test]
async fn a_caller_of_another_area_comes_into_the_call() {
    let school = School::open().await;
    let (id, door) = area(&school, "Front desk").await;
    let (other, nurse) = area(&school, "Nurse").await;
    let khan = come(&school, &door, "Mrs Khan").await;
    let lee = come(&school, &nurse, "Mr Lee").await;
    let of_area = async |nth: usize| {
        let home = school.done("GET", "/staff", &Value::Null).await;
        home["areas"][nth].clone()
    };
    let desk = of_area(0).await;
    let add = of(&other, &of_area(1).await["callers"][0], "add");
    let none = school.ask("POST", &add, &Value::Null).await;
    assert_eq!(refused(&none), (409, "not_in_call".to_owned()));
    // Into a call that they are not in nobody else comes: the two would be alone there, before they enter and after
    // they have left.
    let take = of(&id, &desk["callers"][0], "take");
    let taken = school.done("POST", &take, &Value::Null).await;
    let own = Key::read(&text(&taken["url"]));
    let mut first = school.join(&khan).await;
    first.joined().await;
    for _before_and_after in 0..2 {
        assert_ne!(of_area(1).await["in_call"], true);
        let alone = school.ask("POST", &add, &Value::Null).await;
        assert_eq!(refused(&alone), (409, "not_in_call".to_owned()));
        let mut provider = school.join(&own).await;
        provider.joined().await;
        assert_eq!(of_area(1).await["in_call"], true);
        provider.say(&ClientMessage::Leave {}).await;
        provider.closed(Close::Left).await;
    }
    let mut provider = school.join(&own).await;
    provider.joined().await;
    let second = of(&other, &of_area(1).await["callers"][0], "take");
    let second = school.ask("POST", &second, &Value::Null).await;
    assert_eq!(refused(&second), (409, "has_caller".to_owned()));
    let added = school.ask("POST", &add, &Value::Null).await;
    assert_eq!(added.status, 204, "{}", added.body);
    let mut other = school.join(&lee).await;
    other.joined().await;
    first.people(|people| people.len() == 3).await;
    assert_eq!(of_area(1).await["callers"], json!([]));
}

#[tokio::test]
async fn a_caller_comes_into_the_room_that_the_provider_is_in_and_does_not_knock() {
    let school = School::open().await;
    let (id, door) = area(&school, "Front desk").await;
    let staff = school.done("GET", "/members", &Value::Null).await;
    let own = &staff["members"][0]["id"];
    let draft = json!({"name": "Counselling", "members": [own], "kept": true});
    let room = school.made("/rooms", &draft).await;
    let khan = come(&school, &door, "Mrs Khan").await;
    let list = callers(&school).await;
    let path = of(&id, &list[0], "add");
    let early = school.ask("POST", &path, &Value::Null).await;
    assert_eq!(refused(&early), (409, "not_in_call".to_owned()));
    let path_in = format!("/staff/rooms/{room}/enter");
    let entered = school.done("POST", &path_in, &Value::Null).await;
    let entered = Key::read(&text(&entered["url"]));
    let mut member = school.join(&entered).await;
    member.joined().await;
    let in_call = async || {
        let home = school.done("GET", "/staff", &Value::Null).await;
        home["areas"][0]["in_call"] == true
    };
    assert!(in_call().await);
    let added = school.ask("POST", &path, &Value::Null).await;
    assert_eq!(added.status, 204, "{}", added.body);
    let mut caller = school.join(&khan).await;
    caller.joined().await;
    let both = member.people(|people| people.len() == 2).await;
    assert!(both.iter().any(|it| it.name == "Mrs Khan"));
    assert_eq!(callers(&school).await[0]["state"], "in_call");
    // Where the page of the room is lost, her line in the list leads back there.
    let back = school
        .done("POST", &of(&id, &list[0], "take"), &Value::Null)
        .await;
    assert!(text(&back["url"]).contains(&entered.id));
    // The page of who leaves the room hears of it.
    let home = school.done("GET", "/staff", &Value::Null).await;
    for mut client in [caller, member] {
        client.say(&ClientMessage::Leave {}).await;
        client.closed(Close::Left).await;
    }
    let mut seen = home["seen"].clone();
    while in_call().await {
        let body = json!({ "seen": seen });
        seen = school.done("POST", "/staff/changes", &body).await["seen"].clone();
    }
}

#[tokio::test]
async fn a_caller_comes_into_the_appointment_that_the_provider_takes_as_a_teacher() {
    let it = Evening::begun(School::open().await, 10).await;
    let school = &it.school;
    let starts = it.starts().await;
    let press = attempt();
    let booked = it.book(&it.maria, &it.ana, &it.french, &starts[0], &press);
    assert_eq!(booked.await.status, 200);
    let (id, door) = area(school, "Front desk").await;
    let khan = come(school, &door, "Mrs Khan").await;
    let add = of(&id, &callers(school).await[0], "add");
    let mut parent = school.join(&it.maria).await;
    parent.joined().await;
    // Ms Okafor is nobody of the staff, until her address is that of an account.
    for (address, status) in [("o@hillroad.example", 409), ("Ada@HillRoad.example", 204)] {
        let teacher = json!({"name": "Ms Okafor", "email": address});
        let path = format!("/teachers/{}", it.teachers[0]);
        school.done("PUT", &path, &teacher).await;
        let hers = school.teacher(&it.evening, &it.teachers[0]).await;
        let home = school.done("GET", "/staff", &Value::Null).await;
        let own = status == 204;
        assert_eq!(home["evenings"].is_array(), own, "{home}");
        let mut teacher = school.join(&hers).await;
        teacher.joined().await;
        let added = school.ask("POST", &add, &Value::Null).await;
        assert_eq!(added.status, status, "{}", added.body);
        if own {
            assert!(text(&home["evenings"][0]["url"]).contains(&hers.id));
            let mut caller = school.join(&khan).await;
            caller.joined().await;
            let all = teacher.people(|people| people.len() == 3).await;
            assert!(all.iter().any(|it| it.name == "Mrs Khan"));
            cancelled(&it, &khan, caller).await;
            let press = attempt();
            let booked = it.book(&it.maria, &it.ana, &it.french, &starts[0], &press);
            assert_eq!(booked.await.status, 200);
            let mut teacher = school.join(&hers).await;
            teacher.joined().await;
            let added = school.ask("POST", &add, &Value::Null).await;
            assert_eq!(added.status, 204, "{}", added.body);
            let mut caller = school.join(&khan).await;
            caller.joined().await;
            ended_for_abuse(&it, (&hers, &khan), caller).await;
        }
    }
}

/// A caller who was added to an appointment that its parent cancels waits again.
async fn cancelled(it: &Evening, khan: &Key, mut caller: Client) {
    let view = it.school.granted(&it.maria, "", json!({})).await;
    let path = format!("/bookings/{}/cancel", text(&view["appointments"][0]["id"]));
    let done = it.school.by(&it.maria, &path, json!({})).await;
    assert_eq!(done.status, 204, "{}", done.body);
    let goodbye = caller.closed(Close::Ended).await;
    assert_eq!(goodbye, Some(GoodbyeReason::Ended));
    assert_eq!(visit(&it.school, khan).await["stage"], "waiting");
}

/// A caller who was added to an appointment that is ended waits nowhere any more, and the office reads who.
async fn ended_for_abuse(it: &Evening, (teacher, khan): (&Key, &Key), mut caller: Client) {
    let school = &it.school;
    let view = school.granted(teacher, "", json!({})).await;
    let meeting = text(&view["appointments"][0]["meeting"]);
    let stop = school
        .by(
            teacher,
            &format!("/meetings/{meeting}/stop"),
            json!({"attempt": attempt()}),
        )
        .await;
    assert_eq!(stop.status, 204, "{}", stop.body);
    let goodbye = caller.closed(Close::Stopped).await;
    assert_eq!(goodbye, Some(GoodbyeReason::Stopped));
    assert_eq!(visit(school, khan).await["stage"], "ended");
    leads_into_no_call(school, khan).await;
    assert_eq!(callers(school).await, Vec::<Value>::new());
    let stopped = school.done("GET", "/stopped", &Value::Null).await;
    assert_eq!(stopped["calls"][0]["guests"], json!(["Mrs Khan"]));
}
