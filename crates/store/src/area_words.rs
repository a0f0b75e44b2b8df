//! What the providers of a waiting area and their callers say to each other: how it stands with a
//! provider, how long others waited, messages to those who wait, and what callers leave who go (WAIT-1,
//! WAIT-3).

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use links::LinkId;
use school::waiting::{self, RECENT, Says, Stage};
use school::{Actor, AreaId, Holder, MeetingId, Name, Note, Refusal, StaffId, VisitorId};

use crate::audit::Action;
use crate::callers::{Caller, since};
use crate::database::Work;
use crate::deeds::Aftermath;
use crate::fault::{Read, Result};
use crate::store::Store;
use crate::value::{columns, values};

/// How many of those who were seen last say how long it takes.
const SEEN_LAST: i64 = 5;

/// The most words left that a provider is shown of each area: the newest of them.
const MOST_WORDS: i64 = 200;

/// How it stands with somebody who takes callers.
#[derive(Clone, Debug)]
pub struct ProviderStands {
    /// Who.
    pub staff: StaffId,
    /// Their name.
    pub name: Name,
    /// What they say of themselves.
    pub says: Option<Says>,
    /// Their link into the calls of the area, once they took somebody.
    pub link: Option<LinkId>,
}

/// How it stands in an area, for those who wait there.
#[derive(Clone, Debug)]
pub struct AreaStands {
    /// Who takes callers there, by name.
    pub providers: Vec<ProviderStands>,
    /// Whom they took.
    pub taken: Vec<Caller>,
    /// How long those waited who were seen last; nothing where nobody was lately.
    pub waited: Option<SignedDuration>,
}

/// What a caller left to say who went.
#[derive(Clone, Debug)]
pub struct LeftWords {
    /// Whose.
    pub caller: VisitorId,
    /// To which area they had come.
    pub area: AreaId,
    /// Their name.
    pub name: Name,
    /// Why they had come; may be empty.
    pub reason: Note,
    /// What they left to say.
    pub words: Note,
    /// When they went.
    pub at: Timestamp,
}

columns! {
    struct ProviderRow {
        staff: StaffId,
        name: Name,
        late_minutes: Option<u32>,
        says_until: Option<Timestamp>,
        link: Option<LinkId>,
    }
}

columns! {
    struct SaysRow {
        area: AreaId,
        late_minutes: Option<u32>,
        says_until: Timestamp,
    }
}

columns! {
    struct SeenRow {
        came_at: Timestamp,
        joined_at: Timestamp,
    }
}

columns! {
    struct WordsRow {
        id: VisitorId,
        area: AreaId,
        name: Name,
        reason: Note,
        words: Note,
        stage_at: Timestamp,
    }
}

impl ProviderRow {
    fn read(self, now: Timestamp) -> ProviderStands {
        let until = self.says_until.filter(|until| now < *until);
        let says = until.map(|until| {
            let late = self.late_minutes.map(|minutes| Says::Late { minutes });
            late.unwrap_or(Says::Away { until })
        });
        ProviderStands {
            staff: self.staff,
            name: self.name,
            says,
            link: self.link,
        }
    }
}

