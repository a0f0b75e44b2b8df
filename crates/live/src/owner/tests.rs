//! What needs a long time, or an order of things that sockets seldom bring.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a test that looks for one message passes over the others"
)]

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use call::{AttemptId, Claim, Hours};
use cluster::{Alone, Cluster as _};
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use links::{Key, Keyring};
use school::meeting::{Door, Entitled, Meeting, MeetingKind, Number, Title, Window};
use school::{ContactId, Holder, InvitationId, MeetingId, Name, Powers, Role, TeacherId};
use sfu::{Answering, CallKey, RelayGrant, View};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{advance, pause, resume, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use wire::message::Notice;

use super::*;
use crate::door::Line;
use crate::news::News;
use crate::outbox::{self, Inbox};
use crate::ports::{Media, Note, Rosters, Unavailable};
use crate::{Clock, Ports, Rules as Settings};

/// Nothing here may take longer; what does hangs.
const PATIENCE: Duration = Duration::from_secs(20);

const CALL: CallId = CallId(7);

const TEACHER: LinkId = LinkId(1);
const PARENT: LinkId = LinkId(2);
const GUEST: LinkId = LinkId(3);

/// A media plane that answers every offer. With a bug, it panics the first time that a session's relay
/// is to end, or whenever a peer is attached.
#[derive(Default)]
struct PlayedMedia {
    breaks_once: AtomicBool,
    always_breaks: AtomicBool,
    attached: Mutex<BTreeSet<u64>>,
}

impl PlayedMedia {
    fn attached(&self) -> MutexGuard<'_, BTreeSet<u64>> {
        self.attached.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Media for PlayedMedia {
    fn attach(&self, _call: CallKey, peer: PeerKey, _seat: u8, offer: &str) -> Answering {
        let is_well = !self.always_breaks.load(Ordering::SeqCst);
        assert!(is_well, "a bug that this test played");
        self.attached().insert(peer.0);
        let (answer, answering) = oneshot::channel();
        let sent = answer.send(Ok(offer.to_owned()));
        sent.expect("the receiver is here");
        answering
    }

    fn restart(&self, _peer: PeerKey, _offer: &str) -> Answering {
        oneshot::channel().1
    }

    fn view(&self, _peer: PeerKey, _view: View) {}

    fn detach(&self, peer: PeerKey) {
        self.attached().remove(&peer.0);
    }

    fn grant_relay(
        &self,
        _call: CallKey,
        _beside: Option<CallKey>,
        name: &str,
    ) -> Option<RelayGrant> {
        Some(RelayGrant {
            username: name.to_owned(),
            password: "secret".to_owned(),
            addresses: Vec::new(),
        })
    }

    fn end_relay(&self, _peer: PeerKey) {
        let breaks = self.breaks_once.swap(false, Ordering::SeqCst);
        assert!(!breaks, "a bug that this test played");
    }
}

/// A teacher, a parent, and a guest whom the parent invited; or what is known instead. Of the notes, when
/// calls began.
#[derive(Default)]
struct PlayedRosters {
    known: Mutex<Option<Roster>>,
    /// What the next who asks waits for.
    slow: Mutex<Option<oneshot::Receiver<()>>>,
    began: Mutex<Vec<Timestamp>>,
}

impl PlayedRosters {
    fn began(&self) -> Vec<Timestamp> {
        let began = self.began.lock().unwrap_or_else(PoisonError::into_inner);
        began.clone()
    }

    fn know(&self, roster: Roster) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        *known = Some(roster);
    }
}

impl Rosters for PlayedRosters {
    fn roster(&self, _call: CallId) -> BoxFuture<'_, Result<Option<Roster>, Unavailable>> {
        let known = {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.clone()
        };
        let roster = known.unwrap_or_else(roster);
        let slow = {
            let mut slow = self.slow.lock().unwrap_or_else(PoisonError::into_inner);
            slow.take()
        };
        async move {
            if let Some(slow) = slow {
                slow.await.expect("it goes on");
            }
            Ok(Some(roster))
        }
        .boxed()
    }

    fn is_dead(&self, _link: LinkId) -> BoxFuture<'_, Result<bool, Unavailable>> {
        std::future::ready(Ok(false)).boxed()
    }

    fn note(&self, _call: CallId, note: Note) {
        if let Note::Began { at } = note {
            let mut began = self.began.lock().unwrap_or_else(PoisonError::into_inner);
            began.push(at);
        }
    }
}

