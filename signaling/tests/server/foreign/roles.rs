//! Every role at every endpoint that asks for a session (OPS-7), with ids that name something: who may is let
//! in, and to everybody else nothing is there. `roles.txt` says who may; an endpoint that has no line there
//! fails this.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::SignedDuration;
use school::{Rank, StaffId};
use serde_json::{Value, json};
use store::{NewStaff, Store};

use super::{Endpoint, World, code, endpoints, filled, id_of, whole};
use crate::support::PATIENCE;
use crate::support::request::{Answer, post_json, request};
use crate::support::school::School;

const EXPECTED: &str = include_str!("roles.txt");

/// One who has the rank of each, one who manages Maria's evening, one who belongs to the room, one who takes
/// callers in the area, and one who has nothing.
const ROLES: [(&str, Rank); 7] = [
    ("owner", Rank::Owner),
    ("office", Rank::Office),
    ("viewer", Rank::Viewer),
    ("manager", Rank::Member),
    ("member", Rank::Member),
    ("provider", Rank::Member),
    ("nobody", Rank::Member),
];

/// A cookie, and what proves that a page of ours asks.
type Session = (String, String);

/// The world, with one account of each role.
struct Staffed {
    world: World,
    starts: Vec<String>,
    sessions: BTreeMap<&'static str, Session>,
    /// Of the school, and nobody's but the office's.
    other_evening: String,
    other_area: String,
}

async fn account(store: &Store, who: &str, rank: Rank) -> StaffId {
    let new = NewStaff {
        name: school::Name::read(who).expect("a name"),
        email: school::EmailAddress::read(&format!("{who}@hillroad.example")).expect("an address"),
        password_hash: "$argon2id$some".to_owned(),
        rank,
    };
    let added = store.add_staff(&new, store::Actor::Program, ambient::now());
    added.await.expect("added")
}

/// A session of theirs, as signing in begins one.
async fn session(school: &mut School, staff: StaffId) -> Session {
    let secret = links::Secret::random(&mut ambient::rng());
    let now = ambient::now();
    let (until, digest) = (now + SignedDuration::from_hours(1), store::digest(&secret));
    let begun = school
        .store
        .begin_session((staff, None), (&digest, &[0; 32]), until, now);
    begun.await.expect("begun");
    let own = school.session.clone();
    school.session = (format!("homeroom={}", secret.expose()), String::new());
    let who = school.done("GET", "/session", &Value::Null).await;
    let csrf = who["csrf"].as_str().expect("the proof").to_owned();
    let (cookie, _) = std::mem::replace(&mut school.session, own);
    (cookie, csrf)
}

impl Staffed {
    async fn open() -> Self {
        let mut world = World::open().await;
        let mut accounts = BTreeMap::new();
        for (role, rank) in ROLES {
            accounts.insert(role, account(&world.it.school.store, role, rank).await);
        }
        let (manager, member) = (
            accounts["manager"].to_string(),
            accounts["member"].to_string(),
        );
        let provider = accounts["provider"].to_string();
        let school = &world.it.school;
        let path = filled("/evenings/{evening}/managers", &world.hers);
        let named = json!({"members": [manager]});
        let done = school.done("PUT", &path, &named).await;
        assert_eq!(done["members"], named["members"]);
        let path = filled("/rooms/{room}", &world.hers);
        let room = json!({"name": "Room 1", "members": [world.hers["member"], member]});
        school.done("PUT", &path, &room).await;
        let path = filled("/areas/{area}", &world.hers);
        let both = [&world.hers["member"], &provider];
        let area = json!({"name": "Front desk", "purpose": "", "providers": both});
        school.done("PUT", &path, &area).await;
        let area = json!({"name": "Back desk", "purpose": "", "providers": [world.hers["member"]]});
        let other_area = school.made("/areas", &area).await;
        let all = school.done("GET", "/evenings", &Value::Null).await;
        let all = all["evenings"].as_array().expect("a list");
        let other_evening = all
            .iter()
            .map(id_of)
            .find(|id| *id != world.hers["evening"]);
        let other_evening = other_evening.expect("Maria has another");
        let starts = world.it.starts().await;
        let mut sessions = BTreeMap::new();
        for (role, staff) in accounts {
            sessions.insert(role, session(&mut world.it.school, staff).await);
        }
        Self {
            other_evening,
            other_area,
            starts,
            sessions,
            world,
        }
    }