impl Store {
    /// How it stands in an area.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn area_stands(&self, area: AreaId, now: Timestamp) -> Result<AreaStands> {
        let mut work = self.glance().await?;
        let providers: Vec<ProviderRow> = work
            .rows(
                "SELECT staff.id AS staff, staff.name AS name,
                   area_providers.late_minutes AS late_minutes,
                   area_providers.says_until AS says_until, links.id AS link
                 FROM area_providers
                 JOIN staff ON staff.school = area_providers.school
                   AND staff.id = area_providers.staff
                 LEFT JOIN links ON links.school = area_providers.school
                   AND links.scope = area_providers.area AND links.holder = area_providers.staff
                   AND links.withdrawn_at IS NULL
                 WHERE area_providers.school = $1 AND area_providers.area = $2
                 ORDER BY staff.name, staff.id",
                values![self.school, area],
            )
            .await?;
        let taken = self.taken_in(&mut work, area, now).await?;
        let lately = now.checked_sub(RECENT).unwrap_or(Timestamp::MIN);
        let seen: Vec<SeenRow> = work
            .rows(
                "SELECT came_at, joined_at FROM callers
                 WHERE school = $1 AND area = $2 AND came_at > $3 AND joined_at > $4
                 ORDER BY joined_at DESC, id LIMIT $5",
                values![self.school, area, since(now), lately, SEEN_LAST],
            )
            .await?;
        let waits = seen
            .iter()
            .map(|it| it.joined_at.duration_since(it.came_at));
        Ok(AreaStands {
            providers: providers.into_iter().map(|it| it.read(now)).collect(),
            taken,
            waited: waiting::middle(waits.collect()),
        })
    }

    /// What somebody says of themselves in each area in which they say anything.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn says_of(&self, staff: StaffId, now: Timestamp) -> Result<BTreeMap<AreaId, Says>> {
        let mut work = self.glance().await?;
        let rows: Vec<SaysRow> = work
            .rows(
                "SELECT area, late_minutes, says_until FROM area_providers
                 WHERE school = $1 AND staff = $2 AND says_until > $3",
                values![self.school, staff, now],
            )
            .await?;
        let says = rows.into_iter().map(|row| {
            let late = row.late_minutes.map(|minutes| Says::Late { minutes });
            let until = row.says_until;
            (row.area, late.unwrap_or(Says::Away { until }))
        });
        Ok(says.collect())
    }

    /// A provider says how it stands with them, or takes back what they said (WAIT-1).
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`].
    pub async fn say_in_area(
        &self,
        (staff, area): (StaffId, AreaId),
        says: Option<Says>,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let minutes = match says {
            Some(Says::Late { minutes }) => Some(i64::from(minutes)),
            Some(Says::Away { .. }) | None => None,
        };
        let until = says.map(|says| says.ends(now));
        let changed = work
            .run(
                "UPDATE area_providers SET late_minutes = $4, says_until = $5
                 WHERE school = $1 AND area = $2 AND staff = $3",
                values![self.school, area, staff, minutes, until],
            )
            .await?;
        if changed == 0 {
            return Err(Refusal::NotFound.into());
        }
        let (subject, actor) = (format!("area:{area}"), Actor::Staff(staff));
        let action = Action::ProviderSaid;
        self.audit(&mut work, actor, action, &subject, &[], now)
            .await?;
        let aftermath = self.hears_of_area(&mut work, area, now).await?;
        work.commit().await?;
        Ok(aftermath)
    }

    /// Everybody who sees how it stands in an area: those who wait, and the providers.
    pub(crate) async fn hears_of_area(
        &self,
        work: &mut Work,
        area: AreaId,
        now: Timestamp,
    ) -> Read<Aftermath> {
        let waiting = self.waiting_in(work, area, now).await?;
        Ok(Aftermath {
            pages: waiting.iter().map(|it| it.link).collect(),
            staff: self.providers_of(work, area).await?,
            ..Aftermath::default()
        })
    }

    /// Whom it concerns that somebody has come out of a meeting: they themselves, where they have an
    /// account, and of an area those who wait in it, and its providers.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn who_hears_of_parting(
        &self,
        (meeting, holder): (MeetingId, Holder),
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.read().await?;
        let mut heard = match self.area_of(&mut work, meeting).await? {
            Some(area) => self.hears_of_area(&mut work, area, now).await?,
            None => Aftermath::default(),
        };
        heard
            .staff
            .extend(self.staff_behind(&mut work, holder).await?);
        Ok(heard)
    }

    /// A provider writes to a caller who waits; what was written before is gone (WAIT-1).
    ///
    /// # Errors
    ///
    /// [`Refusal::CallerTaken`], [`Refusal::CallerGone`], and [`Refusal::NotFound`].
    pub async fn message_caller(
        &self,
        (staff, area, caller): (StaffId, AreaId, VisitorId),
        message: &Note,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let caller = self.find_for(&mut work, (staff, area, caller), now).await?;
        match caller.visit.stage {
            Stage::Waiting => {}
            Stage::Taken { .. } => return Err(Refusal::CallerTaken.into()),
            Stage::Ended | Stage::Left => return Err(Refusal::CallerGone.into()),
        }
        work.run(
            "UPDATE callers SET message = $3 WHERE school = $1 AND id = $2",
            values![self.school, caller.id, message],
        )
        .await?;
        let (subject, actor) = (format!("visitor:{}", caller.id), Actor::Staff(staff));
        let action = Action::CallerMessaged;
        self.audit(&mut work, actor, action, &subject, &[], now)
            .await?;
        let aftermath = Aftermath {
            pages: [caller.link].into(),
            staff: self.providers_of(&mut work, area).await?,
            ..Aftermath::default()
        };
        work.commit().await?;
        Ok(aftermath)
    }

    /// Those who wait in an area, for one of its providers.
    async fn all_who_wait(
        &self,
        work: &mut Work,
        (staff, area): (StaffId, AreaId),
        now: Timestamp,
    ) -> Result<Aftermath> {
        let heard = self.hears_of_area(work, area, now).await?;
        if heard.staff.contains(&staff) {
            Ok(heard)
        } else {
            Err(Refusal::NotFound.into())
        }
    }

    /// A provider writes to everybody who waits in an area; what they were written before is gone
    /// (WAIT-1).
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`].
    pub async fn message_waiting(
        &self,
        (staff, area): (StaffId, AreaId),
        message: &Note,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let aftermath = self.all_who_wait(&mut work, (staff, area), now).await?;
        work.run(
            "UPDATE callers SET message = $4
             WHERE school = $1 AND area = $2 AND came_at > $3 AND stage = 'waiting'",
            values![self.school, area, since(now), message],
        )
        .await?;
        self.audit_of_all(&mut work, (staff, area), Action::CallerMessaged, now)
            .await?;
        work.commit().await?;
        Ok(aftermath)
    }

    /// A provider ends the visits of everybody who waits in an area, with a word to them, which may be
    /// empty. Whoever is in a call stays in it.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`].
    pub async fn end_waiting(
        &self,
        (staff, area): (StaffId, AreaId),
        word: &Note,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let aftermath = self.all_who_wait(&mut work, (staff, area), now).await?;
        work.run(
            "UPDATE callers SET stage = 'ended', stage_at = $5, word = $4
             WHERE school = $1 AND area = $2 AND came_at > $3 AND stage = 'waiting'",
            values![self.school, area, since(now), word, now],
        )
        .await?;
        self.audit_of_all(&mut work, (staff, area), Action::WaitEnded, now)
            .await?;
        work.commit().await?;
        Ok(aftermath)
    }

    async fn audit_of_all(
        &self,
        work: &mut Work,
        (staff, area): (StaffId, AreaId),
        action: Action,
        now: Timestamp,
    ) -> Result<()> {
        let (actor, subject) = (Actor::Staff(staff), format!("area:{area}"));
        self.audit(work, actor, action, &subject, &[], now).await
    }

    /// What callers left to say in the areas of a provider, and nobody has set aside; the oldest first.
    /// Where too many are left, the oldest come when others were set aside.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn words_left(&self, staff: StaffId) -> Result<Vec<LeftWords>> {
        let mut work = self.glance().await?;
        let rows: Vec<WordsRow> = work
            .rows(
                "SELECT id, area, name, reason, words, stage_at FROM (
                   SELECT id, area, name, reason, left_words AS words, stage_at,
                     ROW_NUMBER() OVER (PARTITION BY area ORDER BY stage_at DESC, id) AS back
                   FROM callers
                   WHERE school = $1 AND left_words <> '' AND area IN (
                     SELECT area FROM area_providers
                     WHERE area_providers.school = $1 AND area_providers.staff = $2)
                 ) AS kept
                 WHERE back <= $3 ORDER BY stage_at, id",
                values![self.school, staff, MOST_WORDS],
            )
            .await?;
        let words = rows.into_iter().map(|row| LeftWords {
            caller: row.id,
            area: row.area,
            name: row.name,
            reason: row.reason,
            words: row.words,
            at: row.stage_at,
        });
        Ok(words.collect())
    }

    /// A provider sets aside what a caller left to say: it is erased. Set aside once more, it is as it was.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`].
    pub async fn set_words_aside(
        &self,
        (staff, area, caller): (StaffId, AreaId, VisitorId),
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let providers = self.providers_of(&mut work, area).await?;
        let known = work
            .count(
                "SELECT COUNT(*) FROM callers WHERE school = $1 AND id = $2 AND area = $3",
                values![self.school, caller, area],
            )
            .await?;
        if known == 0 || !providers.contains(&staff) {
            return Err(Refusal::NotFound.into());
        }
        let erased = work
            .run(
                "UPDATE callers SET left_words = ''
                 WHERE school = $1 AND id = $2 AND left_words <> ''",
                values![self.school, caller],
            )
            .await?;
        if erased == 0 {
            return Ok(Aftermath::default());
        }
        let (subject, actor) = (format!("visitor:{caller}"), Actor::Staff(staff));
        let action = Action::WordsSetAside;
        self.audit(&mut work, actor, action, &subject, &[], now)
            .await?;
        work.commit().await?;
        Ok(Aftermath {
            staff: providers,
            ..Aftermath::default()
        })
    }
}
