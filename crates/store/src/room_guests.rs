//! Guests who come to meeting rooms by their links, each for a day (ROOM-3).

use jiff::{SignedDuration, Timestamp};
use links::Record;
use school::meeting::Due;
use school::rooms::Details;
use school::{
    Actor, EmailAddress, Holder, HolderKind, Label, MeetingId, Name, Note, Refusal, Role, RoomId,
    Scope, StaffId, VisitorId,
};

use crate::audit::Action;
use crate::call_guests::changed;
use crate::database::Work;
use crate::deeds::Aftermath;
use crate::entitled::still_due;
use crate::fault::{Read, Result};
use crate::held::{AtDoor, Comer};
use crate::store::Store;
use crate::value::{columns, values};

/// For how long a guest who came by a room's link may come back by their own.
pub(crate) const VISIT: SignedDuration = SignedDuration::from_hours(24);

/// How many guests one room takes in that time: whoever has its link may pass it on.
const MOST_VISITORS: i64 = 200;

columns! {
    struct CameRow {
        id: VisitorId,
    }
}

columns! {
    /// Somebody who came to a room, as its members see them.
    #[derive(Clone, Debug)]
    pub struct RoomGuest {
        /// Which room.
        pub room: RoomId,
        /// Their name.
        pub name: Name,
        /// When they came.
        pub came: Timestamp,
        /// The e-mail address they entered.
        pub email: Option<EmailAddress>,
        /// The mobile number they entered.
        pub mobile: Option<Label>,
        /// Why they came; may be empty.
        pub reason: Note,
    }
}

columns! {
    struct VisitRow {
        room: RoomId,
        meeting: MeetingId,
    }
}

