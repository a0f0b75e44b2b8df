//! Signing in by the school's provider: the authorization code flow of OpenID Connect Core 1.0 section 3.1, with
//! PKCE (RFC 7636), from a browser that began it and no other.
//!
//! What comes from the provider is bounded in bytes and in time, and its words are no names: who somebody is
//! here, the records say.

mod begun;
mod provider;
mod token;

use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;
use axum::http::header::HeaderValue;
use jiff::Timestamp;
use links::Keyring;
use school::EmailAddress;
use tokio::time::sleep;

use crate::health::{Part, State};
use crate::house::House;
use crate::origin::PublicUrl;
use crate::settings;
use begun::Begun;
pub(crate) use begun::no_cookie;
use provider::{Proof, Provider};
pub(crate) use provider::{is_issuer, is_way};
use token::Claims;

/// Where the provider leads back to.
const BACK: &str = "/openid";

/// How often the provider is looked at, and how soon again where it does not answer.
const LOOK: Duration = Duration::from_mins(55);
const LOOK_AGAIN: Duration = Duration::from_mins(1);

/// Google says of accounts of organisations which those are, and of others that their addresses are verified,
/// whoever has them by now ("hd", Google's OpenID Connect).
pub(crate) const GOOGLE: &str = "https://accounts.google.com";

/// What is wrong with the provider, or with what it said: a sentence that names nobody.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Trouble(String);

impl Trouble {
    fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

/// Why nobody is signed in.
#[derive(Debug)]
pub(crate) enum Unproven {
    /// Nobody began this here, or too long ago.
    Stale,
    /// The provider failed.
    Failed(Trouble),
}

impl From<Trouble> for Unproven {
    fn from(trouble: Trouble) -> Self {
        Self::Failed(trouble)
    }
}

/// Whom the provider has named.
pub(crate) struct Named {
    proof: Proof,
    /// The page that was asked for.
    pub(crate) to: Option<String>,
}

impl Named {
    /// What it calls them.
    pub(crate) fn subject(&self) -> &str {
        &self.proof.claims.subject
    }
}

/// By what somebody may be found the first time.
pub(crate) struct Addressed {
    /// The addresses that the provider answers for, or why there is none.
    pub(crate) addresses: Result<Vec<EmailAddress>, NoAddress>,
    /// The address that it said, for them to see.
    pub(crate) said: Option<String>,
}

/// Why nobody can be found by an address.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum NoAddress {
    /// None was said, or none that the provider answers for.
    Unsaid,
    /// It is none of the school's.
    Elsewhere,
}

/// The provider by which the staff sign in.
#[derive(Debug)]
pub(crate) struct Openid {
    provider: Provider,
    name: String,
    is_only: bool,
    domains: Vec<String>,
    trusts_addresses: bool,
}

impl Openid {
    /// The one of these settings, where there is one.
    pub(crate) fn of(settings: &settings::Openid) -> Option<Self> {
        let provider = Provider::of(settings)?;
        Some(Self {
            provider,
            name: settings.called()?,
            is_only: settings.only,
            domains: settings.domains.clone(),
            trusts_addresses: settings.trust_addresses,
        })
    }

    /// What people call it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// What it calls itself.
    pub(crate) fn issuer(&self) -> &str {
        self.provider.issuer()
    }

    /// What it calls this server.
    pub(crate) fn client(&self) -> &str {
        self.provider.client()
    }

    /// Whether no password of the staff opens.
    pub(crate) const fn is_only(&self) -> bool {
        self.is_only
    }

    /// Whether it answers as it should.
    pub(crate) async fn look(&self, now: Timestamp) -> Result<(), Trouble> {
        self.provider.look(now).await
    }

    /// Begins to sign somebody in who asked for that page: where their browser is to go, and by what cookie it
    /// is known when it comes back. `choose` has the provider ask which account it is to be.
    pub(crate) async fn begin(
        &self,
        (to, choose): (&str, bool),
        (keyring, url): (&Keyring, &PublicUrl),
        now: Timestamp,
    ) -> Result<(String, HeaderValue), Trouble> {
        let begun = Begun::new(to, now);
        let back = back(url);
        let asking = self.provider.ask(&begun, (&back, choose), now);
        let address = asking.await?;
        let cookie = begun.cookie((keyring, url));
        let cookie = cookie.ok_or_else(|| Trouble::new("what was begun could not be kept"))?;
        Ok((address, cookie))
    }

