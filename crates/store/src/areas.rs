//! Waiting areas, as the office makes them: what they are for, and who takes callers in them.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Time;
use links::Record;
use school::waiting::Hours;
use school::{
    Actor, AreaId, Holder, HolderId, HolderKind, Label, MeetingId, Name, Note, Refusal, Scope,
    StaffId,
};

use crate::audit::Action;
use crate::database::Work;
use crate::deeds::Aftermath;
use crate::fault::{Fault, Read, Result};
use crate::store::Store;
use crate::value::{columns, list, listed, values};

/// What the office says of a waiting area.
#[derive(Clone, Debug)]
pub struct AreaDraft {
    /// What it is called.
    pub name: Label,
    /// What it is for, as callers read it; may be empty.
    pub purpose: Note,
    /// When it is open; always where nothing is said.
    pub hours: Option<Hours>,
    /// Who takes callers in it.
    pub providers: BTreeSet<StaffId>,
}

/// A waiting area.
#[derive(Clone, Debug)]
pub struct Area {
    /// Its id.
    pub id: AreaId,
    /// What it is called.
    pub name: Label,
    /// What it is for, as callers read it; may be empty.
    pub purpose: Note,
    /// When it is open; always where nothing is said.
    pub hours: Option<Hours>,
    /// Who takes callers in it, by name.
    pub providers: Vec<(StaffId, Name)>,
    /// What its link is made from.
    pub link: Record,
}

columns! {
    struct AreaRow {
        id: AreaId,
        name: Label,
        purpose: Note,
        hours: String,
        staff: Option<StaffId>,
        provider: Option<Name>,
        link: links::LinkId,
        version: u32,
        key: u32,
    }
}

columns! {
    struct MeetingRow {
        meeting: MeetingId,
    }
}

columns! {
    struct StaffRow {
        staff: StaffId,
    }
}

macro_rules! areas {
    ($where:literal) => {
        concat!(
            "SELECT areas.id AS id, areas.name AS name, areas.purpose AS purpose,
               areas.hours AS hours,
               staff.id AS staff, staff.name AS provider,
               links.id AS link, links.version AS version, links.key AS key
             FROM areas
             JOIN links ON links.school = areas.school AND links.scope = areas.id
               AND links.holder = areas.id AND links.withdrawn_at IS NULL
             LEFT JOIN area_providers ON area_providers.school = areas.school
               AND area_providers.area = areas.id
             LEFT JOIN staff ON staff.school = area_providers.school
               AND staff.id = area_providers.staff
             WHERE areas.school = $1 AND ",
            $where,
            " ORDER BY areas.name, areas.id, staff.name, staff.id"
        )
    };
}

/// As the records have it.
pub(crate) fn written(hours: Option<&Hours>) -> String {
    hours.map_or_else(String::new, |hours| {
        let days: String = hours.days().iter().map(ToString::to_string).collect();
        let (opens, closes) = (hours.opens(), hours.closes());
        format!(
            "{days} {} {}",
            opens.strftime("%H:%M"),
            closes.strftime("%H:%M")
        )
    })
}

pub(crate) fn read_hours(text: &str) -> Read<Option<Hours>> {
    if text.is_empty() {
        return Ok(None);
    }
    let broken = || Fault::Broken("hours that are none");
    let mut parts = text.split(' ');
    let days = parts.next().unwrap_or_default().bytes();
    let days = days.map(|it| i8::try_from(it.wrapping_sub(b'0')).unwrap_or_default());
    let mut time = || parts.next().and_then(|it| it.parse::<Time>().ok());
    let (opens, closes) = time().zip(time()).ok_or_else(broken)?;
    let hours = Hours::new(days.collect(), opens, closes);
    hours.map(Some).map_err(|_none| broken())
}

