mod ids;
mod mixed_rows;
mod namesakes;
mod orders;
mod refused;
mod reused_ids;
mod two_people;
mod whose_row;

use super::*;
use crate::ids::{ClassId, ContactId, StudentId};
use crate::said::Both;
use crate::telephone::Telephones;
use crate::text::{Countries, Mobile};

fn steps(file: &str, existing: &Existing) -> Plan {
    let rows = read(file.as_bytes()).expect("readable").rows;
    reconcile(existing, &Incoming::some(rows))
}

fn outcomes(plan: &Plan) -> Vec<Outcome> {
    plan.results.iter().map(|it| it.outcome).collect()
}

/// The one row's reason.
fn reason(file: &str) -> String {
    let plan = steps(file, &Existing::default());
    assert_eq!(plan.steps, []);
    plan.results[0].reason.clone()
}

fn name(text: &str) -> Name {
    Name::read(text).expect("a name")
}

fn email(text: &str) -> EmailAddress {
    EmailAddress::read(text).expect("an address")
}

fn class(id: u64, name: &str) -> ExistingClass {
    ExistingClass {
        id: ClassId(id),
        name: Label::read(name).expect("a label"),
        subject: Label::read(name).expect("a label"),
        teachers: Vec::new(),
        source: None,
    }
}

fn kept() -> Existing {
    Existing {
        students: vec![ExistingStudent {
            id: StudentId(7),
            name: name("Ana Santos"),
            records_name: None,
            form: "8B".to_owned(),
            year: String::new(),
            source: Some("A1".to_owned()),
            classes: vec![ClassId(1)],
        }],
        contacts: vec![ExistingContact {
            id: ContactId(9),
            name: name("Maria Santos"),
            records_name: None,
            email: Some(email("maria@home.example")),
            students: vec![(StudentId(7), "Mother".to_owned())],
            source: None,
            aliases: Vec::new(),
            address: None,
            telephones: Telephones::default(),
        }],
        classes: vec![class(1, "8B French"), class(2, "8B Maths")],
        ..Existing::default()
    }
}

#[test]
fn siblings_may_share_a_contact_and_contacts_an_address() {
    let plan = steps(
        "Student,Guardian,E-mail\n\
         Ana,Maria,home@x.example\n\
         Ben,Maria,HOME@x.example\n\
         Ben,Paul,home@x.example\n",
        &Existing::default(),
    );
    assert_eq!(outcomes(&plan), [Outcome::Created; 3]);
    let contacts = plan
        .steps
        .iter()
        .filter(|it| matches!(it, Step::AddContact { .. }));
    assert_eq!(contacts.count(), 2);
    let links: Vec<_> = plan
        .steps
        .iter()
        .filter_map(|it| match it {
            Step::Link {
                contact, student, ..
            } => Some((*contact, *student)),
            Step::AddStudent { .. }
            | Step::ChangeStudent { .. }
            | Step::Place { .. }
            | Step::AddContact { .. }
            | Step::ChangeContact { .. }
            | Step::OtherAddress { .. }
            | Step::Call { .. }
            | Step::Telephone { .. } => None,
        })
        .collect();
    let (ana, ben) = (Which::New(0), Which::New(1));
    let (maria, paul) = (Which::New(0), Which::New(1));
    assert_eq!(links, [(maria, ana), (maria, ben), (paul, ben)]);
}

#[test]
fn what_is_kept_is_unchanged_and_a_second_import_does_nothing() {
    let file = "Student ID;Student;FORM;Classes;contact;e-mail;relationship\r\n\
                A1;Ana Santos;8B;\"8b french\";Maria Santos;Maria@home.example;Mother\r\n\
                A1;Ana Santos;8B;8B French;Maria Santos;maria@home.example;\r\n";
    let plan = steps(file, &kept());
    assert_eq!(outcomes(&plan), [Outcome::Unchanged; 2]);
    assert_eq!(plan.steps, []);
}

#[test]
fn changes_are_told_from_news() {
    let plan = steps(
        "student id,student,form,classes,contact,email,relationship\n\
         A1,Ana Santos,9B,8B French;8B Maths,Maria Santos,new@home.example,Mother\n\
         A1,Ana Santos,9B,,Paul Costa,,Father\n\
         A2,Ana Santos,9B,,,,\n",
        &kept(),
    );
    assert_eq!(
        outcomes(&plan),
        [Outcome::Updated, Outcome::Created, Outcome::Created]
    );
    let ana = Which::Kept(StudentId(7));
    let expected = [
        Step::ChangeStudent {
            id: StudentId(7),
            name: name("Ana Santos"),
            form: "9B".to_owned(),
            year: String::new(),
            source: Some("A1".to_owned()),
            records_name: None,
        },
        Step::Place {
            student: ana,
            class: Which::Kept(ClassId(2)),
        },
        Step::ChangeContact {
            id: ContactId(9),
            email: email("new@home.example"),
        },
        Step::AddContact {
            name: name("Paul Costa"),
            email: None,
            source: None,
        },
        Step::Link {
            contact: Which::New(0),
            student: ana,
            relationship: "Father".to_owned(),
        },
        Step::AddStudent {
            name: name("Ana Santos"),
            form: "9B".to_owned(),
            year: String::new(),
            source: Some("A2".to_owned()),
        },
    ];
    assert_eq!(plan.steps, expected);
}

