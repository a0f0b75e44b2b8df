//! A parent's telephone number and address stand beside those of the school's records until the office says
//! which is kept, whatever imports bring meanwhile (DIR-12).

use std::collections::BTreeSet;

use school::import::{self, Incoming, Outcome};
use school::said::Standing;
use school::telephone::Telephones;
use school::{AccountId, ContactId, Note, Refusal, StudentId};
use store::{
    Aftermath, ContactDetails, Detail, Doing, Keep, Naming, Place, Registering, Store, Then,
};

use crate::named_parents::{details, first_parent};
use crate::places::{OPTIONS, fresh_folder, on_both};
use crate::registrations::{invited, register};
use crate::world::{OFFICE, World, contact, email, later, name, now, refused};

on_both!(
    a_parents_number_stays_until_the_office_decides,
    what_is_not_shared_is_not_asked,
    texts_go_where_the_schools_records_say,
    what_was_accepted_holds_for_two_records_of_one_person,
    an_accounts_address_stays_until_the_office_decides,
    the_schools_address_ends_what_the_other_opened,
    it_ends_it_also_where_another_record_was_made_one_with_theirs,
    whoever_waits_for_an_address_alone_is_freed_by_the_office_alone,
    no_source_takes_away_the_address_that_somebody_barred_reads,
    an_order_counts_on_both_addresses,
    what_stands_under_the_records_address_is_erased_too,
    what_was_said_beside_an_address_holds_for_records_that_are_one,
    whoever_closes_their_account_is_written_to_where_the_source_says,
    by_the_records_address_they_are_found_and_alike,
);

const OLD: &str = "01632 960001";
const THIRD: &str = "01632 960003";
const MOBILE: &str = "07400 123456";
/// What [`details`] gives.
const OWN: &str = "01632 960123";

/// Ivy Park, who has an account.
pub(crate) struct Ivy {
    pub(crate) store: Store,
    pub(crate) zoe: StudentId,
    pub(crate) contact: ContactId,
    pub(crate) account: AccountId,
}

impl Ivy {
    pub(crate) async fn new(store: Store) -> Self {
        let world = World::new(store).await;
        let (zoe, link) = first_parent(&world.store).await;
        let store = world.store;
        let given = store.give_details(&link, &details(zoe), now()).await;
        given.expect("given");
        let how = Registering::Anew("a hash".to_owned());
        let registered = register(&store, &link, how, now()).await;
        let (account, _) = registered.expect("registered");
        let home = store.account_home(account, now()).await.expect("read");
        Self {
            contact: home.people[0].contact,
            zoe,
            account,
            store,
        }
    }

    /// The nightly import, which says that number.
    async fn import(&self, telephone: &str) -> Outcome {
        self.import_of("telephone", telephone).await
    }

    /// The same, with these columns.
    async fn import_of(&self, columns: &str, numbers: &str) -> Outcome {
        self.import_at("ivy@home.example", columns, numbers).await
    }

    /// The same of who has that address.
    async fn import_at(&self, email: &str, columns: &str, numbers: &str) -> Outcome {
        let file = format!(
            "student,homeroom,guardian,e-mail,{columns}\n\
             Zoe Park,8B,Ivy Park,{email},{numbers}\n"
        );
        let rows = import::read(file.as_bytes()).expect("readable").rows;
        let what = (Doing::Surely, Then::Nothing);
        let done = self.store.import(Incoming::some(rows), what, OFFICE, now());
        done.await.expect("done").results[0].outcome
    }

    /// What the office is asked: the school's number, and hers.
    async fn asked(&self) -> Vec<(String, String)> {
        let asked = self.store.changed_details().await.expect("read");
        let waits = self.store.attention(now()).await.expect("read").to_decide;
        assert_eq!(usize::try_from(waits), Ok(asked.len()));
        let mut both = Vec::new();
        for one in asked {
            assert_eq!((one.contact, one.what), (self.contact, Detail::Telephone));
            assert_eq!(one.students.len(), 1);
            both.push((one.school, one.own));
        }
        let other = both.first().map_or("", |(school, _)| school.as_str());
        assert_eq!(self.shown().await.1, other, "her page says the same");
        both
    }

