//! Pages as Wonde's documentation says that they are, and such as it does not.
#![expect(clippy::indexing_slicing, reason = "a test that finds nothing fails")]

use school::import::{Existing, Incoming, Outcome, Taker, reconcile};
use serde_json::{Value, json};
use sources::wonde::{Account, People, Records};

fn page(data: &Value, next: Option<&str>) -> Vec<u8> {
    let whole = json!({
        "data": data,
        "meta": {
            "pagination": {
                "next": next, "previous": null, "more": next.is_some(), "per_page": "200",
                "current_page": 1,
            },
            "includes": ["classes", "contacts", "contacts.contact_details"],
        },
    });
    whole.to_string().into_bytes()
}

fn person(id: &str, forename: &str, surname: &str, email: Option<&str>) -> Value {
    json!({
        "id": id, "upi": "36e4f5c3264740a3af91abb6c50094d2", "mis_id": "9919", "title": "Mrs",
        "initials": "X", "surname": surname, "forename": forename, "middle_names": null,
        "legal_surname": "Legal", "legal_forename": "Legal",
        "date_of_birth": { "date": "2012-09-29 00:00:00.000000", "timezone_type": 3, "timezone": "Europe/London" },
        "contact_details": { "data": {
            "phones": { "phone": "01632 960001", "primary": null, "home": null, "work": null, "mobile": null },
            "emails": { "email": email, "primary": email, "home": null, "work": null },
        } },
    })
}

fn contact(id: &str, forename: &str, email: Option<&str>, relationship: &Value) -> Value {
    let mut contact = person(id, forename, "Reed", email);
    contact["relationship"] = relationship.clone();
    contact
}

fn student(id: &str, forename: &str, contacts: &[Value]) -> Value {
    let mut student = person(id, forename, "Reed", None);
    student["contacts"] = json!({ "data": contacts });
    student["classes"] = json!({ "data": [{ "id": "K1", "name": "8B/Fr" }] });
    student["registration"] = json!({ "data": { "id": "G1", "name": "8B" } });
    student["year"] = json!({ "data": { "id": "G2", "name": "8" } });
    student
}

fn staff(people: &mut People) {
    let employees = json!([
        person("E1", "Ngozi", "Okafor", Some("okafor@fairview.example")),
        person("E2", "Sam", "Porter", None),
    ]);
    let classes = json!([{
        "id": "K1", "mis_id": "1", "name": "8B/Fr", "code": "8BFR", "description": "French",
        "subject": { "data": { "id": "S1", "code": "FR", "name": "French" } },
        "employees": { "data": [{ "id": "E1", "forename": "Ngozi" }] },
    }]);
    for (records, data) in [(Records::Employees, employees), (Records::Classes, classes)] {
        let next = people.take(records, 1, &page(&data, None));
        assert_eq!(next, Ok(None));
    }
}

fn read(students: &[Value]) -> Incoming {
    let mut people = People::default();
    staff(&mut people);
    let next = people.take(Records::Students, 1, &page(&json!(students), None));
    assert_eq!(next, Ok(None));
    people.incoming()
}

fn family() -> Vec<Value> {
    let mother = json!({
        "bill_payer": false, "lives_with_pupil": true, "court_order": false,
        "parental_responsibility": true, "priority": 2, "relationship": "Mother",
    });
    let father = json!({
        "court_order": true, "parental_responsibility": false, "priority": 1,
        "relationship": "Father",
    });
    let neighbour = json!({
        "court_order": false, "parental_responsibility": false, "priority": 3,
        "relationship": "Neighbour",
    });
    let unsaid = json!({ "court_order": null, "parental_responsibility": null, "priority": null, "relationship": "Aunt" });
    let mut ann = contact("C4", "Ann", None, &unsaid);
    ann["contact_details"]["data"]["phones"]["mobile"] = json!("07400 123456");
    vec![student(
        "A1",
        "Ada",
        &[
            contact("C3", "Nan", Some("nan@home.example"), &neighbour),
            ann,
            contact("C1", "Eve", Some("eve@home.example"), &mother),
            contact("C2", "Tom", Some("tom@home.example"), &father),
        ],
    )]
}

