//! ID tokens: who signed them, for whom, and when (OpenID Connect Core 1.0 section 3.1.3.7).

use jiff::Timestamp;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, Validation, decode, decode_header};
use serde_json::Value;
use subtle::ConstantTimeEq as _;

/// The longest token that is looked at, bytes: several times what one with a few hundred groups takes.
const LONGEST: usize = 64 * 1024;

/// The longest `sub` (section 2).
const LONGEST_SUBJECT: usize = 255;

/// The longest text that is taken of somebody: an address has 254 letters at most (RFC 5321 section 4.5.3.1.3).
const LONGEST_TEXT: usize = 1024;

/// By how much clocks may differ, seconds.
const LEEWAY: i64 = 60;

/// By what a provider may sign: what needs its private key, and nothing that needs what others know.
const ALGORITHMS: [Algorithm; 4] = [
    Algorithm::RS256,
    Algorithm::PS256,
    Algorithm::ES256,
    Algorithm::EdDSA,
];

/// What is wrong with a token.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(super) enum Wrong {
    #[error("it is no token")]
    Unreadable,
    #[error("it is far too long")]
    TooLong,
    #[error("it is signed by a method that is not taken")]
    Algorithm,
    #[error("it is signed by a key that the provider does not publish")]
    UnknownKey,
    #[error("its signature is not right")]
    Signature,
    #[error("it is of another issuer")]
    Issuer,
    #[error("it is for somebody else than this server")]
    Audience,
    #[error("it is an answer to another question")]
    Nonce,
    #[error("it is too old")]
    Expired,
    #[error("it is not good yet: does the clock of this machine show the right time?")]
    NotYet,
    #[error("it says no moment from when and until when it is good")]
    Timeless,
    #[error("it names nobody")]
    Subject,
}

/// A key that a provider publishes.
#[derive(Clone, Debug)]
pub(super) struct Key {
    id: Option<String>,
    algorithm: Option<KeyAlgorithm>,
    key: DecodingKey,
}

impl Key {
    /// One of a set (RFC 7517 section 4): none where it is not to sign with, or secret.
    pub(super) fn read(key: &Value) -> Option<Self> {
        let key: Jwk = serde_json::from_value(key.clone()).ok()?;
        let common = &key.common;
        let signs = matches!(common.public_key_use, None | Some(PublicKeyUse::Signature));
        let is_secret = matches!(key.algorithm, AlgorithmParameters::OctetKey(_));
        if !signs || is_secret {
            return None;
        }
        Some(Self {
            id: common.key_id.clone(),
            algorithm: common.key_algorithm,
            key: DecodingKey::from_jwk(&key).ok()?,
        })
    }

    fn may_sign(&self, algorithm: Algorithm) -> bool {
        let is_named = self.algorithm.is_none_or(|it| it == algorithm.into());
        is_named && self.key.family() == algorithm.family()
    }
}

/// By which key a token says that it is signed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Signer {
    id: Option<String>,
    algorithm: Algorithm,
}

impl Signer {
    pub(super) fn of(token: &str) -> Result<Self, Wrong> {
        if token.len() > LONGEST {
            return Err(Wrong::TooLong);
        }
        if token.split('.').count() != 3 {
            return Err(Wrong::Unreadable);
        }
        let header = decode_header(token).map_err(|_none| Wrong::Algorithm)?;
        if !ALGORITHMS.contains(&header.alg) || header.alg.family() == AlgorithmFamily::Hmac {
            return Err(Wrong::Algorithm);
        }
        Ok(Self {
            id: header.kid,
            algorithm: header.alg,
        })
    }

    /// The key among these: where a token names none, the only one that there is (section 10.1).
    pub(super) fn among<'k>(&self, keys: &'k [Key]) -> Option<&'k Key> {
        let mut may = keys.iter().filter(|it| it.may_sign(self.algorithm));
        match &self.id {
            Some(id) => may.find(|it| it.id.as_ref() == Some(id)),
            None => {
                let first = may.next();
                first.filter(|_| may.next().is_none())
            }
        }
    }
}

