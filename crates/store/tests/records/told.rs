//! What people are told by e-mail of appointments that change (INV-8, EVE-3): the newest, in order,
//! and once.

use jiff::{SignedDuration, Timestamp};
use school::{BookingId, InvitationId, SlotNumber};
use store::{Actor, Appointment, Guardian, Holder, Mail, MailKind, NewContact, Store};

use crate::places::on_both;
use crate::world::{OFFICE, World, email, later, letter, name};

on_both!(
    several_moves_make_one_email_of_the_last,
    a_move_back_is_not_worth_an_email,
    what_was_moved_and_cancelled_is_cancelled,
    an_invitation_that_waits_says_it_all,
    one_email_a_person_is_on_its_way_at_a_time,
    what_may_have_been_said_is_taken_back,
    an_invitation_waits_once,
    a_cancelled_appointment_leaves_the_parents_calendar,
    a_withdrawn_guest_keeps_nothing_in_the_calendar,
    another_address_was_told_nothing,
    what_comes_later_has_the_higher_sequence_within_one_second_too,
    who_is_guardian_no_longer_has_no_appointments_and_no_guests,
);

/// Far enough apart for every e-mail that waits for more to come.
const ROUND: i64 = 10;

struct Story {
    world: World,
    guest: InvitationId,
    booked: Appointment,
    minutes: i64,
}

impl Story {
    /// Maria has booked, invited Rui, and both have been told.
    async fn new(store: Store) -> Self {
        let world = World::new(store).await;
        let booked = world.book(world.maria, world.ana, world.maths, 0).await;
        let guest = world
            .invite(world.maria, "Rui", "rui@x.example", &[world.ana])
            .await;
        let mut story = Self {
            booked: booked.expect("booked"),
            guest: guest.expect("invited").id,
            world,
            minutes: 0,
        };
        assert_eq!(story.send().await.len(), 2);
        story
    }

    fn time(&self) -> Timestamp {
        later(self.minutes)
    }

    async fn claim(&mut self) -> Vec<Mail> {
        self.minutes += ROUND;
        let minute = SignedDuration::from_mins(1);
        let claimed = self
            .world
            .store
            .claim_mail(store::Channel::Email, 100, minute, self.time())
            .await;
        claimed.expect("claimed")
    }

    async fn sent(&self, mail: &Mail) {
        let sent = self
            .world
            .store
            .mail_sent(mail.id, mail.lease, self.time())
            .await;
        assert!(sent.expect("said"));
    }

    /// Sends all that is due now; in order for each.
    async fn send(&mut self) -> Vec<Mail> {
        let mut all = Vec::new();
        loop {
            let mails = self.claim().await;
            if mails.is_empty() {
                return all;
            }
            for mail in mails {
                self.sent(&mail).await;
                all.push(mail);
            }
        }
    }

    /// The same, and gives those of the guest.
    async fn heard_by_guest(&mut self) -> Vec<Mail> {
        let mut mails = self.send().await;
        mails.retain(|it| letter(it).to == Holder::Guest(self.guest));
        mails
    }

    async fn move_to(&self, slot: u16) {
        let (maria, actor) = (self.world.maria, Actor::Parent(self.world.maria));
        let moved = self
            .world
            .store
            .move_booking(maria, self.booked.id, SlotNumber(slot), actor, self.time())
            .await;
        moved.expect("moved");
    }

    async fn cancel(&self, booking: BookingId) {
        let (maria, actor) = (self.world.maria, Actor::Parent(self.world.maria));
        let cancelled = self
            .world
            .store
            .cancel_booking(maria, booking, actor, self.time())
            .await;
        cancelled.expect("cancelled");
    }

    fn slot(&self, number: i64) -> Timestamp {
        self.booked.start + SignedDuration::from_mins(10 * number)
    }
}

