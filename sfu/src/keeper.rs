//! The keeper: a thread that starts a worker anew when it has failed, and looks whether the
//! machine's addresses have changed. It is the only one that ever waits for a worker.

use std::any::Any;
use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use mio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::addresses::{self, Machine};
use crate::dtls::Identity;
use crate::handle::{MediaEvent, Paused, Registry, StartError};
use crate::udp::Port;
use crate::worker::{Remote, Worker};

/// How often the machine's addresses are looked at.
const LOOK: Duration = Duration::from_secs(1);

/// How long to wait after a worker has failed before it is started anew, and between tries.
const PAUSE: Duration = Duration::from_millis(100);

/// What the keeper is told.
pub(crate) enum Notice {
    /// A worker has failed, for this reason.
    Failed { worker: usize, why: String },
    /// All workers were told to stop.
    Stop,
}

/// What workers are made of.
pub(crate) struct Workshop {
    pub(crate) identity: Identity,
    pub(crate) announce: Vec<IpAddr>,
    pub(crate) machine: Machine,
    pub(crate) events: mpsc::Sender<MediaEvent>,
    /// To whoever keeps the workers.
    pub(crate) notices: Sender<Notice>,
}

/// A worker whose thread runs.
pub(crate) struct Running {
    pub(crate) remote: Remote,
    pub(crate) candidates: Vec<SocketAddr>,
    /// The address of its port.
    pub(crate) bound: SocketAddr,
    pub(crate) thread: JoinHandle<()>,
}

impl Workshop {
    /// A workshop, and where its workers' failures are told.
    pub(crate) fn new(
        identity: Identity,
        announce: Vec<IpAddr>,
        machine: Machine,
        events: mpsc::Sender<MediaEvent>,
    ) -> (Self, Receiver<Notice>) {
        let (notices, told) = channel();
        let workshop = Self {
            identity,
            announce,
            machine,
            events,
            notices,
        };
        (workshop, told)
    }

    /// Starts the worker of that number on a port.
    pub(crate) fn start(
        &self,
        worker: usize,
        (port, listener): (Port, TcpListener),
    ) -> Result<Running, StartError> {
        let failed = |error: io::Error| StartError::Failed(error.to_string());
        let bound = port.address().map_err(failed)?;
        let candidates =
            addresses::announced(&self.announce, self.machine, bound).map_err(failed)?;
        let (identity, events) = (self.identity.clone(), self.events.clone());
        let (made, remote) =
            Worker::new(port, listener, candidates.clone(), identity, events).map_err(failed)?;
        let notices = self.notices.clone();
        let thread = thread::Builder::new()
            .name(format!("media-{worker}"))
            .spawn(move || {
                // What it held, its port above all, is let go before anybody is told.
                let ended = catch_unwind(AssertUnwindSafe(|| made.run()));
                let why = match ended {
                    Ok(Ok(())) => return,
                    Ok(Err(error)) => format!("its port can no longer be waited for: {error}"),
                    Err(panic) => words(panic.as_ref()),
                };
                // Nobody listens where everything ends.
                drop(notices.send(Notice::Failed { worker, why }));
            })
            .map_err(failed)?;
        Ok(Running {
            remote,
            candidates,
            bound,
            thread,
        })
    }
}

/// What a panic says.
fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "it panicked".to_owned())
}

/// A worker that has failed and is to be started anew.
struct Failed {
    worker: usize,
    at: Instant,
    /// Whether it was said that this cannot be done.
    is_said: bool,
}

