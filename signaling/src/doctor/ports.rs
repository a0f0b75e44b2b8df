//! The ports: whether they are free or in use by a Homeroom, and where they are announced.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::time::Duration;

use super::{Finding, Health, Opening};
use crate::data;
use crate::listen::way_out;
use crate::proxies::Proxies;
use crate::settings::Settings;

/// How long a server on this machine may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Addresses of which one is for two things, and ports that there are not.
pub(super) fn listening(settings: &Settings) -> Option<Finding> {
    let error = settings.check_listening().err()?;
    Some(bad(format!("The server does not begin: {error}.")))
}

/// The port of the pages.
pub(super) fn http(settings: &Settings) -> Vec<Finding> {
    let bound = TcpListener::bind(settings.http.listen);
    let mut findings = vec![of_pages(bound, settings)];
    findings.extend(settings.http.plain_listen.map(plain));
    findings
}

/// The port from which people are led on.
fn plain(address: SocketAddr) -> Finding {
    match TcpListener::bind(address) {
        Ok(_) => good(format!("TCP {address} is free to lead people on from.")),
        Err(error) => of_taken(&error, address, "http.plain_listen", || {
            format!("A server leads people on from TCP {address}.")
        }),
    }
}

/// The same, by what the system said to whoever tried to take it.
pub(super) fn of_pages<T>(bound: std::io::Result<T>, settings: &Settings) -> Finding {
    let address = settings.http.listen;
    match bound {
        Ok(_) => good(format!("TCP {address} is free for pages and signaling.")),
        Err(error) => of_taken(&error, address, "http.listen", || {
            format!("A server answers at TCP {address}.")
        }),
    }
}

/// A port that cannot be taken now; `ours` is what there is to say where this program has it.
fn of_taken(
    error: &std::io::Error,
    address: SocketAddr,
    key: &str,
    ours: impl FnOnce() -> String,
) -> Finding {
    let answers = may_be_taken(error).then(|| answers(address)).flatten();
    let is_refused = error.kind() == ErrorKind::PermissionDenied;
    match answers {
        Some(true) => good(ours()),
        None if is_refused => not_ours(address),
        // What the system says to this user is that it may not, whoever has it.
        Some(false) if is_refused => bad(format!(
            "TCP {address} is another program's: {}.",
            way_out(&ErrorKind::AddrInUse.into(), key)
        )),
        Some(false) | None => bad(format!(
            "TCP {address} cannot be used ({error}): {}.",
            way_out(error, key)
        )),
    }
}

/// Whether somebody may have the port: the system says to those who may not use ports below 1024 only
/// that they may not.
fn may_be_taken(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::AddrInUse | ErrorKind::PermissionDenied
    )
}

/// A port that this user may not use; the service may, by its unit.
fn not_ours(address: SocketAddr) -> Finding {
    Finding::new(
        Health::Doubtful,
        format!(
            "Whether {address} is free cannot be seen: this user may not use ports below 1024. The \
             service of the package may; other programs need the capability CAP_NET_BIND_SERVICE."
        ),
    )
}

/// By what name a server is asked: one that leads people on without knowing where to leads them back to it.
const ASKED: &str = "homeroom.invalid";

/// The longest answer to that, bytes.
const LONGEST: u64 = 16 * 1024;

/// Whether a Homeroom answers there: at the port of the pages, with TLS or without, or at the one from which people
/// are led on.
pub(super) fn is_ours(address: SocketAddr) -> bool {
    answers(address) == Some(true)
}

/// The same; nothing where nobody answers, or not to the end.
fn answers(mut address: SocketAddr) -> Option<bool> {
    if address.ip().is_unspecified() {
        address.set_ip(IpAddr::from([127, 0, 0, 1]));
    }
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
    let question = format!("GET /healthz HTTP/1.0\r\nHost: {ASKED}\r\n\r\n");
    let mut answer = String::new();
    let asked = stream
        .set_read_timeout(Some(PATIENCE))
        .and_then(|()| stream.write_all(question.as_bytes()))
        .and_then(|()| stream.take(LONGEST).read_to_string(&mut answer));
    asked.ok().map(|_length| is_said_by_us(&answer))
}

/// Whether that is how we answer: that we live, or where to go instead; and with the number of the question.
fn is_said_by_us(answer: &str) -> bool {
    let Some((head, body)) = answer.split_once("\r\n\r\n") else {
        return false;
    };
    let mut lines = head.lines();
    let status = lines.next().and_then(|it| it.split(' ').nth(1));
    let headers: Vec<_> = lines.filter_map(|it| it.split_once(": ")).collect();
    let header = |name: &str| {
        let found = headers.iter().find(|(it, _)| it.eq_ignore_ascii_case(name));
        found.map(|(_, value)| *value)
    };
    let leads_on =
        |to: &str| to.starts_with("https://") && to.ends_with("/healthz") && !to.contains(ASKED);
    header("x-request-id").is_some()
        && match status {
            Some("200") => body == "ok\n",
            Some("308") => header("location").is_some_and(leads_on),
            Some(_) | None => false,
        }
}

fn media_ports(settings: &Settings) -> Vec<SocketAddr> {
    let first = settings.media_listen();
    let workers = 0..settings.media.workers();
    let ports = workers.filter_map(|worker| first.port().checked_add(worker));
    ports
        .map(|port| SocketAddr::new(first.ip(), port))
        .collect()
}

