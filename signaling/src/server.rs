//! The running server: put together, begun and ended.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::response::Response;
use axum::routing::get;
use call::{CallId, Moment};
use cluster::{Alone, Cluster};
use jiff::SignedDuration;
use links::Keyring;
use live::news::News;
use live::{Clock, Live, Ports, Rules};
use post::Carrier;
use sfu::MediaEvent;
use store::Store;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, Notify, mpsc};
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::acme::Acme;
use crate::counted::Tells;
use crate::data::{Carriers, message_folders};
use crate::disks::{self, Disks};
use crate::face::LastLogo;
use crate::hashing::Passwords;
use crate::health::{Health, Part};
use crate::house::{Ending, House};
use crate::intake::{self, Intakes};
use crate::limits::Limiter;
use crate::listen::{Places, way_out};
use crate::looks::{self, Looks};
use crate::media::MediaPlane;
use crate::metrics::Answers;
use crate::nodes::{self, Nodes, NodesError};
use crate::openid::{self, Openid};
use crate::port::{Opens, Port};
use crate::records::{Records, Writing};
use crate::rounds::Rounds;
use crate::settings::{self, Settings};
use crate::sign_ins::SignIns;
use crate::supervise::supervise;
use crate::tls::{Tls, TlsError};
use crate::webhooks::{self, SecretsError, Webhooks};
use crate::{
    PublicUrl, api, audit_heads, backup, clock_watch, closings, face, headers, healthz, listen,
    metrics, page, records_watch, reminders, retention, session_records, socket,
};

/// How long everything together may take to end.
const ENDING: Duration = Duration::from_millis(1500);

/// How long the media plane may take to end.
const MEDIA_ENDING: Duration = Duration::from_millis(300);

/// How long it may take to write down what is still to be, and to tell other nodes that this one ends.
const SAYING: Duration = Duration::from_millis(700);

/// Why the server could not begin.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port is taken or may not be used, or the address is another machine's.
    #[error("cannot listen on TCP {address}: {source}; {}", way_out(.source, .key))]
    Listen {
        /// The setting that names it.
        key: &'static str,
        /// Which.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The certificate cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The records cannot be used.
    #[error(transparent)]
    Records(#[from] store::Error),
    /// Nothing can be signed for receivers of webhooks.
    #[error(transparent)]
    Webhooks(#[from] SecretsError),
    /// This node cannot be one of several.
    #[error(transparent)]
    Nodes(#[from] NodesError),
}

impl StartError {
    /// Whether it may pass without anybody mending it here.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Listen { source, .. } => matches!(
                source.kind(),
                io::ErrorKind::AddrInUse | io::ErrorKind::AddrNotAvailable
            ),
            Self::Tls(_) | Self::Webhooks(_) => false,
            Self::Records(error) => error.may_pass(),
            Self::Nodes(error) => error.may_pass(),
        }
    }
}

/// A TCP port that is ours, before anything is served on it.
#[derive(Debug)]
pub struct Bound {
    port: Port,
    address: SocketAddr,
    /// Where whoever comes without TLS is led on.
    plain: Option<(Port, SocketAddr)>,
    tls: Option<Tls>,
    health: Health,
}

/// The media plane and what it reports.
pub struct Media {
    /// The media plane.
    pub plane: Arc<dyn MediaPlane>,
    /// What it reports.
    pub events: mpsc::Receiver<MediaEvent>,
}

impl std::fmt::Debug for Media {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Media")
    }
}

/// A server that serves.
pub struct Server {
    house: Arc<House>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Server")
    }
}

/// What names the address of pages, and that of whoever comes without TLS.
const LISTEN: &str = "--listen or http.listen";
const PLAIN_LISTEN: &str = "http.plain_listen";

const fn untaken(key: &'static str, address: SocketAddr, source: io::Error) -> StartError {
    StartError::Listen {
        key,
        address,
        source,
    }
}

