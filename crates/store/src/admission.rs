//! Who may be in which call, and when: what the running program admits by.

use std::collections::{BTreeMap, BTreeSet};

use call::{Course, Hours};
use jiff::Timestamp;
use links::{KeyId, LinkId, Record};
use school::ground_rules::rules_to_show;
use school::meeting::{CAP, Door, Entitled, Meeting, MeetingKind, Number, Title};
use school::rooms::Limit;
use school::{
    ContactId, EveningId, Holder, HolderId, HolderKind, MeetingId, Name, Powers, Role, StaffId,
};

use crate::appointments::Appointment;
use crate::audit::Action;
use crate::database::{Row, Work};
use crate::deeds::Aftermath;
use crate::fault::{Fault, Read, Result};
use crate::holders::HeldLink;
use crate::room_guests::VISIT;
use crate::selection::{Selection, selected};
use crate::stops::Stops;
use crate::store::Store;
use crate::value::{Kept, columns, values};

/// A meeting, what is booked as it, and the links of those who are entitled to it.
#[derive(Clone, Debug)]
pub struct Call {
    /// What it is, and who may be in it.
    pub meeting: Meeting,
    /// The appointment that is held in it.
    pub appointment: Appointment,
    /// The links that live of those who have one.
    pub links: BTreeMap<Holder, Record>,
    /// Those of them whose holders have yet to accept the ground rules of today.
    pub rules_unread: BTreeSet<LinkId>,
}

/// Whoever may come to a meeting, whatever it is.
#[derive(Clone, Debug)]
pub struct Gathering {
    /// What it is, and who may be in it.
    pub meeting: Meeting,
    /// The links that live of those who have one.
    pub links: BTreeMap<Holder, Record>,
    /// Those of them whose holders have yet to accept the ground rules of today.
    pub rules_unread: BTreeSet<LinkId>,
    /// The hours of its talk, and how it has gone so far; a room's talk has none.
    pub talk: Option<(Hours, Course)>,
    /// After how long a call in it ends, where a room has such a limit.
    pub limit: Option<Limit>,
    /// When the last call in it began, where it is a room.
    pub began: Option<Timestamp>,
    /// How often a call in it was stopped, for abuse (SCR-14).
    pub stops: usize,
    /// Whether that keeps everybody out of it.
    pub is_shut: bool,
    /// The links that live of those whom it keeps out: they are entitled no longer.
    pub kept_out: BTreeSet<LinkId>,
}

impl Call {
    /// The link of somebody entitled to it, if one lives.
    #[must_use]
    pub fn link(&self, holder: Holder) -> Option<LinkId> {
        self.links.get(&holder).map(|record| record.id)
    }
}

impl Gathering {
    /// This, without those whom a stop keeps out.
    fn after(mut self, stops: &Stops) -> Self {
        let out = &stops.kept_out;
        self.meeting.entitled.retain(|it| !out.contains(&it.holder));
        self.links.retain(|holder, _| !out.contains(holder));
        self.kept_out.clone_from(&stops.links);
        self.stops = stops.count;
        self.is_shut = stops.is_shut;
        self
    }

    /// The link of somebody entitled to it, if one lives.
    #[must_use]
    pub fn link(&self, holder: Holder) -> Option<LinkId> {
        self.links.get(&holder).map(|record| record.id)
    }

    /// Who comes by that link.
    #[must_use]
    pub fn holder(&self, link: LinkId) -> Option<&Entitled> {
        let mut all = self.links.iter();
        let (holder, _) = all.find(|(_, record)| record.id == link)?;
        self.meeting.entitled(*holder)
    }
}

columns! {
    /// When a call is held.
    #[derive(Clone, Copy, Debug, Eq, PartialEq)]
    pub struct CallTime {
        /// In which meeting.
        pub meeting: MeetingId,
        /// Its first moment.
        pub start: Timestamp,
        /// The moment after it.
        pub end: Timestamp,
    }
}

columns! {
    struct LinkRow {
        link: LinkId,
    }
}

columns! {
    /// A meeting, with somebody entitled to it.
    struct EntitledRow {
        meeting: MeetingId,
        kind: MeetingKind,
        cap: u16,
        door: Door,
        number: Option<u32>,
        holder: Option<HolderId>,
        holder_kind: Option<HolderKind>,
        role: Option<Role>,
        powers: Option<Powers>,
        name: Option<Name>,
        inviter: Option<ContactId>,
        taken_by: Option<StaffId>,
        link: Option<LinkId>,
        version: Option<u32>,
        key: Option<u32>,
        rules: Option<u32>,
    }
}

