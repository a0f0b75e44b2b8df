//! Those who leave their name at the door of a room or a waiting area, and may be somebody with a court
//! order (DIR-4).

use jiff::Timestamp;
use school::court_order::Match;
use school::rooms::Details;
use school::{
    Actor, AreaId, ContactId, EmailAddress, Label, Name, Note, Refusal, RoomId, Scope, ScopeId,
    VisitorId,
};

use super::{ComparedRow, HeldGuest};
use crate::audit::Action;
use crate::call_guests::{Reach, a_day_before, of};
use crate::database::Work;
use crate::fault::{Fault, Read, Result};
use crate::invitations::{because_of, code};
use crate::store::Store;
use crate::value::{columns, values};

/// Somebody at a door.
pub(crate) struct Comer<'a> {
    /// The name they gave.
    pub(crate) name: &'a Name,
    /// What else they entered.
    pub(crate) details: &'a Details,
    /// The press by which they came.
    pub(crate) attempt: &'a str,
}

columns! {
    /// Who waits at a door, or waited.
    pub(crate) struct DoorRow {
        pub(crate) id: VisitorId,
        scope: ScopeId,
        is_room: i64,
        venue: Option<Label>,
        name: Name,
        reason: Note,
        email: Option<EmailAddress>,
        mobile: Option<Label>,
        attempt: String,
        may_be: ContactId,
        contact_name: Option<Name>,
        held_because: String,
        held_at: Timestamp,
        let_in_at: Option<Timestamp>,
        turned_away_at: Option<Timestamp>,
    }
}

macro_rules! doors {
    ($where:literal) => {
        concat!(
            "SELECT held_at_doors.id AS id, held_at_doors.scope AS scope,
               CAST(CASE WHEN rooms.id IS NULL THEN 0 ELSE 1 END AS BIGINT) AS is_room,
               COALESCE(rooms.name, areas.name) AS venue,
               held_at_doors.name AS name, held_at_doors.reason AS reason,
               held_at_doors.email AS email, held_at_doors.mobile AS mobile,
               held_at_doors.attempt AS attempt, held_at_doors.may_be AS may_be,
               contacts.name AS contact_name, held_at_doors.held_because AS held_because,
               held_at_doors.held_at AS held_at, held_at_doors.let_in_at AS let_in_at,
               held_at_doors.turned_away_at AS turned_away_at
             FROM held_at_doors
             LEFT JOIN rooms ON rooms.school = held_at_doors.school
               AND rooms.id = held_at_doors.scope
             LEFT JOIN areas ON areas.school = held_at_doors.school
               AND areas.id = held_at_doors.scope
             LEFT JOIN contacts ON contacts.school = held_at_doors.school
               AND contacts.id = held_at_doors.may_be
             WHERE held_at_doors.school = $1 AND ",
            $where
        )
    };
}

/// How somebody stands at a door.
pub(crate) enum AtDoor {
    /// They wait for the office.
    Held,
    /// The office has let them in, as who they said they were.
    LetIn(Box<DoorRow>),
    /// They are nobody who is kept away.
    Free,
}

impl DoorRow {
    /// What they entered besides their name.
    pub(crate) fn details(&self) -> Details {
        Details {
            email: self.email.clone(),
            mobile: self.mobile.clone(),
            reason: self.reason.clone(),
        }
    }

    /// They, as they came.
    pub(crate) fn comer<'a>(&'a self, details: &'a Details) -> Comer<'a> {
        Comer {
            name: &self.name,
            details,
            attempt: &self.attempt,
        }
    }

    fn scope(&self) -> Scope {
        if self.is_room == 1 {
            RoomId(self.scope.0).into()
        } else {
            AreaId(self.scope.0).into()
        }
    }

    pub(super) fn held(self) -> Read<HeldGuest> {
        Ok(HeldGuest {
            id: self.id,
            name: self.name,
            reach: self.email.map_or(Reach::Link, Reach::Email),
            mobile: self.mobile,
            reason: self.reason,
            inviter: None,
            venue: self.venue.ok_or(Fault::Broken("a door of nothing"))?,
            student: None,
            contact: self.contact_name.map(|name| (self.may_be, name)),
            because: because_of(&self.held_because)?,
            asked_at: self.held_at,
        })
    }
}

impl Comer<'_> {
    /// What they say is all that is known of them.
    fn compared(&self) -> ComparedRow {
        ComparedRow {
            id: VisitorId(0),
            name: Some(self.name.clone()),
            email: self.details.email.clone(),
            may_be: None,
            let_in_at: None,
            student: None,
        }
    }
}

