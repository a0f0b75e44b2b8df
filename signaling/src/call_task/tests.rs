//! What needs a long time, or an order of things that sockets seldom bring.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a test that looks for one message passes over the others"
)]

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use call::{CallId, Epoch, Moment};
use links::{AttemptId, Ticket};
use sfu::{Answering, CallKey, PeerKey, View};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::time::{advance, pause, resume, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use wire::close::Close;
use wire::message::{GoodbyeReason, Notice, Sends, ServerMessage};

use super::{Command, Join, Offered, Saying};
use crate::admissions::{Admission, Admissions};
use crate::claimed::Claimed;
use crate::clock::Clock;
use crate::data::Data;
use crate::health::Health;
use crate::house::House;
use crate::limits::Limiter;
use crate::listen::Places;
use crate::media::MediaPlane;
use crate::news::News;
use crate::origin::PublicUrl;
use crate::outbox::{self, Inbox, LastWord};
use crate::prepared::PreparedPeers;
use crate::presence::Presence;
use crate::private::Private;
use crate::proxies::Proxies;
use crate::roster::{Roster, call_of, link_of};
use crate::settings::Settings;
use crate::sign_ins::SignIns;
use crate::switchboard::Switchboard;
use seeded::seed;

/// Records with one appointment in them.
#[path = "../../tests/server/support/seeded.rs"]
mod seeded;

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

/// A server without its doors, and the links of a teacher, a parent, and a guest whom the parent
/// invited.
struct Home {
    house: Arc<House>,
    call: CallId,
    links: [links::LinkId; 3],
    _folder: TempDir,
}

impl Home {
    async fn open() -> Self {
        Self::open_with(Arc::new(AnswersAll)).await
    }

    /// The same with that media plane.
    async fn open_with(media: Arc<dyn MediaPlane>) -> Self {
        let folder = seeded::folder();
        let mut settings = Settings::default();
        folder.path().clone_into(&mut settings.data.folder);
        let data = Data::open(&settings).await.expect("an empty folder");
        let seeded = seed(&data.store).await;
        let ids: Vec<_> = seeded.people.iter().map(|held| held.record.id).collect();
        let house = House {
            health: Health::default(),
            rules: settings.calls,
            public_url: PublicUrl::of_address(settings.http.listen, false),
            tls: None,
            admissions: Admissions::restored(data.keyring.clone(), 1, &[], Moment::default()).0,
            keyring: data.keyring,
            store: data.store,
            switchboard: Switchboard::default(),
            news: News::new(),
            presence: Presence::default(),
            prepared: PreparedPeers::default(),
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
        Self {
            house: Arc::new(house),
            call: call_of(seeded.call),
            links: [ids[0], ids[3], ids[4]],
            _folder: folder,
        }
    }

    fn in_use(&self, link: links::LinkId) -> bool {
        self.house.admissions.is_in_use(link_of(link))
    }

    async fn roster(&self) -> Roster {
        let found = self.house.roster(self.call).await.expect("records");
        (*found.expect("it is there")).clone()
    }

    /// Hands it to the call.
    async fn send(&self, command: Command) {
        self.house
            .switchboard
            .deliver(&self.house, self.call, command)
            .await;
    }

    fn ticket(&self, link: links::LinkId, attempt: u128) -> Ticket {
        let admissions = &self.house.admissions;
        let now = (ambient::now(), self.house.clock.now());
        let ticket = admissions.ticket(link, AttemptId(attempt), self.call, now);
        let ticket = ticket.expect("it may swap now");
        let read = admissions.read(ticket.expose(), now.0);
        read.expect("the ticket is good")
    }

    /// A press whose ticket was redeemed: a session that its call has not heard of.
    fn admit(&self, link: links::LinkId, attempt: u128) -> Admission {
        let ticket = self.ticket(link, attempt);
        let admitted = self.house.admissions.admit(&ticket, self.house.clock.now());
        admitted.expect("it is let in")
    }

    /// A press, redeemed as a socket does it.
    fn claim(&self, link: links::LinkId) -> (Admission, Option<Claimed>) {
        let ticket = self.ticket(link, ambient::random());
        Claimed::by(&self.house, &ticket).expect("it is let in")
    }

    /// Tells the call of a session.
    async fn deliver(&self, admission: Admission) -> Inbox {
        let roster = self.roster().await;
        self.deliver_to(roster, (admission, None)).await
    }

    async fn deliver_to(
        &self,
        roster: Roster,
        (admission, claim): (Admission, Option<Claimed>),
    ) -> Inbox {
        let (outbox, inbox) = outbox::pair(admission.socket);
        let join = Join {
            link: admission.link,
            roster: Arc::new(roster),
            session: admission.session,
            epoch: admission.epoch,
            claim,
            contested: admission.contested,
            outbox,
            offer: Offered::Fresh(Private::new("offer".to_owned())),
            sends: Sends::default(),
            relay: String::new(),
        };
        self.send(Command::Join(join)).await;
        inbox
    }

    /// Joins by a new press, and reads until `joined`.
    async fn join(&self, link: links::LinkId) -> (Inbox, Admission) {
        let admission = self.admit(link, ambient::random());
        let mut inbox = self.deliver(admission).await;
        let first = inbox.messages.recv().await;
        assert!(matches!(first, Some(ServerMessage::Joined { .. })));
        (inbox, admission)
    }

    /// Says it on the socket that was admitted so.
    async fn say(&self, admission: Admission, saying: Saying) {
        let said = Command::Said {
            session: admission.session,
            socket: admission.socket,
            saying,
        };
        self.send(said).await;
    }

    /// Waits until the call has ended, and what it leaves is written down.
    async fn is_over(&self) {
        self.house.tasks.close();
        let over = timeout(PATIENCE, self.house.tasks.wait()).await;
        over.expect("the task is over");
    }
}

/// The last word.
async fn word(inbox: &mut Inbox) -> LastWord {
    let word = timeout(PATIENCE, &mut inbox.last).await;
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

/// Of whoever is just being put out, too, whom the call holds no longer.
#[tokio::test]
async fn a_call_that_breaks_off_leaves_nobody_attached_and_no_link_in_use() {
    let media = Arc::new(BreaksOnce::default());
    let home = Home::open_with(Arc::clone(&media) as _).await;
    let [teacher, parent, _] = home.links;
    let mut words = Vec::new();
    for (link, attempt) in [(teacher, 1), (parent, 2)] {
        words.push(home.deliver(home.admit(link, attempt)).await);
    }
    let both_sit = async {
        while media.attached().len() < 2 {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, both_sit).await.expect("both sit");
    let withdrawn = Command::Withdrawn {
        link: link_of(parent),
    };
    home.send(withdrawn).await;
    home.is_over().await;
    assert!(media.has_broken.load(Ordering::SeqCst));
    assert_eq!(*media.attached(), BTreeSet::new());
    for link in [teacher, parent] {
        assert!(!home.in_use(link));
    }
    assert!(home.house.presence.of(home.call).is_empty());
}

#[tokio::test]
async fn a_press_that_comes_to_nothing_lets_go_of_its_link() {
    let home = Home::open().await;
    let [teacher, parent, _] = home.links;
    // The socket gives up before the call hears of it.
    drop(home.claim(parent));
    assert!(!home.in_use(parent));
    // The call finds that the link entitles to nothing now.
    let mut roster = home.roster().await;
    roster.call.links.retain(|_, record| record.id == teacher);
    let mut inbox = home.deliver_to(roster, home.claim(parent)).await;
    let said = word(&mut inbox).await;
    assert_eq!(said.close, Close::NoSession);
    home.is_over().await;
    assert!(!home.in_use(parent));
    // Who comes in has it, until they are out.
    let roster = home.roster().await;
    let mut inbox = home.deliver_to(roster, home.claim(parent)).await;
    assert!(matches!(
        inbox.messages.recv().await,
        Some(ServerMessage::Joined { .. })
    ));
    assert!(home.in_use(parent));
}

#[tokio::test]
async fn teacher_and_inviter_hear_of_a_link_that_goes_from_device_to_device() {
    let home = Home::open().await;
    let [teacher, parent, guest] = home.links;
    let (mut teacher, _) = home.join(teacher).await;
    let (mut parent, _) = home.join(parent).await;
    for _press_and_three_swaps in 0..4 {
        let (_inbox, _) = home.join(guest).await;
    }
    assert_eq!(notices(&mut teacher), []);
    pause();
    advance(Duration::from_secs(16)).await;
    resume();
    let (mut guest, _) = home.join(guest).await;
    let contested = [Notice::LinkContested { participant: 5 }];
    // What the newest session hears comes after the notices went out.
    assert_eq!(notices(&mut guest), []);
    assert_eq!(notices(&mut teacher), contested);
    assert_eq!(notices(&mut parent), contested);
}

#[tokio::test]
async fn session_that_another_call_took_over_hears_so() {
    let home = Home::open().await;
    let [teacher, ..] = home.links;
    let (mut inbox, admission) = home.join(teacher).await;
    let superseded = Command::Superseded {
        link: admission.link,
        epoch: Epoch(admission.epoch.0 + 1),
    };
    home.send(superseded).await;
    let said = word(&mut inbox).await;
    assert_eq!(said, GoodbyeReason::Replaced.into());
}

#[tokio::test]
async fn join_that_comes_after_a_newer_one_was_given_is_not_let_in() {
    let home = Home::open().await;
    let [teacher, ..] = home.links;
    let older = home.admit(teacher, 1);
    let newer = home.admit(teacher, 2);
    let mut late = home.deliver(older).await;
    let said = word(&mut late).await;
    assert_eq!(said, GoodbyeReason::Replaced.into());
    let mut inbox = home.deliver(newer).await;
    let first = inbox.messages.recv().await;
    assert!(matches!(first, Some(ServerMessage::Joined { .. })));
}

#[tokio::test]
async fn retry_that_comes_after_its_session_is_over_does_not_begin_it_again() {
    let home = Home::open().await;
    let [teacher, ..] = home.links;
    let first = home.admit(teacher, 1);
    let retry = home.admit(teacher, 1);
    assert_eq!(first.session, retry.session);
    let mut inbox = home.deliver(first).await;
    home.say(first, Saying::Leave).await;
    let said = word(&mut inbox).await;
    assert_eq!(said, GoodbyeReason::Left.into());
    let mut late = home.deliver(retry).await;
    let said = word(&mut late).await;
    assert_eq!(said, Close::NoSession.into());
}

#[tokio::test]
async fn older_socket_of_a_session_can_say_and_lose_nothing() {
    let home = Home::open().await;
    let [teacher, ..] = home.links;
    let older = home.admit(teacher, 1);
    let newer = home.admit(teacher, 1);
    let _older_inbox = home.deliver(older).await;
    let mut inbox = home.deliver(newer).await;
    home.say(older, Saying::Leave).await;
    let lost = Command::SocketLost {
        session: older.session,
        socket: older.socket,
    };
    home.send(lost).await;
    home.say(newer, Saying::Ping(7)).await;
    loop {
        match inbox.messages.recv().await.expect("it lives") {
            ServerMessage::Pong { n: 7 } => break,
            ServerMessage::People { people } => assert!(!people[0].reconnecting),
            _joined => {}
        }
    }
    // A join that was overtaken on its way takes nothing back.
    let mut overtaken = home.deliver(older).await;
    let said = word(&mut overtaken).await;
    assert_eq!(said, GoodbyeReason::Replaced.into());
    assert!(inbox.last.try_recv().is_err(), "it goes on");
}

#[tokio::test]
async fn call_that_empties_gives_up_its_task() {
    let home = Home::open().await;
    let [teacher, ..] = home.links;
    let (mut inbox, _) = home.join(teacher).await;
    assert!(home.house.switchboard.find(home.call).is_some());
    home.send(Command::Ended).await;
    word(&mut inbox).await;
    home.is_over().await;
    assert!(home.house.switchboard.find(home.call).is_none());
    assert!(!home.in_use(teacher));
}
