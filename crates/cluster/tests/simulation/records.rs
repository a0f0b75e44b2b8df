//! Records that are played: each question is one transaction, as late as it may be, and its answer may be lost.
//! What one node writes is written in the order in which it asked: the row of an older one is held until it ends.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use call::{CallId, Claim, LinkId, Parting, SeatNumber, SessionId, TooSoon};
use cluster::{
    Asked, Boot, Decided, Holder, Home, Living, Node, Owning, Placed, Press, Refused, Renewed,
    Said, SessionRecord, Term, Truth, Unavailable, Unclaimed, Whereabouts,
};
use futures_util::FutureExt as _;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Mutex, oneshot};
use tokio::time::{Instant, sleep, timeout};

use crate::world::World;

const PATIENCE: Duration = Duration::from_secs(2);
pub(crate) const CAP: usize = 4;

#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    nodes: BTreeMap<Boot, (Living, bool)>,
    owners: BTreeMap<CallId, (Term, Option<Boot>)>,
    pub(crate) sessions: BTreeMap<SessionId, SessionRecord>,
    /// Whose they are to write.
    writers: BTreeMap<SessionId, Boot>,
    newest: u64,
    /// Which run they have answered that which session is over.
    told: BTreeSet<(Boot, SessionId)>,
    began: Option<Instant>,
}

const fn is_over(it: &SessionRecord) -> bool {
    matches!(it.whereabouts, Whereabouts::Over { .. })
}

const fn seat(it: &SessionRecord) -> Option<SeatNumber> {
    match it.whereabouts {
        Whereabouts::Seated(seat) | Whereabouts::OnHold(seat) => Some(seat),
        Whereabouts::Coming | Whereabouts::Waiting(_) | Whereabouts::Over { .. } => None,
    }
}

impl Rows {
    fn now(&mut self) -> Timestamp {
        let began = *self.began.get_or_insert_with(Instant::now);
        let since = SignedDuration::try_from(began.elapsed()).expect("it is short");
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(1) + since
    }

    fn is_gone(&self, boot: Boot) -> bool {
        self.nodes.get(&boot).is_none_or(|(_, is_gone)| *is_gone)
    }

    fn begin(&mut self, node: Node) -> Renewed {
        let boot = node.boot;
        let living = Living {
            node,
            beat: 1,
            redis: None,
            serial: self.nodes.len() as u64 + 1,
            knows: 0,
        };
        self.nodes.insert(boot, (living, false));
        self.hear(boot, &Said::default())
    }

    fn renew(&mut self, boot: Boot, said: &Said) -> Renewed {
        if let Some((living, false)) = self.nodes.get_mut(&boot) {
            living.beat += 1;
            living.redis = said.redis;
            living.knows = said.knows;
        }
        for session in &said.let_go {
            if self.writers.get(session) == Some(&boot)
                && self.sessions.get(session).is_some_and(is_over)
            {
                self.writers.remove(session);
            }
        }
        let renewed = self.hear(boot, said);
        for unknown in &renewed.unknown {
            self.newest = self.newest.max(unknown.0 + 1);
        }
        let over = renewed.over.iter().map(|it| (boot, it.session));
        self.told.extend(over);
        renewed
    }

    /// Whether that is a session of which there is a row.
    fn knows(&self, it: &Placed) -> bool {
        let row = self.sessions.get(&it.session);
        let is_its =
            |row: &SessionRecord| row.link.number() == it.link.0 && row.attempt.0 == it.attempt.0;
        row.is_some_and(is_its)
    }

