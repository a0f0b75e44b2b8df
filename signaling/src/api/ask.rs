//! What every request is checked for before anything is done with it.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use futures_util::StreamExt as _;
use jiff::Timestamp;
use jiff::civil::Time;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::refused::Refused;
use crate::house::House;
use crate::listen::Peer;

/// The largest body taken of JSON.
const MAX_BODY: usize = 64 * 1024;

/// How long a body may take to come.
const BODY_TIME: Duration = Duration::from_secs(5);

/// How long a file may: ten megabytes over a slow line.
const FILE_TIME: Duration = Duration::from_secs(60);

/// Lets pages of this server ask, and programs that are no browser; gives who asks.
pub(crate) fn admitted(house: &House, parts: &Parts) -> Result<Peer, Refused> {
    if !house.public_url.admits_request(&parts.headers) {
        return Err(Refused::CrossSite);
    }
    let peer = parts.extensions.get::<Peer>().cloned();
    peer.ok_or(Refused::BadRequest)
}

/// A body, as JSON.
pub(crate) async fn read<T: DeserializeOwned>(
    headers: &HeaderMap,
    sent: Body,
) -> Result<T, Refused> {
    if !is_kind(headers, "application/json") {
        return Err(Refused::BadRequest);
    }
    let bytes = body(sent, MAX_BODY).await?;
    serde_json::from_slice(&bytes).map_err(|_not_the_shape| Refused::BadRequest)
}

/// A body of at most so many bytes.
pub(crate) async fn body(sent: Body, most: usize) -> Result<bytes::Bytes, Refused> {
    let time = if most > MAX_BODY {
        FILE_TIME
    } else {
        BODY_TIME
    };
    timeout(time, whole(sent, most))
        .await
        .map_err(|_elapsed| Refused::BadRequest)?
}

/// All of a body in one piece: however many it comes in, what is kept is no more than it is long.
async fn whole(body: Body, most: usize) -> Result<bytes::Bytes, Refused> {
    let mut pieces = body.into_data_stream();
    let mut whole = bytes::BytesMut::new();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_cut| Refused::TooLarge)?;
        if whole.len() + piece.len() > most {
            return Err(Refused::TooLarge);
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole.freeze())
}

/// Only what says what it is is read: a form of a foreign page cannot say so.
pub(crate) fn is_kind(headers: &HeaderMap, wanted: &str) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case(wanted))
}

/// An id out of a path or a body: what is none is unknown.
pub(crate) fn id<T: std::str::FromStr>(text: &str) -> Result<T, Refused> {
    text.parse()
        .map_err(|_none| Refused::Rule(school::Refusal::NotFound))
}

/// A moment out of a body.
pub(crate) fn moment(text: &str) -> Result<Timestamp, Refused> {
    text.parse().map_err(|_none| Refused::BadRequest)
}

/// A time of the clock out of a body, as `08:30`.
pub(crate) fn clock(text: &str) -> Result<Time, school::Refusal> {
    let time = text.parse().ok();
    let time = time.filter(|_| text.len() == "08:30".len());
    time.ok_or(school::Refusal::TimeInvalid)
}

/// The attempt of a press.
pub(crate) fn attempt(text: &str) -> Result<links::AttemptId, Refused> {
    text.parse().map_err(|_none| Refused::BadRequest)
}

/// The shared house of a request, as handlers get it.
pub(crate) type Shared = Arc<House>;