/// What the media ports ask the system to hold, in bytes.
const WANTED_BUFFER: u64 = 4 * 1024 * 1024;

/// How much the system holds for a socket, in its own words; nothing where it is enough or not said.
pub(super) fn buffer(most: Option<String>) -> Option<Finding> {
    let most: u64 = most?.trim().parse().ok()?;
    (most < WANTED_BUFFER).then(|| {
        Finding::new(
            Health::Doubtful,
            format!(
                "The system holds {} KiB at most of what comes to a media port: under a flood sound is lost. Put \
                 net.core.rmem_max = {WANTED_BUFFER} into /etc/sysctl.d/60-homeroom.conf, run sysctl --system, and \
                 begin the server anew.",
                most / 1024
            ),
        )
    })
}

/// The ports of sound and picture.
pub(super) fn media(settings: &Settings) -> Vec<Finding> {
    // Where http.listen was changed since it began, it answers at another port.
    let runs = is_ours(settings.http.listen) || data::is_served(settings);
    let look = |address| {
        let bound = UdpSocket::bind(address).and_then(|_| TcpListener::bind(address));
        match bound {
            Ok(_) => good(format!(
                "UDP and TCP {address} are free for sound and picture."
            )),
            Err(error) if may_be_taken(&error) && runs => {
                good(format!("{address} is in use, by the server that runs."))
            }
            Err(error) if error.kind() == ErrorKind::PermissionDenied => not_ours(address),
            Err(error) => bad(format!(
                "UDP or TCP {address} cannot be used ({error}): free it, or set media.listen."
            )),
        }
    };
    media_ports(settings).into_iter().map(look).collect()
}

/// Where browsers are told to send media.
pub(super) fn announced(settings: &Settings) -> Vec<SocketAddr> {
    let announce = &settings.media.announce;
    let of = |address| sfu::announced_at(announce, address).unwrap_or_default();
    media_ports(settings).into_iter().flat_map(of).collect()
}

/// Whether people elsewhere can reach them.
pub(super) fn reach(settings: &Settings, media: &[SocketAddr]) -> Vec<Finding> {
    let url = settings.public_url(settings.http.listen);
    let finding = if media.is_empty() {
        bad("No address is announced for sound and picture: set media.announce.".to_owned())
    } else if url.is_loopback() {
        return Vec::new();
    } else if media.iter().all(|address| address.ip().is_loopback())
        && settings.media_listen().ip().is_unspecified()
        && settings.media.announce.is_empty()
    {
        bad(
            "This machine has no network address, so that only browsers on it can talk: connect it \
             to the network. A server that runs announces the first address by itself."
                .to_owned(),
        )
    } else if media.iter().all(|address| address.ip().is_loopback()) {
        bad(
            "Sound and picture are announced at this machine alone: set media.listen to an \
             address of the network, or media.announce to the one that people reach."
                .to_owned(),
        )
    } else if media.iter().all(|address| is_private(address.ip())) {
        Finding::new(
            Health::Doubtful,
            "Sound and picture are announced at private addresses alone, which people at home \
             cannot reach: set media.announce to the school's public address.",
        )
    } else {
        good("Sound and picture are announced at a public address.".to_owned())
    };
    vec![finding]
}

/// What the firewall must let in, the most needed first.
pub(super) fn openings(settings: &Settings) -> Vec<Opening> {
    let mut openings = of_pages_opened(settings);
    openings.extend(settings.http.plain_listen.map(|address| Opening {
        protocol: "TCP",
        port: address.port(),
        purpose: "leading people on who type no https://, and whoever issues the certificate",
    }));
    for (protocol, purpose) in [
        ("UDP", "sound and picture: the best way (required)"),
        (
            "TCP",
            "sound and picture where a network lets no UDP through",
        ),
    ] {
        openings.extend(media_ports(settings).into_iter().map(|address| Opening {
            protocol,
            port: address.port(),
            purpose,
        }));
    }
    openings.extend(settings.cluster.node().map(|node| Opening {
        protocol: "TCP",
        port: node.listen.port(),
        purpose: "other nodes, from the network that only they are in, and from nowhere else",
    }));
    openings
}

/// Those of the pages: where a proxy has the certificate, people need its own.
fn of_pages_opened(settings: &Settings) -> Vec<Opening> {
    let http = &settings.http;
    let opening = |port, purpose| Opening {
        protocol: "TCP",
        port,
        purpose,
    };
    let by_proxy = |port| opening(port, "pages and signaling, by the proxy (required)");
    let here = http.listen.port();
    let is_proxied = settings.tls().is_none() && http.trusted_proxies != Proxies::default();
    match &http.public_url {
        Some(url) if http.listen.ip().is_loopback() => vec![by_proxy(url.port())],
        Some(url) if is_proxied => {
            let proxy = opening(here, "that proxy, and nobody else (required)");
            vec![by_proxy(url.port()), proxy]
        }
        Some(_) | None => vec![opening(
            here,
            if settings.tls().is_some() {
                "pages and signaling, and where nothing else passes sound and picture too (required)"
            } else {
                "pages and signaling (required)"
            },
        )],
    }
}

/// RFC 1918, RFC 4193 and what means this machine or this cable.
pub(super) fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_private() || ip.is_loopback() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unique_local() || ip.is_loopback() || ip.is_unicast_link_local(),
    }
}

fn good(says: String) -> Finding {
    Finding::new(Health::Good, says)
}

fn bad(says: String) -> Finding {
    Finding::new(Health::Bad, says)
}
