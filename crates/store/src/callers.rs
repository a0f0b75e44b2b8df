//! Callers of waiting areas: who waits, who took whom, and how a wait ended (WAIT-1 to WAIT-4). What
//! may follow on what is [`school::waiting`]'s to say.

use std::collections::BTreeSet;

use jiff::Timestamp;
use links::{LinkId, Record};
use school::rooms::Details;
use school::waiting::{self, Hours, MOST_A_DAY, MOST_WAITING, Stage, Step, VISIT, Visit};
use school::{
    Actor, AreaId, Holder, HolderId, HolderKind, MeetingId, Name, Note, Refusal, Scope, StaffId,
    VisitorId,
};

use crate::areas::Area;
use crate::audit::Action;
use crate::database::Work;
use crate::deeds::Aftermath;
use crate::entitled::still_due;
use crate::fault::{Fault, Read, Result};
use crate::held::{AtDoor, Comer};
use crate::store::Store;
use crate::value::{columns, values};

/// Somebody who came to a waiting area.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Their id.
    pub id: VisitorId,
    /// Their name.
    pub name: Name,
    /// Why they came, in their words; may be empty.
    pub reason: Note,
    /// When they came.
    pub came: Timestamp,
    /// Where they are, and how far their visit has come.
    pub visit: Visit,
    /// Since when it has come that far.
    pub since: Timestamp,
    /// The name of the provider who took them.
    pub taken_by: Option<Name>,
    /// Whether they have come into the meeting that they were taken into.
    pub has_joined: bool,
    /// What they were written last, while they wait; may be empty.
    pub message: Note,
    /// What they were told at the end; may be empty.
    pub word: Note,
    /// Their own link.
    pub link: LinkId,
}

/// A caller's own visit, as they see it.
#[derive(Clone, Debug)]
pub struct Wait {
    /// They.
    pub caller: Caller,
    /// Their place in line, where they wait: 1 for who is next.
    pub place: Option<usize>,
}

columns! {
    struct CallerRow {
        id: VisitorId,
        area: AreaId,
        name: Name,
        reason: Note,
        came_at: Timestamp,
        stage: String,
        stage_at: Timestamp,
        taken_by: Option<StaffId>,
        meeting: Option<MeetingId>,
        provider: Option<Name>,
        joined_at: Option<Timestamp>,
        message: Note,
        word: Note,
        link: LinkId,
    }
}

columns! {
    pub(crate) struct WaitingRow {
        pub(crate) id: VisitorId,
        pub(crate) came_at: Timestamp,
        pub(crate) link: LinkId,
    }
}

columns! {
    struct KnownRow {
        id: VisitorId,
        area: AreaId,
    }
}

columns! {
    struct ZoneRow {
        zone: String,
    }
}

macro_rules! callers {
    ($where:literal) => {
        concat!(
            "SELECT callers.id AS id, callers.area AS area, callers.name AS name,
               callers.reason AS reason, callers.came_at AS came_at, callers.stage AS stage,
               callers.stage_at AS stage_at, callers.taken_by AS taken_by,
               callers.meeting AS meeting, staff.name AS provider,
               callers.joined_at AS joined_at, callers.message AS message, callers.word AS word,
               links.id AS link
             FROM callers
             JOIN links ON links.school = callers.school AND links.scope = callers.area
               AND links.holder = callers.id AND links.withdrawn_at IS NULL
             LEFT JOIN staff ON staff.school = callers.school AND staff.id = callers.taken_by
             WHERE callers.school = $1 AND callers.came_at > $2 AND ",
            $where,
            " ORDER BY callers.came_at, callers.id"
        )
    };
}

/// Ends the visits of those who were taken into meetings of which nothing is to be left.
macro_rules! ends_visits_in {
    ($meetings:literal) => {
        concat!(
            "UPDATE callers SET stage = 'ended', taken_by = NULL, meeting = NULL
             WHERE school = $1 AND meeting IN ",
            $meetings
        )
    };
}
pub(crate) use ends_visits_in;

