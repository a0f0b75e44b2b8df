//! `GET /healthz`: that the program lives. `GET /readyz`: whether every part of it does what it is for.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::{Extension, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use crate::health::State as Is;
use crate::house::House;
use crate::listen::Peer;
use crate::watcher::is_watcher;

const HEADERS: [(HeaderName, &str); 2] = [
    (CONTENT_TYPE, "text/plain; charset=utf-8"),
    (CACHE_CONTROL, "no-store"),
];

/// 200 and `ok`: whoever can answer lives. A start anew mends nothing of what `/readyz` tells.
pub(crate) async fn healthz() -> Response {
    (HEADERS, "ok\n").into_response()
}

/// 200 and `ok` where all parts do what they are for, 503 and `unwell` where one does not; then a
/// line for each part. What there is to say of it is for whoever watches over this server.
pub(crate) async fn readyz(
    State(house): State<Arc<House>>,
    Extension(peer): Extension<Peer>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let with_sentences = is_watcher(&house, &peer, &uri, &headers);
    let (status, text) = say(&house.health(), with_sentences);
    (status, HEADERS, text).into_response()
}

fn say(parts: &[(&str, Is)], with_sentences: bool) -> (StatusCode, String) {
    let is_unwell = parts
        .iter()
        .any(|(_, state)| matches!(state, Is::Unwell(_)));
    let (status, mut text) = if is_unwell {
        (StatusCode::SERVICE_UNAVAILABLE, "unwell\n".to_owned())
    } else {
        (StatusCode::OK, "ok\n".to_owned())
    };
    for (name, state) in parts {
        let is = match state {
            Is::Well => "well",
            Is::Doubtful(_) => "doubtful",
            Is::Unwell(_) => "unwell",
        };
        // A String takes everything.
        let _infallible = match state.sentence().filter(|_| with_sentences) {
            Some(sentence) => writeln!(text, "{name}: {is}: {sentence}"),
            None => writeln!(text, "{name}: {is}"),
        };
    }
    (status, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_does_not_do_its_work_makes_it_unwell() {
        let well = ("pages", Is::Well);
        let doubtful = ("certificate", Is::Doubtful("It ends in 3 days.".to_owned()));
        let unwell = ("post", Is::Unwell("It ended.".to_owned()));
        assert_eq!(
            say(std::slice::from_ref(&well), true),
            (StatusCode::OK, "ok\npages: well\n".to_owned())
        );
        let said = "ok\ncertificate: doubtful: It ends in 3 days.\npages: well\n".to_owned();
        assert_eq!(say(&[doubtful.clone(), well], true), (StatusCode::OK, said));
        let said = "unwell\ncertificate: doubtful: It ends in 3 days.\npost: unwell: It ended.\n";
        assert_eq!(
            say(&[doubtful, unwell], true),
            (StatusCode::SERVICE_UNAVAILABLE, said.to_owned())
        );
    }
}
