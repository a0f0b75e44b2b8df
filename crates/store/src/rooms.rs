//! Meeting rooms, as the office makes, changes and closes them (ROOM-6).

use std::collections::BTreeSet;

use jiff::Timestamp;
use links::{LinkId, Record};
use school::meeting::{CAP, Door, MeetingKind};
use school::rooms::{Asks, Limit, Terms};
use school::{
    Actor, Holder, HolderId, HolderKind, Label, MeetingId, Name, Refusal, RoomId, Scope, StaffId,
};

use crate::areas::{read_hours, written};
use crate::audit::Action;
use crate::database::Work;
use crate::deeds::Aftermath;
use crate::fault::{Fault, Read, Result};
use crate::store::Store;
use crate::value::{columns, values};

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
    struct LinkRow {
        id: LinkId,
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

    pub(crate) async fn find_room(&self, work: &mut Work, id: RoomId) -> Result<Room> {
        let rows = work
            .rows(rooms!("rooms.id = $2"), values![self.school, id])
            .await?;
        let found = gathered(rows)?.into_iter().next();
        Ok(found.ok_or(Refusal::NotFound)?)
    }

    /// A room that is not closed.
    pub(crate) async fn find_open_room(&self, work: &mut Work, id: RoomId) -> Result<Room> {
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
}
