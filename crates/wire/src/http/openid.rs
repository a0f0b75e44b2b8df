//! The staff sign in by the school's provider (OpenID Connect, OPS-7).

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::session::Staff;

/// Answers `GET /api/v1/openid`: how the staff of this school sign in.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct OpenidOffer {
    /// What the provider is called, `Microsoft`; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub name: Option<String>,
    /// Whether no password opens but one that was made on the server itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub only: bool,
}

/// `POST /api/v1/openid/start`: begins to sign in by the provider. Answered with [`OpenidStarted`] and a cookie.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct OpenidStart {
    /// The path of the page that was asked for, below `/office` or `/staff`.
    pub to: String,
    /// Whether the provider asks which account it is to be, where somebody is signed in there already.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub choose: bool,
}

/// Answers `POST /api/v1/openid/start`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct OpenidStarted {
    /// The address of the provider's page. It leads back to `/openid` of this server.
    pub url: String,
}

/// `POST /api/v1/openid/session`: what the provider sent back, from the browser that began. Answered with
/// [`OpenidAnswer`], and the cookies of a session where somebody is signed in.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct OpenidReturn {
    /// The `state` of the address.
    pub state: String,
    /// The `code` of the address.
    pub code: String,
}

/// Answers `POST /api/v1/openid/session`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct OpenidAnswer {
    /// Who is signed in; absent where nobody is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub staff: Option<Staff>,
    /// The path of the page that was asked for.
    pub to: String,
    /// Why nobody is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub refused: Option<OpenidRefusal>,
    /// The address that the provider said, for whoever is not signed in by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub email: Option<String>,
}

/// Why nobody is signed in.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OpenidRefusal {
    /// The office has entered nobody with that address.
    NotEntered,
    /// The provider said no address, or none that it answers for.
    NoAddress,
    /// It is of none of the school's domains.
    Elsewhere,
    /// Whoever has that address here signs in by another account of the provider's.
    Otherwise,
    /// Whoever has that address here has a second step, and is not known by the provider yet: it is taken away
    /// first.
    SecondStep,
    /// It was begun in another browser, too long ago, or is used already.
    Stale,
    /// The provider did not answer, or not as it should: the server's log says more.
    Failed,
}
