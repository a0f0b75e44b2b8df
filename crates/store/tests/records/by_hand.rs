//! What the office does by hand beside what imports bring.

use jiff::SignedDuration;
use school::import::{self, Incoming, Leaving, Outcome};
use school::{ClassId, ContactId, Refusal, StudentId};
use store::{Doing, Guardian, Imported, NewClass, NewStudent, Store, Student, Then};

use crate::places::on_both;
use crate::world::{OFFICE, World, email, label, later, name, refused};

on_both!(
    what_the_office_saves_again_is_still_the_sources,
    an_order_does_not_wait_until_so_many_may_leave,
    what_the_office_took_back_stays_so,
    what_the_office_corrects_stays_until_the_source_says_another,
    what_the_office_takes_out_stays_out_until_the_source_says_another,
    a_class_that_the_office_removed_stays_so,
    a_class_keeps_the_teachers_whom_the_office_gave_it,
    who_is_still_here_stays_until_they_are_named_again,
    a_teacher_who_was_taken_back_stays_until_they_are_named_again,
    a_teacher_whom_the_office_erased_stays_so,
    no_order_names_whoever_was_erased,
    an_order_that_was_dismissed_stays_so_while_it_is_said_as_it_was,
    whoever_was_erased_stays_so,
    what_was_taken_back_of_one_record_holds_for_one_person,
    what_one_record_is_by_the_other_ends_where_they_are_parted,
    whoever_stays_does_so_as_one_person,
    an_order_is_on_a_family_that_a_source_ends,
    an_order_is_on_a_family_that_the_office_ends,
);

pub(crate) const FILE: &str = "student id,student,form,classes,guardian,email,relationship\n\
                    S1,Ada Hill,7A,8B French;8B Maths,Eve Hill,eve@home.example,Mother\n\
                    S2,Leo Hill,9C,8B French,Eve Hill,eve@home.example,Mother\n\
                    S3,Max Ott,9C,8B French,Jo Ott,jo@home.example,Father\n";

fn whole(file: &str) -> Incoming {
    Incoming::all(import::read(file.as_bytes()).expect("readable").rows)
}

pub(crate) async fn import(store: &Store, file: &str, days: i64) -> Imported {
    let now = later(0) + SignedDuration::from_hours(24 * days);
    let doing = (Doing::AllTheSame, Then::Nothing);
    let done = store.import(whole(file), doing, OFFICE, now).await;
    done.expect("done")
}

pub(crate) async fn student(store: &Store, who: &str) -> Student {
    let page = store.students(who, None, 9).await.expect("read");
    page.students.into_iter().next().expect("they are here")
}

/// What has ended, in words.
pub(crate) fn says(done: &Imported) -> Vec<String> {
    done.leaving.iter().map(Leaving::says).collect()
}

pub(crate) async fn fill(store: &Store, class: ClassId, change: impl FnOnce(&mut Vec<StudentId>)) {
    let classes = store.classes().await.expect("read").into_iter();
    let class = classes.into_iter().find(|it| it.id == class);
    let class = class.expect("it is there");
    let mut students = class.students;
    change(&mut students);
    let about = NewClass {
        name: class.name,
        subject: label("French"),
        teachers: class.teachers,
        students: Some(students),
    };
    let changed = store.change_class(class.id, &about, OFFICE, later(1));
    changed.await.expect("changed");
}

async fn what_the_office_saves_again_is_still_the_sources(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    import(store, FILE, 0).await;
    let (ada, leo) = (student(store, "ada").await, student(store, "leo").await);
    // A mobile number, a homeroom and a subject are corrected; a class is filled up by hand.
    let eve = ada.contacts[0].id;
    let mut about = store.contact(eve).await.expect("here").about;
    about.mobile = school::Mobile::read("07700 900123", &school::Countries::default()).ok();
    let saved = store.change_contact(eve, &about, OFFICE, later(1)).await;
    saved.expect("saved");
    for one in [&ada, &leo] {
        let mut about = one.about.clone();
        about.form = "8B".to_owned();
        let saved = store.change_student(one.id, &about, OFFICE, later(1)).await;
        saved.expect("saved");
    }
    fill(store, world.maths, |it| it.push(leo.id)).await;
    fill(store, world.french, |_same| {}).await;

    let fewer = FILE
        .replace(
            "S1,Ada Hill,7A,8B French;8B Maths,Eve Hill,eve@home.example,Mother\n",
            "S1,Ada Hill,7A,8B Maths,,,\n",
        )
        .replace("S3,Max Ott,9C,8B French", "S3,Max Ott,9C,8B Maths");
    let mut ended = says(&import(store, &fewer, 1).await);
    ended.sort();
    assert_eq!(
        ended,
        [
            "Ada Hill is no longer in 8B French",
            "Eve Hill is no longer a guardian of Ada Hill",
            "Max Ott is no longer in 8B French",
        ]
    );
    assert!(student(store, "ada").await.contacts.is_empty());
    assert_eq!(
        student(store, "leo").await.about.classes,
        Some(vec![world.french, world.maths]),
        "what was added by hand stays"
    );
}

