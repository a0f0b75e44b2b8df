//! `OneRoster` exports as school systems write them, whole and in parts.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that finds nothing fails"
)]

use std::io::{Cursor, Write as _};

use jiff::civil::{Date, date};
use school::import::{
    Existing, ExistingClass, ExistingContact, ExistingStudent, ExistingTeacher, Incoming, Kind,
    Leaving, NamesAll, Outcome, Plan, Taker, reconcile,
};
use school::telephone::Telephones;
use school::{ClassId, ContactId, Label, Mobile, Name, StudentId, TeacherId};
use sources::oneroster::{Unreadable, is_zip, read};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const TODAY: Date = date(2026, 11, 28);

fn zipped(files: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        zip.start_file(*name, SimpleFileOptions::default())
            .expect("it can be written");
        zip.write_all(text.as_bytes()).expect("it can be written");
    }
    zip.finish().expect("it can be written").into_inner()
}

fn manifest(version: &str, how: &str) -> String {
    let files = [
        "classes",
        "courses",
        "enrollments",
        "orgs",
        "roles",
        "users",
    ];
    let files = files.map(|it| format!("file.{it},{how}\r\n")).concat();
    format!(
        "propertyName,value\r\nmanifest.version,1.0\r\noneroster.version,{version}\r\n{files}\
         file.academicSessions,absent\r\nsource.systemName,Example\r\n"
    )
}

const ORGS: &str = "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\r\n\
    D,,,Reed District,district,,\r\nS,,,Reed School,school,,D\r\n";
const COURSES: &str = "sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,subjectCodes\r\n\
    C1,,,,French,FR,,S,,\r\n";
const CLASSES: &str = "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods\r\n\
    K1,,,French,08,C1,8B/Fr,scheduled,,S,T,,,\r\n\
    K2,,,French,08,C1,8C/Fr,scheduled,,S,T,,,\r\n\
    K3,,,8B,08,,8B,homeroom,,S,T,Tutor,,\r\n\
    K4,,,Study hall,08,,SH,scheduled,,S,T,,,\r\n";
const ENROLLMENTS: &str = "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate\r\n\
    E1,,,K1,S,u-ada,student,false,2026-09-01,2027-07-20\r\n\
    E2,,,K3,S,u-ada,student,false,,\r\n\
    E3,,,K2,S,u-ada,student,false,2025-09-01,2026-07-20\r\n\
    E4,,,K1,S,t-2,teacher,false,,\r\n\
    E5,,,K1,S,t-1,teacher,true,,\r\n\
    E6,,,K2,S,t-2,teacher,true,,\r\n\
    E7,,,K3,S,t-1,teacher,true,,\r\n\
    E8,,,K4,S,u-ada,student,false,,\r\n";

/// Everything that 1.1 says of one family and two teachers.
fn files_1_1(how: &str) -> Vec<(&'static str, String)> {
    let users = "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,password\r\n\
        u-ada,,,true,S,student,ada,,Ada,Reed,M,1042,ada@pupils.example,,,\"p-eve,p-tom,p-nobody\",08,\r\n\
        p-eve,,,true,S,parent,eve,,Eve,Reed,,,eve@x.example,07400 654321,01632 960001,u-ada,,\r\n\
        p-tom,,,true,S,guardian,tom,,Tom,Hill,,,,07400 123456,,,,\r\n\
        t-1,,,true,S,teacher,okafor,,Ngozi,Okafor,,,okafor@school.example,,,,,\r\n\
        t-2,,,true,S,teacher,hall,,Jo,Hall,,,,,,,,\r\n\
        a-1,,,true,S,administrator,office,,Of,Fice,,,,,,,,\r\n";
    vec![
        ("manifest.csv", manifest("1.1", how)),
        ("orgs.csv", ORGS.to_owned()),
        ("courses.csv", COURSES.to_owned()),
        ("classes.csv", CLASSES.to_owned()),
        ("enrollments.csv", ENROLLMENTS.to_owned()),
        ("users.csv", users.to_owned()),
        ("roles.csv", "userSourcedId,role\r\n".to_owned()),
    ]
}

