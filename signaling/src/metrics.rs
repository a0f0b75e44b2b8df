//! `GET /metrics`: what happens in calls, what waits to be sent, what the media plane and the records
//! count, and how the parts of the program are, in the text format of Prometheus. Nothing in it tells
//! of a person. Programs on this machine may read it, and others by the token of the settings.

use std::sync::Arc;

use axum::extract::{Extension, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use prometheus_client::encoding::{EncodeLabelValue, LabelValueEncoder, prometheus_text};
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::registry::Registry;
use store::Channel;
use wire::http::ProblemCode;

use crate::health::State as Is;
use crate::house::House;
use crate::listen::Peer;
use crate::watcher::is_watcher;

/// One label and its value.
type Label<T> = [(&'static str, T); 1];

/// How requests were answered since the program began. Clones are the same one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answers {
    by_status: Family<Label<&'static str>, Counter>,
    refused: Family<Label<Code>, Counter>,
}

/// Why a request was refused: what the answer says, for whoever counts it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Code(pub(crate) ProblemCode);

impl EncodeLabelValue for Code {
    fn encode(&self, to: &mut LabelValueEncoder<'_>) -> std::fmt::Result {
        // As it is written in the answer.
        let written = serde_json::to_value(self.0).map_err(|_unwritable| std::fmt::Error)?;
        EncodeLabelValue::encode(&written.as_str().unwrap_or_default(), to)
    }
}

impl Answers {
    /// One more.
    pub(crate) fn count(&self, answer: &Response) {
        let class = match answer.status().as_u16() {
            100..=199 => "1xx",
            200..=299 => "2xx",
            300..=399 => "3xx",
            400..=499 => "4xx",
            _ => "5xx",
        };
        self.by_status.get_or_create(&[("status", class)]).inc();
        if let Some(code) = answer.extensions().get::<Code>() {
            self.refused.get_or_create(&[("code", *code)]).inc();
        }
    }
}

/// Answers whoever may read it; to others there is no such page.
pub(crate) async fn metrics(
    State(house): State<Arc<House>>,
    Extension(peer): Extension<Peer>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if !is_watcher(&house, &peer, &uri, &headers) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let mut text = String::new();
    match prometheus_text::encode(&mut text, &registry(&house).await) {
        Ok(()) => ([(CONTENT_TYPE, prometheus_text::CONTENT_TYPE)], text).into_response(),
        Err(std::fmt::Error) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// All figures at this moment.
async fn registry(house: &House) -> Registry {
    let mut all = Registry::default();
    of_calls(&mut all, house);
    of_media(&mut all, house);
    of_pages(&mut all, house);
    of_outbox(&mut all, house).await;
    of_webhooks(&mut all, house).await;
    of_nodes(&mut all, house);
    of_disks(&mut all, house);
    of_parts(&mut all, &house.health());
    all
}

fn of_calls(all: &mut Registry, house: &House) {
    let now = house.headcount();
    gauge(
        all,
        "homeroom_calls",
        "Calls in which somebody is",
        now.calls,
    );
    gauge(
        all,
        "homeroom_seats_taken",
        "People with a seat in a call",
        now.seated,
    );
    gauge(
        all,
        "homeroom_people_on_hold",
        "People with a seat in a call who are on hold",
        now.on_hold,
    );
    gauge(
        all,
        "homeroom_people_waiting",
        "People who wait for a seat in a call",
        now.waiting,
    );
    house.live.counts.register(all);
}

fn of_media(all: &mut Registry, house: &House) {
    let counted = house.media.counted();
    counter(
        all,
        "homeroom_media_datagrams_received",
        "Datagrams received at the media ports",
        counted.received,
    );
    counter(
        all,
        "homeroom_media_datagrams_sent",
        "Datagrams handed to the system over UDP",
        counted.sent,
    );
    let dropped = Family::<Label<&str>, Counter>::default();
    for (why, number) in [
        ("no_room", counted.no_room),
        ("slow_connection", counted.slow_connection),
    ] {
        dropped.get_or_create(&[("why", why)]).inc_by(number);
    }
    all.register(
        "homeroom_media_datagrams_dropped",
        "Datagrams dropped, by why: later would be worse than never",
        dropped,
    );
    counter(
        all,
        "homeroom_media_packets_lost",
        "Packets that readers said were lost on the way to them; most are sent again",
        counted.lost,
    );
    let (readers, bits) = counted.estimated;
    gauge(
        all,
        "homeroom_media_readers_estimated",
        "Readers of pictures the capacity of whose network is estimated now",
        readers,
    );
    gauge(
        all,
        "homeroom_media_estimated_bits_per_second",
        "What the networks of all of them together are estimated to carry",
        bits,
    );
    gauge(
        all,
        "homeroom_media_pictures_paused",
        "Pictures held back now because a reader's network is too weak for them",
        counted.paused,
    );
}

fn of_pages(all: &mut Registry, house: &House) {
    gauge(
        all,
        "homeroom_pages_waiting",
        "Pages outside of calls that wait to hear of a change",
        house.live.news.waiting(),
    );
    gauge(
        all,
        "homeroom_connections",
        "TCP connections of pages that are open now, and their sockets",
        house.places.open(),
    );
    all.register(
        "homeroom_http_answers",
        "Answers to requests, by the class of their status",
        house.answers.by_status.clone(),
    );
    all.register(
        "homeroom_http_refusals",
        "Requests that were refused, by the code that the answer says why with",
        house.answers.refused.clone(),
    );
    counter(
        all,
        "homeroom_records_statements",
        "Statements that the database was sent",
        house.store.statements(),
    );
    if let Some(ends) = house.tls.as_ref().and_then(|tls| tls.ends()) {
        all.register(
            "homeroom_certificate_ends_seconds",
            "When the certificate ends, in seconds of Unix time",
            ConstGauge::new(ends.as_second()),
        );
    }
}

/// What waits to be sent; without it where the records cannot be read, which the parts say.
async fn of_outbox(all: &mut Registry, house: &House) {
    let number = Family::<Label<&str>, Gauge>::default();
    let age = Family::<Label<&str>, Gauge>::default();
    let now = ambient::now();
    for channel in [Channel::Email, Channel::Text] {
        let Ok(backlog) = house.store.backlog(channel, now).await else {
            return;
        };
        let label = [("by", channel.code())];
        let oldest = backlog.oldest.map(|it| now.duration_since(it));
        let seconds = oldest.map_or(0, |it| it.as_secs().max(0));
        number.get_or_create(&label).set(backlog.number.into());
        age.get_or_create(&label).set(seconds);
    }
    all.register(
        "homeroom_outbox_waiting",
        "E-mails and text messages that wait to be sent though their time has come",
        number,
    );
    all.register(
        "homeroom_outbox_oldest_seconds",
        "For how long the oldest of them has waited",
        age,
    );
}

/// What receivers of webhooks are told; without it where nobody is.
async fn of_webhooks(all: &mut Registry, house: &House) {
    let Some(webhooks) = &house.webhooks else {
        return;
    };
    let (told, given_up) = webhooks.counted();
    all.register(
        "homeroom_webhooks_told",
        "Webhooks that a receiver took, by its place in webhooks.urls",
        told,
    );
    all.register(
        "homeroom_webhooks_given_up",
        "Webhooks that a receiver did not take in a day",
        given_up,
    );
    counter(
        all,
        "homeroom_webhooks_dropped",
        "Webhooks that were not kept because too many waited for a receiver",
        house.store.subscribers().dropped(),
    );
    let Ok(backlogs) = webhooks.backlogs(&house.store).await else {
        return;
    };
    let number = Family::<Label<usize>, Gauge>::default();
    let age = Family::<Label<usize>, Gauge>::default();
    let now = ambient::now();
    for (receiver, backlog) in backlogs {
        let label = [("receiver", receiver)];
        let oldest = backlog.oldest.map(|it| now.duration_since(it));
        let seconds = oldest.map_or(0, |it| it.as_secs().max(0));
        number.get_or_create(&label).set(backlog.number.into());
        age.get_or_create(&label).set(seconds);
    }
    all.register(
        "homeroom_webhooks_waiting",
        "Webhooks that wait for a receiver",
        number,
    );
    all.register(
        "homeroom_webhooks_oldest_seconds",
        "For how long the oldest of them has waited",
        age,
    );
}

/// What this node sees of the others; without it where there is one program alone.
fn of_nodes(all: &mut Registry, house: &House) {
    let Some(nodes) = &house.nodes else {
        return;
    };
    let number = |it: usize| u64::try_from(it).unwrap_or(u64::MAX);
    let (seen, reached) = nodes.counted();
    gauge(
        all,
        "homeroom_nodes_seen",
        "Nodes that run by the records, this one among them",
        number(seen),
    );
    gauge(
        all,
        "homeroom_nodes_reached",
        "Those of them that are reached, this one among them",
        number(reached),
    );
    gauge(
        all,
        "homeroom_meetings_owned",
        "Meetings that live at this node, also those that nobody has come to yet",
        number(nodes.shared.owned()),
    );
}

/// How much room there was when it was last looked.
fn of_disks(all: &mut Registry, house: &House) {
    let free = Family::<Label<&str>, Gauge>::default();
    for disk in house.disks.all() {
        let bytes = i64::try_from(disk.free).unwrap_or(i64::MAX);
        free.get_or_create(&[("of", disk.holds.code())]).set(bytes);
    }
    all.register(
        "homeroom_disk_free_bytes",
        "Bytes that the program may still write on a disk: that of the data folder, and those of the records and of \
         their copies where they are on others",
        free,
    );
}

fn of_parts(all: &mut Registry, parts: &[(&'static str, Is)]) {
    let up = Family::<Label<&str>, Gauge>::default();
    let doubtful = Family::<Label<&str>, Gauge>::default();
    for (name, state) in parts {
        let label = [("part", *name)];
        let is_up = !matches!(state, Is::Unwell(_));
        up.get_or_create(&label).set(is_up.into());
        let is_doubtful = matches!(state, Is::Doubtful(_));
        doubtful.get_or_create(&label).set(is_doubtful.into());
    }
    all.register(
        "homeroom_part_up",
        "Whether a part of the program does what it is for: /readyz says why where it does not",
        up,
    );
    all.register(
        "homeroom_part_doubtful",
        "Whether somebody should look at a part that does what it is for, or that nobody who talks needs: /readyz says why",
        doubtful,
    );
}

fn gauge(all: &mut Registry, name: &str, help: &str, value: u64) {
    all.register(name, help, ConstGauge::new(value));
}

fn counter(all: &mut Registry, name: &str, help: &str, value: u64) {
    all.register(name, help, ConstCounter::new(value));
}
