//! Lists of teachers, of classes, and of students with who teaches them (DIR-1, DIR-11).

use school::import::{
    Existing, ExistingClass, ExistingTeacher, Incoming, Kind, Leaving, Outcome, Plan, StaffStep,
    Unreadable, Which, open, read, reconcile,
};
use school::{ClassId, EmailAddress, Name, StudentId, TeacherId};

fn planned(file: &str, existing: &Existing, is_whole: bool) -> Plan {
    let table = read(file.as_bytes()).expect("readable");
    reconcile(existing, &table.incoming(is_whole))
}

/// What becomes of each row.
fn told(plan: &Plan) -> Vec<(u64, Kind, &str, Outcome)> {
    let rows = plan.results.iter();
    rows.map(|it| (it.line, it.kind, it.name.as_str(), it.outcome))
        .collect()
}

/// The one row's reason.
fn reason(file: &str, existing: &Existing) -> String {
    let plan = planned(file, existing, false);
    let reasons: Vec<_> = plan
        .results
        .iter()
        .map(|it| it.reason.as_str())
        .filter(|it| !it.is_empty())
        .collect();
    let first = reasons.first();
    (*first.unwrap_or_else(|| panic!("{file}: {:?}", plan.results))).to_owned()
}

/// What is kept once the staff of a plan was taken in.
fn after(mut kept: Existing, plan: &Plan) -> Existing {
    let teachers_before = kept.teachers.len();
    let mut classes = 100 + u64::try_from(kept.classes.len()).expect("few");
    let mut teachers = 100 + u64::try_from(teachers_before).expect("few");
    let kept_by = |which| match which {
        Which::Kept(id) => id,
        Which::New(n) => TeacherId(100 + u64::try_from(teachers_before + n).expect("few")),
    };
    for step in plan.staff.clone() {
        match step {
            StaffStep::AddTeacher(new) => {
                let id = TeacherId(teachers);
                teachers += 1;
                kept.from_source.teachers.insert(id);
                kept.teachers.push(ExistingTeacher {
                    id,
                    name: new.name,
                    email: new.email,
                    source: new.source,
                });
            }
            StaffStep::ChangeTeacher { id, to, .. } => {
                let mut of = kept.teachers.iter_mut();
                let one = of.find(|it| it.id == id).expect("they are kept");
                (one.name, one.email, one.source) = (to.name, to.email, to.source);
            }
            StaffStep::AddClass {
                class,
                teachers: takers,
            } => {
                let id = ClassId(classes);
                classes += 1;
                kept.from_source.classes.insert(id);
                kept.classes.push(ExistingClass {
                    id,
                    name: class.name,
                    subject: class.subject.expect("a plan says it"),
                    teachers: takers.into_iter().map(kept_by).collect(),
                    source: class.source,
                });
            }
            StaffStep::ChangeClass {
                id,
                to,
                teachers: takers,
                ..
            } => {
                let mut of = kept.classes.iter_mut();
                let one = of.find(|it| it.id == id).expect("it is kept");
                (one.name, one.source) = (to.name, to.source);
                one.subject = to.subject.expect("a plan says it");
                one.teachers = takers.into_iter().map(kept_by).collect();
            }
        }
    }
    kept
}

fn shown(kept: &Existing) -> (Vec<String>, Vec<String>) {
    let teachers = kept.teachers.iter().map(|it| {
        let email = it.email.as_ref().map_or("-", EmailAddress::reveal);
        let id = it.source.as_deref().unwrap_or("-");
        format!("{} {email} {id}", it.name.reveal())
    });
    let name_of = |id: &TeacherId| {
        let one = kept.teachers.iter().find(|it| it.id == *id);
        one.expect("they are kept").name.reveal().to_owned()
    };
    let classes = kept.classes.iter().map(|it| {
        let takers: Vec<_> = it.teachers.iter().map(name_of).collect();
        let id = it.source.as_deref().unwrap_or("-");
        let (name, subject) = (it.name.as_str(), it.subject.as_str());
        format!("{name} ({subject}, {id}): {}", takers.join(" + "))
    });
    (teachers.collect(), classes.collect())
}

/// What a list makes of what was kept; again, it changes nothing.
fn taken(file: &str, kept: Existing) -> Existing {
    let plan = planned(file, &kept, false);
    let is_refused = |it: &&school::import::RowResult| it.outcome == Outcome::Refused;
    let refused: Vec<_> = plan.results.iter().filter(is_refused).collect();
    assert!(refused.is_empty(), "{file}: {refused:?}");
    let kept = after(kept, &plan);
    let again = planned(file, &kept, false);
    assert!(again.is_empty(), "{file}: {again:?}");
    let is_unchanged = |it: &school::import::RowResult| it.outcome == Outcome::Unchanged;
    assert!(again.results.iter().all(is_unchanged), "{again:?}");
    kept
}

