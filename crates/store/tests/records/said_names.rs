//! A name that a parent says waits for the office, and stands beside that of the school's records,
//! whatever imports bring meanwhile (DIR-9, DIR-12).

use std::collections::BTreeSet;

use school::import::{self, Incoming, Outcome};
use school::registration::Wish;
use school::{AccountId, ContactId, Note, Refusal, StudentId};
use store::{
    Detail, Doing, Guardian, Keep, NameStanding, Naming, NewStudent, Place, Registering, SaidName,
    Store, Then,
};

use crate::places::{OPTIONS, fresh_folder, on_both};
use crate::registrations::{invited, register};
use crate::said::Ivy;
use crate::world::{OFFICE, contact, email, later, name, now, refused, student};

on_both!(
    a_students_name_waits_and_no_import_undoes_what_is_accepted,
    a_source_that_says_a_third_name_has_it_asked_again,
    a_parents_own_name_waits_and_is_taken_back,
    what_is_kept_is_said_and_what_was_accepted_is_taken_back_by_hand,
    an_order_stands_against_every_name,
    nobody_becomes_another_by_a_name,
    a_name_of_the_other_parents_is_no_order_on_them,
    an_order_counts_on_what_was_said_in_either_record_of_one_person,
    of_two_guardians_each_has_their_own_word,
    what_was_said_goes_with_a_record_and_comes_back,
    what_waits_ends_with_the_account,
    whoever_is_known_by_the_name_of_the_records_is_approved,
    what_was_decided_is_withdrawn_no_longer_and_stands_where_it_is_asked,
);

const OLD: &str = "Zoe Park";
const SPELT: &str = "Zoë Park-Lee";

/// What is waiting: who is called what in the records, and what is said.
async fn asked(store: &Store) -> Vec<(Option<StudentId>, String, String)> {
    let asked = store.changed_details().await.expect("read");
    let waits = store.attention(now()).await.expect("read").to_decide;
    assert_eq!(usize::try_from(waits), Ok(asked.len()));
    let names = asked.into_iter().map(|one| match one.what {
        Detail::Name(student) => (student, one.school, one.own),
        other @ (Detail::Telephone | Detail::Email) => panic!("{other:?}"),
    });
    names.collect()
}

fn one(
    student: Option<StudentId>,
    school: &str,
    own: &str,
) -> Vec<(Option<StudentId>, String, String)> {
    vec![(student, school.to_owned(), own.to_owned())]
}

impl Ivy {
    async fn say(&self, student: Option<StudentId>, said: &str) {
        let done = self.try_say(student, said).await;
        done.expect("said");
    }

    async fn try_say(&self, student: Option<StudentId>, said: &str) -> store::Result<()> {
        let whose = (self.account, self.contact);
        self.store
            .say_name(whose, student, &name(said), now())
            .await
    }

    async fn decide_name(
        &self,
        student: Option<StudentId>,
        (keep, word): (Keep, &str),
        shown: (&str, &str),
    ) -> store::Result<()> {
        let what = (self.contact, Detail::Name(student));
        let word = Note::read(word).expect("a word");
        let decided = self
            .store
            .decide_detail(what, (keep, &word), shown, OFFICE, now());
        decided.await.map(|_| ())
    }

    /// The nightly import, in which she and her student are called so.
    async fn import_names(&self, student: &str, parent: &str) -> Outcome {
        let file = format!(
            "student id,student,homeroom,guardian,e-mail\nZ1,{student},8B,{parent},ivy@home.example\n"
        );
        self.import_file(&file).await
    }

    async fn import_file(&self, file: &str) -> Outcome {
        let rows = import::read(file.as_bytes()).expect("readable").rows;
        let what = (Doing::Surely, Then::Nothing);
        let done = self.store.import(Incoming::some(rows), what, OFFICE, now());
        let outcome = done.await.expect("done").results[0].outcome;
        let students = self
            .store
            .students("", None, 10)
            .await
            .expect("read")
            .students;
        let called = students
            .iter()
            .filter(|it| it.about.name.reveal().starts_with("Zo"));
        assert_eq!(called.count(), 1, "nobody is doubled");
        let contacts = self.store.contacts().await.expect("read");
        let hers = contacts
            .iter()
            .filter(|it| it.about.name.reveal().starts_with("Ivy"));
        assert_eq!(hers.count(), 1, "nor is she");
        outcome
    }

