//! Lists as schools' systems and spreadsheets write them: with titles, marks, merged cells and totals, and
//! headings that may be of students or of teachers (DIR-1, DIR-6). Nobody is taken for somebody else.

use school::import::{
    Existing, Incoming, Kind, List, Outcome, Plan, Table, Unreadable, open, read, reconcile,
};

fn table(file: &str) -> Table {
    read(file.as_bytes()).unwrap_or_else(|why| panic!("{file}: {why}"))
}

fn planned(file: &str) -> Plan {
    reconcile(&Existing::default(), &table(file).incoming(false))
}

/// What becomes of the rows of that kind, in words.
fn does(plan: &Plan, kind: Kind) -> Vec<&str> {
    let rows = plan.results.iter().filter(|it| it.kind == kind);
    rows.flat_map(|it| &it.does).map(String::as_str).collect()
}

fn years(file: &str) -> Vec<Option<String>> {
    let rows = table(file).rows.into_iter();
    rows.map(|it| it.entry.expect("a student").year).collect()
}

#[test]
fn marks_are_no_year_and_are_said() {
    let marks = [
        // They differ from subject to subject.
        "Student ID,Student,Subject,Grade\n1,Ada Reed,Maths,7\n1,Ada Reed,Music,5\n2,Leo Reed,Maths,6\n2,Leo Reed,Music,8\n",
        "Student,Homeroom,Grade\nAda Reed,7A,3\nAda Reed,7A,4\nLeo Reed,7A,3\nLeo Reed,7A,5\n",
        // Each student has one.
        "Student,Grade\nAda Reed,A*\nLeo Reed,B+\nBen One,C\n",
        "Student,Grades\nAda Reed,87\nLeo Reed,93.5\nBen One,7\n",
    ];
    for file in marks {
        let file = file.replace("Subject,", "Course work,");
        assert!(years(&file).iter().all(Option::is_none), "{file}");
        let table = table(&file);
        let says = |it: &String| it.contains("\" is not read: it holds marks");
        assert!(table.notes.iter().any(says), "{:?}", table.notes);
        assert!(
            planned(&file)
                .results
                .iter()
                .all(|it| it.outcome != Outcome::Refused)
        );
        // What the page proposes is that too.
        let understood = open(file.as_bytes()).expect("cells").understood();
        assert!(
            !understood
                .columns
                .contains(&Some(school::import::Column::Year))
        );
    }
    let grades = "Student,Grade\nAda Reed,K\nLeo Reed,7\nBen One,\nIvy Two,12\n";
    let found = years(grades);
    let expected = [Some("K"), Some("7"), None, Some("12")].map(|it| it.map(str::to_owned));
    assert_eq!(found, expected);
    assert!(table(grades).notes.is_empty());
    // A column that can hold nothing else is one, and what contradicts itself in it is told.
    let wrong = "Student,Year group\nAda Reed,7\nAda Reed,8\n";
    let plan = planned(wrong);
    assert!(
        plan.results
            .iter()
            .all(|it| it.reason.starts_with("In year: rows contradict"))
    );
    // Whoever says that it is their year is believed.
    let file = open(b"Student,Grade\nAda Reed,A\n").expect("cells");
    let mut chosen = file.understood();
    chosen.columns[1] = Some(school::import::Column::Year);
    let table = file.table(Some(&chosen)).expect("it is said");
    assert_eq!(
        table.rows[0].entry.as_ref().expect("a row").year.as_deref(),
        Some("A")
    );
}

#[test]
fn years_before_the_first_are_their_own_and_the_preview_has_them() {
    let plan = planned("Student,Homeroom,NCY\nAda Reed,Owls,-1\nLeo Reed,,1\n");
    let expected = ["Adds Ada Reed to Owls, year -1", "Adds Leo Reed, year 1"];
    assert_eq!(does(&plan, Kind::Student), expected);
    let both = "Student,Academic year,Year group\nAda Reed,2025/26,7\nAda Reed,2026/27,8\n";
    let says = |it: &String| it.contains("names several school years (2025/26, 2026/27)");
    assert!(table(both).notes.iter().any(says));
    assert!(planned(both).steps.is_empty());
}

