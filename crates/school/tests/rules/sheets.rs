//! One table as spreadsheets save it (DIR-11): understood, or refused with the reason; nobody is
//! doubled, renamed or given to a stranger.
//!
//! The files were made by `LibreOffice` Calc of `table.csv`, in the ways in which it saves CSV: with
//! each separator, quotation mark and encoding, from cells that are text and from cells that it took
//! for numbers.

use std::fs;
use std::path::Path;

use proptest::prelude::*;

use school::import::{
    Existing, ExistingContact, ExistingStudent, Incoming, List, MOST_NAMESAKES, Outcome, Plan,
    Step, Unreadable, Which, read, reconcile,
};
use school::telephone::Telephones;
use school::{ContactId, StudentId};

fn sheet(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sheets");
    fs::read(folder.join(name)).expect("it is there")
}

fn planned(file: &[u8], existing: &Existing) -> Result<Plan, Unreadable> {
    read(file).map(|table| reconcile(existing, &Incoming::some(table.rows)))
}

/// What is kept once a plan was carried out on nothing.
pub(crate) fn kept_after(plan: &Plan) -> Existing {
    after(Existing::default(), plan)
}

/// What is kept once a plan was carried out.
#[expect(clippy::too_many_lines, reason = "a line for each kind of change")]
fn after(mut kept: Existing, plan: &Plan) -> Existing {
    let before = (kept.students.len(), kept.contacts.len());
    let id = |count: usize| u64::try_from(count).expect("few");
    let student = |which| match which {
        Which::New(n) => StudentId(id(before.0 + n)),
        Which::Kept(id) => id,
    };
    let contact = |which| match which {
        Which::New(n) => before.1 + n,
        Which::Kept(ContactId(id)) => usize::try_from(id).expect("few"),
    };
    for step in plan.steps.clone() {
        match step {
            Step::AddStudent {
                name,
                form,
                year,
                source,
            } => kept.students.push(ExistingStudent {
                id: StudentId(id(kept.students.len())),
                name,
                records_name: None,
                form,
                year,
                source,
                classes: Vec::new(),
            }),
            Step::ChangeStudent {
                id,
                name,
                form,
                year,
                source,
                records_name,
            } => {
                let mut of = kept.students.iter_mut();
                let one = of.find(|it| it.id == id).expect("they are kept");
                (one.name, one.form, one.year) = (name, form, year);
                (one.source, one.records_name) = (source, records_name);
            }
            Step::AddContact {
                name,
                email,
                source,
            } => kept.contacts.push(ExistingContact {
                id: ContactId(id(kept.contacts.len())),
                name,
                records_name: None,
                email,
                students: Vec::new(),
                source,
                aliases: Vec::new(),
                address: None,
                telephones: Telephones::default(),
            }),
            Step::ChangeContact {
                id: ContactId(id),
                email,
            } => {
                let one = usize::try_from(id).expect("few");
                kept.contacts[one].email = Some(email);
            }
            Step::Telephone {
                contact: whose,
                telephone,
            } => kept.contacts[contact(whose)].telephones.school = telephone,
            Step::Call {
                contact: whose,
                mobile,
            } => kept.contacts[contact(whose)].telephones.mobile = Some(mobile),
            Step::Link {
                contact: who,
                student: of,
                relationship,
            } => {
                let of = student(of);
                assert!(kept.students.iter().any(|it| it.id == of));
                let students = &mut kept.contacts[contact(who)].students;
                students.retain(|(it, _)| *it != of);
                students.push((of, relationship));
            }
            Step::Place { .. } | Step::OtherAddress { .. } => panic!("there are none"),
        }
    }
    for step in &plan.contacts {
        let one = &mut kept.contacts[contact(step.contact)];
        (one.name, one.source) = (step.name.clone(), step.source.clone());
        one.records_name.clone_from(&step.records_name);
    }
    kept
}

fn kept() -> Existing {
    let plan = planned(&sheet("table.csv"), &Existing::default()).expect("readable");
    let kept = kept_after(&plan);
    assert_eq!((kept.students.len(), kept.contacts.len()), (5, 4));
    kept
}

#[test]
fn every_way_to_save_a_table_changes_nothing() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sheets");
    let mut seen = 0;
    for file in fs::read_dir(folder).expect("it is there") {
        let path = file.expect("a file").path();
        seen += 1;
        match planned(&fs::read(&path).expect("readable"), &kept()) {
            Ok(plan) => {
                assert_eq!(plan.steps, [], "{}", path.display());
                for row in &plan.results {
                    let explains = row.reason.contains("In ") || row.reason.contains("cells");
                    let is_told = (row.outcome == Outcome::Refused) == explains;
                    assert!(is_told, "{} {row:?}", path.display());
                }
            }
            Err(why) => assert!(why.to_string().ends_with('.'), "{}", path.display()),
        }
    }
    assert!(seen > 25, "{seen}");
}