    /// What Zoe is called here, and in the school's records where that is another.
    async fn zoe_is(&self) -> (String, Option<String>) {
        let zoe = self.store.student(self.zoe).await.expect("there");
        let records = zoe.records_name.map(|it| it.reveal().to_owned());
        (zoe.about.name.reveal().to_owned(), records)
    }

    /// The same of herself.
    async fn is_called(&self) -> (String, Option<String>) {
        let contact = self.store.contact(self.contact).await.expect("there");
        let records = contact.records_name.map(|it| it.reveal().to_owned());
        (contact.about.name.reveal().to_owned(), records)
    }

    /// What her page says of her name, and of Zoe's.
    async fn shown_names(&self) -> [Option<SaidName>; 2] {
        shown(&self.store, self.account, self.zoe).await
    }

    /// Whom another contact of Zoe's by that name may be.
    async fn may_be(&self, called: &str) -> Option<ContactId> {
        let other = contact(&self.store, called, "other@x.example", &[self.zoe]).await;
        let may_be = self.store.contact(other).await.expect("there").may_be;
        let erased = self.store.erase_contact(other, OFFICE, now()).await;
        erased.expect("erased");
        may_be.map(|it| it.contact)
    }
}

async fn shown(store: &Store, account: AccountId, zoe: StudentId) -> [Option<SaidName>; 2] {
    let home = store.account_home(account, now()).await.expect("read");
    let [person] = &*home.people else {
        panic!("{:?}", home.people)
    };
    let child = person.students.iter().find(|it| it.id == zoe);
    [
        person.said_name.clone(),
        child.and_then(|it| it.said_name.clone()),
    ]
}

fn said(spelt: &str, standing: NameStanding) -> SaidName {
    let name = name(spelt);
    SaidName { name, standing }
}

async fn a_students_name_waits_and_no_import_undoes_what_is_accepted(store: Store) {
    let ivy = Ivy::new(store).await;
    let zoe = Some(ivy.zoe);
    assert_eq!(ivy.import_names(OLD, "Ivy Park").await, Outcome::Updated);
    ivy.say(zoe, OLD).await;
    assert_eq!(asked(&ivy.store).await, [], "that is what they say");
    ivy.say(zoe, SPELT).await;
    ivy.say(zoe, SPELT).await;
    assert_eq!(asked(&ivy.store).await, one(zoe, OLD, SPELT));
    let waits = Some(said(SPELT, NameStanding::Waits));
    assert_eq!(ivy.shown_names().await, [None, waits]);
    assert_eq!(ivy.zoe_is().await, (OLD.to_owned(), None), "the records'");
    // Night after night.
    assert_eq!(ivy.import_names(OLD, "Ivy Park").await, Outcome::Unchanged);
    assert_eq!(asked(&ivy.store).await, one(zoe, OLD, SPELT));
    for shown in [(OLD, OLD), (SPELT, SPELT), ("Zoe", SPELT)] {
        let decided = ivy.decide_name(zoe, (Keep::Own, ""), shown).await;
        assert_eq!(refused(decided), Refusal::ChangedMeanwhile);
    }
    let decided = ivy.decide_name(None, (Keep::Own, ""), (OLD, SPELT)).await;
    assert_eq!(
        refused(decided),
        Refusal::ChangedMeanwhile,
        "nobody said hers"
    );
    let accepted = ivy.decide_name(zoe, (Keep::Own, ""), (OLD, SPELT)).await;
    accepted.expect("accepted");
    let both = (SPELT.to_owned(), Some(OLD.to_owned()));
    assert_eq!(ivy.zoe_is().await, both);
    assert_eq!(asked(&ivy.store).await, []);
    let accepted = Some(said(SPELT, NameStanding::Accepted));
    assert_eq!(ivy.shown_names().await, [None, accepted]);
    let twice = ivy.decide_name(zoe, (Keep::School, ""), (OLD, SPELT)).await;
    assert_eq!(refused(twice), Refusal::ChangedMeanwhile);
    // By the id, by the old name alone, and by the new one.
    assert_eq!(ivy.import_names(OLD, "Ivy Park").await, Outcome::Unchanged);
    let by_name = format!("student,homeroom\n{OLD},8B\n");
    assert_eq!(ivy.import_file(&by_name).await, Outcome::Unchanged);
    assert_eq!(ivy.zoe_is().await, both);
    // The source comes to say it too: there is nothing to remember.
    assert_eq!(ivy.import_names(SPELT, "Ivy Park").await, Outcome::Updated);
    assert_eq!(ivy.zoe_is().await, (SPELT.to_owned(), None));
    assert_eq!(
        ivy.import_names(SPELT, "Ivy Park").await,
        Outcome::Unchanged
    );
}

