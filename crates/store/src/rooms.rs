//! Meeting rooms: who belongs to them, and the guests who come by their links (ROOM-1 to ROOM-7).

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use links::{LinkId, Record};
use school::meeting::{CAP, Door, Due, MeetingKind, Number, Standing, reconcile};
use school::rooms::{Asks, Details, Limit, Terms};
use school::{
    Actor, AreaId, EmailAddress, Holder, HolderId, HolderKind, Label, MeetingId, Name, Note,
    Refusal, Role, RoomId, Scope, StaffId, VisitorId,
};

use crate::areas::{read_hours, written};
use crate::audit::Action;
use crate::call_guests::changed;
use crate::database::Work;
use crate::deeds::Aftermath;
use crate::fault::{Fault, Read, Result};
use crate::held::{AtDoor, Comer};
use crate::store::Store;
use crate::value::{columns, list, listed, values};

/// For how long a guest who came by a room's link may come back by their own.
pub(crate) const VISIT: SignedDuration = SignedDuration::from_hours(24);

/// How many guests one room takes in that time: whoever has its link may pass it on.
const MOST_VISITORS: i64 = 200;

/// What the office says of a room.
#[derive(Clone, Debug)]
pub struct RoomDraft {
    /// What it is called.
    pub name: Label,
    /// How guests come in.
    pub door: Door,
    /// Who belongs to it.
    pub members: BTreeSet<StaffId>,
    /// What else is said of it.
    pub terms: Terms,
}

/// A meeting room.
#[derive(Clone, Debug)]
pub struct Room {
    /// Its id.
    pub id: RoomId,
    /// What people talk in.
    pub meeting: MeetingId,
    /// What it is called.
    pub name: Label,
    /// How guests come in.
    pub door: Door,
    /// Who belongs to it, by name.
    pub members: Vec<(StaffId, Name)>,
    /// What else the office says of it.
    pub terms: Terms,
    /// Since when the office has it closed: its links open nothing.
    pub closed_at: Option<Timestamp>,
    /// What its link is made from.
    pub link: Record,
}

columns! {
    struct RoomRow {
        id: RoomId,
        meeting: MeetingId,
        name: Label,
        door: Door,
        hours: String,
        asks: String,
        limit_min: Option<i64>,
        closed_at: Option<Timestamp>,
        staff: Option<StaffId>,
        member: Option<Name>,
        link: LinkId,
        version: u32,
        key: u32,
    }
}

columns! {
    struct StandingRow {
        holder: Option<HolderId>,
        number: u32,
        role: Role,
        ended_at: Option<Timestamp>,
    }
}

columns! {
    /// A room or a waiting area, by one of its meetings.
    pub(crate) struct PlaceOf {
        pub(crate) kind: MeetingKind,
        pub(crate) name: Label,
        pub(crate) door: Door,
        limit_min: Option<i64>,
        /// When the last call in it began, where it is a room.
        pub(crate) began: Option<Timestamp>,
    }
}

impl PlaceOf {
    /// After how long a call in it ends.
    pub(crate) fn limit(&self) -> Read<Option<Limit>> {
        read_limit(self.limit_min)
    }
}

fn read_limit(minutes: Option<i64>) -> Read<Option<Limit>> {
    let limit = minutes.map(Limit::of_minutes).transpose();
    limit.map_err(|_refused| Fault::Broken("a limit that is none"))
}

/// What is kept of the terms of a room.
pub(crate) fn read_terms(hours: &str, asks: &str, minutes: Option<i64>) -> Read<Terms> {
    Ok(Terms {
        hours: read_hours(hours)?,
        asks: Asks::of_code(asks),
        limit: read_limit(minutes)?,
    })
}

columns! {
    struct CameRow {
        id: VisitorId,
    }
}