    /// What her page shows: her number, and the school's where it is not decided.
    async fn shown(&self) -> (String, String) {
        let home = self.store.account_home(self.account, now()).await;
        let person = home.expect("read").people.remove(0);
        (person.details.telephone, person.other_telephone)
    }

    async fn decide(&self, keep: Keep, shown: (&str, &str)) -> store::Result<Aftermath> {
        self.decide_of(Detail::Telephone, keep, shown).await
    }

    async fn decide_of(
        &self,
        what: Detail,
        keep: Keep,
        shown: (&str, &str),
    ) -> store::Result<Aftermath> {
        let of = (self.contact, what);
        let word = Note::default();
        let decided = self
            .store
            .decide_detail(of, (keep, &word), shown, OFFICE, now());
        decided.await
    }

    /// The nightly import, which says that address.
    async fn import_address(&self, email: &str) -> Outcome {
        self.import_at(email, "relationship", "Mother").await
    }

    /// Between which addresses the office is asked to choose; her page says whether it is.
    async fn addresses_asked(&self) -> Vec<(String, String)> {
        let asked = self
            .store
            .changed_details()
            .await
            .expect("read")
            .into_iter();
        let both: Vec<_> = asked
            .filter(|it| it.what == Detail::Email)
            .map(|it| (it.school, it.own))
            .collect();
        let home = self.store.account_home(self.account, now()).await;
        for person in home.expect("read").people {
            assert_eq!(person.has_other_address, !both.is_empty());
        }
        both
    }

    /// Where what is sent to her goes, and whether she signs in with it.
    async fn reached(&self) -> (String, bool) {
        let contact = self.store.contact(self.contact).await.expect("there");
        let email = contact.about.email.expect("an address");
        let account = self.store.account_by_email(&email).await.expect("read");
        let opens = account.is_some_and(|it| it.id == self.account);
        (email.reveal().to_owned(), opens)
    }

    async fn give(&self, given: &ContactDetails) {
        let whose = (self.account, self.contact);
        let changed = self.store.change_details(whose, given, now()).await;
        changed.expect("changed");
    }

    /// Where text messages to her go.
    async fn texted(&self) -> Option<String> {
        let contact = self.store.contact(self.contact).await.expect("there");
        contact.about.mobile.map(|it| it.reveal().to_owned())
    }

    async fn both(&self) -> Telephones {
        self.store.telephones(self.contact).await.expect("read")
    }
}

fn pair(school: &str, own: &str) -> Vec<(String, String)> {
    vec![(school.to_owned(), own.to_owned())]
}

async fn a_parents_number_stays_until_the_office_decides(store: Store) {
    let ivy = Ivy::new(store).await;
    assert_eq!(ivy.asked().await, [], "only she says one");
    assert_eq!(ivy.import(OLD).await, Outcome::Updated);
    assert_eq!(ivy.asked().await, pair(OLD, OWN));
    // Night after night.
    assert_eq!(ivy.import(OLD).await, Outcome::Unchanged);
    assert_eq!(ivy.shown().await.0, OWN);
    // Of what the office was not shown nothing is decided, nor of who is not there.
    for shown in [(OLD, OLD), (THIRD, OWN)] {
        let decided = ivy.decide(Keep::Own, shown).await;
        assert_eq!(refused(decided), Refusal::ChangedMeanwhile);
    }
    let nobody = ContactId(1);
    let word = Note::default();
    let decided = ivy.store.decide_detail(
        (nobody, Detail::Telephone),
        (Keep::Own, &word),
        (OLD, OWN),
        OFFICE,
        now(),
    );
    assert_eq!(refused(decided.await), Refusal::NotFound);
    let accepted = ivy.decide(Keep::Own, (OLD, OWN)).await;
    accepted.expect("accepted");
    assert_eq!(ivy.asked().await, []);
    assert_eq!(ivy.import(OLD).await, Outcome::Unchanged);
    assert_eq!(ivy.asked().await, [], "the old one again is no news");
    assert_eq!(ivy.both().await.standing(), Standing::Accepted);
    let twice = ivy.decide(Keep::School, (OLD, OWN)).await;
    assert_eq!(refused(twice), Refusal::ChangedMeanwhile);
    // Another matter of hers leaves it as it is.
    let mut given = details(ivy.zoe);
    given.lives_with = BTreeSet::new();
    ivy.give(&given).await;
    assert_eq!(ivy.asked().await, []);
    // Another number of hers was not accepted.
    "01632 960999".clone_into(&mut given.telephone);
    ivy.give(&given).await;
    assert_eq!(ivy.asked().await, pair(OLD, "01632 960999"));
    ivy.give(&details(ivy.zoe)).await;
    let accepted = ivy.decide(Keep::Own, (OLD, OWN)).await;
    accepted.expect("accepted again");
    a_third_is_asked_anew(&ivy).await;
}

