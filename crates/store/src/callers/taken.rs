//! Callers whom a provider takes into a call: a new one of the area, or the one they are in; and how they
//! come to wait again (WAIT-2, WAIT-4).

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use links::{KeyId, LinkId, Record};
use school::meeting::{CAP, Door, Due, MeetingKind, Role};
use school::waiting::{Step, Visit};
use school::{
    Actor, AreaId, EmailAddress, Holder, HolderId, KeptOut, Label, MeetingId, Note, Refusal, Scope,
    StaffId, StopId, VisitorId,
};

use super::{Caller, CallerRow, since};
use crate::audit::Action;
use crate::database::Work;
use crate::deeds::Aftermath;
use crate::entitled::still_due;
use crate::fault::{Read, Result};
use crate::store::Store;
use crate::value::{columns, list, listed, values};

/// The links by which a provider is in calls.
#[derive(Clone, Debug, Default)]
pub struct ProviderLinks {
    /// In those of their areas.
    pub areas: BTreeMap<AreaId, LinkId>,
    /// In meeting rooms, and in appointments that they take.
    pub elsewhere: Vec<LinkId>,
}

columns! {
    struct OwnRow {
        area: Option<AreaId>,
        link: LinkId,
    }
}

/// An evening at which somebody with an account takes appointments.
#[derive(Clone, Debug)]
pub struct StaffEvening {
    /// What it is called.
    pub name: Label,
    /// When it begins.
    pub starts: Timestamp,
    /// Its time zone.
    pub zone: String,
    /// Their link to it.
    pub link: Record,
}

columns! {
    struct EveningRow {
        name: Label,
        starts: Timestamp,
        zone: String,
        link: LinkId,
        version: u32,
        key: u32,
    }
}

columns! {
    struct LinkRow {
        link: LinkId,
        version: u32,
        key: u32,
    }
}

columns! {
    struct AccountRow {
        id: StaffId,
        email_key: String,
    }
}

columns! {
    struct TeacherRow {
        id: HolderId,
        email: EmailAddress,
    }
}

columns! {
    struct HeldRow {
        area: AreaId,
    }
}

columns! {
    struct MeetingRow {
        meeting: MeetingId,
    }
}

const fn record(id: LinkId, version: u32, key: u32) -> Record {
    let key = KeyId(key);
    Record { id, version, key }
}

impl LinkRow {
    const fn record(self) -> Record {
        record(self.link, self.version, self.key)
    }
}