/// Ten families, the first of which a system says a court order of, and whom it cannot name.
pub(crate) fn said(without: usize) -> Incoming {
    let mut file = "student id,student,guardian,email\n".to_owned();
    for n in without..10 {
        let name = [
            "Ada", "Ben", "Cal", "Dee", "Eli", "Fay", "Gus", "Hal", "Ivy", "Jon",
        ][n];
        file.push_str(&format!(
            "S{n},{name} Reed,Mother {name} Reed,{name}@x.example\n"
        ));
    }
    let order = |name: &str, source: &str| import::ListedOrder {
        line: 1,
        name: name.to_owned(),
        source: Some(source.to_owned()),
        guardian: None,
        student: "Ada Reed".to_owned(),
        student_ids: vec!["S0".to_owned()],
    };
    let mut incoming = whole(&file);
    for (row, n) in incoming.students.iter_mut().zip(without..) {
        let entry = row.entry.as_mut().expect("taken");
        entry.guardians[0].source = Some(format!("C{n}"));
    }
    incoming.orders = Some(vec![
        order("Mother Jon Reed", "C9"),
        order("Tom Reed", "C77"),
    ]);
    incoming
}

async fn an_order_does_not_wait_until_so_many_may_leave(store: Store) {
    let doing = (Doing::Surely, Then::Nothing);
    let import = async |incoming: Incoming| {
        let done = store.import(incoming, doing, OFFICE, later(0)).await;
        done.expect("done")
    };
    let first = Incoming {
        orders: None,
        ..said(0)
    };
    assert!(import(first).await.is_done);
    let waits = import(said(4)).await;
    assert!(waits.asks_first && !waits.is_done);
    assert_eq!(waits.unentered.len(), 1);
    let mother = student(&store, "jon").await.contacts[0].id;
    let contact = store.contact(mother).await.expect("here");
    assert!(contact.court_order_at.is_some());
    assert!(student(&store, "ada").await.gone_at.is_none());
    // What could not be entered waits for the office until a system no longer says it.
    let names = async || {
        let orders = store.unentered_orders().await.expect("read");
        let attention = store.attention(later(0)).await.expect("read");
        assert_eq!(
            attention.to_decide,
            i64::try_from(orders.len()).expect("few")
        );
        orders.into_iter().map(|it| it.name).collect::<Vec<_>>()
    };
    assert_eq!(names().await, ["Tom Reed"]);
    assert!(import(said(0)).await.is_done);
    assert_eq!(names().await, ["Tom Reed"]);
    let list = Incoming {
        orders: None,
        ..said(0)
    };
    import(list).await;
    assert_eq!(names().await, ["Tom Reed"], "a list knows of none");
    let none = Incoming {
        orders: Some(vec![]),
        ..said(0)
    };
    import(none).await;
    assert!(names().await.is_empty());
}

async fn what_the_office_took_back_stays_so(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    import(store, FILE, 0).await;
    let (ada, leo) = (student(store, "ada").await, student(store, "leo").await);
    let eve = ada.contacts[0].id;
    // Eve is taken off Ada, and Leo out of French.
    let mut about = store.contact(eve).await.expect("here").about;
    about.students.retain(|it| it.student == leo.id);
    let saved = store.change_contact(eve, &about, OFFICE, later(1)).await;
    saved.expect("saved");
    fill(store, world.french, |it| it.retain(|one| *one != leo.id)).await;
    // Without her address she is known all the same, and nobody is doubled.
    for file in [FILE.to_owned(), FILE.replace("eve@home.example", "")] {
        let again = import(store, &file, 1).await;
        let says: Vec<_> = again.results.iter().flat_map(|it| &it.does).collect();
        assert_eq!(
            says,
            [
                "Eve Hill stays taken off Ada Hill, as you have decided",
                "Leo Hill stays out of 8B French, as you have decided",
            ]
        );
        let is_unchanged = |it: &import::RowResult| it.outcome == Outcome::Unchanged;
        assert!(
            again.results.iter().all(is_unchanged),
            "{:?}",
            again.results
        );
        assert!(student(store, "ada").await.contacts.is_empty());
        let classes = student(store, "leo").await.about.classes;
        assert_eq!(classes, Some(vec![]));
    }
    // Until the office says otherwise.
    about.students.push(Guardian {
        student: ada.id,
        relationship: "Mother".to_owned(),
    });
    let saved = store.change_contact(eve, &about, OFFICE, later(2)).await;
    saved.expect("saved");
    fill(store, world.french, |it| it.push(leo.id)).await;
    let again = import(store, FILE, 2).await;
    assert!(
        again.results.iter().all(|it| it.does.is_empty()),
        "{:?}",
        again.results
    );
    assert_eq!(student(store, "ada").await.contacts.len(), 1);
}

async fn who_is_still_here_stays_until_they_are_named_again(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    import(store, FILE, 0).await;
    let without_max = FILE.replace(
        "S3,Max Ott,9C,8B French,Jo Ott,jo@home.example,Father\n",
        "",
    );
    import(store, &without_max, 1).await;
    let max = student(store, "max").await;
    assert!(max.gone_at.is_some());
    let jo = |it: &store::Contact| it.about.name.reveal() == "Jo Ott";
    let jo = store.contacts().await.expect("read").into_iter().find(jo);
    let jo = jo.expect("kept").id;
    let back = store.bring_back_student(max.id, OFFICE, later(1)).await;
    back.expect("back");
    let back = store.bring_back_contact(jo, OFFICE, later(1)).await;
    back.expect("back");
    let again = import(store, &without_max, 2).await;
    assert!(says(&again).is_empty(), "{:?}", again.leaving);
    let max = student(store, "max").await;
    assert!(max.gone_at.is_none() && max.contacts.len() == 1);
    // Named again and then no longer, they have left.
    import(store, FILE, 3).await;
    let left = says(&import(store, &without_max, 4).await);
    assert_eq!(left, ["Max Ott has left", "Jo Ott has left"]);
}

