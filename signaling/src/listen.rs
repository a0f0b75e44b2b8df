//! The accept loop: bounded connections, each with little time to say what it wants and to take
//! what it asked for.

mod pace;
mod places;
mod relay;
mod rest;
mod secure;

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};
use axum::response::{IntoResponse as _, Response};
use hyper::body::Incoming;
use hyper::rt::Executor;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;
use tracing::Instrument as _;

use crate::headers;
use crate::house::House;
use crate::limits::Source;
use crate::media::MediaPlane;
use crate::page;
use crate::private::Private;
use crate::proxies;
use pace::{Answer, OPENING, Pace, Paced};
use places::{Passed, Place};
use secure::{Secured, Spoken};

pub(crate) use pace::UNMOVED;
pub(crate) use places::Places;

/// What to do where an address cannot be listened at, by the setting that names it.
pub(crate) fn way_out(source: &io::Error, key: &str) -> String {
    let kind = source.kind();
    if kind == io::ErrorKind::AddrNotAvailable {
        format!("give an address of this machine with {key}")
    } else if kind == io::ErrorKind::PermissionDenied {
        format!(
            "a port below 1024 needs the capability CAP_NET_BIND_SERVICE, which the service of the package has: give \
             it, or another port with {key}"
        )
    } else {
        format!("end what uses that port, which `sudo ss -ltnp` names, or give another with {key}")
    }
}

/// The number of a request, for whoever looks for it in the log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest head of a request.
const HEAD_LENGTH: usize = 16 * 1024;

/// The most lines in it.
const HEAD_LINES: usize = 100;

/// How many requests one connection may have open at a time, where it may have several.
const STREAMS: u32 = 32;

/// The most of an answer that waits for a reader, for each of them.
const WAITING: usize = 64 * 1024;

/// How long to let be when the system has no room for another connection.
const NO_ROOM: Duration = Duration::from_millis(100);

/// A connection. While it lives, in a WebSocket too, it takes up its place among those that may be
/// open.
#[derive(Clone, Debug)]
struct Connection {
    address: Private<SocketAddr>,
    pace: Pace,
    place: Arc<Place>,
}

/// Who asks.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    connection: Connection,
    /// Where a proxy of ours speaks for them, not the connection's.
    address: Private<IpAddr>,
    is_forwarded: bool,
    passed: Option<Arc<Passed>>,
}

impl Peer {
    /// Whether it is this machine, and no proxy on it speaks for somebody else.
    pub(crate) fn is_local(&self) -> bool {
        let address = self.connection.address.reveal().ip();
        address.to_canonical().is_loopback() && !self.is_forwarded
    }

    /// The address as limits count it.
    pub(crate) fn source(&self) -> Source {
        Source::from(*self.address.reveal())
    }

    /// Comes where their connection is another's from now on.
    pub(crate) async fn gives_way(&self) {
        self.connection.place.gives_way.cancelled().await;
    }

    /// They have shown a right to be here: their connection gives way to nobody.
    pub(crate) fn hold(&self) {
        self.connection.pace.hold();
    }
}

/// Accepts connections until the server closes.
pub(crate) async fn run(listener: Arc<TcpListener>, router: Router, house: Arc<House>) {
    let doors = Doors::new(router, &house);
    accept(listener, doors, house).await;
}

/// The same at an address without TLS: whoever comes is led on to where there is.
pub(crate) async fn lead_on(listener: Arc<TcpListener>, house: Arc<House>) {
    let doors = Doors::that_lead_on(&house);
    accept(listener, doors, house).await;
}

async fn accept(listener: Arc<TcpListener>, doors: Doors, house: Arc<House>) {
    // Said once, not ten times a second for as long as it lasts.
    let mut is_short = false;
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
                if !is_short {
                    tracing::warn!(%error, "cannot accept connections: tried again until it works");
                }
                is_short = true;
                sleep(NO_ROOM).await;
                continue;
            }
        };
        is_short = false;
        if let Some(connection) = admit(address, &house) {
            house
                .tasks
                .spawn(serve(stream, connection, doors.clone(), Arc::clone(&house)));
        }
    }
}