/// Whoever connects from now on is served.
fn open(
    (port, address): (Port, SocketAddr),
    plain: Option<(Port, SocketAddr)>,
) -> Result<(TcpListener, Option<TcpListener>), StartError> {
    let open = |key, port: Port, address| {
        let opened = port.open();
        opened.map_err(|source| untaken(key, address, source))
    };
    let listener = open(LISTEN, port, address)?;
    let plain = plain.map(|(port, address)| open(PLAIN_LISTEN, port, address));
    Ok((listener, plain.transpose()?))
}

impl Bound {
    /// Takes the port of `http.listen`: a node refuses whoever connects until it serves. It is called within a
    /// runtime.
    ///
    /// # Errors
    ///
    /// [`StartError::Listen`] where it is taken or may not be used, [`StartError::Tls`] where there
    /// is a certificate that cannot be used.
    pub fn new(settings: &Settings) -> Result<Self, StartError> {
        let opens = match settings.cluster.node() {
            Some(_) => Opens::Serving,
            None => Opens::Now,
        };
        let taken = |key, address| {
            Port::take(address, opens).map_err(|source| untaken(key, address, source))
        };
        let (port, address) = taken(LISTEN, settings.http.listen)?;
        let plain = settings.http.plain_listen;
        let plain = plain.map(|it| taken(PLAIN_LISTEN, it)).transpose()?;
        let health = Health::default();
        let url = settings.public_url(address);
        let read = if settings.acme.directory.is_some() {
            Tls::read_or_await
        } else {
            Tls::read
        };
        let tls = settings
            .tls()
            .map(|files| read(files, url.host(), health.part("certificate")))
            .transpose()?;
        Ok(Self {
            port,
            address,
            plain,
            tls,
            health,
        })
    }

    /// The address, its port known.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// How the parts of the program are, for those that begin before the server serves.
    #[must_use]
    pub const fn health(&self) -> &Health {
        &self.health
    }

    /// Begins to serve. Calls that the run of the program before this one left go on.
    ///
    /// # Errors
    ///
    /// [`StartError::Records`] where the records cannot be used, [`StartError::Nodes`] where this cannot be one of
    /// several, [`StartError::Listen`] where another program has taken the port meanwhile, [`StartError::Webhooks`]
    /// where nothing can be signed.
    pub async fn serve(
        self,
        settings: &Settings,
        keyring: Keyring,
        store: Store,
        media: Media,
        carriers: Carriers,
    ) -> Result<Server, StartError> {
        let clock = Clock::start();
        let (closing, tasks, deeds) = Ending::default();
        let ending = (closing.clone(), tasks.clone(), deeds.clone());
        let above = above(settings, &store, (clock, &media.plane), &ending).await?;
        let (listener, plain) = open((self.port, self.address), self.plain)?;
        let (post, texts) = (Arc::<Notify>::default(), Arc::<Notify>::default());
        let public_url = settings.public_url(self.address);
        let sends_texts = carriers.texts.is_some();
        let sending = offices(
            (settings, &self.health),
            (&store, &keyring, &public_url),
            (carriers, &post, &texts),
        );
        let ports = (Arc::clone(&media.plane), store.clone(), &above);
        let relay = self.tls.as_ref().map(|_tls| public_url.authority());
        let rules = (settings.calls, relay);
        let live = living(rules, keyring.clone(), ports, clock, ending);
        let (limiter, sign_ins, tells) = counts(&settings.limits, above.nodes.is_some());
        let house = Arc::new(House {
            rules: settings.calls,
            public_url,
            sends_texts,
            countries: settings.texts.countries.clone(),
            texts_a_day: settings.texts.most_a_day,
            keyring,
            intake: Intakes::new(&settings.import),
            store,
            live: Arc::new(live),
            alone: above.alone,
            nodes: above.nodes,
            is_gone: CancellationToken::new(),
            limiter,
            sign_ins,
            passwords: Passwords::default(),
            saving: Mutex::default(),
            tells,
            openid: Openid::of(&settings.openid).map(Arc::new),
            webhooks: Webhooks::of(&settings.webhooks)?.map(Arc::new),
            metrics_token: settings.metrics.token.clone(),
            answers: Answers::default(),
            places: Places::of(&settings.limits),
            proxies: settings.http.trusted_proxies.clone(),
            media: media.plane,
            tls: self.tls,
            logo: LastLogo::default(),
            disks: Disks::default(),
            health: self.health,
            post,
            texts,
            closing,
            tasks,
            deeds,
            looks: Looks::default(),
        });
        attend(&house, (listener, plain), (media.events, above.left_behind));
        see_to_all_else(&house, settings, sending);
        look_around(&house).await;
        Ok(Server { house })
    }
}