async fn a_teacher_who_was_taken_back_stays_until_they_are_named_again(store: Store) {
    const STAFF: &str = "Staff code,Name,E-mail\nNOK,Ngozi Okafor,\nTBR,Tom Brandt,\n";
    let without_tom = STAFF.replace("TBR,Tom Brandt,\n", "");
    let import = async |file: &str, days: i64| {
        let staff = import::read(file.as_bytes()).expect("readable");
        let now = later(0) + SignedDuration::from_hours(24 * days);
        let doing = (Doing::AllTheSame, Then::Nothing);
        let done = store.import(staff.incoming(true), doing, OFFICE, now).await;
        says(&done.expect("done"))
    };
    let tom = async || {
        let teachers = store.teachers_who_left().await.expect("read");
        let mut teachers = teachers.into_iter();
        teachers.find(|it| it.about.name.reveal() == "Tom Brandt")
    };
    import(STAFF, 0).await;
    assert_eq!(import(&without_tom, 1).await, ["Tom Brandt has left"]);
    let id = tom().await.expect("he has left").id;
    let back = async || {
        let back = store.bring_back_teacher(id, OFFICE, later(1)).await;
        back.expect("back");
    };
    back().await;
    for days in [2, 3] {
        assert!(import(&without_tom, days).await.is_empty());
        assert_eq!(tom().await, None, "he is here by the office's word");
    }
    // Named again and then no longer, he has left; and so it is once somebody has removed him.
    import(STAFF, 4).await;
    assert_eq!(import(&without_tom, 5).await, ["Tom Brandt has left"]);
    back().await;
    let removed = store.remove_teacher(id, OFFICE, later(2)).await;
    removed.expect("removed");
    import(STAFF, 6).await;
    assert_eq!(tom().await, None, "the list names him");
    assert_eq!(import(&without_tom, 7).await, ["Tom Brandt has left"]);
}

async fn a_teacher_whom_the_office_erased_stays_so(store: Store) {
    const STAFF: &str = "Staff code,Name,E-mail\nNOK,Ngozi Okafor,\nTBR,Tom Brandt,\n";
    let import = async |file: &str| {
        let staff = import::read(file.as_bytes()).expect("readable");
        let doing = (Doing::AllTheSame, Then::Nothing);
        let done = store
            .import(staff.incoming(true), doing, OFFICE, later(0))
            .await;
        done.expect("done").results.pop().expect("a row")
    };
    let names = async || {
        let all = store.teachers().await.expect("read").into_iter();
        all.map(|it| it.about.name.reveal().to_owned())
            .collect::<Vec<_>>()
    };
    import(STAFF).await;
    let all = store.teachers().await.expect("read").into_iter();
    let mut toms = all.filter(|it| it.about.name.reveal() == "Tom Brandt");
    let tom = toms.next().expect("he is here");
    let erased = store.erase_teacher(tom.id, OFFICE, later(1)).await;
    erased.expect("erased");
    for _ in 0..2 {
        let row = import(STAFF).await;
        assert!(row.does[0].contains("was erased here"), "{row:?}");
        assert_eq!(names().await, ["Ngozi Okafor"]);
    }
    // Nor by a list of classes, which says why.
    let classes = "Class,Teacher,Teacher ID\n9Z/Ma,Tom Brandt,TBR\n";
    let row = import(classes).await;
    assert!(row.reason.contains("was erased here"), "{row:?}");
    // Added by hand, he is let in again, and his id is known.
    let added = store.add_teacher(&tom.about, OFFICE, later(2)).await;
    added.expect("added");
    assert_eq!(import(STAFF).await.does, ["Notes the id TBR"]);
    assert_eq!(names().await, ["Ngozi Okafor", "Tom Brandt"]);
    // One who has left is erased as well, and no list of before brings them back.
    import("Staff code,Name,E-mail\nTBR,Tom Brandt,\n").await;
    let left = store.teachers_who_left().await.expect("read");
    let ngozi = left
        .iter()
        .find(|it| it.about.name.reveal() == "Ngozi Okafor");
    let ngozi = ngozi.expect("she has left").id;
    let erased = store.erase_teacher(ngozi, OFFICE, later(3)).await;
    erased.expect("erased");
    assert_eq!(store.teachers_who_left().await.expect("read"), []);
    let row = import(&format!("{STAFF}\n")).await;
    assert_eq!(row.does, Vec::<String>::new(), "Tom is as he was");
    assert_eq!(names().await, ["Tom Brandt"]);
    let back = store.bring_back_teacher(ngozi, OFFICE, later(4)).await;
    back.expect_err("erased");
    let subject = format!("teacher:{ngozi}");
    let log = store.audit_log(None, 100).await.expect("read");
    let rows = log.iter().filter(|it| it.subject == subject);
    assert!(rows.clone().any(|it| it.action == "erased"), "{log:?}");
}