fn incoming(files: &[(&'static str, String)]) -> Result<Incoming, Unreadable> {
    let files: Vec<_> = files
        .iter()
        .map(|(name, it)| (*name, it.as_str()))
        .collect();
    let file = zipped(&files);
    assert!(is_zip(&file));
    read(&file, TODAY)
}

fn check_family(incoming: &Incoming) {
    let [row] = &*incoming.students else {
        panic!("{:?}", incoming.students)
    };
    let ada = row.entry.as_ref().expect("taken");
    assert_eq!(ada.student.reveal(), "Ada Reed");
    assert_eq!(ada.source.as_deref(), Some("u-ada"));
    assert_eq!(ada.other_ids, ["1042"]);
    assert_eq!(ada.form.as_deref(), Some("8B"));
    let classes: Vec<_> = ada.classes.iter().flatten().map(|it| it.as_str()).collect();
    assert_eq!(
        classes,
        ["French (8B/Fr)", "8B", "Study hall"],
        "E3 is over"
    );
    let guardians: Vec<_> = ada
        .guardians
        .iter()
        .map(|it| {
            let email = it.email.as_ref().map(|it| it.reveal());
            (
                it.name.reveal(),
                email,
                it.number(),
                it.relationship.as_str(),
            )
        })
        .collect();
    assert_eq!(
        guardians,
        [
            (
                "Eve Reed",
                Some("eve@x.example"),
                "01632 960001".to_owned(),
                "Parent"
            ),
            ("Tom Hill", None, "07400 123456".to_owned(), "Guardian")
        ]
    );
    let mobiles: Vec<_> = ada.guardians.iter().map(|it| it.mobile.as_str()).collect();
    assert_eq!(mobiles, ["07400 654321", "07400 123456"]);
    let names: Vec<_> = incoming
        .teachers
        .iter()
        .map(|it| it.name.as_str())
        .collect();
    assert_eq!(names, ["Ngozi Okafor", "Jo Hall"]);
    let french = incoming.classes[0].entry.as_ref().expect("taken");
    assert_eq!(french.subject.as_ref().map(Label::as_str), Some("French"));
    let takers = ["t-1", "t-2"].map(|it| Taker::Listed(it.to_owned()));
    assert_eq!(french.teachers, takers, "who answers for it first");
}

#[test]
fn version_1_1_is_read_whole() {
    let all = incoming(&files_1_1("bulk")).expect("read");
    let every = NamesAll {
        students: true,
        teachers: true,
        classes: true,
    };
    assert_eq!((all.names_all, all.rows_are_whole), (every, true));
    check_family(&all);
    let plan = reconcile(&Existing::default(), &all);
    let refused: Vec<_> = plan
        .results
        .iter()
        .filter(|it| it.outcome == Outcome::Refused)
        .map(|it| (it.kind, it.name.as_str(), it.reason.as_str()))
        .collect();
    let reason = "It has no teacher who is listed as one.";
    assert_eq!(refused, [(Kind::Class, "Study hall", reason)]);
}

#[test]
fn version_1_2_says_who_is_what_in_a_file_of_its_own() {
    let mut files = files_1_1("bulk");
    files[0].1 = manifest("1.2", "bulk");
    files[5].1 = "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,password,userMasterIdentifier,preferredGivenName,preferredMiddleName,preferredFamilyName,primaryOrgSourcedId,pronouns\r\n\
        u-ada,,,true,ada,,Adaline,Reed,,1042,,,,\"p-eve,p-tom\",08,,,Ada,,,S,\r\n\
        p-eve,,,true,,,Eve,Reed,,,eve@x.example,07400 654321,01632 960001,u-ada,,,,,,,,\r\n\
        p-tom,,,true,,,Tom,Hill,,,,07400 123456,,,,,,,,,,\r\n\
        t-1,,,true,,,Ngozi,Okafor,,,okafor@school.example,,,,,,,,,,,\r\n\
        t-2,,,true,,,Jo,Hall,,,,,,,,,,,,,,\r\n"
        .to_owned();
    files[6].1 = "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,userProfileSourcedId\r\n\
        r1,,,u-ada,primary,student,,,S,\r\n\
        r2,,,p-eve,primary,parent,,,S,\r\n\
        r3,,,p-tom,primary,guardian,,,S,\r\n\
        r4,,,t-1,secondary,parent,,,S,\r\n\
        r5,,,t-1,primary,teacher,,,S,\r\n\
        r6,,,t-2,primary,teacher,,,S,\r\n\
        r7,,,t-2,secondary,student,2020-01-01,2021-01-01,S,\r\n"
        .to_owned();
    check_family(&incoming(&files).expect("read"));
}

#[test]
fn a_file_of_changes_names_whom_it_changes() {
    let mut files = files_1_1("delta");
    files[5].1 = files[5]
        .1
        .replace("p-tom,,,", "p-tom,tobedeleted,2026-11-27,");
    let some = incoming(&files).expect("read");
    assert_eq!(some.names_all, NamesAll::default());
    assert!(!some.rows_are_whole);
    assert_eq!(some.left.contacts, ["p-tom"]);
    let ada = some.students[0].entry.as_ref().expect("taken");
    assert_eq!(ada.guardians.len(), 1);
    assert!(some.contacts.is_empty(), "each stands with their student");
}

/// What is kept after an export of everybody: Ada with her contacts, in French.
fn kept() -> Existing {
    let whole = incoming(&files_1_1("bulk")).expect("read");
    let (student, french, eve) = (StudentId(1), ClassId(1), ContactId(1));
    let ada = whole.students[0].entry.as_ref().expect("taken");
    let mother = &ada.guardians[0];
    let mut kept = Existing {
        students: vec![ExistingStudent {
            id: student,
            name: ada.student.clone(),
            records_name: None,
            form: "8B".to_owned(),
            year: ada.year.clone().unwrap_or_default(),
            source: ada.source.clone(),
            classes: vec![french],
        }],
        contacts: vec![ExistingContact {
            id: eve,
            name: mother.name.clone(),
            records_name: None,
            email: mother.email.clone(),
            students: vec![(student, mother.relationship.clone())],
            source: mother.source.clone(),
            aliases: Vec::new(),
            address: None,
            telephones: Telephones {
                mobile: Mobile::read(&mother.mobile, &whole.countries).ok(),
                school: mother.number(),
                ..Telephones::default()
            },
        }],
        classes: vec![ExistingClass {
            id: french,
            name: Label::read("French (8B/Fr)").expect("a name"),
            subject: Label::read("French").expect("a name"),
            teachers: Vec::new(),
            source: Some("K1".to_owned()),
        }],
        ..Existing::default()
    };
    kept.from_source.places.insert((student, french));
    kept
}

/// A file of changes that has these rows of its files, and no others.
fn delta(rows: &[(&str, &str)]) -> Vec<(&'static str, String)> {
    let mut files = files_1_1("delta");
    for (name, text) in &mut files {
        if let "users.csv" | "enrollments.csv" | "classes.csv" | "courses.csv" = *name {
            let head = text.lines().next().unwrap_or_default();
            let own = rows.iter().filter(|(file, _)| file == name);
            let own: String = own.map(|(_, rows)| *rows).collect();
            *text = format!("{head}\r\n{own}");
        }
    }
    files
}

/// What becomes of a file of changes that has these rows of users and enrolments.
fn changes(users: &str, enrollments: &str) -> Plan {
    let files = delta(&[("users.csv", users), ("enrollments.csv", enrollments)]);
    reconcile(&kept(), &incoming(&files).expect("read"))
}

fn does(plan: &Plan) -> Vec<&str> {
    let does = plan.results.iter().flat_map(|it| &it.does);
    does.map(String::as_str).collect()
}

#[test]
fn a_file_of_changes_may_name_a_contact_without_their_students() {
    let eve = "p-eve,,,true,S,parent,eve,,Eve,Reed,,,new@x.example,,,,,\r\n";
    let plan = changes(eve, "");
    assert_eq!(
        does(&plan),
        ["Changes the address of Eve Reed from eve@x.example to new@x.example"]
    );
    assert_eq!(plan.results[0].kind, Kind::Contact);
    // Somebody new, and whose contact they are.
    let nan = "p-nan,,,true,S,guardian,nan,,Nan,Reed,,,nan@x.example,,,u-ada,,\r\n";
    let plan = changes(nan, "");
    assert_eq!(
        does(&plan),
        [
            "Adds Nan Reed, nan@x.example",
            "Makes Nan Reed a guardian of Ada Reed"
        ]
    );
    // Somebody new, whose students nobody here knows.
    let plan = changes(&nan.replace("u-ada", "u-other"), "");
    assert_eq!(plan.results[0].outcome, Outcome::Refused);
    assert!(plan.is_empty(), "{plan:?}");
}

#[test]
fn a_file_of_changes_may_name_a_place_without_its_student() {
    let ended = "E1,tobedeleted,2026-11-27,K1,S,u-ada,student,false,,\r\n";
    let plan = changes("", ended);
    let says: Vec<_> = plan.leaving.iter().map(Leaving::says).collect();
    assert_eq!(says, ["Ada Reed is no longer in French (8B/Fr)"]);
    // Of what is so already nothing comes, nor of whom nobody knows.
    for row in [
        "E1,active,2026-11-27,K1,S,u-ada,student,false,,\r\n",
        "E1,active,2026-11-27,K1,S,u-other,student,false,,\r\n",
        "E1,tobedeleted,2026-11-27,K9,S,u-ada,student,false,,\r\n",
    ] {
        let plan = changes("", row);
        assert!(plan.is_empty(), "{row}: {plan:?}");
    }
    let mut kept = kept();
    kept.students[0].classes.clear();
    kept.from_source.places.clear();
    let mut files = files_1_1("delta");
    let at = |name: &str| files.iter().position(|it| it.0 == name).expect("there");
    let (users, classes) = (at("users.csv"), at("classes.csv"));
    files[users].1 = files[users].1.lines().next().expect("a header").to_owned();
    files[classes].1 = files[classes]
        .1
        .lines()
        .next()
        .expect("a header")
        .to_owned();
    let plan = reconcile(&kept, &incoming(&files).expect("read"));
    assert_eq!(does(&plan), ["Adds Ada Reed to French (8B/Fr)"]);
}

#[test]
fn a_class_that_is_gone_takes_nobody_of_its_number_along() {
    let mut kept = kept();
    kept.students[0].source = Some("12".to_owned());
    kept.contacts[0].source = Some("12".to_owned());
    kept.teachers.push(ExistingTeacher {
        id: TeacherId(1),
        name: Name::read("Ngozi Okafor").expect("a name"),
        email: None,
        source: Some("012".to_owned()),
    });
    kept.classes[0].source = Some("12".to_owned());
    let from = &mut kept.from_source;
    from.students.insert(StudentId(1));
    from.contacts.insert(ContactId(1));
    from.teachers.insert(TeacherId(1));
    from.classes.insert(ClassId(1));
    let leaving = |users: &str, classes: &str| {
        let files = delta(&[("users.csv", users), ("classes.csv", classes)]);
        let plan = reconcile(&kept, &incoming(&files).expect("read"));
        plan.leaving.iter().map(Leaving::says).collect::<Vec<_>>()
    };
    let class = "12,tobedeleted,2026-11-27,French,08,C1,8B/Fr,scheduled,,S,T,,,\r\n";
    let gone = ["French (8B/Fr) is no longer taught"];
    assert_eq!(leaving("", class), gone);
    // Whose role is said is that one, and no other of that number.
    let student = "12,tobedeleted,,true,S,student,ada,,Ada,Reed,M,,,,,,08,\r\n";
    assert_eq!(leaving(student, ""), ["Ada Reed has left"]);
    let teacher = "12,tobedeleted,,true,S,teacher,okafor,,Ngozi,Okafor,,,,,,,,\r\n";
    assert_eq!(leaving(teacher, ""), ["Ngozi Okafor has left"]);
    // Who is named beside it is there.
    let both = format!("{student}{}", student.replace("tobedeleted", "active"));
    assert!(leaving(&both, "").is_empty());
}

/// Who is in which file of 1.2, with these rows of `users.csv` and `roles.csv`.
fn files_1_2(how: &str, users: &str, roles: &str) -> Vec<(&'static str, String)> {
    let mut files = delta(&[]);
    files[0].1 = manifest("1.2", how);
    files[5].1 = format!(
        "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades\r\n{users}"
    );
    files[6].1 = format!(
        "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,userProfileSourcedId\r\n{roles}"
    );
    files
}

#[test]
fn whose_role_a_file_of_changes_does_not_say_is_whoever_they_are_here() {
    let of = |users: &str, roles: &str| {
        let files = files_1_2("delta", users, roles);
        reconcile(&kept(), &incoming(&files).expect("read"))
    };
    let eve = "p-eve,active,,true,,,Eve,Reed,,,new@x.example,,,,\r\n";
    let moved = "Changes the address of Eve Reed from eve@x.example to new@x.example";
    assert_eq!(does(&of(eve, "")), [moved]);
    let over = "r2,tobedeleted,,p-eve,primary,parent,,,S,\r\n";
    assert_eq!(does(&of(eve, over)), [moved], "the role of before is over");
    let ada = "u-ada,active,,true,,,Ada,Reed,,1042,,,,\"p-eve,p-nan\",09\r\n";
    assert_eq!(does(&of(ada, "")), ["Notes year 9 of Ada Reed"]);
    // Somebody new whom they name comes in by them.
    let nan = "p-nan,active,,true,,,Nan,Reed,,,nan@x.example,,,,\r\n";
    let role = "r9,,,p-nan,primary,guardian,,,S,\r\n";
    assert_eq!(
        does(&of(&format!("{ada}{nan}"), role)),
        [
            "Notes year 9 of Ada Reed",
            "Adds Nan Reed, nan@x.example",
            "Makes Nan Reed a guardian of Ada Reed"
        ]
    );
    // Nobody knows who that is.
    let plan = of(nan, "");
    assert_eq!(plan.results[0].outcome, Outcome::Refused, "{plan:?}");
    assert!(plan.is_empty());
    // Somebody of another role is nobody here.
    let plan = of(nan, "r9,,,p-nan,primary,administrator,,,S,\r\n");
    assert!(plan.results.is_empty(), "{plan:?}");
    // Whoever has left may have been any of them.
    let gone = of(&eve.replace("active", "tobedeleted"), "");
    assert!(gone.leaving.is_empty(), "they were entered by hand");
}

#[test]
fn an_export_of_everybody_without_their_roles_is_none() {
    let eve = "p-eve,,,true,,,Eve,Reed,,,eve@x.example,,,u-ada,\r\n";
    let mut files = files_1_2("bulk", eve, "");
    files[0].1 = files[0].1.replace("file.roles,bulk", "file.roles,absent");
    assert_eq!(incoming(&files), Err(Unreadable::MissingFile("roles.csv")));
    // Of whom it alone says nothing, they stay.
    let roles = "r1,,,u-ada,primary,student,,,S,\r\n";
    let ada = "u-ada,,,true,,,Ada,Reed,,1042,,,,,08\r\n";
    let mut kept = kept();
    kept.from_source.students.insert(StudentId(1));
    kept.from_source.contacts.insert(ContactId(1));
    let pair = (ContactId(1), StudentId(1));
    kept.from_source.guardians.insert(pair);
    for (users, roles) in [(format!("{eve}{ada}"), roles), (format!("{eve}{ada}"), "")] {
        let files = files_1_2("bulk", &users, roles);
        let plan = reconcile(&kept, &incoming(&files).expect("read"));
        assert!(plan.leaving.is_empty(), "{plan:?}");
        let refused = |it: &&school::import::RowResult| it.outcome == Outcome::Refused;
        assert!(plan.results.iter().any(|it| refused(&it)), "{plan:?}");
    }
    // Roles of which only some are there make no whole of it.
    let mut files = files_1_2("bulk", eve, "");
    files[0].1 = files[0].1.replace("file.roles,bulk", "file.roles,delta");
    let some = incoming(&files).expect("read");
    assert_eq!(some.names_all, NamesAll::default());
}

#[test]
fn a_file_of_changes_moves_nobody_out_of_their_homeroom() {
    let ada = "u-ada,,,true,S,student,ada,,Ada,Reed,,1042,,,,,08,\r\n";
    let plan = changes(ada, "");
    assert!(plan.is_empty(), "{plan:?}");
}

#[test]
fn what_is_no_export_is_told_apart() {
    let only = |name: &'static str, text: &str| incoming(&[(name, text.to_owned())]);
    assert_eq!(
        only("[Content_Types].xml", "<Types/>"),
        Err(Unreadable::NoManifest)
    );
    assert_eq!(
        read(b"PK\x03\x04 and no more", TODAY),
        Err(Unreadable::Damaged)
    );
    assert_eq!(
        only("manifest.csv", &manifest("1.0", "bulk")),
        Err(Unreadable::OtherVersion("1.0".to_owned()))
    );
    for version in ["1.1", "1.1.0", "1.2.1"] {
        assert_eq!(
            only("manifest.csv", &manifest(version, "bulk")),
            Err(Unreadable::MissingFile("orgs.csv"))
        );
    }
    let mut files = files_1_1("bulk");
    files[1].1.push_str("S2,,,Hill School,school,,D\r\n");
    assert_eq!(
        incoming(&files),
        Err(Unreadable::SeveralSchools(
            "Hill School, Reed School".to_owned()
        ))
    );
    let mut files = files_1_1("bulk");
    files[5].1 = files[5].1.replace("agentSourcedIds", "agents");
    assert_eq!(
        incoming(&files),
        Err(Unreadable::MissingColumn("users.csv", "agentSourcedIds"))
    );
}

#[test]
fn a_small_file_that_grows_without_end_is_left() {
    let line = format!("u,,,true,S,student,,,A,{},,,,,,,,\r\n", "B".repeat(40));
    let users = files_1_1("bulk")[5].1.lines().next().map(str::to_owned);
    let users = format!("{}\r\n{}", users.expect("a header"), line.repeat(1_000_000));
    let file = zipped(&[
        ("manifest.csv", &manifest("1.1", "bulk")),
        ("orgs.csv", ORGS),
        ("roles.csv", "userSourcedId,role\r\n"),
        ("users.csv", &users),
    ]);
    assert!(file.len() < 2_000_000, "{}", file.len());
    assert_eq!(read(&file, TODAY), Err(Unreadable::TooLarge));
}

/// One user of the 1.1 export, changed.
fn with_user(from: &str, to: &str) -> Incoming {
    let mut files = files_1_1("bulk");
    let users = files.iter_mut().find(|(name, _)| *name == "users.csv");
    let users = &mut users.expect("it is there").1;
    assert!(users.contains(from), "{users}");
    *users = users.replace(from, to);
    incoming(&files).expect("readable")
}

#[test]
fn agents_may_stand_between_semicolons_and_whoever_is_nobody_is_said() {
    for between in [";", "|", " ; "] {
        let agents = ["p-eve", "p-tom", "p-nobody"].join(between);
        let incoming = with_user("p-eve,p-tom,p-nobody", &agents);
        let ada = incoming.students[0].entry.as_ref().expect("taken");
        assert_eq!(ada.guardians.len(), 2, "{between}");
        let says = "agentSourcedIds names 1 who are not in users.csv, p-nobody first";
        assert!(incoming.notes[0].starts_with(says), "{:?}", incoming.notes);
    }
    let incoming = with_user("p-eve,p-tom,p-nobody", "p-eve");
    let says = "No student has 1 of the contacts in users.csv, Tom Hill in row";
    assert!(incoming.notes[0].starts_with(says), "{:?}", incoming.notes);
}

#[test]
fn a_user_without_an_id_is_refused_and_nobody_leaves_by_it() {
    let plan = |from: &str, to: &str| reconcile(&Existing::default(), &with_user(from, to));
    for (from, name) in [
        ("u-ada,,,true", "Ada Reed"),
        ("p-eve,,,true", "Eve Reed"),
        ("t-1,,,true", "Ngozi Okafor"),
    ] {
        let plan = plan(from, ",,,true");
        let row = plan
            .results
            .iter()
            .find(|it| it.name == name)
            .expect("a result");
        assert_eq!(row.outcome, Outcome::Refused, "{row:?}");
        assert!(
            row.reason.starts_with("In sourcedId: it is missing"),
            "{row:?}"
        );
    }
    let mut existing = Existing::default();
    existing.students.push(ExistingStudent {
        id: StudentId(7),
        name: Name::read("Ada Reed").expect("a name"),
        records_name: None,
        form: String::new(),
        year: String::new(),
        source: None,
        classes: Vec::new(),
    });
    existing.from_source.students.insert(StudentId(7));
    let plan = reconcile(&existing, &with_user("u-ada,,,true", ",,,true"));
    assert_eq!(plan.leaving, []);
    assert_eq!(plan.kept_back, 1);
}

#[test]
fn programs_that_spell_names_otherwise_are_understood() {
    let mut files = files_1_1("bulk");
    files[0].1 = files[0]
        .1
        .replace("file.users,bulk", "File.Users,Bulk")
        .replace("oneroster.version", "OneRoster.Version");
    check_family(&incoming(&files).expect("readable"));
    let folders: Vec<(String, String)> = files_1_1("bulk")
        .into_iter()
        .map(|(name, text)| (format!("export\\{name}"), text))
        .collect();
    let folders: Vec<(&str, &str)> = folders
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    check_family(&read(&zipped(&folders), TODAY).expect("readable"));
}

#[test]
fn rows_are_named_by_the_lines_in_which_they_begin() {
    for end in ["\r\n", "\n"] {
        let mut files = files_1_1("bulk");
        files[5].1 = files[5].1.replace("\r\n", end);
        files[5].1 = files[5].1.replace(",Ada,Reed,", ",,,");
        let row = incoming(&files).expect("readable").students.remove(0);
        assert_eq!((row.line, row.entry.is_err()), (2, true), "{end:?}");
    }
}

#[test]
fn a_day_that_a_spreadsheet_changed_ends_the_reading() {
    for day in ["30/06/2026", "6/30/26", "46203"] {
        let mut files = files_1_1("bulk");
        files[4].1 = files[4].1.replace("2026-07-20", day);
        assert_eq!(
            incoming(&files),
            Err(Unreadable::OtherDay("enrollments.csv", 4, day.to_owned()))
        );
    }
    let mut files = files_1_1("bulk");
    files[4].1 = files[4].1.replace("2026-07-20", "2026-07-20T00:00:00Z");
    check_family(&incoming(&files).expect("readable"));
}

#[test]
fn a_class_that_is_in_no_file_leaves_its_students_in() {
    let mut files = files_1_1("bulk");
    files[4].1.push_str("E9,,,k9,S,u-ada,student,false,,\r\n");
    let incoming = incoming(&files).expect("readable");
    check_family(&incoming);
    let says = "enrollments.csv names 1 classes that are not in classes.csv, k9 first";
    assert!(
        incoming.notes.iter().any(|it| it.starts_with(says)),
        "{:?}",
        incoming.notes
    );
}