/// Has a node say what it sees of the others.
async fn look_around(house: &House) {
    if let Some(nodes) = &house.nodes {
        nodes.look_around().await;
    }
}

/// Counts what is asked for; where there are other nodes, they hear of it.
fn counts(limits: &settings::Limits, has_others: bool) -> (Limiter, SignIns, Tells) {
    let tells = if has_others {
        Tells::others()
    } else {
        Tells::default()
    };
    let (by_source, asked) = (limits.sign_ins_per_address, limits.guesses_per_address);
    let sign_ins = SignIns::new(by_source, asked, &tells);
    (Limiter::new(limits, &tells), sign_ins, tells)
}

/// Has the rest done that goes on as long as it serves.
fn see_to_all_else(
    house: &Arc<House>,
    settings: &Settings,
    sending: Vec<(&'static str, post::Office)>,
) {
    be_certified(house, settings);
    watch(house, sending, message_folders(&settings.data.folder));
    keep_safe(house, settings);
}

/// Has a certificate asked for and renewed, where an ACME server is set.
fn be_certified(house: &Arc<House>, settings: &Settings) {
    let Some(acme) = Acme::of(settings) else {
        return;
    };
    let part = house.health.part("certificate_renewal");
    supervised("acme", house, move |house| {
        let (acme, part) = (acme.clone(), part.clone());
        async move { acme.run(&house, &part).await }
    });
}

/// What is done so that records are not lost, nor their log changed unseen.
fn keep_safe(house: &Arc<House>, settings: &Settings) {
    look_at_disks(house, settings);
    copy_by_night(house, &settings.backup);
    mail_audit_heads(house, settings.audit);
}

/// Has it said in time that a disk fills up.
fn look_at_disks(house: &Arc<House>, settings: &Settings) {
    let part = house.health.part("disk");
    let settings = settings.clone();
    supervised("disks", house, move |house| {
        let (settings, part) = (settings.clone(), part.clone());
        async move { disks::run(&house, &settings, &part).await }
    });
}

/// Has the records copied every night, where a folder is set for that.
fn copy_by_night(house: &Arc<House>, settings: &settings::Backup) {
    let Some(folder) = settings.folder.clone() else {
        return;
    };
    let part = house.health.part("backup");
    let settings = settings.clone();
    supervised("backups", house, move |house| {
        let (settings, folder, part) = (settings.clone(), folder.clone(), part.clone());
        async move { backup::run(&house, &settings, &folder, &part).await }
    });
}

/// Has the office sent the last row of the audit log, where the settings wish it.
fn mail_audit_heads(house: &Arc<House>, settings: settings::Audit) {
    if settings.mail_every_days == 0 {
        return;
    }
    let every = SignedDuration::from_hours(24 * i64::from(settings.mail_every_days));
    supervised("audit_heads", house, move |house| async move {
        audit_heads::run(&house, every).await;
    });
}

/// What is one above all meetings, and above all nodes where there are several.
struct Above {
    cluster: Arc<dyn Cluster>,
    alone: Option<Arc<Alone>>,
    nodes: Option<Arc<Nodes>>,
    /// The meetings in which somebody was when this program ended the last time.
    left_behind: Vec<CallId>,
}

async fn above(
    settings: &Settings,
    store: &Store,
    (clock, media): (Clock, &Arc<dyn MediaPlane>),
    ending: &Ending,
) -> Result<Above, StartError> {
    // Nodes number their sessions in the blocks of those runs.
    if let Some(node) = settings.cluster.node() {
        store.begin_run().await?;
        let nodes = Arc::new(Nodes::begin((&node, settings), store, clock, ending).await?);
        let began = clock.instant(Moment::default());
        media.send_until(began, nodes.shared.acts_until());
        return Ok(Above {
            cluster: Arc::clone(&nodes.shared) as Arc<dyn Cluster>,
            alone: None,
            nodes: Some(nodes),
            left_behind: Vec::new(),
        });
    }
    let (alone, left_behind) = session_records::read(store, clock).await?;
    Ok(Above {
        cluster: Arc::clone(&alone) as Arc<dyn Cluster>,
        alone: Some(alone),
        nodes: None,
        left_behind,
    })
}

/// Has who is where written down, and this node heard by the others.
fn keep_sessions(house: &Arc<House>) {
    if let Some(alone) = house.alone.clone() {
        supervised("sessions", house, move |house| {
            session_records::write(house, Arc::clone(&alone))
        });
    }
    let Some(nodes) = house.nodes.clone() else {
        return;
    };
    supervised("sessions_of_yesterday", house, session_records::forget);
    let its = Arc::clone(&nodes);
    supervised("left_behind", house, move |house| {
        session_records::take_up(house, Arc::clone(&its))
    });
    let its = Arc::clone(&nodes);
    supervised("sessions", house, move |house| {
        let shared = Arc::clone(&its.shared);
        async move {
            let clock = house.live.clock;
            tokio::select! {
                () = house.closing.cancelled() => {}
                () = shared.write(|| clock.now()) => {}
            }
        }
    });
    if let Some(bus) = nodes.bus.clone() {
        let its = Arc::clone(&nodes);
        supervised("redis", house, move |house| {
            let (bus, shared) = (Arc::clone(&bus), Arc::clone(&its.shared));
            async move {
                tokio::select! {
                    () = nodes::closed_and_said(&house) => {}
                    () = bus.carry(shared) => {}
                }
            }
        });
    }
    let its = Arc::clone(&nodes);
    supervised("node", house, move |house| {
        nodes::live_on(house, Arc::clone(&its))
    });
    supervised("nodes", house, move |house| {
        nodes::listen(house, Arc::clone(&nodes))
    });
}

/// Serves whoever connects, in the calls that were left behind too, passes on what the media plane reports, and writes
/// down who is where.
fn attend(
    house: &Arc<House>,
    (listener, plain): (TcpListener, Option<TcpListener>),
    (events, left_behind): (mpsc::Receiver<MediaEvent>, Vec<CallId>),
) {
    house.restore(left_behind);
    keep_sessions(house);
    if let Some(plain) = plain {
        let plain = Arc::new(plain);
        supervised("plain_connections", house, move |house| {
            listen::lead_on(Arc::clone(&plain), house)
        });
    }
    let router = router(Arc::clone(house));
    let listener = Arc::new(listener);
    supervised("connections", house, move |house| {
        listen::run(Arc::clone(&listener), router.clone(), house)
    });
    let events = Arc::new(Mutex::new(events));
    supervised("media_events", house, move |house| {
        pass_on(Arc::clone(&events), house)
    });
}

/// The living part, upon the media plane, the records, and what is one above all meetings.
fn living(
    (calls, relay_over_tls): (settings::Calls, Option<String>),
    keyring: Keyring,
    (media, store, above): (Arc<dyn MediaPlane>, Store, &Above),
    clock: Clock,
    (closing, tasks, _deeds): Ending,
) -> Live {
    let nodes = above.nodes.as_ref();
    let news = Arc::new(match nodes {
        Some(_) => News::among_nodes(),
        None => News::new(),
    });
    let records = Records {
        readings: Arc::default(),
        writing: Writing::default(),
        store,
        boot: nodes.map(|it| it.shared.node().boot),
        news: Arc::clone(&news),
        closing: closing.clone(),
        tasks: tasks.clone(),
    };
    let ports = Ports {
        media,
        rosters: Arc::new(records),
        cluster: Arc::clone(&above.cluster),
    };
    let rules = Rules {
        cap: calls.cap,
        grace: calls.grace,
        closed_grace: calls.closed_grace.min(calls.grace),
        hold_seat_for_parent: calls.hold_seat_for_parent,
        member_within: calls.member_within,
        heartbeat: calls.heartbeat,
        relay_over_tls,
    };
    Live::new(rules, keyring, ports, news, clock, (closing, tasks))
}

/// Who sends e-mails and text messages, each with the name of its task.
fn offices(
    (settings, health): (&Settings, &Health),
    (store, keyring, public_url): (&Store, &Keyring, &PublicUrl),
    (carriers, post, texts): (Carriers, &Arc<Notify>, &Arc<Notify>),
) -> Vec<(&'static str, post::Office)> {
    let office = |carrier: Carrier, wake: &Arc<Notify>, part| post::Office {
        store: store.clone(),
        keyring: keyring.clone(),
        sender: settings.mail.sender(public_url),
        heard: heard(health.part(part), reaches_nobody(&carrier, public_url)),
        carrier,
        wake: Arc::clone(wake),
    };
    let emails = office(Carrier::Email(carriers.emails), post, "mail");
    let messages = carriers
        .texts
        .map(|it| office(Carrier::Text(it), texts, "texts"));
    let messages = messages.map(|it| ("text_messages", it));
    std::iter::once(("post", emails)).chain(messages).collect()
}

/// What is to be said where e-mails lie in files, of a server that is for others than this machine's people.
fn reaches_nobody(carrier: &Carrier, public_url: &PublicUrl) -> Option<&'static str> {
    let is_filed = matches!(carrier, Carrier::Email(post::Postman::Files(_)));
    (is_filed && !public_url.is_loopback()).then_some(
        "No mail server is set: e-mails lie in files in the data folder, and reach nobody. Set mail.smtp_host, or \
         run `homeroom setup`.",
    )
}