/// Once hers is accepted beside the old one.
async fn a_third_is_asked_anew(ivy: &Ivy) {
    // Hers stays meanwhile.
    assert_eq!(ivy.import(THIRD).await, Outcome::Updated);
    assert_eq!(ivy.asked().await, pair(THIRD, OWN));
    assert_eq!(ivy.shown().await.0, OWN);
    // The source comes to say hers: there is nothing left to decide.
    assert_eq!(ivy.import("+44 1632 960123").await, Outcome::Updated);
    assert_eq!(ivy.asked().await, []);
    assert_eq!(ivy.import(THIRD).await, Outcome::Updated);
    let is_shown = async || {
        let said = ivy.store.contact_details(ivy.contact).await.expect("read");
        said.is_some_and(|it| it.families_telephone)
    };
    assert!(is_shown().await);
    let kept = ivy.decide(Keep::School, (THIRD, OWN)).await;
    kept.expect("kept");
    assert!(!is_shown().await, "other families were shown hers");
    assert_eq!(ivy.shown().await, (THIRD.to_owned(), String::new()));
    assert_eq!(ivy.import(THIRD).await, Outcome::Unchanged);
    // She may say it again, and it is asked again.
    ivy.give(&details(ivy.zoe)).await;
    assert_eq!(ivy.asked().await, pair(THIRD, OWN));
}

async fn what_is_not_shared_is_not_asked(store: Store) {
    let ivy = Ivy::new(store).await;
    ivy.import(OLD).await;
    let mut given = details(ivy.zoe);
    given.school_telephone = false;
    ivy.give(&given).await;
    assert_eq!(ivy.asked().await, []);
    ivy.import(THIRD).await;
    assert_eq!(ivy.asked().await, []);
    assert_eq!(ivy.both().await.own, "");
    given.school_telephone = true;
    ivy.give(&given).await;
    assert_eq!(ivy.asked().await, pair(THIRD, OWN));
}

async fn texts_go_where_the_schools_records_say(store: Store) {
    let ivy = Ivy::new(store).await;
    assert_eq!(ivy.texted().await, None, "nobody said it is a mobile's");
    // She gives another number than the mobile number that a source has alone.
    assert_eq!(ivy.import_of("mobile", MOBILE).await, Outcome::Updated);
    assert_eq!(ivy.asked().await, pair(MOBILE, OWN));
    let texted = Some("+447400123456".to_owned());
    assert_eq!(ivy.texted().await, texted);
    let accepted = ivy.decide(Keep::Own, (MOBILE, OWN)).await;
    accepted.expect("accepted");
    assert_eq!(ivy.asked().await, []);
    assert_eq!(ivy.texted().await, texted, "hers is a telephone's");
    assert_eq!(
        ivy.import_of("mobile", MOBILE).await,
        Outcome::Unchanged,
        "night after night"
    );
    // Where it has another telephone, that is another number.
    let both = format!("{MOBILE},{OLD}");
    let done = ivy.import_of("mobile,telephone", &both).await;
    assert_eq!(done, Outcome::Updated);
    assert_eq!(ivy.asked().await, pair(OLD, OWN));
    // The mobile number is one of the school's records too.
    let mut given = details(ivy.zoe);
    MOBILE.clone_into(&mut given.telephone);
    ivy.give(&given).await;
    assert_eq!(ivy.asked().await, []);
    // Nor does a mobile number that she gives take its place, accepted or not.
    "07400 654321".clone_into(&mut given.telephone);
    ivy.give(&given).await;
    assert_eq!(ivy.asked().await, pair(OLD, "07400 654321"));
    let accepted = ivy.decide(Keep::Own, (OLD, "07400 654321")).await;
    accepted.expect("accepted");
    assert_eq!(ivy.texted().await, texted);
}

