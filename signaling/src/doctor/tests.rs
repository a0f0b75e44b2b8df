use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, Executor as _};

use super::*;
use crate::private::Private;

/// Settings on ports that are free, and that the system gives to nobody who asks for any.
fn settings() -> Settings {
    let free = || {
        let port = || 20_000 + ambient::random::<u16>() % 10_000;
        let bound = || TcpListener::bind((IpAddr::from([127, 0, 0, 1]), port())).ok();
        let listener = (0..100).find_map(|_| bound()).expect("one is free");
        listener.local_addr().expect("bound")
    };
    let mut settings = Settings::default();
    settings.http.listen = free();
    settings.media.listen = Some(free());
    // The port beside it may be somebody's.
    settings.media.workers = 1;
    settings
}

fn bads(settings: &Settings) -> Vec<String> {
    let findings = examine(settings).findings.into_iter();
    findings
        .filter(|finding| finding.health == Health::Bad)
        .map(|finding| finding.says)
        .collect()
}

#[test]
fn a_machine_that_is_ready_is_well() {
    let diagnosis = examine(&settings());
    assert!(diagnosis.is_well(), "{}", diagnosis.text());
    let text = diagnosis.text();
    assert!(text.contains("UDP"), "{text}");
}

#[test]
fn the_port_of_every_worker_is_named_for_the_firewall() {
    let mut settings = Settings::default();
    settings.media.listen = Some(SocketAddr::from(([127, 0, 0, 1], 8_081)));
    let ports = |settings: &Settings, protocol: &str| -> Vec<u16> {
        let openings = ports::openings(settings).into_iter().skip(1);
        let of = openings.filter(|it| it.protocol == protocol);
        of.map(|it| it.port).collect()
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let own: Vec<u16> = (8_081..8_085).take(cores).collect();
    assert_eq!(
        ports(&settings, "UDP"),
        own,
        "one for each core, four at most"
    );
    assert_eq!(ports(&settings, "TCP"), own);
    settings.media.workers = 6;
    assert_eq!(ports(&settings, "UDP"), Vec::from_iter(8_081..8_087));
}

#[test]
fn whether_the_records_are_copied_is_said() {
    let mut settings = settings();
    let health = |settings: &Settings| records::copies(settings).map(|it| it.health);
    assert_eq!(health(&settings), Some(Health::Doubtful));
    let folder = tempfile::tempdir().expect("there is room");
    settings.backup.folder = Some(folder.path().join("copies"));
    assert_eq!(health(&settings), None);
    let file = tempfile::NamedTempFile::new().expect("there is room");
    settings.backup.folder = Some(file.path().join("copies"));
    assert_eq!(health(&settings), Some(Health::Bad));
}

#[test]
fn behind_a_proxy_its_port_is_what_people_reach() {
    let mut settings = settings();
    settings.http.listen = SocketAddr::from(([127, 0, 0, 1], 8080));
    settings.http.public_url = crate::origin::PublicUrl::parse("https://calls.hillroad.example");
    let ports: Vec<_> = ports::openings(&settings)
        .iter()
        .map(|it| it.port)
        .collect();
    assert!(ports.contains(&443), "{ports:?}");
    assert!(!ports.contains(&8080), "{ports:?}");
    // On another machine: that one comes to this port, and people do not.
    settings.http.listen = SocketAddr::from(([10, 0, 0, 1], 8080));
    settings.http.trusted_proxies = vec!["10.0.0.5".parse().expect("an address")].into();
    let openings = ports::openings(&settings);
    let purpose = |port| openings.iter().find(|it| it.port == port);
    let purpose = |port| purpose(port).map(|it| it.purpose).unwrap_or_default();
    assert!(purpose(443).contains("by the proxy"), "{openings:?}");
    assert!(purpose(8080).contains("nobody else"), "{openings:?}");
}

#[test]
fn a_port_that_somebody_else_holds_must_be_mended() {
    let mut settings = settings();
    let taken = TcpListener::bind("127.0.0.1:0").expect("loopback");
    settings.media.listen = Some(taken.local_addr().expect("bound"));
    let bads = bads(&settings);
    assert_eq!(bads.len(), 1, "{bads:?}");
    assert!(bads[0].contains("media.listen"), "{bads:?}");
}

#[test]
fn a_port_that_this_user_may_not_use_is_no_fault_of_the_server_that_has_it() {
    let mut settings = settings();
    let refused = || Err::<(), _>(std::io::Error::from(std::io::ErrorKind::PermissionDenied));
    let found = ports::of_pages(refused(), &settings);
    assert_eq!(found.health, Health::Doubtful, "{found:?}");
    let server = TcpListener::bind("127.0.0.1:0").expect("loopback");
    settings.http.listen = server.local_addr().expect("bound");
    let answering = answer(server, "HTTP/1.0 200 OK\r\nX-Request-Id: 1\r\n\r\nok\n");
    let found = ports::of_pages(refused(), &settings);
    answering.join().expect("no panic");
    assert_eq!(found.health, Health::Good, "{found:?}");
    let another = TcpListener::bind("127.0.0.1:0").expect("loopback");
    settings.http.listen = another.local_addr().expect("bound");
    let answering = answer(another, "HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n");
    let found = ports::of_pages(refused(), &settings);
    answering.join().expect("no panic");
    assert_eq!(found.health, Health::Bad, "{found:?}");
    assert!(found.says.contains("another program"), "{found:?}");
}

/// Says this to whoever asks first.
fn answer(server: TcpListener, says: &'static str) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || {
        let (mut stream, _) = server.accept().expect("it is asked");
        let mut asked = [0; 1_024];
        let _length = std::io::Read::read(&mut stream, &mut asked).expect("they speak");
        stream.write_all(says.as_bytes()).expect("they listen");
    })
}