async fn no_order_names_whoever_was_erased(store: Store) {
    let import = async |incoming: Incoming| {
        let doing = (Doing::AllTheSame, Then::Nothing);
        let done = store.import(incoming, doing, OFFICE, later(0)).await;
        done.expect("done")
    };
    let with_strangers = || {
        let mut incoming = said(0);
        // Of Jon's mother, and of two strangers: one a contact of Jon's, one of Ada's.
        let orders = incoming.orders.as_mut().expect("some");
        let mut other = orders[1].clone();
        other.name = "Kim Reed".to_owned();
        other.source = None;
        orders.push(other);
        orders[1].student = "Jon Reed".to_owned();
        orders[1].student_ids = vec!["S9".to_owned()];
        // Their rows are refused: they name nobody.
        incoming.students.truncate(9);
        incoming
    };
    let first = Incoming {
        orders: None,
        ..said(0)
    };
    import(first).await;
    let jon = student(&store, "jon").await;
    let mother = jon.contacts[0].id;
    let erased = store.erase_contact(mother, OFFICE, later(1)).await;
    erased.expect("erased");
    let erased = store.erase_student(jon.id, OFFICE, later(1)).await;
    erased.expect("erased");
    for _ in 0..2 {
        import(with_strangers()).await;
        let orders = store.unentered_orders().await.expect("read");
        let mut orders: Vec<_> = orders
            .iter()
            .map(|it| (it.name.as_str(), it.student.as_str()))
            .collect();
        orders.sort_unstable();
        assert_eq!(orders, [("Kim Reed", "Ada Reed"), ("Tom Reed", "")]);
    }
}

async fn an_order_that_was_dismissed_stays_so_while_it_is_said_as_it_was(store: Store) {
    let said = |name: &str, doing: Doing| {
        let mut incoming = said(0);
        let orders = incoming.orders.as_mut().expect("some");
        orders.remove(0);
        orders[0].name = name.to_owned();
        let store = &store;
        async move {
            let doing = (doing, Then::Nothing);
            let done = store.import(incoming, doing, OFFICE, later(0)).await;
            let open = done.expect("done").unentered;
            open.into_iter().map(|it| it.name).collect::<Vec<_>>()
        }
    };
    let waits = async || {
        let attention = store.attention(later(0)).await.expect("read");
        attention.to_decide
    };
    let dismissed = async || store.dismissed_orders().await.expect("read");
    assert_eq!(said("Tom Reed", Doing::Surely).await, ["Tom Reed"]);
    let shown = store.unentered_orders().await.expect("read").remove(0);
    for _pressed_twice in 0..2 {
        let done = store.dismiss_order(&shown, true, OFFICE, later(1)).await;
        done.expect("dismissed");
    }
    for doing in [Doing::Trying, Doing::Surely, Doing::Surely] {
        assert_eq!(said("Tom Reed", doing).await, Vec::<String>::new());
        assert_eq!(waits().await, 0);
        assert_eq!(dismissed().await, std::slice::from_ref(&shown));
    }
    // Said otherwise it is shown; what is no longer said as it was shown is not dismissed.
    assert_eq!(said("Thomas Reed", Doing::Surely).await, ["Thomas Reed"]);
    assert_eq!((waits().await, dismissed().await), (1, vec![]));
    let old = store.dismiss_order(&shown, true, OFFICE, later(2)).await;
    assert_eq!(refused(old), Refusal::NotFound);
    // And it is taken back.
    let shown = store.unentered_orders().await.expect("read").remove(0);
    for (is_dismissed, open) in [(true, 0), (false, 1), (false, 1)] {
        let done = store.dismiss_order(&shown, is_dismissed, OFFICE, later(3));
        done.await.expect("done");
        assert_eq!(waits().await, open);
    }
    // What no source has said for the school's period is erased.
    for (years, left) in [(0, 1), (10, 0)] {
        let then = later(0) + SignedDuration::from_hours(24 * 365 * years);
        store.erase_expired(then).await.expect("erased");
        assert_eq!(store.unentered_orders().await.expect("read").len(), left);
    }
    let log = store.audit_log(None, 100).await.expect("read");
    let count = |code: &str| log.iter().filter(|it| it.action == code).count();
    assert_eq!(
        (count("order_dismissed"), count("order_shown_again")),
        (2, 1)
    );
}

