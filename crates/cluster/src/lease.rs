//! For how long a run of a node may act, and when the others may hold it to be gone: rules over moments of
//! one node's own monotonic clock. No clock of the world and of no other machine counts.
//!
//! A run says again and again that it lives, in the records and in Redis. It may act for [`RIGHT`] from the
//! moment at which it *asked*, where it was answered. Whoever takes over has seen nothing new of the run in
//! the records for [`SILENCE`], from the moment at which it *heard*; and the run of Redis that the node's row
//! names, if it names one, has forgotten the node too, and remembers from then on that it is gone. Each is longer
//! than the right, so the one has stopped before the other begins, however slow the answers were.
//!
//! What another run of Redis says counts for nothing: an old master that is still heard by some does not vouch beside a
//! new one. A node that lives writes the new one into its row. Of one that cannot, because it does not reach the
//! records or is dead, the old Redis may never answer again; so a run acts by Redis alone only while more than half of
//! the nodes are heard in that same Redis, and may be held to be gone once half of them have been elsewhere for
//! [`MOVED`]; and for [`ALONE`] at most. And where it begins again, the new run holds the one before to be no more
//! also where no Redis can say so, for no two nodes have one name; but not where any Redis hears it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use call::Moment;

use crate::bus::RedisRun;
use crate::truth::{Boot, Living, Node};

/// How often a run says that it lives.
pub const BEAT: Duration = Duration::from_millis(500);

/// For how long it may act by one answer.
pub const RIGHT: Duration = Duration::from_secs(4);

/// Whoever has heard nothing of the records for so long knows nothing of who was silent meanwhile.
const DEAF: Duration = Duration::from_secs(2);

/// For how long nothing new is seen of a run before others may hold it to be gone.
pub const SILENCE: Duration = Duration::from_secs(5);

/// For how long a run names another Redis, or none, before it is certainly heard in the one before no more, and whoever
/// counted it there has noticed: what is heard is kept for [`SILENCE`], and a right lasts for [`RIGHT`].
const MOVED: Duration = Duration::from_secs(10);

/// For how long a run may act by Redis alone, since the records answered it last.
pub const ALONE: Duration = Duration::from_mins(15);

/// For how long more than half of the others say that the records hear them before a run that these do not hear leaves all
/// to them: longer than a server is away that is started anew.
pub(crate) const CUT_OFF: Duration = Duration::from_secs(10);

/// For how long nothing new is seen of a run in the records before nobody asks Redis for it: longer than it may act
/// alone, whatever the difference between two machines' clocks that count it.
const ALONE_AND_OVER: Duration = Duration::from_mins(16);

/// By what a run may act.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Right {
    /// When it asked last of those times that the records have answered.
    records: Option<Moment>,
    /// Which Redis answered last, and when it was asked.
    redis: Option<(RedisRun, Moment)>,
    /// When that one was asked last of those times that it had heard more than half of the nodes.
    counted: Option<Moment>,
    /// Which the row was to name last, and whether that one has answered since.
    named: (Option<RedisRun>, bool),
    /// Without which Redis, as its row certainly says, nobody may take over.
    vouched: Option<RedisRun>,
    /// When Redis said that it holds it to be gone: it vouches for it no more.
    denied: Option<Moment>,
    /// It is gone, and never comes back.
    is_gone: bool,
}

impl Right {
    /// Which Redis the row is to say vouches for this run. Called before it is written: what it may say from then
    /// on counts from now on. It names another only when the one it named has been silent.
    pub fn ask_records(&mut self, now: Moment) -> Option<RedisRun> {
        let heard = self.redis.filter(|(_, at)| now.since(*at) < RIGHT);
        let heard = heard.map(|(run, _)| run).filter(|_| self.denied.is_none());
        let vouches = match self.named {
            (Some(named), true) => heard.map(|_other| named),
            (_, _) => heard,
        };
        self.named = (vouches, false);
        self.vouched = self.vouched.filter(|it| Some(*it) == vouches);
        vouches
    }