#[test]
fn another_program_at_a_port_is_not_taken_for_the_server() {
    let ours = "HTTP/1.0 308 Permanent Redirect\r\nlocation: https://calls.hillroad.example/healthz\r\n\
                x-request-id: 7\r\ncontent-length: 0\r\n\r\n";
    for (says, is_ours) in [
        (ours, true),
        ("HTTP/1.0 200 OK\r\nx-request-id: 7\r\n\r\nok\n", true),
        // nginx, asked without TLS where it speaks TLS, and where it leads on.
        (
            "HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n<html>",
            false,
        ),
        (
            "HTTP/1.1 301 Moved Permanently\r\nServer: nginx\r\nLocation: https://calls.example/healthz\r\n\r\n",
            false,
        ),
        // Caddy leads on too, to wherever it was asked.
        (
            "HTTP/1.0 308 Permanent Redirect\r\nServer: Caddy\r\nX-Request-Id: 7\r\n\
             Location: https://homeroom.invalid/healthz\r\n\r\n",
            false,
        ),
        ("HTTP/1.0 200 OK\r\n\r\nok\n", false),
        ("SSH-2.0-OpenSSH_9.2p1\r\n", false),
        ("", false),
    ] {
        let server = TcpListener::bind("127.0.0.1:0").expect("loopback");
        let mut settings = settings();
        settings.http.plain_listen = server.local_addr().ok();
        let taken = settings.http.plain_listen.expect("bound");
        let answering = answer(server, says);
        assert_eq!(ports::is_ours(taken), is_ours, "{says}");
        answering.join().expect("no panic");
    }
    let silent = TcpListener::bind("127.0.0.1:0").expect("loopback");
    let mut settings = settings();
    settings.http.plain_listen = silent.local_addr().ok();
    let found = bads(&settings);
    assert!(found[0].contains("http.plain_listen"), "{found:?}");
}

#[test]
fn a_mail_server_is_tried_and_a_missing_one_is_named() {
    let mut settings = settings();
    let found = examine(&settings).text();
    assert!(found.contains("set mail.smtp_host"), "{found}");
    let free = TcpListener::bind("127.0.0.1:0").expect("loopback");
    settings.mail.host = Some("127.0.0.1".to_owned());
    settings.mail.port = free.local_addr().ok().map(|it| it.port());
    settings.mail.security = post::Security::None;
    drop(free);
    let found = bads(&settings);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("cannot be reached"), "{found:?}");
}

