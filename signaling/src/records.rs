//! The records as meetings see them: who may be in one, and what it leaves there.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use call::{CallId, LinkId, Parting};
use cluster::{Boot, IsFor, Turns};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use live::news::News;
use live::roster::{Roster, link_of};
use live::{Note, Rosters, Unavailable};
use school::{Holder, MeetingId};
use store::{Aftermath, AsOwner, LinkState, Store};
use tokio::sync::{Semaphore, oneshot};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How many of them may wait while the records cannot be written; what comes then is lost to the
/// audit log, and that is said.
const MOST_WAITING: usize = 10_000;

/// How many are written at a time: when the records are back, others want them too.
const MOST_WRITTEN: usize = 8;

/// How long until it is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// Where what is written down waits for its turn.
#[derive(Clone)]
pub(crate) struct Writing {
    order: Order,
    waiting: Arc<Semaphore>,
    turns: Arc<Semaphore>,
}

impl Default for Writing {
    fn default() -> Self {
        Self {
            order: Order::default(),
            waiting: Arc::new(Semaphore::new(MOST_WAITING)),
            turns: Arc::new(Semaphore::new(MOST_WRITTEN)),
        }
    }
}

/// What is written down of one call is so in the order in which it happened: each waits for the one before it.
#[derive(Clone, Default)]
struct Order(Arc<Mutex<HashMap<CallId, Last>>>);

/// The number of the last one of a call, and its end.
type Last = (u64, oneshot::Receiver<()>);

/// The place of one of them: when it is let go of, the next of its call has its turn.
struct Turn {
    order: Order,
    call: CallId,
    number: u64,
    before: Option<oneshot::Receiver<()>>,
    _done: oneshot::Sender<()>,
}

impl Order {
    fn calls(&self) -> MutexGuard<'_, HashMap<CallId, (u64, oneshot::Receiver<()>)>> {
        // The map is whole at every step, whatever panicked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn queue(&self, call: CallId) -> Turn {
        let (done, is_done) = oneshot::channel();
        let mut calls = self.calls();
        let last = calls.remove(&call);
        let (number, before) = last.map_or((0, None), |(last, it)| (last + 1, Some(it)));
        calls.insert(call, (number, is_done));
        drop(calls);
        Turn {
            order: self.clone(),
            call,
            number,
            before,
            _done: done,
        }
    }
}

impl Turn {
    async fn comes(&mut self) {
        if let Some(before) = self.before.take() {
            // Nothing is sent: it is let go of.
            drop(before.await);
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut calls = self.order.calls();
        let is_last = |(number, _): &(u64, _)| *number == self.number;
        if calls.get(&self.call).is_some_and(is_last) {
            calls.remove(&self.call);
        }
    }
}

/// Who may come to a meeting, read once for all who come to it while it is read.
type Readings = Turns<CallId, Result<Option<Roster>, Arc<store::Error>>>;

/// The records, as the living part sees them.
#[derive(Clone)]
pub(crate) struct Records {
    pub(crate) readings: Arc<Readings>,
    pub(crate) writing: Writing,
    pub(crate) store: Store,
    /// This run, where it is of one of several nodes.
    pub(crate) boot: Option<Boot>,
    pub(crate) news: Arc<News>,
    pub(crate) closing: CancellationToken,
    pub(crate) tasks: TaskTracker,
}

impl Rosters for Records {
    fn roster(&self, call: CallId) -> BoxFuture<'_, Result<Option<Roster>, Unavailable>> {
        async move {
            let reading = async { self.read_roster(call).await.map_err(Arc::new) };
            let is_for = |read: &Result<_, _>| match read {
                Ok(_) => IsFor::Earlier,
                Err(_) => IsFor::Waiting,
            };
            let read = self.readings.ask(call, reading, is_for).await;
            read.map_err(|error| Unavailable(Box::new(error)))
        }
        .boxed()
    }