/// The same people in a room whose calls have such a limit.
fn room(limit: Option<SignedDuration>) -> Roster {
    let mut roster = roster();
    roster.meeting.kind = MeetingKind::Room;
    roster.talk = None;
    roster.limit = limit;
    roster
}

fn roster() -> Roster {
    let parent = Holder::Parent(ContactId(1));
    let people = [
        (Holder::Teacher(TeacherId(1)), TEACHER),
        (parent, PARENT),
        (Holder::Guest(InvitationId(1)), GUEST),
    ];
    let entitled = (1..).zip(people).map(|(number, (holder, link))| Entitled {
        holder,
        number: Number(number),
        role: Role::of(holder),
        powers: if link == TEACHER {
            Powers::ALL
        } else {
            Powers::NONE
        },
        name: name(),
        invited_by: (link == GUEST).then_some(parent),
    });
    let starts = ambient::now();
    let in_an_hour = starts.checked_add(SignedDuration::from_hours(1));
    let ends = in_an_hour.unwrap_or(Timestamp::MAX);
    Roster {
        meeting: Meeting {
            id: MeetingId(CALL.0),
            kind: MeetingKind::Appointment,
            title: title(),
            window: None,
            cap: 4,
            door: Door::Open,
            entitled: entitled.collect(),
        },
        links: people.into_iter().collect(),
        rules_unread: BTreeSet::new(),
        talk: Some((
            Hours {
                starts,
                ends,
                latest: ends,
            },
            call::Course::default(),
        )),
        limit: None,
        began: None,
        stops: 0,
        is_shut: false,
        kept_out: BTreeSet::new(),
    }
}

fn asked(roster: Roster) -> Asked {
    Asked {
        roster: Arc::new(roster),
        offer: Offered::Fresh(Private::new("offer".to_owned())),
        sends: Sends::default(),
        relay: String::new(),
    }
}

fn name() -> Name {
    Name::read("Ada Lovelace").expect("a name")
}

fn title() -> Title {
    let subject = school::Label::read("Mathematics").expect("a label");
    Title::of_appointment(&subject, &name())
}

/// The living part, and what it stands on.
struct Home {
    live: Arc<Live>,
    cluster: Arc<Alone>,
    media: Arc<PlayedMedia>,
    rosters: Arc<PlayedRosters>,
    tasks: TaskTracker,
    /// Writes down what changes.
    writes: JoinHandle<()>,
}

/// A press that was redeemed: a session of which its owner has not heard.
#[derive(Clone, Copy)]
struct Redeemed {
    press: Press,
    session: SessionId,
    epoch: Epoch,
    contested: bool,
    socket: SocketNumber,
}

impl Home {
    fn open() -> Self {
        let clock = Clock::start();
        let (cluster, _) = Alone::restored(1, &[], clock.now());
        let (cluster, media) = (Arc::new(cluster), Arc::new(PlayedMedia::default()));
        let writer = Arc::clone(&cluster);
        let writes = tokio::spawn(async move {
            loop {
                writer.changed().await;
                writer.changes((ambient::now(), clock.now()));
                writer.are_written();
            }
        });
        let rosters = Arc::new(PlayedRosters::default());
        let ports = Ports {
            media: Arc::clone(&media) as _,
            rosters: Arc::clone(&rosters) as _,
            cluster: Arc::clone(&cluster) as _,
        };
        let rules = Settings {
            cap: 4,
            grace: Duration::from_secs(30),
            closed_grace: Duration::from_secs(6),
            hold_seat_for_parent: false,
            member_within: Duration::from_mins(10),
            heartbeat: Duration::from_secs(5),
            relay_over_tls: None,
        };
        let keyring = Keyring::new(links::KeyId(1), Key::random(&mut ambient::rng()));
        let (closing, tasks) = (CancellationToken::new(), TaskTracker::new());
        let live = Live::new(
            rules,
            keyring,
            ports,
            Arc::new(News::new()),
            clock,
            (closing, tasks.clone()),
        );
        Self {
            live: Arc::new(live),
            cluster,
            media,
            rosters,
            tasks,
            writes,
        }
    }

    /// Hands it to the call.
    async fn send(&self, command: Command) {
        self.live.deliver(CALL, command).await;
    }

