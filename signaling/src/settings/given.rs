//! Keys and values as somebody wrote them, and how a value is read.

use std::ffi::OsString;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::str::FromStr;

use super::{LogFormat, SettingsError};
use crate::origin::PublicUrl;

/// What every variable of ours begins with.
const PREFIX: &str = "HOMEROOM__";

/// Every key, in the order of `config/homeroom.toml`.
pub(super) const KEYS: [&str; 18] = [
    "http.listen",
    "http.public_url",
    "http.tls_certificate",
    "http.tls_key",
    "media.listen",
    "media.workers",
    "media.announce",
    "calls.cap",
    "calls.grace_s",
    "calls.hold_seat_for_parent",
    "calls.heartbeat_ms",
    "limits.joins_per_link_per_min",
    "limits.joins_per_address_per_min",
    "limits.guesses_per_address_per_min",
    "limits.connections",
    "limits.connections_per_address_per_s",
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

    fn wrong(&self, wanted: &'static str) -> SettingsError {
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
