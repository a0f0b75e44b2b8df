//! Which task owns which meeting.

use std::collections::HashMap;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use call::CallId;
use sfu::MediaEvent;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::Live;
use crate::owner::{self, Command};

/// How many commands may wait for a meeting. Sockets wait when it is full; an owner never waits, so it
/// empties.
const MAILBOX: usize = 256;

/// The way to a meeting's owner.
pub(crate) type Mailbox = mpsc::Sender<Command>;

impl Live {
    fn calls(&self) -> MutexGuard<'_, HashMap<CallId, Mailbox>> {
        // The map is whole at every step, whatever panicked.
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The owner of `call`, if it has one.
    pub(crate) fn find(&self, call: CallId) -> Option<Mailbox> {
        self.calls().get(&call).cloned()
    }

    /// Whether a meeting has an owner here.
    #[must_use]
    pub fn has(&self, call: CallId) -> bool {
        self.calls().contains_key(&call)
    }

    /// How many meetings have an owner here: somebody is in them, or just coming.
    #[must_use]
    pub fn meetings(&self) -> usize {
        self.calls().len()
    }

    /// The meetings that have an owner now.
    pub(crate) fn all(&self) -> Vec<CallId> {
        self.calls().keys().copied().collect()
    }

    /// Hands `command` to the owner of `call`, beginning one where there is none.
    pub(crate) async fn deliver(self: &Arc<Self>, call: CallId, command: Command) {
        let mut command = command;
        loop {
            let mailbox = self.begin(call);
            match mailbox.send(command).await {
                Ok(()) => return,
                Err(mpsc::error::SendError(unsent)) => {
                    // That task ended: the next look finds none, and begins one.
                    self.forget(call, &mailbox);
                    command = unsent;
                }
            }
        }
    }

    /// Hands `command` to the owner of `call`, where there is one. Whoever passes on what concerns many
    /// does not wait for one.
    pub(crate) fn post(&self, call: CallId, command: Command) {
        let Some(mailbox) = self.find(call) else {
            return;
        };
        match mailbox.try_send(command) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Closed(_)) => {
                tracing::debug!(call = call.0, "the call was empty already");
            }
            Err(mpsc::error::TrySendError::Full(command)) => {
                self.tasks.spawn(async move {
                    if mailbox.send(command).await.is_err() {
                        tracing::debug!(call = call.0, "the call was empty already");
                    }
                });
            }
        }
    }

    /// Has a meeting owned in which somebody was when its owner ended: before anybody else comes to it.
    pub fn restore(self: &Arc<Self>, call: CallId) {
        drop(self.begin(call));
    }

    fn begin(self: &Arc<Self>, call: CallId) -> Mailbox {
        self.calls()
            .entry(call)
            .or_insert_with(|| {
                let (mailbox, commands) = mpsc::channel(MAILBOX);
                self.tasks
                    .spawn(owner::run(Arc::clone(self), call, commands));
                mailbox
            })
            .clone()
    }

    fn forget(&self, call: CallId, mailbox: &Mailbox) {
        let mut calls = self.calls();
        if calls
            .get(&call)
            .is_some_and(|known| known.same_channel(mailbox))
        {
            calls.remove(&call);
        }
    }

    /// The owner of `call` is about to end: nothing more comes to it but what is in its mailbox.
    pub(crate) fn retire(&self, call: CallId, commands: &mut mpsc::Receiver<Command>) {
        self.calls().remove(&call);
        commands.close();
    }

    /// What the media plane reports, to whom it concerns.
    pub async fn media(&self, event: MediaEvent) {
        let (call, command) = match event {
            // Whether a seat is kept is for the socket to show; media may come back by itself.
            MediaEvent::Connected { peer } => {
                tracing::debug!(session = peer.0, "media flows");
                return;
            }
            MediaEvent::Lost { peer } => {
                tracing::debug!(session = peer.0, "media lost");
                return;
            }
            MediaEvent::Gone { call, peer } => (call, Command::MediaGone { peer }),
            MediaEvent::Speaking { call, peers } => (call, Command::Speaking { peers }),
            MediaEvent::Paused { call, peer, paused } => (call, Command::Paused { peer, paused }),
            MediaEvent::Watched { call, peer, layers } => (call, Command::Watched { peer, layers }),
        };
        if let Some(mailbox) = self.find(CallId(call.0))
            && mailbox.send(command).await.is_err()
        {
            tracing::debug!(call = call.0, "nobody is left to hear of media");
        }
    }

    /// An owner broke off, and is begun anew.
    pub(crate) fn note_broken(&self) {
        *self.broken.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Whether an owner broke off within this time.
    #[must_use]
    pub fn has_broken_within(&self, time: Duration) -> bool {
        let broken = *self.broken.lock().unwrap_or_else(PoisonError::into_inner);
        broken.is_some_and(|at| at.elapsed() < time)
    }
}
