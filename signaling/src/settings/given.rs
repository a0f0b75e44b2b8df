//! Keys and values as somebody wrote them, and where they stand.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use serde::de::DeserializeOwned;

use super::SettingsError;

/// What every variable of ours begins with.
const PREFIX: &str = "HOMEROOM__";

/// The file that comes with the program: every key stands in it, as a comment.
pub(super) const COMMENTED: &str = include_str!("../../../config/homeroom.toml");

/// Those whose values are not said again.
const SECRET: [&str; 11] = [
    "cluster.redis_url",
    "database.url",
    "mail.smtp_password",
    "metrics.token",
    "openid.client_secret",
    "texts.url",
    "texts.headers",
    "texts.body",
    "texts.password",
    "texts.jwt_secret",
    "webhooks.urls",
];

/// What was given for one key.
#[derive(Debug)]
struct Value {
    /// As text; the parts of a list joined by commas.
    text: String,
    /// Where it stands, for a sentence.
    place: String,
}

/// What was given, by dotted key.
#[derive(Debug, Default)]
pub(super) struct Given(BTreeMap<String, Value>);

/// Every key, as the commented file has them.
pub(super) fn known_keys() -> Vec<String> {
    let mut table = "";
    let mut keys = Vec::new();
    for line in COMMENTED.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
            table = name;
        } else if let Some((name, _)) = line.strip_prefix('#').and_then(|it| it.split_once(" = "))
            && !name.contains(' ')
        {
            keys.push(format!("{table}.{name}"));
        }
    }
    keys
}

/// What may be meant by a key that nobody knows: one of its name in another table, else one of its table, else a table.
pub(super) fn meant_by(key: &str) -> String {
    let known = known_keys();
    let (table, name) = key.split_once('.').unwrap_or(("", key));
    let of = |is_meant: &dyn Fn(&str, &str) -> bool| -> Vec<String> {
        let all = known.iter();
        let meant = all.filter(|it| {
            it.split_once('.')
                .is_some_and(|(its, of)| is_meant(its, of))
        });
        meant.cloned().collect()
    };
    let mut meant = of(&|_, its| its == name);
    if meant.is_empty() {
        meant = of(&|its, _| its == table);
    }
    if meant.is_empty() {
        meant = known
            .iter()
            .filter_map(|it| Some(format!("[{}]", it.split_once('.')?.0)))
            .collect();
        meant.dedup();
        return format!("a table of these: {}", meant.join(", "));
    }
    match meant.as_slice() {
        [one] => one.clone(),
        _ => format!("one of {}", meant.join(", ")),
    }
}

