//! Invitations of the one other adult (INV-2 to INV-9, LINK-2, LINK-3, DIR-4).

use jiff::SignedDuration;
use links::AttemptId;
use school::invitation::State;
use school::{Note, Refusal};
use store::{Actor, Delivery, Holder, Invitation, LinkState, MailKind, Store};

use crate::places::on_both;
use crate::world::{OFFICE, World, email, guest, later, letter, name, now, refused};

on_both!(
    one_invitation_a_student,
    a_parent_sees_nothing_of_another_parents,
    the_same_press_invites_once,
    the_guest_may_be_in_what_is_covered_and_nowhere_else,
    a_removed_link_is_dead_and_the_quota_is_back,
    another_address_gets_another_link,
    a_court_order_holds_an_invitation,
    a_later_court_order_ends_what_there_is,
    the_office_approves_a_namesake,
);

async fn link_of(world: &World, invitation: &Invitation) -> links::LinkId {
    let links = world
        .store
        .links_of_evening(world.evening, now())
        .await
        .expect("read");
    let own = links
        .iter()
        .find(|it| it.holder == Holder::Guest(invitation.id) && it.state == LinkState::Live);
    own.expect("a link").record.id
}

async fn one_invitation_a_student(store: Store) {
    let world = World::new(store).await;
    let (maria, both) = (world.maria, [world.ana, world.ben]);
    let none = world.invite(maria, "Rui", "rui@x.example", &[]).await;
    assert_eq!(refused(none), Refusal::StudentsMissing);
    let foreign = world
        .invite(maria, "Rui", "rui@x.example", &[world.cem])
        .await;
    assert_eq!(refused(foreign), Refusal::NotFound);
    world
        .invite(maria, "Rui", "rui@x.example", &[world.ana])
        .await
        .expect("invited");
    let twice = world.invite(maria, "Eva", "eva@x.example", &both).await;
    assert_eq!(refused(twice), Refusal::AlreadyInvited);
    world
        .invite(maria, "Eva", "eva@x.example", &[world.ben])
        .await
        .expect("invited");
    let more = world
        .invite(maria, "Lia", "lia@x.example", &[world.ben])
        .await;
    assert_eq!(refused(more), Refusal::AlreadyInvited);
    let all = world
        .store
        .invitations(maria, world.evening)
        .await
        .expect("read");
    assert!(!all.can_invite());
    assert_eq!(all.invitations.len(), 2);
    assert_eq!(all.invitations[0].delivery, Some(Delivery::Waiting));
    // The only student need not be ticked.
    let one = world
        .invite(world.omar, "Ada", "ada@x.example", &[])
        .await
        .expect("invited");
    assert_eq!(one.students, [(world.cem, name("Cem Demir"))]);
}

async fn a_parent_sees_nothing_of_another_parents(store: Store) {
    let world = World::new(store).await;
    let both = [world.ana, world.ben];
    let hers = world
        .invite(world.maria, "Rui", "rui@x.example", &both)
        .await
        .expect("invited");
    let his = world
        .store
        .invitations(world.paul, world.evening)
        .await
        .expect("read");
    assert!(his.can_invite() && his.invitations.is_empty());
    world
        .invite(world.paul, "Eva", "eva@x.example", &[world.ana])
        .await
        .expect("invited");
    let actor = Actor::Parent(world.paul);
    let foreign = world.store.remove_invitation(hers.id, actor, now()).await;
    assert_eq!(refused(foreign), Refusal::NotFound);
    assert_eq!(
        refused(world.store.resend(hers.id, actor, now()).await),
        Refusal::NotFound
    );
    let office = world
        .store
        .invitations_of_evening(world.evening)
        .await
        .expect("read");
    assert_eq!(office.len(), 2);
}