async fn whoever_was_erased_stays_so(store: Store) {
    let with_id = || {
        let mut incoming = whole(FILE);
        for (row, id) in incoming.students.iter_mut().zip(["C1", "C1", "C3"]) {
            let entry = row.entry.as_mut().expect("taken");
            entry.classes = None;
            entry.guardians[0].source = Some(id.to_owned());
        }
        incoming
    };
    let import = async || {
        let doing = (Doing::AllTheSame, Then::Nothing);
        let done = store.import(with_id(), doing, OFFICE, later(0)).await;
        done.expect("done")
    };
    import().await;
    let (ada, max) = (student(&store, "ada").await, student(&store, "max").await);
    let erased = store.erase_contact(ada.contacts[0].id, OFFICE, later(1));
    erased.await.expect("erased");
    let erased = store.erase_student(max.id, OFFICE, later(1)).await;
    erased.expect("erased");
    for _ in 0..2 {
        let again = import().await;
        let remarks = again.results.iter().flat_map(|it| &it.does);
        let remarks = remarks.filter(|it| it.contains("was erased here"));
        assert_eq!(remarks.count(), 3, "{:?}", again.results);
        assert_eq!(store.students("max", None, 9).await.expect("read").total, 0);
        assert!(student(&store, "ada").await.contacts.is_empty());
    }
    // Added by hand, they are let in again, and their id is known.
    let by_hand = NewStudent {
        name: max.about.name,
        form: "9C".to_owned(),
        year: None,
        source: None,
        classes: None,
    };
    let added = store.add_student(&by_hand, OFFICE, later(2)).await;
    added.expect("added");
    let again = import().await;
    let of_max = again.results.last().expect("a row");
    assert_eq!(of_max.outcome, Outcome::Updated, "{of_max:?}");
    let source = student(&store, "max").await.about.source;
    assert_eq!(source.as_deref(), Some("S3"));
}

/// Eve twice, by two ids.
const TWICE: &str = "student id,student,guardian id,guardian,email,guardian 2 id,guardian 2,email 2\n\
                     S1,Ada Hill,C1,Eve Hill,eve@home.example,,,\n\
                     S2,Leo Hill,C2,Eve Hill,eve@work.example,,,\n\
                     S3,Max Ott,C1,Eve Hill,eve@home.example,C2,Eve Hill,eve@work.example\n";

async fn at(store: &Store, address: &str) -> ContactId {
    let all = store.contacts().await.expect("read");
    let one = all.iter().find(|it| {
        let email = it.about.email.as_ref();
        email.is_some_and(|it| it.reveal() == address)
    });
    one.expect("they are here").id
}

/// The office takes a contact off a student.
pub(crate) async fn take_off(store: &Store, contact: ContactId, student: StudentId) {
    let mut about = store.contact(contact).await.expect("here").about;
    about.students.retain(|it| it.student != student);
    let saved = store
        .change_contact(contact, &about, OFFICE, later(1))
        .await;
    saved.expect("saved");
}

async fn guardians(store: &Store, who: &str) -> Vec<ContactId> {
    let contacts = student(store, who).await.contacts;
    contacts.iter().map(|it| it.id).collect()
}

/// What the rows of an import do, or leave.
fn does(done: &Imported) -> Vec<&str> {
    let does = done.results.iter().flat_map(|it| &it.does);
    does.map(String::as_str).collect()
}

async fn what_was_taken_back_of_one_record_holds_for_one_person(store: Store) {
    let store = &store;
    import(store, TWICE, 0).await;
    let (home, work) = (
        at(store, "eve@home.example").await,
        at(store, "eve@work.example").await,
    );
    let (ada, max) = (
        student(store, "ada").await.id,
        student(store, "max").await.id,
    );
    take_off(store, home, ada).await;
    let joined = store.join_records((work, home), OFFICE, later(1)).await;
    joined.expect("joined");
    let again = import(store, TWICE, 0).await;
    let off_ada = "Eve Hill stays taken off Ada Hill, as you have decided";
    assert_eq!(does(&again), [off_ada]);
    assert_eq!(guardians(store, "ada").await, []);

    // Of whom they are taken off while they are one, neither is a guardian.
    take_off(store, work, max).await;
    let parted = store.part_records((work, home), OFFICE, later(2)).await;
    parted.expect("parted");
    let again = import(store, TWICE, 0).await;
    let off_max = "Eve Hill stays taken off Max Ott, as you have decided";
    assert_eq!(does(&again), [off_ada, off_max, off_max]);
    assert_eq!(guardians(store, "ada").await, []);
    assert_eq!(guardians(store, "max").await, []);
    assert_eq!(guardians(store, "leo").await, [work]);
    // What was decided of the one alone is not decided of the other any more.
    let other = TWICE.replace(
        "S1,Ada Hill,C1,Eve Hill,eve@home.example",
        "S1,Ada Hill,C2,Eve Hill,eve@work.example",
    );
    import(store, &other, 0).await;
    assert_eq!(guardians(store, "ada").await, [work]);
}

async fn what_one_record_is_by_the_other_ends_where_they_are_parted(store: Store) {
    let store = &store;
    import(store, TWICE, 0).await;
    let (home, work) = (
        at(store, "eve@home.example").await,
        at(store, "eve@work.example").await,
    );
    let max = student(store, "max").await.id;
    take_off(store, work, max).await;
    let joined = store.join_records((work, home), OFFICE, later(1)).await;
    joined.expect("joined");
    // They are Max's guardian by the one: a source that ends it may say it again.
    let row = "C1,Eve Hill,eve@home.example,C2,Eve Hill,eve@work.example";
    let ended = import(store, &TWICE.replace(row, ",,,,,"), 0).await;
    assert_eq!(
        says(&ended),
        ["Eve Hill is no longer a guardian of Max Ott"]
    );
    let again = import(store, TWICE, 0).await;
    assert_eq!(does(&again), ["Makes Eve Hill a guardian of Max Ott"]);
    assert_eq!(guardians(store, "max").await, [work]);
    let parted = store.part_records((work, home), OFFICE, later(2)).await;
    parted.expect("parted");
    let again = import(store, TWICE, 0).await;
    let off_max = "Eve Hill stays taken off Max Ott, as you have decided";
    assert_eq!(does(&again), [off_max]);
    assert_eq!(guardians(store, "max").await, [home]);
}