#[test]
fn students_are_never_taken_for_teachers() {
    for header in [
        "Forename,Surname,Form,Initials",
        "Forename,Surname,Year,School email",
        "First name,Last name,Reg group,School e-mail address,Initials",
        "Initials,First name,Last name,Pupil premium",
        "Legal forename,Legal surname,Admission date,Initials",
        "Forename,Surname,UPN,Staff code",
        "Forename,Surname,Student status,School email",
    ] {
        let cells = header.split(',').map(|it| match it {
            "Form" | "Reg group" | "Year" => "7",
            it if it.to_lowercase().contains("mail") => "a.reed@school.example",
            it if it.to_lowercase().contains("forename") || it == "First name" => "Ada",
            it if it.to_lowercase().contains("surname") || it == "Last name" => "Reed",
            _ => "AR",
        });
        let cells: Vec<_> = cells.collect();
        let table = table(&format!("{header}\n{}\n", cells.join(",")));
        assert_eq!(table.list, List::Students, "{header}");
        let entry = table.rows[0].entry.as_ref().expect("a student");
        assert_eq!(entry.student.reveal(), "Ada Reed", "{header}");
        assert!(table.named_teachers.is_empty(), "{header}");
    }
}

#[test]
fn what_may_be_students_or_teachers_is_asked() {
    for (header, other) in [
        ("Initials,Forename,Surname,School email", List::Teachers),
        ("Name,Initials", List::Teachers),
        ("Forename,Surname,Class,School email", List::Classes),
        ("Forename,Surname,Form,Staff code", List::Teachers),
        (
            "Staff code,First name,Last name,Year,E-mail",
            List::Teachers,
        ),
    ] {
        let row = header.split(',').map(|it| match it {
            it if it.to_lowercase().contains("mail") => "ada@school.example",
            "Year" => "7",
            _ => "Ada",
        });
        let row: Vec<_> = row.collect();
        let file = open(format!("{header}\n{}\n", row.join(",")).as_bytes()).expect("cells");
        let why = file.table(None).expect_err("it is not said");
        assert_eq!(why, Unreadable::UnclearList, "{header}");
        assert!(why.is_about_columns());
        let readings = file.readings();
        let lists: Vec<_> = readings.iter().map(|(list, _)| *list).collect();
        assert_eq!(lists, [List::Students, other], "{header}");
        for (list, choice) in readings {
            let table = file
                .table(Some(&choice))
                .unwrap_or_else(|why| panic!("{header}: {why}"));
            assert_eq!(table.list, list, "{header}");
        }
    }
    // Where it is said, nobody is asked.
    for header in [
        "Staff code,Forename,Surname,E-mail",
        "Student,Initials",
        "Class,Teacher,Initials",
    ] {
        let file = open(format!("{header}\na,b,c,d@x.example\n").as_bytes()).expect("cells");
        assert_eq!(file.readings(), [], "{header}");
    }
}

#[test]
fn people_are_no_headings() {
    // What somebody is stands in every row of a file without headings, also below a title.
    for file in [
        "Grace Hopper,Teacher,Maths\nAda Lovelace,Teacher,Physics\n",
        "Staff of Fairview\n\nGrace Hopper,Teacher,Maths\nAda Lovelace,Teacher,Physics\n",
        "Contacts\nAna Santos,Student,8B,Primary\nBen Two,Student,8B,Primary\n",
    ] {
        let why = read(file.as_bytes()).expect_err("nothing names the columns");
        assert!(why.is_about_columns(), "{file}: {why}");
    }
    // Headings stand below a title also where few of them are known.
    let wide = "Fairview School\nPrinted 29/11/2026\n\n\
                Adno,Gender,DOB,Forename,Surname,House,SEN,FSM,EAL\n\
                0012,F,1/1/2013,Ada,Reed,Red,,,\n";
    let table = table(wide);
    assert_eq!((table.rows.len(), table.rows[0].line), (1, 5));
    assert_eq!(table.rows[0].student, "Ada Reed");
}

