//! The web application, embedded in the program: small enough for a poor line, and never a blank page.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::header::{
    ACCEPT, ACCEPT_ENCODING, ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_ENCODING,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LOCATION, VARY,
};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rust_embed::{EmbeddedFile, RustEmbed};
use tokio::time::timeout;
use wire::http::school::Contact;

use crate::api;
use crate::face;
use crate::headers::{self, BLUR_POLICY, IMMUTABLE};
use crate::house::House;
use crate::tls::Challenges;

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

/// Where a page names whom to phone if its scripts do not run.
const CONTACT: &str = "<!-- contact -->";

/// How long a page waits for the records to say whom to phone, and how the school looks.
const RECORDS_TIME: Duration = Duration::from_millis(300);

/// How the build compressed what it made, the smallest first.
const CODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

/// The page of families, guests and teachers, that of the office and of accounts, and the frame that
/// blurs what is behind somebody.
const FAMILIES: &str = "index.html";
const OFFICE: &str = "office.html";
const BLUR: &str = "blur.html";

/// `GET /` and `GET /j/{id}`: the one page. It looks at no link and changes nothing (SESS-5).
pub(crate) async fn index(State(house): State<Arc<House>>) -> Response {
    page(FAMILIES, &house).await
}

/// `GET /office`, `GET /openid`, `GET /setup`, `GET /staff`, `GET /account` and `GET /register`. It looks at no link, and uses none.
pub(crate) async fn office(State(house): State<Arc<House>>) -> Response {
    page(OFFICE, &house).await
}

/// `GET /blur`: the frame in which a program of others' runs.
pub(crate) async fn blur(headers: HeaderMap) -> Response {
    let mut response = file(BLUR, &headers).unwrap_or_else(not_found);
    response
        .headers_mut()
        .insert(CONTENT_SECURITY_POLICY, BLUR_POLICY);
    response
}

async fn page(name: &str, house: &House) -> Response {
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    let Some(file) = Built::get(name) else {
        return ([(CONTENT_TYPE, html)], NOT_BUILT).into_response();
    };
    let asked = async { tokio::join!(api::contact(house), house.store.face()) };
    let (contact, face) = timeout(RECORDS_TIME, asked)
        .await
        .map_or((None, None), |(contact, face)| (contact, face.ok()));
    let contact = said(contact.unwrap_or_default());
    let page = String::from_utf8_lossy(&file.data).replacen(CONTACT, &contact, 1);
    let mut response = ([(CONTENT_TYPE, html)], page.clone()).into_response();
    if let Some(style) = face.as_ref().and_then(face::style)
        && let Some(policy) = headers::policy_with_style(&style)
    {
        let head = format!("<style>{style}</style></head>");
        *response.body_mut() = page.replacen("</head>", &head, 1).into();
        let policy = (CONTENT_SECURITY_POLICY, policy);
        response.headers_mut().extend([policy]);
    }
    response
}

/// Whom to phone or write to, as HTML.
fn said(Contact { email, phone }: Contact) -> String {
    let (phone_shown, email_shown) = (escaped(&phone), escaped(&email));
    let digits: String = phone
        .chars()
        .filter(|it| it.is_ascii_digit() || *it == '+')
        .collect();
    match (phone.is_empty(), email.is_empty()) {
        (true, true) => "Or ask the school office.".to_owned(),
        (false, true) => format!("Or call <a href=\"tel:{digits}\">{phone_shown}</a>."),
        (true, false) => {
            format!("Or write to <a href=\"mailto:{email_shown}\">{email_shown}</a>.")
        }
        (false, false) => format!(
            "Or call <a href=\"tel:{digits}\">{phone_shown}</a>, or write to \
             <a href=\"mailto:{email_shown}\">{email_shown}</a>."
        ),
    }
}

/// As text or an attribute of HTML.
fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, it| {
        match it {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(it),
        }
        out
    })
}

/// `GET /assets/{path}`: files whose names hold a hash of their bytes.
pub(crate) async fn asset(Path(path): Path<String>, headers: HeaderMap) -> Response {
    match file(&format!("assets/{path}"), &headers) {
        Some(mut response) => {
            let sent = response.headers_mut();
            sent.insert(CACHE_CONTROL, IMMUTABLE);
            // The frame is of no origin; there is nothing in these files that is not everybody's.
            sent.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
            response
        }
        None => not_found(),
    }
}

/// Any other file beside the page, such as its icon; and whatever else is asked for.
pub(crate) async fn beside(
    State(house): State<Arc<House>>,
    Path(name): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    match file(&name, &headers) {
        Some(response) => response,
        None => other(State(house), uri, headers).await,
    }
}

