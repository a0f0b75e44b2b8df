//! Who is in which call now, told by the calls, and who says that they are here for one; for the pages that
//! show it.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use call::{CallId, LinkId};
use wire::http::teacher::Presence as State;

/// Who is there, by link.
pub type There = Vec<(LinkId, State)>;

/// The calls in which somebody is, and those for which somebody is here.
#[derive(Debug, Default)]
pub struct Presence {
    calls: Mutex<HashMap<CallId, There>>,
    here: Mutex<HashSet<(CallId, LinkId)>>,
}

impl Presence {
    fn calls(&self) -> MutexGuard<'_, HashMap<CallId, There>> {
        // The map is whole at every step, whatever panicked.
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn here(&self) -> MutexGuard<'_, HashSet<(CallId, LinkId)>> {
        // So is this.
        self.here.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who is there now. Whether that is news.
    pub fn tell(&self, call: CallId, there: There) -> bool {
        // Whoever has come is there, and need not say it.
        self.here()
            .retain(|(of, link)| *of != call || !there.iter().any(|(it, _)| it == link));
        let mut calls = self.calls();
        let known = calls.get(&call).map_or(&[][..], Vec::as_slice);
        let is_news = known != there;
        if there.is_empty() {
            calls.remove(&call);
        } else {
            calls.insert(call, there);
        }
        is_news
    }

    /// Somebody says that they are here for a call, or no longer. Those whose page `is_open` no more are
    /// forgotten: so there are never more of them than pages. Whether that is news.
    pub fn say_here(
        &self,
        (call, link): (CallId, LinkId),
        is_here: bool,
        is_open: impl Fn(LinkId) -> bool,
    ) -> bool {
        let mut here = self.here();
        here.retain(|(_, link)| is_open(*link));
        if is_here {
            here.insert((call, link))
        } else {
            here.remove(&(call, link))
        }
    }

    /// Whether somebody has said that they are here for a call.
    pub fn has_said_here(&self, call: CallId, link: LinkId) -> bool {
        self.here().contains(&(call, link))
    }

    /// Whether anybody has.
    pub fn is_anybody_here(&self, call: CallId) -> bool {
        self.here().iter().any(|(of, _)| *of == call)
    }

    /// Whether anybody is in a call.
    pub fn is_anybody_in(&self, call: CallId) -> bool {
        self.calls().contains_key(&call)
    }

    /// Whether somebody holds a seat in any call.
    pub fn is_seated(&self, link: LinkId) -> bool {
        let is = |(it, state): &(LinkId, State)| *it == link && *state != State::Waiting;
        self.calls().values().any(|there| there.iter().any(is))
    }

    /// The call in which somebody holds a seat, and who else does.
    pub fn seat_of(&self, link: LinkId) -> Option<(CallId, Vec<LinkId>)> {
        let calls = self.calls();
        let seats = calls.iter().map(|(call, there)| {
            let seated = there.iter().filter(|(_, state)| *state != State::Waiting);
            (*call, seated.map(|(it, _)| *it).collect::<Vec<_>>())
        });
        let mut seats = seats.into_iter();
        let found = seats.find(|(_, seated)| seated.contains(&link));
        drop(calls);
        found
    }

    /// Who is in a call.
    pub fn of(&self, call: CallId) -> There {
        self.calls().get(&call).cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use call::{CallId, LinkId};
    use wire::http::teacher::Presence as State;

    use super::Presence;

    #[test]
    fn whoever_says_so_is_here_until_they_come_or_their_page_is_shut() {
        let (presence, call) = (Presence::default(), CallId(1));
        let (maria, omar) = (LinkId(1), LinkId(2));
        let all = |_| true;
        assert!(presence.say_here((call, maria), true, all));
        assert!(!presence.say_here((call, maria), true, all), "no news");
        assert!(presence.has_said_here(call, maria) && presence.is_anybody_here(call));
        assert!(!presence.has_said_here(CallId(2), maria));
        assert!(presence.say_here((call, omar), true, all));
        presence.tell(call, vec![(maria, State::Seated)]);
        assert!(!presence.has_said_here(call, maria));
        assert!(presence.has_said_here(call, omar));
        presence.say_here((CallId(2), maria), true, |link| link == maria);
        assert!(!presence.is_anybody_here(call));
        assert!(presence.say_here((CallId(2), maria), false, all));
        assert!(!presence.is_anybody_here(CallId(2)));
    }
}
