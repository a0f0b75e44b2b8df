//! What every part of the running program shares.

use std::sync::Arc;

use links::Keyring;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::admissions::Admissions;
use crate::clock::Clock;
use crate::limits::Limiter;
use crate::media::MediaPlane;
use crate::origin::PublicUrl;
use crate::roster::Roster;
use crate::settings;
use crate::switchboard::Switchboard;
use crate::tls::Tls;

/// One running server.
pub(crate) struct House {
    pub(crate) rules: settings::Calls,
    pub(crate) public_url: PublicUrl,
    pub(crate) keyring: Keyring,
    pub(crate) roster: Roster,
    pub(crate) admissions: Admissions,
    pub(crate) switchboard: Switchboard,
    pub(crate) limiter: Limiter,
    pub(crate) media: Arc<dyn MediaPlane>,
    /// The certificate, where pages are served over TLS.
    pub(crate) tls: Option<Tls>,
    pub(crate) clock: Clock,
    /// Cancelled when the program is to end.
    pub(crate) closing: CancellationToken,
    /// Every task of the server.
    pub(crate) tasks: TaskTracker,
}
