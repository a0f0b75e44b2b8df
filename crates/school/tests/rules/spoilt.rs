//! What spreadsheets and typists do to a list is refused with the reason, and loses or doubles nobody (DIR-11).

use school::import::{Existing, Incoming, Outcome, Plan, Unreadable, read, reconcile};

use crate::sheets::kept_after;

fn planned(file: &str, kept: &Existing) -> Plan {
    let rows = read(file.as_bytes()).expect("readable").rows;
    reconcile(kept, &Incoming::some(rows))
}

/// What a first file leaves.
fn kept(file: &str) -> Existing {
    let plan = planned(file, &Existing::default());
    let is_created = |it: &school::import::RowResult| it.outcome == Outcome::Created;
    assert!(plan.results.iter().all(is_created), "{:?}", plan.results);
    kept_after(&plan)
}

/// Why the one row of a second file is refused.
fn refused(head: &str, first: &str, second: &str) -> String {
    let kept = kept(&format!("{head}\n{first}\n"));
    let plan = planned(&format!("{head}\n{second}\n"), &kept);
    assert!(plan.is_empty(), "{second}: {:?}", plan.results);
    plan.results[0].reason.clone()
}

const IDS: &str = "student,student id,homeroom,guardian,guardian id,e-mail";
const NAMES: &str = "student,homeroom,guardian,e-mail";

#[test]
fn a_quotation_mark_that_is_not_closed_swallows_nobody_in_silence() {
    for file in [
        "Student,Guardian,E-mail,Note\nMia Kim,Anna Kim,a@x.example,\"height\nBo Li,Wu Li,w@x.example,\nEd Po,Al Po,p@x.example,5\"\nZoe M,Al M,m@x.example,\n",
        "Student,Note,Guardian,E-mail\nMia Kim,\"height,Anna Kim,a@x.example\nEd Po,5\",Al Po,p@x.example\n",
        "Student,Note,Guardian\nMia Kim,\"height,Anna Kim\nBo Li,,Wu Li\nEd Po,5\",Al Po\n",
    ] {
        let rows = read(file.as_bytes()).expect("readable").rows;
        let why = rows[0].entry.as_ref().expect_err("rows in one cell");
        assert!(why.contains("quotation mark"), "{why}");
        assert_eq!(rows[0].named, school::import::Named::anybody(), "{file}");
    }
    let open = "Student,Guardian,Note\nMia Kim,Anna Kim,\"5\nEd Po,Al Po,\n";
    assert_eq!(read(open.as_bytes()), Err(Unreadable::OpenQuote(2)));
    // What is closed, and holds lines, is a note.
    let note =
        "Student,Guardian,E-mail,Note\nMia Kim,Anna Kim,a@x.example,\"says \"\"5\"\"\nand 6\"\n";
    assert!(
        read(note.as_bytes()).expect("readable").rows[0]
            .entry
            .is_ok()
    );
    let note = "Student,Guardian,Note\nMia Kim,Anna Kim,\"5\n\"\n";
    assert!(
        read(note.as_bytes()).expect("readable").rows[0]
            .entry
            .is_ok()
    );
}

#[test]
fn an_id_that_a_spreadsheet_changed_doubles_nobody() {
    let mine = "Zoe M,12,4b,Anna M,1234567890123456,anna@x.example";
    let why = refused(
        IDS,
        mine,
        "Zoe M,12,4b,Anna M,1234567890123460,anna@x.example",
    );
    assert!(
        why.starts_with("In guardian id: Anna M has the id 1234567890123456"),
        "{why}"
    );
    for id in ["02/01/26", "01-Feb", "1. Feb 26", "2026-02-01", "#N/A"] {
        for row in [
            format!("Zoe M,{id},4b,Anna M,,"),
            format!("Zoe M,12,4b,Anna M,{id},"),
        ] {
            let why = refused(IDS, mine, &row);
            assert!(why.contains("spreadsheet"), "{row}: {why}");
        }
    }
    let kept = kept(&format!("{IDS}\nZoe M,1234,4b,Anna M,{{AB-5678}},\n"));
    for (student, guardian) in [("\"1,234\"", "ab-5678"), ("\"1234,00\"", "{AB-5678}")] {
        let plan = planned(
            &format!("{IDS}\nZoe M,{student},4b,Anna M,{guardian},\n"),
            &kept,
        );
        assert!(plan.is_empty(), "{:?}", plan.results);
        assert_eq!(plan.results[0].outcome, Outcome::Unchanged);
    }
    // Five digits are an id, and no day.
    let five = format!("{IDS}\nZoe M,46030,4b,Anna M,45000,\n");
    assert_eq!(
        planned(&five, &Existing::default()).results[0].outcome,
        Outcome::Created
    );
}