#[test]
fn every_row_has_its_own_result() {
    let plan = steps(
        "student,classes,contact,email\n\
         Ana,,,\n\
         ,,Maria,maria@x.example\n\
         \n\
         Ben,8Z,,\n\
         Cem,,,cem@x.example\n\
         Dora,,Eva,eva at x\n\
         Finn,,\n\
         Ivy,,,,7A\n\
         Gil,,Hana,hana@x.example\n",
        &kept(),
    );
    let results: Vec<_> = plan
        .results
        .iter()
        .map(|it| (it.line, it.outcome))
        .collect();
    use Outcome::{Created, Refused};
    let expected = [
        (2, Created),
        (3, Refused),
        (5, Refused),
        (6, Refused),
        (7, Refused),
        (8, Created),
        (9, Refused),
        (10, Created),
    ];
    assert_eq!(results, expected);
    let reasons: Vec<_> = plan.results.iter().map(|it| it.reason.as_str()).collect();
    assert!(reasons[1].contains("the name is missing"));
    assert!(reasons[2].contains("no class named \"8Z\""));
    assert!(reasons[3].contains("guardian's name"));
    assert!(reasons[4].contains("In e-mail"));
    assert!(reasons[6].contains("5 cells"));
    assert_eq!(plan.steps.len(), 5);
}

#[test]
fn marks_of_other_programs() {
    let rows = read("\u{feff}student;contact\r\n\"Santos, \"\"Ana\"\"\";'=1+1\r\n".as_bytes());
    let rows = rows.expect("readable").rows;
    let entry = rows[0].entry.as_ref().expect("a row");
    assert_eq!(entry.student.reveal(), "Santos, \"Ana\"");
    // A formula is text like any other.
    let formula = read(b"student\n\"=HYPERLINK(\"\"http://x\"\")\"\n")
        .expect("readable")
        .rows;
    let entry = formula[0].entry.as_ref().expect("a row");
    assert_eq!(entry.student.reveal(), "=HYPERLINK(\"http://x\")");
}

#[test]
fn a_file_that_cannot_be_read_says_why() {
    let read = |file: &[u8]| read(file).expect_err("unreadable");
    assert_eq!(read(b""), Unreadable::Empty);
    assert_eq!(read(b"\n\n"), Unreadable::Empty);

    assert_eq!(read(b"\xff\xfe\0t\0"), Unreadable::NotUtf8(1));
    assert_eq!(read(b"student\nAna\nJos\x8e\n"), Unreadable::NotUtf8(3));
    assert_eq!(read(b"PK\x03\x04\x14\0\x06\0"), Unreadable::Workbook);
    assert_eq!(read(b"\xd0\xcf\x11\xe0\xa1\xb1"), Unreadable::Workbook);
    for other in [
        "<html><table>",
        "<?xml version=\"1.0\"?>",
        "%PDF-1.7",
        "{\\rtf1",
    ] {
        assert_eq!(read(other.as_bytes()), Unreadable::OtherKind, "{other}");
    }
    assert_eq!(read(b"student\nA\0\n"), Unreadable::OtherKind);
    let doubled = "student\nAna\nZo\u{c3}\u{ab} Jos\u{c3}\u{a9}\n";
    assert_eq!(read(doubled.as_bytes()), Unreadable::ReadWrongly(3));
    assert_eq!(
        read(b"name,email,DOB\n"),
        Unreadable::UnknownColumns("student".to_owned(), "\"name\", \"DOB\"".to_owned())
    );
    assert_eq!(
        read(b"Ana Santos,maria@x.example\n"),
        Unreadable::UnknownColumns(
            "student".to_owned(),
            "\"Ana Santos\", \"maria@x.example\"".to_owned()
        )
    );
    let twice = Unreadable::ColumnTwice("student".to_owned(), "Student".to_owned());
    assert_eq!(read(b"student,Student\n"), twice);
    let ids = Unreadable::ColumnTwice("UPN".to_owned(), "upn".to_owned());
    assert_eq!(read(b"pupil,UPN,upn\n"), ids);
    assert_eq!(
        read(b"surname,guardian\n"),
        Unreadable::MissingColumn("student first name".to_owned())
    );
    assert_eq!(
        read(b"contact,email\n"),
        Unreadable::MissingColumn("student".to_owned())
    );
    assert_eq!(
        read(b"student,email\n"),
        Unreadable::MissingColumn("guardian".to_owned())
    );
    assert_eq!(read(&vec![b'a'; LARGEST_FILE + 1]), Unreadable::TooLarge);
    let many = format!("student\n{}", "A\n".repeat(MOST_ROWS + 1));
    assert_eq!(read(many.as_bytes()), Unreadable::TooManyRows);
    for wide in [
        format!("{}student\n{}", ",".repeat(MOST_COLUMNS), "x\n".repeat(9)),
        format!("a{}", ",".repeat(100_000)),
        "a;".repeat(100_000),
    ] {
        assert_eq!(read(wide.as_bytes()), Unreadable::TooManyColumns);
    }
}