async fn what_was_accepted_holds_for_two_records_of_one_person(store: Store) {
    let ivy = Ivy::new(store).await;
    ivy.import(OLD).await;
    let accepted = ivy.decide(Keep::Own, (OLD, OWN)).await;
    accepted.expect("accepted");
    let twin = contact(&ivy.store, "Ivy Park", "ivy@work.example", &[ivy.zoe]).await;
    let done = ivy.import_at("ivy@work.example", "telephone", OLD).await;
    assert_eq!(done, Outcome::Updated);
    let joined = ivy.store.join_records((twin, ivy.contact), OFFICE, now());
    joined.await.expect("joined");
    let both = ivy.store.telephones(twin).await.expect("read");
    assert_eq!((both.school.as_str(), both.own.as_str()), (OLD, OWN));
    assert_eq!(both.standing(), Standing::Accepted);
    assert_eq!(ivy.store.changed_details().await.expect("read"), []);
}

/// What she registered with.
const HOME: &str = "ivy@home.example";
const WORK: &str = "ivy@work.example";
const CLUB: &str = "ivy@club.example";

async fn an_accounts_address_stays_until_the_office_decides(store: Store) {
    let ivy = Ivy::new(store).await;
    assert_eq!(ivy.import_address(HOME).await, Outcome::Updated);
    assert_eq!(ivy.addresses_asked().await, []);
    assert_eq!(ivy.import_address(WORK).await, Outcome::Updated);
    assert_eq!(ivy.addresses_asked().await, pair(WORK, HOME));
    let here = (HOME.to_owned(), true);
    assert_eq!(ivy.reached().await, here, "no source takes it over");
    // Night after night.
    assert_eq!(ivy.import_address(WORK).await, Outcome::Unchanged);
    for shown in [(WORK, WORK), (CLUB, HOME)] {
        let decided = ivy.decide_of(Detail::Email, Keep::Own, shown).await;
        assert_eq!(refused(decided), Refusal::ChangedMeanwhile);
    }
    let accepted = ivy.decide_of(Detail::Email, Keep::Own, (WORK, HOME)).await;
    accepted.expect("accepted");
    assert_eq!(ivy.addresses_asked().await, []);
    assert_eq!(ivy.import_address(WORK).await, Outcome::Unchanged);
    assert_eq!(ivy.addresses_asked().await, [], "that one again is no news");
    let twice = ivy
        .decide_of(Detail::Email, Keep::School, (WORK, HOME))
        .await;
    assert_eq!(refused(twice), Refusal::ChangedMeanwhile);
    // A third is asked anew; the source comes to say hers, and there is nothing left to decide.
    assert_eq!(ivy.import_address(CLUB).await, Outcome::Updated);
    assert_eq!(ivy.addresses_asked().await, pair(CLUB, HOME));
    assert_eq!(
        ivy.import_address("Ivy@HOME.example").await,
        Outcome::Updated
    );
    assert_eq!(ivy.addresses_asked().await, []);
    assert_eq!(ivy.reached().await, here);
    // By hand the office decides at once, whatever she says.
    ivy.import_address(WORK).await;
    let mut about = ivy.store.contact(ivy.contact).await.expect("there").about;
    about.email = Some(email(CLUB));
    let changed = ivy.store.change_contact(ivy.contact, &about, OFFICE, now());
    changed.await.expect("changed");
    assert_eq!(ivy.store.changed_details().await.expect("read"), []);
    assert_eq!(ivy.reached().await, (CLUB.to_owned(), false));
}

