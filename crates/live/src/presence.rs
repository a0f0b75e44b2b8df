//! Who is in which call now, told by the calls, and who says that they are here for one; for the pages that
//! show it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use call::{CallId, LinkId};
use wire::http::teacher::Presence as State;

use crate::abroad::{Abroad, CallTold};

/// For how long what somebody has said of being here is known, ms: longer than from half an hour before any
/// appointment to its end.
const SAID: u64 = 12 * 60 * 60 * 1_000;

/// Who is there, by link.
pub type There = Vec<(LinkId, State)>;

/// A node.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum At {
    /// This one.
    Here,
    /// The one that tells on the stream of that number.
    There(u64),
}

/// What somebody said last of being here for a call, at whichever node: all know it.
#[derive(Clone, Debug, Default)]
struct Said {
    /// When, and whether they are. Of two the greater is the later.
    word: Word,
    /// Whose pages show that they are.
    followers: Vec<LinkId>,
}

/// The time of the records at which it was said, ms since 1970, later than whatever was known then; and whether they
/// are here.
type Word = (u64, bool);

/// The time now, as words have it.
fn now() -> u64 {
    u64::try_from(ambient::now().as_millisecond()).unwrap_or(0)
}

/// A call in which somebody is.
#[derive(Debug, Default)]
struct InCall {
    there: There,
    /// Whose pages show it.
    followers: Vec<LinkId>,
    /// Whoever has held a seat in it since it began.
    were: BTreeSet<LinkId>,
}

impl InCall {
    /// Who is there now. Whether that is news.
    fn take(&mut self, there: There, followers: Vec<LinkId>) -> bool {
        let is_news = self.there != there;
        let seated = there.iter().filter(|(_, state)| *state != State::Waiting);
        self.were.extend(seated.map(|(link, _)| *link));
        self.there = there;
        self.followers = followers;
        is_news
    }
}

/// The calls in which somebody is, and those for which somebody is here.
#[derive(Debug, Default)]
pub struct Presence {
    calls: Mutex<HashMap<CallId, InCall>>,
    /// And what was said of being here. It counts while a page of theirs is open, at whichever node.
    here: Mutex<HashMap<(CallId, LinkId), Said>>,
    /// What other nodes tell, by the streams that they tell it on.
    told: Mutex<BTreeMap<u64, HashMap<CallId, CallTold>>>,
    /// Where there are other nodes, they hear of it.
    abroad: Option<Arc<Abroad>>,
}

impl Presence {
    fn calls(&self) -> MutexGuard<'_, HashMap<CallId, InCall>> {
        // The map is whole at every step, whatever panicked.
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn here(&self) -> MutexGuard<'_, HashMap<(CallId, LinkId), Said>> {
        // So is this.
        self.here.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn told_by_others(&self) -> MutexGuard<'_, BTreeMap<u64, HashMap<CallId, CallTold>>> {
        // And this.
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nobody is anywhere yet; where there are other nodes, they hear of whoever comes.
    pub(crate) fn heard_by(abroad: Option<Arc<Abroad>>) -> Self {
        Self {
            abroad,
            ..Self::default()
        }
    }

    fn tell_others(&self, call: CallId) {
        if let Some(abroad) = &self.abroad {
            abroad.call(call);
        }
    }

    /// Who is there now, and whose pages show it. Whether that is news.
    pub fn tell(&self, call: CallId, there: There, followers: Vec<LinkId>) -> bool {
        self.have_come(call, &there.iter().map(|(link, _)| *link).collect());
        let is_news = if there.is_empty() {
            self.calls().remove(&call).is_some()
        } else {
            let mut calls = self.calls();
            calls.entry(call).or_default().take(there, followers)
        };
        if is_news {
            self.tell_others(call);
        }
        is_news
    }

