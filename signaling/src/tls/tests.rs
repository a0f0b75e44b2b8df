use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use tempfile::TempDir;

use super::*;
use crate::health::Health;

const HOST: &str = "calls.example.org";

/// A certificate that vouches for itself, valid from and to these years, and its key.
fn valid(from: i32, to: i32) -> (String, String) {
    let mut params = CertificateParams::new(vec![HOST.to_owned()]).expect("a name");
    params.not_before = date_time_ymd(from, 1, 1);
    params.not_after = date_time_ymd(to, 1, 1);
    let key = KeyPair::generate().expect("a key");
    let certificate = params.self_signed(&key).expect("it can be certified");
    (certificate.pem(), key.serialize_pem())
}

fn made() -> (String, String) {
    valid(2020, 2090)
}

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("there is room"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn files(&self) -> settings::Tls {
        settings::Tls {
            certificate: self.path("certificate.pem"),
            key: self.path("key.pem"),
        }
    }

    fn write(&self, (certificate, key): &(String, String)) {
        let files = self.files();
        fs::write(files.certificate, certificate).expect("there is room");
        fs::write(files.key, key).expect("there is room");
    }

    fn openssl(&self, arguments: &str) {
        let status = Command::new("openssl")
            .args(arguments.split(' '))
            .current_dir(self.0.path())
            .output()
            .expect("openssl is there");
        assert!(status.status.success(), "{status:?}");
    }

    fn tls(&self, health: &Health) -> Result<Tls, TlsError> {
        Tls::read(self.files(), HOST, health.part("certificate"))
    }

    fn says(&self, words: [&str; 2]) {
        let said = self.said();
        for word in words {
            assert!(said.contains(word), "{said}");
        }
    }

    fn said(&self) -> String {
        let error = self.tls(&Health::default()).expect_err("it cannot be used");
        let said = error.to_string();
        assert_eq!(said.lines().count(), 1, "{said}");
        said
    }
}

#[tokio::test]
async fn a_new_certificate_is_taken_up_and_a_broken_or_worse_one_is_not() {
    let folder = Folder::new();
    let (certificate, key) = made();
    folder.write(&(certificate.clone(), key.clone()));
    let tls = folder.tls(&Health::default()).expect("both are right");
    let first = tls.current();
    let now = ambient::now();
    let text = |text: &str| text.to_owned();
    for worse in [
        (text(""), text("")),
        (certificate.clone(), text("-----BEGIN")),
        (made().0, key.clone()),
        valid(2020, 2021),
        valid(2089, 2095),
        valid(2020, 2089),
    ] {
        folder.write(&worse);
        assert!(!tls.renew(now).await, "{worse:?}");
        assert!(Arc::ptr_eq(&first, &tls.current()), "{worse:?}");
    }
    folder.write(&valid(2021, 2080));
    assert!(tls.renew(now).await);
    assert!(!Arc::ptr_eq(&first, &tls.current()));
}

/// One that was issued here is taken up, put in the place of its file, and read once more from there.
#[tokio::test]
async fn from_when_one_is_in_use_nothing_says_that_there_is_none() {
    let folder = Folder::new();
    let health = Health::default();
    let part = health.part("certificate");
    let tls = Tls::read_or_await(folder.files(), HOST, part).expect("one stands in");
    assert!(matches!(health.all()[..], [(_, State::Unwell(_))]));
    folder.write(&made());
    let now = ambient::now();
    for is_another in [true, false] {
        assert_eq!(tls.take_up(folder.files(), now).await, Ok(is_another));
        assert_eq!(health.all(), [("certificate", State::Well)]);
    }
}

