//! A second factor of whoever of the staff signs in by a password (OPS-7).

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::passkey::{Passkey, ShownPasskey};

/// Answers `GET /api/v1/staff/second-factor`: how it stands.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct SecondFactor {
    /// Since when whoever asks signs in with one; absent where they do not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub since: Option<String>,
    /// How many recovery codes are left.
    pub codes_left: u32,
    /// Whether an authenticator app of theirs shows codes.
    pub app: bool,
    /// Their passkeys, the oldest first.
    pub passkeys: Vec<Passkey>,
    /// Whether one more can be added: there are ten at most, and none where this server is reached by no name or
    /// without encryption.
    pub takes_passkeys: bool,
}

/// Answers `POST /api/v1/staff/second-factor/new`: what an authenticator app is told. Nothing is kept of it
/// until it is sent back with a code of the app's.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct NewSecondFactor {
    /// What makes the codes (RFC 6238), in base32.
    pub secret: String,
    /// The same as `otpauth://totp/...`, for a QR code.
    pub address: String,
}

/// `PUT /api/v1/staff/second-factor`: signs in with it from now on. Answered with [`RecoveryCodes`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct SecondFactorDraft {
    /// That of [`NewSecondFactor`].
    pub secret: String,
    /// A code of the app's.
    pub code: String,
    /// The password, once more.
    #[schema(format = "password")]
    pub password: String,
}

/// `POST /api/v1/staff/second-factor/codes`, `POST /api/v1/staff/second-factor/remove` and
/// `POST /api/v1/staff/second-factor/passkeys/{passkey}/remove`: who asks is who signed in.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct ShownSecondFactor {
    /// The password, once more.
    #[schema(format = "password")]
    pub password: String,
    /// A code of the app's, or a recovery code; empty where a passkey is shown.
    #[serde(default)]
    #[ts(optional, as = "Option<String>")]
    pub code: String,
    /// A passkey, in the place of a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub passkey: Option<ShownPasskey>,
}

/// `POST /api/v1/members/{member}/second-factor/remove`: of somebody else's, answered with `LinkShown`; and
/// `POST /api/v1/staff/second-factor/passkeys/new`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct OwnPassword {
    /// The password of who asks, once more; empty where they have none, for the school's provider signs them in.
    #[schema(format = "password")]
    pub password: String,
}

/// Answers `PUT /api/v1/staff/second-factor`, `POST /api/v1/staff/second-factor/passkeys` and
/// `POST /api/v1/staff/second-factor/codes`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct RecoveryCodes {
    /// Ten, each good once in the place of a code. They are not shown again, and those before are void. None where
    /// an app or a passkey was added to others: those before are good.
    pub codes: Vec<String>,
}