    /// Whoever has come is there, and need not say it.
    fn have_come(&self, call: CallId, links: &BTreeSet<LinkId>) {
        let mut here = self.here();
        let mut has_changed = false;
        for ((of, link), said) in here.iter_mut() {
            if *of == call && said.word.1 && links.contains(link) {
                said.word = (now().max(said.word.0 + 1), false);
                has_changed = true;
            }
        }
        drop(here);
        if has_changed {
            self.tell_others(call);
        }
    }

    /// Somebody says that they are here for a call, or no longer, which the pages of `followers` show. Whether that is news
    /// while the pages of those are open of whom `is_open` says so.
    pub fn say_here(
        &self,
        (call, link): (CallId, LinkId),
        (is_here, followers): (bool, Vec<LinkId>),
        is_open: impl Fn(LinkId) -> bool,
    ) -> bool {
        let before = self.is_here((call, link), is_open);
        let now = now();
        let mut here = self.here();
        forget_long_ago(&mut here, now);
        let said = here.entry((call, link)).or_default();
        *said = Said {
            word: (now.max(said.word.0 + 1), is_here),
            followers,
        };
        drop(here);
        self.tell_others(call);
        before != is_here
    }

    /// What another node knows to have been said of being here for a call. Whether any of it is later than what was
    /// known here.
    fn take_said(&self, told: &CallTold) -> bool {
        let mut here = self.here();
        let mut has_changed = false;
        for (link, word) in &told.said {
            let said = here.entry((CallId(told.call), *link)).or_default();
            if said.word < *word {
                *said = Said {
                    word: *word,
                    followers: told.followers.clone(),
                };
                has_changed = true;
            }
        }
        drop(here);
        has_changed
    }

    /// Whether somebody is here for a call: they have said so, at whichever node, and a page of theirs is open at some.
    /// Which are so here `is_open` says.
    pub fn is_here(
        &self,
        (call, link): (CallId, LinkId),
        is_open: impl Fn(LinkId) -> bool,
    ) -> bool {
        let said = self.here().get(&(call, link)).map(|it| it.word.1);
        match said {
            Some(false) => false,
            Some(true) => is_open(link) || self.is_here_elsewhere(call, link),
            None => self.is_here_elsewhere(call, link),
        }
    }

    /// Whether another node tells that the page of somebody is open there who has said so.
    fn is_here_elsewhere(&self, call: CallId, link: LinkId) -> bool {
        let is_here = |it: &HashMap<CallId, CallTold>| {
            let told = it.get(&call);
            told.is_some_and(|it| it.here.contains(&link))
        };
        self.told_by_others().values().any(is_here)
    }

    /// Whether anybody is.
    pub fn is_anybody_here(&self, call: CallId, is_open: impl Fn(LinkId) -> bool) -> bool {
        let mut links = self.said_to_be_here(call);
        for told in self.told_by_others().values() {
            links.extend(told.get(&call).iter().flat_map(|it| &it.here));
        }
        links.iter().any(|it| self.is_here((call, *it), &is_open))
    }

    fn said_to_be_here(&self, call: CallId) -> BTreeSet<LinkId> {
        let here = self.here();
        let said = here
            .iter()
            .filter(|((of, _), said)| *of == call && said.word.1);
        let said = said.map(|((_, link), _)| *link).collect();
        drop(here);
        said
    }

    /// A page of somebody waits here: where they have said that they are here for a call, the others hear that it is open.
    pub(crate) fn tell_open(&self, link: LinkId) {
        let calls: Vec<_> = {
            let here = self.here();
            let said = here.iter().filter(|((_, of), it)| *of == link && it.word.1);
            let calls = said.map(|((call, _), _)| *call).collect();
            drop(here);
            calls
        };
        for call in calls {
            self.tell_others(call);
        }
    }

    /// Whether anybody is in a call, wherever it is.
    pub fn is_anybody_in(&self, call: CallId) -> bool {
        !self.of(call).is_empty()
    }

    /// Whether somebody holds a seat in any call, wherever it is.
    pub fn is_seated(&self, link: LinkId) -> bool {
        self.seat_of(link).is_some()
    }

