//! Who is entitled to which meeting, as its owner sees it: a view of the records, and nothing is kept
//! beside them.

use std::collections::{BTreeMap, BTreeSet};

use call::{CallId, Course, Hours, LinkId, Talk};
use jiff::{SignedDuration, Timestamp};
use school::meeting::{Door, Entitled, Meeting, MeetingKind};
use school::{Holder, MeetingId, Power};

/// The clocks of nodes may differ by so much at most: whoever is so much too early may stay.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(1);

/// A link, as the rules of calls know it.
#[must_use]
pub const fn link_of(id: links::LinkId) -> LinkId {
    LinkId(id.number())
}

/// The call of a meeting.
#[must_use]
pub const fn call_of(MeetingId(id): MeetingId) -> CallId {
    CallId(id)
}

/// Who may be in a meeting, by their links.
#[derive(Clone, Debug)]
pub struct Roster {
    /// What it is, and who may be in it.
    pub meeting: Meeting,
    /// The links that live of those who have one.
    pub links: BTreeMap<Holder, LinkId>,
    /// Those of them whose holders have yet to accept the ground rules of today (SCR-15).
    pub rules_unread: BTreeSet<LinkId>,
    /// The hours of its talk and how far it has come, where it has its hours.
    pub talk: Option<(Hours, Course)>,
    /// After how long a call in it ends, where it has no hours and such a limit.
    pub limit: Option<SignedDuration>,
    /// When the last call in it began, where that is a room's.
    pub began: Option<Timestamp>,
    /// How often a call in it was stopped, for abuse (SCR-14): one more ends the call that is on.
    pub stops: usize,
    /// Whether that keeps everybody out of it.
    pub is_shut: bool,
    /// The links that live of those whom it keeps out.
    pub kept_out: BTreeSet<LinkId>,
}

impl Roster {
    pub(crate) const fn id(&self) -> CallId {
        call_of(self.meeting.id)
    }

    /// Who holds this link.
    pub(crate) fn holder(&self, link: LinkId) -> Option<&Entitled> {
        let (holder, _) = self.links.iter().find(|(_, it)| **it == link)?;
        self.meeting.entitled(*holder)
    }

    /// The link of somebody, if one lives.
    pub(crate) fn link(&self, holder: Holder) -> Option<LinkId> {
        self.links.get(&holder).copied()
    }

    /// The link that a seat is kept for until its holder has come, where seats are kept.
    pub(crate) fn seat_kept_for(&self) -> Option<LinkId> {
        self.link(self.meeting.seat_kept_for()?)
    }

    /// Whether whoever has this link is kept out because a call was stopped.
    pub(crate) fn keeps_out(&self, link: LinkId) -> bool {
        self.is_shut || self.kept_out.contains(&link)
    }

    /// Whether nobody comes to it yet: whoever is in it came before it was moved.
    pub(crate) fn is_too_early(&self, now: Timestamp) -> bool {
        let window = self.meeting.window;
        window.is_some_and(|it| it.opens.duration_since(now) > CLOCKS_DIFFER)
    }

    /// Whether guests knock.
    pub(crate) const fn is_kept(&self) -> bool {
        match self.meeting.door {
            Door::Open => false,
            Door::Kept => true,
        }
    }

    /// Whether its guests wait for one of its members, and for so long only.
    pub(crate) const fn is_hosted(&self) -> bool {
        match self.meeting.kind {
            MeetingKind::Appointment => false,
            MeetingKind::Room | MeetingKind::Area => true,
        }
    }

    /// Whether when a call in it began is written down: what limits it is counted from then.
    pub(crate) const fn keeps_beginning(&self) -> bool {
        match self.meeting.kind {
            MeetingKind::Room => true,
            MeetingKind::Appointment | MeetingKind::Area => false,
        }
    }

    /// Whether whoever holds this link is at home here: guests wait for them, and they never knock.
    pub(crate) fn is_host(&self, link: LinkId) -> bool {
        self.holder(link)
            .is_some_and(|it| it.role.is_of_the_school())
    }

    /// Whether whoever holds this link comes because somebody of the school took them into it out of a
    /// waiting area: they need not knock.
    pub(crate) fn is_fetched(&self, link: LinkId) -> bool {
        self.holder(link).is_some_and(|it| {
            matches!(it.holder, Holder::Visitor(_))
                && matches!(it.invited_by, Some(Holder::Staff(_)))
        })
    }

    /// Its talk, as far as it has come, where it has its hours; or that of a call that `began` then, to
    /// its limit, and until `soonest` at least.
    pub(crate) fn talk(&self, began: Timestamp, soonest: Timestamp) -> Option<Talk> {
        if let Some((hours, course)) = self.talk {
            return Some(Talk::new(hours, course));
        }
        let ends = began.checked_add(self.limit?).unwrap_or(Timestamp::MAX);
        let ends = ends.max(soonest);
        let hours = Hours {
            starts: began,
            ends,
            latest: ends,
        };
        Some(Talk::new(hours, Course::default()))
    }

    /// The links of all who may be in it.
    pub(crate) fn all_links(&self) -> impl Iterator<Item = LinkId> {
        self.links.values().copied()
    }

    /// The links of those whose pages show who is there: of who has several meetings in a row, and of
    /// families, who wait for them.
    pub(crate) fn followers(&self) -> impl Iterator<Item = LinkId> {
        let all = self.meeting.entitled.iter();
        all.filter(|one| one.role.follows_presence() || !one.role.is_of_the_school())
            .filter_map(|one| self.link(one.holder))
    }

    /// Whether whoever holds `by` may disconnect who holds `whom` (SCR-5).
    pub(crate) fn may_disconnect(&self, by: LinkId, whom: LinkId) -> bool {
        match (self.holder(by), self.holder(whom)) {
            (Some(by), Some(whom)) => self.meeting.may_disconnect(by.holder, whom.holder),
            (_, _) => false,
        }
    }

    /// Whether whoever holds this link may put guests on hold, and take them off it (SCR-14).
    pub(crate) fn holds(&self, link: LinkId) -> bool {
        let may = |it: &Entitled| it.powers.has(Power::Disconnect);
        self.holder(link).is_some_and(may)
    }

    /// Whether whoever holds `by` may put who holds `whom` on hold.
    pub(crate) fn may_hold(&self, by: LinkId, whom: LinkId) -> bool {
        by != whom && self.holds(by) && !self.is_host(whom)
    }

    /// This, with those of `before` who are still `here` and whom it entitles no more: they are
    /// being told so.
    pub(crate) fn with_those_here(mut self, before: &Self, here: impl Fn(LinkId) -> bool) -> Self {
        for (holder, link) in &before.links {
            if here(*link)
                && self.holder(*link).is_none()
                && let Some(one) = before.meeting.entitled(*holder)
            {
                self.links.insert(*holder, *link);
                self.meeting.entitled.retain(|it| it.holder != *holder);
                self.meeting.entitled.push(one.clone());
            }
        }
        self
    }
}