/// From when to when a guest reads that it was moved: as starts.
fn moved(mail: &Mail) -> (Timestamp, Option<Timestamp>) {
    assert_eq!(letter(mail).kind, MailKind::Changed);
    let about = letter(mail).about.as_ref().expect("what has changed");
    let (student, subject) = about.of.as_ref().expect("it is there");
    assert_eq!(student.reveal(), "Ana Santos");
    assert_eq!(subject.as_str(), "Maths");
    let teachers: Vec<_> = about.teachers.iter().map(|it| it.reveal()).collect();
    assert_eq!(teachers, ["Mr Brandt", "Dr Chen"]);
    (about.start, about.to.as_ref().map(|to| to.start))
}

async fn several_moves_make_one_email_of_the_last(store: Store) {
    let mut story = Story::new(store).await;
    story.move_to(2).await;
    story.move_to(4).await;
    let mails = story.heard_by_guest().await;
    assert_eq!(mails.len(), 1);
    assert_eq!(moved(&mails[0]), (story.slot(0), Some(story.slot(4))));
    assert!(letter(&mails[0]).link.is_some());
    story.move_to(1).await;
    let next = story.heard_by_guest().await;
    assert_eq!(next.len(), 1);
    assert_eq!(moved(&next[0]), (story.slot(4), Some(story.slot(1))));
    assert!(letter(&next[0]).sequence > letter(&mails[0]).sequence);
}

async fn a_move_back_is_not_worth_an_email(store: Store) {
    let mut story = Story::new(store).await;
    story.move_to(2).await;
    story.move_to(0).await;
    assert!(story.heard_by_guest().await.is_empty());
    let next = story
        .world
        .store
        .next_mail(store::Channel::Email, story.time())
        .await;
    assert_eq!(next.expect("read"), None, "nothing is left");
}

async fn what_was_moved_and_cancelled_is_cancelled(store: Store) {
    let mut story = Story::new(store).await;
    story.move_to(2).await;
    story.cancel(story.booked.id).await;
    let mails = story.heard_by_guest().await;
    assert_eq!(mails.len(), 1);
    assert_eq!(moved(&mails[0]), (story.slot(0), None));
    assert!(story.heard_by_guest().await.is_empty());
}

async fn an_invitation_that_waits_says_it_all(store: Store) {
    let world = World::new(store).await;
    let booked = world.book(world.maria, world.ana, world.maths, 0).await;
    let guest = world
        .invite(world.maria, "Rui", "rui@x.example", &[world.ana])
        .await;
    let mut story = Story {
        booked: booked.expect("booked"),
        guest: guest.expect("invited").id,
        world,
        minutes: 0,
    };
    story.move_to(3).await;
    let mails = story.heard_by_guest().await;
    let kinds: Vec<_> = mails.iter().map(|it| letter(it).kind).collect();
    assert_eq!(kinds, [MailKind::Invitation]);
    assert_eq!(letter(&mails[0]).appointments[0].start, story.slot(3));
}

async fn one_email_a_person_is_on_its_way_at_a_time(store: Store) {
    let mut story = Story::new(store).await;
    let is_guests = |it: &&Mail| matches!(letter(it).to, Holder::Guest(_));
    story.move_to(2).await;
    let first = story.claim().await;
    let first = first.iter().find(is_guests).expect("to the guest");
    assert_eq!(moved(first), (story.slot(0), Some(story.slot(2))));
    // Moved on while it is being sent: the next one waits for it, whatever became of it.
    story.move_to(4).await;
    let minute = SignedDuration::from_mins(1);
    let between = story.time() + SignedDuration::from_secs(30);
    let claimed = story
        .world
        .store
        .claim_mail(store::Channel::Email, 100, minute, between)
        .await;
    assert!(!claimed.expect("claimed").iter().any(|it| is_guests(&it)));
    story.sent(first).await;
    let next = story.heard_by_guest().await;
    assert_eq!(next.len(), 1);
    assert_eq!(moved(&next[0]), (story.slot(2), Some(story.slot(4))));
}

