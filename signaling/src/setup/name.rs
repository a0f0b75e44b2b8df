//! The first question: what people type, and who has the certificate for it.

use std::net::{IpAddr, SocketAddr, TcpListener, ToSocketAddrs as _};
use std::path::PathBuf;

use super::SetupError;
use super::ask::Talk;
use super::file::{Change, Value};
use crate::origin::PublicUrl;
use crate::settings::{self, Settings};
use crate::tls;

/// The ports of pages, with TLS and without.
const TLS: SocketAddr = SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED), 443);
const PLAIN: SocketAddr = SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED), 80);

/// The port of sound and picture at every address.
const MEDIA: &str = "0.0.0.0:8081";

/// Who has the certificate.
enum Certificate {
    Issued,
    Proxy,
    Files { certificate: PathBuf, key: PathBuf },
}

pub(super) fn ask(talk: &mut Talk<'_>, now: &Settings) -> Result<Vec<Change>, SetupError> {
    talk.say("\n1. The name")?;
    let before = now.http.public_url.as_ref();
    let before = before.map_or_else(String::new, |it| it.host().to_owned());
    let (url, announce) = loop {
        let answer = talk.ask(
            "What do people type to reach this server, such as calls.hillroad.example?",
            &before,
        )?;
        let Some(url) = read(&answer) else {
            talk.say("That is no name of a server: letters, digits, dots and hyphens.")?;
            continue;
        };
        if let Some(announce) = leads_here(talk, url.host())? {
            break (url, announce);
        }
    };
    let certificate = loop {
        let certificate = who_has_it(talk)?;
        if is_right(talk, &certificate)? {
            break certificate;
        }
    };
    let mut changes = vec![
        ("http.public_url", Some(url.to_string().into())),
        ("media.listen", Some(MEDIA.into())),
        ("media.announce", announce),
    ];
    changes.extend(of(certificate));
    Ok(changes)
}

/// The address that is meant by a name, with https:// before it or not.
fn read(answer: &str) -> Option<PublicUrl> {
    let name = answer.trim_start_matches("http://");
    let text = if name.starts_with("https://") {
        name.to_owned()
    } else {
        format!("https://{name}")
    };
    PublicUrl::parse(&text).filter(PublicUrl::can_be_certified)
}

/// Whether the name leads here, or is to be taken all the same; what is to be announced for media.
fn leads_here(talk: &mut Talk<'_>, host: &str) -> Result<Option<Option<Value>>, SetupError> {
    let found = (host, 443).to_socket_addrs();
    let mut found: Vec<IpAddr> = found.into_iter().flatten().map(|it| it.ip()).collect();
    found.dedup();
    if found.is_empty() {
        talk.say(&format!(
            "  look at  {host} leads nowhere: whoever looks after that name has it lead to this \
             machine's public address, by a record A or AAAA."
        ))?;
        let is_so = talk.is_so("Take it all the same?", false)?;
        return Ok(is_so.then_some(None));
    }
    let said: Vec<String> = found.iter().map(ToString::to_string).collect();
    let said = said.join(" and ");
    let is_ours = |ip: &IpAddr| std::net::UdpSocket::bind((*ip, 0)).is_ok();
    if found.iter().any(is_ours) {
        talk.say(&format!(
            "  good     {host} leads to this machine, at {said}."
        ))?;
        return Ok(Some(None));
    }
    talk.say(&format!(
        "  look at  {host} leads to {said}, which is no address of this machine. That is right where a \
         router or a proxy there passes on what comes; sound and picture are announced there, at \
         UDP and TCP 8081."
    ))?;
    let is_so = talk.is_so("Is it right?", true)?;
    let announce = Value::List(found.iter().map(ToString::to_string).collect());
    Ok(is_so.then_some(Some(announce)))
}

fn who_has_it(talk: &mut Talk<'_>) -> Result<Certificate, SetupError> {
    loop {
        let answer = talk.ask(
            "Who has the certificate?\n  \
             1  this program gets one from Let's Encrypt and renews it; you agree to their terms of use by that\n  \
             2  a proxy on this machine, in front of it\n  \
             3  it is in files\n",
            "1",
        )?;
        match answer.as_str() {
            "1" => return Ok(Certificate::Issued),
            "2" => return Ok(Certificate::Proxy),
            "3" => {
                return Ok(Certificate::Files {
                    certificate: talk
                        .ask("The file of the certificate, its whole chain:", "")?
                        .into(),
                    key: talk.ask("The file of its key:", "")?.into(),
                });
            }
            _ => talk.say("Type 1, 2 or 3.")?,
        }
    }
}

/// Whether the ports and files are there.
fn is_right(talk: &mut Talk<'_>, certificate: &Certificate) -> Result<bool, SetupError> {
    if let Certificate::Files { certificate, key } = certificate {
        let files = settings::Tls {
            certificate: certificate.clone(),
            key: key.clone(),
        };
        if let Err(error) = tls::check(&files) {
            talk.say(&format!("  MEND     {error}."))?;
            return Ok(false);
        }
        talk.say("  good     The certificate and its key fit.")?;
    }
    if matches!(certificate, Certificate::Proxy) {
        return Ok(true);
    }
    for address in [TLS, PLAIN] {
        let port = address.port();
        match TcpListener::bind(address) {
            Ok(_) => talk.say(&format!("  good     TCP {port} is free."))?,
            Err(error) => {
                talk.say(&format!(
                    "  look at  TCP {port} cannot be used now ({error}). That is right where \
                     Homeroom itself has it already; anything else there must end first."
                ))?;
                if !talk.is_so("Is it right?", true)? {
                    return Ok(false);
                }
            }
        }
    }
    Ok(true)
}

fn of(certificate: Certificate) -> Vec<Change> {
    let text = |path: PathBuf| Some(path.to_string_lossy().into_owned().into());
    let (directory, files, proxy) = match certificate {
        Certificate::Issued => (Some("letsencrypt".into()), None, None),
        Certificate::Files { certificate, key } => (None, Some((certificate, key)), None),
        Certificate::Proxy => {
            let proxies = vec!["127.0.0.1".to_owned(), "::1".to_owned()];
            (None, None, Some(Value::List(proxies)))
        }
    };
    let is_here = proxy.is_none();
    let (certificate, key) = files.map_or((None, None), |(one, other)| (text(one), text(other)));
    let listen = is_here.then(|| TLS.to_string().into());
    vec![
        ("http.listen", listen),
        (
            "http.plain_listen",
            is_here.then(|| PLAIN.to_string().into()),
        ),
        ("http.trusted_proxies", proxy),
        ("http.tls_certificate", certificate),
        ("http.tls_key", key),
        ("acme.directory", directory),
    ]
}
