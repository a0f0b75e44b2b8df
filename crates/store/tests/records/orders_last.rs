//! A court order outlives whatever imports, changes and departures make of the records (DIR-4, DIR-13).

use std::collections::BTreeSet;

use school::import::{self, Incoming};
use school::invitation::State;
use school::{ContactId, EveningId, Refusal, StudentId};
use store::{Doing, Guardian, Holder, NewContact, NewTeacher, Store, Then};

use crate::places::on_both;
use crate::world::{OFFICE, class, draft, email, guest, later, name, now, refused};

on_both!(
    a_family_that_has_left_is_known_still,
    a_name_that_they_had_is_theirs_still,
    who_waits_is_set_free_by_the_office_alone,
    somebody_else_is_so_under_what_was_looked_at,
    records_that_are_made_one_keep_who_waits,
    an_order_ends_before_whom_it_is_on_is_erased,
    what_a_list_says_of_orders_is_entered_and_invites_nobody,
    whatever_comes_after_an_order_lets_nobody_in,
);

const HEADING: &str = "Student,Student ID,Homeroom,Guardian,Guardian ID,E-mail\n";
const MIA_BY_ANNA: &str = "Mia Kim,1,4b,Anna Kim,G1,anna@x.example\n";
const MIA_BY_BOB: &str = "Mia Kim,1,4b,Bob Kim,G2,bob@x.example\n";
const LEO_BY_ANNA: &str = "Leo Kim,5,1a,Anna Kim,G1,anna@x.example\n";

/// Imports rows: all that there are, or some.
async fn import(store: &Store, rows: &[&str], is_whole: bool) {
    let file = format!("{HEADING}{}", rows.concat());
    let rows = import::read(file.as_bytes()).expect("readable").rows;
    let incoming = if is_whole {
        Incoming::all(rows)
    } else {
        Incoming::some(rows)
    };
    let done = (Doing::AllTheSame, Then::Nothing);
    store
        .import(incoming, done, OFFICE, now())
        .await
        .expect("done");
}

/// Who stands under a name and address.
async fn called(store: &Store, who: &str, at: &str) -> ContactId {
    let all = store.contacts().await.expect("read");
    let mut found = all.iter().filter(|it| {
        let has_address = it.about.email.as_ref().is_some_and(|it| it.reveal() == at);
        it.about.name.reveal() == who && has_address
    });
    let found = found.next().map(|it| it.id);
    found.unwrap_or_else(|| panic!("nobody is {who} at {at}: {all:?}"))
}

/// All students, those who have left too.
async fn pupils(store: &Store, search: &str) -> Vec<store::Student> {
    let page = store.students(search, None, 99).await.expect("read");
    page.students
}

async fn pupil(store: &Store, who: &str) -> StudentId {
    let found = pupils(store, who).await;
    found.first().expect("a student").id
}

/// Whether somebody waits for the office, or has an order.
async fn is_kept_away(store: &Store, who: ContactId) -> bool {
    let it = store.contact(who).await.expect("there");
    it.may_be.is_some() || it.court_order_at.is_some()
}

fn about(who: &str, at: &str, students: &[StudentId]) -> NewContact {
    let guardian = |student: &StudentId| Guardian {
        student: *student,
        relationship: String::new(),
    };
    NewContact {
        mobile: None,
        name: name(who),
        email: Some(email(at)),
        students: students.iter().map(guardian).collect(),
    }
}

/// Whether a new record waits for the office; it is erased again.
async fn would_wait(store: &Store, who: &str, at: &str, students: &[StudentId]) -> bool {
    let new = about(who, at, students);
    let probe = store.add_contact(&new, OFFICE, now()).await.expect("added");
    let waits = is_kept_away(store, probe).await;
    let erased = store.erase_contact(probe, OFFICE, now()).await;
    erased.expect("erased");
    waits
}

