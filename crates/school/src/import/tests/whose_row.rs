//! Whom a row means: nobody is taken for somebody else, and what decides is not the order of the rows.

use super::*;

/// Ada Smith of 7B, with her mother Eve.
fn ada(source: Option<&str>) -> Existing {
    let mut existing = kept();
    existing.students[0].name = name("Ada Smith");
    existing.students[0].form = "7B".to_owned();
    existing.students[0].source = source.map(str::to_owned);
    existing.contacts[0].name = name("Eve Smith");
    existing.contacts[0].email = Some(email("eve@home.example"));
    existing.from_source.students.insert(StudentId(7));
    existing.from_source.contacts.insert(ContactId(9));
    let pair = (ContactId(9), StudentId(7));
    existing.from_source.guardians.insert(pair);
    existing
}

/// The rows of a file, each with the other ids that stand behind a `#`.
fn rows(file: &str) -> Vec<Row> {
    let others = file.lines().skip(1).map(|it| it.split_once('#'));
    let others: Vec<_> = others.map(|it| it.map(|(_, id)| id.to_owned())).collect();
    let lines = file.lines().map(|it| it.split('#').next().unwrap_or(it));
    let plain = lines.collect::<Vec<_>>().join("\n");
    let mut rows = read(plain.as_bytes()).expect("readable").rows;
    for (row, other) in rows.iter_mut().zip(others) {
        let entry = row.entry.as_mut().expect("a row");
        entry.other_ids.extend(other);
    }
    rows
}

fn whole(existing: &Existing, file: &str) -> Plan {
    reconcile(existing, &Incoming::all(rows(file)))
}

/// Both orders of two rows behind a header.
fn orders(head: &str, [one, two]: [&str; 2]) -> [String; 2] {
    [
        format!("{head}\n{one}\n{two}\n"),
        format!("{head}\n{two}\n{one}\n"),
    ]
}

/// What becomes of the row of that student id.
fn of<'p>(plan: &'p Plan, file: &str, id: &str) -> &'p RowResult {
    let mut lines = file.lines().skip(1);
    let place = lines.position(|it| it.starts_with(id)).expect("a row");
    &plan.results[place]
}

const WONDE: &str = "student id,student,homeroom,guardian,e-mail";

#[test]
fn another_systems_id_makes_nobody_somebody_else() {
    let kept = ada(Some("001234"));
    let stranger = "A9,Ada Jones,7B,Zoe Jones,zoe@jones.example#1234";
    let same = "A8,Ada Smith,7B,Eve Smith,eve@home.example#77";
    for file in orders(WONDE, [stranger, same]) {
        let plan = whole(&kept, &file);
        let of_stranger = of(&plan, &file, "A9");
        assert_eq!(of_stranger.outcome, Outcome::Created, "{:?}", plan.results);
        let renames = |it: &String| it.starts_with("Renames");
        assert!(!of_stranger.does.iter().any(renames));
        // Nor is she doubled for it.
        assert_ne!(of(&plan, &file, "A8").outcome, Outcome::Created);
        assert!(plan.leaving.is_empty(), "{:?}", plan.leaving);
    }
    // Where she is named nowhere else it may be she who is called otherwise now.
    let alone = whole(&kept, &format!("{WONDE}\n{stranger}\n"));
    assert_eq!(outcomes(&alone), [Outcome::Refused], "{:?}", alone.results);
    assert_eq!(
        alone.results[0].reason,
        "In student id: 1234 is the id of Ada Smith here. If that is who this is, change the name on their page first; if not, add Ada Jones by hand first."
    );
    assert!(alone.leaving.is_empty(), "{:?}", alone.leaving);
    // It is, with the same mother.
    let renamed = "A9,Ada Jones,7B,Eve Smith,eve@home.example#1234";
    let plan = whole(&kept, &format!("{WONDE}\n{renamed}\n"));
    assert_eq!(
        plan.results[0].does,
        ["Renames Ada Smith to Ada Jones"],
        "{:?}",
        plan.results
    );
    // Added by hand, the stranger is known by her name.
    let mut both = kept.clone();
    both.students.push(ExistingStudent {
        id: StudentId(8),
        name: name("Ada Jones"),
        source: None,
        ..kept.students[0].clone()
    });
    let plan = whole(&both, &format!("{WONDE}\n{stranger}\n"));
    assert_eq!(plan.results[0].does[0], "Notes the student id A9");
}