async fn a_source_that_says_a_third_name_has_it_asked_again(store: Store) {
    let ivy = Ivy::new(store).await;
    let zoe = Some(ivy.zoe);
    ivy.import_names(OLD, "Ivy Park").await;
    ivy.say(zoe, SPELT).await;
    let accepted = ivy.decide_name(zoe, (Keep::Own, ""), (OLD, SPELT)).await;
    accepted.expect("accepted");
    let third = "Zoe Stone";
    assert_eq!(ivy.import_names(third, "Ivy Park").await, Outcome::Updated);
    assert_eq!(ivy.zoe_is().await, (third.to_owned(), None));
    assert_eq!(asked(&ivy.store).await, one(zoe, third, SPELT));
    let waits = Some(said(SPELT, NameStanding::Waits));
    assert_eq!(ivy.shown_names().await, [None, waits]);
}

async fn a_parents_own_name_waits_and_is_taken_back(store: Store) {
    let ivy = Ivy::new(store).await;
    ivy.import_names(OLD, "Ivy Park").await;
    ivy.say(None, "Ivy Lee").await;
    assert_eq!(asked(&ivy.store).await, one(None, "Ivy Park", "Ivy Lee"));
    // In place of what she said before.
    ivy.say(None, "Ivy Lee-Park").await;
    assert_eq!(
        asked(&ivy.store).await,
        one(None, "Ivy Park", "Ivy Lee-Park")
    );
    ivy.say(None, "Ivy Park").await;
    assert_eq!(asked(&ivy.store).await, []);
    assert_eq!(ivy.shown_names().await, [None, None]);
    ivy.say(None, "Ivy Lee").await;
    let shown = ("Ivy Park", "Ivy Lee");
    let accepted = ivy.decide_name(None, (Keep::Own, ""), shown).await;
    accepted.expect("accepted");
    let both = ("Ivy Lee".to_owned(), Some("Ivy Park".to_owned()));
    assert_eq!(ivy.is_called().await, both);
    // Under either name she is who she was.
    for called in ["Ivy Park", "Ivy Lee"] {
        assert_eq!(ivy.import_names(OLD, called).await, Outcome::Unchanged);
        assert_eq!(ivy.is_called().await, both);
    }
    let log = ivy.store.audit_log(None, 100).await.expect("read");
    for (action, times) in [
        ("name_given", 3),
        ("name_withdrawn", 1),
        ("name_accepted", 1),
    ] {
        let rows = log.iter().filter(|it| it.action == action);
        assert_eq!(rows.count(), times, "{action}");
    }
}