/// Mia's parents are Anna and Bob, Leo's is Anna; an order is on Bob.
async fn with_order(store: &Store) -> ContactId {
    import(store, &[MIA_BY_ANNA, MIA_BY_BOB, LEO_BY_ANNA], false).await;
    let bob = called(store, "Bob Kim", "bob@x.example").await;
    order(store, bob).await;
    bob
}

async fn order(store: &Store, on: ContactId) {
    let set = store.set_court_order(on, OFFICE, now()).await;
    set.expect("set");
}

async fn opened(store: &Store, students: &[StudentId]) -> EveningId {
    let teacher = NewTeacher {
        name: name("Ms Adeyemi"),
        email: None,
        place: None,
    };
    let teacher = store.add_teacher(&teacher, OFFICE, now()).await;
    let teacher = teacher.expect("a teacher");
    let french = class(store, "8B French", "French", &[teacher], students).await;
    let evening = store.add_evening(draft(), &[french], OFFICE, now()).await;
    let evening = evening.expect("an evening");
    let open = store.open_booking(evening, OFFICE, now()).await;
    open.expect("open");
    evening
}

async fn a_family_that_has_left_is_known_still(store: Store) {
    let store = &store;
    // A child that is his alone: he is somebody's guardian whatever becomes of Mia, and so is looked for in his family.
    import(store, &["Zed Abt,8,2c,Bob Kim,G2,bob@x.example\n"], false).await;
    with_order(store).await;
    let by_bob = "Leo Kim,5,1a,Bob Kim,G9,bk@y.example\n";
    import(store, &[LEO_BY_ANNA, by_bob], false).await;
    let other = called(store, "Bob Kim", "bk@y.example").await;
    assert!(is_kept_away(store, other).await);
    // Mia has left: whoever waits, waits; and whoever comes, too.
    let zed = "Zed Abt,8,2c,Bob Kim,G2,bob@x.example\n";
    import(store, &[LEO_BY_ANNA, by_bob, zed], true).await;
    assert!(is_kept_away(store, other).await);
    let leo = pupil(store, "Leo Kim").await;
    assert!(would_wait(store, "Bob Kim", "third@y.example", &[leo]).await);
    // She is erased with her mother's part in her, and a third child comes, by their mother alone.
    let mia = pupil(store, "Mia Kim").await;
    store
        .erase_student(mia, OFFICE, now())
        .await
        .expect("erased");
    let third = "Zoe Meyer,9,1a,Anna Kim,G1,anna@x.example\n";
    import(store, &[LEO_BY_ANNA, by_bob, third], false).await;
    let zoe = pupil(store, "Zoe Meyer").await;
    assert!(would_wait(store, "Bob Kim", "third@y.example", &[zoe]).await);
    // Through their mother they are one family, also when she is erased.
    let anna = called(store, "Anna Kim", "anna@x.example").await;
    store
        .erase_contact(anna, OFFICE, now())
        .await
        .expect("erased");
    assert!(would_wait(store, "Bob Kim", "third@y.example", &[zoe]).await);
    // Of another family a namesake is somebody else.
    let stranger = "Tim Lee,77,9c,Wu Lee,G77,wu@x.example\n";
    import(store, &[stranger], false).await;
    let tim = pupil(store, "Tim Lee").await;
    assert!(!would_wait(store, "Bob Kim", "third@y.example", &[tim]).await);
}

