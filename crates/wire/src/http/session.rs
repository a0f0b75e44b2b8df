//! Setting up, and signing in and out.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::passkey::ShownPasskey;

/// `POST /api/v1/setup`: makes the first administrator, signed in at once. Answered with [`Staff`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct SetupRequest {
    /// The secret from the fragment of the one-time link that the program printed.
    pub secret: String,
    /// The school's name.
    #[schema(format = "name")]
    pub school: String,
    /// The administrator's name.
    #[schema(format = "name")]
    pub name: String,
    /// Their e-mail address, by which they sign in.
    #[schema(format = "address")]
    pub email: String,
    /// None that everybody tries first.
    #[schema(format = "password")]
    pub password: String,
    /// The school's IANA time zone, `Europe/London`; empty leaves it as it is.
    #[serde(default)]
    #[schema(format = "zone")]
    #[ts(optional, as = "Option<String>")]
    pub time_zone: String,
    /// The e-mail address for help at the foot of every page; empty leaves it as it is.
    #[serde(default)]
    #[schema(format = "address")]
    #[ts(optional, as = "Option<String>")]
    pub contact_email: String,
    /// The telephone number beside it.
    #[serde(default)]
    #[schema(format = "name")]
    #[ts(optional, as = "Option<String>")]
    pub contact_phone: String,
    /// A code of the second factor, where the account has one: six digits of an authenticator app, or a
    /// recovery code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub code: Option<String>,
}

/// Answers `POST /api/v1/setup/check`: what a set-up link is for.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct SetupOffer {
    /// Whose account it is for, who has only to choose a password; absent where it makes the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub email: Option<String>,
    /// Whether it asks for a code of the second factor as well.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub second_factor: bool,
}

/// `POST /api/v1/setup/check`: whether a set-up link is good still, or 409 `set_up_done`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct SetupCheck {
    /// The secret from the fragment.
    pub secret: String,
}

/// `POST /api/v1/session`: signs in. Answered with [`Staff`] and a cookie. `POST /api/v1/session/passkey` asks what a
/// passkey is to sign.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct SignIn {
    /// The e-mail address.
    #[schema(format = "address")]
    pub email: String,
    /// The password.
    #[schema(format = "password")]
    pub password: String,
    /// A code of the second factor, where the account has one: six digits of an authenticator app, or a
    /// recovery code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub code: Option<String>,
    /// A passkey that has signed what `POST /api/v1/session/passkey` answered, in the place of a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub passkey: Option<ShownPasskey>,
}

/// `POST /api/v1/lost-password`: sends a link by which somebody of the office chooses a new password,
/// where anybody signs in with that address.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct LostPassword {
    /// The e-mail address they sign in with.
    #[schema(format = "address")]
    pub email: String,
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
    /// Whether there is anything for them on the office's pages: others have their start page alone.
    pub office: bool,
    /// What they are in the school.
    pub role: StaffRole,
    /// The ids of the evenings that they manage.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub evenings: Vec<String>,
    /// To be sent in `X-Homeroom-Csrf` with every request that is not GET.
    pub csrf: String,
}

/// What somebody of the staff is in the school; `x-right` of each endpoint in the API's description says what
/// is asked of them there.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StaffRole {
    /// Does all that the office does, and says who signs in and what they may do.
    Owner,
    /// Does the school's work.
    Office,
    /// Looks at evenings, and changes nothing.
    Viewer,
    /// Has their rooms, their waiting areas and the evenings that they manage.
    Member,
}

impl StaffRole {
    /// Its name in messages.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Office => "office",
            Self::Viewer => "viewer",
            Self::Member => "member",
        }
    }
}