    /// The call in which somebody holds a seat, wherever it is, and who else does.
    pub fn seat_of(&self, link: LinkId) -> Option<(CallId, Vec<LinkId>)> {
        self.seat_here_of(link).or_else(|| {
            let find = |(call, told): (&CallId, &CallTold)| seated_with(link, (*call, &told.there));
            self.told_by_others()
                .values()
                .rev()
                .flatten()
                .find_map(find)
        })
    }

    /// At which node somebody holds a seat.
    pub fn node_of(&self, link: LinkId) -> Option<At> {
        let here = self.seat_here_of(link).map(|_| At::Here);
        here.or_else(|| {
            let is_there = |(call, told): (&CallId, &CallTold)| {
                seated_with(link, (*call, &told.there)).is_some()
            };
            let told = self.told_by_others();
            let mut there = told
                .iter()
                .rev()
                .filter(|(_, its)| its.iter().any(is_there));
            let found = there.next().map(|(from, _)| At::There(*from));
            drop(told);
            found
        })
    }

    /// How many are in calls of this node's, or wait there.
    pub fn people(&self) -> usize {
        self.calls().values().map(|it| it.there.len()).sum()
    }

    /// How many are, or wait, at the node that tells on the stream of that number.
    pub fn people_at(&self, from: u64) -> usize {
        let told = self.told_by_others();
        let calls = told.get(&from).into_iter().flat_map(HashMap::values);
        let people = calls.map(|it| it.there.len()).sum();
        drop(told);
        people
    }

    /// The call of this node's in which somebody holds a seat, and who else does.
    pub fn seat_here_of(&self, link: LinkId) -> Option<(CallId, Vec<LinkId>)> {
        let find = |(call, known): (&CallId, &InCall)| seated_with(link, (*call, &known.there));
        self.calls().iter().find_map(find)
    }

    /// Who is in a call, wherever it is.
    pub fn of(&self, call: CallId) -> There {
        let here = self.calls().get(&call).map(|it| it.there.clone());
        here.unwrap_or_else(|| {
            let find = |it: &HashMap<CallId, CallTold>| {
                let told = it.get(&call).filter(|it| !it.there.is_empty());
                told.map(|it| it.there.clone())
            };
            // Of two who tell of one call, whoever began to tell last has it, or will.
            let found = self.told_by_others().values().rev().find_map(find);
            found.unwrap_or_default()
        })
    }

    /// Whoever has held a seat in a call since it began, those who have left it included. Of who had left
    /// before the program was started, or the call came to this node, the audit log alone knows.
    pub fn were_in(&self, call: CallId) -> BTreeSet<LinkId> {
        let calls = self.calls();
        calls
            .get(&call)
            .map_or_else(BTreeSet::new, |it| it.were.clone())
    }

    /// What another node tells on the stream of that number; whose pages show that others are here now for a call than
    /// before, those of whoever is among them. What they are told by itself may come sooner, or on another stream.
    pub(crate) fn hear(
        &self,
        from: u64,
        told: Vec<CallTold>,
        is_open: impl Fn(LinkId) -> bool,
    ) -> BTreeSet<LinkId> {
        let mut followers = BTreeSet::new();
        for it in told {
            let call = CallId(it.call);
            let shown = it.followers.clone();
            let said = it.said.iter().map(|(link, _)| *link);
            let mut links: BTreeSet<_> = it.here.iter().copied().chain(said).collect();
            links.extend(self.told_to_be_here(from, call));
            let are_here = || {
                let is_here = |link: &LinkId| self.is_here((call, *link), &is_open);
                links.iter().copied().filter(is_here).collect()
            };
            let before: BTreeSet<_> = are_here();
            let has_been_said = self.take_said(&it);
            let there = it.there.iter().map(|(link, _)| *link);
            let mut there: BTreeSet<_> = there.collect();
            let known = self.keep_told(from, it);
            // Whoever is in it at this node has come as well, whenever it is heard what they said before.
            if let Some(it) = self.calls().get(&call) {
                there.extend(it.there.iter().map(|(link, _)| *link));
            }
            self.have_come(call, &there);
            if has_been_said && links.iter().any(|it| is_open(*it)) {
                // That the page is open is known here alone.
                self.tell_others(call);
            }
            let after = are_here();
            if before != after {
                followers.extend(before.symmetric_difference(&after));
                followers.extend(shown.into_iter().chain(known.followers));
            }
        }
        followers
    }