    /// The records have it that this run lives, by what they were asked at `asked`. An answer that comes when the right
    /// it gives has ended, as to a program that stood still, says nothing of now.
    pub fn hear_records(&mut self, asked: Moment, vouches: Option<RedisRun>, now: Moment) {
        if now.since(asked) >= RIGHT {
            return;
        }
        self.records = self.records.max(Some(asked));
        self.vouched = vouches.filter(|_| self.denied.is_none());
    }

    /// Redis has heard, by what it was asked at `asked`, that this run lives; and whether it has heard more than half
    /// of the nodes. It lengthens a right, and gives back none that has ended: by then the run may be gone.
    pub fn hear_redis(&mut self, asked: Moment, run: RedisRun, is_most: bool) {
        if self.until().is_some_and(|until| asked >= until) {
            self.vouched = None;
        }
        if self.redis.is_none_or(|(before, _)| before != run) {
            self.counted = None;
        }
        self.redis = Some((run, asked));
        if is_most {
            self.counted = Some(asked);
        }
        self.named.1 |= self.named.0 == Some(run);
    }

    /// Without which Redis, as its row certainly says, nobody may take over.
    #[must_use]
    pub const fn vouched(&self) -> Option<RedisRun> {
        self.vouched
    }

    /// Redis holds this run to be gone: only the records say whether it is.
    pub const fn deny(&mut self, now: Moment) {
        self.denied = Some(now);
        self.vouched = None;
    }

    /// Whether Redis holds it to be gone.
    #[must_use]
    pub const fn is_denied(&self) -> bool {
        self.denied.is_some()
    }

    /// Whether it may be heard in Redis again: the records have heard it since, by a beat that names no Redis. Whoever has
    /// Redis' word that it is gone has seen an older beat, by which nobody is held to be gone any more.
    #[must_use]
    pub fn may_be_forgiven(&self) -> bool {
        let denied = self.denied.filter(|_| !self.is_gone);
        denied.is_some_and(|at| self.records.is_some_and(|asked| asked > at))
    }

    /// Redis has forgotten that it held it to be gone: it vouches for nothing before the row names it anew.
    pub const fn forgive(&mut self) {
        self.denied = None;
        self.redis = None;
        self.counted = None;
        self.vouched = None;
        self.named = (None, false);
    }

    /// The records hold this run to be gone.
    pub const fn end(&mut self) {
        self.is_gone = true;
    }

    /// Until when it may act; none where it may not.
    #[must_use]
    pub fn until(&self) -> Option<Moment> {
        let records = self.records.filter(|_| !self.is_gone)?;
        let is_vouched = self.redis.is_some_and(|(run, _)| self.vouched == Some(run));
        let counted = self.counted.filter(|_| is_vouched);
        let by_redis = counted.map(|asked| (asked.0 + RIGHT).min(records.0 + ALONE));
        Some(Moment(
            (records.0 + RIGHT).max(by_redis.unwrap_or_default()),
        ))
    }

    /// Whether the records have heard it just now.
    #[must_use]
    pub fn is_heard_by_records(&self, now: Moment) -> bool {
        let records = self.records.filter(|_| !self.is_gone);
        records.is_some_and(|asked| now.since(asked) <= DEAF)
    }

    /// Whether the records have not heard it for as long as it acts by them: it acts by Redis alone, or not at all.
    #[must_use]
    pub fn is_unheard(&self, now: Moment) -> bool {
        let records = self.records.filter(|_| !self.is_gone);
        records.is_some_and(|asked| now.since(asked) >= RIGHT)
    }

    /// Whether it may act.
    #[must_use]
    pub fn holds(&self, now: Moment) -> bool {
        self.until().is_some_and(|until| now < until)
    }
}

/// What a node has seen of the runs, its own included.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    me: Option<Node>,
    runs: BTreeMap<Boot, Seen>,
    /// Of which node a row has ever named which Redis, and the number of its first run that has.
    were_at: BTreeMap<(String, RedisRun), u64>,
    /// When it looked last.
    looked: Moment,
}

/// What was seen of one.
#[derive(Clone, Debug)]
struct Seen {
    living: Living,
    /// Since when it is there at all.
    came: Moment,
    /// Since when it has said nothing new, as far as this node could hear.
    silent: Moment,
    /// Since when it has said nothing new, whether this node could hear all the time or not: what it has said it has
    /// also counted.
    said: Moment,
    /// Since when it names the Redis that it does.
    named: Moment,
    /// When a Redis said last that it lives, though it is silent.
    lives: Option<Moment>,
}

