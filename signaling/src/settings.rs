//! What may be set, and the one place that reads files and the environment.
//!
//! A setting has a dotted key, `http.listen`. In the file it is `listen` under `[http]`; in the
//! environment it is `HOMEROOM__HTTP__LISTEN`, which wins over the file. A list is written with
//! commas in the environment. `config/homeroom.toml` holds every key with its default.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::SignedDuration;
use jiff::civil::Time;
use school::meeting::Margins;
use serde::Deserialize;
use tracing_subscriber::EnvFilter;

use crate::origin::PublicUrl;
use crate::plain_file;
use crate::private::Private;
use crate::proxies::Proxies;

mod alike;
mod cluster;
mod given;
mod mail;
mod openid;
mod ports;
mod powers;
mod text;
mod texts;
mod webhooks;

pub use alike::Digests;
pub use cluster::{Cluster, Node};
use given::Given;
pub use mail::Mail;
pub use openid::Openid;
pub use powers::Powers;
pub(crate) use text::is_host;
pub use texts::Texts;
pub use webhooks::Webhooks;

/// The files of which, when none is named, the first that is there is read: that of a source tree, and
/// that of an installed package.
pub const DEFAULT_FILES: [&str; 2] = ["config/homeroom.toml", "/etc/homeroom/homeroom.toml"];

/// The largest settings file that is read, bytes.
const LARGEST: u64 = 1 << 20;

/// Where `homeroom` listens unless told otherwise.
pub const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// The port, UDP and TCP, of the first media worker of `homeroom serve`, unless told otherwise.
const DEFAULT_MEDIA_PORT: u16 = 8081;

/// Parts that, when asked for much, write down what travels, or what stands in the URL of the database.
const MESSAGE_LOGS: [&str; 4] = [
    "tungstenite=warn",
    "tokio_tungstenite=warn",
    "hyper=info",
    "sqlx_postgres::options=off",
];

/// Everything that may be set.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// `[http]`: pages, API and WebSocket.
    pub http: Http,
    /// `[acme]`: who issues the certificate.
    pub acme: Acme,
    /// `[media]`: sound and picture.
    pub media: Media,
    /// `[calls]`: the rules of calls.
    pub calls: Calls,
    /// `[powers]`: what people of each role may do in calls.
    pub powers: Powers,
    /// `[limits]`: what one link or one address may ask for.
    pub limits: Limits,
    /// `[data]`: where records, keys and files are.
    pub data: Data,
    /// `[database]`: the records, where they are not in a file.
    pub database: Database,
    /// `[cluster]`: the other nodes, where there are several.
    pub cluster: Cluster,
    /// `[openid]`: the provider by which the staff sign in.
    pub openid: Openid,
    /// `[mail]`: how e-mail is sent.
    pub mail: Mail,
    /// `[texts]`: how text messages are sent.
    pub texts: Texts,
    /// `[webhooks]`: who is told of what happens.
    pub webhooks: Webhooks,
    /// `[import]`: where people are taken from.
    pub import: Import,
    /// `[backup]`: copies of the records.
    pub backup: Backup,
    /// `[audit]`: how the audit log is kept from being changed unseen.
    pub audit: Audit,
    /// `[metrics]`: who may read figures.
    pub metrics: Metrics,
    /// `[log]`: what is written to standard error.
    pub log: Log,
}

/// Pages, API and WebSocket.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    /// `http.listen`: the TCP address.
    #[serde(deserialize_with = "text::address")]
    pub listen: SocketAddr,
    /// `http.plain_listen`: the TCP address from which whoever comes without TLS is led on.
    #[serde(deserialize_with = "text::optional_address")]
    pub plain_listen: Option<SocketAddr>,
    /// `http.public_url`: what people type, where it is not the address listened on.
    #[serde(deserialize_with = "text::public_url")]
    pub public_url: Option<PublicUrl>,
    /// `http.tls_certificate`: a PEM file, the server's own certificate first.
    #[serde(deserialize_with = "text::file")]
    pub tls_certificate: Option<PathBuf>,
    /// `http.tls_key`: a PEM file.
    #[serde(deserialize_with = "text::file")]
    pub tls_key: Option<PathBuf>,
    /// `http.trusted_proxies`: whose word on a client's address is taken.
    #[serde(deserialize_with = "text::proxies")]
    pub trusted_proxies: Proxies,
}

