//! A list that was sorted by some of its columns is asked about first.

use super::*;

/// So many students, each with a parent, all out of the source.
fn families(count: u64) -> Existing {
    let mut existing = Existing::default();
    let one = kept();
    for nth in 0..count {
        let (student, contact) = (StudentId(nth), ContactId(nth));
        existing.students.push(ExistingStudent {
            id: student,
            name: name(&format!("Kid{nth} Abc")),
            source: Some(format!("K{nth}")),
            classes: Vec::new(),
            ..one.students[0].clone()
        });
        existing.contacts.push(ExistingContact {
            id: contact,
            name: name(&format!("Par{nth} Xyz")),
            email: Some(email(&format!("p{nth}@x.example"))),
            students: vec![(student, String::new())],
            ..one.contacts[0].clone()
        });
        existing.from_source.students.insert(student);
        existing.from_source.contacts.insert(contact);
        existing.from_source.guardians.insert((contact, student));
    }
    existing
}

/// The list of ten of these, whole: whose parent each has, and whose address.
fn planned(parent: impl Fn(u64) -> u64, address: impl Fn(u64) -> String) -> Plan {
    let rows = (0..10).map(|nth| {
        format!(
            "K{nth},Kid{nth} Abc,8B,Par{} Xyz,{}\n",
            parent(nth),
            address(nth)
        )
    });
    let file = format!(
        "student id,student,form,guardian,e-mail\n{}",
        rows.collect::<String>()
    );
    let rows = read(file.as_bytes()).expect("readable").rows;
    reconcile(&families(10), &Incoming::all(rows))
}

fn own(nth: u64) -> String {
    format!("p{nth}@x.example")
}

#[test]
fn what_a_list_in_disorder_would_do_is_asked_first() {
    assert!(!planned(|it| it, own).asks_first());
    // Guardians and addresses have moved by a row: everybody's parent is another's.
    let shifted = planned(|it| (it + 1) % 10, |it| own((it + 1) % 10));
    assert!(shifted.asks_first(), "{:?}", shifted.results);
    assert!(shifted.notes[0].starts_with("Of 10 guardianships 10 would be others"));
    // Addresses alone: also where they are those of two.
    let shifted = planned(|it| it, |it| own((it + 1) % 10));
    assert!(shifted.asks_first());
    let says = "The email address that Par1 Xyz has here would be Par0 Xyz's (and 9 more like it).";
    assert!(shifted.notes[0].starts_with(says), "{:?}", shifted.notes);
    let swapped = planned(
        |it| it,
        |it| {
            own(match it {
                0 => 1,
                1 => 0,
                it => it,
            })
        },
    );
    assert!(swapped.asks_first());
    assert_eq!(swapped.notes.len(), 1, "{:?}", swapped.notes);
    // New addresses: of more than a fifth.
    let renewed = |count: u64| {
        planned(
            |it| it,
            move |it| {
                if it < count {
                    format!("new{it}@x.example")
                } else {
                    own(it)
                }
            },
        )
    };
    assert!(!renewed(2).asks_first());
    assert!(renewed(3).asks_first());
    assert!(renewed(3).notes[0].starts_with("3 of 10 parents' email addresses would change"));
}

#[test]
fn a_family_may_come_to_share_an_address() {
    let mut existing = families(10);
    existing.contacts[1].students = vec![(StudentId(0), String::new())];
    let file = "student id,student,form,guardian,e-mail\nK0,Kid0 Abc,8B,Par0 Xyz,p1@x.example\n";
    let plan = steps(file, &existing);
    assert!(!plan.asks_first() && !plan.is_empty());
}
