//! The office's forms: two people at one, dates and times that cannot be, and spellings.

use ::school::{Actor, Name};
use serde_json::{Value, json};
use store::NewStudent;
use tokio::time::timeout;

use crate::database::schema;
use crate::rooms::member;
use crate::support::PATIENCE;
use crate::support::request::Answer;
use crate::support::school::{Evening, School, attempt};

fn plan() -> Value {
    json!({
        "name": "Year 9", "date": "2031-03-06", "time_zone": "Europe/London", "starts": "16:00",
        "ends": "18:00", "slot_minutes": 10, "gap_minutes": 0,
    })
}

/// The code of a refusal, and the field it is about.
fn refusal(answer: &Answer) -> (u16, String, String) {
    let problem: Value = answer.json();
    let text = |at: &str| {
        let text = problem.pointer(at).and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    };
    (answer.status, text("/code"), text("/fields/0/field"))
}

#[tokio::test]
async fn whoever_saves_later_is_told() {
    let school = School::open().await;
    let evening = school.done("POST", "/evenings", &plan()).await;
    let path = format!("/evenings/{}", evening["id"].as_str().expect("an id"));
    let mut mine = evening["set"].clone();
    let mut theirs = mine.clone();
    theirs["name"] = json!("Theirs");
    school.done("PUT", &path, &theirs).await;
    mine["gap_minutes"] = json!(5);
    let refused = school.ask("PUT", &path, &mine).await;
    let (status, code, _) = refusal(&refused);
    assert_eq!((status, code.as_str()), (409, "changed_meanwhile"));
    let now = school.done("GET", &path, &Value::Null).await;
    assert_eq!(
        (&now["set"]["name"], &now["set"]["gap_minutes"]),
        (&json!("Theirs"), &json!(0))
    );
    // They decide: with the version of now it is saved.
    mine["version"] = now["set"]["version"].clone();
    let saved = school.done("PUT", &path, &mine).await;
    assert_eq!(saved["set"]["gap_minutes"], 5);
    // A client that names no version writes over what is there.
    school.done("PUT", &path, &plan()).await;

    let teacher = json!({"name": "Ms Okafor", "email": ""});
    let teacher = school.made("/teachers", &teacher).await;
    let class = json!({"name": "9B", "subject": "Art", "teachers": [teacher]});
    let class = school.done("POST", "/classes", &class).await;
    let path = format!("/classes/{}", class["id"].as_str().expect("an id"));
    let mut change = class.clone();
    change["subject"] = json!("Music");
    school.done("PUT", &path, &change).await;
    change["subject"] = json!("Drama");
    let (status, code, _) = refusal(&school.ask("PUT", &path, &change).await);
    assert_eq!((status, code.as_str()), (409, "changed_meanwhile"));
}

#[tokio::test]
async fn whoever_saves_a_person_or_the_school_later_is_told_too() {
    let school = School::open().await;
    let student = json!({"name": "Ana", "homeroom": "8B", "classes": []});
    let student = school.done("POST", "/students", &student).await;
    let contact = json!({"name": "Maria", "email": "", "students": [student["id"]]});
    let contact = school.done("POST", "/contacts", &contact).await;
    let teacher = json!({"name": "Ms Okafor", "email": ""});
    let teacher = school.done("POST", "/teachers", &teacher).await;
    let settings = school.done("GET", "/school/settings", &Value::Null).await;
    let at = |kind: &str, one: &Value| format!("/{kind}/{}", one["id"].as_str().expect("an id"));
    for (path, shown) in [
        (at("students", &student), student.clone()),
        (at("contacts", &contact), contact.clone()),
        (at("teachers", &teacher), teacher.clone()),
        ("/school/settings".to_owned(), settings),
    ] {
        let change = |name: &str, shown: &Value| {
            let mut changed = shown.clone();
            changed["name"] = json!(name);
            changed
        };
        let theirs = school.done("PUT", &path, &change("Theirs", &shown)).await;
        let refused = school.ask("PUT", &path, &change("Mine", &shown)).await;
        let (status, code, _) = refusal(&refused);
        assert_eq!(
            (status, code.as_str()),
            (409, "changed_meanwhile"),
            "{path}"
        );
        // They decide: with the version of now it is saved.
        let saved = school.done("PUT", &path, &change("Mine", &theirs)).await;
        assert_eq!(saved["name"], "Mine", "{path}");
        assert_ne!(saved["version"], theirs["version"], "{path}");
        // What changes nothing leaves the version; a client that names none writes over it.
        let same = school.done("PUT", &path, &saved).await;
        assert_eq!(same["version"], saved["version"], "{path}");
        let mut bare = change("Bare", &same);
        bare.as_object_mut().expect("an object").remove("version");
        school.done("PUT", &path, &bare).await;
    }
    // Somebody else's change of a contact is none of the student's form.
    let shown = school
        .done("GET", &at("students", &student), &Value::Null)
        .await;
    let order = format!("{}/court-order", at("contacts", &contact));
    school.done("PUT", &order, &json!({"active": true})).await;
    school.done("PUT", &at("students", &student), &shown).await;
}