    /// Whose page is open by what was told on that stream, of those who have said that they are here.
    fn told_to_be_here(&self, from: u64, call: CallId) -> Vec<LinkId> {
        let told = self.told_by_others();
        let its = told.get(&from).and_then(|its| its.get(&call));
        let here = its.map_or_else(Vec::new, |it| it.here.clone());
        drop(told);
        here
    }

    /// How it stands with a call by what was told on that stream; and how it stood before.
    fn keep_told(&self, from: u64, told: CallTold) -> CallTold {
        let call = CallId(told.call);
        let mut all = self.told_by_others();
        let its = all.entry(from).or_default();
        let before = if told.there.is_empty() && told.here.is_empty() {
            its.remove(&call)
        } else {
            its.insert(call, told)
        };
        drop(all);
        before.unwrap_or_default()
    }

    /// That stream has ended: whose pages showed what was told on it.
    pub(crate) fn forget(&self, from: u64) -> BTreeSet<LinkId> {
        let told = self.told_by_others().remove(&from).unwrap_or_default();
        let shown = told
            .into_values()
            .flat_map(|it| it.followers.into_iter().chain(it.here));
        shown.collect()
    }

    /// The calls of which there is anything to tell.
    pub(crate) fn all(&self) -> BTreeSet<CallId> {
        let mut all: BTreeSet<_> = self.here().keys().map(|(call, _)| *call).collect();
        all.extend(self.calls().keys());
        all
    }

    /// Those for which somebody has said that they are here.
    pub(crate) fn awaited(&self) -> BTreeSet<CallId> {
        let mut here = self.here();
        forget_long_ago(&mut here, now());
        let said = here.iter().filter(|(_, it)| it.word.1);
        let calls = said.map(|((call, _), _)| *call).collect();
        drop(here);
        calls
    }

    /// What this node knows of a call by itself, and what it knows to have been said of being here for it. Of whom a page is
    /// open here `is_open` says.
    pub(crate) fn told(&self, call: CallId, is_open: impl Fn(LinkId) -> bool) -> CallTold {
        let (mut said, mut shown) = (Vec::new(), BTreeSet::new());
        for ((_, link), it) in self.here().iter().filter(|((of, _), _)| *of == call) {
            said.push((*link, it.word));
            shown.extend(it.followers.iter().copied());
        }
        let here = said.iter().filter(|(_, word)| word.1);
        let here = here.map(|(link, _)| *link).filter(|it| is_open(*it));
        let (there, followers) = self.calls().get(&call).map_or_else(Default::default, |it| {
            (it.there.clone(), it.followers.clone())
        });
        shown.extend(followers);
        CallTold {
            call: call.0,
            there,
            here: here.collect(),
            said,
            followers: shown.into_iter().collect(),
        }
    }
}

/// What was said so long ago is of an appointment that is over.
fn forget_long_ago(here: &mut HashMap<(CallId, LinkId), Said>, now: u64) {
    here.retain(|_, it| now.saturating_sub(it.word.0) < SAID);
}

/// That call, and who holds a seat in it, where somebody does.
fn seated_with(link: LinkId, (call, there): (CallId, &There)) -> Option<(CallId, Vec<LinkId>)> {
    let seated = there.iter().filter(|(_, it)| *it != State::Waiting);
    let seated: Vec<_> = seated.map(|(it, _)| *it).collect();
    seated.contains(&link).then_some((call, seated))
}

