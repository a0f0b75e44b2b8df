//! An id that somebody else has now makes nobody the one before.

use super::*;

const HEAD: &str = "student,student id,homeroom,guardian,guardian id,e-mail\n";

fn planned(file: &str, existing: &Existing) -> Plan {
    let rows = read(file.as_bytes()).expect("readable").rows;
    reconcile(existing, &Incoming::some(rows))
}

/// A student with that id and homeroom, and their contact.
fn family(student: &str, contact: &str) -> Existing {
    let mut existing = kept();
    existing.students[0].name = name(student);
    existing.students[0].source = Some("17".to_owned());
    existing.students[0].form = "4b".to_owned();
    existing.contacts[0].name = name(contact);
    existing.contacts[0].source = Some("G1".to_owned());
    existing
}

/// The one row's reason, once nothing was done.
fn refusal(row: &str, existing: &Existing) -> String {
    let plan = planned(&format!("{HEAD}{row}\n"), existing);
    assert!(plan.is_empty(), "{row}: {:?}", plan.steps);
    plan.results[0].reason.clone()
}

#[test]
fn a_title_and_a_last_name_are_no_first_name() {
    for (before, now) in [
        ("Mr Smith", "Mr Jones"),
        ("Mrs Kim", "Mrs Lee"),
        ("Mx Smith", "Mx Jones"),
        ("Herr Kurz", "Herr Lang"),
        ("Frau Kurz", "Frau Lang"),
        ("Mme Petit", "Mme Grand"),
        ("M. Petit", "M. Grand"),
        ("Sra Gil", "Sra Paz"),
        ("Mr Smith", "Mrs Smith"),
        ("\"Kim, Anna\"", "\"Kim, Tom\""),
    ] {
        let existing = family("Mia Kim", before.trim_matches('"'));
        // Also where student and address are the same.
        for row in [
            format!("Bo Jones,2,4b,{now},G1,jones@x.example"),
            format!("Mia Kim,17,4b,{now},G1,maria@home.example"),
        ] {
            let why = refusal(&row, &existing);
            assert!(
                why.starts_with("In guardian: G1 is the id of"),
                "{row}: {why}"
            );
        }
    }
}

#[test]
fn one_first_name_alone_is_nobody() {
    let existing = family("Muhammad Khan", "Aisha Khan");
    for row in [
        "Muhammad Ali,17,7c,Omar Ali,G9,omar@x.example",
        "Muhammad Ali,17,4b,Omar Ali,G9,omar@x.example",
        "Muhammad Ali,17,7c,,,",
        "\"Khan, Omar\",17,4b,,,",
    ] {
        let why = refusal(row, &existing);
        let says = "In student id: 17 is the id of Muhammad Khan.";
        assert!(why.starts_with(says), "{row}: {why}");
    }
    let why = refusal("Bo Lee,2,4b,Aisha Lee,G1,lee@x.example", &existing);
    assert!(
        why.starts_with("In guardian: G1 is the id of Aisha Khan."),
        "{why}"
    );
    // With a guardian, a student or the address in common they have another name now.
    for row in [
        "Muhammad Ali,17,7c,Aisha Khan,G1,",
        "Muhammad Ali,17,7c,Aisha Ali,G1,new@x.example",
        "Muhammad Ali,17,4b,,,",
        "Muhammad Khan,17,4b,Aisha Ali,G1,new@x.example",
        "Bo Ali,2,4b,Aisha Ali,G1,maria@home.example",
        "\"Khan, Muhammad Ali\",17,4b,,,",
    ] {
        let plan = planned(&format!("{HEAD}{row}\n"), &existing);
        let renames = |it: &String| it.starts_with("Renames");
        assert!(
            plan.results[0].does.iter().any(renames),
            "{row}: {:?}",
            plan.results
        );
    }
    // It is not the order of rows that decides.
    let file = format!(
        "{HEAD}Bo Ali,2,4b,Aisha Ali,G1,new@x.example\nMuhammad Khan,17,4b,Aisha Ali,G1,new@x.example\n"
    );
    let plan = planned(&file, &existing);
    assert_eq!(outcomes(&plan), [Outcome::Created, Outcome::Unchanged]);
    assert_eq!(plan.contacts.len(), 1, "{:?}", plan.results);
}

