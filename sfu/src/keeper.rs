//! The keeper: a thread that puts another worker in the place of one that has failed or stands
//! still, and looks whether the machine's addresses have changed. It is the only one that ever waits
//! for a worker.

mod ward;
mod workshop;

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::addresses;
use crate::handle::{MediaEvent, Paused, Registry};
use ward::Pulse;
pub(crate) use ward::Ward;
#[cfg(test)]
pub(crate) use workshop::Running;
pub(crate) use workshop::{Workshop, bind};

/// How often the workers and the machine's addresses are looked at.
const LOOK: Duration = Duration::from_secs(1);

/// How long workers may take to end once they were told to.
const ENDING: Duration = Duration::from_secs(1);

/// How long to wait before a worker is started anew that has failed soon after the last time, and
/// between tries.
const PAUSE: Duration = Duration::from_millis(100);

/// What the keeper is told.
pub(crate) enum Notice {
    /// A worker has failed, for this reason.
    Failed { worker: usize, why: String },
    /// All workers were told to stop.
    Stop,
}

/// A worker that has failed and is to be started anew.
struct Failed {
    worker: usize,
    /// When to start it anew.
    due: Instant,
    /// Whether it was said that this cannot be done.
    is_said: bool,
}

/// What the keeper has yet to do.
struct Chores {
    failed: Vec<Failed>,
    /// What finds no room among the events yet.
    news: VecDeque<MediaEvent>,
    /// When it looked at the workers and the machine's addresses last.
    looked: Instant,
}

/// The keeper, before its thread runs.
pub(crate) struct Keeper {
    pub(crate) workshop: Workshop,
    pub(crate) notices: Receiver<Notice>,
    pub(crate) registry: Arc<Mutex<Registry>>,
    /// By number.
    pub(crate) workers: Vec<Ward>,
    /// The threads of workers that stand still, whose places others have taken.
    pub(crate) left_behind: Vec<JoinHandle<()>>,
}

/// The other end of a keeper.
#[derive(Debug)]
pub(crate) struct Kept {
    notices: Sender<Notice>,
    thread: JoinHandle<()>,
}

impl Kept {
    /// Ends the keeper, once all workers were told to stop: returns when their threads have ended.
    pub(crate) fn stop(self) {
        // One that has ended need not be told.
        drop(self.notices.send(Notice::Stop));
        if self.thread.join().is_err() {
            tracing::error!("the media plane's keeper had failed");
        }
    }
}

impl Keeper {
    /// Starts its thread.
    ///
    /// # Errors
    ///
    /// Where there can be none.
    pub(crate) fn start(self) -> io::Result<Kept> {
        let notices = self.workshop.notices.clone();
        let builder = thread::Builder::new().name("media-keeper".to_owned());
        let thread = builder.spawn(move || self.run())?;
        Ok(Kept { notices, thread })
    }

    fn run(mut self) {
        let mut chores = Chores {
            failed: Vec::new(),
            news: VecDeque::new(),
            looked: Instant::now(),
        };
        self.say_if_alone();
        // Whatever it breaks off at, somebody must go on watching.
        while let Err(panic) = catch_unwind(AssertUnwindSafe(|| self.keep(&mut chores))) {
            let why = workshop::words(panic.as_ref());
            tracing::error!(
                why,
                "the keeper of the media workers broke off, and goes on"
            );
            thread::sleep(PAUSE);
        }
        let until = Instant::now() + ENDING;
        for (number, worker) in self.workers.iter().enumerate() {
            if !ward::ends(&worker.thread, until) {
                tracing::error!(worker = number, "a media worker does not end: it is left");
            }
        }
    }