async fn a_name_that_they_had_is_theirs_still(store: Store) {
    let store = &store;
    // Renamed and reached elsewhere before the order, renamed again after it, and once by hand.
    import(store, &[MIA_BY_ANNA, MIA_BY_BOB, LEO_BY_ANNA], false).await;
    let renamed = "Mia Kim,1,4b,Bob Zorn,G2,zorn@x.example\n";
    import(store, &[MIA_BY_ANNA, renamed], false).await;
    let bob = called(store, "Bob Zorn", "zorn@x.example").await;
    order(store, bob).await;
    let again = "Mia Kim,1,4b,Bob Meyer,G2,zorn@x.example\n";
    import(store, &[MIA_BY_ANNA, again], false).await;
    let mia = pupil(store, "Mia Kim").await;
    let by_hand = about("Robert Quill", "quill@x.example", &[mia]);
    let changed = store.change_contact(bob, &by_hand, OFFICE, now()).await;
    changed.expect("changed");
    let leo = pupil(store, "Leo Kim").await;
    for who in ["Bob Kim", "Bob Zorn", "Bob Meyer", "Robert Quill"] {
        for child in [mia, leo] {
            let waits = would_wait(store, who, "new@y.example", &[child]).await;
            assert!(waits, "{who}");
        }
    }
    for at in ["bob@x.example", "zorn@x.example", "quill@x.example"] {
        assert!(would_wait(store, "Uncle Ted", at, &[leo]).await, "{at}");
    }
    assert!(!would_wait(store, "Uncle Ted", "ted@y.example", &[leo]).await);
    // Nor is anybody of those a guest.
    let evening = opened(store, &[leo]).await;
    let anna = called(store, "Anna Kim", "anna@x.example").await;
    let invited = store
        .invite(
            anna,
            evening,
            &guest("Bob Zorn", "new@y.example", &[leo]),
            None,
            store::Actor::Parent(anna),
            now(),
        )
        .await;
    assert_eq!(invited.expect("kept").state, State::Held);
}

async fn who_waits_is_set_free_by_the_office_alone(store: Store) {
    let store = &store;
    let bob = with_order(store).await;
    let ways: [(&str, &str); 2] = [
        ("Leo Kim,5,1a,Bob Kim,G9,bk@y.example\n", "bk@y.example"),
        ("Leo Kim,5,1a,Hans Roe,G9,bob@x.example\n", "bob@x.example"),
    ];
    let [(by_name, at), (by_address, _)] = ways;
    import(store, &[LEO_BY_ANNA, by_name], false).await;
    let other = called(store, "Bob Kim", at).await;
    assert!(is_kept_away(store, other).await);
    for next in [
        "Leo Kim,5,1a,Bob Zorn,G9,bk@y.example\n",
        by_address,
        "Leo Kim,5,1a,Hans Roe,G9,hans@y.example\n",
    ] {
        import(store, &[LEO_BY_ANNA, next], false).await;
        assert!(is_kept_away(store, other).await, "{next}");
    }
    // Gone from the list and back, under the office's own correction, and taken off the child.
    import(store, &[LEO_BY_ANNA, MIA_BY_BOB], true).await;
    assert!(is_kept_away(store, other).await, "gone");
    let back = "Leo Kim,5,1a,Hans Roe,G9,hans@y.example\n";
    import(store, &[LEO_BY_ANNA, back], false).await;
    let hans = about("Hans Roe", "hr@y.example", &[]);
    let changed = store.change_contact(other, &hans, OFFICE, now()).await;
    changed.expect("changed");
    assert!(is_kept_away(store, other).await, "by hand");
    let evening = opened(store, &[]).await;
    let holder = Holder::Parent(other);
    let link = store.hand_out_link(evening, holder, OFFICE, now()).await;
    assert_eq!(refused(link), Refusal::MayBeBarred);
    let told = store.tell_apart(other, bob, OFFICE, now()).await;
    told.expect("told");
    assert!(!is_kept_away(store, other).await);
}