async fn what_is_kept_is_said_and_what_was_accepted_is_taken_back_by_hand(store: Store) {
    let ivy = Ivy::new(store).await;
    let zoe = Some(ivy.zoe);
    ivy.import_names(OLD, "Ivy Park").await;
    ivy.say(zoe, SPELT).await;
    let word = "Please bring her passport.";
    let kept = ivy
        .decide_name(zoe, (Keep::School, word), (OLD, SPELT))
        .await;
    kept.expect("kept");
    assert_eq!(asked(&ivy.store).await, []);
    let standing = NameStanding::Kept(Note::read(word).expect("a word"));
    assert_eq!(ivy.shown_names().await, [None, Some(said(SPELT, standing))]);
    assert_eq!(ivy.zoe_is().await, (OLD.to_owned(), None));
    // She may ask once more; and what is accepted the office takes back on the student's page.
    ivy.say(zoe, SPELT).await;
    let accepted = ivy.decide_name(zoe, (Keep::Own, ""), (OLD, SPELT)).await;
    accepted.expect("accepted");
    let mut about = ivy.store.student(ivy.zoe).await.expect("there").about;
    about.form = "9B".to_owned();
    let changed = ivy.store.change_student(ivy.zoe, &about, OFFICE, now());
    changed.await.expect("changed");
    let both = (SPELT.to_owned(), Some(OLD.to_owned()));
    assert_eq!(ivy.zoe_is().await, both, "a matter of its own");
    about.name = name(OLD);
    let changed = ivy.store.change_student(ivy.zoe, &about, OFFICE, now());
    changed.await.expect("changed");
    assert_eq!(ivy.zoe_is().await, (OLD.to_owned(), None));
    assert_eq!(asked(&ivy.store).await, [], "the office has decided");
    let standing = NameStanding::Kept(Note::default());
    assert_eq!(ivy.shown_names().await, [None, Some(said(SPELT, standing))]);
    // And so it does of a parent's own.
    ivy.say(None, "Ivy Lee").await;
    let shown = ("Ivy Park", "Ivy Lee");
    let accepted = ivy.decide_name(None, (Keep::Own, ""), shown).await;
    accepted.expect("accepted");
    let mut about = ivy.store.contact(ivy.contact).await.expect("there").about;
    about.name = name("Ivy Park");
    let changed = ivy.store.change_contact(ivy.contact, &about, OFFICE, now());
    changed.await.expect("changed");
    assert_eq!(ivy.is_called().await, ("Ivy Park".to_owned(), None));
    assert_eq!(asked(&ivy.store).await, []);
}

async fn an_order_stands_against_every_name(store: Store) {
    let ivy = Ivy::new(store).await;
    let zoe = Some(ivy.zoe);
    ivy.import_names(OLD, "Ivy Park").await;
    ivy.say(zoe, SPELT).await;
    ivy.say(None, "Ivy Lee").await;
    let shown = ("Ivy Park", "Ivy Lee");
    let accepted = ivy.decide_name(None, (Keep::Own, ""), shown).await;
    accepted.expect("accepted");
    ivy.say(None, "Rose Stone").await;
    let ordered = ivy.store.set_court_order(ivy.contact, OFFICE, now());
    ordered.await.expect("ordered");
    // Nothing of hers is asked, said or decided while it stands.
    assert_eq!(asked(&ivy.store).await, []);
    for student in [zoe, None] {
        let refusal = refused(ivy.try_say(student, "Another Name").await);
        assert_eq!(refusal, Refusal::NotFound);
    }
    for (student, shown) in [(zoe, (OLD, SPELT)), (None, ("Ivy Lee", "Rose Stone"))] {
        for keep in [Keep::Own, Keep::School] {
            let decided = ivy.decide_name(student, (keep, ""), shown).await;
            assert_eq!(refused(decided), Refusal::CourtOrderStands);
        }
    }
    assert_eq!(ivy.zoe_is().await.0, OLD);
    // By none of her names does she come in: that of the records, the accepted one, and the one she asked for.
    for called in ["Ivy Park", "Lee Ivy", "Rose Stone"] {
        assert_eq!(ivy.may_be(called).await, Some(ivy.contact), "{called}");
    }
    assert_eq!(ivy.may_be("Sun Park").await, None);
}

