//! What the headings of systems mean, and what is asked where they do not say enough (DIR-1, C18).

use school::import::{Existing, Incoming, Outcome, Table, Unreadable, read, reconcile};

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

/// What the rows of a list say: of each student their name, ids, homeroom and guardians.
fn said(file: &str) -> Vec<String> {
    let rows = table(file).rows;
    let entries = rows.iter().map(|it| {
        let entry = it
            .entry
            .as_ref()
            .unwrap_or_else(|why| panic!("{file}: {why}"));
        let ids = entry.source.iter().chain(&entry.other_ids);
        let ids: Vec<&str> = ids.map(String::as_str).collect();
        let guardians = entry.guardians.iter().map(|it| {
            let email = it.email.as_ref().map_or("", |it| it.reveal());
            let number = it.number();
            format!("{}:{}:{email}:{number}", it.name.reveal(), it.relationship)
        });
        let guardians: Vec<String> = guardians.collect();
        let form = entry.form.as_deref().unwrap_or_default();
        format!(
            "{} {} {form} {}",
            entry.student.reveal(),
            ids.join("+"),
            guardians.join(" ")
        )
    });
    entries.collect()
}

/// Each list, and what its one row says.
pub(crate) fn says(lists: &[(&str, &str, &str)]) {
    for (headings, row, expected) in lists {
        let file = format!("{headings}\n{row}\n");
        assert_eq!(said(&file), [*expected], "{headings}");
    }
}

#[test]
fn exports_of_british_systems_are_read_as_they_are() {
    says(&[
        // Arbor
        (
            "Full Name,Registration form,Primary Guardian Full Name,Primary Guardian: Email,Primary Guardian 2 Full Name,Primary Guardian 2: Email",
            "Mia Kim,4b,Anna Kim,a@x.example,Bob Kim,b@x.example",
            "Mia Kim  4b Anna Kim::a@x.example: Bob Kim::b@x.example:",
        ),
        (
            "Legal First Name,Legal Last Name,Preferred First Name,Preferred Last Name,Year group,Registration form",
            "Michael,Kim,Mia,Park,Year 4,4b",
            "Mia Park  4b ",
        ),
        // Bromcom
        (
            "Preferred First Name,Preferred Last Name,Tutor Group,Contact 1 Full Name,Contact 1 Relationship,Contact 1 Email,Contact 1 Mobile Phone",
            "Mia,Kim,4b,Anna Kim,Mother,a@x.example,07700 900001",
            "Mia Kim  4b Anna Kim:Mother:a@x.example:07700 900001",
        ),
        // SIMS
        (
            "Adno,UPN,Legal Forename,Legal Surname,Preferred Forename,Preferred Surname,Reg Group,Priority 1 Contact: Name,Priority 1 Contact: Email,Priority 1 Contact: Mobile Telephone",
            "004411,A823,Michael,Kim,Mia,,4b,Anna Kim,a@x.example,07700 900001",
            "Mia Kim 004411+A823 4b Anna Kim::a@x.example:07700 900001",
        ),
        // iSAMS
        (
            "School ID,Forename,Surname,Form,Contact 1 Forename,Contact 1 Surname,Contact 1 Email 1,Contact 1 Email 2,Contact 1 Mobile 1",
            "12,Mia,Kim,4b,Anna,Kim,a@x.example,b@x.example,07700 900001",
            "Mia Kim 12 4b Anna Kim::a@x.example:07700 900001",
        ),
        // ScholarPack, and as ParentMail and SchoolCloud take them
        (
            "Forename,Surname,Class,Contact 1,Contact 1 Relation,Contact 1 Mobile,Contact 1 E-mail (Home)",
            "Mia,Kim,Hedgehogs,Anna Kim,Mother,07700 900001,a@x.example",
            "Mia Kim  Hedgehogs Anna Kim:Mother:a@x.example:07700 900001",
        ),
        (
            "StudentForename,StudentSurname,StudentID,Year,Reg,DOB,Gender,Relationship,Title,ContactForename,ContactSurname,ContactID,PrimaryEmail,MobileNumber,Priority",
            "Mia,Kim,12,4,4b,01/02/2016,F,Mother,Mrs,Anna,Kim,77,a@x.example,07700 900001,1",
            "Mia Kim 12 4b Anna Kim:Mother:a@x.example:07700 900001",
        ),
        (
            "Student Code,First Name,Last Name,Registration Class,P1 Title,P1 First Name,P1 Surname,P1 Email,P2 Title,P2 First Name,P2 Surname,P2 Email",
            "12,Mia,Kim,4b,Mrs,Anna,Kim,a@x.example,Mr,Bob,Kim,b@x.example",
            "Mia Kim 12  Anna Kim::a@x.example: Bob Kim::b@x.example:",
        ),
        (
            "Email of parent 1,Name of parent 1,Name of pupil",
            "a@x.example,Anna Kim,Mia Kim",
            "Mia Kim   Anna Kim::a@x.example:",
        ),
    ]);
}

