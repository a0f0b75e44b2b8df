//! The real listener, router, calls and sockets, against clients that speak `homeroom.v1`; only the
//! media plane is played.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    reason = "a test that cannot go on fails"
)]

mod support;

/// A line to PostgreSQL that can be frozen and cut.
#[path = "../../../crates/store/tests/records/weak_line.rs"]
mod weak_line;

mod accounts;
mod addresses;
mod alike;
mod allowance;
mod beside;
mod connections;
mod database;
mod deeds;
mod disk;
mod doors;
mod evening;
mod faces;
mod foreign;
mod forgotten;
mod forms;
mod frames;
mod guests;
mod hashing;
mod hats;
mod http;
mod joining;
mod keeping;
mod messages;
mod metrics;
mod new_address;
mod notices;
mod office;
mod one_address;
mod one_persons_data;
mod openid;
mod parting;
mod passkeys;
mod privacy;
mod program;
mod proxied;
mod ready;
mod restarting;
mod restoring;
mod retained;
mod returning;
mod rooms;
mod second_factor;
mod statements;
mod stops;
mod takeover;
mod talks;
mod tls;
mod waiting;
mod webhooks;
mod windows;
mod worker;
mod world;