#[test]
fn how_it_is_is_told() {
    let year = |year: i16| {
        let day = jiff::civil::date(year, 1, 1).to_zoned(jiff::tz::TimeZone::UTC);
        day.expect("a day").timestamp()
    };
    let folder = Folder::new();
    let health = Health::default();
    folder.write(&valid(2020, 2021));
    let tls = folder.tls(&health).expect("it is served all the same");
    let [(_, State::Unwell(said))] = &health.all()[..] else {
        panic!("it has ended");
    };
    assert!(said.contains("ended on 1 January 2021"), "{said}");
    let day = |days| year(2021) - SignedDuration::from_hours(24 * i64::from(days));
    assert_eq!(tls.judge(day(15), false), State::Well);
    for (days, word) in [(14, "in 13 days"), (2, "in 1 day,"), (1, "within a day")] {
        let state = tls.judge(day(days) + SignedDuration::from_secs(1), false);
        let said = state.sentence().expect("soon");
        assert!(said.contains(word), "{said}");
        assert!(matches!(state, State::Doubtful(_)));
    }
    assert!(matches!(tls.judge(day(300), true), State::Doubtful(_)));
    assert!(matches!(tls.judge(year(2019), false), State::Unwell(_)));
}

#[test]
fn whatever_is_wrong_with_the_files_is_one_sentence_that_helps() {
    let folder = Folder::new();
    let has = |words: [&str; 2]| folder.says(words);
    let good = made();
    let with = |certificate: &str, key: &str| {
        folder.write(&(certificate.to_owned(), key.to_owned()));
    };
    has(["http.tls_certificate", "no such file"]);
    with("", &good.1);
    has(["http.tls_certificate", "empty"]);
    with(&good.0, "");
    has(["http.tls_key", "empty"]);
    with(&good.0, &made().1);
    has(["key.pem", "does not belong to the certificate"]);
    with(&good.1, &good.0);
    has(["http.tls_certificate", "exchanged"]);
    with("certificate", &good.1);
    has(["http.tls_certificate", "not in PEM form"]);
    with(&good.0, "\u{0}\u{1}");
    has(["http.tls_key", "not in PEM form"]);
    with(&good.0, &good.0);
    has(["http.tls_key", "no private key"]);
    with(
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        &good.1,
    );
    has(["http.tls_certificate", "number 1 in it cannot be read"]);
    with(
        "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n",
        &good.1,
    );
    has(["http.tls_certificate", "no certificate in it"]);
    with(
        "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
        &good.1,
    );
    has(["http.tls_certificate", "request"]);
}

#[test]
fn order_number_and_kind_of_the_files_are_said_where_they_are_wrong() {
    let folder = Folder::new();
    let files = folder.files();
    let has = |words: [&str; 2]| folder.says(words);
    let good = made();
    let with = |certificate: &str, key: &str| {
        folder.write(&(certificate.to_owned(), key.to_owned()));
    };
    with(&format!("{}{}", made().0, good.0), &good.1);
    has(["number 2", "put it first"]);
    with(&good.0.repeat(21), &good.1);
    has(["21 certificates", "first"]);
    // Whatever comes first, between and last.
    with(
        &format!("\u{feff}bag attributes\n{}{}", good.0, made().0),
        &good.1,
    );
    folder.tls(&Health::default()).expect("that is no matter");
    with(&good.0.replace('\n', "\r\n"), &good.1.replace('\n', "\r\n"));
    folder.tls(&Health::default()).expect("that is no matter");
    // Too large, a folder, no file.
    with(&"x".repeat(2 << 20), &good.1);
    has(["http.tls_certificate", "larger"]);
    fs::remove_file(&files.certificate).expect("it is there");
    fs::create_dir(&files.certificate).expect("there is room");
    has(["http.tls_certificate", "folder"]);
    fs::remove_dir(&files.certificate).expect("it is there");
    let pipe = Command::new("mkfifo").arg(&files.certificate).status();
    assert!(pipe.expect("mkfifo is there").success());
    has(["http.tls_certificate", "not a file"]);
    fs::remove_file(&files.certificate).expect("it is there");
    std::os::unix::fs::symlink("/nowhere", &files.certificate).expect("there is room");
    has(["http.tls_certificate", "no such file"]);
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let folder = Folder::new();
    let (certificate, key) = made();
    for cut in 0..certificate.trim_end().len() {
        folder.write(&(
            certificate.get(..cut).expect("ASCII").to_owned(),
            key.clone(),
        ));
        folder.said();
    }
    for cut in 0..key.trim_end().len() {
        folder.write(&(
            certificate.clone(),
            key.get(..cut).expect("ASCII").to_owned(),
        ));
        folder.said();
    }
    // The end of one certificate lost, the next whole.
    let cut = certificate.get(..300).expect("long");
    folder.write(&(format!("{cut}\n{certificate}"), key));
    assert!(folder.said().contains("breaks off"));
}