    fn is_dead(&self, link: LinkId) -> BoxFuture<'_, Result<bool, Unavailable>> {
        async move {
            let Some(link) = links::LinkId::from_number(link.0) else {
                return Ok(false);
            };
            let held = self.store.link(link, ambient::now()).await;
            let held = held.map_err(unavailable)?;
            Ok(held.is_none_or(|it| it.state == LinkState::Withdrawn))
        }
        .boxed()
    }

    /// Writes it down, as often as it takes: the records may be away for a while.
    fn note(&self, call: CallId, note: Note) {
        let Ok(place) = Arc::clone(&self.writing.waiting).try_acquire_owned() else {
            tracing::warn!(
                call = call.0,
                "too much waits to be written down: this is not"
            );
            return;
        };
        let mut records = self.clone();
        if let Some(boot) = self.boot {
            records.store = self.store.as_owner(AsOwner(boot));
        }
        let (mut turn, now) = (self.writing.order.queue(call), ambient::now());
        self.tasks.spawn(async move {
            let _place = place;
            turn.comes().await;
            loop {
                let done = records.try_to_write_down(call, note, now).await;
                match done {
                    Ok(()) => return,
                    Err(error @ (store::Error::Refused(_) | store::Error::Spent { .. })) => {
                        tracing::warn!(%error, call = call.0, "this is not written down");
                        return;
                    }
                    Err(error @ store::Error::Fault(_)) => {
                        tracing::debug!(%error, call = call.0, "it is written down later");
                    }
                }
                tokio::select! {
                    () = sleep(AGAIN) => {}
                    () = records.closing.cancelled() => {
                        tracing::warn!(call = call.0, "a join or parting is not written down");
                        return;
                    }
                }
            }
        });
    }
}

fn unavailable(error: store::Error) -> Unavailable {
    Unavailable(Box::new(error))
}

impl Records {
    async fn read_roster(&self, call: CallId) -> store::Result<Option<Roster>> {
        let found = self.store.gathering(MeetingId(call.0), ambient::now());
        Ok(found.await?.map(|call| Roster {
            links: call
                .links
                .iter()
                .map(|(holder, record)| (*holder, link_of(record.id)))
                .collect(),
            rules_unread: call.rules_unread.into_iter().map(link_of).collect(),
            talk: call.talk,
            limit: call.limit.map(school::rooms::Limit::time),
            began: call.began,
            stops: call.stops,
            is_shut: call.is_shut,
            kept_out: call.kept_out.into_iter().map(link_of).collect(),
            meeting: call.meeting,
        }))
    }

    async fn try_to_write_down(
        &self,
        call: CallId,
        note: Note,
        now: Timestamp,
    ) -> store::Result<()> {
        // It is never closed.
        let _turn = self.writing.turns.acquire().await;
        match note {
            Note::Joined { holder, inviter } => {
                let meeting = MeetingId(call.0);
                let heard = self.store.joined(holder, meeting, now).await?;
                // The parent sees that the guest has come (INV-6).
                self.news.tell(inviter);
                self.news.tell(heard.pages.into_iter().map(link_of));
                self.news.tell(heard.staff);
                Ok(())
            }
            Note::Began { at } => self.store.keep_beginning(MeetingId(call.0), at).await,
            Note::Talked { starts, course } => {
                let meeting = MeetingId(call.0);
                self.store.keep_talk(meeting, starts, &course).await
            }
            Note::Ended => self.store.call_ended(MeetingId(call.0), now).await,
            Note::Parted {
                holder,
                why,
                was_seated,
            } => self.parted(call, holder, (why, was_seated), now).await,
            Note::Lost {
                link,
                why,
                was_seated,
            } => {
                let held = match links::LinkId::from_number(link.0) {
                    Some(link) => self.store.link(link, now).await?,
                    None => None,
                };
                match held {
                    Some(held) => {
                        let how = (why, was_seated);
                        self.parted(call, held.holder, how, now).await
                    }
                    // They were erased meanwhile.
                    None => Ok(()),
                }
            }
        }
    }

    async fn parted(
        &self,
        call: CallId,
        holder: Holder,
        (why, was_seated): (Parting, bool),
        now: Timestamp,
    ) -> store::Result<()> {
        let meeting = MeetingId(call.0);
        let mut heard = if let (Holder::Visitor(caller), Parting::NobodyCame) = (holder, why) {
            self.store.nobody_came(caller, meeting, now).await?
        } else {
            Aftermath::default()
        };
        let how = (why, was_seated);
        self.store.parted(holder, meeting, how, now).await?;
        // Who waits in an area sees who is with somebody.
        // That it is written down stays so: where it cannot be read who sees it, their pages ask later.
        let seen = self
            .store
            .who_hears_of_parting((meeting, holder), now)
            .await
            .unwrap_or_else(|error| {
                tracing::warn!(%error, call = call.0, "pages do not hear that somebody has left");
                Aftermath::default()
            });
        heard.pages.extend(seen.pages);
        heard.staff.extend(seen.staff);
        self.news.tell(heard.pages.into_iter().map(link_of));
        self.news.tell(heard.staff);
        Ok(())
    }
}