// Below the macro that it uses.
mod taken;
pub use taken::{ProviderLinks, StaffEvening};

impl Caller {
    /// Whether they are on the way into a meeting, or in it, where the links `there` are in calls.
    #[must_use]
    pub fn is_on(&self, there: &BTreeSet<LinkId>) -> bool {
        self.visit.meeting().is_some() && (!self.has_joined || there.contains(&self.link))
    }
}

impl CallerRow {
    fn read(self) -> Read<Caller> {
        let stage = match (self.stage.as_str(), self.taken_by, self.meeting) {
            ("waiting", _, _) => Stage::Waiting,
            ("taken", Some(by), Some(meeting)) => Stage::Taken { by, meeting },
            ("ended", _, _) => Stage::Ended,
            ("left", _, _) => Stage::Left,
            (_, _, _) => return Err(Fault::Broken("a visit that is none")),
        };
        Ok(Caller {
            id: self.id,
            name: self.name,
            reason: self.reason,
            came: self.came_at,
            visit: Visit {
                area: self.area,
                stage,
            },
            since: self.stage_at,
            taken_by: self.provider,
            has_joined: self.joined_at.is_some(),
            message: self.message,
            word: self.word,
            link: self.link,
        })
    }
}

pub(crate) const fn code(stage: Stage) -> &'static str {
    match stage {
        Stage::Waiting => "waiting",
        Stage::Taken { .. } => "taken",
        Stage::Ended => "ended",
        Stage::Left => "left",
    }
}

/// Who came before is forgotten by their link.
pub(crate) fn since(now: Timestamp) -> Timestamp {
    now.checked_sub(VISIT).unwrap_or(Timestamp::MIN)
}

