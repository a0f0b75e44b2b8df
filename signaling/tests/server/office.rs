//! Who may ask what: every endpoint of the description, by whoever may not.
#![expect(
    clippy::indexing_slicing,
    reason = "a story told in order; a field that is missing is a failure"
)]

use futures_util::future::join_all;
use jiff::SignedDuration;
use school::{EmailAddress, Name};
use std::collections::BTreeSet;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use store::Actor;

use crate::support::request::{Answer, get, request};
use crate::support::school::{Evening, Key, School, attempt};

/// Every endpoint: method and path under `/api/v1`.
async fn endpoints(school: &School) -> Vec<(String, String, bool)> {
    let answer = get(school.address, "/api/v1/openapi.json").await;
    let document: Value = answer.json();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("methods") {
            let path = path.trim_start_matches("/api/v1").to_owned();
            let is_office = operation["security"][0].get("session").is_some();
            all.push((method.to_uppercase(), path, is_office));
        }
    }
    assert!(all.len() > 50);
    all
}

fn code(body: &str) -> String {
    let problem: Value = serde_json::from_str(body).expect("a problem");
    problem["code"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn the_office_is_for_who_is_signed_in_and_asks_from_our_page() {
    let school = School::open().await;
    let (cookie, csrf) = &school.session;
    for (method, path, is_office) in endpoints(&school).await {
        if !is_office {
            continue;
        }
        let path = format!("/api/v1{}", path.replace(['{', '}'], ""));
        let json = ("Content-Type", "application/json");
        let nobody = request(school.address, &method, &path, &[json], "{}").await;
        assert_eq!(
            (nobody.status, code(&nobody.body).as_str()),
            (401, "not_signed_in"),
            "{path}"
        );
        let wrong = ("Cookie", "homeroom=00000000000000000000000000");
        let nobody = request(school.address, &method, &path, &[json, wrong], "{}").await;
        assert_eq!(nobody.status, 401, "{path}");
        let cookie = ("Cookie", cookie.as_str());
        if method != "GET" {
            let unproved = request(school.address, &method, &path, &[json, cookie], "{}").await;
            assert_eq!(
                (unproved.status, code(&unproved.body).as_str()),
                (403, "bad_csrf"),
                "{path}"
            );
        }
        let foreign = [
            json,
            cookie,
            ("X-Homeroom-Csrf", csrf.as_str()),
            ("Origin", "https://elsewhere.example"),
        ];
        let foreign = request(school.address, &method, &path, &foreign, "{}").await;
        assert_eq!(
            (foreign.status, code(&foreign.body).as_str()),
            (403, "bad_request"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_link_opens_what_is_its_holders_and_nothing_else() {
    let it = Evening::open().await;
    let starts = it.starts().await;
    let booked = it
        .book(&it.maria, &it.ana, &it.french, &starts[0], &attempt())
        .await;
    let booked: Value = booked.json();
    let invited: Value = it
        .invite(&it.maria, "Grandma Rosa", &[&it.ana])
        .await
        .json();
    let id = |it: &Value| it["id"].as_str().expect("an id").to_owned();
    let (booking, invitation) = (id(&booked["appointment"]), id(&invited["invitation"]));
    let meeting = booked["appointment"]["meeting"].as_str().expect("an id");
    let guest = it.school.guests(&it.evening).await.remove(0);
    let teacher = it.school.teacher(&it.evening, &it.teachers[0]).await;
    let whole = json!({
        "attempt": attempt(), "student": it.ana, "class": it.maths, "starts": starts[1],
        "name": "X", "email": "x@x.example", "consent": true, "wording": "1", "note": "",
        "students": [it.ana], "seen": "", "wishes": [], "here": true, "meeting": meeting,
    });
    let of_parents = |path: &str| {
        let rest = path.trim_start_matches("/links/{id}");
        !rest.starts_with("/meetings/")
            && !rest.starts_with("/teacher")
            && !matches!(rest, "" | "/tickets" | "/changes" | "/network" | "/here")
    };
    for (_, path, is_office) in endpoints(&it.school).await {
        if is_office || !path.starts_with("/links/") {
            continue;
        }
        // What the path names is there, and is hers whose link is none of these.
        let rest = path
            .trim_start_matches("/links/{id}")
            .replace("{meeting}", meeting)
            .replace("{guest}", "7")
            .replace("{booking}", &booking)
            .replace("{invitation}", &invitation);
        assert!(!rest.contains('{'), "{path}");
        let mut refused: Vec<(&Key, u16)> = Vec::new();
        if of_parents(&path) {
            refused.extend([(&guest, 404), (&teacher, 404)]);
        } else if rest.starts_with("/teacher") {
            refused.extend([(&guest, 404), (&it.maria, 404)]);
        } else if rest == "/here" {
            // They are who is waited for.
            refused.push((&teacher, 404));
        }
        if rest == "/visitors" || rest == "/leave" {
            // Hers is no link of a room or a waiting area either.
            refused.push((&it.maria, 404));
        }
        let forged = Key {
            id: it.maria.id.clone(),
            secret: it.omar.secret.clone(),
        };
        refused.push((&forged, 404));
        for (key, status) in refused {
            let answer = it.school.by(key, &rest, whole.clone()).await;
            assert_eq!(answer.status, status, "{path}: {}", answer.body);
            assert_eq!(code(&answer.body), "no_such_link", "{path}");
        }
    }
}

#[tokio::test]
async fn what_is_not_there_is_one_answer() {
    let school = School::open().await;
    let evening = json!({
        "name": "E", "date": "2030-01-10", "time_zone": "Europe/London", "starts": "16:00",
        "ends": "18:00", "slot_minutes": 10, "gap_minutes": 0, "open": true, "subject": "S",
        "teachers": [], "email": "x@home.example", "students": [], "active": true,
        "approve": true, "attempt": attempt(), "student": "7", "class": "7",
        "place": 0, "decision": "keep", "words": "", "members": ["7"],
        "purpose": "", "providers": ["7"], "word": "", "to": "7", "role": "viewer",
        "what": "telephone", "keep": "own", "own": "01632 960001", "school": "01632 960002",
    });
    for (method, path, is_office) in endpoints(&school).await {
        if !is_office || !path.contains('{') {
            continue;
        }
        for id in ["7", "nonsense"] {
            let mut whole = evening.clone();
            whole["password"] = json!("correct horse battery");
            if path.starts_with("/classes/") {
                let body = json!({"name": "T", "email": ""});
                whole["teachers"] = json!([school.made("/teachers", &body).await]);
            }
            let mut parts = Vec::new();
            for part in path.split('/') {
                parts.push(if part.starts_with('{') { id } else { part });
            }
            let path = parts.join("/");
            let answer = school.ask(&method, &path, &whole).await;
            assert_eq!(
                (answer.status, code(&answer.body).as_str()),
                (404, "not_found"),
                "{method} {path}"
            );
        }
    }
}

#[tokio::test]
async fn set_up_works_once_and_signing_in_and_out() {
    let mut school = School::open().await;
    let again = json!({"secret": "00000000000000000000000000"});
    let answer = school.ask("POST", "/setup/check", &again).await;
    assert_eq!(
        (answer.status, code(&answer.body).as_str()),
        (409, "set_up_done")
    );

    let sign_in = |password: &str| json!({"email": "ADA@hillroad.example", "password": password});
    let wrong = school
        .ask("POST", "/session", &sign_in("correct horse batterie"))
        .await;
    assert_eq!(
        (wrong.status, code(&wrong.body).as_str()),
        (401, "wrong_password")
    );
    let nobody = json!({"email": "eve@hillroad.example", "password": "correct horse battery"});
    let nobody = school.ask("POST", "/session", &nobody).await;
    assert_eq!(nobody.body, wrong.body);

    let right = school
        .ask("POST", "/session", &sign_in("correct horse battery"))
        .await;
    assert_eq!(right.status, 200, "{}", right.body);
    let cookie = right.header("set-cookie").expect("a cookie");
    for part in ["homeroom=", "HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    school.remember(&right);
    let who = school.done("GET", "/session", &Value::Null).await;
    assert_eq!(who["name"], "Ada Office");
    school.done("DELETE", "/session", &Value::Null).await;
    assert_eq!(
        school.ask("GET", "/session", &Value::Null).await.status,
        401
    );

    school.session = (String::new(), String::new());
    let guess = sign_in("guess");
    let guesses = join_all((0..40).map(|_| school.ask("POST", "/session", &guess))).await;
    let is_refused = |answer: &Answer| answer.status == 429;
    assert!(guesses.iter().any(is_refused), "guesses are throttled");
}

#[tokio::test]
async fn who_was_added_chooses_a_password_once_and_signs_in_by_it() {
    let mut school = School::open().await;
    let secret = links::Secret::random(&mut ambient::rng());
    let digest: [u8; 32] = Sha256::digest(secret.expose().as_bytes()).into();
    let name = Name::read("Bo Adams").expect("a name");
    let email = EmailAddress::read("bo@hillroad.example").expect("an address");
    let now = ambient::now();
    let link = (&digest, now + SignedDuration::from_hours(1));
    let added = school
        .store
        .invite_staff(
            (&name, &email, school::Rank::Office),
            link,
            Actor::Program,
            now,
        )
        .await;
    added.expect("added");
    let sign_in = async |password: &str| {
        let body = json!({"email": "bo@hillroad.example", "password": password});
        school.ask("POST", "/session", &body).await.status
    };
    for guess in ["", "nobody has this password"] {
        assert_eq!(sign_in(guess).await, 401);
    }
    let asked = json!({"secret": secret.expose()});
    let offered = school.done("POST", "/setup/check", &asked).await;
    assert_eq!(offered, json!({"email": "bo@hillroad.example"}));
    let choose = |password: &str| {
        json!({
            "secret": secret.expose(), "school": "", "name": "", "email": "", "password": password,
        })
    };
    let short = school.ask("POST", "/setup", &choose("short")).await;
    assert_eq!((short.status, code(&short.body).as_str()), (422, "invalid"));
    let chosen = "a long enough password";
    let taken = school.ask("POST", "/setup", &choose(chosen)).await;
    assert_eq!(taken.status, 200, "{}", taken.body);
    assert_eq!(sign_in(chosen).await, 200);
    let again = school
        .ask("POST", "/setup", &choose("another password"))
        .await;
    assert_eq!(code(&again.body), "set_up_done");
    school.remember(&taken);
    let who = school.done("GET", "/session", &Value::Null).await;
    assert_eq!(who["name"], "Bo Adams");
}

#[tokio::test]
async fn a_file_is_tried_before_it_is_taken() {
    let school = School::open().await;
    let csv = "Student,Form,Classes,Contact,Email\nAna Santos,8B,,Maria Santos,maria@x.example\n\
               =1+1,8B,,,not-an-address\n";
    let (cookie, csrf) = &school.session;
    let headers = [
        ("Content-Type", "text/csv"),
        ("Cookie", cookie.as_str()),
        ("X-Homeroom-Csrf", csrf.as_str()),
    ];
    let path = "/api/v1/import/students";
    let tried = request(school.address, "POST", path, &headers, csv).await;
    assert_eq!(tried.status, 200, "{}", tried.body);
    let report: Value = tried.json();
    assert_eq!(
        (&report["applied"], &report["created"]),
        (&json!(false), &json!(1))
    );
    let none = school.done("POST", "/students/search", &json!({})).await;
    assert_eq!(none["total"], 0);
    let path = "/api/v1/import/students?apply=true";
    let taken = request(school.address, "POST", path, &headers, csv).await;
    assert_eq!(taken.json::<Value>()["applied"], true);
    let all = school
        .done("POST", "/students/search", &json!({"search": "ana"}))
        .await;
    assert_eq!(
        all["students"][0]["contacts"][0]["email"],
        "maria@x.example"
    );
    let audit = school.done("GET", "/audit", &Value::Null).await;
    assert!(audit.to_string().contains("imported"));
    assert!(
        !audit.to_string().contains("Santos"),
        "the log names people by ids only"
    );
    let (cookie, csrf) = (
        ("Cookie", cookie.as_str()),
        ("X-Homeroom-Csrf", csrf.as_str()),
    );
    let csv = request(
        school.address,
        "GET",
        "/api/v1/audit.csv",
        &[cookie, csrf],
        "",
    )
    .await;
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
    let unreadable = [("Content-Type", "text/csv"), cookie, csrf];
    let path = "/api/v1/import/students";
    let refused = request(school.address, "POST", path, &unreadable, "PK\u{3}\u{4}").await;
    assert_eq!(
        (refused.status, code(&refused.body).as_str()),
        (422, "unreadable_file")
    );
}

#[tokio::test]
async fn an_import_says_whom_it_did_not_invite_and_who_stays_because_of_a_refused_row() {
    let school = School::open().await;
    let (cookie, csrf) = &school.session;
    let headers = [
        ("Content-Type", "text/csv"),
        ("Cookie", cookie.as_str()),
        ("X-Homeroom-Csrf", csrf.as_str()),
    ];
    let import = async |query: &str, csv: &str| -> Value {
        let path = format!("/api/v1/import/students?apply=true{query}");
        request(school.address, "POST", &path, &headers, csv)
            .await
            .json()
    };
    // Paul is reached by a letter alone.
    let csv = "Student ID,Student,Contact,Email\nA1,Ana Santos,Maria Santos,maria@x.example\n\
               A1,Ana Santos,Paul Costa,n/a\nA2,Ben Demir,Omar Demir,omar@x.example\n";
    let done = import("&invite=true", csv).await;
    assert_eq!(done["applied"], true, "{done}");
    let invitations = &done["invitations"];
    assert_eq!(
        (&done["invited"], &invitations["sent"]),
        (&json!(2), &json!(2))
    );
    let letters = invitations["by_letter"].as_array().expect("ids");
    assert_eq!(letters.len(), 1, "{invitations}");
    // Ben's row is refused, and keeps him and his father; Ana and hers are named no longer, and leave.
    let fewer = "Student ID,Student,Contact,Email\nA2,Ben Demir,Omar Demir,omar.x.example\n";
    let done = import("&whole=true&all_the_same=true", fewer).await;
    assert_eq!(
        (&done["kept_back"], &done["refused"]),
        (&json!(2), &json!(1)),
        "{done}"
    );
    let left = [
        "Ana Santos has left",
        "Maria Santos has left",
        "Paul Costa has left",
    ];
    let leaving = done["leaving"].as_array().expect("a list").iter();
    let leaving: BTreeSet<_> = leaving.filter_map(Value::as_str).collect();
    assert_eq!(leaving, BTreeSet::from(left));
}

#[tokio::test]
async fn what_columns_mean_is_chosen_and_known_for_the_next_file() {
    let school = School::open().await;
    let (cookie, csrf) = &school.session;
    let headers = [
        ("Content-Type", "text/csv"),
        ("Cookie", cookie.as_str()),
        ("X-Homeroom-Csrf", csrf.as_str()),
    ];
    let import = async |query: &str, csv: &str| {
        let path = format!("/api/v1/import/students{query}");
        request(school.address, "POST", &path, &headers, csv).await
    };
    let file = "Who,At home,Mail at home\nAna Santos,Maria Santos,maria@x.example\n";
    let asked: Value = import("?apply=true", file).await.json();
    assert_eq!(asked["applied"], false, "nobody knows what it means");
    let problem = asked["problem"].as_str().expect("why");
    assert!(problem.contains("\"student\" is missing"), "{problem}");
    let columns = &asked["columns"];
    assert_eq!(
        columns["headings"],
        json!(["Who", "At home", "Mail at home"])
    );
    assert_eq!(columns["samples"][0][0], "Ana Santos");
    assert_eq!(columns["chosen"], json!(["", "", ""]));
    let choices = columns["choices"].as_array().expect("codes");
    assert!(choices.contains(&json!("guardian_2_email")), "{choices:?}");
    let chosen = "columns=student,guardian_1_name,guardian_1_email";
    // Trying keeps nothing.
    let tried: Value = import(&format!("?{chosen}"), file).await.json();
    assert_eq!((&tried["created"], tried.get("problem")), (&json!(1), None));
    let again: Value = import("", file).await.json();
    assert!(again.get("problem").is_some());
    let done: Value = import(&format!("?apply=true&{chosen}"), file).await.json();
    assert_eq!(
        (&done["applied"], &done["created"]),
        (&json!(true), &json!(1))
    );
    let next = "WHO,at  home,Mail at home\nBen Two,Hal Two,hal@x.example\n";
    let next: Value = import("", next).await.json();
    assert_eq!((&next["created"], next.get("problem")), (&json!(1), None));
    assert_eq!(next["columns"]["remembered"], true);
    // Another kind of file asks again, and what is no column is no request.
    let other: Value = import("", "Who,Mail\nBen,b@x.example\n").await.json();
    assert!(other.get("problem").is_some());
    for (query, status) in [
        ("?columns=student,teacher", 400),
        ("?columns=student", 200),
        ("?headings=maybe", 400),
    ] {
        assert_eq!(import(query, file).await.status, status, "{query}");
    }
    // A file that begins with somebody.
    let bare = "Cal Three,Gwen Three,gwen@x.example\n";
    let query = format!("?headings=false&{chosen}");
    let bare: Value = import(&query, bare).await.json();
    assert_eq!(
        (&bare["created"], &bare["rows"][0]["line"]),
        (&json!(1), &json!(1))
    );
}

#[tokio::test]
async fn whose_list_it_is_is_asked_where_the_headings_do_not_say() {
    let school = School::open().await;
    let (cookie, csrf) = &school.session;
    let headers = [
        ("Content-Type", "text/csv"),
        ("Cookie", cookie.as_str()),
        ("X-Homeroom-Csrf", csrf.as_str()),
    ];
    let import = async |query: &str, csv: &str| -> Value {
        let path = format!("/api/v1/import/students{query}");
        request(school.address, "POST", &path, &headers, csv)
            .await
            .json()
    };
    let file = "Initials,Forename,Surname,School email\nAS,Ana,Santos,ana@school.example\n";
    let asked = import("?apply=true", file).await;
    assert_eq!(asked["applied"], false, "nobody guesses");
    let of = |list: &str| {
        let readings = asked["readings"].as_array().expect("two");
        let one = readings
            .iter()
            .find(|it| it["list"] == list)
            .expect("it may be");
        let codes = one["chosen"].as_array().expect("codes").iter();
        let codes: Vec<_> = codes.map(|it| it.as_str().expect("a code")).collect();
        codes.join(",")
    };
    let students = of("student");
    assert_eq!(
        of("teacher"),
        "teacher_1_id,teacher_1_first,teacher_1_last,teacher_1_email"
    );
    let done = import(&format!("?apply=true&columns={students}"), file).await;
    assert_eq!(
        (&done["applied"], &done["created"]),
        (&json!(true), &json!(1))
    );
    let found = school
        .done("POST", "/students/search", &json!({"search": "ana"}))
        .await;
    assert_eq!(found["total"], 1);
    let none = school.done("GET", "/teachers", &Value::Null).await;
    assert!(!none.to_string().contains("Santos"), "{none}");
    // It is known the next time, and what else is to be known of a file is told.
    let marks =
        "Initials,Forename,Surname,School email\nBT,Ben,Two,ben@school.example\nTotal: 1,,,\n";
    let next = import("", marks).await;
    assert_eq!((&next["created"], next.get("problem")), (&json!(1), None));
    let note = next["notes"][0].as_str().expect("a note");
    assert!(note.ends_with("end-of-report lines (row 3)."), "{note}");
}

#[tokio::test]
async fn a_teacher_who_has_left_is_taken_back() {
    let school = School::open().await;
    let new = json!({"name": "Ngozi Okafor", "email": "okafor@school.example"});
    let id = school.done("POST", "/teachers", &new).await["id"].clone();
    let id = id.as_str().expect("an id");
    let names = |of: &Value| -> Vec<String> {
        let all = of.as_array().into_iter().flatten();
        all.map(|it| it["name"].as_str().expect("a name").to_owned())
            .collect()
    };
    let path = format!("/teachers/{id}/back");
    let status = school.ask("POST", &path, &Value::Null).await.status;
    assert_eq!(status, 200, "they have not left, and stay");
    school
        .ask("DELETE", &format!("/teachers/{id}"), &Value::Null)
        .await;
    let all = school.done("GET", "/teachers", &Value::Null).await;
    assert_eq!(names(&all["left"]), ["Ngozi Okafor"]);
    assert!(!names(&all["teachers"]).contains(&"Ngozi Okafor".to_owned()));
    let back = school.done("POST", &path, &Value::Null).await;
    assert!(names(&back["teachers"]).contains(&"Ngozi Okafor".to_owned()));
    assert_eq!(back.get("left"), None);
    let audit = school.done("GET", "/audit", &Value::Null).await;
    assert!(audit.to_string().contains("back_at_school"), "{audit}");
    // Whoever is erased is nobody who could come back.
    school
        .ask("DELETE", &format!("/teachers/{id}"), &Value::Null)
        .await;
    school
        .ask("POST", &format!("/teachers/{id}/erase"), &Value::Null)
        .await;
    let all = school.done("GET", "/teachers", &Value::Null).await;
    assert_eq!(all.get("left"), None);
    let status = school.ask("POST", &path, &Value::Null).await.status;
    assert_eq!(status, 404);
}