async fn the_same_press_invites_once(store: Store) {
    let world = World::new(store).await;
    let new = guest("Rui", "rui@x.example", &[world.ana]);
    let actor = Actor::Parent(world.maria);
    let invite = || {
        let attempt = Some(AttemptId(3));
        world
            .store
            .invite(world.maria, world.evening, &new, attempt, actor, now())
    };
    let first = invite().await.expect("invited");
    assert_eq!(invite().await.expect("invited"), first);
    let mails = world
        .store
        .claim_mail(
            store::Channel::Email,
            9,
            SignedDuration::from_mins(1),
            later(1),
        )
        .await
        .expect("read");
    assert_eq!(mails.len(), 1);
    assert_eq!(
        (letter(&mails[0]).kind, letter(&mails[0]).to),
        (MailKind::Invitation, Holder::Guest(first.id))
    );
    assert!(letter(&mails[0]).link.is_some());
}

async fn the_guest_may_be_in_what_is_covered_and_nowhere_else(store: Store) {
    let world = World::new(store).await;
    let before = world
        .book(world.maria, world.ana, world.maths, 0)
        .await
        .expect("booked");
    let uncovered = world
        .book(world.maria, world.ben, world.maths, 1)
        .await
        .expect("booked");
    world
        .book(world.paul, world.ana, world.maths, 2)
        .await
        .expect("booked");
    let invitation = world
        .invite(world.maria, "Rui", "rui@x.example", &[world.ana])
        .await
        .expect("invited");
    let later = world
        .book(world.maria, world.ana, world.french, 3)
        .await
        .expect("booked");
    let link = link_of(&world, &invitation).await;
    let admission = world
        .store
        .admission(link, now())
        .await
        .expect("read")
        .expect("known");
    let calls: Vec<_> = admission.calls.iter().map(|it| it.appointment.id).collect();
    assert_eq!(calls, [before.id, later.id]);
    let entitled = &admission.calls[0].meeting.entitled;
    let numbers: Vec<_> = entitled.iter().map(|it| it.number.0).collect();
    assert_eq!(numbers, [1, 2, 3, 4]);
    let inviter = admission.link.inviter.expect("an inviter");
    assert_eq!(inviter.contact, world.maria);
    assert_eq!(entitled[3].invited_by, Some(Holder::Parent(world.maria)));
    let inviters = admission.calls[0].link(Holder::Parent(world.maria));
    assert_eq!(inviters, inviter.link);
    let others = world
        .store
        .call(uncovered.meeting)
        .await
        .expect("read")
        .expect("known");
    assert!(
        others
            .meeting
            .entitled(Holder::Guest(invitation.id))
            .is_none()
    );
    let over = "2026-11-24T18:15:00Z".parse().expect("a time");
    let expired = world
        .store
        .admission(link, over)
        .await
        .expect("read")
        .expect("known");
    assert_eq!(expired.link.state, LinkState::Expired);
    assert!(expired.calls.is_empty());
}

async fn a_removed_link_is_dead_and_the_quota_is_back(store: Store) {
    let world = World::new(store).await;
    world
        .book(world.maria, world.ana, world.french, 0)
        .await
        .expect("booked");
    let both = [world.ana, world.ben];
    let invitation = world
        .invite(world.maria, "Rui", "rui@x.example", &both)
        .await
        .expect("invited");
    let link = link_of(&world, &invitation).await;
    let actor = Actor::Parent(world.maria);
    let died = world
        .store
        .remove_invitation(invitation.id, actor, now())
        .await
        .expect("removed");
    assert_eq!(died.links, [link]);
    let again = world
        .store
        .remove_invitation(invitation.id, actor, now())
        .await
        .expect("gone");
    assert_eq!(again.links, []);
    let admission = world
        .store
        .admission(link, now())
        .await
        .expect("read")
        .expect("known");
    assert_eq!(admission.link.state, LinkState::Withdrawn);
    assert!(admission.calls.is_empty());
    let resent = world.store.resend(invitation.id, actor, now()).await;
    assert_eq!(refused(resent), Refusal::InvitationRemoved);
    let next = world
        .invite(world.maria, "Eva", "eva@x.example", &both)
        .await
        .expect("invited");
    let call = world
        .store
        .calls_of_evening(world.evening)
        .await
        .expect("read")
        .remove(0);
    let guest = call.meeting.entitled.last().expect("the guest");
    assert_eq!((guest.holder, guest.number.0), (Holder::Guest(next.id), 4));
}