#[test]
fn what_hides_in_cells_is_refused() {
    assert!(reason("student\n\"Ana\nBen\"\n").contains("line break"));
    assert!(reason("student\nAna\u{202e}\n").contains("special characters"));
    assert!(
        reason(&format!("student\n\"Ana {}\"\n", "x,y\n".repeat(1000))).contains("quotation mark")
    );
    let open = read(b"student\n\"Ana x\nBen y\n");
    assert_eq!(open, Err(Unreadable::OpenQuote(2)));
}

#[test]
fn namesakes_need_an_id_or_a_form() {
    let plan = steps(
        "student,form,student id\nAna,8B,\nAna,8C,\nAna,8B,\n",
        &Existing::default(),
    );
    assert_eq!(
        outcomes(&plan),
        [Outcome::Created, Outcome::Created, Outcome::Unchanged]
    );
    let mut existing = kept();
    let mut other = existing.students[0].clone();
    other.id = StudentId(8);
    other.form = "9C".to_owned();
    other.source = None;
    existing.students.push(other);
    let plan = steps("student\nAna Santos\n", &existing);
    assert!(plan.results[0].reason.contains("Two students"));
}

#[test]
fn several_guardians_stand_in_one_row() {
    for header in [
        "student,guardian 1 name,guardian 1 email,guardian 2 name,guardian 2 email",
        "Pupil name,Guardian,E-mail,Guardian 2,E-mail 2",
        "student,Contact 1 Full Name,Contact 1 Email Address,Contact Name 2,Contact Email 2",
        "Student,Parent/Carer 1,Parent/Carer 1 Email,Parent/Carer 2,Parent/Carer 2 Email",
        "student,Mother,Mother's email,Father,Father's email",
        "student,Primary contact name,Primary contact email,Secondary contact name,Secondary email",
    ] {
        let file = format!("{header}\nAna,Maria,maria@x.example,Paul,paul@x.example\nBen,,,,\n");
        let plan = steps(&file, &Existing::default());
        assert_eq!(
            outcomes(&plan),
            [Outcome::Created; 2],
            "{header}: {:?}",
            plan.results
        );
        let links = plan.steps.iter().filter_map(|it| match it {
            Step::Link { relationship, .. } => Some(relationship.as_str()),
            Step::AddStudent { .. }
            | Step::ChangeStudent { .. }
            | Step::Place { .. }
            | Step::AddContact { .. }
            | Step::ChangeContact { .. }
            | Step::OtherAddress { .. }
            | Step::Call { .. }
            | Step::Telephone { .. } => None,
        });
        let expected = if header.contains("Mother") {
            ["Mother", "Father"]
        } else {
            [""; 2]
        };
        assert_eq!(links.collect::<Vec<_>>(), expected, "{header}");
        let again = "student,guardian 2 name,guardian 2 email\nAna,Paul,paul@y.example\n";
        let plan = steps(again, &Existing::default());
        assert_eq!(outcomes(&plan), [Outcome::Created]);
    }
    let wrong = reason("student,guardian 2 name,guardian 2 email\nAna,Paul,paul@\n");
    assert!(wrong.starts_with("In guardian 2 e-mail: "), "{wrong}");
    let nobody = reason("student,guardian 2 name,guardian 2 email\nAna,,paul@x.example\n");
    assert!(nobody.starts_with("In guardian 2: "), "{nobody}");
}

#[test]
fn what_columns_mean_is_chosen_where_headings_do_not_say_it() {
    let file = "Who,Mail at home,Tutor,Fon\nAna Santos,maria@x.example,Maria Santos,1\n";
    let opened = open(file.as_bytes()).expect("cells");
    let why = opened.table(None).expect_err("unknown");
    assert!(why.is_about_columns(), "{why:?}");
    assert_eq!(opened.understood().columns, [None; 4]);
    assert_eq!(opened.headings(), ["Who", "Mail at home", "Tutor", "Fon"]);
    assert_eq!(
        opened.samples(5),
        [["Ana Santos", "maria@x.example", "Maria Santos", "1"]]
    );
    let codes = ["student", "guardian_1_email", "guardian_1_name", ""];
    let choice = |codes: &[&str], has_headings| Choice {
        columns: codes.iter().map(|it| Column::of_code(it)).collect(),
        has_headings,
    };
    let table = opened.table(Some(&choice(&codes, true))).expect("chosen");
    assert_eq!(table.unused, ["Fon"]);
    let entry = table.rows[0].entry.as_ref().expect("a row");
    assert_eq!(entry.guardians[0].name.reveal(), "Maria Santos");
    for (wrong, expected) in [
        (&codes[..3], Unreadable::OtherColumns),
        (
            &["student", "student", "", ""],
            Unreadable::ColumnTwice("Who".to_owned(), "Mail at home".to_owned()),
        ),
        (
            &["student", "guardian_1_email", "", ""],
            Unreadable::UnknownColumns("guardian".to_owned(), "\"Tutor\", \"Fon\"".to_owned()),
        ),
    ] {
        let why = opened.table(Some(&choice(wrong, true)));
        assert_eq!(why.expect_err("wrong"), expected);
    }
    // A file without headings: its first row is somebody.
    let bare = open(b"Ana Santos,maria@x.example,Maria Santos,\n").expect("cells");
    let table = bare.table(Some(&choice(&codes, false))).expect("chosen");
    assert_eq!((table.rows.len(), table.rows[0].line), (1, 1));
    assert!(table.rows[0].entry.is_ok());
}