/// What [`EntitledRow`] reads of each who is entitled to a meeting.
macro_rules! entitled_rows {
    () => {
        "SELECT meetings.id AS meeting, meetings.kind AS kind, meetings.cap AS cap,
           meetings.door AS door, entitled.number AS number, entitled.holder AS holder,
           holders.kind AS holder_kind, entitled.role AS role, entitled.powers AS powers,
           COALESCE(teachers.name, contacts.name, invitations.name, visitors.name,
             call_guests.name, callers.name, staff.name, 'Guest') AS name,
           invitations.inviter AS inviter,
           CASE WHEN callers.stage = 'taken' THEN callers.taken_by END AS taken_by,
           links.id AS link, links.version AS version,
           links.key AS key, links.rules AS rules
         FROM meetings
         LEFT JOIN entitled ON entitled.school = meetings.school
           AND entitled.meeting = meetings.id AND entitled.ended_at IS NULL
         LEFT JOIN holders ON holders.school = entitled.school
           AND holders.id = entitled.holder
         LEFT JOIN teachers ON teachers.school = entitled.school
           AND teachers.id = entitled.holder
         LEFT JOIN contacts ON contacts.school = entitled.school
           AND contacts.id = entitled.holder
         LEFT JOIN invitations ON invitations.school = entitled.school
           AND invitations.id = entitled.holder
         LEFT JOIN visitors ON visitors.school = entitled.school
           AND visitors.id = entitled.holder
         LEFT JOIN call_guests ON call_guests.school = entitled.school
           AND call_guests.id = entitled.holder
         LEFT JOIN callers ON callers.school = entitled.school
           AND callers.id = entitled.holder
         LEFT JOIN staff ON staff.school = entitled.school AND staff.id = entitled.holder
         LEFT JOIN links ON links.school = entitled.school
           AND links.scope = COALESCE(callers.area, meetings.scope)
           AND links.holder = entitled.holder AND links.withdrawn_at IS NULL
         "
    };
}

impl EntitledRow {
    fn entitled(&self) -> Read<Option<Entitled>> {
        let (Some(number), Some(id), Some(kind)) = (self.number, self.holder, self.holder_kind)
        else {
            return Ok(None);
        };
        let (Some(role), Some(powers), Some(name)) = (self.role, self.powers, &self.name) else {
            return Err(Fault::Broken("somebody who is nobody"));
        };
        Ok(Some(Entitled {
            holder: Holder::new(kind, id),
            number: Number(number),
            role,
            powers,
            name: name.clone(),
            invited_by: match (self.inviter, self.taken_by) {
                (Some(parent), _) => Some(Holder::Parent(parent)),
                (None, taken_by) => taken_by.map(Holder::Staff),
            },
        }))
    }

    fn record(&self) -> Option<Record> {
        Some(Record {
            id: self.link?,
            version: self.version?,
            key: KeyId(self.key?),
        })
    }
}

impl Kept for MeetingKind {
    fn of(row: &Row, column: usize) -> Read<Self> {
        let code: String = row.get(column)?;
        Self::of_code(&code).ok_or(Fault::Broken("a meeting of no kind"))
    }
}

impl Kept for Door {
    fn of(row: &Row, column: usize) -> Read<Self> {
        let code: String = row.get(column)?;
        Self::of_code(&code).ok_or(Fault::Broken("a door that is none"))
    }
}

/// What a link admits to.
#[derive(Clone, Debug)]
pub struct Admission {
    /// The link, whose it is, and whether it lives.
    pub link: HeldLink,
    /// The calls it is for, in order of time; none where it does not live.
    pub calls: Vec<Call>,
}