/// One of whom nothing new has come for too long.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Silent {
    /// Who, and which Redis is to say so, if any.
    pub living: Living,
    /// Whether it is gone also where Redis cannot say whether it lives: it is an earlier run of this node.
    pub has_begun_anew: bool,
}

impl Watch {
    /// These run, by what the records said to this node, heard at `now`.
    pub fn see(&mut self, living: &[Living], me: &Node, now: Moment) {
        if now.since(self.looked) > DEAF {
            // They may have said as little as this node could hear.
            for seen in self.runs.values_mut() {
                (seen.came, seen.silent, seen.named) = (now, now, now);
            }
        }
        self.me = Some(me.clone());
        self.looked = now;
        self.runs
            .retain(|boot, _| living.iter().any(|it| it.node.boot == *boot));
        for it in living {
            let seen = self.runs.entry(it.node.boot).or_insert_with(|| Seen {
                living: it.clone(),
                came: now,
                silent: now,
                said: now,
                named: now,
                lives: None,
            });
            if seen.living.beat != it.beat {
                (seen.silent, seen.said) = (now, now);
            }
            if seen.living.redis != it.redis {
                seen.named = now;
            }
            seen.living = it.clone();
            if let Some(redis) = it.redis {
                let first = self.were_at.entry((it.node.name.clone(), redis));
                first
                    .and_modify(|first| *first = it.serial.min(*first))
                    .or_insert(it.serial);
            }
        }
        // What nobody names any more vouches for nobody.
        let named: BTreeSet<_> = self
            .runs
            .values()
            .filter_map(|it| it.living.redis)
            .collect();
        self.were_at.retain(|(_, redis), _| named.contains(redis));
    }

    /// The highest number of those it has seen.
    pub fn knows(&self) -> u64 {
        let numbers = self.runs.values().map(|it| it.living.serial);
        numbers.max().unwrap_or(0)
    }

    /// The first, by its name, of those of whom something new has come lately.
    pub fn first(&self, now: Moment) -> Option<Boot> {
        let heard = self
            .runs
            .values()
            .filter(|it| now.since(it.silent) < SILENCE);
        let heard = heard.map(|it| &it.living.node);
        let first = heard.min_by_key(|it| (&it.name, it.boot))?;
        Some(first.boot)
    }

    fn is_me(&self, boot: Boot) -> bool {
        self.me.as_ref().is_some_and(|me| me.boot == boot)
    }

    /// Whether it is another run of the node that this one is of.
    fn is_namesake(&self, it: &Living) -> bool {
        let me = self.me.as_ref();
        me.is_some_and(|me| me.name == it.node.name && me.boot != it.node.boot)
    }

    /// Whether another node has this one's name, and runs: it has said something since it was certainly no answer to
    /// what a run before this one asked.
    pub fn has_namesake(&self) -> bool {
        let mut runs = self.runs.values();
        runs.any(|it| {
            let has_said = it.said.since(it.came) >= SILENCE;
            self.is_namesake(&it.living) && (has_said || it.lives.is_some())
        })
    }

    /// A Redis says that it lives, though it is silent.
    pub fn lives(&mut self, boot: Boot, now: Moment) {
        if let Some(seen) = self.runs.get_mut(&boot) {
            seen.lives = Some(now);
        }
    }

    /// Whether something new has come of a run just now.
    pub fn hears(&self, boot: Boot, now: Moment) -> bool {
        let seen = self.runs.get(&boot);
        seen.is_some_and(|it| now.since(it.silent) <= DEAF)
    }

    /// The others.
    pub fn others(&self) -> impl Iterator<Item = Boot> {
        let others = self.runs.keys().copied();
        others.filter(|it| !self.is_me(*it))
    }

