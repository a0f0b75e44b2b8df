//! What several nodes share (OPS-2), on a real PostgreSQL and a real Redis.

use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use call::{AttemptId, CallId, Claim, LinkId, Moment, Parting, SeatNumber, SessionId, Whereabouts};
use cluster::{
    Boot, Bus, Cluster, Fast, Home, Known, Node, NotClaimed, NotOwned, Notice, Owning, Peers,
    Press, RedisRun, Said, SessionRecord, Shared, Standing, Term, Truth,
};
use jiff::SignedDuration;
use links::ResumeSecrets;
use store::{Action, Actor, AsOwner, Place, Store};
use tokio::time::{Instant, sleep, timeout};

use crate::nodes_redis::forget_in_redis;
use crate::places::{OPTIONS, fresh_folder, fresh_postgres, run_beside};
use crate::weak_line::WeakLine;

type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
pub(crate) const HERE: CallId = CallId(1);
pub(crate) const ELSEWHERE: CallId = CallId(2);
const LINK: LinkId = LinkId(11);
const SEATED: cluster::Whereabouts = cluster::Whereabouts::Seated(SeatNumber(0));

/// A moment that is not before any that was given to a node.
pub(crate) fn now() -> Moment {
    static SECONDS: AtomicU64 = AtomicU64::new(100);
    Moment(Duration::from_secs(SECONDS.fetch_add(1, Ordering::Relaxed)))
}

pub(crate) fn redis() -> String {
    std::env::var_os("HOMEROOM_TEST_REDIS")
        .and_then(|it| it.into_string().ok())
        .expect("HOMEROOM_TEST_REDIS is the URL of a Redis for tests: scripts/test sets it")
}

/// What the key makes of the nodes of these tests.
pub(crate) const SEAL: &str = "0123456789abcdef0123456789abcdef";

pub(crate) fn bus(records: &str) -> Arc<Bus> {
    Arc::new(Bus::new(&redis(), records).expect("a URL"))
}

pub(crate) fn a_node(name: &str) -> Node {
    Node {
        boot: Boot(ambient::random()),
        name: name.to_owned(),
        address: format!("{name}.example:7000"),
    }
}

/// The other nodes, of which nobody hears what they are told, or each says that it has.
#[derive(Debug)]
pub(crate) struct Others {
    pub(crate) answer: bool,
}

impl Peers for Others {
    fn tell(&self, _boot: Boot, _notice: Notice) -> Answer<'_, bool> {
        Box::pin(ready(self.answer))
    }

    fn heard_by_records(&self, _boots: Vec<Boot>) -> Answer<'_, Vec<bool>> {
        Box::pin(ready(Vec::new()))
    }

    fn write_end(&self, _boot: Boot) -> Answer<'_, bool> {
        Box::pin(ready(false))
    }
}

/// A node whose changes are written down as they come, and that hears what others tell.
pub(crate) async fn node(name: &str, store: &Store, bus: Option<Arc<Bus>>) -> Arc<Shared> {
    let truth = Arc::new(store.nodes(SEAL).expect("it is PostgreSQL's"));
    let fast = bus.clone().map(|it| it as Arc<dyn Fast>);
    let besides = (fast, Arc::new(Others { answer: true }) as Arc<dyn Peers>);
    let begun = Shared::begin(a_node(name), truth, besides, Moment::default).await;
    let node = Arc::new(begun.expect("the records are there"));
    let writes = Arc::clone(&node);
    tokio::spawn(async move { writes.write(now).await });
    if let Some(bus) = bus {
        tokio::spawn(bus.carry(Arc::clone(&node)));
    }
    node
}

pub(crate) async fn open(place: &Place) -> Store {
    Store::open(place, OPTIONS).await.expect("open")
}