    /// Ends what was begun: whom the provider has named.
    pub(crate) async fn end(
        &self,
        headers: &HeaderMap,
        (state, code): (&str, &str),
        (keyring, url): (&Keyring, &PublicUrl),
        now: Timestamp,
    ) -> Result<Named, Unproven> {
        let begun = Begun::read(headers, (keyring, url), now);
        let begun = begun.filter(|it| it.is_of(state)).ok_or(Unproven::Stale)?;
        let proof = self.provider.redeem(code, &begun, &back(url), now).await?;
        let to = begun.to;
        Ok(Named { proof, to })
    }

    /// By what whoever was named may be found: by what the token says, or else what is said beside it. Whoever is
    /// known already needs neither.
    pub(crate) async fn addressed(
        &self,
        named: &Named,
        now: Timestamp,
    ) -> Result<Addressed, Trouble> {
        let of = |claims: &Claims| Addressed {
            addresses: self.addresses(claims),
            said: claims
                .email
                .clone()
                .or_else(|| claims.preferred_username.clone()),
        };
        let addressed = of(&named.proof.claims);
        if addressed.addresses != Err(NoAddress::Unsaid) {
            return Ok(addressed);
        }
        let beside = self.provider.beside(&named.proof, now).await?;
        let Some(beside) = beside.as_ref().map(of) else {
            return Ok(addressed);
        };
        Ok(Addressed {
            said: beside.said.or(addressed.said),
            ..beside
        })
    }

    /// The addresses by which they may be found the first time.
    fn addresses(&self, claims: &Claims) -> Result<Vec<EmailAddress>, NoAddress> {
        let is_answered_for = claims.is_verified || self.trusts_addresses;
        let email = claims.email.as_deref().filter(|_| is_answered_for);
        let trusted = claims.preferred_username.as_deref();
        let trusted = trusted.filter(|_| self.trusts_addresses);
        let said = [email, trusted].into_iter().flatten();
        let mut said: Vec<_> = said.filter_map(|it| EmailAddress::read(it).ok()).collect();
        if said.is_empty() {
            return Err(NoAddress::Unsaid);
        }
        let is_ours = |domain: &str| self.domains.iter().any(|it| it == domain);
        if !self.domains.is_empty() {
            said.retain(|it| domain_of(it).is_some_and(|it| is_ours(&it)));
            let organisation = claims.organisation.as_deref().and_then(domain);
            if self.issuer() == GOOGLE && !organisation.is_some_and(|it| is_ours(&it)) {
                said.clear();
            }
        }
        if said.is_empty() {
            return Err(NoAddress::Elsewhere);
        }
        Ok(said)
    }
}

/// The address that the provider leads back to.
pub(crate) fn back(url: &PublicUrl) -> String {
    format!("{url}{BACK}")
}

/// A domain as addresses are compared by it.
pub(crate) fn domain(text: &str) -> Option<String> {
    let address = EmailAddress::read(&format!("somebody@{text}"));
    address.ok().as_ref().and_then(domain_of)
}

fn domain_of(address: &EmailAddress) -> Option<String> {
    let key = address.key();
    key.rsplit_once('@').map(|(_, domain)| domain.to_owned())
}

/// Looks at the provider every hour, so that whoever signs in does not wait for that, and somebody learns of it
/// where it does not answer.
pub(crate) async fn watch(house: Arc<House>, openid: Arc<Openid>, part: Part) {
    loop {
        let pause = match openid.look(ambient::now()).await {
            Ok(()) => {
                part.well();
                LOOK
            }
            Err(trouble) => {
                let sentence =
                    "The provider by which the staff sign in does not answer as it should.";
                let before = part.doubtful(sentence);
                if before == State::Well {
                    tracing::warn!("{trouble}");
                }
                LOOK_AGAIN
            }
        };
        tokio::select! {
            () = house.closing.cancelled() => return,
            () = sleep(pause) => {}
        }
    }
}

#[cfg(test)]
mod tests;