/// Who issues a certificate, where this program asks for it (RFC 8555).
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Acme {
    /// `acme.directory`: the URL of the server's directory.
    #[serde(deserialize_with = "text::acme_directory")]
    pub directory: Option<String>,
    /// `acme.contact`: an e-mail address that the server may write to.
    #[serde(deserialize_with = "text::email")]
    pub contact: Option<String>,
    /// `acme.root`: a PEM file of whoever vouches for that server, where this machine does not know it.
    #[serde(deserialize_with = "text::file")]
    pub root: Option<PathBuf>,
}

/// The files of a certificate and its key.
#[derive(Clone, Debug, PartialEq)]
pub struct Tls {
    /// The certificate, and those that vouch for it.
    pub certificate: PathBuf,
    /// The key.
    pub key: PathBuf,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: DEFAULT_LISTEN,
            plain_listen: None,
            public_url: None,
            tls_certificate: None,
            tls_key: None,
            trusted_proxies: Proxies::default(),
        }
    }
}

/// Sound and picture.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Media {
    /// `media.listen`: the address, UDP and TCP, of the first worker; without it, the IP address of
    /// `http.listen` and port 8081.
    #[serde(deserialize_with = "text::optional_address")]
    pub listen: Option<SocketAddr>,
    /// `media.workers`: threads, each with one port, counted on from the first; 0: [`Self::workers()`].
    #[serde(deserialize_with = "text::number::<0, 64, _, _>")]
    pub workers: u16,
    /// `media.announce`: the addresses told to browsers; empty: those listened on.
    #[serde(deserialize_with = "text::ip_addresses")]
    pub announce: Vec<IpAddr>,
}

/// The most workers that a machine has by itself: each has a port that a firewall must let in.
const MOST_BY_THEMSELVES: usize = 4;

impl Media {
    /// How many workers there are: where none are set, one for each core, and no more than four.
    #[must_use]
    pub fn workers(&self) -> u16 {
        if self.workers > 0 {
            return self.workers;
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        u16::try_from(cores.min(MOST_BY_THEMSELVES)).unwrap_or(1)
    }
}

/// Where people are taken from; the office says the rest.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Import {
    /// `import.wonde_url`: where Wonde's API is, where that is not the address of the school's region.
    #[serde(deserialize_with = "text::web_address")]
    pub wonde_url: Option<String>,
    /// `import.folder`: where another system leaves lists (CSV) or a `OneRoster` export for the night;
    /// without it, there is no such place.
    #[serde(deserialize_with = "text::file")]
    pub folder: Option<PathBuf>,
    /// `import.folder_is_whole`: whether lists there name everybody.
    #[serde(deserialize_with = "text::claim")]
    pub folder_is_whole: bool,
}

/// The rules of calls.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Calls {
    /// `calls.cap`: the most people seated at any instant, 1 to 4 (CALL-1).
    #[serde(deserialize_with = "text::number::<1, 4, _, _>")]
    pub cap: u8,
    /// `calls.grace_s`: how long a lost connection keeps its seat or place (CALL-5).
    #[serde(rename = "grace_s", deserialize_with = "text::seconds::<1, 600, _, _>")]
    pub grace: Duration,
    /// `calls.closed_grace_s`: how long a page that was closed keeps them, `calls.grace_s` at most.
    #[serde(
        rename = "closed_grace_s",
        deserialize_with = "text::seconds::<1, 600, _, _>"
    )]
    pub closed_grace: Duration,
    /// `calls.hold_seat_for_parent`: one seat stays free until the parent has come (CALL-4).
    #[serde(deserialize_with = "text::claim")]
    pub hold_seat_for_parent: bool,
    /// `calls.member_within_s`: how long guests of a room may be there without a member (ROOM-4).
    #[serde(
        rename = "member_within_s",
        deserialize_with = "text::seconds::<5, 86_400, _, _>"
    )]
    pub member_within: Duration,
    /// `calls.heartbeat_ms`: how often a browser says that it lives.
    #[serde(
        rename = "heartbeat_ms",
        deserialize_with = "text::milliseconds::<200, 60_000, _, _>"
    )]
    pub heartbeat: Duration,
    /// `calls.opens_before_min`: how long before its start an appointment can be joined.
    #[serde(
        rename = "opens_before_min",
        deserialize_with = "text::minutes::<0, 1_440, _, _>"
    )]
    pub opens_before: Duration,
    /// `calls.closes_after_min`: how long after its end its talk may go on at most, made longer.
    #[serde(
        rename = "closes_after_min",
        deserialize_with = "text::minutes::<0, 1_440, _, _>"
    )]
    pub closes_after: Duration,
}

