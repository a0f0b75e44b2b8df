//! What may be set, and the one place that reads files and the environment.
//!
//! A setting has a dotted key, `http.listen`. In the file it is `listen` under `[http]`; in the
//! environment it is `HOMEROOM__HTTP__LISTEN`, which wins over the file. A list is written with
//! commas in the environment. `config/homeroom.toml` holds every key with its default.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::SignedDuration;
use tracing_subscriber::EnvFilter;

use crate::origin::PublicUrl;
use crate::private::Private;
use crate::proxies::Proxies;
use crate::roster::Window;

mod given;
mod mail;

use given::Given;
pub use mail::Mail;

/// The file that is read when none is named, if it is there.
pub const DEFAULT_FILE: &str = "config/homeroom.toml";

/// Where `homeroom` listens unless told otherwise.
pub const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// The port, UDP and TCP, of the first media worker of `homeroom serve`, unless told otherwise.
const DEFAULT_MEDIA_PORT: u16 = 8081;

/// Parts that, when asked for much, write down what travels.
const MESSAGE_LOGS: [&str; 3] = ["tungstenite=warn", "tokio_tungstenite=warn", "hyper=info"];

/// What a limit may be.
const UP_TO_A_MILLION: &str = "a whole number from 1 to 1000000";

/// Everything that may be set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// `[http]`: pages, API and WebSocket.
    pub http: Http,
    /// `[media]`: sound and picture.
    pub media: Media,
    /// `[calls]`: the rules of calls.
    pub calls: Calls,
    /// `[limits]`: what one link or one address may ask for.
    pub limits: Limits,
    /// `[data]`: where records, keys and files are.
    pub data: Data,
    /// `[database]`: the records, where they are not in a file.
    pub database: Database,
    /// `[mail]`: how e-mail is sent.
    pub mail: Mail,
    /// `[log]`: what is written to standard error.
    pub log: Log,
}

/// Pages, API and WebSocket.
#[derive(Clone, Debug, PartialEq)]
pub struct Http {
    /// `http.listen`: the TCP address.
    pub listen: SocketAddr,
    /// `http.public_url`: what people type, where it is not the address listened on.
    pub public_url: Option<PublicUrl>,
    /// `http.tls_certificate`: a PEM file, the server's own certificate first.
    pub tls_certificate: Option<PathBuf>,
    /// `http.tls_key`: a PEM file.
    pub tls_key: Option<PathBuf>,
    /// `http.trusted_proxies`: whose word on a client's address is taken.
    pub trusted_proxies: Proxies,
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
            public_url: None,
            tls_certificate: None,
            tls_key: None,
            trusted_proxies: Proxies::default(),
        }
    }
}

/// Sound and picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Media {
    /// `media.listen`: the address, UDP and TCP, of the first worker; without it, the IP address of
    /// `http.listen` and port 8081.
    pub listen: Option<SocketAddr>,
    /// `media.workers`: threads, each with one port, counted on from the first.
    pub workers: u16,
    /// `media.announce`: the addresses told to browsers; empty: those listened on.
    pub announce: Vec<IpAddr>,
}

impl Default for Media {
    fn default() -> Self {
        Self {
            listen: None,
            workers: 1,
            announce: Vec::new(),
        }
    }
}

/// The rules of calls.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calls {
    /// `calls.cap`: the most people seated at any instant, 1 to 4 (CALL-1).
    pub cap: u8,
    /// `calls.grace_s`: how long a lost connection keeps its seat or place (CALL-5).
    pub grace: Duration,
    /// `calls.hold_seat_for_parent`: one seat stays free until the parent has come (CALL-4).
    pub hold_seat_for_parent: bool,
    /// `calls.heartbeat_ms`: how often a browser says that it lives.
    pub heartbeat: Duration,
    /// `calls.opens_before_min`: how long before its start an appointment can be joined.
    pub opens_before: Duration,
    /// `calls.closes_after_min`: how long after its end it still can.
    pub closes_after: Duration,
}

impl Default for Calls {
    fn default() -> Self {
        Self {
            cap: 4,
            grace: Duration::from_secs(30),
            hold_seat_for_parent: false,
            heartbeat: Duration::from_secs(5),
            opens_before: Duration::from_mins(15),
            closes_after: Duration::from_mins(5),
        }
    }
}