#[test]
fn a_school_is_read_as_its_documentation_says() {
    let incoming = read(&family());
    let all = incoming.names_all;
    assert!(all.students && all.teachers && all.classes && incoming.rows_are_whole);
    let [row] = &*incoming.students else {
        panic!("{} students", incoming.students.len());
    };
    let entry = row.entry.as_ref().expect("it can be taken");
    assert_eq!(entry.student.reveal(), "Ada Reed");
    assert_eq!(entry.source.as_deref(), Some("A1"));
    assert_eq!(entry.other_ids, ["9919"]);
    assert_eq!(entry.form.as_deref(), Some("8B"));
    let classes = entry.classes.as_ref().expect("they are said");
    assert_eq!(classes[0].as_str(), "8B/Fr");
    let guardians: Vec<_> = entry
        .guardians
        .iter()
        .map(|it| {
            (
                it.name.reveal(),
                it.relationship.as_str(),
                it.has_court_order,
            )
        })
        .collect();
    assert_eq!(
        guardians,
        [
            ("Tom Reed", "Father", true),
            ("Eve Reed", "Mother", false),
            ("Ann Reed", "Aunt", false),
        ],
        "in their order; nobody without parental responsibility, but whom an order concerns"
    );
    let numbers: Vec<_> = entry
        .guardians
        .iter()
        .map(|it| it.mobile.as_str())
        .collect();
    assert_eq!(numbers, ["", "", "07400 123456"]);
    let teachers: Vec<_> = incoming
        .teachers
        .iter()
        .map(|it| it.name.as_str())
        .collect();
    assert_eq!(teachers, ["Ngozi Okafor"], "those who take a class");
    let class = incoming.classes[0].entry.as_ref().expect("it can be taken");
    let subject = class.subject.as_ref().expect("it is said");
    assert_eq!((class.name.as_str(), subject.as_str()), ("8B/Fr", "French"));
    assert_eq!(class.teachers, [Taker::Listed("E1".to_owned())]);
}

#[test]
fn a_court_order_comes_in_with_its_contact() {
    let plan = reconcile(&Existing::default(), &read(&family()));
    assert_eq!(plan.orders.len(), 1);
    let said: Vec<_> = plan.results.iter().flat_map(|it| &it.does).collect();
    assert!(
        said.iter()
            .any(|it| *it == "Enters a court order on Tom Reed"),
        "{said:?}"
    );
}

#[test]
fn what_systems_write_otherwise_is_understood() {
    let mut odd = student(
        "A2",
        "Leo",
        &[contact("C9", "Eve", None, &json!({ "court_order": "1" }))],
    );
    // As PHP writes an object that is empty, and a number that was one.
    odd["registration"] = json!({ "data": [] });
    odd["mis_id"] = json!(77);
    odd["contacts"]["data"][0]["contact_details"]["data"]["emails"] =
        json!({ "email": "n/a", "primary": "", "home": "eve@home.example", "work": null });
    let incoming = read(&[odd]);
    let entry = incoming.students[0]
        .entry
        .as_ref()
        .expect("it can be taken");
    assert_eq!(
        entry.form.as_deref(),
        Some("8"),
        "the year, where there is no registration group"
    );
    assert_eq!(entry.other_ids, ["77"]);
    let guardian = &entry.guardians[0];
    assert!(guardian.has_court_order);
    let email = guardian.email.as_ref().map(school::EmailAddress::reveal);
    assert_eq!(email, Some("eve@home.example"));
    assert_eq!(guardian.telephone, "01632 960001");
}