#[test]
fn another_spelling_of_one_family_is_refused() {
    for (first, second) in [
        (
            "Jörg Müller,4b,Anna Müller,a@x.example",
            "Joerg Mueller,4b,Anna Mueller,a@x.example",
        ),
        (
            "Søren Ærø,4b,Eva Ærø,a@x.example",
            "Soeren Aeroe,4b,Eva Aeroe,a@x.example",
        ),
        (
            "Mia Kim,4b,Anna Kim,a@x.example",
            "Mia Sophie Kim,4b,Anna Kim,a@x.example",
        ),
    ] {
        let why = refused(NAMES, first, second);
        assert!(
            why.starts_with("In student: this may be"),
            "{second}: {why}"
        );
    }
    // Both are in the file, or they are of two families: they are two.
    let kept = kept(&format!("{NAMES}\nMia Kim,4b,Anna Kim,a@x.example\n"));
    for (rows, new) in [
        (
            "Mia Sophie Kim,4b,Anna Kim,a@x.example\nMia Kim,4b,Anna Kim,a@x.example",
            1,
        ),
        ("Mia Sophie Kim,4b,Tom Kim,t@x.example", 1),
        ("Leo Kim,4b,Anna Kim,a@x.example", 1),
    ] {
        let plan = planned(&format!("{NAMES}\n{rows}\n"), &kept);
        let created = plan
            .results
            .iter()
            .filter(|it| it.outcome == Outcome::Created);
        assert_eq!(created.count(), new, "{rows}: {:?}", plan.results);
    }
}

#[test]
fn a_homeroom_that_became_a_day_or_a_time_is_refused() {
    let row = |form: &str| format!("Mia Kim,{form},Anna Kim,a@x.example");
    for form in [
        "01/08/26",
        "01.08.26",
        "1. Feb 26",
        "8-Jan-26",
        "8 January 2026",
        "1. August",
        "\"Sunday, 1 February 2026\"",
        "08:01:00",
        "08:01",
        "0.5",
    ] {
        let why = refused(NAMES, &row("8-1"), &row(form));
        assert!(
            why.starts_with("In homeroom: a spreadsheet"),
            "{form}: {why}"
        );
    }
    for form in [
        "8-1",
        "8/1",
        "8.1",
        "March",
        "Mars 2",
        "7 May Blue",
        "8:1",
        "Room 12",
        "10.5",
    ] {
        let plan = planned(&format!("{NAMES}\n{}\n", row(form)), &Existing::default());
        assert_eq!(
            plan.results[0].outcome,
            Outcome::Created,
            "{form}: {:?}",
            plan.results
        );
    }
}

#[test]
fn counts_and_headings_within_a_list_are_no_students() {
    let file = format!(
        "{NAMES}\nClass 4b,,,\nMia Kim,4b,Anna Kim,a@x.example\nCount: 1,,,\nClass 5a,,,\nBo Li,5a,Wu Li,w@x.example\nMia Roe,5a,Al Roe,r@x.example\nCount: 2,,,\n"
    );
    let table = read(file.as_bytes()).expect("readable");
    let taken: Vec<_> = table
        .rows
        .iter()
        .filter(|it| it.entry.is_ok())
        .map(|it| it.student.as_str())
        .collect();
    assert_eq!(taken, ["Mia Kim", "Bo Li", "Mia Roe"]);
    assert_eq!(table.rows.len(), 5, "headings are refused, counts left out");
    assert!(table.notes[0].starts_with("Left out: repeated headings, totals"));
    let two = "Student,Homeroom\nMia Kim,4b\nBo Li,4b\nTotal,2\n";
    assert_eq!(read(two.as_bytes()).expect("readable").rows.len(), 2);
}

#[test]
fn a_title_more_makes_nobody_another() {
    let head = "student,student id,guardian,mobile";
    for (first, second) in [
        ("Anna Kim", "Mrs Anna Kim"),
        ("Frau Dr Anna Kim", "Anna Kim"),
        ("Anna Kim", "\"Kim, Anna\""),
    ] {
        let kept = kept(&format!("{head}\nMia Kim,1,{first},07700900001\n"));
        let plan = planned(&format!("{head}\nMia Kim,1,{second},07700900001\n"), &kept);
        assert!(plan.is_empty(), "{second}: {:?}", plan.results);
    }
    let kept = kept(&format!("{head}\nMia Kim,1,Mr Sam Kim,\n"));
    let plan = planned(&format!("{head}\nMia Kim,1,Mrs Sam Kim,\n"), &kept);
    assert_eq!(plan.results[0].outcome, Outcome::Created);
}

#[test]
fn an_address_that_stands_for_none_is_none() {
    let file = format!(
        "{NAMES}\nAli Khan,4b,Mrs Khan,noemail@school.example\nSam Khan,6c,Mrs Khan,NoEmail@school.example\nBo Li,4b,Wu Li,notary@x.example\n"
    );
    let table = read(file.as_bytes()).expect("readable");
    assert!(table.notes[0].contains("rows 2, 3"), "{:?}", table.notes);
    let plan = reconcile(&Existing::default(), &Incoming::some(table.rows));
    let kept = kept_after(&plan);
    assert_eq!(kept.contacts.len(), 3);
    assert_eq!(
        kept.contacts.iter().filter(|it| it.email.is_some()).count(),
        1
    );
}

