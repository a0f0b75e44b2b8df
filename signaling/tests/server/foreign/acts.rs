//! Whatever somebody of the staff does is in the audit log (DIR-10): every endpoint of theirs that changes
//! something is asked so that it does, and leaves a row that names them. A new endpoint without one fails this.

use std::cell::RefCell;
use std::fmt::Write as _;

use school::Rank;
use serde_json::{Value, json};
use store::{Actor, NewStaff};

use super::{Endpoint, Ids, World, caller, endpoints, filled, identify, whole};
use crate::faces::webp;
use crate::passkeys::proper;
use crate::second_factor::shown;
use crate::support::client::Client;
use crate::support::request::{Answer, request};
use crate::support::school::{Key, School, attempt};
use crate::support::security_key::SecurityKey;

/// Endpoints that are no GET and leave no row, and why.
const WITHOUT: &[(&str, &str)] = &[
    (
        "POST /contacts/{contact}/join/preview",
        "says what would follow, and changes nothing",
    ),
    (
        "POST /registrations/search",
        "reads: a name stands in no address",
    ),
    ("POST /staff/changes", "waits for news"),
    (
        "POST /staff/rooms/{room}/enter",
        "shows them their own link: whoever comes in by it has `joined`",
    ),
    (
        "POST /staff/second-factor/new",
        "makes a secret, and keeps nothing",
    ),
    (
        "POST /staff/second-factor/passkeys/ask",
        "asks a passkey, and keeps nothing but what",
    ),
    (
        "POST /staff/second-factor/passkeys/new",
        "asks a browser for a passkey, and keeps nothing but what it was asked",
    ),
    (
        "POST /students/search",
        "reads: a name stands in no address",
    ),
    ("POST /visits/search", "reads: a name stands in no address"),
];

/// Endpoints that ask for more than one session, or another server, and where they are told of.
const ELSEWHERE: &[(&str, &str)] = &[
    ("DELETE /staff/hat", "store: `two_sign_ins_again_are_two`"),
    (
        "POST /staff/hat",
        "store: `whoever_holds_both_sessions_has_one_sign_in_and_nobody_else`",
    ),
    (
        "POST /system/folder/run",
        "`an_import_that_somebody_asks_for_is_in_the_log`",
    ),
    (
        "POST /system/run",
        "`an_import_that_somebody_asks_for_is_in_the_log`",
    ),
];

const PASSWORD: &str = "correct horse battery";

/// What is asked.
struct Act {
    path: String,
    kind: &'static str,
    body: String,
}

/// The world, and who of the staff is not Ada.
struct Stage {
    world: World,
    starts: Vec<String>,
    bo: String,
    /// Who is in a call.
    joined: RefCell<Vec<Client>>,
}

impl Stage {
    async fn open() -> Self {
        let world = World::open().await;
        let starts = world.it.starts().await;
        let store = &world.it.school.store;
        let bo = NewStaff {
            name: school::Name::read("Bo Adams").expect("a name"),
            email: school::EmailAddress::read("bo@hillroad.example").expect("an address"),
            password_hash: "$argon2id$some".to_owned(),
            rank: Rank::Owner,
        };
        let bo = store.add_staff(&bo, Actor::Program, ambient::now()).await;
        let bo = bo.expect("added").to_string();
        identify(store, "bo@hillroad.example").await;
        Self {
            world,
            starts,
            bo,
            joined: RefCell::default(),
        }
    }

    fn school(&self) -> &School {
        &self.world.it.school
    }

    /// Writes in the records beside the server.
    async fn wrote(&self, sql: String) {
        self.school().wrote(&sql).await;
    }

    async fn teacher(&self) -> String {
        let draft = json!({"name": "Ms Idle", "email": "idle@hillroad.example"});
        self.school().made("/teachers", &draft).await
    }

    async fn contact(&self) -> String {
        let draft = json!({"name": "Nia Nunes", "email": "nia@x.example", "students": []});
        self.school().made("/contacts", &draft).await
    }

