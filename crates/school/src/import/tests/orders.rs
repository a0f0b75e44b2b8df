//! What a list says of court orders is never left out (DIR-4).

use super::*;

/// Who is named in the one row of a list, and whether an order is said on each; or why the row is refused.
fn said(heading: &str, row: &str) -> Result<Vec<(String, bool)>, String> {
    let file = format!("{heading}\n{row}\n");
    let table = read(file.as_bytes()).expect("readable");
    assert_eq!(table.unused, Vec::<String>::new(), "{heading}");
    let [row] = &*table.rows else {
        panic!("{:?}", table.rows)
    };
    let entry = row.entry.as_ref().map_err(Clone::clone)?;
    let guardians = entry.guardians.iter();
    Ok(guardians
        .map(|it| (it.name.reveal().to_owned(), it.has_court_order))
        .collect())
}

fn one(who: &str, is_barred: bool) -> Vec<(String, bool)> {
    vec![(who.to_owned(), is_barred)]
}

#[test]
fn every_heading_that_speaks_of_orders_is_read() {
    for heading in [
        "Court order",
        "Court Order Details",
        "No contact",
        "Do not contact",
        "Legal restriction",
        "Contact.legalRestriction",
        "contact.legalRestriction",
        "Contact 1 Has Court Order",
        "Parent 1 court order",
        "Guardian court order",
        "Restraining order in force",
        "Injunction?",
    ] {
        let heading = format!("Student,Guardian,E-mail,{heading}");
        for yes in ["YES - no contact", "Y", "True", "1", "since 2024", "?"] {
            let row = format!("Zed Roe,Rob Roe,rob@x.example,{yes}");
            assert_eq!(
                said(&heading, &row),
                Ok(one("Rob Roe", true)),
                "{heading} {yes}"
            );
        }
        for no in ["", "No", "N", "FALSE", "0", "none", "n/a", "-"] {
            let row = format!("Zed Roe,Rob Roe,rob@x.example,{no}");
            assert_eq!(
                said(&heading, &row),
                Ok(one("Rob Roe", false)),
                "{heading} {no}"
            );
        }
    }
}

#[test]
fn an_order_in_a_name_or_a_relationship_is_read() {
    let heading = "Student,Guardian,E-mail,Relationship";
    let read = |guardian: &str, relationship: &str| {
        said(
            heading,
            &format!("Zed Roe,{guardian},rob@x.example,{relationship}"),
        )
    };
    let barred = Ok(one("Rob Roe", true));
    assert_eq!(read("Rob Roe", "Father (COURT ORDER - no contact)"), barred);
    assert_eq!(read("Rob Roe", "Father - no contact"), barred);
    assert_eq!(read("Rob Roe (NO CONTACT)", "Father"), barred);
    assert_eq!(
        read("Rob Roe", "Father (emergency contact)"),
        Ok(one("Rob Roe", false))
    );
    for refused in ["No contact", "Rob Roe - NO CONTACT", "COURT ORDER"] {
        let reason = read(refused, "").expect_err("refused");
        assert!(reason.contains("court order"), "{reason}");
    }
    let of_pupil = said("Student,Guardian", "Zed Roe (court order),Rob Roe");
    assert!(of_pupil.is_err());
}

#[test]
fn an_order_that_may_be_of_several_refuses_the_row() {
    let heading = "Student,Guardian,E-mail,Guardian 2,Guardian 2 e-mail";
    let row = |said: &str| format!("Zed Roe,Ann Roe,ann@x.example,Rob Roe,rob@x.example,{said}");
    let of_two = |heading2: &str, cells: &str| said(&format!("{heading},{heading2}"), &row(cells));
    let reason = of_two("Court order", "yes").expect_err("refused");
    assert!(reason.contains("not of whom"), "{reason}");
    let both = |ann, rob| {
        Ok(vec![
            ("Ann Roe".to_owned(), ann),
            ("Rob Roe".to_owned(), rob),
        ])
    };
    assert_eq!(of_two("Court order", "no"), both(false, false));
    assert_eq!(of_two("Parent 2 court order", "yes"), both(false, true));
    assert_eq!(
        of_two("Court order,Guardian 2 court order", "yes,"),
        both(true, false)
    );
    // Several columns may speak of it, and each counts.
    assert_eq!(
        of_two("Father's court order,Guardian 2 no contact", "no,yes"),
        both(false, true)
    );
    // Of nobody whom the row names.
    let reason = of_two("Guardian 3 court order", "yes").expect_err("refused");
    assert!(reason.contains("not of whom"), "{reason}");
}

