//! Keys and values as somebody wrote them, and how a value is read.

use std::ffi::OsString;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use super::{LogFormat, SettingsError};
use crate::origin::PublicUrl;
use crate::private::Private;
use crate::proxies::{Network, Proxies};

/// What every variable of ours begins with.
const PREFIX: &str = "HOMEROOM__";

/// Every key, in the order of `config/homeroom.toml`.
pub(super) const KEYS: [&str; 34] = [
    "http.listen",
    "http.public_url",
    "http.tls_certificate",
    "http.tls_key",
    "http.trusted_proxies",
    "media.listen",
    "media.workers",
    "media.announce",
    "calls.cap",
    "calls.grace_s",
    "calls.hold_seat_for_parent",
    "calls.heartbeat_ms",
    "calls.opens_before_min",
    "calls.closes_after_min",
    "limits.joins_per_link_per_min",
    "limits.joins_per_address_per_min",
    "limits.guesses_per_address_per_min",
    "limits.requests_per_link_per_min",
    "limits.requests_per_address_per_min",
    "limits.sign_ins_per_address_per_min",
    "limits.connections",
    "limits.connections_per_address",
    "limits.connections_per_address_per_s",
    "data.folder",
    "database.url",
    "mail.smtp_host",
    "mail.smtp_port",
    "mail.smtp_security",
    "mail.smtp_user",
    "mail.smtp_password",
    "mail.from",
    "mail.settle_s",
    "log.format",
    "log.filter",
];

/// Every key, for a sentence.
pub(super) fn known_keys() -> String {
    KEYS.join(", ")
}

/// One key and its value, as written.
#[derive(Debug)]
pub(super) struct Given {
    /// The dotted key.
    pub(super) key: String,
    /// The value; the parts of a list joined by commas.
    pub(super) value: String,
    /// Where it stands, for a sentence.
    pub(super) place: String,
}

/// What a settings file gives.
pub(super) fn from_file(path: &Path, text: &str) -> Result<Vec<Given>, SettingsError> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let line = error
            .span()
            .and_then(|span| text.get(..span.start))
            .map_or(1, |before| before.matches('\n').count() + 1);
        SettingsError::NotToml {
            path: path.to_owned(),
            reason: format!("line {line}: {}", error.message()),
        }
    })?;
    let mut all = Vec::new();
    flatten("", &table, &path.display().to_string(), &mut all);
    Ok(all)
}