const STAFF: &str = "Staff code,First name,Surname,E-mail\n\
                     NOK,Ngozi,Okafor,okafor@school.example\n\
                     JLI,Jonas,Lindqvist,lindqvist@school.example\n\
                     TBR,Tom,Brandt,\n";

const CLASSES: &str = "Class,Class ID,Subject,Teacher\n\
                       8B/Ma,0012,Mathematics,Ngozi Okafor; Mr J Lindqvist\n\
                       8B/Mu,0013,Music,Brandt\n";

fn school() -> Existing {
    taken(CLASSES, taken(STAFF, Existing::default()))
}

#[test]
fn staff_and_classes_come_in_and_a_second_time_change_nothing() {
    let plan = planned(STAFF, &Existing::default(), false);
    use Outcome::Created;
    let expected = [
        (2, Kind::Teacher, "Ngozi Okafor", Created),
        (3, Kind::Teacher, "Jonas Lindqvist", Created),
        (4, Kind::Teacher, "Tom Brandt", Created),
    ];
    assert_eq!(told(&plan), expected);
    // What each does is told whole: whom a short name means as well.
    let plan = planned(CLASSES, &taken(STAFF, Existing::default()), false);
    let does: Vec<_> = plan.results.iter().flat_map(|it| &it.does).collect();
    let first = "Adds the class 8B/Ma: Ngozi Okafor, Jonas Lindqvist";
    assert_eq!(does, [first, "Adds the class 8B/Mu: Tom Brandt"]);
    let (teachers, classes) = shown(&school());
    assert_eq!(
        teachers,
        [
            "Ngozi Okafor okafor@school.example NOK",
            "Jonas Lindqvist lindqvist@school.example JLI",
            "Tom Brandt - TBR",
        ]
    );
    assert_eq!(
        classes,
        [
            "8B/Ma (Mathematics, 0012): Ngozi Okafor + Jonas Lindqvist",
            "8B/Mu (Music, 0013): Tom Brandt",
        ]
    );
}

#[test]
fn lists_of_the_great_systems_are_known() {
    for header in [
        "Staff Code,Forename,Surname,Email Address",
        "Staff ID,First name,Last name,Work email",
        "Employee number,Legal forename,Legal surname,E-mail",
        "Teacher Number,First_Name,Last_Name,Email_Addr",
        "Initials,Given name,Family name,Work email",
        "Teacher ID;Teacher first name;Teacher last name;Teacher email",
    ] {
        let file = format!("{header}\nNOK,Ngozi,Okafor,okafor@school.example\n");
        let file = if header.contains(';') {
            file.replace(',', ";")
        } else {
            file
        };
        let (teachers, _) = shown(&taken(&file, Existing::default()));
        let one = "Ngozi Okafor okafor@school.example NOK";
        assert_eq!(teachers, [one], "{header}");
    }
    for header in [
        "Name,Staff ID,E-mail",
        "Staff,Staff code,Email",
        "Teacher name,ID,Mail",
    ] {
        let file = format!("Staff\n\n{header}\n\"Okafor, Ngozi\",NOK,okafor@school.example\n");
        let (teachers, _) = shown(&taken(&file, Existing::default()));
        assert_eq!(
            teachers,
            ["Okafor, Ngozi okafor@school.example NOK"],
            "{header}"
        );
    }
    for header in [
        "Class,Class ID,Subject,Teacher,Teacher e-mail",
        "Teaching group,Teaching group ID,Course,Lead teacher,Staff email",
        "Set name,Set code,Subject name,Class teacher,Work email",
        "Name,Code,Course name,Main Teacher,Teacher's email",
        "Course name,Section ID,Subject,Teacher name,Email",
    ] {
        let file = format!("{header}\n8B/Ma,12,Maths,Ngozi Okafor,okafor@school.example\n");
        let (teachers, classes) = shown(&taken(&file, Existing::default()));
        assert_eq!(
            teachers,
            ["Ngozi Okafor okafor@school.example -"],
            "{header}"
        );
        assert_eq!(classes, ["8B/Ma (Maths, 12): Ngozi Okafor"], "{header}");
    }
    // Of a class that has a code alone, that is its name.
    let file = "Class code,Subject,Staff code,Forename,Surname\n8B/Ma1,Maths,NOK,Ngozi,Okafor\n";
    let (_, classes) = shown(&taken(file, Existing::default()));
    assert_eq!(classes, ["8B/Ma1 (Maths, -): Ngozi Okafor"]);
    // Who stands beside students as a tutor, without a class, is not read.
    let table = read(b"Pupil,Reg group,Teacher\nAda Reed,8B,Ms Okafor\n").expect("readable");
    assert_eq!(table.unused, ["Teacher"]);
}