impl Store {
    /// What a link is for; none where it is unknown. Its secret is to be checked by the keyring
    /// before anything of this is told to anybody.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn admission(&self, link: LinkId, now: Timestamp) -> Result<Option<Admission>> {
        let mut work = self.read().await?;
        let Some(link) = self.find_link(&mut work, link, now).await? else {
            return Ok(None);
        };
        let calls = match (link.state, link.evening()) {
            (crate::LinkState::Live, Some(evening)) => {
                let theirs = Selection::Of(evening.id, link.holder);
                self.find_calls(&mut work, theirs).await?
            }
            (_, _) => Vec::new(),
        };
        Ok(Some(Admission { link, calls }))
    }

    /// A call; none where it is unknown or cancelled.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn call(&self, id: MeetingId) -> Result<Option<Call>> {
        let mut work = self.read().await?;
        let calls = self.find_calls(&mut work, Selection::Meeting(id)).await?;
        Ok(calls.into_iter().next())
    }

    /// Who may come to a meeting now; none where it is unknown or cancelled.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn gathering(&self, id: MeetingId, now: Timestamp) -> Result<Option<Gathering>> {
        let mut work = self.read().await?;
        let stops = self.stops_in(&mut work, id).await?;
        if let Some(lasting) = self.lasting_gathering(&mut work, id, now).await? {
            return Ok(Some(lasting.after(&stops)));
        }
        let calls = self.find_calls(&mut work, Selection::Meeting(id)).await?;
        let Some(call) = calls.into_iter().next() else {
            return Ok(None);
        };
        let hours = Hours {
            starts: call.appointment.start,
            ends: call.appointment.end,
            latest: self.room_after(&mut work, &call.appointment).await?,
        };
        let gathering = Gathering {
            meeting: call.meeting,
            links: call.links,
            rules_unread: call.rules_unread,
            talk: Some((hours, call.appointment.course)),
            limit: None,
            began: None,
            stops: 0,
            is_shut: false,
            kept_out: BTreeSet::new(),
        };
        Ok(Some(gathering.after(&stops)))
    }

    /// That of a room or a waiting area: it has no hours.
    async fn lasting_gathering(
        &self,
        work: &mut Work,
        id: MeetingId,
        now: Timestamp,
    ) -> Read<Option<Gathering>> {
        let Some(place) = self.place_of_meeting(work, id).await? else {
            return Ok(None);
        };
        let came_after = now.checked_sub(VISIT).unwrap_or(Timestamp::MIN);
        let rows: Vec<EntitledRow> = work
            .rows(
                concat!(
                    entitled_rows!(),
                    "WHERE meetings.school = $1 AND meetings.id = $2
                       AND (visitors.id IS NULL OR visitors.came_at > $3)
                       AND (call_guests.id IS NULL OR call_guests.sent_at > $3)
                       AND (callers.id IS NULL OR callers.came_at > $3)
                     ORDER BY entitled.number"
                ),
                values![self.school, id, came_after],
            )
            .await?;
        let mut gathering = Gathering {
            meeting: Meeting {
                id,
                kind: place.kind,
                title: Title::of_room(&place.name),
                window: None,
                cap: CAP,
                door: place.door,
                entitled: Vec::with_capacity(rows.len()),
            },
            links: BTreeMap::new(),
            rules_unread: rules_unread(&rows),
            talk: None,
            limit: place.limit()?,
            began: place.began,
            stops: 0,
            is_shut: false,
            kept_out: BTreeSet::new(),
        };
        (gathering.meeting.entitled, gathering.links) = people(&rows)?;
        Ok(Some(gathering))
    }

    /// The links that live of all who may be in a call: whoever sees it by them.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn links_of_call(&self, id: MeetingId) -> Result<Vec<LinkId>> {
        let mut work = self.glance().await?;
        let links: Vec<LinkRow> = work
            .rows(
                "SELECT links.id AS link FROM entitled
                 JOIN meetings ON meetings.school = entitled.school
                   AND meetings.id = entitled.meeting
                 LEFT JOIN callers ON callers.school = entitled.school
                   AND callers.id = entitled.holder
                 JOIN links ON links.school = entitled.school
                   AND links.scope = COALESCE(callers.area, meetings.scope)
                   AND links.holder = entitled.holder AND links.withdrawn_at IS NULL
                 WHERE entitled.school = $1 AND entitled.meeting = $2 AND ended_at IS NULL",
                values![self.school, id],
            )
            .await?;
        Ok(links.into_iter().map(|row| row.link).collect())
    }

    /// When each of an evening's calls is held, in order of time.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn times_of_evening(&self, evening: EveningId) -> Result<Vec<CallTime>> {
        let mut work = self.glance().await?;
        Ok(work
            .rows(
                "SELECT meeting, start_at AS start, end_at AS \"end\" FROM bookings
                 WHERE school = $1 AND evening = $2 AND cancelled_at IS NULL
                 ORDER BY start_at, id",
                values![self.school, evening],
            )
            .await?)
    }

    /// Some calls of an evening, in order of time.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn calls_among(
        &self,
        evening: EveningId,
        meetings: &[MeetingId],
    ) -> Result<Vec<Call>> {
        if meetings.is_empty() {
            return Ok(Vec::new());
        }
        let mut work = self.read().await?;
        let among = Selection::Among(evening, meetings);
        Ok(self.find_calls(&mut work, among).await?)
    }

    /// All calls of an evening, in order of time.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn calls_of_evening(&self, evening: EveningId) -> Result<Vec<Call>> {
        let mut work = self.read().await?;
        Ok(self
            .find_calls(&mut work, Selection::Evening(evening))
            .await?)
    }

    /// The holder of a link joined a call: in the audit log each time, and on a guest's invitation
    /// the first time (INV-6). Pages show it of callers of waiting areas.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn joined(
        &self,
        holder: Holder,
        call: MeetingId,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let mut aftermath = Aftermath::default();
        if let Holder::Guest(invitation) = holder {
            work.run(
                "UPDATE invitations SET joined_at = $3
                 WHERE school = $1 AND id = $2 AND joined_at IS NULL",
                values![self.school, invitation, now],
            )
            .await?;
        }
        if let Holder::Visitor(visitor) = holder {
            for sql in [
                "UPDATE visitors SET joined_at = $3
                 WHERE school = $1 AND id = $2 AND joined_at IS NULL",
                "UPDATE call_guests SET joined_at = $3 WHERE school = $1 AND id = $2",
            ] {
                work.run(sql, values![self.school, visitor, now]).await?;
            }
            // Written late, it is nothing to whoever waits again.
            work.run(
                "UPDATE callers SET joined_at = $3
                 WHERE school = $1 AND id = $2 AND meeting = $4 AND joined_at IS NULL",
                values![self.school, visitor, now, call],
            )
            .await?;
            aftermath = self.who_hears_of(&mut work, visitor, now).await?;
        }
        // From now on they may add callers to it.
        let staff = self.staff_behind(&mut work, holder).await?;
        aftermath.staff.extend(staff);
        let subject = format!("meeting:{call}");
        self.audit(&mut work, holder.into(), Action::Joined, &subject, &[], now)
            .await?;
        self.hook_joined(&mut work, (call, holder), now).await?;
        work.commit().await?;
        Ok(aftermath)
    }

    async fn find_calls(&self, work: &mut Work, selection: Selection<'_>) -> Read<Vec<Call>> {
        let appointments = self.appointments(work, selection).await?;
        let sql = selected!(
            work,
            selection,
            concat!(
                entitled_rows!(),
                "JOIN bookings ON bookings.school = meetings.school
                   AND bookings.meeting = meetings.id
                 WHERE"
            ),
            "ORDER BY meetings.id, entitled.number"
        );
        let rows: Vec<EntitledRow> = work.rows(sql, selection.values(self.school)).await?;
        let mut people: BTreeMap<MeetingId, Vec<EntitledRow>> = BTreeMap::new();
        for row in rows {
            people.entry(row.meeting).or_default().push(row);
        }
        let calls = appointments.into_iter().map(|appointment| {
            let rows = people.remove(&appointment.meeting).unwrap_or_default();
            call(appointment, &rows)
        });
        calls.collect()
    }
}

