//! Two ids are two people, whatever they are called.

use super::*;

/// A row of that student with these contacts: id, name, address.
fn family(student: &str, contacts: &[(&str, &str, &str)]) -> Row {
    let guardian = |(id, who, at): &(&str, &str, &str)| Guardian {
        mobile: String::new(),
        name: name(who),
        email: Some(*at).filter(|it| !it.is_empty()).map(email),
        telephone: String::new(),
        relationship: String::new(),
        source: Some(*id).filter(|it| !it.is_empty()).map(str::to_owned),
        has_court_order: id.ends_with('!'),
    };
    let entry = Entry {
        student: name(student),
        source: Some(format!("id of {student}")),
        other_ids: Vec::new(),
        form: None,
        year: None,
        classes: None,
        guardians: contacts.iter().map(guardian).collect(),
        unnamed: Vec::new(),
    };
    Row {
        line: 1,
        student: student.to_owned(),
        entry: Ok(entry),
        named: Named::default(),
    }
}

/// Who is new, with their address.
fn added(plan: &Plan) -> Vec<(Option<&str>, Option<&str>)> {
    let added = plan.steps.iter().filter_map(|it| {
        let Step::AddContact { email, source, .. } = it else {
            return None;
        };
        Some((source.as_deref(), email.as_ref().map(EmailAddress::reveal)))
    });
    added.collect()
}

/// Ana with her father John Smith, who has that id and address.
fn with_father(id: Option<&str>, at: Option<&str>) -> Existing {
    let mut existing = kept();
    existing.students[0].source = Some("id of Ana Santos".to_owned());
    existing.contacts[0].name = name("John Smith");
    existing.contacts[0].source = id.map(str::to_owned);
    existing.contacts[0].email = at.map(email);
    existing
}

const FATHER: (&str, &str, &str) = ("C1", "John Smith", "john@home.example");
const GRANDFATHER: (&str, &str, &str) = ("C9", "John Smith", "old@home.example");

#[test]
fn father_and_grandfather_of_one_name_are_two() {
    let nobody = Existing::default();
    for both in [
        [FATHER, GRANDFATHER],
        [FATHER, ("C9", "John Smith", "")],
        [("C1", "John Smith", ""), GRANDFATHER],
        [("C1", "John Smith", ""), ("C9", "John Smith", "")],
        // They read at one address.
        [FATHER, ("C9", "John Smith", "john@home.example")],
    ] {
        let plan = reconcile(&nobody, &Incoming::all(vec![family("Ana Santos", &both)]));
        assert_eq!(outcomes(&plan), [Outcome::Created], "{:?}", plan.results);
        let at = |it: &'static str| Some(it).filter(|it| !it.is_empty());
        let expected = both.map(|(id, _, email)| (Some(id), at(email)));
        assert_eq!(added(&plan), expected);
    }
}

#[test]
fn nobody_is_taken_for_a_namesake_with_another_id() {
    for order in [[FATHER, GRANDFATHER], [GRANDFATHER, FATHER]] {
        let rows = vec![family("Ana Santos", &order)];
        // He is here with his id, or without one and by his address.
        for existing in [
            with_father(Some("C1"), Some("john@home.example")),
            with_father(Some("C1"), None),
            with_father(None, Some("john@home.example")),
        ] {
            let plan = reconcile(&existing, &Incoming::all(rows.clone()));
            assert_eq!(outcomes(&plan), [Outcome::Created], "{:?}", plan.results);
            let expected = [(Some("C9"), Some("old@home.example"))];
            assert_eq!(added(&plan), expected, "{:?}", plan.results);
        }
        // Without either there is no telling which of the two he is.
        let plan = reconcile(&with_father(None, None), &Incoming::all(rows));
        assert_eq!(added(&plan).len(), 2, "{:?}", plan.results);
    }
}

#[test]
fn an_order_and_an_address_go_to_whom_the_id_names() {
    let (father, barred) = (
        ("C1", "John Smith", ""),
        ("C9!", "John Smith", "old@home.example"),
    );
    let existing = with_father(Some("C1"), None);
    for contacts in [vec![father, barred], vec![barred, father], vec![barred]] {
        let is_whole = contacts.len() == 2;
        let rows = vec![family("Ana Santos", &contacts)];
        let incoming = if is_whole {
            Incoming::all(rows)
        } else {
            Incoming::some(rows)
        };
        let plan = reconcile(&existing, &incoming);
        assert_eq!(plan.orders, [Which::New(0)], "{:?}", plan.results);
        let is_readdressed = |it: &Step| matches!(it, Step::ChangeContact { .. });
        assert!(!plan.steps.iter().any(is_readdressed), "{:?}", plan.steps);
    }
}

#[test]
fn a_new_id_of_one_name_and_address_is_a_new_id() {
    // A system that is whole and knows the old id no more calls the same person by another.
    let existing = with_father(Some("C1"), Some("john@home.example"));
    let renumbered = ("N1", "John Smith", "john@home.example");
    let rows = vec![family("Ana Santos", &[renumbered])];
    let plan = reconcile(&existing, &Incoming::all(rows));
    assert_eq!(outcomes(&plan), [Outcome::Unchanged], "{:?}", plan.results);
}

