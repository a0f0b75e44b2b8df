//! What the system tells the program by signals.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals that are waited for. Those that would end the program, and mean nothing to it, are
/// taken and passed over.
#[derive(Debug)]
pub(crate) struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
    user1: Signal,
    /// Something else is meant by it in other programs.
    user2: Signal,
    /// SIGHUP came while nothing could be read anew.
    is_reload_due: bool,
}

/// What whoever sent a signal wants.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Wish {
    /// SIGINT or SIGTERM: that the program ends.
    End,
    /// SIGHUP: that it reads anew what can be read while it runs.
    Reload,
    /// SIGUSR1: that it takes no new meetings, and ends when its own are over.
    Drain,
}

impl Signals {
    /// Waits for signals from now on.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
            user1: signal(SignalKind::user_defined1())?,
            user2: signal(SignalKind::user_defined2())?,
            is_reload_due: false,
        })
    }

    /// The next wish.
    pub(crate) async fn next(&mut self) -> Wish {
        if std::mem::take(&mut self.is_reload_due) {
            return Wish::Reload;
        }
        self.hear().await
    }

    /// Waits until the program is asked to end. What else is asked for meanwhile stays for
    /// [`Self::next`].
    pub(crate) async fn end(&mut self) {
        loop {
            match self.hear().await {
                Wish::End => return,
                Wish::Reload => self.is_reload_due = true,
                Wish::Drain => tracing::info!("SIGUSR1 means nothing now"),
            }
        }
    }

    async fn hear(&mut self) -> Wish {
        loop {
            tokio::select! {
                _ = self.interrupt.recv() => return Wish::End,
                _ = self.terminate.recv() => return Wish::End,
                _ = self.hangup.recv() => return Wish::Reload,
                _ = self.user1.recv() => return Wish::Drain,
                _ = self.user2.recv() => tracing::info!("SIGUSR2 means nothing here"),
            }
        }
    }
}