/// What a token has to say.
#[derive(Clone, Copy)]
pub(super) struct Expected<'e> {
    pub(super) issuer: &'e str,
    pub(super) client: &'e str,
    pub(super) nonce: &'e str,
    pub(super) now: Timestamp,
}

/// What it says of somebody.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Claims {
    pub(super) subject: String,
    pub(super) email: Option<String>,
    pub(super) is_verified: bool,
    pub(super) preferred_username: Option<String>,
    /// Whose account it is, at Google.
    pub(super) organisation: Option<String>,
}

/// What a token says, signed by that key.
pub(super) fn read(
    token: &str,
    signer: &Signer,
    key: &Key,
    expected: Expected<'_>,
) -> Result<Claims, Wrong> {
    let mut validation = Validation::new(signer.algorithm);
    // What it claims is looked at below, by this program's clock.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let token = decode::<Value>(token, &key.key, &validation);
    let claims = token.map_err(|_not_right| Wrong::Signature)?.claims;
    check(&claims, expected)?;
    let claims = Claims::of(&claims);
    let is_subject = (1..=LONGEST_SUBJECT).contains(&claims.subject.len())
        && claims
            .subject
            .bytes()
            .all(|it| it.is_ascii_graphic() || it == b' ');
    if is_subject {
        Ok(claims)
    } else {
        Err(Wrong::Subject)
    }
}

fn check(claims: &Value, expected: Expected<'_>) -> Result<(), Wrong> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(expected.issuer) {
        return Err(Wrong::Issuer);
    }
    // Whoever else it is for could show it here: nobody else is trusted.
    let is_for_us = match claims.get("aud") {
        Some(Value::Array(all)) => {
            !all.is_empty() && all.iter().all(|it| it.as_str() == Some(expected.client))
        }
        Some(one) => one.as_str() == Some(expected.client),
        None => false,
    };
    let is_to_us = claims
        .get("azp")
        .is_none_or(|it| it.as_str() == Some(expected.client));
    if !is_for_us || !is_to_us {
        return Err(Wrong::Audience);
    }
    let nonce = text("nonce").unwrap_or_default();
    if !bool::from(nonce.as_bytes().ct_eq(expected.nonce.as_bytes())) {
        return Err(Wrong::Nonce);
    }
    let now = expected.now.as_second();
    let (until, from) = (moment(claims, "exp"), moment(claims, "iat"));
    let (Some(until), Some(from)) = (until, from) else {
        return Err(Wrong::Timeless);
    };
    if now.saturating_sub(LEEWAY) >= until {
        return Err(Wrong::Expired);
    }
    let earliest = now.saturating_add(LEEWAY);
    let is_later = moment(claims, "nbf").is_some_and(|it| it > earliest);
    if from > earliest || is_later {
        return Err(Wrong::NotYet);
    }
    Ok(())
}

/// Seconds since 1970 (RFC 7519 section 2, `NumericDate`), which may have a fraction.
fn moment(claims: &Value, name: &str) -> Option<i64> {
    let moment = claims.get(name)?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "what is too large for a moment is as large as one can be"
    )]
    let whole = || moment.as_f64().map(|it| it as i64);
    moment.as_i64().or_else(whole)
}

impl Claims {
    /// Those of a token, or of what a provider says beside it.
    pub(super) fn of(claims: &Value) -> Self {
        let text = |name: &str| {
            let text = claims.get(name).and_then(Value::as_str);
            let text = text.filter(|it| (1..=LONGEST_TEXT).contains(&it.len()));
            text.map(str::to_owned)
        };
        let is_true = |name: &str| match claims.get(name) {
            Some(Value::Bool(is)) => *is,
            Some(Value::Number(number)) => number.as_i64() == Some(1),
            Some(Value::String(text)) => ["true", "1"].contains(&text.as_str()),
            Some(Value::Null | Value::Array(_) | Value::Object(_)) | None => false,
        };
        Self {
            subject: text("sub").unwrap_or_default(),
            email: text("email"),
            // Microsoft says by the second that whoever owns the domain is known.
            is_verified: is_true("email_verified") || is_true("xms_edov"),
            preferred_username: text("preferred_username"),
            organisation: text("hd"),
        }
    }
}

#[cfg(test)]
mod tests;
