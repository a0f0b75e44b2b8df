//! The records of several nodes, as [`cluster::Shared`] asks them.

use call::{CallId, LinkId, SessionId, TooSoon};
use cluster::{
    Asked, Boot, Decided, Holder, Home, Node, Owning, Press, Refused, Renewed, Said, SessionRecord,
    Term, Truth, Unavailable, Unclaimed,
};
use jiff::Timestamp;

use super::Nodes;
use crate::fault::Result;

/// What the records answer, as the nodes' port has it.
fn asked<T>(answer: Result<T>) -> std::result::Result<T, Unavailable> {
    answer.map_err(|error| Unavailable(Box::new(error)))
}

impl Truth for Nodes {
    fn begin(&self, node: Node) -> Asked<'_, Renewed> {
        Box::pin(async move { asked(self.begin(node).await) })
    }

    fn renew(&self, boot: Boot, said: Said) -> Asked<'_, Renewed> {
        Box::pin(async move { asked(self.renew(boot, said).await) })
    }

    fn end(&self, boot: Boot) -> Asked<'_, ()> {
        Box::pin(async move { asked(self.end(boot).await) })
    }

    fn claim(
        &self,
        press: Press,
        boot: Boot,
        now: Timestamp,
    ) -> Asked<'_, std::result::Result<Decided, Unclaimed>> {
        Box::pin(async move { asked(self.claim(press, boot, now).await) })
    }

    fn check(&self, press: Press, now: Timestamp) -> Asked<'_, std::result::Result<(), TooSoon>> {
        Box::pin(async move { asked(self.check(press, now).await) })
    }

    fn session(&self, session: SessionId) -> Asked<'_, Option<(SessionRecord, bool)>> {
        Box::pin(async move { asked(self.session(session).await) })
    }

    fn hold_gone(&self, boot: Boot, beat: u64) -> Asked<'_, bool> {
        Box::pin(async move { asked(self.hold_gone(boot, beat).await) })
    }

    fn own(&self, call: CallId, boot: Boot) -> Asked<'_, Owning> {
        Box::pin(async move { asked(self.own(call, boot).await) })
    }

    fn home(&self, call: CallId) -> Asked<'_, Home> {
        Box::pin(async move { asked(self.home(call).await) })
    }

    fn holders(&self, link: LinkId, below: SessionId, but: CallId) -> Asked<'_, Vec<Holder>> {
        Box::pin(async move { asked(self.holders((link, below), but).await) })
    }

    fn keep(&self, boot: Boot, records: Vec<SessionRecord>) -> Asked<'_, Vec<Refused>> {
        Box::pin(async move { asked(self.keep(boot, records).await) })
    }

    fn leave(&self, call: CallId, boot: Boot, term: Term) -> Asked<'_, ()> {
        Box::pin(async move { asked(self.leave(call, boot, term).await) })
    }
}
