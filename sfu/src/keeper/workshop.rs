//! What workers are made of, and where they receive.

use std::any::Any;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::AsFd as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

use mio::net::TcpListener;
use tokio::sync::mpsc;

use super::Notice;
use crate::addresses::{self, Machine};
use crate::deadline::Deadline;
use crate::dtls::Identity;
use crate::handle::{MediaEvent, StartError};
use crate::udp::Port;
use crate::worker::{Remote, Worker};

/// What workers are made of.
pub(crate) struct Workshop {
    pub(crate) identity: Identity,
    pub(crate) announce: Vec<IpAddr>,
    pub(crate) machine: Machine,
    pub(crate) events: mpsc::Sender<MediaEvent>,
    /// Until when any of them sends anything.
    pub(crate) deadline: Arc<Deadline>,
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
            deadline: Arc::default(),
            notices,
        };
        (workshop, told)
    }

    /// Starts the worker of that number at a door, which stays open beside it: whoever takes its
    /// place comes by the same.
    pub(crate) fn start(&self, worker: usize, door: &Door) -> Result<Running, StartError> {
        let failed = |error: io::Error| StartError::Failed(error.to_string());
        let Door { port, listener } = door.again().map_err(failed)?;
        let bound = port.address().map_err(failed)?;
        let candidates =
            addresses::announced(&self.announce, self.machine, bound).map_err(failed)?;
        let (identity, events) = (self.identity.clone(), self.events.clone());
        let outward = (events, Arc::clone(&self.deadline));
        let (made, remote) =
            Worker::new(port, listener, candidates.clone(), identity, outward).map_err(failed)?;
        let (notices, pulse) = (self.notices.clone(), remote.pulse());
        let thread = thread::Builder::new()
            .name(format!("media-{worker}"))
            .spawn(move || {
                // What it held is let go before anybody is told.
                let ended = catch_unwind(AssertUnwindSafe(|| made.run()));
                let why = match ended {
                    Ok(Ok(())) => return,
                    Ok(Err(error)) => format!("its port can no longer be waited for: {error}"),
                    Err(panic) => words(panic.as_ref()),
                };
                // Where another is in its place, that one does not fail with it.
                if pulse.is_replaced() {
                    return;
                }
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
pub(super) fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "it panicked".to_owned())
}

/// How many free ports are tried where any will do.
const FREE_PORTS: u32 = 16;

/// Where a worker receives: ports of UDP and of TCP of one number.
#[derive(Debug)]
pub(crate) struct Door {
    port: Port,
    listener: TcpListener,
}

impl Door {
    /// The same once more.
    fn again(&self) -> io::Result<Self> {
        let listener = self.listener.as_fd().try_clone_to_owned()?;
        Ok(Self {
            port: self.port.again()?,
            listener: TcpListener::from_std(listener.into()),
        })
    }
}

/// Binds ports of one number at `address`; port 0 takes free ones.
pub(crate) fn bind(address: SocketAddr) -> Result<Door, StartError> {
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

fn bind_once(address: SocketAddr) -> Result<Door, StartError> {
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
    Ok(Door { port, listener })
}
