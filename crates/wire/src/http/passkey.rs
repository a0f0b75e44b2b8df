//! Passkeys of whoever of the staff signs in by a password (OPS-7): `WebAuthn` Level 2. What is bytes there is base64url
//! without padding here.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// A passkey, as its owner sees it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Passkey {
    /// Its id.
    pub id: String,
    /// What they call it.
    pub name: String,
    /// Since when they have it.
    #[schema(format = DateTime)]
    pub added: String,
    /// When they signed in by it last; absent where they did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    #[ts(optional)]
    pub used: Option<String>,
}

/// A passkey, as a browser finds it: a `PublicKeyCredentialDescriptor`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct KnownPasskey {
    /// What its authenticator calls it.
    pub id: String,
    /// How it is reached: `usb`, `nfc`, `ble`, `smart-card`, `hybrid`, `internal`.
    pub transports: Vec<String>,
}

/// Answers `POST /api/v1/staff/second-factor/passkeys/new`: by what a browser is asked to make one
/// (`PublicKeyCredentialCreationOptions`).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct NewPasskey {
    /// What it is asked; good once, and for `timeout_ms`.
    pub challenge: String,
    /// The `rp.id`, of this server.
    pub domain: String,
    /// The `rp.name`: the school's.
    pub school: String,
    /// The `user.id`.
    pub user: String,
    /// The `user.name`: the address they sign in with.
    pub email: String,
    /// The `user.displayName`.
    pub name: String,
    /// Those that they have: none is made beside one of them.
    pub known: Vec<KnownPasskey>,
    /// How long it may take.
    pub timeout_ms: u32,
}

/// `POST /api/v1/staff/second-factor/passkeys`: one that a browser has made. Answered with `RecoveryCodes`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct PasskeyDraft {
    /// What they call it.
    #[schema(format = "name")]
    pub name: String,
    /// `response.clientDataJSON`.
    pub client_data: String,
    /// `response.getAuthenticatorData()`.
    pub authenticator_data: String,
    /// `response.getPublicKey()`.
    pub public_key: String,
    /// `response.getPublicKeyAlgorithm()`: -7 (ES256), -8 (`EdDSA`) or -257 (RS256).
    pub algorithm: i32,
    /// `response.getTransports()`.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub transports: Vec<String>,
}

/// Answers `POST /api/v1/session/passkey` and `POST /api/v1/staff/second-factor/passkeys/ask`: what a browser has a
/// passkey sign (`PublicKeyCredentialRequestOptions`).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct PasskeyAsked {
    /// What it is asked; good once, and for `timeout_ms`. Empty where there are no passkeys.
    pub challenge: String,
    /// The `rpId`, of this server.
    pub domain: String,
    /// Those of which one signs.
    pub known: Vec<KnownPasskey>,
    /// How long it may take.
    pub timeout_ms: u32,
}

/// A passkey has signed.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct ShownPasskey {
    /// What its authenticator calls it.
    pub id: String,
    /// `response.clientDataJSON`.
    pub client_data: String,
    /// `response.authenticatorData`.
    pub authenticator_data: String,
    /// `response.signature`.
    pub signature: String,
    /// `response.userHandle`, where it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub user: Option<String>,
}
