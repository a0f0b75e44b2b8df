//! Another address gets another link (LINK-3), and a court order is looked at again (DIR-4).

use jiff::SignedDuration;
use links::LinkId;
use school::import::{self, Incoming};
use school::invitation::State;
use school::{ContactId, EmailAddress, Note, Refusal, StudentId};
use store::{
    Actor, Doing, Guardian, Holder, LinkState, Mail, MailKind, NewContact, NewTeacher, Store, Then,
};

use crate::places::on_both;
use crate::world::{OFFICE, World, contact, email, later, letter, name, now, refused};

on_both!(
    a_parents_new_address_gets_a_new_link,
    a_teachers_new_address_gets_a_new_link,
    a_link_that_was_never_sent_is_replaced_in_silence,
    an_import_changes_an_address_likewise,
    a_link_is_sent_again,
    more_is_known_of_somebody_with_a_court_order,
    an_import_tells_more_of_somebody_with_a_court_order,
    a_namesake_who_was_approved_stays,
    what_waits_because_of_somebody_erased_waits_on,
    what_waits_to_be_sent_goes_where_its_reader_is_by_then,
);

async fn live(world: &World, holder: Holder) -> Option<LinkId> {
    let all = world.store.links_of_evening(world.evening, now()).await;
    let all = all.expect("read");
    let mut own = all
        .iter()
        .filter(|it| it.holder == holder && it.state == LinkState::Live);
    let link = own.next().map(|it| it.record.id);
    assert!(own.next().is_none(), "one at most");
    link
}

async fn claim(world: &World, minutes: i64) -> Vec<Mail> {
    let minute = SignedDuration::from_mins(1);
    let claimed = world
        .store
        .claim_mail(store::Channel::Email, 100, minute, later(minutes))
        .await;
    claimed.expect("claimed")
}

fn whom(mails: &[Mail]) -> Vec<(MailKind, &str)> {
    let whom = mails
        .iter()
        .map(|it| (letter(it).kind, it.address.reveal()));
    whom.collect()
}

fn guardian(student: StudentId) -> Guardian {
    Guardian {
        student,
        relationship: "Parent".to_owned(),
    }
}

async fn change(
    world: &World,
    contact: ContactId,
    who: &str,
    at: Option<EmailAddress>,
    students: &[StudentId],
) -> Vec<LinkId> {
    let contact_now = NewContact {
        mobile: None,
        name: name(who),
        email: at,
        students: students.iter().copied().map(guardian).collect(),
    };
    let changed = world
        .store
        .change_contact(contact, &contact_now, OFFICE, now())
        .await;
    changed.expect("changed").links
}

async fn a_parents_new_address_gets_a_new_link(store: Store) {
    let world = World::new(store).await;
    let (maria, both) = (world.maria, [world.ana, world.ben]);
    let holder = Holder::Parent(maria);
    world
        .book(maria, world.ana, world.french, 0)
        .await
        .expect("booked");
    let under_way = claim(&world, 1).await;
    assert_eq!(under_way.len(), 1);
    world
        .book(maria, world.ben, world.french, 1)
        .await
        .expect("booked");
    let old = live(&world, holder).await.expect("a link");

    // The same address, in other letters, is the same.
    let same = Some(email("Maria@HOME.example"));
    let died = change(&world, maria, "Maria Santos", same, &both).await;
    assert_eq!((died, live(&world, holder).await), (vec![], Some(old)));

    let new = Some(email("maria@new.example"));
    let died = change(&world, maria, "Maria Santos", new, &both).await;
    assert_eq!(died, [old]);
    let link = live(&world, holder).await.expect("another");
    assert_ne!(link, old);
    let dead = world.store.link(old, now()).await.expect("read");
    assert_eq!(dead.map(|it| it.state), Some(LinkState::Withdrawn));
    // What was on its way to the old address is not tried again, and what waited is gone.
    for mail in &under_way {
        let told = world
            .store
            .mail_later(mail.id, mail.lease, now(), ("busy", true));
        assert!(!told.await.expect("told"));
    }
    let mails = claim(&world, 5).await;
    assert_eq!(
        whom(&mails),
        [(MailKind::Confirmation, "maria@new.example")]
    );
    assert_eq!(letter(&mails[0]).link.map(|it| it.id), Some(link));
    assert_eq!(letter(&mails[0]).appointments.len(), 2);

    // Without an address the link is for a letter; the one that was sent is dead all the same.
    let died = change(&world, maria, "Maria Santos", None, &both).await;
    assert_eq!(died, [link]);
    let by_letter = live(&world, holder).await.expect("another");
    assert!(claim(&world, 5).await.is_empty());
    // An address where there was none: the letter is not made worthless.
    let first = Some(email("maria@first.example"));
    assert_eq!(
        change(&world, maria, "Maria Santos", first, &both).await,
        []
    );
    assert_eq!(live(&world, holder).await, Some(by_letter));
    assert!(claim(&world, 5).await.is_empty());

    let end = world.store.evening(world.evening).await.expect("read").end;
    let over = end + SignedDuration::from_mins(15);
    let late = NewContact {
        mobile: None,
        name: name("Maria Santos"),
        email: Some(email("maria@late.example")),
        students: both.into_iter().map(guardian).collect(),
    };
    let died = world.store.change_contact(maria, &late, OFFICE, over).await;
    assert_eq!(died.expect("changed").links, [], "its evening is over");
}