async fn fresh() -> Arc<Shared> {
    let store = open(&fresh_postgres().await).await;
    node("a", &store, Some(bus("conformance"))).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_several_nodes_passes_what_a_program_on_its_own_does() {
    cluster::conformance::passes(&fresh).await;
}

pub(crate) const fn press(link: LinkId, call: CallId, attempt: u128) -> Press {
    Press {
        link,
        call,
        attempt: AttemptId(attempt),
    }
}

pub(crate) async fn claim(node: &Shared, press: Press) -> SessionId {
    let claim = node.claim(press, now()).await;
    let Ok(Claim::New { session, .. } | Claim::Again { session, .. }) = claim else {
        panic!("{claim:?}");
    };
    session
}

async fn find(node: &Shared, session: SessionId) -> Known {
    let found = node.find(session).await.expect("the records answer");
    found.expect("it is remembered")
}

async fn heard(node: &Shared, is_it: impl Fn(Notice) -> bool) {
    let waiting = async { while !is_it(node.next_notice().await) {} };
    timeout(PATIENCE, waiting).await.expect("it hears of it");
}

/// Two nodes on one PostgreSQL, and one Redis or none.
pub(crate) async fn two(is_fast: bool) -> (Place, Arc<Shared>, Arc<Shared>) {
    let place = fresh_postgres().await;
    let (one, other) = (open(&place).await, open(&place).await);
    let records = format!("{:x}", ambient::random::<u64>());
    let way = || is_fast.then(|| bus(&records));
    let (one, other) = (node("a", &one, way()).await, node("b", &other, way()).await);
    (place, one, other)
}

/// Nobody comes in by a link's newer session before whoever has the older one knows that it is over: who has lost the
/// records alone may go on with it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_has_the_older_session_knows_before_anybody_comes_in_by_the_newer() {
    let place = fresh_postgres().await;
    let one = node("a", &open(&place).await, None).await;
    let truth = Arc::new(truth_of(&place).await);
    let besides = (None, Arc::new(Others { answer: false }) as Arc<dyn Peers>);
    let other = Shared::begin(a_node("b"), Arc::clone(&truth) as _, besides, now).await;
    let other = Arc::new(other.expect("the records are there"));
    let (term, _) = one.own(HERE).await.expect("nobody's");
    let older = claim(&one, press(LINK, HERE, 1)).await;
    let seated = vec![(older, Whereabouts::Seated(SeatNumber(0)))];
    one.keep(HERE, term, seated);
    one.flush(now()).await.expect("written");
    // It says nothing, and is not reached: neither the press, nor it again, nor another lets anybody in.
    for attempt in [2, 2, 3] {
        let refused = other.claim(press(LINK, ELSEWHERE, attempt), now()).await;
        assert_eq!(refused, Err(NotClaimed::Unavailable), "{attempt}");
    }
    let lives = async || {
        loop {
            one.renew(&now).await.expect("answered");
            sleep(Duration::from_millis(100)).await;
        }
    };
    // It has heard that it is over, and whoever owns the meeting there has yet to end it.
    tokio::select! {
        () = lives() => {}
        refused = other.claim(press(LINK, ELSEWHERE, 3), now()) => {
            assert_eq!(refused, Err(NotClaimed::Unavailable), "it is held there");
        }
    }
    assert_eq!(one.standing(LINK, older), Standing::Replaced);
    one.keep(HERE, term, Vec::new());
    tokio::select! {
        () = lives() => {}
        _ = claim(&other, press(LINK, ELSEWHERE, 3)) => {}
    }
    // The same again, where nobody sat there: what is over is let go of all the same.
    let older = claim(&one, press(LinkId(12), HERE, 1)).await;
    tokio::select! {
        () = lives() => {}
        _ = claim(&other, press(LinkId(12), ELSEWHERE, 2)) => {}
    }
    assert_eq!(one.standing(LinkId(12), older), Standing::Replaced);
    // What it ends itself it holds no more: nobody waits for it, though it says nothing.
    let ended = claim(&one, press(LinkId(13), HERE, 1)).await;
    one.release(ended, Parting::Left, now());
    one.flush(now()).await.expect("written");
    claim(&other, press(LinkId(13), ELSEWHERE, 2)).await;
    let older = claim(&one, press(LinkId(14), HERE, 1)).await;
    // Silent again, it is not asked any more once it is held to be gone.
    let refused = other.claim(press(LinkId(14), ELSEWHERE, 2), now()).await;
    assert_eq!(refused, Err(NotClaimed::Unavailable), "{older:?}");
    truth.end(one.node().boot).await.expect("answered");
    claim(&other, press(LinkId(14), ELSEWHERE, 2)).await;
}