columns! {
    struct LinkRow {
        id: LinkId,
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

macro_rules! rooms {
    ($where:literal) => {
        concat!(
            "SELECT rooms.id AS id, rooms.meeting AS meeting, rooms.name AS name,
               meetings.door AS door, rooms.hours AS hours, rooms.asks AS asks,
               rooms.limit_min AS limit_min, rooms.closed_at AS closed_at,
               staff.id AS staff, staff.name AS member,
               links.id AS link, links.version AS version, links.key AS key
             FROM rooms
             JOIN meetings ON meetings.school = rooms.school AND meetings.id = rooms.meeting
             JOIN links ON links.school = rooms.school AND links.scope = rooms.id
               AND links.holder = rooms.id AND links.withdrawn_at IS NULL
             LEFT JOIN room_members ON room_members.school = rooms.school
               AND room_members.room = rooms.id
             LEFT JOIN staff ON staff.school = room_members.school
               AND staff.id = room_members.staff
             WHERE rooms.school = $1 AND ",
            $where,
            " ORDER BY rooms.name, rooms.id, staff.name, staff.id"
        )
    };
}

fn gathered(rows: Vec<RoomRow>) -> Read<Vec<Room>> {
    let mut rooms: Vec<Room> = Vec::new();
    for row in rows {
        let member = row.staff.zip(row.member);
        match rooms.last_mut() {
            Some(last) if last.id == row.id => last.members.extend(member),
            Some(_) | None => rooms.push(Room {
                id: row.id,
                meeting: row.meeting,
                name: row.name,
                door: row.door,
                members: member.into_iter().collect(),
                terms: read_terms(&row.hours, &row.asks, row.limit_min)?,
                closed_at: row.closed_at,
                link: Record {
                    id: row.link,
                    version: row.version,
                    key: links::KeyId(row.key),
                },
            }),
        }
    }
    Ok(rooms)
}

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
    /// All rooms, by name; those that are closed too.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn rooms(&self) -> Result<Vec<Room>> {
        let mut work = self.glance().await?;
        let rows = work.rows(rooms!("0 = 0"), values![self.school]).await?;
        Ok(gathered(rows)?)
    }

    /// The rooms that somebody belongs to and that are not closed, by name (ROOM-1).
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn rooms_of(&self, staff: StaffId) -> Result<Vec<Room>> {
        let mut work = self.glance().await?;
        let sql = rooms!(
            "rooms.closed_at IS NULL AND rooms.id IN (SELECT room FROM room_members
               WHERE room_members.school = $1 AND room_members.staff = $2)"
        );
        let rows = work.rows(sql, values![self.school, staff]).await?;
        Ok(gathered(rows)?)
    }

    /// A room.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`].
    pub async fn room(&self, id: RoomId) -> Result<Room> {
        let mut work = self.glance().await?;
        self.find_room(&mut work, id).await
    }

    async fn find_room(&self, work: &mut Work, id: RoomId) -> Result<Room> {
        let rows = work
            .rows(rooms!("rooms.id = $2"), values![self.school, id])
            .await?;
        let found = gathered(rows)?.into_iter().next();
        Ok(found.ok_or(Refusal::NotFound)?)
    }

    /// A room that is not closed.
    async fn find_open_room(&self, work: &mut Work, id: RoomId) -> Result<Room> {
        let room = self.find_room(work, id).await?;
        match room.closed_at {
            Some(_) => Err(Refusal::NotFound.into()),
            None => Ok(room),
        }
    }

    /// What a meeting is held in that has no hours; nothing where that is closed.
    pub(crate) async fn place_of_meeting(
        &self,
        work: &mut Work,
        meeting: MeetingId,
    ) -> Read<Option<PlaceOf>> {
        work.row(
            "SELECT meetings.kind AS kind, COALESCE(rooms.name, areas.name) AS name,
               meetings.door AS door, rooms.limit_min AS limit_min,
               (SELECT MAX(start_at) FROM talks WHERE talks.school = rooms.school
                 AND talks.meeting = rooms.meeting) AS began
             FROM meetings
             LEFT JOIN rooms ON rooms.school = meetings.school AND rooms.id = meetings.scope
             LEFT JOIN areas ON areas.school = meetings.school AND areas.id = meetings.scope
             WHERE meetings.school = $1 AND meetings.id = $2
               AND meetings.kind IN ('room', 'area') AND rooms.closed_at IS NULL",
            values![self.school, meeting],
        )
        .await
    }

    /// Makes a room, with its link (ROOM-6).
    ///
    /// # Errors
    ///
    /// [`Refusal::NoMember`], and [`Refusal::NotFound`] where a member is nobody of the staff.
    pub async fn add_room(
        &self,
        draft: &RoomDraft,
        actor: Actor,
        now: Timestamp,
    ) -> Result<RoomId> {
        let mut work = self.write().await?;
        let (id, meeting) = (RoomId(Self::new_id()), MeetingId(Self::new_id()));
        let scope = Scope::Room(id);
        work.run(
            "INSERT INTO scopes (school, id, kind) VALUES ($1, $2, $3)",
            values![self.school, scope, scope.code()],
        )
        .await?;
        work.run(
            "INSERT INTO meetings (school, id, kind, scope, cap, door)
             VALUES ($1, $2, $3, $4, $5, $6)",
            values![
                self.school,
                meeting,
                MeetingKind::Room.code(),
                scope,
                i64::from(CAP),
                draft.door.code()
            ],
        )
        .await?;
        work.run(
            "INSERT INTO rooms (school, id, meeting, name, made_at) VALUES ($1, $2, $3, $4, $5)",
            values![self.school, id, meeting, &draft.name, now],
        )
        .await?;
        self.set_terms(&mut work, id, &draft.terms).await?;
        self.enter_holder(&mut work, HolderKind::Door, HolderId(id.0))
            .await?;
        self.ensure_link(&mut work, scope, scope.door()).await?;
        self.set_members(&mut work, (id, meeting), &draft.members, now)
            .await?;
        let subject = format!("room:{id}");
        self.audit(&mut work, actor, Action::RoomAdded, &subject, &[], now)
            .await?;
        work.commit().await?;
        Ok(id)
    }

    /// Changes a room. Whoever belongs to it no more is out of it.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] and [`Refusal::NoMember`].
    pub async fn change_room(
        &self,
        id: RoomId,
        draft: &RoomDraft,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let room = self.find_room(&mut work, id).await?;
        work.run(
            "UPDATE rooms SET name = $3 WHERE school = $1 AND id = $2",
            values![self.school, id, &draft.name],
        )
        .await?;
        self.set_terms(&mut work, id, &draft.terms).await?;
        work.run(
            "UPDATE meetings SET door = $3 WHERE school = $1 AND id = $2",
            values![self.school, room.meeting, draft.door.code()],
        )
        .await?;
        self.set_members(&mut work, (id, room.meeting), &draft.members, now)
            .await?;
        let mut aftermath = Aftermath::default();
        aftermath.changed.insert(room.meeting);
        // Whoever stands at its door reads what it asks now.
        aftermath.pages.insert(room.link.id);
        for (staff, _) in &room.members {
            if !draft.members.contains(staff) {
                let holder = Holder::Staff(*staff);
                let killed = self
                    .withdraw_link(&mut work, id.into(), holder, now)
                    .await?;
                aftermath.links.extend(killed);
            }
        }
        let subject = format!("room:{id}");
        self.audit(&mut work, actor, Action::RoomChanged, &subject, &[], now)
            .await?;
        work.commit().await?;
        Ok(aftermath)
    }

    async fn set_terms(&self, work: &mut Work, id: RoomId, terms: &Terms) -> Read<()> {
        work.run(
            "UPDATE rooms SET hours = $3, asks = $4, limit_min = $5 WHERE school = $1 AND id = $2",
            values![
                self.school,
                id,
                written(terms.hours.as_ref()),
                terms.asks.code(),
                terms.limit.map(|it| i64::from(it.minutes()))
            ],
        )
        .await?;
        Ok(())
    }

    /// Closes a room: its call ends, its links open nothing, and what waits to be sent to its guests is
    /// not sent. Closed already, there is nothing to do.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`].
    pub async fn close_room(&self, id: RoomId, actor: Actor, now: Timestamp) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let room = self.find_room(&mut work, id).await?;
        if room.closed_at.is_some() {
            return Ok(Aftermath::default());
        }
        self.shut_room(&mut work, id, now).await?;
        let aftermath = self.shown_to(&mut work, &room).await?;
        let subject = format!("room:{id}");
        self.audit(&mut work, actor, Action::RoomClosed, &subject, &[], now)
            .await?;
        work.commit().await?;
        Ok(Aftermath {
            ended: BTreeSet::from([room.meeting]),
            ..aftermath
        })
    }

    /// A room is closed from now on: what waits to be sent to its guests is not sent.
    pub(crate) async fn shut_room(&self, work: &mut Work, id: RoomId, now: Timestamp) -> Read<()> {
        work.run(
            "DELETE FROM mail WHERE school = $1 AND scope = $2 AND state IN ('queued', 'sending')",
            values![self.school, id],
        )
        .await?;
        self.set_closed(work, id, Some(now)).await
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

    /// Opens a room again, with the links it had. Open already, there is nothing to do.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`].
    pub async fn reopen_room(&self, id: RoomId, actor: Actor, now: Timestamp) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let room = self.find_room(&mut work, id).await?;
        if room.closed_at.is_none() {
            return Ok(Aftermath::default());
        }
        self.set_closed(&mut work, id, None).await?;
        let aftermath = self.shown_to(&mut work, &room).await?;
        let subject = format!("room:{id}");
        self.audit(&mut work, actor, Action::RoomReopened, &subject, &[], now)
            .await?;
        work.commit().await?;
        Ok(aftermath)
    }

    async fn set_closed(&self, work: &mut Work, id: RoomId, closed: Option<Timestamp>) -> Read<()> {
        work.run(
            "UPDATE rooms SET closed_at = $3 WHERE school = $1 AND id = $2",
            values![self.school, id, closed],
        )
        .await?;
        Ok(())
    }

    /// Whoever sees that a room is there, or is not: its members, and all who have a link to it.
    async fn shown_to(&self, work: &mut Work, room: &Room) -> Read<Aftermath> {
        let links: Vec<LinkRow> = work
            .rows(
                "SELECT id FROM links WHERE school = $1 AND scope = $2 AND withdrawn_at IS NULL",
                values![self.school, room.id],
            )
            .await?;
        Ok(Aftermath {
            pages: links.into_iter().map(|row| row.id).collect(),
            staff: room.members.iter().map(|(staff, _)| *staff).collect(),
            ..Aftermath::default()
        })
    }

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

    /// Gives a room another link; the one before is dead, and whoever came by it stays (ROOM-6).
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`].
    pub async fn renew_room_link(
        &self,
        id: RoomId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        self.find_room(&mut work, id).await?;
        let holder = Scope::Room(id).door();
        let killed = self
            .withdraw_link(&mut work, id.into(), holder, now)
            .await?;
        self.ensure_link(&mut work, id.into(), holder).await?;
        let subject = format!("room:{id}");
        self.audit(
            &mut work,
            actor,
            Action::RoomLinkRenewed,
            &subject,
            &[],
            now,
        )
        .await?;
        work.commit().await?;
        Ok(Aftermath {
            links: killed.into_iter().collect(),
            ..Aftermath::default()
        })
    }

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
            return Ok((link.ok_or(Refusal::NotFound)?, Aftermath::default()));
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
    pub(crate) async fn enter_visitor(
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

    /// Somebody is entitled to a meeting no more.
    pub(crate) async fn end_entitled(
        &self,
        work: &mut Work,
        (meeting, holder): (MeetingId, Holder),
        now: Timestamp,
    ) -> Read<()> {
        let stands = self.standing_in(work, meeting).await?;
        let mut due = still_due(&stands);
        due.retain(|it| it.holder != holder.id());
        self.write_entitled(work, meeting, (&due, &stands), now)
            .await
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

    /// Who belongs to a room, and is entitled to its meeting with those guests who are.
    async fn set_members(
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

    pub(crate) async fn write_entitled(
        &self,
        work: &mut Work,
        meeting: MeetingId,
        (due, stands): (&[Due], &[Standing]),
        now: Timestamp,
    ) -> Read<()> {
        let written: Vec<_> = reconcile(due, stands)
            .into_iter()
            .map(|one| (meeting, one))
            .collect();
        self.keep_entitled(work, &written, now).await
    }

    /// Who has a number in a meeting.
    pub(crate) async fn standing_in(
        &self,
        work: &mut Work,
        meeting: MeetingId,
    ) -> Read<Vec<Standing>> {
        let rows: Vec<StandingRow> = work
            .rows(
                "SELECT holder, number, role, ended_at FROM entitled
                 WHERE school = $1 AND meeting = $2 ORDER BY number",
                values![self.school, meeting],
            )
            .await?;
        let stands = rows.into_iter().map(|row| Standing {
            holder: row.holder,
            number: Number(row.number),
            role: row.role,
            has_ended: row.ended_at.is_some(),
        });
        Ok(stands.collect())
    }
}

/// Those who are entitled as things stand.
pub(crate) fn still_due(stands: &[Standing]) -> Vec<Due> {
    stands
        .iter()
        .filter(|it| !it.has_ended)
        .filter_map(|it| {
            Some(Due {
                holder: it.holder?,
                role: it.role,
            })
        })
        .collect()
}
