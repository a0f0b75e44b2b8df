//! The demonstration without sound and picture, for work on pages and protocol: every offer is
//! refused, so that `joined` comes without an answer. It reads the settings `homeroom demo` reads.

use std::io::Write as _;
use std::sync::Arc;

use sfu::{Answering, CallKey, OfferRefused, PeerKey};
use signaling::demo::Demo;
use signaling::media::MediaPlane;
use signaling::server::{Bound, Media};
use signaling::settings::Settings;
use tokio::sync::{mpsc, oneshot};

/// Refuses every offer.
struct NoMedia;

impl MediaPlane for NoMedia {
    fn attach(&self, _call: CallKey, _peer: PeerKey, _seat: u8, _offer: &str) -> Answering {
        refuse()
    }

    fn restart(&self, _peer: PeerKey, _offer: &str) -> Answering {
        refuse()
    }

    fn detach(&self, _peer: PeerKey) {}

    fn stop(&self) {}
}

fn refuse() -> Answering {
    let (answer, answering) = oneshot::channel();
    let refusal = OfferRefused::Malformed("there is no media here".to_owned());
    // The receiver is beside it.
    drop(answer.send(Err(refusal)));
    answering
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter("info,signaling=debug")
        .init();
    let settings = Settings::read_environment()?;
    let bound = Bound::new(&settings).await?;
    let demo = Demo::new(&settings.public_url(bound.address()));
    writeln!(std::io::stdout(), "{}", demo.table())?;
    let (_never_reports, events) = mpsc::channel(1);
    let media = Media {
        plane: Arc::new(NoMedia),
        events,
    };
    let server = bound.serve(&settings, demo.keyring, demo.roster, media);
    tokio::signal::ctrl_c().await?;
    server.stop().await;
    Ok(())
}
