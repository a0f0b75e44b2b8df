//! How the school looks, as pages come with it (OPS-9): a style of its own within the page, where it has a colour or
//! a logo, so that the first paint has the colour and room for the logo, and no script is needed for either.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use school::logo::Kind;
use store::{Face, Store};

use crate::headers::IMMUTABLE;
use crate::house::House;

/// How high the logo stands beside the name, and on a letter; and how wide it is at most, in hundredths of a line.
const BESIDE: u32 = 225;
const ON_LETTER: u32 = 500;
const WIDEST: u32 = 1200;

/// A picture runs nothing, and loads nothing, wherever it is opened.
const PICTURE_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; sandbox; frame-ancestors 'none'");

/// The address of a logo: another picture has another.
pub(crate) fn path_of(digest: &str) -> String {
    format!("/logo/{digest}")
}

/// The logo that was asked for last: all answers share it, and those that nobody takes cost nothing.
#[derive(Debug, Default)]
pub(crate) struct LastLogo(Mutex<Option<(String, Bytes)>>);

impl LastLogo {
    fn lock(&self) -> MutexGuard<'_, Option<(String, Bytes)>> {
        // Words that are written together.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was asked for last, where it is that.
    fn last(&self, digest: &str) -> Option<Bytes> {
        let last = self.lock();
        let shown = last.as_ref().filter(|(it, _)| it == digest);
        let bytes = shown.map(|(_, bytes)| bytes.clone());
        drop(last);
        bytes
    }

    /// That logo, where there is one, and in what form it is kept.
    async fn read(&self, store: &Store, digest: &str) -> store::Result<Option<(Kind, Bytes)>> {
        // Whether it is shown still, the records alone know.
        let Some(kind) = store.logo_kind(digest).await? else {
            return Ok(None);
        };
        if let Some(bytes) = self.last(digest) {
            return Ok(Some((kind, bytes)));
        }
        let Some((kind, bytes)) = store.logo(digest).await? else {
            return Ok(None);
        };
        let bytes = Bytes::from(bytes);
        *self.lock() = Some((digest.to_owned(), bytes.clone()));
        Ok(Some((kind, bytes)))
    }
}

/// `GET /logo/{digest}`: for anybody, as the name of the school is.
pub(crate) async fn logo(State(house): State<Arc<House>>, Path(digest): Path<String>) -> Response {
    match house.logo.read(&house.store, &digest).await {
        Ok(Some((kind, bytes))) => {
            let headers = [
                (CONTENT_TYPE, HeaderValue::from_static(kind.media_type())),
                (CACHE_CONTROL, IMMUTABLE),
                (CONTENT_SECURITY_POLICY, PICTURE_POLICY),
            ];
            (headers, bytes).into_response()
        }
        Ok(None) => (StatusCode::NOT_FOUND, "There is nothing here.\n").into_response(),
        Err(error) => {
            tracing::debug!(%error, "the logo cannot be read");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// The style of a school; nothing where it looks as we made it.
pub(crate) fn style(face: &Face) -> Option<String> {
    let mut style = String::new();
    // A String takes everything.
    if let Some(accent) = face.accent {
        let _infallible = write!(
            style,
            ":root{{--accent:{};--accent-deep:{}}}\
             @media screen and (prefers-color-scheme:dark){{:root{{--accent:{};--accent-deep:{}}}}}",
            accent.colour(),
            accent.deep(),
            accent.on_dark(),
            accent.deep_on_dark()
        );
    }
    if let Some(logo) = &face.logo {
        let path = path_of(&logo.digest);
        let sides = (logo.width, logo.height);
        let (beside, letter) = (size(sides, BESIDE), size(sides, ON_LETTER));
        let _infallible = write!(
            style,
            ".brand span::before{{content:\"\";display:inline-block;vertical-align:middle;{beside};\
             margin-inline-end:.75rem;padding:.25rem;border-radius:.25rem;\
             background:#fff url({path}) center/contain no-repeat content-box border-box}}\
             .letter::before{{content:\"\";display:block;{letter};\
             background:url({path}) center/contain no-repeat;\
             -webkit-print-color-adjust:exact;print-color-adjust:exact}}"
        );
    }
    (!style.is_empty()).then_some(style)
}

/// The size at which a picture of these sides is shown, so high and no wider than it may be: the page leaves room for
/// it before it is there.
fn size((width, height): (u32, u32), high: u32) -> String {
    let wide = (width * high / height.max(1)).clamp(1, WIDEST);
    let high = if wide == WIDEST {
        (height * WIDEST / width.max(1)).max(1)
    } else {
        high
    };
    let rem = |it: u32| format!("{}.{:02}rem", it / 100, it % 100);
    format!("width:{};height:{}", rem(wide), rem(high))
}

#[cfg(test)]
mod tests {
    use school::accent::{Accent, Colour};
    use store::Logo;

    use super::*;

    #[test]
    fn a_school_without_a_face_adds_nothing() {
        assert_eq!(style(&Face::default()), None);
    }

    #[test]
    fn what_is_served_is_of_checked_parts_alone() {
        let accent = Colour::read("#7a1f3d").map(Accent::of);
        let face = Face {
            accent: accent.and_then(Result::ok),
            logo: Some(Logo {
                digest: "00ff".to_owned(),
                width: 300,
                height: 100,
            }),
        };
        let style = style(&face).expect("there is one");
        assert!(
            style.starts_with(":root{--accent:#7a1f3d;--accent-deep:#"),
            "{style}"
        );
        assert!(style.contains("url(/logo/00ff)"), "{style}");
        assert!(style.contains("width:6.75rem;height:2.25rem"), "{style}");
        assert!(!style.contains('<'), "{style}");
    }

    #[test]
    fn a_wide_logo_is_no_wider_than_it_may_be() {
        assert_eq!(size((100, 100), 200), "width:2.00rem;height:2.00rem");
        assert_eq!(size((2000, 100), 200), "width:12.00rem;height:0.60rem");
        assert_eq!(size((1, 2000), 200), "width:0.01rem;height:2.00rem");
    }
}
