//! What every answer carries: what a page may do, and who may keep it.

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::Response;
use data_encoding::BASE64;
use sha2::{Digest as _, Sha256};

/// Nothing but this server's own files; `connect-src 'self'` covers its WebSocket (CSP 3 §6.7.2.8).
const WORDS: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
     media-src 'self' blob:; connect-src 'self'; font-src 'self'; manifest-src 'self'; \
     frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const POLICY: HeaderValue = HeaderValue::from_static(WORDS);

/// The same for a page in which this very style stands (CSP 3 §2.3.1).
pub(crate) fn policy_with_style(style: &str) -> Option<HeaderValue> {
    let digest = BASE64.encode(&Sha256::digest(style));
    let words = WORDS.replace(
        "style-src 'self'",
        &format!("style-src 'self' 'sha256-{digest}'"),
    );
    HeaderValue::from_str(&words).ok()
}

/// The frame that finds out where in a picture the person is. It runs a program of others' that
/// compiles functions as it goes: it has an origin of its own, which is nobody's, and nothing but
/// the files of that program.
pub(crate) const BLUR_POLICY: HeaderValue = HeaderValue::from_static(
    "sandbox allow-scripts; default-src 'none'; script-src 'self' 'unsafe-eval'; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
);

/// What a call needs, and signing in, is this server's alone; the rest is off.
const PERMISSIONS: HeaderValue = HeaderValue::from_static(
    "camera=(self), microphone=(self), display-capture=(self), fullscreen=(self), \
     screen-wake-lock=(self), speaker-selection=(self), accelerometer=(), autoplay=(self), \
     browsing-topics=(), encrypted-media=(), geolocation=(), gyroscope=(), hid=(), \
     identity-credentials-get=(), idle-detection=(), magnetometer=(), midi=(), payment=(), \
     picture-in-picture=(self), publickey-credentials-create=(self), \
     publickey-credentials-get=(self), serial=(), usb=(), xr-spatial-tracking=()",
);

/// Kept by nobody.
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// Kept for ever: for files whose name changes with their bytes.
pub(crate) const IMMUTABLE: HeaderValue =
    HeaderValue::from_static("public, max-age=31536000, immutable");

/// Adds what every answer carries; what may be kept already says so, and the frame what it may do.
pub(crate) async fn add(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(POLICY);
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(HeaderName::from_static("permissions-policy"), PERMISSIONS);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(CACHE_CONTROL).or_insert(NO_STORE);
    response
}

/// Has browsers come by TLS alone from now on (RFC 6797), for a year.
pub(crate) async fn insist_on_tls(mut response: Response) -> Response {
    response.headers_mut().insert(
        STRICT_TRANSPORT_SECURITY,
        HeaderValue::from_static("max-age=31536000"),
    );
    response
}
