//! Who of the staff belongs to a meeting room: how they enter it, and what ends with their belonging to it
//! (ROOM-1).

use std::collections::BTreeSet;

use jiff::Timestamp;
use links::{LinkId, Record};
use school::meeting::Due;
use school::{AreaId, Holder, HolderId, MeetingId, Refusal, Role, RoomId, StaffId};

use crate::database::Work;
use crate::deeds::Aftermath;
use crate::entitled::still_due;
use crate::fault::{Read, Result};
use crate::store::Store;
use crate::value::{columns, list, listed, values};

columns! {
    struct DeadLinkRow {
        id: LinkId,
    }
}

columns! {
    struct LeftRow {
        meeting: MeetingId,
    }
}

columns! {
    struct InAreaRow {
        area: AreaId,
    }
}

impl Store {
    /// The link by which a member enters a room, made where none lives.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] where they do not belong to it.
    pub async fn enter_room(&self, staff: StaffId, id: RoomId) -> Result<Record> {
        let mut work = self.write().await?;
        let room = self.find_open_room(&mut work, id).await?;
        if !room.members.iter().any(|(it, _)| *it == staff) {
            return Err(Refusal::NotFound.into());
        }
        let link = self
            .ensure_link(&mut work, id.into(), Holder::Staff(staff))
            .await?;
        work.commit().await?;
        Ok(link)
    }

    /// Who belongs to a room, and is entitled to its meeting with those guests who are.
    pub(crate) async fn set_members(
        &self,
        work: &mut Work,
        (room, meeting): (RoomId, MeetingId),
        members: &BTreeSet<StaffId>,
        now: Timestamp,
    ) -> Result<()> {
        if members.is_empty() {
            return Err(Refusal::NoMember.into());
        }
        work.run(
            "DELETE FROM room_members WHERE school = $1 AND room = $2",
            values![self.school, room],
        )
        .await?;
        let sql = listed!(
            work,
            "INSERT INTO room_members (school, room, staff)
             SELECT school, CAST($3 AS BIGINT), id FROM staff
             WHERE school = $1 AND disabled_at IS NULL AND id IN",
            ""
        );
        let all = values![self.school, list(members), room];
        let entered = work.run(sql, all).await?;
        if usize::try_from(entered) != Ok(members.len()) {
            return Err(Refusal::NotFound.into());
        }
        let stands = self.standing_in(work, meeting).await?;
        let mut due = still_due(&stands);
        due.retain(|it| it.role == Role::Guest);
        due.extend(members.iter().map(|staff| Due {
            holder: HolderId(staff.0),
            role: Role::Member,
        }));
        self.write_entitled(work, meeting, (&due, &stands), now)
            .await?;
        Ok(())
    }

    /// Somebody belongs to a room no more.
    pub(crate) async fn end_member(
        &self,
        work: &mut Work,
        (id, staff): (RoomId, StaffId),
        now: Timestamp,
    ) -> Result<()> {
        let room = self.find_room(work, id).await?;
        let holder = Holder::Staff(staff);
        work.run(
            "DELETE FROM room_members WHERE school = $1 AND room = $2 AND staff = $3",
            values![self.school, id, staff],
        )
        .await?;
        self.withdraw_link(work, id.into(), holder, now).await?;
        self.end_entitled(work, (room.meeting, holder), now).await?;
        Ok(())
    }

    /// Somebody of the staff belongs to no room and no waiting area any more: what that ends.
    pub(crate) async fn leave_rooms(
        &self,
        work: &mut Work,
        staff: StaffId,
        now: Timestamp,
    ) -> Read<Aftermath> {
        let links: Vec<DeadLinkRow> = work
            .rows(
                "UPDATE links SET withdrawn_at = $3
                 WHERE school = $1 AND holder = $2 AND withdrawn_at IS NULL RETURNING id",
                values![self.school, staff, now],
            )
            .await?;
        let left: Vec<LeftRow> = work
            .rows(
                "UPDATE entitled SET ended_at = $3
                 WHERE school = $1 AND holder = $2 AND ended_at IS NULL RETURNING meeting",
                values![self.school, staff, now],
            )
            .await?;
        let areas: Vec<InAreaRow> = work
            .rows(
                "SELECT area FROM area_providers WHERE school = $1 AND staff = $2",
                values![self.school, staff],
            )
            .await?;
        for sql in [
            "DELETE FROM room_members WHERE school = $1 AND staff = $2",
            "DELETE FROM area_providers WHERE school = $1 AND staff = $2",
            "DELETE FROM evening_managers WHERE school = $1 AND staff = $2",
        ] {
            work.run(sql, values![self.school, staff]).await?;
        }
        let mut aftermath = Aftermath {
            links: links.into_iter().map(|row| row.id).collect(),
            changed: left.into_iter().map(|row| row.meeting).collect(),
            ..Aftermath::default()
        };
        // Whoever waits may have nobody to wait for.
        for InAreaRow { area } in areas {
            aftermath.extend(self.hears_of_area(work, area, now).await?);
        }
        Ok(aftermath)
    }
}
