//! What refused rows keep back, and what they do not: an order, and whoever cannot be meant.

use std::collections::BTreeSet;

use super::*;
use crate::ids::TeacherId;

fn guardian(id: &str, who: &str, at: &str) -> Guardian {
    Guardian {
        mobile: String::new(),
        name: name(who),
        email: Some(at).filter(|it| !it.is_empty()).map(email),
        telephone: String::new(),
        relationship: String::new(),
        source: Some(id).filter(|it| !it.is_empty()).map(str::to_owned),
        has_court_order: false,
    }
}

fn order(source: Option<&str>, whom: Option<Guardian>) -> ListedOrder {
    ListedOrder {
        line: 4,
        name: whom.as_ref().map_or("", |it| it.name.reveal()).to_owned(),
        source: source.map(str::to_owned),
        guardian: whom,
        student: "Ana Santos".to_owned(),
        student_ids: vec!["A1".to_owned()],
    }
}

/// A row that cannot be read, of a student with that id and name.
fn unread(ids: &[&str], who: &str, contacts: &[(&str, &str)]) -> Row {
    let hint = |ids: &[&str], who: &str| Hint {
        ids: ids.iter().map(|it| (*it).to_owned()).collect(),
        name: who.to_owned(),
    };
    Row {
        line: 9,
        student: who.to_owned(),
        entry: Err("It cannot be read.".to_owned()),
        named: Named {
            student: hint(ids, who),
            contacts: contacts
                .iter()
                .map(|(id, who)| {
                    hint(
                        if id.is_empty() {
                            &[]
                        } else {
                            std::slice::from_ref(id)
                        },
                        who,
                    )
                })
                .collect(),
            orders: Vec::new(),
        },
    }
}

#[test]
fn an_order_is_entered_whatever_becomes_of_the_row() {
    let mut existing = kept();
    existing.contacts[0].source = Some("C2".to_owned());
    let contradicting = "student id,student,form\nA1,Ana Santos,8B\nA1,Ana Santos,9C\n";
    let renamed = "student id,student\nA1,William Ross\n";
    let maria = || guardian("", "Maria Santos", "maria@home.example");
    for said in [
        order(Some("C2"), None),
        order(Some("C2"), Some(guardian("C2", "Mary Ross", ""))),
        order(None, Some(maria())),
    ] {
        for rows in [
            read(contradicting.as_bytes()).expect("readable").rows,
            read(renamed.as_bytes()).expect("readable").rows,
            vec![unread(&["A1"], "Ana Santos", &[("C2", "Maria Santos")])],
        ] {
            let incoming = Incoming {
                orders: Some(vec![said.clone()]),
                ..Incoming::all(rows)
            };
            let plan = reconcile(&existing, &incoming);
            assert_eq!(plan.orders, [Which::Kept(ContactId(9))]);
            assert_eq!(plan.unentered, Some(vec![]));
            let said = plan.results.iter().find(|it| it.kind == Kind::Contact);
            assert_eq!(said.map(|it| (it.line, it.does.len())), Some((4, 1)));
        }
    }
    // Once it is known, it is no news.
    existing.barred.insert(ContactId(9));
    let incoming = Incoming {
        orders: Some(vec![order(Some("C2"), None)]),
        ..Incoming::default()
    };
    assert!(reconcile(&existing, &incoming).is_empty());
}

#[test]
fn an_order_on_nobody_who_is_known_is_said() {
    let stranger = guardian("C7", "Maria Santos", "");
    let said = vec![
        order(Some("C7"), Some(stranger)),
        order(None, None),
        order(Some("C7"), None),
    ];
    let incoming = Incoming {
        orders: Some(said),
        ..Incoming::all(vec![unread(&["A1"], "Ana Santos", &[])])
    };
    let plan = reconcile(&kept(), &incoming);
    assert!(plan.orders.is_empty(), "a name alone is nobody's");
    let unentered = plan.unentered.expect("it knows of orders");
    assert_eq!(unentered.len(), 2, "{unentered:?}");
    assert!(unentered.iter().all(|it| it.student == "Ana Santos"));
    // A list knows of none, and so of none that could not be entered.
    let plan = reconcile(&kept(), &Incoming::default());
    assert_eq!(plan.unentered, None);
}