    /// Those of whom nothing new has come for too long. Where none of them can act by a Redis any more, none is named
    /// that vouches for them.
    pub fn silent(&self, now: Moment) -> Vec<Silent> {
        let silent = self.runs.iter();
        let can_hear = now.since(self.looked) <= DEAF;
        let silent = silent.filter(|(boot, seen)| {
            can_hear && !self.is_me(**boot) && now.since(seen.silent) >= SILENCE
        });
        let silent = silent.map(|(_, seen)| Silent {
            living: Living {
                redis: seen
                    .living
                    .redis
                    .filter(|it| !self.cannot_act(*it, seen, now)),
                ..seen.living.clone()
            },
            has_begun_anew: self.has_begun_anew(seen, now),
        });
        silent.collect()
    }

    /// Whether one who is silent cannot act by that Redis, whatever Redis would say.
    fn cannot_act(&self, redis: RedisRun, silent: &Seen, now: Moment) -> bool {
        now.since(silent.said) >= ALONE_AND_OVER || self.have_left(redis, silent, now)
    }

    /// Whether it is a run of the same node as this one, which had ended when this one began; and whoever counted it in
    /// its Redis has noticed. A node that has its name by mistake, and is heard in Redis, has not.
    fn has_begun_anew(&self, silent: &Seen, now: Moment) -> bool {
        let is_over = |since: Moment| now.since(since) >= MOVED;
        self.is_namesake(&silent.living) && is_over(silent.said) && silent.lives.is_none_or(is_over)
    }

