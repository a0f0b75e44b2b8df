//! Deeds, carried out: what the rules say follows is done in the deed's own transaction, and what
//! the living part must do comes back.

mod carry;
mod entries;
mod facts;
mod tell;

pub(crate) use carry::FORMER_TEACHER;

use std::collections::BTreeSet;

use jiff::Timestamp;
use links::LinkId;
use school::deed::{self, Change, Deed};
use school::{Actor, BookingId};

use crate::database::Work;
use crate::fault::Result;
use crate::store::Store;

/// What is to be done among the living after a deed: sessions of these links and these calls end at
/// once, and these pages show something else.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Aftermath {
    /// Links that are dead for ever.
    pub links: Vec<LinkId>,
    /// Calls that are cancelled.
    pub calls: Vec<BookingId>,
    /// Calls whose people are others from now on: who may be in them is read again.
    pub changed: Vec<BookingId>,
    /// Appointments of which the office is to say what becomes of them.
    pub asked: Vec<BookingId>,
    /// Links whose open pages show something else.
    pub pages: BTreeSet<LinkId>,
}

impl Aftermath {
    pub(crate) fn extend(&mut self, other: Self) {
        self.links.extend(other.links);
        self.calls.extend(other.calls);
        self.changed.extend(other.changed);
        self.asked.extend(other.asked);
        self.pages.extend(other.pages);
    }
}

impl Store {
    /// Does everything that follows from a deed, in the transaction of the deed.
    ///
    /// # Errors
    ///
    /// What [`deed::consequences`] refuses.
    pub(crate) async fn perform(
        &self,
        work: &mut Work,
        deed: &Deed,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let facts = self.facts(work, deed, now).await?;
        let follows = deed::consequences(deed, &facts, actor, now)?;
        let mut aftermath = self.carry_out(work, &follows, now).await?;
        if !aftermath.asked.is_empty() {
            self.tell_office(work, now).await?;
        }
        for told in &follows.told {
            self.tell(work, told, &facts, now).await?;
        }
        // Last: what is said of people who are erased was read from what is erased.
        for change in &follows.changes {
            if let Change::Erase(person) = change {
                self.erase(work, *person, now).await?;
            }
        }
        for entry in &follows.log {
            self.enter(work, actor, entry, now).await?;
        }
        aftermath.pages = self.pages(work, &follows.pages).await?;
        Ok(aftermath)
    }
}