    /// Ada's second step, and her recovery codes.
    async fn second_step(&self) -> Value {
        let draft = self.second_step_draft().await;
        let given = self.school().done("PUT", "/staff/second-factor", &draft);
        given.await["codes"].clone()
    }

    async fn second_step_draft(&self) -> Value {
        let path = "/staff/second-factor/new";
        let new = self.school().done("POST", path, &json!({})).await;
        let secret = new["secret"].as_str().expect("a secret").to_owned();
        json!({"code": shown(&secret, 0), "secret": secret, "password": PASSWORD})
    }

    /// A passkey that a browser has made for Ada.
    async fn passkey_draft(&self) -> Value {
        let path = "/staff/second-factor/passkeys/new";
        let asked = json!({"password": PASSWORD});
        let new = self.school().done("POST", path, &asked).await;
        let challenge = new["challenge"].clone();
        let said = proper("create", challenge.as_str().expect("a challenge"));
        let mut made = SecurityKey::new().made(&said);
        made["name"] = json!("My laptop");
        made
    }

    /// What is asked so that it changes something, of an endpoint that has no arm here as [`whole`] says.
    #[expect(clippy::too_many_lines, reason = "a table, one arm an endpoint")]
    async fn act(&self, endpoint: &Endpoint) -> Act {
        let (school, hers) = (self.school(), &self.world.hers);
        let mut ids = hers.clone();
        let mut body = whole(&self.world, endpoint, &self.starts);
        let mut query = "";
        let name = format!("{} {}", endpoint.method, endpoint.path);
        let done = async |method: &str, path: &str, body: &Value| {
            school.done(method, &filled(path, hers), body).await
        };
        let nothing = &Value::Null;
        match name.as_str() {
            "PUT /school/settings" => {
                body = done("GET", "/school/settings", nothing).await;
                body["name"] = json!("Another School");
            }
            "PUT /school/accent" => body = json!({"accent": "#123456"}),
            "PUT /school/logo" => {
                return Act {
                    path: endpoint.path.clone(),
                    kind: "image/webp",
                    body: webp(),
                };
            }
            "DELETE /school/logo" => {
                let logo = Act {
                    path: endpoint.path.clone(),
                    kind: "image/webp",
                    body: webp(),
                };
                assert_eq!(self.ask("PUT", &logo).await.status, 200);
            }
            "POST /import/students" => {
                return Act {
                    path: format!("{}?apply=true", endpoint.path),
                    kind: "text/csv",
                    body: "Student,Homeroom\nZoe Park,8B\n".to_owned(),
                };
            }
            "PUT /evenings/{evening}" => {
                let evening = done("GET", "/evenings/{evening}", nothing).await;
                body = evening["set"].clone();
                body["name"] = json!("Another name");
            }
            "PUT /evenings/{evening}/booking" => body = json!({"open": false}),
            "POST /approvals/{approval}" => body = json!({"approve": false}),
            "POST /orders/dismiss" => {
                let order = "INSERT INTO unentered_orders (school, key, name, student, said_at)
                             VALUES (1, 'id 7', 'Somebody', 'Zoe Park', 1)";
                self.wrote(order.to_owned()).await;
                let order = json!({"key": "id 7", "name": "Somebody", "student": "Zoe Park"});
                body = json!({"order": order, "dismiss": true});
            }
            "POST /asked/{booking}" => {
                let booking = &hers["booking"];
                self.wrote(format!("UPDATE bookings SET asks = 1 WHERE id = {booking}"))
                    .await;
                body = json!({"decision": "keep"});
            }
            "PUT /teachers/{teacher}/place" => body = json!({"place": 1}),
            "DELETE /teachers/{teacher}" | "POST /teachers/{teacher}/erase" => {
                ids.insert("teacher", self.teacher().await);
            }
            "POST /teachers/{teacher}/back" => {
                let teacher = self.teacher().await;
                school
                    .done("DELETE", &format!("/teachers/{teacher}"), nothing)
                    .await;
                ids.insert("teacher", teacher);
            }
            "DELETE /classes/{class}" => {
                let teachers = [&hers["teacher"]];
                let class = json!({"name": "Spare", "subject": "Spare", "teachers": teachers});
                ids.insert("class", school.made("/classes", &class).await);
            }
            "POST /registrations" | "POST /registrations/letters" => {
                body = json!({"contacts": [hers["contact"]]});
            }
            "POST /students/{student}/back" => {
                let student = &hers["student"];
                self.wrote(format!(
                    "UPDATE students SET gone_at = 1 WHERE id = {student}"
                ))
                .await;
            }
            "POST /contacts/{contact}/back" => {
                let contact = &hers["contact"];
                self.wrote(format!(
                    "UPDATE contacts SET gone_at = 1 WHERE id = {contact}"
                ))
                .await;
            }
            "POST /students/{student}/invite" => {
                body = json!({"name": "Nia Nunes", "email": "nia@x.example"});
            }
            "PUT /contacts/{contact}/court-order" => body = json!({"active": true}),
            "POST /contacts/{contact}/tell-apart" => {
                let barred = self.contact().await;
                let order = format!("/contacts/{barred}/court-order");
                school.done("PUT", &order, &json!({"active": true})).await;
                let contact = &hers["contact"];
                self.wrote(format!(
                    "UPDATE contacts SET may_be = {barred} WHERE id = {contact}"
                ))
                .await;
                body = json!({ "from": barred });
            }
            "POST /contacts/{contact}/decide" => {
                let contact = &hers["contact"];
                self.wrote(format!(
                    "INSERT INTO contact_details (school, contact, telephone, language,
                       school_telephone, families_email, families_telephone, given_at)
                     VALUES (1, {contact}, '01632 960001', '', 1, 0, 0, 1)"
                ))
                .await;
                self.wrote(format!(
                    "UPDATE contacts SET telephone = '01632 960002' WHERE id = {contact}"
                ))
                .await;
            }
            "POST /contacts/{contact}/join" | "POST /contacts/{contact}/other-person" => {
                body = json!({"other": self.contact().await});
            }
            "POST /contacts/{contact}/part" => {
                body = json!({"other": self.contact().await});
                done("POST", "/contacts/{contact}/join", &body).await;
            }
            "PUT /system" | "DELETE /system" => {
                body = json!({
                    "region": "world", "school": "A1", "token": "a-token", "nightly": false,
                });
                if endpoint.method == "DELETE" {
                    done("PUT", "/system", &body).await;
                }
            }
            "PUT /members/{member}/role"
            | "DELETE /members/{member}"
            | "POST /members/{member}/erase"
            | "DELETE /members/{member}/identity" => {
                ids.insert("member", self.bo.clone());
            }
            "POST /members/{member}/second-factor/remove" => {
                let bo = &self.bo;
                self.wrote(format!(
                    "INSERT INTO second_factors (school, staff, secret, used_step, added_at)
                     VALUES (1, {bo}, x'00', 1, 1)"
                ))
                .await;
                ids.insert("member", self.bo.clone());
            }
            "PUT /staff/second-factor" => body = self.second_step_draft().await,
            "POST /staff/second-factor/codes" | "POST /staff/second-factor/remove" => {
                let codes = self.second_step().await;
                body = json!({"password": PASSWORD, "code": codes[0]});
            }
            "POST /staff/second-factor/passkeys" => body = self.passkey_draft().await,
            "POST /staff/second-factor/passkeys/{passkey}/remove" => {
                let (draft, path) = (self.passkey_draft().await, "/staff/second-factor/passkeys");
                let codes = done("POST", path, &draft).await["codes"].clone();
                let own = done("GET", "/staff/second-factor", nothing).await;
                let id = own["passkeys"][0]["id"].as_str().expect("an id");
                ids.insert("passkey", id.to_owned());
                body = json!({"password": PASSWORD, "code": codes[0]});
            }
            "POST /rooms/{room}/reopen" => {
                done("POST", "/rooms/{room}/close", nothing).await;
            }
            "POST /staff/areas/{area}/state" => body = json!({"late_minutes": 10}),
            "POST /staff/areas/{area}/callers/{caller}/aside" => {
                let words = school::Note::read("Call me back").expect("a note");
                let caller = hers["caller"].parse().expect("an id");
                let left = school.store.leave_area(caller, &words, ambient::now());
                left.await.expect("left");
            }
            "POST /staff/areas/{area}/callers/{caller}/back" => {
                let path = "/staff/areas/{area}/callers/{caller}/take";
                done("POST", path, nothing).await;
            }
            "POST /staff/areas/{area}/callers/{caller}/add" => {
                let path = "/staff/areas/{area}/callers/{caller}/take";
                let taken = done("POST", path, nothing).await;
                let url = taken["url"].as_str().expect("a link");
                let mut provider = school.join(&Key::read(url)).await;
                provider.joined().await;
                self.joined.borrow_mut().push(provider);
                ids.insert("caller", caller(&school.store, &hers["area"]).await);
            }
            "POST /staff/areas/{area}/callers/{caller}/pass" => {
                let providers = [&hers["member"]];
                let area = json!({"name": "Back desk", "purpose": "", "providers": providers});
                body["to"] = json!(school.made("/areas", &area).await);
            }
            "POST /staff/areas/{area}/callers/{caller}/message"
            | "POST /staff/areas/{area}/message" => {
                body = json!({"words": "Five more minutes"});
            }
            "POST /evenings/{evening}/confirmations" => query = "?unbooked=true",
            _ => {}
        }
        Act {
            path: format!("{}{query}", filled(&endpoint.path, &ids)),
            kind: "application/json",
            body: body.to_string(),
        }
    }

    async fn ask(&self, method: &str, act: &Act) -> Answer {
        let (cookie, csrf) = &self.school().session;
        let headers = [
            ("Content-Type", act.kind),
            ("Cookie", cookie.as_str()),
            ("X-Homeroom-Csrf", csrf.as_str()),
        ];
        let path = format!("/api/v1{}", act.path);
        request(self.school().address, method, &path, &headers, &act.body).await
    }

    /// What is wrong with an endpoint: that it is refused, or that it leaves no row of Ada's.
    async fn wrong_with(&self, endpoint: &Endpoint) -> Option<String> {
        let act = self.act(endpoint).await;
        let newest = async || {
            let log = self.school().store.audit_log(None, 200).await;
            log.expect("read")
        };
        let before = newest().await.first().map_or(0, |it| it.number);
        let answer = self.ask(&endpoint.method, &act).await;
        if ![200, 204].contains(&answer.status) {
            return Some(format!("{}: {}", answer.status, answer.body));
        }
        let ada = format!("staff:{}", self.world.hers["member"]);
        let rows = newest().await;
        let is_hers = |it: &&store::AuditRow| it.number > before && it.actor == ada;
        match rows.iter().find(is_hers) {
            Some(_) => None,
            None => Some("leaves no row".to_owned()),
        }
    }
}