/// Gives a new connection its place; nothing of it is read before.
fn admit(address: SocketAddr, house: &House) -> Option<Connection> {
    let source = Source::from(address.ip());
    let is_proxy = house.proxies.trusts(address.ip());
    // What comes from this machine is a proxy, or somebody who has the machine anyway.
    let is_ours = is_proxy || address.ip().to_canonical().is_loopback();
    if !is_ours && house.limiter.take_connection(source).is_err() {
        tracing::debug!("too many connections from one address: one dropped");
        return None;
    }
    let pace = Pace::begin();
    let Ok(place) = house.places.take((!is_proxy).then_some(source), &pace) else {
        tracing::debug!("too many connections: one dropped");
        return None;
    };
    Some(Connection {
        address: Private::new(address),
        pace,
        place: Arc::new(place),
    })
}

/// Who answers what.
#[derive(Clone)]
struct Doors {
    /// The pages and the API; nothing where everybody is led on.
    house: Option<Router>,
    /// Whoever speaks no TLS where TLS is spoken.
    elsewhere: Router,
}

impl Doors {
    fn new(router: Router, house: &House) -> Self {
        let is_known = house.tls.is_some() && !house.public_url.is_loopback();
        Self {
            house: Some(if is_known {
                router.layer(axum::middleware::map_response(headers::insist_on_tls))
            } else {
                router
            }),
            ..Self::that_lead_on(house)
        }
    }

    fn that_lead_on(house: &House) -> Self {
        let challenges = house.tls.as_ref().map(|it| it.challenges().clone());
        Self {
            house: None,
            elsewhere: page::elsewhere(house.public_url.to_string(), challenges),
        }
    }
}

async fn serve(stream: TcpStream, connection: Connection, doors: Doors, house: Arc<House>) {
    let gives_way = connection.place.gives_way.clone();
    tokio::select! {
        biased;
        () = gives_way.cancelled() => tracing::debug!("a silent connection gives way to another"),
        () = speak(stream, connection, doors, house) => {}
    }
}