async fn what_may_have_been_said_is_taken_back(store: Store) {
    let mut story = Story::new(store).await;
    let later_on = async |story: &Story, mail: &Mail, why: (&str, bool)| {
        let told = story
            .world
            .store
            .mail_later(mail.id, mail.lease, story.time(), why)
            .await;
        assert!(told.expect("said"));
    };
    let to_guest = |mails: Vec<Mail>| {
        let mut mails = mails.into_iter();
        mails.find(|it| matches!(letter(it).to, Holder::Guest(_)))
    };
    // Refused by the mail server, and moved back: the guest never heard of it.
    story.move_to(2).await;
    let mail = to_guest(story.claim().await).expect("claimed");
    later_on(&story, &mail, ("451", true)).await;
    story.move_to(0).await;
    assert!(story.heard_by_guest().await.is_empty());
    // The way to the mail server failed, and nobody knows what has arrived.
    story.move_to(2).await;
    let mail = to_guest(story.claim().await).expect("claimed");
    later_on(&story, &mail, ("broken pipe", false)).await;
    story.move_to(0).await;
    let mails = story.heard_by_guest().await;
    assert_eq!(mails.len(), 1);
    assert_eq!(moved(&mails[0]), (story.slot(2), Some(story.slot(0))));
    assert_ne!(
        mails[0].message_id, mail.message_id,
        "it says something else"
    );
    // Killed while it was on its way: the same again, as it is the same.
    story.move_to(2).await;
    let mail = to_guest(story.claim().await).expect("claimed");
    let mails = story.heard_by_guest().await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].message_id, mail.message_id);
    assert_eq!(moved(&mails[0]), moved(&mail));
}

async fn an_invitation_waits_once(store: Store) {
    let mut story = Story::new(store).await;
    let resend = async |story: &Story| {
        let actor = Actor::Parent(story.world.maria);
        let resent = story.world.store.resend(story.guest, actor, story.time());
        resent.await.expect("resent");
    };
    resend(&story).await;
    resend(&story).await;
    let mails = story.claim().await;
    assert_eq!(mails.len(), 1);
    // The server was busy: pressed again, it is due at once.
    let hour = story.time() + SignedDuration::from_hours(1);
    let put_off = story
        .world
        .store
        .mail_later(mails[0].id, mails[0].lease, hour, ("451", true))
        .await;
    assert!(put_off.expect("said"));
    assert!(story.claim().await.is_empty());
    resend(&story).await;
    let mails = story.send().await;
    assert_eq!(mails.len(), 1);
}

async fn a_cancelled_appointment_leaves_the_parents_calendar(store: Store) {
    let mut story = Story::new(store).await;
    let world = &story.world;
    let other = world.book(world.maria, world.ben, world.maths, 3).await;
    other.expect("booked");
    story.move_to(1).await;
    story.cancel(story.booked.id).await;
    let mut mails = story.send().await;
    mails.retain(|it| matches!(letter(it).to, Holder::Parent(_)));
    assert_eq!(mails.len(), 1);
    let gone = &letter(&mails[0]).cancelled;
    assert_eq!(gone.len(), 1);
    assert_eq!(
        (gone[0].booking, gone[0].start),
        (story.booked.id, story.slot(0))
    );
    assert_eq!(letter(&mails[0]).appointments.len(), 1);
    // Said once.
    let world = &story.world;
    world
        .store
        .send_confirmations(world.evening, Actor::Program, story.time())
        .await
        .expect("queued");
    let mut again = story.send().await;
    again.retain(|it| letter(it).to == letter(&mails[0]).to);
    assert_eq!((again.len(), letter(&again[0]).cancelled.len()), (1, 0));
    assert!(letter(&again[0]).sequence > letter(&mails[0]).sequence);
}