    fn hear(&mut self, boot: Boot, said: &Said) -> Renewed {
        let living = self.nodes.values().filter(|(_, is_gone)| !is_gone);
        let mut living: Vec<_> = living.map(|(it, _)| it.clone()).collect();
        living.sort_by(|one, other| one.node.name.cmp(&other.node.name));
        let owned = said.owned.iter();
        let lost = owned.filter(|(call, term)| self.owners.get(call) != Some(&(*term, Some(boot))));
        let unsaid = self.owners.iter().filter(|(call, (_, owner))| {
            let is_said = said.owned.iter().any(|(it, _)| it == *call);
            *owner == Some(boot) && !is_said
        });
        let unsaid = unsaid.map(|(call, (term, _))| (*call, *term)).collect();
        let over = self.sessions.values().filter(|it| {
            let mut placed = said.placed.iter();
            let is_said = placed.any(|placed| placed.session == it.session);
            is_over(it) && (is_said || self.writers.get(&it.session) == Some(&boot))
        });
        let placed = said.placed.iter();
        let unknown = placed.filter(|it| !self.knows(it)).map(|it| it.session);
        let strangers = self.sessions.values().filter(|it| {
            let is_said = said
                .placed
                .iter()
                .any(|placed| placed.session == it.session);
            let is_here = said.owned.iter().any(|(call, _)| call.0 == it.meeting.0);
            let is_placed = !is_over(it) && it.whereabouts != Whereabouts::Coming;
            is_here && is_placed && !is_said
        });
        let strangers = strangers.copied().collect();
        Renewed {
            is_gone: self.is_gone(boot),
            living,
            lost: lost.map(|(call, _)| *call).collect(),
            unsaid,
            over: over.copied().collect(),
            unknown: unknown.collect(),
            strangers,
            now: self.now(),
        }
    }

    fn hold_gone(&mut self, boot: Boot, beat: u64) -> bool {
        let Some((living, is_gone)) = self.nodes.get_mut(&boot) else {
            return false;
        };
        *is_gone |= living.beat == beat;
        let is_gone = *is_gone;
        if is_gone {
            let owners = self.owners.values_mut();
            owners
                .filter(|it| it.1 == Some(boot))
                .for_each(|it| it.1 = None);
        }
        is_gone
    }

    pub(crate) fn of_link(&self, link: LinkId) -> Vec<SessionRecord> {
        let all = self.sessions.values();
        all.filter(|it| it.link.number() == link.0)
            .copied()
            .collect()
    }

    /// Whether they have answered a run that the session of a press is over.
    pub(crate) fn have_told(&self, boot: Boot, press: Press) -> bool {
        let its = self.of_link(press.link).into_iter();
        let mut its = its.filter(|it| it.attempt.0 == press.attempt.0);
        its.any(|it| self.told.contains(&(boot, it.session)))
    }

    fn claim(&mut self, press: Press, boot: Boot, now: Timestamp) -> Result<Decided, Unclaimed> {
        let is_anothers = self.owner(press.call).is_some_and(|it| it != boot);
        if is_anothers || self.is_gone(boot) {
            return Err(Unclaimed::Elsewhere);
        }
        let kept = self.of_link(press.link);
        let decided = cluster::decide(&kept, press, self.newest + 1, now);
        let decided = decided.map_err(Unclaimed::TooSoon)?;
        if let Claim::New { session, .. } | Claim::Again { session, .. } = decided.claim {
            self.writers.insert(session, boot);
        }
        if let Claim::New { epoch, .. } = decided.claim {
            self.newest += 1;
            let highest = kept.last().map(|it| it.session.0);
            assert!(Some(epoch.0) > highest, "an epoch fell");
            let lost = |it: &SessionRecord| {
                let over = it.whereabouts;
                matches!(
                    over,
                    Whereabouts::Over {
                        why: Parting::TimedOut,
                        ..
                    }
                )
            };
            let same = kept.iter().filter(|it| it.attempt.0 == press.attempt.0);
            let mut same = same.filter(|it| it.meeting.0 == press.call.0);
            assert!(same.all(lost), "one press has two outcomes");
        }
        for it in decided.replaced.into_iter().chain(decided.live) {
            self.sessions.insert(it.session, it);
        }
        self.hold();
        Ok(decided)
    }

    fn own(&mut self, call: CallId, boot: Boot) -> Owning {
        let (term, before) = self.owners.get(&call).copied().unwrap_or((Term(0), None));
        let is_others = before.is_some_and(|it| it != boot && !self.is_gone(it));
        if is_others || self.is_gone(boot) {
            return Owning::Elsewhere;
        }
        let term = Term(term.0 + 1);
        self.owners.insert(call, (term, Some(boot)));
        let here = self.sessions.values().filter(|it| it.meeting.0 == call.0);
        let here: Vec<_> = here.filter(|it| !is_over(it)).copied().collect();
        for it in &here {
            self.writers.insert(it.session, boot);
        }
        let is_placed = |it: &SessionRecord| it.whereabouts != Whereabouts::Coming;
        Owning::Owned((term, here.into_iter().filter(is_placed).collect()))
    }