#[test]
fn a_class_in_merged_cells_is_that_of_the_rows_below_it() {
    let merged = "Class,Class ID,Subject,Staff code,Teacher\n\
                  8B/Ma,12,Maths,NOK,Ngozi Okafor\n\
                  ,,,JLI,Jonas Lindqvist\n\
                  8B/Mu,13,Music,TBR,Tom Brandt\n\
                  9A/Fr,14,French,AHA,Ada Hall\n\
                  ,,,NOK,Ngozi Okafor\n";
    let plan = planned(merged);
    let expected = [
        "Adds the class 8B/Ma: Ngozi Okafor, Jonas Lindqvist",
        "Adds the class 8B/Mu: Tom Brandt",
        "Adds the class 9A/Fr: Ada Hall, Ngozi Okafor",
    ];
    assert_eq!(does(&plan, Kind::Class), expected);
    assert!(
        plan.notes[0].ends_with("write it into each row."),
        "{:?}",
        plan.notes
    );
    assert!(
        plan.notes[0].contains("they name no class: rows 3, 6."),
        "{:?}",
        plan.notes
    );
    for (what, file) in [
        (
            "once is no habit",
            merged.replace(",,,JLI", "8B/Ma,12,Maths,JLI"),
        ),
        (
            "an empty row ends a class",
            merged
                .replace(",,,JLI", "\n,,,JLI")
                .replace(",,,NOK", ",,,,\n,,,NOK"),
        ),
        (
            "a list by teacher: who takes none takes none",
            "Teacher,Class\nAda Hall,9A/Fr\nJonas Lindqvist,\nNgozi Okafor,8B/Ma\nTom Brandt,\n"
                .to_owned(),
        ),
        (
            "a class twice is named in every row",
            merged.replace("8B/Mu,13,Music", "8B/Ma,12,Maths"),
        ),
        (
            "a row that says a subject says its class",
            merged.replace(",,,", ",,Maths,"),
        ),
        (
            "a class without a teacher is one",
            "Teacher,Class\nZoe Hall,9A/Fr\nAda One,\n,8B/Ma\nBen Two,8B/Mu\nAnn Vane,\n"
                .to_owned(),
        ),
    ] {
        let plan = planned(&file);
        let says = |it: &school::import::RowResult| it.reason.contains("names no class");
        assert!(plan.results.iter().any(says), "{what}: {:?}", plan.results);
        assert!(plan.notes.is_empty(), "{what}: {:?}", plan.notes);
    }
}

#[test]
fn every_row_of_a_list_with_teachers_has_a_result() {
    // Whatever is wrong with what it says of its class.
    let file = "Student,Class,Class ID,Subject,Teacher,Teacher ID\n\
                Ada Reed,8B/Ma,12,Maths,Ngozi Okafor,NOK\n\
                Leo Reed,8B/Mu,12,Music,Tom Brandt,TBR\n\
                Ben One,8B/Fr;8C/Fr,14,French,Ada Hall,AHA\n\
                Ivy Two,9A/Fr,1.2E+5,French,Ada Hall,AHA\n\
                Gil Ray,,,,Jo New,JNE\n";
    let plan = planned(file);
    let rows = plan.results.iter().filter(|it| it.kind == Kind::Student);
    let rows: Vec<_> = rows
        .map(|it| (it.line, it.outcome, it.reason.as_str()))
        .collect();
    assert_eq!(rows.len(), 5);
    for (line, outcome, reason) in rows {
        assert!(outcome != Outcome::Refused || !reason.is_empty(), "{line}");
        assert_eq!(outcome == Outcome::Refused, line != 2, "{line} {reason}");
    }
    let classes = plan.results.iter().filter(|it| it.kind == Kind::Class);
    let classes: Vec<_> = classes.map(|it| (it.line, it.outcome)).collect();
    assert_eq!(classes, [(2, Outcome::Refused)]);
    // And whom a refused row alone names is not brought in.
    let teachers = plan.results.iter().filter(|it| it.kind == Kind::Teacher);
    let teachers: Vec<_> = teachers.map(|it| it.name.as_str()).collect();
    assert_eq!(teachers, ["Ngozi Okafor"]);
}

