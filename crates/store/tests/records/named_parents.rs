//! Parents who are named from a student's profile, by the office and by one another (DIR-6, DIR-8), and
//! whom a court order concerns (DIR-4).

use std::collections::BTreeSet;

use jiff::SignedDuration;
use links::Secret;
use school::registration::{MOST_NAMED, ParentsInvite, Wish};
use school::{AccountId, ContactId, EmailAddress, Name, Note, Refusal, StudentId};
use store::{
    Actor, ContactDetails, Guardian, Letter, Mail, Naming, NewContact, NewStudent, Registering,
    Registration, RegistrationLetter, Store, digest,
};

use crate::places::on_both;
use crate::registrations::{invited, register};
use crate::world::{OFFICE, World, contact, email, name, now, refused};

on_both!(
    from_a_profile_to_two_parents,
    an_order_stops_it_at_each_step_from_a_profile,
    the_school_says_whether_parents_invite,
    whoever_says_their_language_is_written_to_in_it,
    whoever_may_not_see_the_student_names_nobody,
    what_was_entered_goes_with_whose_it_is,
    whoever_has_an_account_is_written_to_that_a_student_is_in_it
);

async fn student(store: &Store, who: &str) -> StudentId {
    let student = NewStudent {
        name: name(who),
        form: "8B".to_owned(),
        year: None,
        source: None,
        classes: None,
    };
    store
        .add_student(&student, OFFICE, now())
        .await
        .expect("a student")
}

/// What is sent now, to register.
async fn posted(store: &Store) -> Vec<(Mail, RegistrationLetter)> {
    let minute = SignedDuration::from_mins(1);
    let mails = store.claim_mail(store::Channel::Email, 100, minute, now());
    let mut all = Vec::new();
    for mail in mails.await.expect("claimed") {
        let sent = store.mail_sent(mail.id, mail.lease, now()).await;
        assert!(sent.expect("said"));
        if let Letter::Registration(letter) = &mail.letter {
            let letter = RegistrationLetter::clone(letter);
            all.push((mail, letter));
        }
    }
    all
}

fn by(secret: &Secret) -> [u8; 32] {
    digest(secret)
}

async fn opened(store: &Store, link: &[u8; 32]) -> Option<Registration> {
    store.registration(link, now()).await.expect("read")
}

async fn set(store: &Store, parents_invite: ParentsInvite) {
    let mut school = store.school().await.expect("read");
    school.parents_invite = parents_invite;
    let changed = store.change_school(&school, OFFICE, now()).await;
    changed.expect("changed");
    let kept = store.school().await.expect("read");
    assert_eq!(kept.parents_invite, parents_invite);
}

pub(crate) fn details(student: StudentId) -> ContactDetails {
    ContactDetails {
        telephone: "  01632  960123 ".to_owned(),
        language: "pl".to_owned(),
        school_telephone: true,
        families_email: false,
        families_telephone: true,
        lives_with: BTreeSet::from([student]),
    }
}

/// A student whom nobody is linked to, and the link of the parent whom the office has named.
pub(crate) async fn first_parent(store: &Store) -> (StudentId, [u8; 32]) {
    let zoe = student(store, "Zoe Park").await;
    let of = (&name("Ivy Park"), &email("ivy@home.example"));
    let invited = store.invite_parent(zoe, of, OFFICE, now()).await;
    invited.expect("invited");
    let sent = posted(store).await;
    let [(_, letter)] = &*sent else {
        panic!("{sent:?}")
    };
    (zoe, by(&letter.secret))
}