#[test]
fn an_order_in_a_refused_row_on_nobody_who_is_known_waits_for_the_office() {
    let text =
        "student id,student,guardian,email,court order\nA1,Ana Santos,Zed Unknown,no address,yes\n";
    let rows = read(text.as_bytes()).expect("readable").rows;
    let mut incoming = Incoming::all(rows);
    let by_hand = reconcile(&kept(), &incoming);
    assert_eq!(by_hand.results[0].outcome, Outcome::Refused);
    assert_eq!(
        by_hand.unentered, None,
        "whoever imports by hand reads it there"
    );
    incoming.orders = Some(vec![order(None, None)]);
    let by_night = reconcile(&kept(), &incoming).unentered.expect("it waits");
    let names: Vec<&str> = by_night.iter().map(|it| it.name.as_str()).collect();
    assert!(names.contains(&"Zed Unknown"), "{names:?}");
    let keys: BTreeSet<&str> = by_night.iter().map(|it| it.key.as_str()).collect();
    assert_eq!(keys.len(), by_night.len(), "each once");
}

/// Ana with Maria, Ben with Paul, Cem with Omar, and two teachers: all out of the source.
fn families() -> Existing {
    let mut existing = kept();
    existing.contacts[0].source = Some("C1".to_owned());
    let more = [
        (8, "B1", "Ben Costa", "C2", "Paul Costa"),
        (9, "D1", "Cem Demir", "C3", "Omar Demir"),
    ];
    for (id, source, who, of_contact, contact) in more {
        existing.students.push(ExistingStudent {
            id: StudentId(id),
            name: name(who),
            source: Some(source.to_owned()),
            classes: Vec::new(),
            ..existing.students[0].clone()
        });
        existing.contacts.push(ExistingContact {
            id: ContactId(id + 10),
            name: name(contact),
            email: None,
            students: vec![(StudentId(id), String::new())],
            source: Some(of_contact.to_owned()),
            ..existing.contacts[0].clone()
        });
    }
    for (id, source, who) in [(1, "T1", "Ms Okafor"), (2, "T2", "Mr Quill")] {
        existing.teachers.push(ExistingTeacher {
            id: TeacherId(id),
            name: name(who),
            email: None,
            source: Some(source.to_owned()),
        });
    }
    let from = &mut existing.from_source;
    from.students = existing.students.iter().map(|it| it.id).collect();
    from.contacts = existing.contacts.iter().map(|it| it.id).collect();
    from.teachers = existing.teachers.iter().map(|it| it.id).collect();
    existing
}

fn left(plan: &Plan) -> (Vec<String>, usize) {
    let left = plan.leaving.iter().map(Leaving::says);
    (left.collect(), plan.kept_back)
}

fn strings(them: &[&str]) -> Vec<String> {
    them.iter().map(|it| format!("{it} has left")).collect()
}

#[test]
fn whoever_cannot_be_meant_by_a_refused_row_leaves() {
    let existing = families();
    let whole = |rows: Vec<Row>| left(&reconcile(&existing, &Incoming::all(rows)));
    let others = ["Ben Costa", "Cem Demir", "Paul Costa", "Omar Demir"];
    // By the id, by the name where there is no id, and by its contacts.
    let of_ana = unread(&["A1"], "?", &[("C1", "?")]);
    assert_eq!(whole(vec![of_ana]), (strings(&others), 2));
    let by_name = unread(&[], "Santos, Ana", &[]);
    assert_eq!(whole(vec![by_name]), (strings(&others), 2));
    let of_omar = unread(
        &["A1"],
        "Ana Santos",
        &[("C3", "Omar Demir"), ("C1", "Maria Santos")],
    );
    let gone = ["Ben Costa", "Cem Demir", "Paul Costa"];
    assert_eq!(whole(vec![of_omar]), (strings(&gone), 3));
    // A new student who is refused is nobody who is here.
    let new = unread(&["N1"], "Zoe Park", &[("C9", "Ivy Park")]);
    let all = [
        "Ana Santos",
        "Ben Costa",
        "Cem Demir",
        "Maria Santos",
        "Paul Costa",
        "Omar Demir",
    ];
    assert_eq!(whole(vec![new]), (strings(&all), 0));
    // Where nothing of it can be read, it may be anybody.
    let nobody = Row {
        named: Named::anybody(),
        ..unread(&[], "", &[])
    };
    assert_eq!(whole(vec![nobody]), (vec![], 6));
    // A row that can be read and is refused keeps whom it names, and no teacher.
    let renamed = read(b"student id,student\nA1,William Ross\n")
        .expect("readable")
        .rows;
    let incoming = Incoming {
        names_all: NamesAll {
            students: true,
            teachers: true,
            classes: false,
        },
        ..Incoming::all(renamed)
    };
    let (gone, kept_back) = left(&reconcile(&existing, &incoming));
    assert_eq!(kept_back, 2);
    assert!(gone.contains(&"Mr Quill has left".to_owned()), "{gone:?}");
}