/// What the environment gives: each variable that begins with `HOMEROOM__`.
pub(super) fn from_environment(
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> Vec<Given> {
    variables
        .filter_map(|(name, value)| {
            let name = name.into_string().ok()?;
            let key = name.strip_prefix(PREFIX)?;
            Some(Given {
                key: key.to_lowercase().replace("__", "."),
                value: value.to_string_lossy().into_owned(),
                place: format!("the environment variable {name}"),
            })
        })
        .collect()
}

fn flatten(prefix: &str, table: &toml::Table, place: &str, all: &mut Vec<Given>) {
    for (name, value) in table {
        let key = if prefix.is_empty() {
            name.clone()
        } else {
            format!("{prefix}.{name}")
        };
        match value {
            toml::Value::Table(inner) => flatten(&key, inner, place, all),
            toml::Value::Array(parts) => all.push(Given {
                key,
                value: parts.iter().map(plain).collect::<Vec<_>>().join(","),
                place: place.to_owned(),
            }),
            toml::Value::String(_)
            | toml::Value::Integer(_)
            | toml::Value::Float(_)
            | toml::Value::Boolean(_)
            | toml::Value::Datetime(_) => all.push(Given {
                key,
                value: plain(value),
                place: place.to_owned(),
            }),
        }
    }
}

fn plain(value: &toml::Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

impl Given {
    /// The refusal of a key that nobody knows.
    pub(super) fn unknown(&self) -> SettingsError {
        SettingsError::Unknown {
            key: self.key.clone(),
            place: self.place.clone(),
        }
    }

    pub(super) fn wrong(&self, wanted: &'static str) -> SettingsError {
        SettingsError::Wrong {
            key: self.key.clone(),
            place: self.place.clone(),
            value: self.value.clone(),
            wanted,
        }
    }

    /// An address with a port.
    pub(super) fn address(&self) -> Result<SocketAddr, SettingsError> {
        self.value
            .parse()
            .map_err(|_not_one| self.wrong("an IP address and a port, such as 127.0.0.1:8080"))
    }

    /// Nothing where the value is empty, else what `read` makes of it.
    pub(super) fn optional<T>(
        &self,
        read: impl FnOnce(&Self) -> Result<T, SettingsError>,
    ) -> Result<Option<T>, SettingsError> {
        if self.value.is_empty() {
            Ok(None)
        } else {
            read(self).map(Some)
        }
    }

    /// A whole number within bounds, which `wanted` tells in words.
    pub(super) fn number<T>(
        &self,
        least: u32,
        most: u32,
        wanted: &'static str,
    ) -> Result<T, SettingsError>
    where
        T: TryFrom<u32>,
    {
        u32::from_str(&self.value)
            .ok()
            .filter(|number| (least..=most).contains(number))
            .and_then(|number| T::try_from(number).ok())
            .ok_or_else(|| self.wrong(wanted))
    }

    /// Minutes, up to a day.
    pub(super) fn minutes(&self) -> Result<Duration, SettingsError> {
        let wanted = "a whole number of minutes from 0 to 1440";
        self.number(0, 1440, wanted)
            .map(|minutes: u32| Duration::from_mins(u64::from(minutes)))
    }

    /// The path of a folder.
    pub(super) fn folder(&self) -> Result<PathBuf, SettingsError> {
        if self.value.is_empty() {
            return Err(self.wrong("the path of a folder"));
        }
        Ok(PathBuf::from(&self.value))
    }

    /// The URL of a database.
    pub(super) fn database(&self) -> Result<Private<String>, SettingsError> {
        let is_one = ["postgres://", "postgresql://"]
            .iter()
            .any(|scheme| self.value.starts_with(scheme));
        if is_one {
            return Ok(Private::new(self.value.clone()));
        }
        // It may hold a password: it is not said again.
        Err(SettingsError::Wrong {
            key: self.key.clone(),
            place: self.place.clone(),
            value: "…".to_owned(),
            wanted: "a URL such as postgres://user:password@host/name, or nothing for SQLite",
        })
    }

    /// Who writes e-mails.
    pub(super) fn mailbox(&self) -> Result<String, SettingsError> {
        if post::Sender::is_mailbox(&self.value) {
            return Ok(self.value.clone());
        }
        Err(self
            .wrong("an e-mail address, such as \"Hill Road School <evenings@hillroad.example>\""))
    }

    /// True or false.
    pub(super) fn claim(&self) -> Result<bool, SettingsError> {
        self.value
            .parse()
            .map_err(|_not_one| self.wrong("true or false"))
    }

    /// Addresses without ports, by commas.
    pub(super) fn ip_addresses(&self) -> Result<Vec<IpAddr>, SettingsError> {
        self.value
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(|part| {
                part.parse().map_err(|_not_one| {
                    self.wrong("IP addresses without ports, such as [\"203.0.113.7\"]")
                })
            })
            .collect()
    }

    /// Addresses and networks, by commas.
    pub(super) fn proxies(&self) -> Result<Proxies, SettingsError> {
        let networks = self
            .value
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(|part| {
                part.parse().map_err(|_not_one| {
                    self.wrong("IP addresses and networks, such as [\"127.0.0.1\", \"10.0.0.0/8\"]")
                })
            });
        networks
            .collect::<Result<Vec<Network>, _>>()
            .map(Into::into)
    }

    /// The address of the server as people type it; none where it is empty.
    pub(super) fn url(&self) -> Result<Option<PublicUrl>, SettingsError> {
        self.optional(|given| {
            PublicUrl::parse(&given.value).ok_or_else(|| {
                given.wrong(
                    "http:// or https:// and a host and nothing behind it, such as https://calls.example.org",
                )
            })
        })
    }

    /// How a line of the log looks.
    pub(super) fn log_format(&self) -> Result<LogFormat, SettingsError> {
        match self.value.as_str() {
            "text" => Ok(LogFormat::Text),
            "json" => Ok(LogFormat::Json),
            _ => Err(self.wrong("\"text\" or \"json\"")),
        }
    }

    /// A filter of the log that can be read.
    pub(super) fn log_filter(&self) -> Result<String, SettingsError> {
        tracing_subscriber::EnvFilter::try_new(&self.value)
            .map(|_readable| self.value.clone())
            .map_err(|_not_one| {
                self.wrong("error, warn, info, debug or trace, or such a level by module")
            })
    }
}
