use std::ffi::OsString;
use std::path::Path;

use super::given::{self, KEYS};
use super::{LogFormat, Settings, SettingsError};

/// The commented file that comes with the program.
const COMMENTED: &str = include_str!("../../../config/homeroom.toml");

fn read(text: &str) -> Result<Settings, SettingsError> {
    let mut settings = Settings::default();
    settings.take_all(given::from_file(Path::new("homeroom.toml"), text)?)?;
    settings.check()
}

fn refusal(text: &str) -> String {
    read(text).expect_err("it should be refused").to_string()
}

#[test]
fn commented_file_holds_every_key_with_its_default() {
    assert_eq!(
        read(COMMENTED).expect("it can be read"),
        Settings::default()
    );

    let uncommented: String = COMMENTED
        .lines()
        .filter(|line| !line.starts_with("# "))
        .map(|line| format!("{}\n", line.strip_prefix('#').unwrap_or(line)))
        .collect();
    let given = given::from_file(Path::new("homeroom.toml"), &uncommented).expect("it is TOML");
    let mut keys: Vec<_> = given.iter().map(|given| given.key.as_str()).collect();
    let mut all = KEYS.to_vec();
    keys.sort_unstable();
    all.sort_unstable();
    assert_eq!(keys, all);
    assert_eq!(
        read(&uncommented).expect("every default can be read"),
        Settings::default()
    );
}

#[test]
fn every_key_is_known() {
    // These take any text there is.
    let free = [
        "data.folder",
        "mail.smtp_host",
        "mail.smtp_user",
        "mail.smtp_password",
    ];
    for key in free {
        let (table, name) = key.split_once('.').expect("a key has two parts");
        read(&format!("[{table}]\n{name} = 'a=b=c'")).expect("any text will do");
    }
    for key in KEYS.into_iter().filter(|key| !free.contains(key)) {
        let (table, name) = key.split_once('.').expect("a key has two parts");
        let said = refusal(&format!("[{table}]\n{name} = 'a=b=c'"));
        assert!(
            said.contains(key) && !said.contains("unknown"),
            "{key}: {said}"
        );
    }
}

#[test]
fn unknown_key_is_named() {
    let said = refusal("[http]\nlisen = '127.0.0.1:1'");
    assert!(
        said.starts_with("unknown setting http.lisen in homeroom.toml"),
        "{said}"
    );
    assert!(said.contains("http.listen"), "{said}");
    assert!(refusal("[htp]\nlisten = ''").contains("htp.listen"));
    assert!(refusal("listen = ''").contains("unknown setting listen"));
}

#[test]
fn wrong_values_say_what_to_give() {
    for (text, sentence) in [
        (
            "[calls]\ncap = 5",
            "the setting calls.cap in homeroom.toml cannot be \"5\": give a whole number from 1 to 4",
        ),
        (
            "[http]\nlisten = '8080'",
            "the setting http.listen in homeroom.toml cannot be \"8080\": give an IP address and a port, such as 127.0.0.1:8080",
        ),
    ] {
        assert_eq!(refusal(text), sentence);
    }
    for text in [
        "[calls]\ncap = 0",
        "[calls]\ngrace_s = -1",
        "[calls]\nhold_seat_for_parent = 'perhaps'",
        "[media]\nworkers = 65",
        "[media]\nannounce = ['here']",
        "[http]\npublic_url = 'calls.example.org'",
        "[http]\npublic_url = 'https://calls.example.org/path'",
        "[log]\nformat = 'xml'",
        "[log]\nfilter = 'a=b=c'",
        "[limits]\nconnections = 0",
        "[http]\nlisten = { ip = '::1' }",
    ] {
        let said = refusal(text);
        assert!(said.contains("give") || said.contains("unknown"), "{said}");
    }
    let said = refusal("[http]\nlisten = ");
    assert!(
        said.contains("homeroom.toml is not valid TOML: line 2"),
        "{said}"
    );
}

#[test]
fn environment_wins_over_the_file() {
    let mut settings =
        read("[calls]\ncap = 2\ngrace_s = 9\n[log]\nformat = 'json'").expect("all are right");
    let variables = [
        ("HOMEROOM__CALLS__CAP", "3"),
        ("HOMEROOM__MEDIA__ANNOUNCE", "192.0.2.1, 2001:db8::1"),
        ("PATH", "/bin"),
    ];
    settings
        .take_all(given::from_environment(variables.into_iter().map(
            |(name, value)| (OsString::from(name), OsString::from(value)),
        )))
        .expect("all are right");
    assert_eq!(settings.calls.cap, 3);
    assert_eq!(settings.calls.grace.as_secs(), 9);
    assert_eq!(settings.log.format, LogFormat::Json);
    assert_eq!(settings.media.announce.len(), 2);
}

#[test]
fn unknown_variable_is_named() {
    let variables = [(OsString::from("HOMEROOM__CALLS__CAPP"), OsString::from("3"))];
    let said = Settings::default()
        .take_all(given::from_environment(variables.into_iter()))
        .expect_err("nobody knows it")
        .to_string();
    assert!(
        said.starts_with(
            "unknown setting calls.capp in the environment variable HOMEROOM__CALLS__CAPP"
        ),
        "{said}"
    );
}

#[test]
fn missing_file_is_named() {
    let said = Settings::read(Some(Path::new("/nowhere/homeroom.toml")))
        .expect_err("it is not there")
        .to_string();
    assert!(
        said.starts_with("cannot read the settings file /nowhere/homeroom.toml"),
        "{said}"
    );
}

#[test]
fn a_certificate_needs_its_key() {
    let said = refusal("[http]\ntls_certificate = '/a.pem'");
    assert_eq!(
        said,
        "http.tls_certificate is set and http.tls_key is not: set both, or neither"
    );
    assert!(refusal("[http]\ntls_key = '/a.pem'").contains("tls_certificate is not"));
    let both =
        read("[http]\ntls_key = '/a.pem'\ntls_certificate = '/b.pem'").expect("both are set");
    assert_eq!(both.tls().map(|tls| tls.certificate), Some("/b.pem".into()));
    assert!(
        both.public_url(both.http.listen)
            .to_string()
            .starts_with("https://")
    );
}