#[cfg(test)]
mod tests {
    use call::{CallId, LinkId};
    use wire::http::teacher::Presence as State;

    use super::{At, Presence, There};
    use crate::abroad::CallTold;

    const CALL: CallId = CallId(1);
    const MARIA: LinkId = LinkId(1);
    const OMAR: LinkId = LinkId(2);
    const LEYLA: LinkId = LinkId(3);

    const fn nobody(_: LinkId) -> bool {
        false
    }

    const fn all(_: LinkId) -> bool {
        true
    }

    /// Whether Maria is here, by what a node knows whose pages these are.
    fn is_here(presence: &Presence, is_open: impl Fn(LinkId) -> bool) -> bool {
        let is_here = presence.is_here((CALL, MARIA), &is_open);
        assert_eq!(presence.is_anybody_here(CALL, is_open), is_here);
        is_here
    }

    #[test]
    fn whoever_says_so_is_here_until_they_come_or_their_page_is_shut() {
        let presence = Presence::default();
        let say = |call, link, is_here| presence.say_here((call, link), (is_here, vec![]), all);
        assert!(say(CALL, MARIA, true));
        assert!(!say(CALL, MARIA, true), "no news");
        assert!(is_here(&presence, all) && !is_here(&presence, nobody));
        assert!(!presence.is_here((CallId(2), MARIA), all));
        assert!(say(CALL, OMAR, true));
        presence.tell(CALL, vec![(MARIA, State::Seated)], Vec::new());
        assert!(!presence.is_here((CALL, MARIA), all));
        // Nobody is forgotten at what another says, whosever page is open then.
        assert!(presence.say_here((CallId(2), MARIA), (true, vec![]), |link| link == MARIA));
        assert!(presence.is_here((CALL, OMAR), all));
        assert!(say(CallId(2), MARIA, false));
        assert!(!presence.is_anybody_here(CallId(2), all));
    }

    /// A balancer leads each question of a page to the next node, and its press to any.
    #[test]
    fn whoever_says_so_at_one_node_is_here_while_their_page_is_open_at_any() {
        let [one, other, third] = [(); 3].map(|()| Presence::default());
        let tell = |from: (&Presence, u64, bool), to: (&Presence, bool)| {
            let told = from.0.told(CALL, |_| from.2);
            to.0.hear(from.1, vec![told], |_| to.1)
        };
        // She presses at one; her page waits at another, which alone knows that.
        assert!(one.say_here((CALL, MARIA), (true, vec![LEYLA]), nobody));
        assert_eq!(
            tell((&one, 1, false), (&other, true)),
            [MARIA, LEYLA].into()
        );
        assert!(is_here(&other, all));
        let heard = tell((&other, 2, true), (&third, false));
        assert_eq!(heard, [MARIA, LEYLA].into());
        assert_eq!(
            tell((&other, 2, true), (&one, false)),
            [MARIA, LEYLA].into()
        );
        assert!(is_here(&one, nobody) && is_here(&third, nobody));
        // It goes on to the third, and is open at the one before for a while.
        assert_eq!(tell((&third, 3, true), (&one, false)), [].into(), "no news");
        assert_eq!(tell((&third, 3, true), (&other, true)), [].into());
        assert_eq!(tell((&other, 2, false), (&one, false)), [].into());
        assert_eq!(tell((&other, 2, false), (&third, true)), [].into());
        assert!(is_here(&one, nobody) && is_here(&other, nobody) && is_here(&third, all));
        // What another says, where her page is not, takes nothing from her.
        assert!(one.say_here((CALL, OMAR), (true, vec![LEYLA]), |link| link == OMAR));
        assert!(one.is_here((CALL, MARIA), nobody));
        // The node where she pressed is gone.
        other.forget(1);
        third.forget(1);
        assert!(is_here(&other, nobody) && is_here(&third, all));
        // She takes it back where she never said it; what is told late of before changes nothing.
        let late = other.told(CALL, all);
        assert!(third.say_here((CALL, MARIA), (false, vec![LEYLA]), all));
        assert_eq!(
            tell((&third, 3, true), (&other, false)),
            [MARIA, LEYLA].into()
        );
        assert_eq!(third.hear(2, vec![late], all), [].into());
        assert!(!is_here(&other, all) && !is_here(&third, all));
    }