async fn somebody_else_is_so_under_what_was_looked_at(store: Store) {
    let store = &store;
    let bob = with_order(store).await;
    let row = |who: &str, at: &str| format!("Leo Kim,5,1a,{who},G9,{at}\n");
    import(
        store,
        &[LEO_BY_ANNA, &row("Bob Kim", "bk@y.example")],
        false,
    )
    .await;
    let other = called(store, "Bob Kim", "bk@y.example").await;
    let told = store.tell_apart(other, bob, OFFICE, now()).await;
    told.expect("told");
    // The same again, and others who come, change nothing.
    let gran = "Leo Kim,5,1a,Gran Kim,G8,gran@y.example\n";
    import(
        store,
        &[LEO_BY_ANNA, &row("Bob Kim", "bk@y.example"), gran],
        false,
    )
    .await;
    assert!(!is_kept_away(store, other).await);
    // At the address of the one with the order they are looked at again, and cannot be told apart.
    import(
        store,
        &[LEO_BY_ANNA, &row("Bob Kim", "bob@x.example")],
        false,
    )
    .await;
    assert!(is_kept_away(store, other).await);
    let told = store.tell_apart(other, bob, OFFICE, later(1)).await;
    assert_eq!(refused(told), Refusal::CourtOrderStands);
    // So they are where the one with the order has taken their name.
    let hans = "Leo Kim,5,1a,Hans Roe,G7,hans@y.example\n";
    import(store, &[LEO_BY_ANNA, hans], false).await;
    let hans = called(store, "Hans Roe", "hans@y.example").await;
    assert!(!is_kept_away(store, hans).await);
    let renamed = "Mia Kim,1,4b,Hans Roe,G2,bob@x.example\n";
    import(store, &[MIA_BY_ANNA, renamed], false).await;
    let mia = pupil(store, "Mia Kim").await;
    let by_hand = about("Hans Roe", "bob@x.example", &[mia]);
    let changed = store.change_contact(bob, &by_hand, OFFICE, now()).await;
    changed.expect("changed");
    assert!(is_kept_away(store, hans).await);
}

async fn records_that_are_made_one_keep_who_waits(store: Store) {
    let store = &store;
    let bob = with_order(store).await;
    let mia = pupil(store, "Mia Kim").await;
    let leo = pupil(store, "Leo Kim").await;
    let add = async |who: &str, at: &str, child| {
        let new = about(who, at, &[child]);
        store.add_contact(&new, OFFICE, now()).await.expect("added")
    };
    let waits = add("Bob Kim", "bk@y.example", leo).await;
    let changed = about("Hans Roe", "hans@y.example", &[leo]);
    let changed = store.change_contact(waits, &changed, OFFICE, now()).await;
    changed.expect("changed");
    let kept = add("Robert Quill", "quill@y.example", mia).await;
    let join = store.join_records((kept, bob), OFFICE, now()).await;
    join.expect("joined");
    assert!(is_kept_away(store, waits).await, "joined");
    assert!(would_wait(store, "Bob Kim", "new@y.example", &[leo]).await);
    let parted = store.part_records((kept, bob), OFFICE, now()).await;
    parted.expect("parted");
    assert!(is_kept_away(store, waits).await, "parted");
    assert!(would_wait(store, "Bob Kim", "new@y.example", &[leo]).await);
}

async fn an_order_ends_before_whom_it_is_on_is_erased(store: Store) {
    let store = &store;
    let bob = with_order(store).await;
    let mia = pupil(store, "Mia Kim").await;
    let new = about("Robert Kim", "robert@y.example", &[mia]);
    let other = store.add_contact(&new, OFFICE, now()).await.expect("added");
    let joined = store.join_records((bob, other), OFFICE, now()).await;
    joined.expect("joined");
    // Nor is the record erased by which they are known too.
    for id in [bob, other] {
        let erased = store.erase_contact(id, OFFICE, now()).await;
        assert_eq!(refused(erased), Refusal::CourtOrderStands);
    }
    let lifted = store.lift_court_order(bob, OFFICE, now()).await;
    lifted.expect("lifted");
    let erased = store.erase_contact(bob, OFFICE, now()).await;
    erased.expect("erased");
    assert!(!would_wait(store, "Bob Kim", "bob@x.example", &[mia]).await);
}