async fn another_address_gets_another_link(store: Store) {
    let world = World::new(store).await;
    let invitation = world
        .invite(world.maria, "Rui", "rui@x.example", &[world.ana])
        .await
        .expect("invited");
    let old = link_of(&world, &invitation).await;
    let actor = Actor::Parent(world.maria);
    world
        .store
        .resend(invitation.id, actor, now())
        .await
        .expect("resent");
    assert_eq!(link_of(&world, &invitation).await, old);
    // As it was: nobody is sent away.
    let as_it_was = email("rui@x.example");
    let same = world
        .store
        .change_address(invitation.id, &as_it_was, actor, now());
    assert_eq!(same.await.expect("sent again").links, []);
    assert_eq!(link_of(&world, &invitation).await, old);
    let minute = SignedDuration::from_mins(1);
    let under_way = world
        .store
        .claim_mail(store::Channel::Email, 9, minute, now())
        .await;
    let under_way = under_way.expect("read");
    assert!(!under_way.is_empty());
    let died = world
        .store
        .change_address(invitation.id, &email("rui@y.example"), actor, now())
        .await
        .expect("changed");
    assert_eq!(died.links, [old]);
    assert_ne!(link_of(&world, &invitation).await, old);
    // What was on its way to the old address could not be sent: it is not tried again.
    for mail in &under_way {
        let told = world
            .store
            .mail_later(mail.id, mail.lease, now(), ("busy", true));
        assert!(!told.await.expect("told"));
    }
    let mails = world
        .store
        .claim_mail(store::Channel::Email, 9, minute, later(1))
        .await
        .expect("read");
    let to: Vec<_> = mails.iter().map(|it| it.address.reveal()).collect();
    assert_eq!(to, ["rui@y.example"]);
}

async fn a_court_order_holds_an_invitation(store: Store) {
    let world = World::new(store).await;
    world
        .store
        .set_court_order(world.paul, OFFICE, now())
        .await
        .expect("set");
    let held = world
        .invite(world.maria, "Somebody", "PAUL@home.example", &[world.ana])
        .await
        .expect("kept");
    assert_eq!((held.state, held.delivery.clone()), (State::Held, None));
    let minute = SignedDuration::from_mins(1);
    assert!(
        world
            .store
            .claim_mail(store::Channel::Email, 9, minute, later(1))
            .await
            .expect("read")
            .is_empty()
    );
    let queue = world.store.approvals(now()).await.expect("read");
    assert_eq!(
        (
            queue[0].invitation.id,
            queue[0].contact.as_ref().map(|it| it.0)
        ),
        (held.id, Some(world.paul))
    );
    let approved = world.store.approve(held.id, OFFICE, now()).await;
    assert_eq!(refused(approved), Refusal::CourtOrderStands);
    // Once the evening is over nothing is left to decide.
    let over = later(15 * 24 * 60);
    assert!(world.store.approvals(over).await.expect("read").is_empty());
    let to_decide = async |at| world.store.attention(at).await.expect("read").to_decide;
    assert_eq!((to_decide(now()).await, to_decide(over).await), (1, 0));
    let reason = Note::read("Please phone the office.").expect("a note");
    world
        .store
        .decline(held.id, &reason, OFFICE, now())
        .await
        .expect("declined");
    // Whoever decides after a colleague reads what became of it.
    let again = world.store.decline(held.id, &reason, OFFICE, now()).await;
    assert_eq!(refused(again), Refusal::DeclinedAlready);
    let approved = world.store.approve(held.id, OFFICE, now()).await;
    assert_eq!(refused(approved), Refusal::DeclinedAlready);
    assert!(world.store.approvals(now()).await.expect("read").is_empty());
    let all = world
        .store
        .invitations(world.maria, world.evening)
        .await
        .expect("read");
    assert!(all.can_invite() && all.invitations.is_empty());
    // The parent reads why, on the page and by e-mail, and the guest hears nothing.
    let why = store::Declined {
        name: held.name.clone(),
        reason: Note::read("Please phone the office.").expect("a note"),
    };
    assert_eq!(all.declined, std::slice::from_ref(&why));
    let mails = world
        .store
        .claim_mail(store::Channel::Email, 9, minute, later(2))
        .await;
    let mails = mails.expect("read");
    assert_eq!(mails.len(), 1);
    let told = letter(&mails[0]);
    assert_eq!(
        (told.kind, told.to),
        (MailKind::Declined, Holder::Parent(world.maria))
    );
    assert_eq!(told.declined, Some(why));
    let sees = world
        .store
        .parent_evening(world.paul, world.evening, now())
        .await
        .expect("read");
    assert!(sees.students.is_empty());
}