async fn nobody_becomes_another_by_a_name(store: Store) {
    let ivy = Ivy::new(store).await;
    ivy.import_names(OLD, "Ivy Park").await;
    let sean = contact(&ivy.store, "Sean O'Brien", "sean@x.example", &[ivy.zoe]).await;
    let ordered = ivy.store.set_court_order(sean, OFFICE, now());
    ordered.await.expect("ordered");
    let may_be = async || {
        let hers = ivy.store.contact(ivy.contact).await.expect("there");
        hers.may_be.map(|it| it.contact)
    };
    // What she only says is nobody's name: her page tells nothing of whom an order concerns.
    ivy.say(None, "Sean O'Brien").await;
    assert_eq!(may_be().await, None);
    let shown = ("Ivy Park", "Sean O'Brien");
    let accepted = ivy.decide_name(None, (Keep::Own, ""), shown).await;
    accepted.expect("accepted");
    assert_eq!(may_be().await, Some(sean));
    let said = ivy.try_say(None, "Ivy Park").await;
    assert_eq!(refused(said), Refusal::NotFound, "she waits");
    // And whoever may be barred by the name of the records is so by whatever name is accepted.
    let mut about = ivy.store.contact(ivy.contact).await.expect("there").about;
    about.name = name("Ivy Park");
    let changed = ivy.store.change_contact(ivy.contact, &about, OFFICE, now());
    changed.await.expect("changed");
    assert_eq!(may_be().await, Some(sean), "she was called so");
    let told = ivy.store.tell_apart(ivy.contact, sean, OFFICE, now()).await;
    told.expect("told apart");
    assert_eq!(may_be().await, None);
    ivy.say(None, "Ivy Lee").await;
    let accepted = ivy
        .decide_name(None, (Keep::Own, ""), ("Ivy Park", "Ivy Lee"))
        .await;
    accepted.expect("accepted");
    let twin = contact(&ivy.store, "Ivy Park", "twin@x.example", &[ivy.zoe]).await;
    let alike = ivy.store.alike_records().await.expect("read").0;
    let pairs: BTreeSet<_> = alike
        .iter()
        .map(|it| it.one.contact.max(it.other.contact))
        .collect();
    assert_eq!(
        pairs,
        BTreeSet::from([twin.max(ivy.contact)]),
        "of one name in the records"
    );
    let ordered = ivy.store.set_court_order(twin, OFFICE, now());
    ordered.await.expect("ordered");
    assert_eq!(may_be().await, Some(twin));
}

async fn a_name_of_the_other_parents_is_no_order_on_them(store: Store) {
    let ivy = Ivy::new(store).await;
    ivy.import_names(OLD, "Ivy Park").await;
    let sun = contact(&ivy.store, "Sun Lee", "sun@home.example", &[ivy.zoe]).await;
    let under_order = async || {
        let ordered = ivy.store.set_court_order(ivy.contact, OFFICE, now());
        ordered.await.expect("ordered");
        let may_be = ivy.store.contact(sun).await.expect("there").may_be;
        let rose = ivy.may_be("Rose Stone").await;
        let lifted = ivy.store.lift_court_order(ivy.contact, OFFICE, now());
        lifted.await.expect("lifted");
        (may_be.map(|it| it.contact), rose)
    };
    let nobody = (None, None);
    // While it waits, and once it is refused.
    ivy.say(None, "Lee Sun").await;
    assert_eq!(asked(&ivy.store).await, one(None, "Ivy Park", "Lee Sun"));
    let waits = Some(said("Lee Sun", NameStanding::Waits));
    assert_eq!(ivy.shown_names().await, [waits, None]);
    assert_eq!(under_order().await, nobody);
    let refuse = async |said: &str| {
        let kept = ivy.decide_name(None, (Keep::School, ""), ("Ivy Park", said));
        kept.await.expect("kept");
    };
    refuse("Lee Sun").await;
    assert_eq!(asked(&ivy.store).await, []);
    assert_eq!(under_order().await, nobody);
    // One that is nobody's counts until it is refused.
    ivy.say(None, "Rose Stone").await;
    assert_eq!(under_order().await, (None, Some(ivy.contact)));
    refuse("Rose Stone").await;
    assert_eq!(under_order().await, nobody);
}

async fn an_order_counts_on_what_was_said_in_either_record_of_one_person(store: Store) {
    let ivy = Ivy::new(store).await;
    ivy.import_names(OLD, "Ivy Park").await;
    let twin = contact(&ivy.store, "Ivy Park", "ivy@work.example", &[ivy.zoe]).await;
    let link = invited(&ivy.store, twin, now()).await;
    let how = Registering::Anew("a hash".to_owned());
    let registered = register(&ivy.store, &link, how, now()).await;
    let (account, _) = registered.expect("registered");
    let weber = name("Maria Weber");
    let said = ivy.store.say_name((account, twin), None, &weber, now());
    said.await.expect("said");
    ivy.say(None, "Rose Stone").await;
    let joined = ivy.store.join_records((ivy.contact, twin), OFFICE, now());
    joined.await.expect("joined");
    assert_eq!(ivy.may_be("Maria Weber").await, None, "there is no order");
    let ordered = ivy.store.set_court_order(ivy.contact, OFFICE, now());
    ordered.await.expect("ordered");
    for called in ["Rose Stone", "Maria Weber"] {
        assert_eq!(ivy.may_be(called).await, Some(ivy.contact), "{called}");
    }
}