#[tokio::test]
async fn whatever_the_staff_change_is_in_the_audit_log() {
    let all = endpoints(&Stage::open().await.world.it).await;
    let (mut wrong, mut tried) = (String::new(), 0);
    let named: Vec<_> = WITHOUT.iter().chain(ELSEWHERE).map(|it| it.0).collect();
    let mut seen = Vec::new();
    for endpoint in all.iter().filter(|it| it.is_office && it.method != "GET") {
        let name = format!("{} {}", endpoint.method, endpoint.path);
        if named.contains(&name.as_str()) {
            seen.push(name);
            continue;
        }
        tried += 1;
        // In a world of its own: nobody before has taken anything away, nor signed her out.
        let stage = Stage::open().await;
        if let Some(what) = stage.wrong_with(endpoint).await {
            writeln!(wrong, "{name}: {what}").expect("room");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(tried > 75, "{tried}");
    assert_eq!(seen.len(), named.len(), "all of those are there: {seen:?}");
}

/// What takes people's data away from here, though it changes nothing.
#[tokio::test]
async fn whoever_takes_a_file_away_is_in_the_audit_log() {
    let stage = Stage::open().await;
    let all = endpoints(&stage.world.it).await;
    let is_file = |it: &&Endpoint| {
        it.method == "GET" && (it.path.ends_with("/data") || it.path.ends_with(".csv"))
    };
    let mut tried = 0;
    for endpoint in all.iter().filter(|it| it.is_office).filter(is_file) {
        assert_eq!(stage.wrong_with(endpoint).await, None, "{}", endpoint.path);
        tried += 1;
    }
    assert!(tried >= 7, "{tried}");
}

#[tokio::test]
async fn an_import_that_somebody_asks_for_is_in_the_log() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut settings = School::settings();
    settings.import.folder = Some(folder.path().to_owned());
    // Nobody answers there.
    settings.import.wonde_url = Some("http://127.0.0.1:9".to_owned());
    let school = School::open_with(settings).await;
    let system = json!({"region": "world", "school": "A1", "token": "a-token", "nightly": false});
    school.done("PUT", "/system", &system).await;
    for path in ["/system/run", "/system/folder/run"] {
        school.done("POST", path, &json!({"apply": true})).await;
    }
    let asked = async || {
        let log = school.store.audit_log(None, 200).await.expect("read");
        let all = log.iter().filter(|it| it.action == "import_asked");
        all.filter(|it| it.actor.starts_with("staff:")).count()
    };
    assert_eq!(asked().await, 2);
    // Whoever has no session asks for nothing.
    let path = "/api/v1/system/run";
    let headers = [("Content-Type", "application/json")];
    let answer = request(school.address, "POST", path, &headers, "{\"apply\": true}").await;
    assert_eq!(answer.status, 401);
    assert_eq!(asked().await, 2);
}

/// A stranger's requests leave the log as it was: signing out of nothing, and a secret that opens nothing.
#[tokio::test]
async fn strangers_do_not_make_the_log_grow() {
    let stage = Stage::open().await;
    let before = stage.school().store.audit_log(None, 1).await.expect("read");
    let all = endpoints(&stage.world.it).await;
    for endpoint in all.iter().filter(|it| it.is_office) {
        let act = Act {
            path: filled(&endpoint.path, &stage.world.hers),
            kind: "application/json",
            body: whole(&stage.world, endpoint, &stage.starts).to_string(),
        };
        let headers = [
            ("Content-Type", act.kind),
            ("Cookie", "homeroom=AAAAAAAAAAAAAAAAAAAAAAAAAA"),
        ];
        let path = format!("/api/v1{}", act.path);
        let asked = request(
            stage.school().address,
            &endpoint.method,
            &path,
            &headers,
            &act.body,
        );
        let answer = asked.await;
        assert_eq!(answer.status, 401, "{} {path}", endpoint.method);
    }
    let after = stage.school().store.audit_log(None, 1).await.expect("read");
    assert_eq!(before, after);
}

/// Endpoints of links that leave no row, and why.
const READ_BY_LINK: &[(&str, &str)] = &[
    ("", "what its holder sees; how they read it is theirs"),
    ("/changes", "waits for news"),
    ("/here", "is kept by nobody"),
    ("/meetings/{meeting}/guests", "reads"),
    ("/network", "reads"),
    ("/parent", "reads"),
    ("/slots", "reads"),
    ("/teacher", "reads"),
    ("/tickets", "whoever comes in by it has `joined`"),
];

impl Stage {
    /// Whose link an endpoint is asked with, and what.
    async fn by_link(&self, path: &str) -> (Key, Value, Ids) {
        let (school, it) = (self.school(), &self.world.it);
        let starts = &self.starts[7];
        let mut asked = super::body(it, starts, &json!({}));
        let mut ids = self.world.hers.clone();
        let key = match path {
            "/visitors" => {
                let rooms = school.done("GET", "/rooms", &Value::Null).await;
                let url = rooms["rooms"][0]["url"].as_str().expect("an address");
                return (Key::read(url), asked, ids);
            }
            "/leave" => return (self.caller().await, json!({}), ids),
            "/teacher/{booking}/note" => school.teacher(&it.evening, &it.teachers[0]).await,
            _ => it.maria.clone(),
        };
        match path {
            "/bookings/{booking}/note" | "/teacher/{booking}/note" => {
                asked = json!({"note": "He reads well"});
            }
            "/meetings/{meeting}/stop"
            | "/meetings/{meeting}/guests/invite"
            | "/meetings/{meeting}/guests/{guest}/resend"
            | "/meetings/{meeting}/guests/{guest}/remove" => {
                // In a room, where no hour is too early.
                let enter = filled("/staff/rooms/{room}/enter", &ids);
                let entered = school.done("POST", &enter, &Value::Null).await;
                let key = Key::read(entered["url"].as_str().expect("an address"));
                let room = ids["room"].parse().expect("an id");
                let meeting = school.store.room(room).await.expect("there").meeting;
                ids.insert("meeting", meeting.to_string());
                if path.ends_with("/stop") {
                    // There is a call to end.
                    school.join(&key).await.joined().await;
                    return (key, json!({"attempt": attempt()}), ids);
                }
                asked = json!({"attempt": attempt(), "email": "gus@x.example"});
                if path.contains("{guest}") {
                    let invite = format!("/meetings/{meeting}/guests/invite");
                    let guest = school.granted(&key, &invite, asked).await;
                    ids.insert("guest", guest["id"].as_str().expect("an id").to_owned());
                    asked = json!({"attempt": attempt()});
                }
                return (key, asked, ids);
            }
            "/invitations" => {
                // Ben is covered by nobody yet but by what waits for the office.
                asked["students"] = json!([it.ben]);
                let removed = format!("/invitations/{}", self.world.hers["approval"]);
                school.done("DELETE", &removed, &Value::Null).await;
            }
            _ => {}
        }
        (key, asked, ids)
    }

    /// The link of somebody who has come to an area.
    async fn caller(&self) -> Key {
        let school = self.school();
        let area = self.world.hers["area"].parse().expect("an id");
        let name = school::Name::read("Wai Ting").expect("a name");
        let who = (&name, &school::Note::default());
        let (press, now) = (attempt(), ambient::now());
        let came = school.store.come_to_area(area, who, &press, now);
        let (link, _) = came.await.expect("came");
        let path = school.keyring.path(&link).expect("a key");
        Key::read(&path.expose())
    }

    async fn wrong_by_link(&self, rest: &str) -> Option<String> {
        let (key, body, ids) = self.by_link(rest).await;
        let newest = async || {
            let log = self.school().store.audit_log(None, 1).await;
            log.expect("read").first().map(|it| it.number)
        };
        let before = newest().await;
        let path = filled(rest, &ids);
        let answer = self.school().by(&key, &path, body).await;
        if ![200, 204].contains(&answer.status) {
            return Some(format!("{}: {}", answer.status, answer.body));
        }
        (newest().await == before).then(|| "leaves no row".to_owned())
    }
}

#[tokio::test]
async fn whatever_is_done_by_a_link_is_in_the_audit_log() {
    let mut stage = Stage::open().await;
    let all = endpoints(&stage.world.it).await;
    let (mut wrong, mut tried, mut seen) = (String::new(), 0, 0);
    for endpoint in &all {
        let Some(rest) = endpoint.path.strip_prefix("/links/{id}") else {
            continue;
        };
        if READ_BY_LINK.iter().any(|(path, _)| *path == rest) {
            seen += 1;
            continue;
        }
        tried += 1;
        if stage.wrong_by_link(rest).await.is_none() {
            continue;
        }
        // Somebody before may have taken it away.
        stage = Stage::open().await;
        if let Some(what) = stage.wrong_by_link(rest).await {
            writeln!(wrong, "{rest}: {what}").expect("room");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(tried >= 15, "{tried}");
    assert_eq!(seen, READ_BY_LINK.len(), "all of those are there");
}