#[test]
fn lines_above_the_headings_are_no_students() {
    for above in [
        "Families of Year 8\n",
        "Families of Year 8,,\n\n",
        "\"Fairview School\",\"1 November 2026\",\n,,\nYear 8: 31 students\n",
        "Student list\n",
    ] {
        for (delimiter, between) in [(',', ","), (';', ";"), ('\t', "\t")] {
            let file = format!("{above}Student,Guardian,E-mail\nAna One,Gwen One,gwen@x.example\n");
            let file = file.replace(',', between);
            let table = read(file.as_bytes()).expect("headings");
            assert_eq!(table.rows.len(), 1, "{above:?} {delimiter:?}");
            let line = u64::try_from(file.lines().count()).expect("a few");
            assert_eq!(table.rows[0].line, line, "{above:?} {delimiter:?}");
            assert!(table.rows[0].entry.is_ok(), "{above:?} {delimiter:?}");
        }
    }
    // On every page of a printed list they stand again.
    let table =
        read(b"Student,Guardian\nAna One,\nStudent,Guardian\nBen Two,\n").expect("headings");
    assert_eq!(table.rows.len(), 2);
    assert!(table.notes[0].contains("repeated headings") && table.notes[0].ends_with("(row 3)."));
}

#[test]
fn lines_of_macs_have_numbers() {
    let table = read(b"Student,Guardian\rAna One,\rBen Two,\r").expect("rows");
    let lines: Vec<_> = table.rows.iter().map(|it| it.line).collect();
    assert_eq!(lines, [2, 3]);
}

#[test]
fn what_a_spreadsheet_shows_instead_is_no_name() {
    for error in [
        "#REF!", "#NAME?", "#N/A", "#NV", "#BEZUG!", "#DIV/0!", "Err:502", "########",
    ] {
        for row in [format!("{error},Gwen One"), format!("Ana One,{error}")] {
            let why = reason(&format!("student,guardian\n{row}\n"));
            assert!(why.contains("the spreadsheet shows"), "{row}: {why}");
        }
    }
    let classes = read(b"student,classes\nAna One,# Set\n").expect("rows");
    assert!(classes.rows[0].entry.is_ok());
}

#[test]
fn apostrophes_around_cells_hold_line_breaks_and_delimiters() {
    // As LibreOffice saves a table with ' as "string delimiter".
    let file = "Student,Student ID,Guardian,E-mail,Address\n\
                Zo\u{eb} One,17,Ren\u{e9}e One,renee@x.example,'1, High St\n\nFairview'\n\
                'Sean \"Shay\" O''Brien',42,'Aoife O''Brien, MD',aoife@x.example,\n\
                Ana Two,43,,,Flat 2\n";
    let rows = read(file.as_bytes()).expect("readable").rows;
    let names: Vec<_> = rows
        .iter()
        .map(|it| (it.line, it.student.as_str()))
        .collect();
    assert_eq!(
        names,
        [
            (2, "Zo\u{eb} One"),
            (5, "Sean \"Shay\" O'Brien"),
            (6, "Ana Two")
        ]
    );
    let of_sean = rows[1].entry.as_ref().expect("a row");
    assert_eq!(of_sean.guardians[0].name.reveal(), "Aoife O'Brien, MD");
    // Names that begin or end with one are names.
    let file = "Student,Guardian\n'Alamoti Kane,Lani James'\nJames',\n'Ana\n";
    let rows = read(file.as_bytes()).expect("readable").rows;
    let names: Vec<_> = rows.iter().map(|it| it.student.as_str()).collect();
    assert_eq!(names, ["'Alamoti Kane", "James'", "'Ana"]);
}

#[test]
fn every_column_can_be_chosen_where_the_first_row_is_shorter() {
    let file = "Families of Year 8\nAna One,Gwen One,gwen@x.example\nBen Two\n";
    let opened = open(file.as_bytes()).expect("cells");
    assert_eq!(opened.headings(), ["Families of Year 8", "", ""]);
    assert_eq!(opened.understood().columns.len(), 3);
}