/// Shows how what is sent goes; `at_best` is what is said where nothing goes wrong.
fn heard(part: Part, at_best: Option<&'static str>) -> post::Heard {
    let says = move |sentence: Option<&str>| {
        drop(match sentence.or(at_best) {
            Some(sentence) => part.doubtful(sentence),
            None => part.well(),
        });
    };
    says(None);
    Box::new(says)
}

/// Looks after what nobody asks for.
fn watch(house: &Arc<House>, offices: Vec<(&'static str, post::Office)>, folders: [PathBuf; 2]) {
    if house.tls.is_some() {
        supervised("certificate_files", house, |house| async move {
            if let Some(tls) = &house.tls {
                tls.follow(house.closing.clone()).await;
            }
        });
    }
    supervised("retention", house, move |house| {
        let rounds = Rounds::of(house.health.part("retention"));
        retention::run(
            house.store.clone(),
            folders.clone(),
            (rounds, house.closing.clone()),
        )
    });
    for (name, office) in offices {
        let office = Arc::new(office);
        supervised(name, house, move |house| {
            post::run(Arc::clone(&office), house.closing.clone())
        });
    }
    supervised("intake", house, intake::run);
    supervised("import_folder", house, intake::run_folder);
    if let Some(openid) = house.openid.clone() {
        let part = house.health.part("openid");
        supervised("openid_watch", house, move |house| {
            openid::watch(house, Arc::clone(&openid), part.clone())
        });
    }
    tell_receivers(house);
    supervised("closings", house, |house| async move {
        closings::run(&house).await;
    });
    supervised("reminders", house, |house| async move {
        reminders::run(&house).await;
    });
    supervised("sweep", house, |house| Arc::clone(&house.live).sweep());
    supervised("notices", house, |house| Arc::clone(&house.live).hear());
    supervised("looks", house, |house| async move {
        looks::run(&house).await;
    });
    supervised("records_watch", house, |house| async move {
        records_watch::run(&house).await;
    });
    supervised("clock_watch", house, |house| async move {
        clock_watch::run(&house).await;
    });
}

/// Has receivers of webhooks told of what happens, where there are any.
fn tell_receivers(house: &Arc<House>) {
    // Also where there are none any more.
    let its = Arc::clone(house);
    house
        .tasks
        .spawn(async move { webhooks::forget(&its).await });
    if let Some(webhooks) = house.webhooks.clone() {
        let part = house.health.part("webhook_receivers");
        supervised("webhooks", house, move |house| {
            webhooks::run(house, Arc::clone(&webhooks), part.clone())
        });
    }
}

/// Has a task live as long as the server.
fn supervised<F>(
    name: &'static str,
    house: &Arc<House>,
    begin: impl Fn(Arc<House>) -> F + Send + 'static,
) where
    F: Future<Output = ()> + Send + 'static,
{
    let part = house.health.part(name);
    let closing = house.closing.clone();
    let its = Arc::clone(house);
    house
        .tasks
        .spawn(supervise(part, closing, move || begin(Arc::clone(&its))));
}

impl Server {
    /// What people type to reach it.
    #[must_use]
    pub fn public_url(&self) -> &PublicUrl {
        &self.house.public_url
    }

    /// Reads anew what can be read while it runs: the certificate.
    pub fn reload(&self) {
        match &self.house.tls {
            Some(tls) => {
                tracing::info!("the certificate is read anew");
                tls.look_now();
            }
            None => tracing::info!("there is nothing to read anew: settings are read at the start"),
        }
    }

    /// Has this node take no new meetings, and be drained when its own are over, or at its deadline.
    pub fn drain(&self) {
        match &self.house.nodes {
            Some(nodes) => nodes::drain(&self.house, nodes),
            None => tracing::info!("SIGUSR1 means nothing here"),
        }
    }

    /// Ends where this node is drained: it has nothing more to do.
    pub async fn is_drained(&self) {
        match &self.house.nodes {
            Some(nodes) => nodes.is_drained().await,
            None => std::future::pending().await,
        }
    }

    /// Ends where the other nodes hold this one to be gone: what it does counts no more.
    pub async fn is_gone(&self) {
        self.house.is_gone.cancelled().await;
    }

    /// Says goodbye to everyone and ends; it takes less than 2 s, whoever listens or not.
    pub async fn stop(self) {
        self.house.closing.cancel();
        self.house.deeds.close();
        self.house.tasks.close();
        if timeout(ENDING, self.house.tasks.wait()).await.is_err() {
            tracing::debug!("some connections did not end in time");
        }
        let media = Arc::clone(&self.house.media);
        let stopping = spawn_blocking(move || media.stop());
        if let Some(nodes) = &self.house.nodes {
            let said = timeout(SAYING, nodes.end()).await;
            if !matches!(said, Ok(Ok(()))) {
                tracing::warn!("the other nodes were not told that this one ends");
            }
        }
        if timeout(MEDIA_ENDING, stopping).await.is_err() {
            tracing::warn!("the media plane did not end in time");
        }
    }
}

fn router(house: Arc<House>) -> Router {
    let answers = house.answers.clone();
    Router::new()
        .route("/healthz", get(healthz::healthz))
        .route("/readyz", get(healthz::readyz))
        .route("/metrics", get(metrics::metrics))
        .merge(api::routes())
        .route(wire::SOCKET_PATH, get(socket::upgrade))
        .route("/", get(page::index))
        .route("/j/{id}", get(page::index))
        .route("/j/{id}/{*page}", get(page::index))
        .route("/setup", get(page::office))
        .route("/account", get(page::office))
        .route("/register", get(page::office))
        .route("/staff", get(page::office))
        .route("/openid", get(page::office))
        .route("/office", get(page::office))
        .route("/office/{*path}", get(page::office))
        .route("/blur", get(page::blur))
        .route("/assets/{*path}", get(page::asset))
        .route("/logo/{digest}", get(face::logo))
        .route("/{name}", get(page::beside))
        .fallback(page::other)
        .layer(axum::middleware::map_response(headers::add))
        .layer(axum::middleware::map_response(move |response: Response| {
            answers.count(&response);
            std::future::ready(response)
        }))
        .with_state(house)
}

/// Passes on what the media plane reports to whom it concerns.
async fn pass_on(events: Arc<Mutex<mpsc::Receiver<MediaEvent>>>, house: Arc<House>) {
    loop {
        let next = async { events.lock().await.recv().await };
        let event = tokio::select! {
            biased;
            () = house.closing.cancelled() => return,
            event = next => event,
        };
        match event {
            Some(event) => house.live.media(event).await,
            None => return,
        }
    }
}
