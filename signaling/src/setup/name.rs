//! The first question: what people type, and who has the certificate for it.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::SetupError;
use super::ask::Talk;
use super::file::{Change, Value};
use crate::doctor::{self, Health, Leads};
use crate::origin::PublicUrl;
use crate::settings::{self, Settings};

/// The ports of pages without TLS, and of sound and picture, the first one.
const PLAIN: u16 = 80;
const MEDIA: u16 = 8081;

/// Who has the certificate.
enum Certificate {
    Issued,
    Proxy,
    Files(settings::Tls),
}

impl Certificate {
    /// Whether it is had in that way already.
    const fn stands(&self, standing: &Settings) -> bool {
        let is_in_files = standing.http.tls_certificate.is_some();
        let is_issued = standing.acme.directory.is_some();
        match self {
            Self::Issued => is_issued,
            Self::Files(_) => is_in_files,
            Self::Proxy => !is_in_files && !is_issued,
        }
    }

    /// Its files alone.
    fn files(self) -> Vec<Change> {
        let Self::Files(files) = self else {
            return Vec::new();
        };
        vec![
            ("http.tls_certificate", Some(text(&files.certificate))),
            ("http.tls_key", Some(text(&files.key))),
        ]
    }
}

fn text(path: &Path) -> Value {
    path.to_string_lossy().into_owned().into()
}

/// Where the name leads.
struct Place {
    /// Every address of this machine, of the kind that is needed.
    every: IpAddr,
    /// Where sound and picture are announced, where that is elsewhere.
    announce: Option<Value>,
}

impl Place {
    fn of(addresses: &[IpAddr], announce: Option<Value>) -> Self {
        let every = if addresses.iter().any(IpAddr::is_ipv6) {
            IpAddr::V6(Ipv6Addr::UNSPECIFIED)
        } else {
            IpAddr::V4(Ipv4Addr::UNSPECIFIED)
        };
        Self { every, announce }
    }
}

/// `group` is whose the settings file is, and the service reads as.
pub(super) fn ask(
    talk: &mut Talk<'_>,
    standing: &Settings,
    group: u32,
) -> Result<Vec<Change>, SetupError> {
    talk.say("\n1. The name")?;
    let before = standing.http.public_url.as_ref().map(ToString::to_string);
    let before = before.unwrap_or_default();
    let before = before.trim_start_matches("https://");
    let (url, place) = loop {
        let answer = talk.ask(
            "What do people type to reach this server, such as calls.hillroad.example?",
            before,
        )?;
        let Some(url) = read(&answer) else {
            talk.say("That is no name of a server: letters, digits, dots and hyphens.")?;
            continue;
        };
        let media = MEDIA..MEDIA.saturating_add(standing.media.workers());
        if url.port() == PLAIN || media.contains(&url.port()) {
            let port = url.port();
            talk.say(&format!(
                "Port {port} is for something else: type the name alone, or another port."
            ))?;
            continue;
        }
        let leads = doctor::look_up(url.host());
        if let Some(place) = leads_here(talk, standing, (&url, leads))? {
            break (url, place);
        }
    };
    let certificate = loop {
        let certificate = who_has_it(talk, standing)?;
        if is_right(talk, (&certificate, standing), &url, group)? {
            break certificate;
        }
    };
    Ok(changes(standing, (&url, place), certificate))
}

fn changes(
    standing: &Settings,
    (url, place): (&PublicUrl, Place),
    certificate: Certificate,
) -> Vec<Change> {
    if standing.http.public_url.as_ref() == Some(url) && certificate.stands(standing) {
        // Whatever else was set for that name and that certificate is as somebody wants it.
        return certificate.files();
    }
    let at = |port| Some(SocketAddr::new(place.every, port).to_string().into());
    let mut changes = vec![
        ("http.public_url", Some(url.to_string().into())),
        ("media.listen", at(MEDIA)),
        // Nor does what another name led to stay.
        ("media.announce", place.announce),
    ];
    changes.extend(of(certificate, (at(url.port()), at(PLAIN))));
    changes
}

/// The address that is meant by a name, with https:// before it or not.
fn read(answer: &str) -> Option<PublicUrl> {
    let answer = answer.to_ascii_lowercase();
    let name = answer.strip_prefix("http://").unwrap_or(&answer);
    let name = name.strip_prefix("https://").unwrap_or(name);
    PublicUrl::parse(&format!("https://{name}")).filter(PublicUrl::can_be_certified)
}