#[test]
fn every_column_has_a_code_of_its_own() {
    let all: Vec<_> = Column::all().collect();
    assert_eq!(all.len(), 73);
    for column in all {
        assert_eq!(Column::of_code(&column.code()), Some(column));
    }
    assert_eq!(Column::of_code("guardian_5_name"), None);
    assert_eq!(Column::of_code(""), None);
}

#[test]
fn nobody_leaves_a_class_that_is_refused() {
    let mut existing = kept();
    let place = (StudentId(7), ClassId(1));
    existing.from_source.places.insert(place);
    let rows = |classes: &str| {
        let file = format!("student id,student,classes\nA1,Ana Santos,{classes}\n");
        read(file.as_bytes()).expect("readable").rows
    };
    let listed = Listed {
        line: 1,
        name: "8B French".to_owned(),
        entry: Ok(ListedClass {
            source: Some("K1".to_owned()),
            name: Label::read("8B French").expect("a label"),
            subject: Some(Label::read("French").expect("a label")),
            teachers: Vec::new(),
        }),
    };
    let refused = Incoming {
        classes: vec![listed],
        ..Incoming::all(rows("8B French"))
    };
    let plan = reconcile(&existing, &refused);
    assert_eq!(outcomes(&plan), [Outcome::Refused, Outcome::Unchanged]);
    assert_eq!(plan.leaving, []);
    // Where it is not, whoever is named elsewhere has left it.
    let plan = reconcile(&existing, &Incoming::all(rows("8B Maths")));
    let says = "Ana Santos is no longer in 8B French".to_owned();
    assert_eq!(plan.leaving, [Leaving::Place(place, says)]);
}

#[test]
fn a_name_that_the_office_has_accepted_stays_beside_the_records() {
    let mut existing = kept();
    existing.contacts[0].name = name("Maria Lee");
    existing.contacts[0].records_name = Some(name("Maria Santos"));
    existing.contacts[0].source = Some("C1".to_owned());
    let tried = |source: Option<&str>, who: &str| {
        let guardian = Guardian {
            mobile: String::new(),
            name: name(who),
            email: Some(email("maria@home.example")),
            telephone: String::new(),
            relationship: "Mother".to_owned(),
            source: source.map(str::to_owned),
            has_court_order: false,
        };
        let listed = Listed {
            line: 1,
            name: who.to_owned(),
            entry: Ok(ListedContact {
                guardian,
                students: vec!["A1".to_owned()],
            }),
        };
        let incoming = Incoming {
            contacts: vec![listed],
            ..Incoming::default()
        };
        let plan = reconcile(&existing, &incoming);
        let [outcome] = &*outcomes(&plan) else {
            panic!("one row")
        };
        let renamed = plan.contacts.first();
        let renamed = renamed.map(|it| {
            let records_name = it.records_name.as_ref();
            let records_name = records_name.map(|it| it.reveal().to_owned());
            (it.name.reveal().to_owned(), records_name)
        });
        (*outcome, renamed)
    };
    let settled = |who: &str| (Outcome::Updated, Some((who.to_owned(), None)));
    let unchanged = (Outcome::Unchanged, None);
    // By the id and by the address, as the source has gone on saying it, in whatever letters.
    for source in [Some("C1"), None] {
        assert_eq!(tried(source, "MARIA SANTOS"), unchanged, "{source:?}");
    }
    assert_eq!(tried(None, "Maria Lee"), unchanged);
    // With an accent that it has not written before, it says nothing else.
    let spelt = "Mar\u{ed}a Santos";
    let kept = Some(("Maria Lee".to_owned(), Some(spelt.to_owned())));
    assert_eq!(tried(Some("C1"), spelt), (Outcome::Updated, kept));
    // It has come to say the other, or a third.
    assert_eq!(tried(Some("C1"), "Maria Lee"), settled("Maria Lee"));
    assert_eq!(tried(Some("C1"), "Maria Costa"), settled("Maria Costa"));
    let (stranger, _) = tried(Some("C1"), "Pablo Ruiz");
    assert_eq!(stranger, Outcome::Refused, "a household has one address");
}

#[test]
fn a_row_means_whom_the_records_call_so_before_whom_a_parent_does() {
    let mut existing = kept();
    existing.students[0].name = name("Ana Costa");
    existing.students[0].records_name = Some(name("Ana Santos"));
    existing.students[0].source = None;
    existing.students.push(ExistingStudent {
        id: StudentId(8),
        name: name("Ana Costa"),
        records_name: None,
        ..existing.students[0].clone()
    });
    let tried = |file: &str| {
        let rows = read(file.as_bytes()).expect("readable").rows;
        reconcile(&existing, &Incoming::some(rows))
    };
    let plan = tried("student,form\nAna Santos,8B\nAna Costa,8B\n");
    assert_eq!(outcomes(&plan), [Outcome::Unchanged, Outcome::Unchanged]);
    // Without the other it is she, and nobody is doubled.
    existing.students.pop();
    let plan = {
        let rows = read(b"student,form\nAna Costa,8B\n")
            .expect("readable")
            .rows;
        reconcile(&existing, &Incoming::some(rows))
    };
    assert_eq!(outcomes(&plan), [Outcome::Updated]);
    let settled = Step::ChangeStudent {
        id: StudentId(7),
        name: name("Ana Costa"),
        form: "8B".to_owned(),
        year: String::new(),
        source: None,
        records_name: None,
    };
    assert_eq!(plan.steps, [settled]);
}

