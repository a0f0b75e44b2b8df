//! Which task owns which call.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use call::{CallId, Kept};
use tokio::sync::mpsc;

use crate::call_task::{self, Command};
use crate::house::House;

/// How many commands may wait for a call. Sockets wait when it is full; a call never waits, so it
/// empties.
const MAILBOX: usize = 256;

/// The way to a call's task.
pub(crate) type Mailbox = mpsc::Sender<Command>;

/// The calls that have a task now.
#[derive(Debug, Default)]
pub(crate) struct Switchboard {
    calls: Mutex<HashMap<CallId, Mailbox>>,
}

impl Switchboard {
    fn calls(&self) -> MutexGuard<'_, HashMap<CallId, Mailbox>> {
        // The map is whole at every step, whatever panicked.
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The task of `call`, if it has one.
    pub(crate) fn find(&self, call: CallId) -> Option<Mailbox> {
        self.calls().get(&call).cloned()
    }

    /// The calls that have a task now.
    pub(crate) fn all(&self) -> Vec<CallId> {
        self.calls().keys().copied().collect()
    }

    /// Hands `command` to the task of `call`, beginning one where there is none; gives the way to
    /// it.
    pub(crate) async fn deliver(
        &self,
        house: &Arc<House>,
        call: CallId,
        command: Command,
    ) -> Mailbox {
        let mut command = command;
        loop {
            let mailbox = self.find_or_begin(house, call);
            match mailbox.send(command).await {
                Ok(()) => return mailbox,
                Err(mpsc::error::SendError(unsent)) => {
                    // That task ended: the next look finds none, and begins one.
                    self.forget(call, &mailbox);
                    command = unsent;
                }
            }
        }
    }

    /// Begins the task of a call in which these were when the program ended: before anybody else
    /// comes to it.
    pub(crate) fn restore(&self, house: &Arc<House>, call: CallId, people: Vec<Kept>) {
        let mailbox = self.find_or_begin(house, call);
        if mailbox.try_send(Command::Restored(people)).is_err() {
            tracing::error!(call = call.0, "its people are not brought back");
        }
    }

    fn find_or_begin(&self, house: &Arc<House>, call: CallId) -> Mailbox {
        self.calls()
            .entry(call)
            .or_insert_with(|| {
                let (mailbox, commands) = mpsc::channel(MAILBOX);
                house
                    .tasks
                    .spawn(call_task::run(Arc::clone(house), call, commands));
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

    /// The task of `call` is about to end: nothing more comes to it but what is in its mailbox.
    pub(crate) fn retire(&self, call: CallId, commands: &mut mpsc::Receiver<Command>) {
        self.calls().remove(&call);
        commands.close();
    }
}