/// How a node finds out that a session of its own is over.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Finds {
    /// The other node tells it, over Redis.
    Told,
    /// It writes down something of that session, too late.
    Writing,
    /// It says that it lives.
    Looking,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_is_opened_at_another_node_leaves_the_one_it_was_at() {
    for finds in [Finds::Told, Finds::Writing, Finds::Looking] {
        let (_, one, other) = two(finds == Finds::Told).await;
        let (term, _) = one.own(HERE).await.expect("nobody's");
        let older = claim(&one, press(LINK, HERE, 1)).await;
        let seated = vec![(older, Whereabouts::Seated(SeatNumber(0)))];
        one.keep(HERE, term, seated.clone());
        one.flush(now()).await.expect("written");
        assert_eq!(one.standing(LINK, older), Standing::Live);
        let newer = claim(&other, press(LINK, ELSEWHERE, 2)).await;
        assert!(newer > older);
        match finds {
            Finds::Told => {}
            Finds::Writing => one.keep_secrets(older, ResumeSecrets::of_numbers(1, 2)),
            Finds::Looking => {
                one.renew(&now).await.expect("answered");
            }
        }
        heard(
            &one,
            |it| matches!(it, Notice::Moved { link: LINK, call: HERE, epoch } if epoch.0 > older.0),
        )
        .await;
        assert_eq!(one.standing(LINK, older), Standing::Replaced);
        let found = find(&other, older).await;
        assert_eq!(found.parting, Some(Parting::Replaced));
        // What its owner still says of it counts for nothing.
        one.keep(HERE, term, seated);
        one.flush(now()).await.expect("written");
        assert_eq!(other.standing(LINK, newer), Standing::Live);
        let found = find(&other, older).await;
        assert_eq!(found.parting, Some(Parting::Replaced));
        // The same press again, at whichever node, is the same session.
        assert_eq!(claim(&one, press(LINK, ELSEWHERE, 2)).await, newer);
        let retried = one.claim(press(LINK, HERE, 1), now()).await;
        assert_eq!(retried, Ok(Claim::Over(Parting::Replaced)));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn presses_that_race_at_two_nodes_have_one_outcome() {
    let (_, one, other) = two(true).await;
    for round in 0..20 {
        let link = LinkId(500 + round);
        let mut presses = Vec::new();
        for (attempt, call) in [(1, HERE), (2, ELSEWHERE), (1, HERE), (2, ELSEWHERE)] {
            for node in [&one, &other] {
                let (node, press) = (Arc::clone(node), press(link, call, attempt));
                presses.push(tokio::spawn(async move {
                    (press.attempt, node.claim(press, now()).await)
                }));
            }
        }
        let mut new = Vec::new();
        for it in presses {
            if let (attempt, Ok(Claim::New { session, .. })) = it.await.expect("no panic") {
                new.push((attempt.0, session));
            }
        }
        new.sort_unstable();
        assert_eq!(new.len(), 2, "each press is one session: {new:?}");
        let last = new.iter().max_by_key(|(_, session)| *session);
        for (_, session) in &new {
            let found = find(&one, *session).await;
            let is_live = Some(session) == last.map(|(_, session)| session);
            assert_eq!(found.parting.is_none(), is_live);
        }
    }
}

/// A node looks at the others, again and again, for longer than any may be silent.
async fn watches_for_long(node: &Shared) {
    let began = u64::try_from(now().0.as_millis()).expect("it is small");
    let clock = AtomicU64::new(began);
    let clock = || {
        Moment(Duration::from_millis(
            clock.fetch_add(200, Ordering::Relaxed),
        ))
    };
    for _ in 0..16 {
        node.renew(&clock).await.expect("answered");
    }
    node.hold_gone(&clock).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_meeting_has_one_owner_and_the_next_one_begins_where_it_ended() {
    let (place, one, other) = two(true).await;
    let truth = open(&place).await.nodes(SEAL).expect("PostgreSQL's");
    assert_eq!(truth.home(HERE).await.expect("read"), Home::Nobody);
    let (term, _) = one.own(HERE).await.expect("nobody's");
    let session = claim(&one, press(LINK, HERE, 1)).await;
    let seated = vec![(session, Whereabouts::Seated(SeatNumber(2)))];
    one.keep(HERE, term, seated.clone());
    one.flush(now()).await.expect("written");
    assert_eq!(other.own(HERE).await, Err(NotOwned::Elsewhere));
    let home = truth.home(HERE).await.expect("read");
    assert_eq!(home, Home::At(one.node().clone()));
    // Redis vouches for it: as long as it has heard of it, it may live.
    one.renew(&now).await.expect("answered");
    assert_eq!(one.say_in_redis(&now).await, Some(true));
    one.renew(&now).await.expect("answered");
    let says = async {
        while one.say_in_redis(&now).await == Some(true) {
            sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::select! {
        () = watches_for_long(&other) => {}
        () = says => panic!("Redis hears it"),
    }
    assert_eq!(other.own(HERE).await, Err(NotOwned::Elsewhere));
    // Redis knows of it no more, and has been there for long enough to know.
    forget_in_redis(one.node().boot).await;
    let mut owned = Err(NotOwned::Elsewhere);
    let ends = Instant::now() + PATIENCE;
    while owned.is_err() && Instant::now() < ends {
        watches_for_long(&other).await;
        owned = other.own(HERE).await;
    }
    let (next, seats) = owned.expect("its owner is gone");
    assert!(next > term);
    let seats: Vec<_> = seats
        .iter()
        .map(|it| (it.kept.session, it.kept.seat))
        .collect();
    assert_eq!(seats, [(session, Some(SeatNumber(2)))]);
    // Woken, it writes what it knew: nothing of that counts, and it hears that it has lost the meeting.
    one.release(session, Parting::Left, now());
    one.keep(HERE, term, Vec::new());
    one.flush(now()).await.expect("answered");
    let found = find(&other, session).await;
    assert_eq!(found.parting, None);
    let renewed = one.renew(&now).await.expect("answered");
    assert!(renewed.is_gone);
    heard(&one, |it| it == Notice::Lost { call: HERE }).await;
    assert_eq!(one.own(ELSEWHERE).await, Err(NotOwned::Elsewhere));
    // The next run of that node begins anew.
    let again = node("a", &open(&place).await, None).await;
    assert_eq!(again.own(HERE).await, Err(NotOwned::Elsewhere));
    other.leave(HERE, next).await;
    let (last, seats) = again.own(HERE).await.expect("it was left");
    assert!(last > next);
    assert_eq!(seats.len(), 1, "nobody said that they are gone");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_ends_or_begins_again_leaves_its_meetings_to_all() {
    let (place, one, other) = two(true).await;
    one.own(HERE).await.expect("nobody's");
    one.end(now()).await.expect("said");
    let (term, _) = other.own(HERE).await.expect("it said that it ends");
    // Its next run takes nothing from it that is not known to be gone.
    let again = node("b", &open(&place).await, None).await;
    assert_eq!(again.own(HERE).await, Err(NotOwned::Elsewhere));
    watches_for_long(&again).await;
    let (next, _) = again.own(HERE).await.expect("its earlier run is over");
    assert!(next > term);
    assert!(other.renew(&now).await.expect("answered").is_gone);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_withdrawn_link_is_dead_at_every_node() {
    let (_, one, other) = two(true).await;
    one.own(HERE).await.expect("nobody's");
    claim(&one, press(LINK, HERE, 1)).await;
    // Whoever listens hears: until then nothing is promised but the sweep of the records.
    let told = async {
        loop {
            other.withdraw(LINK).await;
            let it = timeout(Duration::from_millis(200), one.next_notice()).await;
            if let Ok(Notice::Withdrawn { link, call }) = it {
                return (link, call);
            }
        }
    };
    let told = timeout(PATIENCE, told).await.expect("it hears of it");
    assert_eq!(told, (LINK, Some(HERE)));
    assert!(one.is_withdrawn(LINK));
}

/// A run of which nobody but the test says anything.
pub(crate) async fn a_run(truth: &impl Truth, name: &str) -> Boot {
    let node = a_node(name);
    let boot = node.boot;
    truth.begin(node).await.expect("it begins");
    boot
}

pub(crate) async fn truth_of(place: &Place) -> impl Truth {
    open(place).await.nodes(SEAL).expect("it is PostgreSQL's")
}

async fn record_of(truth: &impl Truth, session: SessionId) -> SessionRecord {
    let found = truth.session(session).await.expect("answered");
    found.expect("it is there").0
}

/// Of a run that has said since then that it lives, nobody can hold that it is gone; of one that is gone nothing
/// counts, nor does it end another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_is_held_to_be_gone_only_where_it_has_said_nothing_since() {
    let truth = truth_of(&fresh_postgres().await).await;
    let one = a_run(&truth, "a").await;
    let owning = truth.own(HERE, one).await.expect("answered");
    let Owning::Owned((term, _)) = owning else {
        panic!("{owning:?}");
    };
    let said = |owned| Said {
        redis: Some(RedisRun(7)),
        knows: 3,
        owned,
        placed: Vec::new(),
        let_go: Vec::new(),
    };
    let owned = vec![(HERE, term)];
    let renewed = truth.renew(one, said(owned)).await.expect("answered");
    let living = renewed.living.first().expect("it lives");
    assert!(living.redis == Some(RedisRun(7)) && !renewed.is_gone);
    assert_eq!((living.serial, living.knows), (1, 3));
    assert_eq!(renewed.lost, []);
    let is_gone = truth.hold_gone(one, living.beat - 1).await;
    assert!(!is_gone.expect("answered"), "it has said so since");
    // What it holds to be its own and is not, it hears.
    let wrong = vec![(HERE, Term(term.0 + 1)), (ELSEWHERE, Term(1))];
    let renewed = truth.renew(one, said(wrong)).await.expect("answered");
    assert_eq!(renewed.lost, [HERE, ELSEWHERE]);
    let beat = renewed.living.first().expect("it lives").beat;
    assert!(truth.hold_gone(one, beat).await.expect("answered"));
    assert_eq!(truth.home(HERE).await.expect("answered"), Home::Nobody);
    // Its successor lives, whatever it still says.
    let next = a_run(&truth, "a").await;
    let renewed = truth.renew(one, Said::default()).await.expect("answered");
    assert!(renewed.is_gone);
    let renewed = truth.renew(next, Said::default()).await.expect("answered");
    assert!(!renewed.is_gone);
    assert_eq!(renewed.living.len(), 1);
    let serial = renewed.living.first().expect("it lives").serial;
    assert_eq!(serial, 4, "above all that anybody may know");
    let owning = truth.own(HERE, one).await.expect("answered");
    assert_eq!(owning, Owning::Elsewhere);
}

/// A node takes a meeting, and somebody has a seat there.
async fn takes_and_seats(node: &Shared) -> (Term, SessionId) {
    let (term, _) = node.own(HERE).await.expect("nobody's");
    let session = claim(node, press(LINK, HERE, 1)).await;
    let seated = Whereabouts::Seated(SeatNumber(2));
    node.keep(HERE, term, vec![(session, seated)]);
    node.flush(now()).await.expect("written");
    (term, session)
}

/// Whoever was at a node that is gone and does not come back is found by those that live.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_meeting_that_a_node_left_behind_is_found_once_nobody_has_come_back_to_it() {
    let (place, one, other) = two(true).await;
    let store = open(&place).await;
    let left = async |for_so_long| store.left_behind(for_so_long).await.expect("read");
    let at_once = SignedDuration::from_secs(-1);
    let (_, session) = takes_and_seats(&one).await;
    assert_eq!(left(at_once).await, [], "its node lives");
    one.end(now()).await.expect("said");
    assert_eq!(
        left(SignedDuration::from_hours(1)).await,
        [],
        "they may come"
    );
    assert_eq!(left(at_once).await, [HERE]);
    let (next, seats) = other.own(HERE).await.expect("its owner has ended");
    assert_eq!(seats.len(), 1);
    assert_eq!(left(at_once).await, [], "another node has it");
    // So it has where it died just as it took it.
    let boot = other.node().boot;
    let is_gone = async |is_gone| {
        let sql = format!("UPDATE nodes SET is_gone = {is_gone} WHERE boot = '{boot}'");
        run_beside(&place, sql).await;
    };
    is_gone(1).await;
    assert_eq!(left(at_once).await, [HERE], "no node that lives has it");
    is_gone(0).await;
    // They do not come back.
    other.release(session, Parting::TimedOut, now());
    other.keep(HERE, next, Vec::new());
    other.flush(now()).await.expect("written");
    other.leave(HERE, next).await;
    assert_eq!(left(at_once).await, []);
}

/// The answer by which a node would know that it has a meeting is lost: whoever sits there is found all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_meeting_of_which_its_own_node_knows_nothing_is_given_back() {
    let (place, one, other) = two(true).await;
    let (truth, store) = (truth_of(&place).await, open(&place).await);
    let (_, session) = takes_and_seats(&one).await;
    one.end(now()).await.expect("said");
    let (knows, _) = other.own(ELSEWHERE).await.expect("nobody's");
    let boot = other.node().boot;
    let own = async || match truth.own(HERE, boot).await.expect("answered") {
        Owning::Owned((term, _)) => term,
        Owning::Elsewhere => panic!("it is nobody's"),
    };
    let looks = async || {
        for _ in 0..7 {
            other.renew(&now).await.expect("answered");
            other.give_back_unsaid(&now).await;
        }
    };
    let home = async || truth.home(HERE).await.expect("answered");
    let term = own().await;
    other.renew(&now).await.expect("answered");
    other.give_back_unsaid(&now).await;
    assert_eq!(
        home().await,
        Home::At(other.node().clone()),
        "it may be on its way"
    );
    looks().await;
    assert_eq!(home().await, Home::Nobody);
    let at_once = SignedDuration::from_secs(-1);
    let left = store.left_behind(at_once).await.expect("read");
    assert_eq!(left, [HERE]);
    // What it does know to have it keeps, and so it does whatever it asks for meanwhile.
    assert!(own().await > term);
    other.renew(&now).await.expect("answered");
    let (next, seats) = other.own(HERE).await.expect("it is its own");
    let seats: Vec<_> = seats.iter().map(|it| it.kept.session).collect();
    assert_eq!(seats, [session]);
    looks().await;
    assert!(other.may_act(HERE, next, Moment::default()));
    assert!(other.may_act(ELSEWHERE, knows, Moment::default()));
    assert_eq!(home().await, Home::At(other.node().clone()));
}

/// Somebody comes for whom a meeting is taken, and goes before they are in it: whoever else sat there is looked after.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_meeting_that_is_taken_for_nobody_lacks_an_owner() {
    let (_place, one, other) = two(true).await;
    other.take(HERE).await.expect("nobody's");
    assert_eq!(other.lack_owner(), [], "nobody was in it");
    other.let_go(HERE).await;
    takes_and_seats(&one).await;
    one.end(now()).await.expect("said");
    other.take(HERE).await.expect("its owner has ended");
    assert_eq!(other.lack_owner(), [HERE]);
    let (_, seats) = other.own(HERE).await.expect("it is its own");
    assert_eq!(seats.len(), 1);
    assert_eq!(other.lack_owner(), []);
}

/// A node that gives a meeting back counts nobody in it any more, whoever has not left.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_in_a_meeting_is_counted_where_it_lives_alone() {
    let (_place, one, other) = two(true).await;
    let counted = |node: &Shared| node.headcount().seated;
    let (term, _) = takes_and_seats(&one).await;
    assert_eq!((counted(&one), counted(&other)), (1, 0));
    one.leave(HERE, term).await;
    let (_, seats) = other.own(HERE).await.expect("it was left");
    assert_eq!(seats.len(), 1, "nobody said that they are gone");
    assert_eq!((counted(&one), counted(&other)), (0, 1));
}

/// Two keys are two clusters: a node is refused while one runs that has another, and told which.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_with_another_key_is_refused_while_others_run() {
    let place = fresh_postgres().await;
    let first = truth_of(&place).await;
    let one = a_run(&first, "north").await;
    let other = open(&place).await.nodes("another").expect("PostgreSQL's");
    let refused = other.begin(a_node("south")).await.expect_err("refused");
    assert!(
        refused.to_string().contains("the node north runs"),
        "{refused}"
    );
    let renewed = first.renew(one, Said::default()).await.expect("answered");
    assert_eq!(renewed.living.len(), 1, "it is not made known");
    // More of the same key come and go.
    let second = a_run(&first, "east").await;
    first.end(second).await.expect("answered");
    assert!(other.begin(a_node("south")).await.is_err());
    // One that was killed counts for a minute.
    run_beside(
        &place,
        "UPDATE nodes SET seen_at = seen_at - 61000".to_owned(),
    )
    .await;
    a_run(&other, "south").await;
    assert!(
        first.begin(a_node("east")).await.is_err(),
        "the new one is it now"
    );
}

/// All nodes end, and begin with another key.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_key_is_changed_where_all_nodes_have_ended() {
    let place = fresh_postgres().await;
    let before = truth_of(&place).await;
    for name in ["north", "south"] {
        let run = a_run(&before, name).await;
        before.end(run).await.expect("answered");
    }
    let store = open(&place).await;
    let after = store.nodes("another").expect("PostgreSQL's");
    for name in ["north", "south"] {
        a_run(&after, name).await;
    }
    assert!(before.begin(a_node("east")).await.is_err());
}

