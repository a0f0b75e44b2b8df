//! What every part of the running program shares.

use std::sync::Arc;
use std::time::Duration;

use call::{CallId, Headcount};
use cluster::Alone;
use links::Keyring;
use live::Live;
use school::Countries;
use sfu::Standing;
use store::Store;
use tokio::sync::{Mutex, Notify};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::counted::{Counted, Tells};
use crate::disks::Disks;
use crate::face::LastLogo;
use crate::hashing::Passwords;
use crate::health::{Health, State};
use crate::intake::Intakes;
use crate::limits::Limiter;
use crate::listen::Places;
use crate::looks::Looks;
use crate::media::MediaPlane;
use crate::metrics::Answers;
use crate::nodes::Nodes;
use crate::openid::Openid;
use crate::origin::PublicUrl;
use crate::private::Private;
use crate::proxies::Proxies;
use crate::settings;
use crate::sign_ins::SignIns;
use crate::tls::Tls;
use crate::webhooks::Webhooks;

/// One running server.
pub(crate) struct House {
    pub(crate) rules: settings::Calls,
    pub(crate) public_url: PublicUrl,
    /// Whether text messages are sent at all.
    pub(crate) sends_texts: bool,
    /// To the mobiles of which countries text messages go.
    pub(crate) countries: Countries,
    /// How many go in 24 hours at most.
    pub(crate) texts_a_day: u32,
    pub(crate) keyring: Keyring,
    /// Takes people from the information system, and from the import folder.
    pub(crate) intake: Intakes,
    pub(crate) store: Store,
    /// The meetings in which somebody is.
    pub(crate) live: Arc<Live>,
    /// What they have changed, to be written down; none where several nodes write it together.
    pub(crate) alone: Option<Arc<Alone>>,
    /// This node and the others, where there are others.
    pub(crate) nodes: Option<Arc<Nodes>>,
    /// Cancelled where the other nodes hold this one to be gone.
    pub(crate) is_gone: CancellationToken,
    pub(crate) limiter: Limiter,
    pub(crate) sign_ins: SignIns,
    /// Where passwords wait for their turn.
    pub(crate) passwords: Passwords,
    /// One form is saved at a time.
    pub(crate) saving: Mutex<()>,
    /// What these count, for the other nodes.
    pub(crate) tells: Tells,
    /// By what provider the staff sign in, where there is one.
    pub(crate) openid: Option<Arc<Openid>>,
    /// Who is told of what happens, where somebody is.
    pub(crate) webhooks: Option<Arc<Webhooks>>,
    /// By what programs on other machines may read figures.
    pub(crate) metrics_token: Option<Private<String>>,
    /// How requests are answered.
    pub(crate) answers: Answers,
    /// What connections take up.
    pub(crate) places: Arc<Places>,
    /// Whose word on a client's address is taken.
    pub(crate) proxies: Proxies,
    pub(crate) media: Arc<dyn MediaPlane>,
    /// The certificate, where pages are served over TLS.
    pub(crate) tls: Option<Tls>,
    /// The logo that was asked for last.
    pub(crate) logo: LastLogo,
    /// How much room there is where it writes.
    pub(crate) disks: Disks,
    /// How its parts are.
    pub(crate) health: Health,
    /// Wakes whoever sends the e-mails that are in the outbox.
    pub(crate) post: Arc<Notify>,
    /// Wakes whoever sends the text messages.
    pub(crate) texts: Arc<Notify>,
    /// Cancelled when the program is to end.
    pub(crate) closing: CancellationToken,
    /// Every task of the server.
    pub(crate) tasks: TaskTracker,
    /// Those of them that are deeds: what they did is told after them.
    pub(crate) deeds: TaskTracker,
    /// Wakes whoever has all pages look once more.
    pub(crate) looks: Looks,
}

/// What is cancelled as a program ends, its tasks, and those of them that are deeds.
pub(crate) type Ending = (CancellationToken, TaskTracker, TaskTracker);

impl House {
    /// How every part is, the media plane too, by name.
    pub(crate) fn health(&self) -> Vec<(&'static str, State)> {
        let mut parts = self.health.all();
        let media = media(&self.media.standing()).unwrap_or(State::Well);
        parts.push(("media", media));
        parts.push(("meetings", meetings(&self.live)));
        if let Some(nodes) = &self.nodes {
            parts.push(("node_heard", nodes.standing()));
        }
        parts
    }

    /// Calls that the run of the program before this one left go on.
    pub(crate) fn restore(&self, left_behind: Vec<CallId>) {
        let restore = |call| self.live.restore(call);
        left_behind.into_iter().for_each(restore);
    }

    /// Whether what is done once, by whichever node, is this program's to do.
    pub(crate) fn is_on_duty(&self) -> bool {
        self.nodes.as_ref().is_none_or(|it| it.is_on_duty())
    }

    /// How many are in calls here, or wait for a seat.
    pub(crate) fn headcount(&self) -> Headcount {
        match (&self.alone, &self.nodes) {
            (Some(alone), _) => alone.headcount(),
            (None, Some(nodes)) => nodes.shared.headcount(),
            (None, None) => Headcount::default(),
        }
    }

    /// Whether no password of the staff opens but one that was made on this machine.
    pub(crate) fn is_only_by_provider(&self) -> bool {
        self.openid.as_ref().is_some_and(|it| it.is_only())
    }

    /// What another node has counted.
    pub(crate) fn hear_counted(&self, counted: &Counted) {
        if !self.limiter.hear(counted) {
            self.sign_ins.hear(counted);
        }
    }

    /// Something was put into the outbox.
    pub(crate) fn wake_post(&self) {
        self.post.notify_one();
        self.texts.notify_one();
    }
}

/// For how long it is said that the owner of a meeting broke off.
const BROKEN: Duration = Duration::from_mins(1);

/// What there is to say of the owners of meetings.
fn meetings(live: &Live) -> State {
    if live.has_broken_within(BROKEN) {
        let sentence = "A meeting broke off by a fault of the program and was begun anew.";
        State::Doubtful(sentence.to_owned())
    } else {
        State::Well
    }
}

/// What there is to say of the media plane's workers.
fn media(standing: &Standing) -> Option<State> {
    let names = |workers: &[usize]| {
        let names: Vec<String> = workers.iter().map(ToString::to_string).collect();
        names.join(", ")
    };
    if !standing.down.is_empty() {
        let down = names(&standing.down);
        let sentence = format!("Worker {down} ended and is started anew.");
        Some(State::Unwell(sentence))
    } else if !standing.anew.is_empty() {
        let anew = names(&standing.anew);
        let sentence = format!("Worker {anew} ended and was started anew just now.");
        Some(State::Unwell(sentence))
    } else if !standing.still.is_empty() {
        let still = names(&standing.still);
        let sentence =
            format!("Worker {still} stands still; if it does so for long, it is replaced.");
        Some(State::Unwell(sentence))
    } else if standing.left_behind > 0 {
        let sentence = "A worker that stood still was replaced, and part of it is left behind: \
            start the program anew when nobody talks.";
        Some(State::Doubtful(sentence.to_owned()))
    } else {
        None
    }
}