async fn from_a_profile_to_two_parents(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let zoe = student(store, "Zoe Park").await;
    let staff = store::NewStaff {
        name: name("Dana Reyes"),
        email: email("dana@school.example"),
        password_hash: "hash".to_owned(),
        rank: school::Rank::Owner,
    };
    let dana = store.add_staff(&staff, OFFICE, now()).await.expect("added");
    let of = (&name("Ivy Park"), &email("ivy@home.example"));
    let invited = store.invite_parent(zoe, of, Actor::Staff(dana), now());
    invited.await.expect("invited");
    let sent = posted(store).await;
    let [(mail, letter)] = &*sent else {
        panic!("{sent:?}")
    };
    assert_eq!(mail.address.reveal(), "ivy@home.example");
    let named = letter.named.as_ref().expect("from a profile");
    assert_eq!(named.inviter, Some(name("Dana Reyes")));
    assert!(named.is_first, "nobody is known yet");
    let link = by(&letter.secret);
    let open = opened(store, &link).await.expect("open");
    let asks = open.asks.expect("it asks for details");
    assert_eq!(asks.students, [(zoe, name("Zoe Park"))]);
    assert!(asks.given.is_none() && asks.may_name);
    // Their details first.
    let other = (&name("Sun Park"), &email("sun@home.example"));
    let naming = Naming::Link(&link);
    let early = store.name_parent(naming, zoe, other, now()).await;
    assert_eq!(refused(early), Refusal::SetUpDone);
    let foreign = details(world.ana);
    let foreign = store.give_details(&link, &foreign, now()).await;
    assert_eq!(refused(foreign), Refusal::NotFound);
    let given = store.give_details(&link, &details(zoe), now()).await;
    given.expect("given");
    let open = opened(store, &link).await.expect("open");
    let contact = open.contact;
    let given = open.asks.and_then(|it| it.given).expect("given");
    assert_eq!(given.telephone, "01632 960123");
    assert_eq!(given.lives_with, BTreeSet::from([zoe]));
    assert_eq!(
        store.contact_details(contact).await.expect("read"),
        Some(given)
    );
    let second = the_other_waits_and_is_approved(&world, zoe, &link).await;
    let given = store.give_details(&second, &details(zoe), now()).await;
    given.expect("given");
    // Both register; each sees the number of the other, which both show, and no address.
    let mut registered_last = None;
    for link in [link, second] {
        let how = Registering::Anew("a hash".to_owned());
        let registered = register(store, &link, how, now()).await;
        let (account, _) = registered.expect("registered");
        let home = store.account_home(account, now()).await.expect("read");
        assert_eq!(home.people.len(), 1);
        assert!(home.may_name);
        let others = &home.people[0].students[0].others;
        let [other] = &**others else {
            panic!("{others:?}")
        };
        let seen = (other.email.as_ref(), other.telephone.as_deref());
        assert_eq!(seen, (None, Some("01632 960123")));
        let after = store.give_details(&link, &details(zoe), now()).await;
        assert_eq!(refused(after), Refusal::SetUpDone);
        // From then on by the account, of their own record alone.
        let own = home.people[0].contact;
        assert_eq!(home.people[0].details.telephone, "01632 960123");
        let mut other = details(zoe);
        "01632 960123 ext 4".clone_into(&mut other.telephone);
        let foreign = (account, world.maria);
        let mut of_nobody = other.clone();
        of_nobody.lives_with.clear();
        let changed = store.change_details(foreign, &of_nobody, now()).await;
        assert_eq!(refused(changed), Refusal::NotFound);
        let mut of_others = other.clone();
        of_others.lives_with.insert(world.ana);
        let changed = store
            .change_details((account, own), &of_others, now())
            .await;
        assert_eq!(refused(changed), Refusal::NotFound);
        let changed = store.change_details((account, own), &other, now()).await;
        changed.expect("changed");
        let said = store.contact_details(own).await.expect("read");
        assert_eq!(said.expect("said").telephone, "01632 960123 ext 4");
        let changed = store
            .change_details((account, own), &details(zoe), now())
            .await;
        changed.expect("changed back");
        registered_last = Some((account, own));
    }
    let last = registered_last.expect("two did");
    a_child_who_is_theirs_no_longer_is_not_said_to_live_with_them(&world, last).await;
    assert_eq!(store.attention(now()).await.expect("read").to_decide, 0);
}