async fn the_schools_address_ends_what_the_other_opened(store: Store) {
    let ivy = Ivy::new(store).await;
    ivy.import_address(WORK).await;
    let kept = ivy
        .decide_of(Detail::Email, Keep::School, (WORK, HOME))
        .await;
    kept.expect("kept");
    assert_eq!(ivy.store.changed_details().await.expect("read"), []);
    assert_eq!(ivy.reached().await, (WORK.to_owned(), false));
    let account = ivy.store.account_by_email(&email(HOME)).await;
    assert!(
        account.expect("read").is_none(),
        "it shows nothing any more"
    );
    // Whoever has no account is written to where the source says.
    assert_eq!(ivy.import_address(CLUB).await, Outcome::Updated);
    assert_eq!(ivy.reached().await, (CLUB.to_owned(), false));
    assert_eq!(ivy.store.changed_details().await.expect("read"), []);
}

async fn it_ends_it_also_where_another_record_was_made_one_with_theirs(store: Store) {
    let ivy = Ivy::new(store).await;
    let twin = contact(&ivy.store, "Ivy Park", HOME, &[ivy.zoe]).await;
    let joined = ivy.store.join_records((ivy.contact, twin), OFFICE, now());
    joined.await.expect("joined");
    ivy.import_address(WORK).await;
    let kept = ivy
        .decide_of(Detail::Email, Keep::School, (WORK, HOME))
        .await;
    kept.expect("kept");
    let account = ivy.store.account_by_email(&email(HOME)).await;
    assert!(
        account.expect("read").is_none(),
        "it shows nothing any more"
    );
}

async fn whoever_waits_for_an_address_alone_is_freed_by_the_office_alone(store: Store) {
    let ivy = Ivy::new(store).await;
    let sean = contact(&ivy.store, "Sean O'Brien", WORK, &[]).await;
    let ordered = ivy.store.set_court_order(sean, OFFICE, now());
    ordered.await.expect("ordered");
    ivy.import_address(WORK).await;
    let hers = async || ivy.store.contact(ivy.contact).await.expect("there");
    assert_eq!(hers().await.may_be.map(|it| it.contact), Some(sean));
    let mut about = hers().await.about;
    about.email = Some(email(CLUB));
    let changed = ivy.store.change_contact(ivy.contact, &about, OFFICE, now());
    changed.await.expect("changed");
    assert_eq!(hers().await.may_be.map(|it| it.contact), Some(sean));
    let told = ivy.store.tell_apart(ivy.contact, sean, OFFICE, now()).await;
    told.expect("told apart");
    assert_eq!(hers().await.may_be.map(|it| it.contact), None);
}

async fn no_source_takes_away_the_address_that_somebody_barred_reads(store: Store) {
    let ivy = Ivy::new(store).await;
    // Without an account, whose address any import replaces.
    ivy.import_address(WORK).await;
    let kept = ivy
        .decide_of(Detail::Email, Keep::School, (WORK, HOME))
        .await;
    kept.expect("kept");
    let ordered = ivy.store.set_court_order(ivy.contact, OFFICE, now());
    ordered.await.expect("ordered");
    ivy.import_address(CLUB).await;
    assert_eq!(
        ivy.reached().await.0,
        WORK,
        "it stands, and so does the other"
    );
    // A third takes away none of these.
    ivy.import_address("ivy@gym.example").await;
    for (who, at) in [
        ("Sun Park", WORK),
        ("May Park", CLUB),
        ("Lee Park", "ivy@gym.example"),
    ] {
        let other = contact(&ivy.store, who, at, &[ivy.zoe]).await;
        let other = ivy.store.contact(other).await.expect("there");
        assert_eq!(other.may_be.map(|it| it.contact), Some(ivy.contact), "{at}");
    }
}

