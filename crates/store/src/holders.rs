//! Whose link is whose, and what became of it.

use jiff::Timestamp;
use links::{KeyId, LinkId, Record};
use school::evening::{LINKS_OUTLIVE, TEACHERS_READ};
use school::meeting::Door;
use school::rooms::Terms;
use school::waiting::Hours;
use school::{
    Actor, AreaId, ContactId, Evening, EveningId, Holder, HolderId, HolderKind, Label, MeetingId,
    Name, Note, Refusal, RoomId, Scope,
};

use crate::areas::read_hours;
use crate::audit::Action;
use crate::database::{Row, Work};
use crate::evenings::{evening_columns, read_evening};
use crate::fault::{Fault, Read, Result};
use crate::room_guests::VISIT;
use crate::rooms::read_terms;
use crate::store::Store;
use crate::value::{Kept, Value, values};

impl From<Holder> for Value {
    fn from(it: Holder) -> Self {
        it.id().into()
    }
}

impl Kept for HolderKind {
    fn of(row: &Row, column: usize) -> Read<Self> {
        let code: String = row.get(column)?;
        Self::of_code(&code).ok_or(Fault::Broken("a holder of no kind"))
    }
}

/// The holder of whom the kind stands in the column `holder_kind`, and the id in `holder`.
pub(crate) fn read_holder(row: &Row) -> Read<Holder> {
    Ok(Holder::new(row.named("holder_kind")?, row.named("holder")?))
}

/// What may be done with a link.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LinkState {
    /// It opens what it is for.
    Live,
    /// It was withdrawn, and is dead for ever (LINK-2), or its room is closed.
    Withdrawn,
    /// Its evening is over, and its teacher still reads their own page: it joins nothing.
    Past,
    /// Its evening is over, or the day for which a guest of a room or a waiting area had it.
    Expired,
}

/// What a link is for.
#[derive(Clone, Debug)]
pub enum Purpose {
    /// An evening.
    Evening(Box<Evening>),
    /// A meeting room.
    Room(RoomPlace),
    /// A waiting area.
    Area(AreaPlace),
}

/// A waiting area, as its link opens it.
#[derive(Clone, Debug)]
pub struct AreaPlace {
    /// Its id.
    pub id: AreaId,
    /// What it is called.
    pub name: Label,
    /// What it is for.
    pub purpose: Note,
    /// When it is open; always where nothing is said.
    pub hours: Option<Hours>,
    /// Whether anybody takes callers in it: else it is closed.
    pub is_staffed: bool,
}

/// A meeting room, as its link opens it.
#[derive(Clone, Debug)]
pub struct RoomPlace {
    /// Its id.
    pub id: RoomId,
    /// What people talk in.
    pub meeting: MeetingId,
    /// What it is called.
    pub name: Label,
    /// How guests come in.
    pub door: Door,
    /// When they may come, and what they enter.
    pub terms: Terms,
}

/// A link, and whose it is.
#[derive(Clone, Debug)]
pub struct HeldLink {
    /// What its secret is checked with.
    pub record: Record,
    /// Who holds it.
    pub holder: Holder,
    /// Their name.
    pub name: Name,
    /// Whether they were invited out of a meeting and have not said yet who they are.
    pub is_nameless: bool,
    /// The parent who invited them, for a guest.
    pub inviter: Option<Inviter>,
    /// What it is for.
    pub purpose: Purpose,
    /// What may be done with it.
    pub state: LinkState,
    /// The zone its holder reads times in, where it is not the evening's.
    pub zone: Option<String>,
    /// The language its holder reads, a tag of BCP 47, where they have said.
    pub language: Option<String>,
    /// The version of the ground rules that its holder has accepted.
    pub rules: Option<u32>,
}

impl HeldLink {
    /// The evening it is for, where it is for one.
    #[must_use]
    pub fn evening(&self) -> Option<&Evening> {
        match &self.purpose {
            Purpose::Evening(evening) => Some(evening),
            Purpose::Room(_) | Purpose::Area(_) => None,
        }
    }
}