/// What one link or one address may ask for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// `limits.joins_per_link_per_min`: requests with one link.
    pub joins_per_link: u32,
    /// `limits.joins_per_address_per_min`: requests with good links from one address; a school is
    /// one address.
    pub joins_per_address: u32,
    /// `limits.guesses_per_address_per_min`: requests with wrong links from one address.
    pub guesses_per_address: u32,
    /// `limits.requests_per_link_per_min`: requests with one link beside those to join.
    pub requests_per_link: u32,
    /// `limits.requests_per_address_per_min`: the same with good links from one address.
    pub requests_per_address: u32,
    /// `limits.sign_ins_per_address_per_min`: attempts to sign in from one address.
    pub sign_ins_per_address: u32,
    /// `limits.connections`: TCP connections at any instant.
    pub connections: u32,
    /// `limits.connections_per_address`: those of one address.
    pub connections_of_address: u32,
    /// `limits.connections_per_address_per_s`: new TCP connections from one address.
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
            sign_ins_per_address: 20,
            connections: 10_000,
            connections_of_address: 2_000,
            connections_per_address: 200,
        }
    }
}

/// Where records, keys and files are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Data {
    /// `data.folder`: the folder.
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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Database {
    /// `database.url`: of PostgreSQL, with its password; without it, SQLite in the data folder.
    pub url: Option<Private<String>>,
}

/// What is written to standard error.
#[derive(Clone, Debug, PartialEq)]
pub struct Log {
    /// `log.format`: `text` or `json`.
    pub format: LogFormat,
    /// `log.filter`: a level, or levels by module.
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
    #[error("cannot read the settings file {}: {source}; give another with --config", path.display())]
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
    /// One setting is of no use without the other.
    #[error("{0} is set and {1} is not: set both, or neither")]
    Half(&'static str, &'static str),
    /// Nobody knows this key.
    #[error("unknown setting {key} in {place}: remove it, or use one of {known}", known = given::known_keys())]
    Unknown {
        /// The key.
        key: String,
        /// Where it stands.
        place: String,
    },
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
        wanted: &'static str,
    },
}

impl Settings {
    /// Reads the file (`file`, or [`DEFAULT_FILE`] if that is there), then the environment.
    ///
    /// # Errors
    ///
    /// [`SettingsError`] names what cannot be used.
    pub fn read(file: Option<&Path>) -> Result<Self, SettingsError> {
        let fallback = Path::new(DEFAULT_FILE);
        let path = file.or_else(|| fallback.exists().then_some(fallback));
        let mut settings = Self::default();
        if let Some(path) = path {
            let text =
                std::fs::read_to_string(path).map_err(|source| SettingsError::Unreadable {
                    path: path.to_owned(),
                    source,
                })?;
            settings.take_all(given::from_file(path, &text)?)?;
        }
        settings.take_all(given::from_environment(std::env::vars_os()))?;
        settings.check()
    }

    /// Reads the environment alone: what `homeroom demo` goes by.
    ///
    /// # Errors
    ///
    /// [`SettingsError`] names what cannot be used.
    pub fn read_environment() -> Result<Self, SettingsError> {
        let mut settings = Self::default();
        settings.take_all(given::from_environment(std::env::vars_os()))?;
        settings.check()
    }

    /// What to call the server in links: `http.public_url`, or else the address listened on.
    #[must_use]
    pub fn public_url(&self, listening: SocketAddr) -> PublicUrl {
        self.http
            .public_url
            .clone()
            .unwrap_or_else(|| PublicUrl::of_address(listening, self.tls().is_some()))
    }

    /// The certificate's files; none where pages are served without TLS.
    #[must_use]
    pub fn tls(&self) -> Option<Tls> {
        let (certificate, key) = (&self.http.tls_certificate, &self.http.tls_key);
        Some(Tls {
            certificate: certificate.clone()?,
            key: key.clone()?,
        })
    }

    fn check(self) -> Result<Self, SettingsError> {
        match (&self.http.tls_certificate, &self.http.tls_key) {
            (Some(_), None) => Err(SettingsError::Half("http.tls_certificate", "http.tls_key")),
            (None, Some(_)) => Err(SettingsError::Half("http.tls_key", "http.tls_certificate")),
            (Some(_), Some(_)) | (None, None) => Ok(self),
        }
    }