#[test]
fn one_record_that_cannot_be_read_is_refused_alone() {
    let mut nobody = student("A3", "", &[]);
    nobody["surname"] = Value::Null;
    let incoming = read(&[family().remove(0), nobody]);
    let plan = reconcile(&Existing::default(), &incoming);
    let refused: Vec<_> = plan
        .results
        .iter()
        .filter(|it| it.outcome == Outcome::Refused)
        .map(|it| it.reason.as_str())
        .collect();
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert!(refused[0].contains("forename and surname"), "{refused:?}");
}

#[test]
fn a_record_that_stands_on_two_pages_is_read_once() {
    let mut people = People::default();
    staff(&mut people);
    let data = json!(family());
    for _ in 0..2 {
        let next = people.take(Records::Students, 1, &page(&data, Some("https://x/")));
        assert_eq!(next, Ok(Some("https://x/".to_owned())));
    }
    assert_eq!(people.count(Records::Students), 1);
}

#[test]
fn a_page_that_is_none_is_a_fault_of_the_whole() {
    let deep = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
    let no_contacts = page(&json!([person("A1", "Ada", "Reed", None)]), None);
    let more = json!({ "data": [], "meta": { "pagination": { "next": null, "more": true } } });
    let other =
        json!({ "data": [], "meta": { "pagination": { "next": null, "current_page": 3 } } });
    for (bytes, says) in [
        (b"<html>".to_vec(), "no JSON"),
        (b"".to_vec(), "no JSON"),
        (deep, "no JSON"),
        (b"{}".to_vec(), "no list"),
        (b"{\"data\":{}}".to_vec(), "no list"),
        (b"{\"data\":[]}".to_vec(), "meta.pagination"),
        (more.to_string().into_bytes(), "does not say where"),
        (other.to_string().into_bytes(), "another page"),
        (page(&json!([{}]), None), "no id"),
        (no_contacts, "may not read them"),
    ] {
        let said = People::default().take(Records::Students, 1, &bytes);
        let said = said.expect_err("it is none");
        assert!(said.contains(says), "{said}, not {says}");
    }
    let nobodys = page(&json!([{ "id": "K1", "name": "8B/Fr" }]), None);
    let said = People::default().take(Records::Classes, 1, &nobodys);
    let said = said.expect_err("nobody takes it");
    assert!(said.contains("may not read them"), "{said}");
}

#[test]
fn an_address_that_is_none_keeps_no_order_out() {
    let mut family = family();
    let emails = &mut family[0]["contacts"]["data"][2]["contact_details"]["data"]["emails"];
    *emails = json!({ "email": "n/a", "primary": "n/a", "home": null, "work": null });
    let incoming = read(&family);
    let entry = incoming.students[0].entry.as_ref().expect("it is taken");
    let eve = entry.guardians.iter();
    let eve = eve.filter(|it| it.name.reveal() == "Eve Reed");
    assert!(eve.map(|it| it.email.clone()).eq([None]));
    let plan = reconcile(&Existing::default(), &incoming);
    assert_eq!(plan.orders.len(), 1);
}

#[test]
fn an_order_is_said_whatever_else_of_the_record_cannot_be_read() {
    let mut family = family();
    // Another contact has no name that can be read, and the one with the order no id.
    let contacts = &mut family[0]["contacts"]["data"];
    contacts[2]["forename"] = json!("?\u{200b}\n");
    contacts[2]["surname"] = Value::Null;
    contacts[3]["id"] = Value::Null;
    let incoming = read(&family);
    let [row] = &*incoming.students else {
        panic!("one student");
    };
    assert!(row.entry.is_err());
    assert_eq!(row.named.student.ids, ["A1", "9919"]);
    let contacts: Vec<_> = row.named.contacts.iter().map(|it| &*it.ids).collect();
    let ids = |id: &str| vec![id.to_owned()];
    assert_eq!(contacts, [ids("C3"), ids("C4"), ids("C1"), Vec::new()]);
    let orders = incoming.orders.as_deref().expect("it knows of orders");
    let orders: Vec<_> = orders
        .iter()
        .map(|it| (it.name.as_str(), it.source.as_deref(), it.student.as_str()))
        .collect();
    assert_eq!(orders, [("Tom Reed", None, "Ada Reed")]);
    let plan = reconcile(&Existing::default(), &incoming);
    let unentered = plan.unentered.expect("it knows of orders");
    let names: Vec<_> = unentered.iter().map(|it| it.name.as_str()).collect();
    assert_eq!((names, plan.orders.len()), (vec!["Tom Reed"], 0));
}