impl Store {
    /// A provider takes a caller into a new meeting of the area (WAIT-4); gives the link by which the
    /// provider joins it. The same provider again gets the same. `there` are the links of callers who are
    /// in calls: the link leads into one meeting at a time.
    ///
    /// # Errors
    ///
    /// [`Refusal::HasCaller`] where another whom they took, in whatever area, is on the way to another meeting
    /// or in it, [`Refusal::CallerTaken`], [`Refusal::CallerGone`], and [`Refusal::NotFound`].
    pub async fn take_caller(
        &self,
        (staff, area, caller): (StaffId, AreaId, VisitorId),
        there: &BTreeSet<LinkId>,
        now: Timestamp,
    ) -> Result<(Record, Aftermath)> {
        let mut work = self.write().await?;
        let caller = self.find_for(&mut work, (staff, area, caller), now).await?;
        let meeting = MeetingId(Self::new_id());
        let taken = caller.visit.step(Step::Take { by: staff, meeting })?;
        let others = self.taken_by(&mut work, staff, now).await?;
        let is_elsewhere = |it: &Caller| {
            it.id != caller.id && it.visit.meeting() != taken.meeting() && it.is_on(there)
        };
        if others.iter().any(is_elsewhere) {
            return Err(Refusal::HasCaller.into());
        }
        let aftermath;
        if taken != caller.visit {
            self.open_meeting(&mut work, area, meeting).await?;
            let due = [
                (HolderId(staff.0), Role::Member),
                (HolderId(caller.id.0), Role::Guest),
            ];
            let due = due.map(|(holder, role)| Due { holder, role });
            self.write_entitled(&mut work, meeting, (&due, &[]), now)
                .await?;
            let step = (&caller, taken, &Note::default());
            aftermath = self.write_step(&mut work, step, now).await?;
            let (subject, actor) = (format!("visitor:{}", caller.id), Actor::Staff(staff));
            self.audit(&mut work, actor, Action::CallerTaken, &subject, &[], now)
                .await?;
        } else {
            aftermath = self.who_sees(&mut work, &caller, [area], now).await?;
            // Their link leads into the meeting of whom they took last.
            work.run(
                "UPDATE callers SET stage_at = $3 WHERE school = $1 AND id = $2 AND stage_at < (
                   SELECT MAX(stage_at) FROM callers AS others
                   WHERE others.school = $1 AND others.area = $4 AND others.taken_by = $5
                     AND others.stage = 'taken' AND others.meeting <> $6)",
                values![self.school, caller.id, now, area, staff, taken.meeting()],
            )
            .await?;
        }
        let own = self
            .ensure_link(&mut work, area.into(), Holder::Staff(staff))
            .await?;
        let elsewhere = match taken.meeting() {
            Some(meeting) if taken == caller.visit => {
                self.way_into(&mut work, staff, meeting).await?
            }
            Some(_) | None => None,
        };
        work.commit().await?;
        Ok((elsewhere.unwrap_or(own), aftermath))
    }

    /// The link by which a provider comes into a meeting of theirs, whatever it is of.
    async fn way_into(
        &self,
        work: &mut Work,
        staff: StaffId,
        meeting: MeetingId,
    ) -> Read<Option<Record>> {
        let mut holders = self.teachers_behind(work, staff).await?;
        holders.insert(HolderId(staff.0));
        let sql = listed!(
            work,
            "SELECT links.id AS link, links.version AS version, links.key AS key FROM entitled
             JOIN meetings ON meetings.school = entitled.school
               AND meetings.id = entitled.meeting
             JOIN links ON links.school = entitled.school AND links.scope = meetings.scope
               AND links.holder = entitled.holder AND links.withdrawn_at IS NULL
             WHERE entitled.school = $1 AND entitled.meeting = $3
               AND entitled.ended_at IS NULL AND entitled.holder IN",
            ""
        );
        let all = values![self.school, list(holders), meeting];
        let row: Option<LinkRow> = work.row(sql, all).await?;
        Ok(row.map(LinkRow::record))
    }

    /// Those who were taken in an area.
    pub(crate) async fn taken_in(
        &self,
        work: &mut Work,
        area: AreaId,
        now: Timestamp,
    ) -> Read<Vec<Caller>> {
        let sql = callers!("callers.area = $3 AND callers.stage = 'taken'");
        let all = values![self.school, since(now), area];
        let rows: Vec<CallerRow> = work.rows(sql, all).await?;
        rows.into_iter().map(CallerRow::read).collect()
    }

    /// Those whom a provider took, in whatever area.
    async fn taken_by(&self, work: &mut Work, staff: StaffId, now: Timestamp) -> Read<Vec<Caller>> {
        let sql = callers!("callers.taken_by = $3 AND callers.stage = 'taken'");
        let all = values![self.school, since(now), staff];
        let rows: Vec<CallerRow> = work.rows(sql, all).await?;
        rows.into_iter().map(CallerRow::read).collect()
    }

    /// A caller who was taken waits again, with the turn they had (WAIT-4).
    ///
    /// # Errors
    ///
    /// [`Refusal::CallerGone`], and [`Refusal::NotFound`].
    pub async fn put_back(
        &self,
        (staff, area, caller): (StaffId, AreaId, VisitorId),
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let caller = self.find_for(&mut work, (staff, area, caller), now).await?;
        let aftermath = self
            .write_back(&mut work, &caller, Actor::Staff(staff), now)
            .await?;
        work.commit().await?;
        Ok(aftermath)
    }

    /// No provider came to a caller in a meeting in time: they wait again, with the turn they had. Of
    /// whoever else waited there in vain nothing is written.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn nobody_came(
        &self,
        caller: VisitorId,
        meeting: MeetingId,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let Some(caller) = self.known_caller(&mut work, caller, now).await? else {
            return Ok(Aftermath::default());
        };
        if caller.visit.meeting() != Some(meeting) {
            return Ok(Aftermath::default());
        }
        let aftermath = self
            .write_back(&mut work, &caller, Actor::Program, now)
            .await?;
        work.commit().await?;
        Ok(aftermath)
    }

    /// A meeting into which callers were taken is over for good. They wait again, with the turn they had;
    /// where it was stopped for abuse, whoever has been in it waits no more, and is among those whom the
    /// stop keeps out.
    pub(crate) async fn callers_go(
        &self,
        work: &mut Work,
        (meeting, stop): (MeetingId, Option<StopId>),
        now: Timestamp,
    ) -> Result<Aftermath> {
        let sql = callers!("callers.meeting = $3 AND callers.stage = 'taken'");
        let all = values![self.school, since(now), meeting];
        let rows: Vec<CallerRow> = work.rows(sql, all).await?;
        let (mut aftermath, mut out) = (Aftermath::default(), BTreeSet::new());
        for row in rows {
            let caller = row.read()?;
            if stop.is_some() && caller.has_joined {
                out.insert(Holder::Visitor(caller.id));
            } else {
                let back = self.write_back(work, &caller, Actor::Program, now);
                aftermath.extend(back.await?);
            }
        }
        aftermath.extend(self.end_waits_of(work, &out, now).await?);
        if let Some(stop) = stop {
            self.keep_out(work, stop, &KeptOut::These(out)).await?;
        }
        Ok(aftermath)
    }

    async fn write_back(
        &self,
        work: &mut Work,
        caller: &Caller,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let waits = caller.visit.step(Step::Back)?;
        if waits == caller.visit {
            let area = caller.visit.area;
            return Ok(self.who_sees(work, caller, [area], now).await?);
        }
        let step = (caller, waits, &Note::default());
        let aftermath = self.write_step(work, step, now).await?;
        let subject = format!("visitor:{}", caller.id);
        self.audit(work, actor, Action::CallerBack, &subject, &[], now)
            .await?;
        Ok(aftermath)
    }

    /// A provider takes a caller into the call in which they are, where `seated` are in it (WAIT-2): one of
    /// their areas, to which the caller is passed on, of a meeting room, or of an appointment. Into a full
    /// one it is refused, and the caller goes on waiting.
    ///
    /// # Errors
    ///
    /// [`Refusal::CallFull`], [`Refusal::CallerTaken`], [`Refusal::CallerGone`], and
    /// [`Refusal::NotFound`].
    pub async fn add_caller(
        &self,
        (staff, area, caller): (StaffId, AreaId, VisitorId),
        (meeting, seated): (MeetingId, &BTreeSet<LinkId>),
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let caller = self.find_for(&mut work, (staff, area, caller), now).await?;
        let stands = self.standing_in(&mut work, meeting).await?;
        let mut due = still_due(&stands);
        let taken = caller.visit.step(Step::Take { by: staff, meeting })?;
        let mut they = self.teachers_behind(&mut work, staff).await?;
        they.insert(HolderId(staff.0));
        if !due.iter().any(|it| they.contains(&it.holder)) {
            return Err(Refusal::NotFound.into());
        }
        if taken == caller.visit {
            // Pressed twice, it is done once; from another call they are not fetched away.
            if caller.visit.meeting() != Some(meeting) {
                return Err(Refusal::CallerTaken.into());
            }
            let mut aftermath = self.who_sees(&mut work, &caller, [area], now).await?;
            aftermath.changed.insert(meeting);
            return Ok(aftermath);
        }
        let held = self.area_of(&mut work, meeting).await?;
        let taken = Visit {
            area: held.unwrap_or(area),
            ..taken
        };
        let on_the_way = self.on_the_way(&mut work, meeting, seated, now).await?;
        if seated.len() + on_the_way >= usize::from(CAP) {
            return Err(Refusal::CallFull.into());
        }
        due.push(Due {
            holder: HolderId(caller.id.0),
            role: Role::Guest,
        });
        self.write_entitled(&mut work, meeting, (&due, &stands), now)
            .await?;
        if taken.area != area {
            self.move_link(&mut work, caller.link, taken.area).await?;
        }
        let step = (&caller, taken, &Note::default());
        let mut aftermath = self.write_step(&mut work, step, now).await?;
        aftermath.changed.insert(meeting);
        let (subject, actor) = (format!("visitor:{}", caller.id), Actor::Staff(staff));
        let (action, detail) = (Action::CallerTaken, [("meeting", meeting.0)]);
        self.audit(&mut work, actor, action, &subject, &detail, now)
            .await?;
        work.commit().await?;
        Ok(aftermath)
    }

    /// The teachers who somebody with an account is: those of the same address.
    async fn teachers_behind(&self, work: &mut Work, staff: StaffId) -> Read<BTreeSet<HolderId>> {
        let account: Option<AccountRow> = work
            .row(
                "SELECT id, email_key FROM staff WHERE school = $1 AND id = $2",
                values![self.school, staff],
            )
            .await?;
        let teachers: Vec<TeacherRow> = work
            .rows(
                "SELECT id, email FROM teachers
                 WHERE school = $1 AND email IS NOT NULL AND removed_at IS NULL",
                values![self.school],
            )
            .await?;
        let key = account.map(|row| row.email_key);
        let theirs = teachers.iter().filter(|it| Some(it.email.key()) == key);
        Ok(theirs.map(|it| it.id).collect())
    }

    /// The evenings to come at which somebody with an account takes appointments, the next first, with their
    /// links (ROOM-7).
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn evenings_of_staff(
        &self,
        staff: StaffId,
        now: Timestamp,
    ) -> Result<Vec<StaffEvening>> {
        let mut work = self.read().await?;
        let teachers = self.teachers_behind(&mut work, staff).await?;
        let sql = listed!(
            work,
            "SELECT evenings.name AS name, evenings.start_at AS starts, evenings.zone AS zone,
               links.id AS link, links.version AS version, links.key AS key
             FROM links
             JOIN evenings ON evenings.school = links.school AND evenings.id = links.scope
             WHERE links.school = $1 AND links.withdrawn_at IS NULL AND evenings.end_at > $3
               AND evenings.cancelled_at IS NULL AND links.holder IN",
            "ORDER BY evenings.start_at, evenings.id"
        );
        let all = values![self.school, list(teachers), now];
        let rows: Vec<EveningRow> = work.rows(sql, all).await?;
        let evenings = rows.into_iter().map(|row| StaffEvening {
            name: row.name,
            starts: row.starts,
            zone: row.zone,
            link: record(row.link, row.version, row.key),
        });
        Ok(evenings.collect())
    }

    /// Who signs in that comes to meetings as this one: the account itself, or that of a teacher's
    /// address.
    pub(crate) async fn staff_behind(
        &self,
        work: &mut Work,
        holder: Holder,
    ) -> Read<Option<StaffId>> {
        match holder {
            Holder::Staff(staff) => Ok(Some(staff)),
            Holder::Teacher(teacher) => {
                let row: Option<TeacherRow> = work
                    .row(
                        "SELECT id, email FROM teachers
                         WHERE school = $1 AND id = $2 AND email IS NOT NULL",
                        values![self.school, teacher],
                    )
                    .await?;
                let Some(row) = row else { return Ok(None) };
                let account: Option<AccountRow> = work
                    .row(
                        "SELECT id, email_key FROM staff WHERE school = $1 AND email_key = $2",
                        values![self.school, row.email.key()],
                    )
                    .await?;
                Ok(account.map(|row| row.id))
            }
            Holder::Parent(_) | Holder::Guest(_) | Holder::Visitor(_) | Holder::Door(_) => Ok(None),
        }
    }

    /// The area whose meeting it is.
    pub(crate) async fn area_of(
        &self,
        work: &mut Work,
        meeting: MeetingId,
    ) -> Read<Option<AreaId>> {
        let found: Option<HeldRow> = work
            .row(
                "SELECT areas.id AS area FROM meetings
                 JOIN areas ON areas.school = meetings.school AND areas.id = meetings.scope
                 WHERE meetings.school = $1 AND meetings.id = $2",
                values![self.school, meeting],
            )
            .await?;
        Ok(found.map(|row| row.area))
    }

    /// How many were taken into a meeting and have not come yet.
    async fn on_the_way(
        &self,
        work: &mut Work,
        meeting: MeetingId,
        seated: &BTreeSet<LinkId>,
        now: Timestamp,
    ) -> Read<usize> {
        let all = values![self.school, since(now), meeting];
        let sql = callers!(
            "callers.meeting = $3 AND callers.stage = 'taken' AND callers.joined_at IS NULL"
        );
        let rows: Vec<CallerRow> = work.rows(sql, all).await?;
        Ok(rows.iter().filter(|it| !seated.contains(&it.link)).count())
    }

    /// The links by which a provider is in calls.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn provider_links(&self, staff: StaffId) -> Result<ProviderLinks> {
        let mut work = self.read().await?;
        let mut holders = self.teachers_behind(&mut work, staff).await?;
        holders.insert(HolderId(staff.0));
        let sql = listed!(
            work,
            "SELECT areas.id AS area, links.id AS link FROM links
             LEFT JOIN areas ON areas.school = links.school AND areas.id = links.scope
             WHERE links.school = $1 AND links.withdrawn_at IS NULL AND links.holder IN",
            ""
        );
        let all = values![self.school, list(holders)];
        let rows: Vec<OwnRow> = work.rows(sql, all).await?;
        let mut links = ProviderLinks::default();
        for row in rows {
            if let Some(area) = row.area {
                links.areas.insert(area, row.link);
            } else {
                links.elsewhere.push(row.link);
            }
        }
        Ok(links)
    }

    /// The meeting that a provider took a caller into last, in an area.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn called_by(
        &self,
        staff: StaffId,
        area: AreaId,
        now: Timestamp,
    ) -> Result<Option<MeetingId>> {
        let mut work = self.glance().await?;
        let row: Option<MeetingRow> = work
            .row(
                "SELECT callers.meeting AS meeting FROM callers
                 JOIN meetings ON meetings.school = callers.school
                   AND meetings.id = callers.meeting AND meetings.scope = callers.area
                 WHERE callers.school = $1 AND callers.area = $2 AND callers.taken_by = $3
                   AND callers.stage = 'taken' AND callers.came_at > $4
                 ORDER BY callers.stage_at DESC, callers.id LIMIT 1",
                values![self.school, area, staff, since(now)],
            )
            .await?;
        Ok(row.map(|row| row.meeting))
    }

    /// A new meeting of an area; nobody is entitled to it yet.
    async fn open_meeting(&self, work: &mut Work, area: AreaId, meeting: MeetingId) -> Read<()> {
        work.run(
            "INSERT INTO meetings (school, id, kind, scope, cap, door)
             VALUES ($1, $2, $3, $4, $5, $6)",
            values![
                self.school,
                meeting,
                MeetingKind::Area.code(),
                Scope::Area(area),
                i64::from(CAP),
                Door::Open.code()
            ],
        )
        .await?;
        Ok(())
    }

    /// The meeting of an area that a guest was invited out of.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn invited_out_of(
        &self,
        area: AreaId,
        guest: VisitorId,
    ) -> Result<Option<MeetingId>> {
        let mut work = self.glance().await?;
        let row: Option<MeetingRow> = work
            .row(
                "SELECT call_guests.meeting AS meeting FROM call_guests
                 JOIN meetings ON meetings.school = call_guests.school
                   AND meetings.id = call_guests.meeting
                 WHERE call_guests.school = $1 AND call_guests.id = $2 AND meetings.scope = $3
                   AND call_guests.removed_at IS NULL",
                values![self.school, guest, area],
            )
            .await?;
        Ok(row.map(|row| row.meeting))
    }
}
