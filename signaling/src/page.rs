//! The web application, embedded in the program.

use std::borrow::Cow;

use axum::Router;
use axum::extract::{Path, Request};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

use crate::headers::IMMUTABLE;

/// What `npm run build` made; empty where nobody has built it.
#[derive(RustEmbed)]
#[folder = "../web/dist"]
#[allow_missing = true]
struct Built;

/// Served where the web application was not built.
const NOT_BUILT: &str = "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
    <title>Homeroom</title>\n<h1>The web application is not built yet</h1>\n\
    <p>This program was compiled without it. Start it with <code>scripts/run</code>, which builds \
    both, or run <code>npm install</code> and <code>npm run build</code> in the folder \
    <code>web</code> and compile again.</p>\n</html>\n";

/// `GET /` and `GET /j/{id}`: the one page. It looks at no link and changes nothing (SESS-5).
pub(crate) async fn index() -> Response {
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    match Built::get("index.html") {
        Some(file) => ([(CONTENT_TYPE, html)], body(file.data)).into_response(),
        None => ([(CONTENT_TYPE, html)], NOT_BUILT).into_response(),
    }
}

/// `GET /assets/{path}`: files whose names hold a hash of their bytes.
pub(crate) async fn asset(Path(path): Path<String>) -> Response {
    match file(&format!("assets/{path}")) {
        Some(mut response) => {
            response.headers_mut().insert(CACHE_CONTROL, IMMUTABLE);
            response
        }
        None => not_found(),
    }
}

/// Any other file beside the page, such as its icon.
pub(crate) async fn beside(Path(name): Path<String>) -> Response {
    file(&name).unwrap_or_else(not_found)
}

/// What is not there.
pub(crate) fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "There is nothing here.\n").into_response()
}

fn file(path: &str) -> Option<Response> {
    let file = Built::get(path)?;
    Some(([(CONTENT_TYPE, content_type(path))], body(file.data)).into_response())
}

fn body(data: Cow<'static, [u8]>) -> bytes::Bytes {
    match data {
        Cow::Borrowed(data) => bytes::Bytes::from_static(data),
        Cow::Owned(data) => bytes::Bytes::from(data),
    }
}

fn content_type(path: &str) -> HeaderValue {
    HeaderValue::from_static(match path.rsplit_once('.').map(|(_, end)| end) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("wasm") => "application/wasm",
        Some("mp3") => "audio/mpeg",
        Some("ogg") => "audio/ogg",
        Some("wav") => "audio/wav",
        Some(_) | None => "application/octet-stream",
    })
}

/// Sends whoever speaks no TLS where TLS is spoken to `url`, where it is.
pub(crate) fn elsewhere(url: String) -> Router {
    let answer = async move |request: Request| {
        let is_safe = request.method().is_safe();
        let path = request
            .uri()
            .path_and_query()
            .map_or("/", PathAndQuery::as_str);
        let place = format!("{url}{path}");
        match HeaderValue::from_str(&place) {
            Ok(place) if is_safe && path.starts_with('/') => {
                (StatusCode::PERMANENT_REDIRECT, [(LOCATION, place)]).into_response()
            }
            Ok(_) | Err(_) => {
                let detail = format!("This port speaks TLS: ask {url}\n");
                (StatusCode::BAD_REQUEST, detail).into_response()
            }
        }
    };
    Router::new()
        .fallback(answer)
        .layer(axum::middleware::map_response(crate::headers::add))
}
