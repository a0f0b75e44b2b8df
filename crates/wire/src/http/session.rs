//! Setting up, and signing in and out.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// `POST /api/v1/setup`: makes the first administrator, signed in at once. Answered with [`Staff`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct SetupRequest {
    /// The secret from the fragment of the one-time link that the program printed.
    pub secret: String,
    /// The school's name.
    #[schema(max_length = 100)]
    pub school: String,
    /// The administrator's name.
    #[schema(max_length = 100)]
    pub name: String,
    /// Their e-mail address, by which they sign in.
    #[schema(max_length = 254)]
    pub email: String,
    /// At least 12 characters, and none that everybody tries first.
    #[schema(max_length = 256)]
    pub password: String,
    /// The school's IANA time zone, `Europe/London`; empty leaves it as it is.
    #[serde(default)]
    #[schema(max_length = 64)]
    #[ts(optional, as = "Option<String>")]
    pub time_zone: String,
    /// The e-mail address for help at the foot of every page; empty leaves it as it is.
    #[serde(default)]
    #[schema(max_length = 254)]
    #[ts(optional, as = "Option<String>")]
    pub contact_email: String,
    /// The telephone number beside it.
    #[serde(default)]
    #[schema(max_length = 100)]
    #[ts(optional, as = "Option<String>")]
    pub contact_phone: String,
}

/// Answers `POST /api/v1/setup/check`: what a set-up link is for.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct SetupOffer {
    /// Whose account it is for, who has only to choose a password; absent where it makes the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub email: Option<String>,
}

/// `POST /api/v1/setup/check`: whether a set-up link is good still, or 409 `set_up_done`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct SetupCheck {
    /// The secret from the fragment.
    pub secret: String,
}

/// `POST /api/v1/session`: signs in. Answered with [`Staff`] and a cookie.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct SignIn {
    /// The e-mail address.
    #[schema(max_length = 254)]
    pub email: String,
    /// The password.
    #[schema(max_length = 256)]
    pub password: String,
}

/// Who is signed in: answers `GET /api/v1/session` too.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Staff {
    /// Their name.
    pub name: String,
    /// Their e-mail address.
    pub email: String,
    /// The school's name.
    pub school: String,
    /// To be sent in `X-Homeroom-Csrf` with every request that is not GET.
    pub csrf: String,
}