#[test]
fn a_row_may_be_of_a_class_of_a_teacher_or_of_both() {
    let joint = ["8B/Ma (Maths, -): Ngozi Okafor + Jonas Lindqvist"];
    for rows in [
        "Class,Subject,Teacher\n8B/Ma,Maths,Ms Okafor\n8B/Ma,Maths,Jonas Lindqvist\n",
        "Class,Subject,Teacher 1,Teacher 2\n8B/Ma,Maths,Okafor,Lindqvist\n",
        "Class,Subject,Teacher,Co-teacher\n8B/Ma,Maths,Okafor,Lindqvist\n",
        "Class,Subject,Staff codes\n8B/Ma,Maths,NOK; JLI\n",
        "Class,Subject,Teacher,Teacher id\n8B/Ma,Maths,N Okafor & J Lindqvist,nok/jli\n",
        "Class,Subject,Teacher e-mail\n8b/ma,Maths,\"OKAFOR@school.example, lindqvist@school.example\"\n",
    ] {
        let (_, classes) = shown(&taken(rows, taken(STAFF, Existing::default())));
        assert_eq!(
            classes.join("").to_lowercase(),
            joint[0].to_lowercase(),
            "{rows}"
        );
    }
    let (_, classes) = shown(&taken(
        "Teacher,Classes\nOkafor,8B/Ma;9C/Ma\nBrandt,8B/Mu\n",
        taken(STAFF, Existing::default()),
    ));
    let expected = [
        "8B/Ma (8B/Ma, -): Ngozi Okafor",
        "9C/Ma (9C/Ma, -): Ngozi Okafor",
        "8B/Mu (8B/Mu, -): Tom Brandt",
    ];
    assert_eq!(classes, expected);
}

#[test]
fn who_is_meant_is_sure_or_refused() {
    let mut kept = school();
    for (file, because) in [
        (
            "Class,Teacher\n8B/Fr,Ms Hall\n",
            "no teacher named \"Ms Hall\"",
        ),
        (
            "Class,Teacher,Staff ID\n8B/Fr,Ngozi Okafor,JLI\n",
            "JLI is the id of Jonas Lindqvist",
        ),
        (
            "Class,Teacher,Teacher e-mail\n8B/Fr,Ngozi Okafor,other@school.example\n",
            "Ngozi Okafor has another address here",
        ),
        (
            "Class,Teacher,Staff ID\n8B/Fr,Ngozi Okafor,NO2\n",
            "Ngozi Okafor has the id NOK here",
        ),
        (
            "Class,Teacher,Teacher e-mail\n8B/Fr,T Brandt,brandt@school.example\n",
            "this may be Tom Brandt",
        ),
        ("Class,Staff ID\n8B/Fr,XXX\n", "no teacher with the id XXX"),
        ("Class,Teacher\n8B/Fr,\n", "It has no teacher"),
        (
            "Class,Teacher 1,Teacher 2,Teacher 3,Teacher 4\n8B/Fr,Okafor,Lindqvist,Brandt,\n\
             8B/Fr,,,,Ada Hall\n",
            "no teacher named \"Ada Hall\"",
        ),
        (
            "Class,Teacher,Teacher e-mail\n8B/Fr,Okafor; Brandt; Lindqvist; Ada Hall,a@x.example\n",
            "In teacher e-mail: there are 1 here, for 4 teachers",
        ),
        ("Class,Teacher\n,Okafor\n", "names no class"),
        (
            "Class,Teacher\n8B/Fr,Okafor; Brandt; Lindqvist; Okafor; Jo Hall\n",
            "no teacher named \"Jo Hall\"",
        ),
    ] {
        let why = reason(file, &kept);
        assert!(why.contains(because), "{file}: {why}");
        assert!(planned(file, &kept, false).staff.is_empty(), "{file}");
    }
    let four = "Class,Teacher,Staff ID\n8B/Fr,Okafor,\n8B/Fr,Brandt,\n8B/Fr,Lindqvist,\n8B/Fr,Jo Hall,JHA\n";
    let why = reason(four, &kept);
    assert!(why.contains("It has 4 teachers"), "{why}");
    // Two Okafors: the surname alone is nobody's.
    kept.teachers.push(ExistingTeacher {
        id: TeacherId(50),
        name: Name::read("Ada Okafor").expect("a name"),
        email: None,
        source: None,
    });
    let why = reason("Class,Teacher\n8B/Fr,Ms Okafor\n", &kept);
    assert!(why.contains("several teachers may be meant"), "{why}");
    let (_, classes) = shown(&taken("Class,Teacher\n8B/Fr,A Okafor\n", kept));
    assert_eq!(
        classes.last().map(String::as_str),
        Some("8B/Fr (8B/Fr, -): Ada Okafor")
    );
}