/// One session that cannot be written, because its seat is another's, is refused alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_cannot_be_written_holds_up_no_other() {
    let (place, one, _) = two(false).await;
    let truth = truth_of(&place).await;
    let boot = one.node().boot;
    let mut records = Vec::new();
    for (link, call) in [(1, HERE), (2, HERE), (3, ELSEWHERE)] {
        let session = claim(&one, press(LinkId(link), call, 1)).await;
        let mut record = record_of(&truth, session).await;
        record.whereabouts = cluster::Whereabouts::Seated(SeatNumber(0));
        records.push(record);
    }
    let refused = truth.keep(boot, records.clone()).await.expect("answered");
    let refused: Vec<_> = refused.iter().map(|it| it.session).collect();
    assert_eq!(refused, [records[1].session]);
    for written in [records[0], records[2]] {
        assert_eq!(record_of(&truth, written.session).await, written);
    }
    // Nothing is written of a session that has only the number of this one.
    let mut other = records[0];
    other.attempt = links::AttemptId(7);
    other.whereabouts = cluster::Whereabouts::Coming;
    let refused = truth.keep(boot, vec![other]).await.expect("answered");
    assert_eq!(refused.len(), 1);
    assert_eq!(record_of(&truth, records[0].session).await, records[0]);
}

/// A press inherits what the owner of the older session is just writing of it, however the two meet.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_press_takes_over_a_seat_that_is_just_being_written() {
    let (place, one, _) = two(true).await;
    let truth = truth_of(&place).await;
    let (term, _) = one.own(HERE).await.expect("nobody's");
    for round in 0..20 {
        let link = LinkId(600 + round);
        let older = claim(&one, press(link, HERE, 1)).await;
        let seated = Whereabouts::Seated(SeatNumber(3));
        one.keep(HERE, term, vec![(older, seated)]);
        let newer = truth.claim(press(link, HERE, 2), one.node().boot, ambient::now());
        let (written, newer) = tokio::join!(one.flush(now()), newer);
        written.expect("answered");
        let newer = newer.expect("answered").expect("it may").live;
        let newer = newer.expect("it is new").session;
        let (old, new) = (
            record_of(&truth, older).await.whereabouts,
            record_of(&truth, newer).await.whereabouts,
        );
        let why = Parting::Replaced;
        assert!(matches!(old, cluster::Whereabouts::Over { why: it, .. } if it == why));
        // It was written before, or came too late; never has nobody the seat that was written.
        let seat = cluster::Whereabouts::Seated(SeatNumber(3));
        assert!(
            new == seat || new == cluster::Whereabouts::Coming,
            "{new:?}"
        );
        one.keep(HERE, term, Vec::new());
        one.flush(now()).await.expect("answered");
    }
}

