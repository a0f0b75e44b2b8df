//! Guests whom somebody in a meeting invites to it (ROOM-2).

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// `POST /api/v1/links/{id}/meetings/{meeting}/guests/invite`: one of `email` and `mobile`, or neither:
/// the guest is given a link to be passed on.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct CallInviteRequest {
    /// The secret from the URL's fragment.
    pub secret: String,
    /// 128 random bits, 32 lowercase hexadecimal digits: a retry with the same is the same guest.
    #[schema(format = "attempt")]
    pub attempt: String,
    /// The guest's e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "address")]
    #[ts(optional)]
    pub email: Option<String>,
    /// The guest's mobile number, as people write it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "mobile")]
    #[ts(optional)]
    pub mobile: Option<String>,
    /// The language that the guest is written to in, a tag of BCP 47.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "language")]
    #[ts(optional)]
    pub language: Option<String>,
}

/// `POST /api/v1/links/{id}/meetings/{meeting}/guests/{guest}/resend`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct CallResendRequest {
    /// The secret from the URL's fragment.
    pub secret: String,
    /// 128 random bits, 32 lowercase hexadecimal digits: a retry with the same writes nothing more.
    /// Without it each request writes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "attempt")]
    #[ts(optional)]
    pub attempt: Option<String>,
}

/// `POST /api/v1/links/{id}/meetings/{meeting}/stop` (SCR-14). 204.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct StopRequest {
    /// The secret from the URL's fragment.
    pub secret: String,
    /// 128 random bits, 32 lowercase hexadecimal digits: a retry with the same stops nothing more.
    #[schema(format = "attempt")]
    pub attempt: String,
    /// What happened, for the school's office alone; may be empty.
    #[serde(default)]
    #[schema(format = "note")]
    #[ts(optional, as = "Option<String>")]
    pub note: String,
}

/// Answers `POST /api/v1/links/{id}/meetings/{meeting}/guests`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct CallGuests {
    /// Who was invited and may come, the first to be written to first: at most 100.
    pub guests: Vec<CallGuest>,
    /// Whether the school sends text messages; where not, nobody is invited by `mobile`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub texts: bool,
}

/// A guest who was invited to a meeting that is going on.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct CallGuest {
    /// Names them.
    pub id: String,
    /// Their name, once they have said it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub name: Option<String>,
    /// The address they were written to at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub email: Option<String>,
    /// The number they were written to at, with the code of its country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub mobile: Option<String>,
    /// Their link, where it is passed on by whoever invited them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "uri")]
    #[ts(optional)]
    pub url: Option<String>,
    /// How it stands with them.
    pub state: CallGuestState,
}

/// How it stands with a guest who was invited to a meeting.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallGuestState {
    /// Nothing is sent to them: their link is passed on.
    Invited,
    /// The e-mail or text message is on its way.
    Sending,
    /// A mail server or gateway took it.
    Sent,
    /// It is known to have arrived.
    Delivered,
    /// It came back, or nobody takes it.
    Bounced,
    /// They have joined.
    Joined,
}