#[test]
fn a_new_student_is_not_whom_a_parent_calls_so_where_the_file_has_both() {
    let mut existing = kept();
    existing.students[0].name = name("Ana Santos");
    existing.students[0].records_name = Some(name("Ana Silva"));
    existing.students[0].source = None;
    let files = [
        // In either order, in a class that has moved up, and where no homeroom is said.
        "student,form,guardian\nAna Silva,8B,Maria Santos\nAna Santos,8B,Pablo Ruiz\n",
        "student,form,guardian\nAna Santos,8B,Pablo Ruiz\nAna Silva,8B,Maria Santos\n",
        "student,form,guardian\nAna Silva,9B,Maria Santos\nAna Santos,9B,Pablo Ruiz\n",
        "student,guardian\nAna Silva,Maria Santos\nAna Santos,Pablo Ruiz\n",
    ];
    for file in files {
        let rows = read(file.as_bytes()).expect("readable").rows;
        let plan = reconcile(&existing, &Incoming::some(rows));
        let added = plan.steps.iter().filter_map(|it| {
            let Step::AddStudent { name, .. } = it else {
                return None;
            };
            Some(name.reveal())
        });
        assert_eq!(added.collect::<Vec<_>>(), ["Ana Santos"], "{file}");
        let links = plan.steps.iter().filter_map(|it| {
            let Step::Link { student, .. } = it else {
                return None;
            };
            Some(*student)
        });
        assert_eq!(links.collect::<Vec<_>>(), [Which::New(0)], "{file}");
    }
}

#[test]
fn a_contact_who_is_named_alone_is_known_without_an_id() {
    let listed = |who: &str| Listed {
        line: 1,
        name: who.to_owned(),
        entry: Ok(ListedContact {
            guardian: Guardian {
                mobile: String::new(),
                name: name(who),
                email: Some(email("maria@home.example")),
                telephone: String::new(),
                relationship: "Mother".to_owned(),
                source: Some("C1".to_owned()),
                has_court_order: false,
            },
            students: vec!["A1".to_owned()],
        }),
    };
    let alone = |who: &str| Incoming {
        contacts: vec![listed(who)],
        ..Incoming::default()
    };
    let plan = reconcile(&kept(), &alone("Maria Santos"));
    assert_eq!(outcomes(&plan), [Outcome::Updated]);
    assert_eq!(plan.steps, []);
    let noted = ContactStep {
        contact: Which::Kept(ContactId(9)),
        name: name("Maria Santos"),
        source: Some("C1".to_owned()),
        records_name: None,
    };
    assert_eq!(plan.contacts, [noted]);
    let plan = reconcile(&kept(), &alone("Maria Costa"));
    assert_eq!(outcomes(&plan), [Outcome::Refused]);
    assert_eq!(plan.steps, []);
}

/// Maria's record with what another one of hers said that was made one with it.
fn with_alias(source: Option<&str>) -> Existing {
    let mut existing = kept();
    existing.contacts[0].source = source.map(str::to_owned);
    existing.contacts[0].aliases.push(Alias {
        name: name("M. Santos-Silva"),
        email: Some(email("old@home.example")),
        source: Some("C2".to_owned()),
    });
    existing
}

#[test]
fn what_a_record_said_that_was_made_one_with_another_is_known_again() {
    // By its name and address, and both in one file.
    let file = "student id,student,form,contact,email,relationship\n\
                A1,Ana Santos,8B,M. Santos-Silva,old@home.example,Guardian\n\
                A1,Ana Santos,8B,Maria Santos,maria@home.example,Mother\n";
    for source in [None, Some("C1")] {
        let plan = steps(file, &with_alias(source));
        assert!(plan.is_empty(), "{:?}", plan.steps);
        assert_eq!(outcomes(&plan), [Outcome::Unchanged; 2]);
    }
    // By its id, whatever else that row says now.
    let file = "student id,student,form,contact,email\n\
                A1,Ana Santos,8B,M. Santos-Silva,newest@home.example\n";
    let by_id =
        |existing: &Existing| steps_with(file, existing, |it| it.source = Some("C2".to_owned()));
    let plan = by_id(&with_alias(Some("C1")));
    assert!(plan.is_empty(), "{:?} {:?}", plan.steps, plan.contacts);
    // Of whom nothing else speaks, what is new is taken over.
    let plan = by_id(&with_alias(None));
    let expected = [Step::ChangeContact {
        id: ContactId(9),
        email: email("newest@home.example"),
    }];
    assert_eq!(plan.steps, expected);
}