#[test]
fn another_systems_id_of_somebody_erased_keeps_nobody_out_silently() {
    let mut existing = Existing::default();
    let erased = &mut existing.decided.erased_students;
    erased.insert("1234".to_owned());
    let row = "A9,Ada Jones,7B,Zoe Jones,zoe@jones.example#1234";
    let plan = whole(&existing, &format!("{WONDE}\n{row}\n"));
    assert_eq!(outcomes(&plan), [Outcome::Refused], "{:?}", plan.results);
    assert_eq!(
        plan.results[0].reason,
        "In student id: somebody who was erased here had the id 1234. If this is another student, add them by hand first."
    );
    // Their own says it whole.
    existing.decided.erased_students.insert("a9".to_owned());
    let plan = whole(&existing, &format!("{WONDE}\n{row}\n"));
    assert_eq!(outcomes(&plan), [Outcome::Unchanged], "{:?}", plan.results);
}

const NO_HOMEROOM: &str = "student id,student,guardian,e-mail";

#[test]
fn of_two_with_one_name_it_is_whoever_has_the_same_guardian() {
    let kept = ada(None);
    let own = "A1,Ada Smith,Eve Smith,eve@home.example";
    let other = "A2,Ada Smith,Zoe Smith,zoe@far.example";
    for file in orders(NO_HOMEROOM, [own, other]) {
        let plan = whole(&kept, &file);
        let notes = ["Notes the student id A1"];
        assert_eq!(of(&plan, &file, "A1").does, notes, "{:?}", plan.results);
        assert_eq!(of(&plan, &file, "A2").outcome, Outcome::Created);
        assert!(plan.leaving.is_empty(), "{:?}", plan.leaving);
    }
    // Or whoever is in the same homeroom, in which the guardian decides between two.
    let own = "A1,Ada Smith,7B,,";
    let other = "A2,Ada Smith,,Zoe Smith,zoe@far.example";
    let both_there = [
        "A1,Ada Smith,7B,Eve Smith,eve@home.example",
        "A2,Ada Smith,7B,Zoe Smith,zoe@far.example",
    ];
    for rows in [[own, other], both_there] {
        for file in orders(WONDE, rows) {
            let plan = whole(&kept, &file);
            assert_eq!(of(&plan, &file, "A1").does[0], "Notes the student id A1");
            assert_eq!(of(&plan, &file, "A2").outcome, Outcome::Created, "{file}");
        }
    }
    // Nothing says which of the two she is.
    for (head, rows) in [
        (NO_HOMEROOM, ["A1,Ada Smith,,", "A2,Ada Smith,,"]),
        (WONDE, ["A1,Ada Smith,7B,,", "A2,Ada Smith,7B,,"]),
        (WONDE, ["A1,Ada Smith,7B,,", "A2,Ada Smith,,Eve Smith,"]),
    ] {
        for file in orders(head, rows) {
            let plan = whole(&kept, &file);
            assert_eq!(outcomes(&plan), [Outcome::Refused; 2], "{file}");
            assert_eq!(
                plan.results[0].reason,
                "In student id: several students of this file are called Ada Smith, and one is here without an id. Give the homeroom and a guardian of that one as they are here."
            );
            assert!(plan.leaving.is_empty(), "{:?}", plan.leaving);
        }
    }
}