    /// When appointments can be joined.
    #[must_use]
    pub fn window(&self) -> Window {
        let signed = |it: Duration| SignedDuration::try_from(it).unwrap_or(SignedDuration::MAX);
        Window {
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

    /// The filter of the log. Whatever is set, the bytes of messages stay out of it: they hold
    /// tickets and names.
    #[must_use]
    pub fn log_filter(&self) -> EnvFilter {
        let filter = EnvFilter::new(&self.log.filter);
        MESSAGE_LOGS
            .iter()
            .filter_map(|quiet| quiet.parse().ok())
            .fold(filter, EnvFilter::add_directive)
    }

    fn take_all(&mut self, all: Vec<Given>) -> Result<(), SettingsError> {
        all.into_iter().try_for_each(|given| self.take(&given))
    }

    fn take(&mut self, given: &Given) -> Result<(), SettingsError> {
        match given.key.split_once('.').map(|(table, _)| table) {
            Some("calls") => return self.calls.take(given),
            Some("limits") => return self.limits.take(given),
            Some("mail") => return self.mail.take(given),
            Some(_) | None => {}
        }
        match given.key.as_str() {
            "http.listen" => self.http.listen = given.address()?,
            "http.public_url" => self.http.public_url = given.url()?,
            "http.tls_certificate" => {
                self.http.tls_certificate =
                    given.optional(|given| Ok(given.value.as_str().into()))?;
            }
            "http.tls_key" => {
                self.http.tls_key = given.optional(|given| Ok(given.value.as_str().into()))?;
            }
            "http.trusted_proxies" => self.http.trusted_proxies = given.proxies()?,
            "media.listen" => self.media.listen = given.optional(Given::address)?,
            "media.workers" => {
                self.media.workers = given.number(1, 64, "a whole number from 1 to 64")?;
            }
            "media.announce" => self.media.announce = given.ip_addresses()?,
            "data.folder" => self.data.folder = given.folder()?,
            "database.url" => self.database.url = given.optional(Given::database)?,
            "log.format" => self.log.format = given.log_format()?,
            "log.filter" => self.log.filter = given.log_filter()?,
            _ => return Err(given.unknown()),
        }
        Ok(())
    }
}

impl Calls {
    fn take(&mut self, given: &Given) -> Result<(), SettingsError> {
        match given.key.as_str() {
            "calls.cap" => self.cap = given.number(1, 4, "a whole number from 1 to 4")?,
            "calls.grace_s" => {
                self.grace = Duration::from_secs(given.number(
                    1,
                    600,
                    "a whole number of seconds from 1 to 600",
                )?);
            }
            "calls.hold_seat_for_parent" => self.hold_seat_for_parent = given.claim()?,
            "calls.heartbeat_ms" => {
                self.heartbeat = Duration::from_millis(given.number(
                    200,
                    60_000,
                    "a whole number of milliseconds from 200 to 60000",
                )?);
            }
            "calls.opens_before_min" => self.opens_before = given.minutes()?,
            "calls.closes_after_min" => self.closes_after = given.minutes()?,
            _ => return Err(given.unknown()),
        }
        Ok(())
    }
}

impl Limits {
    fn take(&mut self, given: &Given) -> Result<(), SettingsError> {
        let limit = match given.key.as_str() {
            "limits.joins_per_link_per_min" => &mut self.joins_per_link,
            "limits.joins_per_address_per_min" => &mut self.joins_per_address,
            "limits.guesses_per_address_per_min" => &mut self.guesses_per_address,
            "limits.requests_per_link_per_min" => &mut self.requests_per_link,
            "limits.requests_per_address_per_min" => &mut self.requests_per_address,
            "limits.sign_ins_per_address_per_min" => &mut self.sign_ins_per_address,
            "limits.connections" => &mut self.connections,
            "limits.connections_per_address" => &mut self.connections_of_address,
            "limits.connections_per_address_per_s" => &mut self.connections_per_address,
            _ => return Err(given.unknown()),
        };
        *limit = given.number(1, 1_000_000, UP_TO_A_MILLION)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
