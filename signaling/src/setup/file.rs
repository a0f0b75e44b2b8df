//! The settings file, changed in the place where each key stands, comments and all.

use std::fs::{self, Metadata, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown};
use std::path::{Path, PathBuf};

/// A dotted key, and its value; nothing for its default.
pub(super) type Change = (&'static str, Option<Value>);

/// What may stand behind a key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Value {
    Text(String),
    List(Vec<String>),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl Value {
    /// As TOML writes it.
    fn toml(&self) -> String {
        match self {
            Self::Text(text) => toml::Value::from(text.as_str()).to_string(),
            Self::List(texts) => toml::Value::from(texts.clone()).to_string(),
        }
    }
}

/// The text of a settings file with these changes. A key stands where it stood, or stood as a
/// comment; one that stood nowhere is the first of its table.
pub(super) fn change(text: &str, changes: &[Change]) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for (key, value) in changes {
        let Some((table, name)) = key.split_once('.') else {
            continue;
        };
        let header = format!("[{table}]");
        let begins = lines.iter().position(|it| it.trim() == header);
        let begins = begins.unwrap_or_else(|| {
            lines.extend([String::new(), header]);
            lines.len() - 1
        });
        let rest = lines.iter().skip(begins + 1);
        let length = rest
            .take_while(|it| !it.trim_start().starts_with('['))
            .count();
        let its = begins + 1..begins + 1 + length;
        let at = |begin: &str| {
            let stands = |it: &&String| {
                let rest = it.trim_start().strip_prefix(begin);
                rest.is_some_and(|it| it.trim_start().starts_with('='))
            };
            let place = lines.get(its.clone())?.iter().position(|it| stands(&it))?;
            Some(its.start + place)
        };
        let set =
            at(name).map(|place| place..place + length_of(lines.get(place..).unwrap_or_default()));
        let comment = at(&format!("#{name}")).map(|place| place..place + 1);
        match (value, set.clone().or(comment)) {
            (Some(value), Some(place)) => {
                let line = format!("{name} = {}", value.toml());
                drop(lines.splice(place, [line]));
            }
            (Some(value), None) => {
                lines.insert(its.start, format!("{name} = {}", value.toml()));
            }
            (None, _) => {
                let lines = set.and_then(|place| lines.get_mut(place));
                for line in lines.unwrap_or_default() {
                    *line = format!("#{line}");
                }
            }
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

/// Over how many of these lines a key and its value stand, the first of which has the key: the fewest that are TOML by
/// themselves, as of a list with a line for each part.
fn length_of(lines: &[String]) -> usize {
    let mut tried = String::new();
    let ends = lines.iter().position(|line| {
        tried.push_str(line);
        tried.push('\n');
        tried.parse::<toml::Table>().is_ok()
    });
    ends.map_or(1, |last| last + 1)
}

/// The keys that setup may change, each with a value that it might have.
fn samples() -> [(&'static str, Value); 15] {
    let list = |it: &str| Value::List(vec![it.to_owned()]);
    [
        ("http.public_url", "https://calls.school.example".into()),
        ("http.listen", "0.0.0.0:443".into()),
        ("http.plain_listen", "0.0.0.0:80".into()),
        ("http.trusted_proxies", list("127.0.0.1")),
        ("http.tls_certificate", "/etc/ssl/chain.pem".into()),
        ("http.tls_key", "/etc/ssl/key.pem".into()),
        ("acme.directory", "letsencrypt".into()),
        ("media.listen", "0.0.0.0:8081".into()),
        ("media.announce", list("203.0.113.7")),
        ("mail.smtp_host", "smtp.school.example".into()),
        ("mail.smtp_port", "587".into()),
        ("mail.smtp_security", "tls".into()),
        ("mail.smtp_user", "school".into()),
        ("mail.smtp_password", "an example".into()),
        ("mail.from", "Hill \"Road\" <office@school.example>".into()),
    ]
}

/// The first key that setup may change and cannot: changed, the file would not say that, or something else too.
pub(super) fn unchangeable(text: &str) -> Option<&'static str> {
    let before = text.parse::<toml::Table>().unwrap_or_default();
    let is_so = |key: &'static str, value: Option<Value>| {
        let expected = with(before.clone(), key, value.as_ref());
        let changed = change(text, &[(key, value)]).parse::<toml::Table>();
        changed.is_ok_and(|it| it == expected)
    };
    let mut all = samples().into_iter();
    let odd = all.find(|(key, value)| !is_so(key, Some(value.clone())) || !is_so(key, None));
    odd.map(|(key, _)| key)
}

/// What a file says with a key changed.
fn with(mut file: toml::Table, key: &str, value: Option<&Value>) -> toml::Table {
    let (table, name) = key.split_once('.').unwrap_or(("", key));
    let table = file
        .entry(table)
        .or_insert_with(|| toml::Table::new().into());
    if let Some(table) = table.as_table_mut() {
        match value {
            Some(Value::Text(text)) => drop(table.insert(name.to_owned(), text.as_str().into())),
            Some(Value::List(texts)) => drop(table.insert(name.to_owned(), texts.clone().into())),
            None => drop(table.remove(name)),
        }
    }
    file
}

/// The file of that name and this ending.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Where what stood in the file before is kept.
pub(super) fn before(path: &Path) -> PathBuf {
    beside(path, ".before")
}

/// Puts the text in the place of the file, whose owner and rights stay, and keeps what stood there. Neither takes the
/// place of another before both are whole.
pub(super) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let about = fs::metadata(path)?;
    let (kept, new) = (beside(path, ".before.new"), beside(path, ".new"));
    let stood = fs::read(path)?;
    let written =
        write_like(&about, &kept, &stood).and_then(|()| write_like(&about, &new, text.as_bytes()));
    if let Err(error) = written {
        for unfinished in [kept, new] {
            // What cannot be removed is written anew by the next run.
            let _removed = fs::remove_file(unfinished);
        }
        return Err(error);
    }
    fs::rename(&kept, before(path))?;
    fs::rename(&new, path)
}

/// Writes a new file with the owner and the rights of another.
fn write_like(other: &Metadata, path: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    // Of the file that is open, whatever its name leads to by now.
    match fchown(&file, Some(other.uid()), Some(other.gid())) {
        // Who may not give a file away owns it already.
        Err(error) if error.kind() != io::ErrorKind::PermissionDenied => return Err(error),
        Ok(()) | Err(_) => {}
    }
    file.set_permissions(Permissions::from_mode(other.mode() & 0o777))?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_changed_where_it_stands() {
        let text = "# Of pages.\n[http]\n# Where.\n#listen = \"127.0.0.1:8080\"\nlistener = 1\n\n[mail]\n  from = \"a\"\n#from = \"b\"\nsmtp_user='x'\n";
        let changed = change(
            text,
            &[
                ("http.listen", Some("0.0.0.0:443".into())),
                ("http.public_url", Some("https://a \"b\"".into())),
                ("mail.from", Some("c".into())),
                ("mail.smtp_user", None),
                ("mail.smtp_host", None),
                ("media.announce", Some(Value::List(vec!["::1".to_owned()]))),
            ],
        );
        assert_eq!(
            changed,
            "# Of pages.\n[http]\npublic_url = 'https://a \"b\"'\n# Where.\nlisten = \"0.0.0.0:443\"\nlistener = 1\n\n[mail]\nfrom = \"c\"\n#from = \"b\"\n#smtp_user='x'\n\n[media]\nannounce = [\"::1\"]\n"
        );
        let read: toml::Table = changed.parse().expect("it is TOML");
        assert_eq!(read["http"]["public_url"].as_str(), Some("https://a \"b\""));
        // The same once more changes nothing.
        let again = change(&changed, &[("mail.from", Some("c".into()))]);
        assert_eq!(again, changed);
    }

    #[test]
    fn a_value_over_several_lines_is_changed_whole() {
        let text = "[http]\ntrusted_proxies = [\n  # The one.\n  \"10.0.0.10\",\n  \"10.0.0.12\",\n]\n\n[media]\nannounce = [\"::1\",\n\"::2\"]\nworkers = 2\n";
        assert_eq!(unchangeable(text), None);
        let one = Value::List(vec!["127.0.0.1".to_owned()]);
        let changed = change(
            text,
            &[
                ("http.trusted_proxies", Some(one)),
                ("media.announce", None),
            ],
        );
        assert_eq!(
            changed,
            "[http]\ntrusted_proxies = [\"127.0.0.1\"]\n\n[media]\n#announce = [\"::1\",\n#\"::2\"]\nworkers = 2\n"
        );
    }

    #[test]
    fn a_key_that_cannot_be_changed_is_named() {
        let comes = include_str!("../../../config/homeroom.toml");
        assert_eq!(unchangeable(comes), None);
        assert_eq!(unchangeable(""), None);
        for (text, key) in [
            (
                "[http] # pages\nlisten = '127.0.0.1:1'\n",
                "http.public_url",
            ),
            ("http = { listen = '127.0.0.1:1' }\n", "http.public_url"),
            ("http.listen = '127.0.0.1:1'\n", "http.public_url"),
            (
                "[http]\n'plain_listen' = '127.0.0.1:1'\n",
                "http.plain_listen",
            ),
            ("[media]\nannounce.a = 1\n", "media.announce"),
            (
                "[texts]\nbody = \"\"\"\n[mail]\nx\"\"\"\n[mail]\nfrom = 'a'\n",
                "mail.smtp_host",
            ),
        ] {
            assert_eq!(unchangeable(text), Some(key), "{text}");
        }
    }

    #[test]
    fn what_is_kept_stays_where_the_new_one_cannot_be_written() {
        let folder = tempfile::tempdir().expect("there is room");
        let path = folder.path().join("a.toml");
        fs::write(&path, "one").expect("there is room");
        replace(&path, "two").expect("it is replaced");
        // As a disk that has no room for it.
        fs::create_dir(beside(&path, ".new")).expect("there is room");
        assert!(replace(&path, "three").is_err());
        let read = |path: &Path| fs::read_to_string(path).expect("it is there");
        assert_eq!(
            (read(&path), read(&before(&path))),
            ("two".to_owned(), "one".to_owned())
        );
        assert!(!beside(&path, ".before.new").exists());
    }

    #[test]
    fn owner_and_rights_stay_and_what_stood_there_is_kept() {
        let folder = tempfile::tempdir().expect("there is room");
        let path = folder.path().join("a.toml");
        fs::write(&path, "one").expect("there is room");
        fs::set_permissions(&path, Permissions::from_mode(0o640)).expect("it is ours");
        for (text, stood) in [("two", "one"), ("three", "two")] {
            replace(&path, text).expect("it is replaced");
            assert_eq!(fs::read_to_string(&path).expect("it is there"), text);
            let kept = before(&path);
            assert_eq!(fs::read_to_string(&kept).expect("it is there"), stood);
            for file in [&path, &kept] {
                let mode = fs::metadata(file).expect("it is there").mode();
                assert_eq!(mode & 0o777, 0o640);
            }
        }
    }
}