async fn of_two_guardians_each_has_their_own_word(store: Store) {
    let ivy = Ivy::new(store).await;
    let zoe = Some(ivy.zoe);
    ivy.import_names(OLD, "Ivy Park").await;
    let sun = contact(&ivy.store, "Sun Park", "sun@home.example", &[ivy.zoe]).await;
    let link = invited(&ivy.store, sun, now()).await;
    let how = Registering::Anew("a hash".to_owned());
    let registered = register(&ivy.store, &link, how, now()).await;
    let (account, _) = registered.expect("registered");
    let theirs = (account, sun);
    ivy.say(zoe, SPELT).await;
    assert_eq!(shown(&ivy.store, account, ivy.zoe).await, [None, None]);
    let lee = name("Zoe Lee");
    let said_by_sun = ivy.store.say_name(theirs, zoe, &lee, now()).await;
    said_by_sun.expect("said");
    let hers = ivy.shown_names().await;
    assert_eq!(hers, [None, Some(said(SPELT, NameStanding::Waits))]);
    // Neither speaks for the other, nor of a child who is not theirs.
    let stranger = student(&ivy.store, "Cem Demir").await;
    contact(&ivy.store, "Omar Demir", "omar@x.example", &[stranger]).await;
    for (whose, of) in [
        ((ivy.account, sun), zoe),
        ((account, ivy.contact), None),
        (theirs, Some(stranger)),
        (theirs, Some(StudentId(1))),
    ] {
        let refusal = ivy
            .store
            .say_name(whose, of, &name("Mine Now"), now())
            .await;
        assert_eq!(refused(refusal), Refusal::NotFound);
    }
    let accepted = ivy.decide_name(zoe, (Keep::Own, ""), (OLD, SPELT)).await;
    accepted.expect("accepted");
    assert_eq!(asked(&ivy.store).await, one(zoe, SPELT, "Zoe Lee"));
    // Whoever is no guardian any more is not heard either.
    let mut sun_is = ivy.store.contact(sun).await.expect("there").about;
    sun_is.students = Vec::<Guardian>::new();
    let changed = ivy.store.change_contact(sun, &sun_is, OFFICE, now());
    changed.await.expect("changed");
    assert_eq!(asked(&ivy.store).await, []);
    let what = (sun, Detail::Name(zoe));
    let word = Note::default();
    let both = (SPELT, "Zoe Lee");
    let decided = ivy
        .store
        .decide_detail(what, (Keep::Own, &word), both, OFFICE, now());
    assert_eq!(refused(decided.await), Refusal::ChangedMeanwhile);
}

async fn what_was_said_goes_with_a_record_and_comes_back(store: Store) {
    let ivy = Ivy::new(store).await;
    let zoe = Some(ivy.zoe);
    ivy.import_names(OLD, "Ivy Park").await;
    ivy.say(zoe, SPELT).await;
    ivy.say(None, "Ivy Lee").await;
    let accepted = ivy
        .decide_name(None, (Keep::Own, ""), ("Ivy Park", "Ivy Lee"))
        .await;
    accepted.expect("accepted");
    let twin = contact(&ivy.store, "Ivy Lee", "ivy@work.example", &[ivy.zoe]).await;
    let joined = ivy.store.join_records((twin, ivy.contact), OFFICE, now());
    joined.await.expect("joined");
    let who = async || {
        let asked = ivy.store.changed_details().await.expect("read");
        asked.iter().map(|it| it.contact).collect::<Vec<_>>()
    };
    assert_eq!(who().await, [twin]);
    let shown = ivy.shown_names().await;
    assert_eq!(
        shown[1],
        Some(said(SPELT, NameStanding::Waits)),
        "she goes on reading it"
    );
    // A source that goes on saying the old name means her.
    assert_eq!(ivy.import_names(OLD, "Ivy Park").await, Outcome::Unchanged);
    let parted = ivy
        .store
        .part_records((twin, ivy.contact), OFFICE, later(10));
    parted.await.expect("parted");
    assert_eq!(who().await, [ivy.contact]);
}