#[test]
fn an_id_of_two_people_is_nobodys() {
    let file = "student,student id,guardian,guardian id,e-mail\n\
                Mia Kim,1,Mrs Kim,1,kim@x.example\n\
                Mia Kim,1,Mr Kim,2,kim@x.example\n\
                Bo Lee,2,Mrs Lee,1,\n\
                Bo Lee,2,Mr Lee,2,lee@x.example\n\
                Ann Roe,3,Eve Roe,3,eve@x.example\n";
    let plan = planned(file, &Existing::default());
    assert_eq!(outcomes(&plan), [Outcome::Created; 5]);
    let added = plan.steps.iter().filter_map(|it| match it {
        Step::AddContact { name, source, .. } => Some((name.reveal(), source.as_deref())),
        Step::AddStudent { .. }
        | Step::ChangeStudent { .. }
        | Step::Place { .. }
        | Step::ChangeContact { .. }
        | Step::OtherAddress { .. }
        | Step::Call { .. }
        | Step::Telephone { .. }
        | Step::Link { .. } => None,
    });
    let expected = [
        ("Mrs Kim", None),
        ("Mr Kim", None),
        ("Mrs Lee", None),
        ("Mr Lee", None),
        ("Eve Roe", Some("3")),
    ];
    assert_eq!(added.collect::<Vec<_>>(), expected);
    let says = "Leaves out the guardian id 1: this source gives it to both Mrs Kim and Mrs Lee";
    for row in [0, 2] {
        assert!(
            plan.results[row].does.iter().any(|it| it == says),
            "{:?}",
            plan.results
        );
    }
    assert!(plan.notes[0].starts_with("Ids of guardians that stand for several people"));
    // A household's.
    let file = format!(
        "{HEAD}Mia Kim,1,4b,Anna Kim,H1,fam@x.example\nMia Kim,1,4b,Tom Kim,H1,fam@x.example\n"
    );
    let plan = planned(&file, &Existing::default());
    let is_contact = |it: &&Step| matches!(it, Step::AddContact { source: None, .. });
    assert_eq!(plan.steps.iter().filter(is_contact).count(), 2);
    // Whoever has that id and no name might be either.
    let file = "student,guardian,guardian id\nMia Kim,Anna Kim,1\nBo Lee,Wu Lee,1\nAda Roe,,1\n";
    let plan = planned(file, &Existing::default());
    assert!(
        plan.results[2]
            .reason
            .starts_with("In guardian id: 1 stands for several")
    );
}

#[test]
fn a_staff_code_of_somebody_else_renames_nobody() {
    let existing = Existing {
        teachers: vec![ExistingTeacher {
            id: crate::TeacherId(1),
            name: name("Anna Kim"),
            email: Some(email("akim@s.example")),
            source: Some("AK".to_owned()),
        }],
        ..Existing::default()
    };
    let whole = |file: &str| {
        reconcile(
            &existing,
            &read(file.as_bytes()).expect("readable").incoming(false),
        )
    };
    let head = "teacher,teacher id,teacher e-mail\n";
    for row in [
        "Anna Klein,AK,aklein@s.example",
        "Paul Roe,AK,akim@s.example",
    ] {
        let plan = whole(&format!("{head}{row}\n"));
        assert!(plan.is_empty(), "{row}: {:?}", plan.staff);
        assert!(
            plan.results[0]
                .reason
                .starts_with("In teacher id: AK is the id of Anna Kim")
        );
        let plan = whole(&format!(
            "class,teacher,teacher id,teacher e-mail\n4b Maths,{row}\n"
        ));
        assert!(plan.is_empty(), "{row}: {:?}", plan.staff);
    }
    for row in ["Anna Klein,AK,akim@s.example", "Ms A Kim,AK,new@s.example"] {
        let plan = whole(&format!("{head}{row}\n"));
        assert_eq!(
            outcomes(&plan),
            [Outcome::Updated],
            "{row}: {:?}",
            plan.results
        );
    }
}
