//! `GET /healthz`: that the program lives. `GET /readyz`: whether every part of it does what it is for.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::health::State as Is;
use crate::house::House;

const HEADERS: [(HeaderName, &str); 2] = [
    (CONTENT_TYPE, "text/plain; charset=utf-8"),
    (CACHE_CONTROL, "no-store"),
];

/// 200 and `ok`: whoever can answer lives. A start anew mends nothing of what `/readyz` tells.
pub(crate) async fn healthz() -> Response {
    (HEADERS, "ok\n").into_response()
}

/// 200 and `ok` where all parts do what they are for, 503 and `unwell` where one does not; then a
/// line for each part.
pub(crate) async fn readyz(State(house): State<Arc<House>>) -> Response {
    let (status, text) = say(&house.health());
    (status, HEADERS, text).into_response()
}

fn say(parts: &[(&str, Is)]) -> (StatusCode, String) {
    let is_unwell = parts
        .iter()
        .any(|(_, state)| matches!(state, Is::Unwell(_)));
    let (status, mut text) = if is_unwell {
        (StatusCode::SERVICE_UNAVAILABLE, "unwell\n".to_owned())
    } else {
        (StatusCode::OK, "ok\n".to_owned())
    };
    for (name, state) in parts {
        // A String takes everything.
        let _infallible = match state {
            Is::Well => writeln!(text, "{name}: well"),
            Is::Doubtful(sentence) => writeln!(text, "{name}: doubtful: {sentence}"),
            Is::Unwell(sentence) => writeln!(text, "{name}: unwell: {sentence}"),
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
            say(std::slice::from_ref(&well)),
            (StatusCode::OK, "ok\npages: well\n".to_owned())
        );
        let said = "ok\ncertificate: doubtful: It ends in 3 days.\npages: well\n".to_owned();
        assert_eq!(say(&[doubtful.clone(), well]), (StatusCode::OK, said));
        let said = "unwell\ncertificate: doubtful: It ends in 3 days.\npost: unwell: It ended.\n";
        assert_eq!(
            say(&[doubtful, unwell]),
            (StatusCode::SERVICE_UNAVAILABLE, said.to_owned())
        );
    }
}