#[test]
fn a_column_of_orders_cannot_be_left_out() {
    let file = b"Student,Guardian,E-mail,Court order\nZed Roe,Rob Roe,rob@x.example,yes\n";
    let opened = open(file).expect("readable");
    let columns = vec![
        Some(Column::Student),
        Some(Column::Guardian(1, Part::Name)),
        Some(Column::Guardian(1, Part::Email)),
        None,
    ];
    let chosen = Choice {
        columns,
        has_headings: true,
    };
    let table = opened.table(Some(&chosen)).expect("readable");
    let entry = table.rows[0].entry.as_ref().expect("taken");
    assert!(entry.guardians[0].has_court_order);
}

#[test]
fn the_order_stands_above_everything_that_a_list_changes() {
    let file = b"Student,Guardian,E-mail,Court order\nZed Roe,Rob Roe,rob@x.example,yes\n";
    let rows = read(file).expect("readable").rows;
    let plan = reconcile(&kept(), &Incoming::some(rows));
    assert_eq!(plan.orders.len(), 1);
    let note = plan.notes.first().expect("a note");
    assert!(
        note.starts_with("Enters a court order on Rob Roe"),
        "{note}"
    );
}

#[test]
fn of_a_row_that_is_refused_whoever_is_known_gets_the_order() {
    let heading = "Student,Student ID,Homeroom,Guardian,E-mail,Court order\n";
    let said = "Ana Santos,A1,8B,Maria Santos,maria@home.example,yes\n";
    let contradicting = "Ana Santos,A1,9C,,,\n";
    let file = format!("{heading}{said}{contradicting}");
    let rows = read(file.as_bytes()).expect("readable").rows;
    let plan = reconcile(&kept(), &Incoming::some(rows));
    let mut outcomes = plan.results.iter().map(|it| it.outcome);
    assert!(outcomes.any(|it| it == Outcome::Refused));
    assert_eq!(plan.orders, [Which::Kept(ContactId(9))]);
}

#[test]
fn of_a_row_that_cannot_be_read_whoever_is_known_gets_the_order_too() {
    let heading =
        "Student,Student ID,Homeroom,Guardian,Guardian ID,E-mail,Relationship,Court order\n";
    let plan = |row: &str| {
        let file = format!("{heading}{row}\n");
        let rows = read(file.as_bytes()).expect("readable").rows;
        let plan = reconcile(&kept(), &Incoming::some(rows));
        assert_eq!(plan.results[0].outcome, Outcome::Refused, "{row}");
        plan
    };
    for row in [
        "Ana Santos,A1,01/08/26,Maria Santos,,maria@home.example,Mother,yes",
        "Ana Santos,A1,01/08/26,Maria Santos,,maria@home.example,Mother (no contact),",
        "Ana Santos,A1,01/08/26,Maria Santos (court order),,maria@home.example,,",
        ",A1,8B,Maria Santos,,maria@home.example,Mother,yes",
    ] {
        assert_eq!(plan(row).orders, [Which::Kept(ContactId(9))], "{row}");
    }
    // Who is not known by it, and who cannot be told, is said before all else.
    for (row, who) in [
        (
            "Ana Santos,A1,8B,Maria Santos,,maria@home,Mother,yes",
            "Maria Santos (row 2)",
        ),
        (
            "Ana Santos,A1,8B,Maria Santos,,maria@home.example,Mother,yes,more",
            "row 2",
        ),
        (
            "Ana Santos (court order),A1,8B,Maria Santos,,maria@home.example,,",
            "row 2",
        ),
    ] {
        let plan = plan(row);
        assert_eq!(plan.orders, [], "{row}");
        let note = plan.notes.first().map(String::as_str).unwrap_or_default();
        let says = format!("Rows that are refused speak of a court order: {who}. ");
        assert!(note.starts_with(&says), "{row}: {note}");
    }
}