async fn a_child_who_is_theirs_no_longer_is_not_said_to_live_with_them(
    world: &World,
    (account, own): (AccountId, ContactId),
) {
    let store = &world.store;
    let moved = NewContact {
        name: name("Sun Park"),
        email: Some(email("sun@home.example")),
        mobile: None,
        students: vec![Guardian {
            student: world.ana,
            relationship: String::new(),
        }],
    };
    let moved = store.change_contact(own, &moved, OFFICE, now()).await;
    moved.expect("changed");
    let said = store.contact_details(own).await.expect("read");
    let said = said.expect("said");
    assert!(said.lives_with.is_empty());
    // Nothing is another than it was: nothing was done.
    let before = store.audit_log(None, 999).await.expect("read").len();
    let saved = store.change_details((account, own), &said, now()).await;
    saved.expect("saved");
    let after = store.audit_log(None, 999).await.expect("read").len();
    assert_eq!(after, before);
}

/// The first parent names another, and the office lets them be invited; by which link they are.
async fn the_other_waits_and_is_approved(
    world: &World,
    zoe: StudentId,
    link: &[u8; 32],
) -> [u8; 32] {
    let store = &world.store;
    let other = (&name("Sun Park"), &email("sun@home.example"));
    let naming = Naming::Link(link);
    // Another parent waits for the office; pressed twice, it is one wish.
    for _press in 0..2 {
        let wish = store.name_parent(naming, zoe, other, now()).await;
        assert_eq!(wish.expect("taken").0, Wish::Waits);
    }
    let of_another = store.name_parent(naming, world.ana, other, now()).await;
    assert_eq!(refused(of_another), Refusal::NotFound);
    assert!(posted(store).await.is_empty());
    let waiting = store.waiting_parents().await.expect("read");
    let [one] = &*waiting else {
        panic!("{waiting:?}")
    };
    assert_eq!(one.inviter, name("Ivy Park"));
    assert!(one.may_be.is_none());
    let attention = store.attention(now()).await.expect("read");
    assert_eq!(attention.to_decide, 1);
    for _press in 0..2 {
        let approved = store.approve_parent(one.id, OFFICE, now()).await;
        approved.expect("approved");
    }
    let nothing = Note::default();
    let late = store.decline_parent(one.id, &nothing, OFFICE, now());
    assert_eq!(refused(late.await), Refusal::ApprovedAlready);
    let sent = posted(store).await;
    let [(mail, letter)] = &*sent else {
        panic!("{sent:?}")
    };
    assert_eq!(mail.address.reveal(), "sun@home.example");
    let named = letter.named.as_ref().expect("named");
    assert_eq!(named.inviter, Some(name("Ivy Park")));
    assert!(!named.is_first);
    by(&letter.secret)
}

async fn an_order_stops_it_at_each_step_from_a_profile(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let (zoe, link) = first_parent(store).await;
    let given = store.give_details(&link, &details(zoe), now()).await;
    given.expect("given");
    let sean = contact(store, "Sean O'Brien", "sean@x.example", &[zoe]).await;
    let order = store.set_court_order(sean, OFFICE, now()).await;
    order.expect("set");
    set(store, ParentsInvite::Always).await;
    let barred = Barred {
        address: (&name("Uncle"), &email("SEAN@x.example")),
        spelt: (&name("O\u{2019}BRIEN Sea\u{301}n"), &email("new@x.example")),
    };
    the_office_invites_neither(store, zoe, &barred).await;
    let sent = parents_invite_neither(store, zoe, &link, &barred).await;
    an_order_later_ends_it(store, zoe, &sent).await;
    an_order_between_ends_it(&world, zoe, &link).await;
}

async fn whoever_says_their_language_is_written_to_in_it(store: Store) {
    let (zoe, link) = first_parent(&store).await;
    let contact = opened(&store, &link).await.expect("open").contact;
    let given = store.give_details(&link, &details(zoe), now()).await;
    given.expect("given");
    let again = [contact];
    let sent = store.send_registrations(&again, OFFICE, now()).await;
    sent.expect("sent");
    let sent = posted(&store).await;
    let [(mail, _)] = &*sent else {
        panic!("{sent:?}")
    };
    assert_eq!(mail.language.as_deref(), Some("pl"));
}

