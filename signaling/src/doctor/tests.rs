use std::net::{IpAddr, SocketAddr, TcpListener};

use super::*;

/// Settings on ports that were free a moment ago.
fn settings() -> Settings {
    let free = || {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
        listener.local_addr().expect("bound")
    };
    let mut settings = Settings::default();
    settings.http.listen = free();
    settings.media.listen = Some(free());
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
fn a_port_that_somebody_else_holds_must_be_mended() {
    let mut settings = settings();
    let taken = TcpListener::bind("127.0.0.1:0").expect("loopback");
    settings.media.listen = Some(taken.local_addr().expect("bound"));
    let bads = bads(&settings);
    assert_eq!(bads.len(), 1, "{bads:?}");
    assert!(bads[0].contains("media.listen"), "{bads:?}");
}

#[test]
fn an_address_for_others_needs_a_certificate_and_media_that_they_reach() {
    let mut settings = settings();
    settings.http.public_url = crate::PublicUrl::parse("http://calls.example.org");
    let found = bads(&settings);
    assert!(
        found.iter().any(|says| says.contains("https://")),
        "{found:?}"
    );
    assert!(
        found.iter().any(|says| says.contains("media.announce")),
        "{found:?}"
    );
    settings.http.public_url = crate::PublicUrl::parse("https://calls.example.org");
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