    /// Whether so many have certainly left a Redis that one who is silent finds half of the nodes there at most, itself
    /// included. Whoever may have come since is none of those it counts: to have left, a node is to be one that the
    /// silent one says it knows, or one of whose earlier runs that it knows a row has named that Redis. A Redis that has just
    /// taken over from another holds what was said there, also by those who name the other still: it has forgotten
    /// them only so long after the silent one named it.
    fn have_left(&self, redis: RedisRun, silent: &Seen, now: Moment) -> bool {
        if now.since(silent.named) < MOVED {
            return false;
        }
        let known = self.runs.values().filter(|it| it.came <= silent.silent);
        let was_known = |it: &Seen| {
            let was_there = (it.living.node.name.clone(), redis);
            let first = self.were_at.get(&was_there).copied();
            let numbers = [Some(it.living.serial), first].into_iter().flatten();
            numbers.min().is_some_and(|it| it <= silent.living.knows)
        };
        let left = known.clone().filter(|it| {
            now.since(it.silent) < SILENCE
                && it.living.redis != Some(redis)
                && now.since(it.named) >= MOVED
                && was_known(it)
        });
        2 * left.count() >= known.count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: RedisRun = RedisRun(1);
    const OTHER: RedisRun = RedisRun(2);

    const fn at(millis: u64) -> Moment {
        Moment(Duration::from_millis(millis))
    }

    /// A run of a node of its own.
    fn node(boot: u128) -> Node {
        Node {
            boot: Boot(boot),
            name: format!("{boot}"),
            address: String::new(),
        }
    }

    fn run(boot: u128, beat: u64, redis: Option<RedisRun>) -> Living {
        Living {
            node: node(boot),
            beat,
            redis,
            serial: u64::try_from(boot).expect("it is small"),
            knows: u64::MAX,
        }
    }

    fn living(beat: u64) -> Living {
        run(2, beat, None)
    }

    #[test]
    fn a_run_acts_by_the_moment_at_which_it_asked() {
        let mut right = Right::default();
        assert!(!right.holds(at(0)));
        assert_eq!(right.ask_records(at(0)), None);
        // However late the answer.
        right.hear_records(at(0), None, at(0));
        assert!(right.holds(at(3_999)));
        assert!(!right.holds(at(4_000)));
        right.hear_records(at(4_000), None, at(4_000));
        assert_eq!(right.until(), Some(at(8_000)));
        right.end();
        assert!(!right.holds(at(4_001)));
        right.hear_records(at(5_000), None, at(5_000));
        assert!(!right.holds(at(5_001)), "nobody comes back");
    }

    #[test]
    fn redis_counts_only_where_the_row_certainly_says_so() {
        let mut right = Right::default();
        right.hear_records(at(0), None, at(0));
        right.hear_redis(at(3_000), ONE, true);
        assert!(!right.holds(at(4_000)), "others need not ask Redis");
        assert_eq!(right.ask_records(at(3_500)), Some(ONE));
        assert!(!right.holds(at(4_000)), "it is not known to be written");
        right.hear_records(at(3_500), Some(ONE), at(3_500));
        right.hear_redis(at(7_000), ONE, true);
        assert!(right.holds(at(10_999)));
        // Redis is away for long: the row may say from now on that it is not to be asked.
        assert_eq!(right.ask_records(at(11_000)), None);
        right.hear_redis(at(11_500), ONE, true);
        assert!(!right.holds(at(11_600)), "what was asked may be written");
    }

    #[test]
    fn redis_gives_back_no_right_that_has_ended() {
        let mut right = Right::default();
        right.hear_redis(at(0), ONE, true);
        right.hear_records(at(0), Some(ONE), at(0));
        // Stopped, and woken after a minute.
        right.hear_redis(at(60_000), ONE, true);
        assert!(!right.holds(at(60_000)));
        right.hear_records(at(60_500), Some(ONE), at(60_500));
        right.hear_redis(at(63_000), ONE, true);
        assert_eq!(right.until(), Some(at(67_000)));
        right.deny(at(0));
        assert_eq!(right.until(), Some(at(64_500)), "by the records alone");
        assert_eq!(right.ask_records(at(64_000)), None);
        right.hear_redis(at(64_200), ONE, true);
        assert!(!right.holds(at(64_500)));
    }

    #[test]
    fn an_answer_of_before_a_long_stop_gives_nothing() {
        let mut right = Right::default();
        right.hear_redis(at(0), ONE, true);
        right.hear_records(at(0), Some(ONE), at(0));
        right.hear_redis(at(60_000), ONE, true);
        right.hear_records(at(500), Some(ONE), at(60_001));
        assert!(!right.holds(at(60_001)));
    }

    #[test]
    fn another_redis_vouches_for_nobody_until_the_row_names_it() {
        let mut right = Right::default();
        right.hear_redis(at(0), ONE, true);
        right.hear_records(at(0), Some(ONE), at(0));
        right.hear_redis(at(3_000), ONE, true);
        assert_eq!(right.until(), Some(at(7_000)));
        // The master has changed: what the old one said counts no more, nor does the new one yet.
        right.hear_redis(at(3_500), OTHER, true);
        assert_eq!(right.until(), Some(at(4_000)), "by the records alone");
        right.hear_redis(at(3_600), ONE, true);
        assert_eq!(right.until(), Some(at(7_600)), "the row names it still");
        // It names another only when the first has said nothing between two questions.
        right.hear_redis(at(3_700), OTHER, true);
        assert_eq!(
            right.ask_records(at(3_750)),
            Some(OTHER),
            "it named none before"
        );
        right.hear_redis(at(3_760), ONE, true);
        right.hear_redis(at(3_770), OTHER, true);
        assert_eq!(
            right.ask_records(at(3_800)),
            Some(OTHER),
            "it has answered since"
        );
        right.hear_redis(at(3_900), ONE, true);
        assert_eq!(right.until(), Some(at(4_000)), "the row may name the other");
        right.hear_redis(at(3_950), OTHER, true);
        right.hear_records(at(3_800), Some(OTHER), at(3_960));
        right.hear_redis(at(7_000), OTHER, true);
        assert_eq!(right.until(), Some(at(11_000)));
    }

    #[test]
    fn a_redis_that_half_of_the_nodes_have_left_vouches_for_nobody() {
        let mut right = Right::default();
        right.hear_redis(at(0), ONE, true);
        right.hear_records(at(0), Some(ONE), at(0));
        right.hear_redis(at(3_000), ONE, true);
        right.hear_redis(at(6_000), ONE, false);
        assert_eq!(right.until(), Some(at(7_000)));
        right.hear_redis(at(7_000), ONE, true);
        assert!(!right.holds(at(7_000)), "it has ended by then");
        // The others see it so: two of three have been elsewhere for long.
        let vouches = |left: [Option<RedisRun>; 2], came: u64, until: u64| {
            // All are there for a while, until one is heard no more and the others leave.
            let since = 3_000;
            let mut watch = Watch::default();
            for now in (0..=since + until).step_by(500) {
                let at_now = |left| if now < since { Some(ONE) } else { left };
                let silent = run(2, now.min(since), Some(ONE));
                let mut all = vec![run(1, now, at_now(left[0])), silent];
                if came == 0 || now >= came.saturating_add(since) {
                    all.push(run(3, now, at_now(left[1])));
                }
                watch.see(&all, &node(1), at(now));
            }
            let silent = watch.silent(at(since + until));
            silent.first().map(|it| it.living.redis)
        };
        let both = [Some(OTHER), None];
        assert_eq!(vouches(both, 0, 9_500), Some(Some(ONE)), "too soon");
        assert_eq!(vouches(both, 0, 10_000), Some(None));
        let one = [Some(OTHER), Some(ONE)];
        assert_eq!(
            vouches(one, 0, 20_000),
            Some(Some(ONE)),
            "two of three are there"
        );
        assert_eq!(vouches([Some(ONE), None], 0, 20_000), Some(Some(ONE)));
        // Of two it is half; and who came since counts for neither.
        assert_eq!(vouches(both, u64::MAX, 10_000), Some(None));
        assert_eq!(vouches(one, 3_000, 20_000), Some(None));
    }

    /// A replica took over, and holds what the others said to the master before, which these go on to hear.
    #[test]
    fn whoever_was_heard_by_the_master_before_is_heard_by_the_one_that_took_over() {
        let vouches = |until: u64| {
            let mut watch = Watch::default();
            for now in (0..=until).step_by(500) {
                let at_that = if now < 10_000 { OTHER } else { ONE };
                let cut_off = run(2, now.min(11_000), Some(at_that));
                let others = [run(1, now, Some(OTHER)), run(3, now, Some(OTHER))];
                watch.see(&[&others[..], &[cut_off]].concat(), &node(1), at(now));
            }
            let silent = watch.silent(at(until));
            silent.first().map(|it| it.living.redis)
        };
        assert_eq!(vouches(15_500), None);
        assert_eq!(
            vouches(16_000),
            Some(Some(ONE)),
            "they may be counted there"
        );
        assert_eq!(vouches(19_500), Some(Some(ONE)));
        assert_eq!(vouches(20_000), Some(None));
    }

    /// As many as there were have begun since, and none of them was ever at the Redis by which one acts alone.
    #[test]
    fn whoever_was_never_there_has_not_left() {
        let before = |boot: u128, name: &str| Living {
            node: Node {
                name: name.to_owned(),
                ..node(boot)
            },
            ..run(boot, 7, Some(ONE))
        };
        let vouches = |were_there: bool, knows: u64| {
            let mut watch = Watch::default();
            for now in (0..=25_000).step_by(500) {
                let numbered = |serial, run| Living {
                    serial,
                    knows,
                    ..run
                };
                let mut all = vec![
                    numbered(11, run(1, now, None)),
                    numbered(2, run(2, now.min(4_000), Some(ONE))),
                    numbered(3, run(3, now, Some(ONE))),
                    numbered(14, run(4, now, None)),
                ];
                if were_there && now < 10_000 {
                    // Earlier runs of the two, which are held to be gone by then.
                    all.extend([before(5, "1"), before(6, "4")]);
                }
                watch.see(&all, &node(1), at(now));
            }
            watch.silent(at(25_000)).first().map(|it| it.living.redis)
        };
        // However long before it fell silent they were seen here: what it was told of them may not have reached it.
        assert_eq!(vouches(false, 6), Some(Some(ONE)), "Redis is asked");
        assert_eq!(vouches(true, 4), Some(Some(ONE)), "it knew neither");
        assert_eq!(vouches(true, 5), Some(Some(ONE)), "one of four has left it");
        assert_eq!(vouches(true, 6), Some(None), "two of four have left it");
        assert_eq!(
            vouches(false, 14),
            Some(None),
            "it knows that they are not there"
        );
    }

    #[test]
    fn the_first_is_one_that_is_heard() {
        let mut watch = Watch::default();
        for now in (0..=6_000).step_by(500) {
            // The first by name has said nothing since before this one looked.
            watch.see(&[run(1, 7, Some(ONE)), living(now)], &node(2), at(now));
        }
        assert_eq!(watch.first(at(4_999)), Some(Boot(1)), "nobody knows yet");
        assert_eq!(watch.first(at(6_000)), Some(Boot(2)));
        watch.see(&[run(1, 8, None), living(8)], &node(2), at(6_500));
        assert_eq!(watch.first(at(6_500)), Some(Boot(1)));
        assert_eq!(watch.first(at(60_000)), None, "nothing was heard for long");
    }

    #[test]
    fn nobody_acts_by_redis_alone_for_ever() {
        let mut right = Right::default();
        right.hear_redis(at(0), ONE, true);
        right.hear_records(at(0), Some(ONE), at(0));
        let alone = u64::try_from(ALONE.as_millis()).expect("it is small");
        for now in (500..alone).step_by(500) {
            right.hear_redis(at(now), ONE, true);
        }
        assert!(right.holds(at(alone - 1)));
        assert!(!right.holds(at(alone)));
        let mut watch = Watch::default();
        let vouched = Living {
            redis: Some(ONE),
            ..living(1)
        };
        let over = u64::try_from(ALONE_AND_OVER.as_millis()).expect("it is small");
        for now in (0..=over).step_by(500) {
            watch.see(std::slice::from_ref(&vouched), &node(9), at(now));
        }
        let asked = |now| watch.silent(at(now)).first().map(|it| it.living.redis);
        assert_eq!(asked(over - 1), Some(Some(ONE)));
        assert_eq!(asked(over), Some(None));
        // Nor where whoever watches did not hear all the time: nothing was said, or it would be counted.
        let mut watch = Watch::default();
        for now in (0..=over).step_by(3_000) {
            watch.see(std::slice::from_ref(&vouched), &node(9), at(now));
        }
        watch.see(std::slice::from_ref(&vouched), &node(9), at(over));
        let silence = u64::try_from(SILENCE.as_millis()).expect("it is small");
        assert!(watch.silent(at(over)).is_empty());
        for now in (over..=over + silence).step_by(500) {
            watch.see(std::slice::from_ref(&vouched), &node(9), at(now));
        }
        let it = watch.silent(at(over + silence));
        assert_eq!(it.first().map(|it| it.living.redis), Some(None));
    }

    #[test]
    fn a_node_that_begins_again_knows_that_it_was_no_more() {
        let before = Living {
            node: Node {
                name: node(1).name,
                ..node(2)
            },
            ..run(2, 7, Some(ONE))
        };
        let looks = |me: Node, until: u64, beats: &dyn Fn(u64) -> u64, lives: Option<u64>| {
            let mut watch = Watch::default();
            for now in (0..=until).step_by(500) {
                let before = Living {
                    beat: beats(now),
                    ..before.clone()
                };
                // Two of three are where they were, for all that anybody knows.
                let all = [run(1, now, None), before, run(3, 1, Some(ONE))];
                watch.see(&all, &me, at(now));
            }
            if let Some(heard) = lives {
                watch.lives(Boot(2), at(heard));
            }
            let silent = watch.silent(at(until));
            let its = silent.iter().find(|it| it.living.node.boot == Boot(2));
            assert!(
                its.is_none_or(|it| it.living.redis == Some(ONE)),
                "Redis is asked"
            );
            (its.map(|it| it.has_begun_anew), watch.has_namesake())
        };
        let still = |_| 7;
        assert_eq!(looks(node(1), 4_500, &still, None), (None, false));
        assert_eq!(looks(node(1), 9_500, &still, None), (Some(false), false));
        assert_eq!(looks(node(1), 10_000, &still, None), (Some(true), false));
        // It is not for another node to say.
        assert_eq!(looks(node(4), 60_000, &still, None), (Some(false), false));
        // What it had asked is done after it has ended, and then never again.
        let late = |now: u64| 7 + now.min(1_000);
        assert_eq!(looks(node(1), 10_500, &late, None), (Some(false), false));
        assert_eq!(looks(node(1), 11_000, &late, None), (Some(true), false));
        // One of the same name by mistake.
        assert_eq!(looks(node(1), 4_500, &|now| now, None), (None, false));
        assert_eq!(looks(node(1), 5_000, &|now| now, None), (None, true));
        // And where it has lost the records alone.
        let heard = Some(15_500);
        assert_eq!(looks(node(1), 25_000, &still, heard), (Some(false), true));
        assert_eq!(looks(node(1), 25_500, &still, heard), (Some(true), true));
    }

    /// Looks twice a second.
    fn looks(watch: &mut Watch, beat: u64, (from, to): (u64, u64)) {
        for now in (from..=to).step_by(500) {
            watch.see(&[living(beat)], &node(1), at(now));
        }
    }

    #[test]
    fn whoever_was_held_to_be_gone_and_is_not_is_heard_again() {
        let mut right = Right::default();
        right.hear_redis(at(0), ONE, true);
        assert_eq!(right.ask_records(at(100)), Some(ONE));
        right.hear_records(at(100), Some(ONE), at(200));
        assert!(!right.may_be_forgiven());
        right.deny(at(1_000));
        // What was on its way by then says nothing of it.
        right.hear_records(at(900), Some(ONE), at(1_100));
        assert!(right.is_denied() && !right.may_be_forgiven());
        assert_eq!(right.ask_records(at(1_500)), None);
        assert!(!right.may_be_forgiven());
        right.hear_records(at(1_500), None, at(1_600));
        assert!(right.may_be_forgiven());
        right.forgive();
        assert!(!right.is_denied());
        right.hear_redis(at(2_000), ONE, true);
        assert_eq!(right.until(), Some(at(5_500)), "the row names none yet");
        assert_eq!(right.ask_records(at(2_500)), Some(ONE));
        right.hear_records(at(2_500), Some(ONE), at(2_600));
        right.hear_redis(at(6_000), ONE, true);
        assert_eq!(right.until(), Some(at(10_000)));
        // One that is gone stays so.
        right.deny(at(6_100));
        right.hear_records(at(6_500), None, at(6_600));
        right.end();
        assert!(!right.may_be_forgiven());
    }

    #[test]
    fn a_run_knows_whether_the_records_hear_it() {
        let mut right = Right::default();
        assert!(!right.is_heard_by_records(at(0)) && !right.is_unheard(at(0)));
        right.hear_redis(at(500), ONE, true);
        assert_eq!(right.ask_records(at(1_000)), Some(ONE));
        right.hear_records(at(1_000), Some(ONE), at(1_100));
        right.hear_redis(at(4_000), ONE, true);
        assert!(right.is_heard_by_records(at(3_000)) && !right.is_unheard(at(3_000)));
        assert!(!right.is_heard_by_records(at(3_001)) && !right.is_unheard(at(4_999)));
        assert!(right.is_unheard(at(5_000)) && right.holds(at(7_999)));
        assert!(right.is_unheard(at(8_000)) && !right.holds(at(8_000)));
        right.end();
        assert!(!right.is_heard_by_records(at(1_500)) && !right.is_unheard(at(8_000)));
    }

    #[test]
    fn whoever_says_nothing_new_is_silent() {
        let mut watch = Watch::default();
        looks(&mut watch, 1, (0, 4_500));
        assert!(watch.silent(at(4_999)).is_empty());
        assert_eq!(watch.silent(at(5_000)).len(), 1);
        looks(&mut watch, 2, (5_000, 9_500));
        assert!(watch.silent(at(9_999)).is_empty());
        // Nobody watches themselves, nor who is gone.
        watch.see(&[], &node(1), at(10_000));
        assert!(watch.silent(at(60_000)).is_empty());
        watch.see(&[living(3)], &node(2), at(60_000));
        assert!(watch.silent(at(90_000)).is_empty());
    }

    #[test]
    fn nobody_was_silent_whom_nobody_could_hear() {
        let mut watch = Watch::default();
        looks(&mut watch, 1, (0, 1_000));
        // The records were away for a minute.
        watch.see(&[living(1)], &node(1), at(60_000));
        assert!(watch.silent(at(60_000)).is_empty());
        looks(&mut watch, 1, (60_500, 64_500));
        assert_eq!(watch.silent(at(65_000)).len(), 1);
    }
}