/// What a form shows, with a change of somebody's.
fn with(shown: &Value, change: &Value) -> Value {
    let mut changed = shown.clone();
    let all = changed.as_object_mut().expect("an object");
    all.extend(change.as_object().expect("an object").clone());
    changed
}

/// Two of the staff, a room, an area and an evening that both are in charge of, and an information system.
struct Shared {
    school: School,
    /// Who works in the office.
    ada: Value,
    /// Who does not, and how they are asked as.
    kim: Value,
    as_kim: (String, String),
    room: String,
    area: String,
    evening: String,
}

impl Shared {
    async fn begin() -> Self {
        let mut school = School::open().await;
        let office = school.session.clone();
        member(&mut school, "Kim", "kim@hillroad.example").await;
        let as_kim = std::mem::replace(&mut school.session, office);
        let staff = school.done("GET", "/members", &Value::Null).await;
        let id = |at: usize| {
            staff
                .pointer(&format!("/members/{at}/id"))
                .expect("one of them")
                .clone()
        };
        let (ada, kim) = (id(0), id(1));
        let room = json!({"name": "Counselling", "members": [ada, kim]});
        let area = json!({"name": "Help", "purpose": "", "providers": [ada, kim]});
        let system = json!({"region": "world", "school": "A1", "token": "t", "nightly": true});
        school.done("PUT", "/system", &system).await;
        Self {
            room: school.made("/rooms", &room).await,
            area: school.made("/areas", &area).await,
            evening: school.made("/evenings", &plan()).await,
            school,
            ada,
            kim,
            as_kim,
        }
    }