impl Store {
    /// Those who wait in the areas of a provider or were taken there, in order of their coming
    /// (WAIT-1).
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn callers_of(&self, staff: StaffId, now: Timestamp) -> Result<Vec<Caller>> {
        let mut work = self.glance().await?;
        let sql = callers!(
            "callers.stage IN ('waiting', 'taken') AND callers.area IN (
               SELECT area FROM area_providers
               WHERE area_providers.school = $1 AND area_providers.staff = $3)"
        );
        let all = values![self.school, since(now), staff];
        let rows: Vec<CallerRow> = work.rows(sql, all).await?;
        Ok(rows.into_iter().map(CallerRow::read).collect::<Read<_>>()?)
    }

    /// How it stands with a caller, as they see it (WAIT-3); nothing of a guest who was invited out of a
    /// call.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn wait_of(&self, caller: VisitorId, now: Timestamp) -> Result<Option<Wait>> {
        let mut work = self.read().await?;
        let Some(caller) = self.known_caller(&mut work, caller, now).await? else {
            return Ok(None);
        };
        let place = if caller.visit.waits() {
            let waiting = self.waiting_in(&mut work, caller.visit.area, now).await?;
            let turns = waiting.iter().map(|it| (it.came_at, it.id));
            Some(waiting::place((caller.came, caller.id), turns))
        } else {
            None
        };
        Ok(Some(Wait { caller, place }))
    }

    async fn known_caller(
        &self,
        work: &mut Work,
        id: VisitorId,
        now: Timestamp,
    ) -> Read<Option<Caller>> {
        let all = values![self.school, since(now), id];
        let row: Option<CallerRow> = work.row(callers!("callers.id = $3"), all).await?;
        row.map(CallerRow::read).transpose()
    }

    async fn find_caller(&self, work: &mut Work, id: VisitorId, now: Timestamp) -> Result<Caller> {
        let known = self.known_caller(work, id, now).await?;
        Ok(known.ok_or(Refusal::NotFound)?)
    }

    /// A caller of an area, for one of its providers.
    pub(crate) async fn find_for(
        &self,
        work: &mut Work,
        (staff, area, caller): (StaffId, AreaId, VisitorId),
        now: Timestamp,
    ) -> Result<Caller> {
        let providers = self.providers_of(work, area).await?;
        if !providers.contains(&staff) {
            return Err(Refusal::NotFound.into());
        }
        let caller = self.find_caller(work, caller, now).await?;
        if caller.visit.area != area {
            return Err(Refusal::NotFound.into());
        }
        Ok(caller)
    }

    /// Those who wait in an area.
    pub(crate) async fn waiting_in(
        &self,
        work: &mut Work,
        area: AreaId,
        now: Timestamp,
    ) -> Read<Vec<WaitingRow>> {
        work.rows(
            "SELECT callers.id AS id, callers.came_at AS came_at, links.id AS link FROM callers
             JOIN links ON links.school = callers.school AND links.scope = callers.area
               AND links.holder = callers.id AND links.withdrawn_at IS NULL
             WHERE callers.school = $1 AND callers.came_at > $2 AND callers.area = $3
               AND callers.stage = 'waiting'",
            values![self.school, since(now), area],
        )
        .await
    }

    /// Whoever has an area's link says who they are and why they came, waits from now on, and gets a
    /// link of their own for a day. The same press again is the same caller.
    ///
    /// # Errors
    ///
    /// [`Refusal::AreaClosed`], [`Refusal::AreaCrowded`], [`Refusal::NotFound`], and
    /// [`Refusal::NeedsApproval`] where they may be somebody with a court order (DIR-4): by the same press
    /// they wait for the office, whatever name they give, until it has decided.
    pub async fn come_to_area(
        &self,
        id: AreaId,
        (name, reason): (&Name, &Note),
        attempt: &str,
        now: Timestamp,
    ) -> Result<(Record, Aftermath)> {
        let mut work = self.write().await?;
        let area = self.find_area(&mut work, id).await?;
        let known: Option<KnownRow> = work
            .row(
                "SELECT id, area FROM callers WHERE school = $1 AND attempt = $2",
                values![self.school, attempt],
            )
            .await?;
        if let Some(KnownRow { id: caller, area }) = known {
            let holder = Holder::Visitor(caller);
            let link = self.own_link(&mut work, area.into(), holder).await?;
            let aftermath = Aftermath {
                staff: self.providers_of(&mut work, area).await?,
                ..Aftermath::default()
            };
            return Ok((link.ok_or(Refusal::NotFound)?, aftermath));
        }
        self.check_is_open(&mut work, &area, now).await?;
        self.check_there_is_room(&mut work, id, now).await?;
        self.check_link_takes(&mut work, &area, now).await?;
        let details = Details {
            reason: reason.clone(),
            ..Details::default()
        };
        let comer = Comer {
            name,
            details: &details,
            attempt,
        };
        let stands = self.at_door_stands(&mut work, id.into(), &comer, now);
        let came = match stands.await? {
            AtDoor::Held => {
                work.commit().await?;
                return Err(Refusal::NeedsApproval.into());
            }
            AtDoor::LetIn(row) => {
                let (who, details) = ((id, row.id), row.details());
                self.enter_caller(&mut work, who, &row.comer(&details), now)
                    .await?
            }
            AtDoor::Free => {
                let who = (id, VisitorId(Self::new_id()));
                self.enter_caller(&mut work, who, &comer, now).await?
            }
        };
        work.commit().await?;
        Ok(came)
    }

    /// Writes a caller down, with a link of their own: they wait from now on.
    pub(crate) async fn enter_caller(
        &self,
        work: &mut Work,
        (id, caller): (AreaId, VisitorId),
        comer: &Comer<'_>,
        now: Timestamp,
    ) -> Result<(Record, Aftermath)> {
        self.enter_holder(work, HolderKind::Visitor, HolderId(caller.0))
            .await?;
        work.run(
            "INSERT INTO callers (school, id, area, name, reason, attempt, came_at, stage,
               stage_at, message, word, door)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $7, '', '',
               (SELECT id FROM links WHERE school = $1 AND scope = $3 AND holder = $3
                 AND withdrawn_at IS NULL))",
            values![
                self.school,
                caller,
                id,
                comer.name,
                &comer.details.reason,
                comer.attempt,
                now,
                code(Stage::Waiting)
            ],
        )
        .await?;
        let holder = Holder::Visitor(caller);
        let link = self.ensure_link(work, id.into(), holder).await?;
        let subject = format!("area:{id}");
        let actor = Actor::Visitor(caller);
        self.audit(work, actor, Action::CallerCame, &subject, &[], now)
            .await?;
        let aftermath = Aftermath {
            staff: self.providers_of(work, id).await?,
            ..Aftermath::default()
        };
        Ok((link, aftermath))
    }

    /// Ends the visit of a caller who may be somebody with a court order, without a word, where there is
    /// one: their link is dead.
    pub(crate) async fn end_caller(
        &self,
        work: &mut Work,
        caller: VisitorId,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let Some(caller) = self.known_caller(work, caller, now).await? else {
            return Ok(Aftermath::default());
        };
        let Ok(ended) = caller.visit.step(Step::End) else {
            return Ok(Aftermath::default());
        };
        let step = (&caller, ended, &Note::default());
        let mut aftermath = self.write_step(work, step, now).await?;
        let (scope, holder) = (Scope::Area(caller.visit.area), Holder::Visitor(caller.id));
        let link = self.withdraw_link(work, scope, holder, now).await?;
        aftermath.links.extend(link);
        Ok(aftermath)
    }

    /// Whether somebody may come to an area now: in its hours, and where somebody takes callers in it.
    async fn check_is_open(&self, work: &mut Work, area: &Area, now: Timestamp) -> Result<()> {
        if area.providers.is_empty() {
            return Err(Refusal::AreaClosed.into());
        }
        self.check_hours(work, area.hours.as_ref(), now).await
    }

    /// Whether it is open at that hour, by the clock of the school.
    pub(crate) async fn check_hours(
        &self,
        work: &mut Work,
        hours: Option<&Hours>,
        now: Timestamp,
    ) -> Result<()> {
        let Some(hours) = hours else {
            return Ok(());
        };
        let school: Option<ZoneRow> = work
            .row(
                "SELECT zone FROM schools WHERE id = $1",
                values![self.school],
            )
            .await?;
        let school = school.ok_or(Refusal::NotFound)?;
        let zone = school::evening::zone(&school.zone)?;
        if hours.opens_next(now, &zone).is_some() {
            return Err(Refusal::AreaClosed.into());
        }
        Ok(())
    }

    /// Whether another caller may wait in an area.
    async fn check_there_is_room(&self, work: &mut Work, id: AreaId, now: Timestamp) -> Result<()> {
        let waiting = work
            .count(
                "SELECT COUNT(*) FROM callers
                 WHERE school = $1 AND area = $2 AND came_at > $3 AND stage = 'waiting'",
                values![self.school, id, since(now)],
            )
            .await?;
        if waiting >= MOST_WAITING {
            return Err(Refusal::AreaCrowded.into());
        }
        Ok(())
    }

    /// Whether another caller may come by the link of an area that lives now.
    async fn check_link_takes(&self, work: &mut Work, area: &Area, now: Timestamp) -> Result<()> {
        let came = work
            .count(
                "SELECT COUNT(*) FROM callers
                 WHERE school = $1 AND area = $2 AND came_at > $3 AND door = $4",
                values![self.school, area.id, since(now), area.link.id],
            )
            .await?;
        let held = self.count_held_at(work, area.id.into(), since(now)).await?;
        if came + held >= MOST_A_DAY {
            return Err(Refusal::AreaCrowded.into());
        }
        Ok(())
    }

    /// A caller's link is of another area.
    async fn move_link(&self, work: &mut Work, link: LinkId, to: AreaId) -> Read<()> {
        work.run(
            "UPDATE links SET scope = $3 WHERE school = $1 AND id = $2",
            values![self.school, link, to],
        )
        .await?;
        Ok(())
    }

    /// A provider passes a caller who waits on to another area, where they wait as long as they have
    /// (WAIT-4). Their link is the same.
    ///
    /// # Errors
    ///
    /// [`Refusal::AreaClosed`], [`Refusal::AreaCrowded`], [`Refusal::CallerTaken`],
    /// [`Refusal::CallerGone`], and [`Refusal::NotFound`].
    pub async fn pass_caller(
        &self,
        (staff, area, caller): (StaffId, AreaId, VisitorId),
        to: AreaId,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let caller = self.find_for(&mut work, (staff, area, caller), now).await?;
        let next = self.find_area(&mut work, to).await?;
        let passed = caller.visit.step(Step::Pass { to })?;
        if passed == caller.visit {
            return Ok(self.who_sees(&mut work, &caller, [area, to], now).await?);
        }
        self.check_is_open(&mut work, &next, now).await?;
        self.check_there_is_room(&mut work, to, now).await?;
        self.move_link(&mut work, caller.link, to).await?;
        let step = (&caller, passed, &Note::default());
        let aftermath = self.write_step(&mut work, step, now).await?;
        let (subject, actor) = (format!("visitor:{}", caller.id), Actor::Staff(staff));
        let (action, detail) = (Action::CallerPassed, [("area", to.0)]);
        self.audit(&mut work, actor, action, &subject, &detail, now)
            .await?;
        work.commit().await?;
        Ok(aftermath)
    }

    /// A provider ends a caller's visit with a word to them, which may be empty (WAIT-4).
    ///
    /// # Errors
    ///
    /// [`Refusal::CallerGone`], and [`Refusal::NotFound`].
    pub async fn end_wait(
        &self,
        (staff, area, caller): (StaffId, AreaId, VisitorId),
        word: &Note,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let caller = self.find_for(&mut work, (staff, area, caller), now).await?;
        let ended = caller.visit.step(Step::End)?;
        if ended == caller.visit {
            // The first word stands.
            return Ok(self.who_sees(&mut work, &caller, [area], now).await?);
        }
        let step = (&caller, ended, word);
        let aftermath = self.write_step(&mut work, step, now).await?;
        let (subject, actor) = (format!("visitor:{}", caller.id), Actor::Staff(staff));
        self.audit(&mut work, actor, Action::WaitEnded, &subject, &[], now)
            .await?;
        work.commit().await?;
        Ok(aftermath)
    }

    /// The visits of these people end, of those who are callers and have not gone yet.
    pub(crate) async fn end_waits_of(
        &self,
        work: &mut Work,
        whom: &BTreeSet<Holder>,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut aftermath = Aftermath::default();
        for holder in whom {
            let Holder::Visitor(visitor) = holder else {
                continue;
            };
            let Some(caller) = self.known_caller(work, *visitor, now).await? else {
                continue;
            };
            if let Ok(ended) = caller.visit.step(Step::End)
                && ended != caller.visit
            {
                let step = (&caller, ended, &Note::default());
                aftermath.extend(self.write_step(work, step, now).await?);
            }
        }
        Ok(aftermath)
    }

    /// A caller goes by themselves, and leaves `words` for the providers, which may be empty (WAIT-3).
    ///
    /// # Errors
    ///
    /// [`Refusal::CallerGone`], and [`Refusal::NotFound`].
    pub async fn leave_area(
        &self,
        caller: VisitorId,
        words: &Note,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let caller = self.find_caller(&mut work, caller, now).await?;
        let left = caller.visit.step(Step::Leave)?;
        if left == caller.visit {
            let area = caller.visit.area;
            return Ok(self.who_sees(&mut work, &caller, [area], now).await?);
        }
        let step = (&caller, left, &Note::default());
        let aftermath = self.write_step(&mut work, step, now).await?;
        work.run(
            "UPDATE callers SET left_words = $3 WHERE school = $1 AND id = $2",
            values![self.school, caller.id, words],
        )
        .await?;
        let (subject, actor) = (
            format!("area:{}", caller.visit.area),
            Actor::Visitor(caller.id),
        );
        self.audit(&mut work, actor, Action::CallerLeft, &subject, &[], now)
            .await?;
        work.commit().await?;
        Ok(aftermath)
    }

    /// Whom it concerns that a caller has come into the call that they were taken into.
    pub(crate) async fn who_hears_of(
        &self,
        work: &mut Work,
        caller: VisitorId,
        now: Timestamp,
    ) -> Read<Aftermath> {
        let Some(caller) = self.known_caller(work, caller, now).await? else {
            return Ok(Aftermath::default());
        };
        Ok(Aftermath {
            pages: [caller.link].into(),
            staff: self.providers_of(work, caller.visit.area).await?,
            ..Aftermath::default()
        })
    }

    /// Callers who came before `cut` are erased: their names, words and links, and what they were
    /// entitled to.
    pub(crate) async fn forget_callers(&self, work: &mut Work, cut: Timestamp) -> Read<()> {
        for sql in [
            "UPDATE entitled SET holder = NULL WHERE school = $1 AND holder IN
               (SELECT id FROM callers WHERE school = $1 AND came_at < $2)",
            "DELETE FROM holders WHERE school = $1 AND id IN
               (SELECT id FROM callers WHERE school = $1 AND came_at < $2)",
        ] {
            work.run(sql, values![self.school, cut]).await?;
        }
        Ok(())
    }

    /// Writes down how far a visit has come: whoever waited behind has another place, and the area's
    /// providers see it.
    async fn write_step(
        &self,
        work: &mut Work,
        (caller, next, word): (&Caller, Visit, &Note),
        now: Timestamp,
    ) -> Result<Aftermath> {
        let (taken_by, meeting) = match next.stage {
            Stage::Taken { by, meeting } => (Some(by), Some(meeting)),
            Stage::Waiting | Stage::Ended | Stage::Left => (None, None),
        };
        work.run(
            "UPDATE callers SET area = $3, stage = $4, stage_at = $5, taken_by = $6, meeting = $7,
               word = $8, joined_at = CASE WHEN $4 = 'waiting' THEN NULL ELSE joined_at END
             WHERE school = $1 AND id = $2",
            values![
                self.school,
                caller.id,
                next.area,
                code(next.stage),
                now,
                taken_by,
                meeting,
                word
            ],
        )
        .await?;
        let mut aftermath = Aftermath::default();
        if let Stage::Taken { meeting: left, .. } = caller.visit.stage
            && caller.visit != next
        {
            let stands = self.standing_in(work, left).await?;
            let mut due = still_due(&stands);
            due.retain(|it| it.holder != HolderId(caller.id.0));
            self.write_entitled(work, left, (&due, &stands), now)
                .await?;
            aftermath.changed.insert(left);
        }
        let areas = [caller.visit.area, next.area];
        aftermath.extend(self.who_sees(work, caller, areas, now).await?);
        Ok(aftermath)
    }

    /// Who is shown how far a visit has come: the caller, whoever waits in these areas, and their providers. A press that was
    /// made before tells them again: whoever did it the first time may have ended before it could.
    pub(crate) async fn who_sees(
        &self,
        work: &mut Work,
        caller: &Caller,
        areas: impl Into<BTreeSet<AreaId>>,
        now: Timestamp,
    ) -> Read<Aftermath> {
        let mut aftermath = Aftermath {
            pages: [caller.link].into(),
            ..Aftermath::default()
        };
        for area in areas.into() {
            let waiting = self.waiting_in(work, area, now).await?;
            aftermath.pages.extend(waiting.iter().map(|it| it.link));
            let providers = self.providers_of(work, area).await?;
            aftermath.staff.extend(providers);
        }
        Ok(aftermath)
    }
}