async fn what_a_list_says_of_orders_is_entered_and_invites_nobody(store: Store) {
    let store = &store;
    let file = "Student,Student ID,Guardian,Guardian ID,E-mail,Court order\n\
                Zed Roe,9,Rob Roe,G1,rob@x.example,YES - no contact\n\
                Zed Roe,9,Ann Roe,G2,ann@x.example,\n\
                Max Roe,10,Rob Roe,,robert@y.example,\n\
                Max Roe,10,Ann Roe,G2,ann@x.example,no\n";
    let incoming = || Incoming::some(import::read(file.as_bytes()).expect("readable").rows);
    let tried = (Doing::Trying, Then::Invite);
    let tried = store.import(incoming(), tried, OFFICE, now()).await;
    let notes = tried.expect("tried").notes;
    assert!(
        notes[0].starts_with("Enters a court order on Rob Roe"),
        "{notes:?}"
    );
    let done = (Doing::Surely, Then::Invite);
    let done = store.import(incoming(), done, OFFICE, now()).await;
    let invited = done.expect("done").invited.expect("asked for");
    assert_eq!(invited.sent, 1, "Ann alone: {invited:?}");
    let rob = called(store, "Rob Roe", "rob@x.example").await;
    let contact = store.contact(rob).await.expect("there");
    assert!(contact.court_order_at.is_some());
    let second = called(store, "Rob Roe", "robert@y.example").await;
    assert!(is_kept_away(store, second).await);
    // A list that says it no longer ends nothing.
    let without = file.replace("YES - no contact", "no");
    let rows = import::read(without.as_bytes()).expect("readable").rows;
    let done = (Doing::Surely, Then::Invite);
    let done = store
        .import(Incoming::some(rows), done, OFFICE, now())
        .await;
    done.expect("done");
    let contact = store.contact(rob).await.expect("there");
    assert!(contact.court_order_at.is_some());
    assert!(is_kept_away(store, second).await);
}

/// Chance that is the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        // Knuth's MMIX.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }

    fn of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        let n = self.below(u64::try_from(all.len()).expect("few"));
        all[usize::try_from(n).expect("few")]
    }

    fn tosses(&mut self) -> bool {
        self.below(2) == 0
    }
}

/// Whatever happened to a family, and who its member with an order was.
struct Fates<'a> {
    store: &'a Store,
    dice: Dice,
    /// What stands before each id of the source: whoever was erased comes with it no more.
    run: u64,
    bob: ContactId,
    /// How the source calls and reaches him now.
    said: (String, String),
    /// What he was called while he, or his family, had children here.
    names: BTreeSet<String>,
    /// Records that wait.
    waiting: BTreeSet<ContactId>,
    has_order: bool,
    done: Vec<String>,
}

const NAMES: [&str; 4] = ["Bob Kim", "Bob Zorn", "Bob Meyer", "Bob Abt"];
const ADDRESSES: [&str; 3] = ["bob@x.example", "zorn@x.example", "abt@x.example"];