    /// Each form: where it is saved, where it is read and at which place there, and two changes.
    fn forms(&self) -> [(String, String, &'static str, Value, Value); 4] {
        let (ada, kim) = (&self.ada, &self.kim);
        let managers = format!("/evenings/{}/managers", self.evening);
        // As they are shown: by number.
        let mut both = [ada, kim];
        both.sort_by_key(|it| it.as_str().and_then(|id| id.parse::<u64>().ok()));
        [
            (
                format!("/rooms/{}", self.room),
                "/rooms".to_owned(),
                "/rooms/0",
                json!({"members": [ada]}),
                json!({"limit": 60}),
            ),
            (
                format!("/areas/{}", self.area),
                "/areas".to_owned(),
                "/areas/0",
                json!({"providers": [ada]}),
                json!({"purpose": "About your account"}),
            ),
            (
                managers.clone(),
                managers,
                "",
                json!({"members": []}),
                json!({"members": both}),
            ),
            (
                "/system".to_owned(),
                "/system".to_owned(),
                "/connected",
                json!({"nightly": false}),
                json!({"school": "B2"}),
            ),
        ]
    }

    async fn shown(&self, path: &str, at: &str) -> Value {
        let answer = self.school.done("GET", path, &Value::Null).await;
        answer.pointer(at).cloned().expect("it is there")
    }
}

#[tokio::test]
async fn whoever_saves_a_list_of_people_later_is_told_too() {
    let it = Shared::begin().await;
    let managers = format!("/evenings/{}/managers", it.evening);
    let kim = json!({"members": [it.kim]});
    it.school.done("PUT", &managers, &kim).await;
    for (put, get, at, theirs, mine) in it.forms() {
        let mut as_it_was = it.shown(&get, at).await;
        as_it_was
            .as_object_mut()
            .expect("an object")
            .remove("version");
        for (first, second) in [(&theirs, &mine), (&mine, &theirs)] {
            // A client that names no version writes over what is there.
            it.school.done("PUT", &put, &as_it_was).await;
            let opened = it.shown(&get, at).await;
            it.school.done("PUT", &put, &with(&opened, first)).await;
            let now = it.shown(&get, at).await;
            assert_ne!(now["version"], opened["version"], "{put}");
            let refused = it.school.ask("PUT", &put, &with(&opened, second)).await;
            let (status, code, _) = refusal(&refused);
            assert_eq!((status, code.as_str()), (409, "changed_meanwhile"), "{put}");
            assert_eq!(it.shown(&get, at).await, now, "{put}: nothing is written");
            // They decide: with the version of now it is saved.
            let version = json!({"version": now["version"]});
            let decided = with(&with(&opened, second), &version);
            it.school.done("PUT", &put, &decided).await;
            let saved = it.shown(&get, at).await;
            assert_eq!(with(&saved, second), saved, "{put}");
            // What changes nothing leaves the version.
            it.school.done("PUT", &put, &saved).await;
            assert_eq!(it.shown(&get, at).await, saved, "{put}");
        }
    }
}

#[tokio::test]
async fn whoever_was_taken_out_is_not_back_by_a_form_that_was_opened_before() {
    let mut it = Shared::begin().await;
    let managers = format!("/evenings/{}/managers", it.evening);
    let kim = json!({"members": [it.kim]});
    it.school.done("PUT", &managers, &kim).await;
    for (put, get, at, theirs, mine) in it.forms() {
        let opened = it.shown(&get, at).await;
        it.school.done("PUT", &put, &with(&opened, &theirs)).await;
        let refused = it.school.ask("PUT", &put, &with(&opened, &mine)).await;
        assert_eq!(refused.status, 409, "{put}");
    }
    it.school.session = it.as_kim.clone();
    let enter = format!("/staff/rooms/{}/enter", it.room);
    let evening = format!("/evenings/{}", it.evening);
    for (method, path) in [("POST", &enter), ("GET", &evening)] {
        let answer = it.school.ask(method, path, &Value::Null).await;
        assert_eq!(refusal(&answer).1, "not_found", "{path}");
    }
    let home = it.school.done("GET", "/staff", &Value::Null).await;
    assert_eq!((&home["rooms"], &home["areas"]), (&json!([]), &json!([])));
}

#[tokio::test]
async fn how_long_data_is_kept_is_refused_beyond_its_limits() {
    let school = School::open().await;
    let settings = school.done("GET", "/school/settings", &Value::Null).await;
    for (days, status) in [(0, 422), (1, 200), (3650, 200), (3651, 422), (100_000, 422)] {
        let mut changed = settings.clone();
        changed["retention_days"] = json!(days);
        changed
            .as_object_mut()
            .expect("an object")
            .remove("version");
        let answer = school.ask("PUT", "/school/settings", &changed).await;
        assert_eq!(answer.status, status, "{days}: {}", answer.body);
        if status == 422 {
            assert_eq!(refusal(&answer).2, "retention_days");
        }
    }
}

#[tokio::test]
async fn odd_dates_and_times_are_refused_at_their_fields() {
    let school = School::open().await;
    for (name, value, field) in [
        ("date", json!("2020-03-05"), "date"),
        ("date", json!("9999-12-31"), "date"),
        ("date", json!("2031-02-30"), "date"),
        ("date", json!("tomorrow"), "date"),
        ("date", json!("2031-03-05T10:00"), "date"),
        ("date", json!("+002031-03-05"), "date"),
        ("starts", json!("16:00:30"), "starts"),
        (
            "booking_closes",
            json!("2020-01-01T00:00:00Z"),
            "booking_closes",
        ),
        (
            "booking_closes",
            json!("2099-01-01T00:00:00Z"),
            "booking_closes",
        ),
        ("starts", json!("24:00"), "starts"),
        ("ends", json!("24:00"), "ends"),
        ("ends", json!("25:61"), "ends"),
        ("ends", json!("15:00"), "ends"),
        ("slot_minutes", json!(2), "slot_minutes"),
        ("slot_minutes", json!(121), "slot_minutes"),
        ("gap_minutes", json!(61), "gap_minutes"),
        ("time_zone", json!("Mars/Olympus"), "time_zone"),
        ("name", json!("\u{200b}"), "name"),
    ] {
        let mut odd = plan();
        odd[name] = value;
        let answer = school.ask("POST", "/evenings", &odd).await;
        let expected = (422, "invalid".to_owned(), field.to_owned());
        assert_eq!(refusal(&answer), expected, "{odd}");
    }
}

#[tokio::test]
async fn all_classes_are_all_that_there_are_later() {
    let school = School::open().await;
    let evening = school.done("POST", "/evenings", &plan()).await;
    assert_eq!(evening["set"]["classes"], Value::Null);
    let teacher = json!({"name": "Ms Okafor", "email": ""});
    let teacher = school.made("/teachers", &teacher).await;
    let class = json!({"name": "9B", "subject": "Art", "teachers": [teacher]});
    let class = school.made("/classes", &class).await;
    let student = json!({"name": "Ana Santos", "classes": [class]});
    let student = school.made("/students", &student).await;
    let parent = json!({"name": "Maria Santos", "email": "", "students": [student]});
    let parent = school.made("/contacts", &parent).await;
    let path = format!(
        "/evenings/{}/parents/{parent}",
        evening["id"].as_str().expect("an id")
    );
    let seen = school.done("GET", &path, &Value::Null).await;
    assert!(seen.to_string().contains("Art"), "{seen}");
}

#[tokio::test]
async fn booking_past_its_closing_time_asks_for_another() {
    let it = Evening::open().await;
    let path = format!("/evenings/{}", it.evening);
    let door = format!("{path}/booking");
    it.school.done("PUT", &door, &json!({"open": false})).await;
    let now = it.school.done("GET", &path, &Value::Null).await;
    let mut past = now["set"].clone();
    past["booking_closes"] = json!("2026-01-01T12:00:00Z");
    it.school.done("PUT", &path, &past).await;
    let refused = it.school.ask("PUT", &door, &json!({"open": true})).await;
    let expected = (422, "invalid".to_owned(), "booking_closes".to_owned());
    assert_eq!(refusal(&refused), expected);
    let late = json!({"open": true, "closes": "2099-01-01T12:00:00Z"});
    let refused = it.school.ask("PUT", &door, &late).await;
    assert_eq!(refusal(&refused), expected);
    let until = json!({"open": true, "closes": now["ends"]});
    let open = it.school.done("PUT", &door, &until).await;
    assert_eq!(open["booking"], "open");
}

#[tokio::test]
async fn what_nobody_sees_is_refused_at_its_field() {
    let it = Evening::open().await;
    let starts = it.starts().await;
    let body = json!({
        "student": it.ana, "class": it.french, "starts": starts[1], "attempt": attempt(),
        "note": "a\u{202e}b",
    });
    let answer = it.school.by(&it.maria, "/bookings", body).await;
    assert_eq!(refusal(&answer).2, "note");
    let student = json!({"name": "Ana", "homeroom": "8\u{200b}B", "classes": []});
    let answer = it.school.ask("POST", "/students", &student).await;
    assert_eq!(refusal(&answer).2, "homeroom");
    let contact = json!({"name": "Ana", "email": "a\u{200b}na@x.example", "students": []});
    let answer = it.school.ask("POST", "/contacts", &contact).await;
    assert_eq!(refusal(&answer).2, "email");
}

#[tokio::test]
async fn a_wish_that_waits_is_not_sent_by_changing_its_address() {
    let it = Evening::open().await;
    let order = format!("/contacts/{}/court-order", it.contacts[2]);
    it.school
        .done("PUT", &order, &json!({"active": true}))
        .await;
    // Paul Santos, by an iPhone and in another order.
    let body = json!({
        "attempt": attempt(), "name": "SANTOS, Pa\u{fa}l", "email": "uncle@x.example",
        "consent": true, "wording": "1", "students": [it.ana],
    });
    let held = it.school.granted(&it.maria, "/invitations", body).await;
    assert_eq!(held, json!({"type": "needs_approval"}));
    let waiting = it.school.done("GET", "/approvals", &Value::Null).await;
    let id = waiting["approvals"][0]["id"].as_str().expect("it waits");
    let body = json!({"email": "somebody@else.example"});
    let path = format!("/invitations/{id}/address");
    let answer = it.school.by(&it.maria, &path, body).await;
    assert_ne!(answer.status, 200, "{}", answer.body);
    assert!(it.school.guests(&it.evening).await.is_empty());
    let waits = it.school.done("GET", "/attention", &Value::Null).await;
    assert_eq!(waits["to_decide"], 1);
}

#[tokio::test]
async fn people_are_found_by_parents_accents_and_homerooms() {
    let it = Evening::open().await;
    let student = json!({"name": "Zo\u{eb} O\u{2019}Brien", "homeroom": "7A/x", "classes": []});
    let zoe = it.school.made("/students", &student).await;
    let parent = json!({
        "name": "Ren\u{e9} M\u{fc}ller", "email": "rene@m\u{fc}ller.example", "students": [zoe],
    });
    it.school.made("/contacts", &parent).await;
    for words in [
        "zoe",
        "o'brien",
        "OBRIEN ZO\u{cb}",
        "7a/X",
        "rene muller",
        "ren\u{e9}",
        "RENE@",
        "muller zoe",
    ] {
        let found = it
            .school
            .done("POST", "/students/search", &json!({"search": words}))
            .await;
        assert_eq!(found["students"][0]["id"], zoe.as_str(), "{words}");
        assert_eq!(found["total"], 1, "{words}");
    }
    for words in ["zoe demir", "8Z", "x@y", "%", "_"] {
        let found = it
            .school
            .done("POST", "/students/search", &json!({"search": words}))
            .await;
        let all = it
            .school
            .done("POST", "/students/search", &json!({"search": ""}))
            .await;
        let is_none = found["total"] == 0 || found["total"] == all["total"];
        assert!(is_none, "{words}: {found}");
    }
}

/// Waits until somebody waits for their turn there.
async fn until_somebody_waits(schema: &str) {
    let pool = sqlx::PgPool::connect(schema).await.expect("it answers");
    // Every schema of the tests has its own number.
    let waiting = "SELECT COUNT(*) FROM pg_locks AS mine JOIN pg_locks AS theirs
                       USING (locktype, database, classid, objid, objsubid)
                   WHERE mine.locktype = 'advisory' AND mine.classid = 701140547
                       AND mine.granted AND NOT theirs.granted";
    let waits = async {
        loop {
            let waiting: i64 = sqlx::query_scalar(waiting)
                .fetch_one(&pool)
                .await
                .expect("read");
            if waiting > 0 {
                break;
            }
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, waits).await.expect("somebody waits");
    pool.close().await;
}

/// At two nodes alike: a form that is saved waits for one that another node is saving, and sees what that changed.
#[tokio::test]
async fn whoever_saves_at_another_node_is_told_too() {
    let schema = schema().await;
    let school = School::open_on(schema.clone()).await;
    let student = json!({"name": "Ben", "classes": []});
    let student = school.done("POST", "/students", &student).await;
    let id = student["id"].as_str().expect("an id");
    let (path, id) = (format!("/students/{id}"), id.parse().expect("a number"));
    let theirs = school.store.saving().await.expect("it is nobody's turn");
    let mut mine = student.clone();
    mine["name"] = json!("Benjamin");
    let saves = school.ask("PUT", &path, &mine);
    let saved_there = async {
        until_somebody_waits(&schema).await;
        let change = NewStudent {
            name: Name::read("Benedict").expect("a name"),
            form: String::new(),
            year: None,
            source: None,
            classes: None,
        };
        let (by, now) = (Actor::Program, ambient::now());
        let changed = school.store.change_student(id, &change, by, now);
        changed.await.expect("it is saved");
        drop(theirs);
    };
    let (refused, ()) = tokio::join!(saves, saved_there);
    let (status, code, _) = refusal(&refused);
    assert_eq!((status, code.as_str()), (409, "changed_meanwhile"));
    let kept = school.done("GET", &path, &Value::Null).await;
    assert_eq!(kept["name"], "Benedict");
}
