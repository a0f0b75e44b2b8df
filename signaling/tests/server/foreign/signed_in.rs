//! The same of those who sign in and are not of the office: members, providers, and parents with an account.

use serde_json::{Value, json};

use super::{Ids, World, caller, code, endpoints, filled, id_of, whole};
use crate::accounts::{Browser, PASSWORD, invite, secret_to};
use crate::rooms::{choose_password, member};

#[tokio::test]
async fn a_member_reaches_nothing_of_the_office_nor_of_rooms_and_areas_that_are_not_theirs() {
    let mut world = World::open().await;
    let starts = world.it.starts().await;
    let all = endpoints(&world.it).await;
    member(&mut world.it.school, "Mia Member", "mia@hillroad.example").await;
    let session = world.it.school.done("GET", "/session", &Value::Null).await;
    assert_eq!(session["office"], false);
    assert_eq!(session["role"], "member");
    let home = world.it.school.done("GET", "/staff", &Value::Null).await;
    assert_eq!(home["rooms"], json!([]));
    let (mut tried, mut reached) = (0, Vec::new());
    // Of these everybody who works there has their own.
    let own = ["/session", "/staff", "/staff/changes"];
    let is_own = |path: &str| own.contains(&path) || path.starts_with("/staff/second-factor");
    for endpoint in all.iter().filter(|it| it.is_office && !is_own(&it.path)) {
        let path = filled(&endpoint.path, &world.hers);
        let asked = whole(&world, endpoint, &starts);
        let answer = world.it.school.ask(&endpoint.method, &path, &asked).await;
        if (answer.status, code(&answer).as_str()) != (404, "not_found") {
            let (method, body) = (&endpoint.method, answer.body);
            reached.push(format!("{method} {path}: {} {body}", answer.status));
        }
        tried += 1;
    }
    assert!(reached.is_empty(), "{reached:#?}");
    assert!(tried > 100, "{tried}");
}

/// An area and a room of hers, and the office's, which are not.
async fn mias(world: &mut World) -> Ids {
    let school = &mut world.it.school;
    let draft = json!({"name": "Mia Member", "email": "mia@hillroad.example"});
    let made = school.done("POST", "/members", &draft).await;
    let all = school.done("GET", "/members", &Value::Null).await;
    let all = all["members"].as_array().expect("a list");
    let mia = all
        .iter()
        .find(|one| one["email"] == "mia@hillroad.example")
        .map(id_of)
        .expect("she was added");
    let room = json!({"name": "Room 2", "members": [mia]});
    let room = school.made("/rooms", &room).await;
    let area = json!({"name": "Library desk", "purpose": "", "providers": [mia]});
    let area = school.made("/areas", &area).await;
    let url = made["url"].as_str().expect("a link");
    choose_password(school, url).await;
    Ids::from([("room", room), ("area", area)])
}

#[tokio::test]
async fn a_provider_reaches_no_caller_and_no_area_and_no_room_of_others() {
    let mut world = World::open().await;
    let mut mias = mias(&mut world).await;
    let school = &world.it.school;
    let all = endpoints(&world.it).await;
    let theirs =
        |path: &str| path.starts_with("/staff/rooms/") || path.starts_with("/staff/areas/");
    let (mut tried, mut reached) = (0, Vec::new());
    for endpoint in all.iter().filter(|it| theirs(&it.path)) {
        // One who waits there still.
        mias.insert("caller", caller(&school.store, &mias["area"]).await);
        let body = json!({
            "word": "", "words": "You are next.", "here": true, "to": world.hers["area"],
        });
        for foreign in [&world.hers, &world.elsewhere] {
            for name in &endpoint.takes {
                let mut mixed = mias.clone();
                let (name, id) = foreign.get_key_value(name.as_str()).expect("it is there");
                mixed.insert(*name, id.clone());
                let path = filled(&endpoint.path, &mixed);
                let answer = school.ask(&endpoint.method, &path, &body).await;
                if (answer.status, code(&answer).as_str()) != (404, "not_found") {
                    reached.push(format!("{path}, {name}: {} {}", answer.status, answer.body));
                }
                tried += 1;
            }
        }
        if endpoint.fields.iter().any(|it| it == "to") {
            let mut body = body.clone();
            body["to"] = json!(world.elsewhere["area"]);
            let path = filled(&endpoint.path, &mias);
            let answer = school.ask(&endpoint.method, &path, &body).await;
            assert_eq!(
                (answer.status, code(&answer).as_str()),
                (404, "not_found"),
                "{path}"
            );
        }
        // With what is hers she comes further: nothing above was a slip of this test's.
        let path = filled(&endpoint.path, &mias);
        let answer = school.ask(&endpoint.method, &path, &body).await;
        assert_ne!(answer.status, 404, "{path}: {}", answer.body);
    }
    assert!(reached.is_empty(), "{reached:#?}");
    assert!(tried > 20, "{tried}");
}

#[tokio::test]
async fn a_parent_with_an_account_reaches_nothing_of_the_office_and_nothing_of_others() {
    let world = World::open().await;
    let it = &world.it;
    invite(it, &world.hers["contact"]).await;
    let secret = secret_to(it, "maria@x.example", "register").await;
    let mut browser = Browser::of(it);
    let made = json!({"secret": secret, "password": PASSWORD});
    let made = browser.ask("POST", "/register", &made).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let starts = it.starts().await;
    let (mut tried, mut reached) = (0, Vec::new());
    for endpoint in endpoints(it).await {
        let body = if endpoint.is_office {
            whole(&world, &endpoint, &starts)
        } else {
            json!({
                "email": "x@x.example", "name": "X", "student": it.ana, "telephone": "",
                "language": "", "lives_with": [], "shares": {
                    "school_telephone": false, "families_email": false, "families_telephone": false,
                },
            })
        };
        if endpoint.is_office && !endpoint.path.starts_with("/account") {
            let path = filled(&endpoint.path, &world.hers);
            let answer = browser.ask(&endpoint.method, &path, &body).await;
            if (answer.status, code(&answer).as_str()) != (401, "not_signed_in") {
                reached.push(format!("{path}: {} {}", answer.status, answer.body));
            }
            tried += 1;
        }
        let foreign = world.others.iter().map(|(_, ids)| ids);
        for ids in foreign.chain([&world.elsewhere]) {
            if !endpoint.path.starts_with("/account/") {
                continue;
            }
            for name in &endpoint.takes {
                let Some((name, id)) = ids.get_key_value(name.as_str()) else {
                    continue;
                };
                let mut mixed = world.hers.clone();
                mixed.insert(*name, id.clone());
                let path = filled(&endpoint.path, &mixed);
                let answer = browser.ask(&endpoint.method, &path, &body).await;
                let answered = (answer.status, code(&answer));
                if answered != (404, "not_found".to_owned()) {
                    reached.push(format!("{path}, {name}: {} {}", answer.status, answer.body));
                }
                tried += 1;
            }
        }
    }
    assert!(reached.is_empty(), "{reached:#?}");
    assert!(tried > 120, "{tried}");
}
