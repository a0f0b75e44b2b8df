//! Who hears by e-mail that an appointment was moved or cancelled (INV-8).

use jiff::Timestamp;
use school::{EmailAddress, Refusal};

use crate::appointments::Appointment;
use crate::audit::Actor;
use crate::database::Work;
use crate::fault::Result;
use crate::holders::Holder;
use crate::store::Store;
use crate::value::values;

impl Store {
    /// The parent hears of it, and the guests whom they invited for that student. A parent who did
    /// it gets their appointments as they are now; where the office did, what has changed.
    pub(crate) async fn tell_of_change(
        &self,
        work: &mut Work,
        before: &Appointment,
        actor: Actor,
        now: Timestamp,
    ) -> Result<()> {
        match actor {
            Actor::Staff(_) => self.tell_parent(work, before, now).await?,
            Actor::Parent(_)
            | Actor::Guest(_)
            | Actor::Teacher(_)
            | Actor::Program
            | Actor::Unknown => {
                let (evening, parent) = (before.evening, before.parent);
                self.queue_confirmation(work, evening, parent, self.options.settle, now)
                    .await?;
            }
        }
        self.tell_guests(work, before, now).await
    }

    /// Not a parent without an address, nor one whom a court order keeps away.
    async fn tell_parent(
        &self,
        work: &mut Work,
        before: &Appointment,
        now: Timestamp,
    ) -> Result<()> {
        let row = work
            .one(
                "SELECT email FROM contacts
                 WHERE school = $1 AND id = $2 AND court_order_at IS NULL AND may_be IS NULL",
                values![self.school, before.parent],
            )
            .await?
            .ok_or(Refusal::NotFound)?;
        let parent = Holder::Parent(before.parent);
        self.ensure_link(work, before.evening, parent).await?;
        match row.maybe::<EmailAddress>(0)? {
            Some(address) => self.tell_changed(work, before, parent, &address, now).await,
            None => Ok(()),
        }
    }
}