impl Given {
    /// Adds what a settings file gives.
    pub(super) fn add_file(&mut self, path: &Path, text: &str) -> Result<(), SettingsError> {
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            let line = error
                .span()
                .and_then(|span| text.get(..span.start))
                .map_or(1, |before| before.matches('\n').count() + 1);
            SettingsError::NotToml {
                path: path.to_owned(),
                reason: format!(
                    "line {line}: {}{}",
                    error.message(),
                    advice(text.lines().nth(line - 1).unwrap_or_default())
                ),
            }
        })?;
        self.flatten("", &table, &path.display().to_string());
        Ok(())
    }

    /// Adds what the environment gives: each variable that begins with `HOMEROOM__`.
    pub(super) fn add_environment(
        &mut self,
        variables: impl Iterator<Item = (OsString, OsString)>,
    ) {
        for (name, value) in variables {
            let Ok(name) = name.into_string() else {
                continue;
            };
            if let Some(key) = name.strip_prefix(PREFIX) {
                let value = Value {
                    text: value.to_string_lossy().into_owned(),
                    place: format!("the environment variable {name}"),
                };
                self.0.insert(key.to_lowercase().replace("__", "."), value);
            }
        }
    }

    fn flatten(&mut self, prefix: &str, table: &toml::Table, place: &str) {
        for (name, value) in table {
            let key = if prefix.is_empty() {
                name.clone()
            } else {
                format!("{prefix}.{name}")
            };
            let text = match value {
                toml::Value::Table(inner) => {
                    self.flatten(&key, inner, place);
                    continue;
                }
                toml::Value::Array(parts) => parts.iter().map(plain).collect::<Vec<_>>().join(","),
                toml::Value::String(_)
                | toml::Value::Integer(_)
                | toml::Value::Float(_)
                | toml::Value::Boolean(_)
                | toml::Value::Datetime(_) => plain(value),
            };
            let place = place.to_owned();
            self.0.insert(key, Value { text, place });
        }
    }

    /// Reads it all.
    ///
    /// # Errors
    ///
    /// The first key that nobody knows, or whose value cannot be used.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, SettingsError> {
        let known = known_keys();
        let mut tables = toml::Table::new();
        for (key, value) in &self.0 {
            let (Some((table, name)), true) = (key.split_once('.'), known.contains(key)) else {
                return Err(SettingsError::Unknown {
                    key: in_plain_words(key),
                    place: value.place.clone(),
                });
            };
            let table = tables
                .entry(table)
                .or_insert_with(|| toml::Table::new().into());
            if let Some(table) = table.as_table_mut() {
                table.insert(name.to_owned(), value.text.clone().into());
            }
        }
        serde_path_to_error::deserialize(toml::Value::from(tables)).map_err(|error| {
            let key = error.path().to_string();
            let value = self.0.get(&key);
            let text = value.map_or("", |value| value.text.as_str());
            SettingsError::Wrong {
                place: value.map_or_else(String::new, |value| value.place.clone()),
                value: if SECRET.contains(&key.as_str()) {
                    "…".to_owned()
                } else {
                    without_password(text)
                },
                wanted: error.inner().message().to_owned(),
                key,
            }
        })
    }
}

/// What is most likely wrong with a line that cannot be read. It may be part of a secret, as one line of a text over
/// several: nothing of it is said but the names of tables and keys that there are.
fn advice(line: &str) -> String {
    let line = line.trim();
    let known = known_keys();
    let split = || known.iter().filter_map(|it| it.split_once('.'));
    if let Some(rest) = line.strip_prefix('[')
        && let Some((table, _)) = split().find(|(table, _)| rest.starts_with(&format!("{table}]")))
    {
        return format!(
            "; where [{table}] stands in the file already, put what is below this line below that one"
        );
    }
    let name = line
        .split(|it: char| !is_bare(it))
        .next()
        .unwrap_or_default();
    if !split().any(|(_, key)| key == name) {
        return "; write each setting as key = \"value\" on one line, and a text over several lines between \"\"\" and \"\"\""
            .to_owned();
    }
    let value = line.strip_prefix(name).map(str::trim_start);
    let value = value.and_then(|it| it.strip_prefix('='));
    if value.is_some_and(|it| it.trim_start().starts_with(['"', '\'', '[', '{'])) {
        format!("; set {name} once, on one line, or a text over several between \"\"\" and \"\"\"")
    } else {
        format!("; texts stand in quotation marks: {name} = \"...\"")
    }
}

/// Whether a bare key may hold it (TOML, "Keys").
const fn is_bare(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_')
}

/// A dotted key that nobody knows, as it may be said: a part of it in quotation marks may be anything.
fn in_plain_words(key: &str) -> String {
    let is_plain = |it: char| is_bare(it) || it == '.';
    if key.chars().all(is_plain) {
        return key.to_owned();
    }
    let table = key.split_once('.').map(|(table, _)| table);
    let table = table.filter(|it| it.chars().all(is_plain));
    table.map_or_else(|| "…".to_owned(), |it| format!("{it}.…"))
}

/// A value as it may be said: what stands before an `@` behind a colon may be a password, as in a URL.
fn without_password(text: &str) -> String {
    match text.rsplit_once('@') {
        Some((before, after)) if before.contains(':') => {
            let scheme = before.split_once("://").map(|(scheme, _)| scheme);
            let scheme = scheme.filter(|it| it.chars().all(is_bare));
            let scheme = scheme.map_or_else(String::new, |it| format!("{it}://"));
            format!("{scheme}…@{after}")
        }
        Some(_) | None => text.to_owned(),
    }
}

fn plain(value: &toml::Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