#[test]
fn what_keeps_every_letter_is_understood() {
    for name in [
        "text-comma.csv",
        "text-semicolon.csv",
        "text-tab.csv",
        "text-bar.csv",
        "text-colon.csv",
        "text-tab-bare.csv",
        "text-semicolon-apostrophes.csv",
        "text-semicolon-apostrophes-all.csv",
        "text-utf-16.csv",
        "text-all-quoted.csv",
        "numbers-comma-all-quoted.csv",
        "numbers-semicolon-all-quoted.csv",
        "numbers-tab-all-quoted.csv",
        "numbers-bar-all-quoted.csv",
        "numbers-not-as-shown.csv",
    ] {
        let plan = planned(&sheet(name), &kept()).expect("readable");
        assert!(
            plan.results
                .iter()
                .all(|it| it.outcome == Outcome::Unchanged),
            "{name}: {:?}",
            plan.results
        );
    }
}

#[test]
fn what_loses_letters_is_refused_with_the_row() {
    for name in [
        "text-windows-1250.csv",
        "text-macintosh.csv",
        "text-euc.csv",
    ] {
        let why = planned(&sheet(name), &kept()).expect_err("unreadable");
        assert_eq!(why, Unreadable::NotUtf8(2), "{name}");
    }
    // Excel on Windows saves "CSV" so; what it has no letter for is a mark already.
    let table = read(&sheet("text-windows-1252.csv")).expect("readable");
    assert_eq!(table.guessed.first().map(String::as_str), Some("Zoë"));
    let plan = reconcile(&kept(), &Incoming::some(table.rows));
    for result in &plan.results {
        let is_lost = result.reason.contains("letters were lost");
        let is_same = result.outcome == Outcome::Unchanged;
        assert!(is_same || is_lost, "{result:?}");
    }
    assert!(plan.results.iter().take(3).all(|it| it.reason.is_empty()));
    let plan = planned(&sheet("text-ascii.csv"), &kept()).expect("readable");
    let lost = plan
        .results
        .iter()
        .filter(|it| it.reason.contains("letters were lost"));
    assert!(lost.count() >= 4);
}

/// What a first file leaves, and what a second does to it.
fn second(first: &str, second: &str) -> Plan {
    let first = planned(first.as_bytes(), &Existing::default()).expect("readable");
    assert!(
        first
            .results
            .iter()
            .all(|it| it.outcome == Outcome::Created)
    );
    planned(second.as_bytes(), &kept_after(&first)).expect("readable")
}

fn reasons(plan: &Plan) -> Vec<&str> {
    plan.results.iter().map(|it| it.reason.as_str()).collect()
}

#[test]
fn empty_cells_at_the_end_of_a_row_may_be_missing() {
    let plan = planned(
        b"student,student id,homeroom,guardian,e-mail,relationship\n\
          Ada One,1,7A,Gwen One,gwen@one.example,Mother\n\
          Ben Two,2,7A,Hal Two,hal@two.example\n\
          Cal Three,3,7A\n\
          Dee Four,4\n",
        &Existing::default(),
    )
    .expect("readable");
    assert!(plan.results.iter().all(|it| it.outcome == Outcome::Created));
}

#[test]
fn a_first_line_may_tell_the_separator() {
    for told in ["sep=;\n", "SEP=;\r\n", "\"sep=;\"\n", "\u{feff}sep=;\n"] {
        let file = format!("{told}student;guardian;e-mail\nAda One;Gwen One;gwen@one.example\n");
        let table = read(file.as_bytes()).expect("readable");
        assert_eq!((table.rows.len(), table.rows[0].line), (1, 3), "{told:?}");
        assert!(table.rows[0].entry.is_ok());
    }
}

#[test]
fn one_name_in_two_spellings_is_one_person() {
    let first = "student,homeroom,guardian,e-mail\nZo\u{eb} Jos\u{e9},7A,Andr\u{e9} O'Jos\u{e9},andre@x.example\n";
    for again in [
        "Zoe\u{308} Jose\u{301},7A,Andre\u{301} O\u{2019}Jose\u{301},ANDRE@x.example",
        "ZO\u{cb} JOS\u{c9},7a,Andre OJose,andre@X.example",
        "\"Jos\u{e9}, Zo\u{eb}\", 7A ,\"O'Jos\u{e9}, Andr\u{e9}\",andre@x.example",
        "Zoe Jose,7A,Mr Andr\u{e9} O'Jos\u{e9},andre@x.example",
    ] {
        let plan = second(
            first,
            &format!("student,homeroom,guardian,e-mail\n{again}\n"),
        );
        assert_eq!(plan.steps, [], "{again}: {:?}", reasons(&plan));
        assert_eq!(plan.results[0].outcome, Outcome::Unchanged);
    }
}

