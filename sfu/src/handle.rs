//! The handle: commands in, events out.

use std::net::{IpAddr, SocketAddr};

use tokio::sync::{mpsc, oneshot};

/// A call, as the media plane knows it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct CallKey(pub u64);

/// One peer connection's owner: a session, as the media plane knows it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct PeerKey(pub u64);

/// Where media is received.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address of the first worker's port; further workers take the ports that follow. Port 0
    /// takes free ones.
    pub listen: SocketAddr,
    /// How many worker threads, each with one port; at least 1.
    pub workers: u16,
    /// The addresses to announce to browsers; empty: the address listened on, or, where that is
    /// unspecified (`0.0.0.0`), every address of this machine.
    pub announce: Vec<IpAddr>,
}

/// What the media plane reports.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum MediaEvent {
    /// The peer's DTLS handshake is complete: media can flow.
    Connected {
        /// Which.
        peer: PeerKey,
    },
    /// Nothing was heard from the peer for longer than consent lasts (RFC 7675 §5.1), or its DTLS
    /// handshake failed. The peer stays attached.
    Lost {
        /// Which.
        peer: PeerKey,
    },
    /// The set of those who speak in a call changed.
    Speaking {
        /// Which call.
        call: CallKey,
        /// Who speaks now.
        peers: Vec<PeerKey>,
    },
}

/// Why the media plane could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A port is taken or may not be used.
    #[error(
        "cannot listen for media on UDP {address}: {source}; free that port or set media.listen to another"
    )]
    Bind {
        /// Which.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// No certificate could be made, or no thread started.
    #[error("the media plane cannot start: {0}")]
    Failed(String),
}

/// Why an offer is not answered.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum OfferRefused {
    /// It is no SDP, or not in the layout that PROTOCOL.md describes.
    #[error("the offer cannot be used: {0}")]
    Malformed(String),
    /// It restarts a connection that is not the one attached.
    #[error("the offer is not a restart of the connection that is attached")]
    NotTheSame,
    /// The media plane has no room for this command now, or has stopped.
    #[error("the media plane is busy")]
    Busy,
}

/// The SDP answer, when it comes.
pub type Answering = oneshot::Receiver<Result<String, OfferRefused>>;

/// The media plane.
#[derive(Clone, Debug)]
pub struct Sfu {}

impl Sfu {
    /// Binds the ports and starts the workers.
    ///
    /// # Errors
    ///
    /// [`StartError`] where a port is taken or no thread can be started.
    pub fn start(_settings: Settings) -> Result<(Self, mpsc::Receiver<MediaEvent>), StartError> {
        Err(StartError::Failed("not built yet".to_owned()))
    }

    /// Attaches `peer` to `call` at `seat` (0 to 3) with the offer of a fresh peer connection, in
    /// place of whatever was attached as `peer`. Never waits.
    pub fn attach(&self, _call: CallKey, _peer: PeerKey, _seat: u8, _offer: String) -> Answering {
        oneshot::channel().1
    }

    /// Restarts ICE on the peer connection attached as `peer` (RFC 8445 §9): new credentials, the
    /// same DTLS association. Refused with [`OfferRefused::NotTheSame`] where the offer is of
    /// another peer connection.
    pub fn restart(&self, _peer: PeerKey, _offer: String) -> Answering {
        oneshot::channel().1
    }

    /// Stops forwarding to and from `peer` at once. Late or repeated calls change nothing.
    pub fn detach(&self, _peer: PeerKey) {}

    /// Ends every worker; returns when their threads have ended.
    pub fn stop(&self) {}
}