#[test]
fn a_provider_that_is_away_is_named() {
    let free = TcpListener::bind("127.0.0.1:0").expect("loopback");
    let mut settings = settings();
    settings.openid = settings::Openid {
        issuer: free.local_addr().ok().map(|it| format!("http://{it}")),
        client_id: Some("homeroom".to_owned()),
        client_secret: Private::new("a secret".to_owned()),
        name: Some("Hill Road".to_owned()),
        ..settings::Openid::default()
    };
    drop(free);
    let found = bads(&settings);
    assert_eq!(found.len(), 1, "{found:?}");
    let begins = "The staff cannot sign in by Hill Road: The provider (http://127.0.0.1:";
    assert!(found[0].starts_with(begins), "{found:?}");
    assert!(found[0].contains("cannot be reached"), "{found:?}");
}

#[test]
fn each_receiver_of_webhooks_is_tried() {
    use std::io::{Read as _, Write as _};
    let receiver = |status: &'static str| {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
        let url = format!("http://{}/", listener.local_addr().expect("bound"));
        let answers = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("somebody comes");
            let mut heard = vec![0; 4096];
            let length = stream.read(&mut heard).expect("they speak");
            heard.truncate(length);
            let answer =
                format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).expect("they listen");
            String::from_utf8(heard).expect("text")
        });
        (Private::new(url), answers)
    };
    let ((good, heard), (bad, _)) = (receiver("204 No Content"), receiver("500 No"));
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("webhooks");
    let mut settings = settings();
    settings.webhooks.urls = vec![good, bad];
    settings.webhooks.secret_file = Some(file.clone());
    let found = bads(&settings);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("webhooks.secret_file"), "{found:?}");
    let secret = data_encoding::BASE64.encode(&[7; 32]);
    std::fs::write(&file, format!("whsec_{secret}\n")).expect("room");
    let found = bads(&settings);
    assert_eq!(found.len(), 1, "{found:?}");
    let begins = "Receiver 2 of webhooks.urls did not take a test: it answers 500.";
    assert!(found[0].starts_with(begins), "{found:?}");
    let heard = heard.join().expect("it answered");
    assert!(heard.contains("webhook-signature: v1,"), "{heard}");
    assert!(heard.contains(r#""type":"test""#), "{heard}");
}

#[test]
fn records_that_cannot_be_used_are_named_and_nothing_is_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut settings = settings();
    settings.data.folder = folder.path().join("records");
    assert_eq!(bads(&settings), Vec::<String>::new());
    assert!(!settings.data.folder.exists());
    std::fs::create_dir(&settings.data.folder).expect("a folder");
    std::fs::write(settings.data.folder.join("homeroom.sqlite"), "").expect("written");
    let found = bads(&settings);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("`keys` is missing"), "{found:?}");
    settings.data.folder = folder.path().to_owned();
    settings.database.url = Some(Private::new(
        "postgres://nobody@127.0.0.1:1/none".to_owned(),
    ));
    let found = bads(&settings);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("database.url"), "{found:?}");
}

/// As after going back to the program before, without the backup from before.
#[test]
fn records_of_a_newer_program_are_named_and_left_as_they_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut settings = settings();
    settings.data.folder = folder.path().to_owned();
    let file = settings.data.folder.join("homeroom.sqlite");
    waited_for(async {
        let options = SqliteConnectOptions::new().filename(&file);
        let records = options.create_if_missing(true).connect().await;
        let mut records = records.expect("made");
        let steps = "CREATE TABLE schema_version (version BIGINT);
                     WITH RECURSIVE steps (n) AS (SELECT 1 UNION SELECT n + 1 FROM steps WHERE n < 1000)
                     INSERT INTO schema_version SELECT n FROM steps";
        records.execute(steps).await.expect("written");
        records.close().await.expect("closed");
        Vec::new()
    });
    store::Keys::make(&settings.data.folder, links::KeyId(1)).expect("keys");
    let lie_there = || std::fs::read_dir(folder.path()).expect("read").count();
    let before = lie_there();
    let found = bads(&settings);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("a newer homeroom"), "{found:?}");
    assert_eq!(lie_there(), before);
}