#[test]
fn ids_that_lost_their_zeros_are_the_same_ids() {
    let head = "student,student id,homeroom,guardian,e-mail\n";
    let row = |id: &str| format!("{head}Ada One,{id},7A,Gwen One,gwen@one.example\n");
    for id in ["123", "\"=\"\"00123\"\"\"", "123.0", "'00123", " 00123"] {
        let plan = second(&row("00123"), &row(id));
        assert_eq!(plan.steps, [], "{id}: {:?}", reasons(&plan));
    }
    let plan = second(&row("123456789012"), &row("1.23E+11"));
    assert!(
        plan.results[0]
            .reason
            .starts_with("In student id: a spreadsheet")
    );
    assert_eq!(plan.steps, []);
}

#[test]
fn one_id_is_never_two_children() {
    let head = "student,student id,homeroom,guardian,e-mail\n";
    let ada = "Ada One,00123,7A,Gwen One,gwen@one.example\n";
    let ben = "Ben Two,00123,7A,Hal Two,hal@two.example\n";
    let both = format!("{head}{ada}{ben}");
    let plan = planned(both.as_bytes(), &Existing::default()).expect("readable");
    assert_eq!(plan.steps, []);
    assert!(
        reasons(&plan)
            .iter()
            .all(|it| it.contains("00123 stands for two students"))
    );
    for file in [
        both,
        format!("{head}{ben}"),
        format!("{head}Ben Two,123,7A,,\n"),
    ] {
        let plan = second(&format!("{head}{ada}"), &file);
        assert_eq!(plan.steps, [], "{file}");
        assert!(plan.results.iter().all(|it| it.outcome == Outcome::Refused));
    }
    // A new family name, and a second forename, are the same child.
    for name in ["Ada Two", "Ada Mary One"] {
        let plan = second(
            &format!("{head}{ada}"),
            &format!("{head}{name},00123,7A,,\n"),
        );
        assert_eq!(plan.results[0].does, [format!("Renames Ada One to {name}")]);
    }
}

#[test]
fn a_child_is_not_doubled_by_another_id_or_homeroom() {
    let head = "student,student id,homeroom,guardian,e-mail\n";
    let ada = "Ada One,00123,7A,Gwen One,gwen@one.example\n";
    let kept = format!("{head}{ada}");
    for row in [
        "Ada One,A-9,7A,,",
        "Ada One,A-9,8A,Gwen One,gwen@one.example",
    ] {
        let plan = second(&kept, &format!("{head}{row}\n"));
        assert!(
            plan.results[0]
                .reason
                .starts_with("In student id: Ada One has the id 00123")
        );
        assert_eq!(plan.steps, []);
    }
    // Both are in the file: they are two.
    let plan = second(&kept, &format!("{kept}Ada One,A-9,7A,,\n"));
    assert_eq!(plan.results[1].outcome, Outcome::Created);
    let plan = second(
        &kept,
        &format!("{head}Ada One,,8A,Hal Two,hal@two.example\n"),
    );
    assert!(
        plan.results[0]
            .reason
            .starts_with("In homeroom: there is a Ada One in 7A")
    );
    let plan = second(
        &kept,
        &format!("{head}Ada One,,8A,Gwen One,gwen@one.example\n"),
    );
    assert_eq!(plan.results[0].does, ["Moves Ada One to 8A"]);
}