async fn a_teachers_new_address_gets_a_new_link(store: Store) {
    let world = World::new(store).await;
    let (teacher, _, _) = world.teachers.into();
    let sent = world
        .store
        .send_teacher_links(world.evening, OFFICE, now())
        .await;
    assert_eq!(sent.expect("queued").queued, 3);
    let old = live(&world, Holder::Teacher(teacher)).await;
    let change = |at: &str| {
        let new = NewTeacher {
            name: name("Ms Adeyemi"),
            email: Some(email(at)),
            place: None,
        };
        let store = world.store.clone();
        async move {
            let changed = store.change_teacher(teacher, &new, OFFICE, now()).await;
            changed.expect("changed").links
        }
    };
    assert_eq!(change("TEACHER0@school.example").await, []);
    assert_eq!(Some(change("a@new.example").await), old.map(|it| vec![it]));
    let link = live(&world, Holder::Teacher(teacher)).await;
    assert!(link.is_some() && link != old);
    let mails = claim(&world, 0).await;
    let own: Vec<_> = mails
        .iter()
        .filter(|it| letter(it).to == Holder::Teacher(teacher))
        .collect();
    assert_eq!(own.len(), 1);
    assert_eq!(own[0].address.reveal(), "a@new.example");
    assert_eq!(letter(own[0]).link.map(|it| it.id), link);
}

async fn a_link_that_was_never_sent_is_replaced_in_silence(store: Store) {
    let world = World::new(store).await;
    let holder = Holder::Parent(world.omar);
    let handed = world
        .store
        .hand_out_link(world.evening, holder, OFFICE, now())
        .await
        .expect("handed out");
    let new = Some(email("omar@new.example"));
    let died = change(&world, world.omar, "Omar Demir", new, &[world.cem]).await;
    assert_eq!(died, [handed.id]);
    assert!(live(&world, holder).await.is_some());
    assert!(claim(&world, 5).await.is_empty());
}

async fn an_import_changes_an_address_likewise(store: Store) {
    let world = World::new(store).await;
    world
        .store
        .send_confirmations(world.evening, OFFICE, now())
        .await
        .expect("queued");
    let old = live(&world, Holder::Parent(world.omar)).await;
    let file = "student,guardian,e-mail\nCem Demir,Omar Demir,omar@new.example\n";
    let rows = import::read(file.as_bytes()).expect("readable").rows;
    let tried = world
        .store
        .import(
            Incoming::some(rows.clone()),
            (Doing::Trying, Then::Nothing),
            OFFICE,
            now(),
        )
        .await;
    assert_eq!(tried.expect("tried").aftermath.links, []);
    let done = world
        .store
        .import(
            Incoming::some(rows),
            (Doing::Surely, Then::Nothing),
            OFFICE,
            now(),
        )
        .await;
    let died = done.expect("done").aftermath.links;
    assert_eq!(Some(died), old.map(|it| vec![it]));
    let link = live(&world, Holder::Parent(world.omar)).await;
    let mails = claim(&world, 0).await;
    let to_omar: Vec<_> = mails
        .iter()
        .filter(|it| letter(it).to == Holder::Parent(world.omar))
        .map(|it| (it.address.reveal(), letter(it).link.map(|it| it.id)))
        .collect();
    assert_eq!(to_omar, [("omar@new.example", link)]);
}