#[test]
fn exports_of_american_systems_are_read_as_they_are() {
    says(&[
        // PowerSchool
        (
            "STUDENTS.LastFirst,STUDENTS.Student_Number,STUDENTS.SchoolID,STUDENTS.Home_Room,STUDENTS.Mother,STUDENTS.Mother_Email,STUDENTS.Father,STUDENTS.Father_Email",
            "\"Kim, Mia\",12,7,4b,\"Kim, Anna\",a@x.example,\"Kim, Bob\",b@x.example",
            "Kim, Mia 12 4b Kim, Anna:Mother:a@x.example: Kim, Bob:Father:b@x.example:",
        ),
        (
            "LastFirst,Student_Number,Home_Room,guardianFN,guardianLN,guardianemail",
            "\"Kim, Mia\",12,4b,Anna,Kim,a@x.example",
            "Kim, Mia 12 4b Anna Kim::a@x.example:",
        ),
        (
            "Last_Name,First_Name,Student #,mother_first,mother_last,father_first,father_last",
            "Kim,Mia,12,Anna,Kim,Bob,Kim",
            "Mia Kim 12  Anna Kim:Mother:: Bob Kim:Father::",
        ),
        // Infinite Campus
        (
            "student.stateID,student.studentNumber,student.lastName,student.firstName,student.homeroomTeacher,contact.lastName,contact.firstName,contact.relationship,contact.email,contact.cellPhone",
            "9,12,Kim,Mia,Roe,Kim,Anna,Mother,a@x.example,07700 900001",
            "Mia Kim 12  Anna Kim:Mother:a@x.example:07700 900001",
        ),
        // Skyward
        (
            "Student Last,Student First,Student ID,Homeroom,Guardian 1 First Name,Guardian 1 Last Name,Guardian 1 Home Email,Guardian 1 Work Email,Guardian 1 Cell Phone",
            "Kim,Mia,12,4b,Anna,Kim,a@x.example,w@x.example,07700 900001",
            "Mia Kim 12 4b Anna Kim::a@x.example:07700 900001",
        ),
    ]);
}

#[test]
fn a_preferred_name_that_is_not_surely_one_is_asked_about() {
    let file =
        |called: &str| format!("Forename,Surname,Preferred name\nMichael,Kim,{called}\nBo,Li,Bo\n");
    let why = read(file("Mia").as_bytes()).expect_err("it asks");
    assert_eq!(
        why,
        Unreadable::CalledOtherwise("Preferred name".to_owned(), 2)
    );
    assert!(why.is_about_columns());
    for same in ["michael", "Michael Kim", "", "-"] {
        assert_eq!(said(&file(same)).len(), 2, "{same}");
    }
}