async fn whoever_may_not_see_the_student_names_nobody(store: Store) {
    let (zoe, link) = first_parent(&store).await;
    let contact = opened(&store, &link).await.expect("open").contact;
    let given = store.give_details(&link, &details(zoe), now()).await;
    given.expect("given");
    let other = (&name("Sun Park"), &email("sun@home.example"));
    let wish = store.name_parent(Naming::Link(&link), zoe, other, now());
    assert_eq!(wish.await.expect("taken").0, Wish::Waits);
    let waiting = store.waiting_parents().await.expect("read");
    let [one] = &*waiting else {
        panic!("{waiting:?}")
    };
    let order = store.set_court_order(contact, OFFICE, now()).await;
    order.expect("set");
    let approved = store.approve_parent(one.id, OFFICE, now()).await;
    assert_eq!(refused(approved), Refusal::NotFound);
    assert!(posted(&store).await.is_empty(), "nothing is sent");
}

/// Somebody with a court order, by their address and by their name.
struct Barred<'a> {
    address: (&'a Name, &'a EmailAddress),
    spelt: (&'a Name, &'a EmailAddress),
}

async fn the_office_invites_neither(store: &Store, zoe: StudentId, barred: &Barred<'_>) {
    let known = store.contacts().await.expect("read").len();
    // The office: his address, and his name in another spelling.
    let tried = store
        .invite_parent(zoe, barred.address, OFFICE, now())
        .await;
    assert_eq!(refused(tried), Refusal::CourtOrderStands);
    assert_eq!(store.contacts().await.expect("read").len(), known);
    let held = store.invite_parent(zoe, barred.spelt, OFFICE, now()).await;
    held.expect("entered");
    assert!(posted(store).await.is_empty(), "nothing is sent");
    let held = store.suspended().await.expect("read");
    assert_eq!(held.len(), 1);
    let erased = store.erase_contact(held[0].contact, OFFICE, now()).await;
    erased.expect("erased");
}

/// What a parent enters waits; the link of whom the office lets through.
async fn parents_invite_neither(
    store: &Store,
    zoe: StudentId,
    link: &[u8; 32],
    barred: &Barred<'_>,
) -> [u8; 32] {
    // A parent: neither goes out, whatever the school lets parents do.
    let naming = Naming::Link(link);
    for of in [barred.address, barred.spelt] {
        let wish = store.name_parent(naming, zoe, of, now()).await;
        assert_eq!(wish.expect("taken").0, Wish::Waits);
    }
    assert!(posted(store).await.is_empty());
    let waiting = store.waiting_parents().await.expect("read");
    assert_eq!(waiting.len(), 2);
    let mut sent = Vec::new();
    for one in waiting {
        let barred = one.may_be.expect("a doubt");
        assert_eq!(barred.0, name("Sean O'Brien"));
        let approved = store.approve_parent(one.id, OFFICE, now()).await;
        if one.email.key() == "sean@x.example" {
            assert_eq!(refused(approved), Refusal::CourtOrderStands);
            let reason = Note::read("Ask us.").expect("words");
            let declined = store.decline_parent(one.id, &reason, OFFICE, now());
            declined.await.expect("declined");
        } else {
            // The office knows that he only has the name.
            approved.expect("approved");
            sent = posted(store).await;
            assert_eq!(sent.len(), 1);
        }
    }
    // Declined once, it waits when it is tried again.
    let again = store.name_parent(naming, zoe, barred.address, now()).await;
    assert_eq!(again.expect("taken").0, Wish::Waits);
    let named = opened(store, link).await.and_then(|it| it.asks);
    let named = named.expect("asks").named;
    let reasons: Vec<_> = named
        .iter()
        .map(|it| (it.wish, it.reason.reveal()))
        .collect();
    assert!(
        reasons.contains(&(Wish::Declined, "Ask us.")),
        "{reasons:?}"
    );
    by(&sent[0].1.secret)
}

async fn an_order_later_ends_it(store: &Store, zoe: StudentId, theirs: &[u8; 32]) {
    // An order on whom has the link already: it opens nothing, and takes nothing.
    let open = opened(store, theirs).await.expect("open");
    let order = store.set_court_order(open.contact, OFFICE, now()).await;
    order.expect("set");
    assert!(opened(store, theirs).await.is_none());
    let given = store.give_details(theirs, &details(zoe), now()).await;
    assert_eq!(refused(given), Refusal::SetUpDone);
    let tried = (&name("Kim Park"), &email("kim@x.example"));
    let named = store.name_parent(Naming::Link(theirs), zoe, tried, now());
    assert_eq!(refused(named.await), Refusal::SetUpDone);
}