async fn whoever_stays_does_so_as_one_person(store: Store) {
    let store = &store;
    let both = "C1,Eve Hill,eve@home.example,C2,Eve Hill,eve@work.example";
    let file = TWICE.replace(both, "C3,Jo Ott,jo@home.example,,,");
    let without = |id: &str| {
        let rows = file.lines().filter(|it| !it.starts_with(id));
        rows.collect::<Vec<_>>().join("\n")
    };
    import(store, &file, 0).await;
    let (home, work) = (
        at(store, "eve@home.example").await,
        at(store, "eve@work.example").await,
    );
    import(store, &without("S1"), 0).await;
    let back = store.bring_back_contact(home, OFFICE, later(1)).await;
    back.expect("back");
    let joined = store.join_records((work, home), OFFICE, later(1)).await;
    joined.expect("joined");
    let without_both =
        without("S1").replace("S2,Leo Hill,C2,Eve Hill,eve@work.example", "S2,Leo Hill,,,");
    let left = import(store, &without_both, 0).await;
    assert_eq!(
        says(&left),
        ["Eve Hill is no longer a guardian of Leo Hill"]
    );
    let parted = store.part_records((work, home), OFFICE, later(2)).await;
    parted.expect("parted");
    let left = import(store, &without_both, 0).await;
    assert_eq!(says(&left), ["Eve Hill has left"]);
    let gone = [home, work].map(|id| store.contact(id));
    let [home, work] = gone;
    assert!(home.await.expect("read").gone_at.is_none());
    assert!(work.await.expect("read").gone_at.is_some());
}

const DANS: &str = "student id,student,guardian,email\n\
                    S1,Ana Santos,Maria Santos,maria@home.example\n\
                    S1,Ana Santos,Dan Reed,dan@reed.example\n\
                    S3,Cem Demir,Omar Demir,omar@home.example\n\
                    S3,Cem Demir,Dan Reed,dan@reed.example\n";

/// Dan is a contact of two families, and an order is on him.
async fn dan_of_two(world: &World) -> ContactId {
    import(&world.store, DANS, 0).await;
    let cem = student(&world.store, "cem").await;
    let mut contacts = cem.contacts.iter();
    let dan = contacts.find(|it| it.id != world.omar).expect("here").id;
    let set = world.store.set_court_order(dan, OFFICE, later(1)).await;
    set.expect("set");
    dan
}

/// Whether Ana's mother has a guest who may be Dan, and the office decides.
async fn is_held(world: &World) {
    let ana = [world.ana];
    let guest = world.invite(world.maria, "Dan Reed", "other@x.example", &ana);
    assert_eq!(
        guest.await.expect("kept").state,
        school::invitation::State::Held
    );
}

async fn an_order_is_on_a_family_that_a_source_ends(store: Store) {
    let world = World::new(store).await;
    let dan = dan_of_two(&world).await;
    let row = "S1,Ana Santos,Dan Reed,dan@reed.example\n";
    let fewer = DANS.replace(row, "");
    let ended = says(&import(&world.store, &fewer, 1).await);
    assert_eq!(ended, ["Dan Reed is no longer a guardian of Ana Santos"]);
    assert!(says(&import(&world.store, &fewer, 2).await).is_empty());
    is_held(&world).await;
    // He leaves and is back: what had ended has.
    let without = fewer.replace("S3,Cem Demir,Dan Reed,dan@reed.example\n", "");
    assert_eq!(
        says(&import(&world.store, &without, 3).await),
        ["Dan Reed has left"]
    );
    import(&world.store, &fewer, 4).await;
    let about = world.store.contact(dan).await.expect("here").about;
    let of: Vec<_> = about.students.iter().map(|it| it.student).collect();
    assert_eq!(of, [world.cem]);
}

async fn an_order_is_on_a_family_that_the_office_ends(store: Store) {
    let world = World::new(store).await;
    let dan = dan_of_two(&world).await;
    let mut about = world.store.contact(dan).await.expect("here").about;
    about.students.retain(|it| it.student == world.cem);
    let changed = world.store.change_contact(dan, &about, OFFICE, later(2));
    changed.await.expect("changed");
    is_held(&world).await;
}

/// What somebody has: their address and mobile number.
async fn reached(store: &Store, id: ContactId) -> (String, String) {
    let about = store.contact(id).await.expect("here").about;
    let email = about.email.map(|it| it.reveal().to_owned());
    let mobile = about.mobile.map(|it| it.reveal().to_owned());
    (email.unwrap_or_default(), mobile.unwrap_or_default())
}

async fn reach(store: &Store, id: ContactId, (to, mobile): (&str, &str)) {
    let mut about = store.contact(id).await.expect("here").about;
    about.email = Some(to).filter(|it| !it.is_empty()).map(email);
    about.mobile = school::Mobile::read(mobile, &school::Countries::default()).ok();
    let changed = store.change_contact(id, &about, OFFICE, later(1)).await;
    changed.expect("changed");
}

