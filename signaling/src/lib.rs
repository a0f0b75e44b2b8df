//! The program `homeroom`: settings, listening, HTTP, sockets, commands.
//!
//! It brings [`live`] to the network and to the records: a socket carries what the browser says to it
//! and back, and a request that changes something tells it what follows. It refuses to know how media
//! travels, and who sits where.

mod acme;
mod api;
mod audit_heads;
mod authenticator;
mod backup;
mod clock_watch;
mod closings;
mod counted;
pub mod data;
mod deeds;
pub mod demo;
mod device;
mod disks;
pub mod doctor;
mod dropped;
mod face;
mod hashing;
mod headers;
pub mod health;
mod healthz;
mod house;
mod intake;
mod limits;
mod listen;
pub mod log;
mod looks;
pub mod media;
mod metrics;
pub mod nodes;
pub mod open_files;
mod openid;
mod origin;
mod page;
mod passkey;
mod password;
mod plain_file;
mod port;
pub mod proxies;
mod records;
mod records_watch;
mod reminders;
mod retention;
mod rounds;
pub mod server;
mod session_records;
pub mod settings;
pub mod setup;
mod sign_ins;
pub mod socket;
mod staff_session;
mod supervise;
pub mod tls;
mod tries;
mod watcher;
pub mod webhooks;

pub use api::description;
pub use live::private;
pub use origin::PublicUrl;
pub use password::{PasswordError, renew_password};