async fn an_order_counts_on_both_addresses(store: Store) {
    let ivy = Ivy::new(store).await;
    let sean = contact(&ivy.store, "Sean O'Brien", WORK, &[]).await;
    let ordered = ivy.store.set_court_order(sean, OFFICE, now());
    ordered.await.expect("ordered");
    let waits = async || {
        let contact = ivy.store.contact(ivy.contact).await.expect("there");
        contact.may_be.map(|it| it.contact)
    };
    assert_eq!(waits().await, None);
    // His address, which the source says is hers.
    ivy.import_address(WORK).await;
    assert_eq!(waits().await, Some(sean), "what is sent there reaches him");
    assert_eq!(ivy.addresses_asked().await, pair(WORK, HOME));
    ivy.import_address(HOME).await;
    assert_eq!(waits().await, Some(sean), "no source sets her free");
    // The office says that the source is wrong: nothing is sent there for her.
    ivy.import_address(WORK).await;
    assert_eq!(waits().await, Some(sean));
    let accepted = ivy.decide_of(Detail::Email, Keep::Own, (WORK, HOME)).await;
    accepted.expect("accepted");
    assert_eq!(waits().await, None, "no source locks her out for good");
    ivy.import_address(WORK).await;
    assert_eq!(waits().await, None);
    // However it is written, once another has stood there.
    ivy.import_address(CLUB).await;
    ivy.import_address("Ivy@WORK.example").await;
    assert_eq!(waits().await, None);
    // The other way about: an order on her is on whoever has the address of the records.
    ivy.import_address(CLUB).await;
    let ordered = ivy.store.set_court_order(ivy.contact, OFFICE, now());
    ordered.await.expect("ordered");
    let other = contact(&ivy.store, "Sun Park", CLUB, &[ivy.zoe]).await;
    let other = ivy.store.contact(other).await.expect("there");
    assert_eq!(other.may_be.map(|it| it.contact), Some(ivy.contact));
    // While it stands, both addresses do, and nobody decides between them.
    assert_eq!(ivy.store.changed_details().await.expect("read"), []);
    for keep in [Keep::School, Keep::Own] {
        let decided = ivy.decide_of(Detail::Email, keep, (CLUB, HOME)).await;
        assert_eq!(refused(decided), Refusal::CourtOrderStands);
    }
}

async fn what_stands_under_the_records_address_is_erased_too(store: Store) {
    let ivy = Ivy::new(store).await;
    let sun = contact(&ivy.store, "Sun Park", "sun@home.example", &[ivy.zoe]).await;
    let link = invited(&ivy.store, sun, now()).await;
    let how = Registering::Anew("a hash".to_owned());
    let (account, _) = register(&ivy.store, &link, how, now())
        .await
        .expect("registered");
    let rose = (&name("Rose Stone"), &email(WORK));
    let by = Naming::Account(account, sun);
    let named = ivy.store.name_parent(by, ivy.zoe, rose, now()).await;
    named.expect("named");
    ivy.import_address(WORK).await;
    let waits = async || ivy.store.attention(now()).await.expect("read").to_decide;
    assert_eq!(waits().await, 2, "whom Sun named, and the address");
    let erased = ivy.store.erase_contact(ivy.contact, OFFICE, now()).await;
    erased.expect("erased");
    assert_eq!(waits().await, 0);
}

async fn what_was_said_beside_an_address_holds_for_records_that_are_one(store: Store) {
    let ivy = Ivy::new(store).await;
    ivy.import_address(WORK).await;
    let accepted = ivy.decide_of(Detail::Email, Keep::Own, (WORK, HOME)).await;
    accepted.expect("accepted");
    let twin = contact(&ivy.store, "Ivy Park", CLUB, &[ivy.zoe]).await;
    let joined = ivy.store.join_records((twin, ivy.contact), OFFICE, now());
    joined.await.expect("joined");
    assert_eq!(ivy.import_address(WORK).await, Outcome::Unchanged);
    let parted = ivy
        .store
        .part_records((twin, ivy.contact), OFFICE, later(1));
    parted.await.expect("parted");
    let erased = ivy.store.erase_contact(twin, OFFICE, now()).await;
    erased.expect("erased");
    // Of one address the question goes along, and comes back.
    ivy.import_address("ivy@gym.example").await;
    let other = contact(&ivy.store, "Ivy Park", HOME, &[ivy.zoe]).await;
    let joined = ivy
        .store
        .join_records((other, ivy.contact), OFFICE, later(2));
    joined.await.expect("joined");
    let asked = async || {
        let asked = ivy.store.changed_details().await.expect("read");
        asked.iter().map(|it| it.contact).collect::<Vec<_>>()
    };
    assert_eq!(asked().await, [other]);
    let parted = ivy
        .store
        .part_records((other, ivy.contact), OFFICE, later(3));
    parted.await.expect("parted");
    assert_eq!(asked().await, [ivy.contact]);
}

