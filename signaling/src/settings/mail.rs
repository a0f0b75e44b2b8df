//! `[mail]`: how e-mail is sent.

use jiff::SignedDuration;
use post::{Patience, Security, Sender, Server};

use super::SettingsError;
use super::given::Given;
use crate::origin::PublicUrl;
use crate::private::Private;

/// How e-mail is sent.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Mail {
    /// `mail.smtp_host`: the mail server; without it e-mails are written to files.
    pub host: Option<String>,
    /// `mail.smtp_port`: its port, where it is not the usual one.
    pub port: Option<u16>,
    /// `mail.smtp_security`: how the way to it is protected.
    pub security: Security,
    /// `mail.smtp_user`: the account, where the server asks for one.
    pub user: Option<String>,
    /// `mail.smtp_password`: its password.
    pub password: Private<String>,
    /// `mail.from`: who writes; without it, `homeroom` at the host of this server.
    pub from: Option<String>,
    /// `mail.settle_s`: how long a confirmation waits for further bookings.
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
    pub(super) fn take(&mut self, given: &Given) -> Result<(), SettingsError> {
        let text = |given: &Given| Ok(given.value.clone());
        match given.key.as_str() {
            "mail.smtp_host" => self.host = given.optional(text)?,
            "mail.smtp_port" => {
                self.port = given.optional(|given| {
                    given.number(
                        1,
                        65_535,
                        "a port from 1 to 65535, or nothing for the usual one",
                    )
                })?;
            }
            "mail.smtp_security" => {
                self.security = match given.value.as_str() {
                    "starttls" => Security::StartTls,
                    "tls" => Security::Tls,
                    "none" => Security::None,
                    _ => return Err(given.wrong("\"starttls\", \"tls\" or \"none\"")),
                };
            }
            "mail.smtp_user" => self.user = given.optional(text)?,
            "mail.smtp_password" => self.password = Private::new(given.value.clone()),
            "mail.from" => self.from = given.optional(Given::mailbox)?,
            "mail.settle_s" => {
                let wanted = "a whole number of seconds from 0 to 3600";
                let seconds: u32 = given.number(0, 3600, wanted)?;
                self.settle = SignedDuration::from_secs(i64::from(seconds));
            }
            _ => return Err(given.unknown()),
        }
        Ok(())
    }

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
