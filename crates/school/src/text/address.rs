//! E-mail addresses.

use std::fmt;

use caseless::default_case_fold_str;
use unicode_normalization::UnicodeNormalization as _;
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory as _};

use super::{LONGEST_ADDRESS, fold, seen};
use crate::refusal::Refusal;

/// What lists have in the place of an address that is not there, beside what says so of anything.
const SAY_NONE: [&str; 13] = [
    "na",
    "nil",
    "null",
    "no",
    "no email",
    "no e-mail",
    "noemail",
    "not given",
    "not known",
    "unknown",
    "tbc",
    "tba",
    "x",
];

/// What stands before the `@` of an address that is none.
const OF_NOBODY: [&str; 13] = [
    "noemail",
    "no-email",
    "no_email",
    "no.email",
    "nomail",
    "none",
    "no",
    "unknown",
    "noreply",
    "no-reply",
    "donotreply",
    "notprovided",
    "test",
];

/// An e-mail address.
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Reads an address: one `@`, something before it, a domain with a dot or `localhost` after
    /// it, no spaces and nothing that an e-mail header gives a meaning to. What comes along with
    /// what is copied, spaces and unseen marks around it, does not count.
    ///
    /// # Errors
    ///
    /// [`Refusal::EmailMissing`] and [`Refusal::EmailInvalid`].
    pub fn read(text: &str) -> Result<Self, Refusal> {
        let text = seen::trimmed(text);
        if text.is_empty() {
            return Err(Refusal::EmailMissing);
        }
        let text = seen::composed(&seen::of_usual_width(text));
        let (local, domain) = text.split_once('@').ok_or(Refusal::EmailInvalid)?;
        let local = &typed(local);
        let domain = read_domain(domain).ok_or(Refusal::EmailInvalid)?;
        let address = format!("{local}@{domain}");
        if address.len() > LONGEST_ADDRESS || !is_local_part(local) {
            return Err(Refusal::EmailInvalid);
        }
        Ok(Self(address))
    }

    /// Whether it is what stands in lists of systems that demand an address: nobody reads there.
    #[must_use]
    pub fn is_placeholder(text: &str) -> bool {
        let said = text.trim().to_lowercase();
        let local = said.split_once('@').map_or("", |(local, _)| local);
        OF_NOBODY.contains(&local)
    }

    /// Reads what a list has in the place of an address: nothing where that is empty, or says that there is
    /// none, as [`Self::is_placeholder`] does.
    ///
    /// # Errors
    ///
    /// [`Refusal::EmailInvalid`].
    pub fn read_listed(text: &str) -> Result<Option<Self>, Refusal> {
        let said = text.trim().to_lowercase();
        let is_none = super::is_nothing(text) || SAY_NONE.contains(&said.as_str());
        if is_none || Self::is_placeholder(text) {
            return Ok(None);
        }
        // As it is copied out of other programs: `mailto:a@x.example`, `Anna <a@x.example>`.
        let bare = text.trim().trim_end_matches('.');
        let bare = bare.strip_prefix("mailto:").unwrap_or(bare);
        // What a spreadsheet links: `=HYPERLINK("mailto:a@x.example")`.
        let linked = bare.split_once("mailto:").filter(|_| bare.starts_with('='));
        let linked = linked.and_then(|it| it.1.split(['"', '?']).next());
        let bare = linked.unwrap_or(bare);
        let within = bare.split_once('<').and_then(|it| it.1.strip_suffix('>'));
        match Self::read(within.unwrap_or(bare)) {
            Ok(address) => Ok(Some(address)),
            Err(Refusal::EmailMissing) => Ok(None),
            Err(why) => Err(why),
        }
    }

    /// The address, for sending to it and for those entitled to it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// By what whoever reads there knows it again, and nobody else learns it: the first letter of a name of
    /// three or more, and the domain.
    #[must_use]
    pub fn hint(&self) -> String {
        let (name, domain) = self.parts();
        let shown = name.chars().next().filter(|_| name.chars().count() >= 3);
        let shown = shown.map_or_else(String::new, String::from);
        format!("{shown}…@{domain}")
    }

    /// The address with the domain as mail servers know it, in ASCII (RFC 5890): what is sent to.
    #[must_use]
    pub fn to_send(&self) -> String {
        let (local, domain) = self.parts();
        format!("{local}@{}", in_ascii(domain))
    }

    /// What two ways to write the same address share: for comparison only.
    #[must_use]
    pub fn key(&self) -> String {
        let (local, domain) = self.parts();
        let local: String = default_case_fold_str(local).nfc().collect();
        format!("{local}@{}", in_ascii(domain))
    }

    /// What addresses share that may lead to one mailbox: without what stands after a `+`, without
    /// dots where the provider does not see them, and whichever of its domains it is. For what a
    /// person decides on.
    #[must_use]
    pub fn mailbox_key(&self) -> String {
        let key = self.key();
        let (local, domain) = key.split_once('@').unwrap_or((&key, ""));
        let before_tag = local.split('+').next().filter(|it| !it.is_empty());
        let local = before_tag.unwrap_or(local);
        let local: String = local
            .chars()
            .filter(|it| !fold::is_apostrophe(*it))
            .collect();
        let (local, domain) = match domain {
            "gmail.com" | "googlemail.com" => (local.replace('.', ""), "gmail.com"),
            "icloud.com" | "me.com" | "mac.com" => (local, "icloud.com"),
            "proton.me" | "pm.me" | "protonmail.com" | "protonmail.ch" => {
                (local.replace(['.', '-', '_'], ""), "proton.me")
            }
            "ya.ru" | "yandex.by" | "yandex.com" | "yandex.kz" | "yandex.ru" => {
                (local.replace('-', "."), "yandex.com")
            }
            _ => (local, domain),
        };
        format!("{local}@{domain}")
    }

    fn parts(&self) -> (&str, &str) {
        self.0.split_once('@').unwrap_or((&self.0, ""))
    }
}