#[test]
fn rows_of_two_ids_contradict_each_other_in_nothing() {
    let rows = vec![
        family("Ana Santos", &[FATHER]),
        family("Ana Santos", &[GRANDFATHER]),
    ];
    let plan = reconcile(&Existing::default(), &Incoming::some(rows));
    assert_eq!(outcomes(&plan), [Outcome::Created; 2], "{:?}", plan.results);
    // One id with two addresses does.
    let rows = vec![
        family("Ana Santos", &[FATHER]),
        family("Ana Santos", &[("C1", "John Smith", "old@home.example")]),
    ];
    let plan = reconcile(&Existing::default(), &Incoming::some(rows));
    assert_eq!(outcomes(&plan), [Outcome::Refused; 2], "{:?}", plan.results);
}

#[test]
fn a_list_names_the_ids_of_guardians() {
    let file = "Student ID,Student,Contact 1 ID,Contact 1,Contact 1 email,Parent 2 ID,Parent 2\n\
                A1,Ana Santos,C1,John Smith,john@home.example,C9,John Smith\n\
                A2,Ben Santos,-,Jo Hall,,,\n";
    let rows = read(file.as_bytes()).expect("readable").rows;
    let ids: Vec<_> = rows
        .iter()
        .flat_map(|it| &it.entry.as_ref().expect("taken").guardians)
        .map(|it| it.source.as_deref())
        .collect();
    assert_eq!(ids, [Some("C1"), Some("C9"), None]);
    let plan = reconcile(&Existing::default(), &Incoming::all(rows));
    assert_eq!(outcomes(&plan), [Outcome::Created; 2], "{:?}", plan.results);
    assert_eq!(added(&plan).len(), 3);
    let mother = read(b"student,Mother,Mother ID\nAna Santos,Maria Santos,1.2E+9\n");
    let entry = &mother.expect("readable").rows[0].entry;
    assert!(entry.is_err(), "a spreadsheet has shortened it");
    let unused = read(b"student,guardian,Contact ID,Parent ID\nAna,Maria,C1,P1\n");
    assert_eq!(
        unused.expect("readable").unused,
        ["Parent ID"],
        "the first is read"
    );
}

#[test]
fn an_address_goes_before_the_order_of_rows() {
    let nameless = ("C9", "John Smith", "");
    let mut existing = with_father(None, Some("john@home.example"));
    let is_father = |plan: &Plan| {
        let [
            ContactStep {
                contact, source, ..
            },
        ] = &*plan.contacts
        else {
            return false;
        };
        *contact == Which::Kept(ContactId(9)) && source.as_deref() == Some("C1")
    };
    // A row for each contact.
    let [one, two] = [FATHER, nameless].map(|it| family("Ana Santos", &[it]));
    for rows in [[one.clone(), two.clone()], [two, one]] {
        let plan = reconcile(&existing, &Incoming::all(rows.to_vec()));
        assert_eq!(added(&plan), [(Some("C9"), None)], "{:?}", plan.results);
        assert!(is_father(&plan), "{:?}", plan.results);
    }
    // Two of whom neither has an address cannot be told from him.
    let [one, two] = ["C1", "C9"].map(|it| family("Ana Santos", &[(it, "John Smith", "")]));
    let plan = reconcile(&with_father(None, None), &Incoming::all(vec![one, two]));
    assert_eq!(added(&plan).len(), 2, "{:?}", plan.results);
    // He is a contact of two, and the other is a contact of one of them.
    existing.students.push(ExistingStudent {
        id: StudentId(8),
        name: name("Ben Santos"),
        source: Some("id of Ben Santos".to_owned()),
        ..existing.students[0].clone()
    });
    let of_ben = (StudentId(8), "Father".to_owned());
    existing.contacts[0].students.push(of_ben);
    let (one, two) = (
        family("Ana Santos", &[FATHER]),
        family("Ben Santos", &[nameless]),
    );
    for rows in [[one.clone(), two.clone()], [two, one]] {
        let plan = reconcile(&existing, &Incoming::some(rows.to_vec()));
        assert_eq!(added(&plan), [(Some("C9"), None)], "{:?}", plan.results);
        assert!(is_father(&plan), "{:?}", plan.results);
    }
}

#[test]
fn contacts_who_are_named_alone_are_told_apart_too() {
    let existing = with_father(None, Some("john@home.example"));
    let alone = |(id, who, at): (&str, &str, &str)| {
        let row = family("Ana Santos", &[(id, who, at)]);
        let guardian = row.entry.expect("a row").guardians.remove(0);
        Listed {
            line: 1,
            name: who.to_owned(),
            entry: Ok(ListedContact {
                guardian,
                students: vec!["id of Ana Santos".to_owned()],
            }),
        }
    };
    let (one, two) = (alone(FATHER), alone(("C9", "John Smith", "")));
    for contacts in [[one.clone(), two.clone()], [two, one]] {
        let incoming = Incoming {
            contacts: contacts.to_vec(),
            ..Incoming::default()
        };
        let plan = reconcile(&existing, &incoming);
        assert_eq!(added(&plan), [(Some("C9"), None)], "{:?}", plan.results);
    }
}