    #[test]
    fn what_other_nodes_tell_counts_until_they_are_gone() {
        let (presence, before) = (Presence::default(), CallId(2));
        let there = |call: CallId, there: There| CallTold {
            call: call.0,
            there,
            followers: vec![LEYLA],
            ..CallTold::default()
        };
        let hear = |from, told| presence.hear(from, vec![told], nobody);
        // Maria says here that she is, and comes in there.
        assert!(presence.say_here((CALL, MARIA), (true, vec![]), all));
        let seated = vec![(MARIA, State::Seated), (OMAR, State::Waiting)];
        hear(7, there(CALL, seated.clone()));
        assert!(!is_here(&presence, all));
        assert_eq!(presence.of(CALL), seated);
        assert!(presence.is_anybody_in(CALL) && !presence.is_anybody_in(before));
        assert_eq!(presence.seat_of(MARIA), Some((CALL, vec![MARIA])));
        assert!(presence.is_seated(MARIA) && !presence.is_seated(OMAR));
        assert_eq!(presence.seat_here_of(MARIA), None);
        let nodes = [MARIA, OMAR].map(|link| presence.node_of(link));
        assert_eq!(nodes, [Some(At::There(7)), None]);
        let people = [presence.people_at(7), presence.people_at(8)];
        assert_eq!((people, presence.people()), ([2, 0], 0));
        // Another says that she is here for what is there; and the meeting comes here.
        let here = CallTold {
            here: vec![OMAR],
            ..there(CALL, Vec::new())
        };
        hear(8, here);
        assert_eq!(presence.of(CALL), seated);
        assert!(presence.is_here((CALL, OMAR), nobody) && presence.is_anybody_here(CALL, nobody));
        presence.tell(CALL, vec![(OMAR, State::Seated)], Vec::new());
        assert_eq!(presence.of(CALL), vec![(OMAR, State::Seated)]);
        assert_eq!(presence.node_of(OMAR), Some(At::Here));
        assert_eq!(presence.people(), 1);
        let told = presence.told(CALL, nobody);
        assert_eq!(told.there, vec![(OMAR, State::Seated)]);
        // Each is gone, and whose pages showed it hears so.
        hear(7, there(CALL, Vec::new()));
        hear(7, there(before, seated));
        assert_eq!(presence.forget(7), [LEYLA].into());
        assert!(!presence.is_anybody_in(before) && presence.is_anybody_in(CALL));
        hear(8, there(CALL, Vec::new()));
        assert!(presence.forget(8).is_empty() && !presence.is_here((CALL, OMAR), nobody));
    }

    /// Until the call is over: the next one there is another.
    #[test]
    fn whoever_has_held_a_seat_was_in_the_call() {
        let (maria, omar, leyla) = (LinkId(1), LinkId(2), LinkId(3));
        let (presence, call) = (Presence::default(), CallId(1));
        presence.tell(
            call,
            vec![(maria, State::Seated), (leyla, State::Waiting)],
            Vec::new(),
        );
        presence.tell(
            call,
            vec![(maria, State::Seated), (omar, State::Seated)],
            Vec::new(),
        );
        assert!(presence.tell(call, vec![(maria, State::Reconnecting)], Vec::new()));
        assert_eq!(presence.of(call), vec![(maria, State::Reconnecting)]);
        assert_eq!(presence.were_in(call), [maria, omar].into());
        assert!(
            presence.tell(call, Vec::new(), Vec::new())
                && !presence.tell(call, Vec::new(), Vec::new())
        );
        presence.tell(call, vec![(leyla, State::Seated)], Vec::new());
        assert_eq!(presence.were_in(call), [leyla].into());
    }
}