/// A part of an address as [`EmailAddress::key`] would have it.
pub(super) fn part_key(text: &str) -> String {
    default_case_fold_str(text).nfc().collect()
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// The apostrophes and hyphens that telephones and word processors put in place of those that
/// mailboxes have.
fn typed(local: &str) -> String {
    let plain = |it| match it {
        '\u{2018}' | '\u{2019}' | '\u{2bc}' | '\u{2032}' => '\'',
        '\u{2010}'..='\u{2015}' => '-',
        it => it,
    };
    local.chars().map(plain).collect()
}

/// An unquoted local part (RFC 5322 §3.2.3 `dot-atom`, and letters of other scripts with their
/// marks, RFC 6531).
fn is_local_part(text: &str) -> bool {
    text.len() <= 64
        && !seen::hides_something(text)
        && text
            .split('.')
            .all(|atom| !atom.is_empty() && atom.chars().all(|it| is_of_word(it) || is_sign(it)))
}

fn is_sign(it: char) -> bool {
    "!#$%&'*+-/=?^_`{|}~\u{200c}\u{200d}".contains(it)
}

fn is_of_word(it: char) -> bool {
    it.is_alphanumeric() || it.general_category_group() == GeneralCategoryGroup::Mark
}

/// A domain as it is shown: in small letters, the dots of all scripts as `.`.
fn read_domain(text: &str) -> Option<String> {
    let (shown, valid) = idna::domain_to_unicode(text);
    valid.ok()?;
    let ascii = in_ascii(&shown);
    let labels = ascii.split('.').all(|label| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .chars()
                .all(|it| it.is_ascii_alphanumeric() || it == '-')
    });
    let is_found = ascii.contains('.') || ascii == "localhost";
    (labels && is_found && ascii.len() <= 253).then_some(shown)
}

/// A domain that was read, as DNS has it.
fn in_ascii(domain: &str) -> String {
    idna::domain_to_ascii(domain).unwrap_or_else(|_never_read| domain.to_owned())
}