impl Default for Calls {
    fn default() -> Self {
        Self {
            cap: 4,
            grace: Duration::from_secs(30),
            closed_grace: Duration::from_secs(10),
            hold_seat_for_parent: false,
            member_within: Duration::from_mins(10),
            heartbeat: Duration::from_secs(5),
            opens_before: Duration::from_mins(15),
            closes_after: Duration::from_mins(5),
        }
    }
}

/// What one link or one address may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// `limits.joins_per_link_per_min`: requests with one link.
    #[serde(
        rename = "joins_per_link_per_min",
        deserialize_with = "text::number::<1, 1_000_000, _, _>"
    )]
    pub joins_per_link: u32,
    /// `limits.joins_per_address_per_min`: requests with good links from one address; a school is
    /// one address.
    #[serde(
        rename = "joins_per_address_per_min",
        deserialize_with = "text::number::<1, 1_000_000, _, _>"
    )]
    pub joins_per_address: u32,
    /// `limits.guesses_per_address_per_min`: requests with wrong links from one address.
    #[serde(
        rename = "guesses_per_address_per_min",
        deserialize_with = "text::number::<1, 1_000_000, _, _>"
    )]
    pub guesses_per_address: u32,
    /// `limits.requests_per_link_per_min`: requests with one link beside those to join.
    #[serde(
        rename = "requests_per_link_per_min",
        deserialize_with = "text::number::<1, 1_000_000, _, _>"
    )]
    pub requests_per_link: u32,
    /// `limits.requests_per_address_per_min`: the same with good links from one address.
    #[serde(
        rename = "requests_per_address_per_min",
        deserialize_with = "text::number::<1, 1_000_000, _, _>"
    )]
    pub requests_per_address: u32,
    /// `limits.visitors_per_address_per_hour`: guests and callers who say who they are, from one address.
    #[serde(
        rename = "visitors_per_address_per_hour",
        deserialize_with = "text::number::<1, 1_000_000, _, _>"
    )]
    pub visitors_per_address: u32,
    /// `limits.visitors_per_link_and_address`: those who come by one link from one address in a row; then one
    /// more every ten minutes.
    #[serde(
        rename = "visitors_per_link_and_address",
        deserialize_with = "text::number::<1, 1_000_000, _, _>"
    )]
    pub visitors_by_link: u32,
    /// `limits.sign_ins_per_address_per_min`: attempts to sign in that fail from one address before each
    /// takes longer.
    #[serde(
        rename = "sign_ins_per_address_per_min",
        deserialize_with = "text::number::<1, 1_000_000, _, _>"
    )]
    pub sign_ins_per_address: u32,
    /// `limits.connections`: TCP connections at any instant.
    #[serde(deserialize_with = "text::number::<1, 1_000_000, _, _>")]
    pub connections: u32,
    /// `limits.connections_per_address`: those of one address.
    #[serde(
        rename = "connections_per_address",
        deserialize_with = "text::number::<1, 1_000_000, _, _>"
    )]
    pub connections_of_address: u32,
    /// `limits.connections_per_address_per_s`: new TCP connections from one address.
    #[serde(
        rename = "connections_per_address_per_s",
        deserialize_with = "text::number::<1, 1_000_000, _, _>"
    )]
    pub connections_per_address: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            joins_per_link: 30,
            joins_per_address: 1800,
            guesses_per_address: 60,
            requests_per_link: 240,
            requests_per_address: 12_000,
            visitors_per_address: 100,
            visitors_by_link: 30,
            sign_ins_per_address: 20,
            connections: 10_000,
            connections_of_address: 2_000,
            connections_per_address: 200,
        }
    }
}

