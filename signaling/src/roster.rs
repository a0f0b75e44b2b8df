//! Who is entitled to which call: a view of the records.
//!
//! Nothing is kept in memory beside the records. A link is looked up by its key, so that what was
//! withdrawn a moment ago opens nothing, and the page of a whole class of parents costs the
//! database less than their sound.

use std::sync::Arc;

use call::{CallId, LinkId, Talk};
use school::MeetingId;
use school::meeting::{Entitled, Meeting};
use store::{Gathering, Holder};

use crate::house::House;

/// A link, as the rules of calls know it.
pub(crate) const fn link_of(id: links::LinkId) -> LinkId {
    LinkId(id.number())
}

/// The call of a meeting.
pub(crate) const fn call_of(MeetingId(id): MeetingId) -> CallId {
    CallId(id)
}

/// Who may be in a call, by their links.
#[derive(Clone, Debug)]
pub(crate) struct Roster {
    pub(crate) call: Gathering,
}

impl Roster {
    pub(crate) const fn meeting(&self) -> &Meeting {
        &self.call.meeting
    }

    pub(crate) const fn id(&self) -> CallId {
        call_of(self.call.meeting.id)
    }

    /// Who holds this link.
    pub(crate) fn holder(&self, link: LinkId) -> Option<&Entitled> {
        let link = links::LinkId::from_number(link.0)?;
        self.call.holder(link)
    }

    /// The link of somebody, if one lives.
    pub(crate) fn link(&self, holder: Holder) -> Option<LinkId> {
        self.call.link(holder).map(link_of)
    }

    /// The link that a seat is kept for until its holder has come, where seats are kept.
    pub(crate) fn seat_kept_for(&self) -> Option<LinkId> {
        self.link(self.meeting().seat_kept_for()?)
    }

    /// Its talk, as far as it has come, where it has its hours.
    pub(crate) fn talk(&self) -> Option<Talk> {
        let (hours, course) = self.call.talk?;
        Some(Talk::new(hours, course))
    }

    /// The links of all who may be in it.
    pub(crate) fn all_links(&self) -> impl Iterator<Item = LinkId> {
        self.call.links.values().map(|record| link_of(record.id))
    }

    /// The links of those whose pages show who is there.
    pub(crate) fn followers(&self) -> impl Iterator<Item = LinkId> {
        let all = self.meeting().entitled.iter();
        all.filter(|one| one.role.follows_presence())
            .filter_map(|one| self.link(one.holder))
    }

    /// Whether whoever holds `reader` is told that `contested` goes from device to device.
    pub(crate) fn hears_of_contest(&self, reader: LinkId, contested: LinkId) -> bool {
        match (self.holder(reader), self.holder(contested)) {
            (Some(reader), Some(contested)) => self
                .meeting()
                .hears_of_contest(reader.holder, contested.holder),
            (_, _) => false,
        }
    }

    /// This, with those of `before` who are still `here` and whom it entitles no more: they are
    /// being told so.
    pub(crate) fn with_those_here(mut self, before: &Self, here: impl Fn(LinkId) -> bool) -> Self {
        for (holder, record) in &before.call.links {
            let link = link_of(record.id);
            if here(link)
                && self.holder(link).is_none()
                && let Some(one) = before.meeting().entitled(*holder)
            {
                self.call.links.insert(*holder, *record);
                self.call.meeting.entitled.retain(|it| it.holder != *holder);
                self.call.meeting.entitled.push(one.clone());
            }
        }
        self
    }
}

impl House {
    /// Who may be in a call; none where it is unknown or cancelled.
    pub(crate) async fn roster(&self, call: CallId) -> store::Result<Option<Arc<Roster>>> {
        let call = self.store.gathering(MeetingId(call.0), ambient::now());
        Ok(call.await?.map(|call| Arc::new(Roster { call })))
    }
}
