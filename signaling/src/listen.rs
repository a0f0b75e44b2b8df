//! The accept loop: bounded connections, each with little time to say what it wants.

mod relay;
mod secure;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::sleep;
use tower::ServiceExt as _;

use crate::headers;
use crate::house::House;
use crate::limits::Source;
use crate::media::MediaPlane;
use crate::page;
use crate::private::Private;
use secure::{Secured, Spoken};

/// How long a request's head may take to come, and how long a connection may stay idle.
const HEAD_TIME: Duration = Duration::from_secs(5);

/// The longest head of a request.
const HEAD_LENGTH: usize = 16 * 1024;

/// How long to let be when the system has no room for another connection.
const NO_ROOM: Duration = Duration::from_millis(100);

/// Who is at the other end of a connection. While it lives, in a WebSocket too, the connection
/// takes up its place among those that may be open.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    address: Private<SocketAddr>,
    _place: Arc<OwnedSemaphorePermit>,
}

impl Peer {
    /// Whether it is this machine.
    pub(crate) fn is_local(&self) -> bool {
        self.address.reveal().ip().to_canonical().is_loopback()
    }

    /// The address as limits count it.
    pub(crate) fn source(&self) -> Source {
        Source::from(self.address.reveal().ip())
    }
}

/// Accepts connections until the server closes.
pub(crate) async fn run(listener: TcpListener, router: Router, house: Arc<House>, most: usize) {
    let room = Arc::new(Semaphore::new(most));
    let doors = Doors::new(router, &house);
    loop {
        let accepted = tokio::select! {
            biased;
            () = house.closing.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let (stream, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, most likely; a connection that was cut is no matter.
                tracing::warn!(%error, "cannot accept a connection");
                sleep(NO_ROOM).await;
                continue;
            }
        };
        let Ok(place) = Arc::clone(&room).try_acquire_owned() else {
            tracing::debug!("too many connections: one dropped");
            continue;
        };
        let peer = Peer {
            address: Private::new(address),
            _place: Arc::new(place),
        };
        if house.limiter.take_connection(peer.source()).is_err() {
            tracing::debug!("too many connections from one address: one dropped");
            continue;
        }
        house
            .tasks
            .spawn(serve(stream, peer, doors.clone(), Arc::clone(&house)));
    }
}

/// Who answers what.
#[derive(Clone)]
struct Doors {
    /// The pages and the API.
    house: Router,
    /// Whoever speaks no TLS where TLS is spoken.
    elsewhere: Router,
}

impl Doors {
    fn new(router: Router, house: &House) -> Self {
        let is_known = house.tls.is_some() && !house.public_url.is_loopback();
        Self {
            house: if is_known {
                router.layer(axum::middleware::map_response(headers::insist_on_tls))
            } else {
                router
            },
            elsewhere: page::elsewhere(house.public_url.to_string()),
        }
    }
}

async fn serve(stream: TcpStream, peer: Peer, doors: Doors, house: Arc<House>) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "the connection is gone already");
        return;
    }
    let closing = house.closing.clone();
    let Some(tls) = &house.tls else {
        return converse(stream, peer, doors.house, closing).await;
    };
    let spoken = tokio::select! {
        () = closing.cancelled() => return,
        spoken = secure::recognise(stream, tls) => spoken,
    };
    match spoken {
        Ok(Spoken::Http(stream)) => converse(stream, peer, doors.house, closing).await,
        Ok(Spoken::Plain(stream)) => converse(stream, peer, doors.elsewhere, closing).await,
        Ok(Spoken::Relay(stream)) => relay(stream, &peer, &house).await,
        Err(error) => tracing::debug!(%error, "a connection said nothing that is spoken here"),
    }
}

/// The media plane's workers, for a client at an address.
struct Workers<'house> {
    media: &'house dyn MediaPlane,
    from: SocketAddr,
}

impl relay::Workers for Workers<'_> {
    fn named(&self, message: &[u8]) -> Option<usize> {
        self.media.relay_worker(message)
    }

    fn reach(&self, worker: usize) -> io::Result<sfu::RelayLine> {
        let (ours, theirs) = sfu::RelayLine::pair()?;
        self.media.adopt(worker, theirs, self.from);
        Ok(ours)
    }
}

/// Has the media plane serve a client of its relay.
async fn relay(stream: Secured, peer: &Peer, house: &House) {
    let workers = Workers {
        media: house.media.as_ref(),
        from: *peer.address.reveal(),
    };
    let carried = tokio::select! {
        () = house.closing.cancelled() => return,
        carried = relay::carry(stream, &workers) => carried,
    };
    if let Err(error) = carried {
        tracing::debug!(%error, "a client of the relay ended early");
    }
}

async fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: Peer,
    router: Router,
    closing: tokio_util::sync::CancellationToken,
) {
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer.clone());
        let router = router.clone();
        async move {
            let answered: Result<_, Infallible> = router.oneshot(request.map(Body::new)).await;
            answered
        }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(HEAD_LENGTH)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = closing.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}