#[test]
fn an_order_on_either_row_of_one_person_is_on_them() {
    let file = "student id,student,form,contact,email\n\
                A1,Ana Santos,8B,M. Santos-Silva,old@home.example\n";
    let existing = with_alias(Some("C1"));
    let plan = steps_with(file, &existing, |it| it.has_court_order = true);
    assert_eq!(plan.orders, [Which::Kept(ContactId(9))]);
}

/// The same, of rows of which a system says more than a file does.
fn steps_with(file: &str, existing: &Existing, more: impl Fn(&mut Guardian)) -> Plan {
    let mut rows = read(file.as_bytes()).expect("readable").rows;
    for row in &mut rows {
        let entry = row.entry.as_mut().expect("an entry");
        entry.guardians.iter_mut().for_each(&more);
    }
    reconcile(existing, &Incoming::some(rows))
}

/// The numbers that a plan brings, with whose they are: where texts go, and telephones.
fn numbers(plan: &Plan) -> [Vec<(Which<ContactId>, String)>; 2] {
    let (mut mobiles, mut telephones) = (Vec::new(), Vec::new());
    for step in &plan.steps {
        match step {
            Step::Call { contact, mobile } => mobiles.push((*contact, mobile.reveal().to_owned())),
            Step::Telephone { contact, telephone } => {
                telephones.push((*contact, telephone.clone()));
            }
            Step::AddStudent { .. }
            | Step::ChangeStudent { .. }
            | Step::Place { .. }
            | Step::AddContact { .. }
            | Step::ChangeContact { .. }
            | Step::OtherAddress { .. }
            | Step::Link { .. } => {}
        }
    }
    [mobiles, telephones]
}

#[test]
fn numbers_that_texts_reach_are_taken_once_and_others_are_left_out() {
    let file = "Student ID,Student,Homeroom,Guardian,E-mail,Mobile,Guardian 2,Guardian 2 mobile\n\
                A1,Ana Santos,8B,Maria Santos,maria@home.example,7400 123456,Paul Costa,020 7946 0123\n\
                A2,Ben Santos,8B,Maria Santos,maria@home.example,07400 654321,Rui Costa,07400 111111\n";
    let maria = Which::Kept(ContactId(9));
    let expected = [
        (maria, "+447400123456".to_owned()),
        (Which::New(1), "+447400111111".to_owned()),
    ];
    let [mobiles, _] = numbers(&steps(file, &kept()));
    assert_eq!(mobiles, expected);
    let mut known = kept();
    known.contacts[0].telephones.mobile = Some(Mobile::kept("+447400123456".to_owned()));
    let [mobiles, _] = numbers(&steps(file, &known));
    assert_eq!(mobiles, expected[1..]);
    let cut = "Student,Guardian,Mobile\nAna Santos,Maria Santos,4.47E+11\n";
    let plan = steps(cut, &Existing::default());
    assert_eq!(outcomes(&plan), [Outcome::Refused]);
    assert!(
        plan.results[0].reason.contains("In mobile: a spreadsheet"),
        "{}",
        plan.results[0].reason
    );
    // Of other countries where they are named.
    let french = "Student,Guardian,Mobile\nAna Santos,Maria Santos,06 12 34 56 78\n";
    let mut incoming = Incoming::some(read(french.as_bytes()).expect("readable").rows);
    let brings = |incoming: &Incoming| {
        let plan = reconcile(&Existing::default(), incoming);
        plan.steps.iter().any(|it| matches!(it, Step::Call { .. }))
    };
    assert!(!brings(&incoming));
    incoming.countries = Countries::of_codes(&["FR"]).expect("a country");
    assert!(brings(&incoming));
}

#[test]
fn an_address_that_is_a_parents_own_stays_beside_the_sources() {
    let (own, old, third) = ("maria@home.example", "old@x.example", "third@x.example");
    let after = |school: &str, accepted_beside: Option<&str>, source: &str| {
        let mut kept = kept();
        kept.contacts[0].address = Some(Both {
            own: email(own),
            school: Some(email(school)),
            accepted_beside: accepted_beside.map(email),
        });
        let file =
            format!("student,student id,guardian,e-mail\nAna Santos,A1,Maria Santos,{source}\n");
        let plan = steps(&file, &kept);
        let does = plan.results[0].does.join("; ");
        let expected = Step::OtherAddress {
            id: ContactId(9),
            email: email(source),
        };
        match &*plan.steps {
            [] => assert_eq!(does, ""),
            [only] => assert_eq!(*only, expected),
            more => panic!("{more:?}"),
        }
        (!plan.steps.is_empty(), does)
    };
    for (school, source) in [(own, own), (old, old), (old, "OLD@x.example")] {
        assert!(!after(school, None, source).0, "{source}");
    }
    let (is_noted, does) = after(own, None, third);
    assert!(
        is_noted && does.contains("go on with it until you decide"),
        "{does}"
    );
    let (is_noted, does) = after(third, Some(old), old);
    assert!(is_noted && does.contains("as you have decided"), "{does}");
    let (is_noted, does) = after(old, None, own);
    assert!(
        is_noted && does.contains("which is what they say themselves"),
        "{does}"
    );
}