#[test]
fn rows_that_contradict_each_other_change_nothing() {
    let head = "student,student id,homeroom,guardian,e-mail,relationship\n";
    let kept = format!(
        "{head}Ada One,1,7A,Gwen One,gwen@one.example,Mother\nBen One,2,7A,Gwen One,gwen@one.example,Mother\n"
    );
    for (rows, column) in [
        (
            "Ada One,1,7A,Gwen One,gwen@one.example,Mother\nBen One,2,7A,Gwen One,work@one.example,Mother\n",
            "e-mail",
        ),
        (
            "Ada One,1,7A,Gwen One,gwen@one.example,\nAda One,1,7A,Gwen One,work@one.example,\n",
            "e-mail",
        ),
        (
            "Ada One,1,7A,Gwen One,,\nAda One,1,8A,Hal Two,hal@two.example,\n",
            "homeroom",
        ),
        (
            "Ada One,1,7A,Gwen One,gwen@one.example,Mother\nAda One,1,7A,Gwen One,gwen@one.example,Aunt\n",
            "relationship",
        ),
    ] {
        let plan = second(&kept, &format!("{head}{rows}"));
        assert_eq!(plan.steps, [], "{rows}");
        let says = format!("In {column}: rows contradict each other");
        assert!(
            reasons(&plan).iter().all(|it| it.starts_with(&says)),
            "{:?}",
            reasons(&plan)
        );
    }
    // One new address on all rows is a new address.
    let moved = kept.replace("gwen@", "new@");
    let plan = second(&kept, &moved);
    let does = "Changes the address of Gwen One from gwen@one.example to new@one.example";
    assert_eq!(plan.results[0].does, [does]);
    assert_eq!(plan.steps.len(), 1);
}

#[test]
fn headings_of_other_systems_are_known() {
    for header in [
        "Pupil;UPN;Reg Group;Parent/Carer;Parent Email;Relationship to pupil",
        "Student Name;Admission Number;Tutor-Group;Contact Name;E\u{2011}Mail Address;RELATION",
        "student_name;student_id;Form Group;parent_name;Email;relationship",
    ] {
        let file = format!("{header}\nAda One;1;7A;Gwen One;gwen@one.example;Mother\n");
        let table = read(file.as_bytes()).expect("readable");
        let entry = table.rows[0].entry.as_ref().expect("a row");
        assert_eq!(entry.source.as_deref(), Some("1"), "{header}");
        assert!(!entry.guardians.is_empty() && entry.form.is_some());
        assert_eq!(table.unused, [""; 0]);
    }
    let file = "Forename,Surname,Gender,DOB,Parent Forename,Parent Surname,Parent Email\n\
                Ada,One,F,1/1/2013,Gwen,One,gwen@one.example\n";
    let table = read(file.as_bytes()).expect("readable");
    let entry = table.rows[0].entry.as_ref().expect("a row");
    assert_eq!(entry.student.reveal(), "Ada One");
    let name = &entry.guardians.first().expect("a guardian").name;
    assert_eq!(name.reveal(), "Gwen One");
    assert_eq!(table.unused, ["Gender", "DOB"]);
}

#[test]
fn no_name_stands_in_more_rows_than_can_be_told_apart() {
    let rows = |count: usize| {
        let rows = (0..count).map(|row| format!("Ana Santos,{row},{row}\n"));
        let others = "Ben Santos,x,7A\n";
        format!(
            "student,student id,homeroom\n{}{others}",
            rows.collect::<String>()
        )
    };
    let outcomes = |count: usize, outcome: Outcome| {
        let plan = planned(rows(count).as_bytes(), &Existing::default()).expect("readable");
        plan.results
            .iter()
            .filter(|it| it.outcome == outcome)
            .count()
    };
    assert_eq!(
        outcomes(MOST_NAMESAKES, Outcome::Created),
        MOST_NAMESAKES + 1
    );
    // One more, and none of them is taken; others are.
    assert_eq!(
        outcomes(MOST_NAMESAKES + 1, Outcome::Refused),
        MOST_NAMESAKES + 1
    );
    assert_eq!(outcomes(MOST_NAMESAKES + 1, Outcome::Created), 1);
    let classes = format!("student,classes\nAna Santos,{}\n", "a;".repeat(51));
    let plan = planned(classes.as_bytes(), &Existing::default()).expect("readable");
    assert!(plan.results[0].reason.contains("more than 50 classes"));
}

#[test]
fn a_homeroom_that_a_spreadsheet_took_for_a_number_is_the_same_or_refused() {
    let row = |form: &str| format!("student,student id,homeroom\nAda One,1,{form}\n");
    for (form, again) in [
        ("08", "8"),
        ("08", "8.0"),
        ("08", "\"=\"\"08\"\"\""),
        ("7 A", "7A"),
    ] {
        let plan = second(&row(form), &row(again));
        assert_eq!(plan.steps, [], "{again}: {:?}", reasons(&plan));
        assert_eq!(plan.results[0].outcome, Outcome::Unchanged);
    }
    for (form, again) in [("1E2", "1.00E+02"), ("3-4", "03-Apr"), ("10/2", "Oct-02")] {
        let plan = second(&row(form), &row(again));
        assert_eq!(plan.steps, [], "{again}");
        assert!(
            plan.results[0]
                .reason
                .starts_with("In homeroom: a spreadsheet"),
            "{:?}",
            reasons(&plan)
        );
    }
    let plan = second(&row("7A"), &row("8A"));
    assert_eq!(plan.results[0].does, ["Moves Ada One to 8A"]);
}