/// What a node has not written yet as it ends is written first.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_changed_last_is_written_as_a_node_ends() {
    let place = fresh_postgres().await;
    let store = open(&place).await;
    let truth = Arc::new(store.nodes(SEAL).expect("it is PostgreSQL's"));
    let besides = (None, Arc::new(Others { answer: true }) as Arc<dyn Peers>);
    let begun = Shared::begin(a_node("a"), Arc::clone(&truth) as _, besides, now).await;
    let one = begun.expect("the records are there");
    let (term, _) = one.own(HERE).await.expect("nobody's");
    let session = claim(&one, press(LINK, HERE, 1)).await;
    one.keep(HERE, term, vec![(session, Whereabouts::Waiting(0))]);
    // Nobody writes but this: and the first time it is cut off.
    let cut = timeout(Duration::ZERO, one.flush(now())).await;
    drop(cut);
    one.end(now()).await.expect("said");
    let waits = record_of(&*truth, session).await.whereabouts;
    assert_eq!(waits, cluster::Whereabouts::Waiting(0));
}

/// With the records away an owner knows its own people, says of others that nobody knows, and writes all down when
/// they are back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_here_comes_back_without_the_records_and_nothing_is_lost() {
    let place = fresh_postgres().await;
    let (line, truth) = (WeakLine::to(&place).await, truth_of(&place).await);
    let one = node("a", &open(&line.place()).await, None).await;
    let (term, _) = one.own(HERE).await.expect("nobody's");
    let session = claim(&one, press(LINK, HERE, 1)).await;
    one.keep(HERE, term, vec![(session, Whereabouts::Waiting(0))]);
    one.flush(now()).await.expect("written");
    line.cut();
    let (began, other) = (Instant::now(), SessionId(session.0 + 1));
    assert_eq!(find(&one, session).await.parting, None);
    assert!(one.holds(session, Moment::default()));
    assert!(one.owns(HERE, Moment::default()));
    assert!(one.find(other).await.is_err(), "nobody knows");
    let claimed = one.claim(press(LinkId(12), HERE, 1), now()).await;
    assert_eq!(claimed, Err(NotClaimed::Unavailable));
    assert!(began.elapsed() < Duration::from_secs(6), "each within 3 s");
    let seat = SeatNumber(1);
    one.keep(HERE, term, vec![(session, Whereabouts::Seated(seat))]);
    one.keep_secrets(session, ResumeSecrets::of_numbers(4, 5));
    line.thaw();
    let written = async {
        while one.flush(now()).await.is_err() {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, written).await.expect("in time");
    let record = record_of(&truth, session).await;
    assert_eq!(record.whereabouts, cluster::Whereabouts::Seated(seat));
    assert_eq!(record.secrets, ResumeSecrets::of_numbers(4, 5));
}

