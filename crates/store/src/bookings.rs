//! Booking, moving and cancelling appointments (EVE-2).
//!
//! The rules are checked against the timetable as it is, and the database's own UNIQUE constraints
//! have the last word: a teacher, and a parent, is in one place at a time.

use call::Course;
use jiff::Timestamp;
use links::AttemptId;
use school::evening::Booking as Phase;
use school::meeting::{CAP, Door, Due, MeetingKind};
use school::timetable::{SlotState, Timetable, Window, Wish};
use school::{
    Actor, BookingId, ClassId, ContactId, Deed, Evening, EveningId, Holder, Label, MeetingId, Name,
    Note, Refusal, Role, Scope, Slot, SlotNumber, StudentId, TeacherId,
};

use crate::appointments::Appointment;
use crate::audit::Action;
use crate::database::Work;
use crate::deeds::Aftermath;
use crate::elsewhere::Placed;
use crate::fault::{Fault, Read, Result};
use crate::offers::Offer;
use crate::selection::Selection;
use crate::store::Store;
use crate::value::{each, values};

/// What a parent sees of an evening: what there is to book, and what is booked.
#[derive(Clone, Debug)]
pub struct ParentEvening {
    /// The evening.
    pub evening: Evening,
    /// Their students in it, by name.
    pub students: Vec<ParentStudent>,
    /// What they booked, in order of time.
    pub appointments: Vec<Appointment>,
}

/// A student of a parent's, and what may be booked for them.
#[derive(Clone, Debug)]
pub struct ParentStudent {
    /// Who.
    pub id: StudentId,
    /// Their name.
    pub name: Name,
    /// Their classes in the evening, by name.
    pub classes: Vec<Choice>,
}

/// A class of a student's, and when it may be booked.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Which class.
    pub class: ClassId,
    /// What it is called.
    pub name: Label,
    /// Its subject.
    pub subject: Label,
    /// Who takes it, together.
    pub teachers: Vec<(TeacherId, Name)>,
    /// The appointment that is booked; of those that were missed, none.
    pub booked: Option<BookingId>,
    /// How every slot stands for this parent, in order.
    pub slots: Vec<(Slot, SlotState)>,
}

/// One appointment to book.
#[derive(Clone, Debug)]
pub struct BookingRequest {
    /// About whom.
    pub student: StudentId,
    /// With the teachers of which class.
    pub class: ClassId,
    /// When.
    pub slot: SlotNumber,
    /// A word to the teachers.
    pub note: Note,
}

/// What to book automatically.
#[derive(Clone, Debug)]
pub struct AutomaticRequest {
    /// Which classes of which students; without any, all that are not booked yet.
    pub classes: Vec<(StudentId, ClassId)>,
    /// Within what time.
    pub window: Window,
}

/// What booking automatically came to.
#[derive(Clone, Debug)]
pub struct AutomaticBookings {
    /// The appointments it booked, in order of time.
    pub booked: Vec<Appointment>,
    /// What it could not, and why.
    pub unmet: Vec<(StudentId, ClassId, Refusal)>,
}

impl Store {
    /// What a parent sees of an evening.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] where the evening is unknown.
    pub async fn parent_evening(
        &self,
        parent: ContactId,
        evening: EveningId,
        now: Timestamp,
    ) -> Result<ParentEvening> {
        let mut work = self.read().await?;
        let placed = self.place_evening(&mut work, evening).await?;
        let elsewhere = self.elsewhere(&mut work, parent, &placed).await?;
        let evening = placed.evening;
        let offers = self.offers(&mut work, parent, evening.id).await?;
        let booked = self.timetable(&mut work, parent, evening.id, None).await?;
        let appointments = self
            .appointments(&mut work, Selection::Parent(evening.id, parent))
            .await?;
        let timetable = Timetable::new(&evening, booked).beside(elsewhere);
        let mut students: Vec<ParentStudent> = Vec::new();
        for offer in offers {
            let wish = &offer.wish;
            let booked = appointments
                .iter()
                .find(|it| is_for(it, wish) && !it.is_missed(now));
            let choice = Choice {
                class: wish.class,
                name: offer.name,
                subject: offer.subject,
                teachers: offer.teachers,
                booked: booked.map(|it| it.id),
                slots: timetable.states(parent, wish, now),
            };
            match students.last_mut() {
                Some(last) if last.id == wish.student => last.classes.push(choice),
                Some(_) | None => students.push(ParentStudent {
                    id: wish.student,
                    name: offer.student.1,
                    classes: vec![choice],
                }),
            }
        }
        Ok(ParentEvening {
            evening,
            students,
            appointments,
        })
    }