async fn a_withdrawn_guest_keeps_nothing_in_the_calendar(store: Store) {
    let mut story = Story::new(store).await;
    let actor = Actor::Parent(story.world.maria);
    let removed = story
        .world
        .store
        .remove_invitation(story.guest, actor, story.time())
        .await;
    removed.expect("removed");
    let mails = story.heard_by_guest().await;
    assert_eq!(
        (mails.len(), letter(&mails[0]).kind),
        (1, MailKind::Withdrawn)
    );
    let gone: Vec<_> = letter(&mails[0])
        .cancelled
        .iter()
        .map(|it| it.booking)
        .collect();
    assert_eq!(gone, [story.booked.id]);
}

async fn another_address_was_told_nothing(store: Store) {
    let mut story = Story::new(store).await;
    let actor = Actor::Parent(story.world.maria);
    let changed = story
        .world
        .store
        .change_address(story.guest, &email("r@y.example"), actor, story.time())
        .await;
    changed.expect("changed");
    story.cancel(story.booked.id).await;
    let mails = story.heard_by_guest().await;
    let kinds: Vec<_> = mails.iter().map(|it| letter(it).kind).collect();
    assert_eq!(kinds, [MailKind::Resend]);
    assert!(letter(&mails[0]).cancelled.is_empty());
}

async fn who_is_guardian_no_longer_has_no_appointments_and_no_guests(store: Store) {
    let mut story = Story::new(store).await;
    let world = &story.world;
    let other = world.book(world.maria, world.ben, world.maths, 3).await;
    let other = other.expect("booked").id;
    let maria = NewContact {
        mobile: None,
        name: name("Maria Santos"),
        email: Some(email("maria@home.example")),
        students: vec![Guardian {
            student: world.ben,
            relationship: "Mother".to_owned(),
        }],
    };
    let changed = world
        .store
        .change_contact(world.maria, &maria, OFFICE, story.time())
        .await;
    let died = changed.expect("changed");
    assert_eq!(
        (died.links.len(), died.ended),
        (1, [story.booked.meeting].into())
    );
    let left = world
        .store
        .appointments_of_parent(world.maria, world.evening)
        .await;
    let left: Vec<_> = left.expect("read").iter().map(|it| it.id).collect();
    assert_eq!(left, [other]);
    let mails = story.send().await;
    let to_guest = mails
        .iter()
        .find(|it| letter(it).to == Holder::Guest(story.guest));
    assert_eq!(
        to_guest.map(|it| letter(it).kind),
        Some(MailKind::Withdrawn)
    );
    let parent = Holder::Parent(story.world.maria);
    let to_parent = mails
        .iter()
        .find(|it| letter(it).to == parent)
        .expect("told");
    let gone: Vec<_> = letter(to_parent)
        .cancelled
        .iter()
        .map(|it| it.booking)
        .collect();
    assert_eq!(gone, [story.booked.id]);
}

/// The same person by one invitation and then by another, all within a second: to their calendar it
/// is one appointment.
async fn what_comes_later_has_the_higher_sequence_within_one_second_too(store: Store) {
    let world = World::new(store).await;
    let booked = world.book(world.maria, world.ana, world.maths, 0).await;
    booked.expect("booked");
    let minute = SignedDuration::from_mins(1);
    let actor = Actor::Parent(world.maria);
    let mut highest = 0;
    for _ in 0..3 {
        let invited = world
            .invite(world.maria, "Rui", "rui@x.example", &[world.ana])
            .await;
        let guest = invited.expect("invited").id;
        for is_withdrawn in [false, true] {
            if is_withdrawn {
                let removed = world.store.remove_invitation(guest, actor, later(ROUND));
                removed.await.expect("removed");
            }
            let mails = world
                .store
                .claim_mail(store::Channel::Email, 100, minute, later(ROUND))
                .await;
            let mails = mails.expect("claimed");
            assert!(mails.iter().any(|it| letter(it).to == Holder::Guest(guest)));
            let before = highest;
            for mail in &mails {
                let sequence = letter(mail).sequence;
                assert!(sequence > before, "{sequence} after {before}");
                highest = highest.max(sequence);
                let sent = world.store.mail_sent(mail.id, mail.lease, later(ROUND));
                assert!(sent.await.expect("said"));
            }
        }
    }
}