/// What an owner writes beside its meetings counts for as long as the meeting has gone to no other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_owner_of_the_past_writes_beside_its_meeting_is_refused() {
    let place = fresh_postgres().await;
    let (store, truth) = (open(&place).await, truth_of(&place).await);
    let (one, other) = (a_run(&truth, "a").await, a_run(&truth, "b").await);
    let term_of = |owning| match owning {
        Owning::Owned((term, _)) => term,
        Owning::Elsewhere => panic!("it is nobody's"),
    };
    let says = |boot: Boot| {
        let store = store.as_owner(AsOwner(boot));
        async move {
            let at = jiff::Timestamp::UNIX_EPOCH;
            let said = store.note(Actor::Program, Action::Left, "meeting:1", &[], at);
            said.await.is_ok()
        }
    };
    let term = term_of(truth.own(HERE, one).await.expect("answered"));
    assert!(says(one).await);
    // It has left, and nobody else has come: what is still to be said is said.
    truth.leave(HERE, one, term).await.expect("answered");
    assert!(says(one).await);
    term_of(truth.own(HERE, other).await.expect("answered"));
    assert!(says(other).await);
    // It lives: it has left the meeting by itself, and what it says was so before.
    assert!(says(one).await);
    let renewed = truth.renew(one, Said::default()).await.expect("answered");
    let living = renewed.living.iter().find(|it| it.node.boot == one);
    let beat = living.expect("it lives").beat;
    assert!(truth.hold_gone(one, beat).await.expect("answered"));
    assert!(!says(one).await, "it may have been another's by then");
    assert!(says(other).await);
}

