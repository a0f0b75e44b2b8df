//! `[openid]`: the provider by which the staff sign in (OpenID Connect).

use serde::Deserialize;

use super::{SettingsError, text};
use crate::private::Private;

/// Providers whose name everybody knows, by how their issuers begin.
const NAMED: [(&str, &str); 2] = [
    ("https://login.microsoftonline.com/", "Microsoft"),
    ("https://accounts.google.com", "Google"),
];

/// The provider by which the staff sign in.
#[derive(Clone, Debug, Default, Eq, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Openid {
    /// `openid.issuer`: the provider, as it calls itself; without it there is none.
    #[serde(deserialize_with = "text::issuer")]
    pub issuer: Option<String>,
    /// `openid.client_id`: what it calls this server.
    #[serde(deserialize_with = "text::any")]
    pub client_id: Option<String>,
    /// `openid.client_secret`: by what this server shows that it is that.
    #[serde(deserialize_with = "text::secret")]
    pub client_secret: Private<String>,
    /// `openid.name`: what people call the provider.
    #[serde(deserialize_with = "text::any")]
    pub name: Option<String>,
    /// `openid.domains`: those of the school's addresses; empty: any.
    #[serde(deserialize_with = "text::domains")]
    pub domains: Vec<String>,
    /// `openid.trust_addresses`: addresses are taken that the provider does not say are verified.
    #[serde(deserialize_with = "text::claim")]
    pub trust_addresses: bool,
    /// `openid.only`: no password of the staff opens.
    #[serde(deserialize_with = "text::claim")]
    pub only: bool,
}

impl Openid {
    /// The name that everybody knows it by.
    fn known(&self) -> Option<&'static str> {
        let issuer = self.issuer.as_deref()?;
        let mut known = NAMED.into_iter();
        let known = known.find(|(begins, _)| issuer.starts_with(begins));
        known.map(|(_, name)| name)
    }

    /// Whether it is Microsoft's or Google's.
    #[must_use]
    pub fn is_well_known(&self) -> bool {
        self.known().is_some()
    }

    /// What the button calls it.
    #[must_use]
    pub fn called(&self) -> Option<String> {
        let issuer = self.issuer.as_deref()?;
        let host = || {
            let (_, rest) = issuer.split_once("://").unwrap_or(("", issuer));
            rest.split(['/', ':']).next().unwrap_or(rest).to_owned()
        };
        let name = self.name.clone();
        let name = name.or_else(|| self.known().map(str::to_owned));
        Some(name.unwrap_or_else(host))
    }

    /// # Errors
    ///
    /// What cannot stand beside what.
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        let has_secret = !self.client_secret.reveal().is_empty();
        for (key, is_set) in [
            ("openid.client_id", self.client_id.is_some()),
            ("openid.client_secret", has_secret),
        ] {
            match (self.issuer.is_some(), is_set) {
                (true, false) => return Err(SettingsError::Half("openid.issuer", key)),
                (false, true) => return Err(SettingsError::Half(key, "openid.issuer")),
                (true, true) | (false, false) => {}
            }
        }
        let is_google = self.issuer.as_deref() == Some(crate::openid::GOOGLE);
        if is_google && self.domains.is_empty() {
            return Err(SettingsError::Anybodys);
        }
        if self.trust_addresses && self.domains.is_empty() {
            return Err(SettingsError::TrustsAnybody);
        }
        if self.only && self.issuer.is_none() {
            return Err(SettingsError::NobodyIn);
        }
        Ok(())
    }
}