/// The parent who invited a guest.
#[derive(Clone, Debug)]
pub struct Inviter {
    /// Who.
    pub contact: ContactId,
    /// Their name.
    pub name: Name,
    /// Their own link for the evening.
    pub link: Option<LinkId>,
}

/// The record of a link.
fn read_record(row: &Row) -> Read<Record> {
    Ok(Record {
        id: row.named("id")?,
        version: row.named("version")?,
        key: KeyId(row.named("key")?),
    })
}

macro_rules! held_links {
    ($where:literal) => {
        concat!(
            "SELECT ",
            evening_columns!(),
            ", links.id, links.version, links.key, holders.kind AS holder_kind,
               links.holder, COALESCE(contacts.name, invitations.name, teachers.name,
                 visitors.name, call_guests.name, callers.name, staff.name, rooms.name,
                 areas.name, 'Guest') AS holder_name,
               CAST(CASE WHEN call_guests.id IS NOT NULL AND call_guests.name IS NULL
                 THEN 1 ELSE 0 END AS BIGINT) AS is_nameless,
               links.withdrawn_at, links.time_zone, holders.language, links.rules,
               inviters.id AS inviter, inviters.name AS inviter_name, own.id AS inviters_link,
               rooms.id AS room, rooms.meeting AS room_meeting, rooms.name AS room_name,
               meetings.door AS room_door, rooms.hours AS room_hours, rooms.asks AS room_asks,
               rooms.limit_min AS room_limit, rooms.closed_at AS room_closed, areas.id AS area, areas.name AS area_name,
               areas.purpose AS area_purpose, areas.hours AS area_hours,
               (SELECT COUNT(*) FROM area_providers WHERE area_providers.school = areas.school
                 AND area_providers.area = areas.id) AS area_providers,
               COALESCE(visitors.came_at, call_guests.sent_at, callers.came_at) AS came_at
             FROM links
             LEFT JOIN evenings ON evenings.school = links.school AND evenings.id = links.scope
             LEFT JOIN rooms ON rooms.school = links.school AND rooms.id = links.scope
             LEFT JOIN meetings ON meetings.school = rooms.school AND meetings.id = rooms.meeting
             LEFT JOIN areas ON areas.school = links.school AND areas.id = links.scope
             JOIN holders ON holders.school = links.school AND holders.id = links.holder
             LEFT JOIN contacts ON contacts.school = links.school AND contacts.id = links.holder
             LEFT JOIN teachers ON teachers.school = links.school AND teachers.id = links.holder
             LEFT JOIN invitations ON invitations.school = links.school
               AND invitations.id = links.holder
             LEFT JOIN visitors ON visitors.school = links.school AND visitors.id = links.holder
             LEFT JOIN call_guests ON call_guests.school = links.school
               AND call_guests.id = links.holder
             LEFT JOIN callers ON callers.school = links.school AND callers.id = links.holder
             LEFT JOIN staff ON staff.school = links.school AND staff.id = links.holder
             LEFT JOIN contacts AS inviters ON inviters.school = links.school
               AND inviters.id = invitations.inviter
             LEFT JOIN links AS own ON own.school = links.school
               AND own.scope = links.scope AND own.holder = inviters.id
               AND own.withdrawn_at IS NULL
             WHERE links.school = $1 AND ",
            $where
        )
    };
}

fn read_purpose(row: &Row) -> Read<Purpose> {
    if let Some(id) = row.named("area")? {
        return Ok(Purpose::Area(AreaPlace {
            id,
            name: row.named("area_name")?,
            purpose: row.named("area_purpose")?,
            hours: read_hours(&row.named::<String>("area_hours")?)?,
            is_staffed: row.named::<i64>("area_providers")? > 0,
        }));
    }
    let Some(id) = row.named("room")? else {
        return Ok(Purpose::Evening(Box::new(read_evening(row)?)));
    };
    Ok(Purpose::Room(RoomPlace {
        id,
        meeting: row.named("room_meeting")?,
        name: row.named("room_name")?,
        door: row.named("room_door")?,
        terms: read_terms(
            &row.named::<String>("room_hours")?,
            &row.named::<String>("room_asks")?,
            row.named("room_limit")?,
        )?,
    }))
}