    fn home(&self, call: CallId) -> Home {
        let owner = self.owners.get(&call).and_then(|(_, boot)| *boot);
        let node = owner.and_then(|it| self.nodes.get(&it));
        match node {
            Some((living, false)) => Home::At(living.node.clone()),
            Some(_) | None => Home::Nobody,
        }
    }

    fn holders(&self, (link, below): (LinkId, SessionId), but: CallId) -> Vec<Holder> {
        let older = self.of_link(link).into_iter();
        let older = older.filter(|it| it.session < below && it.meeting.0 != but.0 && is_over(it));
        let holders = older.filter_map(|it| {
            let boot = *self.writers.get(&it.session)?;
            let call = CallId(it.meeting.0);
            (!self.is_gone(boot)).then_some(Holder { boot, call })
        });
        holders.collect()
    }

    fn keep(&mut self, boot: Boot, records: &[SessionRecord]) -> Vec<Refused> {
        let (over, living): (Vec<&SessionRecord>, Vec<&SessionRecord>) =
            records.iter().partition(|it| is_over(it));
        // Nobody of them has a seat before they are given theirs.
        for new in &living {
            if self.is_to_write(new, boot)
                && let Some(row) = self.sessions.get_mut(&new.session)
            {
                row.whereabouts = Whereabouts::Coming;
            }
        }
        let mut refused = Vec::new();
        for new in over.into_iter().chain(living) {
            let stands = self.sessions.get(&new.session).copied();
            let is_taken = seat(new).is_some_and(|seat_of_new| {
                let mut others = self.sessions.values();
                others.any(|it| {
                    it.session != new.session
                        && it.meeting == new.meeting
                        && seat(it) == Some(seat_of_new)
                })
            });
            if self.is_to_write(new, boot) && !is_taken {
                self.sessions.insert(new.session, *new);
                if is_over(new) {
                    self.writers.remove(&new.session);
                }
            } else {
                let is_its = |it: &SessionRecord| it.link == new.link && it.attempt == new.attempt;
                if !stands.as_ref().is_some_and(is_its) {
                    self.newest = self.newest.max(new.session.0 + 1);
                } else if stands.as_ref().is_some_and(is_over) {
                    self.told.insert((boot, new.session));
                }
                refused.push(Refused {
                    session: new.session,
                    stands,
                    is_ours: !self.is_gone(boot) && self.writers.get(&new.session) == Some(&boot),
                });
            }
        }
        self.hold();
        refused
    }

    /// Whether a run may write a session.
    fn is_to_write(&self, new: &SessionRecord, boot: Boot) -> bool {
        let stands = self.sessions.get(&new.session);
        !self.is_gone(boot)
            && stands.is_some_and(|it| !is_over(it) && it.attempt == new.attempt)
            && self.writers.get(&new.session) == Some(&boot)
    }

    fn leave(&mut self, call: CallId, boot: Boot, term: Term) {
        if self.owners.get(&call) == Some(&(term, Some(boot))) {
            self.owners.insert(call, (term, None));
        }
    }

    /// The run that has a meeting.
    pub(crate) fn owner(&self, call: CallId) -> Option<Boot> {
        match self.home(call) {
            Home::At(node) => Some(node.boot),
            Home::Nobody => None,
        }
    }

    /// The meetings that somebody has, and who.
    pub(crate) fn all_owners(&self) -> Vec<(CallId, Boot)> {
        let owners = self.owners.iter();
        owners
            .filter_map(|(call, (_, boot))| Some((*call, (*boot)?)))
            .collect()
    }

    /// All that is written down.
    pub(crate) fn all(&self) -> String {
        let owners = &self.owners;
        format!("{:#?} {owners:#?} {:#?}", self.nodes, self.sessions)
    }