    async fn ask(&self, role: &str, endpoint: &Endpoint, path: &str) -> Answer {
        let mut body = whole(&self.world, endpoint, &self.starts);
        if path.starts_with("/staff/areas/") {
            body["to"] = json!(self.other_area);
        }
        let (cookie, csrf) = &self.sessions[role];
        let headers = [
            ("Content-Type", "application/json"),
            ("Cookie", cookie.as_str()),
            ("X-Homeroom-Csrf", csrf.as_str()),
        ];
        let address = self.world.it.school.address;
        let path = format!("/api/v1{path}");
        let body = body.to_string();
        request(address, &endpoint.method, &path, &headers, &body).await
    }

    async fn logged(&self) -> usize {
        let log = self.world.it.school.store.audit_log(None, 10_000).await;
        log.expect("read").len()
    }
}

fn is_nothing(answer: &Answer) -> bool {
    (answer.status, code(answer).as_str()) == (404, "not_found")
}

/// Who may ask what, by method and path: the right that it asks for, and the roles.
fn expected() -> BTreeMap<String, (&'static str, BTreeSet<&'static str>)> {
    let read = |line: &'static str| {
        let (endpoint, roles) = line.split_once(": ").expect("who may");
        let (endpoint, right) = endpoint.rsplit_once(' ').expect("a right");
        (endpoint.to_owned(), (right, roles.split(' ').collect()))
    };
    EXPECTED.lines().map(read).collect()
}

/// What the world has nothing of, for anybody: there is nothing to find there.
fn is_empty(endpoint: &Endpoint) -> bool {
    let path = endpoint.path.as_str();
    path.ends_with("/tell-apart")
        || path.ends_with("/part")
        || path.starts_with("/asked/")
        || path == "/staff/hat"
        || path == "/staff/second-factor/codes"
        || path == "/staff/second-factor/remove"
        || path == "/staff/second-factor/passkeys/new"
        || path == "/staff/second-factor/passkeys/{passkey}/remove"
        || path == "/members/{member}/second-factor/remove"
        || path.starts_with("/system/")
        || path == "/system" && endpoint.method == "DELETE"
}

/// Guests, and what the office said of them, stay with the office, whoever else books for a parent (EVE-2).
#[tokio::test]
async fn whom_a_parent_invited_is_the_offices() {
    let staffed = Staffed::open().await;
    let all = endpoints(&staffed.world.it).await;
    let path = "/evenings/{evening}/parents/{contact}";
    let page = all.iter().find(|it| it.path == path && it.method == "GET");
    let page = page.expect("it is described");
    let path = filled(path, &staffed.world.hers);
    let view = async |role| {
        let answer = staffed.ask(role, page, &path).await;
        assert_eq!(answer.status, 200, "{role}: {answer:?}");
        serde_json::from_str::<Value>(&answer.body).expect("a page")
    };
    let (office, manager) = (view("office").await, view("manager").await);
    assert_ne!(office["invitations"]["sent"], json!([]));
    assert_eq!(manager["invitations"]["sent"], json!([]));
    assert_eq!(manager["invitations"]["declined"], Value::Null);
    assert_eq!(manager["bookings"], office["bookings"]);
}