impl Store {
    /// How somebody stands who leaves their name at a door; the office hears of who is to wait. They wait
    /// by the same press, whatever name they give, and at whatever door.
    pub(crate) async fn at_door_stands(
        &self,
        work: &mut Work,
        scope: Scope,
        comer: &Comer<'_>,
        now: Timestamp,
    ) -> Result<AtDoor> {
        let known: Vec<DoorRow> = work
            .rows(
                doors!("held_at_doors.attempt = $2"),
                values![self.school, comer.attempt],
            )
            .await?;
        if known.iter().any(|it| it.let_in_at.is_none()) {
            return Ok(AtDoor::Held);
        }
        if let Some(row) = known.into_iter().find(|it| it.scope == scope.id()) {
            return self.let_in_before(work, row, now).await;
        }
        let Some((contact, because)) = self.most_like(work, &comer.compared()).await? else {
            return Ok(AtDoor::Free);
        };
        let visitor = VisitorId(Self::new_id());
        work.run(
            "INSERT INTO held_at_doors (school, id, scope, name, reason, attempt, may_be,
               held_because, held_at, email, mobile)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            values![
                self.school,
                visitor,
                scope,
                comer.name,
                &comer.details.reason,
                comer.attempt,
                contact,
                code(because),
                now,
                comer.details.email.as_ref().map(EmailAddress::reveal),
                comer.details.mobile.as_ref().map(Label::as_str)
            ],
        )
        .await?;
        self.note_held(work, (visitor, scope, contact), now).await?;
        Ok(AtDoor::Held)
    }

    /// They come under the name with which the office let them in; held anew where an order that was
    /// entered since may be theirs.
    async fn let_in_before(&self, work: &mut Work, row: DoorRow, now: Timestamp) -> Result<AtDoor> {
        let compared = ComparedRow {
            may_be: Some(row.may_be),
            let_in_at: row.let_in_at,
            ..row.comer(&row.details()).compared()
        };
        let Some((contact, because)) = self.most_like(work, &compared).await? else {
            return Ok(AtDoor::LetIn(Box::new(row)));
        };
        work.run(
            "UPDATE held_at_doors SET may_be = $3, held_because = $4, held_at = $5,
               let_in_at = NULL
             WHERE school = $1 AND id = $2",
            values![self.school, row.id, contact, code(because), now],
        )
        .await?;
        self.note_held(work, (row.id, row.scope(), contact), now)
            .await?;
        Ok(AtDoor::Held)
    }

    async fn note_held(
        &self,
        work: &mut Work,
        (visitor, scope, contact): (VisitorId, Scope, ContactId),
        now: Timestamp,
    ) -> Result<()> {
        let detail = [(scope.code(), scope.id().0), ("contact", contact.0)];
        let (actor, action) = (Actor::Visitor(visitor), Action::GuestHeld);
        self.audit(work, actor, action, &of(visitor), &detail, now)
            .await?;
        self.tell_office(work, now).await
    }

    /// How many came to a door since then, and were not let in.
    pub(crate) async fn count_held_at(
        &self,
        work: &mut Work,
        scope: Scope,
        since: Timestamp,
    ) -> Read<i64> {
        work.count(
            "SELECT COUNT(*) FROM held_at_doors
             WHERE school = $1 AND scope = $2 AND held_at > $3 AND let_in_at IS NULL",
            values![self.school, scope, since],
        )
        .await
    }

    /// Those who wait at doors; who has waited for a day waits no more, nor who waits where it is closed.
    pub(super) async fn waiting_at_doors(
        &self,
        work: &mut Work,
        now: Timestamp,
    ) -> Read<Vec<DoorRow>> {
        work.rows(
            doors!(
                "held_at_doors.held_at > $2 AND held_at_doors.let_in_at IS NULL
                 AND held_at_doors.turned_away_at IS NULL AND rooms.closed_at IS NULL
                 ORDER BY held_at_doors.held_at, held_at_doors.id"
            ),
            values![self.school, a_day_before(now)],
        )
        .await
    }

    pub(super) async fn at_door(
        &self,
        work: &mut Work,
        visitor: VisitorId,
    ) -> Read<Option<DoorRow>> {
        work.row(
            doors!("held_at_doors.id = $2"),
            values![self.school, visitor],
        )
        .await
    }

    /// The office lets in who is not the person with the court order: they are a guest once they press
    /// again. Whoever has gone meanwhile is nowhere.
    pub(super) async fn let_in_at_door(
        &self,
        work: &mut Work,
        row: &DoorRow,
        (actor, now): (Actor, Timestamp),
    ) -> Result<()> {
        if row.turned_away_at.is_some() {
            return Err(Refusal::InvitationRemoved.into());
        }
        if row.let_in_at.is_some() {
            return Ok(());
        }
        let compared = row.comer(&row.details()).compared();
        let found = self.most_like(work, &compared).await?;
        if found.is_some_and(|(_, how)| how == Match::Email) {
            return Err(Refusal::CourtOrderStands.into());
        }
        work.run(
            "UPDATE held_at_doors SET let_in_at = $3 WHERE school = $1 AND id = $2",
            values![self.school, row.id, now],
        )
        .await?;
        let scope = row.scope();
        let (action, detail) = (Action::GuestLetIn, [(scope.code(), scope.id().0)]);
        self.audit(work, actor, action, &of(row.id), &detail, now)
            .await
    }

    /// Whether somebody waits at a door still.
    pub(super) fn check_waits_at_door(row: &DoorRow) -> Result<()> {
        match (row.let_in_at, row.turned_away_at) {
            (Some(_), _) => Err(Refusal::ApprovedAlready.into()),
            (None, Some(_)) => Err(Refusal::DeclinedAlready.into()),
            (None, None) => Ok(()),
        }
    }

    /// They wait no more, and do not come in.
    pub(super) async fn end_at_door(
        &self,
        work: &mut Work,
        visitor: VisitorId,
        now: Timestamp,
    ) -> Read<()> {
        work.run(
            "UPDATE held_at_doors SET turned_away_at = $3
             WHERE school = $1 AND id = $2 AND let_in_at IS NULL",
            values![self.school, visitor, now],
        )
        .await?;
        Ok(())
    }
}