/// A session that was claimed, and whose claim was never heard of, keeps its seat for some beats and no longer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_seat_that_nobody_knows_of_is_free_again() {
    let (place, one, _) = two(false).await;
    let truth = truth_of(&place).await;
    let (term, _) = one.own(HERE).await.expect("nobody's");
    let older = claim(&one, press(LINK, HERE, 1)).await;
    let seated = Whereabouts::Seated(SeatNumber(0));
    one.keep(HERE, term, vec![(older, seated)]);
    one.flush(now()).await.expect("written");
    // It inherits the seat, and the answer is lost.
    let newer = truth.claim(press(LINK, HERE, 2), one.node().boot, ambient::now());
    let newer = newer.await.expect("answered").expect("it may").live;
    let newer = newer.expect("it is new").session;
    let is_seated = cluster::Whereabouts::Seated(SeatNumber(0));
    assert_eq!(record_of(&truth, newer).await.whereabouts, is_seated);
    for _ in 0..6 {
        one.renew(&now).await.expect("answered");
        one.flush(now()).await.expect("written");
        assert_eq!(record_of(&truth, newer).await.whereabouts, is_seated);
    }
    one.renew(&now).await.expect("answered");
    one.flush(now()).await.expect("written");
    let over = record_of(&truth, newer).await.whereabouts;
    let lost = Parting::TimedOut;
    assert!(matches!(over, cluster::Whereabouts::Over { why, .. } if why == lost));
}

/// A press that was on its way to a node when that lost the meeting takes nobody's seat.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_owner_of_the_past_claims_counts_for_nothing() {
    let (place, one, other) = two(false).await;
    let truth = truth_of(&place).await;
    let (term, _) = one.own(HERE).await.expect("nobody's");
    let seated = claim(&one, press(LINK, HERE, 1)).await;
    let here = vec![(seated, Whereabouts::Seated(SeatNumber(0)))];
    one.keep(HERE, term, here.clone());
    one.flush(now()).await.expect("written");
    // Another has it; of another meeting it may well be the newer one.
    let late = other.claim(press(LINK, HERE, 2), now()).await;
    assert_eq!(late, Err(NotClaimed::Elsewhere));
    assert_eq!(record_of(&truth, seated).await.whereabouts, SEATED);
    // It has lost it, and heard nothing of that yet.
    one.leave(HERE, term).await;
    let (next, seats) = other.own(HERE).await.expect("it was left");
    assert_eq!(seats.len(), 1);
    other.keep(HERE, next, here);
    let late = one.claim(press(LINK, HERE, 2), now()).await;
    assert_eq!(late, Err(NotClaimed::Elsewhere));
    assert_eq!(record_of(&truth, seated).await.whereabouts, SEATED);
    // Of a run that is held to be gone nothing counts anywhere.
    truth.end(one.node().boot).await.expect("answered");
    let late = one.claim(press(LINK, ELSEWHERE, 2), now()).await;
    assert_eq!(late, Err(NotClaimed::Elsewhere));
    assert_eq!(other.standing(LINK, seated), Standing::Live);
}

