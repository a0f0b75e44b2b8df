//! Where teachers stand in walking order, which times that are chosen for a parent follow (EVE-2).

use jiff::Timestamp;
use school::{Actor, Refusal, TeacherId};

use crate::audit::Action;
use crate::fault::{Read, Result};
use crate::store::Store;
use crate::value::values;

impl Store {
    /// Puts a teacher behind so many others; those from there on stand one further on. Behind
    /// more than there are is last.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`].
    pub async fn place_teacher(
        &self,
        id: TeacherId,
        place: u32,
        actor: Actor,
        now: Timestamp,
    ) -> Result<()> {
        let mut work = self.write().await?;
        let rows = work
            .all(
                "SELECT id, place FROM teachers
                 WHERE school = $1 AND removed_at IS NULL ORDER BY place, name, id",
                values![self.school],
            )
            .await?;
        let mut order = rows
            .iter()
            .map(|row| Ok((row.get(0)?, row.maybe(1)?)))
            .collect::<Read<Vec<(TeacherId, Option<i64>)>>>()?;
        let found = order.iter().position(|(one, _)| *one == id);
        let moved = order.remove(found.ok_or(Refusal::NotFound)?);
        let at = usize::try_from(place)
            .unwrap_or(usize::MAX)
            .min(order.len());
        order.insert(at, moved);
        for (place, (teacher, before)) in (0_i64..).zip(&order) {
            if *before != Some(place) {
                work.run(
                    "UPDATE teachers SET place = $3 WHERE school = $1 AND id = $2",
                    values![self.school, *teacher, place],
                )
                .await?;
            }
        }
        let subject = format!("teacher:{id}");
        self.audit(&mut work, actor, Action::Changed, &subject, &[], now)
            .await?;
        work.commit().await?;
        Ok(())
    }
}