impl Store {
    /// The guests who came to the rooms that somebody belongs to and whose day is not over, in the
    /// order of their coming: each room's beside the others'.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn room_guests_of(&self, staff: StaffId, now: Timestamp) -> Result<Vec<RoomGuest>> {
        let mut work = self.glance().await?;
        let since = now.checked_sub(VISIT).unwrap_or(Timestamp::MIN);
        Ok(work
            .rows(
                "SELECT visitors.room AS room, visitors.name AS name, visitors.came_at AS came,
                   visitors.email AS email, visitors.mobile AS mobile, visitors.reason AS reason
                 FROM visitors
                 JOIN room_members ON room_members.school = visitors.school
                   AND room_members.room = visitors.room AND room_members.staff = $2
                 WHERE visitors.school = $1 AND visitors.came_at > $3
                   AND visitors.removed_at IS NULL
                 ORDER BY visitors.came_at, visitors.id",
                values![self.school, staff, since],
            )
            .await?)
    }

    /// Whoever has a room's link says who they are, and gets a link of their own for a day. The same
    /// press again is the same guest.
    ///
    /// # Errors
    ///
    /// [`Refusal::RoomCrowded`], [`Refusal::AreaClosed`], [`Refusal::NotFound`], and [`Refusal::NeedsApproval`] where they may be
    /// somebody with a court order (DIR-4): by the same press they wait, whatever name they give, until
    /// the office has decided.
    pub async fn come_to_room(
        &self,
        id: RoomId,
        (name, details): (&Name, &Details),
        attempt: &str,
        now: Timestamp,
    ) -> Result<(Record, Aftermath)> {
        let mut work = self.write().await?;
        let room = self.find_open_room(&mut work, id).await?;
        let known: Option<CameRow> = work
            .row(
                "SELECT id FROM visitors WHERE school = $1 AND room = $2 AND attempt = $3",
                values![self.school, id, attempt],
            )
            .await?;
        if let Some(CameRow { id: visitor }) = known {
            let holder = Holder::Visitor(visitor);
            let link = self.own_link(&mut work, id.into(), holder).await?;
            return Ok((link.ok_or(Refusal::NotFound)?, changed(room.meeting)));
        }
        let hours = room.terms.hours.as_ref();
        self.check_hours(&mut work, hours, now).await?;
        let scope = Scope::Room(id);
        let today = now.checked_sub(VISIT).unwrap_or(Timestamp::MIN);
        let came = work
            .count(
                "SELECT COUNT(*) FROM visitors WHERE school = $1 AND room = $2 AND came_at > $3",
                values![self.school, id, today],
            )
            .await?;
        let held = self.count_held_at(&mut work, scope, today).await?;
        if came + held >= MOST_VISITORS {
            return Err(Refusal::RoomCrowded.into());
        }
        let comer = Comer {
            name,
            details,
            attempt,
        };
        let came = match self.at_door_stands(&mut work, scope, &comer, now).await? {
            AtDoor::Held => {
                work.commit().await?;
                return Err(Refusal::NeedsApproval.into());
            }
            AtDoor::LetIn(row) => {
                let (who, details) = ((id, room.meeting, row.id), row.details());
                self.enter_visitor(&mut work, who, &row.comer(&details), now)
                    .await?
            }
            AtDoor::Free => {
                let who = (id, room.meeting, VisitorId(Self::new_id()));
                self.enter_visitor(&mut work, who, &comer, now).await?
            }
        };
        work.commit().await?;
        Ok(came)
    }

    /// Writes a guest of a room down, with a link of their own and a number in its meeting.
    async fn enter_visitor(
        &self,
        work: &mut Work,
        (room, meeting, visitor): (RoomId, MeetingId, VisitorId),
        comer: &Comer<'_>,
        now: Timestamp,
    ) -> Result<(Record, Aftermath)> {
        let holder = Holder::Visitor(visitor);
        self.enter_holder(work, HolderKind::Visitor, holder.id())
            .await?;
        work.run(
            "INSERT INTO visitors (school, id, room, name, attempt, came_at, email, email_key,
               mobile, reason)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            values![
                self.school,
                visitor,
                room,
                comer.name,
                comer.attempt,
                now,
                comer.details.email.as_ref().map(EmailAddress::reveal),
                comer.details.email.as_ref().map(EmailAddress::key),
                comer.details.mobile.as_ref().map(Label::as_str),
                &comer.details.reason
            ],
        )
        .await?;
        let link = self.ensure_link(work, room.into(), holder).await?;
        let stands = self.standing_in(work, meeting).await?;
        let mut due = still_due(&stands);
        due.push(Due {
            holder: holder.id(),
            role: Role::Guest,
        });
        self.write_entitled(work, meeting, (&due, &stands), now)
            .await?;
        let subject = format!("room:{room}");
        let actor = Actor::Visitor(visitor);
        self.audit(work, actor, Action::VisitorCame, &subject, &[], now)
            .await?;
        Ok((link, changed(meeting)))
    }

    /// Ends the visit of a guest of a room before their day is over, where there is one.
    pub(crate) async fn end_visitor(
        &self,
        work: &mut Work,
        visitor: VisitorId,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let visit: Option<VisitRow> = work
            .row(
                "UPDATE visitors SET removed_at = $3 WHERE school = $1 AND id = $2
                 RETURNING room, (SELECT meeting FROM rooms
                   WHERE rooms.school = visitors.school AND rooms.id = visitors.room) AS meeting",
                values![self.school, visitor, now],
            )
            .await?;
        let Some(VisitRow { room, meeting }) = visit else {
            return Ok(Aftermath::default());
        };
        let holder = Holder::Visitor(visitor);
        let link = self.withdraw_link(work, room.into(), holder, now).await?;
        self.end_entitled(work, (meeting, holder), now).await?;
        let mut aftermath = changed(meeting);
        aftermath.links.extend(link);
        Ok(aftermath)
    }

    /// Guests of meetings who came, or were invited, before `cut` are erased, and whoever was not let in:
    /// their names, addresses, links and what they were entitled to.
    pub(crate) async fn forget_visitors(&self, work: &mut Work, cut: Timestamp) -> Read<()> {
        for sql in [
            "UPDATE entitled SET holder = NULL WHERE school = $1 AND holder IN
               (SELECT id FROM visitors WHERE school = $1 AND came_at < $2
                UNION ALL SELECT id FROM call_guests WHERE school = $1 AND sent_at < $2)",
            "DELETE FROM holders WHERE school = $1 AND id IN
               (SELECT id FROM visitors WHERE school = $1 AND came_at < $2
                UNION ALL SELECT id FROM call_guests WHERE school = $1 AND sent_at < $2)",
            "DELETE FROM held_at_doors WHERE school = $1 AND held_at < $2",
        ] {
            work.run(sql, values![self.school, cut]).await?;
        }
        Ok(())
    }
}