/// The school with three who were entered by hand.
fn school_with_others() -> Existing {
    let mut kept = school();
    for (id, who, at) in [
        (50, "James Okoro", None),
        (51, "Mr Sam Vega", None),
        (52, "Ann Stone", Some("office@school.example")),
    ] {
        kept.teachers.push(ExistingTeacher {
            id: TeacherId(id),
            name: Name::read(who).expect("a name"),
            email: at.map(|it| EmailAddress::read(it).expect("an address")),
            source: None,
        });
    }
    kept
}

#[test]
fn nobody_is_taken_for_somebody_else() {
    let kept = school_with_others();
    for (file, because) in [
        (
            "Class,Teacher\n8B/Fr,Mr James\n",
            "no teacher named \"Mr James\"",
        ),
        (
            "Class,Teacher\n8B/Fr,Mrs Vega\n",
            "no teacher named \"Mrs Vega\"",
        ),
        (
            "Class,Teacher,Teacher e-mail\n8B/Fr,Tom Brandt,office@school.example\n",
            "this is the address of Ann Stone here",
        ),
        (
            "Class,Teacher\n8B/Fr,\"Ngozi Okafor, Ben Jones\"\n",
            "no teacher named \"Ben Jones\"",
        ),
        (
            "Class,Teacher\n8B/Fr,Ngozi Okafor and Ben Jones\n",
            "no teacher named \"Ben Jones\"",
        ),
        (
            "Staff code,Teacher,E-mail\nTBR,Theo Brook,brook@school.example\n",
            "TBR is the id of Tom Brandt here",
        ),
        (
            "Staff code,Teacher,E-mail\nT-1,Kim Hall,office@school.example\n",
            "this is the address of Ann Stone here",
        ),
    ] {
        let why = reason(file, &kept);
        assert!(why.contains(because), "{file}: {why}");
        assert!(planned(file, &kept, false).staff.is_empty(), "{file}");
    }
}

#[test]
fn a_code_stands_where_a_name_does_and_who_marries_is_who_they_were() {
    let kept = school_with_others();
    let kept = taken(
        "Class,Teacher\n8B/Fr,NOK\n8B/Ar,James Okoro and Sam Vega\n",
        kept,
    );
    let kept = taken(
        "Staff code,Teacher,E-mail\nJLI,Jonas Berg,lindqvist@school.example\n",
        kept,
    );
    let (teachers, classes) = shown(&kept);
    assert!(
        teachers.iter().any(|it| it.starts_with("Jonas Berg")),
        "{teachers:?}"
    );
    assert!(
        classes.contains(&"8B/Fr (8B/Fr, -): Ngozi Okafor".to_owned()),
        "{classes:?}"
    );
    assert!(
        classes.contains(&"8B/Ar (8B/Ar, -): James Okoro + Mr Sam Vega".to_owned()),
        "{classes:?}"
    );
    // The same two in another order are no change of whom anybody sees.
    let turned =
        "Class,Class ID,Subject,Teacher\n8B/Ma,0012,Mathematics,Jonas Berg; Ngozi Okafor\n";
    assert!(planned(turned, &kept, false).is_empty());
}

#[test]
fn a_list_of_classes_brings_teachers_whom_it_tells_apart_and_renames_nobody() {
    let (teachers, classes) = shown(&taken(
        "Class,Teacher,Teacher e-mail,Teacher 2,Teacher 2 ID\n\
         8B/Ma,Ms Okafor,okafor@school.example,Jo Hall,JHA\n\
         9C/Ma,Ms Okafor,okafor@school.example,,\n",
        Existing::default(),
    ));
    assert_eq!(
        teachers,
        ["Ms Okafor okafor@school.example -", "Jo Hall - JHA"]
    );
    let expected = [
        "8B/Ma (8B/Ma, -): Ms Okafor + Jo Hall",
        "9C/Ma (9C/Ma, -): Ms Okafor",
    ];
    assert_eq!(classes, expected);
    // Whoever is known keeps their name, and gets the id or address that was missing.
    let file = "Class,Teacher,Staff ID,Work e-mail\n8B/Mu,Mr T Brandt,TBR,brandt@school.example\n";
    let (teachers, _) = shown(&taken(file, school()));
    assert_eq!(teachers[2], "Tom Brandt brandt@school.example TBR");
}