    async fn redeem(&self, link: LinkId, attempt: u128) -> Redeemed {
        let press = Press {
            link,
            call: CALL,
            attempt: AttemptId(attempt),
        };
        let claim = self.cluster.claim(press, self.live.clock.now()).await;
        let (session, epoch, contested) = match claim {
            Ok(Claim::New {
                session,
                epoch,
                contested,
                ..
            }) => (session, epoch, contested),
            Ok(Claim::Again { session, epoch }) => (session, epoch, false),
            other => panic!("{other:?}"),
        };
        let number = self.live.sockets.fetch_add(1, Ordering::Relaxed);
        Redeemed {
            press,
            session,
            epoch,
            contested,
            socket: SocketNumber(number),
        }
    }

    async fn deliver(&self, it: Redeemed) -> Inbox {
        self.deliver_to(roster(), it, None).await
    }

    async fn deliver_to(&self, roster: Roster, it: Redeemed, claimed: Option<Claimed>) -> Inbox {
        let (outbox, inbox) = outbox::pair(it.socket);
        let join = Join {
            press: it.press,
            session: it.session,
            epoch: it.epoch,
            claimed,
            contested: it.contested,
            outbox,
            asked: asked(roster),
        };
        self.send(Command::Join(join)).await;
        inbox
    }

    fn claimed(&self, it: Redeemed) -> Claimed {
        Claimed {
            live: Arc::clone(&self.live),
            session: it.session,
            is_settled: false,
        }
    }

    /// Comes back by the keys of a session.
    async fn resume(&self, keys: wire::message::Session, offer: Option<&str>) -> Line {
        let resume = ClientMessage::Resume {
            session: keys.id,
            secret: keys.secret,
            epoch: keys.epoch,
            offer: offer.map(str::to_owned),
            sends: Sends::default(),
        };
        let line = self.live.arrive(resume).await;
        line.expect("it comes back")
    }

    /// Joins by a new press, and reads until `joined`.
    async fn join(&self, link: LinkId) -> (Inbox, Redeemed) {
        let redeemed = self.redeem(link, ambient::random()).await;
        let mut inbox = self.deliver(redeemed).await;
        joined(&mut inbox).await;
        (inbox, redeemed)
    }

    /// Says it on the socket that was redeemed so.
    async fn say(&self, it: Redeemed, message: ClientMessage) {
        let said = Command::Said {
            session: it.session,
            socket: it.socket,
            message: Some(message),
        };
        self.send(said).await;
    }

    /// Waits until the call has ended.
    async fn is_over(&self) {
        self.tasks.close();
        let over = timeout(PATIENCE, self.tasks.wait()).await;
        over.expect("the task is over");
    }
}

async fn next(inbox: &mut Inbox) -> ServerMessage {
    let next = timeout(PATIENCE, inbox.messages.recv()).await;
    next.expect("something is said").expect("it lives")
}

/// Reads until `joined`: the session that it names.
async fn joined(inbox: &mut Inbox) -> wire::message::Session {
    loop {
        match next(inbox).await {
            ServerMessage::Joined { session, .. } => return session,
            _other => {}
        }
    }
}

/// The last word.
async fn word(inbox: &mut Inbox) -> LastWord {
    let word = timeout(PATIENCE, &mut inbox.last).await;
    word.expect("a last word").expect("the call lives").word
}

