//! `[texts]`: how text messages are sent.

use post::Gateway;
use school::Countries;
use serde::Deserialize;

use super::text;
use crate::private::Private;

/// How text messages are sent.
#[derive(Clone, Debug, Eq, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Texts {
    /// `texts.url`: the gateway; without it nobody is written to.
    #[serde(deserialize_with = "text::gateway")]
    pub url: Option<Private<String>>,
    /// `texts.to_files`: without a gateway they are written to files, to try them out.
    #[serde(deserialize_with = "text::claim")]
    pub to_files: bool,
    /// `texts.headers`: a line each.
    #[serde(deserialize_with = "text::secret")]
    pub headers: Private<String>,
    /// `texts.body`: what is sent; nothing for a GET.
    #[serde(deserialize_with = "text::secret")]
    pub body: Private<String>,
    /// `texts.user`: the account, where the gateway asks for one.
    #[serde(deserialize_with = "text::any")]
    pub user: Option<String>,
    /// `texts.password`: its password.
    #[serde(deserialize_with = "text::secret")]
    pub password: Private<String>,
    /// `texts.jwt_issuer`: who signs tokens.
    #[serde(deserialize_with = "text::any")]
    pub jwt_issuer: Option<String>,
    /// `texts.jwt_secret`: with what.
    #[serde(deserialize_with = "text::secret")]
    pub jwt_secret: Private<String>,
    /// `texts.countries`: to whose numbers they go.
    #[serde(deserialize_with = "text::countries")]
    pub countries: Countries,
    /// `texts.most_a_day`: how many are sent in 24 hours at most.
    #[serde(deserialize_with = "text::number::<0, 100_000, _, _>")]
    pub most_a_day: u32,
}

impl Default for Texts {
    fn default() -> Self {
        Self {
            url: None,
            to_files: false,
            headers: Private::default(),
            body: Private::default(),
            user: None,
            password: Private::default(),
            jwt_issuer: None,
            jwt_secret: Private::default(),
            countries: Countries::default(),
            most_a_day: 100,
        }
    }
}

impl Texts {
    /// How many are sent in a day at most: none where nobody carries them.
    #[must_use]
    pub fn in_a_day(&self) -> i64 {
        let is_carried = self.url.is_some() || self.to_files;
        if is_carried {
            self.most_a_day.into()
        } else {
            0
        }
    }

    /// The gateway, where one is set.
    #[must_use]
    pub fn gateway(&self) -> Option<Gateway> {
        let with = |name: &Option<String>, secret: &Private<String>| {
            name.clone().map(|name| (name, secret.reveal().clone()))
        };
        let lines = self.headers.reveal().lines().map(str::trim);
        Some(Gateway {
            url: self.url.as_ref()?.reveal().clone(),
            headers: lines
                .filter(|line| !line.is_empty())
                .map(str::to_owned)
                .collect(),
            body: self.body.reveal().clone(),
            account: with(&self.user, &self.password),
            token: with(&self.jwt_issuer, &self.jwt_secret),
        })
    }
}