async fn a_link_is_sent_again(store: Store) {
    let world = World::new(store).await;
    let (teacher, _, _) = world.teachers.into();
    let resend = |holder| {
        world
            .store
            .resend_link(world.evening, holder, OFFICE, now())
    };
    assert!(resend(Holder::Parent(world.omar)).await.expect("queued"));
    assert!(resend(Holder::Parent(world.omar)).await.expect("queued"));
    assert!(resend(Holder::Teacher(teacher)).await.expect("queued"));
    let first = claim(&world, 0).await;
    assert_eq!(first.len(), 2, "one waits at a time");
    for mail in &first {
        let sent = world.store.mail_sent(mail.id, mail.lease, now());
        assert!(sent.await.expect("said"));
    }
    assert!(resend(Holder::Parent(world.omar)).await.expect("queued"));
    let again = claim(&world, 0).await;
    let before = first
        .iter()
        .find(|it| letter(it).to == letter(&again[0]).to);
    assert_eq!(again.len(), 1);
    assert_eq!(
        Some(letter(&again[0]).link),
        before.map(|it| letter(it).link)
    );
    change(&world, world.omar, "Omar Demir", None, &[world.cem]).await;
    assert!(
        !resend(Holder::Parent(world.omar))
            .await
            .expect("no address")
    );
    world
        .store
        .set_court_order(world.paul, OFFICE, now())
        .await
        .expect("set");
    let barred = resend(Holder::Parent(world.paul)).await;
    assert_eq!(refused(barred), Refusal::CourtOrderStands);
    let unknown = resend(Holder::Parent(ContactId(7))).await;
    assert_eq!(refused(unknown), Refusal::NotFound);
}

/// Maria's invitations of somebody for each of her children.
async fn guests(world: &World, who: &str, at: &str) -> (LinkId, store::Invitation) {
    let invited = world.invite(world.maria, who, at, &[world.ana]).await;
    let invited = invited.expect("invited");
    assert_eq!(invited.state, State::Sent);
    let link = live(world, Holder::Guest(invited.id)).await;
    (link.expect("a link"), invited)
}

async fn more_is_known_of_somebody_with_a_court_order(store: Store) {
    let world = World::new(store).await;
    let paul = world.paul;
    change(&world, paul, "P. Costa", None, &[]).await;
    world
        .store
        .set_court_order(paul, OFFICE, now())
        .await
        .expect("set");
    // An address.
    let (link, _) = guests(&world, "Uncle", "paul@guest.example").await;
    let known = Some(email("PAUL@guest.example"));
    let died = change(&world, paul, "P. Costa", known, &[]).await;
    assert_eq!(died, [link]);
    let left = world.store.invitations(world.maria, world.evening).await;
    assert!(left.expect("read").invitations.is_empty());
    // A student, and then the name, of one who was never a contact of hers.
    let quinn = contact(&world.store, "Q. Reed", "q@reed.example", &[world.cem]).await;
    let order = world.store.set_court_order(quinn, OFFICE, now()).await;
    order.expect("set");
    let (link, _) = guests(&world, "Quinn Reed", "other@guest.example").await;
    let died = change(&world, quinn, "Q. Reed", None, &[world.ana]).await;
    assert_eq!(died, [link], "an initial is a doubt");
    change(&world, quinn, "Somebody Else", None, &[world.ana]).await;
    let (link, _) = guests(&world, "Zoe Zorn", "other@guest.example").await;
    let died = change(&world, quinn, "Zorn, Zo\u{eb}", None, &[world.ana]).await;
    assert_eq!(died, [link]);
    // Nobody has an eye on somebody without an order.
    guests(&world, "Omar Demir", "omar@guest.example").await;
    let known = Some(email("omar@guest.example"));
    let died = change(&world, world.omar, "Omar Demir", known, &[world.ana]).await;
    assert_eq!(died, []);
}

