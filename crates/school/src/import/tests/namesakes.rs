//! Namesakes in lists without ids, as at the change of the school year: a guardian goes before the homeroom.

use super::*;

/// Two of one name: Aisha's in 4b, Omar's in 3b; with ids or without.
fn both(with_ids: bool) -> Existing {
    let mut existing = kept();
    let id = |it: &str| with_ids.then(|| it.to_owned());
    existing.students[0] = ExistingStudent {
        name: name("Muhammad Khan"),
        form: "4b".to_owned(),
        source: id("1"),
        ..existing.students[0].clone()
    };
    existing.students.push(ExistingStudent {
        id: StudentId(8),
        form: "3b".to_owned(),
        source: id("2"),
        ..existing.students[0].clone()
    });
    existing.contacts[0] = ExistingContact {
        name: name("Aisha Khan"),
        email: Some(email("aisha@x.example")),
        students: vec![(StudentId(7), String::new())],
        ..existing.contacts[0].clone()
    };
    existing.contacts.push(ExistingContact {
        id: ContactId(10),
        name: name("Omar Khan"),
        email: Some(email("omar@y.example")),
        students: vec![(StudentId(8), String::new())],
        ..existing.contacts[0].clone()
    });
    existing
}

fn planned(rows: &[&str], existing: &Existing) -> Plan {
    let file = format!("student,homeroom,guardian,e-mail\n{}\n", rows.join("\n"));
    steps(&file, existing)
}

/// Who goes where; nobody is given another guardian.
fn moved(plan: &Plan) -> Vec<(u64, &str)> {
    let moved = plan.steps.iter().map(|it| match it {
        Step::ChangeStudent { id, form, .. } => (id.0, form.as_str()),
        Step::AddStudent { .. }
        | Step::Place { .. }
        | Step::AddContact { .. }
        | Step::ChangeContact { .. }
        | Step::OtherAddress { .. }
        | Step::Call { .. }
        | Step::Telephone { .. }
        | Step::Link { .. } => panic!("{:?}", plan.results),
    });
    let mut moved: Vec<_> = moved.collect();
    moved.sort_unstable();
    moved
}

const AISHA: &str = "Aisha Khan,aisha@x.example";
const OMAR: &str = "Omar Khan,omar@y.example";

#[test]
fn a_guardian_goes_before_the_homeroom() {
    for existing in [both(false), both(true)] {
        for (aishas, omars) in [("5b", "4b"), ("3b", "4b"), ("4c", "4b"), ("3b", "2b")] {
            let rows = [
                format!("Muhammad Khan,{aishas},{AISHA}"),
                format!("Muhammad Khan,{omars},{OMAR}"),
            ];
            for order in [[0, 1], [1, 0]] {
                let plan = planned(&order.map(|it| &*rows[it]), &existing);
                assert_eq!(moved(&plan), [(7, aishas), (8, omars)]);
            }
        }
        // Of one row alone too.
        let plan = planned(&[&format!("Muhammad Khan,4b,{OMAR}")], &existing);
        assert_eq!(moved(&plan), [(8, "4b")]);
    }
}

#[test]
fn whoever_has_no_guardian_in_common_is_nobody_here() {
    let existing = both(false);
    for row in [
        "Muhammad Khan,4b,Tom Roe,tom@x.example",
        "Muhammad Khan,4b,Tom Roe,",
        "Muhammad Khan,3b,Tom Roe,tom@x.example",
    ] {
        let plan = planned(&[row], &existing);
        assert!(plan.is_empty(), "{row}: {:?}", plan.results);
        let why = &plan.results[0].reason;
        assert!(why.contains("has other guardians here"), "{row}: {why}");
    }
    // Added by hand, without a guardian, they are that one.
    let mut added = existing.clone();
    added.students.push(ExistingStudent {
        id: StudentId(9),
        ..added.students[0].clone()
    });
    let plan = planned(&["Muhammad Khan,4b,Tom Roe,tom@x.example"], &added);
    let link = |it: &Step| {
        matches!(
            it,
            Step::Link {
                student: Which::Kept(StudentId(9)),
                ..
            }
        )
    };
    assert!(plan.steps.iter().any(link), "{:?}", plan.results);
    // A second guardian beside one who is known, one row for each; and nobody at all.
    let rows = [
        "Muhammad Khan,4b,Tom Roe,tom@x.example".to_owned(),
        format!("Muhammad Khan,4b,{AISHA}"),
    ];
    for order in [[0, 1], [1, 0]] {
        let plan = planned(&order.map(|it| &*rows[it]), &existing);
        let links = plan
            .steps
            .iter()
            .filter(|it| matches!(it, Step::Link { .. }));
        assert_eq!(links.count(), 1, "{:?}", plan.results);
    }
    assert_eq!(
        outcomes(&planned(&["Muhammad Khan,4b,,"], &existing)),
        [Outcome::Unchanged]
    );
}