async fn whoever_closes_their_account_is_written_to_where_the_source_says(store: Store) {
    let ivy = Ivy::new(store).await;
    ivy.import_address(WORK).await;
    let closed = ivy.store.close_account(ivy.account, now()).await;
    closed.expect("closed");
    assert_eq!(ivy.store.changed_details().await.expect("read"), []);
    ivy.import_address(CLUB).await;
    assert_eq!(ivy.reached().await, (CLUB.to_owned(), false));
}

async fn by_the_records_address_they_are_found_and_alike(store: Store) {
    let ivy = Ivy::new(store).await;
    ivy.import_address("Ivy@Work.example").await;
    for search in ["ivy@work", "IVY@WORK.example"] {
        let found = ivy.store.students(search, None, 10).await.expect("read");
        let found: Vec<_> = found.students.iter().map(|it| it.id).collect();
        assert_eq!(found, [ivy.zoe], "{search}");
    }
    let sun = contact(&ivy.store, "Sun Hill", WORK, &[]).await;
    let alike = ivy.store.alike_records().await.expect("read").0;
    let pairs: Vec<_> = alike
        .iter()
        .map(|it| BTreeSet::from([it.one.contact, it.other.contact]))
        .collect();
    assert_eq!(pairs, [BTreeSet::from([sun, ivy.contact])]);
    let mut about = ivy.store.contact(ivy.contact).await.expect("there").about;
    about.students = Vec::new();
    let changed = ivy.store.change_contact(ivy.contact, &about, OFFICE, now());
    changed.await.expect("changed");
    let found = ivy.store.others_found("ivy@work").await.expect("read");
    assert!(found.contacts.iter().any(|(id, _)| *id == ivy.contact));
}

/// Whoever got an order since a backup is known by both addresses in it, though it has nothing of them.
#[tokio::test]
async fn a_backup_loses_no_address_of_somebody_barred() {
    let folder = fresh_folder();
    let open = async |file: &str| {
        let place = Place::Sqlite(folder.path().join(file));
        Store::open(&place, OPTIONS).await.expect("open")
    };
    let ivy = Ivy::new(open("a").await).await;
    ivy.import_address(HOME).await;
    let copy = folder.path().join("copy");
    ivy.store.backup(&copy).await.expect("copied");
    let rose = contact(&ivy.store, "Rose Stone", "rose@x.example", &[ivy.zoe]).await;
    let ordered = ivy.store.set_court_order(rose, OFFICE, now());
    ordered.await.expect("ordered");
    let file = "student,homeroom,guardian,e-mail\nZoe Park,8B,Rose Stone,rose@work.example\n";
    let rows = import::read(file.as_bytes()).expect("readable").rows;
    let what = (Doing::Surely, Then::Nothing);
    let done = ivy.store.import(Incoming::some(rows), what, OFFICE, now());
    done.await.expect("done");
    let restored = open("copy").await;
    let last = ivy.store.last_standing().await.expect("read");
    let carried = restored.carry_over(&last, later(10)).await;
    carried.expect("carried");
    let other = contact(&restored, "Sun Hill", "rose@work.example", &[]).await;
    let other = restored.contact(other).await.expect("there");
    assert_eq!(other.may_be.map(|it| it.contact), Some(rose));
}