async fn an_order_between_ends_it(world: &World, zoe: StudentId, link: &[u8; 32]) {
    let store = &world.store;
    let naming = Naming::Link(link);
    // An order that comes between a wish and the office's word on it.
    set(store, ParentsInvite::Approved).await;
    let late = (&name("Lee Park"), &email("lee@x.example"));
    let wish = store.name_parent(naming, zoe, late, now()).await;
    assert_eq!(wish.expect("taken").0, Wish::Waits);
    let lee = contact(store, "Somebody Else", "lee@x.example", &[world.cem]).await;
    let order = store.set_court_order(lee, OFFICE, now()).await;
    order.expect("set");
    let waiting = store.waiting_parents().await.expect("read");
    let one = waiting.iter().find(|it| it.name == name("Lee Park"));
    let one = one.expect("it waits").id;
    let approved = store.approve_parent(one, OFFICE, now()).await;
    assert_eq!(refused(approved), Refusal::CourtOrderStands);
    assert!(posted(store).await.is_empty());
}

async fn the_school_says_whether_parents_invite(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let (zoe, link) = first_parent(store).await;
    let given = store.give_details(&link, &details(zoe), now()).await;
    given.expect("given");
    let naming = Naming::Link(&link);
    let of = |number: i64| {
        (
            name(&format!(
                "Parent {}",
                ["A", "B", "C", "D", "E"][usize::try_from(number).unwrap_or(0)]
            )),
            email(&format!("parent{number}@x.example")),
        )
    };
    set(store, ParentsInvite::Never).await;
    let (who, at) = of(0);
    let tried = store.name_parent(naming, zoe, (&who, &at), now()).await;
    assert_eq!(refused(tried), Refusal::SchoolInvites);
    assert!(
        !opened(store, &link)
            .await
            .and_then(|it| it.asks)
            .expect("asks")
            .may_name
    );
    set(store, ParentsInvite::Always).await;
    for number in 0..MOST_NAMED {
        let (who, at) = of(number);
        let named = store.name_parent(naming, zoe, (&who, &at), now()).await;
        assert_eq!(named.expect("taken").0, Wish::Sent);
    }
    let (who, at) = of(MOST_NAMED);
    let tried = store.name_parent(naming, zoe, (&who, &at), now()).await;
    assert_eq!(refused(tried), Refusal::ParentsSpent);
    assert_eq!(
        posted(store).await.len(),
        usize::try_from(MOST_NAMED).expect("few")
    );
    // Whoever is known by that name and address is not entered again, and signs in already.
    let how = Registering::Anew("a hash".to_owned());
    let (account, _) = register(store, &link, how, now())
        .await
        .expect("registered");
    let own = store
        .account_home(account, now())
        .await
        .expect("read")
        .people[0]
        .contact;
    let by_account = Naming::Account(account, own);
    let foreign = store.name_parent(
        Naming::Account(account, world.maria),
        zoe,
        (&who, &at),
        now(),
    );
    assert_eq!(refused(foreign.await), Refusal::NotFound);
    let spent = store.name_parent(by_account, zoe, (&who, &at), now()).await;
    assert_eq!(refused(spent), Refusal::ParentsSpent);
    let known = store.contacts().await.expect("read").len();
    let of = (&name("Maria Santos"), &email("Maria@home.example"));
    let ben = student(store, "Leo Park").await;
    let invited = store.invite_parent(ben, of, OFFICE, now()).await;
    invited.expect("invited");
    assert_eq!(store.contacts().await.expect("read").len(), known);
    let leo = store.student(ben).await.expect("read");
    let contacts: Vec<ContactId> = leo.contacts.iter().map(|it| it.id).collect();
    assert_eq!(contacts, [world.maria]);
}

