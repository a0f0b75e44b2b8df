//! What needs a long time, or an order of things that sockets seldom bring: on a paused clock.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a test that looks for one message passes over the others"
)]

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use call::{CallId, Epoch};
use links::{AttemptId, Key, KeyId, Keyring};
use sfu::{Answering, CallKey, PeerKey, View};
use tokio::sync::oneshot;
use tokio::time::{advance, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use wire::close::Close;
use wire::message::{GoodbyeReason, Notice, Role, Sends, ServerMessage};

use super::{Command, Join, Saying};
use crate::admissions::{Admission, Admissions};
use crate::claimed::Claimed;
use crate::clock::Clock;
use crate::health::Health;
use crate::house::House;
use crate::limits::Limiter;
use crate::listen::Places;
use crate::media::MediaPlane;
use crate::news::News;
use crate::origin::PublicUrl;
use crate::outbox::{self, Inbox, LastWord};
use crate::presence::Presence;
use crate::private::Private;
use crate::proxies::Proxies;
use crate::roster::{Appointment, Entitled, Roster};
use crate::settings::Settings;
use crate::sign_ins::SignIns;
use crate::switchboard::Switchboard;

const CALL: CallId = CallId(1);

/// Nothing here may take longer; what does hangs.
const PATIENCE: Duration = Duration::from_secs(20);

struct AnswersAll;

impl MediaPlane for AnswersAll {
    fn attach(&self, _call: CallKey, _peer: PeerKey, _seat: u8, offer: &str) -> Answering {
        let (answer, answering) = oneshot::channel();
        answer
            .send(Ok(offer.to_owned()))
            .expect("the receiver is here");
        answering
    }

    fn restart(&self, _peer: PeerKey, _offer: &str) -> Answering {
        oneshot::channel().1
    }

    fn view(&self, _peer: PeerKey, _view: View) {}

    fn detach(&self, _peer: PeerKey) {}

    fn stop(&self) {}
}

/// A media plane with a bug: it panics the first time that a session's relay is to end.
#[derive(Default)]
struct BreaksOnce {
    has_broken: AtomicBool,
    attached: Mutex<BTreeSet<u64>>,
}

impl BreaksOnce {
    fn attached(&self) -> MutexGuard<'_, BTreeSet<u64>> {
        self.attached.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl MediaPlane for BreaksOnce {
    fn attach(&self, call: CallKey, peer: PeerKey, seat: u8, offer: &str) -> Answering {
        self.attached().insert(peer.0);
        AnswersAll.attach(call, peer, seat, offer)
    }

    fn restart(&self, peer: PeerKey, offer: &str) -> Answering {
        AnswersAll.restart(peer, offer)
    }

    fn view(&self, _peer: PeerKey, _view: View) {}

    fn detach(&self, peer: PeerKey) {
        self.attached().remove(&peer.0);
    }

    fn end_relay(&self, _peer: PeerKey) {
        let is_first = !self.has_broken.swap(true, Ordering::SeqCst);
        assert!(!is_first, "a bug that this test played");
    }

    fn stop(&self) {}
}

/// A teacher, a parent, and a guest whom the parent invited.
fn house() -> (Arc<House>, [links::LinkId; 3]) {
    house_with(Arc::new(AnswersAll))
}

/// The same with that media plane.
fn house_with(media: Arc<dyn MediaPlane>) -> (Arc<House>, [links::LinkId; 3]) {
    let settings = Settings::default();
    let mut rng = ambient::rng();
    let keyring = Keyring::new(KeyId(1), Key::random(&mut rng));
    let ids = [(); 3].map(|()| links::LinkId::random(&mut rng));
    let roles = [Role::Teacher, Role::Parent, Role::Guest];
    let people = (1..)
        .zip(ids)
        .zip(roles)
        .map(|((participant, id), role)| Entitled {
            record: keyring.record(id),
            holder: None,
            participant,
            name: Private::new(format!("Person {participant}")),
            role,
            invited_by: (role == Role::Guest).then(|| crate::roster::link_of(ids[1])),
        })
        .collect();
    let roster = Roster::new(vec![Appointment {
        call: CALL,
        title: Private::default(),
        people,
        booked: None,
    }]);
    let house = House {
        health: Health::default(),
        rules: settings.calls,
        public_url: PublicUrl::of_address(settings.http.listen, false),
        tls: None,
        keyring,
        roster,
        admissions: Admissions::new(),
        switchboard: Switchboard::default(),
        news: News::new(),
        presence: Presence::default(),
        limiter: Limiter::new(&settings.limits),
        places: Places::of(&settings.limits),
        proxies: Proxies::default(),
        sign_ins: SignIns::new(settings.limits.sign_ins_per_address),
        media,
        clock: Clock::start(),
        post: Arc::default(),
        closing: CancellationToken::new(),
        tasks: TaskTracker::new(),
    };
    (Arc::new(house), ids)
}

/// A press whose ticket was redeemed: a session that its call has not heard of.
fn admit(house: &House, link: links::LinkId, attempt: u128) -> Admission {
    let now = house.clock.now();
    let attempt = AttemptId(attempt);
    let ticket = house
        .admissions
        .ticket(link, attempt, CALL, now)
        .expect("it may swap now");
    house
        .admissions
        .admit(&ticket.expose(), now)
        .expect("the ticket is good")
}

/// Tells the call of it.
async fn deliver(house: &Arc<House>, admission: Admission) -> Inbox {
    let (outbox, inbox) = outbox::pair(admission.socket);
    let appointment = house
        .roster
        .appointment(CALL)
        .await
        .expect("a list")
        .expect("it is there");
    let join = Join {
        link: admission.link,
        appointment,
        session: admission.session,
        epoch: admission.epoch,
        claim: None,
        contested: admission.contested,
        outbox,
        offer: Private::new("offer".to_owned()),
        sends: Sends::default(),
        relay: None,
    };
    house
        .switchboard
        .deliver(house, CALL, Command::Join(join))
        .await;
    inbox
}

/// A press, redeemed as a socket does it.
fn claim(house: &Arc<House>, link: links::LinkId) -> (Admission, Option<Claimed>) {
    let attempt = AttemptId(ambient::random());
    let ticket = house
        .admissions
        .ticket(link, attempt, CALL, house.clock.now())
        .expect("it may swap now");
    Claimed::by(house, &ticket.expose()).expect("the ticket is good")
}

/// Of whoever is just being put out, too, whom the call holds no longer.
#[tokio::test]
async fn a_call_that_breaks_off_leaves_nobody_attached_and_no_link_in_use() {
    let media = Arc::new(BreaksOnce::default());
    let (house, [teacher, parent, _]) = house_with(Arc::clone(&media) as _);
    let mut words = Vec::new();
    for (link, attempt) in [(teacher, 1), (parent, 2)] {
        words.push(deliver(&house, admit(&house, link, attempt)).await);
    }
    let both_sit = async {
        while media.attached().len() < 2 {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, both_sit).await.expect("both sit");
    let mailbox = house.switchboard.find(CALL).expect("it runs");
    let withdrawn = Command::Withdrawn {
        link: crate::roster::link_of(parent),
    };
    mailbox.send(withdrawn).await.expect("it listens");
    house.tasks.close();
    timeout(PATIENCE, house.tasks.wait())
        .await
        .expect("the task is over");
    assert!(media.has_broken.load(Ordering::SeqCst));
    assert_eq!(*media.attached(), BTreeSet::new());
    for link in [teacher, parent] {
        let link = crate::roster::link_of(link);
        assert!(!house.admissions.is_in_use(link));
    }
    assert!(house.presence.of(CALL).is_empty());
}

#[tokio::test]
async fn a_press_that_comes_to_nothing_lets_go_of_its_link() {
    let (house, [teacher, parent, _]) = house();
    let in_use = |link| house.admissions.is_in_use(crate::roster::link_of(link));
    // The socket gives up before the call hears of it.
    drop(claim(&house, parent));
    assert!(!in_use(parent));
    // The call finds that the link entitles to nothing now.
    let (admission, claim) = claim(&house, parent);
    let (outbox, mut inbox) = outbox::pair(admission.socket);
    let list = house.roster.appointment(CALL).await.expect("a list");
    let mut appointment = (*list.expect("it is there")).clone();
    appointment.people.retain(|one| one.record.id == teacher);
    let join = Join {
        link: admission.link,
        appointment: Arc::new(appointment),
        session: admission.session,
        epoch: admission.epoch,
        claim,
        contested: false,
        outbox,
        offer: Private::new("offer".to_owned()),
        sends: Sends::default(),
        relay: None,
    };
    house
        .switchboard
        .deliver(&house, CALL, Command::Join(join))
        .await;
    let word = (&mut inbox.last).await.expect("a word");
    assert_eq!(word.close, Close::NoSession);
    house.tasks.close();
    timeout(PATIENCE, house.tasks.wait())
        .await
        .expect("nobody is left");
    assert!(!in_use(parent));
    // Who comes in has it, until they are out.
    let (mut inbox, _) = join_by_socket(&house, parent).await;
    assert!(matches!(
        inbox.messages.recv().await,
        Some(ServerMessage::Joined { .. })
    ));
    assert!(in_use(parent));
}

async fn join_by_socket(house: &Arc<House>, link: links::LinkId) -> (Inbox, Admission) {
    let (admission, claim) = claim(house, link);
    let (outbox, inbox) = outbox::pair(admission.socket);
    let list = house.roster.appointment(CALL).await.expect("a list");
    let join = Join {
        link: admission.link,
        appointment: list.expect("it is there"),
        session: admission.session,
        epoch: admission.epoch,
        claim,
        contested: false,
        outbox,
        offer: Private::new("offer".to_owned()),
        sends: Sends::default(),
        relay: None,
    };
    house
        .switchboard
        .deliver(house, CALL, Command::Join(join))
        .await;
    (inbox, admission)
}

/// Joins by a new press, and reads until `joined`.
async fn join(house: &Arc<House>, link: links::LinkId) -> (Inbox, Admission) {
    let admission = admit(house, link, ambient::random());
    let mut inbox = deliver(house, admission).await;
    let first = inbox.messages.recv().await;
    assert!(matches!(first, Some(ServerMessage::Joined { .. })));
    (inbox, admission)
}

/// Says it on the socket that was admitted so.
async fn say(house: &Arc<House>, admission: Admission, saying: Saying) {
    let said = Command::Said {
        session: admission.session,
        socket: admission.socket,
        saying,
    };
    house.switchboard.deliver(house, CALL, said).await;
}

/// The last word. On a paused clock it comes at once, or never.
async fn word(inbox: &mut Inbox) -> LastWord {
    let word = timeout(Duration::from_secs(60), &mut inbox.last).await;
    word.expect("a last word").expect("the call lives")
}

/// The notices among what was said until now.
fn notices(inbox: &mut Inbox) -> Vec<Notice> {
    let mut notices = Vec::new();
    while let Ok(message) = inbox.messages.try_recv() {
        if let ServerMessage::Notice { notice } = message {
            notices.push(notice);
        }
    }
    notices
}

#[tokio::test(start_paused = true)]
async fn teacher_and_inviter_hear_of_a_link_that_goes_from_device_to_device() {
    let (house, [teacher, parent, guest]) = house();
    let (mut teacher, _) = join(&house, teacher).await;
    let (mut parent, _) = join(&house, parent).await;
    for _press_and_three_swaps in 0..4 {
        let (_inbox, _) = join(&house, guest).await;
    }
    assert_eq!(notices(&mut teacher), []);
    advance(Duration::from_secs(16)).await;
    let (mut guest, _) = join(&house, guest).await;
    let contested = [Notice::LinkContested { participant: 3 }];
    // What the newest session hears comes after the notices went out.
    assert_eq!(notices(&mut guest), []);
    assert_eq!(notices(&mut teacher), contested);
    assert_eq!(notices(&mut parent), contested);
}

#[tokio::test(start_paused = true)]
async fn session_that_another_call_took_over_hears_so() {
    let (house, [teacher, ..]) = house();
    let (mut inbox, admission) = join(&house, teacher).await;
    let superseded = Command::Superseded {
        link: admission.link,
        epoch: Epoch(admission.epoch.0 + 1),
    };
    house.switchboard.deliver(&house, CALL, superseded).await;
    let said = word(&mut inbox).await;
    assert_eq!(said, GoodbyeReason::Replaced.into());
}

#[tokio::test(start_paused = true)]
async fn join_that_comes_after_a_newer_one_was_given_is_not_let_in() {
    let (house, [teacher, ..]) = house();
    let older = admit(&house, teacher, 1);
    let newer = admit(&house, teacher, 2);
    let mut late = deliver(&house, older).await;
    let said = word(&mut late).await;
    assert_eq!(said, GoodbyeReason::Replaced.into());
    let mut inbox = deliver(&house, newer).await;
    let first = inbox.messages.recv().await;
    assert!(matches!(first, Some(ServerMessage::Joined { .. })));
}

#[tokio::test(start_paused = true)]
async fn retry_that_comes_after_its_session_is_over_does_not_begin_it_again() {
    let (house, [teacher, ..]) = house();
    let first = admit(&house, teacher, 1);
    let retry = admit(&house, teacher, 1);
    assert_eq!(first.session, retry.session);
    let mut inbox = deliver(&house, first).await;
    say(&house, first, Saying::Leave).await;
    let said = word(&mut inbox).await;
    assert_eq!(said, GoodbyeReason::Left.into());
    let mut late = deliver(&house, retry).await;
    let said = word(&mut late).await;
    assert_eq!(said, Close::NoSession.into());
}

#[tokio::test(start_paused = true)]
async fn older_socket_of_a_session_can_say_and_lose_nothing() {
    let (house, [teacher, ..]) = house();
    let older = admit(&house, teacher, 1);
    let newer = admit(&house, teacher, 1);
    let _older_inbox = deliver(&house, older).await;
    let mut inbox = deliver(&house, newer).await;
    say(&house, older, Saying::Leave).await;
    let lost = Command::SocketLost {
        session: older.session,
        socket: older.socket,
    };
    house.switchboard.deliver(&house, CALL, lost).await;
    say(&house, newer, Saying::Ping(7)).await;
    loop {
        match inbox.messages.recv().await.expect("it lives") {
            ServerMessage::Pong { n: 7 } => break,
            ServerMessage::People { people } => assert!(!people[0].reconnecting),
            _joined => {}
        }
    }
    // A join that was overtaken on its way takes nothing back.
    let mut overtaken = deliver(&house, older).await;
    let said = word(&mut overtaken).await;
    assert_eq!(said, GoodbyeReason::Replaced.into());
    assert!(inbox.last.try_recv().is_err(), "it goes on");
}

#[tokio::test(start_paused = true)]
async fn call_that_empties_gives_up_its_task() {
    let (house, [teacher, ..]) = house();
    let (mut inbox, _) = join(&house, teacher).await;
    assert!(house.switchboard.find(CALL).is_some());
    house
        .switchboard
        .deliver(&house, CALL, Command::Ended)
        .await;
    word(&mut inbox).await;
    house.tasks.close();
    house.tasks.wait().await;
    assert!(house.switchboard.find(CALL).is_none());
    assert!(!house.admissions.is_in_use(crate::roster::link_of(teacher)));
}