/// Where records, keys and files are.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Data {
    /// `data.folder`: the folder.
    #[serde(deserialize_with = "text::folder")]
    pub folder: PathBuf,
}

impl Default for Data {
    fn default() -> Self {
        Self {
            folder: PathBuf::from("data"),
        }
    }
}

/// The records, where they are not in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `database.url`: of PostgreSQL, with its password; without it, SQLite in the data folder.
    #[serde(deserialize_with = "text::database")]
    pub url: Option<Private<String>>,
}

/// How the audit log is kept from being changed unseen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Audit {
    /// `audit.mail_every_days`: how often the office is sent the last row; 0 is never.
    #[serde(deserialize_with = "text::number::<0, 366, _, _>")]
    pub mail_every_days: u16,
}

/// Copies of the records.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Backup {
    /// `backup.folder`: where they are kept; without it, none are made.
    #[serde(deserialize_with = "text::file")]
    pub folder: Option<PathBuf>,
    /// `backup.at`: when one is made, by the time of the school's zone.
    #[serde(deserialize_with = "text::time_of_day")]
    pub at: Time,
    /// `backup.keep_days`: for how many days one is kept.
    #[serde(deserialize_with = "text::number::<1, 3_650, _, _>")]
    pub keep_days: u16,
}

impl Default for Backup {
    fn default() -> Self {
        Self {
            folder: None,
            at: jiff::civil::time(2, 30, 0, 0),
            keep_days: 14,
        }
    }
}

/// Who may read figures.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Metrics {
    /// `metrics.token`: by what programs on other machines may read `/metrics`; without it, those on
    /// this machine alone.
    #[serde(deserialize_with = "text::token")]
    pub token: Option<Private<String>>,
}

/// What is written to standard error.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// `log.format`: `text` or `json`.
    #[serde(deserialize_with = "text::log_format")]
    pub format: LogFormat,
    /// `log.filter`: a level, or levels by module.
    #[serde(deserialize_with = "text::log_filter")]
    pub filter: String,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            format: LogFormat::Text,
            filter: "info,rtc_dtls=error".to_owned(),
        }
    }
}

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LogFormat {
    /// For a person.
    Text,
    /// For a program: one JSON object a line.
    Json,
}