    /// What never may be otherwise.
    pub(crate) fn hold(&self) {
        let mut links = BTreeMap::new();
        let mut seats: BTreeMap<_, usize> = BTreeMap::new();
        for it in self.sessions.values().filter(|it| !is_over(it)) {
            let other = links.insert(it.link.number(), it.session);
            assert_eq!(other, None, "two live sessions of one link");
            if seat(it).is_some() {
                *seats.entry(it.meeting).or_default() += 1;
            }
        }
        assert!(seats.values().all(|it| *it <= CAP), "a seat too many");
    }
}

/// The way of one node to them.
#[derive(Debug)]
pub(crate) struct Way {
    pub(crate) node: usize,
    pub(crate) world: Arc<World>,
    pub(crate) turn: Arc<Mutex<()>>,
}

fn away() -> Unavailable {
    Unavailable("they are away".into())
}

impl Way {
    fn ask<T: Send + 'static>(
        &self,
        what: impl FnOnce(&mut Rows) -> T + Send + 'static,
    ) -> Asked<'_, T> {
        let asked = async move {
            if self.world.outside().cuts[self.node].records {
                sleep(PATIENCE).await;
                return Err(away());
            }
            let (there, back) = (self.world.delay(), self.world.delay());
            let is_lost = self.world.loses(50) || self.world.outside().cuts[self.node].answers;
            let (reply, answer) = oneshot::channel();
            let (world, turn) = (Arc::clone(&self.world), Arc::clone(&self.turn));
            tokio::spawn(async move {
                let turn = turn.lock().await;
                sleep(there).await;
                let done = what(&mut world.outside().rows);
                drop(turn);
                drop(reply.send(done));
            });
            let answer = answer.await.map_err(|_ended| away())?;
            sleep(back).await;
            if is_lost { Err(away()) } else { Ok(answer) }
        };
        async move {
            timeout(PATIENCE, asked)
                .await
                .unwrap_or_else(|_| Err(away()))
        }
        .boxed()
    }
}

impl Truth for Way {
    fn begin(&self, node: Node) -> Asked<'_, Renewed> {
        self.ask(move |rows| rows.begin(node))
    }

    fn renew(&self, boot: Boot, said: Said) -> Asked<'_, Renewed> {
        self.ask(move |rows| rows.renew(boot, &said))
    }

    fn end(&self, boot: Boot) -> Asked<'_, ()> {
        self.ask(move |rows| {
            rows.hold_gone(boot, u64::MAX);
        })
    }

    fn claim(
        &self,
        press: Press,
        boot: Boot,
        now: Timestamp,
    ) -> Asked<'_, Result<Decided, Unclaimed>> {
        self.ask(move |rows| rows.claim(press, boot, now))
    }

    fn check(&self, press: Press, now: Timestamp) -> Asked<'_, Result<(), TooSoon>> {
        self.ask(move |rows| cluster::check(&rows.of_link(press.link), press, now))
    }

    fn session(&self, session: SessionId) -> Asked<'_, Option<(SessionRecord, bool)>> {
        self.ask(move |rows| rows.sessions.get(&session).map(|it| (*it, false)))
    }

    fn hold_gone(&self, boot: Boot, beat: u64) -> Asked<'_, bool> {
        self.ask(move |rows| rows.hold_gone(boot, beat))
    }

    fn own(&self, call: CallId, boot: Boot) -> Asked<'_, Owning> {
        self.ask(move |rows| rows.own(call, boot))
    }

    fn home(&self, call: CallId) -> Asked<'_, Home> {
        self.ask(move |rows| rows.home(call))
    }

    fn holders(&self, link: LinkId, below: SessionId, but: CallId) -> Asked<'_, Vec<Holder>> {
        self.ask(move |rows| rows.holders((link, below), but))
    }

    fn keep(&self, boot: Boot, records: Vec<SessionRecord>) -> Asked<'_, Vec<Refused>> {
        self.ask(move |rows| rows.keep(boot, &records))
    }

    fn leave(&self, call: CallId, boot: Boot, term: Term) -> Asked<'_, ()> {
        self.ask(move |rows| rows.leave(call, boot, term))
    }
}