    /// Watches until told to stop.
    fn keep(&mut self, chores: &mut Chores) {
        let Chores {
            failed,
            news,
            looked,
        } = chores;
        loop {
            let hurry = !failed.is_empty() || !news.is_empty();
            match self.notices.recv_timeout(if hurry { PAUSE } else { LOOK }) {
                Ok(Notice::Failed { worker, why }) => {
                    tracing::error!(worker, why, "a media worker has failed: it is started anew");
                    let (its, told) = self.bury(worker);
                    failed.push(its);
                    news.extend(told);
                }
                Ok(Notice::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {}
            }
            if looked.elapsed() >= LOOK {
                *looked = Instant::now();
                for worker in self.gone() {
                    tracing::error!(
                        worker,
                        "a media worker stands still: another takes its place"
                    );
                    let (its, told) = self.bury(worker);
                    failed.push(its);
                    news.extend(told);
                }
                self.look();
            }
            let now = Instant::now();
            failed.retain_mut(|failed| now < failed.due || !self.revive(failed));
            // Who lost their media hears it once there may be a worker to offer to. What finds no room
            // now is told at the next turn.
            while let Some(event) = news.pop_front() {
                if let Err(mpsc::error::TrySendError::Full(event)) =
                    self.workshop.events.try_send(event)
                {
                    news.push_front(event);
                    break;
                }
            }
        }
    }

    /// The workers that have stood still for so long that others are to take their places.
    fn gone(&mut self) -> Vec<usize> {
        self.left_behind.retain(|thread| !thread.is_finished());
        let mut gone = Vec::new();
        let mut registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        registry.left_behind = self.left_behind.len();
        for (number, worker) in self.workers.iter_mut().enumerate() {
            let pulse = worker.feel(registry.prod(number));
            registry.set_still(number, pulse != Pulse::Beats);
            if pulse == Pulse::Gone {
                gone.push(number);
            }
        }
        drop(registry);
        gone
    }

    /// Takes a failed worker out of service; gives when it is to serve again, and what those on it
    /// are to be told.
    fn bury(&self, worker: usize) -> (Failed, Vec<MediaEvent>) {
        let mut registry = self.lock();
        // One that fails again and again does not take the processor from the others.
        let pause = if registry.is_new(worker) {
            PAUSE
        } else {
            Duration::ZERO
        };
        let bereft = registry.fail(worker);
        drop(registry);
        let failed = Failed {
            worker,
            due: Instant::now() + pause,
            is_said: false,
        };
        let lost = bereft.peers.iter().flat_map(|(call, peer)| {
            let (call, peer, paused) = (*call, *peer, Paused::default());
            [
                MediaEvent::Gone { call, peer },
                MediaEvent::Paused { call, peer, paused },
            ]
        });
        let silent = bereft.calls.iter().map(|call| MediaEvent::Speaking {
            call: *call,
            peers: Vec::new(),
        });
        (failed, lost.chain(silent).collect())
    }

    /// Starts a worker anew on the port it had; gives whether it runs.
    fn revive(&mut self, failed: &mut Failed) -> bool {
        let Some(ward) = self.workers.get_mut(failed.worker) else {
            return true;
        };
        match self.workshop.start(failed.worker, &ward.door) {
            Ok(running) => {
                let before = ward.renew(running.thread);
                // One that has failed has told so with its last breath.
                if !ward::ends(&before, Instant::now() + PAUSE) {
                    self.left_behind.push(before);
                }
                let mut registry = self.lock();
                registry.left_behind = self.left_behind.len();
                registry.renew(failed.worker, running.remote, running.candidates);
                drop(registry);
                tracing::info!(worker = failed.worker, "the media worker serves again");
                true
            }
            Err(error) => {
                failed.due = Instant::now() + PAUSE;
                if !std::mem::replace(&mut failed.is_said, true) {
                    tracing::error!(worker = failed.worker, %error, "it is tried again and again");
                }
                false
            }
        }
    }

    /// Looks at the machine's addresses, and announces what has changed.
    fn look(&self) {
        for (worker, Ward { bound, .. }) in self.workers.iter().enumerate() {
            if !self.follows(*bound) {
                continue;
            }
            let machine = self.workshop.machine;
            let Ok(candidates) = addresses::announced(&[], machine, *bound) else {
                // What was announced stays.
                continue;
            };
            let mut registry = self.lock();
            let is_news = registry
                .get(worker)
                .is_some_and(|place| place.candidates != candidates);
            let is_told = is_news && registry.announce(worker, candidates.clone());
            drop(registry);
            if is_told && worker == 0 {
                tracing::info!(announced = ?candidates, "the machine's addresses have changed");
                self.say_if_alone();
            }
        }
    }

    /// Whether what is announced follows the machine.
    fn follows(&self, bound: SocketAddr) -> bool {
        self.workshop.announce.is_empty() && bound.ip().is_unspecified()
    }

    fn say_if_alone(&self) {
        let follows = self
            .workers
            .first()
            .is_some_and(|it| self.follows(it.bound));
        let is_alone = self
            .lock()
            .get(0)
            .is_some_and(|place| addresses::is_alone(&place.candidates));
        if follows && is_alone {
            tracing::warn!(
                "this machine has no network address: only browsers on it can talk. The first \
                 address that it gets is announced to browsers within a second"
            );
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