#[tokio::test]
async fn every_role_may_what_is_said_of_it_and_nothing_else() {
    let calm = Staffed::open().await;
    let mut busy = Staffed::open().await;
    let all = endpoints(&calm.world.it).await;
    let all: Vec<_> = all.into_iter().filter(|it| it.is_office).collect();
    let expected = expected();
    let described: BTreeMap<_, _> = all
        .iter()
        .map(|it| (format!("{} {}", it.method, it.path), it.right.as_str()))
        .collect();
    let said = expected.iter().map(|(it, (right, _))| (it.clone(), *right));
    let said: BTreeMap<_, _> = said.collect();
    assert_eq!(described, said, "say in roles.txt who may");
    let before = calm.logged().await;
    let (mut wrong, mut refused, mut granted) = (Vec::new(), 0, 0);
    for endpoint in &all {
        let name = format!("{} {}", endpoint.method, endpoint.path);
        let (_, may) = &expected[&name];
        for (role, _) in ROLES {
            if !may.contains(role) {
                let path = filled(&endpoint.path, &calm.world.hers);
                let answer = calm.ask(role, endpoint, &path).await;
                if !is_nothing(&answer) {
                    wrong.push(format!("{role} {name}: {} {}", answer.status, answer.body));
                }
                refused += 1;
                continue;
            }
            if is_empty(endpoint) {
                continue;
            }
            let path = filled(&endpoint.path, &busy.world.hers);
            let mut answer = busy.ask(role, endpoint, &path).await;
            if [401, 404].contains(&answer.status) {
                // Somebody before may have taken it away.
                busy = Staffed::open().await;
                let path = filled(&endpoint.path, &busy.world.hers);
                answer = busy.ask(role, endpoint, &path).await;
            }
            if [401, 404].contains(&answer.status) {
                wrong.push(format!("{role} {name}: {} {}", answer.status, answer.body));
            }
            granted += 1;
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(refused > 500 && granted > 250, "{refused}, {granted}");
    assert_eq!(
        calm.logged().await,
        before,
        "whoever is refused does nothing"
    );
}

/// All of the records, as a copy of them has it.
async fn copy(store: &Store) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("room");
    let file = folder.path().join("copy");
    store.backup(&file).await.expect("copied");
    std::fs::read(file).expect("it is there")
}

/// The same, once nothing that was begun before changes them any more.
async fn settled(store: &Store) -> Vec<u8> {
    let settling = async {
        let mut before = copy(store).await;
        loop {
            tokio::time::sleep(Duration::from_millis(200)).await;
            let now = copy(store).await;
            if now == before {
                return now;
            }
            before = now;
        }
    };
    let settled = tokio::time::timeout(PATIENCE, settling).await;
    settled.expect("they settle")
}

/// What was taken away is in the audit log; whatever else is looked at leaves the records as they were.
#[tokio::test]
async fn get_and_head_of_the_office_change_nothing_but_the_log_of_what_was_taken_away() {
    let it = Staffed::open().await;
    let school = &it.world.it.school;
    let (cookie, csrf) = &it.sessions["owner"];
    let headers = [
        ("Cookie", cookie.as_str()),
        ("X-Homeroom-Csrf", csrf.as_str()),
    ];
    let mut before = settled(&school.store).await;
    let mut changed = BTreeSet::new();
    let mut seen = 0;
    for endpoint in endpoints(&it.world.it).await {
        if endpoint.method != "GET" || !endpoint.is_office {
            continue;
        }
        let path = format!("/api/v1{}", filled(&endpoint.path, &it.world.hers));
        for method in ["HEAD", "GET"] {
            let answer = request(school.address, method, &path, &headers, "").await;
            seen += usize::from(answer.status == 200);
            let mut now = copy(&school.store).await;
            if now != before {
                now = settled(&school.store).await;
                changed.insert(format!("{method} {}", endpoint.path));
            }
            before = now;
        }
    }
    assert!(seen > 60, "{seen}");
    changed.retain(|it| !it.ends_with("/data") && !it.ends_with(" /audit.csv"));
    assert_eq!(changed, BTreeSet::new());
}

#[tokio::test]
async fn whoever_manages_an_evening_reaches_no_other_and_nobody_of_another() {
    let it = Staffed::open().await;
    let school = &it.world.it.school;
    let child = json!({"name": "Zoe Park", "classes": []});
    let child = school.made("/students", &child).await;
    let theirs = json!({
        "name": "Min Park", "email": "min@x.example",
        "students": [child],
    });
    let family = school.made("/contacts", &theirs).await;
    let teacher = json!({"name": "Ms Idle", "email": "idle@hillroad.example"});
    let teacher = school.made("/teachers", &teacher).await;
    let before = it.logged().await;
    let all = endpoints(&it.world.it).await;
    let (mut wrong, mut tried) = (Vec::new(), 0);
    let of_managers = |endpoint: &&Endpoint| ["look", "evening"].contains(&endpoint.right.as_str());
    for endpoint in all.iter().filter(of_managers) {
        for (name, ids) in [
            (
                "evening",
                vec![&it.other_evening, &it.world.elsewhere["evening"]],
            ),
            ("contact", vec![&family, &it.world.elsewhere["contact"]]),
            ("teacher", vec![&teacher, &it.world.elsewhere["teacher"]]),
        ] {
            if !endpoint.takes.iter().any(|it| it == name) {
                continue;
            }
            for id in ids {
                let mut mixed = it.world.hers.clone();
                mixed.insert(name, id.clone());
                let path = filled(&endpoint.path, &mixed);
                let answer = it.ask("manager", endpoint, &path).await;
                if !is_nothing(&answer) {
                    let (method, body) = (&endpoint.method, answer.body);
                    wrong.push(format!("{method} {path}: {} {body}", answer.status));
                }
                tried += 1;
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(tried >= 50, "{tried}");
    assert_eq!(it.logged().await, before);
    // Of the list there is theirs alone.
    let list = all
        .iter()
        .find(|it| (it.method.as_str(), it.path.as_str()) == ("GET", "/evenings"));
    let list = list.expect("it is there");
    for (role, count) in [("manager", 1), ("viewer", 2), ("office", 2)] {
        let seen: Value = it.ask(role, list, "/evenings").await.json();
        let seen = seen["evenings"].as_array().expect("a list");
        assert_eq!(seen.len(), count, "{role}");
    }
}

#[tokio::test]
async fn whoever_has_a_link_and_no_session_reaches_nothing_of_the_staff() {
    let world = World::open().await;
    let it = &world.it;
    let starts = it.starts().await;
    let teacher = it.school.teacher(&it.evening, &it.teachers[0]).await;
    let mut tried = 0;
    for endpoint in endpoints(it).await.iter().filter(|it| it.is_office) {
        for key in [&it.maria, &teacher] {
            let mut body = whole(&world, endpoint, &starts);
            body["secret"] = json!(key.secret);
            let path = format!("/api/v1{}", filled(&endpoint.path, &world.hers));
            let headers = [("Content-Type", "application/json")];
            let text = body.to_string();
            let answer = request(it.school.address, &endpoint.method, &path, &headers, &text);
            let answer = answer.await;
            assert_eq!(
                (answer.status, code(&answer).as_str()),
                (401, "not_signed_in"),
                "{path}"
            );
            tried += 1;
        }
    }
    assert!(tried > 250, "{tried}");
}

#[tokio::test]
async fn an_owner_says_who_may_what_and_it_holds_at_the_next_request() {
    let it = Staffed::open().await;
    let school = &it.world.it.school;
    let list = endpoints(&it.world.it).await;
    let students = list.iter().find(|it| it.path == "/student-lists");
    let students = students.expect("it is there");
    let all = school.done("GET", "/members", &Value::Null).await;
    let all = all["members"].as_array().expect("a list").clone();
    let of = |who: &str| all.iter().find(|it| it["name"] == who).map(id_of);
    let office = of("office").expect("there");
    assert_eq!(
        it.ask("office", students, "/student-lists").await.status,
        200
    );
    let path = format!("/members/{office}/role");
    school.done("PUT", &path, &json!({"role": "viewer"})).await;
    assert!(is_nothing(
        &it.ask("office", students, "/student-lists").await
    ));
    school.done("PUT", &path, &json!({"role": "owner"})).await;
    assert_eq!(
        it.ask("office", students, "/student-lists").await.status,
        200
    );
    let wrong = school.ask("PUT", &path, &json!({"role": "king"})).await;
    assert_eq!(wrong.status, 400, "{}", wrong.body);
    // The last owner stays: all others are lowered, and then themselves.
    for who in ["office", "owner"] {
        let path = format!("/members/{}/role", of(who).expect("there"));
        school.done("PUT", &path, &json!({"role": "member"})).await;
    }
    let own = format!("/members/{}/role", it.world.hers["member"]);
    let last = school.ask("PUT", &own, &json!({"role": "office"})).await;
    assert_eq!((last.status, code(&last).as_str()), (422, "invalid"));
    let last: Value = last.json();
    assert_eq!(last["fields"][0]["code"], "last_account", "{last}");
    // Who is added is what was said of them.
    let draft = json!({"name": "Vi", "email": "vi@hillroad.example", "role": "viewer"});
    school.done("POST", "/members", &draft).await;
    let all = school.done("GET", "/members", &Value::Null).await;
    let all = all["members"].as_array().expect("a list");
    let vi = all.iter().find(|it| it["name"] == "Vi").expect("there");
    assert_eq!(vi["role"], "viewer");
    let none = post_json(school.address, "/api/v1/members", &draft.to_string()).await;
    assert_eq!(none.status, 401);
}
