//! What other nodes are yet to be told of what is new here, and of who is where (OPS-2): for each of them, which readers
//! and which calls. How these stand is read when it is told: what changes often is told once, and what waits is never
//! more than there are readers and calls.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use call::{CallId, LinkId};
use tokio::sync::Notify;
use wire::http::teacher::Presence as State;

use crate::Live;
use crate::news::{Counts, Reader};

/// How many readers, and how many calls, are told of at a time; and how many counts of changes, so that all of it has
/// room in one message.
const READERS: usize = 200;
const CALLS: usize = 4;
const COUNTS: usize = 800;

/// How many links are told of one call: more than come to any, and less than a message holds.
const LINKS: usize = 100;

/// Those that are told.
#[derive(Debug, Default)]
pub struct Abroad(Mutex<Vec<Weak<Listener>>>);

/// One node that is told, for as long as this is there.
#[derive(Debug)]
pub struct Listener {
    waits: Mutex<Waits>,
    changed: Notify,
}

/// What waits to be told to one.
#[derive(Debug, Default)]
struct Waits {
    /// What it knows of this node is out of date, all of it.
    begins: bool,
    readers: BTreeSet<Reader>,
    calls: BTreeSet<CallId>,
}

/// What one node tells another.
#[derive(Debug, Eq, PartialEq)]
pub struct Told {
    /// Nothing counts that was told before.
    pub begins: bool,
    /// How often what these are shown has changed, by every node.
    pub news: Vec<(Reader, Counts)>,
    /// How it stands with these calls.
    pub calls: Vec<CallTold>,
}

/// How it stands with a call, as one node knows it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CallTold {
    /// Which.
    pub call: u64,
    /// Who is in it.
    pub there: Vec<(LinkId, State)>,
    /// Who has said that they are here for it, and has a page open at this node.
    pub here: Vec<LinkId>,
    /// What was said of that last, at whichever node: when (the later is the greater), and whether they are.
    pub said: Vec<(LinkId, (u64, bool))>,
    /// Whose pages show it.
    pub followers: Vec<LinkId>,
}

impl Abroad {
    /// From now on one more is told; and all that is known first.
    pub(crate) fn listen(&self) -> Arc<Listener> {
        let listener = Arc::new(Listener {
            waits: Mutex::default(),
            changed: Notify::new(),
        });
        let mut all = self.all();
        all.retain(|it| it.strong_count() > 0);
        all.push(Arc::downgrade(&listener));
        listener
    }

    fn all(&self) -> MutexGuard<'_, Vec<Weak<Listener>>> {
        // It is whole at every step, whatever panicked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn each(&self, change: impl Fn(&mut Waits)) {
        for listener in self.all().iter().filter_map(Weak::upgrade) {
            change(&mut listener.waits());
            listener.changed.notify_one();
        }
    }

    pub(crate) fn readers(&self, readers: &[Reader]) {
        self.each(|it| it.readers.extend(readers));
    }

    pub(crate) fn call(&self, call: CallId) {
        self.each(|it| {
            it.calls.insert(call);
        });
    }
}

impl Listener {
    fn waits(&self) -> MutexGuard<'_, Waits> {
        // It is whole at every step, whatever panicked.
        self.waits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until there is something to tell.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }
}

impl Live {
    /// One more node is to be told; none where there are no others.
    #[must_use]
    pub fn listen_abroad(&self) -> Option<Arc<Listener>> {
        let listener = self.news.abroad()?.listen();
        self.tell_all(&listener);
        Some(listener)
    }

    /// It is told all anew: what was told last may not have been heard.
    pub fn tell_all(&self, listener: &Listener) {
        let (readers, calls) = (self.news.all(), self.presence.all());
        let mut waits = listener.waits();
        waits.begins = true;
        waits.readers.extend(readers);
        waits.calls.extend(calls);
        drop(waits);
        listener.changed.notify_one();
    }

    /// Who says that they are here is told again: they are so while their pages are open.
    pub fn tell_again(&self, listener: &Listener) {
        listener.waits().calls.extend(self.presence.awaited());
    }

    /// What is told next; none where all is.
    pub fn next_told(&self, listener: &Listener) -> Option<Told> {
        let (begins, readers, calls) = {
            let mut waits = listener.waits();
            let readers = std::iter::from_fn(|| waits.readers.pop_first());
            let readers: Vec<_> = readers.take(READERS).collect();
            let calls = std::iter::from_fn(|| waits.calls.pop_first());
            let calls: Vec<_> = calls.take(CALLS).collect();
            (std::mem::take(&mut waits.begins), readers, calls)
        };
        if !begins && readers.is_empty() && calls.is_empty() {
            return None;
        }
        let calls = calls.into_iter().map(|call| {
            let mut told = self.presence.told(call, |link| self.is_open(link));
            told.there.truncate(LINKS);
            told.here.truncate(LINKS);
            told.said.truncate(LINKS);
            told.followers.truncate(LINKS);
            told
        });
        let calls = calls.collect();
        let (news, later) = self.news.counts(readers, COUNTS);
        listener.waits().readers.extend(later);
        Some(Told {
            begins,
            news,
            calls,
        })
    }

    /// A node tells this, on the stream of that number.
    pub fn hear_told(&self, from: u64, told: Told) {
        let mut followers = BTreeSet::new();
        if told.begins {
            // Whoever showed what is told no more looks anew, and so does whoever did not show what is.
            self.forget_told(from);
            followers.extend(told.calls.iter().flat_map(|it| &it.followers));
        }
        let is_open = |link| self.is_open(link);
        followers.extend(self.presence.hear(from, told.calls, is_open));
        self.news.tell(followers);
        for (reader, counts) in told.news {
            self.news.hear(reader, &counts);
        }
    }

    /// Nothing is known any more of what a node knew: the stream of that number has ended.
    pub fn forget_told(&self, from: u64) {
        let followers = self.presence.forget(from);
        self.news.tell(followers);
    }
}
