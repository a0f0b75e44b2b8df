//! What the headings of systems mean, and what is asked where they do not say enough (DIR-1, C18).

use school::import::{Table, Unreadable, read};

fn table(file: &str) -> Table {
    read(file.as_bytes()).expect("readable")
}

#[test]
fn tables_that_exports_name_before_columns_are_known() {
    let file = "student.studentNumber,student.lastName,student.firstName,student.homeroom,contact.lastName,contact.firstName,contact.email,contact.personID\n\
                12,Kim,Mia,4b,Kim,Anna,anna@x.example,9\n\
                13,Kim,Mia,4b,Kim,Tom,tom@x.example,10\n";
    let read = table(file);
    assert_eq!(read.unused, [""; 0]);
    let told: Vec<_> = read
        .rows
        .iter()
        .map(|row| {
            let entry = row.entry.as_ref().expect("taken");
            let guardian = &entry.guardians[0];
            (
                entry.student.reveal(),
                entry.source.as_deref(),
                entry.form.as_deref(),
                guardian.name.reveal(),
                guardian.source.as_deref(),
                guardian.email.is_some(),
            )
        })
        .collect();
    let expected = [
        (
            "Mia Kim",
            Some("12"),
            Some("4b"),
            "Anna Kim",
            Some("9"),
            true,
        ),
        (
            "Mia Kim",
            Some("13"),
            Some("4b"),
            "Tom Kim",
            Some("10"),
            true,
        ),
    ];
    assert_eq!(told, expected);
    let file = "STUDENTS.Student_Number\tSTUDENTS.LastFirst\tSTUDENTS.Home_Room\tSTUDENTS.Grade_Level\n\
                12\t\"Kim, Mia\"\t4b\t4\n";
    let read = table(file);
    let entry = read.rows[0].entry.as_ref().expect("taken");
    assert_eq!(
        (read.unused.len(), entry.source.as_deref()),
        (0, Some("12"))
    );
    assert_eq!(
        (entry.form.as_deref(), entry.year.as_deref()),
        (Some("4b"), Some("4"))
    );
    // A student's own address is not a guardian's.
    let read = table(
        "student.name,student.email,contact.name,contact.email\nMia Kim,mia@s.example,Anna Kim,anna@x.example\n",
    );
    assert_eq!(read.unused, ["student.email"]);
}

#[test]
fn an_id_that_is_not_known_is_asked_about_where_it_tells_two_apart() {
    let file = |second: &str| {
        format!(
            "Student,Homeroom,Roll code,Guardian\nMia Kim,4b,R1,Anna Kim\nMia Kim,4b,{second},Tom Kim\n"
        )
    };
    let why = read(file("R2").as_bytes()).expect_err("it asks");
    assert_eq!(why, Unreadable::UnreadId("Roll code".to_owned(), 2, 3));
    assert!(why.is_about_columns());
    for same in ["R1", ""] {
        assert_eq!(table(&file(same)).unused, ["Roll code"]);
    }
    // A guardian's number tells no students apart.
    let file = "Student,Guardian,Contact priority no,Home phone no\nMia Kim,Anna Kim,1,7\nMia Kim,Tom Kim,2,8\n";
    assert_eq!(table(file).rows.len(), 2);
}

#[test]
fn an_address_among_the_columns_of_students_is_asked_about() {
    let file = "Student,Email address,Homeroom,Classes,Parent\nMia Kim,mia@school.example,4b,4b Maths,Anna Kim\n";
    let why = read(file.as_bytes()).expect_err("it asks");
    assert_eq!(why, Unreadable::WhoseAddress("Email address".to_owned()));
    assert!(why.is_about_columns());
    for file in [
        "Student,Homeroom,Parent,Email\nMia Kim,4b,Anna Kim,anna@x.example\n",
        "Student,Homeroom,Parent email,Parent\nMia Kim,4b,anna@x.example,Anna Kim\n",
    ] {
        let entry = table(file).rows.remove(0).entry.expect("taken");
        assert!(entry.guardians[0].email.is_some(), "{file}");
    }
}
