//! The certificate: whether it can be used, whom it is for, and until when.

use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::{Finding, Health};
use crate::acme;
use crate::settings::{self, Settings};
use crate::tls::{self, Age, SOON_DAYS, Standing};

pub(super) fn examine(settings: &Settings) -> Vec<Finding> {
    let url = settings.public_url(settings.http.listen);
    let Some(files) = settings.tls() else {
        let finding = if url.is_loopback() {
            Finding::new(
                Health::Doubtful,
                "There is no certificate, so only browsers on this machine can use camera and \
                 microphone: set http.public_url and acme.directory, or run homeroom setup.",
            )
        } else if url.is_secure() {
            Finding::new(
                Health::Doubtful,
                "A proxy must serve the certificate: people whose network opens port 443 alone \
                 have sound and picture only where this program has it (http.tls_certificate).",
            )
        } else {
            Finding::new(
                Health::Bad,
                "http.public_url begins with http://, where browsers give no camera and no \
                 microphone: set a certificate, and an address that begins with https://.",
            )
        };
        return vec![finding];
    };
    if settings.acme.directory.is_none() {
        return of_files(&files, url.host());
    }
    let has_one = !matches!(files.certificate.try_exists(), Ok(false));
    let mut findings = Vec::new();
    if has_one {
        findings.extend(of_files(&files, url.host()));
    }
    if let Some(failure) = acme::last_failure(settings) {
        let is_unwell = !has_one || findings.iter().any(|it| it.health == Health::Bad);
        findings.push(of_failure(&failure, is_unwell));
    } else if !has_one {
        let says = format!(
            "No certificate was issued yet: the server asks for one as soon as it runs, and {} must \
             lead here, at port 443{}.",
            url.host(),
            if settings.http.plain_listen.is_some() {
                " or port 80"
            } else {
                ""
            }
        );
        findings.push(Finding::new(Health::Doubtful, says));
    }
    findings
}

/// That none came when one was asked for, which must be mended where there is none, or none that browsers take.
fn of_failure((at, reason): &(Timestamp, String), is_unwell: bool) -> Finding {
    let health = if is_unwell {
        Health::Bad
    } else {
        Health::Doubtful
    };
    // As rustls names a certificate that nobody known here vouches for.
    let vouched = if reason.contains("UnknownIssuer") {
        "; where that server is the school's own, acme.root is to name the file of whoever vouches for it"
    } else {
        ""
    };
    let says = format!(
        "The certificate that the server asked for on {} did not come: {}{vouched}. It asks again by itself; once what \
         this says is mended, sudo systemctl reload homeroom has it ask at once (after a restart, where the settings were \
         changed).",
        tls::moment(*at),
        reason.trim_end_matches('.')
    );
    Finding::new(health, says)
}

/// What there is to say of the files of a certificate for that name.
pub(super) fn of_files(files: &settings::Tls, host: &str) -> Vec<Finding> {
    match tls::check(files) {
        Err(error) => vec![Finding::new(Health::Bad, format!("{error}."))],
        Ok(chain) => of_chain(&chain, host, ambient::now()),
    }
}

fn of_chain(chain: &[CertificateDer<'_>], host: &str, now: Timestamp) -> Vec<Finding> {
    let own = chain.first();
    let read =
        own.and_then(|own| Some((X509Certificate::from_der(own).ok()?.1, Standing::of(own)?)));
    let Some((own, standing)) = read else {
        let says = "The certificate is none that browsers can read: have it issued anew.";
        return vec![Finding::new(Health::Bad, says)];
    };
    let mut findings = vec![of_time(&standing, now), of_name(&standing, host)];
    if chain.len() == 1 && own.issuer() != own.subject() {
        findings.push(Finding::new(
            Health::Doubtful,
            "The certificate's file holds no intermediate certificate, which most browsers need: \
             use the file that is called fullchain.",
        ));
    } else if own.issuer() == own.subject() {
        findings.push(Finding::new(
            Health::Doubtful,
            "The certificate vouches for itself: browsers warn of it before every visit.",
        ));
    }
    findings
}

fn of_time(own: &Standing, now: Timestamp) -> Finding {
    let ends = own.ends();
    match own.age(now) {
        Age::Early => {
            let says = "The certificate is not valid yet: check this machine's clock.";
            Finding::new(Health::Bad, says)
        }
        Age::Over => {
            let says =
                format!("The certificate ended on {ends}: renew it; no new start is needed.");
            Finding::new(Health::Bad, says)
        }
        Age::Valid(days) if days < SOON_DAYS => {
            let says = format!("The certificate ends in {days} days, on {ends}: renew it.");
            Finding::new(Health::Doubtful, says)
        }
        Age::Valid(days) => {
            let says = format!("The certificate and its key fit, and are good for {days} days.");
            Finding::new(Health::Good, says)
        }
    }
}

fn of_name(own: &Standing, host: &str) -> Finding {
    if own.is_for(host) {
        Finding::new(Health::Good, format!("The certificate is for {host}."))
    } else {
        let names = own.names().join(", ");
        Finding::new(
            Health::Bad,
            format!(
                "The certificate is for {names}, not for {host}: set http.public_url to a name it has."
            ),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(names: &[&str]) -> CertificateDer<'static> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        rcgen::generate_simple_self_signed(names)
            .expect("names can be certified")
            .cert
            .der()
            .clone()
    }

    fn healths(host: &str, now: i64) -> Vec<Health> {
        let now = Timestamp::from_second(now).expect("a time");
        of_chain(
            &[made(&["calls.example.org", "*.school.example"])],
            host,
            now,
        )
        .iter()
        .map(|finding| finding.health)
        .collect()
    }

    #[test]
    fn names_and_times_are_judged() {
        use Health::{Bad, Doubtful, Good};
        let today = 1_800_000_000;
        assert_eq!(healths("calls.example.org", today), [Good, Good, Doubtful]);
        assert_eq!(healths("a.school.example", today), [Good, Good, Doubtful]);
        assert_eq!(healths("a.b.school.example", today), [Good, Bad, Doubtful]);
        assert_eq!(healths("other.example", 100), [Bad, Bad, Doubtful]);
        assert_eq!(
            healths("calls.example.org", 99_000_000_000),
            [Bad, Good, Doubtful]
        );
    }

    #[test]
    fn what_is_no_certificate_must_be_mended() {
        let junk = [CertificateDer::from(vec![1, 2, 3])];
        let now = Timestamp::from_second(1_800_000_000).expect("a time");
        assert_eq!(of_chain(&junk, "x", now)[0].health, Health::Bad);
    }
}