fn call(appointment: Appointment, rows: &[EntitledRow]) -> Read<Call> {
    let first = rows
        .first()
        .ok_or(Fault::Broken("an appointment without a meeting"))?;
    let mut meeting = Meeting {
        id: appointment.meeting,
        kind: first.kind,
        title: Title::of_appointment(&appointment.subject, &appointment.student_name),
        window: Some(appointment.window),
        cap: u8::try_from(first.cap).map_err(|_too_many| Fault::Broken("a wrong number"))?,
        door: first.door,
        entitled: Vec::new(),
    };
    let links;
    (meeting.entitled, links) = people(rows)?;
    Ok(Call {
        meeting,
        appointment,
        links,
        rules_unread: rules_unread(rows),
    })
}

/// The links whose holders have yet to accept the ground rules of today.
fn rules_unread(rows: &[EntitledRow]) -> BTreeSet<LinkId> {
    let unread = rows.iter().filter(|row| rules_to_show(row.rules).is_some());
    unread.filter_map(|row| row.link).collect()
}

/// Those who are entitled, and the links of those who have one.
fn people(rows: &[EntitledRow]) -> Read<(Vec<Entitled>, BTreeMap<Holder, Record>)> {
    let mut all = Vec::with_capacity(rows.len());
    let mut links = BTreeMap::new();
    for row in rows {
        if let Some(entitled) = row.entitled()? {
            if let Some(record) = row.record() {
                links.insert(entitled.holder, record);
            }
            all.push(entitled);
        }
    }
    Ok((all, links))
}