#[test]
fn a_name_alone_gives_nobody_another_family() {
    let reason = "In student: Ada Smith of 7B has other guardians here. If that is who this is, add one of this row to them first; if not, add this student by hand first.";
    let stranger = "A2,Ada Smith,Zoe Smith,zoe@far.example";
    // With an id here or without, and in the row.
    for (source, id) in [(None, "A2"), (None, ""), (Some("A1"), "")] {
        let row = stranger.replacen("A2", id, 1);
        let plan = whole(&ada(source), &format!("{NO_HOMEROOM}\n{row}\n"));
        assert_eq!(plan.results[0].reason, reason, "{:?}", plan.results);
        assert!(plan.steps.is_empty() && plan.leaving.is_empty());
    }
    // Added by hand, they are another.
    let mut both = ada(None);
    both.students.push(ExistingStudent {
        id: StudentId(8),
        form: String::new(),
        ..both.students[0].clone()
    });
    let plan = whole(&both, &format!("{NO_HOMEROOM}\n{stranger}\n"));
    let step = &plan.steps[0];
    assert!(
        matches!(
            step,
            Step::ChangeStudent {
                id: StudentId(8),
                ..
            }
        ),
        "{:?}",
        plan.results
    );
    // A row for each guardian, and rows without any, are hers.
    let eve = "A1,Ada Smith,Eve Smith,eve@home.example";
    let tom = "A1,Ada Smith,Tom Smith,tom@home.example";
    for rows in [[eve, tom], [tom, eve], ["A1,Ada Smith,,", eve]] {
        let file = format!("{NO_HOMEROOM}\n{}\n{}\n", rows[0], rows[1]);
        for file in [file.replace("A1", ""), file] {
            let plan = whole(&ada(None), &file);
            let is_new = |it: &Step| matches!(it, Step::AddStudent { .. });
            assert!(!plan.steps.iter().any(is_new), "{file}");
            assert!(!outcomes(&plan).contains(&Outcome::Refused), "{file}");
            assert!(plan.leaving.is_empty(), "{:?}", plan.leaving);
        }
    }
    let plan = whole(&ada(None), "student\nAda Smith\n");
    assert_eq!(outcomes(&plan), [Outcome::Unchanged]);
    // Of two who are here, the guardian says which.
    let mut namesakes = ada(None);
    namesakes.students.push(ExistingStudent {
        id: StudentId(8),
        form: "8A".to_owned(),
        ..namesakes.students[0].clone()
    });
    let plan = whole(&namesakes, "student,guardian\nAda Smith,Eve Smith\n");
    assert_eq!(outcomes(&plan), [Outcome::Unchanged], "{:?}", plan.results);
    assert!(plan.steps.is_empty());
}

#[test]
fn another_system_calls_the_same_student_by_another_id() {
    let kept = ada(Some("U-77"));
    let row = "A9,Ada Smith,7B,Eve Smith,eve@home.example";
    let file = format!("{WONDE}\n{row}\n");
    let plan = whole(&kept, &file);
    let does = ["Replaces the student id U-77 of Ada Smith by A9"];
    assert_eq!(plan.results[0].does, does, "{:?}", plan.results);
    let [Step::ChangeStudent { source, .. }] = &*plan.steps else {
        panic!("{:?}", plan.steps)
    };
    assert_eq!(source.as_deref(), Some("A9"));
    let plan = whole(&ada(Some("A9")), &file);
    assert!(plan.is_empty());
    // Only all of it together says so, and a source that names everybody.
    let refused = "In student id: Ada Smith has the id U-77 here.";
    for row in [
        "A9,Ada Smith,7B,Zoe Smith,zoe@far.example",
        "A9,Ada Smith,7B,,",
        "A9,Ada Smith,,Eve Smith,eve@home.example",
        "A9,Ada Smith,8B,Eve Smith,eve@home.example",
    ] {
        let plan = whole(&kept, &format!("{WONDE}\n{row}\n"));
        assert!(plan.results[0].reason.starts_with(refused), "{row}");
        assert!(plan.steps.is_empty() && plan.leaving.is_empty());
    }
    let plan = reconcile(&kept, &Incoming::some(rows(&file)));
    assert!(plan.results[0].reason.starts_with(refused));
    // Two of them may be she.
    let twice = [row, &row.replace("A9", "A8")];
    for file in orders(WONDE, twice) {
        let plan = whole(&kept, &file);
        assert_eq!(outcomes(&plan), [Outcome::Refused; 2], "{:?}", plan.results);
    }
    // A namesake with another family is new, in whichever order.
    let beside = "A8,Ada Smith,8A,Zoe Smith,zoe@far.example";
    for file in orders(WONDE, [row, beside]) {
        let plan = whole(&kept, &file);
        assert_eq!(of(&plan, &file, "A9").does, does, "{:?}", plan.results);
        assert_eq!(of(&plan, &file, "A8").outcome, Outcome::Created, "{file}");
    }
}
