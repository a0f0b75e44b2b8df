//! How a school looks on its pages and letters (OPS-9).

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// `GET /api/v1/school/face`, for the office.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct SchoolFace {
    /// Its colour, as `#1d4f76`; absent where it has none of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub accent: Option<String>,
    /// Its logo; absent where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub logo: Option<SchoolLogo>,
}

/// A logo.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct SchoolLogo {
    /// Its path on this server: another picture has another.
    pub path: String,
    /// Its width, pixels.
    pub width: u32,
    /// Its height, pixels.
    pub height: u32,
}

/// `PUT /api/v1/school/accent`. Answered with [`AccentAnswer`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct AccentDraft {
    /// The colour, as `#1d4f76`; empty for none of its own.
    #[schema(max_length = 7)]
    pub accent: String,
}

/// Answers `PUT /api/v1/school/accent`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct AccentAnswer {
    /// How the school looks now.
    pub face: SchoolFace,
    /// Why the colour was not taken; absent where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub faint: Option<FaintAccent>,
}

/// A colour on which, or in which, words cannot be read.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct FaintAccent {
    /// Its contrast with what it is seen on, at the worst, in hundredths (WCAG 2.2, 1.4.3): 450 is asked for.
    pub contrast: u32,
    /// The nearest shade that is taken.
    pub nearest: String,
}