/// The keeper, before its thread runs.
pub(crate) struct Keeper {
    pub(crate) workshop: Workshop,
    pub(crate) notices: Receiver<Notice>,
    pub(crate) registry: Arc<Mutex<Registry>>,
    /// By worker: its port, and its thread.
    pub(crate) workers: Vec<(SocketAddr, JoinHandle<()>)>,
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
        let mut failed: Vec<Failed> = Vec::new();
        let mut news: VecDeque<MediaEvent> = VecDeque::new();
        self.say_if_alone();
        loop {
            let hurry = !failed.is_empty() || !news.is_empty();
            match self.notices.recv_timeout(if hurry { PAUSE } else { LOOK }) {
                Ok(Notice::Failed { worker, why }) => {
                    tracing::error!(worker, why, "a media worker has failed: it is started anew");
                    news.extend(self.bury(worker));
                    failed.push(Failed {
                        worker,
                        at: Instant::now(),
                        is_said: false,
                    });
                }
                Ok(Notice::Stop) | Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {}
            }
            // What finds no room now is told at the next turn: who lost their media must hear it.
            while let Some(event) = news.pop_front() {
                if let Err(mpsc::error::TrySendError::Full(event)) =
                    self.workshop.events.try_send(event)
                {
                    news.push_front(event);
                    break;
                }
            }
            failed.retain_mut(|failed| failed.at.elapsed() < PAUSE || !self.revive(failed));
            self.look();
        }
        for (_, thread) in self.workers {
            // Its panics are caught.
            drop(thread.join());
        }
    }

    /// Takes a failed worker out of service; gives what those on it are to be told.
    fn bury(&self, worker: usize) -> Vec<MediaEvent> {
        let bereft = self.lock().fail(worker);
        let lost = bereft.peers.iter().flat_map(|(call, peer)| {
            let (call, peer, paused) = (*call, *peer, Paused::default());
            [
                MediaEvent::Lost { peer },
                MediaEvent::Paused { call, peer, paused },
            ]
        });
        let silent = bereft.calls.iter().map(|call| MediaEvent::Speaking {
            call: *call,
            peers: Vec::new(),
        });
        lost.chain(silent).collect()
    }

    /// Starts a worker anew on the port it had; gives whether it runs.
    fn revive(&mut self, failed: &mut Failed) -> bool {
        let Some((bound, thread)) = self.workers.get_mut(failed.worker) else {
            return true;
        };
        let started = bind_once(*bound).and_then(|port| self.workshop.start(failed.worker, port));
        match started {
            Ok(running) => {
                *thread = running.thread;
                self.lock()
                    .renew(failed.worker, running.remote, running.candidates);
                tracing::info!(worker = failed.worker, "the media worker serves again");
                true
            }
            Err(error) => {
                if !std::mem::replace(&mut failed.is_said, true) {
                    tracing::error!(worker = failed.worker, %error, "it is tried again and again");
                }
                false
            }
        }
    }

    /// Looks at the machine's addresses, and announces what has changed.
    fn look(&self) {
        for (worker, (bound, _)) in self.workers.iter().enumerate() {
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
        let follows = self.workers.first().is_some_and(|it| self.follows(it.0));
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

/// How many free ports are tried where any will do.
const FREE_PORTS: u32 = 16;

/// Binds UDP and TCP ports of one number at `address`; port 0 takes free ones.
pub(crate) fn bind(address: SocketAddr) -> Result<(Port, TcpListener), StartError> {
    let mut attempts = if address.port() == 0 { FREE_PORTS } else { 1 };
    loop {
        attempts -= 1;
        match bind_once(address) {
            // Free for UDP is not free for TCP: another number may be.
            Err(StartError::Bind {
                protocol: "TCP", ..
            }) if attempts > 0 => {}
            bound => return bound,
        }
    }
}

fn bind_once(address: SocketAddr) -> Result<(Port, TcpListener), StartError> {
    let refused = |protocol| {
        move |source| StartError::Bind {
            protocol,
            address,
            source,
        }
    };
    let port = Port::bind(address).map_err(refused("UDP"))?;
    let bound = port.address().map_err(refused("UDP"))?;
    let listener = TcpListener::bind(bound).map_err(refused("TCP"))?;
    Ok((port, listener))
}