/// As the service says it that does not begin.
#[test]
fn records_that_cannot_be_opened_are_named_with_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut settings = settings();
    settings.data.folder = folder.path().to_owned();
    store::Keys::make(&settings.data.folder, links::KeyId(1)).expect("keys");
    let file = settings.data.folder.join("homeroom.sqlite");
    std::fs::write(&file, "no database, ".repeat(100)).expect("written");
    let found = bads(&settings);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("homeroom restore"), "{found:?}");
    std::fs::remove_file(&file).expect("it is ours");
    std::fs::create_dir(&file).expect("made");
    let found = bads(&settings);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("in the file itself"), "{found:?}");
}

#[test]
fn an_address_for_others_needs_a_certificate_and_media_that_they_reach() {
    let mut settings = settings();
    settings.http.public_url = crate::PublicUrl::parse("http://calls.invalid");
    let found = bads(&settings);
    assert!(
        found.iter().any(|says| says.contains("https://")),
        "{found:?}"
    );
    assert!(
        found.iter().any(|says| says.contains("media.announce")),
        "{found:?}"
    );
    settings.http.public_url = crate::PublicUrl::parse("https://calls.invalid");
    settings.media.announce = vec![IpAddr::from([203, 0, 113, 7])];
    assert_eq!(bads(&settings), Vec::<String>::new());
    let port = settings.media_listen().port();
    let public = SocketAddr::from(([203, 0, 113, 7], port));
    assert_eq!(examine(&settings).media, [public]);
}

#[test]
fn a_certificate_that_is_not_there_is_named() {
    let mut settings = settings();
    settings.http.tls_certificate = Some("/nothing/here.pem".into());
    settings.http.tls_key = Some("/nothing/here.key".into());
    let found = bads(&settings);
    assert!(
        found
            .iter()
            .any(|says| says.contains("http.tls_certificate")),
        "{found:?}"
    );
}

#[test]
fn a_certificate_that_was_asked_for_in_vain_must_be_mended_and_the_reason_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut settings = settings();
    settings.data.folder = folder.path().to_owned();
    settings.http.public_url = crate::PublicUrl::parse("https://calls.invalid");
    settings.media.announce = vec![IpAddr::from([203, 0, 113, 7])];
    settings.acme.directory = Some("https://acme.invalid/directory".to_owned());
    let found = examine(&settings).text();
    assert!(found.contains("No certificate was issued yet"), "{found}");
    assert_eq!(bads(&settings), Vec::<String>::new());
    let failed = |directory: &str| {
        let kept = format!(
            r#"{{"directory":"{directory}","count":2,"refused":2,"until_s":1800000900,
            "last":{{"at_s":1800000000,"reason":"Timeout during connect"}}}}"#
        );
        std::fs::write(folder.path().join("acme-failures.json"), kept).expect("room");
    };
    failed("https://acme.invalid/directory");
    let found = bads(&settings);
    assert_eq!(found.len(), 1, "{found:?}");
    let begins = "The certificate that the server asked for on 15 January 2027, 08:00 UTC did not come: \
                  Timeout during connect. ";
    assert!(found[0].starts_with(begins), "{found:?}");
    assert!(found[0].contains("systemctl reload homeroom"), "{found:?}");
    assert!(!found[0].contains("acme.root"), "{found:?}");
    let found = examine(&settings).text();
    assert!(!found.contains("No certificate was issued yet"), "{found}");
    // While one is good that browsers take, there is time.
    let made = rcgen::generate_simple_self_signed(vec!["calls.invalid".to_owned()]);
    let made = made.expect("a name");
    let both = made.signing_key.serialize_pem() + &made.cert.pem();
    std::fs::write(folder.path().join("certificate.pem"), both).expect("room");
    assert_eq!(bads(&settings), Vec::<String>::new());
    let found = examine(&settings).text();
    assert!(
        found.contains("look at  The certificate that the server asked for"),
        "{found}"
    );
    // What another server has said is of no matter at this one.
    failed("https://another.invalid/directory");
    let found = examine(&settings).text();
    assert!(!found.contains("Timeout during connect"), "{found}");
}