async fn what_was_entered_goes_with_whose_it_is(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let (zoe, link) = first_parent(store).await;
    let given = store.give_details(&link, &details(zoe), now()).await;
    given.expect("given");
    let naming = Naming::Link(&link);
    let of = (&name("Omar Demir"), &email("omar@home.example"));
    let other = (&name("Kim Park"), &email("kim@x.example"));
    for one in [of, other] {
        let wish = store.name_parent(naming, zoe, one, now()).await;
        wish.expect("taken");
    }
    let count = async || store.waiting_parents().await.expect("read").len();
    // Of whom the address was.
    let erased = store.erase_contact(world.omar, OFFICE, now()).await;
    erased.expect("erased");
    assert_eq!(count().await, 1);
    // And whoever entered it.
    let contact = opened(store, &link).await.expect("open").contact;
    let erased = store.erase_contact(contact, OFFICE, now()).await;
    erased.expect("erased");
    assert_eq!(count().await, 0);
    assert_eq!(store.contact_details(contact).await.expect("read"), None);
    // And past its period.
    let (zoe, link) = {
        let ivy = (&name("Ivy Park"), &email("ivy@home.example"));
        let invited = store.invite_parent(zoe, ivy, OFFICE, now()).await;
        invited.expect("invited");
        let sent = posted(store).await;
        (zoe, by(&sent[0].1.secret))
    };
    let given = store.give_details(&link, &details(zoe), now()).await;
    given.expect("given");
    let wish = store
        .name_parent(Naming::Link(&link), zoe, other, now())
        .await;
    wish.expect("taken");
    let years = SignedDuration::from_hours(24 * 365 * 10);
    store.erase_expired(now() + years).await.expect("erased");
    assert_eq!(count().await, 0);
}

async fn whoever_has_an_account_is_written_to_that_a_student_is_in_it(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let link = invited(store, world.maria, now()).await;
    let anew = Registering::Anew("a hash".to_owned());
    let registered = register(store, &link, anew, now()).await;
    let (account, _) = registered.expect("registered");
    let told = async || {
        let minute = SignedDuration::from_mins(1);
        let mails = store.claim_mail(store::Channel::Email, 100, minute, now());
        let mut told = Vec::new();
        for mail in mails.await.expect("claimed") {
            let sent = store.mail_sent(mail.id, mail.lease, now()).await;
            assert!(sent.expect("said"));
            let Letter::StudentAdded { students } = &mail.letter else {
                panic!("another letter: {mail:?}")
            };
            assert_eq!(mail.address.reveal(), "maria@home.example");
            told.push(students.clone());
        }
        told
    };
    let of = (&name("Maria Santos"), &email("Maria@home.example"));
    let leo = student(store, "Leo Santos").await;
    for _pressed_twice in 0..2 {
        let invited = store.invite_parent(leo, of, OFFICE, now()).await;
        invited.expect("entered");
    }
    let students = ["Ana Santos", "Ben Santos", "Leo Santos"].map(name);
    assert_eq!(told().await, [students.to_vec()]);
    let contacts = store.student(leo).await.expect("read").contacts;
    assert!(contacts.iter().all(|it| it.is_registered));
    let home = store.account_home(account, now()).await.expect("read");
    assert_eq!(home.people[0].students.len(), 3);
    // By another parent whom the office believes: it is told that nobody was invited.
    let (zoe, link) = {
        let ivy = (&name("Ivy Park"), &email("ivy@home.example"));
        let zoe = student(store, "Zoe Park").await;
        let invited = store.invite_parent(zoe, ivy, OFFICE, now()).await;
        invited.expect("invited");
        let sent = posted(store).await;
        (zoe, by(&sent[0].1.secret))
    };
    let given = store.give_details(&link, &details(zoe), now()).await;
    given.expect("given");
    let wish = store.name_parent(Naming::Link(&link), zoe, of, now()).await;
    wish.expect("taken");
    let waiting = store.waiting_parents().await.expect("read");
    let approved = store.approve_parent(waiting[0].id, OFFICE, now()).await;
    let (has_account, _) = approved.expect("approved");
    assert!(has_account);
    assert_eq!(told().await.len(), 1);
    // An order keeps it from them.
    let max = student(store, "Max Santos").await;
    let invited = store.invite_parent(max, of, OFFICE, now()).await;
    invited.expect("entered");
    let set = store.set_court_order(world.maria, OFFICE, now()).await;
    set.expect("set");
    assert!(told().await.is_empty());
}