/// What was decided and withdrawn since a backup stays so.
#[tokio::test]
async fn a_backup_does_not_ask_again_what_was_decided() {
    let folder = fresh_folder();
    let open = async |file: &str| {
        let place = Place::Sqlite(folder.path().join(file));
        Store::open(&place, OPTIONS).await.expect("open")
    };
    let ivy = Ivy::new(open("a").await).await;
    let zoe = Some(ivy.zoe);
    ivy.import_names(OLD, "Ivy Park").await;
    ivy.say(zoe, SPELT).await;
    ivy.say(None, "Ivy Lee").await;
    let copy = folder.path().join("copy");
    ivy.store.backup(&copy).await.expect("copied");
    let kept = ivy
        .decide_name(zoe, (Keep::School, "No."), (OLD, SPELT))
        .await;
    kept.expect("kept");
    let accepted = ivy
        .decide_name(None, (Keep::Own, ""), ("Ivy Park", "Ivy Lee"))
        .await;
    accepted.expect("accepted");
    let restored = open("copy").await;
    let last = ivy.store.last_standing().await.expect("read");
    let carried = restored.carry_over(&last, later(10)).await;
    carried.expect("carried");
    let here = Ivy {
        store: restored,
        ..ivy
    };
    assert_eq!(asked(&here.store).await, []);
    let both = ("Ivy Lee".to_owned(), Some("Ivy Park".to_owned()));
    assert_eq!(here.is_called().await, both);
    let standing = NameStanding::Kept(Note::read("No.").expect("a word"));
    assert_eq!(here.shown_names().await[1], Some(said(SPELT, standing)));
}

async fn what_waits_ends_with_the_account(store: Store) {
    let ivy = Ivy::new(store).await;
    let store = &ivy.store;
    ivy.import_names(OLD, "Ivy Park").await;
    let zoe = Some(ivy.zoe);
    ivy.say(None, "Ivy Lee").await;
    let accepted = ivy.decide_name(None, (Keep::Own, ""), ("Ivy Park", "Ivy Lee"));
    accepted.await.expect("accepted");
    let wait = async |account: AccountId| {
        for (student, said) in [(None, "Ivy Rose"), (zoe, SPELT)] {
            let whose = (account, ivy.contact);
            let done = store.say_name(whose, student, &name(said), now()).await;
            done.expect("said");
        }
        assert_eq!(asked(store).await.len(), 2);
    };
    wait(ivy.account).await;
    store
        .close_account(ivy.account, now())
        .await
        .expect("closed");
    assert_eq!(asked(store).await, [], "nobody asks any more");
    // What the office has accepted is its own word by now.
    let hers = store.contact(ivy.contact).await.expect("there");
    assert_eq!(hers.about.name, name("Ivy Lee"));
    assert_eq!(ivy.import_names(OLD, "Ivy Park").await, Outcome::Unchanged);
    // Nor where another address ends the account; but while an order stands, what was said counts.
    let again = async || {
        let link = invited(store, ivy.contact, now()).await;
        let how = Registering::Anew("a hash".to_owned());
        let registered = register(store, &link, how, now()).await;
        registered.expect("registered").0
    };
    let account = again().await;
    assert_eq!(
        shown(store, account, ivy.zoe).await,
        [None, None],
        "a new beginning"
    );
    wait(account).await;
    let readdress = async |at: &str| {
        let mut about = store.contact(ivy.contact).await.expect("there").about;
        about.email = Some(email(at));
        let changed = store.change_contact(ivy.contact, &about, OFFICE, now());
        changed.await.expect("changed");
    };
    readdress("ivy@work.example").await;
    assert_eq!(asked(store).await, []);
    wait(again().await).await;
    let ordered = store.set_court_order(ivy.contact, OFFICE, now()).await;
    ordered.expect("ordered");
    readdress("ivy@club.example").await;
    assert_eq!(ivy.may_be("Ivy Rose").await, Some(ivy.contact));
}

