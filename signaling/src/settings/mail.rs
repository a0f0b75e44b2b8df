//! `[mail]`: how e-mail is sent.

use jiff::SignedDuration;
use post::{Patience, Security, Sender, Server};
use serde::Deserialize;

use super::text;
use crate::origin::PublicUrl;
use crate::private::Private;

/// How e-mail is sent.
#[derive(Clone, Debug, Eq, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mail {
    /// `mail.smtp_host`: the mail server; without it e-mails are written to files.
    #[serde(rename = "smtp_host", deserialize_with = "text::host")]
    pub host: Option<String>,
    /// `mail.smtp_port`: its port, where it is not the usual one.
    #[serde(rename = "smtp_port", deserialize_with = "text::port")]
    pub port: Option<u16>,
    /// `mail.smtp_security`: how the way to it is protected.
    #[serde(rename = "smtp_security", deserialize_with = "text::security")]
    pub security: Security,
    /// `mail.smtp_user`: the account, where the server asks for one.
    #[serde(rename = "smtp_user", deserialize_with = "text::any")]
    pub user: Option<String>,
    /// `mail.smtp_password`: its password.
    #[serde(rename = "smtp_password", deserialize_with = "text::secret")]
    pub password: Private<String>,
    /// `mail.from`: who writes; without it, `homeroom` at the host of this server.
    #[serde(deserialize_with = "text::mailbox")]
    pub from: Option<String>,
    /// `mail.settle_s`: how long a confirmation waits for further bookings.
    #[serde(
        rename = "settle_s",
        deserialize_with = "text::seconds::<0, 3_600, _, _>"
    )]
    pub settle: SignedDuration,
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            host: None,
            port: None,
            security: Security::StartTls,
            user: None,
            password: Private::default(),
            from: None,
            settle: SignedDuration::from_secs(60),
        }
    }
}

impl Mail {
    /// The mail server, where one is set.
    #[must_use]
    pub fn server(&self) -> Option<Server> {
        let usual = match self.security {
            Security::StartTls => 587,
            Security::Tls => 465,
            Security::None => 25,
        };
        Some(Server {
            host: self.host.clone()?,
            port: self.port.unwrap_or(usual),
            security: self.security,
            account: self
                .user
                .clone()
                .map(|user| (user, self.password.reveal().clone())),
            patience: Patience::default(),
        })
    }

    /// Who writes, and where the links lead.
    #[must_use]
    pub fn sender(&self, public_url: &PublicUrl) -> Sender {
        let from = self.from.as_deref().unwrap_or_default();
        Sender::new(from, &public_url.to_string(), public_url.host())
    }
}
