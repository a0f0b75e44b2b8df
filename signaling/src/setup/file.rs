//! The settings file, changed in the place where each key stands, comments and all.

use std::fs::{self, Metadata, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown};
use std::path::{Path, PathBuf};

use crate::settings::Settings;

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
        let (set, comment) = (at(name), at(&format!("#{name}")));
        match (value, set.or(comment)) {
            (Some(value), Some(place)) => {
                if let Some(line) = lines.get_mut(place) {
                    *line = format!("{name} = {}", value.toml());
                }
            }
            (Some(value), None) => {
                lines.insert(its.start, format!("{name} = {}", value.toml()));
            }
            (None, _) => {
                if let Some(line) = set.and_then(|place| lines.get_mut(place)) {
                    *line = format!("#{line}");
                }
            }
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

/// Whether each key that setup asks about can be changed and is read as it was changed then.
pub(super) fn can_be_changed(path: &Path, text: &str) -> bool {
    let tried = [
        (
            "http.public_url",
            Some("https://calls.school.example".into()),
        ),
        ("media.listen", Some("0.0.0.0:8081".into())),
        ("acme.contact", Some("office@school.example".into())),
        ("mail.smtp_host", Some("smtp.school.example".into())),
    ];
    let read = Settings::read_text(path, &change(text, &tried));
    read.is_ok_and(|it| {
        it.mail.host.as_deref() == Some("smtp.school.example")
            && it.media.listen.is_some()
            && it.acme.contact.is_some()
            && it.http.public_url.is_some()
    })
}

/// Where what stood in the file before is kept.
pub(super) fn before(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".before");
    name.into()
}

/// Puts the text in the place of the file, whose owner and rights stay, and keeps what stood there.
pub(super) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let about = fs::metadata(path)?;
    let beside = |ending: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        PathBuf::from(name)
    };
    write_like(&about, &before(path), &fs::read(path)?)?;
    let unfinished = beside(".new");
    write_like(&about, &unfinished, text.as_bytes())?;
    fs::rename(&unfinished, path)
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