#[test]
fn what_counts_others_is_nobody() {
    for total in [
        "Total,,2",
        "TOTAL: 2,,",
        "Gesamt,2,",
        "Summe,2,",
        "Somme,,2",
        "Total général,2,",
        "Suma: 2,,",
        "End of report,,",
        "Page 1 of 2,,",
        "Printed: 29/11/2026 10:04,,",
        "Seite 3,,",
        "*** End of list ***,,",
        "Total 2,,",
    ] {
        let file = format!("Student,Homeroom,Year\nAda Reed,7A,7\nLeo Reed,7A,7\n{total}\n");
        let table = table(&file);
        assert_eq!(table.rows.len(), 2, "{total}");
        assert!(
            table.notes[0].ends_with("(row 4)."),
            "{total} {:?}",
            table.notes
        );
    }
    for name in [
        "Total,7A,7",
        "Summer Total,,",
        "Total Eclipse 2nd,7A,",
        "Suma,7A,",
        "Suma,1042,7",
    ] {
        let table = table(&format!("Student,Homeroom,Year\nAda Reed,7A,7\n{name}\n"));
        assert_eq!(table.rows.len(), 2, "{name}");
    }
    let teachers = table("Teacher,Staff ID\nNgozi Okafor,NOK\nTotal: 1,\n");
    assert_eq!(teachers.teachers.len(), 1);
}

#[test]
fn notes_of_several_lists_are_all_told() {
    let lists = [
        "Student,Homeroom\nAda Reed,7A\nTotal: 1,\n",
        "Teacher,Staff ID\nJo Hall,1\nTotal: 1,\n",
    ];
    let mut all = Incoming::default();
    lists
        .into_iter()
        .for_each(|it| all.join(table(it).incoming(false)));
    assert_eq!(reconcile(&Existing::default(), &all).notes.len(), 2);
}

#[test]
fn what_spreadsheets_of_other_languages_made_of_a_homeroom_is_refused() {
    for form in [
        "03. Apr",
        "03. Mrz",
        "3-avr",
        "03-févr.",
        "03-abr",
        "03/abr",
        "03-mei",
        "45123",
        "2026-04-03",
        "2026-04-03 00:00:00",
        "03.04.2026",
        "4/3/2026",
        "1,2E+05",
    ] {
        let plan = planned(&format!("Student;Homeroom\nAda Reed;{form}\n"));
        assert_eq!(plan.steps, [], "{form}");
        assert!(
            plan.results[0]
                .reason
                .starts_with("In homeroom: a spreadsheet"),
            "{form}"
        );
    }
    for form in [
        "7-3", "10/2", "3 Set", "Set-3", "7.1", "12345", "99999", "1-2-3", "Mai", "3 Mars",
    ] {
        let plan = planned(&format!("Student;Homeroom\nAda Reed;{form}\n"));
        assert_eq!(plan.results[0].outcome, Outcome::Created, "{form}");
    }
}

#[test]
fn letters_of_windows_and_marks_that_nobody_sees_make_nobody_else() {
    let windows = b"Student;Guardian\nZo\xeb O\x92Brien;M\xe9abh O\x92Brien\n";
    let table = read(windows).expect("Windows-1252");
    assert!(
        table.guessed.iter().any(|it| it.contains("Brien")),
        "{:?}",
        table.guessed
    );
    let name = |file: &str| {
        let row = read(file.as_bytes()).expect("rows").rows.remove(0);
        row.entry.map(|it| it.student.person_key())
    };
    let plain = name("Student\nZo\u{eb} O'Brien\n").expect("a name");
    let typed = table.rows[0]
        .entry
        .as_ref()
        .expect("a name")
        .student
        .person_key();
    assert_eq!(typed, plain);
    for other in [
        "Student\nZOE O\u{2019}BRIEN\n",
        "Student\n\u{200f}Zo\u{eb} O'Brien\u{200e}\n",
        "Student\n\"O'Brien, Zo\u{eb}\"\n",
    ] {
        // Taken as the same, or refused with the reason: never another.
        match name(other) {
            Ok(key) => assert_eq!(key, plain, "{other:?}"),
            Err(reason) => assert!(reason.starts_with("In student"), "{reason}"),
        }
    }
}

