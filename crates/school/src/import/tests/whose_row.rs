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