/// Waits until its call says nothing any more, without a last word.
async fn is_cut_off(inbox: &mut Inbox) {
    let ended = timeout(PATIENCE, &mut inbox.last).await;
    assert!(ended.expect("it ends").is_err(), "nobody said a last word");
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

/// Whether all that was told is that nothing is left of the connection, and how to make another by the
/// relay.
fn is_gone(told: &[Notice]) -> bool {
    matches!(told, [Notice::ConnectionGone { relay: Some(_) }])
}

/// A socket of a press that is tried again, and what it waits for before it is heard.
#[tokio::test]
async fn a_press_that_is_tried_again_is_not_taken_over_by_its_first_try() {
    for is_lost in [false, true] {
        let home = Home::open();
        let ticket = home
            .live
            .ticket(
                links::LinkId::from_number(PARENT.0).expect("a link"),
                links::AttemptId(1),
                CALL,
            )
            .await
            .expect("it may press");
        let press = || ClientMessage::Join {
            ticket: ticket.expose().to_owned(),
            offer: "offer".to_owned(),
            sends: Sends::default(),
        };
        let (go_on, slow) = oneshot::channel();
        *home.rosters.slow.lock().expect("nobody panics") = Some(slow);
        let late = tokio::spawn({
            let (live, press) = (Arc::clone(&home.live), press());
            async move { live.arrive(press).await }
        });
        while home.rosters.slow.lock().expect("nobody panics").is_some() {
            tokio::task::yield_now().await;
        }
        let mut again = home.live.arrive(press()).await.expect("it comes in");
        let keys = joined(&mut again.inbox).await;
        if is_lost {
            again.voice.gone(Gone::Lost).await;
        }
        go_on.send(()).expect("it waits");
        let mut late = late.await.expect("nobody panics").expect("it was good");
        let replaced = GoodbyeReason::Replaced.into();
        assert_eq!(word(&mut late.inbox).await, replaced);
        let mut back = home.resume(keys, None).await;
        joined(&mut back.inbox).await;
    }
}

/// Whoever was just being put out is out; the others come back to their seats, by their own secrets and
/// without a press, and nobody is left attached in between.
#[tokio::test]
async fn an_owner_that_breaks_off_is_begun_anew_with_its_people_in_their_seats() {
    let home = Home::open();
    let (first, second) = (home.redeem(TEACHER, 1).await, home.redeem(PARENT, 2).await);
    let (mut teacher, mut parent) = (home.deliver(first).await, home.deliver(second).await);
    let keys = joined(&mut teacher).await;
    joined(&mut parent).await;
    assert_eq!(home.media.attached().len(), 2);
    assert!(!home.live.has_broken_within(PATIENCE));
    home.media.breaks_once.store(true, Ordering::SeqCst);
    home.send(Command::Withdrawn { link: PARENT }).await;
    is_cut_off(&mut teacher).await;
    is_cut_off(&mut parent).await;
    assert!(!home.cluster.is_in_use(PARENT));
    assert!(home.cluster.is_in_use(TEACHER));
    let (id, mut line) = (keys.id.clone(), home.resume(keys, None).await);
    assert_eq!(joined(&mut line.inbox).await.id, id);
    let told = notices(&mut line.inbox);
    assert!(is_gone(&told), "what was attached is not any more");
    assert_eq!(home.media.attached().len(), 0);
    assert!(home.live.has_broken_within(PATIENCE));
    let there = home.live.presence.of(CALL);
    assert_eq!(there, [(TEACHER, Presence::Seated)]);
    let fresh = ClientMessage::Offer {
        offer: "fresh".to_owned(),
    };
    line.voice.said(fresh).await.expect("it lives");
    let leaves = line.voice.said(ClientMessage::Leave {}).await;
    leaves.expect("it lives");
    assert_eq!(word(&mut line.inbox).await, GoodbyeReason::Left.into());
    home.is_over().await;
    assert!(!home.cluster.is_in_use(TEACHER));
}

/// How long until the end of it, by the next word of the clock; nothing where it has none any more.
async fn ends_in(inbox: &mut Inbox) -> Option<Duration> {
    loop {
        let clock = match next(inbox).await {
            ServerMessage::Joined { clock, .. } | ServerMessage::Clock { clock } => clock,
            _other => continue,
        };
        return clock.map(|it| Duration::from_millis(it.ends_in_ms.into()));
    }
}

const HOUR: Option<SignedDuration> = Some(SignedDuration::from_hours(1));

#[tokio::test]
async fn a_call_in_a_room_ends_for_everybody_at_its_limit() {
    let home = Home::open();
    let short = || room(Some(SignedDuration::from_millis(700)));
    let (first, second) = (home.redeem(GUEST, 1).await, home.redeem(TEACHER, 2).await);
    let mut guest = home.deliver_to(short(), first, None).await;
    let mut host = home.deliver_to(short(), second, None).await;
    joined(&mut guest).await;
    joined(&mut host).await;
    for inbox in [&mut guest, &mut host] {
        assert_eq!(word(inbox).await, GoodbyeReason::TimeUp.into());
    }
    home.is_over().await;
}

#[tokio::test]
async fn a_limit_that_the_office_changes_reaches_a_call_that_is_on() {
    let home = Home::open();
    let redeemed = home.redeem(TEACHER, 1).await;
    let mut inbox = home.deliver_to(room(HOUR), redeemed, None).await;
    let (minute, hour) = (Duration::from_mins(1), Duration::from_hours(1));
    let left = ends_in(&mut inbox).await.expect("it is limited");
    assert!(hour - minute < left && left <= hour, "{left:?}");
    let change = async |limit| {
        let roster = Arc::new(room(limit));
        home.send(Command::Entitled { roster }).await;
    };
    change(None).await;
    assert_eq!(ends_in(&mut inbox).await, None);
    // What is over by the new limit goes on for the minute of the warning.
    change(Some(SignedDuration::from_millis(1))).await;
    let left = ends_in(&mut inbox).await.expect("it is limited");
    assert!(
        minute - Duration::from_secs(20) < left && left <= minute,
        "{left:?}"
    );
    change(Some(SignedDuration::from_hours(2))).await;
    let left = ends_in(&mut inbox).await.expect("it is limited");
    assert!(hour < left && left <= 2 * hour, "{left:?}");
}

/// As after a restart of the program: it is the same call.
#[tokio::test]
async fn a_limit_is_counted_from_when_the_call_began_when_its_owner_is_begun_anew() {
    let home = Home::open();
    let redeemed = home.redeem(TEACHER, 1).await;
    let mut teacher = home.deliver_to(room(HOUR), redeemed, None).await;
    let keys = joined(&mut teacher).await;
    let redeemed = home.redeem(PARENT, 2).await;
    let mut parent = home.deliver_to(room(HOUR), redeemed, None).await;
    joined(&mut parent).await;
    let [began] = home.rosters.began()[..] else {
        panic!("it began once");
    };
    // As though that had been a while ago.
    let ago = began.checked_sub(SignedDuration::from_mins(40));
    home.rosters.know(Roster {
        began: Some(ago.expect("a moment")),
        ..room(HOUR)
    });
    home.media.breaks_once.store(true, Ordering::SeqCst);
    home.send(Command::Withdrawn { link: PARENT }).await;
    is_cut_off(&mut teacher).await;
    let mut line = home.resume(keys, Some("fresh")).await;
    let left = ends_in(&mut line.inbox).await.expect("it is limited");
    assert!(left <= Duration::from_mins(20), "{left:?}");
    assert_eq!(home.rosters.began(), [began], "it is no other call");
}

/// Whoever comes back with a fresh connection made it with credentials that are void: there are others,
/// once.
#[tokio::test]
async fn who_comes_back_to_an_owner_that_was_begun_anew_is_given_the_relay_anew() {
    let home = Home::open();
    let (first, second) = (home.redeem(TEACHER, 1).await, home.redeem(PARENT, 2).await);
    let (mut teacher, mut parent) = (home.deliver(first).await, home.deliver(second).await);
    let keys = joined(&mut teacher).await;
    joined(&mut parent).await;
    home.media.breaks_once.store(true, Ordering::SeqCst);
    home.send(Command::Withdrawn { link: PARENT }).await;
    is_cut_off(&mut teacher).await;
    let mut line = home.resume(keys, Some("fresh")).await;
    let keys = joined(&mut line.inbox).await;
    let told = notices(&mut line.inbox);
    assert!(is_gone(&told), "{told:?}");
    let mut line = home.resume(keys, Some("fresh")).await;
    joined(&mut line.inbox).await;
    assert_eq!(notices(&mut line.inbox), []);
}

/// Whoever was on hold still is: nothing of the private word comes to them meanwhile.
#[tokio::test]
async fn who_was_on_hold_is_so_when_an_owner_is_begun_anew() {
    let home = Home::open();
    let (mut teacher, teachers) = home.join(TEACHER).await;
    let redeemed = home.redeem(PARENT, 2).await;
    let mut parent = home.deliver(redeemed).await;
    let keys = joined(&mut parent).await;
    home.join(GUEST).await;
    let hold = ClientMessage::Hold {
        participant: 2,
        on_hold: true,
    };
    home.say(teachers, hold).await;
    let is_told = |said: &ServerMessage| match said {
        ServerMessage::People { people } | ServerMessage::Joined { people, .. } => {
            people.iter().any(|it| it.on_hold)
        }
        _other => false,
    };
    while !is_told(&next(&mut parent).await) {}
    home.media.breaks_once.store(true, Ordering::SeqCst);
    home.send(Command::Withdrawn { link: GUEST }).await;
    is_cut_off(&mut teacher).await;
    is_cut_off(&mut parent).await;
    let mut line = home.resume(keys, Some("fresh")).await;
    let first = next(&mut line.inbox).await;
    assert!(is_told(&first), "{first:?}");
    assert_eq!(home.media.attached().len(), 0);
}

/// A call that cannot go on ends, and lets go of everybody.
#[tokio::test]
async fn an_owner_that_breaks_off_again_and_again_is_given_up() {
    let home = Home::open();
    let (mut teacher, _) = home.join(TEACHER).await;
    home.media.always_breaks.store(true, Ordering::SeqCst);
    for _again in 0..=MOST_BEGINNINGS {
        let redeemed = home.redeem(PARENT, 2).await;
        let claimed = Some(home.claimed(redeemed));
        let mut parent = home.deliver_to(roster(), redeemed, claimed).await;
        is_cut_off(&mut parent).await;
    }
    is_cut_off(&mut teacher).await;
    home.is_over().await;
    assert!(home.live.find(CALL).is_none());
    for link in [TEACHER, PARENT] {
        assert!(!home.cluster.is_in_use(link));
    }
    assert!(home.live.presence.of(CALL).is_empty());
}

#[tokio::test]
async fn a_press_that_comes_to_nothing_lets_go_of_its_link() {
    let home = Home::open();
    // The socket gives up before the call hears of it.
    drop(home.claimed(home.redeem(PARENT, 1).await));
    assert!(!home.cluster.is_in_use(PARENT));
    // The call finds that the link entitles to nothing now.
    let mut without = roster();
    without.links.retain(|_, link| *link == TEACHER);
    let redeemed = home.redeem(PARENT, 2).await;
    let claimed = home.claimed(redeemed);
    let mut inbox = home.deliver_to(without, redeemed, Some(claimed)).await;
    assert_eq!(word(&mut inbox).await, Close::NoSession.into());
    home.is_over().await;
    assert!(!home.cluster.is_in_use(PARENT));
    // Who comes in has it, until they are out.
    let redeemed = home.redeem(PARENT, 3).await;
    let claimed = home.claimed(redeemed);
    let mut inbox = home.deliver_to(roster(), redeemed, Some(claimed)).await;
    joined(&mut inbox).await;
    assert!(home.cluster.is_in_use(PARENT));
}

#[tokio::test]
async fn teacher_and_inviter_hear_of_a_link_that_goes_from_device_to_device() {
    let home = Home::open();
    let (mut teacher, _) = home.join(TEACHER).await;
    let (mut parent, _) = home.join(PARENT).await;
    for _press_and_three_swaps in 0..4 {
        let (_inbox, _) = home.join(GUEST).await;
    }
    assert_eq!(notices(&mut teacher), []);
    pause();
    advance(Duration::from_secs(16)).await;
    resume();
    let (mut guest, _) = home.join(GUEST).await;
    let contested = [Notice::LinkContested { participant: 3 }];
    // What the newest session hears comes after the notices went out.
    assert_eq!(notices(&mut guest), []);
    assert_eq!(notices(&mut teacher), contested);
    assert_eq!(notices(&mut parent), contested);
}

#[tokio::test]
async fn session_that_another_call_took_over_hears_so() {
    let home = Home::open();
    let hearing = tokio::spawn(Arc::clone(&home.live).hear());
    let (mut inbox, it) = home.join(TEACHER).await;
    let elsewhere = Press {
        call: CallId(CALL.0 + 1),
        ..it.press
    };
    let moved = home.cluster.claim(elsewhere, home.live.clock.now()).await;
    assert!(matches!(moved, Ok(Claim::New { .. })));
    assert_eq!(word(&mut inbox).await, GoodbyeReason::Replaced.into());
    hearing.abort();
}

#[tokio::test]
async fn join_that_comes_after_a_newer_one_was_given_is_not_let_in() {
    let home = Home::open();
    let older = home.redeem(TEACHER, 1).await;
    let newer = home.redeem(TEACHER, 2).await;
    let mut late = home.deliver(older).await;
    assert_eq!(word(&mut late).await, GoodbyeReason::Replaced.into());
    joined(&mut home.deliver(newer).await).await;
}

#[tokio::test]
async fn retry_that_comes_after_its_session_is_over_does_not_begin_it_again() {
    let home = Home::open();
    let first = home.redeem(TEACHER, 1).await;
    let retry = home.redeem(TEACHER, 1).await;
    assert_eq!(first.session, retry.session);
    let mut inbox = home.deliver(first).await;
    home.say(first, ClientMessage::Leave {}).await;
    assert_eq!(word(&mut inbox).await, GoodbyeReason::Left.into());
    let mut late = home.deliver(retry).await;
    assert_eq!(word(&mut late).await, Close::NoSession.into());
}

#[tokio::test]
async fn older_socket_of_a_session_can_say_and_lose_nothing() {
    let home = Home::open();
    let older = home.redeem(TEACHER, 1).await;
    let newer = home.redeem(TEACHER, 1).await;
    let _older_inbox = home.deliver(older).await;
    let mut inbox = home.deliver(newer).await;
    home.say(older, ClientMessage::Leave {}).await;
    let lost = Command::SocketLost {
        session: older.session,
        socket: older.socket,
        gone: Gone::Lost,
    };
    home.send(lost).await;
    home.say(newer, ClientMessage::Ping { n: 7 }).await;
    loop {
        match inbox.messages.recv().await.expect("it lives") {
            ServerMessage::Pong { n: 7 } => break,
            ServerMessage::People { people } => assert!(!people[0].reconnecting),
            _joined => {}
        }
    }
    // A join that was overtaken on its way takes nothing back.
    let mut overtaken = home.deliver(older).await;
    assert_eq!(word(&mut overtaken).await, GoodbyeReason::Replaced.into());
    assert!(inbox.last.try_recv().is_err(), "it goes on");
}

#[tokio::test]
async fn call_that_empties_gives_up_its_task() {
    let home = Home::open();
    let (mut inbox, _) = home.join(TEACHER).await;
    assert!(home.live.find(CALL).is_some());
    home.send(Command::Ended).await;
    word(&mut inbox).await;
    home.is_over().await;
    assert!(home.live.find(CALL).is_none());
    assert!(!home.cluster.is_in_use(TEACHER));
}

/// SCR-14: everybody is out at once with a word of its own, and nobody comes back whom it keeps out.
/// The press comes while the last one of the call before is leaving it: the next owner has it, and hears what its
/// socket says.
#[tokio::test]
async fn who_comes_as_a_call_ends_is_heard_by_its_next_owner() {
    let home = Home::open();
    let (mut teachers, teacher) = home.join(TEACHER).await;
    home.say(teacher, ClientMessage::Leave {}).await;
    let press = Press {
        link: PARENT,
        call: CALL,
        attempt: AttemptId(2),
    };
    let redeemed = Arc::clone(&home.live)
        .redeem(press, asked(roster()), home.live.socket())
        .await;
    let Line { voice, mut inbox } = redeemed.expect("it is let in");
    assert_eq!(word(&mut teachers).await.close, Close::Left);
    joined(&mut inbox).await;
    let said = voice.said(ClientMessage::Leave {}).await;
    assert_eq!(said, Ok(()));
    assert_eq!(word(&mut inbox).await.close, Close::Left);
    home.is_over().await;
    let said = voice.said(ClientMessage::Leave {}).await;
    assert_eq!(said, Err(Close::Failed.into()));
}

#[tokio::test]
async fn a_call_that_is_stopped_is_over_for_everybody() {
    let home = Home::open();
    let (mut teacher, _) = home.join(TEACHER).await;
    let redeemed = home.redeem(PARENT, ambient::random()).await;
    let mut parent = home.deliver(redeemed).await;
    let keys = joined(&mut parent).await;
    let stopped = Roster {
        stops: 1,
        is_shut: true,
        ..roster()
    };
    home.rosters.know(stopped.clone());
    let roster = Arc::new(stopped);
    home.send(Command::Entitled { roster }).await;
    for inbox in [&mut teacher, &mut parent] {
        assert_eq!(word(inbox).await, GoodbyeReason::Stopped.into());
    }
    home.is_over().await;
    let resume = ClientMessage::Resume {
        session: keys.id,
        secret: keys.secret,
        epoch: keys.epoch,
        offer: None,
        sends: Sends::default(),
    };
    let refused = home.live.arrive(resume).await.err();
    assert_eq!(refused, Some(GoodbyeReason::Stopped.into()));
}

/// SCR-14: it is stopped between the reading of who may come and the beginning of the call that they begin.
#[tokio::test]
async fn a_call_that_was_stopped_before_it_began_is_over_at_once() {
    let home = Home::open();
    tokio::spawn(Arc::clone(&home.live).hear());
    let redeemed = home.redeem(TEACHER, 1).await;
    home.rosters.know(Roster {
        stops: 1,
        ..room(None)
    });
    let mut teacher = home.deliver_to(room(None), redeemed, None).await;
    assert_eq!(word(&mut teacher).await, GoodbyeReason::Stopped.into());
    home.is_over().await;
}

/// What was stopped before a call began, and let back since, is nothing to it.
#[tokio::test]
async fn a_call_goes_on_where_no_call_is_stopped_anew() {
    let home = Home::open();
    let earlier = Roster {
        stops: 1,
        ..room(None)
    };
    home.rosters.know(earlier.clone());
    let redeemed = home.redeem(TEACHER, 1).await;
    let mut teacher = home.deliver_to(earlier.clone(), redeemed, None).await;
    joined(&mut teacher).await;
    let roster = Arc::new(earlier.clone());
    home.send(Command::Entitled { roster }).await;
    home.say(redeemed, ClientMessage::Ping { n: 7 }).await;
    while !matches!(next(&mut teacher).await, ServerMessage::Pong { n: 7 }) {}
    assert!(teacher.last.try_recv().is_err(), "it goes on");
    let roster = Arc::new(Roster {
        stops: 2,
        ..earlier
    });
    home.send(Command::Entitled { roster }).await;
    assert_eq!(word(&mut teacher).await, GoodbyeReason::Stopped.into());
    home.is_over().await;
}

/// Killed a moment after they were told, they find it again: a seat, and a place among those who wait.
#[tokio::test]
async fn nobody_is_told_of_a_seat_or_a_place_before_it_is_written_down() {
    let home = Home::open();
    let full = || {
        let mut roster = roster();
        roster.meeting.cap = 1;
        roster
    };
    home.writes.abort();
    pause();
    for (link, seats) in [(TEACHER, true), (PARENT, false)] {
        let redeemed = home.redeem(link, 1).await;
        let mut inbox = home.deliver_to(full(), redeemed, None).await;
        let soon = timeout(Duration::from_millis(500), inbox.messages.recv()).await;
        assert!(
            soon.is_err(),
            "{link:?} is told before it is written: {soon:?}"
        );
        home.cluster
            .changes((ambient::now(), home.live.clock.now()));
        home.cluster.are_written();
        let told = next(&mut inbox).await;
        assert_eq!(
            matches!(told, ServerMessage::Joined { .. }),
            seats,
            "{told:?}"
        );
        assert_eq!(
            matches!(told, ServerMessage::Queued { .. }),
            !seats,
            "{told:?}"
        );
        drop(inbox);
    }
    // Where nothing can be written, they are told all the same.
    let redeemed = home.redeem(GUEST, 1).await;
    let mut inbox = home.deliver_to(full(), redeemed, None).await;
    let told = next(&mut inbox).await;
    assert!(
        matches!(told, ServerMessage::Queued { place: 2, .. }),
        "{told:?}"
    );
}

/// It is moved to another time: nobody sits in it before that can be joined, and nobody comes.
#[tokio::test]
async fn a_call_that_cannot_be_joined_yet_is_nobodys() {
    let home = Home::open();
    let (mut teacher, _) = home.join(TEACHER).await;
    let (mut parent, _) = home.join(PARENT).await;
    let in_minutes = |minutes| {
        let opens = ambient::now() + SignedDuration::from_mins(minutes);
        let closes = opens + SignedDuration::from_hours(1);
        let mut roster = roster();
        roster.meeting.window = Some(Window { opens, closes });
        roster
    };
    let roster = Arc::new(in_minutes(0));
    home.send(Command::Entitled { roster }).await;
    let roster = Arc::new(in_minutes(10));
    home.send(Command::Entitled { roster }).await;
    for inbox in [&mut teacher, &mut parent] {
        assert_eq!(word(inbox).await, GoodbyeReason::Disconnected.into());
    }
    home.is_over().await;
    let redeemed = home.redeem(GUEST, 1).await;
    let mut guest = home.deliver_to(in_minutes(10), redeemed, None).await;
    assert_eq!(word(&mut guest).await, GoodbyeReason::Disconnected.into());
    home.is_over().await;
}