/// What a node says of a session that it claimed counts until another claims it, or has its meeting.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_is_its_last_claimants_and_its_owners_to_write() {
    for is_owned in [false, true] {
        let (place, one, other) = two(false).await;
        let truth = truth_of(&place).await;
        let session = claim(&one, press(LINK, HERE, 1)).await;
        if is_owned {
            other.own(HERE).await.expect("nobody's");
        } else {
            assert_eq!(claim(&other, press(LINK, HERE, 1)).await, session);
        }
        // Its socket could not be given to an owner there.
        one.release(session, Parting::TimedOut, now());
        one.flush(now()).await.expect("answered");
        let coming = cluster::Whereabouts::Coming;
        assert_eq!(record_of(&truth, session).await.whereabouts, coming);
        assert_eq!(claim(&other, press(LINK, HERE, 1)).await, session);
        other.release(session, Parting::Left, now());
        other.flush(now()).await.expect("answered");
        let over = record_of(&truth, session).await.whereabouts;
        let why = Parting::Left;
        assert!(matches!(over, cluster::Whereabouts::Over { why: it, .. } if it == why));
    }
}

/// Two who change seats do; and whose seat is another's in the records is over alone, where that lasts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_seat_that_is_anothers_costs_one_session_and_no_call() {
    let (place, one, _) = two(false).await;
    let truth = truth_of(&place).await;
    let (term, _) = one.own(HERE).await.expect("nobody's");
    let mut all = Vec::new();
    for link in 1..=3 {
        all.push(claim(&one, press(LinkId(link), HERE, 1)).await);
    }
    let sits = |session: SessionId, seat| (session, Whereabouts::Seated(SeatNumber(seat)));
    one.keep(HERE, term, vec![sits(all[0], 0), sits(all[1], 1)]);
    one.flush(now()).await.expect("written");
    one.keep(HERE, term, vec![sits(all[0], 1), sits(all[1], 0)]);
    one.flush(now()).await.expect("written");
    assert_eq!(record_of(&truth, all[1]).await.whereabouts, SEATED);
    // Somebody of whom it never heard has the third seat there.
    let stranger = truth.claim(press(LinkId(4), HERE, 1), one.node().boot, ambient::now());
    let stranger = stranger.await.expect("answered").expect("it may").live;
    let mut stranger = stranger.expect("it is new");
    stranger.whereabouts = cluster::Whereabouts::Seated(SeatNumber(2));
    let kept = truth.keep(one.node().boot, vec![stranger]).await;
    assert_eq!(kept.expect("answered"), []);
    let here = vec![sits(all[0], 1), sits(all[1], 0), sits(all[2], 2)];
    one.keep(HERE, term, here);
    one.flush(now()).await.expect("answered");
    assert!(
        one.may_act(HERE, term, Moment::default()),
        "the call goes on"
    );
    let coming = cluster::Whereabouts::Coming;
    assert_eq!(record_of(&truth, all[2]).await.whereabouts, coming);
    // That one is not known here, and over after a while: then the seat is theirs.
    let third = cluster::Whereabouts::Seated(SeatNumber(2));
    for _ in 0..9 {
        one.renew(&now).await.expect("answered");
        one.flush(now()).await.expect("answered");
    }
    assert_eq!(record_of(&truth, all[2]).await.whereabouts, third);
    assert_eq!(one.standing(LinkId(3), all[2]), Standing::Live);
    assert!(
        one.may_act(HERE, term, Moment::default()),
        "the call goes on"
    );
}

/// Tickets go by the clock of the records, whatever the machine's own shows.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_goes_by_the_clock_of_the_records() {
    let (_, one, _) = two(false).await;
    let wrong = jiff::Timestamp::UNIX_EPOCH;
    let apart = one
        .time(wrong, Moment::default())
        .duration_since(ambient::now());
    assert!(apart.abs() < SignedDuration::from_secs(20), "{apart}");
    let later = Moment(Duration::from_secs(7));
    let since = one
        .time(wrong, later)
        .duration_since(one.time(wrong, Moment::default()));
    assert_eq!(since, SignedDuration::from_secs(7));
}

#[tokio::test]
async fn several_nodes_need_postgresql() {
    let folder = fresh_folder();
    let store = open(&Place::Sqlite(folder.path().join("a"))).await;
    let refused = store.nodes(SEAL).expect_err("it is SQLite's").to_string();
    assert!(refused.contains("database.url"), "{refused}");
}