/// Where the name leads, if it is to be taken.
fn leads_here(
    talk: &mut Talk<'_>,
    standing: &Settings,
    (url, leads): (&PublicUrl, Leads),
) -> Result<Option<Place>, SetupError> {
    let host = url.host();
    let mark = if matches!(leads, Leads::Here(_)) {
        Health::Good.mark()
    } else {
        Health::Doubtful.mark()
    };
    talk.say(&format!("  {mark}{}", leads.sentence(host)))?;
    let (all, announce) = match leads {
        Leads::Here(all) => return Ok(Some(Place::of(&all, None))),
        Leads::Nowhere => (Vec::new(), None),
        Leads::ByItsOwnList(all) => (all, None),
        Leads::Elsewhere { all, .. } => {
            let last = MEDIA.saturating_add(standing.media.workers().saturating_sub(1));
            let ports = if last > MEDIA {
                format!("{MEDIA} to {last}")
            } else {
                MEDIA.to_string()
            };
            talk.say(&format!(
                "           Sound and picture are announced there too, at UDP and TCP {ports}."
            ))?;
            let announce = Value::List(all.iter().map(ToString::to_string).collect());
            (all, Some(announce))
        }
    };
    // A name with a slip in it leads elsewhere too: by Enter only the one of before is taken.
    let is_as_before = standing.http.public_url.as_ref() == Some(url);
    let is_so = talk.is_so("Take it all the same?", is_as_before && announce.is_some())?;
    Ok(is_so.then(|| Place::of(&all, announce)))
}

fn who_has_it(talk: &mut Talk<'_>, standing: &Settings) -> Result<Certificate, SetupError> {
    let http = &standing.http;
    let usual = if http.tls_certificate.is_some() {
        "3"
    } else if http.public_url.is_some() && standing.acme.directory.is_none() {
        "2"
    } else {
        "1"
    };
    let path = |it: &Option<PathBuf>| {
        let path = it.as_ref().map(|it| it.to_string_lossy().into_owned());
        path.unwrap_or_default()
    };
    loop {
        let answer = talk.ask(
            "Who has the certificate?\n  \
             1  this program gets one from Let's Encrypt and renews it; you agree to their terms of use by that\n  \
             2  a proxy on this machine, in front of it\n  \
             3  it is in files\n",
            usual,
        )?;
        match answer.as_str() {
            "1" => return Ok(Certificate::Issued),
            "2" => return Ok(Certificate::Proxy),
            "3" => {
                let certificate = path(&http.tls_certificate);
                let key = path(&http.tls_key);
                return Ok(Certificate::Files(settings::Tls {
                    certificate: talk
                        .ask(
                            "The file of the certificate, its whole chain:",
                            &certificate,
                        )?
                        .into(),
                    key: talk.ask("The file of its key:", &key)?.into(),
                }));
            }
            _ => talk.say("Type 1, 2 or 3.")?,
        }
    }
}

/// Whether the ports and files are there.
fn is_right(
    talk: &mut Talk<'_>,
    (certificate, standing): (&Certificate, &Settings),
    url: &PublicUrl,
    group: u32,
) -> Result<bool, SetupError> {
    if let Certificate::Files(files) = certificate {
        if !(files.certificate.is_absolute() && files.key.is_absolute()) {
            talk.say("  MEND     Name both files by whole paths, which begin with /.")?;
            return Ok(false);
        }
        let findings = doctor::look_at_files(files, url.host());
        for finding in &findings {
            talk.say(&format!("  {}{}", finding.health.mark(), finding.says))?;
        }
        if findings.iter().any(|it| it.health == Health::Bad) {
            return Ok(false);
        }
        for file in [&files.certificate, &files.key] {
            if !may_be_read(file, group) {
                talk.say(&format!(
                    "  look at  {} may be closed to the service, which runs as a user of its own: let \
                     its group read it, and its folders.",
                    file.display()
                ))?;
            }
        }
    }
    if matches!(certificate, Certificate::Proxy) {
        return Ok(true);
    }
    for port in [url.port(), PLAIN] {
        if !may_have(talk, standing, port)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether a port is free, or this server's own already, or will be free as somebody says.
fn may_have(talk: &mut Talk<'_>, standing: &Settings, port: u16) -> Result<bool, SetupError> {
    let Err(error) = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)) else {
        talk.say(&format!("  good     TCP {port} is free."))?;
        return Ok(true);
    };
    let listens = [Some(standing.http.listen), standing.http.plain_listen];
    let here = listens.into_iter().flatten().find(|it| it.port() == port);
    let here = here.unwrap_or_else(|| (Ipv4Addr::LOCALHOST, port).into());
    if doctor::is_ours(here) {
        talk.say(&format!(
            "  good     TCP {port} is in use, by Homeroom itself."
        ))?;
        return Ok(true);
    }
    talk.say(&format!(
        "  look at  TCP {port} cannot be used now ({error}), and what has it is no Homeroom: it must end first, or the \
         service does not begin. `sudo ss -ltnp` names it."
    ))?;
    talk.is_so("Will it end?", false)
}

/// Whether a group may read a file, by the file's own rights.
fn may_be_read(file: &Path, group: u32) -> bool {
    fs::metadata(file).is_ok_and(|about| {
        let by_group = about.gid() == group && about.mode() & 0o040 != 0;
        by_group || about.mode() & 0o004 != 0
    })
}