/// Whatever has no page of its own. Mail programs rewrite links (LINK-4), and people type them: what
/// was a link once is read by the page, and everybody else is shown where there is something.
pub(crate) async fn other(
    State(house): State<Arc<House>>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let path = uri.path().to_ascii_lowercase();
    let first = path.trim_start_matches('/');
    let first = first
        .find(|it: char| !it.is_ascii_alphanumeric())
        .map_or(first, |end| first.get(..end).unwrap_or_default());
    match first {
        "j" => page(FAMILIES, &house).await,
        "account" | "register" | "setup" | "staff" | "office" | "openid" => {
            page(OFFICE, &house).await
        }
        // A program that asks for what is not there is told so in a line.
        _ if !is_read_by_a_person(&headers) || path.starts_with("/api/") => not_found(),
        _ => {
            let mut response = page(FAMILIES, &house).await;
            *response.status_mut() = StatusCode::NOT_FOUND;
            response
        }
    }
}

fn is_read_by_a_person(headers: &HeaderMap) -> bool {
    let accept = headers.get(ACCEPT).and_then(|it| it.to_str().ok());
    accept.is_some_and(|it| it.contains("text/html"))
}

/// What is not there.
fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "There is nothing here.\n").into_response()
}

/// A file, compressed as the reader takes it, or nothing where the reader has it already.
fn file(path: &str, headers: &HeaderMap) -> Option<Response> {
    let plain = Built::get(path)?;
    let packed = CODINGS.iter().find_map(|(coding, end)| {
        let file = accepts(headers, coding).then(|| Built::get(&format!("{path}{end}")))?;
        file.map(|file| (*coding, file))
    });
    let (coding, file) = match packed {
        Some((coding, file)) => (Some(coding), file),
        None => (None, plain),
    };
    let tag = tag(&file)?;
    let is_known = headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|it| it.to_str().ok())
        .flat_map(|it| it.split(','))
        .any(|it| it.trim().trim_start_matches("W/") == tag);
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(CONTENT_TYPE, content_type(path))], body(file.data)).into_response()
    };
    let sent = response.headers_mut();
    sent.insert(VARY, HeaderValue::from_static("accept-encoding"));
    sent.insert(ETAG, HeaderValue::from_str(&tag).ok()?);
    if let Some(coding) = coding.filter(|_| !is_known) {
        sent.insert(CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    Some(response)
}

/// Names these very bytes (RFC 9110 §8.8.3).
fn tag(file: &EmbeddedFile) -> Option<String> {
    let hash = file.metadata.sha256_hash();
    let hash = hash.get(..8)?;
    let digits: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    Some(format!("\"{digits}\""))
}

/// Whether the reader takes that coding (RFC 9110 §12.5.3): named, or by `*`, and not with `q=0`.
fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    let mut by_star = false;
    for one in headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|it| it.to_str().ok())
        .flat_map(|it| it.split(','))
    {
        let mut parts = one.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let is_refused = parts
            .filter_map(|it| it.split_once('='))
            .filter(|(key, _)| key.trim().eq_ignore_ascii_case("q"))
            .any(|(_, q)| q.trim().parse::<f32>().is_ok_and(|q| q <= 0.0));
        if name.eq_ignore_ascii_case(coding) {
            return !is_refused;
        }
        by_star |= name == "*" && !is_refused;
    }
    by_star
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
/// `challenges` is what an ACME server is to find there (RFC 8555 §8.3).
pub(crate) fn elsewhere(url: String, challenges: Option<Challenges>) -> Router {
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
                let detail = format!("Use {url} instead.\n");
                (StatusCode::BAD_REQUEST, detail).into_response()
            }
        }
    };
    let challenge = async move |Path(token): Path<String>| {
        let answer = challenges.as_ref().and_then(|it| it.answer(&token));
        answer.ok_or(StatusCode::NOT_FOUND)
    };
    Router::new()
        .route("/.well-known/acme-challenge/{token}", get(challenge))
        .fallback(answer)
        .layer(axum::middleware::map_response(headers::add))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;
    use axum::http::header::ACCEPT_ENCODING;
    use wire::http::school::Contact;

    use super::{accepts, said};

    #[test]
    fn a_coding_is_taken_where_it_is_accepted() {
        for (sent, brotli, gzip) in [
            ("gzip, deflate, br", true, true),
            ("gzip", false, true),
            ("GZIP;q=0.5", false, true),
            ("br;q=0, gzip", false, true),
            ("br; q=0.000,*", false, true),
            ("*", true, true),
            ("*;q=0, gzip", false, true),
            ("identity", false, false),
            ("", false, false),
            ("brotli, x-gzip", false, false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, sent.parse().expect("a value"));
            assert_eq!(accepts(&headers, "br"), brotli, "br of {sent}");
            assert_eq!(accepts(&headers, "gzip"), gzip, "gzip of {sent}");
        }
        assert!(!accepts(&HeaderMap::new(), "br"));
    }

    #[test]
    fn whom_to_phone_is_no_markup() {
        let contact = |email: &str, phone: &str| Contact {
            email: email.to_owned(),
            phone: phone.to_owned(),
        };
        assert_eq!(said(contact("", "")), "Or ask the school office.");
        let odd = said(contact("o'neil&co@x.example", "020 <b>7946"));
        assert_eq!(
            odd,
            "Or call <a href=\"tel:0207946\">020 &lt;b&gt;7946</a>, or write to \
             <a href=\"mailto:o&#39;neil&amp;co@x.example\">o&#39;neil&amp;co@x.example</a>."
        );
    }
}
