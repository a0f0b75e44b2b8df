//! What is left of a request's body once the request is answered: it is taken and thrown away, so that whoever sends
//! all of it before they read an answer, as Apache does, reads the answer and not that the connection broke.
//!
//! HTTP/2 needs none of it: there one request ends by itself.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::http::Request;
use axum::http::header::EXPECT;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::time::timeout;

use super::pace::Pace;
use crate::house::House;

/// How much of it is taken, bytes: more than the largest file, so that whoever sends one that is too large hears so.
const MOST: usize = 32 * 1024 * 1024;

/// How long that may take.
const TIME: Duration = Duration::from_secs(30);

/// How long nothing of it may come.
const SILENCE: Duration = Duration::from_secs(2);

/// The rests that are taken at a time: the connections of all others are closed at once.
pub(super) const AT_ONCE: usize = 16;

/// Where a body is put back that was not read to its end.
#[derive(Clone, Default)]
pub(super) struct Rest(Arc<Mutex<Option<Incoming>>>);

/// A body that is put back when it is let go.
struct Lent {
    /// None once it has ended.
    body: Option<Incoming>,
    rest: Rest,
}

/// Gives a request away, and keeps where the rest of its body is put. Whoever asks first whether to send one is not
/// asked to.
pub(super) fn lend(request: Request<Incoming>) -> (Request<Body>, Option<Rest>) {
    if HttpBody::is_end_stream(request.body()) || request.headers().contains_key(EXPECT) {
        return (request.map(Body::new), None);
    }
    let rest = Rest::default();
    let request = request.map(|body| {
        Body::new(Lent {
            body: Some(body),
            rest: rest.clone(),
        })
    });
    (request, Some(rest))
}

impl Rest {
    /// Has what is left taken beside the answer, where there is room for that; else the connection ends with it.
    pub(super) fn take(&self, pace: &Pace, house: &House) {
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(body) = left.take() else {
            return;
        };
        drop(left);
        let Some(place) = house.places.rest() else {
            return;
        };
        pace.asked();
        let (open, closing) = (Open(pace.clone()), house.closing.clone());
        house.tasks.spawn(async move {
            tokio::select! {
                () = closing.cancelled() => {}
                taken = timeout(TIME, throw_away(body)) => {
                    tracing::debug!(is_over = taken.is_ok(), "the rest of a request was thrown away");
                }
            }
            drop((open, place));
        });
    }
}

/// The request is not over before the rest of it is.
struct Open(Pace);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.answered();
    }
}

/// Takes a body to its end, or to where it is too much, or nothing more comes.
async fn throw_away(mut body: Incoming) {
    let mut taken = 0;
    while let Ok(Some(Ok(frame))) = timeout(SILENCE, body.frame()).await {
        taken += frame.data_ref().map_or(0, Bytes::len);
        if taken > MOST {
            return;
        }
    }
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Some(body) = &mut self.body else {
            return Poll::Ready(None);
        };
        let polled = Pin::new(body).poll_frame(context);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            self.body = None;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body
            .as_ref()
            .map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let left = self.body.take().filter(|it| !HttpBody::is_end_stream(it));
        *self.rest.0.lock().unwrap_or_else(PoisonError::into_inner) = left;
    }
}