async fn speak(stream: TcpStream, connection: Connection, doors: Doors, house: Arc<House>) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "the connection is gone already");
        return;
    }
    let (Some(tls), Some(router)) = (&house.tls, &doors.house) else {
        let stream = Paced::new(stream, connection.pace.clone());
        let router = doors.house.unwrap_or(doors.elsewhere);
        return converse(stream, connection, router, &house).await;
    };
    let recognised = secure::recognise(stream, tls, &connection.pace);
    let spoken = tokio::select! {
        () = house.closing.cancelled() => return,
        spoken = timeout(OPENING, recognised) => spoken.unwrap_or_else(|_elapsed| {
            Err(io::ErrorKind::TimedOut.into())
        }),
    };
    match spoken {
        Ok(Spoken::Http(stream)) => converse(stream, connection, router.clone(), &house).await,
        Ok(Spoken::Http2(stream)) => {
            converse_at_once(stream, connection, router.clone(), &house).await;
        }
        Ok(Spoken::Plain(stream)) => converse(stream, connection, doors.elsewhere, &house).await,
        Ok(Spoken::Relay(stream)) => relay(stream, &connection, &house).await,
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
async fn relay(stream: Secured, connection: &Connection, house: &House) {
    // The relay's own times are kept from here on.
    connection.pace.asked();
    let workers = Workers {
        media: house.media.as_ref(),
        from: *connection.address.reveal(),
    };
    let carried = tokio::select! {
        () = house.closing.cancelled() => return,
        carried = relay::carry(stream, &workers, &connection.pace) => carried,
    };
    if let Err(error) = carried {
        tracing::debug!(%error, "a client of the relay ended early");
    }
}

async fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    connection: Connection,
    router: Router,
    house: &Arc<House>,
) {
    let service = service_fn(|request: Request<Incoming>| {
        connection.pace.asked();
        let (connection, router) = (connection.clone(), router.clone());
        async move {
            let pace = connection.pace.clone();
            let (request, rest) = rest::lend(request);
            let answered = answer(request, connection, router, house).await;
            if let Some(rest) = rest
                && answered.status() != StatusCode::SWITCHING_PROTOCOLS
            {
                rest.take(&pace, house);
            }
            Ok::<_, Infallible>(answered)
        }
    });
    let conversation = hyper::server::conn::http1::Builder::new()
        // Time is kept below: here, idling and asking would be one.
        .header_read_timeout(None)
        .max_headers(HEAD_LINES)
        .max_buf_size(HEAD_LENGTH)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut conversation = std::pin::pin!(conversation);
    let ended = tokio::select! {
        ended = conversation.as_mut() => ended,
        () = house.closing.cancelled() => {
            conversation.as_mut().graceful_shutdown();
            conversation.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// HTTP/2: several requests at a time, so that a page's files come together over a slow line.
async fn converse_at_once(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    connection: Connection,
    router: Router,
    house: &Arc<House>,
) {
    connection.pace.share();
    let closing = house.closing.clone();
    let tasks = Tracked(house.tasks.clone());
    let house = Arc::clone(house);
    let service = service_fn(move |request: Request<Incoming>| {
        connection.pace.asked();
        let (connection, router) = (connection.clone(), router.clone());
        let house = Arc::clone(&house);
        async move {
            let answered: Result<_, Infallible> =
                Ok(answer(request.map(Body::new), connection, router, &house).await);
            answered
        }
    });
    let conversation = hyper::server::conn::http2::Builder::new(tasks)
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(u32::try_from(HEAD_LENGTH).unwrap_or(u32::MAX))
        .max_send_buf_size(WAITING)
        .serve_connection(TokioIo::new(stream), service);
    let mut conversation = std::pin::pin!(conversation);
    let ended = tokio::select! {
        ended = conversation.as_mut() => ended,
        () = closing.cancelled() => {
            conversation.as_mut().graceful_shutdown();
            conversation.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// Runs the requests of one connection among the server's own tasks.
#[derive(Clone)]
struct Tracked(TaskTracker);

impl<F> Executor<F> for Tracked
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    fn execute(&self, work: F) {
        self.0.spawn(work);
    }
}

/// Answers one request, as whoever asks it.
async fn answer(
    mut request: Request<Body>,
    connection: Connection,
    router: Router,
    house: &House,
) -> Response {
    let pace = connection.pace.clone();
    let Some(peer) = peer(request.headers(), connection, house) else {
        let refused = StatusCode::TOO_MANY_REQUESTS.into_response();
        return refused.map(|body| Body::new(Answer::new(body, pace, None)));
    };
    let passed = peer.passed.clone();
    request.extensions_mut().insert(peer);
    // What the log says of it carries the same number as its answer.
    let id = format!("{:016x}", ambient::random::<u64>());
    let span = tracing::info_span!("request", id);
    let answering = async {
        let response = match router.oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        tracing::debug!(status = response.status().as_u16(), "answered");
        response
    };
    let mut response = answering.instrument(span).await;
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        // The connection is a WebSocket's from now on, which keeps its own times.
        return response;
    }
    response.map(|body| Body::new(Answer::new(body, pace, passed)))
}

/// Who asks; nobody where a proxy passes on more for them than one may have.
fn peer(headers: &HeaderMap, connection: Connection, house: &House) -> Option<Peer> {
    let from = connection.address.reveal().ip();
    let address = house.proxies.client(from, headers);
    let is_forwarded = proxies::is_forwarded(headers);
    let passed = if address == from {
        if is_forwarded {
            house.proxies.wonder(from);
        }
        None
    } else {
        let passed = house.places.pass(Source::from(address));
        Some(Arc::new(passed.ok()?))
    };
    Some(Peer {
        connection,
        address: Private::new(address),
        is_forwarded,
        passed,
    })
}
