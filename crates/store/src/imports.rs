//! Students, contacts, teachers and classes out of a file or another system (DIR-1, DIR-11).

mod existing;
mod leaving;
mod many;
mod staff;

use std::panic::resume_unwind;
use std::sync::Arc;

use jiff::Timestamp;
use school::import::{
    ContactStep, Existing, Incoming, Leaving, Outcome, Plan, RowResult, Step, Unentered, Which,
    reconcile,
};
use school::{Actor, ClassId, ContactId, Name, Refusal, StudentId, TeacherId};
use tokio::task::spawn_blocking;

use crate::audit::Action;
use crate::database::Work;
use crate::deeds::Aftermath;
use crate::fault::{Error, Result};
use crate::registrations::SentRegistrations;
use crate::store::Store;
use crate::value::values;

/// Whether an import is done, or only tried.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Doing {
    /// Nothing changes.
    Trying,
    /// It is done, unless more than a fifth of all people would leave with it.
    Surely,
    /// It is done, however many leave.
    AllTheSame,
}

/// What is done with the contacts whom an import brings.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Then {
    /// Nothing.
    Nothing,
    /// Those who may be are invited to register (DIR-7).
    Invite,
}

/// What an import came to.
#[derive(Clone, Debug)]
pub struct Imported {
    /// What became of every row.
    pub results: Vec<RowResult>,
    /// Who and what is there no longer.
    pub leaving: Vec<Leaving>,
    /// How many people it does not name, and stay because a refused row may be theirs.
    pub kept_back: usize,
    /// Court orders that it says and that could not be entered.
    pub unentered: Vec<Unentered>,
    /// Whether so many leave that somebody must say that they do.
    pub asks_first: bool,
    /// Whether it was done.
    pub is_done: bool,
    /// What ended with it.
    pub aftermath: Aftermath,
    /// What became of inviting those whom it brought to register, where that was asked for.
    pub invited: Option<SentRegistrations>,
    /// What the office should know of how the source was read.
    pub notes: Vec<String>,
}

impl Imported {
    /// What both came to, one after the other.
    #[must_use]
    pub fn followed_by(mut self, next: Self) -> Self {
        self.results.extend(next.results);
        self.leaving.extend(next.leaving);
        self.notes.extend(next.notes);
        self.aftermath.extend(next.aftermath);
        self.asks_first |= next.asks_first;
        self.is_done &= next.is_done;
        self.invited = self.invited.or(next.invited);
        self
    }

    fn tried(plan: Plan) -> Self {
        Self {
            asks_first: plan.asks_first(),
            results: plan.results,
            leaving: plan.leaving,
            notes: plan.notes,
            kept_back: plan.kept_back,
            unentered: plan.unentered.unwrap_or_default(),
            is_done: false,
            aftermath: Aftermath::default(),
            invited: None,
        }
    }
}

/// What a source changes, found on a thread of its own: whoever waits for a short answer does not
/// wait for a large file.
async fn planned(incoming: Arc<Incoming>, existing: Existing) -> Plan {
    let planning = spawn_blocking(move || reconcile(&existing, &incoming));
    planning
        .await
        .unwrap_or_else(|failed| resume_unwind(failed.into_panic()))
}