#[test]
fn an_address_is_read_as_it_is_copied_and_two_are_told() {
    for cell in [
        "mailto:a@x.example",
        "Anna Kim <a@x.example>",
        "a@x.example.",
        "\u{200e}a@x.example\u{200b}",
        "\"=HYPERLINK(\"\"mailto:a@x.example\"\")\"",
    ] {
        let file = format!("{NAMES}\nMia Kim,4b,Anna Kim,{cell}\n");
        let kept = kept(&file);
        let email = kept.contacts[0].email.as_ref().map(|it| it.reveal());
        assert_eq!(email, Some("a@x.example"), "{cell}");
    }
    let file = format!("{NAMES}\nMia Kim,4b,Anna Kim,a@x.example; b@x.example\n");
    let plan = planned(&file, &Existing::default());
    assert_eq!(
        plan.results[0].reason,
        "In e-mail: two addresses stand here. Give one."
    );
}

#[test]
fn what_stands_for_nothing_is_no_guardian_and_no_homeroom() {
    for nothing in ["NULL", "TBC", "Unknown", "N/A", "-"] {
        let kept = kept(&format!("{NAMES}\nMia Kim,{nothing},{nothing},\n"));
        assert_eq!(
            (kept.contacts.len(), &*kept.students[0].form),
            (0, ""),
            "{nothing}"
        );
    }
}

#[test]
fn a_court_order_that_is_not_known_is_no_plain_no() {
    let ordered = |cell: &str| {
        let file =
            format!("student,guardian,e-mail,Court order\nMia Kim,Bob Kim,b@x.example,{cell}\n");
        planned(&file, &Existing::default()).orders.len()
    };
    for cell in ["TBC", "Unknown", "not known", "yes"] {
        assert_eq!(ordered(cell), 1, "{cell}");
    }
    for cell in ["", "no", "N/A", "NULL"] {
        assert_eq!(ordered(cell), 0, "{cell}");
    }
}

#[test]
fn marks_that_nobody_sees_around_a_cell_are_none() {
    let kept = kept(&format!("{NAMES}\nMia Kim,4b,Anna Kim,a@x.example\n"));
    for row in [
        "\u{200f}Mia Kim\u{200b},4b,Anna Kim,a@x.example",
        "Mia Kim\u{ad},\u{2060}4b,\u{feff}Anna Kim\u{61c},a@x.example",
    ] {
        let plan = planned(&format!("{NAMES}\n{row}\n"), &kept);
        assert!(plan.is_empty(), "{:?}", plan.results);
        assert_eq!(plan.results[0].outcome, Outcome::Unchanged);
    }
    // What turns letters around is no mark at an edge.
    let why = refused(NAMES, "Bo Li,4b,,", "Bo Li\u{202e},4b,,");
    assert!(why.contains("special characters"), "{why}");
}

#[test]
fn a_name_that_stands_in_the_first_of_several_rows_alone_is_asked_for() {
    let file = format!("{NAMES}\nMia Kim,4b,Anna Kim,a@x.example\n,,Bob Kim,b@x.example\n");
    let plan = planned(&file, &Existing::default());
    assert_eq!(
        plan.results[1].reason,
        "In student: the name is missing. Where one cell stood for several rows, write it into each of them."
    );
}

#[test]
fn a_first_line_that_tells_what_is_not_so_is_passed_over() {
    let file = format!("sep=;\n{NAMES}\nMia Kim,4b,Anna Kim,a@x.example\n");
    assert_eq!(kept(&file).students.len(), 1);
}

#[test]
fn files_of_other_kinds_are_called_so_and_utf_32_is_read() {
    for file in [
        &b"\x1f\x8b\x08\x00\x00"[..],
        b"Student\0Form\n",
        b"7z\xbc\xaf\x27\x1c",
    ] {
        assert_eq!(read(file), Err(Unreadable::OtherKind));
    }
    let text = "Student,Form\nZo\u{eb} Kim,4b\n";
    for from in [u32::to_le_bytes, u32::to_be_bytes] {
        for marked in [text.to_owned(), format!("\u{feff}{text}")] {
            let file: Vec<u8> = marked.chars().flat_map(|it| from(u32::from(it))).collect();
            let table = read(&file).expect("readable");
            assert_eq!(table.rows[0].student, "Zo\u{eb} Kim");
        }
    }
}

#[test]
fn an_address_of_three_people_is_doubted() {
    let file = |third: &str| {
        format!(
            "{NAMES}\nAli Khan,4b,Mrs Khan,office@school.example\nBo Li,6c,Wu Li,Office@school.example\nEd Po,1a,{third},office@school.example\n"
        )
    };
    let says = "Addresses that stand for several people: office@school.example (3 names). ";
    let notes = read(file("Al Po").as_bytes()).expect("readable").notes;
    assert!(notes[0].starts_with(says), "{notes:?}");
    // Two parents may share one, however they are written.
    for third in ["Wu Li", "\"Li, Wu\"", "Ms Wu Li"] {
        let notes = read(file(third).as_bytes()).expect("readable").notes;
        assert!(notes.is_empty(), "{third}: {notes:?}");
    }
}
