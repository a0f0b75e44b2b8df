//! Any parent's invitations (INV-9), and those that wait for the office (DIR-4).

use axum::Json;
use axum::http::StatusCode;
use school::court_order::Match;
use school::import::Unentered;
use school::{EmailAddress, EveningId, HolderId, InvitationId, Name, Note, VisitorId, WishId};
use store::{Delivery, HeldGuest, Invitation, Reach, WaitingParent};
use wire::http::office::{
    Approval, Approvals, AskedAppointment, Attention, Decided, Decision, HeldRecord,
    OfficeAddressRequest, OfficeInvitation, OfficeInvitations,
};
use wire::http::people::{ChangedDetail, ChangedWhat, MayBe, OrderDismissal};

use super::super::extract::{Body, Path};
use super::super::refused::Refused;
use super::super::show;
use super::Office;
use super::import::unentered;

/// `GET /api/v1/evenings/{evening}/invitations`.
pub(crate) async fn list(
    office: Office,
    Path(id): Path<EveningId>,
) -> Result<Json<OfficeInvitations>, Refused> {
    office.store.evening(id).await?;
    let mut all = office.store.invitations_of_evening(id).await?;
    all.reverse();
    let stopped = office.store.spent(id, office.now).await?;
    Ok(Json(OfficeInvitations {
        invitations: all.iter().map(view).collect(),
        stopped: stopped
            .iter()
            .map(|it| it.name.reveal().to_owned())
            .collect(),
    }))
}

/// `POST /api/v1/invitations/{invitation}/resend`.
pub(crate) async fn resend(
    office: Office,
    Path(id): Path<InvitationId>,
) -> Result<Json<OfficeInvitation>, Refused> {
    office
        .doing()
        .perform(|it| async move { it.store.resend(id, it.by, it.now).await })
        .await?;
    let one = office.store.one_invitation(id).await?;
    Ok(Json(view(&one)))
}