/// Where the backup went another way, what stood beside an address in it does not stand beside another.
#[tokio::test]
async fn a_backup_that_went_another_way_asks_of_no_address_that_is_gone() {
    let folder = fresh_folder();
    let open = async |file: &str| {
        let place = Place::Sqlite(folder.path().join(file));
        Store::open(&place, OPTIONS).await.expect("open")
    };
    let ivy = Ivy::new(open("a").await).await;
    ivy.import_address(WORK).await;
    let copy = folder.path().join("copy");
    ivy.store.backup(&copy).await.expect("copied");
    let mut about = ivy.store.contact(ivy.contact).await.expect("there").about;
    about.email = Some(email(CLUB));
    let changed = ivy.store.change_contact(ivy.contact, &about, OFFICE, now());
    changed.await.expect("changed");
    let restored = open("copy").await;
    contact(&restored, "Sun Hill", "sun@x.example", &[]).await;
    let last = ivy.store.last_standing().await.expect("read");
    let carried = restored
        .carry_over(&last, later(10))
        .await
        .expect("carried");
    assert!(carried.have_branched);
    assert_eq!(restored.changed_details().await.expect("read"), []);
}

/// An account that the office ended by keeping the school's address is not back with a backup.
#[tokio::test]
async fn a_backup_brings_back_no_account_that_the_office_has_ended() {
    let folder = fresh_folder();
    let open = async |file: &str| {
        let place = Place::Sqlite(folder.path().join(file));
        Store::open(&place, OPTIONS).await.expect("open")
    };
    let ivy = Ivy::new(open("a").await).await;
    ivy.import_address(WORK).await;
    let copy = folder.path().join("copy");
    ivy.store.backup(&copy).await.expect("copied");
    let kept = ivy
        .decide_of(Detail::Email, Keep::School, (WORK, HOME))
        .await;
    kept.expect("kept");
    let restored = open("copy").await;
    let last = ivy.store.last_standing().await.expect("read");
    let carried = restored.carry_over(&last, later(10)).await;
    carried.expect("carried");
    let account = restored.account_by_email(&email(HOME)).await;
    assert!(account.expect("read").is_none());
    assert_eq!(restored.changed_details().await.expect("read"), []);
}

/// What was decided and taken back since a backup stays so, and who was made one with another keeps
/// their students.
#[tokio::test]
async fn what_was_decided_since_a_backup_stays_decided() {
    let folder = fresh_folder();
    let open = async |file: &str| {
        let place = Place::Sqlite(folder.path().join(file));
        Store::open(&place, OPTIONS).await.expect("open")
    };
    let ivy = Ivy::new(open("a").await).await;
    ivy.import(OLD).await;
    assert_eq!(ivy.import_address(CLUB).await, Outcome::Updated);
    let twin = contact(&ivy.store, "Ivy Park", "ivy@work.example", &[ivy.zoe]).await;
    let copy = folder.path().join("copy");
    ivy.store.backup(&copy).await.expect("copied");
    let accepted = ivy.decide(Keep::Own, (OLD, OWN)).await;
    accepted.expect("accepted");
    let accepted = ivy.decide_of(Detail::Email, Keep::Own, (CLUB, HOME)).await;
    accepted.expect("accepted");
    let mut given = details(ivy.zoe);
    given.families_telephone = false;
    ivy.give(&given).await;
    let joined = ivy.store.join_records((ivy.contact, twin), OFFICE, now());
    joined.await.expect("joined");

    let restored = open("copy").await;
    let last = ivy.store.last_standing().await.expect("read");
    let carried = restored
        .carry_over(&last, later(10))
        .await
        .expect("carried");
    assert_eq!(carried.guardians, 0, "nobody lost a student");
    let here = Ivy {
        store: restored,
        ..ivy
    };
    assert_eq!(here.asked().await, []);
    assert_eq!(here.both().await.standing(), Standing::Accepted);
    assert_eq!(here.addresses_asked().await, []);
    let said = here.store.contact_details(here.contact).await;
    let said = said.expect("read").expect("said");
    assert!(!said.families_telephone && said.school_telephone);
    let other = here.store.contact(twin).await.expect("there");
    assert_eq!(other.about.students.len(), 1);
}
