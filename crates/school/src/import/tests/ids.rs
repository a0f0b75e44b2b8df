//! Whose the ids of guardians are.

use super::*;

fn whole(file: &str, existing: &Existing) -> Plan {
    let rows = read(file.as_bytes()).expect("readable").rows;
    reconcile(existing, &Incoming::all(rows))
}

fn says(plan: &Plan) -> Vec<&str> {
    let does = plan.results.iter().flat_map(|it| &it.does);
    does.map(String::as_str).collect()
}

/// Ana with Maria, whose id is C1, all out of the source.
fn known() -> Existing {
    let mut existing = kept();
    existing.contacts[0].source = Some("C1".to_owned());
    existing.from_source.students.insert(StudentId(7));
    existing.from_source.contacts.insert(ContactId(9));
    let pair = (ContactId(9), StudentId(7));
    existing.from_source.guardians.insert(pair);
    existing
}

#[test]
fn an_id_that_a_source_gives_to_two_people_is_neithers() {
    let file = "student id,student,guardian id,guardian,guardian 2 id,guardian 2\n\
                A1,Ana Santos,P1,Maria Santos,p1,Paul Costa\n\
                A2,Ben Santos,P1,Maria Santos,,\n";
    let remark =
        "Leaves out the guardian id P1: this source gives it to both Maria Santos and Paul Costa";
    let plan = whole(file, &Existing::default());
    assert_eq!(outcomes(&plan), [Outcome::Created; 2]);
    assert!(says(&plan).contains(&remark), "{:?}", says(&plan));
    let ids = plan.steps.iter().filter_map(|it| {
        if let Step::AddContact { name, source, .. } = it {
            Some((name.reveal(), source.as_deref()))
        } else {
            None
        }
    });
    let ids: Vec<_> = ids.collect();
    assert_eq!(
        ids,
        [
            ("Maria Santos", None),
            ("Paul Costa", None),
            // Of the same name without an address she may be another.
            ("Maria Santos", None),
        ]
    );

    // Where an earlier import gave it to both, both are known.
    let mut existing = known();
    existing.contacts[0].source = Some("P1".to_owned());
    existing.contacts.push(ExistingContact {
        id: ContactId(10),
        name: name("Paul Costa"),
        email: None,
        ..existing.contacts[0].clone()
    });
    let row = "student id,student,guardian id,guardian,guardian 2 id,guardian 2\n\
               A1,Ana Santos,P1,Maria Santos,P1,Paul Costa\n";
    for _ in 0..2 {
        let plan = whole(row, &existing);
        assert_eq!(outcomes(&plan), [Outcome::Unchanged]);
        assert_eq!(says(&plan), [remark, remark]);
        assert!(plan.is_empty());
        existing.contacts.reverse();
    }
    // One who is said twice, or has another name now, is one.
    let row = row.replace("Paul Costa", "Maria Santos-Costa");
    let plan = whole(&row, &Existing::default());
    let added = |it: &&Step| matches!(it, Step::AddContact { .. });
    assert_eq!(plan.steps.iter().filter(added).count(), 1);
}

#[test]
fn a_guardian_without_a_name_is_whoever_has_the_id() {
    let plan = whole(
        "student id,student,guardian id,guardian\nA1,Ana Santos,c1,\n",
        &known(),
    );
    assert_eq!(outcomes(&plan), [Outcome::Unchanged]);
    assert!(plan.is_empty(), "{:?} {:?}", plan.leaving, plan.steps);
    // Whom the office calls otherwise is called so still.
    let mut renamed = known();
    renamed.contacts[0].records_name = Some(name("Mary Ross"));
    let file = "student id,student,guardian id,guardian,relationship\n\
                A1,Ana Santos,C1,,\n\
                A2,Ben Costa,C1,,Aunt\n\
                A3,Cem Demir,C7,,\n";
    let plan = whole(file, &renamed);
    assert_eq!(plan.contacts, []);
    let link = Step::Link {
        contact: Which::Kept(ContactId(9)),
        student: Which::New(0),
        relationship: "Aunt".to_owned(),
    };
    assert!(plan.steps.contains(&link), "{:?}", plan.steps);
    let unknown = "Leaves out a guardian without a name: nobody here has the id C7";
    assert_eq!(says(&plan).last(), Some(&unknown));
    // The id of one who has a name in that row is theirs.
    let file = "student id,student,guardian id,guardian,guardian 2 id,guardian 2\n\
                A1,Ana Santos,C1,Maria Santos,C1,\n";
    assert_eq!(says(&whole(file, &known())), Vec::<&str>::new());
}

#[test]
fn whoever_has_the_id_of_a_guardian_without_a_name_does_not_leave_by_a_refused_row() {
    for row in [
        "A9,Zoe Ross,03-Apr,C1,",
        "A9,Zoe Ross,,C1,\nA9,Max Ott,,C1,",
    ] {
        let file =
            format!("student id,student,form,guardian id,guardian\nA1,Ana Santos,,,\n{row}\n");
        let plan = whole(&file, &known());
        assert!(outcomes(&plan).contains(&Outcome::Refused), "{row}");
        let contact = |it: &Leaving| matches!(it, Leaving::Contact(..));
        assert!(!plan.leaving.iter().any(contact), "{row}");
        assert_eq!(plan.kept_back, 1, "{row}");
    }
}