/// Why the settings cannot be used: one sentence that says what to change.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file is not there or may not be read.
    #[error("cannot read the settings file {}: {source}; {whom}give another with --config", path.display(), whom = as_whom(.source))]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is no TOML.
    #[error("the settings file {} is not valid TOML: {reason}", path.display())]
    NotToml {
        /// Which.
        path: PathBuf,
        /// Where, and what is wrong.
        reason: String,
    },
    /// PostgreSQL has its own way to copy.
    #[error(
        "backup.folder is set, and the records are in PostgreSQL: leave it empty, and have pg_dump \
         copy the database every night"
    )]
    NoCopies,
    /// A certificate is both given and asked for.
    #[error(
        "acme.directory and http.tls_certificate are both set: leave one empty, and the certificate is \
         asked for, or taken from its file"
    )]
    TwoCertificates,
    /// Nobody issues a certificate for what people type.
    #[error(
        "acme.directory is set, and http.public_url is no https:// address with a name: set it to what \
         people type, such as https://calls.school.example"
    )]
    NoName,
    /// Whoever is led on would come back to where they are.
    #[error(
        "http.plain_listen is set, and http.public_url is no https:// address to lead people on to: set \
         it, or leave http.plain_listen empty"
    )]
    NowhereOn,
    /// One address cannot be listened on for two things.
    #[error("{key} is the address of {other} too: give it one of its own, such as {such}")]
    OneForTwo {
        /// The setting.
        key: &'static str,
        /// The one that has it already.
        other: &'static str,
        /// What may be meant.
        such: &'static str,
    },
    /// One of the ports of media is another's.
    #[error(
        "media.listen has the port {first}, and of its {workers} workers each takes one, counted on from there: \
         {port} is that of {other}, so give another to one of both, or fewer workers with media.workers"
    )]
    AmongWorkers {
        /// The first port of media.
        first: u16,
        /// How many there are.
        workers: u16,
        /// The one that is another's.
        port: u16,
        /// The setting that names it.
        other: &'static str,
    },
    /// There are not so many ports.
    #[error(
        "media.listen has the port {port}, and of its {workers} workers each takes one, counted on from there: \
         the last port is 65535, so give {most} or a lower one, or fewer workers with media.workers",
        most = u16::MAX - (workers - 1)
    )]
    TooHigh {
        /// The first port of media.
        port: u16,
        /// How many there are.
        workers: u16,
    },
    /// One setting is of no use without the other.
    #[error("{0} is set and {1} is not: set both, or neither")]
    Half(&'static str, &'static str),
    /// Whoever has an account at the provider could say that they are anybody.
    #[error(
        "openid.trust_addresses is set and openid.domains is not: name the domains of the school's own \
         addresses, so that nobody else's are taken"
    )]
    TrustsAnybody,
    /// Anybody may have an account there.
    #[error(
        "openid.issuer is Google's and openid.domains is not set: name the domains of the school's Workspace, \
         so that nobody else's accounts are taken"
    )]
    Anybodys,
    /// Nobody of the staff could sign in.
    #[error("openid.only is set and openid.issuer is not: set the provider, or leave passwords be")]
    NobodyIn,
    /// Nobody knows this key.
    #[error("unknown setting {key} in {place}: remove it, or use {meant}", meant = given::meant_by(.key))]
    Unknown {
        /// The key.
        key: String,
        /// Where it stands.
        place: String,
    },
    /// Several nodes have their records in one place.
    #[error(
        "cluster.name is set and database.url is not: several nodes share one PostgreSQL, set its URL"
    )]
    NoSharedRecords,
    /// Other nodes cannot be told to go to all addresses of a machine.
    #[error(
        "cluster.listen is {0}, which is nowhere to other nodes: give the address that they reach, or set \
         cluster.address to host and port of it"
    )]
    Nowhere(SocketAddr),
    /// The value cannot be used.
    #[error("the setting {key} in {place} cannot be {value:?}: give {wanted}")]
    Wrong {
        /// The key.
        key: String,
        /// Where it stands.
        place: String,
        /// What stands there.
        value: String,
        /// What should.
        wanted: String,
    },
}

/// What to do first where the system says that this user may not read it.
fn as_whom(source: &std::io::Error) -> &'static str {
    if source.kind() == std::io::ErrorKind::PermissionDenied {
        "let the user whom this runs as read it (chgrp homeroom, chmod 640), or run this as the user of the service, as in `sudo -u homeroom homeroom ...`, or "
    } else {
        ""
    }
}

impl Settings {
    /// The file that is read: the one that is named, or the last of [`DEFAULT_FILES`] that is there. That of the service
    /// goes first: the folder that somebody happens to be in may be anybody's.
    #[must_use]
    pub fn file_of(named: Option<&Path>) -> Option<&Path> {
        if named.is_some() {
            return named;
        }
        // The service's own that may not be looked at is there: without its settings nothing is right.
        let is_there = |path: &&Path| path.try_exists().unwrap_or_else(|_| path.is_absolute());
        let mut known = DEFAULT_FILES.map(Path::new).into_iter().rev();
        known.find(is_there)
    }

    /// Reads the file (`file`, or the usual one where there is one), then the environment.
    ///
    /// # Errors
    ///
    /// [`SettingsError`] names what cannot be used.
    pub fn read(file: Option<&Path>) -> Result<Self, SettingsError> {
        let path = Self::file_of(file);
        let mut given = Given::default();
        if let Some(path) = path {
            let text = plain_file::read_text(path, LARGEST).map_err(|source| {
                SettingsError::Unreadable {
                    path: path.to_owned(),
                    source,
                }
            })?;
            given.add_file(path, &text)?;
        }
        given.add_environment(std::env::vars_os());
        Self::from_given(&given)
    }