async fn an_import_tells_more_of_somebody_with_a_court_order(store: Store) {
    let world = World::new(store).await;
    world
        .store
        .set_court_order(world.omar, OFFICE, now())
        .await
        .expect("set");
    let (link, _) = guests(&world, "Uncle", "omar@guest.example").await;
    let import = |file: &'static str| {
        let rows = import::read(file.as_bytes()).expect("readable").rows;
        let store = world.store.clone();
        async move {
            let done = store
                .import(
                    Incoming::some(rows),
                    (Doing::Surely, Then::Nothing),
                    OFFICE,
                    now(),
                )
                .await;
            done.expect("done").aftermath.links
        }
    };
    let file = "student,guardian,e-mail\nCem Demir,Omar Demir,omar@guest.example\n";
    assert_eq!(import(file).await, [link]);
    // Another student of his.
    let (link, _) = guests(&world, "Omar Demir", "other@guest.example").await;
    let file = "student,form,guardian,e-mail\n\
                Ana Santos,8B,Omar Demir,omar@guest.example\n\
                Ana Santos,8B,Maria Santos,maria@home.example\n";
    assert_eq!(import(file).await, [link]);
}

async fn a_namesake_who_was_approved_stays(store: Store) {
    let world = World::new(store).await;
    let order = world.store.set_court_order(world.paul, OFFICE, now()).await;
    order.expect("set");
    let held = world
        .invite(world.maria, "Paul Costa", "other@x.example", &[world.ana])
        .await
        .expect("kept");
    assert_eq!(held.state, State::Held);
    let approved = world.store.approve(held.id, OFFICE, later(1)).await;
    approved.expect("approved");
    let link = live(&world, Holder::Guest(held.id)).await.expect("a link");
    let (ana, known) = ([world.ana], Some(email("paul@new.example")));
    let died = change(&world, world.paul, "Paul Costa", known, &ana).await;
    assert_eq!(died, []);
    // But the address says who it is.
    let known = Some(email("other@x.example"));
    let died = change(&world, world.paul, "Paul Costa", known, &ana).await;
    assert_eq!(died, [link]);
}

async fn what_waits_because_of_somebody_erased_waits_on(store: Store) {
    let world = World::new(store).await;
    let order = world.store.set_court_order(world.paul, OFFICE, now()).await;
    order.expect("set");
    let held = world
        .invite(world.maria, "Paul Costa", "other@x.example", &[world.ana])
        .await
        .expect("kept");
    let lifted = world
        .store
        .lift_court_order(world.paul, OFFICE, now())
        .await;
    lifted.expect("lifted");
    let erased = world.store.erase_contact(world.paul, OFFICE, now()).await;
    erased.expect("erased");
    let waiting = world.store.approvals(now()).await.expect("read");
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].invitation.id, held.id);
    assert!(waiting[0].contact.is_none());
    assert!(claim(&world, 1).await.is_empty(), "nobody has decided");
    let approved = world.store.approve(held.id, OFFICE, now()).await;
    approved.expect("approved");
    assert_eq!(claim(&world, 1).await.len(), 1);
    let actor = Actor::Parent(world.maria);
    let removed = world.store.remove_invitation(held.id, actor, now()).await;
    assert_eq!(removed.expect("removed").links.len(), 1);
}

/// Of an evening that is cancelled that is the word, and no link to it.
async fn what_waits_to_be_sent_goes_where_its_reader_is_by_then(store: Store) {
    let world = World::new(store).await;
    let store = &world.store;
    let links = store.send_confirmations(world.evening, OFFICE, now()).await;
    links.expect("sent");
    let links = store.send_teacher_links(world.evening, OFFICE, now()).await;
    links.expect("sent");
    for mail in claim(&world, 0).await {
        let sent = store.mail_sent(mail.id, mail.lease, now()).await;
        assert!(sent.expect("said"));
    }
    let words = Note::default();
    let cancelled = store.cancel_evening(world.evening, &words, OFFICE, later(1));
    cancelled.await.expect("cancelled");
    let (maria, adeyemi) = (world.maria, world.teachers[0]);
    let at = Some(email("maria@new.example"));
    change(&world, maria, "Maria Santos", at, &[world.ana, world.ben]).await;
    let teacher = NewTeacher {
        name: name("Ms Adeyemi"),
        email: Some(email("adeyemi@new.example")),
        place: None,
    };
    let changed = store.change_teacher(adeyemi, &teacher, OFFICE, later(1));
    changed.await.expect("changed");
    let mails = claim(&world, 2).await;
    let mut told = whom(&mails);
    told.sort_by_key(|(_, at)| *at);
    let cancelled = [
        "adeyemi@new.example",
        "maria@new.example",
        "omar@home.example",
        "paul@home.example",
        "teacher1@school.example",
        "teacher2@school.example",
    ];
    assert_eq!(told, cancelled.map(|at| (MailKind::EveningCancelled, at)));
}