#[test]
fn a_teacher_who_is_refused_keeps_no_student() {
    let existing = families();
    let teacher = |source: &str, entry: bool| Listed {
        line: 1,
        name: "Ms Okafor".to_owned(),
        entry: if entry {
            // Somebody else's id.
            Ok(ListedTeacher {
                source: Some(source.to_owned()),
                name: name("Jo Hall"),
                email: None,
            })
        } else {
            Err("It cannot be read.".to_owned())
        },
    };
    let tried = |listed: Vec<Listed<ListedTeacher>>| {
        let incoming = Incoming {
            teachers: listed,
            names_all: NamesAll {
                students: true,
                teachers: true,
                classes: false,
            },
            ..Incoming::all(Vec::new())
        };
        let plan = reconcile(&existing, &incoming);
        let teachers = plan
            .leaving
            .iter()
            .filter(|it| matches!(it, Leaving::Teacher(..)));
        (teachers.count(), plan.people_leaving(), plan.kept_back)
    };
    assert_eq!(
        tried(vec![teacher("T1", false)]),
        (0, 6, 2),
        "whoever it is"
    );
    assert_eq!(
        tried(vec![teacher("T1", true), teacher("T1", true)]),
        (1, 7, 1)
    );
}

#[test]
fn what_a_refused_row_of_somebody_may_say_stays() {
    let mut existing = families();
    existing.students[0].source = None;
    let pair = (ContactId(9), StudentId(7));
    existing.from_source.guardians.insert(pair);
    existing.contacts.push(ExistingContact {
        id: ContactId(11),
        name: name("Tom Santos"),
        email: Some(email("tom@x.example")),
        students: vec![(StudentId(7), String::new())],
        source: None,
        ..existing.contacts[0].clone()
    });
    let rows = |second: &str| {
        let file = format!(
            "student,form,guardian,e-mail\nAna Santos,8B,Tom Santos,tom@x.example\n{second}"
        );
        read(file.as_bytes()).expect("readable").rows
    };
    let ended = |rows: Vec<Row>| {
        let plan = reconcile(&existing, &Incoming::all(rows));
        let ended = plan
            .leaving
            .iter()
            .filter(|it| matches!(it, Leaving::Guardian(..)));
        ended.count()
    };
    assert_eq!(ended(rows("")), 0, "she has left herself");
    existing.from_source.contacts.remove(&ContactId(9));
    let ended = |rows: Vec<Row>| {
        let plan = reconcile(&existing, &Incoming::all(rows));
        let ended = plan
            .leaving
            .iter()
            .filter(|it| matches!(it, Leaving::Guardian(..)));
        ended.count()
    };
    assert_eq!(ended(rows("")), 1);
    assert_eq!(ended(rows("Ana Santos,8B,Maria Santos,maria@home,\n")), 0);
}

#[test]
fn what_says_that_there_is_nothing_is_nothing() {
    for none in [
        "n/a",
        "N/A",
        "None",
        "-",
        "--",
        "nil",
        "no email",
        " \u{2014} ",
        "Unknown",
    ] {
        let file =
            format!("student,guardian,e-mail,guardian 2\nAna Santos,Maria Santos,{none},n/a\n");
        let rows = read(file.as_bytes()).expect("readable").rows;
        let entry = rows[0].entry.as_ref().expect("taken");
        let [only] = &*entry.guardians else {
            panic!("{none}: {} guardians", entry.guardians.len());
        };
        assert_eq!(only.email, None, "{none}");
        let file = format!("Staff id,Name,E-mail\n-,Ngozi Okafor,{none}\nn/a,Tom Quill,{none}\n");
        let teachers = read(file.as_bytes()).expect("readable").teachers;
        let taken = teachers.iter().filter_map(|it| it.entry.as_ref().ok());
        let said: Vec<_> = taken
            .map(|it| (it.source.clone(), it.email.clone()))
            .collect();
        assert_eq!(said, [(None, None), (None, None)], "{none}");
    }
    let wrong = read(b"student,guardian,e-mail\nAna Santos,Maria Santos,maria.home\n");
    assert!(wrong.expect("readable").rows[0].entry.is_err());
}