    /// Reads the environment alone: what `homeroom demo` goes by.
    ///
    /// # Errors
    ///
    /// [`SettingsError`] names what cannot be used.
    pub fn read_environment() -> Result<Self, SettingsError> {
        let mut given = Given::default();
        given.add_environment(std::env::vars_os());
        Self::from_given(&given)
    }

    /// Reads the text of a settings file alone.
    ///
    /// # Errors
    ///
    /// [`SettingsError`] names what cannot be used.
    pub(crate) fn read_text(path: &Path, text: &str) -> Result<Self, SettingsError> {
        let mut given = Given::default();
        given.add_file(path, text)?;
        Self::from_given(&given)
    }

    /// Whether whoever serves by these settings can listen at each address that they name.
    ///
    /// # Errors
    ///
    /// [`SettingsError`] names one that is another's, or is none.
    pub fn check_listening(&self) -> Result<(), SettingsError> {
        ports::check(self)
    }

    fn from_given(given: &Given) -> Result<Self, SettingsError> {
        given.read::<Self>()?.check()
    }

    /// What to call the server in links: `http.public_url`, or else the address listened on.
    #[must_use]
    pub fn public_url(&self, listening: SocketAddr) -> PublicUrl {
        self.http
            .public_url
            .clone()
            .unwrap_or_else(|| PublicUrl::of_address(listening, self.tls().is_some()))
    }

    /// The certificate's files; none where pages are served without TLS. What this program asks for
    /// itself is one file, so that certificate and key change at once.
    #[must_use]
    pub fn tls(&self) -> Option<Tls> {
        if self.acme.directory.is_some() {
            let both = self.data.folder.join("certificate.pem");
            return Some(Tls {
                certificate: both.clone(),
                key: both,
            });
        }
        let (certificate, key) = (&self.http.tls_certificate, &self.http.tls_key);
        Some(Tls {
            certificate: certificate.clone()?,
            key: key.clone()?,
        })
    }

    fn check(self) -> Result<Self, SettingsError> {
        if self.backup.folder.is_some() && self.database.url.is_some() {
            return Err(SettingsError::NoCopies);
        }
        let url = self.http.public_url.as_ref();
        if self.acme.directory.is_some() {
            if self.http.tls_certificate.is_some() || self.http.tls_key.is_some() {
                return Err(SettingsError::TwoCertificates);
            }
            if !url.is_some_and(PublicUrl::can_be_certified) {
                return Err(SettingsError::NoName);
            }
        }
        if self.http.plain_listen.is_some() && !url.is_some_and(PublicUrl::is_https) {
            return Err(SettingsError::NowhereOn);
        }
        self.cluster.check()?;
        self.openid.check()?;
        self.webhooks.check()?;
        if self.cluster.name.is_some() && self.database.url.is_none() {
            return Err(SettingsError::NoSharedRecords);
        }
        match (&self.http.tls_certificate, &self.http.tls_key) {
            (Some(_), None) => Err(SettingsError::Half("http.tls_certificate", "http.tls_key")),
            (None, Some(_)) => Err(SettingsError::Half("http.tls_key", "http.tls_certificate")),
            (Some(_), Some(_)) | (None, None) => Ok(self),
        }
    }

    /// For how long appointments can be joined beside their own time.
    #[must_use]
    pub fn margins(&self) -> Margins {
        let signed = |it: Duration| SignedDuration::try_from(it).unwrap_or(SignedDuration::MAX);
        Margins {
            before: signed(self.calls.opens_before),
            after: signed(self.calls.closes_after),
        }
    }

    /// Where the media plane listens.
    #[must_use]
    pub fn media_listen(&self) -> SocketAddr {
        self.media
            .listen
            .unwrap_or_else(|| SocketAddr::new(self.http.listen.ip(), DEFAULT_MEDIA_PORT))
    }

    /// The filter of the log. Whatever is set, the bytes of messages stay out of it, and the URL of the
    /// database: they hold tickets and names, and a password.
    #[must_use]
    pub fn log_filter(&self) -> EnvFilter {
        let filter = EnvFilter::new(&self.log.filter);
        MESSAGE_LOGS
            .iter()
            .filter_map(|quiet| quiet.parse().ok())
            .fold(filter, EnvFilter::add_directive)
    }
}

#[cfg(test)]
mod tests;