/// `DELETE /api/v1/invitations/{invitation}`.
pub(crate) async fn remove(
    office: Office,
    Path(id): Path<InvitationId>,
) -> Result<StatusCode, Refused> {
    // One that was removed already is unknown.
    office.store.one_invitation(id).await?;
    office
        .doing()
        .perform(|it| async move { it.store.remove_invitation(id, it.by, it.now).await })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/invitations/{invitation}/address`: a new link, the old one dead (LINK-3).
pub(crate) async fn change_address(
    office: Office,
    Path(id): Path<InvitationId>,
    Body(asked): Body<OfficeAddressRequest>,
) -> Result<Json<OfficeInvitation>, Refused> {
    let email = EmailAddress::read(&asked.email)?;
    office
        .doing()
        .perform(|it| async move {
            let changed = it.store.change_address(id, &email, it.by, it.now);
            changed.await
        })
        .await?;
    let one = office.store.one_invitation(id).await?;
    Ok(Json(view(&one)))
}

/// `POST /api/v1/invitations/{invitation}/erase`: nothing of the guest is left (DIR-10).
pub(crate) async fn erase(
    office: Office,
    Path(id): Path<InvitationId>,
) -> Result<StatusCode, Refused> {
    office
        .doing()
        .perform(|it| async move { it.store.erase_guest(id, it.by, it.now).await })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /api/v1/attention`.
pub(crate) async fn attention(office: Office) -> Result<Json<Attention>, Refused> {
    let waits = office.store.attention(office.now).await?;
    let count = |it: i64| u32::try_from(it).unwrap_or(u32::MAX);
    Ok(Json(Attention {
        to_decide: count(waits.to_decide),
        undelivered: count(waits.undelivered),
        mail_waiting: count(waits.mail_waiting),
        mail_reason: waits.mail_reason,
    }))
}

fn guest(one: store::Approval) -> Approval {
    Approval {
        id: one.invitation.id.to_string(),
        parent: one.invitation.inviter_name.reveal().to_owned(),
        evening: one.evening_name.as_str().to_owned(),
        name: one.invitation.name.reveal().to_owned(),
        email: one.invitation.email.reveal().to_owned(),
        students: students(&one.invitation),
        asked: one.asked_at.to_string(),
        // Of somebody who was erased nothing is certain any more.
        is_certain: one.contact.is_some() && one.because == Match::Email,
        contact: one
            .contact
            .map_or_else(String::new, |(_, it)| show::name(&it)),
        at_door: false,
        mobile: String::new(),
        reason: String::new(),
        is_parent: false,
    }
}

/// `GET /api/v1/approvals`.
pub(crate) async fn approvals(office: Office) -> Result<Json<Approvals>, Refused> {
    let mut approvals = Vec::new();
    for one in office.store.approvals(office.now).await? {
        approvals.push(guest(one));
    }
    let parents = office.store.waiting_parents().await?;
    approvals.extend(parents.iter().map(parent));
    for one in office.store.held_guests(office.now).await? {
        approvals.push(held(&one));
    }
    approvals.sort_by(|one, other| one.asked.cmp(&other.asked));
    let records = office.store.suspended().await?;
    let records = records.into_iter().map(|one| HeldRecord {
        contact: one.contact.to_string(),
        name: one.name.reveal().to_owned(),
        student: one.student.to_string(),
        may_be: MayBe {
            contact: one.may_be.contact.to_string(),
            name: one.may_be.name.reveal().to_owned(),
        },
    });
    Ok(Json(Approvals {
        approvals,
        records: records.collect(),
        appointments: office
            .store
            .asked(office.now)
            .await?
            .iter()
            .map(asked)
            .collect(),
        details: office
            .store
            .changed_details()
            .await?
            .iter()
            .map(changed)
            .collect(),
        orders: office
            .store
            .unentered_orders()
            .await?
            .iter()
            .map(unentered)
            .collect(),
        dismissed: office
            .store
            .dismissed_orders()
            .await?
            .iter()
            .map(unentered)
            .collect(),
    }))
}

/// `POST /api/v1/orders/dismiss`.
pub(crate) async fn dismiss_order(
    office: Office,
    Body(OrderDismissal { order, dismiss }): Body<OrderDismissal>,
) -> Result<StatusCode, Refused> {
    let (actor, now) = (office.actor(), office.now);
    let order = Unentered {
        key: order.key,
        name: order.name,
        student: order.student,
    };
    office
        .store
        .dismiss_order(&order, dismiss, actor, now)
        .await?;
    office.house.tell_of_last_run().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/approvals/{approval}`.
pub(crate) async fn decide(
    office: Office,
    Path(id): Path<HolderId>,
    Body(Decision { approve, reason }): Body<Decision>,
) -> Result<Json<Decided>, Refused> {
    let reason = Note::read(&reason).map_err(|it| Refused::Fields(vec![("reason", it)]))?;
    let registered = office
        .doing()
        .perform(|it| async move {
            let (invitation, visitor) = (InvitationId(id.0), VisitorId(id.0));
            let parent = WishId(id.0);
            if it.store.is_named_parent(parent).await? {
                return if approve {
                    it.store.approve_parent(parent, it.by, it.now).await
                } else {
                    let declined = it.store.decline_parent(parent, &reason, it.by, it.now);
                    declined.await.map(|it| (false, it))
                };
            }
            let is_visitor = it.store.is_visitor(visitor).await?;
            let decided = match (is_visitor, approve) {
                (false, true) => it.store.approve(invitation, it.by, it.now).await,
                (false, false) => {
                    let declined = it.store.decline(invitation, &reason, it.by, it.now);
                    declined.await
                }
                (true, true) => it.store.let_guest_in(visitor, it.by, it.now).await,
                (true, false) => it.store.turn_guest_away(visitor, it.by, it.now).await,
            };
            decided.map(|it| (false, it))
        })
        .await?;
    Ok(Json(Decided { registered }))
}

/// A guest at the door of a meeting: who invited them to what, where somebody did, and where they were
/// written to.
fn held(one: &HeldGuest) -> Approval {
    let name = |it: &Option<Name>| it.as_ref().map_or_else(String::new, show::name);
    Approval {
        id: one.id.to_string(),
        parent: name(&one.inviter),
        evening: one.venue.as_str().to_owned(),
        name: one.name.reveal().to_owned(),
        email: match &one.reach {
            Reach::Email(email) => email.reveal().to_owned(),
            Reach::Mobile(mobile) => mobile.reveal().to_owned(),
            Reach::Link => String::new(),
        },
        students: one.student.iter().map(show::name).collect(),
        asked: one.asked_at.to_string(),
        is_certain: one.contact.is_some() && one.because == Match::Email,
        contact: one
            .contact
            .as_ref()
            .map_or_else(String::new, |(_, it)| show::name(it)),
        at_door: true,
        mobile: one
            .mobile
            .as_ref()
            .map_or_else(String::new, |it| it.as_str().to_owned()),
        reason: one.reason.reveal().to_owned(),
        is_parent: false,
    }
}

/// Another parent of a student, whom a parent has named.
fn parent(one: &WaitingParent) -> Approval {
    let may_be = one.may_be.as_ref();
    Approval {
        id: one.id.to_string(),
        parent: show::name(&one.inviter),
        evening: String::new(),
        name: show::name(&one.name),
        email: one.email.reveal().to_owned(),
        students: vec![show::name(&one.student)],
        asked: one.asked_at.to_string(),
        is_certain: may_be.is_some_and(|(_, how)| *how == Match::Email),
        contact: may_be.map_or_else(String::new, |(it, _)| show::name(it)),
        at_door: false,
        is_parent: true,
        mobile: String::new(),
        reason: String::new(),
    }
}

fn changed(one: &store::ChangedDetail) -> ChangedDetail {
    let students = one.students.iter();
    ChangedDetail {
        what: match one.what {
            store::Detail::Telephone => ChangedWhat::Telephone,
            store::Detail::Email => ChangedWhat::Email,
            store::Detail::Name(_) => ChangedWhat::Name,
        },
        student: match one.what {
            store::Detail::Name(student) => student.map(|it| it.to_string()),
            store::Detail::Telephone | store::Detail::Email => None,
        },
        contact: one.contact.to_string(),
        name: show::name(&one.name),
        students: students.map(show::name).collect(),
        own: one.own.clone(),
        school: one.school.clone(),
        since: one.since.to_string(),
    }
}

fn asked(one: &store::Asked) -> AskedAppointment {
    let names = |all: &[(school::TeacherId, Name)]| {
        let names = all.iter().map(|(_, it)| show::name(it));
        names.collect::<Vec<_>>()
    };
    let about = &one.appointment;
    AskedAppointment {
        booking: about.id.to_string(),
        evening: one.evening.draft.name.as_str().to_owned(),
        time_zone: one.evening.draft.zone.clone(),
        student: about.student_name.reveal().to_owned(),
        parent: about.parent_name.reveal().to_owned(),
        subject: about.subject.as_str().to_owned(),
        starts: about.start.to_string(),
        teachers: names(&about.teachers),
        may_be_kept: one.may_be_kept,
        left_class: one.has_left_class,
        instead: names(&one.teachers),
        free: one.free.iter().map(ToString::to_string).collect(),
    }
}

fn students(one: &Invitation) -> Vec<String> {
    one.students.iter().map(|(_, it)| show::name(it)).collect()
}

fn view(one: &Invitation) -> OfficeInvitation {
    OfficeInvitation {
        id: one.id.to_string(),
        parent: one.inviter_name.reveal().to_owned(),
        name: one.name.reveal().to_owned(),
        email: one.email.reveal().to_owned(),
        students: students(one),
        state: show::invitation_state(one),
        sent: one.sent_at.to_string(),
        consented: one.consented_at.to_string(),
        wording: one.wording.to_string(),
        bounce: match &one.delivery {
            Some(Delivery::Bounced { reason }) => reason.clone(),
            Some(Delivery::Waiting | Delivery::Sent | Delivery::Delivered) | None => String::new(),
        },
    }
}