/// What the source says of Ada Hill's mother, of whom it may know an id; and what that does.
async fn mother(store: &Store, id: &str, says: (&str, &str)) -> (Outcome, Vec<String>) {
    let (email, mobile) = says;
    let file = format!(
        "student id,student,form,guardian,guardian id,email,mobile\n\
         S1,Ada Hill,7A,Eve Hill,{id},{email},{mobile}\n"
    );
    let mut done = import(store, &file, 1).await;
    let row = done.results.remove(0);
    (row.outcome, row.does)
}

const TYPO: (&str, &str) = ("eve@hoem.example", "+447700900123");
const RIGHT: (&str, &str) = ("eve@home.example", "+447700900456");
const THIRD: (&str, &str) = ("eve@work.example", "+447700900789");

async fn what_the_office_corrects_stays_until_the_source_says_another(store: Store) {
    let store = &World::new(store).await.store;
    for id in ["", "C1"] {
        let (outcome, _) = mother(store, id, TYPO).await;
        assert_ne!(outcome, Outcome::Refused);
        let eve = student(store, "ada hill").await.contacts[0].id;
        reach(store, eve, TYPO).await;
        reach(store, eve, RIGHT).await;
        // The source goes on as before, night after night.
        for _ in 0..2 {
            let (outcome, says) = mother(store, id, TYPO).await;
            let says: Vec<_> = says.iter().map(String::as_str).collect();
            assert_eq!(
                (outcome, &*says),
                (
                    Outcome::Unchanged,
                    &[
                        "Eve Hill keeps the address eve@home.example, as you have decided",
                        "Eve Hill keeps the mobile number +447700900456, as you have decided",
                    ][..]
                )
            );
        }
        assert_eq!(
            reached(store, eve).await,
            (RIGHT.0.to_owned(), RIGHT.1.to_owned())
        );
        assert!(store.changed_details().await.expect("read").is_empty());
        // It comes to say the same, and what it says later is news.
        assert_eq!(mother(store, id, RIGHT).await.0, Outcome::Updated);
        assert_eq!(mother(store, id, RIGHT).await.0, Outcome::Unchanged);
        assert!(store.changed_details().await.expect("read").is_empty());
        let first = (RIGHT.0, TYPO.1);
        assert_eq!(mother(store, id, first).await.0, Outcome::Updated);
        assert_eq!(
            reached(store, eve).await,
            (RIGHT.0.to_owned(), TYPO.1.to_owned())
        );
        assert_eq!(mother(store, id, THIRD).await.0, Outcome::Updated);
        assert_eq!(mother(store, id, THIRD).await.0, Outcome::Unchanged);
        let now = reached(store, eve).await;
        assert_eq!(now, (RIGHT.0.to_owned(), THIRD.1.to_owned()));
        let asked = store.changed_details().await.expect("read");
        let asked: Vec<_> = asked.iter().map(|it| (&*it.school, &*it.own)).collect();
        assert_eq!(asked, [(THIRD.0, RIGHT.0)]);
    }
}

async fn what_the_office_takes_out_stays_out_until_the_source_says_another(store: Store) {
    let store = &World::new(store).await.store;
    mother(store, "C1", TYPO).await;
    let eve = student(store, "ada hill").await.contacts[0].id;
    reach(store, eve, ("", "")).await;
    for _ in 0..2 {
        let (outcome, says) = mother(store, "C1", TYPO).await;
        let says: Vec<_> = says.iter().map(String::as_str).collect();
        assert_eq!(
            (outcome, &*says),
            (
                Outcome::Unchanged,
                &[
                    "Eve Hill stays without an address, as you have decided",
                    "Eve Hill stays without a mobile number, as you have decided",
                ][..]
            )
        );
    }
    assert_eq!(reached(store, eve).await, (String::new(), String::new()));
    assert_eq!(mother(store, "C1", THIRD).await.0, Outcome::Updated);
    assert_eq!(
        reached(store, eve).await,
        (THIRD.0.to_owned(), THIRD.1.to_owned())
    );
    assert_eq!(
        mother(store, "C1", THIRD).await,
        (Outcome::Unchanged, Vec::new())
    );
}

/// A system that names Ada, her class and who takes it, by these ids.
fn taught(class: (&str, &str), takers: &[&str]) -> Incoming {
    let (id, what) = class;
    let teacher = |id: &str, who: &str| import::Listed {
        line: 1,
        name: who.to_owned(),
        entry: Ok(import::ListedTeacher {
            source: Some(id.to_owned()),
            name: name(who),
            email: None,
        }),
    };
    let mut incoming = whole(&format!(
        "student id,student,form,classes\nS1,Ada Hill,7A,{what}\n"
    ));
    incoming.teachers = vec![
        teacher("T1", "Ngozi Okafor"),
        teacher("T2", "Tom Brandt"),
        teacher("T3", "Jo Hall"),
    ];
    let takers = takers
        .iter()
        .map(|it| import::Taker::Listed((*it).to_owned()));
    incoming.classes = vec![import::Listed {
        line: 1,
        name: what.to_owned(),
        entry: Ok(import::ListedClass {
            source: Some(id.to_owned()).filter(|it| !it.is_empty()),
            name: label(what),
            subject: Some(label(what)),
            teachers: takers.collect(),
        }),
    }];
    incoming.names_all.classes = true;
    incoming
}