#[test]
fn what_a_spreadsheet_does_is_known_or_refused() {
    // Zeros that were lost, another case, other spaces, and a name in capitals change nothing.
    let file = "class;class id;subject;teacher\n8b/ma;12;Mathematics;OKAFOR NGOZI;\n\
                8b/ma;=\"0012\";;Jonas Lindqvist\n8B/Mu;0013;Music;Brandt\n";
    let plan = planned(&file.replace("NGOZI;", "NGOZI"), &school(), true);
    let changes: Vec<_> = plan.results.iter().flat_map(|it| &it.does).collect();
    assert_eq!(changes, ["Renames 8B/Ma to 8b/ma"], "{:?}", plan.results);
    let quiet = "Staff code,Name,E-mail\nnok,OKAFOR Ngozi,Okafor@school.example\n\
                 JLI,JONAS LINDQVIST,\nTBR,Tom  Brandt,\n";
    let plan = planned(quiet, &school(), true);
    assert!(plan.is_empty(), "{:?}", plan.results);
    for (file, because) in [
        (
            "Staff ID,Name\n1.23E+11,Ada Hall\n",
            "In teacher id: a spreadsheet has made",
        ),
        (
            "Staff ID,Name\n#REF!,Ada Hall\n",
            "In teacher id: the spreadsheet shows",
        ),
        (
            "Staff ID,Name\nA1,Zo? Hall\n",
            "In teacher: letters were lost",
        ),
        (
            "Staff ID,Name,E-mail\nA1,Zoe Hall,zoe at school\n",
            "In teacher e-mail",
        ),
        ("Staff ID,Name\nA1,\n", "In teacher: Enter a name"),
        (
            "Class,Teacher\n03-Apr,Okafor\n",
            "In classes: a spreadsheet has made",
        ),
        (
            "Class,Class ID,Teacher\n8B/Fr,1.2E+11,Okafor\n",
            "In class id: a spreadsheet",
        ),
        ("Class,Teacher\n8B/Fr,Okafor,Brandt\n", "3 cells"),
    ] {
        let why = reason(file, &school());
        assert!(why.contains(because), "{file}: {why}");
    }
    let unreadable = |file: &str| read(file.as_bytes()).expect_err("it says too little");
    assert_eq!(
        unreadable("Staff code,E-mail\nNOK,a@x.example\n"),
        Unreadable::MissingColumn("teacher".to_owned())
    );
    assert_eq!(
        unreadable("Teacher,Second teacher\nA B,C D\n"),
        Unreadable::MissingColumn("classes".to_owned())
    );
}

#[test]
fn what_rows_say_twice_is_one_and_what_contradicts_itself_is_refused() {
    let twice = format!("{STAFF}NOK,Ngozi,Okafor,okafor@school.example\n");
    assert_eq!(
        planned(&twice, &Existing::default(), false).results.len(),
        3
    );
    for (file, because) in [
        (
            "Staff ID,Name\n12,Ada Hall\n0012,Ben Hall\n",
            "Ada Hall in row 2, Ben Hall in row 3",
        ),
        (
            "Name,Work e-mail\nAda Hall,h@x.example\nBen Hall,H@x.example\n",
            "In teacher e-mail",
        ),
    ] {
        let plan = planned(file, &Existing::default(), false);
        assert!(plan.is_empty());
        for row in &plan.results {
            assert!(row.reason.contains(because), "{file}: {}", row.reason);
        }
    }
    for (file, because) in [
        (
            "Class,Class ID,Teacher\n8B/Fr,7,Okafor\n8C/Fr,07,Brandt\n",
            "stands for two classes, 8B/Fr in row 2 and 8C/Fr in row 3",
        ),
        (
            "Class,Subject,Teacher\n8B/Fr,French,Okafor\n8B/Fr,German,Brandt\n",
            "row 2 \"French\", row 3 \"German\"",
        ),
        // Without its second row a class would lose a teacher, whichever comes first.
        (
            "Class,Teacher,Work e-mail\n8B/Fr,Okafor,\n8B/Fr,Brandt,at x\n",
            "Row 3 of this class",
        ),
        (
            "Class,Teacher,Work e-mail\n8B/Fr,Brandt,at x\n8B/Fr,Okafor,\n",
            "Row 2 of this class",
        ),
    ] {
        let plan = planned(file, &school(), false);
        assert!(plan.staff.is_empty(), "{file}: {:?}", plan.staff);
        let is_told = plan.results.iter().any(|it| it.reason.contains(because));
        assert!(is_told, "{file}: {:?}", plan.results);
    }
    // Classes of one name are told apart by their ids.
    let file = "Course,Section ID,Teacher\nAlgebra I,101,Okafor\nAlgebra I,102,Brandt\n";
    let (_, classes) = shown(&taken(file, taken(STAFF, Existing::default())));
    let expected = [
        "Algebra I (101) (Algebra I (101), 101): Ngozi Okafor",
        "Algebra I (102) (Algebra I (102), 102): Tom Brandt",
    ];
    assert_eq!(classes, expected);
}