#[test]
fn headings_of_two_rows_are_read_together() {
    let file = "Families of Year 8\n\n\
                Student,,Student,Parent 1,,\n\
                Forename,Surname,Year group,Name,E-mail,Mobile\n\
                Ana,Santos,8,Maria Santos,maria@x.example,07700900123\n";
    let table = table(file);
    assert_eq!((table.rows.len(), table.rows[0].line), (1, 5));
    let entry = table.rows[0].entry.as_ref().expect("a student");
    assert_eq!(entry.student.reveal(), "Ana Santos");
    assert_eq!(entry.guardians[0].name.reveal(), "Maria Santos");
    assert_eq!(entry.year.as_deref(), Some("8"));
    // Two rows of which one suffices are one of headings, and somebody.
    let plain = "Student,Homeroom,Notes,\nAna Santos,7A,,x\n";
    assert_eq!(self::table(plain).rows.len(), 1);
    let missing = "Student,Homeroom,\nAna Santos,7A,\nMother,7B,\n";
    assert_eq!(self::table(missing).rows.len(), 2);
}

#[test]
fn two_lists_in_one_file_are_told_apart() {
    let two = "Student,Homeroom\nAna Santos,7A\n\n,\nTeacher,Staff ID\nNgozi Okafor,NOK\n";
    assert_eq!(read(two.as_bytes()), Err(Unreadable::SeveralLists(5)));
    for one in [
        "Student,Homeroom\nAna Santos,7A\n\nStudent,Homeroom\nBen Two,7B\n",
        "Student,Homeroom\nAna Santos,7A\n\nBen Two,Form\n",
    ] {
        assert_eq!(table(one).rows.len(), 2, "{one}");
    }
}

#[test]
fn what_a_reader_found_of_namesakes_and_guesses_stays_mended() {
    // Nobody is looked at by the folder: who takes a class is not guessed there.
    let merged = "Teacher,Class\nZoe Hall,9A/Fr\nAda One,\nTom Brandt,8B/Mu\nBen Two,\n";
    let file = open(merged.as_bytes()).expect("cells").unseen();
    let table = file.table(None).expect("readable");
    let plan = reconcile(&Existing::default(), &table.incoming(false));
    let refused = plan
        .results
        .iter()
        .filter(|it| it.reason.contains("names no class"));
    assert_eq!((refused.count(), plan.notes.len()), (2, 0));
    // Two of one name with other guardians are two; one row that says more of one is theirs.
    let added = |second: &str| {
        let head = "Student,Homeroom,Guardian,E-mail\nAna Silva,,Maria A,a@x.example\n";
        let plan = planned(&format!("{head}{second}"));
        let steps = plan.steps.iter();
        let added = steps.filter(|it| matches!(it, school::import::Step::AddStudent { .. }));
        added.count()
    };
    assert_eq!(added("Ana Silva,7B,Paul B,b@x.example\n"), 2);
    assert_eq!(added("Ana Silva,7B,Maria A,a@x.example\n"), 1);
    // Two namesakes take nobody's grade away.
    let grades = "Student,Grade,Guardian,E-mail\nAna Silva,3,Maria A,a@x.example\nAna Silva,5,Paul B,b@x.example\nLeo Reed,4,Eve,e@x.example\n";
    assert!(years(grades).iter().all(Option::is_some));
    // Whoever says what it is a list of has not said that marks are years.
    let staff =
        open(b"Surname,Forename,Staff code,Form,Grade\nReed,Ada,NOK,7A,A*\n").expect("cells");
    let (_, students) = staff.readings().remove(0);
    assert!(
        !students
            .columns
            .contains(&Some(school::import::Column::Year))
    );
    // One list has one way to write years.
    let dashed = years("Student,Year\nAda,Year -1\nLeo,Year -7\n");
    assert_eq!(dashed, [Some("1".to_owned()), Some("7".to_owned())]);
    assert_eq!(
        years("Student,Year\nAda,Year -1\n"),
        [Some("-1".to_owned())]
    );
}