fn of(certificate: Certificate, (listen, plain): (Option<Value>, Option<Value>)) -> Vec<Change> {
    let (directory, files, proxy) = match certificate {
        Certificate::Issued => (Some("letsencrypt".into()), None, None),
        Certificate::Files(files) => (None, Some(files), None),
        Certificate::Proxy => {
            let proxies = vec!["127.0.0.1".to_owned(), "::1".to_owned()];
            (None, None, Some(Value::List(proxies)))
        }
    };
    let is_here = proxy.is_none();
    let files = files.map(|it| (text(&it.certificate), text(&it.key)));
    let (certificate, key) = files.unzip();
    vec![
        ("http.listen", listen.filter(|_it| is_here)),
        ("http.plain_listen", plain.filter(|_it| is_here)),
        ("http.trusted_proxies", proxy),
        ("http.tls_certificate", certificate),
        ("http.tls_key", key),
        ("acme.directory", directory),
    ]
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use super::*;

    #[test]
    fn what_is_as_it_was_is_left_alone() {
        let before = "[http]\npublic_url = 'https://calls.hillroad.example'\nlisten = '10.0.0.11:8080'\n\
                      trusted_proxies = ['10.0.0.10']\n[media]\nannounce = ['203.0.113.7']";
        let standing =
            Settings::read_text(Path::new("homeroom.toml"), before).expect("they are right");
        let asked = |name: &str, certificate| {
            let place = Place {
                every: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
                announce: Some(Value::List(vec!["203.0.113.80".to_owned()])),
            };
            let url = read(name).expect("a name");
            let changes = changes(&standing, (&url, place), certificate);
            changes.into_iter().map(|(key, _)| key).collect::<Vec<_>>()
        };
        let as_before = asked("calls.hillroad.example", Certificate::Proxy);
        assert_eq!(as_before, Vec::<&str>::new());
        for changed in [
            asked("meet.hillroad.example", Certificate::Proxy),
            asked("calls.hillroad.example", Certificate::Issued),
        ] {
            assert!(changed.contains(&"http.listen"), "{changed:?}");
            assert!(changed.contains(&"media.announce"), "{changed:?}");
        }
        let files = settings::Tls {
            certificate: "/etc/ssl/chain.pem".into(),
            key: "/etc/ssl/key.pem".into(),
        };
        assert_eq!(Certificate::Files(files).files().len(), 2);
    }

    #[test]
    fn by_enter_no_name_is_taken_that_leads_elsewhere_unless_it_stood_there() {
        let mut standing = Settings::default();
        let url = read("calls.hillroad.example").expect("a name");
        let elsewhere = || {
            let all = vec![IpAddr::from([203, 0, 113, 7])];
            let foreign = all.clone();
            Leads::Elsewhere { all, foreign }
        };
        let by_enter = |standing: &Settings, leads| {
            let (mut enter, mut said) = (&b"\n"[..], Vec::new());
            let mut talk = Talk::new(&mut enter, &mut said, None);
            let place = leads_here(&mut talk, standing, (&url, leads)).expect("answered");
            (place, String::from_utf8(said).expect("text"))
        };
        let (place, said) = by_enter(&standing, elsewhere());
        assert!(place.is_none(), "{said}");
        standing.media.workers = 3;
        let (_, said) = by_enter(&standing, elsewhere());
        assert!(said.contains("8081 to 8083"), "{said}");
        standing.http.public_url = Some(url.clone());
        assert!(by_enter(&standing, elsewhere()).0.is_some());
        assert!(by_enter(&standing, Leads::Nowhere).0.is_none());
    }

    #[test]
    fn what_a_name_with_a_slip_led_to_is_announced_no_longer() {
        let before = "[http]\npublic_url = 'https://calls.hilroad.example'\n[media]\nannounce = ['203.0.113.7']";
        let standing =
            Settings::read_text(Path::new("homeroom.toml"), before).expect("they are right");
        let url = read("calls.hillroad.example").expect("a name");
        let here = Place::of(&[IpAddr::from([192, 0, 2, 1])], None);
        let changes = changes(&standing, (&url, here), Certificate::Issued);
        assert!(changes.contains(&("media.announce", None)), "{changes:?}");
    }

    #[test]
    fn a_port_is_taken_where_it_is_ours_and_never_by_enter_where_another_program_has_it() {
        for (says, is_ours) in [
            ("HTTP/1.0 200 OK\r\nx-request-id: 7\r\n\r\nok\n", true),
            ("HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n", false),
        ] {
            let server = TcpListener::bind("127.0.0.1:0").expect("loopback");
            let mut standing = Settings::default();
            standing.http.listen = server.local_addr().expect("bound");
            let port = standing.http.listen.port();
            let answering = std::thread::spawn(move || {
                let (mut stream, _) = server.accept().expect("it is asked");
                let _length = stream.read(&mut [0; 1_024]).expect("they speak");
                stream.write_all(says.as_bytes()).expect("they listen");
                server
            });
            let (mut enter, mut said) = (&b"\n"[..], Vec::new());
            let mut talk = Talk::new(&mut enter, &mut said, None);
            let is_had = may_have(&mut talk, &standing, port).expect("answered");
            let _taken_until_here = answering.join().expect("no panic");
            let said = String::from_utf8(said).expect("text");
            assert_eq!(is_had, is_ours, "{said}");
            assert_eq!(said.contains("by Homeroom itself"), is_ours, "{said}");
        }
    }
}