#[test]
fn a_number_that_a_parent_gives_stays_beside_the_sources() {
    let (old, new, third) = ("01632 960001", "01632 960002", "01632 960003");
    let after = |accepted_beside: Option<&str>, source: &str| {
        let mut kept = kept();
        kept.contacts[0].telephones = Telephones {
            mobile: None,
            school: old.to_owned(),
            own: new.to_owned(),
            accepted_beside: accepted_beside.map(str::to_owned),
        };
        let file = format!(
            "student,student id,guardian,e-mail,telephone,home phone\n\
             Ana Santos,A1,Maria Santos,maria@home.example,{source},01632 960009\n"
        );
        let rows = read(file.as_bytes()).expect("readable").rows;
        let plan = reconcile(&kept, &Incoming::some(rows));
        let does = plan.results[0].does.join("; ");
        let [mobiles, telephones] = numbers(&plan);
        assert!(mobiles.is_empty(), "texts go nowhere else");
        let steps: Vec<_> = telephones
            .into_iter()
            .map(|(contact, telephone)| {
                assert_eq!(contact, Which::Kept(ContactId(9)));
                telephone
            })
            .collect();
        assert_eq!(
            steps.len(),
            plan.steps.len(),
            "nothing else: {:?}",
            plan.steps
        );
        (steps, does)
    };
    // What the source said before, as a spreadsheet writes it, changes nothing: asked or accepted.
    for accepted in [None, Some(old)] {
        for source in [
            old,
            "1632960001",
            "n/a",
            "",
            "1.63296E+09",
            "#NAME?",
            "=\"01632960001\"",
        ] {
            assert_eq!(after(accepted, source), (vec![], String::new()), "{source}");
        }
    }
    let told = |accepted, source: &str, behind: &str| {
        let change = format!("Changes the telephone number of Maria Santos from {old} to {source}");
        let says = format!("{change}{behind}");
        assert_eq!(after(accepted, source), (vec![source.to_owned()], says));
    };
    for accepted in [None, Some(old)] {
        told(accepted, new, ", which is what they say themselves");
        let asks = format!(". They give {new} themselves: both are kept until you decide");
        told(accepted, third, &asks);
    }
}

#[test]
fn of_several_numbers_in_one_file_the_first_is_theirs() {
    let file = "student,student id,guardian,e-mail,telephone\n\
                Ben Stone,B1,Ola Stone,ola@home.example,\n\
                Cleo Stone,B2,Ola Stone,ola@home.example,01632 960001\n\
                Dan Stone,B3,Ola Stone,ola@home.example,01632 960002\n";
    let rows = read(file.as_bytes()).expect("readable").rows;
    let plan = reconcile(&Existing::default(), &Incoming::some(rows));
    let [_, telephones] = numbers(&plan);
    assert_eq!(telephones, [(Which::New(0), "01632 960001".to_owned())]);
}

#[test]
fn a_mobile_is_the_telephone_of_whoever_has_no_other() {
    let maria = Which::Kept(ContactId(9));
    let (mobile, other, landline) = ("07400 123456", "07400 654321", "01632 960001");
    let says = |own: &str, telephone: &str, noted: &str| {
        let mut kept = kept();
        own.clone_into(&mut kept.contacts[0].telephones.own);
        let file = format!(
            "student,student id,guardian,e-mail,mobile,telephone\n\
             Ana Santos,A1,Maria Santos,maria@home.example,{mobile},{telephone}\n"
        );
        let plan = steps(&file, &kept);
        let [mobiles, telephones] = numbers(&plan);
        assert_eq!(mobiles, [(maria, "+447400123456".to_owned())]);
        assert_eq!(telephones, [(maria, noted.to_owned())]);
        plan.results[0].does.join("; ")
    };
    let texts = "Notes the mobile number of Maria Santos: +447400123456";
    let calls = format!("Notes the telephone number of Maria Santos: {landline}");
    let asks = |own| format!(". They give {own} themselves: both are kept until you decide");
    assert_eq!(says("", "", mobile), texts, "it is told once");
    assert_eq!(
        says(other, "", mobile),
        format!("{texts}{}", asks(other)),
        "theirs is not where texts go"
    );
    assert_eq!(says("", landline, landline), format!("{texts}; {calls}"));
    assert_eq!(
        says(other, landline, landline),
        format!("{texts}; {calls}{}", asks(other))
    );
    // Of two numbers of the school's records they give one: there is nothing to ask.
    assert_eq!(
        says(mobile, landline, landline),
        format!("{texts}, which is what they say themselves; {calls}")
    );
}
