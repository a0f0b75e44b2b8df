//! How the school looks (OPS-9).

use axum::Json;
use axum::http::StatusCode;
use school::accent::{Accent, Colour, TooFaint};
use school::logo::Picture;
use store::Face;
use wire::http::face::{AccentAnswer, AccentDraft, FaintAccent, SchoolFace, SchoolLogo};

use super::super::extract::{Body, Image};
use super::super::refused::Refused;
use super::Office;
use crate::face::path_of;

/// `GET /api/v1/school/face`.
pub(crate) async fn face(office: Office) -> Result<Json<SchoolFace>, Refused> {
    Ok(Json(shown(&office.store.face().await?)))
}

/// `PUT /api/v1/school/accent`: a colour that cannot be read changes nothing.
pub(crate) async fn change_accent(
    office: Office,
    Body(asked): Body<AccentDraft>,
) -> Result<Json<AccentAnswer>, Refused> {
    let accent = match asked.accent.as_str() {
        "" => Ok(None),
        chosen => Accent::of(Colour::read(chosen).ok_or(Refused::BadRequest)?).map(Some),
    };
    let (store, actor, now) = (&office.store, office.actor(), office.now);
    let faint = match accent {
        Ok(accent) => {
            store.change_accent(accent, actor, now).await?;
            None
        }
        Err(faint) => Some(said(faint)),
    };
    let face = shown(&store.face().await?);
    Ok(Json(AccentAnswer { face, faint }))
}

fn said(TooFaint { contrast, nearest }: TooFaint) -> FaintAccent {
    FaintAccent {
        // From 1 to 21; rounded down, so that it never reads as what is asked for.
        contrast: hundredths(contrast),
        nearest: nearest.colour().to_string(),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "from 100 to 2100"
)]
const fn hundredths(contrast: f64) -> u32 {
    (contrast * 100.0) as u32
}

/// `PUT /api/v1/school/logo`: a PNG, JPEG or WebP file, kept as it is.
pub(crate) async fn change_logo(
    office: Office,
    Image(file): Image,
) -> Result<Json<SchoolFace>, Refused> {
    let picture = Picture::read(&file).map_err(|why| Refused::Unreadable(why.to_string()))?;
    let (store, actor, now) = (&office.store, office.actor(), office.now);
    store
        .change_logo(Some((picture, &file)), actor, now)
        .await?;
    Ok(Json(shown(&store.face().await?)))
}

/// `DELETE /api/v1/school/logo`.
pub(crate) async fn remove_logo(office: Office) -> Result<StatusCode, Refused> {
    let (actor, now) = (office.actor(), office.now);
    office.store.change_logo(None, actor, now).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn shown(face: &Face) -> SchoolFace {
    SchoolFace {
        accent: face.accent.map(|it| it.colour().to_string()),
        logo: face.logo.as_ref().map(|it| SchoolLogo {
            path: path_of(&it.digest),
            width: it.width,
            height: it.height,
        }),
    }
}