#[test]
fn nobody_is_doubled_by_another_systems_ids() {
    let kept = school();
    for file in [
        "Staff ID,Name,E-mail\nT-1,Ngozi Okafor,okafor@school.example\n",
        "Staff ID,Name\nT-3,Tom Brandt\n",
        "Class,Class ID,Teacher\n8B/Ma,K-1,Okafor\n",
    ] {
        let plan = planned(file, &kept, false);
        assert!(plan.is_empty(), "{file}: {:?}", plan.staff);
        let why = &plan.results[0].reason;
        assert!(
            why.contains("the id NOK here")
                || why.contains("the id TBR here")
                || why.contains("with the id 0012 here"),
            "{file}: {why}"
        );
    }
    // Whom the list names by their own id too is somebody else.
    let both = format!("{STAFF}T-3,Tom,Brandt,tom@school.example\n");
    assert_eq!(shown(&taken(&both, kept.clone())).0.len(), 4);
    // Without ids, by address first, then by name; whoever moved to another address is no stranger.
    let file =
        "Teacher,E-mail\nTom Brandt,brandt@school.example\nNgozi Okafor,okafor@school.example\n";
    let (teachers, _) = shown(&taken(file, kept));
    assert_eq!(teachers.len(), 3);
    assert_eq!(teachers[2], "Tom Brandt brandt@school.example TBR");
    let namesakes = "Name,Work e-mail\nJo Hall,jo.b@x.example\nJo Hall,jo.a@x.example\n";
    let first = taken(
        "Name,Work e-mail\nJo Hall,jo.a@x.example\n",
        Existing::default(),
    );
    let (teachers, _) = shown(&taken(namesakes, first));
    assert_eq!(
        teachers,
        ["Jo Hall jo.a@x.example -", "Jo Hall jo.b@x.example -"]
    );
    let renamed = "Name,Work e-mail\nAda Stone,jo.a@x.example\n";
    let kept = taken(
        "Name,Work e-mail\nJo Hall,jo.a@x.example\n",
        Existing::default(),
    );
    let why = reason(renamed, &kept);
    assert!(why.contains("the address of Jo Hall here"), "{why}");
    // Whoever has another's address by another id and name comes after them.
    let before = taken(
        "Staff ID,Name,E-mail\nA1,Ms Hall,head@x.example\n",
        Existing::default(),
    );
    let after = "Staff ID,Name,E-mail\nA2,Ms Stone,head@x.example\n";
    assert_eq!(shown(&taken(after, before)).0.len(), 2);
}

#[test]
fn nobody_is_taken_for_another() {
    // Initials and codes are given again, and so are addresses of a post.
    let hall = "Staff code,Name,E-mail\nNOK,Ngozi Okafor,head@x.example\n";
    let kept = || taken(hall, Existing::default());
    for (file, because) in [
        (
            "Staff code,Name,E-mail\nNOK,Nick Oakley,oakley@x.example\n",
            "NOK is the id of Ngozi Okafor",
        ),
        (
            "Name,Work e-mail\nNick Oakley,head@x.example\n",
            "the address of Ngozi Okafor here",
        ),
        (
            "Class,Teacher,Staff ID\n8B,Nick Oakley,NOK\n",
            "NOK is the id of Ngozi Okafor",
        ),
        (
            "Class,Teacher,Teacher e-mail\n8B,Nick Oakley,head@x.example\n",
            "the address of Ngozi Okafor here",
        ),
        (
            "Class,Teacher\n8B,Mr Brandt\n",
            "no teacher named \"Mr Brandt\"",
        ),
    ] {
        let mut kept = kept();
        kept.teachers.push(by_hand(50, "Ms Brandt", None));
        let plan = planned(file, &kept, false);
        assert!(plan.is_empty(), "{file}: {:?}", plan.staff);
        let why = reason(file, &kept);
        assert!(why.contains(because), "{file}: {why}");
    }
    // Somebody who was entered without an id is not whoever has their address now.
    let mut typed = Existing::default();
    typed
        .teachers
        .push(by_hand(50, "Ms Hall", Some("head@x.example")));
    let successor = "Staff ID,Name,E-mail\nA2,Ms Stone,head@x.example\n";
    assert!(reason(successor, &typed).contains("the address of Ms Hall here"));
    // Of two of one name, none is surely the one who was typed.
    typed
        .teachers
        .push(by_hand(51, "John Smith", Some("old@x.example")));
    let two = "Staff ID,Name,E-mail\nA5,John Smith,a@x.example\nA6,John Smith,b@x.example\n";
    let plan = planned(two, &typed, false);
    assert!(plan.is_empty(), "{:?}", plan.staff);
    // A name alone brings nobody back whose address may be a stranger's by now.
    let mut left = taken(
        "Name,Work e-mail\nJo Hall,jo@x.example\n",
        Existing::default(),
    );
    let id = left.teachers[0].id;
    left.gone.insert(school::deed::Person::Teacher(id));
    assert_eq!(planned("Teacher,E-mail\nJo Hall,\n", &left, false).back, []);
}

fn by_hand(id: u64, name: &str, email: Option<&str>) -> ExistingTeacher {
    ExistingTeacher {
        id: TeacherId(id),
        name: Name::read(name).expect("a name"),
        email: email.map(|it| EmailAddress::read(it).expect("an address")),
        source: None,
    }
}