#[test]
fn an_address_that_is_not_read_is_never_silent() {
    for (headings, asked) in [
        (
            "Student,Guardian,Household contact address",
            "Household contact address",
        ),
        ("Student,Homeroom,Family e-mails", "Family e-mails"),
        ("Student,Parent,Emergency 1 Mail", "Emergency 1 Mail"),
    ] {
        let file = format!("{headings}\nMia Kim,Anna Kim,a@x.example\n");
        let why = read(file.as_bytes()).expect_err("it asks");
        assert_eq!(why, Unreadable::UnreadAddress(asked.to_owned()));
        assert!(why.is_about_columns());
    }
    // The students' own, teachers' and second addresses are asked about by nobody.
    for headings in [
        "Student,Guardian,Student email",
        "Student,Guardian,Form tutor e-mail",
        "Student,Guardian,School username",
    ] {
        let file = format!("{headings}\nMia Kim,Anna Kim,m@x.example\n");
        assert_eq!(said(&file), ["Mia Kim   Anna Kim:::"], "{headings}");
    }
    let file = "Student,Guardian,Guardian email 1,Guardian 1 email 2\nMia Kim,Anna Kim,a@x.example,b@x.example\nBo Li,Wu Li,,w@x.example\n";
    let notes = table(file).notes;
    assert_eq!(
        notes,
        [
            "Not read: \"Guardian 1 email 2\", which hold e-mail addresses where a guardian has no other (row 3). Write those into the guardian's column."
        ]
    );
}

#[test]
fn a_class_beside_students_is_their_homeroom_or_asked_about() {
    let file = |second: &str| {
        format!("Student,Class,Guardian\nMia Kim,4b,Anna Kim\nMia Kim,{second},Bob Kim\n")
    };
    assert_eq!(said(&file("4b")).len(), 2);
    let file = "Student,Class\nMia Kim,4b Maths\nMia Kim,4b French\n";
    let why = read(file.as_bytes()).expect_err("it asks");
    assert_eq!(why, Unreadable::HomeroomOrClasses("Class".to_owned()));
    assert!(why.is_about_columns());
    let file = "Student,Class name\nMia Kim,4b Maths; 4b French\n";
    assert!(read(file.as_bytes()).is_err());
    // Who teaches it, or a homeroom beside it, makes it a class.
    let entry = table("Student,Class,Teacher\nMia Kim,4b,Ms Roe\n").rows[0]
        .entry
        .clone();
    assert_eq!(
        entry.map(|it| (it.form, it.classes.is_some())),
        Ok((None, true))
    );
    let read = table("Student,Form,Class\nMia Kim,4b,4b Maths\n");
    assert_eq!(read.unused, ["Class"]);
}

#[test]
fn a_heading_that_may_mean_something_else_is_not_guessed() {
    for headings in [
        "Student,Parents,Parents' email,Note",
        "Student,Primary guardians,Primary guardian emails,Note",
        "Student,Parent contact,Tel,Mobile",
        "Student,First contact,Guardian,E-mail 2",
        "Student name,First name,Last name,Form",
    ] {
        let file = format!("{headings}\nMia Kim,Anna & Bob Kim,a@x.example,b@x.example\n");
        let read = read(file.as_bytes());
        let is_asked = read.as_ref().is_err_and(Unreadable::is_about_columns);
        let is_left_out = || read.as_ref().is_ok_and(|it| !it.unused.is_empty());
        assert!(is_asked || is_left_out(), "{headings}: {read:?}");
    }
}

#[test]
fn headings_that_are_mostly_unknown_are_called_so() {
    let why = |headings: &str| {
        let file = format!("{headings}\nMia Kim,Anna Kim,x\n");
        read(file.as_bytes()).expect_err("it asks")
    };
    assert_eq!(
        why("Student,Guardian 5,Email 5"),
        Unreadable::MostUnknown("\"Guardian 5\", \"Email 5\"".to_owned())
    );
    assert!(why("Student,Guardian 5,Email 5").is_about_columns());
    let people = "Student,Mia Kim,m@x.example\nStudent,Bo Li,b@x.example\n";
    assert_eq!(read(people.as_bytes()), Err(Unreadable::NoHeadings));
}

#[test]
fn an_other_id_finds_whom_an_earlier_list_brought_by_it() {
    let first = table("Pupil,UPN,Form\nMia Kim,A823,4b\n");
    let kept = crate::sheets::kept_after(&reconcile(
        &Existing::default(),
        &Incoming::some(first.rows),
    ));
    for headings in ["Pupil,UPN,Adno,Form", "Pupil,upn,Admission number,Form"] {
        let rows = table(&format!("{headings}\nMia Kim,A823,4411,5c\n")).rows;
        let plan = reconcile(&kept, &Incoming::some(rows));
        assert_eq!(
            plan.results[0].outcome,
            Outcome::Updated,
            "{:?}",
            plan.results
        );
    }
}