#[test]
fn a_machine_without_a_network_is_told_from_a_setting_that_is_wrong() {
    let mut settings = settings();
    settings.http.public_url = crate::PublicUrl::parse("https://calls.example.org");
    let alone = [SocketAddr::from(([127, 0, 0, 1], 8_081))];
    let said = |settings: &Settings| -> String {
        let findings = ports::reach(settings, &alone);
        findings.into_iter().map(|finding| finding.says).collect()
    };
    settings.media.listen = Some(SocketAddr::from(([0, 0, 0, 0], 8_081)));
    assert!(said(&settings).contains("no network address"));
    settings.media.listen = Some(alone[0]);
    assert!(said(&settings).contains("media.listen"));
}

#[test]
fn what_a_node_needs_is_looked_at() {
    let mut settings = settings();
    let folder = tempfile::tempdir().expect("a folder");
    let key = folder.path().join("key");
    let free = TcpListener::bind("127.0.0.1:0").expect("loopback");
    let nobody = free.local_addr().expect("bound");
    drop(free);
    settings.cluster.name = Some("north".to_owned());
    settings.cluster.listen = Some("192.0.2.1:8090".parse().expect("an address"));
    settings.cluster.key_file = Some(key.clone());
    settings.cluster.redis_url = Some(Private::new(format!("redis://:secret@{nobody}")));
    let found = bads(&settings);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].contains("cluster.key_file"), "{found:?}");
    assert!(found[1].contains("cluster.listen"), "{found:?}");
    let text = examine(&settings).text();
    assert!(
        text.contains("Redis does not answer") && !text.contains("secret"),
        "{text}"
    );
    assert!(text.contains("8090"), "{text}");
    std::fs::write(&key, "k".repeat(48)).expect("room");
    settings.cluster.listen = Some("127.0.0.1:0".parse().expect("an address"));
    assert_eq!(bads(&settings), Vec::<String>::new());
}

/// One that answers PING, and refuses what writes, as a replica does.
fn a_redis_that_refuses() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
    let address = listener.local_addr().expect("bound");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.expect("somebody comes"));
            while let Some(words) = said_to_redis(&mut stream) {
                let answer: &[u8] = match words.first().map(String::as_str) {
                    Some("EVAL") => b"-READONLY You can't write against a read only replica.\r\n",
                    Some("PING") => b"+PONG\r\n",
                    Some(_) | None => b"+OK\r\n",
                };
                if stream.get_mut().write_all(answer).is_err() {
                    break;
                }
            }
        }
    });
    address
}

/// The words of a command, each with its length before it (RESP); none at the end.
fn said_to_redis(stream: &mut BufReader<TcpStream>) -> Option<Vec<String>> {
    fn number(stream: &mut BufReader<TcpStream>) -> Option<usize> {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        line.trim().get(1..)?.parse().ok()
    }
    let mut words = Vec::new();
    for _ in 0..number(stream)? {
        let length = number(stream)?;
        let mut word = vec![0; length + 2];
        stream.read_exact(&mut word).ok()?;
        word.truncate(length);
        words.push(String::from_utf8(word).ok()?);
    }
    Some(words)
}

#[test]
fn a_redis_that_answers_and_that_no_node_can_go_by_is_said() {
    let mut settings = settings();
    let folder = tempfile::tempdir().expect("a folder");
    let key = folder.path().join("key");
    std::fs::write(&key, "k".repeat(48)).expect("room");
    settings.cluster.name = Some("north".to_owned());
    settings.cluster.listen = Some("127.0.0.1:0".parse().expect("an address"));
    settings.cluster.key_file = Some(key);
    let url = format!("redis://:secret@{}", a_redis_that_refuses());
    settings.cluster.redis_url = Some(Private::new(url));
    let found = bads(&settings);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("READONLY You can't write"), "{found:?}");
    assert!(
        found[0].contains("it is a replica") && !found[0].contains("secret"),
        "{found:?}"
    );
}

#[test]
fn a_small_receive_buffer_is_said() {
    let said = |most: &str| ports::buffer(Some(most.to_owned())).map(|it| it.health);
    assert_eq!(said("212992\n"), Some(Health::Doubtful));
    assert_eq!(said("4194304\n"), None);
    assert_eq!(said("?"), None);
    assert_eq!(ports::buffer(None), None);
}
