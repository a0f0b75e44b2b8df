//! What the records hold of one person, as a file (DIR-10): of everybody of whom they hold anything.
#![expect(
    clippy::indexing_slicing,
    reason = "a story told in order; a field that is missing is a failure"
)]

use serde_json::{Value, json};

use crate::database::schema;
use crate::support::request::request;
use crate::support::school::{Evening, Key, School, attempt};

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// Whoever came by the link of a room or an area, by the name that the office sees.
async fn came(it: &Evening, url: &Value, name: &str) -> String {
    let body = json!({"name": name, "attempt": attempt(), "reason": "Lunch money"});
    let door = Key::read(&text(url));
    it.school.granted(&door, "/visitors", body).await;
    let found = json!({ "search": name });
    let found = it.school.done("POST", "/visits/search", &found).await;
    text(&found["visits"][0]["id"])
}

/// Everybody of whom there is a file: its path, what it is called, what is in it, and what is not.
struct Filed {
    path: String,
    subject: String,
    own: Vec<&'static str>,
    others: Vec<&'static str>,
}

fn filed(
    (kind, path): (&str, &str),
    id: &str,
    own: &[&'static str],
    others: &[&'static str],
) -> Filed {
    Filed {
        path: format!("/{path}/{id}/data"),
        subject: format!("{kind}:{id}"),
        own: own.to_vec(),
        others: others.to_vec(),
    }
}

async fn everybody(it: &Evening) -> Vec<Filed> {
    let mut all = of_the_evening(it).await;
    all.extend(of_the_staff(it).await);
    all
}

/// A parent, a student, a teacher and a guest.
async fn of_the_evening(it: &Evening) -> Vec<Filed> {
    let starts = it.starts().await;
    for (key, student, class, starts) in [
        (&it.maria, &it.ana, &it.french, &starts[1]),
        (&it.omar, &it.cem, &it.maths, &starts[2]),
    ] {
        let booked = it.book(key, student, class, starts, &attempt()).await;
        assert_eq!(booked.status, 200, "{}", booked.body);
    }
    let invited = it.invite(&it.maria, "Grandma Rosa", &[&it.ana]).await;
    let rosa = text(&invited.json::<Value>()["invitation"]["id"]);
    let [maria, ..] = &it.contacts;
    vec![
        filed(
            ("contact", "contacts"),
            maria,
            &["maria@x.example", "Ana Santos", "French", "Grandma Rosa"],
            &["Demir", "Wai Ting"],
        ),
        filed(
            ("student", "students"),
            &it.ana,
            &[
                "Ana Santos",
                "French",
                "Ms Okafor",
                "Year 8 parents' evening",
            ],
            &["maria@x.example", "Maria Santos", "Grandma Rosa", "Cem"],
        ),
        filed(
            ("teacher", "teachers"),
            &it.teachers[0],
            &["Ms Okafor", "t@hillroad.example", "French"],
            &["Santos", "Demir", "Mr Brandt"],
        ),
        filed(
            ("invitation", "invitations"),
            &rosa,
            &["Grandma Rosa", "Year 8 parents' evening"],
            &["Maria Santos", "Ana Santos", "Demir"],
        ),
    ]
}

/// One of the staff, a guest of a meeting and a caller.
async fn of_the_staff(it: &Evening) -> Vec<Filed> {
    let school = &it.school;
    let all = school.done("GET", "/members", &Value::Null).await;
    let ada = text(&all["members"][0]["id"]);
    let room = json!({"name": "Room of quiet", "members": [ada]});
    let room = school.done("POST", "/rooms", &room).await;
    let area = json!({"name": "Front desk", "purpose": "", "providers": [ada]});
    let area = school.done("POST", "/areas", &area).await;
    let gus = came(it, &room["url"], "Gus Guest").await;
    let wai = came(it, &area["url"], "Wai Ting").await;
    vec![
        filed(
            ("staff", "members"),
            &ada,
            &[
                "ada@hillroad.example",
                "owner",
                "Room of quiet",
                "Front desk",
            ],
            &["Gus Guest", "Santos", "argon2"],
        ),
        filed(
            ("visitor", "visits"),
            &gus,
            &["Gus Guest", "Room of quiet"],
            &["Wai Ting", "Ada Office"],
        ),
        filed(
            ("visitor", "visits"),
            &wai,
            &["Wai Ting", "Lunch money", "Front desk"],
            &["Gus Guest", "Ada Office"],
        ),
    ]
}

async fn everybody_has_a_file(it: Evening) {
    let secrets = [&it.maria, &it.omar, &it.paul].map(|it| it.secret.clone());
    let guest = it.school.guests(&it.evening).await;
    for filed in everybody(&it).await {
        let Filed { path, subject, .. } = &filed;
        let answer = it.school.ask("GET", path, &Value::Null).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        let name = subject.replace(':', "-");
        let name = format!("attachment; filename=\"{name}.json\"");
        assert_eq!(answer.header("content-disposition"), Some(name.as_str()));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.json::<Value>()["about"], subject.as_str());
        for own in &filed.own {
            assert!(
                answer.body.contains(own),
                "{path} lacks {own}: {}",
                answer.body
            );
        }
        for others in &filed.others {
            assert!(
                !answer.body.contains(others),
                "{path} has {others}: {}",
                answer.body
            );
        }
        for secret in secrets.iter().chain(guest.iter().map(|it| &it.secret)) {
            assert!(!answer.body.contains(secret.as_str()), "{path}: a secret");
        }
        let log = it.school.done("GET", "/audit", &Value::Null).await;
        assert_eq!(log["rows"][0]["what"], "data_taken");
        assert_eq!(log["rows"][0]["about"], subject.as_str());
        let path = format!("/api/v1{path}");
        let nobody = request(it.school.address, "GET", &path, &[], "").await;
        assert_eq!(nobody.status, 401, "{path}");
    }
}

#[tokio::test]
async fn everybody_has_a_file_of_their_data_for_the_office_alone() {
    everybody_has_a_file(Evening::open().await).await;
}

#[tokio::test]
async fn everybody_has_a_file_of_their_data_on_postgres() {
    let school = School::open_on(schema().await).await;
    everybody_has_a_file(Evening::of(school).await).await;
}