fn read_held(row: &Row, now: Timestamp) -> Read<HeldLink> {
    let purpose = read_purpose(row)?;
    let record = read_record(row)?;
    let holder = read_holder(row)?;
    let inviter = match row.named("inviter")? {
        Some(contact) => Some(Inviter {
            contact,
            name: row.named("inviter_name")?,
            link: row.named("inviters_link")?,
        }),
        None => None,
    };
    let came: Option<Timestamp> = row.named("came_at")?;
    let read_until = match (&purpose, holder) {
        (Purpose::Evening(evening), Holder::Teacher(_)) => {
            evening.end.checked_add(TEACHERS_READ).ok()
        }
        (Purpose::Evening(_) | Purpose::Room(_) | Purpose::Area(_), _) => None,
    };
    let ends = match (&purpose, came) {
        (Purpose::Evening(evening), _) => evening.end.checked_add(LINKS_OUTLIVE),
        (Purpose::Room(_) | Purpose::Area(_), Some(came)) => came.checked_add(VISIT),
        (Purpose::Room(_) | Purpose::Area(_), None) => Ok(Timestamp::MAX),
    };
    let ends = ends.unwrap_or(Timestamp::MAX);
    let withdrawn: Option<Timestamp> = row.named("withdrawn_at")?;
    let closed: Option<Timestamp> = row.named("room_closed")?;
    let state = if withdrawn.or(closed).is_some() {
        LinkState::Withdrawn
    } else if ends <= now && read_until.is_some_and(|it| now < it) {
        LinkState::Past
    } else if ends <= now {
        LinkState::Expired
    } else {
        LinkState::Live
    };
    Ok(HeldLink {
        record,
        holder,
        name: row.named("holder_name")?,
        is_nameless: row.named::<i64>("is_nameless")? == 1,
        inviter,
        purpose,
        state,
        zone: row.named("time_zone")?,
        language: row.named("language")?,
        rules: row.named("rules")?,
    })
}

impl Store {
    /// Enters somebody as a holder; what they are besides is entered after.
    pub(crate) async fn enter_holder(
        &self,
        work: &mut Work,
        kind: HolderKind,
        id: HolderId,
    ) -> Read<()> {
        work.run(
            "INSERT INTO holders (school, id, kind) VALUES ($1, $2, $3)",
            values![self.school, id, kind.code()],
        )
        .await?;
        Ok(())
    }