impl Store {
    /// What becomes of every row of a source; where it is done, it is all of it at once. Rows that
    /// are refused are left out. Where contacts whom it brings are invited, it is with it or not at all.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn import(
        &self,
        incoming: impl Into<Arc<Incoming>>,
        (doing, then): (Doing, Then),
        actor: Actor,
        now: Timestamp,
    ) -> Result<Imported> {
        let incoming = incoming.into();
        if doing == Doing::Trying {
            let existing = self.existing(&mut self.read().await?, &incoming).await?;
            let mut plan = planned(incoming, existing).await;
            self.leave_out_dismissed(&mut self.read().await?, &mut plan)
                .await?;
            return Ok(Imported::tried(plan));
        }
        let mut work = self.write().await?;
        work.at_length().await?;
        let existing = self.existing(&mut work, &incoming).await?;
        let mut plan = planned(incoming, existing).await;
        if doing == Doing::Surely && plan.asks_first() {
            return self.take_orders_alone(work, plan, actor, now).await;
        }
        let (mut aftermath, contacts) = self.take_in(&mut work, &plan, actor, now).await?;
        if !plan.is_empty() {
            aftermath.extend(self.look_again(&mut work, actor, now).await?);
        }
        let invited = match then {
            Then::Nothing => None,
            Then::Invite => {
                let sent = self.invite_to_register(&mut work, &contacts, actor, now);
                Some(sent.await?)
            }
        };
        self.note_orders_of(&mut work, &mut plan, now).await?;
        let count = |outcome| {
            let these = plan.results.iter().filter(|it| it.outcome == outcome);
            u64::try_from(these.count()).unwrap_or(u64::MAX)
        };
        let detail = [
            ("created", count(Outcome::Created)),
            ("updated", count(Outcome::Updated)),
            ("refused", count(Outcome::Refused)),
            (
                "left",
                u64::try_from(plan.people_leaving()).unwrap_or(u64::MAX),
            ),
        ];
        self.audit(&mut work, actor, Action::Imported, "students", &detail, now)
            .await?;
        work.commit().await?;
        Ok(Imported {
            is_done: true,
            aftermath,
            invited,
            ..Imported::tried(plan)
        })
    }

    /// Court orders on those who are here do not wait until the office says that so many leave; nor does
    /// what it is to be told of others.
    async fn take_orders_alone(
        &self,
        mut work: Work,
        mut plan: Plan,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Imported> {
        let mut aftermath = Aftermath::default();
        for which in &plan.orders {
            if let Which::Kept(contact) = which {
                let ended = self.enter_court_order(&mut work, *contact, actor, now);
                aftermath.extend(ended.await?.unwrap_or_default());
            }
        }
        if !plan.orders.is_empty() {
            aftermath.extend(self.look_again(&mut work, actor, now).await?);
        }
        self.note_orders_of(&mut work, &mut plan, now).await?;
        work.commit().await?;
        Ok(Imported {
            aftermath,
            ..Imported::tried(plan)
        })
    }

    async fn note_orders_of(&self, work: &mut Work, plan: &mut Plan, now: Timestamp) -> Result<()> {
        if let Some(unentered) = &plan.unentered {
            self.note_unentered_orders(work, unentered, now).await?;
        }
        self.leave_out_dismissed(work, plan).await?;
        Ok(())
    }

    /// Who is in a class no longer, and who is in one again.
    async fn ask_of_places_left(
        &self,
        work: &mut Work,
        plan: &Plan,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let places = plan.leaving.iter().filter_map(|it| match it {
            Leaving::Place(place, _) => Some(*place),
            Leaving::Student(..)
            | Leaving::Contact(..)
            | Leaving::Teacher(..)
            | Leaving::Class(..)
            | Leaving::Guardian(..) => None,
        });
        let aftermath = self.end_places(work, places.collect(), actor, now).await?;
        self.ask_no_more(work, actor, now).await?;
        Ok(aftermath)
    }

    async fn take_in(
        &self,
        work: &mut Work,
        plan: &Plan,
        actor: Actor,
        now: Timestamp,
    ) -> Result<(Aftermath, Vec<ContactId>)> {
        let mut brought = Brought::default();
        // Before classes are given to those who are back.
        for person in &plan.back {
            self.welcome_back(work, *person, actor, now).await?;
        }
        let mut aftermath = self
            .take_in_staff(work, &plan.staff, &mut brought, (actor, now))
            .await?;
        self.add_people(work, &plan.steps, &mut brought).await?;
        for step in &plan.steps {
            match step {
                Step::ChangeStudent {
                    id,
                    name,
                    form,
                    year,
                    source,
                    records_name,
                } => {
                    let (place, source) = ((form.as_str(), Some(year.as_str())), source.as_deref());
                    self.update_student(work, *id, name, place, source).await?;
                    let records_name = (*id, records_name.as_ref());
                    self.note_records_name(work, records_name).await?;
                }
                Step::ChangeContact { id, email } => {
                    let changed = self.readdress_contact(work, *id, email, actor, now);
                    aftermath.extend(changed.await?);
                }
                Step::OtherAddress { id, email } => {
                    let of = (*id, email);
                    self.note_other_address(work, of, actor, now).await?;
                }
                Step::Call { contact, mobile } => {
                    let contact = brought.contact(*contact)?;
                    self.note_mobile(work, contact, Some(mobile)).await?;
                    self.forget_mobile_by_hand(work, contact).await?;
                }
                Step::AddStudent { .. }
                | Step::AddContact { .. }
                | Step::Telephone { .. }
                | Step::Place { .. }
                | Step::Link { .. } => {}
            }
        }
        for step in &plan.contacts {
            self.know_better(work, step, &brought).await?;
        }
        for which in &plan.orders {
            let contact = brought.contact(*which)?;
            let ended = self.enter_court_order(work, contact, actor, now).await?;
            aftermath.extend(ended.unwrap_or_default());
        }
        self.settle(work, plan).await?;
        for leaving in &plan.leaving {
            let left = self.take_leave(work, leaving, actor, now).await?;
            aftermath.extend(left);
        }
        aftermath.extend(self.ask_of_places_left(work, plan, actor, now).await?);
        Ok((aftermath, brought.contacts))
    }

    /// What the office decided against the source, and what the source says by now too, is decided no more.
    async fn settle(&self, work: &mut Work, plan: &Plan) -> Result<()> {
        for person in &plan.settled {
            self.note_stay(work, *person, false).await?;
        }
        for class in &plan.agreed {
            self.forget_takers(work, *class).await?;
        }
        for contact in &plan.called {
            self.forget_mobile_by_hand(work, *contact).await?;
        }
        Ok(())
    }

    async fn know_better(
        &self,
        work: &mut Work,
        step: &ContactStep,
        brought: &Brought,
    ) -> Result<()> {
        work.run(
            "UPDATE contacts SET name = $3, name_key = $4, source = $5, records_name = $6
             WHERE school = $1 AND id = $2",
            values![
                self.school,
                brought.contact(step.contact)?,
                &step.name,
                step.name.key(),
                step.source.as_deref(),
                step.records_name.as_ref().map(Name::reveal)
            ],
        )
        .await?;
        Ok(())
    }
}

/// Whom the steps so far have brought, in order.
#[derive(Default)]
struct Brought {
    teachers: Vec<TeacherId>,
    classes: Vec<ClassId>,
    students: Vec<StudentId>,
    contacts: Vec<ContactId>,
}

impl Brought {
    fn teacher(&self, which: Which<TeacherId>) -> Result<TeacherId> {
        found(which, &self.teachers)
    }

    fn class(&self, which: Which<ClassId>) -> Result<ClassId> {
        found(which, &self.classes)
    }

    fn student(&self, which: Which<StudentId>) -> Result<StudentId> {
        found(which, &self.students)
    }

    fn contact(&self, which: Which<ContactId>) -> Result<ContactId> {
        found(which, &self.contacts)
    }
}

fn found<Id: Copy>(which: Which<Id>, brought: &[Id]) -> Result<Id> {
    match which {
        Which::Kept(id) => Ok(id),
        // A plan's steps stand in order.
        Which::New(n) => brought
            .get(n)
            .copied()
            .ok_or(Error::Refused(Refusal::NotFound)),
    }
}