    /// Books an appointment. The same attempt again gives the same booking.
    ///
    /// # Errors
    ///
    /// [`Refusal::CancelledAlready`] where that has been cancelled since;
    /// [`Refusal::NotFound`] where student or class are not this parent's in this evening, and
    /// those of [`Timetable::check_book`]: of two who take one slot at one instant, one is refused
    /// [`Refusal::SlotTaken`].
    pub async fn book(
        &self,
        parent: ContactId,
        evening: EveningId,
        request: &BookingRequest,
        attempt: Option<AttemptId>,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Appointment> {
        let mut work = self.write().await?;
        if let Some(attempt) = attempt
            && let Some(id) = self.attempted(&mut work, parent, attempt).await?.first()
        {
            return self.appointment_of(&mut work, parent, *id).await;
        }
        let placed = self.evening_for(&mut work, evening, actor).await?;
        let elsewhere = self.elsewhere(&mut work, parent, &placed).await?;
        let evening = placed.evening;
        let offers = self.offers(&mut work, parent, evening.id).await?;
        let offer = offers
            .into_iter()
            .find(|it| (it.wish.student, it.wish.class) == (request.student, request.class))
            .ok_or(Refusal::NotFound)?;
        let booked = self
            .timetable(&mut work, parent, evening.id, Some(request.class))
            .await?;
        Timetable::new(&evening, booked)
            .beside(elsewhere)
            .check_book(parent, &offer.wish, request.slot, now)?;
        let slot = evening.slot(request.slot)?;
        let new = New {
            attempt,
            actor,
            now,
        };
        let (appointment, due) = self
            .insert_booking(&mut work, &evening, new, &offer, slot, &request.note)
            .await?;
        self.entitle_first(&mut work, &[(appointment.meeting, due)], now)
            .await?;
        self.queue_confirmation_to(
            &mut work,
            evening.id,
            &offer.parent,
            self.options.settle,
            now,
        )
        .await?;
        work.commit().await?;
        Ok(appointment)
    }

    /// Books what is asked for at slots that do not clash, in walking order where that can be. The
    /// same attempt again gives the same bookings.
    ///
    /// # Errors
    ///
    /// Those of [`Evening::check_booking`], and [`Refusal::NotFound`] for a class that is not this
    /// parent's to book. What cannot be met is in the answer.
    pub async fn book_automatically(
        &self,
        parent: ContactId,
        evening: EveningId,
        request: &AutomaticRequest,
        attempt: Option<AttemptId>,
        actor: Actor,
        now: Timestamp,
    ) -> Result<AutomaticBookings> {
        let mut work = self.write().await?;
        let placed = self.evening_for(&mut work, evening, actor).await?;
        let elsewhere = self.elsewhere(&mut work, parent, &placed).await?;
        let evening = placed.evening;
        let selection = Selection::Parent(evening.id, parent);
        let offers = self.offers(&mut work, parent, evening.id).await?;
        let before = self.appointments(&mut work, selection).await?;
        let mut ids = match attempt {
            Some(attempt) => self.attempted(&mut work, parent, attempt).await?,
            None => Vec::new(),
        };
        let is_again = !ids.is_empty();
        let mut stands = before;
        stands.retain(|it| !it.is_missed(now));
        let wishes = wishes(&offers, &request.classes, &stands, &ids)?;
        let timetable = self.timetable(&mut work, parent, evening.id, None).await?;
        let plan = Timetable::new(&evening, timetable).beside(elsewhere).plan(
            parent,
            &wishes,
            request.window,
            now,
        )?;
        let mut made = Vec::new();
        for (wish, slot) in plan.met.iter().filter(|_| !is_again) {
            let slot = evening.slot(*slot)?;
            let new = New {
                attempt,
                actor,
                now,
            };
            let note = Note::default();
            let offer = offers
                .iter()
                .find(|it| (it.wish.student, it.wish.class) == (wish.student, wish.class))
                .ok_or(Refusal::NotFound)?;
            let (one, due) = self
                .insert_booking(&mut work, &evening, new, offer, slot, &note)
                .await?;
            ids.push(one.id);
            made.push((one.meeting, due));
        }
        self.entitle_first(&mut work, &made, now).await?;
        self.queue_confirmation(&mut work, evening.id, parent, self.options.settle, now)
            .await?;
        let mut booked = self.appointments(&mut work, selection).await?;
        booked.retain(|it| ids.contains(&it.id));
        work.commit().await?;
        let unmet = plan.unmet.into_iter();
        Ok(AutomaticBookings {
            booked,
            unmet: unmet
                .map(|(wish, refusal)| (wish.student, wish.class, refusal))
                .collect(),
        })
    }

    /// Moves an appointment to another slot; its call stays the same. The parent hears of it, and
    /// guests whom they invited for that student (INV-8). One that waits for the office, because
    /// others are to take it, goes to them: by their times it was chosen.
    ///
    /// # Errors
    ///
    /// Those of [`Timetable::move_to`]; where it was ended for everybody [`Refusal::CallStopped`] for a parent, and
    /// [`Refusal::StopStands`] for anybody else.
    pub async fn move_booking(
        &self,
        parent: ContactId,
        id: BookingId,
        slot: SlotNumber,
        actor: Actor,
        now: Timestamp,
    ) -> Result<(Appointment, Aftermath)> {
        let mut work = self.write().await?;
        let before = self.appointment_of(&mut work, parent, id).await?;
        check_not_stopped(&before, actor)?;
        if before.is_stopped {
            // At another time it would look like one that can be joined.
            return Err(Refusal::StopStands.into());
        }
        let placed = self.evening_for(&mut work, before.evening, actor).await?;
        let elsewhere = self.elsewhere(&mut work, parent, &placed).await?;
        let evening = placed.evening;
        let booked = self
            .timetable(&mut work, parent, evening.id, Some(before.class))
            .await?;
        let waits = booked.iter().any(|it| it.id == id && it.waits);
        let meant = if waits && slot != before.slot {
            self.joint_teachers_meant(&mut work, &before).await?
        } else {
            None
        };
        Timetable::new(&evening, booked).beside(elsewhere).move_to(
            id,
            parent,
            slot,
            meant.as_ref(),
            now,
        )?;
        if slot == before.slot {
            return Ok((before, Aftermath::default()));
        }
        let to = evening.slot(slot)?;
        let moved = match meant {
            Some(teachers) => Deed::AppointmentGiven {
                booking: id,
                to,
                teachers,
            },
            None => Deed::AppointmentMoved { booking: id, to },
        };
        let aftermath = self.perform(&mut work, &moved, actor, now).await?;
        let appointment = self.appointment(&mut work, id).await?;
        work.commit().await?;
        Ok((appointment, aftermath))
    }

    /// Cancels an appointment. The parent hears of it, and guests whom they invited for that
    /// student.
    ///
    /// # Errors
    ///
    /// Those of [`Timetable::cancel`]; [`Refusal::CallStopped`] for a parent, where it was ended for everybody.
    pub async fn cancel_booking(
        &self,
        parent: ContactId,
        id: BookingId,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Aftermath> {
        let mut work = self.write().await?;
        let appointment = self.appointment_of(&mut work, parent, id).await?;
        check_not_stopped(&appointment, actor)?;
        let placed = self
            .evening_for(&mut work, appointment.evening, actor)
            .await?;
        let elsewhere = self.elsewhere(&mut work, parent, &placed).await?;
        let evening = placed.evening;
        let booked = self
            .timetable(&mut work, parent, evening.id, Some(appointment.class))
            .await?;
        Timetable::new(&evening, booked)
            .beside(elsewhere)
            .cancel(id, parent, now)?;
        let cancelled = Deed::AppointmentCancelled { booking: id };
        let aftermath = self.perform(&mut work, &cancelled, actor, now).await?;
        work.commit().await?;
        Ok(aftermath)
    }

    /// Changes what the parent wrote to the teachers; until the appointment's end.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] and [`Refusal::SlotOver`].
    pub async fn change_note(
        &self,
        parent: ContactId,
        id: BookingId,
        note: &Note,
        now: Timestamp,
    ) -> Result<()> {
        let mut work = self.write().await?;
        let appointment = self.appointment_of(&mut work, parent, id).await?;
        if appointment.end <= now {
            return Err(Refusal::SlotOver.into());
        }
        let changed = work
            .run(
                "UPDATE bookings SET note = $3 WHERE school = $1 AND id = $2 AND note <> $3",
                values![self.school, id, note],
            )
            .await?;
        if changed > 0 {
            let (subject, actor) = (format!("booking:{id}"), Actor::Parent(parent));
            let action = Action::NoteChanged;
            self.audit(&mut work, actor, action, &subject, &[], now)
                .await?;
        }
        work.commit().await?;
        Ok(())
    }

    async fn insert_booking(
        &self,
        work: &mut Work,
        evening: &Evening,
        new: New,
        offer: &Offer,
        slot: Slot,
        note: &Note,
    ) -> Result<(Appointment, Vec<Due>)> {
        let id = BookingId(Self::new_id());
        let meeting = self.keep_meeting(work, evening.id.into()).await?;
        let parent = offer.parent.contact;
        let Wish { student, class, .. } = offer.wish;
        self.pass_over_missed(work, evening.id, offer, new.now)
            .await?;
        self.keep_booking(work, (id, meeting, evening), new, offer, slot, note)
            .await?;
        let teachers = offer.wish.teachers.as_slice();
        self.take_teachers(work, evening, id, slot.number, teachers)
            .await?;
        for teacher in &offer.without_link {
            self.ensure_link(work, evening.id.into(), Holder::Teacher(*teacher))
                .await?;
        }
        let guests = self
            .tell_guests_of_booking(work, evening.id, (parent, student), new.now)
            .await?;
        let due = |holder: Holder| Due {
            holder: holder.id(),
            role: Role::of(holder),
        };
        let teachers = teachers.iter().copied().map(Holder::Teacher);
        let others =
            std::iter::once(Holder::Parent(parent)).chain(guests.into_iter().map(Holder::Guest));
        let due = teachers.chain(others).map(due).collect();
        let subject = format!("booking:{id}");
        let detail = [
            ("evening", evening.id.0),
            ("student", student.0),
            ("class", class.0),
            ("slot", u64::from(slot.number.0)),
            ("meeting", meeting.0),
        ];
        self.audit(work, new.actor, Action::Booked, &subject, &detail, new.now)
            .await?;
        let appointment = Appointment {
            id,
            meeting,
            evening: evening.id,
            parent,
            parent_name: offer.parent.name.clone(),
            student,
            student_name: offer.student.1.clone(),
            class,
            class_name: offer.name.clone(),
            subject: offer.subject.clone(),
            teachers: offer.teachers.clone(),
            slot: slot.number,
            start: slot.start,
            end: slot.end,
            window: self.options.margins.before(slot.start, slot.end),
            course: Course::default(),
            note: note.clone(),
            is_stopped: false,
        };
        Ok((appointment, due))
    }

    /// What was missed makes room for another one for the same class.
    async fn pass_over_missed(
        &self,
        work: &mut Work,
        evening: EveningId,
        offer: &Offer,
        now: Timestamp,
    ) -> Read<()> {
        work.run(
            "UPDATE bookings SET booked_again = 1
             WHERE school = $1 AND evening = $2 AND parent = $3 AND student = $4 AND class = $5
               AND cancelled_at IS NULL AND end_at <= $6 AND booked_again = 0",
            values![
                self.school,
                evening,
                offer.parent.contact,
                offer.wish.student,
                offer.wish.class,
                now
            ],
        )
        .await?;
        Ok(())
    }

    /// Makes what an appointment is held in.
    async fn keep_meeting(&self, work: &mut Work, scope: Scope) -> Read<MeetingId> {
        let id = MeetingId(Self::new_id());
        work.run(
            "INSERT INTO meetings (school, id, kind, scope, cap, door)
             VALUES ($1, $2, $3, $4, $5, $6)",
            values![
                self.school,
                id,
                MeetingKind::Appointment.code(),
                scope,
                i64::from(CAP),
                Door::Open.code()
            ],
        )
        .await?;
        Ok(id)
    }

    async fn keep_booking(
        &self,
        work: &mut Work,
        (id, meeting, evening): (BookingId, MeetingId, &Evening),
        new: New,
        offer: &Offer,
        slot: Slot,
        note: &Note,
    ) -> Result<()> {
        let made = work
            .run(
                "INSERT INTO bookings (school, id, meeting, evening, parent, student, class, slot,
                   start_at, end_at, note, attempt, booked_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
                 ON CONFLICT DO NOTHING",
                values![
                    self.school,
                    id,
                    meeting,
                    evening.id,
                    offer.parent.contact,
                    offer.wish.student,
                    offer.wish.class,
                    slot.number,
                    slot.start,
                    slot.end,
                    note,
                    new.attempt.map(|it| it.to_string()),
                    new.now
                ],
            )
            .await?;
        if made == 0 {
            return Err(Refusal::ParentBusy.into());
        }
        Ok(())
    }

    async fn take_teachers(
        &self,
        work: &mut Work,
        evening: &Evening,
        id: BookingId,
        slot: SlotNumber,
        teachers: &[TeacherId],
    ) -> Result<()> {
        let rows: Vec<_> = (0_u32..)
            .zip(teachers)
            .map(|(position, teacher)| (teacher.0, position))
            .collect();
        let all =
            serde_json::to_string(&rows).map_err(|_never| Fault::Broken("what is no JSON"))?;
        let sql = each!(
            work,
            "INSERT INTO booking_teachers (school, evening, teacher, slot, booking, position)
             SELECT $1, $3, CAST(value ->> 0 AS BIGINT), $4, $5, CAST(value ->> 1 AS BIGINT)
             FROM",
            "WHERE 0 = 0 ON CONFLICT DO NOTHING"
        );
        let taken = work
            .run(sql, values![self.school, all, evening.id, slot, id])
            .await?;
        if taken < rows.len() as u64 {
            return Err(Refusal::SlotTaken.into());
        }
        Ok(())
    }

    pub(crate) async fn release_teachers(&self, work: &mut Work, id: BookingId) -> Read<()> {
        work.run(
            "DELETE FROM booking_teachers WHERE school = $1 AND booking = $2",
            values![self.school, id],
        )
        .await?;
        Ok(())
    }

    /// The evening, with booking open for the office whenever it likes.
    async fn evening_for(&self, work: &mut Work, id: EveningId, actor: Actor) -> Result<Placed> {
        let mut placed = self.place_evening(work, id).await?;
        let evening = &mut placed.evening;
        match actor {
            Actor::Staff(_) | Actor::Program if evening.booking != Phase::Cancelled => {
                evening.booking = Phase::Open;
                evening.draft.closes = Some(evening.end);
            }
            Actor::Staff(_)
            | Actor::Program
            | Actor::Parent(_)
            | Actor::Guest(_)
            | Actor::Teacher(_)
            | Actor::Visitor(_)
            | Actor::Unknown => {}
        }
        Ok(placed)
    }

    async fn attempted(
        &self,
        work: &mut Work,
        parent: ContactId,
        attempt: AttemptId,
    ) -> Read<Vec<BookingId>> {
        let rows = work
            .all(
                "SELECT id FROM bookings WHERE school = $1 AND parent = $2 AND attempt = $3
                 ORDER BY start_at",
                values![self.school, parent, attempt.to_string()],
            )
            .await?;
        rows.iter().map(|row| row.get(0)).collect()
    }

    pub(crate) async fn appointment(&self, work: &mut Work, id: BookingId) -> Result<Appointment> {
        let one = self.appointments(work, Selection::One(id)).await?;
        Ok(one.into_iter().next().ok_or(Refusal::NotFound)?)
    }

    async fn appointment_of(
        &self,
        work: &mut Work,
        parent: ContactId,
        id: BookingId,
    ) -> Result<Appointment> {
        let one = self.appointments(work, Selection::One(id)).await?;
        if let Some(one) = one.into_iter().find(|it| it.parent == parent) {
            return Ok(one);
        }
        let cancelled = work
            .count(
                "SELECT COUNT(*) FROM bookings
                 WHERE school = $1 AND id = $2 AND parent = $3 AND cancelled_at IS NOT NULL",
                values![self.school, id, parent],
            )
            .await?;
        Err(if cancelled > 0 {
            Refusal::CancelledAlready.into()
        } else {
            Refusal::NotFound.into()
        })
    }
}

/// Whoever was in an appointment that was ended for everybody gets out of it by no cancelling and no move: it would be free
/// for them anew (SCR-14).
fn check_not_stopped(appointment: &Appointment, actor: Actor) -> Result<()> {
    if appointment.is_stopped && matches!(actor, Actor::Parent(_)) {
        return Err(Refusal::CallStopped.into());
    }
    Ok(())
}

fn is_for(one: &Appointment, wish: &Wish) -> bool {
    (one.student, one.class) == (wish.student, wish.class)
}

/// What a parent wishes for who asks for these classes, or for all that are not booked: less what
/// an earlier try of the same press booked.
fn wishes(
    offers: &[Offer],
    classes: &[(StudentId, ClassId)],
    before: &[Appointment],
    done: &[BookingId],
) -> Result<Vec<Wish>> {
    let mut wishes: Vec<Wish> = offers.iter().map(|it| it.wish.clone()).collect();
    let is_offered =
        |one: &(StudentId, ClassId)| wishes.iter().any(|it| (it.student, it.class) == *one);
    if !classes.iter().all(is_offered) {
        return Err(Refusal::NotFound.into());
    }
    wishes.retain(|wish| {
        let asked = (wish.student, wish.class);
        let booked = before.iter().find(|it| (it.student, it.class) == asked);
        if classes.is_empty() {
            booked.is_none()
        } else {
            classes.contains(&asked) && booked.is_none_or(|it| !done.contains(&it.id))
        }
    });
    Ok(wishes)
}

/// Who books, by which press, and when.
#[derive(Clone, Copy)]
struct New {
    attempt: Option<AttemptId>,
    actor: Actor,
    now: Timestamp,
}
