//! `GET /metrics`: what the media plane and the records count, how many pages wait, and how the parts
//! of the program are, in the text format of Prometheus, for programs on this machine alone.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::{Extension, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use sfu::Counted;

use crate::health::State as Is;
use crate::house::House;
use crate::listen::Peer;

/// The version of the format.
const FORMAT: &str = "text/plain; version=0.0.4";

/// Answers programs on this machine, and nobody whom a proxy on it speaks for.
pub(crate) async fn metrics(
    State(house): State<Arc<House>>,
    Extension(peer): Extension<Peer>,
) -> Response {
    if !peer.is_local() {
        return StatusCode::NOT_FOUND.into_response();
    }
    (
        [(CONTENT_TYPE, FORMAT)],
        text(
            &house.media.counted(),
            house.live.news.waiting(),
            house.places.open(),
            house.store.statements(),
            &house.health(),
        ),
    )
        .into_response()
}

fn text(
    counted: &Counted,
    waiting: u64,
    open: u64,
    statements: u64,
    parts: &[(&str, Is)],
) -> String {
    let mut out = String::new();
    let mut add = |name: &str, kind: &str, help: &str, values: &[(&str, u64)]| {
        write(&mut out, (name, kind, help), values);
    };
    add(
        "homeroom_media_datagrams_received_total",
        "counter",
        "Datagrams received at the media ports.",
        &[("", counted.received)],
    );
    add(
        "homeroom_media_datagrams_sent_total",
        "counter",
        "Datagrams handed to the system over UDP.",
        &[("", counted.sent)],
    );
    add(
        "homeroom_media_datagrams_dropped_total",
        "counter",
        "Datagrams dropped, by why: later would be worse than never.",
        &[
            ("{why=\"no_room\"}", counted.no_room),
            ("{why=\"slow_connection\"}", counted.slow_connection),
        ],
    );
    add(
        "homeroom_media_pictures_paused",
        "gauge",
        "Pictures held back now because a reader's network is too weak for them.",
        &[("", counted.paused)],
    );
    add(
        "homeroom_pages_waiting",
        "gauge",
        "Pages outside of calls that wait to hear of a change.",
        &[("", waiting)],
    );
    add(
        "homeroom_connections",
        "gauge",
        "TCP connections of pages that are open now, and their sockets.",
        &[("", open)],
    );
    add(
        "homeroom_records_statements_total",
        "counter",
        "Statements that the database was sent.",
        &[("", statements)],
    );
    write_parts(&mut out, parts);
    out
}

fn write_parts(out: &mut String, parts: &[(&str, Is)]) {
    let parts: Vec<(String, u64)> = parts
        .iter()
        .map(|(name, state)| {
            let is_well = !matches!(state, Is::Unwell(_));
            (format!("{{part=\"{name}\"}}"), u64::from(is_well))
        })
        .collect();
    let parts: Vec<(&str, u64)> = parts
        .iter()
        .map(|(name, up)| (name.as_str(), *up))
        .collect();
    let help =
        "Whether a part of the program does what it is for: /readyz says why where it does not.";
    write(out, ("homeroom_part_up", "gauge", help), &parts);
}

fn write(out: &mut String, (name, kind, help): (&str, &str, &str), values: &[(&str, u64)]) {
    // A String takes everything.
    let _infallible = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
    for (label, value) in values {
        let _infallible = writeln!(out, "{name}{label} {value}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_has_its_name_and_its_type() {
        let counted = Counted {
            received: 5,
            sent: 4,
            no_room: 3,
            slow_connection: 2,
            paused: 1,
        };
        let parts = [("mail", Is::Unwell(String::new())), ("post", Is::Well)];
        let text = text(&counted, 6, 7, 8, &parts);
        for line in [
            "# TYPE homeroom_media_datagrams_received_total counter",
            "homeroom_media_datagrams_received_total 5",
            "homeroom_media_datagrams_sent_total 4",
            "homeroom_media_datagrams_dropped_total{why=\"no_room\"} 3",
            "homeroom_media_datagrams_dropped_total{why=\"slow_connection\"} 2",
            "# TYPE homeroom_media_pictures_paused gauge",
            "homeroom_media_pictures_paused 1",
            "homeroom_pages_waiting 6",
            "homeroom_connections 7",
            "homeroom_records_statements_total 8",
            "homeroom_part_up{part=\"mail\"} 0",
            "homeroom_part_up{part=\"post\"} 1",
        ] {
            assert!(text.lines().any(|it| it == line), "{line}");
        }
    }
}