async fn whoever_is_known_by_the_name_of_the_records_is_approved(store: Store) {
    let ivy = Ivy::new(store).await;
    let store = &ivy.store;
    ivy.say(None, "Ivy Lee").await;
    let accepted = ivy.decide_name(None, (Keep::Own, ""), ("Ivy Park", "Ivy Lee"));
    accepted.await.expect("accepted");
    // Somebody else of the records' name is kept away from Ada, whose parent names her.
    let ada = NewStudent {
        name: name("Ada Hill"),
        form: "9C".to_owned(),
        year: None,
        source: None,
        classes: None,
    };
    let ada = store
        .add_student(&ada, OFFICE, now())
        .await
        .expect("a student");
    let twin = contact(store, "Ivy Park", "twin@x.example", &[ada]).await;
    let ordered = store.set_court_order(twin, OFFICE, now()).await;
    ordered.expect("ordered");
    let may_be = async || {
        let hers = store.contact(ivy.contact).await.expect("there");
        hers.may_be.map(|it| it.contact)
    };
    assert_eq!(may_be().await, None);
    let sun = contact(store, "Sun Hill", "sun@x.example", &[ada]).await;
    let link = invited(store, sun, now()).await;
    let how = Registering::Anew("a hash".to_owned());
    let (account, _) = register(store, &link, how, now())
        .await
        .expect("registered");
    let (called, at) = (name("Ivy Park"), email("ivy@home.example"));
    let naming = Naming::Account(account, sun);
    let named = store.name_parent(naming, ada, (&called, &at), now()).await;
    assert_eq!(named.expect("taken").0, Wish::Waits);
    let waiting = store.waiting_parents().await.expect("read");
    let approved = store.approve_parent(waiting[0].id, OFFICE, now()).await;
    approved.expect("the office has said who she is");
    assert_eq!(may_be().await, None);
    assert!(store.waiting_parents().await.expect("read").is_empty());
    let student = store.student(ada).await.expect("there");
    let mut contacts: Vec<_> = student.contacts.iter().map(|it| it.id).collect();
    contacts.sort();
    let mut expected = vec![ivy.contact, twin, sun];
    expected.sort();
    assert_eq!(contacts, expected, "nobody is doubled");
}

async fn what_was_decided_is_withdrawn_no_longer_and_stands_where_it_is_asked(store: Store) {
    let ivy = Ivy::new(store).await;
    let store = &ivy.store;
    let zoe = Some(ivy.zoe);
    let withdraw = async |contact, student, said: &str| {
        let whose = (ivy.account, contact);
        store
            .withdraw_name(whose, student, &name(said), now())
            .await
    };
    let sun = contact(store, "Sun Hill", "sun@x.example", &[ivy.zoe]).await;
    ivy.say(zoe, SPELT).await;
    assert_eq!(refused(withdraw(sun, zoe, SPELT).await), Refusal::NotFound);
    for (student, said) in [(None, SPELT), (zoe, OLD), (Some(StudentId(1)), SPELT)] {
        let refusal = refused(withdraw(ivy.contact, student, said).await);
        assert_eq!(refusal, Refusal::ChangedMeanwhile);
    }
    assert_eq!(asked(store).await, one(zoe, OLD, SPELT));
    withdraw(ivy.contact, zoe, SPELT).await.expect("withdrawn");
    assert_eq!(asked(store).await, []);
    // A page from before the office decided.
    for (keep, stands, refusals) in [
        (Keep::School, OLD, vec![(name(SPELT), name("Ivy Park"))]),
        (Keep::Own, SPELT, Vec::new()),
    ] {
        ivy.say(zoe, SPELT).await;
        ivy.decide_name(zoe, (keep, ""), (OLD, SPELT))
            .await
            .expect("decided");
        let late = withdraw(ivy.contact, zoe, SPELT).await;
        assert_eq!(refused(late), Refusal::ChangedMeanwhile);
        assert_eq!(asked(store).await, [], "nothing is asked anew");
        assert_eq!(ivy.zoe_is().await.0, stands);
        assert_eq!(store.refused_names(ivy.zoe).await.expect("read"), refusals);
    }
    // The same of herself.
    ivy.say(None, "Ivy Lee").await;
    assert_eq!(store.refused_name(ivy.contact).await.expect("read"), None);
    ivy.decide_name(None, (Keep::School, ""), ("Ivy Park", "Ivy Lee"))
        .await
        .expect("decided");
    let refused_name = store.refused_name(ivy.contact).await;
    assert_eq!(refused_name.expect("read"), Some(name("Ivy Lee")));
    let beside = async || store.records_address(ivy.contact).await.expect("read");
    assert_eq!(beside().await, None);
    let file = "student,homeroom,guardian,e-mail\nZoe Park,8B,Ivy Park,ivy@work.example\n";
    ivy.import_file(file).await;
    assert_eq!(beside().await, Some(email("ivy@work.example")));
}