    /// A link, and whose it is; none where it is unknown. Its secret is to be checked by the
    /// keyring before anything of this is told to anybody.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn link(&self, id: LinkId, now: Timestamp) -> Result<Option<HeldLink>> {
        let mut work = self.glance().await?;
        self.find_link(&mut work, id, now).await
    }

    pub(crate) async fn find_link(
        &self,
        work: &mut Work,
        id: LinkId,
        now: Timestamp,
    ) -> Result<Option<HeldLink>> {
        let row = work
            .one(held_links!("links.id = $2"), values![self.school, id])
            .await?;
        Ok(row.map(|row| read_held(&row, now)).transpose()?)
    }

    /// All links of an evening: for letters, and for the demonstration.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn links_of_evening(
        &self,
        evening: EveningId,
        now: Timestamp,
    ) -> Result<Vec<HeldLink>> {
        let mut work = self.glance().await?;
        let rows = work
            .all(
                held_links!("links.scope = $2 ORDER BY links.id"),
                values![self.school, evening],
            )
            .await?;
        Ok(rows
            .iter()
            .map(|row| read_held(row, now))
            .collect::<Read<_>>()?)
    }

    /// The link of a parent or teacher, made where none lives, for the office to hand over by letter
    /// or in person. It is noted in the audit log.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`], [`Refusal::EveningOver`], and [`Refusal::CourtOrderStands`].
    pub async fn hand_out_link(
        &self,
        evening: EveningId,
        holder: Holder,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Record> {
        let mut work = self.write().await?;
        self.find_evening(&mut work, evening)
            .await?
            .check_not_over(now)?;
        let subject = self.check_holder(&mut work, holder).await?;
        self.check_not_away(&mut work, evening, holder).await?;
        let record = self.ensure_link(&mut work, evening.into(), holder).await?;
        let detail = [("evening", evening.0)];
        self.audit(
            &mut work,
            actor,
            Action::LinkHandedOut,
            &subject,
            &detail,
            now,
        )
        .await?;
        work.commit().await?;
        Ok(record)
    }

    /// Whether they come to an evening: whoever cannot has no link to it.
    pub(crate) async fn check_not_away(
        &self,
        work: &mut Work,
        evening: EveningId,
        holder: Holder,
    ) -> Result<()> {
        let away = work
            .count(
                "SELECT COUNT(*) FROM substitutes
                 WHERE school = $1 AND evening = $2 AND teacher = $3",
                values![self.school, evening, holder],
            )
            .await?;
        if away > 0 {
            return Err(Refusal::TeacherAway.into());
        }
        Ok(())
    }

    /// Whether a parent or teacher may have a link: their name in the audit log.
    pub(crate) async fn check_holder(&self, work: &mut Work, holder: Holder) -> Result<String> {
        match holder {
            Holder::Parent(id) => {
                let row = work
                    .one(
                        "SELECT court_order_at, may_be FROM contacts
                         WHERE school = $1 AND id = $2
                           AND id NOT IN (SELECT gone FROM joined_records WHERE school = $1)",
                        values![self.school, id],
                    )
                    .await?
                    .ok_or(Refusal::NotFound)?;
                if !row.is_null(0)? {
                    return Err(Refusal::CourtOrderStands.into());
                }
                if !row.is_null(1)? {
                    return Err(Refusal::MayBeBarred.into());
                }
                Ok(format!("contact:{id}"))
            }
            Holder::Teacher(id) => {
                self.address_of_teacher(work, id).await?;
                Ok(format!("teacher:{id}"))
            }
            // A guest's link is the inviting parent's to send.
            Holder::Guest(_) | Holder::Staff(_) | Holder::Visitor(_) | Holder::Door(_) => {
                Err(Refusal::NotFound.into())
            }
        }
    }

    /// The link of that holder for that, made where none lives.
    pub(crate) async fn ensure_link(
        &self,
        work: &mut Work,
        scope: Scope,
        holder: Holder,
    ) -> Result<Record> {
        if let Some(record) = self.own_link(work, scope, holder).await? {
            return Ok(record);
        }
        // 40 random bits: a second draw is rare, a fourth is a broken source of chance.
        for _ in 0..4 {
            let id = LinkId::random(&mut ambient::rng());
            let KeyId(key) = self.options.key;
            let made = work
                .run(
                    "INSERT INTO links (id, school, scope, version, key, holder)
                     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
                    values![id, self.school, scope, 1_i64, key, holder],
                )
                .await?;
            if made == 1 {
                return Ok(Record {
                    id,
                    version: 1,
                    key: self.options.key,
                });
            }
        }
        Err(Fault::Broken("no room for another link").into())
    }

    /// The link of that holder for that which lives, if there is one.
    pub(crate) async fn own_link(
        &self,
        work: &mut Work,
        scope: Scope,
        holder: Holder,
    ) -> Read<Option<Record>> {
        let row = work
            .one(
                "SELECT id, version, key FROM links
                 WHERE school = $1 AND scope = $2 AND holder = $3 AND withdrawn_at IS NULL",
                values![self.school, scope, holder],
            )
            .await?;
        row.map(|row| read_record(&row)).transpose()
    }

    /// Kills the link of that holder for that for ever, and gives it if there was one.
    pub(crate) async fn withdraw_link(
        &self,
        work: &mut Work,
        scope: Scope,
        holder: Holder,
        now: Timestamp,
    ) -> Read<Option<LinkId>> {
        let Some(record) = self.own_link(work, scope, holder).await? else {
            return Ok(None);
        };
        work.run(
            "UPDATE links SET withdrawn_at = $3 WHERE school = $1 AND id = $2",
            values![self.school, record.id, now],
        )
        .await?;
        Ok(Some(record.id))
    }
}