#[test]
fn the_year_is_kept_and_a_spreadsheet_changes_nothing_in_it() {
    let sheet =
        |heading: &str, year: &str| format!("student,student id,{heading}\nAda One,1,{year}\n");
    let headings = [
        "Year",
        "Year group",
        "YEAR_GROUP",
        "Grade",
        "Grade level",
        "NCY",
        "NC Year",
        "Jahrgang",
        "Klassenstufe",
        "Year Taught In",
    ];
    for heading in headings {
        let plan = planned(sheet(heading, "Year 7").as_bytes(), &Existing::default());
        let kept = kept_after(&plan.expect("readable"));
        assert_eq!(kept.students[0].year, "7", "{heading}");
    }
    let kept = sheet("Year", "Year 7");
    for again in ["07", "7", "Yr 7", "7th grade", "7.0", "", "2026/27"] {
        let plan = second(&kept, &sheet("Grade", again));
        assert_eq!(plan.results[0].outcome, Outcome::Unchanged, "{again}");
    }
    let plan = second(&kept, &sheet("Year group", "08"));
    assert_eq!(plan.results[0].does, ["Notes year 8 of Ada One"]);
    for wrong in ["1.00E+02", "07-Aug"] {
        let plan = second(&kept, &sheet("Year", wrong));
        let [why] = &*reasons(&plan) else {
            panic!("one row")
        };
        assert!(why.starts_with("In year: a spreadsheet has made"), "{why}");
    }
    // The year of the calendar beside it, or a mark behind it, is another column.
    let two = "student,student id,Year,Year group,Grade\nAda One,1,2026,8,3\n";
    let plan = second(&kept, two);
    assert_eq!(plan.results[0].does, ["Notes year 8 of Ada One"]);
    let twice = format!("{kept}Ada One,1,Year 8\n");
    let plan = second(&kept, &twice);
    let contradicts = |it: &&&str| it.starts_with("In year: rows contradict");
    assert_eq!(reasons(&plan).iter().filter(contradicts).count(), 2);
    // A list of classes stays one.
    let classes = "Class,Subject,Year,Teacher,Teacher email\n8B/Ma,Maths,8,Ms Okafor,o@s.example\n";
    let table = read(classes.as_bytes()).expect("readable");
    assert_eq!(table.list, List::Classes);
}

/// A row of one of few families, with some of its cells empty and others written otherwise.
fn family_row() -> impl Strategy<Value = String> {
    let students = [
        "",
        "1,Ada One",
        ",Ada One",
        "1,ADA ONE",
        "2,Ben One",
        ",Ben One",
        "3,Ada One",
    ];
    let forms = ["", "7A", "8B", "7a"];
    let years = ["", "7", "Year 8", "07", "-1", "1", "2026/27", "A+"];
    let guardians = [
        ",,,",
        "Gwen One,,,",
        "Gwen One,gwen@one.example,,Mother",
        "GWEN ONE,Gwen@one.example,07700 900123,",
        "Gwen One,work@one.example,,",
        "Gwen Two,gwen@one.example,,",
        "Hal Two,,01632 960123,Father",
        "Hal Two,hal@two.example,,",
    ];
    let second = ["", "Hal Two", "Gwen One"];
    let one = |of: &[&'static str]| prop::sample::select(of.to_vec());
    let cells = (
        one(&students),
        one(&forms),
        one(&years),
        one(&guardians),
        one(&second),
    );
    cells.prop_map(|(student, form, year, guardian, second)| {
        let student = if student.is_empty() { "," } else { student };
        format!("{student},{form},{year},{guardian},{second}\n")
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_list_that_is_imported_twice_changes_nothing_the_second_time(
        lists in prop::collection::vec(prop::collection::vec(family_row(), 1..8), 1..4),
        heading in prop::sample::select(vec!["year", "grade"]),
    ) {
        let mut kept = Existing::default();
        for rows in lists {
            let file = format!(
                "student id,student,homeroom,{heading},guardian,e-mail,telephone,relationship,guardian 2\n{}",
                rows.concat()
            );
            let plan = planned(file.as_bytes(), &kept).expect("readable");
            kept = after(kept, &plan);
            // Who is meant by a row that is refused may be sure another time.
            if plan.results.iter().any(|it| it.outcome == Outcome::Refused) {
                continue;
            }
            let again = planned(file.as_bytes(), &kept).expect("readable");
            prop_assert!(again.is_empty(), "{file}{:?}\n{:?}", plan.results, again.results);
        }
    }
}