#[test]
fn a_key_with_a_password_and_one_that_may_not_be_read_are_said_so() {
    let folder = Folder::new();
    let good = made();
    folder.write(&good);
    for (options, out) in [
        ("-aes256 -passout pass:x", "new.pem"),
        ("-traditional -aes256 -passout pass:x", "old.pem"),
    ] {
        folder.openssl(&format!("pkey -in key.pem {options} -out {out}"));
        let files = settings::Tls {
            key: folder.path(out),
            ..folder.files()
        };
        let error = Tls::read(files, HOST, Health::default().part("certificate"));
        let said = error.expect_err("it is locked").to_string();
        assert!(said.contains("protected by a password"), "{said}");
    }
    let files = folder.files();
    fs::set_permissions(&files.key, fs::Permissions::from_mode(0o000)).expect("it is ours");
    // Root may read everything.
    if fs::read(&files.key).is_err() {
        assert!(folder.said().contains("may not read"));
    }
}

#[tokio::test]
async fn until_one_is_issued_another_stands_in_and_that_is_said() {
    let folder = Folder::new();
    let health = Health::default();
    let part = || health.part("certificate");
    let await_one = || Tls::read_or_await(folder.files(), HOST, part()).expect("one stands in");
    let tls = await_one();
    let now = ambient::now();
    let State::Unwell(said) = tls.judge(now, false) else {
        panic!("browsers refuse it");
    };
    assert!(said.contains("no certificate yet"), "{said}");
    assert!(tls.is_due(now));
    assert!(tls.renew(now).await, "that there is none is no fault");
    folder.write(&made());
    assert!(tls.renew(now).await);
    assert!(!tls.is_due(now));
    assert_eq!(tls.judge(now, false), State::Well);
    // What cannot be read is as if there were none.
    folder.write(&("-----BEGIN".to_owned(), made().1));
    assert!(await_one().is_due(now));
    // One for another name is asked for anew.
    folder.write(&made());
    let other = Tls::read_or_await(folder.files(), "other.example.org", part());
    assert!(other.expect("it can be used").is_due(now));
    // That its end comes nearer is news once the next one should have been there for long.
    folder.write(&valid(2020, 2021));
    let tls = await_one();
    let day = |month, day| {
        let day = jiff::civil::date(2020, month, day).to_zoned(jiff::tz::TimeZone::UTC);
        day.expect("a day").timestamp()
    };
    assert!(!tls.is_due(day(8, 31)));
    assert!(tls.is_due(day(9, 2)));
    assert_eq!(tls.judge(day(10, 30), false), State::Well);
    let State::Doubtful(said) = tls.judge(day(11, 2), false) else {
        panic!("it is late");
    };
    assert!(said.contains("ends on 1 January 2021"), "{said}");
    // Gone while it is in use: it stays in use, and another is asked for.
    let ends = tls.ends();
    fs::remove_file(folder.files().certificate).expect("it is there");
    assert!(tls.renew(day(1, 2)).await);
    assert_eq!(tls.ends(), ends);
    assert!(matches!(tls.judge(now, false), State::Unwell(_)));
}