#[test]
fn a_whole_list_says_who_is_gone_of_what_it_lists() {
    let mut kept = school();
    let by_hand = |id| ExistingTeacher {
        id: TeacherId(id),
        name: Name::read("Entered Byhand").expect("a name"),
        email: None,
        source: None,
    };
    kept.teachers.push(by_hand(50));
    let says = |plan: &Plan| plan.leaving.iter().map(Leaving::says).collect::<Vec<_>>();
    let without = |list: &str, who: &str| {
        let rows = list.lines().filter(|it| !it.contains(who));
        rows.map(|it| format!("{it}\n")).collect::<String>()
    };
    let fewer = without(STAFF, "Brandt");
    assert!(planned(&fewer, &kept, false).leaving.is_empty());
    let plan = planned(&fewer, &kept, true);
    assert_eq!(says(&plan), ["Tom Brandt has left"]);
    assert!(plan.asks_first(), "one of three teachers");
    let fewer = without(CLASSES, "8B/Mu");
    let plan = planned(&fewer, &kept, true);
    assert_eq!(says(&plan), ["8B/Mu is no longer taught"]);
    assert!(plan.asks_first(), "one of two classes");
    // While a row is refused, it may be theirs.
    for refused in [
        "Class,Teacher\n8B/Ma,Okafor\n8B/Mu,Nobody Else\n",
        "Class,Teacher\n8B/Ma,Okafor\n03-Apr,Okafor\n",
    ] {
        assert!(
            planned(refused, &kept, true).leaving.is_empty(),
            "{refused}"
        );
    }
    let refused = "Staff code,First name,Surname\nNOK,Ngozi,Okafor\nJLI,Jonas,Lindqvist\nXX,,\n";
    assert!(planned(refused, &kept, true).leaving.is_empty());
    // Whoever has left is back by the same list, with an id, an address or their name alone.
    let lists = [
        "Staff ID,Name\nA1,Jo Hall\n",
        "Name,Work e-mail\nJo Hall,jo@x.example\n",
        "Teacher,E-mail\nJo Hall,\n",
    ];
    for list in lists {
        let mut left = taken(list, Existing::default());
        let id = left.teachers[0].id;
        left.gone.insert(school::deed::Person::Teacher(id));
        let plan = planned(list, &left, false);
        assert_eq!(plan.back, [school::deed::Person::Teacher(id)], "{list}");
        assert_eq!(plan.results[0].does, ["Jo Hall is back"], "{list}");
    }
    // A list of every student says nothing of either.
    let students = "Student,Class,Teacher\nAda Reed,8B/Ma,Ngozi Okafor; Jonas Lindqvist\n";
    assert!(planned(students, &kept, true).leaving.is_empty());
}

#[test]
fn an_empty_list_among_longer_ones_asks_first() {
    let mut kept = taken("Class,Teacher\n9A/Fr,NOK\n9B/Fr,NOK\n9C/Fr,TBR\n", school());
    kept.from_source.students.extend((1..=100).map(StudentId));
    let whole = |lists: &[&str]| {
        let mut all = Incoming::default();
        for list in lists {
            all.join(read(list.as_bytes()).expect("readable").incoming(true));
        }
        reconcile(&kept, &all)
    };
    let students = "Student,Homeroom\nAda Reed,8B\n";
    let teachers = whole(&["Staff code,First name,Surname,E-mail\n", students]);
    assert_eq!(teachers.going, (3, 3));
    assert!(teachers.asks_first());
    let classes = whole(&["Class,Teacher\n", students, STAFF]);
    assert_eq!(classes.going, (5, 5));
    assert!(classes.asks_first());
    // In a new year all classes are others, and nothing is strange about it.
    let year = "Class,Teacher\n10A,NOK\n10B,NOK\n10C,TBR\n10D,TBR\n10E,JLI\n";
    let year = whole(&[year, students, STAFF]);
    assert_eq!(year.leaving.len(), 5, "{:?}", year.leaving);
    assert!(!year.asks_first());
    assert!(!whole(&[STAFF, students]).asks_first());
}