impl Fates<'_> {
    async fn step(&mut self) {
        match self.dice.below(7) {
            0..=2 => self.next_list().await,
            3 => self.by_hand().await,
            4 => self.another_record().await,
            5 => self.erased().await,
            _ => {
                self.done.push("order".to_owned());
                order(self.store, self.bob).await;
                self.has_order = true;
            }
        }
    }

    /// The next list: who is in it, and how he is called there.
    async fn next_list(&mut self) {
        if self.dice.tosses() {
            self.said.0 = self.dice.of(&NAMES).to_owned();
        }
        if self.dice.tosses() {
            self.said.1 = self.dice.of(&ADDRESSES).to_owned();
        }
        let all = family(self.run, &self.said.0, &self.said.1);
        let mut rows: Vec<&str> = Vec::new();
        for row in &all {
            if self.dice.below(4) > 0 {
                rows.push(row);
            }
        }
        let is_whole = self.dice.tosses();
        self.done.push(format!("list {is_whole} {rows:?}"));
        import(self.store, &rows, is_whole).await;
    }

    /// The office changes his record.
    async fn by_hand(&mut self) {
        let who = self.dice.of(&NAMES);
        let at = self.dice.of(&ADDRESSES);
        let about = NewContact {
            students: self.his().await.about.students,
            ..about(who, at, &[])
        };
        self.done.push(format!("hand {who} {at}"));
        let changed = self.store.change_contact(self.bob, &about, OFFICE, now());
        changed.await.expect("changed");
    }

    async fn his(&self) -> store::Contact {
        self.store.contact(self.bob).await.expect("he stays")
    }

    /// A second record of one of his names, which is then called otherwise.
    async fn another_record(&mut self) {
        if !self.has_order {
            return;
        }
        let Some(child) = self.children().await.first().copied() else {
            return;
        };
        let who = self.his().await.about.name.reveal().to_owned();
        self.done.push(format!("second record {who}"));
        let new = about(&who, "second@y.example", &[child]);
        let second = self.store.add_contact(&new, OFFICE, now()).await;
        let second = second.expect("added");
        let other = about("Hans Roe", "hans@y.example", &[child]);
        let changed = self.store.change_contact(second, &other, OFFICE, now());
        changed.await.expect("changed");
        self.waiting.insert(second);
    }

    /// A child, or their mother, is erased.
    async fn erased(&mut self) {
        if self.dice.below(3) > 0 || !self.has_order {
            return;
        }
        if self.dice.tosses() {
            let all = self.store.contacts().await.expect("read");
            let mut all = all.iter();
            if let Some(anna) = all.find(|it| it.about.name.reveal() == "Anna Kim") {
                self.done.push("erase Anna".to_owned());
                let erased = self.store.erase_contact(anna.id, OFFICE, now()).await;
                erased.expect("erased");
            }
        } else if let Some(child) = self.children().await.first().copied() {
            self.done.push("erase a child".to_owned());
            let erased = self.store.erase_student(child, OFFICE, now()).await;
            erased.expect("erased");
        }
    }

    async fn children(&self) -> Vec<StudentId> {
        let kim = pupils(self.store, "Kim").await.into_iter();
        let here = kim.filter(|it| it.gone_at.is_none());
        here.map(|it| it.id).collect()
    }

    async fn check(&mut self) {
        self.names
            .insert(self.his().await.about.name.reveal().to_owned());
        if !self.has_order {
            return;
        }
        let of = |what: String, done: &[String]| format!("{what} after {done:#?}");
        assert!(is_kept_away(self.store, self.bob).await);
        for second in &self.waiting {
            let waits = is_kept_away(self.store, *second).await;
            assert!(waits, "{}", of(second.to_string(), &self.done));
        }
        for child in self.children().await {
            for who in &self.names {
                let waits = would_wait(self.store, who, "new@y.example", &[child]).await;
                assert!(waits, "{}", of(who.clone(), &self.done));
            }
        }
    }
}

/// The rows of the family in one run.
fn family(run: u64, who: &str, at: &str) -> [String; 3] {
    [
        format!("Mia Kim,{run}-1,4b,Anna Kim,{run}-G1,anna@x.example\n"),
        format!("Mia Kim,{run}-1,4b,{who},{run}-G2,{at}\n"),
        format!("Leo Kim,{run}-5,1a,Anna Kim,{run}-G1,anna@x.example\n"),
    ]
}

async fn whatever_comes_after_an_order_lets_nobody_in(store: Store) {
    let store = &store;
    for run in 0..12 {
        let rows = family(run, "Bob Kim", "bob@x.example");
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        import(store, &rows, false).await;
        let bob = called(store, "Bob Kim", "bob@x.example").await;
        let mut fates = Fates {
            store,
            dice: Dice(run),
            run,
            bob,
            said: ("Bob Kim".to_owned(), "bob@x.example".to_owned()),
            names: BTreeSet::new(),
            waiting: BTreeSet::new(),
            has_order: false,
            done: Vec::new(),
        };
        fates.check().await;
        for _ in 0..10 {
            fates.step().await;
            fates.check().await;
        }
        if fates.has_order {
            let lifted = store.lift_court_order(bob, OFFICE, now()).await;
            lifted.expect("lifted");
        }
        for it in store.contacts().await.expect("read") {
            let erased = store.erase_contact(it.id, OFFICE, now()).await;
            erased.expect("erased");
        }
        for it in pupils(store, "Kim").await {
            let erased = store.erase_student(it.id, OFFICE, now()).await;
            erased.expect("erased");
        }
    }
}
