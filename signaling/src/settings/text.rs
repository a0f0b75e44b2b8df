//! How the text of one value is read. What is wrong with it is told by what should stand there.

use std::fmt::Display;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use axum::http::Uri;
use instant_acme::LetsEncrypt;
use jiff::civil::Time;
use post::Security;
use school::powers::UnknownPower;
use school::{Countries, EmailAddress, Power, Powers};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use store::Hook;

use super::LogFormat;
use crate::origin::PublicUrl;
use crate::private::Private;
use crate::proxies::{Network, Proxies};
use crate::webhooks;

/// A URL of the web, which may be said.
pub(super) fn web_address<'de, D: Deserializer<'de>>(value: D) -> Result<Option<String>, D::Error> {
    let wanted = "a URL that begins with https:// or http://, without a user and a password";
    optional(value, wanted, |text| {
        let is_web = ["https://", "http://"]
            .iter()
            .any(|it| text.starts_with(it));
        (is_web && !text.contains('@')).then(|| text.to_owned())
    })
}

/// Reads a value by `read`, which gives nothing where it should have been `wanted`.
fn one<'de, D: Deserializer<'de>, T>(
    value: D,
    wanted: impl Display,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<T, D::Error> {
    read(&String::deserialize(value)?).ok_or_else(|| D::Error::custom(wanted))
}

/// The same, and nothing where the value is empty.
fn optional<'de, D: Deserializer<'de>, T>(
    value: D,
    wanted: impl Display,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, D::Error> {
    one(value, wanted, |text| {
        if text.is_empty() {
            Some(None)
        } else {
            read(text).map(Some)
        }
    })
}

/// The same of each part between commas.
fn list<'de, D: Deserializer<'de>, T: FromStr>(
    value: D,
    wanted: impl Display,
) -> Result<Vec<T>, D::Error> {
    one(value, wanted, |text| {
        let parts = text.split(',').map(str::trim);
        parts
            .filter(|part| !part.is_empty())
            .map(|part| part.parse().ok())
            .collect()
    })
}

fn within<T: TryFrom<u32>>(text: &str, least: u32, most: u32) -> Option<T> {
    let number = text.parse().ok()?;
    (least..=most).contains(&number).then_some(())?;
    T::try_from(number).ok()
}

/// A whole number.
pub(super) fn number<'de, const LEAST: u32, const MOST: u32, D, T>(value: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<u32>,
{
    let wanted = format_args!("a whole number from {LEAST} to {MOST}");
    one(value, wanted, |text| within(text, LEAST, MOST))
}

fn duration<'de, D: Deserializer<'de>, T: TryFrom<Duration>>(
    value: D,
    (least, most): (u32, u32),
    units: &str,
    of: fn(u64) -> Duration,
) -> Result<T, D::Error> {
    let wanted = format_args!("a whole number of {units} from {least} to {most}");
    one(value, wanted, |text| {
        let number: u32 = within(text, least, most)?;
        T::try_from(of(number.into())).ok()
    })
}

/// Milliseconds.
pub(super) fn milliseconds<'de, const LEAST: u32, const MOST: u32, D, T>(
    value: D,
) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<Duration>,
{
    duration(value, (LEAST, MOST), "milliseconds", Duration::from_millis)
}

/// Seconds.
pub(super) fn seconds<'de, const LEAST: u32, const MOST: u32, D, T>(value: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<Duration>,
{
    duration(value, (LEAST, MOST), "seconds", Duration::from_secs)
}

/// Minutes.
pub(super) fn minutes<'de, const LEAST: u32, const MOST: u32, D, T>(value: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<Duration>,
{
    duration(value, (LEAST, MOST), "minutes", Duration::from_mins)
}

/// Names of powers; the first that is none is said.
pub(super) fn powers<'de, D: Deserializer<'de>>(value: D) -> Result<Powers, D::Error> {
    let names = String::deserialize(value)?.replace(',', " ");
    names.parse().map_err(|UnknownPower(name)| {
        let all: Vec<_> = Power::ALL.iter().map(|it| it.code()).collect();
        let all = all.join(", ");
        D::Error::custom(format_args!("some of {all}; there is no power \"{name}\""))
    })
}

/// True or false.
pub(super) fn claim<'de, D: Deserializer<'de>>(value: D) -> Result<bool, D::Error> {
    one(value, "true or false", |text| text.parse().ok())
}

/// Any text, or nothing where it is empty.
pub(super) fn any<'de, D: Deserializer<'de>>(value: D) -> Result<Option<String>, D::Error> {
    optional(value, "any text", |text| Some(text.to_owned()))
}

/// Any text, which is not said again.
pub(super) fn secret<'de, D: Deserializer<'de>>(value: D) -> Result<Private<String>, D::Error> {
    String::deserialize(value).map(Private::new)
}

/// The name or the address of another machine, which may be said.
pub(super) fn host<'de, D: Deserializer<'de>>(value: D) -> Result<Option<String>, D::Error> {
    let wanted =
        "the name of a mail server alone, such as smtp.school.example, or nothing for files";
    optional(value, wanted, |text| is_host(text).then(|| text.to_owned()))
}

/// Whether that may be the name of a machine: no URL, no account at one, and no two words.
pub(crate) fn is_host(text: &str) -> bool {
    let is_none = |it: char| matches!(it, '/' | '@') || it.is_whitespace() || it.is_control();
    !text.is_empty() && !text.contains(is_none)
}

/// The path of a file.
pub(super) fn file<'de, D: Deserializer<'de>>(value: D) -> Result<Option<PathBuf>, D::Error> {
    optional(value, "the path of a file", |text| Some(text.into()))
}

/// The path of a folder.
pub(super) fn folder<'de, D: Deserializer<'de>>(value: D) -> Result<PathBuf, D::Error> {
    one(value, "the path of a folder", |text| {
        (!text.is_empty()).then(|| text.into())
    })
}

const ADDRESS: &str = "an IP address and a port, such as 127.0.0.1:8080";

/// An address with a port.
pub(super) fn address<'de, D: Deserializer<'de>>(value: D) -> Result<SocketAddr, D::Error> {
    one(value, ADDRESS, |text| text.parse().ok())
}

/// An address with a port, or nothing.
pub(super) fn optional_address<'de, D: Deserializer<'de>>(
    value: D,
) -> Result<Option<SocketAddr>, D::Error> {
    optional(value, ADDRESS, |text| text.parse().ok())
}

/// The directory of an ACME server: its URL, or a name that everybody knows.
pub(super) fn acme_directory<'de, D: Deserializer<'de>>(
    value: D,
) -> Result<Option<String>, D::Error> {
    let wanted = "letsencrypt, letsencrypt-staging to try it out, or the https:// URL of another \
                  ACME server's directory, without a user and a password";
    optional(value, wanted, |text| match text {
        "letsencrypt" => Some(LetsEncrypt::Production.url().to_owned()),
        "letsencrypt-staging" => Some(LetsEncrypt::Staging.url().to_owned()),
        other => {
            let url: Uri = other.parse().ok()?;
            let leads_somewhere = url.host().is_some_and(|it| !it.is_empty());
            let is_one = url.scheme_str() == Some("https") && leads_somewhere;
            (is_one && !other.contains('@')).then(|| other.to_owned())
        }
    })
}

/// The issuer of a provider (OpenID Connect Discovery 1.0 section 3): `https`, and `http` on this machine alone.
pub(super) fn issuer<'de, D: Deserializer<'de>>(value: D) -> Result<Option<String>, D::Error> {
    let wanted =
        "an https:// URL as the provider has it, such as https://accounts.google.com, or nothing";
    optional(value, wanted, |text| {
        crate::openid::is_issuer(text).then(|| text.to_owned())
    })
}

/// Domains of addresses.
pub(super) fn domains<'de, D: Deserializer<'de>>(value: D) -> Result<Vec<String>, D::Error> {
    let wanted = "domains of e-mail addresses, such as [\"hillroad.example\"]";
    one(value, wanted, |text| {
        let parts = text.split(',').map(str::trim);
        let parts = parts.filter(|it| !it.is_empty());
        parts.map(crate::openid::domain).collect()
    })
}

/// The URLs of receivers of webhooks: `https`, and `http` on this machine alone; who knows one may write there.
pub(super) fn receivers<'de, D: Deserializer<'de>>(
    value: D,
) -> Result<Vec<Private<String>>, D::Error> {
    let wanted = "up to four https:// URLs, http:// for this machine alone, without a user, a password or a #";
    one(value, wanted, |text| {
        let parts = text.split(',').map(str::trim);
        let parts = parts.filter(|it| !it.is_empty());
        let read = |it: &str| webhooks::is_receiver(it).then(|| Private::new(it.to_owned()));
        let all: Vec<_> = parts.map(read).collect::<Option<_>>()?;
        webhooks::may_be_so_many(all.len()).then_some(all)
    })
}

/// What receivers of webhooks are told of.
pub(super) fn hooks<'de, D: Deserializer<'de>>(value: D) -> Result<Vec<Hook>, D::Error> {
    let text = String::deserialize(value)?;
    let parts = text.split(',').map(str::trim);
    let parts = parts.filter(|it| !it.is_empty());
    let read = |it: &str| Hook::of_code(it).ok_or_else(|| it.to_owned());
    parts.map(read).collect::<Result<_, _>>().map_err(|name| {
        let all: Vec<_> = Hook::ALL.iter().map(|it| it.code()).collect();
        let all = all.join(", ");
        D::Error::custom(format_args!("some of {all}; there is no event \"{name}\""))
    })
}

/// An e-mail address, or nothing.
pub(super) fn email<'de, D: Deserializer<'de>>(value: D) -> Result<Option<String>, D::Error> {
    optional(value, "an e-mail address, or nothing", |text| {
        EmailAddress::read(text).ok().map(|it| it.to_send())
    })
}

/// A port, or nothing.
pub(super) fn port<'de, D: Deserializer<'de>>(value: D) -> Result<Option<u16>, D::Error> {
    let wanted = "a port from 1 to 65535, or nothing for the usual one";
    optional(value, wanted, |text| within(text, 1, 65_535))
}

/// Addresses without ports.
pub(super) fn ip_addresses<'de, D: Deserializer<'de>>(value: D) -> Result<Vec<IpAddr>, D::Error> {
    list(
        value,
        "IP addresses without ports, such as [\"203.0.113.7\"]",
    )
}

/// Addresses and networks.
pub(super) fn proxies<'de, D: Deserializer<'de>>(value: D) -> Result<Proxies, D::Error> {
    let wanted = "IP addresses and networks, such as [\"127.0.0.1\", \"10.0.0.0/8\"]";
    list::<D, Network>(value, wanted).map(Into::into)
}

/// The address of the server as people type it, or nothing.
pub(super) fn public_url<'de, D: Deserializer<'de>>(
    value: D,
) -> Result<Option<PublicUrl>, D::Error> {
    let wanted =
        "http:// or https:// and a host and nothing behind it, such as https://calls.example.org";
    optional(value, wanted, PublicUrl::parse)
}

/// The URL of a database, which may hold a password.
pub(super) fn database<'de, D: Deserializer<'de>>(
    value: D,
) -> Result<Option<Private<String>>, D::Error> {
    let wanted = "a URL such as postgres://user:password@host/name, or nothing for SQLite";
    optional(value, wanted, |text| {
        let is_one = text.starts_with("postgres://") || text.starts_with("postgresql://");
        is_one.then(|| Private::new(text.to_owned()))
    })
}

/// The URL of Redis, which may hold a password.
pub(super) fn redis<'de, D: Deserializer<'de>>(
    value: D,
) -> Result<Option<Private<String>>, D::Error> {
    let wanted = "a URL such as redis://:password@host:6379, rediss:// for TLS, or nothing";
    optional(value, wanted, |text| {
        let mut may_begin = ["redis://", "rediss://", "redis+unix://"].into_iter();
        let is_one = may_begin.any(|it| text.starts_with(it));
        is_one.then(|| Private::new(text.to_owned()))
    })
}

/// Host and port.
pub(super) fn host_and_port<'de, D: Deserializer<'de>>(
    value: D,
) -> Result<Option<String>, D::Error> {
    optional(
        value,
        "a host and a port, such as north.internal:8090",
        |text| {
            let (host, port) = text.rsplit_once(':')?;
            let may_be = |it: u8| it.is_ascii_alphanumeric() || b"-.[]:".contains(&it);
            let is_one = !host.is_empty() && host.bytes().all(may_be);
            let port: u16 = port.parse().ok()?;
            (is_one && port > 0).then(|| text.to_owned())
        },
    )
}

/// What a node is called.
pub(super) fn node_name<'de, D: Deserializer<'de>>(value: D) -> Result<Option<String>, D::Error> {
    let wanted = "1 to 40 small letters, digits and hyphens, or nothing where there is one node";
    optional(value, wanted, |text| {
        crate::nodes::is_name(text).then(|| text.to_owned())
    })
}

/// A time of the day, such as 02:30.
pub(super) fn time_of_day<'de, D: Deserializer<'de>>(value: D) -> Result<Time, D::Error> {
    one(value, "a time of the day, such as 02:30", |text| {
        Time::strptime("%H:%M", text).ok()
    })
}

/// The shortest and the longest token.
const TOKEN: std::ops::RangeInclusive<usize> = 24..=200;

/// What a program shows by the `Authorization` header (the `b64token` of RFC 6750 §2.1).
pub(super) fn token<'de, D: Deserializer<'de>>(
    value: D,
) -> Result<Option<Private<String>>, D::Error> {
    let wanted = "24 to 200 letters, digits and -._~+/=, as from `openssl rand -base64 24`";
    optional(value, wanted, |text| {
        let may_be = |it: u8| it.is_ascii_alphanumeric() || b"-._~+/=".contains(&it);
        let is_one = TOKEN.contains(&text.len()) && text.bytes().all(may_be);
        is_one.then(|| Private::new(text.to_owned()))
    })
}

/// The URL of a gateway, with what stands for something in it; it may hold a password.
pub(super) fn gateway<'de, D: Deserializer<'de>>(
    value: D,
) -> Result<Option<Private<String>>, D::Error> {
    let wanted = "a URL that begins with https:// or http://, or nothing for files";
    optional(value, wanted, |text| {
        let is_one = text.starts_with("https://") || text.starts_with("http://");
        is_one.then(|| Private::new(text.to_owned()))
    })
}

/// Countries, one at least.
pub(super) fn countries<'de, D: Deserializer<'de>>(value: D) -> Result<Countries, D::Error> {
    let wanted = "codes of countries, such as [\"GB\", \"IE\"]";
    one(value, wanted, |text| {
        let codes: Vec<_> = text.split(',').map(str::trim).collect();
        Countries::of_codes(&codes)
    })
}

/// Who writes e-mails, or nothing.
pub(super) fn mailbox<'de, D: Deserializer<'de>>(value: D) -> Result<Option<String>, D::Error> {
    let wanted = "an e-mail address, such as \"Hill Road School <evenings@hillroad.example>\"";
    optional(value, wanted, |text| {
        post::Sender::is_mailbox(text).then(|| text.to_owned())
    })
}

/// How the way to the mail server is protected.
pub(super) fn security<'de, D: Deserializer<'de>>(value: D) -> Result<Security, D::Error> {
    one(
        value,
        "\"starttls\", \"tls\" or \"none\"",
        |text| match text {
            "starttls" => Some(Security::StartTls),
            "tls" => Some(Security::Tls),
            "none" => Some(Security::None),
            _ => None,
        },
    )
}

/// How a line of the log looks.
pub(super) fn log_format<'de, D: Deserializer<'de>>(value: D) -> Result<LogFormat, D::Error> {
    one(value, "\"text\" or \"json\"", |text| match text {
        "text" => Some(LogFormat::Text),
        "json" => Some(LogFormat::Json),
        _ => None,
    })
}

/// A filter of the log that can be read.
pub(super) fn log_filter<'de, D: Deserializer<'de>>(value: D) -> Result<String, D::Error> {
    let wanted = "error, warn, info, debug or trace, or such a level by module";
    one(value, wanted, |text| {
        let readable = tracing_subscriber::EnvFilter::try_new(text);
        readable.is_ok().then(|| text.to_owned())
    })
}
