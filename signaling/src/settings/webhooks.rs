//! `[webhooks]`: who is told of what happens.

use std::path::PathBuf;

use serde::Deserialize;
use store::{Hook, Subscribers};

use super::{SettingsError, text};
use crate::private::Private;

/// Who is told of what happens (OPS-3).
#[derive(Clone, Debug, Eq, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Webhooks {
    /// `webhooks.urls`: the receivers; without one, nobody is told.
    #[serde(deserialize_with = "text::receivers")]
    pub urls: Vec<Private<String>>,
    /// `webhooks.secret_file`: the file of the secrets that what is sent is signed with.
    #[serde(deserialize_with = "text::file")]
    pub secret_file: Option<PathBuf>,
    /// `webhooks.events`: what they are told of.
    #[serde(deserialize_with = "text::hooks")]
    pub events: Vec<Hook>,
}

impl Default for Webhooks {
    fn default() -> Self {
        Self {
            urls: Vec::new(),
            secret_file: None,
            events: Hook::ALL.to_vec(),
        }
    }
}

impl Webhooks {
    /// Those who are told, as the records know them.
    #[must_use]
    pub fn subscribers(&self) -> Subscribers {
        let urls = self.urls.iter();
        let names = urls.map(crate::webhooks::name_of).collect();
        Subscribers::new(names, self.events.clone())
    }

    /// # Errors
    ///
    /// What is of no use without what.
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        if !self.urls.is_empty() && self.secret_file.is_none() {
            return Err(SettingsError::Half("webhooks.urls", "webhooks.secret_file"));
        }
        Ok(())
    }
}