fn gathered(rows: Vec<AreaRow>) -> Read<Vec<Area>> {
    let mut areas: Vec<Area> = Vec::new();
    for row in rows {
        let provider = row.staff.zip(row.provider);
        match areas.last_mut() {
            Some(last) if last.id == row.id => last.providers.extend(provider),
            Some(_) | None => areas.push(Area {
                id: row.id,
                name: row.name,
                purpose: row.purpose,
                hours: read_hours(&row.hours)?,
                providers: provider.into_iter().collect(),
                link: Record {
                    id: row.link,
                    version: row.version,
                    key: links::KeyId(row.key),
                },
            }),
        }
    }
    Ok(areas)
}

impl Store {
    /// All waiting areas, by name.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn areas(&self) -> Result<Vec<Area>> {
        let mut work = self.glance().await?;
        let rows = work.rows(areas!("0 = 0"), values![self.school]).await?;
        Ok(gathered(rows)?)
    }

    /// The waiting areas that somebody takes callers in, by name.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn areas_of(&self, staff: StaffId) -> Result<Vec<Area>> {
        let mut work = self.glance().await?;
        let sql = areas!(
            "areas.id IN (SELECT area FROM area_providers
               WHERE area_providers.school = $1 AND area_providers.staff = $2)"
        );
        let rows = work.rows(sql, values![self.school, staff]).await?;
        Ok(gathered(rows)?)
    }

    /// A waiting area.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`].
    pub async fn area(&self, id: AreaId) -> Result<Area> {
        let mut work = self.glance().await?;
        self.find_area(&mut work, id).await
    }

    pub(crate) async fn find_area(&self, work: &mut Work, id: AreaId) -> Result<Area> {
        let rows = work
            .rows(areas!("areas.id = $2"), values![self.school, id])
            .await?;
        let found = gathered(rows)?.into_iter().next();
        Ok(found.ok_or(Refusal::NotFound)?)
    }

    /// Who takes callers in an area.
    pub(crate) async fn providers_of(
        &self,
        work: &mut Work,
        area: AreaId,
    ) -> Read<BTreeSet<StaffId>> {
        let rows: Vec<StaffRow> = work
            .rows(
                "SELECT staff FROM area_providers WHERE school = $1 AND area = $2",
                values![self.school, area],
            )
            .await?;
        Ok(rows.into_iter().map(|row| row.staff).collect())
    }

    /// Makes a waiting area, with its link (ROOM-6).
    ///
    /// # Errors
    ///
    /// [`Refusal::NoMember`], and [`Refusal::NotFound`] where a provider is nobody of the staff.
    pub async fn add_area(
        &self,
        draft: &AreaDraft,
        actor: Actor,
        now: Timestamp,
    ) -> Result<AreaId> {
        let mut work = self.write().await?;
        let id = AreaId(Self::new_id());
        let scope = Scope::Area(id);
        work.run(
            "INSERT INTO scopes (school, id, kind) VALUES ($1, $2, $3)",
            values![self.school, scope, scope.code()],
        )
        .await?;
        work.run(
            "INSERT INTO areas (school, id, name, purpose, hours, made_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
            values![
                self.school,
                id,
                &draft.name,
                &draft.purpose,
                written(draft.hours.as_ref()),
                now
            ],
        )
        .await?;
        self.enter_holder(&mut work, HolderKind::Door, HolderId(id.0))
            .await?;
        self.ensure_link(&mut work, scope, scope.door()).await?;
        self.set_providers(&mut work, id, &draft.providers).await?;
        let subject = format!("area:{id}");
        self.audit(&mut work, actor, Action::AreaAdded, &subject, &[], now)
            .await?;
        work.commit().await?;
        Ok(id)
    }

    /// Changes a waiting area. Whoever takes callers in it no more is out of its calls.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] and [`Refusal::NoMember`].
    pub async fn change_area(
        &self,
        id: AreaId,
        draft: &AreaDraft,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let area = self.find_area(&mut work, id).await?;
        work.run(
            "UPDATE areas SET name = $3, purpose = $4, hours = $5 WHERE school = $1 AND id = $2",
            values![
                self.school,
                id,
                &draft.name,
                &draft.purpose,
                written(draft.hours.as_ref())
            ],
        )
        .await?;
        self.set_providers(&mut work, id, &draft.providers).await?;
        // Those who wait read whether it is open.
        let mut aftermath = self.hears_of_area(&mut work, id, now).await?;
        for (staff, _) in &area.providers {
            if !draft.providers.contains(staff) {
                aftermath.staff.insert(*staff);
                self.end_provider(&mut work, (id, *staff), now, &mut aftermath)
                    .await?;
            }
        }
        let subject = format!("area:{id}");
        self.audit(&mut work, actor, Action::AreaChanged, &subject, &[], now)
            .await?;
        work.commit().await?;
        Ok(aftermath)
    }

    /// Gives a waiting area another link; the one before is dead, and whoever came by it waits on.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`].
    pub async fn renew_area_link(
        &self,
        id: AreaId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        self.find_area(&mut work, id).await?;
        let scope = Scope::Area(id);
        let killed = self
            .withdraw_link(&mut work, scope, scope.door(), now)
            .await?;
        self.ensure_link(&mut work, scope, scope.door()).await?;
        let subject = format!("area:{id}");
        let action = Action::AreaLinkRenewed;
        self.audit(&mut work, actor, action, &subject, &[], now)
            .await?;
        work.commit().await?;
        Ok(Aftermath {
            links: killed.into_iter().collect(),
            ..Aftermath::default()
        })
    }

    /// Somebody takes no callers in an area any more: their link to it dies, and their calls there end
    /// for them.
    pub(crate) async fn end_provider(
        &self,
        work: &mut Work,
        (area, staff): (AreaId, StaffId),
        now: Timestamp,
        aftermath: &mut Aftermath,
    ) -> Result<()> {
        let holder = Holder::Staff(staff);
        let killed = self.withdraw_link(work, area.into(), holder, now).await?;
        aftermath.links.extend(killed);
        let meetings: Vec<MeetingRow> = work
            .rows(
                "SELECT entitled.meeting AS meeting FROM entitled
                 JOIN meetings ON meetings.school = entitled.school
                   AND meetings.id = entitled.meeting
                 WHERE entitled.school = $1 AND meetings.scope = $2 AND entitled.holder = $3
                   AND entitled.ended_at IS NULL",
                values![self.school, area, holder],
            )
            .await?;
        for MeetingRow { meeting } in meetings {
            work.run(
                "UPDATE entitled SET ended_at = $4
                 WHERE school = $1 AND meeting = $2 AND holder = $3",
                values![self.school, meeting, holder, now],
            )
            .await?;
            aftermath.changed.insert(meeting);
        }
        Ok(())
    }

    async fn set_providers(
        &self,
        work: &mut Work,
        area: AreaId,
        providers: &BTreeSet<StaffId>,
    ) -> Result<()> {
        if providers.is_empty() {
            return Err(Refusal::NoMember.into());
        }
        // Whoever stays keeps what they say of themselves.
        let sql = listed!(
            work,
            "DELETE FROM area_providers WHERE school = $1 AND area = $3 AND staff NOT IN",
            ""
        );
        work.run(sql, values![self.school, list(providers), area])
            .await?;
        let sql = listed!(
            work,
            "INSERT INTO area_providers (school, area, staff)
             SELECT school, CAST($3 AS BIGINT), id FROM staff
             WHERE school = $1 AND disabled_at IS NULL AND id IN",
            "ON CONFLICT (area, staff, school) DO NOTHING"
        );
        work.run(sql, values![self.school, list(providers), area])
            .await?;
        if self.providers_of(work, area).await?.len() != providers.len() {
            return Err(Refusal::NotFound.into());
        }
        Ok(())
    }
}