/// What a source does to its one class, or says of it.
async fn teach(store: &Store, incoming: Incoming) -> (Outcome, Vec<String>) {
    let doing = (Doing::AllTheSame, Then::Nothing);
    let done = store.import(incoming, doing, OFFICE, later(0)).await;
    let results = done.expect("done").results;
    assert!(
        results.iter().all(|it| it.outcome != Outcome::Refused),
        "{results:?}"
    );
    let mut classes = results
        .into_iter()
        .filter(|it| it.kind == import::Kind::Class);
    let class = classes.next().expect("it is named");
    (class.outcome, class.does)
}

async fn class_of(store: &Store, what: &str) -> Option<store::Class> {
    let mut classes = store.classes().await.expect("read").into_iter();
    classes.find(|it| it.name.as_str() == what)
}

async fn a_class_that_the_office_removed_stays_so(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    for (id, what) in [("K9", "Detention"), ("", "Clay club")] {
        let says = || taught((id, what), &["T1"]);
        assert_eq!(teach(store, says()).await.0, Outcome::Created);
        let class = class_of(store, what).await.expect("there");
        let removed = store.remove_class(class.id, OFFICE, later(0)).await;
        removed.expect("removed");
        for _ in 0..2 {
            let stays = format!(
                "{what} stays removed, as you have decided. To let it in again, add it by hand first"
            );
            assert_eq!(
                teach(store, says()).await,
                (Outcome::Unchanged, vec![stays])
            );
            assert!(class_of(store, what).await.is_none());
        }
        // A list of students alone takes them without it.
        let mut alone = says();
        (alone.classes, alone.names_all.classes) = (Vec::new(), false);
        let doing = (Doing::AllTheSame, Then::Nothing);
        let done = store.import(alone, doing, OFFICE, later(0)).await;
        let done = done.expect("done").results;
        let row = done.last().expect("a row");
        let stays = format!("Ada Hill stays out of {what}, which you have removed");
        assert_eq!(
            (row.outcome, &*row.does),
            (Outcome::Unchanged, &[stays][..])
        );
        // Added by hand, it is the source's again.
        let about = NewClass {
            name: label(what),
            subject: label(what),
            teachers: class.teachers,
            students: None,
        };
        let added = store.add_class(&about, OFFICE, later(0)).await;
        added.expect("added");
        teach(store, says()).await;
        assert_eq!(teach(store, says()).await, (Outcome::Unchanged, Vec::new()));
        let class = class_of(store, what).await.expect("there");
        assert_eq!(class.students, [student(store, "ada hill").await.id]);
    }
    // What the source itself ends comes back with it.
    teach(store, taught(("K1", "French"), &["T1"])).await;
    teach(store, taught(("K2", "Latin"), &["T1"])).await;
    assert!(class_of(store, "French").await.is_none());
    let back = teach(store, taught(("K1", "French"), &["T1"])).await;
    assert_eq!(back.0, Outcome::Created);
}

async fn a_class_keeps_the_teachers_whom_the_office_gave_it(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let said = async |takers: &[&str]| teach(store, taught(("K1", "French"), takers)).await;
    said(&["T1"]).await;
    let teachers = store.teachers().await.expect("read");
    let of = |who: &str| {
        let mut all = teachers.iter();
        let found = all.find(|it| it.about.name.reveal() == who);
        found.expect("there").id
    };
    let (ngozi, tom, jo) = (of("Ngozi Okafor"), of("Tom Brandt"), of("Jo Hall"));
    let taken = async || {
        let class = class_of(store, "French").await.expect("there");
        class.teachers.as_slice().to_vec()
    };
    let give = async |to: school::TeacherId| {
        let class = class_of(store, "French").await.expect("there");
        let about = NewClass {
            name: class.name,
            subject: class.subject,
            teachers: school::JointTeachers::new(vec![to]).expect("one"),
            students: None,
        };
        let changed = store.change_class(class.id, &about, OFFICE, later(0));
        changed.await.expect("changed");
    };
    give(tom).await;
    for _ in 0..2 {
        let stays = "French keeps its teachers, as you have decided".to_owned();
        assert_eq!(said(&["T1"]).await, (Outcome::Unchanged, vec![stays]));
        assert_eq!(taken().await, [tom]);
    }
    // The source says somebody else: that is news.
    assert_eq!(said(&["T3"]).await.0, Outcome::Updated);
    assert_eq!(
        (said(&["T3"]).await.0, taken().await),
        (Outcome::Unchanged, vec![jo])
    );
    assert_eq!(
        (said(&["T1"]).await.0, taken().await),
        (Outcome::Updated, vec![ngozi])
    );
    // It says the same by now: what it says later is news.
    give(jo).await;
    give(tom).await;
    assert_eq!(said(&["T2"]).await, (Outcome::Unchanged, Vec::new()));
    assert_eq!(
        (said(&["T1"]).await.0, taken().await),
        (Outcome::Updated, vec![ngozi])
    );
    // Given back by hand, nothing is decided.
    give(tom).await;
    give(ngozi).await;
    assert_eq!(said(&["T1"]).await, (Outcome::Unchanged, Vec::new()));
}