#[test]
fn a_teacher_whose_address_is_none_is_taken_without_it() {
    let mut teacher = person("E1", "Ngozi", "Okafor", Some("n/a"));
    let emails = &mut teacher["contact_details"]["data"]["emails"];
    *emails = json!({ "work": "none", "primary": "-", "email": "not an address" });
    let mut people = People::default();
    let employees = page(&json!([teacher]), None);
    let taken = people.take(Records::Employees, 1, &employees);
    assert_eq!(taken, Ok(None));
    let classes =
        json!([{ "id": "K1", "name": "8B/Fr", "employees": { "data": [{ "id": "E1" }] } }]);
    let taken = people.take(Records::Classes, 1, &page(&classes, None));
    assert_eq!(taken, Ok(None));
    let incoming = people.incoming();
    let entry = incoming.teachers[0].entry.as_ref().expect("taken");
    assert_eq!(entry.email, None);
}

#[test]
fn a_page_in_the_middle_that_is_not_full_ends_the_run() {
    let (mut of_two, mut lost) = (Vec::new(), Vec::new());
    for place in 0..2 {
        of_two.push(student(&format!("A{place}"), "Ada", &[]));
        lost.push(student(&format!("B{place}"), "Leo", &[]));
    }
    let one = |it: &[Value]| json!(it[..1].to_vec());
    let of = |pages: &[(Value, Option<&str>)]| {
        let mut people = People::default();
        let takes = pages.iter().zip(1..).map(|((data, next), nth)| {
            let bytes = page(data, *next);
            // Each says that it is the first: what is tried here is how full they are.
            let bytes = String::from_utf8(bytes).expect("text");
            let bytes = bytes.replace("\"current_page\":1", &format!("\"current_page\":{nth}"));
            people
                .take(Records::Students, nth, bytes.as_bytes())
                .is_ok()
        });
        takes.collect::<Vec<_>>()
    };
    let next = Some("https://api.example/v1.0/next");
    let (full, other, none) = (json!(of_two), json!(lost), json!([]));
    let pages = |middle: Value, last: Value| [(full.clone(), next), (middle, next), (last, None)];
    assert_eq!(of(&pages(other.clone(), one(&of_two))), [true; 3]);
    assert_eq!(of(&pages(other.clone(), none.clone())), [true; 3]);
    assert_eq!(of(&pages(none.clone(), other.clone())), [true, false, true]);
    assert_eq!(of(&pages(one(&lost), other.clone())), [true, false, true]);
    assert!(!of(&[(none.clone(), next), (other, None)])[0]);
    assert_eq!(of(&[(none, None)]), [true], "nobody works there");
}

#[test]
fn an_account_is_an_id_and_a_token_and_shows_neither() {
    let account = Account::read(" A1930499544 ", "0123456789abcdef").expect("it is one");
    assert_eq!(account.school(), "A1930499544");
    assert_eq!(format!("{account:?}"), "Account");
    for (school, token) in [
        ("", "x"),
        ("A1/../..", "x"),
        ("A1?x", "x"),
        ("A1", ""),
        ("A1", "a b"),
        ("A1", "a\r\nb"),
        ("A1", "é"),
    ] {
        assert_eq!(Account::read(school, token), None, "{school} {token}");
    }
    assert_eq!(Account::read("A1", &"x".repeat(201)), None);
}