async fn a_later_court_order_ends_what_there_is(store: Store) {
    let world = World::new(store).await;
    let his = world
        .book(world.paul, world.ana, world.maths, 0)
        .await
        .expect("booked");
    world
        .book(world.maria, world.ana, world.maths, 1)
        .await
        .expect("booked");
    let as_guest = world
        .invite(world.maria, "Paul", "paul@home.example", &[world.ana])
        .await
        .expect("invited");
    let of_his = world
        .invite(world.paul, "Friend", "friend@x.example", &[world.ana])
        .await
        .expect("invited");
    let mut expected = vec![
        link_of(&world, &as_guest).await,
        link_of(&world, &of_his).await,
    ];
    let links = world
        .store
        .links_of_evening(world.evening, now())
        .await
        .expect("read");
    let own = links
        .iter()
        .find(|it| it.holder == Holder::Parent(world.paul))
        .expect("his link");
    expected.push(own.record.id);
    expected.sort_unstable();
    let mut died = world
        .store
        .set_court_order(world.paul, OFFICE, now())
        .await
        .expect("set");
    died.links.sort_unstable();
    assert_eq!(died.links, expected);
    assert_eq!(died.ended, [his.meeting].into());
    let hers = world
        .store
        .invitations(world.maria, world.evening)
        .await
        .expect("read");
    assert!(hers.can_invite() && hers.invitations.is_empty());
    let minute = SignedDuration::from_mins(1);
    let mails = world
        .store
        .claim_mail(store::Channel::Email, 9, minute, later(1))
        .await
        .expect("read");
    let mut to: Vec<_> = mails
        .iter()
        .map(|it| (letter(it).kind.code(), it.address.reveal()))
        .collect();
    to.sort_unstable();
    assert_eq!(
        to,
        [
            ("confirmation", "maria@home.example"),
            ("withdrawn", "friend@x.example")
        ]
    );
}

async fn the_office_approves_a_namesake(store: Store) {
    let world = World::new(store).await;
    world
        .store
        .set_court_order(world.paul, OFFICE, now())
        .await
        .expect("set");
    let held = world
        .invite(world.maria, "paul costa", "other@x.example", &[world.ana])
        .await
        .expect("kept");
    assert_eq!(held.state, State::Held);
    world
        .store
        .approve(held.id, OFFICE, now())
        .await
        .expect("approved");
    let all = world
        .store
        .invitations(world.maria, world.evening)
        .await
        .expect("read");
    assert_eq!(all.invitations[0].state, State::Sent);
    link_of(&world, &all.invitations[0]).await;
    let approved = world.store.approve(held.id, OFFICE, now()).await;
    approved.expect("a colleague wanted the same");
    let note = Note::default();
    let declined = world.store.decline(held.id, &note, OFFICE, now()).await;
    assert_eq!(refused(declined), Refusal::ApprovedAlready);
}