#[test]
fn a_list_of_students_says_who_takes_the_class_of_a_row() {
    let file = "Student ID,Student,Class,Class ID,Subject,Teacher,Teacher e-mail,Guardian,E-mail\n\
                1,Ada Reed,8B/Ma,12,Maths,Ms Okafor,okafor@school.example,Eve Reed,eve@x.example\n\
                1,Ada Reed,8B/Mu,13,Music,Tom Brandt,brandt@school.example,Eve Reed,eve@x.example\n\
                2,Leo Reed,8B/Ma,12,Maths,Ms Okafor,okafor@school.example,Eve Reed,eve@x.example\n";
    let plan = planned(file, &Existing::default(), true);
    let staff: Vec<_> = told(&plan)
        .into_iter()
        .map(|it| (it.0, it.1, it.2))
        .collect();
    let expected = [
        (2, Kind::Teacher, "Ms Okafor"),
        (3, Kind::Teacher, "Tom Brandt"),
        (2, Kind::Class, "8B/Ma"),
        (3, Kind::Class, "8B/Mu"),
        (2, Kind::Student, "Ada Reed"),
        (3, Kind::Student, "Ada Reed"),
        (4, Kind::Student, "Leo Reed"),
    ];
    assert_eq!(staff, expected);
    let places = plan.steps.iter();
    let places = places.filter(|it| matches!(it, school::import::Step::Place { .. }));
    assert_eq!(places.count(), 3);
    assert!(
        planned(file, &after(Existing::default(), &plan), true)
            .staff
            .is_empty()
    );
    // What the row does not say is not guessed.
    let several =
        "Student,Classes,Teacher\nAda Reed,8B/Ma;8B/Mu,Ngozi Okafor\nLeo Reed,8B/Ma;8B/Mu,\n";
    let plan = planned(several, &school(), false);
    assert!(
        plan.results[0]
            .reason
            .contains("In teacher: this row names a teacher and 2 classes")
    );
    assert_eq!(plan.results[1].outcome, Outcome::Created);
    let two = "Student,Class,Teacher\nAda Reed,8B/Ma,Ngozi Okafor\nLeo Reed,8B/Ma,Tom Brandt\n";
    let plan = planned(two, &school(), false);
    assert!(
        plan.results[0]
            .reason
            .contains("who takes 8B/Ma (row 2, row 3)"),
        "{:?}",
        plan.results
    );
    assert!(plan.staff.is_empty());
}

#[test]
fn columns_are_chosen_where_they_are_not_known() {
    let file = open(b"Who,Kuerzel,Post\nNgozi Okafor,NOK,okafor@school.example\n").expect("cells");
    let code = |it: &&str| school::import::Column::of_code(it);
    let choice = |codes: &[&str]| school::import::Choice {
        columns: codes.iter().map(code).collect(),
        has_headings: true,
    };
    assert!(file.table(None).is_err_and(|it| it.is_about_columns()));
    let chosen = choice(&["teacher_1_name", "teacher_1_id", "teacher_1_email"]);
    let table = file.table(Some(&chosen)).expect("it is said");
    let one = table.teachers[0].entry.as_ref().expect("a teacher");
    assert_eq!(one.source.as_deref(), Some("NOK"));
    let classes = choice(&["teacher_1_name", "classes", ""]);
    let table = file.table(Some(&classes)).expect("it is said");
    assert_eq!((table.classes.len(), table.named_teachers.len()), (1, 1));
    for codes in [
        ["", "teacher_1_id", ""],
        ["student", "teacher_1_name", ""],
        ["", "classes", ""],
    ] {
        let why = file.table(Some(&choice(&codes))).expect_err("too little");
        assert!(why.is_about_columns(), "{why}");
    }
}

#[test]
fn lists_of_one_source_are_taken_together() {
    let students = "Student,Class,Teacher\nAda Reed,8B/Ma,Tom Brandt\nAda Reed,9C/La,Brandt\n";
    let lists =
        [STAFF, CLASSES, students].map(|it| read(it.as_bytes()).expect("readable").incoming(true));
    let mut all = Incoming::default();
    lists.into_iter().for_each(|it| all.join(it));
    assert!(all.names_all.students && all.names_all.teachers && all.names_all.classes);
    let plan = reconcile(&Existing::default(), &all);
    let is_refused = |it: &school::import::RowResult| it.outcome == Outcome::Refused;
    assert!(!plan.results.iter().any(is_refused), "{:?}", plan.results);
    let (_, classes) = shown(&after(Existing::default(), &plan));
    let expected = [
        "8B/Ma (Mathematics, 0012): Ngozi Okafor + Jonas Lindqvist",
        "8B/Mu (Music, 0013): Tom Brandt",
        "9C/La (9C/La, -): Tom Brandt",
    ];
    assert_eq!(classes, expected, "the list of classes counts");
}

#[test]
fn incoming_of_a_list_says_what_it_names_all_of() {
    let of = |file: &str| {
        let whole = read(file.as_bytes()).expect("readable").incoming(true);
        let all = whole.names_all;
        [
            all.students,
            all.teachers,
            all.classes,
            whole.rows_are_whole,
        ]
    };
    assert_eq!(of(STAFF), [false, true, false, false]);
    assert_eq!(of(CLASSES), [false, false, true, false]);
    assert_eq!(of("student\nAda\n"), [true, false, false, true]);
    assert_eq!(
        read(STAFF.as_bytes())
            .expect("readable")
            .incoming(false)
            .names_all,
        Incoming::default().names_all
    );
}
