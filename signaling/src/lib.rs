//! The program `homeroom`: HTTP, WebSocket, one task per call, settings.
//!
//! It brings the rules of calls to the network: who opens a link, presses Join, comes back or goes
//! becomes an event of [`call::Call`], and its effects become messages and orders to the media
//! plane. It refuses to know how media travels, and decides nothing about seats itself.

mod admissions;
mod api;
mod call_task;
mod claimed;
mod clock;
mod clock_watch;
pub mod data;
mod deeds;
pub mod demo;
mod device;
pub mod doctor;
mod hashing;
mod headers;
pub mod health;
mod healthz;
mod house;
mod limits;
mod listen;
pub mod log;
pub mod media;
mod metrics;
mod news;
pub mod open_files;
mod origin;
mod outbox;
mod page;
mod password;
mod prepared;
mod presence;
pub mod private;
pub mod proxies;
mod records;
mod records_watch;
mod relay;
mod retention;
pub mod roster;
pub mod server;
mod session_records;
pub mod settings;
mod sign_ins;
mod socket;
mod staff_session;
mod supervise;
mod switchboard;
pub mod tls;

pub use api::description;
pub use origin::PublicUrl;
pub use password::{PasswordError, renew_password};
